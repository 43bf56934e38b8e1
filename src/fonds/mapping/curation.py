"""What we conclude from the source and the source does not say, marked as ours (graph ``curation/{key}``)."""

from __future__ import annotations

from fonds.mapping.common import Context, certainty
from fonds.mapping.description import GraphBuilder
from fonds.model import Identifier, Record
from fonds.vocabulary import CRM, FV, RDF, RDFS, RICO, text

_BEARERS = {"leaf": "leaf", "reel": "microfilm-reel"}


def add_curation(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State the readings of the shelfmark's abbreviations: that a number is a leaf's, or a microfilm reel's."""
    for identifier in record.identifiers:
        if identifier.bearer in _BEARERS:
            _add_bearer(graph, record, identifier, context)


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
