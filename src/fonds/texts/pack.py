"""The texts of a release in one read-only file, found by record and form."""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import msgspec

from fonds.errors import ReleaseError
from fonds.texts.published import PublishedText

_MAGIC = b"fonds texts 1\n\0\0"
_HEAD = struct.Struct("<16sQQ")  # magic, number of texts, first byte of the index
_ENTRY = struct.Struct("<16sQI4x")  # hash of the name, first byte, size
_NAME = struct.Struct("<H")


def write_texts(path: Path, items: Iterable[tuple[str, PublishedText]]) -> None:
    """Write the pack of texts: the same bytes for the same texts, in whatever order they come.

    The file is a head, the texts in the order of their names (record key, NUL, form), each as length of its name, name and
    zlib stream, and an index of fixed-width entries sorted by the BLAKE2b hash of the name.

    Args:
        path: Where; nothing stands there.
        items: Record keys with their texts; no two have one key.
    """
    spool = path.with_name(path.name + ".spool")
    with spool.open("w+b") as pieces:
        places = {}
        for key, text in items:
            for form, data in _forms(text):
                name = _name(key, form)
                if name in places:
                    raise ValueError(f"two texts for record {key}")
                places[name] = (
                    pieces.tell(),
                    pieces.write(_NAME.pack(len(name)) + name + zlib.compress(data, 6)),
                )
        _write_pack(path, pieces, places)
    spool.unlink()


def _forms(text: PublishedText) -> Iterator[tuple[str, bytes]]:
    yield "reading", msgspec.json.encode(text.reading)
    if text.tei is not None:
        yield "tei", text.tei
    if text.text is not None:
        yield "txt", text.text.encode()


def _name(key: str, form: str) -> bytes:
    return f"{key}\0{form}".encode()


def _hash(name: bytes) -> bytes:
    return hashlib.blake2b(name, digest_size=16).digest()


def _write_pack(path: Path, pieces: BinaryIO, places: Mapping[bytes, tuple[int, int]]) -> None:
    entries = []
    with path.open("wb") as pack:
        pack.write(bytes(_HEAD.size))
        for name in sorted(places):
            start, size = places[name]
            pieces.seek(start)
            entries.append(_ENTRY.pack(_hash(name), pack.tell(), size))
            pack.write(pieces.read(size))
        index = pack.tell()
        pack.writelines(sorted(entries))
        pack.seek(0)
        pack.write(_HEAD.pack(_MAGIC, len(entries), index))


class Texts:
    """The pack of texts of a release, open for reading from any thread.

    Opening reads 32 bytes, whatever the number of texts. A text is found by halving the index and read with ``pread``: a
    damaged disk then gives an error, where a memory map would end the process.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise ReleaseError(f"{path}: {error.strerror}; build the release again") from error
        head = os.pread(self._file, _HEAD.size, 0)
        if len(head) < _HEAD.size or not head.startswith(_MAGIC):
            os.close(self._file)
            raise ReleaseError(f"{path}: no pack of texts; build the release again")
        _, self._count, self._index = _HEAD.unpack(head)

    @classmethod
    def open(cls, path: Path) -> Texts:
        """Open a pack.

        Raises:
            ReleaseError: It is missing or not a pack of texts.
        """
        return cls(path)

    def __len__(self) -> int:
        """Return how many texts there are, forms counted one by one."""
        return int(self._count)

    def get(self, key: str, form: str) -> bytes | None:
        """Return a text of a record, None if there is none.

        Args:
            key: The record's key.
            form: ``reading`` (JSON of a :class:`Reading`), ``tei`` or ``txt``.

        Raises:
            ReleaseError: The file is damaged.
        """
        name = _name(key, form)
        place = self._find(_hash(name))
        if place is None:
            return None
        piece = self._read(*place)
        (length,) = _NAME.unpack_from(piece)
        if piece[_NAME.size : _NAME.size + length] != name:
            return None
        try:
            return zlib.decompress(piece[_NAME.size + length :])
        except zlib.error as error:
            raise ReleaseError(
                f"{self.path}: damaged at byte {place[0]} ({error}); build the release again"
            ) from error

    def _find(self, wanted: bytes) -> tuple[int, int] | None:
        low, high = 0, self._count
        while low < high:
            middle = (low + high) // 2
            found, start, size = _ENTRY.unpack(self._read(self._index + middle * _ENTRY.size, _ENTRY.size))
            if found == wanted:
                return start, size
            low, high = (middle + 1, high) if found < wanted else (low, middle)
        return None

    def _read(self, start: int, size: int) -> bytes:
        data = os.pread(self._file, size, start)
        if len(data) != size:
            raise ReleaseError(f"{self.path}: ends early; build the release again")
        return data

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
