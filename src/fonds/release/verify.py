"""Checks a release to the last byte: every file, the digest from the dumps, the store's count, and a second reader."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, parse

from fonds.release import loading
from fonds.release.dumps import DATASET, GRAPHS, INFERRED, PUBLIC, PUBLIC_TURTLE
from fonds.release.folder import MANIFEST, FileEntry, Release, files_of, hash_file
from fonds.release.fragments import DEFAULT, digest_of_graphs, split_quad

if TYPE_CHECKING:
    from rdflib.term import Node

SECOND_READER_QUADS = 500_000
"""Most quads that the second reader is asked to read: it needs about 2 KiB and 30 µs for each."""

_DERIVED = frozenset({"provenance", "meta"})
_DAMAGED = (OSError, EOFError, zlib.error, ValueError, LookupError)
_FORMATS = {
    DATASET: RdfFormat.N_QUADS,
    PUBLIC: RdfFormat.N_TRIPLES,
    PUBLIC_TURTLE: RdfFormat.TURTLE,
    INFERRED: RdfFormat.N_TRIPLES,
}


def verify(release: Release, *, second_reader: bool | None = None) -> list[str]:
    """Return what is not as it was built: one sentence for each finding, none where all is well.

    Args:
        release: An open release.
        second_reader: Whether rdflib reads the dumps as well, and must find what pyoxigraph finds;
            None: where there are at most :data:`SECOND_READER_QUADS` quads.
    """
    findings = [*_changed_files(release), *_extra_files(release)]
    findings += _changed_graphs(release) or _changed_digest(release)
    # The engine is not made for files that are not its own: a store whose files have changed is not opened.
    if not any(each.startswith("store/") for each in findings):
        findings += _changed_store(release)
    if second_reader is None:
        second_reader = release.manifest.counts.quads <= SECOND_READER_QUADS
    if second_reader and not findings:
        findings += second_reading(release)
    return findings


def _changed_files(release: Release) -> Iterator[str]:
    for name, entry in release.manifest.files.items():
        if wrong := _wrong(release.folder / name, entry):
            yield f"{name}: {wrong}"


def _wrong(path: Path, entry: FileEntry) -> str | None:
    try:
        size = path.stat().st_size
        if size != entry.size:
            return f"{size} bytes, expected {entry.size}"
        return "changed since the build (SHA-256 differs)" if hash_file(path) != entry.sha256 else None
    except FileNotFoundError:
        return "missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"


def _extra_files(release: Release) -> Iterator[str]:
    for name in files_of(release.folder):
        if name not in release.manifest.files:
            yield f"{name}: not part of this release ({MANIFEST} does not list it)"


def _changed_graphs(release: Release) -> list[str]:
    """Compare the graphs of the dump with the table of graphs, one by one."""
    try:
        table = _table(release.dumps / GRAPHS)
        found = dict(_hashes(release.dumps / DATASET))
    except _DAMAGED as error:
        return [f"dumps: cannot be read as they were written ({error})"]
    missing = [f"dumps/{DATASET}: the graph {name} is missing" for name in table if name not in found]
    extra = [f"dumps/{DATASET}: the graph {name} is not in {GRAPHS}" for name in found if name not in table]
    changed = [
        f"dumps/{DATASET}: the graph {name} is not the one that {GRAPHS} lists"
        for name, row in table.items()
        if name in found and found[name] != row["sha256"]
    ]
    return missing + extra + changed


def _changed_digest(release: Release) -> list[str]:
    table = _table(release.dumps / GRAPHS)
    digested = {name: row["sha256"] for name, row in table.items() if row["kind"] not in _DERIVED}
    if digest_of_graphs(digested) != release.manifest.digest:
        return [f"{MANIFEST}: its digest is not that of the graphs in dumps/{DATASET}"]
    return []


def _table(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        names = file.readline().rstrip("\n").split("\t")
        rows = [dict(zip(names, line.rstrip("\n").split("\t"), strict=True)) for line in file]
    return {row["graph"]: row for row in rows}


def _hashes(path: Path) -> Iterator[tuple[str, str]]:
    """Yield every graph of an N-Quads dump with the SHA-256 of its N-Triples."""
    with gzip.open(path) as file:
        for name, quads in groupby(map(split_quad, file), key=lambda quad: quad[0]):
            digest = hashlib.sha256()
            for _, line in quads:
                digest.update(line)
            yield name, digest.hexdigest()


def _changed_store(release: Release) -> list[str]:
    counts = release.manifest.counts
    try:
        found = loading.count(Store.read_only(str(release.store)))
    except OSError as error:
        return [f"store: cannot be opened ({error})"]
    default = counts.public + counts.inferred
    named = counts.quads - (0 if release.manifest.kind == "publication" else _default_quads(release))
    expected = loading.Loaded(default, named, counts.graphs)
    return [] if found == expected else [f"store: holds {found}, expected {expected}"]


def _default_quads(release: Release) -> int:
    row = _table(release.dumps / GRAPHS).get(DEFAULT)
    return int(row["triples"]) if row else 0


def second_reading(release: Release) -> list[str]:
    """Read the dumps with rdflib and with pyoxigraph; return where they differ, and where dumps differ from each other."""
    present = [name for name in _FORMATS if (release.dumps / name).exists()]
    read = {name: _read(release.dumps / name, _FORMATS[name]) for name in present}
    findings = [
        f"dumps/{name}: rdflib reads {len(again)} statements, pyoxigraph {len(read[name])}, and not the same"
        for name in present
        if (again := _read_again(release.dumps / name, _FORMATS[name])) != read[name]
    ]
    if PUBLIC_TURTLE in read and read[PUBLIC_TURTLE] != read[PUBLIC]:
        findings.append(f"dumps/{PUBLIC_TURTLE}: not the triples of {PUBLIC}")
    public = {name for name, row in _table(release.dumps / GRAPHS).items() if row["public"] == "yes"}
    from_quads = {(*quad[:3], "") for quad in read[DATASET] if (quad[3] or DEFAULT) in public}
    if from_quads != read[PUBLIC]:
        findings.append(f"dumps/{PUBLIC}: not the triples of the public graphs in {DATASET}")
    return findings


_Statement = tuple[str, str, str, str]
"""Subject, predicate, object and graph as N-Quads; an empty graph is the default graph."""


def _read(path: Path, format: RdfFormat) -> set[_Statement]:
    with _opened(path) as file:
        return {_written(quad) for quad in parse(file, format=format)}


def _opened(path: Path) -> BinaryIO:
    return cast("BinaryIO", gzip.open(path))


def _written(quad: Quad) -> _Statement:
    graph = "" if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name.value
    value = quad.object
    if isinstance(value, Literal) and value.language:
        # RDF 1.1 Concepts 3.3: language tags are compared without regard to case; rdflib keeps them in lower case.
        value = Literal(value.value, language=value.language.lower(), direction=value.direction)
    return str(quad.subject), str(quad.predicate), str(value), graph


def _read_again(path: Path, format: RdfFormat) -> set[_Statement]:
    import rdflib

    names = {RdfFormat.N_QUADS: "nquads", RdfFormat.N_TRIPLES: "ntriples", RdfFormat.TURTLE: "turtle"}
    dataset = rdflib.Dataset()
    normalise, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        with _opened(path) as file:
            dataset.parse(file, format=names[format])
    finally:
        rdflib.NORMALIZE_LITERALS = normalise
    return {
        (_term(s), _term(p), _term(o), "" if g in (None, rdflib.graph.DATASET_DEFAULT_GRAPH_ID) else str(g))
        for s, p, o, g in dataset.quads()
    }


def _term(node: Node) -> str:
    import rdflib

    if isinstance(node, rdflib.URIRef):
        return str(NamedNode(str(node)))
    if isinstance(node, rdflib.Literal):
        if node.language:
            return str(Literal(str(node), language=node.language.lower()))
        return str(Literal(str(node), datatype=NamedNode(str(node.datatype)) if node.datatype else None))
    return str(BlankNode(str(node)))
