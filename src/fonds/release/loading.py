"""Fills the store of a release and counts what is in it."""

from __future__ import annotations

import gzip
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import DefaultGraph, QuerySolutions, RdfFormat, Store

from fonds.errors import BuildError, Fault
from fonds.memory import give_back

_CHUNK_BYTES = 160 * 1024 * 1024
"""Loaded at a time: as fast as the whole in one go, in less memory; of many small pieces the engine makes more files, which it
then has to merge (4 million quads, pieces of 96 MB: 60 % more time)."""
_AT_ONCE = 2
"""Pieces that are loaded side by side, as the engine itself does with a whole file; together they take about 2 GB of memory."""

_COUNT_DEFAULT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
_COUNT_NAMED = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a store holds.

    Attributes:
        default: Triples in the default graph.
        named: Quads in named graphs.
        graphs: Named graphs.
    """

    default: int
    named: int
    graphs: int


def load(store: Store, path: Path, format: RdfFormat, loaded: Callable[[int], None] | None = None) -> None:
    """Load a gzip file of N-Triples (into the default graph) or N-Quads.

    Args:
        store: Where to.
        path: The file.
        format: Which of the two it is.
        loaded: Told how many bytes of it (uncompressed) were loaded so far; None: nobody is told.
    """
    done = 0
    with gzip.open(path) as file, ThreadPoolExecutor(_AT_ONCE) as threads:
        running: deque[Future[int]] = deque()
        while chunk := file.read(_CHUNK_BYTES):
            running.append(threads.submit(_load_chunk, store, chunk + file.readline(), format))
            del chunk
            while len(running) == _AT_ONCE:
                done += running.popleft().result()
                if loaded:
                    loaded(done)
        for each in running:
            done += each.result()
            if loaded:
                loaded(done)


def _load_chunk(store: Store, chunk: bytes, format: RdfFormat) -> int:
    store.bulk_load(chunk, format=format, to_graph=DefaultGraph() if format == RdfFormat.N_TRIPLES else None)
    give_back()
    return len(chunk)


def count_lines(path: Path) -> int:
    """Return how many lines a gzip file has."""
    with gzip.open(path) as file:
        return sum(1 for _ in file)


def close(store: Store, path: Path) -> None:
    """Write everything out; the caller lets go of the store afterwards."""
    store.flush()
    # The engine's log of its own work: times and the builder's paths, of no use to a reader.
    (path / "LOG").unlink(missing_ok=True)


def count(store: Store) -> Loaded:
    """Count a store's triples and graphs, by reading them."""
    return Loaded(count_default(store), _number(store, _COUNT_NAMED), sum(1 for _ in store.named_graphs()))


def count_default(store: Store) -> int:
    """Count the triples of the default graph, by reading them."""
    return _number(store, _COUNT_DEFAULT)


def _number(store: Store, query: str) -> int:
    solutions = store.query(query)
    assert isinstance(solutions, QuerySolutions)
    return int(next(solutions)["n"].value)


def check(path: Path, expected: Loaded) -> None:
    """Open a finished store as a server does, count it and compare.

    Raises:
        BuildError: Something is missing or too much.
    """
    found = count(Store.read_only(str(path)))
    if found != expected:
        message = (
            f"the store holds {found}, expected {expected}; the disk or the engine is at fault, build again"
        )
        raise BuildError([Fault(str(path), 0, 0, message)])
