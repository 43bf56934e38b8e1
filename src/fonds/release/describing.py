"""Writes what is stated of each thing, bounded and page by page, from the graphs of a build (``fonds.descriptions`` reads it).

Two passes, in memory that does not grow with the data: every statement goes to the bucket of its subject and to that of its
object; then each bucket is read, grouped and written by itself. Buckets are ranges of the names' hashes, so that the pack's
index comes out in order. Both passes can be shared out among processes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from typing import NamedTuple, TypeVar

from fonds.descriptions.reading import GRAPH, HEAD, name_of_page
from fonds.lines import DEFAULT, split_quad
from fonds.mapping.description import GraphKind
from fonds.pack import PackWriter, Stretch, StretchWriter, hash_of
from fonds.release.fragments import Fragments, LineSorter
from fonds.release.occurrences import counted, rows_of
from fonds.release.workers import Workers
from fonds.vocabulary import NAMING_ANYTHING, RDF

R = TypeVar("R")

OWN_STATEMENTS = 2_000
"""Statements about a thing on one page."""
_BUCKETS = 256
_BUCKETS_FOR_ONE_CALL = 8
_BUCKETS_AT_ONCE = 64
"""The same where no other process helps: it only costs files then."""
_HELD_BYTES = 64 * 1024 * 1024
_SORTED_BYTES = 64 * 1024 * 1024
_LINES_AT_ONCE = 1_000
_SAMPLE_BYTES = 64 * 1024
_KNOWN_THINGS = 100_000
_NAME_LINES, _NAME_BYTES = 24, 4096
"""Of one thing's types and labels, the shortest ones; names that are longer are no names."""

_TYPE = f"<{RDF.type.value}>".encode()
_NAMES = frozenset(f"<{each}>".encode() for each in (_TYPE[1:-1].decode(), *NAMING_ANYTHING))


class Buckets:
    """Statements under the thing that they are about, and under the one that they point to, in buckets by the thing's hash; and
    under each thing what records have of it.

    Args:
        folder: Where working files are written when there are many; it exists.
        part: Which part of the graphs they are from: no two have one number.
    """

    OWN, LINKS, OCCURRENCES = range(3)

    def __init__(self, folder: Path, part: int) -> None:
        self._folder = folder
        self._part = part
        self._held = [[bytearray() for _ in range(_BUCKETS)] for _ in range(3)]
        self._held_bytes = 0
        self._known: dict[bytes, int] = {}
        self._on_disk: set[tuple[int, int]] = set()

    def take(self, kind: GraphKind, lines: Iterable[bytes]) -> None:
        """Take statements of one graph, sorted, as lines of N-Quads; what was only said is not asserted and left out."""
        if kind is GraphKind.SAID:
            return
        own, links, _ = self._held
        # What was given up is no thing any more, but its statements point to what took its place.
        given_up = kind is GraphKind.REGISTER
        subject, held, size = b"", bytearray(), 0
        for line in lines:
            before, _, rest = line.split(b" ", 2)
            if before != subject:
                subject = before
                held = own[self._bucket_of(subject)]
            if not given_up:
                held += line
            size += len(line)
            if rest[:1] == b"<" and rest[:2] != b"<<":
                thing = rest[: rest.index(b" ")]
                links[self._bucket_of(thing)] += b"%b\0%b" % (thing, line)
                size += len(line) + len(thing)
        self._held_bytes += size
        if self._held_bytes > _HELD_BYTES:
            self.write_out()

    def take_record(self, kind: GraphKind, lines: Iterable[bytes]) -> None:
        """Take what a graph of a record has of each thing; it is given as a whole."""
        for thing, row in rows_of(kind, lines):
            line = b"%b\0%b\n" % (thing, row)
            self._held[Buckets.OCCURRENCES][self._bucket_of(thing)] += line
            self._held_bytes += len(line)

    def _bucket_of(self, thing: bytes) -> int:
        number = self._known.get(thing)
        if number is None:
            if len(self._known) >= _KNOWN_THINGS:
                self._known.clear()
            number = self._known[thing] = hash_of(thing)[0]
        return number

    def write_out(self) -> None:
        """Put everything on the disk; then another process can be given these buckets."""
        for lane, buckets in enumerate(self._held):
            for number, lines in enumerate(buckets):
                if lines:
                    with self._path(lane, number).open("ab") as file:
                        file.write(lines)
                    self._on_disk.add((lane, number))
                    buckets[number] = bytearray()
        self._held_bytes = 0
        self._known = {}

    def _path(self, lane: int, number: int) -> Path:
        return self._folder / f"bucket-{self._part}-{lane}-{number}"

    def size(self, lane: int, number: int) -> int:
        """Return how many bytes one bucket has."""
        is_on_disk = (lane, number) in self._on_disk
        return len(self._held[lane][number]) + (self._path(lane, number).stat().st_size if is_on_disk else 0)

    def lines(self, lane: int, number: int) -> Iterator[bytes]:
        """Yield the lines of one bucket, those of one graph together; but of statements about things, each stands behind its thing
        and a NUL.
        """
        if (lane, number) in self._on_disk:
            with self._path(lane, number).open("rb") as file:
                yield from file
        yield from bytes(self._held[lane][number]).splitlines(keepends=True)

    def clear(self, number: int) -> None:
        """Let go of one bucket."""
        for lane in range(3):
            self._held[lane][number] = bytearray()
            if (lane, number) in self._on_disk:
                self._path(lane, number).unlink()
                self._on_disk.remove((lane, number))


def clear(parts: Iterable[Buckets]) -> None:
    """Let go of all buckets."""
    for part in parts:
        for number in range(_BUCKETS):
            part.clear(number)


class Work(NamedTuple):
    """What is the same for all buckets of a build.

    Attributes:
        parts: What the parts of the first pass found.
        sample: What statements look like, for the compressor.
        links: Statements that point to a thing, on one page.
        triple_of: Returns what two lines have in common that state one triple in two graphs.
    """

    parts: Sequence[Buckets]
    sample: bytes
    links: int
    triple_of: Callable[[bytes], bytes]


def write_descriptions(
    path: Path,
    names: Path,
    fragments: Fragments,
    parts: Sequence[Buckets],
    *,
    links: int,
    meta: str = "",
    workers: Workers,
    progress: Callable[[int, int], None] = lambda _, __: None,
) -> None:
    """Write the packs of descriptions and of names.

    Args:
        path: Where the descriptions go; nothing stands there.
        names: Where the names go.
        fragments: The graphs.
        parts: Their statements; gone afterwards.
        links: Statements that point to a thing, on one page.
        meta: The graph that describes the dataset, empty if there is none.
        workers: Who do it.
        progress: Told how much was done, and how much there is.
    """
    own = ((line for part in parts for line in part.lines(Buckets.OWN, number)) for number in range(_BUCKETS))
    work = Work(parts, sample_of(own, meta), links, triple_of(fragments))
    calls = _shared_out(_write_stretches, work, fragments.folder, workers)
    descriptions, called = PackWriter(path, work.sample), PackWriter(names, work.sample)
    for number, call in enumerate(calls, start=1):
        one, other = call.result()
        descriptions.take(one)
        called.take(other)
        progress(number * _BUCKETS // len(calls), _BUCKETS)
    descriptions.close()
    called.close()


def write_occurrences(
    path: Path, fragments: Fragments, parts: Sequence[Buckets], *, workers: Workers
) -> None:
    """Write the pack that says where each thing occurs in records.

    Args:
        path: Where; nothing stands there.
        fragments: The graphs.
        parts: What was counted in them; it stays.
        workers: Who do it.
    """
    work = Work(parts, b"", 0, triple_of(fragments))
    pack = PackWriter(path)
    for call in _shared_out(_write_occurrences, work, fragments.folder, workers):
        pack.take(call.result())
    pack.close()


def _shared_out(
    write: Callable[[Work, Sequence[int], Path], R], work: Work, scratch: Path, workers: Workers
) -> list[Future[R]]:
    """Have all buckets written, some at a time; return what comes of them, in their order."""
    if workers.count:
        for part in work.parts:
            part.write_out()
    share = _BUCKETS_FOR_ONE_CALL if workers.count else _BUCKETS_AT_ONCE
    return [
        workers.call(write, work, range(first, first + share), scratch) for first in range(0, _BUCKETS, share)
    ]


def _write_occurrences(work: Work, numbers: Sequence[int], scratch: Path) -> Stretch:
    """Write where the things of some buckets occur."""
    written = StretchWriter(scratch / f"occurrences-{numbers[0]}", work.sample)
    for number in numbers:
        groups = _grouped(work, Buckets.OCCURRENCES, number, scratch)
        written.add((thing, counted(_after(len(thing) + 1, rows))) for thing, rows in groups)
    return written.close()


def write_places(path: Path, fragments: Fragments) -> None:
    """Write the pack that says where each named graph stands in the dump of everything."""
    places: list[list[tuple[bytes, bytes]]] = [[] for _ in range(_BUCKETS)]
    start = 0
    for fragment in fragments:
        if fragment.name != DEFAULT:
            name = b"<%s>" % fragment.name.encode()
            place = GRAPH.pack(start, fragment.quads.size, fragment.triples)
            places[hash_of(name)[0]].append((name, place))
        start += fragment.quads.size
    pack = PackWriter(path)
    for here in places:
        pack.add(here)
    pack.close()


def triple_of(fragments: Fragments) -> Callable[[bytes], bytes]:
    """Return how a line is told from those that state the same in other graphs, by the quickest way that is right."""
    if DEFAULT not in fragments.by_name:
        return _before_graph
    return _itself if len(fragments.by_name) == 1 else _triple


def _before_graph(line: bytes) -> bytes:
    # No IRI holds a blank: behind the last one that a `<` follows stands the graph.
    return line[: line.rindex(b" <")]


def _itself(line: bytes) -> bytes:
    return line


def _triple(line: bytes) -> bytes:
    return split_quad(line)[1]


def sample_of(buckets: Iterable[Iterable[bytes]], meta: str) -> bytes:
    """Return some of what is stated of things, for the compressor.

    Args:
        buckets: The statements about the things of each bucket.
        meta: The graph that describes the dataset, empty if there is none: it is always another one, and is passed over.
    """
    sample, end = b"", f" <{meta}> .\n".encode()
    for lines in buckets:
        sample += b"".join(sorted(line for line in lines if not line.endswith(end)))[:_SAMPLE_BYTES]
        if len(sample) >= _SAMPLE_BYTES:
            break
    return sample[:_SAMPLE_BYTES]


# ------------------------------------------------------------------------------------------------ buckets


def _write_stretches(work: Work, numbers: Sequence[int], scratch: Path) -> tuple[Stretch, Stretch]:
    """Write what belongs to some buckets; return it, descriptions and names."""
    descriptions = StretchWriter(scratch / f"descriptions-{numbers[0]}", work.sample)
    called = StretchWriter(scratch / f"names-{numbers[0]}", work.sample)
    for number in numbers:
        short: list[tuple[bytes, bytes]] = []
        descriptions.add(_pieces(work, number, scratch, short))
        called.add(short)
        for part in work.parts:
            part.clear(number)
    return descriptions.close(), called.close()


_Groups = Iterator[tuple[bytes, Iterable[bytes]]]


def _grouped(work: Work, lane: int, number: int, scratch: Path) -> _Groups:
    """Yield the things of one bucket in the order of their names, each with its lines, sorted."""
    lines = (line for part in work.parts for line in part.lines(lane, number))
    key = _subject if lane == Buckets.OWN else _before_nul
    if sum(part.size(lane, number) for part in work.parts) > _SORTED_BYTES:
        return groupby(_merged(lines, scratch / f"bucket-runs-{lane}-{number}"), key=key)
    things: dict[bytes, list[bytes]] = defaultdict(list)
    for thing, together in groupby(lines, key=key):
        things[thing] += together
    return ((thing, sorted(things[thing])) for thing in sorted(things))


def _merged(lines: Iterable[bytes], folder: Path) -> Iterator[bytes]:
    """Yield lines sorted, by way of the disk."""
    folder.mkdir()
    sorter = LineSorter(folder, _SORTED_BYTES)
    lines = iter(lines)
    while some := list(islice(lines, _LINES_AT_ONCE)):
        sorter.extend(some)
    yield from sorter
    sorter.clear()


def _subject(line: bytes) -> bytes:
    return line[: line.index(b" ")]


def _before_nul(line: bytes) -> bytes:
    return line[: line.index(b"\0")]


# ------------------------------------------------------------------------------------------------ pieces


def _pieces(
    work: Work, number: int, scratch: Path, names: list[tuple[bytes, bytes]]
) -> Iterator[tuple[bytes, bytes]]:
    """Yield the descriptions of one bucket; the names are put into a list."""
    own = _grouped(work, Buckets.OWN, number, scratch)
    pointing = _grouped(work, Buckets.LINKS, number, scratch)
    for thing, statements, keyed in _side_by_side(own, pointing):
        about = list(statements)
        pointing_here = _after(len(thing) + 1, keyed) if keyed else ()
        yield from pieces_of(thing, about, pointing_here, work)
        names += name_of(thing, about)


def _after(cut: int, lines: Iterable[bytes]) -> Iterator[bytes]:
    return (line[cut:] for line in lines)


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


def pieces_of(
    thing: bytes, own: list[bytes], pointing: Iterable[bytes], work: Work
) -> Iterator[tuple[bytes, bytes]]:
    """Yield the description of a thing, page by page, from the sorted lines about it and those that point to it."""
    statements, about = _paged(own, OWN_STATEMENTS, work.triple_of, partial(_types_before, thing))
    links, to = _paged(pointing, work.links, work.triple_of, b"".join) if pointing else (0, [])
    pages = max(len(about), len(to))
    for page in range(pages):
        here = about[page] if page < len(about) else b""
        there = to[page] if page < len(to) else b""
        yield name_of_page(thing, page + 1), HEAD.pack(statements, links, pages, len(here)) + here + there


def name_of(thing: bytes, about: list[bytes]) -> list[tuple[bytes, bytes]]:
    """Return the piece of the pack of names that a thing has, if it has one."""
    named = _naming(thing, about)
    return [(thing, _types_before(thing, named))] if named else []


def _paged(
    lines: Iterable[bytes],
    size: int,
    triple_of: Callable[[bytes], bytes],
    written: Callable[[list[bytes]], bytes],
) -> tuple[int, list[bytes]]:
    """Return how many different triples there are, and pages of so many; lines of one triple follow each other."""
    pages: list[bytes] = []
    held: list[bytes] = []
    total, last = 0, b""
    for line in lines:
        triple = triple_of(line)
        if triple != last:
            if total % size == 0 and held:
                pages.append(written(held))
                held = []
            total += 1
            last = triple
        held.append(line)
    if held:
        pages.append(written(held))
    return total, pages


def _types_before(thing: bytes, lines: list[bytes]) -> bytes:
    """Return sorted lines about one thing with its types before all else."""
    # `!` follows the blank.
    first = bisect_left(lines, b"%b %b " % (thing, _TYPE))
    end = bisect_left(lines, b"%b %b!" % (thing, _TYPE), first)
    return b"".join([*lines[first:end], *lines[:first], *lines[end:]])


def _naming(thing: bytes, lines: Iterable[bytes]) -> list[bytes]:
    """Return the lines that say what a thing is and how it is called, without those too long for a name or too many."""
    cut = len(thing) + 1
    names = [line for line in lines if line[cut : line.index(b" ", cut)] in _NAMES]
    if len(names) <= _NAME_LINES and sum(map(len, names)) <= _NAME_BYTES:
        return names
    kept: set[bytes] = set()
    size = 0
    for line in sorted(names, key=len)[:_NAME_LINES]:
        size += len(line)
        if size > _NAME_BYTES:
            break
        kept.add(line)
    return [line for line in names if line in kept]
