"""A build of a publication that is killed, interrupted, or loses a process: nothing is half done, and nothing is done twice."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from fonds.release.folder import open_release
from tests.faults.lives import build
from tests.faults.striking import Ended, Striker

LETTERS = 120
LETTER = """<?xml version="1.0" encoding="UTF-8"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="letter-{number}">
  <teiHeader><fileDesc><titleStmt><title>Letter {number}</title></titleStmt><publicationStmt><p>Made for a test.</p></publicationStmt>
    <sourceDesc><p>Invented.</p></sourceDesc></fileDesc></teiHeader>
  <text xml:lang="en"><body>{paragraphs}</body></text>
</TEI>
"""
COLLECTION = '\n[[collections]]\nname = "letters"\nfiles = ["data/documents/*.xml"]\n'


def letters(place: Path) -> Path:
    """Write a publication of many letters; return where."""
    (place / "data/documents").mkdir(parents=True)
    (place / "fonds.toml").write_text(f'inference = "none"\n{COLLECTION}')
    for number in range(LETTERS):
        words = "".join(f"<p>Word {number} of letter {part}.</p>" for part in range(8))
        text = LETTER.format(number=number, paragraphs=words)
        (place / f"data/documents/letter-{number}.xml").write_text(text)
    return place


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return letters(tmp_path / "publication")


@pytest.fixture(scope="module")
def built(strike: Striker, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """That publication as one process builds it, and what it says of that; it is copied, never changed."""
    place = letters(tmp_path_factory.mktemp("built") / "publication")
    return place, published(strike, place, jobs=1)


def publish(strike: Striker, folder: Path, jobs: int = 2, **how: Any) -> Ended:
    """Build a publication by processes."""
    return strike.run(*build(folder, "--jobs", str(jobs)), processes=True, **how)


def published(strike: Striker, folder: Path, jobs: int = 2, **how: Any) -> dict[str, Any]:
    """Build it; return its digest, how many records it has, and how many files were read and things mapped for it."""
    done = publish(strike, folder, jobs, **how)
    assert done.status == 0, done.err
    manifest = open_release(folder).manifest
    return {"digest": manifest.digest, "records": manifest.counts.records, **done.counts}


def left_behind(folder: Path) -> list[str]:
    return sorted(each.name for each in (folder / "releases").iterdir())


@pytest.mark.thorough
def test_a_killed_build_is_gone_on_with_and_nothing_is_done_twice(folder: Path, strike: Striker) -> None:
    killed = publish(strike, folder, mapped=60)
    assert killed.is_killed
    resumed = published(strike, folder)
    assert resumed["records"] == LETTERS
    assert resumed["read"] == 0
    assert 0 < resumed["mapped"] <= LETTERS - 60
    (folder / "releases").rename(folder.parent / "resumed")
    again = published(strike, folder)
    assert (again["digest"], again["read"], again["mapped"]) == (resumed["digest"], LETTERS, LETTERS)


@pytest.mark.parametrize("start", ["fork", "forkserver", "spawn"])
@pytest.mark.thorough
def test_the_digest_is_the_same_however_processes_start(
    folder: Path, built: tuple[Path, dict[str, Any]], strike: Striker, start: str
) -> None:
    _, alone = built
    assert published(strike, folder, jobs=3, start=start) == alone


@pytest.mark.thorough
def test_a_file_that_kills_whoever_reads_it_is_told_and_the_rest_is_published(
    folder: Path, strike: Striker
) -> None:
    (folder / "data/documents/letter-7.xml").write_text(LETTER.format(number=7, paragraphs="<p>deadly</p>"))
    built = published(strike, folder, deadly="deadly", start="fork")
    assert built["records"] == LETTERS - 1
    checked = subprocess.run(
        [sys.executable, "-m", "fonds", "check", str(folder)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, "nothing is deadly to this process"
    assert "letter-7" not in checked.stdout


@pytest.mark.thorough
def test_in_a_strict_collection_such_a_file_stops_the_build(folder: Path, strike: Striker) -> None:
    (folder / "fonds.toml").write_text(f'inference = "none"\n{COLLECTION}strict = true\n')
    (folder / "data/documents/letter-7.xml").write_text(LETTER.format(number=7, paragraphs="<p>deadly</p>"))
    failed = publish(strike, folder, deadly="deadly", start="fork")
    assert failed.status == 1
    (line,) = [each for each in failed.err.splitlines() if each.startswith("data/documents/")]
    assert line.startswith("data/documents/letter-7.xml: the process that read it ended, also when")
    assert "Traceback" not in failed.err


@pytest.mark.thorough
def test_a_record_that_kills_whoever_maps_it_stops_the_build_with_its_place(
    folder: Path, strike: Striker
) -> None:
    (folder / "data/documents/letter-7.xml").write_text(LETTER.format(number=7, paragraphs="<p>deadly</p>"))
    failed = publish(strike, folder, deadly="deadly", deadly_to="mapper", start="fork")
    assert failed.status == 1
    (line,) = [each for each in failed.err.splitlines() if each.startswith("data/documents/")]
    assert line.startswith("data/documents/letter-7.xml:2: the process that mapped what stands here ended")
    assert "Traceback" not in failed.err
    assert published(strike, folder)["mapped"] == 1


@pytest.mark.thorough
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_build_leaves_everything_as_it_was_and_is_gone_on_with(
    built: tuple[Path, dict[str, Any]], strike: Striker, tmp_path: Path, number: signal.Signals
) -> None:
    folder = Path(shutil.copytree(built[0], tmp_path / "publication", symlinks=True))
    first = built[1]["digest"]
    for each in (folder / "data/documents").iterdir():
        each.write_text(each.read_text().replace("Word", "A word"))
    command = [
        sys.executable,
        "-m",
        "fonds",
        "build",
        str(folder),
        "--base",
        "https://a.example/",
        "--jobs",
        "2",
    ]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True
    ) as building:
        assert building.stderr is not None
        while not building.stderr.readline().startswith("mapping"):
            assert building.poll() is None
        # Ctrl-C goes to all processes of a terminal, a request to end to one.
        (os.killpg if number is signal.SIGINT else os.kill)(building.pid, number)
        said = building.stderr.read()
    assert building.returncode == 130
    lines = [line for line in said.splitlines() if line and not line.startswith("mapping")]
    assert lines == ["Stopped: nothing was changed, and the next build goes on from here."]
    assert open_release(folder).manifest.digest == first
    assert not [each for each in left_behind(folder) if each.startswith(".building-")]
    assert _no_process_of(building.pid)
    resumed = published(strike, folder)
    assert resumed["read"] == 0
    assert 0 < resumed["mapped"] < LETTERS
    assert resumed["digest"] != first


def _no_process_of(session: int) -> bool:
    """Tell whether, within some seconds, no process of a session is left."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.killpg(session, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False
