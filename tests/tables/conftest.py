"""A release of the publication of tables, built once, and its default graph to ask."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from pyoxigraph import Literal, NamedNode, Store

from fonds.identifiers import IriSpace
from fonds.release.folder import Release
from fonds.release.publication import build_publication
from fonds.vocabulary import PREFIXES

BASE = "https://mill.example/"
HERE = Path(__file__).parent

Ask = Callable[[str], list[tuple[str, ...]]]


@pytest.fixture(scope="session")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the publication, with its workbook: a build writes into the register."""
    folder = tmp_path_factory.mktemp("tables") / "publication"
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Accounts"
    with (folder / "accounts.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            sheet.append([int(cell) if cell.isdecimal() else cell for cell in row])
    book.save(folder / "data/records/03-accounts.xlsx")
    return folder


@pytest.fixture(scope="session")
def tables(copied: Path, tmp_path_factory: pytest.TempPathFactory) -> Release:
    return build_publication(copied, into=tmp_path_factory.mktemp("tables-releases"))


@pytest.fixture(scope="session")
def ask(tables: Release) -> Ask:
    """Return a function that asks the store and gives each row, IRIs without the base, unbound as ``-``."""
    store = Store.read_only(str(tables.store))
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
    return term.value.removeprefix(f"{BASE}id/").removeprefix(BASE).replace(PREFIXES["crm"], "crm:")
