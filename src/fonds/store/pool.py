"""Keeps worker processes ready, gives each query to one of them, and stops it at its limits.

A worker is a process of its own (:mod:`fonds.store.worker`): the engine has no time-out, no limit of memory, and some
queries break the process they run in. Everything here runs in one asyncio loop; nothing blocks it but starting a process,
which takes a millisecond.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import msgspec
import pyoxigraph

from fonds.errors import (
    FormatError,
    QueryLimitPassed,
    QuerySyntaxError,
    QueryTooComplex,
    StoreBusy,
    StoreError,
    StoreUnavailable,
)
from fonds.settings import Limits
from fonds.store import QueryForm
from fonds.store import worker as protocol
from fonds.store.syntax import syntax_error

_FULL_BYTES = 512 * 1024
"""What is read ahead of a slow client at most, beside a read of the loop's (256 KiB)."""
_ROOM_BYTES = 128 * 1024
_STARTS = 3
"""So many workers may fail to start in a row until nobody waits for the next."""
_IDLE_SECONDS = 60.0
_STDERR_BYTES = 16 * 1024
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ")
"""What a worker is told of the environment: there may be secrets in the rest."""


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """What every worker is told at its start.

    Attributes:
        store: The folder of the engine's files.
        base: Against which relative IRIs in queries are resolved.
        prefixes: Known to every query without a declaration.
        limits: How many workers, how much memory, how long.
    """

    store: Path
    base: str
    prefixes: Mapping[str, str]
    limits: Limits


@dataclass(frozen=True, slots=True)
class Request:
    """A query for a worker.

    Attributes:
        query: SPARQL.
        media_type: Of the answer.
        graph: Whether that is a syntax for graphs.
        default_graphs: IRIs, None for the store's own.
        named_graphs: IRIs, None for the store's own.
        form: What the answer is called.
        limits: Its time and its memory.
    """

    query: str
    media_type: str
    graph: bool
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None
    form: QueryForm | None
    limits: Limits

    def frame(self) -> bytes:
        """Return the request as a worker reads it.

        Raises:
            QuerySyntaxError: The query cannot be written in UTF-8.
        """
        values = {
            "query": self.query,
            "format": self.media_type,
            "graph": self.graph,
            "default_graphs": self.default_graphs,
            "named_graphs": self.named_graphs,
            "memory_bytes": self.limits.worker_memory_bytes,
        }
        try:
            body = msgspec.json.encode(values)
        except UnicodeEncodeError as error:
            raise QuerySyntaxError("The query contains a lone surrogate, which is no character.") from error
        return protocol.FRAME.pack(protocol.REQUEST, len(body)) + body


class WorkerAnswer:
    """An answer on its way from a worker; see :class:`fonds.store.Answer`."""

    def __init__(self, request: Request, worker: Worker) -> None:
        self.form = request.form or QueryForm.SELECT
        self.request = request
        self.settled = worker.loop.create_future()
        """Done when the status is known."""
        self.complete = False
        self._worker = worker
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._error: StoreError | None = None
        self._waiter: asyncio.Future[None] | None = None

    def __aiter__(self) -> WorkerAnswer:
        return self

    async def __anext__(self) -> bytes:
        while not self._chunks:
            if self._error:
                raise self._error
            if self.complete:
                raise StopAsyncIteration
            self._waiter = self._worker.loop.create_future()
            await self._waiter
        chunk = self._chunks.popleft()
        self._size -= len(chunk)
        if self._size < _ROOM_BYTES:
            self._worker.resume_reading()
        return chunk

    async def aclose(self) -> None:
        """Give the worker free: one that has not finished is stopped and replaced."""
        self._chunks.clear()
        if not self.complete and self._error is None:
            self.fail(StoreError("The answer was given up before it was complete."))
            self._worker.kill()

    # What follows is called by the worker.

    def settle(self, form: bytes) -> None:
        """Take the head: from here on the status is known."""
        if form == b"a":
            self.form = QueryForm.ASK
        elif form == b"s":
            self.form = QueryForm.SELECT
        elif self.form not in (QueryForm.CONSTRUCT, QueryForm.DESCRIBE):
            self.form = QueryForm.CONSTRUCT
        if not self.settled.done():
            self.settled.set_result(None)

    def feed(self, data: bytes) -> None:
        """Take a piece of the answer."""
        self._chunks.append(data)
        self._size += len(data)
        if self._size > _FULL_BYTES:
            self._worker.pause_reading()
        self._wake()

    def end(self) -> None:
        """Take note that the answer is complete."""
        self.complete = True
        self._wake()

    def fail(self, error: StoreError) -> None:
        """Take note that the answer will never be complete."""
        if self.complete or self._error:
            return
        self._error = error
        if not self.settled.done():
            self.settled.set_exception(error)
            self.settled.exception()  # Nobody need ask for it: the client may have left.
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


# ------------------------------------------------------------------------------------------------ one worker


class Worker(asyncio.Protocol):
    """A worker process and the socket to it."""

    def __init__(self, pool: Pool) -> None:
        self.loop = pool.loop
        self.ready = False
        self.killed = False
        self.network = True
        self._pool = pool
        self._answer: WorkerAnswer | None = None
        self._paused = False
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._head = bytearray()
        self._kind = b""
        self._left = 0
        self._payload = bytearray()
        self.socket, theirs = socket.socketpair()
        reading, writing = os.pipe()
        self._stderr: io.FileIO | None = io.FileIO(reading)
        # A worker that has much to complain about must never wait until somebody listens; nor must we wait for it.
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)
        try:
            self.process = _start(theirs, writing)
        except OSError:
            self._stderr.close()
            self.socket.close()
            raise
        finally:
            theirs.close()
            os.close(writing)

    # The transport calls these.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the settings."""
        # Not every loop's transport is asyncio's own class.
        self._transport = cast("asyncio.Transport", transport)
        settings = self._pool.settings
        body = msgspec.json.encode(
            {
                "store": str(settings.store),
                "base": settings.base,
                "prefixes": dict(settings.prefixes),
                "memory_bytes": settings.limits.worker_memory_bytes,
                "parent": os.getpid(),
            }
        )
        self._transport.write(protocol.FRAME.pack(protocol.REQUEST, len(body)) + body)

    def data_received(self, data: bytes) -> None:
        """Take frames apart; what belongs to an answer is passed on as it comes."""
        position = 0
        while position < len(data):
            if not self._kind:
                needed = protocol.FRAME.size - len(self._head)
                self._head += data[position : position + needed]
                position += needed
                if len(self._head) < protocol.FRAME.size:
                    return
                self._kind, self._left = protocol.FRAME.unpack(self._head)
                self._head.clear()
            piece = data[position : position + self._left]
            position += len(piece)
            self._left -= len(piece)
            if self._kind == protocol.CHUNK:
                if self._answer and piece:
                    self._answer.feed(piece)
            else:
                self._payload += piece
            if self._left == 0:
                kind, self._kind = self._kind, b""
                payload = bytes(self._payload)
                self._payload.clear()
                self._frame(kind, payload)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's name
        """Have the process replaced: it ended, or was killed."""
        self._pool.removed(self)

    # The pool and the answers call these.

    def ask(self, answer: WorkerAnswer, frame: bytes) -> None:
        """Send a query."""
        self._answer = answer
        self._deadline = self.loop.call_later(answer.request.limits.query_seconds, self._out_of_time)
        if self._transport is not None:  # None: it has ended, and its burial tells the answer.
            self._transport.write(frame)

    def kill(self) -> None:
        """End the process, whatever it does."""
        self.killed = True
        self.forget()
        self.process.kill()
        self._pool.removed(self)
        if self._transport is not None:
            self._transport.abort()

    def let_go(self) -> None:
        """Close the socket, and tell a query that still waits."""
        if answer := self.forget():
            answer.fail(StoreUnavailable("The store is being closed."))
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
        """Return what the process wrote about its end, and let go of the pipe; empty the second time."""
        pipe, self._stderr = self._stderr, None
        if pipe is None:
            return ""
        with pipe:
            return (pipe.read(_STDERR_BYTES) or b"").decode("utf-8", "replace")

    def forget(self) -> WorkerAnswer | None:
        """Let go of the query, if there is one, and return its answer."""
        answer, self._answer = self._answer, None
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        self.resume_reading()
        return answer

    # The rest is its own.

    def _frame(self, kind: bytes, payload: bytes) -> None:
        if kind == protocol.READY:
            self.ready = True
            self.network = msgspec.json.decode(payload)["network"] == "open"
            self._pool.freed(self)
        elif kind == protocol.HEAD and self._answer:
            self._answer.settle(payload)
        elif kind == protocol.END and (answer := self.forget()):
            answer.end()
            if payload == b"1":
                self.kill()
            else:
                self._pool.freed(self)
        elif kind == protocol.ERROR and (answer := self.forget()):
            answer.fail(_error(msgspec.json.decode(payload), answer.request, self._pool.settings.prefixes))
            self._pool.freed(self)

    def _out_of_time(self) -> None:
        if answer := self.forget():
            seconds = answer.request.limits.query_seconds
            message = (
                f"The query took longer than the {seconds:g} seconds that it has; "
                "ask for less (LIMIT, fewer patterns), or take the dumps."
            )
            answer.fail(QueryLimitPassed(message, limit="query_seconds", value=seconds))
        self.kill()


def _start(pipe: socket.socket, stderr: int) -> subprocess.Popen[bytes]:
    """Start a worker process: a fresh Python without the packages of this one, but for the engine."""
    script = Path(protocol.__file__)
    engine = Path(pyoxigraph.__file__).parents[1]
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(script), str(engine), str(pipe.fileno())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        pass_fds=[pipe.fileno()],
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        cwd="/",
        start_new_session=True,  # Ctrl-C is for the serving process, which then ends this one.
    )


def _error(body: Mapping[str, str], request: Request, prefixes: Mapping[str, str]) -> StoreError:
    """Return the error that a worker reports."""
    message = body["message"]
    match body["error"]:
        case "syntax":
            return syntax_error(request.query, message, prefixes)
        case "evaluation":
            return QuerySyntaxError(f"The query cannot be evaluated: {message}")
        case "unfit":
            return FormatError(message)
        case "memory":
            return _out_of_memory(request.limits)
        case _:
            return StoreUnavailable(f"The store cannot be read: {message}")


def _out_of_memory(limits: Limits) -> QueryLimitPassed:
    return QueryLimitPassed(
        f"The query needed more than the {limits.worker_memory_bytes // 2**20} MiB of memory that it has; "
        "sorting, grouping and DISTINCT keep everything: ask for less, or take the dumps.",
        limit="worker_memory_bytes",
        value=limits.worker_memory_bytes,
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
    return StoreUnavailable(f"A query worker ended (status {status}). {last_words[-500:]}".strip())


# ------------------------------------------------------------------------------------------------ all workers


class Pool:
    """The workers of one store in one asyncio loop; the first starts with the first query, or with :meth:`start`.

    A worker is starting, idle, busy or gone. There is always one more than are busy, starting or idle, so that neither a
    query nor the replacement of a worker makes the next client wait for a process to start.
    """

    def __init__(self, settings: WorkerSettings) -> None:
        self.settings = settings
        self.loop = asyncio.get_running_loop()
        self._starting: set[Worker] = set()
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._gone: set[Worker] = set()
        self._waiting: deque[asyncio.Future[Worker]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures = 0
        self._closed = False

    def start(self) -> None:
        """Have a worker ready before the first query comes."""
        self.balance()

    @property
    def network_is_open(self) -> bool | None:
        """Whether workers can reach the network, so that only the tokenizer stands before it; None before the first."""
        return next((each.network for each in (*self._idle, *self._busy)), None)

    async def answer(self, request: Request) -> WorkerAnswer:
        """Give a query to a worker and wait until its status is known.

        Raises:
            StoreError: It was refused, or did not come to an answer; see the tree in :mod:`fonds.errors`.
        """
        frame = request.frame()
        worker = self._free() or await self._turn(request.limits)
        answer = WorkerAnswer(request, worker)
        worker.ask(answer, frame)
        self.balance()
        try:
            await answer.settled
        except asyncio.CancelledError:
            await answer.aclose()
            raise
        return answer

    async def _turn(self, limits: Limits) -> Worker:
        """Wait for a worker; it is the caller's from then on."""
        waiting = sum(not turn.done() for turn in self._waiting)
        if waiting >= max(self.settings.limits.queued_queries, self._most - len(self._busy)):
            raise StoreBusy(f"{len(self._busy)} queries run and {waiting} wait; come again in a few seconds.")
        turn: asyncio.Future[Worker] = self.loop.create_future()
        self._waiting.append(turn)
        impatience = self.loop.call_later(limits.query_seconds, _give_up, turn)
        self.balance()
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.freed(turn.result())
            raise
        finally:
            impatience.cancel()

    @property
    def _most(self) -> int:
        return self.settings.limits.workers

    def _free(self) -> Worker | None:
        """Return an idle worker, now busy; None where there is none or enough are busy."""
        if not self._idle or len(self._busy) >= self._most:
            return None
        worker = self._idle.pop()
        self._busy.add(worker)
        return worker

    def balance(self) -> None:
        """Give idle workers to those who wait, and start new ones where there are too few."""
        while self._waiting:
            if self._waiting[0].done():
                self._waiting.popleft()
            elif worker := self._free():
                self._waiting.popleft().set_result(worker)
            else:
                break
        wanted = max(1, min(len(self._waiting), self._most - len(self._busy)))
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
        with contextlib.suppress(OSError):  # Somebody closed the pool meanwhile.
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
        self._idle.append(worker)
        self.balance()
        if len(self._idle) > 1:
            self.loop.call_later(_IDLE_SECONDS, self._thin_out)

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
        if answer := worker.forget():
            answer.fail(_obituary(status, last_words, answer.request.limits))
        if not worker.ready and not worker.killed:
            self._failures += 1
            if self._failures >= _STARTS:
                self._give_up_starting(f"they end with status {status}. {last_words[-500:]}")
            self.balance()

    def _give_up_starting(self, why: str) -> None:
        message = f"No query worker starts: {why}".strip()
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_exception(StoreUnavailable(message))
        self.loop.call_later(1.0, self._try_again)

    def _try_again(self) -> None:
        self._failures = 0

    def _thin_out(self) -> None:
        """End a worker that was not needed for a while."""
        if len(self._idle) > 1 and not self._closed:
            self._idle[0].kill()

    def close(self) -> None:
        """End all workers and wait for their processes; any thread may call it, and the loop may be closed already."""
        self._closed = True
        workers = {*self._starting, *self._idle, *self._busy, *self._gone}
        for worker in workers:
            worker.process.kill()
            if not self.loop.is_closed():
                self.loop.call_soon_threadsafe(worker.let_go)
        for worker in workers:
            worker.process.wait()
            worker.last_words()


def _give_up(turn: asyncio.Future[Worker]) -> None:
    if not turn.done():
        turn.set_exception(StoreBusy("No query worker became free in time; come again in a few seconds."))
