"""The header of a TEI edition: titles, people, dates, the archive's reference, versions, what is documented."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from lxml import etree

from fonds.model import (
    Certainty,
    Classification,
    Correspondence,
    CustodyEvent,
    Dated,
    DocumentedEvent,
    Element,
    Elsewhere,
    Identifier,
    Naming,
    Origin,
    Participation,
    Phrase,
    Publication,
    Reference,
    Related,
    Tenure,
    Version,
)
from fonds.sources.capture import Piece
from fonds.sources.elsewhere import read_elsewhere
from fonds.sources.pointers import Pointers, kind_of
from fonds.sources.tei_dates import dated, edtf_of
from fonds.sources.tei_text import certainty_of
from fonds.sources.xml import XML_ID, Document, first, language_of, line_of, words_of

# How the parts of an archive's reference are called: part name, type, what bears the number.
_NUMBERS = {
    "leaf": ("leaf-no", "leaf", "leaf"),
    "reel": ("reel-no", "microfilm-reel", "reel"),
    "copy": ("copy-no", "copy-number", "object"),
    "register": ("reg-no", "register-number", "text"),
}
_READ_TERMS = frozenset({"form", "subject", "classification"})
_READ_NOTES = frozenset({"keyword", "ground", "content", "caution"})
_READ: Mapping[str, frozenset[str]] = {
    path: frozenset(names.split())
    for path, names in {
        "fileDesc": "titleStmt publicationStmt notesStmt sourceDesc",
        "fileDesc/titleStmt": "title author funder respStmt",
        "fileDesc/publicationStmt": "publisher availability p",
        "fileDesc/sourceDesc//msDesc": "msIdentifier msContents history p",
        "profileDesc": "creation abstract langUsage textClass correspDesc particDesc settingDesc",
        "profileDesc/correspDesc": "correspAction correspContext note",
        "profileDesc/correspDesc/correspAction": "persName orgName name rs roleName placeName settlement country region date",
    }.items()
}
"""What is read of parts of the header; what else they hold is counted."""
_PROSE = ("profileDesc/abstract", "fileDesc/notesStmt/note", "profileDesc/correspDesc/note")
_TITLE_SOURCES = {"citation": "title-from-citation"}
_DATES_OF_DOCUMENT = (
    ("profileDesc/creation/date", "profileDesc/creation"),
    (".//correspDesc/correspAction[@type='sent']/date",),
    ("fileDesc/sourceDesc//msItem/docDate", "fileDesc/sourceDesc//docDate", "fileDesc/sourceDesc//origDate"),
)


@dataclass(frozen=True, slots=True)
class Header:
    """Reads the header of one document.

    Attributes:
        document: The document; what is wrong becomes a fault of it.
        pointers: Resolves its pointers.
        element: Its ``teiHeader``.
        language: BCP 47 tag of the words where the edition does not say it; empty: not known.
    """

    document: Document
    pointers: Pointers
    element: etree._Element
    language: str = ""

    def find(self, *paths: str) -> etree._Element | None:
        """Return the first element on the first of the paths that leads to one."""
        return first(each for path in paths for each in self.element.iterfind(path))

    # -- what it is called --------------------------------------------------------------------------------------------

    def title(self) -> tuple[Phrase, str] | None:
        """Return the title and the key of the type that says where it was taken; None where there is none."""
        titles = [each for each in self.element.iterfind("fileDesc/titleStmt/title") if words_of(each)]
        for wanted in ("citation", "main", "a", None):
            for each in titles:
                if wanted is None or wanted in (each.get("type"), each.get("level")):
                    return self._phrase(each), _TITLE_SOURCES.get(each.get("type") or "", "title-supplied")
        return None

    def label(self) -> Phrase | None:
        """Return the short title."""
        short = self.find("fileDesc/titleStmt/title[@type='short']")
        return self._phrase(short) if words_of(short) and short is not None else None

    def abstract(self) -> Phrase | None:
        """Return the summary."""
        return self._phrase_at("profileDesc/abstract")

    def citation(self) -> Phrase | None:
        """Return how the source says it should be cited."""
        return self._phrase_at("fileDesc/sourceDesc/bibl[@type='citation']")

    def _phrase(self, element: etree._Element) -> Phrase:
        return Phrase(words_of(element), language_of(element) or self.language or None)

    def _phrase_at(self, path: str) -> Phrase | None:
        element = self.find(path)
        return self._phrase(element) if element is not None and words_of(element) else None

    # -- who and when -------------------------------------------------------------------------------------------------

    def creators(self) -> tuple[Reference, ...]:
        """Return who wrote it: the authors of the title statement, else the sender of a letter."""
        paths = ("fileDesc/titleStmt/author", ".//correspDesc/correspAction[@type='sent']/*")
        for path in paths:
            found = [
                reference
                for each in self.element.iterfind(path)
                if each.tag not in ("date", "placeName")
                for reference in self.pointers.of(_named(each))
            ]
            if found:
                return tuple(dict.fromkeys(found))
        return ()

    def authors(self) -> tuple[Naming, ...]:
        """Return the authors of the title statement of whom only a name is known."""
        found = (
            each
            for author in self.element.iterfind("fileDesc/titleStmt/author")
            for each in named(_named(author), self.pointers, words_of(author))
        )
        return tuple(dict.fromkeys(each for each in found if each.target is None))

    def created(self, text: etree._Element | None) -> Dated | None:
        """Return when it was written: as the header says, else as the text's own dateline does."""
        for paths in _DATES_OF_DOCUMENT:
            for path in paths:
                for each in self.element.iterfind(path):
                    if edtf_of(each):
                        return self._dated(each, "ts-doc")
        if text is None:
            return None
        datelines = (
            each
            for line in text.iter("dateline", "opener", "docDate")
            for each in line.iter("date", "docDate")
        )
        line = next((each for each in datelines if edtf_of(each)), None)
        return self._dated(line, "ts-doc") if line is not None else None

    def _dated(self, element: etree._Element, name: str) -> Dated | None:
        found = dated(self.document, element, name)
        certainty, ground = self.doubt_of(element)
        return replace(found, certainty=certainty, ground=ground) if found else None

    def doubt_of(self, element: etree._Element) -> tuple[Certainty, str]:
        """Return how sure the editor is, and why not more."""
        return certainty_of(self.document, element), self.grounds().get(element.get(XML_ID, ""), "")

    def grounds(self) -> dict[str, str]:
        """Return why the editor thinks so, by ``xml:id`` of what it is about: ``note[@type='ground']`` with its ``target``."""
        grounds = {}
        for note in self.element.iter("note"):
            if note.get("type") != "ground":
                continue
            for pointer in (note.get("target") or "").split():
                if pointer.lstrip("#") not in self.document.by_id:
                    near = f'target="{note.get("target")}"'
                    message = f'target="{pointer}": no element of this file has this xml:id'
                    self.document.fault(note, message, near=near)
                grounds[pointer.lstrip("#")] = words_of(note)
        return grounds

    # -- the archive --------------------------------------------------------------------------------------------------

    def identifiers(self) -> tuple[Identifier, ...]:
        """Return the numbers beside the archive's reference: leaf, reel, copy, register, and others as they are."""
        found: list[Identifier] = []
        for each in self.element.iterfind("fileDesc/sourceDesc//msIdentifier/altIdentifier"):
            value = words_of(each.find("idno"))
            if not value:
                continue
            name, type_, bearer = _NUMBERS.get(
                each.get("type") or "", (f"id-{len(found) + 1}", "call-number", "object")
            )
            if any(other.name == name for other in found):
                name = f"id-{len(found) + 1}"
            certainty = certainty_of(self.document, each)
            found.append(Identifier(name=name, type=type_, value=value, bearer=bearer, certainty=certainty))
        return tuple(found)

    def shelfmark(self) -> str | None:
        """Return the archive's reference: verbatim where the edition marks it, else its parts in their order."""
        marked = self.find(
            "fileDesc/sourceDesc//idno[@type='call-number']", "fileDesc/sourceDesc//idno[@type='shelfmark']"
        )
        if marked is not None and words_of(marked):
            return words_of(marked)
        whole = self.find("fileDesc/sourceDesc//msIdentifier")
        if whole is None:
            return None
        parts = [
            words_of(each)
            for each in whole.iterchildren(
                "country", "region", "settlement", "repository", "institution", "collection", "idno"
            )
        ]
        return ", ".join(filter(None, parts)) or None

    def keeper(self) -> Reference | None:
        """Return the archive."""
        identifier = "fileDesc/sourceDesc//msIdentifier/"
        return self.pointers.one(self.find(identifier + "repository", identifier + "institution"))

    def holding(self) -> Reference | None:
        """Return the lowest unit of the archive that the reference points to."""
        whole = self.find("fileDesc/sourceDesc//msIdentifier")
        units = [] if whole is None else list(whole.iterchildren("collection", "idno"))
        found = [
            reference for each in units for reference in self.pointers.of(each) if reference.kind == "holding"
        ]
        return found[-1] if found else None

    def part_of(self) -> tuple[Reference, ...]:
        """Return the works of which it is a part (``relatedItem`` of type ``host``)."""
        hosts = self.element.iterfind("fileDesc/sourceDesc//relatedItem[@type='host']")
        return tuple(reference for each in hosts for reference in self.pointers.of(each, "target"))

    # -- what it is and what it is about ------------------------------------------------------------------------------

    def types(self) -> tuple[str, ...]:
        """Return the keys of what kind of document it is: terms of type ``form``."""
        return tuple(each.key for each in self._terms("form") if each.kind == "type")

    def subjects(self) -> tuple[Reference, ...]:
        """Return what it is about: terms of type ``subject`` that point to something."""
        return tuple(self._terms("subject"))

    def _terms(self, type_: str) -> Iterator[Reference]:
        for term in self.element.iterfind("profileDesc/textClass/keywords//term"):
            if term.get("type") == type_ and term.get("ref"):
                yield from self.pointers.of(term, "ref")

    def languages(self, text: etree._Element | None) -> tuple[str, tuple[Version, ...]]:
        """Return the language of the words, and the language versions, the original first."""
        listed = list(self.element.iterfind("profileDesc/langUsage/language"))
        item = self.find("fileDesc/sourceDesc//textLang")
        main = item.get("mainLang") if item is not None else None
        only = listed[0].get("ident") if len(listed) == 1 else None
        said = (language_of(text) if text is not None else None) or only or main
        words = said or self.language or "und"
        roles = {each.get("ident") or "": self._role(each) for each in listed}
        original = next((tag for tag, role in roles.items() if role == "original"), None) or main
        translations = [each for each in listed if self._role(each) in ("translation", "other-translation")]
        if words == "und":
            return words, ()
        if original is None and translations:
            return words, tuple(self._translation(each, words) for each in translations)
        original = original or words
        versions = [Version(language=original, role="original", held=_same_language(original, words))]
        versions += [self._translation(each, words) for each in translations]
        if not any(version.held for version in versions):
            translator, commissioner = self._translating()
            held = Version(
                language=words,
                role="translation",
                held=True,
                translator=translator,
                on_behalf_of=commissioner,
            )
            versions.append(held)
        return words, tuple(versions)

    def _role(self, language: etree._Element) -> str:
        if not language.get("ana"):
            return ""
        return next((each.key for each in self.pointers.of(language, "ana") if each.kind == "type"), "")

    def _translation(self, language: etree._Element, words: str) -> Version:
        tag = language.get("ident") or "und"
        held = _same_language(tag, words)
        translator, commissioner = self._translating() if held else (None, None)
        evidence = (language.get("corresp") or "").lstrip("#") or None
        if evidence and evidence not in self.document.by_id:
            near = f'corresp="#{evidence}"'
            self.document.fault(language, f"{near}: no element of this file has this xml:id", near=near)
        return Version(
            language=tag,
            role="translation",
            held=held,
            translator=translator,
            on_behalf_of=commissioner,
            evidence=evidence,
        )

    def _translating(self) -> tuple[Reference | None, Reference | None]:
        """Return who made the translation that is held, and on whose behalf."""
        for statement in self.element.iterfind("fileDesc/titleStmt/respStmt"):
            resp = statement.find("resp")
            if resp is None or not (
                resp.get("key") == "trl" or words_of(resp).lower().startswith("translat")
            ):
                continue
            translator = first(statement.iterchildren("persName", "name", "orgName"))
            commissioner = first(resp.iterchildren("orgName", "persName", "name"))
            return self.pointers.one(translator), self.pointers.one(commissioner)
        return None, None

    def documents(self) -> tuple[DocumentedEvent, ...]:
        """Return what it documents: settings that point to an event, with those who took part."""
        settings = [
            each for each in self.element.iterfind("profileDesc/settingDesc/setting") if each.get("corresp")
        ]
        return tuple(
            documented
            for number, setting in enumerate(settings, start=1)
            if (documented := self._documented(setting, number, alone=len(settings) == 1))
        )

    def _documented(self, setting: etree._Element, number: int, *, alone: bool) -> DocumentedEvent | None:
        event = self.pointers.one(setting, "corresp")
        if event is None:
            return None
        date = setting.find("date")
        where = first(setting.iterchildren("placeName", "name", "rs", "locale"))
        activities = [each for each in setting.iterchildren("activity") if each.get("ana")]
        types = [
            each.key
            for activity in activities
            for each in self.pointers.of(activity, "ana")
            if each.kind == "type"
        ]
        name = (date.get(XML_ID) if date is not None else None) or f"ts-event-{number}"
        certainty, ground = self.doubt_of(where) if where is not None else (Certainty.HIGH, "")
        return DocumentedEvent(
            event=event,
            types=tuple(types),
            when=self._dated(date, name) if date is not None else None,
            where=self.pointers.one(where),
            where_certainty=certainty,
            where_ground=ground,
            participants=tuple(self._participants(setting, alone=alone)),
            origin=Origin(self.document.path, line_of(setting)),
        )

    def _participants(self, setting: etree._Element, *, alone: bool) -> Iterator[Participation]:
        """Yield those who took part: whom the setting names (``who``), or, if it is the only one, all participants."""
        named = set((setting.get("who") or "").split())
        for person in self.element.iterfind("profileDesc/particDesc//person"):
            own = {*((person.get("corresp") or person.get("sameAs") or "").split()), f"#{person.get(XML_ID)}"}
            if named & own if named else alone:
                actor = self._actor(person)
                if actor:
                    yield Participation(actor=actor, roles=tuple(self._roles(person)))

    def _actor(self, person: etree._Element) -> Reference | None:
        if person.get("corresp") or person.get("sameAs"):
            return self.pointers.one(person, "corresp", "sameAs")
        return (
            self.pointers.resolve(person, "xml:id", f"#{person.get(XML_ID)}") if person.get(XML_ID) else None
        )

    def _roles(self, person: etree._Element) -> Iterator[str]:
        for role in (person.get("role") or "").split():
            reference = self.pointers.resolve(person, "role", role if ":" in role else f"role:{role}")
            if reference:
                yield reference.key
        for occupation in person.iterchildren("occupation"):
            if occupation.get("ana"):
                yield from (each.key for each in self.pointers.of(occupation, "ana") if each.kind == "role")

    # -- what its markings and notes tell -----------------------------------------------------------------------------

    def tenures(self) -> tuple[Tenure, ...]:
        """Return the offices that are attested on a day: occupations of persons with a role and a date."""
        found: list[Tenure] = []
        for person in self.element.iterfind("profileDesc/particDesc//person"):
            holder = self._actor(person)
            for occupation in person.iterchildren("occupation"):
                role = next(
                    (each for each in self.pointers.of(occupation, "ana") if each.kind == "role"), None
                )
                if holder is None or role is None or edtf_of(occupation) is None:
                    continue
                name = occupation.get(XML_ID) or f"tenure-{len(found) + 1}"
                certainty, ground = self.doubt_of(occupation)
                found.append(
                    Tenure(
                        name=name,
                        holder=holder,
                        role=role.key,
                        group=self.pointers.one(occupation, "corresp"),
                        attested=dated(self.document, occupation, f"ts-{name}"),
                        certainty=certainty,
                        ground=ground,
                        origin=Origin(self.document.path, line_of(occupation)),
                    )
                )
        return tuple(found)

    def classifications(self) -> tuple[Classification, ...]:
        """Return the degrees of secrecy that keywords of type ``classification`` give, and stamps that lift them."""
        found: list[Classification] = []
        for term in self.element.iterfind("profileDesc/textClass/keywords/term[@type='classification']"):
            degree = self.pointers.one(term, "ref", "ana")
            if degree and degree.kind == "type":
                name = term.get(XML_ID) or "classifying"
                found.append(
                    Classification(
                        name=name,
                        type=degree.key,
                        marking=f"marked-{degree.key}",
                        words=words_of(term),
                        origin=Origin(self.document.path, line_of(term)),
                    )
                )
        for stamp in self.element.iterfind(".//additions//stamp[@type='declassification']"):
            found.append(
                Classification(
                    name="declassifying",
                    type="declassified",
                    marking="stamped-declassified",
                    words=words_of(stamp),
                    stamp=stamp.get("corresp", "").removeprefix("#") or None,
                    origin=Origin(self.document.path, line_of(stamp)),
                )
            )
        return tuple(found)

    def custody(self) -> tuple[CustodyEvent, ...]:
        """Return what happened to the document: ``provenance`` in the history of its description, with the note that says it."""
        found: list[CustodyEvent] = []
        for event in self.element.iterfind(".//msDesc/history/provenance"):
            type_ = self.pointers.one(event, "ana")
            if type_ is None:
                continue
            certainty, ground = self.doubt_of(event)
            found.append(
                CustodyEvent(
                    name=event.get(XML_ID) or f"custody-{len(found) + 1}",
                    type=type_.key,
                    label=words_of(event),
                    participant=self.pointers.one(event, "corresp"),
                    note=event.get("source", "").removeprefix("#") or None,
                    certainty=certainty,
                    ground=ground,
                    origin=Origin(self.document.path, line_of(event)),
                )
            )
        return tuple(found)

    # -- by whom and to whom it was sent, and what else an edition says ------------------------------------------------

    def correspondence(self) -> tuple[Correspondence, ...]:
        """Return the steps of ``correspDesc``: that it was sent, received, passed on."""
        found: list[Correspondence] = []
        for action in self.element.iterfind("profileDesc/correspDesc/correspAction"):
            type_ = action.get("type") or "unstated"
            name = {"sent": "sending", "received": "receiving"}.get(type_, "")
            if not name or any(each.name == name for each in found):
                name = f"correspondence-{len(found) + 1}"
            date = next((each for each in action.iterchildren("date") if edtf_of(each)), None)
            found.append(
                Correspondence(
                    name=name,
                    action=type_,
                    actors=tuple(self._actors_of(action)),
                    places=tuple(self._places_of(action)),
                    when=self._dated(date, f"ts-{name}") if date is not None else None,
                    origin=Origin(self.document.path, line_of(action)),
                )
            )
        return tuple(found)

    def _actors_of(self, action: etree._Element) -> Iterator[Naming]:
        for each in action.iterchildren("persName", "orgName", "name", "rs", "roleName"):
            if kind_of(each) != "place":
                yield from named(each, self.pointers)

    def _places_of(self, action: etree._Element) -> Iterator[Naming]:
        for each in action.iterchildren("placeName", "settlement", "country", "region", "name", "rs"):
            if kind_of(each) == "place":
                yield from named(each, self.pointers)

    def related(self) -> tuple[Related, ...]:
        """Return the documents to which ``correspContext`` points: the letter before, the letter after, others."""
        return tuple(
            dict.fromkeys(
                Related(_relation(each), each.get("target", ""))
                for each in self.element.iterfind("profileDesc/correspDesc/correspContext//*[@target]")
            )
        )

    def related_units(self) -> tuple[Element, ...]:
        """Return what ``correspContext`` says, in its words: which letters are about this one, and where they are."""
        found: list[Element] = []
        for each in self.element.iterfind("profileDesc/correspDesc/correspContext/*"):
            kind = ", ".join(filter(None, (each.get("subtype"), each.get("type"))))
            words = words_of(each) or each.get("target", "")
            if words:
                phrase = replace(self._phrase(each), text=f"{kind}: {words}" if kind else words)
                found.append(Element("related-units", phrase))
        return tuple(dict.fromkeys(found))

    def written_at(self) -> Naming | None:
        """Return where it was written, as ``creation`` says."""
        place = self.find("profileDesc/creation/placeName", "profileDesc/creation/settlement")
        return next(named(place, self.pointers), None) if place is not None else None

    def keywords(self) -> tuple[Phrase, ...]:
        """Return what the edition files it under: notes of type ``keyword``, and terms that point to nothing."""
        notes = self.element.iterfind("fileDesc/notesStmt/note[@type='keyword']")
        terms = (
            each
            for each in self.element.iterfind("profileDesc/textClass/keywords//term")
            if each.get("type") not in _READ_TERMS and not each.get("ref")
        )
        return tuple(dict.fromkeys(self._phrase(each) for each in (*notes, *terms) if words_of(each)))

    def remarks(self) -> tuple[Phrase, ...]:
        """Return what else the header says of the document in prose."""
        notes = [
            each
            for each in self.element.iterfind("fileDesc/notesStmt/note")
            if each.get("type") not in _READ_NOTES and not each.get("target")
        ]
        notes += self.element.iterfind("profileDesc/correspDesc/note")
        notes += self.element.iterfind("fileDesc/sourceDesc//msDesc/p")
        return tuple(dict.fromkeys(self._phrase(each) for each in notes if words_of(each)))

    def sources(self) -> tuple[Phrase, ...]:
        """Return the bibliographic references to where the edition found it."""
        found = self.element.iterfind("fileDesc/sourceDesc//bibl")
        return tuple(
            dict.fromkeys(
                self._phrase(each)
                for each in found
                if each.get("type") not in ("citation", "capture") and words_of(each)
            )
        )

    def rights(self) -> str:
        """Return the licence that the edition gives its words; empty where it gives none."""
        licence = self.find("fileDesc/publicationStmt/availability/licence")
        if licence is None:
            return ""
        address = licence.get("target") or ""
        return f"The edition states: {address or words_of(licence)}" if address or words_of(licence) else ""

    def note_unread(self) -> None:
        """Count what the header holds and nobody reads: it stands in the edition, and in no graph."""
        for path, read in _READ.items():
            for element in self.element.iterfind(path):
                for child in element:
                    if child.tag not in read and (words_of(child) or child.attrib):
                        self.document.met[f"{element.tag}/{child.tag}"] += 1

    def described_with(self) -> tuple[Reference, ...]:
        """Return whom and what the abstract and the remarks name."""
        return tuple(
            dict.fromkeys(
                reference
                for path in _PROSE
                for element in self.element.iterfind(path)
                for name in element.iter("persName", "orgName", "placeName", "rs", "name")
                for reference in self.pointers.of(name)
            )
        )

    # -- the digital edition from which a capture was taken -----------------------------------------------------------

    def capture(self) -> etree._Element | None:
        """Return the description of the capture."""
        return self.find("fileDesc/sourceDesc/bibl[@type='capture']")

    def publication(self) -> Publication | None:
        """Return the page from which the capture was taken; None where the edition has no capture."""
        capture = self.capture()
        if capture is None:
            return None
        publisher = self.find("fileDesc/publicationStmt/publisher")
        formats = [each for each in capture.iterchildren("note") if each.get("type") == "format-not-held"]
        return Publication(
            publisher=self.pointers.one(_named(publisher)) if publisher is not None else None,
            funder=self.pointers.one(self.find("fileDesc/titleStmt/funder")),
            other_formats=tuple(words_of(each) for each in formats),
        )

    def transcribed(self) -> Iterator[Piece]:
        """Yield the strings of the header that were transcribed from the capture: ``source`` points to its description."""
        for each in self._from_capture():
            if each.tag != "list":
                yield Piece(f"<{each.tag}>", words_of(each), line_of(each))

    def furniture(self) -> Iterator[Piece]:
        """Yield what of the capture is left out, as the edition lists it."""
        for each in self.element.iterfind("encodingDesc//list[@type='furniture']"):
            for item in each.iterchildren("item"):
                yield Piece("furniture", words_of(item), line_of(item))

    def _from_capture(self) -> Iterator[etree._Element]:
        capture = self.capture()
        name = capture.get(XML_ID) if capture is not None else None
        if name:
            yield from (
                each for each in self.element.iter() if f"#{name}" in (each.get("source") or "").split()
            )


def _relation(element: etree._Element) -> str:
    """Return how a document is related that a pointer names: ``prev`` in the Guidelines, ``previous_letter`` in editions."""
    said = f"{element.get('type', '')} {element.get('subtype', '')}".lower()
    words = re.findall("[a-z]+", said)
    if any(each.startswith("prev") for each in words):
        return "previous"
    return "next" if any(each.startswith("next") for each in words) else ""


def named(element: etree._Element, pointers: Pointers, form: str | None = None) -> Iterator[Naming]:
    """Yield whom or what a name names: each that it points to, or, where it points to nothing known, the name alone.

    Args:
        element: The name.
        pointers: Resolves its pointer.
        form: Its words; None: all of them.
    """
    words = words_of(element) if form is None else form
    kind = kind_of(element) or ""
    allowed = ("place",) if kind == "place" else ("person", "group")
    found = [each for each in pointers.of(element) if each.kind in allowed]
    if found:
        yield from (Naming(words, each.kind, each) for each in found)
    elif words:
        read = read_elsewhere(pointers.unresolved(element))
        elsewhere = read if isinstance(read, Elsewhere) and read.iri else None
        yield Naming(words, kind if kind in ("person", "group", "place") else "", None, elsewhere)


def _named(element: etree._Element) -> etree._Element:
    """Return what carries the pointer: the element, or the one name in it."""
    if any(element.get(attribute) for attribute in ("ref", "key", "corresp", "sameAs")):
        return element
    inner = first(element.iterchildren("persName", "orgName", "name", "rs"))
    return element if inner is None else inner


def _same_language(one: str, other: str) -> bool:
    return one.partition("-")[0].lower() == other.partition("-")[0].lower()
