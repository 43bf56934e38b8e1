"""Records as search engines read them in a page."""

from __future__ import annotations

import html.parser
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from fonds.identifiers import IriSpace
from fonds.views.around import Around
from fonds.views.graph import known
from fonds.views.schema_org import MOST_MENTIONS, as_script, schema_org, schema_org_dataset
from fonds.vocabulary import CRM, DCTERMS, RDF, RDFS, RICO, SCHEMA, VOID

HERE = Path(__file__).parent
KEY = "darusenkov-1964-375"
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"


def test_the_first_record_is_the_document_written_by_hand(triples: list[Triple], iris: IriSpace) -> None:
    expected = json.loads((HERE / "schema.json").read_text(encoding="utf-8"))
    assert schema_org(known(triples), iris.record(KEY), iris, data_license=CC0) == expected


def test_the_release_gives_archive_holdings_translator_and_subject(first_record: Around) -> None:
    iris = IriSpace("http://127.0.0.1:8000/")
    data = schema_org(first_record.stated, iris.record(KEY), iris)
    assert data is not None
    assert data["holdingArchive"]["name"] == "TsKhSD"
    assert data["isPartOf"][0]["isPartOf"]["isPartOf"]["@id"] == "http://127.0.0.1:8000/id/holding/tskhsd-5"
    assert data["workTranslation"][0]["translator"]["name"] == "Gary Goldberg"
    assert data["workTranslation"][0]["funder"]["name"] == "Leon Levy Foundation"
    assert data["about"]["@type"] == "Event"
    assert {"Person", "Place", "Organization", "Event", "CreativeWork"} == {
        each["@type"] for each in data["mentions"]
    }
    assert data["creditText"].endswith("Translated for CWIHP by Gary Goldberg.")


def test_nothing_reads_as_a_claim_or_a_licence_of_the_record(triples: list[Triple], iris: IriSpace) -> None:
    data = schema_org(known(triples), iris.record(KEY), iris, data_license=CC0)
    assert data is not None
    written = json.dumps(data)
    assert "Claim" not in written
    assert "Review" not in written
    assert "Chinese" not in written
    assert not {"license", "copyrightHolder", "datePublished"} & data.keys()


class _Scripts(html.parser.HTMLParser):
    """Gathers the elements of a page and what stands in scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.script = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.script += data


def test_no_text_can_end_the_script_it_stands_in(triples: list[Triple], iris: IriSpace) -> None:
    data = schema_org(known(triples), iris.record(KEY), iris)
    assert data is not None
    assert "</script>" in data["creditText"]
    page = _Scripts()
    page.feed(f'<script type="application/ld+json">{as_script(data)}</script>')
    assert page.tags == ["script"]
    assert json.loads(page.script) == data


@given(st.dictionaries(st.text(), st.text() | st.sampled_from(["</script", "<!--<script>", "]]>", "\u2028"])))
def test_embedded_json_is_the_same_json(data: dict[str, str]) -> None:
    written = as_script(data)
    assert json.loads(written) == data
    assert not set("<>&\u2028\u2029") & set(written)


def test_holdings_that_contain_each_other_end(iris: IriSpace) -> None:
    record, paper = iris.record("a"), iris.record("a", "object")
    one, other = iris.thing("holding", "one"), iris.thing("holding", "other")
    triples = [
        Triple(record, RDFS.label, Literal("A")),
        Triple(record, CRM.P128i_is_carried_by, paper),
        Triple(paper, CRM.P46i_forms_part_of, one),
        *(Triple(each, RDF.type, RICO.RecordSet) for each in (one, other)),
        *(Triple(each, RDFS.label, Literal(each.value[-3:])) for each in (one, other)),
        Triple(one, CRM.P46i_forms_part_of, other),
        Triple(other, CRM.P46i_forms_part_of, one),
    ]
    data = schema_org(known(triples), record, iris)
    assert data is not None
    assert data["isPartOf"]["isPartOf"] == {"@type": "Collection", "@id": other.value, "name": "her"}


def test_a_record_without_a_name_is_left_out_and_much_is_bounded(iris: IriSpace) -> None:
    record = iris.record("a")
    assert schema_org(known([Triple(record, DCTERMS.created, Literal("1900"))]), record, iris) is None
    named = [iris.thing("person", f"p{number}") for number in range(MOST_MENTIONS + 20)]
    triples = [
        Triple(record, RDFS.label, Literal("A")),
        *(Triple(record, SCHEMA.mentions, each) for each in named),
        *(Triple(each, RDFS.label, Literal("P")) for each in named),
    ]
    data = schema_org(known(triples), record, iris)
    assert data is not None
    assert len(data["mentions"]) == MOST_MENTIONS
    assert data["mentions"][0]["@type"] == "Thing"


def test_several_languages_authors_and_dates_are_lists(iris: IriSpace) -> None:
    turtle = b"""
      @prefix : <https://fonds.example/id/record/> . @prefix crm: <http://www.cidoc-crm.org/cidoc-crm/> .
      @prefix dcterms: <http://purl.org/dc/terms/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
      @prefix l: <https://fonds.example/vocab/language/> . @prefix p: <https://fonds.example/id/person/> .
      :a rdfs:label "A" ; crm:P72_has_language l:de, l:la ; dcterms:creator p:x, p:y ; dcterms:created "1900", "1901" .
      p:x rdfs:label "X" . p:y rdfs:label "Y" ."""
    triples = [quad.triple for quad in parse(turtle, format=RdfFormat.TURTLE)]
    data = schema_org(known(triples), iris.record("a"), iris)
    assert data is not None
    assert data["inLanguage"] == ["de", "la"]
    assert [each["name"] for each in data["author"]] == ["X", "Y"]
    assert data["dateCreated"] == ["1900", "1901"]


@pytest.mark.parametrize("words", ["", "Letters.", "x" * 60, "word " * 2000])
def test_the_description_of_a_dataset_has_a_length_that_search_engines_take(words: str) -> None:
    dataset = NamedNode("https://a.example/dataset#dataset")
    facts = [
        Triple(dataset, DCTERMS.title, Literal("Letters of a house")),
        Triple(dataset, VOID.triples, Literal("12")),
        *([Triple(dataset, DCTERMS.description, Literal(words))] if words else []),
    ]
    data = schema_org_dataset(facts, dataset, "https://a.example/")
    assert 50 <= len(data["description"]) <= 5000
    assert data["description"].startswith(
        words if words and len(words) > 50 and len(words) < 5000 else words[:4]
    )
