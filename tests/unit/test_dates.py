"""Dates: an EDTF text means the days it can mean, and no day that it cannot."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonds.dates import parse_edtf


def day(text: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None


@pytest.mark.clause("ISO 8601-2:2019 4.3, 8.2.1, 8.4.1")
@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("1964-10-16", "1964-10-16", "1964-10-16"),
        ("1964-10", "1964-10-01", "1964-10-31"),
        ("1964", "1964-01-01", "1964-12-31"),
        ("1964-02", "1964-02-01", "1964-02-29"),
        ("1900-02", "1900-02-01", "1900-02-28"),
        ("1964~", "1964-01-01", "1964-12-31"),
        ("1964-10?", "1964-10-01", "1964-10-31"),
        ("1964-10-16/1964-10-27", "1964-10-16", "1964-10-27"),
        ("1964/1966-03", "1964-01-01", "1966-03-31"),
        ("1964-10/..", "1964-10-01", None),
        ("../1964-10", None, "1964-10-31"),
        ("/1964", None, "1964-12-31"),
    ],
)
def test_a_date_is_bounded_by_its_first_and_last_day(
    text: str, earliest: str | None, latest: str | None
) -> None:
    span = parse_edtf(text)
    assert (span.edtf, span.earliest, span.latest) == (text, day(earliest), day(latest))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "October 1964",
        "1964-13",
        "1964-02-30",
        "1965-02-29",
        "64",
        "1964-1",
        "16.10.1964",
        "1964-10-16T10:00",
        "../..",
        "/",
    ],
)
def test_what_is_no_date_is_refused_with_the_text_in_the_message(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no d|neither") as caught:
        parse_edtf(text)
    assert repr(text) in str(caught.value)


def test_digits_of_other_scripts_are_no_date() -> None:
    with pytest.raises(ValueError, match="is no date"):
        parse_edtf("١٩٦٤")


def test_an_interval_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before it begins"):
        parse_edtf("1964-10-27/1964-10-16")


@given(st.dates(min_value=datetime.date(1, 1, 1)))
def test_a_day_is_its_own_bounds_and_lies_within_its_month_and_year(one: datetime.date) -> None:
    text = one.isoformat()
    assert parse_edtf(text).earliest == parse_edtf(text).latest == one
    for wider in (text[:7], text[:4]):
        span = parse_edtf(wider)
        assert span.earliest is not None
        assert span.latest is not None
        assert span.earliest <= one <= span.latest
