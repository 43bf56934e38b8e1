"""Clients that behave badly: too many, too slow, too soon gone, or not as HTTP is spoken."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import socket
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from tests.faults.attack.client import Outcome, Place, Reading, ask, connected, get, leave, post, request
from tests.faults.attack.queries import CROSS, CUT, DEEP, STOPPED, TOO_LONG

_EVERYTHING = "SELECT ?s ?p ?o { ?s ?p ?o }"
_ENDLESS = f"SELECT (COUNT(*) AS ?n) {{ {CROSS} }}"
_STREAM = f"SELECT * {{ {CROSS} }}"
REFUSED = frozenset({"503 busy", "429"})
"""Sent away, and told when to come again."""
_NARROW_BYTES = 4096
_CLOSE = b"Connection: close\r\n"
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A way to behave badly.

    Attributes:
        name: What is done.
        act: Does it, and fails if the server does not bear it.
        short: Whether it belongs to the short form of the attack.
    """

    name: str
    act: Callable[[Place], Awaitable[None]]
    short: bool = True

    def __str__(self) -> str:
        return self.name.replace(" ", "-")


def source(number: int) -> str:
    """Return one of many loopback addresses: to the server, another client."""
    return f"127.0.{2 + number // 250}.{1 + number % 250}"


def different(query: str) -> str:
    """Return a query that nobody asked before, with the same answer."""
    return f"{query} # {next(_numbers)}"


async def hold(seconds: float) -> None:
    """Do nothing for a while, as slow clients do."""
    await asyncio.sleep(seconds)


async def serves_others(place: Place, within: float | None = None) -> None:
    """Check that somebody who did nothing wrong gets an answer to a small query, by the time that one query may take."""
    outcome = await ask(place, post(different("SELECT (1 AS ?x) {}")), source=source(40_000))
    assert outcome.how == "200", f"another client gets {outcome} {outcome.problem}"
    assert outcome.rows == 1
    within = place.seconds if within is None else within
    assert outcome.seconds <= within, f"another client waits {outcome.seconds:.1f} s for a small query"


def end_as(
    outcomes: Sequence[Outcome], endings: frozenset[str], seconds: float, *, some: frozenset[str]
) -> None:
    """Check how and when requests ended.

    Args:
        outcomes: Of all of them.
        endings: In which ways they may have ended.
        seconds: When they have to have ended.
        some: Of these ways there is one in which at least one has ended.
    """
    ways = Counter(each.how for each in outcomes)
    assert set(ways) <= endings, f"{ways}, expected only {sorted(endings)}"
    assert set(ways) & some, f"{ways}, expected some {sorted(some)}"
    longest = max(each.seconds for each in outcomes)
    assert longest <= seconds, f"{ways}; one took {longest:.1f} s, expected {seconds:.1f} s at most"
    for each in outcomes:
        if each.how in REFUSED:
            assert int(each.headers["retry-after"]) > 0


# ------------------------------------------------------------------------------------------------ too many

_CROWD_SECONDS = 4.0
"""A thousand connections at once cost the attacker himself, on the same two cores, about so much."""


async def _crowd(place: Place, query: str, number: int) -> list[Outcome]:
    asked = (ask(place, post(different(query)), source=source(each)) for each in range(number))
    return list(await asyncio.gather(*asked))


async def many_clients(place: Place) -> None:
    outcomes = await _crowd(place, "SELECT (1 AS ?x) {}", place.crowd)
    end_as(outcomes, REFUSED | {"200"}, place.seconds + _CROWD_SECONDS, some=frozenset({"200"}))
    await serves_others(place)


async def many_clients_with_endless_queries(place: Place) -> None:
    outcomes = await _crowd(place, _ENDLESS, place.crowd)
    end_as(outcomes, REFUSED | STOPPED, place.seconds + _CROWD_SECONDS, some=STOPPED)
    await serves_others(place)


async def texts_that_take_long_to_read(place: Place) -> None:
    """Texts in which every character is a token, some of them with a fault at their end: reading them must not stop others."""
    volatile = "SELECT (NOW() AS ?x) {" + "," * 60_000
    ambiguous = "SELECT (NOW() AS ?x) { FILTER(1" + "<1#>" * 15_000 + ") }"
    wrong = "SELECT * { FILTER(0 IN (1" + ",1" * 30_000 + ")) } }"
    asked = (
        ask(place, post(different(text)), source=source(number))
        for number, text in enumerate((volatile, ambiguous, wrong) * 4)
    )
    end_as(await asyncio.gather(*asked), REFUSED | DEEP, place.seconds, some=DEEP)
    await serves_others(place)


async def texts_that_are_too_long(place: Place) -> None:
    """What was read of a text that is refused is let go of at once, or these would be some hundred MiB."""
    message = post("ASK {} #" + "x" * 300_000)

    async def client(number: int) -> list[Outcome]:
        return [await ask(place, message, source=source(number)) for _ in range(75)]

    outcomes = await asyncio.gather(*map(client, range(4)))
    end_as([each for some in outcomes for each in some], TOO_LONG, place.seconds, some=TOO_LONG)


async def one_greedy_client(place: Place) -> None:
    """One address asks sixty endless queries; others must not wait behind them all."""
    greedy = [
        asyncio.ensure_future(ask(place, post(different(_ENDLESS)), source=source(0))) for _ in range(60)
    ]
    try:
        await hold(0.3)
        await asyncio.gather(*(serves_others(place) for _ in range(3)))
    finally:
        outcomes = await asyncio.gather(*greedy)
    end_as(outcomes, REFUSED | STOPPED, place.seconds, some=frozenset({"429"}))


async def connections_that_say_nothing(place: Place) -> None:
    idle = [await connected(place, source(each % 50)) for each in range(800)]
    try:
        await serves_others(place)
    finally:
        for each in idle:
            each.close()


async def connections_again_and_again(place: Place) -> None:
    for number in range(1500):
        leave(await connected(place, source(number % 250)))
    await serves_others(place)


async def wrong_requests_on_one_connection(place: Place) -> None:
    message = request("POST /sparql HTTP/1.1", "Content-Type: text/plain", "Content-Length: 0", close=False)
    await _piped(place, [message] * 500, lambda outcomes: {each.status for each in outcomes} == {415})
    await serves_others(place)


# ------------------------------------------------------------------------------------------------ too slow


async def slow_readers(place: Place) -> None:
    """Readers of 1 kB/s: their answers end by the limit, and nobody has to wait longer for it."""
    accept = "text/csv"
    readers = [await connected(place, source(each), _NARROW_BYTES) for each in range(6)]
    loop = asyncio.get_running_loop()
    readings = [Reading() for _ in readers]
    try:
        for each in readers:
            await loop.sock_sendall(each, post(different(_STREAM), accept))
        end = time.monotonic() + place.seconds
        while time.monotonic() < end:
            for connection, taken in zip(readers, readings, strict=True):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.01):
                        taken.take(await loop.sock_recv(connection, 1024))
            await hold(0.9)
        # All six have had their time by now: no worker is held any longer.
        await asyncio.gather(*(serves_others(place) for _ in range(2)))
        outcomes = await asyncio.gather(*map(_read_on, readers, readings))
    finally:
        for each in readers:
            each.close()
    ways = {each.how for each in outcomes}
    # Closed: a reset takes with it what had come and was not read yet, and that may be all of it.
    assert ways <= CUT | REFUSED | {"closed"}, f"{ways}: an answer without end came to one"


async def _read_on(connection: socket.socket, taken: Reading) -> Outcome:
    loop = asyncio.get_running_loop()
    hung = False
    try:
        async with asyncio.timeout(20):
            while not taken.ended:
                taken.take(await loop.sock_recv(connection, 1 << 18))
    except TimeoutError:
        hung = True
    except OSError:
        taken.whole = False
    return taken.outcome(0.0, hung=hung)


async def slow_bodies(place: Place) -> None:
    """A hundred clients send the text of a query byte by byte: each costs a connection and nothing else."""
    head = request("POST /sparql HTTP/1.1", "Content-Type: application/sparql-query", "Content-Length: 10000")
    await _slowly(place, head, 100)


async def slow_heads(place: Place) -> None:
    await _slowly(place, b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: a.example\r\nX: ", 200)


async def _slowly(place: Place, beginning: bytes, number: int) -> None:
    connections = [await connected(place, source(each)) for each in range(number)]
    loop = asyncio.get_running_loop()
    try:
        for each in connections:
            await loop.sock_sendall(each, beginning)
        for _ in range(5):
            for each in connections:
                await loop.sock_sendall(each, b"x")
            await serves_others(place, within=1.0)
    finally:
        for each in connections:
            each.close()


async def slow_to_the_end(place: Place) -> None:
    """A body and a head that never end are refused with 408 within a minute."""
    beginnings = (
        request("POST /sparql HTTP/1.1", "Content-Type: application/sparql-query", "Content-Length: 10000"),
        b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: a.example\r\nX: ",
    )
    outcomes = await asyncio.gather(*(_drip(place, each, 60) for each in beginnings))
    assert [each.status for each in outcomes] == [408, 408], outcomes


async def _drip(place: Place, beginning: bytes, seconds: float) -> Outcome:
    connection = await connected(place, source(0))
    loop = asyncio.get_running_loop()
    reading = Reading()

    async def send() -> None:
        await loop.sock_sendall(connection, beginning)
        while True:
            await hold(1.0)
            await loop.sock_sendall(connection, b"x")

    sending = asyncio.ensure_future(send())
    try:
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(seconds):
                while not reading.ended:
                    reading.take(await loop.sock_recv(connection, 4096))
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        connection.close()
    return reading.outcome(0.0)


async def bytes_in_chunks_of_their_own(place: Place) -> None:
    body = b"".join(b"1\r\n%c\r\n" % each for each in b"ASK {} #" + b"x" * 20_000) + b"0\r\n\r\n"
    await _chunked(place, body, frozenset({"200"}))


async def chunks_with_long_extensions(place: Place) -> None:
    body = b"6;" + b"x" * 200_000 + b"\r\nASK {}\r\n0\r\n\r\n"
    await _chunked(place, body, frozenset({"200", "400", "413", "431"}))


async def chunks_without_end(place: Place) -> None:
    body = (b"10000\r\n" + b"x" * 0x10000 + b"\r\n") * 300
    await _chunked(place, body, frozenset({"413"}))


async def _chunked(place: Place, body: bytes, endings: frozenset[str]) -> None:
    head = request(
        "POST /sparql HTTP/1.1", "Content-Type: application/sparql-query", "Transfer-Encoding: chunked"
    )
    outcome = await ask(place, head + body, source=source(0))
    assert outcome.how in endings, outcome
    assert outcome.seconds <= place.seconds
    await serves_others(place)


# ------------------------------------------------------------------------------------------------ too soon gone


async def clients_that_leave_at_once(place: Place) -> None:
    await _leave(place, _ENDLESS, 40, received_bytes=0)


async def clients_that_leave_within_the_answer(place: Place) -> None:
    await _leave(place, _STREAM, 8, received_bytes=10_000)


async def clients_that_leave_the_queue(place: Place) -> None:
    """Forty wait, and leave: their queries are never run."""
    waiting = [await connected(place, source(each)) for each in range(40)]
    for each in waiting:
        await asyncio.get_running_loop().sock_sendall(each, post(different(_ENDLESS)))
    await hold(0.2)
    for each in waiting:
        leave(each)
    await serves_others(place, within=1.0)


async def _leave(place: Place, query: str, times: int, *, received_bytes: int) -> None:
    loop = asyncio.get_running_loop()
    for number in range(times):
        connection = await connected(place, source(number))
        await loop.sock_sendall(connection, post(different(query)))
        left = received_bytes
        while left > 0 and (data := await loop.sock_recv(connection, left)):
            left -= len(data)
        leave(connection)
    # Their workers are free at once, not when their time would have been over.
    await serves_others(place, within=1.0)


# ------------------------------------------------------------------------------------------------ not as HTTP is spoken


async def pipelined_queries(place: Place) -> None:
    """Sixty queries in one piece are answered in their order, each with its own answer."""

    def each_its_own(outcomes: Sequence[Outcome]) -> bool:
        found = [json.loads(each.body)["results"]["bindings"][0]["x"]["value"] for each in outcomes]
        return found == [str(number) for number in range(60)]

    queries = (get(f"SELECT ({number} AS ?x) {{}}") for number in range(60))
    await _piped(place, [each.replace(_CLOSE, b"") for each in queries], each_its_own)


async def pipelined_endless_queries(place: Place) -> None:
    """Twenty endless queries in one piece: one runs at a time, and they end with the connection."""
    connection = await connected(place, source(0))
    message = get(_ENDLESS).replace(_CLOSE, b"")
    try:
        await asyncio.get_running_loop().sock_sendall(connection, message * 20)
        await serves_others(place, within=1.0)
    finally:
        leave(connection)
    await serves_others(place, within=1.0)


async def _piped(place: Place, messages: Sequence[bytes], right: Callable[[Sequence[Outcome]], bool]) -> None:
    loop = asyncio.get_running_loop()
    connection = await connected(place, source(0))
    outcomes: list[Outcome] = []
    rest = b""
    try:
        async with asyncio.timeout(place.seconds + _CROWD_SECONDS):
            await loop.sock_sendall(connection, b"".join(messages))
            for _ in messages:
                reading = Reading()
                if rest:
                    reading.take(rest)
                while not reading.ended:
                    reading.take(await loop.sock_recv(connection, 1 << 16))
                rest = reading.rest
                outcomes.append(reading.outcome(0.0))
    finally:
        connection.close()
    assert right(outcomes), Counter(each.how for each in outcomes)


async def clients_that_close_their_half(place: Place) -> None:
    """One that sends and closes its half may be answered, or taken for one that left; its worker is free."""
    loop = asyncio.get_running_loop()
    for query, endings in ((_EVERYTHING, {"200", "closed", "cut"}), (_ENDLESS, STOPPED | {"closed"})):
        connection = await connected(place, source(0))
        try:
            await loop.sock_sendall(connection, post(different(query)))
            connection.shutdown(socket.SHUT_WR)
            outcome = await _read_on(connection, Reading())
        finally:
            connection.close()
        assert outcome.how in endings, outcome
    await serves_others(place, within=1.0)


async def old_clients(place: Place) -> None:
    """To a client of HTTP/1.0 the end of the connection is the end of the answer: it gets all, or none."""
    message = post(_EVERYTHING, "text/csv").replace(b"HTTP/1.1", b"HTTP/1.0")
    outcome = await ask(place, message, source=source(0))
    if outcome.how == "200":
        assert outcome.body.count(b"\r\n") == place.triples + 1, outcome
    else:
        assert outcome.status in (503, 505), outcome
    endless = await ask(place, post(_STREAM, "text/csv").replace(b"HTTP/1.1", b"HTTP/1.0"), source=source(0))
    assert endless.status in (503, 505), endless
    assert endless.seconds <= place.seconds


async def promises_of_a_body(place: Place) -> None:
    """A client that asks leave to send (Expect: 100-continue) and never does holds nothing."""
    head = request(
        "POST /sparql HTTP/1.1",
        "Content-Type: application/sparql-query",
        "Content-Length: 100",
        "Expect: 100-continue",
    )
    connections = [await connected(place, source(each)) for each in range(50)]
    try:
        for each in connections:
            await asyncio.get_running_loop().sock_sendall(each, head)
        await serves_others(place, within=1.0)
    finally:
        for each in connections:
            leave(each)


BEHAVIOURS = (
    Behaviour("many clients at once", many_clients),
    Behaviour("many clients at once with endless queries", many_clients_with_endless_queries),
    Behaviour("texts that take long to read", texts_that_take_long_to_read),
    Behaviour("300 texts that are too long", texts_that_are_too_long),
    Behaviour("one greedy client", one_greedy_client),
    Behaviour("800 connections that say nothing", connections_that_say_nothing),
    Behaviour("1,500 connections that are reset", connections_again_and_again),
    Behaviour("500 wrong requests on one connection", wrong_requests_on_one_connection),
    Behaviour("readers of 1 kB/s", slow_readers),
    Behaviour("bodies byte by byte", slow_bodies),
    Behaviour("heads byte by byte", slow_heads),
    Behaviour("a body and a head without end", slow_to_the_end, short=False),
    Behaviour("bytes in chunks of their own", bytes_in_chunks_of_their_own),
    Behaviour("chunks with long extensions", chunks_with_long_extensions),
    Behaviour("chunks without end", chunks_without_end),
    Behaviour("clients that leave at once", clients_that_leave_at_once),
    Behaviour("clients that leave within the answer", clients_that_leave_within_the_answer),
    Behaviour("clients that leave the queue", clients_that_leave_the_queue),
    Behaviour("pipelined queries", pipelined_queries),
    Behaviour("pipelined endless queries", pipelined_endless_queries),
    Behaviour("clients that close their half", clients_that_close_their_half),
    Behaviour("HTTP/1.0", old_clients),
    Behaviour("promises of a body", promises_of_a_body),
)
