"""Writes queries for engines elsewhere: with their prefixes declared, their values as terms, and the default graph by its name.

What an endpoint of ours understands without declarations, another one does not. Nothing here is the syntax of one engine:
what comes out is SPARQL 1.1 if what goes in is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

from pyoxigraph import BlankNode, Literal, NamedNode

from fonds.store.prologue import undeclared
from fonds.store.queries import OwnQuery, Token, in_order, own_query

_RELATIVE = re.compile(r"<(?![A-Za-z][A-Za-z0-9+.-]*:)")
_AFTER_GROUPS = frozenset({"HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES"})


def pattern_of(found: Sequence[Token]) -> tuple[int, int] | None:
    """Return where the pattern of a query begins, behind its brace, and where it ends, before the other one.

    A template is none, nor is what stands in an expression; None where there is no pattern, or it never ends.
    """
    round_, curly, template, start = 0, 0, False, -1
    for token in found:
        if token.text == "{":
            if curly == 0 and round_ == 0:
                template = token.before == "CONSTRUCT"
                if not template and start < 0:
                    start = token.start + 1
            curly += 1
        elif token.text == "}":
            curly -= 1
            if curly == 0 and start >= 0:
                return start, token.start
        elif token.text in "()" and token.kind == "mark":
            round_ += 1 if token.text == "(" else -1
    return None


# ------------------------------------------------------------------------------------------------ strangers' queries


def with_prologue(text: str, prefixes: Mapping[str, str], base: str) -> str:
    """Return a query that declares what it needs not declare for a store of ours; its lines keep their numbers.

    >>> with_prologue("SELECT * { ?s a crm:E21 }", {"crm": "http://e.example/"}, "http://a.example/")
    'PREFIX crm: <http://e.example/> SELECT * { ?s a crm:E21 }'

    Args:
        text: SPARQL.
        prefixes: Those that are known.
        base: Against which relative IRIs are resolved.
    """
    found = list(in_order(text))
    head = [f"PREFIX {each}: <{prefixes[each]}> " for each in undeclared(found) if each in prefixes]
    if any(each.kind == "iri" and _RELATIVE.match(each.text) for each in found):
        head.insert(0, f"BASE <{base}> ")
    return "".join(head) + text


def with_default_graph(text: str, graph: str) -> str | None:
    """Return a query that looks for its default graph in a named one, for stores whose default graph is all they hold.

    The pattern is put into ``GRAPH <…> { }``, in which another ``GRAPH`` still has its own way (SPARQL 1.1 Query 13.3). To name
    the graph in the request would hide all named graphs (SPARQL 1.1 Protocol 2.1.4).

    >>> with_default_graph("ASK { ?s ?p ?o }", "urn:all")
    'ASK { GRAPH <urn:all> { ?s ?p ?o } }'

    Args:
        text: SPARQL.
        graph: The IRI of the graph.

    Returns:
        The query; as it was, where it names its dataset itself (``FROM``); None where it has no pattern into which a ``GRAPH``
        could be put, so that the request has to name the graph.
    """
    found = list(in_order(text))
    place = pattern_of(found)
    if place is None:
        return None
    start, end = place
    outside = [each for each in found if each.kind == "word" and each.start < start]
    if any(each.text.upper() == "FROM" for each in outside):
        return text
    construct = next((each for each in outside if each.text.upper().startswith("CONSTRUCT")), None)
    if construct is not None and not any(each.text == "{" and each.start < start - 1 for each in found):
        return None  # `CONSTRUCT WHERE { … }` takes triples only.
    return f"{text[:start]} GRAPH <{graph}> {{{text[start:end]}}} {text[end:]}"


def without_graphs(text: str, hidden: Sequence[str], under: str = "") -> str:
    """Return a query to which some named graphs are not there, unless it calls them by their names.

    A ``FILTER`` inside the ``GRAPH`` would not know its variable yet, so that both stand in a group of their own.

    >>> without_graphs("ASK { GRAPH ?g { ?s ?p ?o } }", ["urn:a"])
    'ASK { { GRAPH ?g { ?s ?p ?o } FILTER(?g NOT IN (<urn:a>)) } }'

    Args:
        text: SPARQL.
        hidden: The IRIs of the graphs.
        under: What the IRIs of others begin with; empty: there are none.

    Returns:
        The query; as it was, where it names its dataset itself (``FROM``).
    """
    found = list(in_order(text))
    if any(each.kind == "word" and each.text.upper() == "FROM" for each in found):
        return text
    names = ", ".join(f"<{each}>" for each in hidden)
    added: list[tuple[int, str]] = []
    opened: list[str] = []
    for place, token in enumerate(found):
        if token.text == "{":
            graph, name = (found[place - 2], found[place - 1]) if place > 1 else (token, token)
            is_graph = graph.kind == "word" and graph.text.upper() == "GRAPH" and name.kind == "variable"
            opened.append(name.text if is_graph else "")
            if is_graph:
                added.append((graph.start, "{ "))
        elif token.text == "}" and opened and (variable := opened.pop()):
            others = f' && !STRSTARTS(STR({variable}), "{under}")' if under else ""
            added.append((token.start + 1, f" FILTER({variable} NOT IN ({names}){others}) }}"))
    parts, position = [], 0
    for start, piece in added:
        parts += [text[position:start], piece]
        position = start
    return "".join((*parts, text[position:]))


# ------------------------------------------------------------------------------------------------ our own queries


@lru_cache(maxsize=64)
def portable_query(name: str) -> OwnQuery:
    """Return one of our own queries in SPARQL 1.1: ``store/rq/portable/`` has those that use more than that for our own engine.

    Raises:
        StoreError: There is none of that name.
    """
    own = own_query(name)
    other = files("fonds.store") / "rq" / "portable" / f"{name}.rq"
    return OwnQuery(name, own.title, own.question, other.read_text("utf-8")) if other.is_file() else own


def with_terms(text: str, terms: Mapping[str, NamedNode | BlankNode | Literal]) -> str:
    """Return one of our own queries with variables replaced by terms wherever they stand, in sub-selects too.

    ``VALUES`` would not do: it would come behind the limit of a sub-select, and not before it.

    >>> with_terms("SELECT ?a ?b WHERE { ?a ?b ?c } GROUP BY ?a ?b", {"a": NamedNode("urn:x")})
    'SELECT  ?b WHERE { <urn:x> ?b ?c } GROUP BY  ?b'

    Args:
        text: SPARQL.
        terms: By the names of variables; where such a variable is selected, or grouped by, it is left out.
    """
    parts, position, listed, depth = [], 0, False, 0
    for token in in_order(text):
        word = token.text.upper() if token.kind == "word" else ""
        if token.kind == "mark":
            depth += (token.text == "(") - (token.text == ")")
            if token.text in "{}":
                listed = False
        elif word == "WHERE" or word in _AFTER_GROUPS:
            listed = False
        elif word == "SELECT" or (word == "BY" and token.before == "GROUP"):
            listed, depth = True, 0
        elif token.kind == "variable" and (term := terms.get(token.text[1:])) is not None:
            parts += [text[position : token.start], "" if listed and depth == 0 else str(term)]
            position = token.start + len(token.text)
    return "".join((*parts, text[position:]))
