"""``fonds reconcile elsewhere``: a publication against our own service as somebody else's, against dumps, and against bad services."""

from __future__ import annotations

import contextlib
import csv
import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from click.testing import CliRunner, Result

from fonds.beginning import begin_publication
from fonds.cli import main
from fonds.model import Reference
from fonds.reconciliation.comparing import surroundings_of
from fonds.reconciliation.elsewhere import compared
from fonds.reconciliation.entries import Entry, setting_of
from fonds.reconciliation.names import names_in
from fonds.release.publication import build_publication
from fonds.release.reconciling_dump import search_dumps
from tests.conftest import BASE, Site

GUEVARA = f"{BASE}id/person/guevara"
PEOPLE = (("che", "Guevara, Ernesto"), ("kosygin-alexei", "Kosygin, A. N."), ("zwingli", "Zwingli, Huldrych"))


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A publication that lists three persons, of whom two are in that of this repository."""
    folder = tmp_path / "mine"
    begin_publication(folder, "plain")
    table = folder / "data/authorities/persons.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    columns = lines[0].split(",")
    for key, label in PEOPLE:
        cells = {
            "key": key,
            "label": f'"{label}"',
            "identified": "yes",
            "definition": "born 1928" if key == "che" else "",
        }
        lines.append(",".join(cells.get(each, "") for each in columns))
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def fonds(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def looked(folder: Path, *arguments: object) -> list[dict[str, Any]]:
    done = fonds("reconcile", "elsewhere", folder, "--kind", "person", "--format", "json", *arguments)
    assert done.exit_code == 0, done.output
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def held(folder: Path) -> bytes:
    table = folder / "data/authorities/matches.csv"
    return table.read_bytes() if table.exists() else b""


def rows(folder: Path) -> list[dict[str, str]]:
    if not held(folder):
        return []
    with (folder / "data/authorities/matches.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def of(folder: Path, thing: str) -> list[dict[str, str]]:
    return [each for each in rows(folder) if each["thing"] == thing]


# ------------------------------------------------------------------------------------------------ a service


def test_our_own_service_is_one_like_any_other(mine: Path, site: Site) -> None:
    found = {each["thing"]: each for each in looked(mine, "--service", f"{site.url}reconcile")}
    assert set(found) == {"person/che", "person/kosygin-alexei"}
    assert found["person/che"]["iri"] == GUEVARA
    assert "score 95, match" in found["person/che"]["remark"]
    assert found["person/che"]["reasons"][0]["words"].startswith("the same name")


def test_nothing_enters_unseen(mine: Path, site: Site) -> None:
    before = rows(mine)
    service = ("--service", f"{site.url}reconcile")
    looked(mine, *service)
    assert rows(mine) == before
    assert looked(mine, *service, "--keep")
    (kept,) = of(mine, "person/che")
    assert (kept["iri"], kept["accepted_by"], kept["checked"]) == (GUEVARA, "", "")
    assert kept["source"].endswith(f"({site.url}reconcile)")
    assert "the same name" in kept["ground"]
    assert "score" in kept["ground"]
    # A candidate stands in the table, and is in no data.
    release = build_publication(mine, base="https://mine.example/")
    assert GUEVARA.encode() not in gzip.decompress((release.folder / "dumps/public.nt.gz").read_bytes())
    assert looked(mine, *service) == []

    done = fonds(
        "reconcile", "accept", "person/che", GUEVARA, "--who", "A. Archivist", "--ground", "The same speaker",
        "--date", "2026-11-28", "--publication", mine,
    )  # fmt: skip
    assert done.output == f"person/che is {GUEVARA}.\n"
    (accepted,) = of(mine, "person/che")
    assert accepted["accepted_by"] == "A. Archivist"
    assert accepted["checked"] == "2026-11-28"
    assert accepted["ground"] == "The same speaker"
    assert accepted["source"] == kept["source"]
    done = fonds(
        "reconcile", "reject", "person/kosygin-alexei", f"{BASE}id/person/kosygin", "--who", "B.", "--ground",
        "Another one", "--publication", mine,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    (rejected,) = of(mine, "person/kosygin-alexei")
    assert (rejected["accepted_by"], rejected["rejected_by"], rejected["ground"]) == ("", "B.", "Another one")
    release = build_publication(mine, base="https://mine.example/")
    published = gzip.decompress((release.folder / "dumps/public.nt.gz").read_bytes())
    assert f"exactMatch> <{GUEVARA}>".encode() in published
    assert b"id/person/kosygin>" not in published
    # What is decided is not offered again, nor anything else of that authority file for who has one of it.
    assert looked(mine, *service) == []

    undone = fonds(
        "reconcile", "undo", "person/kosygin-alexei", f"{BASE}id/person/kosygin", "--publication", mine
    )
    assert "was rejected" in undone.output
    assert [each["thing"] for each in looked(mine, *service)] == ["person/kosygin-alexei"]
    again = fonds(
        "reconcile", "undo", "person/kosygin-alexei", f"{BASE}id/person/kosygin", "--publication", mine
    )
    assert again.exit_code == 1
    assert "nothing stands in data/authorities/matches.csv; nothing was changed" in again.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["person/che", "http://e.example/1", "--ground", "g"],
            "source is empty; say where it was looked up",
        ),
        (
            ["person/none", "http://e.example/1", "--ground", "g", "--source", "s"],
            "person/none is not in data/authorities/persons.csv",
        ),
        (
            ["person/che", "http://e.example/1 2", "--ground", "g", "--source", "s"],
            "expected an http or https address",
        ),
        (["person/che", "http://e.example/1", "--ground", " ", "--source", "s"], "ground is empty"),
    ],
)
def test_a_decision_that_cannot_be_is_refused(mine: Path, arguments: list[str], words: str) -> None:
    before = held(mine)
    done = fonds("reconcile", "accept", *arguments, "--who", "A.", "--publication", mine)
    assert done.exit_code == 1
    assert words in done.output
    assert done.output.rstrip().endswith("nothing was changed")
    assert held(mine) == before


def test_one_thing_has_one_identifier_of_an_authority_file(mine: Path) -> None:
    def accept(thing: str, iri: str) -> Result:
        return fonds(
            "reconcile",
            "accept",
            thing,
            iri,
            "--who",
            "A.",
            "--ground",
            "g",
            "--source",
            "s",
            "--publication",
            mine,
        )

    wikidata = "http://www.wikidata.org/entity/"
    assert accept("person/che", f"{wikidata}Q5809").exit_code == 0
    assert f"person/che is {wikidata}Q5809 already, by A." in accept("person/che", f"{wikidata}Q1").output
    assert f"{wikidata}Q5809 is person/che already" in accept("person/zwingli", f"{wikidata}Q5809").output
    assert accept("person/che", "https://d-nb.info/gnd/118543369").exit_code == 0


# ------------------------------------------------------------------------------------------------ dumps

TURTLE = """\
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix gndo: <https://d-nb.info/standards/elementset/gnd#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
<https://d-nb.info/gnd/118543369> a gndo:DifferentiatedPerson ;
  gndo:preferredNameForThePerson "Guevara, Ernesto" ; gndo:variantNameForThePerson "Che Guevara" ;
  gndo:dateOfBirth "1928-06-14" ; gndo:dateOfDeath "1967-10-09" ;
  gndo:biographicalOrHistoricalInformation "Revolutionary" ; owl:sameAs <http://www.wikidata.org/entity/Q5809> .
<https://d-nb.info/gnd/2> a gndo:CorporateBody ; gndo:preferredNameForTheCorporateBody "Guevara, Ernesto" .
<https://d-nb.info/gnd/3> a gndo:DifferentiatedPerson ; gndo:preferredNameForThePerson "Castro, Fidel" .
<https://d-nb.info/gnd/4> a gndo:DifferentiatedPerson ; skos:note "Guevara, Ernesto" .
"""


def test_a_dump_is_read_as_it_is(mine: Path, tmp_path: Path) -> None:
    plain, packed = tmp_path / "gnd.ttl", tmp_path / "gnd.ttl.gz"
    plain.write_text(TURTLE, encoding="utf-8")
    packed.write_bytes(gzip.compress(TURTLE.encode()))
    for dump in (plain, packed):
        found = looked(mine, "--dump", dump)
        assert {each["iri"] for each in found} == {
            "https://d-nb.info/gnd/118543369",
            "https://d-nb.info/gnd/2",
        }
    person = "https://d-nb.info/standards/elementset/gnd#DifferentiatedPerson"
    (only,) = looked(mine, "--dump", packed, "--type", person, "--keep")
    assert only["names"] == ["Guevara, Ernesto", "Guevara, Ernesto", "Che Guevara"]
    (row,) = of(mine, "person/che")
    assert (row["source"], row["accepted_by"]) == ("gnd.ttl.gz", "")


def test_years_and_identifiers_in_a_dump_speak_for_and_against(mine: Path, tmp_path: Path) -> None:
    dump = tmp_path / "gnd.ttl"
    dump.write_text(TURTLE, encoding="utf-8")
    accept = ("reconcile", "accept", "person/che", "http://www.wikidata.org/entity/Q5809")
    assert (
        fonds(*accept, "--who", "A.", "--ground", "g", "--source", "s", "--publication", mine).exit_code == 0
    )
    best = looked(mine, "--dump", dump)[0]
    assert best["iri"] == "https://d-nb.info/gnd/118543369"
    assert best["reasons"][0]["words"] == "the same identifier elsewhere: wikidata.org/entity/Q5809"


@pytest.mark.parametrize(
    ("latitude", "read"), [("46.95", (46.95, 7.45)), ("INF", None), ("NaN", None), ("146.95", None)]
)
def test_what_is_no_place_on_the_earth_is_none_in_a_dump(
    tmp_path: Path, latitude: str, read: tuple[float, float] | None
) -> None:
    (tmp_path / "a.ttl").write_text(
        f'<urn:x> <urn:v#name> "Bern" ; <urn:v#lat> "{latitude}" ; <urn:v#long> "7.45" .'
    )
    names = tuple(names_in("Bern"))
    ours = Entry(Reference("place", "bern"), names, "Bern", coordinates=(46.9, 7.4))
    ((entry, foreign),) = search_dumps([tmp_path / "a.ttl"], [ours])
    assert foreign.coordinates == read
    assert compared(entry, foreign, surroundings_of([ours], setting_of(()))) is not None


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("none.ttl", None, "no such file"),
        ("a.csv", b"id,label", "is no file of RDF by its ending; expected .nt .ttl"),
        ("a.ttl", b"<a> <b> .\n", "a.ttl:1:"),
        ("a.nt.gz", b"not gzip", "is no whole gzip file"),
    ],
)
def test_a_dump_that_cannot_be_read_is_told_with_its_place(
    mine: Path, tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = fonds("reconcile", "elsewhere", mine, "--dump", tmp_path / name)
    assert done.exit_code == 1
    assert words in done.output


# ------------------------------------------------------------------------------------------------ bad services


@contextlib.contextmanager
def answering(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """Give the address of a service that answers as a function does."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with contextlib.suppress(OSError):
                answer(self)

        def do_POST(self) -> None:
            self.sent = self.rfile.read(int(self.headers["content-length"])).decode()
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/reconcile"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def say(it: BaseHTTPRequestHandler, body: bytes, status: int = 200, length: int | None = None) -> None:
    it.send_response(status)
    it.send_header("content-type", "application/json")
    it.send_header("content-length", str(len(body) if length is None else length))
    it.end_headers()
    it.wfile.write(body)


def manifest(**more: object) -> bytes:
    return json.dumps(
        {"name": "Bad \x1b[2J service", "identifierSpace": "https://bad.example/", **more}
    ).encode()


def then(answer: Callable[[BaseHTTPRequestHandler], None]) -> Callable[[BaseHTTPRequestHandler], None]:
    """Answer a manifest to GET, something else to POST."""
    return lambda it: answer(it) if it.command == "POST" else say(it, manifest())


def lead(it: BaseHTTPRequestHandler, where: str) -> None:
    """Send somebody elsewhere."""
    it.send_response(302)
    it.send_header("Location", where)
    it.end_headers()


def drip(it: BaseHTTPRequestHandler) -> None:
    """Send one byte after another, for longer than anybody waits."""
    it.send_response(200)
    it.end_headers()
    for _ in range(100):
        it.wfile.write(b" ")
        it.wfile.flush()
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda it: say(it, b"<html>"), "is no reconciliation service: its manifest cannot be read"),
        (lambda it: say(it, b'{"name": "x"}'), "missing required field `identifierSpace`"),
        (lambda it: say(it, manifest(identifierSpace="urn:x")), "is no beginning of their addresses; give it with --iri"),
        (lambda it: say(it, b'{"detail": "Come later\\u001b[2J."}', 503), "answered 503 Service Unavailable: Come later [2J."),
        (lambda it: say(it, b"{", length=500), "the answer broke off; nothing of it was used"),
        (lambda it: it.connection.close(), "the connection broke"),
        (lambda it: lead(it, "ftp://127.0.0.1/x"), "it leads to ftp://127.0.0.1/x, to which it is not followed"),
        (lambda it: lead(it, "file:///etc/passwd"), "file:///etc/passwd' is not allowed"),
        (drip, "no whole answer within 1 seconds; ask again later, or give it more by --timeout"),
        (then(lambda it: say(it, b"[]")), "the answer is not as the Reconciliation Service API has it"),
        (then(lambda it: say(it, b"{}")), "questions have no answer; after 0 of"),
        (then(lambda it: say(it, b'{"q0": {"result": [{"id": 1}]}}')), "Expected `str`, got `int`"),
        (then(lambda it: say(it, b" " * (17 * 1024 * 1024))), "has more than 16 MiB"),
    ],
)  # fmt: skip
def test_a_bad_service_is_told_and_nothing_is_kept(
    mine: Path, answer: Callable[[BaseHTTPRequestHandler], None], words: str
) -> None:
    before = held(mine)
    with answering(answer) as address:
        done = fonds("reconcile", "elsewhere", mine, "--service", address, "--timeout", 1, "--keep")
    assert done.exit_code == 1
    assert done.output.startswith(f"fonds: {address}: ")
    assert words in done.output
    assert "\x1b" not in done.output
    assert held(mine) == before


def test_a_service_that_nobody_runs_and_an_address_that_is_none(mine: Path) -> None:
    with answering(lambda it: say(it, b"")) as address:
        pass
    done = fonds("reconcile", "elsewhere", mine, "--service", address)
    assert (done.exit_code, "cannot be reached" in done.output) == (1, True)
    done = fonds("reconcile", "elsewhere", mine, "--service", "file:///etc/passwd")
    assert "is no address of a service; expected http:// or https://" in done.output
    done = fonds("reconcile", "elsewhere", mine)
    assert (done.exit_code, "Either --service URL, or --dump FILE." in done.output) == (2, True)


def test_what_a_service_says_gives_no_orders_to_a_terminal_and_no_rows_to_a_table(mine: Path) -> None:
    result = {
        "id": "x\ny,z\x1b[2J",
        "name": "Guevara, Ernesto\x1b[2J\n=cmd()",
        "score": 1e9,
        "match": True,
        "description": "\u202e(1928–1967)",
    }

    def answer(it: BaseHTTPRequestHandler) -> None:
        say(it, json.dumps({f"q{n}": {"result": [result]} for n in range(10)}).encode())

    with answering(then(answer)) as address:
        done = fonds(
            "reconcile",
            "elsewhere",
            mine,
            "--service",
            address,
            "--kind",
            "person",
            "--keep",
            "--least",
            "0.1",
        )
    assert done.exit_code == 0, done.output
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    assert all("\n" not in cell and "\x1b" not in cell for each in rows(mine) for cell in each.values())
    (row,) = of(mine, "person/che")
    assert row["iri"] == "https://bad.example/x%0Ay,z%1B[2J"


def test_a_template_and_properties_are_used(mine: Path) -> None:
    asked: list[dict[str, Any]] = []

    def answer(it: Any) -> None:
        asked.extend(json.loads(parse_qs(it.sent)["queries"][0]).values())
        say(
            it,
            json.dumps(
                {f"q{n}": {"result": [{"id": "7", "name": "Ernesto Guevara", "score": 5}]} for n in range(50)}
            ).encode(),
        )

    with answering(then(answer)) as address:
        found = looked(
            mine,
            "--service",
            address,
            "--iri",
            "https://viaf.example/{{id}}",
            "--property",
            "born=P569",
            "--type",
            "Q5",
        )
        wrong = fonds("reconcile", "elsewhere", mine, "--service", address, "--iri", "https://viaf.example/")
        unknown = fonds("reconcile", "elsewhere", mine, "--service", address, "--property", "shoe=P1")
    assert [each["iri"] for each in found] == ["https://viaf.example/7"]
    assert "expected an address with {{id}}" in wrong.output
    assert "expected born=ID, died=ID or within=ID" in unknown.output
    che = next(each for each in asked if each["query"] == "Guevara, Ernesto")
    assert che == {
        "query": "Guevara, Ernesto",
        "limit": 5,
        "type": "Q5",
        "type_strict": "should",
        "properties": [{"pid": "P569", "v": "1928"}],
    }
    assert all("properties" not in each for each in asked if each is not che)
