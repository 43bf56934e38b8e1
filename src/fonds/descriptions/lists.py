"""The things of each kind in the order of their names, and of their dates, as they stand in a release: page by page, so that the
last page of a hundred thousand is read as fast as the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from fonds.ordering import Jump
from fonds.pack import Pack

PAGE_LENGTH = 200
"""Things on one page."""


class Item(msgspec.Struct, frozen=True, array_like=True):
    """A thing in a list: its IRI, what it is called, the language of that, and when it was written or happened (EDTF; empty where
    unknown).
    """

    iri: str
    title: str
    language: str | None = None
    created: str = ""


class Extent(msgspec.Struct, frozen=True, array_like=True):
    """How many things there are of a kind.

    Attributes:
        total: Things.
        newest: Of records those that were written last, the last one first.
        letters: Where each letter begins in the order of names.
        years: Where each year, decade or century begins in the order of dates; empty where there is no such order.
    """

    total: int
    newest: tuple[Item, ...] = ()
    letters: tuple[Jump, ...] = ()
    years: tuple[Jump, ...] = ()


class Lists:
    """The lists of a release, open for reading from any thread.

    Args:
        path: The pack of lists.

    Raises:
        ReleaseError: It is missing or damaged, here and in every method.
    """

    def __init__(self, path: Path) -> None:
        self._pack = Pack(path, "pack of lists")
        piece = self._pack.get(b"kinds")
        self.kinds: dict[str, Extent] = msgspec.json.decode(piece or b"{}", type=dict[str, Extent])

    def page(self, kind: str, number: int, *, by_date: bool = False) -> tuple[Item, ...]:
        """Return one page of the things of a kind, from 1; nothing where there is no such page."""
        piece = self._pack.get(name_of(kind, number, by_date=by_date))
        return msgspec.json.decode(piece, type=tuple[Item, ...]) if piece else ()

    def every(self, kind: str) -> Iterator[Item]:
        """Yield all things of a kind, by name."""
        number = 1
        while page := self.page(kind, number):
            yield from page
            number += 1

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        self._pack.close()


def name_of(kind: str, page: int, *, by_date: bool = False) -> bytes:
    """Return the name of the piece that holds a page."""
    return b"%s\0%d%s" % (kind.encode(), page, b"\0date" if by_date else b"")
