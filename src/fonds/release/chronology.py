"""Writes when everything was (``fonds.descriptions.chronology`` reads it): from the lists, in which each thing has its date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from pathlib import Path

import msgspec

from fonds.days import numbered, ordinal
from fonds.descriptions.chronology import (
    DATED,
    PAGE_LENGTH,
    Bounds,
    Dated,
    Span,
    Whole,
    Year,
    bounds_of,
    name_of_page,
    name_of_year,
    year_of,
)
from fonds.descriptions.lists import Lists
from fonds.pack import Frame, PackWriter
from fonds.release.fragments import LineSorter

_HELD_BYTES = 64 * 1024 * 1024
_MOST_WIDER = 4_000
"""Different bounds that are kept of what belongs to no one year."""
_FARTHEST = 13
"""Digits of the farthest years that dates can have."""
_FAR = 10**16
"""More than the number of any day: it makes numbers of days sort as bytes."""

_encode = msgspec.msgpack.Encoder().encode
_line_of = msgspec.json.Encoder().encode
_read_line = msgspec.json.Decoder(Dated).decode


def write_chronology(path: Path, lists: Lists, scratch: Path) -> None:
    """Write the pack of the chronology: the same bytes for the same lists.

    Args:
        path: Where; nothing stands there.
        lists: Those of the release, open.
        scratch: Where working files are written; it exists.
    """
    sorter, undated, wider = _sorted(lists, scratch)
    steps = _steps(wider)
    pack = PackWriter(path)
    frames: list[Frame] = []
    years: list[Year] = []
    spans_of_none: tuple[Span, ...] = ()
    for year, found in _by_year(_widened(sorter, steps, scratch)):
        spans: list[Span] = []
        frames += pack.frames(_pages(year, found, spans))
        if year is None:
            spans_of_none = tuple(spans)
        else:
            frames += pack.frames([(name_of_year(year), _encode(spans))])
            sums = (sum(each.records for each in spans), sum(each.events for each in spans))
            years.append(Year(year, *sums))
    sorter.clear()
    whole = Whole(tuple(sorted(years, key=lambda each: each.year)), spans_of_none, undated)
    frames += pack.frames([(b"whole", _encode(whole))])
    pack.write(sorted(frames))
    pack.close()


def _sorted(lists: Lists, scratch: Path) -> tuple[LineSorter, tuple[int, int], Counter[Bounds]]:
    """Return all things by their bounds, how many have none, and how many have which bounds that belong to no one year."""
    (folder := scratch / "by-bounds").mkdir()
    sorter, undated, wider = LineSorter(folder, _HELD_BYTES), Counter[str](), Counter[Bounds]()
    for kind in DATED:
        for number, item in enumerate(lists.every(kind)):
            if (bounds := bounds_of(item.created)) is None:
                undated[kind] += 1
                continue
            if year_of(bounds) is None:
                wider[bounds] += 1
            thing = Dated(item.iri, kind, item.title, item.language, item.created)
            sorter.extend([_line(bounds, number, thing)])
    return sorter, (undated[DATED[0]], undated[DATED[1]]), wider


def _line(bounds: Bounds, number: int, thing: Dated) -> bytes:
    """Return a line by which a thing is sorted: by year, then by its bounds, its kind, its place among all of its kind by name."""
    year = year_of(bounds)
    place = b"~" if year is None else b"%017d" % (year + _FAR)
    first, last = (b"%017d" % ((-_FAR if each is None else each) + _FAR) for each in bounds)
    keys = (place, first, last, b"%d%010d" % (DATED.index(thing.kind), number))
    return b"\0".join((*keys, _line_of(thing))) + b"\n"


def _steps(wider: Counter[Bounds]) -> int:
    """Return to how many years bounds are widened that belong to no one year: 0, where there are few different ones.

    Nobody can look at more; and what is widened still lies within what is said of it.
    """
    steps: tuple[int, ...] = (0, *(10**power for power in range(_FARTHEST)))
    fitting = (each for each in steps if len({_wide(bounds, each) for bounds in wider}) <= _MOST_WIDER)
    return next(fitting, steps[-1])


def _wide(bounds: Bounds, years: int) -> Bounds:
    """Return bounds widened to whole stretches of so many years.

    >>> _wide(bounds_of("1964-12-30/1965-01-02"), 10) == bounds_of("196X")
    True
    """
    if not years:
        return bounds
    first, last = (each if each is None else numbered(each)[0] // years * years for each in bounds)
    return (
        None if first is None else ordinal((first, 1, 1)),
        None if last is None else ordinal((last + years - 1, 12, 31)),
    )


def _widened(sorter: LineSorter, years: int, scratch: Path) -> Iterator[tuple[int | None, Bounds, Dated]]:
    """Yield all things by year and bounds; those of no one year behind all others, their bounds widened."""
    (folder := scratch / "by-wide-bounds").mkdir()
    again = LineSorter(folder, _HELD_BYTES)
    for line in sorter:
        year, bounds, number, thing = _read(line)
        if years and year is None:
            again.extend([_line(_wide(bounds, years), number, thing)])
        else:
            yield year, bounds, thing
    yield from ((None, bounds, thing) for _, bounds, _, thing in map(_read, again))
    again.clear()


def _read(line: bytes) -> tuple[int | None, Bounds, int, Dated]:
    """Return what :func:`_line` wrote."""
    place, first, last, number, written = line.split(b"\0", 4)
    year = None if place == b"~" else int(place) - _FAR
    return year, (_day(first), _day(last)), int(number[1:]), _read_line(written)


def _day(written: bytes) -> int | None:
    number = int(written)
    return number - _FAR if number else None


def _by_year(
    things: Iterable[tuple[int | None, Bounds, Dated]],
) -> Iterator[tuple[int | None, Iterator[tuple[Bounds, Dated]]]]:
    for year, found in groupby(things, key=lambda each: each[0]):
        yield year, ((bounds, thing) for _, bounds, thing in found)


def _pages(
    year: int | None, things: Iterator[tuple[Bounds, Dated]], spans: list[Span]
) -> Iterator[tuple[bytes, bytes]]:
    """Yield the pages of one year, and note how many things have which bounds."""
    number = 0
    for page, found in enumerate(_paged(things)):
        yield name_of_page(year, page), _encode([thing for _, thing in found])
        for bounds, thing in found:
            is_event = thing.kind == DATED[1]
            if not spans or (spans[-1].first, spans[-1].last) != bounds:
                spans.append(Span(*bounds, 0, 0, number))
            last = spans[-1]
            spans[-1] = Span(*bounds, last.records + (not is_event), last.events + is_event, last.start)
            number += 1


def _paged(things: Iterator[tuple[Bounds, Dated]]) -> Iterator[list[tuple[Bounds, Dated]]]:
    while page := list(islice(things, PAGE_LENGTH)):
        yield page
