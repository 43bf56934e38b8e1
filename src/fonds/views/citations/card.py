"""The card of a record: a picture of 1200 × 630 that is shown beside a link to it, as PNG, since nobody shows SVG there."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib import resources

from PIL import Image, ImageDraw, ImageFont

from fonds.views.citations.facts import Cited, plain

WIDTH, HEIGHT = 1200, 630
"""In pixels: what all who show links ask for (1.91 : 1)."""

_PAPER, _INK, _FADED, _WAX, _RULE = "#fbf9f3", "#211d17", "#665e50", "#7a2e22", "#ddd5c3"
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
    picture = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 22, HEIGHT), fill=_WAX)
    bottom = _draw_title(draw, title) if title else _TOP
    shelfmark = _drawable(cited.shelfmark or cited.container)
    for at, line in enumerate(each for each in (below, shelfmark) if each):
        draw.text((_LEFT, bottom + 26 + at * 44), _cut(line, _font(31, 400)), fill=_FADED, font=_font(31, 400))
    draw.line((_LEFT, _FOOT, _RIGHT, _FOOT), fill=_RULE, width=2)
    draw.text((_LEFT, _FOOT + 20), _cut(foot, _font(30, 600)), fill=_WAX, font=_font(30, 600))
    return _png(picture)


def _below(cited: Cited) -> str:
    people = [each.running for each in cited.authors]
    date = cited.date.text if cited.date else ""
    return " · ".join(each for each in (", ".join(people), date) if each)


def _draw_title(draw: ImageDraw.ImageDraw, title: str) -> int:
    """Draw a title as large as it fits; return where it ends."""
    size, lines = next(
        (found for size in _TITLE_SIZES if len((found := (size, _lines(title, size)))[1]) * size * 1.2 <= 330),
        (_TITLE_SIZES[-1], _lines(title, _TITLE_SIZES[-1])),
    )
    font = _font(size, 600)
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], _cut(" ".join(lines[_MOST_LINES - 1 :]), font)]
    leading = round(size * 1.2)
    for at, line in enumerate(lines):
        draw.text((_LEFT, _TOP + at * leading), line, fill=_INK, font=font)
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
        while font.getlength(rest) > _RIGHT - _LEFT:
            fits = max(1, next(n for n in range(len(rest), -1, -1) if font.getlength(rest[:n]) <= _RIGHT - _LEFT))
            yield rest[:fits]
            rest = rest[fits:]
        yield rest


def _cut(line: str, font: ImageFont.FreeTypeFont) -> str:
    """Return as many words of a line as fit, with an ellipsis where some are left out."""
    line = line[:300]
    if font.getlength(line) <= _RIGHT - _LEFT:
        return line
    words = line.split(" ")
    while len(words) > 1 and font.getlength(f"{' '.join(words)} …") > _RIGHT - _LEFT:
        words.pop()
    while font.getlength(f"{' '.join(words)} …") > _RIGHT - _LEFT:
        words[-1] = words[-1][:-1]
    return f"{' '.join(words)} …"


def _drawable(text: str) -> str:
    """Return a text without signs that are not seen; nothing where a letter cannot be drawn."""
    seen = "".join(each for each in unicodedata.normalize("NFC", text) if unicodedata.category(each) not in ("Cf", "Cc"))
    return seen if all(map(_has, set(seen))) else ""


@lru_cache(maxsize=4096)
def _has(character: str) -> bool:
    """Tell whether the typeface has a character: what it has not is drawn as one and the same box."""
    if character.isspace():
        return True
    font = _font(31, 400)
    return _outline(font, character) != _outline(font, _NO_CHARACTER)


def _outline(font: ImageFont.FreeTypeFont, character: str) -> tuple[bytes, tuple[int, int]]:
    mask = font.getmask(character)
    return bytes(mask), mask.size


@cache
def _font(size: int, weight: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(io.BytesIO(_typeface()), size)
    wanted = {b"Weight": weight, b"Optical Size": size * 0.75}
    axes = font.get_variation_axes()
    font.set_variation_by_axes(
        [max(axis["minimum"], min(axis["maximum"], wanted[axis["name"]])) for axis in axes]
    )
    return font


@cache
def _typeface() -> bytes:
    """Return Source Serif 4 (SIL Open Font License 1.1), which has Latin, Greek and Cyrillic letters."""
    return (resources.files("fontpkg_source_serif_4") / "files" / "SourceSerif4[opsz,wght].ttf").read_bytes()


def _png(picture: Image.Image) -> bytes:
    """Return a picture in few colours: a quarter of the bytes, and the same to the eye."""
    file = io.BytesIO()
    picture.quantize(32, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def alternative(cited: Cited) -> str:
    """Return what the card shows, in words."""
    parts: Iterable[str] = (cited.title, _below(cited), cited.shelfmark or cited.container)
    return ". ".join(each for each in parts if each)
