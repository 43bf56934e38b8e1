"""Hostile queries, by name: what is sent, and in which ways it may end."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from tests.faults.attack.client import RESULTS_JSON, form, get, post, request, sent

QUERY_BYTES = 64 * 1024
"""The longest text that the endpoint reads; it is the default."""

TIME = frozenset({"503 query_seconds"})
MEMORY = frozenset({"503 worker_memory_bytes"})
SIZE = frozenset({"503 result_bytes", "503 result_rows"})
STOPPED = TIME | MEMORY
"""For a query without end, before there is anything to be sent."""
CUT = STOPPED | SIZE | {"cut"}
"""For an answer without end: it may have begun when it is stopped."""
DEEP = STOPPED | {"200", "400"}
"""For a text without sense that is SPARQL: too complex for the engine, or nothing to it."""
TOO_LONG = frozenset({"413"})
TOO_LONG_AN_ADDRESS = frozenset({"414", "431"})
FORBIDDEN = frozenset({"403"})
BROKEN = frozenset({"400"})
ANSWERED = frozenset({"200"})


@dataclass(frozen=True, slots=True)
class Hostile:
    """A hostile request.

    Attributes:
        name: What it tries.
        message: Gives what goes over the wire.
        endings: In which ways it may end (:attr:`~tests.faults.attack.client.Outcome.how`).
        everything: Whether an answer has all triples of the default graph, one a row.
        short: Whether it belongs to the short form of the attack.
    """

    name: str
    message: Callable[[], bytes]
    endings: frozenset[str]
    everything: bool = False
    short: bool = False

    def __str__(self) -> str:
        return self.name.replace(" ", "-")


def hostile(short: bool = True) -> list[Hostile]:
    """Return all of them, or those of the short form."""
    groups = (_endless(), _strings(), _results(), _deep(), _long(), _forbidden(), _broken())
    return [each for group in groups for each in group if each.short or not short]


def _query(
    name: str, text: str, endings: frozenset[str], *, short: bool = False, accept: str = RESULTS_JSON
) -> Hostile:
    return Hostile(name, partial(post, text, accept), endings, short=short)


# ------------------------------------------------------------------------------------------------ without end

CROSS = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
"""All triples with all others, and with all others again: some 10^13 rows."""


def _endless() -> Iterator[Hostile]:
    """Yield queries that never come to their end."""
    # What comes to nothing but work: only time ends it.
    yield _query("cross product, counted", f"SELECT (COUNT(*) AS ?n) {{ {CROSS} }}", STOPPED, short=True)
    yield _query(
        "cross product, asked", f"ASK {{ {CROSS} FILTER(STR(?a) = CONCAT(STR(?d), STR(?g), '!')) }}", STOPPED
    )
    yield Hostile("cross product, by GET", partial(get, f"SELECT (SUM(1) AS ?n) {{ {CROSS} }}"), STOPPED)
    yield Hostile(
        "cross product, by HEAD",
        partial(get, f"SELECT (COUNT(*) AS ?n) {{ {CROSS} }}", method="HEAD"),
        frozenset({"503 "}),
    )
    yield _query(
        "cross product, of named graphs",
        f"SELECT (COUNT(*) AS ?n) {{ GRAPH ?x {{ {CROSS} }} GRAPH ?y {{ ?j ?k ?l . ?m ?n ?o }} }}",
        STOPPED,
    )
    yield _query(
        "cross product, as a page",
        f"SELECT (COUNT(*) AS ?n) {{ {CROSS} }}",
        frozenset({"503 "}),
        accept="text/html",
    )
    yield _query("RAND of everything", f"SELECT (SUM(RAND()) AS ?n) {{ {CROSS} }}", STOPPED, short=True)
    yield _query("UUID of everything", f"SELECT (MAX(STRUUID()) AS ?u) {{ {CROSS} }}", STOPPED)
    yield _query(
        "SHA512 of everything",
        f"SELECT (MAX(SHA512(CONCAT(STR(?a), STR(?d), STR(?g)))) AS ?h) {{ {CROSS} }}",
        STOPPED,
    )
    yield _query(
        "MINUS of everything",
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f MINUS { ?d ?x ?c . ?y ?z ?a } }",
        STOPPED,
    )
    yield _query(
        "NOT EXISTS of everything",
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c FILTER NOT EXISTS { ?x ?y ?z FILTER(CONTAINS(STR(?z), CONCAT(STR(?c), '!'))) } }",
        STOPPED,
    )
    yield _query(
        "EXISTS in EXISTS",
        f"ASK {{ ?a ?b ?c {'FILTER NOT EXISTS { ?x ?y ?z ' * 6}FILTER(?a = ?z && ?c = 0){'}' * 6} }}",
        STOPPED | DEEP,
    )
    yield _query(
        "OPTIONAL of everything",
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c OPTIONAL { ?s ?p ?o } OPTIONAL { ?t ?q ?u } OPTIONAL { ?v ?r ?w } }",
        STOPPED,
    )
    yield _query(
        "UNION of everything",
        f"SELECT (COUNT(*) AS ?n) {{ {' UNION '.join([f'{{ {CROSS} }}'] * 20)} }}",
        STOPPED,
    )
    yield _query(
        "sub-selects of everything",
        f"SELECT (COUNT(*) AS ?n) {{ {''.join(f'{{ SELECT ?s{i} {{ ?s{i} ?p ?o }} ORDER BY ?o }} ' for i in range(6))} }}",
        STOPPED,
        short=True,
    )
    yield _query(
        "LATERAL of everything",
        f"SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c {''.join(f'LATERAL {{ SELECT * {{ ?s{i} ?p{i} ?o{i} }} }} ' for i in range(4))} }}",
        STOPPED | BROKEN,
    )
    yield _query(
        "VALUES, 100 to the power of 8",
        f"SELECT (COUNT(*) AS ?n) {{ {''.join(f'VALUES ?v{i} {{ {_NUMBERS} }} ' for i in range(8))} }}",
        STOPPED,
        short=True,
    )
    yield _query(
        "path without end, from everywhere",
        "SELECT (COUNT(*) AS ?n) { ?s (!<a:b>)* ?o . ?t (!<a:b>)* ?u }",
        STOPPED,
        short=True,
    )
    yield _query("path both ways", "SELECT (COUNT(*) AS ?n) { ?s (^!<a:b>|!<a:b>)+ ?o }", STOPPED)
    yield _query(
        "path within a path",
        "SELECT (COUNT(*) AS ?n) { ?s ((((!<a:b>|^!<a:b>)*/!<a:b>)*)/(^!<a:b>)*)+ ?o }",
        STOPPED,
    )
    yield _query(
        "path of zero or more, thrice",
        "ASK { ?a (!<a:b>|^!<a:b>)* ?b . ?b (!<a:c>|^!<a:c>)* ?c . ?c (!<a:d>)* 'nowhere' }",
        DEEP,
    )
    # What has to be kept before anything is said: memory may end it sooner.
    yield _query(
        "ORDER BY of a cross product",
        "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f ?a",
        STOPPED,
        short=True,
    )
    yield _query("ORDER BY RAND, best of ten", f"SELECT * {{ {CROSS} }} ORDER BY RAND() LIMIT 10", STOPPED)
    yield _query(
        "DISTINCT of a cross product, counted",
        "SELECT (COUNT(DISTINCT CONCAT(STR(?c), STR(?f))) AS ?n) { ?a ?b ?c . ?d ?e ?f }",
        STOPPED,
    )
    yield _query(
        "GROUP BY a cross product",
        "SELECT ?c ?f (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f } GROUP BY ?c ?f",
        STOPPED,
    )
    yield _query(
        "GROUP_CONCAT of a cross product",
        "SELECT (GROUP_CONCAT(?c) AS ?all) { ?a ?b ?c . ?d ?e ?f }",
        STOPPED,
        short=True,
    )
    yield _query(
        "SAMPLE, MIN and MAX by a made-up key",
        f"SELECT (MIN(?c) AS ?m) {{ {CROSS} }} GROUP BY (STRUUID())",
        STOPPED,
    )
    yield _query(
        "DESCRIBE of a cross product", f"DESCRIBE ?a ?c ?d ?f {{ {CROSS} }}", CUT, accept="text/turtle"
    )
    # What says something at once and never stops.
    yield _query("cross product, listed", f"SELECT * {{ {CROSS} }}", CUT, short=True)
    yield _query("cross product, listed as CSV", f"SELECT * {{ {CROSS} }}", CUT, accept="text/csv")
    yield _query(
        "cross product, listed as TSV", f"SELECT * {{ {CROSS} }}", CUT, accept="text/tab-separated-values"
    )
    yield _query(
        "cross product, listed as XML",
        f"SELECT * {{ {CROSS} }}",
        CUT,
        accept="application/sparql-results+xml",
    )
    yield _query("cross product, DISTINCT", f"SELECT DISTINCT * {{ {CROSS} }}", CUT)
    yield _query(
        "UUIDs without end", f"SELECT (STRUUID() AS ?u) (RAND() AS ?r) (BNODE() AS ?n) {{ {CROSS} }}", CUT
    )
    yield _query("rows of nothing without end", f"SELECT ?nothing {{ {CROSS} }}", CUT)
    for name, media_type in _GRAPHS.items():
        text = f"CONSTRUCT {{ {' . '.join(f'?a <x:p{i}> ?c' for i in range(200))} }} {{ {CROSS} }}"
        yield _query(
            f"CONSTRUCT of 200 triples a row, {name}", text, CUT, accept=media_type, short=name == "N-Triples"
        )
    yield _query(
        "CONSTRUCT of blank nodes",
        f"CONSTRUCT {{ [] <x:y> [ <x:z> ( ?a ?d ?g ) ] }} {{ {CROSS} }}",
        CUT,
        accept="application/n-triples",
    )


_NUMBERS = " ".join(map(str, range(100)))
_GRAPHS = {
    "Turtle": "text/turtle",
    "N-Triples": "application/n-triples",
    "JSON-LD": "application/ld+json",
    "RDF/XML": "application/rdf+xml",
    "TriG": "application/trig",
    "N-Quads": "application/n-quads",
}


# ------------------------------------------------------------------------------------------------ strings


def _doubled(function: str, times: int) -> str:
    """Return a query in which a text is made longer and longer by a function of it."""
    steps = (f"BIND({function.replace('?x', f'?x{i}')} AS ?x{i + 1})" for i in range(times))
    return f"SELECT (STRLEN(?x{times}) AS ?n) {{ BIND('aaaaaaaaaaaaaaaa' AS ?x0) {' '.join(steps)} }}"


def _strings() -> Iterator[Hostile]:
    """Yield queries with regular expressions and texts that grow."""
    grown = DEEP
    yield _query("doubling by CONCAT", _doubled("CONCAT(?x, ?x)", 60), grown, short=True)
    yield _query("squaring by REPLACE", _doubled("REPLACE(?x, 'a', ?x)", 12), grown, short=True)
    yield _query(
        "doubling by REPLACE with groups", _doubled("REPLACE(?x, '(.)', '$1$1$1$1$1$1$1$1')", 24), grown
    )
    halves = "CONCAT(STRAFTER(CONCAT(?x, ?x), 'a'), STRBEFORE(CONCAT(?x, ?x, 'b'), 'b'))"
    yield _query("doubling by STRAFTER", _doubled(halves, 50), grown)
    yield _query(
        "doubling by ENCODE_FOR_URI", _doubled("ENCODE_FOR_URI(REPLACE(?x, '[^é]', 'éé'))", 40), grown
    )
    yield _query("doubling in a language", _doubled("STRLANG(CONCAT(STR(?x), STR(?x)), 'en')", 60), grown)
    yield _query(
        "doubled texts, a cross product of them",
        f"SELECT ?c {{ ?a ?b ?c0 . ?d ?e ?f BIND(CONCAT({', '.join(['STR(?c0)'] * 1000)}) AS ?c) }}",
        CUT,
    )
    yield _query(
        "doubled texts, sorted",
        f"SELECT * {{ ?a ?b ?c0 BIND(CONCAT({', '.join(['STR(?c0)'] * 1000)}) AS ?c) }} ORDER BY ?c",
        STOPPED,
    )
    yield _query(
        "regular expression, nested repetition",
        f"SELECT * {{ FILTER REGEX('{'a' * 5000}!', '^((a+)+)+$') }}",
        DEEP,
        short=True,
    )
    yield _query(
        "regular expression, counted repetition",
        "SELECT * { FILTER REGEX('aaaa', '((((a{1,1000}){1,1000}){1,1000}){1,1000})$') }",
        DEEP,
        short=True,
    )
    yield _query(
        "regular expression, classes of letters",
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c FILTER REGEX(STR(?c), '(\\\\p{L}{1,60}\\\\p{N}?){40}!', 'i') }",
        DEEP,
    )
    yield _query(
        "regular expression, alternatives",
        f"SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c FILTER REGEX(STR(?c), '({'|'.join(f'a.*b.*{i}' for i in range(2000))})') }}",
        DEEP,
    )
    yield _query(
        "regular expression, one for each row",
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER REGEX(STR(?c), CONCAT('(', STR(?f), '|x)*')) }",
        STOPPED,
    )
    yield _query(
        "regular expression, 10,000 groups",
        f"SELECT * {{ FILTER REGEX('a', '{'(' * 10_000}a{')' * 10_000}') }}",
        DEEP,
        short=True,
    )


# ------------------------------------------------------------------------------------------------ results


def _results() -> Iterator[Hostile]:
    """Yield queries whose answer is all there is, in each format: whole, or refused, or seen to be cut."""
    rows = "SELECT ?s ?p ?o { ?s ?p ?o }"
    whole = CUT | {"200"}
    yield Hostile("everything as JSON", partial(post, rows), whole, everything=True, short=True)
    yield Hostile("everything as JSON, by GET", partial(get, rows), whole, everything=True)
    yield Hostile(
        "everything as XML", partial(post, rows, "application/sparql-results+xml"), whole, everything=True
    )
    yield Hostile("everything as CSV", partial(post, rows, "text/csv"), whole, everything=True, short=True)
    yield Hostile(
        "everything as TSV", partial(post, rows, "text/tab-separated-values"), whole, everything=True
    )
    yield _query("everything as a page", rows, whole, accept="text/html", short=True)
    yield _query("everything, sorted", f"{rows} ORDER BY DESC(STR(?o)) ?p ?s", whole)
    for name, media_type in _GRAPHS.items():
        text = "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }"
        short = name in ("Turtle", "N-Triples")
        yield Hostile(
            f"everything as {name}", partial(post, text, media_type), whole, everything=True, short=short
        )
    yield _query("everything described", "DESCRIBE * { ?s ?p ?o }", whole, accept="text/turtle")
    for coding in ("gzip", "br", "zstd"):
        yield Hostile(
            f"everything, compressed with {coding}",
            partial(post, rows, RESULTS_JSON, f"Accept-Encoding: {coding}"),
            whole,
            everything=True,
            short=coding == "zstd",
        )


# ------------------------------------------------------------------------------------------------ deep


def _nested(before: str, opening: str, core: str, closing: str, after: str, times: int | None = None) -> str:
    """Return something so often within itself, as often as fits where it is not said."""
    room = QUERY_BYTES - len((before + core + after).encode()) - 10
    times = times or room // len((opening + closing).encode())
    return before + opening * times + core + closing * times + after


def _chain(before: str, piece: str, after: str, times: int | None = None) -> str:
    """Return something so often in a row."""
    return _nested(before, piece, "", "", after, times)


_COLUMNS = " ".join(f"?v{number}" for number in range(2000))
_XSD = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>"
_OVERFLOW = (
    _XSD
    + """ SELECT
  ('9223372036854775807-12-31T23:59:59Z'^^xsd:dateTime + 'P9223372036854775807D'^^xsd:dayTimeDuration AS ?v)
  (-9223372036854775808 / -1 AS ?w) (ABS(-9223372036854775808) AS ?x) (-9223372036854775808 * -1 AS ?y)
  (SUBSTR('a', -9223372036854775808, 9223372036854775807) AS ?z) {}"""
)

_SHAPES: tuple[tuple[str, str, bool], ...] = (
    ("parentheses", _nested("SELECT (", "(", "1", ")", " AS ?x) {}"), True),
    ("braces", _nested("SELECT * ", "{", "", "}", ""), True),
    ("brackets", _nested("SELECT * { ", "[<a:b> ", "1", "]", " <a:b> 1 }"), True),
    ("lists", _nested("SELECT * { ", "(", "1", ")", " <a:b> 1 }"), False),
    ("triple terms", _nested("SELECT * { ?s <a:b> ", "<<( <a:b> <a:b> ", "1", " )>>", " }"), False),
    ("reifiers", _nested("SELECT * { ", "<< ", "<a:b> <a:b> 1", " >> <a:b> 1 ", " }", 3000), False),
    ("annotations", _nested("SELECT * { <a:b> <a:b> 1 ", "{| <a:b> 1 ", "", "|}", " }"), False),
    ("signs of not", _chain("SELECT * { FILTER(", "!", "true) }"), True),
    ("signs of minus", _chain("SELECT (", "- ", "1 AS ?x) {}"), False),
    ("and", _chain("SELECT * { FILTER(true", " && true", ") }"), True),
    ("or", _chain("SELECT * { FILTER(false", " || false", ") }"), False),
    ("plus", _chain("SELECT (1", " + 1", " AS ?x) {}"), True),
    ("times", _chain("SELECT (1", "*9", " AS ?x) {}"), False),
    ("equal to", _nested("SELECT ((", "(", "1", "=1)", ") AS ?x) {}"), False),
    ("OPTIONAL in a row", _chain("SELECT * { ", "OPTIONAL{?s ?p ?o}", " }"), False),
    ("OPTIONAL in OPTIONAL", _nested("SELECT * { ", "OPTIONAL{", "?s ?p 0", "}", " }"), True),
    ("UNION in a row", _chain("SELECT * { {}", "UNION{}", " }"), False),
    ("MINUS in a row", _chain("SELECT * { ?s ?p 0 ", "MINUS{?s ?p ?o}", " }"), False),
    ("MINUS in MINUS", _nested("SELECT * { ?s ?p 0 ", "MINUS{?s ?p ?o ", "", "}", " }"), False),
    ("predicates with one subject", _chain("SELECT * { <a:b> <a:b> 1", ";<a:b> 1", " }"), False),
    ("semicolons alone", _chain("SELECT * { <a:b> <a:b> 1", ";", " }"), False),
    ("objects with one predicate", _chain("SELECT * { <a:b> <a:b> 1", ",1", " }"), True),
    ("patterns in a row", _chain("SELECT * { ", "?a?b 1.", " }"), True),
    ("patterns in a chain", "SELECT * { " + "".join(f"?v{i} ?p ?v{i + 1}." for i in range(3000)) + " }", False),
    ("steps of a path", _chain("SELECT * { ?s <a:b>", "/<a:b>", " ?o }"), False),
    ("alternatives of a path", _chain("SELECT * { ?s <a:b>", "|<a:b>", " ?o }"), False),
    ("inverses of a path", _nested("SELECT * { ?s ", "^(", "<a:b>", ")", " ?o }"), False),
    ("repetitions of a path", _nested("SELECT * { ?s ", "(", "<a:b>", ")*", " ?o }"), True),
    ("not of a path", _chain("SELECT * { ?s !(<a:b>", "|<a:b>", ") ?o }"), False),
    ("EXISTS in EXISTS, deep", _nested("SELECT * { ", "FILTER EXISTS{", "?s ?p 0", "}", " }"), True),
    ("sub-selects in sub-selects", _nested("SELECT * ", "{SELECT * ", "{}", "}", ""), True),
    ("GRAPH in GRAPH", _nested("SELECT * { ", "GRAPH ?g{", "?s ?p 0", "}", " }"), False),
    ("IF in IF", _nested("SELECT (", "IF(true,", "1", ",0)", " AS ?x) {}"), False),
    ("COALESCE in COALESCE", _nested("SELECT (", "COALESCE(", "1", ")", " AS ?x) {}"), False),
    ("CONCAT in CONCAT", _nested("SELECT (", "CONCAT(", "'a'", ",'b')", " AS ?x) {}"), False),
    ("STRAFTER in STRAFTER", _nested("SELECT (", "STRAFTER(", "'aaa'", ",'a')", " AS ?x) {}"), False),
    ("functions in functions", _nested("SELECT (", "STR(", "1", ")", " AS ?x) {}"), False),
    ("IN of many", _chain("SELECT * { FILTER(0 IN (1", ",1", ")) }"), False),
    ("IN of IN", _nested("SELECT * { FILTER(", "(0 IN ", "(1)", ")", ") }"), False),
    ("BIND in a row", "SELECT * { BIND(1 AS ?v0) " + "".join(f"BIND(?v{i}+1 AS ?v{i + 1})" for i in range(2000)) + " }", True),
    ("VALUES of many columns", f"SELECT * {{ VALUES ({_COLUMNS}) {{ {('(' + 'UNDEF ' * 2000 + ')') * 3} }} }}", False),
    ("VALUES in a row", _chain("SELECT * { ", "VALUES ?v{1}", " }"), False),
    ("columns", "SELECT " + " ".join(f"?v{i}" for i in range(8000)) + " { ?s ?p ?o } LIMIT 50", False),
    ("expressions of columns", "SELECT " + " ".join(f"(1 AS ?v{i})" for i in range(3000)) + " {}", False),
    ("keys of ORDER BY", _chain("SELECT * { ?s ?p ?o } ORDER BY", " ?o", " LIMIT 1"), False),
    ("keys of GROUP BY", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY " + " ".join(f"(STR(?s) AS ?k{i})" for i in range(1000)), False),
    ("clauses of HAVING", _chain("SELECT (COUNT(*) AS ?n) {} HAVING", "(true)", ""), False),
    ("graphs of FROM", "SELECT * " + " ".join(f"FROM <a:{i}>" for i in range(4000)) + " { ?s ?p ?o }", False),
    ("prefixes", "".join(f"PREFIX p{i}: <a:{i}> " for i in range(2500)) + "ASK {}", False),
    ("comments", _chain("ASK {} ", "#\n", ""), False),
    ("one comment", "ASK {} #" + "(" * 60_000, False),
    ("less-than signs", _chain("SELECT * { FILTER(1", "<1#>", ") }"), True),
    ("quotes that never close", _chain("SELECT (NOW() AS ?x) { ", "'\\", ""), True),
    ("double quotes that never close", _chain("SELECT (NOW() AS ?x) { ", '"\\', ""), False),
    ("long quotes that never close", _chain("SELECT (NOW() AS ?x) { ", "'''\\'", ""), False),
    ("a word", "ASK {} #" + "x" * 60_000, True),
    ("JSON in a text", "SELECT * { ?s ?p '''" + '{"a":[' * 4000 + "]}" * 4000 + "'''^^rdf:JSON }", False),
    ("a long text", "SELECT ('" + "x" * 60_000 + "' AS ?x) {}", False),
    ("a long IRI", "SELECT * { <a:" + "x" * 60_000 + "> ?p ?o }", False),
    ("a long name", "SELECT ?" + "x" * 60_000 + " {}", False),
    ("a long language", "SELECT ('a'@en" + "-abcdefgh" * 6000 + " AS ?x) {}", False),
    ("a number of 60,000 digits", "SELECT (" + "9" * 60_000 + " + 1 AS ?x) {}", True),
    ("a decimal of 60,000 digits", "SELECT (0." + "9" * 60_000 + " * 2 AS ?x) {}", False),
    ("an exponent of 60,000 digits", "SELECT (1e" + "9" * 60_000 + " AS ?x) {}", False),
    ("powers of numbers", "SELECT (" + "*".join(["9999999999999999999999999999"] * 1500) + " AS ?x) {}", False),
    ("years without end", f"{_XSD} SELECT (YEAR('{'9' * 1000}-01-01T00:00:00Z'^^xsd:dateTime) AS ?y) {{}}", False),
    ("a duration without end", f"{_XSD} SELECT ('P{'9' * 60}Y'^^xsd:duration + 'P1D'^^xsd:duration AS ?d) {{}}", False),
    ("times that overflow", _OVERFLOW, True),
    ("division by nothing", "SELECT (1/0 AS ?x) (1.0/0.0 AS ?y) (1e0/0e0 AS ?z) (xsd:integer(1e999) AS ?i) {}", False),
)  # fmt: skip


def _deep() -> Iterator[Hostile]:
    """Yield texts that are SPARQL, and as deep or as long as the endpoint reads them."""
    for name, text, short in _SHAPES:
        yield _query(f"as many as fit: {name}", text, DEEP | CUT, short=short)


# ------------------------------------------------------------------------------------------------ long


def _ten_megabytes(opening: str = "ASK {} #") -> str:
    return opening + "x" * 10_000_000


def _long() -> Iterator[Hostile]:
    """Yield texts that are longer than the endpoint reads."""
    yield Hostile("10 MB by POST", lambda: post(_ten_megabytes()), TOO_LONG, short=True)
    yield Hostile("10 MB by a form", lambda: form({"query": _ten_megabytes()}), TOO_LONG)
    yield Hostile("10 MB by GET", lambda: get(_ten_megabytes()), TOO_LONG_AN_ADDRESS, short=True)
    yield Hostile("200 kB by GET", lambda: get("ASK {} #" + "x" * 200_000), TOO_LONG_AN_ADDRESS, short=True)
    yield Hostile("100 kB by POST", lambda: post("ASK {} #" + "x" * 100_000), TOO_LONG)
    yield Hostile(
        "100 kB of three bytes each, in a form", lambda: form({"query": "ASK {} #" + "日" * 30_000}), TOO_LONG
    )
    times, many = 100_000, 20_000
    texts = {
        "100,000 parentheses": f"SELECT ({'(' * times}1{')' * times} AS ?x) {{}}",
        "100,000 signs of not": f"ASK {{ FILTER({'!' * times}true) }}",
        "20,000 patterns in a row": f"SELECT * {{ {'?s ?p ?o . ' * many} }}",
        "20,000 OPTIONAL": f"SELECT * {{ {'OPTIONAL { ?s ?p ?o } ' * many} }}",
        "20,000 of and": f"ASK {{ FILTER(true{' && true' * many}) }}",
    }
    for name, text in texts.items():
        yield Hostile(name, partial(post, text), TOO_LONG, short=True)
    yield Hostile(
        "1 MB of other headers",
        lambda: request("GET /sparql HTTP/1.1", "X: " + "x" * 1_000_000),
        frozenset({"431"}),
    )
    yield Hostile(
        "1,000 headers", lambda: request("GET /sparql HTTP/1.1", *["X: x"] * 1000), frozenset({"431"})
    )
    yield Hostile("10,000 parameters", lambda: form(b"&".join([b"a=b"] * 10_000) + b"&query=ASK{}"), BROKEN)
    yield Hostile(
        "900 graphs in the request",
        lambda: form(
            "&".join(
                ["query=SELECT*%7B?s?p?o%7D", *(f"default-graph-uri=a:{i}" for i in range(900))]
            ).encode()
        ),
        ANSWERED,
    )


# ------------------------------------------------------------------------------------------------ forbidden


def _forbidden() -> Iterator[Hostile]:
    """Yield queries that would have the server call others, or change something."""
    call = "<http://127.0.0.1:9/sparql> { ?s ?p ?o }"
    texts = {
        "SERVICE": f"SELECT * {{ SERVICE {call} }}",
        "SERVICE SILENT": f"SELECT * {{ SERVICE SILENT {call} }}",
        "SERVICE of a variable": "SELECT * { ?s ?p ?g SERVICE ?g { ?a ?b ?c } }",
        "SERVICE in small letters, within EXISTS": f"ASK {{ FILTER EXISTS {{ service{call} }} }}",
        "SERVICE in a sub-select in OPTIONAL": f"SELECT * {{ OPTIONAL {{ SELECT * {{ SERVICE {call} }} }} }}",
        "SERVICE between comments": f"SELECT * {{ #\n SERVICE#\n{call} }}",
        "SERVICE behind a comment that ends with a carriage return": f"SELECT * {{ #\rSERVICE {call} }}",
        "SERVICE in escapes": f"SELECT * {{ \\u0053ERVICE {call} }}",
        "SERVICE behind a less-than sign": f"ASK {{ FILTER(1 <2 #>\n) SERVICE {call} }}",
        "SERVICE of a name": "PREFIX x: <http://127.0.0.1:9/> SELECT * {SERVICEx:y{?s ?p ?o}}",
        "LOAD": "LOAD <http://127.0.0.1:9/>",
        "LOAD behind a prologue": "BASE <a:b> PREFIX a: <b:c> LOAD SILENT <http://127.0.0.1:9/> INTO GRAPH <a:b>",
        "INSERT DATA": "INSERT DATA { <a:b> <a:b> <a:b> }",
        "DELETE WHERE": "DELETE WHERE { ?s ?p ?o }",
        "DROP ALL": "DROP ALL",
        "an update behind WITH": "WITH <a:b> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    }  # fmt: skip
    for name, text in texts.items():
        yield _query(name, text, FORBIDDEN, short=True)
    update = b"INSERT DATA { <a:b> <a:b> <a:b> }"
    yield Hostile(
        "an update, sent as such", lambda: sent(update, "application/sparql-update"), FORBIDDEN, short=True
    )
    yield Hostile("an update in a form", lambda: form({"update": "CLEAR ALL"}), FORBIDDEN)
    yield Hostile(
        "an update beside a query", lambda: form({"query": "ASK {}", "update": "CLEAR ALL"}), FORBIDDEN
    )
    yield Hostile("an update in the address", lambda: get("ASK {}", more="&update=CLEAR%20ALL"), FORBIDDEN)


# ------------------------------------------------------------------------------------------------ broken


def _broken() -> Iterator[Hostile]:
    """Yield requests that are none."""
    yield Hostile("bytes that are no UTF-8", lambda: post(b"ASK { ?s ?p '\xff\xfe' }"), BROKEN, short=True)
    yield Hostile("bytes that are no UTF-8, in a form", lambda: form(b"query=ASK%7B%7D%20%23%ff"), BROKEN)
    yield Hostile(
        "bytes that are no UTF-8, in the address",
        lambda: request("GET /sparql?query=ASK%7B%7D%23%ff\xfe HTTP/1.1"),
        BROKEN,
        short=True,
    )
    yield Hostile("a lone surrogate", lambda: post("ASK { ?s ?p '\ud800' }"), BROKEN, short=True)
    yield Hostile(
        "a lone surrogate, percent-encoded", lambda: form(b"query=ASK%7B%3Fs%20%3Fp%20'%ED%A0%80'%7D"), BROKEN
    )
    yield Hostile("a lone surrogate, as an escape", lambda: post("ASK { ?s ?p '\\ud800' }"), BROKEN)
    yield Hostile("a NUL", lambda: post("ASK { \0 }"), BROKEN, short=True)
    yield Hostile("a NUL in a text", lambda: post("SELECT ('\0' AS ?x) {}"), ANSWERED | BROKEN)
    yield Hostile("a NUL in the address", lambda: request("GET /sparql?query=ASK%7B%00%7D HTTP/1.1"), BROKEN)
    yield Hostile(
        "UTF-16",
        lambda: sent("ASK {}".encode("utf-16"), "application/sparql-query; charset=utf-16"),
        frozenset({"415"}),
    )
    yield Hostile(
        "an unknown charset",
        lambda: sent(b"ASK {}", 'application/sparql-query; charset="' + "x" * 5000 + '"'),
        frozenset({"415"}),
    )
    yield Hostile(
        "no type",
        lambda: request("POST /sparql HTTP/1.1", "Content-Length: 6") + b"ASK {}",
        frozenset({"415"}),
    )
    bomb = partial(gzip.compress, b"ASK {} #" + b"x" * 50_000_000, 9, mtime=0)
    yield Hostile(
        "50 MB in 50 kB of gzip",
        lambda: sent(bomb(), "application/sparql-query", RESULTS_JSON, "Content-Encoding: gzip"),
        frozenset({"415"}),
        short=True,
    )
    yield Hostile(
        "codings upon codings",
        lambda: sent(
            b"x" * 1000,
            "application/sparql-query",
            RESULTS_JSON,
            "Content-Encoding: " + "gzip, " * 5000 + "br",
        ),
        frozenset({"415"}),
    )
    yield Hostile("two queries", lambda: form(b"query=ASK%7B%7D&query=ASK%7B%7D"), BROKEN, short=True)
    yield Hostile(
        "two queries, one in the address",
        lambda: sent(b"ASK {}", "application/sparql-query").replace(b"/sparql ", b"/sparql?query=ASK%7B%7D "),
        BROKEN,
    )
    yield Hostile("no query", lambda: form(b""), BROKEN)
    yield Hostile("an empty query", lambda: post(""), BROKEN)
    yield Hostile("a syntax error", lambda: post("SELECT * {\n  ?s ?p }"), BROKEN, short=True)
    yield Hostile("noise", lambda: post(bytes(range(32, 127)) * 500), BROKEN, short=True)
    yield Hostile(
        "a format that is none", lambda: get("ASK {}", more="&format=../../etc/passwd"), frozenset({"406"})
    )
    yield Hostile(
        "graphs that are none", lambda: get("ASK {}", more="&default-graph-uri=%00&named-graph-uri=x"), BROKEN
    )
    yield Hostile("an unknown function", lambda: post("SELECT (<a:b>(1) AS ?x) {}"), ANSWERED | BROKEN)
    yield Hostile(
        "a length that is none",
        lambda: request("POST /sparql HTTP/1.1", "Content-Length: 99999999999999999999999"),
        frozenset({"400", "413"}),
    )
    yield Hostile(
        "more headers of length than one",
        lambda: (
            request(
                "POST /sparql HTTP/1.1",
                "Content-Length: 6",
                "Content-Length: 7",
                "Content-Type: application/sparql-query",
            )
            + b"ASK {} "
        ),
        frozenset({"400"}),
    )
    yield Hostile("another method", lambda: request("BREW /sparql HTTP/1.1"), frozenset({"400", "405"}))
