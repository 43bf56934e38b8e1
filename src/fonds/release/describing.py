"""Writes what is stated of each thing, bounded and page by page, from the graphs of a build (``fonds.descriptions`` reads it).

Two passes, in memory that does not grow with the data: every statement goes to the bucket of its subject and to that of its
object; then each bucket is read, grouped and written by itself. Buckets are ranges of the names' hashes, so that the pack's
index comes out in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path

from fonds.descriptions.reading import GRAPH, HEAD
from fonds.lines import DEFAULT, object_iri, split_quad, types_first
from fonds.mapping.description import GraphKind
from fonds.pack import PackWriter, hash_of
from fonds.release.fragments import Fragments, LineSorter
from fonds.vocabulary import NAMING_ANYTHING, RDF

OWN_STATEMENTS = 2_000
"""Statements about a thing on one page."""
_BUCKETS = 256
_HELD_BYTES = 64 * 1024 * 1024
_SORTED_BYTES = 64 * 1024 * 1024
_SAMPLE_BYTES = 64 * 1024
_NAME_LINES, _NAME_BYTES = 24, 4096
"""Of one thing's types and labels, the shortest ones; names that are longer are no names."""

_NAMES = frozenset(f"<{each}>".encode() for each in (RDF.type.value, *NAMING_ANYTHING))


def write_descriptions(
    path: Path,
    names: Path,
    fragments: Fragments,
    scratch: Path,
    *,
    links: int,
    progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Write the packs of descriptions and of names.

    Args:
        path: Where the descriptions go; nothing stands there.
        names: Where the names go.
        fragments: The graphs, closed.
        scratch: A folder for working files; it exists.
        links: Statements that point to a thing, on one page.
        progress: Told how many statements were looked at.
    """
    buckets = _Buckets(scratch)
    _scatter(fragments, buckets, progress)
    sample = buckets.sample()
    descriptions, called = PackWriter(path, sample), PackWriter(names, sample)
    for number in range(_BUCKETS):
        short: list[tuple[bytes, bytes]] = []
        descriptions.add(_pieces(buckets, number, links, short))
        called.add(short)
        buckets.clear(number)
    descriptions.close()
    called.close()


class _Buckets:
    """Lines in buckets by the hash of the thing that they are kept under, in three lanes; on disk when there are many."""

    OWN, LINKS, GRAPHS = range(3)

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: list[list[list[bytes]]] = [[[] for _ in range(_BUCKETS)] for _ in range(3)]
        self._held_bytes = 0
        self._last: tuple[bytes, int] = (b"", 0)

    def add(self, lane: int, thing: bytes, line: bytes) -> None:
        """Take a line under a thing (``<IRI>``); it ends with a line feed and has none inside."""
        # Lines come sorted by subject.
        last, number = self._last
        if thing != last:
            number = hash_of(thing)[0]
            self._last = thing, number
        self._held[lane][number].append(line)
        self._held_bytes += len(line)
        if self._held_bytes > _HELD_BYTES:
            self._spill()

    def _spill(self) -> None:
        for lane, buckets in enumerate(self._held):
            for number, lines in enumerate(buckets):
                if lines:
                    with self._path(lane, number).open("ab") as file:
                        file.writelines(lines)
                    lines.clear()
        self._held_bytes = 0

    def _path(self, lane: int, number: int) -> Path:
        return self._folder / f"bucket-{lane}-{number}"

    def lines(self, lane: int, number: int) -> Iterator[bytes]:
        """Yield the lines of one bucket, in no order."""
        path = self._path(lane, number)
        if path.exists():
            with path.open("rb") as file:
                yield from file
        yield from self._held[lane][number]

    def sorted(self, lane: int, number: int) -> Iterable[bytes]:
        """Return the different lines of one bucket, sorted."""
        path = self._path(lane, number)
        if not path.exists():
            return sorted(set(self._held[lane][number]))
        if path.stat().st_size < _SORTED_BYTES:
            return sorted({*path.read_bytes().splitlines(keepends=True), *self._held[lane][number]})
        return self._merged(lane, number)

    def _merged(self, lane: int, number: int) -> Iterator[bytes]:
        folder = self._folder / f"bucket-runs-{lane}"
        folder.mkdir(exist_ok=True)
        sorter = LineSorter(folder, _SORTED_BYTES)
        for line in self.lines(lane, number):
            sorter.extend((line,))
        yield from sorter
        sorter.clear()

    def sample(self) -> bytes:
        """Return some of what was taken, for the compressor."""
        sample = b""
        for number in range(_BUCKETS):
            sample += b"".join(sorted(self.lines(self.OWN, number)))[:_SAMPLE_BYTES]
            if len(sample) >= _SAMPLE_BYTES:
                break
        return sample[:_SAMPLE_BYTES]

    def clear(self, number: int) -> None:
        """Let go of one bucket."""
        for lane in range(3):
            self._held[lane][number] = []
            self._path(lane, number).unlink(missing_ok=True)


def _scatter(fragments: Fragments, buckets: _Buckets, progress: Callable[[int], None]) -> None:
    """Take every statement under its subject and under its object, and every graph under its name."""
    start = done = 0
    for fragment in fragments:
        if fragment.name != DEFAULT:
            name = b"<%s>" % fragment.name.encode()
            place = b"%s %d %d %d\n" % (name, start, fragment.quads.size, fragment.triples)
            buckets.add(buckets.GRAPHS, name, place)
        start += fragment.quads.size
        if fragment.kind is GraphKind.SAID:
            continue
        given_up = fragment.kind is GraphKind.REGISTER
        for line in fragments.lines(fragment):
            if not given_up:
                buckets.add(buckets.OWN, line[: line.index(b" ")], line)
            if (thing := object_iri(line)) is not None:
                buckets.add(buckets.LINKS, thing, thing + b"\0" + line)
        done += fragment.triples
        progress(done)


# ------------------------------------------------------------------------------------------------ pieces


def _pieces(
    buckets: _Buckets, number: int, links: int, names: list[tuple[bytes, bytes]]
) -> Iterator[tuple[bytes, bytes]]:
    """Yield the pieces of one bucket: descriptions and places of graphs; the names are put into a list."""
    own = groupby(buckets.sorted(buckets.OWN, number), key=_subject)
    pointing = groupby(buckets.sorted(buckets.LINKS, number), key=_before_nul)
    for thing, statements, keyed in _side_by_side(own, pointing):
        cut = len(thing) + 1
        yield from _of_thing(thing, statements, (line[cut:] for line in keyed), links, names)
    for line in buckets.sorted(buckets.GRAPHS, number):
        name, start, size, triples = line.split(b" ")
        yield name + b"\0g", GRAPH.pack(int(start), int(size), int(triples))


def _subject(line: bytes) -> bytes:
    return line[: line.index(b" ")]


def _before_nul(line: bytes) -> bytes:
    return line[: line.index(b"\0")]


_Groups = Iterator[tuple[bytes, Iterator[bytes]]]


def _side_by_side(
    own: _Groups, pointing: _Groups
) -> Iterator[tuple[bytes, Iterable[bytes], Iterable[bytes]]]:
    """Yield each thing with the lines about it and the lines that point to it; both come in order of the things."""
    left, right = next(own, None), next(pointing, None)
    while left is not None or right is not None:
        if right is None or (left is not None and left[0] < right[0]):
            assert left is not None
            yield left[0], left[1], ()
            left = next(own, None)
        elif left is None or right[0] < left[0]:
            yield right[0], (), right[1]
            right = next(pointing, None)
        else:
            yield left[0], left[1], right[1]
            left, right = next(own, None), next(pointing, None)


def _of_thing(
    thing: bytes,
    own: Iterable[bytes],
    pointing: Iterable[bytes],
    links: int,
    names: list[tuple[bytes, bytes]],
) -> Iterator[tuple[bytes, bytes]]:
    about, to = _Paged(OWN_STATEMENTS), _Paged(links)
    called: list[bytes] = []
    for line in own:
        about.add(line)
        if line.split(b" ", 2)[1] in _NAMES:
            called.append(line)
    for line in pointing:
        to.add(line)
    pages = max(about.count, to.count)
    for page in range(pages):
        statements = b"".join(types_first(about.page(page)))
        head = HEAD.pack(about.total, to.total, pages, len(statements))
        name = thing if page == 0 else b"%s\0%d" % (thing, page + 1)
        yield name, head + statements + b"".join(to.page(page))
    if called:
        names.append((thing, b"".join(types_first(_short(called)))))


class _Paged:
    """Lines of N-Quads in pages of so many different triples; they come sorted, so that those of one triple follow each other."""

    def __init__(self, size: int) -> None:
        self.total = 0
        self.pages: list[list[bytes]] = []
        self._size = size
        self._held: list[bytes] = []
        self._last = b""

    def add(self, line: bytes) -> None:
        triple = split_quad(line)[1]
        if triple != self._last:
            if self.total % self._size == 0 and self._held:
                self._end_page()
            self.total += 1
            self._last = triple
        self._held.append(line)

    def _end_page(self) -> None:
        self.pages.append(self._held)
        self._held = []

    @property
    def count(self) -> int:
        """How many pages there are; no line comes after it was asked."""
        if self._held:
            self._end_page()
        return len(self.pages)

    def page(self, number: int) -> list[bytes]:
        return self.pages[number] if number < len(self.pages) else []


def _short(names: list[bytes]) -> list[bytes]:
    """Return the lines that name a thing, in their order, without those that are too long for a name or too many."""
    kept: set[bytes] = set()
    size = 0
    for line in sorted(names, key=len)[:_NAME_LINES]:
        size += len(line)
        if size > _NAME_BYTES:
            break
        kept.add(line)
    return [line for line in names if line in kept]
