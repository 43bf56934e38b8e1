"""A publication that shows itself in every way there is, built once and served."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fonds.release.folder import Release
from fonds.release.publication import build_publication
from tests.conftest import serving

HERE = Path(__file__).parent
SECOND = HERE.parent / "second"


def laid_over(folder: Path) -> Path:
    """Copy the second publication with everything of this one over it; return where."""
    shutil.copytree(SECOND, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__", "README.md"))
    return Path(shutil.copytree(HERE / "publication", folder, dirs_exist_ok=True))


@pytest.fixture
def publication_of_its_own(tmp_path: Path) -> Path:
    return laid_over(tmp_path / "publication")


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("shown")
    return build_publication(laid_over(folder / "publication"), into=folder / "releases")


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The same data and no looks of their own."""
    folder = tmp_path_factory.mktemp("plain")
    publication = laid_over(folder / "publication")
    for name in ("site", "pages", "templates"):
        shutil.rmtree(publication / name)
    settings = publication / "fonds.toml"
    settings.write_text(settings.read_text(encoding="utf-8").partition("[site]")[0], encoding="utf-8")
    return build_publication(publication, into=folder / "releases")


@pytest.fixture(scope="session")
def shown_site(shown: Release) -> Iterator[Any]:
    with serving(shown.folder, base="https://altwasser.example/") as running:
        yield running
