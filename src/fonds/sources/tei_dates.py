"""Dates of a TEI edition: from its attributes to EDTF."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from lxml import etree

from fonds.dates import DateSpan, from_julian, parse_edtf
from fonds.model import Dated
from fonds.sources.xml import Document, words_of

_STANDARDS = ("", "-iso", "-custom")
"""Endings of attributes: W3C's forms, those of ISO 8601, and those of another calendar (TEI P5, att.datable)."""
_BEGINS = ("notBefore", "from")
_ENDS = ("notAfter", "to")

_TIME = r"T[\d:.,]+"
_ZONE = r"Z|[+-]\d\d:?\d\d"
# W3C dates may carry a time or a zone; an archive's date ends with the day.
_W3C = re.compile(rf"(-?\d{{4,}}(?:-\d\d(?:-\d\d)?)?)(?:{_TIME})?(?:{_ZONE})?", re.ASCII)
_BASIC = re.compile(rf"(\d{{4}})(\d\d)(\d\d)(?:{_TIME})?(?:{_ZONE})?", re.ASCII)
_ORDINAL = re.compile(r"(\d{4})-?(\d{3})", re.ASCII)
_WEEK = re.compile(r"(\d{4})-?W(\d\d)(?:-?([1-7]))?", re.ASCII)
_CENTURY = re.compile(r"\d\d", re.ASCII)

_JULIAN = re.compile(
    r"julian|julien|giulian|юлиан|old.?style|alten?r? stils?|vieux style|estilo antiguo", re.IGNORECASE
)
_GREGORIAN = re.compile(
    r"gr[eé]gorian|gregorien|grégorien|григориан|new.?style|neuen?r? stils?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Given:
    """A date as an attribute gives it.

    Attributes:
        edtf: The same in EDTF, or what should be it; empty where its calendar cannot be reckoned with.
        attribute: The attribute, of a range the first.
        value: Its value, verbatim.
    """

    edtf: str
    attribute: str
    value: str


def dated(document: Document, element: etree._Element, name: str) -> Dated | None:
    """Return the date that an element gives in its attributes.

    Args:
        document: Gets a fault where an attribute is no date, or two attributes contradict each other.
        element: A ``date``, ``docDate`` or any other that can be dated.
        name: The part name of the time-span.

    Returns:
        The date; with its words only, and no bounds, where an attribute cannot be read as one. None if the element gives no
        date, or one without a year, or neither a date that can be read nor words.
    """
    given = _given(element, document)
    if given is None:
        return None
    words = words_of(element)
    span = _span(document, element, given)
    if span is None:
        return Dated(name=name, date=DateSpan("", None, None), form=words) if words else None
    return Dated(name=name, date=span, form=words or span.edtf)


def edtf_of(element: etree._Element) -> tuple[str, str, str] | None:
    """Return an element's date in EDTF, and the attribute and value from which it comes (the first, for a range).

    What is found may be no date; :func:`dated` tells.
    """
    given = _given(element)
    return (given.edtf, given.attribute, given.value) if given else None


def _span(document: Document, element: etree._Element, given: Given) -> DateSpan | None:
    near = f'{given.attribute}="{given.value}"'
    if not given.edtf:
        return None
    try:
        span = parse_edtf(given.edtf)
    except ValueError as error:
        document.fault(element, f"{near}: {error}", near=near)
        return None
    _compare(document, element, given, span)
    return span


def _compare(document: Document, element: etree._Element, given: Given, span: DateSpan) -> None:
    """Report where ``when`` names other days than ``when-iso``, which counts since it can say more."""
    other = _single(element, "when", "")
    if given.attribute != "when-iso" or other is None:
        return
    try:
        stated = parse_edtf(other.edtf)
    except ValueError as error:
        document.fault(element, f'when="{other.value}": {error}', near=f'when="{other.value}"')
        return
    if (stated.latest and span.earliest and stated.latest < span.earliest) or (
        stated.earliest and span.latest and span.latest < stated.earliest
    ):
        message = (
            f'when="{other.value}" and when-iso="{given.value}" have no day in common; the second counts'
        )
        document.fault(element, message, near=f'when="{other.value}"')


def _given(element: etree._Element, document: Document | None = None) -> Given | None:
    """Return the date of an element: ``when`` before a range, of one attribute ISO 8601 before W3C before other calendars."""
    for standard in ("-iso", "", "-custom"):
        found = _single(element, "when", standard, document)
        if found:
            return found
    begin, end = (_first(element, attributes, document) for attributes in (_BEGINS, _ENDS))
    if begin and end:
        edtf = f"{_opening(begin.edtf)}/{_closing(end.edtf)}" if begin.edtf and end.edtf else ""
        return Given(edtf, begin.attribute, begin.value)
    if begin:
        return Given(f"{_opening(begin.edtf)}/.." if begin.edtf else "", begin.attribute, begin.value)
    if end:
        return Given(f"../{_closing(end.edtf)}" if end.edtf else "", end.attribute, end.value)
    return None


def _first(
    element: etree._Element, attributes: tuple[str, ...], document: Document | None = None
) -> Given | None:
    found = (_single(element, name, end, document) for name in attributes for end in _STANDARDS)
    return next((each for each in found if each), None)


def _single(
    element: etree._Element, name: str, standard: str, document: Document | None = None
) -> Given | None:
    value = " ".join((element.get(f"{name}{standard}") or "").split())
    if not value or _without_year(value):
        return None
    read = {"": w3c_as_edtf, "-iso": iso_as_edtf}.get(standard)
    edtf = read(value) if read else _of_calendar(value, element, document)
    return Given(edtf, f"{name}{standard}", element.get(f"{name}{standard}") or "")


def _opening(edtf: str) -> str:
    """Return where a date begins that is itself one of several days or an interval."""
    return _end(edtf, last=False)


def _closing(edtf: str) -> str:
    return _end(edtf, last=True)


def _end(edtf: str, *, last: bool) -> str:
    if not re.search(r"[\[{/]", edtf):
        return edtf
    try:
        span = parse_edtf(edtf)
    except ValueError:
        return edtf
    day = span.latest if last else span.earliest
    return day.isoformat() if day else ".."


def w3c_as_edtf(value: str) -> str:
    """Return a date of XML Schema (TEI ``@when``) in EDTF, without time and zone; what is none as it is.

    >>> w3c_as_edtf("1964-10-16T23:30:00-05:00"), w3c_as_edtf("12000")
    ('1964-10-16', 'Y12000')
    """
    match = _W3C.fullmatch(value)
    if match is None:
        return value
    day = match[1]
    return day.replace("-", "Y-", 1) if _is_long(day) and day[0] == "-" else f"{'Y' * _is_long(day)}{day}"


def _is_long(day: str) -> bool:
    return re.fullmatch(r"-?\d{5,}", day) is not None


def iso_as_edtf(value: str) -> str:
    """Return a date of ISO 8601 (TEI ``@when-iso``) in EDTF: basic forms, ordinal dates, weeks, centuries, intervals of them.

    >>> iso_as_edtf("19641016"), iso_as_edtf("1964-290"), iso_as_edtf("1964-W42-5"), iso_as_edtf("19")
    ('1964-10-16', '1964-10-16', '1964-10-16', '19XX')
    """
    if value.count("/") == 1:
        return "/".join(each if each in ("", "..") else iso_as_edtf(each) for each in value.split("/"))
    if match := _BASIC.fullmatch(value):
        return "-".join(match.groups())
    try:
        if match := _ORDINAL.fullmatch(value):
            return _day_of_year(int(match[1]), int(match[2])) or value
        if match := _WEEK.fullmatch(value):
            return _week(int(match[1]), int(match[2]), match[3])
    except ValueError:
        return value
    return f"{value}XX" if _CENTURY.fullmatch(value) else w3c_as_edtf(value)


def _day_of_year(year: int, number: int) -> str | None:
    day = datetime.date(year, 1, 1) + datetime.timedelta(number - 1)
    return day.isoformat() if day.year == year else None


def _week(year: int, week: int, day: str | None) -> str:
    if day:
        return datetime.date.fromisocalendar(year, week, int(day)).isoformat()
    first, last = (datetime.date.fromisocalendar(year, week, each).isoformat() for each in (1, 7))
    return f"[{first}..{last}]"


def _of_calendar(value: str, element: etree._Element, document: Document | None) -> str:
    """Return a date of the calendar that an element names (TEI ``@datingMethod``) in EDTF; empty if we cannot reckon with it."""
    name = _calendar(element, document)
    if _GREGORIAN.search(name):
        return w3c_as_edtf(value)
    if not _JULIAN.search(name):
        return ""
    try:
        return from_julian(w3c_as_edtf(value)).edtf
    except ValueError:
        return value


def _calendar(element: etree._Element, document: Document | None) -> str:
    """Return what the calendar of an element is called: by its pointer, and by the ``calendar`` that this leads to."""
    pointer = element.get("datingMethod") or element.get("calendar") or ""
    target = document.by_id.get(pointer[1:]) if document and pointer.startswith("#") else None
    return f"{pointer} {words_of(target)}" if target is not None and target.tag == "calendar" else pointer


def _without_year(value: str) -> bool:
    """Tell whether a value is a day of any year (``--10-16``) or a time only: valid in TEI, no place in time."""
    return value.startswith(("--", "T")) or re.fullmatch(r"\d\d:\d\d.*", value) is not None
