"""The live preview and the preview of the reconciliation service in a browser: pages that load again by themselves, without barriers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fonds.beginning import begin_publication
from fonds.release.publication import build_publication
from tests.browser.conftest import Open
from tests.browser.looking import barriers, needs_axe, sideways
from tests.conftest import Site
from tests.unit.web.test_preview import PERSONS, Running, listening, replace, watching

pytestmark = needs_axe
_WAIT_MILLISECONDS = 60_000
_RULES = (
    "color-contrast",
    "document-title",
    "html-has-lang",
    "link-name",
    "target-size",
    "definition-list",
    "dlitem",
)


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("preview") / "mine"
    begin_publication(folder, "plain")
    return folder


@pytest.fixture(scope="module")
def running(mine: Path) -> Iterator[Running]:
    with watching(mine) as found:
        listening(found)
        yield found


@pytest.mark.thorough
def test_a_page_that_is_open_shows_what_was_saved_and_what_is_wrong(
    running: Running, mine: Path, opened: Open
) -> None:
    page = opened(f"{running.url}doc/person/brenner-jakob")
    replace(mine / PERSONS, "Jakob Brenner", "Jacob Brennar")
    page.get_by_role("heading", name="Jacob Brennar", exact=True).wait_for(timeout=_WAIT_MILLISECONDS)
    replace(mine / PERSONS, "brenner-jakob,", "Brenner Jakob,")
    panel = page.get_by_role("alert")
    panel.wait_for(timeout=_WAIT_MILLISECONDS)
    assert f"{PERSONS}:2" in panel.inner_text()
    assert "What you see is as it was before." in panel.inner_text()
    for scheme, width in (("light", 1280), ("dark", 320)):
        other = opened(f"{running.url}doc/person/brenner-jakob", width=width, scheme=scheme)
        assert barriers(other) == []
        assert sideways(other) == []
    plain = opened(f"{running.url}doc/person/brenner-jakob", scripts=False)
    assert plain.get_by_role("link", name="Load this page again").is_visible()
    replace(mine / PERSONS, "Brenner Jakob,", "brenner-jakob,")
    panel.wait_for(state="detached", timeout=_WAIT_MILLISECONDS)


@pytest.mark.thorough
def test_the_preview_of_a_thing_fits_into_its_frame(own_site: Site, opened: Open) -> None:
    for scheme in ("light", "dark"):
        page = opened(f"{own_site.url}reconcile/preview?id=person/guevara", width=430, scheme=scheme)
        assert page.get_by_role("link", name="Ernesto Guevara").is_visible()
        assert barriers(page, only=_RULES) == []
        assert sideways(page) == []


@pytest.mark.thorough
def test_a_release_that_is_served_has_no_preview(tmp_path: Path, opened: Open) -> None:
    from tests.conftest import serving

    begin_publication(tmp_path / "mine", "plain")
    folder = build_publication(tmp_path / "mine").folder
    with serving(folder) as site:
        page = opened(site.url)
        assert page.locator("script[src*=preview], link[href*=preview]").count() == 0
        assert "connect-src" not in site.get("/", "text/html").headers["content-security-policy"]
