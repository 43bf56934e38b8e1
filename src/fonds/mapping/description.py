"""What a record, an authority or a vocabulary becomes: a subject and its named graphs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from pyoxigraph import NamedNode, Triple


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


@dataclass(frozen=True, slots=True)
class NamedGraph:
    """The triples of one named graph.

    Attributes:
        name: Its IRI.
        kind: Whose words it holds.
        triples: In any order, repeats allowed.
    """

    name: NamedNode
    kind: GraphKind
    triples: tuple[Triple, ...]

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
        self._triples: dict[Triple, None] = {}

    def add(self, subject: NamedNode, *facts: tuple[NamedNode, object]) -> None:
        """State facts about a subject: pairs of a predicate and one object, a list of objects, or None for nothing."""
        for predicate, objects in facts:
            if objects is None:
                continue
            if isinstance(objects, (list, tuple)):
                for each in objects:
                    self._triples[Triple(subject, predicate, each)] = None
            else:
                self._triples[Triple(subject, predicate, objects)] = None  # type: ignore[arg-type]

    def __len__(self) -> int:
        return len(self._triples)

    def graph(self) -> NamedGraph:
        """Return the graph as it stands."""
        return NamedGraph(self.name, self.kind, tuple(self._triples))
