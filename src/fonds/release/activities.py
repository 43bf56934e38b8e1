"""Writes what became of things from release to release: created, changed, given up, in the order in which it was published.

Releases never change, so what differs between two of them is a fact. A release holds all that happened up to it, in files of a
thousand lines; one that is full never changes again, and the releases behind share it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import groupby
from pathlib import Path

import msgspec
from pyoxigraph import NamedNode, RdfFormat, parse

from fonds.identifiers import IriSpace
from fonds.mapping.description import GraphKind
from fonds.release.folder import Release, graphs_of
from fonds.release.fragments import Fragments
from fonds.release.happened import ACTIVITIES, PAGE_LINES, Activity, file_of, pages_of, read_page
from fonds.release.staging import share
from fonds.vocabulary import DCTERMS

_NOBODYS = frozenset({GraphKind.META, GraphKind.PROVENANCE, GraphKind.SAID})
"""Kinds of graph whose change is no thing's: they follow from others, or are not public."""
_WAS, _IS = 1, 2

Row = tuple[str, str]
"""The IRI of a graph, and its hash."""


def write_activities(
    folder: Path, fragments: Fragments, before: Release | None, issued: datetime.datetime, base: str
) -> None:
    """Write what happened up to a release into its folder.

    Memory holds a number for each thing that changed.

    Args:
        folder: Of the release.
        fragments: Its graphs, written out.
        before: The release that was issued before; None: there was none.
        issued: The moment of issue, UTC.
        base: Under which its identifiers stand: where another one did before, nothing of it is known.
    """
    if before is not None and before.manifest.base != base:
        before = None
    iris = IriSpace(base)
    changed = _changed(before, fragments, iris)
    was = {it for name, _ in _rows_before(before) if (it := thing_of_graph(name, iris)) in changed}
    is_ = {it for name, _ in _rows_now(fragments) if (it := thing_of_graph(name, iris)) in changed}
    moved = _moved(fragments, iris) if was - is_ else {}
    end = f"{issued:%Y-%m-%dT%H:%M:%SZ}"
    _append(folder / ACTIVITIES, before, (_activity(it, end, was, is_, moved) for it in sorted(changed)))


def thing_of_graph(name: str, iris: IriSpace) -> str:
    """Return what a graph is about, without the base: a thing where it is one of a thing's graphs, else the graph itself.

    >>> thing_of_graph("https://a.example/graph/record/letter/text", IriSpace("https://a.example/"))
    'id/record/letter'
    >>> thing_of_graph("https://a.example/graph/vocab/role", IriSpace("https://a.example/"))
    'graph/vocab/role'
    """
    path = iris.path(name)
    match path.split("/") if path else []:
        case ["graph", "record" | "curation", key, *_]:
            return f"id/record/{key}"
        case ["graph", "authority", kind, key]:
            return f"id/{kind}/{key}"
        case _:
            return path or name


def _activity(it: str, end: str, was: set[str], is_: set[str], moved: dict[str, str]) -> Activity:
    if it not in was:
        return Activity("Create", it, end)
    if it in is_:
        return Activity("Update", it, end)
    if it in moved:
        return Activity("Move", it, end, moved[it])
    return Activity("Delete", it, end)


def _changed(before: Release | None, fragments: Fragments, iris: IriSpace) -> set[str]:
    """Return the things of which a graph is new, another one, or gone."""
    sides = merge(
        ((name, _WAS, sha256) for name, sha256 in _rows_before(before)),
        ((name, _IS, sha256) for name, sha256 in _rows_now(fragments)),
    )
    changed = set()
    for name, rows in groupby(sides, key=lambda row: row[0]):
        hashes = [sha256 for _, _, sha256 in rows]
        if len(hashes) == 1 or hashes[0] != hashes[1]:
            changed.add(thing_of_graph(name, iris))
    return changed


def _rows_before(before: Release | None) -> Iterator[Row]:
    if before is not None:
        rows = graphs_of(before)
        yield from ((each.name, each.sha256) for each in rows if _counts(each.kind, public=each.public))


def _rows_now(fragments: Fragments) -> Iterator[Row]:
    return ((each.name, each.sha256) for each in fragments if _counts(each.kind, public=each.public))


def _counts(kind: str, *, public: bool) -> bool:
    return kind not in _NOBODYS and (public or kind == GraphKind.DATA)


def _moved(fragments: Fragments, iris: IriSpace) -> dict[str, str]:
    """Return what the register says took the place of a thing, where that is one other."""
    name = iris.graph("register").value
    if name not in fragments.by_name:
        return {}
    lines = b"".join(fragments.lines(fragments.by_name[name]))
    found: dict[str, set[str]] = {}
    for quad in parse(lines, format=RdfFormat.N_QUADS):
        one, other = quad.subject, quad.object
        if (
            quad.predicate == DCTERMS.isReplacedBy
            and isinstance(one, NamedNode)
            and isinstance(other, NamedNode)
        ):
            found.setdefault(iris.path(one.value) or one.value, set()).add(
                iris.path(other.value) or other.value
            )
    return {one: others.pop() for one, others in found.items() if len(others) == 1}


def _append(target: Path, before: Release | None, new: Iterable[Activity]) -> None:
    """Write the pages: those of the release before, and what is new behind them."""
    target.mkdir()
    lines: list[Activity] = []
    page = 0
    if before is not None and (pages := pages_of(before)):
        page = pages - 1
        for number in range(page):
            share(before.folder / ACTIVITIES / file_of(number), target / file_of(number))
        lines.extend(read_page(before.folder, page))
    for each in new:
        if len(lines) == PAGE_LINES:
            _write(target, page, lines)
            page, lines = page + 1, []
        lines.append(each)
    if lines:
        _write(target, page, lines)


def _write(target: Path, page: int, lines: list[Activity]) -> None:
    (target / file_of(page)).write_bytes(msgspec.json.Encoder().encode_lines(lines))
