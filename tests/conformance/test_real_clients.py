"""Clients as they are: rdflib dereferences an identifier with each of its own Accept headers and gets the same graph."""

from __future__ import annotations

from typing import Any

import pytest
from rdflib import DCTERMS, Dataset, Graph, URIRef
from rdflib.compare import to_isomorphic
from rdflib.plugins.stores.sparqlstore import SPARQLStore

KEY = "darusenkov-1964-375"
# Nothing may go out to another host; what rdflib would fetch has to be in the document.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def turtle(own_site: Any) -> Graph:
    return Graph().parse(f"{own_site.url}doc/record/{KEY}.ttl", format="turtle")


@pytest.mark.parametrize("format_", [None, "xml", "turtle", "nt", "json-ld", "n3"])
def test_rdflib_gets_the_same_graph_whatever_it_asks_for(
    own_site: Any, turtle: Graph, format_: str | None
) -> None:
    record = URIRef(f"{own_site.url}id/record/{KEY}")
    graph = Graph().parse(str(record), format=format_)
    assert to_isomorphic(graph) == to_isomorphic(turtle)
    assert graph.value(record, DCTERMS.title)
    assert graph.value(record, DCTERMS.creator)
    assert len(list(graph.objects(record, DCTERMS.hasPart))) > 8


@pytest.mark.parametrize("ending", ["ttl", "nt", "jsonld", "rdf"])
def test_rdflib_reads_each_ending(own_site: Any, turtle: Graph, ending: str) -> None:
    formats = {"ttl": "turtle", "nt": "nt", "jsonld": "json-ld", "rdf": "xml"}
    graph = Graph().parse(f"{own_site.url}doc/record/{KEY}.{ending}", format=formats[ending])
    assert to_isomorphic(graph) == to_isomorphic(turtle)


@pytest.mark.parametrize(("ending", "format_"), [("trig", "trig"), ("nq", "nquads")])
def test_rdflib_reads_the_named_graphs(own_site: Any, turtle: Graph, ending: str, format_: str) -> None:
    dataset = Dataset()
    dataset.parse(f"{own_site.url}doc/record/{KEY}.{ending}", format=format_)
    assert {triple[:3] for triple in dataset.quads()} == set(turtle)
    names = {str(graph.identifier) for graph in dataset.graphs()}
    assert f"{own_site.url}graph/record/{KEY}" in names


def test_rdflibs_sparql_store_walks_the_endpoint(own_site: Any) -> None:
    graph = Graph(store=SPARQLStore(f"{own_site.url}sparql"))
    record = URIRef(f"{own_site.url}id/record/{KEY}")
    assert graph.value(record, DCTERMS.created) is not None
