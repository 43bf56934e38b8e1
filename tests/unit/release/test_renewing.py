"""Stores that are made out of the one before: they hold what a store holds that was filled afresh."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Store, Triple

from fonds.errors import BuildError
from fonds.mapping.description import Description, GraphKind, NamedGraph
from fonds.release import build, describing, renewing
from fonds.release.build import build_release
from fonds.release.folder import Release, open_release
from fonds.release.fragments import sorted_lines
from fonds.release.verify import verify
from fonds.settings import Settings

BASE = "https://a.example/"
_KINDS = (GraphKind.RECORD, GraphKind.TEXT, GraphKind.SAID, GraphKind.PROVENANCE)


@pytest.fixture(autouse=True)
def _small_stores_are_renewed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewing, "FEWEST_QUADS", 0)
    monkeypatch.setattr(renewing, "_MOST_CHANGED_SHARE", 1)
    # Else everything would be part of it, and any change would change it.
    monkeypatch.setattr(describing, "_SAMPLE_BYTES", 100)


def _triple(rng: random.Random) -> Triple:
    """Return one of a few triples, so that several graphs hold the same."""
    thing = NamedNode(f"{BASE}id/record/r{rng.randrange(6)}")
    values: list[Literal | NamedNode] = [Literal("x"), Literal("x", language="en"), thing]
    value = rng.choice(values)
    return Triple(thing, NamedNode(f"{BASE}p{rng.randrange(3)}"), value)


def _content(rng: random.Random) -> dict[str, tuple[GraphKind, frozenset[Triple]]]:
    graphs = {f"g{number}": _KINDS[number % 4] for number in range(12)}
    return {name: (kind, frozenset(_triple(rng) for _ in range(6))) for name, kind in graphs.items()}


def _edited(
    content: dict[str, tuple[GraphKind, frozenset[Triple]]], rng: random.Random
) -> dict[str, tuple[GraphKind, frozenset[Triple]]]:
    """Return graphs of which one is gone, one is new and two are different."""
    names = rng.sample(sorted(content), 3)
    edited = {name: graph for name, graph in content.items() if name != names[0]}
    for name in names[1:]:
        kind, triples = edited[name]
        edited[name] = kind, frozenset({*list(triples)[1:], _triple(rng)})
    kind = rng.choice(_KINDS)
    edited[f"new{kind}{rng.randrange(10**6)}"] = kind, frozenset({_triple(rng), _triple(rng)})
    return edited


def _build(
    into: Path, content: dict[str, tuple[GraphKind, frozenset[Triple]]], follows: set[Triple], day: int
) -> Release:
    def descriptions() -> Iterator[Description]:
        for name, (kind, triples) in content.items():
            graph = NamedGraph(NamedNode(f"{BASE}graph/{name}"), kind, tuple(triples))
            yield Description(NamedNode(f"{BASE}id/record/{name}"), (graph,))

    return build_release(
        descriptions(),
        into,
        settings=Settings(title="A"),
        base=BASE,
        infer=lambda _: sorted_lines(follows),
        day=datetime.datetime(2026, 1, day, tzinfo=datetime.UTC),
    )


def _unasserted(content: dict[str, tuple[GraphKind, frozenset[Triple]]], rng: random.Random) -> set[Triple]:
    public = {each for kind, triples in content.values() if kind is not GraphKind.SAID for each in triples}
    return {_triple(rng) for _ in range(8)} - public


def _shared(one: Release, other: Release) -> set[str]:
    """Return the names of data files that two stores have in common, as one file of the disk."""
    files = {path.name: path.stat().st_ino for path in one.store.glob("*.sst")}
    return {path.name for path in other.store.glob("*.sst") if files.get(path.name) == path.stat().st_ino}


def _without_store(release: Release) -> dict[str, bytes]:
    own = {"manifest.json", "manifest.sha256"}
    files = (path for path in release.folder.rglob("*") if path.is_file())
    found = {path.relative_to(release.folder).as_posix(): path for path in files}
    return {
        name: path.read_bytes()
        for name, path in found.items()
        if not name.startswith("store/") and name not in own
    }


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.thorough
def test_a_renewed_store_holds_what_a_fresh_one_does_and_all_else_is_the_same_byte_for_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    rng = random.Random(seed)
    content = _content(rng)
    shared = 0
    described = []
    redescribe = build.redescribe
    monkeypatch.setattr(
        build,
        "redescribe",
        lambda *given, **named: described.append(redescribe(*given, **named)) or described[-1],
    )
    for day in range(1, 5):
        follows = _unasserted(content, rng)
        renewed = _build(tmp_path / "renewed", content, follows, day)
        with monkeypatch.context() as patch:
            patch.setattr(renewing, "FEWEST_QUADS", 10**9)
            fresh = _build(tmp_path / "fresh", content, follows, day)
        if day > 1:
            shared += len(
                _shared(open_release(tmp_path / "renewed" / str(renewed.manifest.previous)), renewed)
            )
        stores = [set(Store.read_only(str(each.store))) for each in (renewed, fresh)]
        assert stores[0] == stores[1]
        assert renewed.manifest.counts == fresh.manifest.counts
        assert renewed.manifest.digest == fresh.manifest.digest
        assert _without_store(renewed) == _without_store(fresh)
        assert verify(renewed, second_reader=False) == []
        content = _edited(content, rng)
    assert shared
    assert any(described)


def test_the_release_before_stays_as_it_was(tmp_path: Path) -> None:
    rng = random.Random(5)
    content = _content(rng)
    first = _build(tmp_path, content, set(), 1)
    second = _build(tmp_path, _edited(content, rng), set(), 2)
    assert _shared(first, second)
    assert verify(first, second_reader=False) == verify(second, second_reader=False) == []


def test_a_store_that_is_damaged_is_not_carried_on(tmp_path: Path) -> None:
    rng = random.Random(6)
    content = _content(rng)
    first = _build(tmp_path, content, set(), 1)
    largest = max(first.store.glob("*.sst"), key=lambda path: path.stat().st_size)
    damaged = bytearray(largest.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    largest.write_bytes(damaged)
    with pytest.MonkeyPatch.context() as patch:
        # At a glance nothing is wrong: only small files are read when a release is opened.
        patch.setattr("fonds.release.folder._SMALL_BYTES", 0)
        second = _build(tmp_path, _edited(content, rng), set(), 2)
    assert not _shared(first, second)
    assert verify(second, second_reader=False) == []


def test_where_much_changed_the_store_is_filled_afresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewing, "_MOST_CHANGED", 1)
    rng = random.Random(7)
    content = _content(rng)
    first = _build(tmp_path, content, set(), 1)
    second = _build(tmp_path, _edited(content, rng), set(), 2)
    assert not _shared(first, second)


def test_a_graph_that_is_no_longer_public_leaves_the_public_view(tmp_path: Path) -> None:
    content = _content(random.Random(8))
    _build(tmp_path, content, set(), 1)
    _, triples = content["g0"]
    own = Triple(NamedNode(f"{BASE}id/only"), NamedNode(f"{BASE}p"), Literal("here"))
    for day, kind in ((2, GraphKind.RECORD), (3, GraphKind.SAID)):
        release = _build(tmp_path, content | {"g0": (kind, triples | {own})}, set(), day)
    store = Store.read_only(str(release.store))
    assert [str(quad.graph_name) for quad in store.quads_for_pattern(own.subject, None, None)] == [
        f"<{BASE}graph/g0>"
    ]


def test_an_inferred_triple_that_is_asserted_now_is_a_fault(tmp_path: Path) -> None:
    content = _content(random.Random(9))
    new = Triple(NamedNode(f"{BASE}id/new"), NamedNode(f"{BASE}p"), Literal("new"))
    _build(tmp_path, content, {new}, 1)
    kind, triples = content["g0"]
    with pytest.raises(BuildError, match="asserted already"):
        _build(tmp_path, content | {"g0": (kind, triples | {new})}, {new}, 2)
