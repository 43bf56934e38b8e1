"""Pages: safe whatever the data hold, and built for people who cannot see them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.unit.web.conftest import Ask, query_target

PAGES = [
    "/",
    "/doc/person/ann",
    "/doc?iri=https://elsewhere.example/bob",
    "/graph/bob",
    "/dataset",
    "/sparql",
    query_target("SELECT * WHERE { ?s ?p ?o }"),
    query_target("ASK {}"),
    query_target("CONSTRUCT WHERE { ?s ?p ?o }"),
    query_target("SELECT nonsense"),
    "/queries/",
    "/browse",
    "/browse?class=https://elsewhere.example/Person",
    "/doc/nothing",
]
PUBLICATION_PAGES = ["/", "/browse/record", "/browse/person", "/ns", "/queries/", "/dataset", "/graph/prov"]
VOID = {"meta", "link", "input", "br", "img", "hr"}


class Page(HTMLParser):
    """What a test needs to know of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.faults: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def all(self, *names: str) -> Iterator[dict[str, str | None]]:
        return (attributes for tag, attributes in self.tags if tag in names)


@pytest.fixture(params=PAGES)
def page(ask: Ask, request: pytest.FixtureRequest) -> Page:
    return Page(ask(request.param, "text/html").text)


def check_structure(page: Page) -> None:
    assert not page.faults
    assert not page.open
    assert next(page.all("html"))["lang"] == "en"
    assert len(list(page.all("h1"))) == 1
    assert len(list(page.all("main"))) == 1
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), levels
    identifiers = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(identifiers) == len(set(identifiers))
    for _, attributes in page.tags:
        for name in ("aria-labelledby", "aria-describedby"):
            if attributes.get(name):
                assert set((attributes[name] or "").split()) <= set(identifiers)
    assert next(page.all("a"))["href"] == "#main"
    labelled = {attributes.get("for") for attributes in page.all("label")}
    for field in page.all("textarea", "input"):
        assert field.get("type") == "hidden" or field.get("id") in labelled


@pytest.mark.clause("WCAG 2.2 1.3.1, 2.4.1, 2.4.6, 3.1.1, 4.1.2")
def test_a_page_has_one_heading_landmarks_labels_and_a_way_to_skip(page: Page) -> None:
    check_structure(page)


@pytest.mark.parametrize("path", PUBLICATION_PAGES)
def test_a_page_of_the_publication_is_built_as_well(ask_publication: Ask, path: str) -> None:
    reply = ask_publication(path, "text/html")
    assert reply.status == 200
    check_structure(Page(reply.text))


NEVER_LOADED = {"canonical", "cite-as", "type", "author", "license", "describedby", "item", "linkset"}
"""Links that say something and load nothing."""


def test_a_page_runs_nothing_and_asks_no_other_host_for_anything(page: Page) -> None:
    for script in page.all("script"):
        # Data for search engines, which no browser runs, or a file of ours.
        assert script.get("type") == "application/ld+json" or (script.get("src") or "").startswith(
            ("./assets/", "../assets/")
        )
    assert not list(page.all("iframe", "object", "embed", "style", "img", "base"))
    for tag, attributes in page.tags:
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        if tag == "link" and attributes.get("rel") not in NEVER_LOADED:
            assert "//" not in (attributes.get("href") or "").partition("?")[0]


def test_a_link_leads_to_a_web_address_or_stays_here(page: Page) -> None:
    for attributes in page.all("a"):
        href = attributes.get("href") or ""
        assert href.startswith(("http://", "https://", "mailto:", "./", "../", "#")), href


def test_labels_and_notes_that_hold_markup_are_shown_as_words(ask: Ask) -> None:
    text = ask("/doc/person/ann", "text/html").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script" not in text
    assert "<img" not in text
    assert 'href="javascript:' not in text
    assert "javascript:alert(1)" in text


def test_every_answer_forbids_scripts_of_others_frames_and_guessing(ask: Ask) -> None:
    for target, accept in (
        ("/doc/person/ann", "text/html"),
        ("/doc/person/ann", "application/rdf+xml"),
        ("/x", None),
    ):
        headers = ask(target, accept).headers
        assert headers["content-security-policy"].startswith(
            "default-src 'none'; style-src 'self'; script-src 'self';"
        )
        assert headers["x-content-type-options"] == "nosniff"


def test_the_title_of_a_thing_is_in_the_language_that_is_preferred(ask: Ask) -> None:
    assert '<h1 lang="en">Ann</h1>' in ask("/doc/person/ann", "text/html").text


def test_a_day_is_spelled_for_people_and_kept_for_programs(ask: Ask) -> None:
    assert '<time datetime="1864-02-03">3 February 1864</time>' in ask("/doc/person/ann", "text/html").text


def test_what_links_to_a_thing_is_listed(ask: Ask) -> None:
    text = ask("/doc?iri=https://elsewhere.example/bob", "text/html").text
    assert "Linked from" in text
    assert 'href="./doc/person/ann"' in text


def test_links_are_relative_to_where_the_page_stands(ask: Ask) -> None:
    assert 'href="../../sparql"' in ask("/doc/person/ann", "text/html").text
    assert 'href="./sparql"' in ask("/doc?iri=https://elsewhere.example/bob", "text/html").text
    assert 'href="../../../sparql"' in ask("/doc/a/b/nothing", "text/html").text


def test_the_page_of_a_record_shows_its_text_with_losses_and_linked_names(
    ask_publication: Ask, release
) -> None:
    listed = ask_publication("/browse/record", "text/html").text
    path = re.search(r'href="\.\./(doc/record/[^"]+)"', listed)
    assert path is not None
    text = ask_publication(f"/{path[1]}", "text/html").text
    check_structure(Page(text))
    assert 'id="p1"' in text
    assert 'class="gap"' in text
    # A name leads to its card on the page, that to the page of who is named.
    assert re.search(r'<a[^>]*class="mention"[^>]*href="#person:guevara"', text)
    assert re.search(r'id="person:guevara"><a href="\.\./person/guevara"', text)
    assert release.manifest.settings.rights.text in text
    assert f'{path[1].rpartition("/")[2]}.tei.xml"' in text


def test_a_person_is_shown_with_every_place_that_names_them(ask_publication: Ask) -> None:
    record = ask_publication("/" + first_record(ask_publication), "text/html").text
    person = re.search(r'class="mention" href="#person:([^"]+)"', record)
    assert person is not None
    text = ask_publication(f"/doc/person/{person[1]}", "text/html").text
    assert 'id="documents"' in text
    anchor = re.search(r'href="\.\./\.\./(doc/record/[^"#]+)#([^"]+)"', text)
    assert anchor is not None
    assert f'id="{anchor[2]}"' in record


def first_record(ask: Ask) -> str:
    found = re.search(r'href="\.\./(doc/record/[^"]+)"', ask("/browse/record", "text/html").text)
    assert found is not None
    return found[1]


def test_the_text_of_a_record_can_be_had_as_a_file(ask_publication: Ask) -> None:
    path = first_record(ask_publication)
    tei = ask_publication(f"/{path}.tei.xml")
    assert (tei.status, tei.headers["content-type"]) == (200, "application/tei+xml")
    assert ask_publication(f"/{path}", "application/tei+xml").body == tei.body
    assert ask_publication(f"/{path}.txt").headers["content-type"] == "text/plain;charset=utf-8"


def test_what_is_told_about_the_data_stands_in_the_navigation_and_leaves_no_gap_at_the_foot(
    ask_publication: Ask, publication: Path
) -> None:
    assert [each.name for each in (publication / "pages").glob("*.md")] == ["about.md"]
    page = ask_publication("/", "text/html").text
    assert page.partition("</header>")[0].count('href="./about"') == 1
    foot = page.partition("<footer")[2]
    assert 'href="./about"' not in foot
    assert "<p></p>" not in foot
