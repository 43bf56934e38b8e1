"""RDF of a publication: any files in ``data/graphs``, each in named graphs of its own, as they came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyoxigraph
from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Triple

from fonds.errors import Fault
from fonds.formats import READABLE_ENDINGS
from fonds.identifiers import IriSpace
from fonds.lines import DEFAULT, split_quad
from fonds.mapping.common import Context
from fonds.mapping.description import Description, GraphBuilder, GraphKind, NamedGraph
from fonds.mapping.provenance import file_provenance
from fonds.model import Origin
from fonds.release.rdf_files import Unreadable, format_of, is_rdf, quads_of
from fonds.release.skolem import BlankStatements, labels_in
from fonds.sources.files import shown_path, stands_within
from fonds.sources.pointers import slug_of

GRAPHS = "data/graphs"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataGraphs:
    """What the files hold.

    Attributes:
        lines: For each graph its statements, as lines of N-Triples without blank nodes.
        paths: For each graph the files from which it was read.
        faults: What cannot be used, by file and line.
    """

    lines: Mapping[str, frozenset[bytes]] = field(default_factory=dict)
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    @property
    def origins(self) -> dict[str, Origin]:
        """Where each graph comes from, by its IRI: the first of its files."""
        return {name: Origin(paths[0]) for name, paths in self.paths.items()}

    def descriptions(self, context: Context) -> Iterator[Description]:
        """Yield each graph with its provenance."""
        for name in sorted(self.lines):
            it = NamedNode(name)
            triples = tuple(
                Triple(quad.subject, quad.predicate, quad.object)
                for quad in pyoxigraph.parse(b"".join(sorted(self.lines[name])), format=RdfFormat.N_TRIPLES)
            )
            provenance = GraphBuilder(context.iris.graph("prov"), GraphKind.PROVENANCE)
            file_provenance(provenance, it, GraphKind.DATA, self.paths[name], context)
            yield Description(it, (NamedGraph(it, GraphKind.DATA, triples), provenance.graph()))


def read_data_graphs(folder: Path, base: str) -> DataGraphs:
    """Read every file of RDF in ``data/graphs`` of a publication.

    Triples, and what a file of quads has in no graph, stand in ``graph/data/{name of the file}``; quads keep the names of
    their graphs. Blank nodes become ``{base}.well-known/genid/…``, the same for the same content.

    Args:
        folder: The publication.
        base: Under which its identifiers stand; relative IRIs are resolved against it.
    """
    reader = _Reader(folder, base)
    for number, path in enumerate(_files(folder)):
        reader.read(path, number)
    return reader.graphs()


def _files(folder: Path) -> list[Path]:
    files = (path for path in (folder / GRAPHS).rglob("*") if not path.is_dir())
    return sorted(path for path in files if not path.name.startswith((".", "README")))


class _Reader:
    """Collects what the files hold, and what is wrong with them."""

    def __init__(self, folder: Path, base: str) -> None:
        self._folder, self._base = folder, base
        self._lines: dict[str, set[bytes]] = defaultdict(set)
        self._paths: dict[str, dict[str, None]] = defaultdict(dict)
        self._own: dict[str, str] = {}
        self._blank = BlankStatements()
        self._faults: list[Fault] = []

    def read(self, path: Path, number: int) -> None:
        """Take one file; the number tells its blank nodes from those of others."""
        shown = shown_path(path, self._folder)
        own = self._name(path, shown)
        if own is None:
            return
        refused: set[str] = set()
        try:
            for batch in quads_of(path, self._base):
                for quad in batch:
                    self._take(quad, own, shown, number, refused)
        except Unreadable as error:
            self._faults.append(replace(error.fault, path=shown))

    def _name(self, path: Path, shown: str) -> str | None:
        """Return the name of the graph of what a file has in no graph; None, and a fault, where it cannot be read."""
        wrong = ""
        slug = slug_of(_stem(path.relative_to(self._folder / GRAPHS)))
        if not stands_within(path, self._folder):
            wrong = "leads out of the publication; put the file itself here"
        elif format_of(path) is None or not is_rdf(path):
            endings = " ".join(f".{each}" for each in READABLE_ENDINGS)
            wrong = f"is no RDF by its ending; expected {endings}, also with .gz behind it"
        elif not slug:
            wrong = "its name has no letter or digit to call a graph by; rename it"
        elif other := self._own.get(slug):
            wrong = f"its graph would be graph/data/{slug}, which is that of {other}; rename one of them"
        if wrong:
            self._faults.append(Fault(shown, 0, 0, wrong))
            return None
        self._own[slug] = shown
        return IriSpace(self._base).graph("data", slug).value

    def _take(self, quad: Quad, own: str, shown: str, number: int, refused: set[str]) -> None:
        named = quad.graph_name
        graph = named.value if isinstance(named, NamedNode) else own
        if isinstance(named, BlankNode) or (graph != own and graph.startswith(f"{self._base}graph/")):
            self._refuse(str(named), shown, refused)
            return
        self._paths[graph][shown] = None
        line = str(Quad(quad.subject, quad.predicate, quad.object, NamedNode(graph))).encode() + b" .\n"
        if b"_:" in line and labels_in(line):
            self._blank.add(number, line)
        else:
            self._add(line)

    def _refuse(self, graph: str, shown: str, refused: set[str]) -> None:
        if graph not in refused:
            refused.add(graph)
            what = "has no name" if graph.startswith("_:") else "is the publication's own"
            message = f"has statements in the graph {graph}, which {what}; give that graph another name"
            self._faults.append(Fault(shown, 0, 0, message))

    def _add(self, line: bytes) -> None:
        graph, triple = split_quad(line)
        self._lines[graph].add(triple)

    def graphs(self) -> DataGraphs:
        """Return everything that was read."""
        for line in self._blank.skolemised(f"{self._base}.well-known/genid/"):
            self._add(line)
        self._lines.pop(DEFAULT, None)
        return DataGraphs(
            lines={name: frozenset(lines) for name, lines in self._lines.items()},
            paths={name: tuple(paths) for name, paths in self._paths.items()},
            faults=tuple(self._faults),
        )


def _stem(path: Path) -> str:
    """Return the path of a file without its endings: ``people`` for ``people.ttl.gz``."""
    return path.as_posix().removesuffix(".gz").rpartition(".")[0]
