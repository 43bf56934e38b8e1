"""Pages for many clients: turns, shares, limits; and one bot beside one reader."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonds.release.folder import Release
from fonds.settings import Limits
from fonds.web import create_app
from fonds.web.clients import Clients
from fonds.web.problems import Problem
from fonds.web.queues import Allowance, FairQueue, Left
from tests.unit.web.test_server import get, listening, received


async def stays() -> None:
    """Stand for a client that does not leave."""
    await asyncio.Event().wait()


class Works:
    """Pages whose end a test decides."""

    def __init__(self, queue: FairQueue) -> None:
        self.queue = queue
        self.begun: list[str] = []
        self.ended: list[str] = []
        self._may_end: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def ask(self, name: str, gone: Callable[[], Awaitable[None]] = stays) -> None:
        """Ask for a page; the client is what stands before the number."""
        self._may_end[name] = asyncio.Event()
        self._tasks[name] = asyncio.create_task(self._work(name, gone))
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def _work(self, name: str, gone: Callable[[], Awaitable[None]]) -> None:
        async with self.queue.place(name[0], gone):
            self.begun.append(name)
            await self._may_end[name].wait()
        self.ended.append(name)

    async def end(self, name: str) -> None:
        self._may_end[name].set()
        await self._tasks[name]
        for _ in range(4):
            await asyncio.sleep(0)

    async def outcome(self, name: str) -> BaseException | None:
        await asyncio.wait([self._tasks[name]], timeout=5)
        return self._tasks[name].exception()


def queue(threads: int = 8, **limits: Any) -> FairQueue:
    return FairQueue(threads, Limits(**limits), lambda: 0.0)


def test_one_client_never_has_all_threads_and_others_go_before_what_it_asked_later() -> None:
    async def run() -> None:
        works = Works(queue(4))
        for number in range(5):
            await works.ask(f"a{number}")
        assert works.begun == ["a0"]
        await works.ask("b0")
        await works.ask("b1")
        assert works.begun == ["a0", "b0"]
        await works.end("a0")
        assert works.begun == ["a0", "b0", "a1"]
        await works.end("b0")
        assert works.begun[-1] == "b1"

    asyncio.run(run())


def test_those_who_wait_take_turns() -> None:
    async def run() -> None:
        works = Works(queue(1))
        for name in ("x0", "a0", "a1", "a2", "b0", "c0", "b1"):
            await works.ask(name)
        for name in ("x0", "a0", "b0", "c0", "a1", "b1", "a2"):
            await works.end(name)
        assert works.ended == ["x0", "a0", "b0", "c0", "a1", "b1", "a2"]
        assert (works.queue.running, works.queue.waiting) == (0, 0)

    asyncio.run(run())


def test_who_leaves_or_is_stopped_gives_its_place_up() -> None:
    async def run() -> None:
        works = Works(queue(1))
        leaving = asyncio.Event()

        async def leaves() -> None:
            await leaving.wait()

        await works.ask("a0")
        await works.ask("b0", leaves)
        await works.ask("c0")
        await works.ask("d0")
        leaving.set()
        assert isinstance(await works.outcome("b0"), Left)
        works._tasks["c0"].cancel()
        await asyncio.sleep(0.01)
        assert works.queue.waiting == 1
        await works.end("a0")
        assert works.begun == ["a0", "d0"]
        works._tasks["d0"].cancel()
        await asyncio.sleep(0.01)
        assert (works.queue.running, works.queue.waiting, works.queue._of_client) == (0, 0, {})

    asyncio.run(run())


@pytest.mark.clause("RFC 6585 4")
def test_who_asks_for_too_much_is_told_so() -> None:
    async def run() -> None:
        works = Works(queue(4, client_pages=3, queued_pages=4))
        for name in ("a0", "a1", "a2", "a3"):
            await works.ask(name)
        refused = await works.outcome("a3")
        assert isinstance(refused, Problem)
        assert (refused.status, refused.limit, refused.facts["value"]) == (429, "client_pages", 3)
        assert dict(refused.headers)[b"retry-after"].isdigit()
        for name in ("b0", "b1", "b2", "c0", "c1", "d0"):
            await works.ask(name)
        full = await works.outcome("d0")
        assert isinstance(full, Problem)
        assert (full.status, full.limit) == (503, "queued_pages")
        await works.end("a0")
        await works.ask("a4")

    asyncio.run(run())


def test_pages_in_a_minute() -> None:
    now = [0.0]
    allowance = Allowance(120, lambda: now[0])
    assert [allowance.take("203.0.113.1") for _ in range(121)] == [0] * 120 + [6]
    assert allowance.take("203.0.113.2") == 0
    # Who comes again when it was told to has a tenth of them.
    now[0] = 6.0
    assert [allowance.take("203.0.113.1") for _ in range(13)] == [0] * 12 + [6]
    # This machine has no limit, nor has anybody where none is set.
    assert not any(allowance.take("127.0.0.1") for _ in range(1000))
    assert not any(Allowance(0, lambda: 0.0).take("203.0.113.1") for _ in range(1000))


def test_however_many_clients_come_few_are_kept_in_mind() -> None:
    allowance = Allowance(120, lambda: 0.0)
    for number in range(30_000):
        allowance.take(f"client {number}")
    assert len(allowance) == 20_000


@given(st.lists(st.tuples(st.floats(0, 30), st.booleans()), max_size=60))
def test_nobody_ever_has_more_than_its_minute(steps: list[tuple[float, bool]]) -> None:
    now = [0.0]
    allowance = Allowance(10, lambda: now[0])
    taken = 0
    for wait, many in steps:
        now[0] += wait
        taken += sum(allowance.take("203.0.113.1") == 0 for _ in range(15 if many else 1))
        assert taken <= 10 + now[0] * 10 / 60 + 1e-6


def test_a_forged_header_makes_nobody_another_client() -> None:
    forged = [(b"x-forwarded-for", b"198.51.100.1")]
    assert Clients([]).of("203.0.113.7", forged) == "203.0.113.7"
    behind = Clients(["127.0.0.1"])
    assert behind.of("203.0.113.7", forged) == "203.0.113.7"
    # What the client itself wrote stands before what our proxy added.
    both = [(b"x-forwarded-for", b"198.51.100.1, 203.0.113.9")]
    assert behind.of("127.0.0.1", both) == "203.0.113.9"
    six = [(b"x-forwarded-for", b"2001:db8:1:2:aaaa::1")]
    assert behind.of("127.0.0.1", six) == behind.of(
        "127.0.0.1", [(b"x-forwarded-for", b"2001:db8:1:2:bbbb::9")]
    )


def test_a_refusal_on_a_socket(dataset: Any, dataset_store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fonds.web.edge._REFUSAL_SECONDS", 0.01)
    limits = Limits(client_pages_per_minute=2)
    settings = msgspec.structs.replace(dataset.manifest.settings, limits=limits, proxies=("127.0.0.1",))
    with listening(create_app(dataset, dataset_store, settings)) as port:
        answers = [received(port, get("/dataset.ttl", "X-Forwarded-For: 203.0.113.1")) for _ in range(4)]
        other = received(port, get("/dataset.ttl", "X-Forwarded-For: 203.0.113.2"))
        page = received(port, get("/about", "X-Forwarded-For: 203.0.113.1", "Accept: text/html"))
    statuses = [int(each[9:12]) for each in answers]
    # What is in memory by then does not count.
    assert statuses in ([200, 200, 200, 200], [200, 200, 429, 429])
    assert other.startswith(b"HTTP/1.1 200")
    assert page.startswith(b"HTTP/1.1 429")
    assert b"retry-after: " in page
    assert b"in a minute" in page


BOT = Path(__file__).with_name("bot.py")


@pytest.mark.thorough
def test_one_bot_on_two_hundred_connections_beside_one_reader(release: Release) -> None:
    """The numbers of docs/operations.md, with room for a machine that does something else as well."""
    command = [sys.executable, str(BOT), str(release.folder)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["reader"]["statuses"] == ["200"], found
    assert found["bot"]["answers"] > 100, found
    assert "429" in found["bot"]["statuses"], found
    assert found["reader"]["p99_ms"] < max(20 * found["peace"]["p99_ms"], 1000), found
