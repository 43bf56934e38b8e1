"""Checks a release to the last byte: every file, the digest from the dumps, the store's count, and a second reader."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from fonds.lines import DEFAULT, split_quad
from fonds.release import loading
from fonds.release.dumps import INFERRED, PUBLIC, PUBLIC_TURTLE
from fonds.release.folder import DATASET, GRAPHS, MANIFEST, Release, files_of, wrong_with
from fonds.release.fragments import digest_of_graphs
from fonds.vocabulary import XSD

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
        if wrong := wrong_with(release.folder / name, entry):
            yield f"{name}: {wrong}"


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
    if any(isinstance(quad.object, Triple) for quad in read[DATASET]):
        # RDF 1.2 triple terms: rdflib does not know them, and says nothing against the dump by that.
        return []
    findings = []
    for name in present:
        again = _read_again(release.dumps / name, _FORMATS[name])
        # Turtle writes numbers without quotes, and of those rdflib keeps the value, not the spelling.
        alike = _by_value if name == PUBLIC_TURTLE else _as_written
        if {alike(quad) for quad in again} != {alike(quad) for quad in read[name]}:
            count = f"rdflib reads {len(again)} statements, pyoxigraph {len(read[name])}"
            findings.append(f"dumps/{name}: {count}, and not the same")
    if PUBLIC_TURTLE in read and read[PUBLIC_TURTLE] != read[PUBLIC]:
        findings.append(f"dumps/{PUBLIC_TURTLE}: not the triples of {PUBLIC}")
    public = {name for name, row in _table(release.dumps / GRAPHS).items() if row["public"] == "yes"}
    from_quads = {Quad(*quad.triple) for quad in read[DATASET] if _graph_of(quad) in public}
    if from_quads != read[PUBLIC]:
        findings.append(f"dumps/{PUBLIC}: not the triples of the public graphs in {DATASET}")
    return findings


def _read(path: Path, format: RdfFormat) -> set[Quad]:
    with _opened(path) as file:
        return set(parse(file, format=format))


def _opened(path: Path) -> BinaryIO:
    return cast("BinaryIO", gzip.open(path))


def _graph_of(quad: Quad) -> str:
    return DEFAULT if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name.value


def _as_written(quad: Quad) -> tuple[str, str, str, str]:
    """Return what makes a statement the same: RDF 1.1 Concepts 3.3 compares language tags without regard to case."""
    value = quad.object
    if isinstance(value, Literal) and value.language:
        value = Literal(value.value, language=value.language.lower(), direction=value.direction)
    return str(quad.subject), str(quad.predicate), str(value), _graph_of(quad)


def _by_value(quad: Quad) -> tuple[str, str, str, str]:
    subject, predicate, written, graph = _as_written(quad)
    value = quad.object
    if isinstance(value, Literal) and value.datatype in _NUMBERS:
        with suppress(InvalidOperation):
            written = f"{Decimal(value.value).normalize()} {value.datatype}"
    return subject, predicate, written, graph


_NUMBERS = frozenset({XSD.integer, XSD.decimal, NamedNode(XSD.iri + "double")})


def _read_again(path: Path, format: RdfFormat) -> set[Quad]:
    import rdflib
    from rdflib.graph import DATASET_DEFAULT_GRAPH_ID

    names = {RdfFormat.N_QUADS: "nquads", RdfFormat.N_TRIPLES: "ntriples", RdfFormat.TURTLE: "turtle"}
    dataset = rdflib.Dataset()
    normalise, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        with _opened(path) as file:
            dataset.parse(file, format=names[format])
    finally:
        rdflib.NORMALIZE_LITERALS = normalise
    return {
        Quad(
            _term(subject),  # type: ignore[arg-type]
            _term(predicate),  # type: ignore[arg-type]
            _term(value),
            DefaultGraph() if graph in (None, DATASET_DEFAULT_GRAPH_ID) else NamedNode(str(graph)),
        )
        for subject, predicate, value, graph in dataset.quads()
    }


def _term(node: Node) -> NamedNode | BlankNode | Literal:
    import rdflib

    if isinstance(node, rdflib.URIRef):
        return NamedNode(str(node))
    if isinstance(node, rdflib.Literal):
        if node.language:
            return Literal(str(node), language=node.language)
        return Literal(str(node), datatype=NamedNode(str(node.datatype)) if node.datatype else None)
    return BlankNode(str(node))
