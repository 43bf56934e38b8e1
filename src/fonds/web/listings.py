"""Ways in: the home page, lists of things by kind or class, stored queries."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

import msgspec
from pyoxigraph import Literal, NamedNode

from fonds.addresses import named_node, to_root
from fonds.descriptions.lists import PAGE_LENGTH, Extent, Item
from fonds.formats import HTML, JSON
from fonds.naming import preferred
from fonds.ordering import Jump, alphabetical, behind_letters, jumps, letter_of
from fonds.release.presentation.files import HOME
from fonds.store.stored import StoredQuery
from fonds.translations import said
from fonds.vocabulary import CRM, DCTERMS
from fonds.web.answers import Answer, Exchange
from fonds.web.contents import classes_in, read_facts
from fonds.web.facts import facts_about, literals, things
from fonds.web.featured import featured
from fonds.web.naming import in_language_of_page, title_of
from fonds.web.negotiation import negotiate
from fonds.web.paging import pages
from fonds.web.problems import Choice, Problem
from fonds.web.properties import property_of
from fonds.web.questions import editor
from fonds.web.representations import FRESH, kept_answer, page_language
from fonds.web.requests import one_of_each
from fonds.web.site import Site
from fonds.web.sparql_request import not_acceptable
from fonds.web.statements import members_of
from fonds.web.wording import KINDS, counted, heading, shortened

_MOST_CLASSES = 12
_MOST_QUERIES = 5
_LONGEST_DETAIL = 100
"""Characters that tell things of one name apart."""


def page_answer(
    site: Site, exchange: Exchange, template: str, *, negotiated: bool = False, **values: object
) -> Answer:
    """Return a page that follows from the release and the address.

    It varies by Accept where the address has other representations (``negotiated``).
    """
    page = site.page(template, exchange.path, exchange.query, **values)
    return kept_answer(exchange, HTML.content_type, page, page_language(), negotiated=negotiated)


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list.

    Attributes:
        title: What the thing is called.
        href: Its page, relative to the root.
        created: When it was written; empty where that is not known.
        language: Of the title.
        anchor: Its id on the page, where one can jump to it.
        iri: What it is.
        detail: What tells it from others of the same name; empty where no other one of the page has its name.
    """

    title: str
    href: str
    created: str = ""
    language: str | None = None
    anchor: str = ""
    iri: str = ""
    detail: str = ""


# ------------------------------------------------------------------------------------------------ home


def home(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/``: what this is, how much there is, what is new, where to begin; RDF: see the dataset."""
    if (format_ := negotiate(exchange.accept, (HTML,))) is None:
        return Answer(303, ((b"location", b"dataset"), (b"vary", b"Accept"), FRESH))
    exchange.offered, exchange.chosen = (HTML,), format_.ending
    kinds, shown = _kinds(site), featured(site)
    return page_answer(
        site,
        exchange,
        "home.html",
        counts=counts(site),
        page=site.own.page(HOME, site.language),
        versions_of_page=site.own.versions(HOME),
        featured=shown,
        newest=_newest(site, kinds) if shown is None else [],
        classes=[] if site.is_publication else _classes_at_home(site),
        queries=_asked_at_home(site),
        more_queries=len(site.queries) > _MOST_QUERIES,
        canonical="",
        negotiated=True,
    )


def _classes_at_home(site: Site) -> Sequence[ListedClass]:
    """Return the largest classes of a dataset: as its own description counts them, where that counts all of it."""
    counts = site.release.manifest.counts
    if counts.graphs and counts.public:
        return classes(site)[:_MOST_CLASSES]
    rows = classes_in(site, read_facts(site))[:_MOST_CLASSES]
    return [ListedClass(each.label, each.iri, each.href, each.number) for each in rows]


def _asked_at_home(site: Site) -> list[StoredQuery]:
    """Return the stored queries that the home page asks: those that the settings name, else the first."""
    names = site.settings.site.questions or [each.name for each in site.queries[:_MOST_QUERIES]]
    by_name = {each.name: each for each in site.queries}
    return [by_name[name] for name in names if name in by_name]


def counts(site: Site) -> list[tuple[str, str, int]]:
    """Return how many things there are of each kind that is listed: the kind, what so many of it are called, the number."""
    return [(kind, counted(kind, each.total), each.total) for kind, each in _kinds(site).items()]


def _newest(site: Site, kinds: Mapping[str, Extent]) -> list[Listed]:
    """Return the records that were written last, the last one first."""
    return [_listed_item(site, each) for each in kinds["record"].newest] if "record" in kinds else []


TITLE, DATE = "title", "date"
"""The orders of a list."""


def listed(site: Site, kind: str, page: int, order: str = TITLE) -> tuple[list[Listed], int]:
    """Return one page of the things of a kind in an order, and how many there are on all pages.

    Args:
        site: Where they are published.
        kind: ``record``, ``person`` …; nothing is listed of a kind that there is not.
        page: From 1.
        order: By title, or by date: of records and events, where one has a date.
    """
    extent = _kinds(site).get(kind)
    if extent is None or site.lists is None:
        return [], 0
    items = site.lists.page(kind, page, by_date=order == DATE)
    shown = _told_apart(site, [_listed_item(site, each) for each in items])
    return _anchored(shown, _jumps(extent, order), page), extent.total


def _told_apart(site: Site, shown: Sequence[Listed]) -> list[Listed]:
    """Return entries; those of one name and day each with what is said of it, or the work that it is a part of, or else its key."""
    alike = Counter((each.title, each.created) for each in shown)
    told = [
        replace(each, detail=_what_it_is(site, each.iri)) if alike[each.title, each.created] > 1 else each
        for each in shown
    ]
    still_alike = Counter((each.title, each.created, each.detail) for each in told)
    return [
        replace(each, detail=f"{each.detail} ({_key(each.iri)})" if each.detail else _key(each.iri))
        if still_alike[each.title, each.created, each.detail] > 1
        else each
        for each in told
    ]


def _what_it_is(site: Site, iri: str) -> str:
    facts = facts_about(site, iri)
    said = preferred(literals(facts, DCTERMS.description), site.settings.languages)
    if said is not None:
        return shortened(said.value, _LONGEST_DETAIL)
    wholes = (site.labels.of(each.value) for each in things(facts, CRM.P106i_forms_part_of))
    return shortened(", ".join(each.value for each in wholes if each), _LONGEST_DETAIL)


def _key(iri: str) -> str:
    return iri.rpartition("/")[2]


def _jumps(extent: Extent, order: str) -> tuple[Jump, ...]:
    return extent.years if order == DATE else extent.letters


def _anchored(shown: Iterable[Listed], places: Iterable[Jump], page: int) -> list[Listed]:
    """Return entries of a page, with an id where one can jump to."""
    anchors = {each.place: each.anchor for each in places if each.page == page}
    return [replace(each, anchor=anchors.get(place, "")) for place, each in enumerate(shown)]


def _kinds(site: Site) -> dict[str, Extent]:
    """Return how much there is of each kind that is listed for people."""
    found = site.lists.kinds if site.lists else {}
    return {kind: found[kind] for kind in KINDS if kind in found}


def _listed_item(site: Site, item: Item) -> Listed:
    title, language = in_language_of_page(site, item.iri, item.title, item.language)
    return Listed(title, site.addresses.of_iri(item.iri), item.created, language, iri=item.iri)


# ------------------------------------------------------------------------------------------------ lists


def browse(site: Site, exchange: Exchange, kind: str) -> Answer:
    """Answer ``/browse/{kind}?page=…&by=date``: everything of one kind by name, or by date, a page at a time."""
    values = one_of_each(exchange.query, ("page", "by"))
    page, order = page_number(values), _order(values)
    shown, total = listed(site, kind, page, order) if site.is_publication and kind in KINDS else ([], 0)
    if not shown:
        raise _no_such_list(site, kind)
    return page_answer(
        site,
        exchange,
        "browse.html",
        heading=heading(kind),
        iri="",
        listed=shown,
        pages=pages(f"browse/{kind}", page, total, PAGE_LENGTH, by="" if order == TITLE else order),
        jumps=_jumps(_kinds(site)[kind], order) if total > _FEW else (),
        list_address=f"browse/{kind}?{'by=date&' if order == DATE else ''}",
        order=order if _kinds(site)[kind].years else "",
        kind=kind,
        every="",
        canonical=f"browse/{kind}" if page == 1 else f"browse/{kind}?page={page}",
    )


_FEW = 30
"""Entries among which nobody needs to jump."""


def _order(values: Mapping[str, str]) -> str:
    order = values.get("by", TITLE)
    if order not in (TITLE, DATE):
        raise Problem(
            400,
            said(
                "by: found “{order}”, expected {title} or {date}.", order=order[:20], title=TITLE, date=DATE
            ),
        )
    return order


def _no_such_list(site: Site, kind: str) -> Problem:
    kinds = _kinds(site)
    choices = tuple(Choice(f"browse/{each}", said(label)) for each, label in KINDS.items() if each in kinds)
    return Problem(
        404,
        said("There is no such list of “{kind}” here.", kind=kind[:60]),
        (*choices, Choice("", said("Home"))),
    )


def page_number(values: Mapping[str, str]) -> int:
    """Return which page of a list is asked for.

    Raises:
        Problem: 400, it is no number from 1.
    """
    text = values.get("page", "1")
    if not re.fullmatch(r"[1-9][0-9]{0,6}", text):
        raise Problem(400, said("“{value}” is not the number of a page.", value=text[:20]))
    return int(text)


@dataclass(frozen=True, slots=True)
class ListedClass:
    """A class of a dataset.

    Attributes:
        title: What it is called.
        iri: What it is.
        href: The list of its things.
        things: How many there are.
    """

    title: str
    iri: str
    href: str
    things: int


def classes(site: Site) -> Sequence[ListedClass]:
    """Return the classes of a dataset, the largest first; they are counted once, since a release never changes."""
    if not site.classes:
        for row in site.store.select("classes"):
            it, count = row.get("class"), row.get("things")
            if isinstance(it, NamedNode) and isinstance(count, Literal):
                label = property_of(site, it.value).label
                site.classes.append(ListedClass(label, it.value, members_of(it.value), int(count.value)))
    return site.classes


def browse_class(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/browse?class=…&page=…``: the things of one class, a page at a time; without a class: all classes."""
    values = one_of_each(exchange.query, ("class", "page"))
    if "class" not in values:
        listed_classes = () if site.is_publication else classes(site)
        return page_answer(site, exchange, "classes.html", classes=listed_classes, canonical="browse")
    it = named_node(values["class"])
    if it is None:
        raise Problem(400, said("“{iri}” is not an absolute IRI (RFC 3987).", iri=values["class"][:200]))
    found, number = members_of_class(site, it), page_number(values)
    shown = [_listed(site, each) for each in found.iris[(number - 1) * PAGE_LENGTH : number * PAGE_LENGTH]]
    if not shown:
        raise Problem(
            404,
            said("There is nothing of the class <{value}> here.", value=it.value[:300]),
            (Choice("browse", said("All classes")),),
        )
    address = members_of(it.value)
    return page_answer(
        site,
        exchange,
        "browse.html",
        heading=property_of(site, it.value).label,
        iri=it.value,
        listed=_anchored(shown, found.jumps, number),
        pages=pages("browse", number, len(found.iris), PAGE_LENGTH, **{"class": it.value}),
        jumps=found.jumps if len(found.iris) > _FEW else (),
        list_address=f"{address}&",
        order="",
        kind="",
        every=_all_of(it) if len(found.iris) == _MOST_MEMBERS else "",
        canonical=address if number == 1 else f"{address}&page={number}",
    )


@dataclass(frozen=True, slots=True)
class Members:
    """The things of one class.

    Attributes:
        iris: By name; of a great many by IRI.
        jumps: Letters to go to; none where they stand by IRI.
    """

    iris: tuple[str, ...]
    jumps: tuple[Jump, ...]


_MOST_BY_NAME = 20_000
"""Things of a class that are put in the order of their names: to sort more, too many labels would be read."""
_MOST_MEMBERS = 200_000
"""Things of a class that are listed; ``members.rq`` finds no more."""
_MOST_KEPT = 5


def members_of_class(site: Site, it: NamedNode) -> Members:
    """Return the things of a class; what was put in order is kept for a while."""
    known = site.members.get(it.value)
    if known is None:
        rows = site.store.select("members", **{"class": it})
        known = _in_order(site, [each.value for row in rows if isinstance(each := row["thing"], NamedNode)])
        if len(site.members) >= _MOST_KEPT:
            site.members.clear()
        site.members[it.value] = known
    return known


def _in_order(site: Site, iris: list[str]) -> Members:
    if len(iris) > _MOST_BY_NAME:
        return Members(tuple(sorted(iris)), ())
    named = [(each, title_of(site, each)[0]) for each in iris]
    named.sort(key=lambda each: (behind_letters(each[1]), alphabetical(each[1]), each[0]))
    return Members(
        tuple(iri for iri, _ in named), jumps((letter_of(title) for _, title in named), PAGE_LENGTH)
    )


def _all_of(it: NamedNode) -> str:
    """Return the address of the query that finds all things of a class."""
    query = (
        f"SELECT DISTINCT ?thing WHERE {{ {{ ?thing a {it} }} UNION {{ GRAPH ?graph {{ ?thing a {it} }} }} }}"
    )
    return editor(query)


def _listed(site: Site, iri: str) -> Listed:
    title, language = title_of(site, iri)
    return Listed(title, site.addresses.of_iri(iri), language=language, iri=iri)


# ------------------------------------------------------------------------------------------------ stored queries


def queries(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/queries``: the questions that this publication answers, as a page or as JSON."""
    exchange.offered = (HTML, JSON)
    format_ = negotiate(exchange.accept, exchange.offered)
    if format_ is None:
        raise not_acceptable(
            exchange.offered, said("The list of stored queries is not to be had as what is asked for.")
        )
    exchange.chosen = format_.ending
    if format_ is HTML:
        return page_answer(
            site, exchange, "queries.html", queries=site.queries, canonical="queries/", negotiated=True
        )
    root = to_root(exchange.path)
    described = msgspec.json.encode([_described(site, each, root) for each in site.queries])
    return kept_answer(exchange, JSON.content_type, described, negotiated=True)


class DescribedParameter(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody may put into a stored query."""

    name: str
    type: str
    required: bool
    description: str
    example: str | None
    """Of a required parameter: a value with which there is an answer."""
    default: str | None
    """Of any other: what it is where nobody says otherwise; null: anything."""


class DescribedQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A stored query, as a program has to know it."""

    name: str
    href: str
    """Where it is answered, relative to the address of the list."""
    title: str
    question: str
    keywords: tuple[str, ...]
    form: str
    """``SELECT``, ``ASK``, ``CONSTRUCT`` or ``DESCRIBE``."""
    parameters: list[DescribedParameter]


def _described(site: Site, query: StoredQuery, root: str) -> DescribedQuery:
    written = query.examples(site.prefixes)
    return DescribedQuery(
        name=query.name,
        href=f"{root}queries/{quote(query.name, safe='')}",
        title=query.title,
        question=query.question,
        keywords=query.keywords,
        form=query.form.value,
        parameters=[
            DescribedParameter(
                name=each.name,
                type=each.kind.value,
                required=each.required,
                description=each.words,
                example=written[each.name] if each.required else None,
                default=None if each.required else written[each.name] or None,
            )
            for each in query.parameters
        ],
    )


def query(site: Site, exchange: Exchange, name: str) -> Answer:
    """Answer ``/queries/{name}.rq``: the text of a stored query. The edge answers it (:mod:`fonds.web.stored`)."""
    stored = next((each for each in site.queries if each.name == name.removesuffix(".rq")), None)
    if stored is None:
        choices = tuple(Choice(f"queries/{each.name}", each.title) for each in site.queries[:_MOST_QUERIES])
        raise Problem(404, said("There is no stored query “{name}”.", name=name[:60]), choices)
    return kept_answer(exchange, "application/sparql-query;charset=utf-8", stored.text.encode())
