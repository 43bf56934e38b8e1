"""Which things have which values of facets: one file beside the index, mapped into memory, from which any set of hits is counted.

The index tells which things fit some words as numbers of bits (:mod:`fonds.search.finding`). All else is done here: to narrow
is to intersect two such sets, and what a few things have is counted thing by thing, what many have value by value.
"""

from __future__ import annotations

import mmap
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from heapq import heappush, heappushpop
from itertools import accumulate, chain, repeat
from operator import add
from pathlib import Path
from typing import Literal

import msgspec

from fonds.errors import ReleaseError
from fonds.search.facets import FACETS, Facet

FILE = "values.bin"
_WORD: Literal["I"] = "I"
_WORD_BYTES = array(_WORD).itemsize
_HEAD_BYTES = 8
_LEAST_ROWS, _MOST_ROWS = 40, 400
"""So many values are looked at before things are counted one by one after all: of few things the least, of many the most."""
_ROWS_FOR_ALL = 15_000
"""So many values are looked at in the time in which all things are counted one by one."""
_KEPT_BYTES = 48 * 1024 * 1024


class _Section(msgspec.Struct, frozen=True, array_like=True):
    """Of one facet: its values, those of most things first, and where its tables begin, in words."""

    values: tuple[str, ...]
    rows: int
    """Where the things of each value begin, one more than there are values."""
    members: int
    """Numbers of things, value by value."""
    things: int
    """Where the values of each thing begin, one more than there are things."""
    owned: int
    """Places of values, thing by thing."""


class _Head(msgspec.Struct, frozen=True, array_like=True):
    documents: int
    sections: dict[str, _Section]


# -- writing -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Values:
    """The values of things while an index is written: four bytes for each value of each thing.

    Attributes:
        documents: How many things there are so far.
    """

    documents: int = 0
    _rows: dict[str, dict[str, array[int]]] = field(default_factory=lambda: {name: {} for name in FACETS})

    def add(self, values: Iterable[tuple[Facet, str]]) -> None:
        """Add the next thing with its values, each once."""
        for facet, value in values:
            self._rows[facet.name].setdefault(value, array(_WORD)).append(self.documents)
        self.documents += 1

    def write(self, folder: Path) -> None:
        """Write them into the folder of an index."""
        sections: dict[str, _Section] = {}
        tables: list[array[int]] = []
        place = 0
        for name, rows in self._rows.items():
            ordered = sorted(rows, key=lambda each: (-len(rows[each]), each))
            found = [*self._by_value([rows[each] for each in ordered]), *self._by_thing(rows, ordered)]
            starts = list(accumulate((len(each) for each in found), initial=place))
            sections[name] = _Section(tuple(ordered), *starts[:4])
            tables += found
            place = starts[4]
        head = msgspec.msgpack.encode(_Head(self.documents, sections))
        padded = head + b" " * (-len(head) % _WORD_BYTES)
        with (folder / FILE).open("wb") as file:
            file.write(len(head).to_bytes(_HEAD_BYTES, "little"))
            file.write(padded)
            for table in tables:
                table.tofile(file)

    def _by_value(self, rows: Sequence[array[int]]) -> Iterator[array[int]]:
        yield array(_WORD, accumulate(map(len, rows), initial=0))
        members = array(_WORD)
        for row in rows:
            members.extend(row)
        yield members

    def _by_thing(self, rows: Mapping[str, array[int]], ordered: Sequence[str]) -> Iterator[array[int]]:
        counts = array(_WORD, bytes(_WORD_BYTES * self.documents))
        for row in rows.values():
            for number in row:
                counts[number] += 1
        starts = array(_WORD, accumulate(counts, initial=0))
        yield starts
        owned, free = array(_WORD, bytes(_WORD_BYTES * starts[-1])), starts[:-1]
        for place, value in enumerate(ordered):
            for number in rows[value]:
                owned[free[number]] = place
                free[number] += 1
        yield owned


# -- reading -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Table:
    """One facet as it is read.

    Attributes:
        values: Those of most things first.
        places: The place of each value among them.
        rows: Where the things of each value begin.
        members: Numbers of things.
        things: Where the values of each thing begin.
        owned: Places of values.
    """

    values: tuple[str, ...]
    places: Mapping[str, int]
    rows: memoryview[int]
    members: memoryview[int]
    things: memoryview[int]
    owned: memoryview[int]

    def size(self, place: int) -> int:
        """Return how many things have a value."""
        return self.rows[place + 1] - self.rows[place]


class Hits:
    """A set of things, with what is worked out of it once for all facets.

    Args:
        bits: The set.
    """

    def __init__(self, bits: int) -> None:
        self.bits = bits

    @cached_property
    def number(self) -> int:
        """How many things there are."""
        return self.bits.bit_count()

    @cached_property
    def members(self) -> list[int]:
        """Their numbers, in order."""
        return list(members(self.bits))


class ValueSets:
    """The values of an index, open for reading from any thread. A set of things is a number with one bit for each.

    Raises:
        ReleaseError: There are none, or they are damaged.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / FILE
        try:
            with path.open("rb") as file:
                data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            length = int.from_bytes(data[:_HEAD_BYTES], "little")
            head = msgspec.msgpack.decode(data[_HEAD_BYTES : _HEAD_BYTES + length], type=_Head)
            start = _HEAD_BYTES + length + -length % _WORD_BYTES
            words = data[start:].cast(_WORD)
            self._tables = {name: _table(words, head.documents, each) for name, each in head.sections.items()}
        except (OSError, ValueError, IndexError, msgspec.MsgspecError) as error:
            raise ReleaseError(f"{path}: cannot be read ({error}); build the release again") from error
        self.documents = head.documents
        """How many things there are."""
        self._kept: dict[tuple[str, int], int] = {}
        self._most_kept = max(64, 8 * _KEPT_BYTES // max(1, self.documents))

    def having(self, facet: Facet, values: Sequence[str]) -> int:
        """Return the set of what has some of these values, or all, as the facet wants it."""
        table = self._tables[facet.name]
        sets = [
            self._row(facet.name, place) if (place := table.places.get(each)) is not None else 0
            for each in values
        ]
        found = sets[0]
        for each in sets[1:]:
            found = found | each if facet.any_fits else found & each
        return found

    def without_records(self, kind: Facet, record: str) -> int:
        """Return the set of all that is no record."""
        return ((1 << self.documents) - 1) & ~self.having(kind, (record,))

    def counted(
        self, facet: Facet, hits: Hits, most: int, chosen: Sequence[str]
    ) -> tuple[dict[str, int], bool]:
        """Return the values that most of some things have, with how many have them, and whether there are others.

        Args:
            facet: Whose values.
            hits: The things.
            most: How many values are wanted, those with most things first, then in the order in which most of all things have
                them; what is chosen comes in addition.
            chosen: What is told in any case.
        """
        table = self._tables[facet.name]
        counts = self._by_value(facet.name, table, hits, most + 1)
        if counts is None:
            counts = self._by_thing(table, hits)
        best = sorted(sorted(counts), key=counts.__getitem__, reverse=True)
        shown = {table.values[place]: counts[place] for place in best[:most]}
        for value in chosen:
            if value not in shown:
                place = table.places.get(value, -1)
                shown[value] = (self._row(facet.name, place) & hits.bits).bit_count() if place >= 0 else 0
        return shown, len(best) > most

    def _by_value(self, name: str, table: _Table, hits: Hits, most: int) -> dict[int, int] | None:
        """Return the best values, None where so many would have to be looked at that things are counted sooner.

        Values come with most things of all first, so that none behind one can have more hits than that one has things.
        """
        if not hits.number:
            return {}
        last = min(_MOST_ROWS, max(_LEAST_ROWS, _ROWS_FOR_ALL * hits.number // self.documents))
        counts: dict[int, int] = {}
        least: list[int] = []
        for place in range(len(table.values)):
            size = table.size(place)
            if len(least) == most and size <= least[0]:
                break
            if place == last:
                return None
            found = (self._row(name, place) & hits.bits).bit_count()
            if found:
                counts[place] = found
                (heappush if len(least) < most else heappushpop)(least, found)
        return counts

    def _by_thing(self, table: _Table, hits: Hits) -> Counter[int]:
        starts = map(table.things.__getitem__, hits.members)
        ends = map(table.things.__getitem__, map(add, hits.members, repeat(1)))
        return Counter(chain.from_iterable(map(table.owned.__getitem__, map(slice, starts, ends))))

    def _row(self, name: str, place: int) -> int:
        """Return the set of what has a value; those that were wanted last are kept."""
        key = (name, place)
        row = self._kept.get(key)
        if row is None:
            table = self._tables[name]
            row = set_of(table.members[table.rows[place] : table.rows[place + 1]], self.documents)
            if len(self._kept) >= self._most_kept:
                self._kept.clear()
            self._kept[key] = row
        return row


def _table(words: memoryview[int], documents: int, section: _Section) -> _Table:
    number = len(section.values)
    rows = words[section.rows : section.rows + number + 1]
    things = words[section.things : section.things + documents + 1]
    return _Table(
        section.values,
        {value: place for place, value in enumerate(section.values)},
        rows,
        words[section.members : section.members + rows[number]],
        things,
        words[section.owned : section.owned + things[documents]],
    )


def set_of(numbers: Iterable[int], documents: int) -> int:
    """Return the set of some things.

    >>> set_of([0, 3], 5)
    9
    """
    found = bytearray(documents // 8 + 1)
    for each in numbers:
        found[each >> 3] |= 1 << (each & 7)
    return int.from_bytes(found, "little")


def members(things: int) -> Iterator[int]:
    """Yield the numbers of the things of a set, in order.

    >>> list(members(9))
    [0, 3]
    """
    bits = f"{things:b}"[::-1]
    place = bits.find("1")
    while place >= 0:
        yield place
        place = bits.find("1", place + 1)
