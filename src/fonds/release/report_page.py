"""The report of a build as one page: without scripts, readable from the disk, bounded however much there is to tell."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import jinja2

from fonds.release.build_report import BuildReport, Level, Outcome, Told, Total, place_of
from fonds.release.report_sections import sections_of
from fonds.release.report_text import summary_of

MOST_KINDS, MOST_OF_A_KIND, MOST_WORDS = 50, 20, 300
"""How many kinds of findings are shown, how many findings of each, how many words of a list; numbers are always those of all."""

_HEADINGS = {
    Outcome.BUILT: "Report of the build",
    Outcome.FAILED: "The build failed",
    Outcome.CHECKED: "Report of the check",
}
_LEVELS = {
    Level.FAULT: ("Faults", "Each of them stops a build."),
    Level.WARNING: ("Warnings", "The rest is published, without what cannot be understood."),
    Level.DECISION: ("To decide", "Nothing of it is published until somebody says what is so."),
}
# HTML 13.2.3.5: control characters, but for white space, may not stand in a document.
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class _Kind:
    kind: str
    number: int
    told: list[Told]


@dataclass(frozen=True, slots=True)
class _Told:
    """All of one level: faults, warnings, decisions."""

    id: str
    title: str
    meaning: str
    number: int
    kinds: list[_Kind]
    left_out: int


def as_page(report: BuildReport, shapes: str = "") -> bytes:
    """Return the report as a page in UTF-8.

    Args:
        report: The report.
        shapes: Where ``report.ttl`` is, from the page; empty: nowhere.
    """
    levels = list(_levels(report))
    sections = [
        {"id": f"part-{number}", "title": each.title, "numbers": each.numbers, "words": each.words}
        for number, each in enumerate(sections_of(report), start=1)
    ]
    contents = [
        *((each.id, f"{each.title} ({each.number:,})") for each in levels),
        *((each["id"], each["title"]) for each in sections),
    ]
    page = _template().render(
        report=report,
        heading=_HEADINGS[report.outcome],
        summary=summary_of(report),
        shapes=shapes,
        contents=contents,
        levels=levels,
        sections=sections,
        most_words=MOST_WORDS,
    )
    return page.encode()


@functools.cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("fonds.release"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": "{:,}".format, "place": place_of, "seen": seen}
    return environment.get_template("report.html")


def seen(words: str) -> str:
    """Return words in which what no page may hold is replaced by a sign that says so.

    >>> seen("a" + chr(7) + "b")
    'a\ufffdb'
    """
    return _UNSEEN.sub("\ufffd", words)


def _levels(report: BuildReport) -> Iterator[_Told]:
    found: dict[tuple[Level, str], list[Told]] = defaultdict(list)
    for each in report.told:
        if len(found[each.level, each.kind]) < MOST_OF_A_KIND:
            found[each.level, each.kind].append(each)
    for level, (title, meaning) in _LEVELS.items():
        totals = [each for each in report.totals if each.level is level]
        if totals:
            kinds = [_kind(each, found) for each in totals[:MOST_KINDS]]
            number = sum(each.number for each in totals)
            yield _Told(level.value, title, meaning, number, kinds, max(0, len(totals) - MOST_KINDS))


def _kind(total: Total, found: dict[tuple[Level, str], list[Told]]) -> _Kind:
    return _Kind(total.kind, total.number, found[total.level, total.kind])
