"""The facts of the first record, asked of the endpoint as any client would; expected answers were worked out from the text by hand."""

from __future__ import annotations

import re
from typing import Any

import pytest
from SPARQLWrapper import JSON, SPARQLWrapper

KEY = "darusenkov-1964-375"


@pytest.fixture(scope="module")
def ask(site: Any) -> Any:
    """Return a function that asks a question and gives its rows as dicts of plain strings, IRIs without the base."""

    def rows(query: str) -> list[dict[str, str]]:
        client = SPARQLWrapper(site.url + "sparql")
        client.setReturnFormat(JSON)
        client.setQuery(PREFIXES.format(base=site.base) + query)
        answer = client.queryAndConvert()
        return [
            {name: term["value"].removeprefix(site.base) for name, term in row.items()}
            for row in answer["results"]["bindings"]
        ]

    return rows


PREFIXES = """
PREFIX rec: <{base}id/record/> PREFIX r: <{base}id/record/darusenkov-1964-375/> PREFIX pe: <{base}id/person/>
PREFIX gr: <{base}id/group/> PREFIX pl: <{base}id/place/> PREFIX ev: <{base}id/event/> PREFIX work: <{base}id/work/>
PREFIX hold: <{base}id/holding/> PREFIX t: <{base}vocab/type/> PREFIX role: <{base}vocab/role/> PREFIX g: <{base}graph/>
PREFIX cap: <{base}id/capture/> PREFIX crm: <http://www.cidoc-crm.org/cidoc-crm/> PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX fv: <https://w3id.org/fonds/ns#> PREFIX rico: <https://www.ica.org/standards/RiC/ontology#>
PREFIX oa: <http://www.w3.org/ns/oa#> PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX lrmoo: <http://iflastandards.info/ns/lrm/lrmoo/> PREFIX lang: <http://id.loc.gov/vocabulary/iso639-2/>
PREFIX crmdig: <http://www.cidoc-crm.org/extensions/crmdig/> PREFIX rst: <https://www.ica.org/standards/RiC/vocabularies/recordSetTypes#>
"""

# What the default graph must hold: MODEL §3.1–§3.4, §3.8, §3.11, one triple or pattern a line.
FACTS = [
    # the text
    f"rec:{KEY} a crm:E33_Linguistic_Object, crm:E31_Document, lrmoo:F2_Expression, rico:Record",
    f'rec:{KEY} rdfs:label "From the Diary of O. T. Darusenkov, 27 October 1964, No 375"@en',
    f"rec:{KEY} crm:P2_has_type t:record-of-conversation, t:diary-extract",
    f'rec:{KEY} crm:P72_has_language/skos:prefLabel "Russian"@en',
    f'rec:{KEY} crm:P1_is_identified_by/crm:P190_has_symbolic_content "No 375"',
    f"rec:{KEY} crm:P94i_was_created_by/crm:P14_carried_out_by pe:darusenkov",
    f'rec:{KEY} crm:P94i_was_created_by/crm:P4_has_time-span/crm:P82a_begin_of_the_begin "1964-10-27T00:00:00Z"^^xsd:dateTime',
    f'rec:{KEY} crm:P94i_was_created_by/crm:P4_has_time-span/crm:P82b_end_of_the_end "1964-10-27T23:59:59Z"^^xsd:dateTime',
    f"rec:{KEY} crm:P106i_forms_part_of work:darusenkov-diary",
    f"rec:{KEY} crm:P128i_is_carried_by r:object",
    f"rec:{KEY} crm:P70_documents ev:conversation-1964-10-16",
    f"rec:{KEY} crm:P73_has_translation r:en, r:es",
    # the same in Dublin Core
    f"rec:{KEY} dcterms:creator pe:darusenkov",
    f'rec:{KEY} dcterms:created "1964-10-27"^^xsd:date ; dcterms:date "1964-10-27"^^xsd:date',
    f"rec:{KEY} dcterms:language lang:rus",
    f'rec:{KEY} dcterms:identifier "No 375"',
    f"rec:{KEY} dcterms:hasVersion r:en, r:es",
    f"rec:{KEY} dcterms:isPartOf work:darusenkov-diary",
    f"rec:{KEY} dcterms:hasPart r:p1, r:p8, r:note-1, r:note-2, r:stamp, r:signature",
    f"rec:{KEY} dcterms:type <http://purl.org/dc/dcmitype/Text>",
    # the paper and its place in the archive
    "r:object a crm:E22_Human-Made_Object ; crm:P46i_forms_part_of hold:tskhsd-5-49-758",
    "r:object crm:P1_is_identified_by [ crm:P2_has_type t:call-number ; "
    'crm:P190_has_symbolic_content "TsKhSD, f. 5, op. 49, d. 758, l. 269, r. 9126" ]',
    'r:object crm:P1_is_identified_by [ crm:P2_has_type t:copy-number ; crm:P190_has_symbolic_content "Copy No 2" ]',
    "r:object crm:P49_has_former_or_current_keeper gr:tskhsd",
    "r:object crm:P128_carries r:stamp, r:note-1, r:note-2, r:signature",
    'hold:tskhsd-5 a crm:E78_Curated_Holding, rico:RecordSet ; rico:hasRecordSetType rst:Fonds ; rico:identifier "f. 5"',
    'hold:tskhsd-5-49 a crm:E78_Curated_Holding ; rico:hasRecordSetType rst:Series ; rico:identifier "op. 49"',
    'hold:tskhsd-5-49-758 a crm:E22_Human-Made_Object ; rico:hasRecordSetType rst:File ; rico:identifier "d. 758"',
    "hold:tskhsd-5 crm:P46_is_composed_of hold:tskhsd-5-49",
    "hold:tskhsd-5-49 crm:P46_is_composed_of hold:tskhsd-5-49-758",
    f"hold:tskhsd-5-49-758 rico:includesOrIncluded rec:{KEY}",
    # the translations
    f"r:en crm:P73i_is_translation_of rec:{KEY} ; dcterms:language lang:eng ; dcterms:contributor pe:goldberg-gary",
    "r:en crm:P94i_was_created_by [ crm:P14_carried_out_by pe:goldberg-gary ; fv:on_behalf_of gr:cwihp ]",
    "r:en dcterms:publisher gr:hppp-digital-archive ; dcterms:hasFormat r:web-page, r:pdf",
    f"r:es crm:P73i_is_translation_of rec:{KEY} ; dcterms:language lang:spa ; crm:P67i_is_referred_to_by r:translator-note",
    # the conversation
    "ev:conversation-1964-10-16 a crm:E7_Activity ; crm:P2_has_type t:conversation, t:confidential",
    "ev:conversation-1964-10-16 crm:P14_carried_out_by pe:darusenkov, pe:guevara",
    "ev:conversation-1964-10-16 crm:P7_took_place_at pl:cu-ministry-of-industry",
    'ev:conversation-1964-10-16 crm:P4_has_time-span/crm:P82a_begin_of_the_begin "1964-10-16T00:00:00Z"^^xsd:dateTime',
    # the same in the words of LRMoo and RiC, and what else MODEL has
    f'r:en lrmoo:R76_is_derivative_of rec:{KEY} ; crm:P72_has_language/skos:prefLabel "English"@en ; dcterms:isVersionOf rec:{KEY}',
    f"?translating a lrmoo:F28_Expression_Creation ; crm:P16_used_specific_object rec:{KEY} ; lrmoo:R17_created r:en ; "
    "crm:P94_has_created r:en",
    "?part a crm:PC14_carried_out_by ; crm:P02_has_range pe:goldberg-gary ; crm:P14.1_in_the_role_of role:translator",
    f"rec:{KEY} rico:hasAuthor pe:darusenkov ; dcterms:provenance [ a dcterms:ProvenanceStatement ]",
    f"r:object a rico:Instantiation ; rico:isOrWasInstantiationOf rec:{KEY} ; dcterms:isPartOf hold:tskhsd-5-49-758",
    "hold:tskhsd-5 rico:hasOrHadHolder gr:tskhsd ; rico:includesOrIncluded hold:tskhsd-5-49",
    'gr:tskhsd a crm:E74_Group, rico:CorporateBody ; rdfs:label "TsKhSD"',
    f"rec:{KEY} crm:P102_has_title [ a crm:E35_Title ; crm:P2_has_type t:title-from-citation ]",
    'work:darusenkov-diary crm:P2_has_type t:official-diary ; dcterms:creator pe:darusenkov ; rdfs:label "Diary of O. T. Darusenkov"@en',
    'r:signature a crm:E34_Inscription ; crm:P2_has_type t:signature-block ; crm:P190_has_symbolic_content "O. Darusenkov"',
    'r:stamp a crm:E34_Inscription ; crm:P2_has_type t:stamp ; crm:P190_has_symbolic_content "Declassified" ; '
    "crm:P67_refers_to r:declassifying",
    "r:classifying a crm:E17_Type_Assignment ; crm:P41_classified r:object ; crm:P42_assigned t:secret",
    "r:declassifying crm:P2_has_type t:declassification ; crm:P42_assigned t:declassified ; "
    "crm:P183i_starts_after_the_end_of r:classifying",
    "r:object crm:P2_has_type t:marked-secret, t:stamped-declassified ; dcterms:accessRights [ a dcterms:RightsStatement ]",
    'r:note-1 a crm:E34_Inscription ; crm:P190_has_symbolic_content "Note. The material is informative; briefed to the sector. '
    'Chief of a CC CPSU sector. [signature] A. Kalinin. 29.12.64." ; crm:P3_has_note "at the bottom of the first page"@en ; '
    "crm:P67_refers_to r:briefing, gr:cc-cpsu-sector-unnamed, pe:kalinin-a",
    'r:note-1-writing crm:P14_carried_out_by pe:kalinin-a ; crm:P4_has_time-span [ crm:P3_has_note "century inferred"@en ; '
    'fv:edtf ?day ] FILTER(STR(?day) = "1964-12-29")',
    f"r:briefing crm:P11_had_participant gr:cc-cpsu-sector-unnamed ; crm:P16_used_specific_object rec:{KEY} ; "
    "crm:P184_ends_before_or_with_the_end_of r:note-1-writing",
    'r:note-2 crm:P190_has_symbolic_content "Archive [1 word illegible]. 30.12.64" ; crm:P3_has_note "to the left"@en ; '
    "crm:P94i_was_created_by r:note-2-writing",
    f"r:g3 a crm:E90_Symbolic_Object ; crm:P2_has_type t:lacuna ; fv:lacuna_in rec:{KEY} ; fv:lacuna_unit t:line ; "
    "crm:P67i_is_referred_to_by r:translator-note ; crm:P43_has_dimension [ crm:P90a_has_lower_value_limit 2 ; "
    "crm:P90b_has_upper_value_limit 3 ; crm:P91_has_unit t:line ]",
    "?writing a <http://www.cidoc-crm.org/extensions/crmtex/TX1_Written_Text> ; crm:P56i_is_found_on r:object ; "
    "<http://www.cidoc-crm.org/extensions/crmtex/TXP4_has_segment> [ crm:P44_has_condition [ crm:P2_has_type fv:faded ] ]",
    'r:web-page a crmdig:D1_Digital_Object ; crm:P106_is_composed_of r:en ; dcterms:format "text/html"',
    'r:pdf crm:P2_has_type t:pdf-not-held ; crm:P67i_is_referred_to_by r:web-page ; dcterms:format "application/pdf"',
    'cap:d12677a194d3850b dcterms:extent "6525 bytes" ; dcterms:format "text/plain;charset=utf-8"',
    'r:en dcterms:abstract ?abstract FILTER(STRSTARTS(?abstract, "Darusenkov notes a meeting in which Guevara discusses"))',
    "r:p7 crm:P106i_forms_part_of r:en ; fv:ordinal 7",
    "work:pravda crm:P106_is_composed_of work:pravda-lead-article",
    "gr:upsrc-national-leadership crm:P107i_is_current_or_former_member_of gr:upsrc",
    'gr:upsrc skos:altLabel "YePSRK" ; rdfs:label "United Party of the Socialist Revolution of Cuba"@en',
    "gr:cc-cpsu-sector-unnamed crm:P2_has_type t:unidentified ; crm:P107i_is_current_or_former_member_of gr:cc-cpsu",
    'pe:darusenkov crm:P1_is_identified_by [ crm:P190_has_symbolic_content "Darusenkov, O. T." ], '
    '[ crm:P190_has_symbolic_content "O. Darusenkov" ]',
    "work:soviet-report crm:P67_refers_to ev:khrushchev-departure",
    "ev:khrushchev-departure crm:P11_had_participant pe:khrushchev ; crm:P2_has_type t:departure-from-office",
    f"rec:{KEY} dcterms:subject ev:khrushchev-departure",
    # the page and the capture
    "r:web-page crm:P94i_was_created_by [ crm:P14_carried_out_by gr:hppp-digital-archive ; "
    "crm:P15_was_influenced_by gr:leon-levy-foundation ]",
    "cap:d12677a194d3850b dcterms:isFormatOf r:web-page ; prov:wasDerivedFrom r:web-page ; crm:P1_is_identified_by "
    '[ crm:P190_has_symbolic_content "d12677a194d3850ba94473fc8d417766360ad45b273d85794b277713d622adec" ]',
    f"g:record\\/{KEY} prov:wasDerivedFrom cap:d12677a194d3850b ; prov:hadPrimarySource rec:{KEY}",
]


@pytest.mark.parametrize("fact", FACTS)
def test_the_public_view_states(ask: Any, fact: str) -> None:
    assert ask(f"SELECT (1 AS ?yes) WHERE {{ {fact} }} LIMIT 1"), fact


# What must not be there: MODEL §0.
TRAPS = {
    "no city": '?place rdfs:label ?name FILTER(CONTAINS(STR(?name), "Havana"))',
    "no rights holder": f"rec:{KEY} dcterms:rightsHolder ?x",
    "no licence for quoted words": f"g:record\\/{KEY}\\/text dcterms:license ?x",
    "no date of publication on the web": "?x dcterms:issued ?day",
    "no date of the capture": "cap:d12677a194d3850b ?p ?day FILTER(isLiteral(?day) && DATATYPE(?day) IN (xsd:date, xsd:dateTime))",
    "no creator of the Spanish translation": "r:es crm:P94i_was_created_by ?x",
    "no date of the translation": "r:en dcterms:created ?x",
    "Kalinin is not identified": "pe:kalinin-a skos:exactMatch ?x",
    "no writer of the second note": "r:note-2-writing crm:P14_carried_out_by ?x",
    "no current keeper": "?x crm:P50_has_current_keeper ?y",
    "no date of the departure": "ev:khrushchev-departure crm:P4_has_time-span ?x",
    "no “Che”": '?x ?p ?name FILTER(isLiteral(?name) && REGEX(STR(?name), "\\\\bChe\\\\b"))',
    "no name of the archive that the seed does not say": '?x ?p ?name FILTER(isLiteral(?name) && CONTAINS(STR(?name), "Wilson"))',
    "no “same as”": "?x <http://www.w3.org/2002/07/owl#sameAs> ?y",
    "no blank node": "?x ?p ?y FILTER(isBlank(?x) || isBlank(?y))",
}


@pytest.mark.parametrize("trap", TRAPS)
def test_what_the_source_does_not_say_is_not_said(ask: Any, trap: str) -> None:
    assert ask(f"SELECT * WHERE {{ {{ {TRAPS[trap]} }} UNION {{ GRAPH ?g {{ {TRAPS[trap]} }} }} }}") == []


def test_the_conversation_has_exactly_its_two_parties_with_their_offices_place_and_day(ask: Any) -> None:
    rows = ask("""SELECT ?who ?role ?place ?day WHERE {
      ?conversation crm:P2_has_type t:conversation ; crm:P14_carried_out_by ?who ; crm:P7_took_place_at ?place ;
                    crm:P4_has_time-span/fv:edtf ?day .
      ?part a crm:PC14_carried_out_by ; crm:P01_has_domain ?conversation ; crm:P02_has_range ?who ; crm:P14.1_in_the_role_of ?role }""")
    assert {(row["who"], row["role"]) for row in rows} == {
        ("id/person/darusenkov", "vocab/role/recorder"),
        ("id/person/darusenkov", "vocab/role/first-secretary-ussr-embassy-cuba"),
        ("id/person/guevara", "vocab/role/interlocutor"),
        ("id/person/guevara", "vocab/role/minister-of-industry-cuba"),
        ("id/person/guevara", "vocab/role/secretary-national-leadership-upsrc"),
    }
    assert {(row["place"], row["day"]) for row in rows} == {
        ("id/place/cu-ministry-of-industry", "1964-10-16")
    }


def test_both_dates_are_there_and_are_different(ask: Any) -> None:
    rows = ask(f"""SELECT ?written ?talked WHERE {{
      rec:{KEY} crm:P94i_was_created_by/crm:P4_has_time-span/fv:edtf ?written .
      rec:{KEY} crm:P70_documents/crm:P4_has_time-span/fv:edtf ?talked }}""")
    assert rows == [{"written": "1964-10-27", "talked": "1964-10-16"}]


MENTIONED = (
    "person/khrushchev person/castro-f person/brezhnev person/kosygin person/stalin person/guevara person/darusenkov "
    "group/cpsu group/cc-cpsu group/soviet-government group/chinese-leadership group/cuban-leadership "
    "group/cu-ministry-of-industry group/ussr-embassy-cuba group/upsrc "
    "work/pravda work/soviet-report work/pravda-lead-article "
    "place/cuba place/ussr place/china place/albania place/czechoslovakia "
    "event/khrushchev-departure event/caribbean-crisis event/cpsu-congress-xxii event/chinese-aid event/rice-delivery "
    "event/weapons-request-czechoslovakia event/weapons-request-china"
).split()


@pytest.mark.parametrize("thing", MENTIONED)
def test_the_record_refers_to_everything_that_its_text_names(ask: Any, thing: str) -> None:
    kind, _, key = thing.partition("/")
    assert ask(
        f"SELECT ?x WHERE {{ rec:{KEY} crm:P67_refers_to ?x FILTER(STRENDS(STR(?x), 'id/{kind}/{key}')) }}"
    )


def test_kalinin_is_named_by_the_note_and_not_by_the_record(ask: Any) -> None:
    rows = ask("SELECT ?x WHERE { GRAPH ?g { ?x crm:P67_refers_to pe:kalinin-a } }")
    assert [row["x"] for row in rows] == [f"id/record/{KEY}/note-1"]


def test_only_the_accepted_identities_are_published(ask: Any) -> None:
    rows = ask("SELECT ?x ?other WHERE { ?x skos:exactMatch ?other }")
    assert {(row["x"], row["other"].rpartition("/")[2]) for row in rows} == {
        ("id/person/guevara", "Q5809"),
        ("id/person/khrushchev", "Q35314"),
        ("id/person/castro-f", "Q11256"),
        ("id/place/ussr", "Q15180"),
        ("id/event/caribbean-crisis", "Q128160"),
        ("id/place/czechoslovakia", "Q33946"),
        ("vocab/language/ru", "300389168"),
        ("vocab/language/es", "300389311"),
        ("vocab/language/en", "300388277"),
    }


def test_every_identity_has_its_ground_and_day(ask: Any) -> None:
    without = ask("""SELECT ?x WHERE { ?x skos:exactMatch ?other FILTER NOT EXISTS {
      ?e crm:P140_assigned_attribute_to ?x ; crm:P141_assigned ?other ; fv:ground ?why ; fv:checked ?day ; dcterms:source ?source } }""")
    assert without == []


def test_each_paragraphs_words_stand_where_its_position_says(ask: Any, capture: str) -> None:
    rows = ask(
        "SELECT ?n ?words ?start ?end WHERE { ?p fv:ordinal ?n ; crm:P190_has_symbolic_content ?words ; oa:start ?start ; oa:end ?end }"
    )
    assert [int(row["n"]) for row in sorted(rows, key=lambda row: int(row["n"]))] == list(range(1, 9))
    for row in rows:
        assert capture[int(row["start"]) : int(row["end"])] == row["words"]


def test_each_mentions_form_stands_where_its_position_says(ask: Any, capture: str) -> None:
    rows = ask(
        "SELECT ?m ?form ?start ?end WHERE { ?m a fv:Mention ; fv:form ?form ; oa:start ?start ; oa:end ?end }"
    )
    assert len(rows) > 100
    for row in rows:
        assert capture[int(row["start"]) : int(row["end"])] == row["form"]


def test_quoted_words_stand_in_the_text_graph_alone_and_carry_no_licence(ask: Any) -> None:
    graphs = ask("SELECT DISTINCT ?g WHERE { GRAPH ?g { r:p1 crm:P190_has_symbolic_content ?words } }")
    assert [row["g"] for row in graphs] == [f"graph/record/{KEY}/text"]
    assert ask(f"SELECT ?rights WHERE {{ g:record\\/{KEY}\\/text dcterms:rights ?rights }}")


def test_leaf_and_reel_are_our_reading_and_stand_in_the_curation_graph(ask: Any) -> None:
    rows = ask(
        "SELECT ?x ?code ?g WHERE { GRAPH ?g { ?x crm:P2_has_type t:curator-inference ; rico:identifier ?code } }"
    )
    assert {(row["code"], row["g"]) for row in rows} == {
        ("l. 269", f"graph/curation/{KEY}"),
        ("r. 9126", f"graph/curation/{KEY}"),
    }


def test_every_graph_says_from_what_it_was_made(ask: Any) -> None:
    rows = ask("""SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o }
      FILTER(!STRENDS(STR(?g), "graph/prov") && !STRENDS(STR(?g), "graph/meta")) FILTER NOT EXISTS { ?g prov:wasDerivedFrom ?source } }""")
    assert rows == []


def test_what_was_said_of_the_rice_is_quarantined(ask: Any) -> None:
    assert ask("SELECT ?x WHERE { ev:rice-delivery crm:P14_carried_out_by ?x }") == []
    assert ask("SELECT ?x WHERE { ?x crm:P11_had_participant ?y FILTER(?x = ev:rice-delivery) }") == []
    rows = ask("SELECT ?g ?x WHERE { GRAPH ?g { ev:rice-delivery crm:P14_carried_out_by ?x } }")
    assert rows == [{"g": f"graph/said/{KEY}/s23", "x": "id/group/chinese-side"}]
    pointed = ask(f"SELECT ?s WHERE {{ ?s fv:formalised_in g:said\\/{KEY}\\/s23 }}")
    assert pointed == [{"s": f"id/record/{KEY}/s23-content"}]


def test_the_page_of_the_record_lists_whom_its_text_names_and_no_statements_among_them(site: Any) -> None:
    page = site.get(f"doc/record/{KEY}", "text/html").text
    _, _, named = page.partition('<h2 id="Names">')
    named, _, _ = named.partition("<h2 id=")
    assert "Khrushchev" in named
    assert "Reported:" not in named


def test_a_page_in_english_shows_the_english_name_of_everything_that_has_names_in_several_languages(
    site: Any,
) -> None:
    page = site.get(f"doc/record/{KEY}", "text/html").text
    assert "Minister of Industry of the Republic of Cuba" in page
    # But for the form of citation that Russian archives use, and the name of the language in itself.
    page = re.sub(r'<dd lang="ru".*?</dd>|<a [^>]*lang="ru"[^>]*>Русский</a>', "", page)
    assert not [letter for letter in page if "\u0400" <= letter <= "\u04ff"]
    term = site.get("doc/vocab/type/lacuna", "text/html").text
    assert "лакуна" in term
    assert "Labels not reviewed, translated from English: ru, es." in term
