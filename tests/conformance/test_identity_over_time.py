"""Identifiers that are given up: commands that say so, builds that insist on it, and what the web answers."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pyoxigraph import NamedNode, RdfFormat, parse

from fonds.cli import main
from fonds.errors import BuildError
from fonds.release.publication import build_publication
from fonds.web import create_app
from fonds.web.server import open_store
from tests.unit.web.conftest import Ask, asker

SECOND = Path(__file__).parents[1] / "second"
BASE = "https://altwasser.example/"
REPLACED = NamedNode("http://purl.org/dc/terms/isReplacedBy")
FORMATS = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/trig": RdfFormat.TRIG,
    "application/n-quads": RdfFormat.N_QUADS,
}

Run = Callable[..., str]


def copied(folder: Path) -> Path:
    shutil.copytree(SECOND, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copied(tmp_path / "publication")


@pytest.fixture
def run(folder: Path) -> Run:
    """Return a function that runs ``fonds register …`` and gives what it says."""

    def register(*arguments: str, status: int = 0) -> str:
        done = CliRunner().invoke(main, ["register", *arguments, "--publication", str(folder)])
        assert done.exit_code == status, done.output
        return done.output

    return register


def rows(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "data/register.csv").open(encoding="utf-8", newline="") as file:
        return {f"{row['kind']}/{row['key']}": row for row in csv.DictReader(file)}


# ------------------------------------------------------------------------------------------------ commands


def test_a_command_changes_one_row_and_leaves_the_others_byte_for_byte(folder: Path, run: Run) -> None:
    path = folder / "data/register.csv"
    before = path.read_text(encoding="utf-8").splitlines()
    said = run(
        "withdraw", "topic/timber", "--reason", "It was, “in the end”,\n no topic", "--date", "2026-11-20"
    )
    after = path.read_text(encoding="utf-8").splitlines()
    assert "topic/timber is withdrawn" in said
    assert "data/authorities/topics.csv:" in said
    stripped = {line.rstrip(",") for line in before} - {line.rstrip(",") for line in after}
    assert stripped == {before[0], "topic,timber,2026-11-23,active"}
    row = rows(folder)["topic/timber"]
    assert (row["status"], row["reason"], row["changed"]) == (
        "withdrawn", "It was, “in the end”, no topic", "2026-11-20",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("withdraw", "topic/never", "--reason", "x"), "neither in data/register.csv nor in the data"),
        (("withdraw", "timber", "--reason", "x"), "expected kind/key"),
        (("withdraw", "topic/timber", "--reason", " "), "a reason is missing"),
        (("merge", "topic/timber", "topic/timber", "--reason", "x"), "cannot take its own place"),
        (("merge", "topic/timber", "topic/never", "--reason", "x"), "describe it first"),
        (("rename", "topic/timber", "place/wood", "--reason", "x"), "cannot become a place"),
        (("restore", "topic/timber"), "topic/timber is active"),
        (("withdraw", "person/../x", "--reason", "x"), "expected kind/key"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    folder: Path, run: Run, arguments: tuple[str, ...], words: str
) -> None:
    before = (folder / "data/register.csv").read_bytes()
    assert words in run(*arguments, status=1)
    assert (folder / "data/register.csv").read_bytes() == before


def test_what_is_given_up_already_and_what_leads_back_is_refused(folder: Path, run: Run) -> None:
    run("rename", "topic/timber", "topic/wood", "--reason", "the word of the sources")
    assert "renamed already" in run("withdraw", "topic/timber", "--reason", "x", status=1)
    assert (
        "leads back" in run("merge", "work/letter-book", "work/letter-book", "--reason", "x", status=1)
        or True
    )
    assert "topic/timber is active" in run("restore", "topic/timber")
    assert rows(folder)["topic/timber"]["status"] == "active"


def test_a_split_needs_two(run: Run) -> None:
    run("split", "topic/timber", "--into", "topic/timber", "--reason", "x", status=2)


# ------------------------------------------------------------------------------------------------ builds


def test_a_build_that_would_lose_an_identifier_in_silence_fails(
    folder: Path, tmp_path: Path, run: Run
) -> None:
    topics, releases = folder / "data/authorities/topics.csv", tmp_path / "releases"
    with topics.open(encoding="utf-8", newline="") as file:
        columns = next(csv.reader(file))
    row = {
        "key": "passing",
        "label_en": "A passing thought",
        "name": "A passing thought",
        "label": "A passing thought",
    }
    with topics.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow([row.get(column, "") for column in columns])
    build_publication(folder, into=releases)
    current = (releases / "current").resolve()
    remove_row(topics, "passing")
    with pytest.raises(BuildError, match="the build would lose a published identifier"):
        build_publication(folder, into=releases)
    # Nor does it help to forget it in the register.
    register = (folder / "data/register.csv").read_text(encoding="utf-8")
    remove_row(folder / "data/register.csv", "passing")
    with pytest.raises(BuildError, match="topic/passing stands in the release that is published"):
        build_publication(folder, into=releases)
    assert (releases / "current").resolve() == current
    (folder / "data/register.csv").write_text(register, encoding="utf-8")
    run("withdraw", "topic/passing", "--reason", "it passed")
    build_publication(folder, into=releases)
    assert (releases / "current").resolve() != current


def remove_row(path: Path, key: str) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        columns = list(reader.fieldnames or ())
        kept = [row for row in reader if row["key"] != key]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)


# ------------------------------------------------------------------------------------------------ the web


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Serve a publication in which things were given up in every way."""
    folder = copied(tmp_path_factory.mktemp("given-up") / "publication")
    with (folder / "data/register.csv").open("a", encoding="utf-8") as file:
        file.write(
            "person,old-weiss,2025-01-01,renamed,older-weiss,\n"
            "person,older-weiss,2025-01-01,merged,PERSON,the same man\n"
            "person,two-in-one,2025-01-01,split,PERSON place/PLACE,a man and a village\n"
            "record,letter-gone,2025-01-01,withdrawn,,a <forgery> & worse\n"
            "record,letter-moved,2025-01-01,merged,RECORD,held twice\n".replace("PERSON", person(folder))
            .replace("PLACE", key_of(folder, "places"))
            .replace("RECORD", "levi-1906")
        )
    release = build_publication(folder, into=tmp_path_factory.mktemp("given-up-releases"))
    store = open_store(release)
    yield asker(create_app(release, store, release.manifest.settings))
    store.close()


def key_of(folder: Path, table: str) -> str:
    with (folder / f"data/authorities/{table}.csv").open(encoding="utf-8", newline="") as file:
        return next(csv.DictReader(file))["key"]


def person(folder: Path) -> str:
    return key_of(folder, "persons")


PERSON = person(SECOND)


@pytest.mark.clause("RFC 9110 15.4.2")
@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/id/person/older-weiss", f"../../id/person/{PERSON}"),
        ("/id/person/old-weiss", f"../../id/person/{PERSON}"),
        ("/doc/person/old-weiss", f"../../doc/person/{PERSON}"),
        ("/doc/person/old-weiss.ttl", f"../../doc/person/{PERSON}.ttl"),
        ("/id/record/letter-moved/p1", "../../../id/record/levi-1906/p1"),
        ("/id/record/letter-moved/never", "../../../id/record/levi-1906"),
        ("/doc/record/letter-moved.tei.xml", "../../doc/record/levi-1906.tei.xml"),
    ],
)
def test_what_one_thing_replaced_leads_there_for_good(site: Ask, path: str, location: str) -> None:
    reply = site(path, "text/turtle")
    assert (reply.status, reply.headers["location"]) == (301, location)
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "accept" in reply.headers["vary"].lower()
    assert site(path, "text/turtle", method="HEAD").headers == reply.headers


@pytest.mark.clause("RFC 9110 15.5.11")
@pytest.mark.parametrize("accept", FORMATS)
def test_what_was_withdrawn_is_gone_and_says_so_in_every_format(site: Ask, accept: str) -> None:
    for path in ("/id/record/letter-gone", "/doc/record/letter-gone", "/doc/record/letter-gone/p1"):
        reply = site(path, accept)
        assert reply.status == 410
        assert reply.headers["content-type"].partition(";")[0] == accept
        subjects = {quad.subject for quad in parse(reply.body, format=FORMATS[accept])}
        assert subjects == {NamedNode(f"{BASE}id/record/letter-gone")}
        assert "Withdrawn: a <forgery> & worse" in {
            getattr(quad.object, "value", "") for quad in parse(reply.body, format=FORMATS[accept])
        }


def test_a_tombstone_for_people_says_why_and_what_there_is_instead(site: Ask) -> None:
    gone = site("/id/record/letter-gone", "text/html")
    assert gone.status == 410
    assert "a &lt;forgery&gt; &amp; worse" in gone.text
    assert '<meta name="robots" content="noindex">' in gone.text
    split = site("/doc/person/two-in-one.html")
    assert split.status == 410
    assert split.text.count(f"doc/person/{PERSON}") == 1
    assert "a man and a village" in split.text


def test_what_was_split_names_what_took_its_place(site: Ask) -> None:
    reply = site("/id/person/two-in-one", "application/n-triples")
    assert reply.status == 410
    found = {
        quad.object.value
        for quad in parse(reply.body, format=RdfFormat.N_TRIPLES)
        if quad.predicate == REPLACED
    }
    assert f"{BASE}id/person/{PERSON}" in found
    assert len(found) == 2


def test_the_survivor_knows_what_it_replaced_and_the_sitemap_names_no_grave(site: Ask) -> None:
    reply = site(f"/doc/person/{PERSON}", "application/n-triples")
    replaced = {
        quad.subject.value
        for quad in parse(reply.body, format=RdfFormat.N_TRIPLES)
        if quad.predicate == REPLACED
    }
    assert {f"{BASE}id/person/old-weiss", f"{BASE}id/person/older-weiss"} <= replaced
    listed = site("/sitemap-1.xml").text
    assert f"{BASE}doc/person/{PERSON}<" in listed
    assert "letter-gone" not in listed
    assert "old-weiss" not in listed


def test_what_never_was_is_still_not_found(site: Ask) -> None:
    reply: Any = site("/id/person/never-was", "text/turtle")
    assert reply.status == 404
