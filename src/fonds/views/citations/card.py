"""The card of a record: a picture of 1200 × 630 that is shown beside a link to it, as PNG, since nobody shows SVG there."""

from __future__ import annotations

import io
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib import resources

from PIL import Image, ImageChops, ImageDraw, ImageFont

from fonds.views.citations.facts import Cited, plain

WIDTH, HEIGHT = 1200, 630
"""In pixels: what all who show links ask for (1.91 : 1)."""

_PAPER, _INK, _WAX = (0xFB, 0xF9, 0xF3), (0x21, 0x1D, 0x17), (0x7A, 0x2E, 0x22)
_FULL, _FADED, _RULE = 255, 180, 40
"""How dark ink is drawn."""
_SHADES = 16
_LEFT, _RIGHT, _TOP = 96, 1112, 78
_FOOT = 538
_TITLE_SIZES = (68, 60, 53, 47, 42)
_MOST_LINES = 5
_NO_CHARACTER = "\U0010fffe"


def card(cited: Cited, site: str) -> bytes | None:
    """Return the card of a record as PNG: its title, who wrote it and when, its shelfmark, and where it is published.

    A line with a letter that the typeface does not have is left out, rather than drawn as boxes.

    Args:
        cited: The record.
        site: What the site is called.

    Returns:
        None where neither title nor site can be drawn.
    """
    title, below, foot = (_drawable(each) for each in (cited.title, _below(cited), plain(site)))
    if not title and not foot:
        return None
    ink, wax = (Image.new("L", (WIDTH, HEIGHT)) for _ in range(2))
    draw, seal = ImageDraw.Draw(ink), ImageDraw.Draw(wax)
    seal.rectangle((0, 0, 22, HEIGHT), fill=_FULL)
    bottom = _draw_title(draw, title) if title else _TOP
    shelfmark = _drawable(cited.shelfmark or cited.container)
    small, bold = _font(31, 400), _font(30, 600)
    for at, line in enumerate(each for each in (below, shelfmark) if each):
        draw.text((_LEFT, bottom + 26 + at * 44), _cut(line, small), fill=_FADED, font=small)
    draw.line((_LEFT, _FOOT, _RIGHT, _FOOT), fill=_RULE, width=2)
    seal.text((_LEFT, _FOOT + 20), _cut(foot, bold), fill=_FULL, font=bold)
    return _png(ink, wax)


def can_be_drawn(cited: Cited, site: str) -> bool:
    """Tell whether :func:`card` draws anything."""
    return bool(_drawable(cited.title) or _drawable(plain(site)))


def _below(cited: Cited) -> str:
    people = [each.running for each in cited.authors]
    date = cited.date.text if cited.date else ""
    return " · ".join(each for each in (", ".join(people), date) if each)


def _draw_title(draw: ImageDraw.ImageDraw, title: str) -> int:
    """Draw a title as large as it fits; return where it ends."""
    size, lines = next(
        (
            found
            for size in _TITLE_SIZES
            if len((found := (size, _lines(title, size)))[1]) * size * 1.2 <= 330
        ),
        (_TITLE_SIZES[-1], _lines(title, _TITLE_SIZES[-1])),
    )
    font = _font(size, 600)
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], _cut(" ".join(lines[_MOST_LINES - 1 :]), font)]
    leading = round(size * 1.2)
    for at, line in enumerate(lines):
        draw.text((_LEFT, _TOP + at * leading), line, fill=_FULL, font=font)
    return _TOP + len(lines) * leading


def _lines(text: str, size: int) -> list[str]:
    """Break a text between words, and within a word that is longer than a line."""
    font = _font(size, 600)
    lines: list[str] = []
    for word in _words(text[:600], font):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= _RIGHT - _LEFT:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _words(text: str, font: ImageFont.FreeTypeFont) -> Iterator[str]:
    for word in text.split(" "):
        rest = word
        while rest:
            fits = max(1, _fitting(rest, font))
            yield rest[:fits]
            rest = rest[fits:]


def _cut(line: str, font: ImageFont.FreeTypeFont) -> str:
    """Return as much of a line as fits, cut between words where it can be, with an ellipsis where some is left out."""
    line = line[:300]
    if font.getlength(line) <= _RIGHT - _LEFT:
        return line
    cut = line[: _fitting(line, font, font.getlength(" …"))]
    return f"{cut.rpartition(' ')[0] or cut} …"


def _fitting(text: str, font: ImageFont.FreeTypeFont, less: float = 0) -> int:
    """Return how many characters of a text fit into a line, so much shorter."""
    width = _RIGHT - _LEFT - less
    return bisect_right(range(1, len(text) + 1), width, key=lambda number: font.getlength(text[:number]))


def _drawable(text: str) -> str:
    """Return a text without signs that are not seen; nothing where a letter cannot be drawn."""
    seen = "".join(
        each
        for each in unicodedata.normalize("NFC", plain(text))
        if unicodedata.category(each) not in ("Cf", "Cc")
    )
    return seen if all(map(_has, set(seen))) else ""


@lru_cache(maxsize=4096)
def _has(character: str) -> bool:
    """Tell whether the typeface has a character: what it has not is drawn as one and the same box."""
    if character.isspace():
        return True
    return _outline(character) != _outline(_NO_CHARACTER)


def _outline(character: str) -> bytes:
    picture = Image.new("L", (72, 72))
    ImageDraw.Draw(picture).text((16, 16), character, fill=_FULL, font=_font(31, 400))
    return picture.tobytes()


@cache
def _font(size: int, weight: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(io.BytesIO(_typeface()), size)
    # The axes of this file, in its order: weight, and optical size in points, 8 to 60.
    font.set_variation_by_axes([weight, min(60.0, size * 0.75)])
    return font


@cache
def _typeface() -> bytes:
    """Return Source Serif 4 (SIL Open Font License 1.1), which has Latin, Greek and Cyrillic letters."""
    return (resources.files("fontpkg_source_serif_4") / "files" / "SourceSerif4[opsz,wght].ttf").read_bytes()


def _png(ink: Image.Image, wax: Image.Image) -> bytes:
    """Return what was drawn in both colours as PNG, with a palette: a quarter of the bytes of true colours, in a tenth of the time."""
    shades = ink.point([value * _SHADES // 256 for value in range(256)])
    others = wax.point([_SHADES + shade if (shade := value * _SHADES // 256) else 0 for value in range(256)])
    picture = ImageChops.lighter(shades, others)
    picture.putpalette([each for colour in (_INK, _WAX) for each in _ramp(colour)])
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=6)
    return file.getvalue()


def _ramp(colour: tuple[int, int, int]) -> Iterator[int]:
    """Yield the shades of a colour on paper, the lightest first."""
    for shade in range(_SHADES):
        yield from (
            paper + (each - paper) * shade // (_SHADES - 1)
            for paper, each in zip(_PAPER, colour, strict=True)
        )


def alternative(cited: Cited) -> str:
    """Return what the card shows, in words."""
    parts: Iterable[str] = (cited.title, _below(cited), cited.shelfmark or cited.container)
    return ". ".join(each for each in parts if each)
