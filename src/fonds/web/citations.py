"""How a record and its parts are cited, as pages show it and as files have it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from pyoxigraph import NamedNode, RdfFormat, parse

from fonds.descriptions import Description
from fonds.formats import BIBTEX, CARD, CITATION_FORMATS, RIS, Format
from fonds.identifiers import Kind
from fonds.translations import marked
from fonds.views.around import Around
from fonds.views.citations import Cited, cited
from fonds.views.citations.bibtex import bibtex
from fonds.views.citations.csl import csl
from fonds.views.citations.notes import Note, Part, chicago, gost, quotation, short
from fonds.views.citations.ris import ris
from fonds.views.citations.tags import Picture, Tag, open_graph, zotero
from fonds.views.graph import known
from fonds.vocabulary import CRM, FV
from fonds.web.records import Passage, RecordPage, facts_of
from fonds.web.representations import Representation, representations
from fonds.web.signposting import in_format
from fonds.web.site import Site

_MOST_PARTS = 200
"""Parts of a record whose citations its page leads to; those of a longer one are reached by their own addresses."""
_LACUNA = "lacuna"
# Our own reading view has written it: fonds.texts.reading.
_GAP = re.compile(r'<\w+ id="([^"]+)" class="gap[" ]')


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a citation.

    Attributes:
        name: Its fragment.
        label: What it is called.
        note: The citation.
        language: BCP 47 tag of the words of the note itself.
    """

    name: str
    label: str
    note: Note
    language: str = "en"


@dataclass(frozen=True, slots=True)
class PartLink:
    """A part that can be cited.

    Attributes:
        href: Its page, relative to the root.
        label: ``para. 7``.
    """

    href: str
    label: str


@dataclass(frozen=True, slots=True)
class Cite:
    """What a page says of how to cite what it shows.

    Attributes:
        forms: For people, the fullest first.
        own: What the source itself says, verbatim; empty where it says nothing.
        source_notes: Where the edition found the record, in the edition's words.
        language: BCP 47 tag of the words that are held.
        files: For programs.
        permalink: The address that stays.
        parts: Parts that can be cited, of a record that has not too many.
        tags: For the head of the page.
        script: For the script that copies: where each paragraph stands, in words, and what stands before that in a note.
    """

    forms: tuple[Form, ...]
    permalink: str
    own: str = ""
    source_notes: tuple[str, ...] = ()
    language: str = ""
    files: tuple[Representation, ...] = ()
    parts: tuple[PartLink, ...] = ()
    tags: tuple[Tag, ...] = ()
    script: str = ""

    @property
    def has_gaps(self) -> bool:
        """Whether a lacuna is among the parts that can be cited."""
        return any(each.label.startswith(_LACUNA) for each in self.parts)


def cited_record(site: Site, key: str, facts: Around | None = None) -> Cited | None:
    """Return what citations name of a record, None where it has nothing by which it could be called.

    Args:
        site: Where it is published.
        key: The record's key.
        facts: What is stated of it and around it, if that was read already.
    """
    it = site.addresses.iris.record(key)
    return cited((facts or facts_of(site, it, key)).stated, it, site.addresses.iris)


def citation_file(site: Site, key: str, format_: Format) -> bytes | None:
    """Return a record's citation for programs, or its card; None where there is none."""
    it = cited_record(site, key)
    if it is None:
        return None
    if format_ is CARD:
        # Here and below: what draws is large, and a server need not wait for it before its first page.
        from fonds.views.citations.card import card

        return card(it, site.settings.title)
    if format_ is RIS:
        return ris(it).encode()
    if format_ is BIBTEX:
        return bibtex(it).encode()
    return msgspec.json.format(msgspec.json.encode(csl(it)), indent=2) + b"\n"


def cite_record(site: Site, key: str, address: str, record: RecordPage, facts: Around) -> Cite | None:
    """Return what the page of a record says of how to cite it.

    Args:
        site: Where it is published.
        key: The record's key.
        address: Of its page, relative to the root.
        record: What else the page shows.
        facts: What is stated of it and around it.
    """
    it = cited_record(site, key, facts)
    if it is None:
        return None
    parts = _parts(record.passages)
    return Cite(
        forms=(
            Form("note", marked("Note (Chicago)"), chicago(it)),
            Form("short-note", marked("Short note (Chicago)"), short(it)),
            Form("gost", marked("Reference (GOST R 7.0.5–2008)"), gost(it), "ru"),
        ),
        permalink=it.iri,
        own=it.own,
        source_notes=it.source_notes,
        language=it.language,
        files=tuple(representations(address, CITATION_FORMATS)),
        parts=tuple(PartLink(f"{address}/{name}", label) for name, label in parts.items())[:_MOST_PARTS],
        tags=(
            *zotero(it),
            *open_graph(it, site.base + address, site.settings.title, _picture(site, it, address)),
        ),
        script=_for_script(it, record.passages),
    )


def cite_part(site: Site, it: NamedNode, description: Description, said: str = "") -> Cite | None:
    """Return what the page of a paragraph, a statement, a lacuna or a note says of how to cite it; None for anything else.

    Args:
        site: Where it is published.
        it: The part.
        description: What is stated of it.
        said: The words of a statement, where they are published.
    """
    match (site.addresses.iris.path(it.value) or "").split("/"):
        case ["id", Kind.RECORD, key, _] if site.is_publication:
            pass
        case _:
            return None
    part, words = _part(it, description, said)
    record = cited_record(site, key) if part else None
    if part is None or record is None:
        return None
    quoted = (
        (Form("quotation", marked("Quotation with its note"), quotation(words, record, part)),)
        if words
        else ()
    )
    return Cite(
        (*quoted, Form("note", marked("Note (Chicago)"), chicago(record, part))),
        it.value,
        language=record.language,
    )


def _part(it: NamedNode, description: Description, said: str) -> tuple[Part | None, str]:
    """Return a part as a citation names it, and its words; nothing for a part that is nothing to quote or to point at."""
    facts = known(quad.triple for quad in parse(b"".join(description.own), format=RdfFormat.N_QUADS))
    name = it.value.rpartition("/")[2]
    words = next(facts.words(it, CRM.P190_has_symbolic_content), "")
    ordinal = next(facts.words(it, FV.ordinal), None)
    label = facts.label(it) or name
    if ordinal is not None:
        return Part(_paragraph(ordinal), it.value), words
    if any(facts.things(it, FV.lacuna_cause)):
        detail = label.partition(":")[2].strip()
        return Part(f"{_LACUNA} {name} ({detail})" if detail else f"{_LACUNA} {name}", it.value), ""
    if facts.is_a(it, FV.ReportedStatement):
        return Part(f"reported statement {name}", it.value), said
    if words and facts.is_a(it, CRM.E33_Linguistic_Object, CRM.E34_Inscription):
        return Part(f"part “{label}”", it.value), words
    return None, ""


def _paragraph(ordinal: object) -> str:
    return f"para. {ordinal}"


def _parts(passages: Iterable[Passage]) -> dict[str, str]:
    """Return the paragraphs and lacunae of a text, in its order, by their names."""
    found: dict[str, str] = {}
    for passage in passages:
        if passage.ordinal is not None:
            found[passage.name] = _paragraph(passage.ordinal)
        found.update((name, f"{_LACUNA} {name}") for name in _GAP.findall(passage.html))
    return found


def _for_script(it: Cited, passages: Iterable[Passage]) -> str:
    """Return what the script puts around words that are copied: the note as :func:`quotation` has it, in two pieces."""
    part = Part("para.", it.iri)
    before = chicago(it, part).text.removesuffix(f"{part.locator}, {part.iri}.")
    paragraphs = {each.name: _paragraph(each.ordinal) for each in passages if each.ordinal is not None}
    data = {"before": before, "iri": f"{it.iri}/", "paragraphs": paragraphs}
    return msgspec.json.encode(data).decode() if paragraphs else ""


def _picture(site: Site, it: Cited, address: str) -> Picture | None:
    from fonds.views.citations.card import HEIGHT, WIDTH, alternative, can_be_drawn

    if not can_be_drawn(it, site.settings.title):
        return None
    return Picture(site.base + in_format(address, CARD), WIDTH, HEIGHT, alternative(it))
