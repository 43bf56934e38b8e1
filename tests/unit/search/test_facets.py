"""The numbers of facets are those that one gets by counting, whatever is asked and chosen."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from fonds.dates import parse_edtf
from fonds.model import Authority, Certainty, Phrase, Reference
from fonds.search import values
from fonds.search.asking import read_question
from fonds.search.entries import Entry, period_of, years_of
from fonds.search.facets import FACETS
from fonds.search.finding import Asked, SearchIndex
from fonds.search.index import write_index

_UNITS = {"archive": "", "fonds-1": "archive", "fonds-2": "archive", "file-1": "fonds-1", "file-2": "fonds-1"}
_WORDS = ("rice", "tea", "coal")


@dataclass(frozen=True)
class Made:
    """A record as it was made, with the values that it has by the description of facets and not by the program."""

    entry: Entry
    words: str
    values: Mapping[str, frozenset[str]]


def _path(unit: str) -> list[str]:
    return [unit, *_path(_UNITS[unit])] if unit else []


def _make(number: int, rng: random.Random) -> Made:
    named = {
        kind: rng.sample([f"{kind}-{each}" for each in range(30)], rng.randrange(5))
        for kind in ("person", "group", "place", "event")
    }
    first = rng.randrange(1950, 1960)
    last = first + rng.choice((0, 0, 0, 2))
    happened = rng.choice((None, first - 1))
    unit, language = rng.choice([*_UNITS, ""]), rng.choice(("en", "ru", ""))
    certainty, gaps, said = rng.choice([*Certainty]), rng.random() < 0.3, rng.random() < 0.6
    words = " ".join(rng.sample(_WORDS, rng.randint(1, 3)))
    entry = Entry(
        f"r{number}",
        Phrase(f"Letter {number}", "en"),
        mentioned=tuple(Reference(kind, key) for kind, keys in named.items() for key in keys),
        written=period_of(parse_edtf(f"{first}-05/{last}-06")),
        happened=period_of(parse_edtf(str(happened))) if happened else None,
        holding=Reference("holding", unit) if unit else None,
        language=language,
        has_gaps=gaps,
        has_statements=said,
        certainty=certainty,
    )
    years = {str(each) for each in (*range(first, last + 1), *([happened] if happened else []))}
    values = {kind: frozenset(keys) for kind, keys in named.items()} | {
        "kind": frozenset({"record"}),
        "holding": frozenset(_path(unit)),
        "year": frozenset(years),
        "language": frozenset({language} if language else ()),
        "gaps": frozenset({"yes" if gaps else "no"}),
        "statements": frozenset({"yes" if said else "no"}),
        "certainty": frozenset({certainty.value}),
    }
    return Made(entry, words, values)


@pytest.fixture(scope="module")
def made() -> list[Made]:
    rng = random.Random(8)
    return [_make(number, rng) for number in range(500)]


@pytest.fixture(scope="module")
def index(made: list[Made], tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    units = [
        Authority(
            reference=Reference("holding", key),
            labels=(Phrase(key),),
            broader=Reference("holding", above) if above else None,
        )
        for key, above in _UNITS.items()
    ]
    people = [
        Authority(reference=Reference("person", f"person-{each}"), labels=(Phrase(f"Barley {each}"),))
        for each in range(30)
    ]
    folder = tmp_path_factory.mktemp("facets") / "search"
    listed = {each.reference: each for each in (*units, *people)}
    write_index(folder, [(each.entry, each.words) for each in made], listed)
    return SearchIndex(folder)


def _fits(one: Made, word: str, chosen: Mapping[str, tuple[str, ...]], without: str = "") -> bool:
    return (not word or word in one.words.split()) and all(
        (any if FACETS[name].any_fits else all)(value in one.values[name] for value in values)
        for name, values in chosen.items()
        if name != without
    )


def _chosen(made: list[Made], rng: random.Random) -> dict[str, tuple[str, ...]]:
    """Choose some values that one record has, and of some facets another one."""
    one, other = rng.choice(made), rng.choice(made)
    chosen = {}
    for name in rng.sample([each for each in FACETS if each != "kind"], rng.randint(1, 5)):
        values = sorted(one.values[name])[: rng.randint(1, 2)]
        if FACETS[name].any_fits:
            values += sorted(other.values[name])[:1]
        if values:
            chosen[name] = tuple(dict.fromkeys(values))
    return chosen


@pytest.mark.parametrize(
    "seed", [*range(20), *(pytest.param(each, marks=pytest.mark.thorough) for each in range(20, 60))]
)
@pytest.mark.parametrize(("least", "most_rows"), [(40, 400), (0, 2), (400, 400)])
def test_numbers_are_those_of_counting(
    index: SearchIndex,
    made: list[Made],
    seed: int,
    least: int,
    most_rows: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(values, "_LEAST_ROWS", least)
    monkeypatch.setattr(values, "_MOST_ROWS", most_rows)
    rng = random.Random(seed)
    chosen, word = _chosen(made, rng), rng.choice(("", *_WORDS))
    asked = Asked(read_question(word), chosen=chosen, length=1000)
    found = {each.path.partition("/")[2] for each in index.find(asked).hits}
    assert found == {each.entry.key for each in made if _fits(each, word, chosen)}
    for most in (3, 50):
        facets = {each.facet.name: each for each in index.facets(asked, most=most)}
        for name, facet in FACETS.items():
            if name == "kind":
                continue
            without = name if facet.any_fits else ""
            numbers = Counter(
                value for each in made if _fits(each, word, chosen, without) for value in each.values[name]
            )
            counts = facets[name].counts if name in facets else ()
            shown = {each.value: each.number for each in counts}
            assert shown == {value: numbers[value] for value in shown}, name
            assert {each.value for each in counts if each.chosen} == set(chosen.get(name, ())), name
            assert len(shown) >= min(most, len(numbers)), name
            if most == 50:
                assert {each: number for each, number in shown.items() if number} == numbers
            assert name not in facets or facets[name].more == (len(numbers) > most)


def test_most_frequent_values_are_shown_and_years_in_their_order(
    index: SearchIndex, made: list[Made]
) -> None:
    facets = {each.facet.name: each for each in index.facets(Asked(read_question("rice")), most=5)}
    numbers = Counter(v for each in made if "rice" in each.words.split() for v in each.values["person"])
    fewest = min(each.number for each in facets["person"].counts)
    assert fewest == sorted(numbers.values(), reverse=True)[4]
    assert facets["person"].more
    years = [int(each.value) for each in facets["year"].counts]
    assert years == sorted(years)


def test_one_facet_can_be_had_whole(index: SearchIndex) -> None:
    facets = {
        each.facet.name: each for each in index.facets(Asked(read_question("rice")), most=2, whole="person")
    }
    assert len(facets["person"].counts) == 30
    assert not facets["person"].more
    assert len(facets["group"].counts) == 2


def test_kinds_are_counted_beside_that_which_is_searched(index: SearchIndex, made: list[Made]) -> None:
    kinds = {each.facet.name: each for each in index.facets(Asked(read_question("Barley")))}["kind"]
    records = sum(bool(each.values["person"]) for each in made)
    assert {each.value: (each.number, each.chosen) for each in kinds.counts} == {
        "record": (records, True),
        "person": (30, False),
    }
    both = Asked(read_question("Barley"), kinds=("record", "person"), length=1000)
    assert index.find(both).total == records + 30


def test_units_within_units_are_narrowed_as_well(index: SearchIndex) -> None:
    asked = Asked(read_question(""), kinds=("holding",), chosen={"holding": ("fonds-1",)})
    assert {each.path for each in index.find(asked).hits} == {"holding/file-1", "holding/file-2"}


def test_what_nothing_has_is_nothing_and_no_error(index: SearchIndex) -> None:
    asked = Asked(read_question(""), chosen={"person": ("nobody",), "year": ("-43",)})
    assert index.find(asked).total == 0
    facets = {each.facet.name: each for each in index.facets(asked)}
    assert [(each.value, each.number) for each in facets["person"].counts] == [("nobody", 0)]


@pytest.mark.parametrize(
    ("edtf", "years"),
    [
        ("1964-10-27", (1964,)),
        ("1953/1955", (1953, 1954, 1955)),
        ("-0043-03-15", (-43,)),
        ("19XX", tuple(range(1900, 2000))),
        ("1801/2000", ()),
        ("../1964", ()),
        ("1964/..", ()),
    ],
)
def test_years_of_a_date(edtf: str, years: tuple[int, ...]) -> None:
    assert years_of([period_of(parse_edtf(edtf)), None]) == years
