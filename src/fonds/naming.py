"""Which of several names a thing is called by, and in which order names stand in a list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from pyoxigraph import Literal

_SORTED_BY = 200


def preferred(labels: Iterable[Literal], languages: Sequence[str]) -> Literal | None:
    """Return the label in the first language of ours that there is one in, else one without language, else any.

    Of several in one language the first in the alphabet, so that the same release always gives the same page.
    """

    def rank(label: Literal) -> tuple[int, str, str]:
        language = (label.language or "").lower()
        for place, wanted in enumerate(languages):
            if language == wanted.lower() or language.startswith(f"{wanted.lower()}-"):
                return place, language, label.value
        return (len(languages) if not language else len(languages) + 1), language, label.value

    return min(labels, key=rank, default=None)


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
