"""How a record came to us, on a timeline: dated steps in their place, others as bars without ends, the same in a table."""

from __future__ import annotations

import csv
import io

import pytest
from lxml import etree, html

from tests.unit.web.conftest import Ask

KEY = "darusenkov-1964-375"
ADDRESS = f"/timeline?record={KEY}"


@pytest.fixture
def page(ask_publication: Ask) -> html.HtmlElement:
    return html.fromstring(ask_publication(ADDRESS, "text/html").text)


@pytest.mark.clause("USERS 7.1.10")
def test_what_has_no_day_is_an_open_bar_over_all_of_it_and_what_has_one_stands_there(
    page: html.HtmlElement,
) -> None:
    marks = {each.get("aria-label"): each for each in page.xpath("//svg//a")}
    assert len(marks) == 11
    unknown = {name for name in marks if name.endswith(": date not stated")}
    assert {each.partition(":")[0] for each in unknown} == {
        "Filing in the archive", "Classifying", "Declassifying", "Publishing on the web", "Translating into en",
    }  # fmt: skip
    for name, mark in marks.items():
        open_bars = mark.xpath("./rect[@class='bar open']")
        assert bool(open_bars) == (name in unknown or "not after" in name), name
    written = marks["Written: 27 October 1964"].find("rect[@class='records']")
    talk = marks["Conversation of O. T. Darusenkov with Guevara: 16 October 1964"].find("circle")
    assert float(talk.get("cx")) < float(written.get("x"))


def test_the_table_says_what_the_drawing_shows_in_its_order(
    page: html.HtmlElement, ask_publication: Ask
) -> None:
    drawn = [each.get("aria-label").rpartition(": ")[0] for each in page.xpath("//svg//a")]
    told = [each.text_content() for each in page.xpath("//table//tbody//td[2]")]
    assert drawn == told
    rows = list(csv.DictReader(io.StringIO(ask_publication(f"/timeline.csv?record={KEY}").text)))
    assert [each["title"] for each in rows] == told
    briefing = next(each for each in rows if each["title"].startswith("Briefing"))
    assert (briefing["date"], briefing["earliest"], briefing["latest"]) == ("", "", "1964-12-29")
    assert all(
        ask_publication(each["identifier"].removeprefix("http://127.0.0.1:8000")).status == 303
        for each in rows
    )


def test_the_drawing_alone_is_whole(ask_publication: Ask) -> None:
    reply = ask_publication(f"/timeline.svg?record={KEY}")
    assert reply.headers["content-type"] == "image/svg+xml"
    assert len(etree.fromstring(reply.body).findall(".//{*}a")) == 11


def test_the_page_of_the_record_leads_there_and_back(ask_publication: Ask, page: html.HtmlElement) -> None:
    record = html.fromstring(ask_publication(f"/doc/record/{KEY}", "text/html").text)
    assert [each for each in record.xpath("//h2[@id='Way']/a/@href") if each.endswith(ADDRESS[1:])]
    assert page.xpath(f"//a[@href='./doc/record/{KEY}#Way']")


@pytest.mark.parametrize("path", ["/timeline", "/timeline.svg", "/timeline.csv"])
@pytest.mark.parametrize("key", ["none", "%3Cscript%3E", "a%20b", "x%0D%0Ay", f"{KEY}/p3", ".."])
def test_a_record_that_there_is_not_is_told(ask_publication: Ask, path: str, key: str) -> None:
    reply = ask_publication(f"{path}?record={key}", "text/html")
    assert reply.status == 404
    assert "<script>" not in reply.text
