"""What is stated about a thing, and what links to it, in groups that a page can show."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import quote

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, RdfFormat, Triple, parse

from fonds.descriptions import Description
from fonds.identifiers import Kind
from fonds.naming import preferred
from fonds.ordering import natural
from fonds.store import Term
from fonds.vocabulary import CRM, CRMINF, DCTERMS, FV, NAMING_ANYTHING, PREFIXES, RICO, SCHEMA, VOID
from fonds.web.naming import called, is_unnamed, readable_name
from fonds.web.properties import property_of
from fonds.web.questions import editor
from fonds.web.site import Site
from fonds.web.terms import short_name
from fonds.web.values import Group, Value, direction_of, listed_items, show

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
_NIL = f"{PREFIXES['rdf']}nil"
_MOST_VALUES = 100
"""Values of one property that a page shows."""
_MOST_SORTED = 500
"""Values of one property that are put in the order of their labels."""
_MOST_UNFOLDED = 12
"""Values of one property that are shown with what is stated of them."""
_SMALL = 12
"""Statements about a thing without a name that is shown within another one."""
_MOST_DEEP = 3
_MOST_STEPS = 100
"""From a thing without a name to what it belongs to; a list has as many as items."""


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
        direction: ``auto`` where there are letters in the title that run from right to left.
    """

    iri: str
    title: str
    language: str | None
    types: tuple[Value, ...]
    groups: tuple[Group, ...]
    sources: tuple[Source, ...]
    direction: str = ""

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


def title_of(site: Site, it: NamedNode, description: Description) -> About:
    """Return how a thing is called, and nothing else of what is stated about it."""
    start = f"{it} ".encode()
    lines = (line for line in description.own if line.startswith(start))
    named = b"".join(line for line in lines if line.split(b" ", 2)[1] in _NAMING)
    quads = parse(named, format=RdfFormat.N_QUADS)
    return about_quads(site, it, ((each.predicate, each.object, None) for each in quads))


_NAMING = frozenset(f"<{each}>".encode() for each in NAMING_ANYTHING)


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
    groups = [_group(site, it, iri, values) for iri, values in gathered.items()]
    groups.sort(key=_in_order)
    names = [
        value
        for iri in _FIRST
        if iri in NAMING_ANYTHING
        for value in gathered.get(iri, ())
        if isinstance(value, Literal)
    ]
    title = preferred(names, site.settings.languages) or called(site, it.value)
    types = next((group.values for group in groups if group.iri == TYPE), ())
    types = tuple(_as_kind(site, each) for each in types)
    sources = tuple(Source(mark, iri, site.addresses.of_iri(iri)) for iri, mark in marks.items())
    return About(
        it.value,
        title.value if title else readable_name(site, it.value),
        title.language if title else None,
        types,
        tuple(groups),
        sources,
        direction_of(title.value) if title else "",
    )


def _as_kind(site: Site, type_: Value) -> Value:
    """Return a class as it stands above a name; one that is described elsewhere leads to the things of it that are here."""
    text = site.terms.label(type_.iri) if type_.text == short_name(type_.iri) else type_.text
    named = replace(type_, text=text, note="", here="")
    if not type_.external or site.is_publication:
        return named
    return replace(named, external=False, href=members_of(type_.iri))


def members_of(iri: str) -> str:
    """Return the address of the list of the things of a class, relative to the root."""
    return f"browse?class={quote(iri, safe=':/@!$,;-._~')}"


def _group(site: Site, it: NamedNode, iri: str, values: Mapping[Term | Triple, Collection[int]]) -> Group:
    every = len(values) > _MOST_VALUES
    return replace(_grouped(site, iri, values), every=listing_of(it, iri) if every else "")


def _grouped(site: Site, iri: str, values: Mapping[Term | Triple, Collection[int]]) -> Group:
    # A great many stand in the order of the data: to sort them, every label would be read.
    some = values if len(values) <= _MOST_SORTED else dict(islice(values.items(), _MOST_VALUES))
    shown = [(show(site, value, graphs=tuple(sorted(graphs))), value) for value, graphs in some.items()]
    if len(shown) > 1 and len(values) <= _MOST_SORTED:
        shown.sort(key=lambda each: (each[0].language or "", natural(each[0].text)))
    name = property_of(site, iri)
    return Group(
        iri,
        name.label,
        name.definition,
        name.href,
        tuple(_unfolded(site, value, place) for place, value in enumerate(shown[:_MOST_VALUES])),
        max(0, len(values) - _MOST_VALUES),
        name.external,
        language=name.language,
    )


def _unfolded(site: Site, shown: tuple[Value, Term | Triple], place: int) -> Value:
    """Return a value with what belongs to it: the items of a list; what is stated of a small thing without a name."""
    value, term = shown
    if place >= _MOST_UNFOLDED or not isinstance(term, NamedNode):
        return value
    if term.value == _NIL or is_unnamed(term.value):
        return _within(site, term, listed_items(site, term, value), 1)
    return value


def _within(site: Site, node: NamedNode, value: Value, depth: int) -> Value:
    if value.form or value.href is None:
        return value
    description = site.descriptions.of(node.value)
    # What others point to as well has a page where they all are told.
    if description is None or not 0 < len(description.own) <= _SMALL or description.links_total > 1:
        return value
    gathered: dict[str, list[Term | Triple]] = {}
    for quad in parse(b"".join(description.own), format=RdfFormat.N_QUADS):
        # Its kind and its name are what it is shown as.
        said = quad.predicate.value == TYPE or (
            isinstance(quad.object, Literal) and quad.object.value == value.text
        )
        if not said and quad.object not in gathered.setdefault(quad.predicate.value, []):
            gathered[quad.predicate.value].append(quad.object)
    groups = [
        replace(
            _grouped(site, iri, {}),
            values=tuple(_part(site, each, depth) for each in values),
        )
        for iri, values in gathered.items()
    ]
    groups.sort(key=_in_order)
    return replace(value, within=tuple(groups))


def _part(site: Site, term: Term | Triple, depth: int) -> Value:
    value = show(site, term)
    if depth >= _MOST_DEEP or not isinstance(term, NamedNode) or not is_unnamed(term.value):
        return value
    return _within(site, term, listed_items(site, term, value), depth + 1)


def _in_order(group: Group) -> tuple[int, str]:
    return _PLACE.get(group.iri, len(_PLACE)), group.label.lower()


def listing_of(it: NamedNode, property_: str) -> str:
    """Return the address of all values of one property of a thing."""
    return editor(f"SELECT DISTINCT ?value WHERE {{ {it} <{property_}> ?value }}")


@dataclass(frozen=True, slots=True)
class Linked:
    """A page of what links to a thing.

    Attributes:
        groups: By property.
        total: Statements that point to it, on all pages, those among them that are shown elsewhere.
        page: Which page this is, from 1.
        pages: How many there are.
        shortened: Whether some of this page are left out, since they are shown elsewhere on it.
    """

    groups: tuple[Group, ...]
    total: int
    page: int
    pages: int
    shortened: bool = False


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


_OF_CATALOGUE = frozenset((VOID["class"].value, VOID.property.value, VOID.exampleResource.value))
"""The description of the dataset counts with these, and names an example; its own page shows it."""
_OF_DOCUMENTS = frozenset(
    each.value
    for each in (
        CRM.P67_refers_to,
        DCTERMS.creator,
        FV.sender,
        FV.recipient,
        RICO.hasAuthor,
        SCHEMA.mentions,
    )
)
"""A page that lists the documents in which a thing is named or has a part says all this with dates and places."""
_PARTAKING = (CRM.P14_carried_out_by.value, CRM.P11_had_participant.value)


def links(
    site: Site,
    description: Description | None,
    *,
    parts_of: str = "",
    told: Collection[str] = (),
    documents: bool = False,
) -> Linked:
    """Return what links to a thing, by property.

    Args:
        site: Where it is stated.
        description: A page of the thing's description.
        parts_of: Links from the parts of this thing, and from graphs, are left out; nothing is where it is empty.
        told: Properties that the page shows in a place of its own, backwards; they are left out.
        documents: Whether the page lists the documents in which the thing occurs: that they name it, and that it wrote, sent or
            received them, is left out.
    """
    if description is None:
        return Linked((), 0, 1, 1)
    within = (f"<{parts_of}/".encode(), f"<{site.base}graph/".encode())
    gathered: dict[str, dict[Term | Triple, Collection[int]]] = {}
    lines = (line for line in description.links if not (parts_of and line.startswith(within)))
    for each in parse(b"".join(lines), format=RdfFormat.N_QUADS):
        property_, subject = each.predicate.value, each.subject
        if property_ in told:
            continue
        if site.is_publication and _shown_elsewhere(site, property_, subject):
            continue
        gathered.setdefault(property_, {})[subject] = ()
    # That one record points to another is told once: it refers to it, and mentions it, as well.
    for said in (CRM.P67_refers_to, SCHEMA.mentions):
        for subject in gathered.get(DCTERMS.references.value, ()):
            gathered.get(said.value, {}).pop(subject, None)
    if documents:
        gathered = _beside_documents(site, gathered)
    groups = [
        _read_backwards(site, _grouped(site, iri, _by_owners(site, values)))
        for iri, values in gathered.items()
        if values
    ]
    groups.sort(key=lambda group: group.label.lower())
    shortened = documents or bool(told)
    return Linked(tuple(groups), description.links_total, description.page, description.pages, shortened)


def _shown_elsewhere(site: Site, property_: str, subject: Term | Triple) -> bool:
    if property_ in _ELSEWHERE or property_ in _OF_CATALOGUE:
        return True
    if property_ not in _OF_REPORTS or not isinstance(subject, NamedNode):
        return False
    return any(kind in line for line in site.descriptions.names(subject.value) for kind in _REPORTS)


def _beside_documents(
    site: Site, gathered: Mapping[str, dict[Term | Triple, Collection[int]]]
) -> dict[str, dict[Term | Triple, Collection[int]]]:
    """Return links without those that a list of documents says: that a record names a thing, that it was written or sent by it."""
    records = f"{site.base}id/{Kind.RECORD}/"
    written = {str(each)[1:-1] for each in gathered.get(DCTERMS.creator.value, ())}
    sent = {each for iri in (FV.sender, FV.recipient) for each in gathered.get(iri.value, ())}

    def told(property_: str, subject: Term | Triple) -> bool:
        if not isinstance(subject, NamedNode) or not subject.value.startswith(records):
            return False
        of_its_own = subject in sent or subject.value.rpartition("/")[0] in written
        return property_ in _OF_DOCUMENTS or (property_ in _PARTAKING and of_its_own)

    left = {
        iri: {each: graphs for each, graphs in values.items() if not told(iri, each)}
        for iri, values in gathered.items()
    }
    return {iri: values for iri, values in left.items() if values}


def _by_owners(
    site: Site, subjects: Mapping[Term | Triple, Collection[int]]
) -> dict[Term | Triple, Collection[int]]:
    """Return subjects, and for those without a name what they belong to: an address's person, a list's owner."""
    found: dict[Term | Triple, Collection[int]] = {}
    for place, (subject, graphs) in enumerate(subjects.items()):
        unnamed = isinstance(subject, NamedNode) and is_unnamed(subject.value)
        found[_owner(site, subject) if unnamed and place < _MOST_UNFOLDED else subject] = graphs
    return found


def _owner(site: Site, node: Term | Triple) -> Term | Triple:
    """Return the first thing with a name on the way that leads to a thing without one; itself where there is none."""
    seen: set[str] = set()
    it = node
    while isinstance(it, NamedNode) and is_unnamed(it.value):
        seen.add(it.value)
        description = site.descriptions.of(it.value)
        if description is None or not description.links or len(seen) > _MOST_STEPS:
            return node
        it = next(parse(description.links[0], format=RdfFormat.N_QUADS)).subject
        if isinstance(it, NamedNode) and it.value in seen:
            return node
    return it


def _read_backwards(site: Site, group: Group) -> Group:
    """Return a group of links called as its property reads from the value."""
    return replace(group, label=property_of(site, group.iri).backwards)


def block_name(iri: str) -> str:
    """Return what a paragraph, a note or another block of a text is called for short.

    >>> block_name("https://a.example/id/record/x/p7"), block_name("https://a.example/id/record/x/note-1")
    ('¶ 7', 'note 1')
    """
    name = iri.rpartition("/")[2]
    return f"¶ {name[1:]}" if re.fullmatch(r"p\d+", name) else name.replace("-", " ")
