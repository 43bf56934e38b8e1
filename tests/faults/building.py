"""Builds a small release in a process of its own; the tests stop it, starve it, or run two of it.

Usage: building.py RELEASES WORDS COUNT [--order SEED] [--stop-at N | --trace] [--most-bytes N] [--wait]
"""

from __future__ import annotations

import argparse
import datetime
import os
import random
import resource
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from fonds.errors import FondsError
from fonds.mapping.description import Description, GraphKind, NamedGraph
from fonds.model import Block, BlockKind, Phrase, Record, Text
from fonds.release.build import build_release
from fonds.settings import Settings
from fonds.texts import PublishedText, published

BASE = "https://a.example/"
DCTERMS = "http://purl.org/dc/terms/"
_CHANGES = frozenset(
    {"open", "os.mkdir", "os.rename", "os.symlink", "os.remove", "os.rmdir", "os.truncate", "shutil.copyfile"}
)


def describe(number: int, words: str) -> Description:
    subject = NamedNode(f"{BASE}id/record/r{number}")

    def graph(path: str, kind: GraphKind, *facts: tuple[str, str]) -> NamedGraph:
        triples = tuple(Triple(subject, NamedNode(DCTERMS + name), Literal(value)) for name, value in facts)
        return NamedGraph(NamedNode(f"{BASE}graph/{path}"), kind, triples)

    return Description(
        subject,
        (
            graph(f"record/r{number}", GraphKind.RECORD, ("title", f"Record {number}"), ("date", "1964")),
            graph(f"record/r{number}/text", GraphKind.TEXT, ("abstract", f"{words} {number}")),
            graph(f"said/r{number}", GraphKind.SAID, ("description", "somebody said so")),
            graph("prov", GraphKind.PROVENANCE, ("source", f"letter {number}"), ("type", "a record")),
        ),
    )


def text(number: int, words: str) -> tuple[str, PublishedText]:
    block = Block(name="p1", kind=BlockKind.PARAGRAPH, ordinal=1, content=(f"{words} {number}",))
    record = Record(
        key=f"r{number}",
        title=Phrase("A"),
        label=Phrase("A"),
        fulltext="full",
        text=Text(language="en", blocks=(block,)),
    )
    return record.key, published(record)


def numbers(count: int, order: int) -> list[int]:
    drawn = list(range(count))
    random.Random(order).shuffle(drawn)
    return drawn


def waiting(descriptions: Iterator[Description]) -> Iterator[Description]:
    print("building", flush=True)
    sys.stdin.readline()
    yield from descriptions


def stop_at(moment: int | None, *, trace: bool) -> None:
    """End the process, as ``kill -9`` does, before it changes the file system for the n-th time."""
    seen = [0]

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event not in _CHANGES:
            return
        seen[0] += 1
        if trace:
            os.write(1, f"{event}\n".encode())
        if seen[0] == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("releases", type=Path)
    parser.add_argument("words")
    parser.add_argument("count", type=int)
    parser.add_argument("--order", type=int, default=0)
    parser.add_argument("--stop-at", type=int)
    parser.add_argument("--trace", action="store_true")
    parser.add_argument("--most-bytes", type=int)
    parser.add_argument("--wait", action="store_true")
    given = parser.parse_args()
    drawn = numbers(given.count, given.order)
    descriptions = (describe(number, given.words) for number in drawn)
    if given.most_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (given.most_bytes, given.most_bytes))
    if given.stop_at or given.trace:
        stop_at(given.stop_at, trace=given.trace)
    try:
        release = build_release(
            waiting(descriptions) if given.wait else descriptions,
            given.releases,
            settings=Settings(title="A test"),
            base=BASE,
            texts=(text(number, given.words) for number in reversed(drawn)),
            day=datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC),
        )
    except FondsError as error:
        sys.exit(f"{type(error).__name__}: {error}")
    print(release.manifest.digest)


if __name__ == "__main__":
    main()
