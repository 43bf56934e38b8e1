"""Writes the history of each thing: which release created, changed, replaced or withdrew it, and what was stated otherwise before.

Releases never change, so what differs between two of them is a fact; it is written down when the later one is made, and
every release behind carries it on, also when the earlier ones are no longer kept. Why something was changed is said by people
(``data/changes.csv``), for a release as they see it then.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from fonds.identifiers import IriSpace, Kind
from fonds.lines import split_quad
from fonds.pack import Pack, PackWriter, renew_pack
from fonds.release.activities import changed_in_public, thing_of_graph
from fonds.release.comparing import lines_at, place_of, statements
from fonds.release.folder import Release
from fonds.release.fragments import Fragments, GraphReader
from fonds.release.happened import Activity
from fonds.release.history import HISTORY, Step, steps_in
from fonds.texts import Texts

MOST_STATEMENTS = 200
"""So many statements of one change are kept."""
MOST_THINGS = 20_000
"""Of a release in which more things changed than this, it is told how much changed in each, and not what: the program, or a
vocabulary that all use, has changed."""


def write_history(
    folder: Path,
    fragments: Fragments,
    before: Release | None,
    activities: Sequence[Activity],
    name: str,
    base: str,
    *,
    purged: Collection[str] = (),
) -> None:
    """Write the history of all things up to a release into its folder.

    Memory holds what changed in this release.

    Args:
        folder: Of the release.
        fragments: Its graphs, written out.
        before: The release whose history goes on; None: there is none.
        activities: What became of things in this release.
        name: Of this release.
        base: Under which its identifiers stand.
        purged: Things, as kind and key, of which nothing may be kept but that they were withdrawn.
    """
    things = {each.it: each for each in activities if each.it.startswith("id/")}
    told = _differences(fragments, before, things, IriSpace(base)) if before else {}
    earlier = Pack(before.folder / HISTORY) if before and HISTORY in before.manifest.files else None
    try:
        cut = _Cut(purged, base, _withheld(folder, before, things) if before else frozenset())
        new = dict(_steps(things, told, name, earlier, cut))
        if earlier is not None and purged:
            new = dict(cut.others(earlier, new)) | new
        if earlier is None:
            writer = PackWriter(folder / HISTORY)
            writer.add(new.items())
            writer.close()
        else:
            renew_pack(folder / HISTORY, earlier, new.keys(), new.items())
    finally:
        if earlier is not None:
            earlier.close()


def _steps(
    things: Mapping[str, Activity],
    told: Mapping[str, _Difference],
    release: str,
    earlier: Pack | None,
    cut: _Cut,
) -> Iterator[tuple[bytes, bytes]]:
    """Yield the history of each thing that changed, or of which nothing may be kept, as it is written."""
    for it in sorted({*things, *cut.things}):
        steps = steps_in(earlier.get(it.encode())) if earlier else ()
        if activity := things.get(it):
            found = told.get(it) or _Difference()
            lines = tuple(found.lines)
            step = Step(
                activity.type, activity.end, release, activity.target, found.added, found.removed, lines
            )
            steps = (*steps, step)
        if steps:
            yield it.encode(), msgspec.json.encode(cut.of(it, steps))


class _Cut:
    """Takes out of histories what may not be kept.

    Args:
        purged: Things, as kind and key.
        base: Under which their identifiers stand.
        withheld: Records of whose words less is published now than before: what was stated of them held these words.
    """

    def __init__(self, purged: Collection[str], base: str, withheld: Collection[str]) -> None:
        self._withheld = withheld
        self.things = frozenset(f"id/{each}" for each in purged)
        names = "|".join(re.escape(each) for each in sorted(self.things))
        self._named = re.compile(f"<{re.escape(base)}(?:{names})[>/#]") if names else None

    def of(self, it: str, steps: Sequence[Step]) -> tuple[Step, ...]:
        """Return the history of a thing without what it holds of things that were purged."""
        if it in self.things:
            return tuple(msgspec.structs.replace(each, lines=(), added=0, removed=0) for each in steps)
        if it in self._withheld:
            steps = [msgspec.structs.replace(each, lines=()) for each in steps]
        named = self._named
        if named is None:
            return tuple(steps)
        return tuple(
            msgspec.structs.replace(step, lines=tuple(each for each in step.lines if not named.search(each)))
            for step in steps
        )

    def others(self, earlier: Pack, new: Container[bytes]) -> Iterator[tuple[bytes, bytes]]:
        """Yield the histories that did not change since and name what was purged, without that."""
        for name, content in earlier.pieces(0, len(earlier)):
            if name not in new:
                steps = steps_in(content)
                without = self.of(name.decode(), steps)
                if without != steps:
                    yield name, msgspec.json.encode(without)


class _Difference:
    """What of a thing is stated otherwise."""

    __slots__ = ("added", "lines", "removed")

    def __init__(self) -> None:
        self.added = self.removed = 0
        self.lines: list[str] = []

    def note(self, line: bytes, *, added: bool, kept: bool) -> None:
        """Count a line of N-Quads, and keep it if there is room."""
        self.added += added
        self.removed += not added
        if kept and len(self.lines) < MOST_STATEMENTS:
            triple = split_quad(line)[1].decode().removesuffix(" .\n")
            self.lines.append(f"{'+' if added else '-'}{triple}")


_LEVELS = ("link", "excerpt", "full")


def _withheld(folder: Path, before: Release, things: Iterable[str]) -> frozenset[str]:
    """Return the records, without the base, of whose words less leaves the house than did in the release before."""
    if not before.texts.exists() or not (folder / "texts").exists():
        return frozenset()
    with closing(Texts(before.texts)) as then, closing(Texts(folder / "texts")) as now:
        records = (each for each in things if each.startswith(_RECORD))
        return frozenset(each for each in records if _level(now, each) < _level(then, each))


def _level(texts: Texts, it: str) -> int:
    reading = texts.get(it.removeprefix(_RECORD), "reading")
    return _LEVELS.index(msgspec.json.decode(reading, type=_Reading).fulltext) if reading else 0


class _Reading(msgspec.Struct):
    fulltext: str


_RECORD = f"id/{Kind.RECORD.value}/"


def _differences(
    fragments: Fragments, before: Release, things: Mapping[str, Activity], iris: IriSpace
) -> dict[str, _Difference]:
    """Return what is stated otherwise of the things that were there before and are still."""
    kept = len(things) <= MOST_THINGS
    found: dict[str, _Difference] = {}
    with closing(Pack(before.places)) as places, GraphReader(before.dumps) as then:
        for was, is_ in changed_in_public(before, fragments):
            graph = is_ or was
            assert graph is not None
            it, _ = thing_of_graph(graph.name, iris)
            if it not in things or things[it].type != "Update":
                continue
            difference = found.setdefault(it, _Difference())
            old = lines_at(then, place_of(places, was.name) if was else None)
            new: Iterable[bytes] = fragments.lines(is_) if is_ else ()
            for statement in statements(old, iter(new)):
                difference.note(statement.line, added=statement.added, kept=kept)
    return found
