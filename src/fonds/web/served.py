"""What is served now: one release after another, without a request lost between them."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fonds.errors import ReleaseError
from fonds.release.folder import Release, link_of, open_release
from fonds.web.edge import Edge, Receive, Scope, Send

LOOK_SECONDS = 1.0
"""So often it is looked whether another release is current."""
_DRAIN_SECONDS = 0.25
_SWITCH_SECONDS = 0.0005
"""While a release is opened, threads take turns so quickly that requests do not feel it."""


class Served:
    """The ASGI application that answers every request from the release that is served when it comes.

    Args:
        edge: Of the release that is served first.
    """

    def __init__(self, edge: Edge) -> None:
        self.edge = edge
        """Answers the next request."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or follow the server's life."""
        await self.edge(scope, receive, send)


class Succession:
    """Follows the link to the current release: the next one is opened beside the one that is served, then takes its place.

    Requests that are being answered are answered from the release that they began with; then it is closed.

    Args:
        served: What answers.
        path: A folder of releases, or a publication; the succession of a release itself is that it stays.
        release: The one that is served first.
        application: Opens what answers from a release.
        say: Gets a line when another release is served, or why not.
    """

    def __init__(
        self,
        served: Served,
        path: Path,
        release: Release,
        application: Callable[[Release], Edge],
        say: Callable[[str], None],
    ) -> None:
        self._served = served
        self._path = path
        self._link = link_of(path)
        self._release = release
        self._application = application
        self._say = say
        self._refused = ""
        """The release that was looked at last and cannot be served."""
        self._leaving: dict[Edge, asyncio.Task[None]] = {}
        """What answered before and has not answered everything yet."""
        self._look = asyncio.Event()
        self._taking = asyncio.Lock()
        self._why = ""
        """Why the release that was looked at last cannot be served."""

    def look(self) -> None:
        """Look at once, and again at what was refused."""
        self._refused = ""
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
            if name and name not in (self._release.folder.name, self._refused):
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
        return self._why if name == self._refused else ""

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
            self._refused, self._why = name, str(error)
            self._say(f"fonds: {self._release.manifest.name} is served still: {error}")
            return
        before, self._served.edge, self._release = self._served.edge, edge, release
        self._say(f"fonds: {release.manifest.name} is served now")
        self._leaving[before] = asyncio.create_task(self._leave(before))

    def _open(self) -> tuple[Release, Edge]:
        release = open_release(self._path)
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
        # The thread that closed it lets go of it, too. What the collector was told to pass over is looked at then, once.
        await asyncio.sleep(_DRAIN_SECONDS)
        gc.unfreeze()
        gc.collect()
        gc.freeze()


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
