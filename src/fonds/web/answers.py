"""An HTTP answer as a value: status, headers, bytes; and the headers that every answer carries."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from fonds.formats import Format

Headers = tuple[tuple[bytes, bytes], ...]
"""Names in lower case and values, as ASGI has them."""

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

ALWAYS: Headers = (
    # Fetch standard 3.3: open data are read by scripts of any origin, errors included.
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"Content-Location, ETag, Link, Location, Retry-After"),
    # On RDF/XML and TEI as well: a browser runs what looks like XHTML in them.
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"x-content-type-options", b"nosniff"),
)
"""Headers of every answer, whatever it says."""

_SMALLEST_TO_COMPRESS = 512
_COMPRESSED_ALREADY = (b"application/gzip", b"image/png", b"application/zip")


@dataclass(frozen=True)
class Answer:
    """A whole answer.

    Attributes:
        status: HTTP status code.
        headers: Without :data:`ALWAYS` and without Content-Length.
        body: As it is sent.
    """

    status: int
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: bytes) -> bytes | None:
        """Return the first value of a header, None where it is absent."""
        return next((value for key, value in self.headers if key == name), None)

    @cached_property
    def wire_headers(self) -> Headers:
        """The headers as they are sent."""
        length = () if self.status in (204, 304) else ((b"content-length", str(len(self.body)).encode()),)
        return (*self.headers, *ALWAYS, *length)

    @property
    def size_bytes(self) -> int:
        """About how much memory it takes."""
        return len(self.body) + sum(len(key) + len(value) + 120 for key, value in self.wire_headers) + 500


@dataclass
class Exchange:
    """What the edge and the handlers of one request tell each other.

    Attributes:
        path: The path as it was sent, percent-encoded, from ``/``, without query; the base's own path is taken off.
        query: The query as it was sent, without ``?``.
        accept: The Accept header, None where there is none.
        offered: What the handler could have sent; the edge keeps the answer for clients that negotiate to the same.
        chosen: Name of the format that was sent, empty where there was nothing to choose.
        keep: Whether the answer follows from the release, the address and the negotiation alone.
    """

    path: str
    query: str = ""
    accept: str | None = None
    offered: tuple[Format, ...] = ()
    chosen: str = ""
    keep: bool = False


def encoded(answer: Answer, *, gzip_accepted: bool) -> Answer:
    """Return the answer with its coding, and with a strong ETag: the hash of the bytes that are sent (RFC 9110 8.8.3)."""
    if answer.status != 200 or answer.header(b"etag") is not None:
        return answer
    body, headers = answer.body, answer.headers
    if gzip_accepted and _worth_compressing(answer):
        # Level 6 as zlib's default; no time in the header, so that the bytes depend on nothing else.
        body = gzip.compress(body, 6, mtime=0)
        headers = (*headers, (b"content-encoding", b"gzip"))
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'.encode()
    return replace(answer, body=body, headers=(*headers, (b"etag", tag)))


def _worth_compressing(answer: Answer) -> bool:
    return len(answer.body) >= _SMALLEST_TO_COMPRESS and not (
        answer.header(b"content-type") or b""
    ).startswith(_COMPRESSED_ALREADY)


_OF_304 = frozenset(
    {b"cache-control", b"content-location", b"etag", b"expires", b"link", b"vary", b"last-modified"}
)


def conditional(answer: Answer, if_match: str | None, if_none_match: str | None) -> Answer:
    """Return the answer, or 304 or 412 in its place, as the preconditions of a GET have it (RFC 9110 13.2.2)."""
    tag = answer.header(b"etag")
    if answer.status != 200 or tag is None:
        return answer
    text = tag.decode()
    if if_match is not None and not _lists(if_match, text, weak=False):
        return Answer(412, tuple(each for each in answer.headers if each[0] == b"vary"))
    if if_none_match is not None and _lists(if_none_match, text, weak=True):
        return Answer(304, tuple(each for each in answer.headers if each[0] in _OF_304))
    return answer


def _lists(header: str, tag: str, *, weak: bool) -> bool:
    """Tell whether a list of entity tags holds one, by weak or strong comparison (RFC 9110 8.8.3.2)."""
    tags: Iterable[str] = (each.strip() for each in header.split(","))
    if weak:
        tags = (each.removeprefix("W/") for each in tags)
    return any(each in ("*", tag) for each in tags)


def header_value(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> str | None:
    """Return a request header, several of one name joined by a comma (RFC 9110 5.3), None where there is none."""
    values = [value.decode("latin-1") for key, value in headers if key == name]
    return ", ".join(values) if values else None
