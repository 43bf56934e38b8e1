"""Crawlers find no dead end, no wrong type, and the same graph in every format: here, elsewhere, and in hostile data."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urldefrag

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, serialize

from fonds.release.dataset import build_dataset
from fonds.release.folder import Release
from fonds.release.publication import build_publication
from fonds.settings import Settings
from fonds.web import create_app
from fonds.web.server import open_store
from tests.conformance.crawler import FORMATS, HTML, IS_LONG, MOST, Crawler, triples_of
from tests.conformance.test_identity_over_time import copied
from tests.unit.web.conftest import Reply, asker

HOSTILE = "https://h.example/"
CANARY = "<script>alert('canary')</script>"
LABEL = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
POINTS = NamedNode("https://terms.example/points-to")
HUB = NamedNode(f"{HOSTILE}id/thing/hub")

AWKWARD = (
    "id/a%20b", "id/a%2Fb/c", "id/100%25", "id/é", "id/%C3%A9", "id/日本語", "id/x;y=1", "id/it's", "id/(a)", "id/a@b",
    "id/trailing/", "id//double", "id/x.ttl", "id/x.html", "id/x", "doc/x", "sparql/x", "assets/x", "dataset/x", "graph/x",
    "anything", "a/b/c/d/e/f", "with?query=1&b=2", "id/with?query=1", "id/page#it", "id/page", "ns/x", "id/very-" + "long" * 400,
    "vocab/type/x", "id/-", "id/~", "id/a,b", "id/a+b", "id/a=b", "id/a&b", "id/$", "id/!", "id/*", "browse/x", ".well-known/x",
    "dumps/x", "id/.hidden", "id/..x",
)  # fmt: skip
"""What follows the base in identifiers that are hard to dereference; clients that normalise dots ask for something else."""

ELSEWHERE = (
    "urn:x:y",
    "mailto:a@b.example",
    "javascript:alert(1)",
    "http://elsewhere.example/x?y=z#it",
    "tag:a,2026:x",
)


def hostile_quads() -> Iterator[Quad]:
    """Yield statements that no archivist would write, all of them legal RDF."""
    text = (
        CANARY, "\u202eto the left", "\u0001control", "\ufffe", "</title><h1>no</h1>", '"quotes" & \'more\'', "]]>", "\r\nSet-Cookie: x=1",
        "x" * 100_000, "",
    )  # fmt: skip
    things = [NamedNode(HOSTILE + path) for path in AWKWARD] + [NamedNode(iri) for iri in ELSEWHERE]
    for number, it in enumerate(things):
        graph = NamedNode(f"{HOSTILE}graph/{number % 3}") if number % 2 else None
        place = (graph,) if graph else ()
        yield Quad(it, LABEL, Literal(text[number % len(text)], language="en"), *place)
        yield Quad(it, LABEL, Literal(CANARY), *place)
        yield Quad(it, POINTS, things[(number + 1) % len(things)], *place)
        yield Quad(
            it,
            NamedNode("https://terms.example/" + ("123" if number % 5 == 0 else "a/")),
            Literal("x"),
            *place,
        )
        yield Quad(
            it, POINTS, Literal("5", datatype=NamedNode("https://terms.example/<".replace("<", "%3C")))
        )
        yield Quad(it, POINTS, Literal("ill", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer")))
    for number in range(1_200):
        yield Quad(NamedNode(f"https://elsewhere.example/{number}"), POINTS, HUB)
    yield Quad(things[0], POINTS, HUB)
    yield from (Quad(HUB, POINTS, it) for it in things)
    yield Quad(HUB, LABEL, Literal("Hub", language="x-odd-tag"), NamedNode(f"{HOSTILE}id/thing/hub"))
    yield Quad(HUB, POINTS, BlankNode("a"))
    yield Quad(BlankNode("a"), POINTS, BlankNode("b"), NamedNode("https://elsewhere.example/graph"))
    yield Quad(BlankNode("b"), POINTS, BlankNode("a"), BlankNode("g"))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "hostile.nq").write_bytes(serialize(hostile_quads(), format=RdfFormat.N_QUADS) or b"")
    return build_dataset([folder / "hostile.nq"], folder / "releases", settings=Settings(), base=HOSTILE)


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = copied(tmp_path_factory.mktemp("second-crawled") / "publication")
    return build_publication(folder, into=tmp_path_factory.mktemp("second-crawled-releases"))


@pytest.fixture(scope="module", params=["first", "second", "hostile"])
def crawler(request: pytest.FixtureRequest) -> Iterator[Crawler]:
    release: Release = request.getfixturevalue({"first": "release"}.get(request.param, request.param))
    store = open_store(release)
    yield Crawler(asker(create_app(release, store, release.manifest.settings)), release.manifest.base)
    store.close()


@pytest.mark.parametrize(
    ("accept", "most"),
    [
        (HTML, 80),
        ("text/turtle", 80),
        *(pytest.param(each, MOST, marks=pytest.mark.thorough) for each in (HTML, *FORMATS)),
    ],
)
def test_every_link_leads_somewhere_in_the_format_that_was_asked_for(
    crawler: Crawler, accept: str, most: int
) -> None:
    result = crawler.crawl(accept, most=most)
    assert result.faults[:20] == []
    # Where RDF/XML cannot carry a document, its way ends there.
    assert len(result.fetched) > (50 if accept != "application/rdf+xml" else 4)
    assert not any(
        CANARY in reply.text
        for reply in result.fetched.values()
        if reply.headers["content-type"].startswith(HTML)
    )


@pytest.mark.parametrize("most", [120, pytest.param(MOST, marks=pytest.mark.thorough)])
def test_every_document_is_the_same_graph_in_every_format_and_is_about_what_it_was_asked_for(
    crawler: Crawler, most: int
) -> None:
    known = crawler.crawl("application/n-triples", most=most).fetched
    different: list[str] = []
    for number, (address, reply) in enumerate(known.items()):
        wanted = (
            triples_of(reply, RdfFormat.N_TRIPLES)
            if reply.headers["content-type"].startswith("application/n-triples")
            else None
        )
        if wanted is None:
            continue
        # Each in one other format, so that all of them are seen, and some in all.
        formats = list(FORMATS) if number % 20 == 0 else [list(FORMATS)[number % len(FORMATS)]]
        for accept in formats:
            _, other = crawler.follow(address, accept)
            if other.status == 406 and accept == "application/rdf+xml":
                continue
            if other.status != reply.status or triples_of(other, FORMATS[accept]) != wanted:
                different.append(f"{accept} {address} {other.status}")
    assert different[:20] == []


@pytest.mark.thorough
def test_every_identifier_answers_with_triples_about_itself(crawler: Crawler) -> None:
    iris = {
        term.value
        for reply in crawler.crawl("application/n-quads").fetched.values()
        if reply.headers["content-type"].startswith("application/n-quads")
        for quad in parse_quads(reply.body)
        for term in (quad.subject, quad.object)
        if isinstance(term, NamedNode) and term.value.startswith(crawler.base)
    }
    silent = []
    documents: dict[str, Reply] = {}
    known: dict[str, set[str]] = {}
    for iri in sorted(iris)[:: 1 if IS_LONG else 4]:
        path = crawler.path(iri)
        if path.startswith(crawler.skipped) or path == "/":
            continue
        address, reply = crawler.follow(iri, "application/n-triples", known=documents)
        if address not in documents:
            documents[address] = reply
            known[address] = (
                {str(triple.subject) for triple in triples_of(reply, RdfFormat.N_TRIPLES)}
                if reply.status in (200, 410)
                else set()
            )
        subjects = known[address]
        # A graph is a document: its name is its address. What was only pointed to is in its document as a value.
        is_document = urldefrag(address).url == urldefrag(iri).url
        if not subjects or (
            f"<{iri}>" not in subjects and not is_document and f"<{iri}>".encode() not in reply.body
        ):
            silent.append(f"{iri} {reply.status}")
    assert silent[:20] == []


def parse_quads(body: bytes) -> Iterator[Quad]:
    from pyoxigraph import parse

    return parse(body, format=RdfFormat.N_QUADS)


@pytest.mark.clause("RFC 9110 13.1.2, 9.3.2")
def test_documents_answer_conditions_and_head(crawler: Crawler) -> None:
    addresses = list(crawler.crawl("text/turtle", most=150).fetched)
    for address in addresses[::5]:
        end, reply = crawler.follow(address, "text/turtle")
        if reply.status != 200:
            continue
        again = crawler.ask(
            crawler.path(end), "text/turtle", headers=[("If-None-Match", reply.headers["etag"])]
        )
        assert (again.status, again.raw) == (304, b"")
        head = crawler.ask(crawler.path(end), "text/turtle", method="HEAD")
        assert (head.headers, head.raw) == (reply.headers, b"")


def test_pages_of_links_are_linked_and_all_of_them_are_there(hostile: Release) -> None:
    store = open_store(hostile)
    crawler = Crawler(asker(create_app(hostile, store, hostile.manifest.settings)), HOSTILE)
    found: set[str] = set()
    address: str | None = f"{HOSTILE}doc/thing/hub"
    pages = 0
    while address:
        reply = crawler.ask(crawler.path(address), "application/n-triples")
        assert reply.status == 200
        found |= {
            str(triple.subject) for triple in triples_of(reply, RdfFormat.N_TRIPLES) if triple.object == HUB
        }
        address = next_page(address, reply.headers.get("link", ""))
        pages += 1
    store.close()
    assert pages == 13
    assert len(found) == 1_201


def next_page(address: str, header: str) -> str | None:
    from urllib.parse import urljoin

    for link in header.split(", "):
        target, _, parameters = link.partition(">; ")
        if 'rel="next"' in parameters:
            return urljoin(address, target.removeprefix("<"))
    return None
