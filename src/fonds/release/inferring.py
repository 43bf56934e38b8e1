"""What follows from the graphs of a build: reads the public ones back and gives them to the closure, or takes it from before."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from fonds.inference import Rules, infer
from fonds.inference.rules import TYPE
from fonds.release.differences import Since
from fonds.release.dumps import INFERRED
from fonds.release.folder import files_of, hash_file, is_whole
from fonds.release.fragments import Fragments, LineSorter
from fonds.release.staging import share
from fonds.settings import Settings

_BLOCK_BYTES = 4 * 1024 * 1024


def inferred_lines(fragments: Fragments, rules: Rules) -> Iterator[bytes]:
    """Yield what follows from the public graphs, as sorted lines of N-Triples that no public graph holds.

    What is not public (the formalised content of reported statements) is not read.
    """
    fragments.flush()
    yield from infer(_blocks(fragments), rules, fragments.terms, LineSorter(fragments.folder))


def _blocks(fragments: Fragments) -> Iterator[list[bytes]]:
    with gzip.open(fragments.triples) as file:
        while block := file.read(_BLOCK_BYTES):
            yield (block + file.readline()).splitlines(keepends=True)


def heeded(in_use: Collection[bytes], rules: Rules) -> frozenset[bytes]:
    """Return the properties in use, as N-Triples, on whose triples it depends what follows."""
    return frozenset({TYPE, *rules.plans(in_use)})


def carry_inferred(
    since: Since,
    folder: Path,
    fragments: Fragments,
    settings: Settings,
    meta: str,
    heeded: Callable[[Collection[bytes]], Collection[bytes]] | None,
) -> bool:
    """Take what follows from the release before, if no triple changed on which it depends; tell whether that was done.

    Args:
        since: What differs from the release before.
        folder: Where the release is made; its tables of terms, in which the rules stand, are there.
        fragments: Its graphs.
        settings: The publication's.
        meta: The IRI of the graph that describes the dataset.
        heeded: Gives those properties in use on whose triples it depends what follows; None: that is not known.
    """
    before = since.before
    if heeded is None or before.manifest.settings.inference != settings.inference:
        return False
    if _tables(before.folder) != _tables(folder):
        return False
    # Nothing follows from the description of the dataset.
    end = f" <{meta}> .\n".encode()
    changed = {line.split(b" ", 2)[1] for line in since.public if not line.endswith(end)}
    if changed & set(heeded({*fragments.terms, *changed})):
        return False
    name = f"dumps/{INFERRED}"
    if not is_whole(before, name):
        return False
    share(before.folder / name, folder / name)
    return True


def _tables(folder: Path) -> dict[str, str]:
    return {name: hash_file(folder / name) for name in files_of(folder) if name.startswith("ontology/")}
