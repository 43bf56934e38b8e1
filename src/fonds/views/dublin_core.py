"""Unqualified Dublin Core: a record, or any other thing, in the fifteen elements that every harvester reads (``oai_dc``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode

from fonds.drawing.svg import element, text
from fonds.views.citations.facts import Cited, plain
from fonds.views.graph import Known, Node
from fonds.vocabulary import CRM, DCTERMS, RDFS, SKOS

NAMESPACE = "http://www.openarchives.org/OAI/2.0/oai_dc/"
SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
ELEMENTS = "http://purl.org/dc/elements/1.1/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"


class Element(NamedTuple):
    """One element.

    Attributes:
        name: One of the fifteen, without prefix.
        words: What it says.
        language: BCP 47 tag of the words; empty where it is not known, or they are in none.
    """

    name: str
    words: str
    language: str = ""


def oai_dc(elements: Iterable[Element]) -> str:
    """Return the container ``oai_dc:dc`` with its own declarations (OAI-PMH 2.0, 3.4), as every harvester can cut it out."""
    children = (
        element(f"dc:{each.name}", {"xml:lang": each.language or None}, text(each.words)) for each in elements
    )
    declared: dict[str, str | float | None] = {
        "xmlns:oai_dc": NAMESPACE,
        "xmlns:dc": ELEMENTS,
        "xmlns:xsi": XSI,
        "xsi:schemaLocation": f"{NAMESPACE} {SCHEMA}",
    }
    return element("oai_dc:dc", declared, *children)


def of_record(facts: Known, cited: Cited) -> list[Element]:
    """Return a record in Dublin Core; what is not stated has no element.

    Args:
        facts: What its document and its page say of themselves.
        cited: What citations name of it.
    """
    record = NamedNode(cited.iri)
    return list(dict.fromkeys(each for each in _of_record(facts, record, cited) if each.words))


def _of_record(facts: Known, record: NamedNode, it: Cited) -> Iterator[Element]:
    yield Element("title", it.title, it.title_language)
    yield from (Element("creator", each.inverted) for each in it.authors)
    yield from (Element("subject", words, language) for words, language in subjects(facts, record))
    yield Element("description", it.abstract)
    yield from (Element("publisher", each.text) for each in it.publishers)
    helping = (*it.recipients, *it.translators, *it.commissioners)
    yield from (Element("contributor", each.inverted) for each in helping)
    yield Element("date", it.date.value if it.date else "")
    yield from (Element("type", each) for each in ("Text", *it.kinds))
    yield Element("identifier", it.permalink)
    yield Element("identifier", it.number)
    yield Element("source", ", ".join(filter(None, (it.archive, it.location))))
    yield from (Element("source", each) for each in it.source_notes)
    yield Element("language", it.language or it.original_language)
    yield Element("relation", it.whole)
    yield from (
        Element("coverage", words, language) for words, language in named(facts, places(facts, record))
    )
    yield Element("rights", it.rights)


def of_thing(facts: Known, it: NamedNode, permalink: str, kind: str, rights: str) -> list[Element]:
    """Return a person, a place or anything else that is no record in Dublin Core.

    Args:
        facts: What is stated of it.
        it: The thing.
        permalink: Its identifier as programs take it.
        kind: What sort of thing it is, in a word.
        rights: The licence of what is stated of it; may be empty.
    """
    names = [
        Element("title", plain(each.value), each.language or "")
        for each in facts.literals(it, RDFS.label, SKOS.prefLabel, SKOS.altLabel)
    ]
    described = (*facts.literals(it, DCTERMS.description), *facts.literals(it, CRM.P3_has_note))
    found = [
        *(names or [Element("title", it.value.rpartition("/")[2])]),
        *(Element("description", plain(each.value), each.language or "") for each in described),
        *(Element("date", plain(each)) for each in facts.words(it, DCTERMS.date, DCTERMS.created)),
        Element("type", kind),
        Element("identifier", permalink),
        *(Element("relation", each.value) for each in facts.things(it, SKOS.exactMatch)),
        Element("rights", rights),
    ]
    return list(dict.fromkeys(each for each in found if each.words))


def subjects(facts: Known, record: NamedNode) -> Iterator[tuple[str, str]]:
    """Yield what a record is about, in words with their language: names of things, and keywords."""
    yield from named(facts, facts.things(record, DCTERMS.subject))
    yield from ((plain(each.value), each.language or "") for each in facts.literals(record, DCTERMS.subject))


def places(facts: Known, record: NamedNode) -> list[Node]:
    """Return where that happened which a record documents."""
    return facts.at(record, CRM.P70_documents, CRM.P7_took_place_at)


def named(facts: Known, things: Iterable[Node]) -> Iterator[tuple[str, str]]:
    """Yield the names of things, each with its language, in that which is wanted most; nothing of those without a name."""
    for it in things:
        if (name := name_of(facts, it)) is not None:
            yield plain(name.value), name.language or ""


def name_of(facts: Known, it: Node) -> Literal | None:
    """Return what a thing is called, in the language that is wanted most; None where it has no name."""
    wanted = facts.label(it)
    labels = facts.literals(it, RDFS.label, SKOS.prefLabel)
    return next((each for each in labels if each.value == wanted), None)
