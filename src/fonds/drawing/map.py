"""A map: numbered marks on an equirectangular net, with the outline of the land where there is one; no tiles, no zoom."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from fonds.drawing.svg import drawing, element, label, link, number

_WIDTH, _HIGHEST, _LOWEST = 1000.0, 560.0, 300.0
_WORLD = (-180.0, 180.0)
_INHABITED = (-58.0, 84.0)
"""Latitudes between which the world is shown, where nothing lies beyond them."""
_TRUE_OF_WORLD = 30.0
_NEAREST = 5.0
"""Degrees that a map of a few places shows at least."""
_FEW = 10
_SMALLEST = 2.5
"""Degrees that a map shows which has an outline of the land: it is made for nothing smaller."""
_OVER = 40.0
"""Degrees by which the outline reaches beyond 180°, at most."""
_RADIUS = 12.0
_STEPS = (30.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1)
_MOST_LINES = 12

_SMALL_WIDTH, _SMALL_HEIGHT = 420.0, 260.0
_AROUND = 28.0
"""Degrees of latitude that a small map is broad."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place, or several.

    Attributes:
        point: Longitude and latitude in degrees.
        number: What stands in its mark.
        name: What the link is called.
        href: Where it leads.
        several: Whether it stands for several places.
        language: Of the name.
    """

    point: Point
    number: str
    name: str
    href: str
    several: bool = False
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """What a map shows, in degrees; east of 180° where it reaches over the line at which the date changes.

    Attributes:
        west: Its left edge.
        south: Its lower edge.
        east: Its right edge.
        north: Its upper edge.
        scale: Units of the drawing for a degree of latitude.
        narrowed: How much less a degree of longitude has: the cosine of the latitude at which the scale is true.
        width: Of the drawing, in its own units.
    """

    west: float
    south: float
    east: float
    north: float
    scale: float
    narrowed: float
    width: float = _WIDTH

    @property
    def height(self) -> float:
        """Of the drawing, in its own units."""
        return (self.north - self.south) * self.scale

    def at(self, point: Point) -> Point:
        """Return where a point is on the drawing."""
        east = self.west + (point[0] - self.west) % 360
        if east > self.east and east - 360 >= self.west - 1e-9:
            east -= 360
        return (east - self.west) * self.scale * self.narrowed, (self.north - point[1]) * self.scale


def window_of(points: Sequence[Point], *, whole: bool = False) -> Window:
    """Return what a map of some points shows.

    >>> around = window_of([(179.0, -17.0), (-179.0, -18.0)])
    >>> around.west < 179 < 181 < around.east
    True

    Args:
        points: At least one.
        whole: Whether the whole world is wanted.
    """
    west, east = stretch([longitude for longitude, _ in points])
    south, north = (pick(latitude for _, latitude in points) for pick in (min, max))
    if whole or east - west > 180:
        south, north = min(_INHABITED[0], south - 4), max(_INHABITED[1], north + 4)
        narrowed = math.cos(math.radians(_TRUE_OF_WORLD))
        return Window(
            *(_WORLD[0], max(-90.0, south), _WORLD[1], min(90.0, north)), _WIDTH / 360 / narrowed, narrowed
        )
    narrowed = max(0.1, math.cos(math.radians((south + north) / 2)))
    nearest = _NEAREST if len(points) <= _FEW else 0.02
    broad, high = (max(each * 1.25, nearest) for each in (east - west, north - south))
    scale = min(_WIDTH / (broad * narrowed), _HIGHEST / high)
    broad, high = min(360.0, _WIDTH / scale / narrowed), max(high, _LOWEST / scale)
    scale = _WIDTH / broad / narrowed
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    middle_y = max(-90 + high / 2, min(90 - high / 2, middle_y)) if high < 180 else 0.0
    return Window(
        middle_x - broad / 2, middle_y - high / 2, middle_x + broad / 2, middle_y + high / 2, scale, narrowed
    )


def window_around(points: Sequence[Point]) -> Window:
    """Return what a small map shows on which one place is found: so much around it that the coasts tell where it is.

    >>> around = window_around([(37.6, 55.75)])
    >>> round(around.east - around.west), round(around.north - around.south)
    (50, 17)

    Args:
        points: Those that are stated of it; at least one.
    """
    west, east = stretch([longitude for longitude, _ in points])
    south, north = (pick(latitude for _, latitude in points) for pick in (min, max))
    narrowed = max(0.1, math.cos(math.radians((south + north) / 2)))
    broad = min(360.0, max((east - west) * 1.5, _AROUND / narrowed))
    scale = _SMALL_WIDTH / broad / narrowed
    high = min(180.0, max(_SMALL_HEIGHT / scale, (north - south) * 1.5))
    middle_x, middle_y = (west + east) / 2, max(-90 + high / 2, min(90 - high / 2, (south + north) / 2))
    return Window(
        middle_x - broad / 2,
        middle_y - high / 2,
        middle_x + broad / 2,
        middle_y + high / 2,
        scale,
        narrowed,
        _SMALL_WIDTH,
    )


def stretch(longitudes: Sequence[float]) -> tuple[float, float]:
    """Return the shortest stretch of longitudes in which all of them lie; it may end beyond 180°."""
    found = sorted({each % 360 for each in longitudes})
    gaps = [after - before for before, after in pairwise([*found, found[0] + 360])]
    widest = max(range(len(gaps)), key=gaps.__getitem__)
    west = found[(widest + 1) % len(found)]
    east = west + 360 - gaps[widest]
    return (west - 360, east - 360) if west > 180 else (west, east)


def land_in(href: str) -> str:
    """Return the outline of the land, referred to in a file of its own."""
    return element("use", {"href": href})


def land_of(outline: str) -> str:
    """Return the outline of the land, given as the data of a path."""
    return element("path", {"d": outline})


def draw_map(window: Window, spots: Sequence[Spot], described: str, land: str = "") -> str:
    """Return a map.

    Args:
        window: What it shows.
        spots: Its marks; where they would hide each other they are moved, each with a line to its place.
        described: What it shows, in a sentence.
        land: The outline of the land in degrees, y to the south (:func:`land_in`, :func:`land_of`); empty for none.
    """
    points = [window.at(each.point) for each in spots]
    places = list(_apart(points, (window.width, window.height)))
    lines = [
        element(
            "path",
            {"class": "leader", "d": f"M{_pair(point)}L{_pair(place)}", "stroke": "currentColor"},
        )
        + element("circle", {"cx": point[0], "cy": point[1], "r": 2.5, "fill": "currentColor"})
        for point, place in zip(points, places, strict=True)
        if point != place
    ]
    marks = [_mark(spot, place) for spot, place in zip(spots, places, strict=True)]
    return drawing(
        "map", described, window.width, window.height, *_land(window, land), *_net(window), *lines, *marks
    )


def _pair(point: Point) -> str:
    return f"{number(point[0])},{number(point[1])}"


def _land(window: Window, land: str) -> Iterator[str]:
    """Yield the land, once more to the east or the west where a map reaches beyond the edge of its outline."""
    broad = window.east - window.west if land else 0
    for turn in (-360, 0, 360):
        if broad >= _SMALLEST and window.west < turn + 180 + _OVER and window.east > turn - 180 - _OVER:
            x, y = (turn - window.west) * window.scale * window.narrowed, window.north * window.scale
            moved = (
                f"translate({_pair((x, y))}) scale({window.scale * window.narrowed:.4f},{window.scale:.4f})"
            )
            yield element(
                "g",
                {
                    "class": "land",
                    "transform": moved,
                    "fill": "currentColor",
                    "fill-opacity": 0.14,
                    "fill-rule": "evenodd",
                },
                land,
            )


def _net(window: Window) -> Iterator[str]:
    """Yield meridians and parallels with their degrees."""
    span = max(window.east - window.west, window.north - window.south)
    step = next((each for each in reversed(_STEPS) if span / each <= _MOST_LINES), _STEPS[0])
    for at in _multiples(window.west, window.east, step):
        x = (at - window.west) * window.scale * window.narrowed
        yield _line(f"M{number(x)},0V{number(window.height)}")
        east = (at + 180) % 360 - 180
        yield label(x + 4, window.height - 6, _degrees(east, "EW"), size=12, class_="axis", fill_opacity=0.8)
    for at in _multiples(window.south, window.north, step):
        y = (window.north - at) * window.scale
        yield _line(f"M0,{number(y)}H{number(window.width)}")
        if 18 < y < window.height - 22:
            yield label(4, y - 4, _degrees(at, "NS"), size=12, class_="axis", fill_opacity=0.8)


def _multiples(low: float, high: float, step: float) -> list[float]:
    return [each * step for each in range(math.floor(low / step) + 1, math.ceil(high / step))]


def _line(path: str) -> str:
    return element("path", {"class": "grid", "d": path, "stroke": "currentColor", "stroke-opacity": 0.2})


def _degrees(at: float, ends: str) -> str:
    """Return a degree of longitude or latitude with its side.

    >>> _degrees(-30.0, "EW"), _degrees(0.0, "NS")
    ('30° W', '0°')
    """
    written = number(abs(at))
    return f"{written}°" if written in ("0", "180") else f"{written}° {ends[at < 0]}"


def _mark(spot: Spot, place: Point) -> str:
    x, y = place
    rings = [element("circle", {"class": "mark", "cx": x, "cy": y, "r": _RADIUS, "fill": "currentColor"})]
    if spot.several:
        rings.insert(
            0,
            element(
                "circle",
                {
                    "class": "ring",
                    "cx": x,
                    "cy": y,
                    "r": _RADIUS + 3.5,
                    "fill": "none",
                    "stroke": "currentColor",
                    "stroke-width": 2,
                },
            ),
        )
    words = label(x, y + 4.5, spot.number, size=12, text_anchor="middle", fill="#fffdf8", class_="number")
    return link(spot.href, spot.name, spot.number, *rings, words, language=spot.language)


def _apart(points: Sequence[Point], size_of_all: tuple[float, float]) -> Iterator[Point]:
    """Yield where marks stand, each as near to its point as those before it leave room, within the drawing."""
    size = 2 * _RADIUS + 8
    taken: dict[tuple[int, int], list[Point]] = defaultdict(list)
    for point in points:
        place = next(
            each
            for each in _spiral(point)
            if _is_within(each, size_of_all)
            and all(math.dist(each, other) >= size for other in _near(taken, each, size))
        )
        taken[int(place[0] // size), int(place[1] // size)].append(place)
        yield place


def _is_within(place: Point, size_of_all: tuple[float, float]) -> bool:
    edge = _RADIUS + 4
    return all(edge <= at <= most - edge for at, most in zip(place, size_of_all, strict=True))


def _near(taken: dict[tuple[int, int], list[Point]], place: Point, size: float) -> Iterator[Point]:
    column, row = int(place[0] // size), int(place[1] // size)
    for x in (column - 1, column, column + 1):
        for y in (row - 1, row, row + 1):
            yield from taken.get((x, y), ())


def _spiral(point: Point) -> Iterator[Point]:
    """Yield a point and others around it, farther and farther."""
    yield point
    turn = 0.0
    while True:
        turn += 0.35
        away = 5.5 * turn
        yield point[0] + away * math.cos(turn), point[1] + away * math.sin(turn)
