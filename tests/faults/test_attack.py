"""An attack on a server: every hostile request ends in time and in words, and nobody else notices.

The short form runs with the other tests; ``make attack`` runs all of it.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest

from tests.bench.data import BASE, write_data
from tests.faults.attack.client import Outcome, Place, ask, connected, get, leave, post, request
from tests.faults.attack.queries import CROSS, Hostile, hostile

WHOLE = bool(os.environ.get("FONDS_ATTACK"))
"""Set by ``make attack``."""
TRIPLES = 30_000
MOST_PROCESSES = 5
"""The serving one, three workers, and one that is ready."""
LIMITS = {
    "query_seconds": 2.0 if WHOLE else 1.0,
    "worker_memory_bytes": 256 * 1024 * 1024,
    "workers": 3,
    "queued_queries": 64,
    "client_queries": 8,
}
QUERIES = 10_000 if WHOLE else 300
CLIENTS = 1_000 if WHOLE else 200
ENDLESS = f"SELECT (COUNT(*) AS ?n) {{ {CROSS} }}"
EVERYTHING = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
MEBIBYTE = 1024 * 1024
# Two cores for the server, its workers and this client: a client that waits for its turn on a core is late by some
# milliseconds whatever the server does.
FLOOR_SECONDS = 0.015

T = TypeVar("T")
_numbers = count(2)

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="reads /proc, and has many loopback addresses"
)


@dataclass(frozen=True)
class Server:
    """A server under attack.

    Attributes:
        place: Where it listens.
        process: Its first process.
        documents: Paths of documents.
    """

    place: Place
    process: subprocess.Popen[str]
    documents: Sequence[str]

    def tree(self) -> list[int]:
        """Return the processes: the serving one and its workers."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        workers = {int(each) for task in tasks for each in (task / "children").read_text().split()}
        return [self.process.pid, *sorted(workers)]

    def memory_bytes(self) -> int:
        """Return the memory of all of them: a page that is shared counts once."""
        found = 0
        for pid in self.tree():
            try:
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            except (FileNotFoundError, ProcessLookupError):
                continue
            found += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
        return found

    def open_files(self) -> int:
        """Return how many files and sockets the serving process has open."""
        return sum(1 for _ in Path(f"/proc/{self.process.pid}/fd").iterdir())

    def zombies(self) -> list[int]:
        """Return processes that have ended and that nobody buried."""
        return [pid for pid in self.tree() if state_of(pid) == "Z"]

    def settle(self, seconds: float = 15) -> None:
        """Wait until no query runs: what is left are workers that are kept for a minute."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and (len(self.tree()) > MOST_PROCESSES or self.zombies()):
            time.sleep(0.1)


def state_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def source() -> str:
    """Return the address of a client that has not asked before."""
    number = next(_numbers)
    return f"127.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of made-up data with tight limits."""
    folder = tmp_path_factory.mktemp("attack")
    names = write_data(folder / "data.nt", TRIPLES)
    command = [sys.executable, "-m", "fonds", "build", folder / "data.nt", "--into", folder, "--base", BASE]
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    script = Path(__file__).with_name("attack") / "serving.py"
    serve = [sys.executable, str(script), str(folder), json.dumps(LIMITS)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            words = process.stdout.readline().split()
            port = int(
                next(word for word in words if word.startswith("http://")).rstrip("/").rpartition(":")[2]
            )
            documents = ["/doc/" + name.removeprefix(BASE + "id/") for name in names[:200]]
            yield Server(Place("127.0.0.1", port, LIMITS["query_seconds"], TRIPLES), process, documents)
        finally:
            process.terminate()
            process.wait(60)


def run(work: Awaitable[T]) -> T:
    async def limited() -> T:
        async with asyncio.timeout(3000 if WHOLE else 120):
            return await work

    return asyncio.run(limited())


# ------------------------------------------------------------------------------------------------ others


class Reader:
    """A client that fetches documents all the while, each time over a connection of its own."""

    def __init__(self, server: Server) -> None:
        self.seconds: list[float] = []
        self.bad: list[Outcome] = []
        self._server = server
        self._stopped = asyncio.Event()

    async def read(self) -> None:
        """Fetch until stopped, some fifty documents a second."""
        paths = self._server.documents
        for number in count():
            if self._stopped.is_set():
                return
            head = request(f"GET {paths[number % len(paths)]} HTTP/1.1", "Accept: text/turtle")
            outcome = await ask(self._server.place, head, source="127.0.0.1")
            self.seconds.append(outcome.seconds)
            if outcome.how != "200":
                self.bad.append(outcome)
            await asyncio.sleep(0.02)

    def stop(self) -> None:
        """Fetch no more."""
        self._stopped.set()

    @property
    def slowest(self) -> float:
        """The 99th percentile, in seconds."""
        return sorted(self.seconds)[int(len(self.seconds) * 0.99)]


@asynccontextmanager
async def reading(server: Server) -> AsyncIterator[Reader]:
    """Read documents while the block runs."""
    reader = Reader(server)
    task = asyncio.ensure_future(reader.read())
    try:
        yield reader
    finally:
        reader.stop()
        await task


async def idle_seconds(server: Server) -> float:
    """Return how long the slowest document takes while nothing else happens."""
    async with reading(server) as reader:
        await asyncio.sleep(3 if WHOLE else 1)
    return max(reader.slowest, FLOOR_SECONDS / 3)


class Memory:
    """Watches the memory of a server."""

    def __init__(self, server: Server) -> None:
        self.peak_bytes = 0
        self._server = server

    async def watch(self) -> None:
        """Look ten times a second."""
        while True:
            self.peak_bytes = max(self.peak_bytes, self._server.memory_bytes())
            await asyncio.sleep(0.1)


# ------------------------------------------------------------------------------------------------ the attack


def test_every_hostile_request_ends_in_time_and_nobody_else_notices(server: Server) -> None:
    requests = hostile(short=not WHOLE)
    assert len(requests) >= 50
    outcomes: dict[str, Outcome] = {}

    async def attack() -> tuple[float, Reader, Memory]:
        idle, memory = await idle_seconds(server), Memory(server)
        watching = asyncio.ensure_future(memory.watch())
        waiting = list(reversed(requests))

        async def client() -> None:
            while waiting:
                each = waiting.pop()
                outcomes[each.name] = await ask(server.place, each.message(), source=source())

        async with reading(server) as reader:
            await asyncio.gather(*(client() for _ in range(LIMITS["workers"])))
        watching.cancel()
        return idle, reader, memory

    idle, reader, memory = run(attack())
    faults = [fault for each in requests if (fault := wrong(server, each, outcomes[each.name]))]
    assert faults == []
    assert reader.bad == []
    assert reader.slowest < 3 * max(idle, FLOOR_SECONDS), (reader.slowest, idle)
    most = (LIMITS["workers"] + 1) * LIMITS["worker_memory_bytes"] + 200 * MEBIBYTE
    assert memory.peak_bytes < most
    assert server.process.poll() is None


def wrong(server: Server, each: Hostile, outcome: Outcome) -> str | None:
    """Return what is wrong with the end of a request, None where nothing is."""
    if outcome.seconds > server.place.seconds:
        return f"{each.name}: {outcome.seconds:.1f} s ({outcome.how})"
    if outcome.how not in each.endings:
        return f"{each.name}: {outcome.how}, not {sorted(each.endings)}: {outcome.body[:200]!r}"
    if outcome.status >= 400 and outcome.problem and not outcome.problem.get("detail"):
        return f"{each.name}: {outcome.status} without a word"
    if each.everything and outcome.how == "200" and outcome.rows < server.place.triples * 0.9:
        return f"{each.name}: a cut answer that looks whole"
    return None


def test_a_crowd_is_answered_or_told_when_to_come_again(server: Server) -> None:
    async def crowd() -> list[Outcome]:
        small = get("SELECT ?s { ?s ?p ?o } LIMIT 1")
        asking = [ask(server.place, small, source=source()) for _ in range(CLIENTS)]
        return await asyncio.gather(*asking)

    outcomes = run(crowd())
    assert {each.how for each in outcomes} <= {"200", "503 queued_queries", "503 workers"}
    assert sum(each.how == "200" for each in outcomes) > CLIENTS / 10
    assert all("retry-after" in each.headers for each in outcomes if each.status == 503)


def test_one_client_is_told_that_it_asks_too_much_and_others_are_answered(server: Server) -> None:
    async def greedy() -> tuple[list[Outcome], Outcome]:
        mine = source()
        asking = [asyncio.ensure_future(ask(server.place, post(ENDLESS), source=mine)) for _ in range(20)]
        await asyncio.sleep(0.2)
        other = await ask(server.place, post("ASK {}"), source=source())
        return await asyncio.gather(*asking), other

    outcomes, other = run(greedy())
    assert (other.how, other.seconds < 0.5) == ("200", True)
    assert {each.status for each in outcomes} == {429, 503}
    refused = [each for each in outcomes if each.status == 429]
    assert len(refused) == 20 - LIMITS["client_queries"]
    assert all(
        "retry-after" in each.headers and each.problem["limit"] == "client_queries" for each in refused
    )
    assert all(each.seconds < server.place.seconds for each in outcomes)


def test_slow_readers_cost_no_memory_and_end_at_the_limit(server: Server) -> None:
    async def slow() -> tuple[float, int]:
        before = server.memory_bytes()
        connections = [await connected(server.place, source(), 4096) for _ in range(LIMITS["workers"])]
        loop = asyncio.get_running_loop()
        began = time.monotonic()
        for each in connections:
            await loop.sock_sendall(each, get(EVERYTHING))
        grown = 0
        open_ones = set(connections)
        while open_ones and time.monotonic() < began + 4 * server.place.seconds:
            for each in list(open_ones):
                try:
                    data = await asyncio.wait_for(loop.sock_recv(each, 1000), 0.05)
                except TimeoutError:
                    continue
                except OSError:
                    data = b""
                if not data:
                    open_ones.discard(each)
            grown = max(grown, server.memory_bytes() - before)
            if len(server.tree()) <= MOST_PROCESSES and time.monotonic() > began + server.place.seconds:
                break
        seconds = time.monotonic() - began
        for each in connections:
            each.close()
        return seconds, grown

    seconds, grown = run(slow())
    assert grown < 120 * MEBIBYTE
    assert seconds < 3 * server.place.seconds
    assert run(ask(server.place, post("ASK {}"), source=source())).how == "200"


def test_clients_that_leave_free_their_workers_at_once(server: Server) -> None:
    async def leavers() -> Outcome:
        loop = asyncio.get_running_loop()
        for number in range(30 if WHOLE else 12):
            connection = await connected(server.place, source())
            await loop.sock_sendall(connection, get(ENDLESS if number % 2 else EVERYTHING))
            await asyncio.sleep(0.02 * (number % 4))
            leave(connection)
        await asyncio.sleep(0.3)
        return await ask(server.place, post("ASK {}"), source=source())

    outcome = run(leavers())
    assert (outcome.how, outcome.seconds < 1.0) == ("200", True)
    server.settle()
    assert server.zombies() == []


def test_half_open_and_slow_requests_hold_no_worker(server: Server) -> None:
    async def halves() -> Outcome:
        loop = asyncio.get_running_loop()
        connections = [await connected(server.place, source()) for _ in range(50)]
        for number, each in enumerate(connections):
            half = [b"GET /spa", b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nASK"]
            await loop.sock_sendall(each, half[number % 2])
        outcome = await ask(server.place, post("ASK {}"), source=source())
        for each in connections:
            each.close()
        return outcome

    outcome = run(halves())
    assert (outcome.how, outcome.seconds < 1.0) == ("200", True)


@pytest.mark.parametrize("version", ["1.1", "1.0"])
def test_requests_in_a_row_on_one_connection_are_answered_in_order(server: Server, version: str) -> None:
    async def row() -> bytes:
        loop = asyncio.get_running_loop()
        connection = await connected(server.place, source())
        heads = [
            f"GET /sparql?query=SELECT%20({number}%20AS%20?n)%20%7B%7D HTTP/{version}\r\nHost: x\r\n"
            + ("Connection: close\r\n\r\n" if number == 9 or version == "1.0" else "\r\n")
            for number in range(10 if version == "1.1" else 1)
        ]
        await loop.sock_sendall(connection, "".join(heads).encode())
        received = b""
        while data := await loop.sock_recv(connection, 65_536):
            received += data
        connection.close()
        return received

    received = run(row())
    wanted = range(10 if version == "1.1" else 1)
    places = [received.find(f'"value":"{number}"'.encode()) for number in wanted]
    assert places == sorted(places)
    assert min(places) > 0


# ------------------------------------------------------------------------------------------------ leaks


def test_nothing_leaks_over_many_queries(server: Server) -> None:
    kinds = [
        get("SELECT ?s { ?s ?p ?o } LIMIT 3"),
        post("ASK { ?s ?p ?o }"),
        post("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 50", "text/turtle"),
        post("SELECT * { nonsense"),
        post("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"),
        get("SELECT * { ?s ?p ?o } LIMIT 4000", "text/csv"),
        post(f"ASK {{ FILTER({'(' * 20_000}1{')' * 20_000}) }}"),
    ]

    async def many(number: int) -> None:
        waiting = list(range(number))

        async def client() -> None:
            loop = asyncio.get_running_loop()
            while waiting:
                each = waiting.pop()
                if each % 50 == 0:
                    connection = await connected(server.place, source())
                    await loop.sock_sendall(connection, get(ENDLESS))
                    leave(connection)
                else:
                    # Few of the last kind: each ends a worker.
                    kind = kinds[each % len(kinds)] if each % 25 == 0 else kinds[each % (len(kinds) - 1)]
                    outcome = await ask(server.place, kind, source=source())
                    assert outcome.status in (200, 400, 403, 503), outcome

        await asyncio.gather(*(client() for _ in range(4)))

    run(many(QUERIES // 4))
    server.settle()
    files, memory = server.open_files(), server.memory_bytes()
    run(many(QUERIES))
    server.settle()
    assert server.zombies() == []
    assert len(server.tree()) <= MOST_PROCESSES
    assert server.open_files() <= files + 8
    assert server.memory_bytes() <= memory + 40 * MEBIBYTE
