"""Things, documents and graphs over HTTP, on a dataset with awkward IRIs."""

from __future__ import annotations

import json

import pytest
from pyoxigraph import RdfFormat, parse

from fonds.formats import DOCUMENT_FORMATS, RDF_FORMATS
from tests.unit.web.conftest import BASE, Ask

TURTLE = "text/turtle"


@pytest.mark.clause("RFC 9110 15.4.4")
def test_a_thing_sends_to_its_document_and_stays_within_the_copy(ask: Ask) -> None:
    reply = ask("/id/person/ann")
    assert (reply.status, reply.headers["location"], reply.body) == (303, "../../doc/person/ann", b"")
    assert reply.headers["access-control-allow-origin"] == "*"


def test_the_host_of_a_request_decides_nothing(ask: Ask) -> None:
    plain = ask("/doc/person/ann")
    forged = ask("/doc/person/ann", headers=[("Host", "evil.example"), ("X-Forwarded-Host", "evil.example")])
    assert (forged.status, forged.body) == (200, plain.body)
    assert b"evil" not in forged.body


def test_the_base_s_own_path_may_stand_before_the_address(ask: Ask) -> None:
    assert ask("/sub/doc/person/ann", TURTLE).body == ask("/doc/person/ann", TURTLE).body


@pytest.mark.parametrize("format_", RDF_FORMATS, ids=lambda each: each.ending)
def test_an_ending_gives_one_representation_that_says_the_same_as_the_negotiated_one(
    ask: Ask, format_
) -> None:
    negotiated = ask("/doc/person/ann", format_.media_type)
    fixed = ask(f"/doc/people/../person/ann.{format_.ending}".replace("people/../", ""), "text/html")
    assert negotiated.status == 200
    assert negotiated.headers["content-type"] == format_.content_type
    assert negotiated.headers["content-location"] == f"ann.{format_.ending}"
    assert negotiated.headers["vary"] == "Accept, Accept-Encoding"
    if format_.ending != "ttl":  # there is a thing called ann.ttl; a name comes before an ending
        assert fixed.headers["content-type"] == format_.content_type
        assert fixed.headers["vary"] == "Accept-Encoding"
        assert fixed.body == negotiated.body
    subjects = {str(each.subject) for each in parse(negotiated.body, format=format_.rdf)}
    assert f"<{BASE}id/person/ann>" in subjects


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("/doc/person/ann.ttl", "Her file"),
        ("/doc/person/a%20b", "Minted with %20"),
        ("/doc/person/a%2Fb", "Minted with %2F"),
        ("/doc/person/caf%C3%A9", "Café"),
        ("/doc/person/caf%c3%a9", "Café"),
        ("/doc/person/café", "Café"),
        ("/doc/person/slash/", "Ends with a slash"),
        ("/doc/x:y", "With a colon"),
        ("/doc/person%2Fann", "Ann"),
    ],
)
def test_the_path_is_looked_up_as_it_was_sent_first(ask: Ask, address: str, label: str) -> None:
    reply = ask(address, "application/n-triples")
    assert reply.status == 200
    assert label in {each.object.value for each in parse(reply.body, format=RdfFormat.N_TRIPLES)}


def test_a_colon_in_the_last_segment_makes_no_scheme(ask: Ask) -> None:
    assert ask("/doc/x:y", TURTLE).headers["content-location"] == "./x:y.ttl"


def test_a_slash_too_much_leads_to_the_right_address(ask: Ask) -> None:
    assert (ask("/doc/person/ann/").status, ask("/doc/person/ann/").headers["location"]) == (
        301,
        "../../../doc/person/ann",
    )
    assert ask("/id/person/ann/").status == 301


def test_iris_of_the_data_anywhere_under_the_base_dereference(ask: Ask) -> None:
    reply = ask("/people/eve")
    assert (reply.status, reply.headers["location"]) == (303, f"../doc?iri={BASE}people/eve")
    assert b"Eve" in ask(f"/doc?iri={BASE}people/eve", TURTLE).body
    assert ask("/people//two").headers["location"] == f"../../doc?iri={BASE}people//two"


def test_foreign_iris_can_be_looked_at(ask: Ask) -> None:
    page = ask("/doc?iri=https://elsewhere.example/bob", "text/html")
    assert page.status == 200
    assert "Bob" in page.text
    turtle = ask("/doc?iri=https%3A%2F%2Felsewhere.example%2Fbob&format=ttl", "text/html")
    assert turtle.headers["content-type"] == "text/turtle;charset=utf-8"
    assert b"Bob" in turtle.body


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/doc?iri=https://elsewhere.example/nobody", 404),
        ("/doc?iri=nothing", 400),
        ("/doc?iri=", 400),
        ("/doc", 400),
        ("/doc?iri=a:b&iri=a:c", 400),
        ("/doc?iri=https://elsewhere.example/bob&format=pdf", 406),
        ("/doc?iri=%FF", 400),
        ("/doc/person/nobody", 404),
        ("/id/person/nobody", 404),
        ("/graph/nothing", 404),
        ("/dumps/nothing", 404),
        ("/dumps/../manifest.json", 404),
        ("/dumps/%2e%2e/manifest.json", 404),
        ("/dumps/..%2fmanifest.json", 404),
        ("/assets/../site.py", 404),
        ("/queries/nothing", 404),
        ("/browse/nothing", 404),
        ("/ns", 404),
        ("/anything", 404),
    ],
)
def test_what_is_not_there_is_a_problem_in_words(ask: Ask, target: str, status: int) -> None:
    reply = ask(target)
    assert reply.status == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["access-control-allow-origin"] == "*"
    problem = json.loads(reply.body)
    assert problem["status"] == status
    assert problem["detail"]


@pytest.mark.clause("RFC 9457 3")
def test_a_browser_gets_a_problem_as_a_page(ask: Ask) -> None:
    reply = ask("/doc/person/nobody", "text/html,*/*;q=0.8")
    assert (reply.status, reply.headers["content-type"]) == (404, "text/html;charset=utf-8")
    assert "<h1>Not Found</h1>" in reply.text


@pytest.mark.clause("RFC 9110 15.5.7")
def test_unknown_accept_gives_406_and_lists_what_can_be_had(ask: Ask) -> None:
    reply = ask("/doc/person/ann", "image/png")
    assert reply.status == 406
    assert json.loads(reply.body)["available"] == [each.media_type for each in DOCUMENT_FORMATS]
    assert "../../doc/person/ann.nt" in {each["href"] for each in json.loads(reply.body)["choices"]}
    assert "Accept" in reply.headers["vary"]


def test_what_a_format_cannot_carry_is_406_and_another_can(ask: Ask) -> None:
    reply = ask("/doc/control", "application/rdf+xml")
    assert reply.status == 406
    assert "text/turtle" in json.loads(reply.body)["available"]
    assert ask("/doc/control", "text/turtle").status == 200


def test_a_document_names_what_it_describes_and_its_other_forms(ask: Ask) -> None:
    link = ask("/doc/person/ann", TURTLE).headers["link"]
    assert f'<{BASE}id/person/ann>; rel="describes"' in link
    assert '<ann.jsonld>; rel="alternate"; type="application/ld+json"' in link
    assert "ann.ttl>" not in link


def test_a_graph_is_a_document_of_its_own(ask: Ask) -> None:
    reply = ask("/graph/bob", "application/n-triples")
    assert reply.status == 200
    assert len(list(parse(reply.body, format=RdfFormat.N_TRIPLES))) == 2
    assert ask("/graph/bob.ttl").headers["content-type"] == "text/turtle;charset=utf-8"
    assert "Bob" in ask("/graph/bob", "text/html").text


def test_a_foreign_graph_can_be_looked_at_under_its_name(ask: Ask) -> None:
    turtle = ask("/doc?iri=https://elsewhere.example/graph", "application/n-triples")
    assert [each.object.value for each in parse(turtle.body, format=RdfFormat.N_TRIPLES)] == ["9"]
    assert "Named graph" in ask("/doc?iri=https://elsewhere.example/graph", "text/html").text


def test_the_dataset_describes_itself_in_every_format(ask: Ask) -> None:
    sizes = set()
    for format_ in RDF_FORMATS:
        reply = ask(f"/dataset.{format_.ending}")
        sizes.add(len({each.triple for each in parse(reply.body, format=format_.rdf)}))
        assert ask("/dataset", format_.media_type).headers["content-type"] == format_.content_type
    assert len(sizes) == 1
    assert sizes.pop() > 10
    assert ask("/.well-known/void").headers["content-type"] == "text/turtle;charset=utf-8"


def test_a_dump_is_whole_checked_and_can_be_had_in_part(ask: Ask, dataset) -> None:
    whole = ask("/dumps/dataset.nq.gz")
    entry = dataset.manifest.files["dumps/dataset.nq.gz"]
    assert (whole.status, len(whole.raw), whole.headers["etag"]) == (200, entry.size, f'"{entry.sha256}"')
    assert whole.headers["accept-ranges"] == "bytes"
    part = ask("/dumps/dataset.nq.gz", headers=[("Range", "bytes=2-5")])
    assert (part.status, part.raw) == (206, whole.raw[2:6])
    same = ask("/dumps/dataset.nq.gz", headers=[("If-None-Match", f'"{entry.sha256}"')])
    assert (same.status, same.raw) == (304, b"")
    assert ask("/dumps/dataset.nq.gz", headers=[("Range", "bytes=99999999-")]).status == 416
    # RFC 9110 8.3.1: each parameter once.
    assert ask("/dumps/SHA256SUMS").headers["content-type"] == "text/plain; charset=utf-8"
    assert ask("/dumps/graphs.tsv").headers["content-type"] == "text/tab-separated-values; charset=utf-8"
