"""The register of minted identifiers: what was once published is never lost in silence, never given out again."""

from __future__ import annotations

import csv
import datetime
import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fonds.errors import Fault
from fonds.identifiers import Kind, is_slug
from fonds.model import Reference
from fonds.sources.tables import Row, read_rows

REGISTER = "data/register.csv"
COLUMNS = ("kind", "key", "minted", "status", "replaced_by", "reason")
STATUSES = ("active", "merged", "withdrawn")

REGISTERED = frozenset(
    {
        Kind.RECORD,
        Kind.PERSON,
        Kind.GROUP,
        Kind.PLACE,
        Kind.EVENT,
        Kind.WORK,
        Kind.HOLDING,
        Kind.TOPIC,
        Kind.CAPTURE,
    }
)
"""Kinds whose identifiers are registered; terms of vocabularies are not."""


@dataclass(frozen=True, slots=True)
class Minted:
    """One identifier that was minted.

    Attributes:
        reference: Its kind and key.
        minted: The day, ISO 8601.
        status: ``active``, ``merged`` or ``withdrawn``.
        replaced_by: What it was merged into; None unless it was.
        reason: Why it is no longer active.
        line: Its line in the register.
    """

    reference: Reference
    minted: str
    status: str
    replaced_by: Reference | None
    reason: str
    line: int


def read_register(folder: Path, faults: list[Fault]) -> dict[Reference, Minted]:
    """Read ``data/register.csv``; a publication that has none yet has minted nothing."""
    path = folder / REGISTER
    if not path.exists():
        return {}
    register: dict[Reference, Minted] = {}
    for row in read_rows(path, REGISTER, COLUMNS, COLUMNS[:4], faults):
        minted = _minted(row, faults)
        if minted is None:
            continue
        earlier = register.get(minted.reference)
        if earlier:
            faults.append(row.fault(f"{minted.reference} is there already, in line {earlier.line}"))
        else:
            register[minted.reference] = minted
    return register


def _minted(row: Row, faults: list[Fault]) -> Minted | None:
    wrong = list(_faults_of_row(row))
    faults.extend(wrong)
    if wrong:
        return None
    kind, slash, key = row["replaced_by"].rpartition("/")
    survivor = Reference(kind if slash else row["kind"], key) if row["replaced_by"] else None
    return Minted(
        Reference(row["kind"], row["key"]), row["minted"], row["status"], survivor, row["reason"], row.line
    )


def _faults_of_row(row: Row) -> Iterator[Fault]:
    if row["kind"] not in REGISTERED:
        yield row.fault(f"kind: found {row['kind']!r}, expected one of {', '.join(sorted(REGISTERED))}")
    if not is_slug(row["key"]):
        yield row.fault(f"key: found {row['key']!r}, expected a-z and 0-9 with single hyphens between")
    if row["status"] not in STATUSES:
        yield row.fault(f"status: found {row['status']!r}, expected one of {', '.join(STATUSES)}")
    if (row["status"] == "merged") != bool(row["replaced_by"]):
        yield row.fault("replaced_by: what is merged, and nothing else, says what replaces it")
    try:
        datetime.date.fromisoformat(row["minted"])
    except ValueError:
        yield row.fault(f"minted: found {row['minted']!r}, expected a day such as 2026-11-23")


def compare(
    register: Mapping[Reference, Minted], things: Mapping[Reference, str], told: Callable[[Reference], bool]
) -> tuple[tuple[Fault, ...], tuple[Reference, ...]]:
    """Compare the register with what the data holds.

    Args:
        register: What was minted.
        things: What is there now, each with the file in which it stands.
        told: Whether everything could be read that might hold a thing; if not, its absence says nothing.

    Returns:
        The faults (an identifier lost, or one back that was given up), and what has to be minted, sorted.
    """
    faults = []
    for reference, minted in register.items():
        if minted.status == "active" and reference not in things and told(reference):
            message = (
                f"{reference} is active but no longer in the data: the build would lose a published identifier; "
                "withdraw it or merge it here, with a reason"
            )
            faults.append(Fault(REGISTER, minted.line, 0, message))
        # What replaces it may be new, and minted by the same build.
        survivor = minted.replaced_by
        if survivor and survivor not in register and survivor not in things and told(survivor):
            message = f"replaced_by: {survivor} is neither in the register nor in the data"
            faults.append(Fault(REGISTER, minted.line, 0, message))
        if minted.status != "active" and reference in things:
            message = f"{reference} is {minted.status}, but {things[reference]} still has it; remove it there, or make it active"
            faults.append(Fault(REGISTER, minted.line, 0, message))
    return tuple(faults), tuple(
        sorted(each for each in things if each not in register and each.kind in REGISTERED)
    )


def append_to_register(
    folder: Path, references: Iterable[Reference], day: datetime.date | None = None
) -> None:
    """Write newly minted identifiers into the register, sorted in; rows that are there stay byte for byte.

    The new file replaces the old one in one step; without references nothing is written.

    Args:
        folder: The publication.
        references: What was minted.
        day: When; None: today, UTC.
    """
    new = sorted(set(references))
    if not new:
        return
    day = day or datetime.datetime.now(datetime.UTC).date()
    path = folder / REGISTER
    old = path.read_bytes().decode("utf-8") if path.exists() else ",".join(COLUMNS) + "\n"
    end = "\r\n" if "\r\n" in old else "\n"
    pieces = _merge(_raw_rows(old, end), new, day, end)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".new")
    with temporary.open("wb") as file:
        file.write("".join(pieces).encode())
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _raw_rows(text: str, end: str) -> list[tuple[Reference | None, str]]:
    """Return each row as it is written, with what it is about; the header, and rows without a key, about nothing."""
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += end
    reader = csv.reader(io.StringIO("".join(lines), newline=""))
    rows: list[tuple[Reference | None, str]] = []
    before = 0
    columns: list[str] = []
    for cells in reader:
        raw = "".join(lines[before : reader.line_num])
        before = reader.line_num
        if not columns:
            columns = [cell.strip("\ufeff ") for cell in cells]
            rows.append((None, raw))
            continue
        row = dict(zip(columns, cells, strict=False))
        about = Reference(row.get("kind", "").strip(), row.get("key", "").strip())
        rows.append((about if about.key else None, raw))
    return rows


def _merge(
    rows: list[tuple[Reference | None, str]], new: list[Reference], day: datetime.date, end: str
) -> Iterator[str]:
    columns = [cell.strip("\ufeff \r\n") for cell in next(csv.reader([rows[0][1]]))]
    waiting = list(new)
    for about, raw in rows:
        while about and waiting and waiting[0] < about:
            yield _row(waiting.pop(0), columns, day, end)
        yield raw
    yield from (_row(reference, columns, day, end) for reference in waiting)


def _row(reference: Reference, columns: list[str], day: datetime.date, end: str) -> str:
    cells = {"kind": reference.kind, "key": reference.key, "minted": day.isoformat(), "status": "active"}
    return ",".join(cells.get(column, "") for column in columns) + end
