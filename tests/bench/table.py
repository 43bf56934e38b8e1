"""Lines of the tables that the benches write, and the tables."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: a measure of ours, of theirs, and the first divided by the second."""

    work: str
    ours: str
    theirs: str = "–"
    ratio: float | None = None

    def __str__(self) -> str:
        ratio = "–" if self.ratio is None else f"{self.ratio:.2f}"
        return f"| {self.work} | {self.ours} | {self.theirs} | {ratio} |"


def mib(size_bytes: float) -> str:
    """Return a size as a table has it."""
    return f"{size_bytes / (1024 * 1024):.0f} MiB"


def made(
    rows: Sequence[Row], command: str, load: float, titles: tuple[str, str] = ("fonds", "Oxigraph server")
) -> str:
    """Return a table, with what made it, where and when.

    Args:
        rows: Its lines.
        command: What writes it anew.
        load: The load of the machine before the run: processes that wanted a core in the last minute.
        titles: Of the two columns of measures.
    """
    tools = ", ".join(f"{name} {version(name)}" for name in ("fonds", "pyoxigraph", "uvicorn", "oxigraph"))
    return "\n".join(
        (
            f"| work | {titles[0]} | {titles[1]} | ratio |",
            "|---|---|---|---|",
            *map(str, rows),
            "",
            f"`{command}` on {time.strftime('%Y-%m-%d')}: {tools}; Python {platform.python_version()}; "
            f"{_processor()}, {os.cpu_count()} cores; load before the run {load:.1f}, after it {os.getloadavg()[0]:.1f} "
            "(the bench alone makes about 2; more is other work, and blurs every line).",
            "",
        )
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )
