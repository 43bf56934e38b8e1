"""Blocks of a text: paragraphs, lines that stand alone, and lines that a width broke."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fonds.sources.recognition.blocks import BLANKS, Hint, blocks_of, spaced

WRAPPED = """The harbour master received me in his office at ten o'clock and said
that the grain which had been promised for January had not come, and
that he could wait no longer.

Secret
Copy No 2
"""


def test_lines_broken_to_a_width_are_one_block_and_short_lines_are_each_their_own() -> None:
    assert [block.words[-15:] for block in blocks_of(WRAPPED)] == ["wait no longer.", "Secret", "Copy No 2"]


def test_in_a_text_with_long_lines_every_line_is_a_block() -> None:
    assert [block.words for block in blocks_of("a " * 100 + "\nb\nc")] == ["a " * 99 + "a", "b", "c"]


def test_a_line_that_begins_a_block_is_not_joined() -> None:
    text = "Source: the archive of the town, box 12\nDate: the third of May\n" + "x" * 40
    begins = [block.words for block in blocks_of(text, begins=lambda line: line.startswith("Date"))]
    assert begins[1].startswith("Date")


def test_lines_of_html_are_never_joined() -> None:
    hints = {0: Hint(broken=False), 41: Hint(broken=False)}
    assert len(blocks_of("x" * 40 + "\n" + "y" * 40, hints)) == 2


@given(st.text(alphabet="ab .\n\r\t\x0b\x0c\u00a0\u0085\u2028", max_size=200))
def test_every_character_but_blanks_is_in_a_block_in_its_order(text: str) -> None:
    blocks = blocks_of(text)
    assert spaced(" ".join(block.words for block in blocks)) == spaced(text)
    for block in blocks:
        assert spaced(text[block.start : block.end]) == block.words
        assert text[block.start] not in BLANKS
        assert text[block.end - 1] not in BLANKS
