"""What sources hold, counted: of each record and each authority alone, so that any process can do it, and put together after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from fonds.model import (
    Authority,
    Certainty,
    Dated,
    Gap,
    Mention,
    Origin,
    Record,
)

MOST_PLACES = 3
"""Of what is counted by its words, so many places are kept: the first by file and line."""
_LINKS = frozenset({"ref", "ptr"})
_NOT_KNOWN = frozenset({"", "und"})
_SENT, _TO = frozenset({"sent"}), frozenset({"addressed", "received"})
_NOT_STATED = "not stated"


class Listed(NamedTuple):
    """How often something occurs, and where first.

    Attributes:
        number: How often.
        places: The first of its places, :data:`MOST_PLACES` at most, in the order of files and lines.
    """

    number: int = 0
    places: tuple[Origin, ...] = ()


@dataclass(slots=True, kw_only=True)
class Counts:
    """What sources hold. Counts of several records are put together by :meth:`add`, in any order.

    Attributes:
        records: How many there are.
        with_words: Those with words of their own.
        with_sender: Those of which it is said who sent them.
        with_recipient: Those of which it is said to whom they were sent.
        paragraphs: Numbered blocks of their texts.
        pages: Places where a page begins.
        statements: That somebody is reported to have said something.
        fulltext: Records by how much of their words leaves the house.
        languages: Records with words by the language of these; of others by the languages that their source names.
        without_language: Records with words of which nothing says the language.
        dates: Records by what dates them: ``day``, ``month``, ``year``, ``interval``, ``other`` (a season, one of several days),
            ``words`` (a date in words only), ``none``.
        doubtful_dates: Dates of records that are uncertain, approximate or inferred.
        dates_in_words: Dates of records in words that are no date.
        dates_not_read: Dates of anything whose value is none, by their words.
        notes: Notes, stamps and signatures by type.
        gaps: Words that are not there, by cause.
        resolved: Mentions that name a thing that is known here, by its kind.
        doubtful: Mentions whose identification is not certain.
        open: Mentions that point to nothing, by the element that marks them.
        lost: Mentions that point to nothing that is known here, by the element that marks them.
        links: References to other documents: ``resolved``, or ``open`` where nothing published here is meant.
        outside: Mentions in words around documents, which are kept with their work and not marked.
        unresolved: Who or what is named and not known here, by what it is marked as, and by the words.
        pointers: Pointers of mentions that lead to nothing here, by how they are written.
        doubtful_identifiers: Identifiers whose kind was inferred, by their value.
        authorities: What is listed, by kind.
        listed_in: The same by where: ``tables`` or ``editions``.
        elsewhere: Identifiers elsewhere that sources state, by whose they are.
        matches: Identifiers elsewhere in ``matches.csv``: ``accepted`` or ``candidate``.
        lives: Births, deaths and times of events that lists give.
        unidentified: Whom the source leaves unidentified.
        merged: Entries that were found to be another one.
        met: What editions hold and nobody here understands, by name.
    """

    records: int = 0
    with_words: int = 0
    with_sender: int = 0
    with_recipient: int = 0
    paragraphs: int = 0
    pages: int = 0
    statements: int = 0
    fulltext: dict[str, int] = field(default_factory=dict)
    languages: dict[str, int] = field(default_factory=dict)
    without_language: Listed = field(default_factory=Listed)
    dates: dict[str, int] = field(default_factory=dict)
    doubtful_dates: int = 0
    dates_in_words: dict[str, Listed] = field(default_factory=dict)
    dates_not_read: dict[str, Listed] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)
    gaps: dict[str, int] = field(default_factory=dict)
    resolved: dict[str, int] = field(default_factory=dict)
    doubtful: int = 0
    open: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    links: dict[str, int] = field(default_factory=dict)
    outside: int = 0
    unresolved: dict[str, dict[str, Listed]] = field(default_factory=dict)
    pointers: dict[str, Listed] = field(default_factory=dict)
    doubtful_identifiers: dict[str, Listed] = field(default_factory=dict)
    authorities: dict[str, int] = field(default_factory=dict)
    listed_in: dict[str, int] = field(default_factory=dict)
    elsewhere: dict[str, int] = field(default_factory=dict)
    matches: dict[str, int] = field(default_factory=dict)
    lives: dict[str, int] = field(default_factory=dict)
    unidentified: int = 0
    merged: int = 0
    met: dict[str, int] = field(default_factory=dict)

    def add(self, other: Counts) -> None:
        """Add what was counted elsewhere."""
        for name in self.__slots__:
            if value := getattr(other, name):
                setattr(self, name, _together(getattr(self, name), value))


def _together(one: Any, other: Any) -> Any:
    """Return two numbers, two lists of places or two tables of such together; of tables the first is changed."""
    if isinstance(one, dict):
        for key, value in other.items():
            # What is taken over from another table is copied: adding to it later must not change that one.
            one[key] = _together(one[key] if key in one else type(value)(), value)
        return one
    if isinstance(one, Listed):
        places = sorted({*one.places, *other.places})
        return Listed(one.number + other.number, tuple(places[:MOST_PLACES]))
    return one + other


WITHHELD = "(words that are not published)"
"""Stands for the words of a name in a text that leaves the house in part or not at all."""


def counts_of(record: Record) -> Counts:
    """Return what a record holds."""
    text = record.text
    words = any(block.text for block in text.blocks)
    counts = Counts(
        records=1,
        with_words=int(words),
        with_sender=int(_has(record, _SENT, "sender")),
        with_recipient=int(_has(record, _TO, "recipient")),
        paragraphs=len(text.paragraphs),
        pages=len(text.pages),
        statements=len(text.statements),
        fulltext={record.fulltext: 1},
    )
    for note in text.notes:
        _count(counts.notes, note.type)
    for gap in text.gaps:
        _count(counts.gaps, _cause(gap))
    _count_languages(counts, record, words=words)
    _count_dates(counts, record)
    for mention in text.mentions:
        _count_mention(counts, mention, record.fulltext)
    # A name in a heading or a dateline is a mention already.
    told = {mention.form for mention in text.mentions}
    for kind, form, origin in _named(record):
        if form not in told:
            _list_unresolved(counts, kind, form, origin)
    for identifier in record.identifiers:
        if identifier.certainty is not Certainty.HIGH:
            _list(counts.doubtful_identifiers, identifier.value, record.origin)
    return counts


def counts_of_authority(authority: Authority) -> Counts:
    """Return what an entry of a list holds."""
    counts = Counts(
        authorities={authority.reference.kind: 1},
        listed_in={"editions" if authority.edition else "tables": 1},
        unidentified=int(not authority.identified),
        merged=len(authority.merged),
        outside=authority.mentions,
    )
    for each in (authority, *authority.merged):
        for stated in each.elsewhere:
            _count(counts.elsewhere, stated.scheme)
        for match in each.matches:
            _count(counts.matches, "accepted" if match.accepted_by else "candidate")
        for life in each.life:
            _count(counts.lives, life.event)
            if life.place and life.place.target is None:
                _list_unresolved(counts, "place", life.place.form, each.origin)
    for named in authority.named:
        if named.kind != "event":
            _list_unresolved(counts, named.kind, named.label.text, authority.origin)
    return counts


def _count(table: dict[str, int], name: str) -> None:
    table[name] = table.get(name, 0) + 1


def _list(table: dict[str, Listed], words: str, origin: Origin) -> None:
    """Count words, whatever the blanks between them, with the place where they stand."""
    key = " ".join(words.split())
    table[key] = _together(table.get(key, Listed()), Listed(1, (origin,)))


def _list_unresolved(counts: Counts, marked: str, words: str, origin: Origin) -> None:
    _list(counts.unresolved.setdefault(marked, {}), words, origin)


def _cause(gap: Gap) -> str:
    return gap.cause or _NOT_STATED


def _has(record: Record, actions: frozenset[str], role: str) -> bool:
    steps = any(step.actors for step in record.correspondence if step.action in actions)
    return steps or any(
        role in part.roles for documented in record.documents for part in documented.participants
    )


def _named(record: Record) -> Iterator[tuple[str, str, Origin]]:
    """Yield whom and what a description names in words only: its kind, the words, the place."""
    named = [(each, record.origin) for each in record.authors]
    for step in record.correspondence:
        named += [(each, step.origin) for each in (*step.actors, *step.places)]
    if record.written_at:
        named.append((record.written_at, record.origin))
    yield from ((each.kind or "actor", each.form, origin) for each, origin in named if each.target is None)
    yield from ((each.kind, each.label.text, record.origin) for each in record.named if each.kind != "event")


def _count_languages(counts: Counts, record: Record, *, words: bool) -> None:
    if words and record.text.language in _NOT_KNOWN:
        counts.without_language = Listed(1, (record.origin,))
        return
    found = {record.text.language} if words else {each.language for each in record.versions}
    for language in found - _NOT_KNOWN:
        _count(counts.languages, language)


def _count_dates(counts: Counts, record: Record) -> None:
    created, words = record.created, record.dated_in_words
    words = words or next((each.words.text for each in record.elements if each.key == "date"), "")
    _count(counts.dates, _precision(created) if created else "words" if words else "none")
    if created is None and words:
        _list(counts.dates_in_words, words, record.origin)
    if created and (
        created.date.uncertain or created.date.approximate or created.certainty is not Certainty.HIGH
    ):
        counts.doubtful_dates += 1
    for dated, origin in _dates(record):
        if not dated.date.edtf:
            _list(counts.dates_not_read, dated.form, origin)


def _dates(record: Record) -> Iterator[tuple[Dated, Origin]]:
    found: Iterable[tuple[Dated | None, Origin]] = (
        (record.created, record.origin),
        *((each.when, each.origin) for each in record.documents),
        *((each.when, each.origin) for each in record.correspondence),
        *((each.when, each.origin) for each in record.text.notes),
        *((each.attested, each.origin) for each in record.tenures),
    )
    yield from ((dated, origin) for dated, origin in found if dated)


def _precision(dated: Dated) -> str:
    """Return how exactly a date dates.

    >>> from fonds.dates import parse_edtf
    >>> [_precision(Dated(name="", form="", date=parse_edtf(each))) for each in ("1964-10-16", "1964~", "1961/1963", "1964-21")]
    ['day', 'year', 'interval', 'other']
    """
    edtf = dated.date.edtf
    if not edtf:
        return "words"
    plain = dated.date.plain
    if plain:
        return ("year", "month", "day")[plain.removeprefix("-").count("-")]
    return "interval" if "/" in edtf else "other"


def _count_mention(counts: Counts, mention: Mention, fulltext: str) -> None:
    marked = mention.marked or "name"
    if marked in _LINKS:
        _count(counts.links, "resolved" if mention.target else "open")
        return
    if mention.target:
        _count(counts.resolved, mention.target.kind)
        counts.doubtful += mention.certainty is not Certainty.HIGH
        return
    _count(counts.lost if mention.pointer else counts.open, marked)
    # The report is a part of the release: what it may not publish of a text stands in none of its files.
    _list_unresolved(counts, marked, mention.form if fulltext == "full" else WITHHELD, mention.origin)
    if mention.pointer:
        _list(counts.pointers, mention.pointer, mention.origin)
