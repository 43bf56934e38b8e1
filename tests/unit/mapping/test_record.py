"""A record becomes named graphs: each fact in the graph of whoever says it, and nothing that nobody says."""

from __future__ import annotations

import csv
from dataclasses import replace

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from fonds.dates import parse_edtf
from fonds.identifiers import IriSpace
from fonds.mapping.authorities import describe_authority
from fonds.mapping.common import Context
from fonds.mapping.description import Description, GraphKind
from fonds.mapping.record import describe
from fonds.mapping.vocabularies import describe_ontology, describe_vocabulary
from fonds.model import (
    Authority,
    Block,
    BlockKind,
    Capture,
    Certainty,
    Dated,
    DocumentedEvent,
    Identifier,
    Match,
    Mention,
    Note,
    Participation,
    Phrase,
    Publication,
    Record,
    Reference,
    Span,
    Text,
    Version,
)
from fonds.vocabulary import CRM, DCTERMS, FV, RDF, SKOS, XSD, program_ontology

BASE = "https://archive.example/"
CONTEXT = Context(IriSpace(BASE), {"de": "ger", "fr": "fre"}, "Rights not stated.")
WRITER, READER = Reference("person", "anna-weiss"), Reference("person", "jean-noir")

BARE = Record(
    key="letter-1",
    title=Phrase("A letter", "en"),
    label=Phrase("A letter", "en"),
    text=Text(language="de"),
    fulltext="full",
)

WORDS = "Lieber Freund, Anna dankt."
LETTER = Record(
    key="letter-2",
    title=Phrase("Anna Weiss to Jean Noir", "en"),
    label=Phrase("Anna Weiss to Jean Noir, March 1901", "en"),
    types=("letter",),
    creators=(WRITER,),
    created=Dated(name="ts-doc", date=parse_edtf("1901-03"), form="im März 1901"),
    identifiers=(
        Identifier(name="no", type="register-number", value="7", bearer="text"),
        Identifier(name="leaf", type="leaf", value="fol. 3", bearer="leaf", certainty=Certainty.MEDIUM),
    ),
    shelfmark="Box 1, 3",
    holding=Reference("holding", "box-1"),
    versions=(
        Version(language="de", role="original", held=True),
        Version(language="fr", role="translation", held=False, evidence="note-1"),
    ),
    documents=(
        DocumentedEvent(
            event=Reference("event", "visit"),
            types=("visit",),
            participants=(Participation(actor=WRITER), Participation(actor=READER, roles=("host",))),
        ),
    ),
    publication=Publication(publisher=Reference("group", "press"), other_formats=("application/pdf",)),
    capture=Capture(sha256="ab" * 32, size_bytes=99, media_type="text/plain", path="data/captures/a.txt"),
    abstract=Phrase("She thanks him.", "en"),
    citation=Phrase("Weiss to Noir.", "en"),
    text=Text(
        language="de",
        blocks=(
            Block(name="p1", kind=BlockKind.PARAGRAPH, ordinal=1, content=(WORDS,), span=Span(10, 36)),
            Block(name="note-1", kind=BlockKind.NOTE, content=("frz. vorhanden",), span=Span(40, 54)),
        ),
        mentions=(
            Mention(name="m1", target=WRITER, form="Anna", block="p1", span=Span(25, 29)),
            Mention(
                name="m2",
                target=None,
                form="Freund",
                block="p1",
                span=Span(17, 23),
                certainty=Certainty.LOW,
                ground="not named",
            ),
            Mention(name="m3", target=READER, form="frz.", block="note-1", span=Span(40, 44)),
        ),
        notes=(Note(name="note-1", type="handwritten-note", words="frz. vorhanden", span=Span(40, 54)),),
    ),
    fulltext="full",
)


def iri(path: str) -> NamedNode:
    return NamedNode(BASE + path)


def triples(description: Description, kind: GraphKind | None = None) -> set[Triple]:
    return {triple for graph in description.graphs if kind in (None, graph.kind) for triple in graph.triples}


def objects(description: Description, subject: str, predicate: NamedNode) -> set[object]:
    return {
        each.object
        for each in triples(description)
        if each.subject == iri(subject) and each.predicate == predicate
    }


def test_a_bare_record_says_only_what_it_has() -> None:
    described = describe(BARE, CONTEXT)
    predicates = {
        each.predicate
        for each in triples(described, GraphKind.RECORD)
        if each.subject == iri("id/record/letter-1")
    }
    assert DCTERMS.title in predicates
    assert not predicates & {
        DCTERMS.creator,
        DCTERMS.created,
        DCTERMS.language,
        CRM.P72_has_language,
        DCTERMS.provenance,
        DCTERMS.hasVersion,
    }


@pytest.mark.parametrize("record", [BARE, LETTER])
def test_no_blank_node_is_published(record: Record) -> None:
    assert not [
        each
        for each in triples(describe(record, CONTEXT))
        if isinstance(each.subject, BlankNode) or isinstance(each.object, BlankNode)
    ]


def _known_terms() -> set[str]:
    known = set()
    for table in program_ontology().glob("*.csv"):
        with table.open(encoding="utf-8", newline="") as file:
            known |= {row["iri"] for row in csv.DictReader(file) if row.get("iri")}
    return known


def test_every_class_and_property_stands_in_the_tables_of_terms() -> None:
    described = [
        describe(LETTER, CONTEXT),
        describe_authority(PERSON, CONTEXT),
        describe_vocabulary("type", [TERM], CONTEXT),
        describe_ontology(program_ontology() / "fonds.csv", CONTEXT),
    ]
    known = _known_terms()
    for each in described:
        for triple in triples(each):
            assert triple.predicate.value in known
            if triple.predicate == RDF.type:
                assert triple.object.value in known  # type: ignore[union-attr]


def test_every_part_that_is_pointed_to_is_described() -> None:
    described = triples(describe(LETTER, CONTEXT))
    subjects = {each.subject for each in described}
    inside = BASE + "id/record/letter-2"
    pointed = {
        each.object
        for each in described
        if isinstance(each.object, NamedNode) and each.object.value.startswith(inside)
    }
    assert pointed <= subjects


def test_crm_and_dublin_core_agree_on_creator_language_and_versions() -> None:
    described = describe(LETTER, CONTEXT)
    assert objects(described, "id/record/letter-2", DCTERMS.creator) == objects(
        described, "id/record/letter-2/writing", CRM.P14_carried_out_by
    )
    assert objects(described, "id/record/letter-2", DCTERMS.hasVersion) == objects(
        described, "id/record/letter-2", CRM.P73_has_translation
    )
    assert objects(described, "id/record/letter-2", DCTERMS.language) == {
        NamedNode("http://id.loc.gov/vocabulary/iso639-2/ger")
    }
    assert objects(described, "id/record/letter-2", CRM.P72_has_language) == {iri("vocab/language/de")}


def test_the_words_of_a_letter_held_in_its_own_language_are_part_of_the_record_itself() -> None:
    assert objects(describe(LETTER, CONTEXT), "id/record/letter-2/p1", CRM.P106i_forms_part_of) == {
        iri("id/record/letter-2")
    }


@pytest.mark.parametrize(
    ("edtf", "expected"),
    [
        ("1901", Literal("1901", datatype=XSD.gYear)),
        ("1901-03", Literal("1901-03", datatype=XSD.gYearMonth)),
        ("1901-03-05", Literal("1901-03-05", datatype=XSD.date)),
        ("1901-03/1901-05", Literal("1901-03/1901-05")),
    ],
)
def test_a_date_is_as_precise_as_the_source(edtf: str, expected: Literal) -> None:
    record = replace(LETTER, created=Dated(name="ts-doc", date=parse_edtf(edtf), form=edtf))
    assert objects(describe(record, CONTEXT), "id/record/letter-2", DCTERMS.created) == {expected}


def test_a_role_is_said_with_the_plain_statement_beside_it() -> None:
    described = describe(LETTER, CONTEXT)
    assert objects(described, "id/event/visit", CRM.P14_carried_out_by) == {
        iri("id/person/anna-weiss"),
        iri("id/person/jean-noir"),
    }
    assert objects(described, "id/record/letter-2/pc-part-jean-noir", CRM.P14_1_in_the_role_of) == {
        iri("vocab/role/host")
    }
    assert objects(described, "id/record/letter-2/pc-part-anna-weiss", RDF.type) == set()


def test_a_note_without_a_hand_and_a_date_has_no_writing() -> None:
    assert objects(describe(LETTER, CONTEXT), "id/record/letter-2/note-1", CRM.P94i_was_created_by) == set()


def test_who_is_named_in_a_note_is_referred_to_by_the_note_not_by_the_record() -> None:
    described = describe(LETTER, CONTEXT)
    assert iri("id/person/jean-noir") in objects(described, "id/record/letter-2/note-1", CRM.P67_refers_to)
    assert objects(described, "id/record/letter-2", CRM.P67_refers_to) == {iri("id/person/anna-weiss")}


def test_a_mention_that_nobody_resolved_names_nothing_and_says_how_unsure_it_is() -> None:
    described = describe(LETTER, CONTEXT)
    assert objects(described, "id/record/letter-2/m2", FV.mentions) == set()
    assert objects(described, "id/record/letter-2/m2", FV.certainty) == {Literal("low")}
    assert objects(described, "id/record/letter-2/m2", FV.form) == {Literal("Freund")}


@pytest.mark.parametrize(("fulltext", "found"), [("full", True), ("excerpt", True), ("link", False)])
def test_abstract_and_citation_leave_the_house_unless_only_a_link_may(fulltext: str, found: bool) -> None:
    described = describe(replace(LETTER, fulltext=fulltext), CONTEXT)
    assert bool(objects(described, "id/record/letter-2", DCTERMS.abstract)) is found
    assert bool(objects(described, "id/record/letter-2", DCTERMS.bibliographicCitation)) is found


@pytest.mark.parametrize(
    ("fulltext", "words", "note"), [("full", True, True), ("excerpt", True, False), ("link", False, False)]
)
def test_words_leave_the_house_as_far_as_fulltext_allows(fulltext: str, words: bool, note: bool) -> None:
    described = triples(describe(replace(LETTER, fulltext=fulltext), CONTEXT))
    literals = {each.object.value for each in described if isinstance(each.object, Literal)}
    assert (WORDS in literals) is words
    assert ("frz. vorhanden" in literals) is note


def test_a_long_paragraph_is_cut_between_words_in_an_excerpt() -> None:
    long = "Wort " * 200
    text = replace(
        LETTER.text,
        blocks=(
            Block(name="p1", kind=BlockKind.PARAGRAPH, ordinal=1, content=(long.strip(),), span=Span(0, 999)),
        ),
    )
    described = describe(replace(LETTER, text=text, fulltext="excerpt"), CONTEXT)
    (cut,) = objects(described, "id/record/letter-2/p1", CRM.P190_has_symbolic_content)
    assert isinstance(cut, Literal)
    assert 300 < len(cut.value) <= 400
    assert cut.value.endswith("Wort")


def test_every_graph_of_a_record_has_its_source() -> None:
    described = describe(LETTER, CONTEXT)
    provenance = triples(described, GraphKind.PROVENANCE)
    sourced = {each.subject for each in provenance if each.predicate.value.endswith("wasDerivedFrom")}
    assert {graph.name for graph in described.graphs if not graph.derived} <= sourced


MATCH = Match(
    iri="http://www.wikidata.org/entity/Q1",
    ground="same dates",
    source="a list",
    checked="2026-11-23",
    accepted_by="A. B.",
)
PERSON = Authority(reference=WRITER, labels=(Phrase("Anna Weiss"),), matches=(MATCH,))
TERM = Authority(
    reference=Reference("type", "letter"),
    labels=(Phrase("letter", "en"),),
    definition="Sent by one to another.",
)


def test_an_accepted_match_is_published_with_its_ground_source_and_day() -> None:
    described = describe_authority(PERSON, CONTEXT)
    assert objects(described, "id/person/anna-weiss", SKOS.exactMatch) == {NamedNode(MATCH.iri)}
    grounds = {each.object for each in triples(described) if each.predicate == FV.ground}
    assert grounds == {Literal("same dates", language="en")}


@pytest.mark.parametrize(
    "authority",
    [replace(PERSON, matches=(replace(MATCH, accepted_by=""),)), replace(PERSON, identified=False)],
)
def test_a_candidate_and_a_match_of_somebody_unidentified_are_not_published(authority: Authority) -> None:
    assert MATCH.iri not in str(triples(describe_authority(authority, CONTEXT)))


def test_what_is_asserted_of_an_authority_stands_in_its_own_graph() -> None:
    graphs = {graph.kind: graph.name.value for graph in describe_authority(PERSON, CONTEXT).graphs}
    assert graphs == {
        GraphKind.AUTHORITY: f"{BASE}graph/authority/person/anna-weiss",
        GraphKind.PROVENANCE: f"{BASE}graph/prov",
    }
