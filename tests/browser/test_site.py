"""Home, about, dataset and pages of words in a real browser: nobody is kept out, whatever a publication looks like."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Open
from tests.browser.looking import barriers, needs_axe, needs_chromium, sideways

pytestmark = needs_chromium

OF_ITS_OWN = ("", "about", "dataset", "pages/besuch", "pages/about.ru")


@needs_axe
@pytest.mark.clause("WCAG 2.2 AA")
@pytest.mark.parametrize("path", OF_ITS_OWN)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
@pytest.mark.thorough
def test_nobody_is_kept_out_of_a_publication_that_looks_otherwise(
    opened: Open, shown_site: Any, path: str, width: int, scheme: str
) -> None:
    assert barriers(opened(shown_site.url + path, width=width, scheme=scheme)) == []


@pytest.mark.clause("WCAG 2.2 1.4.10")
@pytest.mark.parametrize("path", OF_ITS_OWN)
def test_nothing_has_to_be_scrolled_sideways(opened: Open, shown_site: Any, path: str) -> None:
    assert sideways(opened(shown_site.url + path, width=320)) == []


@needs_axe
@pytest.mark.clause("WCAG 2.2 3.1.2")
@pytest.mark.parametrize(
    "path", ["ru/", "ru/doc/record/darusenkov-1964-375", "ru/search?q=guevara", "es/timeline"]
)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
@pytest.mark.thorough
def test_nobody_is_kept_out_of_pages_in_another_language(
    opened: Open, site: Any, path: str, width: int, scheme: str
) -> None:
    page = opened(site.url + path, width=width, scheme=scheme)
    assert page.locator("html").get_attribute("lang") == path[:2]
    assert barriers(page) == []
    assert sideways(opened(site.url + path, width=320)) == []


def test_the_language_is_changed_by_one_click_and_back(opened: Open, site: Any) -> None:
    page = opened(site.url + "search?q=guevara&kind=person")
    page.get_by_role("link", name="Русский").click()
    assert page.url == site.url + "ru/search?q=guevara&kind=person"
    assert page.get_by_role("heading", level=1).inner_text() == "Поиск"
    page.get_by_role("link", name="English").click()
    assert page.url == site.url + "search?q=guevara&kind=person"


def test_the_home_page_of_one_record_fits_one_screen(opened: Open, site: Any) -> None:
    page = opened(site.url)
    for place in (".counts", "#featured + ul", "#questions + ul", "#ways + ul"):
        box = page.locator(place).bounding_box()
        assert box["y"] + box["height"] <= 800, place


@pytest.mark.thorough
def test_a_question_is_answered_by_one_click(opened: Open, site: Any) -> None:
    page = opened(site.url)
    number = page.locator("#questions + ul a").count()
    assert number == 5
    for at in range(number):
        page.goto(site.url)
        page.locator("#questions + ul a").nth(at).click()
        assert page.locator(".result tbody tr").count() > 0


@pytest.mark.parametrize(
    ("scheme", "source", "colour"),
    [("light", "logo.svg", "rgb(29, 79, 115)"), ("dark", "logo-dark.svg", None)],
)
def test_logo_and_colours_are_those_of_the_publication(
    opened: Open, shown_site: Any, scheme: str, source: str, colour: str | None
) -> None:
    page = opened(shown_site.url, scheme=scheme)
    logo = page.locator("header img")
    assert f"/assets/{source}?" in logo.evaluate("each => each.currentSrc")
    assert logo.evaluate("each => each.naturalWidth > 0 && each.getBoundingClientRect().height > 20")
    found = page.locator("#questions + ul a").first.evaluate("each => getComputedStyle(each).color")
    assert found == colour or (colour is None and found not in ("rgb(29, 79, 115)", "rgb(232, 167, 143)"))


def test_the_citation_of_the_data_is_copied_by_a_button(opened: Open, site: Any) -> None:
    page = opened(f"{site.url}dataset")
    page.get_by_role("button", name="Copy: BibTeX").click()
    assert page.evaluate("navigator.clipboard.readText()").startswith("@dataset{")
