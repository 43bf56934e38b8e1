"""From a publication's folder to a release: read everything, map it, build."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path

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
from fonds.model import Authority, Phrase, Record, Reference
from fonds.release.build import Progress, build_release, silent
from fonds.release.build_report import BuildReport, Outcome
from fonds.release.checking import Checking, begin_checking
from fonds.release.data_graphs import DataGraphs, read_data_graphs
from fonds.release.folder import GRAPHS, Release, open_release
from fonds.release.inferring import inferred_lines
from fonds.release.reporting import Account, failures_reported, write_beside
from fonds.release.sources_state import note_sources, sources_state
from fonds.settings import Settings, read_settings
from fonds.shapes import load_shapes
from fonds.sources.publication import Publication, append_to_register, read_publication
from fonds.sources.register import Minted, ends_of, lost_since, write_into_register
from fonds.texts import published
from fonds.vocabulary import program_ontology

DEFAULT_BASE = "http://127.0.0.1:8000/"


def unread(report: BuildReport) -> None:
    """Read nothing of it."""


def build_publication(
    folder: Path,
    *,
    into: Path | None = None,
    base: str | None = None,
    force: bool = False,
    progress: Progress = silent,
    told: Callable[[BuildReport], None] = unread,
) -> Release:
    """Build a release of a publication; what was found is written into it, and beside the releases.

    Args:
        folder: The publication: a folder with a ``fonds.toml``.
        into: Where its releases stand; None: ``releases`` in the folder.
        base: Address under which the identifiers stand; None: as the settings say, else ``http://127.0.0.1:8000/``.
        force: Make a new release although nothing has changed.
        progress: Called with a stage, how much is done, and how much there is to do.
        told: Given the report of a build that succeeds.

    Raises:
        BuildError: There are faults in the settings or the sources; it carries all of them, and the current release stays.
    """
    releases, account = into or folder / "releases", Account()
    with failures_reported(account, releases):
        release = _build(folder, releases, account, base=base, force=force, progress=progress)
    report = account.report(Outcome.BUILT)
    try:
        write_beside(releases, report, release.manifest.name)
    except OSError as error:
        # The release is current and has its report; it is only the other copy that is missing, or old.
        progress(f"The report of this build, not written beside the releases ({error.strerror}):", 1, None)
    told(report)
    return release


def _build(
    folder: Path, releases: Path, account: Account, *, base: str | None, force: bool, progress: Progress
) -> Release:
    state = sources_state(folder)
    publication, data = _read(folder, base, account)
    settings = publication.settings
    context = context_of(publication, account.base)
    _refuse_losses(publication, releases)
    rules = read_rules(_ontology_folders(folder), settings.inference, context.iris.base)
    checking = _checking(publication, data, context)
    account.findings = checking.findings
    release = build_release(
        checking.checked(chain(descriptions(publication, context), data.descriptions(context))),
        releases,
        settings=settings,
        base=context.iris.base,
        texts=((record.key, published(record)) for record in publication.records),
        queries=folder / "queries",
        ontology=_ontology_folders(folder),
        report=checking.report,
        check=checking.check_store,
        infer=partial(inferred_lines, rules=rules),
        tell=account.write,
        force=force,
        progress=progress,
    )
    if not account.is_written:
        account.carry(release, {each.shape for each in checking.shapes.store})
    if _mint(folder, publication, progress):
        state = sources_state(folder)
    note_sources(releases, release.manifest.name, state)
    return release


def _read(folder: Path, base: str | None, account: Account) -> tuple[Publication, DataGraphs]:
    """Read a publication; the faults of its settings, of its sources and of its RDF are told together.

    Args:
        folder: The publication.
        base: Under which its identifiers stand; None: as its settings say.
        account: Gets what was read, whatever its faults.

    Raises:
        BuildError: There are any.
    """
    faults: list[Fault] = []
    try:
        settings = read_settings(folder)
    except SettingsError as error:
        settings = Settings()
        faults += error.faults
    publication = read_publication(folder, settings)
    account.take(publication, base or settings.base or DEFAULT_BASE)
    data = read_data_graphs(folder, account.base)
    if faults or publication.faults or data.faults:
        raise BuildError([*faults, *publication.faults, *data.faults])
    return publication, data


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
        *(Reference(Kind.RECORD, each.key) for each in publication.records),
    }
    known = dict.fromkeys(things, "")
    faults = tuple(lost_since(_published(current), publication.register, known))
    if faults:
        raise BuildError(faults)


def _published(release: Release) -> Iterator[Reference]:
    """Yield the things that have graphs of their own in a release, whatever its base."""
    with (release.dumps / GRAPHS).open(encoding="utf-8") as table:
        for row in table:
            match row.split("\t", 1)[0].partition("/graph/")[2].split("/"):
                case ["record", key]:
                    yield Reference(Kind.RECORD, key)
                case ["authority", kind, key]:
                    yield Reference(kind, key)


def _checking(publication: Publication, data: DataGraphs, context: Context) -> Checking:
    shapes = load_shapes(_ontology_folders(publication.folder))
    terms = [term for scheme in sorted(VOCABULARIES) for term in _terms(publication, scheme)]
    checking = begin_checking(publication, context, shapes, foundations(publication, context), terms)
    checking.origins.update(data.origins)
    return checking


def _mint(folder: Path, publication: Publication, progress: Progress) -> bool:
    """Write into the register what is new and what was found to be another thing, and tell whether that was done.

    A folder that cannot be written to is published all the same.
    """
    new, merged = len(publication.to_mint), len(publication.to_give_up)
    if not new and not merged:
        return False
    try:
        append_to_register(folder, publication.to_mint)
        write_into_register(folder, publication.to_give_up)
    except OSError as error:
        progress(f"Identifiers, not written to the register ({error.strerror}):", new + merged, None)
        return False
    if new:
        progress("New identifiers, written to the register:", new, new)
    if merged:
        progress("Identifiers given up for others, written to the register:", merged, merged)
    return True


def check_publication(folder: Path) -> BuildReport:
    """Return what a build would report, its faults included, as far as that is known without a finished store."""
    account = Account()
    try:
        publication, data = _read(folder, None, account)
        context = context_of(publication, account.base)
        checking = _checking(publication, data, context)
        account.findings = checking.findings
        described = chain(descriptions(publication, context), data.descriptions(context))
        deque(checking.checked(described), maxlen=0)
    except BuildError as error:
        return account.report(Outcome.CHECKED, error.faults)
    return account.report(Outcome.CHECKED)


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
    project = GraphBuilder(context.iris.graph("prov"), GraphKind.PROVENANCE)
    add_project(project, context, publication.settings.publisher)
    yield Description(context.project, (project.graph(),))
    yield describe_ontology(program_ontology() / "fonds.csv", context)
    for scheme in sorted(VOCABULARIES):
        yield describe_vocabulary(scheme, _terms(publication, scheme), context)
    for authority in publication.authorities.values():
        if authority.reference.kind not in VOCABULARIES:
            yield describe_authority(authority, context)
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
    return f"{minted.status.capitalize()}{when}{f': {minted.reason}' if minted.reason else ''}"


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
            labels=tuple(
                Phrase(row[f"label_{tag}"], tag) for tag in ("en", "ru", "es") if row[f"label_{tag}"]
            ),
            definition=row["definition_en"],
            unreviewed=tuple(row["unreviewed"].split()),
        )
        for row in _rows(program_ontology() / "terms.csv")
        if row["scheme"] == scheme
    ]


def _languages_in_use(publication: Publication) -> list[Authority]:
    """Return the languages that records use, by the program's table of ISO 639 codes; an unlisted one keeps its tag as label."""
    known = {row["tag"]: row for row in _rows(program_ontology() / "languages.csv")}
    used = sorted({subtag(tag) for record in publication.records for tag in _tags(record)})
    return [
        Authority(
            reference=Reference("language", tag),
            labels=(Phrase(known[tag]["label_en"], "en") if tag in known else Phrase(tag),),
            code=known[tag]["code"] if tag in known else "",
        )
        for tag in used
    ]


def _tags(record: Record) -> Iterator[str]:
    if record.text.language:
        yield record.text.language
    yield from (version.language for version in record.versions)
    if record.title.language:
        yield record.title.language


def _rows(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _ontology_folders(folder: Path) -> list[Path]:
    """Return the folders whose tables a release carries: the program's, then the publication's own."""
    own = folder / "ontology"
    program = program_ontology()
    return [program] if not own.is_dir() or own.resolve() == program.resolve() else [program, own]
