"""This repository's own publication conforms, by the engine that builds use and by pySHACL."""

from __future__ import annotations

from pathlib import Path

import pyshacl
import pytest
import rdflib
from pyoxigraph import NamedNode, RdfFormat, Triple, serialize

from fonds.mapping.description import Description, GraphKind, NamedGraph
from fonds.mapping.origins import origin_of, origins_of_authorities, origins_of_record
from fonds.model import Record
from fonds.shapes import Finding, Neighbours, load_shapes, neighbours_of, validate
from fonds.shapes.catalogue import Shapes, shapes_as_turtle
from fonds.vocabulary import CRM, FV, RDF

BASE = "https://archive.example/"


class Published:
    """What is described of a publication, with what is needed to judge it."""

    def __init__(self, folder: Path) -> None:
        from fonds.release.publication import context_of, descriptions
        from fonds.settings import read_settings
        from fonds.sources.publication import read_publication

        self.folder = folder
        self.publication = read_publication(folder, read_settings(folder))
        self.context = context_of(self.publication, BASE)
        described = list(descriptions(self.publication, self.context))
        self.records = [each for each in described if _is_record(each)]
        self.others = [each for each in described if not _is_record(each)]
        self.neighbours: Neighbours = neighbours_of(self.others, [each.subject for each in self.records])
        self.shapes: Shapes = load_shapes()
        self.origins = origins_of_authorities(self.publication.authorities.values(), self.context)

    @property
    def first(self) -> tuple[Record, Description]:
        return self.publication.records[0], self.records[0]

    def words(self, record: Record) -> str | None:
        captured = self.publication.captures[record.capture.sha256] if record.capture else None
        return captured.text if captured else record.text.plain

    def check(self, record: Record, description: Description) -> list[Finding]:
        return validate(
            description,
            self.shapes,
            base=BASE,
            neighbours=self.neighbours,
            origins=self.origins | origins_of_record(record, self.context),
            record=record,
            words=self.words(record),
            folder=self.folder,
        )


def _is_record(description: Description) -> bool:
    return any(graph.kind is GraphKind.RECORD for graph in description.graphs)


@pytest.fixture(scope="module")
def published(publication: Path) -> Published:
    return Published(publication)


def test_every_record_conforms_without_a_warning(published: Published) -> None:
    pairs = zip(published.publication.records, published.records, strict=True)
    assert [str(each.fault) for pair in pairs for each in published.check(*pair)] == []


def test_every_table_and_vocabulary_conforms_without_a_warning(published: Published) -> None:
    found = [
        finding
        for each in published.others
        for finding in validate(
            each, published.shapes, base=BASE, neighbours=published.neighbours, origins=published.origins
        )
    ]
    assert [str(each.fault) for each in found] == []


@pytest.mark.thorough
def test_pyshacl_finds_nothing_either(published: Published) -> None:
    _, description = published.first
    public = [triple for graph in description.graphs if graph.public for triple in graph.triples]
    named = {term.value for triple in public for term in triple if isinstance(term, NamedNode)}
    lines = (serialize(public, format=RdfFormat.N_TRIPLES) or b"") + b"".join(
        published.neighbours.around(named)
    )
    graph = rdflib.Graph().parse(data=lines, format="nt")
    own = shapes_as_turtle().partition("<https://w3id.org/fonds/ns/shape/DomainRange/")[0]
    shapes = rdflib.Graph().parse(data=own, format="turtle")
    conforms, _, text = pyshacl.validate(graph, shacl_graph=shapes, allow_warnings=False)
    # Neighbours are only a part of what is said of them; what they lack is found with their own descriptions.
    assert conforms, text


def _without(description: Description, *taken: Triple) -> Description:
    graphs = (
        NamedGraph(each.name, each.kind, tuple(triple for triple in each.triples if triple not in taken))
        for each in description.graphs
    )
    return Description(description.subject, tuple(graphs))


@pytest.mark.parametrize(
    ("type_", "predicate", "shape"),
    [
        (CRM.E31_Document, CRM.P94i_was_created_by, "RecordCore"),
        (CRM.E31_Document, CRM.P72_has_language, "DcParallel"),
        (CRM.E42_Identifier, CRM.P2_has_type, "IdentifierTyped"),
        (CRM.E35_Title, CRM.P2_has_type, "TitleSource"),
        (CRM.PC14_carried_out_by, CRM.P14_1_in_the_role_of, "PcMirrored"),
        (CRM.E34_Inscription, CRM.P190_has_symbolic_content, "NoteHand"),
        (FV.ReportedStatement, CRM.P141_assigned, "StatementCore"),
        (FV.ReportedStatement, CRM.P9i_forms_part_of, "StatementCore"),
    ],
)
def test_a_fact_taken_from_the_record_is_missed_with_file_and_line(
    published: Published, type_: NamedNode, predicate: NamedNode, shape: str
) -> None:
    record, description = published.first
    triples = [triple for graph in description.graphs for triple in graph.triples]
    things = {triple.subject for triple in triples if triple.predicate == RDF.type and triple.object == type_}
    taken = next(triple for triple in triples if triple.subject in things and triple.predicate == predicate)
    found = published.check(record, _without(description, taken))
    assert shape in {each.shape for each in found}
    assert all(each.origin.path == record.origin.path and each.origin.line for each in found)


def test_every_node_of_a_record_has_a_file_and_a_line(published: Published) -> None:
    record, description = published.first
    origins = published.origins | origins_of_record(record, published.context)
    subjects = {triple.subject for graph in description.graphs for triple in graph.triples}
    ours = [each.value for each in subjects if isinstance(each, NamedNode) and "/id/record/" in each.value]
    assert ours
    assert {origin_of(each, origins).path for each in ours} == {record.origin.path}
    numbered = [each for each in ours if "/s17" in each or "/a17" in each]
    lines = {origin_of(each, origins).line for each in numbered}
    assert len(lines) == 1
    assert lines != {record.origin.line}
