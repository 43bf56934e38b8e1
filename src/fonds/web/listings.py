"""Ways in: the home page, lists of things by kind or class, stored queries."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from fonds.addresses import named_node
from fonds.formats import HTML
from fonds.release.presentation.files import HOME
from fonds.web.answers import Answer, Exchange, Headers
from fonds.web.contents import classes_in, read_facts
from fonds.web.featured import featured
from fonds.web.labels import preferred
from fonds.web.negotiation import negotiate
from fonds.web.problems import Choice, Problem
from fonds.web.representations import PAGE_LANGUAGE
from fonds.web.requests import one_of_each
from fonds.web.site import KINDS, Site, StoredQuery, counted, heading
from fonds.web.statements import natural, readable_name

_CACHE = (b"cache-control", b"public, max-age=60")
_PAGE_LENGTH = 200
_MOST_CLASSES = 12
_MOST_QUERIES = 5


def page_answer(
    site: Site, exchange: Exchange, template: str, *, negotiated: bool = False, **values: object
) -> Answer:
    """Return a page that follows from the release and the address.

    It varies by Accept where the address has other representations (``negotiated``).
    """
    exchange.keep = True
    headers: Headers = (
        (b"content-type", HTML.content_type.encode()),
        (b"vary", b"Accept, Accept-Encoding" if negotiated else b"Accept-Encoding"),
        PAGE_LANGUAGE,
        _CACHE,
    )
    return Answer(200, headers, site.page(template, exchange.path, **values))


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list.

    Attributes:
        title: What the thing is called.
        href: Its page, relative to the root.
        created: When it was written; empty where that is not known.
        language: Of the title.
    """

    title: str
    href: str
    created: str = ""
    language: str | None = None


# ------------------------------------------------------------------------------------------------ home


def home(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/``: what this is, how much there is, what is new, where to begin; RDF: see the dataset."""
    if (format_ := negotiate(exchange.accept, (HTML,))) is None:
        return Answer(303, ((b"location", b"dataset"), (b"vary", b"Accept"), _CACHE))
    exchange.offered, exchange.chosen = (HTML,), format_.ending
    shown = featured(site)
    return page_answer(
        site,
        exchange,
        "home.html",
        counts=counts(site),
        page=site.own.page(HOME),
        versions_of_page=site.own.versions(HOME),
        featured=shown,
        newest=newest(site) if shown is None and site.release.manifest.counts.records else [],
        classes=[] if site.is_publication else _classes_at_home(site),
        queries=_asked_at_home(site),
        more_queries=len(site.queries) > _MOST_QUERIES,
        canonical="",
        negotiated=True,
    )


def _classes_at_home(site: Site) -> list[ListedClass]:
    """Return the largest classes of a dataset: as its own description counts them, where that counts all of it."""
    counts = site.release.manifest.counts
    if counts.graphs and counts.public:
        return classes(site)[:_MOST_CLASSES]
    rows = classes_in(site, read_facts(site))[:_MOST_CLASSES]
    return [ListedClass(each.label, each.iri, each.href, each.number) for each in rows]


def counts(site: Site) -> list[tuple[str, str, int]]:
    """Return how many things there are of each kind that is listed: the kind, what so many of it are called, the number."""
    numbers = site.release.manifest.counts.kinds
    return [(kind, counted(kind, numbers[kind]), numbers[kind]) for kind in KINDS if numbers.get(kind)]


def _asked_at_home(site: Site) -> list[StoredQuery]:
    """Return the stored queries that the home page asks: those that the settings name, else the first."""
    names = site.settings.site.questions or [each.name for each in site.queries[:_MOST_QUERIES]]
    by_name = {each.name: each for each in site.queries}
    return [by_name[name] for name in names if name in by_name]


def things(site: Site, kind: str) -> list[Listed]:
    """Return the things of a kind by title."""
    return sorted(_named(site, "things", kind), key=lambda each: (natural(each.title), each.href))


def newest(site: Site) -> list[Listed]:
    """Return the records that were written last, the last one first."""
    return sorted(_named(site, "newest", "record"), key=lambda each: each.created, reverse=True)


def _named(site: Site, query: str, kind: str) -> list[Listed]:
    own = ("record",) if kind == "record" else ("authority", kind)
    rows = site.store.select(
        query, graphs=site.addresses.iris.graph(*own, ""), things=site.addresses.iris.thing(kind, "")
    )
    labels: dict[str, list[Literal]] = {}
    dates: dict[str, str] = {}
    for row in rows:
        it, label, created = row["thing"], row.get("label"), row.get("created")
        if isinstance(it, NamedNode):
            labels.setdefault(it.value, []).extend([label] if isinstance(label, Literal) else [])
            if isinstance(created, Literal):
                dates[it.value] = created.value
    return [replace(_listed(site, iri, names), created=dates.get(iri, "")) for iri, names in labels.items()]


# ------------------------------------------------------------------------------------------------ lists


def browse(site: Site, exchange: Exchange, kind: str) -> Answer:
    """Answer ``/browse/{kind}?page=…``: everything of one kind, by name, a page at a time."""
    page = _page_number(exchange)
    listed = things(site, kind) if site.is_publication and kind in KINDS else []
    shown = listed[(page - 1) * _PAGE_LENGTH : page * _PAGE_LENGTH]
    if not shown:
        kinds = site.index.keys if site.is_publication else {}
        choices = tuple(Choice(f"browse/{each}", label) for each, label in KINDS.items() if each in kinds)
        raise Problem(404, f"There is no such list of “{kind[:60]}” here.", (*choices, Choice("", "Home")))
    return page_answer(
        site,
        exchange,
        "browse.html",
        heading=heading(kind),
        iri="",
        listed=shown,
        more=f"browse/{kind}?page={page + 1}" if len(listed) > page * _PAGE_LENGTH else "",
        canonical=f"browse/{kind}" if page == 1 else f"browse/{kind}?page={page}",
    )


def _page_number(exchange: Exchange) -> int:
    text = one_of_each(exchange.query, ("page",)).get("page", "1")
    if not re.fullmatch(r"[1-9][0-9]{0,6}", text):
        raise Problem(400, f"“{text[:20]}” is not the number of a page.")
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


def classes(site: Site) -> list[ListedClass]:
    """Return the classes of a dataset, the largest first."""
    found = []
    for row in site.store.select("classes"):
        it, count = row.get("class"), row.get("things")
        if isinstance(it, NamedNode) and isinstance(count, Literal):
            href = f"browse?class={quote(it.value, safe=_IN_QUERY)}"
            found.append(ListedClass(site.terms.label(it.value), it.value, href, int(count.value)))
    return found


_IN_QUERY = ":/@!$,;-._~"


def browse_class(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/browse?class=…&after=…``: the things of one class, a page at a time; without a class: all classes."""
    values = one_of_each(exchange.query, ("class", "after"))
    if "class" not in values:
        return page_answer(
            site,
            exchange,
            "classes.html",
            classes=[] if site.is_publication else classes(site),
            canonical="browse",
        )
    it = named_node(values["class"])
    if it is None:
        raise Problem(400, f"“{values['class'][:200]}” is not an absolute IRI (RFC 3987).")
    rows = site.store.select("members", **{"class": it}, after=Literal(values.get("after", "")))
    labels: dict[str, list[Literal]] = {}
    for row in rows:
        member, label = row["thing"], row.get("label")
        if isinstance(member, NamedNode):
            labels.setdefault(member.value, []).extend([label] if isinstance(label, Literal) else [])
    if not labels:
        raise Problem(
            404, f"There is nothing of the class <{it.value[:300]}> here.", (Choice("browse", "All classes"),)
        )
    members = sorted(labels)
    shown = members[:_PAGE_LENGTH]
    more = f"browse?class={quote(it.value, safe=_IN_QUERY)}&after={quote(shown[-1], safe=_IN_QUERY)}"
    return page_answer(
        site,
        exchange,
        "browse.html",
        heading=site.terms.label(it.value),
        iri=it.value,
        listed=[_listed(site, iri, labels[iri]) for iri in shown],
        more=more if len(members) > _PAGE_LENGTH else "",
        canonical=f"browse?class={quote(it.value, safe=_IN_QUERY)}",
    )


def _listed(site: Site, iri: str, labels: list[Literal]) -> Listed:
    label = preferred(labels, site.settings.languages)
    title = label.value if label else readable_name(site, iri)
    return Listed(title, site.addresses.of_iri(iri), language=label.language if label else None)


# ------------------------------------------------------------------------------------------------ stored queries


def queries(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/queries/``: the questions that this publication answers, each with its query."""
    return page_answer(site, exchange, "queries.html", queries=site.queries, canonical="queries/")


def query(site: Site, exchange: Exchange, name: str) -> Answer:
    """Answer ``/queries/{name}``: one question as a page; ``.rq``: its text."""
    plain = name.endswith(".rq")
    stored = next((each for each in site.queries if each.name == name.removesuffix(".rq")), None)
    if stored is None:
        choices = tuple(Choice(f"queries/{each.name}", each.title) for each in site.queries[:_MOST_QUERIES])
        raise Problem(404, f"There is no stored query “{name[:60]}”.", choices)
    if plain:
        exchange.keep = True
        headers: Headers = (
            (b"content-type", b"application/sparql-query;charset=utf-8"),
            (b"vary", b"Accept-Encoding"),
            _CACHE,
        )
        return Answer(200, headers, stored.text.encode())
    return page_answer(site, exchange, "query.html", query=stored, canonical=f"queries/{name}")
