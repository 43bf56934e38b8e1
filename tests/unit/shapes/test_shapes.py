"""Every shape catches its fault, says where the source of it stands, and lets the mended input pass."""

from __future__ import annotations

import dataclasses
import hashlib
from functools import cache
from pathlib import Path

import pyshacl
import pytest
import rdflib
from pyoxigraph import DefaultGraph, Quad, RdfFormat, Store, serialize

from fonds.errors import BuildError
from fonds.model import Capture, Origin, Phrase, Record, Text
from fonds.shapes import (
    Finding,
    Severity,
    check_store,
    faults_of,
    load_shapes,
    neighbours_of,
    report_of,
    validate,
)
from fonds.shapes.catalogue import NAMESPACE, Shapes, shapes_as_turtle
from fonds.vocabulary import CRM, RDFS, SH, program_ontology
from tests.unit.shapes.cases import BASE, CASES, EDITION, ORIGINS, RECORD, WORDS, Case, describe

WARNINGS = {"TitleSource", "KeeperNotCurrent", "DeclassAfter", "NoRightsInvented"}
NOT_SHACL = {"UriPolicy", "KnownTerm", "NoBackground", "SaidQuarantine", "InferenceOnly"}


@cache
def shapes() -> Shapes:
    return load_shapes()


def check(trig: str) -> list[Finding]:
    return validate(describe(trig), shapes(), base=BASE, origins=ORIGINS, words=WORDS)


def of(shape: str, findings: list[Finding]) -> list[Finding]:
    return [each for each in findings if each.shape == shape]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_shape_catches_its_fault_and_says_where_it_stands(case: Case) -> None:
    found = of(case.shape, check(case.faulty))
    assert found
    assert any(str(each.fault).startswith(f"{case.line}: ") for each in found), [
        str(each.fault) for each in found
    ]
    mild = case.shape in WARNINGS or case.name in (
        "more than words",
        "a unit",
        "a keeper",
        "a fonds",
        "a language",
    )
    assert (Severity.WARNING if mild else Severity.VIOLATION) in {each.severity for each in found}
    assert all(f"(shape {case.shape})" in str(each.fault) and each.mending for each in found)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_mended_input_passes(case: Case) -> None:
    broken = of(case.shape, check(case.mended))
    if case.shape == "LabelLang":  # nothing else of these small inputs is described either
        broken = [each for each in broken if "describes" not in each.message or "nobody" in each.message]
    assert not broken


def test_every_shape_of_the_guide_is_there_by_name_number_and_severity() -> None:
    catalogue = shapes().catalogue
    assert [each.order for each in catalogue.values()] == list(range(1, 34))
    assert {each.name for each in catalogue.values() if each.severity is Severity.WARNING} == WARNINGS | {
        "KeeperNotCurrent"
    }
    assert {case.shape for case in CASES} | {"GraphProv", "CaptureHash"} == set(catalogue)


@cache
def _graph_of(text: str) -> rdflib.Graph:
    """Return shapes as pySHACL takes them: reading them takes longer than checking an input. It adds two triples of RDFS at first."""
    return rdflib.Graph().parse(data=text, format="turtle")


def _by_pyshacl(data: str, text: str) -> set[tuple[str, str]]:
    graph = _graph_of(text)
    conforms, report, _ = pyshacl.validate(
        rdflib.Graph().parse(data=data, format="nt"), shacl_graph=graph, advanced=False, inplace=False
    )
    assert isinstance(report, rdflib.Graph)
    sh = rdflib.Namespace(SH.iri)
    found = set()
    for result in report.objects(None, sh.result):  # not those that only explain another (sh:detail)
        shape = report.value(result, sh.sourceShape)
        while isinstance(shape, rdflib.BNode):
            shape = next(graph.subjects(sh.property, shape))
        found.add((str(shape), str(report.value(result, sh.focusNode))))
    assert conforms is not bool(found)
    return found


def _by_engine(data: str, text: str) -> set[tuple[str, str]]:
    import shacl

    report = shacl.Shapes.from_text(text).validate_text(data, format="ntriples")
    return {((each.root_shape or "").strip("<>"), each.focus_node.strip("<>")) for each in report.results}


def _own_shapes() -> str:
    """Return the shapes without the thousand of domains and ranges, which pySHACL reads for seconds."""
    return shapes_as_turtle().partition("<https://w3id.org/fonds/ns/shape/DomainRange/")[0]


def _lines(trig: str) -> str:
    public = [triple for graph in describe(trig).graphs if graph.public for triple in graph.triples]
    return (serialize(public, format=RdfFormat.N_TRIPLES) or b"").decode()


@pytest.mark.thorough
def test_pyshacl_finds_the_same_in_all_faulty_and_mended_inputs() -> None:
    text = _own_shapes()
    cases = [case for case in CASES if case.shape not in NOT_SHACL]
    for trig in dict.fromkeys(trig for case in cases for trig in (case.faulty, case.mended)):
        assert _by_engine(_lines(trig), text) == _by_pyshacl(_lines(trig), text), trig


def test_pyshacl_finds_the_same_domains_and_ranges() -> None:
    whole = shapes_as_turtle()
    start = whole.index("<https://w3id.org/fonds/ns/shape/DomainRange/")
    lines = whole[start:].splitlines()
    used = ("P4_has_time-span/", "P190_has_symbolic_content/", "P2_has_type/", "E52_Time-Span>", "E2_Temporal_Entity>",
            "E90_Symbolic_Object>", "E55_Type>")  # fmt: skip
    kept = [
        line
        for line in lines
        if line.split(">")[0].split("DomainRange/")[-1].startswith(tuple(each.strip(">") for each in used))
    ]
    text = "\n".join(["@prefix sh: <http://www.w3.org/ns/shacl#> .", *kept])
    for case in CASES:
        if case.shape == "DomainRange":
            found = _by_engine(_lines(case.faulty), text)
            assert found
            assert found == _by_pyshacl(_lines(case.faulty), text)
            assert not _by_engine(_lines(case.mended), text) | _by_pyshacl(_lines(case.mended), text)


def test_a_graph_without_its_source_is_found() -> None:
    trig = "rec:k rdfs:label 'x' ."
    without = validate(describe(trig, provenance=False), shapes(), base=BASE, origins=ORIGINS)
    assert [each.focus for each in of("GraphProv", without)] == [f"{BASE}graph/record/k"]
    assert not of("GraphProv", check(trig))


def _captured(sha256: str) -> Record:
    capture = Capture(sha256=sha256, size_bytes=5, media_type="text/plain", path="data/captures/k.txt")
    words = Phrase("k")
    return Record(
        key="k", title=words, label=words, text=Text(language="en"), fulltext="full", capture=capture
    )


def test_a_capture_whose_file_has_another_hash_is_found_with_its_file(tmp_path: Path) -> None:
    file = tmp_path / "data/captures/k.txt"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"words")
    good = hashlib.sha256(b"words").hexdigest()
    trig = f"<{BASE}id/capture/{good[:16]}/sha256> crm:P190_has_symbolic_content '{good}' ."
    arguments = {"base": BASE, "record": _captured(good), "folder": tmp_path}
    assert not of("CaptureHash", validate(describe(trig), shapes(), **arguments))
    file.write_bytes(b"other")
    [found] = of("CaptureHash", validate(describe(trig), shapes(), **arguments))
    assert str(found.fault).startswith("data/captures/k.txt: ")
    file.unlink()
    assert "no file" in of("CaptureHash", validate(describe(trig), shapes(), **arguments))[0].message


def test_an_inscription_needs_its_words_only_where_they_may_leave_the_house() -> None:
    trig = ":stamp a crm:E34_Inscription ; rdfs:label 'Stamp'@en ."
    full = _captured("0" * 64)
    link = dataclasses.replace(full, fulltext="link")
    assert of("NoteHand", validate(describe(trig), shapes(), base=BASE, record=full))
    assert not of("NoteHand", validate(describe(trig), shapes(), base=BASE, record=link))


def test_what_neighbours_are_is_known_and_not_judged_again() -> None:
    authority = describe(
        "g:authority\\/place\\/m { pl:m a crm:E53_Place . hold:f5 a crm:E22_Human-Made_Object }"
    )
    near = neighbours_of([authority])
    trig = "ev:talk a crm:E7_Activity ; rdfs:label 'Talk'@en ; crm:P7_took_place_at pl:m ."
    alone = {each.shape for each in validate(describe(trig), shapes(), base=BASE)}
    assert {"LabelLang", "DomainRange"} <= alone
    assert validate(describe(trig), shapes(), base=BASE, neighbours=near) == []
    judged = validate(authority, shapes(), base=BASE, neighbours=near)
    assert {each.focus for each in of("LabelLang", judged)} == {f"{BASE}id/place/m", f"{BASE}id/holding/f5"}


def test_a_neighbour_of_the_wrong_class_is_a_fault_of_who_names_it() -> None:
    near = neighbours_of([describe("pl:m a crm:E21_Person ; rdfs:label 'M' .")])
    trig = "ev:talk a crm:E7_Activity ; rdfs:label 'Talk'@en ; crm:P7_took_place_at pl:m ."
    [found] = validate(describe(trig), shapes(), base=BASE, neighbours=near, origins=ORIGINS)
    assert (found.shape, found.focus, found.origin) == (
        "DomainRange",
        f"{BASE}id/event/talk",
        Origin(EDITION, 9),
    )
    assert found.value == f"<{BASE}id/place/m>"


def _store(trig: str) -> Store:
    store = Store()
    for graph in describe(trig).graphs:
        for triple in graph.triples:
            store.add(Quad(*triple, graph.name))
            if graph.public:
                store.add(Quad(*triple, DefaultGraph()))
    return store


_TWO_MATCHES = """pe:m1 crm:P140_assigned_attribute_to pe:a ; crm:P141_assigned wd:Q1 .
pe:m2 crm:P140_assigned_attribute_to pe:b ; crm:P141_assigned wd:Q1 . """
"""The assignments that every match of the publication's own has; RDF that came as it is has none."""

STORE_FAULTS = {
    "SaidQuarantine": "ev:rice crm:P14_carried_out_by gr:them . g:said\\/k\\/s1 { ev:rice crm:P14_carried_out_by gr:them }",
    "MatchSourced": _TWO_MATCHES + "pe:a skos:exactMatch wd:Q1 . pe:b skos:exactMatch wd:Q1 .",
    "ConversationParties": """t:conversation a crm:E55_Type . ev:talk crm:P2_has_type t:conversation .
        g:authority\\/event\\/talk { ev:talk crm:P7_took_place_at pl:havana }""",
    "Shelfmark": "hold:a a rico:RecordSet ; crm:P46i_forms_part_of hold:b . hold:b crm:P46i_forms_part_of hold:a .",
    "RecordCore": "rec:k a crm:E31_Document . g:record\\/l { rec:k a crm:E31_Document }",
    "InferenceOnly": "g:inferred { rec:k rdfs:label 'x' }",
}
STORE_MENDED = {
    "SaidQuarantine": "ev:rice crm:P14_carried_out_by gr:us . g:said\\/k\\/s1 { ev:rice crm:P14_carried_out_by gr:them }",
    "MatchSourced": _TWO_MATCHES
    + "pe:a skos:exactMatch wd:Q1 . pe:b skos:exactMatch wd:Q2 . pe:c skos:exactMatch wd:Q1 .",
    "ConversationParties": """t:conversation a crm:E55_Type . ev:talk crm:P2_has_type t:conversation ; crm:P7_took_place_at pl:havana .
        g:authority\\/event\\/talk { ev:talk rdfs:label 'Talk' }""",
    "Shelfmark": "hold:a a rico:RecordSet ; crm:P46i_forms_part_of hold:b . hold:b a rico:RecordSet .",
    "RecordCore": "rec:k a crm:E31_Document . g:record\\/l { rec:l a crm:E31_Document }",
    "InferenceOnly": "g:record\\/l { rec:k rdfs:label 'x' }",
}


@pytest.mark.parametrize("shape", STORE_FAULTS)
def test_a_rule_over_the_store_catches_its_fault_and_passes_the_mended_store(shape: str) -> None:
    assert {each.shape for each in check_store(_store(STORE_FAULTS[shape]), shapes(), ORIGINS)} == {shape}
    assert check_store(_store(STORE_MENDED[shape]), shapes(), ORIGINS) == []


def test_a_rule_over_the_store_finds_a_graph_without_its_source() -> None:
    store = _store("rec:k rdfs:label 'x' .")
    assert check_store(store, shapes()) == []
    store.remove_graph(next(each for each in store.named_graphs() if each.value.endswith("/prov")))
    for quad in list(store.quads_for_pattern(None, None, None, DefaultGraph())):
        store.remove(quad)
    [found] = check_store(store, shapes())
    assert (found.shape, found.focus) == ("GraphProv", f"{BASE}graph/record/k")


def test_a_rule_over_the_store_names_the_source_of_what_it_finds() -> None:
    [*found] = check_store(
        _store("hold:f5 a rico:RecordSet ; crm:P46i_forms_part_of hold:f5 ."), shapes(), ORIGINS
    )
    assert [str(each.fault).partition(": ")[0] for each in found] == ["data/authorities/holdings.csv:2"]


def test_a_wrong_anchor_names_the_nearest_place_that_fits() -> None:
    case = next(each for each in CASES if each.name == "the words there")
    [found] = of("StatementAnchored", check(case.faulty))
    assert "its words stand at [12, 18), line 1 of the text" in found.message
    changed = case.mended.replace('oa:exact "for it"', 'oa:exact "fur it"')
    [found] = of("StatementAnchored", check(changed))
    assert "closest to “fur it” is “for it” at [12, 18)" in found.message


def test_an_anchor_beyond_the_end_of_the_text_is_found() -> None:
    case = next(each for each in CASES if each.name == "the words there")
    [found] = of("StatementAnchored", check(case.mended.replace("oa:end 18", "oa:end 1800")))
    assert f"has {len(WORDS)} code points" in found.message


def test_words_that_may_not_be_published_are_not_compared() -> None:
    case = next(each for each in CASES if each.name == "the words there")
    hidden = case.faulty.replace('; oa:exact "for it" ; oa:prefix "I am " ; oa:suffix ". You" ', "")
    assert "oa:exact" not in hidden
    assert not of("StatementAnchored", check(hidden))


def test_only_violations_stop_a_build() -> None:
    found = check(":title a crm:E35_Title ; rdfs:label 'A title'@en .")
    assert {each.severity for each in found} == {Severity.WARNING}
    assert faults_of(found) == []
    with_fault = check(":title a crm:E35_Title ; crm:P2_has_type t:title-supplied .")
    assert str(BuildError(faults_of(with_fault))).startswith(f"{EDITION}:3: {RECORD}/title ")


def _report(findings: list[Finding]) -> rdflib.Graph:
    return rdflib.Graph().parse(data=report_of(findings, BASE), format="turtle")


def test_the_report_is_a_shacl_report_without_blank_nodes() -> None:
    findings = check(":title a crm:E35_Title ; rdfs:label 'A title'@en .")
    graph, sh = _report(findings), rdflib.Namespace(SH.iri)
    assert not [term for triple in graph for term in triple if isinstance(term, rdflib.BNode)]
    assert [bool(each.toPython()) for each in graph.objects(None, sh.conforms)] == [True]
    [result] = graph.objects(None, sh.result)
    assert str(graph.value(result, sh.focusNode)) == f"{RECORD}/title"
    assert str(graph.value(result, sh.sourceShape)) == f"{NAMESPACE}TitleSource"
    assert str(graph.value(result, sh.resultSeverity)) == f"{SH.iri}Warning"
    assert str(graph.value(result, rdflib.DCTERMS.source)) == f"{EDITION}:3"


def test_the_report_depends_on_what_was_found_and_on_nothing_else() -> None:
    findings = [each for case in CASES for each in check(case.faulty)]
    assert report_of(findings, BASE) == report_of([*reversed(findings), *findings], BASE)
    assert [
        bool(each.toPython()) for each in _report(findings).objects(None, rdflib.Namespace(SH.iri).conforms)
    ] == [False]


def test_a_report_of_nothing_conforms() -> None:
    assert [
        bool(each.toPython()) for each in _report([]).objects(None, rdflib.Namespace(SH.iri).conforms)
    ] == [True]


def test_shapes_that_are_no_turtle_are_a_fault_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "shapes/description").mkdir(parents=True)
    (tmp_path / "shapes/description/own.ttl").write_text("# a shape\nshape:X a\n")
    with pytest.raises(BuildError, match=r"own.ttl:2"):
        load_shapes([tmp_path])


def test_a_publication_adds_a_shape_of_its_own(tmp_path: Path) -> None:
    from fonds.vocabulary import program_ontology

    (tmp_path / "shapes/description").mkdir(parents=True)
    (tmp_path / "shapes/description/own.ttl").write_text("""
        @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix crm: <http://www.cidoc-crm.org/cidoc-crm/> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        <https://w3id.org/fonds/ns/shape/Dated> a sh:NodeShape ; sh:order 101 ; sh:name "Dated" ; sh:severity sh:Warning ;
          sh:description "An event has a date." ; rdfs:comment "Give it one." ; sh:message "has no date" ;
          sh:targetClass crm:E5_Event ; sh:property [ sh:path crm:P4_has_time-span ; sh:minCount 1 ; sh:severity sh:Warning ] .
    """)
    found = validate(
        describe("ev:talk a crm:E5_Event ; rdfs:label 'Talk' ."),
        load_shapes([program_ontology(), tmp_path]),
        base=BASE,
    )
    assert [each.shape for each in found] == ["Dated"]


def test_a_publications_own_shape_of_a_records_graph_sees_that_graph_alone(tmp_path: Path) -> None:
    own = tmp_path / "shapes/source/own.ttl"
    own.parent.mkdir(parents=True)
    own.write_text(
        f'@prefix sh: <{SH.iri}> . <{NAMESPACE}Own> a sh:NodeShape ; sh:order 90 ; sh:name "Own" ; sh:severity sh:Violation ; '
        'sh:description "Notes are labelled." ; <http://www.w3.org/2000/01/rdf-schema#comment> "Label it." ; '
        f"sh:targetClass <{CRM.E34_Inscription.value}> ; sh:property [ sh:path <{RDFS.label.value}> ; sh:minCount 1 ] .",
        encoding="utf-8",
    )
    loaded = load_shapes([program_ontology(), tmp_path])
    elsewhere = ':n1 a crm:E34_Inscription . g:curation\\/k { :n1 rdfs:label "Note" . }'
    here = ':n1 a crm:E34_Inscription ; rdfs:label "Note" .'
    found = [validate(describe(trig), loaded, base=BASE, origins=ORIGINS) for trig in (elsewhere, here)]
    assert [[each.focus for each in of("Own", each)] for each in found] == [[f"{RECORD}/n1"], []]
