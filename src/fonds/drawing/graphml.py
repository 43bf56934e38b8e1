"""A network as GraphML, which programs for networks read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fonds.drawing.svg import element, text

_NAMESPACE = "http://graphml.graphdrawing.org/xmlns"


@dataclass(frozen=True, slots=True)
class Node:
    """Somebody or something: its IRI, what it is called, and its kind."""

    iri: str
    title: str
    kind: str


@dataclass(frozen=True, slots=True)
class Edge:
    """A tie between two nodes, of a kind, so many times."""

    source: str
    target: str
    tie: str
    weight: int


_KEYS = (
    ("title", "node", "string"),
    ("kind", "node", "string"),
    ("tie", "edge", "string"),
    ("weight", "edge", "int"),
)


def graphml(nodes: Iterable[Node], edges: Iterable[Edge]) -> str:
    """Return a network without directions (GraphML Primer 2): nodes are named by their IRIs."""
    keys = (
        element("key", {"id": name, "for": what, "attr.name": name, "attr.type": type_})
        for name, what, type_ in _KEYS
    )
    drawn_nodes = (
        element("node", {"id": each.iri}, _data("title", each.title), _data("kind", each.kind))
        for each in nodes
    )
    drawn_edges = (
        element(
            "edge",
            {"source": each.source, "target": each.target},
            _data("tie", each.tie),
            _data("weight", str(each.weight)),
        )
        for each in edges
    )
    graph = element("graph", {"edgedefault": "undirected"}, *drawn_nodes, *drawn_edges)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{element("graphml", {"xmlns": _NAMESPACE}, *keys, graph)}\n'
    )


def _data(key: str, words: str) -> str:
    return element("data", {"key": key}, text(words))
