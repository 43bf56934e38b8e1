"""What citations name of records of several kinds, and that they name nothing else."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from fonds.identifiers import IriSpace
from fonds.views.around import Around
from fonds.views.citations import Cited, Name, When, cited
from fonds.views.citations.names import name_of
from fonds.views.graph import known
from fonds.vocabulary import CRM, DCTERMS, RDFS, RICO, SKOS

IRIS = IriSpace("https://fonds.example/")
KEY = "darusenkov-1964-375"
PREFIXES = """
  @prefix : <https://fonds.example/id/record/> . @prefix a: <https://fonds.example/id/record/a/> .
  @prefix crm: <http://www.cidoc-crm.org/cidoc-crm/> . @prefix dcterms: <http://purl.org/dc/terms/> .
  @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix rico: <https://www.ica.org/standards/RiC/ontology#> .
  @prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix fv: <https://w3id.org/fonds/ns#> .
  @prefix t: <https://fonds.example/vocab/type/> . @prefix l: <https://fonds.example/vocab/language/> .
  @prefix p: <https://fonds.example/id/person/> . @prefix w: <https://fonds.example/id/work/> .
  @prefix h: <https://fonds.example/id/holding/> . @prefix g: <https://fonds.example/id/group/> .
  :a dcterms:title "A"@en .
"""


def read(turtle: str, languages: tuple[str, ...] = ("en",)) -> Cited:
    triples = [quad.triple for quad in parse((PREFIXES + turtle).encode(), format=RdfFormat.TURTLE)]
    found = cited(known(triples, languages), IRIS.record("a"), IRIS)
    assert found is not None
    return found


def test_the_first_record_has_what_its_source_says(first_record: Around) -> None:
    iris = IriSpace("http://127.0.0.1:8000/")
    found = cited(first_record.stated, iris.record(KEY), iris)
    assert found is not None
    title = "From the Diary of O. T. Darusenkov, Record of a Conversation with Cuban Minister of Industry, Ernesto Guevara, 16 October 1964"
    assert found.own.startswith(
        f'"{title}," October 27, 1964, History and Public Policy Program Digital Archive, TsKhSD'
    )
    assert found.abstract.startswith("Darusenkov notes a meeting in which Guevara discusses")
    assert found == Cited(
        iri=f"http://127.0.0.1:8000/id/record/{KEY}",
        key=KEY,
        title=title,
        title_language="en",
        short_title="From the Diary of O. T. Darusenkov, 27 October 1964, No 375",
        authors=(Name("O. T. Darusenkov", "Darusenkov", "O. T."),),
        translators=(Name("Gary Goldberg"),),
        commissioners=(Name("CWIHP"),),
        publishers=(Name("History and Public Policy Program Digital Archive"),),
        kinds=("extract from a diary", "record of a conversation"),
        date=When("1964-10-27", "27 October 1964"),
        event_date=When("1964-10-16", "16 October 1964"),
        number="No 375",
        archive="TsKhSD",
        location="f. 5, op. 49, d. 758, l. 269, r. 9126",
        shelfmark="TsKhSD, f. 5, op. 49, d. 758, l. 269, r. 9126",
        collection="f. 5, op. 49",
        whole="Diary of O. T. Darusenkov",
        language="en",
        original_language="ru",
        abstract=found.abstract,
        own=found.own,
        rights="Rights not stated in the source.",
    )


def test_a_record_of_which_only_a_title_and_a_date_are_known_has_nothing_else() -> None:
    found = read('a:title rdfs:label "A"@en . :a dcterms:created "1901" .')
    assert found == Cited("https://fonds.example/id/record/a", "a", "A", "en", date=When("1901"))
    assert found.form == "manuscript"


def test_a_record_without_a_title_is_not_cited() -> None:
    record = IRIS.record("a")
    assert cited(known([Triple(record, DCTERMS.created, Literal("1900"))]), record, IRIS) is None
    assert cited(known([Triple(record, DCTERMS.title, Literal(" \n"))]), record, IRIS) is None


def test_the_title_is_the_one_it_bears_and_no_translation_of_it() -> None:
    found = read(
        'a:title rdfs:label "Über die Mühle"@de . :a crm:P102_has_title a:title ; dcterms:title "On the mill"@en .'
    )
    assert (found.title, found.title_language) == ("Über die Mühle", "de")


def test_of_a_volume_and_its_chapter_the_volume_is_named() -> None:
    works = 'w:v rdfs:label "Volume VI"@en . w:c rdfs:label "Chapter"@en ; crm:P106i_forms_part_of w:v .'
    found = read(f':a crm:P106i_forms_part_of w:c, w:v, :b . :b rdfs:label "The memorandum" . {works}')
    assert (found.whole, found.container, found.form) == ("Volume VI", "Volume VI", "chapter")


def test_where_the_shelfmark_is_known_the_archive_is_the_place_and_not_the_work() -> None:
    found = read(
        ':a crm:P106i_forms_part_of w:v ; crm:P128i_is_carried_by a:object . w:v rdfs:label "Diary" . '
        "a:object crm:P1_is_identified_by a:shelfmark . "
        'a:shelfmark crm:P2_has_type t:call-number ; crm:P190_has_symbolic_content "GB, Cambridge, B 8" .'
    )
    assert (found.location, found.container, found.archive) == ("GB, Cambridge, B 8", "", "")


def test_without_a_shelfmark_the_codes_of_the_file_are_the_place() -> None:
    found = read(
        ":a crm:P128i_is_carried_by a:object . a:object crm:P46i_forms_part_of h:file . "
        'h:file rico:identifier "d. 7" ; crm:P46i_forms_part_of h:fonds . '
        'h:fonds rico:identifier "f. 5" ; crm:P46i_forms_part_of h:file .'
    )
    assert (found.location, found.collection) == ("f. 5, d. 7", "f. 5")


def test_sender_recipient_and_source_note_of_a_printed_document() -> None:
    found = read(
        "a:sending crm:P16_used_specific_object :a ; fv:sender p:k ; fv:recipient p:n . p:k a crm:E21_Person ; "
        'rdfs:label "Kennedy, John F." . p:n a crm:E39_Actor ; rdfs:label "Embassy, Moscow" . '
        ':a dcterms:provenance a:fn . a:fn crm:P190_has_symbolic_content "Source: Lot 66 D 204." .'
    )
    assert found.authors == (Name("Kennedy, John F.", "Kennedy", "John F."),)
    assert found.recipients == (Name("Embassy, Moscow"),)
    assert found.source_notes == ("Source: Lot 66 D 204.",)


def test_words_that_are_not_held_name_no_translator_and_no_language() -> None:
    found = read(
        ":a crm:P72_has_language l:ru ; crm:P73_has_translation a:es . a:es crm:P72_has_language l:es ; "
        'crm:P2_has_type t:version-not-held ; crm:P94i_was_created_by a:m . a:m crm:P14_carried_out_by p:x . p:x rdfs:label "X" .'
    )
    assert (found.language, found.original_language, found.translators) == ("ru", "", ())


def test_several_documented_events_give_no_date_of_the_event() -> None:
    found = read(
        ":a crm:P70_documents p:e, p:f . p:e crm:P4_has_time-span a:x . p:f crm:P4_has_time-span a:y . "
        'a:x fv:edtf "1901" . a:y fv:edtf "1902" .'
    )
    assert found.event_date is None


@pytest.mark.parametrize(
    ("edtf", "words", "exact", "text"),
    [
        ("1964-10-27", "October 27, 1964", "1964-10-27", "27 October 1964"),
        ("1964-10", "", "1964-10", "October 1964"),
        ("1964", "", "1964", "1964"),
        ("1964~", "um 1964", None, "um 1964"),
        ("1964?", "", None, "1964 (uncertain)"),
        ("1892-01-01/1893-12-31", "[1892–1893?]", None, "[1892–1893?]"),
        ("-0043-03-15", "", None, "-0043-03-15"),
        ("", "Frühling 1902", None, "Frühling 1902"),
        ("no date", "", None, "no date"),
    ],
)
def test_only_a_date_without_doubt_is_given_in_figures(
    edtf: str, words: str, exact: str | None, text: str
) -> None:
    when = When(edtf, words)
    assert (when.exact, when.text, when.value) == (exact, text, exact or text)


@pytest.mark.parametrize(
    ("label", "others", "parts"),
    [
        ("O. T. Darusenkov", ["Darusenkov, O. T."], ("Darusenkov", "O. T.", "")),
        ("O. Darusenkov", ["Darusenkov, O. T."], ("", "", "")),
        ("de Gaulle, Charles", [], ("de Gaulle", "Charles", "")),
        ("Thompson, Llewellyn E., Jr.", [], ("Thompson", "Llewellyn E.", "Jr.")),
        ("King, Jr.", [], ("", "", "")),
        ("Souvanna Phouma, Prince", [], ("", "", "")),
        ("Rusk, Dean, Secretary of State", [], ("", "", "")),
        ("Schnitzler Arthur", [], ("", "", "")),
        ("Schmidt, Anna (1801–1850)", [], ("", "", "")),
        (",", [], ("", "", "")),
    ],
)
def test_parts_of_a_name_are_those_that_its_authority_states(
    label: str, others: list[str], parts: tuple[str, ...]
) -> None:
    name = name_of(label, others, person=True)
    assert (name.family, name.given, name.suffix) == parts
    assert name.text == label
    assert name_of(label, others, person=False) == Name(label)


def test_a_russian_name_of_the_archive_is_known_where_it_is_stated() -> None:
    keeper = NamedNode("https://fonds.example/id/group/x")
    paper = IRIS.record("a", "object")
    triples = [
        Triple(IRIS.record("a"), RDFS.label, Literal("A")),
        Triple(IRIS.record("a"), CRM.P128i_is_carried_by, paper),
        Triple(paper, CRM.P49_has_former_or_current_keeper, keeper),
        Triple(keeper, RDFS.label, Literal("TsKhSD")),
        Triple(keeper, SKOS.altLabel, Literal("ЦХСД", language="ru")),
        Triple(keeper, RICO.identifier, Literal("no name")),
    ]
    found = cited(known(triples), IRIS.record("a"), IRIS)
    assert found is not None
    assert (found.archive, found.archive_in_russian) == ("TsKhSD", "ЦХСД")
