"""Single lines: sentences, markings, names and signatures by their form."""

from __future__ import annotations

import pytest

from fonds.sources.recognition.blocks import Block, Hint
from fonds.sources.recognition.lines import is_marking_line, is_name, is_prose, numbered, signature_in


@pytest.mark.parametrize(
    "line",
    ["Secret Copy No 2", "No 375", "СОВ. СЕКРЕТНО", "Экз. № 2", "URGENT", "Streng geheim!", "Máximo secreto"],
)
def test_a_marking_has_nothing_else(line: str) -> None:
    assert is_marking_line(line)
    assert not is_marking_line(f"{line} is what it said")


@pytest.mark.parametrize(
    "line",
    [
        "Darusenkov, O. T.",
        "O. Darusenkov",
        "К. Ю. Орлов",
        "Anna Weiss",
        "(V. Sokolov)",
        "/K. Todorov/",
        "J. de la Cruz",
    ],
)
def test_a_name_is_capitalised_words(line: str) -> None:
    assert is_name(line)


@pytest.mark.parametrize(
    "line", ["First Secretary of the embassy", "Sincerely,", "3 May 1961", "seen", "He came to us."]
)
def test_other_lines_are_no_names(line: str) -> None:
    assert not is_name(line)


@pytest.mark.parametrize(
    ("line", "start"),
    [
        ("(signed) K. Holm", 0),
        ("Ambassador: (signature) K. Todorov", 12),
        ("Подпись: И. Орлов", 0),
        ("/s/ Holm", 0),
        ("Signed in Varn by both", None),
    ],
)
def test_a_signature_begins_with_its_mark_and_ends_with_a_name(line: str, start: int | None) -> None:
    assert signature_in(line) == start


def test_a_sentence_is_prose_and_a_heading_never_is() -> None:
    assert is_prose(Block("He came to us on Monday.", 0, 24))
    assert is_prose(Block("He came to us on Monday. [2]", 0, 28))
    assert not is_prose(Block("He came to us on Monday.", 0, 24, Hint(level=2)))
    assert not is_prose(Block("Minister of Industry of the Republic", 0, 36))


def test_a_number_is_found_with_its_label() -> None:
    match = numbered("register").search("Вх. № 1180/61-с")
    assert match is not None
    assert (match[0], match["number"]) == ("Вх. № 1180/61-с", "1180/61-с")
