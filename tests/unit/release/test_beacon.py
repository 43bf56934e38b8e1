"""BEACON files of RDF from elsewhere, and sitemaps under awkward bases."""

from __future__ import annotations

import datetime

import pytest

from fonds.release.dataset import build_dataset
from fonds.settings import Settings

BASE = "https://a.example/"
SAME, EXACT = "http://www.w3.org/2002/07/owl#sameAs", "http://www.w3.org/2004/02/skos/core#exactMatch"


@pytest.fixture
def load(tmp_path):
    def run(*links: tuple[str, str, str], day: int = 1):
        path = tmp_path / "people.nt"
        path.write_text("".join(f"<{s}> <{p}> <{o}> .\n" for s, p, o in links), encoding="utf-8")
        moment = datetime.datetime(2026, 1, day, tzinfo=datetime.UTC)
        return build_dataset([path], tmp_path / "releases", settings=Settings(), base=BASE, day=moment)

    return run


def beacon(release, name: str) -> tuple[dict[str, str], list[str]]:
    head, _, body = (release.folder / "beacon" / f"{name}.txt").read_text(encoding="utf-8").partition("\n\n")
    return dict(line[1:].split(": ", 1) for line in head.splitlines()), body.splitlines()


@pytest.mark.clause("BEACON 3.1")
def test_links_are_uris_with_two_bars_under_the_relation_that_is_stated(load):
    head, links = beacon(load((f"{BASE}\u00e9", SAME, "http://www.wikidata.org/entity/Q5")), "wikidata")
    assert (head["FORMAT"], head["PREFIX"]) == ("BEACON", "http://www.wikidata.org/entity/")
    assert (head["RELATION"], head["NAME"], head["TIMESTAMP"]) == (SAME, "people", "2026-01-01")
    assert links == [f"Q5||{BASE}%C3%A9"]


@pytest.mark.clause("BEACON 2.4")
def test_where_relations_differ_none_is_claimed(load):
    wikidata = "http://www.wikidata.org/entity/"
    release = load((f"{BASE}a", SAME, f"{wikidata}Q1"), (f"{BASE}b", EXACT, f"{wikidata}Q2"))
    head, links = beacon(release, "wikidata")
    assert "RELATION" not in head
    assert links == [f"Q1||{BASE}a", f"Q2||{BASE}b"]


def test_a_near_match_is_in_no_beacon_file(load):
    near = EXACT.replace("exact", "close")
    assert not (load((f"{BASE}a", near, "http://www.wikidata.org/entity/Q1")).folder / "beacon").exists()


def test_an_unchanged_dataset_with_matches_keeps_its_release_on_another_day(load):
    link = (f"{BASE}a", SAME, "http://www.wikidata.org/entity/Q1")
    assert load(link, day=1).manifest.name == load(link, day=2).manifest.name


@pytest.mark.parametrize("base", ["https://a.example/graph/", "https://a.example/x/graph/y/"])
def test_sitemaps_list_documents_also_where_the_base_looks_like_a_graph(build, described, graph, base):
    from pyoxigraph import NamedNode

    from fonds.mapping.description import Description, GraphKind, NamedGraph

    title = graph("record/a", GraphKind.RECORD, ("record/a", "title", "A")).triples
    own = NamedGraph(NamedNode(f"{base}graph/record/a"), GraphKind.RECORD, title)
    release = build([Description(NamedNode(f"{base}id/record/a"), (own,))], base=base)
    assert f"<loc>{base}doc/record/a</loc>" in (release.folder / "sitemap" / "1.xml").read_text()
