"""A new publication: what is written, what is refused, and that it can be checked, built and served as it is."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from fonds.beginning import SCHEMES, Scheme, begin_publication
from fonds.cli import main
from fonds.errors import FondsError
from fonds.release.folder import open_release
from fonds.release.publication import build_publication, check_publication
from fonds.settings import Rights, read_settings
from tests.conftest import serving


def fonds(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_new_publication_is_without_fault_and_without_warning(scheme: Scheme, tmp_path: Path) -> None:
    begin_publication(tmp_path / "mine", scheme)
    report = check_publication(tmp_path / "mine", jobs=1)
    assert report.told == ()
    assert report.not_understood == {}
    assert report.records.number == 2


def test_a_new_publication_builds_and_its_pages_are_shown(tmp_path: Path) -> None:
    result = fonds("new", tmp_path / "mine")
    assert result.exit_code == 0, result.output
    with serving(tmp_path / "mine") as site:
        assert "My archive" in site.get("/").text
        page = site.get("/doc/record/letter-1.html")
        assert page.status == 200
        assert "the mill has stood still" in page.text
        assert "f. 12, op. 1, d. 3, l. 7" in page.text
        assert "Letters of 1901" in page.text
    assert (tmp_path / "mine/releases/report.html").is_file()


def test_what_is_told_to_be_written_is_written(tmp_path: Path) -> None:
    written = begin_publication(tmp_path / "mine")
    there = {path.relative_to(tmp_path / "mine") for path in (tmp_path / "mine").rglob("*") if path.is_file()}
    assert there == {*written, Path(".gitignore")}
    assert not re.search(r"\{\w+\}", (tmp_path / "mine/README.md").read_text())


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_readme_names_the_scheme_of_the_shelfmarks(scheme: Scheme, tmp_path: Path) -> None:
    begin_publication(tmp_path, scheme)
    named = {"fond": "fond, opis, delo, list", "box": "box, folder", "plain": "plain numbers"}[scheme]
    assert f"`data/records.csv`: {named} |" in (tmp_path / "README.md").read_text()


def test_each_decision_has_a_note_and_the_rights_are_all_explained(tmp_path: Path) -> None:
    begin_publication(tmp_path)
    notes = (tmp_path / "fonds.toml").read_text()
    decisions = re.findall(r"# DECIDE: (.*)", notes)
    assert len(decisions) == 6
    for each in ("title", "base", "languages", "fulltext", "text", "data"):
        assert re.search(rf"^#? ?{each} = ", notes, re.M), each
    for each in msgspec.structs.fields(Rights):
        assert f'"{each.name}", below' in notes
    assert "the original, the paper" in notes


def test_the_base_that_stands_there_as_a_note_is_one_that_can_be_used(tmp_path: Path) -> None:
    begin_publication(tmp_path)
    settings = tmp_path / "fonds.toml"
    settings.write_text(settings.read_text().replace("# base =", "base ="))
    assert read_settings(tmp_path).base == "https://archive.example.org/"


def test_a_folder_that_holds_something_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "letters.xlsx").write_text("mine")
    result = fonds("new", tmp_path)
    assert result.exit_code == 1
    assert "holds something already (letters.xlsx)" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["letters.xlsx"]


def test_a_file_and_a_broken_link_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine")
    (tmp_path / "b").symlink_to(tmp_path / "nowhere")
    with pytest.raises(FondsError, match="is a file; name a folder"):
        begin_publication(tmp_path / "a")
    with pytest.raises(FondsError, match="leads nowhere"):
        begin_publication(tmp_path / "b")


def test_where_nothing_can_be_written_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine")
    with pytest.raises(FondsError, match="cannot be written"):
        begin_publication(tmp_path / "a" / "b")


def test_a_new_clone_is_as_good_as_empty_and_keeps_its_own_files(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("*.bak\n")
    begin_publication(tmp_path)
    assert (tmp_path / ".gitignore").read_text() == "*.bak\n"


@pytest.mark.thorough
def test_the_example_can_be_taken_out_again(tmp_path: Path) -> None:
    begin_publication(tmp_path)
    build_publication(tmp_path, jobs=1)
    table = tmp_path / "data/records.csv"
    table.write_text("key,title,language\nmy-letter,My letter,en\n")
    (tmp_path / "data/register.csv").unlink()
    shutil.rmtree(tmp_path / "releases")
    assert open_release(build_publication(tmp_path, jobs=1).folder).manifest.counts.records == 1


def test_the_page_on_beginning_shows_the_shelfmarks_as_they_are(
    publication: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (publication / "docs/begin.md").read_text()
    for scheme in SCHEMES:
        row = re.search(rf"^\| `{scheme}` \| .* \| `(.*)` \|$", page, re.M)
        assert row
        begin_publication(tmp_path / scheme, scheme)
        assert row[1] in (tmp_path / scheme / "data/records.csv").read_text()
