"""Where a document stands: its place in a volume, its pages, and what its edition files it under (graph ``record/{key}``)."""

from __future__ import annotations

from fonds.mapping.common import Context
from fonds.mapping.crm import positions
from fonds.mapping.description import GraphBuilder
from fonds.model import Record
from fonds.vocabulary import CRM, DCTERMS, FV, RDF, RDFS, RICO, SCHEMA, XSD, text, typed


def add_place_in_volume(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State which document comes before it and which after it, and the document of which it is a part."""
    it, sequence = context.iris.record(record.key), record.sequence
    if record.within:
        whole = context.iris.record(record.within)
        graph.add(it, (DCTERMS.isPartOf, whole), (CRM.P106i_forms_part_of, whole))
    if sequence:
        before, after = sequence.previous, sequence.next
        graph.add(
            it,
            (SCHEMA.position, typed(str(sequence.position), XSD.integer)),
            (RICO.directlyFollowsInSequence, context.iris.record(before) if before else None),
            (RICO.directlyPrecedesInSequence, context.iris.record(after) if after else None),
        )


_RELATIONS = {
    "previous": RICO.directlyFollowsInSequence,
    "next": RICO.directlyPrecedesInSequence,
    "": RICO.isRecordResourceAssociatedWithRecordResource,
}


def add_related(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State which records of this publication the edition names beside it: the letter before it, the letter after it."""
    for each in record.related:
        if each.target:
            graph.add(
                context.iris.record(record.key), (_RELATIONS[each.relation], context.thing(each.target))
            )


def add_pages(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State where each page of the source begins, its number, and the picture of it that the edition names."""
    it = context.iris.record(record.key)
    for page in record.text.pages:
        graph.add(
            context.iris.record(record.key, page.name),
            (RDF.type, FV.PageBreak),
            (RDFS.label, text(f"Page {page.number}" if page.number else "A page", "en")),
            (FV.page, text(page.number) if page.number else None),
            (FV.facsimile, text(page.facsimile) if page.facsimile else None),
            (FV.in_paragraph, context.iris.record(record.key, page.block)),
            (DCTERMS.isPartOf, it),
            *positions(page.span),
        )


def add_description(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State whom and what the edition names where it describes the document: the description refers to them, not its words."""
    if not record.described_with:
        return
    graph.add(
        context.iris.record(record.key, "description"),
        (RDF.type, CRM.E33_Linguistic_Object),
        (RDFS.label, text("Description of the record by its edition", "en")),
        (CRM.P129_is_about, context.iris.record(record.key)),
        (CRM.P67_refers_to, [context.thing(each) for each in record.described_with]),
    )


def add_filing(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State the words under which an edition files it, where the edition found it, and to which records it refers."""
    graph.add(
        context.iris.record(record.key),
        (DCTERMS.subject, [text(each.text, each.language) for each in record.keywords]),
        (DCTERMS.source, [text(each.text, each.language) for each in record.sources]),
        (DCTERMS.date, text(record.dated_in_words) if record.dated_in_words else None),
        (
            DCTERMS.provenance,
            [
                context.iris.record(record.key, each.name)
                for each in record.text.notes
                if each.type == "source-note"
            ],
        ),
        (
            DCTERMS.references,
            [
                context.thing(each.target)
                for each in record.text.mentions
                if each.target and each.target.kind == "record"
            ],
        ),
    )
