"""Fetches documents at a steady rate, as readers do who know nothing of an attack; a process of its own.

Usage: documents.py HOST PORT < targets. It writes, when its input ends or it is told to stop, one line for each answer: the
moment (monotonic clock), how long it took in milliseconds, and the status.
"""

from __future__ import annotations

import itertools
import random
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

RATE = 150
"""Documents a second, of all readers."""
READERS = 6
_FORMATS = ("text/turtle", "text/turtle", "application/ld+json", "text/html")
_PATIENCE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """One document that was fetched.

    Attributes:
        moment: When it should have been asked for, or could be, on the monotonic clock.
        milliseconds: Until the last byte of it.
        status: Of the answer.
    """

    moment: float
    milliseconds: float
    status: int


@contextmanager
def reading(host: str, port: int, targets: Sequence[str]) -> Iterator[list[Fetched]]:
    """Fetch documents until the block ends; then the list is filled."""
    command = [sys.executable, __file__, host, str(port)]
    fetched: list[Fetched] = []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        process.stdin.write("\n".join(targets))
        process.stdin.close()
        process.stdin = None
        try:
            yield fetched
        finally:
            process.send_signal(signal.SIGTERM)
            told, _ = process.communicate()
    for line in told.splitlines():
        moment, milliseconds, status = line.split()
        fetched.append(Fetched(float(moment), float(milliseconds), int(status)))


class _Reader:
    """One reader and the document that it waits for."""

    def __init__(self, host: str, port: int) -> None:
        self._place = (host, port)
        self.free_since = time.monotonic()
        self.asked = 0.0
        self._received = bytearray()
        self._expected = 0
        self.status = 0
        self.open()

    def open(self) -> None:
        self.socket = socket.create_connection(self._place, timeout=_PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, target: str, accept: str, due: float) -> None:
        # A reader that was free and is late has itself to blame (this process did not run); one that was kept waiting
        # counts from when it should have asked.
        self.asked = time.monotonic() if self.free_since <= due else due
        self._received.clear()
        self._expected = 0
        head = f"GET {target} HTTP/1.1\r\nHost: a.example\r\nAccept: {accept}\r\n\r\n"
        self.socket.sendall(head.encode())

    def complete(self) -> bool:
        data = self.socket.recv(1 << 18)
        if not data:
            self.status = 0
            self.socket.close()
            self.open()
            return True
        self._received += data
        if not self._expected and (end := self._received.find(b"\r\n\r\n")) > 0:
            head = self._received[:end].lower()
            self.status = int(head.split(b" ", 2)[1])
            length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
            self._expected = end + 4 + int(length)
        return bool(self._expected) and len(self._received) >= self._expected


def _main(host: str, port: int, targets: Sequence[str]) -> None:
    chosen = random.Random(1964)
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopped.append(number))
    readers = [_Reader(host, port) for _ in range(READERS)]
    free = list(readers)
    done: list[Fetched] = []
    began = time.monotonic()
    dues = (began + number / RATE for number in itertools.count())
    due = next(dues)
    with selectors.DefaultSelector() as selector:
        for reader in readers:
            selector.register(reader.socket, selectors.EVENT_READ, reader)
        while not stopped or len(free) < len(readers):
            now = time.monotonic()
            if stopped and now - due > _PATIENCE_SECONDS:
                done += [
                    Fetched(each.asked, 1000 * (now - each.asked), 0) for each in readers if each not in free
                ]
                break
            if free and due <= now and not stopped:
                free.pop(0).ask(chosen.choice(targets), chosen.choice(_FORMATS), due)
                due = next(dues)
                continue
            wait = 0.5 if stopped or not free else max(0.0, due - now)
            for key, _ in selector.select(wait):
                reader = key.data
                before = reader.socket
                if reader.complete():
                    reader.free_since = time.monotonic()
                    took = 1000 * (reader.free_since - reader.asked)
                    done.append(Fetched(reader.asked, took, reader.status))
                    free.append(reader)
                    if reader.socket is not before:
                        selector.unregister(before)
                        selector.register(reader.socket, selectors.EVENT_READ, reader)
    print("\n".join(f"{each.moment:.6f} {each.milliseconds:.3f} {each.status}" for each in done))


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]), sys.stdin.read().split("\n"))
