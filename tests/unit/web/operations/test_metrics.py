"""The numbers at /metrics, read by Prometheus's own parsers: what they count, and who may see them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from prometheus_client.openmetrics import parser as open_metrics
from prometheus_client.parser import text_string_to_metric_families

from fonds.settings import Settings
from fonds.tally import Histogram
from fonds.web import create_app
from fonds.web.clients import Clients
from fonds.web.operations.metrics import Allowed, Family, Together, exposition, merged, wants_open_metrics
from fonds.web.served import Served
from tests.unit.web.test_server import get, listening, received

QUERY = "/sparql?query=SELECT%20*%20WHERE%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D"


@pytest.fixture
def port(dataset: Any, dataset_store: Any) -> Iterator[int]:
    with listening(create_app(dataset, dataset_store, dataset.manifest.settings)) as port:
        yield port


def numbers(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = sample.name, tuple(sorted(sample.labels.items()))
            assert key not in found
            found[key] = sample.value
    return found


def scraped(port: int, *headers: str) -> str:
    head, _, body = received(port, get("/metrics", *headers)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    assert b"cache-control: no-store" in head
    return body.decode()


def test_prometheus_reads_what_was_counted(port: int, dataset: Any) -> None:
    for target in (
        "/robots.txt",
        "/robots.txt",
        "/robots.txt",
        "/nothing",
        QUERY,
        "/sparql?query=x",
        "/healthz",
    ):
        received(port, get(target))
    found = numbers(scraped(port))

    def number(name: str, **labels: str) -> float:
        return found[name, tuple(sorted(labels.items()))]

    assert number("fonds_http_requests_total", route="robots.txt", code="2xx") == 3
    assert number("fonds_http_requests_total", route="other", code="4xx") == 1
    assert number("fonds_http_requests_total", route="sparql", code="2xx") == 1
    assert number("fonds_http_requests_total", route="sparql", code="4xx") == 1
    assert number("fonds_http_requests_total", route="healthz", code="2xx") == 1
    assert number("fonds_http_request_duration_seconds_count", route="sparql") == 2
    assert number("fonds_http_request_duration_seconds_bucket", route="sparql", le="+Inf") == 2
    assert number("fonds_http_response_bytes_total", route="healthz") == 3
    assert number("fonds_cache_requests_total", result="hit") == 1
    assert number("fonds_query_wait_seconds_count") >= 1
    assert number("fonds_query_workers_max") == dataset.manifest.settings.limits.workers
    assert sum(number("fonds_query_workers", state=each) for each in ("starting", "idle", "busy")) >= 1
    assert number("fonds_resident_memory_bytes", processes="server") > 2**20
    assert number("fonds_resident_memory_bytes", processes="workers") > 2**20
    assert 0 < number("process_open_fds") < number("process_max_fds")
    assert time.time() - number("process_start_time_seconds") < 3600
    (release,) = [dict(labels)["release"] for name, labels in found if name == "fonds_release_info"]
    assert time.time() - number("fonds_release_loaded_timestamp_seconds", release=release) < 600
    assert number("fonds_release_issued_timestamp_seconds", release=release) > 0


def test_open_metrics_is_given_to_those_who_prefer_it(port: int) -> None:
    received(port, get("/robots.txt"))
    accept = "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.3,*/*;q=0.1"
    text = scraped(port, f"Accept: {accept}")
    families = {each.name: each for each in open_metrics.text_string_to_metric_families(text)}
    assert families["fonds_http_requests"].type == "counter"
    assert any(
        each.labels == {"route": "robots.txt", "code": "2xx"}
        for each in families["fonds_http_requests"].samples
    )
    assert families["fonds_http_request_duration_seconds"].type == "histogram"


def test_limits_are_counted_and_series_are_few(port: int) -> None:
    for number in range(40):
        received(port, get(f"/made-up-{number}/x"))
        received(port, get(f"/search?q=%F0{number}"))
    text = scraped(port)
    assert len(text.splitlines()) < 400
    assert "made-up" not in text


def test_how_long_pages_waited_is_counted_on_when_another_release_is_served(
    dataset: Any, dataset_store: Any
) -> None:
    def waited(served: Served) -> float:
        (found,) = [each for each in served.numbers() if each.name == "fonds_page_wait_seconds"]
        return found.samples["_count", ()]

    async def serve() -> list[float]:
        served = Served(create_app(dataset, dataset_store, dataset.manifest.settings))
        counts = []
        for _ in range(2):
            async with served.edge.queue.place("203.0.113.7", asyncio.Event().wait):
                counts.append(waited(served))
            served.take(create_app(dataset, dataset_store, dataset.manifest.settings))
        return [*counts, waited(served)]

    assert asyncio.run(serve()) == [1, 2, 2]


def test_what_a_label_holds_is_escaped() -> None:
    value = 'a"b\\c\nd'
    text = exposition([Family("x", "gauge", "two\nlines \\ more").add(1.5, name=value)], open_metrics=False)
    (family,) = text_string_to_metric_families(text.decode())
    assert family.samples[0].labels == {"name": value}
    assert family.samples[0].value == 1.5
    (family,) = open_metrics.text_string_to_metric_families(
        exposition([Family("x", "gauge", "h").add(1, name=value)], open_metrics=True).decode()
    )
    assert family.samples[0].labels == {"name": value}


@pytest.mark.parametrize(
    ("accept", "wants"),
    [
        ("*/*", False),
        ("application/openmetrics-text", True),
        ("application/openmetrics-text;version=2.0.0", False),
        ("application/openmetrics-text;q=0.5,text/plain", False),
        ("application/openmetrics-text;q=no", False),
        ("", False),
    ],
)
def test_negotiation(accept: str, *, wants: bool) -> None:
    assert wants_open_metrics(accept) is wants


FORWARDED = (b"x-forwarded-for", b"127.0.0.1")


@pytest.mark.parametrize(
    ("peer", "proxies", "headers", "seen"),
    [
        ("127.0.0.1", [], [], True),
        ("::1", [], [], True),
        ("::ffff:10.1.2.3", [], [], True),
        ("fe80::1%eth0", [], [], True),
        ("10.1.2.3", [], [], True),
        ("203.0.113.7", [], [], False),
        ("2001:db8::1", [], [], False),
        # A proxy that nobody has named hands it on: it may be anybody's.
        ("127.0.0.1", [], [FORWARDED], False),
        ("::1", [], [FORWARDED], False),
        ("fd00::5", [], [FORWARDED], False),
        ("fd00::5", [], [(b"x-forwarded-for", b"203.0.113.7")], False),
        ("127.0.0.1", [], [(b"forwarded", b"for=10.0.0.1")], False),
        ("127.0.0.1", [], [(b"via", b"1.1 x")], False),
        # One that is named says who asks.
        ("127.0.0.1", ["127.0.0.1"], [(b"x-forwarded-for", b"203.0.113.7")], False),
        ("127.0.0.1", ["127.0.0.1"], [(b"x-forwarded-for", b"10.0.0.9")], True),
        ("::ffff:127.0.0.1", ["127.0.0.1"], [(b"x-forwarded-for", b"203.0.113.7")], False),
        ("fd00::5", ["fd00::5"], [(b"x-forwarded-for", b"2001:db8::1")], False),
        ("fd00::5", ["fd00::5"], [(b"x-forwarded-for", b"fd00::9")], True),
        # It may say nothing of that.
        ("127.0.0.1", ["127.0.0.1"], [(b"via", b"1.1 x")], False),
        ("fd00::5", ["fd00::5"], [(b"via", b"1.1 x")], False),
        # Whoever forges the header comes from where they come from.
        ("203.0.113.7", [], [FORWARDED], False),
        ("203.0.113.7", ["127.0.0.1"], [FORWARDED], False),
        ("", [], [], False),
    ],
)
def test_who_may_see_them(
    peer: str, proxies: list[str], headers: list[tuple[bytes, bytes]], *, seen: bool
) -> None:
    assert Allowed(Settings().serve.metrics, Clients(proxies))(peer, headers) is seen


def test_to_all_others_there_is_no_such_address(dataset: Any, dataset_store: Any) -> None:
    settings = msgspec.structs.replace(
        dataset.manifest.settings, serve=msgspec.structs.replace(Settings().serve, metrics=())
    )
    with listening(create_app(dataset, dataset_store, settings)) as port:
        there, nowhere = received(port, get("/metrics")), received(port, get("/nowhere"))
    assert there.startswith(b"HTTP/1.1 404")
    assert (
        json.loads(there.partition(b"\r\n\r\n")[2]).keys()
        == json.loads(nowhere.partition(b"\r\n\r\n")[2]).keys()
    )


# ------------------------------------------------------------------------------------------------ several processes


def counted(value: int, *, waits: float = 0.0) -> list[Family]:
    seen = Histogram((1.0,))
    seen.observe(waits)
    return [
        Family("done", "counter", "h").add(value, "_total", route="doc"),
        Family("busy", "gauge", "h").add(value),
        Family("at", "gauge", "h", together="max").add(value),
        Family("waits", "histogram", "h").add_histogram(seen),
    ]


def values(found: list[Family]) -> dict[str, float]:
    return {
        each.name + suffix: value
        for each in found
        for (suffix, labels), value in each.samples.items()
        if ("le", "1") not in labels
    }


def test_processes_add_up(tmp_path: Path) -> None:
    first, second = Together(tmp_path, "127.0.0.1-8001"), Together(tmp_path, "127.0.0.1-8002")
    first.save(counted(2))
    second.save(counted(3))
    expected = {"done_total": 5, "busy": 5, "at": 3, "waits_bucket": 2, "waits_sum": 0, "waits_count": 2}
    assert values(first.all(counted(2))) == values(second.all(counted(3))) == expected


def test_counters_go_on_where_a_process_is_started_again_or_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Together(tmp_path, "a-8001"), Together(tmp_path, "a-8002")
    first.save(counted(2))
    second.save(counted(3))
    again = Together(tmp_path, "a-8001")
    assert values(again.all(counted(1)))["done_total"] == 6
    assert values(again.all(counted(1)))["busy"] == 4
    again.save(counted(1))
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 60)
    found = values(again.all(counted(1)))
    assert (found["done_total"], found["busy"]) == (6, 1)


def test_a_file_that_is_broken_is_passed_over(tmp_path: Path) -> None:
    first = Together(tmp_path, "../evil/8001")
    first.save(counted(1))
    assert [each.parent for each in tmp_path.rglob("*.json")] == [tmp_path]
    (tmp_path / "x.json").write_text('{"pid": "no"')
    assert values(first.all(counted(1)))["done_total"] == 1
    assert merged([]) == []
