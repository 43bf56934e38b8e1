"""Lines of the tables that the benches write, and the tables."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Spread:
    """What was measured several times, in the order of measuring.

    >>> print(Spread((1.0, 4.0, 2.5)))
    2.50 (1.00–4.00)
    >>> print(Spread((2.0,)))
    2.00
    """

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """Half of the values are at most this."""
        return median(self.values)

    @property
    def low(self) -> float:
        """The lowest."""
        return min(self.values)

    @property
    def high(self) -> float:
        """The highest."""
        return max(self.values)

    def over(self, other: Spread) -> Spread:
        """Return each value divided by the one that was measured beside it.

        Raises:
            ValueError: One of them was measured more often.
        """
        return Spread(tuple(one / two for one, two in zip(self.values, other.values, strict=True)))

    def shown(self, unit: str, decimals: int = 0) -> str:
        """Return the median with a unit, and the lowest and the highest where there are several.

        >>> Spread((1200.0, 990.0, 1000.0)).shown("/s")
        '1,000/s (990–1,200)'
        """
        middle = f"{self.median:,.{decimals}f}{unit}"
        if len(self.values) == 1:
            return middle
        return f"{middle} ({self.low:,.{decimals}f}–{self.high:,.{decimals}f})"

    def __str__(self) -> str:
        return self.shown("", 2)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: a measure of ours, of the Oxigraph server and of Virtuoso, and ours divided by each of theirs.

    Attributes:
        work: What was done.
        ours: What is shown of ours.
        theirs: The same of the Oxigraph server.
        ratio: Ours divided by theirs, in each round.
        virtuoso: What is shown of Virtuoso.
        virtuoso_ratio: Ours divided by Virtuoso's.
        measure: The name under which :mod:`tests.bench.targets` looks it up; empty if nothing is to be reached.
        value: Ours, in each round, in the unit in which something is to be reached.
    """

    work: str
    ours: str
    theirs: str = NOTHING
    ratio: Spread | None = None
    virtuoso: str = NOTHING
    virtuoso_ratio: Spread | None = None
    measure: str = ""
    value: Spread | None = None

    def __str__(self) -> str:
        shown = (self.ours, self.theirs, _shown(self.ratio), self.virtuoso, _shown(self.virtuoso_ratio))
        return f"| {self.work} | {' | '.join(shown)} |"

    @property
    def without_virtuoso(self) -> str:
        """The line of a table in which Virtuoso has no column."""
        return f"| {self.work} | {self.ours} | {self.theirs} | {_shown(self.ratio)} |"


HEAD = (
    "| work | fonds | Oxigraph server | fonds ÷ Oxigraph | Virtuoso | fonds ÷ Virtuoso |",
    "|---|---|---|---|---|---|",
)
"""Of a table of rows."""


def once(value: float) -> Spread:
    """Return what was measured once."""
    return Spread((value,))


def spread_of(values: Iterable[float]) -> Spread:
    """Return what was measured several times."""
    return Spread(tuple(values))


def _shown(ratio: Spread | None) -> str:
    return NOTHING if ratio is None else str(ratio)


def mib(size_bytes: float) -> str:
    """Return a size as a table has it."""
    return f"{size_bytes / (1024 * 1024):.0f} MiB"


def mib_of(sizes_bytes: Sequence[float]) -> str:
    """Return the median of some sizes, with the lowest and the highest where there are several."""
    return spread_of(each / (1024 * 1024) for each in sizes_bytes).shown(" MiB")


def made(rows: Sequence[Row], command: str, load: float, titles: tuple[str, str]) -> str:
    """Return a table without Virtuoso, with what made it, where and when.

    Args:
        rows: Its lines.
        command: What writes it anew.
        load: The load of the machine before the run: processes that wanted a core in the last minute.
        titles: Of the two columns of measures.
    """
    return "\n".join(
        (
            f"| work | {titles[0]} | {titles[1]} | ratio |",
            "|---|---|---|---|",
            *(each.without_virtuoso for each in rows),
            "",
            conditions(command, load),
            "",
        )
    )


def conditions(command: str, load: float, *others: str, seconds: float | None = None) -> str:
    """Return under which conditions something was measured, in a sentence.

    Args:
        command: What measures it anew.
        load: The load of the machine before the run: processes that wanted a core in the last minute.
        others: What stood beside us, with versions, that is no package of Python.
        seconds: How long it took.
    """
    packages = (f"{name} {version(name)}" for name in ("fonds", "pyoxigraph", "uvicorn", "oxigraph"))
    took = "" if seconds is None else f", {seconds / 60:.0f} minutes"
    return (
        f"`{command}` on {time.strftime('%Y-%m-%d')}{took}: {', '.join((*packages, *others))}; "
        f"Python {platform.python_version()}; "
        f"{_processor()}, {os.cpu_count()} cores; load before the run {load:.1f}, after it {os.getloadavg()[0]:.1f} "
        "(the bench alone makes about 2; more is other work, and blurs every line)."
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )
