"""The store inside this machine: our own questions in the serving process, strangers' queries in worker processes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import IO

import pyoxigraph as ox
from pyoxigraph import NamedNode

from fonds.errors import (
    QueryForbidden,
    QueryLimitPassed,
    QuerySyntaxError,
    QueryTooComplex,
    StoreBusy,
    StoreError,
    StoreUnavailable,
)
from fonds.formats import Format
from fonds.identifiers import IriSpace
from fonds.settings import Limits
from fonds.store import Answer, Dataset, QueryForm, Solution, Term
from fonds.store.queries import own_query, read_query
from fonds.store.worker import DATA, END, ERROR, FRAME, HEAD, READY, REQUEST

_START_SECONDS = 30.0
_OWN_DATASET = Dataset()


class _Worker:
    """One worker process and the socket to it."""

    def __init__(self, store: Path, prefixes: Mapping[str, str], limits: Limits) -> None:
        ours, theirs = socket.socketpair()
        configuration = {
            "socket": theirs.fileno(),
            "store": str(store),
            "prefixes": dict(prefixes),
            "memory_bytes": limits.worker_memory_bytes,
        }
        self._complaints: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed with the worker
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fonds.store.worker", json.dumps(configuration)],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._complaints,
            start_new_session=True,
        )
        theirs.close()
        ours.setblocking(False)
        self._socket = ours
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self.without_network = False

    async def open(self) -> None:
        """Wait until the worker can be asked."""
        if self._reader is None:
            self._reader, self._writer = await asyncio.open_unix_connection(
                sock=self._socket, limit=256 * 1024
            )
            async with asyncio.timeout(_START_SECONDS):
                kind, content = await self.frame()
            if kind != READY:
                raise StoreUnavailable("A query worker did not start.")
            self.without_network = content == b"1"

    def ask(self, request: Mapping[str, object]) -> None:
        """Send a request."""
        assert self._writer is not None
        content = json.dumps(request).encode()
        self._writer.write(FRAME.pack(REQUEST, len(content)) + content)

    async def frame(self) -> tuple[bytes, bytes]:
        """Return the next frame.

        Raises:
            asyncio.IncompleteReadError: The worker is gone.
        """
        assert self._reader is not None
        kind, length = FRAME.unpack(await self._reader.readexactly(FRAME.size))
        return kind, await self._reader.readexactly(length) if length else b""

    def end(self) -> int:
        """Kill the worker, let go of what it held, and return its exit code."""
        self.process.kill()
        code = self.process.wait()
        if self._writer is not None:
            self._writer.close()
        else:
            self._socket.close()
        return code

    def complaint(self) -> str:
        """Return the last that the worker wrote to its error stream, and close it."""
        self._complaints.seek(0)
        words = self._complaints.read()[-2000:].decode("utf-8", "replace")
        self._complaints.close()
        return words


class _Pool:
    """The workers, and who waits for one."""

    def __init__(self, store: Path, prefixes: Mapping[str, str], limits: Limits) -> None:
        self._store, self._prefixes, self.limits = store, prefixes, limits
        self._idle: list[_Worker] = [self._start()]
        self._running: set[_Worker] = set()
        self._waiting: deque[asyncio.Future[None]] = deque()

    def _start(self) -> _Worker:
        return _Worker(self._store, self._prefixes, self.limits)

    async def take(self) -> _Worker:
        """Return a worker that is free, waiting for one if need be."""
        if len(self._running) >= self.limits.workers:
            if len(self._waiting) >= self.limits.queued_queries:
                raise StoreBusy(f"{len(self._waiting)} queries wait already; come again in a few seconds.")
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._next()
                else:
                    self._waiting.remove(turn)
                raise
        worker = self._idle.pop() if self._idle else self._start()
        self._running.add(worker)
        try:
            await worker.open()
        except (asyncio.IncompleteReadError, TimeoutError, OSError) as error:
            self.drop(worker)
            raise StoreUnavailable("A query worker could not be started.") from error
        except BaseException:
            self.drop(worker)
            raise
        return worker

    def give_back(self, worker: _Worker) -> None:
        """Take back a worker that has answered."""
        self._running.discard(worker)
        self._idle.append(worker)
        self._next()

    def drop(self, worker: _Worker) -> tuple[int, str]:
        """End a worker, and have another ready; return its exit code and its last words."""
        code = worker.end()
        words = worker.complaint()
        self._running.discard(worker)
        if not self._idle:
            self._idle.append(self._start())
        self._next()
        return code, words

    def _next(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    def close(self) -> None:
        """End every worker."""
        for worker in (*self._idle, *self._running):
            worker.end()
            worker.complaint()
        self._idle.clear()
        self._running.clear()


class _Streamed:
    """An answer on its way out of a worker."""

    def __init__(self, form: QueryForm, pool: _Pool, worker: _Worker, deadline: _Deadline) -> None:
        self.form = form
        self._pool: _Pool | None = pool
        self._worker = worker
        self._deadline = deadline

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while True:
                kind, content = await _next_frame(self._pool, self._worker, self._deadline)
                if kind == DATA:
                    yield content
                elif kind == END:
                    self._release()
                    return
                else:
                    self._release()
                    raise _error_of(content)
        finally:
            await self.aclose()

    def _release(self) -> None:
        if self._pool is not None:
            self._pool.give_back(self._worker)
            self._pool = None

    async def aclose(self) -> None:
        """Give the worker free; one that still works is stopped."""
        if self._pool is not None:
            pool, self._pool = self._pool, None
            if self._worker.process.returncode is None:
                pool.drop(self._worker)


class _Deadline:
    """How long a worker may still work; the time in which its client reads does not count."""

    def __init__(self, seconds: float) -> None:
        self.whole = self.left = seconds


async def _next_frame(pool: _Pool | None, worker: _Worker, deadline: _Deadline) -> tuple[bytes, bytes]:
    assert pool is not None
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        async with asyncio.timeout(max(deadline.left, 0.001)):
            return await worker.frame()
    except TimeoutError:
        pool.drop(worker)
        raise QueryLimitPassed(
            f"The query was stopped after {deadline.whole:g} seconds.",
            limit="query_seconds",
            value=deadline.whole,
        ) from None
    except (asyncio.IncompleteReadError, ConnectionResetError):
        raise _death_of(*pool.drop(worker), pool.limits) from None
    finally:
        deadline.left -= loop.time() - began


def _death_of(code: int, words: str, limits: Limits) -> StoreError:
    """Say of what a worker died."""
    if (
        "memory allocation" in words
        or "MemoryError" in words
        or "bad_alloc" in words
        or code == -signal.SIGABRT
    ):
        most = limits.worker_memory_bytes
        return QueryLimitPassed(
            f"The query took more than {most // 2**20} MiB of memory.",
            limit="worker_memory_bytes",
            value=most,
        )
    return QueryTooComplex("The query is too complex for the engine.")


def _error_of(content: bytes) -> StoreError:
    error = json.loads(content)
    if error["kind"] == "syntax":
        return QuerySyntaxError(error["message"], line=error["line"], column=error["column"])
    if "memory" in error["message"].lower() and error["kind"] == "evaluation":
        return StoreError(error["message"])
    return StoreError(error["message"])


class EmbeddedStore:
    """A store of a release on this machine; implements :class:`fonds.store.Store`.

    Args:
        path: The engine's folder.
        base: Under which the dataset's own identifiers stand.
        kind: ``publication`` (the default graph is the public view) or ``dataset`` (RDF as it came).
        prefixes: Known to every query, and used in Turtle.
        limits: What a stranger's query may use.
    """

    def __init__(
        self, path: Path, *, base: str, kind: str, prefixes: Mapping[str, str], limits: Limits
    ) -> None:
        self._iris = IriSpace(base)
        self._publication = kind == "publication"
        self._prefixes = {**prefixes, **(self._iris.prefixes if self._publication else {})}
        self._limits = limits
        try:
            self._store = ox.Store.read_only(str(path))
        except OSError as error:
            raise StoreUnavailable(f"{path}: the store cannot be opened: {error}") from error
        self._pool = _Pool(path, self._prefixes, limits)

    async def query(
        self, sparql: str, format: Format, *, dataset: Dataset = _OWN_DATASET, limits: Limits | None = None
    ) -> Answer:
        """Answer a stranger's query in a worker; see :meth:`fonds.store.Store.query`."""
        limits = limits or self._limits
        head = read_query(sparql, limit_bytes=limits.query_bytes)
        worker = await self._pool.take()
        worker.ask(
            {
                "query": sparql,
                "format": format.media_type,
                "default": dataset.default_graphs,
                "named": dataset.named_graphs,
            }
        )
        deadline = _Deadline(limits.query_seconds)
        try:
            kind, content = await _next_frame(self._pool, worker, deadline)
        except asyncio.CancelledError:
            self._pool.drop(worker)
            raise
        if kind == ERROR:
            self._pool.give_back(worker)
            raise _error_of(content)
        assert kind == HEAD
        return _Streamed(head.form or QueryForm.SELECT, self._pool, worker, deadline)

    def document(self, iri: NamedNode, format: Format) -> bytes | None:
        """Return the bounded description of a thing; see :meth:`fonds.store.Store.document`."""
        quads = list(self._describe(iri))
        if not quads:
            return None
        return self._serialize(quads, format)

    def _describe(self, iri: NamedNode) -> list[ox.Quad]:
        named = [
            quad
            for quad in self._store.quads_for_pattern(iri, None, None)
            if isinstance(quad.graph_name, NamedNode) and not self._is_said(quad.graph_name)
        ]
        own = named or list(self._store.quads_for_pattern(iri, None, None, ox.DefaultGraph()))
        for graph in self._iris.graphs_of(iri.value) if self._publication else ():
            own.extend(self._store.quads_for_pattern(None, None, None, graph))
        incoming = self._incoming(iri)
        about = {quad.object for quad in own} | {quad.subject for quad in incoming}
        labels = [
            quad for term in about - {iri} if isinstance(term, NamedNode) for quad in self._labels(term)
        ]
        return list(dict.fromkeys([*own, *incoming, *labels]))

    def _incoming(self, iri: NamedNode) -> list[ox.Quad]:
        found = []
        for quad in self._store.quads_for_pattern(None, None, iri):
            named = isinstance(quad.graph_name, NamedNode)
            if named == self._publication and not (named and self._is_said(quad.graph_name)):
                found.append(quad)
                if len(found) >= self._limits.inverse_links:
                    break
        return found

    def _labels(self, term: NamedNode) -> list[ox.Quad]:
        return [
            quad
            for predicate in _LABELS
            for quad in self._store.quads_for_pattern(term, predicate, None)
            if isinstance(quad.graph_name, NamedNode) == self._publication
        ]

    def _is_said(self, graph: object) -> bool:
        return isinstance(graph, NamedNode) and graph.value.startswith(f"{self._iris.base}graph/said/")

    def _serialize(self, quads: Sequence[ox.Quad], format: Format) -> bytes:
        assert format.rdf is not None
        if format.rdf.supports_datasets:
            return ox.serialize(quads, format=format.rdf, prefixes=self._prefixes_of(quads, format)) or b""
        triples = list(dict.fromkeys(quad.triple for quad in quads))
        triples.sort(key=lambda triple: (str(triple.subject), str(triple.predicate), str(triple.object)))
        return ox.serialize(triples, format=format.rdf, prefixes=self._prefixes_of(quads, format)) or b""

    def _prefixes_of(self, quads: Sequence[ox.Quad], format: Format) -> dict[str, str] | None:
        if format.ending not in ("ttl", "trig"):
            return None
        used = {term.value for quad in quads for term in (*quad,) if isinstance(term, NamedNode)}
        return {
            prefix: iri
            for prefix, iri in self._prefixes.items()
            if any(each.startswith(iri) for each in used)
        }

    def graph(self, name: NamedNode, format: Format) -> bytes | None:
        """Return a named graph as a document; see :meth:`fonds.store.Store.graph`."""
        quads = list(self._store.quads_for_pattern(None, None, None, name))
        return self._serialize(quads, format) if quads else None

    def knows(self, iri: NamedNode) -> bool:
        """Tell whether anything is stated about a thing."""
        return next(iter(self._store.quads_for_pattern(iri, None, None)), None) is not None

    def select(self, name: str, /, **bindings: Term) -> Sequence[Solution]:
        """Run one of our own queries; see :meth:`fonds.store.Store.select`."""
        values = {ox.Variable(variable): term for variable, term in bindings.items()}
        try:
            found = self._store.query(own_query(name).text, substitutions=values)
        except (SyntaxError, OSError, ValueError, RuntimeError) as error:
            raise StoreError(f"store/rq/{name}.rq: {error}") from error
        if not isinstance(found, ox.QuerySolutions):
            raise StoreError(f"store/rq/{name}.rq: expected a SELECT query")
        variables = [variable.value for variable in found.variables]
        return [
            {variable: term for variable in variables if (term := row[variable]) is not None}  # type: ignore[misc]
            for row in found
        ]

    def close(self) -> None:
        """Stop the workers."""
        self._pool.close()


_LABELS = (
    NamedNode("http://www.w3.org/2000/01/rdf-schema#label"),
    NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel"),
)
_ = (QueryForbidden, contextlib)
