"""Compact JSON-LD: RDF as JSON that people can read, with prefixes, plain values and texts by language.

What is written means exactly the statements it was made from (JSON-LD 1.1 API, Expansion and Deserialization), whatever
characters stand in them. The part of the context that a document uses stands in the document itself: no reader has to
fetch anything. The whole context is ``ontology/context.jsonld``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from fonds.errors import FondsError
from fonds.vocabulary import RDF, XSD

_TYPE = RDF.type.value
_STRING = XSD.string.value
_INTEGER = XSD.integer.value
_BOOLEAN = XSD.boolean.value
_NATIVE = {
    # Only forms that a reader turns back into themselves (JSON-LD 1.1 API 8.6), and numbers that JSON's readers keep.
    _INTEGER: re.compile(r"0|-?[1-9][0-9]{0,14}").fullmatch,
    _BOOLEAN: re.compile(r"true|false").fullmatch,
}
_NONE = "@none"


@dataclass(frozen=True, slots=True)
class Term:
    """How one property is written.

    Attributes:
        key: The key of its values: a compact IRI, or the IRI itself.
        coercion: What a plain string is without more words: ``@id`` or the IRI of a datatype; None: a string.
        by_language: Whether its texts stand by their language.
        definition: What the context says of the key; None where it says nothing.
    """

    key: str
    coercion: str | None = None
    by_language: bool = False
    definition: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """A JSON-LD context, as far as we use one: names for keywords, prefixes, and what the values of properties are.

    Attributes:
        id: The name of ``@id``.
        type: The name of ``@type``.
        prefixes: Namespaces by prefix.
        terms: Properties by IRI.
    """

    id: str
    type: str
    prefixes: Mapping[str, str]
    terms: Mapping[str, Term]

    def without(self, prefixes: Iterable[str]) -> Context:
        """Return the context without some of its prefixes, and the terms that are named by them."""
        gone = frozenset(prefixes)
        terms = {iri: term for iri, term in self.terms.items() if not gone & set(_prefixes_of(term))}
        kept = {prefix: iri for prefix, iri in self.prefixes.items() if prefix not in gone}
        return Context(self.id, self.type, kept, terms)


def read_context(path: Path) -> Context:
    """Read a context of ours.

    Raises:
        FondsError: The file says something that this module would not write.
    """
    entries: dict[str, Any] = msgspec.json.decode(path.read_bytes())["@context"]
    keywords = {value: key for key, value in entries.items() if value in ("@id", "@type")}
    prefixes = {
        key: value for key, value in entries.items() if isinstance(value, str) and not value.startswith("@")
    }
    terms = {}
    for key, definition in entries.items():
        if isinstance(definition, dict):
            prefix, colon, local = key.partition(":")
            if not colon or prefix not in prefixes or definition.keys() - {"@type", "@container"}:
                raise FondsError(
                    f"{path}: {key} is not a compact IRI with @type or @container; remake it by ontology/make_context.py"
                )
            terms[prefixes[prefix] + local] = _term(key, definition, prefixes)
    return Context(keywords["@id"], keywords["@type"], prefixes, terms)


def _term(key: str, definition: dict[str, str], prefixes: Mapping[str, str]) -> Term:
    coercion = definition.get("@type")
    if coercion and coercion != "@id":
        prefix, _, local = coercion.partition(":")
        coercion = prefixes[prefix] + local
    return Term(key, coercion, definition.get("@container") == "@language", definition)


def compact(
    statements: Iterable[Triple | Quad],
    context: Context,
    *,
    first: NamedNode | None = None,
    address: str | None = None,
) -> bytes:
    """Return statements as compact JSON-LD, in an order that depends on nothing but the statements.

    One subject is one object; several stand in ``@graph``, by their IRIs; a named graph is an object with ``@graph``.

    Args:
        statements: Triples, or quads, whose graphs are kept; repeats count once.
        context: See :func:`read_context`.
        first: The subject that stands first, before all others.
        address: Where the context can be fetched, for readers that have it; None: it stands in the document.

    Raises:
        FondsError: A statement is about a statement, which JSON-LD 1.1 cannot hold.
    """
    given = statements if isinstance(statements, list | tuple) else list(statements)
    writer = _written(given, context)
    clash = writer.schemes & (context.prefixes.keys() if address else writer.prefixes)
    if clash:
        # `lang:x` as somebody's IRI would be read with our prefix (JSON-LD 1.1 API 5.2.2, step 6).
        writer = _written(given, context.without(clash))
        address = None
    body = writer.body(first.value if first else None)
    return msgspec.json.encode({"@context": address or writer.context_of_document(), **body})


def _written(statements: Iterable[Triple | Quad], context: Context) -> _Writer:
    writer = _Writer(context)
    for statement in statements:
        writer.add(statement)
    return writer


_Values = dict[str, Any]
"""Values by a key that sorts them and tells them apart."""


@dataclass(slots=True)
class _Property:
    """A property as this document writes it, and the values that do not fit its term."""

    term: Term
    other: Term


@dataclass(slots=True)
class _Writer:
    """What is gathered while statements are read: nodes by graph and subject, and what of the context is used."""

    context: Context
    graphs: dict[str | None, dict[str, dict[str, _Values]]] = field(default_factory=dict)
    prefixes: set[str] = field(default_factory=set)
    terms: dict[str, Term] = field(default_factory=dict)
    schemes: set[str] = field(default_factory=set)
    _names: dict[str, str] = field(default_factory=dict)
    _properties: dict[str, _Property] = field(default_factory=dict)
    _namespaces: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self._namespaces = {iri: prefix for prefix, iri in self.context.prefixes.items()}

    def add(self, statement: Triple | Quad) -> None:
        """Take one statement in."""
        graph = self._graph(statement) if isinstance(statement, Quad) else None
        nodes = self.graphs.get(graph)
        if nodes is None:
            nodes = self.graphs[graph] = {}
        subject = self._reference(statement.subject)
        node = nodes.get(subject)
        if node is None:
            node = nodes[subject] = {}
        predicate = statement.predicate.value
        object_ = statement.object
        if predicate == _TYPE and not isinstance(object_, Literal):
            name = self._type(object_)
            _values_of(node, self.context.type)[name] = name
            return
        property_ = self._properties.get(predicate) or self._property(predicate)
        if isinstance(object_, Literal):
            self._add_literal(node, property_, object_)
            return
        iri = self._reference(object_)
        value = iri if property_.term.coercion == "@id" else {self.context.id: iri}
        term = property_.other if property_.term.by_language else property_.term
        self._values(node, term)[iri] = value

    def _graph(self, quad: Quad) -> str | None:
        graph = quad.graph_name
        return self._reference(graph) if isinstance(graph, NamedNode | BlankNode) else None

    def _values(self, node: dict[str, _Values], term: Term) -> _Values:
        key = term.key
        values = node.get(key)
        if values is None:
            values = node[key] = {}
            self.terms[key] = term
        return values

    def _add_literal(self, node: dict[str, _Values], property_: _Property, literal: Literal) -> None:
        term, value, language = property_.term, literal.value, literal.language
        if language is not None:
            direction = literal.direction
            if term.by_language and direction is None:
                # A language cannot begin with "@", and its key sorts the texts as well.
                self._values(node, term)[f"{language}\0{value}"] = (language, value)
                return
            entry = {"@language": language, "@value": value}
            if direction is not None:
                entry["@direction"] = direction.value
            key = f'"{value}\0@{language}\0{direction}'
            self._values(node, property_.other if term.by_language else term)[key] = entry
            return
        datatype = literal.datatype.value
        if term.by_language:
            if datatype == _STRING:
                self._values(node, term)[f"{_NONE}\0{value}"] = (_NONE, value)
                return
            term = property_.other
        self._values(node, term)[f'"{value}\0{datatype}'] = self._typed(value, datatype, term.coercion)

    def _typed(self, value: str, datatype: str, coercion: str | None) -> Any:
        """Return a literal without language: a plain value where that says enough."""
        if datatype == coercion:
            return value
        if datatype == _STRING:
            return value if coercion is None else {"@value": value}
        if coercion is None and datatype in _NATIVE and _NATIVE[datatype](value):
            return int(value) if datatype == _INTEGER else value == "true"
        return {self.context.type: self._name(datatype), "@value": value}

    def _property(self, iri: str) -> _Property:
        term = self.context.terms.get(iri) or Term(self._name(iri))
        other = term if not term.by_language else Term(iri)
        self._note_scheme(iri)
        property_ = self._properties[iri] = _Property(term, other)
        self.prefixes.update(_prefixes_of(term))
        return property_

    def _type(self, object_: NamedNode | BlankNode | Triple) -> str:
        if isinstance(object_, NamedNode):
            iri = object_.value
            return self._names.get(iri) or self._name(iri)
        return self._reference(object_)

    def _name(self, iri: str) -> str:
        """Return the compact IRI of a property, a class or a datatype; the IRI itself where we have no prefix for it.

        What follows the prefix has no slash in it, so that nobody takes ``prefix://`` for a scheme and an authority.
        """
        name = self._names.get(iri)
        if name is None:
            cut = max(iri.rfind("/"), iri.rfind("#")) + 1
            prefix = self._namespaces.get(iri[:cut])
            if prefix is not None and cut < len(iri):
                self.prefixes.add(prefix)
                name = f"{prefix}:{iri[cut:]}"
            else:
                self._note_scheme(iri)
                name = iri
            self._names[iri] = name
        return name

    def _reference(self, node: NamedNode | BlankNode | Triple | Literal) -> str:
        """Return the IRI of a thing as it is: consumers who know no JSON-LD follow it."""
        if isinstance(node, NamedNode):
            iri = node.value
            if not iri.startswith("http"):
                self._note_scheme(iri)
            return iri
        if isinstance(node, BlankNode):
            return f"_:{node.value}"
        raise FondsError(
            "JSON-LD 1.1 has no statements about statements; ask for N-Triples, N-Quads, Turtle or TriG."
        )

    def _note_scheme(self, iri: str) -> None:
        self.schemes.add(iri.partition(":")[0])

    def context_of_document(self) -> dict[str, Any]:
        """Return the part of the context that this document uses."""
        prefixes = {prefix: self.context.prefixes[prefix] for prefix in sorted(self.prefixes)}
        terms = {key: self.terms[key].definition for key in sorted(self.terms) if self.terms[key].definition}
        return {"@version": 1.1, self.context.id: "@id", self.context.type: "@type", **prefixes, **terms}

    def body(self, first: str | None) -> dict[str, Any]:
        """Return the nodes: one alone, or several in ``@graph``."""
        default = dict(self._nodes(self.graphs.get(None, {}), first))
        for name in sorted(name for name in self.graphs if name is not None):
            node = default.setdefault(name, {self.context.id: name})
            node["@graph"] = [each for _, each in self._nodes(self.graphs[name], first)]
        named = len(self.graphs) > (None in self.graphs)
        if len(default) == 1 and not named:
            return next(iter(default.values()))
        return {"@graph": list(default.values())}

    def _nodes(
        self, nodes: Mapping[str, dict[str, _Values]], first: str | None
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        order = sorted(nodes)
        if first is not None and first in nodes:
            order.remove(first)
            order.insert(0, first)
        type_ = self.context.type
        for subject in order:
            properties = nodes[subject]
            written: dict[str, Any] = {self.context.id: subject}
            if type_ in properties:
                written[type_] = _one_or_many(properties[type_])
            for key in sorted(properties):
                if key != type_:
                    values = properties[key]
                    by_language = self.terms[key].by_language
                    written[key] = _by_language(values) if by_language else _one_or_many(values)
            yield subject, written


def _values_of(node: dict[str, _Values], key: str) -> _Values:
    return node.setdefault(key, {})


def _one_or_many(values: _Values) -> Any:
    if len(values) == 1:
        return next(iter(values.values()))
    return [values[key] for key in sorted(values)]


def _by_language(values: _Values) -> dict[str, Any]:
    """Return texts by their language, those without one under ``@none`` (JSON-LD 1.1 4.6.2)."""
    texts: dict[str, Any] = {}
    for key in sorted(values):
        language, text = values[key]
        if language not in texts:
            texts[language] = text
        elif isinstance(texts[language], list):
            texts[language].append(text)
        else:
            texts[language] = [texts[language], text]
    return texts


def _prefixes_of(term: Term) -> Iterator[str]:
    """Yield the prefixes that a term and its definition are written with."""
    if term.definition:
        yield term.key.partition(":")[0]
        type_ = term.definition.get("@type", "@id")
        if type_ != "@id":
            yield type_.partition(":")[0]
