"""The protocol: which requests are queries, which are refused, in which format they are answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from pyoxigraph import RdfFormat, parse

from fonds.formats import RDF_FORMATS, RESULT_FORMATS
from tests.unit.web.conftest import BASE, Ask, ScriptedStore, query_target

FORM = [("Content-Type", "application/x-www-form-urlencoded")]
DIRECT = [("Content-Type", "application/sparql-query")]
ASK = "ASK { ?s ?p ?o }"
SELECT = 'SELECT ?label WHERE { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?label FILTER(LANG(?label) = "fr") }'
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
JSON = "application/sparql-results+json"
Scripted = Callable[..., tuple[Ask, ScriptedStore]]


def labels(body: bytes) -> list[str]:
    return [row["label"]["value"] for row in json.loads(body)["results"]["bindings"]]


@pytest.mark.clause("SPARQL 1.1 Protocol 2.1.1")
def test_a_query_by_get(ask: Ask) -> None:
    assert labels(ask(query_target(SELECT), JSON).body) == ["Café"]


@pytest.mark.clause("SPARQL 1.1 Protocol 2.1.2")
def test_a_query_by_form(ask: Ask) -> None:
    body = f"query={quote(SELECT)}".encode()
    assert labels(ask("/sparql", JSON, method="POST", headers=FORM, body=[body[:10], body[10:]]).body) == [
        "Café"
    ]


@pytest.mark.clause("SPARQL 1.1 Protocol 2.1.3")
def test_a_query_as_body(ask: Ask) -> None:
    headers = [("Content-Type", "application/sparql-query; charset=UTF-8")]
    assert labels(ask("/sparql", JSON, method="POST", headers=headers, body=[SELECT.encode()]).body) == [
        "Café"
    ]


@pytest.mark.clause("SPARQL 1.1 Protocol 2.1.4")
def test_a_graph_that_nobody_loaded_is_an_empty_one(ask: Ask) -> None:
    reply = ask(query_target(ASK) + "&default-graph-uri=http%3A%2F%2Fnobody.example%2F", JSON)
    assert (reply.status, json.loads(reply.body)["boolean"]) == (200, False)
    assert (
        json.loads(ask(query_target(ASK) + f"&default-graph-uri={BASE}graph/bob", JSON).body)["boolean"]
        is True
    )


@pytest.mark.clause("SPARQL 1.1 Protocol 2.1")
@pytest.mark.parametrize(
    ("target", "method", "headers", "body", "status"),
    [
        ("/sparql?query=ASK%7B%7D&query=ASK%7B%7D", "GET", [], b"", 400),
        ("/sparql", "POST", FORM, b"query=ASK%7B%7D&query=ASK%7B%7D", 400),
        ("/sparql?query=ASK%7B%7D", "POST", DIRECT, b"ASK {}", 400),
        ("/sparql", "POST", FORM, b"", 400),
        ("/sparql", "POST", FORM, b"default-graph-uri=a:b", 400),
        ("/sparql", "POST", [], b"ASK {}", 415),
        ("/sparql", "POST", [("Content-Type", "text/plain")], b"ASK {}", 415),
        ("/sparql", "POST", [("Content-Type", "application/json")], b"{}", 415),
        ("/sparql", "POST", [("Content-Type", ";;;\x7f")], b"ASK {}", 415),
        (
            "/sparql",
            "POST",
            [("Content-Type", "application/sparql-query; charset=UTF-16")],
            "ASK {}".encode("utf-16"),
            415,
        ),
        ("/sparql", "POST", DIRECT, "ASK {}".encode("utf-16"), 400),
        ("/sparql", "POST", [*DIRECT, ("Content-Encoding", "gzip")], b"\x1f\x8b", 415),
        ("/sparql?query=%FF", "GET", [], b"", 400),
        ("/sparql?query=ASK%7B%7D&default-graph-uri=relative", "GET", [], b"", 400),
        ("/sparql?update=CLEAR%20ALL", "GET", [], b"", 403),
        ("/sparql", "POST", FORM, b"update=CLEAR%20ALL", 403),
        ("/sparql", "POST", [("Content-Type", "application/sparql-update")], b"CLEAR ALL", 403),
        (query_target("CLEAR ALL"), "GET", [], b"", 403),
        (query_target("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"), "GET", [], b"", 403),
        (query_target("SELECT * WHERE {"), "GET", [], b"", 400),
        (query_target("ASK {} # " + "x" * 2000), "GET", [], b"", 414),
        ("/sparql", "POST", DIRECT, b"ASK {} # " + b"x" * 2000, 413),
        ("/sparql", "POST", DIRECT, b"x" * 200_000, 413),
        ("/sparql", "POST", [*DIRECT, ("Content-Length", "99999999999")], b"", 413),
    ],
)
def test_a_bad_request_is_refused_in_words(
    ask: Ask, target: str, method: str, headers: list[tuple[str, str]], body: bytes, status: int
) -> None:
    reply = ask(target, JSON, method=method, headers=headers, body=[body])
    assert reply.status == status
    assert json.loads(reply.body)["detail"]
    assert reply.headers["access-control-allow-origin"] == "*"


@pytest.mark.clause("SPARQL 1.1 Protocol 2.1.6")
@pytest.mark.parametrize("format_", RESULT_FORMATS, ids=lambda each: each.ending)
def test_rows_come_in_every_result_format_by_accept_and_by_name(ask: Ask, format_) -> None:
    by_accept = ask(query_target(SELECT), format_.media_type)
    by_name = ask(query_target(SELECT, format=format_.ending), "text/html")
    by_type = ask(query_target(SELECT, output=format_.media_type), "text/html")
    assert by_accept.headers["content-type"] == format_.content_type
    assert by_accept.body == by_name.body == by_type.body
    assert "Café".encode() in by_accept.body


@pytest.mark.parametrize("format_", RDF_FORMATS, ids=lambda each: each.ending)
def test_graphs_come_in_every_rdf_format(ask: Ask, format_) -> None:
    query = 'CONSTRUCT { ?s <a:p> ?o } WHERE { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?o FILTER(?o = "Ann"@en) }'
    reply = ask(query_target(query.replace("<a:p>", "<http://x.example/p>")), format_.media_type)
    assert reply.headers["content-type"] == format_.content_type
    assert len(list(parse(reply.body, format=format_.rdf))) == 1


@pytest.mark.parametrize(
    ("query", "accept", "expected"),
    [
        (SELECT, None, "application/sparql-results+json"),
        (SELECT, "*/*", "application/sparql-results+json"),
        (
            SELECT,
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "text/html;charset=utf-8",
        ),
        (SELECT, "application/xml", "application/sparql-results+xml"),
        (CONSTRUCT, None, "text/turtle;charset=utf-8"),
        (CONSTRUCT, "application/sparql-results+xml", "text/turtle;charset=utf-8"),
        (CONSTRUCT, "text/plain", "application/n-triples"),
        (CONSTRUCT, "application/turtle,text/turtle", "text/turtle;charset=utf-8"),
        (CONSTRUCT, "application/json", "application/ld+json"),
    ],
)
def test_a_client_gets_what_it_can_read(
    scripted: Scripted, query: str, accept: str | None, expected: str
) -> None:
    ask, _ = scripted([b"x\n"])
    assert ask(query_target(query), accept).headers["content-type"] == expected


@pytest.mark.parametrize(
    ("query", "accept"), [(SELECT, "text/turtle"), (SELECT, "image/png"), (CONSTRUCT, "text/csv")]
)
def test_what_cannot_be_had_is_406_with_a_list(ask: Ask, query: str, accept: str) -> None:
    reply = ask(query_target(query), accept)
    if (query, accept) == (CONSTRUCT, "text/csv"):
        assert reply.headers["content-type"] == "text/turtle;charset=utf-8"
    else:
        assert reply.status == 406
        assert json.loads(reply.body)["available"]
    assert ask(query_target(query, format="pdf"), accept).status == 406


def test_sparqlwrapper_s_three_names_of_a_format_are_read(ask: Ask) -> None:
    reply = ask(query_target(SELECT, format="json", output="json", results="json"), "*/*")
    assert labels(reply.body) == ["Café"]


def test_a_syntax_error_names_line_and_column_and_keeps_the_query_in_the_browser(ask: Ask) -> None:
    query = "SELECT * WHERE {\n  ?s ?p ^^ }\n"
    problem = json.loads(ask(query_target(query), JSON).body)
    assert problem["line"] == 2
    assert problem["column"] > 0
    page = ask(query_target(query), "text/html")
    assert page.status == 400
    assert "Line 2, column" in page.text
    assert "?s ?p ^^ }" in page.text


def test_the_result_page_shows_rows_with_links_and_offers_every_format(ask: Ask) -> None:
    text = ask(query_target('SELECT ?s ?none ("<b>" AS ?b) WHERE { ?s ?p "Café"@fr }'), "text/html").text
    assert "doc/person/caf%C3%A9" in text
    assert "&lt;b&gt;" in text
    assert "<b>" not in text
    assert "format=csv" in text


def test_the_result_page_says_when_there_is_more(scripted: Scripted) -> None:
    ask, _ = scripted([b"?x\n", b"".join(b"%d\n" % number for number in range(600))])
    text = ask(query_target("SELECT ?x {}"), "text/html").text
    assert "The first 500 rows are shown." in text
    assert "<td>" in text


def test_ask_is_answered_with_a_word(ask: Ask) -> None:
    assert '<p class="truth">Yes</p>' in ask(query_target(ASK), "text/html").text


@pytest.mark.clause("SPARQL 1.1 Service Description 2")
def test_without_a_query_the_endpoint_describes_itself(ask: Ask) -> None:
    reply = ask("/sparql", "text/turtle")
    said = {
        str(each.predicate).rpartition("#")[2].rstrip(">")
        for each in parse(reply.body, format=RdfFormat.TURTLE)
    }
    assert {"endpoint", "supportedLanguage", "resultFormat", "defaultDataset", "defaultGraph"} <= said
    assert ask("/sparql", "text/html").headers["content-type"] == "text/html;charset=utf-8"
    assert ask("/sparql", "image/png").status == 406
