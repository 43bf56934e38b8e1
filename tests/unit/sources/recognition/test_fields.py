"""Labels and menus: what states something of a document, and what is only a word of the page."""

from __future__ import annotations

import pytest

from fonds.sources.recognition.fields import field_of, is_furniture_word, is_value_of


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("Date: 3 May 1961", "date"),
        ("Fuente: Archivo, caja 3", "source"),
        ("Источник: Архив", "source"),
        ("Originalsprache: Russisch", "original-language"),
    ],
)
def test_a_label_with_a_value_states_something(line: str, field: str) -> None:
    found = field_of(line)
    assert found is not None
    assert found[0] == field


@pytest.mark.parametrize("line", ["Date:", "He said: no", "3 May 1961", "Note: one"])
def test_other_lines_state_nothing(line: str) -> None:
    assert field_of(line) is None


def test_a_label_that_stands_alone_belongs_to_the_line_after_it() -> None:
    assert is_value_of("Source", "Central Archive, f. 5") == "source"
    assert is_value_of("Original Language", "Bulgarian") == "original-language"
    assert is_value_of("Language", "A nice one") is None
    assert is_value_of("Citation", "get citation") is None
    assert is_value_of("Source", "Rights") is None


@pytest.mark.parametrize(
    "line",
    [
        "• Citation",
        "get citation",
        "Home | Search",
        "Home Browse About",
        "English HTML",
        "»",
        "Поиск | О проекте",
    ],
)
def test_menus_are_furniture(line: str) -> None:
    assert is_furniture_word(line)


@pytest.mark.parametrize("line", ["The home of the archive", "People in Varn", "Secret", "Searching"])
def test_words_of_a_document_are_not(line: str) -> None:
    assert not is_furniture_word(line)
