"""What is stated of things, read from their descriptions, with the marks of the graphs that say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from fonds.naming import preferred
from fonds.ordering import natural
from fonds.store import Term
from fonds.web.site import Site
from fonds.web.statements import About
from fonds.web.values import Value, show

_MOST_OF_ONE = 50

Facts = Mapping[str, Sequence[tuple[Term | Triple, NamedNode | None]]]
"""What is stated of a thing: values by property, each with the graph that says it."""


def facts_of(own: Iterable[bytes]) -> Facts:
    """Return what lines of N-Quads about one thing state."""
    found: dict[str, list[tuple[Term | Triple, NamedNode | None]]] = {}
    for quad in parse(b"".join(own), format=RdfFormat.N_QUADS):
        graph = quad.graph_name if isinstance(quad.graph_name, NamedNode) else None
        found.setdefault(quad.predicate.value, []).append((quad.object, graph))
    return found


def facts_about(site: Site, iri: str) -> Facts:
    """Return what is stated of a thing."""
    return facts_of(site.descriptions.lines_of(iri)[0])


def things(facts: Facts, property_: NamedNode) -> list[NamedNode]:
    """Return the values of a property that are things, each once."""
    found = (value for value, _ in facts.get(property_.value, ()) if isinstance(value, NamedNode))
    return list(dict.fromkeys(found))[:_MOST_OF_ONE]


def literals(facts: Facts, property_: NamedNode) -> list[Literal]:
    """Return the values of a property that are literals, each once."""
    found = (value for value, _ in facts.get(property_.value, ()) if isinstance(value, Literal))
    return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Reader:
    """Reads what is stated of things, and marks each value with the graphs that say it.

    Attributes:
        site: Where it is stated.
        about: The thing of the page, whose marks are used.
    """

    site: Site
    about: About

    @cached_property
    def marks(self) -> Mapping[str, int]:
        """The marks of the graphs that the page lists."""
        return {source.iri: source.mark for source in self.about.sources}

    def facts(self, iri: str) -> Facts:
        """Return what is stated of a thing."""
        return facts_about(self.site, iri)

    def values(self, facts: Facts, property_: NamedNode) -> tuple[Value, ...]:
        """Return the values of a property, each once, in the order of their labels, with marks of their graphs."""
        return tuple(value for _, value in self.shown(facts, property_))

    def shown(self, facts: Facts, property_: NamedNode) -> list[tuple[Term | Triple, Value]]:
        """Return the same, each behind what it shows."""
        graphs: dict[Term | Triple, set[int]] = {}
        for value, graph in facts.get(property_.value, ()):
            marks = graphs.setdefault(value, set())
            if graph is not None and graph.value in self.marks:
                marks.add(self.marks[graph.value])
        shown = [(value, show(self.site, value, tuple(sorted(marks)))) for value, marks in graphs.items()]
        return sorted(shown, key=lambda each: natural(each[1].text))[:_MOST_OF_ONE]

    def words(self, facts: Facts, property_: NamedNode) -> str:
        """Return the words of a property in the language that is preferred; empty where there are none."""
        found = preferred(literals(facts, property_), self.site.settings.languages)
        return found.value if found else ""

    def language(self, facts: Facts, property_: NamedNode) -> str | None:
        """Return the language of these words, None where they have none."""
        found = preferred(literals(facts, property_), self.site.settings.languages)
        return found.language if found else None
