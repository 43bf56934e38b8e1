"""The register of minted identifiers: what was once published is never lost in silence, never given out again."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fonds.errors import Fault
from fonds.identifiers import Kind, is_slug
from fonds.model import Reference
from fonds.sources.files import write_in_one_step
from fonds.sources.raw_rows import columns_in, table_at
from fonds.sources.sheets import Row
from fonds.sources.tables import read_rows

REGISTER = "data/register.csv"
COLUMNS = ("kind", "key", "minted", "status", "replaced_by", "reason", "changed")
PURGED = "purged"
"""Withdrawn, and no kept release may hold it."""
WITHDRAWN = ("withdrawn", PURGED)
STATUSES = ("active", "merged", "renamed", "split", *WITHDRAWN)
_SURVIVORS = {"merged": (1, 1), "renamed": (1, 1), "split": (2, 1000)}
"""How many identifiers take the place of one that was given up; of a status that is not here, none."""

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
        status: One of :data:`STATUSES`.
        replaced_by: What took its place: one thing where it was merged or renamed, several where it was split.
        reason: Why it is no longer active.
        changed: The day on which it was given up, ISO 8601; empty where it is active, or nobody wrote it down.
        line: Its line in the register.
    """

    reference: Reference
    minted: str
    status: str
    replaced_by: tuple[Reference, ...]
    reason: str
    changed: str
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
    return Minted(
        Reference(row["kind"], row["key"]),
        row["minted"],
        row["status"],
        survivors_of(row["kind"], row["replaced_by"]),
        row["reason"],
        row["changed"],
        row.line,
    )


def survivors_of(kind: str, written: str) -> tuple[Reference, ...]:
    """Return what ``replaced_by`` names: ``kind/key``, or a key alone for one of the same kind; blanks between several.

    >>> survivors_of("person", "castro-f group/cuban-side")
    (Reference(kind='person', key='castro-f'), Reference(kind='group', key='cuban-side'))
    """
    pieces = (each.rpartition("/") for each in written.split())
    return tuple(Reference(before if slash else kind, key) for before, slash, key in pieces)


def _faults_of_row(row: Row) -> Iterator[Fault]:
    if row["kind"] not in REGISTERED:
        yield row.fault(f"kind: found {row['kind']!r}, expected one of {', '.join(sorted(REGISTERED))}")
    if not is_slug(row["key"]):
        yield row.fault(f"key: found {row['key']!r}, expected a-z and 0-9 with single hyphens between")
    if row["status"] not in STATUSES:
        yield row.fault(f"status: found {row['status']!r}, expected one of {', '.join(STATUSES)}")
    least, most = _SURVIVORS.get(row["status"], (0, 0))
    number = len(row["replaced_by"].split())
    if not least <= number <= most:
        wanted = {0: "nothing", 1: "one identifier"}.get(
            least, "two identifiers or more, with blanks between"
        )
        yield row.fault(
            f"replaced_by: found {row['replaced_by']!r}, expected {wanted}, since it is {row['status']}"
        )
    for column in ("minted", "changed"):
        if (column == "minted" or row[column]) and not is_day(row[column]):
            yield row.fault(f"{column}: found {row[column]!r}, expected a day such as 2026-11-23")


def is_day(text: str) -> bool:
    """Tell whether a text is a day, ISO 8601."""
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


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
                "say what became of it by fonds register withdraw, merge or rename; of an example that nobody has seen, delete the line"
            )
            faults.append(Fault(REGISTER, minted.line, 0, message))
        faults.extend(_faults_of_survivors(minted, register, things, told))
        if minted.status != "active" and reference in things:
            message = f"{reference} is {minted.status}, but {things[reference]} still has it; remove it there, or make it active"
            faults.append(Fault(REGISTER, minted.line, 0, message))
    return tuple(faults), tuple(
        sorted(each for each in things if each not in register and each.kind in REGISTERED)
    )


def _faults_of_survivors(
    minted: Minted,
    register: Mapping[Reference, Minted],
    things: Mapping[Reference, str],
    told: Callable[[Reference], bool],
) -> Iterator[Fault]:
    for survivor in minted.replaced_by:
        # What replaces it may be new, and minted by the same build.
        if survivor not in register and survivor not in things and told(survivor):
            message = f"replaced_by: {survivor} is neither in the register nor in the data"
            yield Fault(REGISTER, minted.line, 0, message)
        elif leads_back(minted.reference, survivor, register):
            message = (
                f"replaced_by: {survivor} leads back to {minted.reference}; one of them has to be active"
            )
            yield Fault(REGISTER, minted.line, 0, message)


def leads_back(reference: Reference, survivor: Reference, register: Mapping[Reference, Minted]) -> bool:
    """Tell whether what replaces a thing was replaced, in the end, by the thing itself."""
    seen, waiting = set(), [survivor]
    while waiting:
        each = waiting.pop()
        if each == reference:
            return True
        if each not in seen and each in register:
            seen.add(each)
            waiting.extend(register[each].replaced_by)
    return False


def ends_of(reference: Reference, register: Mapping[Reference, Minted]) -> tuple[Reference, ...]:
    """Return what has taken the place of a thing by now: chains are followed to their ends, what was withdrawn is left out."""
    found: dict[Reference, None] = {}
    seen, waiting = {reference}, list(register[reference].replaced_by)
    while waiting:
        each = waiting.pop(0)
        if each in seen:
            continue
        seen.add(each)
        minted = register.get(each)
        if minted is None or minted.status == "active":
            found[each] = None
        else:
            waiting.extend(minted.replaced_by)
    return tuple(found)


def lost_since(
    published: Iterable[Reference], register: Mapping[Reference, Minted], things: Mapping[Reference, str]
) -> Iterator[Fault]:
    """Yield a fault for each identifier that a release has and that neither the data nor the register knows any more."""
    for reference in sorted(set(published)):
        if reference.kind in REGISTERED and reference not in register and reference not in things:
            message = (
                f"{reference} stands in the release that is published, but neither in the data nor in the register; put it "
                f"back, or say what became of it: fonds register withdraw {reference} --reason …"
            )
            yield Fault(REGISTER, 0, 0, message)


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
    rows, end = _rows(path)
    pieces = (
        raw for _, raw in _sorted_in(rows, columns_in(rows[0][1]), dict.fromkeys(new, day.isoformat()), end)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_in_one_step(path, "".join(pieces))


def give_up(
    folder: Path,
    reference: Reference,
    status: str,
    replaced_by: Iterable[Reference],
    reason: str,
    day: datetime.date,
) -> None:
    """Change the row of an identifier; all other rows stay byte for byte, and the file is replaced in one step.

    An identifier that has no row yet (it was published before there was a register) gets one.

    Args:
        folder: The publication.
        reference: What is given up, or active again.
        status: One of :data:`STATUSES`.
        replaced_by: What takes its place.
        reason: Why.
        day: When.
    """
    changed = "" if status == "active" else day.isoformat()
    row = Minted(reference, day.isoformat(), status, tuple(replaced_by), reason, changed, 0)
    write_into_register(folder, [row])


def write_into_register(folder: Path, changes: Iterable[Minted]) -> None:
    """Change the rows of several identifiers in one step, as :func:`give_up` does that of one."""
    waiting = {each.reference: each for each in changes}
    if not waiting:
        return
    path = folder / REGISTER
    found, end = _rows(path)
    rows, columns = _with_column_changed(found, end)
    unknown = waiting.keys() - {about for about, _ in rows if about}
    rows = list(_sorted_in(rows, columns, {each: waiting[each].minted for each in unknown}, end))
    pieces = (
        _changed(raw, columns, _cells_of(change), end) if about and (change := waiting.get(about)) else raw
        for about, raw in rows
    )
    write_in_one_step(path, "".join(pieces))


def _with_column_changed(
    rows: list[tuple[Reference | None, str]], end: str
) -> tuple[list[tuple[Reference | None, str]], list[str]]:
    """Return the rows and their columns; a register of before gets the column ``changed``, and an empty cell in each row."""
    columns = columns_in(rows[0][1])
    if "changed" in columns:
        return rows, columns
    longer = [
        (about, f"{raw.rstrip(chr(13) + chr(10))},{'' if at else 'changed'}{end}")
        for at, (about, raw) in enumerate(rows)
    ]
    return longer, [*columns, "changed"]


def _cells_of(minted: Minted) -> dict[str, str]:
    """Return what a change writes; the day on which an identifier was minted stays."""
    kind = minted.reference.kind
    survivors = (each.key if each.kind == kind else str(each) for each in minted.replaced_by)
    return {
        "status": minted.status,
        "replaced_by": " ".join(survivors),
        "reason": " ".join(minted.reason.split()),
        "changed": minted.changed,
    }


def _changed(raw: str, columns: list[str], values: dict[str, str], end: str) -> str:
    """Return a row with some of its cells replaced."""
    cells = dict(zip(columns, next(csv.reader([raw])), strict=False))
    out = io.StringIO()
    csv.writer(out, lineterminator=end).writerow([(cells | values).get(each, "") for each in columns])
    return out.getvalue()


def _rows(path: Path) -> tuple[list[tuple[Reference | None, str]], str]:
    """Return each row as it is written, with what it is about, and how lines end; the header, and rows without a key, about nothing."""
    rows, end = table_at(path, COLUMNS)
    return [
        (Reference(cells.get("kind", ""), key) if (key := cells.get("key", "")) else None, raw)
        for cells, raw in rows
    ], end


def _sorted_in(
    rows: list[tuple[Reference | None, str]], columns: list[str], new: Mapping[Reference, str], end: str
) -> Iterator[tuple[Reference | None, str]]:
    """Yield rows with new ones in their places, each with the day on which it was minted."""
    waiting = sorted(new, reverse=True)
    for about, raw in rows:
        while about and waiting and waiting[-1] < about:
            reference = waiting.pop()
            yield reference, _row(reference, columns, new[reference], end)
        yield about, raw
    yield from ((each, _row(each, columns, new[each], end)) for each in reversed(waiting))


def _row(reference: Reference, columns: list[str], day: str, end: str) -> str:
    cells = {"kind": reference.kind, "key": reference.key, "minted": day, "status": "active"}
    return ",".join(cells.get(column, "") for column in columns) + end
