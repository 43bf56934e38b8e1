"""Dates of a TEI edition: from its attributes to EDTF."""

from __future__ import annotations

import re

from lxml import etree

from fonds.dates import parse_edtf
from fonds.model import Dated
from fonds.sources.xml import Document, words_of

_EXACT = ("when", "when-iso")
_RANGES = (
    ("notBefore", "notAfter"),
    ("notBefore-iso", "notAfter-iso"),
    ("from", "to"),
    ("from-iso", "to-iso"),
)
# W3C dates may carry a time or a zone; an archive's date ends with the day.
_DAY = re.compile(r"(-?\d{4}(?:-\d\d(?:-\d\d)?)?)(?:T[\d:.]+)?(?:Z|[+-]\d\d:\d\d)?")


def dated(document: Document, element: etree._Element, name: str) -> Dated | None:
    """Return the date that an element gives in its attributes; None if it gives none, or one without a year.

    Args:
        document: Gets a fault where an attribute is no date.
        element: A ``date``, ``docDate`` or any other that can be dated.
        name: The part name of the time-span.
    """
    found = edtf_of(element)
    if found is None:
        return None
    edtf, attribute, value = found
    try:
        span = parse_edtf(edtf)
    except ValueError as error:
        document.fault(element, f'{attribute}="{value}": {error}', near=f'{attribute}="{value}"')
        return None
    return Dated(name=name, date=span, form=words_of(element) or edtf)


def edtf_of(element: etree._Element) -> tuple[str, str, str] | None:
    """Return an element's date in EDTF, and the attribute and value from which it comes (the first, for a range)."""
    for attribute in _EXACT:
        value = element.get(attribute)
        if value and not _without_year(value):
            return _day(value), attribute, value
    for begin, end in _RANGES:
        first, last = element.get(begin), element.get(end)
        if first or last:
            edtf = f"{_day(first) if first else '..'}/{_day(last) if last else '..'}"
            return edtf, begin if first else end, first or last or ""
    return None


def _day(value: str) -> str:
    match = _DAY.fullmatch(value.strip())
    return match[1] if match else value.strip()


def _without_year(value: str) -> bool:
    """Tell whether a value is a day of any year (``--10-16``) or a time only: valid in TEI, no place in time."""
    return value.startswith("--") or re.fullmatch(r"\d\d:\d\d.*", value) is not None
