"""A release of the second publication, built once, and its default graph to ask."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Store

from fonds.identifiers import IriSpace
from fonds.release.folder import Release
from fonds.release.publication import build_publication
from fonds.vocabulary import PREFIXES

BASE = "https://altwasser.example/"
SECOND = Path(__file__).parent

Ask = Callable[[str], list[tuple[str, ...]]]


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
    """Return a function that asks the store and gives each row, IRIs without the base, unbound as ``-``."""
    store = Store.read_only(str(second.store))
    prefixes = {**PREFIXES, **IriSpace(BASE).prefixes}

    def rows(query: str) -> list[tuple[str, ...]]:
        found = store.query(query, prefixes=prefixes)
        return [tuple(_short(term) for term in row) for row in found]  # type: ignore[union-attr]

    return rows


def _short(term: NamedNode | Literal | None) -> str:
    if term is None:
        return "-"
    if isinstance(term, Literal):
        return f"{term.value}@{term.language}" if term.language else term.value
    short = term.value.removeprefix(f"{BASE}id/").removeprefix(BASE)
    return short.replace(PREFIXES["fv"], "fv:").replace(PREFIXES["crm"], "crm:")
