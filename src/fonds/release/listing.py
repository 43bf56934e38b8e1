"""Writes the things of each kind in the order of their names, and of their dates (``fonds.descriptions.lists`` reads them)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from pathlib import Path

import msgspec
from pyoxigraph import Literal, RdfFormat, parse

from fonds.descriptions import Descriptions
from fonds.descriptions.chronology import DATED
from fonds.descriptions.lists import PAGE_LENGTH, Extent, Item, name_of
from fonds.naming import preferred
from fonds.ordering import Jump, behind_letters, folded, in_bytes, jumps, letter_of, natural, year_of
from fonds.pack import Frame, PackWriter
from fonds.release.fragments import LineSorter
from fonds.release.sitemaps import kind_of
from fonds.vocabulary import CRM, DCTERMS, FV, RDFS, SKOS

_NEWEST = 5
_HELD_BYTES = 64 * 1024 * 1024
_LABELS = tuple(str(each).encode() for each in (RDFS.label, SKOS.prefLabel))
_CREATED, _EDTF, _TIME_SPAN = (
    str(each).encode() for each in (DCTERMS.created, FV.edtf, CRM.P4_has_time_span)
)
_MOST_YEARS = 60


def write_lists(
    path: Path,
    subjects: Iterable[str],
    descriptions: Descriptions,
    base: str,
    languages: Sequence[str],
    scratch: Path,
) -> None:
    """Write the pack of lists: the same bytes for the same things, in whatever order they come.

    Args:
        path: Where; nothing stands there.
        subjects: IRIs of the things that are listed, each once.
        descriptions: What is stated of each thing.
        base: Under which they stand; ends with a slash.
        languages: In which names are wanted, the most wanted first.
        scratch: Where working files are written; it exists and is empty.
    """
    for folder in (names := scratch / "by-name", dates := scratch / "by-date"):
        folder.mkdir()
    by_name, by_date = LineSorter(names, _HELD_BYTES), LineSorter(dates, _HELD_BYTES)
    for iri in subjects:
        kind = kind_of(iri, base)
        item = _item(iri, descriptions, languages, dated=kind in DATED)
        by_name.extend([_line(kind, item, b"")])
        if kind in DATED:
            by_date.extend([_line(kind, item, _place_in_time(item))])
    pack = PackWriter(path)
    frames: list[Frame] = []
    extents = {kind: _write(kind, items, pack, frames) for kind, items in _by_kind(by_name)}
    by_name.clear()
    for kind, items in _by_kind(by_date):
        if years := _write_by_date(kind, items, pack, frames):
            extents[kind] = msgspec.structs.replace(extents[kind], years=years)
    by_date.clear()
    frames += pack.frames([(b"kinds", msgspec.json.encode(extents))])
    pack.write(sorted(frames))
    pack.close()


def _item(iri: str, descriptions: Descriptions, languages: Sequence[str], *, dated: bool) -> Item:
    label = label_of(iri, descriptions, languages)
    days = list(_days(iri, descriptions)) if dated else []
    title = label.value if label else iri.rpartition("/")[2]
    return Item(iri, title, label.language if label else None, min(days, default=""))


def label_of(iri: str, descriptions: Descriptions, languages: Sequence[str]) -> Literal | None:
    """Return what a thing is called, None where it has no name.

    Args:
        iri: The thing.
        descriptions: What is stated of each thing.
        languages: In which names are wanted, the most wanted first.
    """
    names = descriptions.names(iri)
    labels = (_literals(names, property_) for property_ in _LABELS)
    return preferred(next(filter(None, labels), []), languages)


def _literals(lines: Iterable[bytes], property_: bytes) -> list[Literal]:
    found = b"".join(line for line in lines if line.split(b" ", 2)[1] == property_)
    values = (quad.object for quad in parse(found, format=RdfFormat.N_QUADS))
    return [each for each in values if isinstance(each, Literal)]


def _days(iri: str, descriptions: Descriptions) -> Iterator[str]:
    """Yield when a thing was written, or when it happened, as EDTF."""
    lines = descriptions.lines_of(iri)[0]
    yield from (each.value for each in _literals(lines, _CREATED))
    for line in lines:
        _, property_, rest = line.split(b" ", 2)
        if property_ == _TIME_SPAN:
            span = rest.partition(b"> ")[0].removeprefix(b"<").decode()
            yield from (each.value for each in _literals(descriptions.lines_of(span)[0], _EDTF))


def _line(kind: str, item: Item, before: bytes) -> bytes:
    """Return a line by which an item is sorted: first by what comes before its name."""
    first = b"%d" % behind_letters(item.title)
    names = in_bytes(natural(folded(item.title))), in_bytes(natural(item.title))
    key = (kind.encode(), before + first + names[0], names[1], item.iri.encode())
    return b"\0".join((*key, msgspec.json.encode(item))) + b"\n"


def _place_in_time(item: Item) -> bytes:
    """Return what sorts by year and day, what is undated last."""
    year = year_of(item.created)
    if year is None:
        return b"~"
    return b"%08d" % (year + 1_000_000) + in_bytes(natural(item.created)) + b"\x01"


def _by_kind(sorter: LineSorter) -> Iterator[tuple[str, Iterator[Item]]]:
    for kind, lines in groupby(sorter, key=lambda line: line[: line.index(b"\0")]):
        yield kind.decode(), (msgspec.json.decode(line.rpartition(b"\0")[2], type=Item) for line in lines)


def _write(kind: str, items: Iterator[Item], pack: PackWriter, frames: list[Frame]) -> Extent:
    """Put the pages of one kind, as a pack writes them, among the others, and return how many things it has."""
    newest: list[Item] = []
    letters: list[str] = []
    for number, page in enumerate(_paged(items), start=1):
        frames += pack.frames([(name_of(kind, number), msgspec.json.encode(page))])
        letters += [letter_of(each.title) for each in page]
        if kind == "record":
            newest = _latest([*newest, *page])
    return Extent(len(letters), tuple(newest), jumps(letters, PAGE_LENGTH))


def _write_by_date(
    kind: str, items: Iterator[Item], pack: PackWriter, frames: list[Frame]
) -> tuple[Jump, ...]:
    """Put the pages of one kind in the order of dates among the others, and return where each year begins; none without a date."""
    years: list[int | None] = []
    written: list[Frame] = []
    for number, page in enumerate(_paged(items), start=1):
        written += pack.frames([(name_of(kind, number, by_date=True), msgspec.json.encode(page))])
        years += [year_of(each.created) for each in page]
    known = {each for each in years if each is not None}
    if not known:
        return ()
    frames += written
    span = max(known) - min(known)
    step = 1 if len(known) <= _MOST_YEARS else 10 if span <= _MOST_YEARS * 10 else 100
    return jumps((_called(each, step) for each in years), PAGE_LENGTH)


def _called(year: int | None, step: int) -> str:
    if year is None:
        return "undated"
    return str(year) if step == 1 else f"{year // step * step}s"


def _paged(items: Iterator[Item]) -> Iterator[list[Item]]:
    while page := list(islice(items, PAGE_LENGTH)):
        yield page


def _latest(found: Iterable[Item]) -> list[Item]:
    """Return those that were written last, the last one first, those of one day in the order of their IRIs."""
    by_iri = sorted(found, key=lambda each: each.iri)
    return sorted(by_iri, key=lambda each: each.created, reverse=True)[:_NEWEST]
