"""Parts of time that are counted and labelled together: days, months, and as many years as fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date
from functools import lru_cache
from itertools import count

from fonds.days import Ymd, last_of_month, numbered, ordinal
from fonds.translations import ENGLISH, Translation, gettext, marked, ngettext, spoken

MOST_PARTS = 40
"""Parts of time that stand side by side in one drawing, each broad enough to be pressed."""
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A day, a month or some years.

    Attributes:
        first: The number of its first day (:func:`fonds.days.ordinal`).
        last: That of its last day.
        begin: How it is written as ``from``, in ISO 8601: ``1964``, ``1964-10``, ``1964-10-16``.
        end: How it is written as ``to``.
        label: What it is called.
        short: The same where its neighbours say the rest.
    """

    first: int
    last: int
    begin: str
    end: str
    label: str
    short: str


@dataclass(frozen=True, slots=True)
class Unit:
    """In what time is parted.

    Attributes:
        name: ``day``, ``month`` or ``year``.
        years: How many years belong together; 1 for days and months.
    """

    name: str
    years: int = 1

    @property
    def label(self) -> str:
        """What one of them is called."""
        if self.years > 1:
            return ngettext("{number} year", "{number} years", self.years).format(number=self.years)
        return gettext(_NAMES[self.name])

    def part(self, day: int) -> Part:
        """Return the part in which a day lies."""
        return _part(self, day, spoken())

    def parts(self, first: int, last: int) -> Iterator[Part]:
        """Yield the parts that have any of the days from one to another."""
        while first <= last:
            part = self.part(first)
            yield part
            first = part.last + 1

    def number(self, first: int, last: int) -> int:
        """Return how many parts have any of the days from one to another."""
        (begin, month, _), (end, until, _) = numbered(first), numbered(last)
        if self.name == "day":
            return last - first + 1
        if self.name == "month":
            return (end - begin) * 12 + until - month + 1
        return end // self.years - begin // self.years + 1


@lru_cache(maxsize=16_384)
def _part(unit: Unit, day: int, it: Translation) -> Part:
    year, month, number = numbered(day)
    if unit.name == "day":
        written = iso((year, month, number))
        return Part(day, day, written, written, *_named(it, year, month, number))
    if unit.name == "month":
        written = iso((year, month, 1))[:-3]
        first = ordinal((year, month, 1))
        last = first + last_of_month(year, month) - 1
        return Part(first, last, written, written, *_named(it, year, month))
    begin = year // unit.years * unit.years
    end = begin + unit.years - 1
    label = _year(begin) if begin == end else f"{_year(begin)}–{_year(end)}"
    first, last = ordinal((begin, 1, 1)), ordinal((end, 12, 31))
    return Part(first, last, iso((begin, 1, 1))[:-6], iso((end, 1, 1))[:-6], label, label)


def _named(it: Translation, year: int, month: int, number: int = 0) -> tuple[str, str]:
    """Return what a day or a month is called, and the same where its neighbours say the rest."""
    # Python knows no year outside of these; what it does not know is named in English.
    if it is not ENGLISH and MINYEAR <= year <= MAXYEAR:
        day = date(year, month, number or 1)
        return (it.day(day), it.short_day(day)) if number else (it.month(day), it.short_month(day))
    name = _MONTHS[month - 1]
    if number:
        return f"{number} {name} {_year(year)}", f"{number} {name[:3]}"
    return f"{name} {_year(year)}", f"{name[:3]} {_year(year)}"


_NAMES = {"day": marked("day"), "month": marked("month"), "year": marked("year")}
DAY, MONTH = Unit("day"), Unit("month")


def unit_for(first: int, last: int, most: int = MOST_PARTS) -> Unit:
    """Return the smallest unit of which no more than so many have the days from one to another.

    >>> one, other = ordinal((1861, 1, 1)), ordinal((1964, 12, 31))
    >>> unit_for(one, other), unit_for(one, one + 20), unit_for(one, one + 400).name
    (Unit(name='year', years=5), Unit(name='day', years=1), 'month')
    """
    units = (
        DAY,
        MONTH,
        *(Unit("year", 10**power * step) for power in range(13) for step in (1, 5)),
    )
    return next((each for each in units if each.number(first, last) <= most), units[-1])


def iso(numbers: Ymd) -> str:
    """Return a day as EDTF writes it, a year of more than four digits with a Y before it."""
    year, month, day = numbers
    written = f"{abs(year):04d}"
    sign, long = "-" if year < 0 else "", "Y" if len(written) > 4 else ""
    return f"{long}{sign}{written}-{month:02d}-{day:02d}"


def _year(year: int) -> str:
    """Return what a year is called: the year 0 is 1 BC (ISO 8601-1:2019 4.3.1)."""
    return str(year) if year > 0 else gettext("{year} BC").format(year=1 - year)


def spaced(parts: list[Part], most: int) -> list[Part]:
    """Return every so manieth of some parts, so that there are no more than so many.

    >>> len(spaced([DAY.part(day) for day in range(1, 32)], 12))
    11
    """
    step = next(each for each in count(1) if len(parts) <= each * most)
    return parts[::step]
