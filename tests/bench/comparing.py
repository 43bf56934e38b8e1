"""The same requests to each server, in rounds: ours and theirs in turn, so that what else the machine does falls on both."""

from __future__ import annotations

import http.client
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import virtuoso as virtuoso_server
from tests.bench.client import Played, get, play_for, play_once, together
from tests.bench.data import BASE
from tests.bench.servers import Server, fonds, oxigraph, peak_of
from tests.bench.table import NOTHING, Row, Spread, mib_of, spread_of

TURTLE, JSONLD, HTML = "text/turtle", "application/ld+json", "text/html"
RESULTS = "application/sparql-results+json"
NOT_INSTALLED = "not installed"
_EVERYTHING = "SELECT * WHERE { ?s ?p ?o }"
_EARLY_BYTES = 50 * 10**6
_STREAM_SECONDS = 180
_CROWD = 1000


@dataclass(frozen=True, slots=True)
class Plan:
    """How often, and how long, each thing is measured.

    Attributes:
        rounds: In which the requests of a comparison are sent: each server once in each.
        seconds: Of a round in which few things are asked for again and again.
        starts: How often each server is started.
        streams: How often everything is asked for.
        cold: How many different things are asked for once, in all rounds.
        warm: How many things are asked for again and again.
        joins: How many different queries for a join are sent, in all rounds.
        groups: How many queries that go through everything are sent, in all rounds.
    """

    rounds: int = 5
    seconds: float = 0.8
    starts: int = 3
    streams: int = 3
    cold: int = 4000
    warm: int = 100
    joins: int = 300
    groups: int = 20


@dataclass(frozen=True, slots=True)
class Servers:
    """The servers that stand beside each other.

    Attributes:
        ours: Fonds.
        theirs: The Oxigraph server.
        virtuoso: Virtuoso, or why it is not here, in a few words.
        starts: The seconds of each start of each server, by its name.
        idle_bytes: Their memory after each start, by their name.
    """

    ours: Server
    theirs: Server
    virtuoso: Server | str
    starts: dict[str, list[float]] = field(default_factory=dict)
    idle_bytes: dict[str, list[float]] = field(default_factory=dict)

    @property
    def present(self) -> list[Server]:
        """Those that are here."""
        return [each for each in (self.ours, self.theirs, self.virtuoso) if isinstance(each, Server)]


@contextmanager
def started(release: Path, store: Path, virtuoso: Path | str, starts: int) -> Iterator[Servers]:
    """Start each server so many times, in turn, and keep those of the last time.

    Args:
        release: That ours serves.
        store: Of the Oxigraph server.
        virtuoso: Its folder, or why it is not here.
        starts: How often.
    """
    seconds: dict[str, list[float]] = {}
    memory: dict[str, list[float]] = {}

    def note(server: Server) -> Server:
        seconds.setdefault(server.name, []).append(server.start_seconds)
        memory.setdefault(server.name, []).append(float(server.pss_bytes()))
        return server

    for _ in range(starts - 1):
        for each in (fonds(release), oxigraph(store)):
            with each as server:
                note(server)
    with ExitStack() as running:
        ours = note(running.enter_context(fonds(release)))
        theirs = note(running.enter_context(oxigraph(store)))
        third: Server | str = virtuoso if isinstance(virtuoso, str) else NOTHING
        if isinstance(virtuoso, Path):
            third = note(running.enter_context(virtuoso_server.virtuoso(virtuoso)))
        yield Servers(ours, theirs, third, seconds, memory)


def rounds_of(servers: Servers, rounds: int) -> Iterator[tuple[int, Server]]:
    """Yield each round with each server; who begins in one comes last in the next."""
    for number in range(rounds):
        for server in servers.present if number % 2 == 0 else reversed(servers.present):
            yield number, server


def compare(
    work: str, servers: Servers, rounds: int, play: Callable[[Server, int], Played], measure: str = ""
) -> Row:
    """Measure some work in rounds.

    Args:
        work: What is done, as the table has it.
        servers: That do it.
        rounds: How often each does.
        play: Does it: a server, and the number of the round.
        measure: Its name, if something is to be reached.

    Raises:
        RuntimeError: An answer of ours or of the Oxigraph server was not 200. Virtuoso's are told in its column.
    """
    tell(work)
    played: dict[str, list[Played]] = {each.name: [] for each in servers.present}
    failed = ""
    for number, server in rounds_of(servers, rounds):
        if server is servers.virtuoso and failed:
            continue
        try:
            run = play(server, number)
        except OSError as error:
            if server is not servers.virtuoso:
                raise
            failed = str(error)
            continue
        if run.faulty:
            wrong = f"{run.faulty} of {run.answered} answers were not 200"
            if server is not servers.virtuoso:
                raise RuntimeError(f"{work}: of {server.name}, {wrong}")
            failed = wrong
        played[server.name].append(run)
    ours, theirs = (played[each.name] for each in (servers.ours, servers.theirs))
    rates = _rates(ours)
    third, third_ratio = failed or str(servers.virtuoso), None
    if isinstance(servers.virtuoso, Server) and not failed:
        its = played[servers.virtuoso.name]
        third, third_ratio = rate_of(its), rates.over(_rates(its))
    return Row(
        work, rate_of(ours), rate_of(theirs), rates.over(_rates(theirs)), third, third_ratio, measure, rates
    )


def _rates(runs: Sequence[Played]) -> Spread:
    return spread_of(each.rate for each in runs)


def rate_of(runs: Sequence[Played]) -> str:
    """Return the median rate of some runs, and the latency that 99 of a hundred answers of all of them kept."""
    return f"{_rates(runs).median:,.0f}/s, p99 {together(runs).percentile(0.99):.1f} ms"


def slices(requests: Sequence[bytes], rounds: int) -> list[Sequence[bytes]]:
    """Return requests in as many parts as there are rounds, none of them empty.

    Raises:
        ValueError: There are fewer requests than rounds.
    """
    if len(requests) < rounds:
        raise ValueError(f"{len(requests)} requests are too few for {rounds} rounds")
    return [
        requests[len(requests) * each // rounds : len(requests) * (each + 1) // rounds]
        for each in range(rounds)
    ]


def once_each(
    work: str, servers: Servers, rounds: int, written: Callable[[Server], Sequence[bytes]], measure: str = ""
) -> Row:
    """Measure different requests, each sent once to each server, some in each round."""
    parts = parts_of(servers, rounds, written, play_once)
    return compare(
        work, servers, rounds, lambda to, number: play_once(to.port, parts[to.name][number]), measure
    )


def parts_of(
    servers: Servers,
    rounds: int,
    written: Callable[[Server], Sequence[bytes]],
    send: Callable[[int, Sequence[bytes]], object],
) -> dict[str, list[Sequence[bytes]]]:
    """Return a part of the requests for each round, by the name of the server, after one more part was sent.

    That one is not counted: what a server does once when it has not been asked for a while, such as starting a process, takes as long
    as a whole round.
    """
    parts = {}
    for server in servers.present:
        *parts[server.name], first = slices(written(server), rounds + 1)
        send(server.port, first)
    return parts


def again_and_again(
    work: str, servers: Servers, plan: Plan, written: Callable[[Server], Sequence[bytes]], measure: str = ""
) -> Row:
    """Measure the same few requests again and again, after each was sent once."""
    requests = {each.name: written(each) for each in servers.present}
    for server in servers.present:
        play_once(server.port, requests[server.name])
    return compare(
        work,
        servers,
        plan.rounds,
        lambda to, number: play_for(to.port, requests[to.name], plan.seconds, seed=number),
        measure,
    )


def served(servers: Servers, plan: Plan, iris: Sequence[str], joins: Sequence[str]) -> Iterator[Row]:
    """Measure servers that have the same data, of which some things are looked up: a line for each measure."""
    yield _started("start to the first answer of a query", servers, servers.starts, "start", _seconds_shown)
    yield _started("memory after start", servers, servers.idle_bytes, "idle", mib_of)
    yield from _documents(servers, plan, iris)
    yield from _queries(servers, plan, iris, joins)
    yield from _everything(servers, plan.streams)
    at_the_end = {each.name: [float(each.pss_bytes())] for each in servers.present}
    yield _started("memory at the end", servers, at_the_end, "", mib_of)


def _seconds_shown(values: Sequence[float]) -> str:
    return spread_of(values).shown(" s", 2)


def _started(
    work: str,
    servers: Servers,
    values: dict[str, list[float]],
    measure: str,
    shown: Callable[[Sequence[float]], str],
) -> Row:
    """Return a line of what was measured of each server, as often as it was started."""
    ours, theirs = (values[each.name] for each in (servers.ours, servers.theirs))
    third, ratio = str(servers.virtuoso), None
    if isinstance(servers.virtuoso, Server):
        its = values[servers.virtuoso.name]
        third, ratio = shown(its), spread_of(ours[-1:]).over(spread_of(its[-1:]))
    return Row(
        work,
        shown(ours),
        shown(theirs),
        spread_of(ours).over(spread_of(theirs)),
        third,
        ratio,
        measure,
        spread_of(ours),
    )


def memory_after_start(work: str, servers: Servers) -> Row:
    """Return a line of the memory after each start."""
    return _started(work, servers, servers.idle_bytes, "", mib_of)


def document_of(iri: str) -> str:
    """Return where the document of a thing of the made-up data is."""
    return "/doc/" + iri.removeprefix(BASE + "id/")


def described(server: Server, iri: str, format_: str, ours: str) -> bytes:
    """Return a request for a thing: its document, or the nearest that others have, DESCRIBE; beside HTML their Turtle stands."""
    if server.name == "fonds":
        return get(ours, format_)
    return get(server.query(f"DESCRIBE <{iri}>"), TURTLE if format_ == HTML else format_)


_ONCE = ("Turtle", "JSON-LD", "HTML", "queries", "CONSTRUCT")


def _untouched(iris: Sequence[str], number: int, use: str) -> list[str]:
    """Return as many things for one use as are asked for once, others than for any other use as far as there are so many.

    Who has described a thing in one format has read it from the disk for every other format and query as well.
    """
    begin = _ONCE.index(use) * number % len(iris)
    return [*iris[begin:], *iris[:begin]][:number]


def _documents(servers: Servers, plan: Plan, iris: Sequence[str]) -> Iterator[Row]:
    for format_, label, name in (
        (TURTLE, "Turtle", "turtle"),
        (JSONLD, "JSON-LD", "jsonld"),
        (HTML, "HTML", "html"),
    ):

        def written(to: Server, things: Sequence[str], format_: str = format_) -> list[bytes]:
            return [described(to, iri, format_, document_of(iri)) for iri in things]

        yield once_each(
            f"entity as {label}, each once",
            servers,
            plan.rounds,
            lambda to, written=written, label=label: written(to, _untouched(iris, plan.cold, label)),  # type: ignore[misc]
            f"{name}-cold",
        )
        yield again_and_again(
            f"entity as {label}, {plan.warm} again and again",
            servers,
            plan,
            lambda to, written=written: written(to, iris[: plan.warm]),  # type: ignore[misc]
            f"{name}-warm",
        )
    # The Oxigraph server closes some of so many connections, so that nothing stands beside this.
    tell(f"{_CROWD} connections at once")
    crowd = [get(document_of(iri), TURTLE) for iri in iris[:_CROWD]]
    played = play_once(servers.ours.port, crowd * 5, connections=len(crowd))
    if played.faulty:
        raise RuntimeError(f"{played.faulty} of {played.answered} answers to a crowd were not 200")
    yield Row(f"entity as Turtle over {len(crowd):,} connections at once, no error", rate_of([played]))


def _queries(servers: Servers, plan: Plan, iris: Sequence[str], joins: Sequence[str]) -> Iterator[Row]:
    different = [small_query(iri) for iri in _untouched(iris, plan.cold, "queries")]
    yield once_each(
        "SPARQL, small, all different",
        servers,
        plan.rounds,
        lambda to: _asked(to, different),
        "query-different",
    )
    yield again_and_again(
        f"SPARQL, small, {plan.warm} again and again",
        servers,
        plan,
        lambda to: _asked(to, [small_query(iri) for iri in iris[: plan.warm]]),
        "query-again",
    )
    yield once_each(
        "SPARQL, join of five patterns, LIMIT 100, all different",
        servers,
        plan.rounds,
        lambda to: _asked(to, joins[: plan.joins]),
    )
    constructed = _untouched(iris, plan.cold, "CONSTRUCT")[: plan.cold // 4]
    yield once_each(
        "SPARQL, CONSTRUCT of a thing and what it names as Turtle, all different",
        servers,
        plan.rounds,
        lambda to: [get(to.query(_construct(iri)), TURTLE) for iri in constructed],
    )
    # Each another query, so that no answer comes from memory.
    yield once_each(
        "SPARQL, count and group over everything",
        servers,
        plan.rounds,
        lambda to: _asked(to, [f"{_GROUP} # {number}" for number in range(plan.groups)]),
    )


_GROUP = "SELECT ?type (COUNT(?s) AS ?n) WHERE { ?s a ?type } GROUP BY ?type ORDER BY DESC(?n)"


def _asked(to: Server, queries: Sequence[str]) -> list[bytes]:
    return [get(to.query(each), RESULTS) for each in queries]


def small_query(iri: str) -> str:
    """Return a query for all that is said of a thing."""
    return f"SELECT ?p ?o WHERE {{ <{iri}> ?p ?o }}"


def _construct(iri: str) -> str:
    return (
        "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> CONSTRUCT { ?s ?p ?o . ?o rdfs:label ?label } WHERE { "
        f"VALUES ?s {{ <{iri}> }} ?s ?p ?o . OPTIONAL {{ ?o rdfs:label ?label }} }}"
    )


def join_of(person: str) -> str:
    """Return a query for the documents that name a person, and for whom the meetings had that they are about."""
    return (
        "PREFIX crm: <http://www.cidoc-crm.org/cidoc-crm/> PREFIX dcterms: <http://purl.org/dc/terms/> "
        f"SELECT ?title ?day ?other WHERE {{ ?document crm:P67_refers_to <{person}> ; dcterms:title ?title ; "
        "dcterms:date ?day ; crm:P129_is_about ?meeting . ?meeting crm:P11_had_participant ?other } LIMIT 100"
    )


def join_of_series(person: str) -> str:
    """Return a query for the records that name a person, with whom else they name."""
    return (
        "PREFIX crm: <http://www.cidoc-crm.org/cidoc-crm/> PREFIX dcterms: <http://purl.org/dc/terms/> "
        f"SELECT ?title ?day ?other WHERE {{ ?document crm:P67_refers_to <{person}> ; dcterms:title ?title ; "
        "dcterms:created ?day ; crm:P94i_was_created_by ?writing ; crm:P67_refers_to ?other } LIMIT 100"
    )


@dataclass(frozen=True, slots=True)
class _Stream:
    """How an answer came.

    Attributes:
        size_bytes: Of the answer.
        rate: Bytes a second.
        first_byte_ms: Milliseconds until the first byte.
        peak_bytes: The most memory of the server meanwhile.
        growth_bytes: How much that is more than what it had when the beginning of the answer was here; None of a short answer.
    """

    size_bytes: int
    rate: float
    first_byte_ms: float
    peak_bytes: float
    growth_bytes: float | None


def _everything(servers: Servers, streams: int) -> Iterator[Row]:
    tell("SELECT everything")
    both = Servers(
        servers.ours, servers.theirs, servers.virtuoso if isinstance(servers.virtuoso, str) else ""
    )
    came: dict[str, list[_Stream]] = {each.name: [] for each in both.present}
    for _, server in rounds_of(both, streams):
        came[server.name].append(_stream(server))
    ours, theirs = (came[each.name] for each in both.present)
    # Virtuoso makes the whole answer before it sends any of it: once is enough.
    third: _Stream | str = str(servers.virtuoso)
    if isinstance(servers.virtuoso, Server):
        tell("SELECT everything: Virtuoso")
        try:
            third = _stream(servers.virtuoso)
        except (OSError, http.client.HTTPException) as error:
            third = f"no answer within {_STREAM_SECONDS} s" if isinstance(error, TimeoutError) else str(error)
    work = "SELECT of everything"
    yield _streamed(work, ours, theirs, third, lambda each: each.rate, _megabytes, "everything")
    first = "everything-first-byte"
    yield _streamed(
        f"{work}: first byte", ours, theirs, third, lambda each: each.first_byte_ms, _milliseconds, first
    )
    peak = "everything-peak"
    yield _streamed(
        f"{work}: most memory meanwhile", ours, theirs, third, lambda each: each.peak_bytes, mib_of, peak
    )
    # What the first answer made grow is there before the second: only the first says what grows.
    if ours[0].growth_bytes is not None and theirs[0].growth_bytes is not None:
        yield Row(
            f"{work}: memory that is added after the first {_EARLY_BYTES // 10**6} MB",
            mib_of([ours[0].growth_bytes]),
            mib_of([theirs[0].growth_bytes]),
            measure="everything-growth",
            value=spread_of([ours[0].growth_bytes]),
        )


def _streamed(
    work: str,
    ours: Sequence[_Stream],
    theirs: Sequence[_Stream],
    third: _Stream | str,
    of: Callable[[_Stream], float],
    shown: Callable[[Sequence[float]], str],
    measure: str,
) -> Row:
    own, other = (spread_of(map(of, each)) for each in (ours, theirs))
    if isinstance(third, str):
        column, ratio = third, None
    else:
        column, ratio = shown([of(third)]), spread_of([own.median / of(third)])
        # It cuts an answer after 2^20 rows, and does not say so.
        if third.size_bytes < 0.7 * min(each.size_bytes for each in (*ours, *theirs)):
            column += f", cut after {third.size_bytes / 1e6:.0f} MB"
    return Row(work, shown(own.values), shown(other.values), own.over(other), column, ratio, measure, own)


def _megabytes(values: Sequence[float]) -> str:
    return spread_of(each / 1e6 for each in values).shown(" MB/s")


def _milliseconds(values: Sequence[float]) -> str:
    return spread_of(values).shown(" ms", 1)


def _stream(server: Server) -> _Stream:
    with peak_of(server.process.pid, every_seconds=0.1) as peak:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=_STREAM_SECONDS)
        began = time.perf_counter()
        connection.request("GET", server.query(_EVERYTHING), headers={"Accept": RESULTS})
        answer = connection.getresponse()
        total = len(answer.read(1))
        first = time.perf_counter()
        early: int | None = None
        while chunk := answer.read(1 << 18):
            total += len(chunk)
            if early is None and total >= _EARLY_BYTES:
                early = server.pss_bytes()
        ended = time.perf_counter()
        connection.close()
    if answer.status != 200:
        raise ConnectionError(f"{server.name} answered {answer.status} to a SELECT of everything")
    growth = None if early is None else float(max(0, max(peak) - early))
    return _Stream(total, total / (ended - began), (first - began) * 1000, float(max(peak)), growth)


def tell(stage: str) -> None:
    """Say on standard error what is measured now, and when that began."""
    print(f"{time.strftime('%H:%M:%S')}  {stage}", file=sys.stderr, flush=True)
