"""Citations over HTTP: files for reference managers, the block on the page, tags in its head, the card."""

from __future__ import annotations

import io
import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fonds.identifiers import IriSpace
from fonds.release.publication import build_publication
from fonds.views.around import Around
from fonds.views.citations import cited
from fonds.web import create_app
from fonds.web.server import open_store
from tests.unit.views.citations.forms import of_bibtex, of_csl, of_ris, of_tags
from tests.unit.web.conftest import Ask, asker
from tests.unit.web.test_pages import Page, check_structure

KEY = "darusenkov-1964-375"
RECORD = f"/doc/record/{KEY}"
FORMATS = {
    "ris": "application/x-research-info-systems",
    "bib": "application/x-bibtex",
    "csl.json": "application/vnd.citationstyles.csl+json",
}
EVIL = '"><script>alert(1)</script>{{7*7}} \\ \u202e'


def copied(text: str) -> dict[str, str]:
    """Return what the block on a page offers to be copied, by its heading, with the markup removed."""
    entries = re.findall(r'<dt id="cite-[^"]*">(.*?)</dt><dd[^>]* data-copy[^>]*>(.*?)</dd>', text, re.S)
    return {name: unescape(re.sub(r"<[^>]+>", "", words)) for name, words in entries}


def head(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in Page(text).all("meta"):
        found.setdefault(each.get("name") or each.get("property") or "", []).append(each.get("content") or "")
    return found


@pytest.fixture(scope="module")
def ask_hostile(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """A record from a table of which title and date are known, the title hostile; and one of a title only."""
    folder = tmp_path_factory.mktemp("hostile")
    records = folder / "data/records"
    records.mkdir(parents=True)
    quoted = EVIL.replace('"', '""')
    (records / "list.csv").write_text(
        f'key,title,date\nevil,"{quoted}",1901-03-05\nbare,מכתב,\n', encoding="utf-8"
    )
    (folder / "fonds.toml").write_text(
        'title = "A & B"\nbase = "https://a.example/sub/"\ninference = "none"\n'
    )
    release = build_publication(folder, into=tmp_path_factory.mktemp("hostile-releases"))
    return asker(create_app(release, open_store(release), release.manifest.settings))


@pytest.mark.parametrize(("ending", "media_type"), FORMATS.items())
def test_a_record_has_its_citation_at_an_ending_and_by_accept(
    ask_publication: Ask, ending: str, media_type: str
) -> None:
    reply = ask_publication(f"{RECORD}.{ending}", "text/html")
    assert reply.status == 200
    assert reply.headers["content-type"].partition(";")[0] == media_type
    negotiated = ask_publication(RECORD, media_type)
    assert negotiated.body == reply.body
    assert negotiated.headers["content-location"] == f"{KEY}.{ending}"
    assert (
        f'<{KEY}.{ending}>; rel="alternate"; type="{media_type}"'
        in ask_publication(RECORD, "text/turtle").headers["link"]
    )


def test_bibtex_is_given_by_its_other_name_and_json_is_still_json_ld(ask_publication: Ask) -> None:
    assert ask_publication(RECORD, "text/x-bibtex").headers["content-location"] == f"{KEY}.bib"
    assert ask_publication(RECORD, "application/json").headers["content-location"] == f"{KEY}.jsonld"
    assert ask_publication(RECORD, "*/*").headers["content-location"] == f"{KEY}.html"


@pytest.mark.clause("USERS 7.1.4")
def test_the_three_files_and_the_tags_say_the_same_of_the_first_record(
    ask_publication: Ask, release: Any, first_record: Around
) -> None:
    by_ris, by_bibtex, by_csl = (
        read(ask_publication(f"{RECORD}.{ending}").text)
        for ending, read in (("ris", of_ris), ("bib", of_bibtex), ("csl.json", of_csl))
    )
    assert by_ris.pop("form") == by_csl.pop("form") == "manuscript"
    assert by_ris == by_bibtex == by_csl
    assert by_csl["authors"] == ["Darusenkov, O. T."]
    assert by_csl["translators"] == ["Gary Goldberg"]
    assert by_csl["archive"] == "TsKhSD"
    assert by_csl["date"] == "1964-10-27"
    iris = IriSpace(release.manifest.base)
    read = cited(first_record.stated, iris.record(KEY), iris)
    assert read is not None
    assert of_tags(read).items() <= by_csl.items()


@pytest.mark.parametrize("path", ["/doc/person/guevara", f"{RECORD}/p1", f"{RECORD}/object"])
@pytest.mark.parametrize("ending", [*FORMATS, "card.png"])
def test_nothing_else_has_one(ask_publication: Ask, path: str, ending: str) -> None:
    assert ask_publication(f"{path}.{ending}").status == 404
    assert "csl.json" not in ask_publication(path, "text/turtle").headers["link"]


@pytest.mark.clause("USERS 7.1.2")
def test_the_page_prints_four_forms_and_each_can_be_copied(ask_publication: Ask) -> None:
    forms = copied(ask_publication(RECORD, "text/html").text)
    assert list(forms) == [
        "Note (Chicago)", "Short note (Chicago)", "Reference (GOST R 7.0.5–2008)", "As the source has it", "Permanent address",
    ]  # fmt: skip
    note = forms["Note (Chicago)"]
    iri = f"http://127.0.0.1:8000/id/record/{KEY}"
    for part in ("TsKhSD", "f. 5", "op. 49", "d. 758", "l. 269", "Goldberg", iri):
        assert part in note
    assert forms["Reference (GOST R 7.0.5–2008)"] == "TsKhSD. Ф. 5. Оп. 49. Д. 758. Л. 269."
    assert forms["As the source has it"].startswith('"From the Diary of O. T. Darusenkov')
    assert forms["Permanent address"] == iri
    # No day on which anybody looked at it, no person who is not in the record.
    assert not re.search(r"access|retrieved|captured|Wilson", note, re.IGNORECASE)


def test_the_source_s_own_form_is_verbatim(ask_publication: Ask, publication: Path) -> None:
    source = (publication / "data/captures/148c2797223ea6d0.txt").read_text(encoding="utf-8")
    assert copied(ask_publication(RECORD, "text/html").text)["As the source has it"] in source


@pytest.mark.clause("USERS 7.1.3")
def test_zotero_finds_its_fields_and_nothing_that_wins_over_them(ask_publication: Ask) -> None:
    text = ask_publication(RECORD, "text/html").text
    tags = head(text)
    assert tags["z:itemType"] == ["manuscript"]
    assert tags["z:archive"] == ["TsKhSD"]
    assert tags["z:archiveLocation"] == ["f. 5, op. 49, d. 758, l. 269, r. 9126"]
    assert tags["dc:creator"] == ["Darusenkov, O. T."]
    assert tags["dc:date"] == ["1964-10-27"]
    assert tags["og:description"] == tags["dcterms:abstract"] == tags["description"]
    assert tags["og:description"][0].startswith("Darusenkov notes a meeting")
    assert "Z3988" not in text
    assert not [
        name
        for name in tags
        if name.lower().startswith(("citation_", "dc.coverage", "dc:coverage", "dcterms:spatial"))
    ]


def test_open_graph_shows_a_card_of_1200_by_630(ask_publication: Ask, release: Any) -> None:
    tags = head(ask_publication(RECORD, "text/html").text)
    (address,) = tags["og:image"]
    assert address == f"{release.manifest.base}doc/record/{KEY}.card.png"
    assert tags["og:url"] == [f"{release.manifest.base}doc/record/{KEY}"]
    assert tags["og:site_name"] == [release.manifest.settings.title]
    assert "27 October 1964" in tags["og:image:alt"][0]
    reply = ask_publication(f"{RECORD}.card.png", "text/html")
    assert (reply.status, reply.headers["content-type"]) == (200, "image/png")
    size = Image.open(io.BytesIO(reply.body)).size
    assert (
        [str(each) for each in size] == [*tags["og:image:width"], *tags["og:image:height"]] == ["1200", "630"]
    )
    assert (
        ask_publication(f"{RECORD}.card.png", headers=[("If-None-Match", reply.headers["etag"])]).status
        == 304
    )


def test_a_paragraph_a_statement_a_lacuna_and_a_note_have_citations_of_their_own(
    ask_publication: Ask,
) -> None:
    iri = f"http://127.0.0.1:8000/id/record/{KEY}"
    locators = {
        "p7": "para. 7",
        "s17": "reported statement s17",
        "g1": "lacuna g1 (faded)",
        "g0": "lacuna g0 (lost in capture)",
        "note-1": "part “Note 1”",
    }
    for name, locator in locators.items():
        page = ask_publication(f"{RECORD}/{name}", "text/html").text
        assert copied(page)["Note (Chicago)"].endswith(f"{locator}, {iri}/{name}."), name
        assert copied(page)["Permanent address"] == f"{iri}/{name}"
        check_structure(Page(page))
    assert "Cite" not in ask_publication(f"{RECORD}/ts-doc", "text/html").text


def test_a_paragraph_is_quoted_with_its_note_and_a_lacuna_has_no_words(ask_publication: Ask) -> None:
    page = ask_publication(f"{RECORD}/p7", "text/html").text
    quotation = copied(page)["Quotation with its note"]
    assert quotation.startswith(
        "“Independent of the possibilities of the severe criticism of Cde. Khrushchev"
    )
    assert quotation.endswith(f"{copied(page)['Note (Chicago)'].removesuffix('.')}).")
    said = copied(ask_publication(f"{RECORD}/s17", "text/html").text)["Quotation with its note"]
    assert said.startswith(
        "“I consider that the Chinese leaders have been conducting themselves unacceptably”"
    )
    assert "Quotation with its note" not in copied(ask_publication(f"{RECORD}/g1", "text/html").text)


def test_the_script_has_the_note_that_the_page_of_a_paragraph_has(ask_publication: Ask) -> None:
    section = next(
        each
        for each in Page(ask_publication(RECORD, "text/html").text).all("section")
        if each.get("class") == "cite"
    )
    data = json.loads(section["data-quote"] or "")
    assert data["paragraphs"] == {f"p{number}": f"para. {number}" for number in range(1, 9)}
    note = copied(ask_publication(f"{RECORD}/p7", "text/html").text)["Note (Chicago)"]
    assert f"{data['before']}para. 7, {data['iri']}p7." == note


def test_the_page_leads_to_every_paragraph_and_lacuna(ask_publication: Ask) -> None:
    text = ask_publication(RECORD, "text/html").text
    for name in (*(f"p{number}" for number in range(1, 9)), *(f"g{number}" for number in range(5))):
        assert f'href="{KEY}/{name}#cite"' in text
        assert ask_publication(f"{RECORD}/{name}", "text/html").status == 200


def test_a_hostile_title_is_harmless_everywhere(ask_hostile: Ask) -> None:
    path = "/sub/doc/record/evil"
    page = ask_hostile(path, "text/html").text
    assert "<script>alert" not in page
    check_structure(Page(page))
    plain = " ".join(EVIL.split())
    assert copied(page)["Note (Chicago)"] == f"“{plain},” 5 March 1901, https://a.example/sub/id/record/evil."
    assert head(page)["og:title"] == [plain]
    found = [
        read(ask_hostile(f"{path}.{ending}").text)
        for ending, read in (("ris", of_ris), ("bib", of_bibtex), ("csl.json", of_csl))
    ]
    assert [each["title"] for each in found] == [plain] * 3
    assert {each["date"] for each in found} == {"1901-03-05"}


def test_a_record_of_a_title_only_says_no_more_and_no_card_shows_boxes(ask_hostile: Ask) -> None:
    page = ask_hostile("/sub/doc/record/bare", "text/html").text
    assert copied(page)["Note (Chicago)"] == "“מכתב,” n.d., https://a.example/sub/id/record/bare."
    assert set(head(page)) >= {"z:itemType", "dc:title", "og:title", "og:image"}
    assert not {"dc:date", "dc:creator", "z:archive", "og:description", "dcterms:abstract"} & set(head(page))
    assert of_csl(ask_hostile("/sub/doc/record/bare.csl.json").text) == {
        "title": "מכתב", "form": "manuscript", "url": "https://a.example/sub/id/record/bare",
    }  # fmt: skip


def test_the_script_is_small_and_served_as_one_for_ever(ask_publication: Ask) -> None:
    scripts = [
        each for each in Page(ask_publication(RECORD, "text/html").text).all("script") if each.get("src")
    ]
    (address,) = [each["src"] or "" for each in scripts if "cite.js" in (each["src"] or "")]
    reply = ask_publication("/" + address.removeprefix("../../"))
    assert reply.headers["content-type"] == "text/javascript;charset=utf-8"
    assert "immutable" in reply.headers["cache-control"]
    assert len(reply.body) < 4000
    assert "script-src 'self';" in reply.headers["content-security-policy"]
    assert "cite.js" not in ask_publication("/doc/person/guevara", "text/html").text
