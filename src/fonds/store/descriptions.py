"""What is said of one thing, and no more of it than fits into a document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from pyoxigraph import DefaultGraph, NamedNode, Quad, QuerySolution, Store, Triple

from fonds.identifiers import IriSpace
from fonds.vocabulary import DCTERMS, FOAF, RDF, RDFS, SKOS

Rows = Callable[..., Iterator[QuerySolution]]
"""Runs one of our own queries, ``rows(name, variable=term)``, and gives its rows as they are found."""

_STATEMENTS = 2_000
"""Statements about a thing that stand in other graphs than its own."""
_GRAPH_TRIPLES = 20_000
"""A record whose graphs hold more is described like any other thing; its graphs are documents of their own."""
_NAMED = 1_000
"""Things pointed to whose names are given."""
_READ = 20_000
"""Quads that are looked at for statements: one triple may stand in ever so many graphs."""

_NAMES = (RDF.type, RDFS.label, SKOS.prefLabel)
_NAMES_IN_DATASETS = (
    *_NAMES,
    DCTERMS.title,
    FOAF.name,
    NamedNode("http://purl.org/dc/elements/1.1/title"),
    NamedNode("https://schema.org/name"),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a store is read for descriptions.

    Attributes:
        store: The engine.
        rows: Runs one of our own queries.
        iris: Of a publication, where what is asserted stands in named graphs; None for a dataset.
        links: Statements that point to a thing, at most.
        graph: The only graph that there is; None where there are several.
        names: The properties that name things, its types among them, as far as the store has them.
    """

    store: Store
    rows: Rows
    iris: IriSpace | None
    links: int
    graph: DefaultGraph | None
    names: tuple[NamedNode, ...]


def reading(store: Store, rows: Rows, iris: IriSpace | None, links: int) -> Reading:
    """Return how to read a store, which stays as it is."""
    names = _NAMES if iris else _NAMES_IN_DATASETS
    used = tuple(each for each in names if next(store.quads_for_pattern(None, each, None, None), None))
    graph = DefaultGraph() if next(store.named_graphs(), None) is None else None
    return Reading(store, rows, iris, links, graph, used)


def describe(iri: NamedNode, reading: Reading) -> list[Quad]:
    """Return the description of a thing, itself first; empty where nothing is said of it."""
    own = (*_few(_statements(iri, reading), _STATEMENTS), *_own_graphs(iri, reading))
    links = _few(_links(iri, reading), reading.links)
    described = {quad.subject for quad in own}
    pointed_to = dict.fromkeys(
        quad.object for quad in own if isinstance(quad.object, NamedNode) and quad.object not in described
    )
    names = (name for thing in islice(pointed_to, _NAMED) for name in _names(thing, reading))
    return list(dict.fromkeys((*own, *links, *names)))


def is_known(iri: NamedNode, reading: Reading) -> bool:
    """Tell whether a thing is the subject of a statement."""
    return next(_statements(iri, reading), None) is not None


def _few(quads: Iterable[Quad], most: int) -> list[Quad]:
    """Return the first quads, so many different triples at most; the engine looks for no more than that."""
    found: dict[Quad, None] = {}
    triples: set[Triple] = set()
    for quad in islice(quads, _READ):
        triple = quad.triple
        if triple not in triples:
            if len(triples) == most:
                break
            triples.add(triple)
        found[quad] = None
    return list(found)


def _statements(iri: NamedNode, reading: Reading) -> Iterator[Quad]:
    if reading.iris is None:
        return reading.store.quads_for_pattern(iri, None, None, reading.graph)
    # Not by a pattern of the store, which begins with the default graph: ever so many inferred triples may stand there.
    rows = reading.rows("description", iri=iri)
    return _asserted((Quad(iri, row["property"], row["value"], row["graph"]) for row in rows), reading)


def _links(iri: NamedNode, reading: Reading) -> Iterator[Quad]:
    if reading.iris is None:
        return reading.store.quads_for_pattern(None, None, iri, reading.graph)
    rows = reading.rows("description-links", iri=iri)
    return _asserted((Quad(row["subject"], row["property"], iri, row["graph"]) for row in rows), reading)


def _names(iri: NamedNode, reading: Reading) -> Iterator[Quad]:
    """Yield the types and labels of a thing."""
    for name in reading.names:
        yield from _asserted(reading.store.quads_for_pattern(iri, name, None, reading.graph), reading)


def _own_graphs(iri: NamedNode, reading: Reading) -> list[Quad]:
    """Return the graphs that are about a thing as a whole, nothing if they are large."""
    graphs = reading.iris.graphs_of(iri.value) if reading.iris else ()
    quads = (quad for graph in graphs for quad in reading.store.quads_for_pattern(None, None, None, graph))
    found = list(islice(quads, _GRAPH_TRIPLES + 1))
    return found if len(found) <= _GRAPH_TRIPLES else []


def _asserted(quads: Iterable[Quad], reading: Reading) -> Iterator[Quad]:
    """Yield the quads that are asserted: in a publication, what is inferred stands in no named graph.

    What somebody is only reported to have said stands in graphs ``said/…``.
    """
    if reading.iris is None:
        yield from quads
        return
    said = reading.iris.graph("said", "").value
    for quad in quads:
        graph = quad.graph_name
        if not isinstance(graph, DefaultGraph) and not graph.value.startswith(said):
            yield quad
