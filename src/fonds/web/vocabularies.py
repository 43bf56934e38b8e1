"""Vocabularies: concept schemes with their terms, what each term means, where it comes from and how often it is used."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from fonds.addresses import named_node
from fonds.descriptions import Description
from fonds.identifiers import NS
from fonds.naming import preferred
from fonds.ordering import alphabetical
from fonds.translations import gettext, said
from fonds.vocabulary import RDFS, SKOS
from fonds.web.answers import Answer, Exchange
from fonds.web.listings import page_answer, page_number
from fonds.web.naming import title_of
from fonds.web.paging import pages
from fonds.web.problems import Choice, Problem
from fonds.web.requests import one_of_each
from fonds.web.site import Site
from fonds.web.statements import About, Linked
from fonds.web.values import direction_of

_PAGE_LENGTH = 200
_MOST_IN_ORDER = 5_000
"""Terms of a scheme that are put in order; ``scheme-terms.rq`` finds one more at most."""
_MOST_STEPS = 12
"""Broader terms above a term that its page names."""
_MOST_BELOW = 100
_CONCEPT, _SCHEME = SKOS.Concept.value, SKOS.ConceptScheme.value
_BROADER = f"{SKOS.broader} ".encode()
_NARROWER = b"<http://www.w3.org/2004/02/skos/core#narrower> "


@dataclass(frozen=True, slots=True)
class ListedTerm:
    """A term, or a scheme, in a list.

    Attributes:
        title: What it is called.
        language: Of the title.
        href: Its page, relative to the root.
        definition: What it means; empty where that is not stated.
        definition_language: Of the definition.
        notation: Its code; empty where it has none.
        used: How many statements point to it.
        query: Address of the query that counts them.
        direction: ``auto`` where letters of the title run from right to left.
    """

    title: str
    language: str | None
    href: str
    definition: str = ""
    definition_language: str | None = None
    notation: str = ""
    used: int = 0
    query: str = ""
    direction: str = ""


# ------------------------------------------------------------------------------------------------ lists


def browse(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/browse/vocab?in=…&page=…``: all concept schemes; with ``in`` the terms of one of them."""
    values = one_of_each(exchange.query, ("page", "in"))
    if "in" in values:
        return _terms_of(site, exchange, values["in"], page_number(values))
    schemes = _schemes(site)
    if not schemes:
        raise Problem(404, said("There are no vocabularies here."), (Choice("", said("Home")),))
    return page_answer(site, exchange, "vocabularies.html", schemes=schemes, canonical="browse/vocab")


def _schemes(site: Site) -> list[ListedTerm]:
    found = (row["scheme"] for row in site.store.select("schemes"))
    listed = [
        _listed_term(site, each.value, _of_scheme(each.value))
        for each in found
        if isinstance(each, NamedNode)
    ]
    return sorted(listed, key=lambda each: alphabetical(each.title))


def _of_scheme(iri: str) -> str:
    """Return the address of the list of the terms of a scheme."""
    return f"browse/vocab?in={quote(iri, safe=':/@!$,;-._~')}"


def _terms_of(site: Site, exchange: Exchange, iri: str, number: int) -> Answer:
    scheme = named_node(iri)
    if scheme is None:
        raise Problem(400, said("“{iri}” is not an absolute IRI (RFC 3987).", iri=iri[:200]))
    terms = _terms_in(site, scheme)
    shown = terms[(number - 1) * _PAGE_LENGTH : number * _PAGE_LENGTH]
    if not shown:
        raise Problem(
            404,
            said("There are no terms of <{iri}> here.", iri=iri[:300]),
            (Choice("browse/vocab", said("All vocabularies")),),
        )
    address = _of_scheme(iri)
    return page_answer(
        site,
        exchange,
        "vocabulary.html",
        scheme=_listed_term(site, iri, site.addresses.of_iri(iri)),
        iri=iri,
        terms=[_listed_term(site, each, site.addresses.of_iri(each)) for each in shown],
        pages=pages("browse/vocab", number, len(terms), _PAGE_LENGTH, **{"in": iri}),
        cut=len(terms) > _MOST_IN_ORDER,
        canonical=address if number == 1 else f"{address}&page={number}",
    )


def _terms_in(site: Site, scheme: NamedNode) -> tuple[str, ...]:
    """Return the terms of a scheme by name; they are put in order once."""
    known = site.vocabularies.get(scheme.value)
    if known is None:
        found = {row["term"] for row in site.store.select("scheme-terms", scheme=scheme)}
        iris = [each.value for each in found if isinstance(each, NamedNode)]
        known = tuple(sorted(iris, key=lambda iri: (alphabetical(title_of(site, iri)[0]), iri)))
        if len(site.vocabularies) >= _MOST_KEPT:
            site.vocabularies.clear()
        site.vocabularies[scheme.value] = known
    return known


_MOST_KEPT = 50


def _listed_term(site: Site, iri: str, href: str) -> ListedTerm:
    title, language = title_of(site, iri)
    found = site.descriptions.of(iri)
    definition = _preferred(site, found, f"{SKOS.definition} ") or _preferred(site, found, f"{RDFS.comment} ")
    notation = _preferred(site, found, f"{SKOS.notation} ")
    return ListedTerm(
        title,
        language,
        href,
        definition.value if definition else "",
        definition.language if definition else None,
        notation.value if notation else "",
        found.links_total if found else 0,
        counting_query(iri),
        direction_of(title),
    )


def _preferred(site: Site, description: Description | None, property_: str) -> Literal | None:
    own = description.own if description else ()
    wanted = b"".join([line for line in own if line.split(b" ", 1)[1].startswith(property_.encode())])
    values = (quad.object for quad in parse(wanted, format=RdfFormat.N_QUADS))
    return preferred((each for each in values if isinstance(each, Literal)), site.settings.languages)


_COUNTED = """\
SELECT (COUNT(*) AS ?statements) {{
  SELECT DISTINCT ?thing ?property {{
    {{ {pattern} }} UNION {{ GRAPH ?graph {{ {pattern} }} FILTER(!CONTAINS(STR(?graph), "/graph/said/")) }}
  }}
}}"""


def counting_query(iri: str) -> str:
    """Return the address of the query that counts the statements that point to a thing."""
    return f"sparql?query={quote(_COUNTED.format(pattern=f'?thing ?property {NamedNode(iri)}'))}"


# ------------------------------------------------------------------------------------------------ one term


@dataclass(frozen=True, slots=True)
class TermPage:
    """What the page of a term tells beside what is stated of it.

    Attributes:
        schemes: Those that it belongs to.
        above: The broader terms, the broadest first.
        below: The narrower terms.
        origin: Where it comes from, in a sentence.
        notation: Its code; empty where it has none.
        used: How many statements point to it.
        query: Address of the query that counts them.
        terms: Address of the list of its terms, if it is a scheme; else empty.
    """

    schemes: tuple[ListedTerm, ...]
    above: tuple[ListedTerm, ...]
    below: tuple[ListedTerm, ...]
    origin: str
    notation: str
    used: int
    query: str
    terms: str = ""


def term_page(site: Site, about: About, description: Description) -> TermPage | None:
    """Return what the page of a concept or a concept scheme tells, None for anything else.

    Args:
        site: Where it is described.
        about: What is stated of it.
        description: The same as lines, with what points to it.
    """
    kinds = {each.iri for each in about.types}
    if not kinds & {_CONCEPT, _SCHEME}:
        return None
    notation = _preferred(site, description, f"{SKOS.notation} ")
    below = [*_objects(description.own, _NARROWER), *_subjects(description.links, _BROADER)]
    return TermPage(
        tuple(
            _named(site, each, _of_scheme(each))
            for each in _objects(description.own, f"{SKOS.inScheme} ".encode())
        ),
        tuple(_named(site, each) for each in _above(site, about.iri, description)),
        tuple(
            sorted(
                (_named(site, each) for each in dict.fromkeys(below[:_MOST_BELOW])),
                key=lambda each: alphabetical(each.title),
            )
        ),
        _origin(site, about.iri),
        notation.value if notation else "",
        description.links_total,
        counting_query(about.iri),
        _of_scheme(about.iri) if _SCHEME in kinds else "",
    )


def without_narrower(links: Linked) -> Linked:
    """Return what links to a term without its narrower terms, which stand above, if all that links to it is on one page."""
    rest = tuple(each for each in links.groups if each.iri != SKOS.broader.value)
    return replace(links, groups=rest) if links.pages == 1 else links


def _named(site: Site, iri: str, href: str = "") -> ListedTerm:
    title, language = title_of(site, iri)
    return ListedTerm(title, language, href or site.addresses.of_iri(iri), direction=direction_of(title))


def _above(site: Site, iri: str, description: Description) -> list[str]:
    """Return the broader terms, the broadest first: of several on one level the first in the alphabet."""
    way: list[str] = []
    found: Description | None = description
    while found and len(way) < _MOST_STEPS:
        broader = min(_objects(found.own, _BROADER), default="")
        if not broader or broader in way or broader == iri:
            break
        way.insert(0, broader)
        found = site.descriptions.of(broader)
    return way


def _objects(lines: Iterable[bytes], property_: bytes) -> list[str]:
    """Return the things that statements with a property point to, each once."""
    wanted = b"".join([line for line in lines if line.split(b" ", 1)[1].startswith(property_)])
    values = (quad.object for quad in parse(wanted, format=RdfFormat.N_QUADS))
    return list(dict.fromkeys(each.value for each in values if isinstance(each, NamedNode)))


def _subjects(lines: Sequence[bytes], property_: bytes) -> list[str]:
    wanted = b"".join([line for line in lines if line.split(b" ", 1)[1].startswith(property_)])
    values = (quad.subject for quad in parse(wanted, format=RdfFormat.N_QUADS))
    return list(dict.fromkeys(each.value for each in values if isinstance(each, NamedNode)))


def _origin(site: Site, iri: str) -> str:
    if iri.startswith(NS):
        return gettext("A term of the program’s own ontology, the same in every publication.")
    if site.is_publication and iri.startswith(f"{site.base}vocab/"):
        return gettext("A term of this publication.")
    return ""
