"""Literals as people write them: days and times, numbers, yes and no, durations, points on the earth."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import unescape

from fonds.points import point_as_written
from fonds.translations import gettext, marked, marked_plural, ngettext, pgettext
from fonds.vocabulary import PREFIXES
from fonds.web.wording import grouped, spelled_date, spelled_day

_XSD = PREFIXES["xsd"]
_ZONE = r"(?P<zone>Z|[+-]\d\d:\d\d)?"
_DATE = re.compile(rf"(\d{{4}}-\d\d-\d\d){_ZONE}")
_CLOCK = rf"(?P<minute>\d\d:\d\d)(?P<seconds>:\d\d(?:\.\d+)?)?{_ZONE}"
_DATE_TIME = re.compile(rf"(\d{{4}}-\d\d-\d\d)T{_CLOCK}")
_TIME = re.compile(_CLOCK)
_NUMBER = re.compile(r"([+-]?)(\d{1,30})(\.\d+)?")
_SCIENTIFIC = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?INF|NaN")
_DURATION = re.compile(
    r"(-?)P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_UNITS = (
    marked_plural("{number} year", "{number} years"),
    marked_plural("{number} month", "{number} months"),
    marked_plural("{number} day", "{number} days"),
    marked_plural("{number} hour", "{number} hours"),
    marked_plural("{number} minute", "{number} minutes"),
    marked_plural("{number} second", "{number} seconds"),
)
WKT = "http://www.opengis.net/ont/geosparql#wktLiteral"
"""The datatype of geometries in words (GeoSPARQL)."""
MACHINE_DATES = frozenset(f"{_XSD}{each}" for each in ("date", "dateTime", "gYear", "gYearMonth", "time"))
"""Datatypes whose values the element ``time`` can carry as they are."""


def spelled(text: str, datatype: str) -> str | None:
    """Return a typed literal as people write it, None if it is not one that they write otherwise, or is not well formed.

    >>> spelled("2024-05-03T10:30:00Z", "http://www.w3.org/2001/XMLSchema#dateTime")
    '3 May 2024, 10:30 UTC'
    >>> spelled("true", "http://www.w3.org/2001/XMLSchema#boolean")
    'yes'
    >>> spelled("12.5 or so", "http://www.w3.org/2001/XMLSchema#decimal")

    Args:
        text: Its lexical form.
        datatype: IRI of its datatype.
    """
    write = _WRITERS.get(datatype)
    return write(text) if write else None


def _day(text: str) -> str | None:
    match = _DATE.fullmatch(text)
    day = spelled_day(match[1]) if match else None
    return f"{day}{_zone(match)}" if match and day else None


def _moment(text: str) -> str | None:
    match = _DATE_TIME.fullmatch(text)
    day = spelled_day(match[1]) if match else None
    return f"{day}, {_clock(match)}" if match and day else None


def _time(text: str) -> str | None:
    match = _TIME.fullmatch(text)
    return _clock(match) if match else None


def _clock(match: re.Match[str]) -> str:
    seconds = match["seconds"] or ""
    return f"{match['minute']}{seconds if seconds.strip(':0.') else ''}{_zone(match)}"


def _zone(match: re.Match[str]) -> str:
    zone = match["zone"]
    if not zone:
        return ""
    return " UTC" if zone in ("Z", "+00:00", "-00:00") else f" UTC{zone.replace('-', chr(0x2212))}"


def _year_and_month(text: str) -> str | None:
    return spelled_date(text) if re.fullmatch(r"\d{4}(?:-\d\d)?", text) else None


def _yes_or_no(text: str) -> str | None:
    said = {"true": marked("yes"), "1": marked("yes"), "false": marked("no"), "0": marked("no")}.get(text)
    return gettext(said) if said else None


def _number(text: str) -> str | None:
    match = _NUMBER.fullmatch(text)
    if match is None:
        return text if _SCIENTIFIC.fullmatch(text) else None
    sign = {"-": chr(0x2212)}.get(match[1], match[1])
    return f"{sign}{grouped(int(match[2])) if len(match[2]) > 4 else match[2]}{match[3] or ''}"


def _whole(text: str) -> str | None:
    return _number(text) if re.fullmatch(r"[+-]?\d+", text) else None


def _duration(text: str) -> str | None:
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    stated = [(match[place + 2], unit) for place, unit in enumerate(_UNITS) if match[place + 2]]
    words = " ".join(ngettext(*unit, _whole_or_many(number)).format(number=number) for number, unit in stated)
    if not words:
        return None
    return gettext("minus {number}").format(number=words) if match[1] else words


def _whole_or_many(number: str) -> int:
    """Return the number by which a plural form is chosen: a fraction stands with that of many."""
    return int(number) if number.isdecimal() else 2


def _place(text: str) -> str | None:
    written = point_as_written(text)
    if written is None:
        return None
    longitude, latitude = written
    return point_in_words(
        longitude.lstrip("-"),
        latitude.lstrip("-"),
        west=longitude.startswith("-"),
        south=latitude.startswith("-"),
    )


def point_in_words(longitude: str, latitude: str, *, west: bool, south: bool) -> str:
    """Return a point of the earth in words, from numbers without a sign."""
    north = pgettext("compass", "S") if south else pgettext("compass", "N")
    east = pgettext("compass", "W") if west else pgettext("compass", "E")
    return f"{latitude}° {north}, {longitude}° {east}"


_INTEGERS = (
    *(
        "integer",
        "long",
        "int",
        "short",
        "byte",
        "unsignedLong",
        "unsignedInt",
        "unsignedShort",
        "unsignedByte",
    ),
    *("nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger"),
)
_WRITERS: Mapping[str, Callable[[str], str | None]] = {
    f"{_XSD}date": _day,
    f"{_XSD}dateTime": _moment,
    f"{_XSD}dateTimeStamp": _moment,
    f"{_XSD}time": _time,
    f"{_XSD}gYear": _year_and_month,
    f"{_XSD}gYearMonth": _year_and_month,
    f"{_XSD}boolean": _yes_or_no,
    f"{_XSD}decimal": _number,
    f"{_XSD}double": _number,
    f"{_XSD}float": _number,
    f"{_XSD}duration": _duration,
    f"{_XSD}dayTimeDuration": _duration,
    f"{_XSD}yearMonthDuration": _duration,
    f"{PREFIXES['edtf']}EDTF": spelled_date,
    WKT: _place,
    **{f"{_XSD}{each}": _whole for each in _INTEGERS},
}


_TAG = re.compile(r"<(/?)([A-Za-z][\w.-]*:)?([A-Za-z][\w.-]*)[^<>]*>|<[!?][^<>]*>")
_INLINE = frozenset(
    (
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "cite",
        "code",
        "em",
        "i",
        "mark",
        "q",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "u",
        "var",
    )
)


def without_tags(text: str) -> str:
    """Return the words of a piece of HTML or XML, a line for each paragraph.

    >>> without_tags('<div xmlns="http://www.w3.org/1999/xhtml"><p>Salt &amp; <em>grain</em>.</p><p>Timber.</p></div>')
    'Salt & grain.\\nTimber.'
    """
    parted = _TAG.sub(lambda tag: "" if (tag[3] or "").lower() in _INLINE else "\0", " ".join(text.split()))
    lines = (" ".join(unescape(each).split()) for each in parted.split("\0"))
    return "\n".join(each for each in lines if each)
