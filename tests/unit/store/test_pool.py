"""Strangers' queries: answered in workers, stopped at their limits, and never a zombie or an open file left behind."""

from __future__ import annotations

import asyncio
import csv
import gc
import json
import socket
import sys
import time
import weakref
from pathlib import Path

import pytest
import rdflib

from fonds.errors import (
    FormatError,
    QueryLimitPassed,
    QuerySyntaxError,
    QueryTooComplex,
    StoreBusy,
    StoreError,
    StoreUnavailable,
)
from fonds.formats import CSV, JSONLD, NQUADS, NTRIPLES, RDFXML, RESULTS_JSON, RESULTS_XML, TRIG, TSV, TURTLE
from fonds.settings import Limits
from fonds.store import Answer, Dataset, QueryForm
from fonds.store.embedded import EmbeddedStore
from tests.unit.store.conftest import BASE, LIMITS, run, until, whole

SMALL = "SELECT ?l { <https://archive.example/id/place/cuba> rdfs:label ?l }"
LARGE = "SELECT * { ?s ?p ?o }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
GREEDY = "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f"
MEBIBYTE = 1024 * 1024

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def children() -> set[int]:
    tasks = Path("/proc/self/task").iterdir()
    return {int(each) for task in tasks for each in (task / "children").read_text().split()}


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


# ------------------------------------------------------------------------------------------------ answers


@pytest.mark.parametrize(
    ("sparql", "form"),
    [
        (SMALL, QueryForm.SELECT),
        ("ASK { ?s ?p ?o }", QueryForm.ASK),
        ("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 1", QueryForm.CONSTRUCT),
        ("PREFIX ask: <http://e/> DESCRIBE pl:cuba", QueryForm.DESCRIBE),
    ],
)
def test_an_answer_knows_its_form(publication: EmbeddedStore, sparql: str, form: QueryForm) -> None:
    async def ask() -> QueryForm:
        answer = await publication.query(
            sparql, TURTLE if form in ("CONSTRUCT", "DESCRIBE") else RESULTS_JSON
        )
        await answer.aclose()
        return answer.form

    assert run(ask()) is form


def test_rows_and_truths_come_in_every_format(publication: EmbeddedStore) -> None:
    async def ask() -> None:
        found = json.loads(await whole(publication, SMALL))
        assert found["results"]["bindings"] == [{"l": {"type": "literal", "value": "Cuba", "xml:lang": "en"}}]
        assert list(csv.reader((await whole(publication, SMALL, CSV)).decode().splitlines())) == [
            ["l"],
            ["Cuba"],
        ]
        assert (await whole(publication, SMALL, TSV)).decode().split() == ["?l", '"Cuba"@en']
        assert b"Cuba" in await whole(publication, SMALL, RESULTS_XML)
        assert json.loads(await whole(publication, "ASK {}"))["boolean"] is True
        assert b"<boolean>true</boolean>" in await whole(publication, "ASK {}", RESULTS_XML)
        # No standard says how CSV carries a truth; the word alone is what other engines send.
        assert await whole(publication, "ASK {}", CSV) == b"true"
        assert await whole(publication, "ASK { <a:> <a:> <a:> }", TSV) == b"false"

    run(ask())


def test_graphs_come_in_every_syntax_with_each_triple_once(publication: EmbeddedStore) -> None:
    sparql = "CONSTRUCT { ?s a rdfs:Resource } { ?s ?p ?o FILTER(STRSTARTS(STR(?s), STR(pl:))) }"
    names = {
        TURTLE: "turtle",
        NTRIPLES: "nt",
        JSONLD: "json-ld",
        RDFXML: "xml",
        TRIG: "trig",
        NQUADS: "nquads",
    }

    async def ask() -> None:
        assert (await whole(publication, sparql, NTRIPLES)).count(b"\n") == 2
        for format_, name in names.items():
            dataset = rdflib.Dataset(default_union=True)
            dataset.parse(data=await whole(publication, sparql, format_), format=name)
            assert len(dataset) == 2, name
        turtle = await whole(
            publication, "PREFIX mine: <http://www.w3.org/2000/01/rdf-schema#> " + sparql, TURTLE
        )
        assert b"@prefix mine: " in turtle
        assert b"@prefix crm: " not in turtle

    run(ask())


@pytest.mark.clause("SPARQL 1.1 Protocol 2.1.4")
def test_the_dataset_of_the_request_is_the_whole_dataset(publication: EmbeddedStore) -> None:
    place, graph = f"{BASE}graph/authority/place/cuba", f"{BASE}graph/record/letter-1"

    async def count(sparql: str, dataset: Dataset) -> int:
        return len(json.loads(await whole(publication, sparql, dataset=dataset))["results"]["bindings"])

    async def ask() -> None:
        assert await count(LARGE, Dataset((place,), ())) == 2
        assert await count(LARGE, Dataset((), (place,))) == 0
        assert await count(f"SELECT * FROM <{graph}> {{ ?s ?p ?o }}", Dataset((place,), ())) == 2
        assert await count("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }", Dataset((), (place, graph))) == 2
        assert await count(LARGE, Dataset((f"{BASE}graph/nobody-loaded-it",), ())) == 0

    run(ask())


def test_a_relative_iri_is_resolved_against_the_base(publication: EmbeddedStore) -> None:
    assert b"true" in run(whole(publication, "ASK { <id/place/cuba> ?p ?o }"))


def test_a_syntax_error_has_a_line_and_a_column_and_no_worker_is_lost(publication: EmbeddedStore) -> None:
    async def ask() -> QuerySyntaxError:
        with pytest.raises(QuerySyntaxError) as raised:
            await whole(publication, "SELECT *\n{ ?s foo:bar ?o }")
        before = {worker.process.pid for worker in publication._pool()._idle}
        await whole(publication, SMALL)
        assert {worker.process.pid for worker in publication._pool()._idle} == before
        return raised.value

    error = run(ask())
    assert (error.line, error.column) == (2, 6)
    assert "foo:" in str(error)


def test_what_cannot_be_evaluated_or_written_is_an_error_before_the_first_byte(
    publication: EmbeddedStore,
) -> None:
    async def ask() -> None:
        with pytest.raises(QuerySyntaxError, match="not supported"):
            await publication.query("SELECT (<http://e/f>(1) AS ?x) {}", RESULTS_JSON)
        with pytest.raises(QuerySyntaxError, match="surrogate"):
            await publication.query("SELECT * { ?s ?p '\ud800' }", RESULTS_JSON)
        with pytest.raises(FormatError, match="graph"):
            await publication.query("CONSTRUCT WHERE { ?s ?p ?o }", RESULTS_JSON)
        with pytest.raises(FormatError, match="rows"):
            await publication.query(SMALL, TURTLE)
        with pytest.raises(FormatError, match="XML"):
            await publication.query("CONSTRUCT { ?s <http://e/1> ?o } { ?s ?p ?o } LIMIT 9", RDFXML)
        with pytest.raises(FormatError, match=r"U\+0001"):
            await publication.query('SELECT ("\\u0001" AS ?x) {}', RESULTS_XML)

    run(ask())


# ------------------------------------------------------------------------------------------------ limits


def test_a_query_without_end_is_stopped_at_its_limit_while_others_are_answered(open_store) -> None:
    store = open_store(query_seconds=1.0)

    async def others(answered: list[float]) -> None:
        while True:
            began = time.monotonic()
            await whole(store, SMALL)
            answered.append(time.monotonic() - began)

    async def ask() -> None:
        await whole(store, SMALL)
        answered: list[float] = []
        beside = asyncio.create_task(others(answered))
        began = time.monotonic()
        with pytest.raises(QueryLimitPassed, match="1 seconds") as raised:
            await whole(store, ENDLESS)
        assert 1.0 <= time.monotonic() - began < 2.0
        assert (raised.value.limit, raised.value.value) == ("query_seconds", 1.0)
        beside.cancel()
        assert len(answered) > 50
        assert max(answered) < 0.9

    run(ask())


def test_a_limit_that_passes_in_the_middle_of_an_answer_is_an_error_and_no_end(open_store) -> None:
    store = open_store(query_seconds=0.5)

    async def ask() -> None:
        answer = await store.query("SELECT * { ?a ?b ?c . ?d ?e ?f }", RESULTS_JSON)
        assert await anext(answer)
        with pytest.raises(QueryLimitPassed):
            await _read(answer)
        with pytest.raises(QueryLimitPassed):
            await anext(answer)

    run(ask())


def test_a_query_that_eats_memory_is_stopped_and_the_next_is_answered(open_store) -> None:
    store = open_store(worker_memory_bytes=96 * MEBIBYTE)

    async def ask() -> None:
        with pytest.raises(QueryLimitPassed, match="96 MiB") as raised:
            await whole(store, GREEDY)
        assert (raised.value.limit, raised.value.value) == ("worker_memory_bytes", 96 * MEBIBYTE)
        assert b"Cuba" in await whole(store, SMALL)

    run(ask())


def test_one_query_may_have_less_time_and_memory_than_the_store_allows(publication: EmbeddedStore) -> None:
    async def ask() -> None:
        await whole(publication, SMALL)  # A worker is there.
        with pytest.raises(QueryLimitPassed, match=r"0\.3 seconds"):
            await whole(publication, ENDLESS, limits=Limits(query_seconds=0.3))
        with pytest.raises(QueryLimitPassed, match="80 MiB"):
            await whole(publication, GREEDY, limits=Limits(worker_memory_bytes=80 * MEBIBYTE))
        assert b"Cuba" in await whole(publication, SMALL)

    run(ask())


@pytest.mark.parametrize(
    "sparql",
    [
        "SELECT * { FILTER(" + "(" * 300_000 + "1" + ")" * 300_000 + ") }",
        "SELECT * " + "{" * 300_000 + "}" * 300_000,
        "SELECT * { FILTER(" + "!" * 600_000 + "1) }",
    ],
)
def test_a_query_that_breaks_the_engine_breaks_nothing_else(publication: EmbeddedStore, sparql: str) -> None:
    async def ask() -> None:
        with pytest.raises((QueryTooComplex, QuerySyntaxError)):
            await whole(publication, sparql)
        assert b"Cuba" in await whole(publication, SMALL)

    run(ask())


def test_a_query_of_five_thousand_parentheses_is_answered(publication: EmbeddedStore) -> None:
    sparql = "SELECT * { FILTER(" + "(" * 5_000 + "1" + ")" * 5_000 + ") }"
    assert json.loads(run(whole(publication, sparql)))["results"]["bindings"] == [{}]


def test_a_full_queue_is_busy_and_is_worked_off(open_store) -> None:
    store = open_store(query_seconds=1.0, workers=1, queued_queries=2)

    async def ask() -> None:
        await whole(store, SMALL)
        running = asyncio.create_task(whole(store, ENDLESS))
        await asyncio.sleep(0)
        waiting = [asyncio.create_task(whole(store, SMALL)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(
            StoreBusy, match=r"queries run and .* wait; come again in a few seconds"
        ) as raised:
            await whole(store, SMALL)
        assert raised.value.retry_after_seconds > 0
        with pytest.raises(QueryLimitPassed):
            await running
        for answer in await asyncio.gather(*waiting, return_exceptions=True):
            # Who waits as long as a query may take gives up; who does not is answered.
            assert isinstance(answer, StoreBusy) or b"Cuba" in answer

    run(ask())


# ------------------------------------------------------------------------------------------------ clients


def test_a_client_that_leaves_frees_its_worker_at_once(open_store) -> None:
    store = open_store(workers=1, queued_queries=0)

    async def ask() -> None:
        answer = await store.query(LARGE, RESULTS_JSON)
        await anext(answer)
        await answer.aclose()
        await answer.aclose()
        assert b"Cuba" in await whole(store, SMALL)
        with pytest.raises(StoreError, match="given up"):
            await anext(answer)
        endless = asyncio.create_task(whole(store, ENDLESS))
        await until(lambda: bool(store._pool()._busy))
        endless.cancel()
        with pytest.raises(asyncio.CancelledError):
            await endless
        assert b"Cuba" in await whole(store, SMALL)

    run(ask())


def test_a_client_that_leaves_the_queue_takes_no_worker(open_store) -> None:
    store = open_store(workers=1, query_seconds=1.0)

    async def ask() -> None:
        await whole(store, SMALL)
        running = asyncio.create_task(whole(store, ENDLESS))
        await asyncio.sleep(0)
        waiting = asyncio.create_task(whole(store, SMALL))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(QueryLimitPassed):
            await running
        assert b"Cuba" in await whole(store, SMALL)
        assert not store._pool()._busy

    run(ask())


def test_a_worker_is_free_once_it_has_answered_though_the_client_still_reads(open_store) -> None:
    store = open_store(workers=1, queued_queries=0)

    async def ask() -> None:
        first = await store.query(SMALL, RESULTS_JSON)
        await until(lambda: first.complete)
        assert b"Cuba" in await whole(store, SMALL)
        assert b"Cuba" in b"".join([chunk async for chunk in first])

    run(ask())


@linux
def test_a_slow_reader_makes_neither_process_grow(open_store) -> None:
    store = open_store(workers=1)

    async def ask() -> None:
        pool = store._pool()
        await whole(store, SMALL)
        answer = await store.query("SELECT * { ?s ?p ?o . ?a ?b <id/place/cuba> }", RESULTS_JSON)
        (worker,) = pool._busy
        received = 0
        for _ in range(40):
            received += len(await anext(answer))
            # Slow: the worker fills everything between it and us before we take the next piece.
            await until(lambda: answer.worker._paused)
            assert answer.size_bytes < 1.5 * MEBIBYTE
        assert received > MEBIBYTE
        status = Path(f"/proc/{worker.process.pid}/status").read_text()
        resident = next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]
        assert int(resident) < 100 * 1024
        await answer.aclose()

    run(ask())


def test_the_first_bytes_of_a_long_answer_come_long_before_its_last(publication: EmbeddedStore) -> None:
    async def ask() -> tuple[float, float]:
        await whole(publication, SMALL)
        began = time.monotonic()
        answer = await publication.query("SELECT * { ?s ?p ?o . ?a ?b <id/place/cuba> }", RESULTS_JSON)
        first = time.monotonic() - began
        async for _ in answer:
            if time.monotonic() - began > 20 * first:
                break
        await answer.aclose()
        return first, time.monotonic() - began

    first, later = run(ask())
    assert first < 0.5
    assert later > 4 * first


# ------------------------------------------------------------------------------------------------ processes


@linux
@pytest.mark.thorough
def test_a_thousand_queries_leave_no_open_file_and_no_process_behind(publication_folder: Path) -> None:
    before_children = children()
    store = EmbeddedStore(publication_folder, base=BASE, kind="publication", prefixes={}, limits=LIMITS)

    async def ask() -> None:
        await whole(store, SMALL)
        for _ in range(20):  # Some leave early: their workers are replaced.
            answer = await store.query(LARGE, RESULTS_JSON)
            await answer.aclose()
        await whole(store, SMALL)
        await _settled(store)
        files = open_files()
        for _ in range(10):
            answer = await store.query(LARGE, RESULTS_JSON)
            await answer.aclose()
        await asyncio.gather(*(_many(store, 500) for _ in range(2)))
        await _settled(store)
        assert open_files() <= files + 6
        assert len(children() - before_children) <= LIMITS.workers + 1

    run(ask())
    store.close()
    assert children() <= before_children


def test_a_pool_that_is_closed_is_out_of_memory_while_its_loop_goes_on(publication_folder: Path) -> None:
    """A server goes on for years, and closes a pool with each release."""
    store = EmbeddedStore(publication_folder, base=BASE, kind="publication", prefixes={}, limits=LIMITS)

    async def ask() -> None:
        await asyncio.gather(*(whole(store, f"{SMALL} #{number}") for number in range(2)))
        await _settled(store)
        pool = weakref.ref(store._pool())
        assert pool()._thinning is not None  # type: ignore[union-attr]
        await asyncio.to_thread(store.close)
        await until(lambda: gc.collect() is not None and pool() is None)

    run(ask())


async def _read(answer: Answer) -> None:
    async for _ in answer:
        pass


async def _many(store: EmbeddedStore, number: int) -> None:
    for _ in range(number):
        await whole(store, SMALL)


async def _settled(store: EmbeddedStore) -> None:
    """Wait until every worker that was ended is buried and every new one has started."""
    pool = store._pool()
    await until(lambda: not pool._gone and not pool._starting)


def test_a_worker_that_dies_while_idle_is_replaced(publication: EmbeddedStore) -> None:
    async def ask() -> None:
        await whole(publication, SMALL)
        idle = publication._pool()._idle
        dead = list(idle)
        for worker in dead:
            worker.process.kill()
        await until(lambda: not set(dead) & set(idle))
        assert b"Cuba" in await whole(publication, SMALL)

    run(ask())


def test_one_store_serves_loops_one_after_another(publication: EmbeddedStore) -> None:
    for _ in range(3):
        assert b"Cuba" in run(whole(publication, SMALL))
    assert len(publication._pools) == 1


def test_a_store_that_closes_ends_its_queries(publication: EmbeddedStore) -> None:
    async def ask() -> None:
        endless = asyncio.create_task(whole(publication, ENDLESS))
        await until(lambda: bool(publication._pool()._busy))
        publication.close()
        with pytest.raises(StoreUnavailable, match="closed"):
            await endless

    run(ask())


def test_workers_that_cannot_start_are_an_error_and_not_a_wait(
    open_store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store()
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(StoreUnavailable, match="No query worker starts"):
        run(whole(store, SMALL))


# ------------------------------------------------------------------------------------------------ the second wall


def test_service_reaches_nothing_though_nobody_refuses_it_before(publication: EmbeddedStore) -> None:
    """The store's own `query` does not read the text: that is the endpoint's first wall, and this is the second."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address, port = listener.getsockname()

        async def ask() -> None:
            await whole(publication, SMALL)
            if publication.network_is_open:
                pytest.skip("neither network namespaces nor seccomp filters are permitted here")
            for host in (address, "localhost"):
                with pytest.raises(StoreError):
                    await whole(publication, f"SELECT * {{ SERVICE <http://{host}:{port}/> {{ ?s ?p ?o }} }}")

        run(ask())
        # Whoever called waits in the queue before us.
        with socket.create_connection((address, port)) as ourselves:
            first, caller = listener.accept()
            first.close()
            assert caller == ourselves.getsockname()
