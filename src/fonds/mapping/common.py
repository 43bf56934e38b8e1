"""What every part of the mapping uses: where identifiers stand, and how authorities, dates and actors become terms."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from fonds.days import Day
from fonds.identifiers import IriSpace, Kind
from fonds.mapping.description import GraphBuilder
from fonds.model import Certainty, Dated, Elsewhere, Reference
from fonds.vocabulary import CRM, EDTF, FV, LANG, RDF, RDFS, XSD, text, typed

VOCABULARIES = frozenset({"type", "role", "language"})
"""Kinds of authority that are terms of a vocabulary, under ``/vocab/``."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the mapping of one record needs to know of its publication.

    Attributes:
        iris: Where identifiers stand.
        languages: The ISO 639-2 code by BCP 47 tag of every language in use.
        rights: The statement on quoted text.
    """

    iris: IriSpace
    languages: Mapping[str, str] = field(default_factory=dict)
    rights: str = "Rights not stated in the source."

    def thing(self, reference: Reference) -> NamedNode:
        """Return the identifier of an authority or of a term."""
        if reference.kind in VOCABULARIES:
            return self.iris.term(reference.kind, reference.key)
        return self.iris.thing(reference.kind, reference.key)

    def type(self, key: str) -> NamedNode:
        """Return a term of the publication's types."""
        return self.iris.term("type", key)

    def role(self, key: str) -> NamedNode:
        """Return a term of the publication's roles."""
        return self.iris.term("role", key)

    def language(self, tag: str) -> NamedNode:
        """Return the language as a CIDOC CRM language; a tag's region and script are left out."""
        return self.iris.term("language", subtag(tag))

    def iso_language(self, tag: str) -> NamedNode | None:
        """Return the language as the Library of Congress names it (ISO 639-2), None if the table has no code."""
        code = self.languages.get(subtag(tag))
        return NamedNode(LANG.iri + code) if code else None

    @property
    def project(self) -> NamedNode:
        """Who curates."""
        return self.iris.thing(Kind.GROUP, "project")

    @property
    def software(self) -> NamedNode:
        """This program."""
        return self.iris.thing(Kind.SOFTWARE, "fonds")


def subtag(tag: str) -> str:
    """Return the first subtag of a BCP 47 tag, in lower case: ``ru-Latn`` is Russian."""
    return tag.split("-", maxsplit=1)[0].lower()


def short_hash(words: str) -> str:
    """Return eight hexadecimal digits that depend on nothing but the words."""
    return hashlib.sha256(words.encode()).hexdigest()[:8]


def day(date: Day) -> Literal:
    """Return a day as xsd:date."""
    return typed(date.isoformat(), XSD.date)


def first_moment(date: Day) -> Literal:
    """Return the beginning of a day; ``Z`` is notation only, no source says a time zone."""
    return typed(f"{date.isoformat()}T00:00:00Z", XSD.dateTime)


def last_moment(date: Day) -> Literal:
    """Return the last second of a day; ``Z`` is notation only."""
    return typed(f"{date.isoformat()}T23:59:59Z", XSD.dateTime)


def add_time_span(graph: GraphBuilder, span: NamedNode, dated: Dated, language: str) -> NamedNode:
    """State what a date means: its words, its EDTF form and the bounds within which all of it lies (P82a, P82b).

    Args:
        graph: Where it is stated.
        span: The time-span.
        dated: The date.
        language: That in which the editor says why it is not certain.
    """
    date = dated.date
    graph.add(
        span,
        (RDF.type, CRM.E52_Time_Span),
        (RDFS.label, text(dated.form)),
        (FV.edtf, typed(date.edtf, EDTF.EDTF) if date.edtf else None),
        (CRM.P82a_begin_of_the_begin, first_moment(date.earliest) if date.earliest else None),
        (CRM.P82b_end_of_the_end, last_moment(date.latest) if date.latest else None),
        (CRM.P3_has_note, text(dated.ground, language) if dated.ground else None),
        (FV.certainty, certainty(dated.certainty)),
    )
    return span


def add_elsewhere(graph: GraphBuilder, it: NamedNode, elsewhere: Elsewhere, context: Context) -> None:
    """State an identifier elsewhere that a source states: as a name of the thing, never as an identity that we vouch for."""
    node = NamedNode(f"{it.value}/elsewhere-{short_hash(f'{elsewhere.scheme} {elsewhere.value}')}")
    graph.add(it, (CRM.P1_is_identified_by, node))
    graph.add(
        node,
        (RDF.type, CRM.E42_Identifier),
        (RDFS.label, text(elsewhere.value)),
        (CRM.P2_has_type, context.type(elsewhere.scheme)),
        (CRM.P190_has_symbolic_content, text(elsewhere.value)),
        (RDFS.seeAlso, NamedNode(elsewhere.iri) if elsewhere.iri else None),
    )


def certainty(value: Certainty) -> Literal | None:
    """Return a degree of certainty as a literal, None where there was no doubt."""
    return None if value is Certainty.HIGH else text(value.value)
