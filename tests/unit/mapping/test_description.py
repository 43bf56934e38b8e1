"""The lines of a graph are those that the engine would write."""

from __future__ import annotations

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse, serialize

from fonds.mapping.description import GraphBuilder, GraphKind, NamedGraph, lines_of
from fonds.vocabulary import RDFS, XSD

S, P = NamedNode("http://a.example/s?a=b&c=é"), NamedNode("http://a.example/p")
_CHARACTERS = "".join(map(chr, (*range(1, 0x250), 0x2028, 0xFFFE, 0x10FFFF)))
_TERMS = (
    S,
    BlankNode("b"),
    Literal(_CHARACTERS),
    Literal("a\\b", language="en-GB"),
    Literal("1", datatype=XSD.integer),
    Triple(S, P, Literal("x\ny")),
    Triple(BlankNode("b"), P, Triple(S, P, S)),
)


def _by_engine(facts: tuple[Triple, ...]) -> list[bytes]:
    return sorted(set((serialize(facts, format=RdfFormat.N_TRIPLES) or b"").splitlines(keepends=True)))


def test_lines_are_those_of_the_engine_for_every_kind_of_term() -> None:
    facts = tuple(Triple(subject, P, each) for subject in (S, BlankNode("b")) for each in _TERMS)
    assert lines_of(facts) == _by_engine(facts)
    assert lines_of(map(tuple, facts)) == _by_engine(facts)
    assert {quad.triple for quad in parse(b"".join(lines_of(facts)), format=RdfFormat.N_TRIPLES)} == set(
        facts
    )


def test_a_graph_has_each_line_once_and_its_facts_as_triples() -> None:
    builder = GraphBuilder(S, GraphKind.RECORD)
    builder.add(S, (P, [S, Literal("2")]), (RDFS.label, None))
    builder.add(S, (P, Literal("2")))
    graph = builder.graph()
    assert graph.lines == _by_engine(graph.triples)
    assert set(graph.triples) == {Triple(S, P, S), Triple(S, P, Literal("2"))}
    assert NamedGraph(graph.name, graph.kind, graph.triples).lines == graph.lines
