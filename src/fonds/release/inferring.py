"""What follows from the graphs of a build: reads the public ones back and gives them to the closure."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

from fonds.inference import Rules, infer
from fonds.release.fragments import Fragments, LineSorter

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
