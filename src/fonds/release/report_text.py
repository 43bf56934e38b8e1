"""The report of a build as lines for a terminal: everything that is told, and the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fonds.release.build_report import BuildReport, Level, Told, Words, place_of
from fonds.release.report_sections import Section, sections_of

MOST_WORDS = 20
"""Of what is listed by its words, so much is shown; the report in JSON has all."""
_SAID = {Level.FAULT: "", Level.WARNING: "warning: ", Level.DECISION: "decide: "}


def as_text(report: BuildReport) -> str:
    """Return all that the report tells, each with what may stand there and where that is explained, and what was counted."""
    lines = [line for each in report.told for line in _lines_of_told(each)]
    counted = [line for section in sections_of(report) for line in _lines_of(section)]
    return "\n".join([*lines, *counted, "", *summary_of(report)])


def _lines_of_told(told: Told) -> Iterator[str]:
    yield f"{_SAID[told.level]}{place_of(told)}: {told.message}"
    where = f"column {told.cell}" if told.cell and not told.sheet else ""
    found = f"found: {told.found}" if told.found else ""
    allowed = f"allowed: {told.allowed}" if told.allowed else ""
    example = f"example: {told.example}" if told.example else ""
    if said := " | ".join(filter(None, (where, found, allowed, example))):
        yield f"    {said}"
    if told.docs:
        yield f"    see docs/{told.docs}"


def summary_of(report: BuildReport) -> list[str]:
    """Return in a few lines what there is, and what somebody should look at."""
    names = report.names
    known, listed = sum(names.resolved.values()), sum(report.authorities.kinds.values())
    unknown = sum(names.open.values()) + sum(names.lost.values())
    undated = sum(report.dates.records.get(each, 0) for each in ("words", "none"))
    not_understood = sum(report.not_understood.values())
    return [
        f"{_many(report.records.number, 'record')}, {undated:,} of them without a date; "
        f"{_many(listed, 'authority', 'authorities')}; "
        f"{_many(known, 'mention')} of what is known here, {unknown:,} of what is not.",
        f"{_many(report.faults, 'fault')}, {_many(report.warnings, 'warning')}, {report.decisions:,} to decide, "
        f"{not_understood:,} not understood.",
    ]


def _many(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def _lines_of(section: Section) -> Iterator[str]:
    yield ""
    yield section.title
    for title, numbers in section.numbers.items():
        yield f"  {title}: {', '.join(f'{name} {number:,}' for name, number in numbers.items())}"
    for title, words in section.words.items():
        yield from _listed(title, words)


def _listed(title: str, words: Sequence[Words]) -> Iterator[str]:
    yield f"  {title}:"
    for each in words[:MOST_WORDS]:
        said = f" {each.words}" if each.words else ""
        marked = f" ({each.marked})" if each.marked else ""
        yield f"    {each.number:,} ×{said}{marked}: {', '.join(each.places)}"
        for near in each.nearest:
            yield f"        {near.thing}? {near.name} ({near.score:.2f}: {near.why})"
    if len(words) > MOST_WORDS:
        yield f"    … and {len(words) - MOST_WORDS:,} more"
