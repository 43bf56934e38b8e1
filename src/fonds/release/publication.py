"""From a publication's folder to a release: read everything, map it, build."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from itertools import chain
from pathlib import Path

import msgspec

from fonds import parallel
from fonds.errors import BuildError, Fault, ReleaseError, SettingsError
from fonds.identifiers import IriSpace, Kind
from fonds.inference import read_rules
from fonds.mapping.authorities import describe_authority
from fonds.mapping.common import VOCABULARIES, Context, subtag
from fonds.mapping.description import Description, GraphBuilder, GraphKind
from fonds.mapping.provenance import add_project
from fonds.mapping.record import describe
from fonds.mapping.register import describe_register
from fonds.mapping.vocabularies import describe_ontology, describe_vocabulary
from fonds.model import Authority, Phrase, Reference
from fonds.progress import Progress, silent
from fonds.release.build import build_release, faults_of_the_disk
from fonds.release.build_report import BuildReport, Outcome
from fonds.release.checking import Checking, begin_checking
from fonds.release.data_graphs import DataGraphs, read_data_graphs
from fonds.release.folder import Release, graphs_of, open_release
from fonds.release.history import Reason
from fonds.release.inferring import heeded, inferred_lines
from fonds.release.packed import Mapped
from fonds.release.parts import WORKSHOP, Part, note_part, take_parts, tell_of_parts, work_at_hand, work_in
from fonds.release.presentation.reading import Presented, read_presentation
from fonds.release.purging import drop_holding, holding
from fonds.release.reporting import Account, failures_reported, write_beside
from fonds.release.sources_state import note_sources, sources_state
from fonds.release.unknown import with_nearest
from fonds.release.working import Working, environment_of
from fonds.settings import Settings, read_settings
from fonds.shapes import load_shapes
from fonds.sources.publication import Publication, append_to_register, read_publication
from fonds.sources.register import (
    PURGED,
    WITHDRAWN,
    Minted,
    ends_of,
    lost_since,
    read_register,
    write_into_register,
)
from fonds.vocabulary import program_ontology
from fonds.workshop import Workshop

DEFAULT_BASE = "http://127.0.0.1:8000/"


def unread(report: BuildReport) -> None:
    """Read nothing of it."""


def build_publication(
    folder: Path,
    *,
    into: Path | None = None,
    base: str | None = None,
    force: bool = False,
    fresh: bool = False,
    jobs: int | None = None,
    parts: Sequence[Path] = (),
    progress: Progress = silent,
    told: Callable[[BuildReport], None] = unread,
) -> Release:
    """Build a release of a publication; what was found is written into it, and beside the releases.

    What earlier builds worked out from the same sources is taken from the workshop, a file beside the releases; what this one
    works out is put there, also when it is stopped.

    Args:
        folder: The publication: a folder with a ``fonds.toml``.
        into: Where its releases stand; None: ``releases`` in the folder.
        base: Address under which the identifiers stand; None: as the settings say, else ``http://127.0.0.1:8000/``.
        force: Make a new release although nothing has changed.
        fresh: Work everything out again.
        jobs: How many processes work; None: as many as there are cores.
        parts: Files in which :func:`build_part` put what it worked out.
        progress: Called with a stage, how much is done, and how much there is to do.
        told: Given the report of a build that succeeds.

    Raises:
        BuildError: There are faults in the settings or the sources; it carries all of them, and the current release stays.
        ReleaseError: A release was made and is current, but one that holds what was purged cannot be removed.
    """
    releases = into or folder / "releases"
    jobs = jobs or parallel.cores()
    purged = {str(each.reference) for each in read_register(folder, []).values() if each.status == PURGED}
    # What was worked out before may hold what must not be kept.
    apart = bool(holding(releases, purged))

    def build(workshop: Workshop) -> tuple[Release, BuildReport]:
        account = Account()
        taken = take_parts(workshop, parts, progress)
        with failures_reported(account, releases):
            release, read_here = _build(
                folder,
                releases,
                account,
                workshop,
                base=base,
                force=force,
                jobs=jobs,
                purged=purged,
                apart=apart,
                progress=progress,
            )
        if parts:
            tell_of_parts(workshop, taken, read_here, progress)
        workshop.sweep()
        return release, account.report(Outcome.BUILT)

    with failures_reported(Account(), releases), faults_of_the_disk(releases):
        release, report = work_in(releases / WORKSHOP, build, progress, fresh=fresh or apart)
    try:
        write_beside(releases, report, release.manifest.name)
    except OSError as error:
        # The release is current and has its report; it is only the other copy that is missing, or old.
        progress(f"The report of this build, not written beside the releases ({error.strerror}):", 1, None)
    if gone := drop_holding(releases, purged, release):
        progress("Releases removed that held what was purged:", len(gone), len(gone))
    told(report)
    return release


def _build(
    folder: Path,
    releases: Path,
    account: Account,
    workshop: Workshop,
    *,
    base: str | None,
    force: bool,
    jobs: int,
    purged: Collection[str],
    apart: bool,
    progress: Progress,
) -> tuple[Release, int]:
    """Build a release; return it, and how many files of documents were read for it."""
    state = sources_state(folder)
    publication, data, presented = _read(folder, base, account, workshop, jobs, progress)
    settings = publication.settings
    context = context_of(publication, account.base)
    _refuse_losses(publication, releases)
    rules = read_rules(_ontology_folders(folder), settings.inference, context.iris.base)
    working, checking = _working(publication, data, context, workshop, jobs, progress)
    account.findings, account.counted = checking.findings, working.counted
    account.shapes = {each.name: each.description for each in checking.shapes.catalogue.values()}
    with closing(working.mapped()) as mapped:
        others = chain(vocabularies(publication, context), data.descriptions(context))
        release = build_release(
            # The last are checked last: then everything that was found is told together.
            chain[Mapped | Description](mapped, checking.checked(others)),
            releases,
            settings=settings,
            base=context.iris.base,
            texts=working.texts(),
            queries=folder / "queries",
            ontology=_ontology_folders(folder),
            presented=presented,
            corrections=_corrections(publication),
            purged=purged,
            apart=apart,
            report=checking.report,
            check=checking.check_store,
            infer=partial(inferred_lines, rules=rules),
            heeded=partial(heeded, rules=rules),
            index=working.write_index,
            tell=account.write,
            force=force,
            progress=progress,
        )
    if not account.is_written:
        account.carry(release, {each.shape for each in checking.shapes.store})
    state = _mint(folder, publication, state, progress)
    try:
        note_sources(releases, release.manifest.name, state)
    except OSError as error:
        # It tells the next `fonds serve` that there is nothing to build: that one looks for itself then.
        progress(f"What the release was made from, not noted ({error.strerror}):", 1, None)
    return release, publication.read_here


def build_part(
    folder: Path,
    part: Part,
    *,
    into: Path | None = None,
    base: str | None = None,
    jobs: int | None = None,
    progress: Progress = silent,
) -> Path:
    """Do the work of a part of a publication's files, publish nothing, and return the file that holds what was worked out.

    Args:
        folder: The publication, whole: the same on each machine.
        part: Which part.
        into: Where the file is put; None: ``releases`` in the folder.
        base: As for the build of the whole.
        jobs: How many processes work; None: as many as there are cores.
        progress: Told how far it is.

    Raises:
        BuildError: Another process is at work with the file.
        SettingsError: There are faults in the settings. Those of the sources are told when the parts are put together.
    """
    path = (into or folder / "releases") / part.file_name
    jobs = jobs or parallel.cores()

    def build(workshop: Workshop) -> None:
        note_part(workshop, part)
        settings = read_settings(folder)
        publication = read_publication(
            folder, settings, workshop=workshop, jobs=jobs, progress=progress, take=part.has
        )
        context = context_of(publication, base or settings.base or DEFAULT_BASE)
        working, _ = _working(publication, DataGraphs(), context, workshop, jobs, progress)
        deque(working.mapped(part.has), maxlen=0)
        workshop.sweep()

    with faults_of_the_disk(path):
        work_in(path, build, progress)
    return path


def _read(
    folder: Path, base: str | None, account: Account, workshop: Workshop, jobs: int, progress: Progress
) -> tuple[Publication, DataGraphs, Presented]:
    """Read a publication; the faults of its settings, of its sources, its RDF and its pages are told together.

    Args:
        folder: The publication.
        base: Under which its identifiers stand; None: as its settings say.
        account: Gets what was read, whatever its faults.
        workshop: Where what is read is put, and found.
        jobs: How many processes read.
        progress: Told how far it is.

    Raises:
        BuildError: There are any.
    """
    publication, data, presented, faults = _read_all(folder, base, account, workshop, jobs, progress)
    if faults:
        raise BuildError(faults)
    return publication, data, presented


def _read_all(
    folder: Path, base: str | None, account: Account, workshop: Workshop, jobs: int, progress: Progress
) -> tuple[Publication, DataGraphs, Presented, list[Fault]]:
    """Read a publication, and return it with all its faults."""
    faults: list[Fault] = []
    try:
        settings = read_settings(folder)
    except SettingsError as error:
        settings = Settings()
        faults += error.faults
    publication = read_publication(folder, settings, workshop=workshop, jobs=jobs, progress=progress)
    account.take(publication, base or settings.base or DEFAULT_BASE)
    data = read_data_graphs(folder, account.base)
    # Of settings that cannot be used nothing is known, not even the languages of pages.
    presented = read_presentation(folder, settings) if not faults else Presented()
    faults += (*publication.faults, *data.faults, *presented.faults)
    return publication, data, presented, faults


def _refuse_losses(publication: Publication, releases: Path) -> None:
    """Compare the publication with the release that is current.

    Raises:
        BuildError: The build would lose a published identifier without the register saying so.
    """
    try:
        current = open_release(releases)
    except ReleaseError:
        return
    things = {
        *publication.authorities,
        *(Reference(Kind.RECORD, each.key) for each in publication.records.filed),
    }
    known = dict.fromkeys(things, "")
    faults = tuple(lost_since(_published(current), publication.register, known))
    if faults:
        raise BuildError(faults)


def _corrections(publication: Publication) -> bytes:
    """Return why things were changed, the oldest first, as a release holds it; empty where nobody said so."""
    reasons = [
        Reason(str(each.thing), each.day, each.sort.value, each.reason, each.by)
        for each in sorted(publication.corrections, key=lambda it: (it.day, it.line))
    ]
    return msgspec.json.encode(reasons) if reasons else b""


def _published(release: Release) -> Iterator[Reference]:
    """Yield the things that have graphs of their own in a release, whatever its base."""
    for graph in graphs_of(release):
        match graph.name.partition("/graph/")[2].split("/"):
            case ["record", key]:
                yield Reference(Kind.RECORD, key)
            case ["authority", kind, key]:
                yield Reference(kind, key)


def _working(
    publication: Publication,
    data: DataGraphs,
    context: Context,
    workshop: Workshop,
    jobs: int,
    progress: Progress,
) -> tuple[Working, Checking]:
    """Return the mapping of a publication, and its checking; what either finds stands in both."""
    folders = _ontology_folders(publication.folder)
    terms = [term for scheme in sorted(VOCABULARIES) for term in _terms(publication, scheme)]
    others = vocabularies(publication, context)
    environment = environment_of(publication, context, others, terms, workshop, jobs)
    shapes = load_shapes(folders)
    checking = begin_checking(publication, shapes, environment)
    checking.origins.update(data.origins)
    working = Working(
        publication, workshop, environment, shapes, tuple(folders), jobs, progress, checking.findings
    )
    return working, checking


def _mint(folder: Path, publication: Publication, state: str, progress: Progress) -> str:
    """Write into the register what is new and what was found to be another thing; return of which state of the sources the release is.

    A folder that cannot be written to is published all the same.

    Args:
        folder: The publication.
        publication: It, as it was read.
        state: Of its files, as they were read.
        progress: Told what was written.
    """
    new, merged = len(publication.to_mint), len(publication.to_give_up)
    if not new and not merged:
        return state
    # What was saved during the build is not in this release: then only the state that was read may be noted.
    as_read = sources_state(folder) == state
    try:
        append_to_register(folder, publication.to_mint)
        write_into_register(folder, publication.to_give_up)
    except OSError as error:
        progress(f"Identifiers, not written to the register ({error.strerror}):", new + merged, None)
        return state
    if new:
        progress("New identifiers, written to the register:", new, new)
    if merged:
        progress("Identifiers given up for others, written to the register:", merged, merged)
    return sources_state(folder) if as_read else state


def check_publication(folder: Path, *, jobs: int | None = None, progress: Progress = silent) -> BuildReport:
    """Return what a build would report, its faults included, as far as that is known without a finished store.

    Args:
        folder: The publication. Nothing in it is changed, but for the workshop where there is one: the next build takes from it.
        jobs: How many processes work; None: as many as there are cores.
        progress: Told how far it is.
    """

    def check(workshop: Workshop) -> BuildReport:
        account = Account()
        faults: Sequence[Fault] = ()
        try:
            _check(folder, account, workshop, jobs or parallel.cores(), progress)
        except BuildError as error:
            faults = error.faults
        return with_nearest(account.report(Outcome.CHECKED, faults), account.authorities)

    return work_at_hand(folder / "releases" / WORKSHOP, check)


def _check(folder: Path, account: Account, workshop: Workshop, jobs: int, progress: Progress) -> None:
    """Hold a publication against the shapes.

    Raises:
        BuildError: There are faults, or violations of the shapes; it carries all of them.
    """
    publication, data, _, faults = _read_all(folder, None, account, workshop, jobs, progress)
    if not all(_stands_alone(each) for each in faults):
        raise BuildError(faults)
    context = context_of(publication, account.base)
    working, checking = _working(publication, data, context, workshop, jobs, progress)
    account.findings, account.counted = checking.findings, working.counted
    told = {(each.path, each.sheet, each.line) for each in faults}
    try:
        with closing(working.mapped()) as mapped:
            faults += [fault for each in mapped for fault in each.faults]
        others = chain(vocabularies(publication, context), data.descriptions(context))
        deque(checking.checked(others), maxlen=0)
    except BuildError as error:
        faults += error.faults
    finally:
        # What a shape finds where something could not be read follows from that.
        account.findings = [
            each
            for each in checking.findings
            if (each.origin.path, each.origin.sheet, each.origin.line) not in told
        ]
    left_out = {each.fault for each in checking.findings} - {each.fault for each in account.findings}
    if faults := [each for each in faults if each not in left_out]:
        raise BuildError(faults)


def _stands_alone(fault: Fault) -> bool:
    """Tell whether all the rest can be held against the shapes although something is wrong here: nothing else depends on it."""
    return not fault.path.endswith("fonds.toml") and not fault.path.startswith(
        ("data/authorities/", "data/captures/", "data/register.csv", "data/reconciliation.csv")
    )


def context_of(publication: Publication, base: str) -> Context:
    """Return what the mapping needs to know of a publication."""
    codes = {term.reference.key: term.code for term in _terms(publication, "language") if term.code}
    return Context(IriSpace(base), codes, publication.settings.rights.text)


def descriptions(publication: Publication, context: Context) -> Iterator[Description]:
    """Yield every description of a publication: first its foundations, then its records."""
    yield from foundations(publication, context)
    for record in publication.records:
        yield describe(record, context)


def foundations(publication: Publication, context: Context) -> Iterator[Description]:
    """Yield the descriptions of what records name: vocabularies, authorities, and who made all this."""
    yield from vocabularies(publication, context)
    for authority in publication.authorities.values():
        if authority.reference.kind not in VOCABULARIES:
            yield describe_authority(authority, context)


def vocabularies(publication: Publication, context: Context) -> Iterator[Description]:
    """Yield the descriptions of vocabularies, of who made all this, and of identifiers that were given up."""
    project = GraphBuilder(context.iris.graph("prov"), GraphKind.PROVENANCE)
    add_project(project, context, publication.settings.publisher)
    yield Description(context.project, (project.graph(),))
    yield describe_ontology(program_ontology() / "fonds.csv", context)
    for scheme in sorted(VOCABULARIES):
        yield describe_vocabulary(scheme, _terms(publication, scheme), context)
    if given_up := _given_up(publication):
        yield describe_register(given_up, context)


def _given_up(publication: Publication) -> dict[Reference, tuple[tuple[Reference, ...], str]]:
    register = publication.register
    return {
        reference: (ends_of(reference, register), _note(minted))
        for reference, minted in register.items()
        if minted.status != "active"
    }


def _note(minted: Minted) -> str:
    """Return when and why an identifier was given up, in words.

    >>> _note(Minted(Reference("person", "x"), "2026-01-01", "withdrawn", (), "a mistake", "2026-02-03", 2))
    'Withdrawn on 2026-02-03: a mistake'
    """
    when = f" on {minted.changed}" if minted.changed else ""
    status = "withdrawn" if minted.status in WITHDRAWN else minted.status
    return f"{status.capitalize()}{when}{f': {minted.reason}' if minted.reason else ''}"


def _terms(publication: Publication, scheme: str) -> list[Authority]:
    """Return the terms of a scheme: the publication's own, and those of the program that it does not define itself."""
    own = [each for each in publication.authorities.values() if each.reference.kind == scheme]
    defined = {each.reference.key for each in own}
    given = _languages_in_use(publication) if scheme == "language" else _program_terms(scheme)
    return [*own, *(each for each in given if each.reference.key not in defined)]


def _program_terms(scheme: str) -> list[Authority]:
    return [
        Authority(
            reference=Reference(scheme, row["key"]),
            labels=_labels(row),
            definition=row["definition_en"],
            unreviewed=tuple(row["unreviewed"].split()),
        )
        for row in _rows(program_ontology() / "terms.csv")
        if row["scheme"] == scheme
    ]


def _languages_in_use(publication: Publication) -> list[Authority]:
    """Return the languages that records use, by the program's table of ISO 639 codes; an unlisted one keeps its tag as label."""
    known = {row["tag"]: row for row in _rows(program_ontology() / "languages.csv")}
    used = sorted({subtag(tag) for each in publication.records.filed for tag in each.languages})
    return [
        Authority(
            reference=Reference("language", tag),
            labels=_labels(known.get(tag, {})) or (Phrase(tag),),
            code=known[tag]["code"] if tag in known else "",
        )
        for tag in used
    ]


def _labels(row: Mapping[str, str]) -> tuple[Phrase, ...]:
    """Return what a term of the program's own is called, in the languages in which these are named."""
    return tuple(Phrase(name, tag) for tag in ("en", "ru", "es") if (name := row.get(f"label_{tag}")))


def _rows(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _ontology_folders(folder: Path) -> list[Path]:
    """Return the folders whose tables a release carries: the program's, then the publication's own."""
    own = folder / "ontology"
    program = program_ontology()
    return [program] if not own.is_dir() or own.resolve() == program.resolve() else [program, own]
