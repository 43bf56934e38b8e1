"""The store inside this machine: our own questions in the serving process, strangers' queries in worker processes."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import pyoxigraph
from pyoxigraph import QuerySolutions, Variable

from fonds.errors import StoreError, StoreUnreadable
from fonds.formats import Format
from fonds.identifiers import IriSpace
from fonds.settings import Limits
from fonds.store import Dataset, Load, Matches, QueryForm, ServiceCall, Solution, Term
from fonds.store.federation import NO_FEDERATION, Federation
from fonds.store.pool import Pool, Request, WorkerAnswer, WorkerSettings
from fonds.store.queries import form_of, own_query
from fonds.vocabulary import PREFIXES

_OWN_DATASET = Dataset()
_NUMBERS = itertools.count(1)
"""Of the queries that ask other endpoints."""


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
        federation: Which other endpoints it may ask.

    Raises:
        StoreUnreadable: The files cannot be opened.
    """

    def __init__(
        self,
        path: Path,
        *,
        base: str,
        kind: str,
        prefixes: Mapping[str, str],
        limits: Limits,
        federation: Federation = NO_FEDERATION,
    ) -> None:
        iris = IriSpace(base)
        self._iris = iris if kind == "publication" else None
        self._prefixes = {**PREFIXES, **prefixes, **(iris.prefixes if self._iris else {})}
        self._limits = limits
        self._settings = WorkerSettings(path.resolve(), base, self._prefixes, limits, federation)
        self._pools: dict[asyncio.AbstractEventLoop, Pool] = {}
        try:
            self._store = pyoxigraph.Store.read_only(str(path))
        except OSError as error:
            raise StoreUnreadable(
                f"{path}: the store cannot be opened ({error}); build the release again, or "
                "make its store again from its dumps: `fonds repair`"
            ) from error

    @property
    def can_match(self) -> bool:
        """Whether queries can look for texts; see :class:`fonds.store.Store`."""
        return True

    # ---------------------------------------------------------------------------------------- strangers

    def ask(
        self,
        sparql: str,
        format: Format,
        *,
        dataset: Dataset = _OWN_DATASET,
        form: QueryForm | None = None,
        coding: str = "",
        client: str = "",
        limits: Limits | None = None,
        calls: tuple[ServiceCall, ...] = (),
        matches: tuple[Matches, ...] = (),
    ) -> WorkerAnswer:
        """Begin to answer a stranger's query; see :meth:`fonds.store.Store.ask`.

        Args:
            sparql: A query that :func:`fonds.store.calls.federated_reading` let pass.
            format: Of the answer.
            dataset: What the request names.
            form: What the caller knows of its form, which the answer is called where it is a graph.
            coding: The content coding of an answer that does not come at once.
            client: Whose query it is; empty: nobody's.
            limits: Instead of the store's own; never more memory than a worker has.
            calls: Its ``SERVICE`` patterns.
            matches: What the texts find for which it looks.
        """
        request = Request(
            sparql,
            format.rdf.media_type if format.rdf else format.media_type,
            format.rdf is not None,
            dataset.default_graphs,
            dataset.named_graphs,
            form,
            coding,
            client,
            limits or self._limits,
            calls,
            next(_NUMBERS) if calls else 0,
            matches,
        )
        return self._ask(request)

    def _ask(self, request: Request) -> WorkerAnswer:
        return self._pool().ask(request)

    async def query(
        self,
        sparql: str,
        format: Format,
        *,
        dataset: Dataset = _OWN_DATASET,
        limits: Limits | None = None,
        calls: tuple[ServiceCall, ...] = (),
        matches: tuple[Matches, ...] = (),
    ) -> WorkerAnswer:
        """Answer a stranger's query; see :meth:`fonds.store.Store.query`."""
        form = form_of(sparql) if format.rdf else None
        return await self.ask(
            sparql, format, dataset=dataset, form=form, limits=limits, calls=calls, matches=matches
        ).begun()

    async def start(self) -> None:
        """Have a worker started before the first query comes."""
        self._pool().start()

    @property
    def is_busy(self) -> bool:
        """Whether a stranger's query runs or waits."""
        return any(pool.is_busy for pool in self._pools.values())

    @property
    def load(self) -> Load:
        """What the workers of this loop do at this moment."""
        return self._pool().load

    @property
    def network_is_open(self) -> bool | None:
        """Whether workers could reach the network, were SERVICE not refused before; None before the first worker."""
        return next((pool.network_is_open for pool in self._pools.values()), None)

    @property
    def can_federate(self) -> bool | None:
        """Whether queries can ask other endpoints; None where none may be asked, or before the first worker."""
        return next((pool.can_federate for pool in self._pools.values()), None)

    @property
    def is_of_release(self) -> bool:
        """Whether answers follow from the release: they do."""
        return True

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

    def close(self) -> None:
        """Stop the workers; see :meth:`fonds.store.Store.close`."""
        while self._pools:
            self._pools.popitem()[1].close()


@lru_cache(maxsize=256)
def _prefixes_in(text: str, prefixes: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return {prefix: iri for prefix, iri in prefixes if f"{prefix}:" in text}


@contextlib.contextmanager
def _engine() -> Iterator[None]:
    """Turn what the engine raises into a store's error."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        raise StoreUnreadable(f"The store cannot be read: {error}") from error
    except (SyntaxError, ValueError) as error:
        raise StoreError(f"One of the program's own queries is wrong: {error}") from error
