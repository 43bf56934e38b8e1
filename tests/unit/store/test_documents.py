"""Our own questions: descriptions, graphs and stored queries."""

from __future__ import annotations

import threading

import pytest
import rdflib
from pyoxigraph import Literal, NamedNode

from fonds.errors import FormatError, QueryLimitPassed, StoreError, StoreUnavailable
from fonds.formats import CSV, JSONLD, NQUADS, NTRIPLES, RDF_FORMATS, RDFXML, TRIG, TURTLE
from fonds.settings import Limits
from fonds.store import embedded
from fonds.store.embedded import EmbeddedStore
from tests.unit.store.conftest import BASE, MANY

CRM = "http://www.cidoc-crm.org/cidoc-crm/"
LABEL = rdflib.RDFS.label
CUBA = f"{BASE}id/place/cuba"
LETTER = f"{BASE}id/record/letter-1"
ELSEWHERE = "https://elsewhere.example/"
NAMES = {
    "Turtle": "turtle",
    "N-Triples": "nt",
    "JSON-LD": "json-ld",
    "RDF/XML": "xml",
    "TriG": "trig",
    "N-Quads": "nquads",
}


def described(store: EmbeddedStore, iri: str, format=NTRIPLES) -> rdflib.Graph:
    body = store.document(NamedNode(iri), format)
    assert body is not None
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(data=body, format=NAMES[format.name])
    graph = rdflib.Graph()
    for subject, predicate, value, _ in dataset.quads():
        graph.add((subject, predicate, value))
    return graph


def iri(text: str) -> rdflib.URIRef:
    return rdflib.URIRef(text)


def test_a_description_has_what_is_asserted_and_the_names_of_what_it_points_to(
    publication: EmbeddedStore,
) -> None:
    graph = described(publication, LETTER)
    assert (iri(LETTER), LABEL, rdflib.Literal("A letter")) in graph
    assert (iri(CUBA), LABEL, rdflib.Literal("Cuba", lang="en")) in graph
    assert (iri(CUBA), rdflib.RDF.type, iri(f"{CRM}E53_Place")) in graph
    language = iri(f"{BASE}vocab/language/en")
    assert (language, rdflib.SKOS.prefLabel, rdflib.Literal("English", lang="en")) in graph


def test_a_record_comes_with_all_of_its_own_graphs(publication: EmbeddedStore) -> None:
    graph = described(publication, LETTER)
    part = iri(f"{LETTER}/p1")
    assert (part, iri(f"{CRM}P3_has_note"), rdflib.Literal("Part of the whole")) in graph
    assert (part, iri(f"{CRM}P190_has_symbolic_content"), None) in graph


def test_what_is_inferred_is_in_no_description(publication: EmbeddedStore) -> None:
    assert (None, None, iri(f"{CRM}E1_CRM_Entity")) not in described(publication, CUBA)
    assert (None, iri(f"{CRM}P1_inferred"), None) not in described(publication, LETTER)
    assert not publication.knows(NamedNode(f"{BASE}id/place/inferred-only"))


def test_what_was_only_said_is_in_no_description(publication: EmbeddedStore) -> None:
    for format_ in (NTRIPLES, TRIG):
        body = publication.document(NamedNode(CUBA), format_)
        assert body is not None
        assert b"not asserted" not in body
        assert b"rice" not in body
    assert not publication.knows(NamedNode(f"{BASE}id/event/rice"))
    assert publication.document(NamedNode(f"{BASE}id/event/rice"), TURTLE) is None


def test_links_to_a_thing_are_listed_up_to_the_limit(open_store) -> None:
    def links(store: EmbeddedStore) -> int:
        return len(list(described(store, CUBA).subjects(iri(f"{BASE}vocab/points"), iri(CUBA))))

    assert links(open_store(inverse_links=10)) <= 10
    assert links(open_store(inverse_links=MANY + 100)) == MANY


def test_trig_and_nquads_say_in_which_graph_a_statement_stands(publication: EmbeddedStore) -> None:
    for format_ in (TRIG, NQUADS):
        dataset = rdflib.Dataset()
        dataset.parse(data=publication.document(NamedNode(CUBA), format_), format=NAMES[format_.name])
        quads = list(dataset.quads((iri(CUBA), LABEL, None, None)))
        assert [graph for *_, graph in quads] == [iri(f"{BASE}graph/authority/place/cuba")]
        assert len(dataset.default_graph) == 0


def test_every_format_carries_the_same_description(publication: EmbeddedStore) -> None:
    for thing in (CUBA, LETTER):
        expected = set(described(publication, thing, NTRIPLES))
        for format_ in RDF_FORMATS:
            assert set(described(publication, thing, format_)) == expected, format_.name


def test_turtle_declares_the_prefixes_that_occur_and_no_others(publication: EmbeddedStore) -> None:
    body = (publication.document(NamedNode(CUBA), TURTLE) or b"").decode()
    assert "@prefix crm: " in body
    assert "@prefix pl: " in body
    assert "@prefix void: " not in body


def test_the_same_description_is_the_same_bytes(publication: EmbeddedStore, open_store) -> None:
    for format_ in RDF_FORMATS:
        assert publication.document(NamedNode(LETTER), format_) == open_store().document(
            NamedNode(LETTER), format_
        )


def test_nothing_is_known_of_what_is_in_no_statement(
    publication: EmbeddedStore, dataset: EmbeddedStore
) -> None:
    for store in (publication, dataset):
        assert not store.knows(NamedNode(f"{BASE}id/place/nowhere"))
        assert store.document(NamedNode(f"{BASE}id/place/nowhere"), TURTLE) is None


def test_a_foreign_iri_that_is_only_pointed_to_has_a_document(dataset: EmbeddedStore) -> None:
    assert not dataset.knows(NamedNode(f"{ELSEWHERE}no-subject"))
    graph = described(dataset, f"{ELSEWHERE}b")
    assert (iri(f"{ELSEWHERE}a"), iri(f"{ELSEWHERE}knows"), iri(f"{ELSEWHERE}b")) in graph


def test_a_dataset_is_described_from_its_default_graph_and_its_named_graphs(dataset: EmbeddedStore) -> None:
    graph = described(dataset, f"{ELSEWHERE}a")
    knows = set(graph.objects(iri(f"{ELSEWHERE}a"), iri(f"{ELSEWHERE}knows")))
    assert knows == {iri(f"{ELSEWHERE}b"), iri(f"{ELSEWHERE}c")}
    assert (iri(f"{ELSEWHERE}b"), rdflib.DCTERMS.title, rdflib.Literal("B")) in graph


def test_a_graph_is_a_document_the_sayings_too(publication: EmbeddedStore) -> None:
    said = publication.graph(NamedNode(f"{BASE}graph/said/letter-1/s1"), NTRIPLES)
    assert said is not None
    assert said.count(b"\n") == 2
    quads = publication.graph(NamedNode(f"{BASE}graph/said/letter-1/s1"), NQUADS)
    assert quads is not None
    assert quads.count(f"<{BASE}graph/said/letter-1/s1> .".encode()) == 2
    assert publication.graph(NamedNode(f"{BASE}graph/none"), NTRIPLES) is None


def test_a_graph_too_large_for_a_document_is_refused(
    publication: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "_GRAPH_TRIPLES", 5)
    with pytest.raises(QueryLimitPassed, match="dumps"):
        publication.graph(NamedNode(f"{BASE}graph/record/letter-1"), NTRIPLES)


@pytest.mark.clause("RDF 1.1 XML Syntax 2.14")
def test_rdfxml_is_refused_where_it_cannot_carry_the_description(dataset: EmbeddedStore) -> None:
    with pytest.raises(FormatError, match=r"elsewhere\.example/1"):
        dataset.document(NamedNode(f"{ELSEWHERE}c"), RDFXML)
    assert dataset.document(NamedNode(f"{ELSEWHERE}c"), JSONLD)


def test_a_format_for_rows_carries_no_description(publication: EmbeddedStore) -> None:
    with pytest.raises(FormatError, match="Turtle"):
        publication.document(NamedNode(CUBA), CSV)


def test_values_are_bound_as_terms(publication: EmbeddedStore) -> None:
    rows = publication.select("graph-exists", graph=NamedNode(f"{BASE}graph/record/letter-1"))
    assert len(rows) == 1
    hostile = Literal('" } INSERT DATA { <a:> <a:> <a:> } #')
    assert publication.select("members", **{"class": NamedNode(f"{CRM}E53_Place")}, after=hostile)


def test_many_threads_may_ask_at_once(publication: EmbeddedStore) -> None:
    expected = publication.document(NamedNode(LETTER), TURTLE)
    found: list[object] = []

    def ask() -> None:
        for _ in range(5):
            publication.select("graph-names")
            found.append(publication.document(NamedNode(LETTER), TURTLE))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert found == [expected] * 30


def test_a_query_of_ours_that_is_not_there_is_a_store_error(publication: EmbeddedStore) -> None:
    with pytest.raises(StoreError, match="no-such"):
        publication.select("no-such")


def test_a_store_that_is_not_there_says_what_to_do(tmp_path) -> None:
    with pytest.raises(StoreUnavailable, match="build the release again"):
        EmbeddedStore(tmp_path / "none", base=BASE, kind="publication", prefixes={}, limits=Limits())
