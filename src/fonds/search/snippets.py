"""A few words of a text around those that were looked for, with the places of these."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import islice

from fonds.search.folding import fold

_LENGTH = 240
_MOST_READ = 200_000
_MOST_PLACES = 60


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a snippet.

    Attributes:
        text: Its words.
        marked: Whether they were looked for.
    """

    text: str
    marked: bool = False


def snippet(
    text: str, words: Collection[str], stems: Collection[str], stem: Callable[[str], Collection[str]]
) -> tuple[Piece, ...]:
    """Return the stretch of a text with most different words that were looked for; its beginning where there are none.

    Args:
        text: The whole.
        words: In lower case and without accents.
        stems: Of words that are looked for in all their forms.
        stem: Gives the stems that a word may have.
    """
    text = text[:_MOST_READ]
    places = list(islice(_places(fold(text), words, stems, stem), _MOST_PLACES))
    start, end = _window(text, places)
    pieces: list[Piece] = [Piece("… ")] if start else []
    at = start
    for first, last, _ in places:
        if first >= at and last <= end:
            pieces += [Piece(text[at:first]), Piece(text[first:last], True)]
            at = last
    pieces.append(Piece(text[at:end] + (" …" if end < len(text.rstrip()) else "")))
    return tuple(Piece(re.sub(r"\s+", " ", each.text), each.marked) for each in pieces if each.text)


def _places(
    folded: str, words: Collection[str], stems: Collection[str], stem: Callable[[str], Collection[str]]
) -> Iterator[tuple[int, int, str]]:
    """Yield where words stand that were looked for, with what each is counted as."""
    beginnings = sorted(
        {*words, *(each[:-1] if len(each) > 4 else each for each in stems)}, key=len, reverse=True
    )
    if not beginnings:
        return
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, beginnings))})\w{{0,12}}(?!\w)")
    for found in pattern.finditer(folded):
        word = found.group()
        counted = word if word in words else next((each for each in stem(word) if each in stems), None)
        if counted is not None:
            yield found.start(), found.end(), counted


def _window(text: str, places: list[tuple[int, int, str]]) -> tuple[int, int]:
    best, first = 0, places[0][0] if places else 0
    for start, _, _ in places:
        seen = len({counted for at, end, counted in places if start <= at and end <= start + _LENGTH - 60})
        if seen > best:
            best, first = seen, start
    start = max(0, first - 60)
    if start:
        blank = text.find(" ", start, first)
        start = blank + 1 if blank >= 0 else start
    end = min(len(text), start + _LENGTH)
    if end < len(text):
        blank = text.rfind(" ", start + 1, end)
        # Not into a word that is marked.
        end = blank if blank > first else end
    return start, end
