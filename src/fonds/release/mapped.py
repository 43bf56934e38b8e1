"""One thing on its way into a release, worked out in any process: mapped, held against the shapes, packed."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import msgspec

from fonds.errors import Fault, SourceError
from fonds.mapping.authorities import describe_authority
from fonds.mapping.common import Context
from fonds.mapping.description import Description
from fonds.mapping.origins import origins_of_record
from fonds.mapping.record import describe
from fonds.model import Authority, Origin, Record
from fonds.reconciliation.merging import with_merged
from fonds.release.counting import Counts, counts_of, counts_of_authority
from fonds.release.environment import Answers, Asking, Environment
from fonds.release.packed import Mapped, pack_description
from fonds.search.entries import Entry, entry_of
from fonds.shapes import Finding, Neighbours, Shapes, load_shapes, neighbours_of, validate
from fonds.sources.capture import Captured
from fonds.sources.filing import decoded_record
from fonds.texts import PublishedText, published
from fonds.turtle import TurtleWriter
from fonds.workshop import Stored, decoded, packed, unpacked


class Head(msgspec.Struct, frozen=True, array_like=True):
    """What must be known of results before they are used."""

    questions: tuple[str, ...]
    """What was asked of the environment."""
    answers: bytes
    """Hash of the answers."""
    findings: tuple[Finding, ...]
    """What does not hold of it."""
    counts: Counts
    """What its source holds, for the report."""


class Item(msgspec.Struct, frozen=True, array_like=True):
    """What is to be mapped: a record, or some authorities."""

    key: bytes
    """By what the results are found again."""
    record: bytes | None = None
    """A record as it was put away."""
    linking: bool = False
    """Whether pointers of the record may lead to other documents."""
    authorities: bytes | None = None
    """Authorities, encoded and packed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is needed to map anything of a publication; it can be sent to another process.

    Attributes:
        environment: What things ask of others.
        ontology: The folders of tables of terms.
        captures: The captures by SHA-256.
        folder: The publication.
        prefixes: With which Turtle is written.
    """

    environment: Environment
    ontology: tuple[Path, ...]
    captures: Mapping[str, Captured]
    folder: Path
    prefixes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where things are mapped: a plan with what is made of it once in each process."""

    plan: Plan
    shapes: Shapes
    writer: TurtleWriter
    answers: Answers


def desk(plan: Plan, shapes: Shapes | None) -> Desk:
    """Return a desk; shapes that are not given are read."""
    return Desk(
        plan, shapes or load_shapes(plan.ontology), TurtleWriter(plan.prefixes), Answers(plan.environment)
    )


_write = msgspec.msgpack.Encoder().encode
_read_authorities = msgspec.msgpack.Decoder(tuple[Authority, ...]).decode
_read_head = msgspec.msgpack.Decoder(Head).decode
_read_mapped = msgspec.msgpack.Decoder(tuple[Mapped, ...]).decode
_read_text = msgspec.msgpack.Decoder(PublishedText).decode
_read_entry = msgspec.msgpack.Decoder(Entry).decode
_read_neighbours = msgspec.msgpack.Decoder(Neighbours).decode


def encoded_authorities(authorities: Iterable[Authority]) -> bytes:
    """Return authorities as bytes."""
    return _write(tuple(authorities))


def map_items(at: Desk, items: tuple[Item, ...]) -> list[Stored]:
    """Map things, and return for each what is to be kept of it."""
    return [
        _map_record(at, each) if each.record is not None else _map_authorities(at, each) for each in items
    ]


def _map_record(at: Desk, item: Item) -> Stored:
    record = decoded_record(unpacked(item.record or b""))
    context = at.plan.environment.context
    asking = Asking(at.plan.environment, context.iris.record(record.key).value)
    record = asking.linked(record) if item.linking else record
    record = with_merged(record, asking.becomes(record.references()))
    description = describe(record, asking.context)
    findings = check(
        description,
        record,
        shapes=at.shapes,
        context=context,
        neighbours=asking.neighbours,
        origins=asking.origins,
        words=words_of(record, at.plan.captures),
        folder=at.plan.folder,
    )
    faults: tuple[Fault, ...] = ()
    text = b""
    try:
        text = _write(published(record))
    except SourceError as error:
        faults = (error.fault,)
    mapped = pack_description(description, at.writer, faults)
    bodies = (_write((mapped,)), text, _write(entry_of(record)))
    return _stored(item.key, asking, at.answers, findings, counts_of(record), bodies)


def _map_authorities(at: Desk, item: Item) -> Stored:
    asking = Asking(at.plan.environment)
    findings: list[Finding] = []
    counts = Counts()
    mapped = []
    for authority in _read_authorities(unpacked(item.authorities or b"")):
        description = describe_authority(authority, asking.context)
        findings += check(
            description,
            None,
            shapes=at.shapes,
            context=at.plan.environment.context,
            neighbours=asking.neighbours,
            origins=asking.origins,
            words=None,
            folder=at.plan.folder,
        )
        counts.add(counts_of_authority(authority))
        mapped.append(pack_description(description, at.writer))
    return _stored(item.key, asking, at.answers, findings, counts, (_write(tuple(mapped)),))


def _stored(
    key: bytes,
    asking: Asking,
    answers: Answers,
    findings: Iterable[Finding],
    counts: Counts,
    bodies: tuple[bytes, ...],
) -> Stored:
    questions = asking.questions()
    head = Head(questions, answers.to(questions), tuple(findings), counts)
    return Stored(key, packed(_write(head)), tuple(map(packed, bodies)))


def check(
    description: Description,
    record: Record | None,
    *,
    shapes: Shapes,
    context: Context,
    neighbours: Neighbours,
    origins: Mapping[str, Origin],
    words: str | None,
    folder: Path,
) -> list[Finding]:
    """Hold a description against the shapes; as :func:`validate`, with the origins of a record's own parts."""
    own = origins_of_record(record, context) if record else {}
    return validate(
        description,
        shapes,
        base=context.iris.base,
        neighbours=neighbours,
        # Nothing is ever written into the second.
        origins=ChainMap(own, origins),  # type: ignore[arg-type]
        record=record,
        words=words,
        folder=folder,
    )


def words_of(record: Record, captures: Mapping[str, Captured]) -> str | None:
    """Return the text in which the positions of a record count; None where its capture is no plain text."""
    if record.capture is None:
        return record.text.plain
    captured = captures.get(record.capture.sha256)
    return captured.text if captured else None


# -- read again --------------------------------------------------------------------------------------------------------


def head_of(data: bytes) -> Head:
    """Return what is known of results."""
    return decoded(_read_head, data)


def mapped_of(frame: bytes) -> tuple[Mapped, ...]:
    """Return the results of one item."""
    return decoded(_read_mapped, unpacked(frame))


def text_of(frame: bytes) -> PublishedText:
    """Return the words of a record as they leave the house."""
    return decoded(_read_text, unpacked(frame))


def entry_in(frame: bytes) -> Entry:
    """Return by what a record is found."""
    return decoded(_read_entry, unpacked(frame))


# -- what others must know of authorities ------------------------------------------------------------------------------


def know_items(context: Context, items: tuple[Item, ...]) -> list[Stored]:
    """Return what is known of authorities where other things name them."""
    return [Stored(each.key, packed(_write(_known(each, context)))) for each in items]


def _known(item: Item, context: Context) -> Neighbours:
    authorities = _read_authorities(unpacked(item.authorities or b""))
    return neighbours_of(describe_authority(each, context) for each in authorities)


def known_of(data: bytes) -> Neighbours:
    """Return what was known of authorities."""
    return decoded(_read_neighbours, data)


def same(given: Context) -> Context:
    """Return the context in which authorities are described: all that their neighbours need."""
    return given


def batches(items: Iterable[Item], most: int) -> Iterator[tuple[Item, ...]]:
    """Yield items in batches that are worth a message to another process."""
    left = iter(items)
    while batch := tuple(islice(left, most)):
        yield batch
