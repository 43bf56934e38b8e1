"""``fonds query``: what is asked, of whom, and how it is shown."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given
from hypothesis import strategies as st

from fonds.asking import bound, harmless, question, table, term, with_prefixes
from fonds.cli import main
from fonds.errors import FondsError
from fonds.formats import RDF_FORMATS, RESULT_FORMATS
from fonds.web import create_app
from tests.conftest import BASE
from tests.unit.web.conftest import Ask, asker

LABELS = "SELECT ?s ?l WHERE { ?s a ?type ; rdfs:label ?l } ORDER BY ?l"
Fonds = Callable[..., Result]


@pytest.fixture
def fonds(release: Any) -> Fonds:
    """Run ``fonds query`` on the release."""

    def run(*arguments: str, on: Path | None = None) -> Result:
        return CliRunner().invoke(main, ["query", *arguments, "--on", str(on or release.folder)])

    return run


@pytest.fixture
def ask_publication(release: Any, store: Any) -> Ask:
    """Ask the site of the release."""
    return asker(create_app(release, store, release.manifest.settings))


def test_rows_are_a_table(fonds: Fonds) -> None:
    result = fonds(LABELS, "--var", "type=crm:E21_Person")
    head, rule, *rows, count = result.stdout.splitlines()
    assert (head.split(), set(rule)) == (["s", "l"], {"─", " "})
    assert count == f"{len(rows)} rows"
    assert any(row.startswith("pe:") and "Guevara" in row for row in rows)


@pytest.mark.parametrize("format_", RESULT_FORMATS, ids=lambda each: each.ending)
def test_rows_come_in_every_format(fonds: Fonds, format_: Any) -> None:
    result = fonds(LABELS, "--format", format_.ending)
    assert result.exit_code == 0
    assert "Guevara" in result.stdout


@pytest.mark.parametrize("format_", RDF_FORMATS, ids=lambda each: each.ending)
def test_graphs_come_in_every_format(fonds: Fonds, format_: Any) -> None:
    query = "CONSTRUCT { ?s rdfs:label ?l } WHERE { ?s a crm:E53_Place ; rdfs:label ?l }"
    result = fonds(query, "--format", format_.ending)
    assert len(list(ox.parse(result.stdout_bytes, format=format_.rdf))) > 3
    assert fonds(query).stdout == fonds(query, "--format", "ttl").stdout


def test_a_truth_is_a_word(fonds: Fonds) -> None:
    assert fonds("ASK { ?s a crm:E31_Document }").stdout == "yes\n"
    assert fonds("ASK { ?s a <http://nobody.example/> }").stdout == "no\n"


def test_a_file_a_stored_query_and_standard_input(fonds: Fonds, publication: Path, tmp_path: Path) -> None:
    file = tmp_path / "ask me.rq"
    file.write_text("ASK {}", "utf-8")
    plain = tmp_path / "ask.rq"
    plain.write_text("ASK {}", "utf-8")
    assert fonds(str(plain)).stdout == "yes\n"
    run = CliRunner().invoke(main, ["query", "-", "--on", str(publication)], input="ASK {}")
    assert run.exit_code in (0, 1)  # a publication that was never built says so


def test_a_stored_query_takes_what_its_address_takes(fonds: Fonds, ask_publication: Ask) -> None:
    guevara = f"{BASE}id/person/guevara"
    there = ask_publication(f"/queries/co-mentions.csv?thing={quote(guevara, safe='')}&language=en")
    for asked in (("thing=" + guevara, "language=en"), (f"?thing={guevara}", "language=EN")):
        options = [each for pair in asked for each in ("--param", pair)]
        here = fonds("co-mentions", *options, "--format", "csv")
        assert (here.exit_code, here.stdout_bytes) == (0, there.body)
    nobody = fonds("co-mentions", "--param", f"thing={BASE}id/person/nobody", "--format", "csv")
    assert len(nobody.stdout.splitlines()) == 1
    # Without anything put in, the file is asked as it stands.
    assert fonds("co-mentions", "--format", "csv").stdout_bytes == there.body


@pytest.mark.parametrize(
    ("name", "given", "parameter"),
    [
        ("co-mentions", {"thing": "guevara"}, "thing"),
        ("co-mentions", {"thing": f"{BASE}id/person/guevara> }} #"}, "thing"),
        ("co-mentions", {"language": "en"}, "thing"),
        ("co-mentions", {"thing": f"{BASE}id/person/guevara", "language": "english please"}, "language"),
        ("dates", {"from": "1964-02-30"}, "from"),
        ("gaps", {"nobody": "1"}, "nobody"),
    ],
)
def test_what_cannot_be_put_in_is_told_in_the_words_of_the_address(
    fonds: Fonds, ask_publication: Ask, name: str, given: dict[str, str], parameter: str
) -> None:
    reply = ask_publication(f"/queries/{name}?{urlencode(given)}")
    told = json.loads(reply.body)
    assert (reply.status, told["parameter"]) == (400, parameter)
    run = fonds(name, *(each for it in given.items() for each in ("--param", "=".join(it))))
    assert run.exit_code == 1
    # A page is a parameter of the address only.
    assert told["detail"].removesuffix(", page.").rstrip(".") in run.stderr


def test_parameters_are_of_stored_queries_and_given_once(fonds: Fonds, release: Any) -> None:
    assert "Only a stored query has parameters" in fonds("ASK {}", "--param", "a=b").stderr
    twice = fonds("gaps", "--param", "record=urn:a", "--param", "record=urn:b")
    assert (twice.exit_code, "given more than once" in twice.stderr) == (1, True)
    assert fonds("gaps", "--param", "record").exit_code == 2
    assert (
        fonds("gaps", "--format", "csv", on=release.folder.parent).stdout
        == fonds("gaps", "--format", "csv").stdout
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing.rq"], "nothing.rq: no such file"),
        (["SELECT * {"], "Line 1, column 10"),
        (["DROP ALL"], "This is no query"),
        (["SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"], "SERVICE asks another endpoint"),
        ([LABELS, "--format", "ttl"], "ttl: no format for SELECT; there are table, srj, srx, csv, tsv"),
        (["DESCRIBE <a:b>", "--format", "table"], "table: no format for DESCRIBE"),
        ([LABELS, "--var", "nobody=1"], "?nobody: the query has no such variable; it has l, s, type"),
        ([LABELS, "--var", "type=<a b>"], "neither an address"),
        (["ASK {}", "--endpoint", "http://127.0.0.1:9/"], "http://127.0.0.1:9/: cannot be reached"),
    ],
)
def test_what_goes_wrong_is_said_in_words(fonds: Fonds, arguments: list[str], words: str) -> None:
    result = fonds(*arguments)
    assert result.exit_code == 1
    assert words in result.stderr
    assert "Traceback" not in result.output


def test_a_variable_needs_a_name_and_a_value(fonds: Fonds) -> None:
    assert fonds(LABELS, "--var", "type").exit_code == 2


# ------------------------------------------------------------------------------------------------ an endpoint


@pytest.mark.parametrize("format_", ["table", "csv", "json", "xml", "tsv"])
def test_an_endpoint_answers_as_the_release_does(own_site: Any, fonds: Fonds, format_: str) -> None:
    query = "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> SELECT ?l WHERE { ?s rdfs:label ?l } ORDER BY ?l"
    here = fonds(query, "--format", format_)
    there = fonds(query, "--format", format_, "--endpoint", f"{own_site.url}sparql")
    assert there.exit_code == 0, there.stderr
    assert there.stdout == here.stdout


def test_an_endpoint_says_itself_what_is_wrong(own_site: Any, fonds: Fonds) -> None:
    endpoint = f"{own_site.url}sparql"
    wrong = fonds("SELECT * { ?s ?p }", "--endpoint", endpoint)
    assert (wrong.exit_code, "Line 1, column" in wrong.stderr) == (1, True)
    missing = fonds("ASK {}", "--endpoint", f"{own_site.url}nothing")
    assert missing.exit_code == 1
    assert missing.stderr.startswith(f"fonds: {own_site.url}nothing: ")
    page = fonds("ASK {}", "--endpoint", f"{own_site.url}robots.txt")
    assert (page.exit_code, "not in application/sparql-results+json" in page.stderr) == (1, True)


def test_a_long_query_reaches_an_endpoint(own_site: Any, fonds: Fonds) -> None:
    assert fonds(f"ASK {{}} # {'x' * 5000}", "--endpoint", f"{own_site.url}sparql").stdout == "yes\n"


def test_whoever_has_read_enough_may_leave(release: Any) -> None:
    run = [
        sys.executable,
        "-m",
        "fonds",
        "query",
        "SELECT * { ?s ?p ?o }",
        "--format",
        "csv",
        "--on",
        str(release.folder),
    ]
    with subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) in (0, -13)


# ------------------------------------------------------------------------------------------------ variables


TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)


@given(TEXTS)
@example("00")
@example("\u0663")
def test_a_text_as_it_stands_is_that_text_and_nothing_else(text: str) -> None:
    try:
        value = term(text)
    except FondsError:
        assert text[:1] in ("<", '"', "'") or ":" in text
        return
    found = ox.Store().query(bound("SELECT ?x ?y { OPTIONAL { ?y a ?x } }", {"x": value}))
    assert isinstance(found, ox.QuerySolutions)
    (row,) = found
    assert row["y"] is None
    shown = row["x"]
    if not isinstance(value, ox.Literal) or value.datatype.value.endswith("#string"):
        assert shown == value
    else:
        assert isinstance(shown, ox.Literal)
        assert shown.datatype == value.datatype
        # The engine writes a number in its shortest form: 0 for 00.
        assert float(shown.value) == float(value.value)


@pytest.mark.parametrize(
    "hostile",
    [
        '"a" . <b:c> <d:e> "f"',
        '"a", "b"',
        "<a:b> } SERVICE <x:y> { ?s ?p ?o",
        "<a:b>, <c:d>",
        '"a"@en . #',
        "_:b",
        "[]",
        "'a' ; <b:c> 1",
    ],
)
def test_a_value_that_would_be_more_than_one_is_refused(hostile: str) -> None:
    if hostile in ("_:b", "[]"):
        assert str(term(hostile)).startswith('"')
    else:
        with pytest.raises(FondsError):
            term(hostile)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("SELECT ?x { ?s ?p ?x }", 1),
        ("SELECT ?s WHERE { ?s ?p ?x }", 1),
        ("SELECT (EXISTS { ?a ?b ?x } AS ?y) WHERE { ?s ?p ?x }", 1),
        ("CONSTRUCT { ?s ?p ?x } WHERE { ?s ?p ?x }", 1),
        ("SELECT ?s { ?s ?p ?o FILTER(?o = ?x) }", 1),
        ("# {\nSELECT ?s { ?s ?p ?x }", 1),
        ("SELECT ?s { { ?s ?p ?x } UNION { ?x ?p ?s } }", 1),
    ],
)
def test_a_variable_is_bound_in_the_pattern(text: str, rows: int) -> None:
    store = ox.Store()
    for number in (1, 2):
        store.add(ox.Quad(ox.NamedNode("a:s"), ox.NamedNode("a:p"), ox.Literal(str(number))))
    assert len(list(store.query(bound(text, {"x": ox.Literal("2")})))) == rows  # type: ignore[arg-type]


def test_prefixes_go_with_a_stored_query() -> None:
    text = with_prefixes(
        "PREFIX crm: <http://c/> SELECT * { ?s a crm:X ; rdfs:label 'skos:no' ; nobody:x 1 } # dcterms:no"
    )
    assert text.startswith("PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\nPREFIX crm:")
    assert text.count("PREFIX") == 2


# ------------------------------------------------------------------------------------------------ tables


@given(st.text(st.characters(codec="utf-8")))
def test_nothing_in_a_table_gives_a_terminal_orders(text: str) -> None:
    results = json.dumps(
        {
            "head": {"vars": ["x"]},
            "results": {"bindings": [{"x": {"type": "literal", "value": text, "xml:lang": text}}]},
        }
    )
    shown = table(results.encode("utf-8", "surrogatepass"), {})
    assert len(shown.split("\n")) == 5
    assert not [each for each in shown if not each.isprintable() and each != "\n" and each != harmless(each)]


def test_columns_stand_below_one_another_in_every_script(fonds: Fonds) -> None:
    query = "SELECT ?a ?b { VALUES (?a ?b) { ('日本語' 1) ('Куба' 2) ('Cafe\u0301' 3) (UNDEF 4) ('a\\u001b[2Jb' 5) } }"
    lines = fonds(query).stdout.splitlines()
    assert [line.index(str(number)) for number, line in enumerate(lines[2:6], start=1)] == [8, 11, 12, 11]
    assert lines[6] == "a\\x1b[2Jb  5"
    assert lines[2] == "日本語     1"


def test_a_csv_answer_is_csv(fonds: Fonds) -> None:
    rows = list(csv.reader(io.StringIO(fonds(LABELS, "--format", "csv").stdout)))
    assert rows[0] == ["s", "l"]
    assert len(rows) > 10


def test_a_question_needs_a_form() -> None:
    with pytest.raises(FondsError, match="no query"):
        question("nonsense", None, {})
