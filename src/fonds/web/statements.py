"""What is stated about a thing, and what links to it, in groups that a page can show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pyoxigraph import BlankNode, Literal, NamedNode

from fonds.store import Solution, Term
from fonds.vocabulary import PREFIXES
from fonds.web.addresses import uri
from fonds.web.site import Site
from fonds.web.terms import readable, short_name
from fonds.web.wording import spelled_day

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
LABELS = frozenset(
    {
        f"{PREFIXES['rdfs']}label",
        f"{PREFIXES['skos']}prefLabel",
        f"{PREFIXES['dcterms']}title",
        "http://purl.org/dc/elements/1.1/title",
        f"{PREFIXES['foaf']}name",
        f"{PREFIXES['schema']}name",
        "http://schema.org/name",
    }
)
TYPE = f"{PREFIXES['rdf']}type"
_PLAIN = frozenset({f"{_XSD}string", f"{PREFIXES['rdf']}langString"})
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
        href: Where it is explained.
        values: In the order of their labels.
    """

    iri: str
    label: str
    definition: str
    href: str
    values: tuple[Value, ...]


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


@dataclass
class _Gathered:
    labels: list[Literal] = field(default_factory=list)
    graphs: set[int] = field(default_factory=set)


def about(site: Site, it: NamedNode) -> About:
    """Return what is stated about a thing; with no group at all if nothing is."""
    if site.is_publication:
        rows = site.store.select("statements", iri=it, said=NamedNode(site.said))
    else:
        rows = site.store.select("statements-of-dataset", iri=it)
    return about_rows(site, it, rows)


def about_rows(site: Site, it: NamedNode, rows: Iterable[Solution]) -> About:
    """Return statements in groups."""
    marks: dict[str, int] = {}
    gathered: dict[str, dict[Term, _Gathered]] = {}
    for row in rows:
        one = gathered.setdefault(_iri(row["property"]), {}).setdefault(row["value"], _Gathered())
        if (label := row.get("label")) is not None and isinstance(label, Literal):
            one.labels.append(label)
        if (graph := row.get("graph")) is not None:
            one.graphs.add(marks.setdefault(_iri(graph), len(marks) + 1))
    groups = [_group(site, iri, values) for iri, values in gathered.items()]
    groups.sort(
        key=lambda group: (
            _FIRST.index(group.iri) if group.iri in _FIRST else len(_FIRST),
            group.label.lower(),
        )
    )
    names = [
        value
        for iri in _FIRST
        if iri in LABELS
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


def _group(site: Site, iri: str, values: Mapping[Term, _Gathered]) -> Group:
    shown = [show(site, value, one.labels, tuple(sorted(one.graphs))) for value, one in values.items()]
    shown.sort(key=lambda value: (value.language or "", natural(value.text)))
    return Group(
        iri, site.terms.label(iri), site.terms.definition(iri), site.addresses.of_iri(iri), tuple(shown)
    )


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that sorts ``Paragraph 9`` before ``Paragraph 10``."""
    pieces = re.split(r"(\d{1,18})", text.casefold())
    return tuple((0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in pieces if piece)


def show(site: Site, value: Term, labels: Sequence[Literal] = (), graphs: tuple[int, ...] = ()) -> Value:
    """Return a value as a page shows it."""
    match value:
        case Literal():
            return _show_literal(value, graphs)
        case NamedNode():
            return _show_iri(site, value.value, labels, graphs)
        case _:
            return Value(str(value), graphs=graphs)


def _show_literal(literal: Literal, graphs: tuple[int, ...]) -> Value:
    datatype = literal.datatype.value
    if datatype == f"{_XSD}date" and (day := spelled_day(literal.value)):
        return Value(day, datetime=literal.value, graphs=graphs)
    note = "" if datatype in _PLAIN else short_name(datatype)
    return Value(literal.value, language=literal.language, note=note, graphs=graphs)


def _show_iri(site: Site, iri: str, labels: Sequence[Literal], graphs: tuple[int, ...]) -> Value:
    label = preferred(labels, site.settings.languages)
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
        graphs=graphs,
    )


def _short(site: Site, iri: str) -> str:
    return readable_name(site, iri) if iri.startswith(f"{site.base}id/") else short_name(iri)


def external(iri: str) -> str | None:
    """Return an IRI as a link to elsewhere, None if it is not of a kind that a page may link to."""
    return uri(iri) if iri.lower().startswith(_SAFE) else None


def preferred(labels: Iterable[Literal], languages: Sequence[str]) -> Literal | None:
    """Return the label in the first language of ours that there is one in, else one without language, else any.

    Of several in one language the first in the alphabet, so that the same release always gives the same page.
    """

    def rank(label: Literal) -> tuple[int, str, str]:
        language = (label.language or "").lower()
        for place, wanted in enumerate(languages):
            if language == wanted.lower() or language.startswith(f"{wanted.lower()}-"):
                return place, language, label.value
        return (len(languages) if not language else len(languages) + 1), language, label.value

    return min(labels, key=rank, default=None)


def _iri(term: Term) -> str:
    return term.value if isinstance(term, NamedNode | BlankNode | Literal) else str(term)


_MOST_LINKS = 100
"""Links that ``links.rq`` finds, less one."""


def links(site: Site, it: NamedNode) -> tuple[tuple[Group, ...], bool]:
    """Return what links to a thing, by property, and whether there is more than is shown."""
    if site.is_publication:
        rows = list(site.store.select("links", iri=it, said=NamedNode(site.said)))
    else:
        rows = list(site.store.select("links-of-dataset", iri=it))
    gathered: dict[str, dict[Term, _Gathered]] = {}
    pairs = set()
    most = min(site.settings.limits.inverse_links, _MOST_LINKS)
    for row in rows:
        pairs.add((row["subject"], row["property"]))
        if len(pairs) > most:
            break
        one = gathered.setdefault(_iri(row["property"]), {}).setdefault(row["subject"], _Gathered())
        if (label := row.get("label")) is not None and isinstance(label, Literal):
            one.labels.append(label)
    groups = [_read_backwards(site, _group(site, iri, values)) for iri, values in gathered.items()]
    groups.sort(key=lambda group: group.label.lower())
    return tuple(groups), len(pairs) > most


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
