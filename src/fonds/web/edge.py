"""The outermost layer: an ASGI application that answers what it can from memory, streams queries, and asks Flask for the rest.

ASGI, since it alone lets a broken stream be seen as broken, shows the path as it was sent, and tells when a client leaves.
"""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, MutableMapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from fonds.errors import StoreError
from fonds.web.addresses import ascii_path
from fonds.web.answers import ALWAYS, Answer, Exchange, Headers, conditional, encoded, header_value
from fonds.web.cache import AnswerCache
from fonds.web.negotiation import accepts_coding
from fonds.web.problems import Problem, problem_answer
from fonds.web.site import Site
from fonds.web.sparql import Call, Endpoint, Stream

Scope = Mapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApplication = Callable[[Scope, Receive, Send], Awaitable[None]]
WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_METHODS = b"GET, HEAD, OPTIONS"
_METHODS_OF_ENDPOINT = b"GET, HEAD, POST, OPTIONS"
_FORM_OVERHEAD_BYTES = 16 * 1024
_PERCENT_ENCODED = 3
_BODY_SECONDS = 30.0
_WHOLE_BYTES = 1024 * 1024
"""Answers of Flask up to this size are taken whole; longer ones are sent a chunk at a time."""

_TO_FLASK = {
    b"range": "HTTP_RANGE",
    b"if-range": "HTTP_IF_RANGE",
    b"if-none-match": "HTTP_IF_NONE_MATCH",
    b"if-modified-since": "HTTP_IF_MODIFIED_SINCE",
}
"""Request headers that a handler may see; what else a client sends, Host included, decides nothing."""

T = TypeVar("T")

EXCHANGE = "fonds.exchange"
"""Where the exchange stands in a WSGI environment."""


class BrokenStream(Exception):
    """An answer broke off after its first bytes; raised so that the server cuts the connection."""


@dataclass(frozen=True)
class Chunks:
    """A long answer of Flask.

    Attributes:
        status: HTTP status code.
        headers: As Flask gave them.
        first: What was read already.
        rest: What is still to come; closing it frees the file.
    """

    status: int
    headers: Headers
    first: bytes
    rest: Iterator[bytes]
    close: Callable[[], None]


class Edge:
    """The ASGI application."""

    def __init__(self, site: Site, pages: WSGIApplication, executor: Executor) -> None:
        self._site = site
        self._pages = pages
        self._executor = executor
        self._endpoint = Endpoint(site, executor)
        self._cache = AnswerCache(site.settings.limits.cache_bytes)
        self._prefix = urlsplit(site.base).path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or follow the server's life."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, headers = scope["method"], scope["headers"]
        exchange = self._exchange(scope)
        # A client of HTTP/1.0 that sends no Accept-Encoding gets none; so does everybody else.
        gzip = accepts_coding(header_value(headers, b"accept-encoding"), "gzip")
        target = f"{exchange.path}?{exchange.query}"
        answer: Answer | Chunks
        if method in ("GET", "HEAD"):
            known = self._cache.find(target, exchange.accept, gzip=gzip)
            if known is not None:
                await self._send_whole(known, scope, send)
                return
        if method == "OPTIONS":
            answer = _preflight(exchange)
        elif exchange.path == "/sparql" and method in ("GET", "HEAD", "POST"):
            await self._query(exchange, scope, receive, send, gzip=gzip, target=target)
            return
        elif method not in ("GET", "HEAD"):
            answer = self._problem(exchange, _method_not_allowed(exchange, method))
        elif not exchange.path.startswith("/"):
            answer = self._problem(exchange, Problem(400, "The address is not a path."))
        else:
            environ = _environ(exchange, headers, method)
            asking = partial(_ask_flask, self._pages, environ, gzip=gzip)
            answer = await self._in_thread(asking)
        if isinstance(answer, Chunks):
            await self._send_chunks(answer, method, receive, send)
            return
        self._keep(exchange, answer, target, gzip=gzip)
        await self._send_whole(answer, scope, send)

    def _exchange(self, scope: Scope) -> Exchange:
        path = ascii_path(scope.get("raw_path") or scope["path"].encode())
        if self._prefix != "/" and path.startswith(self._prefix):
            # The base has a path of its own, and no proxy has taken it off.
            path = path[len(self._prefix) - 1 :]
        query = quote(scope["query_string"], safe="/?:@!$&'()*+,;=-._~%")
        return Exchange(path, query, header_value(scope["headers"], b"accept"))

    def _keep(self, exchange: Exchange, answer: Answer, target: str, *, gzip: bool) -> None:
        if exchange.keep and answer.status in (200, 301, 303):
            self._cache.keep(target, exchange.offered, exchange.chosen, answer, gzip=gzip)

    def _problem(self, exchange: Exchange, problem: Problem) -> Answer:
        return problem_answer(self._site, problem, exchange.accept, exchange.path)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    # -------------------------------------------------------------------------------------------- queries

    async def _query(
        self, exchange: Exchange, scope: Scope, receive: Receive, send: Send, *, gzip: bool, target: str
    ) -> None:
        method = scope["method"]
        try:
            body = await self._body(scope, receive) if method == "POST" else b""
        except Problem as problem:
            await self._send_whole(self._problem(exchange, problem), scope, send)
            return
        if body is None:
            return
        content_type = header_value(scope["headers"], b"content-type")
        call = Call(exchange, method, content_type, body, whole=scope["http_version"] == "1.0")
        gone = asyncio.ensure_future(_gone(receive))
        answering = asyncio.ensure_future(self._endpoint.answer(call))
        try:
            await asyncio.wait({answering, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                return
            answer = answering.result()
            if isinstance(answer, Stream):
                await _send_stream(answer, method, send, gone)
                return
            answer = encoded(answer, gzip_accepted=gzip)
            self._keep(exchange, answer, target, gzip=gzip)
            await self._send_whole(answer, scope, send)
        finally:
            await _cancelled(answering, gone)

    async def _body(self, scope: Scope, receive: Receive) -> bytes | None:
        """Return the body of a request, or None if the client left.

        Raises:
            Problem: It is longer than any query may be, takes too long, or is encoded.
        """
        limits = self._site.settings.limits
        limit = limits.query_bytes * _PERCENT_ENCODED + _FORM_OVERHEAD_BYTES
        coding = (header_value(scope["headers"], b"content-encoding") or "identity").strip().lower()
        if coding != "identity":
            raise Problem(415, f"The body is sent with the coding {coding[:40]}; send it without.")
        too_long = Problem(
            413, f"A query may have {limits.query_bytes} bytes.", facts={"limit_bytes": limits.query_bytes}
        )
        stated = header_value(scope["headers"], b"content-length") or ""
        if stated.isdecimal() and int(stated) > limit:
            raise too_long
        body = bytearray()
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    body += message.get("body", b"")
                    if len(body) > limit:
                        raise too_long
                    if not message.get("more_body", False):
                        return bytes(body)
        except TimeoutError:
            raise Problem(408, f"The body did not arrive within {_BODY_SECONDS:.0f} seconds.") from None

    # -------------------------------------------------------------------------------------------- sending

    async def _send_whole(self, answer: Answer, scope: Scope, send: Send) -> None:
        headers = scope["headers"]
        answer = conditional(
            answer, header_value(headers, b"if-match"), header_value(headers, b"if-none-match")
        )
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.wire_headers})
        # RFC 9110 9.3.2: HEAD has the headers of GET, Content-Length included, and no body.
        body = b"" if scope["method"] == "HEAD" else answer.body
        await send({"type": "http.response.body", "body": body})

    async def _send_chunks(self, answer: Chunks, method: str, receive: Receive, send: Send) -> None:
        """Send a long answer; no thread waits for a slow client, since each chunk is read when the last one is gone."""
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await send(
                {
                    "type": "http.response.start",
                    "status": answer.status,
                    "headers": (*answer.headers, *ALWAYS),
                }
            )
            if method == "HEAD":
                await send({"type": "http.response.body", "body": b""})
                return
            chunk: bytes | None = answer.first
            while chunk is not None and not gone.done():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                chunk = await self._in_thread(partial(next, answer.rest, None))
            await send({"type": "http.response.body", "body": b""})
        finally:
            await _cancelled(gone)
            await self._in_thread(answer.close)


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _gone(receive: Receive) -> None:
    """Wait until the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _cancelled(*futures: asyncio.Future[Any]) -> None:
    waiting = [each for each in futures if not each.done()]
    for each in waiting:
        each.cancel()
    if waiting:
        await asyncio.gather(*waiting, return_exceptions=True)


async def _send_stream(stream: Stream, method: str, send: Send, gone: asyncio.Future[None]) -> None:
    """Send an answer as it comes, at the client's pace; stop the query when the client has left.

    Raises:
        BrokenStream: The answer broke off; the server cuts the connection, so that nobody takes it for whole.
    """
    try:
        await send({"type": "http.response.start", "status": 200, "headers": (*stream.headers, *ALWAYS)})
        if method == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        chunk: bytes | None = stream.first
        while chunk is not None:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            coming = stream.rest.next()
            either: set[asyncio.Future[Any]] = {coming, gone}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                return
            try:
                chunk = stream.rest.take()
            except StoreError as error:
                raise BrokenStream(str(error)) from error
        await send({"type": "http.response.body", "body": b""})
    finally:
        await stream.rest.aclose()


def _preflight(exchange: Exchange) -> Answer:
    """Answer OPTIONS: what may be asked, by scripts of any origin as well (Fetch standard, CORS-preflight)."""
    methods = _METHODS_OF_ENDPOINT if exchange.path == "/sparql" else _METHODS
    return Answer(
        204,
        (
            (b"allow", methods),
            (b"access-control-allow-methods", methods),
            (b"access-control-allow-headers", b"Accept, Content-Type, If-None-Match, Range"),
            (b"access-control-max-age", b"86400"),
        ),
    )


def _method_not_allowed(exchange: Exchange, method: str) -> Problem:
    allowed = _METHODS_OF_ENDPOINT if exchange.path == "/sparql" else _METHODS
    return Problem(
        405,
        f"{method[:20]} is not answered here; there are {allowed.decode()}.",
        headers=((b"allow", allowed),),
    )


# ------------------------------------------------------------------------------------------------ Flask


def _environ(exchange: Exchange, headers: Iterable[tuple[bytes, bytes]], method: str) -> dict[str, Any]:
    """Return the WSGI environment of a request (PEP 3333), always a GET: what HEAD leaves out is left out here."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        # As it was sent: decoding would make one of %2F and /.
        "PATH_INFO": exchange.path,
        "QUERY_STRING": exchange.query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        EXCHANGE: exchange,
    }
    for name, value in headers:
        # RFC 9110 14.2: a range is for GET alone.
        if name in _TO_FLASK and not (method == "HEAD" and name == b"range"):
            environ[_TO_FLASK[name]] = value.decode("latin-1")
    return environ


def _ask_flask(pages: WSGIApplication, environ: dict[str, Any], *, gzip: bool) -> Answer | Chunks:
    """Return Flask's answer: whole, coded and with its ETag, if it is not long."""
    started: list[tuple[int, Headers]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _exc_info: object = None) -> None:
        pairs = tuple((key.lower().encode("latin-1"), value.encode("latin-1")) for key, value in headers)
        started[:] = [(int(status.split(" ", 1)[0]), pairs)]

    result = pages(environ, start_response)
    close: Callable[[], None] = getattr(result, "close", lambda: None)
    rest = iter(result)
    body = b""
    try:
        for chunk in rest:
            body += chunk
            if len(body) > _WHOLE_BYTES:
                break
        else:
            close()
            status, headers = started[0]
            whole = Answer(status, tuple(each for each in headers if each[0] != b"content-length"), body)
            return encoded(whole, gzip_accepted=gzip)
    except BaseException:
        close()
        raise
    status, headers = started[0]
    return Chunks(status, headers, body, rest, close)
