"""One browser for the tests of a file, and a way to open pages in it that hears what it complains of and whom it asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from fonds.release.folder import Release
from tests.browser.looking import CHROMIUM
from tests.conftest import Site, serving
from tests.presentation.conftest import shown, shown_site
from tests.unit.web.conftest import dataset

__all__ = ["dataset", "shown", "shown_site"]

STOPPED = "Failed to load resource: the server responded with a status of 4"
"""What a browser says on its console of a page that is an error, as some are."""

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    # Not for the session: while it runs, nothing else may run an event loop in this thread.
    api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
        )
        yield launched
        launched.close()


@pytest.fixture
def opened(browser: Any) -> Iterator[Open]:
    """Return a function that opens a page in a window of its own; nothing is told on its console, no other host is asked."""
    contexts: list[Any] = []
    told: list[tuple[str, str]] = []
    asked: list[tuple[str, bool]] = []

    def open_page(address: str, *, width: int = 1280, scheme: str = "light", scripts: bool = True) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=scripts,
            reduced_motion="reduce",
            permissions=["clipboard-read", "clipboard-write"],
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: told.append((message.text, message.location["url"])))
        page.on("pageerror", lambda error: told.append((str(error), "")))
        page.on("request", lambda request: asked.append((request.url, request.is_navigation_request())))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    pages = {url for url, is_page in asked if is_page}
    assert [text for text, where in told if not (text.startswith(STOPPED) and where in pages)] == []
    assert {urlsplit(url).hostname for url, _ in asked} == {"127.0.0.1"}


@pytest.fixture(scope="module")
def dataset_site(dataset: Release) -> Iterator[Site]:
    """A small dataset with unfriendly labels and IRIs, served."""
    with serving(dataset.folder, base=dataset.manifest.base) as running:
        yield running
