"""The command line: what it says, what it exits with, and that nothing is changed where there is a fault."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fonds.cli import main
from fonds.release.folder import open_release
from fonds.release.sources_state import sources_state

LETTER = """<?xml version="1.0" encoding="UTF-8"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="letter-1" xml:lang="de">
  <teiHeader><fileDesc>
    <titleStmt><title>Ein Brief</title><author ref="person:weiss">Anna Weiss</author></titleStmt>
    <publicationStmt><p>Made for a test.</p></publicationStmt><sourceDesc><p>Invented.</p></sourceDesc>
  </fileDesc></teiHeader>
  <text><body><p>Lieber <persName ref="person:holm">Karl</persName>!</p></body></text>
</TEI>
"""
PERSONS = "key,label,identified\nholm,Karl Holm,yes\nweiss,Anna Weiss,yes\n"
TURTLE = '<http://a.example/x> <http://www.w3.org/2000/01/rdf-schema#label> "X" .\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A publication of one letter."""
    place = tmp_path / "publication"
    (place / "data/documents").mkdir(parents=True)
    (place / "data/authorities").mkdir()
    (place / "fonds.toml").write_text('title = "Letters"\n')
    (place / "data/documents/letter.xml").write_text(LETTER)
    (place / "data/authorities/persons.csv").write_text(PERSONS)
    return place


def fonds(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def current(folder: Path) -> str:
    return str((folder / "releases/current").readlink())


def test_build_makes_a_release_and_says_where(folder: Path) -> None:
    result = fonds("build", folder, "--base", "https://a.example/")
    assert result.exit_code == 0, result.output
    release = open_release(folder)
    assert str(release.folder) in result.output
    assert (release.manifest.base, release.manifest.counts.records) == ("https://a.example/", 1)


@pytest.mark.thorough
def test_build_writes_new_identifiers_into_the_register_once(folder: Path) -> None:
    assert fonds("build", folder).exit_code == 0
    register = (folder / "data/register.csv").read_text()
    assert [line.split(",")[:2] for line in register.splitlines()[1:]] == [
        ["person", "holm"],
        ["person", "weiss"],
        ["record", "letter-1"],
    ]
    assert fonds("build", folder, "--force").exit_code == 0
    assert (folder / "data/register.csv").read_text() == register


def test_an_unchanged_publication_keeps_its_release(folder: Path) -> None:
    fonds("build", folder)
    before = current(folder)
    assert fonds("build", folder).exit_code == 0
    assert current(folder) == before
    assert fonds("build", folder, "--force").exit_code == 0
    assert current(folder) != before


def test_every_fault_of_settings_and_sources_is_told_in_one_run_and_the_release_stays(folder: Path) -> None:
    fonds("build", folder)
    before = current(folder)
    (folder / "fonds.toml").write_text('title = "Letters"\ntitel = "x"\n')
    (folder / "data/documents/broken.xml").write_text("<TEI><p></TEI>")
    (folder / "data/authorities/persons.csv").write_text(PERSONS + "late,Late,perhaps\n")
    (folder / "data/documents/letter.xml").write_text(LETTER.replace("person:holm", "person:hoim"))
    for command in ("build", "check"):
        result = fonds(command, folder)
        assert result.exit_code == 1
        for told in (
            "fonds.toml:2: unknown key titel; did you mean title?",
            "data/documents/broken.xml:1",
            "persons.csv:4: identified: found 'perhaps', expected yes or no",
            "data/documents/letter.xml:7:",
            'ref="person:hoim" is not in',
            "nothing was changed",
        ):
            assert told in result.output, (command, told, result.output)
    assert current(folder) == before


def test_what_violates_a_shape_stops_the_build_with_its_file_and_line(folder: Path) -> None:
    header = '<profileDesc><langUsage><language ident="de" ana="type:original"/></langUsage></profileDesc></teiHeader>'
    text = '<seg xml:id="s1" type="statement" subtype="claim" ana="fv:stance-neutral">Lieber</seg> '
    (folder / "data/documents/letter.xml").write_text(
        LETTER.replace("</teiHeader>", header).replace("Lieber ", text)
    )
    result = fonds("build", folder)
    assert result.exit_code == 1
    assert "data/documents/letter.xml:7" in result.output
    assert "shape StatementCore" in result.output
    assert not (folder / "releases/current").exists()


def test_check_lists_candidates_and_changes_nothing(folder: Path) -> None:
    rows = "thing,iri,ground,source,checked,accepted_by\nperson/holm,http://www.wikidata.org/entity/Q1,a guess,,,\n"
    (folder / "data/authorities/matches.csv").write_text(rows)
    before = sources_state(folder)
    result = fonds("check", folder)
    assert result.exit_code == 0, result.output
    assert "person/holm may be http://www.wikidata.org/entity/Q1 (a guess)" in result.output
    assert "No fault found." in result.output
    assert sources_state(folder) == before
    assert not (folder / "releases").exists()


def test_a_build_ends_with_what_there_is_and_where_its_report_is(folder: Path) -> None:
    result = fonds("build", folder)
    assert result.stdout.splitlines() == [str(open_release(folder).folder)]
    assert (
        "1 record, 1 of them without a date; 2 authorities; 1 mention of what is known here" in result.stderr
    )
    assert "0 faults, 0 warnings, 0 to decide, 0 not understood." in result.stderr
    page = Path(result.stderr.splitlines()[-1].removeprefix("The report: "))
    assert page == (folder / "releases/report.html").resolve()
    assert "Letters" in page.read_text("utf-8")


def test_a_build_that_fails_says_where_its_report_is(folder: Path) -> None:
    (folder / "data/authorities/persons.csv").write_text("key,label\n")
    result = fonds("build", folder)
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == f"The report: {folder / 'releases/report.html'}"


def test_check_gives_the_report_as_a_value_and_as_a_page(folder: Path) -> None:
    as_value = fonds("check", folder, "--format", "json")
    assert as_value.exit_code == 0
    assert json.loads(as_value.stdout)["records"]["number"] == 1
    assert fonds("check", folder, "--format", "html").stdout.startswith("<!doctype html>")
    (folder / "data/authorities/persons.csv").write_text("key,label\n")
    faulty = fonds("check", folder, "--format", "json")
    assert faulty.exit_code == 1
    assert json.loads(faulty.stdout)["faults"] == 2
    assert "2 faults; nothing was changed." in faulty.stderr


@pytest.mark.thorough
def test_verify_names_what_was_changed(folder: Path) -> None:
    fonds("build", folder)
    assert fonds("verify", folder).exit_code == 0
    dump = open_release(folder).dumps / "public.nt.gz"
    content = dump.read_bytes()
    dump.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    result = fonds("verify", folder)
    assert result.exit_code == 1
    assert "dumps/public.nt.gz" in result.output


def test_rdf_files_are_built_too(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(TURTLE)
    result = fonds("build", tmp_path / "a.ttl", "--into", tmp_path / "releases")
    assert result.exit_code == 0, result.output
    assert open_release(tmp_path / "releases").manifest.kind == "dataset"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("build", "nowhere"), "no such file or folder"),
        (("build", "empty.txt"), "neither a publication (no fonds.toml)"),
        (("build", "publication", "--union"), "--union is for RDF files"),
        (("serve", "publication", "--union", "--watch"), "--union is for RDF files"),
        (
            ("serve", "publication/releases", "--base", "https://b.example/"),
            "A release is served as it was built",
        ),
        (("verify", "empty"), "release"),
    ],
)
def test_a_wrong_command_says_what_is_wrong(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], told: str
) -> None:
    if "publication/releases" in arguments:
        fonds("build", folder)
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    result = fonds(*arguments)
    assert result.exit_code in (1, 2)
    assert told in result.output
    assert "Traceback" not in result.output


def test_the_command_starts_without_loading_what_only_a_build_needs() -> None:
    code = "import sys, fonds.cli; print([m for m in sys.modules if m.split('.')[0] in ('rdflib', 'lxml', 'flask', 'SPARQLWrapper')])"
    import subprocess

    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_touching_a_source_is_noticed_and_only_that(folder: Path) -> None:
    before = sources_state(folder)
    assert sources_state(folder) == before
    (folder / "releases").mkdir()
    (folder / "notes.txt").write_text("not a source")
    assert sources_state(folder) == before
    os.utime(folder / "data/documents/letter.xml", ns=(1, 1))
    assert sources_state(folder) != before


def test_parts_are_made_and_merged_to_the_digest_of_the_whole(folder: Path, tmp_path: Path) -> None:
    for part in ("1/2", "2/2"):
        made = fonds("build", folder, "--part", part, "--into", tmp_path / "parts", "--jobs", "1")
        assert made.exit_code == 0, made.output
    assert not (folder / "releases").exists()
    parts = sorted((tmp_path / "parts").iterdir())
    assert [each.name for each in parts] == ["part-1-of-2", "part-2-of-2"]
    merged = fonds("merge", *parts, "--publication", folder)
    assert merged.exit_code == 0, merged.output
    assert "Files that no part had, read here: 0" in merged.output
    digest = open_release(folder).manifest.digest
    assert fonds("build", folder, "--force", "--fresh").exit_code == 0
    assert open_release(folder).manifest.digest == digest


@pytest.mark.parametrize(
    ("options", "said", "status"),
    [
        (["--part", "3/2"], "'3/2' is no part; expected a number and how many there are", 1),
        (["--part", "1/2", "--force"], "--part publishes nothing", 2),
        (["--jobs", "0"], "0 is not in the range", 2),
    ],
)
def test_a_part_or_a_number_of_processes_that_makes_no_sense_is_refused(
    folder: Path, options: list[str], said: str, status: int
) -> None:
    refused = fonds("build", folder, *options)
    assert (refused.exit_code, said in refused.output) == (status, True)
    assert not (folder / "releases").exists()


def test_options_of_publications_are_refused_for_rdf(tmp_path: Path) -> None:
    (tmp_path / "x.ttl").write_text(TURTLE)
    for option in (["--fresh"], ["--part", "1/2"], ["--jobs", "2"]):
        refused = fonds("build", tmp_path / "x.ttl", *option)
        assert refused.exit_code == 2
        assert "are for publications" in refused.output
