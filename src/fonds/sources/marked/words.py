"""The words of a marked text: braces become elements with the lines on which they begin, and elements become braces."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from fonds.sources.marked.spans import NotSaidError, element_of, set_line, tokens_of

MOST_DEPTH = 60
"""Deepest nesting of braces."""
_SIGNS = re.compile(r"\\(.)|([{|}])|\\$", re.DOTALL)
_BRACE = re.compile("[{}]")
_NO_TEXT = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Told = Callable[[int, str], None]
"""Takes the line of something wrong, and what it is."""
Refuse = Callable[[etree._Element, str], None]
"""Takes an element that cannot be written, and why."""


def fill(element: etree._Element, text: str, line: int, tell: Told) -> None:
    """Put words with their braces into an element; each element within gets the line on which its brace begins.

    Args:
        element: What takes them.
        text: The words.
        line: On which they begin.
        tell: Told what is wrong; the words of a wrong brace are kept as words.
    """
    if control := _NO_TEXT.search(text):
        at = line + text.count("\n", 0, control.start())
        tell(at, f"has a sign that no text can have (U+{ord(control[0]):04X}); delete it")
        text = _NO_TEXT.sub("", text)
    _Filling(text, line, tell).fill(element)


class _Filling:
    """Reads one run of words, once."""

    def __init__(self, text: str, line: int, tell: Told) -> None:
        self._text = text
        self._line = line
        self._tell = tell
        self._at = 0
        self._counted = 0

    def fill(self, element: etree._Element) -> None:
        self._inside(element, 0, 0)

    def _inside(self, element: etree._Element, depth: int, opened: int) -> list[str] | None:
        """Take words until the brace ends; return the words behind its stroke, None outside of braces or where none ends it."""
        pieces: list[str] = []
        while True:
            found = _SIGNS.search(self._text, self._at)
            end = found.start() if found else len(self._text)
            pieces.append(self._text[self._at : end])
            self._at = found.end() if found else end
            sign = found[2] if found else ""
            if found and (sign is None or (not depth and sign != "{")):
                if sign == "}":
                    message = r"a brace is closed that was never opened; write \} for a brace of the words"
                    self._tell(self._here(end), message)
                pieces.append(sign or found[1] or "\\")
                continue
            if sign == "{":
                outer, held = self._brace(depth + 1, self._here(end))
                if outer is None:
                    # What a wrong brace holds stays.
                    pieces.append(held.text or "")
                    if _last(held) is None:
                        continue
                _add(element, "".join(pieces))
                pieces.clear()
                element.extend([outer] if outer is not None else list(held))
                continue
            _add(element, "".join(pieces))
            if sign:
                return [] if sign == "}" else self._behind(opened)
            if depth:
                message = "a brace is opened here and never closed; close it: {words | what they are}"
                self._tell(opened, message)
            return None

    def _behind(self, opened: int) -> list[str]:
        found = _BRACE.search(self._text, self._at)
        end = found.start() if found else len(self._text)
        if found is None or found[0] == "{":
            message = (
                "a brace is opened here and not closed behind its stroke; close it: {words | what they are}"
            )
            self._tell(opened, message)
        tokens = self._text[self._at : end].split()
        self._at = end + 1 if found and found[0] == "}" else end
        return tokens

    def _brace(self, depth: int, line: int) -> tuple[etree._Element | None, etree._Element]:
        """Return the element that a brace means, None where it means none, and one that holds what the brace holds."""
        held = etree.Element("held")
        if depth > MOST_DEPTH:
            self._tell(line, f"braces stand more than {MOST_DEPTH} deep in each other")
            self._at = len(self._text)
            return None, held
        tokens = self._inside(held, depth, line)
        _trim(held)
        try:
            outer, inner = element_of(tokens or [])
        except NotSaidError as error:
            if tokens is not None:
                self._tell(line, str(error))
            return None, held
        for each in (outer, inner):
            set_line(each, line)
        inner.text = held.text or None
        inner.extend(list(held))
        if outer.tag == "gap" and _last(inner) is None and not inner.text:
            outer.remove(inner)
        return outer, held

    def _here(self, at: int) -> int:
        """Return the line of a place behind all that were asked for before."""
        self._line += self._text.count("\n", self._counted, at)
        self._counted = at
        return self._line


def _last(element: etree._Element) -> etree._Element | None:
    """Return the last element within another; its length is not asked for, since lxml counts all of them each time."""
    return next(element.iterchildren(reversed=True), None)


def _add(element: etree._Element, words: str) -> None:
    last = _last(element)
    if last is not None:
        last.tail = (last.tail or "") + words
    else:
        element.text = (element.text or "") + words


def _trim(element: etree._Element) -> None:
    """Take the blanks away between a brace or a stroke and the words."""
    element.text = (element.text or "").lstrip()
    last = _last(element)
    if last is not None:
        last.tail = (last.tail or "").rstrip()
    else:
        element.text = element.text.rstrip()


def written(element: etree._Element, refuse: Refuse) -> str:
    """Return what an element holds as words with braces, blanks as single spaces.

    Args:
        element: What holds them.
        refuse: Told of each element that cannot be written, and why.
    """
    return _squeezed(_written(element, refuse)).strip()


def _squeezed(words: str) -> str:
    return re.sub(r"[ \t\r\n]+", " ", words)


def _written(element: etree._Element, refuse: Refuse) -> str:
    words = escaped(element.text or "")
    for child in element:
        words += _span(child, refuse) + escaped(child.tail or "")
    return words


def _span(element: etree._Element, refuse: Refuse) -> str:
    try:
        tokens, inner = tokens_of(element)
    except NotSaidError as error:
        refuse(element, str(error))
        return ""
    words = _squeezed(_written(inner, refuse))
    before, after = (" " if words[:1] == " " else ""), (" " if words[-1:] == " " else "")
    if not words.strip():
        return f"{{| {' '.join(tokens)}}}" if not words else f" {{| {' '.join(tokens)}}}"
    return f"{before}{{{words.strip()} | {' '.join(tokens)}}}{after}"


def escaped(words: str) -> str:
    """Return words in which no sign means anything else.

    >>> escaped("a {b}")
    'a \\\\{b\\\\}'
    """
    return re.sub(r"[\\{|}]", r"\\\g<0>", words)
