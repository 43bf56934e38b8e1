"""Taking a release that came from another machine: only whole, and in one step."""

from __future__ import annotations

import errno
from pathlib import Path

from fonds.errors import ReleaseError
from fonds.release.folder import (
    MANIFEST,
    MANIFEST_HASH,
    Release,
    files_of,
    is_whole,
    open_release,
    read_manifest,
)
from fonds.release.staging import free_name, make_current, only_build, publish

_SHOWN = 3


def receive(arrived: Path, releases: Path) -> Release:
    """Move a release that was copied from elsewhere to the others, and make it the current one.

    Every file is hashed first, so that a copy that was broken off, or mixed of two releases, is refused; then all of it is
    written to the disk, and appears by one rename. A server of the folder sees the release before or this one, never a part.
    One that is there already becomes the current one, and the copy stays where it is.

    Args:
        arrived: Its folder, on the file system of the others; a name that begins with a dot is no release to anybody.
        releases: The folder of releases; it is made if need be.

    Returns:
        The release, where it is now.

    Raises:
        ReleaseError: It is not as it was built; the current release stays.
        BuildError: A build is at work there.
    """
    if not (arrived / MANIFEST).is_file():
        raise ReleaseError(f"{arrived}: no release here (no {MANIFEST}); copy all of its folder")
    releases.mkdir(parents=True, exist_ok=True)
    with only_build(releases):
        release = open_release(arrived)
        _refuse_what_is_not_whole(release)
        name = release.manifest.name
        if not _is_there(release, releases / name):
            name = free_name(releases, name)
            _move(release.folder, releases, name)
        else:
            _refuse_what_is_not_whole(open_release(releases / name))
            make_current(releases, name)
    return open_release(releases / name)


def _refuse_what_is_not_whole(release: Release) -> None:
    """Raise an error that names files which are missing, changed, too many, or lead elsewhere."""
    manifest = release.manifest
    paths = (MANIFEST, MANIFEST_HASH, *manifest.files)
    wrong = [each for each in files_of(release.folder) if each not in manifest.files]
    wrong += [each for each in paths if (release.folder / each).is_symlink()]
    wrong += [each for each in manifest.files if not is_whole(release, each)]
    if wrong:
        told = f"{', '.join(wrong[:_SHOWN])}{' …' if len(wrong) > _SHOWN else ''}"
        raise ReleaseError(
            f"{release.folder}: not as it was built ({told}); copy it again. The current release stays"
        )


def _is_there(release: Release, place: Path) -> bool:
    return (place / MANIFEST).is_file() and read_manifest(place) == release.manifest


def _move(folder: Path, releases: Path, name: str) -> None:
    try:
        publish(folder, releases, name)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        raise ReleaseError(
            f"{folder}: on another file system than {releases}, so that it cannot appear there in one step; "
            f"copy it to {releases / '.arriving'} instead"
        ) from error
