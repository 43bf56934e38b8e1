"""Dates as they are written in documents: in words or figures, in five languages, with what is not certain about them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from fonds.sources.recognition.words import alternatives, plain, table, values

CENTURY_INFERRED = "the century is not written, but inferred from the other dates"
CENTURY_UNKNOWN = "the century is not written, and no other date tells it; no date is given"
ORDER_UNKNOWN = "day and month cannot be told apart; no date is given"
NO_SUCH_DAY = "the calendar has no such day; no date is given"


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date in a text.

    Attributes:
        start: Its first code point.
        end: The code point after its last.
        attributes: What TEI says of it: ``when``, or ``from`` and ``to``, or ``when-iso``; none where no day can be told.
        doubt: Why it is not certain; empty where it is.
    """

    start: int
    end: int
    attributes: Mapping[str, str]
    doubt: str = ""

    @property
    def value(self) -> str:
        """The date as ISO 8601 or EDTF writes it, empty where it has none."""
        if "from" in self.attributes:
            return f"{self.attributes['from']}/{self.attributes['to']}"
        return self.attributes.get("when") or self.attributes.get("when-iso") or ""


_FIGURE = re.compile(r"\d")


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    month = rf"(?P<month>{alternatives('month')})\.?"
    day, ordinal = r"(?P<day>\d{1,2})", r"(?:st|nd|rd|th|er|º|ª|-го)?"
    year = r"(?P<year>1[0-9]\d\d|20\d\d)"
    until = rf"(?:\s*[-–—]\s*(?P<day2>\d{{1,2}}){ordinal})?"
    about = rf"(?:(?P<about>{alternatives('about')})\.?\s+)?"
    of = r"(?:\s+de\s+|\s+|\s*,\s*)"
    sources = (
        # 27 October 1964, 27. Oktober 1964, 27 de octubre de 1964, 27-28 октября 1964
        rf"{about}«?{day}{ordinal}\.?{until}\.?»?{of}{month}{of}(?:del\s+)?{year}",
        # October 27, 1964
        rf"{about}{month}\s+{day}{ordinal}{until}\s*,?\s+{year}",
        # October 1964
        rf"{about}{month}{of}{year}",
        # 1964-10-27
        rf"{year}-(?P<monthfig>\d\d)-(?P<day>\d\d)",
        # 27.10.1964, 29.12.64
        r"(?P<day>\d{1,2})\.\s?(?P<monthfig>\d{1,2}|(?:I{1,3}|I?V|VI{0,3}|I?X|XI{0,2}))\.\s?(?P<year>\d{4}|\d{2})",
        # 15/VIII-62
        r"(?P<day>\d{1,2})[/-](?P<monthfig>I{1,3}|I?V|VI{1,3}|I?X|XI{1,2})[/-](?P<year>\d{4}|\d{2})",
        # 27/10/1964
        r"(?P<first>\d{1,2})/(?P<second>\d{1,2})/(?P<year>\d{4}|\d{2})",
    )
    return tuple(
        re.compile(rf"(?<![\w.,/-])(?:{source})(?![\w/-]|[.,]\d)", re.IGNORECASE) for source in sources
    )


_ROMAN = {
    name: number
    for number, name in enumerate(
        ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"), start=1
    )
}


def find_dates(text: str, century: int | None = None) -> list[FoundDate]:
    """Return the dates of a text in their order, none within another.

    >>> [each.value for each in find_dates("Moscow, 27 октября 1964; seen 29.12.64", 1900)]
    ['1964-10-27', '1964-12-29']

    Args:
        text: Any words.
        century: The first year of the century of years written with two figures; None: they tell no date.
    """
    found: list[FoundDate] = []
    if not _FIGURE.search(text):
        return found  # most words have none, and looking for months takes long
    taken = bytearray(len(text))
    for pattern in _patterns():
        for match in pattern.finditer(text):
            start, end = match.span()
            if not any(taken[start:end]) and not _is_other_word(match):
                taken[start:end] = b"\1" * (end - start)
                found.append(_read(match, century))
    return sorted(found, key=lambda each: each.start)


def _is_other_word(match: re.Match[str]) -> bool:
    """Tell whether a month without a day is another word: “may 1000”, where months are written with a capital."""
    parts = match.groupdict()
    month = parts.get("month")
    if not month or parts.get("day"):
        return False
    return month.islower() and plain(month) in _capitalised()


@cache
def _capitalised() -> frozenset[str]:
    """Return the months that only languages have which write them with a capital."""
    languages: dict[str, set[str]] = {}
    for _, language, word in table()["month"]:
        languages.setdefault(word, set()).add(language)
    return frozenset(word for word, found in languages.items() if found <= {"en", "de"})


def century_of(text: str) -> int | None:
    """Return the first year of the one century in which all years lie that a text's dates write in full; None if there is none."""
    centuries = {int(each.value[:4]) // 100 * 100 for each in find_dates(text) if each.value}
    return centuries.pop() if len(centuries) == 1 else None


def _read(match: re.Match[str], century: int | None) -> FoundDate:
    parts = {name: value for name, value in match.groupdict().items() if value}
    doubt = ""
    start, end = match.span()
    year = int(parts["year"])
    if len(parts["year"]) == 2:
        if century is None:
            return FoundDate(start, end, {}, CENTURY_UNKNOWN)
        year, doubt = century + year, CENTURY_INFERRED
    if "first" in parts:
        ordered = _ordered(int(parts["first"]), int(parts["second"]))
        if ordered is None:
            return FoundDate(start, end, {}, ORDER_UNKNOWN)
        day, month = ordered
        days = [day]
    else:
        month = _month(parts)
        days = [int(parts[name]) for name in ("day", "day2") if name in parts]
    values_ = [_iso(year, month, day) for day in days] if days else [_iso(year, month, None)]
    if None in values_ or (len(days) == 2 and days[0] >= days[1]):
        return FoundDate(start, end, {}, NO_SUCH_DAY)
    return FoundDate(start, end, _attributes([str(each) for each in values_], parts), doubt)


def _attributes(days: list[str], parts: Mapping[str, str]) -> Mapping[str, str]:
    if len(days) == 2:
        return {"from": days[0], "to": days[1]}
    return {"when-iso": f"{days[0]}~"} if "about" in parts else {"when": days[0]}


def _month(parts: Mapping[str, str]) -> int:
    if "month" in parts:
        return int(values("month")[plain(parts["month"])])
    figure = parts["monthfig"]
    return int(figure) if figure.isdigit() else _ROMAN.get(figure.upper(), 0)


def _ordered(first: int, second: int) -> tuple[int, int] | None:
    """Return day and month of two numbers where only one order is possible, else None."""
    if first == second or second > 12 >= first or first > 12 >= second:
        return (second, first) if second > 12 else (first, second)
    return None


def _iso(year: int, month: int, day: int | None) -> str | None:
    try:
        return (
            datetime.date(year, month, day).isoformat()
            if day
            else datetime.date(year, month, 1).strftime("%Y-%m")
        )
    except ValueError:
        return None


@cache
def _only_date() -> re.Pattern[str]:
    end = rf"(?:\s*(?:{alternatives('century-end')})(?!\w)\.?)?"
    hour = rf"(?:\d{{1,2}}[:.h]\d\d|\d{{1,2}}|\d{{4}})\s*(?:Z|[ap]\.?\s?m\.?|(?:{alternatives('hour')})\.?)?"
    time = rf"(?:[,;—–-]?\s*(?:{alternatives('at-hour')})?\s*(?:{hour}(?:\s*[-–—]\s*{hour})?|noon|midnight))?"
    return re.compile(rf"{end}{time}\s*[.,;]?\s*[)\]»\"”]?\s*[.,;]?\s*", re.IGNORECASE)


def only_dates(text: str, century: int | None = None, *, place: bool = True) -> Iterator[FoundDate]:
    """Yield the date of a line that has nothing else but perhaps a place before it; nothing for any other line.

    Args:
        text: The line.
        century: As :func:`find_dates` takes it.
        place: Whether a place may stand before the date (``Havana, 27 October 1964``).
    """
    found = find_dates(text, century)
    if len(found) != 1:
        return
    before, after = text[: found[0].start].strip(' ([«"“'), text[found[0].end :]
    if not _only_date().fullmatch(after):
        return
    if not before or (place and _may_be_place(before)):
        yield found[0]


def _may_be_place(text: str) -> bool:
    """Tell whether words before a date can be a place: at most four, capitalised, a comma or «г.» or nothing at the end."""
    words = text.rstrip(",: ").split()
    small = {"de", "la", "el", "den", "le", "г.", "с.", "am", "in", "en", "à", "di"}
    return (
        0 < len(words) <= 4
        and len(text) <= 40
        and any(word[0].isupper() for word in words)
        and all(word[0].isupper() or word.lower() in small for word in words)
        and not re.search(r"[.!?;:]\s*$", text)
        and not any(character.isdigit() for character in text)
    )
