"""The register: what was once published is never lost in silence, never given out again."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest

from fonds.model import Reference
from fonds.sources.publication import append_to_register

from .conftest import FILES, Publish

Faults = Callable[..., list[str]]
PATH = "data/register.csv"
HEADER = "kind,key,minted,status,replaced_by,reason\n"
DAY = datetime.date(2026, 1, 2)


def test_what_has_no_row_is_to_be_minted_and_is_no_fault(publish: Publish) -> None:
    read = publish({PATH: HEADER + "person,holm,2026-01-01,active,,\n"})
    assert read.faults == ()
    assert read.to_mint == (
        Reference("person", "weiss"),
        Reference("place", "brno"),
        Reference("record", "weiss-1911-3"),
    )


def test_new_rows_are_sorted_in_and_old_ones_stay_byte_for_byte(publish: Publish, tmp_path: Path) -> None:
    old = (
        "\ufeffkind,key,minted,status,replaced_by,reason\r\n"
        'person,a,2025-01-01,withdrawn,,"never was,\r\nas it turned out"\r\n'
        "person,holm,2026-01-01,active,,\r\nrecord, z ,2026-01-01,merged,weiss-1911-3,same"
    )
    read = publish({PATH: old})
    append_to_register(tmp_path, read.to_mint, DAY)
    new = (tmp_path / PATH).read_bytes().decode()
    assert (
        new
        == old.replace(
            "\r\nrecord, z ",
            (
                "\r\nperson,weiss,2026-01-02,active,,\r\nplace,brno,2026-01-02,active,,\r\n"
                "record,weiss-1911-3,2026-01-02,active,,\r\nrecord, z "
            ),
        )
        + "\r\n"
    )
    assert publish({PATH: new}).to_mint == ()


def test_a_first_register_is_made_and_without_need_nothing_is_written(
    publish: Publish, tmp_path: Path
) -> None:
    read = publish()
    append_to_register(tmp_path, read.to_mint, DAY)
    lines = (tmp_path / PATH).read_text().splitlines()
    assert lines[0] + "\n" == HEADER.replace("\n", ",changed\n")
    assert lines[1] == "person,holm,2026-01-02,active,,,"
    before = (tmp_path / PATH).stat()
    append_to_register(tmp_path, ())
    assert (tmp_path / PATH).stat().st_mtime_ns == before.st_mtime_ns
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == [
        "authorities",
        "documents",
        "register.csv",
    ]


def test_an_identifier_that_would_be_lost_is_a_fault(faults: Faults) -> None:
    assert faults(
        {PATH: HEADER + "person,gone,2026-01-01,active,,\nperson,left,2026-01-01,withdrawn,,why\n"}
    ) == [
        f"{PATH}:2: person/gone is active but no longer in the data: the build would lose a published identifier; "
        "say what became of it by fonds register withdraw, merge or rename; of an example that nobody has seen, delete the line"
    ]


@pytest.mark.parametrize(
    "row", ["record,weiss-1911-3,2026-01-01,withdrawn,,why", "person,holm,2026-01-01,merged,weiss,why"]
)
def test_what_was_given_up_and_is_back_is_a_fault(faults: Faults, row: str) -> None:
    files = {PATH: HEADER + "person,weiss,2026-01-01,active,,\n" + row + "\n"}
    kind, key, _, status, *_ = row.split(",")
    (fault,) = faults(files)
    where = "data/documents/letter.xml" if kind == "record" else "data/authorities/persons.csv"
    assert (
        fault
        == f"{PATH}:3: {kind}/{key} is {status}, but {where} still has it; remove it there, or make it active"
    )


def test_a_thing_in_a_table_that_cannot_be_read_is_not_called_lost(faults: Faults) -> None:
    files = {
        PATH: HEADER + "person,holm,2026-01-01,active,,\n",
        "data/authorities/persons.csv": "key;label\nholm;H\n",
    }
    assert not any("lose a published identifier" in each for each in faults(files))


def test_a_record_in_a_file_that_cannot_be_read_is_not_called_lost(faults: Faults) -> None:
    files = {PATH: HEADER + "record,weiss-1911-3,2026-01-01,active,,\n", "data/documents/letter.xml": "<TEI>"}
    found = faults(files)
    assert len(found) == 1
    assert "is not well-formed XML" in found[0]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("persona,holm,2026-01-01,active,,", "kind: found 'persona', expected one of capture, event, group,"),
        ("person,Holm,2026-01-01,active,,", "key: found 'Holm', expected a-z and 0-9"),
        (
            "person,holm,2026-01-01,gone,,",
            "status: found 'gone', expected one of active, merged, renamed, split, withdrawn",
        ),
        (
            "person,holm,2026-01-01,merged,,",
            "replaced_by: found '', expected one identifier, since it is merged",
        ),
        (
            "person,holm,2026-01-01,split,weiss,x",
            "replaced_by: found 'weiss', expected two identifiers or more",
        ),
        (
            "person,holm,2026-01-01,withdrawn,weiss,x",
            "replaced_by: found 'weiss', expected nothing, since it is withdrawn",
        ),
        (
            "person,old,2026-01-01,merged,nobody,x",
            "replaced_by: person/nobody is neither in the register nor in the data",
        ),
        ("person,holm,1. Mai,active,,", "minted: found '1. Mai', expected a day such as 2026-11-23"),
    ],
)
def test_a_faulty_row_is_told(faults: Faults, row: str, fault: str) -> None:
    found = faults({PATH: f"{HEADER}{row}\n"})
    assert any(each.startswith(f"{PATH}:2: {fault}") for each in found), found


def test_one_identifier_twice_is_a_fault(faults: Faults) -> None:
    row = "person,holm,2026-01-01,active,,\n"
    assert faults({PATH: HEADER + row + row}) == [f"{PATH}:3: person/holm is there already, in line 2"]


def test_the_small_publication_itself_has_no_fault(faults: Faults) -> None:
    assert set(FILES) >= {"data/documents/letter.xml"}
    assert faults() == []


def test_what_replaces_an_identifier_may_be_minted_by_the_same_build(faults: Faults) -> None:
    row = "person,holm-m,2026-01-01,merged,person/holm,the same woman\n"
    assert faults({PATH: HEADER + row}) == []
