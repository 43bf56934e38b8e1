"""Days of the proleptic Gregorian calendar, however far away, and how a day of the Julian calendar is called there."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TypeAlias

_FIRST_YEAR, _LAST_YEAR = datetime.MINYEAR, datetime.MAXYEAR

Ymd: TypeAlias = tuple[int, int, int]
"""Year, month and day; the year 0 is 1 BC (ISO 8601-1:2019 4.3.1)."""


@dataclass(frozen=True, slots=True)
class DistantDay:
    """A day before the year 1 or after the year 9999, which :class:`datetime.date` cannot hold; ordered among its days.

    Attributes:
        year: The year 0 is 1 BC, -1 is 2 BC.
        month: 1 to 12.
        day: 1 to 31.
    """

    year: int
    month: int
    day: int

    def isoformat(self) -> str:
        """Return the day as XSD 1.1 writes it.

        >>> DistantDay(-43, 3, 15).isoformat()
        '-0043-03-15'
        """
        return f"{'-' if self.year < 0 else ''}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"

    def __lt__(self, other: Day) -> bool:
        return ymd(self) < ymd(other)

    def __le__(self, other: Day) -> bool:
        return ymd(self) <= ymd(other)

    def __gt__(self, other: Day) -> bool:
        return ymd(self) > ymd(other)

    def __ge__(self, other: Day) -> bool:
        return ymd(self) >= ymd(other)


Day: TypeAlias = datetime.date | DistantDay


def ymd(day: Day) -> Ymd:
    """Return a day as numbers, which are ordered as days are."""
    return day.year, day.month, day.day


def day_of(numbers: Ymd) -> Day:
    """Return the day of a year, a month and a day that belong together."""
    if _FIRST_YEAR <= numbers[0] <= _LAST_YEAR:
        return datetime.date(*numbers)
    return DistantDay(*numbers)


def last_of_month(year: int, month: int, *, julian: bool = False) -> int:
    """Return how many days a month has.

    >>> last_of_month(1900, 2), last_of_month(1900, 2, julian=True)
    (28, 29)
    """
    if month == 2:
        leap = year % 4 == 0 and (julian or year % 100 != 0 or year % 400 == 0)
        return 29 if leap else 28
    return 30 if month in (4, 6, 9, 11) else 31


def gregorian_of_julian(numbers: Ymd) -> Ymd:
    """Return how the proleptic Gregorian calendar calls a day of the Julian calendar.

    >>> gregorian_of_julian((1917, 10, 25))
    (1917, 11, 7)
    """
    year, month, day = numbers
    # Counted from 1 March, so that the leap day is the last of its year; the Julian day number is the bridge.
    before = (14 - month) // 12
    years, months = year + 4800 - before, month + 12 * before - 3
    number = day + (153 * months + 2) // 5 + 365 * years + years // 4 - 32083
    shifted = 4 * (number + 1401 + (4 * number + 274277) // 146097 * 3 // 4 - 38) + 3
    rest = 5 * (shifted % 1461 // 4) + 2
    month = (rest // 153 + 2) % 12 + 1
    return shifted // 1461 - 4716 + (14 - month) // 12, month, rest % 153 // 5 + 1


_DAYS_OF_400_YEARS = 146_097


def ordinal(numbers: Ymd) -> int:
    """Return the number of a day of the proleptic Gregorian calendar; 1 January of the year 1 has the number 1.

    >>> ordinal((1, 1, 1)), ordinal((1964, 10, 16)) == datetime.date(1964, 10, 16).toordinal(), ordinal((0, 12, 31))
    (1, True, 0)
    """
    year, month, day = numbers
    # Counted from 1 March, so that the leap day is the last of its year.
    year -= month <= 2
    within = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    rest = year % 400
    return year // 400 * _DAYS_OF_400_YEARS + rest * 365 + rest // 4 - rest // 100 + within - 305


def numbered(number: int) -> Ymd:
    """Return the day that has a number.

    >>> numbered(1), numbered(ordinal((-43, 3, 15))), numbered(ordinal((2000, 2, 29)))
    ((1, 1, 1), (-43, 3, 15), (2000, 2, 29))
    """
    four_centuries, rest = divmod(number + 305, _DAYS_OF_400_YEARS)
    year = (rest - rest // 1460 + rest // 36_524 - rest // 146_096) // 365
    within = rest - (365 * year + year // 4 - year // 100)
    month = (5 * within + 2) // 153
    day = within - (153 * month + 2) // 5 + 1
    return year + four_centuries * 400 + (month >= 10), (month + 2) % 12 + 1, day
