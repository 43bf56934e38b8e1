"""Timeline, map and networks as pages: the drawing, its twin in words, its data; grouped, narrowed, refused with a reason."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html import unescape

import msgspec
import pytest
from lxml import etree

import fonds.web.timeline
from fonds.web import create_app
from tests.conftest import opened
from tests.drawn import BASE, EVIL, PLACES, RECORDS, WITHOUT, made_up
from tests.unit.web.conftest import Ask, asker
from tests.unit.web.test_pages import Page, check_structure

PAGES = (
    "timeline",
    "timeline?kind=event",
    "timeline?from=1955&to=1955",
    "timeline?from=1955-05&to=1955-05",
    "timeline?from=1960-05-10&to=1960-05-10",
    "timeline?from=2050",
    "timeline?span=1955-01-01/1955-12-31",
    "timeline?span=1962-01-01/..",
    "map",
    "map?in=cuba",
    "map?in=fiji",
    "map?without=coordinates",
    "network/person/evil",
    "network/person/plain",
    "network/person/lonely",
    "network/place/cuba",
)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    release = made_up(tmp_path_factory.mktemp("drawn"))
    with opened(release, prefixes={}) as store:
        yield asker(create_app(release, store, release.manifest.settings))


def page(ask: Ask, path: str) -> str:
    reply = ask(f"/{path}", "text/html")
    assert reply.status == 200, (path, reply.text[:2000])
    return reply.text


def rows(ask: Ask, path: str) -> list[dict[str, str]]:
    reply = ask(f"/{path}")
    assert reply.status == 200
    assert reply.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(reply.text)))


def drawing_in(text: str) -> etree._Element:
    return etree.fromstring(text[text.index("<svg") : text.index("</svg>") + 6].encode())


def targets(text: str) -> tuple[list[str], list[str]]:
    """Return where the links of a drawing lead, and those of the tables on its page."""
    (before, _, rest) = text.partition("<svg")
    drawn, _, after = rest.partition("</svg>")
    assert before
    found = (re.findall(r'<a[^>]* href="([^"]*)"', each) for each in (drawn, after))
    return tuple([unescape(each) for each in part] for part in found)  # type: ignore[return-value]


@pytest.mark.parametrize("path", PAGES)
def test_no_name_and_no_date_breaks_a_page(drawn: Ask, path: str) -> None:
    text = page(drawn, path)
    shown = Page(text)
    check_structure(shown)
    assert list(shown.all("script", "img")) == []
    assert not [
        each
        for _, attributes in shown.tags
        for each in attributes
        if each.startswith("on") or each == "style"
    ]
    assert len(text) < 120_000


@pytest.mark.parametrize(
    "path",
    [
        each
        for each in PAGES
        if "span" not in each and "without" not in each and "lonely" not in each and "2050" not in each
    ],
)
def test_whatever_is_drawn_stands_in_words_too(drawn: Ask, path: str) -> None:
    marks, words = targets(page(drawn, path))
    assert marks
    assert set(marks) <= set(words)


@pytest.mark.parametrize(
    "path", ["timeline", "timeline?from=1955&to=1955", "map", "map?in=fiji", "network/person/evil"]
)
def test_a_drawing_is_a_file_of_its_own_with_links_that_lead_back(drawn: Ask, path: str) -> None:
    name, mark, query = path.partition("?")
    reply = drawn(f"/{name}.svg{mark}{query}")
    assert reply.headers["content-type"] == "image/svg+xml"
    root = etree.fromstring(reply.body)
    hrefs = [each.get("href", "") for each in root.iter("{http://www.w3.org/2000/svg}a")]
    assert hrefs
    assert all(each.startswith(BASE) for each in hrefs)
    assert "style" not in reply.text


# ------------------------------------------------------------------------------------------------ time


def test_years_lead_to_months_and_months_to_days(drawn: Ask) -> None:
    years = page(drawn, "timeline?from=1950&to=1964")
    assert '"./timeline?from=1955&amp;to=1955"' in years
    months = page(drawn, "timeline?from=1955&to=1955")
    assert '"./timeline?from=1955-05&amp;to=1955-05"' not in years
    assert "timeline?from=1950&amp;to=1959" in months  # all of it is wider


def test_what_is_told_no_closer_than_a_year_is_no_month_of_it(
    drawn: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonds.web.timeline, "MOST_ENTRIES", 10)
    text = page(drawn, "timeline?from=1955&to=1956")
    assert "timeline?span=1955-01-01/1955-12-31" in text
    assert re.search(r">1955</a></td><td class=\"number\">10</td>", text)
    listed = page(drawn, "timeline?span=1955-01-01/1955-12-31")
    assert len(re.findall(r'<td><a href="\./doc/record/', listed)) == 10


def test_numbers_add_up_however_much_time_is_shown(drawn: Ask) -> None:
    data = rows(drawn, "timeline.csv")
    records = [each for each in data if each["kind"] == "record"]
    assert len(records) == RECORDS - 2
    text = page(drawn, "timeline?from=-0100&to=Y171000")
    tables = text[text.index("</svg>") :]
    numbers = re.findall(
        r'<td class="number">([\d\u202f]+)</td><td class="number">([\d\u202f]+)</td>', tables
    )
    assert sum(int(each) for each, _ in numbers) == RECORDS - 2
    assert sum(int(each) for _, each in numbers) == 2


def test_a_kind_can_be_asked_for_alone(drawn: Ask) -> None:
    events = rows(drawn, "timeline.csv?kind=event")
    assert {each["date"] for each in events} == {"1955-05-02/1955-05-20", "1930"}
    assert {each["kind"] for each in rows(drawn, "timeline.csv?kind=record")} == {"record"}
    text = page(drawn, "timeline?kind=event")
    assert "2 events from" in text or "2 events in" in text
    assert "1 event without a date" in text


def test_open_dates_are_in_every_time_that_they_can_mean(drawn: Ask) -> None:
    for path, date in (("1999", "1962/.."), ("1900", "../1952"), ("1956", "1955/1958")):
        assert date in {each["date"] for each in rows(drawn, f"timeline.csv?from={path}&to={path}")}
    assert "1962/.." not in {each["date"] for each in rows(drawn, "timeline.csv?from=1961&to=1961")}


def test_a_doubtful_day_is_drawn_open(drawn: Ask) -> None:
    root = drawing_in(page(drawn, "timeline?from=1960-05-10&to=1960-05-10"))
    (found,) = {
        each.get("class")
        for each in root.iter("{http://www.w3.org/2000/svg}rect")
        if "records" in each.get("class", "")
    }
    assert found == "records open"


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("from=spring", "from: “spring” is not a date"),
        ("to=1964-13", "to: “1964-13” is not a date"),
        ("from=1965&to=1964", "end before that"),
        ("kind=person", "kind: found “person”"),
        ("span=1955", "expected two days"),
        ("from=1955&from=1956", "more than once"),
        ("span=1955-01-01/1955-12-31&page=0", "not the number of a page"),
    ],
)
def test_what_is_not_understood_is_refused_with_what_was_expected(
    drawn: Ask, query: str, reason: str
) -> None:
    reply = drawn(f"/timeline?{query}", "application/json")
    assert reply.status == 400
    assert reason in msgspec.json.decode(reply.body)["detail"]


@pytest.mark.parametrize(
    "query",
    [
        "span=1901-01-01/1901-12-31",
        "span=1955-01-01/1955-12-31&page=2",
        "span=1955-01-01/1955-12-31&kind=event",
    ],
)
def test_a_list_of_nothing_is_not_there(drawn: Ask, query: str) -> None:
    assert drawn(f"/timeline?{query}", "text/html").status == 404


def test_a_table_is_never_cut(drawn: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonds.web.timeline, "_MOST_ROWS", 20)
    reply = drawn("/timeline.csv?from=1951", "application/json")
    assert reply.status == 400
    assert "up to 20 rows" in msgspec.json.decode(reply.body)["detail"]


# ------------------------------------------------------------------------------------------------ places


def test_countries_lead_to_their_places_and_further(drawn: Ask) -> None:
    world = page(drawn, "map")
    assert "map?in=cuba" in world
    assert f'<span class="sub">{PLACES}</span>' in world
    cuba = page(drawn, "map?in=cuba")
    (spot,) = re.findall(
        r'href="\./(map\?in=cuba&amp;area=[^"]*)"[^>]*>[^<]*</a> <span class="detail">70 places', cuba
    )
    text = page(drawn, unescape(spot))
    assert "Quarter 69" in text
    assert text.count('<a href="./doc/place/') == 70


def test_places_without_coordinates_are_listed(drawn: Ask) -> None:
    world = page(drawn, "map")
    without = world[world.index('id="elsewhere"') :]
    assert without.count("Nowhere") == WITHOUT
    assert without.count("not stated") == WITHOUT


def test_all_places_are_had_as_csv_and_geojson(drawn: Ask) -> None:
    data = rows(drawn, "map.csv")
    assert len(data) == PLACES + WITHOUT
    assert next(each["longitude"] for each in data if each["title"] == "Quarter 1") == "-82.38"
    assert next(each["records"] for each in data if each["title"] == "Cuba") == "3"
    reply = drawn("/map.geojson?in=fiji")
    assert reply.headers["content-type"] == "application/geo+json"
    features = msgspec.json.decode(reply.body)["features"]
    assert len(features) == 31
    assert all(-180 <= each["geometry"]["coordinates"][0] <= 180 for each in features)


@pytest.mark.parametrize(
    "path",
    ["map?in=nowhere", "map?area=1,2,3,4", "map?page=2", "map?without=coordinates&page=2", "map.svg?in=x"],
)
def test_a_map_that_is_not_there_leads_to_the_world(drawn: Ask, path: str) -> None:
    reply = drawn(f"/{path}", "text/html")
    assert reply.status == 404
    assert re.search(r'href="\./map"', reply.text)


# ------------------------------------------------------------------------------------------------ ties


def test_ties_are_ringed_by_kind_and_each_is_told(drawn: Ask) -> None:
    text = page(drawn, "network/person/plain")
    assert "Ring 1: named in the same paragraphs" in text
    data = {
        each["target"].removeprefix(f"{BASE}id/"): each for each in rows(drawn, "network/person/plain.csv")
    }
    assert {each: data[each]["paragraphs"] for each in data} == {
        "person/evil": "3",
        "place/cuba": "3",
        "event/fair": "3",
        "group/us": "2",
    }
    rings = drawing_in(page(drawn, "network/person/evil")).findall(".//{http://www.w3.org/2000/svg}ellipse")
    assert len(rings) == 2


def test_who_is_joined_by_several_ties_is_drawn_once_and_told_with_all(drawn: Ask) -> None:
    root = drawing_in(page(drawn, "network/person/evil"))
    names = [each.get("aria-label") for each in root.iter("{http://www.w3.org/2000/svg}a")]
    assert [each for each in names if each and each.startswith("Us:")] == [
        "Us: part of; named together in 2 paragraphs"
    ]


def test_a_network_is_had_as_graphml(drawn: Ask) -> None:
    reply = drawn("/network/person/evil.graphml")
    root = etree.fromstring(reply.body)
    namespace = {"g": "http://graphml.graphdrawing.org/xmlns"}
    assert f"{BASE}id/group/us" in {each.get("id") for each in root.findall(".//g:node", namespace)}
    assert EVIL in {each.text for each in root.findall(".//g:data", namespace)}


def test_only_what_has_ties_has_a_network(drawn: Ask) -> None:
    assert drawn("/network/record/r1", "text/html").status == 404
    assert drawn("/network/person/nobody", "text/html").status == 404
    assert drawn("/network/person/lonely.svg", "text/html").status == 404
    assert "No tie" in page(drawn, "network/person/lonely")


def test_pages_of_things_and_lists_lead_to_drawings(drawn: Ask) -> None:
    assert "network/person/evil" in page(drawn, "doc/person/evil")
    assert "network/" not in page(drawn, "doc/person/lonely")
    assert "timeline?from=1955-05&amp;to=1955-05" in page(drawn, "doc/event/fair")
    assert "timeline?kind=record" in page(drawn, "browse/record")
    for name in ("timeline", "map"):
        assert re.search(rf'href="\./{name}"', page(drawn, ""))


def test_a_dataset_has_none_of_it_and_says_why(ask: Ask) -> None:
    for path in ("timeline", "map", "timeline.csv", "map.geojson"):
        reply = ask(f"/{path}", "application/json")
        assert reply.status == 404
        assert "only publications of an archive" in msgspec.json.decode(reply.body)["detail"]


def test_crawlers_are_told_to_leave_what_has_no_end(drawn: Ask) -> None:
    rules = drawn("/robots.txt").text
    for each in ("/timeline?", "/map?", "/network/"):
        assert f"Disallow: {each}\n" in rules
