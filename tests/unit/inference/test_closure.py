"""Each rule, with the least that it takes."""

from __future__ import annotations

import pytest

from fonds.errors import FondsError
from fonds.inference import read_rules
from fonds.inference.closure import infer
from fonds.release.fragments import LineSorter
from fonds.vocabulary import CRM, FV, program_ontology
from tests.unit.inference.conftest import BASE, in_use, lines_of


def test_a_class_implies_its_superclasses_at_any_distance(follows):
    assert follows(":a a crm:E12_Production .", ":a a <%s> ." % (CRM.iri + "E5_Event"))
    assert follows(":a a lrmoo:F2_Expression .", ":a a crm:E73_Information_Object .")
    assert not follows(":a a crm:E5_Event .", ":a a crm:E7_Activity .")


def test_our_own_classes_are_narrower_than_those_of_crm(follows):
    assert follows(":s a fv:ReportedStatement .", ":s a crm:E13_Attribute_Assignment, crm:E7_Activity .")


def test_a_property_implies_its_superproperties(follows):
    assert follows(
        ":e crm:P14_carried_out_by :a .",
        f":e crm:P11_had_participant :a ; <{CRM.iri}P12_occurred_in_the_presence_of> :a .",
    )
    assert not follows(":e crm:P11_had_participant :a .", ":e crm:P14_carried_out_by :a .")


def test_our_own_properties_imply_those_of_crm(follows):
    assert follows(":m fv:mentions :x .", ":m crm:P67_refers_to :x .")
    assert follows(":a fv:on_behalf_of :g .", ":a crm:P15_was_influenced_by :g .")


def test_a_property_implies_its_inverse_and_what_that_implies(follows):
    assert follows(
        ":t crm:P94i_was_created_by :e .",
        f":e crm:P94_has_created :t ; <{CRM.iri}P92_brought_into_existence> :t . :t <{CRM.iri}P12i_was_present_at> :e .",
    )


def test_a_literal_is_never_turned_round(follow):
    found = follow(lines_of(':a crm:P190_has_symbolic_content "words" ; crm:P67_refers_to "no thing" .'))
    assert found
    assert all(line.startswith(b"<") for line in found)


@pytest.mark.parametrize(
    "name",
    [
        "P121_overlaps_with",
        "P122_borders_with",
        "P132_spatiotemporally_overlaps_with",
        "P69_has_association_with",
    ],
)
def test_the_symmetric_properties_of_the_scope_notes_hold_both_ways(follows, name):
    assert follows(f":a <{CRM.iri}{name}> :b .", f":b <{CRM.iri}{name}> :a .")
    assert not follows(
        f":a <{CRM.iri}P139_has_alternative_form> :b .", f":b <{CRM.iri}P139_has_alternative_form> :a ."
    )


def test_the_transitive_properties_of_the_scope_notes_are_closed(follows):
    for name in (
        "P9_consists_of",
        "P46_is_composed_of",
        "P89_falls_within",
        "P106_is_composed_of",
        "P148_has_component",
    ):
        assert follows(
            f":a <{CRM.iri}{name}> :b . :b <{CRM.iri}{name}> :c . :c <{CRM.iri}{name}> :d .",
            f":a <{CRM.iri}{name}> :d .",
        )


def test_transitivity_reaches_over_graphs_directions_and_narrower_properties(follows):
    graphs = (
        ":leaf crm:P56i_is_found_on :sheet .",
        ":file crm:P46_is_composed_of :sheet . :fonds crm:P46_is_composed_of :file .",
    )
    assert follows(graphs, ":leaf crm:P46i_forms_part_of :fonds . :fonds crm:P46_is_composed_of :leaf .")


@pytest.mark.parametrize(
    "name", ["P73_has_translation", "P107_has_current_or_former_member", "P130_shows_features_of"]
)
def test_what_is_not_transitive_is_not_closed(follows, name):
    assert not follows(f":a <{CRM.iri}{name}> :b . :b <{CRM.iri}{name}> :c .", f":a <{CRM.iri}{name}> :c .")


def test_incorporation_is_closed_between_information_objects_only(follows):
    chain = "".join(f":{a} <{CRM.iri}P165_incorporates> :{b} . " for a, b in ("ab", "bc"))
    wanted = f":a <{CRM.iri}P165_incorporates> :c ."
    assert follows(
        chain + ":a a crm:E33_Linguistic_Object . :b a crm:E73_Information_Object . :c a crm:E31_Document .",
        wanted,
    )
    assert not follows(
        chain
        + ":a a crm:E33_Linguistic_Object . :b a crm:E73_Information_Object . :c a crm:E90_Symbolic_Object .",
        wanted,
    )


def test_a_circle_ends(follows):
    assert follows(
        ":a crm:P46_is_composed_of :b . :b crm:P46_is_composed_of :c . :c crm:P46_is_composed_of :a .",
        ":a crm:P46_is_composed_of :a, :c ; fv:fr_thing_part_of :a, :b, :c .",
    )


def test_a_node_for_a_property_implies_the_plain_property(follows):
    role = ":n a crm:PC14_carried_out_by ; crm:P01_has_domain :e ; crm:P02_has_range :a ; crm:P14.1_in_the_role_of :r ."
    assert follows(role, ":e crm:P14_carried_out_by :a ; crm:P11_had_participant :a ; fv:fr_event_actor :a .")
    assert follows(role.replace("PC14_carried_out_by", "PC67_refers_to"), ":e crm:P67_refers_to :a .")
    assert not follows(role.replace("a crm:PC14_carried_out_by ;", ""), ":e crm:P14_carried_out_by :a .")


SPAN = ':t crm:P82a_begin_of_the_begin "1964-10-16T00:00:00Z"^^xsd:dateTime ; crm:P82b_end_of_the_end "%s"^^xsd:dateTime .'


def test_bounds_are_days_of_the_span_and_of_what_has_it(follows):
    expected = (
        'fv:earliest "1964-10-16"^^xsd:date ; fv:latest "1964-11-02"^^xsd:date ; fv:year "1964"^^xsd:gYear .'
    )
    graphs = (SPAN % "1964-11-02T23:59:59Z", ":e crm:P4_has_time-span :t .")
    assert follows(graphs, f":t {expected} :e {expected}")


def test_a_span_over_two_years_has_no_year(follow, follows):
    given = SPAN % "1965-01-01T23:59:59Z"
    assert follows(given, ':t fv:latest "1965-01-01"^^xsd:date .')
    assert not any(b"ns#year>" in line for line in follow(lines_of(given)))


def test_an_attested_span_is_bounded_by_what_is_attested_unless_more_is_known(follows):
    attested = ':t crm:P81a_end_of_the_begin "1964-10-16T00:00:00Z"^^xsd:dateTime .'
    assert follows(attested, ':t fv:earliest "1964-10-16"^^xsd:date .')
    assert not follows(
        attested + ':t crm:P82a_begin_of_the_begin "1961-02-23T00:00:00Z"^^xsd:dateTime .',
        ':t fv:earliest "1964-10-16"^^xsd:date .',
    )


def test_years_before_the_common_era_keep_their_sign(follows):
    given = ":t " + " ; ".join(
        f'crm:{each} "-0044-03-15T00:00:00Z"^^xsd:dateTime'
        for each in ("P82a_begin_of_the_begin", "P82b_end_of_the_end")
    )
    assert follows(given + " .", ':t fv:earliest "-0044-03-15"^^xsd:date ; fv:year "-0044"^^xsd:gYear .')


def test_what_is_asserted_anywhere_is_not_inferred(follow):
    given = lines_of(":e crm:P14_carried_out_by :a . :x a crm:E12_Production .")
    elsewhere = lines_of(
        ":e crm:P11_had_participant :a . :a crm:P14i_performed :e . :x a crm:E5_Event . "
        ":p crm:P46i_forms_part_of :q, :r . :q crm:P46i_forms_part_of :r ."
    )
    found = follow(given, elsewhere)
    assert not set(found) & set(elsewhere)
    assert not set(found) & set(given)
    assert set(lines_of(":x a crm:E7_Activity .")) <= set(found)


def test_domain_and_range_say_nothing_about_types(follow):
    assert not any(b"#type>" in line for line in follow(lines_of(":e crm:P14_carried_out_by :a .")))


def test_none_gives_nothing(follow):
    assert follow(lines_of(":e a crm:E12_Production ; crm:P14_carried_out_by :a ."), level="none") == []


def test_the_order_of_graphs_and_the_memory_allowed_change_nothing(follow):
    graphs = [
        lines_of(
            ":e a crm:E12_Production ; crm:P14_carried_out_by :a ; crm:P9i_forms_part_of :f ; crm:P108_has_produced :x ."
        ),
        lines_of(":f crm:P14_carried_out_by :b ; crm:P4_has_time-span :t . :e crm:P11_had_participant :b ."),
        lines_of(SPAN % "1964-11-02T23:59:59Z"),
    ]
    found = follow(*graphs)
    assert found == sorted(set(found))
    assert follow(*reversed(graphs), run_bytes=100) == found


def test_blocks_may_end_within_a_subject(tmp_path):
    lines = lines_of(
        SPAN % "1964-11-02T23:59:59Z"
        + ":n a crm:PC14_carried_out_by ; crm:P01_has_domain :e ; crm:P02_has_range :a . :x a crm:E33_Linguistic_Object, crm:E31_Document ."
    )
    rules = read_rules([program_ontology()], "full", BASE)
    whole = list(infer([lines], rules, in_use(lines), LineSorter(tmp_path)))
    assert whole
    assert list(infer(([each] for each in lines), rules, in_use(lines), LineSorter(tmp_path))) == whole


def test_shortcuts_hold_no_more_than_full(follow):
    given = lines_of(
        ":e a crm:E12_Production ; crm:P14_carried_out_by :a ; crm:P9i_forms_part_of :f . :m fv:mentions :e ."
    )
    few, all_ = follow(given, level="shortcuts"), follow(given, level="full")
    assert set(few) < set(all_)
    assert set(lines_of(":e a crm:E5_Event ; crm:P11_had_participant :a . :m crm:P67_refers_to :e .")) <= set(
        few
    )


def test_every_term_of_the_shortcuts_is_in_the_tables():
    rules = read_rules([program_ontology()], "shortcuts", BASE)
    assert rules.kept
    assert rules.kept <= {*rules.terms.classes, *rules.terms.properties}


def test_a_publication_adds_terms_of_its_own(tmp_path, follow):
    (tmp_path / "own.csv").write_text(
        f"iri,kind,label,broader,inverse,domain,range\n{BASE}ns#wrote,property,wrote,{CRM.iri}P14i_performed,{BASE}ns#written_by,,\n"
    )
    rules = read_rules([program_ontology(), tmp_path], "full", BASE)
    lines = lines_of(f":a <{BASE}ns#wrote> :e .")
    found = list(infer([lines], rules, in_use(lines), LineSorter(tmp_path)))
    assert set(lines_of(f":e <{BASE}ns#written_by> :a ; crm:P14_carried_out_by :a .")) <= set(found)


def test_a_base_that_is_none_is_an_error():
    with pytest.raises(FondsError, match="base"):
        read_rules([program_ontology()], "full", "no address")


def test_every_fundamental_relation_stands_in_the_ontology_with_its_path():
    rows = {
        line.split(",", 1)[0].removeprefix(FV.iri): line
        for line in (program_ontology() / "fonds.csv").read_text(encoding="utf-8").splitlines()
    }
    relations = {name for name in FV.terms if name.startswith("fr_")}
    assert len(relations) == 12
    assert all("Path: " in rows[name] for name in relations)
