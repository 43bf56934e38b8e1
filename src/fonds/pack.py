"""Many small pieces of bytes under names in one read-only file, each found by two reads.

The file is a head; a dictionary for the compressor; the pieces, each as the length of its name, the name, and a Zstandard
frame; an index of fixed-width entries in the order of the names' hashes; and a directory that says, for each beginning of
a hash, which entry is the first.
"""

from __future__ import annotations

import hashlib
import os
import struct
import sys
import threading
import zlib
from array import array
from collections.abc import Iterable
from pathlib import Path

import zstandard

from fonds.errors import ReleaseError

_MAGIC = b"fonds pack 1\n\0\0\0"
_HEAD = struct.Struct(
    "<16sQQQII"
)  # magic, first byte of index and of directory, pieces, bits, bytes of the dictionary
_ENTRY = struct.Struct("<8sQI")  # hash of the name, first byte, size
_PLACE = struct.Struct("<Q")
_NAME = struct.Struct("<H")
_LEVEL = 3
_ENTRIES_FOR_ONE_READ = 8
_BUFFER = 1024 * 1024
_AHEAD_BYTES = 1024 * 1024 * 1024


def hash_of(name: bytes) -> bytes:
    """Return the hash by which a piece is found, 8 bytes: seven of what stands before a NUL in its name, one of the rest.

    Hence the pieces of one thing stand side by side.
    """
    if b"\0" not in name:
        return hashlib.blake2b(name, digest_size=7).digest() + b"\0"
    thing, _, rest = name.partition(b"\0")
    return hashlib.blake2b(thing, digest_size=7).digest() + (zlib.crc32(rest) & 0xFF).to_bytes(1, "big")


class PackWriter:
    """Writes a pack; the same bytes for the same pieces.

    Args:
        path: Where; nothing stands there.
        sample: What pieces look like, at most 64 KiB of it: the compressor refers to it.
    """

    def __init__(self, path: Path, sample: bytes = b"") -> None:
        self._path = path
        self._file = path.open("wb", buffering=_BUFFER)
        self._entries = path.with_name(path.name + ".entries").open("w+b", buffering=_BUFFER)
        self._dictionary = sample[: 64 * 1024]
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL, dict_data=_dictionary(self._dictionary))
        self._file.write(bytes(_HEAD.size) + self._dictionary)
        self._at = self._file.tell()
        self._count = 0
        self._last = b""

    def add(self, pieces: Iterable[tuple[bytes, bytes]]) -> None:
        """Write pieces, given as name and content; their hashes come after those of all that were added before.

        Raises:
            ValueError: They do not, or two have one name.
        """
        compress = self._compressor.compress
        found = sorted((hash_of(name), name, compress(content)) for name, content in pieces)
        if found and self._last > found[0][0]:
            raise ValueError("pieces come in the order of their hashes")
        before = b""
        for digest, name, frame in found:
            if name == before:
                raise ValueError(f"two pieces are named {name!r}")
            piece = _NAME.pack(len(name)) + name + frame
            self._file.write(piece)
            self._entries.write(_ENTRY.pack(digest, self._at, len(piece)))
            self._at += len(piece)
            self._count += 1
            self._last, before = digest, name

    def close(self) -> None:
        """Write index and directory, and end the file."""
        index = self._at
        bits = max(0, (self._count // _ENTRIES_FOR_ONE_READ).bit_length())
        firsts = self._copy_entries(bits)
        directory = index + self._count * _ENTRY.size
        self._file.writelines(map(_PLACE.pack, firsts))
        self._file.seek(0)
        self._file.write(
            _HEAD.pack(_MAGIC, index, directory, self._count, bits, len(self._dictionary)),
        )
        self._file.close()
        self._entries.close()
        Path(self._entries.name).unlink()

    def _copy_entries(self, bits: int) -> list[int]:
        """Append the index; return, for each beginning of a hash, how many entries stand before it, and their number."""
        firsts = [0]
        self._entries.seek(0)
        for number in range(self._count):
            entry = self._entries.read(_ENTRY.size)
            self._file.write(entry)
            start = _beginning(entry, bits)
            while len(firsts) <= start:
                firsts.append(number)
        while len(firsts) <= 1 << bits:
            firsts.append(self._count)
        return firsts


def _beginning(digest: bytes, bits: int) -> int:
    """Return the first bits of a hash as a number."""
    return int.from_bytes(digest[:8], "big") >> (64 - bits) if bits else 0


def _dictionary(content: bytes) -> zstandard.ZstdCompressionDict | None:
    if len(content) < 8:
        return None
    return zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


class Pack:
    """A pack, open for reading from any thread.

    Args:
        path: The file.
        what: What it is called where it is told that there is none.

    A piece is read with ``pread``: a damaged disk then gives an error, where a memory map would end the process.

    Raises:
        ReleaseError: The file is missing or no pack.
    """

    def __init__(self, path: Path, what: str = "pack") -> None:
        self.path = path
        try:
            self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise ReleaseError(f"{path}: {error.strerror}; build the release again") from error
        # After a start the disk is asked for the whole of it before the clients are, piece by piece.
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(self._file, 0, _AHEAD_BYTES, os.POSIX_FADV_WILLNEED)
        head = os.pread(self._file, _HEAD.size, 0)
        if len(head) < _HEAD.size or not head.startswith(_MAGIC):
            self.close()
            raise ReleaseError(f"{path}: no {what}; build the release again")
        _, self._index, self._directory, self._count, self._bits, size = _HEAD.unpack(head)
        self._dictionary = _dictionary(self._read(_HEAD.size, size))
        # About one byte for each piece; it saves a read for each look-up.
        self._firsts = array("Q", self._read(self._directory, _PLACE.size * ((1 << self._bits) + 1)))
        if sys.byteorder == "big":
            self._firsts.byteswap()
        # A decompressor may not be shared by threads.
        self._thread = threading.local()

    def __len__(self) -> int:
        """Return how many pieces there are."""
        return int(self._count)

    def get(self, name: bytes) -> bytes | None:
        """Return a piece, None if there is none of that name.

        Raises:
            ReleaseError: The file is damaged.
        """
        # What was read last is often asked for again at once.
        last: tuple[bytes, bytes | None] | None = getattr(self._thread, "last", None)
        if last is None or last[0] != name:
            last = self._thread.last = name, self._get(name)
        return last[1]

    def __contains__(self, name: bytes) -> bool:
        """Tell whether there is a piece of that name; nothing is decompressed."""
        return self._found(name) is not None

    def _get(self, name: bytes) -> bytes | None:
        found = self._found(name)
        return self._decompressed(*found) if found else None

    def _found(self, name: bytes) -> tuple[bytes, int] | None:
        """Return the frame of a piece, and where the piece stands."""
        content = _NAME.size + len(name)
        for start, size in self._places(hash_of(name)):
            piece = self._read(start, size)
            if piece[_NAME.size : content] == name and _NAME.unpack_from(piece)[0] == len(name):
                return piece[content:], start
        return None

    def _places(self, digest: bytes) -> list[tuple[int, int]]:
        """Return where the pieces with this hash stand."""
        start = _beginning(digest, self._bits)
        first, end = self._firsts[start], self._firsts[start + 1]
        if first >= end:
            return []
        entries = self._read(self._index + first * _ENTRY.size, (end - first) * _ENTRY.size)
        return [(start, size) for found, start, size in _ENTRY.iter_unpack(entries) if found == digest]

    def _decompressed(self, frame: bytes, start: int) -> bytes:
        reader: zstandard.ZstdDecompressor | None = getattr(self._thread, "reader", None)
        if reader is None:
            reader = self._thread.reader = zstandard.ZstdDecompressor(dict_data=self._dictionary)
        try:
            return reader.decompress(frame)
        except zstandard.ZstdError as error:
            raise ReleaseError(
                f"{self.path}: damaged at byte {start} ({error}); build the release again"
            ) from error

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
