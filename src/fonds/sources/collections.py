"""The collections of a publication: their files, first the registers, then the documents, and the links between these."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from fonds.errors import Fault
from fonds.model import Authority, Mention, Record, Reference, Related
from fonds.settings import Collection
from fonds.sources import Reading
from fonds.sources.elsewhere import EXTERNAL
from fonds.sources.files import shown_path, stands_within
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

    records: dict[str, Record] = field(default_factory=dict)
    authorities: dict[Reference, Authority] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)
    unreadable: set[str] = field(default_factory=set)
    disputed: dict[str, list[Record]] = field(default_factory=dict)


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


def read_collections(folder: Path, files: Mapping[Path, Collection], context: Context) -> Gathered:
    """Read the files of all collections.

    Args:
        folder: The publication.
        files: As :func:`files_of` gives them.
        context: What the publication knows besides.
    """
    by_collection: dict[str, list[Path]] = defaultdict(list)
    profiles = {collection.name: collection for collection in files.values()}
    for path, collection in files.items():
        by_collection[collection.name].append(path)
    gathered = Gathered()
    addresses: dict[str, str | None] = {}
    for name, paths in by_collection.items():
        _read_collection(folder, paths, replace(context, profile=profiles[name]), gathered, addresses)
    known = {address: key for address, key in addresses.items() if key in gathered.records}
    gathered.records = {key: linked(record, known) for key, record in gathered.records.items()}
    return gathered


def _read_collection(
    folder: Path,
    paths: Sequence[Path],
    context: Context,
    gathered: Gathered,
    addresses: dict[str, str | None],
) -> None:
    readable = [path for path in paths if _is_readable(folder, path, context, gathered)]
    listed, registers = _read_registers(folder, readable, context, gathered)
    by_iri = _stated(gathered.authorities[each] for each in dict.fromkeys(listed.values())) | dict(
        context.by_iri
    )
    source = TeiSource(folder=folder, context=replace(context, listed=listed, by_iri=by_iri))
    records: dict[str, list[Record]] = defaultdict(list)
    for path in readable:
        if path in registers:
            continue
        for reading in source.read(path):
            _note(reading, shown_path(path, folder), context, gathered)
            for authority in reading.authorities:
                _add_listed(authority, context, gathered)
            if reading.record:
                records[reading.record.key].append(reading.record)
            for address, key in reading.addresses.items():
                # An address that two documents have leads to neither.
                addresses[address] = key if addresses.get(address, key) == key else None
    _add_records(records, context, gathered)


def _is_readable(folder: Path, path: Path, context: Context, gathered: Gathered) -> bool:
    shown = shown_path(path, folder)
    if not stands_within(path, folder):
        fault = Fault(shown, 0, 0, "leads out of the publication; put the file itself here")
    elif path.suffix.lower() != ".xml":
        fault = Fault(shown, 0, 0, "is no kind of file that is read here; a TEI document ends in .xml")
    else:
        return True
    _tell([fault], context, gathered)
    return False


def _tell(faults: Iterable[Fault], context: Context, gathered: Gathered) -> None:
    (gathered.faults if context.profile.strict else gathered.warnings).extend(faults)


def _note(reading: Reading, shown: str, context: Context, gathered: Gathered) -> None:
    gathered.faults.extend(reading.faults)
    gathered.warnings.extend(reading.warnings)
    gathered.met.update(reading.met)
    nothing = reading.record is None and not reading.authorities and not reading.addresses
    if nothing and context.profile.strict and not reading.is_register:
        gathered.unreadable.add(shown)


# -- registers --------------------------------------------------------------------------------------------------------


def _read_registers(
    folder: Path, paths: Sequence[Path], context: Context, gathered: Gathered
) -> tuple[Mapping[str, Reference], set[Path]]:
    """Return what the registers of a collection list, by ``xml:id``, and which files they are."""
    named = {path for pattern in context.profile.registers for path in folder.glob(pattern)}
    source = TeiSource(folder=folder, context=context)
    found: dict[str, list[tuple[Reference, Fault]]] = defaultdict(list)
    registers: set[Path] = set()
    authorities: dict[Reference, list[Authority]] = defaultdict(list)
    for path in paths:
        if path not in named and not _may_be_register(path, context.profile):
            continue
        reading = next(iter(source.read(path)), Reading())
        if not reading.is_register:
            continue
        registers.add(path)
        _note(reading, shown_path(path, folder), context, gathered)
        for authority in reading.authorities:
            authorities[authority.reference].append(authority)
        for name, reference in reading.listed.items():
            found[name].append((reference, Fault(shown_path(path, folder), 0, 0, "")))
    twice = {reference for reference, entries in authorities.items() if len(entries) > 1}
    for reference in sorted(twice):
        _tell(_twice(authorities[reference]), context, gathered)
    gathered.authorities.update(
        (reference, entries[0]) for reference, entries in authorities.items() if reference not in twice
    )
    listed = {name: each[0][0] for name, each in found.items() if len(each) == 1 and each[0][0] not in twice}
    return listed, registers


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


def _add_records(records: Mapping[str, Sequence[Record]], context: Context, gathered: Gathered) -> None:
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


def linked(record: Record, addresses: Mapping[str, str]) -> Record:
    """Return a record whose references to other documents lead to their records, as far as these are published.

    Args:
        record: A record whose pointers to other files are kept as they are.
        addresses: The keys of records by what a pointer can say: ``volume-7#d12``, ``letter-12``.
    """
    if record.related:
        record = replace(
            record, related=tuple(_related(each, record.key, addresses) for each in record.related)
        )
    if not any(each.pointer and each.target is None for each in record.text.mentions):
        return record
    mentions = tuple(_linked(each, addresses) for each in record.text.mentions)
    return replace(record, text=replace(record.text, mentions=mentions))


def _related(related: Related, key: str, addresses: Mapping[str, str]) -> Related:
    target = _target(related.pointer, addresses)
    return related if target == Reference("record", key) else replace(related, target=target)


def _linked(mention: Mention, addresses: Mapping[str, str]) -> Mention:
    if mention.target is not None or mention.marked not in ("ref", "ptr") or "://" in mention.pointer:
        return mention
    target = _target(mention.pointer, addresses)
    return mention if target is None else replace(mention, target=target, pointer="")


def _target(pointers: str, addresses: Mapping[str, str]) -> Reference | None:
    """Return the record to which the first of some pointers leads that leads to any."""
    # An address is what it is: that its end is like the name of a file here says nothing.
    for pointer in (each for each in pointers.split() if "://" not in each):
        file, sharp, part = pointer.partition("#")
        stem = file.rpartition("/")[2].removesuffix(".xml")
        key = addresses.get(f"{stem}#{part}") if sharp else None
        key = key or (addresses.get(stem) if stem else None)
        if key is not None:
            return Reference("record", key)
    return None
