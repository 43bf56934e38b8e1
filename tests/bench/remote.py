"""What a store elsewhere costs: a release served from its own store, and from the Oxigraph server on the same machine.

Run alone: ``python -m tests.bench.remote RELEASE``; it writes ``docs/benchmarks/remote.md``.
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from fonds.formats import RESULTS_JSON, TURTLE
from fonds.release.folder import Release, open_release
from tests.bench.client import Played, get, play_for, play_once
from tests.bench.servers import Server, fonds, oxigraph_to_write, timed

_SECONDS = 4.0
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
            *(sys.executable, "-m", "fonds", "push", release.folder),
            *("--store", f"{address}/query", "--graphs", f"{address}/store"),
        ]
        seconds = timed(push)
        counts = release.manifest.counts
        triples = counts.public + counts.inferred + counts.quads
        yield f"| `fonds push`: {triples:,} triples in {counts.graphs + 1:,} graphs, counted and compared | – | {seconds:.1f} s | – |"
        yield f"| `fonds push` of what is there already | – | {timed(push):.1f} s | – |"
        with fonds(release.folder) as own, fonds(release.folder, "--store", f"{address}/query") as remote:
            yield from _asked(own, remote, things)


def _asked(own: Server, remote: Server, things: Sequence[str]) -> Iterator[str]:
    small = [f"SELECT ?p ?o WHERE {{ <{each}> ?p ?o }}" for each in things]
    yield _row(
        "SPARQL, small, all different", own, remote, lambda to: play_once(to.port, _requests(to, small))
    )
    again = small[:_WARM]
    yield _row(
        f"SPARQL, small, {len(again)} again and again",
        own,
        remote,
        lambda to: play_for(to.port, _requests(to, again), _SECONDS),
    )
    described = [f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ VALUES ?s {{ <{each}> }} ?s ?p ?o }}" for each in things]
    yield _row(
        "SPARQL, CONSTRUCT as Turtle, all different",
        own,
        remote,
        lambda to: play_once(to.port, [get(to.query(each), TURTLE.media_type) for each in described]),
    )
    yield _row(
        "SPARQL, count and group over everything",
        own,
        remote,
        # Each time another query, so that nothing comes from memory.
        lambda to: play_once(to.port, _requests(to, [f"{_GROUP} # {number}" for number in range(8)])),
    )
    yield _row(
        "SPARQL, 100,000 rows at most",
        own,
        remote,
        lambda to: play_once(to.port, _requests(to, [f"{_EVERYTHING} # {number}" for number in range(4)])),
    )


def _row(work: str, own: Server, remote: Server, play: Callable[[Server], Played]) -> str:
    first, second = play(own), play(remote)
    for played in (first, second):
        if played.faulty:
            raise RuntimeError(f"{work}: {played.faulty} of {played.answered} answers were not 200")
    shown = (
        f"{each.rate:,.1f}/s, median {each.percentile(0.5):.1f} ms, 99 % {each.percentile(0.99):.1f} ms"
        for each in (first, second)
    )
    return f"| {work} | {' | '.join(shown)} | {first.rate / second.rate:.2f} |"


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
