"""A few triples, looked at from both ends: what the views read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from fonds.identifiers import IriSpace
from fonds.store import Solution, Store
from fonds.vocabulary import RDF, RDFS, SKOS

Node = NamedNode | BlankNode
Value = NamedNode | BlankNode | Literal


@dataclass(frozen=True, slots=True)
class Known:
    """Triples by subject and property, and by property and object; values in the order of their IRIs or words.

    Attributes:
        languages: In which languages labels are wanted, the most wanted first.
    """

    forward: Mapping[tuple[Node, NamedNode], Sequence[Value]]
    backward: Mapping[tuple[NamedNode, Node], Sequence[Node]]
    languages: Sequence[str] = ("en",)

    def values(self, node: Node | None, *properties: NamedNode) -> Iterator[Value]:
        """Yield the values of these properties, one property after the other."""
        if node is not None:
            for each in properties:
                yield from self.forward.get((node, each), ())

    def things(self, node: Node | None, *properties: NamedNode) -> Iterator[Node]:
        """Yield the values that are no literals."""
        return (value for value in self.values(node, *properties) if not isinstance(value, Literal))

    def words(self, node: Node | None, *properties: NamedNode) -> Iterator[str]:
        """Yield the texts of the values that are literals."""
        return (value.value for value in self.values(node, *properties) if isinstance(value, Literal))

    def subjects(self, property_: NamedNode, node: Node) -> Sequence[Node]:
        """Return the things that have this one as a value."""
        return self.backward.get((property_, node), ())

    def is_a(self, node: Node, *classes: NamedNode) -> bool:
        """Tell whether a thing is of one of these classes."""
        return any(each in classes for each in self.forward.get((node, RDF.type), ()))

    def label(self, node: Node) -> str | None:
        """Return what a thing is called, in the most wanted language, or without one, or in any; None without a label."""
        return self.text(node, RDFS.label, SKOS.prefLabel)

    def text(self, node: Node | None, *properties: NamedNode) -> str | None:
        """Return one text of these properties, in the most wanted language, or without one, or in any; None without one."""
        wanted = [*self.languages, None]

        def rank(text: Literal) -> int:
            return wanted.index(text.language) if text.language in wanted else len(wanted)

        texts = [value for value in self.values(node, *properties) if isinstance(value, Literal)]
        return min(texts, key=rank).value if texts else None


def known(triples: Iterable[Triple], languages: Sequence[str] = ("en",)) -> Known:
    """Return triples as the views read them; repeats count once, statements about statements are left out."""
    forward: dict[tuple[Node, NamedNode], list[Value]] = {}
    backward: dict[tuple[NamedNode, Node], list[Node]] = {}
    for triple in dict.fromkeys(triples):
        subject, property_, object_ = triple.subject, triple.predicate, triple.object
        if isinstance(object_, Triple) or not isinstance(subject, NamedNode | BlankNode):
            continue
        forward.setdefault((subject, property_), []).append(object_)
        if not isinstance(object_, Literal):
            backward.setdefault((property_, object_), []).append(subject)
    for values in forward.values():
        if len(values) > 1:
            values.sort(key=str)
    for subjects in backward.values():
        if len(subjects) > 1:
            subjects.sort(key=str)
    return Known(forward, backward, languages)


def record_triples(store: Store, key: str, iris: IriSpace) -> list[Triple]:
    """Return what the views of a record are made from, by one query (``store/rq/views.rq``).

    Args:
        store: Where the release's graphs are.
        key: The record's key.
        iris: The publication's identifiers.

    Raises:
        StoreError: The store cannot be asked.
    """
    rows = store.select(
        "views",
        graph=iris.graph("record", key),
        text=iris.graph("record", key, "text"),
    )
    return triples_of(rows)


def triples_of(rows: Iterable[Solution]) -> list[Triple]:
    """Return the triples that a query of ours found as ``subject``, ``property`` and ``value``."""
    return [_triple(row) for row in rows]


def _triple(row: Solution) -> Triple:
    subject, property_, value = row["subject"], row["property"], row["value"]
    assert isinstance(subject, NamedNode | BlankNode)
    assert isinstance(property_, NamedNode)
    return Triple(subject, property_, value)
