"""Conditional requests, held against Werkzeug's reading of the same headers."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.http import http_date, parse_date, parse_etags, quote_etag

from fonds.web.answers import Answer
from fonds.web.preconditions import conditional

TAGS = st.text("abc,W/-", min_size=1, max_size=4)
# Of an empty one Werkzeug says that it is none; by RFC 9110 8.8.3 it is one like any other.
LISTS = st.lists(st.tuples(TAGS, st.booleans()), max_size=4)
MOMENTS = st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1)).map(
    lambda each: each.replace(microsecond=0, tzinfo=UTC)
)


def status(header: str, value: str, *, tag: str = "", modified: datetime | None = None) -> int:
    headers = [(b"etag", tag.encode())] if tag else []
    if modified is not None:
        headers.append((b"last-modified", http_date(modified).encode()))
    return conditional(
        Answer(200, tuple(headers), b"x"), [(header.encode(), value.encode("latin-1", "replace"))]
    ).status


@given(LISTS, TAGS, st.booleans())
def test_tags_are_compared_as_werkzeug_compares_them(
    listed: list[tuple[str, bool]], own: str, weak: bool
) -> None:
    value = ", ".join(quote_etag(each, weak=is_weak) for each, is_weak in listed) or '"none"'
    found = parse_etags(value)
    tag = quote_etag(own, weak=weak)
    assert status("if-none-match", value, tag=tag) == (304 if found.contains_weak(own) else 200)
    assert status("if-match", value, tag=tag) == (200 if not weak and found.contains(own) else 412)


@given(MOMENTS, MOMENTS)
def test_dates_are_compared_as_werkzeug_reads_them(since: datetime, modified: datetime) -> None:
    assert parse_date(http_date(since)) == since
    assert status("if-modified-since", http_date(since), modified=modified) == (
        304 if modified <= since else 200
    )
    assert status("if-unmodified-since", http_date(since), modified=modified) == (
        412 if modified > since else 200
    )


@given(st.text(max_size=40))
def test_a_date_that_is_none_sets_no_condition(words: str) -> None:
    """RFC 9110 13.1.3: what is no date is passed over; what Werkzeug takes for none, we take for none or for the same."""
    moment = datetime(2020, 1, 1, tzinfo=UTC)
    if parse_date(words) is None:
        assert status("if-modified-since", words, modified=moment) in (200, 304)
