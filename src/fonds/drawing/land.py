"""The outline of the land: Natural Earth at 1:110 million, from the npm package world-atlas, where that is installed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from itertools import pairwise

import msgspec

from fonds.drawing.svg import NAMESPACE, number

ID = "land"
"""The id of the outline in its file."""
_PACKAGED = ("outline", "node_modules", "world-atlas", "land-110m.json")

Point = tuple[float, float]


class _Geometry(msgspec.Struct):
    arcs: list[list[list[int]]]


class _Collection(msgspec.Struct):
    geometries: list[_Geometry]


class _Objects(msgspec.Struct):
    land: _Collection


class _Transform(msgspec.Struct):
    scale: Point
    translate: Point


class _Topology(msgspec.Struct):
    objects: _Objects
    arcs: list[list[tuple[int, int]]]
    transform: _Transform


@cache
def read_outline() -> str:
    """Return the outline as the data of a path, one degree a unit, y to the south; empty where the package is not installed."""
    packaged = resources.files("fonds.drawing").joinpath(*_PACKAGED)
    return outline_of(packaged.read_bytes()) if packaged.is_file() else ""


def outline_of(topology: bytes) -> str:
    """Return the polygons of the object ``land`` of a quantised TopoJSON topology as the data of a path.

    Raises:
        msgspec.DecodeError: It is no such topology.
    """
    read = msgspec.json.decode(topology, type=_Topology)
    arcs = [list(_absolute(arc, read.transform)) for arc in read.arcs]
    rings = (
        ring for geometry in read.objects.land.geometries for polygon in geometry.arcs for ring in polygon
    )
    return "".join(_path(_joined(ring, arcs)) for ring in rings)


def _absolute(arc: Sequence[tuple[int, int]], transform: _Transform) -> Iterator[Point]:
    """Yield the points of an arc: each is written as what it differs from the one before (TopoJSON 2.1.4)."""
    x = y = 0
    for right, up in arc:
        x, y = x + right, y + up
        yield (
            x * transform.scale[0] + transform.translate[0],
            -(y * transform.scale[1] + transform.translate[1]),
        )


def _joined(ring: Sequence[int], arcs: Sequence[Sequence[Point]]) -> list[Point]:
    """Return the points of a ring: each arc begins where the one before ends; ``~n`` is the arc n backwards."""
    points: list[Point] = []
    for index in ring:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points += arc[1:] if points else arc
    return points


def _path(ring: Sequence[Point]) -> str:
    """Return a ring as a closed path, without the points that two decimals cannot tell from the one before."""
    written = [f"{number(x)},{number(y)}" for x, y in _unrolled(ring)]
    kept = written[:1] + [after for before, after in pairwise(written) if after not in (before, written[0])]
    return f"M{' '.join(kept)}Z" if len(kept) > 2 else ""


def _unrolled(ring: Sequence[Point]) -> list[Point]:
    """Return a ring that goes on beyond 180° where it crosses that line; one around a pole is closed there.

    >>> _unrolled([(170, 5), (-170, 5), (-170, 6), (170, 5)])
    [(170, 5), (190, 5), (190, 6), (170, 5)]
    """
    points = [ring[0]]
    for x, y in ring[1:]:
        before = points[-1][0]
        points.append((x + 360 * round((before - x) / 360), y))
    # Each ring stands around the middle of the map, so that a lake stays in its land.
    turn = 360 * round((min(x for x, _ in points) + max(x for x, _ in points)) / 720)
    points = [(x - turn, y) for x, y in points]
    if abs(points[-1][0] - points[0][0]) > 180:
        pole = 90 if points[0][1] > 0 else -90
        points += [(points[-1][0], pole), (points[0][0], pole)]
    return points


def file_of(outline: str) -> str:
    """Return the outline as a file of its own, to which a drawing on a page refers."""
    return f'<svg xmlns="{NAMESPACE}" viewBox="-180 -90 360 180"><path id="{ID}" d="{outline}"/></svg>\n'
