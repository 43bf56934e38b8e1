"""Where graphs are asked: what a store does, whichever engine is behind it.

Two kinds of question come in. Our own, for pages and documents, are answered in the serving process. A stranger's SPARQL
runs in a worker process that can be stopped: :meth:`Store.query`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from pyoxigraph import BlankNode, Literal, NamedNode

from fonds.formats import Format
from fonds.settings import Limits

Term = NamedNode | BlankNode | Literal
"""An RDF term as our own queries return it."""

Solution = Mapping[str, Term]
"""One row: the variables that are bound, without their question marks."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """The dataset that a protocol request names (SPARQL 1.1 Protocol 2.1.4); None means the store's own.

    Attributes:
        default_graphs: ``default-graph-uri``; their merge is the default graph.
        named_graphs: ``named-graph-uri``.
    """

    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None


class QueryForm(StrEnum):
    """The four forms of a query (SPARQL 1.1 Query 16)."""

    SELECT = "SELECT"
    ASK = "ASK"
    CONSTRUCT = "CONSTRUCT"
    DESCRIBE = "DESCRIBE"


class Answer(Protocol):
    """An answer on its way: its status is settled, its bytes are not all there yet.

    Iterating yields the bytes in the order of the format. It ends normally only when the answer is complete; otherwise it
    raises a :class:`~fonds.errors.StoreError`, and the connection must be cut.
    """

    form: QueryForm

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def aclose(self) -> None:
        """Give the worker free, whether or not everything was read; may be called twice."""
        ...


class Store(Protocol):
    """A dataset that can be read. Every method raises :class:`~fonds.errors.StoreError` or a subclass, and nothing else."""

    async def query(
        self, sparql: str, format: Format, *, dataset: Dataset = ..., limits: Limits | None = None
    ) -> Answer:
        """Answer a stranger's query, in a worker that is stopped at its limits.

        Args:
            sparql: A query; the caller has looked at its form with :func:`fonds.store.queries.read_query`.
            format: A result format for SELECT and ASK, an RDF format for CONSTRUCT and DESCRIBE.
            dataset: What the request names as its dataset.
            limits: Instead of the store's own.
        """
        ...

    def select(self, name: str, /, **bindings: Term) -> Sequence[Solution]:
        """Run one of our own SELECT queries (``store/rq/{name}.rq``) with values bound as terms, never formatted in."""
        ...

    async def start(self) -> None:
        """Be ready for the first query before it comes."""
        ...

    @property
    def network_is_open(self) -> bool | None:
        """Whether workers could reach the network, were SERVICE not refused before; None where it is not known."""
        ...

    def close(self) -> None:
        """Stop the workers and let go of the files."""
        ...
