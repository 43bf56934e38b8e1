"""Dates as people write them into tables: EDTF, and those usual forms that can mean one thing only."""

from __future__ import annotations

import functools
import re

from fonds.dates import DateSpan, parse_edtf
from fonds.model import Dated

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner janvier enero января январь",
            "february feb februar février febrero февраля февраль",
            "march mar märz mrz mars marzo марта март",
            "april apr avril abril апреля апрель",
            "may mai mayo мая май",
            "june jun juni juin junio июня июнь",
            "july jul juli juillet julio июля июль",
            "august aug août agosto августа август",
            "september sep sept septembre septiembre сентября сентябрь",
            "october oct oktober okt octobre octubre октября октябрь",
            "november nov novembre noviembre ноября ноябрь",
            "december dec dezember dez décembre diciembre декабря декабрь",
        ),
        start=1,
    )
    for name in names.split()
}
_DAY_MONTH_YEAR = re.compile(
    r"(?:(\d{1,2})(?:\.|er|º|°)?\s+(?:de\s+)?)?([^\W\d_]+)\.?,?\s+(?:del?\s+)?(\d{4})(?:\s*г\.?|\s*р\.?)?"
)
_MONTH_DAY_YEAR = re.compile(r"([^\W\d_]+)\.?\s+(\d{1,2}),?\s+(\d{4})")
# With full stops the day comes first wherever it is written so; with slashes nobody can tell.
_WITH_STOPS = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")
_ABOUT = re.compile(
    r"(?:about|approximately|approx\.?|circa|ca\.?|c\.?|um|vers|hacia)\s*(\d{4})", re.IGNORECASE
)
_DECADE = re.compile(r"(\d{3})0s")
_TO = re.compile(r"\s*(?:–|—| - |/|\bto\b|\bbis\b)\s*")
_YEARS = re.compile(r"(\d{4})\s*-\s*(\d{4})")
_LONGEST = 200
"""Characters of a date; what is longer is none."""


@functools.lru_cache(maxsize=4096)
def read_date(text: str) -> DateSpan | None:
    """Return what a date means, None where its words cannot be read without guessing.

    >>> [read_date(each).edtf for each in ("5 March 1901", "5.3.1901", "ca. 1901", "1901-1904", "[1901?]", "1920s")]
    ['1901-03-05', '1901-03-05', '1901~', '1901/1904', '1901?', '1920/1929']
    >>> [read_date(each).edtf for each in ("5 de marzo de 1901", "1er mars 1901", "marzo de 1901", "5 марта 1901 г.")]
    ['1901-03-05', '1901-03-01', '1901-03', '1901-03-05']
    >>> read_date("5/3/1901"), read_date("n.d.")
    (None, None)

    Args:
        text: In EDTF, or in words. Square brackets, by which archives mark a date that they supply, do not change what it means.
    """
    if len(text) > _LONGEST:
        return None
    bare = text.strip().removeprefix("[").removesuffix("]").strip()
    edtf = _plain(bare) or _range(bare)
    try:
        return parse_edtf(edtf) if edtf else None
    except ValueError:
        return None


def _range(text: str) -> str | None:
    years = _YEARS.fullmatch(text)
    pieces = list(years.groups()) if years else _TO.split(text)
    if len(pieces) != 2:
        return None
    first, last = _plain(pieces[0]), _plain(pieces[1])
    return f"{first}/{last}" if first and last and "/" not in first + last else None


def _plain(text: str) -> str | None:
    """Return a single date, or a whole interval, in EDTF."""
    return text if _is_edtf(text) else next(filter(None, (form(text) for form in _FORMS)), None)


def _with_stops(text: str) -> str | None:
    found = _WITH_STOPS.fullmatch(text)
    return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}" if found else None


def _about(text: str) -> str | None:
    found = _ABOUT.fullmatch(text)
    return f"{found[1]}~" if found else None


def _decade(text: str) -> str | None:
    found = _DECADE.fullmatch(text)
    return f"{found[1]}0/{found[1]}9" if found else None


def _in_words(text: str) -> str | None:
    found = _DAY_MONTH_YEAR.fullmatch(text)
    day, name, year = found.groups() if found else (None, "", "")
    if not found and (found := _MONTH_DAY_YEAR.fullmatch(text)):
        name, day, year = found.groups()
    month = _MONTHS.get((name or "").lower())
    if not month:
        return None
    return f"{year}-{month:02}" + (f"-{int(day):02}" if day else "")


_FORMS = (_with_stops, _about, _decade, _in_words)


def _is_edtf(text: str) -> bool:
    try:
        parse_edtf(text)
    except ValueError:
        return False
    return True


def dated_in(words: str, start: str, end: str) -> Dated | None:
    """Return a date from its words, or from its first and last day where these are given."""
    if start or end:
        edtf = start if start == end else f"{start or '..'}/{end or '..'}"
        try:
            return Dated(name="ts-doc", date=parse_edtf(edtf), form=words or edtf)
        except ValueError:
            if not words:
                return None
    date = read_date(words) if words else None
    return Dated(name="ts-doc", date=date, form=words) if date else None
