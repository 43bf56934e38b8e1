"""What the SPARQL endpoint says of itself (SPARQL 1.1 Service Description)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from itertools import islice

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from fonds.addresses import dataset_iri
from fonds.formats import RDF_FORMATS, RESULT_FORMATS, Format
from fonds.lines import DEFAULT
from fonds.release.folder import graphs_of
from fonds.settings import Limits
from fonds.store.matching import FUNCTION as MATCHES
from fonds.store.matching import MOST_TEXTS, MOST_THINGS
from fonds.translations import ENGLISH, speaking
from fonds.vocabulary import DCAT, DCTERMS, FV, PREFIXES, RDF, RDFS, SD, VOID, XSD
from fonds.web.site import Site
from fonds.web.wording import default_graph_note, grouped, limits_note

_MOST_GRAPHS = 1000
"""So many named graphs are listed; the rest is found by a query."""

_FORMAT_IRIS: Mapping[str, str] = {
    "srj": "SPARQL_Results_JSON",
    "srx": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "ttl": "Turtle",
    "nt": "N-Triples",
    "jsonld": "JSON-LD",
    "rdf": "RDF_XML",
    "trig": "TriG",
    "nq": "N-Quads",
}

_GEOSPARQL = "http://www.opengis.net/def/function/geosparql/"
EXTENSION_FUNCTIONS: tuple[str, ...] = tuple(
    _GEOSPARQL + name
    for name in (
        "asGeoJSON", "centroid", "convexHull", "coordinateDimension", "dimension", "distance",
        "ehContains", "ehCoveredBy", "ehCovers", "ehDisjoint", "ehEquals", "ehInside", "ehMeet", "ehOverlap",
        "envelope", "getSRID", "isEmpty", "isSimple",
        "rcc8dc", "rcc8ec", "rcc8eq", "rcc8ntpp", "rcc8ntppi", "rcc8po", "rcc8tpp", "rcc8tppi",
        "sfContains", "sfCrosses", "sfDisjoint", "sfEquals", "sfIntersects", "sfOverlaps", "sfTouches", "sfWithin",
        "spatialDimension",
    )
)  # fmt: skip
"""The functions of the engine that SPARQL itself does not have: those of GeoSPARQL 1.1, as far as it has them."""

_MATCHES_NOTE = (
    'fv:matches(?thing, "words") is true of a record, a person, a group, a place, an event, a work, an archive unit or a topic that '
    "the search page would find by these words, whatever its kind; false of every other IRI. The words stand in the query as a text "
    f"in quotes: up to {MOST_TEXTS} different texts in a query, each of which finds up to {MOST_THINGS:,} things."
)
_ENTAILMENT = NamedNode("http://www.w3.org/ns/entailment/Simple")
_PREFIXES = ("rdf", "rdfs", "xsd", "sd", "void", "dcat", "dcterms", "fv")


def service_description(site: Site, format_: Format) -> bytes:
    """Return the description of the endpoint, its dataset and its limits, as a graph without blank nodes."""
    # It is for programs, and its words say that they are English.
    with speaking(ENGLISH):
        triples = [*_service(site), *_limits(site), *_dataset(site), *_named_graphs(site)]
    prefixes = {prefix: PREFIXES[prefix] for prefix in _PREFIXES}
    return serialize(triples, format=format_.rdf or RdfFormat.TURTLE, prefixes=prefixes) or b""


def _service(site: Site) -> Iterator[Triple]:
    base, service = site.base, dataset_iri(site.base, "service")
    yield Triple(service, RDF.type, SD.Service)
    yield Triple(service, RDF.type, DCAT.DataService)
    yield Triple(service, SD.endpoint, NamedNode(f"{base}sparql"))
    yield Triple(service, DCAT.endpointURL, NamedNode(f"{base}sparql"))
    yield Triple(service, SD.supportedLanguage, SD.SPARQL11Query)
    yield Triple(service, SD.defaultEntailmentRegime, _ENTAILMENT)
    for format_ in (*RESULT_FORMATS, *RDF_FORMATS):
        iri = NamedNode(f"http://www.w3.org/ns/formats/{_FORMAT_IRIS[format_.ending]}")
        yield Triple(service, SD.resultFormat, iri)
    matching = site.search is not None and site.store.can_match
    for function in (*EXTENSION_FUNCTIONS, *([MATCHES] if matching else [])):
        yield Triple(service, SD.extensionFunction, NamedNode(function))
        yield Triple(NamedNode(function), RDF.type, SD.Function)
    if matching:
        yield Triple(NamedNode(MATCHES), RDFS.comment, Literal(_MATCHES_NOTE, language="en"))
    if site.settings.federation:
        yield Triple(service, SD.feature, SD.BasicFederatedQuery)
    for target in site.settings.federation:
        yield Triple(service, FV.federates_with, NamedNode(target))
    yield Triple(service, SD.defaultDataset, dataset_iri(base))
    yield Triple(service, DCAT.servesDataset, dataset_iri(base))
    yield Triple(service, RDFS.seeAlso, NamedNode(f"{base}.well-known/void"))
    yield Triple(service, RDFS.seeAlso, NamedNode(f"{base}queries/"))
    yield Triple(service, RDFS.seeAlso, NamedNode(f"{base}.well-known/sparql-examples"))
    yield Triple(service, DCAT.endpointDescription, NamedNode(f"{base}openapi.json"))


def _limits(site: Site) -> Iterator[Triple]:
    service, limits = dataset_iri(site.base, "service"), site.settings.limits
    yield Triple(service, RDFS.comment, Literal(limits_note(site.settings), language="en"))
    for name in (*LIMITS, *(FEDERATION_LIMITS if site.settings.federation else ())):
        value = getattr(limits, name)
        literal = Literal(f"{value:g}", datatype=XSD.decimal) if isinstance(value, float) else Literal(value)
        yield Triple(service, FV[name], literal)


LIMITS: tuple[str, ...] = (
    "query_seconds", "query_bytes", "result_bytes", "result_rows", "worker_memory_bytes", "workers",
    "queued_queries", "client_queries",
)  # fmt: skip
"""The limits of :class:`fonds.settings.Limits` that concern a query; each is a term of our ontology."""
FEDERATION_LIMITS: tuple[str, ...] = ("federation_seconds", "federation_bytes", "federation_calls")
"""Those that concern what it asks other endpoints."""
assert all(name in Limits.__struct_fields__ for name in (*LIMITS, *FEDERATION_LIMITS))


def _dataset(site: Site) -> Iterator[Triple]:
    manifest, dataset = site.release.manifest, dataset_iri(site.base)
    graph, counts = dataset_iri(site.base, "default-graph"), manifest.counts
    yield Triple(dataset, RDF.type, SD.Dataset)
    yield Triple(dataset, RDF.type, VOID.Dataset)
    yield Triple(dataset, DCTERMS.title, Literal(site.settings.title, language=site.settings.languages[0]))
    yield Triple(dataset, VOID.sparqlEndpoint, NamedNode(f"{site.base}sparql"))
    yield Triple(dataset, SD.defaultGraph, graph)
    yield Triple(graph, RDF.type, SD.Graph)
    yield Triple(graph, VOID.triples, Literal(counts.public + counts.inferred))
    yield Triple(graph, RDFS.comment, Literal(default_graph_note(manifest), language="en"))
    if counts.graphs > _MOST_GRAPHS:
        note = (
            f"There are {grouped(counts.graphs)} named graphs; the first {grouped(_MOST_GRAPHS)} are listed here. "
            "SELECT DISTINCT ?graph WHERE { GRAPH ?graph {} } gives all of them."
        )
        yield Triple(dataset, RDFS.comment, Literal(note, language="en"))


def _named_graphs(site: Site) -> Iterator[Triple]:
    dataset = dataset_iri(site.base)
    for name, triples in islice(graphs_of_release(site), _MOST_GRAPHS):
        # A fragment of the address of this description: what stands there says what it is.
        fragment = hashlib.sha256(name.encode()).hexdigest()[:16]
        named, graph = (NamedNode(f"{site.base}sparql#{kind}-{fragment}") for kind in ("named", "graph"))
        yield Triple(dataset, SD.namedGraph, named)
        yield Triple(named, RDF.type, SD.NamedGraph)
        yield Triple(named, SD.name, NamedNode(name))
        yield Triple(named, SD.graph, graph)
        yield Triple(graph, RDF.type, SD.Graph)
        yield Triple(graph, VOID.triples, Literal(triples))


def graphs_of_release(site: Site) -> Iterator[tuple[str, int]]:
    """Return the named graphs of the release, in the order of their IRIs, and how many triples each has."""
    return ((each.name, each.triples) for each in graphs_of(site.release) if each.name != DEFAULT)
