"""Stored queries as an API: what is put in, formats, pages, and what is said of anything else."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from fonds.release.dataset import build_dataset
from fonds.release.folder import Release
from fonds.settings import Limits, Settings
from fonds.store.stored import PAGE_ROWS
from fonds.vocabulary import PREFIXES
from fonds.web import create_app
from fonds.web.stored import ROWS
from tests.conftest import BASE, opened
from tests.unit.web.conftest import Ask, Reply, ScriptedStore, asker

GUEVARA = f"{BASE}id/person/guevara"
NAMED_TOGETHER = f"/queries/co-mentions?thing={quote(GUEVARA, safe='')}"


def problem(reply: Reply) -> dict[str, object]:
    assert reply.headers["content-type"] == "application/problem+json"
    found: dict[str, object] = json.loads(reply.body)
    return found


def bindings(reply: Reply) -> list[dict[str, dict[str, str]]]:
    assert reply.status == 200, reply.text
    found: list[dict[str, dict[str, str]]] = json.loads(reply.body)["results"]["bindings"]
    return found


def test_the_list_says_what_each_query_takes(ask_publication: Ask) -> None:
    for path in ("/queries", "/queries/"):
        reply = ask_publication(path, "application/json")
        assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    listed = {each["name"]: each for each in json.loads(reply.body)}
    assert listed["co-mentions"]["parameters"] == [
        {
            "name": "thing",
            "type": "iri",
            "required": True,
            "description": "the person, group, place, event or work",
            "example": GUEVARA,
            "default": None,
        },
        {
            "name": "language",
            "type": "language",
            "required": False,
            "description": "the language of the labels, where there are such",
            "example": None,
            "default": "en",
        },
    ]
    assert listed["gaps"]["parameters"][0]["default"] is None
    assert listed["gaps"]["href"] == "../queries/gaps"


def test_every_query_is_answered_in_every_format(ask_publication: Ask) -> None:
    listed = json.loads(ask_publication("/queries", "application/json").body)
    for each in listed:
        given = "&".join(
            f"{it['name']}={quote(it['example'], safe='')}" for it in each["parameters"] if it["required"]
        )
        rows = bindings(ask_publication(f"/queries/{each['name']}.json?{given}"))
        for ending, format_ in ROWS.items():
            reply = ask_publication(f"/queries/{each['name']}.{ending}?{given}")
            assert (reply.status, reply.headers["content-type"]) == (200, format_.content_type), reply.text
            if ending == "csv":
                read = list(csv.reader(io.StringIO(reply.text, newline="")))
                assert len(read) == len(rows) + 1


def test_an_answer_is_that_of_the_endpoint(ask_publication: Ask, publication: Path) -> None:
    text = (publication / "queries/co-mentions.rq").read_text(encoding="utf-8")
    theirs = bindings(ask_publication(f"/sparql?query={quote(text)}", "application/json"))
    assert bindings(ask_publication(NAMED_TOGETHER, "application/json")) == theirs != []


def test_what_is_put_in_decides(ask_publication: Ask) -> None:
    everything = bindings(ask_publication("/queries/dates.json"))
    day = bindings(ask_publication("/queries/dates.json?from=1964-10-16&to=1964-10-16"))
    assert 0 < len(day) < len(everything)
    assert all(each["begin"]["value"][:10] <= "1964-10-16" <= each["end"]["value"][:10] for each in day)
    assert bindings(ask_publication("/queries/dates.json?from=&to=")) == everything
    names = bindings(ask_publication("/queries/names.json?form=E.%20Guevara"))
    assert {each["form"]["value"] for each in names} <= {"E. Guevara"}


@pytest.mark.parametrize(
    ("target", "parameter", "words"),
    [
        ("/queries/co-mentions", "thing", "“thing” is missing"),
        ("/queries/co-mentions?thing=", "thing", "“thing” is missing"),
        ("/queries/co-mentions?thing=guevara", "thing", "expected an absolute IRI, such as"),
        (f"{NAMED_TOGETHER}%22", "thing", "Invalid IRI code point '\"'"),
        (f"{NAMED_TOGETHER}%3E%20%7D%20%23", "thing", "expected an absolute IRI"),
        (f"{NAMED_TOGETHER}&thing=urn:x:y", "thing", "“thing” is given more than once"),
        (f"{NAMED_TOGETHER}&language=", None, ""),
        (f"{NAMED_TOGETHER}&language=english%20please", "language", "expected a language tag"),
        ("/queries/dates?from=1964", "from", "expected a day as YYYY-MM-DD"),
        ("/queries/dates?from=1964-02-30", "from", "expected a day as YYYY-MM-DD"),
        ("/queries/gaps?recrod=x", "recrod", "There is no parameter “recrod”; this query takes record, page."),
        ("/queries/records?record=x", "record", "this query takes page."),
        ("/queries/gaps?page=0", "page", "expected the number of a page"),
        ("/queries/gaps?page=-1", "page", "expected the number of a page"),
        ("/queries/gaps?page=1%3B%20DROP", "page", "expected the number of a page"),
        ("/queries/gaps?page=1&page=2", "page", "“page” is given more than once"),
        ("/queries/gaps?format=csv", "format", "There is no parameter “format”"),
    ],
)  # fmt: skip
def test_what_cannot_be_put_in_is_told_by_name(
    ask_publication: Ask, target: str, parameter: str | None, words: str
) -> None:
    reply = ask_publication(target, "application/json")
    if parameter is None:
        assert reply.status == 200
        return
    told = problem(reply)
    assert (reply.status, told["status"], told["parameter"]) == (400, 400, parameter)
    assert words in str(told["detail"])
    page = ask_publication(target, "text/html")
    if target != "/queries/co-mentions":  # To a browser, that is the form.
        assert page.status == 400
        assert 'role="alert"' in page.text


def test_a_parameter_that_is_not_utf8_is_refused(ask_publication: Ask) -> None:
    assert ask_publication("/queries/names?form=%ff", "application/json").status == 400


def test_an_error_keeps_what_was_written_and_marks_where_it_is(ask_publication: Ask) -> None:
    page = ask_publication("/queries/dates?from=%22%3E%3Cscript%3E&to=1964-10-16", "text/html").text
    assert "<script>" not in page.partition("</head>")[2]
    assert 'name="from" value="&#34;&gt;&lt;script&gt;"' in page
    assert 'aria-invalid="true" aria-describedby="problem"' in page
    assert 'name="to" value="1964-10-16"' in page


@pytest.mark.parametrize(
    ("target", "accept", "status", "words"),
    [
        ("/queries/gaps.pdf", None, 404, "There is no format “pdf” of this query; there are html, json, csv"),
        ("/queries/gaps.ttl", None, 404, "There is no format “ttl”"),
        ("/queries/gaps", "text/turtle", 406, "application/sparql-results+json"),
        ("/queries/gaps?page=9", "application/json", 404, "There is no page 9."),
        ("/queries/no-such", "application/json", 404, "There is no stored query “no-such”."),
        ("/queries/no-such.csv", "application/json", 404, "There is no stored query"),
    ],
)
def test_what_there_is_not_is_told_with_what_there_is(
    ask_publication: Ask, target: str, accept: str | None, status: int, words: str
) -> None:
    reply = ask_publication(target, accept)
    assert reply.status == status
    assert words in str(problem(reply)["detail"])


def test_other_methods_are_refused(ask_publication: Ask) -> None:
    reply = ask_publication("/queries/gaps", method="POST")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    head = ask_publication("/queries/gaps.csv", method="HEAD")
    assert (head.status, head.body) == (200, b"")


def test_an_answer_is_kept_and_has_a_tag(ask_afresh: Ask) -> None:
    first = ask_afresh("/queries/gaps.csv")
    assert first.headers["cache-control"] == "public, max-age=60"
    assert ask_afresh("/queries/gaps.csv", headers=[("if-none-match", first.headers["etag"])]).status == 304
    assert 'rel="service-desc"' in first.headers["link"]
    assert first.headers["access-control-allow-origin"] == "*"


def test_the_page_asks_first_for_what_is_required(ask_publication: Ask) -> None:
    page = ask_publication("/queries/co-mentions", "text/html").text
    assert f'name="thing" value="{GUEVARA}"' in page
    assert "<table" not in page
    answered = ask_publication(NAMED_TOGETHER, "text/html").text
    for words in (
        "<table",
        "From a program",
        "curl -H",
        "SPARQLWrapper",
        "co-mentions.csv?thing=",
        "PREFIX fv:",
    ):
        assert words in answered
    assert "<script" not in answered


def test_the_text_is_a_file(ask_publication: Ask, publication: Path) -> None:
    reply = ask_publication("/queries/gaps.rq")
    assert reply.headers["content-type"].startswith("application/sparql-query")
    assert reply.body == (publication / "queries/gaps.rq").read_bytes()


# ------------------------------------------------------------------------------------------------ a dataset


QUERIES = {
    "all": "SELECT ?s ?o WHERE { VALUES ?p { UNDEF } ?s ?p ?o } ORDER BY ?s ?o",
    "first": "SELECT ?s { ?s ?p ?o } LIMIT 3",
    "is": "# parameter: ?s (iri) it\nASK { VALUES ?s { UNDEF } ?s ?p ?o }",
    "about": "# parameter: ?s (iri, required) it\nCONSTRUCT { ?s ?p ?o } WHERE { VALUES ?s { <urn:x:1> } ?s ?p ?o }",
    "now": "SELECT (NOW() AS ?now) {}",
    "tongue": "# parameter: ?it (language) which\n"
    'SELECT ?n { VALUES ?it { "en" } VALUES (?t ?n) { ("x"@en 1) ("x"@ru 2) } FILTER(LANG(?t) = ?it) }',
    "a.b ü": "SELECT * { ?s ?p ?o } LIMIT 1",
    "forever": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n2 ?o }",
}
THINGS = 2 * PAGE_ROWS + 1


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("many")
    source = folder / "things.nt"
    source.write_text("".join(f'<urn:x:{n:04}> <urn:x:p> "{n}" .\n' for n in range(THINGS)), encoding="utf-8")
    settings = Settings(title="Many", limits=Limits(query_seconds=3, workers=1))
    release = build_dataset([source], folder / "releases", settings=settings, base="https://a.example/")
    (release.folder / "queries").mkdir()
    for name, text in QUERIES.items():
        (release.folder / "queries" / f"{name}.rq").write_text(text, encoding="utf-8")
    return release


@pytest.fixture(scope="module")
def ask_many(many: Release):
    with opened(many, prefixes=PREFIXES) as store:
        yield asker(create_app(many, store, many.manifest.settings))


def next_page(reply: Reply) -> str | None:
    links = dict(reversed(each.split("; ", 1)) for each in reply.headers["link"].split(", "))
    target = links.get('rel="next"')
    return target.strip("<>").replace("../", "/", 1) if target else None


@pytest.mark.parametrize("ending", ["json", "csv"])
def test_pages_make_the_whole_each_row_once(ask_many: Ask, ending: str) -> None:
    target: str | None = f"/queries/all.{ending}"
    found: list[str] = []
    pages = 0
    while target is not None:
        reply = ask_many(target)
        if ending == "json":
            found += [each["o"]["value"] for each in bindings(reply)]
        else:
            found += [row[1] for row in list(csv.reader(io.StringIO(reply.text)))[1:]]
        target, pages = next_page(reply), pages + 1
    assert pages == 3
    assert found == [str(n) for n in range(THINGS)]
    page = ask_many("/queries/all?page=2", "text/html").text
    assert f"Rows {PAGE_ROWS + 1}–{2 * PAGE_ROWS}; there are more." in page
    assert 'rel="prev"' in page
    assert 'rel="next"' in page


def test_each_form_is_answered(ask_many: Ask) -> None:
    assert len(bindings(ask_many("/queries/first.json"))) == 3
    assert ask_many("/queries/first.json?page=2").status == 404
    assert json.loads(ask_many("/queries/is.json?s=urn:x:0001").body)["boolean"] is True
    assert json.loads(ask_many("/queries/is.json?s=urn:x:none").body)["boolean"] is False
    assert "Yes" in ask_many("/queries/is", "text/html").text
    assert ask_many("/queries/about.nt?s=urn:x:0001").text == '<urn:x:0001> <urn:x:p> "1" .\n'
    assert "urn:x:0001" in ask_many("/queries/about?s=urn:x:0001", "text/html").text
    page = ask_many("/queries/about?s=urn:x:0001", "text/html").text
    assert [page.count(f"about{ending}?s=") for ending in (".json", ".jsonld", ".nt", ".html")] == [
        1,
        0,
        1,
        0,
    ]
    assert "This answer is at <code>https://a.example/queries/about.ttl?s=" in page
    page = ask_many("/queries/is?s=urn:x:0001", "text/html").text
    assert "This answer is at <code>https://a.example/queries/is.csv?s=" in page
    assert [page.count(f"is{ending}?s=") for ending in (".json", ".srj", ".xml", ".srx")] == [1, 0, 1, 0]
    assert ask_many("/queries/about.csv?s=urn:x:0001", "application/json").status == 404
    assert (
        ask_many("/queries/about?s=urn:x:0001", "application/json")
        .headers["content-type"]
        .startswith("application/ld+json")
    )


def test_a_language_is_compared_whatever_its_case(ask_many: Ask) -> None:
    for target, number in (("", "1"), ("?it=ru", "2"), ("?it=RU", "2")):
        assert [each["n"]["value"] for each in bindings(ask_many(f"/queries/tongue.json{target}"))] == [
            number
        ]


def test_what_changes_is_not_kept(ask_many: Ask) -> None:
    reply = ask_many("/queries/now.json")
    assert (reply.status, reply.headers["cache-control"]) == (200, "no-store")
    assert "etag" not in reply.headers


class FilledByOthers(ScriptedStore):
    """A store that need not hold what the release says."""

    is_of_release = False

    def ask(self, *asked: Any, **how: Any) -> Any:
        return self._behind.ask(*asked, **how)


def test_what_a_store_of_others_says_is_not_kept(many: Release) -> None:
    with opened(many, prefixes=PREFIXES) as behind:
        store = FilledByOthers(behind, None)
        ask = asker(create_app(many, store, many.manifest.settings))  # type: ignore[arg-type]
        for target in ("/queries/first.json", f"/sparql?query={quote(QUERIES['first'])}"):
            reply = ask(target)
            assert (reply.status, reply.headers["cache-control"]) == (200, "no-store")
            assert "etag" not in reply.headers


def test_any_name_has_an_address(ask_many: Ask) -> None:
    name = quote("a.b ü")
    assert len(bindings(ask_many(f"/queries/{name}.json"))) == 1
    assert f'href="../queries/{name}' in ask_many("/queries/", "text/html").text
    assert ask_many(f"/queries/{name}", "text/html").status == 200


def test_a_query_that_never_ends_is_stopped_and_told(ask_many: Ask) -> None:
    assert ask_many("/queries/first.json").status == 200  # A worker is there.
    reply = ask_many("/queries/forever.json", "application/json")
    told = problem(reply)
    assert (reply.status, told["limit"]) == (503, "query_seconds")


def test_a_client_that_leaves_stops_its_query(many: Release) -> None:
    with opened(many, prefixes=PREFIXES) as behind:
        store = ScriptedStore(behind, None)
        ask = asker(create_app(many, store, many.manifest.settings))  # type: ignore[arg-type]
        reply = ask("/queries/all.json", leave_after=0)
        assert (reply.status, store.stopped) == (0, 1)
