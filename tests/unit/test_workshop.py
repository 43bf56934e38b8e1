"""The workshop: what was put is found again, and nothing in it that is damaged, foreign or old is ever believed."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from fonds.workshop import (
    Stored,
    Workshop,
    WorkshopBusyError,
    WorkshopDamagedError,
    opened_workshop,
    packed,
    unpacked,
)


def stored(key: bytes, head: bytes = b"head", *bodies: bytes) -> Stored:
    return Stored(key, packed(head), tuple(map(packed, bodies)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".workshop"


def test_what_was_put_is_found_by_the_next_process(path: Path) -> None:
    workshop = Workshop(path)
    workshop.put(stored(b"a", b"first", b"one", b"two"))
    workshop.close()
    again = Workshop(path)
    found = again.find(b"a")
    assert found is not None
    assert found.head == b"first"
    assert [unpacked(again.frame(again.place(found.number, part))) for part in (0, 1)] == [b"one", b"two"]
    assert again.find(b"b") is None
    with pytest.raises(WorkshopDamagedError, match="missing"):
        again.frame(again.place(found.number, 2))


def test_a_later_result_takes_the_place_of_an_earlier_one(path: Path) -> None:
    workshop = Workshop(path)
    workshop.put(stored(b"a", b"old", b"1", b"2"))
    workshop.put(stored(b"a", b"new", b"3"))
    found = workshop.find(b"a")
    assert found is not None
    assert found.head == b"new"
    assert len(list(workshop.stored())) == 1


def test_what_was_not_used_is_swept_away_and_the_file_gets_smaller(path: Path) -> None:
    workshop = Workshop(path)
    for number in range(50):
        workshop.put(stored(b"%d" % number, b"head", os.urandom(50_000)))
    workshop.close()
    before = path.stat().st_size
    again = Workshop(path)
    assert again.find(b"7")
    again.sweep()
    again.close()
    assert path.stat().st_size < before / 10
    kept = Workshop(path)
    assert [each.key for each in kept.stored()] == [b"7"]


def test_one_process_at_a_time_has_it(path: Path) -> None:
    workshop = Workshop(path)
    code = f"from pathlib import Path; from fonds.workshop import Workshop; Workshop(Path({str(path)!r}))"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "WorkshopBusyError" in other.stderr
    with pytest.raises(WorkshopBusyError):
        Workshop(path)
    workshop.close()
    Workshop(path).close()


def foreign_database(path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE heads (id, key, head)")
    other.commit()
    other.close()


def overwritten(path: Path) -> None:
    workshop = Workshop(path)
    workshop.put(stored(b"a", b"head", os.urandom(200_000)))
    workshop.close()
    with path.open("r+b") as file:
        file.write(b"\0" * 20_000)


@pytest.mark.parametrize(
    "damage", [lambda path: path.write_bytes(b"no database" * 1000), foreign_database, overwritten]
)
def test_a_file_that_is_none_or_damaged_is_thrown_away_with_a_word(path: Path, damage) -> None:
    damage(path)
    told: list[str] = []
    with opened_workshop(path, told.append) as workshop:
        assert list(workshop.stored()) == []
        workshop.put(stored(b"a"))
    assert len(told) == 1
    assert told[0].startswith(".workshop is thrown away and made again: ")
    with opened_workshop(path, told.append) as workshop:
        assert workshop.find(b"a")
    assert len(told) == 1


def test_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    Workshop(elsewhere).close()
    before = elsewhere.read_bytes()
    path.symlink_to(elsewhere)
    told: list[str] = []
    with opened_workshop(path, told.append) as workshop:
        workshop.put(stored(b"a"))
    assert told == [".workshop is thrown away and made again: it is a link"]
    assert elsewhere.read_bytes() == before


@pytest.mark.parametrize("at", [5, -5])
def test_a_byte_that_changed_in_an_entry_is_noticed(at: int) -> None:
    frame = bytearray(packed(os.urandom(1000)))
    frame[at] ^= 1
    with pytest.raises(WorkshopDamagedError):
        unpacked(bytes(frame))


def test_a_full_disk_is_an_error_of_the_disk(path: Path) -> None:
    workshop = Workshop(path)
    workshop._connection.execute("PRAGMA max_page_count=10")
    with pytest.raises(OSError, match="No space left"):
        workshop.put(stored(b"a", b"head", os.urandom(500_000)))


def test_an_entry_that_was_interrupted_is_not_kept_by_half(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop = Workshop(path)
    workshop.put(stored(b"a", b"head", b"body"))

    def interrupted(number: int, part: int) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(workshop, "place", interrupted)
        with pytest.raises(KeyboardInterrupt):
            workshop.put(stored(b"b", b"head", b"body"))
    workshop.close()
    again = Workshop(path)
    assert [(each.key, len(each.bodies)) for each in again.stored()] == [(b"a", 1)]
