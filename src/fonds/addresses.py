"""Which address of this server belongs to which IRI, and back: the one place where pages get their links from."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

from pyoxigraph import NamedNode

from fonds.identifiers import NS, IriSpace

_IN_PATH = "/:@!$&'()*+,;=-._~%"
_PLAIN = re.compile(rb"[A-Za-z0-9/:@!$&'()*+,;=._~%-]*").fullmatch
_PLAIN_QUERY = re.compile(rb"[A-Za-z0-9/?:@!$&'()*+,;=._~%-]*").fullmatch
_IN_QUERY_VALUE = "/:@!$'()*,;-._~"


def ascii_path(raw: bytes) -> str:
    """Return a path as it was sent, with every byte that may not stand in a URI percent-encoded (RFC 3986 2.1)."""
    return raw.decode("ascii") if _PLAIN(raw) else quote(raw, safe=_IN_PATH)


def ascii_query(raw: bytes) -> str:
    """Return the query of a URI in the same way."""
    return raw.decode("ascii") if _PLAIN_QUERY(raw) else quote(raw, safe=_IN_PATH + "?")


def address_at(host: str, port: int) -> str:
    """Return the address of a server that listens somewhere, as this machine reaches it; with a slash at its end.

    >>> address_at("::1", 8000), address_at("0.0.0.0", 8000)
    ('http://[::1]:8000/', 'http://127.0.0.1:8000/')

    Args:
        host: Where it listens: a name or an address.
        port: Its port.
    """
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104  looked up, not bound
    name = everywhere.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{port}/"


def percent_decoded(text: bytes) -> bytes:
    """Return text with its percent-encoded bytes decoded (RFC 3986 2.1); a ``%`` that encodes nothing stays.

    >>> percent_decoded(b"SELECT%20%2a%7b%7d+100%=")
    b'SELECT *{}+100%='
    """
    # Quoted-printable (RFC 2045 6.7) is the same with another sign, and the decoder of it is twenty times as fast. It reads
    # what encodes nothing in its own way, and then the lengths are not those of an encoding, but before an end of a line.
    decoded = binascii.a2b_qp(text.replace(b"=", b"=3D").replace(b"%", b"="))
    if len(decoded) != len(text) - 2 * text.count(b"%") or b"%\n" in text or b"%\r" in text:
        return unquote_to_bytes(text)
    return decoded


def spellings(path: str) -> Iterator[str]:
    """Yield what a path of a URI can mean in an IRI, as it was sent first; each once.

    Minted ``%20`` and ``%2F`` stay as they are; ``%C3%A9`` may stand for ``é`` (RFC 3987 3.2); a client may have encoded
    more than it had to.
    """
    seen = set()
    for spelling in (path, _with_letters(path), _decoded(path)):
        if spelling is not None and spelling not in seen:
            seen.add(spelling)
            yield spelling


def _with_letters(path: str) -> str | None:
    """Return the path with percent-encoded letters beyond ASCII decoded, all else as it is."""
    if "%" not in path:
        return None
    octets = bytearray()
    at = 0
    while at < len(path):
        octet = _octet(path, at)
        if octet is not None and octet >= 0x80:
            octets.append(octet)
            at += 3
        else:
            octets += path[at].encode()
            at += 1
    return _utf8(bytes(octets))


def _octet(path: str, at: int) -> int | None:
    if path[at] != "%":
        return None
    try:
        return int(path[at + 1 : at + 3], 16)
    except ValueError:
        return None


def _decoded(path: str) -> str | None:
    return _utf8(percent_decoded(path.encode())) if "%" in path else None


def _utf8(octets: bytes) -> str | None:
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return None


def named_node(iri: str) -> NamedNode | None:
    """Return the IRI as a term, or None if it is not an absolute IRI."""
    try:
        return NamedNode(iri)
    except ValueError:
        return None


def uri(iri: str) -> str:
    """Return an IRI as a URI: letters beyond ASCII percent-encoded (RFC 3987 3.1)."""
    return quote(iri, safe=_IN_PATH + "?#[]")


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of one publication's or dataset's pages.

    Attributes:
        iris: Where its identifiers stand.
    """

    iris: IriSpace

    @lru_cache(maxsize=16_384)  # noqa: B019  there is one of these for each site
    def of_iri(self, iri: str) -> str:
        """Return the address of the page about an IRI, relative to the base, as a URI reference."""
        path = self.iris.path(iri)
        if path is not None:
            own = self._own(path)
            if own is not None:
                return uri(own)
        elif iri.startswith(NS) or iri == NS.rstrip("#"):
            return f"ns#{quote(iri.removeprefix(NS))}" if iri.startswith(NS) else "ns"
        return f"doc?iri={quote(iri, safe=_IN_QUERY_VALUE)}"

    def _own(self, path: str) -> str | None:
        # Clients that resolve references join slashes that follow each other (Python's urljoin among them).
        if any(mark in path for mark in ("?", "#", "//")):
            return path if path.startswith("dataset#") else None
        if path.startswith("id/vocab/"):  # Its document would be that of a term.
            return None
        if path.startswith("id/"):
            return f"doc/{path.removeprefix('id/')}"
        if path.startswith("vocab/"):
            return f"doc/{path}"
        if path.startswith("graph/") or path in ("dataset", ""):
            return path
        return None

    def things(self, document: str) -> Iterator[NamedNode]:
        """Yield the IRIs that ``/doc/{document}`` can be about, the likeliest first.

        Args:
            document: What follows ``/doc/``, as it was sent.
        """
        kind = "" if document.startswith("vocab/") else "id/"
        yield from self.under_base(f"{kind}{document}")

    def under_base(self, path: str) -> Iterator[NamedNode]:
        """Yield the IRIs that an address can stand for.

        Args:
            path: What follows the base, as it was sent.
        """
        for spelling in spellings(path):
            node = named_node(self.iris.base + spelling)
            if node is not None:
                yield node


def to_root(path: str) -> str:
    """Return the relative reference from a path of this server to its root: ``../../`` for ``/doc/person/x``, ``./`` for ``/doc``."""
    return "../" * (path.count("/") - 1) or "./"


def shortened_links(page: bytes, path: str) -> bytes:
    """Return a page whose relative references go no further up than they have to.

    Templates write every address from the root, ``../../doc/person/x``; from ``/doc/record/y`` it is ``../person/x``. On the
    page of a document with some hundred links that is a twentieth of it.

    >>> shortened_links(b'<a href="../../doc/person/x">x</a> <a href="../../doc/record/z/p1">z</a>', "/doc/record/y")
    b'<a href="../person/x">x</a> <a href="z/p1">z</a>'

    Args:
        page: HTML; quotation marks stand in it around attributes only, and are escaped elsewhere.
        path: Of the page, percent-encoded.
    """
    folders = path.split("/")[1:-1]
    for depth in range(len(folders), 0, -1):
        way = f'="{to_root(path)}{"/".join(folders[:depth])}/'.encode()
        up = f'="{"../" * (len(folders) - depth)}'.encode()
        # A first segment with a colon would be read as a scheme, and an empty reference is the page itself (RFC 3986 4.2, 4.4).
        page = re.sub(re.escape(way) + rb'(?=[^"?#/:]+["?#/])', up, page)
    return page


def dataset_iri(base: str, part: str = "dataset") -> NamedNode:
    """Return the IRI of the dataset, or of a part of its description: a fragment of ``/dataset``."""
    return NamedNode(f"{base}dataset#{part}")
