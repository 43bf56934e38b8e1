"""What differs between the graphs of a build and those of the release before: statement by statement, where a graph is another one."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import NamedTuple

from fonds.errors import ReleaseError
from fonds.pack import Pack
from fonds.release.comparing import lines_at, place_of, statements
from fonds.release.folder import Release, graphs_of, side_by_side
from fonds.release.fragments import Fragments, GraphReader


class Change(NamedTuple):
    """Statements, as lines, that one of two sorted sets has and the other has not."""

    removed: list[bytes]
    added: list[bytes]

    def __len__(self) -> int:
        return len(self.removed) + len(self.added)


class Since(NamedTuple):
    """What differs from the release before.

    Attributes:
        before: The release before.
        change: All quads that differ; of the graph ``meta``, which is made later, all are gone.
        public: Those of graphs that stand in the default graph.
        gone: Names of graphs that are there no more.
        kinds: The graphs that changed, or are gone, with the kinds that they had.
        was_public: The names of all graphs of the release before, and whether they stood in its default graph.
    """

    before: Release
    change: Change
    public: list[bytes]
    gone: list[str]
    kinds: dict[str, str]
    was_public: dict[str, bool]


def changes_since(before: Release, fragments: Fragments, meta: str, most: int) -> Since | None:
    """Return what differs from the release before; None if it is too much, if a graph became one of another kind, or if that release
    is damaged.

    Args:
        before: The release before, of the same kind and base and made by the same tools.
        fragments: The graphs as they are now, written out.
        meta: The IRI of the graph that describes the dataset: it is always another one, and does not count.
        most: How many quads may differ.
    """
    try:
        return _since(before, fragments, meta, most)
    except (ReleaseError, zlib.error):
        # That is no reason not to build the next one.
        return None


def _since(before: Release, fragments: Fragments, meta: str, most: int) -> Since | None:
    rows = list(graphs_of(before))
    found = Since(before, Change([], []), [], [], {}, {each.name: each.public for each in rows})
    pack = Pack(before.places)
    try:
        with GraphReader(before.dumps) as then, GraphReader(fragments.folder) as now:
            for was, ours in side_by_side(rows, fragments):
                graph = ours or was
                assert graph is not None
                name = graph.name
                if was and ours and (was.public, was.kind) != (ours.public, ours.kind):
                    return None
                if was and ours and was.sha256 == ours.sha256:
                    continue
                old = lines_at(then, place_of(pack, name) if was else None)
                change = difference(old, lines_at(now, ours.quads if ours else None), most)
                # The description of the dataset is always another one, and is no change of the data.
                most -= len(change) if change and name != meta else 0
                if change is None or most < 0:
                    return None
                if was:
                    found.kinds[name] = was.kind
                found.change.removed.extend(change.removed)
                found.change.added.extend(change.added)
                if graph.public:
                    found.public.extend((*change.removed, *change.added))
                if ours is None:
                    found.gone.append(name)
    finally:
        pack.close()
    return found


def difference(old: Iterator[bytes], new: Iterator[bytes], most: int) -> Change | None:
    """Return what two sorted sets of lines do not have in common; None if that is more than a number."""
    change = Change([], [])
    for number, (added, line) in enumerate(statements(old, new), start=1):
        if number > most:
            return None
        (change.added if added else change.removed).append(line)
    return change
