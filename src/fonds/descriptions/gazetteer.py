"""Where places are, as it stands in a release: gathered by country, and by parts of the earth where even that is too much."""

from __future__ import annotations

from pathlib import Path

import msgspec

from fonds.pack import Pack

PAGE_LENGTH = 200
"""Places on one page of a list."""
WORLD, ELSEWHERE = "world", "elsewhere"
"""Names: of the view of everything; of the list of places without coordinates."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """A place.

    Attributes:
        iri: Which.
        title: What it is called.
        language: Of that.
        point: Longitude and latitude in degrees (CRS84); None where they are not stated.
        whole: The largest place in which it lies; empty where it is in none.
        documents: In how many records it is named or has a part.
    """

    iri: str
    title: str
    language: str | None
    point: tuple[float, float] | None
    whole: str
    documents: int


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """A place on a map, or several.

    Attributes:
        point: Longitude and latitude in degrees; of several the middle.
        places: How many places.
        documents: In how many records they are named, each place counted for itself.
        title: What the place, or that in which all of them lie, is called; empty where they lie in no one.
        language: Of the title.
        iri: The place, or that in which all of them lie; empty where they lie in no one.
        view: The name of the view that shows them; empty for a place.
        whole: Of a place, the largest in which it lies; empty where it is in none.
    """

    point: tuple[float, float]
    places: int
    documents: int
    title: str
    language: str | None
    iri: str
    view: str
    whole: str = ""


class View(msgspec.Struct, frozen=True, array_like=True):
    """A map: the world, a country, or a part of the earth.

    Attributes:
        name: ``world``; ``in=…`` with the key of a place; ``area=…`` with west, south, east and north in degrees; both, with ``&`` between.
        above: The name of the view in which this one is a mark; empty for the world.
        title: The place that it shows; empty for a part of the earth.
        language: Of the title.
        marks: From west to east.
        places: How many places with coordinates it has in all.
        listed: Whether they are listed one by one, page by page.
    """

    name: str
    above: str
    title: str
    language: str | None
    marks: tuple[Mark, ...]
    places: int
    listed: bool


_read_view = msgspec.msgpack.Decoder(View).decode
_read_page = msgspec.msgpack.Decoder(tuple[Place, ...]).decode


class Gazetteer:
    """The gazetteer of a release, open for reading from any thread.

    Args:
        path: The pack.

    Raises:
        ReleaseError: It is missing or damaged, here and in every method.
    """

    def __init__(self, path: Path) -> None:
        self._pack = Pack(path, "gazetteer")
        piece = self._pack.get(b"unlocated")
        self.unlocated: int = msgspec.msgpack.decode(piece, type=int) if piece else 0

    def view(self, name: str) -> View | None:
        """Return a map, None if there is none of that name."""
        piece = self._pack.get(name_of_view(name))
        return _read_view(piece) if piece else None

    def places(self, name: str, page: int) -> tuple[Place, ...]:
        """Return a page of the places that a view lists, from 1; nothing where there is no such page."""
        piece = self._pack.get(name_of_page(name, page))
        return _read_page(piece) if piece else ()

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        self._pack.close()


def name_of_view(name: str) -> bytes:
    """Return the name of the piece that holds a view."""
    return b"view\0%s" % name.encode()


def name_of_page(name: str, page: int) -> bytes:
    """Return the name of the piece that holds a page of the places of a view, from 1."""
    return b"places\0%s\0%d" % (name.encode(), page)
