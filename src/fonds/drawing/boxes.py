"""Boxes of words: one within the other, or side by side with arrows between them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fonds.drawing.svg import Attribute, drawing, element, label, number

_WIDTH = 1000.0
_EDGE = 6.0
_LINE = 18.0
_GAP_ACROSS, _GAP_DOWN = 22.0, 34.0
_TIP = 7.0
_OUTLINE: dict[str, Attribute] = {"stroke": "currentColor", "stroke-width": 1.4}


@dataclass(frozen=True, slots=True)
class Level:
    """A box that holds the next one.

    Attributes:
        name: What it is called.
        meaning: What it is, in a few words.
        mark: How a reference writes it; empty for none.
    """

    name: str
    meaning: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A box among others.

    Attributes:
        column: From the left, from 0.
        row: From the top, from 0.
        title: What it stands for.
        lines: What is written below that.
    """

    column: int
    row: int
    title: str
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        """In units of the drawing."""
        return _LINE * (len(self.lines) + 1) + 16


def draw_levels(name: str, described: str, levels: Sequence[Level]) -> str:
    """Return boxes one within the other, the outermost first.

    Args:
        name: The class of the drawing.
        described: What it shows, in a sentence.
        levels: At least one.
    """
    step, foot, side = 58.0, 12.0, 34.0
    height = len(levels) * (step + foot) + 2 * _EDGE
    drawn = []
    for depth, it in enumerate(levels):
        x, y = _EDGE + depth * side, _EDGE + depth * step
        width = _WIDTH - 2 * _EDGE - depth * (side + foot)
        drawn.append(_box(x, y, width, height - _EDGE - foot * depth - y, depth * 0.03))
        named = f"{it.name}: {it.mark}" if it.mark else it.name
        drawn.append(label(x + 14, y + 24, named, size=18, font_weight=600))
        drawn.append(label(x + 14, y + 45, it.meaning))
    return drawing(name, described, _WIDTH, height, *drawn)


def _box(x: float, y: float, width: float, height: float, opacity: float) -> str:
    look = {"fill": "currentColor", "fill-opacity": opacity, **_OUTLINE}
    return element("rect", {"x": x, "y": y, "width": width, "height": height, "rx": 3, **look})


def draw_boxes(
    name: str,
    described: str,
    widths: Sequence[float],
    boxes: Sequence[Box],
    arrows: Sequence[tuple[str, str]],
) -> str:
    """Return boxes in columns and rows, with arrows from one to the other.

    Args:
        name: The class of the drawing.
        described: What it shows, in a sentence.
        widths: Of the columns, in any unit.
        boxes: Each in a place of its own.
        arrows: Titles of two boxes that are neighbours, the one from which it leads first.
    """
    room = _WIDTH - 2 * _EDGE - _GAP_ACROSS * (len(widths) - 1)
    broad = [each / sum(widths) * room for each in widths]
    lefts = [_EDGE + sum(broad[:at]) + _GAP_ACROSS * at for at in range(len(widths))]
    rows = range(max(each.row for each in boxes) + 1)
    high = [max(each.height for each in boxes if each.row == row) for row in rows]
    tops = [_EDGE + sum(high[:at]) + _GAP_DOWN * at for at in rows]
    places = {
        each.title: (
            lefts[each.column],
            tops[each.row] + (high[each.row] - each.height) / 2,
            broad[each.column],
            each.height,
        )
        for each in boxes
    }
    lines = [_arrow(places[start], places[end]) for start, end in arrows]
    drawn = [part for each in boxes for part in _written(each, places[each.title])]
    return drawing(name, described, _WIDTH, tops[-1] + high[-1] + _EDGE, *lines, *drawn)


_Place = tuple[float, float, float, float]


def _written(it: Box, place: _Place) -> Iterator[str]:
    x, y, width, height = place
    # Arrows end at boxes: what is behind one is covered.
    yield element(
        "rect",
        {
            "class": "box",
            "x": x,
            "y": y,
            "width": width,
            "height": height,
            "rx": 3,
            "fill": "#fbf9f3",
            **_OUTLINE,
        },
    )
    yield label(x + 10, y + 21, it.title, size=15, font_weight=600)
    for at, line in enumerate(it.lines, start=1):
        yield label(x + 10, y + 22 + _LINE * at, line, size=12)


def _arrow(start: _Place, end: _Place) -> str:
    """Return an arrow from the edge of one box to that of another."""
    from_, to = _middle(start), _middle(end)
    tail, tip = _at_edge(start, to), _at_edge(end, from_)
    turn = math.atan2(tip[1] - tail[1], tip[0] - tail[0])
    ends = (
        f"L{number(tip[0] - _TIP * math.cos(turn + side))},{number(tip[1] - _TIP * math.sin(turn + side))}"
        for side in (0.45, -0.45)
    )
    point = f"M{number(tip[0])},{number(tip[1])}" + "".join(ends) + "Z"
    line = f"M{number(tail[0])},{number(tail[1])}L{number(tip[0])},{number(tip[1])}"
    return element("path", {"d": line, "fill": "none", **_OUTLINE}) + element(
        "path", {"d": point, "fill": "currentColor"}
    )


def _middle(place: _Place) -> tuple[float, float]:
    x, y, width, height = place
    return x + width / 2, y + height / 2


def _at_edge(place: _Place, toward: tuple[float, float]) -> tuple[float, float]:
    """Return where the way from the middle of a box to a point leaves the box."""
    x, y = _middle(place)
    across, down = toward[0] - x, toward[1] - y
    shares = [half / abs(way) for half, way in ((place[2] / 2, across), (place[3] / 2, down)) if way]
    share = min(shares, default=0)
    return x + across * share, y + down * share
