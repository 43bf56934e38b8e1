"""Dates as archives write them: EDTF to the earliest and latest day that a text can mean."""

from __future__ import annotations

import datetime
import functools
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from fonds.days import Day, Ymd, day_of, gregorian_of_julian, last_of_month, ymd

MOST_CHARACTERS = 1000
"""No date is longer."""

_DATE = re.compile(
    r"[?~%]?(?P<sign>-?)(?P<year>[0-9X]{4})(?:S(?P<significant>[1-9][0-9]?))?[?~%]?"
    r"(?:-[?~%]?(?P<month>[0-9X]{2})[?~%]?(?:-[?~%]?(?P<day>[0-9X]{2})[?~%]?)?)?"
)
_LONG_YEAR = re.compile(
    r"[?~%]?Y(?P<sign>-?)(?P<digits>[1-9][0-9]{0,11})(?:E(?P<exponent>[0-9]{1,2}))?"
    r"(?:S(?P<significant>[1-9][0-9]?))?[?~%]?"
)
_MOMENT = re.compile(
    r"(-?[0-9]{4}-[0-9]{2}-[0-9]{2})T(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)|24:00:00)"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3])(?::[0-5][0-9])?)?"
)
_PLAIN = re.compile(r"-?[0-9]{4}(?:-(?:0[0-9]|1[0-2])(?:-[0-9]{2})?)?")
_DAY = re.compile(r"-?[0-9]{4}-[0-9]{2}-[0-9]{2}")

_MOST_YEARS = 10**12
"""Farther away nothing can be compared by the stores that hold the bounds."""

_SPRING, _SUMMER, _AUTUMN = (3, 5), (6, 8), (9, 11)
# Which of the two winters a year's winter is, is not said: it lies between the December before and the February after.
_WINTER = (0, 14)
_PARTS_OF_A_YEAR = {
    **dict(enumerate((_SPRING, _SUMMER, _AUTUMN, _WINTER), start=21)),
    **dict(enumerate((_SPRING, _SUMMER, _AUTUMN, _WINTER), start=25)),
    **dict(enumerate((_AUTUMN, _WINTER, _SPRING, _SUMMER), start=29)),
    **dict(enumerate(((1, 3), (4, 6), (7, 9), (10, 12)), start=33)),
    **dict(enumerate(((1, 4), (5, 8), (9, 12)), start=37)),
    **dict(enumerate(((1, 6), (7, 12)), start=40)),
}
"""First and last month of each part of a year (ISO 8601-2:2019 4.8); 0 is the December before, 14 the February after.

Seasons have whole months. Those of no hemisphere (21 to 24) are read as those of the northern one.
"""

_Bounds = tuple[Ymd | None, Ymd | None]


@dataclass(frozen=True, slots=True)
class DateSpan:
    """What a date says: its EDTF form and the days that bound it.

    Attributes:
        edtf: The date in EDTF (ISO 8601-2:2019).
        earliest: The first day that it can mean; None if it is open or unknown.
        latest: The last day that it can mean; None if it is open or unknown.
    """

    edtf: str
    earliest: Day | None
    latest: Day | None

    @property
    def plain(self) -> str | None:
        """The one day, month or year that it is, without qualifiers; None for anything else.

        >>> parse_edtf("1964-10~").plain, parse_edtf("196X").plain
        ('1964-10', None)
        """
        text = re.sub("[?~%]", "", self.edtf)
        return text if _PLAIN.fullmatch(text) else None

    @property
    def uncertain(self) -> bool:
        """Whether any of it is doubtful (``?`` or ``%``)."""
        return any(mark in self.edtf for mark in "?%")

    @property
    def approximate(self) -> bool:
        """Whether any of it is an estimate (``~`` or ``%``)."""
        return any(mark in self.edtf for mark in "~%")


@functools.lru_cache(maxsize=8192)
def parse_edtf(text: str) -> DateSpan:
    """Read an EDTF date.

    >>> parse_edtf("1862-06").latest
    datetime.date(1862, 6, 30)
    >>> parse_edtf("1964-10-16/1964-10-27").earliest
    datetime.date(1964, 10, 16)

    Args:
        text: A date in EDTF level 0, 1 or 2 (ISO 8601-2:2019). The marks ``?``, ``~`` and ``%`` leave the bounds as they are:
            how far an estimate may be off, nobody says.

    Raises:
        ValueError: The text is not such a date, or no day of the calendar is.
    """
    earliest, latest = _bounds(text, julian=False)
    return DateSpan(text, day_of(earliest) if earliest else None, day_of(latest) if latest else None)


def from_julian(text: str) -> DateSpan:
    """Read a date of the Julian calendar, written as EDTF writes those of the Gregorian one.

    >>> from_julian("1917-10-25").edtf
    '1917-11-07'
    >>> from_julian("1917-10").edtf
    '[1917-10-14..1917-11-13]'

    Returns:
        The same days in the proleptic Gregorian calendar: a day, one of a set of days, or an interval.

    Raises:
        ValueError: The text is no date, or too far away to be written as days.
    """
    bounds = _bounds(text, julian=True)
    earliest, latest = (gregorian_of_julian(each) if each else None for each in bounds)
    first, last = (_written(each) if each else ".." for each in (earliest, latest))
    marks = sorted({mark for mark in text if mark in "?~%"})
    mark = "%" if len(marks) > 1 else "".join(marks)
    if first == last:
        return parse_edtf(f"{first}{mark}")
    ends = [f"{end}{mark if end != '..' else ''}" for end in (first, last)]
    return parse_edtf("/".join(ends) if "/" in text else f"[{'..'.join(end.strip('.') for end in ends)}]")


def _written(numbers: Ymd) -> str:
    year, month, day = numbers
    if abs(year) > 9999:
        raise ValueError(f"the year {year} is too far away for a day to be written")
    return f"{'-' if year < 0 else ''}{abs(year):04d}-{month:02d}-{day:02d}"


def _bounds(text: str, *, julian: bool) -> _Bounds:
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"is no date; it has {len(text)} characters")
    if text.count("/") == 1:
        return _interval(text, julian=julian)
    if text[:1] + text[-1:] in ("[]", "{}"):
        return _set(text, julian=julian)
    moment = _MOMENT.fullmatch(text)
    return _single(moment[1] if moment else text, text, julian=julian)


def _interval(text: str, *, julian: bool) -> _Bounds:
    """Return the bounds of ``start/end``; an end that is open or unknown (``..`` or nothing) bounds nothing."""
    first, _, second = text.partition("/")
    earliest = None if first in ("", "..") else _single(first, text, julian=julian)[0]
    latest = None if second in ("", "..") else _single(second, text, julian=julian)[1]
    if earliest is None and latest is None:
        raise ValueError(f"{text!r} has neither a beginning nor an end")
    return _in_order(earliest, latest, text)


def _set(text: str, *, julian: bool) -> _Bounds:
    """Return what bounds all members of ``[one, of, a, set]`` or ``{all, of, them}``."""
    members = [each.strip(" ") for each in text[1:-1].split(",")]
    bounds = [
        _member(each, text, julian=julian, first=at == 0, last=at == len(members) - 1)
        for at, each in enumerate(members)
    ]
    earliest = [each for each, _ in bounds if each is not None]
    latest = [each for _, each in bounds if each is not None]
    # An end that is open (only the first or the last member can have one) leaves the whole open.
    return (
        min(earliest) if len(earliest) == len(bounds) else None,
        max(latest) if len(latest) == len(bounds) else None,
    )


def _member(member: str, text: str, *, julian: bool, first: bool, last: bool) -> _Bounds:
    start, dots, end = member.partition("..")
    if not dots:
        return _single(member, text, julian=julian)
    if (not start and not first) or (not end and not last) or not (start or end):
        raise _no_date(text, member)
    earliest = _single(start, text, julian=julian)[0] if start else None
    latest = _single(end, text, julian=julian)[1] if end else None
    return _in_order(earliest, latest, text)


def _in_order(earliest: Ymd | None, latest: Ymd | None, text: str) -> _Bounds:
    if earliest is not None and latest is not None and earliest > latest:
        raise ValueError(f"{text!r} ends before it begins")
    return earliest, latest


def _single(part: str, text: str, *, julian: bool) -> tuple[Ymd, Ymd]:
    """Return the first and the last day of one date that is no interval and no set."""
    long = _LONG_YEAR.fullmatch(part)
    if long:
        return _long_year(long, text)
    match = _DATE.fullmatch(part)
    if match is None:
        raise _no_date(text, part)
    if match["significant"]:
        if match["month"] or "X" in match["year"]:
            raise _no_date(text, part)
        return _years(_signed(match["sign"], int(match["year"])), int(match["significant"]))
    earliest = _extreme(match, text, julian=julian, latest=False)
    return earliest, _extreme(match, text, julian=julian, latest=True)


def _extreme(match: re.Match[str], text: str, *, julian: bool, latest: bool) -> Ymd:
    """Return the first (or last) day that fits the digits that are given."""
    sign, month, day = match["sign"], match["month"], match["day"]
    years = _fitting(match["year"], descending=latest != bool(sign))
    if month and day is None and "X" not in month and int(month) in _PARTS_OF_A_YEAR:
        year = _signed(sign, next(years))
        return _end_of_part(year, _PARTS_OF_A_YEAR[int(month)][latest], julian=julian, latest=latest)
    months, days = (
        _numbers(month or "XX", 12, descending=latest),
        _numbers(day or "XX", 31, descending=latest),
    )
    for number in years:
        if sign and not number:
            continue  # There is no year -0000 (ISO 8601-1:2019 4.3.2).
        year = _signed(sign, number)
        for each in months:
            last = last_of_month(year, each, julian=julian)
            found = next((one for one in days if one <= last), None)
            if found is not None:
                return year, each, found
    raise ValueError(f"{text!r} is no day of the calendar")


def _end_of_part(year: int, month: int, *, julian: bool, latest: bool) -> Ymd:
    """Return the first or last day of a month, where 0 and 14 are months of the years beside."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return year, month, last_of_month(year, month, julian=julian) if latest else 1


@functools.lru_cache(maxsize=1024)
def _numbers(mask: str, most: int, *, descending: bool) -> tuple[int, ...]:
    """Return the numbers from 1 on that fit two digits of which some are not given."""
    return tuple(each for each in _fitting(mask, descending=descending) if 1 <= each <= most)


def _fitting(mask: str, *, descending: bool) -> Iterator[int]:
    """Yield the numbers that fit digits of which some (``X``) are not given, in their order."""
    any_digit = "9876543210" if descending else "0123456789"
    choices = (any_digit if digit == "X" else digit for digit in mask)
    return (int("".join(digits)) for digits in itertools.product(*choices))


def _long_year(match: re.Match[str], text: str) -> tuple[Ymd, Ymd]:
    digits, exponent = match["digits"], match["exponent"]
    if exponent is None and len(digits) < 5:
        raise ValueError(f"{text!r} is no date; a year of four digits has no Y before it")
    year = int(digits) * 10 ** int(exponent or 0)
    if year >= _MOST_YEARS:
        raise ValueError(f"{text!r} is no date that can be compared; it is farther away than 10^12 years")
    return _years(_signed(match["sign"], year), int(match["significant"] or len(str(year))))


def _years(year: int, significant: int) -> tuple[Ymd, Ymd]:
    """Return the years that agree with a year in its first digits: 1950, of which two count, are 1900 to 1999."""
    step = 10 ** max(0, len(str(abs(year))) - significant)
    lowest = abs(year) // step * step
    ends = sorted(_signed("-" if year < 0 else "", each) for each in (lowest, lowest + step - 1))
    return (ends[0], 1, 1), (ends[1], 12, 31)


def _signed(sign: str, number: int) -> int:
    return -number if sign else number


def _no_date(text: str, part: str) -> ValueError:
    which = "" if part == text else f", because of {part!r}"
    return ValueError(
        f"{text!r} is no date{which}; write 1964, 1964-10, 1964-10-16 or an interval such as 1964-10-16/1964-10-27"
    )


def is_within(day: str, span: DateSpan) -> bool:
    """Tell whether a day, as XSD writes it, lies within the bounds of a date; False if it is no day."""
    if not _DAY.fullmatch(day):
        return False
    sign, (year, month, number) = day[:1] == "-", map(int, day.lstrip("-").split("-"))
    one = (-year if sign else year, month, number)
    return (span.earliest is None or ymd(span.earliest) <= one) and (
        span.latest is None or one <= ymd(span.latest)
    )


_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def spelled_day(text: str) -> str | None:
    """Return a day as people write it, None if it is not a day of the calendar.

    >>> spelled_day("1964-10-27")
    '27 October 1964'
    """
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        return None
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


@functools.lru_cache(maxsize=8192)
def spelled_date(edtf: str) -> str:
    """Return an EDTF date as people write it; one that cannot be spelled simply stays as it is.

    >>> spelled_date("1964-10-27"), spelled_date("1964-10"), spelled_date("1964-12-29~")
    ('27 October 1964', 'October 1964', 'about 29 December 1964')
    """
    try:
        date = parse_edtf(edtf)
    except ValueError:
        return edtf
    day = spelled_day(date.earliest.isoformat()) if date.earliest else None
    if date.plain is None or day is None:
        return edtf
    text = {10: day, 7: day.partition(" ")[2]}.get(len(date.plain), date.plain)
    about = f"about {text}" if date.approximate else text
    return f"{about} (uncertain)" if date.uncertain else about
