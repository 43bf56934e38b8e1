"""Rounds of the event loop, alone and on a socket."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from functools import partial

import pytest

from fonds.release.folder import Release
from fonds.store.embedded import EmbeddedStore
from fonds.web import create_app, rounds
from fonds.web.edge import Edge
from fonds.web.rounds import Rounds
from tests.unit.web.conftest import query_target
from tests.unit.web.test_server import LOOPBACK, connected, get, listening, received


class Clock:
    """A clock that stands still unless work is done."""

    now = 0.0

    def work(self, done: list[int], name: int) -> None:
        self.now += 0.0004
        done.append(name)


class Loop:
    """A loop whose rounds a test runs by hand."""

    def __init__(self) -> None:
        self.soon: list[Callable[[], None]] = []

    def call_soon(self, call: Callable[[], None]) -> None:
        self.soon.append(call)

    def round(self) -> None:
        soon, self.soon = self.soon, []
        for each in soon:
            each()


@pytest.fixture
def application(dataset: Release, dataset_store: EmbeddedStore) -> Edge:
    return create_app(dataset, dataset_store, dataset.manifest.settings)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(rounds, "monotonic", lambda: clock.now)
    return clock


def test_a_turn_is_a_millisecond_and_the_rest_waits_in_its_order(clock: Clock) -> None:
    loop, done = Loop(), list[int]()
    taken = Rounds(loop)  # type: ignore[arg-type]
    at_once = [taken.take(partial(clock.work, done, name)) for name in range(8)]
    assert at_once == [True] * 3 + [False] * 5
    assert done == [0, 1, 2]
    loop.round()
    assert done == [0, 1, 2, 3, 4, 5]
    assert not taken.take(partial(clock.work, done, 8)), "it would overtake those who wait"
    loop.round()
    assert done == list(range(9))
    loop.round()
    assert not loop.soon, "nothing waits, so nothing is to be done"
    assert taken.take(partial(clock.work, done, 9))


def test_work_that_takes_longer_than_a_turn_is_done_all_the_same(clock: Clock) -> None:
    loop, done = Loop(), list[int]()
    taken = Rounds(loop)  # type: ignore[arg-type]

    def slow(name: int) -> None:
        clock.now += 0.5
        done.append(name)

    for name in range(3):
        taken.take(partial(slow, name))
    assert done == [0]
    loop.round()
    assert done == [0, 1]
    loop.round()
    assert done == [0, 1, 2]


@pytest.mark.parametrize("seconds", [0.001, 0.0])
def test_answers_on_one_connection_come_in_the_order_of_the_requests(
    application: Edge, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    monkeypatch.setattr(rounds, "TURN_SECONDS", seconds)
    queries = [_query(text) for text in ("ASK { ?s ?p 1964 }", "SELECT (1964 AS ?y) {}")]
    health = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    with listening(application) as port, connected(port) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for message in (queries[0], health, queries[1], get("/healthz")):
            connection.sendall(message)
        found = b"".join(iter(partial(connection.recv, 65_536), b""))
    assert found.count(b"HTTP/1.1 200") == 4
    places = [found.index(b"false"), found.index(b"ok\n"), found.index(b"1964"), found.rindex(b"ok\n")]
    assert places == sorted(places)


def _query(text: str) -> bytes:
    return f"GET {query_target(text)} HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n".encode()


def test_a_client_that_leaves_before_its_turn_costs_nothing(
    application: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "TURN_SECONDS", 0.0)
    message = _query("SELECT (1964 AS ?y) {}")

    async def leave(port: int) -> None:
        _, writer = await asyncio.open_connection(LOOPBACK, port)
        writer.write(message)
        writer.transport.abort()

    with listening(application) as port:
        for _ in range(20):
            asyncio.run(leave(port))
        assert b"1964" in received(port, get(query_target("SELECT (1964 AS ?y) {}")))
