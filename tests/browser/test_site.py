"""Home, about, dataset and pages of words in a real browser: nobody is kept out, whatever a publication looks like."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.test_documents import barriers, needs_axe
from tests.browser.test_in_chromium import CHROMIUM

api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="Chromium is not installed (Debian: apt-get install chromium)"
)

OF_ITS_OWN = ("", "about", "dataset", "pages/besuch", "pages/about.ru")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
        )
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A publication with a logo, colours, pages and templates."""
    from fonds.release.publication import build_publication
    from tests.conftest import serving
    from tests.presentation.conftest import laid_over

    folder: Path = tmp_path_factory.mktemp("own")
    release = build_publication(laid_over(folder / "publication"), into=folder / "releases")
    with serving(release.folder) as running:
        yield running


def visited(browser: Any, url: str, width: int, scheme: str = "light") -> tuple[Any, list[str]]:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.goto(url)
    return page, told


@needs_axe
@pytest.mark.clause("WCAG 2.2 AA")
@pytest.mark.parametrize("path", OF_ITS_OWN)
def test_nobody_is_kept_out_of_a_publication_that_looks_otherwise(
    browser: Any, of_its_own: Any, path: str
) -> None:
    for width, scheme in ((1280, "light"), (390, "dark")):
        page, told = visited(browser, of_its_own.url + path, width, scheme)
        assert barriers(page) == []
        assert told == []
        page.context.close()


@pytest.mark.clause("WCAG 2.2 1.4.10")
@pytest.mark.parametrize("path", OF_ITS_OWN)
def test_nothing_has_to_be_scrolled_sideways(browser: Any, of_its_own: Any, path: str) -> None:
    page, _ = visited(browser, of_its_own.url + path, 320)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.context.close()


def test_the_home_page_of_one_record_fits_one_screen(browser: Any, site: Any) -> None:
    page, _ = visited(browser, site.url, 1280)
    for place in (".counts", "#featured + ul", "#questions + ul", "#ways + ul"):
        box = page.locator(place).bounding_box()
        assert box["y"] + box["height"] <= 800, place


def test_a_question_is_answered_by_one_click(browser: Any, site: Any) -> None:
    page, _ = visited(browser, site.url, 1280)
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
    browser: Any, of_its_own: Any, scheme: str, source: str, colour: str | None
) -> None:
    page, told = visited(browser, of_its_own.url, 1280, scheme)
    logo = page.locator("header img")
    assert f"/assets/{source}?" in logo.evaluate("each => each.currentSrc")
    assert logo.evaluate("each => each.naturalWidth > 0 && each.getBoundingClientRect().height > 20")
    found = page.locator("#questions + ul a").first.evaluate("each => getComputedStyle(each).color")
    assert found == colour or (colour is None and found not in ("rgb(29, 79, 115)", "rgb(232, 167, 143)"))
    assert told == []


def test_the_citation_of_the_data_is_copied_by_a_button(browser: Any, site: Any) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{site.url}dataset")
    page.get_by_role("button", name="Copy: BibTeX").click()
    assert page.evaluate("navigator.clipboard.readText()").startswith("@dataset{")
    context.close()
