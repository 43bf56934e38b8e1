"""Plots are well-formed, the same for the same numbers, and can be read without colours and without eyes."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.bench.curves import CONNECTIONS, CROWDS, GROWTH, Curves, Measure, Values, number_of, sizes, write
from tests.bench.plot import Line, axis_of, plot
from tests.bench.table import once, spread_of

SVG = "{http://www.w3.org/2000/svg}"
NAMES = ("fonds, again", "Oxigraph, again", "fonds, once", "Oxigraph, once")


def _lines() -> list[Line]:
    return [
        Line(name, [(10.0**power, spread_of([rate, 2 * rate])) for power in (4, 5, 6)], at % 2, at > 1)
        for at, (name, rate) in enumerate(zip(NAMES, (4000, 1000, 1001, 1002), strict=True))
    ]


@pytest.fixture
def drawn() -> ElementTree.Element:
    return ElementTree.fromstring(plot("rates", "Documents & <queries>", "triples", "answers", _lines()))


def test_the_same_numbers_give_the_same_bytes() -> None:
    assert plot("a", "b", "c", "d", _lines()) == plot("a", "b", "c", "d", _lines())


def test_a_plot_says_in_words_what_it_shows(drawn: ElementTree.Element) -> None:
    ids = drawn.attrib["aria-labelledby"].split()
    title, words = (next(each for each in drawn.iter() if each.get("id") == name) for name in ids)
    assert (drawn.get("role"), title.text) == ("img", "Documents & <queries>")
    assert words.text is not None
    assert "fonds, again: 6 k at 10 k, 6 k at 100 k, 6 k at 1 M." in words.text
    assert all(name in words.text for name in NAMES)


def test_lines_are_named_at_their_ends_none_over_another(drawn: ElementTree.Element) -> None:
    places = {each.text: float(each.attrib["y"]) for each in drawn.iter(f"{SVG}text") if each.text in NAMES}
    assert set(places) == set(NAMES)
    heights = sorted(places.values())
    assert min(b - a for a, b in pairwise(heights)) >= 16
    height = float(drawn.attrib["height"])
    assert all(0 < each < height for each in heights)


def test_lines_differ_by_more_than_colour(drawn: ElementTree.Element) -> None:
    looks = [(each.attrib["class"], each.get("stroke-dasharray")) for each in drawn.iter(f"{SVG}polyline")]
    assert len(set(looks)) == len(NAMES)
    marks = {
        (each.tag, len(each.get("points", "").split()), each.attrib["class"])
        for kind in ("circle", "polygon")
        for each in drawn.iter(SVG + kind)
    }
    assert {(tag, corners) for tag, corners, _ in marks} >= {
        (f"{SVG}circle", 0),
        (f"{SVG}polygon", 3),
        (f"{SVG}polygon", 4),
    }


def test_everything_lies_within_the_plot(drawn: ElementTree.Element) -> None:
    width, height = (float(drawn.attrib[side]) for side in ("width", "height"))
    for each in drawn.iter(f"{SVG}polyline"):
        for x, y in re.findall(r"([-\d.]+),([-\d.]+)", each.attrib["points"]):
            assert 0 < float(x) < width
            assert 0 < float(y) < height


def test_a_plot_has_its_own_ground_and_a_dark_one(drawn: ElementTree.Element) -> None:
    ground = next(drawn.iter(f"{SVG}rect"))
    assert (ground.get("class"), ground.get("width")) == ("ground", drawn.get("width"))
    style = next(drawn.iter(f"{SVG}style")).text
    assert style is not None
    light, _, dark = style.partition("@media (prefers-color-scheme:dark)")
    assert set(re.findall(r"\.([\w-]+)\{", light)) == set(re.findall(r"\.([\w-]+)\{", dark))
    for ground_of, inks in (("#fff", light), ("#15171a", dark)):
        for ink in re.findall(r"\.(?:ink|soft|line-\d|mark-\d)\{\w+:(#\w+)\}", inks):
            assert _contrast(ground_of, ink) >= 4.5, ink


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance and contrast ratio."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * each for each in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_what_no_logarithmic_axis_has_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to show"):
        plot("a", "b", "c", "d", [Line("x", [(1.0, once(0.0))])])
    with pytest.raises(ValueError, match="nothing to show"):
        plot("a", "b", "c", "d", [])


@pytest.mark.parametrize(
    ("values", "low", "high", "ticks"),
    [
        ([12, 4300], 10, 5000, [10, 20, 50, 100, 200, 500, 1000, 2000, 5000]),
        ([0.03, 900], 0.02, 1000, [0.1, 1, 10, 100, 1000]),
        ([5], 5, 50, [5, 10, 20, 50]),
    ],
)
def test_an_axis_goes_from_a_round_number_to_another(
    values: list[float], low: float, high: float, ticks: list[float]
) -> None:
    axis = axis_of("seconds", values)
    assert (axis.low, axis.high) == pytest.approx((low, high))
    assert axis.ticks == pytest.approx(ticks)


def test_what_was_measured_is_written_with_each_plot(tmp_path: Path) -> None:
    def values(figures: tuple[Measure, ...], rate: float) -> Values:
        return {each: (spread_of([rate, 2 * rate]), spread_of([rate, rate])) for each in figures}

    grown = tuple(each for figure in GROWTH for each in figure.measures)
    crowded = tuple(each for figure in CROWDS for each in figure.measures)
    curves = Curves(
        {triples: values(grown, triples / 100) for triples in (10_000, 30_000)},
        {number: values(crowded, number * 10) for number in CONNECTIONS},
        30_000,
        "100,000 triples were not measured: the disk is full.",
    )
    write(curves, "`make bench-curves` today.", tmp_path)
    said = (tmp_path / "curves.md").read_text(encoding="utf-8")
    shown = re.findall(r"!\[.+\]\((.+\.svg)\)", said)
    assert shown == [f"{each.name}.svg" for each in (*GROWTH, *CROWDS)]
    for name in shown:
        ElementTree.parse(tmp_path / name)
    assert "| 30,000 | 450.0 s (300.0–600.0) | 300.0 s (300.0–300.0) | 1.50 (1.00–2.00) |" in said
    assert said.endswith("the disk is full.\n`make bench-curves` today.\n")
    assert said.count("\n| 64 |") == len(CROWDS)


def test_sizes_go_up_to_the_one_that_was_asked_for() -> None:
    assert sizes(number_of("1M")) == [10_000, 30_000, 100_000, 300_000, 1_000_000]
    assert sizes(number_of("40k")) == [10_000, 30_000, 40_000]
