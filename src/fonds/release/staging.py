"""One build at a time, all or nothing: a release is made beside its final place and moved there in one step."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fonds.errors import BuildError, Fault
from fonds.release.folder import CURRENT

_LOCK = ".lock"
_BUILDING = ".building-"
GOING = ".going-"
"""How the name of a release begins that is being removed."""
_LINK = ".current-"


@contextmanager
def staging(releases: Path) -> Iterator[Path]:
    """Give a fresh folder on the file system of the releases; it is gone afterwards, whatever happened.

    What dead builds left behind is removed first.

    Raises:
        BuildError: Another build is at work in the same folder.
    """
    releases.mkdir(parents=True, exist_ok=True)
    with only_build(releases):
        _remove_leftovers(releases)
        folder = releases / f"{_BUILDING}{os.getpid()}-{secrets.token_hex(4)}"
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def only_build(releases: Path) -> Iterator[None]:
    """Have a folder of releases for oneself.

    Raises:
        BuildError: A build is at work in it.
    """
    with (releases / _LOCK).open("a+") as lock:
        try:
            # The kernel lets go of the lock when the process ends, however it ends.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            message = (
                f"another build is at work here (process {holder}); wait for it, or stop it, and build again"
            )
            raise BuildError([Fault(str(releases), 0, 0, message)]) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def _remove_leftovers(releases: Path) -> None:
    for path in releases.iterdir():
        if path.name.startswith((_BUILDING, GOING)):
            shutil.rmtree(path, ignore_errors=True)
        elif path.name.startswith(_LINK):
            path.unlink()


def publish(folder: Path, releases: Path, name: str, *, current: bool = True) -> Path:
    """Move a finished release to its place and, if wanted, make it the current one.

    Everything is on the disk before the first rename, and each rename is one step of the file system: whoever looks sees
    the release before or this one, never a part.
    """
    _sync_all(folder)
    place = releases / name
    folder.rename(place)
    _sync(releases)
    if current:
        make_current(releases, name)
    return place


def make_current(releases: Path, name: str) -> None:
    """Point ``current`` to a release, in one step."""
    link = releases / f"{_LINK}{secrets.token_hex(4)}"
    link.symlink_to(name)
    try:
        link.replace(releases / CURRENT)
    except OSError:
        link.unlink()
        raise
    _sync(releases)


def _sync_all(folder: Path) -> None:
    for above, _, files in os.walk(folder):
        for each in files:
            _sync(Path(above) / each)
        _sync(Path(above))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def free_name(releases: Path, name: str) -> str:
    """Return the name, or with ``-2``, ``-3`` … where something of that name stands already."""
    number = 1
    candidate = name
    while os.path.lexists(releases / candidate):
        number += 1
        candidate = f"{name}-{number}"
    return candidate


def current_name(releases: Path) -> str | None:
    """Return the name of the current release, None if there is none."""
    with contextlib.suppress(OSError):
        return (releases / CURRENT).readlink().name
    return None


def share(source: Path, target: Path) -> None:
    """Give a file that never changes a second name, or copy it where the file system has no hard links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
