"""Two lists name one person: candidates, a decision, a build, and what the web answers, until it is taken back."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import NamedNode, RdfFormat, parse

from fonds.cli import main
from fonds.errors import BuildError
from fonds.release.publication import build_publication
from fonds.web import create_app
from fonds.web.server import open_store
from tests.unit.web.conftest import Ask, asker

BASE = "https://volumes.example/"
DC, SKOS = "http://purl.org/dc/terms/", "http://www.w3.org/2004/02/skos/core#"
PROV = "http://www.w3.org/ns/prov#"

VOLUME = """<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="{key}" xml:lang="en"><teiHeader>
<fileDesc><titleStmt><title>{title}</title></titleStmt><publicationStmt><p>Invented.</p></publicationStmt>
<sourceDesc><p>Invented.</p></sourceDesc></fileDesc>
<profileDesc><creation><date when="{year}-05-03">May 3</date></creation><particDesc><listPerson>
{persons}</listPerson></particDesc></profileDesc></teiHeader>
<text><body><p>{text}</p></body></text></TEI>"""
ONE = VOLUME.format(
    key="volume-1", title="Volume 1", year=1963,
    persons='<person xml:id="p_DOT1"><persName>Darusenkov, Oleg T.</persName><birth when="1924">b. 1924</birth></person>'
            '<person xml:id="p_HP1"><persName>Holm, Peter, Sr.</persName></person>',
    text='There were <persName ref="#p_DOT1">Darusenkov</persName> and <persName ref="#p_HP1">Holm</persName>.',
)  # fmt: skip
TWO = VOLUME.format(
    key="volume-2", title="Volume 2", year=1964,
    persons='<person xml:id="p_DOT1"><persName>Дарусенков, Олег Тимофеевич</persName><birth when="1924-05-03">3 мая 1924</birth></person>'
            '<person xml:id="p_HP1"><persName>Holm, Peter, Jr.</persName></person>',
    text='Comrade <persName ref="#p_DOT1">Darussenkow</persName> wrote to <persName ref="#p_HP1">Holm</persName>.',
)  # fmt: skip
FIRST, SECOND = "person/volume-1-p-dot1", "person/volume-2-p-dot1"
ELDER, YOUNGER = "person/volume-1-p-hp1", "person/volume-2-p-hp1"

Run = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "volumes"
    (folder / "data/documents").mkdir(parents=True)
    (folder / "fonds.toml").write_text(f'title = "Volumes"\nbase = "{BASE}"\n')
    (folder / "data/documents/volume-1.xml").write_text(ONE, encoding="utf-8")
    (folder / "data/documents/volume-2.xml").write_text(TWO, encoding="utf-8")
    return folder


@pytest.fixture
def run(folder: Path) -> Run:
    def reconcile(command: str, *arguments: str, status: int = 0) -> str:
        place = [str(folder)] if command == "candidates" else ["--publication", str(folder)]
        done = CliRunner().invoke(main, ["reconcile", command, *arguments, *place])
        assert done.exit_code == status, done.output
        return done.stdout if command == "candidates" else done.output

    return reconcile


@contextmanager
def published(folder: Path) -> Iterator[Ask]:
    release = build_publication(folder)
    store = open_store(release)
    try:
        yield asker(create_app(release, store, release.manifest.settings))
    finally:
        store.close()


def accept(run: Run) -> str:
    return run(
        "accept",
        FIRST,
        SECOND,
        "--who",
        "A. Archivist",
        "--ground",
        "one man in two lists",
        "--date",
        "2026-11-27",
    )


def values(reply: bytes, subject: str, predicate: str) -> set[str]:
    return {
        getattr(quad.object, "value", "")
        for quad in parse(reply, format=RdfFormat.N_QUADS)
        if quad.subject == NamedNode(subject) and quad.predicate == NamedNode(predicate)
    }


def statuses(folder: Path) -> dict[str, str]:
    with (folder / "data/register.csv").open(encoding="utf-8", newline="") as file:
        return {f"{row['kind']}/{row['key']}": row["status"] for row in csv.DictReader(file)}


def test_lists_are_apart_until_somebody_decides_and_the_pair_is_offered(folder: Path, run: Run) -> None:
    with published(folder) as site:
        assert [site(f"/id/{each}", "text/turtle").status for each in (FIRST, SECOND)] == [303, 303]
    (found,) = json.loads(run("candidates", "--format", "json"))
    assert (found["thing"], found["other"]) == (FIRST, SECOND)
    assert found["score"] > 0.5
    assert found["reasons"][0].keys() == {"words", "weight"}
    said = run("candidates")
    assert said.startswith(f"{found['score']:.3f}  {FIRST}  {SECOND}\n")
    assert "family names" in said or "the same family name" in said
    rows = list(csv.DictReader(run("candidates", "--format", "csv", "--kind", "person").splitlines()))
    assert [(row["thing"], row["decision"]) for row in rows] == [(FIRST, "undecided")]
    assert run("candidates", "--kind", "place").strip() == ""
    # Father and son are far below, with the reason.
    assert "one is the elder, the other the younger (-5.0)" in run("candidates", "--least", "0")


def test_what_was_accepted_is_one_thing_on_the_web_and_each_list_keeps_its_name(
    folder: Path, run: Run
) -> None:
    build_publication(folder)
    assert f"{FIRST} and {SECOND}: same (score 0." in accept(run)
    with published(folder) as site:
        for path, location in (
            (f"/id/{SECOND}", f"../../id/{FIRST}"),
            (f"/doc/{SECOND}.ttl", f"../../doc/{FIRST}.ttl"),
        ):
            reply = site(path, "text/turtle")
            assert (reply.status, reply.headers["location"]) == (301, location)
        survivor, gone = f"{BASE}id/{FIRST}", f"{BASE}id/{SECOND}"
        reply = site(f"/doc/{FIRST}", "application/n-quads")
        assert reply.status == 200
        assert values(reply.body, gone, DC + "isReplacedBy") == {survivor}
        assert values(reply.body, survivor, DC + "replaces") == {gone}
        assert "Дарусенков, Олег Тимофеевич" in values(reply.body, survivor, SKOS + "altLabel")
        # Who said which name: each in the graph of its own list.
        graph = f"{BASE}graph/merged/{SECOND}"
        named = site(f"/graph/merged/{SECOND}", "application/n-triples")
        assert values(named.body, survivor, SKOS + "altLabel") == {"Дарусенков, Олег Тимофеевич"}
        provenance = site("/graph/prov", "application/n-triples").body
        (source,) = values(provenance, graph, PROV + "wasDerivedFrom")
        label = values(provenance, source, "http://www.w3.org/2000/01/rdf-schema#label")
        assert label == {"Edition “volume-2.xml”"}
        # Each list says in its own words when he was born.
        births = values(reply.body, survivor, "http://www.cidoc-crm.org/cidoc-crm/P98i_was_born")
        assert len(births) == 2
        assert f"{survivor}/birth" in births
        # The record of the second list names what stays, in its own words.
        record = site("/doc/record/volume-2", "application/n-quads").body
        assert values(record, f"{BASE}id/record/volume-2", "https://schema.org/mentions") == {
            survivor, f"{BASE}id/{YOUNGER}",
        }  # fmt: skip
        assert "Darussenkow" in site("/doc/record/volume-2.txt").text
        assert f"{BASE}doc/{SECOND}<" not in site("/sitemap-1.xml").text
    assert statuses(folder)[SECOND] == "merged"
    assert statuses(folder)[FIRST] == "active"
    assert run("candidates").strip() == ""
    # Nothing has changed since: no new release, and no new row.
    before = (folder / "data/register.csv").read_bytes()
    name = build_publication(folder).manifest.name
    assert build_publication(folder).manifest.name == name
    assert (folder / "data/register.csv").read_bytes() == before


@pytest.mark.thorough
def test_what_was_undone_is_there_again(folder: Path, run: Run) -> None:
    accept(run)
    build_publication(folder)
    assert "no longer decided to be same" in run("undo", SECOND, FIRST)
    assert statuses(folder)[SECOND] == "active"
    with published(folder) as site:
        assert site(f"/id/{SECOND}", "text/turtle").status == 303
        reply = site(f"/doc/{SECOND}", "application/n-quads")
        assert reply.status == 200
        assert values(reply.body, f"{BASE}id/{SECOND}", DC + "isReplacedBy") == set()
        record = site("/doc/record/volume-2", "application/n-quads").body
        assert f"{BASE}id/{SECOND}" in values(
            record, f"{BASE}id/record/volume-2", "https://schema.org/mentions"
        )
    assert len(json.loads(run("candidates", "--format", "json"))) == 1
    assert "nothing is decided" in run("undo", FIRST, SECOND, status=1)


def test_undoing_before_any_build_leaves_the_register_alone(folder: Path, run: Run) -> None:
    build_publication(folder)
    before = (folder / "data/register.csv").read_bytes()
    accept(run)
    run("undo", FIRST, SECOND)
    assert (folder / "data/register.csv").read_bytes() == before


def test_what_was_rejected_is_not_offered_again_and_changes_nothing(folder: Path, run: Run) -> None:
    name = build_publication(folder).manifest.digest
    run("reject", FIRST, SECOND, "--who", "A. Archivist", "--ground", "cousins")
    assert run("candidates").strip() == ""
    assert build_publication(folder).manifest.digest == name
    run("undo", FIRST, SECOND)
    assert run("candidates").strip() != ""


@pytest.mark.thorough
def test_what_was_deferred_is_named_by_check_and_offered_still(folder: Path, run: Run) -> None:
    run("defer", FIRST, SECOND, "--ground", "see the passport")
    checked = CliRunner().invoke(main, ["check", str(folder)])
    assert (
        f"{FIRST} and {SECOND} may be one (see the passport); two things until somebody decides"
        in checked.output
    )
    assert run("candidates").strip() != ""


@pytest.mark.thorough
def test_a_changed_mind_takes_the_place_of_the_decision_before(folder: Path, run: Run) -> None:
    accept(run)
    build_publication(folder)
    run("reject", SECOND, FIRST, "--who", "B. Archivist", "--ground", "no, cousins")
    assert statuses(folder)[SECOND] == "active"
    with published(folder) as site:
        assert site(f"/id/{SECOND}", "text/turtle").status == 303
    # The other one stays now.
    run("accept", SECOND, FIRST, "--who", "A. Archivist", "--ground", "one man")
    with published(folder) as site:
        assert site(f"/id/{FIRST}", "text/turtle").headers["location"] == f"../../id/{SECOND}"
        assert site(f"/id/{SECOND}", "text/turtle").status == 303
    rows = (folder / "data/reconciliation.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 2


@pytest.mark.thorough
def test_chains_lead_to_their_end_and_can_be_cut(folder: Path, run: Run) -> None:
    (folder / "data/authorities").mkdir()
    (folder / "data/authorities/persons.csv").write_text("key,label\ndarusenkov,Oleg Darusenkov\n")
    accept(run)
    run("accept", "person/darusenkov", FIRST, "--who", "A", "--ground", "the table has him")
    with published(folder) as site:
        for each in (FIRST, SECOND):
            assert site(f"/id/{each}", "text/turtle").headers["location"] == "../../id/person/darusenkov"
        names = values(
            site("/doc/person/darusenkov", "application/n-quads").body,
            f"{BASE}id/person/darusenkov",
            SKOS + "altLabel",
        )
        assert names == {"Darusenkov, Oleg T.", "Дарусенков, Олег Тимофеевич"}
    run("undo", FIRST, SECOND)
    with published(folder) as site:
        assert site(f"/id/{FIRST}", "text/turtle").status == 301
        assert site(f"/id/{SECOND}", "text/turtle").status == 303


@pytest.mark.thorough
def test_what_was_merged_by_mistake_is_split_and_says_so(folder: Path, run: Run) -> None:
    """A row of a table took in both, and turns out to be two: the row goes, both entries are there again."""
    table = folder / "data/authorities/persons.csv"
    table.parent.mkdir()
    table.write_text("key,label\nholm,Peter Holm\n")
    for each in (ELDER, YOUNGER):
        run("accept", "person/holm", each, "--who", "A", "--ground", "the same name")
    build_publication(folder)
    assert {statuses(folder)[each] for each in (ELDER, YOUNGER)} == {"merged"}
    for each in (ELDER, YOUNGER):
        run("undo", "person/holm", each)
    table.write_text("key,label\n")
    arguments = ["split", "person/holm", "--into", ELDER, "--into", YOUNGER, "--reason", "father and son"]
    done = CliRunner().invoke(main, ["register", *arguments, "--publication", str(folder)])
    assert done.exit_code == 0, done.output
    with published(folder) as site:
        reply = site("/id/person/holm", "application/n-triples")
        assert reply.status == 410
        assert values(reply.body, f"{BASE}id/person/holm", DC + "isReplacedBy") == {
            f"{BASE}id/{ELDER}", f"{BASE}id/{YOUNGER}",
        }  # fmt: skip
        assert [site(f"/id/{each}", "text/turtle").status for each in (ELDER, YOUNGER)] == [303, 303]


def test_a_row_written_by_hand_counts_and_a_wrong_one_stops_the_build_with_its_line(folder: Path) -> None:
    table = folder / "data/reconciliation.csv"
    table.write_text(
        f"thing,other,decision,who,day,ground\n{FIRST},{SECOND},same,A. Archivist,2026-11-27,one man\n"
    )
    with published(folder) as site:
        assert site(f"/id/{SECOND}", "text/turtle").status == 301
    table.write_text(f"thing,other,decision,who,day,ground\n{FIRST},{SECOND},same,,2026-11-27,one man\n")
    with pytest.raises(BuildError, match=r"data/reconciliation.csv:2: who is empty"):
        build_publication(folder)
    # A row taken out by hand: the register still says that it was merged, and the build says what to do.
    table.unlink()
    with pytest.raises(
        BuildError, match=rf"{SECOND} is merged, but data/documents/volume-2.xml still has it"
    ):
        build_publication(folder)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("accept", FIRST, FIRST, "--who", "A", "--ground", "x"), "the same as itself"),
        (
            ("accept", FIRST, "person/nobody", "--who", "A", "--ground", "x"),
            "neither in the data nor in the register",
        ),
        (("accept", FIRST, "record/volume-2", "--who", "A", "--ground", "x"), "expected a kind"),
        (("accept", FIRST, SECOND, "--who", " ", "--ground", "x"), "who is empty"),
        (
            ("accept", "darusenkov", SECOND, "--who", "A", "--ground", "x"),
            "is no identifier; expected kind/key",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    folder: Path, run: Run, arguments: tuple[str, ...], said: str
) -> None:
    assert said in run(*arguments, status=1)
    assert not (folder / "data/reconciliation.csv").exists()


def test_contradicting_what_was_decided_is_refused(folder: Path, run: Run) -> None:
    accept(run)
    run("reject", FIRST, ELDER, "--who", "A", "--ground", "x")
    said = run("accept", ELDER, SECOND, "--who", "A", "--ground", "x", status=1)
    assert "would become" in said
    assert (folder / "data/reconciliation.csv").read_text(encoding="utf-8").count("\n") == 3
