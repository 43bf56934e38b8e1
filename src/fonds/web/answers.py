"""An HTTP answer as a value: status, headers, bytes; and the headers that every answer carries."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from fonds.formats import Format
from fonds.web.codings import encode, worth_coding
from fonds.web.operations.entries import Entry

Headers = tuple[tuple[bytes, bytes], ...]
"""Names in lower case and values, as ASGI has them."""

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        # Our own file only; what else comes from here is no script by its type, and no type is guessed.
        "script-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

PERMISSIONS_POLICY = ", ".join(
    f"{each}=()"
    for each in (
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "microphone",
        "payment",
        "usb",
    )
)
"""What no page of ours uses, nor anything that should ever stand in one."""

ALWAYS: Headers = (
    # Fetch standard 3.3: open data are read by scripts of any origin, errors included.
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"Accept-Ranges, Allow, Content-Disposition, Content-Location, Content-Range, ETag, Link, Location, Retry-After, "
        b"X-Request-ID",
    ),
    # On RDF/XML and TEI as well: a browser runs what looks like XHTML in them.
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"permissions-policy", PERMISSIONS_POLICY.encode()),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"x-content-type-options", b"nosniff"),
)
"""Headers of every answer, whatever it says."""

FRAMED: Headers = tuple(
    (
        name,
        value.replace(b"frame-ancestors 'none'", b"frame-ancestors *")
        if name == b"content-security-policy"
        else value,
    )
    for name, value in ALWAYS
)
"""The same of an answer that other sites may show in a frame; nothing can be done in it but follow a link."""

_LINES_OF_ALWAYS, _LINES_OF_FRAMED = (
    b"".join(name + b": " + value + b"\r\n" for name, value in headers) for headers in (ALWAYS, FRAMED)
)
_WITHOUT_BODY = (204, 304)


@dataclass(frozen=True)
class Answer:
    """A whole answer.

    Attributes:
        status: HTTP status code.
        headers: Without :data:`ALWAYS` and without Content-Length.
        body: As it is sent.
        framed: Whether other sites may show it in a frame.
        query_hash: Of the query that it answers, for the log; empty where it answers none.
        route: Which kind of address it answers, for the same; empty where that is not known yet.
    """

    status: int
    headers: Headers = ()
    body: bytes = b""
    framed: bool = False
    query_hash: str = ""
    route: str = ""

    def header(self, name: bytes) -> bytes | None:
        """Return the first value of a header, None where it is absent."""
        return next((value for key, value in self.headers if key == name), None)

    @cached_property
    def head(self) -> bytes:
        """The headers as lines of HTTP/1.1, with the blank one that ends them; made once for an answer that is kept."""
        return self.lines()

    def lines(self) -> bytes:
        """Return the same, made anew.

        Raises:
            ValueError: A header has a line end in it: what follows would be taken for another header, or for another answer.
        """
        length = b"" if self.status in _WITHOUT_BODY else b"content-length: %d\r\n" % len(self.body)
        own = b"".join([name + b": " + value + b"\r\n" for name, value in self.headers])
        if not own.count(b"\n") == own.count(b"\r") == len(self.headers) or b"\0" in own:
            raise ValueError(f"a header of an answer has a line end in it: {own[:200]!r}")
        always = _LINES_OF_FRAMED if self.framed else _LINES_OF_ALWAYS
        return b"".join([own, always, length, b"\r\n"])

    @property
    def wire_headers(self) -> Headers:
        """The headers as they are sent."""
        length = () if self.status in _WITHOUT_BODY else ((b"content-length", str(len(self.body)).encode()),)
        return (*self.headers, *(FRAMED if self.framed else ALWAYS), *length)

    @property
    def size_bytes(self) -> int:
        """About how much memory it takes."""
        return len(self.body) + 2 * len(self.head) + 120 * (len(self.headers) + 1) + 500


class Wishes(NamedTuple):
    """What a client says of the representation it wants: three headers, None where one is absent.

    Attributes:
        accept: Accept (RFC 9110 12.5.1).
        accept_profile: Accept-Profile (W3C Content Negotiation by Profile).
        accept_encoding: Accept-Encoding (RFC 9110 12.5.3).
    """

    accept: str | None = None
    accept_profile: str | None = None
    accept_encoding: str | None = None


NO_WISHES = Wishes()


@dataclass
class Exchange:
    """What the edge and the handlers of one request tell each other.

    Attributes:
        path: The path as it was sent, percent-encoded, from ``/``, without query; the base's own path, and the prefix of a
            language, are taken off.
        query: The query as it was sent, without ``?``.
        wishes: What the client says of the representation it wants.
        offered: What the handler could have sent; the edge keeps the answer for clients that negotiate to the same.
        chosen: Name of the format that was sent, empty where there was nothing to choose.
        keep: Whether the answer follows from the release, the address and the negotiation alone.
        conditional: Whether the request has conditions (RFC 9110 13.1).
        prefix: Of the language in which a page is asked for, such as ``ru``; empty for the first of the site.
        entry: What is noted of the request for whoever runs the server.
    """

    path: str
    query: str = ""
    wishes: Wishes = NO_WISHES
    offered: tuple[Format, ...] = ()
    chosen: str = ""
    keep: bool = False
    conditional: bool = False
    prefix: str = ""
    entry: Entry = field(default_factory=Entry)

    @property
    def accept(self) -> str | None:
        """The Accept header, None where there is none."""
        return self.wishes.accept


def encoded(answer: Answer, coding: str) -> Answer:
    """Return the answer with its coding, and with a strong ETag: the hash of the bytes that are sent (RFC 9110 8.8.3).

    What may not be stored has no tag.

    Args:
        answer: As a handler made it.
        coding: What the client takes (:func:`fonds.web.codings.choose_coding`); empty for none.
    """
    if answer.status not in (200, 410) or answer.header(b"etag") is not None:
        return answer
    answer = coded(answer, coding)
    if answer.header(b"cache-control") == b"no-store":
        return answer
    tag = f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'.encode()
    return replace(answer, headers=(*answer.headers, (b"etag", tag)))


def coded(answer: Answer, coding: str) -> Answer:
    """Return the answer with a coding, if that makes it shorter."""
    if not coding or not worth_coding(
        (answer.header(b"content-type") or b"").decode("latin-1"), len(answer.body)
    ):
        return answer
    headers = (*answer.headers, (b"content-encoding", coding.encode()))
    return replace(answer, body=encode(answer.body, coding), headers=headers)


def header_value(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> str | None:
    """Return a request header, several of one name joined by a comma (RFC 9110 5.3), None where there is none."""
    values = [value.decode("latin-1") for key, value in headers if key == name]
    return ", ".join(values) if values else None


@dataclass(frozen=True, slots=True)
class Work:
    """What answers a request.

    Attributes:
        make: Makes the answer; raises nothing.
        light: Whether it is over before another request would miss the time: fractions of a millisecond.
    """

    make: Callable[[], Answer]
    light: bool

    def __call__(self) -> Answer:
        """Make the answer."""
        return self.make()


def ready(answer: Answer) -> Work:
    """Return an answer that is there already as work."""
    return Work(lambda: answer, light=True)
