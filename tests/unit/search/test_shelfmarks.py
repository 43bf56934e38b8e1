"""References are the same however they are written."""

from __future__ import annotations

import pytest

from fonds.search.shelfmarks import exact_terms, order_of, read_shelfmark, shelfmark_terms
from tests.timed import processor_seconds

_MARK = "TsKhSD, f. 5, op. 49, d. 758, l. 269, r. 9126"


@pytest.mark.parametrize(
    "typed",
    [
        "f. 5 op. 49 d. 758",
        "ф. 5, оп. 49, д. 758",
        "Ф.5.Оп.49.Д.758.Л.269",
        "F.5/49/758",
        "5/49/758",
        "фонд 5 опись 49 дело 758",
        "fond 5, opis' 49, delo 758",
        "f5 op49 d758",
        "f. 005 op. 49",
    ],
)
def test_a_reference_is_found_by_its_beginning(typed: str) -> None:
    assert {*exact_terms(read_shelfmark(typed))} & {*shelfmark_terms([_MARK])}


@pytest.mark.parametrize("typed", ["f. 5 op. 4", "f. 49 op. 5", "RG 5, Box 49", "f. 5 op. 49 d. 75"])
def test_another_reference_is_not(typed: str) -> None:
    assert not {*exact_terms(read_shelfmark(typed))} & {*shelfmark_terms([_MARK])}


def test_strokes_may_part_any_levels() -> None:
    assert {*exact_terms(read_shelfmark("f. 5 op. 49"))} & {*shelfmark_terms(["GARF 5/49/758"])}


def test_leaves_between_are_found() -> None:
    assert "leaf:270" in shelfmark_terms(["f. 5, l. 269–271"])


def test_boxes_and_folders() -> None:
    assert read_shelfmark("Box 1, Folder 29").parts == (("box", "1"), ("folder", "29"))
    assert read_shelfmark("National Archives, RG 59, Box 012").rest == "National Archives"


def test_words_are_no_reference() -> None:
    assert not read_shelfmark("Guevara resignation of 1964").parts


def test_numbers_are_sorted_by_value() -> None:
    assert sorted(["f. 10", "f. 9", "F. 9 op. 2"], key=order_of) == ["f. 9", "F. 9 op. 2", "f. 10"]


@pytest.mark.parametrize(
    "hostile", ["f." * 500, "1/" * 500, "f. 1 " * 200, "1" * 1000, " " * 1000, "f. " + "1/1" * 300]
)
def test_odd_input_takes_no_time(hostile: str) -> None:
    assert processor_seconds(lambda: shelfmark_terms([hostile])) < 0.5
