"""Long work in short steps, so that others have their turn between them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator
from typing import TypeVar

T = TypeVar("T")

Steps = Generator[None, None, T]
"""Work that pauses after each of its steps, and returns what it comes to."""

TURN_SECONDS = 0.001


def at_once(steps: Steps[T]) -> T:
    """Do all of a work, and return what it comes to."""
    try:
        while True:
            next(steps)
    except StopIteration as end:
        result: T = end.value
        return result


class Turns:
    """Does works one after another in an asyncio loop, a millisecond at a time.

    Threads would not do: they take the interpreter from the loop for five milliseconds each time.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def take(self, steps: Steps[T]) -> T:
        """Do a work, and return what it comes to; what it raises is raised."""
        async with self._lock:
            while True:
                until = time.perf_counter() + TURN_SECONDS
                try:
                    while time.perf_counter() < until:
                        next(steps)
                except StopIteration as end:
                    result: T = end.value
                    return result
                await asyncio.sleep(0)
