"""The reconciliation service: what OpenRefine asks one after another, scores, constraints, and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode

import jsonschema
import pytest

from fonds.reconciliation.likeness import likeness
from fonds.store.embedded import EmbeddedStore
from fonds.web import create_app
from tests.conftest import BASE, opened
from tests.unit.web.conftest import Ask, asker

FORM = [("content-type", "application/x-www-form-urlencoded;charset=UTF-8")]
SCHEMAS = json.loads((Path(__file__).parent / "reconciliation.schemas.json").read_text(encoding="utf-8"))


def valid(name: str, found: object) -> None:
    """Hold an answer against what version 0.2 says of its form."""
    schema = {"$schema": SCHEMAS["$schema"], "$defs": SCHEMAS["$defs"], "$ref": f"#/$defs/{name}"}
    jsonschema.validate(found, schema)


def got(ask: Ask, target: str, schema: str) -> Any:
    reply = ask(target)
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json"), reply.text
    assert reply.headers["access-control-allow-origin"] == "*"
    found = json.loads(reply.body)
    valid(schema, found)
    return found


def posted(ask: Ask, schema: str = "results", **fields: object) -> Any:
    body = urlencode({name: json.dumps(value) for name, value in fields.items()}).encode()
    reply = ask("/reconcile", method="POST", headers=FORM, body=(body,))
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json"), reply.text
    found = json.loads(reply.body)
    valid(schema, found)
    return found


def asked(ask: Ask, query: str, **more: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = posted(ask, queries={"q0": {"query": query, **more}})["q0"]["result"]
    return found


def refused(ask: Ask, status: int, **fields: object) -> str:
    body = urlencode(
        {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()}
    )
    reply = ask("/reconcile", method="POST", headers=FORM, body=(body.encode(),))
    assert reply.status == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    detail: str = json.loads(reply.body)["detail"]
    return detail


# ------------------------------------------------------------------------------------------------ as OpenRefine asks


def test_the_requests_of_openrefine_one_after_another(ask_publication: Ask) -> None:
    manifest = got(ask_publication, "/reconcile", "manifest")
    assert "0.2" in manifest["versions"]
    # A sample of the column, to guess its type.
    guesses = posted(
        ask_publication,
        queries={f"q{n}": {"query": name, "limit": 3} for n, name in enumerate(("Guevara", "Brezhnev"))},
    )
    assert {kind["id"] for each in guesses.values() for kind in each["result"][0]["type"]} == {"person"}
    # The batch itself, with a column held against a property.
    query = {
        "query": "Guevara, Ernesto",
        "type": "person",
        "type_strict": "should",
        "limit": 5,
        "properties": [{"pid": "elsewhere", "v": "Q5809"}],
    }
    (best,) = posted(ask_publication, queries={"q0": query})["q0"]["result"]
    assert (best["id"], best["name"], best["match"]) == ("person/guevara", "Ernesto Guevara", True)
    # A cell, looked at: its page in a frame, its identifier as an address, encoded or not.
    preview = (
        manifest["preview"]["url"]
        .removeprefix(BASE.rstrip("/"))
        .replace("{{id}}", quote(best["id"], safe=""))
    )
    shown = ask_publication(preview, "text/html")
    assert (shown.status, shown.headers["content-type"]) == (200, "text/html;charset=utf-8")
    assert "Ernesto Guevara" in shown.text
    assert "frame-ancestors *" in shown.headers["content-security-policy"]
    for written in (best["id"], quote(best["id"], safe="")):
        seen = ask_publication("/" + manifest["view"]["url"].removeprefix(BASE).replace("{{id}}", written))
        assert seen.status == 303
        assert seen.headers["location"].endswith("doc/person/guevara")
    # Another one, searched by hand.
    entity = manifest["suggest"]["entity"]
    assert entity["service_url"] == BASE.rstrip("/")
    suggested = got(
        ask_publication, f"{entity['service_path']}?prefix=guev&cursor=0&_=1&type=person", "suggestions"
    )
    assert suggested["result"][0]["id"] == "person/guevara"
    flyout = got(
        ask_publication, entity["flyout_service_path"].replace("${id}", "person%2Fguevara"), "flyout"
    )
    assert flyout["id"] == "person/guevara"
    assert "Ernesto Guevara" in flyout["html"]
    # New columns from the matches.
    propose = manifest["extend"]["propose_properties"]
    proposed = got(ask_publication, f"{propose['service_path']}?type=person&limit=50", "proposed")
    assert proposed["type"] == "person"
    wanted = [{"id": each["id"]} for each in proposed["properties"]]
    extended = posted(
        ask_publication, "extended", extend={"ids": ["person/guevara", "person/nobody"], "properties": wanted}
    )
    row = extended["rows"]["person/guevara"]
    assert row["elsewhere"] == [{"str": "http://www.wikidata.org/entity/Q5809"}]
    assert row["name"] == [{"str": "Guevara"}]
    assert row["documents"] == [{"int": 1}]
    assert not any(extended["rows"]["person/nobody"].values())


def test_get_gives_the_same_as_a_form(ask_publication: Ask) -> None:
    queries = {"q0": {"query": "Brezhnev"}}
    target = f"/reconcile?queries={quote(json.dumps(queries))}"
    assert got(ask_publication, target, "results") == posted(ask_publication, queries=queries)


def test_a_form_is_never_answered_with_what_another_one_asked(ask_publication: Ask) -> None:
    assert asked(ask_publication, "Brezhnev")[0]["id"] == "person/brezhnev"
    assert asked(ask_publication, "Kosygin")[0]["id"] == "person/kosygin"
    assert "versions" in got(ask_publication, "/reconcile", "manifest")


def test_scripts_of_other_sites_may_send_a_form(ask_publication: Ask) -> None:
    reply = ask_publication("/reconcile", method="OPTIONS")
    assert reply.status == 204
    assert "POST" in reply.headers["access-control-allow-methods"]


def test_only_the_preview_may_be_framed(ask_publication: Ask) -> None:
    for target in ("/doc/person/guevara", "/reconcile", "/reconcile/preview?id=person/none"):
        assert (
            "frame-ancestors 'none'"
            in ask_publication(target, "text/html").headers["content-security-policy"]
        )


# ------------------------------------------------------------------------------------------------ names and scores


@pytest.mark.parametrize(
    ("name", "key", "least", "most"),
    [
        ("Ernesto Guevara", "person/guevara", 100, 100),
        ("GUEVARA", "person/guevara", 100, 100),
        ("Guevara, Ernesto", "person/guevara", 95, 95),
        ("E. Guevara", "person/guevara", 80, 90),
        ("Guevera", "person/guevara", 40, 70),
        ("Хрущёв", "person/khrushchev", 100, 100),
        ("Chruschtschow", "person/khrushchev", 40, 90),
        ("Л. И. Брежнев", "person/brezhnev", 80, 95),
        ("Kosygin A.N.", "person/kosygin", 95, 100),
        ("Caribean Crisis", "event/caribbean-crisis", 40, 95),
        ("person/guevara", "person/guevara", 100, 100),
        (f"{BASE}id/person/guevara", "person/guevara", 100, 100),
        ("http://www.wikidata.org/entity/Q5809", "person/guevara", 100, 100),
        ("Q5809", "person/guevara", 100, 100),
    ],
)
def test_a_name_is_found_in_other_spellings_with_a_score(
    ask_publication: Ask, name: str, key: str, least: float, most: float
) -> None:
    found = asked(ask_publication, name)
    assert found[0]["id"] == key
    assert least <= found[0]["score"] <= most
    assert [each["score"] for each in found] == sorted((each["score"] for each in found), reverse=True)
    assert all(0 < each["score"] <= 100 for each in found)


def test_what_has_nothing_in_common_is_not_offered(ask_publication: Ask) -> None:
    assert asked(ask_publication, "Zwingli") == []
    assert asked(ask_publication, "!!!") == []


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("Ernesto Guevara", True),
        ("Q5809", True),
        ("Cuba", True),
        ("Guevara", False),  # A family name alone is never enough.
        ("E. Guevara", False),
        ("Caribean Crisis", False),
    ],
)
def test_only_what_is_clear_is_a_match(ask_publication: Ask, name: str, match: bool) -> None:
    found = asked(ask_publication, name)
    assert found[0]["match"] is match
    assert not any(each["match"] for each in found[1:])


def test_likeness_is_explained_and_never_over_its_bounds() -> None:
    assert likeness("person", "", ["A"]).score == 0
    assert likeness("person", "A B", []).score == 0
    assert likeness("person", "Castro, Fidel", ["Raúl Castro"]).score < 50
    assert likeness("place", "Havana", ["La Habana", "Havana"]) == (100.0, "Havana", False)
    assert likeness("group", "CPSU", ["Communist Party of the Soviet Union"]).score == 90


# ------------------------------------------------------------------------------------------------ constraints


def test_a_type_by_its_kind_or_its_class_keeps_all_else_away(ask_publication: Ask) -> None:
    name = "Khrushchev period"
    assert asked(ask_publication, "Khrushchev")[0]["type"] == [{"id": "person", "name": "Person"}]
    assert any(each["type"][0]["id"] == "event" for each in asked(ask_publication, name))
    for type_ in ("person", "http://www.cidoc-crm.org/cidoc-crm/E21_Person", ["person"]):
        assert all(each["type"][0]["id"] == "person" for each in asked(ask_publication, name, type=type_))
        assert asked(ask_publication, "Khrushchev", type=type_)
    for type_ in ("event", "http://www.cidoc-crm.org/cidoc-crm/E7_Activity", ["event", "place"]):
        assert all(
            each["type"][0]["id"] != "person" for each in asked(ask_publication, "Khrushchev", type=type_)
        )


def test_a_property_that_agrees_or_contradicts_moves_the_score(ask_publication: Ask) -> None:
    alone = asked(ask_publication, "Guevara")[0]
    agreed = asked(
        ask_publication, "Guevara", properties=[{"pid": "elsewhere", "v": ["Q1", {"id": "Q5809"}]}]
    )[0]
    other = asked(ask_publication, "Guevara", properties=[{"pid": "elsewhere", "v": "Q1"}])[0]
    unknown = asked(ask_publication, "Guevara", properties=[{"pid": "born", "v": 1928}])[0]
    assert (alone["match"], agreed["match"], other["match"]) == (False, True, False)
    assert other["score"] < alone["score"] == agreed["score"] == 100
    assert {each["id"]: each["value"] for each in other["features"]} == {"name": 100, "elsewhere": 0}
    # Where nothing is stated, nothing speaks against it.
    assert unknown["score"] == alone["score"]
    assert [each["id"] for each in unknown["features"]] == ["name"]


def test_an_event_is_known_by_its_date_and_its_place(ask_publication: Ask) -> None:
    name = "Conversation of O. T. Darusenkov with Guevara"
    for given, value in (
        ("1964-10-16", 1),
        (1964, 1),
        ("1964-10-16T00:00:00Z", 1),
        ("1965", 0.5),
        ("1812", 0),
        ("words", 0),
    ):
        best = asked(ask_publication, name, properties=[{"pid": "date", "v": given}])[0]
        assert best["id"] == "event/conversation-1964-10-16"
        assert {each["id"]: each["value"] for each in best["features"]}["date"] == value


def test_an_identifier_alone_is_enough_to_be_found_by(ask_publication: Ask) -> None:
    queries = {"q": {"properties": [{"pid": "elsewhere", "v": "Q5809"}]}}
    assert [each["id"] for each in posted(ask_publication, queries=queries)["q"]["result"]] == [
        "person/guevara"
    ]


# ------------------------------------------------------------------------------------------------ suggestions


def test_types_and_properties_are_suggested_with_a_flyout(ask_publication: Ask) -> None:
    types = got(ask_publication, "/reconcile/suggest/type?prefix=", "suggestions")["result"]
    assert [each["id"] for each in types] == ["person", "group", "place", "event"]
    assert [
        each["id"]
        for each in got(ask_publication, "/reconcile/suggest/type?prefix=per", "suggestions")["result"]
    ] == ["person"]
    assert len(got(ask_publication, "/reconcile/suggest/type?prefix=&cursor=3", "suggestions")["result"]) == 1
    properties = got(ask_publication, "/reconcile/suggest/property?prefix=bo", "suggestions")["result"]
    assert [each["id"] for each in properties] == ["born"]
    assert "date" in got(ask_publication, "/reconcile/flyout/property?id=born", "flyout")["html"]
    assert "Person" in got(ask_publication, "/reconcile/flyout/type?id=person", "flyout")["html"]


def test_an_identifier_is_suggested_as_well(ask_publication: Ask) -> None:
    found = got(ask_publication, "/reconcile/suggest/entity?prefix=person/guevara", "suggestions")["result"]
    assert found[0]["id"] == "person/guevara"


# ------------------------------------------------------------------------------------------------ refused


@pytest.mark.parametrize(
    ("queries", "status", "words"),
    [
        ("{", 400, "“queries” cannot be read"),
        ("[]", 400, "Expected `object`, got `array`"),
        ('{"q": {"query": 1}}', 400, "Expected `str`, got `int`"),
        ('{"q": {}}', 400, "There is neither a “query”, nor the property “elsewhere”"),
        (
            '{"q": {"query": "a", "type": "Q5"}}',
            400,
            "There is no type “Q5” (query “q”); there are person, group, place, event.",
        ),
        (
            '{"q": {"query": "a", "properties": [{"pid": "P31", "v": "x"}]}}',
            400,
            "There is no property “P31” (query “q”); there are born,",
        ),
        (
            '{"q": {"query": "a", "properties": [{"pid": "description", "v": "x"}]}}',
            400,
            "nothing can be held against it",
        ),
        ('{"q": {"query": "a", "properties": [{"pid": "born", "v": []}]}}', 400, "“born” has 0 values"),
        ('{"q": {"query": "a", "limit": 0}}', 400, "Expected `float` >= 1"),
        ('{"q": {"query": "' + "a" * 600 + '"}}', 400, "The name has 600 characters; 500 are read"),
        (
            json.dumps({str(n): {"query": "a"} for n in range(51)}),
            413,
            "There are 51 queries; 50 are answered at once.",
        ),
        ("[" * 5000, 400, "cannot be read"),
    ],
)
def test_queries_that_cannot_be_answered_are_told_with_their_place(
    ask_publication: Ask, queries: str, status: int, words: str
) -> None:
    assert words in refused(ask_publication, status, queries=queries)


def test_what_is_no_request_of_the_service_is_told(ask_publication: Ask) -> None:
    assert "There is no property “x”" in refused(
        ask_publication, 400, extend={"ids": [], "properties": [{"id": "x"}]}
    )
    assert "1000 are answered at once" in refused(
        ask_publication, 413, extend={"ids": ["a"] * 1001, "properties": []}
    )
    assert "either" in refused(ask_publication, 400, queries={}, extend={})
    assert "version 0.1" in refused(ask_publication, 400, query="Guevara")
    assert "by CORS" in refused(ask_publication, 400, queries={}, callback="alert")
    json_body = ask_publication(
        "/reconcile", method="POST", headers=[("content-type", "application/json")], body=(b"{}",)
    )
    assert json_body.status == 415
    assert (
        ask_publication("/reconcile/suggest/entity", method="POST", headers=FORM, body=(b"a=b",)).status
        == 405
    )


@pytest.mark.parametrize(
    ("target", "status", "words"),
    [
        ("/reconcile/none", 404, "There is nothing at /reconcile/none."),
        (
            "/reconcile/preview?id=person/none",
            404,
            "There is no person, group, place or event “person/none” here.",
        ),
        ("/reconcile/preview", 400, "“id” is missing"),
        ("/reconcile/properties?type=Q5", 400, "There is no type “Q5”"),
        ("/reconcile/properties?limit=x", 400, "“limit” is “x”; expected a number from 1"),
        ("/reconcile/suggest/entity?prefix=a&cursor=-1", 400, "“cursor” is “-1”"),
        ("/reconcile/suggest/entity?prefix=a&prefix=b", 400, "“prefix” is given more than once."),
        (f"/reconcile/suggest/entity?prefix={'a' * 501}", 400, "“prefix” has 501 characters"),
        ("/reconcile/flyout/type?id=x", 400, "There is no type “x”"),
    ],
)
def test_an_address_that_cannot_be_answered_says_why(
    ask_publication: Ask, target: str, status: int, words: str
) -> None:
    reply = ask_publication(target)
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json")
    assert words in json.loads(reply.body)["detail"]


def test_a_dataset_has_nothing_to_reconcile_with(ask: Ask) -> None:
    reply = ask("/reconcile")
    assert reply.status == 404
    assert "files of RDF" in json.loads(reply.body)["detail"]


# ------------------------------------------------------------------------------------------------ hostile names


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A site of a publication in which a person is called like a script."""
    from fonds.beginning import begin_publication
    from fonds.release.publication import build_publication

    folder = tmp_path_factory.mktemp("hostile") / "mine"
    begin_publication(folder, "plain")
    table = folder / "data/authorities/persons.csv"
    rows = table.read_text(encoding="utf-8").splitlines()
    columns = rows[0].split(",")
    cells = {"key": "eve", "label": "<script>alert(1)</script> Eve \u202egnp", "identified": "yes"}
    rows.append(",".join(f'"{cells.get(each, "")}"' for each in columns))
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    release = build_publication(folder)
    with opened(release, prefixes={}) as store:
        assert isinstance(store, EmbeddedStore)
        yield asker(create_app(release, store, release.manifest.settings))


def test_a_name_that_is_a_script_stays_a_text(hostile: Ask) -> None:
    (found,) = asked(hostile, "script alert 1 Eve")
    assert found["name"].startswith("<script>")
    for html in (
        json.loads(hostile("/reconcile/flyout/entity?id=person/eve").body)["html"],
        hostile("/reconcile/preview?id=person/eve", "text/html").text,
    ):
        assert "&lt;script&gt;" in html
        assert not re.search("<script", html)
        assert 'dir="auto"' in html
    assert unquote(found["id"]) == "person/eve"
