"""Days: Python's calendar is agreed with where it reaches, and the two calendars meet where history says they do."""

from __future__ import annotations

import calendar
import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonds.days import DistantDay, day_of, gregorian_of_julian, last_of_month


@given(st.integers(1, 9999), st.integers(1, 12))
def test_a_month_has_as_many_days_as_the_calendar_gives_it(year: int, month: int) -> None:
    assert last_of_month(year, month) == calendar.monthrange(year, month)[1]


@pytest.mark.parametrize(
    ("julian", "gregorian"),
    [
        ((1917, 10, 25), (1917, 11, 7)),  # the October revolution
        ((1582, 10, 5), (1582, 10, 15)),  # the reform of Gregory XIII
        ((1752, 9, 3), (1752, 9, 14)),  # Great Britain
        ((1900, 2, 29), (1900, 3, 13)),  # a day that the Gregorian calendar does not have
        ((1688, 11, 5), (1688, 11, 15)),
        ((200, 3, 1), (200, 3, 1)),  # where both agree
        ((1, 1, 1), (0, 12, 30)),
        ((-4712, 1, 1), (-4713, 11, 24)),  # the epoch of the Julian day number
    ],
)
def test_a_julian_day_is_the_gregorian_one_that_history_says(
    julian: tuple[int, int, int], gregorian: tuple[int, int, int]
) -> None:
    assert gregorian_of_julian(julian) == gregorian


@given(st.integers(-9000, 9000), st.integers(1, 12), st.integers(1, 30))
def test_the_day_after_a_julian_day_is_the_day_after_in_the_gregorian_calendar(
    year: int, month: int, day: int
) -> None:
    if day >= last_of_month(year, month, julian=True):
        return
    this, following = gregorian_of_julian((year, month, day)), gregorian_of_julian((year, month, day + 1))
    if this[2] < last_of_month(*this[:2]):
        assert following == (*this[:2], this[2] + 1)
    else:
        assert following[2] == 1


def test_distant_days_stand_among_the_others() -> None:
    ides, birth, far = DistantDay(-43, 3, 15), datetime.date(1928, 6, 14), DistantDay(12000, 1, 1)
    assert ides < birth < far
    assert far > birth > ides
    assert ides <= DistantDay(-43, 3, 15) <= birth
    assert far >= birth
    assert day_of((1928, 6, 14)) == birth
    assert (ides.isoformat(), far.isoformat()) == ("-0043-03-15", "12000-01-01")
