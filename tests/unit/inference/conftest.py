"""Closures of a few triples, written as Turtle."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pyoxigraph import RdfFormat, parse

from fonds.inference import infer, read_rules
from fonds.release.fragments import LineSorter, sorted_lines
from fonds.vocabulary import PREFIXES, program_ontology

BASE = "https://a.example/"
HEAD = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items()) + (
    f"@prefix : <{BASE}id/> . @prefix t: <{BASE}vocab/type/> .\n"
)


def in_use(lines):
    """Return the properties and classes of lines, as a build notes them."""
    parts = (line.split(b" ", 2) for line in lines)
    return {rest[:-3] if b"rdf-syntax-ns#type" in predicate else predicate for _, predicate, rest in parts}


def lines_of(turtle: str) -> list[bytes]:
    return sorted_lines(quad.triple for quad in parse((HEAD + turtle).encode(), format=RdfFormat.TURTLE))


@pytest.fixture
def follow(tmp_path) -> Callable[..., list[bytes]]:
    """Infer from blocks of lines, each one graph."""

    def run(
        *graphs: list[bytes], level: str = "full", base: str = BASE, run_bytes: int = 1 << 20
    ) -> list[bytes]:
        rules = read_rules([program_ontology()], level, base)
        used = in_use(line for graph in graphs for line in graph)
        return list(infer(graphs, rules, used, LineSorter(tmp_path, run_bytes)))

    return run


@pytest.fixture
def follows(follow) -> Callable[..., bool]:
    """Tell whether all of some triples, in Turtle, follow from graphs in Turtle."""

    def run(given: str | tuple[str, ...], expected: str, level: str = "full") -> bool:
        graphs = (given,) if isinstance(given, str) else given
        found = set(follow(*(lines_of(each) for each in graphs), level=level))
        wanted = set(lines_of(expected))
        if wanted & found and not wanted <= found:
            raise AssertionError(f"only some of it follows: {wanted & found}")
        return wanted <= found

    return run
