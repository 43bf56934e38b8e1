"""What was found as a feed, for readers of feeds and programs (Atom, RFC 4287; paged, RFC 5005; OpenSearch 1.1)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from fonds.drawing.svg import clean
from fonds.web.answers import Answer, Exchange
from fonds.web.representations import kept_answer

_ATOM = "http://www.w3.org/2005/Atom"
_OPEN_SEARCH = "http://a9.com/-/spec/opensearch/1.1/"
_XML = "http://www.w3.org/XML/1998/namespace"

ET.register_namespace("", _ATOM)
ET.register_namespace("opensearch", _OPEN_SEARCH)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing of a feed.

    Attributes:
        iri: What it is.
        title: What it is called.
        language: Of the title.
        href: Its page, absolute.
        updated: When what is stated of it changed last.
        summary: A few of its words; empty where there are none.
        words_language: Of these.
    """

    iri: str
    title: str
    language: str | None
    href: str
    updated: datetime.datetime
    summary: str = ""
    words_language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A page of what was found.

    Attributes:
        title: What was looked for.
        author: Who publishes it.
        page: The same for people.
        links: Addresses of feeds by their relation to this one: ``self``, ``next`` …
        updated: When anything changed last.
        total: How many things were found.
        start: Which of them is the first here, from 1.
        length: How many a page has.
        entries: Those of this page.
    """

    title: str
    author: str
    page: str
    links: Mapping[str, str]
    updated: datetime.datetime
    total: int
    start: int
    length: int
    entries: Sequence[Entry]


def as_feed(exchange: Exchange, feed: Feed) -> Answer:
    """Return a feed as an answer."""
    return kept_answer(exchange, "application/atom+xml;charset=utf-8", _written(feed))


def _written(feed: Feed) -> bytes:
    root = ET.Element(f"{{{_ATOM}}}feed")
    # RFC 4287 4.2.6: an address that never changes; which pages a search has may.
    _add(root, "id", feed.links["first"])
    _add(root, "title", feed.title)
    _add(root, "updated", _moment(feed.updated))
    _add(ET.SubElement(root, f"{{{_ATOM}}}author"), "name", feed.author)
    _link(root, "alternate", feed.page, "text/html")
    for relation, address in feed.links.items():
        _link(root, relation, address, "application/atom+xml")
    for name, number in (
        ("totalResults", feed.total),
        ("startIndex", feed.start),
        ("itemsPerPage", feed.length),
    ):
        ET.SubElement(root, f"{{{_OPEN_SEARCH}}}{name}").text = str(number)
    for each in feed.entries:
        _add_entry(root, each)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _add_entry(root: ET.Element, entry: Entry) -> None:
    element = ET.SubElement(root, f"{{{_ATOM}}}entry")
    _add(element, "id", entry.iri)
    _add(element, "title", entry.title, entry.language)
    _add(element, "updated", _moment(entry.updated))
    _link(element, "alternate", entry.href, "text/html")
    if entry.summary:
        _add(element, "summary", entry.summary, entry.words_language)


def _add(parent: ET.Element, name: str, text: str, language: str | None = None) -> None:
    element = ET.SubElement(parent, f"{{{_ATOM}}}{name}")
    # RFC 4287 3.1: plain text unless an attribute says otherwise, so that nothing in it is markup.
    element.text = clean(text)
    if language:
        element.set(f"{{{_XML}}}lang", language)


def _link(parent: ET.Element, relation: str, address: str, type_: str) -> None:
    ET.SubElement(parent, f"{{{_ATOM}}}link", {"rel": relation, "href": address, "type": type_})


def _moment(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
