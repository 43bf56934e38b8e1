"""The server on a socket: what a client sees of a stream that breaks, of one that is slow, of start and stop."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from fonds.errors import FondsError, QueryLimitPassed
from fonds.release.folder import Release
from fonds.store.embedded import EmbeddedStore
from fonds.web import create_app
from fonds.web.edge import Edge
from fonds.web.server import Server, announcement, free_port, listening_socket
from fonds.web.site import open_site
from tests.processes import until
from tests.unit.web.conftest import ScriptedStore, query_target, send_request

LOOPBACK = "127.0.0.1"
QUERY = query_target("SELECT * WHERE { ?s ?p ?o }")


@contextmanager
def listening(application: Edge, make: Callable[..., Server] = Server) -> Iterator[int]:
    """Serve an application from a thread of its own until the block ends, by a server that is made of it; yield the port."""
    listener = listening_socket(LOOPBACK, 0)
    port = listener.getsockname()[1]
    started = threading.Event()
    server = make(application, started.set)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
    thread.start()
    assert started.wait(10)
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


def connected(port: int) -> socket.socket:
    """Connect as soon as the server takes connections."""
    for _ in range(500):
        try:
            return socket.create_connection((LOOPBACK, port), timeout=10)
        except ConnectionRefusedError:
            threading.Event().wait(0.01)
    raise AssertionError(f"nothing listens on port {port}")


def received(port: int, request: bytes) -> bytes:
    """Send bytes and return everything that comes until the server closes."""
    with connected(port) as connection:
        connection.sendall(request)
        parts = []
        while part := connection.recv(65_536):
            parts.append(part)
    return b"".join(parts)


def get(target: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {target} HTTP/1.1", "Host: x", "Connection: close", *headers, "", ""]).encode()


@pytest.fixture
def serve_script(dataset: Release, dataset_store: EmbeddedStore) -> Callable[..., Any]:
    """Serve a site whose queries answer from a script."""

    @contextmanager
    def serve(script: Sequence[Any]) -> Iterator[tuple[int, ScriptedStore]]:
        store = ScriptedStore(dataset_store, script)
        with listening(create_app(dataset, store, dataset.manifest.settings)) as port:  # type: ignore[arg-type]
            yield port, store

    return serve


@pytest.mark.clause("RFC 9112 8")
def test_a_stream_that_breaks_is_seen_as_broken(serve_script: Callable[..., Any]) -> None:
    script = [b"x" * 200_000, QueryLimitPassed("stopped", limit="query_seconds", value=1)]
    with serve_script(script) as (port, store):
        answer = received(port, get(QUERY))
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b"transfer-encoding: chunked" in answer
        assert b"x" * 1000 in answer
        assert not answer.endswith(b"0\r\n\r\n")
        connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
        connection.request("GET", QUERY)
        reply = connection.getresponse()
        with pytest.raises(http.client.IncompleteRead):
            reply.read()
    assert [each.closed for each in store.answers] == [1, 1]


@pytest.mark.clause("RFC 9112 7.1")
def test_a_stream_that_ends_is_seen_as_whole(serve_script: Callable[..., Any]) -> None:
    with serve_script([b"x" * 65_536] * 4) as (port, _):
        assert received(port, get(QUERY)).endswith(b"0\r\n\r\n")


def test_a_client_that_leaves_frees_the_worker_and_a_slow_one_holds_the_stream_back(
    serve_script: Callable[..., Any],
) -> None:
    taken = []

    def chunks() -> Iterator[bytes]:
        for number in range(2_000):
            taken.append(number)
            yield b"x" * 65_536

    class Endless:
        def __iter__(self) -> Iterator[bytes]:
            return chunks()

    with serve_script(Endless()) as (port, store):  # type: ignore[arg-type]
        connection = connected(port)
        connection.sendall(get(QUERY))
        connection.recv(1000)
        until(lambda: len(taken) == settled(taken))
        assert len(taken) < 500
        connection.close()
        until(lambda: bool(store.answers and store.answers[0].closed))
        assert len(taken) < 500


def settled(taken: list[int]) -> int:
    """Return how many were taken a moment ago."""
    count = len(taken)
    threading.Event().wait(0.2)
    return count


def test_slow_readers_of_long_files_keep_no_thread_from_pages(
    dataset: Release, dataset_store: EmbeddedStore
) -> None:
    def pages(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        if environ["PATH_INFO"] == "/long":
            return iter([b"x" * 1_000_000] * 50)
        return iter([b"short"])

    site = open_site(dataset, dataset_store, dataset.manifest.settings)

    async def main() -> tuple[int, bytes]:
        with ThreadPoolExecutor(1) as executor:
            edge = Edge(site, pages, lambda _: None, executor)
            stalled = asyncio.Event()

            async def receive() -> dict[str, Any]:
                await asyncio.Event().wait()
                return {}

            async def send(message: dict[str, Any]) -> None:
                if message["type"] == "http.response.body":
                    stalled.set()
                    await asyncio.Event().wait()

            scope = {
                "type": "http", "http_version": "1.1", "method": "GET", "path": "/long", "raw_path": b"/long",
                "query_string": b"", "headers": [],
            }  # fmt: skip
            slow = [asyncio.ensure_future(edge(scope, receive, send)) for _ in range(5)]  # type: ignore[arg-type]
            await stalled.wait()
            reply = await asyncio.wait_for(send_request(edge, "/short"), 10)
            for each in slow:
                each.cancel()
            await asyncio.gather(*slow, return_exceptions=True)
            return reply.status, reply.body

    assert asyncio.run(main()) == (200, b"short")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n"
        + b"".join(b"X%d: y\r\n" % number for number in range(5000))
        + b"\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x00\xff\x16\x03\x01\r\n\r\n",
        b"GET /\r\nX: y HTTP/1.1\r\n\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    ],
    ids=[
        "long header",
        "long path",
        "many headers",
        "version",
        "no HTTP",
        "folded line",
        "two lengths",
        "negative length",
    ],
)
def test_a_request_that_is_none_is_refused_and_the_next_is_answered(
    serve_script: Callable[..., Any], request_bytes: bytes
) -> None:
    with serve_script([b"ok"]) as (port, _):
        try:
            answer = received(port, request_bytes)
        except ConnectionResetError:
            answer = b""
        assert not answer or answer.split(b" ")[1][:1] == b"4"
        assert received(port, get("/healthz")).endswith(b"ok\n")


def test_a_port_that_is_taken_is_said_so() -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        with pytest.raises(FondsError, match=rf"port {other.getsockname()[1]}: something else listens there"):
            free_port(LOOPBACK, other.getsockname()[1])


def test_an_address_that_is_not_ours_is_said_so() -> None:
    with pytest.raises(FondsError, match=r"cannot listen on 203\.0\.113\.7"):
        free_port("203.0.113.7", 0)


def test_the_line_says_what_is_served_and_where(dataset: Release) -> None:
    line = announcement(dataset, "0.0.0.0", 8123)
    assert line == "fonds: Things & <others> at http://127.0.0.1:8123/ (17 triples) – Ctrl-C stops"


def test_the_server_says_that_it_listens_when_it_does_and_ends_well_on_sigterm(dataset: Release) -> None:
    command = [sys.executable, "-c", SERVE, str(dataset.folder)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            port = int(line.partition("http://127.0.0.1:")[2].partition("/")[0])
            assert received(port, get("/healthz")).endswith(b"ok\n")
            assert b'"ready":true' in received(port, get("/readyz"))
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
            assert process.stdout.read() == ""
        finally:
            process.kill()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Of the processor, from its start to its end: how long it takes goes by what else runs.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 5


SERVE = """
import pathlib, sys
from fonds.web.server import serve
serve(pathlib.Path(sys.argv[1]), "127.0.0.1", 0, announce=lambda line: print(line, flush=True))
"""


def test_the_serving_process_knows_neither_sources_nor_mapping_nor_rdflib(release: Release) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS, str(release.folder)],
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ),
    )
    assert done.returncode == 0, done.stderr
    statuses, modules = json.loads(done.stdout)
    assert statuses == [200, 200, 200, 200]
    unwanted = ("rdflib", "lxml", "SPARQLWrapper", "fonds.sources", "fonds.mapping", "fonds.shapes")
    assert not [name for name in modules if name.split(".")[0] in unwanted or name.startswith(unwanted)]


IMPORTS = """
import asyncio, json, pathlib, sys
from fonds.web.server import open_release, open_store
from fonds.web import create_app
release = open_release(pathlib.Path(sys.argv[1]))
store = open_store(release)
application = create_app(release, store, release.manifest.settings)

async def ask(path, query, accept):
    sent = []
    async def receive():
        if not sent:
            sent.append(None)
            return {"type": "http.request"}
        await asyncio.Event().wait()
    async def send(message):
        sent.append(message)
    scope = {"type": "http", "http_version": "1.1", "method": "GET", "path": path, "raw_path": path.encode(),
             "query_string": query, "headers": [(b"accept", accept)]}
    await application(scope, receive, send)
    return next(message["status"] for message in sent if message and "status" in message)

async def main():
    try:
        return await everything()
    finally:
        store.close()

async def everything():
    return [await ask("/", b"", b"text/html"), await ask("/dataset", b"", b"text/turtle"),
            await ask("/browse/record", b"", b"text/html"), await ask("/sparql", b"query=ASK%7B%7D", b"text/html")]

statuses = asyncio.run(main())
print(json.dumps([statuses, sorted(sys.modules)]))
"""
