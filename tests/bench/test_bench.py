"""The bench measures what it says: the data are the same every time, and only whole answers are counted."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

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

    def do_GET(self) -> None:
        if self.path == "/missing":
            self.send_error(404)
            return
        self.send_response(200)
        if self.path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"5\r\nhello\r\n")
            self.wfile.write(b"6\r\n world\r\n0\r\n\r\n")
        else:
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"hello")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("path", ["/plain", "/chunked"])
def test_each_request_is_sent_once_and_answered_once(port: int, path: str) -> None:
    played = play_once(port, [get(path, "*/*")] * 50)
    assert (played.answered, played.faulty, len(played.latencies_ms)) == (50, 0, 50)
    assert played.received_bytes > 50 * len("hello")


def test_an_answer_that_is_not_200_counts_as_faulty(port: int) -> None:
    assert play_once(port, [get("/plain", "*/*"), get("/missing", "*/*")]).faulty == 1


def test_a_run_lasts_as_long_as_asked(port: int) -> None:
    played = play_for(port, [get("/plain", "*/*")], 0.2)
    assert 0.2 <= played.seconds < 2
    assert played.answered > 8
