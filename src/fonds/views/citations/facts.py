"""What a citation names of a record: read once from what is stated of it, for every form of citation alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from fonds.addresses import uri
from fonds.dates import parse_edtf, spelled_date
from fonds.identifiers import IriSpace, Kind
from fonds.views.citations.names import Name, name_of
from fonds.views.graph import Known, Node
from fonds.vocabulary import CRM, DCTERMS, FV, RDFS, RICO, SKOS

_NUMBERS = ("register-number", "document-number")
"""Types of the numbers under which a record is cited, the one that is preferred first."""


@dataclass(frozen=True, slots=True)
class When:
    """A date.

    Attributes:
        edtf: In EDTF; empty where nobody could read it.
        words: As the source writes it; may be empty.
    """

    edtf: str
    words: str = ""

    @property
    def exact(self) -> str | None:
        """The day, month or year, ``1964-10-27``, of a date without doubt; None for any other."""
        try:
            span = parse_edtf(self.edtf)
        except ValueError:
            return None
        # A year before the first has no form that all readers of citations take alike.
        plain = span.plain if span.plain and not span.plain.startswith(("-", "0000")) else None
        return None if span.uncertain or span.approximate else plain

    @property
    def text(self) -> str:
        """The date for people: a plain one spelled, any other in the words of the source, since they say how sure it is."""
        return spelled_date(self.edtf) if self.exact or not self.words else self.words

    @property
    def value(self) -> str:
        """The date for programs: ``1964-10-27``, or in words."""
        return self.exact or self.text


@dataclass(frozen=True, slots=True)
class Cited:
    """What a citation of a record can name; empty is what is not stated.

    Attributes:
        iri: The record's identifier, which is its permanent address.
        key: Its last segment.
        title: Its title.
        title_language: BCP 47 tag of the title.
        short_title: A shorter one, where the record has it.
        authors: Who wrote it.
        recipients: To whom it was sent.
        translators: Who translated the words that are held.
        commissioners: For whom.
        publishers: Who published the edition from which the words come.
        kinds: What it is.
        date: When it was written.
        event_date: When that happened which it documents.
        number: The number it bears, or has in its volume.
        archive: Who keeps, or kept, the paper, as it is cited.
        archive_in_russian: The same, where it has a Russian name.
        location: Where the paper lies, without the archive's name.
        shelfmark: The same as cited, the archive's name with it where it stands there.
        collection: The units of the archive above the file.
        whole: The volume in which it is printed, or the work of which it is a part.
        source_notes: Where its edition found it, in the edition's words.
        language: BCP 47 tag of the words that are held, or of the record.
        original_language: BCP 47 tag of the language in which it was written, where the words that are held are a translation.
        abstract: A summary.
        own: How the source itself says it is to be cited, verbatim.
        rights: The statement of rights in its words.
    """

    iri: str
    key: str
    title: str
    title_language: str = ""
    short_title: str = ""
    authors: tuple[Name, ...] = ()
    recipients: tuple[Name, ...] = ()
    translators: tuple[Name, ...] = ()
    commissioners: tuple[Name, ...] = ()
    publishers: tuple[Name, ...] = ()
    kinds: tuple[str, ...] = ()
    date: When | None = None
    event_date: When | None = None
    number: str = ""
    archive: str = ""
    archive_in_russian: str = ""
    location: str = ""
    shelfmark: str = ""
    collection: str = ""
    whole: str = ""
    source_notes: tuple[str, ...] = ()
    language: str = ""
    original_language: str = ""
    abstract: str = ""
    own: str = ""
    rights: str = ""

    @property
    def permalink(self) -> str:
        """The identifier as programs take it: all of it ASCII."""
        return uri(self.iri)

    @property
    def form(self) -> str:
        """What reference managers take it for: ``chapter`` of a volume, ``letter`` to somebody, ``manuscript``."""
        if self.whole and not self.location:
            return "chapter"
        return "letter" if self.recipients else "manuscript"

    @property
    def container(self) -> str:
        """The volume in which it is to be found; empty where it is to be found in an archive."""
        return self.whole if self.form == "chapter" else ""

    @property
    def kind(self) -> str:
        """What it is, in one text."""
        return "; ".join(self.kinds)

    @property
    def publisher(self) -> str:
        """Who published the edition, in one text."""
        return "; ".join(each.text for each in self.publishers)


def plain(text: str) -> str:
    """Return a text on one line, without control characters; letters, marks and signs stay.

    >>> plain(" one\\n two\\u2028three\\x00 ")
    'one two three'
    """
    kept = (each for each in text if each.isspace() or unicodedata.category(each) != "Cc")
    return " ".join("".join(kept).split())


def cited(facts: Known, record: NamedNode, iris: IriSpace) -> Cited | None:
    """Return what a citation of a record can name.

    Args:
        facts: What its document and its page say of themselves, and how things are called that they name.
        record: The record.
        iris: The publication's identifiers.

    Returns:
        None where the record has nothing by which it could be called.
    """
    title = next((each for each in _titles(facts, record) if plain(each.value)), None)
    if title is None:
        return None
    reading = _Reading(facts, record, iris)
    words = reading.held or record
    label = plain(facts.text(record, RDFS.label) or "")
    archive = reading.archive()
    shelfmark = reading.shelfmark()
    texts = (words, record)
    return Cited(
        iri=record.value,
        key=record.value.rpartition("/")[2],
        title=plain(title.value),
        title_language=title.language or "",
        short_title=label if len(label) < len(plain(title.value)) else "",
        authors=reading.names(facts.things(record, DCTERMS.creator)) or reading.sent(FV.sender),
        recipients=reading.sent(FV.recipient),
        translators=reading.names(reading.made(reading.held, CRM.P14_carried_out_by)),
        commissioners=reading.names(reading.made(reading.held, FV.on_behalf_of)),
        publishers=reading.names(facts.things(words, DCTERMS.publisher)),
        kinds=tuple(filter(None, (reading.label(it) for it in facts.things(record, CRM.P2_has_type)))),
        date=reading.date(),
        event_date=reading.event_date(),
        number=reading.number(),
        archive=archive,
        archive_in_russian=reading.archive_in("ru"),
        location=_without(shelfmark, archive),
        shelfmark=shelfmark,
        collection=", ".join(reading.codes()[:-1]),
        whole=reading.whole(),
        source_notes=reading.source_notes(),
        language=reading.language(words) or ("" if reading.held else reading.language(record)),
        original_language=reading.language(record) if reading.held else "",
        abstract=next(filter(None, (facts.text(it, DCTERMS.abstract) for it in texts)), ""),
        own=next(filter(None, (facts.text(it, DCTERMS.bibliographicCitation) for it in texts)), ""),
        rights=facts.text(iris.graph("record", record.value.rpartition("/")[2], "text"), DCTERMS.rights)
        or "",
    )


def _titles(facts: Known, record: NamedNode) -> Iterator[Literal]:
    """Yield the record's titles, the one that it bears first: others are translations of it, or further ones."""
    for title in facts.things(record, CRM.P102_has_title):
        yield from (each for each in facts.values(title, RDFS.label) if isinstance(each, Literal))
    for property_ in (DCTERMS.title, RDFS.label):
        yield from (each for each in facts.values(record, property_) if isinstance(each, Literal))


def _without(shelfmark: str, archive: str) -> str:
    """Return a shelfmark without the name of the archive before it.

    >>> _without("TsKhSD, f. 5", "TsKhSD"), _without("Best. 12", "Stadtarchiv")
    ('f. 5', 'Best. 12')
    """
    rest = shelfmark.removeprefix(archive) if archive else shelfmark
    return (rest.lstrip(" ,.;:") or shelfmark) if rest[:1] in (" ", ",", ".", ";", ":") else shelfmark


@dataclass(frozen=True, slots=True)
class _Reading:
    """What is stated of a record, while it is read."""

    facts: Known
    record: NamedNode
    iris: IriSpace

    @property
    def held(self) -> Node | None:
        """The translation whose words are held, None where it is the record's own, or none are."""
        absent = self.iris.term("type", "version-not-held")
        translations = self.facts.things(self.record, CRM.P73_has_translation)
        return next((it for it in translations if absent not in self.facts.values(it, CRM.P2_has_type)), None)

    def label(self, it: Node) -> str:
        return plain(self.facts.label(it) or "")

    def names(self, actors: Iterable[Node]) -> tuple[Name, ...]:
        """Return the names of those that have one, each once."""
        found = (self._name(each) for each in dict.fromkeys(actors))
        return tuple(each for each in found if each.text)

    def _name(self, it: Node) -> Name:
        others = map(plain, self.facts.words(it, SKOS.altLabel))
        return name_of(self.label(it), others, person=self.facts.is_a(it, CRM.E21_Person))

    def sent(self, property_: NamedNode) -> tuple[Name, ...]:
        steps = self.facts.subjects(CRM.P16_used_specific_object, self.record)
        return self.names(actor for step in steps for actor in self.facts.things(step, property_))

    def made(self, text: Node | None, property_: NamedNode) -> Iterator[Node]:
        """Yield those who had a part in the making of a text."""
        for making in self.facts.things(text, CRM.P94i_was_created_by):
            yield from self.facts.things(making, property_)

    def date(self) -> When | None:
        """Return when the record was written; in words alone where nobody could read them."""
        spans = self.made(self.record, CRM.P4_has_time_span)
        found = next((when for span in spans if (when := self._when(span))), None)
        if found:
            return found
        stated = next(self.facts.words(self.record, DCTERMS.created), None)
        if stated:
            return When(plain(stated))
        words = next((each for each in map(plain, self._dates_in_words()) if each), "")
        return When("", words) if words else None

    def _dates_in_words(self) -> Iterator[str]:
        yield from self.facts.words(self.record, DCTERMS.date)
        date = self.iris.term("type", "date")
        for it in self.facts.things(self.record, CRM.P67i_is_referred_to_by):
            if date in self.facts.values(it, CRM.P2_has_type):
                yield from self.facts.words(it, CRM.P190_has_symbolic_content)

    def _when(self, span: Node) -> When | None:
        edtf = next(self.facts.words(span, FV.edtf), "")
        words = plain(self.facts.text(span, RDFS.label) or "")
        return When(edtf, words) if edtf or words else None

    def event_date(self) -> When | None:
        """Return when that happened which the record documents; None where it documents several things."""
        spans = [
            span
            for event in self.facts.things(self.record, CRM.P70_documents)
            for span in self.facts.things(event, CRM.P4_has_time_span)
        ]
        return self._when(spans[0]) if len(spans) == 1 else None

    def _numbers_of(self, it: Node, type_: str) -> Iterator[str]:
        wanted = self.iris.term("type", type_)
        for number in self.facts.things(it, CRM.P1_is_identified_by):
            if wanted in self.facts.values(number, CRM.P2_has_type):
                yield from map(plain, self.facts.words(number, CRM.P190_has_symbolic_content))

    def number(self) -> str:
        """Return the number the record bears."""
        found = (number for type_ in _NUMBERS for number in self._numbers_of(self.record, type_))
        return next(filter(None, found), "")

    @property
    def _objects(self) -> Sequence[Node]:
        return list(self.facts.things(self.record, CRM.P128i_is_carried_by))

    def archive(self) -> str:
        return next(filter(None, map(self.label, self._keepers())), "")

    def archive_in(self, language: str) -> str:
        """Return what the archive is called in a language, if it has a name there."""
        names = (
            each
            for keeper in self._keepers()
            for each in self.facts.values(keeper, RDFS.label, SKOS.altLabel)
        )
        return next(
            (plain(each.value) for each in names if isinstance(each, Literal) and each.language == language),
            "",
        )

    def _keepers(self) -> Iterator[Node]:
        for it in self._objects:
            yield from self.facts.things(it, CRM.P49_has_former_or_current_keeper)

    def shelfmark(self) -> str:
        """Return where the paper lies as it is cited: its call number, else its reference code, else the codes of its file."""
        marks = [mark for it in self._objects for mark in self._numbers_of(it, "call-number")]
        marks += self._numbers_of(self.record, "reference-code")
        return next(filter(None, marks), "") or ", ".join(self.codes())

    def codes(self) -> list[str]:
        """Return the codes of the archive's units in which the paper lies, the highest first."""
        codes: list[str] = []
        seen: set[Node] = set()
        files = [file for it in self._objects for file in self.facts.things(it, CRM.P46i_forms_part_of)]
        unit = next((each for each in files if self._is(each, Kind.HOLDING)), None)
        while unit is not None and unit not in seen:
            seen.add(unit)
            codes += map(plain, list(self.facts.words(unit, RICO.identifier))[:1])
            unit = next(self.facts.things(unit, CRM.P46i_forms_part_of), None)
        return codes[::-1]

    def whole(self) -> str:
        """Return the outermost work of which the record is a part: of a volume and its chapter, the volume.

        A chapter can stand in a part of the volume that the record itself does not name.
        """
        works = [
            it for it in self.facts.things(self.record, CRM.P106i_forms_part_of) if self._is(it, Kind.WORK)
        ]
        around = {it: set(self.facts.things(it, CRM.P106i_forms_part_of)) for it in works}
        outer = sorted(
            (it for it in works if not around[it] & set(works)), key=lambda it: len(around[it]) > 0
        )
        return next(filter(None, map(self.label, outer)), "")

    def source_notes(self) -> tuple[str, ...]:
        notes = self.facts.things(self.record, DCTERMS.provenance)
        found = (
            plain(words) for it in notes for words in self.facts.words(it, CRM.P190_has_symbolic_content)
        )
        return tuple(filter(None, found))

    def language(self, text: Node) -> str:
        """Return the BCP 47 tag of a text's language; empty where it has none, or several."""
        scheme = self.iris.scheme("language").value + "/"
        tags = [
            it.value.removeprefix(scheme)
            if it.value.startswith(scheme)
            else next(self.facts.words(it, SKOS.notation), "")
            for it in self.facts.things(text, CRM.P72_has_language)
        ]
        return tags[0] if len(tags) == 1 and re.fullmatch(r"[A-Za-z0-9-]+", tags[0]) else ""

    def _is(self, it: Node, kind: Kind) -> bool:
        return (self.iris.path(it.value) or "").startswith(f"id/{kind}/")
