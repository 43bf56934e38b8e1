"""A release of the second publication, built once, and its default graph to ask."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fonds.release.folder import Release
from fonds.release.publication import build_publication
from tests.asked import Ask, asking

BASE = "https://altwasser.example/"
SECOND = Path(__file__).parent


@pytest.fixture(scope="session")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Return a function that copies the publication: a build writes into the register."""

    def copy() -> Path:
        folder = tmp_path_factory.mktemp("second") / "publication"
        shutil.copytree(SECOND, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        return folder

    return copy


@pytest.fixture(scope="session")
def second(copied: Callable[[], Path], tmp_path_factory: pytest.TempPathFactory) -> Release:
    return build_publication(copied(), into=tmp_path_factory.mktemp("second-releases"))


@pytest.fixture(scope="session")
def ask(second: Release) -> Ask:
    return asking(second)
