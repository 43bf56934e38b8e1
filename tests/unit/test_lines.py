"""Lines of N-Triples and N-Quads: taking them apart without a parser."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Triple, serialize

from fonds.lines import DEFAULT, has_blank_node, object_iri, split_quad, triples_of, types_first

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


@settings(max_examples=200, deadline=None)
@given(iris, iris, objects, iris | st.just(DefaultGraph()))
def test_the_object_of_a_line_is_found_if_it_is_an_iri(subject, predicate, value, graph):
    line = serialize([Quad(subject, predicate, value, graph)], format=RdfFormat.N_QUADS)
    assert object_iri(line) == (str(value).encode() if isinstance(value, NamedNode) else None)


def test_a_triple_of_two_graphs_is_one_triple():
    lines = [b"<s:> <p:> <o:> <g:1> .\n", b"<s:> <p:> <o:> <g:2> .\n", b"<s:> <p:> <q:> .\n"]
    assert triples_of(lines) == [b"<s:> <p:> <o:> .\n", b"<s:> <p:> <q:> .\n"]


def test_types_stand_first_and_subjects_stay_in_their_order():
    type_ = b"<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    lines = [b"<a:> <p:> <o:> .\n", b"<a:> %s <t:> .\n" % type_, b"<b:> <p:> <o:> .\n"]
    assert types_first(lines) == [lines[1], lines[0], lines[2]]
