"""Turns of the event loop: where hundreds of queries come at once, documents are not answered behind them all."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic

_TURN_SECONDS = 0.001


class Turns:
    """Has what costs much done a millisecond at a time, between other things of the loop; in the order in which it came.

    Args:
        loop: The event loop, in whose thread all of this happens.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: deque[Callable[[], None]] = deque()
        self._end: float | None = None
        """When the turn ends; None before there is one."""

    def take(self, work: Callable[[], None]) -> bool:
        """Do some work now if nothing waits and the turn is not over, else later; tell whether it was done."""
        if not self._waiting:
            now = monotonic()
            if self._end is None:
                self._end = now + _TURN_SECONDS
                self._loop.call_soon(self._next)
            if now < self._end:
                work()
                return True
        self._waiting.append(work)
        return False

    def _next(self) -> None:
        """Begin the next turn, if anything waits for it."""
        end = monotonic() + _TURN_SECONDS
        while self._waiting:
            self._waiting.popleft()()
            if monotonic() >= end:
                break
        self._end = end if self._waiting else None
        if self._waiting:
            self._loop.call_soon(self._next)
