"""What is served now: one release after another, without a request lost between them."""

from __future__ import annotations

import asyncio
import gc
import math
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

from fonds.errors import ReleaseError
from fonds.memory import give_back
from fonds.release.folder import Release, link_of, open_release, require_whole
from fonds.tally import Histogram
from fonds.web.answers import Answer
from fonds.web.edge import BrokenStream, Edge, Message, Receive, Scope, Send, target_of
from fonds.web.operations import request_ids
from fonds.web.operations.entries import SCOPE, Entry
from fonds.web.operations.journal import Journal
from fonds.web.operations.metrics import (
    OPEN_METRICS,
    SAVE_SECONDS,
    TEXT,
    Family,
    Together,
    Watched,
    exposition,
    families,
    wants_open_metrics,
)
from fonds.web.operations.probes import Condition

LOOK_SECONDS = 1.0
"""So often it is looked whether another release is current."""
AGAIN_SECONDS = 10.0
"""After that a release that was not whole is looked at again: somebody may be copying it."""
_DRAIN_SECONDS = 0.25
_WRITTEN_AGAIN_SECONDS = 60.0
"""After so long it is tried again to write numbers down where that failed."""
_SWITCH_SECONDS = 0.0005
"""While a release is opened, threads take turns so quickly that requests do not feel it."""


class Served:
    """The ASGI application that answers every request from the release that is served when it comes.

    Args:
        edge: Of the release that is served first.
        journal: Takes note of requests.
    """

    def __init__(self, edge: Edge, journal: Journal | None = None) -> None:
        self.journal = journal or Journal()
        """Takes note of requests."""
        self.condition = Condition()
        """What is so of the process, whatever release it serves."""
        self.loaded_at = 0.0
        """When the release was opened, in seconds since 1970."""
        self.page_waits = Histogram()
        """How long pages waited to be made, in seconds, whatever release they are of."""
        self.refused = 0
        """How many releases became current and could not be served."""
        self.together: Together | None = None
        """The numbers of other processes that serve the same; None where this one is alone."""
        self.connections: Callable[[], int] = lambda: 0
        """Tells how many connections are open."""
        self.most_connections: float = math.inf
        """How many are taken at once."""
        self.take(edge)

    def take(self, edge: Edge) -> None:
        """Have every request from now on answered by an edge."""
        edge.readiness.condition = self.condition
        edge.readiness.tell = partial(self.journal.tell, "error")
        edge.queue.waits = self.page_waits
        edge.metrics = self.metrics
        self.edge = edge
        """Answers the next request."""
        self.loaded_at = time.time()

    @property
    def draining(self) -> bool:
        """Whether the server is about to stop: what comes is answered, and no connection stays."""
        return self.condition.draining

    def numbers(self) -> list[Family]:
        """Return the numbers of this process."""
        edge, queue = self.edge, self.edge.queue
        watched = Watched(
            edge.release,
            edge.issued,
            self.loaded_at,
            self.refused,
            self.draining,
            self.connections(),
            edge.cache_bytes,
            queue.running,
            queue.waiting,
            self.page_waits,
            edge.load(),
            edge.limits,
            self.journal.lines_left_out,
        )
        return families(self.journal, watched)

    def metrics(self, accept: str | None) -> Answer:
        """Answer ``/metrics``."""
        found = self.numbers()
        if self.together is not None:
            found = self.together.all(found)
        open_metrics = wants_open_metrics(accept)
        headers = (
            (b"content-type", OPEN_METRICS if open_metrics else TEXT),
            (b"cache-control", b"no-store"),
            (b"vary", b"Accept"),
        )
        return Answer(200, headers, exposition(found, open_metrics=open_metrics))

    async def save_numbers(self) -> None:
        """Write the numbers down for other processes, again and again, until this is cancelled."""
        together = self.together
        while together is not None:
            try:
                await asyncio.to_thread(together.save, self.numbers())
            except OSError as error:
                self.journal.tell("warning", f"the numbers of this process cannot be written down: {error}")
                await asyncio.sleep(_WRITTEN_AGAIN_SECONDS)
            await asyncio.sleep(SAVE_SECONDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or follow the server's life."""
        edge = self.edge
        if scope["type"] != "http":
            await edge(scope, receive, send)
            return
        journal = self.journal
        id_ = request_ids.of(scope["headers"])
        entry = journal.begin(scope["method"].encode("latin-1"), target_of(scope), id_, release=edge.release)
        if journal.wants_clients:
            entry.client = edge.client_of(scope)
        scope = {**scope, SCOPE: entry}
        async with self.noting(entry, send) as noted:
            try:
                await edge(scope, receive, noted)
            except BrokenStream:
                raise
            except Exception as error:
                if entry.status:
                    raise
                # What breaks an answer before there is any is told like all that breaks.
                await edge.tell_failure(error, entry, scope, noted)

    @asynccontextmanager
    async def noting(self, entry: Entry, send: Send) -> AsyncIterator[Send]:
        """Take note of an answer while it is sent, and give it the headers that follow from the request alone."""
        more = ((request_ids.HEADER, entry.id),)

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                entry.takes(message["status"], headers)
                closing = ((b"connection", b"close"),) if self.draining else ()
                message = {**message, "headers": (*headers, *more, *closing)}
            elif message["type"] == "http.response.body":
                entry.size_bytes += len(message.get("body", b""))
                entry.whole = not message.get("more_body", False)
            await send(message)

        try:
            yield noted
        except BrokenStream as broken:
            entry.cut, entry.limit = True, broken.limit
            raise
        except Exception:
            entry.cut = True
            raise
        finally:
            self.journal.end(entry)


class Succession:
    """Follows the link to the current release: the next one is opened beside the one that is served, then takes its place.

    Requests that are being answered are answered from the release that they began with; then it is closed.

    Args:
        served: What answers.
        path: A folder of releases, or a publication; the succession of a release itself is that it stays.
        release: The one that is served first.
        application: Opens what answers from a release.
        say: Gets a line when another release is served, or why not.
        verify: Whether every file of it is hashed before.
    """

    def __init__(
        self,
        served: Served,
        path: Path,
        release: Release,
        application: Callable[[Release], Edge],
        say: Callable[[str], None],
        *,
        verify: bool = False,
    ) -> None:
        self._verify = verify
        self._served = served
        self._path = path
        self._link = link_of(path)
        self._release = release
        self._application = application
        self._say = say
        self._leaving: dict[Edge, asyncio.Task[None]] = {}
        """What answered before and has not answered everything yet."""
        self._again = 0.0
        """When what was refused is looked at again, by the clock of the loop."""
        self._told = ""
        """Which was told of as refused: once is enough while it is copied."""
        self._look = asyncio.Event()
        self._taking = asyncio.Lock()

    def look(self) -> None:
        """Look at once, and again at what was refused."""
        self._again, self._told = 0.0, ""
        self._look.set()

    async def follow(self) -> None:
        """Follow the link until this is cancelled."""
        while self._link is not None:
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._look.wait()
            except TimeoutError:
                pass
            self._look.clear()
            name = _name_at(self._link)
            refused = name == self._served.condition.refused
            waits = refused and asyncio.get_running_loop().time() < self._again
            if name == self._release.folder.name:
                # Whoever went back to what is served needs not be told of the other one any more.
                self._forgive()
            elif name and not waits:
                await self._take(name)

    @property
    def serves(self) -> str:
        """The name of the release that is served now."""
        return self._release.folder.name

    async def take_current(self) -> str:
        """Serve the current release at once, if it is another one; return why that cannot be, empty where it is served."""
        name = _name_at(self._link) if self._link is not None else ""
        if name:
            await self._take(name)
        condition = self._served.condition
        return condition.why if name == condition.refused else ""

    def close(self) -> None:
        """Let go of everything that was opened."""
        for leaving in self._leaving.values():
            leaving.cancel()
        for edge in (*self._leaving, self._served.edge):
            edge.close()

    async def _take(self, name: str) -> None:
        """Serve another release, or say why not."""
        async with self._taking:
            if name != self._release.folder.name:
                await self._take_now(name)

    async def _take_now(self, name: str) -> None:
        try:
            with _quick_turns():
                release, edge = await asyncio.to_thread(self._open)
            await edge.start()
        except Exception as error:
            self._served.condition.refused, self._served.condition.why = name, self._told_to_all(str(error))
            self._again = asyncio.get_running_loop().time() + AGAIN_SECONDS
            if self._told != name:
                self._told = name
                self._served.refused += 1
                self._say(f"fonds: {self._release.manifest.name} is served still: {error}")
            return
        before, self._release = self._served.edge, release
        self._served.take(edge)
        self._forgive()
        self._say(f"fonds: {release.manifest.name} is served now")
        self._leaving[before] = asyncio.create_task(self._leave(before))

    def _told_to_all(self, why: str) -> str:
        """Return a reason with each file as it stands in the folder of releases: where that is only the operator is told."""
        assert self._link is not None
        for folder in {self._link.parent, self._link.parent.resolve()}:
            why = why.replace(f"{folder}/", "")
        return why

    def _forgive(self) -> None:
        self._told = self._served.condition.refused = self._served.condition.why = ""

    def _open(self) -> tuple[Release, Edge]:
        release = open_release(self._path)
        if self._verify:
            require_whole(release)
        ours, theirs = self._release.manifest.base, release.manifest.base
        if ours != theirs:
            raise ReleaseError(
                f"{release.manifest.name} stands under {theirs}, and not under {ours}; start the server again for it"
            )
        edge = self._application(release)
        edge.warm()
        return release, edge

    async def _leave(self, edge: Edge) -> None:
        """Close what answered until now, as soon as it has answered everything."""
        try:
            while edge.is_busy:
                await asyncio.sleep(_DRAIN_SECONDS)
            await asyncio.to_thread(edge.close)
        finally:
            self._leaving.pop(edge, None)
            del edge
        # The thread that closed it lets go of it, too; it is a cycle, which would stay for long.
        await asyncio.sleep(_DRAIN_SECONDS)
        gc.collect()
        await asyncio.to_thread(give_back)


def _name_at(link: Path) -> str:
    try:
        return link.readlink().name
    except OSError:
        # For a moment there may be none: somebody copies a folder.
        return ""


@contextmanager
def _quick_turns() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
