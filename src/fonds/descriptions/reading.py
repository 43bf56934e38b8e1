"""Descriptions of things as they stand in a release: bounded, page by page, and the graphs that are documents themselves."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from fonds.descriptions.occurrences import Occurrences, read_occurrences
from fonds.errors import FondsError, ReleaseError
from fonds.identifiers import IriSpace
from fonds.lines import types_first
from fonds.pack import Pack

HEAD = struct.Struct("<QQQQ")
"""Of a piece: statements about the thing, statements that point to it (different triples, all pages), pages, bytes of the
statements about it that follow; what is left points to it."""
GRAPH = struct.Struct("<QQQ")
"""Of a named graph: its first byte in the dump of everything, its size there, its triples."""

PLACES = "places"
"""The pack with these, beside that of descriptions."""
OCCURRENCES = "occurrences"
"""The pack beside that of descriptions with where each thing occurs; a dataset has none."""

_NAMED = 1_000
"""Things pointed to whose names are given."""
_OWN_GRAPHS_TRIPLES = 20_000
"""A record whose graphs hold more is described like any other thing; its graphs are documents of their own."""
_MOST_NAMES = 8_192


class NoSuchPage(FondsError):
    """A page of a description was asked for that there is not."""

    def __init__(self, iri: str, page: int, pages: int) -> None:
        self.pages = pages
        super().__init__(f"page {page} of {pages} of what is said of <{iri}>")


@dataclass(frozen=True, slots=True)
class Description:
    """One page of what is asserted of a thing, as lines of canonical N-Quads.

    Attributes:
        iri: The thing.
        own: Statements about it; on the first page also the graphs that are about it as a whole.
        links: Statements that point to it.
        names: Types and labels of the things that it points to.
        links_total: Different triples that point to it, on all pages.
        page: Which page this is, from 1.
        pages: How many there are.
        whole: Whether the graphs that are about it as a whole are in it.
    """

    iri: str
    own: tuple[bytes, ...]
    links: tuple[bytes, ...]
    names: tuple[bytes, ...]
    links_total: int
    page: int
    pages: int
    whole: bool = False

    @property
    def quads(self) -> list[bytes]:
        """All lines, each once, the thing's own first."""
        return list(dict.fromkeys((*self.own, *self.links, *self.names)))


class Descriptions:
    """The descriptions of a release, open for reading from any thread.

    Args:
        path: The pack of descriptions; beside it stands that of the places of graphs.
        names: The pack of types and labels: small, and read for each document from many places.
        dataset: The dump of everything, N-Quads in gzip members: named graphs are read from there.
        iris: Of a publication, where things have graphs of their own; None for a dataset.
        graphs: How many named graphs there are.

    Raises:
        ReleaseError: A file is missing or damaged, here and in every method.
    """

    def __init__(self, path: Path, names: Path, dataset: Path, iris: IriSpace | None, *, graphs: int) -> None:
        self._pack = Pack(path)
        self._name_pack = Pack(names)
        self._place_pack = Pack(path.with_name(PLACES))
        occurrences = path.with_name(OCCURRENCES)
        self._occurrence_pack = Pack(occurrences) if occurrences.exists() else None
        self._iris = iris
        self.graphs = graphs
        self._names: dict[bytes, tuple[bytes, ...]] = {}
        self._mentioned: dict[str, bool] = {}
        self._places: dict[str, tuple[int, int, int]] = {}
        self._dump_path = dataset
        try:
            self._dump = os.open(dataset, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise ReleaseError(f"{dataset}: {error.strerror}; build the release again") from error

    def knows(self, iri: str) -> bool:
        """Tell whether anything is asserted about a thing: whether it is a subject."""
        piece = self._pack.get(_key(iri))
        return piece is not None and HEAD.unpack_from(piece)[0] > 0

    def mentions(self, iri: str) -> bool:
        """Tell whether a thing occurs at all, as a subject or as a value."""
        known = self._mentioned.get(iri)
        if known is None:
            known = self._pack.get(_key(iri)) is not None
            if len(self._mentioned) >= _MOST_NAMES:
                self._mentioned.clear()
            self._mentioned[iri] = known
        return known

    def pointers(self, iri: str) -> int:
        """Return how many different statements point to a thing."""
        piece = self._pack.get(_key(iri))
        return HEAD.unpack_from(piece)[1] if piece else 0

    def weight(self, iri: str) -> int:
        """Return about how much work the first page of a description is: its bytes, and in the dump those of its own graphs."""
        graphs = self._iris.graphs_of(iri) if self._iris else ()
        own = sum(place[1] for each in graphs if (place := self._place(each.value)))
        return own + len(self._pack.get(_key(iri)) or b"")

    def of(self, iri: str, page: int = 1, *, named: bool = True) -> Description | None:
        """Return one page of what is asserted of a thing, None if it does not occur.

        Args:
            iri: The thing.
            page: Which page, from 1.
            named: Whether types and labels of what it points to are wanted.

        Raises:
            NoSuchPage: It has fewer pages.
        """
        piece = self._pack.get(_key(iri, page))
        if piece is None:
            self._refuse(iri, page)
            return None
        _, total, pages, _ = HEAD.unpack_from(piece)
        own, links = lines_in(piece)
        graphs = self._own_graphs(iri) if page == 1 else []
        if graphs:
            own = list(dict.fromkeys((*own, *graphs)))
        names = self._names_for(own) if named else ()
        return Description(iri, tuple(own), tuple(links), names, total, page, pages, bool(graphs))

    def lines_of(self, iri: str) -> tuple[list[bytes], list[bytes]]:
        """Return the first page of what is stated of a thing, and of what points to it; nothing else, nothing where it does not occur."""
        piece = self._pack.get(_key(iri))
        return lines_in(piece) if piece else ([], [])

    def links_to(self, iri: str) -> Iterator[bytes]:
        """Yield all statements that have a thing as a value, page after page; none where it does not occur."""
        page = pages = 1
        while page <= pages and (piece := self._pack.get(_key(iri, page))) is not None:
            pages = HEAD.unpack_from(piece)[2]
            yield from lines_in(piece)[1]
            page += 1

    def with_own_graphs(self, description: Description) -> tuple[bytes, ...]:
        """Return what is stated of a thing and in all graphs that are about it as a whole, however large they are."""
        if description.whole or self._iris is None:
            return description.own
        graphs = (self.graph(each.value) or () for each in self._iris.graphs_of(description.iri))
        return tuple(dict.fromkeys((*description.own, *(line for graph in graphs for line in graph))))

    def _refuse(self, iri: str, page: int) -> None:
        first = self._pack.get(_key(iri)) if page != 1 else None
        if first is not None:
            raise NoSuchPage(iri, page, HEAD.unpack_from(first)[2])

    def occurrences(self, iri: str) -> Occurrences:
        """Return where a thing occurs in records; nothing where it does not."""
        piece = self._occurrence_pack.get(_key(iri)) if self._occurrence_pack else None
        return read_occurrences(piece) if piece else Occurrences()

    def names(self, iri: str) -> tuple[bytes, ...]:
        """Return the types and labels of a thing as lines of N-Quads, none where it has none."""
        return self._names_of(b"<%s>" % iri.encode())

    def _names_of(self, term: bytes) -> tuple[bytes, ...]:
        known = self._names.get(term)
        if known is None:
            piece = self._name_pack.get(term)
            known = tuple(piece.splitlines(keepends=True)) if piece else ()
            if len(self._names) >= _MOST_NAMES:
                self._names.clear()
            self._names[term] = known
        return known

    def _names_for(self, own: list[bytes]) -> tuple[bytes, ...]:
        subjects: set[bytes] = set()
        pointed_to: dict[bytes, None] = {}
        for line in own:
            subject, _, rest = line.split(b" ", 2)
            subjects.add(subject)
            if rest[:1] == b"<" and rest[:2] != b"<<":
                pointed_to[rest[: rest.index(b" ")]] = None
        names: list[bytes] = []
        for term in islice((each for each in pointed_to if each not in subjects), _NAMED):
            names += self._names_of(term)
        return tuple(names)

    def _own_graphs(self, iri: str) -> list[bytes]:
        """Return the graphs that are about a thing as a whole, nothing if they are large."""
        if self._iris is None:
            return []
        graphs = [each.value for each in self._iris.graphs_of(iri)]
        if sum(self.triples_of_graph(each) or 0 for each in graphs) > _OWN_GRAPHS_TRIPLES:
            return []
        return [line for each in graphs for line in self.graph(each) or ()]

    # ---------------------------------------------------------------------------------------- named graphs

    def triples_of_graph(self, name: str) -> int | None:
        """Return how many triples a named graph has, None if there is none of that name."""
        place = self._place(name)
        return place[2] if place else None

    def _place(self, name: str) -> tuple[int, int, int] | None:
        """Return where a named graph stands in the dump, its size there and its triples."""
        place = self._places.get(name)
        if place is not None:
            return place
        piece = self._place_pack.get(_key(name))
        if piece is None:
            return None
        if len(self._places) >= _MOST_NAMES:
            self._places.clear()
        place = self._places[name] = GRAPH.unpack(piece)
        return place

    def graph(self, name: str) -> list[bytes] | None:
        """Return the lines of a named graph by subject, types first; None if there is none of that name."""
        place = self._place(name)
        if place is None:
            return None
        start, size, _ = place
        packed = os.pread(self._dump, size, start)
        try:
            return types_first(b"".join(_members(packed)).splitlines(keepends=True))
        except zlib.error as error:
            raise ReleaseError(
                f"{self._dump_path}: damaged near byte {start} ({error}); build the release again"
            ) from error

    def close(self) -> None:
        """Let go of the files; may be called twice."""
        for pack in (self._pack, self._name_pack, self._place_pack, self._occurrence_pack):
            if pack is not None:
                pack.close()
        if self._dump >= 0:
            os.close(self._dump)
            self._dump = -1


def _members(packed: bytes) -> Iterator[bytes]:
    while packed:
        member = zlib.decompressobj(31)
        yield member.decompress(packed)
        if not member.eof:
            raise zlib.error("a gzip member ends early")
        packed = member.unused_data


def _key(iri: str, page: int = 1) -> bytes:
    return name_of_page(b"<%s>" % iri.encode(), page)


def name_of_page(thing: bytes, page: int) -> bytes:
    """Return the name of the piece that holds a page of what is stated of a thing, from 1; the thing as N-Triples write it."""
    return thing if page == 1 else b"%s\0%d" % (thing, page)


def lines_in(piece: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return the statements of a piece about its thing, and those that point to it."""
    end = HEAD.size + int(HEAD.unpack_from(piece)[3])
    return piece[HEAD.size : end].splitlines(keepends=True), piece[end:].splitlines(keepends=True)
