"""What differs between two releases: statement by statement, and thing by thing.

Releases never change, so their differences are facts. Graphs of one hash are passed over; what is read is what changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from fonds.descriptions.reading import GRAPH
from fonds.errors import ReleaseError
from fonds.lines import DEFAULT
from fonds.mapping.description import GraphKind
from fonds.pack import Pack
from fonds.release.folder import DATASET, Graph, Release, graphs_of, side_by_side
from fonds.release.fragments import GraphReader, Slice

_OWN_LENGTH = 2
"""Parts of the path of a thing's IRI behind ``id/``: its kind and its key. What is longer is a part of the thing."""

_DERIVED = frozenset({GraphKind.META, GraphKind.PROVENANCE})

Fate = Literal["created", "changed", "withdrawn"]


class Statement(NamedTuple):
    """A statement that one of two releases has and the other has not.

    Attributes:
        added: Whether the later one has it.
        line: Canonical N-Quads, or N-Triples of the default graph of a dataset.
    """

    added: bool
    line: bytes


class ChangedGraph(NamedTuple):
    """A graph that is not the same in two releases.

    Attributes:
        before: As it was; None: it is new.
        now: As it is; None: it is gone.
        statements: What differs, sorted; read them before the next graph is asked for.
    """

    before: Graph | None
    now: Graph | None
    statements: Iterator[Statement]

    @property
    def graph(self) -> Graph:
        """The graph as it is, or as it was where it is gone."""
        graph = self.now or self.before
        assert graph is not None
        return graph


@dataclass(slots=True)
class ChangedThing:
    """A thing of which not the same is stated in two releases.

    Attributes:
        iri: Whose.
        fate: What became of it.
        added: Statements that are new, of the thing and its parts.
        removed: Statements that are gone.
    """

    iri: str
    fate: Fate = "changed"
    added: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two releases, thing by thing.

    Attributes:
        before: The name of the earlier one.
        now: The name of the later one.
        things: What changed in public, by IRI; not the description of the dataset, which changes every time.
        graphs: Graphs that are not the same, public or not.
        added: Statements of these graphs that are new.
        removed: Statements of these graphs that are gone.
    """

    before: str
    now: str
    things: Sequence[ChangedThing] = ()
    graphs: int = 0
    added: int = 0
    removed: int = 0


def changed_graphs(before: Release, now: Release) -> Iterator[ChangedGraph]:
    """Yield the graphs that are not the same in two releases, by their IRIs.

    Graphs whose statements are the same but whose kind is another, or which became public, are among them, with no statement.

    Raises:
        ReleaseError: The releases have different bases, so that no thing of the one is in the other; or one is damaged.
    """
    if before.manifest.base != now.manifest.base:
        raise ReleaseError(
            f"{before.manifest.name} stands under {before.manifest.base} and {now.manifest.name} under {now.manifest.base}: "
            "no identifier of the one is in the other; build both with the same base"
        )
    with GraphReader(before.dumps) as then, GraphReader(now.dumps) as later:
        for old, new in side_by_side(_placed(before), _placed(now)):
            was, is_ = old and old.graph, new and new.graph
            if was and is_ and was._replace(triples=0) == is_._replace(triples=0):
                continue
            same = was is not None and is_ is not None and was.sha256 == is_.sha256
            differing = statements(lines_at(then, old and old.place), lines_at(later, new and new.place))
            yield ChangedGraph(was, is_, iter(()) if same else differing)


def compare(before: Release, now: Release) -> Comparison:
    """Return what differs between two releases, thing by thing.

    Memory holds a few numbers for each thing that changed.

    Raises:
        ReleaseError: As :func:`changed_graphs` says.
    """
    things: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    graphs = added = removed = 0
    base = now.manifest.base
    for changed in changed_graphs(before, now):
        graph = changed.graph
        graphs += 1
        is_counted = counts(graph)
        for statement in changed.statements:
            added += statement.added
            removed += not statement.added
            if is_counted and (thing := thing_of(statement.line, base)):
                things[statement.added][thing] += 1
    return Comparison(
        before.manifest.name,
        now.manifest.name,
        tuple(_things(things[True], things[False], before, now)),
        graphs,
        added,
        removed,
    )


def counts(graph: Graph) -> bool:
    """Tell whether what a graph states is stated of things in public, and does not follow from other graphs."""
    return (graph.public or graph.kind == GraphKind.DATA) and graph.kind not in _DERIVED


def thing_of(line: bytes, base: str) -> str | None:
    """Return the IRI of the thing of which a line states something: a part of a thing of ours stands for the thing.

    >>> thing_of(b'<http://a.example/id/record/letter/note/1> <p:> <o:> .\\n', "http://a.example/")
    'http://a.example/id/record/letter'
    >>> thing_of(b'_:b <p:> <o:> .\\n', "http://a.example/") is None
    True
    """
    subject = line.split(b" ", 1)[0]
    if not subject.startswith(b"<") or subject.startswith(b"<<"):
        return None
    iri = subject[1:-1].decode()
    ours = f"{base}id/"
    if not iri.startswith(ours):
        return iri
    return ours + "/".join(iri.removeprefix(ours).partition("#")[0].split("/")[:_OWN_LENGTH])


def _things(
    added: Counter[str], removed: Counter[str], before: Release, now: Release
) -> Iterator[ChangedThing]:
    was, is_ = Pack(before.descriptions), Pack(now.descriptions)
    try:
        for iri in sorted(added | removed):
            name = b"<%b>" % iri.encode()
            fate: Fate = (
                "created" if was.get(name) is None else "withdrawn" if is_.get(name) is None else "changed"
            )
            yield ChangedThing(iri, fate, added[iri], removed[iri])
    finally:
        was.close()
        is_.close()


class _Placed(NamedTuple):
    """A graph, and where it stands in the dump of everything."""

    graph: Graph
    place: Slice

    @property
    def name(self) -> str:
        return self.graph.name

    @property
    def sha256(self) -> str:
        return self.graph.sha256


def _placed(release: Release) -> Iterator[_Placed]:
    """Yield the graphs of a release with where each stands in the dump of everything, by their IRIs.

    They stand there in this order, so that the default graph of a dataset, which the pack of places does not have, fills what is
    left between two others.
    """
    pack = Pack(release.places)
    try:
        end = 0
        waiting: Graph | None = None
        for graph in graphs_of(release):
            if graph.name == DEFAULT:
                waiting = graph
                continue
            place = place_of(pack, graph.name)
            if waiting:
                yield _Placed(waiting, Slice(DATASET, end, place.start - end))
                waiting = None
            yield _Placed(graph, place)
            end = place.start + place.size
        if waiting:
            yield _Placed(waiting, Slice(DATASET, end, release.dataset.stat().st_size - end))
    finally:
        pack.close()


def place_of(places: Pack, name: str) -> Slice:
    """Return where a named graph stands in the dump of everything.

    Raises:
        ReleaseError: The release does not say so.
    """
    place = places.get(b"<%b>" % name.encode())
    if place is None:
        raise ReleaseError(f"{places.path}: does not say where the graph {name} stands; build with `--force`")
    start, size, _ = GRAPH.unpack(place)
    return Slice(DATASET, start, size)


def lines_at(reader: GraphReader, piece: Slice | None) -> Iterator[bytes]:
    """Yield the lines of a graph one by one; none where there is no graph."""
    if piece is not None:
        for block in reader.blocks(piece):
            yield from block


def statements(old: Iterator[bytes], new: Iterator[bytes]) -> Iterator[Statement]:
    """Yield what two sorted sets of lines do not have in common."""
    left, right = next(old, None), next(new, None)
    while left is not None or right is not None:
        if left == right:
            left, right = next(old, None), next(new, None)
        elif right is None or (left is not None and left < right):
            yield Statement(False, left or b"")
            left = next(old, None)
        else:
            yield Statement(True, right)
            right = next(new, None)
