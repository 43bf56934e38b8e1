"""A text's blocks: paragraphs, lines that stand alone, and the lines of one paragraph that was broken to fit a width."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

BLANKS = " \t\r\n\x0b\x0c\ufeff"
"""What parts words in a capture; a no-break space is a character like any other."""

_RUN = re.compile(f"[{BLANKS}]+")
_LINE = re.compile(r"[^\r\n\x0b\x0c]*[^\r\n\x0b\x0c \t\ufeff][^\r\n\x0b\x0c]*")
_WIDEST = 132
_FULL = 0.8


@dataclass(frozen=True, slots=True)
class Hint:
    """What the page's own markup says of a line.

    Attributes:
        furniture: It stands in a menu, a footer, a form.
        level: It is a heading of this level, 1 to 6; 0: it is none.
        broken: Its lines may be those of one paragraph, broken to fit a width.
    """

    furniture: bool = False
    level: int = 0
    broken: bool = True


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a text.

    Attributes:
        words: Its words, every run of blanks as one space.
        start: Where it begins in the text.
        end: Where it ends.
        hint: What the page's markup says of it.
    """

    words: str
    start: int
    end: int
    hint: Hint = Hint()

    @property
    def length(self) -> int:
        """How many words it has."""
        return self.words.count(" ") + 1 if self.words else 0


def spaced(text: str) -> str:
    """Return a text with every run of blanks as one space, and none at the ends."""
    return _RUN.sub(" ", text).strip(" ")


def _never(line: str) -> bool:  # noqa: ARG001  it is a default
    return False


def blocks_of(
    text: str, hints: Mapping[int, Hint] | None = None, begins: Callable[[str], bool] = _never
) -> list[Block]:
    """Return the blocks of a text.

    An empty line parts blocks. Lines without one between them are one block only where the text is broken to a width: where
    a line is so long that the first word of the next would not have fitted.

    Args:
        text: Any text.
        hints: What is known of lines, by the place where each begins.
        begins: Tells of a line that it begins a block whatever stands before it.
    """
    hints = hints or {}
    lines = [(match.start(), match.end()) for match in _LINE.finditer(text)]
    width = max((len(spaced(text[start:end])) for start, end in lines), default=0)
    blocks: list[Block] = []
    first = 0
    for number, line in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else None
        if (
            following
            and _goes_on(text, line, following, width, hints)
            and not begins(spaced(text[following[0] : following[1]]))
        ):
            continue
        start, end = lines[first][0], line[1]
        words = text[start:end]
        blocks.append(
            Block(
                spaced(words),
                start + len(words) - len(words.lstrip(BLANKS)),
                start + len(words.rstrip(BLANKS)),
                hints.get(start, Hint()),
            )
        )
        first = number + 1
    return blocks


def _goes_on(
    text: str, line: tuple[int, int], following: tuple[int, int], width: int, hints: Mapping[int, Hint]
) -> bool:
    between = text[line[1] : following[0]]
    if between.count("\n") + between.count("\r") - between.count("\r\n") != 1 or width > _WIDEST:
        return False
    if not hints.get(line[0], Hint()).broken or not hints.get(following[0], Hint()).broken:
        return False
    here, below = text[line[0] : line[1]], text[following[0] : following[1]]
    indented = len(below) - len(below.lstrip(" \t")) > len(here) - len(here.lstrip(" \t"))
    word = spaced(below).partition(" ")[0]
    return not indented and len(spaced(here)) + 1 + len(word) > _FULL * width
