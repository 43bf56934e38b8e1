"""Pages that are made in threads: clients take turns, one alone never has all threads, and none may ask for more than its share."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fonds.settings import Limits
from fonds.tally import Histogram
from fonds.translations import said
from fonds.web.problems import Problem

_MOST_CLIENTS = 20_000
"""So many clients are kept in mind; who was not heard of longest is forgotten, and has all its pages again."""
_PARTS = 4
"""One client has one in so many threads: they share one interpreter, so that more would only make all of them slower."""
_BUSY_SECONDS = 5
_AGAIN_SECONDS = 6
"""Who has asked for all its pages is told to come again after that: a tenth of those of a minute is there again."""


class Left(Exception):
    """The client has left while it waited."""


class Allowance:
    """How many pages each client may have made: so many in a minute, which it may ask for at once (a token bucket).

    Args:
        per_minute: Pages; 0: as many as it likes.
        clock: Gives the time in seconds.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float]) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """What each client has left, and when that was."""

    def __len__(self) -> int:
        """Return how many clients are kept in mind."""
        return len(self._left)

    def take(self, client: str) -> int:
        """Take a page from what a client has left; return 0, or in how many seconds it should come again.

        >>> now = [0.0]
        >>> allowance = Allowance(60, lambda: now[0])
        >>> [allowance.take("a") for _ in range(61)].index(6), allowance.take("b")
        (60, 0)
        >>> now[0] = 1.0
        >>> allowance.take("a"), allowance.take("a")
        (0, 6)
        """
        if not self._per_minute or is_this_machine(client):
            return 0
        now, most = self._clock(), float(self._per_minute)
        left, since = self._left.get(client, (most, now))
        left = min(most, left + (now - since) * most / 60)
        allowed = left >= 1
        self._left[client] = (left - allowed, now)
        self._left.move_to_end(client)
        if len(self._left) > _MOST_CLIENTS:
            self._left.popitem(last=False)
        return 0 if allowed else _AGAIN_SECONDS


def is_this_machine(client: str) -> bool:
    """Tell whether a client is on this machine: a program of its own, or all clients of a proxy that nobody has named.

    Other addresses of the loopback network are clients like any: on one machine they stand for several.

    >>> is_this_machine("127.0.0.1"), is_this_machine("::/64"), is_this_machine("203.0.113.1")
    (True, True, False)
    """
    return client in {"127.0.0.1", "::/64"}


class FairQueue:
    """Gives places in threads.

    Args:
        threads: How many there are.
        limits: How much one client may ask for.
        clock: Gives the time in seconds.

    Attributes:
        waits: How long requests waited for a place, in seconds.
    """

    def __init__(self, threads: int, limits: Limits, clock: Callable[[], float]) -> None:
        self._threads = threads
        self._share = max(1, threads // _PARTS)
        """So many threads one client has at most."""
        self._limits = limits
        self._clock = clock
        self._allowance = Allowance(limits.client_pages_per_minute, clock)
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        """Who waits, by client, in the order of the clients' turns."""
        self._running: dict[str, int] = {}
        self._of_client: dict[str, int] = {}
        """How many pages of each client are made or wait."""
        self.waits = Histogram()

    @property
    def running(self) -> int:
        """How many pages are made."""
        return sum(self._running.values())

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting.values()))

    @asynccontextmanager
    async def place(self, client: str, gone: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
        """Wait for a place, and have it until the block ends.

        Args:
            client: Whose page it is.
            gone: Waits until the client has left; it is called only where there is no place at once.

        Raises:
            Problem: The client asks for too much (429), or too many pages wait (503).
            Left: The client has left.
        """
        self._admit(client)
        self._of_client[client] = self._of_client.get(client, 0) + 1
        try:
            began = self._clock()
            if self._waiting or self._are_taken or not self._may_run(client):
                await self._wait(client, gone)
            else:
                self._running[client] = self._running.get(client, 0) + 1
            self.waits.observe(self._clock() - began)
            try:
                yield
            finally:
                self._leave(client)
        finally:
            _count_down(self._of_client, client)

    def _admit(self, client: str) -> None:
        limits = self._limits
        if self._of_client.get(client, 0) >= limits.client_pages and not is_this_machine(client):
            raise _too_much(
                429,
                said(
                    "As many of your pages as one may ask for ({number}) are made or wait already; wait for them before you ask for more.",
                    number=limits.client_pages,
                ),
                "client_pages",
                limits.client_pages,
                _BUSY_SECONDS,
            )
        if self.waiting >= limits.queued_pages:
            raise _too_much(
                503,
                said("Too many pages are asked for at this moment; come again in a few seconds."),
                "queued_pages",
                limits.queued_pages,
                _BUSY_SECONDS,
            )
        if seconds := self._allowance.take(client):
            raise _too_much(
                429,
                said(
                    "You have asked for more pages than one may in a minute ({number}). Files with all data are made for programs: "
                    "see the page on the dataset.",
                    number=limits.client_pages_per_minute,
                ),
                "client_pages_per_minute",
                limits.client_pages_per_minute,
                seconds,
            )

    @property
    def _are_taken(self) -> bool:
        return self.running >= self._threads

    def _may_run(self, client: str) -> bool:
        return self._running.get(client, 0) < self._share

    async def _wait(self, client: str, gone: Callable[[], Awaitable[None]]) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(turn)
        # Others may wait for threads that are not theirs, while one is free that is ours.
        self._next()
        left = asyncio.ensure_future(gone())
        try:
            await asyncio.wait((turn, left), return_when=asyncio.FIRST_COMPLETED)
        except BaseException:
            if turn.done():
                self._leave(client)
            raise
        finally:
            left.cancel()
            if not turn.done():
                self._give_up(client, turn)
        if not turn.done():
            raise Left

    def _give_up(self, client: str, turn: asyncio.Future[None]) -> None:
        turns = self._waiting[client]
        turns.remove(turn)
        if not turns:
            del self._waiting[client]

    def _leave(self, client: str) -> None:
        _count_down(self._running, client)
        self._next()

    def _next(self) -> None:
        """Give places to those whose turn it is."""
        while not self._are_taken:
            client = next(filter(self._may_run, self._waiting), None)
            if client is None:
                return
            turns = self._waiting.pop(client)
            turn = turns.popleft()
            if turns:
                # Others come first now.
                self._waiting[client] = turns
            self._running[client] = self._running.get(client, 0) + 1
            turn.set_result(None)


def _count_down(counts: dict[str, int], client: str) -> None:
    if counts[client] > 1:
        counts[client] -= 1
    else:
        del counts[client]


def _too_much(status: int, detail: str, limit: str, value: int, seconds: int) -> Problem:
    return Problem(
        status,
        detail,
        headers=((b"retry-after", str(seconds).encode()),),
        facts={"limit": limit, "value": value},
    )
