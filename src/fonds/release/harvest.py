"""Reads what is harvested from a release: items in the order in which they changed, with the sets to which they belong.

An item is a record, or anything else that has graphs of its own; one that was given up stays as one that is deleted. Items stand in
the order of the release in which they changed last, those of one release in that of their identifiers. So what changes
comes to the end of the list, and who reads the list from its beginning finds it there, however many releases follow meanwhile.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from zlib import crc32

import msgspec

from fonds.errors import ReleaseError
from fonds.pack import Pack

HARVEST = "harvest"
"""The pack within a release."""
MOMENTS = "harvest.json"
"""The file beside it: when what was changed by each release could be had, the first first."""
CHUNK = 100
"""Items in one piece."""
SETS_ON_PAGE = 200
NUMBERS = "I"
"""How numbers of items are written: four bytes, little-endian."""


class Item(msgspec.Struct, frozen=True, array_like=True):
    """What can be harvested.

    Attributes:
        it: Its IRI, without the base and without ``id/``: ``record/letter-7``.
        moment: In which release it changed last: the number of its moment.
        sets: Specifications of the sets that it belongs to, those above them left out.
        deleted: Whether it was given up.
    """

    it: str
    moment: int
    sets: tuple[str, ...] = ()
    deleted: bool = False


class Set(msgspec.Struct, frozen=True, array_like=True):
    """A set.

    Attributes:
        spec: ``kind:record``, ``holding:best-12``.
        name: What it is called.
    """

    spec: str
    name: str


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the whole.

    Attributes:
        total: Items, deleted ones among them.
        starts: By moment: the number of its first item.
        sets: Specification of the first set on each page of them.
        made_by: What all metadata depend on beside the graphs: where that changes, everything does.
    """

    total: int
    starts: tuple[int, ...]
    sets: tuple[str, ...]
    made_by: str


class Harvest:
    """What is harvested from a release, open for reading from any thread.

    Args:
        folder: Of the release.

    Raises:
        ReleaseError: A file is missing or damaged, here and in every method.
    """

    def __init__(self, folder: Path) -> None:
        self.moments: tuple[str, ...] = _read_moments(folder / MOMENTS)
        """UTC, ISO 8601 to the second, each later than the one before."""
        self._pack = Pack(folder / HARVEST, "pack of what is harvested")
        try:
            self.head = _read_head(self._pack)
        except ReleaseError:
            self._pack.close()
            raise
        self._numbers = lru_cache(maxsize=16)(self._read_numbers)
        self._chunk = lru_cache(maxsize=256)(self._read_chunk)

    def every(self) -> Iterator[Item]:
        """Yield all items, in their order."""
        return (each for chunk in range(-(-self.head.total // CHUNK)) for each in self._read_chunk(chunk))

    def item(self, it: str) -> Item | None:
        """Return an item by its identifier; None where there is none."""
        piece = self._pack.get(bucket_of(it, self.head.total))
        numbers = msgspec.json.decode(piece, type=dict[str, int]) if piece else {}
        return self.at(numbers[it]) if it in numbers else None

    def at(self, number: int) -> Item:
        """Return an item by its number, from 0."""
        return self._chunk(number // CHUNK)[number % CHUNK]

    def numbers(self, spec: str) -> Sequence[int]:
        """Return the numbers of the items of a set, in their order; of all for an empty specification, none where there is no such set."""
        return self._numbers(spec) if spec else range(self.head.total)

    def first_since(self, moment: str) -> int:
        """Return the number of the first item that changed at a moment or later."""
        return self._start(bisect_left(self.moments, moment))

    def first_after(self, moment: str) -> int:
        """Return the number of the first item that changed later than a moment."""
        return self._start(bisect_right(self.moments, moment))

    def behind(self, moment: str, it: str) -> int:
        """Return the number of the first item behind a place in the order, whether or not an item stands at that place."""
        first, end = self.first_since(moment), self.first_after(moment)
        return bisect_right(range(end), it, lo=first, key=lambda number: self.at(number).it)

    def sets(self, behind: str = "") -> tuple[tuple[Set, ...], bool]:
        """Return the sets behind a specification, as many as stand on one page, and whether more follow."""
        page = max(0, bisect_right(self.head.sets, behind) - 1)
        found = tuple(each for each in self._sets(page) if each.spec > behind)
        if not found and page + 1 < len(self.head.sets):
            page += 1
            found = self._sets(page)
        return found, page + 1 < len(self.head.sets)

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        self._pack.close()

    def _start(self, moment: int) -> int:
        return self.head.starts[moment] if moment < len(self.head.starts) else self.head.total

    def _sets(self, page: int) -> tuple[Set, ...]:
        piece = self._pack.get(name_of_sets(page))
        return msgspec.json.decode(piece, type=tuple[Set, ...]) if piece else ()

    def _read_numbers(self, spec: str) -> Sequence[int]:
        return read_numbers(self._pack.get(name_of_set(spec)) or b"")

    def _read_chunk(self, chunk: int) -> tuple[Item, ...]:
        piece = self._pack.get(name_of_chunk(chunk))
        if piece is None:
            raise ReleaseError(f"{self._pack.path}: items are missing; build the release again")
        return msgspec.json.decode(piece, type=tuple[Item, ...])


def _read_moments(path: Path) -> tuple[str, ...]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[str, ...])
    except (OSError, msgspec.MsgspecError) as error:
        raise ReleaseError(f"{path}: cannot be read ({error}); build the release again") from error


def _read_head(pack: Pack) -> Head:
    try:
        return msgspec.json.decode(pack.get(b"head") or b"{}", type=Head)
    except msgspec.MsgspecError as error:
        raise ReleaseError(f"{pack.path}: cannot be read ({error}); build the release again") from error


def read_numbers(piece: bytes) -> array[int]:
    """Return numbers of items from their bytes."""
    numbers = array(NUMBERS, piece)
    return in_order_of_bytes(numbers)


def in_order_of_bytes(numbers: array[int]) -> array[int]:
    """Turn numbers between this machine's order of bytes and that of the file."""
    if array(NUMBERS, [1]).tobytes()[0] != 1:
        numbers.byteswap()
    return numbers


def name_of_chunk(chunk: int) -> bytes:
    """Return the name of the piece with the items from ``chunk * CHUNK`` on."""
    return b"items\0%d" % chunk


def name_of_sets(page: int) -> bytes:
    """Return the name of the piece with one page of the sets, from 0."""
    return b"sets\0%d" % page


def name_of_set(spec: str) -> bytes:
    """Return the name of the piece with the numbers of the items of a set."""
    return b"set %s" % spec.encode()


def bucket_of(it: str, total: int) -> bytes:
    """Return the name of the piece in which the number of an item stands, one of as many as there are chunks."""
    return b"numbers\0%d" % (crc32(it.encode()) % max(1, -(-total // CHUNK)))
