"""Workbooks: values as people see them, and everything in one that cannot be trusted."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import openpyxl
import pytest

from fonds.model import Phrase, Reference
from fonds.sources import xlsx
from fonds.sources.publication import Publication

from .conftest import Publish

PERSONS = "data/authorities/persons.xlsx"
NO_CSV: Mapping[str, str | bytes | None] = {"data/authorities/persons.csv": None}
Faults = Callable[..., list[str]]
Sheets = Mapping[str, Sequence[Sequence[object]]]


def workbook(sheets: Sheets, change: Callable[[openpyxl.Workbook], None] = lambda _: None) -> bytes:
    """Return a workbook with these sheets."""
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    change(made)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def rewritten(source: bytes, change: Mapping[str, Callable[[bytes], bytes]]) -> bytes:
    """Return a workbook with some of its parts changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(source)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change.get(name, bytes)(old.read(name)))
    return file.getvalue()


ROWS = [["key", "label", "identified"], ["holm", "Maria Holm", True], ["weiss", "Anna Weiss", None]]


def persons(publication: Publication) -> dict[str, str]:
    return {each.key: found.label for each, found in publication.authorities.items() if each.kind == "person"}


@pytest.mark.parametrize("name", ["Persons", "persons", "person", "Tabelle1"])
def test_a_sheet_is_a_table_by_its_name_or_the_only_one_by_the_files(publish: Publish, name: str) -> None:
    found = publish({**NO_CSV, PERSONS: workbook({name: ROWS})})
    assert found.faults == ()
    assert persons(found) == {"holm": "Maria Holm", "weiss": "Anna Weiss"}
    origin = found.authorities[Reference("person", "weiss")].origin
    assert str(origin) == f'{PERSONS}, sheet "{name}", row 3'


def test_several_sheets_are_several_tables(publish: Publish) -> None:
    sheets = {"Persons": ROWS, "Places": [["key", "label"], ["brno", "Brno"]], "Empty": []}
    files = {**NO_CSV, "data/authorities/places.csv": None, "data/authorities/all.xlsx": workbook(sheets)}
    found = publish(files)
    assert found.faults == ()
    assert Reference("place", "brno") in found.authorities


def test_a_workbook_of_records_may_hold_authorities_too(publish: Publish) -> None:
    sheets = {"Letters": [["key", "title", "creator"], ["a", "A letter", "weiss"]], "Persons": ROWS}
    found = publish(
        {**NO_CSV, "data/documents/letter.xml": None, "data/records/letters.xlsx": workbook(sheets)}
    )
    assert found.faults == ()
    (record,) = found.records
    assert record.creators == (Reference("person", "weiss"),)
    assert str(record.origin) == 'data/records/letters.xlsx, sheet "Letters", row 2'


def test_a_fault_names_sheet_row_and_column(faults: Faults) -> None:
    rows = [["key", "label", "identified"], ["holm", "Maria Holm", "yes"], ["weiss", "Anna Weiss", "perhaps"]]
    assert (
        f"""{PERSONS}, sheet "Persons", row 3, column C: identified: found 'perhaps', expected yes or no"""
        in faults({**NO_CSV, PERSONS: workbook({"Persons": rows})})
    )


def test_one_key_in_a_workbook_and_in_a_csv_file_names_both(faults: Faults) -> None:
    found = faults({PERSONS: workbook({"Persons": ROWS[:2]})})
    assert found == [
        f"""{PERSONS}, sheet "Persons", row 2: the key 'holm' is there already, in data/authorities/persons.csv:2"""
    ]


@pytest.mark.parametrize(
    ("value", "number_format", "words"),
    [
        (12, None, "12"),
        (12.0, None, "12"),
        (0.5, None, "0.5"),
        (7, "0000", "0007"),
        (datetime.datetime(1901, 3, 5), "yyyy-mm-dd", "1901-03-05"),
        (datetime.datetime(1901, 3, 5), "d. mmmm yyyy", "1901-03-05"),
        (datetime.datetime(1901, 3, 1), "mm/yyyy", "1901-03"),
        (datetime.datetime(1901, 1, 1), "yyyy", "1901"),
        ("=1901", None, None),
        ("  words ", None, "words"),
        ("1. line\r\n2. line", None, "1. line\n2. line"),
    ],
)
def test_a_value_is_what_the_sheet_shows(
    tmp_path: Path, value: object, number_format: str | None, words: str | None
) -> None:
    def change(made: openpyxl.Workbook) -> None:
        if number_format:
            made.worksheets[0]["A1"].number_format = number_format

    path = tmp_path / "book.xlsx"
    path.write_bytes(workbook({"S": [[value, "x"]]}, change))
    faults, warnings = [], []  # type: ignore[var-annotated]
    with xlsx.opened_workbook(path, "book.xlsx", faults, warnings) as (sheet,):
        assert list(sheet.lines(faults)) == [(1, [words or "", "x"])]
    assert [str(each) for each in faults] == (
        []
        if words is not None
        else [
            'book.xlsx, sheet "S", row 1, column A: holds a formula and no value; open the file in a spreadsheet program '
            "and save it, or write the value itself"
        ]
    )


def test_a_formula_with_its_value_counts_as_the_value(publish: Publish) -> None:
    made = workbook({"Persons": [["key", "label"], ["holm", "=1+1"], ["weiss", "Anna Weiss"]]})
    sheet = "xl/worksheets/sheet1.xml"
    valued = rewritten(
        made,
        {sheet: lambda xml: re.sub(rb"<f>1\+1</f><v ?/>|<f>1\+1</f><v></v>", b"<f>1+1</f><v>2</v>", xml)},
    )
    assert valued != made
    assert persons(publish({**NO_CSV, PERSONS: valued}))["holm"] == "2"


def test_merged_cells_count_for_the_first_and_are_told_with_their_range(publish: Publish) -> None:
    rows = [["key", "label", "definition"], ["holm", "Maria Holm", "A writer"], ["weiss", "Anna Weiss", None]]
    book = workbook({"Persons": rows}, lambda made: made.worksheets[0].merge_cells("C2:C3"))
    found = publish({**NO_CSV, PERSONS: book})
    assert found.faults == ()
    assert [str(each) for each in found.warnings] == [
        f'{PERSONS}, sheet "Persons", row 2, column C: the cells C2:C3 are merged: their value counts for the first '
        "cell, in row 2; row 3 has none of it"
    ]
    assert found.authorities[Reference("person", "weiss")].definition == ""


def test_a_hidden_sheet_is_not_read_and_is_told(publish: Publish) -> None:
    def hide(made: openpyxl.Workbook) -> None:
        made.worksheets[1].sheet_state = "hidden"

    book = workbook({"Persons": ROWS, "Lists": [["yes"], ["no"]]}, hide)
    found = publish({**NO_CSV, PERSONS: book})
    assert found.faults == ()
    assert [str(each) for each in found.warnings] == [
        f'{PERSONS}, sheet "Lists": is a hidden sheet and is not read; unhide it if it is part of the publication'
    ]


def test_an_error_in_a_cell_is_told(faults: Faults) -> None:
    made = workbook({"Persons": [*ROWS, ["x", "X", 5]]})
    broken = rewritten(
        made,
        {
            "xl/worksheets/sheet1.xml": lambda xml: xml.replace(
                b'<c r="C4" t="n"><v>5</v></c>', b'<c r="C4" t="e"><v>#REF!</v></c>'
            )
        },
    )
    assert (
        f'{PERSONS}, sheet "Persons", row 4, column C: holds the error #REF!; mend the formula, or write the value itself'
        in faults({**NO_CSV, PERSONS: broken})
    )


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(600), "has a password, or is a workbook of the old kind (.xls)"),
        (b"key,label\n", "is no workbook, or a damaged one: it is no zip file"),
        (b"", "is no workbook, or a damaged one: it is no zip file"),
        (workbook({"Persons": ROWS})[:3000], "is no workbook, or a damaged one"),
    ],
    ids=["encrypted", "no zip", "empty", "cut"],
)
def test_what_is_no_workbook_is_told(faults: Faults, content: bytes, fault: str) -> None:
    assert any(each.startswith(f"{PERSONS}: {fault}") for each in faults({**NO_CSV, PERSONS: content}))


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
@pytest.mark.parametrize("damage", [lambda _: b"", lambda xml: xml[: len(xml) // 2], lambda xml: xml[::-1]])
def test_a_damaged_part_is_a_fault_and_no_crash(
    faults: Faults, part: str, damage: Callable[[bytes], bytes]
) -> None:
    content = rewritten(workbook({"Persons": ROWS}), {part: damage})
    assert any(each.startswith(PERSONS) for each in faults({**NO_CSV, PERSONS: content}))


def test_a_dtd_is_refused(faults: Faults) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>'
    content = rewritten(
        workbook({"Persons": ROWS}),
        {"xl/worksheets/sheet1.xml": lambda xml: bomb + xml.partition(b"?>")[2]},
    )
    assert any(
        "declares a DTD in xl/worksheets/sheet1.xml" in each for each in faults({**NO_CSV, PERSONS: content})
    )


def test_a_workbook_that_would_unpack_to_more_than_is_read_is_refused(
    faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "MOST_UNPACKED_BYTES", 100_000)
    content = rewritten(
        workbook({"Persons": ROWS}), {"xl/theme/theme1.xml": lambda xml: xml + b" " * 1_000_000}
    )
    assert len(content) < 100_000
    assert any("MiB when unpacked" in each for each in faults({**NO_CSV, PERSONS: content}))


def test_a_sheet_with_no_known_name_is_told_with_the_nearest(faults: Faults) -> None:
    book = workbook({"Persons": ROWS, "Plases": [["key", "label"], ["x", "X"]]})
    found = faults({**NO_CSV, "data/authorities/all.xlsx": book})
    assert found == [
        'data/authorities/all.xlsx, sheet "Plases": no table has this name; did you mean places?'
    ]


def test_a_name_is_read_from_an_inline_text_without_its_pronunciation(publish: Publish) -> None:
    made = workbook({"Persons": [["key", "label"], ["holm", 1], ["weiss", "Anna Weiss"]]})
    inline = (
        b'<c r="B2" t="inlineStr"><is><r><t>Maria </t></r><r><t>Holm</t></r>'
        b'<rPh sb="0" eb="1"><t>mariya</t></rPh></is></c>'
    )
    content = rewritten(
        made,
        {"xl/worksheets/sheet1.xml": lambda xml: xml.replace(b'<c r="B2" t="n"><v>1</v></c>', inline)},
    )
    found = publish({**NO_CSV, PERSONS: content})
    assert found.authorities[Reference("person", "holm")].labels == (Phrase("Maria Holm"),)


def test_a_row_that_would_fill_the_memory_is_not_read(
    publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few kilobytes can unpack to as much as anybody likes: of one row, and of what stands between two."""
    monkeypatch.setattr(xlsx, "MOST_ROW_BYTES", 1024 * 1024)
    book = workbook({"Persons": ROWS})
    sheet = "xl/worksheets/sheet1.xml"
    for bomb in (
        lambda part: part.replace(
            b"</row>", b'<c t="inlineStr"><is><t>' + b"x" * 3_000_000 + b"</t></is></c></row>", 1
        ),
        lambda part: part.replace(
            b"</sheetData>", b"</sheetData><extLst>" + b"<x/>" * 800_000 + b"</extLst>"
        ),
    ):
        found = publish({**NO_CSV, PERSONS: rewritten(book, {sheet: bomb})})
        assert any("has more than 1 MiB" in str(fault) for fault in found.faults), found.faults


def test_styles_that_would_fill_the_memory_are_not_read(
    publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "MOST_OTHER_BYTES", 1024 * 1024)
    book = rewritten(workbook({"Persons": ROWS}), {"xl/styles.xml": lambda part: part + b" " * 3_000_000})
    found = publish({**NO_CSV, PERSONS: book})
    assert any("of styles and the like" in str(fault) for fault in found.faults), found.faults


@pytest.mark.parametrize("range_", ["", "nonsense", "A1:B2:C3", "A1:B" + "9" * 10_000])
def test_merged_cells_that_are_none_are_told(publish: Publish, range_: str) -> None:
    book = workbook({"Persons": ROWS}, lambda made: made.worksheets[0].merge_cells("A7:B7"))
    change = {"xl/worksheets/sheet1.xml": lambda part: part.replace(b"A7:B7", range_.encode())}
    found = publish({**NO_CSV, PERSONS: rewritten(book, change)})
    assert any("is damaged" in str(fault) for fault in found.faults), found.faults
