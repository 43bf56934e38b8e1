"""``/changes``: what became of things from release to release, for harvesters, and the latest of it for readers of feeds.

Activity Streams 2.0, in the way of the IIIF Change Discovery API 1.0: an ``OrderedCollection`` whose pages go from the oldest activity to
the latest. A page that is full never changes again.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import msgspec

from fonds.identifiers import Kind
from fonds.release.happened import PAGE_LINES, Activity, pages_of, read_page, total_of
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
_FATES = {"Create": "New", "Update": "Changed", "Delete": "Withdrawn", "Move": "Replaced"}


def collection(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/changes``: how many activities there are, and where they begin and end."""
    pages = _pages(site)
    address = f"{site.base}{CHANGES}"
    body: dict[str, object] = {
        "@context": _CONTEXT,
        "id": address,
        "type": "OrderedCollection",
        "totalItems": total_of(site.release),
        "first": {"id": f"{address}/1", "type": "OrderedCollectionPage"},
        "last": {"id": f"{address}/{pages}", "type": "OrderedCollectionPage"},
    }
    if rights := site.settings.rights.data:
        body["rights"] = rights
    return _json(exchange, body, 60)


def page(site: Site, exchange: Exchange, number: str) -> Answer:
    """Answer ``/changes/{number}``: a page of activities, the oldest first; pages count from 1.

    Raises:
        Problem: There is no such page.
    """
    pages = _pages(site)
    if not number.isascii() or not number.isdigit() or not 1 <= int(number) <= pages or number[0] == "0":
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
    address = f"{site.base}{CHANGES}"
    activities = read_page(site.release.folder, at - 1)
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
        _item(site, each, f"{address}/{at}#{place}") for place, each in enumerate(activities, start=1)
    ]
    return _json(exchange, body, None if at < pages else 60)


def feed(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/changes.atom``: the latest activities, the latest first."""
    pages = _pages(site)
    latest: list[tuple[str, Activity]] = []
    for at in (pages, pages - 1):
        if at >= 1 and len(latest) < _LATEST:
            activities = read_page(site.release.folder, at - 1)
            latest += [
                (f"{site.base}{CHANGES}/{at}#{place}", activities[place - 1])
                for place in range(len(activities), 0, -1)
            ]
    total = total_of(site.release)
    address = f"{site.base}{CHANGES}.atom"
    entries = [_entry(site, name, each) for name, each in latest[:_LATEST]]
    return as_feed(
        exchange,
        Feed(
            title=f"What changed – {site.settings.title}",
            author=site.settings.publisher or site.settings.title,
            page=f"{site.base}dataset",
            links={"self": address, "first": address},
            updated=_moment(latest[0][1].end),
            total=total,
            start=1,
            length=_LATEST,
            entries=entries,
        ),
    )


_CHOICES = (
    Choice("changes", said("What changed, from the beginning")),
    Choice("sitemap.xml", said("The list of the sitemaps")),
)


def _pages(site: Site) -> int:
    pages = pages_of(site.release)
    if not pages:
        raise Problem(404, said("This release does not say what changed: only releases of publications do."))
    return pages


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
