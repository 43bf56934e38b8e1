"""Many small pieces of bytes under names in one read-only file, each found by two reads.

The file is a head; a dictionary for the compressor; the pieces, each as the length of its name, the name, and a Zstandard
frame; an index of fixed-width entries in the order of the names' hashes; and a directory that says, for each beginning of
a hash, which entry is the first.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import sys
import threading
import zlib
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import zstandard

from fonds.errors import ReleaseError

_MAGIC = b"fonds pack 1\n\0\0\0"
_HEAD = struct.Struct(
    "<16sQQQII"
)  # magic, first byte of index and of directory, pieces, bits, bytes of the dictionary
_ENTRY = struct.Struct("<8sQI")  # hash of the name, first byte, size
_FOUND = struct.Struct("<8sI")  # the same while the pack is written: hash of the name, size
_PLACE = struct.Struct("<Q")
_NAME = struct.Struct("<H")
_LEVEL = 3
_SAMPLE_BYTES = 64 * 1024
_ENTRIES_FOR_ONE_READ = 8
_BUFFER = 1024 * 1024
_ENTRIES_AT_ONCE = 65_536
_AHEAD_BYTES = 1024 * 1024 * 1024


def hash_of(name: bytes) -> bytes:
    """Return the hash by which a piece is found, 8 bytes: seven of what stands before a NUL in its name, one of the rest.

    Hence the pieces of one thing stand side by side.
    """
    if b"\0" not in name:
        return hashlib.blake2b(name, digest_size=7).digest() + b"\0"
    thing, _, rest = name.partition(b"\0")
    return hashlib.blake2b(thing, digest_size=7).digest() + (zlib.crc32(rest) & 0xFF).to_bytes(1, "big")


Frame = tuple[bytes, bytes, bytes]
"""A piece as it is written: the hash of its name, its name, its compressed content."""


class Stretch(NamedTuple):
    """Pieces of a pack in working files of their own: see :class:`StretchWriter`.

    Attributes:
        path: The pieces, one after the other; beside it stands a file with their entries.
        pieces: How many there are.
        first: The hash of the first of them, empty if there is none.
        last: The hash of the last of them.
    """

    path: Path
    pieces: int
    first: bytes
    last: bytes


class StretchWriter:
    """Writes a part of a pack, which any process may do; :meth:`PackWriter.take` puts parts together.

    Args:
        path: Where; nothing stands there.
        sample: What pieces look like, at most 64 KiB of it, the same for all parts: the compressor refers to it.
    """

    def __init__(self, path: Path, sample: bytes = b"") -> None:
        self.path = path
        self.file = path.open("wb", buffering=_BUFFER)
        self.entries = _entries_of(path).open("w+b", buffering=_BUFFER)
        self.count = 0
        self.first = self.last = b""
        dictionary = _dictionary(sample[:_SAMPLE_BYTES])
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL, dict_data=dictionary)

    def add(self, pieces: Iterable[tuple[bytes, bytes]]) -> None:
        """Write pieces, given as name and content; their hashes come after those of all that were added before.

        Raises:
            ValueError: They do not, or two have one name.
        """
        self.write(sorted(self.frames(pieces)))

    def frames(self, pieces: Iterable[tuple[bytes, bytes]]) -> Iterator[Frame]:
        """Yield pieces, given as name and content, as they are written."""
        compress = self._compressor.compress
        return ((hash_of(name), name, compress(content)) for name, content in pieces)

    def write(self, frames: Sequence[Frame]) -> None:
        """Write pieces in the order of hashes and names; their hashes come after those of all that were added before.

        Raises:
            ValueError: They do not, or two have one name.
        """
        if frames:
            self.follow(frames[0][0], frames[-1][0], len(frames))
        before = b""
        for digest, name, frame in frames:
            if name == before:
                raise ValueError(f"two pieces are named {name!r}")
            piece = _NAME.pack(len(name)) + name + frame
            self.file.write(piece)
            self.entries.write(_FOUND.pack(digest, len(piece)))
            before = name

    def follow(self, first: bytes, last: bytes, count: int) -> None:
        """Note that pieces between two hashes are written next.

        Raises:
            ValueError: They do not come after those before.
        """
        if self.last > first:
            raise ValueError("pieces come in the order of their hashes")
        self.first, self.last = self.first or first, last
        self.count += count

    def close(self) -> Stretch:
        """Write everything out, and return what was written."""
        self.file.close()
        self.entries.close()
        return Stretch(self.path, self.count, self.first, self.last)


class PackWriter:
    """Writes a pack; the same bytes for the same pieces, in however many parts they come.

    Args:
        path: Where; nothing stands there.
        sample: What pieces look like, at most 64 KiB of it: the compressor refers to it.
    """

    def __init__(self, path: Path, sample: bytes = b"") -> None:
        self._sample = sample[:_SAMPLE_BYTES]
        self._pieces = StretchWriter(path, self._sample)
        self._pieces.file.write(bytes(_HEAD.size) + self._sample)

    def add(self, pieces: Iterable[tuple[bytes, bytes]]) -> None:
        """Write pieces, given as name and content; their hashes come after those of all that were added before.

        Raises:
            ValueError: They do not, or two have one name.
        """
        self._pieces.add(pieces)

    def frames(self, pieces: Iterable[tuple[bytes, bytes]]) -> Iterator[Frame]:
        """Yield pieces, given as name and content, as they are written."""
        return self._pieces.frames(pieces)

    def write(self, frames: Sequence[Frame]) -> None:
        """Write pieces in the order of hashes and names, all of which come after those before.

        Raises:
            ValueError: They do not, or two have one name.
        """
        self._pieces.write(frames)

    def copy(self, other: Pack, first: int, end: int) -> None:
        """Append pieces of another pack with the same sample as they stand there, from one to before another by their number."""
        if first == end:
            return
        lowest, start, _ = next(other.entries(first, first + 1))
        highest, stop = lowest, start
        for digest, at, size in other.entries(first, end):
            self._pieces.entries.write(_FOUND.pack(digest, size))
            highest, stop = digest, at + size
        self._pieces.follow(lowest, highest, end - first)
        self._pieces.file.writelines(other.blocks(start, stop))

    def take(self, stretch: Stretch) -> None:
        """Append a part, whose working files are gone afterwards.

        Raises:
            ValueError: Its hashes do not come after those of all that were added before.
        """
        pieces = self._pieces
        if stretch.pieces:
            pieces.follow(stretch.first, stretch.last, stretch.pieces)
        for path, target in ((stretch.path, pieces.file), (_entries_of(stretch.path), pieces.entries)):
            with path.open("rb") as part:
                shutil.copyfileobj(part, target, _BUFFER)
            path.unlink()

    def close(self) -> None:
        """Write index and directory, and end the file."""
        file, count = self._pieces.file, self._pieces.count
        index = file.tell()
        bits = max(0, (count // _ENTRIES_FOR_ONE_READ).bit_length())
        firsts = self._write_index(bits)
        directory = index + count * _ENTRY.size
        file.writelines(map(_PLACE.pack, firsts))
        file.seek(0)
        file.write(_HEAD.pack(_MAGIC, index, directory, count, bits, len(self._sample)))
        _entries_of(self._pieces.close().path).unlink()

    def _write_index(self, bits: int) -> array[int]:
        """Append the index; return, for each beginning of a hash, how many entries stand before it, and their number."""
        firsts = array("Q", [0])
        at, number, shift = _HEAD.size + len(self._sample), 0, 64 - bits
        self._pieces.entries.seek(0)
        while block := self._pieces.entries.read(_FOUND.size * 65_536):
            entries = []
            for digest, size in _FOUND.iter_unpack(block):
                start = int.from_bytes(digest, "big") >> shift
                while len(firsts) <= start:
                    firsts.append(number)
                entries.append(_ENTRY.pack(digest, at, size))
                at += size
                number += 1
            self._pieces.file.writelines(entries)
        firsts.extend([number] * ((1 << bits) + 1 - len(firsts)))
        return firsts


def renew_pack(path: Path, before: Pack, gone: Collection[bytes], new: Iterable[tuple[bytes, bytes]]) -> None:
    """Write a pack out of another one that has the same sample: what did not change is copied as it stands there.

    The bytes are those of a pack that is written piece by piece.

    Args:
        path: Where; nothing stands there.
        before: The other pack.
        gone: Names of its pieces that are left out.
        new: Pieces that are put in, as name and content; those of the other pack with the same names are gone.
    """
    writer = PackWriter(path, before.sample)
    pieces = defaultdict(list)
    for digest, name, frame in writer.frames(new):
        pieces[digest].append((digest, name, frame))
    copied = 0
    for digest in sorted({*pieces, *map(hash_of, gone)}):
        first, here = before.number_from(digest), before.with_hash(digest)
        writer.copy(before, copied, first)
        kept = (each for each in here if each[1] not in gone)
        writer.write(sorted((*kept, *pieces[digest])))
        copied = first + len(here)
    writer.copy(before, copied, len(before))
    writer.close()


def _entries_of(path: Path) -> Path:
    return path.with_name(path.name + ".entries")


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
        self.sample = self._read(_HEAD.size, size)
        """What the compressor refers to."""
        self._dictionary = _dictionary(self.sample)
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

    def number_from(self, digest: bytes) -> int:
        """Return how many pieces have a smaller hash; of a hash only the beginning may be given."""
        beginning = _beginning(digest.ljust(8, b"\0"), self._bits)
        first, end = self._firsts[beginning], self._firsts[beginning + 1]
        return first + sum(found < digest for found, _, _ in self.entries(first, end))

    def entries(self, first: int, end: int) -> Iterator[tuple[bytes, int, int]]:
        """Yield hash, first byte and size of pieces by their numbers, from one to before another."""
        for start in range(first, end, _ENTRIES_AT_ONCE):
            number = min(end - start, _ENTRIES_AT_ONCE)
            yield from _ENTRY.iter_unpack(self._read(self._index + start * _ENTRY.size, number * _ENTRY.size))

    def with_hash(self, digest: bytes) -> list[Frame]:
        """Return the pieces with a hash as they are written."""
        return [(digest, *self._piece(start, size)) for start, size in self._places(digest)]

    def pieces(self, first: int, end: int) -> Iterator[tuple[bytes, bytes]]:
        """Yield names and contents of pieces by their numbers, from one to before another."""
        for _, start, size in self.entries(first, end):
            name, frame = self._piece(start, size)
            yield name, self._decompressed(frame, start)

    def _piece(self, start: int, size: int) -> tuple[bytes, bytes]:
        piece = self._read(start, size)
        content = _NAME.size + int(_NAME.unpack_from(piece)[0])
        return piece[_NAME.size : content], piece[content:]

    def blocks(self, start: int, end: int) -> Iterator[bytes]:
        """Yield what stands from one byte to before another."""
        for at in range(start, end, _BUFFER):
            yield self._read(at, min(_BUFFER, end - at))

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
