"""``fv:matches`` finds what the search finds, and what CONTAINS would find; wrong arguments are told, not swallowed."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from fonds.release.folder import Release
from fonds.release.publication import build_publication
from fonds.store.embedded import EmbeddedStore
from fonds.store.matching import FUNCTION
from fonds.vocabulary import RDFS, SD
from fonds.web import matching
from fonds.web.server import create_app
from tests.bench.series import write_series
from tests.conftest import BASE, opened
from tests.unit.web.conftest import Ask, asker, query_target

JSON = "application/sparql-results+json"
STORED = """\
# title: Telegrams
SELECT DISTINCT ?x { ?x a rico:Record FILTER(fv:matches(?x, "telegram")) }
"""


@pytest.fixture(scope="module")
def ask_series(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Ask a site of sixty made-up documents of two volumes."""
    folder = tmp_path_factory.mktemp("series")
    write_series(folder, 60, size="short", documents_per_volume=30)
    (folder / "queries").mkdir(exist_ok=True)
    (folder / "queries" / "found.rq").write_text(STORED, encoding="utf-8")
    release = build_publication(folder, base=BASE)
    with opened(release, prefixes={}) as store:
        yield asker(create_app(release, store, release.manifest.settings))


def _rows(ask: Ask, query: str) -> list[dict[str, str]]:
    reply = ask(query_target(query), JSON)
    assert reply.status == 200, reply.body
    found = json.loads(reply.body)["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in found]


def _things(ask: Ask, pattern: str) -> set[str]:
    return {row["x"] for row in _rows(ask, f"SELECT DISTINCT ?x WHERE {{ {pattern} }}")}


def test_it_finds_what_contains_finds(ask_series: Ask) -> None:
    names = [
        row["name"] for row in _rows(ask_series, "SELECT ?name { ?x a crm:E21_Person ; rdfs:label ?name }")
    ]
    words = sorted({word for name in names for word in re.findall(r"\w+", name)})
    for word in random.Random(1).sample(words, 30):
        by_index = _things(ask_series, f'?x a crm:E21_Person FILTER(fv:matches(?x, "title:{word}"))')
        whole = f"(^|[^A-Za-z]){word}([^A-Za-z]|$)"
        by_regex = _things(
            ask_series, f'?x a crm:E21_Person ; rdfs:label ?l FILTER(REGEX(?l, "{whole}", "i"))'
        )
        assert by_regex
        assert by_index == by_regex, word


def test_it_is_a_truth_like_any_other(ask_series: Ask) -> None:
    every = _things(ask_series, "?x a rico:Record")
    some = _things(ask_series, '?x a rico:Record FILTER(fv:matches(?x, "title:telegram"))')
    others = _things(ask_series, '?x a rico:Record FILTER(!fv:matches(?x, "title:telegram"))')
    assert some
    assert others
    assert some | others == every
    assert not some & others
    (row,) = _rows(
        ask_series,
        'SELECT (COUNT(?x) AS ?n) { ?x a rico:Record BIND(fv:matches(?x, "title:telegram") AS ?found) '
        'FILTER(?found && EXISTS { ?x ?p ?o FILTER(!fv:matches(?o, "title:telegram")) }) }',
    )
    assert int(row["n"]) == len(some)


def test_what_is_no_iri_matches_nothing(ask_series: Ask) -> None:
    found = _rows(
        ask_series,
        'SELECT (COUNT(*) AS ?n) (COUNT(?found) AS ?told) { ?x rdfs:label ?l BIND(fv:matches(?l, "telegram") AS ?found) }',
    )
    assert int(found[0]["n"]) > 0
    assert found[0]["told"] == "0"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_fault_is_400_with_its_line(ask_series: Ask, method: str) -> None:
    query = "SELECT * {\n ?x rdfs:label ?l FILTER(fv:matches(?x, ?l)) }"
    if method == "GET":
        reply = ask_series(query_target(query), JSON)
    else:
        headers = [("Content-Type", "application/sparql-query")]
        reply = ask_series("/sparql", JSON, method="POST", headers=headers, body=[query.encode()])
    assert reply.status == 400
    assert json.loads(reply.body)["line"] == 2


@pytest.mark.parametrize("words", ["", "   ", "a" * 501])
def test_words_that_cannot_be_looked_for_are_400(ask_series: Ask, words: str) -> None:
    assert (
        ask_series(query_target(f'ASK {{ ?x ?p ?o FILTER(fv:matches(?x, "{words}")) }}'), JSON).status == 400
    )


def test_a_name_that_only_the_engine_understands_is_400(ask_series: Ask) -> None:
    # The name is written with an escape; the engine resolves it, and nobody has searched for the text.
    escaped = FUNCTION.replace("#m", "#\\u006d")
    for before in ("", 'fv:matches(?x, "tea") || '):
        query = f'SELECT * {{ ?x ?p ?o FILTER({before}<{escaped}>(?x, "rice")) }}'
        assert ask_series(query_target(query), JSON).status == 400


def test_words_that_find_too_much_are_400_and_say_so(
    ask_series: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = 'ASK { ?x ?p ?o FILTER(fv:matches(?x, "title:telegram")) }'
    monkeypatch.setattr(matching, "MOST_THINGS", 2)
    reply = ask_series(query_target(query), JSON)
    assert reply.status == 400
    assert "more than 2 things" in reply.body.decode()


def test_hits_of_one_query_are_not_those_of_the_next(ask_series: Ask) -> None:
    ask = 'ASK {{ ?x a rico:Record FILTER(fv:matches(?x, "{}")) }}'
    for words, found in (("title:telegram", True), ("title:nowhere", False), ("title:telegram", True)):
        reply = ask_series(query_target(ask.format(words)), JSON)
        assert json.loads(reply.body)["boolean"] is found
    # Without a text there is no such function left in the worker.
    assert ask_series(query_target(f"ASK {{ ?x ?p ?o FILTER(<{FUNCTION}x>(?x)) }}"), JSON).status == 400


def test_graphs_and_pages_have_it_too(ask_series: Ask) -> None:
    query = 'CONSTRUCT { ?x a rico:Record } { ?x a rico:Record FILTER(fv:matches(?x, "title:telegram")) }'
    quads = list(parse(ask_series(query_target(query), "text/turtle").body, format=RdfFormat.TURTLE))
    assert {str(each.subject.value) for each in quads} == _things(  # type: ignore[union-attr]
        ask_series, '?x a rico:Record FILTER(fv:matches(?x, "title:telegram"))'
    )
    page = ask_series(
        query_target('SELECT ?x { ?x a rico:Record FILTER(fv:matches(?x, "title:telegram")) }'), "text/html"
    )
    assert page.status == 200


@pytest.mark.clause("SPARQL 1.1 Service Description 3.2.7")
def test_the_service_description_has_it_where_there_is_an_index(ask_publication: Ask, ask: Ask) -> None:
    for asked, has in ((ask_publication, True), (ask, False)):
        quads = list(parse(asked("/sparql", "text/turtle").body, format=RdfFormat.TURTLE))
        functions = {each.object for each in quads if each.predicate == SD.extensionFunction}
        assert (NamedNode(FUNCTION) in functions) is has
        described = [
            each for each in quads if each.subject == NamedNode(FUNCTION) and each.predicate == RDFS.comment
        ]
        assert bool(described) is has


def test_a_dataset_without_an_index_says_that_it_has_none(ask: Ask) -> None:
    reply = ask(
        query_target('PREFIX fv: <https://w3id.org/fonds/ns#> ASK { ?x ?p ?o FILTER(fv:matches(?x, "a")) }'),
        JSON,
    )
    assert reply.status == 400
    assert "no full-text index" in reply.body.decode()


def test_the_first_record_is_found_by_its_words(ask_publication: Ask, release: Release) -> None:
    found = _things(ask_publication, '?x a rico:Record FILTER(fv:matches(?x, "Guevara resignation"))')
    assert found == {f"{release.manifest.base}id/record/darusenkov-1964-375"}
    assert not _things(ask_publication, '?x a rico:Record FILTER(fv:matches(?x, "Guevara Eisenhower"))')


def test_a_store_that_has_no_such_function_is_not_said_to_have_it(
    ask_publication: Ask, release: Release, store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert FUNCTION.encode() in ask_publication("/sparql", "application/n-triples").body
    monkeypatch.setattr(EmbeddedStore, "can_match", False)
    ask_other = asker(create_app(release, store, release.manifest.settings))
    assert FUNCTION.encode() not in ask_other("/sparql", "application/n-triples").body


def test_a_stored_query_looks_for_texts_as_any_other(ask_series: Ask) -> None:
    reply = ask_series("/queries/found.json")
    assert reply.status == 200, reply.text
    found = {row["x"]["value"] for row in json.loads(reply.body)["results"]["bindings"]}
    assert found == _things(ask_series, '?x a rico:Record FILTER(fv:matches(?x, "telegram"))') != set()
