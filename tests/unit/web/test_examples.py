"""The stored queries as examples, as SPARQL editors of the SIB look for them: in the endpoint and as a document."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from pyoxigraph import RdfFormat, Store, parse

from fonds.release.examples import ADDRESS, examples
from fonds.store import QueryForm
from fonds.store.stored import StoredQuery
from tests.conftest import BASE
from tests.unit.web.conftest import Ask

EXAMPLES_OF_THE_SIB = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?sq ?comment ?query WHERE {
  ?sq a sh:SPARQLExecutable ; rdfs:comment ?comment ; sh:select|sh:ask|sh:construct|sh:describe ?query .
} ORDER BY ?sq"""
PREFIXES_OF_THE_SIB = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT DISTINCT ?prefix ?namespace WHERE { [] sh:namespace ?namespace ; sh:prefix ?prefix } ORDER BY ?prefix"""

CLASSES_OF_THE_SIB = """
PREFIX void: <http://rdfs.org/ns/void#>
PREFIX void-ext: <http://ldf.fi/void-ext#>
SELECT DISTINCT ?subjectClass ?prop ?objectClass ?objectDatatype WHERE {
  { ?cp void:class ?subjectClass ; void:propertyPartition ?pp . ?pp void:property ?prop .
    OPTIONAL {
      { ?pp void:classPartition [ void:class ?objectClass ] }
      UNION { ?pp void-ext:datatypePartition [ void-ext:datatype ?objectDatatype ] } } }
  UNION
  { ?linkset void:subjectsTarget ?subjectClass ; void:linkPredicate ?prop ; void:objectsTarget ?objectClass }
}"""
"""What its editor asks for when it starts (sib-swiss/sparql-editor, README)."""


def rows(ask: Ask, query: str) -> list[dict[str, dict[str, str]]]:
    reply = ask(f"/sparql?query={quote(query)}", "application/sparql-results+json")
    found: list[dict[str, dict[str, str]]] = json.loads(reply.body)["results"]["bindings"]
    return found


def test_an_editor_finds_the_examples_in_the_endpoint(ask_publication: Ask, publication: Path) -> None:
    found = rows(ask_publication, EXAMPLES_OF_THE_SIB)
    names = {each["sq"]["value"].removeprefix(f"{BASE}{ADDRESS}/") for each in found}
    assert names == {each.stem for each in (publication / "queries").glob("*.rq")}
    assert all(each["comment"]["xml:lang"] == "en" for each in found)


def test_an_example_is_a_whole_query_without_any_prefix_known(ask_publication: Ask) -> None:
    store = Store()
    for each in rows(ask_publication, EXAMPLES_OF_THE_SIB):
        store.query(each["query"]["value"])


def test_an_editor_finds_the_prefixes_in_the_endpoint(ask_publication: Ask) -> None:
    found = {
        each["prefix"]["value"]: each["namespace"]["value"]
        for each in rows(ask_publication, PREFIXES_OF_THE_SIB)
    }
    assert found["crm"] == "http://www.cidoc-crm.org/cidoc-crm/"
    assert found["pe"] == f"{BASE}id/person/"


def test_an_editor_finds_which_properties_the_things_of_a_class_have(ask_publication: Ask) -> None:
    found = {
        (each["subjectClass"]["value"].rpartition("/")[2], each["prop"]["value"].rpartition("/")[2])
        for each in rows(ask_publication, CLASSES_OF_THE_SIB)
    }
    assert ("E21_Person", "P1_is_identified_by") in found
    assert ("E53_Place", "P98i_was_born") not in found
    assert len(found) > 100


def test_the_document_says_the_same_in_every_format(ask_publication: Ask) -> None:
    whole = None
    for type_, format_ in (
        ("text/turtle", RdfFormat.TURTLE),
        ("application/n-triples", RdfFormat.N_TRIPLES),
        ("application/rdf+xml", RdfFormat.RDF_XML),
    ):
        reply = ask_publication(f"/{ADDRESS}", type_)
        assert reply.headers["content-type"].startswith(type_)
        triples = {quad.triple for quad in parse(reply.body, format=format_)}
        whole = whole or triples
        assert triples == whole
    assert ask_publication(f"/{ADDRESS}").headers["content-type"].startswith("text/turtle")
    assert ask_publication(f"/{ADDRESS}", "image/png").status == 406
    in_the_store = rows(
        ask_publication, "SELECT (COUNT(*) AS ?n) { GRAPH g:meta { ?s ?p ?o } ?s sh:prefixes [] }"
    )
    about_queries = [each for each in whole or () if str(each.subject).startswith(f"<{BASE}{ADDRESS}/")]
    assert int(in_the_store[0]["n"]["value"]) == len(about_queries) > 0


def test_an_example_has_an_address(ask_publication: Ask) -> None:
    reply = ask_publication(f"/{ADDRESS}/gaps")
    assert reply.status == 303
    assert "doc?iri=" in reply.headers["location"]


@pytest.mark.parametrize("form", list(QueryForm))
def test_every_form_has_its_class_and_its_property(form: QueryForm) -> None:
    query = StoredQuery("q", "A title", "", "…", form, ("a", "b"))
    properties = {each.predicate.value.rpartition("#")[2] for each in examples([query], "urn:x:", {})}
    assert form.value.lower() in properties


def test_without_queries_there_is_nothing_to_say() -> None:
    assert list(examples([], "urn:x:", {"a": "urn:a:"})) == []
