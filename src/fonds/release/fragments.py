"""Graphs as sorted lines: what digests, dumps and the store are made of.

Each graph is written once, as sorted N-Triples without repeats, in gzip members of its own. A dump is such members in the
order of their graphs' IRIs; nothing is sorted over the whole dataset.
"""

from __future__ import annotations

import hashlib
import heapq
import struct
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import groupby, islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pyoxigraph import RdfFormat, Triple, serialize

from fonds.lines import DEFAULT, types_first
from fonds.mapping.description import GraphKind
from fonds.turtle import TurtleWriter
from fonds.vocabulary import PREFIXES, RDF

_BATCH_LINES = 4096
_LEVEL = 6
_RUN_BYTES = 64 * 1024 * 1024
_LINE_BYTES = sys.getsizeof(b"") + struct.calcsize("P")
"""What a line takes in memory beside its own bytes: an object, and a place in a list."""
_TYPE = str(RDF.type).encode()

QUADS, TRIPLES, TURTLE = "quads", "triples", "turtle"
"""Names of the working files."""


class Slice(NamedTuple):
    """A stretch of a working file that holds whole gzip members: its name, first byte, and length in bytes."""

    file: str
    start: int
    size: int


class Fragment(NamedTuple):
    """One graph of a build.

    Attributes:
        name: Its IRI, or :data:`DEFAULT`.
        kind: Whose words it holds.
        public: Whether its triples stand in the default graph.
        digested: Whether it counts in the digest (False for what follows from other graphs).
        triples: How many different ones.
        sha256: Of its sorted N-Triples, 64 hexadecimal digits.
        quads: Its N-Quads.
        public_triples: Its N-Triples, if it is public.
        turtle: Its Turtle without prefixes, if it is public.
    """

    name: str
    kind: GraphKind
    public: bool
    digested: bool
    triples: int
    sha256: str
    quads: Slice
    public_triples: Slice | None
    turtle: Slice | None


class _Table(Mapping[str, Fragment]):
    """Graphs by their IRIs, in the order in which they were added, about 250 bytes for each."""

    # Kind, public, digested, triples, SHA-256; first byte and size of quads, triples and Turtle, size 0 where there are none.
    _ROW = struct.Struct("<B??Q32s6Q")
    _KINDS = tuple(GraphKind)

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._rows = bytearray()

    def add(self, graph: Fragment) -> None:
        pieces = (graph.quads, graph.public_triples, graph.turtle)
        stretches = [number for piece in pieces for number in (piece[1:] if piece else (0, 0))]
        self._places[graph.name] = len(self._rows)
        self._rows += self._ROW.pack(
            self._KINDS.index(graph.kind),
            graph.public,
            graph.digested,
            graph.triples,
            bytes.fromhex(graph.sha256),
            *stretches,
        )

    def __getitem__(self, name: str) -> Fragment:
        row = self._ROW.unpack_from(self._rows, self._places[name])
        kind, public, digested, triples, sha256, *stretches = row
        quads, public_triples, turtle = (
            Slice(file, stretches[at], stretches[at + 1]) if stretches[at + 1] else None
            for file, at in ((QUADS if name != DEFAULT else TRIPLES, 0), (TRIPLES, 2), (TURTLE, 4))
        )
        assert quads is not None
        return Fragment(
            name, self._KINDS[kind], public, digested, triples, sha256.hex(), quads, public_triples, turtle
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def sorted_lines(triples: Iterable[Triple]) -> list[bytes]:
    """Return triples as lines of canonical N-Triples, sorted by their bytes, without repeats."""
    written = serialize(triples, format=RdfFormat.N_TRIPLES) or b""
    return sorted(set(written.splitlines(keepends=True)))


def digest_of(fragments: Iterable[Fragment]) -> str:
    """Return the tree digest: SHA-256 over the lines ``IRI SHA-256`` of the digested graphs, sorted by IRI."""
    return digest_of_graphs({each.name: each.sha256 for each in fragments if each.digested})


def digest_of_graphs(graphs: Mapping[str, str]) -> str:
    """Return the tree digest of graphs: SHA-256 of each, by IRI."""
    tree = hashlib.sha256()
    for name in sorted(graphs):
        tree.update(f"{name} {graphs[name]}\n".encode())
    return tree.hexdigest()


class LineSorter:
    """Sorts more lines than memory holds: runs on disk, merged when they are read.

    Args:
        folder: Where runs are written; it exists.
        run_bytes: How much memory lines may take until they are written.
    """

    def __init__(self, folder: Path, run_bytes: int = _RUN_BYTES) -> None:
        self._folder = folder
        self._run_bytes = run_bytes
        self._lines: list[bytes] = []
        self._held = 0
        self._runs: list[Path] = []

    def extend(self, lines: Sequence[bytes]) -> None:
        """Take lines, each with its line feed at the end and none inside."""
        self._lines += lines
        self._held += sum(map(len, lines)) + len(lines) * _LINE_BYTES
        if self._held > self._run_bytes:
            self._spill()

    def take(self, other: LineSorter) -> None:
        """Take everything that another sorter holds; it is used no more."""
        self._runs += other._runs
        self.extend(other._lines)

    def write_out(self) -> None:
        """Put everything on the disk; then another process can be given this sorter."""
        if self._lines:
            self._spill()

    def _spill(self) -> None:
        path = self._folder / f"run-{len(self._runs)}"
        self._lines.sort()
        with path.open("wb") as file:
            file.writelines(self._lines)
        self._runs.append(path)
        self._lines, self._held = [], 0

    def __iter__(self) -> Iterator[bytes]:
        """Yield the different lines in the order of their bytes."""
        self._lines.sort()
        with ExitStack() as files:
            runs: list[Iterable[bytes]] = [files.enter_context(run.open("rb")) for run in self._runs]
            merged = heapq.merge(*runs, self._lines) if runs else iter(self._lines)
            before = b""
            for line in merged:
                if line != before:
                    yield line
                before = line

    def clear(self) -> None:
        """Let go of memory and disk."""
        for run in self._runs:
            run.unlink()
        self._lines, self._held, self._runs = [], 0, []


class GraphSorter:
    """Sorts triples of many graphs that arrive in any order."""

    def __init__(self, folder: Path, run_bytes: int = _RUN_BYTES) -> None:
        self._lines = LineSorter(folder, run_bytes)

    def add(self, graph: str, lines: Iterable[bytes]) -> None:
        """Take N-Triples lines of one graph."""
        # A NUL stands in no IRI and sorts before everything: lines sort by graph first.
        head = graph.encode() + b"\0"
        self._lines.extend([head + line for line in lines])

    def graphs(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield each graph with its sorted lines; read one before going on to the next."""
        for head, lines in groupby(self._lines, key=lambda line: line[: line.index(b"\0")]):
            cut = len(head) + 1
            yield head.decode(), (line[cut:] for line in lines)

    def clear(self) -> None:
        """Let go of memory and disk."""
        self._lines.clear()


class PackedGraph(NamedTuple):
    """One graph, ready to be put into a release: what costs time was done where it was packed, in any process.

    Attributes:
        name: Its IRI, or :data:`DEFAULT`.
        kind: Whose words it holds.
        public: Whether its triples stand in the default graph.
        derived: Whether it follows from other graphs; then it does not count in the digest.
        triples: How many different ones.
        sha256: Of its sorted N-Triples, 64 hexadecimal digits.
        quads: Its N-Quads, as a gzip member; of the default graph its N-Triples.
        public_triples: Its N-Triples, as a gzip member, if it is public.
        turtle: Its Turtle without prefixes, as a gzip member, if it is public.
        terms: Predicates and classes in use, as N-Triples.
    """

    name: str
    kind: GraphKind
    public: bool
    derived: bool
    triples: int
    sha256: str
    quads: bytes
    public_triples: bytes | None
    turtle: bytes | None
    terms: frozenset[bytes]


def pack_graph(
    name: str, kind: GraphKind, lines: Sequence[bytes], *, public: bool, derived: bool, writer: TurtleWriter
) -> PackedGraph:
    """Return a graph ready to be put into a release: the same for the same arguments, in any process.

    Args:
        name: Its IRI, or :data:`DEFAULT`.
        kind: Whose words it holds.
        lines: Its sorted N-Triples without repeats, at least one.
        public: Whether its triples stand in the default graph; the default graph itself is always public.
        derived: Whether it follows from other graphs; then it does not count in the digest.
        writer: Writes Turtle with the prefixes of the release.

    Raises:
        ValueError: There are no lines.
    """
    if not lines:
        raise ValueError(f"the graph {name} has no triples")
    packing = _Packing(name, writer, public=public)
    pieces = [packing.take(batch) for batch in _batches(lines)]
    quads, triples, turtle = (b"".join(each) for each in zip(*pieces, packing.end(), strict=True))
    return PackedGraph(
        name,
        kind,
        public,
        derived,
        packing.triples,
        packing.digest.hexdigest(),
        quads if name != DEFAULT else triples,
        triples if public else None,
        turtle if public else None,
        frozenset(packing.terms),
    )


class _Packing:
    """One graph on its way into gzip members, batch by batch.

    Args:
        name: Its IRI, or :data:`DEFAULT`.
        writer: Writes Turtle with the prefixes of the release.
        public: Whether its triples stand in the default graph.
    """

    def __init__(self, name: str, writer: TurtleWriter, *, public: bool) -> None:
        self.triples = 0
        self.digest = hashlib.sha256()
        self.terms: set[bytes] = set()
        self._end = f" <{name}> .\n".encode() if name != DEFAULT else None
        self._writer = writer
        self._public = public
        self._members = tuple(_compressor() for _ in range(3))

    def take(self, batch: Sequence[bytes]) -> tuple[bytes, bytes, bytes]:
        """Return what a batch adds to the members: N-Quads, N-Triples and Turtle, empty where there is to be none."""
        text = b"".join(batch)
        self.triples += len(batch)
        self.digest.update(text)
        self._note_terms(batch)
        quads, triples, turtle = self._members
        return (
            # Line feeds are escaped inside terms, so that `space dot line feed` ends a triple and nothing else.
            quads.compress(text.replace(b" .\n", self._end)) if self._end else b"",
            triples.compress(text) if self._public else b"",
            turtle.compress(self._writer.body(types_first(batch))) if self._public else b"",
        )

    def end(self) -> tuple[bytes, bytes, bytes]:
        """Return what ends the members."""
        quads, triples, turtle = self._members
        return (
            quads.flush() if self._end else b"",
            triples.flush() if self._public else b"",
            turtle.flush() if self._public else b"",
        )

    def _note_terms(self, batch: Sequence[bytes]) -> None:
        for line in batch:
            _, predicate, rest = line.split(b" ", 2)
            self.terms.add(rest[:-3] if predicate == _TYPE else predicate)


class _Spool:
    """A working file that members are appended to."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._file = path.open("wb")
        self._start = 0

    def write(self, data: bytes) -> None:
        self._file.write(data)

    def end_member(self) -> Slice | None:
        """Return where what was written since the last call stands, None if nothing was."""
        end = self._file.tell()
        if end == self._start:
            return None
        ended = Slice(self.name, self._start, end - self._start)
        self._start = end
        return ended

    def flush(self) -> None:
        if not self._file.closed:
            self._file.flush()

    def close(self) -> None:
        self._file.close()


def _compressor() -> zlib._Compress:
    # 31: a gzip member; zlib writes no name and no time into its header, so equal data are equal bytes.
    return zlib.compressobj(_LEVEL, zlib.DEFLATED, 31)


class Fragments:
    """The graphs of one build, in working files.

    Args:
        folder: Where the working files are written; it exists.
        prefixes: With which Turtle is written.
    """

    def __init__(self, folder: Path, prefixes: Mapping[str, str] = PREFIXES) -> None:
        self.folder = folder
        self.writer = TurtleWriter(prefixes)
        self._table = _Table()
        self.terms: set[bytes] = set()
        """Predicates and classes in use, as N-Triples."""
        self._spools = tuple(_Spool(folder / name) for name in (QUADS, TRIPLES, TURTLE))

    @property
    def by_name(self) -> Mapping[str, Fragment]:
        """The graphs by their IRIs, in the order in which they were written."""
        return self._table

    @property
    def quads(self) -> Path:
        """Everything in named graphs, as N-Quads in gzip members."""
        return self.folder / QUADS

    @property
    def triples(self) -> Path:
        """The default graph with its repeats, as N-Triples in gzip members."""
        return self.folder / TRIPLES

    def take(self, packed: PackedGraph) -> Fragment:
        """Append a graph that is packed already."""
        # The default graph's quads are its triples: one member serves both dumps.
        quads = packed.quads if packed.name != DEFAULT else b""
        self._write((quads, packed.public_triples or b"", packed.turtle or b""))
        self.terms |= packed.terms
        return self._note(
            packed.name,
            packed.kind,
            packed.triples,
            packed.sha256,
            public=packed.public,
            digested=not packed.derived,
        )

    def add(
        self, name: str, kind: GraphKind, lines: Iterable[bytes], *, public: bool, digested: bool
    ) -> Fragment | None:
        """Write a graph of any size; return None, and write nothing, if it has no triples.

        Args:
            name: Its IRI, or :data:`DEFAULT`.
            kind: Whose words it holds.
            lines: Its sorted N-Triples without repeats.
            public: Whether its triples stand in the default graph; the default graph itself is always public.
            digested: Whether it counts in the digest.
        """
        packing = _Packing(name, self.writer, public=public)
        for batch in _batches(lines):
            self._write(packing.take(batch))
        if not packing.triples:
            return None
        self._write(packing.end())
        self.terms |= packing.terms
        sha256 = packing.digest.hexdigest()
        return self._note(name, kind, packing.triples, sha256, public=public, digested=digested)

    def _write(self, pieces: tuple[bytes, bytes, bytes]) -> None:
        for spool, piece in zip(self._spools, pieces, strict=True):
            spool.write(piece)

    def _note(
        self, name: str, kind: GraphKind, count: int, sha256: str, *, public: bool, digested: bool
    ) -> Fragment:
        quads, triples, turtle = (spool.end_member() for spool in self._spools)
        whole = quads if name != DEFAULT else triples
        assert whole is not None
        fragment = Fragment(name, kind, public, digested, count, sha256, whole, triples, turtle)
        self._table.add(fragment)
        return fragment

    def __iter__(self) -> Iterator[Fragment]:
        """Yield the graphs in the order of their IRIs."""
        for name in sorted(self._table):
            yield self._table[name]

    def lines(self, fragment: Fragment) -> Iterator[bytes]:
        """Yield the N-Quads of a graph, sorted; of the default graph the N-Triples. The working files are written out."""
        with GraphReader(self.folder) as reader:
            for block in reader.blocks(fragment.quads):
                yield from block

    def flush(self) -> None:
        """Write everything out, so that the working files can be read."""
        for spool in self._spools:
            spool.flush()

    def close(self) -> None:
        """Close the working files; they can be read from now on."""
        for spool in self._spools:
            spool.close()

    def copy(self, pieces: Iterable[Slice], target: BinaryIO) -> None:
        """Append members to a file."""
        with ExitStack() as stack:
            files: dict[str, BinaryIO] = {}
            for piece in pieces:
                if piece.file not in files:
                    files[piece.file] = stack.enter_context((self.folder / piece.file).open("rb"))
                target.writelines(_blocks(files[piece.file], piece))


class GraphReader:
    """Reads graphs back from the working files of a build; any process may have one of its own.

    Args:
        folder: Where the working files are; they are written out.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, BinaryIO] = {}

    def __enter__(self) -> GraphReader:
        """Return the reader, whose files are closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()

    def blocks(self, piece: Slice) -> Iterator[list[bytes]]:
        """Yield the lines of a graph in lists."""
        file = self._files.get(piece.file)
        if file is None:
            file = self._files[piece.file] = (self._folder / piece.file).open("rb")
        rest, member = b"", zlib.decompressobj(31)
        for packed in _blocks(file, piece):
            text = rest + member.decompress(packed)
            end = text.rfind(b"\n") + 1
            rest = text[end:]
            yield text[:end].splitlines(keepends=True)


def _blocks(source: BinaryIO, piece: Slice) -> Iterator[bytes]:
    """Yield a stretch of a working file in blocks."""
    source.seek(piece.start)
    left = piece.size
    while left:
        data = source.read(min(left, 1024 * 1024))
        if not data:
            raise OSError(f"the working file {piece.file} ends early")
        yield data
        left -= len(data)


def _batches(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Yield lines in lists that end where a subject ends, unless one subject alone fills many."""
    lines = iter(lines)
    batch: list[bytes] = []
    while more := list(islice(lines, _BATCH_LINES)):
        batch += more
        subject = batch[-1].split(b" ", 1)[0] + b" "
        end = len(batch)
        while end and batch[end - 1].startswith(subject):
            end -= 1
        if end == 0 and len(batch) > 16 * _BATCH_LINES:
            end = len(batch)
        if end:
            yield batch[:end]
            batch = batch[end:]
    if batch:
        yield batch


def gzip_member(data: bytes) -> bytes:
    """Return data as one gzip member without name or time."""
    member = _compressor()
    return member.compress(data) + member.flush()
