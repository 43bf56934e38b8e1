"""What a TEI file is read with: its collection's profile, what the publication knows, and what pointers can lead to."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from lxml import etree

from fonds.identifiers import is_slug
from fonds.model import Reference
from fonds.settings import Collection
from fonds.sources import Reading
from fonds.sources.capture import Captured
from fonds.sources.lists import entries_of
from fonds.sources.pointers import Pointers, slug_of
from fonds.sources.xml import XML_ID, Document

UNCOLLECTED = Collection(strict=True, brackets={})
"""How documents of no collection are read: what is wrong in them stops a build, and brackets are words."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """What is known where a TEI file is read.

    Attributes:
        known: What the publication's tables list, and the program's own terms.
        by_iri: Things by their accepted identifiers elsewhere.
        captures: Captures by SHA-256.
        fulltext: For a record's key, how much of its words leaves the house.
        default_fulltext: The same for records that are not there.
        base: The publication's base, if it is fixed.
        profile: How the file's collection is read.
        listed: What the registers of the collection list, by ``xml:id``.
    """

    known: Set[Reference] = frozenset()
    by_iri: Mapping[str, Reference] = field(default_factory=dict)
    captures: Mapping[str, Captured] = field(default_factory=dict)
    fulltext: Mapping[str, str] = field(default_factory=dict)
    default_fulltext: str = "full"
    base: str | None = None
    profile: Collection = UNCOLLECTED
    listed: Mapping[str, Reference] = field(default_factory=dict)

    @cached_property
    def note_types(self) -> frozenset[str]:
        """The keys of the types that a note can have."""
        return frozenset(each.key for each in self.known if each.kind == "type")

    def fulltext_of(self, key: str) -> str:
        """Return how much of a record's words leaves the house."""
        return self.fulltext.get(key, self.profile.fulltext or self.default_fulltext)

    def told(self, reading: Reading) -> Reading:
        """Return a reading whose faults are warnings, unless what is wrong in the collection stops a build."""
        if self.profile.strict:
            return reading
        return replace(reading, faults=(), warnings=(*reading.faults, *reading.warnings))

    def key_of_listed(self, name: str) -> str:
        """Return the key of what a register of the collection lists under an ``xml:id``."""
        return f"{self.profile.name}-{slug_of(name)}" if self.profile.name else slug_of(name)


def is_document(element: etree._Element, profile: Collection) -> bool:
    """Tell whether an element is a document of a volume."""
    return str(element.tag).startswith("div") and element.get("type") in profile.document_types


def key_of_file(root: etree._Element, path: str) -> str:
    """Return the key of a file's document, or of its volume: its ``xml:id`` as a key, else its name."""
    given = root.get(XML_ID)
    if given and is_slug(given):
        return given
    return slug_of(given or Path(path).name.removesuffix(".xml").removesuffix(".tei"))


def pointers_of(document: Document, key: str, context: Context) -> Pointers:
    """Return what resolves the pointers of a file, its own lists included.

    Args:
        document: The file.
        key: Under which what only the file lists gets its keys.
        context: What the publication knows besides.
    """
    shared = context.profile.ids == "collection"
    entries = list(entries_of(document.root, lambda each: is_document(each, context.profile)))
    slugs = Counter(slug_of(name) for name in {each.id for each in entries})

    def key_of(name: str) -> str:
        slug = slug_of(name)
        listed = context.key_of_listed(name) if shared else f"{key}-{slug}"
        # Of ids that differ in their case or their signs only, each but the plain one gets a key of its own.
        return listed if slugs[slug] < 2 or name == slug else f"{listed}-{digest(name)}"

    pointers = Pointers(
        document,
        key,
        context.known,
        context.by_iri,
        context.base,
        pointing=context.profile.pointing,
        listed=context.listed,
        key_of=key_of,
        language=context.profile.language,
    )
    for entry in entries:
        if entry.id in document.repeated:
            continue
        if shared and entry.id in context.listed:
            pointers.entries[entry.id] = context.listed[entry.id]
        else:
            pointers.list_entry(entry)
    return pointers


def digest(name: str) -> str:
    """Return eight hexadecimal digits that depend on nothing but a name."""
    return hashlib.sha256(name.encode()).hexdigest()[:8]
