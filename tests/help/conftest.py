"""Sites of several kinds whose help is read as a visitor reads it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from fonds.beginning import begin_publication
from tests.conftest import Site, serving

TESTS = Path(__file__).parents[1]
Served = Callable[[str], Site]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return a site by name: ``new``, a folder of ``tests`` that is a publication, or a file of RDF; started when it is asked for."""
    with ExitStack() as running:

        @cache
        def serve(name: str) -> Site:
            folder = tmp_path_factory.mktemp("help")
            return running.enter_context(
                serving(_source(name, folder / "source"), "--into", folder / "releases")
            )

        yield serve


def _source(name: str, folder: Path) -> Path:
    """Return what is served: a copy of a publication, whose identifiers stand where it is served, or a file."""
    if name.endswith(".ttl"):
        return TESTS / "datasets" / name
    if name == "new":
        begin_publication(folder)
        return folder
    shutil.copytree(TESTS / name, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    settings = folder / "fonds.toml"
    without_base = re.sub(r"(?m)^base = .*$", "", settings.read_text(encoding="utf-8"))
    settings.write_text(without_base, encoding="utf-8")
    return folder
