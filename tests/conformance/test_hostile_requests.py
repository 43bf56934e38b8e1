"""Requests of people who mean no good, over a socket to a server: the right answer or a 4xx that says what is wrong."""

from __future__ import annotations

import re
import socket
from typing import Any

import pytest

KEY = "darusenkov-1964-375"
DOCUMENT = f"/doc/record/{KEY}"


def sent(site: Any, head: bytes, *, timeout: float = 10) -> tuple[int, bytes, bytes]:
    """Send a request; return status, head and body of the answer. The connection is closed after it."""
    with socket.create_connection(site.address, timeout=timeout) as connection:
        connection.sendall(head)
        answer = b""
        while part := connection.recv(65_536):
            answer += part
    start, _, body = answer.partition(b"\r\n\r\n")
    return int(start.split(b" ")[1]), start, body


def request(target: bytes, *headers: bytes, method: bytes = b"GET") -> bytes:
    lines = [method + b" " + target + b" HTTP/1.1", b"Host: x", b"Connection: close", *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def harmless(status: int, head: bytes, body: bytes) -> None:
    """Hold what is true of every answer."""
    assert status < 500, (head, body[:300])
    assert b"Traceback" not in body
    lower = head.lower()
    assert b"access-control-allow-origin: *" in lower
    assert b"set-cookie" not in lower
    assert b"\r\nx-injected" not in lower


TARGETS = [
    b"/doc/%00",
    b"/doc/record/a%00b",
    b"/id/person/%FF%FE",
    b"/id/person/\xff\xfe",
    b"/id/person/\xc3\xa9",
    b"/doc/%0d%0aX-Injected:%20yes",
    b"/id/%0d%0aX-Injected:%20yes/x",
    b"/doc?iri=http://x/%0d%0aX-Injected:%20yes",
    b"/doc?iri=%00",
    b"/doc?iri=relative",
    b"/doc?iri=javascript:alert(1)",
    b"/doc?iri=http://a.example/<script>",
    b"/doc?format=ttl",
    b"/doc?iri=a:b&iri=c:d",
    b"/doc?iri=a:b&page=0",
    b"/doc?iri=a:b&page=99999999999999999999",
    DOCUMENT.encode() + b"?page=-1",
    DOCUMENT.encode() + b"?page=2",
    DOCUMENT.encode() + b".ttl?page=x",
    b"/dumps/..%2f..%2fmanifest.json",
    b"/dumps/../manifest.json",
    b"/dumps/%2e%2e/manifest.json",
    b"/dumps/..%5cmanifest.json",
    b"/dumps//etc/passwd",
    b"/dumps/%00",
    b"/assets/..%2f..%2fserver.py",
    b"/assets/../server.py",
    b"/beacon/..%2f..%2fmanifest.json.txt",
    b"/sitemap-..%2fx.xml",
    b"/graph/%ff",
    b"/graph/" + b"a/" * 5_000,
    b"/" + b"%" * 1_000,
    b"/" + b"a" * 100_000,
    b"/doc/" + "日".encode() * 2_000,
    b"//evil.example/x",
    b"/\\evil.example",
    b"http://evil.example/doc/record/x",
    b"/sparql?query=%ff",
    b"/browse/%ff",
    b"/browse?class=%0d%0aX-Injected:1",
    b"/queries/..%2fx",
    b"/.well-known/../doc",
    b"/ns/..",
]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: repr(target[:40]))
@pytest.mark.parametrize("accept", [b"Accept: text/html", b"Accept: text/turtle"])
def test_a_hostile_target_harms_nothing_and_reaches_no_file(site: Any, target: bytes, accept: bytes) -> None:
    status, head, body = sent(site, request(target, accept))
    harmless(status, head, body)
    # In JSON that no browser takes for a page (nosniff) it may stand; never in HTML.
    assert b"<script>" not in body or b"content-type: application/problem+json" in head.lower()
    assert b'"digest"' not in body
    assert b"root:" not in body
    location = next((line for line in head.split(b"\r\n") if line.lower().startswith(b"location:")), b"")
    assert b"evil.example" not in location.partition(b"doc?iri=")[0]


@pytest.mark.parametrize(
    "header",
    [
        b"Accept: " + b"a/b," * 10_000,
        b"Accept: " + b"text/turtle;q=0." + b"9" * 50_000,
        b"Accept: \xff\xfe",
        b"Accept: text/html;q=nonsense, */*;q=-1",
        b"Accept-Encoding: " + b"gzip," * 10_000,
        b"Accept-Profile: " + b"<http://x/>," * 5_000,
        b"If-None-Match: " + b'"x",' * 20_000,
        b"If-Modified-Since: yesterday, around noon",
        b"If-Modified-Since: Wed, 99 Foo 99999 99:99:99 GMT",
        b"If-Match: nonsense",
        b"Range: bytes=" + b"0-1," * 10_000,
        b"X-Long: " + b"a" * 100_000,
        b"Cookie: " + b"a=b; " * 10_000,
        b"Expect: 200-fine",
        b"Upgrade: websocket\r\nConnection: Upgrade",
        b"Transfer-Encoding: nonsense",
        b"Content-Length: 99999999999999999999999",
    ],
    ids=lambda header: repr(header[:24]),
)
@pytest.mark.parametrize("path", [DOCUMENT, "/dumps/dataset.nq.gz", "/"])
def test_a_hostile_header_harms_nothing(site: Any, header: bytes, path: str) -> None:
    harmless(*sent(site, request(path.encode(), header)))


@pytest.mark.parametrize(
    "header",
    [
        b"Host: evil.example",
        b"X-Forwarded-Host: evil.example",
        b"X-Forwarded-Proto: gopher\r\nX-Forwarded-Prefix: /evil.example",
        b"Forwarded: host=evil.example;proto=https",
        b"X-Original-URL: /evil.example",
        b"X-Rewrite-URL: /evil.example",
    ],
    ids=lambda header: header.partition(b":")[0].decode(),
)
@pytest.mark.parametrize("path", [DOCUMENT, f"/id/record/{KEY}", "/nothing", "/dataset", "/dumps/"])
def test_what_a_client_says_of_the_host_decides_nothing(site: Any, header: bytes, path: str) -> None:
    plain = request(path.encode(), b"Accept: text/html")
    lines = plain.replace(
        b"Host: x\r\n", header + b"\r\n" + (b"" if header.startswith(b"Host") else b"Host: x\r\n")
    )
    forged, usual = sent(site, lines), sent(site, plain)
    assert b"evil.example" not in forged[1] + forged[2]
    assert (forged[0], forged[2]) == (usual[0], usual[2])


@pytest.mark.clause("RFC 9110 15.5.6")
@pytest.mark.parametrize("method", [b"TRACE", b"PUT", b"DELETE", b"PATCH", b"PROPFIND", b"POST"])
def test_other_methods_are_405_with_those_there_are(site: Any, method: bytes) -> None:
    status, head, body = sent(site, request(DOCUMENT.encode(), method=method))
    harmless(status, head, body)
    assert status == 405
    assert b"allow: get, head, options" in head.lower()


@pytest.mark.clause("RFC 9110 9.3.7")
def test_options_says_what_may_be_asked_by_scripts_too(site: Any) -> None:
    status, head, body = sent(
        site,
        request(
            DOCUMENT.encode(),
            b"Origin: https://a.example",
            b"Access-Control-Request-Method: GET",
            method=b"OPTIONS",
        ),
    )
    harmless(status, head, body)
    assert (status, body) == (204, b"")
    assert b"access-control-allow-methods: get, head, options" in head.lower()


def test_a_server_that_was_bothered_still_answers(site: Any) -> None:
    for _ in range(20):
        with socket.create_connection(site.address, timeout=5) as connection:
            connection.sendall(b"GET /doc/rec")
    assert sent(site, request(b"/healthz"))[0] == 200


@pytest.mark.clause("RFC 9112 3.2")
@pytest.mark.parametrize("hosts", [b"", b"Host: a\r\nHost: b\r\n"], ids=["none", "two"])
def test_a_request_has_one_host(site: Any, hosts: bytes) -> None:
    status, head, body = sent(site, b"GET /healthz HTTP/1.1\r\n" + hosts + b"\r\n")
    harmless(status, head, body)
    assert status == 400
    assert b"one Host header" in body
    assert sent(site, b"GET /healthz HTTP/1.0\r\n\r\n")[0] == 200


@pytest.mark.clause("RFC 9110 7.8")
@pytest.mark.parametrize(
    "head",
    [
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        b"CONNECT a.example:80 HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["h2c", "websocket", "connect"],
)
def test_another_protocol_is_not_spoken_and_what_follows_does_not_wait(site: Any, head: bytes) -> None:
    """The parser reads nothing behind such a request: so the connection is closed, and a proxy before us knows it."""
    status, answer, _ = sent(site, head + request(b"/readyz"), timeout=5)
    assert status in (200, 405)
    assert b"connection: close" in answer.lower()


AMBIGUOUS = [
    b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"Content-Length: 6\r\nTransfer-Encoding: xchunked\r\n\r\nASK {}",
    b"Transfer-Encoding : chunked\r\nContent-Length: 6\r\n\r\nASK {}",
    b"Transfer-Encoding: chunked, identity\r\n\r\n6\r\nASK {}\r\n0\r\n\r\n",
    b"Content-Length: 6\r\nContent-Length: 7\r\n\r\nASK {}x",
    b"Content-Length: +6\r\n\r\nASK {}",
    b"Content-Length: 0x6\r\n\r\nASK {}",
    b"X: a\r\n Transfer-Encoding: chunked\r\n\r\n",
    b"X: a\rTransfer-Encoding: chunked\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n6\nASK {}\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nASK {}\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n-6\r\nASK {}\r\n0\r\n\r\n",
]


@pytest.mark.clause("RFC 9112 6.3")
@pytest.mark.parametrize("rest", AMBIGUOUS, ids=lambda rest: repr(rest[:30]))
def test_a_request_whose_end_two_servers_could_see_differently_is_refused(site: Any, rest: bytes) -> None:
    head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
    status, answer, body = sent(site, head + rest + request(b"/healthz"), timeout=5)
    assert status == 400
    assert b"connection: close" in answer.lower()
    assert b"HTTP/1.1" not in body


def test_a_wish_that_is_none_is_no_error_of_ours(site: Any) -> None:
    for value in (b";", b",;,", b";q=1", b'"', b"<>;"):
        for name in (b"Accept", b"Accept-Profile", b"Accept-Encoding"):
            harmless(*sent(site, request(DOCUMENT.encode(), name + b": " + value)))


@pytest.mark.parametrize(
    "path", [DOCUMENT, "/", "/search?q=cuba", "/sparql", "/dumps/dataset.nq.gz", "/nothing"]
)
@pytest.mark.parametrize(
    "header",
    [
        b"Accept-Language: ru, es;q=0.5",
        b"Cookie: a=b",
        b"User-Agent: <script>alert(1)</script>",
        b"Referer: https://evil.example/",
        b"Origin: https://evil.example",
        b"Authorization: Basic YTpi",
        b"X-HTTP-Method-Override: DELETE",
        b"X-Forwarded-For: 127.0.0.1",
        b"Cache-Control: no-cache",
    ],
    ids=lambda header: header.partition(b":")[0].decode(),
)
def test_what_no_cache_asks_for_changes_no_answer(site: Any, path: str, header: bytes) -> None:
    """A cache keeps an answer for all who ask alike by address and Vary: nothing else may have a part in it."""
    with_it = sent(site, request(path.encode(), b"Accept: text/html", header))
    without = sent(site, request(path.encode(), b"Accept: text/html"))
    assert (with_it[0], with_it[2]) == (without[0], without[2])
    vary = re.search(rb"(?im)^vary: ([^\r]*)", without[1])
    named = {each.strip().lower() for each in vary[1].split(b",")} if vary else set()
    assert named <= {b"accept", b"accept-encoding", b"accept-profile"}


@pytest.mark.parametrize(
    "queries",
    [
        '{"q0":' + "[" * 30_000 + "]" * 30_000 + "}",
        '{"q0":{"query":"x","more":' + "[" * 30_000 + "]" * 30_000 + "}}",
        '{"q0":{"query":"x","more":' + '{"a":' * 10_000 + "1" + "}" * 10_000 + "}}",
        '{"q0":{"query":"x","limit":1e999}}',
        '{"q0":{"query":"\\ud800"}}',
        '{"q0":{"query":"' + "x" * 60_000 + '"}}',
    ],
    ids=lambda queries: queries[:40],
)
def test_queries_of_reconciliation_that_are_too_deep_are_refused(site: Any, queries: str) -> None:
    body = b"queries=" + queries.encode()
    head = request(
        b"/reconcile",
        b"Content-Type: application/x-www-form-urlencoded",
        b"Content-Length: %d" % len(body),
        method=b"POST",
    )
    status, head, text = sent(site, head + body)
    harmless(status, head, text)
    assert status == 400


def test_what_is_no_request_is_not_answered_in_place_of_the_one_before(site: Any) -> None:
    """Nor within its answer: who waits for the first of two gets that one, or sees the connection close."""
    query = b"SELECT%20(COUNT(*)%20AS%20%3Fn)%7B%3Fa%20%3Fb%20%3Fc.%3Fd%20%3Fe%20%3Ff.%3Fg%20%3Fh%20%3Fi%7D"
    for version in (b"HTTP/1.1", b"HTTP/1.0"):
        first = (
            b"GET /sparql?query=" + query + b" " + version + b"\r\nHost: x\r\nConnection: keep-alive\r\n\r\n"
        )
        with socket.create_connection(site.address, timeout=10) as connection:
            connection.sendall(first + b"nonsense\r\n\r\n")
            answer = b""
            try:
                while part := connection.recv(65_536):
                    answer += part
            except ConnectionResetError:
                pass
        assert answer == b"" or b"400" not in answer.split(b"\r\n")[0]
    assert sent(site, request(b"/healthz"))[0] == 200
