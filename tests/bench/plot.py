"""Curves on logarithmic axes, as SVG: the same numbers give the same bytes.

Lines are told apart by their names at their ends, their marks and their dashes, not only by colour. A plot has its own ground, so
that it can be read on a light page and on a dark one, and what it shows in words for those who do not see it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from fonds.drawing.svg import NAMESPACE, element, number, text
from tests.bench.table import Spread

_WIDTH, _HEIGHT = 760.0, 420.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 70.0, 190.0, 66.0, 56.0
_LINE = 17.0
"""Between the names of two lines that end beside each other."""
_MARK = 5.0
_DASHES = (None, "7 5")
_STYLE = (
    ".ground{fill:#fff}.ink{fill:#1f1b16}.soft{fill:#57514a}.grid{stroke:#dcd7d0}.frame{stroke:#8a837a}"
    ".line-0{stroke:#0b5cad}.mark-0{fill:#0b5cad}.line-1{stroke:#a8400a}.mark-1{fill:#a8400a}"
    "@media (prefers-color-scheme:dark){.ground{fill:#15171a}.ink{fill:#f1eee9}.soft{fill:#bdb8b0}"
    ".grid{stroke:#33363b}.frame{stroke:#7d8189}.line-0{stroke:#7ab8ff}.mark-0{fill:#7ab8ff}"
    ".line-1{stroke:#ffab70}.mark-1{fill:#ffab70}}"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One curve.

    Attributes:
        name: What it is called, in a few words.
        points: Where it goes: how much, and what was measured there; all are more than nothing.
        tone: Its colour: 0 or 1.
        dashed: Whether it is dashed, beside an undashed line of the same tone.
    """

    name: str
    points: Sequence[tuple[float, Spread]]
    tone: int = 0
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """What goes along one side.

    Attributes:
        name: What it counts, with its unit.
        low: Where it begins.
        high: Where it ends.
    """

    name: str
    low: float
    high: float

    @property
    def ticks(self) -> list[float]:
        """The powers of ten on it, and twice and five times these where they are few."""
        powers = range(math.floor(math.log10(self.low)) - 1, math.ceil(math.log10(self.high)) + 1)
        steps = (1, 2, 5) if self.high / self.low < 1000 else (1,)
        every = (step * 10.0**power for power in powers for step in steps)
        return [tick for tick in every if self.low <= tick * 1.000001 and tick <= self.high * 1.000001]

    def share(self, value: float) -> float:
        """Return how far along a value is, from 0 to 1."""
        return (math.log10(value) - math.log10(self.low)) / (math.log10(self.high) - math.log10(self.low))


def axis_of(name: str, values: Sequence[float]) -> Axis:
    """Return an axis on which all of some values are, from one round number to another.

    Raises:
        ValueError: There is none, or one is not more than nothing, which no logarithmic axis has.
    """
    if not values or min(values) <= 0:
        raise ValueError(f"{name}: nothing to show on a logarithmic axis")
    low, high = _rounded(min(values), up=False), _rounded(max(values), up=True)
    return Axis(name, low, high if high > low else low * 10)


def _rounded(value: float, *, up: bool) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    steps = [step * power for step in (1, 2, 5, 10)]
    near = (each for each in (steps if up else reversed(steps)))
    return next(
        (each for each in near if (each >= value * 0.999999 if up else each <= value * 1.000001)), power
    )


def amount(value: float) -> str:
    """Return a number as an axis has it.

    >>> amount(0.05), amount(20), amount(30_000), amount(2_500_000)
    ('0.05', '20', '30 k', '2.5 M')
    """
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.3g}"


def plot(name: str, title: str, x_name: str, y_name: str, lines: Sequence[Line]) -> str:
    """Return a plot as a file of SVG.

    Args:
        name: With what the ids of its words begin.
        title: What it shows.
        x_name: What goes along its foot.
        y_name: What goes up its side.
        lines: What is drawn: two tones at most, and of each two lines.

    Raises:
        ValueError: There is no line, a line has no point, or a value is not more than nothing.
    """
    across = axis_of(x_name, [x for line in lines for x, _ in line.points])
    up = axis_of(
        y_name, [value for line in lines for _, each in line.points for value in (each.low, each.high)]
    )

    def at(x: float, y: float) -> tuple[float, float]:
        return (
            _LEFT + across.share(x) * (_WIDTH - _LEFT - _RIGHT),
            _HEIGHT - _BOTTOM - up.share(y) * (_HEIGHT - _TOP - _BOTTOM),
        )

    return element(
        "svg",
        {
            "xmlns": NAMESPACE,
            "viewBox": f"0 0 {number(_WIDTH)} {number(_HEIGHT)}",
            "width": _WIDTH,
            "height": _HEIGHT,
            "role": "img",
            "aria-labelledby": f"{name}-title {name}-words",
            "font-family": "system-ui, sans-serif",
        },
        element("title", {"id": f"{name}-title"}, text(title)),
        element("desc", {"id": f"{name}-words"}, text(in_words(x_name, y_name, lines))),
        element("style", None, _STYLE),
        element("rect", {"class": "ground", "width": _WIDTH, "height": _HEIGHT}),
        _words(_LEFT, 24, title, size=16, weight="600"),
        _words(_LEFT, 46, f"{y_name}, by {x_name}; both axes logarithmic", tone="soft"),
        *_axes(across, up, at),
        *(part for line in lines for part in _drawn(line, at)),
        *_names(lines, at),
    )


def in_words(x_name: str, y_name: str, lines: Sequence[Line]) -> str:
    """Return what a plot shows as a text."""
    told = (
        f"{line.name}: "
        + ", ".join(f"{amount(value.median)} at {amount(x)}" for x, value in line.points)
        + "."
        for line in lines
    )
    return f"{y_name}, by {x_name}. {' '.join(told)}"


def _axes(across: Axis, up: Axis, at: Callable[[float, float], tuple[float, float]]) -> Iterator[str]:
    left, bottom = at(across.low, up.low)
    right, top = at(across.high, up.high)
    for tick in across.ticks:
        x, _ = at(tick, up.low)
        yield _rule(x, bottom, x, top, "grid")
        yield _words(x, bottom + 20, amount(tick), anchor="middle", tone="soft")
    for tick in up.ticks:
        _, y = at(across.low, tick)
        yield _rule(left, y, right, y, "grid")
        yield _words(left - 8, y + 4, amount(tick), anchor="end", tone="soft")
    yield _rule(left, bottom, right, bottom, "frame")
    yield _rule(left, bottom, left, top, "frame")
    yield _words((left + right) / 2, bottom + 42, across.name, anchor="middle")


def _drawn(line: Line, at: Callable[[float, float], tuple[float, float]]) -> Iterator[str]:
    for x, value in line.points:
        if value.high > value.low:
            (along, low), (_, high) = at(x, value.low), at(x, value.high)
            yield _rule(along, low, along, high, f"line-{line.tone}", opacity=0.55, width=3)
    corners = [at(x, value.median) for x, value in line.points]
    yield element(
        "polyline",
        {
            "class": f"line-{line.tone}",
            "points": " ".join(f"{number(x)},{number(y)}" for x, y in corners),
            "fill": "none",
            "stroke-width": 2,
            "stroke-dasharray": _DASHES[line.dashed],
        },
    )
    for (x, y), (along, value) in zip(corners, line.points, strict=True):
        told = f"{line.name}, {amount(along)}: {amount(value.median)}"
        yield _mark(line, x, y, element("title", None, text(told)))


def _mark(line: Line, x: float, y: float, *content: str) -> str:
    look = f"mark-{line.tone}"
    if not line.dashed and not line.tone:
        return element("circle", {"class": look, "cx": x, "cy": y, "r": _MARK}, *content)
    corners = {
        (0, True): ((-1, -1), (1, -1), (1, 1), (-1, 1)),
        (1, False): ((0, -1.2), (1.2, 1), (-1.2, 1)),
        (1, True): ((0, -1.4), (1.4, 0), (0, 1.4), (-1.4, 0)),
    }[line.tone, line.dashed]
    points = " ".join(f"{number(x + _MARK * a)},{number(y + _MARK * b)}" for a, b in corners)
    return element("polygon", {"class": look, "points": points}, *content)


def _names(lines: Sequence[Line], at: Callable[[float, float], tuple[float, float]]) -> Iterator[str]:
    """Yield the names of the lines at their ends, one below the other where they end beside each other."""
    ends = [(at(x, value.median), line) for line in lines for x, value in line.points[-1:]]
    ends.sort(key=lambda end: (end[0][1], end[1].name))
    last = _TOP - _LINE
    placed: list[float] = []
    for (_, y), _ in ends:
        last = max(y, last + _LINE)
        placed.append(last)
    over = max(0.0, placed[-1] - (_HEIGHT - _BOTTOM))
    for place, ((x, y), line) in zip(placed, ends, strict=True):
        moved = place - over
        if abs(moved - y) > 1:
            yield _rule(x + _MARK + 2, y, x + 18, moved, f"line-{line.tone}")
        yield _mark(line, x + 26, moved)
        yield _words(x + 38, moved + 4.5, line.name)


def _rule(
    x: float, y: float, to_x: float, to_y: float, look: str, *, opacity: float | None = None, width: float = 1
) -> str:
    return element(
        "line",
        {
            "class": look,
            "x1": x,
            "y1": y,
            "x2": to_x,
            "y2": to_y,
            "stroke-width": width,
            "stroke-opacity": opacity,
        },
    )


def _words(
    x: float,
    y: float,
    words: str,
    *,
    size: float = 13,
    anchor: str | None = None,
    tone: str = "ink",
    weight: str | None = None,
) -> str:
    look: dict[str, str | float | None] = {
        "class": tone,
        "x": x,
        "y": y,
        "font-size": size,
        "text-anchor": anchor,
        "font-weight": weight,
    }
    return element("text", look, text(words))
