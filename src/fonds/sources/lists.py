"""Lists of persons, groups, places, events, works and terms in TEI: what each entry says of what it lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml import etree

from fonds.model import Authority, Elsewhere, Life, Naming, Origin, Phrase, Reference
from fonds.sources.elsewhere import read_elsewhere
from fonds.sources.tei_dates import dated
from fonds.sources.xml import XML_ID, XML_LANG, Document, language_of, line_of, spaced, words_of

POINTING = ("ref", "key", "corresp", "sameAs", "target")
"""Attributes by which a name points to what it names, the first that leads somewhere counts."""

LISTS = frozenset({"listPerson", "listOrg", "listPlace", "listEvent", "listBibl", "particDesc"})
ENTRIES = {
    "person": "person",
    "org": "group",
    "place": "place",
    "event": "event",
    "bibl": "work",
    "biblStruct": "work",
}
"""The elements that are entries of a list, and the kind of what they list."""

IN_PROSE = {"persName": "person", "orgName": "group", "placeName": "place", "term": "topic", "label": "topic"}
"""Names in the items of a list in prose, and the kind of what they name; a term is a term, whatever it stands for."""

_NAMES = {
    "person": ("persName", "name"),
    "org": ("orgName", "name"),
    "place": ("placeName", "settlement", "geogName", "name"),
    "event": ("label", "head", "eventName", "desc"),
    "bibl": ("title",),
    "biblStruct": ("title",),
}
_PREFERRED = ("reg", "pref", "main", "preferred", "orig-lang")
_PARTS = ("surname", "forename", "roleName", "genName", "nameLink", "addName", "name")
_PROSE = ("note", "desc", "occupation", "p", "trait", "state", "date")
_PLACES = ("placeName", "settlement", "geogName", "district", "region", "country", "bloc")
_SOURCES = frozenset({"sourceDesc", "teiHeader"})
_BETWEEN = " ,;:.–—-"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list.

    Attributes:
        id: Its ``xml:id``.
        kind: What it lists: ``person``, ``group`` …
        element: The entry; in prose the item.
        name: In prose the name within the item, else None.
    """

    id: str
    kind: str
    element: etree._Element
    name: etree._Element | None = None


def entries_of(root: etree._Element, is_document: Callable[[etree._Element], bool]) -> Iterator[Entry]:
    """Yield the entries of all lists of a file that have an ``xml:id``, in their order.

    What a header lists as sources of the edition is left out, and so are names with an ``xml:id`` in running text.

    Args:
        root: The outermost element.
        is_document: Tells whether an element is a document of a volume: in one, only lists proper count.
    """
    for element in root.iter(*ENTRIES, *IN_PROSE, "item"):
        name = element.get(XML_ID)
        if name is None:
            continue
        tag = str(element.tag)
        if tag in ENTRIES:
            above = {str(each.tag) for each in element.iterancestors()}
            if above & LISTS and not ("sourceDesc" in above and tag.startswith("bibl")):
                yield Entry(name, ENTRIES[tag], element)
        elif not any(map(element.get, POINTING)):
            item = element if tag == "item" else _item_of(element, is_document)
            label = element.find("label") if tag == "item" else element
            if item is not None and label is not None and (tag != "item" or _is_listed(item, is_document)):
                yield Entry(name, IN_PROSE[str(label.tag)], item, label)


def _item_of(name: etree._Element, is_document: Callable[[etree._Element], bool]) -> etree._Element | None:
    """Return the item of a list in prose that is about what it names first; None where it is another name in running text."""
    for above in name.iterancestors():
        if above.tag == "item":
            first = next((each for each in above.iter(*IN_PROSE) if each.get(XML_ID)), None)
            return above if first is name and _is_listed(above, is_document) else None
        if above.tag not in ("hi", "emph", "label", "ref", "seg"):
            return None
    return None


def _is_listed(item: etree._Element, is_document: Callable[[etree._Element], bool]) -> bool:
    return not any(is_document(above) or above.tag in _SOURCES for above in item.iterancestors())


PlaceOf = Callable[[etree._Element], Reference | None]
"""Tells which place that is known here an element means."""


def authority_of(
    entry: Entry, reference: Reference, document: Document, language: str, place_of: PlaceOf
) -> Authority:
    """Return what an entry says: names, identifiers elsewhere, birth and death, and the rest of it in prose.

    Args:
        entry: The entry.
        reference: The identifier that it gets.
        document: The file; gets faults where a value cannot be what it should be.
        language: BCP 47 tag of its prose where the edition does not say; empty: not known.
        place_of: Tells where somebody was born or died.
    """
    if entry.name is not None:
        return _in_prose(entry, entry.name, reference, document, language)
    element = entry.element
    names = list(dict.fromkeys(_names(element)))
    if not names:
        document.fault(element, f"<{element.tag}> {entry.id!r} has no name")
        names = [Phrase(entry.id)]
    _note_unread(entry, document)
    prose = [words_of(each) for each in element.iterchildren(*_PROSE)]
    return Authority(
        reference=reference,
        labels=(names[0],),
        other_names=tuple(names[1:]),
        definition="; ".join(filter(None, prose)),
        language=language_of(element) or language,
        elsewhere=tuple(dict.fromkeys(_elsewhere(element, document))),
        life=tuple(_life(element, document, place_of)) if entry.kind in ("person", "event") else (),
        coordinates=_coordinates(element) if entry.kind == "place" else None,
        origin=Origin(document.path, line_of(element)),
    )


def _note_unread(entry: Entry, document: Document) -> None:
    """Count what an entry holds and nobody reads."""
    element = entry.element
    read = {*_NAMES[str(element.tag)], *_PROSE, "idno", "birth", "death", "location"}
    for child in element:
        if child.tag not in read and (words_of(child) or child.attrib):
            document.met[f"{element.tag}/{child.tag}"] += 1
        elif child.tag in ("birth", "death"):
            of_life = (child.find("date"), _place_in(child))
            document.met.update(f"{child.tag}/{each.tag}" for each in child if each not in of_life)


def _in_prose(
    entry: Entry, name: etree._Element, reference: Reference, document: Document, language: str
) -> Authority:
    label = words_of(name).strip(_BETWEEN.replace(".", "")) or entry.id
    rest = words_of(entry.element).removeprefix(words_of(name)).lstrip(_BETWEEN)
    return Authority(
        reference=reference,
        labels=(Phrase(label, name.get(XML_LANG)),),
        definition=rest,
        language=language_of(entry.element) or language,
        origin=Origin(document.path, line_of(name)),
    )


def _names(element: etree._Element) -> Iterator[Phrase]:
    """Yield the names of an entry, the preferred one first."""
    tags = _NAMES[str(element.tag)]
    found = list(element.iterchildren(*tags))
    if element.tag == "biblStruct":
        found = list(element.iter("title"))
    if element.tag == "event":
        found = found[:1]
    for each in sorted(found, key=lambda each: each.get("type") not in _PREFERRED):
        if name := name_of(each):
            yield Phrase(name, each.get(XML_LANG))
    if not found and element.tag == "bibl" and words_of(element):
        yield Phrase(words_of(element))


def name_of(element: etree._Element) -> str:
    """Return a name as it is written, with blanks between its parts even where the edition has none."""
    parts = list(element.iterchildren(*_PARTS))
    if len(parts) > 1 and len(parts) == len(element):
        pieces = [element.text or ""]
        for part in parts:
            pieces += [" ", words_of(part), part.tail or ""]
        return re.sub(r" (?=[,;])", "", spaced("".join(pieces)))
    return words_of(element)


def _elsewhere(element: etree._Element, document: Document) -> Iterator[Elsewhere]:
    """Yield the identifiers elsewhere that an entry states; what cannot be one is a fault and is left out."""
    stated = [(each, words_of(each), each.get("type") or "") for each in element.iterchildren("idno")]
    for each in (element, *element.iterchildren("persName", "orgName", "placeName", "settlement")):
        for attribute in ("ref", "sameAs", "corresp"):
            pointers = (each.get(attribute) or "").split()
            stated += [(each, pointer, "") for pointer in pointers if re.match("https?://", pointer)]
    for each, value, type_ in stated:
        if not value and each.tag == "idno":
            continue
        read = read_elsewhere(value, each.get("subtype") or type_)
        if isinstance(read, str):
            document.fault(each, f"{value!r} {read}; it is left out", near=value if " " not in value else "")
        else:
            yield read


def _life(element: etree._Element, document: Document, place_of: PlaceOf) -> Iterator[Life]:
    for event in ("birth", "death", "time"):
        found = element.find(event) if event != "time" else element if element.tag == "event" else None
        if found is None:
            continue
        date = found.find("date")
        stated = found if date is None else date
        plain = "" if event == "time" else spaced(found.text or "")
        form = words_of(stated) if date is not None or len(found) == 0 else plain
        when = dated(document, stated, event)
        place = _place(found, document, place_of) if event != "time" else None
        if form or when or place:
            yield Life(event, form or (when.date.edtf if when else ""), when, place)


def _place_in(event: etree._Element) -> etree._Element | None:
    return next(event.iterchildren(*_PLACES), None)


def _place(event: etree._Element, document: Document, place_of: PlaceOf) -> Naming | None:
    """Return the first place that a birth or a death names."""
    element = _place_in(event)
    if element is None:
        return None
    inner = _place_in(element)
    words = words_of(element if inner is None else inner)
    target = place_of(element)
    if target is None and not words:
        return None
    if target is None:
        document.met.update(f"{element.tag}/{each.tag}" for each in element if each is not inner)
    pointers = " ".join(filter(None, map(element.get, POINTING))).split()
    stated = (read_elsewhere(each) for each in pointers)
    elsewhere = next((each for each in stated if isinstance(each, Elsewhere) and each.iri), None)
    return Naming(words, "place", target, None if target else elsewhere)


def _coordinates(element: etree._Element) -> tuple[float, float] | None:
    """Return latitude and longitude, None where there are none, or several that could be meant."""
    places = [each for each in element.iterchildren("location") if each.find("geo") is not None]
    marked = [each for each in places if each.get("type") in ("coords", "coordinates")]
    found = marked or [each for each in places if not each.get("type")]
    words = words_of(found[0].find("geo")) if len(found) == 1 else ""
    pair = re.fullmatch(r"(-?\d+(?:[.,]\d+)?)(?:\s+|\s*,\s+|,)(-?\d+(?:[.,]\d+)?)", words)
    if pair is None:
        return None
    latitude, longitude = (float(each.replace(",", ".")) for each in pair.groups())
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None
