"""The report of a build, kept while it goes on and written whatever comes of it."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from fonds.errors import BuildError, Fault
from fonds.model import Authority, Match, Reference
from fonds.reconciliation.decisions import Decision, Verdict
from fonds.release.build_report import BuildReport, Outcome, Told, report_from
from fonds.release.counting import Counts, counts_of, counts_of_authority
from fonds.release.folder import REPORT, Release
from fonds.release.made import MADE, Found, Made
from fonds.release.report_page import as_page
from fonds.shapes import Finding
from fonds.sources.publication import Publication
from fonds.vocabulary import lacuna_cause

PAGE, VALUE = "report.html", REPORT
"""The names of both forms, in a release and beside the releases."""


def not_yet() -> Counts | None:
    """Return that nothing is counted."""
    return None


@dataclass(slots=True)
class Account:
    """What is known of a build so far.

    Attributes:
        title: Of the publication.
        base: Under which its identifiers stand.
        counted: Gives what its sources hold, once all of them are mapped; None before.
        warnings: What is wrong in them and stops nothing.
        decisions: What somebody has to decide.
        findings: What the shapes found.
        shapes: What holds where a shape finds nothing, by its name.
        before: What was told of an earlier release that is still the current one.
        is_written: Whether the release that is made has its report.
    """

    title: str = ""
    base: str = ""
    counted: Callable[[], Counts | None] = not_yet
    warnings: list[Fault] = field(default_factory=list)
    decisions: list[Fault] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    shapes: Mapping[str, str] = field(default_factory=dict)
    before: list[Told] = field(default_factory=list)
    is_written: bool = False
    _publication: Publication | None = None

    def take(self, publication: Publication, base: str) -> None:
        """Note what was read, whatever its faults."""
        self.title, self.base = publication.settings.title, base
        self._publication = publication
        self.warnings.extend(publication.warnings)
        self.decisions.extend(_undecided(publication.authorities.values(), publication.decisions))

    @property
    def authorities(self) -> Mapping[Reference, Authority]:
        """Who and what is known; nobody as long as nothing was read."""
        return self._publication.authorities if self._publication else {}

    def _counts(self) -> Counts:
        """Return what the sources hold; where mapping did not come to its end, the records are fetched once more."""
        counts = Counts()
        if self._publication is None:
            return counts
        counts.add(self.counted() or _counts_of(self._publication))
        counts.add(Counts(met=dict(self._publication.met)))
        return counts

    def report(self, outcome: Outcome, faults: Iterable[Fault] = ()) -> BuildReport:
        """Return the report of what is known, as long as the records can be fetched."""
        return report_from(
            outcome,
            self._counts(),
            title=self.title,
            base=self.base,
            faults=faults,
            warnings=self.warnings,
            decisions=self.decisions,
            findings=self.findings,
            before=self.before,
        )

    def write(self, folder: Path) -> None:
        """Write the report into a release that is nearly done, and what of it everybody may read: its numbers."""
        report = self.report(Outcome.BUILT)
        write_report(folder, report, "report.ttl")
        made = msgspec.json.format(msgspec.json.encode(made_from(report, self.shapes)), indent=1)
        (folder / MADE).write_bytes(made + b"\n")
        self.is_written = True

    def carry(self, release: Release, shapes: Collection[str]) -> None:
        """Take over what some shapes found in a release that stays: a store that is not made again is not checked again.

        Args:
            release: The release.
            shapes: The names of the shapes that need the whole store.
        """
        with contextlib.suppress(FileNotFoundError, msgspec.MsgspecError):
            told = msgspec.json.decode((release.folder / VALUE).read_bytes(), type=BuildReport).told
            self.before.extend(each for each in told if each.kind in shapes)


@contextmanager
def failures_reported(account: Account, releases: Path) -> Iterator[None]:
    """Write the report of a build that fails beside the releases; the error says where it is."""
    try:
        yield
    except BuildError as error:
        # A disk that takes no report has a fault of its own, which is in the error already.
        with contextlib.suppress(OSError):
            error.report = error.report or write_beside(
                releases, account.report(Outcome.FAILED, error.faults)
            )
        raise


def write_beside(releases: Path, report: BuildReport, release: str = "") -> Path:
    """Write the report of the last build beside the releases; return where the page is.

    Args:
        releases: Their folder; made if it is not there.
        report: The report.
        release: The name of the release that was built; empty: none was.
    """
    releases.mkdir(parents=True, exist_ok=True)
    write_report(releases, report, f"{release}/report.ttl" if release else "")
    return releases / PAGE


def write_report(folder: Path, report: BuildReport, shapes: str) -> None:
    """Write both forms of a report; each file is there whole or not at all.

    Args:
        folder: Where.
        report: The report.
        shapes: Where ``report.ttl`` is, from the page; empty: nowhere.
    """
    for name, content in ((VALUE, as_json(report)), (PAGE, as_page(report, shapes))):
        # Of two builds at once one fails, and both have something to report.
        fresh = folder / f".{name}-{os.getpid()}"
        try:
            fresh.write_bytes(content)
            fresh.replace(folder / name)
        finally:
            fresh.unlink(missing_ok=True)


def made_from(report: BuildReport, shapes: Mapping[str, str]) -> Made:
    """Return the numbers of a report.

    Args:
        report: The report.
        shapes: What holds where a shape finds nothing, by its name.
    """
    found = Counter(each.kind for each in report.told if each.kind in shapes)
    gaps = Counter[str]()
    for word, number in report.records.gaps.items():
        gaps[lacuna_cause(word)] += number
    return Made(
        findings=tuple(
            Found(shape=shape, holds=shapes[shape], number=number)
            for shape, number in sorted(found.items(), key=lambda each: (-each[1], each[0]))
        ),
        warnings=report.warnings - found.total(),
        decisions=report.decisions,
        records=report.records.number,
        with_words=report.records.with_words,
        gaps=dict(sorted(gaps.items(), key=lambda each: (-each[1], each[0]))),
        fulltext=report.records.fulltext,
        languages=report.records.languages,
        without_language=report.records.without_language.number,
        without_date=report.dates.records.get("none", 0),
        date_in_words=report.dates.records.get("words", 0),
        resolved=sum(report.names.resolved.values()),
        doubtful=report.names.doubtful,
        unresolved=sum(report.names.open.values()) + sum(report.names.lost.values()),
        unidentified=report.authorities.unidentified,
    )


def as_json(report: BuildReport) -> bytes:
    """Return the report as JSON: ``docs/report.md`` explains its keys."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"


def _undecided(authorities: Iterable[Authority], decisions: Iterable[Decision]) -> Iterator[Fault]:
    for authority in authorities:
        yield from (_candidate(authority, match) for match in authority.matches if not match.accepted_by)
    yield from (_pair(each) for each in decisions if each.verdict is Verdict.UNDECIDED)


def _candidate(authority: Authority, match: Match) -> Fault:
    what = f"{authority.reference} may be {match.iri} ({match.ground})"
    message = f"{what}; not published until somebody accepts it"
    return Fault(authority.origin.path, authority.origin.line, 0, message, authority.origin.sheet)


def _pair(decision: Decision) -> Fault:
    ground = f" ({decision.ground})" if decision.ground else ""
    message = f"{decision.thing} and {decision.other} may be one{ground}; two things until somebody decides"
    return Fault(decision.origin.path, decision.origin.line, 0, message)


def _counts_of(publication: Publication) -> Counts:
    counts = Counts()
    for record in publication.records:
        counts.add(counts_of(record))
    for authority in publication.authorities.values():
        counts.add(counts_of_authority(authority))
    return counts
