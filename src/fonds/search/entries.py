"""By what a record or an authority is found: its title, names, references and days, without format and without engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from fonds.dates import DateSpan
from fonds.days import Day, ymd
from fonds.identifiers import Kind
from fonds.model import Authority, Naming, Phrase, Record, Reference
from fonds.quotation import summarised

_MOST_YEARS = 10**9


class Period(msgspec.Struct, frozen=True, array_like=True):
    """The days that bound a date, as numbers (:func:`number_of`), and the date as it is written."""

    earliest: int | None
    latest: int | None
    edtf: str


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """By what a record is found, beside its words."""

    key: str
    """Of the record."""
    title: Phrase
    """Its title."""
    creators: tuple[Reference, ...] = ()
    """Who wrote it."""
    mentioned: tuple[Reference, ...] = ()
    """Whom and what it names, each once."""
    unlisted: tuple[tuple[str, str], ...] = ()
    """Kind and name of those that nothing lists."""
    written: Period | None = None
    """When it was written."""
    happened: Period | None = None
    """When the events were that it documents: from the first day of the first to the last of the last."""
    marks: tuple[str, ...] = ()
    """References and numbers, that of the archive first."""
    holding: Reference | None = None
    """The lowest unit of the archive that contains it."""
    language: str = ""
    """Primary subtag of its words."""
    more: tuple[str, ...] = ()
    """Further words of its description that are published."""


def number_of(day: Day) -> int:
    """Return a day as a number; later days have greater ones."""
    year, month, number = ymd(day)
    return (max(-_MOST_YEARS, min(_MOST_YEARS, year)) * 12 + month - 1) * 31 + number - 1


def period_of(date: DateSpan) -> Period | None:
    """Return the days that bound a date, None where it is bounded on neither side."""
    if date.earliest is None and date.latest is None:
        return None
    earliest = number_of(date.earliest) if date.earliest is not None else None
    return Period(earliest, number_of(date.latest) if date.latest is not None else None, date.edtf)


def entry_of(record: Record) -> Entry:
    """Return by what a record is found; of its words only what its ``fulltext`` lets out."""
    abstract = summarised(record, record.abstract.text) if record.abstract else None
    remarks = (summarised(record, each.text) for each in record.remarks)
    elements = (each.words.text for each in record.elements)
    keywords = (each.text for each in record.keywords)
    numbers = (each.value for each in record.identifiers)
    return Entry(
        key=record.key,
        title=record.title,
        creators=record.creators,
        mentioned=tuple(dict.fromkeys(record.references())),
        unlisted=tuple(dict.fromkeys(_unlisted(record))),
        written=period_of(record.created.date) if record.created else None,
        happened=_hull([each.when.date for each in record.documents if each.when]),
        marks=tuple(dict.fromkeys(each for each in (record.shelfmark, *numbers) if each)),
        holding=record.holding,
        language=record.text.language.split("-")[0].lower(),
        more=tuple(each for each in (abstract, *remarks, *elements, *keywords) if each),
    )


def _unlisted(record: Record) -> Iterator[tuple[str, str]]:
    yield from ((each.kind, each.label.text) for each in record.named)
    places: Iterable[Naming | None] = (
        record.written_at,
        *(p for step in record.correspondence for p in step.places),
    )
    yield from ((Kind.PLACE, each.form) for each in places if each and not each.target and each.form)
    actors = (*record.authors, *(actor for step in record.correspondence for actor in step.actors))
    yield from ((each.kind or Kind.PERSON, each.form) for each in actors if not each.target and each.form)


def _hull(dates: Iterable[DateSpan]) -> Period | None:
    periods = [each for each in map(period_of, dates) if each]
    if len(periods) < 2:
        return periods[0] if periods else None
    earliest = [each.earliest for each in periods]
    latest = [each.latest for each in periods]
    first = None if None in earliest else min(each for each in earliest if each is not None)
    last = None if None in latest else max(each for each in latest if each is not None)
    return None if first is None and last is None else Period(first, last, "")


def names_of(authority: Authority) -> tuple[str, ...]:
    """Return every name of a thing, the preferred ones first, each once."""
    found = [each.text for each in (*authority.labels, *authority.other_names)]
    for other in authority.merged:
        found += names_of(other)
    return tuple(dict.fromkeys(found))
