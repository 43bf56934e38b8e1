"""A load generator: keep-alive connections that play prepared requests and time each answer."""

from __future__ import annotations

import itertools
import random
import select
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

CONNECTIONS = 8
_IDLE_SECONDS = 60
_HEAD_ENDS, _LINE_ENDS = b"\r\n\r\n", b"\r\n"


@dataclass(frozen=True, slots=True)
class Played:
    """How a run went.

    Attributes:
        answered: Complete answers.
        faulty: Answers whose status was not 200.
        seconds: From the first request to the last answer.
        received_bytes: Of all answers, heads included.
        latencies_ms: One for each answer, sorted.
    """

    answered: int
    faulty: int
    seconds: float
    received_bytes: int
    latencies_ms: Sequence[float] = field(repr=False)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency in ms that this share of the answers keeps."""
        return percentile(self.latencies_ms, share)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of them keeps."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def together(runs: Sequence[Played]) -> Played:
    """Return several runs as one."""
    return Played(
        sum(each.answered for each in runs),
        sum(each.faulty for each in runs),
        sum(each.seconds for each in runs),
        sum(each.received_bytes for each in runs),
        sorted(latency for each in runs for latency in each.latencies_ms),
    )


def get(path: str, accept: str) -> bytes:
    """Return a GET request as it goes over the wire."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accept}\r\n\r\n".encode()


def play_once(
    port: int, requests: Sequence[bytes], *, connections: int = CONNECTIONS, apart: bool = False
) -> Played:
    """Send each request once, in their order.

    Args:
        port: Of the server, on this machine.
        requests: As they go over the wire.
        connections: That are open at the same time.
        apart: Whether each connection comes from an address of its own, as those of many clients do.
    """
    number = min(connections, len(requests))
    return _play(port, iter(requests), seconds=None, number=number, apart=apart)


def play_for(
    port: int,
    requests: Sequence[bytes],
    seconds: float,
    *,
    seed: int = 1964,
    connections: int = CONNECTIONS,
    apart: bool = False,
) -> Played:
    """Send random ones of the requests for so many seconds; all else as in :func:`play_once`."""
    chosen = random.Random(seed).choices(requests, k=10_000)
    return _play(port, itertools.cycle(chosen), seconds=seconds, number=connections, apart=apart)


class _Connection:
    """One connection and the answer that it waits for.

    An answer ends by its Content-Length, by its last chunk, or, if it has neither, with the connection (RFC 9112, 6.3).
    """

    __slots__ = (
        "answers",
        "at",
        "closes",
        "expected",
        "port",
        "received",
        "request",
        "sent_at",
        "socket",
        "source",
    )

    def __init__(self, port: int, source: str | None = None) -> None:
        self.port = port
        self.source = source
        self.received = b""
        self.expected = 0
        """Bytes of the whole answer; 0: the head is not complete."""
        self.at = 0
        """Where the size of the next chunk stands."""
        self.closes = False
        """Whether the server closes the connection after this answer."""
        self.sent_at = 0.0
        self.request = b""
        self.answers = 0
        self._open()

    def _open(self) -> None:
        source = (self.source, 0) if self.source else None
        self.socket = socket.create_connection(("127.0.0.1", self.port), source_address=source)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answers = 0

    def send(self, request: bytes) -> None:
        self.received = b""
        self.expected = 0
        self.request = request
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def again(self) -> None:
        """Connect anew; what the server did not begin to answer is sent again (RFC 9112, 9.3.1)."""
        self.socket.close()
        self._open()

    def complete(self) -> bool:
        """Read what is there; tell whether the answer is whole.

        Raises:
            ConnectionResetError: The server closed a connection that it had kept before, and answered nothing.
            ConnectionError: The server closed the connection within an answer.
        """
        data = self.socket.recv(1 << 18)
        if not data:
            return self._closed()
        self.received = self.received + data if self.received else data
        if self.expected == 0:
            self._read_head()
        if self.expected > 0:
            return len(self.received) >= self.expected
        return self.expected == _CHUNKED and self._last_chunk()

    def _closed(self) -> bool:
        if self.expected == _TO_THE_END:
            return True
        if not self.received and self.answers:
            raise ConnectionResetError("the server closed a connection that it had kept")
        raise ConnectionError("the server closed the connection within an answer")

    def _read_head(self) -> None:
        end = self.received.find(_HEAD_ENDS)
        if end < 0:
            return
        self.at = end + len(_HEAD_ENDS)
        head = self.received[:end].lower()
        start = head.find(b"\r\ncontent-length:")
        if start >= 0:
            stop = head.find(_LINE_ENDS, start + 2)
            self.expected = self.at + int(head[start + 17 : stop if stop > 0 else len(head)])
        else:
            self.expected = _CHUNKED if b"\r\ntransfer-encoding: chunked" in head else _TO_THE_END
        self.closes = self.expected == _TO_THE_END or b"\r\nconnection: close" in head

    def _last_chunk(self) -> bool:
        """Go from chunk to chunk; tell whether the last one is here, with the fields after it (RFC 9112, 7.1)."""
        received = self.received
        while (end := received.find(_LINE_ENDS, self.at)) >= 0:
            size = int(received[self.at : end].partition(b";")[0], 16)
            if size == 0:
                return received.endswith(_HEAD_ENDS) and received.find(_HEAD_ENDS, end) >= 0
            if len(received) < end + size + 4:
                return False
            self.at = end + size + 4
        return False


_CHUNKED, _TO_THE_END = -1, -2


def _play(port: int, requests: Iterator[bytes], *, seconds: float | None, number: int, apart: bool) -> Played:
    # All of 127.0.0.0/8 is this machine (RFC 1122, 3.2.1.3).
    sources = (f"127.0.{1 + each // 250}.{1 + each % 250}" if apart else None for each in range(number))
    connections = [_Connection(port, source) for source in sources]
    by_descriptor: dict[int, _Connection] = {}
    poll = select.epoll()
    latencies: list[float] = []
    faulty = received = 0
    began = time.perf_counter()
    deadline = None if seconds is None else began + seconds
    for connection in connections:
        if (request := next(requests, None)) is not None:
            _watch(poll, by_descriptor, connection)
            connection.send(request)
    while by_descriptor:
        ready = poll.poll(_IDLE_SECONDS)
        if not ready:
            raise TimeoutError(f"no answer within {_IDLE_SECONDS} s")
        for descriptor, _ in ready:
            connection = by_descriptor[descriptor]
            try:
                if not connection.complete():
                    continue
            except ConnectionResetError:
                # Its waiting goes on: who opens the connection anew has waited for that as well.
                sent_at = connection.sent_at
                _reconnect(poll, by_descriptor, descriptor, connection)
                connection.send(connection.request)
                connection.sent_at = sent_at
                continue
            now = time.perf_counter()
            latencies.append((now - connection.sent_at) * 1000)
            received += len(connection.received)
            faulty += not connection.received.startswith(b"HTTP/1.1 200")
            connection.answers += 1
            request = next(requests, None) if deadline is None or now < deadline else None
            if request is None:
                poll.unregister(descriptor)  # The server may close it now; that is no fault.
                del by_descriptor[descriptor]
                continue
            if connection.closes:
                _reconnect(poll, by_descriptor, descriptor, connection)
            connection.send(request)
    lasted = time.perf_counter() - began
    poll.close()
    for connection in connections:
        connection.socket.close()
    return Played(len(latencies), faulty, lasted, received, sorted(latencies))


def _watch(poll: select.epoll, by_descriptor: dict[int, _Connection], connection: _Connection) -> None:
    descriptor = connection.socket.fileno()
    by_descriptor[descriptor] = connection
    poll.register(descriptor, select.EPOLLIN)


def _reconnect(
    poll: select.epoll, by_descriptor: dict[int, _Connection], descriptor: int, connection: _Connection
) -> None:
    poll.unregister(descriptor)
    del by_descriptor[descriptor]
    connection.again()
    _watch(poll, by_descriptor, connection)
