"""What happened to the paper, which markings it bears, which offices the record attests, and what else its text relates."""

from __future__ import annotations

from fonds.mapping.common import Context, certainty, first_moment, last_moment
from fonds.mapping.description import GraphBuilder
from fonds.model import Certainty, Classification, CustodyEvent, Record, Tenure
from fonds.vocabulary import CRM, DCTERMS, EDTF, FV, RDF, RDFS, text, typed

DECLASSIFIED = "declassified"


def add_classifications(
    asserted: GraphBuilder, curated: GraphBuilder, record: Record, context: Context
) -> None:
    """State the markings, and the assignments of which they tell; that one followed the other is our conclusion."""
    for each in record.classifications:
        _add_classification(asserted, record, each, context)
    _add_access_note(asserted, record, context)
    lifted = [each for each in record.classifications if each.type == DECLASSIFIED]
    given = [each for each in record.classifications if each.type != DECLASSIFIED]
    for later in lifted:
        for earlier in given:
            curated.add(
                context.iris.record(record.key, later.name),
                (CRM.P183i_starts_after_the_end_of, context.iris.record(record.key, earlier.name)),
            )


def _add_classification(graph: GraphBuilder, record: Record, each: Classification, context: Context) -> None:
    it, paper = context.iris.record(record.key, each.name), context.iris.record(record.key, "object")
    graph.add(
        it,
        (RDF.type, CRM.E17_Type_Assignment),
        (RDFS.label, text(each.name.capitalize(), "en")),
        (CRM.P2_has_type, context.type("declassification") if each.type == DECLASSIFIED else None),
        (CRM.P41_classified, paper),
        (CRM.P42_assigned, context.type(each.type)),
    )
    graph.add(paper, (CRM.P2_has_type, context.type(each.marking)))
    if each.stamp:
        graph.add(context.iris.record(record.key, each.stamp), (CRM.P67_refers_to, it))


def _add_access_note(graph: GraphBuilder, record: Record, context: Context) -> None:
    if not record.classifications:
        return
    note, paper = context.iris.record(record.key, "access-note"), context.iris.record(record.key, "object")
    marks = (f"{'stamped' if each.stamp else 'marked'} {each.words}" for each in record.classifications)
    words = "; ".join(marks) + "; undated"
    graph.add(paper, (DCTERMS.accessRights, note))
    graph.add(
        note, (RDF.type, DCTERMS.RightsStatement), (RDFS.label, text(words[0].upper() + words[1:], "en"))
    )


def add_custody(asserted: GraphBuilder, curated: GraphBuilder, record: Record, context: Context) -> None:
    """State what its notes tell of it: in the record's graph what they say, in the curation graph what we conclude."""
    for each in record.custody:
        _add_custody_event(asserted if each.certainty is Certainty.HIGH else curated, record, each, context)


def _add_custody_event(graph: GraphBuilder, record: Record, each: CustodyEvent, context: Context) -> None:
    it = context.iris.record(record.key, each.name)
    inferred = each.certainty is not Certainty.HIGH
    graph.add(
        it,
        (RDF.type, CRM.E7_Activity),
        (RDFS.label, text(each.label, "en")),
        (
            CRM.P2_has_type,
            [context.type(each.type), *([context.type("curator-inference")] if inferred else [])],
        ),
        (CRM.P11_had_participant, context.thing(each.participant) if each.participant else None),
        (CRM.P16_used_specific_object, context.iris.record(record.key)),
        (FV.certainty, certainty(each.certainty)),
        (FV.ground, text(each.ground, record.editorial_language) if each.ground else None),
    )
    if each.note:
        note, writing = (
            context.iris.record(record.key, name) for name in (each.note, f"{each.note}-writing")
        )
        graph.add(note, (CRM.P67_refers_to, it))
        graph.add(it, (CRM.P184_ends_before_or_with_the_end_of, None if inferred else writing))


def add_tenures(asserted: GraphBuilder, curated: GraphBuilder, record: Record, context: Context) -> None:
    """State the offices that are attested on a day (P81a, P81b), without beginning or end: neither is known.

    An office that the editor joined to the person stands in the curation graph.
    """
    for each in record.tenures:
        _add_tenure(asserted if each.certainty is Certainty.HIGH else curated, record, each, context)


def _add_tenure(graph: GraphBuilder, record: Record, each: Tenure, context: Context) -> None:
    it, part = context.iris.record(record.key, each.name), context.iris.record(record.key, f"pc-{each.name}")
    inferred = each.certainty is not Certainty.HIGH
    span = context.iris.record(record.key, f"ts-{each.name}")
    graph.add(
        it,
        (RDF.type, CRM.E7_Activity),
        (RDFS.label, text("Holding of an office, attested on a day", "en")),
        (
            CRM.P2_has_type,
            [context.type("tenure"), *([context.type("curator-inference")] if inferred else [])],
        ),
        (CRM.P14_carried_out_by, context.thing(each.holder)),
        (CRM.P11_had_participant, context.thing(each.group) if each.group else None),
        (CRM.P4_has_time_span, span if each.attested else None),
        (FV.certainty, certainty(each.certainty)),
        (FV.ground, text(each.ground, record.editorial_language) if each.ground else None),
    )
    graph.add(
        part,
        (RDF.type, CRM.PC14_carried_out_by),
        (RDFS.label, text("Part taken, with its role", "en")),
        (CRM.P01_has_domain, it),
        (CRM.P02_has_range, context.thing(each.holder)),
        (CRM.P14_1_in_the_role_of, context.role(each.role)),
    )
    if each.attested:
        day = each.attested.date
        graph.add(
            span,
            (RDF.type, CRM.E52_Time_Span),
            (RDFS.label, text(f"{day.edtf or each.attested.form} (attested)", "en")),
            (FV.edtf, typed(day.edtf, EDTF.EDTF) if day.edtf else None),
            (CRM.P81a_end_of_the_begin, first_moment(day.earliest) if day.earliest else None),
            (CRM.P81b_begin_of_the_end, last_moment(day.latest) if day.latest else None),
        )


def add_relations(asserted: GraphBuilder, curated: GraphBuilder, record: Record, context: Context) -> None:
    """State what else the text says of things; in the curation graph, what we conclude from it."""
    for each in record.relations:
        graph = curated if each.inferred else asserted
        graph.add(context.thing(each.subject), (CRM[each.property], context.thing(each.object)))
