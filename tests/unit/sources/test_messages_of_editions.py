"""What is told of editions and files that are read, in the whole words that people read."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from fonds.errors import SourceError
from fonds.sources.page import read_page
from fonds.sources.xlsx import _check, _merged, _told_of_merged

from .conftest import LETTER
from .test_tei_statements import CODES, letter

Faults = Callable[..., list[str]]
SAID = f'<p><said who="person:weiss"><seg xml:id="s01" {CODES}>er kam</seg></said> <gap xml:id="g01" reason="illegible"/></p>'


def group(type_: str, target: str) -> str:
    return f'{SAID}<linkGrp type="{type_}"><link target="{target}"/></linkGrp>'


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (group("loss", "#s99 #g01"), "#s99 is no statement of this document"),
        (group("loss", "#s01 #s01"), "#s01 is no gap of this document"),
        (group("stated", "person:weiss"), "expected a subject, a property and an object in target"),
        (
            f'<p><anchor xml:id="from-here"/>Er</p><p>kam<anchor xml:id="to-there"/></p><spanGrp><span xml:id="s02" {CODES} '
            'from="#from-here" to="#to-there"/></spanGrp>',
            "a statement stands within one block",
        ),
    ],
)
def test_a_statement_that_points_to_nothing_is_told(faults: Faults, body: str, message: str) -> None:
    found = faults(letter(body))
    assert any(message in each for each in found), found


def test_a_document_of_a_corpus_without_a_name_is_told_its_identifier(faults: Faults) -> None:
    letter = re.sub(' xml:id="[^"]*"', "", LETTER[LETTER.index("<TEI") :], count=1)
    corpus = f'<teiCorpus xmlns="http://www.tei-c.org/ns/1.0"><teiHeader/>{letter}</teiCorpus>'
    found = faults({"data/documents/letter.xml": corpus})
    assert any(
        "has no xml:id; its identifier ends in 'letter-1' until it gets one" in each for each in found
    ), found


def test_an_archive_of_the_web_without_a_page_is_told() -> None:
    head = "WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Type: application/warc-fields\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
    message = "is a WARC without a page: no response with status 200 is HTML or plain text"
    with pytest.raises(SourceError, match=message):
        read_page(head.encode(), "a.warc")


def test_many_merged_cells_are_told_in_part() -> None:
    ranges = [_merged(f"A{row}:A{row + 1}") for row in range(1, 100, 2)]
    faults = list(_told_of_merged(ranges, "a.xlsx", "Persons"))
    assert str(faults[-1]).endswith("more ranges of cells are merged")


def test_a_workbook_with_a_password_for_its_parts_is_told(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    # Bit 0 of the flags of the part, in the directory at the end (APPNOTE 4.4.4).
    content = bytearray(packed.getvalue())
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(SourceError, match="has a password; save it without one"):
        _check(tmp_path / "a.xlsx", "a.xlsx")
