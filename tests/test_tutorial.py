"""The page on an archivist's first hour is followed, word for word, from an empty folder, and comes to what it says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from lxml import html

from tests.conftest import serving
from tests.following import Reader

pytestmark = pytest.mark.thorough

PAGE = Path(__file__).parents[1] / "docs/begin.md"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    found = Reader(tmp_path_factory.mktemp("hour"))
    _, _, page = PAGE.read_text(encoding="utf-8").partition("## See the example")
    found.follow(page)
    return found


def test_every_command_runs_and_says_what_is_shown(reader: Reader) -> None:
    assert reader.done == ["new", "check", "serve", "check", "check", "check", "build"]
    assert (reader.folder / "releases/current").exists()


def test_the_letter_of_the_page_has_its_page_and_is_found(reader: Reader) -> None:
    with serving(reader.folder) as site:
        page = html.fromstring(site.get("doc/record/letter-3", "text/html").text).text_content()
        for words in (
            "Anna Holm to the mill",
            "Letters of 1901",
            "two words illegible",
            "Received",
            "the mill is for sale",
        ):
            assert words in page
        for asked in ("Holm", "f.%2012%20op.%201", "1902-03-05"):
            assert "doc/record/letter-3" in site.get(f"search?q={asked}", "text/html").text
        assert "Daughter of a miller" in site.get("doc/person/holm-anna", "text/html").text


def test_the_example_can_be_taken_out_as_the_page_says(reader: Reader, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(reader.folder, folder, symlinks=True)
    records = folder / "data/records.csv"
    rows = records.read_text(encoding="utf-8").splitlines(keepends=True)
    records.write_text(
        "".join(row for row in rows if not row.startswith(("letter-1,", "letter-2,"))), encoding="utf-8"
    )
    for name in ("letter-1.marked.txt", "letter-2.txt"):
        (folder / "data/texts" / name).unlink()
    persons = folder / "data/authorities/persons.csv"
    kept = [
        row
        for row in persons.read_text(encoding="utf-8").splitlines()
        if not row.startswith(("brenner", "marchand"))
    ]
    persons.write_text("\n".join(kept) + "\n", encoding="utf-8")
    shutil.rmtree(folder / "releases")
    (folder / "data/register.csv").unlink()
    ours = Reader(folder)
    ours.run("fonds check")
    assert (ours.status["fonds check"], "0 faults, 0 warnings" in ours.said["fonds check"]) == (0, True), (
        ours.said
    )
    ours.run("fonds build")


def test_a_text_as_word_saves_it_is_told(reader: Reader, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(reader.folder, folder, symlinks=True)
    (folder / "data/texts/letter-2.txt").write_text(
        "Lyon, April 1901\r\nDear Jakob,\r\nI do not know what to say to that.\r\nE. M.\r\n"
    )
    ours = Reader(folder)
    ours.run("fonds check")
    assert "data/texts/letter-2.txt:2: has no empty line" in ours.said["fonds check"]
    assert "see docs/tables.md#a-row" in ours.said["fonds check"]
