"""What is typed is read as it is meant, and never refused but for its length."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonds.errors import SearchError
from fonds.search.asking import Clause, read_date, read_question


def _texts(typed: str) -> list[str]:
    return [each.text for each in read_question(typed).clauses]


def test_words_phrases_and_exclusions() -> None:
    words, phrase, without = read_question('Guevara "formal cause" -rice').clauses
    assert (words.text, phrase.text, phrase.phrase, without.text, without.excluded) == (
        "Guevara", "formal cause", True, "rice", True,
    )  # fmt: skip


def test_a_hyphen_within_a_word_excludes_nothing() -> None:
    assert read_question("Sino-Soviet").clauses == (Clause("Sino-Soviet"),)


def test_a_prefix_names_fields_and_any_other_is_a_word() -> None:
    assert read_question("person:Castro").clauses[0].fields == ("people",)
    assert _texts("Re:Cuba") == ["Re Cuba"]


@pytest.mark.parametrize(
    ("typed", "edtf"),
    [
        ("1964-10-16", "1964-10-16"),
        ("16.10.1964", "1964-10-16"),
        ("16 October 1964", "1964-10-16"),
        ("October 16, 1964", "1964-10-16"),
        ("16 октября 1964", "1964-10-16"),
        ("16 de octubre de 1964", "1964-10-16"),
        ("Oct 1964", "1964-10"),
        ("date:1964-10..1964-11", "1964-10/1964-11"),
        ("1964", "1964"),
    ],
)
def test_days_in_the_usual_ways(typed: str, edtf: str) -> None:
    (clause,) = read_question(typed).clauses
    assert clause.date is not None
    assert clause.date.edtf == edtf


@pytest.mark.parametrize("typed", ["1964-13-45", "99.99.1964", "Cuba", "", "..", "1964-10-27T25"])
def test_what_is_no_day_is_none(typed: str) -> None:
    assert read_date(typed) is None


def test_what_is_too_long_is_refused_with_the_limit() -> None:
    with pytest.raises(SearchError, match="500"):
        read_question("a" * 501)
    with pytest.raises(SearchError, match="24"):
        read_question("a b " * 20)


@given(st.text(alphabet=st.characters(exclude_categories=["Z"]), max_size=500))
def test_any_text_of_one_word_is_read(typed: str) -> None:
    assert len(read_question(typed[:20]).clauses) <= 20
