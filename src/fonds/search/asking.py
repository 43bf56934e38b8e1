"""What a person typed into the search field, read as words, phrases, names, days and references; nothing is an error but length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fonds.dates import DateSpan, parse_edtf
from fonds.errors import SearchError
from fonds.search.shelfmarks import Shelfmark, read_shelfmark

MOST_CHARACTERS = 500
MOST_CLAUSES = 24

PREFIXES = {
    "title": ("title",),
    "person": ("people",),
    "people": ("people",),
    "group": ("groups",),
    "organisation": ("groups",),
    "organization": ("groups",),
    "place": ("places",),
    "event": ("others",),
    "work": ("others",),
    "topic": ("others",),
    "subject": ("others",),
    "creator": ("creators",),
    "author": ("creators",),
    "ref": ("references",),
    "shelfmark": ("references",),
    "text": ("words",),
}
"""What may stand before a colon, with the fields that are then searched."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_ISO = r"-?[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?"
_RANGE = re.compile(rf"({_ISO}|[0-9]{{4}})?(?:\.\.|/)({_ISO}|[0-9]{{4}})?")
_DATE = re.compile(rf"{_ISO}|[0-9]{{4}}")
_NUMBERS = re.compile(r"([0-3]?[0-9])\.([01]?[0-9])\.([0-9]{4})")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar enero janvier gennaio января январь",
            "february feb februar febrero février fevrier febbraio февраля февраль",
            "march mar märz marzo mars марта март",
            "april apr abril avril aprile апреля апрель",
            "may mai mayo maggio мая май",
            "june jun juni junio juin giugno июня июнь",
            "july jul juli julio juillet luglio июля июль",
            "august aug agosto août aout августа август",
            "september sep sept septiembre septembre settembre сентября сентябрь",
            "october oct oktober octubre octobre ottobre октября октябрь",
            "november nov noviembre novembre ноября ноябрь",
            "december dec dezember diciembre décembre decembre dicembre декабря декабрь",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_IN_WORDS = re.compile(
    rf"(?<![\w])(?:(?P<day>[0-3]?[0-9])\.?\s+(?:de\s+)?)?(?P<month>{_MONTH})\.?"
    r"(?:\s+(?P<after>[0-3]?[0-9]),)?\s+(?:de\s+)?(?P<year>[0-9]{4})(?!\w)",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r"(?P<sign>(?<![^\s(])-)?(?:(?P<field>[A-Za-z]{2,12}):(?=\S))?"
    r'(?:["“„«](?P<phrase>[^"“”„«»]*)(?:["”“»]|$)|(?P<word>[^\s"“”„«»]+))'
)


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that is looked for.

    Attributes:
        text: The words; empty for a date.
        fields: In which they are looked for; empty: in all.
        phrase: Whether they must stand side by side.
        fuzzy: Whether a word may be spelled otherwise.
        beginning: Whether words that begin so will do.
        excluded: Whether it must not be there.
        date: The days that are meant; a year is both, a number and a date.
    """

    text: str
    fields: tuple[str, ...] = ()
    phrase: bool = False
    fuzzy: bool = False
    beginning: bool = False
    excluded: bool = False
    date: DateSpan | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for.

    Attributes:
        text: As it was typed, without control characters.
        clauses: All of which must fit.
        shelfmark: What of it is a reference of an archive; None where nothing is.
    """

    text: str
    clauses: tuple[Clause, ...]
    shelfmark: Shelfmark | None = None


def read_question(text: str) -> Question:
    """Read what was typed.

    >>> [each.text for each in read_question('Guevara "formal cause" -rice').clauses]
    ['Guevara', 'formal cause', 'rice']
    >>> read_question("27 October 1964").clauses[0].date.edtf
    '1964-10-27'

    Raises:
        SearchError: It is longer than anybody means it.
    """
    if len(text) > MOST_CHARACTERS:
        raise SearchError(
            f"A search takes up to {MOST_CHARACTERS} characters; this has {len(text):,}. Leave some out."
        )
    plain = " ".join(_CONTROL.sub(" ", text).split())
    clauses = tuple(_clauses(_IN_WORDS.sub(_iso, plain)))
    if len(clauses) > MOST_CLAUSES:
        raise SearchError(
            f"A search takes up to {MOST_CLAUSES} words; this has {len(clauses)}. Leave some out."
        )
    mark = read_shelfmark(plain)
    return Question(plain, clauses, mark if mark.parts else None)


def read_date(text: str) -> DateSpan | None:
    """Return a day, month, year or range as it is typed, None for anything else.

    >>> read_date("1964-10..1964-11").latest, read_date("16.10.1964").edtf
    (datetime.date(1964, 11, 30), '1964-10-16')
    """
    text = text.strip()
    if (numbers := _NUMBERS.fullmatch(text)) is not None:
        day, month, year = numbers.groups()
        return _span(f"{year}-{int(month):02d}-{int(day):02d}")
    between = _RANGE.fullmatch(text)
    if between and any(between.groups()):
        return _span(f"{between[1] or '..'}/{between[2] or '..'}")
    return _span(text) if _DATE.fullmatch(text) else None


def _span(edtf: str) -> DateSpan | None:
    try:
        return parse_edtf(edtf)
    except ValueError:
        return None


def _iso(found: re.Match[str]) -> str:
    day = found["day"] or found["after"]
    month = f"{found['year']}-{_MONTHS[found['month'].lower()]:02d}"
    written = f"{month}-{int(day):02d}" if day else month
    return written if _span(written) else found.group()


def _clauses(text: str) -> Iterator[Clause]:
    for found in _TOKEN.finditer(text):
        excluded, name = bool(found["sign"]), (found["field"] or "").lower()
        words = found["phrase"] if found["phrase"] is not None else found["word"]
        fields = PREFIXES.get(name, ())
        if name and name != "date" and not fields:
            words = f"{found['field']} {words}"
        date = read_date(words.strip(",;()")) if found["phrase"] is None and not fields else None
        if date:
            yield Clause(words.strip(",;()") if not name else "", excluded=excluded, date=date)
        elif found["phrase"] is not None:
            if words.strip():
                yield Clause(words, fields, phrase=True, excluded=excluded)
        else:
            yield _word(words, fields, excluded)


def _word(words: str, fields: tuple[str, ...], excluded: bool) -> Clause:
    bare = words.rstrip(",;.!?)")
    fuzzy, beginning = bare.endswith("~"), bare.endswith("*")
    return Clause(bare.rstrip("~*"), fields, fuzzy=fuzzy, beginning=beginning, excluded=excluded)
