"""The closure of the first record, held against an independent one: a plain fixpoint, and SPARQL paths of rdflib over it."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator

import pytest
import rdflib
from pyoxigraph import Store
from rdflib.namespace import RDF, XSD

from fonds.lines import split_quad
from fonds.vocabulary import PREFIXES, program_ontology
from tests.conftest import BASE

CRM = rdflib.Namespace(PREFIXES["crm"])
FV = rdflib.Namespace(PREFIXES["fv"])

TRANSITIVE = [
    "P5_consists_of", "P9_consists_of", "P10_falls_within", "P46_is_composed_of", "P86_falls_within", "P89_falls_within",
    "P106_is_composed_of", "P127_has_broader_term", "P148_has_component", "P198_holds_or_supports",
]  # fmt: skip

PATHS = {
    "fr_actor_thing_by": """?a (crm:P92i_was_brought_into_existence_by|crm:P31i_was_modified_by|crm:P16i_was_used_for)
        /crm:P9i_forms_part_of*/crm:P14_carried_out_by ?b""",
    "fr_thing_from_event": """{ ?a crm:P12i_was_present_at ?b FILTER NOT EXISTS { ?a a crm:E39_Actor } } UNION { ?a crm:P67_refers_to ?b }
        ?b a crm:E5_Event FILTER NOT EXISTS { ?b a crm:E13_Attribute_Assignment }""",
    "fr_event_actor": "?part crm:P11_had_participant ?b . ?a crm:P9_consists_of* ?part",
    "fr_event_place": "?whole crm:P7_took_place_at/crm:P89_falls_within* ?b . ?a crm:P9i_forms_part_of* ?whole",
    "fr_event_time": "?whole crm:P4_has_time-span ?b . ?a crm:P9i_forms_part_of* ?whole",
    "fr_thing_about": "?text crm:P67_refers_to ?b . ?a crm:P106_is_composed_of*/crm:P128_carries? ?text",
    "fr_actor_actor_met": f"?event crm:P2_has_type <{BASE}vocab/type/conversation> ; crm:P11_had_participant ?a, ?b FILTER(?a != ?b)",
    "fr_actor_said_about": """?s a fv:ReportedStatement ; crm:P14_carried_out_by ?a ;
        (crm:P140_assigned_attribute_to|crm:P141_assigned/crm:P67_refers_to) ?b""",
    "fr_reported_by": """?a a fv:ReportedStatement ; crm:P67i_is_referred_to_by ?text .
        ?text crm:P94i_was_created_by/crm:P14_carried_out_by ?b
        FILTER NOT EXISTS { ?text crm:P73i_is_translation_of ?original }""",
    "fr_thing_part_of": "?a (crm:P46i_forms_part_of|crm:P106i_forms_part_of|crm:P148i_is_component_of)+ ?b",
    "fr_thing_language": "?a crm:P72_has_language ?b",
    "fr_translation_of": "?a crm:P73i_is_translation_of ?b",
}


@pytest.fixture(scope="module")
def graphs(release) -> dict[str, list[bytes]]:
    """The public graphs of the first record, less the dataset's own description."""
    found: dict[str, list[bytes]] = defaultdict(list)
    with gzip.open(release.dumps / "dataset.nq.gz") as file:
        for line in file:
            graph, triple = split_quad(line)
            if not graph.startswith((f"{BASE}graph/said/", f"{BASE}graph/meta")):
                found[graph].append(triple)
    return found


def parsed(lines: Iterable[bytes]) -> set[tuple]:
    graph = rdflib.Graph().parse(data=b"".join(lines), format="nt")
    return set(graph)


def schema() -> tuple[dict, dict]:
    """What one step implies: broader terms, and inverses, read from the tables anew."""
    broader, inverse = defaultdict(set), defaultdict(set)
    for path in program_ontology().glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row.get("kind") in {"class", "property"}:
                    broader[rdflib.URIRef(row["iri"])] |= {
                        rdflib.URIRef(each) for each in row["broader"].split()
                    }
                if row.get("inverse"):
                    inverse[rdflib.URIRef(row["iri"])].add(rdflib.URIRef(row["inverse"]))
    for name in (
        "P121_overlaps_with",
        "P122_borders_with",
        "P132_spatiotemporally_overlaps_with",
        "P133_is_spatiotemporally_separated_from",
    ):
        inverse[CRM[name]].add(CRM[name])
    return broader, inverse


def fixpoint(triples: set[tuple]) -> set[tuple]:
    """Apply rules 1 to 5 until nothing is new."""
    broader, inverse = schema()
    known, new = set(), set(triples)
    while new:
        known |= new
        new = {each for each in _step(new, known, broader, inverse) if each not in known}
    return known


def _step(new: set[tuple], known: set[tuple], broader: dict, inverse: dict) -> Iterator[tuple]:
    for s, p, o in new:
        if p == RDF.type:
            yield from ((s, p, each) for each in broader[o])
            continue
        yield from ((s, each, o) for each in broader[p])
        if not isinstance(o, rdflib.Literal):
            yield from ((o, each, s) for each in inverse[p])
    pairs = defaultdict(set)
    for s, p, o in known:
        pairs[p].add((s, o))
    for name in TRANSITIVE:
        after = defaultdict(set)
        for s, o in pairs[CRM[name]]:
            after[s].add(o)
        yield from ((s, CRM[name], end) for s, o in pairs[CRM[name]] for end in after[o])
    for s in {s for s, o in pairs[RDF.type] if o == CRM.PC14_carried_out_by}:
        ends = [{o for n, o in pairs[CRM[p]] if n == s} for p in ("P01_has_domain", "P02_has_range")]
        yield from ((a, CRM.P14_carried_out_by, b) for a in ends[0] for b in ends[1])


def bounds(closed: set[tuple]) -> Iterator[tuple]:
    """Rule 6."""
    values = defaultdict(lambda: defaultdict(set))
    for s, p, o in closed:
        if "#dateTime" in str(getattr(o, "datatype", "")):
            values[s][str(p).removeprefix(CRM)].add(str(o)[:10])
    spans = defaultdict(set)
    for s, found in values.items():
        first = found["P82a_begin_of_the_begin"] or found["P81a_end_of_the_begin"]
        last = found["P82b_end_of_the_end"] or found["P81b_begin_of_the_end"]
        spans[s] |= {(FV.earliest, rdflib.Literal(each, datatype=XSD.date)) for each in first}
        spans[s] |= {(FV.latest, rdflib.Literal(each, datatype=XSD.date)) for each in last}
        if first and last and len({each[:4] for each in first | last}) == 1:
            spans[s].add((FV.year, rdflib.Literal(next(iter(first))[:4], datatype=XSD.gYear)))
    for s, p, o in closed:
        if p == CRM["P4_has_time-span"]:
            yield from ((s, *each) for each in spans[o])
    for s, found in spans.items():
        yield from ((s, *each) for each in found)


def fundamental(asserted: set[tuple]) -> Iterator[tuple]:
    """Rule 7, by the paths as they are documented, over the closure without the two properties that are no topics."""
    graph = rdflib.Graph()
    for each in fixpoint({each for each in asserted if each[1] not in {FV.mentions, FV.stance_holder}}):
        graph.add(each)
    for name, path in PATHS.items():
        for a, b in graph.query(f"SELECT DISTINCT ?a ?b WHERE {{ {path} }}", initNs={"crm": CRM, "fv": FV}):
            yield (a, FV[name], b)


@pytest.fixture(scope="module")
def expected(graphs) -> set[tuple]:
    asserted = parsed(line for lines in graphs.values() for line in lines)
    closed = fixpoint(asserted)
    return (closed | set(bounds(closed)) | set(fundamental(asserted))) - asserted


@pytest.mark.thorough
def test_the_full_closure_is_that_of_an_independent_fixpoint(follow, graphs, expected):
    found = parsed(follow(*graphs.values(), base=BASE))
    assert found - expected == set()
    assert expected - found == set()
    assert {FV[name] for name in PATHS} <= {p for _, p, _ in found}


def test_the_shortcuts_are_the_closure_less_what_the_table_leaves_out(follow, graphs, expected):
    with (program_ontology() / "shortcuts.csv").open(encoding="utf-8", newline="") as file:
        kept = {rdflib.URIRef(row["iri"]) for row in csv.DictReader(file)}
    kept |= {FV[name] for name in (*PATHS, "earliest", "latest", "year")}
    wanted = {each for each in expected if (each[2] if each[1] == RDF.type else each[1]) in kept}
    # Transitivity of P46i, P106i and P148i is left to fv:fr_thing_part_of.
    parts = {CRM[name] for name in ("P46i_forms_part_of", "P106i_forms_part_of", "P148i_is_component_of")}
    found = parsed(follow(*graphs.values(), base=BASE, level="shortcuts"))
    assert found <= wanted
    left_out = wanted - found
    assert {p for _, p, _ in left_out} <= parts
    assert all((s, FV.fr_thing_part_of, o) in found for s, _, o in left_out)


def test_a_release_holds_the_shortcuts_and_nothing_of_what_was_said(release, graphs, follow):
    with gzip.open(release.dumps / "inferred.nt.gz") as file:
        dumped = list(file)
    assert dumped == follow(*graphs.values(), base=BASE, level="shortcuts")
    rice = f"<{BASE}id/event/rice-delivery>".encode()
    assert any(rice in line for line in dumped)
    assert not any(
        rice in line
        for line in dumped
        if any(each in line for each in (b"P11", b"P12_", b"P14", b"fr_event_actor"))
    )


def test_had_what_was_said_been_public_it_would_have_been_inferred_from(release, graphs, follow):
    with gzip.open(release.dumps / "dataset.nq.gz") as file:
        said = [triple for graph, triple in map(split_quad, file) if graph.startswith(f"{BASE}graph/said/")]
    assert said
    found = follow(*graphs.values(), sorted(said), base=BASE, level="shortcuts")
    assert any(b"rice-delivery> <https://w3id.org/fonds/ns#fr_event_actor>" in line for line in found)


@pytest.mark.parametrize(
    ("question", "pattern", "answers"),
    [
        (
            "participants",
            "?talk crm:P2_has_type t:conversation ; crm:P11_had_participant ?x",
            {"person/darusenkov", "person/guevara"},
        ),
        (
            "who was there",
            "?talk crm:P2_has_type t:conversation ; crm:P12_occurred_in_the_presence_of ?x . ?x a crm:E39_Actor",
            {"person/darusenkov", "person/guevara"},
        ),
        (
            "events of a person",
            "?x crm:P12_occurred_in_the_presence_of person:goldberg-gary ; a crm:E5_Event",
            {"record/darusenkov-1964-375/translating"},
        ),
        (
            "references to an event by kind of actor",
            "rec: crm:P67_refers_to ?x . ?x a crm:E39_Actor FILTER(STRSTARTS(STR(?x), STR(person:)))",
            None,
        ),
        (
            "wholes of the paper",
            "?paper crm:P128_carries rec: ; fv:fr_thing_part_of ?x",
            {"holding/tskhsd-5-49-758", "holding/tskhsd-5-49", "holding/tskhsd-5"},
        ),
        (
            "next whole of a holding",
            "holding:tskhsd-5-49-758 crm:P46i_forms_part_of ?x",
            {"holding/tskhsd-5-49"},
        ),
        ("wholes of the text", "rec: crm:P106i_forms_part_of ?x", {"work/darusenkov-diary"}),
    ],
)
def test_shortcuts_answer_at_the_level_of_superproperties(release, question, pattern, answers):
    store = Store.read_only(str(release.store))
    prefixes = {**PREFIXES, "t": f"{BASE}vocab/type/", "rec": f"{BASE}id/record/darusenkov-1964-375"}
    prefixes |= {kind: f"{BASE}id/{kind}/" for kind in ("person", "holding")}
    found = {
        row["x"].value.removeprefix(f"{BASE}id/")
        for row in store.query(f"SELECT ?x {{ {pattern} }}", prefixes=prefixes)
    }
    assert found == answers if answers is not None else {"person/khrushchev", "person/kosygin"} <= found, (
        question
    )
