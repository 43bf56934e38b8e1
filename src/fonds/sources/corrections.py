"""The table of what was corrected, and why: ``data/changes.csv``, out of which a thing's history and the list of errata tell the reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from fonds.errors import Fault
from fonds.model import Reference
from fonds.sources.register import REGISTERED, is_day
from fonds.sources.sheets import Row
from fonds.sources.tables import read_rows

CHANGES = "data/changes.csv"
COLUMNS = ("thing", "day", "sort", "reason", "by")


class Sort(StrEnum):
    """What a change was."""

    ERRATUM = "erratum"
    """Something was wrong, and stands in the list of errata."""
    REVISION = "revision"
    """Something was added, or said in other words."""


@dataclass(frozen=True, slots=True)
class Correction:
    """Why something was changed.

    Attributes:
        thing: What.
        day: When, ISO 8601: it is the reason of the first change of the thing that is published on this day or later.
        sort: What the change was.
        reason: Why, in words.
        by: Who says so; empty where nobody is named.
        line: Its line in the table.
    """

    thing: Reference
    day: str
    sort: Sort
    reason: str
    by: str
    line: int


def read_corrections(folder: Path, faults: list[Fault]) -> tuple[Correction, ...]:
    """Read ``data/changes.csv``; a publication that has none gives no reasons."""
    path = folder / CHANGES
    if not path.exists():
        return ()
    found = []
    for row in read_rows(path, CHANGES, COLUMNS, ("thing", "day", "reason"), faults):
        wrong = list(_faults_of_row(row))
        faults.extend(wrong)
        if not wrong:
            kind, _, key = row["thing"].partition("/")
            sort = Sort(row["sort"] or Sort.REVISION)
            found.append(
                Correction(Reference(kind, key), row["day"], sort, row["reason"], row["by"], row.line)
            )
    return tuple(found)


def _faults_of_row(row: Row) -> Iterator[Fault]:
    kind, _, key = row["thing"].partition("/")
    if kind not in REGISTERED or not key:
        kinds = ", ".join(sorted(REGISTERED))
        yield row.fault(
            f"thing: found {row['thing']!r}, expected a kind ({kinds}) and a key, such as 'person/castro-f'"
        )
    if not is_day(row["day"]):
        yield row.fault(f"day: found {row['day']!r}, expected a day such as 2026-11-23")
    if row["sort"] and row["sort"] not in tuple(Sort):
        yield row.fault(f"sort: found {row['sort']!r}, expected {', '.join(Sort)}, or nothing")
    if not row["reason"]:
        yield row.fault("reason is empty; say why, in a sentence that readers understand")


def about_nothing(corrections: Iterable[Correction], known: Collection[Reference]) -> Iterator[Fault]:
    """Yield a fault for each correction of a thing that there is not, and never was.

    Args:
        corrections: All that were read.
        known: What there is, and what was given up.
    """
    for each in corrections:
        if each.thing not in known:
            message = f"thing: {each.thing} is neither in the data nor in the register"
            yield Fault(CHANGES, each.line, 0, message)
