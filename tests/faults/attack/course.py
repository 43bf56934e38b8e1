"""The course of an attack: a server is started, looked at in peace, attacked, and looked at again."""

from __future__ import annotations

import asyncio
import random
import resource
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fonds.release.dataset import build_dataset
from fonds.release.folder import Release
from fonds.settings import read_settings
from tests.bench.data import BASE, write_data
from tests.conftest import serving
from tests.faults.attack.behaviours import BEHAVIOURS, REFUSED, Behaviour, different, serves_others, source
from tests.faults.attack.client import Outcome, Place, ask, connected, get, leave, post
from tests.faults.attack.documents import Fetched, reading
from tests.faults.attack.queries import CROSS, Hostile, hostile
from tests.faults.attack.watch import State, Watch, settled

_TRIPLES = 30_000
_MIB = 1024 * 1024
_TRIES = 3
"""Who is sent away with Retry-After, since the workers that were killed are not replaced yet, comes again."""
_PARTS = 3
"""The search for leaks is in so many parts; the state after the first is held against the one after the last."""
SETTINGS = """
title = "Under attack"

[limits]
query_seconds = {query_seconds}
worker_memory_bytes = {worker_memory_bytes}
workers = {workers}
queued_queries = 16
client_queries = 4
result_bytes = 16_777_216
result_rows = 200_000
cache_bytes = 4_194_304
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is tried.

    Attributes:
        short: Whether only some of everything.
        query_seconds: The limit of the server's queries.
        idle_seconds: How long it is looked at in peace.
        queries: How many are asked in the search for leaks.
        crowd: How many clients come at once, where many do.
        workers: Queries that run at the same time.
        worker_memory_bytes: The limit of a worker.
    """

    short: bool
    query_seconds: float
    idle_seconds: float
    queries: int
    crowd: int
    workers: int = 2
    worker_memory_bytes: int = 256 * _MIB


SHORT = Size(short=True, query_seconds=1.0, idle_seconds=1.5, queries=300, crowd=200)
LONG = Size(short=False, query_seconds=2.0, idle_seconds=10.0, queries=12_000, crowd=1000)


@dataclass(slots=True)
class Course:
    """What was seen.

    Attributes:
        size: How much was tried.
        triples: In the default graph of what was served.
        idle: Documents that were fetched in peace.
        under_attack: Documents that were fetched meanwhile.
        outcomes: How each hostile query ended, by its name.
        faults: What is wrong, by the name of the behaviour that shows it.
        phases: Name, begin and end of what was done when, on the monotonic clock.
        most_bytes: The most memory of all processes.
        alive: Whether the serving process is the one that was started, and runs.
        before: The state in peace, after a first round of everything that leaves something behind once.
        after: The state after the attack.
        states: The states in the search for leaks, from the first to the last.
        asked: How the queries in that search ended, and how often.
        log: What the server wrote.
    """

    size: Size
    triples: int
    idle: list[Fetched] = field(default_factory=list)
    under_attack: list[Fetched] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    faults: dict[str, BaseException] = field(default_factory=dict)
    phases: list[tuple[str, float, float]] = field(default_factory=list)
    most_bytes: int = 0
    alive: bool = False
    before: State | None = None
    after: State | None = None
    states: list[State] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    log: str = ""


# ------------------------------------------------------------------------------------------------ the server


def build(folder: Path, seed: Release, size: Size) -> tuple[Release, list[str]]:
    """Build a release of made-up data and a publication's; return it and the addresses of its documents."""
    (folder / "fonds.toml").write_text(
        SETTINGS.format(
            query_seconds=size.query_seconds,
            worker_memory_bytes=size.worker_memory_bytes,
            workers=size.workers,
        ),
        encoding="utf-8",
    )
    iris = write_data(folder / "data.nt", _TRIPLES)
    files = [folder / "data.nt", seed.dumps / "dataset.nq.gz"]
    release = build_dataset(files, folder / "releases", settings=read_settings(folder), base=BASE)
    return release, [f"/doc/{iri.removeprefix(f'{BASE}id/')}" for iri in iris]


# ------------------------------------------------------------------------------------------------ the course


def run(folder: Path, seed: Release, size: Size) -> Course:
    """Start a server, attack it, and return what was seen."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    release, targets = build(folder, seed, size)
    triples = release.manifest.counts.public
    course = Course(size, triples)
    log = folder / "log"
    with serving(release.folder, "--log-level", "error", complaints=log) as site:
        process, (host, port) = site.process, site.address
        place = Place(host, port, size.query_seconds, triples, size.crowd)
        # The first of everything: threads that stay, modules that are loaded late, documents that are kept.
        asyncio.run(_mix(place, 40, seed=0))
        with reading(host, port, targets):
            time.sleep(0.3)
        with reading(host, port, targets) as fetched:
            time.sleep(size.idle_seconds)
        course.idle = fetched
        course.before = settled(process.pid)
        watch = Watch(process.pid)
        watch.start()
        with reading(host, port, targets) as fetched:
            asyncio.run(_attack(place, course))
        course.under_attack = fetched
        course.after = settled(process.pid)
        for part in range(_PARTS):
            course.asked += asyncio.run(_mix(place, size.queries // _PARTS, seed=1 + part))
            course.states.append(settled(process.pid))
        course.most_bytes = watch.stop()
        course.alive = process.poll() is None
    course.log = log.read_text(errors="replace")
    return course


async def _attack(place: Place, course: Course) -> None:
    await _ask_all(place, course, hostile(short=course.size.short))
    for each in BEHAVIOURS:
        if each.short or not course.size.short:
            await _behave(place, course, each)


async def _ask_all(place: Place, course: Course, queries: Sequence[Hostile]) -> None:
    """Ask as many queries at a time as there are workers, each from an address of its own."""
    left = list(reversed(queries))

    async def client(address: str) -> None:
        while left:
            each = left.pop()
            began = time.monotonic()
            for _ in range(_TRIES):
                outcome = await ask(place, each.message(), source=address)
                if outcome.how not in REFUSED:
                    break
            course.outcomes[each.name] = outcome
            course.phases.append((each.name, began, time.monotonic()))

    await asyncio.gather(*(client(source(number)) for number in range(course.size.workers)))


async def _behave(place: Place, course: Course, behaviour: Behaviour) -> None:
    began = time.monotonic()
    try:
        await behaviour.act(place)
    except (AssertionError, OSError, ValueError) as error:
        course.faults[behaviour.name] = error
    course.phases.append((behaviour.name, began, time.monotonic()))


# ------------------------------------------------------------------------------------------------ leaks


async def _mix(place: Place, number: int, *, seed: int) -> Counter[str]:
    """Ask many queries, right, wrong and killed ones, from several clients; return how they ended."""
    drawn = random.Random(seed)
    left = iter(drawn.choices(list(_KINDS), weights=list(_KINDS.values()), k=number))
    ways: Counter[str] = Counter()

    async def client(address: str) -> None:
        for kind in left:
            ways[await _one(place, kind, address)] += 1

    await asyncio.gather(*(client(source(each)) for each in range(6)))
    await serves_others(place, within=place.seconds)
    return ways


_KINDS = {
    "small": 50,
    "repeated": 10,
    "page": 4,
    "rows": 8,
    "graph": 8,
    "wrong": 8,
    "forbidden": 4,
    "too long": 2,
    "not acceptable": 2,
    "too deep": 0.5,
    "stopped": 0.2,
    "leaves": 2,
    "leaves within": 1.3,
}
"""What is asked in the search for leaks, and how often in a hundred."""


async def _one(place: Place, kind: str, address: str) -> str:
    """Ask one query of a kind; return how it ended."""
    if kind.startswith("leaves"):
        return await _one_that_leaves(place, address, within=kind == "leaves within")
    return f"{kind}: {(await ask(place, _message(kind), source=address)).how}"


def _message(kind: str) -> bytes:
    text = {
        "small": "SELECT (1 AS ?x) {}",
        "rows": "SELECT * { ?s ?p ?o } LIMIT 2000",
        "graph": "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 500",
        "wrong": "SELECT * { ?s ?p }",
        "forbidden": "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "too long": "ASK {} #" + "x" * 300_000,
        "too deep": "SELECT (" + "(" * 20_000 + "1" + ")" * 20_000 + " AS ?x) {}",
        "stopped": f"SELECT (COUNT(*) AS ?n) {{ {CROSS} }}",
        "not acceptable": "ASK {}",
        "page": "SELECT * { ?s ?p ?o } LIMIT 20",
    }
    match kind:
        case "repeated":
            return get("SELECT * { ?s ?p ?o } LIMIT 10")
        case "page":
            return get(different(text[kind]), "text/html")
        case "graph":
            return get(different(text[kind]), "text/turtle")
        case "not acceptable":
            return get(text[kind], "image/png")
        case _:
            return post(different(text[kind]))


async def _one_that_leaves(place: Place, address: str, *, within: bool) -> str:
    connection = await connected(place, address)
    loop = asyncio.get_running_loop()
    try:
        await loop.sock_sendall(connection, post(different(f"SELECT * {{ {CROSS} }}")))
        if within:
            await loop.sock_recv(connection, 4096)
    except OSError:
        return "left: closed"
    finally:
        leave(connection)
    return "left"
