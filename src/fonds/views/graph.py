"""Statements, looked at from both ends: what the views read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from fonds.vocabulary import RDF, RDFS, SKOS

Node = NamedNode | BlankNode
Value = NamedNode | BlankNode | Literal

Properties = Mapping[str, Sequence[str]]
"""Of one thing: the values of each property, or what has it as a value; all terms as N-Triples writes them."""

_NOTHING: Properties = {}


def nothing(_: str) -> Properties:
    """Return no statements, whatever they would be about."""
    return _NOTHING


@dataclass(frozen=True, slots=True)
class Follows:
    """What follows from one statement alone, as far as a publication writes it.

    Attributes:
        ahead: By property, those narrower than it: with one of them, it holds too.
        back: By property, those that hold the other way round: what has it as a value of one of them is a value of it.
        broader: By class, those that it is narrower than, itself included.
    """

    ahead: Mapping[str, frozenset[str]] = field(default_factory=dict)
    back: Mapping[str, frozenset[str]] = field(default_factory=dict)
    broader: Callable[[str], frozenset[str]] = lambda class_: frozenset((class_,))


class Statements:
    """Statements by subject and by property; statements about statements are left out."""

    def __init__(self) -> None:
        self.about: dict[str, dict[str, list[str]]] = {}
        self._ends: dict[str, list[tuple[str, str]]] = {}
        self._pointing: dict[str, dict[str, list[str]]] = {}

    def add(self, subject: str, property_: str, value: str) -> None:
        """Take a statement."""
        if value[:2] != "<<":
            self.about.setdefault(subject, {}).setdefault(property_, []).append(value)
            if value[0] != '"':
                self.point(subject, property_, value)

    def point(self, subject: str, property_: str, thing: str) -> None:
        """Take a statement that is looked at from its value only."""
        self._ends.setdefault(property_, []).append((thing, subject))

    def pointing(self, property_: str) -> Mapping[str, Sequence[str]]:
        """Return, for each thing that is a value of a property, what it is a value of."""
        known = self._pointing.get(property_)
        if known is None:
            # Most properties are never looked at from their values.
            known = {}
            for thing, subject in self._ends.get(property_, ()):
                known.setdefault(thing, []).append(subject)
            self._pointing[property_] = known
        return known


@dataclass(frozen=True, slots=True)
class Beyond:
    """What is stated elsewhere, looked up thing by thing.

    Attributes:
        about: What is stated about a thing.
        pointing: What points to it.
        properties: Of which properties it is looked up; None: of all.
        parts: What the names of things begin with of which nothing is looked up where something is stated here.
    """

    about: Callable[[str], Properties] = nothing
    pointing: Callable[[str], Properties] = nothing
    properties: frozenset[str] | None = frozenset()
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """Statements, looked at from both ends; values in the order of their IRIs or words.

    Attributes:
        here: The statements.
        languages: In which languages labels are wanted, the most wanted first.
        beyond: What is stated of things elsewhere.
        follows: What follows from what is stated.
    """

    here: Statements
    languages: Sequence[str] = ("en",)
    beyond: Beyond = field(default_factory=Beyond)
    follows: Follows = field(default_factory=Follows)

    def written(self, subject: str, property_: str) -> Sequence[str]:
        """Return the values of a property; all terms as N-Triples writes them."""
        here, beyond, follows = self.here.about.get(subject), self.beyond, self.follows
        sources: list[Properties] = [] if here is None else [here]
        wanted = beyond.properties is None or property_ in beyond.properties
        if wanted and (here is None or not subject.startswith(beyond.parts)):
            sources.append(beyond.about(subject))
        found = [value for each in sources if property_ in each for value in each[property_]]
        if property_ in follows.ahead:
            narrower = follows.ahead[property_]
            found += [value for each in sources for name in narrower & each.keys() for value in each[name]]
        if property_ in follows.back:
            inverse = follows.back[property_]
            found += [each for name in inverse for each in self.here.pointing(name).get(subject, ())]
        return sorted(set(found)) if len(found) > 1 else found

    def values(self, node: Node | None, *properties: NamedNode) -> Iterator[Value]:
        """Yield the values of these properties, one property after the other."""
        return map(term, () if node is None else self._all(node, properties))

    def _all(self, node: Node, properties: Sequence[NamedNode]) -> Sequence[str]:
        subject = str(node)
        if len(properties) == 1:
            return self.written(subject, str(properties[0]))
        return [value for each in properties for value in self.written(subject, str(each))]

    def things(self, node: Node | None, *properties: NamedNode) -> Iterator[Node]:
        """Yield the values that are no literals."""
        return iter(() if node is None else _things(self._all(node, properties)))

    def literals(self, node: Node | None, *properties: NamedNode) -> list[Literal]:
        """Return the values that are literals."""
        found = () if node is None else self._all(node, properties)
        return [literal for each in found if isinstance(literal := term(each), Literal)] if found else []

    def words(self, node: Node | None, *properties: NamedNode) -> Iterator[str]:
        """Yield the texts of the values that are literals."""
        return (value.value for value in self.literals(node, *properties))

    def subjects(self, property_: NamedNode, node: Node) -> Sequence[Node]:
        """Return the things of which it is stated that they have this one as a value."""
        thing, name = str(node), str(property_)
        found = self.here.pointing(name).get(thing, ())
        if thing not in self.here.about or not thing.startswith(self.beyond.parts):
            found = (*found, *self.beyond.pointing(thing).get(name, ()))
        return _things(sorted(set(found)))

    def of_type(self, class_: NamedNode) -> Sequence[Node]:
        """Return the things among these statements that are stated to be of a class."""
        return _things(dict.fromkeys(self.here.pointing(_TYPE).get(str(class_), ())))

    def having(self, property_: NamedNode) -> Sequence[Node]:
        """Return the things of which these statements give a value of a property."""
        name = str(property_)
        return _things(subject for subject, stated in self.here.about.items() if name in stated)

    def at(self, start: Node, *path: NamedNode) -> list[Node]:
        """Return what a path of properties leads to, each once."""
        found = [start]
        for property_ in path:
            if found:
                found = list(dict.fromkeys(each for node in found for each in self.things(node, property_)))
        return found

    def is_a(self, node: Node, *classes: NamedNode) -> bool:
        """Tell whether a thing is of one of these classes."""
        broader, wanted = self.follows.broader, {str(each) for each in classes}
        return any(not wanted.isdisjoint(broader(each)) for each in self.written(str(node), _TYPE))

    def label(self, node: Node) -> str | None:
        """Return what a thing is called, in the most wanted language, or without one, or in any; None without a label."""
        return self.text(node, RDFS.label, SKOS.prefLabel)

    def text(self, node: Node | None, *properties: NamedNode) -> str | None:
        """Return one text of these properties, in the most wanted language, or without one, or in any; None without one."""
        wanted = [*self.languages, None]

        def rank(text: Literal) -> int:
            return wanted.index(text.language) if text.language in wanted else len(wanted)

        texts = self.literals(node, *properties)
        return min(texts, key=rank).value if texts else None


_TYPE = str(RDF.type)


def _things(written: Iterable[str]) -> list[Node]:
    return [it for each in written if not isinstance(it := term(each), Literal)]


def known(triples: Iterable[Triple], languages: Sequence[str] = ("en",)) -> Known:
    """Return triples as the views read them; repeats count once, statements about statements are left out."""
    here = Statements()
    for each in triples:
        if not isinstance(each.object, Triple) and isinstance(each.subject, NamedNode | BlankNode):
            here.add(str(each.subject), str(each.predicate), str(each.object))
    return Known(here, languages)


_ESCAPE = re.compile(r"\\(?:([tbnrf\"'\\])|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))")
_ESCAPED = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


@lru_cache(maxsize=16_384)
def term(written: str) -> Value:
    r"""Return a term from how canonical N-Triples writes it.

    >>> term('"a \\"b\\""@en'), term("<https://a.example/>")
    (<Literal value=a "b" language=en>, <NamedNode value=https://a.example/>)
    """
    if written[0] == "<":
        return NamedNode(written[1:-1])
    if written[0] == "_":
        return BlankNode(written[2:])
    end = written.rindex('"')
    words, kind = written[1:end], written[end + 1 :]
    if "\\" in words:
        words = _ESCAPE.sub(_resolved, words)
    if kind.startswith("@"):
        # RDF 1.2: a base direction follows the language.
        return Literal(words, language=kind[1:].partition("--")[0])
    return Literal(words, datatype=NamedNode(kind[3:-1])) if kind else Literal(words)


def _resolved(found: re.Match[str]) -> str:
    return _ESCAPED[found[1]] if found[1] else chr(int(found[2] or found[3], 16))
