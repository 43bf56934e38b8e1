"""Counts what a release says that it holds: triples by property, things by class, links by where they lead.

The graphs of a build are read once, a line at a time; what has to be counted without repeats is sorted on disk, so that memory
does not grow with the data. The default graph, in which a triple of two graphs stands once, is counted in the store.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from pyoxigraph import DefaultGraph, NamedNode, QuerySolutions, Store, Triple, Variable

from fonds.lines import object_iri
from fonds.release.fragments import LineSorter
from fonds.release.targets import MATCHES, Target, host_of, target_of
from fonds.vocabulary import RDF, VOID

INFERRED = "inferred"
"""Stands for a kind of graph where triples are meant that follow from others."""

_HELD_BYTES = 32 * 1024 * 1024
_MOST_DISTINCT = 500_000
"""Triples of a property up to which its subjects and objects are counted without repeats: that takes memory for each."""
_MOST_DESCRIBED = 500
"""Properties, or classes, of a set of triples that are described one by one: data may have ever so many."""
_QUERIES_AT_ONCE = 2
"""Queries that are asked side by side: the engine lets go of the interpreter's lock."""
_MOST_PAIRS = 5_000
"""Pairs of a class and a property that are described: of the classes that are, the most frequent pairs."""
_MOST_LINKS = 200
"""Sets of links that are described: those to authority files first, then the largest."""

_TYPE = f"<{RDF.type.value}>".encode()
_BY_PROPERTY = "SELECT ?it (COUNT(*) AS ?n) WHERE { ?s ?it ?o } GROUP BY ?it"
_BY_CLASS = "SELECT ?it (COUNT(*) AS ?n) WHERE { ?s a ?it } GROUP BY ?it"
_BY_PAIR = (
    "SELECT ?class ?property (COUNT(*) AS ?n) WHERE { ?s a ?class ; ?property ?o } GROUP BY ?class ?property"
)
_DISTINCT = (
    "SELECT ?property (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?o) AS ?objects) "
    "WHERE { ?s ?property ?o } GROUP BY ?property"
)


class Property(NamedTuple):
    """How often a property is stated.

    Attributes:
        triples: In so many triples.
        subjects: Of so many different things; None where that was not counted.
        objects: With so many different values; None where that was not counted.
    """

    triples: int
    subjects: int | None = None
    objects: int | None = None


class Pair(NamedTuple):
    """A property of the things of a class.

    Attributes:
        class_: Its IRI.
        property: Its IRI.
    """

    class_: str
    property: str


class Paired(NamedTuple):
    """How often a property is stated of the things of a class.

    Attributes:
        triples: In so many triples.
        own: How many of them stood there before the census itself was stated: their number does not depend on it.
    """

    triples: int
    own: int


@dataclass(frozen=True, slots=True)
class Extent:
    """How much there is in a set of triples.

    Attributes:
        triples: For a kind of graph, of all its graphs together: a triple of two graphs counts twice.
        properties: By IRI.
        classes: How many different things are said to be of a class, by its IRI.
        subjects: Different subjects; None where that was not counted.
        entities: Different subjects under the base of the publication; None where that was not counted.
        pairs: Properties of the things of each class but ``rdf:type``, which all have; none where these were not counted.
    """

    triples: int
    properties: Mapping[str, Property]
    classes: Mapping[str, int]
    subjects: int | None = None
    entities: int | None = None
    pairs: Mapping[Pair, Paired] = field(default_factory=dict)


class Links(NamedTuple):
    """A set of links: how many different triples with a property lead to another data set."""

    property: str
    target: Target
    triples: int


@dataclass(frozen=True, slots=True)
class Census:
    """What was counted.

    Attributes:
        whole: The default graph.
        parts: By kind of graph, or :data:`INFERRED`. Of a dataset only its named graphs, if it has any.
        links: To other people's data, out of what is asserted in public.
    """

    whole: Extent
    parts: Mapping[str, Extent]
    links: Sequence[Links]


class Match(NamedTuple):
    """A statement that a thing of ours is the same as, or near to, one of other people's.

    Attributes:
        target: Where it leads; None where that is no data set that is known or that a host names.
        property: As N-Triples, like the other two.
        value: The other people's thing.
        subject: Ours.
    """

    target: Target | None
    property: bytes
    value: bytes
    subject: bytes


class Survey:
    """One pass over the graphs of a build, or over a part of them.

    Args:
        folder: Where working files are written; it exists.
        base: Under which the publication's own things stand.
        part: Which part of the graphs is looked at: no two have one number.
    """

    def __init__(self, folder: Path, base: str, part: int = 0) -> None:
        self.base = base
        self._matches = _sorter(folder, f"{part}-matches")
        self._subjects = _sorter(folder, f"{part}-subjects")
        self._instances = _sorter(folder, f"{part}-instances")
        self._properties: dict[str, Counter[bytes]] = {}

    def note(self, kind: str | None, lines: Sequence[bytes], *, public: bool) -> None:
        """Take lines of a graph, sorted.

        Args:
            kind: Under which they are counted; None for the default graph of a dataset, which is counted in the store.
            lines: N-Triples, or N-Quads of one graph.
            public: Whether they stand in the default graph.
        """
        terms = [line.split(b" ", 2) for line in lines]
        used = Counter([property_ for _, property_, _ in terms])
        mark = b"\0\n" if public else b"\1\n"
        self._subjects.extend([subject + mark for subject in dict.fromkeys([each[0] for each in terms])])
        if kind is not None:
            counted = self._properties.setdefault(kind, Counter())
            counted.update(used)
            if _TYPE in used:
                self._note_instances(kind, terms)
        if public and not MATCHES.isdisjoint(used):
            for (subject, property_, _), line in zip(terms, lines, strict=True):
                if property_ in MATCHES and (value := object_iri(line)):
                    self._note_match(subject, property_, value)

    def _note_instances(self, kind: str, terms: Iterable[Sequence[bytes]]) -> None:
        head = kind.encode()
        self._instances.extend(
            [
                b"%b\0%b\0%b\n" % (head, rest[: rest.index(b" ")], subject)
                for subject, property_, rest in terms
                if property_ == _TYPE and rest.startswith(b"<")
            ]
        )

    def _note_match(self, subject: bytes, property_: bytes, value: bytes) -> None:
        iri = _iri(value)
        # A link within one host leads nowhere else.
        if not iri.startswith(self.base) and (host_of(iri) != host_of(_iri(subject)) or not host_of(iri)):
            target = target_of(iri)
            name = "\0".join(target).encode() if target else b"\0\0"
            self._matches.extend((b"%s\0%s\0%s\0%s\n" % (name, property_, value, subject),))

    def matches(self) -> Iterator[Match]:
        """Yield the different matches of public graphs: by target, property, value and subject."""
        for line in self._matches:
            name, title, space, property_, value, subject = line[:-1].split(b"\0")
            target = Target(name.decode(), title.decode(), space.decode()) if space else None
            yield Match(target, property_, value, subject)

    def subjects(self, *, public: bool) -> Iterator[bytes]:
        """Yield the different subjects as ``<…>``, in the order of their bytes: all, or those of the default graph."""
        for subject, marked in groupby(self._subjects, key=lambda line: line[:-2]):
            if not public or next(iter(marked)).endswith(b"\0\n"):
                yield subject

    def parts(self) -> dict[str, Extent]:
        """Return how much there is of each kind of graph."""
        classes: dict[str, dict[str, int]] = {kind: {} for kind in self._properties}
        for head, instances in groupby(self._instances, key=lambda line: line[: line.rindex(b"\0")]):
            kind, _, class_ = head.partition(b"\0")
            classes[kind.decode()][_iri(class_)] = sum(1 for _ in instances)
        return {
            kind: Extent(
                counted.total(),
                {_iri(each): Property(number) for each, number in counted.items()},
                classes[kind],
            )
            for kind, counted in self._properties.items()
        }

    def take(self, other: Survey) -> None:
        """Take what another survey found in other graphs; it is used no more."""
        self._matches.take(other._matches)
        self._subjects.take(other._subjects)
        self._instances.take(other._instances)
        for kind, counted in other._properties.items():
            self._properties.setdefault(kind, Counter()).update(counted)

    def write_out(self) -> None:
        """Put everything on the disk that grows with the data; then another process can be given this survey."""
        for each in (self._matches, self._subjects, self._instances):
            each.write_out()

    def clear(self) -> None:
        """Let go of memory and disk."""
        for each in (self._matches, self._subjects, self._instances):
            each.clear()


def _sorter(folder: Path, name: str) -> LineSorter:
    own = folder / f"survey-{name}"
    own.mkdir(exist_ok=True)
    return LineSorter(own, _HELD_BYTES)


def _iri(term: bytes) -> str:
    return term[1:-1].decode()


# ------------------------------------------------------------------------------------------------ the whole


def take_census(store: Store, survey: Survey) -> Census:
    """Return what was counted in the store and in the graphs.

    Args:
        store: Holds the default graph as it will be published, but for the description of the dataset.
        survey: Has read the same graphs.
    """
    with ThreadPoolExecutor(_QUERIES_AT_ONCE) as threads:
        pairs = threads.submit(_pairs, store)
        classes = threads.submit(_numbers, store, _BY_CLASS)
        properties = _numbers(store, _BY_PROPERTY)
        asked = frozenset(most(properties))
        counted = {
            iri: threads.submit(_property, store, iri, number, asked) for iri, number in properties.items()
        }
        subjects, entities = _things(survey)
        whole = Extent(
            sum(properties.values()),
            {iri: each.result() for iri, each in counted.items()},
            classes.result(),
            subjects,
            entities,
            pairs.result(),
        )
    return Census(whole, survey.parts(), _links(survey))


def _things(survey: Survey) -> tuple[int, int]:
    """Return how many different subjects the default graph has, and how many of them are the publication's own."""
    ours = f"<{survey.base}".encode()
    subjects = entities = 0
    for subject in survey.subjects(public=True):
        subjects += 1
        entities += subject.startswith(ours)
    return subjects, entities


def most(counts: Mapping[str, int]) -> list[str]:
    """Return the most frequent of what was counted, the most frequent first: as many as are described one by one."""
    return heapq.nsmallest(_MOST_DESCRIBED, counts, key=lambda iri: (-counts[iri], iri))


def _numbers(store: Store, query: str) -> dict[str, int]:
    rows = store.query(query)
    assert isinstance(rows, QuerySolutions)
    return {row["it"].value: int(row["n"].value) for row in rows if isinstance(row["it"], NamedNode)}


def most_pairs(extent: Extent) -> list[Pair]:
    """Return the pairs that are described, the most frequent of the most frequent class first.

    Those come before all others that only the description of the dataset itself has: so which pairs there are depends on no count
    that changes with them.
    """
    place = {iri: number for number, iri in enumerate(most(extent.classes))}
    known = ((pair, each.own) for pair, each in extent.pairs.items() if pair.class_ in place)
    chosen = heapq.nsmallest(_MOST_PAIRS, known, key=lambda it: (it[1] > 0, -it[1], it[0]))
    return sorted(
        (pair for pair, _ in chosen),
        key=lambda it: (place[it.class_], -extent.pairs[it].triples, it.property),
    )


def _pairs(store: Store) -> dict[Pair, Paired]:
    rows = store.query(_BY_PAIR)
    assert isinstance(rows, QuerySolutions)
    found: dict[Pair, Paired] = {}
    for row in rows:
        class_, property_, number = row["class"], row["property"], int(row["n"].value)
        if isinstance(class_, NamedNode) and property_ != RDF.type:
            found[Pair(class_.value, property_.value)] = Paired(number, number)
    return found


def _property(store: Store, iri: str, triples: int, asked: frozenset[str]) -> Property:
    # The values of VoID's own properties are counts: with them in it, this count would never come to rest.
    if triples > _MOST_DISTINCT or iri not in asked or iri.startswith(VOID.iri):
        return Property(triples)
    rows = store.query(_DISTINCT, substitutions={Variable("property"): NamedNode(iri)})
    assert isinstance(rows, QuerySolutions)
    row = next(rows)
    return Property(triples, int(row["subjects"].value), int(row["objects"].value))


def _links(survey: Survey) -> list[Links]:
    """Return the sets of links, by property and target."""
    groups = groupby(survey.matches(), key=lambda it: (it.target, it.property))
    counted = (
        Links(_iri(property_), target, sum(1 for _ in matches))
        for (target, property_), matches in groups
        if target
    )
    return sorted(heapq.nsmallest(_MOST_LINKS, counted, key=lambda it: (not it.target.name, -it.triples)))


# ------------------------------------------------------------------------------------------------ with what states it


def settle(
    census: Census, store: Store, kind: str, base: str, state: Callable[[Census], frozenset[Triple]]
) -> tuple[Census, frozenset[Triple], int]:
    """Return the census with the triples that state it, these triples, and how many of them no other graph asserts.

    Which triples there are does not depend on the values of the counts, so a few rounds settle them.

    Args:
        census: Without them.
        store: Without them.
        kind: Of the graph that they will stand in.
        base: Under which the publication's own things stand.
        state: Gives the triples that state a census.
    """
    counted, triples = census, state(census)
    # The triples of one round are nearly those of the next, and the store does not change meanwhile.
    stands, things = cache(partial(_stands, store)), cache(partial(_thing, store))
    while True:
        counted, new = _with(census, stands, kind, base, triples)
        counted = replace(counted, whole=replace(counted.whole, pairs=_more_pairs(census, things, triples)))
        again = state(counted)
        if again == triples:
            return counted, triples, new
        triples = again


def _with(
    census: Census, stands: Callable[..., bool], kind: str, base: str, triples: frozenset[Triple]
) -> tuple[Census, int]:
    new = [each for each in triples if not stands(each.subject, each.predicate, each.object)]
    added = Counter(each.predicate.value for each in new)
    subjects = {(each.predicate, each.subject) for each in new}
    objects = {(each.predicate, each.object) for each in new}
    more_subjects = Counter(p.value for p, s in subjects if not stands(s, p, None))
    more_objects = Counter(p.value for p, o in objects if not stands(None, p, o))
    things = {each.subject for each in new}
    things = {each for each in things if not stands(each, None, None)}
    whole = census.whole
    properties = {
        iri: _more(whole.properties.get(iri), iri, added[iri], more_subjects[iri], more_objects[iri])
        for iri in {*whole.properties, *added}
    }
    whole = replace(
        whole,
        triples=whole.triples + len(new),
        properties=properties,
        classes=_sum(whole.classes, _classes(new)),
        subjects=(whole.subjects or 0) + len(things),
        entities=(whole.entities or 0) + sum(getattr(each, "value", "").startswith(base) for each in things),
    )
    own = Counter(each.predicate.value for each in triples)
    part = Extent(len(triples), {iri: Property(number) for iri, number in own.items()}, _classes(triples))
    return replace(census, whole=whole, parts={**census.parts, kind: part}), len(new)


def _stands(store: Store, subject: object, predicate: object, value: object) -> bool:
    pattern = store.quads_for_pattern(subject, predicate, value, DefaultGraph())  # type: ignore[arg-type]
    return next(pattern, None) is not None


def _more_pairs(
    census: Census, thing: Callable[..., frozenset[Triple]], triples: Iterable[Triple]
) -> dict[Pair, Paired]:
    """Return the pairs with those of further triples."""
    by_subject: dict[object, set[Triple]] = {}
    for each in triples:
        by_subject.setdefault(each.subject, set()).add(each)
    more: Counter[Pair] = Counter()
    for subject, added in by_subject.items():
        before = thing(subject)
        more.update(_pairs_of(before | added))
        more.subtract(_pairs_of(before))
    pairs = dict(census.whole.pairs)
    for pair, number in more.items():
        if number:
            known = pairs.get(pair, Paired(0, 0))
            pairs[pair] = known._replace(triples=known.triples + number)
    return pairs


def _pairs_of(thing: Iterable[Triple]) -> Counter[Pair]:
    """Return how often each pair occurs in the triples of one thing."""
    used = Counter(each.predicate.value for each in thing if each.predicate != RDF.type)
    return Counter(
        {Pair(class_, property_): number for class_ in _classes(thing) for property_, number in used.items()}
    )


def _thing(store: Store, subject: object) -> frozenset[Triple]:
    found = store.quads_for_pattern(subject, None, None, DefaultGraph())  # type: ignore[arg-type]
    return frozenset(quad.triple for quad in found)


def _more(known: Property | None, iri: str, triples: int, subjects: int, objects: int) -> Property:
    if known is None:
        known = Property(0) if iri.startswith(VOID.iri) else Property(0, 0, 0)
    if known.subjects is None or known.objects is None:
        return Property(known.triples + triples)
    return Property(known.triples + triples, known.subjects + subjects, known.objects + objects)


def _classes(triples: Iterable[Triple]) -> dict[str, int]:
    return dict(
        Counter(
            each.object.value
            for each in triples
            if each.predicate == RDF.type and isinstance(each.object, NamedNode)
        )
    )


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in {*one, *other}}
