"""A release of the publication of tables, built once, and its default graph to ask."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import openpyxl
import pytest

from fonds.release.folder import Release
from fonds.release.publication import build_publication
from tests.asked import Ask, asking

BASE = "https://mill.example/"
HERE = Path(__file__).parent


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
    return asking(tables)
