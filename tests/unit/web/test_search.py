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


def test_facets_are_links_with_numbers_and_choosing_one_narrows(site: Site) -> None:
    page = _page(site, "q=Guevara&kind=record&kind=person")
    kinds = page.xpath("//section[@aria-labelledby='facet-kind']//li")
    assert {each.text_content().strip() for each in kinds} >= {"Records 1 chosen", "People 1 chosen"}
    without = next(each for each in kinds if "People" in each.text_content()).xpath("./a/@href")[0]
    narrowed = _page(site, urlsplit(without).query)
    assert narrowed.get_element_by_id("found").text_content() == "1–1 of 1 record"


def test_what_is_chosen_stands_above_with_the_address_without_it(site: Site) -> None:
    page = _page(site, "q=Darusenkov&person=guevara&person=castro-f&gaps=yes&year=1964&language=en&from=1964")
    chips = page.xpath("//*[@class='chips']//li")
    assert [" ".join(each.text_content().split()) for each in chips] == [
        "Person Ernesto Guevara Remove",
        "Person F. Castro Remove",
        "Year 1964 Remove",
        "Language English Remove",
        "Gaps words lost or withheld Remove",
        "From 1964 Remove",
    ]
    hrefs = [each.xpath("./a/@href")[0] for each in chips]
    assert parse_qs(urlsplit(hrefs[0]).query)["person"] == ["castro-f"]
    assert "gaps" not in parse_qs(urlsplit(hrefs[4]).query)
    assert "from" not in parse_qs(urlsplit(hrefs[5]).query)
    # To search for other words keeps what is chosen.
    kept = [(each.get("name"), each.get("value")) for each in page.xpath("//form//input[@type='hidden']")]
    assert ("person", "guevara") in kept
    assert ("year", "1964") in kept


def test_facets_alone_are_a_search(site: Site) -> None:
    page = _page(site, "person=guevara&statements=yes&certainty=low&certainty=medium")
    assert page.xpath("//ol[@class='hits']/li")
    assert not _page(site, "person=guevara&statements=no").xpath("//ol[@class='hits']/li")


def test_a_unit_takes_the_place_of_that_which_contains_it(site: Site) -> None:
    page = _page(site, "holding=tskhsd-5-49&q=Guevara")
    links = page.xpath("//section[@aria-labelledby='facet-holding']//a[not(@aria-current)]/@href")
    chosen = {each for link in links for each in parse_qs(urlsplit(link).query)["holding"]}
    assert chosen == {"tskhsd-5", "tskhsd-5-49-758"}


def test_an_address_can_ask_for_all_values_of_one_facet(site: Site) -> None:
    page = _page(site, "kind=person&kind=record&kind=place&q=Cuba&all=person")
    assert len(page.xpath("//section[@aria-labelledby='facet-person']//li")) > 8
    short = _page(site, "kind=person&kind=record&kind=place&q=Cuba")
    assert len(short.xpath("//section[@aria-labelledby='facet-person']//li")) == 8
    (link,) = short.xpath("//section[@aria-labelledby='facet-person']/p/a/@href")
    assert parse_qs(urlsplit(link).query)["all"] == ["person"]


@pytest.mark.parametrize(
    "query",
    [
        "person=O+Brother",
        "person=%3Cscript%3E",
        "year=soon",
        "year=%D9%A1%D9%A9%D9%A6%D9%A4",
        "gaps=perhaps",
        "certainty=very",
        "language=EN%22",
        "kind=record&kind=unicorn",
        "q=a&all=sort",
        "&".join(f"year={each}" for each in range(1900, 1921)),
    ],
)
def test_a_value_that_no_facet_has_is_400(site: Site, query: str) -> None:
    reply = site.get(f"/search?{query}", "text/html")
    assert reply.status == 400
    assert "<script>" not in reply.text


def test_the_feed_of_a_search_is_atom_and_is_linked(site: Site) -> None:
    page = _page(site, "q=Guevara&person=guevara")
    (href,) = page.xpath("//head/link[@type='application/atom+xml']/@href")
    reply = site.get(f"/search?{urlsplit(href).query}")
    assert reply.headers["content-type"].startswith("application/atom+xml")
    feed = etree.fromstring(reply.body)
    atom = "{http://www.w3.org/2005/Atom}"
    # RFC 4287 4.1.1 and 4.1.2: what a feed and an entry must have.
    for each in (feed, *feed.iter(f"{atom}entry")):
        for name in ("id", "title", "updated"):
            assert len(each.findall(f"{atom}{name}")) == 1
    assert feed.find(f"{atom}author/{atom}name") is not None
    links = {each.get("rel"): each.get("href") for each in feed.findall(f"{atom}link")}
    assert links["self"] == "http://127.0.0.1:8000/search?q=Guevara&person=guevara&format=atom"
    assert "next" not in links
    (entry,) = feed.iter(f"{atom}entry")
    assert entry.findtext(f"{atom}id") == _IRI
    assert "Guevara" in (entry.findtext(f"{atom}summary") or "")
    assert feed.findtext("{http://a9.com/-/spec/opensearch/1.1/}totalResults") == "1"


def test_a_feed_bears_whatever_is_asked(site: Site) -> None:
    typed = quote("<b>&\u202e\x07 ]]>")
    reply = site.get(f"/search?format=atom&q={typed}")
    assert reply.status == 200
    feed = etree.fromstring(reply.body)
    assert "<b>&" in (feed.findtext("{http://www.w3.org/2005/Atom}title") or "")
