"""Pages of every kind in a real browser: wide and narrow, light and dark, with scripts and without, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest

from fonds.release.folder import Release
from fonds.store.embedded import EmbeddedStore
from fonds.web import create_app
from tests.browser.test_documents import AXE, barriers, browser, needs_axe
from tests.browser.test_in_chromium import CHROMIUM
from tests.browser.walking import kind_of, walked
from tests.unit.web.conftest import dataset, dataset_store
from tests.unit.web.test_server import LOOPBACK, get, listening, received

__all__ = ["browser", "dataset", "dataset_store"]

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="Chromium is not installed (Debian: apt-get install chromium)"
)

STOPPED = "Failed to load resource: the server responded with a status of 4"
"""What a browser says on its console of a page that is an error, as some of these are."""


@dataclass
class Walk:
    """A browser on a site.

    Attributes:
        page: What is open.
        pages: Addresses, one of each kind.
        told: What stood on the console.
        asked: Hosts that were asked.
    """

    page: Any
    pages: list[str]
    told: list[str] = field(default_factory=list)
    asked: set[str | None] = field(default_factory=set)

    def go(self, address: str) -> Any:
        """Open a page."""
        self.page.goto(address)
        return self.page


@pytest.fixture(scope="module", params=["publication", "dataset"])
def addresses(
    request: pytest.FixtureRequest, site: Any, dataset: Release, dataset_store: EmbeddedStore
) -> Iterator[list[str]]:
    """Addresses of pages, one of each kind, of a site of records and of one of any RDF."""
    if request.param == "publication":

        def answer(address: str) -> str:
            body: bytes = site.get("/" + address.removeprefix(site.url), "text/html").body
            return body.decode(errors="replace")

        yield [address for address, _ in walked(site.url, answer)]
        return
    with listening(create_app(dataset, dataset_store, dataset.manifest.settings)) as port:
        root = f"http://{LOOPBACK}:{port}/"

        def answer_directly(address: str) -> str:
            sent = received(port, get("/" + address.removeprefix(root), "Accept: text/html"))
            return sent.partition(b"\r\n\r\n")[2].decode(errors="replace")

        yield [address for address, _ in walked(root, answer_directly)]


def walk(browser: Any, addresses: list[str], width: int, **context: Any) -> Iterator[Walk]:
    opened = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce", **context)
    page = opened.new_page()
    walk = Walk(page, addresses)
    page.on("console", lambda message: walk.told.append(message.text))
    page.on("pageerror", lambda error: walk.told.append(str(error)))
    page.on("request", lambda request: walk.asked.add(urlsplit(request.url).hostname))
    yield walk
    opened.close()
    assert [each for each in walk.told if not each.startswith(STOPPED)] == []
    assert walk.asked == {LOOPBACK}


@pytest.fixture
def wide(browser: Any, addresses: list[str]) -> Iterator[Walk]:
    yield from walk(browser, addresses, 1280, color_scheme="light")


@pytest.fixture
def narrow_and_dark(browser: Any, addresses: list[str]) -> Iterator[Walk]:
    yield from walk(browser, addresses, 390, color_scheme="dark")


@pytest.fixture
def without_scripts(browser: Any, addresses: list[str]) -> Iterator[Walk]:
    yield from walk(browser, addresses, 320, java_script_enabled=False)


@needs_axe
@pytest.mark.clause("WCAG 2.2 AA")
@pytest.mark.clause("USERS 7.3.15")
def test_nobody_is_kept_out_of_wide_pages(wide: Walk) -> None:
    assert len(wide.pages) > 5
    found = {kind_of(each): barriers(wide.go(each)) for each in wide.pages if _is_new(each)}
    assert {kind: each for kind, each in found.items() if each} == {}


@needs_axe
@pytest.mark.clause("WCAG 2.2 AA")
def test_nobody_is_kept_out_of_narrow_and_dark_pages(narrow_and_dark: Walk) -> None:
    """Colours and sizes of what is pressed are other ones there; the rest is the same."""
    found = {
        kind_of(each): _barriers_of(narrow_and_dark.go(each), "color-contrast", "target-size")
        for each in narrow_and_dark.pages
        if _is_new(each)
    }
    assert {kind: each for kind, each in found.items() if each} == {}


@pytest.mark.clause("WCAG 2.2 1.4.10", "USERS 7.1.15")
def test_nothing_has_to_be_scrolled_sideways(without_scripts: Walk) -> None:
    wide = {}
    for each in without_scripts.pages:
        page = without_scripts.go(each)
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            wide[kind_of(each)] = each
    assert wide == {}


@pytest.mark.clause("WCAG 2.2 2.4.1", "WCAG 2.2 2.4.7")
def test_the_content_is_reached_by_the_keyboard_from_every_page(wide: Walk) -> None:
    lost = []
    for each in wide.pages:
        page = wide.go(each)
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


def _is_new(address: str) -> bool:
    """Tell whether no other test looks for barriers there; on a long page that takes seconds."""
    return kind_of(address) != "doc/record/…"


def _barriers_of(page: Any, *rules: str) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run(document, {runOnly: {type: 'rule', values: rules}})", list(rules))
    return [f"{each['id']}: {node['html'][:200]}" for each in found["violations"] for node in each["nodes"]]
