"""The endpoint with the clients that people use: SPARQLWrapper, rdflib's SPARQLStore, roqet, curl, and Comunica."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from rdflib import RDF, RDFS, Graph, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import (
    CSV,
    GET,
    JSON,
    JSONLD,
    N3,
    POST,
    POSTDIRECTLY,
    RDFXML,
    TSV,
    TURTLE,
    URLENCODED,
    XML,
    SPARQLWrapper,
)
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

KEY = "darusenkov-1964-375"
COMUNICA = Path(__file__).with_name("comunica")
CRM = "http://www.cidoc-crm.org/cidoc-crm/"
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
LABELS = "SELECT ?s ?label WHERE { ?s rdfs:label ?label } ORDER BY ?s ?label LIMIT 5"
GRAPH = "CONSTRUCT { ?s rdfs:label ?label } WHERE { ?s a crm:E21_Person ; rdfs:label ?label }"
WAYS = [(GET, URLENCODED), (POST, URLENCODED), (POST, POSTDIRECTLY)]


def wrapper(site: Any, query: str, format_: str = JSON) -> SPARQLWrapper:
    made = SPARQLWrapper(f"{site.url}sparql")
    made.setQuery(query)
    made.setReturnFormat(format_)
    made.setTimeout(30)
    return made


# ------------------------------------------------------------------------------------------------ SPARQLWrapper


@pytest.mark.parametrize(("method", "way"), WAYS)
@pytest.mark.parametrize("format_", [JSON, XML, CSV, TSV])
def test_sparqlwrapper_gets_rows(own_site: Any, method: str, way: str, format_: str) -> None:
    asked = wrapper(own_site, LABELS, format_)
    asked.setMethod(method)
    asked.setRequestMethod(way)
    found: Any = asked.query().convert()
    if format_ == JSON:
        assert len(found["results"]["bindings"]) == 5
    elif format_ == XML:
        assert len(found.getElementsByTagName("result")) == 5
    else:
        assert len(found.decode().strip().splitlines()) == 6


@pytest.mark.parametrize("format_", [TURTLE, N3, RDFXML, XML, JSONLD])
@pytest.mark.parametrize("query", [GRAPH, "DESCRIBE ?s WHERE { ?s a crm:E21_Person }"])
def test_sparqlwrapper_gets_graphs(own_site: Any, format_: str, query: str) -> None:
    found: Any = wrapper(own_site, query, format_).query().convert()
    graph = found if isinstance(found, Graph) else Graph().parse(data=found, format="turtle")
    assert len(list(graph.subject_objects(RDFS.label))) > 3


def test_sparqlwrapper_asks(own_site: Any) -> None:
    found: Any = wrapper(own_site, "ASK { ?s a crm:E31_Document }").query().convert()
    assert found["boolean"] is True


def test_sparqlwrapper_names_a_dataset(own_site: Any) -> None:
    asked = wrapper(own_site, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    asked.addDefaultGraph(f"{own_site.url}graph/record/{KEY}")
    named: Any = asked.query().convert()
    asked = wrapper(own_site, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }")
    asked.addNamedGraph(f"{own_site.url}graph/record/{KEY}")
    also: Any = asked.query().convert()
    assert named["results"] == also["results"]
    assert int(named["results"]["bindings"][0]["n"]["value"]) > 50


def test_sparqlwrapper_is_told_what_is_wrong(own_site: Any) -> None:
    with pytest.raises(QueryBadFormed, match="Line 1, column"):
        wrapper(own_site, "SELECT * WHERE { ?s ?p }").query()


def test_sparqlwrapper_may_ask_at_length(own_site: Any) -> None:
    asked = wrapper(own_site, f"ASK {{ }} # {'x' * 8_000}")
    asked.setMethod(POST)
    found: Any = asked.query().convert()
    assert found["boolean"] is True


# ------------------------------------------------------------------------------------------------ rdflib


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_rdflibs_store_reads_triples_and_asks_queries(own_site: Any, method: str) -> None:
    graph = Graph(store=SPARQLStore(f"{own_site.url}sparql", method=method))
    record = URIRef(f"{own_site.url}id/record/{KEY}")
    assert (record, RDF.type, URIRef(f"{CRM}E31_Document")) in graph
    people = set(graph.subjects(RDF.type, URIRef(f"{CRM}E21_Person")))
    rows = graph.query(
        "SELECT ?label WHERE { ?person rdfs:label ?label }",
        initNs={"rdfs": str(RDFS)},
        initBindings={"person": next(iter(people))},
    )
    assert all(isinstance(row[0], Literal) for row in rows)  # type: ignore[index]
    assert len(people) > 3
    assert len(list(rows)) > 0


def test_rdflibs_store_reads_named_graphs(own_site: Any) -> None:
    graph = Graph(
        store=SPARQLStore(f"{own_site.url}sparql"), identifier=URIRef(f"{own_site.url}graph/record/{KEY}")
    )
    expected = Graph().parse(f"{own_site.url}rdf-graph-store?graph={own_site.url}graph/record/{KEY}")
    assert len(graph) == len(expected) > 50


# ------------------------------------------------------------------------------------------------ command lines


def test_curl_asks_as_the_help_says(own_site: Any) -> None:
    curl = shutil.which("curl") or pytest.skip("curl is not installed; on Debian: apt-get install curl")
    options = [
        "--silent",
        "--fail-with-body",
        "-H",
        "Accept: text/csv",
        "--data-urlencode",
        f"query={LABELS}",
    ]
    for more in ([], ["--get"], ["--get", "--compressed"]):
        run = [curl, *options, *more, f"{own_site.url}sparql"]
        answer = subprocess.run(run, capture_output=True, text=True, check=True).stdout
        assert answer.startswith("s,label\r\n".replace("\r\n", "\n")) or answer.startswith("s,label")
        assert len(answer.strip().splitlines()) == 6


def test_roqet_asks(own_site: Any) -> None:
    roqet = shutil.which("roqet") or pytest.skip(
        "roqet is not installed; on Debian: apt-get install rasqal-utils"
    )
    query = f"PREFIX rdfs: <{RDFS}> {LABELS}"
    run = [roqet, "-q", "-r", "csv", "-p", f"{own_site.url}sparql", "-e", query]
    answer = subprocess.run(run, capture_output=True, text=True, check=False, timeout=60)
    assert answer.returncode == 0, answer.stderr
    assert len(answer.stdout.strip().splitlines()) == 6


# ------------------------------------------------------------------------------------------------ Comunica


def comunica(sources: list[Any], *queries: str) -> list[Any]:
    """Return Comunica's answers."""
    node = shutil.which("node")
    if node is None or not (COMUNICA / "node_modules").is_dir():
        pytest.skip(
            f"Comunica is not installed; with Node.js: npm install --prefix {COMUNICA.relative_to(Path.cwd())}"
        )
    given = json.dumps({"sources": sources, "queries": queries})
    run = subprocess.run(
        [node, "ask.js", given], cwd=COMUNICA, capture_output=True, text=True, check=False, timeout=120
    )
    assert run.returncode == 0, run.stderr
    answers: list[Any] = json.loads(run.stdout)
    return answers


def test_comunica_asks_every_form_and_joins(own_site: Any) -> None:
    prefixes = f"PREFIX rdfs: <{RDFS}> PREFIX crm: <{CRM}> "
    rows, truth, quads, joined = comunica(
        [{"type": "sparql", "value": f"{own_site.url}sparql"}],
        prefixes + LABELS,
        prefixes + "ASK { ?s a crm:E31_Document }",
        prefixes + GRAPH,
        prefixes
        + "SELECT ?person ?label { ?record a crm:E31_Document ; crm:P67_refers_to ?person . "
        + "?person a crm:E21_Person ; rdfs:label ?label } LIMIT 4",
    )
    direct: Any = wrapper(own_site, LABELS).query().convert()
    assert [row["label"]["value"] for row in rows] == [
        row["label"]["value"] for row in direct["results"]["bindings"]
    ]
    assert truth is True
    assert len(quads) > 3
    assert len(joined) == 4


def test_comunica_finds_the_endpoint_by_itself_and_joins_it_with_a_document(own_site: Any) -> None:
    query = f"""PREFIX rdfs: <{RDFS}> PREFIX dcterms: <http://purl.org/dc/terms/>
        SELECT ?title ?label {{ <{own_site.url}id/record/{KEY}> dcterms:title ?title ; dcterms:creator ?person .
                                ?person rdfs:label ?label }} LIMIT 3"""
    sources = [f"{own_site.url}sparql", f"{own_site.url}doc/record/{KEY}.ttl"]
    (rows,) = comunica(sources, query)
    assert rows
    assert all(row["title"]["value"] for row in rows)
