"""The one table of serialisations: media types, file endings, and what the engine calls them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pyoxigraph import QueryResultsFormat, RdfFormat


class Use(Enum):
    """What a format is for."""

    GRAPH = "graph"  # one graph of triples
    DATASET = "dataset"  # named graphs
    SOLUTIONS = "solutions"  # rows of a SELECT, or the truth of an ASK
    PAGE = "page"  # for people
    TEXT = "text"  # a record's text as such


@dataclass(frozen=True, slots=True, eq=False)
class Format:
    """One serialisation; there is one of each.

    Attributes:
        name: What people call it.
        media_type: What we send, without parameters.
        ending: The file ending of an address, without its dot.
        uses: What it can carry.
        also: Other media types under which clients ask for it.
        rdf: The engine's name for it, if it is an RDF syntax.
        results: The engine's name for it, if it carries query results.
        charset: Whether ``charset=utf-8`` belongs into the Content-Type.
        profile: Which conventions it follows beyond its media type (RFC 6906); empty for none.
    """

    name: str
    media_type: str
    ending: str
    uses: frozenset[Use]
    also: tuple[str, ...] = ()
    rdf: RdfFormat | None = None
    results: QueryResultsFormat | None = None
    charset: bool = False
    profile: str = ""

    @property
    def content_type(self) -> str:
        """The value of the Content-Type header."""
        charset = ";charset=utf-8" if self.charset else ""
        profile = f';profile="{self.profile}"' if self.profile else ""
        return f"{self.media_type}{charset}{profile}"


_GRAPH = frozenset({Use.GRAPH})
_QUADS = frozenset({Use.GRAPH, Use.DATASET})
_ROWS = frozenset({Use.SOLUTIONS})

HTML = Format(
    "HTML",
    "text/html",
    "html",
    frozenset({Use.PAGE, Use.SOLUTIONS}),
    ("application/xhtml+xml",),
    charset=True,
)
TURTLE = Format(
    "Turtle",
    "text/turtle",
    "ttl",
    _GRAPH,
    ("application/x-turtle", "application/turtle", "text/n3", "text/rdf+n3"),
    RdfFormat.TURTLE,
    charset=True,
)
NTRIPLES = Format("N-Triples", "application/n-triples", "nt", _GRAPH, ("text/plain",), RdfFormat.N_TRIPLES)
JSONLD = Format("JSON-LD", "application/ld+json", "jsonld", _QUADS, ("application/json",), RdfFormat.JSON_LD)
RDFXML = Format(
    "RDF/XML", "application/rdf+xml", "rdf", _GRAPH, ("application/xml", "text/xml"), RdfFormat.RDF_XML
)
TRIG = Format("TriG", "application/trig", "trig", _QUADS, ("application/x-trig",), RdfFormat.TRIG)
NQUADS = Format(
    "N-Quads", "application/n-quads", "nq", _QUADS, ("text/x-nquads", "text/nquads"), RdfFormat.N_QUADS
)

RESULTS_JSON = Format(
    "SPARQL results (JSON)",
    "application/sparql-results+json",
    "srj",
    _ROWS,
    ("application/json",),
    results=QueryResultsFormat.JSON,
)
RESULTS_XML = Format(
    "SPARQL results (XML)",
    "application/sparql-results+xml",
    "srx",
    _ROWS,
    ("application/xml", "text/xml"),
    results=QueryResultsFormat.XML,
)
CSV = Format("CSV", "text/csv", "csv", _ROWS, results=QueryResultsFormat.CSV, charset=True)
TSV = Format("TSV", "text/tab-separated-values", "tsv", _ROWS, results=QueryResultsFormat.TSV, charset=True)

TEI = Format("TEI", "application/tei+xml", "tei.xml", frozenset({Use.TEXT}))
TEXT = Format("Plain text", "text/plain", "txt", frozenset({Use.TEXT}), charset=True)
LINKED_ART = Format(
    "Linked Art",
    "application/ld+json",
    "la.json",
    frozenset({Use.TEXT}),
    profile="https://linked.art/ns/v1/linked-art.json",
)
SCHEMA_ORG = Format(
    "schema.org", "application/ld+json", "schema.json", frozenset({Use.TEXT}), profile="https://schema.org/"
)
EDM = Format(
    "EDM",
    "application/rdf+xml",
    "edm.rdf",
    frozenset({Use.TEXT}),
    profile="http://www.europeana.eu/schemas/edm/",
)
RIS = Format("RIS", "application/x-research-info-systems", "ris", frozenset({Use.TEXT}), charset=True)
BIBTEX = Format(
    "BibTeX", "application/x-bibtex", "bib", frozenset({Use.TEXT}), ("text/x-bibtex",), charset=True
)
CSL_JSON = Format("CSL-JSON", "application/vnd.citationstyles.csl+json", "csl.json", frozenset({Use.TEXT}))
CARD = Format("Card", "image/png", "card.png", frozenset())
LINKSET = Format("Set of links", "application/linkset+json", "linkset.json", frozenset({Use.TEXT}))
JSON = Format("JSON", "application/json", "json", frozenset())
PROBLEM = Format("Problem details", "application/problem+json", "json", frozenset())

RDF_FORMATS: tuple[Format, ...] = (TURTLE, JSONLD, NTRIPLES, RDFXML, TRIG, NQUADS)
"""RDF syntaxes that a document is offered in, the one we prefer first."""

CITATION_FORMATS: tuple[Format, ...] = (RIS, BIBTEX, CSL_JSON)
"""In which a record's citation is offered to reference managers."""

RESULT_FORMATS: tuple[Format, ...] = (RESULTS_JSON, RESULTS_XML, CSV, TSV)
"""Syntaxes of query results, the one we prefer first."""

DOCUMENT_FORMATS: tuple[Format, ...] = (HTML, *RDF_FORMATS)
"""What every document is offered in; HTML first, for people who send ``*/*`` with a browser."""

READABLE_ENDINGS: dict[str, RdfFormat] = {
    "nq": RdfFormat.N_QUADS,
    "nt": RdfFormat.N_TRIPLES,
    "ttl": RdfFormat.TURTLE,
    "trig": RdfFormat.TRIG,
    "rdf": RdfFormat.RDF_XML,
    "xml": RdfFormat.RDF_XML,
    "owl": RdfFormat.RDF_XML,
    "n3": RdfFormat.N3,
    "jsonld": RdfFormat.JSON_LD,
}
"""File endings of RDF that fonds reads, each also with ``.gz`` behind it."""


def by_ending(ending: str, offered: tuple[Format, ...] = (*DOCUMENT_FORMATS, TEI, TEXT)) -> Format | None:
    """Return the offered format with that ending (no dot), or None.

    >>> by_ending("ttl").name
    'Turtle'
    """
    return next((each for each in offered if each.ending == ending), None)
