"""Words in square brackets by which an editor tells that something is left out or cannot be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from fonds.model import Inline, plain

Content = tuple[str | Inline, ...]

_BRACKET = re.compile(r"\[[^\[\]]{1,600}\]")
_EXTENT = re.compile(
    r"\[(?:less than )?(?:(\d{1,4})\s+)?(?:[a-z]+\s+)?(word|line|paragraph|page|chapter)s?\b", re.IGNORECASE
)


def loss_in_brackets(words: str) -> tuple[str | None, int | None]:
    """Return the unit in which a loss is counted, and how many, each None where the words do not say it as a plain number.

    >>> loss_in_brackets("[2 lines not declassified]"), loss_in_brackets("[less than 1 line not declassified]")
    (('line', 2), ('line', None))
    """
    match = _EXTENT.match(words)
    if match is None:
        return None, None
    number = int(match[1]) if match[1] and not words.lower().startswith("[less") else None
    return match[2].lower(), number


def cause_of(words: str, causes: Mapping[str, str]) -> str | None:
    """Return the cause of a loss that words in brackets tell of, None if they tell of none.

    >>> cause_of("[Illegible.]", {"illegible": "illegible"})
    'illegible'
    """
    lower = words.lower()
    return next((cause for phrase, cause in causes.items() if phrase.lower() in lower), None)


def bracketed(content: Content, causes: Mapping[str, str], mark: Callable[[Content, str], Inline]) -> Content:
    """Return a content in which each bracket that tells of a loss is one mark, with the marks inside it.

    Args:
        content: Words and marks.
        causes: For words that tell of a loss its cause.
        mark: Makes the mark, from the words within it and the cause.
    """
    words = plain(content)
    if "[" not in words:
        return content
    found = ((each, cause_of(each[0], causes)) for each in _BRACKET.finditer(words))
    places = [(each.start(), each.end(), cause) for each, cause in found if cause is not None]
    places = [each for each in places if _in_words(content, each[0]) and _in_words(content, each[1] - 1)]
    parts: list[str | Inline] = []
    at = 0
    for start, end, cause in places:
        parts += _within(_slice(content, at, start), causes, mark)
        parts.append(mark(_slice(content, start, end), cause))
        at = end
    parts += _within(_slice(content, at, len(words)), causes, mark)
    return tuple(parts)


def _within(content: Content, causes: Mapping[str, str], mark: Callable[[Content, str], Inline]) -> Content:
    """Return a content with the brackets that stand whole inside one of its marks."""
    return tuple(each if isinstance(each, str) else _inner(each, causes, mark) for each in content)


def _inner(inline: Inline, causes: Mapping[str, str], mark: Callable[[Content, str], Inline]) -> Inline:
    inner = bracketed(inline.content, causes, mark)
    if inner is inline.content:
        return inline
    return Inline(
        mark=inline.mark, content=inner, id=inline.id, target=inline.target, attributes=inline.attributes
    )


def _in_words(content: Content, at: int) -> bool:
    """Tell whether the character at a place stands in the words of the content itself, not inside a mark."""
    for each in content:
        length = len(each) if isinstance(each, str) else len(each.text)
        if at < length:
            return isinstance(each, str)
        at -= length
    return False


def _slice(content: Content, start: int, end: int) -> Content:
    """Return a stretch of a content; its ends stand in words, marks are kept whole. A mark without words goes with what follows."""
    parts: list[str | Inline] = []
    at = 0
    for each in content:
        length = len(each) if isinstance(each, str) else len(each.text)
        first, last = max(start, at), min(end, at + length)
        if isinstance(each, str):
            if first < last:
                parts.append(each[first - at : last - at])
        elif (start <= at < end) or (at == end and length == 0 and end == _length(content)):
            parts.append(each)
        at += length
    return tuple(parts)


def _length(content: Content) -> int:
    return sum(len(each) if isinstance(each, str) else len(each.text) for each in content)
