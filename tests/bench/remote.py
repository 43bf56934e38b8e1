"""What a store elsewhere costs: a release served from its own store, and from the Oxigraph server on the same machine.

Run alone: ``python -m tests.bench.remote RELEASE``; it writes ``docs/benchmarks/remote.md``.
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from fonds.formats import RESULTS_JSON, TURTLE
from fonds.lines import DEFAULT
from fonds.release.folder import Release, graphs_of, open_release
from tests.bench.client import Played, get, play_for, play_once, together
from tests.bench.comparing import slices, tell
from tests.bench.servers import FONDS, Server, fonds, oxigraph_to_write, timed
from tests.bench.table import spread_of

_ROUNDS = 4
_SECONDS = 1.0
_THINGS = 1_000
_WARM = 100
_GROUP = "SELECT ?type (COUNT(?s) AS ?n) WHERE { ?s a ?type } GROUP BY ?type ORDER BY DESC(?n)"
_EVERYTHING = "SELECT * WHERE { ?s ?p ?o } LIMIT 100000"


def table(release: Release) -> str:
    """Measure a release and return the table in Markdown."""
    load = os.getloadavg()[0]
    rows = "".join(f"{row}\n" for row in _rows(release))
    counts = release.manifest.counts
    head = (
        f"{counts.public + counts.inferred:,} triples in the default graph, {counts.graphs:,} named graphs:\n\n"
        "| work | the release's own store | the Oxigraph server behind it | first ÷ second |\n|---|---|---|---|\n"
    )
    said = f"load before the run {load:.1f}, after it {os.getloadavg()[0]:.1f}"
    return f"{head}{rows}\n`python -m tests.bench.remote` on {time.strftime('%Y-%m-%d')}; {said}.\n"


def _rows(release: Release) -> Iterator[str]:
    things = _things(release)
    with (
        tempfile.TemporaryDirectory(prefix="fonds-bench-") as folder,
        oxigraph_to_write(Path(folder)) as behind,
    ):
        address = f"http://127.0.0.1:{behind.port}"
        push = [
            *(*FONDS, "push", release.folder),
            *("--store", f"{address}/query", "--graphs", f"{address}/store"),
        ]
        seconds = timed(push)
        counts = release.manifest.counts
        named = sum(each.triples for each in graphs_of(release) if each.name != DEFAULT)
        triples = counts.public + counts.inferred + named
        what = (
            f"{triples:,} triples, the default graph and {counts.graphs:,} named ones, counted and compared"
        )
        yield f"| `fonds push`: {what} | – | {seconds:.1f} s | – |"
        yield f"| `fonds push` of what is there already | – | {timed(push):.1f} s | – |"
        with fonds(release.folder) as own, fonds(release.folder, "--store", f"{address}/query") as remote:
            yield from _asked(own, remote, things)


def _asked(own: Server, remote: Server, things: Sequence[str]) -> Iterator[str]:
    small = [f"SELECT ?p ?o WHERE {{ <{each}> ?p ?o }}" for each in things]
    yield _each_once("SPARQL, small, all different", own, remote, lambda to: _requests(to, small))
    again = small[:_WARM]
    yield _row(
        f"SPARQL, small, {len(again)} again and again",
        own,
        remote,
        lambda to, number: play_for(to.port, _requests(to, again), _SECONDS, seed=number),
    )
    described = [f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ VALUES ?s {{ <{each}> }} ?s ?p ?o }}" for each in things]
    yield _each_once(
        "SPARQL, CONSTRUCT as Turtle, all different",
        own,
        remote,
        lambda to: [get(to.query(each), TURTLE.media_type) for each in described],
    )
    # Each time another query, so that nothing comes from memory.
    for work, query, number in (
        ("SPARQL, count and group over everything", _GROUP, 8),
        ("SPARQL, 100,000 rows at most", _EVERYTHING, 4),
    ):
        different = [f"{query} # {each}" for each in range(number)]
        yield _each_once(
            work,
            own,
            remote,
            lambda to, different=different: _requests(to, different),  # type: ignore[misc]
        )


def _each_once(work: str, own: Server, remote: Server, written: Callable[[Server], Sequence[bytes]]) -> str:
    parts = {id(each): slices(written(each), _ROUNDS) for each in (own, remote)}
    return _row(work, own, remote, lambda to, number: play_once(to.port, parts[id(to)][number]))


def _row(work: str, own: Server, remote: Server, play: Callable[[Server, int], Played]) -> str:
    """Measure in rounds, one after the other in each; who begins in one comes last in the next."""
    tell(work)
    played: dict[int, list[Played]] = {id(own): [], id(remote): []}
    for number in range(_ROUNDS):
        for server in (own, remote) if number % 2 == 0 else (remote, own):
            run = play(server, number)
            if run.faulty:
                raise RuntimeError(f"{work}: {run.faulty} of {run.answered} answers were not 200")
            played[id(server)].append(run)
    first, second = (spread_of(run.rate for run in played[id(each)]) for each in (own, remote))
    shown = (
        f"{rates.median:,.1f}/s, median {whole.percentile(0.5):.1f} ms, 99 % {whole.percentile(0.99):.1f} ms"
        for rates, whole in ((first, together(played[id(own)])), (second, together(played[id(remote)])))
    )
    return f"| {work} | {' | '.join(shown)} | {first.over(second)} |"


def _requests(to: Server, queries: Sequence[str]) -> list[bytes]:
    return [get(to.query(each), RESULTS_JSON.media_type) for each in queries]


def _things(release: Release) -> list[str]:
    """Return some subjects of the default graph, in some fixed order."""
    with gzip.open(release.dumps / "public.nt.gz") as file:
        found = sorted({line.split(b" ", 1)[0][1:-1].decode() for line in file if line.startswith(b"<")})
    random.Random(len(found)).shuffle(found)
    return found[:_THINGS]


def main() -> None:
    """Measure a release, and write the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("release", type=Path)
    written = table(open_release(arguments.parse_args().release))
    target = Path(__file__).parents[2] / "docs" / "benchmarks" / "remote.md"
    target.write_text(written, encoding="utf-8")
    print(f"{written}\n{target}")


if __name__ == "__main__":
    main()
