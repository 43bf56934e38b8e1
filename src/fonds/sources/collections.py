"""The collections of a publication: their files, first the registers, then the documents, and the links between these."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from fonds.errors import Fault
from fonds.fingerprint import digest
from fonds.model import Authority, Reference
from fonds.settings import Collection
from fonds.sources import Reading
from fonds.sources.elsewhere import EXTERNAL
from fonds.sources.files import shown_path, stands_within
from fonds.sources.filing import Filed, Filing, Reader
from fonds.sources.links import addresses_in
from fonds.sources.tei import TeiSource
from fonds.sources.tei_context import Context

# How a register begins: its text, perhaps a heading, then a list. Whether it is one shows when it is parsed.
_BEGINS_WITH_LIST = re.compile(
    rb"<(?:body|standOff)\b[^>]*>\s*(?:<div\b[^>]*>\s*)*(?:<head\b.{0,500}?</head>\s*)?"
    rb"<list(?:Person|Org|Place|Event|Bibl)?\b",
    re.DOTALL,
)
_HEADER_BYTES = 65_536
_HAS_DOCUMENTS = re.compile(rb"<div[0-7]?\s[^>]*\btype\s*=\s*[\"']document[\"']")
DOCUMENTS = "data/documents"
VOLUMES = Collection()
"""The collection of volumes that stand in :data:`DOCUMENTS` and in no collection that has a name."""


@dataclass(slots=True)
class Gathered:
    """What came of the files of all collections.

    Attributes:
        records: The records by key.
        authorities: What registers and documents list.
        faults: What stops a build.
        warnings: What is wrong and stops nothing.
        met: What was met and not understood, with how often.
        unreadable: Files of strict collections of which nothing could be read.
        disputed: Keys that several documents have, with these documents: none of them is published.
    """

    records: dict[str, Filed] = field(default_factory=dict)
    authorities: dict[Reference, Authority] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)
    unreadable: set[str] = field(default_factory=set)
    disputed: dict[str, list[Filed]] = field(default_factory=dict)


def files_of(folder: Path, collections: Sequence[Collection]) -> dict[Path, Collection]:
    """Return the files of all collections, each with the first collection whose patterns it fits, in the order of their names.

    A volume of documents is read like one of a collection wherever it stands: one bad document must not lose the others.
    """
    files: dict[Path, Collection] = {}
    for collection in collections:
        found = {
            path for pattern in (*collection.files, *collection.registers) for path in folder.glob(pattern)
        }
        for path in sorted(found):
            if path.is_file() and not path.name.startswith((".", "README")):
                files.setdefault(path, collection)
    for path in sorted((folder / DOCUMENTS).rglob("*.xml")):
        if path not in files and path.is_file() and stands_within(path, folder) and _looks_like_volume(path):
            files[path] = VOLUMES
    return files


def _looks_like_volume(path: Path) -> bool:
    hidden = path.name.startswith((".", "README")) or path.stat().st_size > VOLUMES.file_bytes
    return not hidden and _HAS_DOCUMENTS.search(path.read_bytes()) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """One collection on its way: its registers are read, its documents are not.

    Attributes:
        context: What its documents are read with.
        registers: What came of its registers, in the order of their names.
        documents: Its other files, in the order of their names.
        unusable: Faults of files that are no documents.
    """

    context: Context
    registers: tuple[tuple[str, Reading], ...]
    documents: tuple[Path, ...]
    unusable: tuple[Fault, ...]


def read_registers(
    folder: Path, files: Mapping[Path, Collection], context: Context, filing: Filing
) -> list[Collected]:
    """Read the registers of all collections, and return with what their documents are to be read.

    Args:
        folder: The publication.
        files: As :func:`files_of` gives them.
        context: What the publication knows besides.
        filing: Where what was read is put.
    """
    by_collection: dict[str, list[Path]] = defaultdict(list)
    profiles = {collection.name: collection for collection in files.values()}
    for path, collection in files.items():
        by_collection[collection.name].append(path)
    return [
        _collected(folder, paths, replace(context, profile=profiles[name]), filing)
        for name, paths in by_collection.items()
    ]


def _collected(folder: Path, paths: Sequence[Path], context: Context, filing: Filing) -> Collected:
    unusable = {path: fault for path in paths if (fault := _unusable(folder, path))}
    readable = [path for path in paths if path not in unusable]
    registers = _registers(folder, readable, context, filing)
    listed, authorities = _listed(registers)
    by_iri = _stated(authorities[each] for each in dict.fromkeys(listed.values())) | dict(context.by_iri)
    return Collected(
        context=replace(context, listed=listed, by_iri=by_iri),
        registers=tuple((shown_path(path, folder), reading) for path, reading in registers.items()),
        documents=tuple(path for path in readable if path not in registers),
        unusable=tuple(unusable.values()),
    )


def gather(folder: Path, collections: Iterable[Collected], filing: Filing) -> Gathered:
    """Put together what was read of the files of all collections.

    Args:
        folder: The publication.
        collections: Whose documents are read.
        filing: What came of them.
    """
    gathered = Gathered()
    for each in collections:
        _tell(each.unusable, each.context, gathered)
        _gather_registers(each, gathered)
        _gather_documents(folder, each, filing, gathered)
    return gathered


def _gather_documents(folder: Path, collected: Collected, filing: Filing, gathered: Gathered) -> None:
    context = collected.context
    records: dict[str, list[Filed]] = defaultdict(list)
    for path in collected.documents:
        shown = shown_path(path, folder)
        for reading, filed in filing.readings(path):
            _note(reading, filed, shown, context, gathered)
            for authority in reading.authorities:
                _add_listed(authority, context, gathered)
            if filed:
                records[filed.key].append(filed)
    _add_records(records, context, gathered)


def addresses_of(
    collections: Iterable[Collected], filing: Filing, records: Mapping[str, Filed]
) -> dict[str, str]:
    """Return where the pointers of records to other documents lead: the keys of records by what pointers say.

    Args:
        collections: Whose documents are read.
        filing: What came of them.
        records: The records that are published.
    """
    pointers = {each for filed in records.values() for each in filed.pointers}
    wanted = {address for each in pointers for address in addresses_in(each)}
    addresses: dict[str, str | None] = {}
    if not wanted:
        return {}
    for path in (path for each in collections for path in each.documents):
        for reading, _ in filing.readings(path):
            for address in wanted & reading.addresses.keys():
                # An address that two documents have leads to neither.
                key = reading.addresses[address]
                addresses[address] = key if addresses.get(address, key) == key else None
    return {address: key for address, key in addresses.items() if key is not None and key in records}


def _unusable(folder: Path, path: Path) -> Fault | None:
    shown = shown_path(path, folder)
    if not stands_within(path, folder):
        return Fault(shown, 0, 0, "leads out of the publication; put the file itself here")
    if path.suffix.lower() != ".xml":
        return Fault(shown, 0, 0, "is no kind of file that is read here; a TEI document ends in .xml")
    return None


def _tell(faults: Iterable[Fault], context: Context, gathered: Gathered) -> None:
    (gathered.faults if context.profile.strict else gathered.warnings).extend(faults)


def _note(reading: Reading, filed: Filed | None, shown: str, context: Context, gathered: Gathered) -> None:
    gathered.faults.extend(reading.faults)
    gathered.warnings.extend(reading.warnings)
    gathered.met.update(reading.met)
    nothing = filed is None and not reading.authorities and not reading.addresses
    if nothing and context.profile.strict and not reading.is_register:
        gathered.unreadable.add(shown)


# -- registers --------------------------------------------------------------------------------------------------------


def _registers(folder: Path, paths: Sequence[Path], context: Context, filing: Filing) -> dict[Path, Reading]:
    """Return what came of those files that turn out to be registers."""
    named = {path for pattern in context.profile.registers for path in folder.glob(pattern)}
    likely = [path for path in paths if path in named or _may_be_register(path, context.profile)]
    # Whether a file is a register shows in the first that is read of it.
    filing.read(
        [(path, "register") for path in likely], {"register": tei_reader(context, folder, whole=False)}
    )
    found = ((path, next(filing.readings(path), None)) for path in likely)
    return {path: first[0] for path, first in found if first and first[0].is_register}


def _listed(
    registers: Mapping[Path, Reading],
) -> tuple[Mapping[str, Reference], Mapping[Reference, Authority]]:
    """Return what registers list by ``xml:id``, and the entries by reference; what is listed twice is left out."""
    found: dict[str, list[Reference]] = defaultdict(list)
    authorities: dict[Reference, list[Authority]] = defaultdict(list)
    for reading in registers.values():
        for authority in reading.authorities:
            authorities[authority.reference].append(authority)
        for name, reference in reading.listed.items():
            found[name].append(reference)
    once = {reference: entries[0] for reference, entries in authorities.items() if len(entries) == 1}
    twice = authorities.keys() - once.keys()
    listed = {name: each[0] for name, each in found.items() if len(each) == 1 and each[0] not in twice}
    return listed, once


def _gather_registers(collected: Collected, gathered: Gathered) -> None:
    authorities: dict[Reference, list[Authority]] = defaultdict(list)
    for shown, reading in collected.registers:
        _note(reading, None, shown, collected.context, gathered)
        for authority in reading.authorities:
            authorities[authority.reference].append(authority)
    for reference in sorted(authorities):
        if len(authorities[reference]) > 1:
            _tell(_twice(authorities[reference]), collected.context, gathered)
    gathered.authorities.update(
        (reference, entries[0]) for reference, entries in authorities.items() if len(entries) == 1
    )


def _stated(authorities: Iterable[Authority]) -> dict[str, Reference]:
    """Return what registers list by the identifiers elsewhere that they state, where one is stated of one thing only."""
    things: dict[str, set[Reference]] = defaultdict(set)
    for authority in authorities:
        for each in authority.elsewhere:
            if each.iri and each.scheme != EXTERNAL:
                things[each.iri].add(authority.reference)
    return {iri: next(iter(found)) for iri, found in things.items() if len(found) == 1}


def _may_be_register(path: Path, profile: Collection) -> bool:
    if profile.documents == "divisions":
        return False
    with path.open("rb") as file:
        return _BEGINS_WITH_LIST.search(file.read(_HEADER_BYTES)) is not None


def _twice(entries: Sequence[Authority]) -> Iterator[Fault]:
    """Yield a fault for each of several entries of registers that have one id: none of them is published."""
    for entry in entries:
        others = ", ".join(
            f"{each.origin.path}:{each.origin.line}" for each in entries if each.origin != entry.origin
        )
        message = f"{entry.reference} is listed in {others} as well; none is published until each has an xml:id of its own"
        yield Fault(entry.origin.path, entry.origin.line, 0, message)


def _add_listed(authority: Authority, context: Context, gathered: Gathered) -> None:
    """Add what a document lists; where one id means one thing in the whole collection, what several files say is put together."""
    other = gathered.authorities.get(authority.reference)
    if other is None:
        gathered.authorities[authority.reference] = authority
    elif context.profile.ids == "collection":
        gathered.authorities[authority.reference] = merged(other, authority)
    else:
        message = f"its key would be {authority.reference}, which {other.origin.path}:{other.origin.line} has; change its xml:id"
        _tell([Fault(authority.origin.path, authority.origin.line, 0, message)], context, gathered)


def merged(one: Authority, other: Authority) -> Authority:
    """Return what two entries with one id say together; the first gives the label, and nothing that either says is lost."""
    names = dict.fromkeys((*one.other_names, *other.labels, *other.other_names))
    prose = [each for each in (one.definition, other.definition) if each]
    life = {each.event: each for each in other.life}
    for each in one.life:
        life[each.event] = replace(each, place=each.place or life.get(each.event, each).place)
    return replace(
        one,
        other_names=tuple(name for name in names if name not in one.labels),
        definition=prose[0] if len(set(prose)) == 1 else "; ".join(dict.fromkeys(prose)),
        elsewhere=tuple(dict.fromkeys((*one.elsewhere, *other.elsewhere))),
        life=tuple(life[event] for event in sorted(life)),
        coordinates=one.coordinates or other.coordinates,
    )


# -- records ----------------------------------------------------------------------------------------------------------


def _add_records(records: Mapping[str, Sequence[Filed]], context: Context, gathered: Gathered) -> None:
    """Add the records; of several with one key none, and each is told with the others."""
    for key, several in records.items():
        if len(several) == 1 and key not in gathered.records and key not in gathered.disputed:
            gathered.records[key] = several[0]
            continue
        earlier = gathered.records.pop(key, None)
        all_of_them = [*gathered.disputed.get(key, ()), *([earlier] if earlier else []), *several]
        gathered.disputed[key] = all_of_them
        for record in all_of_them:
            others = ", ".join(
                f"{each.origin.path}:{each.origin.line}"
                for each in all_of_them
                if each.origin != record.origin
            )
            message = f"its key {key!r} is that of {others} as well; none is published until each has an xml:id of its own"
            _tell([Fault(record.origin.path, record.origin.line, 0, message)], context, gathered)


def tei_reader(context: Context, folder: Path, *, whole: bool = True) -> Reader:
    """Return the reader of TEI files that are read with a context."""
    return Reader(
        parser=TeiSource(folder=folder, context=context),
        depends=digest_of_context(context),
        told=context.told,
        most_bytes=context.profile.file_bytes,
        whole=whole,
    )


def digest_of_context(context: Context) -> bytes:
    """Return a hash of all that a context says."""
    return digest(
        "tei",
        _encode(sorted(context.known)),
        _encode(sorted(context.by_iri.items())),
        # A capture's text follows from its SHA-256.
        _encode(sorted((key, each.capture, each.text is None) for key, each in context.captures.items())),
        _encode(sorted(context.fulltext.items())),
        _encode((context.default_fulltext, context.base)),
        _encode(context.profile),
        _encode(sorted(context.listed.items())),
    )


_encode = msgspec.msgpack.encode
