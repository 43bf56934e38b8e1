"""In which forms a document can be had: which one a client gets, where the others are, and the headers that say so."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import quote

from fonds.addresses import uri
from fonds.formats import HTML, Format
from fonds.translations import said, spoken
from fonds.web.answers import Answer, Exchange, Headers
from fonds.web.negotiation import negotiate
from fonds.web.problems import Choice, Problem
from fonds.web.requests import one_of_each
from fonds.web.signposting import in_format

FRESH = (b"cache-control", b"public, max-age=60")
"""A release may follow at any time; a minute late is soon enough, and an ETag makes asking again cheap."""


@dataclass(frozen=True, slots=True)
class Representation:
    """One form in which a document can be had.

    Attributes:
        href: Relative to the root.
        label: What people call the format.
        media_type: What programs call it.
    """

    href: str
    label: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A document as it is sent.

    Attributes:
        iri: The thing that it describes; None for a document that is itself what is asked for.
        format: In which it is sent.
        offered: Formats in which it can be had, this one among them.
        ending: The format that its address names; None where the client and we agreed on one.
        page: Which page of it, from 1.
        pages: How many there are.
        modified: When the thing last changed; None where that is not known.
        links: Further links, as values of the Link header.
    """

    iri: str | None
    format: Format
    offered: Sequence[Format]
    ending: Format | None = None
    page: int = 1
    pages: int = 1
    modified: datetime.datetime | None = None
    links: Sequence[str] = ()


def page_language() -> tuple[bytes, bytes]:
    """Return the header that says in which language a page is: what is not quoted from the data."""
    return (b"content-language", spoken().language.encode())


def representations(address: str, formats: Iterable[Format]) -> list[Representation]:
    """Return the forms of the document at an address relative to the root."""
    return [
        # A profile stands in the type, so that nobody takes the document for plain JSON-LD.
        Representation(
            in_format(address, each), each.name, each.content_type if each.profile else each.media_type
        )
        for each in formats
    ]


def at_page(address: str, page: int) -> str:
    """Return the address of one page of a document."""
    return f"{address}{'&' if '?' in address else '?'}page={page}" if page > 1 else address


def kept_answer(
    exchange: Exchange,
    content_type: str,
    body: bytes,
    *headers: tuple[bytes, bytes],
    negotiated: bool = False,
) -> Answer:
    """Return an answer that follows from the release and the address, so that the edge and others may keep it.

    Args:
        exchange: It learns that the answer may be kept.
        content_type: Media type with its parameters.
        body: As it is sent.
        headers: What else is said of it.
        negotiated: Whether the address has other representations, so that it varies by Accept.
    """
    exchange.keep = True
    vary = b"Accept, Accept-Encoding" if negotiated else b"Accept-Encoding"
    return Answer(200, ((b"content-type", content_type.encode()), *headers, (b"vary", vary), FRESH), body)


def negotiated(exchange: Exchange, offered: Sequence[Format]) -> Format:
    """Return what the client takes; the edge keeps the answer for others that take the same.

    Raises:
        Problem: 406, with what can be had (RFC 9110 15.5.7).
    """
    format_ = negotiate(exchange.accept, offered, exchange.wishes.accept_profile)
    if format_ is None:
        names = ", ".join(each.media_type for each in offered)
        raise Problem(
            406,
            said("None of the formats that are asked for can be had. There are {names}.", names=names),
            tuple(Choice(_from_root(exchange, each), each.name) for each in offered),
            facts={"available": [each.media_type for each in offered]},
            headers=((b"vary", b"Accept, Accept-Profile"),),
        )
    exchange.offered = tuple(offered)
    return format_


def document_headers(exchange: Exchange, shown: Shown) -> Headers:
    """Return the headers of a document: its type, what it describes, in which other forms and on which other pages it is."""
    exchange.keep = True
    exchange.chosen = shown.format.ending
    links = [
        *([f'<{uri(shown.iri)}>; rel="describes"'] if shown.iri else []),
        *_pages(exchange, shown),
        *(
            f'<{_sibling(exchange, shown, each)}>; rel="alternate"; type="{_link_type(each)}"'
            for each in shown.offered
            if each is not shown.format
        ),
        *shown.links,
    ]
    headers: Headers = (
        (b"content-type", shown.format.content_type.encode()),
        (b"link", ", ".join(links).encode("ascii")),
        FRESH,
    )
    if shown.format is HTML:
        headers = (*headers, page_language())
    if shown.modified is not None:
        headers = (
            *headers,
            (b"last-modified", http_date(shown.modified)),
        )
    if shown.ending is not None:
        return (*headers, (b"vary", b"Accept-Encoding"))
    place = _sibling(exchange, shown, shown.format).encode("ascii")
    return (
        *headers,
        (b"vary", _vary(shown.offered)),
        (b"content-location", place),
    )


@lru_cache(maxsize=1024)
def http_date(moment: datetime.datetime) -> bytes:
    """Return a moment as RFC 9110 5.6.7 has it."""
    return format_datetime(moment, usegmt=True).encode("ascii")


def _vary(offered: Sequence[Format]) -> bytes:
    profiles = any(each.profile for each in offered)
    return b"Accept, Accept-Profile, Accept-Encoding" if profiles else b"Accept, Accept-Encoding"


def _pages(exchange: Exchange, shown: Shown) -> Iterable[str]:
    """Yield the links to other pages (RFC 8288; the names are HTML's)."""
    if shown.pages < 2:
        return
    others = {"first": 1, "prev": shown.page - 1, "next": shown.page + 1, "last": shown.pages}
    for relation, page in others.items():
        if 1 <= page <= shown.pages:
            yield f'<{_at_page(exchange, page)}>; rel="{relation}"'


def _at_page(exchange: Exchange, page: int) -> str:
    """Return the address of a page in the form that was asked for, relative to the address that was asked for."""
    last = _last_segment(exchange)
    if exchange.path != "/doc":
        return at_page(last, page)
    values = one_of_each(exchange.query, ("iri", "format"))
    chosen = f"&format={values['format']}" if "format" in values else ""
    return at_page(f"{last}?iri={_quoted(values['iri'])}{chosen}", page)


def _sibling(exchange: Exchange, shown: Shown, format_: Format) -> str:
    """Return the address of one representation, relative to the address that was asked for."""
    last = _last_segment(exchange)
    if exchange.path == "/doc":
        iri = one_of_each(exchange.query, ("iri",))["iri"]
        return at_page(f"{last}?iri={_quoted(iri)}&format={format_.ending}", shown.page)
    stem = last.removesuffix(f".{shown.ending.ending}") if shown.ending else last
    return at_page(f"{stem}.{format_.ending}", shown.page)


def _last_segment(exchange: Exchange) -> str:
    last = exchange.path.rpartition("/")[2]
    # RFC 3986 4.2: a colon in the first segment would read as a scheme.
    return f"./{last}" if ":" in last else last


def _quoted(iri: str) -> str:
    return quote(iri, safe=":/@!$,;-._~")


def _from_root(exchange: Exchange, format_: Format) -> str:
    """Return the address of one representation, relative to the root."""
    folder = exchange.path[1:].rpartition("/")[0]
    name = _sibling(exchange, Shown(None, format_, ()), format_).removeprefix("./")
    return f"{folder}/{name}".lstrip("/")


def _link_type(format_: Format) -> str:
    """Return a format's media type as the value of a link's ``type``, a profile inside it (RFC 8288 3.4.1, RFC 6906).

    Inside, not beside: rdflib, asked for JSON-LD, follows the first alternate whose type is exactly that of JSON-LD, and
    would take a document in somebody else's profile for ours.
    """
    if not format_.profile:
        return format_.media_type
    return f'{format_.media_type};profile=\\"{format_.profile}\\"'
