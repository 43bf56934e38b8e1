"""The style sheets: readable in light and dark, and one for documents that is light."""

from __future__ import annotations

import gzip
import itertools
import re
from importlib import resources

import pytest

from fonds.settings import Presentation
from fonds.web.style import DOCUMENT_STYLE, PARTS, STYLE, part, shortened, style_sheets

SHEETS = {name: text.decode() for name, text in style_sheets(Presentation()).items()}
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
    for block in re.findall(r":root \{(.*?)\}", part("ground"), re.S)[:2]
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


@pytest.mark.parametrize("name", SHEETS)
def test_a_style_sheet_loads_nothing_and_is_small(name: str) -> None:
    css = SHEETS[name]
    assert "url(" not in css
    assert "@import" not in css
    # As it is sent; that of documents also as it stands. test_record_page.py weighs it together with a document.
    assert len(gzip.compress(css.encode())) <= 7_000
    assert len(css.encode()) <= {STYLE: 25_000, DOCUMENT_STYLE: 15_000}[name]


def test_every_file_of_the_sources_is_in_a_sheet_and_the_light_one_is_a_part_of_the_other_in_its_order() -> (
    None
):
    files = {each.name.removesuffix(".css") for each in (resources.files("fonds.web") / "style").iterdir()}
    assert files == set(PARTS[STYLE])
    assert list(PARTS[DOCUMENT_STYLE]) == [each for each in PARTS[STYLE] if each in PARTS[DOCUMENT_STYLE]]


@pytest.mark.parametrize(
    ("rules", "short"),
    [
        ("a  :hover { color : red }", "a :hover{color :red}"),
        (".a :is(b, c) > d + e ~ f { }", ".a :is(b,c)>d + e ~ f{}"),
        ("a { width: calc(1px + 0.5rem - -0.2em); }", "a{width:calc(1px + .5rem - -.2em)}"),
        (
            "@media (min-width: 1px) and (hover: hover) {\n  a { b: c }\n}",
            "@media (min-width:1px) and (hover:hover){a{b:c}}",
        ),
        ('a::after { content: " /* ; } */ " attr(x); }', 'a::after{content:" /* ; } */ " attr(x)}'),
        ('/* " */ a { b: 10.5px } /* } */', "a{b:10.5px}"),
    ],
)
def test_what_means_nothing_is_left_out_and_nothing_else(rules: str, short: str) -> None:
    assert shortened(rules) == short


@pytest.mark.parametrize("name", SHEETS)
def test_words_that_turn_the_writing_around_turn_nothing_but_themselves(name: str) -> None:
    """U+202E in a name must not show the words behind it, such as a date, from right to left."""
    (rule,) = re.findall(r"([^{}]*)\{\s*unicode-bidi:\s*isolate;?\s*\}", SHEETS[name])
    assert {"a", "[lang]", "q", "cite"} <= {
        each.strip() for each in re.sub(r"/\*.*?\*/", "", rule).split(",")
    }
