"""Reading text files of a publication, and saying where one is not UTF-8."""

from __future__ import annotations

from pathlib import Path

from fonds.errors import Fault, SourceError


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


def too_large(shown: str, size: int, most: int) -> Fault:
    """Return the fault of a file that has more bytes than are read."""
    message = (
        f"has {size} bytes, more than the {most} of a file that is read whole; split it, or raise file_bytes"
    )
    return Fault(shown, 0, 0, message)
