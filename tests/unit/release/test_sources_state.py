"""What is noted of the sources of a release: what was saved while it was built is not taken for a part of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fonds.release.publication import build_publication
from fonds.release.sources_state import noted_sources, sources_state

BASE = "https://archive.example/"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "fonds.toml").write_text(f'base = "{BASE}"\n', encoding="utf-8")
    (tmp_path / "data/records.csv").write_text("key,title\na,A letter\n", encoding="utf-8")
    return tmp_path


def test_a_build_that_writes_into_the_register_leaves_nothing_to_build(folder: Path) -> None:
    before = sources_state(folder)
    release = build_publication(folder)
    assert sources_state(folder) != before
    assert noted_sources(folder / "releases", release.manifest.name) == sources_state(folder)


def test_what_was_saved_during_a_build_is_left_to_build(folder: Path) -> None:
    before = sources_state(folder)
    saved: list[str] = []

    def progress(stage: str, done: int, total: int | None) -> None:
        if stage == "loading" and not saved:
            saved.append(stage)
            (folder / "data/records.csv").write_text("key,title\na,Another letter\n", encoding="utf-8")

    release = build_publication(folder, progress=progress)
    assert saved
    assert noted_sources(folder / "releases", release.manifest.name) == before != sources_state(folder)
