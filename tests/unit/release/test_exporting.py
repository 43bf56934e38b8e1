"""Getting out: an export is a publication that holds the same data, a file of RDF that holds the same quads."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook
from pyoxigraph import DefaultGraph as Default
from pyoxigraph import Quad, RdfFormat, parse

from fonds.beginning import begin_publication
from fonds.cli import main
from fonds.release import exporting
from fonds.release.folder import Release
from fonds.release.publication import build_publication

ROOT = Path(__file__).parents[3]
BASE = "http://a.example/"


def fonds(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["export", *map(str, arguments)])


def graph(folder: Path) -> set[str]:
    """Return what a publication says, but for which files say it."""
    release = build_publication(folder, into=folder.parent / f"{folder.name}-releases", base=BASE, jobs=1)
    with gzip.open(release.dumps / "dataset.nq.gz", "rt") as dump:
        lines = set(dump)
    return {each for each in lines if "/id/source/" not in each and "graph/provenance" not in each}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This repository's publication, without its releases."""
    folder = tmp_path_factory.mktemp("own") / "own"
    for name in ("data", "queries", "pages"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "fonds.toml", folder)
    return folder


@pytest.mark.thorough
def test_the_first_record_goes_to_csv_and_text_and_from_there_to_tei_and_is_the_same(own: Path) -> None:
    plain, tei = own.parent / "plain", own.parent / "tei"
    assert fonds(own, "--to", "csv", "--into", plain).exit_code == 0
    assert not list((plain / "data").rglob("*.xml"))
    assert (plain / "data/texts/darusenkov-1964-375.marked.txt").is_file()
    assert (
        (plain / "data/records.csv").read_text().startswith("key,title,text,fulltext\ndarusenkov-1964-375,")
    )
    assert fonds(plain, "--to", "tei", "--into", tei).exit_code == 0
    assert [path.name for path in (tei / "data").rglob("*.xml")] == ["darusenkov-1964-375.xml"]
    said = graph(own)
    assert len(said) > 5000
    assert graph(plain) == said
    assert graph(tei) == said


@pytest.mark.parametrize(
    "form",
    [
        each if each == "csv" else pytest.param(each, marks=pytest.mark.thorough)
        for each in exporting.OF_SOURCES
    ],
)
def test_a_publication_of_tables_says_the_same_after_an_export(form: str, tmp_path: Path) -> None:
    begin_publication(tmp_path / "mine")
    result = fonds(tmp_path / "mine", "--to", form, "--into", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert graph(tmp_path / "out") == graph(tmp_path / "mine")
    assert ("letter-2 stays in its table: it has no marked text" in result.stderr) is (form == "tei")


def test_tables_of_every_kind_become_csv_and_say_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "mill"
    shutil.copytree(
        ROOT / "tests/tables", folder, ignore=shutil.ignore_patterns("*.py", "__pycache__", "accounts.csv")
    )
    book = Workbook()
    persons = book.active
    assert persons is not None
    persons.title = "Persons"
    persons.append(["key", "Name", "note"])
    persons.append(["holm-karl", "Karl Holm", "A miller, too."])
    letters = book.create_sheet("Letters")
    letters.append(["key", "title", "date", "creator", "text"])
    letters.append(["holm-1903", "Karl Holm asks", 1903, "person/holm-karl", "holm.txt"])
    book.save(folder / "data/records/03-more.xlsx")
    (folder / "data/records/holm.txt").write_text("Is it still for sale?\n")
    result = fonds(folder, "--to", "csv", "--into", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert {path.suffix for path in (tmp_path / "out/data").rglob("*.*") if path.is_file()} == {
        ".csv",
        ".txt",
        ".ttl",
    }
    assert "holm-karl" in (tmp_path / "out/data/authorities/persons.csv").read_text()
    assert all(
        b";" not in path.read_bytes().splitlines()[0]
        for path in (tmp_path / "out/data/records").glob("*.csv")
    )
    assert graph(tmp_path / "out") == graph(folder)


@pytest.mark.thorough
def test_what_csv_and_text_have_no_words_for_stays_tei_and_is_told_with_its_line(tmp_path: Path) -> None:
    begin_publication(tmp_path / "mine")
    (tmp_path / "mine/data/documents").mkdir()
    (tmp_path / "mine/data/documents/song.xml").write_text(
        '<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="song" xml:lang="en"><teiHeader><fileDesc><titleStmt><title>Song'
        "</title></titleStmt></fileDesc></teiHeader><text><body>\n<lg><l>La</l></lg></body></text></TEI>"
    )
    result = fonds(tmp_path / "mine", "--to", "csv", "--into", tmp_path / "out")
    assert result.exit_code == 0
    assert "data/documents/song.xml:2:1: <lg> as a block" in result.stderr
    assert "data/documents/song.xml: stays TEI (1 such places)" in result.stderr
    assert graph(tmp_path / "out") == graph(tmp_path / "mine")


def test_nothing_is_written_where_something_is_or_where_there_are_faults(tmp_path: Path) -> None:
    begin_publication(tmp_path / "mine")
    (tmp_path / "there").mkdir()
    result = fonds(tmp_path / "mine", "--to", "csv", "--into", tmp_path / "there")
    assert (result.exit_code, "is there already" in result.output) == (1, True)
    (tmp_path / "mine/data/authorities/persons.csv").write_text("key,label\nA,B\n")
    result = fonds(tmp_path / "mine", "--to", "csv", "--into", tmp_path / "out")
    assert result.exit_code == 1
    assert "persons.csv:2: key: found 'A'" in result.output
    assert {path.name for path in tmp_path.iterdir()} == {"mine", "there"}


def test_an_export_that_would_say_something_else_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_publication(tmp_path / "mine")
    rows = exporting._rows
    monkeypatch.setattr(exporting, "_rows", lambda sheet: rows(sheet)[:-1])
    result = fonds(tmp_path / "mine", "--to", "csv", "--into", tmp_path / "out")
    assert result.exit_code == 1
    assert "would hold other data than the publication, and was not written" in result.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("packed", ["", ".gz"])
@pytest.mark.parametrize(
    ("form", "format_"), [("trig", RdfFormat.TRIG), ("jsonld", RdfFormat.JSON_LD), ("ttl", RdfFormat.TURTLE)]
)
def test_a_file_of_rdf_holds_what_the_release_holds(
    form: str, format_: RdfFormat, packed: str, release: Release, tmp_path: Path
) -> None:
    target = tmp_path / f"all.{form}{packed}"
    result = fonds(release.folder, "--to", form, "--into", target)
    assert result.exit_code == 0, result.output
    content = gzip.decompress(target.read_bytes()) if packed else target.read_bytes()
    written = set(parse(content, format=format_))
    with gzip.open(release.dumps / "dataset.nq.gz") as dump:
        there = set(parse(dump.read(), format=RdfFormat.N_QUADS))
    if form == "ttl":
        with gzip.open(release.dumps / "public.nt.gz") as dump:
            there = {
                Quad(each.subject, each.predicate, each.object, Default())
                for each in parse(dump.read(), format=RdfFormat.N_TRIPLES)
            }
    assert written == there
    assert len(written) > 5000 or form == "ttl"
    assert fonds(release.folder, "--to", form, "--into", target).exit_code == 1


def test_without_a_release_there_is_no_rdf(tmp_path: Path) -> None:
    begin_publication(tmp_path / "mine")
    result = fonds(tmp_path / "mine", "--to", "ttl", "--into", tmp_path / "a.ttl")
    assert result.exit_code == 1
    assert not (tmp_path / "a.ttl").exists()


def test_a_publication_is_restored_from_its_folder_alone(tmp_path: Path) -> None:
    begin_publication(tmp_path / "mine")
    before = graph(tmp_path / "mine")
    shutil.copytree(tmp_path / "mine", tmp_path / "backup", ignore=shutil.ignore_patterns("releases"))
    shutil.rmtree(tmp_path / "mine")
    assert graph(tmp_path / "backup") == before


@pytest.mark.thorough
def test_the_lines_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    begin_publication(tmp_path / "my-archive")
    first = build_publication(tmp_path / "my-archive", jobs=1)
    lines = (ROOT / "docs/export.md").read_text().partition("```sh\n")[2].partition("```")[0].splitlines()
    assert len(lines) == 5
    for line in lines:
        result = CliRunner().invoke(main, line.split()[1:])
        assert result.exit_code == 0, (line, result.output)
        assert (tmp_path / line.split()[-1]).exists()
    shutil.copytree(tmp_path / "my-archive", tmp_path / "again", ignore=shutil.ignore_patterns("releases"))
    second = build_publication(tmp_path / "again", jobs=1)
    assert second.manifest.name.rpartition("-")[2] == first.manifest.name.rpartition("-")[2]


def test_what_leads_out_of_the_publication_is_not_taken_along(tmp_path: Path) -> None:
    begin_publication(tmp_path / "mine")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/key.md").write_text("# Secret\n")
    (tmp_path / "mine/pages/key.md").symlink_to(tmp_path / "secret/key.md")
    (tmp_path / "mine/templates").symlink_to(tmp_path / "secret")
    assert fonds(tmp_path / "mine", "--to", "csv", "--into", tmp_path / "out").exit_code == 0
    assert (tmp_path / "out/pages/about.md").is_file()
    assert not [path for path in (tmp_path / "out").rglob("*") if path.name in ("key.md", "templates")]


@pytest.mark.thorough
def test_a_table_of_records_may_be_called_like_one_of_authorities(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    begin_publication(folder)
    (folder / "data/records").mkdir()
    (folder / "data/records.csv").rename(folder / "data/records/works.csv")
    result = fonds(folder, "--to", "csv", "--into", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert graph(tmp_path / "out") == graph(folder)


@pytest.mark.thorough
def test_texts_beside_tables_of_several_folders_stay_apart_and_none_is_written_elsewhere(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "mine"
    begin_publication(folder)
    for name, text in (("a", "Words of a."), ("b", "Words of b."), ("c/d/e/f/g/h", "Words of c.")):
        (folder / "data/records" / name).mkdir(parents=True)
        beside = "../" * 8 + "far.txt" if "/" in name else "words.txt"
        (folder / "data/records" / name / beside).write_text(text)
        table = folder / "data/records" / name / "table.csv"
        table.write_text(f"key,title,text\nx-{name[0]},Title,{beside}\n")
    result = fonds(folder, "--to", "csv", "--into", tmp_path / "deep/out")
    assert result.exit_code == 0, result.output
    assert {each.name for each in tmp_path.iterdir()} == {"mine", "deep"}
    assert {each.name for each in (tmp_path / "deep").iterdir()} == {"out"}
    assert graph(tmp_path / "deep/out") == graph(folder)
