"""The stored queries as examples for SPARQL editors, in the convention of the SIB Swiss Institute of Bioinformatics.

Each is a ``sh:SPARQLExecutable`` with its text, its question, its keywords and its endpoint, and all of them share one set of
prefixes (https://github.com/sib-swiss/sparql-examples). A publication has them in the graph ``meta``, and so in the endpoint
itself; ``/.well-known/sparql-examples`` is the same as a document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Triple

from fonds.store import QueryForm
from fonds.store.stored import StoredQuery, declaring
from fonds.vocabulary import DCTERMS, RDF, RDFS, SCHEMA, SH, SPEX, text

ADDRESS = ".well-known/sparql-examples"
"""Behind the base: the document about all of them, of which each has an address of its own."""

_CLASSES: Mapping[QueryForm, tuple[NamedNode, NamedNode]] = {
    QueryForm.SELECT: (SH.SPARQLSelectExecutable, SH.select),
    QueryForm.ASK: (SH.SPARQLAskExecutable, SH.ask),
    QueryForm.CONSTRUCT: (SH.SPARQLConstructExecutable, SH.construct),
    QueryForm.DESCRIBE: (SPEX.SPARQLDescribeExecutable, SPEX.describe),
}
_LANGUAGE = "en"


def examples(queries: Sequence[StoredQuery], base: str, prefixes: Mapping[str, str]) -> Iterator[Triple]:
    """Yield what is stated of the stored queries; nothing where there are none.

    Args:
        queries: Of one publication or dataset.
        base: Under which it stands.
        prefixes: Known to its queries without a declaration.
    """
    if not queries:
        return
    whole = NamedNode(f"{base}{ADDRESS}")
    yield Triple(whole, RDFS.label, text("Prefixes and examples for SPARQL", _LANGUAGE))
    declared = {prefix: NamedNode(f"{base}{ADDRESS}#{prefix}") for prefix in sorted(prefixes)}
    for declaration in declared.values():
        yield Triple(whole, SH.declare, declaration)
    for prefix, declaration in declared.items():
        yield Triple(declaration, RDFS.label, text(prefix))
        yield Triple(declaration, SH["prefix"], Literal(prefix))
        yield Triple(declaration, SH.namespace, text(prefixes[prefix]))
    for query in queries:
        yield from _example(query, base, whole, prefixes)


def _example(
    query: StoredQuery, base: str, whole: NamedNode, prefixes: Mapping[str, str]
) -> Iterator[Triple]:
    it = example_iri(query, base)
    class_, property_ = _CLASSES[query.form]
    yield Triple(it, RDF.type, SH.SPARQLExecutable)
    yield Triple(it, RDF.type, class_)
    yield Triple(it, RDFS.label, text(query.title, _LANGUAGE))
    yield Triple(it, RDFS.comment, text(query.question or query.title, _LANGUAGE))
    yield Triple(it, SH.prefixes, whole)
    # With its declarations, so that a program which looks for the text alone has a whole query.
    yield Triple(it, property_, text(declaring(query.text, prefixes)))
    yield Triple(it, SCHEMA.target, NamedNode(f"{base}sparql"))
    yield Triple(it, DCTERMS.isPartOf, whole)
    for keyword in query.keywords:
        yield Triple(it, SCHEMA.keywords, text(keyword))


def example_iri(query: StoredQuery, base: str) -> NamedNode:
    """Return what a stored query is called in RDF."""
    return NamedNode(f"{base}{ADDRESS}/{quote(query.name, safe='')}")
