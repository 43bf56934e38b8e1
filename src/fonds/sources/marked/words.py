"""The words of a marked text: braces become elements with the lines on which they begin, and elements become braces."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from fonds.sources.marked.spans import NotSaidError, element_of, tokens_of

MOST_DEPTH = 60
"""Deepest nesting of braces."""
_SIGNS = re.compile(r"\\(.)|([{|}])|\\$", re.DOTALL)
_NO_TEXT = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Told = Callable[[int, str], None]
"""Takes the line of something wrong, and what it is."""


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

    def fill(self, element: etree._Element) -> None:
        self._inside(element, 0, 0)

    def _inside(self, element: etree._Element, depth: int, opened: int) -> list[str] | None:
        """Take words until the brace ends; return the words behind its stroke, None outside of braces or where none ends it."""
        while True:
            found = _SIGNS.search(self._text, self._at)
            if found is None:
                _add(element, self._text[self._at :])
                self._at = len(self._text)
                if depth:
                    self._tell(
                        opened, "a brace is opened here and never closed; close it: {words | what they are}"
                    )
                return None
            _add(element, self._text[self._at : found.start()])
            self._at = found.end()
            if found[1] is not None or found[2] is None:
                _add(element, found[1] or "\\")
            elif found[2] == "{":
                self._brace(element, depth + 1, self._here(found.start()))
            elif not depth and found[2] == "}":
                self._tell(
                    self._here(found.start()),
                    r"a brace is closed that was never opened; write \} for a brace of the words",
                )
                _add(element, "}")
            elif not depth:
                _add(element, "|")
            elif found[2] == "}":
                return []
            else:
                return self._behind(opened)

    def _behind(self, opened: int) -> list[str]:
        end = self._text.find("}", self._at)
        if end < 0 or "{" in self._text[self._at : end]:
            self._tell(
                opened,
                "a brace is opened here and not closed behind its stroke; close it: {words | what they are}",
            )
            end = len(self._text) if end < 0 else self._text.find("{", self._at) - 1
        tokens = self._text[self._at : end].split()
        self._at = end + 1
        return tokens

    def _brace(self, above: etree._Element, depth: int, line: int) -> None:
        if depth > MOST_DEPTH:
            self._tell(line, f"braces stand more than {MOST_DEPTH} deep in each other")
            self._at = len(self._text)
            return
        held = etree.Element("held")
        tokens = self._inside(held, depth, line)
        _trim(held)
        try:
            outer, inner = element_of(tokens or [])
        except NotSaidError as error:
            if tokens is not None:
                self._tell(line, str(error))
            _append(above, held)
            return
        for each in (outer, inner):
            each.sourceline = line
        inner.text = held.text or None
        for child in held:
            inner.append(child)
        if outer.tag == "gap" and not len(inner) and not inner.text:
            outer.remove(inner)
        above.append(outer)

    def _here(self, at: int) -> int:
        return self._line + self._text.count("\n", 0, at)


def _add(element: etree._Element, words: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + words
    else:
        element.text = (element.text or "") + words


def _append(above: etree._Element, held: etree._Element) -> None:
    """Put what an element holds behind what another one holds."""
    _add(above, held.text or "")
    for child in held:
        above.append(child)


def _trim(element: etree._Element) -> None:
    """Take the blanks away between a brace or a stroke and the words."""
    element.text = (element.text or "").lstrip()
    if len(element):
        element[-1].tail = (element[-1].tail or "").rstrip()
    else:
        element.text = element.text.rstrip()


def written(element: etree._Element, refuse: Callable[[etree._Element, str], None]) -> str:
    """Return what an element holds as words with braces, blanks as single spaces.

    Args:
        element: What holds them.
        refuse: Told of each element that cannot be written, and why.
    """
    return _squeezed(_written(element, refuse)).strip()


def _squeezed(words: str) -> str:
    return re.sub(r"[ \t\r\n]+", " ", words)


def _written(element: etree._Element, refuse: Callable[[etree._Element, str], None]) -> str:
    words = escaped(element.text or "")
    for child in element:
        words += _span(child, refuse) + escaped(child.tail or "")
    return words


def _span(element: etree._Element, refuse: Callable[[etree._Element, str], None]) -> str:
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
