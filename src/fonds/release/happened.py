"""Reads what happened to things up to a release: pages of a thousand, the oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import msgspec

from fonds.errors import ReleaseError
from fonds.release.folder import Release

ACTIVITIES = "activities"
"""The folder within a release."""
PAGE_LINES = 1_000


class Activity(msgspec.Struct, frozen=True, array_like=True):
    """What became of one thing in one release."""

    type: str
    """``Create``, ``Update``, ``Delete``, or ``Move`` where one other took its place."""
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
