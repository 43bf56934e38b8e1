"""The ties of one thing: itself in the middle, around it a ring for each kind of tie, names at both sides."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from fonds.drawing.svg import drawing, element, fitted, label, link, number

_WIDTH, _NAMES = 1000.0, 290.0
_ROW, _LOWEST = 27.0, 340.0
_NARROWEST = 70.0
_APART = 0.12
"""Of the size of the largest ring, between one and the next."""


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody or something at the other end of a tie.

    Attributes:
        label: What it is called.
        name: What the link is called.
        href: Where it leads.
        kind: ``person``, ``group``, ``place``, ``event`` or anything else: which mark it has.
        weight: How strong the tie is, beside others of its ring.
        language: Of the label.
    """

    label: str
    name: str
    href: str
    kind: str
    weight: int = 1
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Ring:
    """Ties of one kind, the strongest first, and by which number it is told what they are."""

    number: str
    others: Sequence[Other]


def draw_network(middle: str, language: str | None, rings: Sequence[Ring], described: str) -> str:
    """Return a drawing of ties.

    Args:
        middle: What the thing itself is called.
        language: Of that.
        rings: From within; at least one, none without ties.
        described: What it shows, in a sentence.
    """
    total = sum(len(each.others) for each in rings)
    high = max(_LOWEST, math.ceil(total / 2) * _ROW + 60)
    centre = _WIDTH / 2, high / 2
    broad = _WIDTH / 2 - _NAMES
    shares = list(_shares([len(each.others) for each in rings]))
    sizes = [(broad * share, (high / 2 - 16) * share) for share in shares]
    circles = [_ring(ring, centre, size) for ring, size in zip(rings, sizes, strict=True)]
    rows = _rows(total, high)
    lines: list[str] = []
    marks: list[str] = []
    for ring, size in zip(rings, sizes, strict=True):
        most = max(each.weight for each in ring.others)
        for other in ring.others:
            y, side = next(rows)
            x = centre[0] + side * _reach(size, y - centre[1])
            lines.append(_tie(centre, (x, y), other.weight / most))
            marks.append(_mark(other, (x, y), side))
    own = _own(middle, language, centre)
    return drawing("network", described, _WIDTH, high, *circles, *lines, own, *marks)


def _shares(numbers: Sequence[int]) -> Iterable[float]:
    """Return the sizes of rings, as parts of the largest: each has room for its own and for all within it."""
    total, so_far = sum(numbers), 0
    wanted: list[float] = []
    for at, each in enumerate(numbers, start=1):
        so_far += each
        even = 0.25 + 0.75 * at / len(numbers)
        wanted.append(max(even, so_far / total, (wanted[-1] + _APART) if wanted else 0))
    return (each / wanted[-1] for each in wanted)


def _rows(total: int, high: float) -> Iterator[tuple[float, int]]:
    """Yield heights and sides (1 right, -1 left), from the middle outwards, so that the innermost ring is in the middle."""
    half = math.ceil(total / 2)
    heights = [high / 2 + (row - (half - 1) / 2) * _ROW for row in range(half)]
    for height in sorted(heights, key=lambda each: (abs(each - high / 2), each)):
        yield height, 1
        yield height, -1


def _reach(size: tuple[float, float], up: float) -> float:
    """Return how far from the middle line an ellipse is at a height."""
    return size[0] * math.sqrt(max(0.02, 1 - (up / size[1]) ** 2))


def _ring(ring: Ring, centre: tuple[float, float], size: tuple[float, float]) -> str:
    x, y = centre
    line = element(
        "ellipse",
        {
            "class": "grid",
            "cx": x,
            "cy": y,
            "rx": size[0],
            "ry": size[1],
            "fill": "none",
            "stroke": "currentColor",
            "stroke-opacity": 0.3,
        },
    )
    dot = element(
        "circle",
        {"class": "tag", "cx": x, "cy": y - size[1], "r": 10, "fill": "#fbf9f3", "stroke": "currentColor"},
    )
    return line + dot + label(x, y - size[1] + 4.5, ring.number, size=12, text_anchor="middle")


def _tie(centre: tuple[float, float], end: tuple[float, float], weight: float) -> str:
    path = f"M{number(centre[0])},{number(centre[1])}L{number(end[0])},{number(end[1])}"
    return element(
        "path",
        {
            "class": "tie",
            "d": path,
            "stroke": "currentColor",
            "stroke-opacity": 0.45,
            "stroke-width": 0.8 + 3.2 * weight,
        },
    )


def _mark(other: Other, place: tuple[float, float], side: int) -> str:
    x, y = place
    edge = _WIDTH / 2 + side * (_WIDTH / 2 - _NAMES + 22)
    leader = element(
        "path",
        {
            "class": "leader",
            "d": f"M{number(x)},{number(y)}H{number(edge - side * 4)}",
            "stroke": "currentColor",
            "stroke-opacity": 0.35,
            "stroke-dasharray": "1 4",
        },
    )
    reach = element(
        "rect",
        {
            "class": "reach",
            "x": edge if side > 0 else 4,
            "y": y - 12,
            "width": _NAMES - 26,
            "height": 24,
            "fill": "currentColor",
            "fill-opacity": 0,
        },
    )
    shown = fitted(other.label, _NAMES - 34)
    words = label(edge, y + 5, shown, text_anchor=None if side > 0 else "end")
    marks = (reach, leader, shape(other.kind, x, y), words)
    return link(other.href, other.name, shown, *marks, language=other.language)


def shape(kind: str, x: float, y: float) -> str:
    """Return the mark of a kind of thing: a disc, a square, a lozenge, a triangle, or a ring."""
    look: dict[str, str | float | None] = {"class": "mark", "fill": "currentColor", "stroke": "currentColor"}
    if kind == "person":
        return element("circle", {"cx": x, "cy": y, "r": 6, **look})
    if kind == "group":
        return element("rect", {"x": x - 5.5, "y": y - 5.5, "width": 11, "height": 11, **look})
    if kind == "place":
        return element(
            "path", {"d": _polygon((x, y - 7.5), (x + 7.5, y), (x, y + 7.5), (x - 7.5, y)), **look}
        )
    if kind == "event":
        return element("path", {"d": _polygon((x, y - 7), (x + 7, y + 5.5), (x - 7, y + 5.5)), **look})
    return element("circle", {"cx": x, "cy": y, "r": 5, **look, "fill": "#fbf9f3", "stroke-width": 2})


def _polygon(*points: tuple[float, float]) -> str:
    return "M" + " ".join(f"{number(x)},{number(y)}" for x, y in points) + "Z"


def _own(middle: str, language: str | None, centre: tuple[float, float]) -> str:
    x, y = centre
    words = fitted(middle, 190, 15)
    width = max(_NARROWEST, len(words) * 9 + 24)
    return element(
        "g",
        {"class": "own", "lang": language or None},
        element(
            "rect",
            {
                "x": x - width / 2,
                "y": y - 16,
                "width": width,
                "height": 32,
                "rx": 4,
                "fill": "#fffdf8",
                "stroke": "currentColor",
                "stroke-width": 2,
            },
        ),
        label(x, y + 5, words, size=15, text_anchor="middle", font_weight="600"),
    )
