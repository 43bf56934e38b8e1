"""A snippet shows the words that were looked for, where they stand together."""

from __future__ import annotations

from fonds.search.snippets import Piece, snippet

_TEXT = (
    "Nothing here. " * 50 + "Then Señor Guevara spoke of his resignation at length. " + "More of it. " * 50
)


def _marked(text: str, *words: str, stems: tuple[str, ...] = ()) -> list[str]:
    def stem(word: str) -> list[str]:
        return [word.removesuffix("ation").removesuffix("ed")]

    return [each.text for each in snippet(text, words, stems, stem) if each.marked]


def test_words_are_marked_in_the_spelling_of_the_text() -> None:
    assert _marked(_TEXT, "senor", "guevara", stems=("resign",)) == ["Señor", "Guevara", "resignation"]


def test_parts_of_words_are_not_marked() -> None:
    assert _marked("Guevaras and Guevara", "guevara") == ["Guevara"]


def test_without_a_word_it_is_the_beginning() -> None:
    pieces = snippet(_TEXT, ["absent"], [], lambda _: [])
    assert pieces[0].text.startswith("Nothing here.")
    assert len(pieces[0].text) < 260


def test_a_short_text_is_whole() -> None:
    assert snippet("All of it.", [], [], lambda _: []) == (Piece("All of it."),)
