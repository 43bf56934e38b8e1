"""Dates in documents: what is written gets its day, what is not written gets none."""

from __future__ import annotations

import datetime
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonds.sources.recognition.dates import (
    CENTURY_INFERRED,
    CENTURY_UNKNOWN,
    NO_SUCH_DAY,
    ORDER_UNKNOWN,
    century_of,
    find_dates,
    only_dates,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("27 October 1964", "1964-10-27"),
        ("October 27, 1964", "1964-10-27"),
        ("Oct. 3rd, 1961", "1961-10-03"),
        ("27 октября 1964 г.", "1964-10-27"),
        ("«27» октября 1964 года", "1964-10-27"),
        ("3 de mayo de 1962", "1962-05-03"),
        ("27. Oktober 1964", "1964-10-27"),
        ("1er mai 1961", "1961-05-01"),
        ("May 1961", "1961-05"),
        ("1964-10-27", "1964-10-27"),
        ("12.V.1961", "1961-05-12"),
        ("10/27/1964", "1964-10-27"),
        ("27/10/1964", "1964-10-27"),
        ("16-18 October 1964", "1964-10-16/1964-10-18"),
        ("circa May 1961", "1961-05~"),
    ],
)
def test_a_date_that_is_written_out_has_its_value_and_no_doubt(text: str, value: str) -> None:
    (found,) = find_dates(f"It was {text}, as they say.")
    assert (found.value, found.doubt) == (value, "")


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("03/04/1961", ORDER_UNKNOWN),
        ("31 February 1961", NO_SUCH_DAY),
        ("18-16 October 1964", NO_SUCH_DAY),
        ("29.12.64", CENTURY_UNKNOWN),
        ("29.13.1964", NO_SUCH_DAY),
    ],
)
def test_a_date_that_leaves_a_choice_has_no_value(text: str, doubt: str) -> None:
    (found,) = find_dates(text)
    assert (found.attributes, found.doubt) == ({}, doubt)


def test_a_year_of_two_figures_gets_the_one_century_of_the_other_dates_and_a_doubt() -> None:
    assert century_of("3 May 1961 and 4 June 1962") == 1900
    assert century_of("3 May 1861 and 4 June 1962") is None
    assert century_of("29.12.64") is None
    (found,) = find_dates("29.12.64", 1900)
    assert (found.value, found.doubt) == ("1964-12-29", CENTURY_INFERRED)


@pytest.mark.parametrize(
    "text", ["1.2.3.64", "you may 1000 times", "No 1964", "12.34.56.78", "f. 5, op. 19", "1964"]
)
def test_numbers_that_are_no_dates_are_left_alone(text: str) -> None:
    assert find_dates(text) == []


@pytest.mark.parametrize(
    "line",
    [
        "27 October 1964",
        "Havana, 5 May 1961",
        "г. Москва, 14 января 1957 г.",
        "Berlin, den 27. Oktober 1964",
        "Varn, June 24, 1966, 6:30–7 p.m.",
        "Varn, November 25, 1966, 1230Z.",
    ],
)
def test_a_line_of_place_and_date_is_told_from_a_sentence(line: str) -> None:
    assert len(list(only_dates(line))) == 1
    assert list(only_dates(f"{line} was the day.")) == []


@given(st.text(max_size=200), st.sampled_from([None, 1800, 1900]))
def test_any_text_can_be_read_and_dates_never_overlap(text: str, century: int | None) -> None:
    found = find_dates(text, century)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    assert all(0 <= each.start < each.end <= len(text) for each in found)


@given(st.dates(min_value=datetime.date(1800, 1, 1), max_value=datetime.date(2099, 12, 31)))
def test_every_day_in_figures_is_that_day(day: datetime.date) -> None:
    (found,) = find_dates(f"({day})")
    assert found.value == str(day)
