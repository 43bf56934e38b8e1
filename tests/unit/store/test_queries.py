"""Reading a query before the engine does: its form, what is refused, and what only looks like it."""

from __future__ import annotations

import contextlib
import time

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fonds.errors import QueryForbidden, QuerySyntaxError, QueryTooLong, StoreError
from fonds.store import QueryForm
from fonds.store.queries import QueryHead, form_of, own_queries, own_query, reading
from fonds.store.turns import at_once

LIMIT = 1_000_000


def read(text: str, limit_bytes: int = LIMIT) -> QueryHead:
    return at_once(reading(text, limit_bytes=limit_bytes))


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * {}", "SELECT"),
        ("PREFIX ask: <http://e/> # SELECT\nBASE <http://describe/> ASK {}", "ASK"),
        ("prefix select: <http://e/> construct { ?s ?p ?o } where { ?s ?p ?o }", "CONSTRUCT"),
        ("describe<http://e/>", "DESCRIBE"),
        ("selectdistinct* {}", "SELECT"),
        ("PREFIX ex: <http://e/> describeex:a", "DESCRIBE"),
        ('VERSION "1.2" SELECT * {}', "SELECT"),
    ],
)
def test_the_form_is_the_first_keyword_after_the_prologue(text: str, form: str) -> None:
    assert read(text).form == QueryForm(form) == form_of(text)
    ox.Store().query(text)


def test_without_a_keyword_there_is_no_form_and_the_engine_may_say_why() -> None:
    assert read("").form is None
    assert read("SELEC * {}").form is None
    assert read("<http://e/select>").form is None


NOT_KEYWORDS = [
    'SELECT * { ?s ?p "SERVICE" }',
    "SELECT * { ?s ?p 'SERVICE <http://e/> {}' }",
    'SELECT * { ?s ?p """a "SERVICE" <http://e/> {}\n""" }',
    "SELECT * { ?s ?p '''it's a ''SERVICE'' {}''' }",
    'SELECT * { ?s ?p "\\"SERVICE {" }',
    'SELECT * { ?s ?p "\\u0053ERVICE {" }',
    "SELECT * { ?s <http://e/SERVICE> ?o }",
    "SELECT * { GRAPH <SERVICE> { ?s ?p ?o } }",
    "SELECT * { ?s ?p ?o } # SERVICE <http://e/> {}",
    "SELECT * { # SERVICE <http://e/> {\n ?s ?p ?o }",
    "SELECT ?service { ?service ?SERVICE $service FILTER(?service<1) }",
    "SELECT * { GRAPH ?service { ?s ?p ?o } }",
    "PREFIX ex: <http://e/> SELECT * { ?s ex:service ex:my-SERVICE.x }",
    "PREFIX service: <http://e/> SELECT * { ?s service:x ?o ; service:y service:z }",
    "PREFIX service: <http://e/> SELECT * { GRAPH service:x { ?s ?p ?o } }",
    "PREFIX service: <http://e/> SELECT * FROM service:x { ?s ?p ?o }",
    "PREFIX service: <http://e/> SELECT * FROM NAMED service:x { ?s ?p ?o }",
    "SELECT * { _:service ?p _:SERVICE }",
    'SELECT * { ?s ?p "x"@en-service }',
    "SELECT * { ?s ?p ?o FILTER(?s<http://e/(a)#service>(1)) }",
    'SELECT * { ?s ?p "insert delete load clear drop" }',
    "PREFIX insert: <http://e/> SELECT ?load { ?load insert:delete <drop> }",
]


@pytest.mark.parametrize("text", NOT_KEYWORDS)
@pytest.mark.clause("SPARQL 1.1 Query 19.8")
def test_a_keyword_in_a_string_iri_comment_variable_or_name_is_not_refused(text: str) -> None:
    assert read(text).form is QueryForm.SELECT


CALLS = [
    "SELECT * { SERVICE <http://e/> { ?s ?p ?o } }",
    "SELECT * { service silent ?x { ?s ?p ?o } }",
    "SELECT * { SERVICE<http://e/>{} }",
    "SELECT * { {} UNION { OPTIONAL { MINUS { SERVICE ex:a {} } } } }",
    "ASK { FILTER EXISTS { SeRvIcE <http://e/> {} } }",
    "DESCRIBE ?x { SERVICE <http://e/> {} }",
    "CONSTRUCT { ?s ?p ?o } { SERVICE <http://e/> {} }",
    "SELECT (EXISTS { SERVICE <http://e/> {} } AS ?x) {}",
    "SELECT * { { SELECT * { SERVICE <http://e/> {} } } }",
    "SELECT * { # comment\rSERVICE <http://e/> {} }",
    'SELECT * { BIND("\\"" AS ?x) SERVICE <http://e/> {} }',
    "SELECT * { BIND('''''' AS ?x) SERVICE <http://e/> {} }",
    'SELECT * { #\\u000A"""\nSERVICE <http://e/> {} #"""\n}',
    'SELECT * { BIND("a\\u005C" AS ?x) SERVICE <http://e/> {} BIND("" AS ?y) }',
    "SELECT * { \\u0053\\u0045RVICE <http://e/> {} }",
    "SELECT * { \\U00000053ERVICE <http://e/> {} }",
    # To the engine these are calls as well: its grammar knows no words.
    "PREFIX ex: <http://e/> SELECT * { SERVICEex:a {} }",
    "PREFIX : <http://e/> SELECT * { service:a {} }",
    "PREFIX : <http://e/> SELECT * { service:a # comment\n {} }",
    "PREFIX : <http://e/> SELECT * { SERVICESILENT:a {} }",
    "SELECT * { SERVICESILENT<http://e/> {} }",
    "SELECT * { ?s ?p trueSERVICE<http://e/> {} }",
    "SELECT * { ?s ?p 1SERVICE<http://e/> {} }",
    "PREFIX : <http://e/> SELECT * { ?s ?p trueSERVICE:a {} }",
    "PREFIX : <http://e/> SELECT * { ?s ?p true.SERVICE:a {} }",
    "PREFIX ex: <http://e/> SELECT * { ?s ?p ex:.SERVICE <http://e/> {} }",
    "SELECT * { BIND(1 AS ?b) FILTER(?a<?b)SERVICE#>\n<http://e/> {} }",
    "SELECT * { BIND(1 AS ?b) FILTER(?a<?b#>'''\n)SERVICE <http://e/> {} #'''\n}",
    'SELECT * { BIND(1 AS ?b) FILTER(0<ex:b#>"""\n)SERVICE <http://e/> {} #"""\n}',
]


@pytest.mark.parametrize("text", CALLS)
@pytest.mark.clause("SPARQL 1.1 Query 19.2")
def test_a_call_of_another_endpoint_is_refused_wherever_it_hides(text: str) -> None:
    with pytest.raises(QueryForbidden, match="SERVICE"):
        read(text)


@pytest.mark.parametrize(
    "keyword", ["INSERT DATA", "delete", "LOAD", "CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD", "WITH"]
)
def test_an_update_is_refused_by_name(keyword: str) -> None:
    with pytest.raises(QueryForbidden, match=keyword.split(maxsplit=1)[0].upper()):
        read(f"PREFIX ex: <http://e/> {keyword} <http://e/g>")


def test_a_text_that_is_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(QueryTooLong, match="bytes or more; this endpoint reads") as raised:
        read("é" * 51, 100)
    assert raised.value.limit_bytes == 100
    assert read("é" * 50, 100).form is None


@pytest.mark.parametrize("function", ["NOW", "rand", "UUID", "STRUUID", "BNODE"])
def test_a_function_that_changes_makes_the_answer_volatile(function: str) -> None:
    assert read(f"SELECT ({function}() AS ?x) {{}}").volatile
    assert read(f"SELECT (COUNT(DISTINCT{function}()) AS ?x) {{}}").volatile
    assert not read(
        f"SELECT ?{function} {{ ?x <http://e/{function}> '{function}()' }} # {function}()"
    ).volatile


LITERALS = st.text(st.characters(codec="utf-8", exclude_characters="\\\"'\r\n"), max_size=12)
PARTS = st.sampled_from(["SERVICE ", "service <http://e/> {", "INSERT DATA {", "#", "{", "}", "<", ">", " "])
WORDS = st.lists(st.one_of(PARTS, LITERALS), max_size=6).map("".join)
HARMLESS = st.one_of(
    WORDS.map(lambda words: f'BIND("{words}" AS ?v)'),
    WORDS.map(lambda words: f"FILTER(?x = '{words}')"),
    WORDS.map(lambda words: f'FILTER(?x = """{words}""")'),
    WORDS.map(lambda words: f"# {words}\n"),
    st.sampled_from(
        [
            "?service ?p ?o .",
            "?s <http://e/SERVICE> ?o .",
            "?s ex:service service:x .",
            "OPTIONAL { ?a ?b 1 }",
        ]
    ),
    st.sampled_from(
        ["FILTER(?a < ?b && ?c > ?d)", "?s ex:a-service.b _:service .", "GRAPH service:g { ?s ?p ?o }"]
    ),
)
PROLOGUE = "PREFIX ex: <http://e/> PREFIX service: <http://service/> "


def bodies(parts: list[str]) -> str:
    # A variable may be bound once only, and the label of a blank node stands in one graph pattern only.
    return " ".join(
        part.replace("?v)", f"?v{number})").replace("_:service", "_:service" + "s" * number)
        for number, part in enumerate(parts)
    )


@given(st.lists(HARMLESS, max_size=6).map(bodies))
@settings(deadline=None, max_examples=150)
def test_no_query_is_refused_for_what_its_strings_names_and_comments_hold(body: str) -> None:
    text = f"{PROLOGUE} SELECT * {{ {body} }}"
    ox.Store().query(text)  # The engine reads it: it is SPARQL.
    assert read(text).form is QueryForm.SELECT


SPELLINGS = st.sampled_from(
    ["SERVICE", "service", "SeRvIcE SILENT", "SERVICE#c\n", "SERVICESILENT", "\\u0053ERVICE"]
)
TARGETS = st.sampled_from(["<http://127.0.0.1:9/>", " ex:a", " ?x", "\n<a>#{\n", " service:x"])


@given(
    st.lists(HARMLESS, max_size=4).map(bodies), SPELLINGS, TARGETS, st.lists(HARMLESS, max_size=4).map(bodies)
)
@settings(deadline=None, max_examples=150)
def test_a_call_is_refused_whatever_stands_around_it(
    before: str, keyword: str, target: str, after: str
) -> None:
    with pytest.raises(QueryForbidden):
        read(f"{PROLOGUE} SELECT * {{ {before} {keyword}{target} {{ ?s ?p ?o }} {after} }}")


CALLED = (
    "<http://127.0.0.1:9/>"  # A port to which the engine never connects: it fails with an error of its own.
)
FRAGMENTS = st.sampled_from(
    [
        *(
            "SERVICE",
            "service",
            "SERVICE:a",
            "service:a",
            "SERVICEa:a",
            "trueSERVICE",
            "1SERVICE",
            "a:.SERVICE",
            CALLED,
        ),
        *(
            "{",
            "}",
            "{}",
            "(",
            ")",
            "<",
            ">",
            "#",
            "\n",
            "\r",
            "'",
            "'''",
            '"',
            '"""',
            "\\",
            "\\u000A",
            "\\u0022",
            "\\u005C",
        ),
        *(
            "?s ?p ?o",
            "?s ?p ",
            "?b",
            " ",
            ".",
            ";",
            ":",
            "a:",
            "true",
            "1",
            "@en",
            "_:b",
            "a:x",
            "?service",
            "<a#b>",
        ),
        *(
            "FILTER(?a",
            "FILTER(1<2",
            "BIND(1 AS ?a)",
            "BIND(''AS ?x)",
            "FILTER(0<a:b#>",
            "OPTIONAL",
            "UNION",
            "GRAPH ?g",
        ),
        *(
            "{ SERVICE" + CALLED + "{} }",
            ")SERVICE#>\n" + CALLED + "{}",
            "SERVICE" + CALLED + "{}",
            "service:a{}",
        ),
    ]
)


@given(st.lists(FRAGMENTS, max_size=12).map("".join))
@settings(deadline=None, max_examples=500)
def test_what_is_read_without_objection_makes_no_call_in_the_engine(body: str) -> None:
    """The engine is the oracle: a query that passes and runs calls nothing (of which it would report the failure)."""
    text = f"PREFIX : {CALLED} PREFIX a: {CALLED} PREFIX service: {CALLED} SELECT * {{ {body} }}"
    try:
        list(SMALL.query(text))  # type: ignore[arg-type]
    except (SyntaxError, RuntimeError):
        return
    except OSError:
        assert _is_refused(text), text


SMALL = ox.Store()
SMALL.add(ox.Quad(ox.NamedNode("http://e/s"), ox.NamedNode("http://e/p"), ox.Literal(True)))


def _is_refused(text: str) -> bool:
    try:
        read(text)
    except StoreError:
        return True
    return False


@given(st.text(max_size=200))
def test_any_text_is_read_without_another_error_than_a_refusal(text: str) -> None:
    with contextlib.suppress(QueryForbidden, QuerySyntaxError):
        read(text)


HOSTILE = [
    *("<", "(?a<?b#>\n", '"""', "\\u0041"),
    *(
        pytest.param(each, marks=pytest.mark.thorough)
        for each in ("'", "a.", "?", "@a-", ":a\\", "'''", "# \r", "((?a<#b>")
    ),
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_is_read_in_linear_time(piece: str) -> None:
    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        best = float("inf")
        for _ in range(3):
            began = time.perf_counter()
            with contextlib.suppress(StoreError):
                read(text)
            best = min(best, time.perf_counter() - began)
        return best

    # Sixteen times the text: sixteen times the time, not 256 times.
    assert seconds(160_000) < 64 * max(seconds(10_000), 0.0005)


def test_our_own_queries_have_a_title_and_a_question_and_can_be_read() -> None:
    for query in own_queries().values():
        assert query.title, query.name
        assert query.question, query.name
        assert read(query.text).form is QueryForm.SELECT, query.name


def test_a_query_of_ours_that_is_not_there_is_named() -> None:
    with pytest.raises(StoreError, match=r"store/rq/no-such\.rq"):
        own_query("no-such")
