"""Work of a build that others can do meanwhile: functions called in processes beside this one, or at once where it is little.

Where a task may kill its process and must be known by name, :mod:`fonds.parallel` does it.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from fonds.errors import BuildError, Fault
from fonds.parallel import begin_process, best_start

P = ParamSpec("P")
R = TypeVar("R")

_ENDED = "the system ended a process of this build, perhaps for want of memory; the current release stays as it was"


class Workers:
    """Processes that call functions; see :func:`workers`.

    Attributes:
        count: How many there are; 0: functions are called in this process.
    """

    def __init__(self, pool: ProcessPoolExecutor | None, count: int) -> None:
        self.count = count
        self._pool = pool

    def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Have a function called; without processes it has been called when this returns.

        Args:
            function: One of a module, so that another process finds it.
            *args: With which it is called: values that can be pickled.
            **kwargs: The same.
        """
        if self._pool is not None:
            return self._pool.submit(function, *args, **kwargs)
        done: Future[R] = Future()
        done.set_result(function(*args, **kwargs))
        return done


@contextmanager
def workers(count: int) -> Iterator[Workers]:
    """Give processes to work with; when the build fails or is interrupted, or its process dies, they end at once.

    Args:
        count: How many; 0: none but this one.

    Raises:
        BuildError: One of them was ended by the system.
    """
    if not count:
        yield Workers(None, 0)
        return
    before = set(multiprocessing.active_children())
    context = multiprocessing.get_context(best_start())
    pool = ProcessPoolExecutor(count, context, begin_process)
    try:
        yield Workers(pool, count)
    except BaseException as error:
        pool.shutdown(wait=False, cancel_futures=True)
        for each in set(multiprocessing.active_children()) - before:
            each.kill()
        if isinstance(error, BrokenProcessPool):
            raise BuildError([Fault("fonds build", 0, 0, _ENDED)]) from error
        raise
    pool.shutdown()
