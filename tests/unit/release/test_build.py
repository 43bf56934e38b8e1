"""A build: what stands where, what is refused, and when nothing is built."""

from __future__ import annotations

import gzip
import hashlib
import json

import pytest
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from fonds.errors import BuildError
from fonds.mapping.description import Description, GraphKind, NamedGraph
from fonds.release.folder import open_release
from fonds.release.fragments import sorted_lines
from fonds.release.verify import verify
from fonds.settings import Settings
from fonds.texts import PublishedText, Reading, Texts

BASE = "https://a.example/"
DC = "http://purl.org/dc/terms/"


def store_of(release) -> Store:
    return Store.read_only(str(release.store))


def quads_in(path, format=RdfFormat.N_TRIPLES):
    with gzip.open(path) as file:
        return list(parse(file, format=format))


def unpacked(release, name) -> bytes:
    return gzip.decompress((release.dumps / name).read_bytes())


def count(store, where="{ ?s ?p ?o }") -> int:
    return int(next(store.query(f"SELECT (COUNT(*) AS ?n) WHERE {where}"))["n"].value)


def test_the_default_graph_holds_each_public_triple_once(build, described):
    store = store_of(build(described))
    twice = Triple(NamedNode(f"{BASE}id/person/x"), NamedNode(f"{DC}title"), Literal("X"))
    assert (
        len(list(store.quads_for_pattern(twice.subject, twice.predicate, twice.object, DefaultGraph()))) == 1
    )
    assert len(list(store.quads_for_pattern(twice.subject, twice.predicate, twice.object))) == 3


def test_what_was_said_stands_in_its_named_graph_only(build, described):
    release = build(described)
    store = store_of(release)
    found = list(store.quads_for_pattern(None, None, Literal("never public")))
    assert [quad.graph_name for quad in found] == [NamedNode(f"{BASE}graph/said/a")]
    assert b"never public" in unpacked(release, "dataset.nq.gz")
    assert b"never public" not in unpacked(release, "public.nt.gz")
    assert b"never public" not in unpacked(release, "public.ttl.gz")


def test_parts_of_a_derived_graph_are_put_together(build, described):
    store = store_of(build(described))
    found = store.quads_for_pattern(None, NamedNode(f"{DC}source"), None, NamedNode(f"{BASE}graph/prov"))
    assert {quad.object.value for quad in found} == {"letter a", "letter b"}


def test_inferred_triples_stand_in_the_default_graph_only(build, described):
    follows = Triple(
        NamedNode(f"{BASE}id/record/a"), NamedNode(f"{DC}relation"), NamedNode(f"{BASE}id/record/b")
    )
    release = build(described, infer=lambda _: sorted_lines([follows, follows]))
    found = list(store_of(release).quads_for_pattern(follows.subject, follows.predicate, follows.object))
    assert [quad.graph_name for quad in found] == [DefaultGraph()]
    assert release.manifest.counts.inferred == 1
    assert [quad.triple for quad in quads_in(release.dumps / "inferred.nt.gz")] == [follows]
    assert verify(release) == []


def test_an_inferred_triple_that_is_asserted_is_a_fault(build, described, graph):
    (asserted, *_) = described[0].graphs[0].triples
    with pytest.raises(BuildError, match="asserted already"):
        build(described, infer=lambda _: sorted_lines([asserted]))


def test_counts_are_those_of_the_store(build, described):
    release = build(described)
    store, counts = store_of(release), release.manifest.counts
    assert counts.public + counts.inferred == count(store)
    assert counts.quads == count(store, "{ GRAPH ?g { ?s ?p ?o } }")
    assert counts.graphs == len(list(store.named_graphs()))
    assert counts.records == 2


def test_the_dumps_are_the_store(build, described):
    release = build(described)
    store = store_of(release)
    default = {quad.triple for quad in store.quads_for_pattern(None, None, None, DefaultGraph())}
    named = {quad for quad in store if quad.graph_name != DefaultGraph()}
    assert {quad.triple for quad in quads_in(release.dumps / "public.nt.gz")} == default
    assert {quad.triple for quad in quads_in(release.dumps / "public.ttl.gz", RdfFormat.TURTLE)} == default
    assert set(quads_in(release.dumps / "dataset.nq.gz", RdfFormat.N_QUADS)) == named


def test_the_turtle_dump_declares_each_prefix_once_and_groups_by_subject(build, described):
    text = unpacked(build(described), "public.ttl.gz").decode()
    assert text.count("@prefix dcterms:") == 1
    assert "dcterms:title" in text
    within_one_graph = text[: text.index("\nrec:a ")]
    assert within_one_graph.count("dataset#dataset> ") == 1


def test_checksums_are_those_of_the_dumps(build, described):
    dumps = build(described).dumps
    lines = (dumps / "SHA256SUMS").read_text().splitlines()
    stated = dict(reversed(line.split("  ")) for line in lines)
    files = {path.name for path in dumps.iterdir()} - {"SHA256SUMS"}
    assert stated == {name: hashlib.sha256((dumps / name).read_bytes()).hexdigest() for name in files}


def test_the_digest_is_a_tree_over_the_graphs_that_nothing_else_implies(build, described):
    release = build(described)
    lines: dict[str, list[bytes]] = {}
    for line in unpacked(release, "dataset.nq.gz").splitlines(keepends=True):
        triple, name = line.rstrip(b" .\n").rsplit(b" ", 1)
        lines.setdefault(name[1:-1].decode(), []).append(triple + b" .\n")
    hashes = {name: hashlib.sha256(b"".join(sorted(each))).hexdigest() for name, each in lines.items()}
    tree = "".join(
        f"{name} {hashes[name]}\n"
        for name in sorted(hashes)
        if name not in (f"{BASE}graph/prov", f"{BASE}graph/meta")
    )
    assert release.manifest.digest == hashlib.sha256(tree.encode()).hexdigest()


def test_provenance_and_day_do_not_change_the_digest(build, described, graph, tmp_path):
    one = build(described)
    more = Description(
        NamedNode(f"{BASE}id/run/1"), (graph("prov", GraphKind.PROVENANCE, ("run/1", "title", "again")),)
    )
    two = build([*described, more], into=tmp_path / "other", day=None)
    assert one.manifest.digest == two.manifest.digest
    assert one.manifest.name[11:] == two.manifest.name[11:]


def test_two_descriptions_of_one_graph_and_blank_nodes_are_all_reported(build, described, graph):
    blank = NamedGraph(
        NamedNode(f"{BASE}graph/record/c"),
        GraphKind.RECORD,
        (Triple(NamedNode(f"{BASE}id/record/c"), NamedNode(f"{DC}title"), BlankNode("x")),),
    )
    with pytest.raises(BuildError) as caught:
        build([*described, described[0], Description(blank.name, (blank,))])
    paths = {fault.path for fault in caught.value.faults}
    assert paths == {f"{BASE}graph/{name}" for name in ("record/a", "record/a/text", "said/a", "record/c")}
    assert "holds a blank node" in str(caught.value)


def test_words_that_look_like_a_blank_node_are_words(build, graph):
    described = Description(
        NamedNode(f"{BASE}id/record/a"),
        (graph("record/a", GraphKind.RECORD, ("record/a", "title", "_:b0 .\n<x> _:b1 <y> .")),),
    )
    assert verify(build([described])) == []


def test_a_graph_without_triples_does_not_exist(build, described, graph):
    empty = Description(NamedNode(f"{BASE}id/record/c"), (graph("record/c", GraphKind.RECORD),))
    release = build([*described, empty])
    assert NamedNode(f"{BASE}graph/record/c") not in set(store_of(release).named_graphs())
    assert "record/c\t" not in (release.dumps / "graphs.tsv").read_text()


def test_an_unchanged_publication_keeps_its_release(build, described, tmp_path):
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries" / "a.rq").write_text("ASK {}")
    first = build(described, queries=tmp_path / "queries")
    again = build(reversed(described), queries=tmp_path / "queries", day=None)
    assert again.folder == first.folder
    assert len(list((tmp_path / "releases").glob("2*"))) == 1


@pytest.mark.parametrize(
    "change",
    [
        *("graph", "query"),
        *(
            pytest.param(each, marks=pytest.mark.thorough)
            for each in ("derived", "text", "settings", "force", "base")
        ),
    ],
)
def test_whatever_changes_makes_a_new_release(build, described, graph, tmp_path, change):
    queries = tmp_path / "queries"
    queries.mkdir()
    given = {"queries": queries, "texts": []}
    (queries / "a.rq").write_text("ASK {}")
    first = build(described, **given)
    kind = GraphKind.RECORD if change == "graph" else GraphKind.PROVENANCE
    match change:
        case "graph" | "derived":
            path = "record/c" if change == "graph" else "prov"
            more = graph(path, kind, ("record/c", "title", "C"))
            described = [*described, Description(NamedNode(f"{BASE}id/record/c"), (more,))]
        case "text":
            given["texts"] = [("a", PublishedText(Reading("en", "full", []), None, "words"))]
        case "settings":
            given["settings"] = Settings(title="Another")
        case "query":
            (queries / "a.rq").write_text("ASK { ?s ?p ?o }")
        case "force":
            given["force"] = True
        case "base":
            given["base"] = "https://b.example/"
    second = build(described, **given)
    assert second.folder != first.folder
    assert second.manifest.previous == first.manifest.name
    assert open_release(tmp_path / "releases").folder == second.folder
    assert verify(first) == []
    assert verify(second) == []


def test_a_damaged_release_is_not_kept(build, described):
    first = build(described)
    (first.folder / "texts").write_bytes(b"")
    second = build(described)
    assert second.folder != first.folder
    assert verify(second) == []


def test_a_fault_while_descriptions_are_read_leaves_nothing(build, described, tmp_path):
    old = build(described)

    def broken():
        yield described[0]
        raise BuildError([])

    with pytest.raises(BuildError):
        build(broken())
    assert open_release(tmp_path / "releases").folder == old.folder
    assert sorted(path.name for path in (tmp_path / "releases").iterdir()) == sorted(
        [".lock", "current", old.manifest.name]
    )


def test_a_release_explains_itself(build, described, tmp_path):
    for name in (
        "queries/q.rq",
        "queries/.hidden.rq",
        "queries/readme.txt",
        "ontology/crm.csv",
        "ontology/make.py",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("ASK {}" if name.endswith(".rq") else name)
    release = build(
        described,
        queries=tmp_path / "queries",
        ontology=[tmp_path / "ontology"],
        report=lambda: b"<x:> <y:> <z:> .",
        texts=[("a", PublishedText(Reading("en", "full", []), b"<TEI/>", "words"))],
    )
    papers = {name for name in release.manifest.files if name.split("/")[0] not in ("store", "dumps")}
    assert papers == {
        "queries/q.rq", "ontology/crm.csv", "report.ttl", "texts", "activities/000000.jsonl", "history",
        "catalogue.ttl", "descriptions", "names", "places", "changed", "collections",
        "harvest", "harvest.json", "lists", "chronology", "gazetteer", "occurrences", "sitemap/index.xml", "sitemap/1.xml",
    }  # fmt: skip
    assert Texts.open(release.texts).get("a", "tei") == b"<TEI/>"


def test_the_manifest_is_readable_json_and_names_the_builder_nowhere(build, described, tmp_path):
    release = build(described)
    manifest = json.loads((release.folder / "manifest.json").read_bytes())
    assert manifest["issued"] == "2026-01-02T03:04:05Z"
    assert manifest["name"] == f"2026-01-02-{manifest['digest'][:12]}" == release.folder.name
    assert set(manifest["tools"]) == {"fonds", "pyoxigraph", "tantivy", "Python", "program"}
    for path in release.folder.rglob("*"):
        if path.is_file() and "store" not in path.parts:
            assert str(tmp_path).encode() not in path.read_bytes(), path


def test_progress_tells_every_stage(build, described):
    told = []
    build(described, progress=lambda stage, done, total: told.append((stage, done, total)))
    assert list(dict.fromkeys(stage for stage, _, _ in told)) == [
        "gathering",
        "inferring",
        "loading",
        "counting",
        "describing",
        "checking",
        "dumps",
        "listing",
        "hashing",
    ]
    assert ("gathering", 3, None) in told


def test_a_store_that_lost_a_quad_is_found(build, described):
    release = build(described)
    store = Store(str(release.store))
    quad = next(iter(store))
    assert isinstance(quad, Quad)
    store.remove(quad)
    store.flush()
    del store
    findings = verify(release, second_reader=False)
    assert any(finding.startswith("store/") for finding in findings)
