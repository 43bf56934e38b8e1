"""Changing one row of a CSV table that people edit as well: all other rows stay as they are, byte for byte."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from fonds.sources.files import write_in_one_step

IsIt = Callable[[Mapping[str, str]], bool]
"""Tells whether a row, as its cells by column, is the one that is meant."""


def put_row(path: Path, columns: Sequence[str], cells: Mapping[str, str], is_it: IsIt) -> None:
    """Write a row into a table, in the place of the one that is meant, else at its end; the file is replaced in one step.

    A column that the table has not and the row fills in is added to it; then the header and nothing else changes beside.

    Args:
        path: The table; it is made where it is not there.
        columns: Of a new table, in their order.
        cells: The row.
        is_it: Tells which row it takes the place of.
    """
    text = path.read_bytes().decode("utf-8") if path.exists() else ",".join(columns) + "\n"
    end = "\r\n" if "\r\n" in text else "\n"
    rows = list(raw_rows(text, end))
    named = columns_in(rows[0][1])
    missing = [each for each in columns if each not in named and cells.get(each)]
    if missing:
        rows = [
            (found, _with_cells(raw, missing if not at else [""] * len(missing), end))
            for at, (found, raw) in enumerate(rows)
        ]
        named += missing
    new = _written([cells.get(each, "") for each in named], end)
    at = next((at for at, (found, _) in enumerate(rows) if found and is_it(found)), None)
    kept = [raw for found, raw in rows if not (found and is_it(found))]
    kept.insert(at if at is not None else len(kept), new)
    write_in_one_step(path, "".join(kept))


def take_rows(path: Path, is_it: IsIt) -> None:
    """Take rows out of a table; the file is replaced in one step."""
    text = path.read_bytes().decode("utf-8")
    rows = raw_rows(text, "\r\n" if "\r\n" in text else "\n")
    write_in_one_step(path, "".join(raw for found, raw in rows if not (found and is_it(found))))


def rows_in(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table as they can be read, whatever is wrong with them; none where there is no table."""
    if not path.exists():
        return []
    return [found for found, _ in raw_rows(path.read_bytes().decode("utf-8", "replace"), "\n") if found]


def raw_rows(text: str, end: str) -> Iterator[tuple[dict[str, str], str]]:
    """Yield each row as its cells by column, and as it is written; the header, and blank rows, without cells.

    >>> list(raw_rows("a,b\\n1,2", "\\n"))
    [({}, 'a,b\\n'), ({'a': '1', 'b': '2'}, '1,2\\n')]

    Args:
        text: The table.
        end: What is put at the end of the last line, where nothing is.
    """
    # Only what ends a line of CSV: str.splitlines would also cut where a cell has another separator, such as U+2028.
    lines = list(io.StringIO(text, newline=""))
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += end
    reader = csv.reader(lines)
    before = 0
    columns: list[str] = []
    for cells in reader:
        raw = "".join(lines[before : reader.line_num])
        before = reader.line_num
        yield dict(zip(columns, (cell.strip() for cell in cells), strict=False)), raw
        columns = columns or [cell.strip("\ufeff ") for cell in cells]


def columns_in(raw: str) -> list[str]:
    """Return the columns that a header names, as it is written."""
    return [cell.strip("\ufeff \r\n") for cell in next(csv.reader([raw]))]


def _with_cells(raw: str, more: Sequence[str], end: str) -> str:
    return f"{raw.rstrip()},{_written(more, end)}" if raw.strip() else raw


def _written(cells: Sequence[str], end: str) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator=end).writerow(cells)
    return out.getvalue()
