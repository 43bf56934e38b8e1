"""A store elsewhere that misbehaves in every way known: what is made of it, and that nothing of a login is told."""

from __future__ import annotations

import asyncio
import gzip
import http.server
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

import pyoxigraph as ox
import pytest

from fonds.errors import (
    FormatError,
    QueryForbidden,
    QueryLimitPassed,
    QuerySyntaxError,
    RemoteFailed,
    ServiceForbidden,
    StoreBusy,
    StoreError,
    StoreUnavailable,
)
from fonds.formats import CSV, NTRIPLES, RESULTS_JSON, RESULTS_XML, TSV, TURTLE
from fonds.settings import Limits
from fonds.store import Dataset, Matches, ServiceCall, remote_client
from fonds.store.asking_remote import CONTENT, HOLDS, LOADING, RemoteQuestions
from fonds.store.remote import RemoteStore
from fonds.store.remote_client import RemoteClient
from fonds.store.remote_place import Access, Place, login_of, state_graph

BASE = "https://archive.example/"
JSON = "application/sparql-results+json"
ROWS = b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"uri","value":"urn:s"}}]}}'
NONE = b'{"head":{"vars":["property","value"]},"results":{"bindings":[]}}'
TRIPLES = b"<urn:s> <urn:p> <urn:o> .\n"
ASK, SELECT, GRAPH = "ASK { ?s ?p ?o }", "SELECT ?s { ?s ?p ?o }", "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }"
PASSWORD = "pass-word-9"

Behave = Callable[[Any], None]


class Elsewhere:
    """A server that answers the state of its store as it should, and everything else as it is told.

    Attributes:
        address: Of its query service.
        asked: What it was asked: the forms that came, and the headers.
        connections: How many were made.
        behave: Answers; None: as a good endpoint does.
        state: What it says of the release that it holds.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[dict[str, list[str]], dict[str, str]]] = []
        self.connections = 0
        self.behave: Behave | None = None
        self.state = NONE
        self.leave = threading.Event()
        here = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                here.connections += 1
                super().setup()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"] or 0)).decode()
                form = parse_qs(body)
                if f"GRAPH <{state_graph(BASE)}>" in form.get("query", [""])[0]:
                    self.say(200, JSON, here.state)
                    return
                here.asked.append((form, {name.lower(): value for name, value in self.headers.items()}))
                if here.behave is not None:
                    here.behave(self)
                elif form["query"][0].startswith(("CONSTRUCT", "DESCRIBE")):
                    self.say(200, "application/n-triples", TRIPLES)
                else:
                    self.say(200, JSON, b'{"head":{},"boolean":true}' if "ASK" in form["query"][0] else ROWS)

            def say(self, status: int, type_: str, body: bytes, **headers: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", type_)
                if "content_length" not in headers:
                    headers["content_length"] = str(len(body))
                for name, value in headers.items():
                    if value:
                        self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}/sparql"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.leave.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    found = Elsewhere()
    yield found
    found.close()


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The folder of a release's own store, with one triple that the other store does not have."""
    folder = tmp_path_factory.mktemp("own")
    store = ox.Store(str(folder))
    type_, class_ = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"), ox.NamedNode("urn:class")
    store.add(ox.Quad(ox.NamedNode("urn:own"), type_, class_))
    store.flush()
    return folder


@pytest.fixture
def store(elsewhere: Elsewhere, own: Any) -> Iterator[RemoteStore]:
    found = _store(elsewhere.address, own)
    yield found
    found.close()


def _store(address: str, own: Any, **access: Any) -> RemoteStore:
    limits = Limits(query_seconds=4.0, result_bytes=100_000, result_rows=500, workers=1)
    place = Place(
        Access(address, **{"seconds": 1.0, "result_bytes": limits.result_bytes, **access}),
        f"{BASE}dataset#dataset",
        state_graph(BASE),
        "0123456789abcdef",
    )
    return RemoteStore(place, own, base=BASE, kind="publication", prefixes={"ex": "urn:ex:"}, limits=limits)


def ask(store: RemoteStore, text: str, format_: Any = RESULTS_JSON, **options: Any) -> bytes:
    async def whole() -> bytes:
        answer = await store.query(text, format_, **options)
        return b"".join([chunk async for chunk in answer])

    try:
        return asyncio.run(whole())
    finally:
        store.close()


# ------------------------------------------------------------------------------------------------ as it should be


@pytest.mark.parametrize(
    ("text", "format_", "expected"),
    [
        (SELECT, CSV, b"s\r\nurn:s\r\n"),
        (SELECT, TSV, b"?s\n<urn:s>\n"),
        (GRAPH, NTRIPLES, TRIPLES),
        (GRAPH, TURTLE, b"<urn:s> <urn:p> <urn:o> ."),
        (ASK, RESULTS_JSON, b'{"head":{},"boolean":true}'),
    ],
)
def test_an_answer_comes_in_the_format_that_was_asked_for(
    elsewhere: Elsewhere, store: RemoteStore, text: str, format_: Any, expected: bytes
) -> None:
    assert ask(store, text, format_).strip() == expected.strip()
    assert elsewhere.asked[-1][1]["accept"].startswith(("application/n-triples", JSON))


def test_the_dataset_of_a_request_is_passed_on(elsewhere: Elsewhere, store: RemoteStore) -> None:
    ask(store, SELECT, dataset=Dataset(("urn:a", "urn:b&c"), ("urn:d",)))
    form, _ = elsewhere.asked[-1]
    assert (form["default-graph-uri"], form["named-graph-uri"]) == (["urn:a", "urn:b&c"], ["urn:d"])


def test_a_query_is_sent_with_what_it_did_not_declare(elsewhere: Elsewhere, store: RemoteStore) -> None:
    ask(store, "SELECT ?s { ?s a ex:C ; ex:p <id/x> }")
    assert elsewhere.asked[-1][0]["query"] == [
        f"BASE <{BASE}> PREFIX ex: <urn:ex:> SELECT ?s {{ ?s a ex:C ; ex:p <id/x> }}"
    ]


def test_a_named_graph_that_stands_for_the_default_graph_is_asked(elsewhere: Elsewhere, own: Any) -> None:
    store = _store(elsewhere.address, own, default_graph="urn:all")
    ask(store, SELECT)
    assert elsewhere.asked[-1][0]["query"] == ["SELECT ?s { GRAPH <urn:all> { ?s ?p ?o } }"]
    ask(store, "DESCRIBE <urn:s>", NTRIPLES)
    assert elsewhere.asked[-1][0]["default-graph-uri"] == ["urn:all"]
    ask(store, SELECT, dataset=Dataset(("urn:other",), ()))
    assert elsewhere.asked[-1][0]["query"] == [SELECT]
    assert elsewhere.asked[-1][0]["default-graph-uri"] == ["urn:other"]


def test_one_connection_carries_many_questions(elsewhere: Elsewhere) -> None:
    client = RemoteClient(Access(elsewhere.address))
    for _ in range(5):
        reply = client.ask(SELECT, graph=False, seconds=5)
        assert b"".join(iter(reply.read, b"")) == ROWS
        reply.finish()
    assert elsewhere.connections == 1


@pytest.mark.parametrize("way", ["busy", "closing"])
def test_whoever_pushes_waits_for_a_store_that_has_answered_before(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(remote_client, "_WAITS", (0.01, 0.01))
    monkeypatch.setattr(remote_client, "_PATIENT_WAITS", (0.01,) * 6)
    refused: list[int] = []

    def five_times(to: Any) -> None:
        refused.append(1)
        if len(refused) > 5:
            to.say(200, JSON, ROWS)
        elif way == "busy":
            to.say(503, "text/plain", b"too much to do")
        else:
            to.close_connection = True
            to.connection.shutdown(socket.SHUT_RDWR)

    def asked(client: RemoteClient) -> int:
        refused.clear()
        client.ask(SELECT, graph=False, seconds=30).close()
        return len(refused)

    hasty, patient = (RemoteClient(Access(elsewhere.address), patient=each) for each in (False, True))
    for each in (hasty, patient):
        each.ask(SELECT, graph=False, seconds=30).close()
    elsewhere.behave = five_times
    assert asked(patient) == 6
    for client in (hasty, RemoteClient(Access(elsewhere.address), patient=True)):
        with pytest.raises((StoreBusy, StoreUnavailable)):
            asked(client)
        assert len(refused) == 3


def test_a_connection_that_was_closed_meanwhile_is_made_anew(elsewhere: Elsewhere) -> None:
    client = RemoteClient(Access(elsewhere.address))
    elsewhere.behave = lambda to: (to.say(200, JSON, ROWS), setattr(to, "close_connection", True))
    for _ in range(3):
        reply = client.ask(SELECT, graph=False, seconds=5)
        assert b"".join(iter(reply.read, b"")) == ROWS
    assert elsewhere.connections == 3


# ------------------------------------------------------------------------------------------------ as it should not be


def _html(to: Any) -> None:
    to.say(200, "text/html", b"<html>Welcome</html>")


def _html_as_json(to: Any) -> None:
    to.say(200, JSON, b"<html>Welcome</html>")


def _no_type(to: Any) -> None:
    to.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(ROWS), ROWS))


def _half(to: Any) -> None:
    to.say(200, JSON, ROWS[:-20])


def _half_of_length(to: Any) -> None:
    to.say(200, JSON, ROWS[:-20], content_length=str(len(ROWS)))
    to.close_connection = True


def _half_of_chunks(to: Any) -> None:
    to.say(200, JSON, b"%x\r\n%s\r\n" % (len(ROWS), ROWS), content_length="", transfer_encoding="chunked")
    to.close_connection = True


def _more_than_all(to: Any) -> None:
    to.say(200, JSON, ROWS + b"<!-- timed out -->")


def _cut_by_rows(to: Any) -> None:
    to.say(200, JSON, ROWS, x_sparql_maxrows="1")


def _cut_by_time(to: Any) -> None:
    to.say(200, JSON, ROWS, x_sql_state="S1TAT")


def _partial(to: Any) -> None:
    to.say(206, JSON, ROWS)


def _compressed(to: Any) -> None:
    to.say(200, JSON, gzip.compress(ROWS), content_encoding="gzip")


def _error(to: Any) -> None:
    to.say(500, "text/plain", b"java.lang.NullPointerException at secret.internal")


def _moved(to: Any) -> None:
    to.say(302, "text/plain", b"", location="http://169.254.169.254/latest/meta-data/")


def _missing(to: Any) -> None:
    to.say(404, "text/plain", b"")


def _login(to: Any) -> None:
    to.say(401, "text/plain", b"", www_authenticate='Basic realm="x"')


def _forbidden(to: Any) -> None:
    to.say(403, "text/plain", b"")


def _no_http(to: Any) -> None:
    to.wfile.write(b"220 mail.example ESMTP\r\n")
    to.close_connection = True


def _endless_header(to: Any) -> None:
    to.wfile.write(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n")
    to.close_connection = True


@pytest.mark.parametrize(
    ("behave", "said"),
    [
        (_html, "text/html"),
        (_html_as_json, "not what it says"),
        (_no_type, "no media type"),
        (_half, "broke off"),
        (_half_of_length, "broke off"),
        (_half_of_chunks, "broke off"),
        (_more_than_all, r"The store's answer goes on behind its end\.|not what it says"),
        (_cut_by_rows, "cut its answer after 1 rows"),
        (_cut_by_time, "part of the answer"),
        (_partial, "206"),
        (_compressed, "compressed"),
        (_error, r"The store failed \(500\)\."),
        (_moved, r"The store has moved \(302\); whoever runs this server sets its new address\."),
        (_missing, "404"),
        (_login, "login"),
        (_forbidden, "login"),
        (_no_http, "does not speak HTTP"),
        (_endless_header, "does not speak HTTP|without an answer"),
    ],
)
def test_an_answer_that_cannot_be_used_is_never_passed_on(
    elsewhere: Elsewhere, store: RemoteStore, behave: Behave, said: str
) -> None:
    elsewhere.behave = behave
    with pytest.raises(
        (RemoteFailed, StoreUnavailable) if behave is _endless_header else RemoteFailed, match=said
    ) as raised:
        ask(store, SELECT)
    assert "secret.internal" not in str(raised.value)
    assert "127.0.0.1" not in str(raised.value)
    # No restart is needed.
    elsewhere.behave = None
    assert b"urn:s" in ask(store, SELECT)


def test_a_graph_whose_end_cannot_be_told_is_refused(elsewhere: Elsewhere, store: RemoteStore) -> None:
    def until_closed(to: Any) -> None:
        to.say(200, "application/n-triples", TRIPLES, content_length="", connection="close")
        to.close_connection = True

    elsewhere.behave = until_closed
    with pytest.raises(
        RemoteFailed, match="The store sends graphs so that nobody can tell whether they are whole"
    ):
        ask(store, GRAPH, NTRIPLES)


def test_rows_that_break_off_late_cut_the_answer(elsewhere: Elsewhere, own: Any) -> None:
    rows = b",".join([b'{"s":{"type":"literal","value":"%s"}}' % (b"x" * 1000)] * 60)

    def breaking(to: Any) -> None:
        to.say(200, JSON, ROWS[:38] + b"[" + rows, content_length="70000")
        to.close_connection = True

    elsewhere.behave = breaking
    store = _store(elsewhere.address, own)
    with pytest.raises(RemoteFailed, match="broke off"):
        ask(store, SELECT)


def test_a_store_that_refuses_a_query_has_its_words_passed_on_harmlessly(
    elsewhere: Elsewhere, own: Any
) -> None:
    words = f"<b>No</b> function\x1b[2J ex:f for {PASSWORD} at {elsewhere.address}".encode() + b"\xff" * 2000
    elsewhere.behave = lambda to: to.say(400, "text/html", words)
    with pytest.raises(QuerySyntaxError) as raised:
        ask(_store(elsewhere.address, own, user="me", password=PASSWORD), SELECT)
    said = str(raised.value)
    assert "No function" in said
    assert len(said) < 400
    for secret in (PASSWORD, elsewhere.address, "\x1b", "<b>"):
        assert secret not in said


def test_what_is_no_query_is_not_even_sent(elsewhere: Elsewhere, store: RemoteStore) -> None:
    for text in (
        "SELECT * { ?s ?p }",
        'DEFINE get:soft "replace" SELECT * { ?s ?p ?o }',
        "SELECT * { ?s bif:x ?o }",
        "DROP ALL",
    ):
        with pytest.raises(QuerySyntaxError):
            ask(store, text)
    with pytest.raises(ServiceForbidden):
        ask(store, SELECT, calls=(ServiceCall("http://e.example/", 0, 1),))
    with pytest.raises(QueryForbidden, match="fv:matches"):
        ask(store, SELECT, matches=(Matches("tea", ()),))
    with pytest.raises(FormatError):
        ask(store, SELECT, NTRIPLES)
    assert elsewhere.asked == []


def test_a_store_that_is_busy_says_when_to_come_again(elsewhere: Elsewhere, store: RemoteStore) -> None:
    elsewhere.behave = lambda to: to.say(429, "text/plain", b"", retry_after="17")
    with pytest.raises(
        StoreBusy, match=r"The store has too much to do \(429\); come again later\."
    ) as raised:
        ask(store, SELECT)
    assert raised.value.retry_after_seconds == 17
    elsewhere.behave = lambda to: to.say(429, "text/plain", b"", retry_after="99999999999")
    with pytest.raises(StoreBusy) as raised:
        ask(store, SELECT)
    assert raised.value.retry_after_seconds == 300


def test_a_passing_failure_is_asked_again(elsewhere: Elsewhere, store: RemoteStore) -> None:
    statuses = [503, 502]
    elsewhere.behave = lambda to: to.say(statuses.pop() if statuses else 200, JSON, ROWS)
    assert b"urn:s" in ask(store, SELECT)
    assert len(elsewhere.asked) == 3


def test_a_store_that_is_slow_is_late(elsewhere: Elsewhere, store: RemoteStore) -> None:
    elsewhere.behave = lambda to: elsewhere.leave.wait(20)
    began = time.monotonic()
    with pytest.raises(RemoteFailed) as raised:
        ask(store, SELECT)
    assert raised.value.late
    assert 3 < time.monotonic() - began < 8


@pytest.mark.thorough
def test_a_store_that_drips_is_late(elsewhere: Elsewhere, store: RemoteStore) -> None:
    def drip(to: Any) -> None:
        to.say(200, JSON, ROWS[:30], content_length=str(len(ROWS)))
        while not elsewhere.leave.wait(0.2):
            to.wfile.write(b" ")

    elsewhere.behave = drip
    with pytest.raises(RemoteFailed) as raised:
        ask(store, SELECT)
    assert raised.value.late


@pytest.mark.parametrize("text", [SELECT, GRAPH])
def test_an_answer_without_end_is_stopped(elsewhere: Elsewhere, store: RemoteStore, text: str) -> None:
    def endless(to: Any) -> None:
        type_ = JSON if text is SELECT else "application/n-triples"
        to.say(200, type_, b"", content_length="", transfer_encoding="chunked")
        piece = b'{"s":{"type":"uri","value":"urn:s"}},' * 100 if text is SELECT else TRIPLES * 100
        head = ROWS[:46] if text is SELECT else b""
        assert not head or head.endswith(b"[")
        to.wfile.write(b"%x\r\n%s\r\n" % (len(head + piece), head + piece))
        while not elsewhere.leave.is_set():
            to.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))

    elsewhere.behave = endless
    with pytest.raises((QueryLimitPassed, RemoteFailed)):
        ask(store, text, RESULTS_JSON if text is SELECT else NTRIPLES)


def test_characters_that_xml_does_not_have_are_told(elsewhere: Elsewhere, store: RemoteStore) -> None:
    elsewhere.behave = lambda to: to.say(
        200, JSON, ROWS.replace(b'"urn:s"', b'"\\u0007"').replace(b'"uri"', b'"literal"')
    )
    with pytest.raises(FormatError, match="XML cannot carry"):
        ask(store, SELECT, RESULTS_XML)


def test_blank_nodes_of_virtuoso_are_read_wherever_a_piece_ends(elsewhere: Elsewhere, own: Any) -> None:
    row = b'{ "s": { "type": "bnode", "value": "nodeID://b%d" } }'
    said = b'{ "s": { "type": "literal", "value": "nodeID://kept" } }'
    body = ROWS[:46] + b"\t, ".join([*(row % n for n in range(400)), said]) + b"]}}"

    def piecemeal(to: Any) -> None:
        to.server_version = "Virtuoso/07.20"
        to.say(200, JSON, b"", content_length=str(len(body)))
        for start in range(0, len(body), 37):
            to.wfile.write(body[start : start + 37])

    elsewhere.behave = piecemeal
    lines = ask(_store(elsewhere.address, own), SELECT, TSV).splitlines()
    assert lines[1] == b"_:b0"
    assert lines[400:] == [b"_:b399", b'"nodeID://kept"']


# ------------------------------------------------------------------------------------------------ gone


def test_a_store_that_is_gone_is_unavailable_and_found_again(own: Any) -> None:
    elsewhere = Elsewhere()
    port = elsewhere.server.server_port
    store = _store(elsewhere.address, own)
    elsewhere.close()
    with pytest.raises(StoreUnavailable, match=r"The store cannot be reached; come again later\."):
        ask(store, SELECT)
    http.server.ThreadingHTTPServer.allow_reuse_address = True
    again = Elsewhere.__new__(Elsewhere)
    with pytest.MonkeyPatch.context() as patch:
        made = http.server.ThreadingHTTPServer
        patch.setattr(
            http.server, "ThreadingHTTPServer", lambda _, handler: made(("127.0.0.1", port), handler)
        )
        again.__init__()  # type: ignore[misc]
    try:
        assert b"urn:s" in ask(store, SELECT)
    finally:
        again.close()


def test_a_store_that_takes_no_connection_is_given_up_soon(own: Any) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        client = RemoteClient(Access(f"http://127.0.0.1:{silent.getsockname()[1]}/", seconds=0.2))
        began = time.monotonic()
        with socket.create_connection(silent.getsockname()), pytest.raises(StoreError):
            client.ask(SELECT, graph=False, seconds=2)
        assert time.monotonic() - began < 6


# ------------------------------------------------------------------------------------------------ our own questions


def _members(elsewhere: Elsewhere) -> Behave:
    body = (
        b'{"head":{"vars":["thing"]},"results":{"bindings":[{"thing":{"type":"uri","value":"urn:there"}}]}}'
    )
    return lambda to: to.say(200, JSON, body)


def _things(store: RemoteStore) -> list[str]:
    rows = store.select("members", **{"class": ox.NamedNode("urn:class")})
    assert all(row["class"] == ox.NamedNode("urn:class") for row in rows)
    return [row["thing"].value for row in rows]  # type: ignore[union-attr]


def test_pages_ask_the_store(elsewhere: Elsewhere, store: RemoteStore) -> None:
    elsewhere.behave = _members(elsewhere)
    assert _things(store) == ["urn:there"]
    assert "<urn:class>" in elsewhere.asked[-1][0]["query"][0]
    assert "?class" not in elsewhere.asked[-1][0]["query"][0].partition("SELECT")[2]


@pytest.mark.parametrize("behave", [_html, _half, _error, _login, _cut_by_rows, _no_http])
def test_pages_show_what_the_release_knows_while_the_store_does_not_answer(
    elsewhere: Elsewhere, store: RemoteStore, behave: Behave, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere.behave = behave
    assert _things(store) == ["urn:own"]
    asked = len(elsewhere.asked)
    assert _things(store) == ["urn:own"]
    assert len(elsewhere.asked) == asked  # It is left alone for a while.
    with pytest.raises(StoreError):
        store.select("ready")
    elsewhere.behave = _members(elsewhere)
    store.select("ready")
    assert _things(store) == ["urn:there"]


def test_after_a_silence_one_page_waits_for_the_store_and_no_others(
    elsewhere: Elsewhere, store: RemoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fonds.store.remote._SILENCE_SECONDS", 0.1)
    elsewhere.behave = _error
    assert _things(store) == ["urn:own"]
    monkeypatch.setattr("fonds.store.remote._SILENCE_SECONDS", 60.0)
    elsewhere.behave = lambda _: elsewhere.leave.wait(5)
    asked = len(elsewhere.asked)
    time.sleep(0.2)
    with ThreadPoolExecutor(4) as pages:
        assert list(pages.map(lambda _: _things(store), range(4))) == [["urn:own"]] * 4
    assert len(elsewhere.asked) == asked + 1


# ------------------------------------------------------------------------------------------------ which release it holds


def _state(property_: str, digest: str) -> bytes:
    return (
        b'{"head":{"vars":["property","value"]},"results":{"bindings":[{"property":{"type":"uri","value":"%s"},'
        b'"value":{"type":"uri","value":"%s"}}]}}' % (property_.encode(), f"{CONTENT}{digest}".encode())
    )


def test_a_store_that_holds_the_release_is_asked(elsewhere: Elsewhere, store: RemoteStore) -> None:
    assert not store.is_of_release
    elsewhere.state = _state(HOLDS, "0123456789abcdef")
    assert b"urn:s" in ask(store, SELECT)
    store.select("ready")
    assert store.is_of_release


@pytest.mark.parametrize(
    ("property_", "digest", "said"),
    [(HOLDS, "another-release", "another release"), (LOADING, "0123456789abcdef", "just getting")],
)
def test_a_store_that_holds_another_release_or_half_of_one_is_not_asked(
    elsewhere: Elsewhere, store: RemoteStore, property_: str, digest: str, said: str
) -> None:
    elsewhere.state = _state(property_, digest)
    with pytest.raises(StoreUnavailable, match=said):
        ask(store, SELECT)
    assert _things(store) == ["urn:own"]
    assert elsewhere.asked == []


def test_a_store_that_said_what_it_holds_and_now_says_nothing_is_being_written(elsewhere: Elsewhere) -> None:
    unsaid = elsewhere.state
    place = Place(Access(elsewhere.address), f"{BASE}dataset#dataset", state_graph(BASE), "0123456789abcdef")
    questions = RemoteQuestions(place, {}, BASE)
    questions.require_release()  # Nothing of the kind was ever written in it: it is asked as it is.
    for state in (_state(HOLDS, "0123456789abcdef"), _state(LOADING, "another-release")):
        elsewhere.state = state
        with suppress(StoreUnavailable):
            questions.require_release(anew=True)
        elsewhere.state = unsaid
        with pytest.raises(StoreUnavailable, match="does not say which release"):
            questions.require_release(anew=True)
    elsewhere.state = _state(HOLDS, "0123456789abcdef")
    questions.require_release()


def test_an_answer_during_which_the_store_is_written_is_cut(elsewhere: Elsewhere, store: RemoteStore) -> None:
    def meanwhile(to: Any) -> None:
        elsewhere.state = _state(LOADING, "another-release")
        time.sleep(1.0)
        to.say(200, JSON, ROWS)

    elsewhere.behave = meanwhile
    with pytest.raises(StoreUnavailable, match="just getting"):
        ask(store, SELECT)


# ------------------------------------------------------------------------------------------------ logins


def test_a_bearer_token_is_sent(elsewhere: Elsewhere, own: Any) -> None:
    ask(_store(elsewhere.address, own, token="abc"), SELECT)
    assert elsewhere.asked[-1][1]["authorization"] == "Bearer abc"


def test_a_password_is_sent_only_where_it_is_wanted(elsewhere: Elsewhere, own: Any) -> None:
    store = _store(elsewhere.address, own, user="me", password=PASSWORD)
    ask(store, SELECT)
    assert "authorization" not in elsewhere.asked[-1][1]
    elsewhere.behave = lambda to: (
        to.say(200, JSON, ROWS)
        if to.headers["authorization"] == "Basic bWU6cGFzcy13b3JkLTk="
        else to.say(401, "text/plain", b"", www_authenticate='Basic realm="store"')
    )
    assert b"urn:s" in ask(store, SELECT)


def test_digest_is_answered(elsewhere: Elsewhere, own: Any) -> None:
    def digest(to: Any) -> None:
        given = to.headers["authorization"] or ""
        if given.startswith("Digest ") and 'username="me"' in given and PASSWORD not in given:
            to.say(200, JSON, ROWS)
        else:
            challenge = 'Digest realm="SPARQL", domain="/", nonce="b336", opaque="5ebe", stale="false", qop="auth", algorithm="MD5"'
            to.say(401, "text/plain", b"", www_authenticate=challenge)

    elsewhere.behave = digest
    assert b"urn:s" in ask(_store(elsewhere.address, own, user="me", password=PASSWORD), SELECT)


@pytest.mark.parametrize(
    "challenge",
    [
        "",
        "Digest",
        "Digest realm",
        'Digest realm="a", nonce="b", algorithm="MD7"',
        'Digest realm="a", nonce="b", qop="auth-int"',
        "Negotiate abc",
    ],
)
def test_a_login_that_is_not_known_is_a_failure_of_the_store(
    elsewhere: Elsewhere, own: Any, challenge: str
) -> None:
    elsewhere.behave = lambda to: to.say(401, "text/plain", b"", www_authenticate=challenge)
    with pytest.raises(RemoteFailed, match="login") as raised:
        ask(_store(elsewhere.address, own, user="me", password=PASSWORD), SELECT)
    assert PASSWORD not in str(raised.value)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"FONDS_STORE_USER": "me"}, "go together"),
        ({"FONDS_STORE_PASSWORD": PASSWORD}, "go together"),
        ({"FONDS_STORE_USER": "a:b", "FONDS_STORE_PASSWORD": PASSWORD}, "colon"),
        ({"FONDS_STORE_TOKEN": "a\r\nX: y"}, "may hold no control characters, FONDS_STORE_USER no colon"),
        ({"FONDS_STORE_TOKEN": "ä"}, "FONDS_STORE_TOKEN may hold ASCII characters only"),
    ],
)
def test_a_login_that_cannot_be_sent_is_told_without_it(environment: dict[str, str], said: str) -> None:
    with pytest.raises(StoreError, match=said) as raised:
        login_of(environment)
    assert not any(value in str(raised.value) for value in environment.values() if len(value) > 2)


def test_a_login_is_taken_from_the_environment() -> None:
    assert login_of({"FONDS_STORE_USER": "me", "FONDS_STORE_PASSWORD": PASSWORD, "HOME": "/"}) == {
        "user": "me",
        "password": PASSWORD,
    }
    assert login_of({}) == {}
