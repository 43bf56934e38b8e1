"""RIS, BibTeX, CSL-JSON and the tags for Zotero, read back by programs of others: they agree field by field, whatever the data hold."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fonds.views.citations import Cited, Name, When
from fonds.views.citations.bibtex import bibtex
from fonds.views.citations.csl import csl
from fonds.views.citations.facts import plain
from fonds.views.citations.ris import ris
from tests.unit.views.citations.forms import of_bibtex, of_csl, of_ris, of_tags
from tests.unit.views.citations.test_notes import BARE, MEMO, PRINTED

LETTER = Cited(
    "https://a.example/id/record/l00058", "l00058", "Beer-Hofmann an Schnitzler", authors=(Name("Richard Beer-Hofmann"),),
    recipients=(Name("Schnitzler Arthur"), Name("Thompson, Llewellyn E., Jr.", "Thompson", "Llewellyn E.", "Jr.")),
    date=When("1892-01-01/1893-12-31", "[1892–1893?]"), location="GB, Cambridge, B 8", shelfmark="GB, Cambridge, B 8",
    language="de", kinds=("letter",), source_notes=("Found in a box.",),
)  # fmt: skip
CASES = {"memo": MEMO, "printed": PRINTED, "bare": BARE, "letter": LETTER}

SPECIAL = '{}\\"%$#&_~^@,;=<>\n\r\t\x00\x1f\x85\u2028\u202e\u2067אبЖé’“”  -TYERabc.1'
hostile = st.text(
    alphabet=st.sampled_from(SPECIAL) | st.characters(exclude_categories=["Cs"]),
    max_size=40,
)
words = hostile.map(plain).filter(bool)
# The parts of a name have no comma: it is what parts them.
part_of_name = words.map(lambda text: plain(text.replace(",", " "))).filter(bool)
names = st.one_of(
    words.map(Name), st.builds(lambda f, g: Name(f"{f}, {g}", f, g), part_of_name, part_of_name)
)
records = st.builds(
    Cited,
    iri=st.just("https://a.example/id/record/%D0%B6"), key=hostile, title=words, title_language=st.just(""),
    short_title=words | st.just(""), authors=st.lists(names, max_size=2).map(tuple),
    recipients=st.lists(words.map(Name), max_size=2).map(tuple), translators=st.lists(names, max_size=2).map(tuple),
    publishers=st.lists(words.map(Name), max_size=1).map(tuple), kinds=st.lists(words, max_size=2).map(tuple),
    date=st.none() | words.map(lambda each: When("", each)) | st.just(When("1964-10")), number=words | st.just(""),
    archive=words | st.just(""), location=words | st.just(""), whole=words | st.just(""), language=st.just("ru"),
    source_notes=st.lists(words.filter(lambda each: not each.startswith("To: ")), max_size=1).map(tuple), abstract=hostile,
)  # fmt: skip


def check_agreement(cited: Cited) -> None:
    by_ris, by_bibtex = of_ris(ris(cited)), of_bibtex(bibtex(cited))
    by_csl, by_tags = of_csl(json.dumps(csl(cited))), of_tags(cited)
    # BibTeX has no name for the form that the others have.
    form = by_csl.pop("form")
    assert by_ris.pop("form") == form == cited.form
    # RIS parts a name at its commas, CSL and BibTeX have the whole of one whose parts are not known.
    assert by_csl == by_bibtex
    assert by_ris == by_csl | ({"date": by_csl["date"].replace("/", "–")} if "date" in by_csl else {})
    abstract = by_tags.pop("abstract", "")
    assert plain(abstract) == by_csl.get("abstract", "")
    assert by_tags.items() <= by_csl.items()
    assert by_csl["title"] == cited.title


@pytest.mark.parametrize("name", CASES)
def test_the_forms_agree_field_by_field(name: str) -> None:
    check_agreement(CASES[name])


@given(records)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_they_agree_whatever_the_data_hold(cited: Cited) -> None:
    check_agreement(cited)


def test_a_title_cannot_begin_another_field_or_record() -> None:
    evil = plain("A\r\nER  - \r\nTY  - BOOK\nTI  - B},\n year = {1} } @book{x, title={C}")
    cited = Cited("https://a.example/id/record/x", "x} @book{y,", evil)
    assert of_ris(ris(cited)) == {"form": "manuscript", "title": evil, "url": cited.iri}
    assert of_bibtex(bibtex(cited)) == {"title": evil, "url": cited.iri}
    assert ris(cited).count("\r\n") == 4
    assert bibtex(cited).splitlines()[0] == "@misc{x---book-y-,"


def test_ris_has_the_tags_that_zotero_reads() -> None:
    lines = ris(MEMO).split("\r\n")
    assert lines[0] == "TY  - MANSCPT"
    assert lines[-2:] == ["ER  - ", ""]
    assert "A4  - Gary Goldberg" in lines
    assert "DB  - TsKhSD" in lines
    assert "AN  - f. 5, op. 49, d. 758, l. 269, r. 9126" in lines
    assert "DA  - 1964/10/27" in lines
    assert not any(line.startswith("Y2") for line in lines)


def test_two_years_with_a_slash_are_not_made_a_month_in_ris() -> None:
    cited = Cited("https://a.example/id/record/x", "x", "A", date=When("", "1901/02"))
    assert of_ris(ris(cited))["date"] == "1901–02"
    assert of_csl(json.dumps(csl(cited)))["date"] == "1901/02"


def test_csl_has_the_variables_of_archives_and_of_the_event() -> None:
    (item,) = csl(
        Cited(
            **{
                **{f: getattr(MEMO, f) for f in MEMO.__dataclass_fields__},
                "collection": "f. 5, op. 49",
                "event_date": When("1964-10-16"),
            }
        )
    )
    assert item["type"] == "manuscript"
    assert item["archive_collection"] == "f. 5, op. 49"
    assert item["event-date"] == {"date-parts": [[1964, 10, 16]]}
    assert item["id"] == item["URL"] == MEMO.iri
    assert "accessed" not in item


def test_a_recipient_of_a_printed_letter_is_not_made_editor_of_the_volume() -> None:
    assert "A2  - " not in ris(PRINTED)
    assert "A2  - Schnitzler Arthur" in ris(LETTER)
