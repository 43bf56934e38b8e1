"""One release after another: the next one is served as soon as it is current, no request is lost, and what cannot be served is told."""

from __future__ import annotations

import asyncio
import gc
import http.client
import json
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import quote

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, serialize

from fonds.release.dataset import build_dataset
from fonds.release.folder import Release, link_of, open_release
from fonds.release.staging import make_current
from fonds.settings import Settings
from fonds.web import resources, routes
from fonds.web.served import Served, Succession
from fonds.web.server import application_of
from tests.processes import until

BASE = "https://a.example/"
SERVE = """
import pathlib, sys
from fonds.web.server import serve
serve(pathlib.Path(sys.argv[1]), "127.0.0.1", 0)
"""
QUERY = "/sparql?query=" + quote("SELECT ?o WHERE { <https://a.example/it> ?p ?o }")
SLOW = "/sparql?query=" + quote(
    "SELECT (COUNT(*) AS ?n) (SAMPLE(?it) AS ?which) WHERE "
    '{ ?a <https://a.example/n> ?x . ?b <https://a.example/n> ?y . FILTER(STR(?a) != "x" && STR(?b) != "y") '
    "<https://a.example/it> <https://a.example/says> ?it }"
)
MANY = 4_500
"""Things whose pairs take a moment to count."""


def make(folder: Path, word: str, base: str = BASE) -> str:
    """Build a release in which one thing says a word; return its name."""
    quads = [
        Quad(NamedNode(f"{BASE}{number}"), NamedNode(f"{BASE}n"), Literal(number)) for number in range(MANY)
    ]
    quads.append(Quad(NamedNode(f"{BASE}it"), NamedNode(f"{BASE}says"), Literal(word)))
    folder.mkdir(exist_ok=True)
    serialize(quads, folder / "data.nq", RdfFormat.N_QUADS)
    return build_dataset(
        [folder / "data.nq"], folder / "releases", settings=Settings(), base=base
    ).folder.name


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    folder = tmp_path_factory.mktemp("two")
    return folder / "releases", make(folder, "first"), make(folder, "second")


@pytest.fixture
def releases(two: tuple[Path, str, str], tmp_path: Path) -> Path:
    """Two releases, of which the first is current."""
    folder, first, _ = two
    mine = shutil.copytree(folder, tmp_path / "releases", symlinks=True)
    make_current(mine, first)
    return mine


class Running:
    """A server in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        line = self.said()
        self.port = int(line.partition("http://127.0.0.1:")[2].partition("/")[0])

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)

    def said(self) -> str:
        """Return the next line that the server says."""
        return self.lines.get(timeout=60)

    def ask(self, target: str = QUERY) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", target, headers={"Accept": "text/csv"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def files(self) -> int:
        return sum(1 for _ in Path(f"/proc/{self.process.pid}/fd").iterdir())


@contextmanager
def running(path: Path) -> Iterator[Running]:
    command = [sys.executable, "-c", SERVE, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Running(process)
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()


def test_the_release_that_becomes_current_is_served_and_no_request_is_lost(
    releases: Path, two: tuple[Path, str, str]
) -> None:
    _, first, second = two
    with running(releases) as server:
        stopped, answers = threading.Event(), []

        def client() -> None:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
            number = 0
            while not stopped.is_set():
                number += 1
                target = QUERY if number % 2 else "/doc/record/none"
                connection.request(
                    "GET",
                    f"{target}{'&' if '?' in target else '?'}n={number}",
                    headers={"Accept": "text/csv, */*"},
                )
                answer = connection.getresponse()
                answers.append((target == QUERY, answer.status, answer.read()))

        clients = [threading.Thread(target=client) for _ in range(3)]
        for each in clients:
            each.start()
        for name in (second, first, second):
            make_current(releases, name)
            assert server.said() == f"fonds: {name} is served now\n"
        assert "second" in server.ask()[1]
        stopped.set()
        for each in clients:
            each.join(60)
    found = {(is_query, status) for is_query, status, _ in answers}
    assert found == {(True, 200), (False, 404)}
    words = {body.decode().split()[-1] for is_query, _, body in answers if is_query}
    assert words == {"first", "second"}


def test_a_query_is_answered_from_the_release_that_it_began_with(
    releases: Path, two: tuple[Path, str, str]
) -> None:
    with running(releases) as server:
        slow: list[tuple[int, str]] = []
        asking = threading.Thread(target=lambda: slow.append(server.ask(SLOW)))
        asking.start()
        time.sleep(0.3)
        make_current(releases, two[2])
        server.process.send_signal(signal.SIGHUP)
        assert server.said() == f"fonds: {two[2]} is served now\n"
        assert asking.is_alive(), "the query was over before the switch"
        assert "second" in server.ask()[1]
        asking.join(60)
    assert slow == [(200, f"n,which\r\n{MANY * MANY},first\r\n")]


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="open files are counted in /proc")
def test_what_is_served_no_more_is_let_go(releases: Path, two: tuple[Path, str, str]) -> None:
    with running(releases) as server:
        counted = []
        for number in range(4):
            name = two[1 + (number + 1) % 2]
            make_current(releases, name)
            assert server.said() == f"fonds: {name} is served now\n"
            server.ask()
            deadline = time.monotonic() + 20
            while server.files() > min(counted, default=0) and time.monotonic() < deadline and counted:
                time.sleep(0.2)
            if not counted:
                time.sleep(2)
            counted.append(server.files())
    assert max(counted) - min(counted) <= 1, counted


def test_a_release_that_cannot_be_served_is_told_and_the_one_before_stays_until_it_is_mended(
    releases: Path, two: tuple[Path, str, str]
) -> None:
    manifest = releases / two[2] / "manifest.json"
    whole = manifest.read_bytes()
    manifest.write_bytes(whole + b" ")
    with running(releases) as server:
        make_current(releases, two[2])
        line = server.said()
        assert line.startswith(f"fonds: {two[1]} is served still: ")
        assert "manifest.json: changed since the build" in line
        assert "first" in server.ask()[1]
        # It is told once; a signal has the server look again.
        manifest.write_bytes(whole)
        time.sleep(1.5)
        assert server.lines.empty()
        server.process.send_signal(signal.SIGHUP)
        assert server.said() == f"fonds: {two[2]} is served now\n"


@pytest.mark.thorough
def test_a_release_that_could_not_be_served_is_no_concern_once_one_went_back(
    releases: Path, two: tuple[Path, str, str]
) -> None:
    manifest = releases / two[2] / "manifest.json"
    manifest.write_bytes(manifest.read_bytes() + b" ")

    def state() -> dict[str, Any]:
        found: dict[str, Any] = json.loads(server.ask("/readyz")[1])
        return found

    with running(releases) as server:
        for _ in range(2):
            make_current(releases, two[2])
            assert server.said().startswith(f"fonds: {two[1]} is served still: ")
            assert state()["refused"] == two[2]
            assert state()["refused_why"].startswith(f"{two[2]}/manifest.json: changed since the build")
            assert str(releases) not in server.ask("/readyz")[1]
            make_current(releases, two[1])
            until(lambda: "refused" not in state(), 20, pause_seconds=0.1)
            assert state()["release"] == two[1]
            assert not {"refused", "refused_why"} & state().keys()


@pytest.mark.thorough
def test_a_release_of_another_base_is_not_served_by_a_running_server(releases: Path, tmp_path: Path) -> None:
    name = make(tmp_path / "other", "third", "https://b.example/")
    shutil.move(tmp_path / "other/releases" / name, releases / "third")
    with running(releases) as server:
        make_current(releases, "third")
        assert (
            "stands under https://b.example/, and not under https://a.example/; start the server again"
            in server.said()
        )
        assert "first" in server.ask()[1]


def test_a_release_itself_is_followed_by_none(releases: Path, two: tuple[Path, str, str]) -> None:
    assert link_of(releases) == releases / "current"
    assert link_of(releases.parent) == releases / "current"
    assert link_of(releases / two[1]) is None
    assert link_of(open_release(releases).folder) is None


def test_what_takes_over_has_made_a_page_of_each_kind_before(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def broken(_pages: object, environ: dict[str, Any], _coding: str) -> None:
        asked.append(environ["PATH_INFO"])
        raise RuntimeError("what cannot be made is told to whoever asks for it")

    application = application_of(release)
    made: list[str] = []
    document = resources.document
    monkeypatch.setattr("fonds.web.edge.ask_flask", broken)
    monkeypatch.setitem(
        cast("dict[str, Any]", routes.DIRECT),
        "doc",
        lambda site, exchange: made.append(exchange.path) or document(site, exchange),
    )
    application.warm()
    application.close()
    assert {"/", "/dataset", "/browse", "/search", "/browse/record", "/browse/holding"} <= set(asked)
    assert "/doc/record/darusenkov-1964-375" in made
    assert any(each.startswith("/doc/holding/") for each in made)


class Answering:
    """What answers from a release, in a circle of references as every application is in."""

    is_busy = False
    metrics: Any = None

    def __init__(self) -> None:
        self.itself = self
        self.readiness: Any = SimpleNamespace()
        self.queue: Any = SimpleNamespace()

    async def start(self) -> None: ...

    def warm(self) -> None: ...

    def close(self) -> None: ...


def test_what_was_served_is_out_of_memory_once_it_has_answered(
    releases: Path, two: tuple[Path, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    given_back = threading.Event()
    monkeypatch.setattr("fonds.web.served.give_back", given_back.set)

    async def follow() -> None:
        edge: Any = Answering()
        before = weakref.ref(edge)
        succession = Succession(
            Served(edge), releases, open_release(releases), lambda _: cast("Any", Answering()), said.append
        )
        del edge
        make_current(releases, two[2])
        following = asyncio.create_task(succession.follow())
        succession.look()
        deadline = time.monotonic() + 20
        while not (before() is None and given_back.is_set()) and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        following.cancel()
        succession.close()
        assert before() is None
        # To the system, too: what each thread has freed the C library keeps for that thread.
        assert given_back.is_set()

    said: list[str] = []
    gc.disable()
    try:
        asyncio.run(follow())
    finally:
        gc.enable()
    assert said == [f"fonds: {two[2]} is served now"]


@pytest.mark.parametrize("order", [1, -1])
def test_a_release_is_not_served_while_it_is_copied_and_is_when_it_is_whole(
    two: tuple[Path, str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: int
) -> None:
    folder, first, second = two
    releases = tmp_path / "releases"
    shutil.copytree(folder / first, releases / first)
    make_current(releases, first)
    monkeypatch.setattr("fonds.web.served.AGAIN_SECONDS", 0.05)
    monkeypatch.setattr("fonds.web.served.LOOK_SECONDS", 0.02)
    said: list[str] = []

    async def follow() -> None:
        succession = Succession(
            Served(cast("Any", Answering())), releases, open_release(releases), lambda _: cast("Any", Answering()), said.append
        )  # fmt: skip
        # The worst that a copy can do: the link comes first, and each file grows in its place.
        make_current(releases, second)
        files = sorted(path for path in (folder / second).rglob("*") if path.is_file())
        for source in files[::order]:
            target = releases / second / source.relative_to(folder / second)
            target.parent.mkdir(parents=True, exist_ok=True)
            content = source.read_bytes()
            for part in (len(content) // 2, len(content)):
                assert await succession.take_current() != ""
                assert succession.serves == first
                target.write_bytes(content[:part])
        following = asyncio.create_task(succession.follow())
        deadline = time.monotonic() + 20
        while succession.serves != second and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        following.cancel()
        assert await succession.take_current() == ""
        succession.close()
        assert succession.serves == second

    asyncio.run(follow())
    # Once is enough while it is copied.
    assert [line.partition(": ")[2].partition(" is")[0] for line in said] == [first, second]
