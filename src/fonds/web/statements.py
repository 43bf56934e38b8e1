"""What is stated about a thing, and what links to it, in groups that a page can show."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, RdfFormat, Triple, parse

from fonds.addresses import uri
from fonds.dates import spelled_day
from fonds.descriptions import Description
from fonds.store import Term
from fonds.vocabulary import CRM, CRMINF, FV, NAMING_ANYTHING, PREFIXES
from fonds.web.labels import preferred
from fonds.web.site import Site
from fonds.web.terms import readable, short_name

_XSD = PREFIXES["xsd"]
_FIRST = [
    f"{PREFIXES[prefix]}{local}"
    for prefix, local in (
        ("rdf", "type"),
        ("rdfs", "label"),
        ("skos", "prefLabel"),
        ("dcterms", "title"),
        ("foaf", "name"),
        ("schema", "name"),
        ("skos", "altLabel"),
        ("skos", "definition"),
        ("dcterms", "description"),
        ("rdfs", "comment"),
        ("dcterms", "creator"),
        ("dcterms", "created"),
        ("dcterms", "date"),
    )
]
_PLACE = {iri: place for place, iri in enumerate(_FIRST)}
TYPE = f"{PREFIXES['rdf']}type"
_PLAIN = frozenset({f"{_XSD}string", f"{PREFIXES['rdf']}langString"})
_MOST_SHOWN = 8_192
_SORTED_BY = 200
_MOST_VALUES = 500
"""Values of one property that a page shows."""
_SAFE = ("http://", "https://", "mailto:")


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a property, ready to be shown.

    Attributes:
        text: What is shown.
        href: Where it leads, relative to the root or absolute; None where it leads nowhere.
        external: Whether that is another site.
        language: BCP 47 tag of a literal.
        note: A datatype, or the name of an IRI that has a label.
        datetime: A date in the form that machines read.
        graphs: Marks of the graphs that say so.
    """

    text: str
    href: str | None = None
    external: bool = False
    language: str | None = None
    note: str = ""
    datetime: str = ""
    graphs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A property and its values.

    Attributes:
        iri: The property.
        label: What it is called.
        definition: What it means; empty where no table says it.
        href: Where it is explained, relative to the root; absolute where that is another site; None where it is nowhere.
        values: In the order of their labels.
        more: How many there are besides.
        external: Whether it is explained on another site.
    """

    iri: str
    label: str
    definition: str
    href: str | None
    values: tuple[Value, ...]
    more: int = 0
    external: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A named graph that statements come from.

    Attributes:
        mark: Its number on the page.
        iri: Its name.
        href: Where it is shown.
    """

    mark: int
    iri: str
    href: str


@dataclass(frozen=True, slots=True)
class About:
    """All that a page says about a thing.

    Attributes:
        iri: What it is about.
        title: What it is called.
        language: Of the title; None where it has none.
        types: What it is.
        groups: The statements, by property.
        sources: The named graphs they stand in.
    """

    iri: str
    title: str
    language: str | None
    types: tuple[Value, ...]
    groups: tuple[Group, ...]
    sources: tuple[Source, ...]

    def group(self, iri: str) -> Group | None:
        """Return the values of one property, None if it has none."""
        return next((group for group in self.groups if group.iri == iri), None)


Quads = Iterable[tuple[NamedNode, Term | Triple, NamedNode | None]]
"""Property and value of statements about one thing, with the named graph that each stands in."""


def about(site: Site, it: NamedNode, description: Description | None = None) -> About:
    """Return what is stated about a thing; with no group at all if nothing is.

    Args:
        site: Where it is stated.
        it: The thing.
        description: A page of its description, if that was read already; else its first is.
    """
    found = description or site.descriptions.of(it.value)
    start = f"{it} ".encode()
    lines = b"".join([line for line in found.own if line.startswith(start)]) if found else b""
    quads = parse(lines, format=RdfFormat.N_QUADS)
    return about_quads(site, it, ((each.predicate, each.object, _named(each.graph_name)) for each in quads))


def _named(graph: NamedNode | BlankNode | DefaultGraph) -> NamedNode | None:
    return graph if isinstance(graph, NamedNode) else None


def about_quads(site: Site, it: NamedNode, quads: Quads) -> About:
    """Return statements in groups."""
    marks: dict[str, int] = {}
    gathered: dict[str, dict[Term | Triple, set[int]]] = {}
    for property_, value, graph in quads:
        graphs = gathered.setdefault(property_.value, {}).setdefault(value, set())
        if graph is not None:
            graphs.add(marks.setdefault(graph.value, len(marks) + 1))
    groups = [_group(site, iri, values) for iri, values in gathered.items()]
    groups.sort(key=lambda group: (_PLACE.get(group.iri, len(_PLACE)), group.label.lower()))
    names = [
        value
        for iri in _FIRST
        if iri in NAMING_ANYTHING
        for value in gathered.get(iri, ())
        if isinstance(value, Literal)
    ]
    title = preferred(names, site.settings.languages)
    types = next((group.values for group in groups if group.iri == TYPE), ())
    sources = tuple(Source(mark, iri, site.addresses.of_iri(iri)) for iri, mark in marks.items())
    return About(
        it.value,
        title.value if title else readable_name(site, it.value),
        title.language if title else None,
        types,
        tuple(groups),
        sources,
    )


def readable_name(site: Site, iri: str) -> str:
    """Return something to call a thing that has no label."""
    path = site.addresses.iris.path(iri)
    if path and path.startswith("id/"):
        return " / ".join(path.split("/")[2:]) or path
    return readable(iri)


def _group(site: Site, iri: str, values: Mapping[Term | Triple, Collection[int]]) -> Group:
    shown = [show(site, value, graphs=tuple(sorted(graphs))) for value, graphs in values.items()]
    if len(shown) > 1:
        shown.sort(key=lambda value: (value.language or "", natural(value.text)))
    # A property that nothing is said of has no page here.
    ours = iri in site.terms.by_iri or site.descriptions.mentions(iri)
    return Group(
        iri,
        site.terms.label(iri),
        site.terms.definition(iri),
        site.addresses.of_iri(iri) if ours else external(iri),
        tuple(shown[:_MOST_VALUES]),
        max(0, len(shown) - _MOST_VALUES),
        not ours,
    )


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that sorts ``Paragraph 9`` before ``Paragraph 10``, by the first two hundred characters."""
    return _natural(text[:_SORTED_BY])


@lru_cache(maxsize=4_096)
def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    pieces = re.split(r"(\d{1,18})", text.casefold())
    return tuple((0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in pieces if piece)


def show(site: Site, value: Term | Triple, graphs: tuple[int, ...] = ()) -> Value:
    """Return a value as a page shows it."""
    if isinstance(value, Literal):
        return _show_literal(value, graphs)
    if isinstance(value, NamedNode):
        return _show_iri(site, value.value, graphs)
    return Value(str(value), graphs=graphs)


def _show_literal(literal: Literal, graphs: tuple[int, ...]) -> Value:
    datatype = literal.datatype.value
    if datatype == f"{_XSD}date" and (day := spelled_day(literal.value)):
        return Value(day, datetime=literal.value, graphs=graphs)
    note = "" if datatype in _PLAIN else short_name(datatype)
    return Value(literal.value, language=literal.language, note=note, graphs=graphs)


def _show_iri(site: Site, iri: str, graphs: tuple[int, ...]) -> Value:
    known = site.shown.get(iri)
    if known is None:
        known = _value_of(site, iri)
        if len(site.shown) >= _MOST_SHOWN:
            site.shown.clear()
        site.shown[iri] = known
    return replace(known, graphs=graphs) if graphs else known


def _value_of(site: Site, iri: str) -> Value:
    label = site.labels.of(iri)
    known = label is not None or iri.startswith(site.base) or not site.is_publication
    term = site.terms.by_iri.get(iri)
    text = label.value if label else term.label if term else _short(site, iri)
    href = site.addresses.of_iri(iri) if known or term else external(iri)
    return Value(
        text,
        href,
        external=not (known or term),
        language=label.language if label else None,
        note=short_name(iri) if term and not label else "",
    )


def _short(site: Site, iri: str) -> str:
    return readable_name(site, iri) if iri.startswith(f"{site.base}id/") else short_name(iri)


def external(iri: str) -> str | None:
    """Return an IRI as a link to elsewhere, None if it is not of a kind that a page may link to."""
    return uri(iri) if iri.lower().startswith(_SAFE) else None


@dataclass(frozen=True, slots=True)
class Linked:
    """A page of what links to a thing.

    Attributes:
        groups: By property.
        total: Statements that point to it, on all pages, those among them that are shown elsewhere.
        page: Which page this is, from 1.
        pages: How many there are.
    """

    groups: tuple[Group, ...]
    total: int
    page: int
    pages: int


_ELSEWHERE = frozenset(
    each.value for each in (FV.mentions, FV.reported_by, FV.nested_speaker, FV.stance_holder)
)
"""Mentions are listed with their words, what is said of a thing and by it with its speakers; these statements say the same."""
_OF_REPORTS = frozenset(
    each.value
    for each in (
        CRM.P9i_forms_part_of,
        CRM.P14_carried_out_by,
        CRM.P67i_is_referred_to_by,
        CRM.P129_is_about,
        CRM.P140_assigned_attribute_to,
    )
)
_REPORTS = tuple(f" <{each.value}> ".encode() for each in (FV.ReportedStatement, CRMINF.I4_Proposition_Set))


def links(site: Site, description: Description | None, *, parts_of: str = "") -> Linked:
    """Return what links to a thing, by property.

    Args:
        site: Where it is stated.
        description: A page of the thing's description.
        parts_of: Links from the parts of this thing, and from graphs, are left out; nothing is where it is empty.
    """
    if description is None:
        return Linked((), 0, 1, 1)
    within = (f"{parts_of}/", f"{site.base}graph/")
    gathered: dict[str, dict[Term | Triple, Collection[int]]] = {}
    for each in parse(b"".join(description.links), format=RdfFormat.N_QUADS):
        property_, subject = each.predicate.value, each.subject
        if site.is_publication and _shown_elsewhere(site, property_, subject):
            continue
        if parts_of and isinstance(subject, NamedNode) and subject.value.startswith(within):
            continue
        gathered.setdefault(property_, {})[subject] = ()
    groups = [_read_backwards(site, _group(site, iri, values)) for iri, values in gathered.items()]
    groups.sort(key=lambda group: group.label.lower())
    return Linked(tuple(groups), description.links_total, description.page, description.pages)


def _shown_elsewhere(site: Site, property_: str, subject: Term | Triple) -> bool:
    if property_ in _ELSEWHERE:
        return True
    if property_ not in _OF_REPORTS or not isinstance(subject, NamedNode):
        return False
    return any(kind in line for line in site.descriptions.names(subject.value) for kind in _REPORTS)


def _read_backwards(site: Site, group: Group) -> Group:
    """Return a group of links called as its property reads from the value."""
    return replace(group, label=site.terms.inverse_label(group.iri) or f"through “{group.label}”")


def block_name(iri: str) -> str:
    """Return what a paragraph, a note or another block of a text is called for short.

    >>> block_name("https://a.example/id/record/x/p7"), block_name("https://a.example/id/record/x/note-1")
    ('¶ 7', 'note 1')
    """
    name = iri.rpartition("/")[2]
    return f"¶ {name[1:]}" if re.fullmatch(r"p\d+", name) else name.replace("-", " ")
