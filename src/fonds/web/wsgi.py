"""Flask behind the edge: a request as a WSGI environment, and its answer, whole or in chunks."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fonds.web.answers import Answer, Exchange, Headers, encoded

WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

EXCHANGE = "fonds.exchange"
"""Where the exchange stands in a WSGI environment."""

_WHOLE_BYTES = 2 * 1024 * 1024
"""Answers of Flask up to this size are taken whole; longer ones are sent a chunk at a time."""

_TO_FLASK = {
    b"range": "HTTP_RANGE",
    b"if-range": "HTTP_IF_RANGE",
    b"if-none-match": "HTTP_IF_NONE_MATCH",
    b"if-modified-since": "HTTP_IF_MODIFIED_SINCE",
}
"""Request headers that a handler may see; what else a client sends, Host included, decides nothing."""


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


def environ_of(exchange: Exchange, headers: Iterable[tuple[bytes, bytes]], method: str) -> dict[str, Any]:
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


def ask_flask(pages: WSGIApplication, environ: dict[str, Any], coding: str) -> Answer | Chunks:
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
            return encoded(whole, coding)
    except BaseException:
        close()
        raise
    status, headers = started[0]
    return Chunks(status, headers, body, rest, close)
