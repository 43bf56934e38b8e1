"""What a query looks for is read from it, however it is written; what cannot be told is refused, with its place."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonds.errors import QuerySyntaxError
from fonds.identifiers import NS
from fonds.store import worker
from fonds.store.matching import FUNCTION, MOST_TEXTS, may_match, read_wanted

_PREFIXES = {"fv": NS}


def _wanted(query: str) -> list[str]:
    return [each.words for each in read_wanted(query, base="http://a.example/", prefixes=_PREFIXES)]


def test_the_worker_knows_the_function_by_the_same_name() -> None:
    assert worker.MATCHES == FUNCTION


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ('fv:matches(?x, "rice")', ["rice"]),
        ("fv:matches(?x,'rice')", ["rice"]),
        ('fv:matches ( ?x , """rice\n"tea\\"""" )', ['rice\n"tea"']),
        ('fv:matches(IF(?a, (?b), <http://x.example/a,b>), "rice") # "tea"', ["rice"]),
        (f'<{FUNCTION}>(?x, "\\u0440\\u0438\\u0441")', ["рис"]),
        ('fv:matches(?x, "rice") && fv:matches(?y, "tea") && fv:matches(?z, "rice")', ["rice", "tea"]),
        ('fv:other(?x, "rice")', []),
        ('CONTAINS(?x, "fv:matches(?x, 1)")', []),
        ("?matches", []),
        ("?x IN (fv:matches)", []),
        ("# fv:matches(?x, ?y)\n true", []),
    ],
)
def test_texts_are_found_where_they_stand(call: str, words: list[str]) -> None:
    query = f"SELECT * {{ ?x ?p ?o FILTER({call}\n) }}"
    assert may_match(query) or not words
    assert _wanted(query) == words


def test_any_prefix_will_do_that_the_query_declares() -> None:
    assert _wanted(f'PREFIX fonds: <{NS}> SELECT * {{ FILTER(fonds:matches(?x, "rice")) }}') == ["rice"]
    assert _wanted(f'BASE <{NS}> PREFIX : <#> SELECT * {{ FILTER(:matches(?x, "rice")) }}') == ["rice"]
    assert _wanted("PREFIX fv: <http://x.example/> SELECT * { FILTER(fv:matches(?x, ?y)) }") == []


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "?x",
        '"rice"',
        '?x, "rice", "tea"',
        "?x, ?words",
        '?x, "rice"@en',
        '?x, "rice"^^xsd:string',
        '?x, CONCAT("ri", "ce")',
        "?x, 7",
        '?x, "\\uD800"',
        ', "rice"',
    ],
)
def test_other_arguments_are_refused_with_their_place(arguments: str) -> None:
    with pytest.raises(QuerySyntaxError, match="Line 2, column") as found:
        _wanted(f"SELECT * {{\n FILTER(fv:matches({arguments})) }}")
    assert found.value.line == 2


def test_more_texts_than_allowed_are_refused() -> None:
    calls = " || ".join(f'fv:matches(?x, "{each}")' for each in range(MOST_TEXTS))
    assert len(_wanted(f"SELECT * {{ FILTER({calls}) }}")) == MOST_TEXTS
    with pytest.raises(QuerySyntaxError, match=str(MOST_TEXTS)):
        _wanted(f'SELECT * {{ FILTER({calls} || fv:matches(?x, "one more")) }}')


@given(
    st.lists(
        st.sampled_from(["fv:matches", "(", ")", ",", '"a"', "?x", "<", ">", "#", "'", "{", "PREFIX", " "])
    )
)
def test_any_text_can_be_read(parts: list[str]) -> None:
    with contextlib.suppress(QuerySyntaxError):
        assert isinstance(_wanted("".join(parts)), list)
