"""Colours: what cannot be read is refused with what was measured, and what is made from them can be read."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from fonds.release.presentation.colours import (
    ENOUGH,
    GROUNDS,
    contrast,
    faults_of_colours,
    readable,
    style_of,
)
from fonds.settings import Presentation
from fonds.web.style import part

CSS = part("ground")


def test_the_grounds_are_those_of_the_style_sheet() -> None:
    blocks = re.findall(r":root \{(.*?)\}", CSS, re.S)[:2]
    for block, scheme in zip(blocks, ("light", "dark"), strict=True):
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
        assert tuple(colours[each] for each in ("paper", "sheet", "wash")) == GROUNDS[scheme]


@pytest.mark.clause("WCAG 2.2 contrast ratio")
@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48)]
)
def test_contrast_is_that_of_the_standard(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(other, one) == contrast(one, other)


@pytest.mark.parametrize(
    ("site", "told"),
    [
        (
            Presentation(accent="#ffcc00"),
            [(3, "accent: #ffcc00 on the light ground #f2ecdd has a contrast of 1.28:1")],
        ),
        (Presentation(accent_dark="#222222"), [(4, "accent_dark: #222222 on the dark ground #262219")]),
        (Presentation(accent="#1d4f73", accent_dark="#9cc7e6"), []),
        (Presentation(), []),
    ],
)
def test_a_colour_that_cannot_be_read_is_told_with_its_line(
    tmp_path: Path, site: Presentation, told: list[tuple[int, str]]
) -> None:
    lines = f'title = "x"\n[site]\naccent = "{site.accent}"\naccent_dark = "{site.accent_dark}"\n'
    (tmp_path / "fonds.toml").write_text(lines, encoding="utf-8")
    found = list(faults_of_colours(tmp_path, site))
    assert [each.line for each in found] == [line for line, _ in told]
    for fault, (_, message) in zip(found, told, strict=True):
        assert message in fault.message
        hope = re.search(r"(#[0-9a-f]{6}) would do", fault.message)
        assert hope is not None
        mended = Presentation(**{message.partition(":")[0]: hope[1]})
        assert list(faults_of_colours(tmp_path, mended)) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_has_a_readable_neighbour(scheme: str) -> None:
    steps = ("00", "40", "80", "c0", "ff")
    for parts in itertools.product(steps, repeat=3):
        found = readable("#" + "".join(parts), scheme)
        assert min(contrast(found, ground) for ground in GROUNDS[scheme]) >= ENOUGH


def test_both_schemes_get_the_colour_and_paper_does_not() -> None:
    style = style_of(Presentation(accent="#1D4F73"))
    assert style.count("@media screen") == 2
    colours = re.findall(r"--(wax|wax-deep): (#[0-9a-f]{6});", style)
    assert colours[0] == ("wax", "#1d4f73")
    for (_, colour), scheme in zip(colours, ("light", "light", "dark", "dark"), strict=True):
        assert min(contrast(colour, ground) for ground in GROUNDS[scheme]) >= ENOUGH
    assert style_of(Presentation()) == ""
    assert "prefers-color-scheme: dark" not in style_of(Presentation(accent="#1d4f73")).split("\n")[0]
