"""What changed, as feeds: a client that starts with nothing and reads them to the end holds what the dump holds."""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest

from fonds.cli import main
from fonds.identifiers import IriSpace
from fonds.release import activities
from fonds.release.folder import Release, graphs_of, open_release
from fonds.release.happened import pages_of, read_page, total_of
from fonds.release.keeping import kept, releases_of, roll_back
from fonds.release.publication import build_publication
from fonds.store.embedded import EmbeddedStore
from fonds.web import create_app
from fonds.web.server import application_of
from tests.unit.web.conftest import Ask, asker

BASE = "https://a.example/"
ATOM = "{http://www.w3.org/2005/Atom}"
LETTER = """<?xml version="1.0" encoding="UTF-8"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="letter-{number}" xml:lang="de">
  <teiHeader><fileDesc>
    <titleStmt><title>Brief {number}</title><author ref="person:weiss">Anna Weiss</author></titleStmt>
    <publicationStmt><p>Made for a test.</p></publicationStmt><sourceDesc><p>Invented.</p></sourceDesc>
  </fileDesc></teiHeader>
  <text><body><p>Lieber <persName ref="person:{whom}">Karl</persName>! {words}</p></body></text>
</TEI>
"""


def letter(folder: Path, number: int, words: str, whom: str = "holm") -> None:
    place = folder / f"data/documents/letter-{number}.xml"
    place.write_text(LETTER.format(number=number, words=words, whom=whom))


def persons(folder: Path, *rows: str) -> None:
    (folder / "data/authorities/persons.csv").write_text("\n".join(("key,label,identified", *rows, "")))


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publication that began with two letters, and in which things were changed, added, merged and withdrawn since."""
    folder = tmp_path_factory.mktemp("life")
    (folder / "data/documents").mkdir(parents=True)
    (folder / "data/authorities").mkdir()
    (folder / "fonds.toml").write_text(
        f'title = "<Letters> & more"\nbase = "{BASE}"\n[rights]\ndata = "https://creativecommons.org/publicdomain/zero/1.0/"\n'
    )

    def fonds(*arguments: str) -> None:
        main([*arguments, "--publication", str(folder)], standalone_mode=False)

    persons(folder, "holm,Karl Holm,yes", "weiss,Anna Weiss,yes", "holme,Karl Holme,yes")
    letter(folder, 1, "Heute.")
    letter(folder, 2, "Morgen.", "holme")
    build_publication(folder)
    letter(folder, 1, "Gestern.")
    letter(folder, 3, "Neu.")
    build_publication(folder)
    letter(folder, 2, "Morgen.")
    persons(folder, "holm,Karl Holm,yes", "weiss,Anna Weiss,yes")
    fonds("register", "merge", "person/holme", "person/holm", "--reason", "one and the same")
    build_publication(folder)
    (folder / "data/documents/letter-3.xml").unlink()
    fonds("register", "withdraw", "record/letter-3", "--reason", "the family asked for it")
    build_publication(folder)
    return folder


@pytest.fixture(scope="module")
def release(life: Path) -> Release:
    return open_release(life)


@pytest.fixture
def ask(release: Release) -> Iterator[Ask]:
    edge = application_of(release)
    yield asker(edge)
    edge.close()


def items_of(ask: Ask) -> list[dict[str, object]]:
    """Return all activities, as a client finds them that knows the address of the collection only."""
    collection = msgspec.json.decode(ask("/changes").body)
    assert collection["type"] == "OrderedCollection"
    address, items = collection["first"]["id"], []
    while address:
        page = msgspec.json.decode(ask(address.removeprefix(BASE.removesuffix("/"))).body)
        assert (page["id"], page["partOf"]["id"]) == (address, collection["id"])
        assert page["startIndex"] == len(items)
        items += page["orderedItems"]
        last, address = address, page.get("next", {}).get("id")
    assert (last, len(items)) == (collection["last"]["id"], collection["totalItems"])
    return items


def told(items: list[dict[str, object]], key: str) -> list[str]:
    return [each["type"] for each in items if each["object"]["id"] == f"{BASE}id/{key}"]  # type: ignore[index,misc]


def test_the_life_of_each_thing_is_told(ask: Ask) -> None:
    items = items_of(ask)
    assert told(items, "record/letter-1") == ["Create", "Update"]
    assert told(items, "record/letter-2") == ["Create", "Update"]
    assert told(items, "record/letter-3") == ["Create", "Delete"]
    assert told(items, "person/holme") == ["Create", "Move"]
    assert told(items, "person/weiss") == ["Create"]
    (move,) = (each for each in items if each["type"] == "Move")
    assert move["target"] == {"id": f"{BASE}id/person/holm", "type": "Person"}
    ends = [each["endTime"] for each in items]
    assert ends == sorted(ends)
    assert len({each["id"] for each in items}) == len(items)
    types = {each["object"]["id"].split("/")[4]: each["object"]["type"] for each in items}  # type: ignore[index]
    assert (types["record"], types["person"], types["vocab"]) == ("Document", "Person", "Object")


def test_a_client_that_starts_with_nothing_and_reads_the_feed_holds_what_the_dump_holds(
    ask: Ask, release: Release
) -> None:
    iris = IriSpace(BASE)
    held: dict[str, list[str]] = {}
    for each in items_of(ask):
        it = each["object"]["id"]  # type: ignore[index]
        held.pop(it, None)
        if each["type"] in ("Create", "Update"):
            held[it] = [graph.value for graph in iris.graphs_of(it)] or [it]
    lines = set()
    for graph in {name for names in held.values() for name in names}:
        answer = ask(graph.removeprefix(BASE.removesuffix("/")), "application/n-quads")
        if answer.status == 200:
            lines |= set(answer.body.splitlines())
    counted = {
        each.name for each in graphs_of(release) if each.public and each.kind not in ("meta", "provenance")
    }
    with gzip.open(release.dataset) as file:
        expected = {
            line.rstrip(b"\n")
            for line in file
            if re.search(rb" <([^ <>]+)> \.\n$", line)[1].decode() in counted  # type: ignore[index]
        }
    assert lines == expected


def test_the_latest_changes_are_a_feed_for_people(ask: Ask) -> None:
    answer = ask("/changes.atom")
    assert answer.headers["content-type"] == "application/atom+xml;charset=utf-8"
    root = ET.fromstring(answer.body)
    assert root.findtext(f"{ATOM}title") == "What changed – <Letters> & more"
    titles = [each.findtext(f"{ATOM}title") for each in root.iter(f"{ATOM}entry")]
    assert titles[0] == "Withdrawn: id/record/letter-3"
    assert "Changed: Brief 1" in titles
    assert len({each.findtext(f"{ATOM}id") for each in root.iter(f"{ATOM}entry")}) == len(titles)


def test_a_page_that_is_full_never_changes_again(
    life: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("activities", "happened"):
        monkeypatch.setattr(f"fonds.release.{module}.PAGE_LINES", 7)
    monkeypatch.setattr("fonds.web.changes.PAGE_LINES", 7)
    build_publication(life, into=tmp_path)
    letter(life, 1, "Wieder.")
    build_publication(life, into=tmp_path)
    later, first = (each.release for each in kept(tmp_path))
    assert first is not None
    assert later is not None
    assert pages_of(first) > 1
    assert total_of(later) == total_of(first) + 1
    for page in range(pages_of(first) - 1):
        assert read_page(first.folder, page) == read_page(later.folder, page)
    edge = application_of(later)
    try:
        ask = asker(edge)
        items_of(ask)
        assert ask("/changes/1").headers["cache-control"] == "public, max-age=31536000, immutable"
        assert ask(f"/changes/{pages_of(later)}").headers["cache-control"] == "public, max-age=60"
    finally:
        edge.close()


@pytest.mark.thorough
def test_after_going_back_the_feed_goes_on_from_what_was_issued_last(life: Path, tmp_path: Path) -> None:
    for words in ("Eins.", "Zwei."):
        letter(life, 1, words)
        build_publication(life, into=tmp_path)
    issued = total_of(open_release(tmp_path))
    roll_back(releases_of(tmp_path))
    letter(life, 1, "Drei.")
    release = build_publication(life, into=tmp_path)
    assert total_of(release) == issued + 1


@pytest.mark.parametrize("number", ["0", "2", "01", "-1", "1e0", "x", "\u0661", "9" * 40])
def test_there_is_no_page_of_another_number(ask: Ask, number: str) -> None:
    answer = ask(f"/changes/{number}")
    assert answer.status == 404
    assert "pages count from 1 to 1" in answer.text


def test_a_dataset_says_that_it_does_not_tell(dataset: Release, dataset_store: EmbeddedStore) -> None:
    ask_dataset = asker(create_app(dataset, dataset_store, dataset.manifest.settings))
    for address in ("/changes", "/changes/1", "/changes.atom"):
        answer = ask_dataset(address)
        assert answer.status == 404
        assert "only releases of publications do" in answer.text


def test_graphs_that_are_nobodys_are_not_told(ask: Ask) -> None:
    assert not [each for each in items_of(ask) if re.search("graph/(meta|prov|said)", each["object"]["id"])]  # type: ignore[index]
    assert activities.thing_of_graph(f"{BASE}graph/curation/letter", IriSpace(BASE)) == (
        "id/record/letter",
        False,
    )


@pytest.mark.thorough
def test_where_a_release_does_not_say_what_happened_the_next_one_begins_anew(
    life: Path, tmp_path: Path
) -> None:
    first = build_publication(life, into=tmp_path)
    manifest = msgspec.json.decode((first.folder / "manifest.json").read_bytes())
    shutil.rmtree(first.folder / "activities")
    manifest["files"] = {
        name: each for name, each in manifest["files"].items() if not name.startswith("activities/")
    }
    written = msgspec.json.encode(manifest)
    (first.folder / "manifest.json").write_bytes(written)
    (first.folder / "manifest.sha256").write_text(hashlib.sha256(written).hexdigest())
    letter(life, 1, "Anders.")
    release = build_publication(life, into=tmp_path)
    assert {each.type for each in read_page(release.folder, 0)} == {"Create"}
    assert total_of(release) > 3
