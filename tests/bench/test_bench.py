"""The bench measures what it says: the data are the same every time, and only whole answers are counted."""

from __future__ import annotations

import http.server
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from pyoxigraph import NamedNode, parse

from tests.bench.client import get, play_for, play_once
from tests.bench.data import write_data


def test_the_data_are_the_same_every_time_and_every_looked_up_iri_is_described(tmp_path: Path) -> None:
    iris = write_data(tmp_path / "a.nt", 2000)
    assert write_data(tmp_path / "b.nt", 2000) == iris
    assert (tmp_path / "a.nt").read_bytes() == (tmp_path / "b.nt").read_bytes()
    quads = list(parse(path=tmp_path / "a.nt"))
    assert len(set(quads)) == len(quads)
    assert {NamedNode(iri) for iri in iris} <= {quad.subject for quad in quads}


def test_the_data_are_about_as_many_triples_as_asked_for(tmp_path: Path) -> None:
    write_data(tmp_path / "a.nt", 20_000)
    with (tmp_path / "a.nt").open() as file:
        assert sum(1 for _ in file) == pytest.approx(20_000, rel=0.05)


class _Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    seen: ClassVar[set[str]] = set()

    def do_GET(self) -> None:
        self.seen.add(self.client_address[0])
        if self.path == "/missing":
            self.send_error(404)
            return
        self.send_response(200)
        if self.path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"5\r\nhello\r\n")
            self.wfile.write(b"6\r\n world\r\n0\r\n\r\n")
        elif self.path == "/in-pieces":
            # The data of a chunk look like the end, and sizes come in halves.
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for piece in (b"0", b"f;a=b\r", b"\nsays\r\n0\r\n\r\nthen\r", b"\n0\r\nX-Sum: 1\r\n", b"\r\n"):
                self.wfile.write(piece)
                self.wfile.flush()
        elif self.path == "/closes":
            self.send_header("Content-Length", "5")
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(b"hello")
        elif self.path == "/to-the-end":
            self.end_headers()
            self.wfile.write(b"hello")
            self.close_connection = True
        elif self.path == "/closes-in-silence":
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"hello")
            self.close_connection = True
        elif self.path == "/breaks-off":
            self.send_header("Content-Length", "50")
            self.end_headers()
            self.wfile.write(b"hello")
            self.close_connection = True
        else:
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"hello")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Server(http.server.ThreadingHTTPServer):
    request_queue_size = 64
    daemon_threads = True


@pytest.fixture
def port() -> Iterator[int]:
    with _Server(("127.0.0.1", 0), _Answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "path", ["/plain", "/chunked", "/in-pieces", "/closes", "/to-the-end", "/closes-in-silence"]
)
def test_each_request_is_sent_once_and_answered_once(port: int, path: str) -> None:
    played = play_once(port, [get(path, "*/*")] * 50)
    assert (played.answered, played.faulty, len(played.latencies_ms)) == (50, 0, 50)
    assert played.received_bytes > 50 * len("hello")


def test_an_answer_that_breaks_off_ends_the_run(port: int) -> None:
    with pytest.raises(ConnectionError, match="within an answer"):
        play_once(port, [get("/breaks-off", "*/*")])


def test_the_bytes_of_a_chunked_answer_are_all_counted(port: int) -> None:
    played = play_once(port, [get("/in-pieces", "*/*")])
    body = b"0f;a=b\r\nsays\r\n0\r\n\r\nthen\r\n0\r\nX-Sum: 1\r\n\r\n"
    assert played.received_bytes > len(body)
    assert played.received_bytes - play_once(port, [get("/chunked", "*/*")]).received_bytes == len(body) - 26


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8 without asking")
def test_connections_can_come_from_an_address_each(port: int) -> None:
    _Answers.seen.clear()
    play_once(port, [get("/plain", "*/*")] * 3, connections=3, apart=True)
    assert len(_Answers.seen) == 3


def test_an_answer_that_is_not_200_counts_as_faulty(port: int) -> None:
    assert play_once(port, [get("/plain", "*/*"), get("/missing", "*/*")]).faulty == 1


def test_a_run_lasts_as_long_as_asked(port: int) -> None:
    played = play_for(port, [get("/plain", "*/*")], 0.2)
    assert 0.2 <= played.seconds < 2
    assert played.answered > 8
