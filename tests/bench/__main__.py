"""Measure fonds beside the Oxigraph server and write the table that ``docs/benchmarks.md`` shows."""

from __future__ import annotations

import argparse
import http.client
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fonds.release.folder import Release, graphs_of, open_release
from tests.bench import building, remote, searching
from tests.bench.client import Played, get, play_for, play_once, play_with
from tests.bench.data import BASE, write_data
from tests.bench.inference import costs
from tests.bench.inference import table as inference_table
from tests.bench.servers import (
    Server,
    fonds,
    on_core,
    oxigraph,
    oxigraph_binary,
    peak_of,
    size_of,
    timed,
    tree_pss_bytes,
)
from tests.bench.table import Row, made, mib

REPOSITORY = Path(__file__).parents[2]
_GENERATOR = REPOSITORY.parent / "shared" / "bench" / "generate.py"
SIZES = {"100k": 100_000, "2M": 2_000_000}
"""Triples of the made-up data."""
DOCUMENTS = {"100k": 1_000, "2M": 5_000}
"""Documents of the made-up series that is built beside them."""
TURTLE, JSONLD, HTML = "text/turtle", "application/ld+json", "text/html"
RESULTS = "application/sparql-results+json"
_INFERENCE_TRIPLES = 1_000_000
_SECONDS = 4.0
_COLD = 4000
_WARM = 100
_CROWD = 1000


def main() -> None:
    """Build both stores, ask both servers, write the table."""
    arguments = argparse.ArgumentParser(prog="make bench", description=__doc__)
    arguments.add_argument("--size", choices=SIZES, default="100k")
    arguments.add_argument("--series", type=int, help="measure only a made-up series of so many documents")
    arguments.add_argument("--into", type=Path, default=REPOSITORY / "docs" / "benchmarks")
    chosen = arguments.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="fonds-bench-") as folder:
        if chosen.series:
            name, inference = f"series-{chosen.series}", ""
            rows = list(_series(Path(folder), chosen.series, serve=True))
        else:
            name = chosen.size
            rows = [*_first_record(Path(folder)), *_made_up(Path(folder), SIZES[name])]
            rows += _series(Path(folder), DOCUMENTS[name], serve=False)
            _tell("inference: what each level costs")
            inference = inference_table(costs(open_release(Path(folder) / "first"), _INFERENCE_TRIPLES))
            _tell("a store elsewhere: what it costs")
            elsewhere = remote.table(open_release(Path(folder) / "releases"))
            chosen.into.mkdir(parents=True, exist_ok=True)
            (chosen.into / "remote.md").write_text(elsewhere, encoding="utf-8")
    command = f"make bench-series DOCUMENTS={chosen.series}" if chosen.series else f"make bench SIZE={name}"
    table = f"{made(rows, command, load)}\n{inference}"
    target = chosen.into / f"{name}.md"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(table, encoding="utf-8")
    print(f"\n{table}\n{target}")


def _first_record(folder: Path) -> Iterator[Row]:
    """Measure this repository's own publication."""
    _tell("first record: build")
    releases, store = folder / "first", folder / "first-oxigraph"
    seconds = timed([*_FONDS, "build", REPOSITORY, "--into", releases, "--base", "http://127.0.0.1:8000/"])
    release = open_release(releases)
    counts = release.manifest.counts
    yield Row(
        f"first record ({counts.public:,} public triples): build from TEI and tables", f"{seconds:.1f} s"
    )
    timed([oxigraph_binary(), "load", "--location", store, "--file", release.dumps / "public.nt.gz"])
    name = next(iter((REPOSITORY / "data" / "documents").glob("*.xml"))).stem
    iri = f"{release.manifest.base}id/record/{name}"
    with both(release.folder, store) as (ours, theirs):
        yield _memory("first record: memory after start", ours, theirs)
        for format_, label in ((TURTLE, "Turtle"), (JSONLD, "JSON-LD"), (HTML, "HTML")):
            yield _compare(
                f"first record: the record as {label}, warm",
                play_for(ours.port, [get(f"/doc/record/{name}", format_)], _SECONDS),
                play_for(theirs.port, [_describe(theirs, iri, format_)], _SECONDS),
            )


def _made_up(folder: Path, triples: int) -> Iterator[Row]:
    """Measure made-up data of a size."""
    _tell(f"made-up data: {triples:,} triples")
    source, releases, store = folder / "data.nt", folder / "releases", folder / "oxigraph"
    iris = _write_data(source, triples)
    random.Random(triples).shuffle(iris)
    _tell("made-up data: load")
    our_seconds = timed([*_FONDS, "build", source, "--into", releases, "--base", BASE])
    their_seconds = timed([oxigraph_binary(), "load", "--location", store, "--file", source])
    yield Row(
        "build a release (dumps, digest, catalogue, store) · load",
        f"{our_seconds:.1f} s",
        f"{their_seconds:.1f} s",
        our_seconds / their_seconds,
    )
    yield Row(
        "on disk (release · store)",
        mib(size_of(open_release(releases).folder)),
        mib(size_of(store)),
        size_of(releases) / size_of(store),
    )
    people = [iri for iri in iris if "/id/person/" in iri]
    yield from _served(open_release(releases).folder, store, iris, [_join(iri) for iri in people[:300]])


def _served(release: Path, store: Path, iris: Sequence[str], joins: Sequence[str]) -> Iterator[Row]:
    """Measure both servers on the same data, of which some things are looked up."""
    with both(release, store) as (ours, theirs):
        yield Row(
            "start to the first answer of a query",
            f"{ours.start_seconds:.2f} s",
            f"{theirs.start_seconds:.2f} s",
            ours.start_seconds / theirs.start_seconds,
        )
        yield _memory("memory after start", ours, theirs)
        yield from _documents(ours, theirs, iris)
        yield from _queries(ours, theirs, iris, joins)
        yield from _everything(ours, theirs)
        yield _memory("memory at the end", ours, theirs)


def _series(folder: Path, documents: int, *, serve: bool) -> Iterator[Row]:
    """Measure how a series is built: short documents, and such as the real ones are."""
    for size in ("short", "real"):
        # Real documents have four times the triples of short ones.
        number = documents if size == "short" else documents // 4
        _tell(f"a series of {number:,} {size} documents")
        yield from building.rows(folder / f"series-{size}", number, size)
        if size == "real":
            _tell(f"search: {documents:,} records")
            (folder / "searched").mkdir()
            yield from searching.rows(searching.measure(folder / "searched", documents))
        if serve and size == "short":
            release, store = open_release(folder / "series-short" / "releases"), folder / "series-oxigraph"
            files = [
                each
                for name in ("public", "inferred")
                for each in ("--file", release.dumps / f"{name}.nt.gz")
            ]
            timed([oxigraph_binary(), "load", "--location", store, *files])
            records, people = (_iris_of(release, kind) for kind in ("record", "person"))
            yield from _served(
                release.folder, store, records, [_join_of_series(each) for each in people[:300]]
            )


def _iris_of(release: Release, kind: str) -> list[str]:
    """Return the things of a kind that have graphs of their own, in some fixed order."""
    home = BASE + ("graph/record/" if kind == "record" else f"graph/authority/{kind}/")
    keys = [each.name.removeprefix(home) for each in graphs_of(release) if each.name.startswith(home)]
    iris = [f"{BASE}id/{kind}/{key}" for key in keys if "/" not in key]
    random.Random(len(iris)).shuffle(iris)
    return iris


def _write_data(target: Path, triples: int) -> list[str]:
    """Write made-up data with the generator of the reference papers, or, where these are absent, with our own of the same shape."""
    if not _GENERATOR.exists():
        return write_data(target, triples)
    timed([sys.executable, _GENERATOR, "--triples", str(triples), "--base", BASE, "--out", target])
    return target.with_name(target.name + ".uris.txt").read_text(encoding="utf-8").split()


def _documents(ours: Server, theirs: Server, iris: Sequence[str]) -> Iterator[Row]:
    cold = iris[:_COLD]
    for format_, label in ((TURTLE, "Turtle"), (JSONLD, "JSON-LD"), (HTML, "HTML")):
        _tell(f"documents: {label}")
        asked = [get(_document(iri), format_) for iri in cold]
        described = [_describe(theirs, iri, format_) for iri in cold]
        yield _compare(
            f"entity as {label}, each once", play_once(ours.port, asked), play_once(theirs.port, described)
        )
        for request in asked[:_WARM]:
            play_once(ours.port, [request])
        yield _compare(
            f"entity as {label}, {_WARM} again and again",
            play_for(ours.port, asked[:_WARM], _SECONDS),
            play_for(theirs.port, described[:_WARM], _SECONDS),
        )
    # The Oxigraph server closes some of so many connections, so that nothing stands beside this.
    crowd = [get(_document(iri), TURTLE) for iri in iris[:_CROWD]]
    played = play_with(ours.port, crowd * 5, len(crowd))
    if played.faulty:
        raise RuntimeError(f"{played.faulty} of {played.answered} answers to a crowd were not 200")
    yield Row(f"entity as Turtle over {_CROWD:,} connections at once, no error", _rate(played))


def _queries(ours: Server, theirs: Server, iris: Sequence[str], joins: Sequence[str]) -> Iterator[Row]:
    def run(play: Callable[[int, Sequence[bytes]], Played], work: str, queries: Sequence[str]) -> Row:
        _tell(work)
        return _compare(
            work,
            *(
                play(server.port, [get(server.query(query), RESULTS) for query in queries])
                for server in (ours, theirs)
            ),
        )

    def again(port: int, requests: Sequence[bytes]) -> Played:
        return play_for(port, requests, _SECONDS)

    small = [f"SELECT ?p ?o WHERE {{ <{iri}> ?p ?o }}" for iri in iris]
    yield run(play_once, "SPARQL, small, all different", small[:_COLD])
    yield run(again, f"SPARQL, small, {_WARM} again and again", small[:_WARM])
    yield run(
        play_once,
        "SPARQL, join of five patterns, LIMIT 100, all different",
        joins,
    )
    _tell("SPARQL, CONSTRUCT")
    constructed = [_construct(iri) for iri in iris[: _COLD // 4]]
    yield _compare(
        "SPARQL, CONSTRUCT of a thing and what it names as Turtle, all different",
        *(
            play_once(server.port, [get(server.query(query), TURTLE) for query in constructed])
            for server in (ours, theirs)
        ),
    )
    yield run(play_once, "SPARQL, count and group over everything", [_GROUP] * 8)


_GROUP = "SELECT ?type (COUNT(?s) AS ?n) WHERE { ?s a ?type } GROUP BY ?type ORDER BY DESC(?n)"


def _construct(iri: str) -> str:
    return (
        "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> CONSTRUCT { ?s ?p ?o . ?o rdfs:label ?label } WHERE { "
        f"VALUES ?s {{ <{iri}> }} ?s ?p ?o . OPTIONAL {{ ?o rdfs:label ?label }} }}"
    )


def _join(person: str) -> str:
    return (
        "PREFIX crm: <http://www.cidoc-crm.org/cidoc-crm/> PREFIX dcterms: <http://purl.org/dc/terms/> "
        f"SELECT ?title ?day ?other WHERE {{ ?document crm:P67_refers_to <{person}> ; dcterms:title ?title ; "
        "dcterms:date ?day ; crm:P129_is_about ?meeting . ?meeting crm:P11_had_participant ?other } LIMIT 100"
    )


def _join_of_series(person: str) -> str:
    return (
        "PREFIX crm: <http://www.cidoc-crm.org/cidoc-crm/> PREFIX dcterms: <http://purl.org/dc/terms/> "
        f"SELECT ?title ?day ?other WHERE {{ ?document crm:P67_refers_to <{person}> ; dcterms:title ?title ; "
        "dcterms:created ?day ; crm:P94i_was_created_by ?writing ; crm:P67_refers_to ?other } LIMIT 100"
    )


def _everything(ours: Server, theirs: Server) -> Iterator[Row]:
    _tell("SELECT everything")
    our_stream, their_stream = (_stream(server) for server in (ours, theirs))
    yield Row(
        "SELECT of everything",
        f"{our_stream.rate / 1e6:.0f} MB/s",
        f"{their_stream.rate / 1e6:.0f} MB/s",
        our_stream.rate / their_stream.rate,
    )
    yield Row(
        "SELECT of everything: first byte",
        f"{our_stream.first_byte_ms:.1f} ms",
        f"{their_stream.first_byte_ms:.1f} ms",
        our_stream.first_byte_ms / their_stream.first_byte_ms,
    )
    yield Row(
        "SELECT of everything: most memory meanwhile",
        mib(our_stream.peak_bytes),
        mib(their_stream.peak_bytes),
        our_stream.peak_bytes / their_stream.peak_bytes,
    )
    if our_stream.growth_bytes is not None and their_stream.growth_bytes is not None:
        yield Row(
            f"SELECT of everything: memory that is added after the first {_EARLY_BYTES // 10**6} MB",
            mib(our_stream.growth_bytes),
            mib(their_stream.growth_bytes),
        )


_EARLY_BYTES = 50 * 10**6


@dataclass(frozen=True, slots=True)
class _Stream:
    """How an answer came.

    Attributes:
        rate: Bytes a second.
        first_byte_ms: Milliseconds until the first byte.
        peak_bytes: The most memory of the server meanwhile.
        growth_bytes: How much that is more than what it had when the beginning of the answer was here; None of a short answer.
    """

    rate: float
    first_byte_ms: float
    peak_bytes: int
    growth_bytes: int | None


def _stream(server: Server) -> _Stream:
    with peak_of(server.process.pid, every_seconds=0.1) as peak:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        began = time.perf_counter()
        connection.request("GET", server.query("SELECT * WHERE { ?s ?p ?o }"), headers={"Accept": RESULTS})
        answer = connection.getresponse()
        total = len(answer.read(1))
        first = time.perf_counter()
        early: int | None = None
        while chunk := answer.read(1 << 18):
            total += len(chunk)
            if early is None and total >= _EARLY_BYTES:
                early = tree_pss_bytes(server.process.pid)
        ended = time.perf_counter()
        connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{server.name} answered {answer.status} to a SELECT of everything")
    growth = None if early is None else max(peak) - early
    return _Stream(total / (ended - began), (first - began) * 1000, max(peak), growth)


@contextmanager
def both(release: Path, store: Path) -> Iterator[tuple[Server, Server]]:
    """Start both servers; the one that is not asked costs nothing."""
    with fonds(release) as ours, oxigraph(store) as theirs:
        yield ours, theirs


_FONDS = (sys.executable, "-m", "fonds")


def _document(iri: str) -> str:
    return "/doc/" + iri.removeprefix(BASE + "id/")


def _describe(server: Server, iri: str, format_: str) -> bytes:
    """Return the nearest thing that Oxigraph has to a document: DESCRIBE; as it has no HTML, Turtle stands beside HTML."""
    return get(server.query(f"DESCRIBE <{iri}>"), TURTLE if format_ == HTML else format_)


def _compare(work: str, ours: Played, theirs: Played) -> Row:
    for name, played in (("fonds", ours), ("Oxigraph", theirs)):
        if played.faulty:
            raise RuntimeError(f"{work}: {played.faulty} of {played.answered} answers of {name} were not 200")
    return Row(work, _rate(ours), _rate(theirs), ours.rate / theirs.rate)


def _rate(played: Played) -> str:
    return f"{played.rate:,.0f}/s, p99 {played.percentile(0.99):.1f} ms"


def _memory(work: str, ours: Server, theirs: Server) -> Row:
    our_bytes, their_bytes = ours.pss_bytes(), theirs.pss_bytes()
    return Row(work, mib(our_bytes), mib(their_bytes), our_bytes / their_bytes)


def _tell(stage: str) -> None:
    print(stage, file=sys.stderr, flush=True)


if __name__ == "__main__":
    if (os.cpu_count() or 1) < 2:
        sys.exit("The bench needs two cores: one for the server, one for the client.")
    if not Path("/proc/self/smaps_rollup").exists():
        sys.exit("The bench reads memory from /proc and runs on Linux only.")
    on_core(None)
    main()
