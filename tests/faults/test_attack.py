"""The endpoint stands in public: hostile queries end in time, and nobody else notices.

``make test-thorough`` runs its short form; ``make attack`` runs all of it, which takes some minutes.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import re
import sys
from collections.abc import Callable
from typing import Any

import brotli
import pytest
import zstandard
from pyoxigraph import QueryBoolean, QueryResultsFormat, RdfFormat, parse, parse_query_results

from tests.bench.client import percentile
from tests.faults.attack import course as attack
from tests.faults.attack.behaviours import BEHAVIOURS, Behaviour
from tests.faults.attack.client import Outcome
from tests.faults.attack.documents import Fetched
from tests.faults.attack.queries import Hostile, hostile

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc (Linux)"),
]

SIZE = attack.LONG if os.environ.get("FONDS_ATTACK") == "long" else attack.SHORT

P99_FLOOR_MS = 30.0 if SIZE.short else 15.0
"""Where attackers, readers, server and workers share two cores, the system lets a process wait for a few milliseconds that are
no wait for the server; who waits behind a query waits for hundreds."""

CROWDS = ("many clients at once", "many clients at once with endless queries")
"""In the short form, more than one in a hundred of all documents are asked for in the moments in which two hundred clients come at
once: of these only the longest wait is judged."""

SERVER_BYTES = 192 * 1024 * 1024
WORKER_SLACK_BYTES = 48 * 1024 * 1024
"""Of a worker, beside what its query may have: Python, the engine, the pages of the store that it has mapped."""

GROWN_BYTES = 32 * 1024 * 1024
"""The buffers of hundreds of connections at once leave the allocator with pages that it keeps for the next hundreds."""

THREADS = 4 + (os.cpu_count() or 1)
"""asyncio's own executor, in which the ends of workers are waited for, comes to so many with time."""

LEAK_BYTES = 12 * 1024 * 1024
"""Pools of the allocator and answers that are kept (4 MiB here) go up and down by a few MiB."""


@pytest.fixture(scope="module")
def course(release: Any, tmp_path_factory: pytest.TempPathFactory) -> attack.Course:
    """All of the attack, once."""
    return attack.run(tmp_path_factory.mktemp("attack"), release, SIZE)


def test_there_are_fifty_hostile_queries_and_more() -> None:
    assert len({each.name for each in hostile(short=False)}) == len(hostile(short=False)) >= 50


@pytest.mark.parametrize("query", hostile(short=SIZE.short), ids=str)
def test_a_hostile_query_ends_in_time_and_says_how(course: attack.Course, query: Hostile) -> None:
    outcome = course.outcomes[query.name]
    told = f"{outcome} {outcome.problem}"
    assert outcome.how in query.endings, told
    assert outcome.seconds <= SIZE.query_seconds + 1, told
    if outcome.status == 200 and outcome.whole:
        assert (found := rows(outcome)) is not None
        assert found == course.triples or not query.everything, f"{found} of {course.triples} rows look whole"
    elif outcome.problem:
        assert len(outcome.problem["detail"]) > 10
        assert b"Traceback" not in outcome.body
        if outcome.status == 503:
            assert outcome.problem["value"] > 0
            assert any(each["href"].endswith("dataset") for each in outcome.problem["choices"])


_CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}


def rows(outcome: Outcome) -> int:
    """Return how many rows, or triples, an answer has; 1 for a page, or a yes or no.

    Raises:
        SyntaxError: It is not what it says it is, as of a cut answer that looks whole.
    """
    body = _CODINGS[outcome.headers.get("content-encoding", "")](outcome.body)
    media_type = outcome.headers["content-type"].partition(";")[0]
    if media_type == "text/html":
        assert body.rstrip().endswith(b"</html>")
        return 1
    if media_type == "text/csv":
        return sum(1 for _ in csv.reader(io.StringIO(body.decode()))) - 1
    if (syntax := QueryResultsFormat.from_media_type(media_type)) is None:
        return sum(1 for _ in parse(body, format=RdfFormat.from_media_type(media_type)))
    found = parse_query_results(body, format=syntax)
    return 1 if isinstance(found, QueryBoolean) else sum(1 for _ in found)


@pytest.mark.parametrize("behaviour", [each for each in BEHAVIOURS if each.short or not SIZE.short], ids=str)
def test_a_client_that_behaves_badly_harms_nobody(course: attack.Course, behaviour: Behaviour) -> None:
    if fault := course.faults.get(behaviour.name):
        raise fault


def test_documents_are_answered_as_if_nothing_happened(course: attack.Course) -> None:
    assert {each.status for each in (*course.idle, *course.under_attack)} == {200}
    crowds = [(begin, end) for name, begin, end in course.phases if SIZE.short and name in CROWDS]
    beside = [each for each in course.under_attack if not any(_meets(each, *crowd) for crowd in crowds)]
    idle, under_attack = (
        percentile([each.milliseconds for each in fetched], 0.99) for fetched in (course.idle, beside)
    )
    assert under_attack < max(3 * idle, P99_FLOOR_MS), f"p99 {idle:.1f} ms in peace, {under_attack:.1f} ms"
    assert max(each.milliseconds for each in course.under_attack) < 1000 * SIZE.query_seconds, (
        "a document waited for a query"
    )


def _meets(fetched: Fetched, begin: float, end: float) -> bool:
    return fetched.moment <= end and begin <= fetched.moment + fetched.milliseconds / 1000


def test_memory_stays_under_its_cap(course: attack.Course) -> None:
    cap = SERVER_BYTES + (SIZE.workers + 1) * WORKER_SLACK_BYTES + SIZE.workers * SIZE.worker_memory_bytes
    assert course.most_bytes < cap


def test_nothing_restarts_but_workers(course: attack.Course) -> None:
    assert course.alive
    assert "Traceback" not in course.log
    assert len(course.log) < 10_000


def test_an_attack_leaves_nothing_behind(course: attack.Course) -> None:
    assert course.before is not None
    assert course.after is not None
    before, after = course.before, course.after
    assert after.zombies == 0
    assert after.files <= before.files + 8, f"{before}\n{after}"
    assert after.processes <= SIZE.workers + 2, f"{before}\n{after}"
    assert after.threads <= before.threads + THREADS, f"{before}\n{after}"
    assert after.server_bytes <= before.server_bytes + GROWN_BYTES, f"{before}\n{after}"


_WAYS = re.compile(
    "(small|repeated|page|rows|graph): 200|wrong: 400|forbidden: 403|not acceptable: 406|too long: 413"
    "|too deep: (200|400|503 .*)|stopped: 503 (query_seconds|worker_memory_bytes)|left"
)
"""How the queries end in the search for leaks."""


def test_many_queries_leave_nothing_behind(course: attack.Course) -> None:
    first, *_, last = course.states
    told = "\n".join(map(str, course.states))
    assert course.asked.total() == SIZE.queries
    wrong = {way: number for way, number in course.asked.items() if not _WAYS.fullmatch(way)}
    # Who waits behind queries that take all their time may be sent away, and is told so.
    assert {way.partition(": ")[2] for way in wrong} <= {"503 busy"}, course.asked
    assert sum(wrong.values()) <= SIZE.queries / 100, course.asked
    assert last.zombies == 0, told
    assert last.files <= first.files + 4, told
    assert last.processes <= SIZE.workers + 2, told
    assert last.threads <= first.threads + THREADS, told
    assert last.server_bytes <= first.server_bytes + LEAK_BYTES, told
