"""SERVICE over HTTP: statuses and words, and that the endpoint says of itself whom it asks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import msgspec
import pytest
from pyoxigraph import RdfFormat, Store, parse

from fonds.release.folder import Release
from fonds.settings import Limits
from fonds.store.embedded import EmbeddedStore
from fonds.store.federation import federation_of
from fonds.vocabulary import FV, PREFIXES, SD
from fonds.web import create_app
from tests.unit.elsewhere import RDFS, Elsewhere, elsewhere, needs_a_network_of_its_own
from tests.unit.web.conftest import Ask, asker, query_target

JSON = "application/sparql-results+json"
TURTLE = "text/turtle"
PATHS = ("sparql", "slow", "redirect", "down")


@pytest.fixture
def there() -> Iterator[Elsewhere]:
    with elsewhere() as found:
        yield found


Open = Callable[..., Ask]


@pytest.fixture
def open_site(dataset: Release, there: Elsewhere) -> Iterator[Open]:
    """Open a site whose queries may ask some paths there."""
    stores = []

    def open_it(*, private: bool = True) -> Ask:
        settings = msgspec.structs.replace(
            dataset.manifest.settings,
            federation=tuple(f"{there.place}{path}" for path in PATHS),
            federation_private=private,
            limits=Limits(federation_seconds=0.5, federation_calls=2),
        )
        store = EmbeddedStore(
            dataset.store,
            base=dataset.manifest.base,
            kind=dataset.manifest.kind,
            prefixes=PREFIXES,
            limits=settings.limits,
            federation=federation_of(settings, dataset.manifest.base),
        )
        stores.append(store)
        return asker(create_app(dataset, store, settings))

    yield open_it
    for store in stores:
        store.close()


def call(there: Elsewhere, path: str, *, silent: bool = False) -> str:
    word = "SERVICE SILENT" if silent else "SERVICE"
    return query_target(f"SELECT * {{ {word} <{there.place}{path}> {{ ?s <{RDFS}label> ?l }} }}")


@needs_a_network_of_its_own
def test_the_answer_of_another_endpoint_is_neither_tagged_nor_kept(open_site: Open, there: Elsewhere) -> None:
    ask = open_site()
    for times in (1, 2, 3):
        reply = ask(call(there, "sparql"), JSON)
        assert reply.status == 200
        assert "República de Cuba" in reply.text
        assert "etag" not in reply.headers
        assert reply.headers["cache-control"] == "no-store"
        assert len(there.asked) == times
    posted = ask(
        "/sparql",
        JSON,
        method="POST",
        headers=[("Content-Type", "application/sparql-query")],
        body=[f"ASK {{ SERVICE <{there.place}sparql> {{ ?s ?p ?o }} }}".encode()],
    )
    assert json.loads(posted.body)["boolean"] is True
    assert len(there.asked) == 4


@needs_a_network_of_its_own
def test_a_page_shows_what_another_endpoint_answers(open_site: Open, there: Elsewhere) -> None:
    reply = open_site()(call(there, "sparql"), "text/html")
    assert reply.status == 200
    assert "República de Cuba" in reply.text
    assert reply.headers["cache-control"] == "no-store"
    assert f"SERVICE may ask &lt;{there.place}sparql&gt;" in reply.text


@needs_a_network_of_its_own
@pytest.mark.parametrize(("path", "status"), [("down", 502), ("redirect", 502), ("slow", 504)])
def test_an_endpoint_that_fails_is_named_in_the_problem(
    open_site: Open, there: Elsewhere, path: str, status: int
) -> None:
    ask = open_site()
    reply = ask(call(there, path), JSON)
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json")
    problem = json.loads(reply.body)
    assert problem["target"] == f"{there.place}{path}"
    assert there.place in problem["detail"]
    assert reply.headers["cache-control"] == "no-store"
    assert ask(call(there, path, silent=True), JSON).status == 200


@needs_a_network_of_its_own
def test_a_private_endpoint_is_a_bad_gateway_unless_the_settings_allow_it(
    open_site: Open, there: Elsewhere
) -> None:
    reply = open_site(private=False)(call(there, "sparql"), JSON)
    assert reply.status == 502
    assert "public network" in json.loads(reply.body)["detail"]
    assert there.asked == []


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "SELECT * { ?s ?p ?g SERVICE ?g { ?a ?b ?c } }",
        "SELECT * { SERVICE <$down> {} SERVICE <$down> {} SERVICE <$down> {} }",
        "SELECT * { SERVICE <$other> {} }",
    ],
)
def test_what_is_not_listed_is_forbidden(open_site: Open, there: Elsewhere, query: str) -> None:
    reply = open_site()(query_target(query.replace("$", there.place)), JSON)
    assert reply.status == 403
    assert "SERVICE" in json.loads(reply.body)["detail"]
    assert there.asked == []


def test_the_endpoint_says_whom_it_asks_only_where_it_asks_somebody(
    open_site: Open, ask: Ask, there: Elsewhere
) -> None:
    def described(asked: Ask) -> Store:
        store = Store()
        store.load(asked("/sparql", TURTLE).body, format=RdfFormat.TURTLE)
        return store

    ours = described(open_site())
    assert list(ours.quads_for_pattern(None, SD.feature, SD.BasicFederatedQuery, None))
    targets = {str(quad.object) for quad in ours.quads_for_pattern(None, FV.federates_with, None, None)}
    assert targets == {f"<{there.place}{path}>" for path in PATHS}
    ((calls,),) = (
        [quad.object.value] for quad in ours.quads_for_pattern(None, FV.federation_calls, None, None)
    )  # type: ignore[union-attr]
    assert calls == "2"
    body = ask("/sparql", TURTLE).body
    assert b"federat" not in body.lower()
    assert not any(quad.predicate == SD.feature for quad in parse(body, format=RdfFormat.TURTLE))


@needs_a_network_of_its_own
def test_readyz_says_whether_others_can_be_asked(open_site: Open, ask: Ask, there: Elsewhere) -> None:
    site = open_site()
    assert json.loads(site("/readyz").body)["queries_can_ask_other_endpoints"] is None
    site(call(there, "sparql"), JSON)
    assert json.loads(site("/readyz").body)["queries_can_ask_other_endpoints"] is True
    assert "queries_can_ask_other_endpoints" not in json.loads(ask("/readyz").body)
