"""What the endpoint says of itself is true: its formats, its functions, its graphs, its limits."""

from __future__ import annotations

import json

import pytest
from pyoxigraph import NamedNode, QuerySolutions, RdfFormat, Store, parse

from fonds.formats import RDF_FORMATS
from fonds.vocabulary import FV, RDF, SD, VOID
from fonds.web.service import EXTENSION_FUNCTIONS, LIMITS
from tests.unit.web.conftest import Ask, query_target

pytestmark = pytest.mark.clause("SPARQL 1.1 Service Description 3")
JSON = "application/sparql-results+json"


def described(ask: Ask) -> Store:
    store = Store()
    store.load(ask("/sparql", "text/turtle").body, format=RdfFormat.TURTLE)
    return store


def values(store: Store, query: str) -> list[list[str]]:
    rows = store.query(query, prefixes={"sd": SD.iri, "void": VOID.iri, "fv": FV.iri})
    assert isinstance(rows, QuerySolutions)
    return [["" if term is None else str(getattr(term, "value", term)) for term in row] for row in rows]


def test_there_is_one_service_with_its_endpoint_and_its_dataset(ask_publication: Ask) -> None:
    store = described(ask_publication)
    (row,) = values(
        store, "SELECT ?e ?d { ?s a sd:Service ; sd:endpoint ?e ; sd:defaultDataset ?d . ?d a sd:Dataset }"
    )
    assert row[0].endswith("/sparql")
    assert row[1].endswith("/dataset#dataset")
    assert not any("_:" in str(quad) for quad in store)


@pytest.mark.parametrize("which", ["ask", "ask_publication"])
def test_each_count_is_what_the_store_says(which: str, request: pytest.FixtureRequest) -> None:
    ask: Ask = request.getfixturevalue(which)
    store = described(ask)
    ((default,),) = values(store, "SELECT ?n { ?d sd:defaultGraph ?g . ?g void:triples ?n }")
    told = {
        name: int(n)
        for name, n in values(store, "SELECT ?name ?n { ?g sd:name ?name ; sd:graph/void:triples ?n }")
    }
    counted = json.loads(ask(query_target("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"), JSON).body)
    assert int(default) == int(counted["results"]["bindings"][0]["n"]["value"])
    named = json.loads(
        ask(query_target("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"), JSON).body
    )
    assert told == {row["g"]["value"]: int(row["n"]["value"]) for row in named["results"]["bindings"]}
    assert told


def test_each_format_is_answered(ask: Ask) -> None:
    formats = {
        iri.rpartition("/")[2] for (iri,) in values(described(ask), "SELECT ?f { ?s sd:resultFormat ?f }")
    }
    assert formats == {
        *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
        *("Turtle", "N-Triples", "JSON-LD", "RDF_XML", "TriG", "N-Quads"),
    }


@pytest.mark.parametrize("function", EXTENSION_FUNCTIONS)
def test_each_extension_function_runs(ask: Ask, function: str) -> None:
    wkt = '"{}"^^<http://www.opengis.net/ont/geosparql#wktLiteral>'.format
    point, square = wkt("POINT(0.5 0.5)"), wkt("POLYGON((0 0,0 1,1 1,1 0,0 0))")
    metre = "<http://www.opengis.net/def/uom/OGC/1.0/metre>"
    tried = [f"{square}", f"{square}, {point}", f"{point}, {wkt('POINT(1 1)')}, {metre}"]
    found = [
        json.loads(ask(query_target(f"SELECT (<{function}>({each}) AS ?r) {{}}"), JSON).body)
        for each in tried
    ]
    assert any(each["results"]["bindings"][0] for each in found)
    assert values(described(ask), f"SELECT ?s {{ ?s sd:extensionFunction <{function}> }}")


@pytest.mark.parametrize("limit", LIMITS)
def test_each_limit_is_the_one_that_holds(ask: Ask, dataset, limit: str) -> None:
    ((value,),) = values(described(ask), f"SELECT ?v {{ ?s a sd:Service ; fv:{limit} ?v }}")
    assert float(value) == getattr(dataset.manifest.settings.limits, limit)


@pytest.mark.parametrize("format_", RDF_FORMATS, ids=lambda each: each.ending)
def test_it_is_the_same_in_every_syntax(ask: Ask, format_) -> None:
    expected = {quad.triple for quad in described(ask)}
    reply = ask("/sparql", format_.media_type)
    assert {quad.triple for quad in parse(reply.body, format=format_.rdf)} == expected
    assert (
        ask("/sparql", format_.media_type, headers=[("If-None-Match", reply.headers["etag"])]).status == 304
    )
    head = ask("/sparql", format_.media_type, method="HEAD")
    assert (head.body, head.headers["etag"]) == (b"", reply.headers["etag"])


def test_it_names_the_service_that_the_catalogue_names(ask_publication: Ask) -> None:
    catalogue = ask_publication("/dataset", "text/turtle").body
    services = {
        quad.subject
        for quad in parse(catalogue, format=RdfFormat.TURTLE)
        if quad.object == NamedNode("http://www.w3.org/ns/dcat#DataService")
    }
    described_ones = {
        quad.subject
        for quad in described(ask_publication)
        if (quad.predicate, quad.object) == (RDF.type, SD.Service)
    }
    assert services == described_ones
