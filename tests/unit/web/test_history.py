"""What became of a thing from release to release, and why; the errata; the releases that are kept."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from fonds.cli import main
from fonds.errors import BuildError
from fonds.release import remembering
from fonds.release.folder import Release, open_release
from fonds.release.history import History, Reason, Step, explained
from fonds.release.keeping import kept, prune
from fonds.release.publication import build_publication, check_publication
from fonds.web.server import application_of
from tests.unit.web.conftest import Ask, asker

BASE = "https://a.example/"
LETTER = """<?xml version="1.0" encoding="UTF-8"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="letter-{number}" xml:lang="de">
  <teiHeader><fileDesc>
    <titleStmt><title>Brief {number}</title><author ref="person:weiss">Anna Weiss</author></titleStmt>
    <publicationStmt><p>Made for a test.</p></publicationStmt><sourceDesc><p>Invented.</p></sourceDesc>
  </fileDesc><profileDesc><creation><date when="{day}">{day}</date></creation></profileDesc></teiHeader>
  <text><body><p>Lieber <persName ref="person:{whom}">Karl</persName>! {words}</p></body></text>
</TEI>
"""
WORDS = "Gestern sind wir nach einer langen Reise endlich in der Stadt angekommen, und es regnet."
HOSTILE = 'it said "26" <script>alert(1)</script>, as the photograph shows'
PROV = "http://www.w3.org/ns/prov#"


def letter(folder: Path, number: int, day: str, words: str = "Heute.", whom: str = "holm") -> None:
    place = folder / f"data/documents/letter-{number}.xml"
    place.write_text(LETTER.format(number=number, day=day, words=words, whom=whom))


def persons(folder: Path, *rows: str) -> None:
    (folder / "data/authorities/persons.csv").write_text("\n".join(("key,label,identified", *rows, "")))


def changes(folder: Path, *rows: str) -> None:
    with (folder / "data/changes.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [("thing", "day", "sort", "reason", "by"), *(each.split("|") for each in rows)]
        )


def fonds(folder: Path, *arguments: str) -> None:
    main([*arguments, "--publication", str(folder)], standalone_mode=False)


def begun(folder: Path) -> Path:
    (folder / "data/documents").mkdir(parents=True)
    (folder / "data/authorities").mkdir()
    (folder / "fonds.toml").write_text(f'title = "<Letters> & more"\nbase = "{BASE}"\n')
    persons(folder, "holm,Karl Holm,yes", "weiss,Anna Weiss,yes", "holme,Karl Holme,yes")
    letter(folder, 1, "1964-10-26", WORDS)
    letter(folder, 2, "1964-11-02", whom="holme")
    letter(folder, 3, "1964-11-03")
    build_publication(folder)
    return folder


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publication in which a date and some words were corrected, a person merged, a letter withdrawn; each in a release of its own."""
    folder = begun(tmp_path_factory.mktemp("life"))
    letter(folder, 1, "1964-10-27", WORDS)
    changes(
        folder,
        f"record/letter-1|2020-01-02|erratum|{HOSTILE}|A. Weiss",
        "record/letter-3|2020-01-02||nothing came of it|",
    )
    build_publication(folder)
    letter(folder, 1, "1964-10-27", WORDS.replace("endlich", "am Abend"))
    letter(folder, 2, "1964-11-02")
    persons(folder, "holm,Karl Holm,yes", "weiss,Anna Weiss,yes")
    fonds(folder, "register", "merge", "person/holme", "person/holm", "--reason", "one and the same")
    build_publication(folder)
    (folder / "data/documents/letter-3.xml").unlink()
    fonds(folder, "register", "withdraw", "record/letter-3", "--reason", "the family asked for it")
    build_publication(folder)
    return folder


@pytest.fixture(scope="module")
def release(life: Path) -> Release:
    return open_release(life)


@pytest.fixture(scope="module")
def names(life: Path) -> list[str]:
    """The releases, the oldest first."""
    found, release = [], open_release(life)
    while release.manifest.previous:
        found.append(release.manifest.name)
        release = open_release(life / "releases" / release.manifest.previous)
    return [release.manifest.name, *found[::-1]]


@pytest.fixture
def ask(release: Release) -> Iterator[Ask]:
    edge = application_of(release)
    yield asker(edge)
    edge.close()


def fates(release: Release, it: str) -> list[str]:
    history = History(release)
    found = [each.type for each in history.of(it)]
    history.close()
    return found


def without_tags(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


# ------------------------------------------------------------------------------------------------ what happened


def test_each_thing_knows_what_became_of_it(release: Release) -> None:
    assert fates(release, "id/record/letter-1") == ["Create", "Update", "Update"]
    assert fates(release, "id/record/letter-3") == ["Create", "Delete"]
    assert fates(release, "id/person/holme") == ["Create", "Move"]
    assert fates(release, "id/person/weiss") == ["Create"]
    assert fates(release, "id/person/nobody") == []


def test_a_date_that_was_corrected_is_told_with_its_reason(ask: Ask, names: list[str]) -> None:
    page = ask("/history/record/letter-1", "text/html")
    assert (page.status, page.headers["content-type"]) == (200, "text/html;charset=utf-8")
    text = without_tags(page.text)
    assert "created, date 26 October 1964 → 27 October 1964" in text
    erratum = text.index("Erratum of 2 January 2020 : it said")
    # It belongs to the release in which the date changed, and to no other.
    changed = [text.index(f"release {each}") for each in names[:3]]
    assert changed[1] < erratum < changed[0]
    assert "A. Weiss" in text
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


def test_of_a_long_text_only_the_words_are_marked_that_differ(ask: Ask) -> None:
    page = ask("/history/record/letter-1", "text/html").text
    assert "<del>endlich</del> <ins>am Abend</ins>" in page
    assert "einer langen Reise" in page


def test_what_was_withdrawn_or_replaced_has_its_history_still(ask: Ask) -> None:
    withdrawn = ask("/history/record/letter-3", "text/html")
    assert withdrawn.status == 200
    text = without_tags(withdrawn.text)
    assert "the family asked for it" in text
    gone = ask("/doc/record/letter-3", "text/html")
    assert (gone.status, 'href="../../history/record/letter-3"' in gone.text) == (410, True)
    assert text.rindex("Withdrawn") < text.index("Published for the first time")
    # Its reason is of a day on which nothing changed until it was withdrawn.
    assert "Revision of 2 January 2020 : nothing came of it" in text
    moved = ask("/history/person/holme", "text/html").text
    assert re.search(r'In its place: <a href="\.\./\.\./doc/person/holm"[^>]*>Karl Holm</a>', moved)


def test_what_has_no_history_is_not_found(ask: Ask) -> None:
    for path in ("/history/record/nothing", "/history/record/letter-1.pdf", "/history/record/..%2f"):
        assert ask(path, "application/json").status == 404, path


def test_the_page_of_a_record_leads_to_its_history(ask: Ask) -> None:
    page = ask("/doc/record/letter-1", "text/html").text
    assert 'href="../../history/record/letter-1"' in page
    assert 'href="../../history/person/weiss"' in ask("/doc/person/weiss", "text/html").text


def test_the_history_is_data_too(ask: Ask, names: list[str]) -> None:
    sets = []
    for ending, format_ in (
        ("ttl", RdfFormat.TURTLE),
        ("nt", RdfFormat.N_TRIPLES),
        ("rdf", RdfFormat.RDF_XML),
    ):
        reply = ask(f"/history/record/letter-1.{ending}")
        assert reply.status == 200
        sets.append({str(quad.triple) for quad in parse(reply.body, format=format_)})
    assert sets[0] == sets[1] == sets[2]
    triples = list(parse(ask("/history/record/letter-1", "text/turtle").body, format=RdfFormat.TURTLE))
    made = {q.subject: q.object for q in triples if q.predicate.value == f"{PROV}wasGeneratedBy"}
    document = f"{BASE}history/record/letter-1"
    assert made == {
        NamedNode(f"{document}#version-{n}"): NamedNode(f"{document}#step-{n}") for n in (1, 2, 3)
    }
    things = {q.object.value for q in triples if q.predicate.value == f"{PROV}specializationOf"}
    assert things == {f"{BASE}id/record/letter-1"}
    parts = [q.object.value for q in triples if q.predicate.value.endswith("/isPartOf")]
    assert sorted(parts) == sorted(f"{BASE}release/{each}" for each in names[:3])
    assert HOSTILE in {q.object.value for q in triples if q.predicate.value.endswith("#comment")}
    removed = {
        q.object.value
        for q in triples
        if q.predicate.value.endswith("#object") and "-removal-" in q.subject.value
    }
    assert "1964-10-26" in removed
    ended = list(parse(ask("/history/record/letter-3.nt").body, format=RdfFormat.N_TRIPLES))
    assert f"{PROV}wasInvalidatedBy" in {quad.predicate.value for quad in ended}


def test_a_key_may_hold_dots_before_the_ending_of_a_format(tmp_path: Path) -> None:
    (tmp_path / "data/authorities").mkdir(parents=True)
    (tmp_path / "data/documents").mkdir()
    (tmp_path / "fonds.toml").write_text(f'title = "Letters"\nbase = "{BASE}"\n')
    persons(tmp_path, "holm-0.1,Karl Holm,yes", "weiss,Anna Weiss,yes")
    letter(tmp_path, 1, "1964-10-26", whom="holm-0.1")
    build_publication(tmp_path)
    edge = application_of(open_release(tmp_path))
    ask = asker(edge)
    page = ask("/history/person/holm-0.1", "text/html")
    assert (page.status, page.headers["content-type"]) == (200, "text/html;charset=utf-8")
    assert 'holm-0.1.ttl>; rel="alternate"' in page.headers["link"]
    turtle = ask("/history/person/holm-0.1.ttl", "text/html")
    assert (turtle.status, turtle.headers["content-type"]) == (200, "text/turtle;charset=utf-8")
    assert 'holm-0.1.nt>; rel="alternate"' in turtle.headers["link"]
    edge.close()


def test_the_history_outlives_the_releases(life: Path, names: list[str], tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(life, copy, symlinks=True)
    assert len(prune(copy / "releases", 1)) == 3
    letter(copy, 4, "1965-01-01")
    release = build_publication(copy)
    history = History(release)
    assert [each.release for each in history.of("id/record/letter-1")] == names[:3]
    assert any("1964-10-26" in line for each in history.of("id/record/letter-1") for line in each.lines)
    assert fates(release, "id/record/letter-4") == ["Create"]
    history.close()


@pytest.mark.thorough
def test_where_too_much_changed_it_is_told_how_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = begun(tmp_path / "much")
    monkeypatch.setattr(remembering, "MOST_THINGS", 0)
    letter(folder, 1, "1964-10-27", WORDS)
    release = build_publication(folder)
    history = History(release)
    step = history.of("id/record/letter-1")[-1]
    assert (step.type, step.lines) == ("Update", ())
    assert step.added == step.removed > 0
    history.close()
    edge = application_of(release)
    told = without_tags(asker(edge)("/history/record/letter-1", "text/html").text)
    assert f"{step.added + step.removed} more statements differ" in told
    edge.close()


@pytest.mark.parametrize("level", ["excerpt", "link"])
@pytest.mark.thorough
def test_words_that_are_published_no_more_are_in_no_history(tmp_path: Path, level: str) -> None:
    folder = begun(tmp_path / "less")
    words = f"{WORDS} " * 60 + WORDS.replace("endlich", "am Abend")
    letter(folder, 1, "1964-10-26", words)
    before = build_publication(folder)
    assert any("am Abend" in line for each in steps_of(before) for line in each.lines)
    (folder / "data/records.csv").write_text(f"key,fulltext\nletter-1,{level}\n")
    now = build_publication(folder)
    steps = steps_of(now)
    assert [each.type for each in steps] == ["Create", "Update", "Update"]
    assert not [line for each in steps for line in each.lines]
    assert steps[-1].removed > 0
    # What is corrected afterwards is told as always.
    letter(folder, 1, "1964-10-27", words)
    lines = steps_of(build_publication(folder))[-1].lines
    assert any(line.startswith("-") and "1964-10-26" in line for line in lines)
    assert not any("Abend" in line for line in lines)


def steps_of(release: Release) -> tuple[Step, ...]:
    history = History(release)
    steps = history.of("id/record/letter-1")
    history.close()
    return steps


@pytest.mark.parametrize(
    ("day", "at"),
    [("2026-01-01", 1), ("2026-02-01", 1), ("2026-02-02", 2), ("2026-03-01", 2), ("2026-03-02", None)],
)
def test_a_reason_is_that_of_the_first_change_on_its_day_or_later(day: str, at: int | None) -> None:
    steps = [
        Step("Create", "2026-01-01T00:00:00Z", "a"),
        Step("Update", "2026-02-01T00:00:00Z", "b"),
        Step("Delete", "2026-03-01T00:00:00Z", "c"),
    ]
    reason = Reason("record/x", day, "erratum", "why")
    told, rest = explained(steps, [reason])
    assert [number for number, (_, why) in enumerate(told) if why] == ([] if at is None else [at])
    assert rest == ((reason,) if at is None else ())


# ------------------------------------------------------------------------------------------------ the table of reasons


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("letter-1|2026-01-01||why|", "thing: found 'letter-1', expected a kind"),
        ("record/letter-9|2026-01-01||why|", "record/letter-9 is neither in the data nor in the register"),
        ("record/letter-1|1.1.2026||why|", "day: found '1.1.2026', expected a day such as 2026-11-23"),
        (
            "record/letter-1|2026-01-01|typo|why|",
            "sort: found 'typo', expected erratum, revision, or nothing",
        ),
        ("record/letter-1|2026-01-01|erratum||", "reason is empty"),
    ],
)
def test_a_row_that_says_nothing_is_a_fault_with_its_line(tmp_path: Path, row: str, words: str) -> None:
    folder = begun(tmp_path / "faulty")
    changes(folder, "record/letter-1|2026-01-01|erratum|a good one|", row)
    with pytest.raises(BuildError) as raised:
        build_publication(folder)
    (fault,) = raised.value.faults
    assert (fault.path, fault.line) == ("data/changes.csv", 3)
    assert words in fault.message
    assert words in str(check_publication(folder))


def test_a_reason_alone_makes_a_release(tmp_path: Path) -> None:
    folder = begun(tmp_path / "alone")
    before = build_publication(folder)
    changes(folder, "record/letter-1|2026-01-01|erratum|a good one|")
    now = build_publication(folder)
    assert now.manifest.name != before.manifest.name
    assert now.manifest.digest == before.manifest.digest
    assert build_publication(folder).manifest.name == now.manifest.name
    history = History(now)
    assert [each.reason for each in history.reasons("id/record/letter-1")] == ["a good one"]
    history.close()


def test_errata_are_a_list_and_a_table(ask: Ask) -> None:
    page = ask("/errata", "text/html")
    assert page.status == 200
    assert "Brief 1" in page.text
    assert "nothing came of it" not in page.text
    assert '<a href="./history/record/letter-1"' in page.text
    assert "<script>alert" not in page.text
    rows = list(csv.DictReader(io.StringIO(ask("/errata.csv").text)))
    assert rows == [
        {"thing": f"{BASE}id/record/letter-1", "day": "2020-01-02", "reason": HOSTILE, "by": "A. Weiss"}
    ]


# ------------------------------------------------------------------------------------------------ releases that are kept


def test_the_releases_that_are_kept_are_listed(ask: Ask, life: Path, names: list[str]) -> None:
    assert {each.name for each in kept(life / "releases")} == set(names)
    listed = msgspec.json.decode(ask("/release/?format=json").body)
    assert [each["name"] for each in listed] == names[::-1]
    assert [each["previous"] for each in listed] == [*names[-2::-1], None]
    page = ask("/release/", "text/html").text
    assert all(f'href="../release/{each}"' in page for each in names)
    assert ask("/release/?format=xml").status == 400


def test_a_kept_release_gives_its_manifest_and_its_dumps(ask: Ask, life: Path, names: list[str]) -> None:
    for name in names:
        folder = life / "releases" / name
        assert ask(f"/release/{name}", "text/html").status == 200
        manifest = ask(f"/release/{name}/manifest.json")
        assert manifest.raw == (folder / "manifest.json").read_bytes()
        stated = ask(f"/release/{name}/manifest.sha256").text.split()[0]
        assert hashlib.sha256(manifest.raw).hexdigest() == stated
        files = msgspec.json.decode(manifest.raw)["files"]
        dumps = [each for each in files if each.startswith("dumps/")]
        assert len(dumps) > 3
        for each in dumps:
            reply = ask(f"/release/{name}/{each}")
            assert hashlib.sha256(reply.raw).hexdigest() == files[each]["sha256"]
            # RFC 7089 2.1: it is as it was then.
            assert reply.headers["memento-datetime"].endswith("GMT")


@pytest.mark.parametrize(
    "path",
    [
        "2020-01-01-000000000000",
        "2020-01-01-000000000000/manifest.json",
        "..",
        "..%2f..",
        "current",
        "current/manifest.json",
        "{name}/texts",
        "{name}/dumps/../manifest.json",
        "{name}/dumps/none",
        "{name}/store/CURRENT",
    ],
)
def test_nothing_else_of_a_release_is_given(ask: Ask, names: list[str], path: str) -> None:
    assert ask(f"/release/{path.format(name=names[0])}").status == 404


def test_that_something_is_there_again_is_a_change_with_its_reason() -> None:
    steps = [
        Step(type_, f"2020-01-0{day}T00:00:00Z", "r")
        for type_, day in (("Create", 1), ("Delete", 2), ("Create", 3))
    ]
    why = Reason("record/x", "2020-01-03", "revision", "it was ours")
    told, rest = explained(steps, [why])
    assert ([each for _, each in told], rest) == ([(), (), (why,)], ())
    assert explained(steps[:1], [Reason("record/x", "2020-01-01", "revision", "begun")])[1]
