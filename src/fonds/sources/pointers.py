"""What a pointer in an edition points to: ``person:guevara``, ``#p12``, ``guevara``, or a whole address."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field

from lxml import etree

from fonds.identifiers import is_slug
from fonds.model import Authority, Elsewhere, Reference
from fonds.sources.elsewhere import is_scheme, read_elsewhere
from fonds.sources.lists import ENTRIES, POINTING, Entry, authority_of
from fonds.sources.tables import KINDS, TABLES
from fonds.sources.xml import Document

_KIND_OF_NAME = {
    "persName": "person",
    "author": "person",
    "person": "person",
    "orgName": "group",
    "org": "group",
    "repository": "group",
    "institution": "group",
    "placeName": "place",
    "geogName": "place",
    "country": "place",
    "settlement": "place",
    "region": "place",
    "district": "place",
    "bloc": "place",
    "place": "place",
    "setting": "event",
    "event": "event",
    "title": "work",
    "bibl": "work",
    "biblStruct": "work",
    "roleName": "role",
    "collection": "holding",
    "idno": "holding",
    "term": "topic",
}
_KIND_OF_TYPE = {
    "organisation": "group",
    "organization": "group",
    "org": "group",
    "title": "work",
    "document": "work",
}
_ADDRESS = re.compile(r"https?://")
_FEW = 2000
"""Most names among which one that is close is sought."""
_PREFIXED = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!//)(\S+)")


def slug_of(text: str) -> str:
    """Return a text as a key: ASCII letters in lower case and digits, hyphens between; empty if nothing is left.

    >>> slug_of("Müller, K. (1901)")
    'muller-k-1901'
    """
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", ascii_only).strip("-")


@dataclass(slots=True)
class Pointers:
    """Resolves the pointers of one document.

    Attributes:
        document: The document; an unknown pointer is a fault of it.
        key: The record's key.
        known: What the tables list, and the program's own terms.
        by_iri: Things by their accepted identifiers elsewhere.
        base: The publication's base, if it is fixed.
        own: What the file lists and no table has.
        pointing: Attributes by which a name points, the first that leads somewhere counts.
        listed: What the registers of the collection list, by ``xml:id``.
        ids: The elements of the whole file by ``xml:id``.
        records: The keys of the records of the file, by the ``xml:id`` of each and of what stands in it.
        key_of: Forms the key of what the file lists itself, from its ``xml:id``.
        language: BCP 47 tag of the prose of lists where the edition does not say it.
        entries: What the lists of the file have, by ``xml:id``; None for an entry that stands for nothing known.
    """

    document: Document
    key: str
    known: Set[Reference]
    by_iri: Mapping[str, Reference]
    base: str | None = None
    own: dict[Reference, Authority] = field(default_factory=dict)
    pointing: tuple[str, ...] = POINTING
    listed: Mapping[str, Reference] = field(default_factory=dict)
    ids: Mapping[str, etree._Element] = field(default_factory=dict)
    records: Mapping[str, str] = field(default_factory=dict)
    key_of: Callable[[str], str] | None = None
    language: str = ""
    entries: dict[str, Reference | None] = field(default_factory=dict)
    _prefixes: dict[str, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Note the prefixes that the document declares (TEI ``prefixDef``), and its ids."""
        self.ids = self.ids or self.document.by_id
        for each in self.document.root.iter("prefixDef"):
            self._prefixes[each.get("ident", "")] = (
                each.get("matchPattern", ""),
                each.get("replacementPattern", ""),
            )

    def of(self, element: etree._Element, *attributes: str) -> Iterator[Reference]:
        """Yield what an element points to, by the first of the attributes that leads somewhere; unknown pointers become faults."""
        for attribute in attributes or self.pointing:
            value = element.get(attribute)
            if value is None:
                continue
            found = [
                reference
                for pointer in value.split()
                if (reference := self.resolve(element, attribute, pointer))
            ]
            yield from found
            if found:
                return

    def one(self, element: etree._Element | None, *attributes: str) -> Reference | None:
        """Return the first thing that an element points to, None if it points to nothing."""
        return next(self.of(element, *attributes), None) if element is not None else None

    def unresolved(self, element: etree._Element) -> str:
        """Return the pointer of an element that led nowhere, verbatim; empty if it has none."""
        return next((value for each in self.pointing if (value := element.get(each))), "")

    def list_entry(self, entry: Entry) -> Reference | None:
        """Return what an entry of the file's own lists stands for: the row it points to, or a thing made from it."""
        if entry.id not in self.entries:
            self.entries[entry.id] = self._entry(entry)
        return self.entries[entry.id]

    def resolve(self, element: etree._Element, attribute: str, pointer: str) -> Reference | None:
        """Return what one pointer points to; None, and a fault, if that is not known.

        An address elsewhere that no table has accepted is no fault: it identifies the thing for others, not for us.
        """
        if pointer.startswith("#"):
            return self._in_document(element, attribute, pointer)
        if _ADDRESS.match(pointer):
            return self._address(element, attribute, pointer)
        file, sharp, name = pointer.rpartition("#")
        if sharp and (file not in KINDS) and name in self.listed:
            return self.listed[name]
        prefixed = _PREFIXED.fullmatch(pointer)
        if prefixed:
            return self._prefixed(element, attribute, pointer, prefixed[1], prefixed[2])
        return self._bare(element, attribute, pointer)

    def lists(self, pointer: str) -> bool:
        """Tell whether a list of this file or a register of the collection has what a pointer leads to."""
        name = pointer.rpartition("#")[2]
        return name in self.listed or name in self.entries

    def record(self, pointer: str) -> str | None:
        """Return the key of the record of this file to which a pointer leads, None if it leads to none."""
        return self.records.get(pointer[1:]) if pointer.startswith("#") else None

    def _prefixed(
        self, element: etree._Element, attribute: str, pointer: str, prefix: str, key: str
    ) -> Reference | None:
        if prefix in KINDS:
            return self._known(element, attribute, pointer, Reference(prefix, key))
        if prefix in self._prefixes:
            return self._declared(element, attribute, pointer, key, *self._prefixes[prefix])
        if is_scheme(prefix):
            return self._stated(pointer)
        message = f"the prefix {prefix!r} is neither a kind ({', '.join(KINDS)}) nor declared by a prefixDef"
        self._fault(element, attribute, pointer, message)
        return None

    def _declared(
        self, element: etree._Element, attribute: str, pointer: str, key: str, pattern: str, replacement: str
    ) -> Reference | None:
        """Follow a prefix that the document declares: to one of our tables, or to an address elsewhere."""
        try:
            match = re.fullmatch(pattern, key) if len(pattern) < 100 else None
        except re.error:
            match = None
        if match is None:
            self._fault(
                element, attribute, pointer, f"does not fit the matchPattern {pattern!r} of its prefixDef"
            )
            return None
        target = re.sub(
            r"\$(\d)",
            lambda group: match[int(group[1])] if int(group[1]) <= match.re.groups else "",
            replacement,
        )
        for kind, table in KINDS.items():
            if target.endswith(f"{table}#{key}"):
                return self._known(element, attribute, pointer, Reference(kind, key))
        if _ADDRESS.match(target):
            return self._address(element, attribute, target) or self.listed.get(key) or self.entries.get(key)
        if "#" in target:
            return self.resolve(element, attribute, target)
        return self._bare(element, attribute, key)

    def _known(
        self, element: etree._Element, attribute: str, pointer: str, reference: Reference
    ) -> Reference | None:
        if reference in self.known:
            return reference
        table = f"{TABLES}/{KINDS[reference.kind]}"
        keys = self._keys(reference.kind)
        near = difflib.get_close_matches(reference.key, keys, n=1) if len(keys) < _FEW else []
        hint = f", or did you mean {pointer.removesuffix(reference.key)}{near[0]}?" if near else ""
        self._fault(element, attribute, pointer, f"is not in {table}; add a row{hint}")
        return None

    def _keys(self, kind: str) -> list[str]:
        return [reference.key for reference in self.known if reference.kind == kind]

    def _bare(self, element: etree._Element, attribute: str, key: str) -> Reference | None:
        if key in self.listed:
            return self.listed[key]
        kind = kind_of(element)
        if kind and Reference(kind, key) not in self.known and key in self.entries:
            return self.entries[key]
        if kind:
            return self._known(element, attribute, key, Reference(kind, key))
        found = [Reference(each, key) for each in KINDS if Reference(each, key) in self.known]
        if len(found) == 1:
            return found[0]
        message = (
            f"could be {' or '.join(map(str, found))}; write the kind before it"
            if found
            else f"is in no table of {TABLES}"
        )
        self._fault(element, attribute, key, message)
        return None

    def _address(self, element: etree._Element, attribute: str, pointer: str) -> Reference | None:
        if self.base and pointer.startswith(self.base):
            kind, _, key = (
                pointer.removeprefix(self.base).removeprefix("id/").removeprefix("vocab/").partition("/")
            )
            if kind in KINDS:
                return self._known(element, attribute, pointer, Reference(kind, key))
            self._fault(element, attribute, pointer, "is no thing of this publication")
            return None
        return self.by_iri.get(pointer) or self._stated(pointer)

    def _stated(self, pointer: str) -> Reference | None:
        """Return the thing of which a register states an identifier elsewhere, however that is written."""
        stated = read_elsewhere(pointer)
        return self.by_iri.get(stated.iri or "") if isinstance(stated, Elsewhere) else None

    def _in_document(self, element: etree._Element, attribute: str, pointer: str) -> Reference | None:
        name = pointer[1:]
        if name in self.document.repeated:
            self._fault(element, attribute, pointer, "could be either of two: that xml:id is there twice")
            return None
        if name in self.entries:
            return self.entries[name]
        target = self.ids.get(name)
        if target is None:
            if name in self.listed:
                return self.listed[name]
            near = difflib.get_close_matches(name, self.ids, n=1) if len(self.ids) < _FEW else []
            hint = f"; did you mean #{near[0]}?" if near else ""
            self._fault(element, attribute, pointer, f"no element of this file has this xml:id{hint}")
            return None
        kind = ENTRIES.get(str(target.tag)) or kind_of(target)
        if kind is None:
            self._fault(
                element, attribute, pointer, f"points to a <{target.tag}>, which nothing can be named by"
            )
            return None
        return self.list_entry(Entry(name, kind, target, None if target.tag in ENTRIES else target))

    def _entry(self, entry: Entry) -> Reference | None:
        target = entry.element
        if any(target.get(attribute) for attribute in POINTING):
            elsewhere = self.one(target, *POINTING)
            if elsewhere or not any(_ADDRESS.match(target.get(each) or "") for each in POINTING):
                return elsewhere
        key = self.key_of(entry.id) if self.key_of else f"{self.key}-{slug_of(entry.id)}"
        reference = Reference(entry.kind, key)
        if reference not in self.own:
            if not is_slug(reference.key) or not slug_of(entry.id):
                self.document.fault(
                    target, f"its xml:id {entry.id!r} has no letter or digit to make a key from"
                )
                return None
            self.own[reference] = authority_of(entry, reference, self.document, self.language, self.place_of)
        return reference

    def place_of(self, element: etree._Element) -> Reference | None:
        """Return the place that the entry of a list means; one that nothing here lists is no fault: few lists list them all."""
        pointers = (each for name in self.pointing for each in (element.get(name) or "").split())
        return next((found for each in pointers if (found := self._place(each))), None)

    def _place(self, pointer: str) -> Reference | None:
        if _ADDRESS.match(pointer):
            found = self.by_iri.get(pointer) or self._stated(pointer)
            return found if found and found.kind == "place" else None
        name = pointer.removeprefix("#")
        target = self.ids.get(name)
        if name in self.listed:
            found = self.listed[name]
        elif target is not None and target.tag == "place" and name not in self.document.repeated:
            found = self.list_entry(Entry(name, "place", target))
        else:
            row = Reference("place", pointer.removeprefix("place:"))
            found = row if row in self.known else None
        return found if found and found.kind == "place" else None

    def _fault(self, element: etree._Element, attribute: str, pointer: str, message: str) -> None:
        self.document.fault(
            element, f'{attribute}="{pointer}" {message}', near=f'{attribute}="{element.get(attribute)}"'
        )


def kind_of(element: etree._Element) -> str | None:
    """Return the kind of thing that an element names or lists, None if only its pointer can tell."""
    kind = _KIND_OF_NAME.get(str(element.tag))
    if kind is None and element.tag in ("rs", "name"):
        name = (element.get("type") or "").lower()
        kind = _KIND_OF_TYPE.get(name, name if name in KINDS else None)
    return kind
