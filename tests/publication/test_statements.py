"""The reported statements of the first record, asked of the endpoint; the table was worked out from the text by hand."""

from __future__ import annotations

from typing import Any

import pytest
from SPARQLWrapper import JSON, SPARQLWrapper

KEY = "darusenkov-1964-375"

# Statement, first and last code point of the capture, whose stance it is, what it is about, stance, kind, mode.
STATEMENTS = """
s01 1224 1301 group/cuban-we event/report-of-departure negative reaction direct-speech
s02 1306 1437 group/cuban-we topic/soviet-foreign-policy+topic/soviet-policy-toward-cuba neutral self-report direct-speech
s03 1439 1530 group/cuban-we topic/soviet-foreign-policy neutral expectation direct-speech
s04 1532 1654 person/guevara place/ussr positive self-positioning indirect-speech
s05 1709 1849 person/guevara work/soviet-report negative opinion direct-speech
s06 1944 2125 person/guevara event/khrushchev-departure sceptical claim direct-speech
s07 2127 2302 person/guevara work/pravda-lead-article+work/soviet-report neutral claim direct-speech
s08 2360 2414 group/cuban-leadership person/khrushchev positive opinion direct-speech
s09 2433 2526 group/cuban-leadership person/khrushchev+place/ussr positive opinion direct-speech
s10 2555 2679 group/cuban-leadership person/khrushchev negative opinion direct-speech
s11 2713 2824 person/guevara person/khrushchev negative opinion indirect-speech
s12 2826 2937 group/cuban-we event/caribbean-crisis+person/khrushchev negative opinion direct-speech
s13 2938 3016 person/guevara person/khrushchev+place/albania+place/china negative opinion direct-speech
s14 3018 3140 person/guevara event/cpsu-congress-xxii+topic/soviet-foreign-policy negative opinion direct-speech
s15 3142 3263 person/guevara topic/world-communist-movement negative claim direct-speech
s16 3281 3324 person/guevara topic/chinese-policy negative disavowal direct-speech
s17 3326 3406 person/guevara group/chinese-leadership negative opinion direct-speech
s18 3501 3648 person/guevara group/chinese-leadership+place/china mixed claim direct-speech
s19 3650 3708 person/guevara event/chinese-aid+place/china positive claim direct-speech
s20 3710 3854 person/guevara event/weapons-request-czechoslovakia+place/czechoslovakia neutral claim direct-speech
s21 3867 3946 person/guevara event/weapons-request-china+place/china positive claim direct-speech
s22 3948 4054 person/guevara group/chinese-side positive claim direct-speech
s23 4055 4134 person/guevara event/rice-delivery+place/china positive claim direct-speech
s24 4164 4283 group/cuban-we group/chinese-leadership negative opinion direct-speech
s25 4289 4417 - event/chinese-aid+topic/soviet-cuban-relations undetermined fragment direct-speech
s26 4564 4771 - place/cuba undetermined fragment direct-speech
s27 4882 4967 group/cuban-leadership event/criticism-of-khrushchev neutral intention direct-speech
s28 5068 5179 group/cuban-we event/negation-of-khrushchev-period+person/stalin negative fear direct-speech
s29 5181 5240 group/cuban-we event/negation-regarding-stalin+person/khrushchev negative opinion direct-speech
s30 5242 5323 group/cuban-we event/negation-of-khrushchev-period negative expectation direct-speech
s31 5380 5473 person/guevara person/brezhnev declined abstention indirect-speech
s32 5494 5561 person/guevara person/kosygin positive opinion indirect-speech
s33 5571 5749 person/guevara person/kosygin positive opinion direct-speech
s34 5760 5855 person/guevara person/kosygin uncertain reservation direct-speech
s35 5857 5902 person/guevara person/kosygin positive opinion direct-speech
k01 6025 6076 person/kalinin-a record/darusenkov-1964-375 neutral assessment handwritten
""".strip().splitlines()


@pytest.fixture(scope="module")
def ask(site: Any) -> Any:
    def rows(query: str) -> list[dict[str, str]]:
        client = SPARQLWrapper(f"{site.url}sparql")
        client.setReturnFormat(JSON)
        client.setQuery(query)
        bindings = client.queryAndConvert()["results"]["bindings"]
        return [
            {name: term["value"].removeprefix(f"{site.base}id/") for name, term in row.items()}
            for row in bindings
        ]

    return rows


@pytest.fixture(scope="module")
def found(ask: Any) -> dict[str, dict[str, set[str]]]:
    """Return everything that the endpoint says of each statement, in the named graphs."""
    rows = ask("""SELECT ?s ?speaker ?holder ?about ?code ?start ?end ?exact ?prefix ?suffix ?reporter ?nested ?event WHERE {
      ?s a fv:ReportedStatement ; crm:P141_assigned ?content .
      ?anchor oa:hasBody ?s ; oa:hasTarget/oa:hasSelector ?position, ?quote .
      ?position oa:start ?start ; oa:end ?end . ?quote oa:exact ?exact ; oa:prefix ?prefix ; oa:suffix ?suffix .
      OPTIONAL { GRAPH ?g1 { ?s crm:P14_carried_out_by ?speaker } }
      OPTIONAL { GRAPH ?g2 { ?s crm:P140_assigned_attribute_to ?about } }
      OPTIONAL { GRAPH ?g3 { ?s crm:P2_has_type ?code } }
      OPTIONAL { GRAPH ?g4 { ?s crm:P9i_forms_part_of ?event } }
      OPTIONAL { ?content fv:stance_holder ?holder }
      OPTIONAL { ?s fv:reported_by ?reporter }
      OPTIONAL { ?s fv:nested_speaker ?nested } }""")
    statements: dict[str, dict[str, set[str]]] = {}
    for row in rows:
        name = row.pop("s").rpartition("/")[2]
        for key, value in row.items():
            statements.setdefault(name, {}).setdefault(key, set()).add(
                value.removeprefix("https://w3id.org/fonds/ns#")
            )
    return statements


def test_there_are_thirty_five_statements_and_one_of_a_note(found: Any) -> None:
    assert sorted(found) == sorted(line.split()[0] for line in STATEMENTS)


@pytest.mark.parametrize("line", STATEMENTS, ids=lambda line: line.split()[0])
def test_a_statement_is_held_as_the_text_has_it(found: Any, capture: str, line: str) -> None:
    name, start, end, holder, about, stance, kind, mode = line.split()
    statement = found[name]
    assert (statement["start"], statement["end"]) == ({start}, {end})
    (exact,) = statement["exact"]
    assert exact == capture[int(start) : int(end)]
    (prefix,), (suffix,) = statement["prefix"], statement["suffix"]
    assert capture.count(prefix + exact + suffix) == 1
    assert capture.index(prefix + exact + suffix) + len(prefix) == int(start)
    assert statement.get("holder", {"-"}) == {holder}
    assert statement["about"] == set(about.split("+"))
    assert statement["code"] == {f"stance-{stance}", kind, mode}


@pytest.mark.parametrize("name", ["s25", "s26"])
def test_nobody_is_given_as_the_speaker_of_a_fragment(found: Any, name: str) -> None:
    assert "speaker" not in found[name]
    assert "holder" not in found[name]


def test_guevara_speaks_in_the_conversation_and_darusenkov_reports(found: Any) -> None:
    for name, statement in found.items():
        if name in ("k01", "s25", "s26"):
            continue
        assert statement["speaker"] == {"person/guevara"}
        assert statement["reporter"] == {"person/darusenkov"}
        assert statement["event"] == {"event/conversation-1964-10-16"}


def test_the_note_is_kalinins_and_no_part_of_the_conversation(found: Any) -> None:
    assert found["k01"]["speaker"] == {"person/kalinin-a"}
    assert not found["k01"].keys() & {"reporter", "event"}


def test_only_one_statement_reports_somebody_elses_words_in_turn(found: Any) -> None:
    assert {name: each["nested"] for name, each in found.items() if "nested" in each} == {
        "s22": {"group/chinese-side"}
    }


def test_the_losses_that_cut_into_statements_are_named(ask: Any) -> None:
    rows = ask("SELECT ?s ?loss WHERE { ?s fv:cut_by ?loss }")
    assert {(row["s"].rpartition("/")[2], row["loss"].rpartition("/")[2]) for row in rows} == {
        ("s06", "g1"), ("s25", "g2"), ("s25", "g3"), ("s26", "g2"), ("s26", "g3"),
    }  # fmt: skip


def test_the_chain_from_the_capture_to_the_speaker_can_be_walked(ask: Any) -> None:
    rows = ask("""SELECT DISTINCT ?capture ?translator ?reporter ?speaker WHERE {
      ?annotation oa:hasBody ?s ; oa:hasTarget ?target . ?target oa:hasSource ?capture ; oa:hasScope ?wording .
      ?wording crm:P94i_was_created_by/crm:P14_carried_out_by ?translator ; crm:P73i_is_translation_of ?record .
      ?record crm:P94i_was_created_by/crm:P14_carried_out_by ?reporter .
      ?s fv:reported_by ?reporter . GRAPH ?g { ?s crm:P14_carried_out_by ?speaker } }""")
    assert rows == [
        {
            "capture": "capture/d12677a194d3850b",
            "translator": "person/goldberg-gary",
            "reporter": "person/darusenkov",
            "speaker": "person/guevara",
        }
    ]


def test_codes_are_ours_and_stand_in_the_curation_graph_alone(ask: Any, site: Any) -> None:
    rows = ask(
        """SELECT DISTINCT ?g WHERE { ?s a fv:ReportedStatement . GRAPH ?g { ?s crm:P2_has_type ?code } }"""
    )
    assert [row["g"] for row in rows] == [f"{site.base}graph/curation/{KEY}"]


# The other things that the record tells of itself.
def test_offices_are_attested_on_a_day_and_have_no_beginning_or_end(ask: Any) -> None:
    rows = ask("""SELECT ?who ?role ?day ?begin WHERE {
      ?tenure crm:P2_has_type t:tenure ; crm:P4_has_time-span ?span . ?span fv:edtf ?day ; crm:P81a_end_of_the_begin ?x .
      ?part crm:P01_has_domain ?tenure ; crm:P02_has_range ?who ; crm:P14.1_in_the_role_of ?role .
      OPTIONAL { ?span crm:P82a_begin_of_the_begin ?begin } }""")
    assert {(row["who"], row["role"].rpartition("/")[2], row["day"]) for row in rows} == {
        ("person/guevara", "minister-of-industry-cuba", "1964-10-16"),
        ("person/guevara", "secretary-national-leadership-upsrc", "1964-10-16"),
        ("person/darusenkov", "first-secretary-ussr-embassy-cuba", "1964-10-27"),
        ("person/kalinin-a", "chief-of-cc-cpsu-sector", "1964-12-29"),
    }
    assert not [row for row in rows if "begin" in row]


def test_the_stamp_tells_of_a_declassification_without_day_and_actor(ask: Any) -> None:
    rows = ask("SELECT ?p ?o WHERE { GRAPH ?g { r:declassifying ?p ?o } }".replace("r:", f"rec:{KEY}\\/"))
    properties = {row["p"].rpartition("/")[2] for row in rows}
    assert properties >= {"P41_classified", "P42_assigned"}
    assert not properties & {"P4_has_time-span", "P14_carried_out_by", "P7_took_place_at"}


def test_the_departure_has_all_three_words_of_the_source_and_no_day(ask: Any) -> None:
    rows = ask("SELECT ?word WHERE { ev:khrushchev-departure skos:altLabel ?word }")
    assert {row["word"] for row in rows} == {"resignation", "releasing", "removal"}
    assert ask("SELECT ?x WHERE { ev:khrushchev-departure crm:P4_has_time-span ?x }") == []
    assert ask(
        "SELECT (1 AS ?x) WHERE { ev:khrushchev-departure crm:P183_ends_before_the_start_of ev:conversation-1964-10-16 }"
    )


def test_every_absence_has_its_cause_and_an_extent_only_where_a_number_is_stated(ask: Any) -> None:
    rows = ask("""SELECT ?gap ?cause ?unit ?low ?high ?value WHERE { ?gap fv:lacuna_cause ?cause
      OPTIONAL { ?gap fv:lacuna_unit ?unit }
      OPTIONAL { ?gap crm:P43_has_dimension ?d OPTIONAL { ?d crm:P90a_has_lower_value_limit ?low ; crm:P90b_has_upper_value_limit ?high }
                 OPTIONAL { ?d crm:P90_has_value ?value } } }""")
    short = {tuple(value.rpartition("/")[2].rpartition("#")[2] for value in row.values()) for row in rows}
    assert short == {
        ("g0", "lost-in-capture"),
        ("g1", "faded", "word"),
        ("g2", "faded", "line"),
        ("g3", "faded", "line", "2", "3"),
        ("g4", "illegible", "word", "1"),
    }
    not_held = ask("SELECT ?v WHERE { ?v crm:P2_has_type t:version-not-held }")
    assert [row["v"] for row in not_held] == [f"record/{KEY}/es"]
