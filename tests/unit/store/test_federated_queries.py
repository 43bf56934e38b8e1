"""Queries that ask other endpoints by SERVICE, from the worker's engine to the other endpoint and back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fonds.errors import QueryLimitPassed, QuerySyntaxError, ServiceFailed, StoreError, StoreUnavailable
from fonds.formats import NTRIPLES, RESULTS_JSON, Format
from fonds.settings import Limits
from fonds.store.calls import read_federated_query
from fonds.store.embedded import EmbeddedStore
from fonds.store.federation import Federation
from tests.unit.elsewhere import RDFS, SAME, Elsewhere, elsewhere, needs_a_network_of_its_own
from tests.unit.store.conftest import BASE, LIMITS, run, until

pytestmark = needs_a_network_of_its_own

PATHS = (
    "sparql",
    "xml",
    "slow",
    "left",
    "drip",
    "redirect",
    "huge",
    "broken",
    "lies",
    "truth",
    "page",
    "down",
)
OURS = "?place a crm:E53_Place ; rdfs:label ?ours ."
THEIRS = f"?there <{SAME}> ?place ; <{RDFS}label> ?theirs"


@pytest.fixture
def there() -> Iterator[Elsewhere]:
    with elsewhere() as found:
        yield found


Ask = Callable[..., Any]


@pytest.fixture
def ask(publication_folder: Path, there: Elsewhere) -> Iterator[Ask]:
    """Ask the small publication, of which each path there is listed: ``$path`` stands for its address."""
    stores = []

    async def ask_it(
        query: str, format_: Format = RESULTS_JSON, *, private: bool = True, **limits: Any
    ) -> Any:
        values = {name: getattr(LIMITS, name) for name in LIMITS.__struct_fields__} | limits
        targets = tuple(f"{there.place}{path}" for path in PATHS)
        federation = Federation(targets, private, Limits(**values))
        for path in PATHS:
            query = query.replace(f"${path}", f"<{there.place}{path}>")
        store = EmbeddedStore(
            publication_folder, base=BASE, kind="publication", prefixes={}, limits=federation.limits, federation=federation
        )  # fmt: skip
        stores.append(store)
        head = read_federated_query(query, limit_bytes=10_000, federation=federation, base=BASE)
        answer = await store.query(query, format_, calls=head.calls)
        body = b"".join([chunk async for chunk in answer])
        return json.loads(body)["results"]["bindings"] if format_ is RESULTS_JSON else body

    yield lambda *given, **options: run(ask_it(*given, **options))
    for store in stores:
        store.close()


def values(rows: list[dict[str, dict[str, str]]], *names: str) -> list[tuple[str | None, ...]]:
    return sorted(tuple(row.get(name, {}).get("value") for name in names) for row in rows)


@pytest.mark.parametrize("path", ["sparql", "xml"])
def test_a_query_joins_what_is_here_with_what_is_elsewhere(ask: Ask, there: Elsewhere, path: str) -> None:
    rows = ask(f"SELECT * {{ {OURS} SERVICE ${path} {{ {THEIRS} }} }}")
    assert values(rows, "ours", "theirs") == [("Cuba", "República de Cuba")]
    assert there.paths == [f"/{path}"]


@pytest.mark.parametrize(
    "pattern",
    [
        f"{OURS} OPTIONAL {{ SERVICE $sparql {{ {THEIRS} }} }}",
        f"{OURS} {{ SERVICE $xml {{ {THEIRS} }} }} UNION {{ ?place rdfs:label 'nothing' }}",
        f"{OURS} {{ SELECT ?place ?theirs {{ SERVICE SILENT $sparql {{ {THEIRS} }} }} }}",
        f"{OURS} LATERAL {{ SERVICE $sparql {{ {THEIRS} }} }}",
        f"{OURS} SERVICE $sparql {{ {THEIRS} }} FILTER EXISTS {{ SERVICE $xml {{ {THEIRS} }} }}",
        f"{OURS} SERVICE $sparql {{ ?there <{SAME}> ?place }} SERVICE $xml {{ ?there <{RDFS}label> ?theirs }}",
        f"{OURS} GRAPH ?g {{ ?place a ?class }} SERVICE $sparql {{ {THEIRS} }}",
    ],
)
def test_others_are_asked_wherever_the_pattern_stands(ask: Ask, pattern: str) -> None:
    rows = ask(f"SELECT DISTINCT ?ours ?theirs {{ {pattern} }}")
    assert values(rows, "ours", "theirs") == [("Cuba", "República de Cuba")]


def test_a_graph_can_be_made_of_what_is_elsewhere(ask: Ask) -> None:
    made = ask(f"CONSTRUCT {{ ?place rdfs:label ?theirs }} {{ SERVICE $sparql {{ {THEIRS} }} }}", NTRIPLES)
    assert made.decode().startswith(f"<{BASE}id/place/cuba> <{RDFS}label> ")


def test_a_pattern_is_asked_once_however_many_rows_wait_for_it(ask: Ask, there: Elsewhere) -> None:
    many = "?record <https://archive.example/vocab/points> ?place"
    rows = ask(f"SELECT * {{ {many} FILTER EXISTS {{ SERVICE $sparql {{ ?there <{SAME}> ?place }} }} }}")
    assert len(rows) == 300
    assert there.paths == ["/sparql"]


def test_what_an_endpoint_asks_in_turn_it_asks_by_the_true_address(ask: Ask, there: Elsewhere) -> None:
    # Their engine knows nothing of ours; it gets the inner pattern as it was written.
    with pytest.raises(StoreError):
        ask("SELECT * { SERVICE $down { ?s ?p ?o SERVICE SILENT $sparql { ?s ?q ?r } } }")
    ((_, query, _),) = there.asked
    assert f"SERVICE SILENT <{there.place}sparql>" in query


FAILURES = {
    "redirect": "leads to <http://127.0.0.1:1/inside>",
    "huge": "more than the 100000 bytes",
    "broken": "no rows",
    "lies": "no rows",
    "truth": "yes or no",
    "page": "text/html",
    "down": "answers 503",
}


@pytest.mark.parametrize("path", FAILURES)
def test_an_endpoint_that_fails_fails_the_query_and_is_named(ask: Ask, there: Elsewhere, path: str) -> None:
    with pytest.raises(ServiceFailed, match=FAILURES[path]) as raised:
        ask(f"SELECT * {{ {OURS} SERVICE ${path} {{ {THEIRS} }} }}", federation_bytes=100_000)
    assert raised.value.target == f"{there.place}{path}"
    assert there.place in str(raised.value)
    assert there.paths == [f"/{path}"]


@pytest.mark.parametrize("path", [*FAILURES, "slow"])
def test_one_that_fails_silently_leaves_the_row_as_it_is(ask: Ask, path: str) -> None:
    limits = {"federation_bytes": 100_000, "federation_seconds": 0.3}
    rows = ask(f"SELECT ?ours ?theirs {{ {OURS} SERVICE SILENT ${path} {{ {THEIRS} }} }}", **limits)
    assert values(rows, "ours", "theirs") == [("Cuba", None)]


@pytest.mark.parametrize("path", ["slow", "drip"])
def test_one_that_takes_too_long_is_not_waited_for(ask: Ask, path: str) -> None:
    with pytest.raises(ServiceFailed, match=r"within the 0\.3 seconds") as raised:
        ask(f"SELECT * {{ SERVICE ${path} {{ {THEIRS} }} }}", federation_seconds=0.3)
    assert raised.value.late


def test_the_bytes_of_all_answers_count_together(ask: Ask, there: Elsewhere) -> None:
    calls = [f"{{ SERVICE $sparql {{ ?s ?p ?o{number} }} }}" for number in range(3)]
    enough_for_two = 2 * len(there.rows("SELECT * { ?s ?p ?o0 }")) + 10
    with pytest.raises(ServiceFailed, match=f"more than the {enough_for_two} bytes"):
        ask(f"SELECT * {{ {' UNION '.join(calls)} }}", federation_bytes=enough_for_two)
    assert len(there.paths) == 3


def test_a_private_endpoint_is_not_asked_unless_the_settings_allow_it(ask: Ask, there: Elsewhere) -> None:
    with pytest.raises(ServiceFailed, match="public network"):
        ask(f"SELECT * {{ SERVICE $sparql {{ {THEIRS} }} }}", private=False)
    assert there.asked == []


def test_a_query_that_runs_out_of_time_hangs_up(ask: Ask, there: Elsewhere) -> None:
    with pytest.raises(QueryLimitPassed, match=r"1\.5 seconds"):
        ask(f"SELECT * {{ SERVICE $left {{ {THEIRS} }} }}", query_seconds=1.5)
    assert there.left.wait(5)


def test_a_client_that_leaves_hangs_up_there_as_well(publication_folder: Path, there: Elsewhere) -> None:
    federation = Federation((f"{there.place}left",), private=True)
    store = EmbeddedStore(
        publication_folder, base=BASE, kind="publication", prefixes={}, limits=LIMITS, federation=federation
    )
    query = f"SELECT * {{ SERVICE <{there.place}left> {{ {THEIRS} }} }}"

    async def leave() -> None:
        head = read_federated_query(query, limit_bytes=10_000, federation=federation, base=BASE)
        answer = store.ask(query, RESULTS_JSON, calls=head.calls)
        await until(lambda: bool(there.asked))
        answer.give_up()
        await asyncio.to_thread(there.left.wait, 5)

    run(leave())
    store.close()
    assert there.left.is_set()


@pytest.mark.parametrize("cores", [1, 8])  # On one, they are sent to workers behind one another.
def test_queries_of_one_client_that_ask_others_and_that_do_not_each_get_their_own_answer(
    publication_folder: Path, there: Elsewhere, cores: int
) -> None:
    federation = Federation((f"{there.place}sparql", f"{there.place}down"), private=True)
    limits = Limits(query_seconds=30.0, workers=3, queued_queries=100, client_queries=100)
    store = EmbeddedStore(
        publication_folder, base=BASE, kind="publication", prefixes={}, limits=limits, federation=federation
    )

    async def ask(number: int) -> None:
        path = "down" if number % 5 == 4 else "sparql"
        call = f"SERVICE <{there.place}{path}> {{ ?s <{RDFS}label> ?l }}" if number % 3 else ""
        query = f"SELECT ({number} AS ?n) ?l {{ {call} }}"
        head = read_federated_query(query, limit_bytes=10_000, federation=federation, base=BASE)
        answer = store.ask(query, RESULTS_JSON, calls=head.calls, client="one")
        try:
            (row,) = json.loads(b"".join([chunk async for chunk in answer]))["results"]["bindings"]
        except ServiceFailed:
            assert call
            assert path == "down"
            return
        assert row["n"]["value"] == str(number)
        assert ("l" in row) is bool(call)
        assert path == "sparql" or not call

    async def ask_all() -> None:
        store._pool()._cores = cores
        await asyncio.gather(*map(ask, range(90)))
        assert store._pool().outsides == {}

    run(ask_all())
    store.close()
    assert len(there.asked) >= 60  # One that was taken back from a worker in the moment it began asks again.


def test_a_fault_in_the_query_has_its_own_place(ask: Ask) -> None:
    with pytest.raises(QuerySyntaxError) as raised:
        ask(f"SELECT * {{ SERVICE $sparql {{ {THEIRS} }} ?s nonsense }}")
    written = f"SELECT * {{ SERVICE <http://127.0.0.1:00000/sparql> {{ {THEIRS} }} ?s nonsense }}"
    assert abs(raised.value.column - written.index("nonsense") - 1) <= 5


# ------------------------------------------------------------------------------------------------ the wall behind


def open_store(folder: Path, federation: Federation) -> EmbeddedStore:
    return EmbeddedStore(
        folder, base=BASE, kind="publication", prefixes={}, limits=LIMITS, federation=federation
    )


def test_a_call_that_nobody_found_reaches_nobody(publication_folder: Path, there: Elsewhere) -> None:
    """As if the text had been misread: the engine is given a call with the address of somebody else."""
    store = open_store(publication_folder, Federation((f"{there.place}sparql",), private=True))

    async def ask() -> None:
        for target in (f"{there.place}sparql", "http://127.0.0.1:40000/0-0", "http://93.184.215.14/"):
            with pytest.raises(StoreError):
                await store.query(f"SELECT * {{ SERVICE <{target}> {{ ?s ?p ?o }} }}", RESULTS_JSON)
        assert store.can_federate is True
        assert store.network_is_open is False

    run(ask())
    store.close()
    assert there.asked == []


def test_where_no_network_can_be_made_nobody_is_asked_and_it_is_said(
    publication_folder: Path, there: Elsewhere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A worker to which the system gives no namespace.
    from fonds.store import pool, worker

    script = tmp_path / "worker.py"
    source = Path(worker.__file__).read_text("utf-8")
    script.write_text(source.replace("return bool(libc.unshare(flags) == 0)", "return False"), "utf-8")
    (tmp_path / "relay.py").write_text(
        Path(worker.__file__).with_name("relay.py").read_text("utf-8"), "utf-8"
    )
    monkeypatch.setattr(pool.protocol, "__file__", str(script))
    target = f"{there.place}sparql"
    federation = Federation((target,), private=True)
    store = open_store(publication_folder, federation)
    query = f"SELECT * {{ SERVICE SILENT <{target}> {{ ?s ?p ?o }} }}"

    async def ask() -> None:
        head = read_federated_query(query, limit_bytes=10_000, federation=federation, base=BASE)
        with pytest.raises(StoreUnavailable, match="no network of their own"):
            await store.query(query, RESULTS_JSON, calls=head.calls)
        assert store.can_federate is False

    run(ask())
    store.close()
    assert there.asked == []


def test_a_store_that_asks_nobody_says_nothing_of_it(publication: EmbeddedStore) -> None:
    async def ask() -> None:
        answer = await publication.query("ASK {}", RESULTS_JSON)
        await answer.aclose()
        assert publication.can_federate is None

    run(ask())
