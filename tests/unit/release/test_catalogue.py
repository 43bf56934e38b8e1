"""VoID in the store and DCAT beside it: true counts, rights part by part, nothing that changes with the day in the store."""

from __future__ import annotations

import gzip
import hashlib

import pytest
import rdflib
from pyoxigraph import NamedNode, Store
from rdflib import DCTERMS, RDF, VOID

from fonds.mapping.description import Description, GraphKind
from fonds.settings import Rights, Settings

BASE = "https://a.example/"
CC0 = rdflib.URIRef("https://creativecommons.org/publicdomain/zero/1.0/")
DATASET = rdflib.URIRef(f"{BASE}dataset#dataset")


def meta_of(release) -> rdflib.Graph:
    graph = rdflib.Graph()
    for quad in Store.read_only(str(release.store)).quads_for_pattern(
        None, None, None, NamedNode(f"{BASE}graph/meta")
    ):
        graph.parse(data=f"{quad.triple} .", format="ntriples")
    return graph


def catalogue_of(release) -> rdflib.Graph:
    return rdflib.Graph().parse(data=release.catalogue.read_bytes(), format="turtle")


def part(kind: GraphKind) -> rdflib.URIRef:
    return rdflib.URIRef(f"{BASE}dataset#{kind}")


@pytest.mark.clause("VoID 3.4.4")
def test_the_number_of_triples_is_that_of_the_default_graph_its_own_included(build, described):
    release = build(described)
    store = Store.read_only(str(release.store))
    number = int(next(store.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"))["n"].value)
    assert int(meta_of(release).value(DATASET, VOID.triples)) == number


@pytest.mark.clause("VoID 2.1")
def test_each_kind_of_graph_is_a_part_with_a_true_count(build, described):
    release = build(described)
    store, meta = Store.read_only(str(release.store)), meta_of(release)
    kinds: dict[str, int] = {}
    for row in (release.dumps / "graphs.tsv").read_text().splitlines()[1:]:
        name, kind, *_ = row.split("\t")
        kinds[kind] = kinds.get(kind, 0) + len(
            list(store.quads_for_pattern(None, None, None, NamedNode(name)))
        )
    assert {kind: int(meta.value(part(kind), VOID.triples)) for kind in kinds} == kinds


def test_what_is_not_in_the_public_view_is_no_subset(build, described):
    subsets = set(meta_of(build(described)).objects(DATASET, VOID.subset))
    assert part(GraphKind.SAID) not in subsets
    assert part(GraphKind.TEXT) in subsets


def test_our_own_parts_are_cc0_and_quoted_words_have_rights_and_no_licence(build, described):
    meta = meta_of(build(described, settings=Settings(rights=Rights(text="Not ours."))))
    for kind in (GraphKind.RECORD, GraphKind.AUTHORITY, GraphKind.PROVENANCE):
        assert meta.value(part(kind), DCTERMS.license) == CC0
    assert meta.value(part(GraphKind.TEXT), DCTERMS.license) is None
    statement = meta.value(part(GraphKind.TEXT), DCTERMS.rights)
    assert str(meta.value(statement, rdflib.RDFS.label)) == "Not ours."
    assert meta.value(DATASET, DCTERMS.license) is None


def test_rights_that_are_words_are_a_statement(build, described):
    meta = meta_of(build(described, settings=Settings(rights=Rights(data="Ask us."))))
    assert meta.value(part(GraphKind.RECORD), DCTERMS.license) is None
    assert str(meta.value(meta.value(part(GraphKind.RECORD), DCTERMS.rights), rdflib.RDFS.label)) == "Ask us."


def test_the_dataset_says_who_it_is_and_where(build, described):
    meta = meta_of(build(described))
    assert str(meta.value(DATASET, DCTERMS.title)) == "A test"
    assert str(meta.value(meta.value(DATASET, DCTERMS.publisher), rdflib.FOAF.name)) == "The Archive"
    assert meta.value(DATASET, VOID.sparqlEndpoint) == rdflib.URIRef(f"{BASE}sparql")
    assert str(meta.value(DATASET, VOID.uriSpace)) == BASE
    examples = {f"{BASE}id/record/a", f"{BASE}id/person/x"}
    assert {str(each) for each in meta.objects(DATASET, VOID.exampleResource)} == examples
    assert rdflib.URIRef("http://purl.org/dc/terms/") in set(meta.objects(DATASET, VOID.vocabulary))
    assert rdflib.URIRef("http://www.cidoc-crm.org/cidoc-crm/") not in set(
        meta.objects(DATASET, VOID.vocabulary)
    )


def test_release_name_dates_and_checksums_stand_in_no_graph(build, described):
    release = build(described)
    data = gzip.decompress((release.dumps / "dataset.nq.gz").read_bytes())
    for words in (release.manifest.name, "2026", release.manifest.digest[:12]):
        assert words.encode() not in data


@pytest.mark.clause("DCAT 3 6.8")
def test_each_dump_is_a_distribution_with_its_size_and_checksum(build, described):
    release = build(described)
    catalogue = catalogue_of(release)
    spdx = rdflib.Namespace("http://spdx.org/rdf/terms#")
    found = {}
    for distribution in catalogue.objects(DATASET, rdflib.DCAT.distribution):
        address = str(catalogue.value(distribution, rdflib.DCAT.downloadURL))
        checksum = catalogue.value(catalogue.value(distribution, spdx.checksum), spdx.checksumValue)
        found[address] = (int(catalogue.value(distribution, rdflib.DCAT.byteSize)), checksum.toPython().hex())
        assert "gzip" in str(catalogue.value(distribution, rdflib.DCAT.compressFormat))
    expected = {}
    for path in release.dumps.glob("*.gz"):
        data = path.read_bytes()
        expected[f"{BASE}dumps/{path.name}"] = (len(data), hashlib.sha256(data).hexdigest())
    assert found == expected


def test_the_catalogue_holds_dataset_service_and_the_void(build, described):
    release = build(described)
    catalogue = catalogue_of(release)
    (of,) = catalogue.subjects(RDF.type, rdflib.DCAT.Catalog)
    assert catalogue.value(of, rdflib.DCAT.dataset) == DATASET
    service = catalogue.value(of, rdflib.DCAT.service)
    assert catalogue.value(service, rdflib.DCAT.endpointURL) == rdflib.URIRef(f"{BASE}sparql")
    assert set(meta_of(release)) <= set(catalogue)


def test_every_subject_of_the_catalogue_is_a_fragment_of_the_dataset_page(build, described):
    subjects = {str(each) for each in catalogue_of(build(described)).subjects()}
    assert all(each.startswith(f"{BASE}dataset#") for each in subjects), subjects


def test_a_part_of_the_dataset_description_from_elsewhere_is_kept_and_counted(build, described, graph):
    extra = Description(
        NamedNode(f"{BASE}id/x/y"), (graph("meta", GraphKind.META, ("x/y", "title", "More")),)
    )
    release = build([*described, extra])
    meta = meta_of(release)
    assert (rdflib.URIRef(f"{BASE}id/x/y"), DCTERMS.title, rdflib.Literal("More")) in meta
    assert int(meta.value(part(GraphKind.META), VOID.triples)) == len(meta)


@pytest.mark.clause("DCAT-AP 3.0, Distribution: licence")
def test_a_dump_has_a_licence_only_where_all_in_it_is_the_publications_own(build, described):
    catalogue = catalogue_of(build(described))
    licences = {
        name: catalogue.value(part(name), DCTERMS.license) for name in ("record.nq.gz", "authority.nq.gz")
    }
    assert set(licences.values()) == {CC0}
    for name in ("dataset.nq.gz", "public.nt.gz", "text.nq.gz"):
        assert catalogue.value(part(name), DCTERMS.license) is None
        assert catalogue.value(part(name), DCTERMS.rights) is not None


@pytest.mark.parametrize(
    ("contact", "mail", "page"),
    [
        ("us@a.example", "mailto:us@a.example", None),
        ("mailto:us@a.example", "mailto:us@a.example", None),
        ("https://social.example/@us", None, "https://social.example/@us"),
    ],
)
@pytest.mark.clause("DCAT-AP 3.0, Dataset: contact point")
def test_whom_to_ask_is_an_address_of_mail_or_of_the_web(build, described, contact, mail, page):
    catalogue = catalogue_of(build(described, settings=Settings(contact=contact)))
    vcard = rdflib.Namespace("http://www.w3.org/2006/vcard/ns#")
    stated = [catalogue.value(part("contact"), each) for each in (vcard.hasEmail, vcard.hasURL)]
    assert [each and str(each) for each in stated] == [mail, page]


def test_a_dataset_without_words_of_its_own_is_described_by_its_extent(build, described):
    catalogue = catalogue_of(build(described, settings=Settings(title="T"), kind="dataset"))
    assert "statements" in str(catalogue.value(DATASET, DCTERMS.description))
    assert catalogue.value(DATASET, DCTERMS.language) is None
