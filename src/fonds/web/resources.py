"""Things and their documents: ``/id``, ``/vocab``, ``/doc`` and any IRI of the data."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import quote

import msgspec
from pyoxigraph import NamedNode

from fonds.addresses import named_node, shortened_links, to_root, uri
from fonds.descriptions import Description, NoSuchPage, Occurrences
from fonds.formats import (
    CARD,
    CITATION_FORMATS,
    DOCUMENT_FORMATS,
    EDM,
    HTML,
    LINKED_ART,
    LINKSET,
    RDF_FORMATS,
    SCHEMA_ORG,
    TEI,
    TEXT,
    Format,
    by_ending,
)
from fonds.identifiers import Kind
from fonds.translations import said
from fonds.views.edm import edm, why_not
from fonds.views.linked_art import linked_art
from fonds.views.paging import paging
from fonds.vocabulary import CRM, RICO
from fonds.web import citations, records
from fonds.web.answers import Answer, Exchange, Work, ready
from fonds.web.arranging import arranged
from fonds.web.authorities import authority, kind_of, without_names_of_records
from fonds.web.composed import PARTS, Contents, contents, words_of
from fonds.web.graphs import graph, graph_document, is_graph
from fonds.web.holdings import unit_page
from fonds.web.maps import place_map
from fonds.web.occurring import documents
from fonds.web.problems import Choice, Problem
from fonds.web.reported import said_of
from fonds.web.representations import FRESH, Shown, at_page, document_headers, negotiated, representations
from fonds.web.requests import one_of_each
from fonds.web.signposting import Landmarks, Link, header_values, in_format, landmarks, level_1, linkset
from fonds.web.site import Site
from fonds.web.statements import about, links, title_of
from fonds.web.tombstones import given_up, successor, tombstone
from fonds.web.vocabularies import term_page, without_narrower
from fonds.web.wording import counted, heading

_VIEWS: tuple[Format, ...] = (LINKED_ART, SCHEMA_ORG, EDM, *CITATION_FORMATS, CARD)
_ENDINGS: tuple[Format, ...] = (*DOCUMENT_FORMATS, TEI, TEXT, *_VIEWS, LINKSET)
_TEXT_FORMS = {TEI: "tei", TEXT: "txt"}
_LIGHT_BYTES = 32 * 1024
"""A description that takes no more than this is written in about a millisecond."""
_LIGHT_RECORD_BYTES = 16 * 1024
"""Of a record so small, whose own graphs are compressed, any document but a view is written in a millisecond or two."""
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


# ------------------------------------------------------------------------------------------------ things


def thing(site: Site, exchange: Exchange) -> Work:
    """Answer ``/id/…`` and ``/vocab/…``: see the document, since a thing is not its description (RFC 9110 15.4.4).

    Raises:
        Problem: There is no such thing.
    """
    path = exchange.path[1:]
    it = first_known(site, site.addresses.under_base(path)) or (
        _with_query(site, exchange) if exchange.query else None
    )
    if it is not None:
        return ready(see_other(exchange, site.addresses.of_iri(it.value)))
    shorter = path.rstrip("/")
    if shorter != path and first_known(site, site.addresses.under_base(shorter)) is not None:
        return ready(moved(exchange, quote(shorter, safe="/%:@!$&'()*+,;=~-._")))
    if (gone := given_up(site, site.addresses.under_base(shorter))) is not None:
        if gone.moved:
            address = site.addresses.iris.path(successor(site, gone).value) or ""
            return ready(moved(exchange, uri(address)))
        return Work(partial(tombstone, site, exchange, gone, None), light=False)
    raise not_found(site, path)


def graph_or_thing(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/graph/…``: a named graph, or a thing that a dataset has named like one."""
    return graph(site, exchange) or other_thing(site, exchange)


def other_thing(site: Site, exchange: Exchange) -> Answer:
    """Answer any other address under the base: the data may know it, and a dataset's own IRIs may stand anywhere."""
    answer = known_elsewhere(site, exchange)
    if answer is None:
        raise not_found(site, exchange.path[1:])
    return answer


def known_elsewhere(site: Site, exchange: Exchange) -> Answer | None:
    """Return 303 to the document about the IRI that an address is, None if the data do not know it."""
    it = _with_query(site, exchange) if exchange.query else None
    it = it or first_known(site, site.addresses.under_base(exchange.path[1:]))
    it = it or next(
        (each for each in site.addresses.under_base(exchange.path[1:]) if is_graph(site, each)), None
    )
    return see_other(exchange, f"doc?iri={quote(it.value, safe=':/@!$,;-._~')}") if it is not None else None


def _with_query(site: Site, exchange: Exchange) -> NamedNode | None:
    """Return the IRI that an address with its query is, None if the data do not know it."""
    return first_known(site, site.addresses.under_base(f"{exchange.path[1:]}?{exchange.query}"))


def first_known(site: Site, nodes: Iterable[NamedNode]) -> NamedNode | None:
    """Return the first IRI about which something is asserted."""
    return next((node for node in nodes if site.descriptions.knows(node.value)), None)


def see_other(exchange: Exchange, address: str) -> Answer:
    """Return 303 to an address relative to the root.

    The reference is relative (RFC 9110 10.2.2), so that a copy behind another host name, or under another path, stays
    within itself.
    """
    return _elsewhere(exchange, 303, address)


def moved(exchange: Exchange, address: str) -> Answer:
    """Return 301 to an address relative to the root."""
    return _elsewhere(exchange, 301, address)


def _elsewhere(exchange: Exchange, status: int, address: str) -> Answer:
    exchange.keep = True
    location = (b"location", f"{to_root(exchange.path)}{address}".encode("ascii"))
    # Where it leads does not depend on what is accepted; caches that look at Vary on redirects keep them apart all the same.
    vary = (b"vary", b"Accept, Accept-Encoding")
    return Answer(status, (location, FRESH, vary, (b"content-type", b"text/plain;charset=utf-8")))


# ------------------------------------------------------------------------------------------------ documents


@dataclass(frozen=True, slots=True)
class Asked:
    """A document that was asked for.

    Attributes:
        it: What it is about.
        page: Which page of it, from 1.
        ending: The format that its address names; None where the client and we agree on one.
        words: Which piece of the words of a work its page shows, from 1.
    """

    it: NamedNode
    page: int
    ending: Format | None
    words: int = 1


def document(site: Site, exchange: Exchange) -> Work:
    """Answer ``/doc/…``: what is stated about a thing, as a page or as RDF; an ending asks for one representation.

    Raises:
        Problem: There is no such document.
    """
    if exchange.path == "/doc":
        return _document_of_iri(site, exchange)
    path = exchange.path.removeprefix("/doc/")
    values = one_of_each(exchange.query, ("page", "words")) if exchange.query else {}
    page = _number(values, "page")
    if (it := first_known(site, site.addresses.things(path))) is not None:
        return _describe(site, exchange, Asked(it, page, None, _number(values, "words")))
    for ending in _endings_of(path):
        stem = path.removesuffix(f".{ending.ending}")
        if (it := first_known(site, site.addresses.things(stem))) is not None:
            return _describe(site, exchange, Asked(it, page, ending, _number(values, "words")))
    if path.endswith("/") and first_known(site, site.addresses.things(path.rstrip("/"))) is not None:
        return ready(moved(exchange, f"doc/{path.rstrip('/')}"))
    if (work := _given_up(site, exchange, path)) is not None:
        return work
    raise not_found(site, f"id/{path}" if not path.startswith("vocab/") else path)


def _given_up(site: Site, exchange: Exchange, path: str) -> Work | None:
    """Answer for a document about something that was given up: in the same format, what took its place, or a tombstone."""
    for ending in (None, *_endings_of(path)):
        stem = path.removesuffix(f".{ending.ending}") if ending else path.rstrip("/")
        if (gone := given_up(site, site.addresses.things(stem))) is None:
            continue
        if gone.moved:
            address = site.addresses.of_iri(successor(site, gone).value)
            return ready(moved(exchange, in_format(address, ending) if ending else address))
        return Work(partial(tombstone, site, exchange, gone, ending), light=False)
    return None


def _endings_of(path: str) -> Iterator[Format]:
    return (each for each in _ENDINGS if path.endswith(f".{each.ending}"))


def _number(values: Mapping[str, str], name: str) -> int:
    """Return which page of a description a query asks for, ``page=2``, or which piece of a text, ``words=2``.

    Raises:
        Problem: 400, it is no number from 1.
    """
    value = values.get(name, "1")
    if not _NUMBER.fullmatch(value):
        raise Problem(
            400, said("{name}: found “{value}”, expected a number from 1.", name=name, value=value[:20])
        )
    return int(value)


def _document_of_iri(site: Site, exchange: Exchange) -> Work:
    """Answer ``/doc?iri=…``: any IRI that the data know, wherever it belongs; ``format=ttl`` asks for one representation."""
    values = one_of_each(exchange.query, ("iri", "format", "page"))
    iri = values.get("iri")
    if not iri:
        raise Problem(400, said("An IRI is missing: /doc?iri=… shows what the data say about it."))
    it = named_node(iri)
    if it is None:
        raise Problem(400, said("“{iri}” is not an absolute IRI (RFC 3987).", iri=iri[:200]))
    wanted = values.get("format")
    ending = by_ending(wanted, (*DOCUMENT_FORMATS, LINKSET)) if wanted else None
    if wanted and ending is None:
        raise Problem(
            406,
            said(
                "There is no format “{wanted}” here; there are {ending}.",
                wanted=wanted[:40],
                ending=", ".join(each.ending for each in DOCUMENT_FORMATS),
            ),
        )
    if not site.descriptions.knows(iri) and is_graph(site, it):
        return Work(partial(graph_document, site, exchange, it, ending), light=False)
    if site.descriptions.mentions(iri):
        return _describe(site, exchange, Asked(it, _number(values, "page"), ending))
    raise Problem(
        404,
        said("The data say nothing about <{iri}>.", iri=iri[:500]),
        (Choice("", said("Home")), Choice("sparql", "SPARQL")),
    )


def _describe(site: Site, exchange: Exchange, asked: Asked) -> Work:
    key = records.record_key(site, asked.it)
    content = tuple(
        each for each, form in _TEXT_FORMS.items() if key and site.texts and site.texts.has(key, form)
    )
    offered = (*DOCUMENT_FORMATS, TEI) if TEI in content else DOCUMENT_FORMATS
    if site.is_publication and _has_linked_art(site, asked.it):
        offered = (*offered, LINKED_ART)
    if key:
        europeana = () if site.settings.edm.missing else (EDM,)
        offered = (*offered, SCHEMA_ORG, *europeana, *CITATION_FORMATS)
    format_ = asked.ending or negotiated(exchange, offered)
    exchange.chosen = format_.ending
    light = _is_light(site, asked.it, format_, is_record=key is not None)
    return Work(partial(_answer, site, exchange, asked, format_, offered, content), light)


def _is_light(site: Site, it: NamedNode, format_: Format, *, is_record: bool) -> bool:
    """Tell whether a document is made sooner than it could be given to another thread."""
    most = _LIGHT_RECORD_BYTES if is_record else _LIGHT_BYTES
    return format_ not in _VIEWS and site.descriptions.weight(it.value) <= most


def _answer(
    site: Site,
    exchange: Exchange,
    asked: Asked,
    format_: Format,
    offered: tuple[Format, ...],
    content: tuple[Format, ...],
) -> Answer:
    # Pages look up what they show of other things.
    description = _description(site, asked, named=format_ is not HTML) if format_ not in _TEXT_FORMS else None
    own = description.own if description else ()
    marks = _landmarks(site, asked.it, own, offered, content)
    body = _body(site, exchange, asked, format_, description, marks)
    shown = Shown(
        asked.it.value,
        format_,
        offered,
        asked.ending,
        asked.page,
        description.pages if description else 1,
        site.modified(asked.it.value),
        _signposts(exchange, format_, marks),
    )
    headers = document_headers(exchange, shown)
    if asked.words > 1:
        # What has an address by its ending is the beginning of the text.
        headers = tuple(each for each in headers if each[0] != b"content-location")
    return Answer(200, headers, body)


def _description(site: Site, asked: Asked, *, named: bool) -> Description | None:
    try:
        return site.descriptions.of(asked.it.value, asked.page, named=named)
    except NoSuchPage as error:
        last = at_page(site.addresses.of_iri(asked.it.value), error.pages)
        raise Problem(
            404, said("There is no {error}.", error=error), (Choice(last, said("The last page")),)
        ) from error


def _landmarks(
    site: Site, it: NamedNode, own: Iterable[bytes], offered: Iterable[Format], content: Sequence[Format]
) -> Landmarks:
    # A record's document holds quoted words, which are under no licence of ours: the statement says that rights differ.
    data = site.settings.rights.data if site.is_publication else ""
    license = f"{site.base}dataset#rights" if content and data else data if data.startswith("http") else ""
    metadata = [each for each in offered if each.profile or each.rdf]
    address = _address(site, it)
    return landmarks(it.value, address, own, license=license, metadata=metadata, content=content)


def _address(site: Site, it: NamedNode) -> str:
    """Return the address of the document about a thing, relative to the root."""
    address = site.addresses.of_iri(it.value)
    if address.startswith("graph/") and not is_graph(site, it):
        # A dataset may name things like our graphs.
        return f"doc?iri={quote(it.value, safe=':/@!$,;-._~')}"
    return address


def _signposts(exchange: Exchange, format_: Format, marks: Landmarks) -> list[str]:
    """Return the links of a page; of a record's words, where they belong."""
    root = to_root(exchange.path)
    if format_ is HTML:
        return header_values(level_1(marks), root)
    if format_ in _TEXT_FORMS:
        page = Link("collection", marks.address, HTML.media_type)
        return header_values([Link("cite-as", marks.iri), page], root)
    return header_values([Link("license", marks.license)] if marks.license else [], root)


def _body(
    site: Site,
    exchange: Exchange,
    asked: Asked,
    format_: Format,
    description: Description | None,
    marks: Landmarks,
) -> bytes:
    """Return the document.

    Raises:
        Problem: There is none in that format.
    """
    key = records.record_key(site, asked.it)
    if format_ in _TEXT_FORMS:
        text = _text(site, key, format_) if key else None
        if text is None:
            raise Problem(
                404,
                said(
                    "There is no {format} of this; its words are not published here, or it has none.",
                    format=format_.name,
                ),
            )
        return text
    if format_ in _VIEWS:
        return _view(site, asked.it, key, format_)
    if format_ is LINKSET:
        return linkset(marks, site.base)
    if description is None:
        raise not_found(site, exchange.path[1:])
    if format_ is HTML:
        return _page(site, exchange, asked, description, marks)
    lines = description.quads
    if description.pages > 1:
        document = site.base + marks.address
        lines += paging(document, description.page, description.pages, description.links_total)
    return site.written(lines, format_, first=asked.it)


def _view(site: Site, it: NamedNode, key: str | None, format_: Format) -> bytes:
    """Return a document in somebody else's format."""
    if format_ is LINKED_ART:
        return _linked_art(site, it)
    if format_ is SCHEMA_ORG:
        return _schema_org(site, it, key)
    if format_ is EDM:
        return _edm(site, it, key)
    return _citation(site, key, format_)


def _has_linked_art(site: Site, it: NamedNode) -> bool:
    """Tell whether Linked Art has a document for a thing: a record, a paper that carries it, a translation."""
    key, part = _record_and_part(site, it)
    if key is None or part is None:
        return key is not None
    record = site.addresses.iris.record(key)
    links = [
        f"{property_} {record} ".encode() for property_ in (CRM.P128_carries, CRM.P73i_is_translation_of)
    ]
    described = site.descriptions.of(it.value)
    return described is not None and any(link in line for line in described.own for link in links)


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
        data = linked_art(records.facts_of(site, iris.record(key), key).stated, it, iris)
        if data is not None:
            return msgspec.json.encode(data)
    raise Problem(
        404,
        said(
            "There is no Linked Art of this: it is made of records, the papers that carry them, and their translations."
        ),
    )


def _schema_org(site: Site, it: NamedNode, key: str | None) -> bytes:
    data = records.schema_of(site, it, records.facts_of(site, it, key)) if key else None
    if data is None:
        raise Problem(404, said("There is nothing in schema.org's terms of this: it is made of records."))
    return msgspec.json.encode(data)


def _edm(site: Site, it: NamedNode, key: str | None) -> bytes:
    facts = records.facts_of(site, it, key) if key else None
    named = citations.cited_record(site, key, facts) if key else None
    page = site.base + site.addresses.of_iri(it.value)
    document = edm(facts.stated, named, page, site.settings.edm) if facts and named else None
    if document is None:
        why = why_not(site.settings.edm) or "There is no EDM of this: it is made of records."
        raise Problem(404, why)
    return document.encode()


def _citation(site: Site, key: str | None, format_: Format) -> bytes:
    file = citations.citation_file(site, key, format_) if key else None
    if file is None:
        raise Problem(404, said("There is no {format} of this: it is made of records.", format=format_.name))
    return file


def _text(site: Site, key: str, format_: Format) -> bytes | None:
    return site.texts.get(key, _TEXT_FORMS[format_]) if site.texts else None


def _page(site: Site, exchange: Exchange, asked: Asked, description: Description, marks: Landmarks) -> bytes:
    it, address = asked.it, marks.address
    key = records.record_key(site, it)
    formats = (*RDF_FORMATS, LINKED_ART) if LINKED_ART in marks.metadata else RDF_FORMATS
    first = description.page == 1
    is_record = key is not None and first
    kind = kind_of(site, it.value) if first else None
    counts = site.descriptions.occurrences(it.value) if first and site.is_publication else Occurrences()
    composed = contents(site, it.value) if kind == Kind.WORK else None
    stated = (
        # A record's own page has what is stated of it in its own order.
        title_of(site, it, description)
        if is_record
        else about(site, it, _told_once(description, composed) if kind else description)
    )
    words = words_of(site, description, stated, asked.words) if kind == Kind.WORK else None
    common: dict[str, Any] = {
        "about": stated,
        "links": links(
            site,
            description,
            # It shows its parts in their places.
            parts_of=it.value if is_record else "",
            told=_TOLD_BY_RECORDS if is_record else PARTS if composed else (),
            documents=counts.documents > 0,
        ),
        "formats": representations(address, formats),
        "address": address,
        "canonical": at_page(address, description.page),
        "signposts": [each for each in level_1(marks) if each.relation != "describedby"],
    }
    if key is not None and first:
        facts = records.facts_of(site, it, key, description)
        record = records.record_page(site, it, key, facts, description)
        cite = citations.cite_record(site, key, address, record, facts)
        common["history"] = site.history_of(it)
        page = site.page(
            "record.html",
            exchange.path,
            exchange.query,
            key=key,
            record=record,
            cite=cite,
            **common,
        )
        return shortened_links(page, exchange.path)
    common["history"] = site.history_of(it)
    common["arranged"] = arranged(site, stated)
    common |= {"occurrences": counts, "named": documents(site, counts)}
    if first and (special := _special_page(site, exchange, it, description, common)) is not None:
        return special
    if words is not None and words.number > 1:
        common["canonical"] = f"{address}?words={words.number}"
    if kind is not None:
        shown = authority(site, it, kind, stated, counts)
        return site.page(
            "authority.html",
            exchange.path,
            exchange.query,
            it=shown,
            small_map=place_map(site, stated.title, stated.language, shown.points, to_root(exchange.path)),
            composed=composed,
            words=words,
            kind_name=counted(kind, 1),
            said=said_of(site, it, counts),
            **common,
        )
    said = said_of(site, it, counts) if first else ()
    itself = next((each.told[0].first.words for each in said if each.role == "itself"), "")
    return site.page(
        "thing.html",
        exchange.path,
        exchange.query,
        said=said,
        cite=citations.cite_part(site, it, description, itself) if first else None,
        whole=_whole(site, it),
        term=site.terms.by_iri.get(it.value),
        is_graph=not site.is_publication and is_graph(site, it),
        **common,
    )


_TOLD_BY_RECORDS = frozenset(
    each.value
    for each in (
        CRM.P106_is_composed_of,
        CRM.P70i_is_documented_in,
        RICO.directlyFollowsInSequence,
        RICO.directlyPrecedesInSequence,
        RICO.includesOrIncluded,
    )
)
"""What the page of a record says above: of what it is a part, what it documents, what stands before and after it."""


def _told_once(description: Description, composed: Contents | None) -> Description:
    """Return a description without what its page tells in an order of its own: names with their places, parts of a work."""
    left = without_names_of_records(description)
    if composed is None:
        return left
    parts = f"<{description.iri}> {CRM.P106_is_composed_of} ".encode()
    return replace(left, own=tuple(line for line in left.own if not line.startswith(parts)))


def _special_page(
    site: Site, exchange: Exchange, it: NamedNode, description: Description, common: Mapping[str, Any]
) -> bytes | None:
    """Return the page of a unit of the archive, or of a term of a vocabulary; None for anything else."""
    if (unit := unit_page(site, it, common["arranged"], common["links"])) is not None:
        return site.page("unit.html", exchange.path, exchange.query, unit=unit, **common)
    if (term := term_page(site, common["about"], description)) is not None:
        common = {**common, "links": without_narrower(common["links"])}
        return site.page("concept.html", exchange.path, exchange.query, concept=term, **common)
    return None


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
    hint = said(" Did you mean one of these?") if choices else ""
    return Problem(
        404,
        said("There is nothing at {path}.{hint}", path=path[:300], hint=hint),
        (*choices, Choice("", said("Home")), Choice("dataset", said("The dataset"))),
    )


def _near(site: Site, path: str) -> Iterator[Choice]:
    match path.split("/"):
        case ["id", kind, slug, *part] if site.is_publication:
            whole = first_known(site, site.addresses.under_base(f"id/{kind}/{slug}")) if part else None
            if whole is not None:
                yield Choice(site.addresses.of_iri(whole.value), about(site, whole).title)
            known = site.lists.page(kind, 1) if site.lists else ()
            slugs = [each.iri.rpartition("/")[2] for each in known]
            for near in difflib.get_close_matches(slug[:80], slugs, n=3):
                if near != slug:
                    yield Choice(f"doc/{quote(kind)}/{quote(near)}", near)
            if known:
                yield Choice(f"browse/{quote(kind)}", said("All {heading}", heading=heading(kind).lower()))
