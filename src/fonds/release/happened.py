"""Reads what happened to things up to a release: pages of a thousand, the oldest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import lru_cache
from pathlib import Path

import msgspec

from fonds.errors import ReleaseError
from fonds.pack import Pack
from fonds.release.folder import Release

ACTIVITIES = "activities"
"""The folder within a release."""
PAGE_LINES = 1_000
COLLECTIONS = "collections"
"""The pack with what became of the records of each unit of the archive."""


class Activity(msgspec.Struct, frozen=True, array_like=True):
    """What became of one thing in one release."""

    type: str
    """``Create``, ``Update``, ``Delete``, or ``Move`` where one other took its place. Of a record of a unit of the archive also ``Add``
    and ``Remove``: it was there, and came to lie in the unit, or lies there no more."""
    it: str
    """Its IRI, without the base where it stands under it."""
    end: str
    """When the release was issued, UTC, ISO 8601 to the second."""
    target: str = ""
    """What took its place, in the same form."""


_decoder = msgspec.json.Decoder(Activity)


def file_of(page: int) -> str:
    """Return the name of the file of a page, which counts from 0."""
    return f"{page:06}.jsonl"


def pages_of(release: Release) -> int:
    """Return how many pages there are; 0 for a release that has none."""
    return sum(name.startswith(f"{ACTIVITIES}/") for name in release.manifest.files)


def pages_for(total: int) -> int:
    """Return how many pages so many activities take."""
    return -(-total // PAGE_LINES)


def total_of(release: Release) -> int:
    """Return how many activities there are.

    Raises:
        ReleaseError: A file is damaged.
    """
    pages = pages_of(release)
    return (pages - 1) * PAGE_LINES + len(read_page(release.folder, pages - 1)) if pages else 0


@lru_cache(maxsize=8)
def read_page(folder: Path, page: int) -> Sequence[Activity]:
    """Return the activities of a page, the oldest first.

    Args:
        folder: Of a release, which never changes.
        page: Which, from 0.

    Raises:
        ReleaseError: There is no such page, or it is damaged.
    """
    path = folder / ACTIVITIES / file_of(page)
    try:
        return tuple(_decoder.decode_lines(path.read_bytes()))
    except (OSError, msgspec.MsgspecError) as error:
        raise ReleaseError(f"{path}: cannot be read ({error}); build the release again") from error


# ------------------------------------------------------------------------------------------------ of a unit of the archive


def total_in(release: Release, unit: str) -> int:
    """Return how many activities there are of the records of a unit, at any depth; 0 where none ever lay in it.

    Args:
        release: Which.
        unit: The key of the unit.

    Raises:
        ReleaseError: A file is damaged.
    """
    return _total_in(release.folder, unit) if COLLECTIONS in release.manifest.files else 0


@lru_cache(maxsize=256)
def _total_in(folder: Path, unit: str) -> int:
    with closing(Pack(folder / COLLECTIONS)) as pack:
        return total_of_unit(pack, unit)


def total_of_unit(pack: Pack, unit: str) -> int:
    """Return the same from the pack itself."""
    piece = pack.get(unit.encode())
    return msgspec.json.decode(piece, type=int) if piece else 0


@lru_cache(maxsize=8)
def read_page_in(folder: Path, unit: str, page: int) -> Sequence[Activity]:
    """Return the activities of a page of a unit, the oldest first.

    Args:
        folder: Of a release, which never changes.
        unit: The key of the unit.
        page: Which, from 0.

    Raises:
        ReleaseError: There is no such page, or it is damaged.
    """
    with closing(Pack(folder / COLLECTIONS)) as pack:
        return page_of_unit(pack, unit, page)


def page_of_unit(pack: Pack, unit: str, page: int) -> Sequence[Activity]:
    """Return the same from the pack itself."""
    piece = pack.get(name_in(unit, page))
    try:
        return tuple(_decoder.decode_lines(piece or b""))
    except msgspec.MsgspecError as error:
        raise ReleaseError(f"{pack.path}: cannot be read ({error}); build the release again") from error


def units_of(release: Release) -> Iterator[tuple[str, int]]:
    """Yield the keys of the units in which a record ever lay, each with how many activities there are of these.

    Raises:
        ReleaseError: A file is damaged.
    """
    if COLLECTIONS not in release.manifest.files:
        return
    with closing(Pack(release.folder / COLLECTIONS)) as pack:
        for name, piece in pack.pieces(0, len(pack)):
            if b"\0" not in name:
                yield name.decode(), msgspec.json.decode(piece, type=int)


def name_in(unit: str, page: int) -> bytes:
    """Return the name of the piece with a page of a unit, from 0."""
    return b"%s\0%d" % (unit.encode(), page)
