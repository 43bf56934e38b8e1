"""Renews what is stated of each thing, where little changed: written again is what a changed statement is about or points to.

All else is copied as it stands in the release before. The bytes are those of packs that are written afresh.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fonds.descriptions.reading import HEAD, lines_in, name_of_page
from fonds.errors import ReleaseError
from fonds.lines import DEFAULT
from fonds.mapping.description import GraphKind
from fonds.pack import Pack, hash_of, renew_pack
from fonds.release.describing import Work, name_of, pieces_of, sample_of, triple_of
from fonds.release.differences import Since
from fonds.release.folder import is_whole
from fonds.release.fragments import Fragments

_MOST_LINES = 500_000
"""Statements about things, and to them, that are read again: where there are more, it is as quick to write all afresh."""


@dataclass(frozen=True, slots=True)
class _Edit:
    """What is stated of a thing no more, and what is now."""

    own: tuple[set[bytes], set[bytes]] = field(default_factory=lambda: (set(), set()))
    links: tuple[set[bytes], set[bytes]] = field(default_factory=lambda: (set(), set()))


@dataclass(frozen=True, slots=True)
class _Now:
    """A thing as it is to be described: the statements about it and to it, sorted, and the pages that it had before."""

    own: list[bytes]
    links: list[bytes]
    pages: int


def redescribe(folder: Path, since: Since, fragments: Fragments, meta: str, *, links: int) -> bool:
    """Write the packs of descriptions and of names out of those of the release before, if that is possible and worth it.

    Args:
        folder: Where the release is made; nothing of the two stands there.
        since: What differs from the release before.
        fragments: The graphs, all of them.
        meta: The one that describes the dataset.
        links: Statements that point to a thing, on one page.

    Returns:
        Whether it was done.
    """
    before = since.before
    if before.manifest.settings.limits.inverse_links != links or DEFAULT in fragments.by_name:
        return False
    work = Work((), b"", links, triple_of(fragments))
    edits = _edits(since, fragments, meta)
    try:
        if not all(is_whole(before, path.name) for path in (before.descriptions, before.names)):
            return False
        described, called = Pack(before.descriptions), Pack(before.names)
        try:
            now = _now(described, edits)
            if now is None or _sample(described, now, meta) != described.sample:
                return False
            gone = {name_of_page(thing, page) for thing, it in now.items() for page in range(1, it.pages + 1)}
            new = (piece for thing, it in now.items() for piece in pieces_of(thing, it.own, it.links, work))
            renew_pack(folder / before.descriptions.name, described, gone, new)
            names = (piece for thing, it in now.items() for piece in name_of(thing, it.own))
            renew_pack(folder / before.names.name, called, set(now), names)
        finally:
            described.close()
            called.close()
    except ReleaseError:
        # A release that is damaged is no reason not to build the next one.
        return False
    return True


def _edits(since: Since, fragments: Fragments, meta: str) -> Mapping[bytes, _Edit]:
    """Return what changed of each thing; the description of the dataset is among it."""
    gone = set(since.change.removed)
    new = {*since.change.added, *fragments.lines(fragments.by_name[meta])}
    edits: dict[bytes, _Edit] = defaultdict(_Edit)
    _note(edits, 0, gone - new, since.kinds.__getitem__)
    _note(edits, 1, new - gone, lambda name: fragments.by_name[name].kind)
    return edits


def _note(edits: dict[bytes, _Edit], side: int, lines: set[bytes], kind_of: Callable[[str], str]) -> None:
    for line in lines:
        kind = kind_of(line[line.rindex(b" <") + 2 : -4].decode())
        if kind == GraphKind.SAID:
            continue
        subject, _, rest = line.split(b" ", 2)
        # As where all is written afresh: see `Buckets.take`.
        if kind != GraphKind.REGISTER:
            edits[subject].own[side].add(line)
        if rest[:1] == b"<" and rest[:2] != b"<<":
            edits[rest[: rest.index(b" ")]].links[side].add(line)


def _now(pack: Pack, edits: Mapping[bytes, _Edit]) -> dict[bytes, _Now] | None:
    """Return the things that changed as they are now; None if there is too much to read."""
    now: dict[bytes, _Now] = {}
    left = _MOST_LINES
    for thing, edit in edits.items():
        first = pack.get(thing)
        own, links, pages, _ = HEAD.unpack_from(first) if first else (0, 0, 0, 0)
        left -= own + links
        if left < 0:
            return None
        about: set[bytes] = set()
        to: set[bytes] = set()
        for page in range(1, pages + 1):
            here, there = lines_in(pack.get(name_of_page(thing, page)) or b"")
            about.update(here)
            to.update(there)
        now[thing] = _Now(
            sorted((about - edit.own[0]) | edit.own[1]), sorted((to - edit.links[0]) | edit.links[1]), pages
        )
    return now


def _sample(pack: Pack, now: Mapping[bytes, _Now], meta: str) -> bytes:
    """Return the sample that packs would have if they were written afresh."""
    changed: dict[int, list[bytes]] = defaultdict(list)
    for thing, it in now.items():
        changed[hash_of(thing)[0]] += it.own

    def bucket(number: int) -> Iterator[bytes]:
        yield from changed[number]
        end = pack.number_from(bytes([number + 1])) if number < 255 else len(pack)
        for name, piece in pack.pieces(pack.number_from(bytes([number])), end):
            if name.partition(b"\0")[0] not in now:
                yield from lines_in(piece)[0]

    return sample_of(map(bucket, range(256)), meta)
