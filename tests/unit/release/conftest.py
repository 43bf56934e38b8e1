"""Small descriptions, and releases made of them."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from fonds.mapping.description import Description, GraphKind, NamedGraph
from fonds.release.build import build_release
from fonds.release.folder import Release
from fonds.settings import Settings

BASE = "https://a.example/"
DAY = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)


def _term(value):
    return NamedNode(value) if isinstance(value, str) and value.startswith("http") else value


@pytest.fixture
def graph() -> Callable[..., NamedGraph]:
    """Make a named graph: its path, its kind, and facts as (subject path, property, object)."""

    def make(path: str, kind: GraphKind, *facts) -> NamedGraph:
        triples = tuple(
            Triple(
                NamedNode(f"{BASE}id/{subject}"),
                NamedNode(f"http://purl.org/dc/terms/{name}"),
                NamedNode(value) if value.startswith("http") else Literal(value),
            )
            for subject, name, value in facts
        )
        return NamedGraph(NamedNode(f"{BASE}graph/{path}"), kind, triples)

    return make


@pytest.fixture
def described(graph) -> list[Description]:
    """Two records and a person: with a triple that stands in two graphs, and one that is not public."""
    return [
        Description(
            NamedNode(f"{BASE}id/record/a"),
            (
                graph("record/a", GraphKind.RECORD, ("record/a", "title", "A"), ("person/x", "title", "X")),
                graph("record/a/text", GraphKind.TEXT, ("record/a", "abstract", "Words of others")),
                graph("said/a", GraphKind.SAID, ("person/x", "description", "never public")),
                graph("prov", GraphKind.PROVENANCE, ("record/a", "source", "letter a")),
            ),
        ),
        Description(
            NamedNode(f"{BASE}id/record/b"),
            (
                graph("record/b", GraphKind.RECORD, ("record/b", "title", "B"), ("record/b", "title", "B")),
                graph("prov", GraphKind.PROVENANCE, ("record/b", "source", "letter b")),
            ),
        ),
        Description(
            NamedNode(f"{BASE}id/person/x"),
            (graph("authority/person/x", GraphKind.AUTHORITY, ("person/x", "title", "X")),),
        ),
    ]


@pytest.fixture
def build(tmp_path) -> Callable[..., Release]:
    def run(descriptions, **given) -> Release:
        options = {
            "settings": Settings(title="A test", publisher="The Archive"),
            "base": BASE,
            "day": DAY,
            **given,
        }
        into = options.pop("into", tmp_path / "releases")
        return build_release(descriptions, into, **options)

    return run
