"""Pictures of a publication: SVG that can do nothing but be seen, PNG, JPEG and WebP that are what they say."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree
from PIL import Image, UnidentifiedImageError

from fonds.errors import Fault
from fonds.release.presentation.files import Picture

LOGO_BYTES = 100_000
"""Most bytes of a picture that stands on every page."""
PICTURE_BYTES = 1_000_000
"""Most bytes of a picture on a page of words."""
LOGO_ENDINGS = frozenset({".svg", ".png"})
ENDINGS = LOGO_ENDINGS | {".jpg", ".jpeg", ".webp"}
_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
_MOST_PIXELS = 8_000

_SVG = "http://www.w3.org/2000/svg"
_ACTIVE = frozenset({"script", "foreignObject", "iframe", "object", "embed", "audio", "video", "handler"})
_DATA = re.compile(r"data:image/(?:png|jpeg|gif|webp)[;,]", re.IGNORECASE)
_URL = re.compile(r"""url\(\s*["']?\s*(?!#)([^)"'\s]*)""", re.IGNORECASE)
_LENGTH = re.compile(r"\s*([0-9]*\.?[0-9]+)(?:px|pt|mm|cm|in|em)?\s*")


@dataclass(frozen=True, slots=True)
class Examined:
    """A picture that was looked at.

    Attributes:
        content: Its bytes.
        width: As the file has it.
        height: The same.
    """

    content: bytes
    width: int
    height: int

    def named(self, name: str) -> Picture:
        """Return what a release notes of it."""
        return Picture(name=name, width=self.width, height=self.height)


class Unusable(Exception):
    """A picture that is not taken; its fault says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def examine(path: Path, *, endings: frozenset[str] = ENDINGS, most_bytes: int = PICTURE_BYTES) -> Examined:
    """Read a picture.

    Args:
        path: Its file.
        endings: Those that are taken.
        most_bytes: Its greatest size.

    Raises:
        Unusable: It is missing, too large, not of such a type, or an SVG that could do more than be seen.
    """
    if path.suffix.lower() not in endings:
        raise _unusable(path, f"is no picture of a kind that is taken: {', '.join(sorted(endings))}")
    try:
        size = path.stat().st_size
        if size > most_bytes:
            raise _unusable(path, f"has {size:,} bytes; a picture here may have {most_bytes:,}")
        content = path.read_bytes()
    except OSError as error:
        raise _unusable(path, f"cannot be read ({error.strerror})") from error
    if path.suffix.lower() == ".svg":
        return Examined(content, *_drawing(content, path))
    return Examined(content, *_pixels(content, path))


def _unusable(path: Path, message: str, line: int = 0) -> Unusable:
    return Unusable(Fault(str(path), line, 0, message))


def _pixels(content: bytes, path: Path) -> tuple[int, int]:
    """Return width and height of a picture of pixels."""
    wanted = _FORMATS[path.suffix.lower()]
    try:
        with Image.open(io.BytesIO(content), formats=[wanted]) as image:
            width, height = image.size
            if max(width, height) > _MOST_PIXELS:
                raise _unusable(path, f"is {width} × {height} pixels; at most {_MOST_PIXELS} either way")
            image.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _unusable(path, f"is not a whole {wanted}, as its ending says; export it again") from error
    return width, height


# ------------------------------------------------------------------------------------------------ SVG


def _drawing(content: bytes, path: Path) -> tuple[int, int]:
    """Return width and height of an SVG that can do nothing but be seen."""
    if re.search(rb"<!(?:DOCTYPE|ENTITY)", content, re.IGNORECASE):
        raise _unusable(path, "has a DOCTYPE; delete it, an SVG needs none")
    if b"<?xml-stylesheet" in content:
        raise _unusable(path, "names a style sheet elsewhere; put its rules into the file")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise _unusable(path, f"is not well-formed XML: {error.msg}", error.lineno or 0) from error
    if root.tag != f"{{{_SVG}}}svg":
        raise _unusable(path, f'is not an SVG; its outermost element is svg with xmlns="{_SVG}"')
    for element in root.iter():
        for message in _wrong_with(element):
            line: object = element.sourceline
            raise _unusable(path, message, line if isinstance(line, int) else 0)
    return _extent(root, path)


def _wrong_with(element: etree._Element) -> Iterator[str]:
    """Yield what an element could do besides being seen."""
    if not isinstance(element.tag, str):
        yield "has a processing instruction; delete it"
        return
    local = etree.QName(element).localname
    if local in _ACTIVE:
        yield f"has an element {local}; a picture holds shapes and words only"
    texts = [element.text or ""] if local == "style" else []
    for key, value in element.attrib.items():
        name, text = etree.QName(str(key)).localname.lower(), str(value)
        if name.startswith("on"):
            yield f"has a script in {name}; delete it"
        elif name in ("href", "src") and not _is_within(text):
            yield f"leads to {text[:80]!r}; a picture loads nothing and leads nowhere, put what it needs into the file"
        elif name == "attributename" and "href" in text.lower():
            yield "changes where something leads; delete that"
        texts.append(text)
    for text in texts:
        if "@import" in text.lower():
            yield "imports a style sheet; put its rules into the file"
        if (found := _URL.search(text)) and not _DATA.match(found[1]):
            yield f"loads {found[1][:80]!r}; a picture loads nothing, put what it needs into the file"


def _is_within(address: str) -> bool:
    return address.startswith("#") or _DATA.match(address) is not None


def _extent(root: etree._Element, path: Path) -> tuple[int, int]:
    """Return width and height, of which only the proportion matters."""
    box = re.split(r"[\s,]+", (root.get("viewBox") or "").strip())
    numbers = box[2:] if len(box) == 4 else [root.get("width") or "", root.get("height") or ""]
    found = [_LENGTH.fullmatch(str(each)) for each in numbers]
    if not all(found) or len(found) != 2:
        raise _unusable(path, 'has no size; give its element svg a viewBox such as "0 0 120 40"')
    width, height = (float(each[1]) for each in found if each)
    if width <= 0 or height <= 0:
        raise _unusable(path, "is of no size; see the viewBox of its element svg")
    scale = 1 if min(width, height) >= 16 else 100
    return round(width * scale), round(height * scale)
