"""What a record, an authority or a vocabulary becomes: a subject and its named graphs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

from pyoxigraph import Literal, NamedNode, Triple

Fact: TypeAlias = tuple[NamedNode, NamedNode, NamedNode | Literal] | Triple
"""Subject, predicate and object. The engine's own triples take ten times as long to make, and copy a term whenever it is read."""


class GraphKind(StrEnum):
    """Whose words a graph holds; it decides where its triples go and who may license them."""

    RECORD = "record"  # what the document says of itself, what its author narrates
    TEXT = "text"  # quoted words, with their own rights
    STATEMENTS = "statements"  # that somebody is reported to have said something
    SAID = "said"  # what they said, formalised: never public view
    AUTHORITY = "authority"  # names, matches and background, each with its source
    MERGED = "merged"  # what a list says of a thing under an identifier that was given up for the thing's own
    CURATION = "curation"  # our own inferences and codings
    VOCABULARY = "vocabulary"  # terms
    PROVENANCE = "provenance"  # where graphs come from
    REGISTER = "register"  # identifiers that were given up, and what took their place
    META = "meta"  # what the dataset is (VoID)
    DATA = "data"  # any RDF that was published as it came


@dataclass(frozen=True)
class NamedGraph:
    """The triples of one named graph.

    Attributes:
        name: Its IRI.
        kind: Whose words it holds.
        facts: Its triples in any order, repeats allowed.
    """

    name: NamedNode
    kind: GraphKind
    facts: tuple[Fact, ...]

    @property
    def triples(self) -> tuple[Triple, ...]:
        """Its facts as triples of the engine."""
        return tuple(each if isinstance(each, Triple) else Triple(*each) for each in self.facts)

    @cached_property
    def lines(self) -> list[bytes]:
        """Its facts as lines of canonical N-Triples, sorted by their bytes, without repeats; written once, for all who need them."""
        return lines_of(self.facts)

    @property
    def public(self) -> bool:
        """Whether its triples stand in the default graph as well (DESIGN: the public view)."""
        return self.kind is not GraphKind.SAID

    @property
    def derived(self) -> bool:
        """Whether it follows from the others and is left out of the digest."""
        return self.kind in (GraphKind.PROVENANCE, GraphKind.META)


@dataclass(frozen=True, slots=True)
class Description:
    """A subject and the graphs that are about it.

    Attributes:
        subject: The thing that is described.
        graphs: Its graphs; no two have one name.
    """

    subject: NamedNode
    graphs: tuple[NamedGraph, ...] = field(default=())


class GraphBuilder:
    """Collects the triples of one named graph, so that mapping code reads as a list of facts."""

    def __init__(self, name: NamedNode, kind: GraphKind) -> None:
        self.name = name
        self.kind = kind
        self._facts: list[Fact] = []

    def add(self, subject: NamedNode, *facts: tuple[NamedNode, object]) -> None:
        """State facts about a subject: pairs of a predicate and one object, a list of objects, or None for nothing."""
        for predicate, objects in facts:
            if objects is None:
                continue
            if isinstance(objects, (list, tuple)):
                self._facts.extend((subject, predicate, each) for each in objects)
            else:
                self._facts.append((subject, predicate, objects))  # type: ignore[arg-type]

    def __len__(self) -> int:
        return len(self._facts)

    def graph(self) -> NamedGraph:
        """Return the graph as it stands."""
        return NamedGraph(self.name, self.kind, tuple(self._facts))


def lines_of(facts: Iterable[Fact]) -> list[bytes]:
    """Return facts as lines of canonical N-Triples, sorted by their bytes, without repeats."""
    return sorted(set(_written(facts)))


def _written(facts: Iterable[Fact]) -> Iterator[bytes]:
    last, start = None, ""
    for subject, predicate, object_ in facts:
        if subject is not last:  # facts of one thing mostly stand together
            last, start = subject, str(subject)
        yield f"{start} <{predicate.value}> {_object(object_)} .\n".encode()


def _object(term: object) -> str:
    if isinstance(term, NamedNode):
        return f"<{term.value}>"
    return f"<<( {term} )>>" if isinstance(term, Triple) else str(term)
