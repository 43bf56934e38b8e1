"""Times as the pages of the timeline call them, and as their addresses and forms write them."""

from __future__ import annotations

from collections.abc import Collection

from fonds.days import numbered
from fonds.descriptions.chronology import Bounds, bounds_of
from fonds.drawing.periods import DAY, MONTH, Unit, iso, unit_for
from fonds.drawing.timeline import Period
from fonds.translations import gettext

YEAR = Unit("year")
_OPEN = ".."
_A_YEAR = 400


def spelled(day: int) -> str:
    """Return a day in words."""
    return DAY.part(day).label


def written(day: int | None) -> str:
    """Return a day as EDTF; empty where there is none."""
    return "" if day is None else iso(numbered(day))


def written_bounds(first: int | None, last: int | None) -> str:
    """Return bounds as addresses have them.

    >>> from fonds.days import ordinal
    >>> written_bounds(ordinal((1962, 1, 1)), None)
    '1962-01-01/..'
    """
    return "/".join(_OPEN if each is None else iso(numbered(each)) for each in (first, last))


def read_bounds(text: str) -> Bounds:
    """Return the bounds that :func:`written_bounds` wrote.

    Raises:
        ValueError: They are none.
    """
    first, _, last = text.partition("/")
    return _exact(first), _exact(last)


def _exact(day: str) -> int | None:
    if day == _OPEN:
        return None
    bounds = bounds_of(day)
    if bounds is None or bounds[0] is None or bounds[0] != bounds[1]:
        raise ValueError(day)
    return bounds[0]


def _named(first: int, last: int) -> str | None:
    """Return the part of time that begins and ends with these days, in words; None where they are none."""
    for unit in (DAY, MONTH, YEAR, Unit("year", 10), Unit("year", 100)):
        part = unit.part(first)
        if (part.first, part.last) == (first, last):
            return part.label
    begin, end = YEAR.part(first), YEAR.part(last)
    return f"{begin.label}–{end.label}" if (begin.first, end.last) == (first, last) else None


def between(first: int | None, last: int | None) -> str:
    """Return bounds in words."""
    if first is None or last is None:
        return _open_end(first, last)
    return _named(first, last) or _from_to(first, last, gettext("{first} to {last}"))


def _open_end(first: int | None, last: int | None) -> str:
    """Return bounds of which one is open, in words.

    >>> from fonds.days import ordinal
    >>> _open_end(ordinal((1939, 1, 1)), None), _open_end(None, ordinal((1939, 5, 31)))
    ('1939 or later', 'May 1939 or earlier')
    """
    for unit in (YEAR, MONTH, DAY):
        if first is not None and (part := unit.part(first)).first == first:
            return gettext("{date} or later").format(date=part.label)
        if last is not None and (part := unit.part(last)).last == last:
            return gettext("{date} or earlier").format(date=part.label)
    return ""


def within(first: int, last: int) -> str:
    """Return in words that something lies in the days from one to another."""
    if named := _named(first, last):
        return gettext("in {date}").format(date=named)
    return _from_to(first, last, gettext("from {first} to {last}"))


def _from_to(first: int, last: int, words: str) -> str:
    return words.format(first=spelled(first), last=spelled(last))


def is_certain(edtf: str, bounds: Bounds) -> bool:
    """Tell whether a date says when something was: a day, or from one day to another, without doubt.

    >>> is_certain("1964-10-16", (1, 1)), is_certain("1964-10", (1, 31)), is_certain("1964-10-16~", (1, 1))
    (True, False, False)
    """
    if any(mark in edtf for mark in "?~%[{X"):
        return False
    return bounds[0] == bounds[1] or all(len(each) >= 10 for each in edtf.split("/"))


def around(days: Collection[int]) -> Period:
    """Return the shortest period of whole months, or of whole years where it is long, in which some days lie."""
    first, last = min(days), max(days)
    rounded = MONTH if last - first < _A_YEAR else YEAR
    return Period(rounded.part(first).first, rounded.part(last).last)


def limits(period: Period) -> tuple[str, str]:
    """Return how the ends of a period are written in a form."""
    unit = unit_for(period.first, period.last, 1)
    whole = unit.part(period.first)
    if unit.years == 1 and (whole.first, whole.last) == (period.first, period.last):
        return whole.begin, whole.end
    begin, end = YEAR.part(period.first), YEAR.part(period.last)
    if (begin.first, end.last) == (period.first, period.last):
        return begin.begin, end.end
    return written(period.first), written(period.last)
