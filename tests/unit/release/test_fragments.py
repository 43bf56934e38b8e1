"""Lines of graphs: splitting quads, sorting more than memory holds, finding blank nodes."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Triple, serialize

from fonds.release.fragments import (
    DEFAULT,
    GraphSorter,
    LineSorter,
    has_blank_node,
    sorted_lines,
    split_quad,
    turtle_body,
    turtle_head,
)

awkward = st.text(
    alphabet=st.sampled_from(list('a<>" \n\\.:_@^é')) | st.characters(codec="utf-8"), max_size=12
)
iris = st.sampled_from([NamedNode("http://a/"), NamedNode("urn:x:y"), NamedNode("http://é.example/b#c")])
literals = (
    st.builds(Literal, awkward)
    | st.builds(lambda value: Literal(value, language="en"), awkward)
    | st.builds(lambda value: Literal(value, datatype=NamedNode("http://t/")), awkward)
)
triples = st.builds(Triple, iris, iris, literals | iris)
objects = literals | iris | triples


@settings(max_examples=300, deadline=None)
@given(iris, iris, objects, iris | st.just(DefaultGraph()))
def test_a_line_of_n_quads_is_split_into_graph_and_triple(subject, predicate, value, graph):
    line = serialize([Quad(subject, predicate, value, graph)], format=RdfFormat.N_QUADS)
    name, triple = split_quad(line)
    assert name == (DEFAULT if graph == DefaultGraph() else graph.value)
    assert triple == serialize([Triple(subject, predicate, value)], format=RdfFormat.N_TRIPLES)


blanks = st.builds(BlankNode, st.sampled_from(["a", "b"]))


@settings(max_examples=200, deadline=None)
@given(iris | blanks, iris, objects | blanks | st.builds(Triple, iris | blanks, iris, objects | blanks))
def test_blank_nodes_are_found_wherever_they_stand(subject, predicate, value):
    def blank(term) -> bool:
        return isinstance(term, BlankNode) or (isinstance(term, Triple) and any(map(blank, term)))

    line = serialize([Triple(subject, predicate, value)], format=RdfFormat.N_TRIPLES)
    assert has_blank_node(line) == (blank(subject) or blank(value))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.builds(Triple, iris, iris, literals | iris), max_size=8))
def test_turtle_of_sorted_lines_is_the_same_graph(found):
    from pyoxigraph import parse

    lines = sorted_lines(found)
    body = turtle_body(b"".join(lines))
    assert {quad.triple for quad in parse(turtle_head() + body, format=RdfFormat.TURTLE)} == set(found)
    assert {quad.triple for quad in parse(turtle_head(body) + body, format=RdfFormat.TURTLE)} == set(found)


@pytest.mark.parametrize("run_bytes", [50, 500, 10**9])
def test_lines_are_sorted_without_repeats_however_little_fits_into_memory(tmp_path, run_bytes):
    numbers = [random.Random(1).randrange(300) for _ in range(1000)]
    lines = [f"<http://a/{number}> .\n".encode() for number in numbers]
    sorter = LineSorter(tmp_path, run_bytes)
    for start in range(0, 1000, 7):
        sorter.extend(lines[start : start + 7])
    assert list(sorter) == sorted(set(lines))
    sorter.clear()
    assert list(tmp_path.iterdir()) == []


def test_graphs_come_one_after_the_other_each_sorted(tmp_path):
    sorter = GraphSorter(tmp_path, 40)
    sorter.add("http://b/", [b"<2> .\n", b"<1> .\n"])
    sorter.add(DEFAULT, [b"<9> .\n"])
    sorter.add("http://a/", [b"<3> .\n"])
    sorter.add("http://b/", [b"<0> .\n", b"<1> .\n"])
    assert [(name, list(lines)) for name, lines in sorter.graphs()] == [
        (DEFAULT, [b"<9> .\n"]),
        ("http://a/", [b"<3> .\n"]),
        ("http://b/", [b"<0> .\n", b"<1> .\n", b"<2> .\n"]),
    ]
