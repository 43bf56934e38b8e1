"""Behind nginx and Caddy, as docs/deploy/ sets them up, a site is what it is without them."""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar
from urllib.parse import quote, urlencode

import pytest

from fonds.release.folder import Release
from tests.behind import NAME, Front, behind_nginx, caddy_version, connection_to
from tests.conformance.crawler import IS_LONG, Crawled, Crawler
from tests.conformance.test_crawl import (  # noqa: F401  they are run once more, behind each web server
    test_documents_answer_conditions_and_head,
    test_every_document_is_the_same_graph_in_every_format_and_is_about_what_it_was_asked_for,
    test_every_identifier_answers_with_triples_about_itself,
    test_every_link_leads_somewhere_in_the_format_that_was_asked_for,
)
from tests.conftest import Site
from tests.deployment.conftest import BASE
from tests.processes import until
from tests.unit.web.conftest import Ask

pytestmark = pytest.mark.thorough

LETTER = "/doc/record/brenner-1901-03"
EVERYTHING = "SELECT * WHERE { ?s ?p ?o }"
# More of them than any limit of time allows.
ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
# Twelve million rows of it would be longer than result_bytes, and the first of them are sent before that is known.
LONG = "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f }"


@pytest.fixture
def ask(front: Front) -> Ask:
    return front.ask


class Short(Crawler):
    """Of a site that is crawled to its end elsewhere, the first addresses."""

    def crawl(self, accept: str, *, most: int = 1_500 if IS_LONG else 120) -> Crawled:
        return super().crawl(accept, most=most)


@pytest.fixture(scope="module")
def crawler(front: Front) -> Crawler:
    return Short(front.ask, BASE)


@pytest.mark.parametrize("coding", ["identity", "gzip", "br", "zstd", "gzip, deflate, br, zstd"])
@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/", "text/html"),
        ("/", "text/turtle"),
        (LETTER, "text/html"),
        (LETTER, "text/turtle"),
        (LETTER, "application/ld+json"),
        (LETTER + ".nt", None),
        ("/ru" + LETTER, "text/html"),
        ("/id/record/brenner-1901-03", None),
        ("/id/record/brenner-1899", "text/turtle"),
        ("/doc/none", "text/html"),
        ("/dataset", "text/turtle"),
        ("/assets/icon.svg", None),
        ("/sparql?" + urlencode({"query": "SELECT * WHERE { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 90"}), "text/csv"),
        ("/dumps/dataset.nq.gz", None),
        ("/sitemap.xml", None),
        ("/robots.txt", None),
        ("/changes.atom", None),
        ("/openapi.json", None),
    ],
)  # fmt: skip
def test_every_answer_is_that_of_the_server_itself_and_so_it_is_when_it_was_kept(
    front: Front, served: Site, path: str, accept: str | None, coding: str
) -> None:
    sent = {"Accept-Encoding": coding} | ({"Accept": accept} if accept else {})
    wanted = served.get(path, headers=sent)
    # Added on the way, or of the moment.
    added = {
        "date",
        "expires",
        "x-request-id",
        "server",
        "connection",
        "strict-transport-security",
        "transfer-encoding",
        "content-length",
    }
    for _ in range(3):
        reply = front.ask(path, headers=list(sent.items()))
        assert (reply.status, reply.body) == (wanted.status, wanted.body)
        found = {name: value for name, value in reply.headers.items() if name not in added}
        assert found == {name: value for name, value in wanted.headers.items() if name not in added}
        assert reply.headers["strict-transport-security"] == "max-age=31536000"
        assert "set-cookie" not in reply.headers


def test_what_is_known_already_is_not_sent_again(front: Front) -> None:
    for accept in ("text/html", "text/turtle"):
        first = front.ask(LETTER, accept)
        again = front.ask(LETTER, accept, headers=[("If-None-Match", first.headers["etag"])])
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
        assert "Accept" in again.headers["vary"]


@pytest.mark.clause("RFC 9110 14.2")
def test_parts_of_a_dump_can_be_had(front: Front, deployed: Release) -> None:
    whole = front.ask("/dumps/dataset.nq.gz")
    part = front.ask("/dumps/dataset.nq.gz", headers=[("Range", "bytes=100-199")])
    assert (part.status, part.body) == (206, whole.body[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole.body)}"
    other = [("Range", "bytes=100-199"), ("If-Range", '"another"')]
    assert front.ask("/dumps/dataset.nq.gz", headers=other).status == 200


@pytest.mark.parametrize(
    "path",
    ["/id/a%2Fb", "/id//double", "/id/100%25", "/doc?iri=https%3A%2F%2Fx.example%2Fa%2Fb", "/id/%C3%A9;x=1"],
)
def test_addresses_come_through_as_they_are_written(front: Front, served: Site, path: str) -> None:
    direct, through = served.get(path, "text/turtle"), front.ask(path, "text/turtle")
    assert (through.status, through.headers.get("location"), through.body) == (
        direct.status, direct.headers.get("location"), direct.body,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------ queries


@pytest.mark.clause("SPARQL 1.1 Protocol 2.1")
def test_queries_are_answered_in_each_way_to_send_them(front: Front) -> None:
    query = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
    form, direct = "application/x-www-form-urlencoded", "application/sparql-query"
    by_get = front.ask("/sparql?" + urlencode({"query": query}), "text/csv")
    by_form = front.ask("/sparql", "text/csv", method="POST", headers=[("Content-Type", form)],
                        body=urlencode({"query": query}).encode())  # fmt: skip
    by_post = front.ask(
        "/sparql", "text/csv", method="POST", headers=[("Content-Type", direct)], body=query.encode()
    )
    assert {reply.status for reply in (by_get, by_form, by_post)} == {200}
    assert by_get.body == by_form.body == by_post.body


def test_a_query_of_sixty_kilobytes_comes_through_and_a_longer_one_is_refused_by_fonds(front: Front) -> None:
    # Three bytes for each in an address.
    padded = "ASK { ?s ?p ?o } # " + "ё" * 30_000
    assert front.ask("/sparql?query=" + quote(padded), "text/csv").status == 200
    form = [("Content-Type", "application/x-www-form-urlencoded")]
    assert (
        front.ask(
            "/sparql", "text/csv", method="POST", headers=form, body=urlencode({"query": padded}).encode()
        ).status
        == 200
    )
    longer = padded + "ё" * 6_000
    refused = front.ask(
        "/sparql", "*/*", method="POST", headers=form, body=urlencode({"query": longer}).encode()
    )
    assert refused.status == 413
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.clause("RFC 9112 8")
def test_an_answer_that_is_cut_is_cut_here_too(front: Front) -> None:
    connection = front.connection()
    connection.request("GET", "/sparql?" + urlencode({"query": LONG}), headers={"Accept": "text/csv"})
    answer = connection.getresponse()
    assert answer.status == 200
    try:
        answer.read()
    except (http.client.IncompleteRead, OSError):
        return
    finally:
        connection.close()
    if front.name == "caddy" and caddy_version() < (2, 8):
        # https://github.com/caddyserver/caddy/pull/5952; docs/deploy/ say so.
        pytest.xfail("Caddy older than 2.8 ends an answer that was cut as if it were whole")
    pytest.fail("a cut answer looks whole")


def test_the_first_rows_come_before_the_last_are_found(front: Front) -> None:
    connection = front.connection()
    begun = time.monotonic()
    connection.request("GET", "/sparql?" + urlencode({"query": LONG}), headers={"Accept": "text/csv"})
    answer = connection.getresponse()
    first = answer.read(100)
    assert (answer.status, len(first)) == (200, 100)
    assert time.monotonic() - begun < 5
    connection.close()


@contextmanager
def at_work(
    front: Front, served: Site, count: int, address: str, forged: str = ""
) -> Iterator[list[http.client.HTTPConnection]]:
    """Have a client send queries that take as long as they may, and all run; it leaves at the end of the block."""
    connections, before = [], begun_queries(served)
    for number in range(count):
        connection = front.connection()
        connection.source_address = (address, 0)
        headers = {"Accept": "text/csv"} | ({"X-Forwarded-For": forged.format(number)} if forged else {})
        connection.request(
            "GET", "/sparql?" + urlencode({"query": f"{ENDLESS} # {address} {number}"}), headers=headers
        )
        connections.append(connection)
    try:
        # Else what is asked next may come before one of them, which is then refused.
        until(lambda: begun_queries(served) == before + count, 4)
        yield connections
    finally:
        for each in connections:
            each.close()


def begun_queries(served: Site) -> int:
    """Return how many queries a server has begun."""
    found = re.search(r"(?m)^fonds_query_wait_seconds_count (\d+)", served.get("/metrics").text)
    assert found, "the server does not tell"
    return int(found[1])


def asked_from(front: Front, address: str, **headers: str) -> int:
    connection = front.connection()
    connection.source_address = (address, 0)
    query = urlencode({"query": f"ASK {{ ?s ?p ?o }} # {address} {time.monotonic()}"})
    connection.request("GET", f"/sparql?{query}", headers={"Accept": "text/csv", **headers})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def test_limits_go_by_who_asks_whatever_they_say_of_themselves(front: Front, served: Site) -> None:
    # A client may have two queries at once; this one says of itself to be others.
    with at_work(front, served, 2, "127.0.0.7", forged="192.0.2.{}"):
        until(lambda: asked_from(front, "127.0.0.7", **{"X-Forwarded-For": "198.51.100.9"}) == 429, 4)
        assert asked_from(front, "127.0.0.8") == 200


def test_a_query_stops_when_its_client_leaves(front: Front, served: Site) -> None:
    with at_work(front, served, 2, "127.0.0.9"):
        until(lambda: asked_from(front, "127.0.0.9") == 429, 4)
    # Long before the six seconds that each of them may take would be over.
    begun = time.monotonic()
    until(lambda: asked_from(front, "127.0.0.9") == 200, 20)
    assert time.monotonic() - begun < 4


def test_metrics_are_for_the_machine_itself(front: Front) -> None:
    connection = front.connection()
    connection.source_address = ("127.0.0.10", 0)
    connection.request("GET", "/metrics")
    assert connection.getresponse().status in (403, 404)
    connection.close()


# ------------------------------------------------------------------------------------------ nginx alone


def test_without_tls_everything_leads_to_the_same_address_with_it(front: Front) -> None:
    if not front.plain:
        pytest.skip(f"{front.name} does that by itself, with a certificate of its own")
    connection = connection_to(front.plain)
    connection.request("GET", "/id/a%2Fb//c?x=%20", headers={"Host": NAME})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (308, f"https://{NAME}/id/a%2Fb//c?x=%20")
    connection.close()


def test_what_may_be_kept_is_kept_and_nothing_else(front: Front) -> None:
    if front.log is None:
        pytest.skip(f"Debian's {front.name} has no cache")
    asked = ("/browse/person", "/sparql?query=ASK%7B%3Fs%20%3Fp%203%7D", "/doc/none-of-these", "/readyz")
    log = front.log
    before = len(log.read_text().splitlines())
    for path in asked:
        for _ in range(2):
            front.ask(path, "text/csv" if "sparql" in path else "text/html")
    until(lambda: "/readyz" in log.read_text().splitlines()[-1], 20)
    lines = [line.split('"') for line in log.read_text().splitlines()[before:]]
    states = {path: [line[-1].split()[1] for line in lines if f" {path} " in line[1]] for path in asked}
    assert states[asked[0]] in (["MISS", "HIT"], ["HIT", "HIT"])  # Others may have asked for it before.
    assert states[asked[1]] == ["-", "-"]
    assert states[asked[2]] == ["MISS", "MISS"]
    assert states[asked[3]] == ["MISS", "MISS"]
    # No address of a person is written down whole.
    assert all(line[0].startswith("127.0.0.0 [") for line in lines)


class Stub(BaseHTTPRequestHandler):
    """Answers with a tag and one second of freshness, as a server with short-lived answers; and notes what it is asked."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        known = self.headers.get("If-None-Match")
        self.asked.append(known)
        body = b"" if known == '"one"' else b"x" * 100
        self.send_response(304 if known == '"one"' else 200)
        for name, value in {
            "ETag": '"one"', "Cache-Control": "public, max-age=1", "Vary": "Accept", "Content-Length": str(len(body)),
        }.items():  # fmt: skip
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def test_nginx_asks_by_the_tag_when_what_it_keeps_is_no_longer_fresh(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Stub) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with behind_nginx([server.server_address[1]], tmp_path / "nginx") as front:
            assert front.ask("/x", "text/html").body == b"x" * 100
            until(lambda: front.ask("/x", "text/html").body == b"x" * 100 and '"one"' in Stub.asked, 20)
            assert front.ask("/x", "text/turtle").status == 200
        server.shutdown()
    # Once for each kind of answer.
    assert Stub.asked.count(None) == 2
