"""The order in which people expect names, codes and shelfmarks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_SORTED_BY = 200


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that sorts ``Paragraph 9`` before ``Paragraph 10``, by the first two hundred characters."""
    return _natural(text[:_SORTED_BY])


@lru_cache(maxsize=4_096)
def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    pieces = re.split(r"(\d{1,18})", text.casefold())
    return tuple((0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in pieces if piece)


def in_bytes(key: tuple[tuple[int, int, str], ...]) -> bytes:
    r"""Return a key of :func:`natural` as bytes that are in the same order, with no byte below 2 in them.

    >>> in_bytes(natural("Vol. 9")) < in_bytes(natural("Vol. 10")) < in_bytes(natural("Vol. 10 a"))
    True
    """
    return b"".join(_piece(*each) for each in key)


def _piece(kind: int, number: int, text: str) -> bytes:
    if kind == 0:
        digits = str(number)
        return b"\x02" + bytes((0x20 + len(digits),)) + digits.encode()
    # Control characters stand before all letters, and before a number.
    return b"\x03" + re.sub(r"[\x00-\x1f]", "\x1f", text).encode("utf-8", "surrogatepass")


Place = tuple[tuple[tuple[int, int, str], ...], str]


def alphabetical(title: str) -> Place:
    """Return a key that sorts titles as an index does: accents and marks count last.

    >>> sorted(["Zug", "“Arzt”", "Ärzte", "Arzt 12", "Arzt 5"], key=alphabetical)
    ['“Arzt”', 'Arzt 5', 'Arzt 12', 'Ärzte', 'Zug']
    """
    return natural(folded(title)), title


def folded(title: str) -> str:
    """Return the letters and digits of the beginning of a title, without accents, in words with one blank between them."""
    plain = unicodedata.normalize("NFKD", title[:_SORTED_BY])
    letters = "".join(each for each in plain if not unicodedata.combining(each))
    return " ".join(re.findall(r"\w+", letters))


_ONE_FOR_ALL = {"CJK": "漢字", "HANGUL": "한글", "HIRAGANA": "かな", "KATAKANA": "かな"}
"""Scripts whose signs are too many to jump to each."""


def letter_of(title: str) -> str:
    """Return under which letter of an index a title stands: a capital of its own script, ``0–9``, or ``#``.

    >>> [letter_of(each) for each in ("Émile", "ивановъ", "“1914”", "漢字", "???")]
    ['E', 'И', '0–9', '漢字', '#']
    """
    first = folded(title)[:1]
    if not first.isalnum():
        return "#"
    if first.isnumeric() and not first.isalpha():
        return "0–9"
    script = unicodedata.name(first, "").split(" ")[0]
    return _ONE_FOR_ALL.get(script) or first.upper()[:1]


def behind_letters(title: str) -> int:
    """Return what puts titles that begin with a digit behind all letters, and those that begin with neither last of all."""
    return {"0–9": 1, "#": 2}.get(letter_of(title), 0)


def year_of(date: str) -> int | None:
    """Return the year in which an EDTF date begins, None where it names none.

    >>> year_of("1964-10-27"), year_of("1901~/1904"), year_of("-0044"), year_of("19XX"), year_of("")
    (1964, 1901, -44, 1900, None)
    """
    match = re.match(r"[\[{]?(-?)(\d{1,4}[X\d]{0,3})(?![\d])", date)
    if match is None or len(match[2]) != 4:
        return None
    year = int(match[2].replace("X", "0"))
    return -year if match[1] else year


@dataclass(frozen=True, slots=True)
class Jump:
    """A place in a long list to go to.

    Attributes:
        label: A letter, a year, a decade.
        page: The page where it begins.
        anchor: Its id there.
        number: How many entries it has.
        place: Where on that page it begins, from 0.
    """

    label: str
    page: int
    anchor: str
    number: int
    place: int


def jumps(labels: Iterable[str], page_length: int) -> tuple[Jump, ...]:
    """Return where each stretch of equal labels begins in a list, page by page."""
    starts: list[tuple[str, int, int]] = []
    for place, label in enumerate(labels):
        if starts and starts[-1][0] == label:
            starts[-1] = (label, starts[-1][1], starts[-1][2] + 1)
        else:
            starts.append((label, place, 1))
    return tuple(
        Jump(label, place // page_length + 1, f"at-{number}", size, place % page_length)
        for number, (label, place, size) in enumerate(starts, start=1)
    )
