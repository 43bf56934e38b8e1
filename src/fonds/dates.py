"""Dates as archives write them: EDTF to the earliest and latest day that a text can mean."""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass

_DATE = re.compile(
    r"(?P<year>-?[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?(?P<qualifier>[?~%])?"
)


@dataclass(frozen=True, slots=True)
class DateSpan:
    """What a date says: its EDTF form and the days that bound it.

    Attributes:
        edtf: The date in EDTF (ISO 8601-2:2019).
        earliest: The first day that it can mean; None if it is open or unknown.
        latest: The last day that it can mean; None if it is open or unknown.
    """

    edtf: str
    earliest: datetime.date | None
    latest: datetime.date | None


def parse_edtf(text: str) -> DateSpan:
    """Read an EDTF date.

    >>> parse_edtf("1862-06").latest
    datetime.date(1862, 6, 30)
    >>> parse_edtf("1964-10-16/1964-10-27").earliest
    datetime.date(1964, 10, 16)

    Args:
        text: A date or an interval in EDTF level 0, with the qualifiers and open ends of level 1
            (ISO 8601-2:2019).

    Raises:
        ValueError: The text is not such a date.
    """
    if "/" in text:
        first, _, second = text.partition("/")
        start = None if first in ("", "..") else _bounds(first)
        end = None if second in ("", "..") else _bounds(second)
        if start is None and end is None:
            raise ValueError(f"{text!r} has neither a beginning nor an end")
        if start and end and start[0] > end[1]:
            raise ValueError(f"{text!r} ends before it begins")
        return DateSpan(text, start[0] if start else None, end[1] if end else None)
    return DateSpan(text, *_bounds(text))


def _bounds(text: str) -> tuple[datetime.date, datetime.date]:
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{text!r} is no date; write 1964, 1964-10, 1964-10-16 or an interval such as 1964-10-16/1964-10-27"
        )
    year, month, day = int(match["year"]), match["month"], match["day"]
    try:
        if day:
            exact = datetime.date(year, int(month), int(day))
            return exact, exact
        if month:
            last = calendar.monthrange(year, int(month))[1]
            return datetime.date(year, int(month), 1), datetime.date(year, int(month), last)
        return datetime.date(year, 1, 1), datetime.date(year, 12, 31)
    except (ValueError, calendar.IllegalMonthError) as error:
        raise ValueError(f"{text!r} is no day of the calendar: {error}") from error
