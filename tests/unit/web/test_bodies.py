"""Queries that come in the body of a POST, as the wire brings them: in pieces, late, cut, one behind another."""

from __future__ import annotations

import gc
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from fonds.release.folder import Release
from fonds.store.embedded import EmbeddedStore
from fonds.web import create_app, protocol
from fonds.web.protocol import Pending
from tests.unit.web.test_server import connected, listening, received, serve_script, until

__all__ = ["serve_script"]

QUERY = b"ASK { ?s ?p ?o }"
ANSWER = b'"boolean":true'


@pytest.fixture(scope="module")
def port(dataset: Release, dataset_store: EmbeddedStore) -> Iterator[int]:
    with listening(create_app(dataset, dataset_store, dataset.manifest.settings)) as port:
        yield port


def post(body: bytes, *headers: str, last: bool = True, target: str = "/sparql") -> bytes:
    lines = [
        f"POST {target} HTTP/1.1",
        "Host: x",
        "Content-Type: application/sparql-query",
        *(["Connection: close"] if last else []),
        *(headers or (f"Content-Length: {len(body)}",)),
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + body


def answered(port: int, *pieces: bytes) -> tuple[int, bytes]:
    """Send a request on a connection that stays; return the status and the body of its answer."""
    with connected(port) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece)
        reply = http.client.HTTPResponse(connection)
        reply.begin()
        return reply.status, reply.read()


def test_a_body_in_one_piece_and_one_in_many_are_answered_alike(port: int) -> None:
    for last in (False, True):
        long = post(b"ASK {} #" + b"x" * 150_000, last=last)
        assert answered(port, long)[0] == 413
        request = post(QUERY, last=last)
        status, body = answered(port, request)
        assert (status, ANSWER in body) == (200, True)
        pieces = [request[byte : byte + 7] for byte in range(0, len(request), 7)]
        assert answered(port, *pieces) == (status, body)


@pytest.mark.clause("RFC 9112 7.1")
def test_a_body_in_chunks_and_one_that_waits_for_leave_are_answered(port: int) -> None:
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(QUERY), QUERY)
    assert ANSWER in received(port, post(chunked, "Transfer-Encoding: chunked"))
    waiting = received(port, post(QUERY, f"Content-Length: {len(QUERY)}", "Expect: 100-continue"))
    assert waiting.startswith(b"HTTP/1.1 100 ")
    assert ANSWER in waiting


@pytest.mark.clause("RFC 9112 9.3.2")
def test_queries_behind_one_another_on_one_connection_are_answered_in_their_order(port: int) -> None:
    form = urlencode({"query": "ASK { ?s <http://no.example/> ?o }"}).encode()
    second = post(form, "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(form)}")
    get = b"GET /sparql?query=ASK%20%7B%20?s%20?p%20?o%20%7D HTTP/1.1\r\nHost: x\r\n\r\n"
    second = second.replace(b"Content-Type: application/sparql-query\r\n", b"", 1)
    answers = received(port, get + post(QUERY, last=False) + second)
    assert answers.count(b"HTTP/1.1 200 ") == 3
    assert [answers.count(each) for each in (ANSWER, b'"boolean":false')] == [2, 1]
    assert answers.rfind(b'"boolean":false') > answers.rfind(ANSWER)


@pytest.mark.clause("RFC 9112 9.6")
def test_what_comes_behind_the_last_request_of_a_connection_is_not_answered(port: int) -> None:
    document = b"GET / HTTP/1.1\r\nHost: x\r\nAccept: text/turtle\r\nConnection: close\r\n\r\n"
    for last in (post(QUERY), post(b"SELECT"), document):
        answer = received(port, last + post(QUERY) + document)
        assert answer.count(b"HTTP/1.1 ") == 1
        assert answer.lower().count(b"\r\nconnection: close\r\n") == 1


@pytest.mark.clause("SPARQL 1.1 Protocol 2.1.3")
def test_an_empty_body_and_a_wrong_one_say_what_is_wrong(port: int) -> None:
    assert answered(port, post(b"", last=False))[0] == 400
    wrong = post(b"SELECT", last=False, target="/sparql?default-graph-uri=http://a.example/")
    status, problem = answered(port, wrong)
    assert (status, json.loads(problem)["status"]) == (400, 400)
    assert answered(port, post(b"", "Content-Length: 999999999", last=False))[0] == 413
    coded = post(QUERY, f"Content-Length: {len(QUERY)}", "Content-Encoding: gzip", last=False)
    assert answered(port, coded)[0] == 415


@pytest.mark.clause("RFC 9110 15.5.9")
def test_a_body_that_does_not_come_is_not_waited_for(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "_LOOK_SECONDS", 0.05)
    monkeypatch.setattr(protocol, "BODY_SECONDS", 0.1)
    answer = received(port, post(QUERY, f"Content-Length: {len(QUERY) + 1}", last=False))
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert "The body did not arrive within 0 seconds." in answer.decode()


def test_a_client_that_leaves_in_the_middle_of_its_body_leaves_nothing_behind(port: int) -> None:
    def waiting() -> int:
        return sum(isinstance(each, Pending) for each in gc.get_objects())

    before = waiting()
    gc.disable()
    try:
        for _ in range(20):
            with connected(port) as connection:
                connection.sendall(post(QUERY, "Content-Length: 100000", last=False))
        until(lambda: waiting() <= before)
        for _ in range(20):
            assert ANSWER in answered(port, post(QUERY, last=False))[1]
        until(lambda: waiting() <= before)
    finally:
        gc.enable()


@pytest.mark.clause("RFC 9112 7.1")
def test_a_long_answer_to_http_1_0_is_never_cut_into_chunks(serve_script: object) -> None:
    with serve_script([b"x" * 65_536] * 4) as (port, _):  # type: ignore[operator]
        request = b"GET /sparql?query=SELECT%20*%20%7B%7D HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
        with connected(port) as connection:
            connection.sendall(request)
            reply = http.client.HTTPResponse(connection)
            reply.begin()
            body = reply.read()
        assert reply.status == 200
        assert reply.getheader("Transfer-Encoding") is None
        assert body == b"x" * 65_536 * 4


def test_a_crowd_that_posts_is_answered(port: int) -> None:
    statuses: list[int] = []

    def one() -> None:
        statuses.append(answered(port, post(QUERY, last=False))[0])

    crowd = [threading.Thread(target=one) for _ in range(50)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert set(statuses) <= {200, 429, 503}
    assert statuses.count(200) > 0
