"""Where each graph comes from: its source, its maker, its making (graph ``prov``).

Nothing here changes from one run to the next: days, versions and release names stand in the manifest.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import NamedNode

from fonds.identifiers import Kind
from fonds.mapping.common import Context, short_hash
from fonds.mapping.description import GraphBuilder, GraphKind, NamedGraph
from fonds.model import Authority, Origin, Record
from fonds.vocabulary import CRM, CRMDIG, DCTERMS, PROV, RDF, RDFS, text

_LABELS = {
    GraphKind.RECORD: "What the document and its page say",
    GraphKind.TEXT: "Quoted words",
    GraphKind.STATEMENTS: "Reported statements",
    GraphKind.SAID: "Content of a reported statement, not asserted",
    GraphKind.MERGED: "Names and identities, under an identifier that was given up",
    GraphKind.CURATION: "Inferences of the project",
    GraphKind.AUTHORITY: "Names and identities",
    GraphKind.VOCABULARY: "Vocabulary",
    GraphKind.REGISTER: "Identifiers that were given up",
    GraphKind.DATA: "Data as they came",
}


def add_project(graph: GraphBuilder, context: Context, publisher: str) -> None:
    """State who curates, with which program, in which activity."""
    mapping = _mapping(context)
    graph.add(
        context.project,
        (RDF.type, CRM.E74_Group),
        (RDFS.label, text(publisher) if publisher else text("The project that publishes this dataset", "en")),
    )
    graph.add(
        context.software,
        (RDF.type, [CRMDIG.D14_Software, PROV.SoftwareAgent]),
        (RDFS.label, text("fonds")),
        (DCTERMS.description, text("The program that makes these graphs from their sources", "en")),
    )
    graph.add(
        mapping,
        (RDF.type, [PROV.Activity, CRMDIG.D10_Software_Execution]),
        (RDFS.label, text("Mapping of the sources to graphs", "en")),
        (PROV.wasAssociatedWith, [context.software, context.project]),
    )


def record_provenance(
    graph: GraphBuilder, record: Record, graphs: Iterable[NamedGraph], context: Context
) -> None:
    """State for each graph of a record from which capture and edition it was made."""
    it = context.iris.record(record.key)
    if not record.edition and record.origin.path:
        source = _file(graph, record.origin.path, context)
        graph.add(_mapping(context), (PROV.used, source))
        for each in graphs:
            _add_graph(graph, each.name, each.kind, [source], context)
        return
    edition = context.iris.record(record.key, "edition")
    capture = context.iris.capture(record.capture.sha256) if record.capture else None
    graph.add(
        edition,
        (RDF.type, [CRMDIG.D1_Digital_Object, PROV.Entity]),
        (RDFS.label, text(f"Edition of: {record.label.text}", record.label.language)),
        (CRM.P67_refers_to, it),
        (PROV.wasDerivedFrom, capture),
    )
    graph.add(
        _mapping(context),
        (PROV.used, edition),
        (CRMDIG.L10_had_input, [edition, *([capture] if capture else [])]),
    )
    for each in graphs:
        _add_graph(graph, each.name, each.kind, [edition, *([capture] if capture else [])], context)
        graph.add(each.name, (PROV.hadPrimarySource, it if each.kind is not GraphKind.CURATION else None))


def authority_provenance(
    graph: GraphBuilder, described: NamedGraph, authority: Authority, context: Context
) -> None:
    """State that a graph was made from the edition that lists a thing, or from the table that does."""
    if authority.edition:
        list_provenance(graph, described, authority.edition, authority.origin.path, context)
    else:
        table_provenance(graph, described, f"{authority.reference.kind}s", context, authority.origin)


def table_provenance(
    graph: GraphBuilder, described: NamedGraph, table: str, context: Context, origin: Origin | None = None
) -> None:
    """State that a graph was made from a table that the project keeps, or from another file.

    Args:
        graph: Where it is stated.
        described: What was made.
        table: What the table is called.
        context: What the mapping knows of the publication.
        origin: Where it stands, if that may be in another file than the table's own.
    """
    if origin and origin.path and not origin.path.endswith(f"/{table}.csv"):
        source = _file(graph, origin.path, context)
    else:
        source = context.iris.thing(Kind.SOURCE, table)
        label = text(f"Table “{table}”, kept by the project", "en")
        graph.add(source, (RDF.type, PROV.Entity), (RDFS.label, label))
    _add_graph(graph, described.name, described.kind, [source], context)


def file_provenance(
    graph: GraphBuilder, name: NamedNode, kind: GraphKind, paths: Iterable[str], context: Context
) -> None:
    """State that a graph was made from files of the publication."""
    _add_graph(graph, name, kind, [_file(graph, path, context) for path in paths], context)


def _file(graph: GraphBuilder, path: str, context: Context) -> NamedNode:
    """State a file of the publication, by its path in it."""
    source = context.iris.thing(Kind.SOURCE, f"file-{short_hash(path)}")
    graph.add(source, (RDF.type, PROV.Entity), (RDFS.label, text(f"File “{path}”", "en")))
    return source


def list_provenance(
    graph: GraphBuilder, described: NamedGraph, edition: str, path: str, context: Context
) -> None:
    """State that a graph was made from a list, or another part, of an edition."""
    source = context.iris.thing(Kind.SOURCE, f"edition-{edition}")
    graph.add(
        source,
        (RDF.type, [CRMDIG.D1_Digital_Object, PROV.Entity]),
        (RDFS.label, text(f"Edition “{path.rpartition('/')[2]}”", "en")),
    )
    _add_graph(graph, described.name, described.kind, [source], context)


def _add_graph(
    graph: GraphBuilder, name: NamedNode, kind: GraphKind, sources: list[NamedNode], context: Context
) -> None:
    graph.add(
        name,
        (RDF.type, PROV.Entity),
        (RDFS.label, text(_LABELS[kind], "en")),
        (PROV.wasDerivedFrom, sources),
        (PROV.wasGeneratedBy, _mapping(context)),
    )


def _mapping(context: Context) -> NamedNode:
    return context.iris.thing(Kind.RUN, "mapping")
