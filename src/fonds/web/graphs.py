"""Named graphs as documents: ``/graph/…``, our ontology at ``/ns``, and the context of our JSON-LD."""

from __future__ import annotations

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from fonds.formats import DOCUMENT_FORMATS, HTML, JSONLD, RDF_FORMATS, Format, by_ending
from fonds.ordering import natural
from fonds.translations import said
from fonds.vocabulary import FV
from fonds.web.answers import Answer, Exchange, Headers
from fonds.web.problems import Choice, Problem
from fonds.web.representations import Shown, document_headers, negotiated, representations
from fonds.web.site import Site
from fonds.web.statements import about, about_quads

_LARGEST = 200_000
"""A named graph of so many triples is a document (some 40 MB in memory); a larger one is to be had as a dump or by SPARQL."""
_MOST_SHOWN = 500


def graph(site: Site, exchange: Exchange) -> Answer | None:
    """Answer ``/graph/…``: a named graph as such; it is a document, so 200. None where there is no such graph."""
    path = exchange.path[1:]
    for name in site.addresses.under_base(path):
        if is_graph(site, name):
            return graph_document(site, exchange, name, None)
    stem, _, ending = path.rpartition(".")
    format_ = by_ending(ending, DOCUMENT_FORMATS)
    for name in site.addresses.under_base(stem) if format_ else ():
        if is_graph(site, name):
            return graph_document(site, exchange, name, format_)
    return None


def is_graph(site: Site, name: NamedNode) -> bool:
    """Tell whether there is a named graph of that name."""
    return site.descriptions.triples_of_graph(name.value) is not None


def graph_document(site: Site, exchange: Exchange, name: NamedNode, ending: Format | None) -> Answer:
    """Return a named graph as a document.

    Raises:
        Problem: 406; 503, it is too large for a document.
    """
    format_ = ending or negotiated(exchange, DOCUMENT_FORMATS)
    exchange.chosen = format_.ending
    body = _page(site, exchange, name) if format_ is HTML else _content(site, name, format_)
    iri = None if name.value.startswith(f"{site.base}graph/") else name.value
    shown = Shown(iri, format_, DOCUMENT_FORMATS, ending, modified=site.modified(name.value))
    return Answer(200, document_headers(exchange, shown), body)


def _content(site: Site, name: NamedNode, format_: Format) -> bytes:
    if (site.descriptions.triples_of_graph(name.value) or 0) > _LARGEST:
        raise Problem(
            503,
            said(
                "<{name}> has more than {largest} triples; take the dumps, or ask for a part by SPARQL.",
                name=name.value,
                largest=_LARGEST,
            ),
            (Choice("dumps/", said("Dumps")), Choice("sparql", "SPARQL")),
            facts={"limit_triples": _LARGEST},
        )
    return site.written(site.descriptions.graph(name.value) or [], format_)


def _page(site: Site, exchange: Exchange, name: NamedNode) -> bytes:
    lines = site.descriptions.graph(name.value) or []
    by_subject: dict[NamedNode, list[Quad]] = {}
    for quad in parse(b"".join(lines[:_MOST_SHOWN]), format=RdfFormat.N_QUADS):
        if isinstance(quad.subject, NamedNode):
            by_subject.setdefault(quad.subject, []).append(quad)
    described = [
        about_quads(site, subject, ((quad.predicate, quad.object, None) for quad in quads))
        for subject, quads in by_subject.items()
    ]
    described.sort(key=lambda each: natural(each.iri))
    return site.page(
        "graph.html",
        exchange.path,
        exchange.query,
        about=about(site, name),
        described=[(each, site.addresses.of_iri(each.iri)) for each in described],
        more=len(lines) > _MOST_SHOWN,
        formats=representations(site.addresses.of_iri(name.value), RDF_FORMATS),
        canonical=site.addresses.of_iri(name.value),
        said=name.value.startswith(site.said),
    )


# ------------------------------------------------------------------------------------------------ our ontology


def ontology(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/ns``: the program's own ontology, under its own fixed namespace."""
    name = site.addresses.iris.graph("ontology", "fonds")
    ending = by_ending(exchange.path.partition(".")[2], DOCUMENT_FORMATS)
    if not is_graph(site, name):
        raise Problem(404, said("This dataset does not carry the ontology of fonds."))
    format_ = ending or negotiated(exchange, DOCUMENT_FORMATS)
    body = _terms(site, exchange) if format_ is HTML else _content(site, name, format_)
    shown = Shown(FV.iri.rstrip("#"), format_, DOCUMENT_FORMATS, ending, modified=site.modified(name.value))
    return Answer(200, document_headers(exchange, shown), body)


def _terms(site: Site, exchange: Exchange) -> bytes:
    terms = [term for iri, term in site.terms.by_iri.items() if iri.startswith(FV.iri)]
    return site.page(
        "terms.html",
        exchange.path,
        exchange.query,
        terms=sorted(terms, key=lambda term: (term.kind, term.label.casefold())),
        formats=representations("ns", RDF_FORMATS),
        canonical="ns",
    )


def context(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/ns/context/1.jsonld``: the whole context of our JSON-LD, for other people's documents and frames."""
    exchange.keep = True
    headers: Headers = (
        (b"content-type", JSONLD.content_type.encode()),
        (b"vary", b"Accept-Encoding"),
        # Terms may be added to it and none is changed, so that an old copy is never wrong.
        (b"cache-control", b"public, max-age=604800"),
    )
    return Answer(200, headers, site.context_document)
