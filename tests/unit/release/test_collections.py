"""Small collections built to the end: what is wrong in them stops nothing, and all that they say conforms to the shapes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Store

from fonds.errors import BuildError
from fonds.release.folder import Release
from fonds.release.publication import build_publication, check_publication
from fonds.release.report_text import as_text

CORPORA = Path(__file__).parents[2] / "corpora"
BASE = "https://archive.example/"
SETTINGS = """
inference = "none"

[[collections]]
name = "bridge"
files = ["data/documents/volumes/*.xml"]
language = "en"

[[collections]]
name = "weiss"
files = ["data/documents/letters/**/*.xml"]
language = "de"
"""


def publication(folder: Path, settings: str = SETTINGS) -> Path:
    shutil.copytree(CORPORA, folder / "data/documents")
    (folder / "fonds.toml").write_text(settings, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return build_publication(publication(tmp_path_factory.mktemp("corpora")), base=BASE)


def ask(release: Release, query: str) -> list[tuple[str, ...]]:
    store = Store.read_only(str(release.store))
    prefixes = {
        "crm": "http://www.cidoc-crm.org/cidoc-crm/",
        "fv": "https://w3id.org/fonds/ns#",
        "dcterms": "http://purl.org/dc/terms/",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "rec": f"{BASE}id/record/",
        "pe": f"{BASE}id/person/",
        "t": f"{BASE}vocab/type/",
    }
    found = store.query(query, prefixes=prefixes)
    return sorted(tuple(each.value.removeprefix(BASE) if each else "" for each in row) for row in found)  # type: ignore[union-attr]


def test_no_shape_is_violated(release: Release) -> None:
    assert "sh:Violation" not in (release.folder / "report.ttl").read_text("utf-8")


def test_sender_and_recipient_stand_at_the_sending(release: Release) -> None:
    query = (
        "SELECT ?record ?role ?name { ?s crm:P16_used_specific_object ?record ; ?role ?who ; crm:P2_has_type t:sending . "
        "?who rdfs:label ?name FILTER(?role IN (fv:sender, fv:recipient)) }"
    )
    names = {
        (record.rpartition("/")[2], role.rpartition("#")[2], name)
        for record, role, name in ask(release, query)
    }
    assert names == {
        ("volume-7-d1", "sender", "Adams, Ruth"),
        ("volume-7-d1", "recipient", "County Board"),
        ("volume-7-d2", "sender", "Board"),
        ("weiss-1", "sender", "Weiss Anna"),
        ("weiss-1", "recipient", "Holm, Karl"),
        ("weiss-1", "recipient", "Unbekannte Firma"),
    }


def test_an_identifier_elsewhere_is_a_name_and_no_identity(release: Release) -> None:
    query = (
        "SELECT ?type ?value ?address { pe:weiss-ed-w1 crm:P1_is_identified_by ?i . ?i crm:P2_has_type ?type ; "
        "crm:P190_has_symbolic_content ?value ; rdfs:seeAlso ?address }"
    )
    assert ask(release, query) == [("vocab/type/gnd", "118609807", "https://d-nb.info/gnd/118609807")]
    assert ask(release, "SELECT ?x ?y { ?x skos:exactMatch|skos:closeMatch ?y }") == []


@pytest.mark.thorough
def test_who_is_born_in_a_listed_place_is_born_in_it_and_one_that_is_not_listed_is_a_part_of_the_entry(
    release: Release,
) -> None:
    query = "SELECT ?event ?place { pe:weiss-ed-h1 crm:P98i_was_born|crm:P100i_died_in ?event . ?event crm:P7_took_place_at ?place }"
    it = "id/person/weiss-ed-h1"
    assert ask(release, query) == [
        (f"{it}/birth", "id/place/weiss-ed-b1"),
        (f"{it}/death", f"{it}/death-place"),
    ]
    said = (
        "SELECT ?class ?label ?address { pe:weiss-ed-h1 crm:P100i_died_in/crm:P7_took_place_at ?x . ?x a ?class ; "
        "rdfs:label ?label ; crm:P1_is_identified_by/rdfs:seeAlso ?address }"
    )
    assert ask(release, said) == [
        ("http://www.cidoc-crm.org/cidoc-crm/E53_Place", "Wien", "https://sws.geonames.org/2761369/")
    ]
    graphs = f"SELECT ?g {{ GRAPH ?g {{ <{BASE}{it}/birth> crm:P7_took_place_at ?place }} }}"
    assert ask(release, graphs) == [("graph/authority/person/weiss-ed-h1",)]
    without = "SELECT ?span { pe:weiss-ed-h1 crm:P98i_was_born/crm:P4_has_time-span ?span }"
    assert ask(release, without.replace("P4_has_time-span", "P4_has_time\\-span")) == []


def test_letters_before_and_after_are_records_where_they_are_published_and_words_always(
    release: Release,
) -> None:
    query = (
        "SELECT ?how ?other { rec:weiss-1 ?how ?other FILTER(STRSTARTS(STR(?how), 'https://www.ica.org/standards/RiC/') "
        "&& STRSTARTS(STR(?other), STR(rec:))) }"
    )
    assert {(how.rpartition("#")[2], other) for how, other in ask(release, query)} == {
        ("directlyPrecedesInSequence", "id/record/weiss-2"),
        ("isRecordResourceAssociatedWithRecordResource", "id/record/weiss-3"),
    }
    said = (
        "SELECT ?words { rec:weiss-1 crm:P67i_is_referred_to_by ?t . ?t crm:P2_has_type t:related-units ; "
        "crm:P190_has_symbolic_content ?words }"
    )
    assert ask(release, said) == [
        ("next: Anna Weiss, Karte",),
        ("previous_letter, withinCollection: Anna Weiss an Holm, April 1911",),
        ("reply: weiss_3",),
    ]


@pytest.mark.thorough
def test_a_sender_whom_nothing_lists_has_the_identifier_that_the_edition_states(tmp_path: Path) -> None:
    folder = publication(tmp_path)
    letter = folder / "data/documents/letters/weiss_1.xml"
    words = letter.read_text("utf-8")
    assert "<orgName>Unbekannte Firma</orgName>" in words
    known = words.replace("<orgName>Unb", '<orgName ref="https://viaf.org/viaf/95158020">Unb')
    letter.write_text(known, "utf-8")
    built = build_publication(folder, base=BASE)
    query = (
        "SELECT ?type ?value ?address { ?x rdfs:label 'Unbekannte Firma' ; crm:P1_is_identified_by ?i . "
        "?i crm:P2_has_type ?type ; crm:P190_has_symbolic_content ?value ; rdfs:seeAlso ?address }"
    )
    assert ask(built, query) == [("vocab/type/viaf", "95158020", "http://viaf.org/viaf/95158020")]
    assert ask(built, "SELECT ?x { ?x rdfs:label 'Unbekannte Firma' ; crm:P2_has_type t:unidentified }") == []


def test_what_an_edition_lists_was_derived_from_the_edition(release: Release) -> None:
    query = (
        "PREFIX prov: <http://www.w3.org/ns/prov#> SELECT ?label { "
        f"<{BASE}graph/authority/person/volume-7-p-a1> prov:wasDerivedFrom ?source . ?source rdfs:label ?label }}"
    )
    assert ask(release, query) == [("Edition “volume-7.xml”",)]


def test_words_of_a_volume_have_a_statement_of_rights_of_their_own(release: Release) -> None:
    graph = NamedNode(f"{BASE}graph/authority/work/volume-7-preface/text")
    rights = ask(release, f"SELECT ?rights {{ GRAPH {graph} {{ {graph} dcterms:rights ?rights }} }}")
    assert rights == [("Rights not stated in the source.",)]


def test_whom_an_abstract_names_is_named_by_the_description(release: Release) -> None:
    query = "SELECT ?who { ?d crm:P129_is_about rec:weiss-2 ; crm:P67_refers_to ?who }"
    assert ask(release, query) == [("id/person/weiss-ed-h1",)]


def test_all_parts_of_a_document_are_described(release: Release) -> None:
    query = (
        "SELECT ?label { { ?x fv:page '2' } UNION { rec:volume-7-d1 crm:P94i_was_created_by/crm:P7_took_place_at ?x } "
        "UNION { rec:volume-7-d1 dcterms:provenance ?x } ?x rdfs:label ?label }"
    )
    assert ask(release, query) == [("D1fn1",), ("Millbrook",), ("Page 2",)]


def test_warnings_are_listed_by_check(tmp_path: Path) -> None:
    lines = as_text(check_publication(publication(tmp_path))).splitlines()
    assert any(line.startswith("warning: data/documents/volumes/volume-7.xml:36:") for line in lines)


def test_a_record_without_a_language_is_reported_and_published(tmp_path: Path) -> None:
    folder = publication(tmp_path, SETTINGS.replace('language = "de"', ""))
    letter = folder / "data/documents/letters/weiss_1.xml"
    said = '<langUsage><language ident="de-AT">Deutsch</language></langUsage>'
    words = letter.read_text("utf-8")
    assert said in words
    letter.write_text(words.replace(said, ""), "utf-8")
    built = build_publication(folder, base=BASE)
    assert "is a record with words, and without a language" in (built.folder / "report.ttl").read_text(
        "utf-8"
    )
    assert built.manifest.counts.records == 9


def test_in_a_strict_collection_a_fault_stops_the_build(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="no element of this file has this xml:id"):
        build_publication(
            publication(tmp_path, SETTINGS.replace('"bridge"', '"bridge"\nstrict = true')), base=BASE
        )
