"""From a record to its description: the facts of each module, in the graph of whoever says them."""

from __future__ import annotations

from fonds.mapping import crm
from fonds.mapping.common import Context
from fonds.mapping.curation import add_curation
from fonds.mapping.custody import add_classifications, add_custody, add_relations, add_tenures
from fonds.mapping.description import Description, GraphBuilder, GraphKind, NamedGraph
from fonds.mapping.dublin_core import add_dublin_core
from fonds.mapping.isadg import add_elements, add_named
from fonds.mapping.lacunae import add_lacunae
from fonds.mapping.provenance import record_provenance
from fonds.mapping.quotations import add_quotations
from fonds.mapping.sending import add_named_authors, add_place_of_writing, add_sending
from fonds.mapping.statements import add_codings, add_quotes, add_statements, said_graphs
from fonds.mapping.volumes import add_description, add_filing, add_pages, add_place_in_volume, add_related
from fonds.model import Record


def describe(record: Record, context: Context) -> Description:
    """Map a record to named graphs.

    The same record gives the same graphs on any machine and day. No blank node, nothing that the record does not say:
    where a value is missing, its triples are missing.
    """
    iris = context.iris
    asserted = GraphBuilder(iris.graph("record", record.key), GraphKind.RECORD)
    crm.add_text(asserted, record, context)
    crm.add_object(asserted, record, context)
    crm.add_versions(asserted, record, context)
    for documented in record.documents:
        crm.add_documented_event(asserted, record, documented, context)
    crm.add_publication(asserted, record, context)
    crm.add_capture(asserted, record, context)
    crm.add_paragraphs(asserted, record, context)
    crm.add_notes(asserted, record, context)
    crm.add_mentions(asserted, record, context)
    add_elements(asserted, iris.record(record.key), record.elements, context)
    add_named(asserted, iris.record(record.key), record.named, context)
    add_dublin_core(asserted, record, context)
    add_named_authors(asserted, record, context)
    add_sending(asserted, record, context)
    add_place_of_writing(asserted, record, context)
    add_place_in_volume(asserted, record, context)
    add_related(asserted, record, context)
    add_pages(asserted, record, context)
    add_filing(asserted, record, context)
    add_description(asserted, record, context)

    words = GraphBuilder(iris.graph("record", record.key, "text"), GraphKind.TEXT)
    add_quotations(words, record, context)
    ours = GraphBuilder(iris.graph("curation", record.key), GraphKind.CURATION)
    add_curation(ours, record, context)
    add_lacunae(asserted, ours, record, context)
    add_classifications(asserted, ours, record, context)
    add_custody(asserted, ours, record, context)
    add_tenures(asserted, ours, record, context)
    add_relations(asserted, ours, record, context)
    said = GraphBuilder(iris.graph("record", record.key, "statements"), GraphKind.STATEMENTS)
    add_statements(said, record, context)
    add_quotes(words, record, context)
    add_codings(ours, record, context)

    graphs = [builder.graph() for builder in (asserted, words, said, ours) if len(builder)]
    graphs += said_graphs(record, context)
    return Description(iris.record(record.key), (*graphs, provenance_of(record, graphs, context)))


def provenance_of(record: Record, graphs: list[NamedGraph], context: Context) -> NamedGraph:
    """Return this record's part of the provenance graph."""
    builder = GraphBuilder(context.iris.graph("prov"), GraphKind.PROVENANCE)
    record_provenance(builder, record, graphs, context)
    return builder.graph()
