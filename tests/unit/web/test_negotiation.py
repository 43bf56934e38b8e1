"""Content negotiation, against the headers that real clients send and against Werkzeug's reading of the rule."""

from __future__ import annotations

import gzip

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from fonds.formats import (
    DOCUMENT_FORMATS,
    HTML,
    JSONLD,
    LINKED_ART,
    NTRIPLES,
    RDF_FORMATS,
    RDFXML,
    RESULT_FORMATS,
    RESULTS_JSON,
    RESULTS_XML,
    TEI,
    TURTLE,
    Format,
    Use,
)
from fonds.web.codings import CODINGS, choose_coding, encode, worth_coding
from fonds.web.negotiation import negotiate, read_accept
from tests.timed import processor_seconds

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
RDFLIB = (
    "application/rdf+xml,text/turtle,application/x-turtle,text/n3,application/trig,"
    "application/n-quads,application/ld+json,application/n-triples"
)


@pytest.mark.clause("RFC 9110 12.5.1")
@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, HTML),
        ("", HTML),
        ("*/*", HTML),
        (BROWSER, HTML),
        ("text/turtle", TURTLE),
        ("TEXT/Turtle ; Q=1", TURTLE),
        ("text/turtle, */*", TURTLE),
        ("text/turtle;q=0.5, text/html", HTML),
        ("text/turtle;q=0.5, text/*;q=0.4", TURTLE),
        ("text/html;q=0, */*", TURTLE),
        ("text/html;q=0, text/turtle;q=0.0, */*;q=0.1", JSONLD),
        ("text/*;q=0.3, text/html;q=0.1, application/n-triples;q=0.2", TURTLE),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', JSONLD),
        ("text/turtle;charset=utf-8", TURTLE),
        ("text/html;level=1, text/turtle;q=0.2", TURTLE),
        ("application/json", JSONLD),
        ("application/json;q=0, */*;q=0.1, text/html;q=0, text/turtle;q=0", JSONLD),
        ("application/ld+json;q=0, application/json", None),
        ("application/turtle,text/turtle", TURTLE),
        ("image/png", None),
        ("image/png, */*;q=0", None),
        ("text/html;q=2, text/turtle", TURTLE),
        ("text/html;q=abc, text/turtle;q=0.001", TURTLE),
        ("text, /, ;, ,,,, text/turtle", TURTLE),
        ("garbage", HTML),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", HTML),
        ("*; q=.2, text/turtle; q=.1", HTML),
        ('text/turtle;x=",text/html,"', None),
    ],
)
def test_a_document_is_negotiated(accept: str | None, expected: Format | None) -> None:
    assert negotiate(accept, DOCUMENT_FORMATS) is expected


def test_rdflib_gets_rdf_whatever_it_lists_first() -> None:
    assert negotiate(RDFLIB, DOCUMENT_FORMATS) in RDF_FORMATS


def test_rdflib_asking_for_nt_as_plain_text_gets_n_triples() -> None:
    assert negotiate("text/plain, */*;q=0.1", (*DOCUMENT_FORMATS, TEI)) is NTRIPLES


def test_xml_alone_gives_rdf_xml_and_tei_has_to_be_named() -> None:
    assert negotiate("application/xml", (*DOCUMENT_FORMATS, TEI)) is RDFXML
    assert negotiate("application/tei+xml", (*DOCUMENT_FORMATS, TEI)) is TEI


def test_sparqlwrapper_gets_json_results() -> None:
    accept = "application/sparql-results+json,application/json,text/javascript,application/javascript"
    assert negotiate(accept, RESULT_FORMATS) is RESULTS_JSON


def test_roqet_gets_xml_results() -> None:
    assert negotiate("application/sparql-results+xml", RESULT_FORMATS) is RESULTS_XML


def test_a_header_without_end_is_read_in_part() -> None:
    assert negotiate("text/turtle, " + "application/x-nothing;q=0.1, " * 200_000, DOCUMENT_FORMATS) is TURTLE
    assert negotiate("text/turtle;" + '"' * 1_000_000, DOCUMENT_FORMATS) is None


@given(st.text(max_size=200))
def test_no_header_is_an_error(accept: str) -> None:
    assert negotiate(accept, DOCUMENT_FORMATS) in (*DOCUMENT_FORMATS, None)
    assert all(0 <= each.weight <= 1 for each in read_accept(accept))


TYPES = ("text/html", "text/turtle", "text/plain", "application/ld+json", "application/xml")
OFFERED = tuple(Format(name, name, name.rpartition("/")[2], frozenset({Use.GRAPH})) for name in TYPES)
RANGES = st.sampled_from([*TYPES, "text/*", "application/*", "*/*", "image/png"])
WEIGHTS = st.sampled_from(["", ";q=0", ";q=0.1", ";q=0.5", ";q=0.999", ";q=1", ";q=1.000"])


@pytest.mark.clause("RFC 9110 12.4.2")
@given(st.lists(st.tuples(RANGES, WEIGHTS), min_size=1, max_size=6, unique_by=lambda each: each[0]))
def test_the_weight_of_what_is_chosen_is_the_highest_as_werkzeug_reads_it(
    parts: list[tuple[str, str]],
) -> None:
    accept = ", ".join(name + weight for name, weight in parts)
    known = parse_accept_header(accept, MIMEAccept)
    best = max(known.quality(name) for name in TYPES)
    chosen = negotiate(accept, OFFERED)
    if best == 0:
        assert chosen is None
    else:
        assert chosen is not None
        assert known.quality(chosen.media_type) == best


@pytest.mark.clause("RFC 9110 12.5.3")
@pytest.mark.parametrize(
    ("header", "coding"),
    [
        (None, ""),
        ("", ""),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZIP;q=0.5", "gzip"),
        ("gzip;q=0", ""),
        ("*", "zstd"),
        ("*;q=0", ""),
        ("identity;q=0, *", "zstd"),
        ("identity, *;q=0.5", ""),
        ("*;q=1, zstd;q=0", "br"),
        ("deflate, compress", ""),
        ("gzip;q=x", ""),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("gzip, br;q=0.9", "gzip"),
        ("gzip" + ",x" * 100_000, "gzip"),
    ],
)
def test_a_coding_is_used_only_where_it_is_taken(header: str | None, coding: str) -> None:
    assert choose_coding(header) == coding


def test_codings_are_what_they_say_and_the_same_every_time() -> None:
    body = b"<s:> <p:> <o:> .\n" * 500
    decoders = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstandard.decompress}
    for coding in CODINGS:
        coded = encode(body, coding)
        assert decoders[coding](coded) == body
        assert coded == encode(body, coding)
        assert len(coded) < len(body) / 10


def test_what_is_short_or_compressed_is_not_worth_a_coding() -> None:
    assert worth_coding("text/turtle;charset=utf-8", 2000)
    assert not worth_coding("text/turtle;charset=utf-8", 100)
    assert not worth_coding("application/gzip", 2000)


LINKED_ART_FIRST = f'application/ld+json;profile="{LINKED_ART.profile}"'
WITH_PROFILE = (*DOCUMENT_FORMATS, LINKED_ART)


@pytest.mark.clause("RFC 6906 3.1")
@pytest.mark.clause("W3C Content Negotiation by Profile 7.1")
@pytest.mark.parametrize(
    ("accept", "profile", "expected"),
    [
        ("application/ld+json", None, JSONLD),
        (LINKED_ART_FIRST, None, LINKED_ART),
        (f'application/ld+json;profile="http://other.example/ {LINKED_ART.profile}"', None, LINKED_ART),
        ('application/ld+json;profile="http://other.example/"', None, JSONLD),
        (f"{LINKED_ART_FIRST};q=0.5, text/turtle", None, TURTLE),
        ("*/*", f"<{LINKED_ART.profile}>", LINKED_ART),
        (None, f"<http://other.example/>;q=1, <{LINKED_ART.profile}>;q=0.3", LINKED_ART),
        ("*/*", "<http://other.example/>", HTML),
        ("*/*", f"<{LINKED_ART.profile}>;q=0", HTML),
        ("text/turtle", f"<{LINKED_ART.profile}>", TURTLE),
        ("*/*", "nonsense <<", HTML),
    ],
)
def test_a_profile_is_a_wish(accept: str | None, profile: str | None, expected: Format) -> None:
    assert negotiate(accept, WITH_PROFILE, profile) is expected


@pytest.mark.parametrize(
    "accept", ["a/b," * 10_000, "text/turtle;q=" + "9" * 100_000, '"' * 100_000, "," * 100_000]
)
def test_a_hostile_header_is_read_in_milliseconds(accept: str) -> None:
    assert processor_seconds(lambda: negotiate(accept, WITH_PROFILE, accept)) < 0.1
