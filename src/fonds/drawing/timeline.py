"""A timeline: what was when, each by itself; where there is too much for that, how much was in each part of time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fonds.drawing.periods import Part, spaced, unit_for
from fonds.drawing.svg import drawing, element, fitted, label, link, number

MOST_ENTRIES = 40
"""Things that are drawn each by itself."""
MOST_BARS = 12
"""Bars below columns; the table beside the drawing has all."""

_WIDTH, _EDGE = 1000.0, 20.0
_ROW, _COLUMN, _AXIS = 26.0, 150.0, 46.0
_MOST_TICKS = 12
_LONGEST_LABEL = 430.0
_HALF = 9.0
"""Of the height of a bar: words fit into it."""
_ENDED = "M{0},{1}L{2},{3}L{0},{4}"


@dataclass(frozen=True, slots=True)
class Period:
    """What a drawing shows: the days from one to another, by their numbers, both among them."""

    first: int
    last: int

    @property
    def days(self) -> int:
        """How many days it has."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing, or several of which the same is known, in time.

    Attributes:
        first: The number of the first day that it can have been; None where nobody says it.
        last: The last one.
        label: What is written beside it.
        name: What the link is called: all that the mark says.
        href: Where it leads.
        kind: ``record``, ``event`` or ``several``: which mark it has.
        certain: Whether that is when it was; otherwise its mark is open, and the days are those within which it lies.
        language: Of the label.
    """

    first: int | None
    last: int | None
    label: str
    name: str
    href: str
    kind: str = "record"
    certain: bool = True
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """How much was in one part of time.

    Attributes:
        part: Which.
        records: How many records.
        events: How many events.
        name: What the link is called.
        href: Where it leads.
        written: What stands above it: how many there are in all.
    """

    part: Part
    records: int
    events: int
    name: str
    href: str
    written: str = ""


def draw_entries(period: Period, entries: Sequence[Entry], described: str) -> str:
    """Return a drawing of things, a row for each, in their order.

    Args:
        period: What its axis shows; what reaches beyond it ends in an arrow.
        entries: At most :data:`MOST_ENTRIES` are meant; more make it high.
        described: What it shows, in a sentence.
    """
    height = _ROW * len(entries) + 12
    rows = [_entry(period, each, 8 + _ROW * row) for row, each in enumerate(entries)]
    return drawing("timeline", described, _WIDTH, height + _AXIS, *_axis(period, 0, height), *rows)


def draw_columns(period: Period, columns: Sequence[Column], bars: Sequence[Entry], described: str) -> str:
    """Return a drawing of how much was in each part of time, and below it what cannot be told so closely.

    Args:
        period: What its axis shows: whole parts.
        columns: Side by side, those with nothing too.
        bars: Things, or numbers of them, that belong to no one part; only :data:`MOST_BARS` are drawn.
        described: What it shows, in a sentence.
    """
    top = 24.0
    foot = top + _COLUMN
    most = max((each.records + each.events for each in columns), default=0)
    drawn = [_column(period, each, foot, most) for each in columns]
    below = [_entry(period, each, foot + _AXIS + _ROW * row) for row, each in enumerate(bars[:MOST_BARS])]
    height = foot + _AXIS + _ROW * len(below) + 8
    axis = _ticks(period, [each.part for each in columns], top, foot)
    return drawing("timeline", described, _WIDTH, height, *axis, *drawn, *below)


# ------------------------------------------------------------------------------------------------ axis


def _x(period: Period, day: float) -> float:
    return _EDGE + (day - period.first) / period.days * (_WIDTH - 2 * _EDGE)


def _axis(period: Period, top: float, foot: float) -> Iterable[str]:
    unit = unit_for(period.first, period.last)
    return _ticks(period, list(unit.parts(period.first, period.last)), top, foot)


def _ticks(period: Period, parts: list[Part], top: float, foot: float) -> Iterable[str]:
    """Yield lines where parts begin, with their names, and the line on which they stand."""
    for each in spaced(parts, _MOST_TICKS):
        x = max(_EDGE, _x(period, each.first))
        yield element(
            "path", {"class": "grid", "d": f"M{number(x)},{number(top)}V{number(foot + 6)}", **_LINE}
        )
        yield label(x + 3, foot + 20, each.short, size=13, class_="axis")
    yield element(
        "path",
        {
            "class": "base",
            "d": f"M{number(_EDGE)},{number(foot)}H{number(_WIDTH - _EDGE)}",
            "stroke": "currentColor",
        },
    )


_LINE: dict[str, str | float | None] = {"stroke": "currentColor", "stroke-opacity": 0.2}


# ------------------------------------------------------------------------------------------------ marks


def _column(period: Period, it: Column, foot: float, most: int) -> str:
    total = it.records + it.events
    if not total:
        return ""
    left, right = _x(period, it.part.first) + 1, _x(period, it.part.last + 1) - 1
    broad = right - left
    high = max(3.0, total / most * (_COLUMN - 8))
    of_events = high * it.events / total
    marks = [
        # The whole height can be pressed, however little there is.
        _box("reach", left - 1, foot - _COLUMN, broad + 2, _COLUMN, fill="currentColor", fill_opacity=0),
        _box("records", left, foot - high + of_events, broad, high - of_events, fill="currentColor"),
    ]
    if it.events:
        marks.append(
            _box(
                "events",
                left + 1,
                foot - high,
                max(1, broad - 2),
                max(1, of_events),
                fill="none",
                stroke="currentColor",
                stroke_width=2,
            )
        )
    written = it.written if len(it.written) * 8 <= broad + 6 else ""
    if written:
        marks.append(label(left + broad / 2, foot - high - 6, written, size=12, text_anchor="middle"))
    return link(it.href, it.name, written, *marks)


def _box(name: str, x: float, y: float, width: float, height: float, **attributes: str | float | None) -> str:
    look = {key.replace("_", "-"): value for key, value in attributes.items()}
    return element("rect", {"class": name, "x": x, "y": y, "width": width, "height": height, **look})


def _entry(period: Period, it: Entry, top: float) -> str:
    """Return a row: the mark of a thing in its place, its label on the side where there is more room."""
    middle = top + _ROW / 2
    starts = it.first is not None and it.first >= period.first
    ends = it.last is not None and it.last <= period.last
    left = _x(period, it.first) if starts and it.first is not None else _EDGE
    right = _x(period, it.last + 1) if ends and it.last is not None else _WIDTH - _EDGE
    if (it.first is not None and it.first == it.last) or right - left < 12:
        left = right = (left + right) / 2
        mark, reach = _point(it, left, middle), 11.0
    else:
        mark, reach = _bar(it, (left, right), middle, (starts, ends)), 7.0
    room_right, room_left = _WIDTH - right, left
    to_right = room_right >= room_left or room_right > _LONGEST_LABEL
    room = min(_LONGEST_LABEL, max(room_right, room_left) - reach - 6)
    inside = room < 120 and right - left > 120
    x = left + 10 if inside else right + reach if to_right else left - reach
    words = fitted(it.label, right - left - 20 if inside else room)
    anchor = None if inside or to_right else "end"
    return link(
        it.href,
        it.name,
        words,
        _box(
            "reach",
            min(left, x) - 10,
            top + 1,
            right - left + 20,
            _ROW - 2,
            fill="currentColor",
            fill_opacity=0,
        ),
        mark,
        label(x, middle + 5, words, text_anchor=anchor),
        language=it.language,
    )


def _point(it: Entry, x: float, y: float) -> str:
    fill = "currentColor" if it.certain else "none"
    look: dict[str, str | float | None] = {
        "class": f"{it.kind}s" if it.certain else f"{it.kind}s open",
        "fill": fill,
        "stroke": "currentColor",
        "stroke-width": 2,
        "stroke-dasharray": None if it.certain else "3 2",
    }
    if it.kind == "event":
        return element("circle", {"cx": x, "cy": y, "r": 6, **look})
    return element("rect", {"x": x - 5.5, "y": y - 5.5, "width": 11, "height": 11, **look})


def _bar(it: Entry, ends: tuple[float, float], y: float, closed: tuple[bool, bool]) -> str:
    """Return a bar: closed and full where that is when it was, without ends where it is somewhere within."""
    left, right = ends
    parts = [
        _box(
            "bar" if it.certain else "bar open",
            left,
            y - _HALF,
            right - left,
            2 * _HALF,
            fill="currentColor",
            fill_opacity=0.55 if it.certain else 0.12,
        )
    ]
    for edge in (y - _HALF, y + _HALF):
        dashes = None if it.certain else "5 4"
        parts.append(_stroke(f"M{number(left)},{number(edge)}H{number(right)}", dashes))
    if it.certain:
        parts += [
            _stroke(f"M{number(x)},{number(y - _HALF)}V{number(y + _HALF)}", None)
            for x, is_closed in zip(ends, closed, strict=True)
            if is_closed
        ]
    for x, outwards, is_closed in ((left, -7, closed[0]), (right, 7, closed[1])):
        if not is_closed:
            tip = _ENDED.format(*(number(each) for each in (x, y - _HALF, x + outwards, y, y + _HALF)))
            parts.append(_stroke(tip, None))
    return "".join(parts)


def _stroke(path: str, dashes: str | None) -> str:
    return element(
        "path",
        {
            "d": path,
            "fill": "none",
            "stroke": "currentColor",
            "stroke-width": 1.6,
            "stroke-dasharray": dashes,
        },
    )
