"""What pages are looked at with: a browser, and what finds barriers on them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from fonds.web.style import DOCUMENT_STYLE, PARTS, STYLE, part

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="Chromium is not installed (Debian: apt-get install chromium)"
)
AXE = Path(__file__).with_name("axe") / "node_modules/axe-core/axe.min.js"
needs_axe = pytest.mark.skipif(
    not AXE.exists(), reason="axe-core is not installed (npm install --prefix tests/browser/axe)"
)
WIDTHS, SCHEMES = (1280, 390), ("light", "dark")
WINDOWS = [
    pytest.param(1280, "light", marks=pytest.mark.thorough),
    (390, "dark"),
    pytest.param(1280, "dark", marks=pytest.mark.thorough),
    pytest.param(390, "light", marks=pytest.mark.thorough),
]
"""Of every width and scheme; two of them have each once."""

# Of what passes no nodes are wanted: to name them all is most of the work.
_RUN = """options => axe.run(document, {resultTypes: ["violations"], ...options}).then(found => [
    found.passes.length,
    found.violations.flatMap(each => each.nodes.map(node => `${each.id}: ${node.html.slice(0, 200)}`)),
])"""


def barriers(page: Any, *, sizes: bool = True, only: tuple[str, ...] = ()) -> list[str]:
    """Return what axe-core finds on a page as it is.

    Args:
        page: What is open.
        sizes: Whether what is too small to be pressed is told as well.
        only: Names of the rules that are asked; without, all are, and enough of them must have something to say.
    """
    asked = {"runOnly": {"type": "rule", "values": only}} if only else {}
    page.evaluate(AXE.read_text(encoding="utf-8"))
    passed, found = page.evaluate(_RUN, {"rules": {"target-size": {"enabled": sizes}}, **asked})
    assert only or passed > 25
    return list(found)


def sideways(page: Any) -> list[str]:
    """Return by how much a page is wider than its window, if it is."""
    width, seen = page.evaluate("(it => [it.clientWidth, it.scrollWidth])(document.documentElement)")
    return [f"{seen} of {width} px"] if seen > width else []


_MATCHING = """text => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    const rules = list => [...list].flatMap(each => each.selectorText ? [each] : rules(each.cssRules || []));
    const still = selector => selector.replace(/::[a-z-]+|:(hover|focus|focus-visible)/g, "");
    return rules(sheet.cssRules).map(each => each.selectorText).filter(each => document.querySelector(still(each)));
}"""


def matching(page: Any, name: str) -> list[str]:
    """Return the rules of one file of the style sheets that are for something on a page."""
    return list(page.evaluate(_MATCHING, part(name)))


def left_out(page: Any) -> list[str]:
    """Return the rules for something on a page that the style sheet of documents does not have."""
    parts = [each for each in PARTS[STYLE] if each not in PARTS[DOCUMENT_STYLE]]
    return [rule for each in parts for rule in matching(page, each)]
