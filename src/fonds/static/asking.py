"""Asks an application in this process, as a server would, and returns whole answers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from fonds.release.folder import Release
from fonds.translations import speaking, translation
from fonds.web import create_app
from fonds.web.edge import read_head
from fonds.web.server import open_store
from fonds.web.site import Site, in_language, open_site


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer.

    Attributes:
        status: HTTP status code.
        headers: By name in lower case.
        body: Without coding.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The type, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0]


class Asking:
    """The application of a release, to be asked in a ``with`` block.

    Args:
        release: What it answers from: its own store, wherever its settings say that a server would ask.
    """

    def __init__(self, release: Release) -> None:
        self._settings = settings = release.manifest.settings
        store = open_store(release)
        self._edge = create_app(release, store, settings)
        self._runner = asyncio.Runner()
        self.site: Site = open_site(release, store, settings)
        """The same release, for pages that no server has."""

    def __enter__(self) -> Self:
        self._runner.run(self._edge.start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.site.close()
        self._edge.close()
        self._runner.close()

    def sites(self, prefixes: Iterable[str]) -> Iterator[Site]:
        """Yield the site in its first language, and in those with these prefixes; each is spoken until the next one is asked for."""
        yield self.site
        for prefix in prefixes:
            language = prefix.rstrip("/")
            with speaking(translation(language)):
                yield in_language(self.site, self._settings, language)

    def ask(self, target: str, accept: str = "") -> Reply:
        """Return the answer to a GET.

        Args:
            target: Path from ``/``, and query, percent-encoded.
            accept: The header Accept; empty for none.
        """
        headers = [(b"accept", accept.encode("latin-1"))] if accept else []
        found = self._edge.prompt(b"GET", target.encode(), headers, read_head(headers))
        if found is not None and (answer := found.answer) is not None:
            return Reply(answer.status, _read(answer.headers), answer.body)
        return self._runner.run(self._ask(target, headers))

    async def _ask(self, target: str, sent_headers: Sequence[tuple[bytes, bytes]]) -> Reply:
        path, _, query = target.encode().partition(b"?")
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "path": path.decode(),
            "raw_path": path,
            "query_string": query,
            "headers": sent_headers,
        }
        status, headers, body = 0, dict[str, str](), bytearray()
        waiting = asyncio.Event()
        sent = False

        async def receive() -> dict[str, Any]:
            nonlocal sent
            if not sent:
                sent = True
                return {"type": "http.request", "body": b"", "more_body": False}
            # The client stays until it has everything.
            await waiting.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers.update(_read(message["headers"]))
            else:
                body.extend(message.get("body", b""))

        await self._edge(scope, receive, send)
        return Reply(status, headers, bytes(body))


def _read(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
