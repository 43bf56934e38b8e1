"""Reported statements as an edition marks them: none is lost in silence, and nobody is made to speak where only quoted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fonds.model import Record, Reference, Statement
from fonds.sources.publication import Publication

from .conftest import LETTER

Publish = Callable[..., Publication]
Faults = Callable[..., list[str]]
PATH = "data/documents/letter.xml"
WEISS, HOLM = Reference("person", "weiss"), Reference("person", "holm")
CODES = 'type="statement" subtype="claim" ana="fv:stance-neutral"'


def letter(body: str, header: str = "") -> dict[str, str]:
    begin, end = LETTER.index("<opener>"), LETTER.index("</body>")
    return {PATH: (LETTER[:begin] + body + LETTER[end:]).replace("<sourceDesc>", header + "<sourceDesc>", 1)}


@pytest.fixture
def only(publish: Publish) -> Callable[..., tuple[Record, list[Statement]]]:
    def read(body: str, header: str = "") -> tuple[Record, list[Statement]]:
        publication = publish(letter(body, header))
        assert publication.faults == ()
        (record,) = publication.records
        return record, list(record.text.statements)

    return read


def test_of_speech_within_speech_the_outer_speaks_and_the_inner_is_reported_in_turn(only) -> None:
    body = f"""<p><said who="person:weiss" direct="false">Anna sagte, <said who="person:holm" direct="true">
      <seg xml:id="s01" {CODES}>ich komme</seg></said>, und <seg xml:id="s02" {CODES}>sie gehe</seg></said></p>"""
    _, (first, second) = only(body)
    assert (first.speaker, first.nested_speaker, first.mode) == (WEISS, HOLM, "indirect-speech")
    assert (second.speaker, second.nested_speaker) == (WEISS, None)


def test_somebody_who_quotes_himself_is_not_reported_in_turn(only) -> None:
    body = f"""<p><said who="person:weiss">Ich sagte: <said who="person:weiss">
      <seg xml:id="s01" {CODES}>ich komme</seg></said></said></p>"""
    _, (statement,) = only(body)
    assert (statement.speaker, statement.nested_speaker) == (WEISS, None)


def test_a_hand_says_what_its_note_says_unless_somebody_is_quoted_in_it(only) -> None:
    body = f"""<note hand="person:weiss"><persName ref="person:weiss">A. W.</persName> <seg xml:id="s01" {CODES}>gelesen</seg>;
      <said who="person:holm"><seg xml:id="s02" {CODES}>nein</seg></said></note>"""
    _, (own, quoted) = only(body)
    assert (own.speaker, own.mode) == (WEISS, "handwritten")
    assert (quoted.speaker, quoted.mode) == (HOLM, "direct-speech")


def test_marks_that_overlap_are_given_by_their_two_ends_without_the_blanks_there(only) -> None:
    body = f"""<p>Er <said who="person:weiss"><seg xml:id="s01" {CODES}>kam <anchor xml:id="From-Here"/> sehr
      spät</seg> und ging</said> <anchor xml:id="to-there"/>.</p>
      <spanGrp><span xml:id="s02" {CODES} from="#From-Here" to="#to-there"/></spanGrp>"""
    _, (first, second) = only(body)
    assert (first.quote, second.quote) == ("kam sehr spät", "sehr spät und ging")
    assert second.speaker == WEISS


@pytest.mark.parametrize(
    ("markup", "message"),
    [
        (f"<seg {CODES}>er kam</seg>", "is a statement without an xml:id; give it one, such as s01"),
        (f'<seg xml:id="S_1" {CODES}>er kam</seg>', 'xml:id="S_1" names no stretch of the text'),
        (f'<seg xml:id="reel" {CODES}>er kam</seg>', 'xml:id="reel" names no stretch of the text'),
        (
            f'<anchor xml:id="here"/>er<spanGrp><span {CODES} from="#here" to="#here"/></spanGrp>',
            "is a statement without an xml:id",
        ),
        (
            f'<anchor xml:id="a1"/>er<spanGrp><span xml:id="s1" {CODES} from="#a1" to="#a1"/></spanGrp>',
            'from="#a1" is no marked place of the text; give an element there an xml:id of four letters or more',
        ),
    ],
)
def test_a_statement_that_could_not_be_cited_is_a_fault_and_never_dropped(
    faults: Faults, markup: str, message: str
) -> None:
    (found,) = faults(letter(f'<p><said who="person:weiss">{markup}</said></p>'))
    assert message in found


def test_what_the_editor_says_is_in_the_language_of_the_header(only) -> None:
    note = '<notesStmt><note type="content" target="#s01">Dass er kam.</note></notesStmt>'
    record, _ = only(f'<p><said who="person:weiss"><seg xml:id="s01" {CODES}>er kam</seg></said></p>', note)
    assert record.editorial_language == "de"
