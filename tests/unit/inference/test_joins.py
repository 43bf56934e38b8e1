"""The fundamental relations: what each holds, and what it must not."""

from __future__ import annotations

import pytest

from tests.unit.inference.conftest import lines_of

pytestmark = pytest.mark.parametrize("level", ["shortcuts", "full"])


def test_a_thing_is_by_whoever_carried_out_what_made_it_or_the_whole_of_that(follows, level):
    given = (
        ":t crm:P108i_was_produced_by :e .",
        ":e crm:P9i_forms_part_of :f . :f crm:P9i_forms_part_of :g . :g crm:P14_carried_out_by :a .",
    )
    assert follows(given, ":t fv:fr_actor_thing_by :a .", level)


def test_an_event_had_whoever_took_part_in_one_of_its_parts(follows, level):
    given = ":f crm:P9_consists_of :e . :e crm:P14_carried_out_by :a . :f crm:P11_had_participant :b ."
    assert follows(given, ":f fv:fr_event_actor :a, :b . :e fv:fr_event_actor :a .", level)
    assert not follows(given, ":e fv:fr_event_actor :b .", level)


def test_an_event_took_place_in_every_place_around_that_of_its_whole(follows, level):
    given = (
        ":e crm:P9i_forms_part_of :f . :f crm:P7_took_place_at :room . "
        ":room crm:P89_falls_within :city . :city crm:P89_falls_within :land ."
    )
    assert follows(given, ":e fv:fr_event_place :room, :city, :land . :f fv:fr_event_place :land .", level)


def test_an_event_has_the_time_of_its_whole(follows, level):
    assert follows(
        ":e crm:P9i_forms_part_of :f . :f crm:P4_has_time-span :t .", ":e fv:fr_event_time :t .", level
    )


def test_a_carrier_and_a_whole_are_about_what_the_text_is_about(follows, level):
    given = ":diary crm:P106_is_composed_of :entry . :entry crm:P129_is_about :x . :paper crm:P128_carries :entry ."
    assert follows(
        given,
        ":entry fv:fr_thing_about :x . :diary fv:fr_thing_about :x . :paper fv:fr_thing_about :x .",
        level,
    )


def test_a_mention_and_a_holder_of_a_stance_are_no_topics(follow, level):
    given = lines_of(":m fv:mentions :x . :c fv:stance_holder :a .")
    assert not any(b"fr_" in line for line in follow(given, level=level))


def test_those_who_took_part_in_one_conversation_met(follows, level):
    talk = ":e crm:P2_has_type t:conversation ; crm:P14_carried_out_by :a, :b ."
    assert follows(talk, ":a fv:fr_actor_actor_met :b . :b fv:fr_actor_actor_met :a .", level)
    assert not follows(talk, ":a fv:fr_actor_actor_met :a .", level)
    assert not follows(talk.replace("conversation", "briefing"), ":a fv:fr_actor_actor_met :b .", level)


STATEMENT = """:s a crm:E13_Attribute_Assignment, fv:ReportedStatement ; crm:P14_carried_out_by :speaker ;
  crm:P140_assigned_attribute_to :x ; crm:P141_assigned :c ; crm:P67i_is_referred_to_by :text, :translation .
:c crm:P129_is_about :y ; fv:stance_holder :speaker .
:text crm:P94i_was_created_by :writing . :writing crm:P14_carried_out_by :author .
:translation crm:P73i_is_translation_of :text ; crm:P94i_was_created_by :translating .
:translating crm:P14_carried_out_by :translator .
"""


def test_a_speaker_said_something_about_target_and_topics_and_not_about_whose_stance_it_is(
    follow, follows, level
):
    assert follows(STATEMENT, ":speaker fv:fr_actor_said_about :x, :y .", level)
    said = [line for line in follow(lines_of(STATEMENT), level=level) if b"said_about" in line]
    assert len(said) == 2


def test_a_statement_without_a_speaker_is_nobodys(follow, level):
    given = lines_of(STATEMENT.replace("crm:P14_carried_out_by :speaker ;", ""))
    assert not any(b"said_about" in line for line in follow(given, level=level))


def test_an_editors_assignment_is_no_reported_statement(follow, level):
    given = lines_of(STATEMENT.replace(", fv:ReportedStatement", ""))
    assert not any(b"said_about" in line or b"fr_reported_by" in line for line in follow(given, level=level))


def test_a_statement_is_reported_by_the_author_of_the_original_and_not_by_the_translator(follow, level):
    found = [line for line in follow(lines_of(STATEMENT), level=level) if b"fr_reported_by" in line]
    assert found == lines_of(":s fv:fr_reported_by :author .")


def test_a_thing_is_to_do_with_an_event_and_a_statement_is_no_event(follows, level):
    given = (
        ":text crm:P67_refers_to :crisis, :person, :s . :object crm:P108i_was_produced_by :making .",
        ":crisis a crm:E5_Event . :making a crm:E12_Production ; crm:P14_carried_out_by :person . "
        ":person a crm:E21_Person . :s a fv:ReportedStatement .",
    )
    assert follows(
        given, ":text fv:fr_thing_from_event :crisis . :object fv:fr_thing_from_event :making .", level
    )
    for wrong in (
        ":text fv:fr_thing_from_event :person .",
        ":text fv:fr_thing_from_event :s .",
        ":person fv:fr_thing_from_event :making .",
    ):
        assert not follows(given, wrong, level)


def test_a_thing_is_part_of_every_whole(follows, level):
    given = (":sheet crm:P46i_forms_part_of :file .", ":series crm:P46_is_composed_of :file .")
    assert follows(given, ":sheet fv:fr_thing_part_of :file, :series .", level)


def test_a_text_has_its_language_and_its_original(follows, level):
    given = ":ru crm:P73_has_translation :en . :en crm:P72_has_language :english ."
    assert follows(given, ":en fv:fr_translation_of :ru ; fv:fr_thing_language :english .", level)
