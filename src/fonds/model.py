"""Archival description without format and without RDF: what a source says, as values.

A :class:`Record` is one document of an archive as its edition describes it; :class:`Authority` is one person, group,
place, event, work or holding that records refer to, or one term of a vocabulary. Positions are 0-based, end-exclusive
Unicode code points of the record's *anchor text*: the capture where there is one, else the record's plain text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from fonds.dates import DateSpan


class Reference(NamedTuple):
    """A pointer to an authority: ``person/guevara``."""

    kind: str
    key: str

    def __str__(self) -> str:
        """Return ``kind/key``."""
        return f"{self.kind}/{self.key}"


class Origin(NamedTuple):
    """Where a value stands in its source: the file as a person would type it, and its 1-based line (0: the whole).

    Of a workbook the sheet is named as well; the line is then its row.
    """

    path: str
    line: int = 0
    sheet: str = ""

    def __str__(self) -> str:
        """Return ``path:line``, of a workbook ``path, sheet "S", row 7``."""
        if self.sheet:
            return f'{self.path}, sheet "{self.sheet}"' + (f", row {self.line}" if self.line else "")
        return f"{self.path}:{self.line}" if self.line else self.path


class Certainty(StrEnum):
    """How sure the editor is, in the words of TEI ``@cert``."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in a language.

    Attributes:
        text: The words.
        language: BCP 47 tag, None where the words have none.
    """

    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the anchor text: ``[start, end)``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A date as a source gives it.

    Attributes:
        name: The part name of its time-span within the record, such as ``ts-doc``.
        date: What it means.
        form: The words of the source, verbatim.
        certainty: HIGH unless the editor had to infer something.
        ground: Why it is not certain; empty where it is.
    """

    name: str
    date: DateSpan
    form: str
    certainty: Certainty = Certainty.HIGH
    ground: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """A number or mark by which an archive knows something.

    Attributes:
        name: The part name within the record, such as ``reg-no``.
        type: The key of its type in the vocabulary, such as ``register-number``.
        value: Verbatim.
        bearer: What carries it: ``text`` (the record), ``object`` (the paper), ``leaf``, ``reel``.
        certainty: HIGH unless what kind of identifier it is had to be inferred.
    """

    name: str
    type: str
    value: str
    bearer: str
    certainty: Certainty = Certainty.HIGH


@dataclass(frozen=True, slots=True, kw_only=True)
class Participation:
    """Somebody's part in an event.

    Attributes:
        actor: Who.
        roles: Keys of terms in the vocabulary ``role``, in the order of the source.
    """

    actor: Reference
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentedEvent:
    """What a record documents: the conversation, the journey, the sending of a letter.

    Attributes:
        event: The event.
        types: Keys of terms in the vocabulary ``type``.
        when: Its date.
        where: Its place.
        where_certainty: HIGH unless the editor concluded where it was.
        where_ground: Why that is not certain.
        participants: Who took part, as what.
    """

    event: Reference
    types: tuple[str, ...] = ()
    when: Dated | None = None
    where: Reference | None = None
    where_certainty: Certainty = Certainty.HIGH
    where_ground: str = ""
    participants: tuple[Participation, ...] = ()
    origin: Origin = Origin("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One language version of a record's text.

    Attributes:
        language: BCP 47 tag; its first subtag is the part name.
        role: ``original`` or ``translation``.
        held: Whether this publication holds its words.
        translator: Who made it, where the source says so.
        on_behalf_of: Who had it made.
        evidence: The part name of the note from which it is known, where it is not held.
    """

    language: str
    role: str
    held: bool
    translator: Reference | None = None
    on_behalf_of: Reference | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """The digital edition from which a capture was taken.

    Attributes:
        publisher: Who published it.
        funder: Who supported it.
        other_formats: Media types that it offers and that are not held here.
    """

    publisher: Reference | None = None
    funder: Reference | None = None
    other_formats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A source as it was received, byte for byte.

    Attributes:
        sha256: Of its bytes, 64 hexadecimal digits.
        size_bytes: How many there are.
        media_type: What they are.
        path: Where the file stands, within the publication.
        furniture: What of it is not part of the record (menus, notices), verbatim, in its order.
        taken_from: The file from which its words were taken, where it is the text of one; else None.
    """

    sha256: str
    size_bytes: int
    media_type: str
    path: str
    furniture: tuple[str, ...] = ()
    taken_from: Capture | None = None


class Mark(StrEnum):
    """What an inline element of a text is."""

    MENTION = "mention"
    DATE = "date"
    GAP = "gap"
    NOTE = "note"
    STATEMENT = "statement"
    SPEECH = "speech"
    QUOTATION = "quotation"
    EMPHASIS = "emphasis"
    LABEL = "label"
    EDITORIAL = "editorial"
    FOREIGN = "foreign"
    DELETION = "deletion"
    BREAK = "break"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inline:
    """A marked stretch inside a block.

    Attributes:
        mark: What it is.
        content: Its words and the marks within them, in order.
        id: Its part name within the record, if it has one.
        target: What it points to, if anything.
        attributes: What else the edition says of it (``reason``, ``unit``, ``hand``, ``tag`` of an element not understood …).
    """

    mark: Mark
    content: tuple[str | Inline, ...] = ()
    id: str | None = None
    target: Reference | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Its words without marks."""
        return plain(self.content)


def plain(content: tuple[str | Inline, ...]) -> str:
    """Return the words of a content without its marks."""
    return "".join([each if isinstance(each, str) else plain(each.content) for each in content])


class BlockKind(StrEnum):
    """What a block of a text is."""

    PARAGRAPH = "paragraph"  # numbered, permanent
    OPENER = "opener"  # lines above the text: stamp, heading, number, date
    CLOSER = "closer"  # lines below it: office, signature
    NOTE = "note"  # a note on the paper
    HEADING = "heading"
    TABLE = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of a record's text.

    Attributes:
        name: The part name: ``p7`` for a paragraph; for others as the edition names them.
        kind: What it is.
        ordinal: The number of a paragraph, from 1, never changed; None for other blocks.
        content: Its words and marks.
        span: Where it stands in the anchor text; None where it has no words there.
        origin: Where it stands in the source.
    """

    name: str
    kind: BlockKind
    content: tuple[str | Inline, ...]
    ordinal: int | None = None
    span: Span | None = None
    origin: Origin = Origin("")

    @property
    def text(self) -> str:
        """Its words without marks."""
        return plain(self.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A stretch of the text that names something.

    Attributes:
        name: The part name, ``m12``.
        target: What it names; None where the edition leaves it open.
        form: The words, verbatim.
        block: The part name of the block in which it stands.
        span: Where it stands in the anchor text.
        named: Whether its words are marked as a name; if not, they are a phrase such as “the old man”.
        marked: How the edition marks it: the name of the element.
        pointer: Where it points to, verbatim, where that is nothing that is published here.
        certainty: How sure the identification is.
        ground: Why it is not certain; empty where it is.
    """

    name: str
    target: Reference | None
    form: str
    block: str
    span: Span
    named: bool = True
    marked: str = ""
    pointer: str = ""
    certainty: Certainty = Certainty.HIGH
    ground: str = ""
    origin: Origin = Origin("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Where a page of the source begins.

    Attributes:
        name: The part name, ``pg-12``.
        number: The number that it bears; empty where none is given.
        facsimile: The picture of it, as the edition names it; empty where it names none.
        block: The part name of the block in which it begins, or before which.
        span: The place, an empty stretch.
    """

    name: str
    number: str
    facsimile: str
    block: str
    span: Span | None
    origin: Origin = Origin("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Words that are not there.

    Attributes:
        name: The part name, ``g3``.
        cause: The key of its cause: ``faded``, ``illegible``, ``capture``.
        unit: ``word`` or ``line``; None where the source does not say.
        at_least: Least number of units, None where no number is stated.
        at_most: Greatest number of units, None where no number is stated.
        words: What the editor wrote in its place, verbatim; empty where there is nothing.
        responsible: Who says that something is lost.
        block: The part name of the block in which it stands; empty for a loss between blocks.
        span: Where the editor's words stand; an empty span at the place of the loss where there are none.
        certainty: HIGH unless the loss itself is inferred.
        ground: The evidence for an inferred loss.
    """

    name: str
    cause: str
    unit: str | None
    words: str
    block: str
    span: Span | None
    at_least: int | None = None
    at_most: int | None = None
    responsible: Reference | None = None
    certainty: Certainty = Certainty.HIGH
    ground: str = ""
    origin: Origin = Origin("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note, stamp or signature that the text carries.

    Attributes:
        name: The part name: ``note-1``, ``stamp``, ``signature``, ``translator-note``.
        type: The key of its type: ``handwritten-note``, ``stamp``, ``signature-block``, ``editorial-note``.
        words: Verbatim.
        place: Where on the paper, in the source's words; empty where it is not said.
        hand: Whose it is, where the source names somebody.
        when: Its date.
        span: Where its words stand in the anchor text.
    """

    name: str
    type: str
    words: str
    place: str = ""
    hand: Reference | None = None
    when: Dated | None = None
    span: Span | None = None
    origin: Origin = Origin("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """That somebody is reported to have said something.

    Attributes:
        name: The part name, ``s17``.
        kind: The key of its kind: ``opinion``, ``claim``, ``fear`` …; ``fragment`` where its main clause is lost.
        mode: How it is reported: ``direct-speech``, ``indirect-speech``, ``handwritten``.
        stance: The key of its stance: ``positive``, ``negative``, ``mixed`` …
        speaker: Who is reported to have said it; None for a fragment.
        holder: Whose stance it is, where that is somebody else than the speaker.
        nested_speaker: Whose words the speaker in turn reports.
        targets: What it is about.
        content: What is said, in a sentence of the editor's.
        quote: The words, verbatim.
        prefix: Up to 32 code points before them.
        suffix: Up to 32 code points after them.
        span: Where they stand in the anchor text.
        block: The part name of the block in which they stand.
        caution: What a reader must know before quoting it.
        losses: Part names of the gaps that cut into it.
        formalised: Its content as statements, never asserted: subject, property and object.
    """

    name: str
    kind: str
    mode: str
    stance: str
    speaker: Reference | None
    targets: tuple[Reference, ...]
    content: str
    quote: str
    prefix: str
    suffix: str
    span: Span
    block: str
    holder: Reference | None = None
    nested_speaker: Reference | None = None
    caution: str = ""
    losses: tuple[str, ...] = ()
    formalised: tuple[tuple[Reference, str, Reference], ...] = ()
    origin: Origin = Origin("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenure:
    """That somebody held an office on a day; when it began and ended is not said.

    Attributes:
        name: The part name, ``tenure-1``.
        holder: Who.
        role: The key of the office in the vocabulary ``role``.
        group: Where.
        attested: The day on which it was held.
        certainty: HIGH unless the editor joined the office to the person.
    """

    name: str
    holder: Reference
    role: str
    group: Reference | None = None
    attested: Dated | None = None
    certainty: Certainty = Certainty.HIGH
    ground: str = ""
    origin: Origin = Origin("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """That a document was given a degree of secrecy, or that it was lifted; by whom and when is not said.

    Attributes:
        name: The part name: ``classifying``, ``declassifying``.
        type: The key of the degree: ``secret``, ``declassified``.
        marking: The key of the type of what bears the marking: ``marked-secret``, ``stamped-declassified``.
        words: The words of the marking, verbatim.
        stamp: The part name of the stamp that says it, if it is one.
    """

    name: str
    type: str
    marking: str
    words: str
    stamp: str | None = None
    origin: Origin = Origin("")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyEvent:
    """What happened to a document after it was written, as a note on it says.

    Attributes:
        name: The part name, ``briefing``.
        type: The key of its type.
        label: What happened, in the words of the edition.
        participant: Who took part, where the source says so.
        note: The part name of the note that says it.
        certainty: HIGH where the note says it; less where it is concluded from the note.
        ground: Why it is not certain.
    """

    name: str
    type: str
    label: str
    participant: Reference | None = None
    note: str | None = None
    certainty: Certainty = Certainty.HIGH
    ground: str = ""
    origin: Origin = Origin("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A relation between two things, in a term of CIDOC CRM.

    Attributes:
        subject: What it is said of.
        property: Local name, as CIDOC CRM spells it.
        object: What it is related to.
        inferred: Whether it is our conclusion, and not what the text says.
    """

    subject: Reference
    property: str
    object: Reference
    inferred: bool = False
    origin: Origin = Origin("")


@dataclass(frozen=True, slots=True)
class Element:
    """Words that an archive's description says of a unit, in one of the elements of ISAD(G).

    Attributes:
        key: Of the element, such as ``scope-and-content``.
        words: What it says.
    """

    key: str
    words: Phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Somebody or something that a source names in a description, and that no table and no authority file lists.

    It is a part of what is described and nothing more: that another record names the like does not make them one.

    Attributes:
        name: The part name, ``creator-1``.
        kind: ``person``, ``group``, ``place``, ``event``, or ``actor`` where the source does not say who acts.
        label: What it is called there.
    """

    name: str
    kind: str
    label: Phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The words of a record.

    Attributes:
        language: BCP 47 tag of the words; empty where there are none and nothing says it.
        blocks: In order.
        mentions: In order of their place.
        gaps: In order of their place.
        notes: In order of their place.
        statements: In order of their place.
        pages: In order.
    """

    language: str
    blocks: tuple[Block, ...] = ()
    mentions: tuple[Mention, ...] = ()
    gaps: tuple[Gap, ...] = ()
    notes: tuple[Note, ...] = ()
    statements: tuple[Statement, ...] = ()
    pages: tuple[Page, ...] = ()

    @property
    def plain(self) -> str:
        """The words without marks, a blank line between blocks; positions count in this where there is no capture."""
        return "\n\n".join(block.text for block in self.blocks if block.text)

    @property
    def paragraphs(self) -> tuple[Block, ...]:
        """The numbered blocks."""
        return tuple(block for block in self.blocks if block.kind is BlockKind.PARAGRAPH)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An identifier elsewhere that the source itself states of a thing; whether it fits, nobody here has checked.

    Attributes:
        scheme: The key of the type that says whose identifier it is: ``gnd``, ``viaf``, ``geonames`` …
        value: The identifier.
        iri: Its address; None where there is none.
    """

    scheme: str
    value: str
    iri: str | None = None


@dataclass(frozen=True, slots=True)
class Naming:
    """Somebody or some place as a source names it.

    Attributes:
        form: The words, verbatim; empty where there are none.
        kind: ``person``, ``group`` or ``place``, as the edition marks it; empty where it does not tell.
        target: Who or what that is; None where the source leaves it open, or nothing here is that.
        elsewhere: An identifier elsewhere with an address, as the source states it; None where it states none.
    """

    form: str
    kind: str = ""
    target: Reference | None = None
    elsewhere: Elsewhere | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondence:
    """One step in the sending of a document: that it was sent, addressed, received, passed on.

    Attributes:
        name: The part name: ``sending``, ``receiving``.
        action: ``sent``, ``addressed`` (to whom it says it goes), ``received``, or another of TEI ``correspAction/@type``.
        actors: Who sent it, to whom it is addressed, who received it.
        places: Where from, where to.
        when: When, where that is not the date of the document.
    """

    name: str
    action: str
    actors: tuple[Naming, ...] = ()
    places: tuple[Naming, ...] = ()
    when: Dated | None = None
    origin: Origin = Origin("")


@dataclass(frozen=True, slots=True)
class Sequence:
    """The place of a document in a volume.

    Attributes:
        position: From 1.
        previous: The key of the record before it, None for the first.
        next: The key of the record after it, None for the last.
    """

    position: int
    previous: str | None = None
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Related:
    """Another document that an edition names beside one, such as the letter before it.

    Attributes:
        relation: ``previous`` or ``next`` in some sequence; empty for any other.
        pointer: Where it points to, verbatim.
        target: The record; None where it is none that is published here.
    """

    relation: str
    pointer: str
    target: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One document of an archive, as its edition describes it.

    Attributes:
        key: The last segment of its identifier; minted once, never parsed.
        title: Its title.
        title_source: The key of the type that says where the title was taken: ``title-from-citation``,
            ``title-on-document``, ``title-supplied``.
        label: A short name for people, made from what the source says.
        types: Keys of terms in the vocabulary ``type``: what kind of document it is.
        creators: Who wrote it.
        created: When it was written.
        identifiers: Numbers and marks.
        shelfmark: The archive's reference, verbatim; None where there is none.
        holding: The lowest unit of the archive that contains it.
        keeper: The archive that the source names.
        part_of: Works of which it is a part (a diary, a volume).
        versions: The language versions, the original first.
        documents: What it documents.
        abstract: A summary that somebody else wrote.
        citation: How the source says it should be cited, verbatim.
        publication: The digital edition from which the capture was taken.
        capture: The source as it was received.
        text: Its words.
        fulltext: How much of its words leaves the house: ``full``, ``excerpt`` or ``link``.
        edition: The edition as a file: what ``.tei.xml`` gives.
        editorial_language: BCP 47 tag of what the editor says in it: contents of statements, cautions, grounds.
        subjects: What it is about, where the source says so.
        classifications: Degrees of secrecy that its markings give.
        custody: What happened to it afterwards, as its notes say.
        tenures: Offices that it attests.
        relations: What else its text says of things, or we conclude from it.
        elements: What its description says in words.
        named: Whom and what its description names, and nothing lists.
        referred_to_by: Works that list or print it.
        authors: Who wrote it, where the source gives a name and nothing here is known by it.
        correspondence: By whom and to whom it was sent.
        written_at: Where it was written, as its dateline or its header says.
        dated_in_words: Its date where the source gives words and no date: “undated”, “Wednesday”.
        sequence: Its place in a volume.
        related: Other documents that its edition names beside it.
        within: The record of which it is a part: the letter to which it is attached.
        keywords: What an edition files it under, verbatim.
        remarks: What else an edition says of it, in prose.
        sources: Where an edition found it, as a bibliographic reference.
        described_with: Whom and what the edition's description of it names: its abstract, its remarks.
        rights: The statement on its words; empty: that of the publication.
        origin: Where it stands.
    """

    key: str
    title: Phrase
    label: Phrase
    text: Text
    fulltext: str
    title_source: str = "title-supplied"
    types: tuple[str, ...] = ()
    creators: tuple[Reference, ...] = ()
    created: Dated | None = None
    identifiers: tuple[Identifier, ...] = ()
    shelfmark: str | None = None
    holding: Reference | None = None
    keeper: Reference | None = None
    part_of: tuple[Reference, ...] = ()
    versions: tuple[Version, ...] = ()
    documents: tuple[DocumentedEvent, ...] = ()
    abstract: Phrase | None = None
    citation: Phrase | None = None
    publication: Publication | None = None
    capture: Capture | None = None
    subjects: tuple[Reference, ...] = ()
    classifications: tuple[Classification, ...] = ()
    custody: tuple[CustodyEvent, ...] = ()
    tenures: tuple[Tenure, ...] = ()
    relations: tuple[Relation, ...] = ()
    elements: tuple[Element, ...] = ()
    named: tuple[Named, ...] = ()
    referred_to_by: tuple[Reference, ...] = ()
    edition: bytes = b""
    editorial_language: str = "en"
    authors: tuple[Naming, ...] = ()
    correspondence: tuple[Correspondence, ...] = ()
    written_at: Naming | None = None
    dated_in_words: str = ""
    sequence: Sequence | None = None
    related: tuple[Related, ...] = ()
    within: str | None = None
    keywords: tuple[Phrase, ...] = ()
    remarks: tuple[Phrase, ...] = ()
    sources: tuple[Phrase, ...] = ()
    described_with: tuple[Reference, ...] = ()
    rights: str = ""
    origin: Origin = Origin("")

    def references(self) -> Iterator[Reference]:
        """Yield every authority that the record refers to, repeats included."""
        yield from self.creators
        yield from (each for each in (self.holding, self.keeper) if each)
        yield from self.part_of
        yield from self.subjects
        yield from self.referred_to_by
        for version in self.versions:
            yield from (each for each in (version.translator, version.on_behalf_of) if each)
        for documented in self.documents:
            yield documented.event
            yield from (part.actor for part in documented.participants)
            if documented.where:
                yield documented.where
        if self.publication:
            yield from (each for each in (self.publication.publisher, self.publication.funder) if each)
        yield from (mention.target for mention in self.text.mentions if mention.target)
        yield from (gap.responsible for gap in self.text.gaps if gap.responsible)
        yield from (note.hand for note in self.text.notes if note.hand)
        for statement in self.text.statements:
            yield from statement.targets
            yield from (
                each for each in (statement.speaker, statement.holder, statement.nested_speaker) if each
            )
        yield from (each.participant for each in self.custody if each.participant)
        for tenure in self.tenures:
            yield tenure.holder
            if tenure.group:
                yield tenure.group
        for relation in self.relations:
            yield from (relation.subject, relation.object)
        yield from self.described_with
        named = [self.written_at] if self.written_at else []
        for step in self.correspondence:
            named += [*step.actors, *step.places]
        yield from (each.target for each in named if each.target)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An identifier of the same thing elsewhere.

    Attributes:
        iri: The other identifier.
        ground: Why we think so.
        source: Where that was looked up.
        checked: The day of the check, ISO 8601.
        accepted_by: Who accepted it; empty for a candidate, which is listed and never published.
    """

    iri: str
    ground: str
    source: str
    checked: str
    accepted_by: str


@dataclass(frozen=True, slots=True)
class Life:
    """The birth or the death of a person, or the time of an event, as a list gives it.

    Attributes:
        event: ``birth``, ``death`` or ``time``.
        form: The words of its date, verbatim; empty where there are none.
        when: What they mean, where the source says that.
        place: Where it was; None where the list does not say.
    """

    event: str
    form: str
    when: Dated | None = None
    place: Naming | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """One thing that records refer to, or one term of a vocabulary.

    Attributes:
        reference: Kind and key: ``person/guevara``; for a term ``type/conversation``, ``role/translator``, ``language/ru``.
        labels: The preferred names, at most one for a language.
        other_names: Other names.
        types: Keys of terms in the vocabulary ``type``.
        definition: What is meant, one sentence; empty where the label says it.
        translations: The same sentence in languages that are named with it.
        unreviewed: Languages whose labels are translations that nobody has reviewed yet.
        identified: False for somebody whom the source leaves unidentified: such a one is never matched.
        broader: The whole to which it belongs: a group's group, a place's place, a holding's holding, a term's broader term.
        code: An archive's or a standard's own code: ``f. 5`` of a holding, ``rus`` of a language.
        level: ISAD(G) level of a holding: a key of ``ontology/levels.csv``.
        keeper: Who keeps or kept a holding.
        creators: Who made a work, or gathered a holding.
        form: What it is, where one kind holds several: a group's ``corporate body``, a work's ``text`` or ``serial``,
            an event's ``activity``.
        matches: Identifiers elsewhere, candidates included.
        merged: What turned out to be the same thing, each as its own source lists it.
        coordinates: Latitude and longitude of a place, WGS 84 degrees.
        created: When what a holding holds was made.
        subjects: What a holding is about.
        languages: BCP 47 tags of what a holding holds.
        elements: What the description of a holding says in words.
        named: Whom and what that description names, and nothing lists.
        language: BCP 47 tag of the definition; empty: not known.
        elsewhere: Identifiers elsewhere that the source states.
        life: Birth and death of a person, the time of an event.
        words: The text of a work of which no record is made: a preface, a list of sources.
        mentions: How many names that text holds; they are not marked.
        rights: The statement on these words; empty: that of the publication.
        edition: The key of the edition that lists it; empty where a table does.
        origin: The row it stands in.
    """

    reference: Reference
    labels: tuple[Phrase, ...]
    other_names: tuple[Phrase, ...] = ()
    types: tuple[str, ...] = ()
    definition: str = ""
    translations: tuple[Phrase, ...] = ()
    unreviewed: tuple[str, ...] = ()
    identified: bool = True
    broader: Reference | None = None
    code: str = ""
    level: str = ""
    keeper: Reference | None = None
    creators: tuple[Reference, ...] = ()
    form: str = ""
    matches: tuple[Match, ...] = ()
    merged: tuple[Authority, ...] = ()
    coordinates: tuple[float, float] | None = None
    created: Dated | None = None
    subjects: tuple[Reference, ...] = ()
    languages: tuple[str, ...] = ()
    elements: tuple[Element, ...] = ()
    named: tuple[Named, ...] = ()
    language: str = "en"
    elsewhere: tuple[Elsewhere, ...] = ()
    life: tuple[Life, ...] = ()
    words: str = ""
    mentions: int = 0
    rights: str = ""
    edition: str = ""
    origin: Origin = Origin("")

    @property
    def label(self) -> str:
        """The first label."""
        return self.labels[0].text
