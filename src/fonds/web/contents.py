"""What is in a dataset, as its description in VoID and DCAT says: classes, properties, vocabularies, parts, downloads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from fonds.addresses import dataset_iri
from fonds.identifiers import NS
from fonds.naming import preferred
from fonds.release.folder import DATASET, GRAPHS
from fonds.release.made import Made
from fonds.translations import gettext, marked
from fonds.views.graph import Known, Node, known
from fonds.vocabulary import DCAT, DCTERMS, NAMESPACES, RDFS, VOID
from fonds.web.properties import is_explained
from fonds.web.site import Site
from fonds.web.statements import members_of
from fonds.web.values import Value, external
from fonds.web.wording import licence_name, size_in_words

MOST_ROWS = 20
"""Classes, and properties, that the page lists; its Turtle has them all."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The catalogue of a release.

    Attributes:
        triples: All of it.
        known: The same, looked at from both ends.
        dataset: What it is about.
    """

    triples: Sequence[Triple]
    known: Known
    dataset: NamedNode


@dataclass(frozen=True, slots=True)
class Row:
    """A class or a property, and how much there is of it.

    Attributes:
        iri: What it is.
        label: What it is called.
        href: Where its things are listed, or it is explained, relative to the root; empty where it is not explained here.
        number: Things of the class, or statements with the property.
        query: Address of the query that counts them, relative to the root.
    """

    iri: str
    label: str
    href: str
    number: int
    query: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the dataset with rights of its own.

    Attributes:
        title: What it holds.
        triples: How many; None where it is not said.
        rights: Licences or statements.
    """

    title: str
    triples: int | None
    rights: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Dump:
    """A file with all of it, or with a part.

    Attributes:
        name: Of the file.
        href: Relative to the root.
        title: What it holds; empty where the catalogue does not list it.
        media_type: Of what is in it.
        size: In words.
        sha256: 64 hexadecimal digits.
        language: Of the title, where that is not the language of the page whatever it is; else empty.
    """

    name: str
    href: str
    title: str
    media_type: str
    size: str
    sha256: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Loss:
    """How often words are not there for one cause.

    Attributes:
        cause: What it is called.
        number: How often.
        query: Address of the query that lists them, relative to the root.
    """

    cause: str
    number: int
    query: str


def losses(site: Site, made: Made | None) -> list[Loss]:
    """Return which words are not there, by cause, the most frequent first."""
    return [
        Loss(site.terms.label(f"{NS}{cause}"), number, f"sparql?query={quote(_LIST_LOSSES.format(cause))}")
        for cause, number in (made.gaps if made else {}).items()
    ]


_LIST_LOSSES = "SELECT ?lacuna ?label WHERE {{ ?lacuna fv:lacuna_cause fv:{} ; rdfs:label ?label }}"
"""Shown to people, who may run it: in the braces stands a term of the program's own ontology."""


def read_facts(site: Site) -> Facts:
    """Return what the catalogue of a release says."""
    source = site.release.catalogue.read_bytes()
    triples = [each.triple for each in parse(source, format=RdfFormat.TURTLE)]
    return Facts(triples, known(triples, site.settings.languages), NamedNode(f"{site.base}dataset#dataset"))


def classes_in(site: Site, facts: Facts) -> list[Row]:
    """Return the classes of the dataset, the largest first; where its default graph has none, those of its named graphs."""
    about = (VOID.classPartition, VOID["class"], VOID.entities)
    return _largest(site, facts, about, (_COUNT_THINGS, _COUNT_NAMED_THINGS), members_of)


def properties_in(site: Site, facts: Facts) -> list[Row]:
    """Return the properties of the dataset in the same way, those that are used most first."""
    about = (VOID.propertyPartition, VOID.property, VOID.triples)
    queries = (_COUNT_STATEMENTS, _COUNT_NAMED_STATEMENTS)
    return _largest(site, facts, about, queries, partial(_explained, site))


_COUNT_THINGS = "SELECT (COUNT(DISTINCT ?thing) AS ?things) WHERE {{ ?thing a {} }}"
_COUNT_STATEMENTS = "SELECT (COUNT(*) AS ?statements) WHERE {{ ?thing {} ?value }}"
_COUNT_NAMED_THINGS = "SELECT (COUNT(DISTINCT ?thing) AS ?things) WHERE {{ GRAPH ?graph {{ ?thing a {} }} }}"
_COUNT_NAMED_STATEMENTS = "SELECT (COUNT(*) AS ?statements) WHERE {{ GRAPH ?graph {{ ?thing {} ?value }} }}"
"""Shown to people, who may run them: what stands in braces is an IRI as SPARQL writes it."""


_About = tuple[NamedNode, NamedNode, NamedNode]
"""Properties of VoID: that lead to a partition, to what it is of, and to how much there is in it."""


def _largest(
    site: Site, facts: Facts, about: _About, queries: tuple[str, str], address: Callable[[str], str]
) -> list[Row]:
    """Return the partitions of the default graph, or where it has none of the named graphs, the largest first.

    Args:
        site: Where they are shown.
        facts: The catalogue.
        about: Which partitions.
        queries: What counts them in the default graph, and in the named graphs.
        address: Gives the address of what a partition is of.
    """
    found, query = _partitions(facts, facts.dataset, about), queries[0]
    if not found:
        found, query = _partitions(facts, dataset_iri(site.base, "data"), about), queries[1]
    rows = [
        Row(
            it.value,
            site.terms.label(it.value),
            address(it.value),
            number,
            f"sparql?query={quote(query.format(it))}",
        )
        for it, number in found
    ]
    return sorted(rows, key=lambda each: (-each.number, each.iri))


def _partitions(facts: Facts, of: Node, about: _About) -> list[tuple[NamedNode, int]]:
    partition, term, number = about
    found = (
        (next(facts.known.things(part, term), None), facts.known.text(part, number))
        for part in facts.known.things(of, partition)
    )
    return [(it, int(count)) for it, count in found if isinstance(it, NamedNode) and count]


def properties_by_class(facts: Facts) -> dict[str, list[str]]:
    """Return which properties the things of each class have, by IRI, those that are stated most first; as far as it was counted."""
    found: dict[str, list[str]] = {}
    for part in facts.known.things(facts.dataset, VOID.classPartition):
        about = (VOID.propertyPartition, VOID.property, VOID.triples)
        of = next(facts.known.things(part, VOID["class"]), None)
        if isinstance(part, NamedNode) and isinstance(of, NamedNode):
            rows = sorted(_partitions(facts, part, about), key=lambda it: (-it[1], it[0].value))
            found[of.value] = [it.value for it, _ in rows]
    return found


def _explained(site: Site, iri: str) -> str:
    """Return where a property is explained, relative to the root; nothing where the data say nothing of it."""
    return site.addresses.of_iri(iri) if is_explained(site, iri) else ""


def vocabularies(facts: Facts) -> list[tuple[str, str]]:
    """Return the vocabularies that the dataset uses: namespace, and the prefix by which it is known or nothing."""
    prefixes = {each.iri: each.prefix for each in NAMESPACES}
    found = (each.value for each in facts.known.things(facts.dataset, VOID.vocabulary))
    return [(each, prefixes.get(each, "")) for each in sorted(found)]


def parts_of(site: Site, facts: Facts) -> list[Part]:
    """Return the parts that the description names, with their rights."""
    look = facts.known
    inside = [
        each
        for each in look.things(facts.dataset, VOID.subset)
        if not any(look.things(each, VOID.linkPredicate))
    ]
    beside = [each.subject for each in facts.triples if each.predicate == VOID.properties]
    nodes = (each for each in dict.fromkeys((*inside, *beside)) if isinstance(each, NamedNode))
    return [_part(site, look, each) for each in nodes if each != facts.dataset]


def _part(site: Site, look: Known, part: NamedNode) -> Part:
    title = preferred(_literals(look, part, DCTERMS.title), site.settings.languages)
    count = look.text(part, VOID.triples)
    rights = []
    for each in look.values(part, DCTERMS.license, DCTERMS.rights):
        if isinstance(each, NamedNode):
            words = preferred(_literals(look, each, RDFS.label), site.settings.languages)
            rights.append(
                Value(words.value, language=words.language)
                if words
                else Value(licence_name(each.value), external(each.value), external=True)
            )
        elif isinstance(each, Literal):
            rights.append(Value(each.value, language=each.language))
    return Part(title.value if title else str(part), int(count) if count else None, tuple(rights))


def _literals(look: Known, node: NamedNode, property_: NamedNode) -> list[Literal]:
    return [each for each in look.values(node, property_) if isinstance(each, Literal)]


_WHOLE = (DATASET, "public.nt.gz", "public.ttl.gz")
"""Dumps that come before those of a part."""
_BESIDE = {
    f"dumps/{GRAPHS}": marked("The named graphs: kind, number of triples, checksum"),
    "dumps/SHA256SUMS": marked("Checksums of these files"),
}


def dumps(site: Site, facts: Facts | None = None) -> list[Dump]:
    """Return the dumps of the release with sizes and checksums: the whole first, then parts, then lists of them."""
    told = _distributions(facts) if facts else {}
    found = [
        Dump(
            name.removeprefix("dumps/"),
            name,
            *told.get(f"{site.base}{name}", (gettext(_BESIDE[name]) if name in _BESIDE else "", "")),
            size_in_words(entry.size),
            entry.sha256,
            "en" if f"{site.base}{name}" in told else "",
        )
        for name, entry in sorted(site.release.manifest.files.items())
        if name.startswith("dumps/")
    ]
    return sorted(found, key=lambda each: (each.href in _BESIDE, each.name not in _WHOLE))


def _distributions(facts: Facts) -> dict[str, tuple[str, str]]:
    """Return title and media type of what can be downloaded, by address."""
    look = facts.known
    found = {}
    for each in look.things(facts.dataset, DCAT.distribution):
        address = next(look.things(each, DCAT.downloadURL), None)
        type_ = next(look.things(each, DCAT.mediaType), None)
        if address is not None:
            name = "/".join(type_.value.rsplit("/", 2)[-2:]) if type_ is not None else ""
            found[address.value] = ((look.text(each, DCTERMS.title) or "").partition(" (")[0], name)
    return found
