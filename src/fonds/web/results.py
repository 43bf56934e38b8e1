"""The beginning of a query's result, as a page shows it."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from fonds.errors import StoreError
from fonds.store import Term
from fonds.web.site import Site
from fonds.web.values import Value, show


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a SELECT.

    Attributes:
        variables: Names of the columns.
        rows: Values by column; None where a variable is unbound.
        cut: Whether there are more rows than these.
    """

    variables: tuple[str, ...]
    rows: tuple[tuple[Value | None, ...], ...]
    cut: bool


def read_table(site: Site, tsv: bytes, *, complete: bool, rows: int) -> Table:
    """Return the rows of a result in TSV (SPARQL 1.1 Query Results CSV and TSV Formats 4).

    Args:
        site: For the addresses of what the rows name.
        tsv: The result, or its beginning.
        complete: Whether it is the whole result; else its last line may be torn and is left out.
        rows: Most rows to return.
    """
    lines = tsv.decode("utf-8", "replace").split("\n")
    if not complete or lines[-1] == "":
        lines.pop()
    if not lines:
        return Table((), (), cut=not complete)
    variables = tuple(name.lstrip("?$") for name in lines[0].rstrip("\r").split("\t")) if lines[0] else ()
    cells = [line.rstrip("\r").split("\t") for line in lines[1 : rows + 1]]
    terms = _read_terms(cells)
    shown = tuple(
        tuple(_shown(site, terms.get((row, column))) for column in range(len(variables)))
        for row in range(len(cells))
    )
    return Table(variables, shown, cut=not complete or len(lines) - 1 > rows)


def _shown(site: Site, term: Term | None) -> Value | None:
    return None if term is None else show(site, term)


_ROW = "urn:fonds:row:"
_COLUMN = "urn:fonds:column:"


def _read_terms(cells: list[list[str]]) -> dict[tuple[int, int], Term]:
    """Return the terms by row and column; TSV writes terms as Turtle does, so the engine's own parser reads them."""
    turtle = "\n".join(
        f"<{_ROW}{row}> <{_COLUMN}{column}> {cell} ."
        for row, line in enumerate(cells)
        for column, cell in enumerate(line)
        if cell
    )
    terms: dict[tuple[int, int], Term] = {}
    try:
        for quad in parse(turtle, format=RdfFormat.TURTLE, lenient=True):
            row, column = quad.subject, quad.predicate
            if isinstance(row, NamedNode) and not isinstance(quad.object, Triple):
                place = int(row.value.removeprefix(_ROW)), int(column.value.removeprefix(_COLUMN))
                terms[place] = quad.object
    except SyntaxError as error:
        raise StoreError(f"The store's answer cannot be read: {error}.") from error
    return terms


class _Truth(msgspec.Struct):
    boolean: bool


def read_truth(json: bytes) -> bool:
    """Return the answer to an ASK query."""
    return msgspec.json.decode(json, type=_Truth).boolean
