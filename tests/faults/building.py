"""Builds a small release of made-up descriptions, in an order of its own; a process of its own has its own seed of hashes.

Usage: building.py RELEASES WORDS COUNT [--order SEED]
"""

from __future__ import annotations

import argparse
import datetime
import random
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from fonds.mapping.description import Description, GraphKind, NamedGraph
from fonds.model import Block, BlockKind, Phrase, Record, Text
from fonds.release.build import build_release
from fonds.settings import Settings
from fonds.texts import PublishedText, published

BASE = "https://a.example/"
DCTERMS = "http://purl.org/dc/terms/"


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


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("releases", type=Path)
    parser.add_argument("words")
    parser.add_argument("count", type=int)
    parser.add_argument("--order", type=int, default=0)
    given = parser.parse_args()
    drawn = numbers(given.count, given.order)
    release = build_release(
        (describe(number, given.words) for number in drawn),
        given.releases,
        settings=Settings(title="A test"),
        base=BASE,
        texts=(text(number, given.words) for number in reversed(drawn)),
        day=datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC),
    )
    print(release.manifest.digest)


if __name__ == "__main__":
    main()
