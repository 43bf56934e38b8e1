"""The publication of tables, made for the tests: what must come of it, worked out by hand and asked by SPARQL."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
import rdflib
from pyoxigraph import Quad, RdfFormat, parse

from fonds.release.folder import Release
from fonds.release.publication import build_publication, check_publication
from fonds.vocabulary import program_ontology
from tests.conftest import Site, serving
from tests.unit.test_terms import Term, exception, findings

from .conftest import BASE, Ask

RECORDS = {"account-1903", "account-1904", "brenner-1901", "marchand-1902"}
UNITS = {"obermuehle", "obermuehle-letters", "obermuehle-letters-in", "obermuehle-accounts"}


@pytest.fixture(scope="session")
def quads(tables: Release) -> list[Quad]:
    with gzip.open(tables.dumps / "dataset.nq.gz", "rb") as dump:
        return list(parse(dump.read(), format=RdfFormat.N_QUADS))


@pytest.fixture(scope="session")
def site(tables: Release) -> Iterator[Site]:
    with serving(tables.folder, base=BASE) as running:
        yield running


def test_every_row_is_a_record_or_a_unit_that_holds_records(ask: Ask) -> None:
    assert ask("SELECT ?r { ?r a rico:Record } ORDER BY ?r") == [
        (f"record/{key}",) for key in sorted(RECORDS)
    ]
    assert {row[0] for row in ask("SELECT ?r { ?r a rico:RecordSet }")} == {f"holding/{key}" for key in UNITS}


def test_a_record_stands_in_its_units_up_to_the_fonds(ask: Ask) -> None:
    query = """SELECT ?code ?level { rec:brenner-1901 crm:P128i_is_carried_by/crm:P46i_forms_part_of+ ?unit .
        ?unit rico:identifier ?code OPTIONAL { ?unit rico:hasRecordSetType ?set } OPTIONAL { ?unit crm:P2_has_type ?type }
        BIND(REPLACE(STR(COALESCE(?set, ?type)), "^.*[/#]", "") AS ?level) } ORDER BY ?code"""
    assert ask(query) == [
        ("Best. 12", "Fonds"),
        ("Best. 12/1", "Series"),
        ("Best. 12/1/1", "level-subseries"),
    ]


def test_what_is_said_of_a_fonds_is_not_lost(ask: Ask) -> None:
    said = ask(
        """SELECT ?type ?words { hold:obermuehle crm:P67i_is_referred_to_by ?text . ?text crm:P2_has_type ?type ;
        crm:P190_has_symbolic_content ?words } ORDER BY ?type"""
    )
    assert [(type_.removeprefix("vocab/type/"), words) for type_, words in said] == [
        ("accruals", "None are expected."),
        ("appraisal", "Receipts were destroyed."),
        ("archival-history", "Found in the attic in 1950."),
        ("conditions-of-access", "Open."),
        ("conditions-of-reproduction", "With leave of the archive."),
        ("extent-and-medium", "3 boxes"),
        ("finding-aids", "A list of 1951."),
        ("immediate-source-of-acquisition", "Given by the family."),
        ("note", "The roof leaked."),
        ("related-units", "Best. 13"),
        ("scope-and-content", "Papers of the mill."),
        ("system-of-arrangement", "By kind."),
    ]
    assert ask("SELECT ?w { hold:obermuehle rico:scopeAndContent ?w }") == [("Papers of the mill.",)]
    assert ask("SELECT ?w { hold:obermuehle dcterms:date ?w }") == [("1890/1910",)]
    assert ask("SELECT ?w { hold:obermuehle dcterms:creator/rdfs:label ?w }") == [("Obermühle",)]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT ?x { rec:brenner-1901 crm:P102_has_title/crm:P190_has_symbolic_content ?x }", [("Jakob Brenner über die Mühle",)]),
        ("SELECT ?x { rec:brenner-1901 dcterms:title ?x } ORDER BY ?x",
         [("Jakob Brenner on the mill@en",), ("Jakob Brenner über die Mühle@de",)]),
        ("SELECT ?x { rec:brenner-1901 dcterms:creator ?x }", [("person/brenner-jakob",)]),
        ("SELECT ?x { rec:brenner-1901 dcterms:created ?x }", [("1901-03-05",)]),
        ("SELECT ?x { rec:brenner-1901 dcterms:description ?x }", [("Er will die Mühle verkaufen.@de",)]),
        ("SELECT ?x { rec:brenner-1901 crm:P72_has_language ?x }", [("vocab/language/de",)]),
        ("SELECT ?x { rec:brenner-1901 dcterms:subject ?x } ORDER BY ?x", [("place/altwasser",), ("topic/milling",)]),
        ("SELECT ?x { rec:brenner-1901 dcterms:identifier ?x } ORDER BY ?x", [("1950/3",), ("Best. 12/1/1/1",), ("M 7",)]),
        ("SELECT ?x { rec:brenner-1901 crm:P128i_is_carried_by/crm:P49_has_former_or_current_keeper ?x }", [("group/town-archive",)]),
        ("SELECT ?x { rec:account-1904 crm:P94i_was_created_by/crm:P4_has_time-span/fv:edtf ?x }", [("1904~",)]),
        ("SELECT ?x { rec:account-1903 dcterms:created ?x }", [("1903",)]),
    ],
)  # fmt: skip
def test_a_record_says_what_its_row_says(ask: Ask, query: str, rows: list[tuple[str, ...]]) -> None:
    assert ask(query) == rows


def test_the_words_of_a_text_are_numbered_paragraphs_and_withheld_words_stay_in_the_house(ask: Ask) -> None:
    words = "SELECT ?n ?w { rec:%s dcterms:hasPart ?p . ?p fv:ordinal ?n OPTIONAL { ?p crm:P190_has_symbolic_content ?w } } ORDER BY ?n"
    assert ask(words % "brenner-1901") == [
        ("1", "Liebe Élise!"),
        ("2", "Die Obermühle ist alt.\nWir werden sie verkaufen müssen."),
        ("3", "Dein Jakob"),
    ]
    assert ask(words % "marchand-1902") == [("1", "-"), ("2", "-")]


def test_a_name_in_words_is_somebody_and_nobody_in_particular(ask: Ask) -> None:
    creators = ask(
        "SELECT ?w ?t { rec:marchand-1902 dcterms:creator ?c . ?c rdfs:label ?w ; crm:P2_has_type ?t } ORDER BY ?w"
    )
    assert creators == [("jemand", "vocab/type/unidentified"), ("Élise Marchand", "vocab/type/unidentified")]


def test_words_that_are_no_date_are_kept_and_told(ask: Ask, copied: Path) -> None:
    query = "SELECT ?w { rec:marchand-1902 crm:P67i_is_referred_to_by ?t . ?t crm:P2_has_type t:date ; crm:P190_has_symbolic_content ?w }"
    assert ask(query) == [("Frühling 1902",)]
    assert ask("SELECT ?d { rec:marchand-1902 dcterms:created ?d }") == []
    told = [each.message for each in check_publication(copied).told if each.path.startswith("data/records/")]
    assert len([each for each in told if "'Frühling 1902' cannot be read as a date" in each]) == 1
    assert len([each for each in told if "is what person/marchand-elise is called" in each]) == 1


def test_each_graph_says_from_which_file_it_was_made(ask: Ask) -> None:
    query = "SELECT ?w { <%sgraph/%s> prov:wasDerivedFrom/rdfs:label ?w }"
    assert ask(query % (BASE, "record/account-1903")) == [("File “data/records/03-accounts.xlsx”@en",)]
    assert ask(query % (BASE, "authority/holding/obermuehle")) == [("File “data/records/01-units.csv”@en",)]
    assert ask(query % (BASE, "authority/person/brenner-jakob")) == [
        ("Table “persons”, kept by the project@en",)
    ]
    assert ask(query % (BASE, "data/weather")) == [("File “data/graphs/weather.ttl”@en",)]


def test_rdf_stands_in_its_graph_and_in_the_public_view(ask: Ask) -> None:
    assert ask("SELECT ?g { GRAPH ?g { ?x a schema:Observation } }") == [("graph/data/weather",)]
    assert ask("SELECT ?w { rec:brenner-1901 schema:about/schema:name ?w }") == [("Rain",)]


def test_every_term_is_known_and_used_within_its_domain_and_range(quads: list[Quad]) -> None:
    listed: dict[str, Term] = {}
    for path in program_ontology().glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if "kind" in row:
                    listed[row["iri"]] = Term(
                        row["kind"], tuple(row["broader"].split()), row["domain"], row["range"]
                    )
    ours = [quad.triple for quad in quads if "/graph/data/" not in quad.graph_name.value]  # type: ignore[union-attr]
    assert [each for each in findings(ours, listed) if exception(each) is None] == []


def test_rdflib_reads_the_dumps(tables: Release, quads: list[Quad]) -> None:
    dataset = rdflib.Dataset()
    with gzip.open(tables.dumps / "dataset.nq.gz") as dump:
        dataset.parse(dump, format="nquads")
    assert len(dataset) == len(quads)
    graph = rdflib.Graph()
    with gzip.open(tables.dumps / "public.ttl.gz") as dump:
        graph.parse(dump, format="turtle")
    assert (
        rdflib.URIRef(f"{BASE}id/record/account-1903"),
        rdflib.DCTERMS.extent,
        rdflib.Literal("2 leaves"),
    ) in graph


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("doc/record/brenner-1901", "Wir werden sie verkaufen"),
        ("doc/record/brenner-1901", "Er will die Mühle verkaufen."),
        ("doc/record/account-1903", "The words of this record are not held here."),
        ("doc/record/account-1903", "2 leaves"),
        ("doc/record/marchand-1902", "The words of this record are not published here."),
        ("doc/record/brenner-1901.txt", "Dein Jakob"),
        ("doc/record/brenner-1901.ttl", "dcterms:title"),
        ("doc/holding/obermuehle", "Papers of the mill."),
        ("doc/record/account-1903.jsonld", "Account of 1903"),
        ("doc/record/account-1903.la.json", "Account of 1903"),
        ("doc/record/account-1903.rdf", "Account of 1903"),
        ("doc/holding/obermuehle.jsonld", "Papers of the mill."),
        ("browse/record", "Account of 1903"),
        ("graph/data/weather", "Rain in Altwasser"),
    ],
)
def test_a_page_shows_it(site: Site, path: str, words: str) -> None:
    reply = site.get(path, "text/html" if "." not in path else "*/*")
    assert reply.status == 200
    assert words in reply.text


def test_what_rdf_describes_is_dereferenced_like_the_rest(site: Site, ask: Ask) -> None:
    ((blank,),) = ask("SELECT ?x { rec:brenner-1901 schema:about ?x }")
    for iri, words in (
        (f"{BASE}{blank}", "Rain"),
        (f"{BASE}id/mill/wheel", "The wheel"),
        (f"{BASE}id/record/brenner-1901", "schema:about"),
    ):
        found = site.get(iri, "text/turtle")
        assert found.status == 303
        document = site.get(urljoin(iri, found.headers["location"]), "text/turtle")
        assert (document.status, words in document.text) == (200, True)


def test_there_is_no_tei_of_a_record_from_a_table(site: Site) -> None:
    assert site.get("doc/record/brenner-1901.tei.xml").status in (404, 406)


def test_the_same_tables_give_the_same_release(tables: Release, copied: Path) -> None:
    again = build_publication(copied, into=tables.folder.parent)
    assert again.manifest.digest == tables.manifest.digest
