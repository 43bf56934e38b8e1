"""The one table of serialisations: no two rows can be confused, and the engine knows each of them by the same type."""

from __future__ import annotations

from collections import Counter

import pytest

from fonds.formats import (
    DOCUMENT_FORMATS,
    HTML,
    PROBLEM,
    RDF_FORMATS,
    READABLE_ENDINGS,
    RESULT_FORMATS,
    TEI,
    TEXT,
    Format,
    Use,
    by_ending,
)

EVERY = (HTML, *RDF_FORMATS, *RESULT_FORMATS, TEI, TEXT, PROBLEM)
OFFERS = {"document": DOCUMENT_FORMATS, "results": (*RESULT_FORMATS, HTML)}


@pytest.mark.parametrize("part", ["name", "media_type", "ending"])
def test_no_two_formats_share_a_name_a_type_or_an_ending(part: str) -> None:
    assert [
        value for value, times in Counter(getattr(each, part) for each in EVERY).items() if times > 1
    ] == []


@pytest.mark.parametrize("offered", OFFERS.values(), ids=OFFERS)
def test_within_one_offer_a_media_type_means_one_format(offered: tuple[Format, ...]) -> None:
    asked_as = Counter(type_ for each in offered for type_ in (each.media_type, *each.also))
    assert [type_ for type_, times in asked_as.items() if times > 1] == []


@pytest.mark.parametrize("each", RDF_FORMATS, ids=lambda each: each.name)
def test_the_engine_calls_an_rdf_syntax_by_the_same_media_type(each: Format) -> None:
    assert each.rdf is not None
    assert each.rdf.media_type == each.media_type
    assert each.rdf.supports_datasets == (Use.DATASET in each.uses)


@pytest.mark.parametrize("each", RESULT_FORMATS, ids=lambda each: each.name)
def test_the_engine_calls_a_result_syntax_by_the_same_media_type(each: Format) -> None:
    assert each.results is not None
    assert each.results.media_type.partition(";")[0] == each.media_type


@pytest.mark.clause("RFC 7303 3; RFC 8259 11")
def test_only_types_that_define_a_charset_carry_one() -> None:
    with_charset = {each.media_type for each in EVERY if each.content_type.endswith(";charset=utf-8")}
    assert with_charset == {"text/html", "text/turtle", "text/csv", "text/tab-separated-values", "text/plain"}


def test_every_ending_of_a_document_finds_its_format_and_an_unknown_one_none() -> None:
    assert [by_ending(each.ending) for each in DOCUMENT_FORMATS] == list(DOCUMENT_FORMATS)
    assert by_ending("tei.xml") is TEI
    assert by_ending("exe") is None


def test_whatever_is_served_as_rdf_can_be_read_back_by_its_ending() -> None:
    assert {each.ending: each.rdf for each in RDF_FORMATS}.items() <= READABLE_ENDINGS.items()
