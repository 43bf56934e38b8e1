"""How much there is, in VoID: the dataset, its parts, their rights; triples by property, things by class, links elsewhere.

Of a publication this is the graph ``meta``, which stands in the store and counts itself. RDF that came as it is gets no graph
more: its description stands in ``catalogue.ttl`` only. What changes with every build stands in neither of these counts (W3C
Interest Group Note "Describing Linked Datasets with the VoID Vocabulary", 2011).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from fonds.addresses import dataset_iri
from fonds.identifiers import IriSpace
from fonds.mapping.description import GraphBuilder, GraphKind, NamedGraph
from fonds.release import dumps
from fonds.release.census import INFERRED, Census, Extent, Links, most, most_pairs
from fonds.release.folder import DATASET
from fonds.settings import Settings
from fonds.vocabulary import (
    DCAT,
    DCMITYPE,
    DCTERMS,
    FOAF,
    NAMESPACES,
    RDF,
    RDFS,
    VOID,
    XSD,
    text,
    typed,
)

TITLES: Mapping[str, str] = {
    GraphKind.RECORD: "Descriptions of records",
    GraphKind.TEXT: "Quoted words",
    GraphKind.STATEMENTS: "Reported statements",
    GraphKind.SAID: "What was said, formalised (not part of the public view)",
    GraphKind.AUTHORITY: "Authorities: names, matches and background, each with its source",
    GraphKind.MERGED: "Authorities as further lists have them, under identifiers that were given up",
    GraphKind.CURATION: "Our own inferences and codings",
    GraphKind.VOCABULARY: "Vocabularies",
    GraphKind.PROVENANCE: "Provenance of graphs",
    GraphKind.REGISTER: "Identifiers that were given up",
    GraphKind.META: "Description of the dataset",
    GraphKind.DATA: "Data as they came, in named graphs",
    INFERRED: "Triples that follow from others",
}

_NOT_OURS = frozenset({GraphKind.TEXT, GraphKind.DATA})
"""Kinds of graph whose content others wrote: no licence of ours covers them (MODEL 3.12)."""

_MOST_VOCABULARIES = 50

Rights = list[tuple[NamedNode, object]]


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a release beside triples.

    Attributes:
        documents: Records.
        examples: Things worth looking at, one of each kind.
        days: The first and the last day on which a record was written, ISO 8601; None where no day is known.
        places: The places that records are said to be about, by IRI.
    """

    documents: int
    examples: Sequence[str]
    days: tuple[str, str] | None = None
    places: Sequence[str] = ()


def meta_graph(settings: Settings, base: str, census: Census, contents: Contents) -> NamedGraph:
    """Return the graph ``meta`` of a publication: the dataset in VoID, with its parts, their rights and their extent."""
    graph = GraphBuilder(IriSpace(base).graph("meta"), GraphKind.META)
    _add_whole(graph, settings, base, census, contents)
    _add_coverage(graph, base, contents)
    _state_all_rights(graph, settings, base)
    for kind, extent in sorted(census.parts.items()):
        if extent.triples:
            _add_part(graph, base, kind, extent, rights_of(kind, settings, base), public=_is_public(kind))
    _add_links(graph, base, census.links)
    return graph.graph()


def _add_coverage(graph: GraphBuilder, base: str, contents: Contents) -> None:
    """State from when the records are, and which places they are about (DCAT 3, 6.6)."""
    graph.add(dataset_iri(base), (DCTERMS.spatial, [NamedNode(each) for each in contents.places]))
    if contents.days:
        period = dataset_iri(base, "period")
        first, last = contents.days
        graph.add(dataset_iri(base), (DCTERMS.temporal, period))
        graph.add(
            period,
            (RDF.type, DCTERMS.PeriodOfTime),
            (DCAT.startDate, typed(first, XSD.date)),
            (DCAT.endDate, typed(last, XSD.date)),
        )


def void_of_dataset(
    settings: Settings, base: str, census: Census, contents: Contents, *, union: bool
) -> NamedGraph:
    """Return the VoID of RDF that came as it is; nothing is said of rights, which its makers state or do not state.

    Args:
        settings: Its title.
        base: Under which it is published.
        census: What was counted: the default graph, and the named graphs where there are any.
        contents: What else there is.
        union: Whether the named graphs stand in the default graph as well.
    """
    graph = GraphBuilder(IriSpace(base).graph("meta"), GraphKind.META)
    _add_whole(graph, settings, base, census, contents)
    for kind, extent in sorted(census.parts.items()):
        _add_part(graph, base, kind, extent, [], public=union)
    _add_links(graph, base, census.links)
    return graph.graph()


def _is_public(kind: str) -> bool:
    return kind == INFERRED or NamedGraph(NamedNode("urn:x"), GraphKind(kind), ()).public


def _add_whole(
    graph: GraphBuilder, settings: Settings, base: str, census: Census, contents: Contents
) -> None:
    describe(graph, settings, base)
    dataset, whole = dataset_iri(base), census.whole
    _add_extent(graph, base, "dataset", whole)
    graph.add(
        dataset,
        # VoID 4.3: what is under the URI space is an entity; RDF from elsewhere may have nothing there.
        (VOID.uriSpace, text(base) if whole.entities else None),
        (VOID.entities, _integer(whole.entities) if whole.entities else None),
        (VOID.distinctSubjects, _integer(whole.subjects) if whole.subjects is not None else None),
        (VOID.documents, _integer(contents.documents) if contents.documents else None),
        (VOID.exampleResource, [NamedNode(each) for each in contents.examples]),
        (VOID.vocabulary, _vocabularies((*whole.properties, *whole.classes))),
    )


def describe(graph: GraphBuilder, settings: Settings, base: str) -> None:
    """Say what the dataset is called, whose it is and where it is."""
    language = settings.languages[0] if settings.languages else None
    dataset = dataset_iri(base)
    graph.add(
        dataset,
        (RDF.type, [VOID.Dataset, DCAT.Dataset, DCMITYPE.Dataset]),
        (DCTERMS.title, text(settings.title, language)),
        (RDFS.label, text(settings.title, language)),
        (DCTERMS.description, text(settings.description, language) if settings.description else None),
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


def _add_extent(graph: GraphBuilder, base: str, part: str, extent: Extent) -> None:
    """State how much there is in a part, property by property and class by class (VoID 4.6).

    A class has a partition for each property of its things as well, where they were counted: from these, editors know which
    properties may stand behind a thing of the class.
    """
    of, head = dataset_iri(base, part), "" if part == "dataset" else f"{part}."
    graph.add(
        of,
        (VOID.triples, _integer(extent.triples)),
        (VOID.properties, _integer(len(extent.properties))),
        (VOID.classes, _integer(len(extent.classes))),
    )
    for iri in most({iri: each.triples for iri, each in extent.properties.items()}):
        counted, partition = extent.properties[iri], _partition(base, f"{head}property", iri)
        graph.add(of, (VOID.propertyPartition, partition))
        graph.add(
            partition,
            (VOID.property, NamedNode(iri)),
            (VOID.triples, _integer(counted.triples)),
            (VOID.distinctSubjects, _integer(counted.subjects) if counted.subjects is not None else None),
            (VOID.distinctObjects, _integer(counted.objects) if counted.objects is not None else None),
        )
    for iri in most(extent.classes):
        partition = _partition(base, f"{head}class", iri)
        graph.add(of, (VOID.classPartition, partition))
        graph.add(partition, (VOID["class"], NamedNode(iri)), (VOID.entities, _integer(extent.classes[iri])))
    for pair in most_pairs(extent):
        class_ = _partition(base, f"{head}class", pair.class_)
        # There are many of them: names made of both terms would make the description twice as long.
        name = hashlib.blake2b("\0".join(pair).encode(), digest_size=8).hexdigest()
        partition = dataset_iri(base, f"{head}pair-{name}")
        graph.add(class_, (VOID.propertyPartition, partition))
        graph.add(
            partition,
            (VOID.property, NamedNode(pair.property)),
            (VOID.triples, _integer(extent.pairs[pair].triples)),
        )


def _partition(base: str, what: str, *iris: str) -> NamedNode:
    # Everything that may not stand in a fragment (RFC 3986 3.5) is encoded, and `=` and `&`, which part the pieces.
    return dataset_iri(base, "&".join(f"{what}={quote(iri, safe='/:@!$()*,;-._~')}" for iri in iris))


def _add_part(
    graph: GraphBuilder, base: str, kind: str, extent: Extent, rights: Rights, *, public: bool
) -> None:
    part = dataset_iri(base, kind)
    # VoID 2.1: a subset is part of the dataset; what only a GRAPH pattern reaches is beside it.
    if public:
        graph.add(dataset_iri(base), (VOID.subset, part))
    title = TITLES.get(kind, kind.capitalize())
    graph.add(
        part,
        (RDF.type, VOID.Dataset),
        (DCTERMS.title, text(title, "en")),
        (RDFS.label, text(title, "en")),
        (VOID.dataDump, NamedNode(f"{base}dumps/{dumps.INFERRED}") if kind == INFERRED else None),
        *rights,
    )
    _add_extent(graph, base, kind, extent)


def _add_links(graph: GraphBuilder, base: str, links: Iterable[Links]) -> None:
    """State where links lead, and how many (VoID 5)."""
    for each in links:
        target = _partition(base, "target", each.target.space)
        linkset = _partition(base, "links", each.property, each.target.space)
        graph.add(dataset_iri(base), (VOID.subset, linkset))
        graph.add(
            linkset,
            (RDF.type, VOID.Linkset),
            (DCTERMS.title, text(f"Links to {each.target.title}", "en")),
            (RDFS.label, text(f"Links to {each.target.title}", "en")),
            (VOID.linkPredicate, NamedNode(each.property)),
            (VOID.subjectsTarget, dataset_iri(base)),
            (VOID.objectsTarget, target),
            (VOID.triples, _integer(each.triples)),
        )
        graph.add(
            target,
            (RDF.type, VOID.Dataset),
            (DCTERMS.title, text(each.target.title)),
            (RDFS.label, text(each.target.title)),
            (VOID.uriSpace, text(each.target.space)),
        )


def _vocabularies(terms: Iterable[str]) -> list[NamedNode]:
    """Return the namespaces of properties and classes in use: those that are known, and what others end at (``#`` or ``/``)."""
    known = tuple(each.iri for each in NAMESPACES)
    found: dict[str, None] = {}
    for term in terms:
        space = next((each for each in known if term.startswith(each)), None) or _namespace(term)
        if space:
            found[space] = None
    # The description itself uses these.
    found |= dict.fromkeys((VOID.iri, DCTERMS.iri, RDF.iri, RDFS.iri))
    ours = sorted(each for each in found if each in known)
    return [NamedNode(each) for each in (*ours, *sorted(found.keys() - set(known))[:_MOST_VOCABULARIES])]


def _namespace(term: str) -> str | None:
    cut = term.rfind("#") + 1 or term.rfind("/") + 1
    # Shorter than this there is no path after the host: http://a/
    return term[:cut] if term.startswith(("http://", "https://")) and cut > len("https://") else None


def _integer(number: int) -> Literal:
    return typed(str(number), XSD.integer)


# ------------------------------------------------------------------------------------------------ rights


def rights_of(kind: str, settings: Settings, base: str) -> Rights:
    """Return what is stated of the rights in a kind of graph: a licence only where the words are the publication's own."""
    if kind == GraphKind.TEXT:
        return [(DCTERMS.rights, dataset_iri(base, "rights-of-quoted-text"))]
    # What follows from others follows from quoted words as well.
    if kind in _NOT_OURS or kind == INFERRED:
        return []
    if is_iri(settings.rights.data):
        return [(DCTERMS.license, NamedNode(settings.rights.data))]
    return [(DCTERMS.rights, dataset_iri(base, "rights-of-data"))]


def _state_all_rights(graph: GraphBuilder, settings: Settings, base: str) -> None:
    dataset = dataset_iri(base)
    whole, quoted = dataset_iri(base, "rights"), dataset_iri(base, "rights-of-quoted-text")
    graph.add(dataset, (DCTERMS.rights, whole))
    _state_rights(
        graph, whole, "Rights differ from part to part: each part of this dataset states its own.", "en"
    )
    _state_rights(graph, quoted, settings.rights.text, settings.languages[0] if settings.languages else None)
    if not is_iri(settings.rights.data):
        _state_rights(graph, dataset_iri(base, "rights-of-data"), settings.rights.data, None)


def _state_rights(graph: GraphBuilder, statement: NamedNode, words: str, language: str | None) -> None:
    graph.add(statement, (RDF.type, DCTERMS.RightsStatement), (RDFS.label, text(words, language)))


def is_iri(words: str) -> bool:
    """Tell whether words of ``fonds.toml`` are the address of a web page, and not prose."""
    return words.startswith(("http://", "https://")) and not set(words) & set(' <>"{}|\\^`')
