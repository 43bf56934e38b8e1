"""What is stated about a thing, and what links to it, in groups that a page can show."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, RdfFormat, Triple, parse

from fonds.addresses import uri
from fonds.dates import spelled_day
from fonds.descriptions import Description
from fonds.naming import natural, preferred
from fonds.store import Solution, Term
from fonds.vocabulary import CRM, CRMINF, FV, NAMING_ANYTHING, PREFIXES
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


def _iri(term: Term) -> str:
    return term.value if isinstance(term, NamedNode | BlankNode | Literal) else str(term)


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
    within = (f"<{parts_of}/".encode(), f"<{site.base}graph/".encode())
    gathered: dict[str, dict[Term | Triple, Collection[int]]] = {}
    lines = (line for line in description.links if not (parts_of and line.startswith(within)))
    for each in parse(b"".join(lines), format=RdfFormat.N_QUADS):
        property_, subject = each.predicate.value, each.subject
        if site.is_publication and _shown_elsewhere(site, property_, subject):
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


@dataclass(frozen=True, slots=True)
class Place:
    """One mention of a thing.

    Attributes:
        href: Where it stands in the text.
        label: Which paragraph or block.
        form: The words; empty where they are not published.
        certainty: Empty where there is no doubt.
    """

    href: str
    label: str
    form: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A record and the places in it that name a thing.

    Attributes:
        title: What the record is called.
        href: Its page.
        places: In the order of the text.
    """

    title: str
    href: str
    places: tuple[Place, ...]


_LONGEST_FORM = 60


def mentioned_in(site: Site, it: NamedNode) -> tuple[Mentioned, ...]:
    """Return the records that mention a thing, each with the places."""
    rows = site.store.select("mentions", iri=it) if site.is_publication else ()
    labels: dict[str, list[Literal]] = {}
    places: dict[str, dict[str, tuple[int, Place]]] = {}
    for row in rows:
        record = _iri(row["record"])
        if isinstance(label := row.get("label"), Literal):
            labels.setdefault(record, []).append(label)
        places.setdefault(record, {})[_iri(row["mention"])] = _place(site, record, row)
    return tuple(
        Mentioned(
            label.value
            if (label := preferred(labels.get(record, ()), site.settings.languages))
            else readable(record),
            site.addresses.of_iri(record),
            tuple(place for _, place in sorted(found.values(), key=lambda each: (each[0], each[1].label))),
        )
        for record, found in places.items()
    )


def block_name(iri: str) -> str:
    """Return what a paragraph, a note or another block of a text is called for short.

    >>> block_name("https://a.example/id/record/x/p7"), block_name("https://a.example/id/record/x/note-1")
    ('¶ 7', 'note 1')
    """
    name = iri.rpartition("/")[2]
    return f"¶ {name[1:]}" if re.fullmatch(r"p\d+", name) else name.replace("-", " ")


def _place(site: Site, record: str, row: Solution) -> tuple[int, Place]:
    mention = _iri(row["mention"])
    form, start, certainty = row.get("form"), row.get("start"), row.get("certainty")
    words = form.value if isinstance(form, Literal) else ""
    place = Place(
        f"{site.addresses.of_iri(record)}#{mention.rpartition('/')[2]}",
        block_name(_iri(row["block"])),
        words if len(words) <= _LONGEST_FORM else words[:_LONGEST_FORM].rpartition(" ")[0] + " …",
        certainty.value if isinstance(certainty, Literal) else "",
    )
    return (int(start.value) if isinstance(start, Literal) else 0), place
