"""A build holds what it makes against the shapes: a violation stops it, a warning stands in its report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Quad, Store, Triple

from fonds.errors import BuildError
from fonds.mapping.description import Description, GraphKind, NamedGraph
from fonds.release.checking import Checking, begin_checking
from fonds.release.publication import context_of, descriptions
from fonds.release.working import environment_of
from fonds.settings import read_settings
from fonds.shapes import load_shapes
from fonds.sources.publication import read_publication
from fonds.vocabulary import CRM, FV, RDF
from fonds.workshop import Workshop

BASE = "https://archive.example/"


@pytest.fixture(scope="module")
def described(publication: Path) -> list[Description]:
    read = read_publication(publication, read_settings(publication))
    return list(descriptions(read, context_of(read, BASE)))


@pytest.fixture
def checking(publication: Path, described: list[Description]) -> Checking:
    read = read_publication(publication, read_settings(publication))
    others = [each for each in described if not any(graph.kind is GraphKind.RECORD for graph in each.graphs)]
    environment = environment_of(read, context_of(read, BASE), others, (), Workshop(), 1)
    return begin_checking(read, load_shapes(), environment)


def _without(described: list[Description], *taken: Triple) -> Iterator[Description]:
    for each in described:
        graphs = (
            NamedGraph(graph.name, graph.kind, tuple(one for one in graph.triples if one not in taken))
            for graph in each.graphs
        )
        yield Description(each.subject, tuple(graphs))


def _triples(described: list[Description]) -> list[Triple]:
    return [triple for each in described for graph in each.graphs for triple in graph.triples]


def test_what_conforms_passes_unchanged(checking: Checking, described: list[Description]) -> None:
    assert list(checking.checked(described)) == described
    assert checking.findings == []
    assert b"sh:conforms true" in checking.report()


def test_violations_stop_the_build_after_all_were_found(
    checking: Checking, described: list[Description]
) -> None:
    triples = _triples(described)
    statements = {each.subject for each in triples if each.object == FV.ReportedStatement}
    taken = [each for each in triples if each.subject in statements and each.predicate == CRM.P141_assigned][
        :2
    ]
    with pytest.raises(BuildError) as stopped:
        list(checking.checked(_without(described, *taken)))
    faults = [each for each in stopped.value.faults if "shape StatementCore" in each.message]
    assert len(faults) == 2
    assert all(each.path.startswith("data/documents/") and each.line > 1 for each in faults)


def test_a_warning_stands_in_the_report_and_stops_nothing(
    checking: Checking, described: list[Description]
) -> None:
    triples = _triples(described)
    title = next(
        each.subject for each in triples if each.predicate == RDF.type and each.object == CRM.E35_Title
    )
    taken = next(each for each in triples if each.subject == title and each.predicate == CRM.P2_has_type)
    assert list(checking.checked(_without(described, taken)))
    assert [each.shape for each in checking.findings] == ["TitleSource"]
    assert b"TitleSource" in checking.report()
    assert b"sh:conforms true" in checking.report()


def test_a_store_that_asserts_what_was_only_said_stops_the_build(
    checking: Checking, described: list[Description]
) -> None:
    store = Store()
    for each in described:
        for graph in each.graphs:
            names = (graph.name, DefaultGraph()) if graph.public else (graph.name,)
            store.extend(Quad(*triple, name) for name in names for triple in graph.triples)
    checking.check_store(store)
    said = next(graph for each in described for graph in each.graphs if "/graph/said/" in graph.name.value)
    store.add(Quad(*said.triples[0], DefaultGraph()))
    with pytest.raises(BuildError, match="shape SaidQuarantine"):
        checking.check_store(store)
