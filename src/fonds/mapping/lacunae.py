"""Words that are not there: what is lost, of how much, by what cause, who says so, and where the paper shows it."""

from __future__ import annotations

from pyoxigraph import NamedNode

from fonds.mapping.common import Context, certainty
from fonds.mapping.crm import bearer_of_words, notes_on_paper, positions
from fonds.mapping.description import GraphBuilder
from fonds.model import Gap, Note, Record
from fonds.vocabulary import (
    CAUSE_UNSTATED,
    CRM,
    CRMTEX,
    FV,
    LOST_IN_CAPTURE,
    RDF,
    RDFS,
    XSD,
    lacuna_cause,
    text,
    typed,
)

_ON_PAPER = frozenset({"faded", "illegible", "damaged", "redacted"})
"""Causes that are a condition of the paper; others are a copy's or an editor's."""


def add_lacunae(asserted: GraphBuilder, curated: GraphBuilder, record: Record, context: Context) -> None:
    """State the losses that the source reports in the record's graph, and those that we infer in the curation graph."""
    for gap in record.text.gaps:
        inferred = lacuna_cause(gap.cause) == LOST_IN_CAPTURE
        _add_lacuna(curated if inferred else asserted, record, gap, context)
        if lacuna_cause(gap.cause) in _ON_PAPER:
            _add_condition(asserted, record, gap, context)


def _add_lacuna(graph: GraphBuilder, record: Record, gap: Gap, context: Context) -> None:
    lacuna = context.iris.record(record.key, gap.name)
    cause = lacuna_cause(gap.cause)
    inferred = cause == LOST_IN_CAPTURE
    torn = (
        context.iris.capture(record.capture.sha256)
        if inferred and record.capture
        else context.iris.record(record.key)
    )
    responsible = context.thing(gap.responsible) if gap.responsible else None
    graph.add(
        lacuna,
        (RDF.type, CRM.E90_Symbolic_Object),
        (RDFS.label, text(_label(gap), "en")),
        (
            CRM.P2_has_type,
            [context.type("lacuna"), *([context.type("curator-inference")] if inferred else [])],
        ),
        (CRM.P106i_forms_part_of, _whole(record, gap, context)),
        (FV.lacuna_in, torn),
        (FV.lacuna_cause, FV[cause]),
        (CRM.P3_has_note, text(gap.cause) if cause == CAUSE_UNSTATED and gap.cause else None),
        (FV.lacuna_stated_by, context.project if inferred else responsible),
        (FV.lacuna_unit, context.type(gap.unit) if gap.unit else None),
        (FV.in_paragraph, context.iris.record(record.key, gap.block) if gap.block else None),
        (
            CRM.P67i_is_referred_to_by,
            [context.iris.record(record.key, note.name) for note in _notes_about(record, gap)],
        ),
        (FV.certainty, certainty(gap.certainty)),
        (FV.ground, text(gap.ground, record.editorial_language) if gap.ground else None),
        *positions(gap.span),
    )
    if gap.unit:
        graph.add(context.type(gap.unit), (RDF.type, CRM.E58_Measurement_Unit))
    _add_extent(graph, lacuna, gap, context)


def _label(gap: Gap) -> str:
    cause = lacuna_cause(gap.cause).replace("-", " ")
    if gap.at_least is None or gap.unit is None:
        return f"Lacuna: {cause}"
    number = str(gap.at_least) if gap.at_least == gap.at_most else f"{gap.at_least}–{gap.at_most}"
    return f"Lacuna: {cause}, {number} {gap.unit}{'' if gap.at_most == 1 else 's'}"


def _whole(record: Record, gap: Gap, context: Context) -> NamedNode:
    """Return the text that lacks the words: a note on the paper, or the version that is held."""
    inside = next((note for note in notes_on_paper(record) if note.name == gap.block), None)
    return context.iris.record(record.key, inside.name) if inside else bearer_of_words(record, context)


def _notes_about(record: Record, gap: Gap) -> list[Note]:
    """Return the notes whose words report the loss: those within which the editor's words for it stand."""
    span = gap.span
    if span is None or span.start == span.end:
        return []
    return [
        note
        for note in record.text.notes
        if note.name == gap.block
        or (note.span and note.span.start <= span.end and span.start <= note.span.end)
    ]


def _add_extent(graph: GraphBuilder, lacuna: NamedNode, gap: Gap, context: Context) -> None:
    """State how much is lost, only where a number is stated: “several words” has no dimension."""
    if gap.at_least is None or gap.unit is None:
        return
    extent = NamedNode(f"{lacuna.value}-extent")
    exact = gap.at_least == gap.at_most
    graph.add(lacuna, (CRM.P43_has_dimension, extent))
    graph.add(
        extent,
        (RDF.type, CRM.E54_Dimension),
        (RDFS.label, text("Extent of the loss", "en")),
        (CRM.P91_has_unit, context.type(gap.unit)),
        (CRM.P90_has_value, typed(str(gap.at_least), XSD.integer) if exact else None),
        (CRM.P90a_has_lower_value_limit, None if exact else typed(str(gap.at_least), XSD.integer)),
        (CRM.P90b_has_upper_value_limit, None if exact else typed(str(gap.at_most), XSD.integer)),
    )


def _add_condition(graph: GraphBuilder, record: Record, gap: Gap, context: Context) -> None:
    """State that a stretch of the writing on the paper is faded, illegible, damaged."""
    written, paper = context.iris.record(record.key, "written"), context.iris.record(record.key, "object")
    segment, condition = (
        context.iris.record(record.key, f"{gap.name}-{part}") for part in ("segment", "condition")
    )
    graph.add(
        written,
        (RDF.type, CRMTEX.TX1_Written_Text),
        (RDFS.label, text("The writing on the paper", "en")),
        (CRM.P56i_is_found_on, paper),
        (CRMTEX.TXP4_has_segment, segment),
    )
    graph.add(
        segment,
        (RDF.type, CRMTEX.TX7_Written_Text_Segment),
        (RDFS.label, text(f"The writing at lacuna {gap.name}", "en")),
        (CRM.P44_has_condition, condition),
    )
    graph.add(
        condition,
        (RDF.type, CRM.E3_Condition_State),
        (RDFS.label, text(lacuna_cause(gap.cause).capitalize(), "en")),
        (CRM.P2_has_type, FV[lacuna_cause(gap.cause)]),
    )
