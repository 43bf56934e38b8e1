"""EDM: a record in the Europeana Data Model, as RDF/XML that keeps the rules by which Europeana takes records.

The rules are those of its own Schematron (europeana/metis-schema) and of the order in its XML schema: exactly one object and one
aggregation, a title, something that says what the object is or is about, a language, the three statements on who gives it and under
which rights, and a page where it is shown. A record is a text (``edm:type`` is ``TEXT``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from fonds.addresses import uri
from fonds.drawing.svg import Attribute, element, text
from fonds.settings import Edm, rights_for_europeana
from fonds.views.citations.facts import Cited, plain
from fonds.views.dublin_core import ELEMENTS, XSI, name_of, places
from fonds.views.graph import Known, Node
from fonds.vocabulary import CRM, DCTERMS, PREFIXES, RDFS, SKOS

NAMESPACE = "http://www.europeana.eu/schemas/edm/"
SCHEMA = "http://www.europeana.eu/schemas/edm/EDM.xsd"
UNDETERMINED = "und"
"""ISO 639-2: the language is not known. Europeana asks for one wherever there is text."""
_RDF = PREFIXES["rdf"]
_SPACES = {
    "rdf": _RDF,
    "dc": ELEMENTS,
    "dcterms": PREFIXES["dcterms"],
    "edm": NAMESPACE,
    "ore": "http://www.openarchives.org/ore/terms/",
    "owl": PREFIXES["owl"],
    "skos": PREFIXES["skos"],
}
_AGGREGATION = "#aggregation"
_CONCEPT = "skos:Concept"
_CONTEXTS = (("edm:Agent", (CRM.E21_Person, CRM.E74_Group)), ("edm:Place", (CRM.E53_Place,)))
"""Contextual classes by classes of ours; anything else is a concept."""


@dataclass
class _Written:
    """A record while it is written: elements of the object, and what they point to, each once."""

    facts: Known
    object: list[str] = field(default_factory=list)
    around: dict[str, str] = field(default_factory=dict)

    def words(self, name: str, words: str, language: str = "") -> None:
        """Add an element with words; nothing without them."""
        if words:
            self.object.append(element(name, {"xml:lang": language or None}, text(words)))

    def things(self, name: str, nodes: Iterable[Node]) -> int:
        """Add an element for each thing that has a name, and describe that beside the object; return how many there are."""
        found = 0
        for it in dict.fromkeys(nodes):
            called = name_of(self.facts, it)
            if called is None or not plain(called.value):
                continue
            found += 1
            self.object.append(_pointing(name, it.value))
            if it.value not in self.around:
                self.around[it.value] = self._context(it, called)
        return found

    def _context(self, it: Node, called: Literal) -> str:
        """Return a contextual entity: what it is called, by one name in each language, and what is the same elsewhere."""
        class_ = next((name for name, of in _CONTEXTS if self.facts.is_a(it, *of)), _CONCEPT)
        preferred: dict[str, str] = {}
        others: list[tuple[str, str]] = []
        for each in (called, *self.facts.literals(it, SKOS.prefLabel, RDFS.label, SKOS.altLabel)):
            language, words = each.language or "", plain(each.value)
            if preferred.setdefault(language, words) != words:
                others.append((language, words))
        named = [
            element(f"skos:{property_}", {"xml:lang": language or None}, text(words))
            for property_, found in (
                ("prefLabel", preferred.items()),
                ("altLabel", dict.fromkeys(others)),
            )
            for language, words in found
            if words
        ]
        # The schema has skos:exactMatch for concepts, and owl:sameAs for all else.
        same = "skos:exactMatch" if class_ == _CONCEPT else "owl:sameAs"
        matches = (_pointing(same, each.value) for each in self.facts.things(it, SKOS.exactMatch))
        return element(class_, {"rdf:about": uri(it.value)}, *named, *matches)


def edm(
    facts: Known,
    cited: Cited,
    page: str,
    settings: Edm,
    *,
    schema_location: bool = False,
    declaration: bool = True,
) -> str | None:
    """Return a record in EDM.

    Args:
        facts: What its document and its page say of themselves, with names and matches of what they name.
        cited: What citations name of it.
        page: The absolute address of its page (``edm:isShownAt``).
        settings: Who gives it, and under which rights.
        schema_location: Whether the root says where its schema is, as OAI-PMH asks for and RDF/XML knows nothing of.
        declaration: Whether it begins with an XML declaration.

    Returns:
        None where the settings do not say all that Europeana asks for.
    """
    if settings.missing:
        return None
    written = _Written(facts)
    _write_object(written, NamedNode(cited.iri), cited)
    about = {"rdf:about": cited.permalink}
    root: dict[str, Attribute] = {f"xmlns:{prefix}": space for prefix, space in _SPACES.items()}
    if schema_location:
        root |= {"xmlns:xsi": XSI, "xsi:schemaLocation": f"{_RDF} {SCHEMA}"}
    document = element(
        "rdf:RDF",
        root,
        element("edm:ProvidedCHO", dict(about), *written.object),
        *written.around.values(),
        element(
            "ore:Aggregation",
            {"rdf:about": page + _AGGREGATION},
            *_aggregation(cited, page, settings),
        ),
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{document}\n' if declaration else document


def _write_object(write: _Written, record: NamedNode, it: Cited) -> None:
    facts = write.facts
    if not write.things("dc:creator", facts.things(record, DCTERMS.creator)):
        for name in it.authors:
            write.words("dc:creator", name.inverted)
    for name in (*it.recipients, *it.translators, *it.commissioners):
        write.words("dc:contributor", name.inverted)
    write.words("dc:title", it.title, it.title_language)
    write.words("dc:description", it.abstract)
    write.words("dc:identifier", it.permalink)
    write.words("dc:identifier", it.number)
    # Of the object itself; that of a translation whose words are held is another.
    write.words("dc:language", it.original_language or it.language or UNDETERMINED)
    for name in it.publishers:
        write.words("dc:publisher", name.text)
    write.words("dc:rights", it.rights)
    write.words("dc:source", ", ".join(filter(None, (it.archive, it.location))))
    write.things("dc:subject", _topics(facts, record))
    for keyword in facts.literals(record, DCTERMS.subject):
        write.words("dc:subject", plain(keyword.value), keyword.language or "")
    if not write.things("dc:type", facts.things(record, CRM.P2_has_type)):
        write.words("dc:type", "Text", "en")
    write.words("dcterms:created", it.date.value if it.date else "")
    write.words("dcterms:isPartOf", it.whole or it.collection)
    for note in it.source_notes:
        write.words("dcterms:provenance", note)
    write.things("dcterms:spatial", places(facts, record))
    write.object.append(element("edm:type", None, "TEXT"))


def _topics(facts: Known, record: NamedNode) -> Iterator[Node]:
    """Yield what a record is about, the object itself excepted."""
    return (each for each in facts.things(record, DCTERMS.subject) if each != record)


def _aggregation(it: Cited, page: str, settings: Edm) -> Iterator[str]:
    """Yield the elements of the aggregation in the order of the schema."""
    yield _pointing("edm:aggregatedCHO", it.iri)
    yield _named("edm:dataProvider", settings.data_provider)
    yield _pointing("edm:isShownAt", page)
    yield _named("edm:provider", settings.provider)
    rights = rights_for_europeana(it.rights) or rights_for_europeana(settings.rights_statement)
    # Settings with another statement are not read.
    assert rights is not None
    yield _pointing("edm:rights", rights)


def _named(name: str, who: str) -> str:
    """Return an element that names somebody, by an IRI or in words."""
    is_iri = who.startswith(("http://", "https://")) and " " not in who
    return _pointing(name, who) if is_iri else element(name, None, text(plain(who)))


def _pointing(name: str, iri: str) -> str:
    return element(name, {"rdf:resource": uri(iri)})


def why_not(settings: Edm) -> str:
    """Return why records are not offered as EDM, in words; empty where they are."""
    if not settings.missing:
        return ""
    keys = ", ".join(f"edm.{each}" for each in settings.missing)
    return f"Records are not offered as EDM: the publication's fonds.toml does not state {keys}."
