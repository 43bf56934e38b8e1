"""Stored queries: what their files say of themselves, and values that take the place of others as terms and nothing else."""

from __future__ import annotations

import datetime
from pathlib import Path

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

from fonds.errors import SourceError
from fonds.identifiers import IriSpace
from fonds.store import QueryForm
from fonds.store.stored import (
    Kind,
    Parameter,
    StoredQuery,
    Value,
    check,
    declaring,
    read_query,
    read_stored,
    read_value,
)
from fonds.vocabulary import PREFIXES, XSD, typed

KNOWN = PREFIXES | IriSpace("https://a.example/").prefixes
HEAD = "# title: A title\n# question: What?\n# keywords: people ,  mentions\n"
QUERY = f"{HEAD}# parameter: ?it (iri, required) the thing\n\nSELECT ?it ?o WHERE {{ VALUES ?it {{ <x:a> }} ?it ?p ?o }}\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "it.rq"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_says_what_it_asks_and_what_may_be_put_in(tmp_path: Path) -> None:
    query = read_query(written(tmp_path, QUERY))
    assert (query.name, query.title, query.question) == ("it", "A title", "What?")
    assert query.keywords == ("people", "mentions")
    assert (query.form, query.pageable) == (QueryForm.SELECT, True)
    (parameter,) = query.parameters
    assert (parameter.name, parameter.kind, parameter.required, parameter.words) == (
        "it",
        Kind.IRI,
        True,
        "the thing",
    )
    assert query.examples({}) == {"it": "x:a"}


def test_a_file_without_a_header_is_called_by_its_name(tmp_path: Path) -> None:
    query = read_query(written(tmp_path, "ASK {}"))
    assert (query.title, query.question, query.keywords, query.parameters) == ("it", "", (), ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (QUERY.replace("(iri", "(uri"), "it.rq:4: “(uri, required)”: expected one of iri, string"),
        (QUERY.replace("required", "needed"), "it.rq:4: “(iri, needed)”: expected one of"),
        (QUERY.replace(" the thing", ""), "it.rq:4: “?it (iri, required)” is no parameter; write"),
        (QUERY.replace("?it (", "it ("), "it.rq:4: “it (iri, required) the thing” is no parameter; write"),
        (QUERY.replace("?it", "?page"), "it.rq:4: a parameter cannot be called “page”"),
        (QUERY.replace("<x:a>", "UNDEF"), "it.rq:4: ?it is required: its VALUES needs an example"),
        (QUERY.replace("<x:a>", "<x:a> <x:b>"), "it.rq:4: “VALUES ?it { … }” holds one value"),
        (QUERY.replace("<x:a>", ""), "it.rq:4: “VALUES ?it { … }” holds one value"),
        (QUERY.replace("VALUES ?it { <x:a> }", ""), "has one “VALUES ?it { … }” in its query; there is none"),
        (QUERY.replace("?it ?p ?o", "VALUES ?it { <x:b> } ?it ?p ?o"), "; there are 2"),
        (QUERY.replace("VALUES ?it { <x:a> }", '"VALUES ?it { <x:a> }"'), "there is none"),
        (HEAD + QUERY, "it.rq:4: “title” stands there twice"),
        (
            QUERY.replace("\n\n", "\n# parameter: ?it (iri) again\n\n"),
            "it.rq:4: ?it is declared twice",
        ),
        ("# title: Nothing\n", "it.rq: there is none of SELECT, ASK, CONSTRUCT and DESCRIBE"),
        (QUERY.replace("<x:a>", '"a"'), "it.rq:6: “\"a\"” is no value of ?it, which is declared as “iri”"),
        (QUERY.replace("(iri", "(date").replace("<x:a>", '"1964"'), "declared as “date”: a day as YYYY-MM-DD"),
        (QUERY.replace("?p ?o }", "no:p ?o }"), "it.rq:6:"),
        (QUERY.replace("?p ?o }", "?p }"), "it.rq:6:"),
        (QUERY.replace("?p ?o }", "?p ?o FILTER(<x:f>(?o)) }"), "it.rq: The custom function <x:f> is not supported"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_told_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SourceError) as told:
        check(path, read_query(path), KNOWN)
    assert message in str(told.value)


def test_a_file_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    (tmp_path / "it.rq").write_bytes(b"# title: caf\xe9\nASK {}")
    with pytest.raises(SourceError, match="not UTF-8"):
        read_stored(tmp_path)


@pytest.mark.parametrize(
    ("text", "pageable"),
    [
        ("SELECT * { ?s ?p ?o }", True),
        ("SELECT * { ?s ?p ?o } ORDER BY ?s # no LIMIT", True),
        ("SELECT * { { SELECT * { ?s ?p ?o } LIMIT 3 } }", True),
        ("SELECT * { ?s ?p ?o } LIMIT 3", False),
        ("SELECT * { ?s ?p ?o } offset 3", False),
        ("SELECT * { ?s ?p ?o } VALUES ?s { <x:a> }", False),
        ("ASK { ?s ?p ?o }", False),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", False),
    ],
)
def test_a_query_that_limits_itself_has_no_pages(tmp_path: Path, text: str, pageable: bool) -> None:
    query = read_query(written(tmp_path, text))
    assert query.pageable is pageable
    if pageable:
        pyoxigraph.Store().query(query.page(query.text, 2))


TEXTS = st.text(st.characters(codec="utf-8"), max_size=40) | st.sampled_from(
    [
        '"',
        "'",
        "\\",
        '\\"',
        "\\u0022",
        '" } { ?s ?p ?o } #',
        "}",
        "\n",
        "\r",
        '"""',
        "a\0b",
        "?it",
        "\\\\u0022",
    ]
)
IRIS = st.builds("urn:x:{}".format, st.text("abc()'é%20~;,!$&*+=:@/?#[]", max_size=10))


def _terms() -> st.SearchStrategy[tuple[Kind, str]]:
    return st.one_of(
        st.tuples(st.just(Kind.STRING), TEXTS),
        st.tuples(st.just(Kind.IRI), IRIS | TEXTS),
        st.tuples(st.just(Kind.DATE), st.dates().map(datetime.date.isoformat)),
        st.tuples(st.just(Kind.LANGUAGE), st.sampled_from(["en", "ru-Latn", "zh-Hant-TW"])),
        st.tuples(st.just(Kind.INTEGER), st.integers(-(10**18) + 1, 10**18 - 1).map(str)),
    )


@given(_terms())
def test_whatever_is_put_in_is_one_term_to_the_engine(said: tuple[Kind, str]) -> None:
    kind, text = said
    try:
        value: Value = read_value(kind, text)
    except ValueError:
        return
    query = _query()
    rows = list(pyoxigraph.Store().query(query.bound({"it": value, "also": Literal("x")})))  # type: ignore[arg-type]
    assert [tuple(row) for row in rows] == [(value, Literal("x"), Literal("last"))]


def _query() -> StoredQuery:
    text = 'SELECT ?it ?also ?end { VALUES ?it { "a" } VALUES ?also { UNDEF } VALUES ?end { "last" } }'
    places = [
        (name, text.index(word), text.index(word) + len(word))
        for name, word in (("it", '"a"'), ("also", "UNDEF"))
    ]
    parameters = tuple(Parameter(name, Kind.STRING, False, "", "", start, end) for name, start, end in places)
    return StoredQuery("x", "", "", text, QueryForm.SELECT, (), parameters, True)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.DATE, "1964-10-16", typed("1964-10-16", XSD.date)),
        (Kind.INTEGER, "+012", typed("12", XSD.integer)),
        (Kind.LANGUAGE, "ru-Latn", Literal("ru-latn")),
        (Kind.IRI, "https://a.example/é", NamedNode("https://a.example/é")),
    ],
)
def test_what_is_written_is_read(kind: Kind, text: str, value: Value) -> None:
    assert read_value(kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.IRI, 'http://a/"b'), (Kind.IRI, "http://a b"), (Kind.IRI, "x>"), (Kind.IRI, "relative"), (Kind.IRI, "<urn:a:b>"),
        (Kind.DATE, "1964-02-30"), (Kind.DATE, "1964"), (Kind.DATE, "16.10.1964"), (Kind.DATE, "١٩٦٤-10-16"),
        (Kind.LANGUAGE, "e"), (Kind.LANGUAGE, 'en"'), (Kind.LANGUAGE, "*"),
        (Kind.INTEGER, "1.5"), (Kind.INTEGER, "1" * 30), (Kind.INTEGER, "٣"), (Kind.INTEGER, "0x1"),
    ],
)  # fmt: skip
def test_what_is_of_another_kind_is_not_read(kind: Kind, text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_value(kind, text)


def test_a_query_declares_the_prefixes_that_it_uses() -> None:
    text = "PREFIX pe: <urn:own:> SELECT * { ?s rdfs:label 'crm:no' ; pe:x crm:P1_is_identified_by }"
    declared = declaring(text, KNOWN)
    assert declared.splitlines()[:-1] == [f"PREFIX {name}: <{PREFIXES[name]}>" for name in ("crm", "rdfs")]
    pyoxigraph.Store().query(declared)


def test_a_query_may_look_for_texts(tmp_path: Path) -> None:
    path = written(tmp_path, QUERY.replace("?p ?o }", '?p ?o FILTER(fv:matches(?o, "telegram")) }'))
    check(path, read_query(path), KNOWN)


def test_the_questions_of_this_publication_say_what_they_are() -> None:
    folder = Path(__file__).parents[3] / "queries"
    queries = read_stored(folder)
    for each in queries:
        check(folder / f"{each.name}.rq", each, KNOWN)
    assert [each.name for each in queries if not (each.title and each.question and each.keywords)] == []
    kinds = {parameter.kind for each in queries for parameter in each.parameters}
    assert kinds >= {Kind.IRI, Kind.STRING, Kind.DATE, Kind.LANGUAGE}
