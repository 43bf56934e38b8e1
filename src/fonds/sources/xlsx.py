"""Workbooks as spreadsheet programs write them (ECMA-376): the values of their cells, and what of them cannot be trusted."""

from __future__ import annotations

import datetime
import functools
import re
import zipfile
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast
from warnings import catch_warnings, simplefilter
from xml.etree import ElementTree

import openpyxl
from lxml import etree
from openpyxl.styles.numbers import (
    BUILTIN_FORMATS,
    BUILTIN_FORMATS_MAX_SIZE,
    is_date_format,
    is_timedelta_format,
)
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.datetime import from_excel
from openpyxl.utils.exceptions import InvalidFileException

from fonds.errors import Fault, SourceError

MOST_UNPACKED_BYTES = 1024 * 1024 * 1024
"""How large a workbook may be when it is unpacked."""
MOST_STRING_BYTES = 256 * 1024 * 1024
"""How large its table of words may be: it is held in memory."""
MOST_ROW_BYTES = 32 * 1024 * 1024
"""How large one row of a sheet may be, and whatever stands between two: it is held in memory."""
MOST_OTHER_BYTES = 64 * 1024 * 1024
"""How large all that may be which is neither a sheet nor the table of words: styles, themes, what a workbook is made of."""
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

_ZEROS = re.compile(r"0{2,15}")


@dataclass(frozen=True, slots=True)
class _Book:
    """What the cells of a workbook refer to.

    Attributes:
        strings: Its table of words.
        formats: The number format of each style, and whether it is that of a date.
        epoch: The day from which it counts days.
    """

    strings: Sequence[str]
    formats: tuple[tuple[str, bool], ...]
    epoch: datetime.datetime


@dataclass(frozen=True, slots=True)
class Worksheet:
    """One visible sheet of a workbook that is open.

    Attributes:
        path: The file.
        shown: Its name in messages.
        name: Of the sheet.
        part: Where it stands within the file.
        book: What its cells refer to.
        warnings: Where merged cells are told.
    """

    path: Path
    shown: str
    name: str
    part: str
    book: _Book
    warnings: list[Fault]

    def lines(self, faults: list[Fault]) -> Generator[tuple[int, list[str]], None, None]:
        """Yield the rows that are not blank, each with its number; a cell without a usable value is empty, and a fault.

        openpyxl's own reader of rows tells neither merged cells nor formulas without values, and is several times slower.
        """
        number, merged, told = 0, list[_Range](), _Told(self, faults)
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(self.part) as file:
                for element in _elements(file):
                    if element.tag.endswith("}mergeCell"):
                        merged.append(_merged(str(element.get("ref"))))
                        continue
                    number = int(element.get("r") or number + 1)
                    words = self._words(element, number, told)
                    if any(words):
                        yield number, words
        except _DAMAGED as error:
            message = f"is damaged: {error or type(error).__name__}; the rows from here on are not read"
            faults.append(Fault(self.shown, number + 1, 0, message, self.name))
        told.rest()
        self.warnings.extend(_told_of_merged(merged, self.shown, self.name))

    def _words(self, row: etree._Element, number: int, told: _Told) -> list[str]:
        words: list[str] = []
        for cell in row:
            reference = cell.get("r")
            column = _column(reference.rstrip("0123456789")) if reference else len(words) + 1
            if column > _MOST_COLUMNS or column <= len(words):
                raise ValueError(f"the cell {reference} stands where none can be")
            if column > len(words) + 1:
                words.extend([""] * (column - len(words) - 1))
            words.append(self._word(cell, number, column, told))
        return words

    def _word(self, cell: etree._Element, row: int, column: int, told: _Told) -> str:
        value, kind = _value(cell), cell.get("t")
        if value is None or (not value and kind != "str"):
            if cell.find("{*}f") is not None:
                told.fault(row, column, _WITHOUT_VALUE)
            return ""
        if kind == "e":
            told.fault(row, column, f"holds the error {value}; mend the formula, or write the value itself")
            return ""
        if kind is None or kind == "n":
            return self._number(value, cell.get("s"))
        if kind == "b":
            return "yes" if value == "1" else "no"
        words = self.book.strings[int(value)] if kind == "s" else value
        return words.replace("\r\n", "\n").strip()

    def _number(self, value: str, style: str | None) -> str:
        number_format, is_date = self.book.formats[int(style)] if style else ("General", False)
        if is_date:
            moment = from_excel(float(value), self.book.epoch, timedelta=is_timedelta_format(number_format))
            return written(moment, number_format) if isinstance(moment, datetime.datetime) else str(moment)
        if value.isdecimal() and number_format == "General":
            return value
        return written(float(value), number_format)


_WITHOUT_VALUE = "holds a formula and no value; open the file in a spreadsheet program and save it, or write the value itself"
_MOST_COLUMNS = 16_384


@dataclass(slots=True)
class _Told:
    """Tells the faults of cells: the first ones by their places, the others by their number."""

    sheet: Worksheet
    faults: list[Fault]
    number: int = 0

    def fault(self, row: int, column: int, message: str) -> None:
        self.number += 1
        if self.number <= _SHOWN:
            self.faults.append(Fault(self.sheet.shown, row, column, message, self.sheet.name))

    def rest(self) -> None:
        if self.number > _SHOWN:
            message = f"{self.number - _SHOWN} more cells have no usable value"
            self.faults.append(Fault(self.sheet.shown, 0, 0, message, self.sheet.name))


def _elements(file: IO[bytes]) -> Iterator[etree._Element]:
    """Yield the rows of a sheet and then its merged cells, each gone from memory when the next one comes."""
    bounded = _Bounded(file)
    found = etree.iterparse(
        bounded, events=("end",), tag=("{*}row", "{*}mergeCell"), no_network=True, resolve_entities=False,
        load_dtd=False, huge_tree=True, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    for _, element in found:
        yield element
        bounded.read_bytes = 0
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


class _Bounded:
    """A file of which only so much is read before somebody says that he could use it.

    Attributes:
        read_bytes: How much was read since then.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.read_bytes = 0

    def read(self, size: int = -1) -> bytes:
        """Read on.

        Raises:
            ValueError: It was too much.
        """
        piece = self._file.read(size)
        self.read_bytes += len(piece)
        if self.read_bytes > MOST_ROW_BYTES:
            raise ValueError(f"a row has more than {MOST_ROW_BYTES // 1024**2} MiB")
        return piece


def _value(cell: etree._Element) -> str | None:
    """Return what stands in a cell as it is written, None where nothing does."""
    for child in cell:
        if child.tag.endswith("}v"):
            return child.text or ""
        if child.tag.endswith("}is"):
            return "".join(_inline(child))
    return None


def _inline(element: etree._Element) -> Iterator[str]:
    """Yield the words of an inline text, without what says how they are pronounced."""
    for each in element:
        if each.tag.endswith("}t"):
            yield each.text or ""
        elif each.tag.endswith("}r"):
            yield from _inline(each)


@functools.cache
def _column(letters: str) -> int:
    """Return the number of a column.

    >>> _column("A"), _column("AB")
    (1, 28)
    """
    number = 0
    for each in letters[:4]:
        number = number * 26 + ord(each) - ord("A") + 1
    return number


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
    path: Path, shown: str, faults: list[Fault], warnings: list[Fault]
) -> Iterator[Sequence[Worksheet]]:
    """Give the visible sheets of a workbook; none where it cannot be opened.

    Args:
        path: The file.
        shown: Its name in messages.
        faults: Where is added why it cannot be opened.
        warnings: Where hidden sheets and merged cells are told.
    """
    try:
        _check(path, shown)
        with catch_warnings():
            # Of what a workbook holds besides (pictures, rules for its cells), openpyxl warns; none of it is read.
            simplefilter("ignore")
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
        book = _book(workbook)
        if not cast("Any", workbook).worksheets:
            message = "has no sheet that can be read; save it as .xlsx, and not as Strict Open XML"
            faults.append(Fault(shown, 0, 0, message))
        yield [
            # In which part a sheet stands openpyxl knows, and has no other way to say.
            Worksheet(path, shown, str(sheet.title), str(sheet._worksheet_path), book, warnings)
            for sheet in cast("Any", workbook).worksheets
            if _is_visible(sheet, shown, warnings)
        ]
    finally:
        workbook.close()


def _book(workbook: Any) -> _Book:
    sheets = workbook.worksheets
    custom = workbook._number_formats
    formats = [
        BUILTIN_FORMATS.get(style.numFmtId, "General")
        if style.numFmtId < BUILTIN_FORMATS_MAX_SIZE
        else custom[style.numFmtId - BUILTIN_FORMATS_MAX_SIZE]
        for style in workbook._cell_styles
    ]
    strings = sheets[0]._shared_strings if sheets else ()
    return _Book(strings, tuple((each, bool(is_date_format(each))) for each in formats), workbook.epoch)


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
        others = sum(part.file_size for part in parts if _is_held(part.filename))
        if others > MOST_OTHER_BYTES:
            message = (
                f"has {others // 1024**2} MiB of styles and the like when unpacked; at most {MOST_OTHER_BYTES // 1024**2} are read; "
                "save the tables as CSV"
            )
            raise SourceError(shown, message)
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


def _is_held(name: str) -> bool:
    """Tell whether a part is read into memory as a whole, if it is read: all XML but sheets, words and the cache of pivot tables."""
    return name.endswith((".xml", ".rels")) and name != _STRINGS and not name.startswith(_STREAMED)


_STREAMED = ("xl/worksheets/", "xl/pivotCache/", "xl/drawings/", "xl/externalLinks/", "xl/comments")


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, shown: str) -> None:
    with archive.open(part) as file:
        if b"<!DOCTYPE" in file.read(_HEAD).replace(b"\0", b""):
            message = (
                f"declares a DTD in {part.filename}, which no spreadsheet program writes; it is not read"
            )
            raise SourceError(shown, message)


def _is_visible(sheet: Any, shown: str, warnings: list[Fault]) -> bool:
    visible: bool = sheet.sheet_state == "visible"
    if not visible:
        message = "is a hidden sheet and is not read; unhide it if it is part of the publication"
        warnings.append(Fault(shown, 0, 0, message, sheet.title))
    return visible


@dataclass(frozen=True, slots=True)
class _Range:
    """Cells that are merged, by what they are called: ``A5:B6``; and the first column, the first row and the last row."""

    called: str
    left: int
    top: int
    bottom: int


def _merged(called: str) -> _Range:
    """Read a range of cells.

    Raises:
        ValueError: It is none.
    """
    if not 0 < len(called) <= _LONGEST_RANGE:
        raise ValueError(f"merged cells are called {called[:_LONGEST_RANGE]!r}")
    left, top, _, bottom = (number or 1 for number in range_boundaries(called))
    return _Range(called, left, top, bottom)


_LONGEST_RANGE = 40


def _told_of_merged(ranges: Sequence[_Range], shown: str, name: str) -> Iterator[Fault]:
    for it in ranges[:_SHOWN]:
        each, left, top, bottom = it.called, it.left, it.top, it.bottom
        others = f"row {top + 1} has" if bottom == top + 1 else f"rows {top + 1} to {bottom} have"
        message = f"the cells {each} are merged: their value counts for the first cell, in row {top}"
        if bottom > top:
            message += f"; {others} none of it"
        yield Fault(shown, top, left, message, name)
    if len(ranges) > _SHOWN:
        yield Fault(shown, 0, 0, f"{len(ranges) - _SHOWN} more ranges of cells are merged", name)
