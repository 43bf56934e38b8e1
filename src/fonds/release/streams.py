"""Writes what became of the records of each unit of the archive, from release to release (``fonds.release.happened`` reads it).

A unit has a stream of its own, so that whoever gathers one holding need not read of all others. What lies in it is what lies in it at
any depth. A page that is full never changes again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from fonds.pack import Pack, PackWriter, renew_pack
from fonds.release.folder import Release
from fonds.release.happened import (
    COLLECTIONS,
    PAGE_LINES,
    Activity,
    name_in,
    page_of_unit,
    total_of_unit,
)
from fonds.release.harvesting import Harvested

_UNIT = "holding:"


def write_streams(
    folder: Path, before: Release | None, activities: Iterable[Activity], harvested: Harvested, end: str
) -> None:
    """Write the pack of what became of the records of each unit into the folder of a release.

    Memory holds what became of them in this release.

    Args:
        folder: Of the release.
        before: The release that was issued before, if what happened goes on from it.
        activities: What became of things in this release.
        harvested: What lay in which units then, and what lies there now.
        end: When the release was issued, as activities have it.
    """
    earlier = Pack(before.folder / COLLECTIONS) if before and COLLECTIONS in before.manifest.files else None
    then = harvested.then if earlier else None
    new: dict[str, list[Activity]] = {}
    for unit, activity in _in_units(
        {each.it: each for each in activities}, then or {}, harvested.now, end, anew=then is None
    ):
        new.setdefault(unit, []).append(activity)
    path = folder / COLLECTIONS
    if earlier is None:
        writer = PackWriter(path)
        writer.add(_pieces(None, new))
        writer.close()
        return
    with closing(earlier):
        pieces = dict(_pieces(earlier, new))
        renew_pack(path, earlier, pieces.keys(), pieces.items())


def _in_units(
    activities: Mapping[str, Activity],
    then: Mapping[str, Sequence[str]],
    now: Mapping[str, Sequence[str]],
    end: str,
    *,
    anew: bool,
) -> Iterator[tuple[str, Activity]]:
    """Yield what became of each record in each unit in which it lies, or lay."""
    for it in sorted(then.keys() | now.keys()):
        was, is_ = set(then.get(it, ())), set(now.get(it, ()))
        name = f"id/{it}"
        activity = activities.get(name)
        fate = activity.type if activity else ""
        for spec in sorted(was | is_):
            if anew or (spec not in was and fate == "Create"):
                told = Activity("Create", name, end)
            elif spec not in was:
                told = Activity("Add", name, end)
            elif fate in ("Delete", "Move") and activity:
                told = activity
            elif spec not in is_:
                told = Activity("Remove", name, end)
            elif activity:
                told = activity
            else:
                continue
            yield spec.removeprefix(_UNIT), told


def _pieces(earlier: Pack | None, new: Mapping[str, Sequence[Activity]]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the pieces of all units in which something happened: the last page, those behind it, and how many activities there are."""
    encoder = msgspec.json.Encoder()
    for unit, activities in new.items():
        total = total_of_unit(earlier, unit) if earlier else 0
        page, rest = divmod(total, PAGE_LINES)
        lines = [*(page_of_unit(earlier, unit, page) if earlier and rest else ()), *activities]
        for start in range(0, len(lines), PAGE_LINES):
            yield (
                name_in(unit, page + start // PAGE_LINES),
                encoder.encode_lines(lines[start : start + PAGE_LINES]),
            )
        yield unit.encode(), encoder.encode(total + len(activities))
