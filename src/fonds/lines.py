"""Lines of canonical N-Triples and N-Quads: statements as the bytes in which they are kept.

Line feeds are escaped inside terms and nothing but one blank stands between them (RDF 1.2 N-Triples, 4), so that a line can
be taken apart without a parser.
"""

from __future__ import annotations

from collections.abc import Iterable

DEFAULT = "DEFAULT"
"""Stands for the default graph where a graph's IRI is expected; no IRI, since those are absolute."""


def split_quad(line: bytes) -> tuple[str, bytes]:
    """Split a line of canonical N-Quads into its graph (:data:`DEFAULT` if none is named) and its N-Triples line.

    >>> split_quad(b'<s:> <p:> "a <b>" <g:> .\\n')
    ('g:', b'<s:> <p:> "a <b>" .\\n')
    >>> split_quad(b'<s:> <p:> <o:> .\\n')[0]
    'DEFAULT'
    """
    rest = line.split(b" ", 2)[2][:-3]
    head, _, last = rest.rpartition(b" ")
    # A literal's last word can look like an IRI only together with its closing quote: `"a <b>"^^<t>`.
    if not head or not last.startswith(b"<") or b'"' in last:
        return DEFAULT, line
    return last[1:-1].decode(), line[: -len(last) - 4] + b" .\n"


def has_blank_node(line: bytes) -> bool:
    """Tell whether a line of canonical N-Triples holds a blank node, inside a triple term too."""
    if b"_:" not in line:
        return False
    subject, _, rest = line.split(b" ", 2)
    if subject.startswith(b"_:") or rest.startswith(b"_:"):
        return True
    return rest.startswith(b"<<( ") and has_blank_node(rest.removeprefix(b"<<( "))


def triples_of(lines: Iterable[bytes]) -> list[bytes]:
    """Return lines of N-Quads as lines of N-Triples, each once, in their order."""
    return list(dict.fromkeys(split_quad(line)[1] for line in lines))


def object_iri(line: bytes) -> bytes | None:
    """Return the object of a line of N-Triples or N-Quads as it is written, ``<…>``, if it is an IRI.

    >>> object_iri(b'<s:> <p:> <o:> <g:> .\\n'), object_iri(b'<s:> <p:> "o" .\\n')
    (b'<o:>', None)
    """
    rest = line.split(b" ", 2)[2]
    return rest[: rest.index(b" ")] if rest.startswith(b"<") and not rest.startswith(b"<<") else None


_TYPE = b"<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"


def types_first(lines: Iterable[bytes]) -> list[bytes]:
    """Return sorted lines with the types of each subject before all else that is said of it."""
    found: dict[bytes, tuple[list[bytes], list[bytes]]] = {}
    for line in lines:
        subject, predicate, _ = line.split(b" ", 2)
        types, others = found.setdefault(subject, ([], []))
        (types if predicate == _TYPE else others).append(line)
    return [line for types, others in found.values() for line in (*types, *others)]
