"""Tables as rows of words, whatever file they stand in: CSV as spreadsheets write it, or a sheet of a workbook."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from fonds.errors import Fault, SourceError, column_letters
from fonds.model import Origin
from fonds.sources.files import decode

WORKBOOKS = (".xlsx", ".xlsm")
"""Endings of workbooks; macros in them are neither run nor read."""

ENDINGS = (".csv", *WORKBOOKS)
"""Endings of files that hold tables."""

UNREAD_ENDINGS = frozenset({".xls", ".xlsb", ".ods", ".fods", ".numbers", ".tsv", ".tab"})
"""Endings of files that hold tables and that are not read."""

Lines = Generator[tuple[int, list[str]], None, None]
"""Rows that are not blank, each with the 1-based line on which it begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table.

    Attributes:
        path: The file, as a person would type it.
        name: Of a sheet of a workbook; empty for a CSV file.
        lines: Yields its rows; read once. Faults are added to the list that it is given.
    """

    path: str
    name: str = ""
    lines: Callable[[list[Fault]], Lines]

    def fault(self, line: int, column: int, message: str) -> Fault:
        """Return a fault of this table."""
        return Fault(self.path, line, column, message, self.name)

    def is_empty(self) -> bool:
        """Tell whether it has no row at all."""
        with closing(self.lines([])) as lines:
            return next(lines, None) is None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table.

    Attributes:
        path: The file.
        line: The 1-based line on which the row begins, or its row in a workbook.
        cells: What stands under each column, without blanks at the ends.
        sheet: The sheet of a workbook; empty for a CSV file.
        written: How the columns are called in the table itself, in their order.
    """

    path: str
    line: int
    cells: Mapping[str, str]
    sheet: str = ""
    written: Sequence[str] = ()

    def __getitem__(self, column: str) -> str:
        """Return the cell under a column, empty where the table has no such column."""
        return self.cells.get(column, "")

    def fault(self, message: str) -> Fault:
        """Return a fault of this row; one that begins with a column's name and a colon stands in that column."""
        columns = list(self.cells)
        name = message.partition(":")[0]
        name = name if name in self.cells else message.partition(" is empty")[0]
        number = columns.index(name) + 1 if name in self.cells else 0
        written = self.written[number - 1] if 0 < number <= len(self.written) else name
        cell = f"{column_letters(number)} “{written}”" if number else ""
        return Fault(self.path, self.line, number if self.sheet else 0, message, self.sheet, cell)

    @property
    def origin(self) -> Origin:
        """Where the row stands."""
        return Origin(self.path, self.line, self.sheet)


@contextmanager
def opened_tables(
    path: Path, shown: str, faults: list[Fault], warnings: list[Fault]
) -> Iterator[Sequence[Sheet]]:
    """Give the tables of a file: one of a CSV file, all visible sheets of a workbook; none where it cannot be opened.

    Args:
        path: The file.
        shown: Its name in messages.
        faults: Where faults are added.
        warnings: Where is added what a person should look at and what stops nothing: hidden sheets, merged cells.
    """
    if path.suffix.lower() not in WORKBOOKS:
        yield (Sheet(path=shown, lines=lambda found: csv_lines(path, shown, found)),)
        return
    # What reads workbooks is large, and most publications have none.
    from fonds.sources.xlsx import opened_workbook

    with opened_workbook(path, shown, faults, warnings) as worksheets:
        yield tuple(Sheet(path=shown, name=each.name, lines=each.lines) for each in worksheets)


def csv_lines(path: Path, shown: str, faults: list[Fault], *, commas: bool = False) -> Lines:
    """Yield the rows of a CSV file in UTF-8, or in UTF-16 with a byte order mark.

    Args:
        path: The file.
        shown: Its name in messages.
        faults: Where faults are added.
        commas: Whether only commas part cells; if not, semicolons or tabs do where the first row has no comma.
    """
    with path.open("rb") as file:
        start = file.read(4)
    utf16 = start[:2] in (b"\xff\xfe", b"\xfe\xff")
    if not utf16 and b"\0" in start:
        faults.append(Fault(shown, 1, 0, "is UTF-16 without a byte order mark; save it as UTF-8"))
        return
    try:
        with path.open(encoding="utf-16" if utf16 else "utf-8-sig", newline="") as file:
            delimiter = "," if commas else _delimiter(file.readline())
            file.seek(0)
            yield from _numbered(csv.reader(file, strict=True, delimiter=delimiter), shown, faults)
    except UnicodeDecodeError:
        faults.append(_no_text(path, shown))


def _delimiter(first: str) -> str:
    """Return what parts the cells: commas, unless the first row has none and does have semicolons or tabs."""
    try:
        alone = len(next(csv.reader([first]), [])) == 1
    except csv.Error:
        alone = False
    return next((each for each in (";", "\t") if alone and each in first), ",")


def _no_text(path: Path, shown: str) -> Fault:
    try:
        decode(path.read_bytes(), shown)
    except SourceError as error:
        if path.read_bytes()[:1] not in (b"\xff", b"\xfe"):
            return error.fault
    return Fault(shown, 0, 0, "is damaged UTF-16; save it as UTF-8")


def _numbered(reader: Iterator[list[str]], shown: str, faults: list[Fault]) -> Lines:
    before = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            faults.append(
                Fault(shown, before + 1, 0, f"is not CSV: {error}; the rows from here on are not read")
            )
            return
        if any(cell.strip() for cell in cells):
            yield before + 1, cells
        before = reader.line_num  # type: ignore[attr-defined]


def rows_of(
    sheet: Sheet,
    known: Callable[[str], bool],
    columns: Sequence[str],
    required: Sequence[str],
    faults: list[Fault],
    named: Callable[[str], str] = str,
) -> Iterator[Row]:
    """Yield the rows of a table; add what is wrong with its form to the faults.

    Args:
        sheet: The table.
        known: Whether a column may have this name.
        columns: The names that are offered where it may not.
        required: The columns that must be there.
        faults: Where faults are added.
        named: Our name for a column as it is written.

    Yields:
        The rows that have the right number of cells; none where the header is wrong.
    """
    lines = sheet.lines(faults)
    line, written = next(lines, (1, []))
    written = [name.strip() for name in written]
    while written and not written[-1]:
        written.pop()
    header = [named(name) for name in written]
    wrong = list(_faults_of_header(sheet, line, written, header, known, columns, required))
    faults.extend(wrong)
    if wrong:
        return
    width = len(header)
    for number, line_cells in lines:
        # A sheet leaves out the empty cells at the end of a row.
        cells = [*line_cells, *[""] * (width - len(line_cells))] if sheet.name else line_cells
        if len(cells) == width or (len(cells) > width and not any(map(str.strip, cells[width:]))):
            found = dict(zip(header, map(str.strip, cells), strict=False))
            yield Row(sheet.path, number, found, sheet.name, written)
        else:
            message = f"the row has {len(cells)} cells, expected {width} ({', '.join(written)})"
            faults.append(sheet.fault(number, 0, message))


def _faults_of_header(
    sheet: Sheet,
    line: int,
    written: Sequence[str],
    header: Sequence[str],
    known: Callable[[str], bool],
    columns: Sequence[str],
    required: Sequence[str],
) -> Iterator[Fault]:
    if not header:
        message = f"is empty; expected a first row with the columns {', '.join(required)}"
        yield sheet.fault(line, 0, message)
        return
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        message = "has one column; its cells seem to be parted by semicolons or tabs, save it with commas"
        yield sheet.fault(line, 0, message)
        return
    for number, (name, ours) in enumerate(zip(written, header, strict=True), start=1):
        if not name:
            yield sheet.fault(line, number, "the column has no name")
        elif not known(ours):
            yield sheet.fault(line, number, f"unknown column {name!r}; {meant(name, columns)}")
    for name in required:
        if name not in {ours.partition("@")[0] for ours in header}:
            yield sheet.fault(line, 0, f"the column {name!r} is missing")
    for name in sorted({name for name in header if name and header.count(name) > 1}):
        spelled = [each for each, ours in zip(written, header, strict=True) if ours == name]
        if len(set(spelled)) == 1:
            yield sheet.fault(line, 0, f"the column {spelled[0]!r} is there twice")
        else:
            yield sheet.fault(line, 0, f"the columns {' and '.join(map(repr, spelled))} mean the same")


def meant(name: str, known: Iterable[str], *, all_of_them: str = "known here:") -> str:
    """Return a hint: the nearest known name, or all of them behind words that say so."""
    known = list(known)
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"{all_of_them} {', '.join(sorted(known))}"
