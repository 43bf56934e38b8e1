"""Mapping a whole publication on all cores: what earlier builds mapped from the same sources in the same environment is taken."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby, islice
from pathlib import Path

from fonds import parallel
from fonds.errors import BuildError, Fault
from fonds.fingerprint import digest, digest_of_folders, program
from fonds.mapping.common import VOCABULARIES, Context
from fonds.mapping.description import Description
from fonds.mapping.origins import origins_of_authorities
from fonds.model import Authority, Origin
from fonds.progress import Progress
from fonds.release.counting import Counts, counts_of_authority
from fonds.release.environment import Answers, Environment, joined
from fonds.release.mapped import (
    Desk,
    Head,
    Item,
    Plan,
    batches,
    desk,
    encoded_authorities,
    entry_in,
    head_of,
    know_items,
    known_of,
    map_items,
    mapped_of,
    same,
    text_of,
)
from fonds.release.packed import Mapped
from fonds.search.entries import Entry
from fonds.search.index import write_index
from fonds.search.kept import ENTRIES, kept_beside
from fonds.shapes import Finding, Neighbours, Shapes, neighbours_of
from fonds.sources.filing import Filed
from fonds.sources.publication import Publication
from fonds.texts import PublishedText
from fonds.vocabulary import PREFIXES
from fonds.workshop import Stored, Workshop, packed, unpacked

_CHUNK = 50
"""Most authorities that are mapped together."""
_BATCH = 16
_FEW = 30
"""As few are mapped in less time than processes take to start."""
_FEW_CHUNKS = 20


@dataclass(frozen=True, slots=True)
class Chunk:
    """Authorities of one file that are mapped together.

    Attributes:
        authorities: In their order.
        digest: Hash of all that is known of them.
    """

    authorities: tuple[Authority, ...]
    digest: bytes

    @property
    def origin(self) -> Origin:
        """Where they stand."""
        return self.authorities[0].origin

    def item(self, key: bytes) -> Item:
        """Return what is sent to be mapped."""
        return Item(key, authorities=packed(encoded_authorities(self.authorities)))


def chunks_of(publication: Publication) -> list[Chunk]:
    """Return the authorities of a publication but the terms of vocabularies, those of one file together."""
    things = (each for each in publication.authorities.values() if each.reference.kind not in VOCABULARIES)
    chunks = []
    for _, group in groupby(things, key=lambda each: each.origin.path):
        while chunk := tuple(islice(group, _CHUNK)):
            chunks.append(Chunk(chunk, digest(encoded_authorities(chunk))))
    return chunks


def environment_of(
    publication: Publication,
    context: Context,
    others: Iterable[Description],
    terms: Iterable[Authority],
    workshop: Workshop,
    jobs: int,
) -> Environment:
    """Return what the things of a publication may ask of it.

    Args:
        publication: What was read.
        context: What the mapping knows of it.
        others: The descriptions of project, ontology and vocabularies.
        terms: The terms of all vocabularies, the program's included.
        workshop: Where what is known of authorities is put, and found.
        jobs: How many processes work.
    """
    known = _known_authorities(chunks_of(publication), context, workshop, jobs)
    records = publication.records
    return Environment(
        context=context,
        neighbours=joined(chain([neighbours_of(others)], known)),
        origins=origins_of_authorities([*terms, *publication.authorities.values()], context),
        records=frozenset(each.key for each in records.filed),
        addresses=records.addresses,
        becomes={context.thing(one).value: (one, other) for one, other in records.becomes.items()},
    )


def _known_authorities(
    chunks: Sequence[Chunk], context: Context, workshop: Workshop, jobs: int
) -> Iterator[Neighbours]:
    """Yield what others must know of authorities, in no order."""
    basis = digest("known", program(), context.iris.base)
    missing: list[Item] = []
    origins = {}
    for chunk in chunks:
        key = digest(basis, chunk.digest)
        if entry := workshop.find(key):
            yield known_of(entry.head)
        else:
            missing.append(chunk.item(key))
            origins[key] = chunk.origin
    work = parallel.Work(begin=same, arguments=(context,), do=know_items)
    jobs = jobs if len(missing) > _FEW_CHUNKS else 1
    for items, stored in parallel.done(work, batches(missing, _BATCH), jobs=jobs):
        if isinstance(stored, parallel.Died):
            raise BuildError([_fault_of_death(origins[each.key]) for each in items])
        for each in stored:
            workshop.put(each)
            yield known_of(unpacked(each.head))


@dataclass(slots=True)
class Working:
    """The mapping of one publication, and what came of it so far.

    Attributes:
        publication: What is mapped.
        workshop: Where the results are put, and those of earlier builds are found.
        environment: What things ask of others.
        shapes: What must hold.
        ontology: The folders of tables of terms.
        jobs: How many processes map.
        progress: Told how much is mapped.
        findings: What does not hold, so far.
    """

    publication: Publication
    workshop: Workshop
    environment: Environment
    shapes: Shapes
    ontology: tuple[Path, ...]
    jobs: int
    progress: Progress
    findings: list[Finding] = field(default_factory=list)
    _counts: Counts = field(default_factory=Counts)
    _is_whole: bool = False
    _texts: dict[str, int] = field(default_factory=dict)

    def mapped(self, take: Callable[[str], bool] | None = None) -> Generator[Mapped, None, None]:
        """Map everything but vocabularies, or take what was mapped before, and yield the results in any order.

        Args:
            take: Tells of a file, by its name, whether what stands in it is mapped; None: all is.

        Raises:
            BuildError: Processes that mapped something ended each time; it names the sources.
        """
        every: list[Chunk | Filed] = [*chunks_of(self.publication), *self.publication.records.filed]
        wanted = [each for each in every if not take or take(each.origin.path)]
        basis, answers = self._basis(), Answers(self.environment)
        missing: dict[bytes, Chunk | Filed] = {}
        number = 0
        for each in wanted:
            key = digest(basis, each.digest)
            entry = self.workshop.find(key)
            head = head_of(entry.head) if entry else None
            if entry is None or head is None or answers.to(head.questions) != head.answers:
                missing[key] = each
                continue
            number += 1
            yield from self._taken(each, entry.number, head, self._frame(entry.number, 0))
            self.progress("mapping", number, len(wanted))
        for each, stored in self._work(missing):
            number += 1
            head = head_of(unpacked(stored.head))
            yield from self._taken(each, self.workshop.put(stored), head, stored.bodies[0])
            self.progress("mapping", number, len(wanted))
        self._count_terms()
        self._is_whole = True

    def _count_terms(self) -> None:
        """Count what vocabularies list, which is mapped elsewhere."""
        for each in self.publication.authorities.values():
            if each.reference.kind in VOCABULARIES:
                self._counts.add(counts_of_authority(each))

    def counted(self) -> Counts | None:
        """Return what the sources hold; None until everything is mapped."""
        return self._counts if self._is_whole else None

    def _basis(self) -> bytes:
        """Return a hash of what every result depends on."""
        context = self.environment.context
        own = digest_of_folders(self.ontology)
        return digest("mapped", program(), own, context.iris.base, context.rights)

    def _frame(self, number: int, part: int) -> bytes:
        return self.workshop.frame(self.workshop.place(number, part))

    def _taken(self, each: Chunk | Filed, number: int, head: Head, frame: bytes) -> Iterator[Mapped]:
        self.findings.extend(head.findings)
        self._counts.add(head.counts)
        if isinstance(each, Filed):
            self._texts[each.key] = number
        return iter(mapped_of(frame))

    def _work(self, missing: Mapping[bytes, Chunk | Filed]) -> Iterator[tuple[Chunk | Filed, Stored]]:
        """Map things, and yield each with what is to be kept of it."""
        jobs = self.jobs if len(missing) > _FEW else 1
        base = self.environment.context.iris
        plan = Plan(
            environment=self.environment,
            ontology=self.ontology,
            captures=self.publication.captures,
            folder=self.publication.folder,
            prefixes=PREFIXES | base.prefixes,
        )
        work = parallel.Work(begin=desk, arguments=(plan, self.shapes if jobs == 1 else None), do=map_items)
        items = (self._item(key, each) for key, each in missing.items())
        lost: list[Item] = []
        for task, stored in parallel.done(work, batches(items, _BATCH), jobs=jobs):
            if isinstance(stored, parallel.Died):
                lost.extend(task)
            else:
                yield from ((missing[each.key], each) for each in stored)
        yield from self._one_by_one(lost, missing, work)

    def _one_by_one(
        self,
        lost: Sequence[Item],
        missing: Mapping[bytes, Chunk | Filed],
        work: parallel.Work[Desk, tuple[Item, ...], list[Stored]],
    ) -> Iterator[tuple[Chunk | Filed, Stored]]:
        """Map what stood in a task that killed its process, each for itself."""
        if not lost:
            return
        faults = []
        for (item,), stored in parallel.done(work, ((each,) for each in lost), jobs=2):
            if isinstance(stored, parallel.Died):
                faults.append(_fault_of_death(missing[item.key].origin))
            else:
                yield from ((missing[each.key], each) for each in stored)
        if faults:
            raise BuildError(sorted(faults))

    def _item(self, key: bytes, each: Chunk | Filed) -> Item:
        if isinstance(each, Chunk):
            return each.item(key)
        return Item(key, record=self.workshop.frame(each.place), linking=bool(each.pointers))

    def texts(self) -> Iterator[tuple[str, PublishedText]]:
        """Yield the words of all records that were mapped as they leave the house."""
        for key, number in self._texts.items():
            yield key, text_of(self._frame(number, 1))

    def write_index(self, folder: Path) -> None:
        """Write the full-text index of all that was mapped, and beside it of what it can be made again; both are made."""
        listed = self.publication.authorities
        write_index(folder, kept_beside(folder.with_name(ENTRIES), self._entries(), listed), listed)

    def _entries(self) -> Iterator[tuple[Entry, str | None]]:
        # In the order of their keys, however they came: the same things give the same bytes.
        for done, key in enumerate(sorted(self._texts), start=1):
            number = self._texts[key]
            words = text_of(self._frame(number, 1)).words
            yield entry_in(self._frame(number, 2)), words
            self.progress("indexing", done, len(self._texts))


def _fault_of_death(origin: Origin) -> Fault:
    message = (
        "the process that mapped what stands here ended, also when it mapped nothing else: it needs more memory than there "
        "is, or a library cannot bear it; shorten it, or take it away"
    )
    return Fault(origin.path, origin.line, 0, message, origin.sheet)
