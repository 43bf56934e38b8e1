"""By what everything is found, as a file: of it and of the packed words the full-text index of a release can be made again.

The engine's own files are for one version of it, and can be damaged; this is lines of JSON in gzip. The first line says what it is, the
second has all that is listed, each further one a record; the words of records stand elsewhere in the release.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import msgspec

from fonds.errors import ReleaseError
from fonds.model import Authority, Origin, Reference
from fonds.search.entries import Entry

ENTRIES = "entries.jsonl.gz"
"""Its name in the folder of a release."""
_VERSION = "fonds entries 1"
_LEVEL = 6


def kept_beside(
    path: Path, records: Iterable[tuple[Entry, str | None]], authorities: Mapping[Reference, Authority]
) -> Iterator[tuple[Entry, str | None]]:
    """Yield records with their words as they come, and write by what they are found into a file; it is whole when all were yielded.

    Args:
        path: Where.
        records: What records are found by, each with as many of its words as are published.
        authorities: What they name.
    """
    encode = msgspec.json.Encoder(order="deterministic").encode
    with path.open("wb") as raw, gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as file:
        file.write(encode(_VERSION) + b"\n")
        file.write(encode([_bare(authorities[each]) for each in sorted(authorities)]) + b"\n")
        for entry, words in records:
            file.write(encode(entry) + b"\n")
            yield entry, words


def _bare(authority: Authority) -> Authority:
    """Return an authority with what it is found by and nothing else: where its row stands is nobody's business."""
    merged = tuple(map(_bare, authority.merged))
    return replace(
        authority,
        merged=merged,
        matches=(),
        elsewhere=(),
        named=(),
        life=(),
        unreviewed=(),
        origin=Origin(""),
    )


def read_kept(path: Path) -> tuple[dict[Reference, Authority], Iterator[Entry]]:
    """Return what is listed, and by what records are found, one after the other.

    Raises:
        ReleaseError: The file is missing, damaged, or of another version, here or while the entries are read.
    """
    lines = _lines(path)
    try:
        version = msgspec.json.decode(next(lines, b'""'), type=str)
        if version != _VERSION:
            raise ReleaseError(
                f"{path}: “{version[:40]}”, expected “{_VERSION}”; build the release from its sources"
            )
        listed = msgspec.json.decode(next(lines, b"[]"), type=list[Authority])
    except msgspec.MsgspecError as error:
        raise _unreadable(path, error) from error
    return {each.reference: each for each in listed}, _entries(path, lines)


def _entries(path: Path, lines: Iterator[bytes]) -> Iterator[Entry]:
    decode = msgspec.json.Decoder(Entry).decode
    for line in lines:
        try:
            yield decode(line)
        except msgspec.MsgspecError as error:
            raise _unreadable(path, error) from error


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path) as file:
            yield from file
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> ReleaseError:
    return ReleaseError(f"{path}: cannot be read ({error}); build the release from its sources")
