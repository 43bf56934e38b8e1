"""Makes hostile inputs from good ones, the same for the same number: no coverage, no dependency, any Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

LONGEST_BYTES = 64 * 1024
_PIECES = (
    b"\0",
    b"\r\n",
    b"\n\n",
    b"\xff",
    b"\xfe\xff",
    b"\xed\xa0\x80",
    b"\xc0\xaf",
    b"\xef\xbb\xbf",
    "\u202e".encode(),
    "\u2028".encode(),
    "İ".encode(),
    "٣".encode(),
    "ﬀ".encode(),
    b"'",
    b'"',
    b"\\",
    b"\\u0000",
    b"\\UFFFFFFFF",
    b"%",
    b"%00",
    b"%0d%0a",
    b"<",
    b">",
    b"&",
    b"&#0;",
    b"{",
    b"}",
    b"[",
    b"]",
    b"(",
    b")",
    b"-",
    b"--",
    b"~",
    b"?",
    b"*",
    b"/",
    b"//",
    b"../",
    b":",
    b"::",
    b";",
    b",",
    b"=",
    b"#",
    b"@",
    b"|",
    b"0",
    b"-1",
    b"9999999999999999999999",
    b"1e999",
    b"NaN",
    b"-0",
    b"\xc2\xb2",
    b"<script>",
    b"javascript:",
    b"<!DOCTYPE",
    b"<![CDATA[",
)
_MOST_REPEATED = 400


class Mutations:
    """Inputs made from good ones.

    Args:
        seeds: The good ones.
        words: What its grammar is made of, put in here and there.
        number: Where chance begins.
    """

    def __init__(self, seeds: Sequence[bytes], words: Sequence[bytes], number: int) -> None:
        self._seeds = list(seeds)
        self._words = (*words, *_PIECES)
        self._chance = Random(number)
        self._ways: tuple[Callable[[bytearray], None], ...] = (
            self._flip,
            self._cut_out,
            self._cut_off,
            self._put_in,
            self._put_in,
            self._put_in,
            self._repeat,
            self._copy,
            self._join,
        )

    def next(self) -> bytes:
        """Return another input."""
        made = bytearray(self._chance.choice(self._seeds))
        for _ in range(self._chance.choice((1, 1, 2, 3, 5, 12))):
            self._chance.choice(self._ways)(made)
        return bytes(made[:LONGEST_BYTES])

    def _place(self, made: bytearray) -> int:
        return self._chance.randint(0, len(made))

    def _piece(self, made: bytearray) -> slice:
        start = self._place(made)
        return slice(start, start + self._chance.choice((1, 1, 2, 4, 16, 64, 256)))

    def _flip(self, made: bytearray) -> None:
        if made:
            made[self._chance.randrange(len(made))] = self._chance.randrange(256)

    def _cut_out(self, made: bytearray) -> None:
        del made[self._piece(made)]

    def _cut_off(self, made: bytearray) -> None:
        del made[self._place(made) :]

    def _put_in(self, made: bytearray) -> None:
        place = self._place(made)
        made[place:place] = self._chance.choice(self._words)

    def _repeat(self, made: bytearray) -> None:
        place = self._place(made)
        piece = (
            bytes(made[self._piece(made)])
            if self._chance.random() < 0.5
            else self._chance.choice(self._words)
        )
        made[place:place] = piece * self._chance.choice((2, 10, _MOST_REPEATED))

    def _copy(self, made: bytearray) -> None:
        piece, place = bytes(made[self._piece(made)]), self._place(made)
        made[place:place] = piece

    def _join(self, made: bytearray) -> None:
        other = self._chance.choice(self._seeds)
        del made[self._place(made) :]
        made += other[self._chance.randint(0, len(other)) :]
