"""Changing rows of a CSV table that people edit as well: all other rows stay as they are, byte for byte."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from fonds.sources.files import write_in_one_step

About = Callable[[Mapping[str, str]], tuple[str, ...]]
"""Tells by its cells, by column, what a row is about."""


def put_rows(path: Path, columns: Sequence[str], new: Sequence[Mapping[str, str]], about: About) -> None:
    """Write rows into a table, each in the place of what is about the same, else at its end; the file is replaced in one step.

    A column that the table has not and one of the rows fills in is added to it; then the header and nothing else changes beside.

    Args:
        path: The table; it is made where it is not there. Without rows nothing is written.
        columns: Of a new table, in their order.
        new: The rows, as cells by column.
        about: Tells what a row is about.
    """
    if not new:
        return
    rows, end = table_at(path, columns)
    named = columns_in(rows[0][1])
    missing = [each for each in columns if each not in named and any(cells.get(each) for cells in new)]
    if missing:
        rows = [
            (found, _with_cells(raw, missing if not at else [""] * len(missing), len(named), end))
            for at, (found, raw) in enumerate(rows)
        ]
        named += missing
    written = {about(cells): _written([cells.get(each, "") for each in named], end) for cells in new}
    waiting = dict(written)
    pieces = []
    for found, raw in rows:
        it = about(found) if found else ()
        pieces.append(waiting.pop(it, "") if it in written else raw)
    write_in_one_step(path, "".join((*pieces, *waiting.values())))


def table_at(path: Path, columns: Sequence[str]) -> tuple[list[tuple[dict[str, str], str]], str]:
    """Return the rows of a table as :func:`raw_rows` yields them, and how its lines end.

    Args:
        path: The table; one that is not there, or is empty, has a header and nothing else.
        columns: Of that header.
    """
    text = path.read_bytes().decode("utf-8") if path.exists() else ""
    end = "\r\n" if "\r\n" in text else "\n"
    return list(raw_rows(text if text.strip() else ",".join(columns) + end, end)), end


def take_rows(path: Path, it: tuple[str, ...], about: About) -> None:
    """Take the rows that are about something out of a table; the file is replaced in one step."""
    text = path.read_bytes().decode("utf-8")
    rows = raw_rows(text, "\r\n" if "\r\n" in text else "\n")
    write_in_one_step(path, "".join(raw for found, raw in rows if not (found and about(found) == it)))


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


def _with_cells(raw: str, more: Sequence[str], width: int, end: str) -> str:
    """Return a row with more cells behind as many as there are columns: one that ends early gets those it lacks."""
    if not raw.strip():
        return raw
    lacking = width - len(next(csv.reader(io.StringIO(raw, newline=""))))
    return raw.rstrip("\r\n") + "," + _written([*[""] * lacking, *more], end)


def _written(cells: Sequence[str], end: str) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator=end).writerow(cells)
    return out.getvalue()
