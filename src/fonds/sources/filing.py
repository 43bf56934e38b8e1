"""Reading files on all cores, and putting away what came of them: only what must be known of all records stays in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, overload

import msgspec

from fonds import fingerprint, parallel
from fonds.errors import Fault
from fonds.model import Origin, Record, Reference
from fonds.progress import Progress
from fonds.reconciliation.merging import with_merged
from fonds.sources import Reading
from fonds.sources.files import shown_path, too_large
from fonds.sources.links import linked, open_pointers
from fonds.workshop import Stored, Workshop, WorkshopDamagedError, decoded, packed, unpacked

_BATCH_FILES = 32
_BATCH_BYTES = 512 * 1024
_FEW_BYTES = 1024 * 1024
"""As little as this is read in less time than a process takes to start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """What is known of a record that was put away.

    Attributes:
        key: As in the record.
        origin: As in the record.
        digest: Hash of all that was read.
        languages: The tags of its title, its words and its versions.
        pointers: What may lead to other documents, as it stands there; none where no pointer does.
        place: Where it was put.
    """

    key: str
    origin: Origin
    digest: bytes
    languages: tuple[str, ...] = ()
    pointers: tuple[str, ...] = ()
    place: int = 0


@dataclass(frozen=True, slots=True)
class _Head:
    """What came of one file: the readings without their records, and with each what is known of its record."""

    readings: tuple[Reading, ...]
    filed: tuple[Filed | None, ...]


_write = msgspec.msgpack.Encoder().encode
_read_head = msgspec.msgpack.Decoder(_Head).decode
_read_record = msgspec.msgpack.Decoder(Record).decode


class Parser(Protocol):
    """Reads the bytes of a file; it can be sent to another process."""

    def parse(self, source: bytes, shown: str) -> Iterable[Reading]:
        """Return what came of each document of a file, whatever is wrong with it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How some files are read.

    Attributes:
        parser: What reads them.
        depends: Hash of all that the parser knows beside the bytes.
        told: Makes of faults what they are in these files: faults, or warnings.
        most_bytes: Longest file that is read.
        whole: Whether all of a file is read; if not, only what comes first, and no record.
    """

    parser: Parser
    depends: bytes
    told: Callable[[Reading], Reading]
    most_bytes: int
    whole: bool = True

    def key(self, shown: str, source: bytes) -> bytes:
        """Return by what the result of reading a file is known."""
        return fingerprint.digest(fingerprint.program(), self.depends, str(self.whole), shown, source)


class Task(msgspec.Struct, frozen=True):
    """Some small files, or a large one, that one process reads: for each its path, its name in messages, its reader."""

    files: tuple[tuple[str, str, str], ...]


def decoded_record(data: bytes) -> Record:
    """Return a record as it was read.

    Raises:
        WorkshopDamagedError: It is none.
    """
    return decoded(_read_record, data)


class Filing:
    """What was read of a publication's files, and what earlier builds had read of them.

    Args:
        workshop: Where it is put.
        folder: The publication.
        jobs: How many processes read.
        progress: Told how many files are read.
    """

    def __init__(self, workshop: Workshop, folder: Path, jobs: int, progress: Progress) -> None:
        self.workshop = workshop
        self.done_here = 0
        """How many files were read, since no earlier build had read them."""
        self._folder = folder
        self._jobs = jobs
        self._progress = progress
        self._keys: dict[Path, bytes] = {}
        self._lost: dict[Path, Reading] = {}

    def read(self, files: Sequence[tuple[Path, str]], readers: Mapping[str, Reader]) -> None:
        """Read files, each with the reader of that name, unless it was read before with the same one."""
        missing: list[tuple[Path, str, str]] = []
        size = 0
        for path, name in files:
            shown = shown_path(path, self._folder)
            if (bytes_ := path.stat().st_size) > (most := readers[name].most_bytes):
                self._lost[path] = readers[name].told(Reading(faults=(too_large(shown, bytes_, most),)))
                continue
            source = path.read_bytes()
            self._keys[path] = readers[name].key(shown, source)
            if self.workshop.find(self._keys[path]) is None:
                missing.append((path, shown, name))
                size += len(source)
        if missing:
            self._work(missing, readers, self._jobs if size > _FEW_BYTES else 1, len(files))

    def _work(
        self, missing: list[tuple[Path, str, str]], readers: Mapping[str, Reader], jobs: int, total: int
    ) -> None:
        work = parallel.Work(begin=dict, arguments=(readers,), do=read_task)
        before, done = total - len(missing), 0
        for task, stored in parallel.done(work, _tasks(missing), jobs=jobs):
            if isinstance(stored, parallel.Died):
                self._one_by_one(task, work)
            else:
                self._keep(task, stored)
            done += len(task.files)
            self._progress("reading files", before + done, total)
        self.done_here += done
        self.workshop.commit()

    def _one_by_one(self, task: Task, work: parallel.Work[dict[str, Reader], Task, list[Stored]]) -> None:
        """Read the files of a task that killed its process, each for itself; those that do so again are told."""
        if len(task.files) > 1:
            for one, stored in parallel.done(work, (Task((each,)) for each in task.files), jobs=2):
                if isinstance(stored, parallel.Died):
                    self._one_by_one(one, work)
                else:
                    self._keep(one, stored)
            return
        readers: Mapping[str, Reader] = work.arguments[0]
        for path, shown, name in task.files:
            self._lost[Path(path)] = readers[name].told(Reading(faults=(_fault_of_death(shown),)))

    def _keep(self, task: Task, stored: Sequence[Stored]) -> None:
        for (path, _, _), each in zip(task.files, stored, strict=True):
            self._keys[Path(path)] = each.key
            self.workshop.put(each)

    def readings(self, path: Path) -> Iterator[tuple[Reading, Filed | None]]:
        """Yield what came of a file that was read, with each what is known of its record.

        Raises:
            WorkshopDamagedError: It is not what was put away.
        """
        if path in self._lost:
            yield self._lost[path], None
            return
        entry = self.workshop.find(self._keys[path])
        if entry is None:
            raise WorkshopDamagedError("an entry that was there is gone")
        head = decoded(_read_head, entry.head)
        part = 0
        for reading, filed in zip(head.readings, head.filed, strict=True):
            if filed is None:
                yield reading, None
            else:
                yield reading, replace(filed, place=self.workshop.place(entry.number, part))
                part += 1

    def file(self, record: Record) -> Filed:
        """Put a record away that was read here, and return what is known of it."""
        data = _write(record)
        filed = _filed(record, data)
        key = fingerprint.digest("record", filed.digest)
        entry = self.workshop.find(key)
        number = entry.number if entry else self.workshop.put(Stored(key, packed(b""), (packed(data),)))
        return replace(filed, place=self.workshop.place(number, 0))


def _fault_of_death(shown: str) -> Fault:
    message = (
        "the process that read it ended, also when it read nothing else: it needs more memory than there is, or a library "
        "cannot bear it; split it, or take it away"
    )
    return Fault(shown, 0, 0, message)


def _tasks(files: Iterable[tuple[Path, str, str]]) -> Iterator[Task]:
    """Yield files in batches that are worth a message to another process."""
    batch: list[tuple[str, str, str]] = []
    size = 0
    for path, shown, name in files:
        batch.append((str(path), shown, name))
        size += path.stat().st_size
        if len(batch) >= _BATCH_FILES or size >= _BATCH_BYTES:
            yield Task(tuple(batch))
            batch, size = [], 0
    if batch:
        yield Task(tuple(batch))


def read_task(readers: Mapping[str, Reader], task: Task) -> list[Stored]:
    """Read files, and return for each what is to be kept of it."""
    return [_read_file(readers[name], Path(path), shown) for path, shown, name in task.files]


def _read_file(reader: Reader, path: Path, shown: str) -> Stored:
    source = path.read_bytes()
    readings: list[Reading] = []
    filed: list[Filed | None] = []
    bodies: list[bytes] = []
    for reading in reader.parser.parse(source, shown):
        record = reading.record if reader.whole else None
        readings.append(replace(reading, record=None))
        data = _write(record) if record else b""
        filed.append(_filed(record, data) if record else None)
        if record:
            bodies.append(packed(data))
        if not reader.whole:
            break
    head = packed(_write(_Head(tuple(readings), tuple(filed))))
    return Stored(reader.key(shown, source), head, tuple(bodies))


def _filed(record: Record, data: bytes) -> Filed:
    return Filed(
        key=record.key,
        origin=record.origin,
        digest=fingerprint.digest(data),
        languages=tuple(dict.fromkeys(_tags(record))),
        pointers=tuple(sorted(open_pointers(record))),
    )


def _tags(record: Record) -> Iterator[str]:
    if record.text.language:
        yield record.text.language
    yield from (version.language for version in record.versions)
    if record.title.language:
        yield record.title.language


@dataclass(frozen=True, slots=True)
class Records(Sequence[Record]):
    """The records of a publication in the order of their keys; each is fetched when it is asked for, and not kept.

    Attributes:
        filed: What is known of each without fetching it.
        addresses: The keys of records by what pointers from other documents say.
        becomes: For each thing that was found to be another that other one.
    """

    filed: tuple[Filed, ...]
    workshop: Workshop
    addresses: Mapping[str, str] = field(default_factory=dict)
    becomes: Mapping[Reference, Reference] = field(default_factory=dict)

    def fetch(self, filed: Filed) -> Record:
        """Return a record with its links, naming what stays of the things that were found to be one."""
        record = decoded_record(unpacked(self.workshop.frame(filed.place)))
        return with_merged(linked(record, self.addresses) if filed.pointers else record, self.becomes)

    def __len__(self) -> int:
        return len(self.filed)

    @overload
    def __getitem__(self, at: int) -> Record: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Record, ...]: ...
    def __getitem__(self, at: int | slice) -> Record | tuple[Record, ...]:
        if isinstance(at, slice):
            return tuple(map(self.fetch, self.filed[at]))
        return self.fetch(self.filed[at])

    def __iter__(self) -> Iterator[Record]:
        return map(self.fetch, self.filed)
