"""Dates: an EDTF text means the days it can mean, and no day that it cannot."""

from __future__ import annotations

import calendar
import datetime
import time

import pytest
from edtf import parse_edtf as parse_with_the_package
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fonds.dates import DateSpan, from_julian, is_within, parse_edtf
from fonds.days import last_of_month, ymd


def bounds(text: str) -> tuple[str | None, str | None]:
    span = parse_edtf(text)
    assert span.edtf == text
    return tuple(day.isoformat() if day else None for day in (span.earliest, span.latest))  # type: ignore[return-value]


@pytest.mark.clause("ISO 8601-2:2019 4.3, 8.2.1, 8.4.1; EDTF level 0")
@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("1964-10-16", "1964-10-16", "1964-10-16"),
        ("1964-10", "1964-10-01", "1964-10-31"),
        ("1964", "1964-01-01", "1964-12-31"),
        ("1964-02", "1964-02-01", "1964-02-29"),
        ("1900-02", "1900-02-01", "1900-02-28"),
        ("2000-02", "2000-02-01", "2000-02-29"),
        ("0000", "0000-01-01", "0000-12-31"),
        ("1964-10-16/1964-10-27", "1964-10-16", "1964-10-27"),
        ("1964/1966-03", "1964-01-01", "1966-03-31"),
        ("1964-02-29/1964-02", "1964-02-29", "1964-02-29"),
        ("1964-10-16T10:15:30", "1964-10-16", "1964-10-16"),
        ("1964-10-16T23:15:30-05:00", "1964-10-16", "1964-10-16"),
        ("1964-10-16T00:15:30+03", "1964-10-16", "1964-10-16"),
        ("1964-10-16T24:00:00Z", "1964-10-16", "1964-10-16"),
    ],
)
def test_a_date_is_bounded_by_its_first_and_last_day(text: str, earliest: str, latest: str) -> None:
    assert bounds(text) == (earliest, latest)


@pytest.mark.clause("EDTF level 1")
@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("1964~", "1964-01-01", "1964-12-31"),
        ("1964-10?", "1964-10-01", "1964-10-31"),
        ("1964-10-16%", "1964-10-16", "1964-10-16"),
        ("196X", "1960-01-01", "1969-12-31"),
        ("19XX", "1900-01-01", "1999-12-31"),
        ("1964-XX", "1964-01-01", "1964-12-31"),
        ("1964-02-XX", "1964-02-01", "1964-02-29"),
        ("1964-XX-XX", "1964-01-01", "1964-12-31"),
        ("1964-21", "1964-03-01", "1964-05-31"),
        ("1964-22", "1964-06-01", "1964-08-31"),
        ("1964-23", "1964-09-01", "1964-11-30"),
        ("1964-24", "1963-12-01", "1965-02-28"),
        ("1964-10/..", "1964-10-01", None),
        ("../1964-10", None, "1964-10-31"),
        ("1964-10/", "1964-10-01", None),
        ("/1964", None, "1964-12-31"),
        ("1964~/1966?", "1964-01-01", "1966-12-31"),
        ("-0044-03-15", "-0044-03-15", "-0044-03-15"),
        ("-1985", "-1985-01-01", "-1985-12-31"),
        ("Y17000", "17000-01-01", "17000-12-31"),
        ("Y-170000002", "-170000002-01-01", "-170000002-12-31"),
    ],
)
def test_level_1_is_bounded(text: str, earliest: str | None, latest: str | None) -> None:
    assert bounds(text) == (earliest, latest)


@pytest.mark.clause("EDTF level 2")
@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("Y-17E7", "-170000000-01-01", "-170000000-12-31"),
        ("1950S2", "1900-01-01", "1999-12-31"),
        ("-1950S2", "-1999-01-01", "-1900-12-31"),
        ("Y171010000S3", "171000000-01-01", "171999999-12-31"),
        ("Y3388E2S3", "338000-01-01", "338999-12-31"),
        ("1964-25", "1964-03-01", "1964-05-31"),
        ("1964-28", "1963-12-01", "1965-02-28"),
        ("1964-29", "1964-09-01", "1964-11-30"),
        ("1964-30", "1963-12-01", "1965-02-28"),
        ("1964-31", "1964-03-01", "1964-05-31"),
        ("1964-32", "1964-06-01", "1964-08-31"),
        ("1964-33", "1964-01-01", "1964-03-31"),
        ("1964-36", "1964-10-01", "1964-12-31"),
        ("1964-37", "1964-01-01", "1964-04-30"),
        ("1964-39", "1964-09-01", "1964-12-31"),
        ("1964-40", "1964-01-01", "1964-06-30"),
        ("1964-41", "1964-07-01", "1964-12-31"),
        ("196X-22", "1960-06-01", "1969-08-31"),
        ("[1667,1668, 1670..1672]", "1667-01-01", "1672-12-31"),
        ("[1670,1667-05-03]", "1667-05-03", "1670-12-31"),
        ("[..1760-12-03]", None, "1760-12-03"),
        ("[1760-12..]", "1760-12-01", None),
        ("[1760-01,1760-02,1760-12..]", "1760-01-01", None),
        ("{..1984}", None, "1984-12-31"),
        ("{1960,1961-12}", "1960-01-01", "1961-12-31"),
        ("2004-06~-11", "2004-06-11", "2004-06-11"),
        ("2004?-06-11", "2004-06-11", "2004-06-11"),
        ("?2004-06-~11", "2004-06-11", "2004-06-11"),
        ("2004-%06-11", "2004-06-11", "2004-06-11"),
        ("156X-12-25", "1560-12-25", "1569-12-25"),
        ("15XX-12-25", "1500-12-25", "1599-12-25"),
        ("XXXX-12-XX", "0000-12-01", "9999-12-31"),
        ("1XXX-XX", "1000-01-01", "1999-12-31"),
        ("1984-1X", "1984-10-01", "1984-12-31"),
        ("1984-X2", "1984-02-01", "1984-12-31"),
        ("1984-XX-31", "1984-01-31", "1984-12-31"),
        ("1984-04-3X", "1984-04-30", "1984-04-30"),
        ("19XX-02-29", "1904-02-29", "1996-02-29"),
        ("-00XX", "-0099-01-01", "-0001-12-31"),
        ("2004-06-~01/2004-06-~20", "2004-06-01", "2004-06-20"),
        ("2004-06-XX/2004-07-03", "2004-06-01", "2004-07-03"),
    ],
)
def test_level_2_is_bounded(text: str, earliest: str | None, latest: str | None) -> None:
    assert bounds(text) == (earliest, latest)


@pytest.mark.parametrize(
    "text",
    [
        "", "October 1964", "1964-13", "1964-00", "1964-02-30", "1965-02-29", "1900-02-29", "64", "1964-1",
        "16.10.1964", "1964-10-16T10:00", "1964-10-16T25:00:00", "../..", "/", "1964/1965/1966", "-0000", "Y1964", "Y0",
        "Y1E13", "Y1E99", "1964-20", "1964-42", "1964-21-01", "1964-2X", "1964-02-3X", "19X1-02-29", "[]", "[1964", "{,}",
        "[..]", "[1964..,1970]", "[1970,..1964]", "[1964..1960]", "1964S0", "19XXS2", "1964S2-03", "1964??", "XXXXX",
        "[1964/1965]", " 1964", "1964 ", "1964\n", "\x00", "x" * 2000,
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no d|neither|ends before"):
        parse_edtf(text)


def test_a_refusal_names_the_text_and_the_part_of_it_that_is_no_date() -> None:
    with pytest.raises(ValueError, match=r"'1964/soon' is no date, because of 'soon'; write 1964"):
        parse_edtf("1964/soon")


def test_digits_of_other_scripts_are_no_date() -> None:
    with pytest.raises(ValueError, match="is no date"):
        parse_edtf("١٩٦٤")


def test_an_interval_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before it begins"):
        parse_edtf("1964-10-27/1964-10-16")


@pytest.mark.parametrize(
    ("text", "plain", "approximate", "uncertain"),
    [
        ("1964-10-16", "1964-10-16", False, False),
        ("1964~", "1964", True, False),
        ("?1964-10", "1964-10", False, True),
        ("1964-10-16%", "1964-10-16", True, True),
        ("-0044-03", "-0044-03", False, False),
        ("196X", None, False, False),
        ("1964-21", None, False, False),
        ("1964-10-16/1964-10-27", None, False, False),
        ("Y17000", None, False, False),
        ("1950S2", None, False, False),
        ("[1964]", None, False, False),
    ],
)
def test_a_date_knows_whether_it_is_one_day_month_or_year(
    text: str, plain: str | None, approximate: bool, uncertain: bool
) -> None:
    span = parse_edtf(text)
    assert (span.plain, span.approximate, span.uncertain) == (plain, approximate, uncertain)


# ------------------------------------------------------------------------------------------------ Julian


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        ("1917-10-25", "1917-11-07"),
        ("1917-10-25?", "1917-11-07?"),
        ("1900-02-29", "1900-03-13"),
        ("1917-10", "[1917-10-14..1917-11-13]"),
        ("1917~", "[1917-01-14~..1918-01-13~]"),
        ("1917-10-25/1917-10-27", "1917-11-07/1917-11-09"),
        ("1917-10/..", "1917-10-14/.."),
        ("../1917-10", "../1917-11-13"),
        ("[1917..]", "[1917-01-14..]"),
        ("19X7-10-25", "[1907-11-07..1997-11-07]"),
        ("-0044-03-15", "-0044-03-13"),
    ],
)
def test_a_julian_date_is_written_as_the_same_days_of_the_gregorian_calendar(text: str, edtf: str) -> None:
    span = from_julian(text)
    assert span.edtf == edtf
    assert span == parse_edtf(edtf)


@pytest.mark.parametrize("text", ["1901-02-29", "1917-13", "Y17000", "9999-12-31/"])
def test_what_is_no_julian_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no d|too far"):
        from_julian(text)


# ------------------------------------------------------------------------------------------------ in general

year = st.integers(0, 9999).map("{:04d}".format)
month = st.integers(1, 12).map("{:02d}".format)
number = st.integers(1, 28).map("{:02d}".format)
masked = st.tuples(st.sampled_from(["", "-"]), st.text("X0123456789", min_size=4, max_size=4)).map("".join)
digits = st.text("X0123456789", min_size=2, max_size=2)
qualifier = st.sampled_from(["", "?", "~", "%"])
long_year = st.tuples(st.sampled_from(["Y", "Y-"]), st.integers(10_000, 10**11).map(str)).map("".join)
date = st.one_of(
    year,
    st.tuples(year, month).map("-".join),
    st.tuples(year, month, number).map("-".join),
    st.tuples(masked, digits).map("-".join),
    st.tuples(masked, digits, digits).map("-".join),
    st.tuples(year, st.integers(21, 41).map(str)).map("-".join),
    st.tuples(year, st.integers(1, 9).map("S{}".format)).map("".join),
    long_year,
)
qualified = st.tuples(date, qualifier).map("".join)
composed = st.one_of(
    qualified,
    st.tuples(qualified, qualified).map("/".join),
    st.tuples(qualified, st.sampled_from(["", ".."])).map("/".join),
    st.lists(qualified, min_size=1, max_size=4).map(lambda dates: f"[{','.join(dates)}]"),
    st.lists(qualified, min_size=2, max_size=2).map(lambda dates: f"{{{'..'.join(dates)}}}"),
)


def read(text: str) -> DateSpan | None:
    try:
        return parse_edtf(text)
    except ValueError:
        return None


@given(composed)
def test_what_begins_does_not_begin_after_its_end_and_reads_the_same_again(text: str) -> None:
    span = read(text)
    if span is not None:
        assert span.earliest is None or span.latest is None or span.earliest <= span.latest
        assert parse_edtf(span.edtf) == span


@given(date, qualifier)
def test_a_doubt_never_narrows(text: str, mark: str) -> None:
    plain, doubted = read(text), read(text + mark)
    assert (plain is None) == (doubted is None)
    if plain and doubted:
        assert (plain.earliest, plain.latest) == (doubted.earliest, doubted.latest)


@given(st.dates())
def test_a_day_is_its_own_bounds_and_the_first_and_last_days_of_a_month_are_its_bounds(
    one: datetime.date,
) -> None:
    text = one.isoformat()
    assert parse_edtf(text).earliest == parse_edtf(text).latest == one
    last = calendar.monthrange(one.year, one.month)[1]
    of_month = parse_edtf(text[:7])
    assert (of_month.earliest, of_month.latest) == (one.replace(day=1), one.replace(day=last))
    of_year = parse_edtf(text[:4])
    assert (of_year.earliest, of_year.latest) == (
        one.replace(month=1, day=1),
        one.replace(month=12, day=31),
    )
    assert is_within(text, of_month)


@settings(max_examples=50, deadline=None)
@given(st.text("X0129", min_size=2, max_size=2).map("19{}".format), digits, digits)
@example("19XX", "02", "29")
@example("19XX", "XX", "31")
def test_a_date_with_missing_digits_is_bounded_by_the_first_and_last_day_that_has_the_others(
    years: str, months: str, days: str
) -> None:
    def fits(value: int, mask: str) -> bool:
        return all(one in ("X", each) for one, each in zip(mask, f"{value:0{len(mask)}d}", strict=True))

    found = [
        (y, m, d)
        for y in range(1900, 2000)
        if fits(y, years)
        for m in range(1, 13)
        if fits(m, months)
        for d in range(1, last_of_month(y, m) + 1)
        if fits(d, days)
    ]
    span = read(f"{years}-{months}-{days}")
    if span is None:
        assert found == []
    else:
        assert span.earliest is not None
        assert span.latest is not None
        assert (ymd(span.earliest), ymd(span.latest)) == (found[0], found[-1])


@given(st.text(max_size=100) | st.text("0123456789X-/.,[]{}?~%YES T:Z+", max_size=100))
@example("[" + "XXX1-02-29," * 9)
@example("XXXX-XX-XX/" * 9)
@example("Y9E99S99")
@example("[" + "XXXX-02-29," * 8 + "X1X1-02-29]")
@pytest.mark.thorough
def test_no_text_is_slow_or_raises_anything_else(text: str) -> None:
    for reader in (parse_edtf, from_julian):
        begun = time.process_time()
        try:
            reader(text)
        except ValueError as error:
            assert str(error)  # noqa: PT017
        assert time.process_time() - begun < 0.1


# ------------------------------------------------------------------------------------------------ the edtf package


@given(st.tuples(year, month, number).map("-".join) | st.tuples(year, month).map("-".join) | year)
def test_the_edtf_package_agrees_on_plain_dates(text: str) -> None:
    span, other = parse_edtf(text), parse_with_the_package(text)
    assert span.earliest is not None
    assert span.latest is not None
    assert (*ymd(span.earliest), *ymd(span.latest)) == (*other.lower_strict()[:3], *other.upper_strict()[:3])


@pytest.mark.parametrize(
    ("text", "theirs"),
    [
        ("1964-24", ((1964, 12, 1), (1964, 12, 31))),  # a winter without January and February
        ("1950S2", ((1950, 1, 1), (1950, 12, 31))),  # the digits that do not count taken for what they say
        ("1XXX-02-29", ((1000, 2, 29), (1999, 2, 29))),  # no such days
        ("/1964", ((1954, 12, 31), (1964, 12, 31))),  # an unknown beginning, ten years before
    ],
)
def test_the_edtf_package_is_wrong_here_which_is_why_we_read_ourselves(
    text: str, theirs: tuple[tuple[int, int, int], tuple[int, int, int]]
) -> None:
    other = parse_with_the_package(text)
    assert (tuple(other.lower_strict())[:3], tuple(other.upper_strict())[:3]) == theirs
    span = parse_edtf(text)
    assert (span.earliest and ymd(span.earliest), span.latest and ymd(span.latest)) != theirs
