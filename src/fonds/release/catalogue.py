"""What there is and how to get it: VoID for the graph ``meta``, DCAT for ``catalogue.ttl``.

VoID holds counts, rights and examples, and stands in the store. Sizes, checksums, dates and the release's name change with
every build and stand in the catalogue only (W3C VoID Note 2011; DCAT 3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from fonds.formats import NQUADS, NTRIPLES, RESULT_FORMATS, TURTLE, Format
from fonds.identifiers import IriSpace
from fonds.mapping.description import GraphBuilder, GraphKind, NamedGraph
from fonds.release import dumps
from fonds.release.folder import DATASET, FileEntry, Manifest
from fonds.release.fragments import sorted_lines, turtle_body, turtle_head
from fonds.settings import Settings
from fonds.vocabulary import (
    DCAT,
    DCMITYPE,
    DCTERMS,
    FOAF,
    NAMESPACES,
    RDF,
    RDFS,
    SPDX,
    VOID,
    XSD,
    text,
    typed,
)

_TITLES: Mapping[GraphKind, str] = {
    GraphKind.RECORD: "Descriptions of records",
    GraphKind.TEXT: "Quoted words",
    GraphKind.STATEMENTS: "Reported statements",
    GraphKind.SAID: "What was said, formalised (not part of the public view)",
    GraphKind.AUTHORITY: "Authorities: names, matches and background, each with its source",
    GraphKind.CURATION: "Our own inferences and codings",
    GraphKind.VOCABULARY: "Vocabularies",
    GraphKind.PROVENANCE: "Provenance of graphs",
    GraphKind.REGISTER: "Identifiers that were given up",
    GraphKind.META: "Description of the dataset",
    GraphKind.DATA: "Data as they came",
}

_NOT_OURS = frozenset({GraphKind.TEXT, GraphKind.DATA})
"""Kinds of graph whose content others wrote: no licence of ours covers them (MODEL 3.12)."""

_MEDIA_TYPE = "https://www.iana.org/assignments/media-types/"

_DUMPS: tuple[tuple[str, Format, str], ...] = (
    (DATASET, NQUADS, "Everything, in its named graphs"),
    (dumps.PUBLIC, NTRIPLES, "The public view, asserted triples"),
    (dumps.PUBLIC_TURTLE, TURTLE, "The public view, asserted triples"),
    (dumps.INFERRED, NTRIPLES, "Triples that follow from others"),
)


@dataclass(frozen=True, slots=True)
class Extent:
    """How much there is, for VoID.

    Attributes:
        triples: Different triples of the default graph, inferred ones and the description of the dataset included.
        inferred: Triples that stand in the default graph only.
        by_kind: Triples of the named graphs of each kind.
        documents: Records.
        example: One thing worth looking at; None where there is nothing.
        terms: Predicates and classes in use, as N-Triples.
    """

    triples: int
    inferred: int
    by_kind: Mapping[GraphKind, int]
    documents: int
    example: str | None
    terms: frozenset[bytes]


def dataset_iri(base: str, part: str = "dataset") -> NamedNode:
    """Return the IRI of the dataset, or of a part of its description: a fragment of ``/dataset``."""
    return NamedNode(f"{base}dataset#{part}")


def meta_graph(settings: Settings, base: str, extent: Extent) -> NamedGraph:
    """Return the graph ``meta``: the dataset in VoID, with its parts, their rights and their extent."""
    graph = GraphBuilder(IriSpace(base).graph("meta"), GraphKind.META)
    _describe(graph, settings, base)
    dataset = dataset_iri(base)
    graph.add(
        dataset,
        (VOID.triples, _integer(extent.triples)),
        (VOID.documents, _integer(extent.documents) if extent.documents else None),
        (VOID.exampleResource, NamedNode(extent.example) if extent.example else None),
        (VOID.vocabulary, _vocabularies(extent.terms)),
    )
    _describe_rights(graph, settings, base)
    for kind, triples in sorted(extent.by_kind.items()):
        _describe_part(graph, settings, base, kind, triples)
    if extent.inferred:
        part = dataset_iri(base, "inferred")
        graph.add(dataset, (VOID.subset, part))
        graph.add(
            part,
            (RDF.type, VOID.Dataset),
            (DCTERMS.title, text("Triples that follow from others", "en")),
            (VOID.triples, _integer(extent.inferred)),
            (VOID.dataDump, NamedNode(f"{base}dumps/{dumps.INFERRED}")),
        )
    return graph.graph()


def _describe(graph: GraphBuilder, settings: Settings, base: str) -> None:
    """Say what the dataset is called, whose it is and where it is."""
    language = settings.languages[0] if settings.languages else None
    dataset = dataset_iri(base)
    graph.add(
        dataset,
        (RDF.type, [VOID.Dataset, DCAT.Dataset, DCMITYPE.Dataset]),
        (DCTERMS.title, text(settings.title, language)),
        (RDFS.label, text(settings.title, language)),
        (DCTERMS.description, text(settings.description, language) if settings.description else None),
        (VOID.uriSpace, text(base)),
        (VOID.sparqlEndpoint, NamedNode(f"{base}sparql")),
        (VOID.dataDump, [NamedNode(f"{base}dumps/{name}") for name in (dumps.PUBLIC, DATASET)]),
        (FOAF.homepage, NamedNode(base)),
    )
    if settings.publisher:
        publisher = dataset_iri(base, "publisher")
        graph.add(dataset, (DCTERMS.publisher, publisher))
        graph.add(
            publisher,
            (RDF.type, FOAF.Agent),
            (FOAF.name, text(settings.publisher)),
            (RDFS.label, text(settings.publisher)),
        )


def _describe_rights(graph: GraphBuilder, settings: Settings, base: str) -> None:
    dataset = dataset_iri(base)
    whole, quoted = dataset_iri(base, "rights"), dataset_iri(base, "rights-of-quoted-text")
    graph.add(dataset, (DCTERMS.rights, whole))
    _state_rights(
        graph, whole, "Rights differ from part to part: each part of this dataset states its own.", "en"
    )
    _state_rights(graph, quoted, settings.rights.text, settings.languages[0] if settings.languages else None)
    if not _is_iri(settings.rights.data):
        _state_rights(graph, dataset_iri(base, "rights-of-data"), settings.rights.data, None)


def _state_rights(graph: GraphBuilder, statement: NamedNode, words: str, language: str | None) -> None:
    graph.add(statement, (RDF.type, DCTERMS.RightsStatement), (RDFS.label, text(words, language)))


def _describe_part(graph: GraphBuilder, settings: Settings, base: str, kind: GraphKind, triples: int) -> None:
    part = dataset_iri(base, kind)
    public = NamedGraph(part, kind, ()).public
    # VoID 2.1: a subset is part of the dataset; what only a GRAPH pattern reaches is beside it.
    if public:
        graph.add(dataset_iri(base), (VOID.subset, part))
    graph.add(
        part,
        (RDF.type, VOID.Dataset),
        (DCTERMS.title, text(_TITLES[kind], "en")),
        (RDFS.label, text(_TITLES[kind], "en")),
        (VOID.triples, _integer(triples)),
        *_rights_of(kind, settings, base),
    )


def _rights_of(kind: GraphKind, settings: Settings, base: str) -> list[tuple[NamedNode, object]]:
    if kind is GraphKind.TEXT:
        return [(DCTERMS.rights, dataset_iri(base, "rights-of-quoted-text"))]
    if kind in _NOT_OURS:
        return []
    if _is_iri(settings.rights.data):
        return [(DCTERMS.license, NamedNode(settings.rights.data))]
    return [(DCTERMS.rights, dataset_iri(base, "rights-of-data"))]


def _is_iri(words: str) -> bool:
    return words.startswith(("http://", "https://")) and not set(words) & set(' <>"{}|\\^`')


def _vocabularies(terms: frozenset[bytes]) -> list[NamedNode]:
    used = {term.removeprefix(b"<").decode() for term in terms if term.startswith(b"<")}
    described = {VOID.iri, DCTERMS.iri, RDF.iri, RDFS.iri}
    known = {each.iri for each in NAMESPACES}
    return [
        NamedNode(iri)
        for iri in sorted(known)
        if iri in described or any(term.startswith(iri) for term in used)
    ]


def _integer(number: int) -> Literal:
    return typed(str(number), XSD.integer)


def catalogue(manifest: Manifest, meta: Iterable[Triple]) -> bytes:
    """Return ``catalogue.ttl``: a DCAT 3 catalogue with the dataset, its distributions and its service, and the VoID.

    Args:
        manifest: Its name, day, settings, and the files of its dumps.
        meta: The triples of the graph ``meta``; none for a dataset that came as RDF.
    """
    base, settings = manifest.base, manifest.settings
    graph = GraphBuilder(dataset_iri(base, "catalogue"), GraphKind.META)
    issued = typed(manifest.issued, XSD.dateTime)
    title = text(settings.title, settings.languages[0] if settings.languages else None)
    dataset, service, of = dataset_iri(base), dataset_iri(base, "service"), dataset_iri(base, "catalogue")
    distributions = [each for each in _DUMPS if f"dumps/{each[0]}" in manifest.files]
    graph.add(
        of,
        (RDF.type, DCAT.Catalog),
        (DCTERMS.title, title),
        (DCTERMS.description, text("What can be had of this dataset, and how.", "en")),
        (DCTERMS.modified, issued),
        (DCAT.dataset, dataset),
        (DCAT.service, service),
        (FOAF.homepage, NamedNode(base)),
    )
    _describe(graph, settings, base)
    graph.add(
        dataset,
        (DCTERMS.identifier, text(manifest.name)),
        (DCAT.version, text(manifest.name)),
        (DCTERMS.modified, issued),
        (DCAT.distribution, [dataset_iri(base, name) for name, _, _ in distributions]),
    )
    if manifest.kind == "dataset":
        graph.add(dataset, (VOID.triples, _integer(manifest.counts.public)))
    for name, format, words in distributions:
        _add_distribution(graph, manifest, name, format, words)
    _add_service(graph, base, title)
    body = turtle_body(b"".join(sorted_lines({*graph.graph().triples, *meta})))
    return turtle_head(body) + body


def _add_distribution(graph: GraphBuilder, manifest: Manifest, name: str, format: Format, words: str) -> None:
    entry: FileEntry = manifest.files[f"dumps/{name}"]
    distribution = dataset_iri(manifest.base, name)
    checksum = dataset_iri(manifest.base, f"{name}-sha256")
    address = NamedNode(f"{manifest.base}dumps/{name}")
    graph.add(
        distribution,
        (RDF.type, DCAT.Distribution),
        (DCTERMS.title, text(f"{words} ({format.name}, gzip)", "en")),
        (DCAT.downloadURL, address),
        (DCAT.accessURL, address),
        (DCAT.mediaType, NamedNode(_MEDIA_TYPE + format.media_type)),
        (DCAT.compressFormat, NamedNode(f"{_MEDIA_TYPE}application/gzip")),
        (DCAT.byteSize, typed(str(entry.size), XSD.nonNegativeInteger)),
        (SPDX.checksum, checksum),
        (DCTERMS.issued, typed(manifest.issued, XSD.dateTime)),
    )
    if manifest.kind == "publication":
        # Each dump mixes quoted words with our own: the statement says that rights differ, and no licence covers it all.
        graph.add(distribution, (DCTERMS.rights, dataset_iri(manifest.base, "rights")))
    graph.add(
        checksum,
        (RDF.type, SPDX.Checksum),
        (SPDX.algorithm, SPDX.checksumAlgorithm_sha256),
        (SPDX.checksumValue, typed(entry.sha256, XSD.hexBinary)),
    )


def _add_service(graph: GraphBuilder, base: str, title: Literal) -> None:
    endpoint = NamedNode(f"{base}sparql")
    graph.add(
        dataset_iri(base, "service"),
        (RDF.type, DCAT.DataService),
        (DCTERMS.title, [title, text("SPARQL endpoint", "en")]),
        (DCAT.endpointURL, endpoint),
        (DCAT.endpointDescription, endpoint),
        (DCAT.servesDataset, dataset_iri(base)),
        (DCTERMS.format, [NamedNode(_MEDIA_TYPE + each.media_type) for each in RESULT_FORMATS]),
    )


def write_catalogue(folder: Path, manifest: Manifest, meta: Iterable[Triple]) -> None:
    """Write ``catalogue.ttl`` into the folder of a release."""
    (folder / "catalogue.ttl").write_bytes(catalogue(manifest, meta))
