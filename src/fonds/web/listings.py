"""Ways in: the home page, lists of things by kind or class, stored queries."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from fonds.formats import HTML
from fonds.web.addresses import named_node
from fonds.web.answers import Answer, Exchange, Headers
from fonds.web.negotiation import negotiate
from fonds.web.problems import Choice, Problem
from fonds.web.requests import one_of_each
from fonds.web.site import KINDS, Site, heading
from fonds.web.statements import preferred, readable_name

_CACHE = (b"cache-control", b"public, max-age=60")
_PAGE_LENGTH = 200
_NEWEST = 5
_MOST_CLASSES = 12
_MOST_QUERIES = 6


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
    keys = site.index.keys if site.is_publication else {}
    records = things(site, "record") if "record" in keys else []
    return page_answer(
        site,
        exchange,
        "home.html",
        counts=[(kind, heading(kind), len(keys[kind])) for kind in KINDS if kind in keys],
        newest=sorted(records, key=lambda each: each.created, reverse=True)[:_NEWEST],
        classes=[] if site.is_publication else classes(site)[:_MOST_CLASSES],
        queries=site.queries[:_MOST_QUERIES],
        canonical="",
        negotiated=True,
    )


def things(site: Site, kind: str) -> list[Listed]:
    """Return the things of a kind by title."""
    graphs = (
        site.addresses.iris.graph("record", "")
        if kind == "record"
        else site.addresses.iris.graph("authority", kind, "")
    )
    rows = site.store.select("things", graphs=graphs, things=site.addresses.iris.thing(kind, ""))
    found = []
    for row in rows:
        it, label, created = row.get("thing"), row.get("label"), row.get("created")
        if isinstance(it, NamedNode):
            title = label.value if isinstance(label, Literal) else readable_name(site, it.value)
            language = label.language if isinstance(label, Literal) else None
            when = created.value if isinstance(created, Literal) else ""
            found.append(Listed(title, site.addresses.of_iri(it.value), when, language))
    return sorted(found, key=lambda each: (each.title.casefold(), each.href))


# ------------------------------------------------------------------------------------------------ lists


def browse(site: Site, exchange: Exchange, kind: str) -> Answer:
    """Answer ``/browse/{kind}``: everything of one kind, by name."""
    listed = things(site, kind) if site.is_publication and kind in KINDS else []
    if not listed:
        kinds = site.index.keys if site.is_publication else {}
        choices = tuple(Choice(f"browse/{each}", label) for each, label in KINDS.items() if each in kinds)
        raise Problem(404, f"There is no list of “{kind[:60]}” here.", (*choices, Choice("", "Home")))
    return page_answer(
        site,
        exchange,
        "browse.html",
        heading=heading(kind),
        iri="",
        listed=listed,
        more="",
        canonical=f"browse/{kind}",
    )


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
