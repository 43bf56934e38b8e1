"""Ways in: the archive as a tree with counts, lists with places to jump to, vocabularies with their uses."""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from fonds import ordering
from fonds.identifiers import IriSpace
from fonds.ordering import alphabetical, jumps, letter_of, year_of
from fonds.release.folder import Release
from fonds.release.publication import build_publication
from fonds.store.embedded import EmbeddedStore
from fonds.web import create_app
from fonds.web.archive import Holdings, _tree
from fonds.web.holdings import parts_shown
from tests.conftest import BASE, opened
from tests.unit.web.conftest import Ask, asker
from tests.unit.web.test_pages import Page, check_structure

UNITS = [
    ("f5", "f. 5", "Office of the mayor", "1900-1910", "fonds", ""),
    ("f12", "f. 12", "Harbour", "", "fonds", ""),
    ("f5-2", "op. 2", "Letters", "", "series", "f5"),
    ("f5-10", "op. 10", "Accounts", "", "series", "f5"),
    ("f5-2-9", "d. 9", "From abroad", "", "file", "f5-2"),
    ("f5-2-10", "d. 10", "From the town", "", "file", "f5-2"),
]
TITLES = ("Émile to Ada", "emile to Boris", "Zug", "Иванов", "“Quoted”", "1914", "漢字", "כד", "Ångström")
RECORDS = [
    *((f"r{n}", f"l. {n}", f"Letter no. {n}", f"19{n % 20:02}", "f5-2-9") for n in (1, 2, 9, 10, 11)),
    ("in-series", "", "Loose leaf", "1905-03-02", "f5-2"),
    ("nowhere", "", "Found in the attic", "", ""),
    *((f"t{n}", f"l. {n}", title, f"{1801 + n}", "f12") for n, title in enumerate(TITLES)),
    *((f"m{n}", f"l. {n}", f"Bill no. {n}", "1907", "f5-10") for n in range(1, 231)),
]


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release of units and records that are told in two tables."""
    folder = tmp_path_factory.mktemp("archive")
    records = folder / "data/records"
    records.mkdir(parents=True)
    (folder / "fonds.toml").write_text(
        'title = "An archive, made up"\nlanguages = ["en"]\n', encoding="utf-8"
    )
    _write(
        records / "01-units.csv",
        ("key", "Reference code", "Title", "Date(s)", "Level of description", "parent"),
        UNITS,
    )
    _write(
        records / "02-records.csv",
        ("key", "Reference code", "Title", "Date(s)", "parent"),
        RECORDS,
    )
    return build_publication(folder, into=tmp_path_factory.mktemp("archive-releases"), base=BASE)


def _write(path: Path, names: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([names, *rows])


@pytest.fixture(scope="session")
def archive_store(archive: Release) -> Iterator[EmbeddedStore]:
    with opened(archive, prefixes={}) as store:
        yield store


@pytest.fixture(scope="session")
def ask_archive(archive: Release, archive_store: EmbeddedStore) -> Ask:
    return asker(create_app(archive, archive_store, archive.manifest.settings))


@pytest.fixture
def page(ask_archive: Ask):
    """Return a function that gives a page, once its structure is known to be sound."""

    def of(path: str) -> str:
        reply = ask_archive(path, "text/html")
        assert reply.status == 200, reply.text
        check_structure(Page(reply.text))
        return reply.text

    return of


def plain(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def main_of(text: str) -> str:
    return plain(re.search(r"<main[^>]*>(.*?)</main>", text, re.DOTALL)[1])


def section(text: str, name: str) -> str:
    return plain(re.search(rf'<section aria-labelledby="{name}">(.*?)</section>', text, re.DOTALL)[1])


# ------------------------------------------------------------------------------------------------ the tree


def test_the_archive_is_a_tree_in_natural_order_with_what_lies_in_and_below_each_unit(page) -> None:
    text = main_of(page("/browse/holding"))
    assert text.startswith("Archive units The archive, unit by unit 6 units")
    assert text.endswith(
        "f. 5 Office of the mayor fonds · 236 records 2 units in it "
        "op. 2 Letters series · 6 records 2 units in it "
        "d. 9 From abroad file · 5 records d. 10 From the town file · 0 records "
        "op. 10 Accounts series · 230 records "
        "f. 12 Harbour fonds · 9 records"
    )


def test_a_unit_stands_in_its_place_with_its_units_and_records(page) -> None:
    text = page("/doc/holding/f5-2")
    trail = plain(re.search(r'<nav class="trail".*?</nav>', text, re.DOTALL)[0])
    assert trail == "Archive units Office of the mayor op. 2"
    assert (
        section(text, "units")
        == "Units in it 2 d. 9 From abroad file · 5 records d. 10 From the town file · 0 records"
    )
    assert section(text, "records") == "Records directly in it 1 Loose leaf 2 March 1905"


def test_records_of_a_unit_stand_in_the_order_of_their_codes(page) -> None:
    found = re.findall(r"l\. \d+", section(page("/doc/holding/f5-2-9"), "records"))
    assert found == ["l. 1", "l. 2", "l. 9", "l. 10", "l. 11"]


def test_a_number_of_records_leads_to_the_query_that_makes_it(page, ask_archive: Ask) -> None:
    address = re.search(r'href="\.\./\.\./(sparql\?query=[^"]*)"><b>236</b>', page("/doc/holding/f5"))[1]
    assert ask_archive(f"/{address}", "text/csv").text.split() == ["records", "236"]


@pytest.mark.thorough
def test_all_records_of_a_unit_are_listed_page_by_page(page, ask_archive: Ask) -> None:
    assert "/browse/holding/f5-10" in page("/doc/holding/f5-10")
    first, second = page("/browse/holding/f5-10"), page("/browse/holding/f5-10?page=2")
    assert "1–200 of 230" in plain(first)
    assert "201–230 of 230" in plain(second)
    assert re.findall(r"Bill no\. \d+", plain(second)) == [f"Bill no. {n}" for n in range(201, 231)]
    assert ask_archive("/browse/holding/f5-10?page=3").status == 404
    assert ask_archive("/browse/holding/f5-10?page=0").status == 400


@pytest.mark.parametrize(
    "path",
    ["/browse/holding/none", "/browse/holding?in=none", "/browse/holding?in=../f5", "/browse/holding?page=9"],
)
def test_a_unit_that_there_is_not_is_404(ask_archive: Ask, path: str) -> None:
    assert ask_archive(path).status == 404


def test_units_in_a_unit_are_a_list_of_their_own(page) -> None:
    text = main_of(page("/browse/holding?in=f5-2"))
    assert text.startswith("Archive units Units in Letters 2 units")
    assert "Harbour" not in text


def test_a_tree_shows_upper_levels_first_and_no_more_than_a_page_has_room_for() -> None:
    part_of = "http://www.cidoc-crm.org/cidoc-crm/P46i_forms_part_of"
    stated = {"a": {}, "b": {}}
    stated |= {f"{top}{n}": {part_of: top} for top in "ab" for n in range(10)}
    stated |= {f"a0-{n}": {part_of: "a0"} for n in range(100)}
    shown = parts_shown(_tree(stated, {}), ["a", "b"], 30)
    assert (shown["a"], shown["b"], shown["a0"]) == (10, 10, 8)
    assert sum(shown.values()) == 28
    assert parts_shown(_tree(stated, {}), ["a", "b"], 1) == {}


def test_a_circle_of_units_ends(archive_store: EmbeddedStore) -> None:
    part_of = "http://www.cidoc-crm.org/cidoc-crm/P46i_forms_part_of"
    tree = _tree(
        {"a": {part_of: "b"}, "b": {part_of: "a"}, "c": {part_of: "a"}, "d": {part_of: "gone"}},
        {"c": 3, "d": 1},
    )
    assert set(tree) == {"a", "b", "c", "d"}
    assert tree["d"].whole == ""
    assert tree["a"].records >= 3
    holdings = Holdings(archive_store, IriSpace(BASE))
    holdings.__dict__["units"] = tree
    assert [each.iri for each in holdings.way_to("c")] in (["b", "a"], ["a", "b", "a"])


def test_what_is_deep_is_counted_without_recursion() -> None:
    part_of = "http://www.cidoc-crm.org/cidoc-crm/P46i_forms_part_of"
    deep = {str(n): {part_of: str(n - 1)} if n else {} for n in range(5_000)}
    assert _tree(deep, {"4999": 7})["0"].records == 7


# ------------------------------------------------------------------------------------------------ lists


def test_a_list_is_paged_and_says_how_many_there_are(page) -> None:
    text = page("/browse/record")
    assert f"1–200 of {len(RECORDS)}" in plain(text)
    assert 'rel="next" href="../browse/record?page=2"' in text
    assert 'rel="prev" href="../browse/record"' in page("/browse/record?page=2")


def test_one_jumps_to_a_letter_of_any_script(page) -> None:
    text = page("/browse/record")
    nav = re.search(r'<nav class="jumps".*?</nav>', text, re.DOTALL)[0]
    labels = plain(nav).split()
    assert labels == ["A", "B", "E", "F", "L", "Q", "Z", "И", "כ", "漢字", "0–9"]
    target = dict(zip(labels, re.findall(r'href="\.\./(browse/record\?[^"]*)"', nav), strict=True))["E"]
    address, _, anchor = html.unescape(target).partition("#")
    entry = re.search(rf'<li id="{anchor}">(.*?)</li>', page(f"/{address}"), re.DOTALL)[1]
    assert plain(entry) == "Émile to Ada 1801"


def test_records_can_be_listed_by_year(page, ask_archive: Ask) -> None:
    text = page("/browse/record?by=date")
    labels = plain(re.search(r'<nav class="jumps".*?</nav>', text, re.DOTALL)[0]).split()
    assert labels[0] == "1801"
    assert labels[-1] == "undated"
    years = re.findall(r'<span class="when">(?:[^<]* )?(\d{4})</span>', text)
    assert years == sorted(years)
    assert "by=date" in re.search(r'rel="next" href="([^"]*)"', text)[1]
    assert ask_archive("/browse/record?by=size").status == 400


def test_what_is_called_alike_stands_together_whatever_the_accents() -> None:
    titles = ["Zug", "Émile", "emile", "“Anna”", "Arzt 12", "Ärzte", "Arzt 5", "9 days"]
    assert sorted(titles, key=alphabetical) == [
        "9 days",
        "“Anna”",
        "Arzt 5",
        "Arzt 12",
        "Ärzte",
        "emile",
        "Émile",
        "Zug",
    ]


@pytest.mark.parametrize(
    ("title", "letter"),
    [
        ("", "#"),
        ("…", "#"),
        ("ß", "S"),
        ("ﬁne", "F"),
        ("ⅳ", "I"),
        ("٣", "0–9"),
        ("إبريق", "ا"),
        ("가", "한글"),
        ("\u0301x", "X"),
        ("ǆ", "D"),
    ],
)
def test_each_title_has_a_letter(title: str, letter: str) -> None:
    assert letter_of(title) == letter


@pytest.mark.parametrize(
    ("date", "year"),
    [
        ("[1850..1853]", 1850),
        ("{1901,1903}", 1901),
        ("18", None),
        ("Y17000", None),
        ("1964-10?", 1964),
        ("195X", 1950),
        ("../1900", None),
    ],
)
def test_each_date_has_a_year_or_none(date: str, year: int | None) -> None:
    assert year_of(date) == year


def test_jumps_lead_to_the_page_where_a_letter_begins() -> None:
    found = jumps("AAABCC", 2)
    assert [(each.label, each.page, each.number) for each in found] == [("A", 1, 3), ("B", 2, 1), ("C", 3, 2)]
    assert len({each.anchor for each in found}) == 3


def test_the_examples_are_true() -> None:
    import doctest

    result = doctest.testmod(ordering)
    assert result.attempted
    assert not result.failed


# ------------------------------------------------------------------------------------------------ vocabularies


def test_vocabularies_are_listed_with_their_terms_meanings_and_uses(page) -> None:
    assert "Types" in main_of(page("/browse/vocab"))
    text = page(f"/browse/vocab?in={BASE}vocab/type")
    assert "reference code" in plain(text)
    assert "The code by which an archive calls a unit of description (ISAD(G) 3.1.1)." in plain(text)


def test_the_number_of_uses_is_what_its_query_finds(page, ask_archive: Ask) -> None:
    text = page("/doc/vocab/type/reference-code")
    number, address = re.search(r'href="\.\./\.\./\.\./(sparql\?query=[^"]*)"><b>(\d+)</b>', text).group(2, 1)
    coded = [code for _, code, *_ in (*UNITS, *RECORDS) if code]
    assert int(number) == len([each for each in coded if each.startswith("l.")])
    assert ask_archive(f"/{address}", "text/csv").text.split() == ["statements", number]


def test_a_term_says_to_which_list_it_belongs_and_whose_it_is(page) -> None:
    text = page("/doc/vocab/type/reference-code")
    assert (
        plain(re.search(r'<nav class="trail".*?</nav>', text, re.DOTALL)[0])
        == "Vocabularies Types reference code"
    )
    assert "A term of this publication." in plain(text)
    assert "the program’s own ontology" in plain(page("/doc?iri=https://w3id.org/fonds/ns%23faded"))


@pytest.mark.parametrize(
    ("path", "status"),
    [("/browse/vocab?in=x", 400), ("/browse/vocab?in=urn:x", 404), ("/browse/vocab?page=x&in=urn:x", 400)],
)
def test_a_vocabulary_that_there_is_not_is_refused(ask_archive: Ask, path: str, status: int) -> None:
    assert ask_archive(path).status == status
