"""Short queries go to a worker behind one another; none waits behind a long one, and none is lost."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Iterable

import pytest

from fonds.errors import QueryLimitPassed, QuerySyntaxError, QueryTooComplex, StoreError
from fonds.formats import RESULTS_JSON
from fonds.store.embedded import EmbeddedStore
from fonds.store.pool import _FOLLOWERS, Pool, WorkerAnswer
from tests.unit.store.conftest import Open, run, until, whole
from tests.unit.store.test_pool import ENDLESS, children, linux

DEEP = "SELECT * { FILTER(" + "(" * 300_000 + "1" + ")" * 300_000 + ") }"
LIMITS = {"client_queries": 200, "queued_queries": 200, "workers": 3}


def pool_on_one_core(store: EmbeddedStore) -> Pool:
    pool = store._pool()
    pool._cores = 1
    return pool


def small(number: int) -> str:
    return f"SELECT ({number} AS ?x) {{}}"


def asked(store: EmbeddedStore, queries: Iterable[str], client: str = "one") -> list[WorkerAnswer]:
    return [store.ask(query, RESULTS_JSON, client=client) for query in queries]


async def number_in(answer: WorkerAnswer) -> int:
    body = b"".join([chunk async for chunk in answer])
    return int(json.loads(body)["results"]["bindings"][0]["x"]["value"])


async def numbers_in(answers: Iterable[WorkerAnswer]) -> list[int]:
    return list(await asyncio.gather(*map(number_in, answers)))


async def in_time(work: Awaitable[list[int]], seconds: float) -> list[int]:
    began = time.monotonic()
    found = await work
    assert time.monotonic() - began < seconds
    return found


def test_each_of_many_queries_gets_its_own_answer(open_store: Open) -> None:
    async def ask() -> None:
        store = open_store(**LIMITS)
        pool = pool_on_one_core(store)
        await whole(store, small(0))
        answers = asked(store, map(small, range(100)))
        assert any(each.followers == _FOLLOWERS for each in pool._busy)
        assert await numbers_in(answers) == list(range(100))
        assert not pool._busy
        assert not pool._waiting

    run(ask())


def test_queries_of_many_clients_follow_one_another_and_each_gets_its_own_answer(open_store: Open) -> None:
    async def ask() -> None:
        store = open_store(**LIMITS)
        pool = pool_on_one_core(store)
        await whole(store, small(0))
        answers = [
            *asked(store, [small(0)], "a"),
            *asked(store, [small(1)], "b"),
            *asked(store, [small(2)], "c"),
        ]
        (worker,) = pool._busy
        assert (worker._answer, worker.followers) == (answers[0], 2)
        assert await numbers_in(answers) == [0, 1, 2]
        assert not pool._busy

    run(ask())


def test_who_is_sent_behind_another_client_s_long_query_is_answered_by_another_worker(
    open_store: Open,
) -> None:
    async def ask() -> None:
        store = open_store(**LIMITS)
        pool = pool_on_one_core(store)
        await whole(store, small(0))
        (endless,) = asked(store, [ENDLESS], "long")
        answers = [*asked(store, [small(0), small(1)], "a"), *asked(store, [small(2), small(3)], "b")]
        assert [each.worker for each in answers] == [endless.worker] * 4
        assert await in_time(numbers_in(answers), 5) == [0, 1, 2, 3]
        assert endless.worker is not None
        assert not pool._waiting
        endless.give_up()

    run(ask())


def test_those_taken_back_take_turns_before_those_who_wait(open_store: Open) -> None:
    async def ask() -> None:
        store = open_store(**LIMITS, query_seconds=30)
        pool = pool_on_one_core(store)
        await whole(store, small(0))
        (endless,) = asked(store, [ENDLESS], "long")
        answers = [answer for client in "aabab" for answer in asked(store, [ENDLESS], client)]
        worker = endless.worker
        assert worker is not None
        pool._idle, idle = [], pool._idle
        waiting = asked(store, [ENDLESS] * 3, "c")
        pool.again(worker.take_back())
        turns = {client: list(queries) for client, queries in pool._waiting.items()}
        assert list(turns)[:2] == ["a", "b"]
        assert turns["a"] == [answers[0], answers[1], answers[3]]
        assert turns["b"] == [answers[2], answers[4]]
        assert pool._waiting_count == sum(map(len, turns.values()))
        pool._idle = idle
        for each in (endless, *answers, *waiting):
            each.give_up()
        assert pool._waiting_count == 0

    run(ask())


def test_a_client_has_never_all_workers_by_following_others(open_store: Open) -> None:
    async def ask() -> None:
        store = open_store(**LIMITS, query_seconds=3)
        pool = pool_on_one_core(store)
        await whole(store, small(0))
        greedy = asked(store, [ENDLESS] * 2, "greedy")
        await until(lambda: sum(each.holds_of("greedy") for each in pool._busy) == 2)
        (other,) = asked(store, [small(1)], "other")
        greedy += asked(store, [ENDLESS] * 5, "greedy")
        assert sum(each.holds_of("greedy") for each in pool._busy) <= 2
        assert await in_time(numbers_in([other]), 2) == [1]
        assert sum(each.holds_of("greedy") for each in pool._busy) <= 2
        assert await in_time(numbers_in(asked(store, [small(2)], "third")), 2) == [2]
        for each in greedy:
            each.give_up()

    run(ask())


def test_a_client_who_is_sent_behind_another_does_not_take_the_last_free_worker(open_store: Open) -> None:
    async def ask() -> None:
        store = open_store(**{**LIMITS, "workers": 2})
        pool = pool_on_one_core(store)
        await whole(store, small(0))
        long = asked(store, [ENDLESS], "one")
        behind = asked(store, [small(1)], "greedy")
        assert behind[0].worker is long[0].worker
        assert pool._may_run("another")
        assert not pool._may_run("greedy")
        assert await in_time(numbers_in(behind), 5) == [1]
        long[0].give_up()

    run(ask())


def test_errors_among_them_are_told_to_those_who_made_them(open_store: Open) -> None:
    async def ask() -> None:
        store = open_store(**LIMITS)
        pool_on_one_core(store)
        await whole(store, small(0))
        answers = asked(store, (small(n) if n % 3 else "SELECT {" for n in range(30)))
        for number, answer in enumerate(answers):
            if number % 3:
                assert await number_in(answer) == number
            else:
                with pytest.raises(QuerySyntaxError):
                    await number_in(answer)

    run(ask())


def test_nobody_waits_behind_a_long_query(open_store: Open) -> None:
    async def ask() -> None:
        store = open_store(**LIMITS)
        pool_on_one_core(store)
        await whole(store, small(0))
        (endless,) = asked(store, [ENDLESS])
        answers = asked(store, map(small, range(20)))
        assert await in_time(numbers_in(answers), 5) == list(range(20))
        assert not endless.settled
        endless.give_up()

    run(ask())


def test_who_waits_behind_a_query_that_breaks_its_worker_is_answered_by_another(open_store: Open) -> None:
    async def ask() -> None:
        store = open_store(**LIMITS)
        pool_on_one_core(store)
        await whole(store, small(0))
        (deep,) = asked(store, [DEEP])
        answers = asked(store, map(small, range(20)))
        assert await in_time(numbers_in(answers), 5) == list(range(20))
        with pytest.raises(
            QueryTooComplex, match="The engine broke on this query: it is nested too deeply or too long"
        ):
            await deep.begun()

    run(ask())


def test_who_waits_behind_a_query_that_is_stopped_is_answered_by_another(open_store: Open) -> None:
    async def ask() -> None:
        store = open_store(**LIMITS, query_seconds=1.5)
        pool_on_one_core(store)
        await whole(store, small(0))
        endless = asked(store, [ENDLESS] * 2)
        answers = asked(store, map(small, range(20)))
        # The client has all workers but one, and both are busy until they are stopped.
        found = await asyncio.gather(*(each.begun() for each in endless), return_exceptions=True)
        assert all(isinstance(each, QueryLimitPassed) for each in found)
        ended = await asyncio.gather(*map(number_in, answers), return_exceptions=True)
        assert all(isinstance(each, StoreError) or each == number for number, each in enumerate(ended))
        assert await number_in(*asked(store, [small(7)])) == 7

    run(ask())


def test_who_leaves_while_it_waits_behind_another_harms_nobody(open_store: Open) -> None:
    async def ask() -> None:
        store = open_store(**LIMITS)
        pool = pool_on_one_core(store)
        await whole(store, small(0))
        answers = asked(store, map(small, range(8)))
        behind = [each for each in answers if each.worker is not None and each is not each.worker._answer]
        assert behind
        for each in behind[::2]:
            each.give_up()
        left = [each for each in answers if each not in behind[::2]]
        assert await in_time(numbers_in(left), 5) == [answers.index(each) for each in left]
        await until(lambda: not pool._busy)

    run(ask())


def test_others_are_not_kept_waiting_by_one_who_asks_without_end(open_store: Open) -> None:
    async def ask() -> None:
        store = open_store(**LIMITS)
        pool_on_one_core(store)
        await whole(store, small(0))
        stop = False

        async def greedy() -> int:
            count = 0
            while not stop:
                count += len(await numbers_in(asked(store, map(small, range(50)), client="greedy")))
            return count

        work = asyncio.ensure_future(greedy())
        for number in range(10):
            assert await in_time(numbers_in(asked(store, [small(number)], client="other")), 2) == [number]
        stop = True
        assert await work > 0

    run(ask())


@linux
def test_a_closed_store_tells_all_who_wait_and_leaves_no_process(open_store: Open) -> None:
    async def ask() -> None:
        before = children()
        store = open_store(**LIMITS)
        pool_on_one_core(store)
        await whole(store, small(0))
        answers = asked(store, [ENDLESS, *map(small, range(20))])
        store.close()
        async with asyncio.timeout(5):
            ended = await asyncio.gather(*map(number_in, answers), return_exceptions=True)
        assert all(isinstance(each, StoreError | int) for each in ended)
        assert isinstance(ended[0], StoreError)
        assert children() <= before

    run(ask())
