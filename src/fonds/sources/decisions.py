"""The table of what was decided of things that may be one, and what that changes in what was read."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fonds.errors import Fault
from fonds.model import Authority, Reference
from fonds.reconciliation.decisions import Decision, Verdict, ends, merges
from fonds.reconciliation.entries import COMPARED
from fonds.reconciliation.merging import merge_authorities
from fonds.sources.raw_rows import put_rows, take_rows
from fonds.sources.register import WITHDRAWN, Minted, ends_of, is_day
from fonds.sources.sheets import Row
from fonds.sources.tables import read_rows

DECISIONS = "data/reconciliation.csv"
COLUMNS: tuple[str, ...] = ("thing", "other", "decision", "who", "day", "ground", "score")


@dataclass(frozen=True, slots=True)
class Merged:
    """What was read, with the things that were found to be one as one.

    Attributes:
        authorities: The things that stay; records have yet to name these.
        becomes: What each of the others became.
        register: The register, in which these others are merged.
        given_up: What the register does not say yet.
    """

    authorities: Mapping[Reference, Authority]
    becomes: Mapping[Reference, Reference]
    register: Mapping[Reference, Minted]
    given_up: tuple[Minted, ...]


def read_decisions(folder: Path, faults: list[Fault]) -> tuple[Decision, ...]:
    """Read ``data/reconciliation.csv``; a publication that has none has decided nothing."""
    path = folder / DECISIONS
    if not path.exists():
        return ()
    found = (_decision(row, faults) for row in read_rows(path, DECISIONS, COLUMNS, COLUMNS[:3], faults))
    return tuple(each for each in found if each)


def _decision(row: Row, faults: list[Fault]) -> Decision | None:
    wrong = list(_faults_of_row(row))
    faults.extend(wrong)
    if wrong:
        return None
    return Decision(
        thing=_reference(row["thing"]),
        other=_reference(row["other"]),
        verdict=Verdict(row["decision"]),
        who=row["who"],
        day=row["day"],
        ground=row["ground"],
        score=row["score"],
        origin=row.origin,
    )


def _faults_of_row(row: Row) -> Iterator[Fault]:
    wrong = [column for column in ("thing", "other") if not _is_reference(row[column])]
    for column in wrong:
        yield row.fault(
            f"{column}: found {row[column]!r}, expected a kind ({', '.join(sorted(COMPARED))}) and a key, "
            "such as 'person/castro-f'"
        )
    if not wrong and _reference(row["thing"]).kind != _reference(row["other"]).kind:
        yield row.fault(
            f"{row['thing']} and {row['other']} are of two kinds; only things of one kind are compared"
        )
    if row["decision"] not in tuple(Verdict):
        yield row.fault(f"decision: found {row['decision']!r}, expected {', '.join(Verdict)}")
    if row["decision"] in (Verdict.SAME, Verdict.DIFFERENT):
        for column, what in (("who", "who decided"), ("day", "when"), ("ground", "why")):
            if not row[column]:
                yield row.fault(f"{column} is empty; say {what}, or write undecided")
    if row["day"] and not is_day(row["day"]):
        yield row.fault(f"day: found {row['day']!r}, expected a day such as 2026-11-23")
    if row["score"] and not _is_score(row["score"]):
        yield row.fault(f"score: found {row['score']!r}, expected a number from 0 to 1, or nothing")


def _is_reference(text: str) -> bool:
    kind, _, key = text.partition("/")
    return kind in COMPARED and bool(key)


def _is_score(text: str) -> bool:
    try:
        return 0 <= float(text) <= 1
    except ValueError:
        return False


def _reference(text: str) -> Reference:
    kind, _, key = text.partition("/")
    return Reference(kind, key)


# ---------------------------------------------------------------------------------------------------------- applied


def merge_by(
    decisions: Sequence[Decision],
    authorities: Mapping[Reference, Authority],
    register: Mapping[Reference, Minted],
    told: Callable[[Reference], bool],
    faults: list[Fault],
) -> Merged:
    """Make one of what was decided to be the same; a decision that cannot be is a fault, and changes nothing.

    Args:
        decisions: What was decided.
        authorities: The things that tables and documents list.
        register: What was minted.
        told: Whether everything could be read that might hold a thing; if not, its absence says nothing.
        faults: Where faults are added.
    """
    sound = [each for each in decisions if not _add_faults(each, authorities, register, told, faults)]
    same = merges(sound, faults)
    direct = {other: each.thing for other, each in same.items()}
    becomes = {other: _in_data(end, authorities, register) for other, end in ends(direct).items()}
    if not becomes:
        return Merged(authorities, {}, register, ())
    merged = merge_authorities(authorities, becomes)
    for reference in sorted(set(becomes.values())):
        if reference in merged and merged[reference].broader == reference:
            decision = next(each for other, each in same.items() if becomes[other] == reference)
            faults.append(decision.fault(f"{reference} would be a part of itself; mend its broader"))
    given_up = tuple(
        _merged(decision, register.get(other))
        for other, decision in sorted(same.items())
        if other not in register or register[other].status == "active"
    )
    known = {**register, **{each.reference: each for each in given_up}}
    return Merged(merged, becomes, known, given_up)


def faults_against(
    decision: Decision,
    others: Sequence[Decision],
    authorities: Mapping[Reference, Authority],
    register: Mapping[Reference, Minted],
) -> Iterator[str]:
    """Yield what speaks against a decision.

    Args:
        decision: What somebody wants to decide.
        others: What was decided of other pairs.
        authorities: All things that are listed, also those that became others.
        register: What was minted.
    """
    stated = (decision.thing, decision.other, decision.verdict, decision.who, decision.day, decision.ground)
    cells = dict(zip(COLUMNS, map(str, stated), strict=False))
    yield from (each.message for each in _faults_of_row(Row(DECISIONS, 0, cells)))
    yield from (each.message for each in _faults_of(decision, authorities, register, lambda _: True))
    before, now = list[Fault](), list[Fault]()
    merges(others, before)
    merges([*others, decision], now)
    yield from (each.message for each in now if each not in before)


def _in_data(
    thing: Reference, authorities: Mapping[Reference, Authority], register: Mapping[Reference, Minted]
) -> Reference:
    """Return a thing, or what the register says took its place since."""
    if thing in authorities or thing not in register:
        return thing
    later = ends_of(thing, register)
    return later[0] if len(later) == 1 else thing


def _merged(decision: Decision, minted: Minted | None) -> Minted:
    return Minted(
        decision.other,
        minted.minted if minted else decision.day,
        "merged",
        (decision.thing,),
        decision.ground,
        decision.day,
        minted.line if minted else 0,
    )


def _add_faults(
    decision: Decision,
    authorities: Mapping[Reference, Authority],
    register: Mapping[Reference, Minted],
    told: Callable[[Reference], bool],
    faults: list[Fault],
) -> bool:
    """Add what is wrong with a decision, and tell whether anything is."""
    found = list(_faults_of(decision, authorities, register, told))
    faults.extend(found)
    return bool(found)


def _faults_of(
    decision: Decision,
    authorities: Mapping[Reference, Authority],
    register: Mapping[Reference, Minted],
    told: Callable[[Reference], bool],
) -> Iterator[Fault]:
    for thing in (decision.thing, decision.other):
        if thing not in authorities and thing not in register and told(thing):
            yield decision.fault(
                f"{thing} is neither in the data nor in the register{_near(thing, authorities)}"
            )
    if decision.verdict is not Verdict.SAME:
        return
    for thing in (decision.thing, decision.other):
        if thing in authorities and not authorities[thing].identified:
            yield decision.fault(f"{thing} is not identified (identified = no), so nothing can be the same")
    minted = register.get(decision.other)
    if minted and minted.status not in ("active", "merged"):
        yield decision.fault(
            f"{decision.other} is {minted.status} by the register (line {minted.line}); take one of them back"
        )
    elif minted and minted.status == "merged":
        ends_there = {*ends_of(decision.other, register), *minted.replaced_by}
        if decision.thing not in ends_there and not ends_there & set(ends_of_any(decision.thing, register)):
            became = ", ".join(map(str, minted.replaced_by))
            yield decision.fault(
                f"{decision.other} became {became} by the register (line {minted.line}); take one of them back"
            )
    survivor = register.get(decision.thing)
    if decision.thing not in authorities and survivor and survivor.status in (*WITHDRAWN, "split"):
        yield decision.fault(f"{decision.thing} is {survivor.status}, and nothing can become it")


def ends_of_any(thing: Reference, register: Mapping[Reference, Minted]) -> tuple[Reference, ...]:
    """Return what has taken the place of a thing by now; itself where nothing has."""
    minted = register.get(thing)
    return ends_of(thing, register) if minted and minted.status != "active" else (thing,)


def _near(thing: Reference, authorities: Mapping[Reference, Authority]) -> str:
    keys = [each.key for each in authorities if each.kind == thing.kind]
    near = difflib.get_close_matches(thing.key, keys, n=1) if len(keys) < 5000 else []
    return f"; did you mean {thing.kind}/{near[0]}?" if near else ""


# ---------------------------------------------------------------------------------------------------------- written


def add_decision(folder: Path, decision: Decision) -> None:
    """Write a decision into the table, in the place of what was decided of the pair before; all other rows stay as they are."""
    put_rows(folder / DECISIONS, COLUMNS, [_cells(decision)], _about)


def remove_decision(folder: Path, pair: tuple[Reference, Reference]) -> None:
    """Take what was decided of a pair out of the table; all other rows stay as they are."""
    take_rows(folder / DECISIONS, tuple(sorted(map(str, pair))), _about)


def _cells(decision: Decision) -> dict[str, str]:
    return {
        "thing": str(decision.thing),
        "other": str(decision.other),
        "decision": decision.verdict.value,
        "who": decision.who,
        "day": decision.day,
        "ground": decision.ground,
        "score": decision.score,
    }


def _about(cells: Mapping[str, str]) -> tuple[str, ...]:
    """Return the pair that a row is about, in the same order whichever of the two it names first."""
    return tuple(sorted(cells.get(name, "") for name in ("thing", "other")))
