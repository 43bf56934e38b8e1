"""What differs between two releases, and going back to one: the patch of two makes the one out of the other."""

from __future__ import annotations

import dataclasses
import gzip
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, parse, serialize

from fonds.cli import main
from fonds.errors import BuildError, ReleaseError
from fonds.release.comparing import changed_graphs, compare, statements
from fonds.release.dataset import build_dataset
from fonds.release.folder import Release, open_release
from fonds.release.keeping import before, kept, one_of, prune, releases_of, roll_back
from fonds.release.staging import only_build
from fonds.settings import Settings

BASE = "https://a.example/"

# The default graph sorts as DEFAULT: graphs stand before and behind it in the dump.
GRAPHS = [DefaultGraph(), NamedNode("A:first"), NamedNode("D:x"), NamedNode("http://z.example/last")]
VALUES = [NamedNode("http://o.example/o"), Literal("a <b> .\n\\"), Literal("ж", language="ru")]


def dataset(quads: set[Quad], place: Path, base: str = BASE) -> Release:
    place.mkdir(parents=True, exist_ok=True)
    serialize(quads, place / "data.nq", RdfFormat.N_QUADS)
    return build_dataset([place / "data.nq"], place / "releases", settings=Settings(), base=base, force=True)


def patched(quads: set[Quad], patch: str) -> set[Quad]:
    """Return quads after an RDF Patch."""
    assert patch.splitlines()[-1] == "TC ."
    after = set(quads)
    for line in patch.splitlines(keepends=True):
        if line.startswith("D "):
            after -= {*parse(line[2:], format=RdfFormat.N_QUADS)}
        elif line.startswith("A "):
            new = {*parse(line[2:], format=RdfFormat.N_QUADS)}
            assert not new & after
            after |= new
    return after


@given(st.sets(st.binary(max_size=3)), st.sets(st.binary(max_size=3)))
def test_what_two_sorted_sets_do_not_have_in_common_is_found_in_order(
    old: set[bytes], new: set[bytes]
) -> None:
    found = list(statements(iter(sorted(old)), iter(sorted(new))))
    assert {each.line for each in found if each.added} == new - old
    assert {each.line for each in found if not each.added} == old - new
    assert [each.line for each in found] == sorted(old ^ new)


def test_the_patch_of_two_releases_makes_the_one_out_of_the_other(tmp_path: Path) -> None:
    def quads(*numbers: int) -> set[Quad]:
        return {
            Quad(NamedNode(f"http://s.example/{number}"), NamedNode("http://p.example/p"), value, graph)
            for number in numbers
            for value in VALUES
            for graph in GRAPHS[number - 1 :]
        }

    old, new = quads(1, 2), quads(1, 3)
    first, second = dataset(old, tmp_path), dataset(new, tmp_path)
    status, told = fonds("diff", first.folder.name, "--publication", tmp_path, "--format", "patch")
    assert status == 0
    assert patched(old, told) == new
    compared = compare(first, second)
    assert (compared.added, compared.removed) == (len(new - old), len(old - new))
    assert [(each.iri, each.fate) for each in compared.things] == [
        ("http://s.example/2", "withdrawn"),
        ("http://s.example/3", "created"),
    ]


def test_the_change_sets_of_two_releases_say_the_same_as_their_patch(tmp_path: Path) -> None:
    named = NamedNode("http://g.example/g")
    same = Quad(NamedNode("http://s.example/same"), NamedNode("http://p.example/p"), Literal("same"), named)

    def quads(*things: str) -> set[Quad]:
        made = (
            Quad(NamedNode(thing), NamedNode("http://p.example/p"), value, graph)
            for thing in things
            for value in VALUES
            for graph in (named, DefaultGraph())
        )
        return {same, *made}

    changed = Quad(NamedNode(f"{BASE}id/x/1/part"), NamedNode("http://p.example/q"), Literal("1"), named)
    first = dataset(quads(f"{BASE}id/x/1", f"{BASE}id/x/2"), tmp_path)
    second = dataset({*quads(f"{BASE}id/x/1", "http://new.example/"), changed}, tmp_path)
    status, told = fonds("diff", first.folder.name, "--publication", tmp_path, "--format", "nt")
    assert status == 0
    triples = [quad.triple for quad in parse(told.encode(), format=RdfFormat.N_TRIPLES)]
    assert len(set(triples)) == len(triples) == len(told.splitlines())
    stated: dict[str, dict[str, list[object]]] = {}
    for each in triples:
        stated.setdefault(each.subject.value, {}).setdefault(
            re.split("[#/]", each.predicate.value)[-1], []
        ).append(each.object)
    fates = {
        it["subjectOfChange"][0].value: {each.value.rpartition("#")[2] for each in it["type"]} - {"ChangeSet"}  # type: ignore[attr-defined]
        for it in stated.values()
        if "subjectOfChange" in it
    }
    assert fates == {
        f"{BASE}id/x/1": {"Update"},
        f"{BASE}id/x/2": {"Delete"},
        "http://new.example/": {"Create"},
    }

    def told_of(which: str) -> set[Quad]:
        """Return the statements of all change sets of one sort."""
        names = [each.value for it in stated.values() for each in it.get(which, ())]  # type: ignore[attr-defined]
        assert len(set(names)) == len(names)
        return {
            Quad(it["subject"][0], it["predicate"][0], it["object"][0], *it.get("isPartOf", [DefaultGraph()]))  # type: ignore[arg-type]
            for it in map(stated.__getitem__, names)
        }

    old, new = (set(quads_of(each)) for each in (first, second))
    assert (told_of("removal"), told_of("addition")) == (old - new, new - old)


def quads_of(release: Release) -> Iterator[Quad]:
    """Yield all that a release holds but what describes it."""
    with gzip.open(release.dataset) as file:
        found = parse(file.read(), format=RdfFormat.N_QUADS)
    return (each for each in found if "/graph/meta" not in str(each.graph_name))


def test_things_are_created_changed_and_withdrawn_with_all_their_parts(tmp_path: Path) -> None:
    def said(*keys: str) -> set[Quad]:
        return {
            Quad(
                NamedNode(f"{BASE}id/{key}"), NamedNode("http://p.example/p"), Literal(key), NamedNode("g:g")
            )
            for key in keys
        }

    first = dataset(said("record/a", "record/b", "record/b/note/1"), tmp_path)
    second = dataset(said("record/b", "record/b/note/2", "record/c", "record/c#part"), tmp_path)
    assert [
        (each.iri.removeprefix(BASE), each.fate, each.added, each.removed)
        for each in compare(first, second).things
    ] == [
        ("id/record/a", "withdrawn", 0, 1),
        ("id/record/b", "changed", 1, 1),
        ("id/record/c", "created", 2, 0),
    ]


def test_releases_of_different_bases_are_not_compared(tmp_path: Path) -> None:
    quads = {Quad(NamedNode("s:s"), NamedNode("p:p"), Literal("o"), DefaultGraph())}
    first, second = dataset(quads, tmp_path / "a"), dataset(quads, tmp_path / "b", "https://b.example/")
    with pytest.raises(
        ReleaseError, match=r"https://a\.example/ and .* under https://b\.example/.*same base"
    ):
        list(changed_graphs(first, second))


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three releases of a dataset, one after the other."""
    folder = tmp_path_factory.mktemp("three")
    for number in range(3):
        dataset({Quad(NamedNode("s:s"), NamedNode("p:p"), Literal(str(number)), DefaultGraph())}, folder)
    return folder


@pytest.fixture
def releases(three: Path, tmp_path: Path) -> Path:
    """The same three, to do with what one likes."""
    return shutil.copytree(three / "releases", tmp_path / "releases", symlinks=True)


def fonds(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(each) for each in arguments])
    return result.exit_code, result.output


def test_releases_are_listed_the_latest_first_with_the_current_one_marked(releases: Path) -> None:
    names = [each.name for each in kept(releases)]
    status, told = fonds("releases", releases)
    assert status == 0
    assert [line.split()[0] for line in told.splitlines()] == ["*", names[1], names[2]]
    status, told = fonds("releases", releases, "--format", "json")
    rows = msgspec.json.decode(told)
    assert [(each["name"], each["current"]) for each in rows] == [
        (names[0], True),
        (names[1], False),
        (names[2], False),
    ]
    assert rows[0]["digest"].startswith(names[0].rpartition("-")[2])


def test_a_release_that_cannot_be_opened_is_listed_with_the_reason(releases: Path) -> None:
    name = kept(releases)[1].name
    (releases / name / "manifest.json").write_text("{}")
    _, told = fonds("releases", releases)
    assert re.search(rf"^  {name}  cannot be opened: .*changed since the build", told, re.M)
    status, told = fonds("rollback", name, "--publication", releases)
    assert status == 1
    assert "changed since the build" in told


def test_going_back_makes_the_release_before_the_current_one_again_and_removes_nothing(
    releases: Path,
) -> None:
    names = [each.name for each in kept(releases)]
    assert fonds("rollback", "--publication", releases) == (0, f"{names[1]} is the current release now.\n")
    assert open_release(releases).manifest.name == names[1]
    assert fonds("rollback", "--publication", releases) == (0, f"{names[2]} is the current release now.\n")
    status, told = fonds("rollback", "--publication", releases)
    assert status == 1
    assert "the first release; there is none before it" in told
    assert fonds("rollback", names[0], "--publication", releases)[0] == 0
    assert sorted(each.name for each in kept(releases)) == sorted(names)


def test_there_is_no_going_back_to_a_release_that_is_damaged(releases: Path) -> None:
    current, older, _ = (each.name for each in kept(releases))
    file = max((releases / older / "store").iterdir(), key=lambda path: path.stat().st_size)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(
        ReleaseError, match=rf"not as it was built \(store/{file.name}\).*current release stays"
    ):
        roll_back(releases)
    assert open_release(releases).manifest.name == current


def test_a_release_is_called_by_the_beginning_of_its_name_or_digest(releases: Path) -> None:
    release = kept(releases)[2].release
    assert release is not None
    assert one_of(releases, release.manifest.digest[:12]).folder.name == release.folder.name
    assert one_of(releases, release.folder.name[:-2]).folder.name == release.folder.name
    with pytest.raises(ReleaseError, match=r"20: is several; the releases in .*: 20.*, 20.*, 20"):
        one_of(releases, "20")
    with pytest.raises(ReleaseError, match=r"nothing: is none of them; the releases in .*: 20"):
        one_of(releases, "nothing")


def test_old_releases_are_let_go_but_never_the_current_one(releases: Path) -> None:
    latest, middle, oldest = (each.name for each in kept(releases))
    roll_back(releases, oldest)
    status, told = fonds("prune", releases, "--keep", "2")
    assert (status, told) == (0, f"removed {middle}\n1 release removed.\n")
    assert {each.name for each in kept(releases)} == {latest, oldest}
    assert prune(releases, 1) == [latest]
    assert prune(releases, 1) == []
    assert open_release(releases).folder.name == oldest
    assert not [path for path in releases.iterdir() if path.name.startswith(".going")]


def test_nothing_is_let_go_while_a_build_is_at_work(releases: Path) -> None:
    with only_build(releases), pytest.raises(BuildError, match="another build is at work"):
        prune(releases, 1)
    assert len(kept(releases)) == 3


def test_a_folder_without_releases_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="no releases here; run `fonds build` first"):
        releases_of(tmp_path)
    with pytest.raises(ReleaseError, match="not found"):
        releases_of(tmp_path / "nowhere")


def test_a_release_before_that_was_let_go_is_named(releases: Path) -> None:
    release = open_release(releases)
    gone = release.manifest.previous
    assert gone
    manifest = msgspec.structs.replace(release.manifest, previous="2001-01-01-000000000000")
    with pytest.raises(ReleaseError, match=r"2001-01-01-000000000000: the release before .* is not kept"):
        before(releases, dataclasses.replace(release, manifest=manifest))
