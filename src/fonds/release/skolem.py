"""Blank nodes become identifiers (RDF 1.1 Concepts 3.5), the same ones whenever the same content comes again.

Blank nodes that are linked through other blank nodes form a group. A group's identifiers follow from its content alone, so
that a change touches one group and no other. Within a group each node gets a *colour*: a hash of what is said of it. Colours
are made from the leaves upwards, then from the roots downwards, then from the neighbours until nothing changes; nodes that
still look alike are told apart by choosing one and going on, and of all choices the one with the smallest result counts.
The work for a group is bounded by its size, since graphs exist for which every exact method takes for ever; beyond that
bound the order in the file decides, and identifiers are still correct but not stable.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|<[^<>]*>|(_:[^\s()]+)')
"""Literals and IRIs, which are passed over, and blank node labels, which are found."""

_SELF = b"\1"
_OTHER = b"\2"
_STEPS_PER_LINK = 60
"""How often a link between two nodes may be looked at before the order in the file decides."""

Colours = dict[bytes, bytes]


def labels_in(line: bytes) -> list[bytes]:
    """Return the blank node labels of a line of N-Quads, in their order, with ``_:``.

    >>> labels_in(b'_:a <p:> "_:no" _:g .')
    [b'_:a', b'_:g']
    """
    return [found[1] for found in _TOKEN.finditer(line) if found[1]]


class _Statement(NamedTuple):
    """A line with blank nodes: what stands between them, and the nodes."""

    pieces: tuple[bytes, ...]
    nodes: tuple[bytes, ...]

    def written(self, names: Mapping[bytes, bytes]) -> bytes:
        """Return the line with other names for its nodes."""
        line = [self.pieces[0]]
        for node, piece in zip(self.nodes, self.pieces[1:], strict=True):
            line += [names[node], piece]
        return b"".join(line)

    def seen_from(self, node: bytes, colours: Mapping[bytes, bytes]) -> bytes:
        """Return the line as one of its nodes sees it: itself marked, the others by their colours."""
        line = [self.pieces[0]]
        for each, piece in zip(self.nodes, self.pieces[1:], strict=True):
            line += [_SELF if each == node else colours.get(each, _OTHER), piece]
        return b"".join(line)


class BlankStatements:
    """Collects lines with blank nodes; a label means one node within its scope (a file) and no other beyond it."""

    def __init__(self) -> None:
        self._statements: list[_Statement] = []
        self._nodes: dict[bytes, bytes] = {}
        self._pieces: dict[bytes, bytes] = {}

    def add(self, scope: int, line: bytes) -> None:
        """Take a line of N-Quads that has a blank node."""
        pieces, nodes, end = [], [], 0
        for found in _TOKEN.finditer(line):
            if found[1]:
                pieces.append(line[end : found.start()])
                node = b"%d%b" % (scope, found[1])
                nodes.append(self._nodes.setdefault(node, node))
                end = found.end()
        pieces.append(line[end:])
        # Most lines share their pieces with others: ` <predicate> `, ` .`.
        shared = tuple(self._pieces.setdefault(piece, piece) for piece in pieces)
        self._statements.append(_Statement(shared, tuple(nodes)))

    def skolemised(self, prefix: str) -> Iterator[bytes]:
        """Yield the lines with identifiers for their blank nodes.

        Args:
            prefix: What stands before the hash: ``{base}.well-known/genid/``.
        """
        copies: dict[bytes, int] = defaultdict(int)
        for group in _groups(dict.fromkeys(self._statements)):
            labelled = _label(group)
            copies[labelled.form] += 1
            salt = labelled.form + copies[labelled.form].to_bytes(8, "big")
            names = {
                node: f"<{prefix}{_hash(salt, place).hex()}>".encode()
                for node, place in labelled.places.items()
            }
            for statement in group:
                yield statement.written(names)


def _groups(statements: Collection[_Statement]) -> Iterator[list[_Statement]]:
    """Yield the statements of each group of nodes that hang together, in the order of first appearance."""
    above: dict[bytes, bytes] = {}
    for statement in statements:
        first = _root(above, statement.nodes[0])
        for label in statement.nodes[1:]:
            other = _root(above, label)
            if other != first:
                above[other] = first
    groups: dict[bytes, list[_Statement]] = defaultdict(list)
    for statement in statements:
        groups[_root(above, statement.nodes[0])].append(statement)
    yield from groups.values()


def _root(above: dict[bytes, bytes], node: bytes) -> bytes:
    root = node
    while (next_above := above.setdefault(root, root)) != root:
        root = next_above
    while (next_above := above[node]) != root:
        above[node], node = root, next_above
    return root


class _Labelled(NamedTuple):
    """A part of a group: what it looks like, whatever its labels, and a place for each of its nodes."""

    form: bytes
    places: Colours


@dataclass(slots=True)
class _Work:
    """How many links may still be looked at."""

    left: int


def _label(group: list[_Statement]) -> _Labelled:
    nodes = {label for statement in group for label in statement.nodes}
    if len(nodes) == 1:
        (node,) = nodes
        form = _hash(*sorted({statement.seen_from(node, {}) for statement in group}))
        return _Labelled(form, {node: b""})
    links = _links(group)
    work = _Work(_STEPS_PER_LINK * (sum(map(len, links.values())) + 10))
    colours = {node: _hash(*sorted({each.seen_from(node, {}) for each in links[node]})) for node in links}
    colours = _up_and_down(links, colours)
    inner = _tell_apart(list(links), links, colours, work)
    # The written group is what identifies it: equal forms are equal content.
    form = _hash(*sorted({statement.written(inner.places) for statement in group}))
    return _Labelled(form, inner.places)


Links = Mapping[bytes, list[_Statement]]


def _links(group: Iterable[_Statement]) -> dict[bytes, list[_Statement]]:
    links: dict[bytes, list[_Statement]] = {}
    for statement in group:
        for label in dict.fromkeys(statement.nodes):
            links.setdefault(label, []).append(statement)
    return links


def _up_and_down(links: Links, colours: Colours) -> Colours:
    """Colour each node by those it points to, from the leaves upwards, then by those that point to it, downwards.

    One look at each link is enough for whatever has no circle; nodes on circles, and those behind them, keep their colours.
    """
    below: dict[bytes, list[bytes]] = {node: [] for node in links}
    above: dict[bytes, list[bytes]] = {node: [] for node in links}
    for first, other in _arrows(links):
        below[first].append(other)
        above[other].append(first)
    colours = _pass(links, colours, below, above, outgoing=True)
    return _pass(links, colours, above, below, outgoing=False)


def _arrows(links: Links) -> Iterator[tuple[bytes, bytes]]:
    for node, statements in links.items():
        for statement in statements:
            if statement.nodes[0] == node:
                yield from ((node, other) for other in statement.nodes[1:])


def _pass(
    links: Links,
    colours: Colours,
    before: Mapping[bytes, list[bytes]],
    after: Mapping[bytes, list[bytes]],
    *,
    outgoing: bool,
) -> Colours:
    """Colour nodes in an order in which each comes after those it depends on."""
    new: Colours = {}
    waits = {node: len(others) for node, others in before.items()}
    ready = [node for node, number in waits.items() if not number]
    while ready:
        node = ready.pop()
        seen = {each.seen_from(node, new) for each in links[node] if (each.nodes[0] == node) is outgoing}
        new[node] = _hash(colours[node], *sorted(seen))
        for other in after[node]:
            waits[other] -= 1
            if not waits[other]:
                ready.append(other)
    return colours | new


def _refine(nodes: Sequence[bytes], links: Links, colours: Colours, work: _Work) -> None:
    """Colour nodes by their neighbours until no more differ."""
    differing = len({colours[node] for node in nodes})
    while differing < len(nodes) and work.left > 0:
        new = {}
        for node in nodes:
            work.left -= len(links[node])
            new[node] = _hash(colours[node], *sorted(each.seen_from(node, colours) for each in links[node]))
        found = len(set(new.values()))
        if found == differing:
            return
        colours |= new
        differing = found


def _tell_apart(nodes: list[bytes], links: Links, colours: Colours, work: _Work) -> _Labelled:
    """Give each of some nodes that hang together a place of its own; their colours change."""
    _refine(nodes, links, colours, work)
    alike: dict[bytes, list[bytes]] = defaultdict(list)
    for node in nodes:
        alike[colours[node]].append(node)
    places = {each[0]: colour for colour, each in alike.items() if len(each) == 1}
    parts = []
    for part in _parts([node for node in nodes if node not in places], links):
        own = {node: colours[node] for node in part}
        if len(set(own.values())) == len(part):
            parts.append(_Labelled(_hash(*sorted(own.values())), own))
        elif len(part) < len(nodes):
            parts.append(_tell_apart(part, links, colours, work))
        else:
            parts.append(_choose(part, links, colours, work))
    return _join(places, parts)


def _join(places: Colours, parts: list[_Labelled]) -> _Labelled:
    """Put places together; parts that look the same can change places, so that their order does not matter."""
    copies: dict[bytes, int] = defaultdict(int)
    for part in parts:
        copies[part.form] += 1
        salt = part.form + copies[part.form].to_bytes(8, "big")
        places |= {node: _hash(salt, place) for node, place in part.places.items()}
    return _Labelled(_hash(*sorted(places.values())), places)


def _choose(nodes: list[bytes], links: Links, colours: Colours, work: _Work) -> _Labelled:
    """Tell nodes apart that all have a double: mark one of those that look the same, and see what follows."""
    before = {node: colours[node] for node in nodes}
    alike: dict[bytes, list[bytes]] = defaultdict(list)
    for node, colour in before.items():
        alike[colour].append(node)
    _, _, candidates = min((len(each), colour, each) for colour, each in alike.items() if len(each) > 1)
    best: _Labelled | None = None
    for candidate in candidates:
        if work.left <= 0:
            break
        colours |= before
        colours[candidate] = _hash(colours[candidate], _SELF)
        result = _tell_apart(nodes, links, colours, work)
        best = result if best is None or result.form < best.form else best
    if best is None:
        best = _Labelled(b"", {node: index.to_bytes(8, "big") for index, node in enumerate(nodes)})
    return best


def _parts(nodes: Sequence[bytes], links: Links) -> Iterator[list[bytes]]:
    """Yield the nodes that hang together without going through any others."""
    left = dict.fromkeys(nodes)
    while left:
        start, _ = left.popitem()
        part, front = [start], [start]
        while front:
            for statement in links[front.pop()]:
                for label in statement.nodes:
                    if label in left:
                        del left[label]
                        part.append(label)
                        front.append(label)
        yield part


def _hash(*parts: bytes) -> bytes:
    joined = blake2b(digest_size=16)
    for part in parts:
        joined.update(len(part).to_bytes(4, "big") + part)
    return joined.digest()
