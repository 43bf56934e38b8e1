"""Turtle and TriG from lines: read by two parsers, they are the statements that they were made from."""

from __future__ import annotations

import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Triple, parse, serialize

from fonds.turtle import TurtleWriter

PREFIXES = {
    "a": "http://a.example/",
    "b": "http://a.example/b#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "none": "http://never.example/",
}
XSD = PREFIXES["xsd"]
WRITER = TurtleWriter(PREFIXES)

local = st.text(alphabet="ab09._-~%/:;,()'!é+", max_size=6).map(lambda name: name.replace("%", "%25"))
iris = st.builds(
    lambda space, name: NamedNode(space + name),
    st.sampled_from(["http://a.example/", "http://a.example/b#", "urn:x:"]),
    local,
)
types = st.just(NamedNode(PREFIXES["rdf"] + "type"))
words = st.text(max_size=10)
numbers = st.sampled_from(["5", "05", "+5", "-0", "5.", "5.0", "1e3", "", "true", "1", "TRUE", "٣"])
literals = st.one_of(
    st.builds(Literal, words),
    st.builds(lambda value, tag: Literal(value, language=tag), words, st.sampled_from(["en", "de-at"])),
    st.builds(
        lambda value, name: Literal(value, datatype=NamedNode(XSD + name)),
        numbers | words,
        st.sampled_from(["integer", "boolean", "decimal", "double", "date"]),
    ),
    st.builds(lambda value: Literal(value, datatype=NamedNode("http://a.example/t.")), words),
)
triples = st.builds(Triple, iris, iris | types, iris | literals)


def lines_of(statements: list[Triple] | list[Quad]) -> list[bytes]:
    format_ = RdfFormat.N_QUADS if statements and isinstance(statements[0], Quad) else RdfFormat.N_TRIPLES
    return sorted(set((serialize(statements, format=format_) or b"").splitlines(keepends=True)))


@settings(max_examples=300, deadline=None)
@given(st.lists(triples, max_size=12))
def test_turtle_is_the_triples_it_was_made_from(statements: list[Triple]) -> None:
    written = WRITER.turtle(lines_of(statements))
    assert {quad.triple for quad in parse(written, format=RdfFormat.TURTLE)} == set(statements)


@settings(max_examples=60, deadline=None)
@given(st.lists(triples, max_size=8))
def test_rdflib_reads_the_same_from_turtle_as_from_n_triples(statements: list[Triple]) -> None:
    lines = lines_of(statements)
    known = rdflib.Graph().parse(data=b"".join(lines), format="nt")
    assert set(rdflib.Graph().parse(data=WRITER.turtle(lines), format="turtle")) == set(known)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.builds(Quad, iris, iris | types, iris | literals, iris | st.just(DefaultGraph())), max_size=12
    )
)
def test_trig_is_the_quads_it_was_made_from(statements: list[Quad]) -> None:
    written = WRITER.trig(lines_of(statements))
    assert set(parse(written, format=RdfFormat.TRIG)) == set(statements)


def test_only_prefixes_in_use_are_declared_and_statements_are_grouped() -> None:
    lines = [
        b"<http://a.example/s> <http://a.example/p> <http://a.example/b#o> .\n",
        b'<http://a.example/s> <http://a.example/p> "x"@en .\n',
        b'<http://a.example/s> <http://a.example/q> "5"^^<http://www.w3.org/2001/XMLSchema#integer> .\n',
    ]
    assert WRITER.turtle(lines).decode() == (
        "@prefix a: <http://a.example/> .\n@prefix b: <http://a.example/b#> .\n\n"
        'a:s a:p b:o, "x"@en ;\n    a:q 5 .\n'
    )


@pytest.mark.parametrize("name", ["x/y", "x.", ".x", "-x", "x%2Fy", "a:b", "x~", ""])
def test_a_name_that_is_no_plain_local_name_is_an_iri_again(name: str) -> None:
    triple = Triple(NamedNode(f"http://a.example/{name}"), NamedNode("http://a.example/p"), Literal("x"))
    written = WRITER.turtle(lines_of([triple]))
    assert [quad.triple for quad in parse(written, format=RdfFormat.TURTLE)] == [triple]
    if name:
        assert f"<http://a.example/{name}>".encode() in written


def test_what_is_forgotten_is_found_again() -> None:
    writer = TurtleWriter(PREFIXES, most_known=3)
    lines = [b"<http://a.example/s%d> <http://a.example/p> <http://a.example/o> .\n" % n for n in range(50)]
    assert len(list(parse(writer.turtle(lines), format=RdfFormat.TURTLE))) == 50
