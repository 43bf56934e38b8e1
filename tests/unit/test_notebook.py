"""``import fonds`` in a script: the examples of docs/scripts.md, terms, graphs, and what is refused; and that it costs nothing else."""

from __future__ import annotations

import doctest
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib
from rdflib.compare import isomorphic

import fonds
from fonds.beginning import begin_publication
from fonds.errors import FondsError, QuerySyntaxError, ReleaseError, SettingsError, StoreError
from fonds.notebook import OpenRelease, as_rdflib
from fonds.release.folder import Release
from fonds.release.publication import build_publication
from tests.conftest import BASE, Site, serving

PAGE = Path(__file__).parents[2] / "docs/scripts.md"
GUEVARA = rdflib.URIRef(f"{BASE}id/person/guevara")


@pytest.fixture
def data(release: Release) -> Iterator[OpenRelease]:
    with fonds.open(release.folder) as found:
        yield found


@pytest.mark.thorough
def test_the_page_on_scripts_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    begin_publication(tmp_path / "my-archive", "fond")
    folder = build_publication(tmp_path / "my-archive").folder
    with serving(folder) as site:
        page = PAGE.read_text(encoding="utf-8").replace("http://127.0.0.1:8000/sparql", f"{site.url}sparql")
        (tmp_path / "scripts.md").write_text(page, encoding="utf-8")
        failed, tried = doctest.testfile(
            str(tmp_path / "scripts.md"), module_relative=False, encoding="utf-8"
        )
    assert (failed, tried > 20) == (0, True)


def test_the_command_line_imports_nothing_of_it() -> None:
    code = "import sys, fonds, fonds.cli; print(sorted({'rdflib', 'fonds.notebook', 'flask'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    assert "open" in dir(fonds.notebook)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = fonds.nothing  # type: ignore[attr-defined]


def test_a_publication_its_releases_and_a_release_open_alike(release: Release) -> None:
    for path in (release.folder, release.folder.parent, str(release.folder)):
        with fonds.open(path) as found:
            assert found.name == release.manifest.name
            assert found.base == BASE
            assert repr(found) == f"<release {found.name} of “{found.title}”>"


def test_things_are_those_of_the_lists(data: OpenRelease) -> None:
    (record,) = data.records()
    assert (record.key, record.created) == ("darusenkov-1964-375", "1964-10-27")
    assert data.counts["person"] == len(list(data.things("person")))
    assert GUEVARA in {each.iri for each in data.things("person")}
    text = data.text(record)
    assert text is not None
    assert "Guevara" in text
    assert data.text("record/darusenkov-1964-375") == text
    assert data.tei("none") is None


def test_the_graph_of_a_thing_is_that_of_its_document(data: OpenRelease, site: Site) -> None:
    served = rdflib.Graph().parse(data=site.get("/doc/person/guevara.nt").text, format="nt")
    for name in ("person/guevara", f"{BASE}id/person/guevara"):
        assert isomorphic(data.graph(name), served)
    named = data.graph("graph/authority/person/guevara")
    assert (GUEVARA, rdflib.SKOS.altLabel, rdflib.Literal("Guevara")) in named
    assert len(named) == len(data.graph(f"{BASE}graph/authority/person/guevara"))


def test_stored_queries_take_their_parameters(data: OpenRelease) -> None:
    assert "co-mentions" in data.queries
    khrushchev = rdflib.URIRef(f"{BASE}id/person/khrushchev")
    by_default, other = data.query("co-mentions"), data.query("co-mentions", thing=khrushchev)
    assert {each["thing"] for each in by_default} == {GUEVARA}
    assert {each["thing"] for each in other} == {khrushchev}


def test_values_are_terms_and_never_text(data: OpenRelease) -> None:
    query = "SELECT ?x WHERE { ?x rdfs:label ?name }"
    assert data.query(query, name='" } # DROP') == []
    assert data.query(query, name="Ernesto Guevara") == [{"x": GUEVARA}]
    number = data.query("SELECT (?n + 1 AS ?m) WHERE { }", n=41)[0]["m"]
    assert isinstance(number, rdflib.Literal)
    assert number.toPython() == 42
    truth = data.query("SELECT ?b WHERE { }", b=True)[0]["b"]
    assert truth == rdflib.Literal(True)
    assert data.query("SELECT ?a ?b WHERE { BIND(1 AS ?a) OPTIONAL { ?s <urn:x:none> ?b } }")[0].keys() == {
        "a"
    }


def test_terms_keep_their_spelling_and_their_language() -> None:
    import pyoxigraph as ox

    day = as_rdflib(ox.Literal("1964", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#gYear")))
    assert str(day) == "1964"
    assert as_rdflib(ox.Literal("Куба", language="ru")) == rdflib.Literal("Куба", lang="ru")
    assert (
        str(as_rdflib(ox.Literal("007", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer"))))
        == "007"
    )
    assert isinstance(as_rdflib(ox.BlankNode("b")), rdflib.BNode)
    triple = ox.Triple(ox.NamedNode("a:b"), ox.NamedNode("a:b"), ox.NamedNode("a:b"))
    with pytest.raises(StoreError, match=r"triple term \(RDF 1.2\), which rdflib does not know"):
        as_rdflib(triple)


def test_an_endpoint_answers_as_the_release_does(data: OpenRelease, site: Site) -> None:
    there = fonds.endpoint(f"{site.url}sparql")
    query = "SELECT ?name WHERE { ?x a crm:E21_Person ; rdfs:label ?name } ORDER BY ?name"
    assert there.query(query) == data.query(query) != []
    assert there.ask("ASK { ?x rdfs:label ?name }", name="Ernesto Guevara")
    construct = "CONSTRUCT { ?x rdfs:label ?y } WHERE { ?x a crm:E21_Person ; rdfs:label ?y }"
    assert isomorphic(there.construct(construct), data.construct(construct))
    assert (GUEVARA, rdflib.RDFS.label, rdflib.Literal("Ernesto Guevara")) in there.graph(GUEVARA)


def test_what_cannot_be_is_told(data: OpenRelease, site: Site, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"run `fonds build` first"):
        fonds.open(tmp_path)
    with pytest.raises(ReleaseError, match=r"is opened by fonds.endpoint"):
        fonds.open("http://127.0.0.1:8000/sparql")
    with pytest.raises(FondsError, match=r"A folder is opened by fonds.open"):
        fonds.endpoint("my-archive")
    with pytest.raises(SettingsError, match=r"fonds.toml: not found"):
        fonds.publication(tmp_path)
    with pytest.raises(FondsError, match="'people': there is no such kind; there are record, person"):
        list(data.things("people"))
    with pytest.raises(ReleaseError, match="person/nobody: nothing is stated of it in"):
        data.graph("person/nobody")
    with pytest.raises(
        QuerySyntaxError, match=r"This is a CONSTRUCT, and not a SELECT; it is answered by .construct"
    ):
        data.query("CONSTRUCT WHERE { ?s ?p ?o }")
    with pytest.raises(QuerySyntaxError, match="This is no query"):
        data.ask("DROP ALL")
    with pytest.raises(QuerySyntaxError, match="error at 1:"):
        data.query("SELECT ?s WHERE {")
    with pytest.raises(FondsError, match="no stored query of that name; there are "):
        data.query("gabs")
    with pytest.raises(FondsError, match=r"co-mentions: there is no parameter 'who'; there are thing"):
        data.query("co-mentions", who="x")
    with pytest.raises(FondsError, match="thing is 'a b'; expected an absolute IRI"):
        data.query("co-mentions", thing="a b")
    with pytest.raises(FondsError, match="the query has no such variable; it has s"):
        data.query("SELECT ?s { ?s a ?s }", t="x")
    with pytest.raises(FondsError, match="a blank node has no name"):
        data.query("SELECT ?s { ?s a ?s }", s=rdflib.BNode("b"))
    with pytest.raises(StoreError, match="There is nothing at none"):
        fonds.endpoint(f"{site.url}none").query("SELECT ?s { ?s a ?s }")


def test_sources_are_read_as_they_are_now(tmp_path: Path) -> None:
    begin_publication(tmp_path / "mine", "plain")
    mine = fonds.publication(tmp_path / "mine")
    assert mine.check() == ()
    table = tmp_path / "mine/data/authorities/persons.csv"
    table.write_text(table.read_text(encoding="utf-8") + "Bad Key,X,,\n", encoding="utf-8")
    (fault,) = mine.check()
    assert (fault.path, fault.level) == ("data/authorities/persons.csv", "fault")
    assert {each.label for each in mine.authorities()} > {"Jakob Brenner"}
