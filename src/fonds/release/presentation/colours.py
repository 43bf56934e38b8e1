"""Colours of a publication: whether they can be read, and the rules that set them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from fonds.errors import Fault
from fonds.settings import Presentation, line_of_key

GROUNDS: Mapping[str, Sequence[str]] = {
    "light": ("#fbf9f3", "#fffdf8", "#f2ecdd"),
    "dark": ("#191714", "#201d19", "#262219"),
}
"""On what links stand in the style sheet: paper, sheet and wash."""
ENOUGH = 4.5
"""Contrast of text with its ground (WCAG 2.2, 1.4.3)."""
_BLACK, _WHITE = "#000000", "#ffffff"
_STEPS = 50


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2, definitions)."""
    parts = [each / 255 for each in bytes.fromhex(colour[1:])]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21.

    >>> round(contrast("#000000", "#ffffff"), 2)
    21.0
    """
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mixed(colour: str, other: str, share: float) -> str:
    """Return a colour with a share of another one in it.

    >>> mixed("#204060", "#ffffff", 0.5)
    '#90a0b0'
    """
    pairs = zip(bytes.fromhex(colour[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + bytes(round(one * (1 - share) + two * share) for one, two in pairs).hex()


def readable(colour: str, scheme: str) -> str:
    """Return the colour that is nearest to one and can be read on the grounds of a scheme: darker or lighter where need be."""
    toward = _BLACK if scheme == "light" else _WHITE
    shades = (mixed(colour, toward, step / _STEPS) for step in range(_STEPS + 1))
    return next(each for each in shades if worst(each, scheme)[0] >= ENOUGH)


def worst(colour: str, scheme: str) -> tuple[float, str]:
    """Return the least contrast that a colour has in a scheme, and with which ground."""
    return min((contrast(colour, ground), ground) for ground in GROUNDS[scheme])


def faults_of_colours(folder: Path, site: Presentation) -> Iterator[Fault]:
    """Yield the colours that cannot be read, with what was measured, what is needed, and a colour that would do."""
    for key, scheme in (("accent", "light"), ("accent_dark", "dark")):
        colour = getattr(site, key)
        if colour and (found := worst(colour, scheme))[0] < ENOUGH:
            message = (
                f"site.{key}: {colour} on the {scheme} ground {found[1]} has a contrast of {found[0]:.2f}:1, and text needs "
                f"{ENOUGH}:1 (WCAG 2.2, 1.4.3); {readable(colour, scheme)} would do"
            )
            yield Fault(str(folder / "fonds.toml"), line_of_key(folder, "site", key), 0, message)


def style_of(site: Presentation) -> str:
    """Return the rules that set a publication's colours, nothing where it has none; on paper all is black."""
    rules = []
    if site.accent:
        rules.append(f"@media screen {{ :root {{ {_properties(site.accent, _BLACK)} }} }}\n")
    dark = site.accent_dark or (readable(site.accent, "dark") if site.accent else "")
    if dark:
        rules.append(
            f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {_properties(dark, _WHITE)} }} }}\n"
        )
    return "".join(rules)


def _properties(colour: str, toward: str) -> str:
    """Return the colour of links, and what becomes of it under the pointer: with more contrast, never with less."""
    return f"--wax: {colour.lower()}; --wax-deep: {mixed(colour, toward, 0.35)};"
