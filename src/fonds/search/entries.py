"""By what a record or an authority is found: its title, names, references and days, without format and without engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from fonds.dates import DateSpan
from fonds.days import Day, ymd
from fonds.identifiers import Kind
from fonds.model import Authority, Certainty, Naming, Phrase, Record, Reference
from fonds.quotation import summarised

_MOST_YEARS = 10**9
_LONGEST_YEARS = 100


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
    has_gaps: bool = False
    """Whether words of it are lost or withheld."""
    has_statements: bool = False
    """Whether anybody is reported in it to have said something, as its edition marks it."""
    certainty: Certainty = Certainty.HIGH
    """Of what its edition is least sure of."""


def number_of(day: Day) -> int:
    """Return a day as a number; later days have greater ones."""
    year, month, number = ymd(day)
    return (max(-_MOST_YEARS, min(_MOST_YEARS, year)) * 12 + month - 1) * 31 + number - 1


def years_of(periods: Iterable[Period | None]) -> tuple[int, ...]:
    """Return the years to which some of these days belong; none for a date that is open, or leaves more than 100 years.

    >>> from datetime import date
    >>> years_of([Period(number_of(date(1953, 12, 30)), number_of(date(1955, 1, 1)), "")])
    (1953, 1954, 1955)
    """
    found: set[int] = set()
    for each in periods:
        if each and each.earliest is not None and each.latest is not None:
            first, last = each.earliest // _YEAR, each.latest // _YEAR
            if last - first < _LONGEST_YEARS:
                found.update(range(first, last + 1))
    return tuple(sorted(found))


_YEAR = 12 * 31


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
        has_gaps=bool(record.text.gaps),
        has_statements=bool(record.text.statements),
        certainty=max(_certainties(record), key=_DOUBTS.index, default=Certainty.HIGH),
    )


_DOUBTS = (Certainty.HIGH, Certainty.MEDIUM, Certainty.LOW)


def _certainties(record: Record) -> Iterator[Certainty]:
    """Yield how sure its edition is of its dates, places, numbers, names, losses, and of what happened to it."""
    dates = (
        record.created,
        *(each.when for each in record.documents),
        *(each.when for each in record.correspondence),
    )
    yield from (each.certainty for each in dates if each)
    yield from (each.where_certainty for each in record.documents)
    parts = (record.identifiers, record.text.mentions, record.text.gaps, record.custody, record.tenures)
    for some in parts:
        yield from (each.certainty for each in some)


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
