"""Pieces of XML, written as they will be read: words escaped, attributes in their order, doubts as comments."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

DECIDE = "decide:"
"""How a comment for a person to decide begins, so that it can be searched for."""

_SHOWN = 60


def element(tag: str, content: str = "", /, **attributes: str | None) -> str:
    """Return an element; a name with ``__`` stands for one with a colon, one with ``_`` for one with a hyphen.

    >>> element("date", "May", when_iso="1961-05~", cert=None)
    '<date when-iso="1961-05~">May</date>'
    """
    said = "".join(
        f" {name.rstrip('_').replace('__', ':').replace('_', '-')}={quoteattr(value)}"
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{said}>{content}</{tag}>" if content else f"<{tag}{said}/>"


def words(text: str) -> str:
    """Return words as they stand in XML."""
    return escape(text)


def decide(message: str) -> str:
    """Return a comment with what a person has to decide.

    >>> decide("is -- it so?")
    '<!-- decide: is - - it so? -->'
    """
    spaced = re.sub(r"\s+", " ", message)
    safe = re.sub("-(?=-)", "- ", spaced).rstrip("-")
    return f"<!-- {DECIDE} {safe} -->"


def shown(text: str) -> str:
    """Return words as a message quotes them."""
    return f"«{text}»" if len(text) <= _SHOWN else f"«{text[:_SHOWN]}…»"
