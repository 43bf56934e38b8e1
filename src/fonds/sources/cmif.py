"""Correspondence indexes (CMIF): a TEI file that lists letters by sender, recipient, place and date, without their words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from lxml import etree

from fonds.errors import Fault, SourceError
from fonds.identifiers import is_slug
from fonds.model import (
    Authority,
    Certainty,
    Dated,
    DocumentedEvent,
    Element,
    Elsewhere,
    Identifier,
    Named,
    Origin,
    Participation,
    Phrase,
    Record,
    Reference,
    Text,
)
from fonds.sources import Reading
from fonds.sources.elsewhere import read_elsewhere
from fonds.sources.files import shown_path
from fonds.sources.pointers import slug_of
from fonds.sources.tables import KINDS
from fonds.sources.tei_dates import dated
from fonds.sources.xml import XML_ID, Document, line_of, read_document, words_of

_KINDS = {"persName": "person", "orgName": "group", "placeName": "place"}
_EVENTS = {
    "sent": ("sending", "Sending of the letter", "sender"),
    "received": ("receiving", "Receiving of the letter", "recipient"),
    "transmitted": ("transmitting", "Transmitting of the letter", ""),
    "redirected": ("redirecting", "Redirecting of the letter", ""),
    "forwarded": ("forwarding", "Forwarding of the letter", ""),
}
"""What each type of correspAction is: an event, its label, the role of those who act."""
_BODY = re.compile(rb"<(?:\w+:)?body\b[^>]*?(?:/>|>(.*?)</(?:\w+:)?body\s*>)", re.DOTALL)
_MARKUP = re.compile(rb"<!--.*?-->|<[^>]*>", re.DOTALL)
_UNKNOWN = re.compile(r"https?://(?:www\.)?correspsearch\.net/unknown/?")
_LONGEST_KEY = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CmifSource:
    """Reads the correspondence indexes of one publication.

    Attributes:
        folder: The publication.
        known: What its tables list, and the program's own terms.
        by_iri: Things by their accepted identifiers elsewhere.
        default_fulltext: What records say of their words; an index has none.
    """

    folder: Path
    known: Set[Reference] = frozenset()
    by_iri: Mapping[str, Reference] = field(default_factory=dict)
    default_fulltext: str = "full"

    def accepts(self, path: Path) -> bool:
        """Tell whether a file lists correspondence and has no words of its own: its body is empty, and it describes no paper."""
        if path.suffix.lower() != ".xml":
            return False
        source = path.read_bytes()
        if b"correspDesc" not in source or b"msDesc" in source:
            return False
        body = _BODY.search(source)
        return body is not None and not _MARKUP.sub(b"", body[1] or b"").strip()

    def read(self, path: Path) -> Iterator[Reading]:
        """Yield each letter of an index; what the index lists besides comes with the first."""
        yield from self.parse(path.read_bytes(), shown_path(path, self.folder))

    def parse(self, source: bytes, shown: str) -> Iterator[Reading]:
        """Yield each letter of an index, given its bytes and its name in messages."""
        try:
            document = read_document(source, shown)
        except SourceError as error:
            yield Reading(faults=(error.fault,))
            return
        name = PurePosixPath(shown).name
        key = slug_of(document.root.get(XML_ID) or name.removesuffix(".xml").removesuffix(".tei"))
        if document.root.tag != "TEI" or not key:
            document.fault(
                document.root, "is no index: expected <TEI> with an xml:id, or a name to make a key from"
            )
            yield Reading(faults=tuple(document.faults))
            return
        yield from _Index(document, key, self).letters()


class _Index:
    """One index while it is read."""

    def __init__(self, document: Document, key: str, source: CmifSource) -> None:
        self.document, self.key, self.source = document, key, source
        self.origin = Origin(document.path, line_of(document.root))
        self.authorities: dict[Reference, Authority] = {}
        self.warnings: list[Fault] = []
        self.index = self._index()
        self.works = self._works()
        self._taken: dict[str, int] = {}

    def letters(self) -> Iterator[Reading]:
        read = [self._letter(each) for each in self.document.root.iter("correspDesc")]
        told = tuple(dict.fromkeys(self.warnings))
        whole = Reading(authorities=tuple(self.authorities.values()), warnings=told)
        by_line: dict[int, list[Fault]] = defaultdict(list)
        for fault in dict.fromkeys(self.document.faults):
            by_line[fault.line].append(fault)
        yield whole
        yield from read
        if by_line:
            yield Reading(faults=tuple(fault for faults in by_line.values() for fault in faults))

    # -- what the index is, and from what it was made

    def _index(self) -> Reference:
        """Return the index itself, as a work that lists letters."""
        root = self.document.root
        title = words_of(root.find("teiHeader/fileDesc/titleStmt/title")) or self.key
        statement = root.find("teiHeader/fileDesc/publicationStmt")
        notes = [
            *(words_of(each) for each in root.iterfind("teiHeader/fileDesc/titleStmt/editor")),
            *(words_of(each) for each in (statement if statement is not None else ()) if each.tag != "idno"),
        ]
        addresses = [] if statement is None else list(statement.iterfind("idno"))
        reference = Reference("work", self.key)
        self.authorities[reference] = Authority(
            reference=reference,
            labels=(Phrase(title),),
            elements=tuple(Element("note", Phrase(words)) for words in dict.fromkeys(notes) if words),
            elsewhere=self._elsewhere((each, words_of(each), each.get("type", "")) for each in addresses),
            origin=self.origin,
        )
        return reference

    def _works(self) -> dict[str, Reference]:
        """Return the editions from which the letters are listed, by their xml:id."""
        works = {}
        for bibl in self.document.root.iterfind("teiHeader/fileDesc/sourceDesc//bibl"):
            name, words = bibl.get(XML_ID), words_of(bibl)
            if not name or not words:
                continue
            reference = Reference("work", f"{self.key}-{slug_of(name)}")
            targets = ((each, each.get("target", ""), "") for each in bibl.iter("ref"))
            works[name] = reference
            self.authorities[reference] = Authority(
                reference=reference,
                labels=(Phrase(words),),
                elsewhere=self._elsewhere(targets),
                origin=Origin(self.document.path, line_of(bibl)),
            )
        return works

    # -- one letter

    def _letter(self, element: etree._Element) -> Reading:
        key = self._key(element)
        if key is None:
            return Reading()
        letter = _Letter(key, self)
        for action in element.iterchildren("correspAction"):
            letter.take(action)
        letter.close()
        return Reading(record=self._record(element, letter))

    def _key(self, element: etree._Element) -> str | None:
        given = element.get(XML_ID) or element.get("key") or _tail(element.get("ref", ""))
        own = slug_of(given or "")
        if not own:
            self.document.fault(element, "has no xml:id, key or ref by which its letter could be called")
            return None
        key = f"{self.key}-{own}"
        line = self._taken.setdefault(key, line_of(element))
        if line != line_of(element) or not is_slug(key):
            message = (
                f"its letter would be called {key!r}, as that in line {line} is; give one of them an xml:id"
            )
            self.document.fault(element, message)
            return None
        return key

    def _record(self, element: etree._Element, letter: _Letter) -> Record:
        title = Phrase(letter.title(), "en")
        elements = [*letter.elements]
        elements += [
            Element("note", Phrase(words))
            for each in element.iterchildren("note")
            if (words := words_of(each))
        ]
        for each in element.iterfind("correspContext//ref"):
            words = " ".join(filter(None, (each.get("type"), words_of(each), each.get("target"))))
            elements.append(Element("related-units", Phrase(words)))
        return Record(
            key=letter.key,
            title=title,
            label=title,
            text=Text(language=""),
            fulltext=self.source.default_fulltext,
            types=("letter",),
            creators=tuple(dict.fromkeys(letter.senders)),
            created=letter.created,
            identifiers=_identifiers(element),
            documents=tuple(letter.events),
            elements=tuple(elements),
            named=tuple(letter.named),
            referred_to_by=(self.index, *self._sources(element)),
            origin=Origin(self.document.path, line_of(element)),
        )

    def _sources(self, element: etree._Element) -> Iterator[Reference]:
        for pointer in (element.get("source") or "").split():
            work = self.works.get(pointer.removeprefix("#"))
            if work:
                yield work
            else:
                message = f'source="{pointer}" names no bibl of sourceDesc'
                self.document.fault(element, message, near=f'source="{element.get("source")}"')

    # -- whom and what it names

    def thing(self, element: etree._Element) -> Reference | None:
        """Return what a name points to; None where it points to nothing, or to somebody unknown."""
        for pointer in (element.get("ref") or element.get("key") or "").split():
            if _UNKNOWN.fullmatch(pointer):
                return None
            kind, colon, key = pointer.partition(":")
            if colon and kind in KINDS:
                if Reference(kind, key) in self.source.known:
                    return Reference(kind, key)
                self.document.fault(
                    element, f'ref="{pointer}" is in no table of data/authorities', near=pointer
                )
                return None
            return self._by_iri(pointer) or self._listed(element, pointer)
        return None

    def _by_iri(self, pointer: str) -> Reference | None:
        bare = re.sub(r"^https?://", "", pointer).rstrip("/")
        forms = (f"{scheme}://{bare}{end}" for scheme in ("http", "https") for end in ("", "/"))
        return next((found for each in forms if (found := self.source.by_iri.get(each))), None)

    def _listed(self, element: etree._Element, pointer: str) -> Reference | None:
        """Return the thing that the index calls by this identifier: one thing within the index, whatever its names."""
        kind = _KINDS[str(element.tag)]
        slug = slug_of(re.sub(r"^https?://(www\.)?", "", pointer))
        words = words_of(element) or pointer
        if not slug or len(slug) > _LONGEST_KEY:
            return None
        reference = Reference(kind, f"{self.key}-{slug}")
        listed = self.authorities.get(reference)
        if listed is None:
            origin = Origin(self.document.path, line_of(element))
            listed = Authority(reference=reference, labels=(Phrase(words),), origin=origin)
        names = {phrase.text for phrase in (*listed.labels, *listed.other_names)}
        if words not in names:
            listed = replace(listed, other_names=(*listed.other_names, Phrase(words)))
        stated = dict.fromkeys((*listed.elsewhere, *self._elsewhere([(element, pointer, "")])))
        self.authorities[reference] = replace(listed, elsewhere=tuple(stated))
        return reference

    def _elsewhere(self, stated: Iterable[tuple[etree._Element, str, str]]) -> tuple[Elsewhere, ...]:
        """Return the identifiers elsewhere that the index states; what cannot be one is told and left out.

        Args:
            stated: Where each stands, how it is written, and whose it is where the index says so.
        """
        found: dict[Elsewhere, None] = {}
        for element, value, type_ in stated:
            if not value:
                continue
            read = read_elsewhere(value, type_)
            if isinstance(read, Elsewhere):
                found[read] = None
            else:
                message = f"{value!r} {read}; it is left out"
                self.warnings.append(Fault(self.document.path, line_of(element), 0, message))
        return tuple(found)


class _Letter:
    """What the actions of one letter say."""

    def __init__(self, key: str, index: _Index) -> None:
        self.key, self._index = key, index
        self.named: list[Named] = []
        self.elements: list[Element] = []
        self.events: list[DocumentedEvent] = []
        self.senders: list[Reference] = []
        self.created: Dated | None = None
        self._recipients: list[Reference] = []
        self._names: dict[str, list[str]] = defaultdict(list)

    def take(self, action: etree._Element) -> None:
        """Take one action: who acted, where, when."""
        type_ = action.get("type", "sent")
        event, label, role = _EVENTS.get(type_, ("", "", ""))
        if not event:
            words = f"{type_}: {words_of(action)}"
            self.elements.append(Element("note", Phrase(words)))
            return
        number = sum(1 for each in self.named if each.kind == "event" and each.name.startswith(event)) + 1
        name = event if number == 1 else f"{event}-{number}"
        actors = [
            self._thing(each, f"{role or event}-{at}")
            for at, each in enumerate(action.iterchildren("persName", "orgName"), start=1)
        ]
        places = [
            self._thing(each, f"place-of-{name}")
            for each in action.iterchildren("placeName")
            if words_of(each)
        ]
        when = self._when(action, name)
        if role == "sender":
            self.senders += actors
            self.created = self.created or (replace(when, name="ts-doc") if when else None)
        elif role == "recipient":
            self._recipients += actors
        self._names[role] += [words_of(each) for each in action.iterchildren("persName", "orgName")]
        # That somebody received it is said with the sending as well; a receiving of its own has a place or a day.
        if role == "recipient" and not places and when is None:
            return
        self.named.append(Named(name=name, kind="event", label=Phrase(label, "en")))
        self.events.append(
            DocumentedEvent(
                event=Reference("record", f"{self.key}/{name}"),
                types=(event,),
                when=when,
                where=places[0] if places else None,
                participants=tuple(
                    Participation(actor=each, roles=(role,) if role else ()) for each in dict.fromkeys(actors)
                ),
                origin=Origin(self._index.document.path, line_of(action)),
            )
        )

    def close(self) -> None:
        """Name the recipients with the sending; a letter of which only those are known was sent as well."""
        sending = next((each for each in self.events if each.types == ("sending",)), None)
        if sending is None:
            if not self._recipients:
                return
            self.named.append(Named(name="sending", kind="event", label=Phrase(_EVENTS["sent"][1], "en")))
            sending = DocumentedEvent(event=Reference("record", f"{self.key}/sending"), types=("sending",))
            self.events.insert(0, sending)
        received = [
            Participation(actor=each, roles=("recipient",))
            for each in dict.fromkeys(self._recipients)
            if each not in self.senders
        ]
        at = self.events.index(sending)
        self.events[at] = replace(sending, participants=(*sending.participants, *received))

    def title(self) -> str:
        """Return a title made of what is known."""
        senders, recipients = (" and ".join(self._names[role]) for role in ("sender", "recipient"))
        parts = ["Letter", f"of {senders}" if senders else "", f"to {recipients}" if recipients else ""]
        title = " ".join(filter(None, parts))
        return f"{title}, {self.created.form}" if self.created else title

    def _thing(self, element: etree._Element, name: str) -> Reference:
        """Return what a name stands for: a thing that is listed, else a part of this letter's description."""
        found = self._index.thing(element)
        if found:
            return found
        label = words_of(element) or "[unnamed]"
        kind = _KINDS[str(element.tag)]
        known = next((each for each in self.named if each.name == name), None)
        if known is None:
            self.named.append(Named(name=name, kind=kind, label=Phrase(label)))
        return Reference("record", f"{self.key}/{name}")

    def _when(self, action: etree._Element, name: str) -> Dated | None:
        for date in action.iterchildren("date"):
            found = dated(self._index.document, date, f"ts-{name}")
            if found:
                cert = date.get("cert")
                unsure = cert in ("medium", "low")
                ground = f"The index marks the date with cert=“{cert}”." if unsure else ""
                return replace(
                    found, certainty=Certainty(cert) if unsure and cert else Certainty.HIGH, ground=ground
                )
            if words := words_of(date):
                self.elements.append(Element("date", Phrase(words)))
        return None


def _identifiers(element: etree._Element) -> tuple[Identifier, ...]:
    found = (("web-address", element.get("ref")), ("edition-number", element.get("key")))
    return tuple(
        Identifier(name=type_, type=type_, value=value, bearer="text") for type_, value in found if value
    )


def _tail(address: str) -> str:
    """Return the last piece of an address that says something."""
    return next((each for each in reversed(re.split("[/#?=]", address)) if each), "")
