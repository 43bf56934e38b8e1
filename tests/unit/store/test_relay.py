"""What the worker does to the text of a query that asks others, and to the engine's words on it."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from fonds.store.relay import placed, rewritten


def address(number: int) -> str:
    return f"http://127.0.0.1:40000/{number}-{'0' * 32}"


def spans(text: str, *named: str) -> list[tuple[int, int]]:
    found, position = [], 0
    for each in named:
        position = text.index(each, position)
        found.append((position, position + len(each)))
        position += len(each)
    return found


def test_each_endpoint_is_named_by_the_address_of_its_pattern_and_the_rest_stays() -> None:
    text = "SELECT * { SERVICE <a:b> { 'é <a:b>' SERVICE x:y{} } }"
    calls = [*spans(text, "<a:b>"), *spans(text, "x:y")]
    assert rewritten(text, calls, address) == (
        f"SELECT * {{ SERVICE <{address(0)}> {{ 'é <a:b>' SERVICE <{address(1)}>{{}} }} }}"
    )
    assert rewritten(text, [], address) == text


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("SELECT * { SERVICE x:y { ?s ?p ?o } ! }", ["x:y"]),
        ("SELECT * { SERVICE x:y { ?s ?p ?o } SERVICE x:z { ?s ?p ?o } ! }", ["x:y", "x:z"]),
        ("SELECT * { SERVICE x:y { ?s ?p ?o } ! SERVICE x:z { ?s ?p ?o } }", ["x:y", "x:z"]),
        ("SELECT * {\n  SERVICE x:y { ?s ?p ?o }\n\n ! }", ["x:y"]),
        ("SELECT * { ! SERVICE x:y { ?s ?p ?o }\n }", ["x:y"]),
        (f"SELECT * {{ SERVICE <http://e.example/{'long' * 40}> {{ ?s ?p ?o }} ! }}", [f"<http://e.example/{'long' * 40}>"]),
    ],
)  # fmt: skip
def test_a_fault_has_the_place_that_it_has_in_the_query_as_it_came(text: str, named: list[str]) -> None:
    def message(query: str) -> str:
        with pytest.raises(SyntaxError) as raised:
            ox.Store().query(query, prefixes={"x": "http://e/"})
        return str(raised.value)

    calls = spans(text, *named)
    there = placed(message(rewritten(text, calls, address)), text, calls, address)
    assert there == message(text)


def test_words_that_name_no_place_stay_as_they_are() -> None:
    assert placed("The SELECT contains ?x twice", "SELECT", [], address) == "The SELECT contains ?x twice"
