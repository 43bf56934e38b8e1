"""Writes what is harvested from a release (``fonds.release.harvest`` reads it): which items changed, and which sets there are.

An item changed where its graphs did, or those of what its metadata name: people, places, types, the units of the archive around it.
That is found from the other end: from each thing that changed, by the statements that point to it. So it takes as
long as there are changes, however many items there are.
"""

from __future__ import annotations

import datetime
import hashlib
from array import array
from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import msgspec
from pyoxigraph import NamedNode

from fonds.descriptions import Descriptions
from fonds.errors import ReleaseError
from fonds.identifiers import IriSpace, Kind
from fonds.pack import Frame, PackWriter
from fonds.release.activities import registered
from fonds.release.described import PART_OF, descriptions_of
from fonds.release.folder import Release, files_of
from fonds.release.fragments import Fragments
from fonds.release.harvest import (
    CHUNK,
    HARVEST,
    MOMENTS,
    NUMBERS,
    SETS_ON_PAGE,
    Harvest,
    Head,
    Item,
    bucket_of,
    in_order_of_bytes,
    name_of_chunk,
    name_of_set,
    name_of_sets,
)
from fonds.release.harvest import Set as HarvestSet
from fonds.release.listing import label_of
from fonds.settings import Settings
from fonds.vocabulary import OWL

FORMATS = "1"
"""To be raised with every change of what the metadata say: then everything is harvested again."""
_THROUGH = frozenset({Kind.EVENT, Kind.HOLDING, Kind.WORK})
"""Kinds of thing by which metadata of a record name further things: where an event was, in what a file lies."""
_UNTIL_SERVED = datetime.timedelta(seconds=60)
"""A release is served some seconds after it was made. What it changed bears a later moment, never an earlier one: whoever harvests
in between asks from that moment on when coming back."""
_HASHED_BYTES_A_SECOND = 50_000_000
"""On a machine that is slow, or does other work."""


@dataclass(slots=True)
class _Items:
    """What is harvested, while it is gathered, by identifier without base.

    Attributes:
        moments: In which release each changed last; -1: in this one.
        deleted: Those that were given up.
        sets: Sets of each, but for those of its kind.
    """

    moments: dict[str, int] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    sets: dict[str, list[str]] = field(default_factory=dict)


class Harvested(NamedTuple):
    """What a harvest came to.

    Attributes:
        moments: The moments of the releases before, one for each release that changed something.
        then: What lay in units of the archive in the release before, each with the sets of these; None where nothing of it is known.
        now: What lies in units now.
    """

    moments: tuple[str, ...]
    then: Mapping[str, Sequence[str]] | None
    now: Mapping[str, Sequence[str]]


def write_harvest(
    folder: Path,
    subjects: Iterable[str],
    things: Iterable[str],
    before: Release | None,
    fragments: Fragments,
    described: Descriptions,
    settings: Settings,
    base: str,
) -> Harvested:
    """Write the pack of what is harvested into the folder of a release, and return what it is.

    Args:
        folder: Of the release.
        subjects: IRIs of its records and authorities, each once.
        things: Those to which something happened since the release before, without the base.
        before: The release that was issued before; None where there was none, or nothing of it is known.
        fragments: The graphs of the release.
        described: What is stated of each thing.
        settings: The publication's.
        base: Under which its identifiers stand.
    """
    known = _harvest_of(before, base)
    moments = known.moments if known else ()
    made_by = _made_by(settings)
    here = {each.removeprefix(f"{base}id/") for each in subjects}
    items = _Items()
    then: dict[str, Sequence[str]] | None = None
    if known and before:
        then = _carry(known, here, items)
        changed = (
            here if known.head.made_by != made_by else _changed(things, before, fragments, described, base)
        )
        items.moments.update((it, -1) for it in changed if it in here)
    items.moments.update((it, -1) for it in here if it not in items.moments)
    _give_up(items, here, fragments, base)
    _put_into_holdings(items, here, described, base)
    if known:
        known.close()
    _write(folder / HARVEST, items, len(moments), made_by, described, settings, base)
    return Harvested(moments, then, {it: sets for it, sets in items.sets.items() if it in here})


def served_from(folder: Path) -> datetime.datetime:
    """Return from when on a release is served that has yet to be hashed, synced to the disk and opened: rather later than earlier.

    Whoever asked in between, and asks for what happened since then, so misses nothing.

    Args:
        folder: Where it is made; its large files are there.
    """
    size = sum((folder / name).stat().st_size for name in files_of(folder))
    hashing = datetime.timedelta(seconds=size // _HASHED_BYTES_A_SECOND)
    return datetime.datetime.now(datetime.UTC).replace(microsecond=0) + _UNTIL_SERVED + hashing


def write_moments(folder: Path, before: tuple[str, ...], issued: datetime.datetime, *, dated: bool) -> None:
    """Write when what the release changed can be had; as the last file, since it is served soon after.

    Args:
        folder: Of the release.
        before: The moments of releases before.
        issued: The moment of issue, UTC.
        dated: Whether that was given, and is not the moment when the build began.
    """
    moment = issued
    if before:
        # The clock may have been set back, and two releases may be of one second: moments still follow one another.
        after = datetime.datetime.fromisoformat(before[-1]) + datetime.timedelta(seconds=1)
        moment = max(after, issued if dated else datetime.datetime.now(datetime.UTC) + _UNTIL_SERVED)
    moments = (*before, f"{moment:%Y-%m-%dT%H:%M:%SZ}")
    (folder / MOMENTS).write_bytes(msgspec.json.encode(moments))


def _harvest_of(before: Release | None, base: str) -> Harvest | None:
    """Return what is harvested from the release before; None where it stands under another base, or does not say."""
    if before is None or before.manifest.base != base or HARVEST not in before.manifest.files:
        return None
    return Harvest(before.folder)


def _made_by(settings: Settings) -> str:
    """Return what the metadata depend on beside the graphs, as a hash."""
    parts = (FORMATS, settings.languages, settings.edm, settings.inference, settings.rights.data)
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:16]


def _carry(known: Harvest, here: Set[str], items: _Items) -> dict[str, Sequence[str]]:
    """Take over what was there before; what is not here any more was deleted by this release. Return what lay in units, with their sets."""
    then: dict[str, Sequence[str]] = {}
    for each in known.every():
        gone = each.it not in here
        units = [spec for spec in each.sets if not spec.startswith("kind:")]
        if units and not each.deleted:
            then[each.it] = units
        items.moments[each.it] = each.moment if each.deleted == gone else -1
        if gone:
            items.deleted.add(each.it)
            # Who harvests one set hears of it there.
            items.sets[each.it] = units
    return then


def _give_up(items: _Items, here: Set[str], fragments: Fragments, base: str) -> None:
    """Add what the register says was given up: of what no release of this folder had, too."""
    iris = IriSpace(base)
    for quad in registered(fragments, iris):
        path = iris.path(quad.subject.value) if isinstance(quad.subject, NamedNode) else None
        if quad.predicate != OWL.deprecated or not path or not path.startswith("id/"):
            continue
        it = path.removeprefix("id/")
        if it not in here and it.count("/") == 1:
            items.deleted.add(it)
            items.moments.setdefault(it, -1)


# ------------------------------------------------------------------------------------------ what changed


def _changed(
    things: Iterable[str], before: Release, fragments: Fragments, described: Descriptions, base: str
) -> set[str]:
    """Return the items whose metadata may have changed, and some whose did not."""
    iris = IriSpace(base)
    found: set[str] = set()
    waiting: list[str] = []
    for thing in things:
        if thing.startswith("id/"):
            found.add(thing.removeprefix("id/"))
            waiting.append(base + thing)
        elif thing.startswith("graph/vocab/"):
            waiting += _subjects_that_differ(base + thing, before, fragments)
    seen = set(waiting)
    while waiting:
        for line in described.links_to(waiting.pop()):
            match (iris.path(_subject(line)) or "").split("/"):
                case ["id", Kind.RECORD, key, *_]:
                    found.add(f"{Kind.RECORD}/{key}")
                case ["id", kind, key, *_] if kind in _THROUGH:
                    whole = iris.thing(kind, key).value
                    if whole not in seen:
                        seen.add(whole)
                        waiting.append(whole)
                case _:
                    pass
    return found


def _subjects_that_differ(name: str, before: Release, fragments: Fragments) -> list[str]:
    """Return the terms of a vocabulary of which something else is stated now."""
    now = set(fragments.lines(fragments.by_name[name])) if name in fragments.by_name else set()
    then = _lines_of(before, name)
    return sorted({_subject(line) for line in now ^ then if line.startswith(b"<")})


def _subject(line: bytes) -> str:
    return line.split(b" ", 1)[0][1:-1].decode()


def _lines_of(release: Release, name: str) -> set[bytes]:
    with closing(descriptions_of(release)) as described:
        try:
            return set(described.graph(name) or ())
        except ReleaseError:
            # A release that can be opened may still be damaged: then every term of it is looked at.
            return set()


# ------------------------------------------------------------------------------------------ sets


def _put_into_holdings(items: _Items, here: Set[str], described: Descriptions, base: str) -> None:
    """Note for each record in which units of the archive it lies, at any depth."""
    iris = IriSpace(base)
    above: dict[str, list[str]] = {}
    within: dict[str, list[str]] = {}
    for it in sorted(here):
        if not it.startswith(f"{Kind.HOLDING}/"):
            continue
        unit = it.removeprefix(f"{Kind.HOLDING}/")
        for line in described.links_to(f"{base}id/{it}"):
            subject, property_, _ = line.split(b" ", 2)
            match (iris.path(subject[1:-1].decode()) or "").split("/"):
                case ["id", Kind.HOLDING, lower] if property_ in PART_OF:
                    above.setdefault(lower, []).append(unit)
                case ["id", Kind.RECORD, key, *_] if property_ in PART_OF:
                    within.setdefault(f"{Kind.RECORD}/{key}", []).append(unit)
                case _:
                    pass
    for it, units in within.items():
        if it in here:
            items.sets[it] = [f"holding:{each}" for each in sorted(_with_those_above(units, above))]


def _with_those_above(units: Iterable[str], above: Mapping[str, list[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(units)
    while waiting:
        unit = waiting.pop()
        if unit not in found:
            found.add(unit)
            waiting += above.get(unit, ())
    return found


# ------------------------------------------------------------------------------------------ the pack


def _write(
    path: Path, items: _Items, now: int, made_by: str, described: Descriptions, settings: Settings, base: str
) -> None:
    ordered = sorted((now if moment < 0 else moment, it) for it, moment in items.moments.items())
    members: dict[str, array[int]] = {}
    buckets: dict[bytes, dict[str, int]] = {}
    starts: list[int] = []
    pack = PackWriter(path)
    frames: list[Frame] = []
    chunk: list[Item] = []
    for number, (moment, it) in enumerate(ordered):
        while len(starts) <= moment:
            starts.append(number)
        item = Item(it, moment, _sets_of(it, items), it in items.deleted)
        for spec in dict.fromkeys((*item.sets, *(each.partition(":")[0] for each in item.sets))):
            members.setdefault(spec, array(NUMBERS)).append(number)
        buckets.setdefault(bucket_of(it, len(ordered)), {})[it] = number
        chunk.append(item)
        if len(chunk) == CHUNK or number + 1 == len(ordered):
            frames += pack.frames([(name_of_chunk(number // CHUNK), msgspec.json.encode(chunk))])
            chunk = []
    while len(starts) <= now:
        starts.append(len(ordered))
    frames += pack.frames((name, msgspec.json.encode(each)) for name, each in buckets.items())
    frames += pack.frames(
        (name_of_set(spec), in_order_of_bytes(numbers).tobytes()) for spec, numbers in members.items()
    )
    sets = [HarvestSet(spec, _name_of(spec, described, settings, base)) for spec in sorted(members)]
    pages = [sets[at : at + SETS_ON_PAGE] for at in range(0, len(sets), SETS_ON_PAGE)]
    frames += pack.frames(
        (name_of_sets(number), msgspec.json.encode(page)) for number, page in enumerate(pages)
    )
    head = Head(
        total=len(ordered),
        starts=tuple(starts),
        sets=tuple(page[0].spec for page in pages),
        made_by=made_by,
    )
    frames += pack.frames([(b"head", msgspec.json.encode(head))])
    pack.write(sorted(frames))
    pack.close()


def _sets_of(it: str, items: _Items) -> tuple[str, ...]:
    return (*items.sets.get(it, ()), f"kind:{it.partition('/')[0]}")


def _name_of(spec: str, described: Descriptions, settings: Settings, base: str) -> str:
    """Return what a set is called: a unit of the archive by its own name."""
    root, _, name = spec.partition(":")
    if not name:
        return {"kind": "Everything, by kind", "holding": "Records in the archive, by unit"}[root]
    if root == "kind":
        return name
    label = label_of(f"{base}id/{spec.replace(':', '/')}", described, settings.languages)
    return label.value if label else name
