"""Lines of the tables that the benches write."""

from __future__ import annotations

from dataclasses import dataclass


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
