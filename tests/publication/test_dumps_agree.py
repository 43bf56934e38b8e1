"""The dumps, read by rdflib, agree with each other and with the endpoint."""

from __future__ import annotations

import gzip
import urllib.request
from typing import Any

import pytest
from rdflib import Dataset, Graph, URIRef
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID

pytestmark = pytest.mark.filterwarnings("ignore:Dataset.default_context:DeprecationWarning")


def fetch(site: Any, name: str) -> str:
    with urllib.request.urlopen(f"{site.url}dumps/{name}") as answer:
        return gzip.decompress(answer.read()).decode()


def ask(site: Any, query: str) -> Graph:
    request = urllib.request.Request(
        f"{site.url}sparql",
        data=query.encode(),
        headers={"Content-Type": "application/sparql-query", "Accept": "application/n-triples"},
    )
    with urllib.request.urlopen(request) as answer:
        return Graph().parse(data=answer.read(), format="nt")


@pytest.fixture(scope="module")
def public(site: Any) -> set[Any]:
    return set(Graph().parse(data=fetch(site, "public.nt.gz"), format="nt"))


@pytest.fixture(scope="module")
def named(site: Any) -> Dataset:
    dataset = Dataset()
    dataset.parse(data=fetch(site, "dataset.nq.gz"), format="nquads")
    return dataset


def test_turtle_and_ntriples_hold_the_same_public_view(site: Any, public: set[Any]) -> None:
    assert len(public) > 2000
    assert set(Graph().parse(data=fetch(site, "public.ttl.gz"), format="turtle")) == public


def test_the_default_graph_is_the_public_view_and_what_follows_from_it(site: Any, public: set[Any]) -> None:
    inferred = set(Graph().parse(data=fetch(site, "inferred.nt.gz"), format="nt"))
    assert not public & inferred
    assert set(ask(site, "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")) == public | inferred


def test_nquads_hold_every_named_graph_as_the_endpoint_has_it(site: Any, named: Dataset) -> None:
    graphs = [graph for graph in named.graphs() if graph.identifier != DATASET_DEFAULT_GRAPH_ID]
    assert len(graphs) > 40
    for graph in graphs:
        there = ask(site, f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{graph.identifier}> {{ ?s ?p ?o }} }}")
        assert set(there) == set(graph), graph.identifier


def test_the_public_view_is_every_named_graph_but_what_was_said(
    site: Any, public: set[Any], named: Dataset
) -> None:
    said = f"{site.base}graph/said/"
    held_back = {
        triple for graph in named.graphs() if str(graph.identifier).startswith(said) for triple in graph
    }
    shown = {
        (s, p, o)
        for s, p, o, graph in named.quads()
        if graph is not None and not str(graph).startswith(said) and URIRef(graph) != DATASET_DEFAULT_GRAPH_ID
    }
    assert held_back
    assert shown == public
    assert not held_back & public
