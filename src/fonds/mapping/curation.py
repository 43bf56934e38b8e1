"""What we conclude from the source and the source does not say, marked as ours (graph ``curation/{key}``)."""

from __future__ import annotations

from collections.abc import Iterator

from fonds.mapping.common import Context, certainty
from fonds.mapping.description import GraphBuilder
from fonds.model import Certainty, Dated, DocumentedEvent, Identifier, Record, Reference
from fonds.vocabulary import CRM, FV, RDF, RDFS, RICO, text

_BEARERS = {"leaf": "leaf", "reel": "microfilm-reel"}


def add_curation(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State the readings of the shelfmark (that a number is a leaf's, or a microfilm reel's), and places we conclude."""
    for identifier in record.identifiers:
        if identifier.bearer in _BEARERS:
            _add_bearer(graph, record, identifier, context)
    for documented in record.documents:
        if documented.where and documented.where_certainty is not Certainty.HIGH:
            _add_place(graph, record, documented, documented.where, context)
    for dated in _dates(record):
        if dated.certainty is not Certainty.HIGH:
            _add_reading_of_date(graph, record, dated, context)


def _dates(record: Record) -> Iterator[Dated]:
    """Yield the dates of the record, of what it documents, and of its notes."""
    yield from (each for each in (record.created,) if each)
    yield from (each.when for each in record.documents if each.when)
    yield from (each.when for each in record.text.notes if each.when)


def _add_reading_of_date(graph: GraphBuilder, record: Record, dated: Dated, context: Context) -> None:
    """State that what a date means is our reading of its words, such as the century of “29.12.64”."""
    graph.add(
        context.iris.record(record.key, dated.name),
        (CRM.P2_has_type, context.type("curator-inference")),
        (FV.ground, text(dated.ground, record.editorial_language) if dated.ground else None),
    )


def _add_place(
    graph: GraphBuilder, record: Record, documented: DocumentedEvent, where: Reference, context: Context
) -> None:
    """State where an event took place, as an assignment of ours."""
    event, place = context.thing(documented.event), context.thing(where)
    ground = documented.where_ground
    graph.add(event, (CRM.P7_took_place_at, place))
    graph.add(
        context.iris.record(record.key, f"place-of-{documented.event.key}"),
        (RDF.type, CRM.E13_Attribute_Assignment),
        (RDFS.label, text("Where it took place, as we conclude", "en")),
        (CRM.P2_has_type, context.type("curator-inference")),
        (CRM.P14_carried_out_by, context.project),
        (CRM.P140_assigned_attribute_to, event),
        (CRM.P141_assigned, place),
        (FV.certainty, certainty(documented.where_certainty)),
        (FV.ground, text(ground, record.editorial_language) if ground else None),
    )


def _add_bearer(graph: GraphBuilder, record: Record, identifier: Identifier, context: Context) -> None:
    node, paper = (
        context.iris.record(record.key, identifier.bearer),
        context.iris.record(record.key, "object"),
    )
    relation = CRM.P46i_forms_part_of if identifier.bearer == "leaf" else CRM.P130_shows_features_of
    graph.add(
        node,
        (RDF.type, [CRM.E22_Human_Made_Object, RICO.Instantiation]),
        (RDFS.label, text(f"{identifier.bearer.capitalize()} {identifier.value}", "en")),
        (CRM.P2_has_type, [context.type(_BEARERS[identifier.bearer]), context.type("curator-inference")]),
        (RICO.identifier, text(identifier.value)),
        (relation, paper),
        (FV.certainty, certainty(identifier.certainty)),
    )
