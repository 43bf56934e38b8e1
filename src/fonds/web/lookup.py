"""Simple questions for programs that speak no SPARQL: what has an identifier or a reference, and what a thing is related to.

Every answer is JSON with links. What an answer consists of stands below as types, of which ``/openapi.json`` is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal as OneOf
from urllib.parse import quote

import msgspec
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from fonds.addresses import named_node, to_root, uri
from fonds.descriptions.reading import NoSuchPage
from fonds.formats import JSON, JSONLD, TURTLE, Format
from fonds.identifiers import Kind
from fonds.release.targets import MATCHES, spaces
from fonds.search.asking import Question
from fonds.search.finding import Asked
from fonds.search.shelfmarks import read_shelfmark
from fonds.translations import said
from fonds.vocabulary import RDF, SKOS
from fonds.web.answers import Answer, Exchange
from fonds.web.naming import title_of
from fonds.web.negotiation import negotiate
from fonds.web.paging import at_page
from fonds.web.problems import Choice, Problem
from fonds.web.properties import property_of
from fonds.web.representations import kept_answer
from fonds.web.requests import page_of
from fonds.web.signposting import in_format
from fonds.web.site import Site
from fonds.web.sparql_request import not_acceptable, read_known
from fonds.web.tombstones import given_up, successor

PAGE_LENGTH = 100
MOST_PAGES = 10_000
LONGEST_VALUE = 2_000
_TYPE = f"<{RDF.type.value}>".encode()


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """Where more is to be had, relative to the address of the answer."""

    document: str
    """The document about the thing: a page, or RDF by ``Accept``."""
    turtle: str
    """The same as Turtle."""
    jsonld: str
    """The same as JSON-LD."""
    related: str
    """What it is related to: ``/lookup/related``."""


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """A thing of the data."""

    iri: str
    """What it is; for SPARQL, and to be kept."""
    label: str
    """What it is called, in the language that the publication prefers."""
    language: str | None
    """Of the label (BCP 47); null where that is not stated."""
    types: list[str]
    """Its classes."""
    links: Links


class Identified(msgspec.Struct, frozen=True, kw_only=True):
    """What an identifier of this publication stands for."""

    value: str
    """What was asked for."""
    thing: Thing
    replaces: str | None
    """The identifier that was asked for, where it was given up for that of the thing; else null."""


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """A thing, and by what it was found."""

    thing: Thing
    property: str
    """The property by which the thing has the identifier, such as skos:exactMatch."""
    identifier: str
    """The identifier as the data have it."""


class Matches(msgspec.Struct, frozen=True, kw_only=True):
    """What has an identifier elsewhere."""

    value: str
    """What was asked for."""
    total: int
    """How many matches there are."""
    matches: list[Match]


class Referred(msgspec.Struct, frozen=True, kw_only=True):
    """A record or a unit of the archive with its reference."""

    thing: Thing
    reference: str
    """As the archive writes it."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What has a reference that begins as the one that was asked for."""

    value: str
    """What was asked for."""
    total: int
    """How many records there are, on all pages."""
    records: list[Referred]
    """Those of this page, in the order of their references."""
    units: list[Referred]
    """Units of the archive, on the first page."""
    next: str | None
    """The next page, relative to the address of the answer; null on the last."""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """That a thing is related to another one."""

    direction: OneOf["from", "to"]
    """``from``: the thing asked for is the subject. ``to``: it is the object."""
    property: str
    """By which property."""
    property_label: str
    """What that is called, read from subject to object."""
    thing: Thing
    """The other thing."""


class Related(msgspec.Struct, frozen=True, kw_only=True):
    """What a thing is related to: statements from it on the first page, statements to it on all pages."""

    thing: Thing
    to: int
    """How many statements there are to it, on all pages."""
    page: int
    pages: int
    statements: list[Statement]
    next: str | None
    """The next page, relative to the address of the answer; null on the last."""


# ------------------------------------------------------------------------------------------------ the views


def identifier(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/lookup/identifier?value=…``: the thing that an identifier of ours stands for, whole or without the base.

    Raises:
        Problem: 404, there is none; 410, it was given up for nothing or for several.
    """
    given = _given(exchange, ("value",))
    value, root = given["value"], to_root(exchange.path)
    nodes = list(meant(site, value))
    known = next((each for each in nodes if site.descriptions.knows(each.value)), None)
    if known is not None:
        return _answer(
            exchange, Identified(value=value, thing=_thing(site, known.value, root), replaces=None)
        )
    if (gone := given_up(site, nodes)) is not None:
        if not gone.moved:
            choices = tuple(
                Choice(site.addresses.of_iri(each.value), title_of(site, each.value)[0])
                for each in gone.survivors
            )
            raise Problem(410, f"{gone.it.value} was given up. {' '.join(gone.notes)}".rstrip(), choices)
        now = successor(site, gone)
        return _answer(
            exchange,
            Identified(value=value, thing=_thing(site, now.value, root), replaces=gone.it.value),
        )
    raise Problem(
        404,
        f"“{value[:200]}” is no identifier of this publication. It is an IRI such as {site.base}id/person/…, or what "
        "follows the base of it.",
        (Choice(f"lookup/external?value={_quoted(value)}", "Identifiers elsewhere"),)
        if named_node(value)
        else (),
    )


def external(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/lookup/external?value=…``: what has an identifier elsewhere: its IRI, or its number alone (``Q5809``)."""
    given = _given(exchange, ("value",))
    value, root = given["value"], to_root(exchange.path)
    found = [*_matched(site, value), *_stated(site, value)]
    matches = [
        Match(thing=_thing(site, iri, root), property=property_, identifier=theirs)
        for iri, property_, theirs in dict.fromkeys(found)
    ]
    return _answer(exchange, Matches(value=value, total=len(matches), matches=matches))


def shelfmark(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/lookup/shelfmark?value=…&page=…``: records and units of the archive by their references.

    Raises:
        Problem: 400, nothing in it can be read as a reference; 404, there are no references here, or no such page.
    """
    given = _given(exchange, ("value",), ("page",))
    value, page, root = given["value"], page_of(given.get("page", ""), MOST_PAGES), to_root(exchange.path)
    if site.search is None:
        raise Problem(404, "These data have no references of an archive: only a publication of one has.")
    mark = read_shelfmark(value)
    if not mark.parts:
        raise Problem(
            400,
            f"“{value[:200]}” is no reference; write it as the archive does, such as f. 5, op. 49, d. 758.",
            facts={"parameter": "value"},
        )
    question = Question(value, (), mark)
    start = (page - 1) * PAGE_LENGTH
    records = site.search.find(Asked(question, sort="shelfmark", start=start, length=PAGE_LENGTH))
    if page > 1 and not records.hits:
        raise Problem(404, f"There is no page {page}.", facts={"parameter": "page"})
    units = site.search.find(Asked(question, (Kind.HOLDING,), sort="shelfmark", length=PAGE_LENGTH))
    listed = [
        [
            Referred(
                thing=_thing(site, site.addresses.iris.thing(*each.path.split("/", 1)).value, root),
                reference=each.shown.mark,
            )
            for each in hits
        ]
        for hits in (records.hits, units.hits if page == 1 else ())
    ]
    more = start + len(records.hits) < records.total
    following = root + at_page("lookup/shelfmark", page + 1, {"value": value}) if more else None
    return _answer(
        exchange,
        Found(value=value, total=records.total, records=listed[0], units=listed[1], next=following),
    )


def related(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/lookup/related?value=…&page=…``: what a thing is related to, from it and to it.

    Raises:
        Problem: 404, there is no such thing, or no such page.
    """
    given = _given(exchange, ("value",), ("page",))
    value, page, root = given["value"], page_of(given.get("page", ""), MOST_PAGES), to_root(exchange.path)
    it = next((each for each in meant(site, value) if site.descriptions.mentions(each.value)), None)
    if it is None:
        raise Problem(404, f"“{value[:200]}” does not occur in these data.", facts={"parameter": "value"})
    try:
        description = site.descriptions.of(it.value, page, named=False)
    except NoSuchPage as error:
        raise Problem(
            404, f"There is no page {page}; there are {error.pages}.", facts={"parameter": "page"}
        ) from error
    assert description is not None
    statements = [
        *(_statements(site, description.own, it.value, "from", root) if page == 1 else ()),
        *_statements(site, description.links, it.value, "to", root),
    ]
    more = page < description.pages
    return _answer(
        exchange,
        Related(
            thing=_thing(site, it.value, root),
            to=description.links_total,
            page=page,
            pages=description.pages,
            statements=statements,
            next=root + at_page("lookup/related", page + 1, {"value": it.value}) if more else None,
        ),
    )


# ------------------------------------------------------------------------------------------------ what is asked


def _given(exchange: Exchange, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the parameters of a request.

    Raises:
        Problem: 400, one is missing, unknown, given twice or too long; 406, the client does not take JSON.
    """
    if negotiate(exchange.accept, (JSON,)) is None:
        raise not_acceptable((JSON,), "A lookup is answered in JSON.")
    given = read_known(exchange.query, (*required, *optional), said("this lookup"))
    for name, value in given.items():
        if len(value) > LONGEST_VALUE:
            detail = f"“{name}” has {len(value)} characters; {LONGEST_VALUE} are read."
            raise Problem(400, detail, facts={"parameter": name})
    for name in required:
        if not given.get(name, "").strip():
            raise Problem(400, f"“{name}” is missing: what is looked up.", facts={"parameter": name})
    return given


def meant(site: Site, value: str) -> Iterator[NamedNode]:
    """Yield the IRIs that somebody may mean: one as it is, what follows the base, what follows ``id/``, a page's address."""
    text = value.strip()
    if (node := named_node(text)) is not None:
        yield node
    path = text.removeprefix(site.base).lstrip("/")
    for start in ("doc/", ""):
        if start and not path.startswith(start):
            continue
        rest = uri(path.removeprefix(start))
        yield from site.addresses.under_base(rest)
        yield from site.addresses.under_base(f"id/{rest}")
    prefix, colon, local = text.partition(":")
    if colon and prefix in site.prefixes and (node := named_node(site.prefixes[prefix] + local)) is not None:
        yield node


def _quoted(value: str) -> str:
    return quote(value, safe="")


# ------------------------------------------------------------------------------------------------ what is found


def _matched(site: Site, value: str) -> Iterator[tuple[str, str, str]]:
    """Yield thing, property and identifier of the statements that match something with an entry elsewhere."""
    for iri in _entries(value.strip()):
        description = site.descriptions.of(iri, named=False)
        for line in description.links if description else ():
            subject, property_, _ = line.split(b" ", 2)
            if property_ in MATCHES and subject.startswith(b"<"):
                yield subject[1:-1].decode(), property_[1:-1].decode(), iri


def entered_elsewhere(site: Site, value: str) -> list[str]:
    """Return what is exactly matched with an entry elsewhere: its IRI by http or https, or what follows its beginning (``Q5809``)."""
    exact = SKOS.exactMatch.value
    return list(dict.fromkeys(thing for thing, property_, _ in _matched(site, value) if property_ == exact))


def _entries(value: str) -> Iterator[str]:
    """Yield the IRIs of entries elsewhere that a value may name: written with http or https, or without what they begin with."""
    if "://" in value:
        scheme, _, rest = value.partition("://")
        for each in dict.fromkeys((scheme, "http", "https")):
            yield f"{each}://{rest}"
    elif value and named_node(f"urn:x:{value}") is not None:
        for space in spaces():
            yield f"http://{space}{value}"
            yield f"https://{space}{value}"


def _stated(site: Site, value: str) -> Iterator[tuple[str, str, str]]:
    """Yield the same of identifiers that sources state in letters and numbers."""
    for row in site.store.select("identified", value=Literal(value.strip())):
        thing, property_ = row["thing"], row["property"]
        if isinstance(thing, NamedNode) and isinstance(property_, NamedNode):
            yield thing.value, property_.value, value.strip()


def _statements(
    site: Site, lines: tuple[bytes, ...], iri: str, direction: OneOf["from", "to"], root: str
) -> Iterator[Statement]:
    seen: set[tuple[str, str]] = set()
    for quad in parse(b"".join(lines), format=RdfFormat.N_QUADS, lenient=True):
        subject, other = quad.subject, quad.object
        about = subject if direction == "from" else other
        found = other if direction == "from" else subject
        if not isinstance(about, NamedNode) or about.value != iri or not isinstance(found, NamedNode):
            continue
        property_ = quad.predicate.value
        if (property_, found.value) in seen:
            continue
        seen.add((property_, found.value))
        yield Statement(
            direction=direction,
            property=property_,
            property_label=property_of(site, property_).label,
            thing=_thing(site, found.value, root),
        )


def _thing(site: Site, iri: str, root: str) -> Thing:
    label, language = title_of(site, iri)
    address = site.addresses.of_iri(iri)
    return Thing(
        iri=iri,
        label=label,
        language=language,
        types=_types(site, iri),
        links=Links(
            document=root + address,
            turtle=root + _in(address, TURTLE),
            jsonld=root + _in(address, JSONLD),
            related=f"{root}lookup/related?value={_quoted(iri)}",
        ),
    )


def _types(site: Site, iri: str) -> list[str]:
    found = (line.split(b" ", 3) for line in site.descriptions.names(iri))
    types = {words[2][1:-1].decode() for words in found if words[1] == _TYPE and words[2].startswith(b"<")}
    return sorted(types)


def _in(address: str, format_: Format) -> str:
    """Return the address of one representation of a document, which may be part of one."""
    document, mark, fragment = address.partition("#")
    return f"{in_format(document, format_)}{mark}{fragment}" if document else "dataset." + format_.ending


def _answer(exchange: Exchange, found: msgspec.Struct) -> Answer:
    link = f'<{to_root(exchange.path)}openapi.json>; rel="service-desc"'.encode()
    return kept_answer(exchange, JSON.content_type, msgspec.json.encode(found), (b"link", link))
