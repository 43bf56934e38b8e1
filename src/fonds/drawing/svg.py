"""Elements of SVG as text.

Every look is an attribute of its element, so that a drawing is whole as a file of its own; the style sheet of a page, which
counts for more than attributes do (SVG 2, 6.6), gives it other colours in the dark, on paper and under the pointer.
"""

from __future__ import annotations

import re
import unicodedata
from html import escape

NAMESPACE = "http://www.w3.org/2000/svg"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WIDE = ("W", "F")

Attribute = str | float | None


def element(name: str, attributes: dict[str, Attribute] | None = None, *content: str) -> str:
    """Return an element.

    >>> element("circle", {"r": 2.50, "class": None})
    '<circle r="2.5"/>'
    >>> element("a", {"href": 'x"<'}, text("1 < 2"))
    '<a href="x&quot;&lt;">1 &lt; 2</a>'

    Args:
        name: Of the element.
        attributes: By name; those that are None are left out, numbers have two decimals at most.
        content: What stands in it, written already.
    """
    given = "".join(
        f' {key}="{_written(value)}"' for key, value in (attributes or {}).items() if value is not None
    )
    inner = "".join(content)
    return f"<{name}{given}>{inner}</{name}>" if inner else f"<{name}{given}/>"


def _written(value: str | float) -> str:
    return escape(clean(value)) if isinstance(value, str) else number(value)


def number(value: float) -> str:
    """Return a number with two decimals at most.

    >>> number(12.0), number(-0.001), number(1 / 3)
    ('12', '0', '0.33')
    """
    short = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short


def clean(words: str) -> str:
    """Return words without the characters that XML cannot carry (XML 1.0, 2.2)."""
    return _NOT_XML.sub("\ufffd", words)


def text(words: str) -> str:
    """Return words as the content of an element."""
    return escape(clean(words), quote=False)


def title(words: str) -> str:
    """Return what a pointer is told of the element in which this stands."""
    return f"<title>{text(words)}</title>"


def label(x: float, y: float, words: str, *, size: float = 14, **attributes: Attribute) -> str:
    """Return words that begin at a point.

    Marks of direction in them end with them, since an element ``text`` is a paragraph of its own (SVG 2, 11.2).
    """
    look: dict[str, Attribute] = {"x": x, "y": y, "font-size": size, "fill": "currentColor"}
    named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    return element("text", {**look, **named}, text(words))


def link(href: str, name: str, seen: str, *content: str, language: str | None = None) -> str:
    """Return a link with its name, for those who see no drawing and for a pointer that rests on it.

    >>> link("x", "Record of a conversation: record, 1964", "Record of a conv…").partition("<title>")[0]
    '<a href="x" aria-label="Record of a conv… Record of a conversation: record, 1964">'

    Args:
        href: Where it leads.
        name: What it is called.
        seen: The words that are to be seen of it, empty for none. Who speaks to a program says these (WCAG 2.2, 2.5.3): where
            they do not stand in the name, since they were cut, it begins with them.
        content: Its elements.
        language: Of its words.
    """
    told = _on_one_line(name)
    told = told if seen in told else f"{seen} {told}"
    return element("a", {"href": href, "aria-label": told, "lang": language or None}, title(told), *content)


def fitted(words: str, width: float, size: float = 14) -> str:
    """Return as much of some words as about fits into a width, on one line.

    >>> fitted("Record of a conversation with Ernesto Guevara", 160)
    'Record of a conversat…'

    Args:
        words: What is shown.
        width: In the same unit as the size.
        size: Of the type.
    """
    line = _on_one_line(words)
    left = width / size
    for at, character in enumerate(line):
        left -= _breadth(character)
        if left < 0:
            return line[: max(1, at - 1)].rstrip() + "…"
    return line


def _on_one_line(words: str) -> str:
    return " ".join(clean(words).split())


def _breadth(character: str) -> float:
    """Return about how broad a character is, in parts of the type's size."""
    if unicodedata.combining(character):
        return 0
    if unicodedata.east_asian_width(character) in _WIDE:
        return 1
    if character in "iljtfrI.,:;'’|()[] ":
        return 0.36
    return 0.9 if character in "mwMWЖШЩЮ—" else 0.7 if character.isupper() else 0.6


def drawing(name: str, described: str, width: float, height: float, *content: str) -> str:
    """Return a whole drawing.

    Args:
        name: Its class; also what its title's id begins with, so there is one of it on a page.
        described: What it shows, in a sentence.
        width: In units of its own, at least the pixels in which it is seen.
        height: In the same.
        content: Its elements.
    """
    return element(
        "svg",
        {
            "xmlns": NAMESPACE,
            "class": f"drawing {name}",
            "viewBox": f"0 0 {number(width)} {number(height)}",
            "width": width,
            "height": height,
            "role": "group",
            "aria-labelledby": f"{name}-title",
            "font-family": "system-ui, sans-serif",
            "color": "#211d17",
        },
        element("title", {"id": f"{name}-title"}, text(described)),
        *content,
    )
