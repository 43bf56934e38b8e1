"""Brackets: a loss is what the words say and no more; labels, notes and the editor's words are told apart."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonds.sources.recognition.brackets import BracketKind, find_brackets, standing_label


@pytest.mark.parametrize(
    ("words", "attributes"),
    [
        ("[several words unreadable due to faded text]", {"reason": "faded", "unit": "words"}),
        ("[1 word illegible]", {"reason": "illegible", "unit": "words", "quantity": "1"}),
        ("[one line illegible]", {"reason": "illegible", "unit": "lines", "quantity": "1"}),
        (
            "[two to three words torn off]",
            {"reason": "damage", "unit": "words", "atLeast": "2", "atMost": "3"},
        ),
        ("[5 paragraphs redacted]", {"reason": "redacted", "unit": "paragraphs", "quantity": "5"}),
        ("[faded]", {"reason": "faded"}),
        ("[page damaged]", {"reason": "damage"}),
        ("[page missing]", {"unit": "pages"}),
        ("[The rest of the page is missing.]", {}),
        ("[dos palabras tachadas]", {"reason": "deleted", "unit": "words", "quantity": "2"}),
        ("[a few lines missing]", {"unit": "lines"}),
        ("[одно слово неразборчиво]", {"reason": "illegible", "unit": "words", "quantity": "1"}),
        ("[вымарано 2 строки]", {"reason": "redacted", "unit": "lines", "quantity": "2"}),
        ("[tres líneas ilegibles]", {"reason": "illegible", "unit": "lines", "quantity": "3"}),
        ("[falta una línea]", {"unit": "lines", "quantity": "1"}),
        ("[zwei Wörter unleserlich]", {"reason": "illegible", "unit": "words", "quantity": "2"}),
        ("[un mot illisible]", {"reason": "illegible", "unit": "words", "quantity": "1"}),
        (
            "[Here follow 3 paragraphs on fishing.]",
            {"reason": "omitted", "unit": "paragraphs", "quantity": "3"},
        ),
        ("[Here follow a table and 6 pages of discussion.]", {"reason": "omitted"}),
        ("(неразборчиво)", {"reason": "illegible"}),
    ],
)
def test_a_loss_is_what_its_words_say(words: str, attributes: dict[str, str]) -> None:
    (bracket,) = find_brackets(f"He said {words} to me.")
    assert bracket.loss is not None
    assert (bracket.kind, bracket.loss.attributes) == (BracketKind.GAP, attributes)


@pytest.mark.parametrize(
    ("words", "extent"),
    [
        ("[about 3 lines illegible]", "about 3 lines"),
        ("[less than 1 line not declassified]", "less than 1 line"),
        ("[half a page missing]", "half a page"),
    ],
)
def test_a_number_that_is_only_about_right_is_given_in_words(words: str, extent: str) -> None:
    (bracket,) = find_brackets(words)
    assert bracket.loss is not None
    assert bracket.loss.attributes["extent"] == extent
    assert "quantity" not in bracket.loss.attributes


@pytest.mark.parametrize("words", ["[...]", "[…]", "[. . .]"])
def test_three_dots_are_a_gap_of_which_a_person_has_to_say_more(words: str) -> None:
    (bracket,) = find_brackets(f"So {words} it was.")
    assert bracket.loss is not None
    assert bracket.loss.attributes == {}
    assert bracket.loss.doubt


@pytest.mark.parametrize(
    "words", ["[YePSRK]", "[sic]", "[signature]", "[the lost battle of Varn in 1961]", "[see page 3]"]
)
def test_other_words_in_square_brackets_are_the_editors(words: str) -> None:
    (bracket,) = find_brackets(words)
    assert bracket.kind is BracketKind.EDITORIAL


@pytest.mark.parametrize(
    "words", ["(he was lost)", "(see page 3)", "[1]", "[ ]", "[open", "closed]", "(missing)"]
)
def test_what_says_nothing_or_may_be_anybodys_is_left_alone(words: str) -> None:
    assert find_brackets(words) == []


def test_a_translators_note_is_one_and_the_loss_it_reports_is_read() -> None:
    text = "So it was [Translator’s note: 2-3 lines are lost in the original due to fading]."
    (bracket,) = find_brackets(text)
    assert (bracket.kind, bracket.translator) == (BracketKind.NOTE, True)
    assert text[bracket.label : bracket.end] == "2-3 lines are lost in the original due to fading]"
    assert bracket.loss is not None
    assert bracket.loss.attributes == {"reason": "faded", "unit": "lines", "atLeast": "2", "atMost": "3"}


def test_a_note_without_a_measured_loss_reports_none() -> None:
    (bracket,) = find_brackets("[Translator's note: the author was lost in Varn]")
    assert bracket.loss is None


@pytest.mark.parametrize(
    ("text", "kind", "said", "place"),
    [
        ("[Stamp]: Declassified", BracketKind.STAMP, "Declassified", None),
        ("[Stamp: RECEIVED 12 May]", BracketKind.STAMP, "RECEIVED 12 May]", None),
        ("[Al margen, manuscrito: Sí]", BracketKind.HANDWRITTEN, "Sí]", "Al margen, manuscrito"),
        ("[Note to the left]: Seen", BracketKind.HANDWRITTEN, "Seen", "to the left"),
        ("[Рукописная помета в углу]: Да", BracketKind.HANDWRITTEN, "Да", "в углу"),
        ("[Nota manuscrita al margen]: Sí", BracketKind.HANDWRITTEN, "Sí", "al margen"),
        ("[Handwritten note, upper right: No]", BracketKind.HANDWRITTEN, "No]", "upper right"),
    ],
)
def test_a_label_tells_what_follows_and_where_it_stands(
    text: str, kind: BracketKind, said: str, place: str | None
) -> None:
    bracket = find_brackets(text)[0]
    assert (bracket.kind, text[bracket.label :]) == (kind, said)
    assert (text[slice(*bracket.place)] if bracket.place else None) == place


def test_a_label_without_brackets_is_one_only_at_the_head_of_a_line() -> None:
    assert standing_label("Handwritten note: Seen") == (BracketKind.HANDWRITTEN, 18)
    assert standing_label("There was a handwritten note: Seen") is None


def test_a_round_bracket_does_not_hide_a_square_one_within_it() -> None:
    (bracket,) = find_brackets("(he said [one word illegible] to me)")
    assert bracket.kind is BracketKind.GAP


@given(st.text(alphabet="[]()ab .:…1", max_size=80))
def test_any_text_can_be_read_and_brackets_never_overlap(text: str) -> None:
    found = find_brackets(text)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    assert all(text[each.start] in "[(" and text[each.end - 1] in "])" for each in found)


@pytest.mark.thorough
def test_a_million_open_brackets_take_no_time() -> None:
    assert find_brackets("([" * 200_000 + ")" * 200_000) == []
