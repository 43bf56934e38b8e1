"""Tables as rows, whatever stands in a file: rows or faults, and never a crash."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonds.errors import Fault
from fonds.sources.sheets import WORKBOOKS, Row, opened_tables, rows_of

COLUMNS = ("key", "label", "note")


def read(content: bytes, name: str = "table.csv") -> tuple[list[Row], list[Fault]]:
    faults: list[Fault] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        with opened_tables(path, name, faults, []) as sheets:
            rows = [
                row
                for sheet in sheets
                for row in rows_of(sheet, COLUMNS.__contains__, COLUMNS, ("key",), faults)
            ]
    return rows, faults


@given(st.binary(max_size=200))
def test_any_bytes_are_rows_or_faults(content: bytes) -> None:
    rows, faults = read(content)
    assert rows or faults or content.startswith(b"key")
    assert all(fault.path == "table.csv" for fault in faults)


@given(st.binary(max_size=200), st.sampled_from(WORKBOOKS))
def test_any_bytes_are_no_workbook(content: bytes, ending: str) -> None:
    rows, faults = read(b"PK\x03\x04" + content, f"table{ending}")
    assert rows == []
    assert len(faults) == 1


CELLS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)


@given(
    st.lists(st.tuples(CELLS, CELLS, CELLS).filter(lambda row: any(map(str.strip, row))), max_size=6),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_a_spreadsheet_writes_comes_back(
    table: Sequence[tuple[str, str, str]], delimiter: str, encoding: str, end: str
) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator=end).writerows([COLUMNS, *table])
    rows, faults = read(file.getvalue().encode(encoding))
    assert faults == []
    assert [tuple(row[name] for name in COLUMNS) for row in rows] == [
        tuple(map(str.strip, row)) for row in table
    ]
    assert [row.line for row in rows] == list(range(2, len(table) + 2))


@pytest.mark.parametrize(
    ("message", "column"), [("label: found 'x'", 2), ("note: 'y'", 3), ("has no label", 0), ("shoe: 'x'", 0)]
)
def test_a_fault_that_begins_with_a_column_stands_in_it(message: str, column: int) -> None:
    row = Row("a.xlsx", 4, {"key": "k", "label": "x", "note": "y"}, "S")
    assert row.fault(message) == Fault("a.xlsx", 4, column, message, "S")
    assert Row("a.csv", 4, row.cells).fault(message) == Fault("a.csv", 4, 0, message)
