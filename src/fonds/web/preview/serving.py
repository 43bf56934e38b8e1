"""The server of a live preview."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine
from typing import Any

import uvicorn

from fonds.web.edge import Edge
from fonds.web.operations.journal import Journal
from fonds.web.preview import Preview
from fonds.web.preview.watching import Rebuilding, Watcher
from fonds.web.served import Succession
from fonds.web.server import Server, configuration


class PreviewServer(Server):
    """The same with a live preview before what answers, which is rebuilt whenever somebody saves.

    Args:
        application: Answers requests.
        ready: Called when connections are taken.
        rebuilding: How the publication is rebuilt.
        say: Gets lines for whoever started the server.
        names: By which it is called; see :class:`~fonds.web.preview.Preview`.
        journal: Takes note of requests; None: numbers only.
    """

    def __init__(
        self,
        application: Edge,
        ready: Callable[[], None],
        rebuilding: Rebuilding,
        say: Callable[[str], None],
        names: Collection[str] = (),
        journal: Journal | None = None,
    ) -> None:
        self._names = names
        self._rebuilding = rebuilding
        self._say = say
        super().__init__(application, ready, journal)

    def _config(self) -> uvicorn.Config:
        self.preview = Preview(self.served, lambda: self.should_exit, self._names)
        """Shows what became of the last save."""
        return configuration(self.preview, "httptools")

    def beside(self, succession: Succession) -> list[Coroutine[Any, Any, None]]:
        """Return what goes on beside answering, until it is cancelled."""
        watcher = Watcher(self._rebuilding, self.preview, succession, self._say)
        return [*super().beside(succession), watcher.follow()]

    async def startup(self, sockets: Any = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self._say("fonds: it is built and shown again whenever you save")
