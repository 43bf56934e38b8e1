"""Work on all cores: tasks go to processes of their own, and one that kills its process loses itself and no other."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

S = TypeVar("S")
T = TypeVar("T")
R = TypeVar("R")

_WATCH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Died:
    """A task whose process ended before the task was done, also when it was the only one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work(Generic[S, T, R]):
    """What is to be done with tasks.

    Attributes:
        begin: Makes, once in each process, what all tasks need.
        arguments: With which it is called.
        do: Does one task with what ``begin`` made. Both are functions of a module, so that another process finds them.
    """

    begin: Callable[..., S]
    arguments: tuple[Any, ...]
    do: Callable[[S, T], R]


def cores() -> int:
    """Return how many cores this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def done(
    work: Work[S, T, R], tasks: Iterable[T], *, jobs: int, start: str | None = None
) -> Iterator[tuple[T, R | Died]]:
    """Do tasks, and yield each with what came of it, in the order in which they are done.

    Only a task and a result of each process are in memory at any time. When the iterator is closed, or this process is
    interrupted, the processes end at once; they end as well when this process is killed.

    Args:
        work: What is done with each.
        tasks: Read as they are needed.
        jobs: How many processes; 1: none but this one.
        start: How processes are started (``fork``, ``forkserver``, ``spawn``); None: as is best here.

    Yields:
        The task, and its result; :class:`Died` where its process ended, and ended again when it was tried once more with no
        other beside it. In this process nothing is caught.
    """
    if jobs <= 1:
        state = work.begin(*work.arguments)
        for task in tasks:
            yield task, work.do(state, task)
        return
    lost: list[T] = []
    for task, result in _each_once(work, iter(tasks), jobs, start):
        if isinstance(result, Died):
            lost.append(task)
        else:
            yield task, result
    for task in lost:
        yield from _each_once(work, iter([task]), 1, start)


def _each_once(
    work: Work[S, T, R], tasks: Iterator[T], jobs: int, start: str | None
) -> Iterator[tuple[T, R | Died]]:
    """Do each task once; a process that ends is replaced."""
    context = multiprocessing.get_context(start or best_start())
    crew: list[_Worker] = []
    busy: dict[Connection, tuple[_Worker, T]] = {}

    def hire() -> _Worker:
        crew.append(_Worker(context, work))
        return crew[-1]

    try:
        for task in islice(tasks, jobs):
            _give(hire(), task, busy)
        while busy:
            for ready in wait(list(busy)):
                worker, task = busy.pop(cast("Connection", ready))
                result: R | Died = worker.result()
                # The next task first: whoever gets the result may take his time.
                _give_next(hire() if isinstance(result, Died) else worker, tasks, busy)
                yield task, result
    finally:
        for each in crew:
            each.end()


def _give_next(worker: _Worker, tasks: Iterator[T], busy: dict[Connection, tuple[_Worker, T]]) -> None:
    """Give the next task to a process, if there is one."""
    for task in islice(tasks, 1):
        _give(worker, task, busy)


def _give(worker: _Worker, task: T, busy: dict[Connection, tuple[_Worker, T]]) -> None:
    busy[worker.connection] = (worker, task)
    # If it has ended meanwhile, its result says so.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        worker.connection.send(task)


class _Worker:
    """A process that does one task after the other.

    Not of a pool of the standard library: when a process of one ends, nobody can tell which task it had, and a thread that was
    writing to it may wait for ever (CPython issue 94777).
    """

    def __init__(self, context: BaseContext, work: Work[Any, Any, Any]) -> None:
        self.connection, theirs = context.Pipe()
        self._process = context.Process(  # type: ignore[attr-defined]
            target=_serve, args=(theirs, work.begin, work.arguments, work.do), daemon=True
        )
        self._process.start()
        theirs.close()

    def result(self) -> Any:
        """Return what came of its task; :class:`Died` where it ended.

        Raises:
            Exception: What the task raised.
        """
        try:
            good, result = self.connection.recv()
        except (EOFError, OSError):
            self.end()
            return Died()
        if not good:
            self.end()
            raise result
        return result

    def end(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.join()
        self.connection.close()


def best_start() -> str:
    """Return how processes are started: by a copy of this one where that is safe, which takes 5 ms, else afresh."""
    threads = Path("/proc/self/task")
    # Of a copy only the thread goes on that made it; what others held, a lock, is held for ever.
    alone = threads.is_dir() and len(list(threads.iterdir())) == 1
    return "fork" if alone else "spawn"


def _serve(
    connection: Connection,
    begin: Callable[..., Any],
    arguments: tuple[Any, ...],
    do: Callable[[Any, Any], Any],
) -> None:
    """Do tasks until there are no more."""
    begin_process()
    try:
        state = begin(*arguments)
        # When there are no more tasks, this process is ended.
        while True:
            task = connection.recv()
            connection.send((True, do(state, task)))
    except Exception as error:
        # It is raised again where the result is wanted.
        connection.send((False, _sendable(error)))


def _sendable(error: Exception) -> Exception:
    """Return an error that another process can be told: itself, else its words with where it was raised."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  it was written here
    except Exception:
        return RuntimeError("".join(traceback.format_exception(error)))
    return error


def begin_process() -> None:
    """Set up a process that works for another: interrupts are the other's business, and without it there is nothing to do."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when the one is gone that wants its results: it may have been killed, and said nothing."""
    starter, parent = os.getppid(), multiprocessing.parent_process()
    while os.getppid() == starter and parent is not None and parent.is_alive():
        time.sleep(_WATCH_SECONDS)
    os._exit(1)
