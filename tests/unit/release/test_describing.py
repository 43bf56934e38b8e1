"""Descriptions of a build, held against the quads they were made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fonds.descriptions import Descriptions, NoSuchPage
from fonds.identifiers import IriSpace
from fonds.lines import DEFAULT, split_quad, triples_of
from fonds.mapping.description import GraphKind
from fonds.release import describing
from fonds.release.describing import write_descriptions, write_occurrences, write_places
from fonds.release.dumps import write_dumps
from fonds.release.folder import DATASET
from fonds.release.fragments import Fragments
from fonds.release.rereading import reread
from fonds.release.workers import workers

BASE = "https://a.example/"
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"

IRIS = st.sampled_from([f"<{BASE}id/person/{letter}>" for letter in "abcdef"])
OBJECTS = st.one_of(IRIS, st.sampled_from(['"x"', '"y \\"q\\" <z>"@en', '"1"^^<http://t.example/int>']))
PROPERTIES = st.sampled_from([LABEL, TYPE, "<http://p.example/a>", "<http://p.example/b>"])
GRAPHS = st.sampled_from([DEFAULT, "http://g.example/1", "http://g.example/2"])
QUADS = st.sets(st.tuples(GRAPHS, IRIS, PROPERTIES, OBJECTS), max_size=40)


def described(
    folder: Path,
    graphs: Mapping[str, Sequence[str]],
    *,
    kinds: Mapping[str, GraphKind] | None = None,
    links: int = 3,
    iris: IriSpace | None = None,
    helpers: int = 0,
) -> Descriptions:
    """Return the descriptions of graphs, given as lines of N-Triples."""
    scratch, dumps = folder / "scratch", folder / "dumps"
    scratch.mkdir()
    dumps.mkdir()
    fragments = Fragments(scratch)
    for name, lines in graphs.items():
        kind = (kinds or {}).get(name, GraphKind.DATA)
        public = kind is not GraphKind.SAID
        fragments.add(name, kind, sorted(line.encode() for line in lines), public=public, digested=True)
    fragments.close()
    write_dumps(fragments, dumps, by_kind=False)
    with workers(helpers) as those:
        parts = reread(fragments, None, BASE, those).buckets(fragments, [])
        write_occurrences(folder / "occurrences", fragments, parts, workers=those)
        write_descriptions(
            folder / "descriptions", folder / "names", fragments, parts, links=links, workers=those
        )
        write_places(folder / "places", fragments)
    return Descriptions(folder / "descriptions", folder / "names", dumps / DATASET, iris, graphs=len(graphs))


def line(subject: str, property_: str, value: str) -> str:
    return f"{subject} {property_} {value} .\n"


@settings(max_examples=40, deadline=None)
@given(QUADS)
def test_all_pages_together_are_what_is_stated(
    tmp_path_factory: pytest.TempPathFactory, quads: set[tuple[str, str, str, str]]
) -> None:
    graphs: dict[str, list[str]] = {}
    for graph, *triple in quads:
        graphs.setdefault(graph, []).append(line(*triple))
    found = described(tmp_path_factory.mktemp("release"), graphs)
    lines = {
        (f"{triple[:-3]} <{graph}> .\n" if graph != DEFAULT else triple).encode()
        for graph, triples in graphs.items()
        for triple in triples
    }
    for iri in {term[1:-1] for _, subject, _, value in quads for term in (subject, value) if term[0] == "<"}:
        first = found.of(iri)
        assert first is not None
        pages = [found.of(iri, page) for page in range(1, first.pages + 1)]
        term = f"<{iri}> ".encode()
        about = {each for each in lines if each.startswith(term)}
        to = {each for each in lines if b" " + term in each and each.split(b" ", 2)[2].startswith(term)}
        assert {each for page in pages if page for each in page.own} == about
        assert {each for page in pages if page for each in page.links} == to
        assert first.links_total == len(triples_of(to))
        assert all(page and len(triples_of(page.links)) <= 3 for page in pages)
        assert found.knows(iri) is bool(about)
        with pytest.raises(NoSuchPage):
            found.of(iri, first.pages + 1)
        named = {each for each in about if each.split(b" ")[1].decode() in (LABEL, TYPE)}
        assert set(found.names(iri)) == named
    for graph, triples in graphs.items():
        if graph != DEFAULT:
            content = found.graph(graph)
            assert content is not None
            assert {split_quad(each)[1].decode() for each in content} == set(triples)
            assert found.triples_of_graph(graph) == len(set(triples))
    found.close()


def test_what_nobody_mentions_is_not_known(tmp_path: Path) -> None:
    found = described(tmp_path, {DEFAULT: [line("<a:>", "<p:>", "<b:>")]})
    assert found.of("z:") is None
    assert found.of("z:", 2) is None
    assert found.graph("z:") is None
    assert (found.knows("b:"), found.mentions("b:"), found.mentions("z:")) == (False, True, False)
    assert found.weight("a:") > 0 == found.weight("z:")


def test_labels_of_what_a_thing_points_to_stand_beside_it(tmp_path: Path) -> None:
    graphs = {
        DEFAULT: [line("<a:>", "<p:>", "<b:>"), line("<b:>", LABEL, '"B"@en'), line("<c:>", "<p:>", "<a:>")]
    }
    found = described(tmp_path, graphs).of("a:")
    assert found is not None
    assert found.names == (line("<b:>", LABEL, '"B"@en').encode(),)
    assert found.quads == [
        line("<a:>", "<p:>", "<b:>").encode(),
        line("<c:>", "<p:>", "<a:>").encode(),
        *found.names,
    ]


def test_a_thing_with_many_links_has_pages_of_them(tmp_path: Path) -> None:
    many = [line(f"<s:{number:06}>", "<p:>", "<hub:>") for number in range(20_000)]
    found = described(tmp_path, {DEFAULT: many}, links=100)
    first, last = found.of("hub:"), found.of("hub:", 200)
    assert first is not None
    assert last is not None
    assert (first.pages, first.links_total, len(first.links), len(last.links)) == (200, 20_000, 100, 100)
    assert last.links[-1].decode() == many[-1]


def test_what_points_to_a_thing_is_read_from_all_pages(tmp_path: Path) -> None:
    many = [line(f"<s:{number:03}>", "<p:>", "<hub:>") for number in range(250)]
    found = described(tmp_path, {DEFAULT: many}, links=100)
    assert [each.decode() for each in found.links_to("hub:")] == many
    assert list(found.links_to("s:000")) == list(found.links_to("z:")) == []


def test_what_was_only_said_is_not_asserted(tmp_path: Path) -> None:
    said = f"{BASE}graph/said/1"
    graphs = {said: [line("<a:>", "<p:>", "<b:>")], f"{BASE}graph/x": [line("<b:>", "<p:>", '"x"')]}
    found = described(tmp_path, graphs, kinds={said: GraphKind.SAID})
    assert not found.mentions("a:")
    about = found.of("b:")
    assert about is not None
    assert about.links == ()
    assert found.graph(said) == [f"<a:> <p:> <b:> <{said}> .\n".encode()]


def test_a_record_comes_with_its_own_graphs(tmp_path: Path) -> None:
    record, part = f"<{BASE}id/record/k>", f"<{BASE}id/record/k/part>"
    own, elsewhere = f"{BASE}graph/record/k", f"{BASE}graph/record/other"
    graphs = {
        own: [line(record, "<p:>", part), line(part, "<p:>", '"x"')],
        elsewhere: [line(part, "<q:>", '"y"')],
    }
    found = described(tmp_path, graphs, iris=IriSpace(BASE)).of(f"{BASE}id/record/k")
    assert found is not None
    assert {split_quad(each)[1].decode() for each in found.own} == set(graphs[own])


def test_nothing_is_read_any_more_after_closing(tmp_path: Path) -> None:
    record, person = f"<{BASE}id/record/k>", f"<{BASE}id/person/p>"
    graph = f"{BASE}graph/record/k"
    lines = [line(record, "<http://purl.org/dc/terms/creator>", person), line(record, LABEL, '"x"')]
    found = described(tmp_path, {graph: lines}, kinds={graph: GraphKind.RECORD})
    found.close()
    for read, name in (
        (found.knows, f"{BASE}id/record/k"),
        (found.names, f"{BASE}id/record/k"),
        (found.graph, graph),
        (found.occurrences, f"{BASE}id/person/p"),
    ):
        with pytest.raises(OSError, match="Bad file descriptor"):
            read(name)
    found.close()


def test_helpers_write_the_same_bytes(tmp_path: Path) -> None:
    graphs = {
        f"{BASE}graph/{number}": [
            line(f"<s:{number}>", "<p:>", f"<o:{number % 7}>"),
            line(f"<s:{number}>", LABEL, f'"{number}"'),
            line(f"<s:{number % 50}>", TYPE, "<t:>"),
        ]
        for number in range(1_000)
    }
    for helpers in (0, 1, 3):
        folder = tmp_path / str(helpers)
        folder.mkdir()
        described(folder, graphs, helpers=helpers).close()
        for file in ("descriptions", "names"):
            assert (folder / file).read_bytes() == (tmp_path / "0" / file).read_bytes()
        assert not [each for each in (folder / "scratch").iterdir() if each.name.startswith("bucket-")]


def test_much_data_goes_by_way_of_the_disk_to_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [line(f"<s:{number % 97}>", f"<p:{number}>", f"<o:{number % 11}>") for number in range(2_000)]
    (tmp_path / "memory").mkdir()
    described(tmp_path / "memory", {DEFAULT: lines})
    for name, held, in_one in (("disk", 1_000, 10**9), ("runs", 1_000, 100)):
        monkeypatch.setattr(describing, "_HELD_BYTES", held)
        monkeypatch.setattr(describing, "_SORTED_BYTES", in_one)
        (tmp_path / name).mkdir()
        described(tmp_path / name, {DEFAULT: lines})
        for file in ("descriptions", "names"):
            assert (tmp_path / name / file).read_bytes() == (tmp_path / "memory" / file).read_bytes()
        assert not [each for each in (tmp_path / name / "scratch").rglob("*-*") if each.is_file()]
