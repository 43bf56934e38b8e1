"""Neighbours: the little that must be known of a thing to judge a record that names it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pyoxigraph import NamedNode

from fonds.mapping.description import Description, Fact, lines_of
from fonds.vocabulary import CRM, OWL, RDF, RDFS, RICO, SKOS

_KEPT = frozenset(
    {
        RDF.type,
        RDFS.label,
        SKOS.prefLabel,
        SKOS.notation,
        CRM.P2_has_type,
        CRM.P46i_forms_part_of,
        RICO.hasRecordSetType,
        RICO.identifier,
        OWL.deprecated,
    }
)
_FOLLOWED = frozenset({CRM.P2_has_type, CRM.P46i_forms_part_of})


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What is known of the things that records name: types, labels, codes, and the units of an archive above them.

    Attributes:
        lines: For each thing its triples, as N-Triples.
        further: For each thing what must be known as well: its types, and the units of an archive of which it is part.
    """

    lines: Mapping[str, bytes] = field(default_factory=dict)
    further: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __contains__(self, iri: str) -> bool:
        return iri in self.lines

    def around(self, iris: Iterable[str]) -> Iterator[bytes]:
        """Yield what is known of these things and of their types and the units above them, each once; unknown things are passed over."""
        seen: set[str] = set()
        to_see = list(iris)
        while to_see:
            iri = to_see.pop()
            if iri in seen or iri not in self.lines:
                continue
            seen.add(iri)
            yield self.lines[iri]
            to_see.extend(self.further.get(iri, ()))


def neighbours_of(descriptions: Iterable[Description], records: Iterable[NamedNode] = ()) -> Neighbours:
    """Return what records need to know of authorities, terms and other records.

    Args:
        descriptions: Of authorities, vocabularies, the ontology and the project.
        records: The identifiers of all records.
    """
    facts: dict[str, list[Fact]] = {}
    further: dict[str, list[str]] = {}
    for description in descriptions:
        for graph in description.graphs:
            for subject, predicate, object_ in graph.facts:
                if predicate not in _KEPT or not isinstance(subject, NamedNode):
                    continue
                facts.setdefault(subject.value, []).append((subject, predicate, object_))
                if predicate in _FOLLOWED and isinstance(object_, NamedNode):
                    further.setdefault(subject.value, []).append(object_.value)
    for record in records:
        facts[record.value] = [
            (record, RDF.type, each) for each in (CRM.E31_Document, CRM.E33_Linguistic_Object)
        ]
    lines = {iri: b"".join(lines_of(found)) for iri, found in facts.items()}
    return Neighbours(lines, {iri: tuple(found) for iri, found in further.items()})
