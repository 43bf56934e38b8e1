"""Queries as engines elsewhere read them: standard SPARQL 1.1, and the same answers."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pyoxigraph as ox
import pytest
from pyoxigraph import Literal, NamedNode
from rdflib.plugins.sparql.parser import parseQuery

from fonds.store.portable import (
    portable_query,
    with_default_graph,
    with_prologue,
    with_terms,
    without_graphs,
)
from fonds.store.queries import own_queries
from fonds.vocabulary import PREFIXES

ALL = "urn:all"
HOSTILE = Literal('"}\n INSERT DATA { <a:> <a:> <a:> } # \\')
QUERIES = Path(__file__).parents[3] / "queries"


def test_there_is_no_portable_query_without_one_of_ours() -> None:
    folder = files("fonds.store") / "rq" / "portable"
    assert {each.name.removesuffix(".rq") for each in folder.iterdir()} <= own_queries().keys()


@pytest.mark.parametrize("name", sorted(own_queries()))
def test_a_query_of_ours_is_sparql_1_1(name: str) -> None:
    # rdflib's grammar has none of any engine's extensions.
    parseQuery(with_prologue(portable_query(name).text, PREFIXES, "http://a.example/"))


@pytest.mark.parametrize(
    "name",
    [
        each if number % 4 == 0 else pytest.param(each, marks=pytest.mark.thorough)
        for number, each in enumerate(sorted(each.stem for each in QUERIES.glob("*.rq")))
    ],
)
def test_a_stored_query_is_sparql_1_1(name: str) -> None:
    text = (QUERIES / f"{name}.rq").read_text()
    base = "http://a.example/"
    known = {**PREFIXES, "t": f"{base}vocab/"}
    parseQuery(with_prologue(text, known, base))
    put_in = with_default_graph(text, ALL)
    assert put_in is not None
    parseQuery(with_prologue(put_in, known, base))


def test_a_value_never_becomes_syntax() -> None:
    text = with_terms("SELECT ?a ?s WHERE { { SELECT ?a ?s WHERE { ?s ?p ?a } LIMIT 5 } }", {"a": HOSTILE})
    store = ox.Store()
    store.add(ox.Quad(NamedNode("urn:s"), NamedNode("urn:p"), HOSTILE))
    assert [row["s"] for row in store.query(text)] == [NamedNode("urn:s")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "SELECT ?n ?x (COUNT(?y) AS ?n2) { ?x ?y ?n } GROUP BY ?n ?x HAVING(COUNT(?y) > 1)",
            "SELECT  ?x (COUNT(?y) AS ?n2) { ?x ?y <urn:v> } GROUP BY  ?x HAVING(COUNT(?y) > 1)",
        ),
        (
            'SELECT ?x { ?x ?p "?n" # ?n\n FILTER(STR(?n) = "") }',
            'SELECT ?x { ?x ?p "?n" # ?n\n FILTER(STR(<urn:v>) = "") }',
        ),
        ("SELECT (STR(?n) AS ?s) { }", "SELECT (STR(<urn:v>) AS ?s) { }"),
    ],
)
def test_variables_become_terms_and_nothing_else_does(text: str, expected: str) -> None:
    assert with_terms(text, {"n": NamedNode("urn:v")}) == expected


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p ?o }",
        "SELECT * WHERE { ?s ?p ?o } LIMIT 3",
        "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }",
        "SELECT * { ?s ?p ?o FILTER EXISTS { ?s ?q ?r } # }\n }",
        "SELECT * { { SELECT ?s { ?s ?p ?o } } GRAPH ?g { ?s ?q ?r } }",
        "SELECT * { GRAPH ?g { ?s ?p ?o } FILTER NOT EXISTS { ?s ?p ?o } }",
        "CONSTRUCT { ?s ?p '{' } WHERE { ?s ?p ?o }",
        "CONSTRUCT WHERE { ?s ?p ?o }",
        "ASK { ?s ?p 'in the default graph' }",
        "ASK { GRAPH <urn:g> { ?s ?p 'in the default graph' } }",
        "SELECT * { ?s ?p ?o } VALUES ?o { 'in the default graph' }",
        "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g",
        "SELECT * { ?s ?p ?o OPTIONAL { GRAPH ?g { ?s ?p ?r } } }",
        "SELECT * { GRAPH ?g { ?s ?p ?o . GRAPH ?h { ?s ?q ?r } } }",
        "SELECT * { ?s ?p ?o FILTER EXISTS { graph?g{ ?s ?p ?o } } }",
        "SELECT * { GRAPH $g { ?s ?p ?o # }\n } GRAPH <urn:g> { ?s ?q ?r } }",
        "SELECT * { { GRAPH ?g { } } UNION { GRAPH ?g { ?s ?p 'GRAPH ?g {' } } }",
        "SELECT * FROM <urn:g> { ?s ?p ?o }",
        "SELECT * FROM NAMED <urn:g> { GRAPH ?g { ?s ?p ?o } }",
    ],
)
def test_a_named_graph_stands_for_the_default_graph(text: str) -> None:
    own, union = ox.Store(), ox.Store()
    for name, words in ((None, "in the default graph"), ("urn:g", "in a named one")):
        triple = (NamedNode("urn:s"), NamedNode("urn:p"), Literal(words))
        own.add(ox.Quad(*triple, NamedNode(name)) if name else ox.Quad(*triple))
        union.add(ox.Quad(*triple, NamedNode(name or ALL)))
    put_in = with_default_graph(text, ALL)
    if put_in is None:
        found = union.query(text, default_graph=[NamedNode(ALL)])
    else:
        # All that the store has is its default graph, as in Virtuoso; but not for a query that has `FROM`.
        hiding = without_graphs(put_in, [ALL])
        found = union.query(hiding, use_default_graph_as_union="FROM" not in text)
    assert _all(found) == _all(own.query(text))


def _all(found: object) -> object:
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    if isinstance(found, ox.QueryTriples):
        return {str(each) for each in found}
    names = [each.value for each in found.variables]
    return sorted(tuple((name, str(row[name])) for name in sorted(names)) for row in found)


@pytest.mark.parametrize("text", ["DESCRIBE <urn:x>", "CONSTRUCT WHERE { ?s ?p ?o }", "SELECT * { ?s ?p ?o"])
def test_where_a_graph_cannot_be_put_in_the_request_names_it(text: str) -> None:
    assert with_default_graph(text, ALL) is None


def test_only_what_is_used_and_not_declared_gets_a_prefix_on_the_first_line() -> None:
    text = "PREFIX crm: <urn:mine>\nSELECT * { ?s a crm:E1, rdfs:Class, <id/x> }"
    found = with_prologue(text, PREFIXES, "http://a.example/")
    assert found == ("BASE <http://a.example/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> " + text)
