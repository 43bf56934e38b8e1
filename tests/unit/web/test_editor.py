"""The editor's files and what it completes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fonds.web import yasqe
from tests.unit.web.conftest import Ask


def terms(ask: Ask) -> dict[str, list[list[str]]]:
    reply = ask("/sparql-terms.js")
    assert (reply.status, reply.headers["content-type"]) == (200, "text/javascript;charset=utf-8")
    assert reply.text.startswith("export default ")
    found: dict[str, list[list[str]]] = json.loads(reply.text.removeprefix("export default ").rstrip(";\n"))
    return found


def test_what_is_completed_is_what_the_data_have(ask_publication: Ask) -> None:
    found = terms(ask_publication)
    assert ["crm:E21_Person", "Person"] in found["classes"]
    assert ["rdfs:label", "label"] in found["properties"]
    assert found["prefixes"]["crm"] == "http://www.cidoc-crm.org/cidoc-crm/"


def test_of_each_class_the_properties_of_its_things_are_known(ask_publication: Ask) -> None:
    found = terms(ask_publication)
    assert len(found["of"]) == len(found["classes"])
    names = [name for name, _ in found["properties"]]
    place = ["crm:E21_Person", "Person"]
    of_persons = [names[each] for each in found["of"][found["classes"].index(place)]]  # type: ignore[index]
    assert "crm:P1_is_identified_by" in of_persons
    assert "crm:P82a_begin_of_the_begin" in names
    assert "crm:P82a_begin_of_the_begin" not in of_persons


def test_a_term_without_a_prefix_is_completed_as_it_is(ask: Ask) -> None:
    assert "<https://elsewhere.example/Person>" in {name for name, _ in terms(ask)["classes"]}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(yasqe.resources, "files", lambda _: tmp_path)
    folder = tmp_path.joinpath("node_modules", "@triply", "yasqe", "build")
    folder.mkdir(parents=True)
    return folder


def test_without_npm_there_is_no_editor(folder: Path) -> None:
    assert yasqe.editor_files() == {}
    (folder / "yasqe.min.js").write_text("//")
    assert yasqe.editor_files() == {}


def test_files_that_are_not_the_known_ones_are_not_loaded(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("yasqe.min.js", "yasqe.min.css"):
        (folder / name).write_text("alert(1)")
    assert yasqe.editor_files() == {}
    assert "is not the file of the version that fonds knows" in caplog.text
