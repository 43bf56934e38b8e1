"""By what everything is found can be read again, and a file that is damaged says so."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from fonds.errors import ReleaseError
from fonds.model import Authority, Phrase, Reference
from fonds.search.entries import Entry
from fonds.search.kept import ENTRIES, kept_beside, read_kept

_MILLS = Authority(reference=Reference("topic", "mills"), labels=(Phrase("Mills", "en"),))
LISTED = {_MILLS.reference: _MILLS}
RECORDS = [(Entry(f"letter-{number}", Phrase(f"A letter {number * 7919}")), None) for number in range(200)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    assert list(kept_beside(tmp_path / ENTRIES, RECORDS, LISTED)) == RECORDS
    return tmp_path / ENTRIES


def test_what_was_kept_is_read_again(path: Path) -> None:
    listed, entries = read_kept(path)
    assert (listed, list(entries)) == (LISTED, [entry for entry, _ in RECORDS])


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return (
        content[:middle]
        + bytes(each ^ 0xFF for each in content[middle : middle + 40])
        + content[middle + 40 :]
    )


def _no_entry(content: bytes) -> bytes:
    return gzip.compress(gzip.decompress(content) + b"[1]\n")


def _of_another_version(content: bytes) -> bytes:
    return gzip.compress(gzip.decompress(content).replace(b"entries 1", b"entries 9", 1))


@pytest.mark.parametrize("damage", [_cut, _flipped, _no_entry, _of_another_version])
def test_a_damaged_file_says_so_and_where_to_go(path: Path, damage) -> None:
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ReleaseError, match=r"entries\.jsonl\.gz: .*; build the release from its sources"):
        list(read_kept(path)[1])
