"""Writes what became of things from release to release: created, changed, given up, in the order in which it was published.

Releases never change, so what differs between two of them is a fact. A release holds all that happened up to it, in files of a
thousand lines; one that is full never changes again, and the releases behind share it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec
from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from fonds.identifiers import IriSpace
from fonds.mapping.description import GraphKind
from fonds.release.folder import Graph, Release, graphs_of, side_by_side
from fonds.release.fragments import Fragment, Fragments
from fonds.release.happened import ACTIVITIES, PAGE_LINES, Activity, file_of, pages_of, read_page
from fonds.release.staging import share
from fonds.vocabulary import DCTERMS

_NOBODYS = frozenset({GraphKind.META, GraphKind.PROVENANCE, GraphKind.SAID})
"""Kinds of graph whose change is no thing's: they follow from others, or are not public."""


_Fate = Literal["Create", "Update", "Delete"]


def write_activities(
    folder: Path, fragments: Fragments, before: Release | None, moment: datetime.datetime, base: str
) -> list[Activity]:
    """Write what happened up to a release into its folder, and return what happened in it.

    Memory holds a number for each thing that changed.

    Args:
        folder: Of the release.
        fragments: Its graphs, written out.
        before: The release that was issued before; None: there was none.
        moment: When it can be had, UTC; where what happened before was later, a second after that.
        base: Under which its identifiers stand: where another one did before, nothing of it is known, nor
            where the release before does not say what happened.
    """
    before = goes_on(before, base)
    iris = IriSpace(base)
    fates = _fates(before, fragments, iris)
    moved = _moved(fragments, iris) if "Delete" in fates.values() else {}
    end = f"{_behind(before, moment):%Y-%m-%dT%H:%M:%SZ}"
    new = [_activity(it, fates[it], end, moved) for it in sorted(fates)]
    _append(folder / ACTIVITIES, before, new)
    return new


def _behind(before: Release | None, moment: datetime.datetime) -> datetime.datetime:
    """Return a moment that is later than all that happened before: the clock may have been set back."""
    if before is None:
        return moment
    last = read_page(before.folder, pages_of(before) - 1)[-1]
    return max(moment, datetime.datetime.fromisoformat(last.end) + datetime.timedelta(seconds=1))


def goes_on(before: Release | None, base: str) -> Release | None:
    """Return a release if what happened after it goes on from it: under the same base, and it says what happened up to it."""
    return before if before and before.manifest.base == base and pages_of(before) else None


def thing_of_graph(name: str, iris: IriSpace) -> tuple[str, bool]:
    """Return what a graph is about, without the base, and whether that is there as long as the graph is.

    It is a thing where the graph is one of a thing's graphs, of which one is there as long as the thing; else the graph itself.

    >>> thing_of_graph("https://a.example/graph/record/letter/text", IriSpace("https://a.example/"))
    ('id/record/letter', False)
    >>> thing_of_graph("https://a.example/graph/vocab/role", IriSpace("https://a.example/"))
    ('graph/vocab/role', True)
    """
    path = iris.path(name)
    match path.split("/") if path else []:
        case ["graph", "record", key]:
            return f"id/record/{key}", True
        case ["graph", "record" | "curation", key, *_]:
            return f"id/record/{key}", False
        case ["graph", "authority", kind, key]:
            return f"id/{kind}/{key}", True
        case _:
            return path or name, True


def _activity(it: str, fate: _Fate, end: str, moved: Mapping[str, str]) -> Activity:
    if fate == "Delete" and it in moved:
        return Activity("Move", it, end, moved[it])
    return Activity(fate, it, end)


def _fates(before: Release | None, fragments: Fragments, iris: IriSpace) -> dict[str, _Fate]:
    """Return the things of which a graph is new, another one, or gone, and what became of them."""
    fates: dict[str, _Fate] = {}
    for was, is_ in changed_in_public(before, fragments):
        graph = is_ or was
        assert graph is not None
        it, stays = thing_of_graph(graph.name, iris)
        if stays:
            fates[it] = "Create" if was is None else "Delete" if is_ is None else "Update"
        else:
            fates.setdefault(it, "Update")
    return fates


def changed_in_public(
    before: Release | None, fragments: Fragments
) -> Iterator[tuple[Graph | None, Fragment | None]]:
    """Yield the graphs that are new, gone, or other ones, as they were and as they are, whose change is that of a thing."""
    return changed_among(before, fragments, _counts)


def changed_among(
    before: Release | None, fragments: Fragments, counts: Callable[[Graph | Fragment], bool]
) -> Iterator[tuple[Graph | None, Fragment | None]]:
    """Yield the graphs that are new, gone, or other ones, as they were and as they are, of those that count."""
    rows = filter(counts, graphs_of(before)) if before else ()
    for was, is_ in side_by_side(rows, filter(counts, fragments)):
        if not (was and is_ and was.sha256 == is_.sha256):
            yield was, is_


def _counts(graph: Graph | Fragment) -> bool:
    return graph.kind not in _NOBODYS and (graph.public or graph.kind == GraphKind.DATA)


def _moved(fragments: Fragments, iris: IriSpace) -> dict[str, str]:
    """Return what the register says took the place of a thing, where that is one other."""
    found: dict[str, set[str]] = {}
    for quad in registered(fragments, iris):
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


def registered(fragments: Fragments, iris: IriSpace) -> Iterator[Quad]:
    """Yield what the register says of identifiers that were given up; nothing where there is no register."""
    register = fragments.by_name.get(iris.graph("register").value)
    if register is not None:
        yield from parse(b"".join(fragments.lines(register)), format=RdfFormat.N_QUADS)


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
