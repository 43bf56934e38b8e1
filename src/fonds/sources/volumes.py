"""Volumes of documents: each document a record with its place in the volume, and the rest of the volume as works."""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from lxml import etree

from fonds import model
from fonds.model import (
    Authority,
    Correspondence,
    Dated,
    Identifier,
    Naming,
    Origin,
    Phrase,
    Record,
    Reference,
    Text,
    Version,
)
from fonds.settings import Collection
from fonds.sources import Reading
from fonds.sources.pointers import Pointers, slug_of
from fonds.sources.tei_context import Context, digest, is_document, pointers_of
from fonds.sources.tei_dates import dated, edtf_of
from fonds.sources.tei_header import Header, named
from fonds.sources.tei_statements import StatementReader, read_relations, with_context
from fonds.sources.tei_text import TextReader, anchored, marked_places, plain_places
from fonds.sources.xml import TEI, XML_ID, Document, language_of, line_of, spaced, words_of

_DIVISIONS = frozenset({"div", "titlePage", *(f"div{n}" for n in range(8))})
_LISTS = frozenset({"listPerson", "listOrg", "listPlace", "listEvent", "listBibl", "list", "listRelation"})
_AROUND_LISTS = frozenset({"text", "body", "front", "back", "standOff", "div", "head", "pb"})
_NAMES = ("persName", "orgName", "gloss", "roleName", "rs", "name")
_PLACES = ("placeName", "settlement", "geogName", "country", "region")
_OTHERS = frozenset({"note", "attachment", "floatingText", "quote"})
_SIDES = {"from": "sent", "to": "addressed"}
_MOMENT = re.compile(r"\{[^}]+\}doc-dateTime-(min|max)")
_SUMMARY = re.compile(r"Summary:\s*(.+?)\s*(?:Source:|$)", re.DOTALL)


def is_volume(root: etree._Element, profile: Collection) -> bool:
    """Tell whether a file is a volume whose divisions are documents."""
    if profile.documents == "file":
        return False
    text = root.find("text")
    found = text is not None and any(is_document(each, profile) for each in text.iter(*_DIVISIONS))
    return found or profile.documents == "divisions"


def is_register(root: etree._Element, profile: Collection) -> bool:
    """Tell whether a file holds lists and no text of its own."""
    if profile.documents == "divisions" or not profile.name:
        return False
    inside = (each for each in root if each.tag in ("text", "standOff"))
    lists = (each is not None for part in inside for each in _outer_lists(part))
    return next(lists, False) and all(lists)


def _outer_lists(element: etree._Element) -> Iterator[etree._Element | None]:
    """Yield the outermost lists of things; None for anything else that has words."""
    for each in element:
        if each.tag in _LISTS:
            yield each if _lists_things(each) else None
        elif each.tag in _AROUND_LISTS:
            if each.tag not in ("head", "pb"):
                yield from _outer_lists(each)
        elif words_of(each):
            yield None


def _lists_things(element: etree._Element) -> bool:
    if element.tag != "list":
        return True
    items = list(element.iterchildren("item"))
    return bool(items) and all(each.get(XML_ID) and each.find("label") is not None for each in items)


@dataclass(frozen=True, slots=True)
class _Part:
    """A document of a volume before it is read."""

    key: str
    element: etree._Element
    works: tuple[Reference, ...]
    within: str | None
    language: str


@dataclass(slots=True)
class _Volume:
    """A volume while it is read.

    Attributes:
        document: The file.
        header: Its header.
        key: The key of the volume: the beginning of those of its documents.
        context: What is known of the publication.
        pointers: Resolve the pointers of the file.
        works: The volume, its chapters, and its front and back matter.
        sections: The same without the volume, by the elements that they stand for.
    """

    document: Document
    header: Header
    key: str
    context: Context
    pointers: Pointers
    works: dict[Reference, Authority] = field(default_factory=dict)
    sections: dict[etree._Element, Reference] = field(default_factory=dict)

    @property
    def reference(self) -> Reference:
        """The volume as a work."""
        return Reference("work", self.key)

    @property
    def rights(self) -> str:
        """The statement on its words."""
        return self.context.profile.rights or self.header.rights()

    def is_document(self, element: etree._Element) -> bool:
        """Tell whether an element is a document of the volume."""
        return is_document(element, self.context.profile)


def read_volume(document: Document, header: etree._Element, key: str, context: Context) -> Iterator[Reading]:
    """Read a volume, parsed once: first what it lists and what stands around its documents, then each document.

    Args:
        document: The file.
        header: Its ``teiHeader``.
        key: The volume's key.
        context: What is known of the publication.
    """
    pointers = pointers_of(document, key, context)
    volume = _Volume(
        document, Header(document, pointers, header, context.profile.language), key, context, pointers
    )
    parts = _parts(volume)
    called = {document.root.get(XML_ID) or key, PurePosixPath(document.path).name.removesuffix(".xml")}
    records = {part.key: part for part in parts}
    by_id = {
        name: part.key
        for part in parts
        for each in part.element.iter()
        if (name := each.get(XML_ID)) and name not in document.repeated
    }
    volume.pointers = replace(pointers, records=by_id)
    _around(volume)
    volume.header.note_unread()
    yield Reading(
        authorities=tuple(
            replace(each, edition=key) for each in (*volume.works.values(), *pointers.own.values())
        ),
        faults=tuple(dict.fromkeys(document.faults)),
        met=document.met,
        addresses={f"{each}#{name}": record for each in called for name, record in by_id.items()},
    )
    edition = _edition(header)
    keys = list(records)
    for at, part in enumerate(parts):
        beside = (keys[at - 1] if at else None, keys[at + 1] if at + 1 < len(keys) else None)
        yield _read_part(volume, part, model.Sequence(at + 1, *beside), edition)


# -- where documents begin --------------------------------------------------------------------------------------------


def _parts(volume: _Volume) -> list[_Part]:
    """Return the documents of a volume in their order; one that stands within another is taken out of it."""
    document = volume.document
    text = document.root.find("text")
    found = [each for each in (() if text is None else text.iter(*_DIVISIONS)) if volume.is_document(each)]
    keys = _keys(volume, found)
    parts = []
    for element, key in keys.items():
        above = next((each for each in element.iterancestors() if volume.is_document(each)), None)
        within = keys.get(above) if above is not None else None
        language = language_of(element) or volume.header.languages(text)[0]
        parts.append(_Part(key, element, _works_above(volume, element), within, language))
    for part in reversed(parts):
        if part.within:
            _take_out(part.element)
    return parts


def _keys(volume: _Volume, found: Sequence[etree._Element]) -> dict[etree._Element, str]:
    """Return the key of each document: the volume's and its own ``xml:id``, else its number; of two that are one, none."""
    names = Counter(each.get(XML_ID) for each in found)
    slugs = Counter(slug_of(name or "") for name in names)
    keys: dict[etree._Element, str] = {}
    for at, element in enumerate(found, start=1):
        name = element.get(XML_ID)
        if name and names[name] > 1:
            volume.document.fault(
                element,
                f'xml:id="{name}" is that of two documents; neither is published until one has another',
            )
            continue
        own = slug_of(name) if name else slug_of(element.get("n") or "") or f"document-{at}"
        if not name:
            volume.document.fault(element, f"has no xml:id; its identifier ends in {own!r} until it gets one")
            while f"{volume.key}-{own}" in keys.values() or own in slugs:
                own = f"{own}-{at}"
        elif not own or (slugs[own] > 1 and name != own):
            own = "-".join(filter(None, (own, digest(name))))
        keys[element] = f"{volume.key}-{own}"
    return keys


def _take_out(element: etree._Element) -> None:
    """Take a document out of another one; what follows it stays."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        return
    tail = element.tail or ""
    if before is None:
        parent.text = (parent.text or "") + tail
    else:
        before.tail = (before.tail or "") + tail
    element.tail = None
    parent.remove(element)


# -- what stands around them ------------------------------------------------------------------------------------------


def _works_above(volume: _Volume, element: etree._Element) -> tuple[Reference, ...]:
    """Return the volume, and the lowest of its chapters in which a document stands."""
    chapters = [each for each in element.iterancestors(*_DIVISIONS) if not volume.is_document(each)]
    lowest = volume.reference
    for chapter in reversed(chapters):
        lowest = _section(volume, chapter, lowest)
    return (volume.reference,) if lowest == volume.reference else (volume.reference, lowest)


def _section(volume: _Volume, element: etree._Element, above: Reference) -> Reference:
    """Return a chapter or another section of the volume as a work."""
    reference = volume.sections.get(element)
    if reference is None:
        name = element.get(XML_ID) or ""
        same = sum(1 for each in element.itersiblings(str(element.tag), preceding=True))
        own = slug_of(name) or slug_of(f"{element.get('type') or element.tag}-{element.get('n') or same + 1}")
        reference = Reference("work", f"{volume.key}-{own}")
        while reference in volume.works:
            reference = Reference("work", f"{reference.key}-{len(volume.sections) + 1}")
        volume.sections[element] = reference
        head = element.find("head")
        title = _words_without_notes(head) if head is not None else ""
        title = title or (element.get("type") or str(element.tag)).capitalize()
        language = language_of(element) or volume.context.profile.language or None
        volume.works[reference] = Authority(
            reference=reference,
            labels=(Phrase(title, language),),
            broader=above,
            form="text",
            rights=volume.rights,
            origin=Origin(volume.document.path, line_of(element)),
        )
    return reference


def _around(volume: _Volume) -> None:
    """Keep what stands around the documents: the volume itself, its front and back matter, the beginnings of its chapters."""
    header, root = volume.header, volume.document.root
    title, _ = header.title() or (Phrase(volume.key), "")
    statements = (
        header.element.find(f"fileDesc/{each}") for each in ("titleStmt", "publicationStmt", "sourceDesc")
    )
    told = [words for each in statements if each is not None for words in _told(each, title.text)]
    volume.works = {
        volume.reference: Authority(
            reference=volume.reference,
            labels=(title,),
            definition="; ".join(told),
            language=language_of(root) or volume.context.profile.language,
            rights=volume.rights,
            origin=Origin(volume.document.path, line_of(root)),
        )
    } | volume.works
    text = root.find("text")
    if text is None:
        return
    sections = {
        each: None
        for part in text.iter("front", "body", "back")
        if not any(above.tag in _DIVISIONS for above in part.iterancestors())
        for each in part.iterchildren(*_DIVISIONS)
        if not volume.is_document(each)
    }
    for each in sections:
        _keep(volume, each, volume.reference)
    _keep_words(
        volume, volume.reference, _without(text, lambda each: each in sections or volume.is_document(each))
    )


def _told(statement: etree._Element, title: str) -> Iterator[str]:
    """Yield what the header says of a volume beside its title and the parts of that, each piece with what it is."""
    for each in statement:
        words = words_of(each)
        if not words or (each.tag == "title" and words in title):
            continue
        label = each.get("type") or each.get("role") or ""
        if each.tag == "editor":
            label = f"{label} editor".strip()
        yield f"{label}: {words}" if label else words


def _keep(volume: _Volume, element: etree._Element, above: Reference) -> None:
    """Keep the words of a section that stand in no document and in no section below it that holds documents."""
    reference = _section(volume, element, above)
    documents = [each for each in element.iter(*_DIVISIONS) if volume.is_document(each)]
    if not documents:
        _keep_words(volume, reference, element)
        return
    around = {whole for each in documents for whole in each.iterancestors(*_DIVISIONS)}
    below = [each for each in element.iterchildren(*_DIVISIONS) if each in around and each not in documents]
    for each in below:
        _keep(volume, each, reference)
    kept = _without(element, lambda each: each in below or each in documents)
    _keep_words(volume, reference, kept, language_of(element))


def _keep_words(
    volume: _Volume, reference: Reference, section: etree._Element, language: str | None = None
) -> None:
    """Keep the words of a section with its work."""
    part = volume.document.part(section)
    pointers = replace(volume.pointers, document=part)
    profile = volume.context.profile
    language = language or language_of(section) or profile.language
    words, mentions = TextReader(part, pointers, {}, frozenset(), profile=profile).words(section)
    volume.document.faults.extend(part.faults)
    volume.document.met.update(part.met)
    work = volume.works[reference] = replace(volume.works[reference], mentions=mentions)
    if words and volume.context.fulltext_of("") == "full":
        volume.works[reference] = replace(work, words=words, language=language)


def _without(element: etree._Element, dropped: Callable[[etree._Element], bool]) -> etree._Element:
    """Return a copy of an element without some of those in it; what follows them stays."""
    kept = etree.Element(element.tag)
    for name, value in element.attrib.items():
        kept.set(name, value)
    kept.sourceline = element.sourceline
    kept.text = element.text
    last: etree._Element | None = None
    for child in element:
        if dropped(child):
            if last is None:
                kept.text = (kept.text or "") + (child.tail or "")
            else:
                last.tail = (last.tail or "") + (child.tail or "")
        else:
            last = _without(child, dropped)
            last.tail = child.tail
            kept.append(last)
    return kept


# -- one document -----------------------------------------------------------------------------------------------------


def _read_part(volume: _Volume, part: _Part, sequence: model.Sequence, edition: bytes) -> Reading:
    context = volume.context
    element = part.element
    document = volume.document.part(element)
    pointers = replace(volume.pointers, document=document, key=part.key)
    text = TextReader(document, pointers, {}, context.note_types, profile=context.profile).read(
        element, part.language
    )
    marked = marked_places(text)
    text = replace(text, statements=StatementReader(document, pointers).read(marked))
    text = with_context(anchored(text, plain_places(text), marked), text.plain)
    head = next(element.iterchildren("head"), None)
    correspondence = tuple(_correspondence(head, pointers, document.path)) if head is not None else ()
    created = _created(document, element)
    record = Record(
        key=part.key,
        title=_title(document, head, part),
        label=_title(document, head, part),
        text=text,
        fulltext=context.fulltext_of(part.key),
        creators=tuple(
            dict.fromkeys(
                actor.target
                for step in correspondence
                if step.action == "sent"
                for actor in step.actors
                if actor.target
            )
        ),
        created=created,
        dated_in_words="" if created else words_of_date(element),
        identifiers=tuple(_number(element)),
        part_of=part.works,
        versions=()
        if part.language == "und"
        else (Version(language=part.language, role="original", held=True),),
        abstract=_summary(element, text),
        relations=read_relations(document, pointers),
        edition=edition.replace(_HERE, etree.tostring(element, encoding="utf-8", with_tail=False)).replace(
            _KEY, part.key.encode()
        ),
        editorial_language=context.profile.language or "en",
        correspondence=correspondence,
        written_at=_written_at(element, pointers),
        sequence=sequence,
        within=part.within,
        rights=volume.rights,
        origin=Origin(document.path, line_of(element)),
    )
    if element.get("subtype"):
        document.met[f'div/@subtype="{element.get("subtype")}"'] += 1
    return Reading(record=record, faults=tuple(dict.fromkeys(document.faults)), met=document.met)


def _title(document: Document, head: etree._Element | None, part: _Part) -> Phrase:
    """Return the heading as it stands, its number included and its notes left out; without one, what the volume calls it."""
    words = _words_without_notes(head) if head is not None else ""
    if words:
        return Phrase(words, None if part.language == "und" else part.language)
    document.fault(part.element, "has no head, and so no title; it is called by its number")
    return Phrase(part.element.get("n") or part.key)


def _words_without_notes(element: etree._Element) -> str:
    return spaced("".join(_pieces(element)))


def _pieces(element: etree._Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag != "note":
            yield from _pieces(child)
        yield child.tail or ""


def _number(element: etree._Element) -> Iterator[Identifier]:
    """Yield the number of a document in its volume."""
    if element.get("n"):
        yield Identifier(name="number", type="document-number", value=element.get("n", ""), bearer="text")


def _correspondence(head: etree._Element, pointers: Pointers, path: str) -> Iterator[Correspondence]:
    """Yield who sent a document, and to whom it is addressed, as its heading marks them."""
    for side, action in _SIDES.items():
        actors = [
            actor
            for each in head.iter(*_NAMES)
            if each.get("type") == side and not _in_note(each)
            for actor in named(each, pointers, _words_without_notes(each))
        ]
        if actors:
            name = "sending" if action == "sent" else "addressing"
            yield Correspondence(
                name=name, action=action, actors=tuple(actors), origin=Origin(path, line_of(head))
            )


def _datelines(element: etree._Element) -> Iterator[etree._Element]:
    """Yield the datelines of a document, not those of what its notes quote or what is enclosed in it."""
    for each in element.iter("dateline"):
        if not any(etree.QName(above).localname in _OTHERS for above in each.iterancestors()):
            yield each


def _created(document: Document, element: etree._Element) -> Dated | None:
    """Return the date of the first dateline that has one, or of the heading, else the bounds that editors give the document."""
    dates = (each for line in _datelines(element) for each in line.iter("date"))
    above = (
        each
        for line in element.iterchildren("head", "opener", "docDate")
        for each in line.iter("date", "docDate")
    )
    date = next((each for each in (*dates, *above) if edtf_of(each) and not _in_note(each)), None)
    if date is not None:
        return dated(document, date, "ts-doc")
    bounds = {
        match[1]: str(value)
        for name, value in element.attrib.items()
        if (match := _MOMENT.fullmatch(str(name)))
    }
    if not bounds:
        return None
    first, last = bounds.get("min", ""), bounds.get("max", "")
    given = etree.Element("date")
    if first[:10] == last[:10]:
        given.set("when", first)
    else:
        for name, value in (("notBefore", first), ("notAfter", last)):
            if value:
                given.set(name, value)
    found = dated(document.part(element), given, "ts-doc")
    words = words_of_date(element)
    return replace(found, form=words) if found and words else found


def _in_note(element: etree._Element) -> bool:
    return any(above.tag == "note" for above in element.iterancestors())


def words_of_date(element: etree._Element) -> str:
    """Return the words of a date without a value in the first dateline of a document, empty where there are none."""
    line = next(_datelines(element), None)
    date = None if line is None else next(line.iter("date"), None)
    if date is not None:
        return words_of(date)
    return "" if line is None or any(True for _ in line.iter(*_PLACES)) else _words_without_notes(line)


def _written_at(element: etree._Element, pointers: Pointers) -> Naming | None:
    """Return the place that the first dateline names."""
    for line in _datelines(element):
        for each in line.iter(*_PLACES):
            return next(named(each, pointers), None)
    return None


def _summary(element: etree._Element, text: Text) -> Phrase | None:
    """Return the summary that a note gives: one of this type, or one on the source that begins with it."""
    note = element.find(".//note[@type='summary']")
    if note is not None and words_of(note):
        return Phrase(words_of(note), None if text.language == "und" else text.language)
    notes = (each for each in text.notes if each.type == "source-note")
    match = next((found for each in notes if (found := _SUMMARY.match(each.words))), None)
    return Phrase(match[1], None if text.language == "und" else text.language) if match else None


# -- the edition of one document --------------------------------------------------------------------------------------

_HERE = b"<fonds-document/>"
_KEY = b"fonds-key"


def _edition(header: etree._Element) -> bytes:
    """Return a TEI file with the volume's header and a place for one document."""
    root = etree.fromstring(b'<TEI xmlns="' + TEI.encode() + b'"/>')
    root.set(XML_ID, _KEY.decode())
    root.append(copy.deepcopy(header))
    body = etree.SubElement(etree.SubElement(root, "text"), "body")
    etree.SubElement(body, "fonds-document")
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)
