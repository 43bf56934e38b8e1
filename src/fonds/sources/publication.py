"""Everything that a publication's folder holds, read in one go, with every fault of every file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from fonds.errors import Fault
from fonds.fingerprint import digest
from fonds.identifiers import Kind
from fonds.model import Authority, Reference
from fonds.progress import Progress, silent
from fonds.reconciliation.decisions import Decision
from fonds.settings import Settings
from fonds.sources import Reading, Source
from fonds.sources.capture import Captured, read_captures
from fonds.sources.cmif import CmifSource
from fonds.sources.collections import (
    DOCUMENTS,
    Collected,
    addresses_of,
    files_of,
    gather,
    read_registers,
    tei_reader,
)
from fonds.sources.corrections import Correction, about_nothing, read_corrections
from fonds.sources.decisions import merge_by, read_decisions
from fonds.sources.files import shown_path, stands_within
from fonds.sources.filing import Filed, Filing, Reader, Records
from fonds.sources.pointers import slug_of
from fonds.sources.records import FULLTEXT, TableSource, is_choice, is_column, names_of
from fonds.sources.register import REGISTERED, Minted, append_to_register, compare, read_register
from fonds.sources.sheets import ENDINGS, UNREAD_ENDINGS, WORKBOOKS, Row, opened_tables, rows_of
from fonds.sources.tables import KINDS, TABLES, program_terms, read_authorities
from fonds.sources.tei import TeiSource
from fonds.sources.tei_context import UNCOLLECTED, Context
from fonds.workshop import Workshop

__all__ = ["Publication", "append_to_register", "read_publication"]

RECORDS = "data/records"
_CHOICES = f"{RECORDS}.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What a publication holds.

    Attributes:
        folder: Where it is.
        settings: What it says of itself.
        authorities: What its tables and its documents list, by reference, the tables' first.
        records: Its records, in the order of their keys; fetched when they are asked for.
        captures: Its captures by SHA-256.
        register: The identifiers that were minted, and what became of them by the register and by what was decided.
        to_mint: What has none in the register yet, sorted.
        decisions: What was decided of things that may be one.
        corrections: Why things were changed.
        to_give_up: What was found to be another thing and stands in the register as a thing of its own, or not at all.
        faults: Everything that is wrong, by file and line; a build needs none.
        warnings: What a person should look at and what stops nothing, by file and line: without it the rest is published.
        met: What was met in editions and not understood, with how often.
        advised: The files of which what is wrong stops nothing.
        read_here: How many files of documents were read by this process, and not by an earlier one.
    """

    folder: Path
    settings: Settings
    authorities: Mapping[Reference, Authority]
    records: Records
    captures: Mapping[str, Captured]
    register: Mapping[Reference, Minted]
    to_mint: tuple[Reference, ...]
    decisions: tuple[Decision, ...]
    to_give_up: tuple[Minted, ...]
    corrections: tuple[Correction, ...] = ()
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...] = ()
    met: Mapping[str, int] = field(default_factory=dict)
    advised: Set[str] = frozenset()
    read_here: int = 0


def read_publication(
    folder: Path,
    settings: Settings,
    *,
    workshop: Workshop | None = None,
    jobs: int = 1,
    progress: Progress = silent,
    take: Callable[[str], bool] | None = None,
) -> Publication:
    """Read every source of a publication; faults are collected, and what is good is read all the same.

    Args:
        folder: A folder with ``fonds.toml`` and ``data``.
        settings: What ``fonds.toml`` says.
        workshop: Where what is read is put, and what earlier builds read is found; None: nothing is kept. The records can
            be fetched as long as it is open.
        jobs: How many processes read.
        progress: Told how many files are read.
        take: Tells of a file of documents, by its name, whether it is read; None: all are.
    """
    faults: list[Fault] = []
    warnings: list[Fault] = []
    tables = read_authorities(folder, faults, warnings, language=settings.languages[0])
    captures = read_captures(folder, faults)
    fulltext = _read_fulltext(folder, faults)
    known = _known(tables)
    context = Context(
        known=known,
        by_iri=_accepted(tables),
        captures=captures,
        fulltext={key: choice for key, (choice, _) in fulltext.items()},
        default_fulltext=settings.fulltext,
        base=settings.base,
    )
    records_of_tables = TableSource(
        folder=folder,
        known=known,
        labels=_labels(tables),
        keepers={reference: each.keeper for reference, each in tables.items() if each.keeper},
        default_fulltext=settings.fulltext,
        context=context,
        language=settings.languages[0],
    )
    filing = Filing(workshop or Workshop(), folder, jobs, progress)
    documents = _read_documents(folder, settings, context, filing, faults, take)
    gathered = gather(folder, documents.collections, filing)
    faults.extend(gathered.faults)
    read = _Read()
    for path in documents.others:
        _collect(filing.readings(path), shown_path(path, folder), read, faults)
    for path in _tables_of_records(folder):
        found = (
            (each, filing.file(each.record) if each.record else None) for each in records_of_tables.read(path)
        )
        _collect(found, shown_path(path, folder), read, faults)
    faults.extend(_unread_tables(folder))
    unreadable = gathered.unreadable | read.unreadable
    warnings.extend(read.warnings)
    filed = _by_key([*gathered.records.values(), *read.filed], faults)
    own = [*gathered.authorities.values(), *read.authorities]
    authorities = _with_own(tables, own, faults)
    if not unreadable:
        faults.extend(_without_record(fulltext, filed))
    register = read_register(folder, faults)
    decisions = read_decisions(folder, faults)
    corrections = read_corrections(folder, faults)
    faulty = {fault.path for fault in faults}

    def told(reference: Reference) -> bool:
        return not _may_be_in(reference, faulty, unreadable)

    merged = merge_by(decisions, authorities, register, told, faults)
    things = _things(merged.authorities, filed, captures)
    lost, to_mint = compare(merged.register, things, told)
    if corrections and not unreadable:
        published = {*things, *merged.register, *merged.becomes}
        lost = (*lost, *about_nothing(corrections, published))
    return Publication(
        folder=folder,
        settings=settings,
        authorities=merged.authorities,
        records=Records(
            tuple(filed[key] for key in sorted(filed)),
            filing.workshop,
            addresses_of(documents.collections, filing, gathered.records),
            merged.becomes,
        ),
        captures=captures,
        register=merged.register,
        to_mint=to_mint,
        decisions=decisions,
        to_give_up=merged.given_up,
        corrections=corrections,
        faults=tuple(sorted({*faults, *lost})),
        warnings=tuple(sorted({*warnings, *gathered.warnings})),
        advised=documents.advised,
        met=gathered.met + read.met,
        read_here=filing.done_here,
    )


def _known(tables: Mapping[Reference, Authority]) -> frozenset[Reference]:
    terms = {Reference(scheme, key) for scheme in ("type", "role") for key in program_terms(scheme)}
    return frozenset(tables) | terms


def _labels(tables: Mapping[Reference, Authority]) -> Mapping[str, Reference]:
    """Return things by their names, where only one thing has the name."""
    found: dict[str, Reference | None] = {}
    for reference, each in tables.items():
        for name in {phrase.text for phrase in (*each.labels, *each.other_names)}:
            found[name] = reference if name not in found else None
    return {name: reference for name, reference in found.items() if reference}


def _accepted(tables: Mapping[Reference, Authority]) -> Mapping[str, Reference]:
    """Return things by the identifiers elsewhere that somebody accepted."""
    return {
        match.iri: each.reference for each in tables.values() for match in each.matches if match.accepted_by
    }


def _read_fulltext(folder: Path, faults: list[Fault]) -> Mapping[str, tuple[str, Fault]]:
    """Return what ``data/records.csv`` says of documents: how much of their words leaves the house.

    With each comes the fault that it would be if there were no such record.
    """
    path = folder / _CHOICES
    choices: dict[str, tuple[str, Fault]] = {}
    if not path.exists():
        return choices
    if not stands_within(path, folder):
        faults.append(Fault(_CHOICES, 0, 0, "leads out of the publication; put the file itself here"))
        return choices
    for row in _rows_of_choices(path, faults):
        if row["fulltext"] not in FULLTEXT:
            faults.append(
                row.fault(f"fulltext: found {row['fulltext']!r}, expected one of {', '.join(FULLTEXT)}")
            )
        elif row["key"] in choices:
            faults.append(
                row.fault(f"the key {row['key']!r} is there already, in line {choices[row['key']][1].line}")
            )
        else:
            missing = row.fault(f"key: no document of {DOCUMENTS} has the key {row['key']!r}")
            choices[row["key"]] = (row["fulltext"], missing)
    return choices


def _rows_of_choices(path: Path, faults: list[Fault]) -> Iterator[Row]:
    """Yield the rows that describe no record; a table without titles has no other."""
    with opened_tables(path, _CHOICES, faults, []) as (sheet,):
        if _describes_records(path):
            # What is wrong with its form is told when its records are read.
            rows = rows_of(sheet, is_column, (), (), [], named=names_of())
            yield from filter(is_choice, rows)
        else:
            columns = ("key", "fulltext")
            yield from rows_of(sheet, columns.__contains__, columns, columns, faults)


def _describes_records(path: Path) -> bool:
    """Tell whether a table has columns by which a record is described, and not only ``key`` and ``fulltext``."""
    with opened_tables(path, _CHOICES, [], []) as (sheet,):
        _, header = next(sheet.lines([]), (0, []))
        named = names_of()
        return any(
            is_column(each) and each not in ("key", "fulltext") for each in map(named, map(str.strip, header))
        )


def _tables_of_records(folder: Path) -> list[Path]:
    """Return the tables of records in the order of their names: ``data/records.csv``, and those in ``data/records``."""
    tables = [path for path in _beside_records(folder) if path.suffix.lower() in ENDINGS]
    own = folder / _CHOICES
    return sorted(
        path for path in tables if path != own or (stands_within(path, folder) and _describes_records(path))
    )


def _without_record(
    fulltext: Mapping[str, tuple[str, Fault]], records: Mapping[str, Filed]
) -> Iterator[Fault]:
    return (missing for key, (_, missing) in fulltext.items() if key not in records)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Documents:
    """The files of documents, all of which were read.

    Attributes:
        collections: Those of collections.
        others: Those of none, in the order of their names.
        advised: The names of those in which what is wrong stops nothing.
    """

    collections: Sequence[Collected]
    others: Sequence[Path]
    advised: Set[str]


def _read_documents(
    folder: Path,
    settings: Settings,
    context: Context,
    filing: Filing,
    faults: list[Fault],
    take: Callable[[str], bool] | None,
) -> _Documents:
    """Read every file of documents, on all cores."""
    collected = files_of(folder, settings.collections)
    collections = [
        replace(
            each,
            documents=tuple(path for path in each.documents if not take or take(shown_path(path, folder))),
        )
        for each in read_registers(folder, collected, context, filing)
    ]
    readers = {str(number): tei_reader(each.context, folder) for number, each in enumerate(collections)}
    plan = [(path, str(number)) for number, each in enumerate(collections) for path in each.documents]
    # The first reader that accepts a file reads it; a TEI edition is what no other reader knows better.
    index = CmifSource(
        folder=folder, known=context.known, by_iri=context.by_iri, default_fulltext=context.default_fulltext
    )
    sources: dict[str, Source] = {"index": index, "edition": TeiSource(folder=folder, context=context)}
    readers |= {"index": _index_reader(index), "edition": tei_reader(context, folder)}
    chosen = dict(_chosen(folder, sources, collected, faults, take))
    filing.read([*plan, *chosen.items()], readers)
    return _Documents(
        collections=collections,
        others=tuple(chosen),
        advised=frozenset(shown_path(path, folder) for path, each in collected.items() if not each.strict),
    )


def _index_reader(index: CmifSource) -> Reader:
    depends = ("cmif", sorted(index.known), sorted(index.by_iri.items()), index.default_fulltext)
    return Reader(
        parser=index,
        depends=digest(msgspec.msgpack.encode(depends)),
        told=Context().told,
        most_bytes=UNCOLLECTED.file_bytes,
    )


def _chosen(
    folder: Path,
    sources: Mapping[str, Source],
    collected: Container[Path],
    faults: list[Fault],
    take: Callable[[str], bool] | None,
) -> Iterator[tuple[Path, str]]:
    """Yield every document that belongs to no collection, with the name of the first reader that accepts it."""
    for path in _documents(folder):
        shown = shown_path(path, folder)
        if path in collected or (take and not take(shown)):
            continue
        if not stands_within(path, folder):
            faults.append(Fault(shown, 0, 0, "leads out of the publication; put the file itself here"))
            continue
        name = next((name for name, each in sources.items() if each.accepts(path)), None)
        if name is None:
            faults.append(
                Fault(shown, 0, 0, "is no kind of file that is read here; a TEI document ends in .xml")
            )
        else:
            yield path, name


@dataclass(slots=True)
class _Read:
    """What came of the files that are in no collection."""

    filed: list[Filed] = field(default_factory=list)
    authorities: list[Authority] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)
    unreadable: set[str] = field(default_factory=set)


def _collect(
    found: Iterable[tuple[Reading, Filed | None]], shown: str, read: _Read, faults: list[Fault]
) -> None:
    """Take what came of a file; note its name if something of it could not be read."""
    for reading, filed in found:
        faults.extend(reading.faults)
        read.authorities.extend(reading.authorities)
        read.warnings.extend(reading.warnings)
        read.met.update(reading.met)
        if filed:
            # Only in collections pointers lead from file to file.
            read.filed.append(replace(filed, pointers=()))
        elif reading.faults:
            read.unreadable.add(shown)


def _documents(folder: Path) -> list[Path]:
    """Return the files of the documents in the order of their names; hidden files and notes to people are left out."""
    files = (path for path in (folder / DOCUMENTS).rglob("*") if not path.is_dir())
    return sorted(path for path in files if not path.name.startswith((".", "README")))


def _beside_records(folder: Path) -> list[Path]:
    within = (path for path in (folder / RECORDS).rglob("*") if path.is_file())
    beside = (path for path in (folder / "data").glob("records.*") if path.is_file())
    return [path for path in (*beside, *within) if not path.name.startswith((".", "~$"))]


def _unread_tables(folder: Path) -> Iterator[Fault]:
    """Yield a fault for each file beside the tables that is one, of a kind that is not read."""
    for path in (*_beside_records(folder), *(folder / TABLES).glob("*")):
        if path.suffix.lower() in UNREAD_ENDINGS and not path.name.startswith("."):
            message = "is a table of a kind that is not read here; save it as CSV or as .xlsx"
            yield Fault(shown_path(path, folder), 0, 0, message)


def _with_own(
    tables: Mapping[Reference, Authority], listed: list[Authority], faults: list[Fault]
) -> dict[Reference, Authority]:
    """Return what the tables list and, after it, what documents list themselves."""
    authorities = dict(tables)
    for own in listed:
        other = authorities.setdefault(own.reference, own)
        if other is not own:
            faults.append(_taken(own, other))
    return authorities


def _taken(own: Authority, other: Authority) -> Fault:
    here = own.origin
    change = "its xml:id" if here.path.endswith(".xml") else "its key"
    message = f"its key would be {own.reference}, which {other.origin} has; change {change}"
    return Fault(here.path, here.line, 0, message, here.sheet)


def _may_be_in(reference: Reference, faulty: Set[str], unreadable: Set[str]) -> bool:
    """Tell whether a thing that was not found may stand where something could not be read."""
    if reference.kind == Kind.RECORD:
        return bool(unreadable)
    if reference.kind == Kind.CAPTURE:
        return any(path.startswith("data/captures/") for path in faulty)
    # What a document itself lists has the document's key, mostly its file's name, before its own.
    listed = any(reference.key.startswith(f"{slug_of(Path(path).stem)}-") for path in unreadable)
    if reference.kind == Kind.HOLDING and any(path.startswith(RECORDS) for path in unreadable):
        return True
    return listed or any(_may_list(path, reference.kind) for path in faulty)


def _may_list(path: str, kind: str) -> bool:
    """Tell whether a file may list authorities of a kind: its own table, or any workbook."""
    return path == f"{TABLES}/{KINDS[kind]}" or path.lower().endswith(WORKBOOKS)


def _by_key(filed: Iterable[Filed], faults: list[Fault]) -> dict[str, Filed]:
    records: dict[str, Filed] = {}
    for each in filed:
        other = records.setdefault(each.key, each)
        if other is not each:
            faults.append(_twice(each, other))
    return records


def _twice(record: Filed, other: Filed) -> Fault:
    here = record.origin
    what, where = "key", str(other.origin)
    if here.path.endswith(".xml"):
        what, where = "xml:id", other.origin.path
    message = f"its key {record.key!r} is also that of {where}; give one of them another {what}"
    return Fault(here.path, here.line, 0, message, here.sheet)


def _things(
    authorities: Mapping[Reference, Authority],
    records: Mapping[str, Filed],
    captures: Mapping[str, Captured],
) -> dict[Reference, str]:
    """Return everything that has an identifier of its own, each with the file in which it stands."""
    things = {
        each.reference: each.origin.path for each in authorities.values() if each.reference.kind in KINDS
    }
    things |= {Reference(Kind.RECORD, key): record.origin.path for key, record in records.items()}
    things |= {Reference(Kind.CAPTURE, sha256[:16]): each.capture.path for sha256, each in captures.items()}
    return {reference: path for reference, path in things.items() if reference.kind in REGISTERED}
