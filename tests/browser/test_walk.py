"""Pages of every kind in a real browser: wide and narrow, light and dark, with scripts and without, by keyboard."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open
from tests.browser.looking import barriers, needs_axe, needs_chromium, sideways
from tests.browser.walking import kind_of, walked
from tests.conftest import Site

pytestmark = needs_chromium


@pytest.fixture(scope="module", params=[pytest.param("site", marks=pytest.mark.thorough), "dataset_site"])
def pages(request: pytest.FixtureRequest) -> list[str]:
    """Addresses of pages, one of each kind, of a site of records and of one of any RDF."""
    return [address for address, _ in walked(request.getfixturevalue(request.param))]


@needs_axe
@pytest.mark.clause("WCAG 2.2 AA")
@pytest.mark.clause("USERS 7.3.15")
@pytest.mark.thorough
def test_nobody_is_kept_out_of_wide_pages(opened: Open, pages: list[str]) -> None:
    assert len(pages) > 5
    page, found = opened(pages[0]), {}
    for each in filter(_is_new, pages):
        page.goto(each)
        found[kind_of(each)] = barriers(page)
    assert {kind: each for kind, each in found.items() if each} == {}


@needs_axe
@pytest.mark.clause("WCAG 2.2 AA")
@pytest.mark.thorough
def test_nobody_is_kept_out_of_narrow_and_dark_pages(opened: Open, pages: list[str]) -> None:
    """Colours and sizes of what is pressed are other ones there; the rest is the same."""
    page, found = opened(pages[0], width=390, scheme="dark"), {}
    for each in filter(_is_new, pages):
        page.goto(each)
        found[kind_of(each)] = barriers(page, only=("color-contrast", "target-size"))
    assert {kind: each for kind, each in found.items() if each} == {}


@pytest.mark.clause("WCAG 2.2 1.4.10", "USERS 7.1.15")
@pytest.mark.thorough
def test_nothing_has_to_be_scrolled_sideways(opened: Open, pages: list[str]) -> None:
    page, wide = opened(pages[0], width=320, scripts=False), {}
    for each in pages:
        page.goto(each)
        if sideways(page):
            wide[kind_of(each)] = each
    assert wide == {}


@pytest.mark.clause("WCAG 2.2 2.4.1", "WCAG 2.2 2.4.7")
def test_the_content_is_reached_by_the_keyboard_from_every_page(opened: Open, pages: list[str]) -> None:
    page, lost = opened(pages[0]), []
    for each in pages:
        page.goto(each)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        where = page.evaluate(
            "(() => { const it = document.activeElement, main = document.querySelector('main');"
            " const first = [...main.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex=\"0\"]')]"
            ".find(each => each.checkVisibility());"
            " return [it === first || !first, getComputedStyle(it).outlineStyle !== 'none' || it === document.body] })()"
        )
        if where != [True, True]:
            lost.append((kind_of(each), where))
    assert lost == []


@needs_axe
def test_a_barrier_is_found_where_there_is_one(opened: Open, site: Site) -> None:
    page = opened(site.url)
    page.evaluate("document.querySelector('main').append(document.createElement('input'))")
    assert barriers(page) == ["label: <input>"]


def _is_new(address: str) -> bool:
    """Tell whether no other test looks for barriers there; on a long page that takes seconds."""
    return kind_of(address) != "doc/record/…"
