"""Makes the store of a release out of the one before, where little changed: what is new is put in, what is gone is taken out.

The engine's data files never change once they are written, so the new store shares them with the old one (hard links) and both
stay whole whatever becomes of the other. What a store holds is the same in the end, and is counted like any other; how it lies on
the disk is not, and stands in no digest.
"""

from __future__ import annotations

import gzip
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, Triple, parse

from fonds.parallel import cores
from fonds.release.differences import Change, Since, difference
from fonds.release.dumps import INFERRED
from fonds.release.folder import Release, hash_file, is_whole
from fonds.release.fragments import Fragments
from fonds.release.staging import share

FEWEST_QUADS = 200_000
"""Smaller stores are filled afresh: that takes a few seconds."""
_MOST_CHANGED_SHARE = 20
"""Where more than one in so many statements changed, the store is filled afresh: that is as quick, and leaves it tidy."""
_MOST_CHANGED = 500_000
_MOST_FILES = 400
"""Data files up to which a store is renewed: each time some small ones come with it, and a query looks into all of them."""

_SHARED = ".sst"


@dataclass(frozen=True, slots=True)
class Renewed:
    """What is known of a store that was made out of an older one.

    Attributes:
        asserted: Different triples that its public graphs hold.
        since: What differs from the older one.
    """

    asserted: int
    since: Since


def most_changed(before: Release) -> int:
    """Return how many statements may differ from a release for its store to be worth renewing."""
    return min(_MOST_CHANGED, before.manifest.counts.quads // _MOST_CHANGED_SHARE)


def renew(
    path: Path, since: Since | None, fragments: Fragments, inferred: Path
) -> tuple[Store, Renewed] | None:
    """Make a store out of that of the release before; None, and nothing is written, if that is not possible or not worth it.

    The store is open, and the graph ``meta`` is not in it.

    Args:
        path: Where; nothing stands there.
        since: What differs from the release before; None: there is none, or too much differs.
        fragments: The graphs that it shall hold, written out.
        inferred: What follows from them (gzip, N-Triples).
    """
    if since is None or since.before.manifest.counts.quads < FEWEST_QUADS:
        return None
    try:
        follows = _following(since.before, inferred)
    except (EOFError, zlib.error):
        # A release that is damaged is no reason not to build the next one.
        return None
    if follows is None or not _share_files(since.before, path):
        return None
    store = Store(str(path))
    asserted = since.before.manifest.counts.public + _apply(store, since, follows, fragments)
    return store, Renewed(asserted, since)


def _following(before: Release, inferred: Path) -> Change | None:
    """Return what follows now and did not, or did and does not; None if it is too much."""
    if before.manifest.files[f"dumps/{INFERRED}"].sha256 == hash_file(inferred):
        return Change([], [])
    return difference(_lines(before.dumps / INFERRED), _lines(inferred), most_changed(before))


def _lines(path: Path) -> Iterator[bytes]:
    with gzip.open(path) as file:
        yield from file


# ------------------------------------------------------------------------------------------------ the store


def _share_files(before: Release, path: Path) -> bool:
    """Give a new store the files of an old one; tell whether they are as they were written."""
    names = sorted(each.name for each in before.store.iterdir())
    if sum(name.endswith(_SHARED) for name in names) > _MOST_FILES:
        return False
    with ThreadPoolExecutor(cores()) as threads:
        if not all(threads.map(partial(is_whole, before), (f"store/{name}" for name in names))):
            return False
    path.mkdir()
    for name in names:
        if name.endswith(_SHARED):
            share(before.store / name, path / name)
        else:
            shutil.copyfile(before.store / name, path / name)
    return True


def _apply(store: Store, since: Since, follows: Change, fragments: Fragments) -> int:
    """Change a store; return by how much the number of different triples of its public graphs changed."""
    lost, won = ({quad.triple for quad in _quads(lines, RdfFormat.N_TRIPLES)} for lines in follows)
    # All that may have to come into the default graph, or to leave it. What was inferred and still is is not among it, since
    # no public graph held it or holds it now.
    touched = {quad.triple for quad in _quads(since.public)} | lost | won
    default = {triple for triple in touched if _in_default(triple) in store}
    before = sum(_is_asserted(store, triple, since.was_public.__getitem__) for triple in default)
    for quad in _quads(since.change.removed):
        store.remove(quad)
    for name in since.gone:
        # The engine keeps the names of graphs beside their quads.
        store.remove_graph(NamedNode(name))
    store.extend(_quads(since.change.added))
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
