"""Where things occur, counted from the graphs of records."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

from fonds.descriptions import Occurrences
from fonds.descriptions.occurrences import Beside, Participant, Spot, read_occurrences
from fonds.mapping.description import GraphKind
from fonds.release import describing
from fonds.release.occurrences import (
    MOST_BESIDE,
    MOST_FORMS,
    MOST_RECORDS,
    MOST_STATEMENTS,
    RecordGraphs,
    counted,
    rows_of,
)
from tests.unit.release.test_describing import BASE, described

CRM = "http://www.cidoc-crm.org/cidoc-crm/"
FV = "https://w3id.org/fonds/ns#"
ANN, BOB, TOWN, TALK = (
    f"{BASE}id/{each}" for each in ("person/ann", "person/bob", "place/town", "event/talk")
)
TENURE, HOLDER, CHAIR = f"{BASE}vocab/type/tenure", f"{BASE}vocab/role/speaker", f"{BASE}vocab/role/chair"


def triple(subject: str, property_: str, value: str) -> str:
    """Return a line; what has no scheme is a literal."""
    term = f"<{value}>" if "://" in value else f'"{value}"'
    return f"<{subject}> <{property_}> {term} .\n"


def naming(
    record: str, number: int, thing: str, block: str, form: str = "", certainty: str = ""
) -> list[str]:
    """Return the lines of one mention."""
    it = f"{BASE}id/record/{record}/m{number}"
    lines = [
        triple(it, f"{FV}mentions", thing),
        triple(it, f"{FV}in_paragraph", f"{BASE}id/record/{record}/{block}"),
    ]
    if form:
        lines.append(triple(it, f"{FV}form", form))
    if certainty:
        lines.append(triple(it, f"{FV}certainty", certainty))
    return lines


def quads(lines: Iterable[str], graph: str) -> list[bytes]:
    return sorted(f"{line[:-2]}<{BASE}graph/{graph}> .\n".encode() for line in lines)


def of(thing: str, *graphs: tuple[GraphKind, list[bytes]]) -> Occurrences:
    """Return what is counted of a thing in graphs."""
    rows = [
        row + b"\n"
        for kind, lines in graphs
        for it, row in rows_of(kind, lines)
        if it == f"<{thing}>".encode()
    ]
    return read_occurrences(counted(sorted(rows)))


def record(key: str, *lines: list[str]) -> tuple[GraphKind, list[bytes]]:
    return GraphKind.RECORD, quads((line for each in lines for line in each), f"record/{key}")


def test_forms_are_counted_with_their_first_places_in_the_order_of_the_text() -> None:
    graph = record(
        "r1",
        naming("r1", 10, ANN, "p2", 'Miss \\"A\\"'),
        naming("r1", 9, ANN, "p1", "Ann"),
        naming("r1", 11, ANN, "p3", "Ann"),
        naming("r1", 12, ANN, "p3", "Ann", "low"),
        naming("r1", 13, ANN, "p3"),
    )
    found = of(ANN, graph)
    assert (found.places, found.documents, found.doubtful, found.names) == (5, 1, 1, 4)
    first = found.forms[0]
    assert (first.term, first.certainty, first.places) == ('"Ann"', "", 2)
    assert first.first == (
        (f"{BASE}id/record/r1", Spot("m9", "p1")),
        (f"{BASE}id/record/r1", Spot("m11", "p3")),
    )
    assert {(each.term, each.certainty) for each in found.forms} == {
        ('"Ann"', ""),
        ('"Ann"', "low"),
        ('"Miss \\"A\\""', ""),
        ("", ""),
    }
    assert found.in_records[0].first[0] == Spot("m9", "p1")


def test_being_named_together_is_counted_by_paragraphs_and_not_by_names() -> None:
    graph = record(
        "r1",
        naming("r1", 1, ANN, "p1"),
        naming("r1", 2, ANN, "p1"),
        naming("r1", 3, BOB, "p1"),
        naming("r1", 4, BOB, "p1"),
        naming("r1", 5, ANN, "p2"),
        naming("r1", 6, TOWN, "p3"),
    )
    assert of(ANN, graph).beside == (Beside(BOB, 1),)
    assert of(TOWN, graph).beside == ()


def test_a_paragraph_with_more_than_a_hundred_names_says_nothing_of_who_belongs_together() -> None:
    crowd = [
        line for number in range(101) for line in naming("r1", number, f"{BASE}id/person/{number}", "p1")
    ]
    found = of(f"{BASE}id/person/7", record("r1", crowd))
    assert (found.places, found.others, found.beside, found.lists) == (1, 0, (), 1)


def test_parts_in_a_record_are_told_from_offices_that_it_attests() -> None:
    it = f"{BASE}id/record/r1"
    graph = record(
        "r1",
        [
            triple(it, "http://purl.org/dc/terms/creator", BOB),
            triple(it, "http://purl.org/dc/terms/created", "1930-05-02"),
            triple(f"{it}/pc-1", f"{CRM}P01_has_domain", TALK),
            triple(f"{it}/pc-1", f"{CRM}P02_has_range", ANN),
            triple(f"{it}/pc-1", f"{CRM}P14.1_in_the_role_of", HOLDER),
            triple(TALK, f"{CRM}P14_carried_out_by", ANN),
            triple(f"{it}/tenure-1", f"{CRM}P2_has_type", TENURE),
            triple(f"{it}/tenure-1", f"{CRM}P14_carried_out_by", ANN),
            triple(f"{it}/tenure-1", f"{CRM}P11_had_participant", TOWN),
            triple(f"{it}/tenure-1", f"{CRM}P4_has_time-span", f"{it}/ts"),
            triple(f"{it}/tenure-1", f"{FV}certainty", "medium"),
            triple(f"{it}/ts", f"{FV}edtf", "1930"),
            triple(f"{it}/pc-2", f"{CRM}P01_has_domain", f"{it}/tenure-1"),
            triple(f"{it}/pc-2", f"{CRM}P02_has_range", ANN),
            triple(f"{it}/pc-2", f"{CRM}P14.1_in_the_role_of", CHAIR),
        ],
    )
    ann, town, bob = of(ANN, graph), of(TOWN, graph), of(BOB, graph)
    assert [each.roles for each in ann.in_records] == [(HOLDER,)]
    assert [each.created for each in ann.in_records] == ['"1930-05-02"']
    (office,) = ann.offices
    assert (office.roles, office.groups, office.when, office.certainty) == (
        (CHAIR,),
        (TOWN,),
        '"1930"',
        "medium",
    )
    assert (office.holder, office.graph) == (ANN, f"{BASE}graph/record/r1")
    assert town.offices == ann.offices
    assert (town.documents, town.in_records) == (0, ())
    assert bob.in_records[0].roles == ("http://purl.org/dc/terms/creator",)
    assert of(TALK, graph).participants == (Participant(ANN, (HOLDER,), f"{BASE}graph/record/r1"),)


def test_statements_are_counted_by_connection_and_what_has_no_such_type_is_none() -> None:
    said = f"{BASE}id/record/r1/s"
    lines = [
        line
        for number in range(1, 61)
        for line in (
            triple(
                f"{said}{number}", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", f"{FV}ReportedStatement"
            ),
            triple(f"{said}{number}", f"{CRM}P14_carried_out_by", ANN),
            triple(f"{said}{number}", f"{CRM}P140_assigned_attribute_to", BOB),
            triple(f"{said}{number}", f"{CRM}P141_assigned", f"{said}{number}-content"),
            triple(f"{said}{number}-content", f"{FV}stance_holder", ANN if number > 5 else TOWN),
        )
    ]
    lines.append(triple(f"{BASE}id/record/r1/x", f"{CRM}P14_carried_out_by", ANN))
    graph = (GraphKind.STATEMENTS, quads(lines, "record/r1/statements"))
    assert of(ANN, graph).said == {"by": 60}
    assert of(BOB, graph).said == {"about": 60}
    assert of(TOWN, graph).said == {"for": 5}
    listed = of(ANN, graph).statements["by"]
    assert listed == tuple(f"{said}{number}" for number in range(1, MOST_STATEMENTS + 1))
    assert of(ANN, graph).documents == 0


def test_of_what_occurs_everywhere_all_is_counted_and_the_first_are_listed() -> None:
    graphs = [
        record(
            f"r{number:03}",
            *(
                naming(f"r{number:03}", each, ANN, f"p{each}", f"form {number % 80}")
                for each in range(number % 3 + 1)
            ),
            naming(f"r{number:03}", 9, f"{BASE}id/person/{number % 90}", "p0"),
            [triple(f"{BASE}id/record/r{number:03}", "http://purl.org/dc/terms/creator", ANN)]
            if number == 7
            else [],
        )
        for number in range(300)
    ]
    found = of(ANN, *graphs)
    assert (found.places, found.documents, found.names, found.others) == (600, 300, 80, 90)
    assert len(found.in_records) == MOST_RECORDS
    assert len(found.forms) == MOST_FORMS
    assert len(found.beside) == MOST_BESIDE
    # The one in which it has a part, then those that name it most.
    assert found.in_records[0].record.endswith("/r007")
    assert {each.places for each in found.in_records[1:]} == {3}
    random.Random(7).shuffle(graphs)
    assert of(ANN, *graphs) == found


def test_words_in_a_graph_of_their_own_are_forms_of_the_record_before_them() -> None:
    taken: list[tuple[GraphKind, list[bytes]]] = []
    graphs = RecordGraphs(lambda kind, lines: taken.append((kind, lines)))
    own, words = naming("r1", 1, ANN, "p1"), [triple(f"{BASE}id/record/r1/m1", f"{FV}form", "she who came")]
    for kind, lines in (
        (GraphKind.RECORD, quads(own, "record/r1")),
        (GraphKind.TEXT, quads([*words, triple(TOWN, f"{CRM}P3_has_note", "x")], "record/r1/text")),
        (GraphKind.AUTHORITY, quads([triple(TOWN, f"{CRM}P3_has_note", "x")], "authority/place/town")),
        (GraphKind.TEXT, quads(words, "authority/work/w/text")),
        (GraphKind.RECORD, quads(naming("r2", 1, ANN, "p1"), "record/r2")),
    ):
        graphs.begin(kind)
        for line in lines:
            graphs.add([line])
    graphs.begin(None)
    assert [len(lines) for _, lines in taken] == [3, 2]
    assert [each.term for each in of(ANN, taken[0]).forms] == ['"she who came"']


def test_helpers_count_the_same_and_so_does_the_disk(tmp_path: Path, monkeypatch: object) -> None:
    graphs: dict[str, list[str]] = {}
    kinds: dict[str, GraphKind] = {}
    for number in range(400):
        key = f"r{number}"
        own, words = f"{BASE}graph/record/{key}", f"{BASE}graph/record/{key}/text"
        graphs[own] = [
            *naming(key, 1, ANN, "p1"),
            *naming(key, 2, f"{BASE}id/person/{number % 9}", "p1", "x"),
        ]
        graphs[words] = [triple(f"{BASE}id/record/{key}/m1", f"{FV}form", f"words {number % 5}")]
        kinds |= {own: GraphKind.RECORD, words: GraphKind.TEXT}
    for name, helpers, held in (("alone", 0, 10**9), ("helped", 3, 10**9), ("disk", 0, 1_000)):
        monkeypatch.setattr(describing, "_HELD_BYTES", held)  # type: ignore[attr-defined]
        monkeypatch.setattr(describing, "_SORTED_BYTES", held)  # type: ignore[attr-defined]
        (tmp_path / name).mkdir()
        found = described(tmp_path / name, graphs, kinds=kinds, helpers=helpers)
        occurs = found.occurrences(ANN)
        assert (occurs.places, occurs.documents, occurs.names, occurs.others) == (400, 400, 5, 9)
        assert {each.places for each in occurs.forms} == {80}
        assert found.occurrences("https://a.example/id/person/nobody") == Occurrences()
        found.close()
        assert (tmp_path / name / "descriptions").read_bytes() == (
            tmp_path / "alone/descriptions"
        ).read_bytes()
