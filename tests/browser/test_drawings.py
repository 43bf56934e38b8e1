"""Timeline, map and networks in a real browser: by keyboard, in the dark, on small windows and on paper, with scripts and without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fonds.drawing.land import read_outline
from tests.browser.conftest import Open
from tests.browser.looking import barriers, needs_axe, needs_chromium, sideways
from tests.conftest import Site, serving
from tests.drawn import BASE, made_up

pytestmark = needs_chromium

PAGES = (
    "timeline",
    "timeline?from=1955&to=1955",
    "timeline?from=1960-05-10&to=1960-05-10",
    "timeline?span=1955-01-01/1955-12-31",
    "map",
    "map?in=cuba",
    "map?in=fiji",
    "network/person/evil",
    "network/place/cuba",
)


_IN_THE_DARK = ("color-contrast", "target-size")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    release = made_up(tmp_path_factory.mktemp("drawn"))
    with serving(release.folder, base=BASE) as running:
        yield running


@needs_axe
@pytest.mark.clause("WCAG 2.2 AA")
@pytest.mark.parametrize(
    ("pages", "width", "scheme", "only"),
    [
        (("timeline", "map?in=cuba", "network/place/cuba"), 390, "dark", _IN_THE_DARK),
        pytest.param(PAGES, 390, "dark", _IN_THE_DARK, marks=pytest.mark.thorough),
        pytest.param(PAGES, 1280, "light", (), marks=pytest.mark.thorough),
    ],
    ids=["some", "small and dark", "wide and light"],
)
def test_nobody_is_kept_out_of_drawings(
    opened: Open, drawn: Site, pages: tuple[str, ...], width: int, scheme: str, only: tuple[str, ...]
) -> None:
    """Colours and sizes of what is pressed are other ones in the dark and on small windows; the rest is the same."""
    page, found = opened(drawn.url, width=width, scheme=scheme), {}
    for each in pages:
        page.goto(drawn.url + each)
        found[each] = barriers(page, only=only)
    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.clause("WCAG 2.2 1.4.10")
def test_a_wide_drawing_scrolls_within_the_page(opened: Open, drawn: Site) -> None:
    page, wide = opened(drawn.url, width=320, scripts=False), {}
    for each in PAGES:
        page.goto(drawn.url + each)
        if sideways(page):
            wide[each] = sideways(page)
    assert wide == {}


@pytest.mark.clause("WCAG 2.2 2.1.1", "WCAG 2.2 2.4.7")
@pytest.mark.parametrize("path", [each for each in PAGES if "span" not in each])
@pytest.mark.thorough
def test_every_mark_is_reached_by_the_keyboard_and_seen(opened: Open, drawn: Site, path: str) -> None:
    page = opened(drawn.url + path)
    marks = page.evaluate("document.querySelectorAll('svg a').length")
    assert marks
    page.evaluate("(it => { it.tabIndex = -1; it.focus() })(document.querySelector('figure.drawn'))")
    reached = []
    for _ in range(marks):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "(it => [it.closest('svg') !== null, getComputedStyle(it).outlineStyle !== 'none', it.getAttribute('href')])"
                "(document.activeElement.closest('a') || document.activeElement)"
            )
        )
    assert [each[:2] for each in reached] == [[True, True]] * marks


def test_a_mark_leads_where_it_says(opened: Open, drawn: Site) -> None:
    page = opened(f"{drawn.url}map")
    page.locator("svg a[aria-label*='Cuba'] circle").last.click()
    assert page.url == f"{drawn.url}map?in=cuba"
    page = opened(f"{drawn.url}timeline?from=1950&to=1964", scripts=False)
    page.locator("svg a[aria-label^='1955:']").first.click()
    assert page.url == f"{drawn.url}timeline?from=1955&to=1955"


@pytest.mark.skipif(
    not read_outline(),
    reason="the outline of the land is not installed (make serve fetches it, where there is npm)",
)
def test_the_outline_of_the_land_is_seen(opened: Open, drawn: Site) -> None:
    page = opened(f"{drawn.url}map")
    box = page.evaluate(
        "(it => [it.width, it.height])(document.querySelector('.land use').getBoundingClientRect())"
    )
    assert min(box) > 100


@pytest.mark.thorough
def test_drawings_are_whole_on_paper(opened: Open, drawn: Site) -> None:
    page = opened(drawn.url, width=720)
    page.emulate_media(media="print")
    for each in PAGES:
        page.goto(drawn.url + each)
        cut = page.evaluate(
            "[...document.querySelectorAll('svg.drawing')].filter(it => it.getBoundingClientRect().right > innerWidth).length"
        )
        assert cut == 0, each
