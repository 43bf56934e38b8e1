"""Settings: what is written is what is used, and every fault of the file is told at once with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from fonds.errors import Fault, SettingsError
from fonds.settings import (
    Limits,
    Presentation,
    Rights,
    Settings,
    line_of_key,
    read_settings,
    rights_for_europeana,
)


def written(folder: Path, text: str) -> Path:
    (folder / "fonds.toml").write_text(text, encoding="utf-8")
    return folder


def faults(folder: Path, text: str) -> list[Fault]:
    with pytest.raises(SettingsError) as caught:
        read_settings(written(folder, text))
    return list(caught.value.faults)


def test_an_empty_file_is_all_defaults(tmp_path: Path) -> None:
    assert read_settings(written(tmp_path, "")) == Settings()


def test_what_is_written_is_what_is_used(tmp_path: Path) -> None:
    text = """
title = "Letters"
base = "https://a.example/lod/"
languages = ["de", "en"]
fulltext = "excerpt"
[rights]
text = "All rights with the heirs."
[limits]
query_seconds = 5
workers = 1
"""
    assert read_settings(written(tmp_path, text)) == Settings(
        title="Letters",
        base="https://a.example/lod/",
        languages=("de", "en"),
        fulltext="excerpt",
        rights=Rights(text="All rights with the heirs."),
        limits=Limits(query_seconds=5.0, workers=1),
    )


@pytest.mark.parametrize(
    "address",
    [
        "https://query.wikidata.org/sparql",
        "http://127.0.0.1:8000/sparql?graph=a",
        "https://[2001:db8::1]:8443/",
        "https://e.example",
        "https://bücher.example/größe",
    ],
)
def test_an_endpoint_that_queries_may_ask_is_named_by_its_address(tmp_path: Path, address: str) -> None:
    text = f'federation = ["{address}"]\nfederation_private = true\n[limits]\nfederation_calls = 2'
    settings = read_settings(written(tmp_path, text))
    assert (settings.federation, settings.federation_private) == ((address,), True)
    assert settings.limits == Limits(federation_calls=2)


@pytest.mark.parametrize(
    "address",
    [
        "query.wikidata.org/sparql",
        "/sparql",
        "ftp://e.example/",
        "file:///etc/passwd",
        "https://",
        "https:///sparql",
        "https://user:word@e.example/",
        "https://e.example/#part",
        "https://e.example:99999/",
        "https://e.example:port/",
        "https://e.example/a b",
        "https://e..example/",
        "https://*/",
        "",
    ],
)
def test_what_is_no_address_of_an_endpoint_is_a_fault(tmp_path: Path, address: str) -> None:
    (fault,) = faults(tmp_path, f'title = "T"\nfederation = ["https://e.example/sparql", "{address}"]')
    assert fault.line == 2
    assert repr(address) in fault.message
    assert "expected absolute http or https addresses" in fault.message


def test_endpoints_are_a_list(tmp_path: Path) -> None:
    assert [each.line for each in faults(tmp_path, 'federation = "https://e.example/sparql"')] == [1]
    assert [each.line for each in faults(tmp_path, "federation = [7]")] == [1]


def test_every_fault_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    text = """titel = "Letters"
title = 7
base = "a.example"
languages = []
fulltext = "some"

[limits]
workers = 0
query_secs = 5
"""
    found = faults(tmp_path, text)
    assert [each.line for each in found] == [1, 2, 3, 4, 5, 8, 9]
    messages = [each.message for each in found]
    assert messages[0] == "unknown key titel; did you mean title?"
    assert messages[1] == "title: found 7, expected `str`, got `int`"
    assert messages[2] == "base: found 'a.example', expected an http or https address that ends with a slash"
    assert "languages: found []" in messages[3]
    assert messages[4] == "fulltext: found 'some', expected one of full, excerpt, link"
    assert messages[5] == "limits.workers: found 0, expected `int` >= 1"
    assert messages[6] == "unknown key limits.query_secs; did you mean limits.query_seconds?"


def test_a_table_that_is_no_table_is_told(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, 'rights = "mine"')
    assert fault.message.startswith("rights: found 'mine', expected")


def test_toml_that_is_none_is_told_with_line_and_column(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, 'title = "a"\nbase = \n')
    assert (fault.line, fault.column) == (2, 8)
    assert "is not TOML: " in fault.message


def test_a_file_that_is_not_utf8_is_told_with_the_byte(tmp_path: Path) -> None:
    (tmp_path / "fonds.toml").write_bytes(b'title = "Caf\xe9"')
    with pytest.raises(SettingsError, match=r"not UTF-8 .* byte 12"):
        read_settings(tmp_path)


def test_a_folder_without_settings_is_no_publication(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"a publication is a folder with a fonds\.toml"):
        read_settings(tmp_path)


def test_a_byte_order_mark_of_a_windows_editor_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "fonds.toml").write_bytes(b'\xef\xbb\xbftitle = "Letters"')
    assert read_settings(tmp_path).title == "Letters"


def test_collections_are_checked_each_in_its_own_lines(tmp_path: Path) -> None:
    (tmp_path / "fonds.toml").write_text(
        '[[collections]]\nname = "a"\n\n[[collections]]\nname = "a"\nfilez = []\nfiles = ["../x.xml"]\n\n'
        '[[collections]]\ndocuments = "div"\n'
    )
    with pytest.raises(SettingsError) as caught:
        read_settings(tmp_path)
    assert [(each.line, each.message.split(";")[0]) for each in caught.value.faults] == [
        (6, "unknown key collections.filez"),
        (
            7,
            "collections.files: found ['../x.xml'], expected patterns such as data/letters/**/*.xml, within data, not '../x.xml'",
        ),
        (5, "collections.name: 'a' is there already"),
        (10, "collections.documents: found 'div', expected one of detect, file, divisions"),
        (9, "collections.name: found '', expected a short name such as letters-1901"),
    ]


def test_a_collection_needs_a_name_only(tmp_path: Path) -> None:
    (tmp_path / "fonds.toml").write_text(
        '[[collections]]\nname = "letters"\n[collections.brackets]\n"cut" = "omitted"\n'
    )
    (collection,) = read_settings(tmp_path).collections
    assert (collection.name, collection.files, collection.brackets) == (
        "letters",
        ("data/documents/**/*.xml",),
        {"cut": "omitted"},
    )


def test_how_a_publication_looks_is_a_table(tmp_path: Path) -> None:
    text = '[site]\nname = "L"\nlogo = "site/a/logo.svg"\naccent = "#1D4f73"\nmenu = ["visiting"]'
    site = read_settings(written(tmp_path, text)).site
    assert site == Presentation(name="L", logo="site/a/logo.svg", accent="#1D4f73", menu=("visiting",))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('logo = "logo.svg"', "expected a file in the publication's folder site, such as site/logo.svg"),
        ('logo = "/etc/passwd"', "expected a file in the publication's folder site"),
        ('logo_dark = "site/../../logo.svg"', "expected a file in the publication's folder site"),
        ('icon = "site"', "expected a file in the publication's folder site"),
        ('accent = "navy"', "expected a colour of six hexadecimal digits such as #1d4f73"),
        ('accent_dark = "#fff"', "expected a colour of six hexadecimal digits"),
        ("accent = 7", "expected a colour of six hexadecimal digits"),
        ('acent = "#123456"', "unknown key site.acent; did you mean site.accent?"),
        ('menu = "about"', "expected `array`"),
    ],
)
def test_a_look_that_cannot_be_is_told_with_its_line(tmp_path: Path, line: str, message: str) -> None:
    (fault,) = faults(tmp_path, f'title = "T"\n[site]\n{line}')
    assert fault.line == 3
    assert message in fault.message


def test_a_key_is_found_by_its_line(tmp_path: Path) -> None:
    written(tmp_path, '# x\n[site]\n\nquote = """\nsite.menu = 1"""\n')
    assert line_of_key(tmp_path, "site", "quote") == 4
    assert line_of_key(tmp_path, "site", "logo") == 0
    assert line_of_key(tmp_path / "none", "site", "logo") == 0


EDM = '[edm]\ndata_provider = "The archive"\nprovider = "The aggregator"\nrights_statement = "{}"\n'


@pytest.mark.parametrize(
    "statement",
    [
        *(f"http://rightsstatements.org/vocab/{name}/1.0/" for name in ("NoC-NC", "NoC-OKLR", "InC", "InC-EDU", "InC-OW-EU", "CNE")),
        "http://creativecommons.org/publicdomain/mark/1.0/",
        "http://creativecommons.org/licenses/by-nc-sa/3.0/de/",
        "https://creativecommons.org/licenses/by/4.0",
        "http://creativecommons.org/licenses/by-nd-nc/1.0/",
    ],
)  # fmt: skip
def test_a_statement_of_europeanas_list_is_taken(tmp_path: Path, statement: str) -> None:
    settings = read_settings(written(tmp_path, EDM.format(statement)))
    assert settings.edm.missing == ()
    listed = rights_for_europeana(settings.edm.rights_statement)
    assert listed is not None
    assert (listed[:7], listed[-1]) == ("http://", "/")


@pytest.mark.parametrize(
    "statement",
    [
        "http://rightsstatements.org/vocab/UND/1.0/",
        "http://rightsstatements.org/vocab/NKC/1.0/",
        "http://rightsstatements.org/vocab/CNE/2.0/",
        "http://creativecommons.org/licenses/by/4.0/de/",
        "http://creativecommons.org/licenses/by/5.0/",
        "http://creativecommons.org/licenses/by/2.1/",
        "CC BY",
    ],
)
def test_a_statement_that_europeana_refuses_is_a_fault_with_its_line(tmp_path: Path, statement: str) -> None:
    (fault,) = faults(tmp_path, EDM.format(statement))
    assert fault.line == 4
    assert "edm.rights_statement" in fault.message
    assert "a statement that Europeana takes" in fault.message


def test_edm_is_stated_whole_or_not_at_all(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, 'title = "A"\n[edm]\nprovider = "B"\n')
    assert fault.line == 2
    assert "edm.data_provider and edm.rights_statement: not set" in fault.message
    assert read_settings(written(tmp_path, 'title = "A"\n')).edm.missing == (
        "data_provider", "provider", "rights_statement",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("languages", "found"),
    [('["en", "de"]', ", not 'de'"), ('["ru", "ru"]', ", not 'ru'"), ('["RU"]', ", not 'RU'")],
)
def test_pages_can_be_in_the_languages_that_there_are_translations_for(
    tmp_path: Path, languages: str, found: str
) -> None:
    (tmp_path / "fonds.toml").write_text(f'title = "x"\n[site]\nlanguages = {languages}\n', encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_settings(tmp_path)
    message = str(caught.value)
    assert "fonds.toml:3" in message
    assert f"languages that pages can be in, each once, of en, es, ru{found}" in message


def test_the_languages_of_labels_are_any(tmp_path: Path) -> None:
    (tmp_path / "fonds.toml").write_text(
        'languages = ["de", "la"]\n[site]\nlanguages = ["ru", "en"]\n', encoding="utf-8"
    )
    settings = read_settings(tmp_path)
    assert (settings.languages, settings.site.languages) == (("de", "la"), ("ru", "en"))
    (tmp_path / "fonds.toml").write_text("[site]\nlanguages = []\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"site\.languages"):
        read_settings(tmp_path)
