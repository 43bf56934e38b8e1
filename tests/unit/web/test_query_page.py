"""The query page: where a fault is, and the same query from other programs."""

from __future__ import annotations

import ast
import shlex
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonds.store import Dataset, QueryForm
from fonds.web.query_page import address, faulty_line, for_curl, for_python
from fonds.web.sparql_request import QueryRequest
from tests.unit.web.conftest import Ask, query_target, strange_scripts

ENDPOINT = "https://a.example/it's/sparql"
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60) | st.sampled_from(
    ['a\n"""\nb', "'; rm -rf ~; echo '", "\\", '"\n"', "$(id)\n`id`", "{{ x }}\r\n</pre><script>"]
)
FORMS = st.sampled_from([*QueryForm, None])
IRIS = st.sampled_from([(), ("http://g.example/'a",), ("http://g.example/1", "urn:x:$(id)")])


@given(TEXTS, IRIS, FORMS)
def test_a_shell_reads_the_query_as_it_is(
    query: str, graphs: tuple[str, ...], form: QueryForm | None
) -> None:
    request = QueryRequest(query, Dataset(graphs, ()))
    # shlex reads the continuation of a line as a word of its own; a shell does not.
    words = [word for word in shlex.split(for_curl(ENDPOINT, request, form)) if word != "\n"]
    values = [after for before, after in pairwise(words) if before == "--data-urlencode"]
    assert values == [*(f"default-graph-uri={each}" for each in graphs), f"query={query}"]
    assert (words[0], words[-1]) == ("curl", ENDPOINT)
    assert len(words) == 4 + 2 * len(values)


@given(TEXTS, IRIS, FORMS)
def test_python_reads_the_query_as_it_is(query: str, graphs: tuple[str, ...], form: QueryForm | None) -> None:
    program = ast.parse(for_python(ENDPOINT, QueryRequest(query, Dataset(graphs, ())), form))
    calls = [
        (node.func.attr, ast.literal_eval(node.args[0]))
        for node in ast.walk(program)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and len(node.args) == 1
        and isinstance(node.args[0], ast.Constant)
    ]
    assert [value for name, value in calls if name == "addDefaultGraph"] == list(graphs)
    (text,) = [value for name, value in calls if name == "setQuery"]
    assert text.replace("\r\n", "\n") == query.replace("\r\n", "\n")


@given(TEXTS, IRIS)
def test_the_address_of_a_query_holds_it_whole(query: str, graphs: tuple[str, ...]) -> None:
    found = parse_qs(urlsplit(address(QueryRequest(query, Dataset(graphs, ())), format="csv")).query, True)
    assert found["query"] == [query]
    assert found.get("default-graph-uri", []) == list(graphs)
    assert found["format"] == ["csv"]


@given(TEXTS, st.integers(-1, 8), st.integers(-1, 80))
def test_a_fault_is_shown_where_it_is_and_nowhere_else(query: str, line: int, column: int) -> None:
    found = faulty_line(query, line, column)
    if found is None:
        assert column < 1 or not 1 <= line <= query.count("\n") + 1
    else:
        whole = query.split("\n")[line - 1].rstrip("\r")
        assert found.before.removeprefix("…") + found.at + found.after.removesuffix("…") in whole


@pytest.mark.parametrize(
    ("query", "accept", "words"),
    [
        ("SELECT * {\n  ?s foo:p ?o\n}", "text/html", ["<mark>foo:p</mark>", "Line 2"]),
        ("SELECT * { ?s ?p ?o }", "text/html", ["Link to this query", "SPARQLWrapper", "curl -H", "rows."]),
        ("ASK { ?s <http://nobody.example/> ?o }", "text/html", ["No</p>"]),
        ("SELECT * { ?s <http://nobody.example/> ?o }", "text/html", ["No rows: nothing in the data fits."]),
        (
            "CONSTRUCT { ?s ?p ?o } { ?s <http://nobody.example/> ?o ; ?p ?o }",
            "text/html",
            ["No triples: nothing in the data fits."],
        ),
    ],
)
def test_the_page_says_what_there_is(ask: Ask, query: str, accept: str, words: list[str]) -> None:
    page = ask(query_target(query), accept).text
    missing = [each for each in words if each not in page]
    assert missing == []
    assert strange_scripts(page) == []


def test_a_hostile_query_is_text_on_its_page(ask: Ask) -> None:
    page = ask(query_target("SELECT * { ?s ?p '</textarea><script>alert(1)</script>' }"), "text/html").text
    assert strange_scripts(page) == []
    assert "&lt;script&gt;" in page
