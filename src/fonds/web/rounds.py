"""Rounds of the event loop: where hundreds of queries come at once, documents are not answered behind them all."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic

from fonds.store.turns import TURN_SECONDS


class Rounds:
    """Has short works done, a turn of them in each round of the loop: clients in turn, those of one in the order in which they came.

    A work that is long in itself is done in steps, by a task: see :class:`fonds.store.turns.Turns`.

    Args:
        loop: The event loop, in whose thread all of this happens.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: dict[str, deque[Callable[[], None]]] = {}
        """What waits, by client, in the order of the clients' turns."""
        self._end: float | None = None
        """When the turn ends; None before there is one."""

    def is_free(self) -> bool:
        """Tell whether work can be done now: nothing waits, and the turn is not over."""
        if self._waiting:
            return False
        now = monotonic()
        if self._end is None:
            self._end = now + TURN_SECONDS
            self._loop.call_soon(self._next)
        return now < self._end

    def take(self, work: Callable[[], None], client: str = "") -> bool:
        """Do some work now if nothing waits and the turn is not over, else later; tell whether it was done."""
        if self.is_free():
            work()
            return True
        self._waiting.setdefault(client, deque()).append(work)
        return False

    def _next(self) -> None:
        """Begin the next turn, if anything waits for it."""
        end = monotonic() + TURN_SECONDS
        waiting = self._waiting
        while waiting:
            client = next(iter(waiting))
            works = waiting.pop(client)
            work = works.popleft()
            if works:
                # Others come first now.
                waiting[client] = works
            work()
            if monotonic() >= end:
                break
        self._end = None
        if waiting:
            self._end = end
            self._loop.call_soon(self._next)
