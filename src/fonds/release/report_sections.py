"""The numbers of a report in the order in which people read them: on the page and in a terminal alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fonds.release.build_report import BuildReport, Words


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a report.

    Attributes:
        title: What it is about.
        numbers: Numbers by name, each group with its title; groups without any are left out.
        words: Words with their places, the same.
    """

    title: str
    numbers: Mapping[str, Mapping[str, int]]
    words: Mapping[str, Sequence[Words]]


def sections_of(report: BuildReport) -> Iterator[Section]:
    """Yield the sections that have something in them."""
    for section in (_names(report), _dates(report), _records(report), _authorities(report), _rest(report)):
        numbers = {title: _some(each) for title, each in section.numbers.items() if _some(each)}
        words = {title: each for title, each in section.words.items() if each}
        if numbers or words:
            yield Section(section.title, numbers, words)


def _some(numbers: Mapping[str, int]) -> dict[str, int]:
    return {name: number for name, number in numbers.items() if number}


def _names(report: BuildReport) -> Section:
    names = report.names
    return Section(
        "Whom and what records name",
        {
            "mentions of what is known here": names.resolved,
            "mentions without a pointer": names.open,
            "mentions that point to nothing known here": names.lost,
            "mentions in doubt": {"identified, but not certain": names.doubtful},
            "references to documents": names.links,
            "mentions around documents": {"kept in their words, not marked": names.outside},
        },
        {
            "named and not known here": names.unresolved,
            "pointers to nothing that is known here": names.pointers,
        },
    )


def _dates(report: BuildReport) -> Section:
    dates = report.dates
    doubtful = {"uncertain, approximate or inferred": dates.doubtful}
    return Section(
        "Dates",
        {"records by what dates them": dates.records, "dates in doubt": doubtful},
        {"dates in words": dates.in_words, "dates that cannot be read": dates.not_read},
    )


def _records(report: BuildReport) -> Section:
    records = report.records
    numbers = {
        "all": records.number,
        "with words": records.with_words,
        "with a sender": records.with_sender,
        "with a recipient": records.with_recipient,
    }
    texts = {"paragraphs": records.paragraphs, "pages": records.pages, "statements": records.statements}
    without = [records.without_language] if records.without_language.number else []
    return Section(
        "Records",
        {
            "records": numbers,
            "how much of their words is published": records.fulltext,
            "languages": records.languages,
            "texts": texts,
            "notes": records.notes,
            "gaps": records.gaps,
        },
        {"words without a language": without},
    )


def _authorities(report: BuildReport) -> Section:
    listed = report.authorities
    return Section(
        "What is listed",
        {
            "authorities": listed.kinds,
            "listed in": listed.listed_in,
            "identifiers elsewhere that sources state": listed.elsewhere,
            "identifiers elsewhere that were looked up": listed.matches,
            "times in lists": listed.lives,
            "who is not one": {"unidentified": listed.unidentified, "found to be another": listed.merged},
        },
        {"identifiers whose kind was inferred": listed.doubtful_identifiers},
    )


def _rest(report: BuildReport) -> Section:
    return Section("Not understood", {"kept as words, or left out": report.not_understood}, {})
