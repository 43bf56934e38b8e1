"""Statements of a page about its document: a label that is known, and what follows it (``Date: 3 May 1961``)."""

from __future__ import annotations

import re
from functools import cache

from fonds.sources.recognition.words import alternatives, plain, values, whole

NO_WORDS = " •·*»«>›‹<←→|–—-_=+×✕≡☰\u00a0"
"""What stands around the words of a menu."""

_ALSO_MENU = frozenset({"citation", "subject"})


def field_of(words: str) -> tuple[str, int] | None:
    """Return what a line such as ``Date: 3 May 1961`` is about, and where its value begins; None for other lines.

    >>> field_of("Date: 3 May 1961")
    ('date', 6)
    """
    label, colon, value = words.partition(":")
    kind = kind_of_label(label)
    if not colon or kind is None or not value.strip():
        return None
    return kind, len(label) + 1 + len(value) - len(value.lstrip())


def kind_of_label(words: str) -> str | None:
    """Return what a label announces, with or without its colon; None for other words."""
    return values("field").get(plain(words.strip(NO_WORDS).removesuffix(":")))


def is_value_of(label: str, words: str) -> str | None:
    """Return what a line states if the line before it is a label that stands alone; None where it is none.

    A label without a colon may be a word of a menu; of those that often are, the value has to have the right form.
    """
    kind = kind_of_label(label)
    if kind is None or kind_of_label(words) or field_of(words):
        return None
    if kind.endswith("language"):
        return kind if whole("language").fullmatch(words.strip()) else None
    if is_furniture_word(words):
        return None
    if label.rstrip().endswith(":"):
        return kind
    return None if kind in _ALSO_MENU else kind


def is_furniture_word(words: str) -> bool:
    """Tell whether a line has only words of which menus consist: ``• share document``, ``Home | Search``."""
    bare = plain(words.strip(NO_WORDS).rstrip(":.…"))
    return not bare or _menu().fullmatch(bare) is not None


@cache
def _menu() -> re.Pattern[str]:
    word = f"(?:{alternatives('furniture-word')}|{alternatives('language')})"
    return re.compile(rf"{word}(?:[\s|·•>›/,*-]+{word}){{0,40}}", re.IGNORECASE)
