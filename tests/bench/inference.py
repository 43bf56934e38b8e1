"""What each level of inference costs: copies of a release's records, which share its people, places and vocabularies.

Run alone: ``python -m tests.bench.inference RELEASE [--triples 1000000]``.
"""

from __future__ import annotations

import argparse
import gzip
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, get_args

from fonds.inference import infer, read_rules
from fonds.lines import split_quad
from fonds.release.folder import Release, open_release
from fonds.release.fragments import LineSorter
from fonds.settings import INFERENCE
from fonds.vocabulary import RDF, program_ontology

_TYPE = str(RDF.type).encode()
_BLOCK_BYTES = 4 * 1024 * 1024
_OF_A_RECORD = ("graph/record/", "graph/curation/")


class Cost(NamedTuple):
    """What one level came to.

    Attributes:
        level: Which.
        triples: How many were read.
        inferred: How many were written.
        size_bytes: Of what was written, as N-Triples.
        seconds: Of processor time, reading from gzip included.
        memory_bytes: The most that the process held.
    """

    level: str
    triples: int
    inferred: int
    size_bytes: int
    seconds: float
    memory_bytes: int

    def __str__(self) -> str:
        million = 1e6 / self.triples
        return (
            f"| `{self.level}` | {self.inferred / self.triples:.2f} | {self.size_bytes * million / 1e6:.0f} MB "
            f"| {self.seconds * million:.1f} s | {self.triples / self.seconds:,.0f} | {self.memory_bytes / 2**20:.0f} MiB |"
        )


def costs(release: Release, triples: int) -> list[Cost]:
    """Measure every level that infers anything, each in a process of its own.

    Args:
        release: Of a publication with at least one record.
        triples: How many to infer from, about.
    """
    with tempfile.TemporaryDirectory(prefix="fonds-bench-") as folder:
        path = Path(folder) / "copies.nt.gz"
        written, in_use = _write_copies(release, path, triples)
        jobs = [(path, written, in_use, level, release.manifest.base) for level in get_args(INFERENCE)[1:]]
        with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
            return [pool.apply(_cost, job) for job in jobs]


def table(found: list[Cost]) -> str:
    """Return the costs as a table in Markdown."""
    head = (
        f"Inference from {found[0].triples:,} triples, one core:\n\n"
        "| level | inferred, for each asserted | N-Triples per million | time per million | triples/s | memory at most |\n"
        "|---|---|---|---|---|---|\n"
    )
    return head + "".join(f"{each}\n" for each in found)


def _write_copies(release: Release, path: Path, triples: int) -> tuple[int, set[bytes]]:
    """Write the public graphs, those of records again and again under other keys; return how many triples, and their terms."""
    own: dict[str, list[bytes]] = {}
    shared: list[bytes] = []
    with gzip.open(release.dumps / "dataset.nq.gz") as file:
        for line in file:
            graph, triple = split_quad(line)
            within = graph.removeprefix(release.manifest.base)
            if within.startswith(_OF_A_RECORD):
                own.setdefault(graph, []).append(triple)
            elif not within.startswith("graph/said/"):
                shared.append(triple)
    copies = -(-(triples - len(shared)) // sum(map(len, own.values())))
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.writelines(sorted(shared))
        for number in range(copies):
            for lines in own.values():
                file.writelines(_copied(lines, b"copy-%d-" % number))
    terms = {_term(line) for lines in (shared, *own.values()) for line in lines}
    return len(shared) + copies * sum(map(len, own.values())), terms


def _copied(lines: list[bytes], prefix: bytes) -> list[bytes]:
    text = (
        b"".join(lines)
        .replace(b"/id/record/", b"/id/record/" + prefix)
        .replace(b"/id/event/", b"/id/event/" + prefix)
    )
    return sorted(text.splitlines(keepends=True))


def _term(line: bytes) -> bytes:
    _, predicate, rest = line.split(b" ", 2)
    return rest[:-3] if predicate == _TYPE else predicate


def _cost(path: Path, triples: int, in_use: set[bytes], level: INFERENCE, base: str) -> Cost:
    with tempfile.TemporaryDirectory(prefix="fonds-bench-") as scratch:
        begun = time.process_time()
        rules = read_rules([program_ontology()], level, base)
        inferred = size = 0
        for line in infer(_blocks(path), rules, in_use, LineSorter(Path(scratch))):
            inferred += 1
            size += len(line)
        seconds = time.process_time() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Cost(level, triples, inferred, size, seconds, memory)


def _blocks(path: Path) -> Iterator[list[bytes]]:
    with gzip.open(path) as file:
        while block := file.read(_BLOCK_BYTES):
            yield (block + file.readline()).splitlines(keepends=True)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("release", type=Path)
    arguments.add_argument("--triples", type=int, default=1_000_000)
    chosen = arguments.parse_args()
    print(table(costs(open_release(chosen.release.resolve()), chosen.triples)))
