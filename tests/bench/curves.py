"""How it grows: made-up data from ten thousand triples on, and from one connection to 64, as tables and as plots.

Run by ``make bench-curves MOST=1M``. Each size is removed before the next is made, and what was measured is written after each.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from fonds.release.folder import open_release
from tests.bench.client import Played, get, play_for, play_once, together
from tests.bench.comparing import (
    RESULTS,
    TURTLE,
    Servers,
    described,
    document_of,
    join_of,
    parts_of,
    rounds_of,
    slices,
    small_query,
    started,
    tell,
)
from tests.bench.data import BASE, write_data
from tests.bench.plot import Line, plot
from tests.bench.servers import (
    FONDS,
    Server,
    load_oxigraph,
    needs_of_the_bench,
    on_core,
    remove,
    size_of,
    timed,
)
from tests.bench.table import Spread, conditions, once, spread_of

REPOSITORY = Path(__file__).parents[2]
STEPS = (10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000)
"""How many triples, each about √10 times as many as the one before."""
CONNECTIONS = (1, 4, 16, 64)
CONNECTIONS_AT = 100_000
"""Triples of the data on which connections are tried, if so many are measured at all."""
BYTES_FOR_A_TRIPLE = 1_500
"""Of the disk, while one size is measured: data, release, what the build sets aside, and the store of the Oxigraph server."""
_MOST_TO_BUILD_AGAIN = 300_000
_ROUNDS = 3
_SECONDS = 1.0
_COLD, _WARM, _JOINS = 2400, 100, 300


@dataclass(frozen=True, slots=True)
class Measure:
    """What is measured at each point.

    Attributes:
        name: What it is called.
        unit: Behind a value.
        decimals: Of a value.
        ours: What ours is called on a plot.
        theirs: What theirs is called on a plot.
    """

    name: str
    unit: str
    decimals: int = 0
    ours: str = "fonds"
    theirs: str = "Oxigraph"


BUILD = Measure("build · load", " s", 1, "fonds build", "oxigraph load")
DISK = Measure("on disk: release · store", " MiB", 0, "release", "Oxigraph's store")
START = Measure("start", " s", 2)
IDLE = Measure("memory after start", " MiB")
COLD = Measure("documents, each once", "/s", 0, "fonds, once", "Oxigraph, once")
WARM = Measure("documents, again and again", "/s", 0, "fonds, again", "Oxigraph, again")
SMALL = Measure("small queries, all different", "/s", 0, "fonds, small", "Oxigraph, small")
JOIN = Measure("joins, all different", "/s", 0, "fonds, join", "Oxigraph, join")
AGAIN_P99 = Measure("documents, again and again: p99", " ms", 1, "fonds, document", "Oxigraph, document")
SMALL_P99 = Measure("small queries, all different: p99", " ms", 1, "fonds, query", "Oxigraph, query")


@dataclass(frozen=True, slots=True)
class Figure:
    """A plot, and the table below it.

    Attributes:
        name: Of the file.
        title: What it shows.
        unit: What goes up its side.
        measures: One or two; the second is dashed.
    """

    name: str
    title: str
    unit: str
    measures: tuple[Measure, ...]


GROWTH = (
    Figure("growth-build", "Building a release, beside loading a store", "seconds", (BUILD,)),
    Figure("growth-disk", "On the disk", "MiB", (DISK,)),
    Figure("growth-start", "From the command to the first answer of a query", "seconds", (START,)),
    Figure("growth-memory", "Memory after the start, of all processes", "MiB", (IDLE,)),
    Figure("growth-documents", "Documents as Turtle, beside DESCRIBE", "answers a second", (WARM, COLD)),
    Figure("growth-queries", "Queries, all different", "answers a second", (SMALL, JOIN)),
)
CROWDS = (
    Figure("connections-rate", "Over so many connections", "answers a second", (WARM, SMALL)),
    Figure("connections-p99", "99 of a hundred answers came within", "milliseconds", (AGAIN_P99, SMALL_P99)),
)

Values = dict[Measure, tuple[Spread, Spread]]
"""Of ours and of the Oxigraph server."""


@dataclass(slots=True)
class Curves:
    """What was measured so far.

    Attributes:
        growth: By the number of triples.
        crowds: By the number of connections.
        crowds_at: Triples of the data on which connections were tried.
        stopped: Why no more was measured, in a sentence; empty if all was.
    """

    growth: dict[int, Values] = field(default_factory=dict)
    crowds: dict[int, Values] = field(default_factory=dict)
    crowds_at: int = 0
    stopped: str = ""


def main() -> None:
    """Measure each size, and write the tables and plots after each."""
    arguments = argparse.ArgumentParser(prog="make bench-curves", description=__doc__)
    arguments.add_argument("--most", type=number_of, default=1_000_000, help="triples: 300k, 1M, 10M")
    arguments.add_argument("--into", type=Path, default=REPOSITORY / "docs" / "benchmarks")
    chosen = arguments.parse_args()
    load, began, curves = os.getloadavg()[0], time.monotonic(), Curves()
    for triples in sizes(chosen.most):
        with tempfile.TemporaryDirectory(prefix="fonds-bench-") as folder:
            free = shutil.disk_usage(folder).free
            if free < triples * BYTES_FOR_A_TRIPLE:
                needed = triples * BYTES_FOR_A_TRIPLE
                curves.stopped = (
                    f"{triples:,} triples were not measured: about {needed / 1e9:.0f} GB of disk are needed, "
                    f"and {free / 1e9:.0f} are free."
                )
                tell(curves.stopped)
            else:
                measure(
                    Path(folder),
                    triples,
                    curves,
                    crowds=triples == min(CONNECTIONS_AT, sizes(chosen.most)[-1]),
                )
        command = f"make bench-curves MOST={amount_of(chosen.most)}"
        said = conditions(command, load, seconds=time.monotonic() - began)
        write(curves, said, chosen.into)
        if curves.stopped:
            break
    print(chosen.into / "curves.md")


def number_of(words: str) -> int:
    """Return a number of triples.

    >>> number_of("300k"), number_of("10M"), number_of("20000")
    (300000, 10000000, 20000)
    """
    units = {"k": 1_000, "M": 1_000_000}
    number = int(words.rstrip("kM")) * units.get(words[-1:], 1)
    if number < STEPS[0]:
        raise argparse.ArgumentTypeError(f"at least {STEPS[0]:,}")
    return number


def amount_of(triples: int) -> str:
    """Return a number of triples as it is given.

    >>> amount_of(300_000), amount_of(1_000_000), amount_of(12_345)
    ('300k', '1M', '12345')
    """
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if triples % size == 0:
            return f"{triples // size}{unit}"
    return str(triples)


def sizes(most: int) -> list[int]:
    """Return the sizes to measure: all steps that are no larger, and the largest.

    >>> sizes(100_000), sizes(20_000)
    ([10000, 30000, 100000], [10000, 20000])
    """
    return sorted({*(step for step in STEPS if step < most), most})


def measure(folder: Path, triples: int, curves: Curves, *, crowds: bool) -> None:
    """Measure data of one size in an empty folder.

    Args:
        folder: In which all is made.
        triples: How many, about.
        curves: To which it is added.
        crowds: Whether connections are tried on it as well.
    """
    tell(f"{triples:,} triples: data")
    source, releases, store = folder / "data.nt", folder / "releases", folder / "oxigraph"
    iris = write_data(source, triples)
    people = [iri for iri in iris if "/id/person/" in iri][:_JOINS]
    random.Random(triples).shuffle(iris)
    builds = _ROUNDS if triples <= _MOST_TO_BUILD_AGAIN else 1
    ours, theirs = list[float](), list[float]()
    for number in range(builds):
        tell(f"{triples:,} triples: build and load, {number + 1} of {builds}")
        remove(releases, store)
        ours.append(timed([*FONDS, "build", source, "--into", releases, "--base", BASE]))
        theirs.append(load_oxigraph(store, [source]))
    source.unlink()
    release = open_release(releases).folder
    values: Values = {
        BUILD: (spread_of(ours), spread_of(theirs)),
        DISK: (once(size_of(release) / 2**20), once(size_of(store) / 2**20)),
    }
    tell(f"{triples:,} triples: start")
    with started(release, store, "", _ROUNDS) as servers:
        both = (servers.ours.name, servers.theirs.name)
        first, second = (spread_of(servers.starts[name]) for name in both)
        values[START] = (first, second)
        first, second = (spread_of(each / 2**20 for each in servers.idle_bytes[name]) for name in both)
        values[IDLE] = (first, second)
        # Half of the things for what is asked once here, the other half for the connections.
        cold, rest = iris[: min(_COLD, len(iris) // 2)], iris[len(iris) // 2 :][: len(CONNECTIONS) * _COLD]
        tell(f"{triples:,} triples: documents")
        values[COLD] = _rates(servers, _once(servers, lambda to: _documents(to, cold)))
        values[WARM] = _rates(servers, _again(servers, _warm(cold)))
        tell(f"{triples:,} triples: queries")
        values[SMALL] = _rates(servers, _once(servers, lambda to: _queries(to, map(small_query, cold))))
        values[JOIN] = _rates(servers, _once(servers, lambda to: _queries(to, map(join_of, people))))
        curves.growth[triples] = values
        if crowds:
            curves.crowds_at = triples
            for number, part in zip(
                CONNECTIONS, slices([each.encode() for each in rest], len(CONNECTIONS)), strict=True
            ):
                tell(f"{triples:,} triples: {number} connections")
                curves.crowds[number] = _crowd(servers, number, cold, [each.decode() for each in part])


def _crowd(servers: Servers, number: int, known: Sequence[str], new: Sequence[str]) -> Values:
    again = _again(servers, _warm(known), number)
    # From an address each: of one client, only so many queries at a time are taken.
    different = _once(servers, lambda to: _queries(to, map(small_query, new)), number)
    return {
        WARM: _rates(servers, again),
        SMALL: _rates(servers, different),
        AGAIN_P99: _p99(servers, again),
        SMALL_P99: _p99(servers, different),
    }


_Runs = dict[str, list[Played]]


def _in_rounds(servers: Servers, play: Callable[[Server, int], Played]) -> _Runs:
    runs: _Runs = {each.name: [] for each in servers.present}
    for number, server in rounds_of(servers, _ROUNDS):
        run = play(server, number)
        if run.faulty:
            raise RuntimeError(f"{run.faulty} of {run.answered} answers of {server.name} were not 200")
        runs[server.name].append(run)
    return runs


def _once(servers: Servers, written: Callable[[Server], Sequence[bytes]], connections: int = 8) -> _Runs:
    send = partial(play_once, connections=connections, apart=True)
    parts = parts_of(servers, _ROUNDS, written, send)
    return _in_rounds(servers, lambda to, number: send(to.port, parts[to.name][number]))


def _warm(iris: Sequence[str]) -> Callable[[Server], Sequence[bytes]]:
    return lambda to: _documents(to, iris[:_WARM])


def _again(servers: Servers, written: Callable[[Server], Sequence[bytes]], connections: int = 8) -> _Runs:
    requests = {each.name: written(each) for each in servers.present}
    for server in servers.present:
        play_once(server.port, requests[server.name])
    return _in_rounds(
        servers,
        lambda to, number: play_for(
            to.port, requests[to.name], _SECONDS, seed=number, connections=connections, apart=True
        ),
    )


def _rates(servers: Servers, runs: _Runs) -> tuple[Spread, Spread]:
    ours, theirs = (
        spread_of(each.rate for each in runs[server.name]) for server in (servers.ours, servers.theirs)
    )
    return ours, theirs


def _p99(servers: Servers, runs: _Runs) -> tuple[Spread, Spread]:
    ours, theirs = (
        once(together(runs[server.name]).percentile(0.99)) for server in (servers.ours, servers.theirs)
    )
    return ours, theirs


def _documents(to: Server, iris: Sequence[str]) -> list[bytes]:
    return [described(to, iri, TURTLE, document_of(iri)) for iri in iris]


def _queries(to: Server, queries: Iterator[str]) -> list[bytes]:
    return [get(to.query(each), RESULTS) for each in queries]


def write(curves: Curves, said: str, into: Path) -> None:
    """Write what was measured: ``curves.md``, and a plot for each figure that has something to show.

    Args:
        curves: What was measured.
        said: Under which conditions.
        into: The folder.
    """
    into.mkdir(parents=True, exist_ok=True)
    parts: list[str] = []
    for figures, points, across, column in (
        (GROWTH, curves.growth, "triples", "triples"),
        (CROWDS, curves.crowds, "connections", "connections"),
    ):
        if figures is CROWDS and points:
            parts.append(
                f"{curves.crowds_at:,} triples, and more and more connections that are open at the same time:\n"
            )
        for figure in figures if points else ():
            drawn = plot(figure.name, figure.title, across, figure.unit, lines_of(figure, points))
            (into / f"{figure.name}.svg").write_text(f"{drawn}\n", encoding="utf-8")
            alternative = f"{figure.title}: {figure.unit} by {across}, as in the table below"
            parts.append(f"![{alternative}]({figure.name}.svg)\n")
            parts.append(table(figure, points, column))
    parts.append("".join(f"{each}\n" for each in (curves.stopped, said) if each))
    (into / "curves.md").write_text("\n".join(parts), encoding="utf-8")


def lines_of(figure: Figure, points: dict[int, Values]) -> list[Line]:
    """Return the lines of a figure: of each measure ours and theirs."""
    return [
        Line(
            name,
            [(x, values[measure][side]) for x, values in points.items()],
            tone=side,
            dashed=measure is not figure.measures[0],
        )
        for measure in figure.measures
        for side, name in ((0, measure.ours), (1, measure.theirs))
    ]


def table(figure: Figure, points: dict[int, Values], column: str) -> str:
    """Return the table of a figure in Markdown: of each measure ours, theirs, and the first divided by the second."""
    heads = [
        head
        for each in figure.measures
        for head in (f"{each.name}: fonds", "Oxigraph server", "fonds ÷ Oxigraph")
    ]
    lines = [f"| {column} | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for x, values in points.items():
        cells = []
        for each in figure.measures:
            ours, theirs = values[each]
            cells += [
                *(side.shown(each.unit, each.decimals) for side in (ours, theirs)),
                str(ours.over(theirs)),
            ]
        lines.append(f"| {x:,} | {' | '.join(cells)} |")
    return "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    if lacking := needs_of_the_bench():
        sys.exit(lacking)
    on_core(None)
    main()
