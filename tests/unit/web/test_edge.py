"""The edge: conditional requests, HEAD, preflight, streams that break, clients that leave."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fonds.errors import (
    ClientBusy,
    FormatError,
    QueryForbidden,
    QueryLimitPassed,
    QuerySyntaxError,
    QueryTooComplex,
    StoreBusy,
    StoreError,
    StoreUnavailable,
)
from fonds.release.folder import Release
from fonds.store.embedded import EmbeddedStore
from fonds.web import sparql
from fonds.web.edge import BrokenStream
from fonds.web.site import open_site
from tests.unit.web.conftest import Ask, ScriptedStore, query_target, send_request, strange_scripts

SELECT = query_target("SELECT * WHERE { ?s ?p ?o }")
JSON = "application/sparql-results+json"
Scripted = Callable[..., tuple[Ask, ScriptedStore]]

TARGETS = [
    ("/", "text/html"),
    ("/doc/person/ann", "text/turtle"),
    ("/doc/person/ann", "text/html"),
    ("/doc/person/ann.nt", None),
    ("/id/person/ann", None),
    ("/dataset", "application/ld+json"),
    ("/dumps/dataset.nq.gz", None),
    ("/robots.txt", None),
    ("/nothing", None),
    ("/doc/person/ann", "image/png"),
    (SELECT, JSON),
    ("/sparql", "text/turtle"),
    (query_target("nonsense"), JSON),
]


@pytest.mark.clause("RFC 9110 9.3.2")
@pytest.mark.parametrize(("target", "accept"), TARGETS)
@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_head_has_the_status_and_headers_of_get_and_no_body(
    ask: Ask, target: str, accept: str | None, coding: str
) -> None:
    headers = [("Accept-Encoding", coding)]
    first = ask(target, accept, method="HEAD", headers=headers)
    get = ask(target, accept, headers=headers)
    again = ask(target, accept, method="HEAD", headers=headers)
    assert (first.status, first.headers, first.raw) == (get.status, get.headers, b"")
    assert (again.status, again.headers, again.raw) == (get.status, get.headers, b"")


@pytest.mark.clause("RFC 9110 8.8.3")
@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_the_etag_is_the_hash_of_the_bytes_sent_and_gives_304(ask: Ask, coding: str) -> None:
    headers = [("Accept-Encoding", coding)]
    for _ in range(2):
        reply = ask("/doc/person/ann", "text/turtle", headers=headers)
        assert reply.headers["etag"] == f'"{hashlib.sha256(reply.raw).hexdigest()[:32]}"'
        assert reply.headers.get("content-encoding", "identity") == coding
        same = ask(
            "/doc/person/ann",
            "text/turtle",
            headers=[*headers, ("If-None-Match", f'"x", W/{reply.headers["etag"]}')],
        )
        assert (same.status, same.raw) == (304, b"")
        assert "content-length" not in same.headers
        for name in ("etag", "vary", "cache-control", "content-location", "access-control-allow-origin"):
            assert same.headers[name] == reply.headers[name]
        assert (
            ask("/doc/person/ann", "text/turtle", headers=[*headers, ("If-None-Match", '"other"')]).status
            == 200
        )
        assert ask("/doc/person/ann", "text/turtle", headers=[("If-None-Match", "*")]).status == 304


@pytest.mark.clause("RFC 9110 13.1.1")
def test_if_match_with_another_tag_gives_412(ask: Ask) -> None:
    assert ask("/doc/person/ann", "text/turtle", headers=[("If-Match", '"other"')]).status == 412
    assert ask("/doc/person/ann", "text/turtle", headers=[("If-Match", "*")]).status == 200


def test_representations_have_different_tags_and_each_client_gets_its_own(ask: Ask) -> None:
    accepts = ["text/turtle", "application/n-triples", "text/html", "application/ld+json"]
    first = [ask("/doc/person/ann", accept) for accept in accepts]
    second = [ask("/doc/person/ann", accept) for accept in accepts]
    assert len({each.headers["etag"] for each in first}) == len(accepts)
    assert [each.body for each in first] == [each.body for each in second]
    assert [each.headers for each in first] == [each.headers for each in second]


@pytest.mark.clause("Fetch CORS-preflight")
def test_any_script_may_ask_beforehand(ask: Ask) -> None:
    reply = ask(
        "/sparql",
        method="OPTIONS",
        headers=[("Origin", "https://x.example"), ("Access-Control-Request-Method", "POST")],
    )
    assert (reply.status, reply.raw) == (204, b"")
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "POST" in reply.headers["access-control-allow-methods"]
    assert "POST" not in ask("/doc/person/ann", method="OPTIONS").headers["access-control-allow-methods"]
    assert ask("*", method="OPTIONS").status == 204


@pytest.mark.clause("RFC 9110 15.5.6")
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
def test_another_method_gives_405_and_says_which_there_are(ask: Ask, method: str) -> None:
    reply = ask("/doc/person/ann", method=method)
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    if method != "POST":
        assert ask("/sparql", method=method).status == 405


def test_a_small_answer_is_sent_whole_with_a_tag_and_kept_when_it_is_asked_for_again(
    scripted: Scripted,
) -> None:
    ask, store = scripted([b"one ", b"two"])
    first, second, third = ask(SELECT, JSON), ask(SELECT, JSON), ask(SELECT, JSON)
    assert (first.body, first.headers["content-length"]) == (b"one two", "7")
    assert first.headers == second.headers == third.headers
    assert (len(store.asked), store.answers[0].closed) == (2, 1)


def test_an_answer_that_took_long_is_kept_at_once(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sparql, "WORTH_KEEPING_SECONDS", -1.0)
    ask, store = scripted([b"one"])
    assert ask(SELECT, JSON).body == ask(SELECT, JSON).body
    assert len(store.asked) == 1


def test_an_answer_that_changes_each_time_is_not_kept(scripted: Scripted) -> None:
    ask, store = scripted([b"now"])
    target = query_target("SELECT (NOW() AS ?now) {}")
    assert ask(target, JSON).headers["cache-control"] == "no-store"
    ask(target, JSON)
    assert len(store.asked) == 2


@pytest.mark.parametrize("function", ["NOW()", "RAND()", "UUID()", "STRUUID()", "BNODE()"])
def test_an_answer_that_changes_each_time_has_no_tag(scripted: Scripted, function: str) -> None:
    ask, _ = scripted([b"now"])
    reply = ask(query_target(f"SELECT ({function} AS ?x) {{}}"), JSON)
    assert (reply.status, reply.headers["cache-control"]) == (200, "no-store")
    assert "etag" not in reply.headers


@pytest.mark.clause("RFC 9110 8.8.3")
@pytest.mark.parametrize("script", [[b"small"], [b"x" * 65_536] * 4], ids=["short", "long"])
def test_a_query_whose_answer_is_known_is_not_asked_again(scripted: Scripted, script: list[bytes]) -> None:
    ask, store = scripted(script)
    tag = ask(SELECT, JSON).headers["etag"]
    assert tag.startswith('W/"')
    again = ask(SELECT, JSON, headers=[("If-None-Match", tag)])
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert len(store.asked) == 1
    others = (
        ask(SELECT, "text/csv"),
        ask(SELECT + "%20", JSON),
        ask(f"{SELECT}&default-graph-uri=a:b", JSON),
    )
    assert len({tag, *(each.headers["etag"] for each in others)}) == 4


def test_a_query_by_post_that_was_answered_comes_from_memory(scripted: Scripted) -> None:
    ask, store = scripted([b"small"])
    headers = [("Content-Type", "application/sparql-query")]

    def post(query: bytes, accept: str = JSON) -> bytes:
        return ask("/sparql", accept, method="POST", headers=headers, body=[query]).body

    assert [post(b"ASK {}") for _ in range(4)] == [b"small"] * 4
    assert len(store.asked) == 2
    assert [post(b"ASK { }"), post(b"ASK {}", "text/csv")] == [b"small"] * 2
    assert len(store.asked) == 4
    for _ in range(3):
        post(b"ASK { FILTER(RAND() < 1) }")
    assert len(store.asked) == 7


def test_a_long_answer_is_streamed_and_its_worker_given_free(scripted: Scripted) -> None:
    ask, store = scripted([b"x" * 65_536] * 10)
    reply = ask(SELECT, JSON)
    assert (len(reply.body), reply.complete) == (655_360, True)
    assert reply.chunks > 5
    assert "content-length" not in reply.headers
    assert store.answers[0].closed == 1


def test_the_first_bytes_do_not_wait_for_a_slow_rest(scripted: Scripted) -> None:
    ask, store = scripted([b"first", None])
    reply = ask(SELECT, JSON, leave_after=1)
    assert (reply.body, reply.complete, reply.chunks) == (b"first", False, 1)
    assert store.answers[0].closed == 1


def test_an_error_after_the_first_byte_is_raised_so_that_the_server_cuts(scripted: Scripted) -> None:
    ask, store = scripted([b"x" * 100_000, QueryLimitPassed("stopped", limit="query_seconds", value=5)])
    with pytest.raises(BrokenStream, match="stopped"):
        ask(SELECT, JSON)
    assert store.answers[0].closed == 1


def test_an_error_before_the_first_byte_is_an_honest_status(scripted: Scripted) -> None:
    ask, store = scripted([b"few", QueryLimitPassed("stopped", limit="query_seconds", value=5)])
    reply = ask(SELECT, JSON)
    assert (reply.status, json.loads(reply.body)["limit"]) == (503, "query_seconds")
    assert store.answers[0].closed == 1


def test_a_client_that_leaves_before_the_answer_stops_its_query(scripted: Scripted) -> None:
    ask, store = scripted(None)
    reply = ask(SELECT, JSON, leave_after=0)
    assert (reply.status, store.stopped) == (0, 1)


def test_http_1_0_gets_a_whole_answer_or_none(scripted: Scripted) -> None:
    ask, _ = scripted([b"x" * 65_536] * 10)
    reply = ask(SELECT, JSON, http_version="1.0")
    assert reply.headers["content-length"] == "655360"
    ask, store = scripted([b"x" * 1_000_000] * 20)
    assert ask(SELECT, JSON, http_version="1.0").status == 505
    assert store.answers[0].closed == 1
    ask, store = scripted([b"x" * 100_000, StoreUnavailable("gone")])
    assert ask(SELECT, JSON, http_version="1.0").status == 503


@pytest.mark.parametrize(
    ("error", "status", "members"),
    [
        (QuerySyntaxError("no", line=3, column=7), 400, {"line": 3, "column": 7}),
        (QueryForbidden("no"), 403, {}),
        (FormatError("no"), 406, {}),
        (QueryTooComplex("no"), 400, {}),
        (
            QueryLimitPassed("no", limit="worker_memory_bytes", value=5),
            503,
            {"limit": "worker_memory_bytes", "value": 5},
        ),
        (StoreBusy("no", retry_after_seconds=9), 503, {}),
        (
            ClientBusy("no", limit="client_queries", value=2, retry_after_seconds=9),
            429,
            {"limit": "client_queries", "value": 2},
        ),
        (StoreUnavailable("no"), 503, {}),
        (StoreError("no"), 503, {}),
    ],
)
def test_each_error_of_the_store_has_its_status(
    scripted: Scripted, error: Exception, status: int, members: dict
) -> None:
    ask, _ = scripted(error)
    reply = ask(SELECT, JSON)
    assert reply.status == status
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["cache-control"] == "no-store"
    assert members.items() <= json.loads(reply.body).items()
    if isinstance(error, StoreBusy):
        assert reply.headers["retry-after"] == "9"
    page = ask(SELECT, "text/html")
    assert page.status == status
    assert "SELECT * WHERE { ?s ?p ?o }</textarea>" in page.text


def test_pages_are_answered_while_queries_run(scripted: Scripted, dataset, dataset_store) -> None:
    from fonds.web import create_app

    application = create_app(dataset, ScriptedStore(dataset_store, None), dataset.manifest.settings)  # type: ignore[arg-type]

    async def both() -> int:
        slow = [asyncio.ensure_future(send_request(application, SELECT, JSON)) for _ in range(20)]
        await asyncio.sleep(0)
        page = await asyncio.wait_for(send_request(application, "/doc/person/ann", "text/turtle"), 10)
        for each in slow:
            each.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        return page.status

    assert asyncio.run(both()) == 200


@pytest.mark.clause("SPARQL 1.1 Protocol 2.1.4")
def test_the_dataset_of_a_request_reaches_the_store(scripted: Scripted) -> None:
    ask, store = scripted([b""])
    ask(f"{SELECT}&default-graph-uri=a:1&default-graph-uri=a:2&named-graph-uri=a:3", JSON)
    ask(f"{SELECT}&named-graph-uri=a:3", JSON)
    ask(SELECT, JSON)
    datasets = [asked[2] for asked in store.asked]
    assert [(each.default_graphs, each.named_graphs) for each in datasets] == [
        (("a:1", "a:2"), ("a:3",)),
        ((), ("a:3",)),
        (None, None),
    ]


@pytest.mark.parametrize(
    "target",
    [
        b"/%00",
        b"/doc/%00",
        b"/doc/%FF%FE",
        b"/doc/\xff\xfe",
        b"/id/%0d%0aSet-Cookie:%20a=b",
        b"/doc?iri=a:b%0d%0aX:%20y",
        b"/doc?iri=https://a.example/sub/id/person/ann%0d%0aX:%20y",
        b"/doc/../../../../etc/passwd",
        b"/dumps/../../../../etc/passwd",
        b"/dumps/%2e%2e%2f%2e%2e%2fmanifest.json",
        b"//evil.example/x",
        b"/" + b"a/" * 5000,
        b"/doc/" + b"%25" * 5000,
        b"/?" + b"a=b&" * 5000,
        b"/sparql?" + b"a=b&" * 5000,
        b"/sparql?query=%FF",
        b"/sparql?query=SELECT%20*%20%7B%7D%00",
        b"/sparql?query=SELECT%20*%20%7B%7D&default-graph-uri=not%20an%20iri",
        b"/doc?iri=" + b"a" * 20000,
        b"/browse?class=%00&after=%00",
        b"/browse?class=a:b&after=%22",
        b"/browse/<script>",
        b"/queries/%3Cscript%3E.rq",
        b"/%",
        b"/%z",
        b"/doc/%E2%82",
        b"*",
        b"http",
    ],
)
@pytest.mark.parametrize("accept", ["text/html", "*/*", "text/turtle", "\x00\xff", "a/b;" * 5000])
def test_hostile_addresses_are_never_a_fault_of_ours(ask: Ask, target: bytes, accept: str) -> None:
    reply = ask(
        target,
        accept,
        headers=[("Host", 'x"><script>'), ("X-Forwarded-Proto", "javascript"), ("Range", "bytes=-")],
    )
    assert 200 <= reply.status < 500
    assert strange_scripts(reply.body.decode("utf-8", "replace")) == []
    assert not reply.headers.get("location", "").startswith(("//", "http"))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=60), st.binary(max_size=30), st.text(st.characters(max_codepoint=255), max_size=30))
def test_no_path_query_or_header_is_a_fault_of_ours(ask: Ask, path: bytes, query: bytes, accept: str) -> None:
    target = b"/" + path.replace(b"?", b"") + b"?" + query
    assert ask(target, accept).status < 500
    assert ask(b"/doc/" + target, accept).status < 500


def test_a_site_that_is_closed_holds_no_file_of_its_release(release: Release, store: EmbeddedStore) -> None:
    def held() -> list[str]:
        # The store's own are opened when they are needed.
        found = (str(each.readlink()) for each in Path("/proc/self/fd").iterdir() if each.is_symlink())
        own = (each for each in found if each.startswith(f"{release.folder}/"))
        return sorted(each for each in own if not each.startswith(f"{release.store}/"))

    before = held()
    site = open_site(release, store, release.manifest.settings)
    assert len(held()) > len(before)
    site.close()
    del site
    gc.collect()  # The full-text index is let go of with it.
    assert held() == before
