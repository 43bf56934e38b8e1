"""Drawings: whole SVG, a link for each mark, open bars for what is uncertain, and no harm from any name."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Sequence

import pytest
from lxml import etree

from fonds.days import ordinal
from fonds.drawing.graphml import Edge, Node, graphml
from fonds.drawing.land import file_of, outline_of
from fonds.drawing.map import Spot, Window, draw_map, land_of, window_of
from fonds.drawing.network import Other, Ring, draw_network
from fonds.drawing.periods import DAY, MONTH, MOST_PARTS, Unit, spaced, unit_for
from fonds.drawing.svg import NAMESPACE
from fonds.drawing.timeline import MOST_BARS, Column, Entry, Period, draw_columns, draw_entries

SVG = f"{{{NAMESPACE}}}"
EVIL = "</text><script>alert(1)</script>\"'&\x00\ud800\ufffe\u202e"


def read(drawing: str) -> etree._Element:
    """Return a drawing as XML; it has to be well formed."""
    return etree.fromstring(drawing.encode("utf-8"))


def links(root: etree._Element) -> list[etree._Element]:
    return list(root.iter(f"{SVG}a"))


def bars(root: etree._Element) -> list[str]:
    return [
        each.get("class", "") for each in root.iter(f"{SVG}rect") if each.get("class", "").startswith("bar")
    ]


def entry(first: int | None, last: int | None, **more: object) -> Entry:
    return Entry(first, last, "Something", "Something: then", "doc/x", **more)  # type: ignore[arg-type]


OCTOBER = Period(ordinal((1964, 10, 1)), ordinal((1964, 10, 31)))
DAY_16 = ordinal((1964, 10, 16))


# ------------------------------------------------------------------------------------------------ time


def test_each_thing_is_a_named_link_with_a_mark_of_its_kind() -> None:
    root = read(
        draw_entries(OCTOBER, [entry(DAY_16, DAY_16), entry(DAY_16, DAY_16, kind="event")], "Two things")
    )
    assert [(each.get("href"), each.get("aria-label")) for each in links(root)] == [
        ("doc/x", "Something: then")
    ] * 2
    assert [each.findtext(f"{SVG}title") for each in links(root)] == ["Something: then"] * 2
    record, event = links(root)
    assert (
        len(record.findall(f"{SVG}rect[@class='records']"))
        == len(event.findall(f"{SVG}circle[@class='events']"))
        == 1
    )
    assert root.findtext(f"{SVG}title") == "Two things"


def test_what_is_uncertain_is_an_open_bar_and_what_lasted_a_closed_one() -> None:
    uncertain = read(draw_entries(OCTOBER, [entry(DAY_16, DAY_16 + 5, certain=False)], "x"))
    lasted = read(draw_entries(OCTOBER, [entry(DAY_16, DAY_16 + 5)], "x"))
    assert (bars(uncertain), bars(lasted)) == (["bar open"], ["bar"])

    def ends(root: etree._Element) -> int:
        return sum("V" in each.get("d", "") for each in links(root)[0].iter(f"{SVG}path"))

    assert (ends(uncertain), ends(lasted)) == (0, 2)
    assert uncertain.xpath("count(//*[@stroke-dasharray])") == 2


def test_a_day_that_is_not_certain_is_a_hollow_mark() -> None:
    root = read(draw_entries(OCTOBER, [entry(DAY_16, DAY_16, certain=False)], "x"))
    (mark,) = root.iterfind(f".//{SVG}rect[@class='records open']")
    assert (mark.get("fill"), mark.get("stroke-dasharray")) == ("none", "3 2")


@pytest.mark.parametrize("bounds", [(None, DAY_16), (DAY_16, None), (None, None), (1, 10**9)])
def test_what_goes_on_beyond_the_edge_ends_there_in_an_arrow(bounds: tuple[int | None, int | None]) -> None:
    root = read(draw_entries(OCTOBER, [entry(*bounds, certain=False)], "x"))
    box = root.find(f".//{SVG}rect[@class='bar open']")
    assert box is not None
    left, width = float(box.get("x", "")), float(box.get("width", ""))
    assert 0 <= left < left + width <= 1000
    tips = [each for each in links(root)[0].iter(f"{SVG}path") if each.get("d", "").count("L") == 2]
    assert len(tips) == sum(each is None or each != DAY_16 for each in bounds)


def columns(period: Period, number: int = 3) -> list[Column]:
    unit = unit_for(period.first, period.last)
    return [
        Column(each, number, 1, f"{each.label}: 4", "timeline")
        for each in unit.parts(period.first, period.last)
    ]


def test_thousands_are_drawn_as_columns_that_can_each_be_pressed() -> None:
    century = Period(ordinal((1860, 1, 1)), ordinal((1959, 12, 31)))
    drawn = columns(century, 3000)
    root = read(draw_columns(century, drawn, [entry(None, DAY_16)] * 500, "x"))
    assert len(drawn) == 20
    assert len(links(root)) == len(drawn) + MOST_BARS
    reaches = [each for each in root.iter(f"{SVG}rect") if each.get("class") == "reach"]
    assert min(float(each.get("width", "")) for each in reaches) >= 24
    assert min(float(each.get("height", "")) for each in reaches) >= 24


def test_nothing_and_one_thing_are_drawn_too() -> None:
    empty = read(draw_columns(OCTOBER, columns(OCTOBER, 0)[:0], [], "x"))
    assert links(empty) == []
    assert links(read(draw_entries(OCTOBER, [], "x"))) == []
    nothing = [Column(each.part, 0, 0, "", "x") for each in columns(OCTOBER)]
    assert links(read(draw_columns(OCTOBER, nothing, [], "x"))) == []


@pytest.mark.parametrize(
    ("first", "last", "unit"),
    [
        ((1964, 10, 1), (1964, 10, 31), DAY),
        ((1964, 1, 1), (1964, 12, 31), MONTH),
        ((1925, 1, 1), (1964, 12, 31), Unit("year", 1)),
        ((1900, 1, 1), (1999, 12, 31), Unit("year", 5)),
        ((-4000, 1, 1), (2000, 12, 31), Unit("year", 500)),
        ((-4_500_000_000, 1, 1), (2000, 12, 31), Unit("year", 500_000_000)),
    ],
)
def test_time_is_parted_so_that_parts_are_broad_enough(
    first: tuple[int, int, int], last: tuple[int, int, int], unit: Unit
) -> None:
    begin, end = ordinal(first), ordinal(last)
    assert unit_for(begin, end) == unit
    parts = list(unit.parts(begin, end))
    assert len(parts) == unit.number(begin, end) <= MOST_PARTS
    assert all(after.first == before.last + 1 for before, after in itertools.pairwise(parts))
    assert parts[0].first <= begin
    assert parts[-1].last >= end
    assert len(spaced(parts, 12)) <= 12


def test_years_before_christ_are_called_so() -> None:
    assert Unit("year", 1).part(ordinal((-43, 3, 15))).label == "44 BC"
    assert Unit("year", 1).part(ordinal((0, 3, 15))).begin == "0000"


# ------------------------------------------------------------------------------------------------ place


def spots(points: Sequence[tuple[float, float]]) -> list[Spot]:
    return [
        Spot(each, str(number), f"{number}: a place", f"doc/{number}")
        for number, each in enumerate(points, 1)
    ]


def centres(root: etree._Element) -> list[tuple[float, float]]:
    return [
        (float(each.get("cx", "")), float(each.get("cy", "")))
        for each in root.iter(f"{SVG}circle")
        if each.get("class") == "mark"
    ]


def is_within(window: Window, point: tuple[float, float]) -> bool:
    x, y = window.at(point)
    return 0 <= x <= 1000 and 0 <= y <= window.height


@pytest.mark.parametrize(
    "points",
    [
        [(-82.38, 23.13)],
        [(179.0, -17.0), (-179.0, -18.0)],
        [(-179.9, 0.0), (179.9, 0.0), (0.0, 0.0)],
        [(0.0, 90.0)],
        [(0.0, -90.0), (10.0, -89.9)],
        [(180.0, 5.0), (-180.0, 5.0)],
        [(37.6, 55.7), (2.3, 48.8), (-0.1, 51.5)],
        [(2.35, 48.85), (2.36, 48.86)],
    ],
)
def test_every_place_is_on_its_map(points: list[tuple[float, float]]) -> None:
    window = window_of(points)
    assert all(is_within(window, each) for each in points)
    assert all(is_within(window_of(points, whole=True), each) for each in points)
    assert 100 < window.height < 1000
    root = read(draw_map(window, spots(points), "x"))
    assert len(links(root)) == len(points)


def test_a_map_across_the_line_where_the_date_changes_is_no_map_of_the_world() -> None:
    window = window_of([(179.0, -17.0), (-179.0, -18.0)])
    assert window.east - window.west < 10
    (left, _), (right, _) = window.at((179.0, -17.0)), window.at((-179.0, -18.0))
    assert left < right


def test_marks_of_one_spot_stand_apart_with_a_line_to_it() -> None:
    points = [(2.35, 48.85)] * 60
    root = read(draw_map(window_of([*points, (30.0, 60.0)]), spots(points), "x"))
    found = centres(root)
    assert len(found) == 60
    assert min(math.dist(one, other) for one, other in itertools.combinations(found, 2)) >= 24
    assert len(root.findall(f"{SVG}path[@class='leader']")) >= 59


TOPOLOGY = {
    "type": "Topology",
    "objects": {
        "land": {
            "type": "GeometryCollection",
            "geometries": [{"type": "MultiPolygon", "arcs": [[[0, 1]], [[~2]], [[3]], [[4]]]}],
        }
    },
    "arcs": [
        [[0, 0], [10, 0], [0, 10]],
        [[10, 10], [-10, 0], [0, -10]],
        [[20, 20], [5, 0], [0, 5], [-5, -5]],
        [[170, 60], [20, 0], [0, 5], [-20, -5]],
        [[-180, -60], [120, 0], [120, 0], [120, 0]],
    ],
    "transform": {"scale": [1, 1], "translate": [0, 0]},
}


def test_the_outline_joins_arcs_and_goes_on_beyond_the_edges() -> None:
    outline = outline_of(json.dumps(TOPOLOGY).encode())
    rings = outline.removesuffix("Z").split("Z")
    assert rings[0] == "M0,0 10,0 10,-10 0,-10"
    assert rings[1] == "M20,-20 25,-25 25,-20"
    assert rings[2] == "M170,-60 190,-60 190,-65"
    assert rings[3].endswith("180,90 -180,90")
    assert read(file_of(outline)).find(f"{SVG}path[@id='land']") is not None


def test_the_land_is_drawn_wherever_a_map_reaches_and_not_where_it_is_too_coarse() -> None:
    def lands(points: list[tuple[float, float]]) -> int:
        drawn = read(draw_map(window_of(points), spots(points), "x", land_of("M0,0 1,0 1,1Z")))
        return len(drawn.findall(f"{SVG}g[@class='land']"))

    assert lands([(10.0, 50.0)]) == 1
    assert lands([(179.0, -17.0), (-179.0, -18.0)]) == 2
    assert lands([(2.0 + number / 1000, 48.0) for number in range(20)]) == 0


# ------------------------------------------------------------------------------------------------ ties


def others(number: int, kind: str = "person") -> list[Other]:
    return [
        Other(f"Other {each}", f"Other {each}: tie", f"doc/{each}", kind, each + 1) for each in range(number)
    ]


@pytest.mark.parametrize("numbers", [[1], [2, 1], [1, 1, 48], [40, 1, 1], [20, 20, 10]])
def test_each_ring_is_larger_than_the_one_within_and_each_other_has_a_row_of_its_own(
    numbers: list[int],
) -> None:
    root = read(
        draw_network("Us", "en", [Ring(str(at), others(each)) for at, each in enumerate(numbers, 1)], "x")
    )
    sizes = [float(each.get("rx", "")) for each in root.iter(f"{SVG}ellipse")]
    assert len(sizes) == len(numbers)
    assert all(after > before + 10 for before, after in itertools.pairwise(sizes))
    assert len(links(root)) == sum(numbers)
    rows = [
        (each.get("x"), each.get("y"))
        for link in links(root)
        for each in link.iter(f"{SVG}rect")
        if each.get("class") == "reach"
    ]
    assert len(set(rows)) == sum(numbers)
    height = float(root.get("height", ""))
    assert all(0 < float(y or 0) < height - 24 for _, y in rows)


def test_kinds_have_different_marks() -> None:
    kinds = ("person", "group", "place", "event", "topic")
    root = read(draw_network("Us", None, [Ring("1", [others(1, kind)[0] for kind in kinds])], "x"))
    marks = {
        (etree.QName(each).localname, each.get("fill"), each.get("d", "").count(" "))
        for link in links(root)
        for each in link
        if each.get("class") == "mark"
    }
    assert len(marks) == len(kinds)


def test_graphml_names_nodes_by_their_iris_and_edges_by_their_tie() -> None:
    written = graphml(
        [Node("https://a.example/1", EVIL, "person"), Node("https://a.example/2", "Two", "")],
        [Edge("https://a.example/1", "https://a.example/2", "beside", 3)],
    )
    root = etree.fromstring(written.encode())
    namespace = {"g": "http://graphml.graphdrawing.org/xmlns"}
    (edge,) = root.findall(".//g:edge", namespace)
    assert (edge.get("source"), edge.get("target")) == ("https://a.example/1", "https://a.example/2")
    assert [each.text for each in edge.findall("g:data", namespace)] == ["beside", "3"]
    assert {each.get("id") for each in root.findall("g:key", namespace)} == {"title", "kind", "tie", "weight"}


# ------------------------------------------------------------------------------------------------ names


@pytest.mark.clause("WCAG 2.2 2.5.3")
@pytest.mark.parametrize("title", ["Something", "To be continued…", "Too long " * 20, "In  two\nlines\x00"])
def test_the_name_of_a_link_begins_with_what_is_seen_of_it_and_says_twice_only_what_was_cut(
    title: str,
) -> None:
    name = f"{title}: more"
    columns_of = [Column(MONTH.part(DAY_16), 1, 1, name, "x", "2")]
    drawings = [
        draw_entries(OCTOBER, [Entry(DAY_16, DAY_16, title, name, "x")], "x"),
        draw_columns(OCTOBER, columns_of, [Entry(None, None, title, name, "x")], "x"),
        draw_map(window_of([(0, 0)]), [Spot((0, 0), "1", f"1: {name}", "x")], "x"),
        draw_network("Us", None, [Ring("1", [Other(title, name, "x", "person")])], "x"),
    ]
    for link in itertools.chain.from_iterable(links(read(each)) for each in drawings):
        (seen,) = (each.text or "" for each in link.iter(f"{SVG}text"))
        called = link.get("aria-label", "")
        assert called.startswith(seen)
        assert called.count(": more") == 1
        assert called == link.findtext(f"{SVG}title")
        assert called.count(title.strip()) <= 1


# ------------------------------------------------------------------------------------------------ harm


def test_no_name_does_harm_in_any_drawing() -> None:
    part = MONTH.part(DAY_16)
    drawings = [
        draw_entries(OCTOBER, [Entry(DAY_16, DAY_16, EVIL, EVIL, EVIL, language=EVIL)], EVIL),
        draw_columns(OCTOBER, [Column(part, 1, 1, EVIL, EVIL)], [Entry(None, None, EVIL, EVIL, EVIL)], EVIL),
        draw_map(window_of([(0, 0)]), [Spot((0, 0), EVIL, EVIL, EVIL, language=EVIL)], EVIL),
        draw_network(EVIL, EVIL, [Ring(EVIL, [Other(EVIL, EVIL, EVIL, EVIL, language=EVIL)])], EVIL),
    ]
    for drawing in drawings:
        root = read(drawing)
        names = {etree.QName(each).localname for each in root.iter()}
        assert names <= {"svg", "title", "a", "g", "rect", "circle", "ellipse", "path", "text"}
        attributes = {str(name) for each in root.iter() for name in each.attrib}
        assert not [each for each in attributes if each == "style" or each.startswith("on")]
        # Each is a paragraph of its own, in which marks of direction end (Unicode Bidirectional Algorithm 3.3.1).
        assert all(len(each) == 0 for each in root.iter(f"{SVG}text"))
