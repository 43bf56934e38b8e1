"""What the SPARQL endpoint says of itself (SPARQL 1.1 Service Description)."""

from __future__ import annotations

from collections.abc import Mapping

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from fonds.formats import RDF_FORMATS, RESULT_FORMATS, Format
from fonds.vocabulary import PREFIXES, RDF, RDFS, SD
from fonds.web.site import Site
from fonds.web.wording import default_graph_note

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


def service_description(site: Site, format_: Format) -> bytes:
    """Return what the endpoint says of itself (SPARQL 1.1 Service Description)."""
    service, dataset = NamedNode(f"{site.base}dataset#service"), NamedNode(f"{site.base}dataset#dataset")
    default = NamedNode(f"{site.base}dataset#default-graph")
    formats = [
        NamedNode(f"http://www.w3.org/ns/formats/{_FORMAT_IRIS[each.ending]}")
        for each in (*RESULT_FORMATS, *RDF_FORMATS)
    ]
    triples = [
        Triple(service, RDF.type, SD.Service),
        Triple(service, SD.endpoint, NamedNode(f"{site.base}sparql")),
        Triple(service, SD.supportedLanguage, SD.SPARQL11Query),
        *(Triple(service, SD.resultFormat, each) for each in formats),
        Triple(service, SD.defaultDataset, dataset),
        Triple(dataset, RDF.type, SD.Dataset),
        Triple(dataset, SD.defaultGraph, default),
        Triple(default, RDF.type, SD.Graph),
        Triple(default, RDFS.comment, Literal(default_graph_note(site.release.manifest), language="en")),
    ]
    prefixes = {prefix: PREFIXES[prefix] for prefix in ("rdf", "rdfs", "sd")}
    return serialize(triples, format=format_.rdf or RdfFormat.TURTLE, prefixes=prefixes) or b""
