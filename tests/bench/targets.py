"""What is to be reached, and whether a run reached it: a line for each number, computed of the same values as the other tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tests.bench.table import NOTHING, Row, Spread, mib_of

_MIB = 1024 * 1024


def _in(unit: str, decimals: int = 0) -> Callable[[Spread], str]:
    return lambda value: value.shown(unit, decimals)


def _sizes(value: Spread) -> str:
    return mib_of(value.values)


@dataclass(frozen=True, slots=True)
class Target:
    """A number to reach.

    Attributes:
        work: What is done.
        reach: The number, in words.
        bound: The same as a number, in the unit of the measure; None: it is measured elsewhere.
        measure: Under which a row has it; empty: it is measured elsewhere.
        of_ratio: Whether it is about ours divided by the Oxigraph server's, and not about ours alone.
        least: Whether it is to be at least the bound, and not at most.
        shown: How a value is written.
        elsewhere: The command that measures it, where the run has no such row.
        triples: Of the data that it is about; 0: any number. Of less data it is shown, with the size.
        documents: Of the series that it is about, in the same way.
    """

    work: str
    reach: str
    bound: float | None = None
    measure: str = ""
    of_ratio: bool = False
    least: bool = True
    shown: Callable[[Spread], str] = str
    elsewhere: str = "`make bench`"
    triples: int = 0
    documents: int = 0


_2M = 2_000_000
_ON_2M = "`make bench SIZE=2M`"
_SERIES = "`make bench-series DOCUMENTS=100000`"
_ATTACK = "`make attack`"

TARGETS = (
    Target("entity as Turtle, warm", "≥ 3 × Oxigraph", 3, "turtle-warm", of_ratio=True),
    Target("entity as JSON-LD, warm", "≥ 3 × Oxigraph", 3, "jsonld-warm", of_ratio=True),
    Target("entity as Turtle, cold", "≥ 0.5 × Oxigraph", 0.5, "turtle-cold", of_ratio=True),
    Target("entity as JSON-LD, cold", "≥ 0.5 × Oxigraph", 0.5, "jsonld-cold", of_ratio=True),
    Target("entity as HTML, warm", "≥ 2 × Oxigraph's Turtle", 2, "html-warm", of_ratio=True),
    Target("entity as HTML, cold", "≥ 1,000/s", 1000, "html-cold", shown=_in("/s")),
    Target("SPARQL, small, all different", "≥ 0.5 × Oxigraph", 0.5, "query-different", of_ratio=True),
    Target("SPARQL, small, repeated", "≥ 2 × Oxigraph", 2, "query-again", of_ratio=True),
    Target(
        "SELECT of everything, 2 M triples",
        "≥ 0.8 × Oxigraph",
        0.8,
        "everything",
        of_ratio=True,
        elsewhere=_ON_2M,
        triples=_2M,
    ),
    Target(
        "SELECT of everything, 2 M triples: first byte",
        "≤ 20 ms",
        20,
        "everything-first-byte",
        least=False,
        shown=_in(" ms", 1),
        elsewhere=_ON_2M,
        triples=_2M,
    ),
    Target(
        "SELECT of everything, 2 M triples: memory of the tree of processes",
        "≤ 350 MiB",
        350 * _MIB,
        "everything-peak",
        least=False,
        shown=_sizes,
        elsewhere=_ON_2M,
        triples=_2M,
    ),
    Target(
        "SELECT of everything, 2 M triples: growth after the first 50 MB",
        "none (≤ 1 MiB)",
        _MIB,
        "everything-growth",
        least=False,
        shown=_sizes,
        elsewhere=_ON_2M,
        triples=_2M,
    ),
    Target("query that would run for ever, or eat memory", "stopped at limit + 1 s", elsewhere=_ATTACK),
    Target("others meanwhile", "p99 < 3 × idle", elsewhere=_ATTACK),
    Target(
        "start on a release of 2 M triples",
        "≤ 1 s",
        1,
        "start",
        least=False,
        shown=_in(" s", 2),
        elsewhere=_ON_2M,
        triples=_2M,
    ),
    Target(
        "idle memory with one warm worker",
        "≤ 150 MiB",
        150 * _MIB,
        "idle",
        least=False,
        shown=_sizes,
        elsewhere=_ON_2M,
        triples=_2M,
    ),
    Target(
        "build from TEI: read, mapped and validated, two cores",
        "≥ 300 documents/s",
        300,
        "build-documents",
        shown=_in("/s"),
    ),
    Target(
        "build from TEI: loading the same quads",
        "≥ 0.8 × pyoxigraph's `bulk_load`",
        0.8,
        "build-loading",
        of_ratio=True,
    ),
    Target(
        "build from TEI: 100,000 documents",
        "≤ 15 min",
        15,
        "build-minutes",
        least=False,
        shown=_in(" min", 1),
        elsewhere=_SERIES,
    ),
    Target(
        "build from TEI: 100,000 documents, memory",
        "≤ 4 GiB",
        4096 * _MIB,
        "build-peak",
        least=False,
        shown=_sizes,
        elsewhere=_SERIES,
    ),
    Target(
        "build from TEI: 100,000 documents, disk",
        "≤ 5 × the N-Quads.gz",
        5,
        "build-disk",
        of_ratio=True,
        least=False,
        elsewhere=_SERIES,
        documents=100_000,
    ),
    Target(
        "build from TEI: the curve to 300,000 documents",
        "extrapolated",
        elsewhere="[A series of volumes](#a-series-of-volumes)",
    ),
    Target(
        "build from TEI: full inference (× 2.75 triples)",
        "reported beside it",
        elsewhere="`make bench`, the table of inference",
    ),
)
"""All numbers to reach, in the order of the design."""
HEAD = ("| to reach | bound | measured | holds |", "|---|---|---|---|")


def table(rows: Iterable[Row], triples: int, documents: int) -> str:
    """Return a table in Markdown with a line for each number to reach.

    Args:
        rows: What a run measured.
        triples: On how many it measured servers.
        documents: Of how many it built a series.
    """
    found = {row.measure: row for row in rows if row.measure}
    return "\n".join((*HEAD, *(_line(each, found, triples, documents) for each in TARGETS), ""))


def _line(target: Target, found: Mapping[str, Row], triples: int, documents: int) -> str:
    row = found.get(target.measure) if target.measure else None
    value = None if row is None else row.ratio if target.of_ratio else row.value
    if value is None or target.bound is None:
        measured, holds = f"elsewhere: {target.elsewhere}", NOTHING
    else:
        measured, holds = target.shown(value), holding(value, target.bound, least=target.least)
        # Data of a size that is made up have a few triples more or less than were asked for.
        if triples < 0.95 * target.triples:
            measured, holds = f"{measured}, {triples:,} triples", f"{holds} (here); {target.elsewhere}"
        if documents < target.documents:
            measured, holds = f"{measured}, {documents:,} documents", f"{holds} (here); {target.elsewhere}"
    return f"| {target.work} | {target.reach} | {measured} | {holds} |"


def holding(value: Spread, bound: float, *, least: bool) -> str:
    """Return whether a bound was held, by the median, and whether it was otherwise in another round.

    >>> holding(Spread((0.4, 0.6, 0.7)), 0.5, least=True), holding(Spread((2.0,)), 1.0, least=False)
    ('yes, not in each round', 'no')
    """
    held = [each >= bound if least else each <= bound for each in value.values]
    if value.median >= bound if least else value.median <= bound:
        return "yes" if all(held) else "yes, not in each round"
    return "no, but in some rounds" if any(held) else "no"
