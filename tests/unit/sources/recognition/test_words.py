"""The table of words: every row is whole, and nothing in it can break a pattern."""

from __future__ import annotations

import re

import pytest

from fonds.sources.recognition.words import LANGUAGES, alternatives, plain, table, values, whole


@pytest.mark.parametrize("kind", sorted(table()))
def test_every_word_of_a_kind_is_found_by_its_pattern(kind: str) -> None:
    for _, _, word in table()[kind]:
        found = re.search(f"(?:{alternatives(kind)})", f"x {word.upper()} x", re.IGNORECASE)
        assert found, word
        assert plain(found[0]) in values(kind)


def test_months_are_twelve_in_every_language() -> None:
    for language in LANGUAGES:
        assert {value for value, tag, _ in table()["month"] if tag == language} == {
            str(number) for number in range(1, 13)
        }


def test_a_word_is_not_found_within_a_longer_one_and_any_apostrophe_will_do() -> None:
    assert not whole("loss").search("the outfaded one")
    assert whole("translator").search("Translator’s note")
    assert whole("marking").search("TOP  SECRET")
