"""What the editor of the query page completes, from our own description of the data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from fonds.web.answers import Answer, Exchange, Headers
from fonds.web.contents import Row, classes_in, properties_by_class, properties_in, read_facts
from fonds.web.site import Site

_MOST_TERMS = 1_000
_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")


def terms(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/sparql-terms.js``: prefixes, classes and properties that queries may name, the most frequent first.

    A module, since scripts of a page may load no data here: its policy allows no connection at all.
    """
    exchange.keep = True
    facts = read_facts(site)
    classes, properties = classes_in(site, facts)[:_MOST_TERMS], properties_in(site, facts)[:_MOST_TERMS]
    place = {row.iri: number for number, row in enumerate(properties)}
    by_class = properties_by_class(facts)
    found = {
        "prefixes": site.prefixes,
        "classes": _completions(site, classes),
        "properties": _completions(site, properties),
        # Of each class the properties of its things, by their places in the list of these.
        "of": [[place[each] for each in by_class.get(row.iri, ()) if each in place] for row in classes],
    }
    headers: Headers = (
        (b"content-type", b"text/javascript;charset=utf-8"),
        (b"vary", b"Accept-Encoding"),
        (b"cache-control", b"public, max-age=60"),
    )
    return Answer(200, headers, b"export default %s;\n" % msgspec.json.encode(found))


def _completions(site: Site, rows: Iterable[Row]) -> list[tuple[str, str]]:
    """Return what is written for each of them, and what it is called."""
    return [(in_query(row.iri, site.prefixes), row.label) for row in rows]


def in_query(iri: str, prefixes: Mapping[str, str]) -> str:
    """Return an IRI as a query names it, with a prefix where one is known.

    >>> in_query("http://xmlns.com/foaf/0.1/name", {"foaf": "http://xmlns.com/foaf/0.1/"})
    'foaf:name'
    >>> in_query("http://xmlns.com/foaf/0.1/a/b", {"foaf": "http://xmlns.com/foaf/0.1/"})
    '<http://xmlns.com/foaf/0.1/a/b>'
    """
    known = ((prefix, space) for prefix, space in prefixes.items() if iri.startswith(space))
    prefix, space = max(known, key=lambda each: len(each[1]), default=("", ""))
    local = iri.removeprefix(space)
    return f"{prefix}:{local}" if space and _LOCAL.fullmatch(local) else f"<{iri}>"
