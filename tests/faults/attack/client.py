"""A client that sends anything, from any loopback address, and says how the answer ended."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode

RESULTS_JSON = "application/sparql-results+json"
_FORM = "application/x-www-form-urlencoded"
_BUFFER_BYTES = 1 << 18
_KEPT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """The server under attack.

    Attributes:
        host: A loopback address.
        port: Where it listens.
        query_seconds: How long a query may take.
        triples: In the default graph.
        crowd: How many clients come at once, where many do.
    """

    host: str
    port: int
    query_seconds: float
    triples: int
    crowd: int = 1000

    @property
    def seconds(self) -> float:
        """Within so long every query has ended, also one that waited for others."""
        return self.query_seconds + 1


@dataclass(frozen=True)
class Outcome:
    """How a request ended.

    Attributes:
        status: Of the answer; 0 where there was none.
        headers: Names in lower case.
        body: What came of it, 64 MiB at most.
        size: How many bytes of the body came.
        whole: Whether a client takes the answer for complete.
        seconds: From the first byte sent to the end.
        hung: Whether nothing had ended when patience did.
    """

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    size: int = 0
    whole: bool = False
    seconds: float = 0.0
    hung: bool = False

    @cached_property
    def problem(self) -> Mapping[str, Any]:
        """The problem document, empty where the body is none."""
        if not self.body or "problem+json" not in self.headers.get("content-type", ""):
            return {}
        found: Mapping[str, Any] = json.loads(self.body)
        return found

    @property
    def how(self) -> str:
        """The ending in a word or two: ``200``, ``503 query_seconds``, ``503 busy``, ``cut``, ``closed``, ``hung``."""
        if self.hung:
            return "hung"
        if not self.status:
            return "closed"
        if not self.whole:
            return "cut"
        if self.status == 503:
            return f"503 {'busy' if 'retry-after' in self.headers else self.problem.get('limit', '')}"
        return str(self.status)

    @property
    def rows(self) -> int:
        """How many solutions an answer in JSON has.

        Raises:
            ValueError: It is no JSON, as of a cut answer that looks whole.
        """
        return len(json.loads(self.body)["results"]["bindings"])


# ------------------------------------------------------------------------------------------------ requests


def get(query: str, accept: str = RESULTS_JSON, more: str = "", method: str = "GET") -> bytes:
    """Return a query by GET as it goes over the wire."""
    return request(f"{method} /sparql?query={quote(query, safe='')}{more} HTTP/1.1", f"Accept: {accept}")


def post(query: str | bytes, accept: str = RESULTS_JSON, *headers: str) -> bytes:
    """Return a query by POST, directly."""
    body = query if isinstance(query, bytes) else query.encode("utf-8", "surrogatepass")
    return sent(body, "application/sparql-query", accept, *headers)


def form(values: Mapping[str, str] | bytes, accept: str = RESULTS_JSON) -> bytes:
    """Return parameters by POST, as a form."""
    body = values if isinstance(values, bytes) else urlencode(values).encode()
    return sent(body, _FORM, accept)


def sent(body: bytes, media_type: str, accept: str = RESULTS_JSON, *headers: str) -> bytes:
    """Return a POST with a body of some type."""
    length = f"Content-Length: {len(body)}"
    kind = f"Content-Type: {media_type}"
    return request("POST /sparql HTTP/1.1", f"Accept: {accept}", kind, length, *headers) + body


def request(line: str, *headers: str, close: bool = True) -> bytes:
    """Return the head of a request; text is written as Latin-1, so that any byte can stand in it."""
    lines = [line, "Host: a.example", *(["Connection: close"] if close else []), *headers]
    return "\r\n".join((*lines, "", "")).encode("latin-1")


# ------------------------------------------------------------------------------------------------ connections


async def connected(place: Place, source: str, receive_bytes: int | None = None) -> socket.socket:
    """Return a socket that is connected from an address.

    Args:
        place: To where.
        source: A loopback address, which makes this another client than those from elsewhere.
        receive_bytes: How much the system holds for a client that does not read.
    """
    made = socket.socket()
    made.setblocking(False)
    try:
        if receive_bytes is not None:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        made.bind((source, 0))
        await asyncio.get_running_loop().sock_connect(made, (place.host, place.port))
    except BaseException:
        made.close()
        raise
    return made


async def ask(place: Place, message: bytes, *, source: str, patience: float | None = None) -> Outcome:
    """Send a request over a connection of its own and wait for the end of the answer."""
    began = time.monotonic()
    reading = Reading(no_body=message.startswith(b"HEAD "))
    hung = False
    try:
        async with asyncio.timeout(patience or 5 * place.seconds):
            connection = await connected(place, source)
            try:
                await _exchange(connection, message, reading)
            finally:
                connection.close()
    except TimeoutError:
        hung = True
    except OSError:
        reading.whole = False
    return reading.outcome(time.monotonic() - began, hung=hung)


async def _exchange(connection: socket.socket, message: bytes, reading: Reading) -> None:
    """Send and read at the same time: a server need not read all of a request to answer it."""
    loop = asyncio.get_running_loop()
    sending = asyncio.ensure_future(loop.sock_sendall(connection, message))
    try:
        while not reading.ended:
            reading.take(await loop.sock_recv(connection, _BUFFER_BYTES))
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


def leave(connection: socket.socket) -> None:
    """Close a connection with a reset, as a client that is killed does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class Reading:
    """Takes an answer apart as it comes (RFC 9112 6.3).

    Args:
        no_body: Whether that was HEAD, which is answered without.
    """

    def __init__(self, *, no_body: bool = False) -> None:
        self._no_body = no_body
        self.whole = False
        self.ended = False
        self.rest = b""
        self._status = 0
        self._headers: dict[str, str] = {}
        self._kept: list[bytes] = []
        self._size = 0
        self._left = -1  # bytes of the body, or of the chunk; -1: until the connection is closed
        self._chunked = False
        self._in_chunk = False

    def take(self, data: bytes) -> None:
        """Take what came; nothing means that the connection was closed."""
        if not data:
            self.ended = True
            # Only an answer that says no length ends in this way, if it is HTTP/1.0 or says that it closes.
            self.whole = self.whole or bool(self._status and not self._chunked and self._left < 0)
            return
        self.rest += data
        if not self._status:
            self._take_head()
        if self._status:
            self._take_chunks() if self._chunked else self._take_body()

    def outcome(self, seconds: float, *, hung: bool = False) -> Outcome:
        """Return how it ended."""
        body = b"".join(self._kept)
        return Outcome(self._status, self._headers, body, self._size, self.whole, seconds, hung)

    def _take_head(self) -> None:
        head, found, rest = self.rest.partition(b"\r\n\r\n")
        if not found:
            return
        self.rest = rest
        first, *lines = head.decode("latin-1").split("\r\n")
        self._status = int(first.split(" ")[1])
        pairs = (line.partition(":") for line in lines)
        self._headers = {name.lower(): value.strip() for name, _, value in pairs}
        self._chunked = self._headers.get("transfer-encoding") == "chunked"
        self._left = int(self._headers.get("content-length", -1))
        if self._no_body or self._status in (204, 304):
            self._chunked, self._left = False, 0

    def _take_body(self) -> None:
        piece = self.rest if self._left < 0 else self.rest[: self._left]
        self._keep(piece)
        self.rest = self.rest[len(piece) :]
        if self._left >= 0:
            self._left -= len(piece)
            self.whole = self.ended = self._left == 0

    def _take_chunks(self) -> None:
        position = 0
        while not self.ended:
            if self._in_chunk:
                piece = self.rest[position : position + self._left]
                if len(piece) < self._left or len(self.rest) < position + self._left + 2:
                    break
                self._keep(piece)
                position += self._left + 2
                self._in_chunk = False
            elif (end := self.rest.find(b"\r\n", position)) < 0:
                break
            elif (size := int(self.rest[position:end].partition(b";")[0], 16)) > 0:
                self._left, self._in_chunk = size, True
                position = end + 2
            elif len(self.rest) < end + 4:
                break
            else:
                self.whole = self.ended = True
                position = end + 4
        self.rest = self.rest[position:]

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size <= _KEPT_BYTES:
            self._kept.append(piece)
