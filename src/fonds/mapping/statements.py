"""Reported statements: that somebody is reported to have said something, never that it is so.

Four levels are kept apart: the capture, the wording (translator), the report (author) and the utterance (speaker). What
was said is a proposition set (CRMinf I4), neutral in its relation to reality; the act of saying it is an attribute
assignment (E13). Stance, kind and mode are codes of ours, and stand in the curation graph.
"""

from __future__ import annotations

import re

from pyoxigraph import NamedNode

from fonds.mapping.common import Context
from fonds.mapping.crm import bearer_of_words, positions
from fonds.mapping.description import GraphBuilder, GraphKind, NamedGraph
from fonds.model import Record, Statement
from fonds.quotation import quoted
from fonds.vocabulary import CRM, CRMINF, FV, OA, RDF, RDFS, text

_HANDWRITTEN = "handwritten"
SENDING = "sending"
"""The type of an event by which a letter comes to its reader."""


def add_statements(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State who is reported to have said what, about whom, and where exactly the words stand."""
    for statement in record.text.statements:
        _add_saying(graph, record, statement, context)
        _add_content(graph, record, statement, context)
        _add_anchor(graph, record, statement, context)


def _node(record: Record, context: Context, *parts: str) -> NamedNode:
    return context.iris.record(record.key, "-".join(parts))


def _add_saying(graph: GraphBuilder, record: Record, statement: Statement, context: Context) -> None:
    """State the act of saying: who, in which conversation, about what, and through whose report we know of it."""
    spoken = statement.mode != _HANDWRITTEN
    block = context.iris.record(record.key, statement.block)
    sources = [context.iris.record(record.key), bearer_of_words(record, context)] if spoken else [block]
    graph.add(
        _node(record, context, statement.name),
        (RDF.type, [CRM.E13_Attribute_Assignment, FV.ReportedStatement]),
        (RDFS.label, text(f"Reported: {statement.content}", record.editorial_language)),
        (CRM.P14_carried_out_by, context.thing(statement.speaker) if statement.speaker else None),
        (CRM.P9i_forms_part_of, _occasions(record, statement, context) if spoken else None),
        (CRM.P140_assigned_attribute_to, [context.thing(target) for target in statement.targets]),
        (CRM.P141_assigned, _node(record, context, statement.name, "content")),
        (CRM.P177_assigned_property_of_type, context.type("stance-towards")),
        (CRM.P67i_is_referred_to_by, sources),
        (FV.reported_by, [context.thing(creator) for creator in record.creators] if spoken else None),
        (FV.nested_speaker, context.thing(statement.nested_speaker) if statement.nested_speaker else None),
        (FV.cut_by, [context.iris.record(record.key, loss) for loss in statement.losses]),
        (FV.in_paragraph, block),
    )


def _occasions(record: Record, statement: Statement, context: Context) -> list[NamedNode]:
    """Return of what the saying was part: of what is recorded; what its author says in a letter, of the writing.

    When and where somebody else said what a letter tells of is not known from its sending.
    """
    recorded = [context.thing(each.event) for each in record.documents if SENDING not in each.types]
    if not recorded and statement.speaker in record.creators:
        return [context.iris.record(record.key, "writing")]
    return recorded


def _add_content(graph: GraphBuilder, record: Record, statement: Statement, context: Context) -> None:
    """State what was said, as a proposition that nobody here asserts, and whose stance it gives."""
    targets = [context.thing(target) for target in statement.targets]
    holder = statement.holder or statement.speaker
    graph.add(
        _node(record, context, statement.name, "content"),
        (RDF.type, CRMINF.I4_Proposition_Set),
        (RDFS.label, text(f"What was said in {statement.name}", "en")),
        (CRM.P3_has_note, text(statement.content, record.editorial_language)),
        (CRM.P129_is_about, targets),
        (FV.stance_holder, context.thing(holder) if holder else None),
        (FV.formalised_in, said_graph_name(record, statement, context) if statement.formalised else None),
    )


def _add_anchor(graph: GraphBuilder, record: Record, statement: Statement, context: Context) -> None:
    """State where the words stand: by quotation and by position, in the capture (Web Annotation 4.2.4, 4.2.5)."""
    anchor = anchor_name(statement)
    annotation, target, quote, position = (
        _node(record, context, *parts)
        for parts in ((anchor,), (anchor, "target"), (anchor, "q"), (anchor, "p"))
    )
    source = (
        context.iris.capture(record.capture.sha256) if record.capture else bearer_of_words(record, context)
    )
    graph.add(
        annotation,
        (RDF.type, OA.Annotation),
        (RDFS.label, text(f"Anchor of {statement.name}", "en")),
        (OA.motivatedBy, OA.identifying),
        (OA.hasBody, _node(record, context, statement.name)),
        (OA.hasTarget, target),
    )
    graph.add(
        target,
        (RDF.type, OA.SpecificResource),
        (RDFS.label, text(f"Words of {statement.name}", "en")),
        (OA.hasSource, source),
        (OA.hasScope, bearer_of_words(record, context)),
        (OA.hasSelector, [quote, position]),
    )
    graph.add(
        quote, (RDF.type, OA.TextQuoteSelector), (RDFS.label, text(f"Quotation of {statement.name}", "en"))
    )
    graph.add(
        position,
        (RDF.type, OA.TextPositionSelector),
        (RDFS.label, text(f"Position of {statement.name}", "en")),
        *positions(statement.span),
    )


def anchor_name(statement: Statement) -> str:
    """Return the part name of a statement's anchor: ``a17`` for ``s17``, ``k01-anchor`` for ``k01``."""
    numbered = re.fullmatch(r"s(\d+[a-z]?)", statement.name)
    return f"a{numbered[1]}" if numbered else f"{statement.name}-anchor"


def add_quotes(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State the words of the anchors, as far as they may be published."""
    for statement in record.text.statements:
        if quoted(record, statement.quote):
            graph.add(
                _node(record, context, anchor_name(statement), "q"),
                (OA.exact, text(statement.quote)),
                (OA["prefix"], text(statement.prefix)),
                (OA.suffix, text(statement.suffix)),
            )


def add_codings(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State how we code each statement, as an assignment of ours; another coder would add another."""
    for statement in record.text.statements:
        it = _node(record, context, statement.name)
        codes = [FV[statement.kind], FV[statement.mode], FV[f"stance-{statement.stance}"]]
        graph.add(
            it,
            (CRM.P2_has_type, codes),
            (
                CRM.P3_has_note,
                text(statement.caution, record.editorial_language) if statement.caution else None,
            ),
        )
        graph.add(
            _node(record, context, statement.name, "coding"),
            (RDF.type, CRM.E13_Attribute_Assignment),
            (RDFS.label, text(f"Coding of {statement.name}", "en")),
            (CRM.P2_has_type, context.type("editorial-coding")),
            (CRM.P14_carried_out_by, context.project),
            (CRM.P140_assigned_attribute_to, it),
            (CRM.P141_assigned, codes),
        )


def said_graph_name(record: Record, statement: Statement, context: Context) -> NamedNode:
    """Return the graph in which the content of a statement stands as triples."""
    return context.iris.graph("said", record.key, statement.name)


def said_graphs(record: Record, context: Context) -> list[NamedGraph]:
    """Return the formalised contents: outside the public view, asserted by nobody."""
    return [
        NamedGraph(
            said_graph_name(record, statement, context),
            GraphKind.SAID,
            tuple(
                (context.thing(subject), CRM[property_], context.thing(object_))
                for subject, property_, object_ in statement.formalised
            ),
        )
        for statement in record.text.statements
        if statement.formalised
    ]
