"""Takes out of the kept releases what must not be kept: a release that may hold something of it is removed whole.

A release never changes. What follows from the sources is worked out afresh for the next one, which takes nothing from the one before; then
those are removed that held the thing, or that came out of one which did: the engine's data files hold for a while what was deleted.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import msgspec

from fonds.errors import BuildError, ReleaseError
from fonds.release.folder import MANIFEST, Release, read_manifest
from fonds.release.happened import pages_of, read_page
from fonds.release.keeping import remove
from fonds.release.staging import only_build

PURGED = "purged.json"
"""The file of a release that names the things of which it holds nothing, although an earlier release may have."""


def note_purged(folder: Path, purged: Collection[str]) -> None:
    """Write into a release, while it is made, of which things it holds nothing.

    Args:
        folder: Of the release.
        purged: Things, as kind and key.
    """
    if purged:
        (folder / PURGED).write_bytes(msgspec.json.encode(sorted(purged)))


def holding(releases: Path, purged: Collection[str]) -> list[str]:
    """Return the names of the kept releases that may hold something of things that were purged, sorted.

    Args:
        releases: The folder of releases; it may be missing.
        purged: Things, as kind and key.
    """
    if not purged:
        return []
    folders = (path.parent for path in releases.glob(f"*/{MANIFEST}") if not path.parent.is_symlink())
    return sorted(each.name for each in folders if _may_hold(each, purged))


def drop_holding(releases: Path, purged: Collection[str], current: Release) -> list[str]:
    """Remove the kept releases that may hold something of things that were purged; return their names.

    Args:
        releases: The folder of releases.
        purged: Things, as kind and key.
        current: Stays; it was made without them.

    Raises:
        ReleaseError: One of them cannot be removed, or another build is at work.
    """
    going = [each for each in holding(releases, purged) if each != current.folder.name]
    if going:
        try:
            with only_build(releases):
                remove(releases, going)
        except (OSError, BuildError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            message = (
                f"{releases}: what was purged is still kept here, in {', '.join(going)}, and could not be removed ({why}); "
                f"{current.folder.name} was made without it and is current; correct that and run `fonds build` again, which removes it"
            )
            raise ReleaseError(message) from error
    return going


def _may_hold(folder: Path, purged: Collection[str]) -> bool:
    """Tell whether things were there, in a release or one before it, and were not purged from it; if it cannot be told, they were."""
    try:
        release = Release(folder, read_manifest(folder))
        noted = (folder / PURGED).read_bytes() if PURGED in release.manifest.files else b"[]"
        without = set(msgspec.json.decode(noted, type=list[str]))
        wanted = {f"id/{each}" for each in purged if each not in without}
        if not wanted:
            return False
        pages = pages_of(release)
        return not pages or any(
            each.it in wanted for page in range(pages) for each in read_page(folder, page)
        )
    except (ReleaseError, OSError, msgspec.MsgspecError):
        return True
