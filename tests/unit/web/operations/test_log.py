"""The log: a line a request, whatever a client sends and wherever it goes."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonds.web import create_app
from fonds.web.answers import Answer
from fonds.web.clients import network_of
from fonds.web.operations import request_ids
from fonds.web.operations.entries import Entry
from fonds.web.operations.journal import Journal, LogHandler, query_hash, route_of
from fonds.web.operations.writing import Writer
from tests.processes import until
from tests.unit.web.test_server import connected, get, listening, received


class Lines:
    """Stands for what writes."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.dropped = 0

    def write(self, line: bytes) -> None:
        self.written.append(line)

    @property
    def read(self) -> list[dict[str, Any]]:
        return [json.loads(each) for each in self.written]


def journal(lines: Lines, format_: str = "json", level: str = "debug", **more: Any) -> Journal:
    return Journal(lines, format_, level, **more)  # type: ignore[arg-type]


def note(taken: Journal, method: bytes = b"GET", target: bytes = b"/", **more: Any) -> None:
    """Take note of a request that was answered in a task, and of one that was answered at once."""
    entry = taken.begin(method, target, b"id")
    entry.status, entry.whole = 200, True
    for name, value in more.items():
        setattr(entry, name, value)
    taken.end(entry)
    answer = Answer(200, ((b"content-type", b"text/turtle"),), b"body")
    taken.prompted(
        b"id", method, target, answer, 0.0, hit=True, route="doc", release="r1", client=entry.client
    )


@given(method=st.binary(max_size=40), target=st.binary(max_size=2000), client=st.text(max_size=100))
@pytest.mark.parametrize("format_", ["json", "text"])
def test_nothing_that_a_client_sends_breaks_a_line(
    format_: str, method: bytes, target: bytes, client: str
) -> None:
    lines = Lines()
    note(journal(lines, format_, clients="address", queries=True), method, target, client=client)
    assert len(lines.written) == 2
    for each in lines.written:
        assert each.endswith(b"\n")
        assert each.count(b"\n") == 1
        assert len(each) < 9000
        shown = each.decode()[:-1]
        if format_ == "json":
            assert json.loads(shown)["status"] == 200
            path = json.loads(shown)["path"]
            assert path.removesuffix("…").isascii()
            assert " " not in path
        else:
            assert shown.isprintable()


def test_a_line_says_what_was_asked_and_answered() -> None:
    lines = Lines()
    entry = (taken := journal(lines)).begin(b"GET", b"/sparql?query=secret", b"abc.1")
    entry.takes(200, ((b"content-type", b"text/csv;charset=utf-8"), (b"content-encoding", b"br")))
    entry.release, entry.route, entry.query = "2026-01-01-abc", "sparql", "secret"
    entry.size_bytes, entry.whole, entry.client = 12, True, "203.0.113.7"
    taken.end(entry)
    taken.end(entry)
    (line,) = lines.read
    assert line.pop("time").endswith("Z")
    assert line.pop("ms") >= 0
    # Without being asked for, neither words of a query nor addresses stand in a log.
    assert "secret" not in lines.written[0].decode()
    del line["client"]
    assert line == {
        "level": "info", "id": "abc.1", "method": "GET", "path": "/sparql", "status": 200, "bytes": 12,
        "type": "text/csv", "coding": "br", "release": "2026-01-01-abc", "cache": "made", "query": query_hash("secret"),
    }  # fmt: skip


def test_what_is_asked_for_stands_in_it() -> None:
    lines = Lines()
    note(
        journal(lines, clients="network", queries=True),
        target=b"/search?q=x",
        client="203.0.113.7",
        query="ASK {\n}",
    )
    first, second = lines.read
    assert first["client"] == second["client"] == "203.0.113.0/24"
    assert first["query_string"] == second["query_string"] == "q=x"
    assert first["query_text"] == "ASK {\n}"


@pytest.mark.parametrize(
    ("level", "written"),
    [
        ("debug", ["debug", "info", "warning", "warning", "error"]),
        ("info", ["info", "warning", "warning", "error"]),
        ("warning", ["warning", "warning", "error"]),
        ("error", ["error"]),
        ("off", []),
    ],
)
def test_a_level_says_what_is_written(level: str, written: list[str]) -> None:
    lines = Lines()
    taken = journal(lines, level=level)
    for route, status, limit in (
        ("healthz", 200, ""),
        ("doc", 404, ""),
        ("sparql", 503, "query_seconds"),
        ("search", 429, "client_pages"),
        ("doc", 500, ""),
    ):
        entry = taken.begin(b"GET", b"/", b"id")
        entry.route, entry.status, entry.limit, entry.whole = route, status, limit, True
        taken.end(entry)
    assert [each["level"] for each in lines.read] == written
    assert taken.limits == {"query_seconds": 1, "client_pages": 1}


@pytest.mark.parametrize(
    ("given_", "taken"),
    [
        ([(b"x-request-id", b"3f2a-9C_.x")], b"3f2a-9C_.x"),
        ([(b"traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")], b"0af7651916cd43dd8448eb211c80319c"),
        ([(b"traceparent", b"01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more")], b"0af7651916cd43dd8448eb211c80319c"),
        ([(b"x-request-id", b"first"), (b"traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")], b"first"),
    ],
)  # fmt: skip
def test_an_id_that_is_well_formed_is_taken(given_: list[tuple[bytes, bytes]], taken: bytes) -> None:
    assert request_ids.of(given_) == taken


@pytest.mark.clause("W3C Trace Context 3.2.2")
@pytest.mark.parametrize(
    "given_",
    [
        (b"x-request-id", b""),
        (b"x-request-id", b'a","level":"error'),
        (b"x-request-id", b"a b"),
        (b"x-request-id", b"\xe2\x80\xae"),
        (b"x-request-id", b"a" * 65),
        (b"traceparent", b"00-" + b"0" * 32 + b"-b7ad6b7169203331-01"),
        (b"traceparent", b"00-0af7651916cd43dd8448eb211c80319c-" + b"0" * 16 + b"-01"),
        (b"traceparent", b"ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        (b"traceparent", b"00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"),
        (b"traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more"),
    ],
)
def test_an_id_that_is_not_is_replaced(given_: tuple[bytes, bytes]) -> None:
    first, second = request_ids.of([given_]), request_ids.of([given_])
    assert first != second
    assert request_ids.taken(first) == first
    assert given_[1] not in first or not given_[1]


@given(st.text(max_size=300))
def test_kinds_of_addresses_are_few(path: str) -> None:
    from fonds.web.operations.journal import ROUTES

    assert route_of("/" + path) in ROUTES
    assert len(ROUTES) < 60


def test_a_network_of_a_client() -> None:
    assert network_of("::ffff:1.2.3.4/128") == "::/48"
    assert network_of("garbage") == ""


# ------------------------------------------------------------------------------------------------ where it goes


def left_out(count: int) -> bytes:
    return b"%d left out\n" % count


def test_lines_come_whole_and_in_their_order() -> None:
    reading, writing = os.pipe()
    writer = Writer(writing, left_out)
    for number in range(3000):
        writer.write(b"%d\n" % number)
    os.close(writing)
    writer.close()
    os.close(writer._descriptor)
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == b"".join(b"%d\n" % number for number in range(3000))
    assert writer.dropped == 0


def test_a_pipe_that_nobody_reads_stops_nothing_and_what_was_left_out_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fonds.web.operations.writing._MOST_LINES", 100)
    reading, writing = os.pipe()
    writer = Writer(writing, left_out)
    line = b"x" * 1000 + b"\n"
    began = time.monotonic()
    for _ in range(50):
        writer.write(line)
    time.sleep(0.2)
    for _ in range(1000):
        writer.write(line)
        time.sleep(0)
    assert time.monotonic() - began < 5
    assert writer.dropped > 0
    os.set_blocking(reading, False)
    got = bytearray()

    def told() -> bool:
        try:
            got.extend(os.read(reading, 1_000_000))
        except BlockingIOError:
            writer.write(b"again\n")
        return b"left out" in got

    until(told)
    assert {len(each) for each in bytes(got).split(b"\n")[:-1] if each.startswith(b"x")} == {1000}


def test_a_closed_pipe_is_passed_over() -> None:
    reading, writing = os.pipe()
    writer = Writer(writing, left_out)
    os.close(reading)
    writer.write(b"x\n")
    until(lambda: writer.dropped == 1)
    writer.write(b"y\n")
    until(lambda: writer.dropped == 2)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full (Linux)")
def test_a_full_disk_is_passed_over() -> None:
    with Path("/dev/full").open("wb") as full:
        writer = Writer(full.fileno(), left_out)
        writer.write(b"x\n")
        until(lambda: writer.dropped == 1)


def test_what_libraries_say_is_a_line_too() -> None:
    lines = Lines()
    handler = LogHandler(journal(lines))
    error = ValueError("\x1b[31mred\u202e")
    record = logging.LogRecord(
        "x", logging.ERROR, "", 0, "bad %s", ("\u202ename",), (ValueError, error, None)
    )
    record.request_id = "abc"
    handler.emit(record)
    (line,) = lines.read
    assert (line["level"], line["id"], line["message"]) == ("error", "abc", "bad \\u202ename")
    assert "\\x1b[31mred\\u202e" in line["trace"]


# ------------------------------------------------------------------------------------------------ on a socket


@pytest.fixture
def logged(dataset: Any, dataset_store: Any) -> Iterator[tuple[int, Lines]]:
    """Serve with a log; the port, and the lines."""
    from fonds.web.server import Server

    lines = Lines()
    application = create_app(dataset, dataset_store, dataset.manifest.settings)
    with listening(application, lambda edge, ready: Server(edge, ready, journal(lines))) as port:
        yield port, lines


def head(raw: bytes, name: bytes) -> bytes:
    return next(
        line.partition(b": ")[2] for line in raw.split(b"\r\n") if line.lower().startswith(name + b": ")
    )


QUERY = "/sparql?query=SELECT%20*%20WHERE%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D"


@pytest.mark.parametrize(
    ("target", "status"),
    [("/", 200), (QUERY, 200), ("/nothing", 404), ("/healthz", 200), ("/readyz", 200), ("/sparql?query=x", 400), ("/robots.txt", 200)],
)  # fmt: skip
def test_every_answer_has_the_id_of_its_line(logged: tuple[int, Lines], target: str, status: int) -> None:
    port, lines = logged
    raw = received(port, get(target, "X-Request-ID: mine-7"))
    assert head(raw, b"x-request-id") == b"mine-7"
    until(lambda: len(lines.written) == 1)
    (line,) = lines.read
    assert (line["id"], line["status"], line["path"]) == ("mine-7", status, target.partition("?")[0])
    assert line["bytes"] == len(raw.partition(b"\r\n\r\n")[2])
    assert ("query" in line) == target.startswith("/sparql")


def test_an_answer_from_memory_is_told_as_one(logged: tuple[int, Lines]) -> None:
    port, lines = logged
    for _ in range(3):
        received(port, get("/robots.txt"))
    until(lambda: len(lines.written) == 3)
    assert [each["cache"] for each in lines.read] == ["made", "kept", "hit"]
    assert (
        len(
            {
                json.dumps({**each, "cache": 0, "id": 0, "ms": 0, "time": 0}, sort_keys=True)
                for each in lines.read
            }
        )
        == 1
    )


def test_what_is_no_request_has_a_line(logged: tuple[int, Lines]) -> None:
    port, lines = logged
    raw = received(port, b"\x00\x01\r\n\r\n")
    assert raw.startswith(b"HTTP/1.1 400")
    (line,) = lines.read
    assert (line["status"], line["id"]) == (400, head(raw, b"x-request-id").decode())


def test_who_leaves_is_told_apart_from_what_is_cut(logged: tuple[int, Lines]) -> None:
    port, lines = logged
    with connected(port) as connection:
        connection.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 9\r\n\r\n"
        )
    until(lambda: len(lines.written) == 1)
    assert lines.read[0]["ending"] == "left"


def test_an_error_page_names_the_request_under_which_the_log_tells_of_it(
    dataset: Any, dataset_store: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from fonds.web import discovery, routes
    from fonds.web.server import Server

    def broken(*_: object) -> Answer:
        raise RuntimeError("a secret of ours")

    table = tuple((rule, broken if view is discovery.robots else view) for rule, view in routes.ROUTES)
    monkeypatch.setattr(routes, "ROUTES", table)
    lines = Lines()
    application = create_app(dataset, dataset_store, dataset.manifest.settings)
    with listening(application, lambda edge, ready: Server(edge, ready, journal(lines))) as port:
        for accept in ("text/html", "application/json"):
            raw = received(port, get("/robots.txt", f"Accept: {accept}", "X-Request-ID: mine-8"))
            assert raw.startswith(b"HTTP/1.1 500")
            assert b"mine-8" in raw.partition(b"\r\n\r\n")[2]
            assert b"secret" not in raw
    assert {each["level"] for each in lines.read if "status" in each} == {"error"}
    told = [each for each in caplog.records if getattr(each, "request_id", "") == "mine-8"]
    assert len(told) == 2
    assert told[0].exc_info is not None


_SERVE = """
import os, pathlib, sys
from fonds.web.operations.logs import LogOptions
from fonds.web.server import serve
serve(pathlib.Path(sys.argv[1]), "127.0.0.1", 0, log=LogOptions("json", "debug"))
"""


@pytest.mark.parametrize("where", ["closed pipe", "nothing"])
def test_a_server_whose_log_goes_nowhere_serves(dataset: Any, where: str, start: Callable[..., Any]) -> None:
    reading, writing = os.pipe()
    with start(_SERVE, dataset.folder, stderr=writing if where == "closed pipe" else "closed") as (
        process,
        port,
    ):
        os.close(writing)
        os.close(reading)
        for _ in range(5):
            assert received(port, get("/healthz")).endswith(b"ok\n")
        time.sleep(0.2)
        assert received(port, get("/readyz")).startswith(b"HTTP/1.1 200")
        process.terminate()
        assert process.wait(20) == 0


@pytest.fixture
def start() -> Callable[..., Any]:
    from contextlib import contextmanager

    @contextmanager
    def run(script: str, folder: Path, *, stderr: Any) -> Iterator[tuple[subprocess.Popen[str], int]]:
        command = [sys.executable, "-c", script, str(folder)]
        if stderr == "closed":
            command, stderr = ["sh", "-c", 'exec "$@" 2>&-', "sh", *command], None
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True) as process:
            assert process.stdout is not None
            line = process.stdout.readline()
            try:
                yield process, int(line.partition("http://127.0.0.1:")[2].partition("/")[0])
            finally:
                process.kill()

    return run


def test_an_entry_that_was_forgotten_counts_for_nothing() -> None:
    lines = Lines()
    taken = journal(lines)
    entry = taken.begin(b"POST", b"/", b"id")
    assert taken.running == 1
    taken.forget(entry)
    taken.end(entry)
    assert (taken.running, lines.written, taken.series) == (0, [], {})
    assert isinstance(entry, Entry)
