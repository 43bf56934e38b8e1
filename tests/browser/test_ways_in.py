"""Trees, lists, vocabularies and pages of any RDF in a real browser: wide and narrow, light and dark, without scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from fonds.release.folder import Release
from tests.browser.test_documents import SCHEMES, barriers, browser, needs_axe
from tests.browser.test_in_chromium import CHROMIUM
from tests.conftest import BASE, Site, serving
from tests.unit.web.test_archive_pages import archive

__all__ = ["archive", "browser"]

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="Chromium is not installed (Debian: apt-get install chromium)"
)
DATASETS = Path(__file__).parents[1] / "datasets"
OWN = [
    "browse/holding",
    "browse/holding/tskhsd-5-49-758",
    "browse/record",
    "browse/event?by=date",
    "browse/vocab",
    f"browse/vocab?in={BASE}vocab/type",
    "doc/holding/tskhsd-5-49",
    "doc/vocab/type/reference-code",
    "doc/vocab/type",
]
SHELVES = [
    "browse/holding",
    "browse/holding?in=f5",
    "browse/holding/f5-10?page=2",
    "browse/record?by=date",
    "doc/holding/f5-2-9",
]
ANYTHING = [
    f"doc?iri={quote(iri, safe='')}"
    for iri in (
        "https://terms.example/t/jug",
        "https://terms.example/t/pots",
        "https://events.example/concert",
        "https://events.example/hall",
        "https://data.example/trees",
        "https://people.example/ines",
        "https://ships.example/ns#Ship",
        "https://ships.example/claim",
        "https://museum.example/jug-1",
    )
] + ["browse/vocab?in=https://terms.example/t/scheme", "browse?class=http://xmlns.com/foaf/0.1/Person"]

Walk = Callable[..., list[str]]


@pytest.fixture(scope="module")
def anything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """All the datasets of the tests, served together."""
    with serving(*sorted(DATASETS.glob("*.ttl")), "--into", tmp_path_factory.mktemp("anything")) as site:
        yield site


@pytest.fixture(scope="module")
def shelves(archive: Release) -> Iterator[Site]:
    """A publication of units and records, served."""
    with serving(archive.folder, base=BASE) as site:
        yield site


@pytest.fixture
def walk(browser: Any) -> Iterator[Walk]:
    """Return a function that opens pages one after the other and returns what is wrong with each; no other host is asked."""
    contexts: list[Any] = []
    asked: set[str | None] = set()

    def through(
        site: Site,
        paths: list[str],
        look: Callable[[Any], list[str]],
        *,
        width: int = 1280,
        scheme: str = "light",
    ) -> list[str]:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=True
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.add(urlsplit(request.url).hostname))
        told: list[str] = []
        page.on("console", lambda message: told.append(message.text))
        found = []
        for path in paths:
            assert page.goto(f"{site.url}{path}").status == 200
            found += [f"{path}: {each}" for each in look(page)]
        return found + told

    yield through
    for context in contexts:
        context.close()
    assert asked == {"127.0.0.1"}


def sideways(page: Any) -> list[str]:
    width = page.evaluate("document.documentElement.clientWidth")
    seen = page.evaluate("document.documentElement.scrollWidth")
    return [f"{seen} of {width} px"] if seen > width else []


@pytest.mark.clause("WCAG 2.2 1.4.10")
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_no_way_in_has_to_be_scrolled_sideways(
    walk: Walk, site: Site, shelves: Site, anything: Site, width: int
) -> None:
    assert walk(shelves, SHELVES, sideways, width=width) == []
    assert walk(site, OWN, sideways, width=width) == []
    assert walk(anything, ANYTHING, sideways, width=width) == []


@needs_axe
@pytest.mark.clause("WCAG 2.2 AA")
@pytest.mark.parametrize("scheme", SCHEMES)
def test_nobody_is_kept_out_of_lists_and_of_any_data(
    walk: Walk, site: Site, anything: Site, scheme: str
) -> None:
    assert walk(site, OWN, barriers, scheme=scheme, width=390) == []
    assert walk(anything, ANYTHING, barriers, scheme=scheme) == []


@pytest.mark.clause("WCAG 2.2 2.5.8")
def test_what_one_jumps_by_is_large_enough(walk: Walk, shelves: Site) -> None:
    assert walk(shelves, ["browse/record", "browse/record?by=date"], small_targets, width=320) == []


def small_targets(page: Any) -> list[str]:
    """Return the links of a jump list that are too small for a finger."""
    sizes = page.locator("nav.jumps a").evaluate_all(
        "each => each.map(it => { const box = it.getBoundingClientRect(); return [it.textContent, box.width, box.height] })"
    )
    assert len(sizes) > 10
    return [f"{text}: {width} × {height}" for text, width, height in sizes if min(width, height) < 24]


def test_a_branch_opens_without_scripts(browser: Any, shelves: Site) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{shelves.url}browse/holding")
    branch = page.locator("ul.tree details").first
    inner = branch.get_by_role("link", name="Letters")
    assert inner.is_visible()
    branch.locator("summary").first.click()
    assert not inner.is_visible()
