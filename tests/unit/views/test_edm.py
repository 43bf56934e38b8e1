"""Records in the Europeana Data Model: each rule of Europeana's own Schematron, and of the order in its schema, by itself."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
from lxml import etree
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse
from rdflib import Graph

from fonds.identifiers import IriSpace
from fonds.settings import Edm
from fonds.views.around import Around
from fonds.views.citations import cited
from fonds.views.edm import edm, why_not
from fonds.views.graph import Known, known
from fonds.vocabulary import CRM, DCTERMS, RDF, RDFS, SKOS

BASE = "https://a.example/"
IRIS = IriSpace(BASE)
IT = IRIS.record("letter-1")
PAGE = f"{BASE}doc/record/letter-1"
CNE = "http://rightsstatements.org/vocab/CNE/1.0/"
SETTINGS = Edm(
    data_provider="Stadtarchiv <Altwasser>", provider="https://aggregator.example/", rights_statement=CNE
)
NAMES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "edm": "http://www.europeana.eu/schemas/edm/",
    "ore": "http://www.openarchives.org/ore/terms/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xml": "http://www.w3.org/XML/1998/namespace",
}
WEISS, LETTER, ALTWASSER = (
    IRIS.thing("person", "weiss"),
    IRIS.term("type", "letter"),
    IRIS.thing("place", "altwasser"),
)
TALK = IRIS.thing("event", "talk")
TEXT = IRIS.graph("record", "letter-1", "text")
TITLE = Triple(IT, DCTERMS.title, Literal("Brief & <Gruß>", language="de"))
FULL = (
    TITLE,
    Triple(IT, DCTERMS.creator, WEISS),
    Triple(WEISS, RDF.type, CRM.E21_Person),
    Triple(WEISS, RDFS.label, Literal("Weiss, Anna")),
    Triple(WEISS, SKOS.altLabel, Literal("A. W.")),
    Triple(WEISS, SKOS.exactMatch, NamedNode("http://viaf.org/viaf/1")),
    Triple(IT, CRM.P2_has_type, LETTER),
    Triple(LETTER, SKOS.prefLabel, Literal("Brief", language="de")),
    Triple(LETTER, SKOS.prefLabel, Literal("letter", language="en")),
    Triple(LETTER, SKOS.exactMatch, NamedNode("http://vocab.getty.edu/aat/300026879")),
    Triple(IT, CRM.P70_documents, TALK),
    Triple(TALK, CRM.P7_took_place_at, ALTWASSER),
    Triple(ALTWASSER, RDF.type, CRM.E53_Place),
    Triple(ALTWASSER, RDFS.label, Literal("Altwasser")),
    Triple(IT, DCTERMS.subject, Literal("Holz", language="de")),
    Triple(IT, DCTERMS.abstract, Literal("Worum es geht.")),
    Triple(TEXT, DCTERMS.rights, Literal("No rights are claimed.")),
)


def facts_of(*triples: Triple) -> Known:
    return known(triples, ("de", "en"))


def document_of(*triples: Triple, settings: Edm = SETTINGS) -> etree._Element:
    facts = facts_of(*triples)
    named = cited(facts, IT, IRIS)
    assert named is not None
    written = edm(facts, named, PAGE, settings)
    assert written is not None
    return etree.fromstring(written.encode())


@pytest.fixture(params=["least", "full", "first record"])
def document(request: pytest.FixtureRequest) -> Iterator[etree._Element]:
    if request.param == "first record":
        around: Around = request.getfixturevalue("first_record")
        iris = IriSpace(request.getfixturevalue("release").manifest.base)
        it = iris.record("darusenkov-1964-375")
        named = cited(around.stated, it, iris)
        assert named is not None
        written = edm(around.stated, named, iris.document(it.value), SETTINGS)
        assert written is not None
        yield etree.fromstring(written.encode())
    else:
        yield document_of(*((TITLE,) if request.param == "least" else FULL))


def found(document: etree._Element, path: str) -> list[str]:
    values = document.xpath(path, namespaces=NAMES)
    assert isinstance(values, list)
    return [str(each) for each in values]


@pytest.mark.clause("EDM Schematron: exactly one edm:ProvidedCHO and one ore:Aggregation")
def test_there_is_one_object_and_one_aggregation_of_it(document: etree._Element) -> None:
    assert document.tag == f"{{{NAMES['rdf']}}}RDF"
    (about,) = found(document, "edm:ProvidedCHO/@rdf:about")
    assert found(document, "ore:Aggregation/edm:aggregatedCHO/@rdf:resource") == [about]
    (aggregation,) = found(document, "ore:Aggregation/@rdf:about")
    assert aggregation != about


@pytest.mark.clause("EDM Schematron: dc:title or dc:description, not empty")
def test_the_object_has_a_title(document: etree._Element) -> None:
    (title,) = found(document, "edm:ProvidedCHO/dc:title/text()")
    assert title.strip()


@pytest.mark.clause("EDM Schematron: dc:subject, dc:type, dcterms:temporal or dcterms:spatial, not empty")
def test_something_says_what_the_object_is_or_is_about(document: etree._Element) -> None:
    paths = [f"edm:ProvidedCHO/{name}[@rdf:resource != '' or normalize-space(text()) != '']" for name in
             ("dc:subject", "dc:type", "dcterms:temporal", "dcterms:spatial")]  # fmt: skip
    assert found(document, " | ".join(paths))


@pytest.mark.clause("EDM: edm:type exactly once, one of TEXT, VIDEO, SOUND, IMAGE, 3D")
def test_the_object_is_a_text(document: etree._Element) -> None:
    assert found(document, "//edm:type/text()") == ["TEXT"]


@pytest.mark.clause("EDM Schematron: dc:language is mandatory where edm:type is TEXT")
def test_the_object_has_a_language(document: etree._Element) -> None:
    assert all(each.strip() for each in found(document, "edm:ProvidedCHO/dc:language/text()"))
    assert len(found(document, "edm:ProvidedCHO/dc:language")) == 1


def test_a_language_that_nobody_stated_is_undetermined() -> None:
    assert found(document_of(TITLE), "edm:ProvidedCHO/dc:language/text()") == ["und"]


def test_the_language_of_the_object_is_that_in_which_it_was_written_and_not_that_of_its_translation(
    first_record: Around, release: object
) -> None:
    iris = IriSpace("http://127.0.0.1:8000/")
    named = cited(first_record.stated, iris.record("darusenkov-1964-375"), iris)
    assert named is not None
    written = edm(first_record.stated, named, PAGE, SETTINGS)
    assert written is not None
    assert found(etree.fromstring(written.encode()), "//dc:language/text()") == ["ru"]


@pytest.mark.clause("EDM Schematron: edm:dataProvider, not empty")
def test_the_data_provider_is_named(document: etree._Element) -> None:
    assert found(document, "ore:Aggregation/edm:dataProvider/text()") == ["Stadtarchiv <Altwasser>"]


@pytest.mark.clause("EDM Schematron: edm:provider, not empty")
def test_the_provider_is_named_by_its_iri_if_that_is_given(document: etree._Element) -> None:
    assert found(document, "ore:Aggregation/edm:provider/@rdf:resource") == ["https://aggregator.example/"]
    assert found(document, "ore:Aggregation/edm:provider/text()") == []


@pytest.mark.clause("EDM Schematron: edm:rights, of the list")
def test_the_rights_are_a_statement_of_the_list(document: etree._Element) -> None:
    assert found(document, "ore:Aggregation/edm:rights/@rdf:resource") == [CNE]


def test_a_records_own_statement_comes_before_that_of_the_settings_if_the_list_has_it() -> None:
    own = Triple(TEXT, DCTERMS.rights, Literal("https://creativecommons.org/licenses/by/4.0"))
    assert found(document_of(TITLE, own), "//edm:rights/@rdf:resource") == [
        "http://creativecommons.org/licenses/by/4.0/"
    ]
    other = Triple(TEXT, DCTERMS.rights, Literal("http://rightsstatements.org/vocab/UND/1.0/"))
    assert found(document_of(TITLE, other), "//edm:rights/@rdf:resource") == [CNE]


@pytest.mark.clause("EDM Schematron: edm:isShownAt or edm:isShownBy")
def test_the_record_is_shown_at_its_page() -> None:
    assert found(document_of(*FULL), "ore:Aggregation/edm:isShownAt/@rdf:resource") == [PAGE]


@pytest.mark.clause("EDM Schematron: no empty rdf:resource, none beside text; no empty xml:lang")
def test_nothing_is_empty_and_nothing_says_both(document: etree._Element) -> None:
    assert found(document, "//*[@rdf:resource = '' or @xml:lang = '']") == []
    assert found(document, "//*[@rdf:resource and text()]") == []
    assert found(document, "//*[not(*) and not(@rdf:resource) and normalize-space(.) = '']") == []


@pytest.mark.clause("EDM XML schema: dc and dcterms before edm:type; the order within ore:Aggregation")
def test_elements_stand_in_the_order_of_the_schema(document: etree._Element) -> None:
    names = [etree.QName(each) for each in document.find("edm:ProvidedCHO", NAMES)]  # type: ignore[union-attr]
    assert [each.localname for each in names if each.namespace == NAMES["edm"]] == ["type"]
    assert names[-1].localname == "type"
    aggregation = document.find("ore:Aggregation", NAMES)
    assert aggregation is not None
    assert [etree.QName(each).localname for each in aggregation] == [
        "aggregatedCHO", "dataProvider", "isShownAt", "provider", "rights",
    ]  # fmt: skip


def test_what_the_object_points_to_is_described_beside_it_each_once(document: etree._Element) -> None:
    pointed_to = set(found(document, "edm:ProvidedCHO/*[not(self::dc:identifier)]/@rdf:resource"))
    described = found(document, "*[not(self::edm:ProvidedCHO) and not(self::ore:Aggregation)]/@rdf:about")
    assert sorted(described) == sorted(pointed_to)


@pytest.mark.clause("SKOS Reference S14: one skos:prefLabel in each language")
def test_contextual_things_have_one_preferred_name_in_each_language(document: etree._Element) -> None:
    for each in document.xpath("*[skos:prefLabel]", namespaces=NAMES):
        tags = [label.get(f"{{{NAMES['xml']}}}lang") for label in each.findall("skos:prefLabel", NAMES)]
        assert len(tags) == len(set(tags)) > 0


def test_people_places_and_types_are_what_they_are_with_what_is_the_same_elsewhere() -> None:
    document = document_of(*FULL)
    assert found(document, "edm:Agent/@rdf:about") == [WEISS.value]
    assert found(document, "edm:Agent/owl:sameAs/@rdf:resource") == ["http://viaf.org/viaf/1"]
    assert found(document, "edm:Place/skos:prefLabel/text()") == ["Altwasser"]
    assert found(document, "skos:Concept/skos:exactMatch/@rdf:resource") == [
        "http://vocab.getty.edu/aat/300026879"
    ]
    assert found(document, "edm:ProvidedCHO/dc:creator/@rdf:resource") == [WEISS.value]
    assert found(document, "edm:ProvidedCHO/dc:rights/text()") == ["No rights are claimed."]


@pytest.mark.clause("RDF 1.1 XML Syntax")
def test_two_readers_of_rdf_find_the_same_triples(document: etree._Element) -> None:
    written = etree.tostring(document)
    ours = {str(each.triple) for each in parse(written, format=RdfFormat.RDF_XML)}
    theirs = Graph().parse(data=written, format="xml")
    assert len(ours) == len(theirs) > 10
    assert len(found(document, "//*")) < 200


def test_hostile_words_stay_words() -> None:
    hostile = '</dc:title><script>alert(1)</script>\x00\ufffe\u202e"'
    document = document_of(
        Triple(IT, DCTERMS.title, Literal(hostile)),
        settings=Edm(data_provider=hostile, provider="http://a b", rights_statement=CNE),
    )
    assert document.find(".//script") is None
    assert "<script>" in found(document, "//dc:title/text()")[0]
    assert found(document, "//edm:provider/text()") == ["http://a b"]


def test_without_what_europeana_asks_for_there_is_no_edm_and_it_is_told_why() -> None:
    facts = facts_of(*FULL)
    named = cited(facts, IT, IRIS)
    assert named is not None
    for settings, missing in (
        (Edm(), "edm.data_provider, edm.provider, edm.rights_statement"),
        (Edm(data_provider="A", provider=" ", rights_statement=CNE), "edm.provider"),
    ):
        assert edm(facts, named, PAGE, settings) is None
        assert missing in why_not(settings)
    assert why_not(SETTINGS) == ""


def test_as_a_part_of_an_answer_it_has_no_declaration_and_says_where_its_schema_is() -> None:
    facts = facts_of(*FULL)
    named = cited(facts, IT, IRIS)
    assert named is not None
    written = edm(facts, named, PAGE, SETTINGS, schema_location=True, declaration=False)
    assert written is not None
    assert written.startswith("<rdf:RDF ")
    root = etree.parse(BytesIO(written.encode())).getroot()
    location = root.get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation")
    assert location == f"{NAMES['rdf']} http://www.europeana.eu/schemas/edm/EDM.xsd"
