"""Things, their documents and their graphs: ``/id``, ``/vocab``, ``/doc``, ``/graph``, ``/ns`` and any IRI of the data."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

import msgspec
from pyoxigraph import NamedNode, RdfFormat, parse

from fonds.errors import FondsError
from fonds.formats import (
    DOCUMENT_FORMATS,
    HTML,
    JSONLD,
    LINKED_ART,
    NTRIPLES,
    RDF_FORMATS,
    TEI,
    TEXT,
    Format,
    by_ending,
)
from fonds.identifiers import Kind
from fonds.store import Solution
from fonds.views.graph import record_triples
from fonds.views.jsonld import compact
from fonds.views.linked_art import linked_art
from fonds.vocabulary import FV
from fonds.web import records
from fonds.web.addresses import named_node, to_root, uri
from fonds.web.answers import Answer, Exchange, Headers
from fonds.web.negotiation import negotiate
from fonds.web.problems import Choice, Problem
from fonds.web.reported import said_of
from fonds.web.requests import one_of_each
from fonds.web.site import Site, heading, representations
from fonds.web.statements import about, about_rows, links, mentioned_in, natural

_ENDINGS: tuple[Format, ...] = (*DOCUMENT_FORMATS, TEI, TEXT, LINKED_ART)
_CACHE = (b"cache-control", b"public, max-age=60")
_TEXT_FORMS = {TEI: "tei", TEXT: "txt"}


# ------------------------------------------------------------------------------------------------ things


def thing(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/id/…`` and ``/vocab/…``: see the document, since a thing is not its description (RFC 9110 15.4.4)."""
    path = exchange.path[1:]
    it = first_known(site, site.addresses.under_base(path))
    if it is not None:
        return see_other(exchange, site.addresses.of_iri(it.value))
    shorter = path.rstrip("/")
    if shorter != path and (it := first_known(site, site.addresses.under_base(shorter))) is not None:
        return moved(exchange, quote(shorter, safe="/%:@!$&'()*+,;=~-._"))
    raise not_found(site, path)


def other_thing(site: Site, exchange: Exchange) -> Answer:
    """Answer any other address under the base: the data may know it, and a dataset's own IRIs may stand anywhere."""
    it = first_known(site, site.addresses.under_base(exchange.path[1:]))
    if it is None:
        raise not_found(site, exchange.path[1:])
    return see_other(exchange, f"doc?iri={quote(it.value, safe=':/@!$,;-._~')}")


def first_known(site: Site, nodes: Iterable[NamedNode]) -> NamedNode | None:
    """Return the first IRI about which the store knows something."""
    return next((node for node in nodes if site.store.knows(node)), None)


def see_other(exchange: Exchange, address: str) -> Answer:
    """Return 303 to an address relative to the root.

    The reference is relative (RFC 9110 10.2.2), so that a copy behind another host name, or under another path, stays
    within itself.
    """
    exchange.keep = True
    return Answer(303, (_location(exchange, address), _CACHE, (b"content-type", b"text/plain;charset=utf-8")))


def moved(exchange: Exchange, address: str) -> Answer:
    """Return 301 to an address relative to the root."""
    exchange.keep = True
    return Answer(301, (_location(exchange, address), _CACHE, (b"content-type", b"text/plain;charset=utf-8")))


def _location(exchange: Exchange, address: str) -> tuple[bytes, bytes]:
    return b"location", f"{to_root(exchange.path)}{address}".encode("ascii")


# ------------------------------------------------------------------------------------------------ documents


def document(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/doc/…``: what is stated about a thing, as a page or as RDF; an ending asks for one representation."""
    path = exchange.path.removeprefix("/doc/")
    it = first_known(site, site.addresses.things(path))
    if it is not None:
        return _describe(site, exchange, it, None)
    for ending in _endings_of(path):
        stem = path.removesuffix(f".{ending.ending}")
        if (it := first_known(site, site.addresses.things(stem))) is not None:
            return _describe(site, exchange, it, ending)
    if path.endswith("/") and first_known(site, site.addresses.things(path.rstrip("/"))) is not None:
        return moved(exchange, f"doc/{path.rstrip('/')}")
    raise not_found(site, f"id/{path}" if not path.startswith("vocab/") else path)


def _endings_of(path: str) -> Iterator[Format]:
    return (each for each in _ENDINGS if path.endswith(f".{each.ending}"))


def document_of_iri(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/doc?iri=…``: any IRI that the data know, wherever it belongs; ``format=ttl`` asks for one representation."""
    values = one_of_each(exchange.query, ("iri", "format"))
    iri = values.get("iri")
    if not iri:
        raise Problem(400, "An IRI is missing: /doc?iri=… shows what the data say about it.")
    it = named_node(iri)
    if it is None:
        raise Problem(400, f"“{iri[:200]}” is not an absolute IRI (RFC 3987).")
    wanted = values.get("format")
    ending = by_ending(wanted, DOCUMENT_FORMATS) if wanted else None
    if wanted and ending is None:
        raise Problem(
            406,
            f"There is no format “{wanted[:40]}” here; there are {', '.join(each.ending for each in DOCUMENT_FORMATS)}.",
        )
    if not site.store.knows(it):
        if _exists(site, it):
            return _graph(site, exchange, it, ending)
        if links(site, it)[0]:
            return _describe(site, exchange, it, ending)
        raise Problem(
            404,
            f"The data say nothing about <{iri[:500]}>.",
            (Choice("", "Home"), Choice("sparql", "SPARQL")),
        )
    return _describe(site, exchange, it, ending)


def _describe(site: Site, exchange: Exchange, it: NamedNode, ending: Format | None) -> Answer:
    key = records.record_key(site, it)
    offered = (*DOCUMENT_FORMATS, TEI) if key and _text(site, key, TEI) else DOCUMENT_FORMATS
    format_ = ending or negotiated(exchange, offered)
    body = _body(site, exchange, it, key, format_)
    if body is None:
        raise not_found(site, exchange.path[1:])
    # Linked Art has the media type of JSON-LD, so that nobody can ask for it but by its own address.
    others = (LINKED_ART,) if _has_linked_art(site, it) else ()
    headers = document_headers(site, exchange, it.value, format_, (*offered, *others), ending)
    return Answer(200, headers, body)


def negotiated(exchange: Exchange, offered: Sequence[Format]) -> Format:
    """Return what the client takes; the edge keeps the answer for others that take the same.

    Raises:
        Problem: 406, with what can be had (RFC 9110 15.5.7).
    """
    format_ = negotiate(exchange.accept, offered)
    if format_ is None:
        names = ", ".join(each.media_type for each in offered)
        choices = tuple(Choice(_address_as(exchange, each), each.name) for each in offered)
        raise Problem(
            406,
            f"None of the formats that are asked for can be had. There are {names}.",
            choices,
            facts={"available": [each.media_type for each in offered]},
            headers=((b"vary", b"Accept"),),
        )
    exchange.offered = tuple(offered)
    return format_


def _body(site: Site, exchange: Exchange, it: NamedNode, key: str | None, format_: Format) -> bytes | None:
    if format_ in _TEXT_FORMS:
        text = _text(site, key, format_) if key else None
        if text is None:
            raise Problem(
                404, f"There is no {format_.name} of this; its words are not published here, or it has none."
            )
        return text
    if format_ is LINKED_ART:
        return _linked_art(site, it)
    if format_ is HTML:
        return _page(site, exchange, it, key)
    if format_ is JSONLD:
        return _compact(site, site.store.document(it, NTRIPLES), first=it)
    return site.store.document(it, format_)


def _compact(site: Site, triples: bytes | None, *, first: NamedNode | None = None) -> bytes | None:
    """Return N-Triples as compact JSON-LD; None for None.

    Raises:
        Problem: 406, they hold what JSON-LD cannot (RFC 9110 15.5.7).
    """
    if triples is None:
        return None
    try:
        return compact(list(parse(triples, format=RdfFormat.N_TRIPLES)), site.context, first=first)
    except FondsError as error:
        others = [each.media_type for each in DOCUMENT_FORMATS if each is not JSONLD]
        raise Problem(406, str(error), facts={"available": others}) from error


def _has_linked_art(site: Site, it: NamedNode) -> bool:
    """Tell whether Linked Art has a document for a thing: a record, a paper that carries it, a translation."""
    key, part = _record_and_part(site, it)
    if key is None or part is None:
        return key is not None
    return bool(site.store.select("linked-art", part=it, record=site.addresses.iris.record(key)))


def _record_and_part(site: Site, it: NamedNode) -> tuple[str | None, str | None]:
    """Return the key of the record that a thing is or belongs to, and the name of the part that it is."""
    match (site.addresses.iris.path(it.value) or "").split("/"):
        case ["id", Kind.RECORD, key, *part] if site.is_publication and len(part) < 2:
            return key, part[0] if part else None
    return None, None


def _linked_art(site: Site, it: NamedNode) -> bytes:
    key, _ = _record_and_part(site, it)
    iris = site.addresses.iris
    if key is not None and _has_linked_art(site, it):
        data = linked_art(record_triples(site.store, key, iris), it, iris, site.settings.languages)
        if data is not None:
            return msgspec.json.encode(data)
    raise Problem(
        404,
        "There is no Linked Art of this: it is made of records, the papers that carry them, and their translations.",
    )


def _text(site: Site, key: str, format_: Format) -> bytes | None:
    return site.texts.get(key, _TEXT_FORMS[format_]) if site.texts else None


def document_headers(
    site: Site,
    exchange: Exchange,
    iri: str,
    format_: Format,
    offered: Sequence[Format],
    ending: Format | None,
) -> Headers:
    """Return the headers of a document: its type, what it describes, in which other forms it can be had."""
    exchange.keep = True
    exchange.chosen = format_.ending
    others = [
        f'<{_sibling(exchange, each, ending)}>; rel="alternate"; type="{_link_type(each)}"'
        for each in offered
        if each is not format_
    ]
    describes = [f'<{uri(iri)}>; rel="describes"'] if not iri.startswith(f"{site.base}graph/") else []
    headers: Headers = (
        (b"content-type", format_.content_type.encode()),
        (b"link", ", ".join([*describes, *others]).encode("ascii")),
        _CACHE,
    )
    if ending is not None:
        return (*headers, (b"vary", b"Accept-Encoding"))
    place = _sibling(exchange, format_, ending).encode("ascii")
    return (*headers, (b"vary", b"Accept, Accept-Encoding"), (b"content-location", place))


def _link_type(format_: Format) -> str:
    """Return a format's media type as the value of a link's ``type``, a profile inside it (RFC 8288 3.4.1, RFC 6906).

    Inside, not beside: rdflib, asked for JSON-LD, follows the first alternate whose type is exactly that of JSON-LD, and
    would take a document in somebody else's profile for ours.
    """
    if not format_.profile:
        return format_.media_type
    return f'{format_.media_type};profile=\\"{format_.profile}\\"'


def _sibling(exchange: Exchange, format_: Format, ending: Format | None) -> str:
    """Return the address of one representation, relative to the address that was asked for."""
    if exchange.path == "/doc":
        iri = one_of_each(exchange.query, ("iri",))["iri"]
        return f"doc?iri={quote(iri, safe=':/@!$,;-._~')}&format={format_.ending}"
    last = exchange.path.rpartition("/")[2]
    stem = last.removesuffix(f".{ending.ending}") if ending else last
    # RFC 3986 4.2: a colon in the first segment would read as a scheme.
    return f"{'./' if ':' in stem else ''}{stem}.{format_.ending}"


def _address_as(exchange: Exchange, format_: Format) -> str:
    """Return the address of one representation, relative to the root."""
    return f"{exchange.path[1:].rpartition('/')[0]}/{_sibling(exchange, format_, None)}".lstrip("/")


def _page(site: Site, exchange: Exchange, it: NamedNode, key: str | None) -> bytes:
    described = about(site, it)
    linked, more = links(site, it)
    formats = (*RDF_FORMATS, LINKED_ART) if _has_linked_art(site, it) else RDF_FORMATS
    common = {
        "about": described,
        "links": linked,
        "more_links": more,
        "formats": representations(site.addresses.of_iri(it.value), formats),
        "canonical": site.addresses.of_iri(it.value),
    }
    if key is not None:
        return site.page(
            "record.html", exchange.path, key=key, record=records.record_page(site, it, key), **common
        )
    return site.page(
        "thing.html",
        exchange.path,
        said=said_of(site, it),
        mentioned=mentioned_in(site, it),
        whole=_whole(site, it),
        term=site.terms.by_iri.get(it.value),
        is_graph=not site.is_publication and _exists(site, it),
        **common,
    )


def _whole(site: Site, it: NamedNode) -> tuple[str, str, str] | None:
    """Return address, title and place of the thing that this one is a part of, None if it stands by itself."""
    match (site.addresses.iris.path(it.value) or "").split("/"):
        case ["id", kind, slug, *part] if part:
            whole = site.addresses.iris.thing(kind, slug)
            place = f"#{part[-1]}" if kind == Kind.RECORD else ""
            return site.addresses.of_iri(whole.value), about(site, whole).title, place
    return None


def not_found(site: Site, path: str) -> Problem:
    """Return 404 with what may have been meant."""
    choices = list(_near(site, path))
    hint = " Did you mean one of these?" if choices else ""
    return Problem(
        404,
        f"There is nothing at {path[:300]}.{hint}",
        (*choices, Choice("", "Home"), Choice("dataset", "The dataset")),
    )


_MOST_COMPARED = 500
_MOST_OF_GRAPH = 500


def _near(site: Site, path: str) -> Iterator[Choice]:
    match path.split("/"):
        case ["id", kind, slug, *part] if site.is_publication:
            whole = first_known(site, site.addresses.under_base(f"id/{kind}/{slug}")) if part else None
            if whole is not None:
                yield Choice(site.addresses.of_iri(whole.value), about(site, whole).title)
            known = site.index.keys.get(kind, ())
            for near in difflib.get_close_matches(slug[:80], known[:_MOST_COMPARED], n=3):
                if near != slug:
                    yield Choice(f"doc/{quote(kind)}/{quote(near)}", near)
            if known:
                yield Choice(f"browse/{quote(kind)}", f"All {heading(kind).lower()}")


# ------------------------------------------------------------------------------------------------ graphs, and our ontology


def context(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/ns/context/1.jsonld``: the whole context of our JSON-LD, for other people's documents and frames."""
    exchange.keep = True
    headers: Headers = (
        (b"content-type", JSONLD.content_type.encode()),
        (b"vary", b"Accept-Encoding"),
        # Terms may be added to it and none is changed, so that an old copy is never wrong.
        (b"cache-control", b"public, max-age=604800"),
    )
    return Answer(200, headers, site.context_document)


def graph(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/graph/…``: a named graph as such; it is a document, so 200."""
    path = exchange.path[1:]
    for name in site.addresses.under_base(path):
        if _exists(site, name):
            return _graph(site, exchange, name, None)
    for ending in _endings_of(path):
        for name in site.addresses.under_base(path.removesuffix(f".{ending.ending}")):
            if ending in DOCUMENT_FORMATS and _exists(site, name):
                return _graph(site, exchange, name, ending)
    return other_thing(site, exchange)


def _exists(site: Site, name: NamedNode) -> bool:
    return bool(site.store.select("graph-exists", graph=name))


def _graph(site: Site, exchange: Exchange, name: NamedNode, ending: Format | None) -> Answer:
    format_ = ending or negotiated(exchange, DOCUMENT_FORMATS)
    body = _graph_page(site, exchange, name) if format_ is HTML else _graph_as(site, name, format_)
    if body is None:
        raise not_found(site, exchange.path[1:])
    headers = document_headers(site, exchange, name.value, format_, DOCUMENT_FORMATS, ending)
    return Answer(200, headers, body)


def _graph_as(site: Site, name: NamedNode, format_: Format) -> bytes | None:
    if format_ is JSONLD:
        return _compact(site, site.store.graph(name, NTRIPLES))
    return site.store.graph(name, format_)


def _graph_page(site: Site, exchange: Exchange, name: NamedNode) -> bytes:
    rows = site.store.select("graph-statements", graph=name)
    by_subject: dict[NamedNode, list[Solution]] = {}
    for row in rows:
        if isinstance(subject := row["subject"], NamedNode):
            by_subject.setdefault(subject, []).append(
                {variable: row[variable] for variable in ("property", "value", "label") if variable in row}
            )
    described = [about_rows(site, subject, statements) for subject, statements in by_subject.items()]
    described.sort(key=lambda each: natural(each.iri))
    return site.page(
        "graph.html",
        exchange.path,
        about=about(site, name),
        described=[(each, site.addresses.of_iri(each.iri)) for each in described],
        more=len({(row["subject"], row["property"], row["value"]) for row in rows}) > _MOST_OF_GRAPH,
        formats=representations(site.addresses.of_iri(name.value), RDF_FORMATS),
        canonical=site.addresses.of_iri(name.value),
        said=name.value.startswith(site.said),
    )


def ontology(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/ns``: the program's own ontology, under its own fixed namespace."""
    name = site.addresses.iris.graph("ontology", "fonds")
    path = exchange.path
    ending = next(_endings_of(path), None)
    format_ = ending or negotiated(exchange, DOCUMENT_FORMATS)
    if format_ is HTML:
        terms = [term for iri, term in site.terms.by_iri.items() if iri.startswith(FV.iri)]
        body: bytes | None = None
        if terms:
            body = site.page(
                "terms.html",
                path,
                terms=sorted(terms, key=lambda term: (term.kind, term.label.casefold())),
                formats=representations("ns", RDF_FORMATS),
                canonical="ns",
            )
    else:
        body = _graph_as(site, name, format_)
    if body is None:
        raise Problem(404, "This dataset does not carry the ontology of fonds.")
    headers = document_headers(site, exchange, FV.iri.rstrip("#"), format_, DOCUMENT_FORMATS, ending)
    return Answer(200, headers, body)
