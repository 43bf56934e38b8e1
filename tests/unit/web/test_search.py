"""The search page works without scripts, answers in other formats, and bears whatever is sent."""

from __future__ import annotations

import csv
import io
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from lxml import etree, html

from tests.conftest import Site

_IRI = "http://127.0.0.1:8000/id/record/darusenkov-1964-375"


def _page(site: Site, query: str, status: int = 200) -> html.HtmlElement:
    reply = site.get(f"/search?{query}", "text/html")
    assert reply.status == status
    return html.fromstring(reply.body)


def test_a_hit_has_title_reference_day_and_marked_words(site: Site) -> None:
    page = _page(site, "q=Guevara+resignation")
    (hit,) = page.xpath("//ol[@class='hits']/li")
    text = hit.text_content()
    assert "TsKhSD, f. 5, op. 49, d. 758" in text
    assert "27 October 1964" in text
    assert {each.text_content() for each in hit.xpath(".//mark")} == {"Guevara", "resignation"}
    assert page.get_element_by_id("found").text_content() == "1–1 of 1 record"


def test_names_stand_above_records(site: Site) -> None:
    links = [each.get("href") for each in _page(site, "q=Castro").xpath("//*[@aria-labelledby='names']//a")]
    assert "./doc/person/castro-f" in links


def test_nothing_found_says_what_was_searched_and_offers_names(site: Site) -> None:
    page = _page(site, "q=xyzzy+Guevarra")
    found = page.xpath("//*[@aria-labelledby='found']")[0]
    assert "xyzzy Guevarra" in found.text_content()
    assert "./doc/person/guevara" in [each.get("href") for each in found.xpath(".//a")]


def test_csv_has_the_identifiers(site: Site) -> None:
    reply = site.get("/search?q=Guevara&format=csv")
    assert reply.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(reply.text)))
    assert [(each["identifier"], each["written"], each["happened"]) for each in rows] == [
        (_IRI, "1964-10-27", "1964-10-16")
    ]


def test_ris_has_the_citations(site: Site) -> None:
    assert site.get("/search?q=Guevara&format=ris").text.startswith("TY  - ")


def test_the_query_of_a_page_gives_what_stands_on_it(site: Site) -> None:
    (link,) = [
        each
        for each in _page(site, "q=Guevara").xpath("//*[@class='formats']/a")
        if "sparql" in each.get("href")
    ]
    query = parse_qs(urlsplit(link.get("href")).query)["query"][0]
    assert _IRI in site.get(f"/sparql?query={quote(query)}", "text/csv").text


@pytest.mark.parametrize(
    "query",
    [
        "from=soon",
        "kind=unicorn",
        "sort=luck",
        "format=doc",
        "page=0",
        "page=501&q=a",
        "q=a&q=b",
        "q=%ff",
        "q=" + "a" * 501,
    ],
)
def test_what_is_not_understood_is_400_and_says_so(site: Site, query: str) -> None:
    reply = site.get(f"/search?{query}")
    assert reply.status == 400
    assert "detail" in reply.text


def test_a_page_behind_the_last_is_404(site: Site) -> None:
    assert site.get("/search?q=Guevara&page=2").status == 404


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        "\x00\x1b[2J",
        "\u202eabc",
        "((((((((",
        "*" * 400,
        '"' * 400,
        "a~" * 200,
        "{{7*7}}",
    ],
)
def test_hostile_words_are_shown_and_nothing_more(site: Site, typed: str) -> None:
    reply = site.get(f"/search?q={quote(typed)}", "text/html")
    assert reply.status == 200
    assert "<script>alert" not in reply.text
    assert "7*7" in reply.text or "7*7" not in typed


def test_a_question_of_100_kb_is_refused(site: Site) -> None:
    assert site.get(f"/search?q={'a' * 100_000}").status in (400, 414, 431)


def test_without_a_question_there_is_the_form_and_how_to_ask(site: Site) -> None:
    page = _page(site, "")
    assert page.xpath("//form[@role='search']//input[@name='q']")
    assert page.get_element_by_id("ways") is not None


def test_browsers_are_told_how_to_ask(site: Site) -> None:
    reply = site.get("/search.xml")
    url = etree.fromstring(reply.body).find("{*}Url[@type='text/html']")
    assert url is not None
    assert url.get("template") == "http://127.0.0.1:8000/search?q={searchTerms}"
