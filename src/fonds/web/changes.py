"""``/changes``: what became of things from release to release, for harvesters, and the latest of it for readers of feeds.

Activity Streams 2.0, in the way of the IIIF Change Discovery API 1.0: an ``OrderedCollection`` whose pages go from the oldest activity to
the latest. A page that is full never changes again. Each unit of the archive has such a collection of its own, of the records in it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

import msgspec

from fonds.identifiers import Kind
from fonds.release.happened import (
    PAGE_LINES,
    Activity,
    pages_for,
    pages_of,
    read_page,
    read_page_in,
    total_in,
    total_of,
)
from fonds.translations import said
from fonds.web.answers import Answer, Exchange, Headers
from fonds.web.feeds import Entry, Feed, as_feed
from fonds.web.problems import Choice, Problem
from fonds.web.site import Site

CHANGES = "changes"
_CONTEXT = ("http://iiif.io/api/discovery/1/context.json", "https://www.w3.org/ns/activitystreams")
_TYPE = b'application/ld+json;profile="https://www.w3.org/ns/activitystreams"'
_LATEST = 50
_TYPES: Mapping[str, str] = {
    Kind.RECORD: "Document",
    Kind.PERSON: "Person",
    Kind.GROUP: "Group",
    Kind.PLACE: "Place",
    Kind.EVENT: "Event",
}
"""Kinds of thing that the vocabulary of Activity Streams has a type for."""
_FATES = {
    "Create": "New",
    "Update": "Changed",
    "Delete": "Withdrawn",
    "Move": "Replaced",
    "Add": "Came here",
    "Remove": "Moved elsewhere",
}


@dataclass(frozen=True, slots=True)
class _Stream:
    """What became of some things, the oldest first.

    Attributes:
        address: Where it is, relative to the root.
        title: What the feed of it is called.
        about: The page for people that belongs to it, relative to the root.
        total: How many activities there are.
        read: Gives a page of them, from 0.
    """

    address: str
    title: str
    about: str
    total: int
    read: Callable[[int], Sequence[Activity]]

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return pages_for(self.total)


def collection(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/changes``: how many activities there are, and where they begin and end."""
    return _collection(site, exchange, _of_all(site))


def page(site: Site, exchange: Exchange, number: str) -> Answer:
    """Answer ``/changes/{number}``: a page of activities, the oldest first; pages count from 1.

    Raises:
        Problem: There is no such page.
    """
    return _page(site, exchange, _of_all(site), number)


def feed(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/changes.atom``: the latest activities, the latest first."""
    return _feed(site, exchange, _of_all(site))


def unit_collection(site: Site, exchange: Exchange, key: str) -> Answer:
    """Answer ``/changes/holding/{key}``: the same of the records of a unit of the archive, at any depth.

    Raises:
        Problem: No record ever lay in such a unit, here and for its pages and its feed.
    """
    return _collection(site, exchange, _of_unit(site, key))


def unit_page(site: Site, exchange: Exchange, key: str, number: str) -> Answer:
    """Answer ``/changes/holding/{key}/{number}``: a page of them."""
    return _page(site, exchange, _of_unit(site, key), number)


def unit_feed(site: Site, exchange: Exchange, key: str) -> Answer:
    """Answer ``/changes/holding/{key}.atom``: the latest of them."""
    return _feed(site, exchange, _of_unit(site, key))


def stream_of(site: Site, path: str) -> str:
    """Return the address of what became of the records of a unit of the archive, relative to the root; empty where none ever lay in it.

    Args:
        site: Which.
        path: The IRI of the unit, without the base.
    """
    kind, _, key = path.removeprefix("id/").partition("/")
    return _address_of(key) if kind == Kind.HOLDING and total_in(site.release, key) else ""


def _address_of(unit: str) -> str:
    return f"{CHANGES}/{Kind.HOLDING}/{quote(unit, safe='')}"


def _collection(site: Site, exchange: Exchange, stream: _Stream) -> Answer:
    address = f"{site.base}{stream.address}"
    body: dict[str, object] = {
        "@context": _CONTEXT,
        "id": address,
        "type": "OrderedCollection",
        "totalItems": stream.total,
        "first": {"id": f"{address}/1", "type": "OrderedCollectionPage"},
        "last": {"id": f"{address}/{stream.pages}", "type": "OrderedCollectionPage"},
    }
    if rights := site.settings.rights.data:
        body["rights"] = rights
    return _json(exchange, body, 60)


def _page(site: Site, exchange: Exchange, stream: _Stream, number: str) -> Answer:
    pages = stream.pages
    # Longer numbers than there can be are not read as numbers.
    if not re.fullmatch("[1-9][0-9]{0,9}", number) or int(number) > pages:
        raise Problem(
            404,
            said(
                "There is no page {number} of changes; pages count from 1 to {pages}.",
                number=number[:20],
                pages=pages,
            ),
            _CHOICES,
        )
    at = int(number)
    address = f"{site.base}{stream.address}"
    body: dict[str, object] = {
        "@context": _CONTEXT,
        "id": f"{address}/{at}",
        "type": "OrderedCollectionPage",
        "partOf": {"id": address, "type": "OrderedCollection"},
        "startIndex": (at - 1) * PAGE_LINES,
    }
    if at > 1:
        body["prev"] = {"id": f"{address}/{at - 1}", "type": "OrderedCollectionPage"}
    if at < pages:
        body["next"] = {"id": f"{address}/{at + 1}", "type": "OrderedCollectionPage"}
    body["orderedItems"] = [
        _item(site, each, f"{address}/{at}#{place}")
        for place, each in enumerate(stream.read(at - 1), start=1)
    ]
    return _json(exchange, body, None if at < pages else 60)


def _feed(site: Site, exchange: Exchange, stream: _Stream) -> Answer:
    latest: list[tuple[str, Activity]] = []
    for at in (stream.pages, stream.pages - 1):
        if at >= 1 and len(latest) < _LATEST:
            activities = stream.read(at - 1)
            latest += [
                (f"{site.base}{stream.address}/{at}#{place}", activities[place - 1])
                for place in range(len(activities), 0, -1)
            ]
    address = f"{site.base}{stream.address}.atom"
    entries = [_entry(site, name, each) for name, each in latest[:_LATEST]]
    return as_feed(
        exchange,
        Feed(
            title=stream.title,
            author=site.settings.publisher or site.settings.title,
            page=site.base + stream.about,
            links={"self": address, "first": address},
            updated=_moment(latest[0][1].end),
            total=stream.total,
            start=1,
            length=_LATEST,
            entries=entries,
        ),
    )


def _of_all(site: Site) -> _Stream:
    release = site.release
    if not pages_of(release):
        raise Problem(404, said("This release does not say what changed: only releases of publications do."))
    title = f"What changed – {site.settings.title}"
    return _Stream(CHANGES, title, "dataset", total_of(release), partial(read_page, release.folder))


def _of_unit(site: Site, key: str) -> _Stream:
    total = total_in(site.release, key)
    iri = f"{site.base}id/{Kind.HOLDING}/{key}"
    if not total:
        raise Problem(
            404,
            said("No history of {kind}/{key} is known.", kind=Kind.HOLDING.value, key=key[:80]),
            _CHOICES,
        )
    label = site.labels.of(iri)
    title = f"What changed in {label.value if label else key} – {site.settings.title}"
    about = f"doc/{Kind.HOLDING}/{quote(key, safe='')}"
    return _Stream(_address_of(key), title, about, total, partial(read_page_in, site.release.folder, key))


_CHOICES = (
    Choice("changes", said("What changed, from the beginning")),
    Choice("sitemap.xml", said("The list of the sitemaps")),
)


def _iri(site: Site, it: str) -> str:
    return it if ":" in it.partition("/")[0] else site.base + it


def _item(site: Site, activity: Activity, name: str) -> dict[str, object]:
    kind = activity.it.removeprefix("id/").partition("/")[0] if activity.it.startswith("id/") else ""
    item: dict[str, object] = {
        "id": name,
        "type": activity.type,
        "endTime": activity.end,
        "object": {"id": _iri(site, activity.it), "type": _TYPES.get(kind, "Object")},
    }
    if activity.target:
        item["target"] = {"id": _iri(site, activity.target), "type": _TYPES.get(kind, "Object")}
    return item


def _entry(site: Site, name: str, activity: Activity) -> Entry:
    iri = _iri(site, activity.it)
    label = site.labels.of(iri)
    called = label.value if label is not None else activity.it
    return Entry(
        name,
        f"{_FATES[activity.type]}: {called}",
        label.language if label is not None else None,
        site.base + site.addresses.of_iri(iri) if iri.startswith(site.base) else iri,
        _moment(activity.end),
    )


def _moment(end: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(end)


def _json(exchange: Exchange, body: dict[str, object], seconds: int | None) -> Answer:
    exchange.keep = True
    fresh = f"public, max-age={seconds}" if seconds is not None else "public, max-age=31536000, immutable"
    headers: Headers = (
        (b"content-type", _TYPE),
        (b"vary", b"Accept-Encoding"),
        (b"cache-control", fresh.encode()),
    )
    return Answer(200, headers, msgspec.json.encode(body))
