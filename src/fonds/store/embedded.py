"""The store inside this machine: our own questions in the serving process, strangers' queries in worker processes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import pyoxigraph
from pyoxigraph import NamedNode, Quad, QuerySolutions, RdfFormat, Triple, Variable, serialize

from fonds.errors import FormatError, QueryLimitPassed, StoreError, StoreUnavailable
from fonds.formats import RDF_FORMATS, Format
from fonds.identifiers import IriSpace
from fonds.settings import Limits
from fonds.store import Dataset, Solution, Term, worker
from fonds.store.descriptions import describe, is_known, reading
from fonds.store.pool import Pool, Request, WorkerAnswer, WorkerSettings
from fonds.store.queries import form_of, own_query
from fonds.vocabulary import PREFIXES

_OWN_DATASET = Dataset()
_GRAPH_TRIPLES = 200_000
"""A named graph up to this size is a document (some 40 MB in memory); a larger one is to be had as a dump or by SPARQL."""


class EmbeddedStore:
    """The store of a release on this machine; see :class:`fonds.store.Store`.

    Threads may share it. Queries of strangers are answered in the asyncio loop from which they come, each loop with workers
    of its own.

    Args:
        path: The folder of the engine's files, which is only read.
        base: Under which the identifiers stand.
        kind: ``publication``: what is asserted stands in named graphs. ``dataset``: RDF as it came.
        prefixes: Known to every query without a declaration, and used in Turtle, beside the publication's own.
        limits: What one query of a stranger may use.

    Raises:
        StoreUnavailable: The files cannot be opened.
    """

    def __init__(
        self, path: Path, *, base: str, kind: str, prefixes: Mapping[str, str], limits: Limits
    ) -> None:
        iris = IriSpace(base)
        self._iris = iris if kind == "publication" else None
        self._prefixes = {**PREFIXES, **prefixes, **(iris.prefixes if self._iris else {})}
        self._limits = limits
        self._settings = WorkerSettings(path.resolve(), base, self._prefixes, limits)
        self._pools: dict[asyncio.AbstractEventLoop, Pool] = {}
        try:
            self._store = pyoxigraph.Store.read_only(str(path))
        except OSError as error:
            raise StoreUnavailable(
                f"{path}: the store cannot be opened ({error}); build the release again"
            ) from error
        with _engine():
            self._reading = reading(self._store, self._rows, self._iris, limits.inverse_links)

    # ---------------------------------------------------------------------------------------- strangers

    async def query(
        self, sparql: str, format: Format, *, dataset: Dataset = _OWN_DATASET, limits: Limits | None = None
    ) -> WorkerAnswer:
        """Answer a stranger's query; see :meth:`fonds.store.Store.query`.

        Args:
            sparql: A query that :func:`fonds.store.queries.read_query` let pass.
            format: Of the answer.
            dataset: What the request names.
            limits: Instead of the store's own for time and memory; never more memory than a worker has.
        """
        limits = limits or self._limits
        media_type = format.rdf.media_type if format.rdf else format.media_type
        request = Request(
            sparql,
            media_type,
            format.rdf is not None,
            dataset.default_graphs,
            dataset.named_graphs,
            form_of(sparql) if format.rdf else None,
            limits,
        )
        return await self._pool().answer(request)

    async def start(self) -> None:
        """Have a worker started before the first query comes."""
        self._pool().start()

    @property
    def network_is_open(self) -> bool | None:
        """Whether workers could reach the network, were SERVICE not refused before; None before the first worker."""
        return next((pool.network_is_open for pool in self._pools.values()), None)

    def _pool(self) -> Pool:
        loop = asyncio.get_running_loop()
        pool = self._pools.get(loop)
        if pool is None:
            for other in [each for each in self._pools if each.is_closed()]:
                self._pools.pop(other).close()
            pool = self._pools[loop] = Pool(self._settings)
        return pool

    # ---------------------------------------------------------------------------------------- our own questions

    def select(self, name: str, /, **bindings: Term) -> Sequence[Solution]:
        """Run one of our own queries; see :meth:`fonds.store.Store.select`."""
        with _engine():
            rows = self._solutions(name, bindings)
            names = [variable.value for variable in rows.variables]
            found = (zip(names, row, strict=True) for row in rows)
            return [{name: term for name, term in row if term is not None} for row in found]

    def _rows(self, name: str, **bindings: Term) -> QuerySolutions:
        return self._solutions(name, bindings)

    def _solutions(self, name: str, bindings: Mapping[str, Term]) -> QuerySolutions:
        """Run one of our own queries; its rows must be read in the thread that calls."""
        text = own_query(name).text
        values = {Variable(variable): term for variable, term in bindings.items()}
        found = self._store.query(text, prefixes=self._prefixes_in(text), substitutions=values)  # type: ignore[arg-type]
        if not isinstance(found, QuerySolutions):
            raise StoreError(f"store/rq/{name}.rq: found no SELECT query, expected one")
        return found

    def _prefixes_in(self, text: str) -> dict[str, str]:
        return _prefixes_in(text, tuple(self._prefixes.items()))

    def knows(self, iri: NamedNode) -> bool:
        """Tell whether a thing is the subject of a statement; in a publication, of one that is asserted."""
        with _engine():
            return is_known(iri, self._reading)

    def document(self, iri: NamedNode, format: Format) -> bytes | None:
        """Return the bounded description of a thing; see :meth:`fonds.store.Store.document`.

        That is: what is asserted of it; the graphs that are about it as a whole; what points to it, up to the limit; the
        types and labels of the things it points to. TriG and N-Quads tell in which graph each statement stands.
        """
        with _engine():
            quads = describe(iri, self._reading)
        return self._written(quads, format) if quads else None

    def graph(self, name: NamedNode, format: Format) -> bytes | None:
        """Return a named graph as a document; see :meth:`fonds.store.Store.graph`.

        Raises:
            QueryLimitPassed: It is too large for a document.
        """
        with _engine():
            if not self._store.contains_named_graph(name):
                return None
            quads = []
            for quad in self._store.quads_for_pattern(None, None, None, name):
                quads.append(quad)
                if len(quads) > _GRAPH_TRIPLES:
                    raise QueryLimitPassed(
                        f"<{name.value}> has more than {_GRAPH_TRIPLES} triples; take the dumps, or ask for a part by SPARQL.",
                        limit="graph_triples",
                        value=_GRAPH_TRIPLES,
                    )
        return self._written(quads, format)

    def _written(self, quads: Sequence[Quad], format: Format) -> bytes:
        """Return quads as a document.

        Raises:
            FormatError: The format cannot carry them, or is no RDF syntax.
        """
        syntax = format.rdf
        if syntax is None:
            raise FormatError(
                f"{format.name} cannot carry a graph; {', '.join(each.name for each in RDF_FORMATS)} can."
            )
        items: Sequence[Quad] | Sequence[Triple]
        if syntax in (RdfFormat.TRIG, RdfFormat.N_QUADS):
            items = sorted(quads, key=_graph_first)
        else:
            items = list(dict.fromkeys(quad.triple for quad in quads))
        try:
            return _serialized(items, syntax, self._prefixes)
        except worker.Unfit as error:
            raise FormatError(str(error)) from error

    def close(self) -> None:
        """Stop the workers; see :meth:`fonds.store.Store.close`."""
        while self._pools:
            self._pools.popitem()[1].close()


def _graph_first(quad: Quad) -> str:
    return str(quad.graph_name)


def _serialized(
    items: Sequence[Quad] | Sequence[Triple], syntax: RdfFormat, prefixes: Mapping[str, str]
) -> bytes:
    if syntax == RdfFormat.RDF_XML:
        return worker.for_xml(serialize(worker.fit_for_xml(items), format=syntax) or b"")
    if syntax in (RdfFormat.TURTLE, RdfFormat.TRIG):
        return worker.with_tidy_prefixes(serialize(items, format=syntax, prefixes=dict(prefixes)) or b"")
    return serialize(items, format=syntax) or b""


@lru_cache(maxsize=256)
def _prefixes_in(text: str, prefixes: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return {prefix: iri for prefix, iri in prefixes if f"{prefix}:" in text}


@contextlib.contextmanager
def _engine() -> Iterator[None]:
    """Turn what the engine raises into a store's error."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        raise StoreUnavailable(f"The store cannot be read: {error}") from error
    except (SyntaxError, ValueError) as error:
        raise StoreError(f"One of the program's own queries is wrong: {error}") from error
