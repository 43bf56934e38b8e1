"""What was worked out before, by what it was worked out from: a file beside the releases that makes the next build quick.

Nothing in it is ever needed: whatever is missing, damaged or of another program is worked out again.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec
import zstandard

from fonds.errors import FondsError

T = TypeVar("T")

_PARTS = 1 << 20
"""Most bodies of one entry: the place of each is the number of its entry times this, and its own number."""
_APPLICATION = 0x666F6E64
_FORM = 1
_COMMIT_SECONDS = 1.0
"""How much work is lost at most when the process is killed."""
_LEVEL = 3
_OF_THE_DISK = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_IOERR: errno.EIO,
    sqlite3.SQLITE_CANTOPEN: errno.EACCES,
    sqlite3.SQLITE_PERM: errno.EACCES,
    sqlite3.SQLITE_READONLY: errno.EACCES,
}
"""What the engine says of the disk, as the operating system says it."""
_SCHEMA = """
CREATE TABLE heads (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, head BLOB NOT NULL);
CREATE TABLE bodies (place INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE notes (name TEXT PRIMARY KEY, words TEXT NOT NULL) WITHOUT ROWID;
"""


class WorkshopError(FondsError):
    """The file of what was worked out before cannot be used."""


class WorkshopDamagedError(WorkshopError):
    """It is damaged, or is none: it may be thrown away."""


class WorkshopBusyError(WorkshopError):
    """Another process has it."""


class Entry(NamedTuple):
    """One thing that was worked out: its number in the file, and its head."""

    number: int
    head: bytes


class Stored(NamedTuple):
    """What is to be kept of one thing: by what it is found, what is read with it, and parts that are read one by one.

    Head and bodies are packed.
    """

    key: bytes
    head: bytes
    bodies: tuple[bytes, ...] = ()


def packed(data: bytes) -> bytes:
    """Return data in fewer bytes, with a checksum."""
    return zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(data)


def unpacked(frame: bytes) -> bytes:
    """Return what was packed.

    Raises:
        WorkshopDamagedError: The checksum is not that of the data.
    """
    try:
        return zstandard.ZstdDecompressor().decompress(frame)
    except zstandard.ZstdError as error:
        raise WorkshopDamagedError(f"an entry is damaged ({error})") from error


def decoded(decode: Callable[[bytes], T], data: bytes) -> T:
    """Return what was put away, by a decoder.

    Raises:
        WorkshopDamagedError: It is something else.
    """
    try:
        return decode(data)
    except msgspec.MsgspecError as error:
        raise WorkshopDamagedError(f"an entry is damaged ({error})") from error


@contextlib.contextmanager
def _engine() -> Iterator[None]:
    """Say in our words what the engine says of a file."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise WorkshopBusyError("another process is at work with it") from error
        if (number := _OF_THE_DISK.get(error.sqlite_errorcode & 0xFF)) is not None:
            raise OSError(number, os.strerror(number)) from error
        raise WorkshopDamagedError(str(error)) from error
    except sqlite3.DatabaseError as error:
        raise WorkshopDamagedError(str(error)) from error


class Workshop:
    """What was worked out, in one file that one process at a time has.

    Args:
        path: The file; None: a temporary one, which is gone when it is closed.

    Raises:
        WorkshopDamagedError: It is no such file, or damaged.
        WorkshopBusyError: Another process has it.
        OSError: It cannot be written.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        with _engine():
            self._connection = sqlite3.connect(path or "", timeout=0, isolation_level=None)
            try:
                self._open()
            except BaseException:
                self._connection.close()
                raise
        self.used: set[int] = set()
        """The numbers of what was found or put since it was opened."""
        self._committed = time.monotonic()

    def _open(self) -> None:
        run = self._connection.execute
        # A crash of the machine may damage the file, one of the program does not: what is damaged is made again.
        for pragma in (
            "locking_mode=EXCLUSIVE",
            "synchronous=OFF",
            "page_size=16384",
            "auto_vacuum=INCREMENTAL",
        ):
            run(f"PRAGMA {pragma}")
        run("BEGIN EXCLUSIVE")
        ((application,), (form,)) = (
            run(f"PRAGMA {each}").fetchone() for each in ("application_id", "user_version")
        )
        empty = run("SELECT COUNT(*) FROM sqlite_schema").fetchone() == (0,)
        if empty:
            for statement in _SCHEMA.split(";"):
                run(statement)
            run(f"PRAGMA application_id={_APPLICATION}")
            run(f"PRAGMA user_version={_FORM}")
        elif (application, form) != (_APPLICATION, _FORM):
            raise WorkshopDamagedError("is a file of another program, or of another version of this one")

    def find(self, key: bytes) -> Entry | None:
        """Return what was worked out from this, None if nothing was; it is not swept away."""
        with _engine():
            row = self._connection.execute("SELECT id, head FROM heads WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        self.used.add(row[0])
        return Entry(row[0], unpacked(row[1]))

    def place(self, number: int, part: int) -> int:
        """Return where a part of an entry stands."""
        return number * _PARTS + part

    def frame(self, place: int) -> bytes:
        """Return a part of an entry as it was packed.

        Raises:
            WorkshopDamagedError: It is not there.
        """
        with _engine():
            row = self._connection.execute("SELECT body FROM bodies WHERE place = ?", (place,)).fetchone()
        if row is None:
            raise WorkshopDamagedError("a part of an entry is missing")
        return bytes(row[0])

    def put(self, stored: Stored, *, used: bool = True) -> int:
        """Keep what was worked out, in place of what was worked out from the same before; return its number.

        Args:
            stored: What was worked out.
            used: Whether it is of use now; if nothing finds it before the next sweep, it is swept away otherwise.
        """
        run = self._connection.execute
        with self._changing():
            for (old,) in run("SELECT id FROM heads WHERE key = ?", (stored.key,)).fetchall():
                self._remove(old)
            number = run("INSERT INTO heads (key, head) VALUES (?, ?)", (stored.key, stored.head)).lastrowid
            assert number is not None
            places = (self.place(number, part) for part in range(len(stored.bodies)))
            self._connection.executemany(
                "INSERT INTO bodies (place, body) VALUES (?, ?)", zip(places, stored.bodies, strict=True)
            )
        if used:
            self.used.add(number)
        if time.monotonic() - self._committed > _COMMIT_SECONDS:
            self.commit()
        return number

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """Change several rows together: what is interrupted here is taken back when the workshop is closed."""
        with _engine():
            self._connection.execute("SAVEPOINT change")
            yield
            self._connection.execute("RELEASE change")

    def _remove(self, number: int) -> None:
        self._connection.execute("DELETE FROM heads WHERE id = ?", (number,))
        first, last = self.place(number, 0), self.place(number + 1, 0) - 1
        self._connection.execute("DELETE FROM bodies WHERE place BETWEEN ? AND ?", (first, last))

    def note(self, name: str, words: str) -> None:
        """Write down something about the whole."""
        with _engine():
            self._connection.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (name, words))

    def noted(self, name: str) -> str:
        """Return what was written down about the whole; empty if nothing was."""
        with _engine():
            row = self._connection.execute("SELECT words FROM notes WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def stored(self) -> Iterator[Stored]:
        """Yield every entry."""
        with _engine():
            numbers = self._connection.execute("SELECT id, key, head FROM heads ORDER BY id")
            for number, key, head in numbers:
                first, last = self.place(number, 0), self.place(number + 1, 0) - 1
                bodies = self._connection.execute(
                    "SELECT body FROM bodies WHERE place BETWEEN ? AND ? ORDER BY place", (first, last)
                )
                yield Stored(key, head, tuple(body for (body,) in bodies))

    def number(self, key: bytes) -> int | None:
        """Return the number of what was worked out from this, None if nothing was; that it is used is not noted."""
        with _engine():
            row = self._connection.execute("SELECT id FROM heads WHERE key = ?", (key,)).fetchone()
        return int(row[0]) if row else None

    def commit(self) -> None:
        """Make sure that what was put is there when this process is gone."""
        with _engine():
            self._connection.execute("COMMIT")
            self._connection.execute("BEGIN EXCLUSIVE")
        self._committed = time.monotonic()

    def sweep(self) -> None:
        """Remove what was neither found nor put since the workshop was opened."""
        with self._changing():
            numbers = self._connection.execute("SELECT id FROM heads").fetchall()
            for (number,) in numbers:
                if number not in self.used:
                    self._remove(number)
        self.commit()
        with _engine():
            self._connection.execute("COMMIT")
            # A page is freed at each step, and only a script is stepped to its end.
            self._connection.executescript("PRAGMA incremental_vacuum")
            self._connection.execute("BEGIN EXCLUSIVE")

    def close(self) -> None:
        """Let go of it; what was put stays."""
        # There is such a change only where one was interrupted: half an entry is worse than none.
        for statement in ("ROLLBACK TO change", "COMMIT"):
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute(statement)
        self._connection.close()


@contextlib.contextmanager
def opened_workshop(path: Path | None, tell: Callable[[str], None]) -> Iterator[Workshop]:
    """Give a workshop; one that cannot be used is thrown away, and that is told.

    Args:
        path: Its file, made if it is not there; None: a temporary one.
        tell: Told why a file was thrown away, in words.

    Raises:
        WorkshopBusyError: Another process has it.
    """
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if reason := _foreign(path):
            _throw_away(path, reason, tell)
    try:
        workshop = Workshop(path)
    except WorkshopDamagedError as error:
        _throw_away(path, str(error), tell)
        workshop = Workshop(path)
    try:
        yield workshop
    finally:
        workshop.close()


def _foreign(path: Path) -> str:
    """Return why a file is not ours, empty if it is, or is not there."""
    if path.is_symlink():
        return "it is a link"
    if path.exists() and path.stat().st_uid != os.geteuid():
        return "it belongs to somebody else"
    return ""


def _throw_away(path: Path | None, reason: str, tell: Callable[[str], None]) -> None:
    if path is None:
        raise WorkshopError(reason)
    tell(f"{path.name} is thrown away and made again: {reason}")
    for each in (path, path.with_name(f"{path.name}-journal")):
        each.unlink(missing_ok=True)
