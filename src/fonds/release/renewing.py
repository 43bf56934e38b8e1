"""Makes the store of a release out of the one before, where little changed: what is new is put in, what is gone is taken out.

The engine's data files never change once they are written, so the new store shares them with the old one (hard links) and both
stay whole whatever becomes of the other. What a store holds is the same in the end, and is counted like any other; how it lies on
the disk is not, and stands in no digest.
"""

from __future__ import annotations

import gzip
import os
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, Triple, parse

from fonds.descriptions.reading import GRAPH
from fonds.errors import ReleaseError
from fonds.pack import Pack
from fonds.parallel import cores
from fonds.release.dumps import INFERRED
from fonds.release.folder import DATASET, Release, graphs_of, hash_file
from fonds.release.fragments import Fragments, GraphReader, Slice

FEWEST_QUADS = 200_000
"""Smaller stores are filled afresh: that takes a few seconds."""
_MOST_CHANGED_SHARE = 20
"""Where more than one in so many statements changed, the store is filled afresh: that is as quick, and leaves it tidy."""
_MOST_CHANGED = 500_000
_MOST_FILES = 400
"""Data files up to which a store is renewed: each time some small ones come with it, and a query looks into all of them."""

_SHARED = ".sst"


class Change(NamedTuple):
    """Statements, as lines, that one of two sorted sets has and the other has not."""

    removed: list[bytes]
    added: list[bytes]

    def __len__(self) -> int:
        return len(self.removed) + len(self.added)


@dataclass(frozen=True, slots=True)
class Renewed:
    """What is known of a store that was made out of an older one.

    Attributes:
        asserted: Different triples that its public graphs hold.
        before: The release that it was made out of.
        change: The quads that differ; of the graph ``meta`` all are gone.
        kinds: The graphs that changed, or are gone, with the kinds that they had.
    """

    asserted: int
    before: Release
    change: Change
    kinds: Mapping[str, str]


def renew(
    path: Path, before: Release | None, fragments: Fragments, inferred: Path, meta: str
) -> tuple[Store, Renewed] | None:
    """Make a store out of that of the release before; None, and nothing is written, if that is not possible or not worth it.

    The store is open, and the graph ``meta`` is not in it.

    Args:
        path: Where; nothing stands there.
        before: The release before, of the same kind and base and made by the same tools; None: there is none.
        fragments: The graphs that it shall hold, written out.
        inferred: What follows from them (gzip, N-Triples).
        meta: The IRI of the graph that describes the dataset: it is taken out and not put in.
    """
    if before is None or before.manifest.counts.quads < FEWEST_QUADS:
        return None
    most = min(_MOST_CHANGED, before.manifest.counts.quads // _MOST_CHANGED_SHARE)
    try:
        named = _changed_quads(before, fragments, meta, most)
        follows = _difference(_lines(before.dumps / INFERRED), _lines(inferred), most)
    except (ReleaseError, EOFError, zlib.error):
        # A release that is damaged is no reason not to build the next one.
        return None
    if named is None or follows is None or not _share_files(before, path):
        return None
    store = Store(str(path))
    asserted = before.manifest.counts.public + _apply(store, named, follows, fragments)
    return store, Renewed(asserted, before, named.change, named.kinds)


# ------------------------------------------------------------------------------------------------ what changed


class _Named(NamedTuple):
    """Quads that differ.

    Attributes:
        change: All of them.
        public: Of graphs that stand in the default graph.
        gone: Names of graphs that are there no more.
        kinds: The graphs that changed, or are gone, with the kinds that they had.
        was_public: The names of all graphs of the release before, and whether they stood in its default graph.
    """

    change: Change
    public: list[bytes]
    gone: list[str]
    kinds: dict[str, str]
    was_public: dict[str, bool]


def _changed_quads(before: Release, fragments: Fragments, meta: str, most: int) -> _Named | None:
    """Return the quads that differ; None if they are too many, or if a graph became another kind of graph."""
    rows = {each.name: each for each in graphs_of(before)}
    found = _Named(Change([], []), [], [], {}, {each.name: each.public for each in rows.values()})
    pack = Pack(before.places)
    try:
        with GraphReader(before.dumps) as then, GraphReader(fragments.folder) as now:
            for name in sorted({*rows, *fragments.by_name}):
                was, ours = rows.get(name), fragments.by_name.get(name)
                if was and ours and (was.public, was.kind) != (ours.public, ours.kind):
                    return None
                if was and ours and was.sha256 == ours.sha256:
                    continue
                old = _flat(then, _place(pack, name) if was else None)
                change = _difference(old, _flat(now, ours.quads if ours else None), most)
                # The description of the dataset is always another one, and is no change of the data.
                most -= len(change) if change and name != meta else 0
                if change is None or most < 0:
                    return None
                if was:
                    found.kinds[name] = was.kind
                found.change.removed.extend(change.removed)
                found.change.added.extend(change.added)
                if ours.public if ours else was and was.public:
                    found.public.extend((*change.removed, *change.added))
                if ours is None:
                    found.gone.append(name)
    finally:
        pack.close()
    return found


def _place(pack: Pack, name: str) -> Slice:
    """Return where a graph stands in the dump of everything.

    Raises:
        ReleaseError: The release does not say so.
    """
    place = pack.get(b"<%b>" % name.encode())
    if place is None:
        raise ReleaseError(f"{pack.path}: does not say where the graph {name} stands; build with `--force`")
    start, size, _ = GRAPH.unpack(place)
    return Slice(DATASET, start, size)


def _flat(reader: GraphReader, piece: Slice | None) -> Iterator[bytes]:
    if piece is not None:
        for block in reader.blocks(piece):
            yield from block


def _lines(path: Path) -> Iterator[bytes]:
    with gzip.open(path) as file:
        yield from file


def _difference(old: Iterator[bytes], new: Iterator[bytes], most: int) -> Change | None:
    """Return what two sorted sets of lines do not have in common; None if that is more than a number."""
    change = Change([], [])
    left, right = next(old, None), next(new, None)
    while left is not None or right is not None:
        if left == right:
            left, right = next(old, None), next(new, None)
            continue
        if right is None or (left is not None and left < right):
            change.removed.append(left or b"")
            left = next(old, None)
        else:
            change.added.append(right)
            right = next(new, None)
        if len(change) > most:
            return None
    return change


# ------------------------------------------------------------------------------------------------ the store


def _share_files(before: Release, path: Path) -> bool:
    """Give a new store the files of an old one; tell whether they are as they were written."""
    names = sorted(each.name for each in before.store.iterdir())
    if sum(name.endswith(_SHARED) for name in names) > _MOST_FILES:
        return False
    with ThreadPoolExecutor(cores()) as threads:
        hashes = threads.map(hash_file, (before.store / name for name in names))
        files = before.manifest.files
        if any(files[f"store/{name}"].sha256 != found for name, found in zip(names, hashes, strict=True)):
            return False
    path.mkdir()
    for name in names:
        if name.endswith(_SHARED):
            _link(before.store / name, path / name)
        else:
            shutil.copyfile(before.store / name, path / name)
    return True


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        # Not every file system has hard links.
        shutil.copyfile(source, target)


def _apply(store: Store, named: _Named, follows: Change, fragments: Fragments) -> int:
    """Change a store; return by how much the number of different triples of its public graphs changed."""
    lost, won = ({quad.triple for quad in _quads(lines, RdfFormat.N_TRIPLES)} for lines in follows)
    # All that may have to come into the default graph, or to leave it. What was inferred and still is is not among it, since
    # no public graph held it or holds it now.
    touched = {quad.triple for quad in _quads(named.public)} | lost | won
    default = {triple for triple in touched if _in_default(triple) in store}
    before = sum(_is_asserted(store, triple, named.was_public.__getitem__) for triple in default)
    for quad in _quads(named.change.removed):
        store.remove(quad)
    for name in named.gone:
        # The engine keeps the names of graphs beside their quads.
        store.remove_graph(NamedNode(name))
    store.extend(_quads(named.change.added))
    asserted = {triple for triple in touched if _is_asserted(store, triple, _is_public(fragments))}
    wanted = asserted | won
    for triple in default - wanted:
        store.remove(_in_default(triple))
    store.extend(_in_default(triple) for triple in wanted - default)
    return len(asserted) - before


def _is_public(fragments: Fragments) -> Callable[[str], bool]:
    return lambda name: fragments.by_name[name].public


def _in_default(triple: Triple) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, DefaultGraph())


def _quads(lines: Iterable[bytes], format: RdfFormat = RdfFormat.N_QUADS) -> list[Quad]:
    return list(parse(b"".join(lines), format=format))


def _is_asserted(store: Store, triple: Triple, is_public: Callable[[str], bool]) -> bool:
    """Tell whether a public graph holds a triple."""
    for quad in store.quads_for_pattern(triple.subject, triple.predicate, triple.object, None):
        if not isinstance(quad.graph_name, DefaultGraph) and is_public(quad.graph_name.value):
            return True
    return False
