"""Asks other endpoints for a query: only those that the settings list, only at public addresses, and not for long.

The workers in which queries run have no network (:mod:`fonds.store.worker`). What a ``SERVICE`` pattern asks comes here
from a worker (:mod:`fonds.store.relay`), and the answer goes back there. Each request has a thread of its own, since names
are looked up and certificates are checked by calls that wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from fonds import __version__
from fonds.errors import ServiceFailed
from fonds.settings import Limits, Settings
from fonds.store import ServiceCall
from fonds.store import worker as protocol

RESULT_TYPES = ("application/sparql-results+json", "application/sparql-results+xml")
"""What is accepted from another endpoint; the engine reads both."""

_PIECE_BYTES = 64 * 1024
_MOST_ADDRESSES = 4
"""So many addresses of one name are tried."""
_SHOWN_CHARACTERS = 200

Resolve = Callable[[str, int], Sequence[str]]
"""Returns the IP addresses of a host; raises OSError where it has none."""


def look_up(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host, in the order in which they are to be tried.

    Raises:
        OSError: It has none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True, slots=True)
class Federation:
    """Whom queries may ask, and how.

    Attributes:
        targets: Addresses of endpoints; empty: none.
        private: Whether these may have addresses that are not public.
        limits: How long, how much and how often.
        agent: What this server calls itself.
        resolve: Looks up addresses.
    """

    targets: tuple[str, ...] = ()
    private: bool = False
    limits: Limits = field(default_factory=Limits)
    agent: str = f"fonds/{__version__}"
    resolve: Resolve = look_up


NO_FEDERATION = Federation()
"""Nobody else is asked."""


def federation_of(settings: Settings, base: str) -> Federation:
    """Return whom the queries of a publication may ask.

    Args:
        settings: Of the publication.
        base: Where it stands, so that others know who asks them.
    """
    agent = f"fonds/{__version__} ({quote(base, safe=':/')})"
    return Federation(settings.federation, settings.federation_private, settings.limits, agent)


# ------------------------------------------------------------------------------------------------ addresses

_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052 2.1


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the public network, an address inside another one included.

    >>> is_public("93.184.215.14"), is_public("127.0.0.1"), is_public("::ffff:10.0.0.1")
    (True, False, False)
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if (inside := _inside(found)) is not None:
            return _is_public_ipv4(inside)
        return found in _GLOBAL_UNICAST and found.is_global and not found.is_multicast
    return _is_public_ipv4(found)


def _is_public_ipv4(address: ipaddress.IPv4Address) -> bool:
    return address.is_global and not address.is_multicast and not address.is_reserved


def _inside(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address to which a packet for an IPv6 address is carried, if that can be told from it."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


# ------------------------------------------------------------------------------------------------ one request


@dataclass(frozen=True, slots=True)
class Found:
    """What another endpoint has answered.

    Attributes:
        media_type: One of :data:`RESULT_TYPES`.
        body: As it came.
    """

    media_type: str
    body: bytes


class Exchange:
    """One request to another endpoint (SPARQL 1.1 Protocol 2.1.2, query via URL-encoded POST).

    Args:
        target: Its address.
        query: What it is asked.
        federation: How.
        most_bytes: The longest answer.
    """

    def __init__(self, target: str, query: str, federation: Federation, most_bytes: int) -> None:
        self.target = target
        self._query = query
        self._federation = federation
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._aborted = False
        self._handle: socket.socket | None = None
        """The connection, in a form that another thread can shut."""

    def abort(self) -> None:
        """Give the request up; any thread may call it."""
        with self._lock:
            self._aborted = True
            if self._handle is not None:
                with contextlib.suppress(OSError):
                    self._handle.shutdown(socket.SHUT_RDWR)

    def perform(self) -> Found:
        """Ask, and wait for the answer.

        Raises:
            ServiceFailed: There is none that can be used.
        """
        parts = urlsplit(self.target)
        tls = parts.scheme == "https"
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port or (443 if tls else 80)
        try:
            with self._connected(self._addresses(host, port), port) as plain:
                stream = _tls().wrap_socket(plain, server_hostname=host) if tls else plain
                with stream:
                    return self._asked(stream, host, port)
        except TimeoutError as error:
            raise self.too_late() from error
        except ssl.SSLError as error:
            raise self._failed(f"gives no secure connection ({error.reason or error})") from error
        except http.client.HTTPException as error:
            raise self._failed(f"does not speak HTTP ({type(error).__name__})") from error
        except OSError as error:
            raise self._failed(f"cannot be reached ({error.strerror or error})") from error
        finally:
            self._let_go()

    def too_late(self) -> ServiceFailed:
        """Return the error that it took too long."""
        seconds = self._federation.limits.federation_seconds
        return self._failed(f"did not answer within the {seconds:g} seconds that it has", late=True)

    def _addresses(self, host: str, port: int) -> list[str]:
        """Look a host up, once: what is connected to is what was checked."""
        try:
            found = list(self._federation.resolve(host, port))
        except (OSError, UnicodeError) as error:
            raise self._failed("cannot be reached: its name is not known") from error
        if not self._federation.private and not all(map(is_public, found)):
            raise self._failed(
                "is not asked: its address is not one of the public network (see federation_private in the settings)"
            )
        return found[:_MOST_ADDRESSES]

    def _connected(self, addresses: Sequence[str], port: int) -> socket.socket:
        """Connect to the first address that takes a connection."""
        seconds = self._federation.limits.federation_seconds / max(1, len(addresses))
        why: OSError = OSError("it has no address")
        for address in addresses:
            try:
                connection = socket.create_connection((address, port), timeout=seconds)
            except OSError as error:
                why = error
                continue
            connection.settimeout(self._federation.limits.federation_seconds)
            self._hold(connection)
            return connection
        raise why

    def _hold(self, connection: socket.socket) -> None:
        with self._lock:
            if self._aborted:
                connection.close()
                raise self._failed("was not waited for")
            self._handle = connection.dup()

    def _let_go(self) -> None:
        with self._lock:
            if self._handle is not None:
                self._handle.close()
                self._handle = None

    def _asked(self, stream: socket.socket, host: str, port: int) -> Found:
        parts = urlsplit(self.target)
        path = quote(parts.path or "/", safe=_IN_PATH) + (
            f"?{quote(parts.query, safe=_IN_QUERY)}" if parts.query else ""
        )
        body = urlencode({"query": self._query}).encode("ascii")
        named = f"[{host}]" if ":" in host else host
        connection = http.client.HTTPConnection(host, port)
        connection.sock = stream
        connection.putrequest("POST", path, skip_host=True, skip_accept_encoding=True)
        for name, value in (
            ("Host", named if parts.port is None else f"{named}:{parts.port}"),
            ("User-Agent", self._federation.agent),
            ("Accept", f"{RESULT_TYPES[0]}, {RESULT_TYPES[1]};q=0.9"),
            ("Accept-Encoding", "identity"),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Content-Length", str(len(body))),
            ("Connection", "close"),
        ):
            connection.putheader(name, value)
        connection.endheaders(body)
        with connection.getresponse() as response:
            return Found(self._accepted(response), self._read(response))

    def _accepted(self, response: http.client.HTTPResponse) -> str:
        """Return the media type of an answer that can be used."""
        status = response.status
        if 300 <= status < 400:
            led = _plain(response.getheader("location", ""))
            raise self._failed(f"answers {status} and leads to <{led}>; nobody is followed elsewhere")
        if status != 200:
            raise self._failed(f"answers {status}")
        media_type = response.headers.get_content_type()
        if media_type not in RESULT_TYPES:
            raise self._failed(f"answers with {_plain(media_type)}, not with {' or '.join(RESULT_TYPES)}")
        coding = response.getheader("content-encoding", "identity")
        if coding.strip().lower() not in ("", "identity"):
            raise self._failed(f"answers in the coding {_plain(coding)}, which it was not asked for")
        return media_type

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        pieces: list[bytes] = []
        size = 0
        while piece := response.read1(_PIECE_BYTES):
            pieces.append(piece)
            size += len(piece)
            if size > self._most_bytes:
                most = self._federation.limits.federation_bytes
                raise self._failed(
                    f"answers with more than the {most} bytes that one query may get from elsewhere"
                )
        if response.length:
            raise self._failed("ended its answer before it was complete")
        return b"".join(pieces)

    def _failed(self, why: str, *, late: bool = False) -> ServiceFailed:
        return ServiceFailed(f"SERVICE <{self.target}> {why}.", target=self.target, late=late)


_IN_PATH = "/:@!$&'()*+,;=-._~%"
_IN_QUERY = f"{_IN_PATH}?"


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _plain(text: str) -> str:
    """Return the beginning of what another server says, without what is no printable character."""
    return "".join(each for each in text[:_SHOWN_CHARACTERS] if each.isprintable())


# ------------------------------------------------------------------------------------------------ one query


class Outside:
    """What one query asks other endpoints, one after another; belongs to the asyncio loop of its pool.

    Args:
        federation: Whom it may ask, and how.
        calls: Its ``SERVICE`` patterns.
        whose: Returns the link to the worker that answers the query.
    """

    def __init__(
        self, federation: Federation, calls: Sequence[ServiceCall], whose: Callable[[], Link | None]
    ) -> None:
        self._federation = federation
        self._calls = calls
        self._whose = whose
        self._loop = asyncio.get_running_loop()
        self._link: Link | None = None
        self._left_calls = 0
        self._left_bytes = 0
        self._exchange: Exchange | None = None
        self._timer: asyncio.TimerHandle | None = None

    def ask(self, link: Link, number: int, query: bytes) -> None:
        """Begin to ask the endpoint of a pattern.

        Args:
            link: To the worker that asks, and gets the answer.
            number: Of the pattern.
            query: For its endpoint.
        """
        if (
            link is not self._whose()
        ):  # It was taken back from that worker in the moment in which it began there.
            return
        self.close()
        if link is not self._link:
            self._link = link
            self._left_calls = self._federation.limits.federation_calls
            self._left_bytes = self._federation.limits.federation_bytes
        # A worker is believed nothing: it runs what strangers wrote.
        target = self._calls[number].target if number < len(self._calls) else ""
        exchange = Exchange(target, query.decode("utf-8", "replace"), self._federation, self._left_bytes)
        self._exchange = exchange
        if target not in self._federation.targets or self._left_calls <= 0:
            self._told(exchange, ServiceFailed(f"SERVICE <{target}> is not asked again.", target=target))
            return
        self._left_calls -= 1
        self._timer = self._loop.call_later(self._federation.limits.federation_seconds, self._late, exchange)
        try:
            threading.Thread(target=self._work, args=(exchange,), name="federation", daemon=True).start()
        except RuntimeError:  # The system gives no more threads.
            self._told(exchange, ServiceFailed(f"SERVICE <{target}> cannot be asked now.", target=target))

    def close(self) -> None:
        """Ask nobody any more: the query has ended, or was given up."""
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.abort()
        if self._timer is not None:
            self._timer.cancel()

    def _work(self, exchange: Exchange) -> None:
        """Ask, in a thread."""
        outcome: Found | ServiceFailed
        try:
            outcome = exchange.perform()
        except ServiceFailed as error:
            outcome = error
        except Exception as error:  # What another server sends must not leave a query without an answer.
            outcome = ServiceFailed(
                f"SERVICE <{exchange.target}> gives no answer that can be read ({type(error).__name__}).",
                target=exchange.target,
            )
        with contextlib.suppress(RuntimeError):  # The loop was closed meanwhile.
            self._loop.call_soon_threadsafe(self._told, exchange, outcome)

    def _late(self, exchange: Exchange) -> None:
        self._told(exchange, exchange.too_late())
        exchange.abort()

    def _told(self, exchange: Exchange, outcome: Found | ServiceFailed) -> None:
        """Pass an answer on, if it is still waited for."""
        if exchange is not self._exchange:
            return
        self._exchange = None
        if self._timer is not None:
            self._timer.cancel()
        if isinstance(outcome, Found):
            self._left_bytes -= len(outcome.body)
            said, body = msgspec.json.encode({"media_type": outcome.media_type}), outcome.body
        else:
            said, body = msgspec.json.encode({"failure": str(outcome), "late": outcome.late}), b""
        size = protocol.LENGTH.size + len(said) + len(body)
        if self._link is not None:
            self._link.send(
                protocol.FRAME.pack(protocol.REPLY, size) + protocol.LENGTH.pack(len(said)) + said + body
            )


class Link(asyncio.Protocol):
    """A socket to a worker over which its relay asks, beside the one for queries and their answers.

    Attributes:
        ours: This end of it.
        theirs: The worker's end.

    Args:
        outsides: What may be asked, by the number of the query.
    """

    def __init__(self, outsides: Mapping[int, Outside]) -> None:
        self.ours, self.theirs = socket.socketpair()
        self._outsides = outsides
        self._transport: asyncio.Transport | None = None
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take note of where replies go."""
        # Not every loop's transport is asyncio's own class.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take what the worker asks apart."""
        self._received += data
        size = protocol.FRAME.size
        while len(self._received) >= size:
            end = size + protocol.FRAME.unpack_from(self._received)[1]
            if len(self._received) < end:
                break
            said, self._received = self._received[size:end], self._received[end:]
            number, pattern = protocol.ASKED.unpack_from(said)
            if (outside := self._outsides.get(number)) is not None:
                outside.ask(self, pattern, said[protocol.ASKED.size :])

    def send(self, frame: bytes) -> None:
        """Send a reply, if the worker is still there."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(frame)

    def close(self) -> None:
        """Close this end; may be called twice."""
        if self._transport is not None:
            self._transport.abort()
        else:
            self.ours.close()
