"""What a person is told about a query that is not SPARQL: the line, the column, and what is wrong there."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonds.store.syntax import explaining
from fonds.store.turns import at_once


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("SELECT * {\n  ?s foo:bar ?o }", 2, 6, "the prefix foo: is not declared"),
        ("SELECT * { ?s ?p ?o", 1, 10, "“{” is never closed"),
        ("SELECT * {\n FILTER(} ", 2, 9, "found “}”, expected “)”"),
        ("SELECT * { ?s ?p ?o } }", 1, 23, "“}” closes nothing"),
        ('SELECT * {\n ?s ?p "abc }', 2, 8, "has no end"),
        ("SELECT * { ?s <http://a b> ?o }", 1, 15, "no spaces"),
        ("SELEC * { ?s ?p ?o }", 1, 1, "“SELEC"),
        ("SELECT * {\n ?s ?p }\n", 2, 2, "“?s ?p }”"),
        ("SELECT ?x {\n ?x ?y ?z } GROUP BY ?y", 1, 1, "variable that is unbound"),
        ("", 1, 1, "the query is empty"),
    ],
)
def test_a_syntax_error_says_where_and_what(text: str, line: int, column: int, words: str) -> None:
    with pytest.raises(SyntaxError) as raised:
        ox.Store().query(text)
    error = at_once(explaining(text, str(raised.value), {"rdfs"}))
    assert (error.line, error.column) == (line, column), str(error)
    assert words in str(error)


def test_a_prefix_that_the_store_knows_needs_no_declaration() -> None:
    error = at_once(
        explaining("SELECT * { ?s rdfs:label foo:x }", "error at 1:30: expected OPTIONAL", {"rdfs"})
    )
    assert "foo:" in str(error)


@given(st.text(max_size=80), st.text(max_size=40), st.integers(1, 99), st.integers(1, 99))
def test_any_text_with_any_message_gives_an_error_whose_place_is_in_the_text(
    text: str, message: str, line: int, column: int
) -> None:
    error = at_once(explaining(text, f"error at {line}:{column}: {message}", ()))
    assert error.line <= text.count("\n") + 1
    assert error.column <= len(text) + 1


def test_a_text_that_cannot_be_taken_apart_has_an_error_all_the_same() -> None:
    error = at_once(
        explaining("SELECT * { FILTER(1" + "<1#>" * 10_000 + ") }", "error at 1:20: expected IRI", {})
    )
    assert error.line == 1
