"""Where graphs are asked: what a store does, whichever engine is behind it.

Two kinds of question come in. Our own, for pages and documents, are answered in the serving process. A stranger's SPARQL
runs in a worker process that can be stopped: :meth:`Store.ask`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from pyoxigraph import BlankNode, Literal, NamedNode

from fonds.errors import StoreError
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


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """A ``SERVICE`` pattern of a query, which asks another endpoint.

    Attributes:
        target: The address of that endpoint, as the settings have it.
        start: Offset of the first character of what names it in the query.
        end: Offset behind the last one.
    """

    target: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Matches:
    """What one text of a query finds, for ``fv:matches`` (:mod:`fonds.store.matching`).

    Attributes:
        words: The text.
        things: Kind and key of each thing, ``record/letter-7``.
    """

    words: str
    things: tuple[str, ...]


class QueryForm(StrEnum):
    """The four forms of a query (SPARQL 1.1 Query 16)."""

    SELECT = "SELECT"
    ASK = "ASK"
    CONSTRUCT = "CONSTRUCT"
    DESCRIBE = "DESCRIBE"


class Answer(Protocol):
    """An answer on its way.

    Iterating yields its bytes in their order. It ends normally only when the answer is complete; otherwise it raises a
    :class:`~fonds.errors.StoreError`, and the connection must be cut.

    Attributes:
        form: The form of the query, once the status is settled.
        settled: Whether the status is known: from then on, bytes come, and an error is one in the middle.
        complete: Whether everything has come.
        error: Why it will never be complete; None as long as it may.
        coding: The content coding of its bytes, empty for none; known with the status.
        size_bytes: How much has come that was not read.
    """

    form: QueryForm
    settled: bool
    complete: bool
    error: StoreError | None
    coding: str
    size_bytes: int

    def on_news(self, call: Callable[[], None] | None) -> None:
        """Have a function called whenever something has come: the status, bytes, the end or an error."""
        ...

    def take(self) -> bytes:
        """Return all that has come and was not read."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    def give_up(self) -> None:
        """Give the worker free, whether or not everything was read; may be called twice."""
        ...


class Load(NamedTuple):
    """What query workers do at a moment.

    Attributes:
        workers: How many, by what they do: ``starting``, ``idle``, ``busy``.
        waiting: Queries that wait for one.
        pids: Their processes.
    """

    workers: Mapping[str, int]
    waiting: int
    pids: Sequence[int]


class Store(Protocol):
    """A dataset that can be read. Every method raises :class:`~fonds.errors.StoreError` or a subclass, and nothing else."""

    @property
    def can_match(self) -> bool:
        """Whether queries can look for texts (``fv:matches``), where the release has an index."""
        ...

    def ask(
        self,
        sparql: str,
        format: Format,
        *,
        dataset: Dataset = ...,
        form: QueryForm | None = None,
        coding: str = "",
        client: str = "",
        limits: Limits | None = None,
        calls: tuple[ServiceCall, ...] = (),
        matches: tuple[Matches, ...] = (),
    ) -> Answer:
        """Begin to answer a stranger's query, in a worker that is stopped at its limits.

        Args:
            sparql: A query; the caller has looked at it with :func:`fonds.store.calls.federated_reading`.
            format: A result format for SELECT and ASK, an RDF format for CONSTRUCT and DESCRIBE.
            dataset: What the request names as its dataset.
            form: The form of the query, as far as the caller knows.
            coding: A content coding for an answer that does not come at once, empty for none.
            client: Whose query it is, since clients take turns; empty: nobody's, which is never too much.
            limits: Instead of the store's own.
            calls: The ``SERVICE`` patterns of the query; where there are none, nobody else is asked.
            matches: What the texts find for which ``fv:matches`` looks; where there are none, there is no such function.
        """
        ...

    async def query(
        self,
        sparql: str,
        format: Format,
        *,
        dataset: Dataset = ...,
        limits: Limits | None = None,
        calls: tuple[ServiceCall, ...] = (),
        matches: tuple[Matches, ...] = (),
    ) -> Answer:
        """Do the same, and wait until the status is known."""
        ...

    def select(self, name: str, /, **bindings: Term) -> Sequence[Solution]:
        """Run one of our own SELECT queries (``store/rq/{name}.rq``) with values bound as terms, never formatted in."""
        ...

    async def start(self) -> None:
        """Be ready for the first query before it comes."""
        ...

    @property
    def load(self) -> Load:
        """What the workers do at this moment, in the loop that asks."""
        ...

    @property
    def is_busy(self) -> bool:
        """Whether a stranger's query runs or waits."""
        ...

    @property
    def network_is_open(self) -> bool | None:
        """Whether workers could reach the network, were SERVICE not refused before; None where it is not known."""
        ...

    @property
    def can_federate(self) -> bool | None:
        """Whether queries can ask other endpoints; None where none may be asked, or it is not known yet."""
        ...

    @property
    def is_of_release(self) -> bool:
        """Whether answers follow from the release, so that they stay the same as long as it is served."""
        ...

    def close(self) -> None:
        """Stop the workers and let go of the files."""
        ...
