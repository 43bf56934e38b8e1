"""Types, roles and languages as concepts of the publication's own schemes, and the program's ontology."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from fonds.mapping.authorities import add_matches
from fonds.mapping.common import Context
from fonds.mapping.description import Description, GraphBuilder, GraphKind
from fonds.mapping.provenance import table_provenance
from fonds.model import Authority
from fonds.vocabulary import CRM, DCTERMS, FV, OWL, RDF, RDFS, SKOS, text

_SCHEMES = {"type": "Types", "role": "Roles", "language": "Languages"}


def describe_vocabulary(scheme: str, terms: Iterable[Authority], context: Context) -> Description:
    """Map the terms of one scheme to the graph ``vocab/{scheme}``."""
    it = context.iris.scheme(scheme)
    graph = GraphBuilder(context.iris.graph("vocab", scheme), GraphKind.VOCABULARY)
    graph.add(it, (RDF.type, SKOS.ConceptScheme), (RDFS.label, text(_SCHEMES[scheme], "en")))
    for term in terms:
        _add_term(graph, it, term, context)
    described = graph.graph()
    provenance = GraphBuilder(context.iris.graph("prov"), GraphKind.PROVENANCE)
    table_provenance(provenance, described, f"{scheme}s", context)
    return Description(it, (described, provenance.graph()))


def _add_term(graph: GraphBuilder, scheme: NamedNode, term: Authority, context: Context) -> None:
    it = context.thing(term.reference)
    graph.add(
        it,
        (RDF.type, [CRM.E56_Language if term.reference.kind == "language" else CRM.E55_Type, SKOS.Concept]),
        (SKOS.prefLabel, [text(label.text, label.language) for label in term.labels]),
        (SKOS.altLabel, [text(name.text, name.language) for name in term.other_names]),
        (SKOS.definition, text(term.definition, term.language) if term.definition else None),
        (SKOS.definition, [text(each.text, each.language) for each in term.translations]),
        (SKOS.notation, text(term.code) if term.code else None),
        (SKOS.broader, context.thing(term.broader) if term.broader else None),
        (SKOS.inScheme, scheme),
        (SKOS.editorialNote, not_reviewed(term.unreviewed)),
    )
    add_matches(graph, it, term, context)


def not_reviewed(languages: Sequence[str]) -> Literal | None:
    """Return the note that says which labels are translations that nobody has reviewed, None where there are none."""
    if not languages:
        return None
    return text(f"Labels not reviewed, translated from English: {', '.join(languages)}.", "en")


def describe_ontology(table: Path, context: Context) -> Description:
    """Map the program's own ontology (``ontology/fonds.csv``) to the graph ``ontology/fonds``; it is served at ``/ns``.

    Its classes and properties are subclasses and subproperties of CIDOC CRM's; its concepts stand in schemes of their own.
    """
    graph = GraphBuilder(context.iris.graph("ontology", "fonds"), GraphKind.VOCABULARY)
    ontology = NamedNode(FV.iri.rstrip("#"))
    graph.add(
        ontology,
        (RDF.type, OWL.Ontology),
        (RDFS.label, text("The ontology of fonds", "en")),
        (
            RDFS.comment,
            text("What CIDOC CRM has no term for, as subclasses and subproperties of its terms.", "en"),
        ),
    )
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            _ADD_TERM[row["kind"]](graph, NamedNode(row["iri"]), row)
            graph.add(NamedNode(row["iri"]), (RDFS.isDefinedBy, ontology))
    described = graph.graph()
    provenance = GraphBuilder(context.iris.graph("prov"), GraphKind.PROVENANCE)
    provenance.add(described.name, (DCTERMS.title, text("The ontology of fonds", "en")))
    table_provenance(provenance, described, "ontology", context)
    return Description(ontology, (described, provenance.graph()))


def _add_class(graph: GraphBuilder, term: NamedNode, row: Mapping[str, str]) -> None:
    graph.add(term, (RDF.type, RDFS.Class), *_names(row), (RDFS.subClassOf, _iri(row["broader"])))


def _add_property(graph: GraphBuilder, term: NamedNode, row: Mapping[str, str]) -> None:
    graph.add(
        term,
        (RDF.type, RDF.Property),
        *_names(row),
        (RDFS.subPropertyOf, _iri(row["broader"])),
        (RDFS.domain, _iri(row["domain"])),
        (RDFS.range, _iri(row["range"])),
    )


def _add_scheme(graph: GraphBuilder, term: NamedNode, row: Mapping[str, str]) -> None:
    graph.add(term, (RDF.type, SKOS.ConceptScheme), *_names(row), (RDFS.label, _translations(row)))


def _add_concept(graph: GraphBuilder, term: NamedNode, row: Mapping[str, str]) -> None:
    graph.add(
        term,
        (RDF.type, [CRM.E55_Type, SKOS.Concept]),
        (SKOS.prefLabel, [text(row["label"], "en"), *_translations(row)]),
        (SKOS.definition, text(row["definition"], "en")),
        (SKOS.inScheme, _iri(row["broader"])),
        (SKOS.editorialNote, not_reviewed(row["unreviewed"].split())),
    )


_ADD_TERM = {"class": _add_class, "property": _add_property, "scheme": _add_scheme, "concept": _add_concept}


def _names(row: Mapping[str, str]) -> tuple[tuple[NamedNode, object], ...]:
    return ((RDFS.label, text(row["label"], "en")), (RDFS.comment, text(row["definition"], "en")))


def _translations(row: Mapping[str, str]) -> list[Literal]:
    return [text(row[f"label_{tag}"], tag) for tag in ("ru", "es") if row[f"label_{tag}"]]


def _iri(cell: str) -> NamedNode | None:
    return NamedNode(cell) if cell else None
