"""Every address of the site, in one table, and Flask behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Any

import flask
from werkzeug.exceptions import HTTPException

from fonds.errors import FormatError, ReleaseError, StoreError, StoreUnreadable
from fonds.formats import DOCUMENT_FORMATS
from fonds.translations import said
from fonds.web import (
    changes,
    datasets,
    discovery,
    editor,
    graphs,
    help_pages,
    history,
    holdings,
    kept,
    listings,
    lookup,
    maps,
    networks,
    oai,
    openapi,
    own_pages,
    reconcile,
    resources,
    search,
    timeline,
    vocabularies,
)
from fonds.web.answers import Answer, Exchange, Work, ready
from fonds.web.problems import Problem, failure, problem_answer, unreadable
from fonds.web.site import Site
from fonds.web.wsgi import EXCHANGE

View = Callable[..., Answer | flask.Response]

_ENDINGS = tuple(each.ending for each in DOCUMENT_FORMATS)


def _with_endings(rule: str, view: View) -> tuple[tuple[str, View], ...]:
    return ((rule, view), *((f"{rule}.{ending}", view) for ending in _ENDINGS))


_ASSET_TYPES = own_pages.PICTURE_TYPES | {
    ".css": b"text/css;charset=utf-8",
    ".js": b"text/javascript;charset=utf-8",
}


def style(site: Site, exchange: Exchange, name: str) -> Answer:
    """Answer ``/assets/{name}``; the address carries the hash of the content, so it can be kept for ever."""
    body = site.assets.get(name)
    if body is None:
        raise Problem(404, said("There is no asset “{name}”.", name=name[:60]))
    exchange.keep = True
    type_ = _ASSET_TYPES[PurePosixPath(name).suffix]
    kept = (b"cache-control", b"public, max-age=31536000, immutable")
    return Answer(200, ((b"content-type", type_), (b"vary", b"Accept-Encoding"), kept), body)


def dump(site: Site, exchange: Exchange, name: str) -> flask.Response:  # noqa: ARG001  every view is called alike
    """Answer ``/dumps/{name}``: a file of the release, with its SHA-256 as strong ETag, and ranges of it."""
    path, type_, sha256 = datasets.dump_file(site, name)
    return flask.send_file(
        path,
        mimetype=type_,
        conditional=True,
        etag=sha256,
        max_age=3600,
        last_modified=None,
        as_attachment=True,
    )


def dump_list(site: Site, exchange: Exchange) -> Answer:  # noqa: ARG001
    """Answer ``/dumps/``: the dumps stand on the page of the dataset."""
    return Answer(303, ((b"location", b"../dataset#dumps"), (b"cache-control", b"public, max-age=60")))


ROUTES: tuple[tuple[str, View], ...] = (
    ("/", listings.home),
    ("/graph/<path:_>", resources.graph_or_thing),
    *_with_endings("/ns", graphs.ontology),
    ("/ns/context/1.jsonld", graphs.context),
    *_with_endings("/dataset", datasets.dataset),
    *_with_endings("/report", datasets.report),
    ("/.well-known/void", datasets.well_known_void),
    ("/.well-known/sparql-examples", datasets.sparql_examples),
    ("/citation.cff", datasets.citation_file),
    ("/about", own_pages.about),
    ("/pages/<name>", own_pages.page),
    ("/help", help_pages.index),
    ("/help/<name>", help_pages.page),
    ("/dumps/", dump_list),
    ("/dumps/<name>", dump),
    ("/browse", listings.browse_class),
    ("/browse/holding", holdings.tree),
    ("/browse/holding/<key>", holdings.records),
    ("/browse/vocab", vocabularies.browse),
    ("/browse/<kind>", listings.browse),
    ("/search", search.search),
    ("/search.xml", search.open_search),
    ("/queries", listings.queries),
    ("/timeline", timeline.timeline),
    ("/timeline.csv", timeline.timeline_csv),
    ("/timeline.svg", timeline.timeline_svg),
    ("/map", maps.world),
    ("/map.csv", maps.world_csv),
    ("/map.geojson", maps.world_geojson),
    ("/map.svg", maps.world_svg),
    ("/network/<kind>/<path:key>", networks.network),
    ("/queries/", listings.queries),
    ("/queries/<name>", listings.query),
    ("/lookup/identifier", lookup.identifier),
    ("/lookup/external", lookup.external),
    ("/lookup/shelfmark", lookup.shelfmark),
    ("/lookup/related", lookup.related),
    ("/openapi.json", openapi.document),
    ("/sparql-terms.js", editor.terms),
    ("/assets/<name>", style),
    ("/robots.txt", discovery.robots),
    (f"/{oai.OAI}", oai.harvesting),
    ("/changes", changes.collection),
    ("/changes/<number>", changes.page),
    ("/changes.atom", changes.feed),
    ("/changes/holding/<key>", changes.unit_collection),
    ("/changes/holding/<key>/<number>", changes.unit_page),
    ("/changes/holding/<key>.atom", changes.unit_feed),
    *_with_endings("/history/<kind>/<key>", history.history),
    ("/errata", history.errata),
    ("/errata.csv", history.errata_csv),
    ("/release/", kept.releases),
    ("/release/<name>", kept.release),
    ("/release/<name>/<path:path>", kept.file),
    ("/sitemap.xml", discovery.sitemap_index),
    ("/sitemap-<number>.xml", discovery.sitemap),
    ("/beacon/<name>.txt", discovery.beacon),
    ("/cmif.xml", discovery.letters),
    ("/<path:_>", resources.other_thing),
)
"""Rule and view of what Flask answers. A view gets the site, the exchange and the named parts of its rule."""

DIRECT: Mapping[str, Callable[[Site, Exchange], Work]] = {
    "id": resources.thing,
    "vocab": resources.thing,
    "doc": resources.document,
    "reconcile": reconcile.answered,
}
"""First segment of a path and its view, for what is asked most: Flask would take longer to hand the request over than such
an answer takes. ``/sparql`` is answered by the edge; ``/reconcile`` takes forms, which the edge reads."""


def direct(site: Site, exchange: Exchange) -> Work | None:
    """Return the work that answers a request without Flask, None for one that is Flask's."""
    # RFC 9112 3.2: what a client sends as its target need not be a path.
    view = DIRECT.get(exchange.path.partition("/")[2].partition("/")[0])
    if view is None:
        return None
    try:
        work = view(site, exchange)
    except Exception as error:
        return ready(_refused(site, exchange, error))
    return Work(partial(_made, site, exchange, work), work.light)


def _made(site: Site, exchange: Exchange, work: Work) -> Answer:
    try:
        return work()
    except Exception as error:
        return _refused(site, exchange, error)


def _refused(site: Site, exchange: Exchange, error: Exception) -> Answer:
    """Return what a client is told when something was refused, is out of order, or went wrong."""
    exchange.keep = False
    # An address of the program's where it has nothing may be an identifier of the data.
    missing = isinstance(error, Problem) and error.status == 404
    if missing and (answer := resources.known_elsewhere(site, exchange)) is not None:
        return answer
    if isinstance(error, FormatError):
        others = [each.media_type for each in DOCUMENT_FORMATS if each.ending != exchange.chosen]
        error = Problem(406, str(error), facts={"available": others})
    elif isinstance(error, ReleaseError | StoreUnreadable | OSError):
        error = unreadable(error)
    elif isinstance(error, StoreError):
        error = Problem(503, str(error))
    elif not isinstance(error, Problem):
        error = failure(error, exchange.entry)
    exchange.entry.limit = error.limit
    return problem_answer(site, error, exchange.accept, exchange.path)


def create_pages(site: Site) -> flask.Flask:
    """Return the Flask application that answers all but queries."""
    pages = flask.Flask("fonds.web", static_folder=None, template_folder=None)
    # Raw paths are looked up as they are: an IRI may hold two slashes, or end with one.
    pages.url_map.merge_slashes = False
    pages.url_map.strict_slashes = False
    for rule, view in ROUTES:
        pages.add_url_rule(rule, endpoint=rule, view_func=partial(_view, site, view))
    # What nobody foresaw too, so that it is written down once, with the id of the request.
    pages.register_error_handler(Exception, partial(_on_purpose, site))
    pages.register_error_handler(HTTPException, partial(_on_http_error, site))
    return pages


def _view(site: Site, view: View, _: str = "", **parts: str) -> flask.Response:
    answer = view(site, _exchange(), **parts)
    return answer if isinstance(answer, flask.Response) else _response(answer)


def _exchange() -> Exchange:
    exchange: Any = flask.request.environ[EXCHANGE]
    return exchange if isinstance(exchange, Exchange) else Exchange(flask.request.path)


def _response(answer: Answer) -> flask.Response:
    response = flask.Response(answer.body, status=answer.status)
    del response.headers["content-type"]
    for name, value in answer.headers:
        response.headers.add(name.decode("latin-1"), value.decode("latin-1"))
    return response


def _on_purpose(site: Site, error: Exception) -> flask.Response:
    return _response(_refused(site, _exchange(), error))


def _on_http_error(site: Site, error: HTTPException) -> flask.Response:
    if error.code == 416:
        return flask.Response(status=416, headers=error.get_headers())
    return _on_purpose(site, Problem(error.code or 500, error.description or ""))
