"""Files: reading text and saying where it is not UTF-8, and writing new ones."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from fonds.errors import Fault, FondsError, SourceError


def decode(source: bytes, shown: str) -> str:
    """Return bytes as text, without a byte order mark.

    Args:
        source: The content of a file.
        shown: The file's name in messages.

    Raises:
        SourceError: It is not UTF-8; line, column (in bytes) and the first wrong byte are named.
    """
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = source[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        raise SourceError(
            shown,
            f"is not UTF-8: byte 0x{source[error.start]:02X} at position {error.start} of the file; save it as UTF-8",
            line=line,
            column=column,
        ) from error


def shown_path(path: Path, folder: Path) -> str:
    """Return a file's name as a person in the publication's folder would type it, the same on every system."""
    try:
        return path.relative_to(folder).as_posix()
    except ValueError:
        return path.as_posix()


def stands_within(path: Path, folder: Path) -> bool:
    """Tell whether a file, links followed, stands in a folder."""
    return path.resolve().is_relative_to(folder.resolve())


@contextmanager
def new_file(target: Path) -> Iterator[BinaryIO]:
    """Open a file that is not there yet, and make the folders above it; a file that is not written to its end is removed.

    Raises:
        FondsError: It is there, or cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            try:
                yield file
            except BaseException:
                target.unlink(missing_ok=True)
                raise
    except FileExistsError as error:
        raise FondsError(f"{target}: is there already; name a new file") from error
    except OSError as error:
        raise FondsError(f"{target}: cannot be written ({error.strerror})") from error


def write_in_one_step(path: Path, text: str) -> None:
    """Write a file in one step: whoever reads it finds the old one or the new one."""
    temporary = path.with_name(path.name + ".new")
    with temporary.open("wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def too_large(shown: str, size: int, most: int) -> Fault:
    """Return the fault of a file that has more bytes than are read."""
    message = (
        f"has {size} bytes, more than the {most} of a file that is read whole; split it, or raise file_bytes"
    )
    return Fault(shown, 0, 0, message)
