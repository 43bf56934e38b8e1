"""Whom a query asks by SERVICE: only listed endpoints, and only where they can be told with certainty."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fonds.errors import QueryForbidden, QuerySyntaxError, ServiceForbidden, StoreError
from fonds.settings import Limits
from fonds.store.calls import read_federated_query
from fonds.store.federation import NO_FEDERATION, Federation
from fonds.store.queries import QueryHead
from fonds.store.relay import rewritten
from tests.unit.store.test_queries import CALLS, HARMLESS, NOT_KEYWORDS, bodies

LISTED = "https://listed.example/sparql"
OTHER = "https://other.example/query?default=1"
FEDERATION = Federation((LISTED, OTHER))
BASE = "https://archive.example/"


def read(text: str, federation: Federation = FEDERATION) -> QueryHead:
    return read_federated_query(text, limit_bytes=100_000, federation=federation, base=BASE)


def asked(text: str) -> list[tuple[str, str]]:
    return [(call.target, text[call.start : call.end]) for call in read(text).calls]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (f"SELECT * {{ SERVICE <{LISTED}> {{ ?s ?p ?o }} }}", f"<{LISTED}>"),
        (f"SELECT * {{ service<{LISTED}>{{}} }}", f"<{LISTED}>"),
        (f"SELECT * {{ SERVICE SILENT <{LISTED}> {{ ?s ?p ?o }} }}", f"<{LISTED}>"),
        (f"SELECT * {{ SERVICE # <x:y>\n <{LISTED}> # c\n {{ ?s ?p ?o }} }}", f"<{LISTED}>"),
        ("PREFIX l: <https://listed.example/> SELECT * { SERVICE l:sparql {} }", "l:sparql"),
        ("PREFIX : <https://listed.example/sparql> SELECT * { SERVICE SILENT : {} }", ":"),
        ("BASE <https://listed.example/x> SELECT * { SERVICE <sparql> {} }", "<sparql>"),
        ("BASE <https://listed.example/> PREFIX a: <.> SELECT * { SERVICE a:sparql {} }", "a:sparql"),
        ("SELECT * { SERVICE <https://listed.example/sp\\u0061rql> {} }", "<https://listed.example/sp\\u0061rql>"),
        ("PREFIX l: <https://\\u006Cisted.example/> SELECT * { SERVICE l:sparql {} }", "l:sparql"),
        (f"PREFIX service: <x:> SELECT * {{ ?s service:x 'SERVICE <x:y> {{' . SERVICE <{LISTED}> {{}} }}", f"<{LISTED}>"),
    ],
)  # fmt: skip
def test_an_endpoint_that_is_listed_is_found_where_it_is_named(text: str, named: str) -> None:
    ox.Store().query(text, base_iri=BASE)  # It is SPARQL.
    head = read(text)
    assert asked(text) == [(LISTED, named)]
    assert head.volatile


def test_each_call_is_found_wherever_it_stands() -> None:
    text = (
        f"SELECT * {{ OPTIONAL {{ SERVICE <{LISTED}> {{ ?a ?b ?c SERVICE SILENT <{OTHER}> {{ ?d ?e ?f }} }} }} "
        f"{{ SELECT * {{ SERVICE <{OTHER}> {{}} }} }} UNION {{ FILTER EXISTS {{ SERVICE <{LISTED}> {{}} }} }} }}"
    )
    ox.Store().query(text)
    assert [target for target, _ in asked(text)] == [LISTED, OTHER, OTHER, LISTED]


@pytest.mark.parametrize("text", NOT_KEYWORDS)
def test_a_query_without_a_call_has_none_and_stays_as_it_was(text: str) -> None:
    head = read(text)
    assert head.calls == ()
    assert not head.volatile


@pytest.mark.parametrize("text", CALLS)
@pytest.mark.parametrize("federation", [FEDERATION, NO_FEDERATION])
def test_an_endpoint_that_is_not_listed_is_refused_wherever_it_hides(
    text: str, federation: Federation
) -> None:
    with pytest.raises(ServiceForbidden, match="SERVICE"):
        read(text, federation)


REFUSED = {
    "SELECT * { SERVICE <http://127.0.0.1/> {} }": r"<http://127\.0\.0\.1/>: .* not ask that one.*<https://listed",
    "SELECT * { SERVICE ?g {} }": r"\?g: a variable",
    "SELECT * { SERVICE SILENT $g {} }": r"\$g: a variable",
    "SELECT * { SERVICE l:sparql {} }": "does not declare the prefix l:",
    "PREFIX l: <https://listed.example/> SELECT * { SERVICE l:sparql/x {} SERVICE l:x {} }": "not ask that one",
    f"SELECT * {{ SERVICE <{LISTED}#> {{}} }}": "not ask that one",
    f"SELECT * {{ SERVICE <{LISTED}/> {{}} }}": "not ask that one",
    "SELECT * { SERVICE <HTTPS://listed.example/sparql> {} }": "not ask that one",
    "SELECT * { SERVICE <../sparql> {} }": "not ask that one",
    f"SELECT * {{ SERVICE <{LISTED}> {{ SERVICE <http://127.0.0.1/> {{}} }} }}": "not ask that one",
    f"SELECT * {{ SERVICE <{LISTED}> {{ SERVICE ?x {{}} }} }}": "variable",
    # To the engine these are calls, to the standard's grammar something else.
    f"SELECT * {{ SERVICESILENT <{LISTED}> {{}} }}": "certainty",
    f"SELECT * {{ ?s ?p trueSERVICE <{LISTED}> {{}} }}": "certainty",
    f"SELECT * {{ \\u0053ERVICE <{LISTED}> {{}} }}": "certainty",
    "PREFIX l: <https://listed.example/> SELECT * { SERVICEl:sparql {} }": "certainty",
    "PREFIX SILENTl: <https://listed.example/> SELECT * { SERVICE SILENTl:sparql {} }": "certainty",
    f"SELECT * {{ SERVICE SILENT SILENT <{LISTED}> {{}} }}": "certainty",
    f"SELECT * {{ SERVICE '<{LISTED}>' {{}} }}": "certainty",
    f"SELECT * {{ BIND('\\u0027 AS ?a) SERVICE <{LISTED}> {{}} BIND('' AS ?b) }}": "SERVICE",
    "PREFIX l: <https://listed.example/> SELECT * { SERVICE l:sp\\u0061rql {} }": "SERVICE",
    "SELECT * { SERVICE": "certainty",
    f"SELECT * {{ SERVICE <{LISTED}> {{}} SERVICE SILENT # }}": "certainty",
    f"SELECT * {{ BIND(1 AS ?b) FILTER(?a<?b#>\n) SERVICE <{LISTED}> {{}} }}": "two ways",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_listed_or_not_certain_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ServiceForbidden, match=REFUSED[text]) as raised:
        read(text)
    assert LISTED in str(raised.value)


def test_a_query_asks_only_so_often() -> None:
    few = Federation((LISTED,), limits=Limits(federation_calls=2))
    call = f"SERVICE <{LISTED}> {{ ?s ?p ?o }} "
    assert len(read(f"SELECT * {{ {call * 2} }}", few).calls) == 2
    with pytest.raises(ServiceForbidden, match="3 SERVICE patterns; 2 are allowed"):
        read(f"SELECT * {{ {call * 3} }}", few)


def test_an_update_that_asks_a_listed_endpoint_is_an_update() -> None:
    with pytest.raises(QueryForbidden, match="INSERT"):
        read(f"INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE <{LISTED}> {{ ?s ?p ?o }} }}")


@given(st.lists(HARMLESS, max_size=4).map(bodies), st.lists(HARMLESS, max_size=4).map(bodies))
@settings(deadline=None, max_examples=100)
def test_a_listed_endpoint_is_found_whatever_stands_around_it(before: str, after: str) -> None:
    text = (
        "PREFIX ex: <http://e/> PREFIX service: <http://service/> "
        f"SELECT * {{ {before} SERVICE <{LISTED}> {{ ?s ?p ?o }} {after} }}"
    )
    try:
        assert asked(text) == [(LISTED, f"<{LISTED}>")]
    except (ServiceForbidden, QuerySyntaxError) as error:
        assert "two ways" in str(error)  # noqa: PT017


# ------------------------------------------------------------------------------------------------ the engine as oracle


class _Called:
    """Whom the engine calls: everybody is at one address, each with a path of its own."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        called = self.paths

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                called.append(self.path)
                body = b'{"head":{"vars":["o"]},"results":{"bindings":[]}}'
                self.send_response(200)
                self.send_header("Content-Type", "application/sparql-results+json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.place = f"http://127.0.0.1:{self.server.server_address[1]}/"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture(scope="module")
def called() -> Iterator[_Called]:
    found = _Called()
    yield found
    found.server.shutdown()
    found.server.server_close()


FRAGMENTS = st.sampled_from(
    [
        *("SERVICE", "service ", "SERVICE:a", "service:a", "SERVICEl:a", "trueSERVICE", "SERVICE SILENT ", "SERVICE l:a", "SILENT"),
        *("<LISTED>", "<UNLISTED>", "<listed>", "l:a", "u:a", ":", "l:", "?x", "{ ?s ?p ?o }", "{}", "{", "}", "(", ")", "<", ">"),
        *("#", "\n", "\r", "'", "'''", '"', '"""', "\\", "\\u000A", "\\u0022", "\\u005C", " ", ".", ";", "true", "1", "@en", "_:b"),
        *("?s ?p ?o", "?s ?p ", "FILTER(?a", "FILTER(1<2", "BIND(1 AS ?a)", "BIND('' AS ?y)", "OPTIONAL", "UNION", "GRAPH ?g"),
        *("SERVICE <LISTED> { ?s ?p ?o }", "SERVICE l:a{}", " SERVICE SILENT <LISTED> { SERVICE <UNLISTED> {} }", "SERVICE u:a {}"),
        *(")SERVICE#>\n<UNLISTED>{}", "FILTER(0<a:b#>", "{ SERVICE <listed> {} }", "SERVICE <LISTED> { ", "SERVICE <UNLISTED> {}"),
    ]
)  # fmt: skip


@given(st.lists(FRAGMENTS, max_size=10).map("".join))
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_let_pass_makes_the_engine_call_nobody_that_is_not_listed(called: _Called, body: str) -> None:
    """With what was found replaced, as in a worker, whatever else the engine calls is a call that was overlooked."""
    listed, unlisted = f"{called.place}listed", f"{called.place}unlisted"
    body = body.replace("<UNLISTED>", f"<{unlisted}>").replace("<LISTED>", f"<{listed}>")
    text = (
        f"BASE <{called.place}> PREFIX : <{unlisted}> PREFIX u: <{unlisted}> PREFIX service: <{unlisted}> PREFIX a: <{unlisted}> "
        f"PREFIX l: <{called.place}> SELECT * {{ {body} }}"
    ).replace("l:a", "l:listed")
    try:
        head = read(text, Federation((listed,)))
    except StoreError:
        return
    spans = [(call.start, call.end) for call in head.calls]
    called.paths.clear()
    with contextlib.suppress(SyntaxError, RuntimeError, OSError):
        list(ox.Store().query(rewritten(text, spans, lambda number: f"{called.place}relay/{number}")))  # type: ignore[arg-type]
    assert all(path.startswith("/relay/") for path in called.paths), (text, called.paths)
