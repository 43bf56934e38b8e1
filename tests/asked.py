"""Rows of a release's default graph, as short as a test wants to read them."""

from __future__ import annotations

from collections.abc import Callable

from pyoxigraph import Literal, NamedNode, Store

from fonds.identifiers import IriSpace
from fonds.release.folder import Release
from fonds.vocabulary import PREFIXES

Ask = Callable[[str], list[tuple[str, ...]]]


def asking(release: Release) -> Ask:
    """Return a function that asks the store and gives each row, IRIs without the base, unbound as ``-``."""
    store, base = Store.read_only(str(release.store)), release.manifest.base
    prefixes = {**PREFIXES, **IriSpace(base).prefixes}

    def rows(query: str) -> list[tuple[str, ...]]:
        found = store.query(query, prefixes=prefixes)
        return [tuple(_short(term, base) for term in row) for row in found]  # type: ignore[union-attr]

    return rows


def _short(term: NamedNode | Literal | None, base: str) -> str:
    if term is None:
        return "-"
    if isinstance(term, Literal):
        return f"{term.value}@{term.language}" if term.language else term.value
    short = term.value.removeprefix(f"{base}id/").removeprefix(base)
    return short.replace(PREFIXES["fv"], "fv:").replace(PREFIXES["crm"], "crm:")
