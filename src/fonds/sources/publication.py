"""Everything that a publication's folder holds, read in one go, with every fault of every file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path

from fonds.errors import Fault
from fonds.identifiers import Kind
from fonds.model import Authority, Record, Reference
from fonds.reconciliation.decisions import Decision
from fonds.settings import Settings
from fonds.sources import Reading
from fonds.sources.capture import Captured, read_captures
from fonds.sources.collections import DOCUMENTS, files_of, read_collections
from fonds.sources.decisions import merge_by, read_decisions
from fonds.sources.files import shown_path, stands_within
from fonds.sources.pointers import slug_of
from fonds.sources.register import REGISTERED, Minted, append_to_register, compare, read_register
from fonds.sources.tables import KINDS, TABLES, program_terms, read_authorities, read_rows
from fonds.sources.tei import TeiSource
from fonds.sources.tei_context import Context

__all__ = ["Publication", "append_to_register", "read_publication"]

RECORDS = "data/records.csv"
_FULLTEXT = ("full", "excerpt", "link")


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What a publication holds.

    Attributes:
        folder: Where it is.
        settings: What it says of itself.
        authorities: What its tables and its documents list, by reference, the tables' first.
        records: Its records, in the order of their keys.
        captures: Its captures by SHA-256.
        register: The identifiers that were minted, and what became of them by the register and by what was decided.
        to_mint: What has none in the register yet, sorted.
        decisions: What was decided of things that may be one.
        to_give_up: What was found to be another thing and stands in the register as a thing of its own, or not at all.
        faults: Everything that is wrong, by file and line; a build needs none.
        warnings: What is wrong in files of collections and stops nothing: without it the rest is published.
        met: What was met in editions and not understood, with how often.
        advised: The files of which what is wrong stops nothing.
    """

    folder: Path
    settings: Settings
    authorities: Mapping[Reference, Authority]
    records: tuple[Record, ...]
    captures: Mapping[str, Captured]
    register: Mapping[Reference, Minted]
    to_mint: tuple[Reference, ...]
    decisions: tuple[Decision, ...]
    to_give_up: tuple[Minted, ...]
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...] = ()
    met: Mapping[str, int] = field(default_factory=dict)
    advised: Set[str] = frozenset()


def read_publication(folder: Path, settings: Settings) -> Publication:
    """Read every source of a publication; faults are collected, and what is good is read all the same.

    Args:
        folder: A folder with ``fonds.toml`` and ``data``.
        settings: What ``fonds.toml`` says.
    """
    faults: list[Fault] = []
    tables = read_authorities(folder, faults)
    captures = read_captures(folder, faults)
    fulltext = _read_fulltext(folder, faults)
    context = Context(
        known=_known(tables),
        by_iri=_accepted(tables),
        captures=captures,
        fulltext={key: choice for key, (choice, _) in fulltext.items()},
        default_fulltext=settings.fulltext,
        base=settings.base,
    )
    collected = files_of(folder, settings.collections)
    gathered = read_collections(folder, collected, context)
    faults.extend(gathered.faults)
    source = TeiSource(folder=folder, context=context)
    readings, unreadable = _read_documents(folder, source, collected, faults)
    unreadable = unreadable | gathered.unreadable
    records = _by_key([*(Reading(record=each) for each in gathered.records.values()), *readings], faults)
    own = [*gathered.authorities.values(), *(each for reading in readings for each in reading.authorities)]
    authorities = _with_own(tables, own, faults)
    if not unreadable:
        faults.extend(_without_record(fulltext, records))
    register = read_register(folder, faults)
    decisions = read_decisions(folder, faults)
    faulty = {fault.path for fault in faults}

    def told(reference: Reference) -> bool:
        return not _may_be_in(reference, faulty, unreadable)

    ordered = tuple(records[key] for key in sorted(records))
    merged = merge_by(decisions, authorities, ordered, register, told, faults)
    lost, to_mint = compare(merged.register, _things(merged.authorities, records, captures), told)
    return Publication(
        folder=folder,
        settings=settings,
        authorities=merged.authorities,
        records=merged.records,
        captures=captures,
        register=merged.register,
        to_mint=to_mint,
        decisions=decisions,
        to_give_up=merged.given_up,
        faults=tuple(sorted({*faults, *lost})),
        warnings=tuple(sorted({*gathered.warnings})),
        advised=frozenset(shown_path(path, folder) for path, each in collected.items() if not each.strict),
        met=gathered.met + sum((Counter(each.met) for each in readings), Counter()),
    )


def _known(tables: Mapping[Reference, Authority]) -> frozenset[Reference]:
    terms = {Reference(scheme, key) for scheme in ("type", "role") for key in program_terms(scheme)}
    return frozenset(tables) | terms


def _accepted(tables: Mapping[Reference, Authority]) -> Mapping[str, Reference]:
    """Return things by the identifiers elsewhere that somebody accepted."""
    return {
        match.iri: each.reference for each in tables.values() for match in each.matches if match.accepted_by
    }


def _read_fulltext(folder: Path, faults: list[Fault]) -> Mapping[str, tuple[str, Fault]]:
    """Return what ``data/records.csv`` says of each record: how much of its words leaves the house.

    With each comes the fault that it would be if there were no such record.
    """
    path = folder / RECORDS
    if not path.exists():
        return {}
    choices: dict[str, tuple[str, Fault]] = {}
    for row in read_rows(path, RECORDS, ("key", "fulltext"), ("key", "fulltext"), faults):
        if row["fulltext"] not in _FULLTEXT:
            faults.append(
                row.fault(f"fulltext: found {row['fulltext']!r}, expected one of {', '.join(_FULLTEXT)}")
            )
        elif row["key"] in choices:
            faults.append(
                row.fault(f"the key {row['key']!r} is there already, in line {choices[row['key']][1].line}")
            )
        else:
            missing = row.fault(f"key: no document of {DOCUMENTS} has the key {row['key']!r}")
            choices[row["key"]] = (row["fulltext"], missing)
    return choices


def _without_record(
    fulltext: Mapping[str, tuple[str, Fault]], records: Mapping[str, Record]
) -> Iterator[Fault]:
    return (missing for key, (_, missing) in fulltext.items() if key not in records)


def _read_documents(
    folder: Path, source: TeiSource, collected: Container[Path], faults: list[Fault]
) -> tuple[list[Reading], Set[str]]:
    """Read every document; return what came of them, and the files of which nothing could be read."""
    readings: list[Reading] = []
    unreadable: set[str] = set()
    for path in _documents(folder):
        if path in collected:
            continue
        shown = shown_path(path, folder)
        if not stands_within(path, folder):
            faults.append(Fault(shown, 0, 0, "leads out of the publication; put the file itself here"))
        elif not source.accepts(path):
            faults.append(
                Fault(shown, 0, 0, "is no kind of file that is read here; a TEI document ends in .xml")
            )
        else:
            for reading in source.read(path):
                readings.append(reading)
                faults.extend(reading.faults)
                if reading.record is None and not reading.authorities:
                    unreadable.add(shown)
    return readings, unreadable


def _documents(folder: Path) -> list[Path]:
    """Return the files of the documents in the order of their names; hidden files and notes to people are left out."""
    files = (path for path in (folder / DOCUMENTS).rglob("*") if not path.is_dir())
    return sorted(path for path in files if not path.name.startswith((".", "README")))


def _with_own(
    tables: Mapping[Reference, Authority], listed: list[Authority], faults: list[Fault]
) -> dict[Reference, Authority]:
    """Return what the tables list and, after it, what documents list themselves."""
    authorities = dict(tables)
    for own in listed:
        other = authorities.setdefault(own.reference, own)
        if other is not own:
            message = f"its key would be {own.reference}, which {other.origin.path}:{other.origin.line} has; change its xml:id"
            faults.append(Fault(own.origin.path, own.origin.line, 0, message))
    return authorities


def _may_be_in(reference: Reference, faulty: Set[str], unreadable: Set[str]) -> bool:
    """Tell whether a thing that was not found may stand where something could not be read."""
    if reference.kind == Kind.RECORD:
        return bool(unreadable)
    if reference.kind == Kind.CAPTURE:
        return any(path.startswith("data/captures/") for path in faulty)
    # What a document itself lists has the document's key, mostly its file's name, before its own.
    listed = any(reference.key.startswith(f"{slug_of(Path(path).stem)}-") for path in unreadable)
    return listed or f"{TABLES}/{KINDS[reference.kind]}" in faulty


def _by_key(readings: list[Reading], faults: list[Fault]) -> dict[str, Record]:
    records: dict[str, Record] = {}
    for reading in readings:
        record = reading.record
        if record is None:
            continue
        other = records.get(record.key)
        if other:
            message = (
                f"its key {record.key!r} is also that of {other.origin.path}; give one of them another xml:id"
            )
            faults.append(Fault(record.origin.path, record.origin.line, 0, message))
        else:
            records[record.key] = record
    return records


def _things(
    authorities: Mapping[Reference, Authority],
    records: Mapping[str, Record],
    captures: Mapping[str, Captured],
) -> dict[Reference, str]:
    """Return everything that has an identifier of its own, each with the file in which it stands."""
    things = {
        each.reference: each.origin.path for each in authorities.values() if each.reference.kind in KINDS
    }
    things |= {Reference(Kind.RECORD, key): record.origin.path for key, record in records.items()}
    things |= {Reference(Kind.CAPTURE, sha256[:16]): each.capture.path for sha256, each in captures.items()}
    return {reference: path for reference, path in things.items() if reference.kind in REGISTERED}
