"""Dates as people write them: what can mean one thing only is read, all else is not."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonds.sources.written_dates import read_date


@pytest.mark.parametrize(
    ("words", "edtf"),
    [
        ("1901", "1901"),
        ("1901-03", "1901-03"),
        ("1901-03-05", "1901-03-05"),
        ("1901?", "1901?"),
        ("[1901]", "1901"),
        ("5 March 1901", "1901-03-05"),
        ("5. März 1901", "1901-03-05"),
        ("March 5, 1901", "1901-03-05"),
        ("Mar. 1901", "1901-03"),
        ("5.3.1901", "1901-03-05"),
        ("05. 03. 1901", "1901-03-05"),
        ("ca. 1901", "1901~"),
        ("circa 1901", "1901~"),
        ("1920s", "1920/1929"),
        ("1901-1904", "1901/1904"),
        ("1901–1904", "1901/1904"),
        ("1901 - 1904", "1901/1904"),
        ("1901/1904", "1901/1904"),
        ("March 1901 – 7 April 1902", "1901-03/1902-04-07"),
        ("1890 bis 1910", "1890/1910"),
    ],
)
def test_a_usual_form_is_read(words: str, edtf: str) -> None:
    found = read_date(words)
    assert found is not None
    assert found.edtf == edtf


@pytest.mark.parametrize(
    "words",
    ["", "n.d.",
      "undated", "5/3/1901", "03-05-1901", "spring 1901", "before the war", "31 February 1901", "1904-1901", "190", "19th century"],
)  # fmt: skip
def test_what_could_mean_two_things_or_nothing_is_not_read(words: str) -> None:
    assert read_date(words) is None


@given(st.dates(min_value=datetime.date(1000, 1, 1)))
def test_a_day_means_itself_however_it_is_written(day: datetime.date) -> None:
    for words in (day.isoformat(), f"{day.day}.{day.month}.{day.year}", f"{day.day} {day:%B} {day.year}"):
        found = read_date(words)
        assert found is not None
        assert (found.earliest, found.latest) == (day, day)


@given(st.text(max_size=30))
def test_any_words_are_a_date_or_none(words: str) -> None:
    found = read_date(words)
    assert found is None or found.earliest is None or found.latest is None or found.earliest <= found.latest
