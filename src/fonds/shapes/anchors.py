"""Anchors: that the words of a statement or a mention stand where the data say, in the text that was received."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place in a text, and the words that are said to stand there.

    Attributes:
        start: The first code point, from 0.
        end: The code point after the last.
        exact: The words; None where they may not be published.
        prefix: The words before them.
        suffix: The words after them.
        unique: Whether the words, with those before and after, must stand nowhere else (Web Annotation 4.2.4).
    """

    start: int
    end: int
    exact: str | None
    prefix: str = ""
    suffix: str = ""
    unique: bool = True


def faults_of_anchor(anchor: Anchor, words: str) -> Iterator[str]:
    """Yield what is wrong with an anchor, each a predicate to the thing anchored; the nearest place that fits is named.

    Args:
        anchor: Where words are said to stand.
        words: The text: the capture where there is one, else the record's plain text.
    """
    if not 0 <= anchor.start < anchor.end <= len(words):
        yield f"is anchored at [{anchor.start}, {anchor.end}), but the text has {len(words)} code points"
        return
    if anchor.exact is None:
        return
    if anchor.end - anchor.start != len(anchor.exact):
        length = anchor.end - anchor.start
        yield f"is anchored at {length} code points, but its words are {len(anchor.exact)}{_nearest(anchor, words)}"
    elif words[anchor.start : anchor.end] != anchor.exact:
        there = _short(words[anchor.start : anchor.end])
        yield f"is anchored at [{anchor.start}, {anchor.end}), where “{there}” stands{_nearest(anchor, words)}"
    elif anchor.unique:
        yield from _around(anchor, words)


def _around(anchor: Anchor, words: str) -> Iterator[str]:
    before, after = words[: anchor.start], words[anchor.end :]
    if not before.endswith(anchor.prefix):
        yield f"has the prefix “{_short(anchor.prefix)}”, but “{before[-len(anchor.prefix) :]}” stands before its words"
    if not after.startswith(anchor.suffix):
        yield f"has the suffix “{_short(anchor.suffix)}”, but “{after[: len(anchor.suffix)]}” stands after its words"
    whole = f"{anchor.prefix}{anchor.exact}{anchor.suffix}"
    first = words.find(whole)
    if first != -1 and words.find(whole, first + 1) != -1:
        yield f"has words that stand at several places even with prefix and suffix: “{_short(anchor.exact or '')}”"


def _nearest(anchor: Anchor, words: str) -> str:
    """Return where the words do stand, nearest to where they were sought; else what comes closest to them."""
    exact = anchor.exact or ""
    places = list(_places(exact, words))
    if places:
        start = min(places, key=lambda place: abs(place - anchor.start))
        return f"; its words stand at [{start}, {start + len(exact)}), line {_line(words, start)} of the text"
    match = difflib.SequenceMatcher(None, words, exact, autojunk=False).find_longest_match()
    start = max(0, match.a - match.b)
    end = start + len(exact)
    found, place = _short(words[start:end]), f"[{start}, {end}), line {_line(words, start)} of the text"
    return f"; its words stand nowhere; closest to “{_short(exact)}” is “{found}” at {place}"


def _places(exact: str, words: str) -> Iterator[int]:
    at = words.find(exact)
    while at != -1:
        yield at
        at = words.find(exact, at + 1)


def _line(words: str, at: int) -> int:
    return words.count("\n", 0, at) + 1


def _short(words: str) -> str:
    return words if len(words) <= _SHOWN else f"{words[:_SHOWN]}…"
