"""What the web refuses, in the whole words that people read; each says what was found and what can be done instead."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from tests.conftest import BASE
from tests.unit.web.conftest import Ask


def detail(ask: Ask, target: str, status: int, **more: object) -> str:
    reply = ask(target, **more)
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json"), reply.text
    found: str = json.loads(reply.body)["detail"]
    return found


@pytest.mark.parametrize(
    ("target", "status", "words"),
    [
        ("/history/person/nobody", 404, "No history of person/nobody is known."),
        ("/release/?format=xml", 400, "format is “xml”; expected html or json."),
        ("/lookup/external", 400, "“value” is missing: what is looked up."),
        ("/map?without=coordinates&page=99", 404, "There are no such places on this page."),
        ("/network/record/darusenkov-1964-375", 404, "Networks are drawn of people, organisations, places, events, works and topics."),
        ("/search?q=a&year=x", 400, "“x” is not a year; write 1964, or -43 for 44 BC."),
        ("/search?q=a" + "".join(f"&person=a{n}" for n in range(60)), 400, "A search can be narrowed by up to "),
        ("/search?q=a&sort=colour", 400, "“colour” is no order; there are relevance, newest, oldest, shelfmark."),
        ("/search?q=a&format=doc", 400, "A search can be had as a page, as csv, as ris and as atom."),
        ("/search?q=a&from=soon", 400, "from: “soon” is not a date; write 1964, 1964-10 or 1964-10-27."),
        ("/search?q=" + "a" * 501, 400, "A search takes up to 500 characters; this has 501. Leave some out."),
        ("/search?q=" + "+".join("a" * 25), 400, "A search takes up to 24 words; this has 25. Leave some out."),
        ("/search?q=%ff", 400, "The query string cannot be read: "),
        ("/doc", 400, "An IRI is missing: /doc?iri=… shows what the data say about it."),
        ("/doc?iri=http://nobody.example/", 404, "The data say nothing about <http://nobody.example/>."),
        ("/timeline?from=1965&to=1964", 400, "That is no time: it would begin on 1 January 1965 and end before that, on 31 December 1964."),
        ("/timeline?from=soon", 400, "from: “soon” is not a date; write 1964, 1964-10 or 1964-10-27."),
        ("/browse/vocab?in=http://nobody.example/", 404, "There are no terms of <http://nobody.example/> here."),
        ("/sparql?query=%ff", 400, "The parameters cannot be read: "),
        ("/sparql?update=" + quote("DROP ALL"), 403, "This endpoint answers queries; it takes no updates."),
        ("/sparql?query=DROP+ALL", 403, "DROP is an update; this endpoint answers queries and takes no updates."),
        ("/queries/co-mentions?thing=", 400, "“thing” is missing: "),
        ("nothing", 400, "The address is not a path."),
    ],
)  # fmt: skip
def test_what_a_publication_refuses(ask_publication: Ask, target: str, status: int, words: str) -> None:
    assert detail(ask_publication, target, status).startswith(words)


@pytest.mark.parametrize(
    ("target", "status", "words"),
    [
        ("/ns", 404, "This dataset does not carry the ontology of fonds."),
        ("/browse/vocab", 404, "There are no vocabularies here."),
    ],
)
def test_what_a_dataset_refuses(ask: Ask, target: str, status: int, words: str) -> None:
    assert detail(ask, target, status).startswith(words)


def test_a_unit_without_records_of_its_own_is_told(ask_publication: Ask) -> None:
    listed = ask_publication("/browse/holding", "text/html").text
    assert "tree" in listed or "holding" in listed
    keys = sorted({each.split('"')[0] for each in listed.split("doc/holding/")[1:]})
    replies = [ask_publication(f"/browse/holding/{key}") for key in keys]
    told = [json.loads(each.body)["detail"] for each in replies if each.status == 404]
    assert "No record lies directly in this unit." in told


def test_a_release_has_only_the_files_that_are_published(ask_publication: Ask) -> None:
    (name, *_) = [each["name"] for each in json.loads(ask_publication("/release/?format=json").body)]
    told = detail(ask_publication, f"/release/{name}/dumps/none", 404)
    assert told == f"Release {name} has no file “dumps/none” that is published."


def test_a_method_a_coding_and_a_body_that_are_not_taken(ask_publication: Ask) -> None:
    told = detail(ask_publication, "/doc/person/guevara", 405, method="PUT")
    assert told == "PUT is not answered here; there are GET, HEAD, OPTIONS."
    form = ("content-type", "application/x-www-form-urlencoded")
    told = detail(
        ask_publication, "/sparql", 415, method="POST", headers=[form, ("content-encoding", "gzip")]
    )
    assert told == "The body is sent with the coding gzip; send it without."
    told = detail(
        ask_publication,
        "/sparql",
        415,
        method="POST",
        headers=[("content-type", "application/sparql-query;charset=latin-1")],
    )
    assert told == "The body is sent as latin-1; send UTF-8."
    told = detail(ask_publication, "/sparql", 415, method="POST", headers=[("content-type", "text/plain")])
    assert told == (
        "The body is sent as “text/plain”; send application/x-www-form-urlencoded or application/sparql-query "
        "(SPARQL 1.1 Protocol 2.1)."
    )
    told = detail(ask_publication, "/reconcile", 415, method="POST", headers=[("content-type", "text/plain")])
    assert told == "The body is sent as “text/plain”; send application/x-www-form-urlencoded."
    told = detail(
        ask_publication,
        "/sparql",
        403,
        method="POST",
        headers=[("content-type", "application/sparql-update")],
        body=(b"DROP ALL",),
    )
    assert told == "This endpoint answers queries; it takes no updates."


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ('SELECT ?s { ?s a ?c FILTER fv:matches(?s, " ") }', 400, "fv:matches looks for nothing; write a word, a name or a day."),
        (f'SELECT ?s {{ ?s a ?c FILTER fv:matches(?s, "{"a" * 501}") }}', 400, "fv:matches: A search takes up to 500 characters"),
        ("SELECT ?s { " + " ".join(f'FILTER fv:matches(?s, "word{n}")' for n in range(40)) + " }", 400, "fv:matches looks for 40 texts; "),
    ],
)  # fmt: skip
def test_a_query_that_is_refused_before_the_store_reads_it(
    ask_publication: Ask, query: str, status: int, words: str
) -> None:
    assert words in detail(ask_publication, f"/sparql?query={quote(query)}", status)


def test_the_reconciliation_service_says_what_it_takes(ask_publication: Ask) -> None:
    target = "/reconcile?queries=" + quote('{"a": {"query": "x"}}') + "&extend=" + quote("{}")
    assert detail(ask_publication, target, 400) == "Ask either by “queries” or by “extend”."
    many = json.dumps({"a": {"query": "x", "properties": [{"pid": "born", "v": list(range(30))}]}})
    told = detail(ask_publication, "/reconcile?queries=" + quote(many), 400)
    assert told == "“born” has 30 values; it can have 1 to 20 (query “a”)."


def test_the_base_of_this_site_is_that_of_its_identifiers(ask_publication: Ask) -> None:
    assert detail(ask_publication, f"/lookup/identifier?value={BASE}id/person/none", 404).endswith(
        "the base of it."
    )
