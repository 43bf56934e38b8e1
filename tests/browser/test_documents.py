"""The page of a document in a real browser: wide and narrow, light and dark, with scripts and without, by keyboard, on paper."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.browser.test_in_chromium import CHROMIUM

api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="Chromium is not installed (Debian: apt-get install chromium)"
)

KEY = "darusenkov-1964-375"
AXE = Path(__file__).with_name("axe") / "node_modules/axe-core/axe.min.js"
KINDS_OF_LOSS = [
    *(
        [each, ""]
        for each in (
            "faded",
            "illegible",
            "damaged",
            "omitted",
            "redacted",
            "lost-in-capture",
            "not-published",
        )
    ),
    ["faded", "line"],
]
WIDTHS, SCHEMES = (1280, 390), ("light", "dark")

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
        )
        yield launched
        launched.close()


@pytest.fixture
def opened(browser: Any, site: Any) -> Iterator[Open]:
    """Return a function that opens the page of the first record; nothing is told on its console, no other host is asked."""
    contexts: list[Any] = []
    told: list[str] = []
    asked: set[str | None] = set()

    def open_page(
        fragment: str = "", *, width: int = 1280, scheme: str = "light", scripts: bool = True
    ) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=scripts,
            reduced_motion="reduce",
            permissions=["clipboard-read", "clipboard-write"],
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("request", lambda request: asked.add(urlsplit(request.url).hostname))
        page.goto(f"{site.url}doc/record/{KEY}{fragment}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert told == []
    assert asked == {"127.0.0.1"}


def barriers(page: Any, *, sizes: bool = True) -> list[str]:
    """Return what axe-core finds on a page as it is, with what is too small to be pressed."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("sizes => axe.run(document, {rules: {'target-size': {enabled: sizes}}})", sizes)
    assert len(found["passes"]) > 25
    return [f"{each['id']}: {node['html'][:200]}" for each in found["violations"] for node in each["nodes"]]


needs_axe = pytest.mark.skipif(
    not AXE.exists(), reason="axe-core is not installed (npm install --prefix tests/browser/axe)"
)


@needs_axe
@pytest.mark.clause("WCAG 2.2 AA")
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_nobody_is_kept_out(opened: Open, width: int, scheme: str) -> None:
    page = opened(width=width, scheme=scheme)
    assert barriers(page) == []
    for name in ("names", "statements"):
        page.check(f"[name={name}]")
    page.click("#m8")
    # The open card lies over something.
    assert barriers(page, sizes=False) == []


@pytest.mark.clause("WCAG 2.2 1.4.10")
@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [320, 390, 768])
def test_nothing_has_to_be_scrolled_sideways(opened: Open, width: int, scripts: bool) -> None:
    page = opened(width=width, scripts=scripts)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.click("#m8")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box = page.locator("[id='person:guevara']").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_a_card_opens_without_scripts_where_the_reader_is_and_closes_again(opened: Open, width: int) -> None:
    page = opened(width=width, scripts=False)
    card = page.locator("[id='person:guevara']")
    page.locator("#m46").scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    page.click("#m46")
    assert page.evaluate("scrollY") == before
    box = card.bounding_box()
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 900
    assert card.evaluate("each => getComputedStyle(each).position") == "fixed"
    card.get_by_text("Close").click()
    assert page.evaluate("scrollY") == before
    assert card.evaluate("each => getComputedStyle(each).position") == "static"


def test_a_card_opens_beside_its_name_takes_the_keyboard_and_gives_it_back(opened: Open) -> None:
    page = opened()
    name, card = page.locator("#m49"), page.locator("[id='group:cuban-we']")
    name.focus()
    page.keyboard.press("Enter")
    assert card.evaluate("each => each === document.activeElement")
    assert name.get_attribute("aria-expanded") == "true"
    place, box = name.bounding_box(), card.bounding_box()
    assert (
        abs(box["y"] - (place["y"] + place["height"])) < 20 or abs(box["y"] + box["height"] - place["y"]) < 20
    )
    page.keyboard.press("Tab")
    assert card.evaluate("each => each.contains(document.activeElement)")
    page.keyboard.press("Escape")
    assert name.evaluate("each => each === document.activeElement")
    assert name.get_attribute("aria-expanded") is None
    assert card.evaluate("each => getComputedStyle(each).position") == "static"


@pytest.mark.clause("WCAG 2.2 2.1.1")
def test_all_that_can_be_pressed_is_reached_by_the_keyboard_and_seen_when_it_is(opened: Open) -> None:
    page = opened()
    wanted = page.evaluate(
        "[...document.querySelectorAll('main a[href], main input, main button, main summary')]"
        ".filter(each => each.checkVisibility()).length"
    )
    page.evaluate("document.querySelector('main').focus()")
    reached: set[str] = set()
    for _ in range(wanted + 40):
        page.keyboard.press("Tab")
        seen, shown, inside = page.evaluate(
            "(() => { const it = document.activeElement, style = getComputedStyle(it);"
            " it.dataset.reached ??= String(document.querySelectorAll('[data-reached]').length);"
            " return [it.dataset.reached, style.outlineStyle !== 'none', it.closest('main') !== null] })()"
        )
        if not inside:
            break
        assert shown
        reached.add(seen)
    assert len(reached) == wanted


@pytest.mark.parametrize("scripts", [True, False])
def test_names_statements_and_gaps_are_marked_as_a_reader_wants_them(opened: Open, scripts: bool) -> None:
    page = opened(scripts=scripts)

    def style(selector: str, name: str, pseudo: str = "") -> str:
        found: str = page.locator(selector).evaluate(
            "(each, [name, pseudo]) => getComputedStyle(each, pseudo || null)[name]", [name, pseudo]
        )
        return found

    assert style("#m8", "textDecorationLine") == "none"
    page.check("[name=names]")
    assert style("#m8", "textDecorationLine") == "underline"
    assert style("#s01", "content", "::after") == "none"
    page.check("[name=statements]")
    assert style("#s01", "content", "::after") == '"s01"'
    assert (style("#g1", "textDecorationLine"), style("#g1", "content", "::after")) == (
        "underline",
        '" faded"',
    )
    page.uncheck("[name=gaps]")
    assert (style("#g1", "textDecorationLine"), style("#g1", "content", "::after")) == ("none", "none")


def test_what_is_marked_stays_so_on_the_next_page(opened: Open) -> None:
    page = opened()
    page.check("[name=names]")
    page.uncheck("[name=gaps]")
    page.reload()
    assert page.is_checked("[name=names]")
    assert not page.is_checked("[name=gaps]")


@pytest.mark.clause("USERS 7.1.5")
def test_kinds_of_loss_are_told_apart_without_any_colour(opened: Open) -> None:
    page = opened()
    drawn = page.evaluate(
        """kinds => kinds.map(([cause, unit]) => {
          const gap = document.createElement("span");
          gap.className = "gap";
          gap.dataset.cause = cause;
          if (unit) gap.dataset.unit = unit;
          document.querySelector(".passages p").append(gap);
          const style = getComputedStyle(gap);
          const dark = style.backgroundColor.match(/\\d+/g).slice(0, 3).every(each => each < 100) && !style.backgroundColor.endsWith(" 0)");
          return [style.textDecorationLine, style.textDecorationLine === "none" ? "" : style.textDecorationStyle,
                  style.outlineStyle, style.borderInlineStartStyle, dark].join();
        })""",
        KINDS_OF_LOSS,
    )
    assert len(set(drawn)) == len(KINDS_OF_LOSS), drawn


def copied(page: Any, selection: str) -> str:
    page.evaluate(selection)
    page.keyboard.press("Control+c")
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def test_lost_words_are_copied_as_a_gap_with_a_note(opened: Open) -> None:
    page = opened()
    text = copied(page, "getSelection().selectAllChildren(document.querySelector('#p3 > p'))")
    assert "in its reticence. […] “advanced age" in text
    assert text.endswith("\n\n[…] several words unreadable due to faded text")
    assert "unreadable" not in text.partition("\n\n")[0]
    heading = copied(page, "getSelection().selectAllChildren(document.querySelector('#heading > p'))")
    assert heading.startswith("[…] with Secretary of the National Leadership")
    assert heading.endswith("[…] lost in our copy")


def test_words_without_a_gap_are_copied_as_any_browser_does(opened: Open) -> None:
    page = opened()
    text = copied(page, "getSelection().selectAllChildren(document.querySelector('#p1 > p'))")
    assert text.startswith("I met with Guevara at the Ministry of Industry")
    assert "[…]" not in text


def test_the_words_of_a_statement_are_marked_while_its_row_is_looked_at(opened: Open) -> None:
    page = opened()
    page.locator("[data-words=s17] .where a").focus()
    assert "looked-at" in (page.get_attribute("#s17", "class") or "")
    page.locator("[data-words=s18] .where a").focus()
    assert "looked-at" not in (page.get_attribute("#s17", "class") or "")
    page.click("[data-words=s18] .where a")
    assert page.url.endswith("#s18")


@pytest.mark.skipif(
    shutil.which("pdftotext") is None,
    reason="pdftotext is not installed (Debian: apt-get install poppler-utils)",
)
@pytest.mark.clause("USERS 7.1.14")
@pytest.mark.parametrize("scripts", [True, False])
def test_on_paper_there_are_numbers_notes_and_gaps_and_nothing_to_press(
    opened: Open, tmp_path: Path, scripts: bool
) -> None:
    page = opened(scripts=scripts)
    page.pdf(path=str(tmp_path / "page.pdf"), format="A4")
    done = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "page.pdf"), "-"], capture_output=True, text=True, check=True
    )
    lines = [" ".join(each.split()) for each in done.stdout.splitlines()]
    text = " ".join(lines)
    for number, words in ((1, "I met with Guevara"), (8, "Having said in the conclusion")):
        assert any(line.startswith(f"{number} {words}") for line in lines)
    for shown in (
        "[lost in our copy] with Secretary of",
        "[several words unreadable due to faded text] faded",
        "[1 word illegible]",
        "handwritten note, at the bottom of the first page, by the hand of A. Kalinin",
        "begins in the middle of a phrase",
        "Spanish not held here",
        "d12677a194d3850b",
        "Names",
    ):
        assert shown in text, shown
    for absent in ("Skip to the content", "On this page", "SPARQL Data", "Close", "Copy quote"):
        assert absent not in text, absent
