"""By whom and to whom a document was sent, where it was written and received, as its edition says (graph ``record/{key}``)."""

from __future__ import annotations

from pyoxigraph import NamedNode

from fonds.mapping.common import Context, add_elsewhere, add_time_span
from fonds.mapping.description import GraphBuilder
from fonds.model import Correspondence, Naming, Record
from fonds.vocabulary import CRM, DCTERMS, FV, RDF, RDFS, RICO, text

_CLASSES = {"person": CRM.E21_Person, "group": CRM.E74_Group, "place": CRM.E53_Place}
_SENDING = "sending"
_TO = frozenset({"addressed", "received"})


def add_sending(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State the steps of its sending: who sent it, to whom, when and where; and who received it, where that is said."""
    for step in record.correspondence:
        actors = [
            _node(graph, record, each, f"{step.name}-{at}", context) for at, each in enumerate(step.actors, 1)
        ]
        places = [
            _node(graph, record, each, f"{step.name}-place-{at}", context)
            for at, each in enumerate(step.places, 1)
        ]
        if step.action in ("sent", *_TO):
            _add_sending(graph, record, step, actors, context)
        if step.action != "addressed":
            _add_step(graph, record, step, actors, places, context)


def _add_sending(
    graph: GraphBuilder, record: Record, step: Correspondence, actors: list[NamedNode], context: Context
) -> None:
    """State that it was sent, by or to somebody."""
    sending = context.iris.record(record.key, _SENDING)
    sent = step.action == "sent"
    graph.add(
        sending,
        (RDF.type, CRM.E7_Activity),
        (RDFS.label, text("Sending of the record", "en")),
        (CRM.P2_has_type, context.type("sending")),
        (CRM.P16_used_specific_object, context.iris.record(record.key)),
        (FV.sender if sent else FV.recipient, actors),
        (CRM.P14_carried_out_by if sent else CRM.P11_had_participant, actors),
    )


def _add_step(
    graph: GraphBuilder,
    record: Record,
    step: Correspondence,
    actors: list[NamedNode],
    places: list[NamedNode],
    context: Context,
) -> None:
    """State where and when a step was taken; of one that is no sending also what it is, and who took it."""
    node = context.iris.record(record.key, step.name)
    when = step.when
    span = (
        add_time_span(graph, context.iris.record(record.key, when.name), when, record.editorial_language)
        if when
        else None
    )
    graph.add(node, (CRM.P7_took_place_at, places), (CRM.P4_has_time_span, span))
    if step.name == _SENDING:
        return
    received = step.action == "received"
    graph.add(
        node,
        (RDF.type, CRM.E7_Activity),
        (
            RDFS.label,
            text("Receiving of the record" if received else f"Step of the sending: {step.action}", "en"),
        ),
        (CRM.P2_has_type, context.type("receiving") if received else context.type("passing-on")),
        (CRM.P16_used_specific_object, context.iris.record(record.key)),
        (CRM.P14_carried_out_by, actors),
    )


def add_named_authors(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State who wrote it, where only a name is known, in CIDOC CRM and in Dublin Core alike."""
    it, writing = context.iris.record(record.key), context.iris.record(record.key, "writing")
    for at, author in enumerate(record.authors, start=1):
        node = _node(graph, record, author, f"author-{at}", context)
        graph.add(writing, (CRM.P14_carried_out_by, node))
        graph.add(it, (DCTERMS.creator, node), (RICO.hasAuthor, node))


def add_place_of_writing(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State where it was written: the place, or what the source calls it."""
    if record.written_at:
        place = _node(graph, record, record.written_at, "place-of-writing", context)
        graph.add(context.iris.record(record.key, "writing"), (CRM.P7_took_place_at, place))


def _node(graph: GraphBuilder, record: Record, named: Naming, name: str, context: Context) -> NamedNode:
    """Return who or what is named; somebody of whom only the name is known is described within the record."""
    if named.target:
        return context.thing(named.target)
    node = context.iris.record(record.key, name if name.startswith("place-of-") else f"actor-{name}")
    graph.add(
        node,
        (RDF.type, _CLASSES.get(named.kind, CRM.E39_Actor)),
        (RDFS.label, text(named.form)),
        (CRM.P2_has_type, None if named.elsewhere else context.type("unidentified")),
    )
    if named.elsewhere:
        add_elsewhere(graph, node, named.elsewhere, context)
    return node
