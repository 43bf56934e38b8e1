"""What the endpoint answers is what the engine answers: many queries, each in two formats, beside pyoxigraph on the same store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest

from fonds.identifiers import IriSpace
from fonds.vocabulary import PREFIXES

REPOSITORY = Path(__file__).parents[2]
ROWS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "tsv": ox.QueryResultsFormat.TSV,
    "csv": None,
}
GRAPHS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "trig": ox.RdfFormat.TRIG,
    "nq": ox.RdfFormat.N_QUADS,
}

PATTERNS = [
    "?s ?p ?o",
    "?s a ?o",
    "?s a crm:E31_Document ; ?p ?o",
    "?s rdfs:label ?o",
    "?s rdfs:label ?o FILTER(LANG(?o) = 'en')",
    "?s rdfs:label ?o FILTER(LANGMATCHES(LANG(?o), '*'))",
    "?s rdfs:label ?o FILTER(REGEX(?o, '^g', 'i'))",
    "?s rdfs:label ?o FILTER(CONTAINS(LCASE(?o), 'cuba'))",
    "?s crm:P67_refers_to ?x . ?x rdfs:label ?o",
    "?s crm:P67_refers_to/rdfs:label ?o",
    "?o ^crm:P67_refers_to ?s",
    "?s crm:P67_refers_to|dcterms:subject ?o",
    "?s a/rdfs:subClassOf* ?o",
    "?s (rdfs:subClassOf|rdfs:subPropertyOf)+ ?o",
    "?s rdfs:subClassOf? ?o FILTER(ISIRI(?s))",
    "?s !(rdf:type|rdfs:label) ?o",
    "?s !^rdf:type ?o",
    "?s skos:broader ?o",
    "?s a ?x OPTIONAL { ?s rdfs:label ?o }",
    "?s a ?x OPTIONAL { ?s dcterms:created ?o } FILTER(!BOUND(?o))",
    "?s a ?x MINUS { ?s rdfs:label ?o }",
    "?s ?p ?x FILTER NOT EXISTS { ?x ?q ?o } FILTER(ISIRI(?x))",
    "?s ?p ?o FILTER EXISTS { ?o a ?x }",
    "{ ?s a crm:E21_Person } UNION { ?s a crm:E53_Place } ?s rdfs:label ?o",
    "VALUES ?x { crm:E21_Person crm:E53_Place UNDEF } ?s a ?x ; rdfs:label ?o",
    "GRAPH ?s { ?x a ?o }",
    "GRAPH ?p { ?s ?x ?o } FILTER(CONTAINS(STR(?p), '/said/'))",
    "?s ?p ?o FILTER(ISLITERAL(?o) && DATATYPE(?o) = xsd:integer)",
    "?s ?p ?o FILTER(ISNUMERIC(?o)) BIND(?o * 2 + 1 AS ?x)",
    "?s ?p ?o FILTER(DATATYPE(?o) = xsd:date && YEAR(?o) = 1964)",
    "?s a ?x BIND(STRAFTER(STR(?x), '#') AS ?o)",
    "?s a ?x BIND(IF(CONTAINS(STR(?x), 'crm'), 'crm', 'other') AS ?o)",
    "{ SELECT ?s (COUNT(*) AS ?o) { ?s ?p ?x } GROUP BY ?s }",
    "{ SELECT DISTINCT ?o { ?x a ?o } ORDER BY ?o LIMIT 7 } ?s a ?o",
    "?s ?p ?o FILTER(?s IN (crm:E21_Person, crm:E53_Place))",
    "?s ?p ?o FILTER(STRLEN(STR(?o)) > 200)",
]
FORMS = [
    "SELECT * WHERE {{ {} }}",
    "SELECT DISTINCT ?o WHERE {{ {} }}",
    "SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE {{ {} }}",
    "ASK {{ {} }}",
    "SELECT ?s ?o WHERE {{ {} }} ORDER BY STR(?s) STR(?o) LANG(?o) DATATYPE(?o) LIMIT 20 OFFSET 3",
]
FUNCTIONS = [
    "STR(1)", "LANG('a'@en)", "DATATYPE(1.5)", "IRI('x')", "URI('http://e/')", "ABS(-2)", "CEIL(1.2)", "FLOOR(1.8)",
    "ROUND(2.5)", "CONCAT('a', 'b'@en)", "STRLEN('aé日')", "UCASE('é')", "LCASE('É')", "ENCODE_FOR_URI('a b/é')",
    "CONTAINS('abc', 'b')", "STRSTARTS('abc', 'a')", "STRENDS('abc', 'c')", "STRBEFORE('abc', 'b')",
    "STRAFTER('abc'@en, 'b')", "SUBSTR('abcdef', 2, 3)", "REPLACE('abab', 'b', 'c')", "REGEX('abc', '^A', 'i')",
    "YEAR('1964-10-16T12:00:00Z'^^xsd:dateTime)", "MONTH('1964-10-16'^^xsd:date)", "DAY('1964-10-16'^^xsd:date)",
    "HOURS('1964-10-16T12:34:56Z'^^xsd:dateTime)", "TZ('1964-10-16T12:00:00+03:00'^^xsd:dateTime)",
    "TIMEZONE('1964-10-16T12:00:00+03:00'^^xsd:dateTime)", "MD5('a')", "SHA1('a')", "SHA256('a')", "SHA512('a')",
    "COALESCE(1/0, 'x')", "IF(true, 1, 2)", "STRLANG('a', 'ru')", "STRDT('1', xsd:integer)", "SAMETERM(1, 1.0)",
    "ISIRI(<a:b>)", "ISBLANK(1)", "ISLITERAL(1)", "ISNUMERIC('1')", "1 + 2.5", "10 / 4", "2 * 3e0", "-(5)", "1 = 1.0",
    "'a' < 'b'", "!(true) || false", "1 IN (2, 1)", "xsd:integer('42')", "xsd:dateTime('1964-10-16T00:00:00')",
    "xsd:boolean('1')", "xsd:decimal('1.50')", "LANGDIR('a'@ar--rtl)", "STRLANGDIR('a', 'ar', 'rtl')",
    "<<( <a:s> <a:p> 'o' )>>", "SUBJECT(<<( <a:s> <a:p> 'o' )>>)", "ISTRIPLE(<<( <a:s> <a:p> 1 )>>)",
    "'1964-10-16'^^xsd:date + 'P1D'^^xsd:dayTimeDuration", "'x\\n\\t\"<>&'", "'\\u00e9\\U0001F600'", "1/0",
]  # fmt: skip
OTHERS = [
    "SELECT ?x (SUM(?n) AS ?a) (AVG(?n) AS ?b) (MIN(?n) AS ?c) (MAX(?n) AS ?d) { VALUES (?x ?n) { (1 2) (1 3) (2 5) } } GROUP BY ?x",
    "SELECT ?t (COUNT(*) AS ?n) (SAMPLE(?t) AS ?u) { ?s a ?t } GROUP BY ?t HAVING (COUNT(*) > 2) ORDER BY DESC(?n) ?t",
    "SELECT (GROUP_CONCAT(?x; separator='|') AS ?all) { { SELECT ?x { VALUES ?x { 3 1 2 } } ORDER BY ?x } }",
    "SELECT * { VALUES ?x { 1 2 3 } LATERAL { SELECT * { BIND(?x * 2 AS ?y) } } }",
    "SELECT * { VALUES (?a ?b) { (1 UNDEF) (UNDEF 'b') (UNDEF UNDEF) } }",
    "SELECT REDUCED ?t { ?s a ?t }",
    "SELECT * { }",
    "SELECT ?nothing { ?s <http://nobody.example/> ?nothing }",
    "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g",
    "CONSTRUCT { ?s rdfs:label ?l } WHERE { ?s rdfs:label ?l }",
    "CONSTRUCT WHERE { ?s a crm:E21_Person }",
    "CONSTRUCT { ?s dcterms:title ?l . <x> <y> <z> } WHERE { ?s rdfs:label ?l FILTER(LANG(?l) = 'ru') }",
    "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } FILTER(CONTAINS(STR(?g), 'authority')) }",
    "CONSTRUCT { <a:s> <a:p> <<( <a:s> <a:p> 1 )>> } WHERE {}",
    "DESCRIBE crm:E21_Person",
    "DESCRIBE ?s WHERE { ?s a crm:E53_Place }",
    "ASK { GRAPH ?g { } }",
    "ASK { }",
    "ASK { FILTER(false) }",
    "BASE <http://e/> PREFIX x: <y#> SELECT (IRI('a') AS ?i) (x:z AS ?j) {}",
]


def stored() -> Iterator[str]:
    for path in sorted((REPOSITORY / "queries").glob("*.rq")):
        yield path.read_text("utf-8")


QUERIES = [
    *(form.format(pattern) for pattern in PATTERNS for form in FORMS),
    *(f"SELECT ({function} AS ?x) {{}}" for function in FUNCTIONS),
    *OTHERS,
    *stored(),
]


@pytest.fixture(scope="module")
def engine(release: Any) -> ox.Store:
    return ox.Store.read_only(str(release.store))


def asked(engine: ox.Store, query: str, base: str, **dataset: Any) -> Any:
    return engine.query(query, base_iri=base, prefixes={**PREFIXES, **IriSpace(base).prefixes}, **dataset)


def multiset(solutions: Any) -> tuple[list[str], Counter[tuple[str, ...]]]:
    names = [str(variable) for variable in solutions.variables]
    return names, Counter(tuple(str(row[index]) for index in range(len(names))) for row in solutions)


def in_order(solutions: Any) -> list[tuple[str, ...]]:
    return [tuple(map(str, row)) for row in solutions]


def test_there_are_many() -> None:
    assert len(QUERIES) == len(set(QUERIES)) > 250


@pytest.mark.parametrize(
    "number",
    [
        each if each % 8 == 0 else pytest.param(each, marks=pytest.mark.thorough)
        for each in range(len(QUERIES))
    ],
)
def test_the_endpoint_answers_as_the_engine_does(site: Any, engine: ox.Store, number: int) -> None:
    query = QUERIES[number]
    expected = asked(engine, query, site.base)
    if isinstance(expected, ox.QueryTriples):
        triples = set(expected)
        endings = ["nt", list(GRAPHS)[number % len(GRAPHS)]]
        for ending in endings:
            body = answer(site, query, ending)
            assert {quad.triple for quad in ox.parse(body, format=GRAPHS[ending])} == triples, ending
        return
    if isinstance(expected, ox.QueryBoolean):
        for ending in ("json", "xml"):
            found = ox.parse_query_results(answer(site, query, ending), format=ROWS[ending])  # type: ignore[arg-type]
            assert isinstance(found, ox.QueryBoolean)
            assert bool(found) is bool(expected)
        return
    ordered = "ORDER BY" in query and "GROUP_CONCAT" not in query
    names, rows = multiset(expected)
    for ending in ("json", list(ROWS)[number % len(ROWS)]):
        body = answer(site, query, ending)
        if ending == "csv":
            assert body == asked(engine, query, site.base).serialize(
                format=ox.QueryResultsFormat.CSV
            ) or sorted(body.splitlines()) == sorted(
                asked(engine, query, site.base).serialize(format=ox.QueryResultsFormat.CSV).splitlines()
            )
            continue
        read = ox.parse_query_results(body, format=ROWS[ending])  # type: ignore[arg-type]
        if ordered and "LIMIT" in query:
            assert in_order(read) == in_order(asked(engine, query, site.base))
        else:
            assert multiset(read) == (names, rows), ending


@pytest.mark.parametrize("kind", ["default-graph-uri", "named-graph-uri", "both", "FROM"])
def test_a_dataset_is_the_one_that_was_named(site: Any, engine: ox.Store, kind: str) -> None:
    names = [
        row["g"].value
        for row in asked(engine, "SELECT DISTINCT ?g { GRAPH ?g {} } ORDER BY ?g LIMIT 4", site.base)
    ]
    default, named = (
        (names[:2] if kind != "named-graph-uri" else []),
        (names[2:] if kind != "default-graph-uri" else []),
    )
    query = "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    parameters = [("default-graph-uri", each) for each in default] + [
        ("named-graph-uri", each) for each in named
    ]
    if kind == "FROM":
        clauses = " ".join(
            [*(f"FROM <{each}>" for each in default), *(f"FROM NAMED <{each}>" for each in named)]
        )
        query, parameters = query.replace("SELECT *", f"SELECT * {clauses} WHERE"), []
    expected = asked(
        engine,
        "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }",
        site.base,
        default_graph=[ox.NamedNode(each) for each in default],
        named_graphs=[ox.NamedNode(each) for each in named],
    )
    body = answer(site, query, "json", *parameters)
    found = multiset(ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON))
    assert found == multiset(expected)
    assert sum(found[1].values()) > 3


def answer(site: Any, query: str, ending: str, *parameters: tuple[str, str]) -> bytes:
    reply = site.get("/sparql?" + urlencode([("query", query), ("format", ending), *parameters]))
    assert reply.status == 200, reply.text
    return reply.body
