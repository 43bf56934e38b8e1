"""Statements looked at from both ends, and what follows from one of them."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from fonds.inference import read_rules
from fonds.lines import split_quad
from fonds.views.around import Around, what_follows
from fonds.views.graph import Beyond, Known, Statements, known, term
from fonds.vocabulary import CRM, RDFS

A, B, C = (NamedNode(f"https://a.example/{each}") for each in "abc")


def test_every_term_of_the_release_is_read_as_the_engine_reads_it(release: Any) -> None:
    lines = gzip.decompress((release.dumps / "public.nt.gz").read_bytes()).splitlines(keepends=True)
    for line, quad in zip(lines, parse(b"".join(lines), format=RdfFormat.N_TRIPLES), strict=True):
        _, _, rest = split_quad(line)[1].decode().split(" ", 2)
        assert term(rest[:-3]) == quad.object


@pytest.mark.parametrize("words", ["a\\b", 'a"b', "a\nb\r\t\b\f", "\\u0041", "\x7f\u200e", 'ends with "@en'])
def test_words_that_are_escaped_are_read_back(words: str) -> None:
    for literal in (Literal(words), Literal(words, language="ar"), Literal(words, datatype=A)):
        assert term(str(literal)) == literal


@pytest.mark.parametrize("level", ["none", "shortcuts", "full"])
def test_what_stands_the_other_way_round_is_found_where_the_level_writes_it(release: Any, level: Any) -> None:
    follows = what_follows(read_rules([release.ontology], level, "https://a.example/"))
    stated = known([Triple(A, CRM.P128_carries, B), Triple(C, CRM.P14_carried_out_by, A)])
    facts = Known(stated.here, follows=follows)
    assert list(facts.things(B, CRM.P128i_is_carried_by)) == ([] if level == "none" else [A])
    assert list(facts.things(C, CRM.P11_had_participant)) == ([] if level == "none" else [A])
    # What is stated is the same at every level.
    assert list(facts.things(A, CRM.P128_carries)) == [B]


def test_what_is_known_elsewhere_is_asked_for_other_things_only() -> None:
    here = Statements()
    here.add(str(A), str(RDFS.label), '"a"')
    elsewhere = {str(each): {str(RDFS.label): ['"elsewhere"']} for each in (A, B, C)}
    beyond = Beyond(lambda thing: elsewhere.get(thing, {}), properties=None, parts=(str(A),))
    facts = Known(here, beyond=beyond)
    assert (facts.label(A), facts.label(B)) == ("a", "elsewhere")
    assert Known(here, beyond=Beyond(beyond.about, properties=frozenset(), parts=())).label(B) is None


def test_what_only_curators_say_is_public_and_not_in_what_the_document_says(
    first_record: Around, release: Any
) -> None:
    dump = gzip.decompress(release.dataset.read_bytes()).splitlines(keepends=True)
    concluded = [each for each in map(split_quad, dump) if "/graph/curation/" in each[0]]
    assert concluded
    for _, line in concluded:
        subject, property_, rest = line.decode().split(" ", 2)
        assert rest[:-3] in first_record.public.here.about[subject][property_]
    only = {each.decode().split(" ", 1)[0] for _, each in concluded} - first_record.stated.here.about.keys()
    assert only
