"""The table of identifiers elsewhere, ``data/authorities/matches.csv``, as the program writes into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from fonds.model import Reference
from fonds.sources.raw_rows import put_rows, rows_in, take_rows
from fonds.sources.tables import MATCH_COLUMNS, REJECTED_BY

TABLE = "data/authorities/matches.csv"


def match_rows(folder: Path) -> list[dict[str, str]]:
    """Return the rows of the table: accepted identifiers, rejected ones and candidates."""
    return rows_in(folder / TABLE)


def match_row(folder: Path, thing: Reference, iri: str) -> Mapping[str, str]:
    """Return the row of a thing and an identifier; empty where there is none."""
    it = (str(thing), iri)
    return next((row for row in match_rows(folder) if pair_of(row) == it), {})


def put_matches(folder: Path, new: Sequence[Mapping[str, str]]) -> None:
    """Write rows into the table, each in the place of what stands there of the same thing and the same identifier."""
    columns = [each for each in MATCH_COLUMNS if each != REJECTED_BY or any(cells.get(each) for cells in new)]
    put_rows(folder / TABLE, columns, new, pair_of)


def take_match(folder: Path, thing: Reference, iri: str) -> None:
    """Take the row of a thing and an identifier out of the table."""
    take_rows(folder / TABLE, (str(thing), iri), pair_of)


def pair_of(cells: Mapping[str, str]) -> tuple[str, str]:
    """Return the thing and the identifier that a row is about."""
    return cells.get("thing", ""), cells.get("iri", "")
