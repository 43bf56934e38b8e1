"""The report of a build as a value: what sources hold, what of it was not understood, and what a person should look at."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

import msgspec

from fonds.errors import Fault
from fonds.identifiers import Kind
from fonds.model import Origin
from fonds.release.advice import Advice, advice_on
from fonds.release.counting import Counts, Listed
from fonds.shapes import Finding

VERSION = 1
"""Of the form of a report: greater where a key is gone or means something else."""


class Outcome(StrEnum):
    """What came of a build."""

    BUILT = "built"
    FAILED = "failed"
    CHECKED = "checked"


class Level(StrEnum):
    """How bad it is what a report tells, the worst first."""

    FAULT = "fault"
    WARNING = "warning"
    DECISION = "decision"


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that a person should look at. Keys without a value are left out."""

    level: Level
    """`fault`: it stops a build. `warning`: the rest is published. `decision`: somebody has to say what is so."""
    kind: str
    """The name of the shape that found it; else the message without what is particular in it."""
    path: str
    """The file, within the publication; the IRI of the thing where no source is known."""
    line: int = 0
    """From 1; of a workbook the row; 0 where the file as a whole is meant."""
    column: int = 0
    """From 1; 0 where it is not known."""
    sheet: str = ""
    """The sheet of a workbook."""
    message: str
    """What was found, and what to do."""
    about: str = ""
    """The IRI of the thing of which a shape found it."""
    cell: str = ""
    """Of a table, the column as a spreadsheet shows it: its letters and its name."""
    found: str = ""
    """The value that was found."""
    allowed: str = ""
    """What may stand there; of faults and warnings."""
    example: str = ""
    """What could stand there."""
    docs: str = ""
    """Where it is explained: a page of these documents and a heading on it."""


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """How much there is of one kind of what is told."""

    level: Level
    """As of what is told."""
    kind: str
    """As of what is told."""
    number: int
    """How often it was found."""


class Near(msgspec.Struct, frozen=True):
    """A known name that is near to one that is not known; whether the two are one is for a person to say."""

    thing: str
    """Whose name it is: kind and key."""
    name: str
    """What it is called."""
    score: float
    """How likely the two are one, from 0 to 1, as far as names go."""
    why: str
    """What speaks for it most."""


class Words(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Words that occur somewhere, with their number and the first places."""

    words: str
    """As they stand in the source, with single blanks."""
    number: int
    """How often."""
    marked: str = ""
    """What they are marked as: the name of an element, or in a description the kind of thing."""
    places: tuple[str, ...] = ()
    """At most three, by file and line."""
    nearest: tuple[Near, ...] = ()
    """Of a name that nobody known here has, at most three known names, the likeliest first; only in the report of `fonds check`."""


class Records(msgspec.Struct, frozen=True, kw_only=True):
    """What records hold."""

    number: int
    """How many there are."""
    with_words: int
    """Those with words of their own."""
    with_sender: int
    """Those of which it is said who sent them."""
    with_recipient: int
    """Those of which it is said to whom they were sent."""
    paragraphs: int
    """Numbered blocks of their texts."""
    pages: int
    """Places where a page begins."""
    statements: int
    """That somebody is reported to have said something."""
    notes: dict[str, int]
    """Notes, stamps and signatures by type."""
    gaps: dict[str, int]
    """Words that are not there, by cause."""
    fulltext: dict[str, int]
    """Records by how much of their words is published."""
    languages: dict[str, int]
    """Records by the language of their words, or those that their source names."""
    without_language: Words
    """Records with words of which nothing says the language; `words` is empty."""


class Dates(msgspec.Struct, frozen=True, kw_only=True):
    """What dates records."""

    records: dict[str, int]
    """Records by `day`, `month`, `year`, `interval`, `other` (a season, one of several days), `words` only, or `none`."""
    doubtful: int
    """Those that are uncertain, approximate or inferred."""
    in_words: tuple[Words, ...]
    """Dates of records in words that are no date."""
    not_read: tuple[Words, ...]
    """Dates of anything whose value is no date, by their words."""


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """Whom and what records name."""

    resolved: dict[str, int]
    """Mentions of what is known here, by its kind."""
    doubtful: int
    """Those among them whose identification is not certain."""
    open: dict[str, int]
    """Mentions that point to nothing, by the element that marks them."""
    lost: dict[str, int]
    """Mentions whose pointer leads to nothing known here, by the element that marks them."""
    links: dict[str, int]
    """References to other documents: `resolved`, or `open` where nothing that is published here is meant, or the same document."""
    outside: int
    """Mentions in words around documents, such as a preface: they are kept there and not marked."""
    unresolved: tuple[Words, ...]
    """Who or what is named and not known here, the most frequent first: what could be written into the tables."""
    pointers: tuple[Words, ...]
    """Pointers that lead to nothing here, the most frequent first."""


class Authorities(msgspec.Struct, frozen=True, kw_only=True):
    """What tables and editions list."""

    kinds: dict[str, int]
    """How much of each kind."""
    listed_in: dict[str, int]
    """The same by where: `tables` or `editions`."""
    elsewhere: dict[str, int]
    """Identifiers elsewhere that sources state, by whose they are."""
    matches: dict[str, int]
    """Identifiers elsewhere in `matches.csv`: `accepted` or `candidate`."""
    lives: dict[str, int]
    """Births, deaths and times of events."""
    unidentified: int
    """Whom the source leaves unidentified."""
    merged: int
    """Entries that were found to be another one."""
    doubtful_identifiers: tuple[Words, ...]
    """Identifiers whose kind was inferred."""


class BuildReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a build found. It has no day and no name of a release: the same sources give the same report."""

    version: int = VERSION
    """Of this form; greater where a key is gone or means something else."""
    outcome: Outcome
    """`built`; `failed`, and the release stays as it was; `checked`: nothing was to be built."""
    title: str
    """Of the publication."""
    base: str
    """Under which its identifiers stand; empty where it is not known."""
    faults: int
    """How many there are; each stops a build."""
    warnings: int
    """How many there are: what is published all the same, without what cannot be understood."""
    decisions: int
    """How much somebody has to decide: identifiers elsewhere that nobody has accepted, pairs that may be one."""
    records: Records
    """What records hold."""
    dates: Dates
    """What dates them."""
    names: Names
    """Whom and what they name."""
    authorities: Authorities
    """What tables and editions list."""
    not_understood: dict[str, int]
    """What editions hold and nobody here understands: elements, values of attributes, parts of a header; their words are kept."""
    totals: tuple[Total, ...]
    """How much is told of each kind, the worst and then the most frequent first."""
    told: tuple[Told, ...]
    """Everything, the worst first, then by file and line."""


def report_from(
    outcome: Outcome,
    counts: Counts,
    *,
    title: str,
    base: str,
    faults: Iterable[Fault] = (),
    warnings: Iterable[Fault] = (),
    decisions: Iterable[Fault] = (),
    findings: Iterable[Finding] = (),
    before: Iterable[Told] = (),
) -> BuildReport:
    """Return the report of what was counted and found, each finding once.

    Args:
        outcome: What came of the build.
        counts: What was counted.
        title: Of the publication.
        base: Under which its identifiers stand.
        faults: What stops the build; findings of the shapes may be among them.
        warnings: What is wrong in sources and stops nothing.
        decisions: What somebody has to decide.
        findings: What the shapes found.
        before: What was told before and holds still.
    """
    stopping = set(faults)
    found = set(findings)
    stopping_unfound = stopping - {each.fault for each in found}
    told = {
        *(_told(Level.FAULT, each) for each in stopping_unfound),
        *(_told(Level.WARNING, each) for each in warnings),
        *(_told(Level.DECISION, each) for each in decisions),
        *(_found(Level.FAULT if each.fault in stopping else Level.WARNING, each) for each in found),
        *before,
    }
    levels = Counter(each.level for each in told)
    return BuildReport(
        outcome=outcome,
        title=title,
        base=base,
        faults=levels[Level.FAULT],
        warnings=levels[Level.WARNING],
        decisions=levels[Level.DECISION],
        records=_records(counts),
        dates=_dates(counts),
        names=_names(counts),
        authorities=_authorities(counts),
        not_understood=_ranked(counts.met),
        totals=_totals(told),
        told=tuple(sorted(told, key=_place)),
    )


def _told(level: Level, fault: Fault) -> Told:
    advice = advice_on(fault.message, fault.path) if level is not Level.DECISION else Advice("", "", "", "")
    return Told(
        level=level,
        kind=_sound(kind_of(fault.message)),
        path=_sound(fault.path),
        line=fault.line,
        column=fault.column,
        sheet=fault.sheet,
        message=_sound(fault.message),
        cell=_sound(fault.cell),
        found=_sound(advice.found),
        allowed=advice.allowed,
        example=advice.example,
        docs=advice.docs,
    )


def _found(level: Level, finding: Finding) -> Told:
    return msgspec.structs.replace(_told(level, finding.fault), kind=finding.shape, about=finding.focus)


def _sound(words: str) -> str:
    """Return words that can be written as UTF-8: the name of a file need not be such."""
    return words.encode("utf-8", "replace").decode()


_PARTICULAR = re.compile(
    rf"""(?<!\w)'[^']*'(?!\w) | "[^"]*" | “[^”]*” | (?<=\#)\S+ | \b(?:{"|".join(Kind)}|type|role)/[\w/-]+ | \S+:\d+ | \d+""",
    re.VERBOSE,
)
_LONGEST_KIND = 500
"""A message may quote a value of any length; characters after this one tell no more of its kind."""
_HINT = re.compile(r"[,;] (?:or )?did you mean .*")


def kind_of(message: str) -> str:
    """Return a message without what is particular in it: its kind.

    >>> kind_of('ref="#p99" no element of this file has this xml:id; did you mean #p9?')
    'ref=… no element of this file has this xml:id'
    >>> kind_of("its key 'd1' is that of data/a.xml:7 as well")
    'its key … is that of … as well'
    """
    return _PARTICULAR.sub("…", _HINT.sub("", message[:_LONGEST_KIND]))


def _place(told: Told) -> tuple[int, str, str, int, int, str]:
    level = list(Level).index(told.level)
    return (level, told.path, told.sheet, told.line, told.column, told.message)


def _totals(told: Iterable[Told]) -> tuple[Total, ...]:
    numbers = Counter((each.level, each.kind) for each in told)
    levels = list(Level)
    ordered = sorted(numbers.items(), key=lambda each: (levels.index(each[0][0]), -each[1], each[0][1]))
    return tuple(Total(level=level, kind=kind, number=number) for (level, kind), number in ordered)


def _records(counts: Counts) -> Records:
    return Records(
        number=counts.records,
        with_words=counts.with_words,
        with_sender=counts.with_sender,
        with_recipient=counts.with_recipient,
        paragraphs=counts.paragraphs,
        pages=counts.pages,
        statements=counts.statements,
        notes=_ranked(counts.notes),
        gaps=_ranked(counts.gaps),
        fulltext=_ranked(counts.fulltext),
        languages=_ranked(counts.languages),
        without_language=_words("", counts.without_language),
    )


def _dates(counts: Counts) -> Dates:
    return Dates(
        records=_ranked(counts.dates),
        doubtful=counts.doubtful_dates,
        in_words=_listed({"": counts.dates_in_words}),
        not_read=_listed({"": counts.dates_not_read}),
    )


def _names(counts: Counts) -> Names:
    return Names(
        resolved=_ranked(counts.resolved),
        doubtful=counts.doubtful,
        open=_ranked(counts.open),
        lost=_ranked(counts.lost),
        links=_ranked(counts.links),
        outside=counts.outside,
        unresolved=_listed(counts.unresolved),
        pointers=_listed({"": counts.pointers}),
    )


def _authorities(counts: Counts) -> Authorities:
    return Authorities(
        kinds=_ranked(counts.authorities),
        listed_in=_ranked(counts.listed_in),
        elsewhere=_ranked(counts.elsewhere),
        matches=_ranked(counts.matches),
        lives=_ranked(counts.lives),
        unidentified=counts.unidentified,
        merged=counts.merged,
        doubtful_identifiers=_listed({"": counts.doubtful_identifiers}),
    )


def _ranked(numbers: Mapping[str, int]) -> dict[str, int]:
    """Return numbers by name, the greatest first; what there is none of is left out."""
    ordered = sorted(numbers.items(), key=lambda each: (-each[1], each[0]))
    return {name: number for name, number in ordered if number}


def _listed(tables: Mapping[str, Mapping[str, Listed]]) -> tuple[Words, ...]:
    """Return words by what they are marked as, the most frequent first."""
    found = [
        _words(words, listed, marked) for marked, table in tables.items() for words, listed in table.items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.number, each.marked, each.words)))


def _words(words: str, listed: Listed, marked: str = "") -> Words:
    return Words(
        words=_sound(words), number=listed.number, marked=marked, places=tuple(_shown(listed.places))
    )


def _shown(places: Sequence[Origin]) -> Iterator[str]:
    return (_sound(str(place)) for place in places)


def stopping(report: BuildReport) -> list[Fault]:
    """Return the faults of a report as such."""
    return [
        Fault(each.path, each.line, each.column, each.message, each.sheet, each.cell)
        for each in report.told
        if each.level is Level.FAULT
    ]


def place_of(told: Told) -> str:
    """Return where something stands, as a person would type it."""
    return str(Fault(told.path, told.line, told.column, "", told.sheet)).removesuffix(": ")
