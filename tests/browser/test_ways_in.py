"""Trees, lists, vocabularies and pages of any RDF in a real browser: wide and narrow, light and dark, without scripts."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from fonds.release.folder import Release
from fonds.release.publication import build_publication
from tests.browser.conftest import Open
from tests.browser.looking import SCHEMES, barriers, left_out, needs_axe, needs_chromium, sideways
from tests.conftest import BASE, Site, serving
from tests.unit.web.test_archive_pages import archive

__all__ = ["archive"]

pytestmark = needs_chromium
DATASETS = Path(__file__).parents[1] / "datasets"
CORPORA = Path(__file__).parents[1] / "corpora"
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
VOLUMES = [
    "browse/work",
    "doc/work/volume-7",
    "doc/work/volume-7-ch1",
    "doc/work/volume-7-preface",
    "doc/record/volume-7-d1",
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


@pytest.fixture(scope="module")
def volumes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two small volumes of documents, served."""
    folder = tmp_path_factory.mktemp("volumes")
    shutil.copytree(CORPORA / "volumes", folder / "data/documents")
    (folder / "fonds.toml").write_text(
        '[[collections]]\nname = "volumes"\nlanguage = "en"\n', encoding="utf-8"
    )
    with serving(build_publication(folder, base=BASE).folder, base=BASE) as site:
        yield site


@pytest.fixture
def walk(opened: Open) -> Walk:
    """Return a function that opens pages one after the other and returns what is wrong with each."""

    def through(site: Site, paths: list[str], look: Callable[[Any], list[str]], **window: Any) -> list[str]:
        page, found = opened(site.url, **window), []
        for path in paths:
            assert page.goto(f"{site.url}{path}").status == 200
            found += [f"{path}: {each}" for each in look(page)]
        return found

    return through


@pytest.mark.thorough
@pytest.mark.clause("WCAG 2.2 1.4.10")
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_no_way_in_has_to_be_scrolled_sideways(
    walk: Walk, site: Site, shelves: Site, anything: Site, width: int
) -> None:
    assert walk(shelves, SHELVES, sideways, width=width) == []
    assert walk(site, OWN, sideways, width=width) == []
    assert walk(anything, ANYTHING, sideways, width=width) == []


@needs_axe
@pytest.mark.thorough
@pytest.mark.clause("WCAG 2.2 AA")
@pytest.mark.parametrize("scheme", SCHEMES)
def test_nobody_is_kept_out_of_lists_and_of_any_data(
    walk: Walk, site: Site, shelves: Site, anything: Site, scheme: str
) -> None:
    assert walk(shelves, ["browse/record"], barriers, scheme=scheme) == []
    assert walk(site, OWN, barriers, scheme=scheme, width=390) == []
    assert walk(anything, ANYTHING, barriers, scheme=scheme) == []


@needs_axe
@pytest.mark.thorough
@pytest.mark.clause("WCAG 2.2 AA")
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_nobody_is_kept_out_of_volumes_and_their_documents(
    walk: Walk, volumes: Site, width: int, scheme: str
) -> None:
    assert walk(volumes, VOLUMES, barriers, width=width, scheme=scheme) == []
    assert walk(volumes, VOLUMES, sideways, width=320) == []


@pytest.mark.thorough
def test_documents_of_volumes_have_the_style_sheet_of_documents(walk: Walk, volumes: Site) -> None:
    assert walk(volumes, [each for each in VOLUMES if "/record/" in each], left_out) == []


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


def test_a_branch_opens_without_scripts(opened: Open, shelves: Site) -> None:
    page = opened(f"{shelves.url}browse/holding", scripts=False)
    branch = page.locator("ul.tree details").first
    inner = branch.get_by_role("link", name="Letters")
    assert inner.is_visible()
    branch.locator("summary").first.click()
    assert not inner.is_visible()
