"""The report is written whatever comes of a build, and changes nothing of the release."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fonds.errors import BuildError
from fonds.release.build_report import Outcome
from fonds.release.folder import Release, open_release
from fonds.release.publication import build_publication, check_publication
from fonds.release.verify import verify
from tests.conftest import Site
from tests.unit.release.test_collections import BASE, publication


def value(folder: Path) -> dict:
    return json.loads((folder / "report.json").read_text("utf-8"))


def test_a_release_has_its_report_and_so_has_the_folder_of_releases(tmp_path: Path) -> None:
    folder = publication(tmp_path)
    reports = []
    release = build_publication(folder, base=BASE, told=reports.append)
    assert {"report.json", "report.html"} <= release.manifest.files.keys()
    assert verify(release, second_reader=False) == []
    assert value(release.folder) == value(folder / "releases")
    assert value(release.folder)["records"]["number"] == reports[0].records.number == 9
    assert 'href="report.ttl"' in (release.folder / "report.html").read_text("utf-8")
    beside = (folder / "releases/report.html").read_text("utf-8")
    assert f'href="{release.manifest.name}/report.ttl"' in beside


@pytest.mark.thorough
def test_the_same_sources_give_the_same_report(tmp_path: Path) -> None:
    first, second = (build_publication(publication(tmp_path / name), base=BASE) for name in ("one", "other"))
    for name in ("report.json", "report.html"):
        assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes()


def test_a_warning_that_changes_nothing_that_is_published_makes_no_new_release_but_a_new_report(
    tmp_path: Path,
) -> None:
    (tmp_path / "fonds.toml").write_text('inference = "none"\n')
    table = tmp_path / "data/records.csv"
    table.parent.mkdir()
    table.write_text("key,title\na,A letter\n")
    before = build_publication(tmp_path, base=BASE)
    table.write_text("key,title,publicationStatus\na,A letter,Draft\n")
    after = build_publication(tmp_path, base=BASE)
    assert (after.folder, after.manifest.digest) == (before.folder, before.manifest.digest)
    assert value(before.folder)["warnings"] == 0
    assert [each["message"] for each in value(tmp_path / "releases")["told"]] == [
        "publicationStatus: is not published: Draft"
    ]


def test_a_build_that_fails_writes_its_report_and_leaves_the_release(tmp_path: Path) -> None:
    folder = publication(tmp_path)
    release = build_publication(folder, base=BASE)
    kept = (release.folder / "report.html").read_bytes()
    (folder / "data/authorities").mkdir()
    (folder / "data/authorities/persons.csv").write_text("key,label\njo,\n")
    with pytest.raises(BuildError) as failure:
        build_publication(folder, base=BASE)
    assert failure.value.report == folder / "releases/report.html"
    told = value(folder / "releases")
    assert (told["outcome"], told["faults"], told["records"]["number"]) == ("failed", 1, 9)
    assert told["told"][0]["path"] == "data/authorities/persons.csv"
    assert "The build failed" in (folder / "releases/report.html").read_text("utf-8")
    assert open_release(folder).folder == release.folder
    assert (release.folder / "report.html").read_bytes() == kept


def test_a_first_build_that_fails_at_a_shape_reports_it_once(tmp_path: Path) -> None:
    (tmp_path / "fonds.toml").write_text("")
    (tmp_path / "data/authorities").mkdir(parents=True)
    (tmp_path / "data/authorities/matches.csv").write_text(
        "thing,iri,ground,source,checked,accepted_by\n"
        "person/jo,http://www.wikidata.org/entity/Q1,x,y,2026-01-01,M\n"
        "person/al,http://www.wikidata.org/entity/Q1,x,y,2026-01-01,M\n"
    )
    (tmp_path / "data/authorities/persons.csv").write_text("key,label\njo,Jo\nal,Al\n")
    with pytest.raises(BuildError) as failure:
        build_publication(tmp_path, base=BASE)
    told = value(tmp_path / "releases")
    assert {each["kind"] for each in told["told"]} == {"MatchSourced"}
    assert told["faults"] == len(failure.value.faults) == len(told["told"])
    assert not (tmp_path / "releases/current").exists()


def test_what_only_the_whole_store_shows_stays_in_the_report_of_an_unchanged_publication(
    tmp_path: Path,
) -> None:
    folder = publication(tmp_path)
    rules = folder / "ontology/shapes/store"
    rules.mkdir(parents=True)
    (rules / "every-record.rq").write_text(
        "# shape: MatchSourced\n# message: is a record of a volume\n"
        f"SELECT ?focus WHERE {{ VALUES ?focus {{ <{BASE}id/record/volume-7-d1> }} ?focus ?p ?o }}\n"
    )
    release = build_publication(folder, base=BASE)
    found = [each for each in value(release.folder)["told"] if each["kind"] == "MatchSourced"]
    assert [each["about"] for each in found] == [f"{BASE}id/record/volume-7-d1"]
    assert build_publication(folder, base=BASE).folder == release.folder
    assert value(folder / "releases") == value(release.folder)


def test_where_the_report_cannot_be_written_beside_the_releases_nothing_else_is_lost(tmp_path: Path) -> None:
    folder = publication(tmp_path)
    (folder / "releases/report.json").mkdir(parents=True)
    stages: list[str] = []
    release = build_publication(folder, base=BASE, progress=lambda stage, done, total: stages.append(stage))
    assert value(release.folder)["outcome"] == "built"
    assert [each for each in stages if each.startswith("The report of this build, not written")] != []
    (folder / "data/authorities").mkdir()
    (folder / "data/authorities/persons.csv").write_text("key,label\njo,\n")
    with pytest.raises(BuildError, match="has no label") as failure:
        build_publication(folder, base=BASE)
    assert failure.value.report is None
    assert not list((folder / "releases").glob(".report*"))


def test_nobody_is_served_the_report(release: Release, site: Site) -> None:
    assert (release.folder / "report.json").exists()
    for path in ("report.json", "releases/report.json", "dumps/report.html"):
        assert site.get(path).status == 404
    # The page of this name is that of the shapes' report, a part of the page on the dataset.
    page = site.get("report.html")
    assert (page.status, page.headers["location"]) == (303, "dataset#checked")


def test_a_check_finds_what_a_build_finds_and_writes_nothing(tmp_path: Path) -> None:
    folder = publication(tmp_path)
    checked = check_publication(folder)
    assert checked.outcome is Outcome.CHECKED
    assert not (folder / "releases").exists()
    build_publication(folder)
    built = value(folder / "releases")
    assert (checked.warnings, checked.records.number) == (built["warnings"], built["records"]["number"])
