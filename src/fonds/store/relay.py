"""Stands in a query worker, without network, for the endpoints that its queries ask by ``SERVICE``.

The engine calls endpoints by itself, over HTTP, whoever they are and wherever they lead. So its worker is in an empty
network of its own, and each listed endpoint that a query names is replaced by an address of this relay, which listens there,
in a thread of the worker. It passes on what the engine asks to the serving process (:mod:`fonds.store.federation`) and
gives the engine what comes back. Like the worker, it knows the engine and the standard library only.
"""

from __future__ import annotations

import fcntl
import os
import re
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pyoxigraph

Ask = Callable[[int, int, bytes], "Reply"]
"""Asks, for a query by its number, the endpoint of a pattern by its number something; waits for the answer."""

_STACK_BYTES = 512 * 1024
_HEAD_BYTES = 64 * 1024
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]{1,9})\r\n", re.IGNORECASE)


@dataclass(frozen=True)
class Reply:
    """What the serving process says.

    Attributes:
        media_type: Of the answer.
        body: The answer.
        failure: Why there is none, as a sentence for people; empty where there is one.
        late: Whether it came too late.
    """

    media_type: str = ""
    body: bytes = b""
    failure: str = ""
    late: bool = False


@dataclass(frozen=True)
class Failure:
    """Why the endpoint of a pattern gave no answer.

    Attributes:
        number: The pattern's.
        message: A sentence for people.
        late: Whether it took too long.
    """

    number: int
    message: str
    late: bool


def listen() -> socket.socket:
    """Return what listens on the loopback of this process's network, which is new and still down.

    Raises:
        OSError: The network cannot be set up.
    """
    set_flags, up = 0x8914, 0x1  # SIOCSIFFLAGS, IFF_UP (netdevice(7))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, set_flags, struct.pack("16sH14x", b"lo", up))
    return socket.create_server(("127.0.0.1", 0))


@dataclass
class _Asked:
    """What the query that runs has asked so far.

    Attributes:
        number: The query's.
        targets: The endpoints of its patterns, by number.
        replies: What was asked already: a query sees one state of another endpoint, and asks it once.
        failures: The last failure of each pattern.
    """

    number: int = 0
    targets: Sequence[str] = ()
    replies: dict[tuple[int, bytes], Reply] = field(default_factory=dict)
    failures: dict[int, Failure] = field(default_factory=dict)


class Relay:
    """Answers the engine in place of other endpoints.

    The engine waits for each answer before it goes on, so that there is one request at a time.

    Args:
        listener: See :func:`listen`.
        ask: Passes on what is asked.
    """

    def __init__(self, listener: socket.socket, ask: Ask) -> None:
        self._listener = listener
        self._ask = ask
        # Nobody but this process is in its network; the secret keeps a query from naming the relay itself.
        self._secret = os.urandom(16).hex()
        self._place = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        self._asked = _Asked()

    def start(self) -> None:
        """Begin to listen."""
        before = threading.stack_size(_STACK_BYTES)
        threading.Thread(target=self._listen, name="relay", daemon=True).start()
        threading.stack_size(before)

    def begin(self, number: int, targets: Sequence[str]) -> None:
        """Take note that another query runs now.

        Args:
            number: Of the query.
            targets: The endpoints of its patterns, in their order; empty when it has ended.
        """
        self._asked = _Asked(number, targets)

    def address(self, number: int) -> str:
        """Return the address that stands for the endpoint of a pattern."""
        return f"{self._place}{number}-{self._secret}"

    def failure(self, message: str) -> Failure | None:
        """Return the failure of which the engine speaks in an error, None if it speaks of something else."""
        failures = self._asked.failures.items()
        return next((failure for number, failure in failures if self.address(number) in message), None)

    # The rest happens in the thread.

    def _listen(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection:
                try:
                    self._serve(connection)
                except Exception:  # noqa: S112  The engine finds its connection closed, and reports that.
                    continue

    def _serve(self, connection: socket.socket) -> None:
        head, _, body = _read_until(connection, b"\r\n\r\n").partition(b"\r\n\r\n")
        length = _LENGTH.search(head + b"\r\n")
        missing = (int(length[1]) if length else 0) - len(body)
        while missing > 0 and (piece := connection.recv(missing)):
            body += piece
            missing -= len(piece)
        path = head.split(b" ", 2)[1].decode("ascii", "replace")
        connection.sendall(self._answer(path, body))

    def _answer(self, path: str, query: bytes) -> bytes:
        asked = self._asked
        number = next((n for n in range(len(asked.targets)) if path == f"/{n}-{self._secret}"), None)
        if number is None:
            return _response("404 Not Found", "text/plain", b"")
        # What a pattern asks in turn is asked by its endpoint, not by us: it gets the true address.
        for each, target in enumerate(asked.targets):
            query = query.replace(self.address(each).encode(), target.encode())
        reply = asked.replies.get((number, query))
        if reply is None:
            reply = self._checked(number, self._ask(asked.number, number, query))
            asked.replies[number, query] = reply
        if reply.failure:
            asked.failures[number] = Failure(number, reply.failure, reply.late)
            return _response("502 Bad Gateway", "text/plain", b"")
        return _response("200 OK", reply.media_type, reply.body)

    def _checked(self, number: int, reply: Reply) -> Reply:
        """Return a reply whose answer can be read to its end: the engine may find out when it has said half of its own."""
        if reply.failure:
            return reply
        format_ = pyoxigraph.QueryResultsFormat.from_media_type(reply.media_type)
        assert format_ is not None
        try:
            found = pyoxigraph.parse_query_results(reply.body, format=format_)
            if isinstance(found, pyoxigraph.QuerySolutions):
                for _ in found:
                    pass
                return reply
            why = "it is a yes or no"
        except (SyntaxError, ValueError, RuntimeError, OSError) as error:
            why = str(error)[:300]
        target = self._asked.targets[number]
        return Reply(
            failure=f"SERVICE <{target}> answers with what are no rows in {reply.media_type}: {why}."
        )


def _read_until(connection: socket.socket, mark: bytes) -> bytes:
    data = b""
    while mark not in data and len(data) < _HEAD_BYTES and (piece := connection.recv(_HEAD_BYTES)):
        data += piece
    return data


def _response(status: str, media_type: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


# ------------------------------------------------------------------------------------------------ the query's text


def rewritten(query: str, calls: Sequence[tuple[int, int]], address: Callable[[int], str]) -> str:
    """Return a query in which each endpoint is named by another address.

    Args:
        query: As it came.
        calls: Where what names an endpoint begins and ends, in the order of the text.
        address: Returns the address for the endpoint of a pattern.
    """
    parts, position = [], 0
    for number, (start, end) in enumerate(calls):
        parts += [query[position:start], f"<{address(number)}>"]
        position = end
    return "".join((*parts, query[position:]))


_PLACE = re.compile(r"(?<=error at )(\d+):(\d+)")


def placed(message: str, query: str, calls: Sequence[tuple[int, int]], address: Callable[[int], str]) -> str:
    """Return the engine's message on a rewritten query with the place that is meant in the query as it came."""
    found = _PLACE.search(message)
    if found is None:
        return message
    line, column = int(found[1]), int(found[2])
    for number, (start, end) in reversed(list(enumerate(calls))):
        if query.count("\n", 0, start) + 1 != line:
            continue
        # What stands before it on its line has its own changes: count them as well.
        shift = sum(
            len(address(n)) + 2 - (e - s)
            for n, (s, e) in enumerate(calls[:number])
            if query.count("\n", 0, s) + 1 == line
        )
        begins = start - query.rfind("\n", 0, start) + shift
        grown = len(address(number)) + 2 - (end - start)
        if column > begins:
            column = max(begins, column - grown)
    return f"{message[: found.start()]}{line}:{column}{message[found.end() :]}"
