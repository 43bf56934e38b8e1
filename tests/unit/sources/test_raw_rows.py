"""Changing rows of a table that people edit as well."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

import pytest

from fonds.model import Reference
from fonds.sources.raw_rows import put_rows, rows_in, take_rows
from fonds.sources.register import give_up

COLUMNS = ("thing", "ground")
OLD = "thing,ground\na,of{0}two lines\nb,plain\nc,the last\n"
SEPARATORS = ("\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c")
"""What parts lines for some programs, and is a sign like others in CSV."""


def thing_of(cells: Mapping[str, str]) -> tuple[str, ...]:
    """Return what a row is about."""
    return (cells["thing"],)


@pytest.mark.parametrize("sign", SEPARATORS)
def test_no_row_is_lost_where_a_cell_has_a_separator_of_lines(tmp_path: Path, sign: str) -> None:
    path, old = tmp_path / "table.csv", OLD.format(sign)
    path.write_bytes(old.encode())
    assert [each["thing"] for each in rows_in(path)] == ["a", "b", "c"]
    put_rows(path, COLUMNS, [{"thing": "d", "ground": "new"}], thing_of)
    assert path.read_bytes().decode() == old + "d,new\n"
    take_rows(path, ("b",), thing_of)
    assert path.read_bytes().decode() == old.replace("b,plain\n", "") + "d,new\n"


@pytest.mark.parametrize("sign", SEPARATORS)
def test_nor_is_an_identifier(tmp_path: Path, sign: str) -> None:
    path = tmp_path / "data" / "register.csv"
    path.parent.mkdir()
    old = (
        "kind,key,minted,status,replaced_by,reason,changed\n"
        f"person,a,2026-01-01,withdrawn,,of{sign}two lines,2026-01-02\n"
        "person,b,2026-01-01,active,,,\nperson,c,2026-01-01,active,,,\n"
    )
    path.write_bytes(old.encode())
    give_up(tmp_path, Reference("person", "b"), "withdrawn", (), "why", datetime.date(2026, 1, 3))
    assert path.read_bytes().decode() == old.replace(
        "b,2026-01-01,active,,,", "b,2026-01-01,withdrawn,,why,2026-01-03"
    )


def test_several_rows_are_written_at_once_each_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b'thing,ground\r\nb,first\r\n\r\na,"kept, so"\r\nb,second')
    put_rows(path, ("thing", "ground", "by"), [{"thing": "c", "by": "me"}, {"thing": "b"}], thing_of)
    assert path.read_bytes() == b'thing,ground,by\r\nb,,\r\n\r\na,"kept, so",""\r\nc,,me\r\n'
    before = path.stat()
    put_rows(path, ("thing",), [], thing_of)
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def test_a_row_that_ends_early_is_filled_up_before_a_column_is_added(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text('thing,ground,note\na\nb,"two\nlines",n\n', encoding="utf-8")
    put_rows(path, ("thing", "by"), [{"thing": "c", "by": "me"}], thing_of)
    assert rows_in(path) == [
        {"thing": "a", "ground": "", "note": "", "by": ""},
        {"thing": "b", "ground": "two\nlines", "note": "n", "by": ""},
        {"thing": "c", "ground": "", "note": "", "by": "me"},
    ]


@pytest.mark.parametrize("content", ["", "\n", " \r\n"])
def test_an_empty_table_gets_its_header(tmp_path: Path, content: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(content, encoding="utf-8")
    put_rows(path, COLUMNS, [{"thing": "a", "ground": "g"}], thing_of)
    assert path.read_text(encoding="utf-8") == "thing,ground\na,g\n"


@pytest.mark.parametrize("content", ["", "\n"])
def test_so_does_an_empty_register(tmp_path: Path, content: str) -> None:
    path = tmp_path / "data" / "register.csv"
    path.parent.mkdir()
    path.write_text(content, encoding="utf-8")
    give_up(tmp_path, Reference("person", "b"), "withdrawn", (), "why", datetime.date(2026, 1, 3))
    assert path.read_text(encoding="utf-8") == (
        "kind,key,minted,status,replaced_by,reason,changed\nperson,b,2026-01-03,withdrawn,,why,2026-01-03\n"
    )
