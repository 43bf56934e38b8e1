"""Writes the dumps: the form of a release that outlives every program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from fonds.mapping.description import GraphKind
from fonds.release.folder import DATASET, GRAPHS, hash_file
from fonds.release.fragments import Fragment, Fragments, Slice, gzip_member

PUBLIC = "public.nt.gz"
PUBLIC_TURTLE = "public.ttl.gz"
INFERRED = "inferred.nt.gz"
CHECKSUMS = "SHA256SUMS"

_PIECE_LINES = 16_384


def write_dumps(fragments: Fragments, folder: Path, *, by_kind: bool) -> None:
    """Write the dumps of a release.

    Args:
        fragments: Its graphs, closed.
        folder: Where; what stands there already gets its checksum too.
        by_kind: Whether there is also one for each kind of graph.
    """
    graphs = list(fragments)
    _write(fragments, folder / DATASET, (each.quads for each in graphs))
    _write(fragments, folder / PUBLIC, (each.public_triples for each in graphs if each.public_triples))
    turtle = (each.turtle for each in graphs if each.turtle)
    _write(fragments, folder / PUBLIC_TURTLE, turtle, head=gzip_member(fragments.writer.head()))
    for kind in sorted({each.kind for each in graphs}) if by_kind else ():
        _write(fragments, folder / of_kind(kind), (each.quads for each in graphs if each.kind == kind))
    write_graph_table(graphs, folder / GRAPHS)
    _write_checksums(folder)


def of_kind(kind: GraphKind) -> str:
    """Return the name of the dump with all graphs of a kind."""
    return f"{kind}.nq.gz"


def _write(fragments: Fragments, path: Path, pieces: Iterable[Slice], head: bytes = b"") -> None:
    with path.open("wb") as file:
        file.write(head)
        fragments.copy(pieces, file)
        if not file.tell():
            # Nothing at all is no gzip file; an empty member is.
            file.write(gzip_member(b""))


def write_lines(path: Path, lines: Iterable[bytes]) -> None:
    """Write a dump of lines that belong to no graph of their own: inferred triples."""
    with path.open("wb") as file:
        for piece in _pieces(lines):
            file.write(gzip_member(piece))
        if not file.tell():
            file.write(gzip_member(b""))


def _pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    held: list[bytes] = []
    for line in lines:
        held.append(line)
        if len(held) == _PIECE_LINES:
            yield b"".join(held)
            held = []
    if held:
        yield b"".join(held)


def write_graph_table(graphs: Iterable[Fragment], path: Path) -> None:
    """Write one line for each graph: IRI, kind, whether it is public, triples, SHA-256 of its sorted N-Triples."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("graph\tkind\tpublic\ttriples\tsha256\n")
        for each in graphs:
            file.write(graph_row(each))


def graph_row(graph: Fragment) -> str:
    """Return the line of one graph in ``graphs.tsv``."""
    public = "yes" if graph.public else "no"
    return f"{graph.name}\t{graph.kind}\t{public}\t{graph.triples}\t{graph.sha256}\n"


def _write_checksums(folder: Path) -> None:
    names = sorted(path.name for path in folder.iterdir() if path.name != CHECKSUMS)
    lines = [f"{hash_file(folder / name)}  {name}\n" for name in names]
    (folder / CHECKSUMS).write_text("".join(lines), encoding="utf-8")
