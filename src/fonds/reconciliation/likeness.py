"""How like a name that somebody asks for is to those of a thing, as a number from 0 to 100 that can be explained."""

from __future__ import annotations

import math
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import NamedTuple

from fonds.reconciliation.comparing import names_compared
from fonds.reconciliation.names import Name, names_in, words_in

SAME = 100.0
REORDERED = 95.0
LEAST = 30.0
"""Names that are less alike than this are not alike."""

_SPELLED_ALIKE = 60.0
_LEAST_ALIKE = 0.6


class Likeness(NamedTuple):
    """How like a name is to one of the names of a thing.

    Attributes:
        score: From 0 to 100.
        name: The name of the thing that is meant, as it is written; empty where none is like it.
        telling: Whether it tells one from others: all its words are the same, and there are two whole words or more.
    """

    score: float
    name: str = ""
    telling: bool = False


def likeness(kind: str, asked: str, names: Iterable[str]) -> Likeness:
    """Return how like a name is to the one of a thing's names that is most like it.

    100: the same words in the same order, but for case, accents, marks, and Cyrillic or Latin letters. 95: in another order,
    or with ranks and years. Else what :func:`fonds.reconciliation.comparing.names_compared` finds, at most 95: forename and
    family name 95, in two spellings 92, by initials 82, a family name alone 62; an abbreviation 90. Else how many letters
    are the same, at most 60. Below 30 it is 0.

    >>> likeness("person", "Guevara, Ernesto", ["Ernesto Guevara"]).score
    95.0
    >>> likeness("person", "Хрущёв", ["Khrushchev"]).score, likeness("person", "Mao", ["Castro"]).score
    (100.0, 0.0)

    Args:
        kind: Of the thing.
        asked: The name, as somebody writes it.
        names: Those of the thing.
    """
    words, read = words_in(asked), list(names_in(asked))
    if not words:
        return Likeness(0.0)
    found = (_with_one(kind, asked, words, read, name) for name in names)
    return max(found, key=lambda each: (each.score, each.telling), default=Likeness(0.0))


def _with_one(kind: str, asked: str, words: list[str], read: list[Name], name: str) -> Likeness:
    its = words_in(name)
    if words == its:
        return Likeness(SAME, name, _telling(words))
    compared = [
        (mine, other, reason)
        for mine in read
        for other in names_in(name)
        if (reason := names_compared(kind, mine, other))
    ]
    score = max((_of_weight(reason.weight) for _, _, reason in compared), default=0.0)
    same = any(mine.key == other.key and _telling(mine.words) for mine, other, _ in compared)
    if same or sorted(words) == sorted(its):
        score = REORDERED
    alike = SequenceMatcher(None, asked.casefold(), name.casefold(), autojunk=False).ratio()
    if alike >= _LEAST_ALIKE:
        score = max(score, alike * _SPELLED_ALIKE)
    return Likeness(score, name, same) if score >= LEAST else Likeness(0.0)


def _of_weight(weight: float) -> float:
    """Return the probability that a weight stands for, as a score."""
    return round(min(REORDERED, 100 / (1 + math.exp(-weight))), 1)


def _telling(words: Iterable[str]) -> bool:
    return sum(len(word) > 1 for word in words) > 1
