"""The query page in a real browser: every example by one click, the editor with its completions, the plain field without it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from fonds.release.publication import build_publication
from fonds.web.yasqe import editor_files
from tests.browser.conftest import Open
from tests.browser.looking import WINDOWS, barriers, needs_axe, needs_chromium, sideways
from tests.conftest import BASE, Site, serving

pytestmark = needs_chromium
needs_editor = pytest.mark.skipif(
    not editor_files(), reason="The editor is not installed (npm ci --prefix src/fonds/web)"
)
CORPORA = Path(__file__).parents[1] / "corpora"
FAULTY = "sparql?query=" + quote("SELECT * {\n  ?s foo:p ?o\n}")
RIGHT = "sparql?query=" + quote("SELECT ?s ?label WHERE {\n  ?s a crm:E21_Person ; rdfs:label ?label\n}")
EDITOR = ".editor .CodeMirror"
HINTS = ".CodeMirror-hints li"


def edited(page: Any) -> str:
    text: str = page.evaluate("document.querySelector('.CodeMirror').CodeMirror.getValue()")
    return text


def written(page: Any, text: str) -> None:
    """Put the cursor into the editor, and write text in place of what is there."""
    page.locator(EDITOR).click()
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


@pytest.mark.thorough
def test_every_example_is_asked_by_one_click(opened: Open, own_site: Site) -> None:
    page = opened(own_site.url + "sparql")
    examples = page.locator("section[aria-labelledby=examples] a")
    number = examples.count()
    assert number > 30
    for each in range(number):
        question = examples.nth(each).inner_text()
        examples.nth(each).click()
        page.wait_for_selector("#result")
        assert page.locator(".result table tbody tr").count() > 0, question
        assert page.locator("#problem").count() == 0
        assert question.split()[0] in page.locator("textarea#query").input_value()
        page.go_back()


@pytest.fixture(scope="module")
def volumes(publication: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Volumes of documents with the questions of the first record, of which some have no answer in them."""
    folder = tmp_path_factory.mktemp("volumes-asked")
    shutil.copytree(CORPORA / "volumes", folder / "data/documents")
    shutil.copytree(publication / "queries", folder / "queries")
    (folder / "fonds.toml").write_text(
        '[[collections]]\nname = "volumes"\nlanguage = "en"\n', encoding="utf-8"
    )
    with serving(build_publication(folder, base=BASE).folder, base=BASE) as site:
        yield site


@pytest.mark.thorough
def test_every_example_is_asked_by_one_click_of_other_data_as_well(opened: Open, volumes: Site) -> None:
    page, answered = opened(volumes.url + "sparql"), 0
    examples = page.locator("section[aria-labelledby=examples] a")
    number = examples.count()
    assert number > 30
    for each in range(number):
        examples.nth(each).click()
        page.wait_for_selector("#result")
        assert page.locator("#problem").count() == 0
        answered += page.locator(".result table tbody tr").count() > 0
        page.go_back()
    assert answered > 5


@pytest.mark.thorough
def test_every_question_is_answered_on_its_own_page(opened: Open, own_site: Site) -> None:
    page = opened(own_site.url + "queries/")
    addresses = page.locator("main li a").evaluate_all("links => links.map(each => each.href)")
    assert len(addresses) > 30
    for address in addresses:
        page.goto(address)
        if page.locator("form.ask").count():  # The example stands in the form.
            page.locator("form.ask button").click()
            page.wait_for_load_state()
        assert page.locator(".result table tbody tr").count() > 0, address


@needs_axe
@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
@pytest.mark.parametrize(
    "address",
    [
        FAULTY,
        "queries/co-mentions",
        *(
            pytest.param(each, marks=pytest.mark.thorough)
            for each in (RIGHT, "queries/", "queries/dates?from=x", "queries/text")
        ),
    ],
)
def test_nobody_is_kept_out(opened: Open, own_site: Site, address: str, width: int, scheme: str) -> None:
    page = opened(own_site.url + address, width=width, scheme=scheme)
    assert barriers(page) == []
    assert sideways(page) == []


@pytest.mark.parametrize(
    "address",
    [
        RIGHT,
        *(
            pytest.param(each, marks=pytest.mark.thorough)
            for each in (FAULTY, "queries/text", "queries/dates?from=x")
        ),
    ],
)
def test_nothing_has_to_be_scrolled_sideways_on_a_small_screen(
    opened: Open, own_site: Site, address: str
) -> None:
    assert sideways(opened(own_site.url + address, width=320)) == []


@needs_axe
def test_the_plain_form_asks_without_scripts(opened: Open, own_site: Site) -> None:
    page = opened(own_site.url + "sparql", scripts=False)
    assert page.locator(EDITOR).count() == 0
    page.locator("textarea#query").fill("SELECT ?label { pe:guevara rdfs:label ?label }")
    page.locator("form.query button").click()
    page.wait_for_selector("#result")
    assert "Ernesto Guevara" in page.locator(".result table").inner_text()
    page.locator("textarea#query").fill("SELECT ?label { pe:guevara foo:label ?label }")
    page.locator("form.query button").click()
    assert page.locator("#problem h2").inner_text() == "Line 1, column 28"
    assert "foo:label" in page.locator("textarea#query").input_value()


@needs_editor
def test_the_editor_completes_what_the_data_have_and_sends_the_form(opened: Open, own_site: Site) -> None:
    page = opened(own_site.url + "sparql")
    written(page, "SELECT * WHERE { ?s a crm:E2")
    page.wait_for_selector(HINTS)
    assert "crm:E21_Person Person" in page.locator(HINTS).all_inner_texts()
    page.keyboard.press("Enter")
    page.keyboard.type(" ; rdfs:la")
    page.wait_for_selector(HINTS)
    assert page.locator(HINTS).all_inner_texts() == ["rdfs:label label"]
    page.keyboard.press("Enter")
    page.keyboard.type(" ?label } LIMIT 3")
    assert page.locator(".parseErrorIcon").count() == 0
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#result")
    (asked,) = parse_qs(urlsplit(page.url).query)["query"]
    assert asked == "SELECT * WHERE { ?s a crm:E21_Person ; rdfs:label ?label } LIMIT 3"
    assert page.locator(".result table tbody tr").count() == 3
    assert edited(page) == asked


@needs_editor
@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("SELECT * { ?s a crm:E52_Time-Span ; crm:P", "crm:P81a_"),
        ("SELECT * { ?s a crm:E53_Place . ?t a crm:E52_Time-Span . ?t crm:P", "crm:P81a_"),
        ("SELECT * { ?t a crm:E52_Time-Span . ?s a crm:E53_Place ; rdfs:label 'x. {' ; crm:P", "crm:P1_"),
    ],
)
@pytest.mark.thorough
def test_the_editor_offers_first_what_the_things_of_a_class_have(
    opened: Open, own_site: Site, text: str, first: str
) -> None:
    page = opened(own_site.url + "sparql")
    written(page, text)
    page.wait_for_selector(HINTS)
    offered = page.locator(HINTS).all_inner_texts()
    assert offered[0].startswith(first)
    # All others are there as well, behind.
    assert len(offered) > 40


@needs_editor
def test_the_editor_marks_what_the_endpoint_found_wrong(opened: Open, own_site: Site) -> None:
    page = opened(own_site.url + FAULTY)
    assert page.locator(".fault").all_inner_texts() == ["foo:p"]
    assert page.locator(".CodeMirror textarea").get_attribute("aria-describedby") == "problem"
    written(page, "SELECT * { ?s ?p ?o ?q }")
    assert page.locator(".parseErrorIcon").count() == 1


@needs_editor
def test_the_editor_can_be_left_by_keyboard_and_for_the_plain_field(opened: Open, own_site: Site) -> None:
    page = opened(own_site.url + RIGHT)
    page.locator(EDITOR).click()
    page.keyboard.press("Escape")
    page.locator(EDITOR).click()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Run"
    assert "\t" not in edited(page)
    written(page, "ASK { }")
    page.get_by_role("button", name="Plain field").click()
    field = page.locator("textarea#query")
    assert field.input_value() == "ASK { }"
    field.fill("ASK { ?s ?p ?o }")
    page.get_by_role("button", name="Editor").click()
    assert edited(page) == "ASK { ?s ?p ?o }"
    page.get_by_role("button", name="Run").click()
    page.wait_for_selector(".truth")
    assert page.locator(".truth").inner_text() == "Yes"


@needs_editor
def test_nothing_is_kept_in_the_browser(opened: Open, own_site: Site) -> None:
    page = opened(own_site.url + RIGHT)
    written(page, "SELECT * { ?nobody ?asked ?this }")
    page.goto(own_site.url + "sparql")
    assert "nobody" not in edited(page)
    kept = page.evaluate("[localStorage.length, sessionStorage.length, document.cookie, location.hash]")
    assert kept == [0, 0, "", ""]
