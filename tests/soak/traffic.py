"""Mixed traffic, as a public site has it: readers, crawlers, harvesters, people who write SPARQL, and some who mean no good.

A process of its own: ``python -m tests.soak.traffic HOST PORT SECONDS RATE < addresses``. It writes a line for each request when it is
answered: the moment it was due (monotonic clock), its kind, how it ended, milliseconds from when it was due, bytes.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from tests.faults.attack.client import Outcome, Place, ask, connected, leave, post

_PATIENCE_SECONDS = 60.0
_AT_ONCE = 200
"""More requests than these are never under way; were there more, the server would not keep up with this rate."""
_CLIENTS = 40
"""Addresses from which readers come."""
_HOSTILE = 4
"""Addresses from which those come who mean no good."""

ANSWERED = frozenset({"200"})
LIMITED = frozenset({"429", "503 busy", "503 query_seconds"})
"""Ended by a limit: sent away with ``Retry-After``, or not done within the time for a query."""

_FORMATS = (
    "text/html",
    "text/html",
    "text/html",
    "text/turtle",
    "application/ld+json",
    "application/rdf+xml",
)
_WORDS = (
    "telegram",
    "minister",
    "letter",
    "revolution",
    "memorandum",
    "cuba",
    "the",
    "zzz",
    '"foreign policy"',
    "a*",
)
_CROSS = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
_BASE = "http://127.0.0.1:8000/"
_ABOUT = "SELECT * {{ <{iri}> ?p ?o }}"
_COUNT = "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p ORDER BY DESC(?n)"
_NAMES = "SELECT ?s ?name {{ ?s <http://www.w3.org/2000/01/rdf-schema#label> ?name }} ORDER BY ?s LIMIT 50 OFFSET {offset}"
_VERBS = (
    "Identify",
    "ListSets",
    "ListIdentifiers&metadataPrefix=oai_dc",
    "ListRecords&metadataPrefix=oai_dc",
)
_PATHS = (
    "/..%2f..%2fetc/passwd",
    "/doc/record/<script>alert(1)</script>",
    "/doc/person/%00",
    "/search?q=" + "(" * 500,
    "/id/record/" + "a" * 4000,
    "/oai?verb=ListRecords&resumptionToken=%27%3B--",
    "/release/../../manifest.json",
    "/doc?iri=javascript:alert(1)",
)


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that is asked for.

    Attributes:
        weight: How many of a thousand requests are of this kind, about.
        message: Makes a request, of a random generator and the addresses of documents.
        allowed: How it may end besides by a limit.
        hostile: Whether those ask it who mean no good.
    """

    weight: float
    message: Callable[[random.Random, Sequence[str]], bytes]
    allowed: frozenset[str] = ANSWERED
    hostile: bool = False


def _get(path: str, accept: str = "*/*", *headers: str) -> bytes:
    """Return a request as browsers and crawlers send it, with compression."""
    lines = (f"GET {path} HTTP/1.1", "Host: a.example", "Connection: close", f"Accept: {accept}", *headers)
    return "\r\n".join((*lines, "Accept-Encoding: gzip", "", "")).encode("latin-1")


def _query(text: str) -> bytes:
    return _get(f"/sparql?query={quote(text, safe='')}", "application/sparql-results+json")


def _different(drawn: random.Random, text: str) -> str:
    return f"{text} #{drawn.getrandbits(48):x}"


KINDS = {
    "document": Kind(400, lambda drawn, documents: _get(drawn.choice(documents), drawn.choice(_FORMATS))),
    "document again": Kind(100, lambda drawn, documents: _get(documents[drawn.randrange(5)], "text/html")),
    "identifier": Kind(
        50,
        lambda drawn, documents: _get(drawn.choice(documents).replace("/doc/", "/id/", 1), "text/turtle"),
        frozenset({"303"}),
    ),
    "home and lists": Kind(
        60,
        lambda drawn, _: _get(
            drawn.choice(
                (
                    "/",
                    "/browse/record",
                    "/browse/person",
                    "/browse/record?by=date",
                    "/timeline",
                    "/map",
                    "/dataset",
                    "/help",
                    "/queries/",
                    "/about",
                )
            ),
            "text/html",
        ),
    ),
    "search": Kind(80, lambda drawn, _: _get(f"/search?q={quote(drawn.choice(_WORDS))}", "text/html")),
    "feed": Kind(
        30,
        lambda drawn, _: _get(
            drawn.choice(
                ("/changes", "/changes/1", "/changes.atom", "/sitemap.xml", "/robots.txt", "/errata.csv")
            )
        ),
    ),
    "harvest": Kind(30, lambda drawn, _: _get(f"/oai?verb={drawn.choice(_VERBS)}")),
    "stored query": Kind(
        20,
        lambda drawn, _: _get(
            drawn.choice(("/queries/participants", "/queries/gaps.csv", "/queries/custody.json")), "*/*"
        ),
    ),
    "small query": Kind(
        80,
        lambda drawn, documents: _query(
            _different(drawn, _ABOUT.format(iri=_BASE + drawn.choice(documents).replace("/doc/", "id/", 1)))
        ),
    ),
    "list by query": Kind(
        10, lambda drawn, _: _query(_different(drawn, _NAMES.format(offset=drawn.randrange(0, 500))))
    ),
    "repeated query": Kind(50, lambda drawn, _: _query(_NAMES.format(offset=0))),
    "count": Kind(10, lambda drawn, _: _query(_different(drawn, _COUNT))),
    "graph": Kind(
        10,
        lambda drawn, _: post(
            _different(drawn, "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 2000"), "text/turtle"
        ),
    ),
    "dump": Kind(3, lambda drawn, _: _get("/dumps/dataset.nq.gz")),
    "part of a dump": Kind(
        5,
        lambda drawn, _: _get("/dumps/dataset.nq.gz", "*/*", f"Range: bytes={drawn.randrange(5000)}-6000"),
        frozenset({"206"}),
    ),
    "nothing there": Kind(
        15, lambda drawn, _: _get(f"/doc/record/{drawn.getrandbits(40):x}", "text/html"), frozenset({"404"})
    ),
    "hostile path": Kind(
        20,
        lambda drawn, _: _get(drawn.choice(_PATHS)),
        frozenset({"200", "303", "308", "400", "404", "414", "431"}),
        hostile=True,
    ),
    "hostile query": Kind(
        4,
        lambda drawn, _: post(_different(drawn, f"SELECT (COUNT(*) AS ?n) {{ {_CROSS} }}")),
        frozenset({"503 query_seconds", "503 worker_memory_bytes"}),
        hostile=True,
    ),
    "wrong query": Kind(
        8, lambda drawn, _: _query(_different(drawn, "SELECT * { ?s ?p }")), frozenset({"400"})
    ),
    "everything": Kind(
        1,
        lambda drawn, _: post(_different(drawn, "SELECT * { ?s ?p ?o }"), "text/csv"),
        frozenset({"200", "cut"}),
        hostile=True,
    ),
    "one who leaves": Kind(
        5,
        lambda drawn, _: post(_different(drawn, "SELECT * { ?s ?p ?o }")),
        frozenset({"left"}),
        hostile=True,
    ),
}
"""What is asked. Those who mean no good come from few addresses, so that limits for a client do not meet the others."""


async def _one(place: Place, name: str, due: float, number: int, addresses: Sequence[str]) -> None:
    kind, drawn = KINDS[name], random.Random(f"{number}")
    source = f"127.0.{2 if kind.hostile else 1}.{1 + drawn.randrange(_HOSTILE if kind.hostile else _CLIENTS)}"
    message = kind.message(drawn, addresses)
    if name == "one who leaves":
        outcome, how = Outcome(), await _leaves(place, message, source)
    else:
        outcome = await ask(place, message, source=source, patience=_PATIENCE_SECONDS)
        how = (
            outcome.how
            if outcome.status != 429 or "retry-after" in outcome.headers
            else "429 without Retry-After"
        )
    milliseconds = 1000 * (time.monotonic() - due)
    print(f"{due:.3f}\t{name}\t{how}\t{milliseconds:.2f}\t{outcome.size}", flush=True)


async def _leaves(place: Place, message: bytes, source: str) -> str:
    """Ask for everything and leave with a reset when the first of it comes."""
    loop = asyncio.get_running_loop()
    connection = await connected(place, source)
    try:
        await loop.sock_sendall(connection, message)
        await asyncio.wait_for(loop.sock_recv(connection, 4096), _PATIENCE_SECONDS)
    except TimeoutError:
        return "hung"
    except OSError:
        return "closed"
    finally:
        leave(connection)
    return "left"


async def play(place: Place, addresses: Sequence[str], *, seconds: float, rate: float) -> None:
    """Ask at a steady rate, whether answers come or not, as a public does that knows nothing of the server.

    Args:
        place: The server.
        addresses: Paths of documents.
        seconds: How long.
        rate: Requests a second.
    """
    drawn = random.Random(1964)
    names, weights = list(KINDS), list(itertools.accumulate(kind.weight for kind in KINDS.values()))
    under_way: set[asyncio.Task[None]] = set()
    began = time.monotonic()
    for number in range(int(seconds * rate)):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        if len(under_way) >= _AT_ONCE:
            await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
        name = drawn.choices(names, cum_weights=weights)[0]
        task = asyncio.create_task(_one(place, name, due, number, addresses))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    if under_way:
        await asyncio.wait(under_way)


if __name__ == "__main__":
    asyncio.run(
        play(
            Place(sys.argv[1], int(sys.argv[2]), query_seconds=_PATIENCE_SECONDS, triples=0),
            sys.stdin.read().split(),
            seconds=float(sys.argv[3]),
            rate=float(sys.argv[4]),
        )
    )
