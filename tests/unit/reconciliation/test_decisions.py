"""Decisions: what becomes what, and which decisions contradict each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonds.errors import Fault
from fonds.model import Origin, Reference
from fonds.reconciliation.decisions import Decision, Verdict, decided_pairs, ends, merges


def person(key: str) -> Reference:
    return Reference("person", key)


def decisions(*rows: str) -> list[Decision]:
    """Return decisions written as ``a = b`` (b becomes a), ``a ! b`` (different), ``a ? b`` (undecided); lines count from 2."""
    verdicts = {"=": Verdict.SAME, "!": Verdict.DIFFERENT, "?": Verdict.UNDECIDED}
    return [
        Decision(
            thing=person(thing), other=person(other), verdict=verdicts[sign], origin=Origin("r.csv", line)
        )
        for line, (thing, sign, other) in enumerate((row.split() for row in rows), start=2)
    ]


def read(*rows: str) -> tuple[dict[str, str], list[str]]:
    faults: list[Fault] = []
    same = merges(decisions(*rows), faults)
    end = ends({other: each.thing for other, each in same.items()})
    return {other.key: thing.key for other, thing in end.items()}, list(map(str, faults))


def test_what_becomes_another_becomes_what_that_became() -> None:
    assert read("a = b", "b = c", "x ! a", "x ? y") == ({"b": "a", "c": "a"}, [])


@pytest.mark.parametrize(
    ("rows", "becomes", "said"),
    [
        (("a = a",), {}, "r.csv:2: person/a is the same as itself"),
        (("a = b", "b ! a"), {"b": "a"}, "r.csv:3: this pair is decided already, in line 2; keep one row"),
        (("a = b", "c = b"), {"b": "a"}, "r.csv:3: person/b would become person/c, and by line 2 person/a;"),
        (("a = b", "b = c", "c = a"), {"b": "a", "c": "a"}, "r.csv:4: person/c becomes person/a by what other rows say"),
        (("a = b", "b = c", "a ! c"), {"b": "a", "c": "a"},
         "r.csv:4: person/a and person/c are different here, and one by line 2, 3; take one of them back"),
    ],
)  # fmt: skip
def test_a_contradiction_is_told_with_its_lines(
    rows: tuple[str, ...], becomes: dict[str, str], said: str
) -> None:
    found, faults = read(*rows)
    assert found == becomes
    assert len(faults) == 1
    assert faults[0].startswith(said)


def test_two_that_would_stay_can_be_said_to_be_one() -> None:
    assert read("a = b", "c = d", "a = c") == ({"b": "a", "c": "a", "d": "a"}, [])


def test_what_was_decided_of_a_thing_holds_for_what_it_became() -> None:
    rows = decisions("a = b", "c ! b", "c ? d")
    becomes = {person("b"): person("a")}
    assert decided_pairs(rows, becomes) == {
        (person("a"), person("b")),
        (person("a"), person("a")),
        (person("b"), person("c")),
        (person("a"), person("c")),
    }


rows = st.lists(
    st.tuples(st.sampled_from("abcde"), st.sampled_from("=!?"), st.sampled_from("abcde")).map(" ".join),
    max_size=8,
)


@given(rows)
def test_whatever_the_rows_say_nothing_becomes_itself_and_what_stays_becomes_nothing(rows: list[str]) -> None:
    becomes, _ = read(*rows)
    assert all(other != thing and thing not in becomes for other, thing in becomes.items())
