"""The card of a record: a picture that can be shown, whatever the title."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fonds.views.citations.card import HEIGHT, WIDTH, can_be_drawn, card
from fonds.views.citations.facts import Cited
from tests.unit.views.citations.test_notes import BARE, MEMO


def drawn(cited: Cited, site: str = "A site") -> Image.Image:
    written = card(cited, site)
    assert written is not None
    picture = Image.open(io.BytesIO(written))
    assert (picture.format, picture.size) == ("PNG", (WIDTH, HEIGHT))
    return picture.convert("L")


def ink(picture: Image.Image, top: int, bottom: int) -> int:
    """Return how many dark points stand between two heights, right of the edge."""
    return sum(picture.crop((60, top, WIDTH, bottom)).histogram()[:128])


def test_a_card_is_a_small_png_with_title_place_and_site() -> None:
    picture = drawn(MEMO)
    assert ink(picture, 60, 400) > 5000
    assert ink(picture, 545, 620) > 300
    assert ink(drawn(MEMO, ""), 545, 620) == 0
    assert len(card(MEMO, "A site") or b"") < 60_000


def test_the_same_record_has_the_same_card() -> None:
    assert card(MEMO, "A site") == card(MEMO, "A site")
    assert card(MEMO, "A site") != card(BARE, "A site")


@pytest.mark.parametrize(
    "title", ["Запись беседы с Эрнесто Геварой", "Ἐπιστολή", "Příliš žluťoučký kůň", "Lời nói đầu"]
)
def test_titles_in_latin_greek_and_cyrillic_letters_are_drawn(title: str) -> None:
    assert ink(drawn(replace(BARE, title=title)), 60, 180) > 800


@pytest.mark.parametrize("title", ["תשובה מליון", "会談録", "رسالة", "✉🂡"])
def test_a_title_that_the_typeface_lacks_is_left_out_and_no_boxes_are_drawn(title: str) -> None:
    other = replace(BARE, title=title)
    # What stands below the title moves up to where the title would be.
    assert ink(drawn(other), 60, 100) == 0
    assert can_be_drawn(other, "A site")
    assert not can_be_drawn(other, title)
    assert card(other, title) is None


def test_a_long_title_is_cut_and_a_long_word_broken_within_the_picture() -> None:
    for title in ("Word " * 400, "W" * 900, f"{'x' * 120} {'y' * 120}"):
        picture = drawn(replace(MEMO, title=title.strip(), shelfmark="s " * 300))
        assert ink(picture, 0, HEIGHT) > 5000
        assert sum(picture.crop((1150, 0, WIDTH, HEIGHT)).histogram()[:128]) == 0
        assert sum(picture.crop((60, 505, WIDTH, 536)).histogram()[:128]) == 0


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=80))
def test_no_title_breaks_it(title: str) -> None:
    made = card(replace(BARE, title=title), "A site")
    assert made is not None
    assert made.startswith(b"\x89PNG")
