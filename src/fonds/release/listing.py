"""Writes the things of each kind in the order of their names, page by page (``fonds.descriptions.lists`` reads them)."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

import msgspec
from pyoxigraph import Literal, RdfFormat, parse

from fonds.descriptions import Descriptions
from fonds.descriptions.lists import PAGE_LENGTH, Extent, Item, name_of
from fonds.identifiers import IriSpace
from fonds.naming import in_bytes, natural, preferred
from fonds.pack import PackWriter, hash_of
from fonds.release.fragments import LineSorter
from fonds.vocabulary import DCTERMS, RDFS, SKOS

_NEWEST = 5
_LATEST_OF = 1_000
_HELD_BYTES = 64 * 1024 * 1024
_LABELS = tuple(str(each).encode() for each in (RDFS.label, SKOS.prefLabel))
_CREATED = str(DCTERMS.created).encode()


def write_lists(
    path: Path,
    graphs: Iterable[str],
    descriptions: Descriptions,
    iris: IriSpace,
    languages: Sequence[str],
    scratch: Path,
) -> None:
    """Write the pack of lists: the same bytes for the same things, in whatever order they come.

    Args:
        path: Where; nothing stands there.
        graphs: The names of all graphs: what has one of its own is listed.
        descriptions: What is stated of each thing.
        iris: The publication's identifiers.
        languages: In which names are wanted, the most wanted first.
        scratch: Where working files are written; it exists and is empty.
    """
    sorter = LineSorter(scratch, _HELD_BYTES)
    for name in graphs:
        if (found := _thing(name, iris)) is not None:
            kind, iri = found
            item = _item(iri, descriptions, languages, dated=kind == "record")
            sorter.extend([_line(kind, item)])
    pages: dict[bytes, bytes] = {}
    extents: dict[str, Extent] = {}
    for kind, lines in groupby(sorter, key=lambda line: line[: line.index(b"\0")]):
        items = (msgspec.json.decode(line.rpartition(b"\0")[2], type=Item) for line in lines)
        extents[kind.decode()] = _write(kind.decode(), items, pages)
    sorter.clear()
    pages[b"kinds"] = zlib.compress(msgspec.json.encode(extents), 1)
    pack = PackWriter(path)
    for piece in sorted(pages, key=lambda piece: (hash_of(piece), piece)):
        pack.add([(piece, zlib.decompress(pages[piece]))])
    pack.close()


def _thing(graph: str, iris: IriSpace) -> tuple[str, str] | None:
    """Return kind and IRI of the thing that a graph is about, None where it is about none that is listed."""
    match (iris.path(graph) or "").split("/"):
        case ["graph", "record" as kind, key] | ["graph", "authority", kind, key]:
            return kind, iris.thing(kind, key).value
    return None


def _item(iri: str, descriptions: Descriptions, languages: Sequence[str], *, dated: bool) -> Item:
    names = descriptions.names(iri)
    labels = (_literals(names, property_) for property_ in _LABELS)
    label = preferred(next(filter(None, labels), []), languages)
    days = [each.value for each in _literals(descriptions.lines_of(iri)[0], _CREATED)] if dated else []
    title = label.value if label else iri.rpartition("/")[2]
    return Item(iri, title, label.language if label else None, min(days, default=""))


def _literals(lines: Iterable[bytes], property_: bytes) -> list[Literal]:
    found = b"".join(line for line in lines if line.split(b" ", 2)[1] == property_)
    values = (quad.object for quad in parse(found, format=RdfFormat.N_QUADS))
    return [each for each in values if isinstance(each, Literal)]


def _line(kind: str, item: Item) -> bytes:
    """Return a line by which an item is sorted."""
    return (
        b"\0".join(
            (kind.encode(), in_bytes(natural(item.title)), item.iri.encode(), msgspec.json.encode(item))
        )
        + b"\n"
    )


def _write(kind: str, items: Iterator[Item], pages: dict[bytes, bytes]) -> Extent:
    """Put the pages of one kind among the others, and return how many things it has."""
    total = 0
    newest: list[Item] = []
    page: list[Item] = []
    for item in items:
        total += 1
        page.append(item)
        if len(page) == PAGE_LENGTH:
            pages[name_of(kind, total // PAGE_LENGTH)] = zlib.compress(msgspec.json.encode(page), 1)
            page = []
        if kind == "record":
            newest.append(item)
            newest = newest if len(newest) < _LATEST_OF else _latest(newest)
    if page:
        pages[name_of(kind, total // PAGE_LENGTH + 1)] = zlib.compress(msgspec.json.encode(page), 1)
    return Extent(total, tuple(_latest(newest)))


def _latest(found: Iterable[Item]) -> list[Item]:
    """Return those that were written last, the last one first, those of one day in the order of their IRIs."""
    by_iri = sorted(found, key=lambda each: each.iri)
    return sorted(by_iri, key=lambda each: each.created, reverse=True)[:_NEWEST]
