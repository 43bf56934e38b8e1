"""The server is told to stop: it says so, answers what is on its way, and loses nothing; and what those who watch it are told."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, serialize

from fonds.errors import StoreUnavailable, StoreUnreadable
from fonds.release.dataset import build_dataset
from fonds.settings import Limits, Serving, Settings
from fonds.store.queries import own_query
from fonds.web.operations.probes import Condition, Readiness
from tests.processes import until
from tests.unit.web.test_server import connected, get, received

BASE = "https://a.example/"
SERVE = """
import pathlib, sys
from fonds.web.server import serve
serve(pathlib.Path(sys.argv[1]), "127.0.0.1", 0)
"""
PAIRS = "?a <https://a.example/n> ?x . ?b <https://a.example/n> ?y"
SHORT = "/sparql?query=" + quote("SELECT * WHERE { ?s ?p ?o } LIMIT 5")
SLOW = "/sparql?query=" + quote(
    f'SELECT (COUNT(*) AS ?n) WHERE {{ {PAIRS} FILTER(STR(?a) != "x" && STR(?b) != "y") }}'
)
ENDLESS = "/sparql?query=" + quote(
    f"SELECT ?x (COUNT(*) AS ?n) WHERE {{ {PAIRS} . ?c <https://a.example/n> ?z FILTER(?x + ?y + ?z < 0) }} GROUP BY ?x"
)
STREAM = "/sparql?format=csv&query=" + quote(f"SELECT ?a ?b WHERE {{ {PAIRS} }}")
MANY = 2000


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stopping")
    quads = [
        Quad(NamedNode(f"{BASE}{number}"), NamedNode(f"{BASE}n"), Literal(number)) for number in range(MANY)
    ]
    serialize(quads, folder / "data.nq", RdfFormat.N_QUADS)
    serving = Serving(notice_seconds=0.6, drain_seconds=3.0)
    settings = Settings(serve=serving, limits=Limits(query_seconds=30))
    return build_dataset([folder / "data.nq"], folder / "releases", settings=settings, base=BASE).folder


@contextmanager
def running(release: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, str(release)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process, int(process.stdout.readline().partition("http://127.0.0.1:")[2].partition("/")[0])
        finally:
            process.kill()


def whole(raw: bytes) -> bool:
    """Tell whether an answer came to its end."""
    head, _, body = raw.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" in head:
        return body.endswith(b"0\r\n\r\n")
    length = next(
        int(line.partition(b": ")[2]) for line in head.split(b"\r\n") if line.startswith(b"content-length")
    )
    return len(body) == length


class Load:
    """Clients who ask without a pause, on connections that stay and on new ones.

    Attributes:
        outcomes: How often each thing happened; ``lost``: a request was sent on a connection that was there, and no whole answer came.
    """

    def __init__(self, port: int, targets: list[str], count: int) -> None:
        self.outcomes: Counter[str] = Counter()
        self._port = port
        self._targets = targets
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(count)]
        for each in self._threads:
            each.start()

    def end(self) -> None:
        self._stop.set()
        for each in self._threads:
            each.join(30)

    def _run(self, number: int) -> None:
        stays = number % 2 == 0
        connection: http.client.HTTPConnection | None = None
        for turn in range(10**9):
            if self._stop.is_set():
                return
            if connection is None:
                connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
                try:
                    connection.connect()
                except OSError:
                    self.outcomes["refused"] += 1
                    return
            try:
                headers = {} if stays else {"Connection": "close"}
                connection.request(
                    "GET", self._targets[(number + turn) % len(self._targets)], headers=headers
                )
                answer = connection.getresponse()
                answer.read()
                self.outcomes[str(answer.status)] += 1
                if answer.getheader("connection") == "close" or not stays:
                    connection.close()
                    connection = None
            except (OSError, http.client.HTTPException) as error:
                self.outcomes[f"lost {type(error).__name__}"] += 1
                return


def test_no_request_is_lost(release: Path) -> None:
    with running(release) as (process, port):
        load = Load(
            port, ["/", "/robots.txt", SHORT, "/healthz", "/doc?iri=" + quote(f"{BASE}7"), "/dataset"], 12
        )
        time.sleep(0.8)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        load.end()
    assert load.outcomes.pop("refused") == 12, load.outcomes
    assert set(load.outcomes) == {"200"}, load.outcomes
    assert load.outcomes["200"] > 12


@pytest.mark.thorough
def test_those_who_watch_are_told_before_nobody_can_connect_any_more(release: Path) -> None:
    with running(release) as (process, port):
        assert received(port, get("/readyz")).startswith(b"HTTP/1.1 200")
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        ready = received(port, get("/readyz"))
        assert ready.startswith(b"HTTP/1.1 503")
        assert json.loads(ready.partition(b"\r\n\r\n")[2])["draining"] is True
        assert received(port, get("/healthz")).startswith(b"HTTP/1.1 200")
        # No connection stays behind its answer.
        page = received(port, b"GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"connection: close" in page
        assert whole(page)
        assert whole(received(port, b"GET /dataset HTTP/1.1\r\nHost: x\r\n\r\n"))
        assert process.wait(10) == 0
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)


@pytest.mark.thorough
def test_answers_on_their_way_come_to_their_end(release: Path) -> None:
    answers: list[bytes] = []
    with running(release) as (process, port):
        threads = [
            threading.Thread(target=lambda target=each: answers.append(received(port, get(target))))
            for each in (SLOW, f"{STREAM}%20LIMIT%2040000")
        ]  # type: ignore[misc]
        for each in threads:
            each.start()
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)  # Which gives no time to notice.
        for each in threads:
            each.join(20)
        assert process.wait(20) == 0
    assert len(answers) == 2
    assert all(each.startswith(b"HTTP/1.1 200") and whole(each) for each in answers), [
        each[-200:] for each in answers
    ]


@pytest.mark.thorough
def test_what_does_not_end_in_time_is_told_so_or_seen_to_be_cut(release: Path) -> None:
    with running(release) as (process, port):
        with connected(port) as waits, connected(port) as reads_slowly:
            waits.sendall(get(ENDLESS))
            reads_slowly.sendall(get(STREAM))
            cut = bytearray(reads_slowly.recv(1000))
            time.sleep(0.3)
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            told = b"".join(iter(lambda: waits.recv(65_536), b""))
            assert process.wait(20) == 0
            assert 2.5 < time.monotonic() - began < 6
            assert told.startswith(b"HTTP/1.1 503")
            assert b"being stopped" in told
            assert whole(told)
            with contextlib.suppress(ConnectionResetError):
                while piece := reads_slowly.recv(65_536):
                    cut += piece
        assert cut.startswith(b"HTTP/1.1 200")
        assert not whole(bytes(cut))


def test_a_second_signal_ends_it_at_once(release: Path) -> None:
    with running(release) as (process, port), connected(port) as waits:
        waits.sendall(get(ENDLESS))
        time.sleep(0.3)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 1
        assert time.monotonic() - began < 2.5


# ------------------------------------------------------------------------------------------------ who watches


class Watched:
    """A site whose store may be gone, and which counts how often it is asked."""

    def __init__(self, release: Any) -> None:
        self.release = release
        self.settings = Settings()
        self.store = self
        self.network_is_open = False
        self.asked = 0
        self.gone = False
        self.seconds = 0.0

    def select(self, name: str) -> None:
        assert name == "ready"
        self.asked += 1
        time.sleep(self.seconds)
        if self.gone:
            raise StoreUnavailable("It is gone.")


@pytest.fixture
def watched(release: Path) -> tuple[Watched, Readiness, list[float]]:
    from fonds.release.folder import open_release

    now = [0.0]
    site = Watched(open_release(release))
    return site, Readiness(site, Condition(), lambda: now[0]), now  # type: ignore[arg-type]


def test_whether_the_store_answers_is_not_asked_graph_by_graph() -> None:
    """A pattern in whatever graph is looked up in every one of them before the first row, once a second where somebody watches."""
    assert "GRAPH ?" not in own_query("ready").text.upper()


def state(answer: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.body)
    assert found["ready"] is (answer.status == 200)
    assert (b"cache-control", b"no-store") in answer.headers
    return found


def test_the_store_is_asked_once_a_second_however_many_want_to_know(
    watched: tuple[Watched, Readiness, list[float]],
) -> None:
    site, readiness, now = watched
    site.seconds = 0.05

    async def many() -> list[Any]:
        return await asyncio.gather(*(readiness.answer() for _ in range(50)))

    assert {each.status for each in asyncio.run(many())} == {200}
    assert site.asked == 1
    now[0] = 0.9
    assert readiness.at_once() is not None
    now[0] = 1.1
    assert readiness.at_once() is None
    asyncio.run(many())
    assert site.asked == 2


def test_a_store_that_is_gone_and_comes_back(watched: tuple[Watched, Readiness, list[float]]) -> None:
    site, readiness, now = watched
    site.gone = True
    assert state(asyncio.run(readiness.answer()))["why"] == "It is gone."
    site.gone, now[0] = False, 2.0
    assert "why" not in state(asyncio.run(readiness.answer()))


def test_where_the_files_of_a_store_are_only_the_operator_is_told(
    watched: tuple[Watched, Readiness, list[float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, readiness, now = watched
    lines: list[str] = []
    readiness.tell = lines.append

    def broken(_: str) -> None:
        raise StoreUnreadable("The store cannot be read: /srv/releases/a/store/000123.sst: no such file")

    for moment in (2.0, 4.0):
        now[0] = moment
        with monkeypatch.context() as patch:
            patch.setattr(site, "select", broken)
            told = state(asyncio.run(readiness.answer()))
        assert told["why"] == "The store cannot be read; the log of the server says more."
    # Once, and again when it was well meanwhile.
    assert lines == ["The store cannot be read: /srv/releases/a/store/000123.sst: no such file"]
    now[0] = 6.0
    assert "why" not in state(asyncio.run(readiness.answer()))


def test_a_release_that_was_refused_is_named(watched: tuple[Watched, Readiness, list[float]]) -> None:
    _, readiness, _ = watched
    readiness.condition.refused, readiness.condition.why = "2026-01-02-x", "half of it is missing"
    told = state(asyncio.run(readiness.answer()))
    # The one before is served: nobody has to go elsewhere.
    assert told["ready"] is True
    assert (told["refused"], told["refused_why"]) == ("2026-01-02-x", "half of it is missing")


@pytest.mark.thorough
def test_health_does_not_wait_for_pages(release: Path) -> None:
    with running(release) as (process, port):
        stop = threading.Event()

        def ask() -> None:
            while not stop.is_set():
                received(port, get(f"/browse?class={quote(BASE)}x&n={time.monotonic_ns()}"))

        threads = [threading.Thread(target=ask) for _ in range(30)]
        for each in threads:
            each.start()
        try:
            time.sleep(0.5)
            for _ in range(10):
                began = time.monotonic()
                assert received(port, get("/healthz")).endswith(b"ok\n")
                assert time.monotonic() - began < 2
        finally:
            stop.set()
            for each in threads:
                each.join(20)
        process.terminate()
        until(lambda: process.poll() is not None, 20)
        assert process.returncode == 0
