"""Compact JSON-LD: RDF as JSON that people can read, with prefixes, plain values and texts by language.

What is written means exactly the statements it was made from (JSON-LD 1.1 API, Expansion and Deserialization), whatever
characters stand in them. The part of the context that a document uses stands in the document itself: no reader has to
fetch anything. The whole context is ``ontology/context.jsonld``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, serialize

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
_MOST_KNOWN = 10_000
_TYPE_TERM = f"<{_TYPE}>".encode()
# RDF 1.2 N-Triples: UCHAR and ECHAR.
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)")
_LETTERS = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


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
    _properties: dict[bytes, _Property] = field(default_factory=dict, repr=False, compare=False)
    _names: dict[bytes, tuple[str, str]] = field(default_factory=dict, repr=False, compare=False)
    _namespaces: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._namespaces.update((iri, prefix) for prefix, iri in self.prefixes.items())

    def property(self, predicate: bytes) -> _Property:
        """Return how a property (``<IRI>``) is written; what is asked often is kept."""
        known = self._properties.get(predicate)
        if known is None:
            iri = predicate[1:-1].decode()
            name, prefix = self.name(predicate)
            term = self.terms.get(iri) or Term(name)
            other = term if not term.by_language else Term(iri)
            prefixes = (*_prefixes_of(term), *([prefix] if prefix and iri not in self.terms else []))
            known = _Property(term, other, prefixes, iri.partition(":")[0])
            if len(self._properties) >= _MOST_KNOWN:
                self._properties.clear()
            self._properties[predicate] = known
        return known

    def name(self, term: bytes) -> tuple[str, str]:
        """Return the compact IRI of a property, a class or a datatype (``<IRI>``), and its prefix.

        What follows the prefix has no slash in it, so that nobody takes ``prefix://`` for a scheme and an authority. Where
        we have no prefix for it: the IRI itself, and nothing.
        """
        known = self._names.get(term)
        if known is None:
            iri = term[1:-1].decode()
            cut = max(iri.rfind("/"), iri.rfind("#")) + 1
            prefix = self._namespaces.get(iri[:cut])
            known = (f"{prefix}:{iri[cut:]}", prefix) if prefix is not None and cut < len(iri) else (iri, "")
            if len(self._names) >= _MOST_KNOWN:
                self._names.clear()
            self._names[term] = known
        return known

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
    """Return statements as compact JSON-LD; see :func:`compact_lines`.

    Args:
        statements: Triples, or quads, whose graphs are kept; repeats count once.
        context: See :func:`read_context`.
        first: The subject that stands first, before all others.
        address: Where the context can be fetched, for readers that have it; None: it stands in the document.

    Raises:
        FondsError: A statement is about a statement, which JSON-LD 1.1 cannot hold.
    """
    given = list(statements)
    written = serialize(given, format=RdfFormat.N_QUADS) if given else b""  # type: ignore[arg-type]
    lines = (written or b"").splitlines(keepends=True)
    return compact_lines(lines, context, first=first.value if first else None, address=address)


def compact_lines(
    lines: Sequence[bytes], context: Context, *, first: str | None = None, address: str | None = None
) -> bytes:
    """Return lines of canonical N-Triples or N-Quads as compact JSON-LD, in an order that depends on nothing but them.

    One subject is one object; several stand in ``@graph``, by their IRIs; a named graph is an object with ``@graph``.

    Args:
        lines: The statements; of N-Quads the graphs are kept, repeats count once.
        context: See :func:`read_context`.
        first: The IRI of the subject that stands first, before all others.
        address: Where the context can be fetched, for readers that have it; None: it stands in the document.

    Raises:
        FondsError: A statement is about a statement, which JSON-LD 1.1 cannot hold.
    """
    writer = _written(lines, context)
    clash = writer.schemes & (context.prefixes.keys() if address else writer.prefixes)
    if clash:
        # `lang:x` as somebody's IRI would be read with our prefix (JSON-LD 1.1 API 5.2.2, step 6).
        writer = _written(lines, context.without(clash))
        address = None
    body = writer.body(first)
    return msgspec.json.encode({"@context": address or writer.context_of_document(), **body})


def _written(lines: Iterable[bytes], context: Context) -> _Writer:
    writer = _Writer(context)
    for line in lines:
        writer.add(line)
    return writer


_Values = dict[str, Any]
"""Values by a key that sorts them and tells them apart."""


@dataclass(slots=True)
class _Property:
    """A property as documents write it, and how the values that do not fit its term; prefixes used, and the IRI's scheme."""

    term: Term
    other: Term
    prefixes: tuple[str, ...]
    scheme: str


@dataclass(slots=True)
class _Writer:
    """What is gathered while statements are read: nodes by graph and subject, and what of the context is used."""

    context: Context
    graphs: dict[str | None, dict[str, dict[str, _Values]]] = field(default_factory=dict)
    prefixes: set[str] = field(default_factory=set)
    terms: dict[str, Term] = field(default_factory=dict)
    schemes: set[str] = field(default_factory=set)
    _properties: dict[bytes, _Property] = field(default_factory=dict)
    _last: tuple[bytes, bytes] = (b"", b"")
    _node: dict[str, _Values] = field(default_factory=dict)

    def add(self, line: bytes) -> None:
        """Take one statement in."""
        subject, predicate, rest = line.split(b" ", 2)
        object_ = rest[:-3]
        graph = b""
        if b" " in object_ and object_[-1:] not in b'"':
            graph, object_ = _graph_and_object(object_)
        if (subject, graph) != self._last:
            self._node = self._node_of(subject, graph)
            self._last = subject, graph
        if predicate == _TYPE_TERM and not object_.startswith(b'"'):
            name = self._type(object_)
            _values_of(self._node, self.context.type)[name] = name
            return
        property_ = self._properties.get(predicate) or self._property(predicate)
        if object_.startswith(b'"'):
            self._add_literal(self._node, property_, object_)
            return
        iri = self._reference(object_)
        value = iri if property_.term.coercion == "@id" else {self.context.id: iri}
        term = property_.other if property_.term.by_language else property_.term
        self._values(self._node, term)[iri] = value

    def _node_of(self, subject: bytes, graph: bytes) -> dict[str, _Values]:
        nodes = self.graphs.setdefault(self._reference(graph) if graph else None, {})
        return nodes.setdefault(self._reference(subject), {})

    def _values(self, node: dict[str, _Values], term: Term) -> _Values:
        key = term.key
        values = node.get(key)
        if values is None:
            values = node[key] = {}
            self.terms[key] = term
        return values

    def _add_literal(self, node: dict[str, _Values], property_: _Property, literal: bytes) -> None:
        term = property_.term
        value, language, datatype = _literal(literal)
        if language:
            tag, _, direction = language.partition("--")
            if term.by_language and not direction:
                # A language cannot begin with "@", and its key sorts the texts as well.
                self._values(node, term)[f"{tag}\0{value}"] = (tag, value)
                return
            entry = {"@language": tag, "@value": value}
            if direction:
                entry["@direction"] = direction
            key = f'"{value}\0@{tag}\0{direction}'
            self._values(node, property_.other if term.by_language else term)[key] = entry
            return
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
        return {self.context.type: self._name(b"<%s>" % datatype.encode()), "@value": value}

    def _property(self, predicate: bytes) -> _Property:
        property_ = self._properties[predicate] = self.context.property(predicate)
        self.schemes.add(property_.scheme)
        self.prefixes.update(property_.prefixes)
        return property_

    def _type(self, term: bytes) -> str:
        if term.startswith(b"<<") or not term.startswith(b"<"):
            return self._reference(term)
        return self._name(term)

    def _name(self, term: bytes) -> str:
        name, prefix = self.context.name(term)
        if prefix:
            self.prefixes.add(prefix)
        else:
            self.schemes.add(name.partition(":")[0])
        return name

    def _reference(self, term: bytes) -> str:
        """Return the IRI of a thing as it is: consumers who know no JSON-LD follow it."""
        if term.startswith(b"_:"):
            return term.decode()
        if term.startswith(b"<<"):
            raise FondsError(
                "JSON-LD 1.1 has no statements about statements; ask for N-Triples, N-Quads, Turtle or TriG."
            )
        iri = term[1:-1].decode()
        if not iri.startswith("http"):
            self.schemes.add(iri.partition(":")[0])
        return iri

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


def _graph_and_object(object_: bytes) -> tuple[bytes, bytes]:
    """Split what follows the predicate of a line into graph (empty for none) and object."""
    head, _, last = object_.rpartition(b" ")
    # A literal's last word can look like a graph only together with its closing quote: `"a <b>"^^<t>`; a triple term ends
    # with brackets of its own.
    if head and last.startswith((b"<", b"_:")) and b'"' not in last:
        return last, head
    return b"", object_


def _literal(term: bytes) -> tuple[str, str, str]:
    """Return words, language tag (with its direction; empty for none) and datatype of a literal of N-Triples."""
    if term.endswith(b'"'):
        return _words(term[1:-1]), "", _STRING
    if term.endswith(b">"):
        at = term.rindex(b'"^^<')
        return _words(term[1:at]), "", term[at + 4 : -1].decode()
    at = term.rindex(b'"@')
    return _words(term[1:at]), term[at + 2 :].decode(), ""


def _words(escaped: bytes) -> str:
    text = escaped.decode()
    return _ESCAPE.sub(_unescaped, text) if "\\" in text else text


def _unescaped(escape: re.Match[str]) -> str:
    letter = escape[1]
    return chr(int(letter[1:], 16)) if letter[0] in "uU" and len(letter) > 1 else _LETTERS[letter]


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
