"""One build at a time, all or nothing: a release is made beside its final place and moved there in one step."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from fonds.errors import BuildError, Fault
from fonds.release.folder import CURRENT, MANIFEST

_LOCK = ".lock"
_BUILDING = ".building-"
_REPORT = ".report."
GOING = ".going-"
"""How the name of a release begins that is being removed."""
_LINK = ".current-"
_READERS_SECONDS = 10.0
"""A server looks for the current release every second, and opens it in a few."""
_LOOK_SECONDS = 0.05


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
        if path.name.startswith(_BUILDING):
            shutil.rmtree(path, ignore_errors=True)
        elif path.name.startswith(GOING):
            # It may hold what must not be kept any more.
            remove_folder(path)
        elif path.name.startswith(_LINK) or (path.name.startswith(_REPORT) and _is_left(path)):
            path.unlink(missing_ok=True)


def remove_folder(path: Path) -> None:
    """Remove a folder with all that is in it.

    Raises:
        OSError: The system refuses it; the error names the folder.
    """
    try:
        shutil.rmtree(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _is_left(path: Path) -> bool:
    """Tell whether whoever was writing a file, by the number of their process at the end of its name, is gone."""
    number = path.name.rpartition("-")[2]
    try:
        os.kill(int(number), 0)
    except (ValueError, ProcessLookupError):
        return True
    except PermissionError:
        return False
    return int(number) == os.getpid()


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
    # From here on it is current for everybody: whether that is on the disk already is for the system to see to.
    with contextlib.suppress(OSError):
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


def reading(release: Path) -> BinaryIO:
    """Say that a release is being answered from, as long as the file that is returned is open; whoever removes it waits for that.

    Args:
        release: Its folder.
    """
    file = (release / MANIFEST).open("rb")
    # Where the file system has no locks, nobody waits.
    with contextlib.suppress(OSError):
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    return file


def await_readers(releases: Iterable[Path]) -> None:
    """Wait until nobody on this machine answers from some releases any more, ten seconds at most.

    Args:
        releases: Their folders; none of them is the current one, so that servers are about to leave them.
    """
    deadline = time.monotonic() + _READERS_SECONDS
    for each in releases:
        while _is_read(each) and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)


def _is_read(release: Path) -> bool:
    try:
        with (release / MANIFEST).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
