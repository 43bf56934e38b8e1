"""What a store elsewhere is asked for one release: whether it holds that release, and queries as other engines read them.

``fonds push`` writes into the store which release it holds (:mod:`fonds.release.pushing`). A server whose release is not that
one asks it nothing, so that nobody ever sees a release that is half loaded, or another one than the pages show. A store in
which nothing of the kind is written is asked as it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import IO, Any, cast

import msgspec
import pyoxigraph
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat

from fonds.errors import RemoteFailed, StoreUnavailable
from fonds.store import Solution
from fonds.store.portable import with_default_graph, with_prologue, without_graphs
from fonds.store.remote_client import RemoteClient, Reply
from fonds.store.remote_place import Place

HOLDS = "http://purl.org/dc/terms/hasVersion"
"""Property of a dataset: what tells the content of the release that the store holds from others, as ``urn:sha256:…``."""
LOADING = "http://purl.org/dc/terms/isReplacedBy"
"""Property of a dataset: the same of the release that is being written over another one."""
CONTENT = "urn:sha256:"

STATE_SECONDS = 2.0
"""So long a server believes what a store holds before it asks again."""
OVERTIME_SECONDS = 0.5
"""An answer that took longer is believed only if the store still holds the release at its end."""
GATE_SECONDS = STATE_SECONDS + OVERTIME_SECONDS
"""So long ``fonds push`` waits before it writes: then no answer that is believed can hold anything of it."""

_RESULT_TYPES: Mapping[str, QueryResultsFormat] = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "application/xml": QueryResultsFormat.XML,
}
_GRAPH_TYPES: Mapping[str, RdfFormat] = {
    "application/n-triples": RdfFormat.N_TRIPLES,
    "text/plain": RdfFormat.N_TRIPLES,
    "text/turtle": RdfFormat.TURTLE,
    "application/x-turtle": RdfFormat.TURTLE,
    "application/rdf+xml": RdfFormat.RDF_XML,
}
_MOST_SHARE = 0.95
"""Of the time that a query has: the rest is for saying that it was too little."""


class Answered:
    """What a store elsewhere has answered: rows, a truth or a graph, read once and to its end.

    Args:
        reply: Of which nothing is read yet.
        whole: Called at its end; raises where it cannot be used after all.

    Raises:
        RemoteFailed: It is not what it says that it is, or not whole; in every method.
    """

    def __init__(self, reply: Reply, whole: Callable[[], None] | None = None) -> None:
        self._whole = whole
        self._reply = reply

    def rows(self) -> Any:
        """Return the rows of a SELECT, or the truth of an ASK, as the engine has them."""
        syntax = _RESULT_TYPES.get(self._reply.media_type)
        if syntax is None:
            raise self._of_another_type("a result")
        try:
            return pyoxigraph.parse_query_results(cast("IO[bytes]", self._reply), format=syntax)
        except (SyntaxError, ValueError) as error:
            raise unreadable(error) from error

    def solutions(self) -> Sequence[Solution]:
        """Return the rows of a SELECT, each with what is bound in it, and let go of the connection.

        Raises:
            StoreError: As :meth:`finish` does.
        """
        try:
            rows = self.rows()
            if not isinstance(rows, QuerySolutions):
                raise RemoteFailed("The store answered with a truth, where rows were asked for.")
            names = [variable.value for variable in rows.variables]
            found = [
                {name: term for name, term in zip(names, row, strict=True) if term is not None}
                for row in rows
            ]
            self.finish()
        except (SyntaxError, ValueError) as error:
            raise unreadable(error) from error
        finally:
            self.close()
        return found

    def triples(self) -> Iterator[pyoxigraph.Triple]:
        """Yield the triples of a graph."""
        syntax = _GRAPH_TYPES.get(self._reply.media_type)
        if syntax is None:
            raise self._of_another_type("a graph")
        if not self._reply.ends_clearly and syntax != RdfFormat.RDF_XML:
            self.close()
            raise RemoteFailed("The store sends graphs so that nobody can tell whether they are whole.")
        try:
            for quad in pyoxigraph.parse(cast("IO[bytes]", self._reply), format=syntax):
                yield quad.triple
        except (SyntaxError, ValueError) as error:
            raise unreadable(error) from error

    def _of_another_type(self, wanted: str) -> RemoteFailed:
        type_ = "".join(each for each in self._reply.media_type if each.isprintable())[:80]
        self.close()
        return RemoteFailed(f"The store answered with {type_ or 'no media type'}, which is not {wanted}.")

    def finish(self) -> None:
        """See to it that the answer was whole, and of the release that it is to be."""
        self._reply.finish()
        if self._whole is not None:
            self._whole()

    def close(self) -> None:
        """Let go of the connection."""
        self._reply.close()


def unreadable(error: Exception) -> RemoteFailed:
    """Return what is said of an answer that the engine cannot read."""
    return RemoteFailed(
        f"The store's answer is not what it says that it is, or broke off: {str(error)[:200]}"
    )


class RemoteQuestions:
    """Asks a store elsewhere for a release.

    Args:
        place: Where it is, and which release.
        prefixes: Known to every query without a declaration.
        base: Against which relative IRIs in queries are resolved.
    """

    def __init__(self, place: Place, prefixes: Mapping[str, str], base: str) -> None:
        self.client = RemoteClient(place.access)
        self._place = place
        self._prefixes = prefixes
        self._base = base
        self._known_until = 0.0
        self.is_managed = False
        """Whether it is written in the store which release it holds."""

    @classmethod
    def of(cls, said: Mapping[str, Any], prefixes: Mapping[str, str], base: str) -> RemoteQuestions:
        """Return what asks a place that is told as the serving process tells it to workers."""
        return cls(msgspec.convert(said, Place), prefixes, base)

    def ask(
        self,
        query: str,
        *,
        graph: bool,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
        seconds: float,
    ) -> Answered:
        """Ask a query as somebody wrote it for a store of ours.

        Args:
            query: SPARQL.
            graph: Whether it gives a graph.
            default_graphs: The dataset that the request names; None: it names none.
            named_graphs: The same.
            seconds: That the query has, of which a small part is left for what comes after it.

        Raises:
            StoreError: There is no answer.
        """
        asked = time.monotonic()
        ends = asked + seconds * _MOST_SHARE
        self.require_release()
        text, access = with_prologue(query, self._prefixes, self._base), self._place.access
        own = default_graphs is None and named_graphs is None
        if own:
            hidden = [self._place.state, *([access.default_graph] if access.default_graph else [])]
            text = without_graphs(text, hidden, claims_under(self._place.state))
        if own and access.default_graph:
            put_in = with_default_graph(text, access.default_graph)
            if put_in is None:
                default_graphs = (access.default_graph,)
            text = put_in or text
        reply = self.client.ask(
            text,
            graph=graph,
            default_graphs=default_graphs,
            named_graphs=named_graphs,
            seconds=max(0.1, ends - time.monotonic()),
        )
        return Answered(reply, partial(self._require_release_still, asked))

    def _require_release_still(self, since: float) -> None:
        """See to it that what was asked for came from one release.

        Args:
            since: When the question came, on the monotonic clock: before it was known what the store holds.

        Raises:
            StoreError: The store may be written meanwhile.
        """
        if time.monotonic() - since > OVERTIME_SECONDS:
            self.require_release(anew=True)

    def require_release(self, *, anew: bool = False) -> None:
        """See to it that the store holds the release, as a whole.

        Args:
            anew: Ask, whatever was known lately.

        Raises:
            StoreError: It holds another one, or is just being written, or does not answer.
        """
        if not anew and time.monotonic() < self._known_until:
            return
        self._known_until = 0.0
        began = time.monotonic()
        held, loading = read_state(self.client, self._place, seconds=self._place.access.seconds)
        if not (held or loading) and self.is_managed:
            # Some engines replace a graph in two steps, and for a moment there is nothing in it.
            raise StoreUnavailable(
                "The store does not say which release it holds; it may just be written. Come again later."
            )
        self.is_managed = bool(held or loading)
        if loading:
            raise StoreUnavailable("The store is just getting another release; come again later.")
        if held and held != self._place.content:
            raise StoreUnavailable(
                f"The store holds another release ({held[:12]}) than this server shows ({self._place.content[:12]}); "
                "whoever runs it serves that one, or pushes this one."
            )
        self._known_until = began + STATE_SECONDS


def claims_under(state: str) -> str:
    """Return what the IRIs of graphs begin with that tell who writes into a store (:mod:`fonds.release.claiming`).

    Args:
        state: The IRI of the graph in which it is written which release the store holds.
    """
    return f"{state}/push/"


def read_state(client: RemoteClient, place: Place, *, seconds: float) -> tuple[str, str]:
    """Return what tells the release that a store holds, and the one that is being written; empty for none.

    Raises:
        StoreError: It does not answer.
    """
    query = f"SELECT ?property ?value WHERE {{ GRAPH <{place.state}> {{ <{place.dataset}> ?property ?value }} }} LIMIT 10"
    rows = Answered(client.ask(query, graph=False, seconds=seconds)).solutions()
    try:
        stated = {row["property"].value: row["value"].value.removeprefix(CONTENT) for row in rows}
    except (KeyError, AttributeError) as error:
        raise unreadable(error) from error
    return stated.get(HOLDS, ""), stated.get(LOADING, "")
