"""Workbooks as spreadsheet programs write them (ECMA-376): the values of their cells, and what of them cannot be trusted."""

from __future__ import annotations

import datetime
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree

import openpyxl
from lxml import etree
from openpyxl.utils.cell import coordinate_to_tuple, range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from fonds.errors import Fault, SourceError

WORKBOOKS = (".xlsx", ".xlsm")
"""Endings of workbooks; macros in them are neither run nor read."""

MOST_UNPACKED_BYTES = 1024 * 1024 * 1024
"""How large a workbook may be when it is unpacked."""
MOST_STRING_BYTES = 256 * 1024 * 1024
"""How large its table of words may be: it is held in memory."""
_MOST_PARTS = 10_000
_SHOWN = 20
_HEAD = 65_536
_STRINGS = "xl/sharedStrings.xml"
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0"

_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    ElementTree.ParseError,
    etree.XMLSyntaxError,
    EOFError,
    OSError,
    ArithmeticError,
    AttributeError,
    LookupError,
    NotImplementedError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What openpyxl lets through when a part is missing, cut or not what it should be."""

_FORMULA = re.compile(rb"<(?:[A-Za-z0-9]+:)?(?:f[\s>/]|mergeCell\s)")
_ZEROS = re.compile(r"0{2,15}")


@dataclass(frozen=True, slots=True)
class Worksheet:
    """One visible sheet of a workbook that is open.

    Attributes:
        shown: The file's name in messages.
        name: Of the sheet.
        sheet: What openpyxl reads.
        without_value: Cells whose formula has no value, by row and column.
    """

    shown: str
    name: str
    sheet: Any
    without_value: frozenset[tuple[int, int]] = frozenset()

    def lines(self, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows that are not blank, each with its number; a cell without a usable value is empty, and a fault."""
        for row, column in sorted(self.without_value)[:_SHOWN]:
            message = (
                "holds a formula and no value; open the file in a spreadsheet program and save it, "
                "or write the value itself"
            )
            faults.append(Fault(self.shown, row, column, message, self.name))
        if len(self.without_value) > _SHOWN:
            more = len(self.without_value) - _SHOWN
            faults.append(
                Fault(self.shown, 0, 0, f"{more} more cells hold a formula and no value", self.name)
            )
        # What a file says of its own extent is often wrong.
        self.sheet.reset_dimensions()
        number = 0
        try:
            for number, cells in enumerate(self.sheet.iter_rows(), start=1):
                if cells:
                    words = [
                        "" if cell.value is None else self._words(cell, number, column, faults)
                        for column, cell in enumerate(cells, start=1)
                    ]
                    if any(words):
                        yield number, words
        except _DAMAGED as error:
            message = f"is damaged: {error or type(error).__name__}; the rows from here on are not read"
            faults.append(Fault(self.shown, number + 1, 0, message, self.name))

    def _words(self, cell: Any, row: int, column: int, faults: list[Fault]) -> str:
        value: object = cell.value
        if isinstance(value, str):
            if cell.data_type != "e":
                return value.replace("\r\n", "\n").strip()
            message = f"holds the error {value}; mend the formula, or write the value itself"
            faults.append(Fault(self.shown, row, column, message, self.name))
            return ""
        if isinstance(value, int | float | datetime.datetime):
            return written(value, cell.number_format)
        return str(value)


def written(value: float | datetime.datetime, number_format: str = "General") -> str:
    """Return a number or a date as a person would write it, no more exact than the sheet shows it.

    >>> written(12.0), written(0.5), written(7, "0000"), written(True)
    ('12', '0.5', '0007', 'yes')
    >>> written(datetime.datetime(1901, 3, 5)), written(datetime.datetime(1901, 3, 1), "mm/yyyy")
    ('1901-03-05', '1901-03')

    Args:
        value: Of a cell.
        number_format: How the sheet shows it.
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime.datetime):
        return _day(value, number_format)
    if isinstance(value, float) and not value.is_integer():
        return f"{value:.15g}"
    whole = str(int(value))
    return whole.zfill(len(number_format)) if _ZEROS.fullmatch(number_format) else whole


def _day(value: datetime.datetime, number_format: str) -> str:
    shown = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", number_format).lower()
    if "y" in shown and "d" not in shown:
        return f"{value:%Y-%m}" if "m" in shown else f"{value.year:04}"
    if value.time() == datetime.time():
        return value.date().isoformat()
    return value.isoformat(timespec="seconds")


@contextmanager
def opened_workbook(
    path: Path, shown: str, faults: list[Fault], remarks: list[Fault]
) -> Iterator[Sequence[Worksheet]]:
    """Give the visible sheets of a workbook; none where it cannot be opened.

    Args:
        path: The file.
        shown: Its name in messages.
        faults: Where is added why it cannot be opened.
        remarks: Where hidden sheets and merged cells are told.
    """
    try:
        _check(path, shown)
        workbook = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except SourceError as error:
        faults.append(error.fault)
        yield ()
        return
    except _DAMAGED as error:
        faults.append(
            Fault(shown, 0, 0, f"is no workbook, or a damaged one: {error or type(error).__name__}")
        )
        yield ()
        return
    try:
        yield [
            _worksheet(path, shown, sheet, faults, remarks)
            for sheet in workbook.worksheets
            if _is_visible(sheet, shown, remarks)
        ]
    finally:
        workbook.close()


def _check(path: Path, shown: str) -> None:
    """Look at a workbook before anything in it is read.

    Raises:
        SourceError: It is none, or one that would not be read safely.
    """
    with path.open("rb") as file:
        if file.read(4) == _COMPOUND_FILE:
            message = (
                "has a password, or is a workbook of the old kind (.xls); save it as .xlsx without a password"
            )
            raise SourceError(shown, message)
    if not zipfile.is_zipfile(path):
        raise SourceError(shown, "is no workbook, or a damaged one: it is no zip file")
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        # A part is never read beyond the size that it declares, so that these sums bound what is unpacked.
        size = sum(part.file_size for part in parts)
        strings = sum(part.file_size for part in parts if part.filename == _STRINGS)
        if size > MOST_UNPACKED_BYTES or strings > MOST_STRING_BYTES or len(parts) > _MOST_PARTS:
            message = (
                f"would be {size // 1024**2} MiB when unpacked, in {len(parts)} parts; at most "
                f"{MOST_UNPACKED_BYTES // 1024**2} MiB are read ({MOST_STRING_BYTES // 1024**2} of words); "
                "save the tables as CSV"
            )
            raise SourceError(shown, message)
        for part in parts:
            if part.flag_bits & 1:
                raise SourceError(shown, "has a password; save it without one")
            if part.filename.endswith((".xml", ".rels")):
                _check_part(archive, part, shown)


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, shown: str) -> None:
    with archive.open(part) as file:
        if b"<!DOCTYPE" in file.read(_HEAD).replace(b"\0", b""):
            message = (
                f"declares a DTD in {part.filename}, which no spreadsheet program writes; it is not read"
            )
            raise SourceError(shown, message)


def _is_visible(sheet: Any, shown: str, remarks: list[Fault]) -> bool:
    visible: bool = sheet.sheet_state == "visible"
    if not visible:
        message = "is a hidden sheet and is not read; unhide it if it is part of the publication"
        remarks.append(Fault(shown, 0, 0, message, sheet.title))
    return visible


def _worksheet(path: Path, shown: str, sheet: Any, faults: list[Fault], remarks: list[Fault]) -> Worksheet:
    name = str(sheet.title)
    try:
        # openpyxl reads neither merged cells nor formulas when it streams values; the part's name is its own.
        merged, without_value = _looked_through(path, str(sheet._worksheet_path))
    except _DAMAGED as error:
        faults.append(Fault(shown, 0, 0, f"is damaged: {error or type(error).__name__}", name))
        return Worksheet(shown, name, sheet)
    remarks.extend(_remarks_of_merged(merged, shown, name))
    return Worksheet(shown, name, sheet, frozenset(without_value))


def _looked_through(path: Path, part: str) -> tuple[list[str], set[tuple[int, int]]]:
    """Return the ranges of merged cells of a sheet, and its cells whose formula has no value."""
    with zipfile.ZipFile(path) as archive:
        with archive.open(part) as file:
            if not _occurs(file):
                return [], set()
        with archive.open(part) as file:
            return _merged_and_formulas(file)


def _occurs(file: IO[bytes]) -> bool:
    rest = b""
    while block := file.read(1024 * 1024):
        if _FORMULA.search(rest + block):
            return True
        rest = block[-32:]
    return False


def _merged_and_formulas(file: IO[bytes]) -> tuple[list[str], set[tuple[int, int]]]:
    merged: list[str] = []
    without_value: set[tuple[int, int]] = set()
    found = etree.iterparse(
        file, events=("end",), tag=("{*}row", "{*}mergeCell"), no_network=True, resolve_entities=False,
        load_dtd=False, huge_tree=True,
    )  # fmt: skip
    for _, element in found:
        if element.get("ref"):
            merged.append(str(element.get("ref")))
            continue
        for cell in element:
            # A formula that gives no words has an empty value of the type "str".
            valued = cell.find("{*}v") is not None and (cell.findtext("{*}v") or cell.get("t") == "str")
            if cell.find("{*}f") is not None and not valued and cell.get("r"):
                without_value.add(coordinate_to_tuple(str(cell.get("r"))))
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    return merged, without_value


def _remarks_of_merged(ranges: Sequence[str], shown: str, name: str) -> Iterator[Fault]:
    for each in ranges[:_SHOWN]:
        left, top, _, bottom = (number or 1 for number in range_boundaries(each))
        others = f"row {top + 1} has" if bottom == top + 1 else f"rows {top + 1} to {bottom} have"
        message = f"the cells {each} are merged: their value counts for the first cell, in row {top}"
        if bottom > top:
            message += f"; {others} none of it"
        yield Fault(shown, top, left, message, name)
    if len(ranges) > _SHOWN:
        yield Fault(shown, 0, 0, f"{len(ranges) - _SHOWN} more ranges of cells are merged", name)
