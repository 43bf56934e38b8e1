"""The one style sheet: readable in light and dark."""

from __future__ import annotations

import gzip
import itertools
import re
from importlib import resources

import pytest

CSS = (resources.files("fonds.web") / "assets" / "fonds.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
    for block in re.findall(r":root \{(.*?)\}", CSS, re.S)[:2]
)
TEXT = ("ink", "faded", "wax", "wax-deep", "caution")
BACKGROUND = ("paper", "sheet", "wash")


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2, definitions)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.clause("WCAG 2.2 1.4.3")
@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_can_be_read_on_every_ground(colours: dict[str, str]) -> None:
    pairs = {
        (text, ground): contrast(colours[text], colours[ground])
        for text, ground in itertools.product(TEXT, BACKGROUND)
    }
    pairs["ink", "mark"] = contrast(colours["ink"], colours["mark"])
    pairs["paper", "wax"] = contrast(colours["paper"], colours["wax"])
    assert {pair: round(ratio, 2) for pair, ratio in pairs.items() if ratio < 4.5} == {}


def test_the_style_sheet_loads_nothing_and_is_small() -> None:
    assert "url(" not in CSS
    assert "@import" not in CSS
    # As it is sent; test_record_page.py weighs it together with a document.
    assert len(gzip.compress(CSS.encode())) <= 15_000
