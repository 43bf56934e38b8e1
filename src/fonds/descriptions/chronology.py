"""When records and events were, as it stands in a release: counted year by year and day by day, so that any part of it is read at
once, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import msgspec

from fonds.dates import parse_edtf
from fonds.days import Day, numbered, ordinal, ymd
from fonds.pack import Pack

PAGE_LENGTH = 200
"""Things that are stored, and listed, together."""
_PAGES_HELD = 8
DATED = ("record", "event")
"""Kinds of thing that have a place in it; numbers and things of the same days stand in this order."""

Bounds = tuple[int | None, int | None]
"""The numbers of the first and the last day that a date can mean; None where that is open."""


class Year(msgspec.Struct, frozen=True, array_like=True):
    """How many records and events certainly lie within a year."""

    year: int
    records: int
    events: int


class Span(msgspec.Struct, frozen=True, array_like=True):
    """What has the same bounds: how many records and events, whose days can be told no more closely.

    Attributes:
        first: The number of the first day that they can mean (:func:`fonds.days.ordinal`); None where that is open.
        last: That of the last day; None where that is open.
        records: How many records.
        events: How many events.
        start: How many things stand before these in the order of all of their year, or of all that belong to no year.
    """

    first: int | None
    last: int | None
    records: int
    events: int
    start: int

    @property
    def number(self) -> int:
        """How many things."""
        return self.records + self.events


class Dated(msgspec.Struct, frozen=True, array_like=True):
    """A record or an event.

    Attributes:
        iri: Which.
        kind: Which of the two.
        title: What it is called.
        language: Of that.
        edtf: When it was, as it is stated.
    """

    iri: str
    kind: str
    title: str
    language: str | None
    edtf: str


class Whole(msgspec.Struct, frozen=True, array_like=True):
    """All of it at a glance.

    Attributes:
        years: Those in which something certainly lies, in their order.
        wider: What certainly lies in no one year, by its bounds.
        undated: How many records and events have no date that can be read.
    """

    years: tuple[Year, ...] = ()
    wider: tuple[Span, ...] = ()
    undated: tuple[int, int] = (0, 0)


_read_whole = msgspec.msgpack.Decoder(Whole).decode
_read_spans = msgspec.msgpack.Decoder(tuple[Span, ...]).decode
_read_page = msgspec.msgpack.Decoder(tuple[Dated, ...]).decode


class Chronology:
    """The chronology of a release, open for reading from any thread.

    Args:
        path: The pack.

    Raises:
        ReleaseError: It is missing or damaged, here and in every method.
    """

    def __init__(self, path: Path) -> None:
        self._pack = Pack(path, "chronology")
        piece = self._pack.get(b"whole")
        self.whole = _read_whole(piece) if piece else Whole()
        # Things of different days stand on the same page, and are asked for one day after the other.
        self._page = lru_cache(maxsize=_PAGES_HELD)(self._decoded)

    def spans(self, year: int) -> tuple[Span, ...]:
        """Return what certainly lies within a year, by its bounds; nothing where nothing does."""
        piece = self._pack.get(name_of_year(year))
        return _read_spans(piece) if piece else ()

    def things(self, year: int | None, start: int, stop: int) -> Iterator[Dated]:
        """Yield things of a year (None: those that belong to no one), from one place in their order to before another."""
        for page in range(start // PAGE_LENGTH, -(-stop // PAGE_LENGTH)):
            begin = page * PAGE_LENGTH
            yield from self._page(year, page)[max(0, start - begin) : stop - begin]

    def _decoded(self, year: int | None, page: int) -> tuple[Dated, ...]:
        piece = self._pack.get(name_of_page(year, page))
        return _read_page(piece) if piece else ()

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        self._pack.close()


def name_of_year(year: int) -> bytes:
    """Return the name of the piece that says how much has which bounds in a year."""
    return b"year\0%d" % year


def name_of_page(year: int | None, page: int) -> bytes:
    """Return the name of the piece that holds a page of things, from 0."""
    return b"things of %s\0%d" % (b"no year" if year is None else b"%d" % year, page)


def bounds_of(edtf: str) -> Bounds | None:
    """Return the numbers of the first and the last day that a date can mean, None where it is no date.

    >>> bounds_of("1964-10-16/.."), bounds_of("in spring")
    ((717260, None), None)
    """
    try:
        date = parse_edtf(edtf)
    except ValueError:
        return None
    return _number(date.earliest), _number(date.latest)


def year_of(bounds: Bounds) -> int | None:
    """Return the year in which bounds lie, None where they lie in no one year."""
    first, last = bounds
    if first is None or last is None:
        return None
    year = numbered(first)[0]
    return year if numbered(last)[0] == year else None


def _number(day: Day | None) -> int | None:
    return ordinal(ymd(day)) if day is not None else None
