"""What users of SPARQL ask of an endpoint, in fifteen lines: one test for each, in their order.

The last two are tested where what they need is at hand: another engine gives the same answers to all stored queries
(``tests/publication/test_second_engine.py``), and the query page asks no other host and keeps nobody out
(``tests/browser/test_query_page.py``). The protocol's own suite is in ``test_sparql_protocol.py``, clients are in
``test_sparql_clients.py``; here is what a person tries first.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from pyoxigraph import RdfFormat, Store, parse

from fonds.release.folder import Release
from fonds.settings import Limits
from fonds.store import QueryForm
from fonds.store.stored import StoredQuery, read_stored
from fonds.vocabulary import NAMESPACES, PREFIXES
from fonds.web import create_app
from fonds.web.terms import read_terms
from tests.conftest import Reply, Site, opened
from tests.unit.web.conftest import Ask, asker

QUERY = "SELECT ?label WHERE { pe:guevara rdfs:label ?label }"
GRAPH = "CONSTRUCT { pe:guevara ?p ?o } WHERE { pe:guevara ?p ?o }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
ROWS = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}
TRIPLES = {
    "turtle": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdfxml": "application/rdf+xml",
}
JSON = ROWS["json"]
QUERIES = read_stored(Path(__file__).parents[2] / "queries")


def asked(site: Site, query: str, accept: str | None = None, more: str = "") -> Reply:
    return site.get(f"sparql?query={quote(query)}{more}", accept)


def bindings(reply: Reply) -> list[dict[str, dict[str, str]]]:
    found: list[dict[str, dict[str, str]]] = json.loads(reply.body)["results"]["bindings"]
    return found


def test_1_a_query_comes_by_get_by_a_form_and_as_it_is(own_site: Site) -> None:
    replies = [asked(own_site, QUERY, JSON)]
    for type_, body in (
        ("application/x-www-form-urlencoded", f"query={quote(QUERY)}"),
        ("application/sparql-query", QUERY),
    ):
        replies.append(
            own_site.get("sparql", JSON, method="POST", headers={"Content-Type": type_}, body=body.encode())
        )
    assert [bindings(each)[0]["label"]["value"] for each in replies] == ["Ernesto Guevara"] * 3


@pytest.mark.parametrize(
    ("query", "name", "type_"),
    [*((QUERY, *each) for each in ROWS.items()), *((GRAPH, *each) for each in TRIPLES.items())],
)
def test_2_every_format_is_had_by_accept_and_by_name(
    own_site: Site, query: str, name: str, type_: str
) -> None:
    by_accept, by_name = asked(own_site, query, type_), asked(own_site, query, None, f"&format={name}")
    for reply in (by_accept, by_name):
        assert (reply.status, reply.headers["content-type"].partition(";")[0]) == (200, type_)
    assert by_accept.body == by_name.body


@pytest.mark.parametrize(
    ("path", "method"),
    [
        (f"sparql?query={quote(QUERY)}", "GET"),
        ("sparql?query=nonsense", "GET"),
        ("sparql", "OPTIONS"),
        ("dumps/dataset.nq.gz", "GET"),
        ("queries/gaps.csv", "GET"),
        ("queries/nothing", "GET"),
        ("lookup/external?value=Q5809", "GET"),
        ("openapi.json", "GET"),
    ],
)
def test_3_scripts_of_any_site_may_read_it(own_site: Site, path: str, method: str) -> None:
    assert own_site.get(path, method=method).headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "query",
    [
        "INSERT DATA { <x:a> <x:b> <x:c> }",
        "LOAD <http://127.0.0.1/>",
        "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    ],
)
def test_4_updates_and_calls_are_refused_with_words(own_site: Site, query: str) -> None:
    reply = asked(own_site, query, JSON)
    assert reply.status == 403
    assert len(json.loads(reply.body)["detail"]) > 30


@pytest.fixture(scope="module")
def hurried(release: Release) -> Iterator[Ask]:
    """Ask the publication with three seconds for each query."""
    settings = release.manifest.settings
    with opened(release, prefixes=PREFIXES, limits=Limits(query_seconds=3, workers=1)) as store:
        yield asker(create_app(release, store, settings))


def test_5_a_query_over_the_limit_is_told_in_time(hurried: Ask) -> None:
    assert hurried("/sparql?query=ASK%7B%7D", JSON).status == 200  # A worker is there.
    began = time.monotonic()
    reply = hurried(f"/sparql?query={quote(ENDLESS)}", JSON)
    assert time.monotonic() - began < 3 + 2
    told = json.loads(reply.body)
    assert (reply.status, told["limit"], told["value"]) == (503, "query_seconds", 3)
    assert "dataset" in told["choices"][0]["href"]


def test_6_a_fault_has_a_line_and_a_column_and_the_page_keeps_the_query(own_site: Site) -> None:
    query = "SELECT * {\n  ?s foo:p ?o\n}"
    told = json.loads(asked(own_site, query, JSON).body)
    assert (told["status"], told["line"], told["column"]) == (400, 2, 6)
    page = asked(own_site, query, "text/html")
    assert page.status == 400
    assert query in page.text


@pytest.mark.thorough
def test_7_a_page_that_shows_a_part_says_so(own_site: Site) -> None:
    page = asked(own_site, "SELECT * { ?s ?p ?o }", "text/html").text
    assert "The first 500 rows are shown." in page
    everything = asked(own_site, "SELECT * { ?s ?p ?o }", ROWS["csv"])
    counted = bindings(asked(own_site, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", JSON))[0]["n"]["value"]
    assert len(bindings(asked(own_site, "SELECT * { ?s ?p ?o }", JSON))) == int(counted)
    assert everything.headers.get("x-fonds-truncated") is None


@pytest.mark.parametrize("query", QUERIES, ids=lambda each: each.name)
def test_8_every_stored_query_has_an_answer_soon(own_site: Site, query: StoredQuery) -> None:
    began = time.monotonic()
    reply = asked(own_site, query.text, JSON)
    assert time.monotonic() - began < 2 + 3  # Two seconds of its own, on a machine that runs other tests.
    assert bindings(reply)


def test_9_every_example_has_a_title_a_question_and_an_address_that_asks_it(own_site: Site) -> None:
    page = own_site.get("sparql", "text/html").text
    for query in QUERIES:
        assert query.title
        assert query.question.endswith("?")
        assert f"sparql?query={quote(query.text, safe='')}" in page


def test_10_examples_and_prefixes_are_in_the_endpoint(own_site: Site) -> None:
    found = bindings(
        asked(
            own_site,
            "PREFIX sh: <http://www.w3.org/ns/shacl#> SELECT ?it ?comment ?query { ?it a sh:SPARQLExecutable ; "
            "rdfs:comment ?comment ; sh:select|sh:ask|sh:construct|sh:describe ?query }",
            JSON,
        )
    )
    assert len(found) == len([each for each in QUERIES if each.form is QueryForm.SELECT])
    declared = bindings(
        asked(
            own_site,
            "SELECT DISTINCT ?prefix ?namespace { [] sh:namespace ?namespace ; sh:prefix ?prefix }",
            JSON,
        )
    )
    assert len(declared) >= len(NAMESPACES)
    pairs = asked(
        own_site,
        "PREFIX void-ext: <http://ldf.fi/void-ext#> SELECT DISTINCT ?subjectClass ?prop ?objectClass ?objectDatatype { "
        "{ ?cp void:class ?subjectClass ; void:propertyPartition ?pp . ?pp void:property ?prop OPTIONAL { "
        "{ ?pp void:classPartition [ void:class ?objectClass ] } UNION "
        "{ ?pp void-ext:datatypePartition [ void-ext:datatype ?objectDatatype ] } } } UNION "
        "{ ?links void:subjectsTarget ?subjectClass ; void:linkPredicate ?prop ; void:objectsTarget ?objectClass } }",
        JSON,
    )
    assert len(bindings(pairs)) > 100


def test_11_the_endpoint_describes_itself_and_counts_right(own_site: Site) -> None:
    service = Store()
    service.load(own_site.get("sparql", "text/turtle").body, format=RdfFormat.TURTLE)
    assert service.query(
        "PREFIX sd: <http://www.w3.org/ns/sparql-service-description#> ASK { ?s a sd:Service }"
    )
    void = Store()
    void.load(own_site.get(".well-known/void", "text/turtle").body, format=RdfFormat.TURTLE)
    stated = void.query(
        "PREFIX void: <http://rdfs.org/ns/void#> SELECT ?n { ?d void:sparqlEndpoint ?e ; void:triples ?n }"
    )
    counted = bindings(asked(own_site, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", JSON))[0]["n"]["value"]
    assert [row["n"].value for row in stated] == [counted]  # type: ignore[union-attr]


@pytest.mark.parametrize("query", ["SELECT DISTINCT ?it { ?s a ?it }", "SELECT DISTINCT ?it { ?s ?it ?o }"])
def test_12_every_class_and_property_is_a_term_of_a_known_vocabulary(
    own_site: Site, release: Release, query: str
) -> None:
    ours = {quad.subject.value for quad in parse(own_site.get("ns.nt").body, format=RdfFormat.N_TRIPLES)}  # type: ignore[union-attr]
    namespaces = tuple(each.iri for each in NAMESPACES)
    used = {each["it"]["value"] for each in bindings(asked(own_site, query, JSON))}
    assert {each for each in used if not each.startswith(namespaces)} == set()
    own = {each for each in used if each.startswith(PREFIXES["fv"])}
    assert own <= ours
    # Each has a name here; what our own terms mean is said here, and what others mean where they stand.
    terms = read_terms(release.ontology).by_iri
    assert {each for each in used if not (each in terms and terms[each].label)} == set()
    assert {each for each in own if not terms[each].definition} == set()


def test_13_every_kind_of_iri_of_ours_answers(own_site: Site) -> None:
    """All of them are asked in ``test_http_dereferencing.py``; here, those of the stored queries."""
    rows = bindings(asked(own_site, "SELECT ?it { ?it sh:prefixes ?all }", JSON))
    for row in rows:
        assert own_site.get(row["it"]["value"]).status == 303
