"""HTTP/1.1 on a connection: uvicorn's protocol, which writes at once what the edge can answer at once.

A task, a scope and two messages for each request cost more than most documents; so these are written as soon as the head of a
request is there. All else goes uvicorn's way, to the ASGI application.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any
from urllib.parse import quote

import httptools
import msgspec
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from fonds.web.answers import ALWAYS, Answer
from fonds.web.edge import BODY_SECONDS, Head, Prompted, Receive, Send, client_gone, read_head, send_stream
from fonds.web.operations import request_ids
from fonds.web.operations.entries import Entry
from fonds.web.operations.journal import Journal
from fonds.web.served import Served
from fonds.web.sparql import Asked, Stream

KEEP_ALIVE_SECONDS = 60
"""A connection on which nobody asks is closed after that."""
HEAD_SECONDS = 30.0
"""A request has to have sent its head by then."""
HEAD_BYTES = 256 * 1024
"""The longest head of a request, a query of 64 kB in its target included; a longer one is refused (RFC 6585 5)."""
HEADERS = 128
"""How many headers a request may have."""
_TOO_LONG = f"The head of a request may have {HEAD_BYTES} bytes and {HEADERS} headers."
_VERSIONS = ("1.0", "1.1")
_STREAMING_VERSION = "1.1"
"""An answer that comes in pieces can be told from a cut one (RFC 9112 7.1)."""
_LOOK_SECONDS = 10.0
_NO_ROOM = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
)
LINGER_SECONDS = 0.5
"""A connection on which nobody asks stays so long when the server stops: a request may be on its way."""
_STOPS = "The server is being stopped; ask again in a moment."
_IN_TARGET = bytes(range(0x21, 0x7F)).decode()


class Protocol(HttpToolsProtocol):
    """One connection.

    Args:
        config: uvicorn's settings; its application is what is :class:`~fonds.web.served.Served`.
        server_state: What uvicorn's connections share.
        app_state: Unused.
        _loop: The event loop.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._served: Served = config.app  # type: ignore[assignment]
        self._in_head = False
        self._answered = False
        self._head_bytes = 0
        self._last_data = self.loop.time()
        self._put_off: deque[bytes] = deque()
        """What was sent and waits for its turn."""
        self._look: asyncio.TimerHandle | None = None
        self._current: Pending | RequestResponseCycle | None = None
        """What is being answered."""

    @property
    def journal(self) -> Journal:
        """Takes note of requests."""
        return self._served.journal

    @property
    def is_draining(self) -> bool:
        """Whether the server is about to stop, so that no connection stays."""
        return self._served.draining

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection."""
        super().connection_made(transport)
        if len(self.connections) > self._served.most_connections:
            # What is left of open files is for those who are connected already.
            transport.write(_NO_ROOM)
            transport.close()
            return
        self._look = self.loop.call_later(_LOOK_SECONDS, self._look_after)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of a connection."""
        if self._look is not None:
            self._look.cancel()
        # A request behind it may have come already; the one that is being answered has to hear of it as well.
        if self._current is not None and not self._current.response_complete:
            self._current.disconnected = True
            self._current.message_event.set()
        self._put_off.clear()
        super().connection_lost(exc)
        self._forget_bodies()
        # They refer to this connection, and would wait for the collector of cycles.
        self.cycle = self._current = None  # type: ignore[assignment]

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Have a request answered; others may come behind it meanwhile."""
        self._current = cycle
        super()._start_asgi_task(cycle, app)

    def eof_received(self) -> None:
        """Take note that the client has closed its half: the loop closes the other one, so that nobody is answered any more."""
        self._leave_alone()

    def on_response_complete(self) -> None:
        """Let go of what was read of the request."""
        self._forget_bodies()
        super().on_response_complete()

    def _forget_bodies(self) -> None:
        for each in (self.cycle, self._current):
            if isinstance(each, RequestResponseCycle) and (each.response_complete or each.disconnected):
                each.body = bytearray()

    def shutdown(self) -> None:
        """Close the connection behind the answer that is on its way; where none is, wait a moment for what may be on its way here."""
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            self.loop.call_later(LINGER_SECONDS, self._close_if_idle)
        else:
            self.cycle.keep_alive = False

    def _close_if_idle(self) -> None:
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()
        else:
            self.cycle.keep_alive = False

    def cut(self) -> bool:
        """Close the connection; who has got nothing is told so, and an answer that has begun is cut. Tell whether there was one."""
        cycle = self._current if isinstance(self._current, Pending) else self.cycle
        running = cycle is not None and not cycle.response_complete and not cycle.disconnected
        if self.transport.is_closing():
            return running
        if isinstance(cycle, Pending) and running:
            asked, cycle.asked = cycle.asked, None
            cycle.response_complete = True
            if asked is not None:
                asked.give_up()
            cycle.entry.status, cycle.entry.whole = 503, True
            self.journal.end(cycle.entry)
            self._write_refusal(503, _STOPS, cycle.entry.id)
        elif isinstance(cycle, RequestResponseCycle) and running and not cycle.response_started:
            # Its task is cancelled; should it still send something, that is not for this connection.
            cycle.disconnected = True
            self._write_refusal(503, _STOPS, request_ids.made())
        self.transport.close()
        return running

    def _look_after(self) -> None:
        """Close the connection if its client sends nothing, or the head of a request too slowly."""
        idle = self.loop.time() - self._last_data
        working = self.cycle is not None and not self.cycle.response_complete
        if self._in_head and idle > HEAD_SECONDS:
            self._refuse(408, "The head of the request did not arrive in time.")
        elif isinstance(self._current, Pending) and self._current.is_late(self.loop.time()):
            self._refuse(408, f"The body did not arrive within {BODY_SECONDS:.0f} seconds.")
        elif not working and idle > KEEP_ALIVE_SECONDS:
            self.transport.close()
        elif not self.transport.is_closing():
            self._look = self.loop.call_later(_LOOK_SECONDS, self._look_after)

    def data_received(self, data: bytes) -> None:
        """Take what a client sends; a query, and what comes behind it, in its turn."""
        if self._put_off:
            self._put_off.append(data)
        elif data.startswith(self._served.edge.query_lines):
            self._put_off.append(data)
            self._served.edge.rounds(self.loop).take(self._take_what_was_put_off, self._peer)
        else:
            self._take(data)

    def _take_what_was_put_off(self) -> None:
        while self._put_off:
            data = self._put_off.popleft()
            if self.transport.is_closing():
                self._put_off.clear()
            else:
                self._take(data)

    def _take(self, data: bytes) -> None:
        if not self._in_head:
            self._last_data = self.loop.time()
            self._head_bytes = 0
        self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > HEAD_BYTES:
            self._refuse(431, _TOO_LONG)

    def on_message_begin(self) -> None:
        """Begin a request."""
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self._in_head = True

    def on_headers_complete(self) -> None:
        """Answer a request from memory, or hand it over."""
        self._in_head = False
        if self.transport.is_closing():  # What comes behind the last request of a connection is none.
            self._answered = True
            return
        if len(self.headers) > HEADERS or (self._head_bytes > HEAD_BYTES and self._head_is_too_long()):
            self._refuse(431, _TOO_LONG)
            return
        parser, began = self._called_by(), perf_counter()
        hosts = [name for name, _ in self.headers].count(b"host")
        if hosts > 1 or (not hosts and parser.get_http_version() == _STREAMING_VERSION):
            # RFC 9112 3.2: a cache before us may have taken another one of several.
            self._refuse(400, "A request has one Host header (RFC 9112, 3.2).")
            return
        idle = self.cycle is None or self.cycle.response_complete
        # A client that does not read what it gets waits: uvicorn sends the next answer when the last one is gone.
        if idle and not self.flow.write_paused:
            served = self._served
            edge = served.edge
            method, stays = parser.get_method(), parser.should_keep_alive() and not served.condition.draining
            head = read_head(self.headers)
            found = edge.prompt(method, self.url, self.headers, head, self.loop)
            if found is not None:
                answer, route, hit, _ = found
                if answer is None:
                    self._wait_for_turn(found, method, head, stays=stays)
                    return
                self._answered = True
                self.write(answer, method, head.id, stays=stays)
                journal = served.journal
                client = self._client() if journal.wants_clients else ""
                journal.prompted(head.id, method, self.url, answer, began, hit, route, edge.release, client)
                return
            if parser.get_http_version() == _STREAMING_VERSION and self._begin_query(
                method, head, stays=stays
            ):
                return
        self._hand_over()

    @property
    def _peer(self) -> str:
        """The address at the other end."""
        return self.client[0] if self.client else ""

    def _client(self) -> str:
        """Return who asks."""
        return self._served.edge.clients.of(self._peer, self.headers)

    def _begin_pending(self, method: bytes, head: Head, *, stays: bool) -> Pending:
        """Return a request whose answer is not known yet, and take note of it."""
        served = self._served
        entry = served.journal.begin(method, self.url, head.id, release=served.edge.release)
        if served.journal.wants_clients:
            entry.client = self._client()
        return Pending(self, method, self.url, self.headers, head, entry, keep_alive=stays)

    def _wait_for(self, pending: Pending) -> None:
        """Have what comes behind a request wait for its answer."""
        self.cycle, self._current = pending, pending  # type: ignore[assignment]

    def _wait_for_turn(self, found: Prompted, method: bytes, head: Head, *, stays: bool) -> None:
        """Answer when it is the client's turn: so many documents are asked for at once that others would wait for this one."""
        assert found.make is not None
        pending = self._begin_pending(method, head, stays=stays)
        pending.entry.route = found.route
        later = pending.asked = _Later(found.make, pending.deliver)
        self._wait_for(pending)
        self._served.edge.rounds(self.loop).take(later, self._client())

    def write(self, answer: Answer, method: bytes, id_: bytes, *, stays: bool) -> None:
        """Send a whole answer; close the connection behind it, unless it stays."""
        if not stays:
            answer = replace(answer, headers=(*answer.headers, (b"connection", b"close")))
        date = self.server_state.default_headers
        lines = answer.head if "head" in answer.__dict__ else answer.lines()
        body = b"" if method == b"HEAD" else answer.body
        self.transport.write(
            b"".join([STATUS_LINE[answer.status], *_lines(date), b"x-request-id: %b\r\n" % id_, lines, body])
        )
        if not stays:
            self.transport.close()

    def _begin_query(self, method: bytes, head: Head, *, stays: bool) -> bool:
        """Begin to answer a query without a task for it, one with a body when that is here; tell whether this request is one."""
        edge = self._served.edge
        if not edge.may_be_query(method, self.url):
            return False
        if method == b"POST" and not edge.takes_body(self.url, self.headers):
            return False
        pending = self._begin_pending(method, head, stays=stays)
        if method == b"POST":
            pending.entry.route = "sparql"
            pending.wait_for_body(self.loop.time() + BODY_SECONDS)
        elif not self.ask(pending):
            self.journal.forget(pending.entry)
            return False
        self._wait_for(pending)
        return True

    def ask(self, pending: Pending) -> bool:
        """Have a query answered; tell whether the request is one."""
        pending.asked = self._served.edge.query(
            *(pending.method, pending.target, pending.headers, pending.head, bytes(pending.body)),
            *(self._peer, pending.deliver, pending.entry),
        )
        return pending.asked is not None

    def stream(self, pending: Pending, stream: Stream) -> None:
        """Send a long answer in uvicorn's way, from where it is begun."""

        async def send(_scope: object, receive: Receive, send: Send) -> None:
            gone = asyncio.ensure_future(client_gone(receive))
            try:
                async with self._served.noting(pending.entry, send) as noted:
                    await send_stream(stream, pending.method.decode(), noted, gone)
            finally:
                gone.cancel()

        cycle = RequestResponseCycle(
            scope={"type": "http", "method": pending.method.decode(), "headers": pending.headers},  # type: ignore[typeddict-item]
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=pending.keep_alive,
            on_response=self.on_response_complete,
        )
        cycle.more_body = False
        if self.cycle is pending:  # type: ignore[comparison-overlap]
            self.cycle = cycle
        self._current = cycle
        self._start_asgi_task(cycle, send)

    def _called_by(self) -> httptools.HttpRequestParser:
        """Return the parser, which is there as long as it calls."""
        parser: httptools.HttpRequestParser | None = self.parser
        assert parser is not None
        return parser

    def _head_is_too_long(self) -> bool:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > HEAD_BYTES

    def _hand_over(self) -> None:
        if self._called_by().get_http_version() not in _VERSIONS:
            self._refuse(400, "The request is not one of HTTP/1.1 or HTTP/1.0.")
            return
        target, headers, expect = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.headers = self.scope["headers"] = headers
        self.expect_100_continue = expect
        # The target is taken apart here: what stands in it, in whatever form, is ours to judge.
        self.url = b"/"
        super().on_headers_complete()
        if self._called_by().should_upgrade():
            # No other protocol is spoken here. The parser reads nothing behind such a request: what follows would wait for ever.
            self.cycle.keep_alive = False
        path, _, query = _origin_form(target).partition(b"?")
        self.scope["raw_path"], self.scope["query_string"] = path, query

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body; of a request that is answered already, nothing is wanted."""
        if self._answered:
            return
        if isinstance(self.cycle, Pending):
            # Its length is known and allowed: reading goes on, where uvicorn waits for an application to take what is there.
            self.cycle.body += body
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request."""
        if self._answered:
            self._answered = False
            self.server_state.total_requests += 1
            return
        super().on_message_complete()
        pending = self.cycle
        if isinstance(pending, Pending) and pending.asked is None and not pending.disconnected:
            self.ask(pending)
            pending.body.clear()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP."""
        self._refuse(400, msg)

    def _refuse(self, status: int, detail: str) -> None:
        """Answer with problem details (RFC 9457) and close the connection."""
        # What still comes of the request is of no interest.
        self._in_head, self._answered = False, True
        journal, pending = self._served.journal, self._current
        before = self._is_answering()
        self._leave_alone()
        if before:
            # An answer would be taken for that to the request before it, or stand in the middle of that.
            journal.refused(request_ids.made(), status)
            self.transport.close()
            return
        if isinstance(pending, Pending) and not pending.response_complete:
            id_ = pending.entry.id
            pending.entry.status, pending.entry.whole = status, True
            journal.end(pending.entry)
        else:
            id_ = request_ids.made()
            journal.refused(id_, status)
        self._write_refusal(status, detail, id_)
        self.transport.close()

    def _write_refusal(self, status: int, detail: str, id_: bytes) -> None:
        body = msgspec.json.encode({"type": "about:blank", "status": status, "detail": detail})
        headers = (
            (b"content-type", b"application/problem+json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
            (request_ids.HEADER, id_),
            *ALWAYS,
        )
        self.transport.write(b"".join([STATUS_LINE[status], *_lines(headers), b"\r\n", body]))

    def _is_answering(self) -> bool:
        """Tell whether a request that has come whole is still to be answered."""
        return any(
            each is not None and not (each.response_complete or each.more_body)
            for each in (self.cycle, self._current)
        )

    def _leave_alone(self) -> None:
        """Tell what is being answered that nobody hears it any more."""
        for each in (self.cycle, self._current):
            if (
                each is not None
                and not each.response_complete
                and not (isinstance(each, Pending) and each.more_body)
            ):
                each.disconnected = True
                each.message_event.set()


class Pending:
    """A query whose answer is not known yet; to uvicorn, the cycle of its request.

    Attributes:
        method: ``GET``, ``HEAD`` or ``POST``.
        target: Path and query, as they were sent.
        headers: Of the request.
        head: What was read of them.
        entry: What is noted of it.
        body: What has come of its body.
        asked: What answers it, None before its body is here and after it was answered.
        response_complete: Whether it is answered.
        disconnected: Whether the client has left.
        more_body: Whether more of the request's body is to come.
        keep_alive: Whether the connection stays afterwards.
    """

    def __init__(
        self,
        connection: Protocol,
        method: bytes,
        target: bytes,
        headers: list[tuple[bytes, bytes]],
        head: Head,
        entry: Entry,
        *,
        keep_alive: bool,
    ) -> None:
        self.entry = entry
        self.method = method
        self.target = target
        self.headers = headers
        self.head = head
        self.body = bytearray()
        self.asked: Asked | None = None
        self.response_complete = False
        self.disconnected = False
        self.more_body = False
        self.keep_alive = keep_alive
        self._connection = connection
        self._body_until = 0.0

    def wait_for_body(self, until: float) -> None:
        """Expect a body, to be here by a time of the loop."""
        self.more_body = True
        self._body_until = until

    def is_late(self, now: float) -> bool:
        """Tell whether the body should be here by now and is not."""
        return self.more_body and now > self._body_until

    @property
    def message_event(self) -> Pending:
        """What uvicorn sets when something has happened to the request."""
        return self

    def set(self) -> None:
        """Give the query up if the client has left."""
        if self.disconnected and not self.response_complete and self.asked is not None:
            self.response_complete = True
            asked, self.asked = self.asked, None
            asked.give_up()
        if self.disconnected:
            self._connection.journal.end(self.entry)

    def deliver(self, answer: Answer | Stream) -> None:
        """Send the answer."""
        connection = self._connection
        # It refers to this one, and would keep the query until the collector of cycles comes.
        self.asked = None
        if isinstance(answer, Stream):
            connection.stream(self, answer)
            return
        entry = self.entry
        connection.write(answer, self.method, entry.id, stays=self.keep_alive and not connection.is_draining)
        self.response_complete = True
        entry.takes(answer.status, answer.headers)
        entry.size_bytes = 0 if self.method == b"HEAD" else len(answer.body)
        entry.whole = True
        connection.journal.end(entry)
        connection.on_response_complete()


class _Later:
    """An answer that is made when it is its turn."""

    def __init__(self, make: Callable[[], Answer], deliver: Callable[[Answer], None]) -> None:
        self._make = make
        self._deliver = deliver
        self._given_up = False

    def __call__(self) -> None:
        """Make it."""
        if not self._given_up:
            self._deliver(self._make())

    def give_up(self) -> None:
        """Make nothing."""
        self._given_up = True


def _lines(headers: Any) -> list[bytes]:
    return [name + b": " + value + b"\r\n" for name, value in headers]


def _origin_form(target: bytes) -> bytes:
    """Return a request target in origin form (RFC 9112 3.2.1); bytes that may not stand in one are percent-encoded.

    >>> _origin_form(b"http://a.example/doc/x?y=z"), _origin_form("/caf\\u00e9".encode())
    (b'/doc/x?y=z', b'/caf%C3%A9')
    """
    if target[:7].lower() == b"http://" or target[:8].lower() == b"https://":
        _, _, rest = target.partition(b"//")
        slash = rest.find(b"/")
        target = rest[slash:] if slash >= 0 else b"/"
    target = target.partition(b"#")[0]
    return target if target.isascii() else quote(target, safe=_IN_TARGET).encode()
