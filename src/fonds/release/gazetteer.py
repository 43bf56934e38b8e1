"""Writes where places are (``fonds.descriptions.gazetteer`` reads it): each map with no more marks than can be told apart."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from pyoxigraph import Literal, RdfFormat, parse

from fonds.descriptions import Descriptions, Lists
from fonds.descriptions.gazetteer import (
    ELSEWHERE,
    PAGE_LENGTH,
    WORLD,
    Mark,
    Place,
    View,
    name_of_page,
    name_of_view,
)
from fonds.drawing.map import stretch
from fonds.pack import PackWriter
from fonds.points import point
from fonds.vocabulary import CRM

MOST_MARKS = 60
"""Marks on one map."""
_SIZES = (30.0, 10.0, 5.0, 1.0, 0.5, 0.1, 0.05, 0.01)
"""Degrees of latitude and longitude that belong together; each parts the one before evenly, into 25 at most."""
_MOST_STEPS = 12
_WITHIN, _DEFINED_BY = (str(each).encode() for each in (CRM.P89_falls_within, CRM.P168_place_is_defined_by))

Named = dict[str, tuple[str, str | None]]
"""Title and language of a place by its IRI."""

_encode = msgspec.msgpack.Encoder().encode


def write_gazetteer(path: Path, lists: Lists, descriptions: Descriptions) -> None:
    """Write the pack of the gazetteer: the same bytes for the same lists and descriptions.

    Args:
        path: Where; nothing stands there.
        lists: Those of the release, open.
        descriptions: What is stated of each thing.
    """
    named: Named = {each.iri: (each.title, each.language) for each in lists.every("place")}
    points: dict[str, tuple[float, float] | None] = {}
    wholes: dict[str, list[str]] = {}
    for iri in named:
        points[iri], wholes[iri] = _stated(descriptions.lines_of(iri)[0])
    places = [
        Place(
            iri,
            *named[iri],
            points[iri],
            _outermost(iri, wholes),
            descriptions.occurrences(iri).documents,
        )
        for iri in named
    ]
    pieces = _Pieces(named)
    located = [each for each in places if each.point is not None]
    pieces.add_world(located)
    unlocated = [each for each in places if each.point is None]
    pieces.add_pages(ELSEWHERE, unlocated)
    pieces.found[b"unlocated"] = _encode(len(unlocated))
    pack = PackWriter(path)
    pack.add(pieces.found.items())
    pack.close()


def _stated(lines: Iterable[bytes]) -> tuple[tuple[float, float] | None, list[str]]:
    """Return the first point that is stated of a place, and in which places it lies."""
    found: list[tuple[float, float]] = []
    wholes: list[str] = []
    for line in lines:
        _, property_, rest = line.split(b" ", 2)
        if property_ == _WITHIN and rest.startswith(b"<"):
            wholes.append(rest[1 : rest.index(b">")].decode())
        elif property_ == _DEFINED_BY:
            for quad in parse(line, format=RdfFormat.N_QUADS):
                where = point(quad.object.value) if isinstance(quad.object, Literal) else None
                found += [where] if where else []
    return (min(found) if found else None), sorted(set(wholes))


def _outermost(iri: str, wholes: dict[str, list[str]]) -> str:
    """Return the largest place in which one lies, by one way up; empty where it lies in none."""
    seen, at = {iri}, iri
    while len(seen) <= _MOST_STEPS and (above := [each for each in wholes.get(at, ()) if each not in seen]):
        at = above[0]
        seen.add(at)
    return "" if at == iri else at


# ------------------------------------------------------------------------------------------------ views


@dataclass(frozen=True, slots=True)
class _Group:
    """Places that are shown by one mark."""

    view: str
    iri: str
    places: list[Place]


@dataclass(slots=True)
class _Pieces:
    """The pieces of the pack, by their names."""

    named: Named
    found: dict[bytes, bytes] = field(default_factory=dict)

    def add_world(self, places: list[Place]) -> None:
        """Add the view of everything and those below it: countries first, then parts of the earth."""
        if len(places) <= MOST_MARKS:
            self._add(WORLD, "", "", places)
            return
        of_whole: dict[str, list[Place]] = defaultdict(list)
        for each in places:
            # A country's own mark belongs to what lies in it.
            of_whole[each.whole or each.iri].append(each)
        groups = [_Group(_in(iri), iri, each) for iri, each in of_whole.items() if len(each) > 1]
        single = [each[0] for each in of_whole.values() if len(each) == 1]
        if len(groups) + len(single) <= MOST_MARKS:
            self._add_groups(WORLD, "", "", groups, single)
            return
        self._add(WORLD, "", "", places)
        # Each country can be looked at by its address all the same.
        for group in groups:
            self._add(group.view, WORLD, group.iri, group.places)

    def _add(self, name: str, above: str, iri: str, places: list[Place], size: float = math.inf) -> None:
        """Add a view of places, as marks of their own if they are few, else by parts of the earth."""
        if len(places) <= MOST_MARKS:
            self._add_groups(name, above, iri, [], places)
            self.add_pages(name, places)
            return
        parts = ((each, _cells(places, each)) for each in reversed(_SIZES) if each < size)
        fitting, cells = next((each for each in parts if len(each[1]) <= MOST_MARKS), (0.0, {}))
        if len(cells) < 2:
            # All at one spot, as far as a map can tell.
            marks = (self._mark("", iri, places),)
            self._write(View(name, above, *self._called(iri), marks, len(places), True))
            self.add_pages(name, places)
            return
        country = f"{name.partition('&')[0]}&" if name.startswith("in=") else ""
        groups = [
            _Group(f"{country}{_area(cell, fitting)}", "", each)
            for cell, each in cells.items()
            if len(each) > 1
        ]
        single = [each[0] for each in cells.values() if len(each) == 1]
        self._add_groups(name, above, iri, groups, single, fitting)

    def _add_groups(
        self,
        name: str,
        above: str,
        iri: str,
        groups: Sequence[_Group],
        single: Sequence[Place],
        size: float = math.inf,
    ) -> None:
        marks = [self._mark(each.view, each.iri, each.places) for each in groups]
        marks += [
            Mark(each.point, 1, each.documents, each.title, each.language, each.iri, "", each.whole)
            for each in single
            if each.point is not None
        ]
        if marks:
            west = -180.0 if name == WORLD else stretch([each.point[0] for each in marks])[0]
            marks.sort(key=lambda each: ((each.point[0] - west) % 360, each.point[1], each.title, each.iri))
        number = sum(each.places for each in marks)
        self._write(View(name, above, *self._called(iri), tuple(marks), number, not groups))
        for each in groups:
            self._add(each.view, name, each.iri, each.places, size)

    def _called(self, iri: str) -> tuple[str, str | None]:
        return self.named.get(iri, ("", None))

    def _mark(self, view: str, iri: str, places: Sequence[Place]) -> Mark:
        points = [each.point for each in places if each.point is not None]
        documents = sum(each.documents for each in places)
        return Mark(middle(points), len(places), documents, *self._called(iri), iri, view)

    def _write(self, view: View) -> None:
        self.found[name_of_view(view.name)] = _encode(view)

    def add_pages(self, name: str, places: Sequence[Place]) -> None:
        """Add the pages of a list of places, in their order."""
        for number, begin in enumerate(range(0, len(places), PAGE_LENGTH), start=1):
            self.found[name_of_page(name, number)] = _encode(places[begin : begin + PAGE_LENGTH])


def _in(iri: str) -> str:
    return f"in={iri.rpartition('/')[2]}"


def _cells(places: Iterable[Place], size: float) -> dict[tuple[int, int], list[Place]]:
    """Return places by the part of the earth in which they lie."""
    found: dict[tuple[int, int], list[Place]] = defaultdict(list)
    for each in places:
        if each.point is not None:
            # What lies on the last meridian or at the pole belongs to the last cell.
            column, row = (
                min(math.floor((degrees + half) / size), round(2 * half / size) - 1)
                for degrees, half in zip(each.point, (180, 90), strict=True)
            )
            found[column, row].append(each)
    return found


def _area(cell: tuple[int, int], size: float) -> str:
    """Return the name of a part of the earth: west, south, east, north.

    >>> _area((3, 11), 10.0)
    'area=-150,20,-140,30'
    """
    west, south = cell[0] * size - 180, cell[1] * size - 90
    return "area=" + ",".join(f"{round(each, 2):g}" for each in (west, south, west + size, south + size))


def middle(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the middle of points, over whichever side of the earth they lie.

    >>> middle([(179.0, 10.0), (-179.0, 10.0)])
    (180.0, 10.0)
    """
    turns = [math.radians(longitude) for longitude, _ in points]
    east = math.degrees(math.atan2(math.fsum(map(math.sin, turns)), math.fsum(map(math.cos, turns))))
    north = math.fsum(latitude for _, latitude in points) / len(points)
    return round(east, 2), round(north, 2)
