"""The data in other people's formats, over HTTP: compact JSON-LD, Linked Art, schema.org."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import rdflib
from pyoxigraph import RdfFormat, parse

from fonds.formats import LINKED_ART
from fonds.identifiers import IriSpace
from fonds.release.dataset import build_dataset
from fonds.settings import Settings
from fonds.views.around import Around
from fonds.views.linked_art import MEDIA_TYPE, linked_art
from fonds.views.schema_org import schema_org
from fonds.vocabulary import program_ontology
from fonds.web import create_app
from fonds.web.server import open_store
from tests.unit.web.conftest import BASE, Ask, asker, query_target
from tests.unit.web.test_pages import Page

JSONLD = "application/ld+json"
KEY = "darusenkov-1964-375"
RECORD = f"/doc/record/{KEY}"


def test_json_ld_is_compact_with_its_context_and_the_thing_first(ask_publication: Ask, release: Any) -> None:
    document = json.loads(ask_publication("/doc/person/guevara", JSONLD).body)
    assert document["@context"]["crm"] == "http://www.cidoc-crm.org/cidoc-crm/"
    assert document["@graph"][0]["id"] == f"{release.manifest.base}id/person/guevara"
    assert "crm:E21_Person" in document["@graph"][0]["type"]


@pytest.mark.parametrize("path", ["/doc/person/guevara", RECORD, f"/graph/record/{KEY}/statements", "/ns"])
def test_json_ld_says_what_n_triples_say(ask_publication: Ask, path: str) -> None:
    wanted = parse(ask_publication(path, "application/n-triples").body, format=RdfFormat.N_TRIPLES)
    reply = ask_publication(path, JSONLD)
    assert reply.headers["content-type"] == JSONLD
    assert "@context" in json.loads(reply.body)
    found = list(parse(reply.body, format=RdfFormat.JSON_LD))
    assert {each.triple for each in found} == {each.triple for each in wanted}


def test_json_ld_of_a_dataset_is_compact_too(ask: Ask) -> None:
    document = json.loads(ask("/doc/person/ann", JSONLD).body)
    assert document["@graph"][0]["rdfs:label"]["en"] == "Ann"


def test_what_json_ld_cannot_hold_is_406_with_what_can(tmp_path: Path) -> None:
    subject = "<https://a.example/id/person/ann>"
    (tmp_path / "twelve.nt").write_text(
        f"{subject} <https://x.example/says> <<( {subject} <https://x.example/p> {subject} )>> .\n"
    )
    release = build_dataset(
        [tmp_path / "twelve.nt"], tmp_path / "releases", settings=Settings(), base="https://a.example/"
    )
    ask = asker(create_app(release, open_store(release), release.manifest.settings))
    assert ask("/doc/person/ann", "text/turtle").status == 200
    reply = ask("/doc/person/ann", JSONLD)
    assert reply.status == 406
    available = json.loads(reply.body)["available"]
    assert "text/turtle" in available
    assert JSONLD not in available


def test_answers_of_queries_stay_expanded(ask: Ask) -> None:
    reply = ask(query_target("CONSTRUCT WHERE { ?s ?p ?o }"), JSONLD)
    assert isinstance(json.loads(reply.body), list)


def test_the_whole_context_is_served_to_everyone_and_may_be_kept(ask: Ask) -> None:
    reply = ask("/ns/context/1.jsonld", "text/html")
    assert (reply.status, reply.headers["content-type"]) == (200, JSONLD)
    assert reply.body == (program_ontology() / "context.jsonld").read_bytes()
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "max-age=604800" in reply.headers["cache-control"]


@pytest.mark.clause("Linked Art API 1.0: Protocol")
@pytest.mark.parametrize("part", ["", "/object", "/en", "/es"])
def test_a_record_its_paper_and_its_translations_have_linked_art(
    ask_publication: Ask, release: Any, first_record: Around, part: str
) -> None:
    reply = ask_publication(f"{RECORD}{part}.la.json", "text/html")
    assert (reply.status, reply.headers["content-type"]) == (200, MEDIA_TYPE)
    iris = IriSpace(release.manifest.base)
    it = iris.record(KEY, part[1:]) if part else iris.record(KEY)
    assert json.loads(reply.body) == linked_art(first_record.stated, it, iris)
    last = f"{RECORD}{part}".rpartition("/")[2]
    link = ask_publication(f"{RECORD}{part}", "text/turtle").headers["link"]
    expected = f'<{last}.la.json>; rel="alternate"; type="{JSONLD};profile=\\"{LINKED_ART.profile}\\""'
    assert expected in link
    assert f"{last}.la.json" in ask_publication(f"{RECORD}{part}", "text/html").text


@pytest.mark.parametrize("path", [f"{RECORD}/p1", f"{RECORD}/s17", "/doc/person/guevara", f"{RECORD}/leaf"])
def test_nothing_else_has_linked_art_or_says_so(ask_publication: Ask, path: str) -> None:
    assert ask_publication(f"{path}.la.json").status == 404
    assert "la.json" not in ask_publication(path, "text/turtle").headers["link"]
    assert "la.json" not in ask_publication(path, "text/html").text


def test_linked_art_does_not_stand_in_the_way_of_json_ld(ask_publication: Ask) -> None:
    other = f'{JSONLD};profile="https://other.example/"'
    for accept in (JSONLD, other):
        reply = ask_publication(RECORD, accept)
        assert reply.headers["content-location"] == f"{KEY}.jsonld"
        assert reply.headers["content-type"] == JSONLD


@pytest.mark.clause("RFC 6906 3.1")
def test_linked_art_is_given_to_those_who_ask_for_its_profile(ask_publication: Ask) -> None:
    reply = ask_publication(RECORD, MEDIA_TYPE)
    assert reply.headers["content-location"] == f"{KEY}.la.json"
    assert reply.headers["content-type"] == MEDIA_TYPE
    by_profile = ask_publication(RECORD, "*/*", headers=[("Accept-Profile", f"<{LINKED_ART.profile}>")])
    assert by_profile.body == reply.body
    assert "accept-profile" in reply.headers["vary"].lower()


def test_schema_org_is_given_to_those_who_ask_for_its_profile(ask_publication: Ask) -> None:
    reply = ask_publication(RECORD, f'{JSONLD};profile="https://schema.org/"')
    assert reply.headers["content-location"] == f"{KEY}.schema.json"
    assert reply.headers["content-type"] == f'{JSONLD};profile="https://schema.org/"'
    assert json.loads(reply.body)["@context"]["@vocab"] == "https://schema.org/"
    assert ask_publication(f"{RECORD}.schema.json").body == reply.body
    assert ask_publication("/doc/person/guevara.schema.json").status == 404


@pytest.mark.clause("USERS 7.3.4")
def test_the_data_in_the_page_of_a_record_are_read_without_fetching_anything(ask_publication: Ask) -> None:
    page = ask_publication(RECORD, "text/html").text
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    graph = rdflib.Graph().parse(data=script, format="json-ld")
    schema = rdflib.Namespace("https://schema.org/")
    record = rdflib.URIRef(f"http://127.0.0.1:8000/id/record/{KEY}")
    assert (record, rdflib.RDF.type, schema.ArchiveComponent) in graph
    archive = graph.value(record, schema.holdingArchive)
    assert str(graph.value(archive, schema.name)) == "TsKhSD"
    assert str(graph.value(record, schema.itemLocation)).startswith("TsKhSD, f. 5, op. 49, d. 758")
    file = graph.value(record, schema.isPartOf)
    assert str(graph.value(file, schema.name))
    assert isinstance(graph.value(record, schema.url), rdflib.URIRef)
    assert all(isinstance(each, rdflib.URIRef) and ":" in each for each in graph.predicates())


@pytest.mark.clause("USERS 7.3.5")
def test_the_page_of_the_dataset_says_to_searches_what_it_is(ask_publication: Ask) -> None:
    page = ask_publication("/dataset", "text/html").text
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    graph = rdflib.Graph().parse(data=script, format="json-ld")
    schema = rdflib.Namespace("https://schema.org/")
    (dataset,) = graph.subjects(rdflib.RDF.type, schema.Dataset)
    assert str(graph.value(dataset, schema.name))
    assert 50 <= len(str(graph.value(dataset, schema.description))) <= 5000
    # Rights in the quoted words are others than in what was written about them.
    assert str(graph.value(dataset, schema.license)) == "http://127.0.0.1:8000/dataset#rights"
    files = list(graph.objects(dataset, schema.distribution))
    assert len(files) > 3
    for file in files:
        address = str(graph.value(file, schema.contentUrl))
        assert ask_publication(address.removeprefix("http://127.0.0.1:8000")).status == 200, address


def test_the_dataset_of_others_has_no_linked_art(ask: Ask) -> None:
    assert ask("/doc/person/ann.la.json").status == 404


def test_the_page_of_a_record_carries_its_schema_org_data_and_runs_nothing_but_our_own_files(
    ask_publication: Ask, release: Any, first_record: Around
) -> None:
    text = ask_publication(RECORD, "text/html").text
    page = Page(text)
    data, *run = page.all("script")
    assert data.get("type") == JSONLD
    assert [(each.get("src") or "").partition("?")[0] for each in run] == [
        "../../assets/document.js",
        "../../assets/cite.js",
    ]
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)
    assert found is not None
    assert text.index(found[0]) < text.index("</head>")
    manifest = release.manifest
    iris = IriSpace(manifest.base)
    wanted = schema_org(
        first_record.stated,
        iris.record(KEY),
        iris,
        data_license=manifest.settings.rights.data,
    )
    assert json.loads(found[1]) == wanted
    assert "<script" not in ask_publication("/doc/person/guevara", "text/html").text


def test_json_ld_of_an_iri_anywhere_is_compact(ask: Ask) -> None:
    reply = ask(f"/doc?iri={BASE}people/eve&format=jsonld")
    assert json.loads(reply.body)["rdfs:label"] == {"en": "Eve"}
