"""The live preview of ``fonds serve``: pages of a publication that somebody is writing, with what is wrong with it at their top.

It stands before what answers: pages get a panel where the last rebuild failed, and a small script that loads them again when there
is something new. Nothing of it is in a release, in what the server keeps, or in a server that has no preview.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import msgspec

from fonds.errors import Fault
from fonds.release.presentation.templates import environment, loader_of
from fonds.web.answers import ALWAYS, CONTENT_SECURITY_POLICY, Headers
from fonds.web.edge import ASGIApplication, Message, Receive, Scope, Send

OWN = "/-preview/"
"""Below it stands what only a preview has."""
MOST_SHOWN = 25
_FILES = {
    "panel.js": b"text/javascript;charset=utf-8",
    "panel.css": b"text/css;charset=utf-8",
}
_NOT_ASKED = frozenset(
    {
        b"accept-encoding",
        b"if-none-match",
        b"if-modified-since",
        b"if-match",
        b"if-unmodified-since",
        b"range",
    }
)
"""Headers of requests that are taken out: a page that gets a panel has to come whole and as it is."""
_NOT_KEPT = frozenset({b"etag", b"last-modified", b"cache-control", b"content-length"})
_LISTEN_SECONDS = 0.25
_PORT = re.compile(r":\d*$")
_NOT_OURS = (
    b"This is a preview of what is not published yet. It answers to an address, to localhost and to the name that it was given by "
    b"--host or --base, so that no other site can read it.\n"
)
_HEAD_END = re.compile(rb"</head\s*>", re.IGNORECASE)
_BODY = re.compile(rb"<body\b[^>]*>", re.IGNORECASE)
_POLICY = CONTENT_SECURITY_POLICY.encode()
# The script asks for news here, and nowhere else; pages have nothing else to ask.
_POLICY_HERE = _POLICY.replace(b"default-src 'none'", b"default-src 'none'; connect-src 'self'")
_FOR_ALL_ORIGINS = b"access-control-"
_HERE = {b"content-security-policy": _POLICY_HERE, b"cross-origin-resource-policy": b"same-origin"}


def _for_this_origin(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer as of something that is not published yet: no other site may read it."""
    return [
        (name, _HERE.get(name, value)) for name, value in headers if not name.startswith(_FOR_ALL_ORIGINS)
    ]


_ALWAYS_HERE = tuple(_for_this_origin(ALWAYS))


class Told(msgspec.Struct, frozen=True):
    """What stops a build, as its report has it, in the words of ``fonds check``."""

    level: str
    path: str
    message: str
    line: int = 0
    column: int = 0
    sheet: str = ""
    cell: str = ""
    found: str = ""
    allowed: str = ""
    example: str = ""
    docs: str = ""

    @property
    def place(self) -> str:
        """Where it stands: ``persons.csv:7:3``."""
        return str(Fault(self.path, self.line, self.column, "", self.sheet)).removesuffix(": ")


@dataclass(frozen=True, slots=True)
class State:
    """What became of the last save.

    Attributes:
        version: Greater with each news.
        word: ``served``: what is shown is what was saved; ``building``; ``failed``: what is shown is older.
        told: What stops the build.
        said: Why it failed, where it told nothing of that kind.
    """

    version: int = 0
    word: str = "served"
    told: tuple[Told, ...] = ()
    said: str = ""


class Preview:
    """The ASGI application before the one that answers.

    Args:
        served: Answers.
        stopping: Tells whether the server is about to stop, so that nobody waits for news any more.
        names: By which the server is called, beside addresses, ``localhost`` and the name of this machine.
    """

    def __init__(
        self, served: ASGIApplication, stopping: Callable[[], bool], names: Collection[str] = ()
    ) -> None:
        here = socket.gethostname().lower()
        self._names = frozenset({*(each.lower() for each in names), here, f"{here}.local", "localhost", ""})
        self._served = served
        self._stopping = stopping
        self.state = State()
        self._template = environment(loader_of(None)).get_template("preview.html")
        folder = resources.files(__name__)
        self._files = {name: (folder / name).read_bytes() for name in _FILES}

    def tell(self, word: str, told: Sequence[Told] = (), said: str = "") -> None:
        """Note what became of a save, for all pages that are open."""
        self.state = State(self.state.version + 1, word, tuple(told), said)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or follow the server's life."""
        path = scope.get("path", "")
        if scope["type"] == "http" and not self._is_ours(scope):
            # A page of somebody else's, whose name leads to this machine now, would read what is not published yet.
            await _whole(send, 421, b"text/plain;charset=utf-8", _NOT_OURS)
        elif scope["type"] != "http" or not path.startswith(OWN):
            await self._pass_on(scope, receive, send)
        elif path == f"{OWN}news":
            await self._news(receive, send)
        else:
            name = path.removeprefix(OWN)
            body = self._files.get(name)
            await _whole(send, 200 if body is not None else 404, _FILES.get(name, b"text/plain"), body or b"")

    def _is_ours(self, scope: Scope) -> bool:
        """Tell whether a request is meant for this server: for an address, or for one of its names (RFC 9110 7.4)."""
        hosts = [
            value.decode("latin-1").lower() for name, value in scope["headers"] if name.lower() == b"host"
        ]
        name = _PORT.sub("", hosts[0].strip()) if hosts else ""
        if name in self._names or name.endswith(".localhost"):
            return True
        try:
            ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
        except ValueError:
            return False
        return True

    async def _news(self, receive: Receive, send: Send) -> None:
        """Send what becomes of saves, as it happens (HTML standard 9.2, server-sent events)."""
        gone = asyncio.ensure_future(_gone(receive))
        headers = ((b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), *_ALWAYS_HERE)
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        known = -1
        try:
            while not (gone.done() or self._stopping()):
                if self.state.version != known:
                    known = self.state.version
                    data = msgspec.json.encode({"version": known, "word": self.state.word})
                    await send(
                        {
                            "type": "http.response.body",
                            "body": b"retry: 500\ndata: %b\n\n" % data,
                            "more_body": True,
                        }
                    )
                await asyncio.wait((gone,), timeout=_LISTEN_SECONDS)
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._served(scope, receive, send)
            return
        headers = [each for each in scope["headers"] if each[0].lower() not in _NOT_ASKED]
        page = _Page(send, self._with_panel)
        await self._served({**scope, "headers": headers}, receive, page.send)

    def _with_panel(self, body: bytes) -> bytes:
        """Return a page with the panel, its style and its script."""
        state = self.state
        head = (
            f'<link rel="stylesheet" href="{OWN}panel.css">'
            f'<script src="{OWN}panel.js" data-version="{state.version}" defer></script>'
        )
        panel = self._template.render(state=state, shown=MOST_SHOWN)
        body = _HEAD_END.sub(lambda found: head.encode() + found[0], body, count=1)
        return _BODY.sub(lambda found: found[0] + panel.encode(), body, count=1)


class _Page:
    """Passes an answer on: a page whole and changed, all else as it comes."""

    def __init__(self, send: Send, change: Callable[[bytes], bytes]) -> None:
        self._send = send
        self._change = change
        self._start: Message | None = None
        self._body = bytearray()

    async def send(self, message: Message) -> None:
        """Take a message of the application."""
        if message["type"] == "http.response.start":
            message = {**message, "headers": _for_this_origin(message["headers"])}
        if message["type"] == "http.response.start" and _is_page(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._send_changed(self._start)

    async def _send_changed(self, start: Message) -> None:
        # HEAD has no body, and a redirect none that anybody sees.
        body = self._change(bytes(self._body)) if self._body else b""
        headers = [each for each in start["headers"] if each[0] not in _NOT_KEPT]
        headers += [(b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
        await self._send({**start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _is_page(start: Message) -> bool:
    return any(name == b"content-type" and value.startswith(b"text/html") for name, value in start["headers"])


async def _whole(
    send: Callable[[dict[str, Any]], Awaitable[None]], status: int, type_: bytes, body: bytes
) -> None:
    headers = (
        (b"content-type", type_),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *_ALWAYS_HERE,
    )
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
