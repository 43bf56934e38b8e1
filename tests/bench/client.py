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
        return self.latencies_ms[min(len(self.latencies_ms) - 1, int(len(self.latencies_ms) * share))]


def get(path: str, accept: str) -> bytes:
    """Return a GET request as it goes over the wire."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accept}\r\n\r\n".encode()


def play_once(port: int, requests: Sequence[bytes]) -> Played:
    """Send each request once, in their order."""
    return _play(port, iter(requests), seconds=None)


def play_for(port: int, requests: Sequence[bytes], seconds: float, *, seed: int = 1964) -> Played:
    """Send random ones of the requests for so many seconds."""
    chosen = random.Random(seed).choices(requests, k=10_000)
    return _play(port, itertools.cycle(chosen), seconds=seconds)


class _Connection:
    """One connection and the answer that it waits for."""

    __slots__ = ("expected", "received", "sent_at", "socket")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.expected = 0  # bytes of the whole answer; -1: chunked; 0: the head is not complete
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self.received = b""
        self.expected = 0
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def complete(self) -> bool:
        """Read what is there; tell whether the answer is whole."""
        data = self.socket.recv(1 << 18)
        if not data:
            raise ConnectionError("the server closed the connection within an answer")
        self.received = self.received + data if self.received else data
        if self.expected == 0:
            self.expected = _length(self.received)
        if self.expected > 0:
            return len(self.received) >= self.expected
        return self.expected < 0 and self.received.endswith(b"\r\n0\r\n\r\n")


def _length(answer: bytes) -> int:
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return 0
    head = answer[:end].lower()
    at = head.find(b"content-length:")
    if at < 0:
        return -1
    stop = head.find(b"\r\n", at)
    return end + 4 + int(head[at + 15 : stop if stop > 0 else len(head)])


def play_with(port: int, requests: Sequence[bytes], connections: int) -> Played:
    """Send each request once, over so many connections that are open at the same time."""
    return _play(port, iter(requests), seconds=None, number=connections)


def _play(
    port: int, requests: Iterator[bytes], *, seconds: float | None, number: int = CONNECTIONS
) -> Played:
    connections = {each.socket.fileno(): each for each in (_Connection(port) for _ in range(number))}
    poll = select.epoll()
    latencies: list[float] = []
    faulty = received = 0
    began = time.perf_counter()
    deadline = None if seconds is None else began + seconds
    waiting = 0
    for descriptor, connection in connections.items():
        poll.register(descriptor, select.EPOLLIN)
        if (request := next(requests, None)) is not None:
            connection.send(request)
            waiting += 1
    while waiting:
        ready = poll.poll(_IDLE_SECONDS)
        if not ready:
            raise TimeoutError(f"no answer within {_IDLE_SECONDS} s")
        for descriptor, _ in ready:
            connection = connections[descriptor]
            if not connection.complete():
                continue
            now = time.perf_counter()
            latencies.append((now - connection.sent_at) * 1000)
            received += len(connection.received)
            faulty += not connection.received.startswith(b"HTTP/1.1 200")
            request = next(requests, None) if deadline is None or now < deadline else None
            if request is None:
                waiting -= 1
                poll.unregister(descriptor)  # The server may close it now; that is no fault.
            else:
                connection.send(request)
    lasted = time.perf_counter() - began
    poll.close()
    for connection in connections.values():
        connection.socket.close()
    return Played(len(latencies), faulty, lasted, received, sorted(latencies))
