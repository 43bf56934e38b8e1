"""The read part of the graph store: graphs by their names, and the default graph."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
import rdflib
from pyoxigraph import RdfFormat, parse

from fonds.formats import RDF_FORMATS
from tests.unit.web.conftest import BASE, Ask

pytestmark = pytest.mark.clause("SPARQL 1.1 Graph Store HTTP Protocol 5.2")
STORES = ("/rdf-graph-store", "/sparql")
BOB = f"{BASE}graph/bob"


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("format_", RDF_FORMATS, ids=lambda each: each.ending)
def test_a_named_graph_is_what_its_document_says(ask: Ask, store: str, format_) -> None:
    reply = ask(f"{store}?graph={quote(BOB, safe='')}", format_.media_type)
    assert (reply.status, reply.headers["content-type"]) == (200, format_.content_type)
    direct = ask("/graph/bob.nt").body
    expected = {quad.triple for quad in parse(direct, format=RdfFormat.N_TRIPLES)}
    assert {quad.triple for quad in parse(reply.body, format=format_.rdf)} == expected
    assert expected


@pytest.mark.parametrize("store", STORES)
def test_the_default_graph(ask: Ask, store: str) -> None:
    graph = rdflib.Graph().parse(data=ask(f"{store}?default", "text/turtle").body, format="turtle")
    rows = ask(
        "/sparql?query=" + quote("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"), "application/sparql-results+json"
    )
    assert len(graph) == int(json.loads(rows.body)["results"]["bindings"][0]["n"]["value"])
    assert len(graph) > 0


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ("graph=http%3A%2F%2Fnobody.example%2F", 404),
        ("", 400),
        ("default&graph=http%3A%2F%2Fa.example%2F", 400),
        ("graph=http%3A%2F%2Fa.example%2F&graph=http%3A%2F%2Fb.example%2F", 400),
        ("default&default", 400),
        ("graph=relative", 400),
        ("graph=", 400),
        ("graph=http%3A%2F%2Fa.example%2F%3Cscript%3E", 400),
        ("graph=%FF", 400),
        ("default&format=png", 406),
    ],
)
def test_what_names_no_graph_is_refused_in_words(ask: Ask, parameters: str, status: int) -> None:
    reply = ask(f"/rdf-graph-store?{parameters}", "application/json")
    assert reply.status == status
    assert json.loads(reply.body)["detail"]
    assert reply.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_nothing_can_be_written(ask: Ask, method: str) -> None:
    reply = ask("/rdf-graph-store?default", method=method)
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_head_and_conditions_are_those_of_any_document(ask: Ask) -> None:
    target = f"/rdf-graph-store?graph={quote(BOB, safe='')}"
    reply, head = ask(target, "text/turtle"), ask(target, "text/turtle", method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-type"] == reply.headers["content-type"]
    known = [("If-None-Match", reply.headers["etag"])]
    assert ask(target, "text/turtle", headers=known).status == 304


def test_a_browser_gets_turtle(ask: Ask) -> None:
    reply = ask("/rdf-graph-store?default", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
    assert reply.headers["content-type"].startswith("text/turtle")
    # What is kept for browsers is for browsers.
    other = ask("/rdf-graph-store?default", "application/n-triples")
    assert other.headers["content-type"] == "application/n-triples"
