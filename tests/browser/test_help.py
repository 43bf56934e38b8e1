"""The help, a place on its small map and the way of a record in a real browser: nobody is kept out, nothing is cut off."""

from __future__ import annotations

import pytest

from fonds.web.help_pages import TOPICS
from tests.browser.conftest import Open
from tests.browser.looking import barriers, needs_axe, needs_chromium, sideways
from tests.conftest import Site

pytestmark = needs_chromium

PAGES = (
    "help",
    *(f"help/{each.name}" for each in TOPICS),
    "help/shelfmarks.ru",
    "timeline?record=darusenkov-1964-375",
)


@needs_axe
@pytest.mark.clause("WCAG 2.2 AA")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.thorough
def test_nobody_is_kept_out_of_the_help(opened: Open, site: Site, scheme: str) -> None:
    page, found = opened(site.url, scheme=scheme), {}
    for each in PAGES:
        page.goto(site.url + each)
        found[each] = barriers(page)
    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.clause("WCAG 2.2 1.4.10")
@pytest.mark.thorough
def test_the_help_needs_no_scrolling_sideways(opened: Open, site: Site) -> None:
    page, wide = opened(site.url, width=320, scripts=False), {}
    for each in PAGES:
        page.goto(site.url + each)
        if sideways(page):
            wide[each] = sideways(page)
    assert wide == {}


@pytest.mark.clause("WCAG 2.2 2.1.1")
def test_what_is_wider_than_the_window_is_scrolled_by_the_keyboard(opened: Open, site: Site) -> None:
    page = opened(f"{site.url}help/model", width=390)
    drawing = page.locator("figure.drawn .wide")
    drawing.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('figure.drawn .wide').scrollLeft > 0")
    boxes = page.evaluate(
        "[...document.querySelectorAll('svg.model text')].map(it => [it.getBBox().x + it.getBBox().width, it.textContent])"
    )
    edges = page.evaluate(
        "[...document.querySelectorAll('svg.model rect.box')].map(it => [it.getBBox().x, it.getBBox().x + it.getBBox().width])"
    )
    starts = page.evaluate("[...document.querySelectorAll('svg.model text')].map(it => it.getBBox().x)")
    for (end, words), start in zip(boxes, starts, strict=True):
        within = next(right for left, right in edges if left <= start <= right)
        assert end <= within, words
