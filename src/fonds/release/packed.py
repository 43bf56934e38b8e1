"""A description ready to be put into a release: what can be done of it alone is done, in whatever process."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from fonds.errors import Fault
from fonds.lines import has_blank_node
from fonds.mapping.description import Description, GraphKind, NamedGraph
from fonds.release.fragments import PackedGraph, pack_graph
from fonds.turtle import TurtleWriter


class Part(msgspec.Struct, frozen=True, array_like=True):
    """What one thing adds to a graph that comes in parts: sorted lines of N-Triples."""

    name: str
    kind: GraphKind
    lines: bytes


class Mapped(msgspec.Struct, frozen=True, array_like=True):
    """What one thing is in a release."""

    subject: str
    """Its IRI."""
    kinds: frozenset[GraphKind]
    """Of its graphs."""
    graphs: tuple[PackedGraph, ...]
    """Those that are its own."""
    parts: tuple[Part, ...]
    """What it adds to others."""
    faults: tuple[Fault, ...] = ()
    """Why it cannot be published."""


def pack_description(
    description: Description, writer: TurtleWriter, faults: tuple[Fault, ...] = ()
) -> Mapped:
    """Return a description ready to be put into a release."""
    graphs: list[PackedGraph] = []
    parts: list[Part] = []
    found = list(faults)
    for graph in description.graphs:
        lines = graph.lines
        if fault := blank_node_in(graph, lines):
            found.append(fault)
        elif graph.derived:
            parts.append(Part(graph.name.value, graph.kind, b"".join(lines)))
        elif lines:
            name, kind = graph.name.value, graph.kind
            graphs.append(pack_graph(name, kind, lines, public=graph.public, derived=False, writer=writer))
    kinds = frozenset(graph.kind for graph in description.graphs)
    return Mapped(description.subject.value, kinds, tuple(graphs), tuple(parts), tuple(found))


def blank_node_in(graph: NamedGraph, lines: Iterable[bytes]) -> Fault | None:
    """Return the fault of a graph that has a blank node."""
    for line in lines:
        if has_blank_node(line):
            shown = line.decode().strip()
            message = f"holds a blank node; give it an identifier of its own: {shown:.200}"
            return Fault(graph.name.value, 0, 0, message)
    return None
