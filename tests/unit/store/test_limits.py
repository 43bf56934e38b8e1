"""Limits of an answer and of a client: a whole answer or an error, and nobody keeps the others waiting."""

from __future__ import annotations

import asyncio
import gzip
import json

import brotli
import pyoxigraph as ox
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from fonds.errors import ClientBusy, QueryLimitPassed, StoreBusy
from fonds.formats import (
    CSV,
    JSONLD,
    NQUADS,
    NTRIPLES,
    RDF_FORMATS,
    RDFXML,
    RESULT_FORMATS,
    RESULTS_JSON,
    RESULTS_XML,
    TRIG,
    TSV,
    TURTLE,
    Format,
)
from fonds.store.worker import rows_counter
from tests.unit.store.conftest import Open, run, until, whole

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
SMALL = "ASK {}"
FORMATS = [RESULTS_JSON, RESULTS_XML, CSV, TSV, TURTLE, NTRIPLES, JSONLD, RDFXML, TRIG, NQUADS]
_QUICK = (RESULTS_JSON, TSV, TURTLE, JSONLD)
QUICK_FORMATS = [
    each if each in _QUICK else pytest.param(each, marks=pytest.mark.thorough) for each in FORMATS
]


def query(format_: Format, rows: int) -> str:
    pattern = f"{{ ?s ?p ?o FILTER(STRSTARTS(STR(?s), 'https://archive.example/filler')) }} LIMIT {rows}"
    form = "SELECT ?s ?o" if format_ in RESULT_FORMATS else "CONSTRUCT { ?s ?p ?o }"
    return f"{form} WHERE {pattern}"


@pytest.mark.parametrize("format_", QUICK_FORMATS, ids=lambda each: each.ending)
@pytest.mark.parametrize("rows", [5, 1000])
def test_as_many_rows_as_the_limit_are_answered_and_one_more_is_an_error(
    open_store: Open, format_: Format, rows: int
) -> None:
    store = open_store(result_rows=rows)

    async def ask() -> None:
        assert await whole(store, query(format_, rows), format_)
        with pytest.raises(QueryLimitPassed) as raised:
            await whole(store, query(format_, rows + 1), format_)
        assert (raised.value.limit, raised.value.value) == ("result_rows", rows)
        # The worker that answered too much goes on.
        assert await whole(store, query(format_, 1), format_)

    run(ask())


@pytest.mark.parametrize("format_", QUICK_FORMATS, ids=lambda each: each.ending)
def test_as_many_bytes_as_the_limit_are_answered_and_one_more_is_an_error(
    open_store: Open, format_: Format
) -> None:
    async def ask() -> None:
        for rows in (3, 2000):
            size = len(await whole(open_store(), query(format_, rows), format_))
            generous, strict = open_store(result_bytes=size + 4000), open_store(result_bytes=size - 1)
            assert len(await whole(generous, query(format_, rows), format_)) == size
            with pytest.raises(QueryLimitPassed) as raised:
                await whole(strict, query(format_, rows), format_)
            assert raised.value.limit == "result_bytes"

    run(ask())


TERMS = st.sampled_from(
    ['"x"', '"}},{"', '"},{},"', '"a\\n\\r\\n\\"b,"', "<http://e/>", '"<result>"@en', "UNDEF"]
)


@given(st.lists(st.tuples(TERMS, TERMS), max_size=6), st.lists(st.integers(0, 400), max_size=6))
def test_rows_are_counted_wherever_an_answer_is_cut(rows: list[tuple[str, str]], cuts: list[int]) -> None:
    text = f"SELECT ?a ?b {{ VALUES (?a ?b) {{ {' '.join(f'({a} {b})' for a, b in rows)} }} }}"
    formats = (ox.QueryResultsFormat.XML, ox.QueryResultsFormat.CSV, ox.QueryResultsFormat.TSV)
    # In JSON, empty rows and texts that look like them are told apart by nobody who does not parse it all.
    if all("{}" not in a + b and (a, b) != ("UNDEF", "UNDEF") for a, b in rows):
        formats = (*formats, ox.QueryResultsFormat.JSON)
    for format_ in formats:
        results = ox.Store().query(text)
        assert isinstance(results, ox.QuerySolutions)
        written = results.serialize(format=format_) or b""
        count, found, start = rows_counter(format_.file_extension), 0, 0
        for cut in [*sorted(cuts), len(written)]:
            found = count(written[start:cut])
            start = max(start, cut)
        empty_json = format_ == ox.QueryResultsFormat.JSON and not rows
        assert found == (1 if empty_json else len(rows))


DECODERS = {
    "zstd": lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body),
    "br": brotli.decompress,
    "gzip": gzip.decompress,
}


@pytest.mark.parametrize("coding", DECODERS)
@pytest.mark.parametrize("format_", [RESULTS_JSON, CSV, RESULTS_XML], ids=lambda each: each.ending)
def test_a_long_answer_comes_coded_and_decodes_to_the_same(
    open_store: Open, coding: str, format_: Format
) -> None:
    store = open_store()

    async def ask() -> None:
        plain = await whole(store, query(format_, 5000), format_)
        answer = await store.ask(query(format_, 5000), format_, coding=coding).begun()
        coded = b"".join([chunk async for chunk in answer])
        assert answer.coding == coding
        assert DECODERS[coding](coded) == plain
        assert len(coded) < len(plain) / 2
        short = await store.ask(SMALL, RESULTS_JSON, coding=coding).begun()
        assert (short.coding, json.loads(b"".join([chunk async for chunk in short]))["boolean"]) == ("", True)

    run(ask())


@pytest.mark.parametrize("format_", RDF_FORMATS, ids=lambda each: each.ending)
def test_a_coded_graph_decodes_to_the_same(open_store: Open, format_: Format) -> None:
    store = open_store()

    async def ask() -> None:
        plain = await whole(store, query(format_, 3000), format_)
        answer = await store.ask(query(format_, 3000), format_, coding="gzip").begun()
        coded = b"".join([chunk async for chunk in answer])
        assert (gzip.decompress(coded) if answer.coding else coded) == plain

    run(ask())


def test_a_client_has_so_many_queries_and_others_have_theirs(open_store: Open) -> None:
    store = open_store(workers=2, client_queries=2, queued_queries=8)

    async def ask() -> None:
        await whole(store, SMALL)
        mine = [store.ask(ENDLESS, RESULTS_JSON, client="a") for _ in range(2)]
        with pytest.raises(
            ClientBusy, match="of your queries run or wait already; wait for their answers"
        ) as raised:
            store.ask(SMALL, RESULTS_JSON, client="a")
        assert (raised.value.limit, raised.value.value) == ("client_queries", 2)
        assert raised.value.retry_after_seconds > 0
        other = await store.ask(SMALL, RESULTS_JSON, client="b").begun()
        assert b"true" in b"".join([chunk async for chunk in other])
        for each in mine:
            each.give_up()
        again = await store.ask(SMALL, RESULTS_JSON, client="a").begun()
        assert b"true" in b"".join([chunk async for chunk in again])
        assert store._pool()._of_client == {}

    run(ask())


def test_one_client_never_has_the_last_worker(open_store: Open) -> None:
    store = open_store(workers=3, client_queries=8, queued_queries=8)

    async def ask() -> None:
        greedy = [store.ask(ENDLESS, RESULTS_JSON, client="a") for _ in range(5)]
        await until(lambda: sum(each.worker is not None for each in greedy) == 2)
        for number in range(4):
            other = await store.ask(SMALL, RESULTS_JSON, client=f"b{number}").begun()
            assert b"true" in b"".join([chunk async for chunk in other])
        assert sum(each.worker is not None for each in greedy) == 2
        for each in greedy:
            each.give_up()

    run(ask())


def test_clients_take_turns(open_store: Open) -> None:
    store = open_store(workers=1, client_queries=8, queued_queries=20)

    async def ask() -> None:
        first = store.ask(ENDLESS, RESULTS_JSON, client="a")
        await until(lambda: first.worker is not None)
        order: list[str] = []
        waiting = []
        for client in ("a", "a", "a", "b", "c"):
            answer = store.ask(SMALL, RESULTS_JSON, client=client)
            answer.on_news(lambda client=client, answer=answer: answer.complete and order.append(client))
            waiting.append(answer)
        first.give_up()
        await until(lambda: len(order) == 5)
        assert order == ["a", "b", "c", "a", "a"]

    run(ask())


def test_a_query_that_only_waited_is_told_so(open_store: Open) -> None:
    store = open_store(workers=1, query_seconds=0.5, queued_queries=5)

    async def ask() -> None:
        await whole(store, SMALL)
        running = store.ask(ENDLESS, RESULTS_JSON)
        waiting = store.ask(ENDLESS, RESULTS_JSON)
        with pytest.raises(QueryLimitPassed):
            await running.begun()
        with pytest.raises(StoreBusy, match="free"):
            await waiting.begun()
        await asyncio.sleep(0)
        assert b"true" in await whole(store, SMALL)

    run(ask())
