"""The table of identifiers elsewhere, ``data/authorities/matches.csv``, as the program writes into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from fonds.model import Reference
from fonds.sources.raw_rows import put_row, rows_in, take_rows
from fonds.sources.tables import MATCH_COLUMNS

TABLE = "data/authorities/matches.csv"


def match_rows(folder: Path) -> list[dict[str, str]]:
    """Return the rows of the table: accepted identifiers, rejected ones and candidates."""
    return rows_in(folder / TABLE)


def put_match(folder: Path, cells: Mapping[str, str]) -> None:
    """Write a row into the table, in the place of what stands there of the same thing and the same identifier."""
    columns = [each for each in MATCH_COLUMNS if each != "rejected_by" or cells.get(each)]
    put_row(folder / TABLE, columns, cells, _is_about(cells["thing"], cells["iri"]))


def take_match(folder: Path, thing: Reference, iri: str) -> None:
    """Take the row of a thing and an identifier out of the table."""
    take_rows(folder / TABLE, _is_about(str(thing), iri))


def _is_about(thing: str, iri: str) -> Callable[[Mapping[str, str]], bool]:
    return lambda cells: (cells.get("thing"), cells.get("iri")) == (thing, iri)
