"""Takedown: what was purged stands in no file that is kept, and everybody is told that it was withdrawn."""

from __future__ import annotations

import gzip
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
import zstandard
from click.testing import CliRunner
from pyoxigraph import Store

from fonds.cli import main
from fonds.pack import Pack
from fonds.release import renewing
from fonds.release.folder import Release, open_release
from fonds.release.history import History
from fonds.release.keeping import kept
from fonds.release.publication import build_publication
from fonds.web.server import application_of
from tests.unit.web.conftest import asker
from tests.unit.web.test_history import WORDS, begun, changes, fonds, letter

SECRET = "Zitronenfalter"
"""Stands in the letter that is purged, and nowhere else."""


_FRAME = zstandard.FRAME_HEADER


def contents_of(path: Path) -> Iterator[bytes]:
    """Yield all that a file holds, in whatever way it is packed."""
    raw = path.read_bytes()
    yield raw
    if path.suffix == ".gz":
        yield gzip.decompress(raw)
    if raw.startswith(b"fonds pack"):
        with closing(Pack(path)) as pack:
            yield from (content for _, content in pack.pieces(0, len(pack)))
    if raw.startswith(b"SQLite format 3"):
        with closing(sqlite3.connect(path)) as workshop:
            for (body,) in workshop.execute("SELECT body FROM bodies UNION ALL SELECT head FROM heads"):
                yield body
                yield from frames_in(body)
        yield from frames_in(raw)


def frames_in(data: bytes) -> Iterator[bytes]:
    """Yield what is compressed somewhere in some bytes, as far as it can be read."""
    for found in re.finditer(re.escape(_FRAME), data):
        try:
            yield zstandard.ZstdDecompressor().decompressobj().decompress(data[found.start() :])
        except zstandard.ZstdError:
            continue


def where(releases: Path, words: str) -> set[str]:
    """Return where words stand: files by name, stores and indexes by what they are."""
    found = set()
    for path in releases.rglob("*"):
        if path.is_file() and any(words.encode() in each for each in contents_of(path)):
            found.add(path.relative_to(releases).as_posix())
    for folder in releases.glob("*/store"):
        if not folder.parent.is_symlink():
            store = Store.read_only(str(folder))
            if any(words in str(quad) for quad in store.quads_for_pattern(None, None, None)):
                found.add(f"{folder.parent.name}/store")
    return found


@pytest.fixture
def life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A publication with three releases, in each of which one letter said something else."""
    # Stores are made out of the one before, as large ones are.
    monkeypatch.setattr(renewing, "FEWEST_QUADS", 0)
    monkeypatch.setattr(renewing, "_MOST_CHANGED_SHARE", 1)
    folder = begun(tmp_path / "life")
    letter(folder, 3, "1964-11-03", f"Der {SECRET} kommt.")
    build_publication(folder)
    letter(folder, 3, "1964-11-03", f"Der {SECRET} kommt nicht.")
    changes(folder, "record/letter-3|2020-01-01|erratum|it does not come|")
    build_publication(folder)
    return folder


def purge(folder: Path) -> Release:
    (folder / "data/documents/letter-3.xml").unlink()
    fonds(folder, "register", "withdraw", "record/letter-3", "--reason", "a court said so", "--purge")
    return build_publication(folder)


def test_no_kept_file_holds_what_was_purged(life: Path) -> None:
    releases = life / "releases"
    before = where(releases, SECRET)
    # It was everywhere where it could be, and is found there.
    current = open_release(life).manifest.name
    for part in ("dumps/dataset.nq.gz", "descriptions", "texts", "history", "store"):
        assert f"{current}/{part}" in before, part
    assert any("workshop" in each for each in before)
    release = purge(life)
    assert where(releases, SECRET) == set()
    # The letter was there from the beginning, so that no release before could stay.
    assert [each.name for each in kept(releases)] == [release.manifest.name]
    # Nothing of the engine's is shared with what was removed.
    assert {path.stat().st_nlink for path in release.store.iterdir() if path.is_file()} == {1}
    raw = b"".join(path.read_bytes() for path in release.search.rglob("*") if path.is_file())
    assert SECRET.encode() not in raw
    assert SECRET.lower().encode() not in raw


@pytest.mark.thorough
def test_a_release_of_before_the_thing_stays(tmp_path: Path) -> None:
    folder = begun(tmp_path / "later")
    first = open_release(folder)
    letter(folder, 4, "1964-11-03", f"Der {SECRET} kommt.")
    second = build_publication(folder)
    (folder / "data/documents/letter-4.xml").unlink()
    fonds(folder, "register", "withdraw", "record/letter-4", "--reason", "a court said so")
    third = build_publication(folder)
    # It was withdrawn, and the releases that had it are kept; now they may not be.
    fonds(folder, "register", "withdraw", "record/letter-4", "--reason", "a court said so", "--purge")
    fourth = build_publication(folder)
    assert {each.name for each in kept(folder / "releases")} == {first.manifest.name, fourth.manifest.name}
    assert not second.folder.exists()
    assert not third.folder.exists()
    assert where(folder / "releases", SECRET) == set()
    # What comes after takes from the one before again, and nothing is removed.
    letter(folder, 1, "1964-10-30", WORDS)
    fifth = build_publication(folder)
    assert len(kept(folder / "releases")) == 3
    assert build_publication(folder).manifest.name == fifth.manifest.name
    assert where(folder / "releases", SECRET) == set()


@pytest.mark.thorough
def test_everybody_is_told_that_it_was_withdrawn(life: Path) -> None:
    release = purge(life)
    edge = application_of(release)
    ask = asker(edge)
    gone = ask("/doc/record/letter-3", "text/html")
    assert gone.status == 410
    assert "a court said so" in gone.text
    last = msgspec.json.decode(ask("/changes/1").body)["orderedItems"][-1]
    assert (last["type"], last["object"]["id"]) == ("Delete", "https://a.example/id/record/letter-3")
    assert ask("/changes.atom").text.count("Withdrawn") == 1
    # OAI-PMH 2.0, 2.5.1: a deleted record has a header and nothing else.
    harvested = ask("/oai?verb=ListRecords&metadataPrefix=oai_dc").text
    (deleted,) = re.findall(r'<header status="deleted">.*?</header>', harvested, re.DOTALL)
    assert "letter-3" in deleted
    assert SECRET not in harvested
    history = ask("/history/record/letter-3", "text/html")
    assert "Withdrawn" in history.text
    assert SECRET not in history.text
    assert "letter-3" not in ask("/sitemap-1.xml").text
    told = History(release)
    assert [(each.type, each.lines) for each in told.of("id/record/letter-3")] == [
        ("Create", ()),
        ("Update", ()),
        ("Update", ()),
        ("Delete", ()),
    ]
    told.close()
    edge.close()


@pytest.mark.thorough
def test_what_stopped_is_done_by_the_next_build(life: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> list[str]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("fonds.release.publication.drop_holding", stop)
        with pytest.raises(KeyboardInterrupt):
            purge(life)
    assert where(life / "releases", SECRET)
    build_publication(life)
    assert where(life / "releases", SECRET) == set()


@pytest.mark.thorough
def test_a_thing_that_is_still_in_the_data_is_not_purged(life: Path) -> None:
    options = ["--reason", "a court said so", "--purge", "--publication", str(life)]
    run = CliRunner().invoke(main, ["register", "withdraw", "record/letter-3", *options])
    assert (run.exit_code, "data/documents/letter-3.xml" in run.output) == (0, True)
    assert "removes every release that held it" in run.output
    before = {each.name for each in kept(life / "releases")}
    build = CliRunner().invoke(main, ["build", str(life)])
    assert build.exit_code == 1
    assert "record/letter-3 is purged, but data/documents/letter-3.xml still has it" in build.output
    # A build that fails changes nothing.
    assert {each.name for each in kept(life / "releases")} == before
