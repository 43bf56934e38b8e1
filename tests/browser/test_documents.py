"""The page of a document in a real browser: wide and narrow, light and dark, with scripts and without, by keyboard, on paper."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Open
from tests.browser.looking import (
    WIDTHS,
    WINDOWS,
    barriers,
    left_out,
    matching,
    needs_axe,
    needs_chromium,
    sideways,
)

pytestmark = needs_chromium

KEY = "darusenkov-1964-375"
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


@pytest.fixture
def opened(opened: Open, site: Any) -> Open:
    """Return a function that opens the page of the first record."""

    def open_record(fragment: str = "", **window: Any) -> Any:
        return opened(f"{site.url}doc/record/{KEY}{fragment}", **window)

    return open_record


@needs_axe
@pytest.mark.clause("WCAG 2.2 AA")
@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
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
@pytest.mark.parametrize(
    "width", [320, *(pytest.param(each, marks=pytest.mark.thorough) for each in (390, 768))]
)
def test_nothing_has_to_be_scrolled_sideways(opened: Open, width: int, scripts: bool) -> None:
    page = opened(width=width, scripts=scripts)
    assert sideways(page) == []
    page.click("#m8")
    assert sideways(page) == []
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


@pytest.mark.thorough
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


@pytest.mark.thorough
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


def test_citations_and_quotations_are_copied_by_buttons(opened: Open, site: Any) -> None:
    page = opened()
    read = "navigator.clipboard.readText()"
    page.get_by_role("button", name="Copy: Reference (GOST").click()
    assert page.evaluate(read) == "TsKhSD. Ф. 5. Оп. 49. Д. 758. Л. 269."
    page.get_by_role("button", name="Copy quote: para. 7").press("Enter")
    quoted = page.evaluate(read)
    page.locator("#p1 p").select_text()
    page.get_by_role("button", name="Copy quote: para. 1").click()
    assert page.evaluate(read).startswith("“I met with Guevara")
    assert page.locator(".cite [role=status]").text_content() == "Copied: para. 1"
    page.evaluate(
        "getSelection().removeAllRanges(); document.querySelector('#p1 p').append("
        "Object.assign(document.createElement('span'), {className: 'gap', textContent: '[lost in our copy]'}))"
    )
    page.get_by_role("button", name="Copy quote: para. 1").click()
    quote, _, note = page.evaluate(read).partition("”")
    assert quote.endswith("[…]")
    assert note.endswith("/p1). […]: lost in our copy.")
    page.goto(f"{site.url}doc/record/{KEY}/p7")
    page.get_by_role("button", name="Copy: Quotation with its note").click()
    assert page.evaluate(read) == quoted


def test_the_words_of_a_statement_are_marked_while_its_row_is_looked_at(opened: Open) -> None:
    page = opened()
    page.locator("[href='#s17']").focus()
    assert "looked-at" in (page.get_attribute("#s17", "class") or "")
    page.locator("[href='#s18']").focus()
    assert "looked-at" not in (page.get_attribute("#s17", "class") or "")
    page.click("[href='#s18']")
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


def test_the_style_sheet_of_documents_has_every_rule_that_is_for_them(opened: Open) -> None:
    page = opened()
    assert len(matching(page, "record")) > 50
    assert left_out(page) == []
