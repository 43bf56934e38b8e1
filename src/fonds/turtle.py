"""Turtle and TriG from lines of N-Triples and N-Quads: grouped by subject and property, with prefixes.

What is written means the same statements in the same order (RDF 1.2 Turtle).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import groupby

from fonds.lines import DEFAULT, split_quad

_TYPE = b"<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
# RDF 1.2 Turtle, PN_LOCAL: of what may stand in a local name, the part that needs no thought.
_LOCAL = re.compile(rb"(?:[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*)?")
_NUMBER = re.compile(rb'"([+-]?[0-9]+)"')
_INTEGER, _BOOLEAN = (
    b"<http://www.w3.org/2001/XMLSchema#integer>",
    b"<http://www.w3.org/2001/XMLSchema#boolean>",
)
_NEXT = b" ;\n    "


class TurtleWriter:
    """Writes statements with a set of prefixes; threads may share it.

    Args:
        prefixes: Namespaces by prefix.
        most_known: So many names are kept in mind.
    """

    def __init__(self, prefixes: Mapping[str, str], *, most_known: int = 20_000) -> None:
        self._prefixes = {iri.encode(): prefix.encode() for prefix, iri in sorted(prefixes.items())}
        self._lines = {
            prefix: b"@prefix %s: <%s> .\n" % (prefix, iri) for iri, prefix in self._prefixes.items()
        }
        self._most_known = most_known
        self._short: dict[bytes, bytes] = {}

    def head(self, used: Iterable[bytes] | None = None) -> bytes:
        """Return the lines that declare prefixes: all of them, or those of the names that are used."""
        if used is None:
            return b"".join(map(self._lines.__getitem__, sorted(self._lines)))
        prefixes = {name.partition(b":")[0] for name in used if not name.startswith(b"<")}
        return b"".join([self._lines[each] for each in sorted(prefixes & self._lines.keys())])

    def turtle(self, triples: Iterable[bytes]) -> bytes:
        """Return lines of N-Triples, those of one subject together, as a Turtle document with the prefixes that it uses."""
        used: set[bytes] = set()
        body = self.body(triples, used)
        head = self.head(used)
        return head + b"\n" + body if head and body else head + body

    def trig(self, quads: Iterable[bytes]) -> bytes:
        """Return lines of N-Quads as a TriG document: the default graph, then the named graphs by their names."""
        graphs: dict[str, list[bytes]] = {}
        for line in quads:
            graph, triple = split_quad(line)
            graphs.setdefault(graph, []).append(triple)
        used: set[bytes] = set()
        body = self.body(by_subject(graphs.pop(DEFAULT, ())), used)
        for graph in sorted(graphs):
            name = self._iri(b"<%s>" % graph.encode())
            used.add(name)
            body += b"%s {\n%s}\n" % (name, self.body(by_subject(graphs[graph]), used))
        head = self.head(used)
        return head + b"\n" + body if head and body else head + body

    def body(self, triples: Iterable[bytes], used: set[bytes] | None = None) -> bytes:
        """Return lines of N-Triples, those of one subject together, as Turtle without the prefixes.

        Args:
            triples: The lines.
            used: Is given the names that occur, prefixed ones among them.
        """
        out: list[bytes] = []
        names: set[bytes] = set() if used is None else used
        subject = predicate = b""
        start = 0
        short, iri = self._short, self._iri
        for line in triples:
            new_subject, new_predicate, rest = line.split(b" ", 2)
            term = rest[:-3]
            value = self._literal(term, names) if term[:1] == b'"' else short.get(term) or iri(term)
            names.add(value)
            if new_subject != subject:
                if subject:
                    out.append(b" .\n")
                subject, predicate = new_subject, b""
                name = short.get(subject) or iri(subject)
                names.add(name)
                out.append(name)
                start = len(out)
            if new_predicate == predicate:
                out.append(b", " + value)
                continue
            predicate = new_predicate
            if predicate == _TYPE:
                out.append((_NEXT if len(out) > start else b" ") + b"a " + value)
                continue
            name = short.get(predicate) or iri(predicate)
            names.add(name)
            out.append((_NEXT if len(out) > start else b" ") + name + b" " + value)
        if subject:
            out.append(b" .\n")
        return b"".join(out)

    def _literal(self, term: bytes, names: set[bytes]) -> bytes:
        if term[-1:] != b">":
            return term
        words, _, datatype = term.rpartition(b"^^")
        if datatype == _INTEGER and (number := _NUMBER.fullmatch(words)):
            return number[1]
        if datatype == _BOOLEAN and words in (b'"true"', b'"false"'):
            return words[1:-1]
        name = self._iri(datatype)
        names.add(name)
        return words + b"^^" + name

    def _iri(self, term: bytes) -> bytes:
        """Return an IRI as a prefixed name where that can be, blank nodes and triple terms as they are."""
        name = self._short.get(term)
        if name is None:
            name = self._shortened(term)
            if len(self._short) > self._most_known:
                self._short.clear()
            self._short[term] = name
        return name

    def _shortened(self, term: bytes) -> bytes:
        if not term.startswith(b"<") or term.startswith(b"<<"):
            return term
        iri = term[1:-1]
        cut = max(iri.rfind(b"#"), iri.rfind(b"/")) + 1
        prefix = self._prefixes.get(iri[:cut])
        if prefix is None or not _LOCAL.fullmatch(iri, cut):
            return term
        return prefix + b":" + iri[cut:]


def by_subject(triples: Iterable[bytes]) -> list[bytes]:
    """Return lines with those of one subject together, subjects in the order of their first."""
    found: dict[bytes, list[bytes]] = {}
    for subject, lines in groupby(triples, key=lambda line: line.split(b" ", 1)[0]):
        found.setdefault(subject, []).extend(lines)
    return [line for lines in found.values() for line in lines]
