"""Keeps worker processes ready, gives each query to one of them, and stops it at its limits.

A worker is a process of its own (:mod:`fonds.store.worker`): the engine has no time-out, no limit of memory, and some
queries break the process they run in. Everything here runs in one asyncio loop; nothing blocks it but starting a process,
which takes a millisecond.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import mmap
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, cast

import brotli
import msgspec
import pyoxigraph
import zstandard

import fonds
from fonds.errors import (
    ClientBusy,
    FormatError,
    QueryLimitPassed,
    QuerySyntaxError,
    QueryTooComplex,
    RemoteFailed,
    ServiceFailed,
    StoreBusy,
    StoreError,
    StoreUnavailable,
    StoreUnreadable,
)
from fonds.settings import Limits
from fonds.store import Load, Matches, QueryForm, ServiceCall
from fonds.store import worker as protocol
from fonds.store.federation import NO_FEDERATION, Federation, Link, Outside
from fonds.store.remote_place import Place
from fonds.store.syntax import explaining
from fonds.store.turns import Steps, Turns, at_once
from fonds.tally import Histogram

_FULL_BYTES = 512 * 1024
"""What is read ahead of a slow client at most, beside a read of the loop's (256 KiB)."""
_ROOM_BYTES = 128 * 1024
_FOLLOWERS = 7
"""So many queries are sent to a worker behind the one that it answers, so that it need not be woken for each."""
_PATIENCE_SECONDS = 0.02
"""So long a query waits for a worker that is busy, where all cores work; most are answered sooner."""
_STARTS = 3
"""So many workers may fail to start in a row until nobody waits for the next."""
_IDLE_SECONDS = 60.0
"""A worker beyond the first that nobody needed for so long is ended."""
_STDERR_BYTES = 16 * 1024
_SHORT_QUERY = 400
_EXPLAIN_SECONDS = 0.5
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ")
"""What a worker is told of the environment: there may be secrets in the rest."""


class Figures:
    """What became of queries and workers in this process, whatever release they were asked of.

    Attributes:
        waits: How long queries waited for a worker, in seconds.
        ended: How many workers were ended, by the reason: ``time`` (their query's was over), ``left`` (nobody waited for the answer
            any more), ``memory`` (they had grown), ``idle`` (nobody needed them), ``broken`` (they ended by themselves).
    """

    def __init__(self) -> None:
        self.waits = Histogram()
        self.ended: dict[str, int] = dict.fromkeys(("time", "left", "memory", "idle", "broken"), 0)


FIGURES = Figures()


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """What every worker is told at its start.

    Attributes:
        store: The folder of the engine's files.
        base: Against which relative IRIs in queries are resolved.
        prefixes: Known to every query without a declaration.
        limits: How many workers, how much memory, how long.
        federation: Whom queries may ask.
        remote: A store elsewhere that workers ask instead of that folder; None: they answer from the folder.
    """

    store: Path
    base: str
    prefixes: Mapping[str, str]
    limits: Limits
    federation: Federation = NO_FEDERATION
    remote: Place | None = None


class Request(NamedTuple):
    """A query for a worker.

    Attributes:
        query: SPARQL.
        media_type: Of the answer.
        graph: Whether that is a syntax for graphs.
        default_graphs: IRIs, None for the store's own.
        named_graphs: IRIs, None for the store's own.
        form: What the answer is called.
        coding: The content coding of an answer that does not come at once, empty for none.
        client: Whose query it is; clients take turns. Empty: nobody's, which is never too much.
        limits: What it may use.
        calls: Its SERVICE patterns.
        number: Of a query that has some, by which a worker names it.
        matches: What is found by the texts for which it looks.
    """

    query: str
    media_type: str
    graph: bool
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None
    form: QueryForm | None
    coding: str
    client: str
    limits: Limits
    calls: tuple[ServiceCall, ...] = ()
    number: int = 0
    matches: tuple[Matches, ...] = ()

    def frame(self) -> bytes:
        """Return the request as a worker reads it.

        Raises:
            QuerySyntaxError: The query cannot be written in UTF-8.
        """
        options = _options(
            self.media_type,
            self.graph,
            self.default_graphs,
            self.named_graphs,
            self.coding,
            self.limits,
            self.calls,
            self.number,
            bool(self.matches),
        )
        try:
            query = self.query.encode()
        except UnicodeEncodeError as error:
            raise QuerySyntaxError("The query contains a lone surrogate, which is no character.") from error
        if self.matches:
            found = msgspec.json.encode({each.words: each.things for each in self.matches})
            query = protocol.LENGTH.pack(len(query)) + query + found
        return protocol.FRAME.pack(protocol.REQUEST, len(options) + len(query)) + options + query


@lru_cache(maxsize=256)
def _options(
    media_type: str,
    graph: bool,
    default_graphs: tuple[str, ...] | None,
    named_graphs: tuple[str, ...] | None,
    coding: str,
    limits: Limits,
    calls: tuple[ServiceCall, ...],
    number: int,
    matching: bool,
) -> bytes:
    """Return what a request says beside its query, with its length before it."""
    options = {
        "format": media_type,
        "graph": graph,
        "default_graphs": default_graphs,
        "named_graphs": named_graphs,
        "coding": coding,
        "memory_bytes": limits.worker_memory_bytes,
        "result_bytes": limits.result_bytes,
        "result_rows": limits.result_rows,
    }
    if calls:
        options["number"] = number
        options["calls"] = [(each.start, each.end, each.target) for each in calls]
    if matching:
        options["matching"] = True
    said = msgspec.json.encode(options)
    return protocol.LENGTH.pack(len(said)) + said


class WorkerAnswer:
    """An answer on its way from a worker; see :class:`fonds.store.Answer`."""

    def __init__(self, request: Request, frame: bytes, pool: Pool) -> None:
        self.form = request.form or QueryForm.SELECT
        self.request = request
        self.frame = frame
        self.settled = False
        self.complete = False
        self.coding = ""
        self.error: StoreError | None = None
        self.worker: Worker | None = None
        """The worker that answers, None as long as the query waits for one."""
        self.deadline: asyncio.TimerHandle | None = None
        self._pool = pool
        self._asked_at = pool.loop.time()
        self.begun_at: float | None = None
        """When a worker began to answer, None before that."""
        self._chunks: deque[bytes] = deque()
        self.size_bytes = 0
        """Of what has come and was not read yet."""
        self._on_news: Callable[[], None] | None = None

    @property
    def waited_seconds(self) -> float:
        """How long it waited for a worker."""
        return (self.begun_at or self._pool.loop.time()) - self._asked_at

    def on_news(self, call: Callable[[], None] | None) -> None:
        """Have a function called whenever something has come: the status, bytes, the end or an error."""
        self._on_news = call

    def take(self) -> bytes:
        """Return what has come since; the worker goes on."""
        taken = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        self._chunks.clear()
        self.size_bytes = 0
        if self.worker is not None:
            self.worker.resume_reading()
        return taken

    async def begun(self) -> WorkerAnswer:
        """Wait until the status is known.

        Raises:
            StoreError: There is no answer.
        """
        try:
            while not self.settled and self.error is None:
                await self._news()
        except asyncio.CancelledError:
            self.give_up()
            raise
        if self.error is not None and not self.settled:
            raise self.error
        return self

    def __aiter__(self) -> WorkerAnswer:
        return self

    async def __anext__(self) -> bytes:
        while not self._chunks:
            if self.error:
                raise self.error
            if self.complete:
                raise StopAsyncIteration
            await self._news()
        chunk = self._chunks.popleft()
        self.size_bytes -= len(chunk)
        if self.size_bytes < _ROOM_BYTES and self.worker is not None:
            self.worker.resume_reading()
        return chunk

    async def _news(self) -> None:
        news: asyncio.Future[None] = self._pool.loop.create_future()
        self._on_news = lambda: None if news.done() else news.set_result(None)
        try:
            await news
        finally:
            self._on_news = None

    def give_up(self) -> None:
        """Give the worker free: one that has not finished is stopped and replaced; may be called twice."""
        self._chunks.clear()
        self.size_bytes = 0
        if not self.complete and self.error is None:
            worker = self.worker
            self.fail(StoreError("The answer was given up before it was complete."))
            if worker is not None:
                worker.stop(self)

    async def aclose(self) -> None:
        """Do the same."""
        self.give_up()

    # What follows is called by the worker and the pool.

    def settle(self, said: bytes) -> None:
        """Take the head: from here on the status is known."""
        form = said[:1]
        if form == b"a":
            self.form = QueryForm.ASK
        elif form == b"s":
            self.form = QueryForm.SELECT
        elif self.form not in (QueryForm.CONSTRUCT, QueryForm.DESCRIBE):
            self.form = QueryForm.CONSTRUCT
        self.coding = said[1:].decode()
        self.settled = True

    def feed(self, data: bytes) -> None:
        """Take a piece of the answer."""
        self._chunks.append(data)
        self.size_bytes += len(data)
        if self.size_bytes > _FULL_BYTES and self.worker is not None:
            self.worker.pause_reading()

    def end(self) -> None:
        """Take note that the answer is complete."""
        self.complete = True
        self._left()
        self.tell()

    def fail(self, error: StoreError) -> None:
        """Take note that the answer will never be complete."""
        if self.complete or self.error:
            return
        self.error = error
        self._left()
        self.tell()

    def stop_clock(self) -> None:
        """Take note that the worker has said what it has to say."""
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None

    def _left(self) -> None:
        self.worker = None
        self.stop_clock()
        self._pool.left(self)

    def tell(self) -> None:
        """Say that something has come."""
        if self._on_news is not None:
            self._on_news()


# ------------------------------------------------------------------------------------------------ one worker


class Worker(asyncio.Protocol):
    """A worker process and the socket to it."""

    def __init__(self, pool: Pool) -> None:
        self.loop = pool.loop
        self.ready = False
        self.killed = False
        self.network = True
        self.can_federate = False
        self.grown = False
        self.idle_since = 0.0
        self.busy_since = 0.0
        """When it began with the query that it answers."""
        self._pool = pool
        self._answers: deque[WorkerAnswer | None] = deque()
        """Of the queries that it was sent, the one that it answers first; None for those that were taken back."""
        self._sent = 0
        self._paused = False
        self._transport: asyncio.Transport | None = None
        self._head = b""
        self._kind = b""
        self._left = 0
        self._payload = b""
        self.socket, theirs = socket.socketpair()
        reading, writing = os.pipe()
        self._stderr: io.FileIO | None = io.FileIO(reading)
        # A worker that has much to complain about must never wait until somebody listens; nor must we wait for it.
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)
        self.link = Link(pool.outsides) if pool.settings.federation.targets else None
        """Over which its queries ask other endpoints; None where none may be asked."""
        number = _shared_file(protocol.NUMBER.size)
        self._taken_back = mmap.mmap(number, protocol.NUMBER.size)
        try:
            self.process = _start(theirs, number, writing, self.link)
        except OSError:
            if self.link is not None:
                self.link.close()
            self._stderr.close()
            self.socket.close()
            raise
        finally:
            os.close(number)
            theirs.close()
            if self.link is not None:
                self.link.theirs.close()
            os.close(writing)

    # The transport calls these.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the settings."""
        # Not every loop's transport is asyncio's own class.
        self._transport = cast("asyncio.Transport", transport)
        settings = self._pool.settings
        body = msgspec.json.encode(
            {
                "store": "" if settings.remote else str(settings.store),
                "base": settings.base,
                "prefixes": dict(settings.prefixes),
                "memory_bytes": settings.limits.worker_memory_bytes,
                "parent": os.getpid(),
                "query_seconds": settings.limits.query_seconds,
                "remote": settings.remote,
            }
        )
        self._transport.write(protocol.FRAME.pack(protocol.SETTINGS, len(body)) + body)

    def data_received(self, data: bytes) -> None:
        """Take frames apart; what belongs to an answer is passed on as it comes."""
        size, position, end = protocol.FRAME.size, 0, len(data)
        while position < end:
            if not self._kind:
                if self._head or end - position < size:
                    needed = size - len(self._head)
                    self._head += data[position : position + needed]
                    position += needed
                    if len(self._head) < size:
                        return
                    self._kind, self._left = protocol.FRAME.unpack(self._head)
                    self._head = b""
                else:
                    self._kind, self._left = protocol.FRAME.unpack_from(data, position)
                    position += size
            piece = data[position : position + self._left]
            position += len(piece)
            self._left -= len(piece)
            if self._kind == protocol.CHUNK:
                if piece and (answer := self._answer):
                    answer.feed(piece)
            elif self._left or self._payload:
                self._payload += piece
            else:
                self._payload = piece
            if self._left == 0:
                kind, self._kind = self._kind, b""
                payload, self._payload = self._payload, b""
                self._frame(kind, payload)
        if answer := self._answer:
            answer.tell()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's name
        """Have the process replaced: it ended, or was killed."""
        if self.link is not None:
            self.link.close()
        self._pool.removed(self)
        self._pool.again(self.take_back())

    # The pool and the answers call these.

    @property
    def _answer(self) -> WorkerAnswer | None:
        """What it answers."""
        return self._answers[0] if self._answers else None

    def holds_of(self, client: str) -> bool:
        """Tell whether it answers a query of a client, or was sent one."""
        return any(each is not None and each.request.client == client for each in self._answers)

    @property
    def followers(self) -> int:
        """How many queries wait behind the one that it answers."""
        return max(0, len(self._answers) - 1)

    @property
    def is_late(self) -> bool:
        """Whether it works for so long already that nobody should wait behind it."""
        return self.loop.time() - self.busy_since >= _PATIENCE_SECONDS

    @property
    def works_for_nobody(self) -> bool:
        """Whether it began with a query in the moment in which that was taken back."""
        return bool(self._answers) and self._answers[0] is None

    def ask(self, answer: WorkerAnswer) -> None:
        """Send a query; it is answered behind those that were sent before."""
        self._answers.append(answer)
        self._sent += 1
        answer.worker = self
        if len(self._answers) == 1:
            self._begin()
        if self._transport is not None:  # None: it has ended, and its burial tells the answer.
            self._transport.write(answer.frame)

    def _begin(self) -> None:
        self.busy_since = self.loop.time()
        if answer := self._answer:
            answer.begun_at = self.busy_since
            FIGURES.waits.observe(answer.waited_seconds)

    def stop(self, answer: WorkerAnswer) -> None:
        """Answer a query no further; what waits behind it is answered by others."""
        if answer is self._answer:
            self.kill("left")
        elif answer in self._answers:
            self._answers[self._answers.index(answer)] = None
            answer.worker = None
            self._pool.again(self.take_back())

    def take_back(self) -> list[WorkerAnswer]:
        """Have the worker leave out the queries that wait behind the one that it answers, and return their answers."""
        if not self._taken_back.closed:
            self._taken_back[:] = protocol.NUMBER.pack(self._sent)
        followers = [each for each in islice(self._answers, 1, None) if each is not None]
        for each in followers:
            each.worker = None
        for place in range(1, len(self._answers)):
            self._answers[place] = None
        return followers

    def kill(self, reason: str) -> None:
        """End the process, whatever it does; what waits behind that is answered by others.

        Args:
            reason: One of those that :class:`Figures` counts.
        """
        self.forget()
        self._retire(reason)

    def _retire(self, reason: str) -> None:
        if not self.killed:
            FIGURES.ended[reason] += 1
        self.killed = True
        self._answers.appendleft(None)
        waiting = self.take_back()
        self._answers.clear()
        self.process.kill()
        self._pool.removed(self)
        if self._transport is not None:
            self._transport.abort()
        if self.link is not None:
            self.link.close()
        self._pool.again(waiting)

    def let_go(self) -> None:
        """Close the socket, and tell the queries that still wait."""
        while self._answers:
            if answer := self.forget():
                answer.fail(StoreUnavailable("The store is being closed."))
        if self.link is not None:
            self.link.close()
        if self._transport is not None:
            self._transport.abort()
        else:
            self.socket.close()

    def pause_reading(self) -> None:
        """Stop reading; the worker soon waits as well."""
        if not self._paused and self._transport is not None and not self._transport.is_closing():
            self._paused = True
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        if self._paused and self._transport is not None and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

    def last_words(self) -> str:
        """Return what the process wrote about its end, and let go of what was shared with it; empty the second time."""
        self._taken_back.close()
        pipe, self._stderr = self._stderr, None
        if pipe is None:
            return ""
        with pipe:
            return (pipe.read(_STDERR_BYTES) or b"").decode("utf-8", "replace")

    def forget(self) -> WorkerAnswer | None:
        """Let go of the query, if there is one, and return its answer; another one comes to be answered."""
        answer = self._answers.popleft() if self._answers else None
        if answer is not None:
            answer.worker = None
        if self._paused:
            self.resume_reading()
        return answer

    # The rest is its own.

    def _frame(self, kind: bytes, payload: bytes) -> None:
        if kind == protocol.READY:
            self.ready = True
            said = msgspec.json.decode(payload)
            self.network, self.can_federate = said["network"] == "open", said["federation"]
            self._pool.freed(self)
        elif kind == protocol.HEAD:
            if answer := self._answer:
                answer.settle(payload)
        elif kind == protocol.WHOLE:
            if answer := self._answer:
                answer.settle(payload[1:2])
                answer.feed(payload[2:])
            self._end(payload[:1])
        elif kind == protocol.END:
            self._end(payload)
        elif kind == protocol.ERROR:
            answer = self.forget()
            self._go_on()
            if answer is not None:
                self._pool.refused(answer, msgspec.json.decode(payload))
        elif kind == protocol.SKIPPED:
            answer = self.forget()
            self._go_on()
            if answer is not None:
                self._pool.again([answer])

    def _end(self, size: bytes) -> None:
        # The next query goes to it before anybody else hears of this answer.
        answer = self.forget()
        self.grown = size != protocol.SLIM
        if size == protocol.HUGE or (self.grown and self._pool.has_grown_beside(self)):
            self._retire("memory")
        else:
            self._go_on()
        if answer is not None:
            answer.end()

    def _go_on(self) -> None:
        """Turn to the next of the queries that were sent, or to the pool for one."""
        if self._answers:
            self._begin()
            self._pool.fill(self)
        else:
            self._pool.freed(self)


def _shared_file(size_bytes: int) -> int:
    """Return the descriptor of a file of zeros that another process can have as its memory too."""
    if sys.platform == "linux":
        descriptor = os.memfd_create("fonds")
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.ftruncate(descriptor, size_bytes)
    return descriptor


def _start(pipe: socket.socket, number: int, stderr: int, link: Link | None) -> subprocess.Popen[bytes]:
    """Start a worker process: a fresh Python without the packages of this one, but for what it needs."""
    script = Path(protocol.__file__)
    passed = [pipe.fileno(), number, *([link.theirs.fileno()] if link else [])]
    packages = {str(Path(str(each.__file__)).parents[1]) for each in (pyoxigraph, zstandard, brotli, fonds)}
    return subprocess.Popen(
        [
            *(sys.executable, "-I", "-S", str(script), os.pathsep.join(sorted(packages))),
            *map(str, passed),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        pass_fds=passed,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        cwd="/",
        start_new_session=True,  # Ctrl-C is for the serving process, which then ends this one.
    )


def _error(body: Mapping[str, Any], limits: Limits) -> StoreError:
    """Return the error that a worker reports, if it is not one of syntax."""
    message: str = body["message"]
    match body["error"]:
        case "evaluation":
            return QuerySyntaxError(f"The query cannot be evaluated: {message}")
        case "unfit":
            return FormatError(message)
        case "memory":
            return _out_of_memory(limits)
        case "limit":
            return _too_long(message, int(body["value"]))
        case "alone":
            return StoreUnavailable(
                "SERVICE cannot be answered on this machine: it gives query workers no network of their own, without which "
                "nobody else is asked (network namespaces, which root or user namespaces make)."
            )
        case _:
            return StoreUnreadable(f"The store cannot be read: {message}")


def _error_of_remote(error: str, message: str, value: int) -> StoreError:
    """Return what a worker reports of a store elsewhere."""
    if error in ("remote-late", "remote-failed"):
        return RemoteFailed(message, late=error == "remote-late")
    if error == "remote-busy":
        return StoreBusy(message, retry_after_seconds=value)
    return QuerySyntaxError(message) if error == "remote-refused" else StoreUnavailable(message)


def _out_of_memory(limits: Limits) -> QueryLimitPassed:
    return QueryLimitPassed(
        f"The query needed more than the {limits.worker_memory_bytes // 2**20} MiB of memory that it has; "
        "sorting, grouping and DISTINCT keep everything: ask for less, or take the dumps.",
        limit="worker_memory_bytes",
        value=limits.worker_memory_bytes,
    )


def _out_of_time(limits: Limits) -> QueryLimitPassed:
    return QueryLimitPassed(
        f"The query took longer than the {limits.query_seconds:g} seconds that it has; "
        "ask for less (LIMIT, fewer patterns), or take the dumps.",
        limit="query_seconds",
        value=limits.query_seconds,
    )


def _late(limits: Limits) -> RemoteFailed:
    return RemoteFailed(
        f"The store gave no whole answer in the {limits.query_seconds:g} seconds that a query has; "
        "ask for less (LIMIT, fewer patterns), or take the dumps.",
        late=True,
    )


def _too_long(limit: str, value: int) -> QueryLimitPassed:
    most = f"{value} rows" if limit == "result_rows" else f"{value} bytes"
    return QueryLimitPassed(
        f"The answer has more than the {most} that it may have; ask for a part (LIMIT, OFFSET), or take the dumps.",
        limit=limit,
        value=value,
    )


_MEMORY_WORDS = ("memory allocation", "bad_alloc", "out of memory", "MemoryError", "Cannot allocate memory")


def _obituary(status: int, last_words: str, limits: Limits) -> StoreError:
    """Return what a query is told whose worker ended.

    Args:
        status: As :attr:`subprocess.Popen.returncode` has it.
        last_words: What the process wrote to its standard error.
        limits: The query's.
    """
    if any(words in last_words for words in _MEMORY_WORDS) or status == -signal.SIGKILL:
        # We did not send this SIGKILL: it comes from a machine, or a container, that has no memory left.
        return _out_of_memory(limits)
    if status < 0:
        return QueryTooComplex(
            "The engine broke on this query: it is nested too deeply or too long. Write it in a simpler way."
        )
    return StoreUnreadable(f"A query worker ended (status {status}). {last_words[-500:]}".strip())


# ------------------------------------------------------------------------------------------------ all workers


class Pool:
    """The workers of one store in one asyncio loop; the first starts with the first query, or with :meth:`start`.

    A worker is starting, idle, busy or gone. There is always one more than are busy, starting or idle, so that neither a
    query nor the replacement of a worker makes the next client wait for a process to start.

    Clients take turns: of those who wait, the one goes first whose last query was given to a worker longest ago. No client has
    all workers, where there are several, so that one client alone never makes all others wait.
    """

    def __init__(self, settings: WorkerSettings) -> None:
        self.settings = settings
        self.loop = asyncio.get_running_loop()
        self._starting: set[Worker] = set()
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._gone: set[Worker] = set()
        self._waiting: dict[str, deque[WorkerAnswer]] = {}
        """The queries that wait, by client, in the order of the clients' turns."""
        self._waiting_count = 0
        self._of_client: dict[str, int] = {}
        """How many queries of each client run or wait."""
        self._turns = Turns()
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures = 0
        self._thinning: asyncio.TimerHandle | None = None
        self._patience: asyncio.TimerHandle | None = None
        self.outsides: dict[int, Outside] = {}
        """What the queries that run or wait may ask other endpoints, by their numbers."""
        self._cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
        self._closed = False

    def has_grown_beside(self, worker: Worker) -> bool:
        """Tell whether another worker keeps much in mind: one that does is enough."""
        return any(each.grown and each is not worker for each in (*self._idle, *self._busy))

    def start(self) -> None:
        """Have a worker ready before the first query comes."""
        self.balance()

    @property
    def is_busy(self) -> bool:
        """Whether a query runs or waits."""
        return bool(self._busy) or self._waiting_count > 0

    @property
    def load(self) -> Load:
        """What the workers do at this moment."""
        workers = {"starting": len(self._starting), "idle": len(self._idle), "busy": len(self._busy)}
        pids = [each.process.pid for each in (*self._starting, *self._idle, *self._busy)]
        return Load(workers, self._waiting_count, pids)

    @property
    def network_is_open(self) -> bool | None:
        """Whether workers can reach the network, so that only the tokenizer stands before it; None before the first."""
        return next((each.network for each in (*self._idle, *self._busy)), None)

    @property
    def can_federate(self) -> bool | None:
        """Whether queries can ask other endpoints; None where none may be asked, or before the first worker."""
        if not self.settings.federation.targets:
            return None
        return next((each.can_federate for each in (*self._idle, *self._busy)), None)

    def ask(self, request: Request) -> WorkerAnswer:
        """Give a query to a worker, or let it wait for one; its time begins now.

        Raises:
            StoreError: It was refused; see the tree in :mod:`fonds.errors`.
        """
        client, limits = request.client, self.settings.limits
        answer = WorkerAnswer(request, request.frame(), self)
        of_client = self._of_client.get(client, 0)
        if client and of_client >= limits.client_queries:
            raise ClientBusy(
                f"{of_client} of your queries run or wait already; wait for their answers.",
                limit="client_queries",
                value=limits.client_queries,
            )
        worker = None if self._waiting else self._worker_for(client)
        if worker is None:
            self._let_wait(answer)
        answer.deadline = self.loop.call_later(request.limits.query_seconds, self._end_of_time, answer)
        self._of_client[client] = of_client + 1
        if request.calls:
            self.outsides[request.number] = Outside(
                self.settings.federation,
                request.calls,
                lambda: answer.worker.link if answer.worker is not None else None,
            )
        if worker is not None:
            self._give(worker, answer)
        self.balance()
        return answer

    def _worker_for(self, client: str) -> Worker | None:
        """Return a worker for a query before which nobody waits, None where it has to wait.

        Where all cores work, it is sent behind another one, which is likely to be over in a moment; a worker that has more to do
        need not be woken for each.
        """
        if not self._cores_are_busy():
            return self._idle.pop() if self._idle and self._may_run(client) else None
        followed = [each for each in self._busy if not each.is_late and self._may_follow(each, client)]
        return min(followed, key=lambda each: each.followers, default=None)

    def fill(self, worker: Worker) -> None:
        """Send a worker that has turned to its next query more of those that wait, in the clients' turns."""
        while answer := self._next(lambda client: self._may_follow(worker, client)):
            worker.ask(answer)

    def again(self, answers: Sequence[WorkerAnswer]) -> None:
        """Let queries that were taken back from a worker wait for another, before all others."""
        if self._closed:
            for each in answers:
                each.fail(StoreUnavailable("The store is being closed."))
        elif answers:
            first: dict[str, deque[WorkerAnswer]] = {}
            for each in answers:
                each.begun_at = None
                first.setdefault(each.request.client, deque()).append(each)
            for client, queries in first.items():
                queries.extend(self._waiting.pop(client, ()))
            self._waiting = {**first, **self._waiting}
            self._waiting_count += len(answers)
            self.balance()

    def _let_wait(self, answer: WorkerAnswer) -> None:
        limits = self.settings.limits
        if self._waiting_count >= max(limits.queued_queries, limits.workers - len(self._busy)):
            raise StoreBusy(
                f"{len(self._busy)} queries run and {self._waiting_count} wait; come again in a few seconds.",
                limit="queued_queries",
                value=limits.queued_queries,
            )
        self._waiting.setdefault(answer.request.client, deque()).append(answer)
        self._waiting_count += 1

    def _may_run(self, client: str) -> bool:
        """Tell whether one more query of a client may begin."""
        most, busy = self.settings.limits.workers, len(self._busy)
        if busy < most - 1 or most == 1 or not client:
            return busy < most
        return busy < most and not any(each.holds_of(client) for each in self._busy)

    def _may_follow(self, worker: Worker, client: str) -> bool:
        """Tell whether a query of a client may be sent behind those that a worker has; the client would not have all workers then."""
        if worker.followers >= _FOLLOWERS or worker.works_for_nobody:
            return False
        most = self.settings.limits.workers
        if most == 1 or not client or worker.holds_of(client):
            return True
        return sum(each.holds_of(client) for each in self._busy) < most - 1

    def _cores_are_busy(self) -> bool:
        """Tell whether one more query would only slow down those that run, which may be over in a moment."""
        if len(self._busy) < self._cores:
            return False
        begun_lately = self.loop.time() - _PATIENCE_SECONDS
        return sum(worker.busy_since > begun_lately for worker in self._busy) >= self._cores

    def _lose_patience(self) -> None:
        """Give to others what waits behind a query that takes long; end a worker that works for nobody."""
        self._patience = None
        for worker in [each for each in self._busy if each.is_late]:
            if worker.works_for_nobody:
                worker.kill("left")
            else:
                self.again(worker.take_back())
        self.balance()

    def _give(self, worker: Worker, answer: WorkerAnswer) -> None:
        self._busy.add(worker)
        worker.ask(answer)

    def _next(self, may: Callable[[str], bool]) -> WorkerAnswer | None:
        """Return the query whose turn it is, None where none may begin.

        Args:
            may: Tells whether one of a client may.
        """
        for client, queries in self._waiting.items():
            if may(client):
                answer = queries.popleft()
                # Others come first now.
                del self._waiting[client]
                if queries:
                    self._waiting[client] = queries
                self._waiting_count -= 1
                return answer
        return None

    def left(self, answer: WorkerAnswer) -> None:
        """Take note that a query neither runs nor waits any more."""
        client = answer.request.client
        if answer.request.calls and (outside := self.outsides.pop(answer.request.number, None)):
            outside.close()
        if (count := self._of_client.get(client, 0) - 1) > 0:
            self._of_client[client] = count
        else:
            self._of_client.pop(client, None)
        queries = self._waiting.get(client)
        if queries is not None and answer in queries:
            queries.remove(answer)
            self._waiting_count -= 1
            if not queries:
                del self._waiting[client]

    def refused(self, answer: WorkerAnswer, body: Mapping[str, Any]) -> None:
        """Tell a query what its worker reports."""
        if body["error"] in ("failed", "late"):
            target = answer.request.calls[body["value"]].target
            answer.fail(ServiceFailed(body["message"], target=target, late=body["error"] == "late"))
            return
        if body["error"].startswith("remote-"):
            answer.fail(_error_of_remote(body["error"], body["message"], int(body["value"])))
            return
        if body["error"] != "syntax":
            answer.fail(_error(body, answer.request.limits))
            return
        answer.stop_clock()
        explanation = explaining(answer.request.query, body["message"], self.settings.prefixes)
        if len(answer.request.query) <= _SHORT_QUERY:
            answer.fail(at_once(explanation))
        else:
            # To look for the fault in a long query takes up to a third of a second.
            self._do(self._explain(answer, explanation))

    async def _explain(self, answer: WorkerAnswer, explanation: Steps[QuerySyntaxError]) -> None:
        error = QuerySyntaxError("The query cannot be read; where it is wrong could not be found in time.")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_EXPLAIN_SECONDS):
                error = await self._turns.take(explanation)
        answer.fail(error)

    def _end_of_time(self, answer: WorkerAnswer) -> None:
        worker, limits = answer.worker, answer.request.limits
        if answer.waited_seconds < limits.query_seconds / 2:
            answer.fail(_late(limits) if self.settings.remote else _out_of_time(limits))
        else:
            answer.fail(
                StoreBusy(
                    f"No query worker became free for {answer.waited_seconds:.1f} of the {limits.query_seconds:g} seconds "
                    "that a query has; come again in a few seconds.",
                    limit="workers",
                    value=self.settings.limits.workers,
                )
            )
        if worker is not None:
            worker.kill("time")

    def balance(self) -> None:
        """Give idle workers to those who wait, and start new ones where there are too few."""
        while (
            self._waiting
            and self._idle
            and not self._cores_are_busy()
            and (answer := self._next(self._may_run))
        ):
            self._give(self._idle.pop(), answer)
        if self._patience is None and (
            (self._waiting and self._idle)
            or any(each.followers or each.works_for_nobody for each in self._busy)
        ):
            self._patience = self.loop.call_later(_PATIENCE_SECONDS, self._lose_patience)
        wanted = max(1, min(self._waiting_count, self.settings.limits.workers - len(self._busy)))
        while (
            not self._closed and self._failures < _STARTS and len(self._idle) + len(self._starting) < wanted
        ):
            self._start_one()

    def _start_one(self) -> None:
        try:
            worker = Worker(self)
        except OSError as error:
            self._failures = _STARTS
            self._give_up_starting(f"no process can be started: {error}")
            return
        self._starting.add(worker)
        self._do(self._connect(worker))

    async def _connect(self, worker: Worker) -> None:
        link = worker.link
        with contextlib.suppress(OSError):  # Somebody closed the pool meanwhile.
            if link is not None:
                await self.loop.create_connection(lambda: link, sock=link.ours)
            await self.loop.create_connection(lambda: worker, sock=worker.socket)

    def _do(self, work: Coroutine[None, None, None]) -> None:
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # ---------------------------------------------------------------------------------------- what workers say

    def freed(self, worker: Worker) -> None:
        """Take a worker back that has started, or has answered."""
        if worker in self._gone or self._closed:
            return
        self._starting.discard(worker)
        self._busy.discard(worker)
        self._failures = 0
        # The last one is asked first: the one that has the store's files in mind, if there is one.
        place = len(self._idle) - (not worker.grown and bool(self._idle) and self._idle[-1].grown)
        self._idle.insert(place, worker)
        worker.idle_since = self.loop.time()
        self.balance()
        if len(self._idle) > 1 and self._thinning is None:
            self._thinning = self.loop.call_later(_IDLE_SECONDS, self._thin_out)

    def removed(self, worker: Worker) -> None:
        """Replace a worker that was killed, or whose process is ending by itself."""
        if worker in self._gone:
            return
        self._gone.add(worker)
        self._starting.discard(worker)
        self._busy.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        if not self._closed:
            self._do(self._bury(worker))
            self.balance()

    async def _bury(self, worker: Worker) -> None:
        """Wait for the end of a process, so that no zombie stays, and say why it ended."""
        status = await self.loop.run_in_executor(None, worker.process.wait)
        last_words = worker.last_words()
        self._gone.discard(worker)
        if not worker.killed and not self._closed:
            FIGURES.ended["broken"] += 1
        if answer := worker.forget():
            answer.fail(_obituary(status, last_words, answer.request.limits))
        if not worker.ready and not worker.killed:
            self._failures += 1
            if self._failures >= _STARTS:
                self._give_up_starting(f"they end with status {status}. {last_words[-500:]}")
            self.balance()

    def _give_up_starting(self, why: str) -> None:
        message = f"No query worker starts: {why}".strip()
        self._refuse_all(message)
        self.loop.call_later(1.0, self._try_again)

    def _refuse_all(self, message: str) -> None:
        for answer in [each for queries in self._waiting.values() for each in queries]:
            answer.fail(StoreUnreadable(message))

    def _try_again(self) -> None:
        self._failures = 0
        if self._waiting:
            self.balance()

    def _thin_out(self) -> None:
        """End the workers that were not needed for a while, all but one."""
        self._thinning = None
        if self._closed:
            return
        # The one that was used last is asked first, so that the others come to stand at the beginning.
        while len(self._idle) > 1 and self._idle[0].idle_since + _IDLE_SECONDS <= self.loop.time() + 1:
            self._idle[0].kill("idle")
        if len(self._idle) > 1:
            left = self._idle[0].idle_since + _IDLE_SECONDS - self.loop.time()
            self._thinning = self.loop.call_later(left, self._thin_out)

    def _end(self) -> None:
        """Refuse what waits, and leave nothing in the loop that would keep this pool for another minute."""
        self._refuse_all("The store is being closed.")
        for timer in (self._thinning, self._patience):
            if timer is not None:
                timer.cancel()

    def close(self) -> None:
        """End all workers and wait for their processes; any thread may call it, and the loop may be closed already."""
        self._closed = True
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._end)
        workers = {*self._starting, *self._idle, *self._busy, *self._gone}
        for worker in workers:
            worker.process.kill()
            if not self.loop.is_closed():
                self.loop.call_soon_threadsafe(worker.let_go)
        for worker in workers:
            worker.process.wait()
            worker.last_words()
