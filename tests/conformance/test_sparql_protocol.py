"""The tests of the W3C for the SPARQL 1.1 Protocol, over a socket, by their own names.

The requests are those of the working group's manifest (data-sparql11/protocol). Where it has the tested server fetch or load a
graph first, the served file holds it. All updates have to be refused: this endpoint only reads. In ``query_multiple_dataset``
the manifest has percent-encoded the ``&`` between two parameters, which makes one graph of them that nobody has; what it
means is sent.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import rdflib

from tests.conftest import serving

DATA = "http://kasei.us/2009/09/sparql/data/data{}.rdf"
ONE, TWO, THREE = (DATA.format(number) for number in (1, 2, 3))
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
QUERY = {"Content-Type": "application/sparql-query"}
UPDATE = {"Content-Type": "application/sparql-update"}
BOOLEAN = ("application/sparql-results+xml", "application/sparql-results+json")
TABULAR = (*BOOLEAN, "text/csv", "text/tab-separated-values")
RDF = ("text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json")


@dataclass(frozen=True, slots=True)
class Case:
    """One test: a request, and what has to come.

    Attributes:
        name: As in the manifest.
        body: Of a POST; None for GET.
        parameters: Of the address.
        headers: Of the request.
        expected: The truth that comes; None where another thing is tested.
        types: Media types of which one has to come; none for a request that has to be refused.
        method: None: POST where there is a body, else GET.
    """

    name: str
    body: bytes | None = None
    parameters: tuple[tuple[str, str], ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    expected: bool | None = None
    types: tuple[str, ...] = ()
    method: str | None = None

    def __str__(self) -> str:
        return self.name


def graphs(parameter: str, *iris: str) -> tuple[tuple[str, str], ...]:
    return tuple((parameter, iri) for iri in iris)


ZERO = graphs("default-graph-uri", DATA.format(0))
BOTH = f"ASK {{ <{ONE}> a ?type . <{TWO}> a ?type . }}"
NAMED = f"ASK {{ GRAPH ?g1 {{ <{ONE}> a ?type }} GRAPH ?g2 {{ <{TWO}> a ?type }} }}"
FULL = (
    f"ASK {{\n  <{THREE}> a ?type\n  GRAPH ?g1 {{ <{ONE}> a ?type }}\n  GRAPH ?g2 {{ <{TWO}> a ?type }}\n}}"
)
TWICE = f"ASK FROM <{THREE}> {{ GRAPH ?g1 {{ <{ONE}> a ?type }} GRAPH ?g2 {{ <{TWO}> a ?type }} }}"

GOOD = (
    Case("query_post_form", b"query=ASK%20%7B%7D", ZERO, FORM, True, BOOLEAN),
    Case(
        "query_dataset_default_graphs_get", None, (("query", BOTH), *graphs("default-graph-uri", ONE, TWO)),
        {}, True, BOOLEAN,
    ),
    Case(
        "query_dataset_default_graphs_post", BOTH.encode(), graphs("default-graph-uri", ONE, TWO),
        QUERY, True, BOOLEAN,
    ),
    Case(
        "query_dataset_named_graphs_post", NAMED.encode(), graphs("named-graph-uri", ONE, TWO),
        QUERY, True, BOOLEAN,
    ),
    Case(
        "query_dataset_named_graphs_get", None, (("query", NAMED), *graphs("named-graph-uri", ONE, TWO)),
        {}, True, BOOLEAN,
    ),
    Case(
        "query_dataset_full", FULL.encode(),
        (*graphs("default-graph-uri", THREE), *graphs("named-graph-uri", ONE, TWO)), QUERY, True, BOOLEAN,
    ),
    Case(
        "query_multiple_dataset", TWICE.encode(), graphs("named-graph-uri", ONE, TWO), QUERY, True, BOOLEAN
    ),
    Case("query_get", None, (("query", "ASK {}"), *ZERO), {}, True, BOOLEAN),
    Case("query_content_type_select", b"SELECT (1 AS ?value) {}", ZERO, QUERY, None, TABULAR),
    Case("query_content_type_ask", b"ASK {}", ZERO, QUERY, None, BOOLEAN),
    Case("query_content_type_describe", b"DESCRIBE <http://example.org/>", ZERO, QUERY, None, RDF),
    Case("query_content_type_construct", b"CONSTRUCT { <s> <p> 1 } WHERE {}", ZERO, QUERY, None, RDF),
    Case("query_post_direct", b"ASK {}", ZERO, QUERY, True, BOOLEAN),
)  # fmt: skip

CLEAR = b"CLEAR ALL"
BAD = (
    Case("bad_query_method", None, (("query", "ASK {}"), *ZERO), method="PUT"),
    Case("bad_multiple_queries", None, (("query", "ASK {}"), ("query", "SELECT * {}"))),
    Case("bad_query_wrong_media_type", b"ASK {}", (), {"Content-Type": "text/plain"}),
    Case("bad_query_missing_form_type", b"query=ASK%20%7B%7D"),
    Case("bad_query_missing_direct_type", b"ASK {}"),
    Case(
        "bad_query_non_utf8",
        "ASK {}".encode("utf-16-le"),
        (),
        {"Content-Type": "application/sparql-query; charset=UTF-16"},
    ),
    Case("bad_query_syntax", None, (("query", "ASK {"),)),
    Case("bad_update_get", None, (("update", "CLEAR ALL"),)),
    Case("bad_multiple_updates", b"update=CLEAR%20NAMED&update=CLEAR%20DEFAULT", (), FORM),
    Case("bad_update_wrong_media_type", CLEAR, (), {"Content-Type": "text/plain"}),
    Case("bad_update_missing_form_type", b"update=CLEAR%20NAMED"),
    Case(
        "bad_update_non_utf8",
        "CLEAR NAMED".encode("utf-16-le"),
        (),
        {"Content-Type": "application/sparql-update; charset=UTF-16"},
    ),
    Case("bad_update_syntax", b"CLEAR XYZ", (), UPDATE),
    Case(
        "bad_update_dataset_conflict",
        b"using-named-graph-uri=http%3A%2F%2Fexample%2Fpeople&update=%09%09PREFIX%20foaf%3A%20%20%3Chttp%3A%2F%2Fxmlns.com"
        b"%2Ffoaf%2F0.1%2F%3E%20WITH%20%3Chttp%3A%2F%2Fexample%2Faddresses%3E%20DELETE%20%7B%20%3Fp%20foaf%3AgivenName%20"
        b"'Bill'%20%7D%20WHERE%20%7B%20%3Fp%20foaf%3AgivenName%20'Bill'%20%7D",
        (),
        FORM,
    ),
    # These are good updates, for a store that may be written to.
    Case("update_dataset_default_graph", CLEAR, graphs("using-graph-uri", ONE), UPDATE),
    Case("update_dataset_default_graphs", CLEAR, graphs("using-graph-uri", ONE, TWO), UPDATE),
    Case("update_dataset_named_graphs", CLEAR, graphs("using-named-graph-uri", ONE, TWO), UPDATE),
    Case(
        "update_dataset_full",
        CLEAR,
        (*graphs("using-graph-uri", ONE), *graphs("using-named-graph-uri", TWO)),
        UPDATE,
    ),
    Case("update_post_form", b"update=CLEAR%20ALL", (), FORM),
    Case("update_post_direct", CLEAR, (), UPDATE),
    Case("update_base_uri", b"CLEAR GRAPH <http://example.org/x> ; INSERT DATA { <s> <p> <o> }", (), UPDATE),
)


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of a dataset that holds the suite's graphs."""
    folder = tmp_path_factory.mktemp("protocol")
    file = folder / "data.nq"
    document = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://xmlns.com/foaf/0.1/Document>"
    lines = [f"<{iri}> {document} <{iri}> .\n" for iri in (ONE, TWO, THREE)]
    Path(file).write_text("".join(lines), "utf-8")
    with serving(file, "--into", folder / "releases") as site:
        yield f"{site.url}sparql"


def sent(endpoint: str, case: Case, path: str = "/sparql") -> tuple[int, str, bytes]:
    """Send a case's request; return status, media type and body."""
    place = urlsplit(endpoint)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
    target = path + (
        "?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in case.parameters)
        if case.parameters
        else ""
    )
    try:
        connection.request(
            case.method or ("GET" if case.body is None else "POST"), target, case.body, case.headers
        )
        answer = connection.getresponse()
        return answer.status, (answer.getheader("Content-Type") or "").partition(";")[0], answer.read()
    finally:
        connection.close()


@pytest.mark.clause("SPARQL 1.1 Protocol 2.1, 2.3")
@pytest.mark.parametrize("case", GOOD, ids=str)
def test_a_query_of_the_suite_is_answered(endpoint: str, case: Case) -> None:
    status, type_, body = sent(endpoint, case)
    assert 200 <= status < 300, body
    assert type_ in case.types
    if case.expected is not None:
        assert json.loads(body)["boolean"] is case.expected
    if case.types is RDF:
        rdflib.Graph().parse(data=body, format="turtle")


@pytest.mark.clause("SPARQL 1.1 Protocol 2.1.7, 2.2.6")
@pytest.mark.parametrize("case", BAD, ids=str)
def test_a_bad_request_or_an_update_of_the_suite_is_refused(endpoint: str, case: Case) -> None:
    status, type_, body = sent(endpoint, case)
    assert 400 <= status < 500
    assert type_ == "application/problem+json"
    assert json.loads(body)["detail"]


def test_the_suite_is_complete() -> None:
    names = [case.name for case in (*GOOD, *BAD)]
    assert len(names) == len(set(names)) == 34


@pytest.mark.parametrize("case", [GOOD[0], GOOD[7], GOOD[12]], ids=str)
def test_the_suite_s_own_address_leads_here(endpoint: str, case: Case) -> None:
    """The suite asks at ``/sparql/``: a redirect that keeps method and body (RFC 9110 15.4.9)."""
    assert sent(endpoint, case, "/sparql/")[0] == 308


@pytest.mark.clause("SPARQL 1.1 Service Description 2")
def test_the_service_description_of_the_suite(endpoint: str) -> None:
    sd = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
    graph = rdflib.Graph().parse(endpoint)  # returns RDF
    (service,) = graph.subjects(rdflib.RDF.type, sd.Service)
    (address,) = graph.objects(service, sd.endpoint)  # has an endpoint triple
    assert str(address) == endpoint
    (dataset,) = graph.objects(service, sd.defaultDataset)  # conforms to the schema
    assert len(list(graph.objects(dataset, sd.defaultGraph))) == 1
    named = {str(graph.value(each, sd.name)) for each in graph.objects(dataset, sd.namedGraph)}
    assert named == {ONE, TWO, THREE}


def test_nothing_has_changed_after_all_these_updates(endpoint: str) -> None:
    count: Any = Case("", b"SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }", (), QUERY)
    body = json.loads(sent(endpoint, count)[2])
    assert body["results"]["bindings"][0]["n"]["value"] == "3"
