"""What crawlers and aggregators read first: VoID with true counts, DCAT-AP, sitemaps, robots.txt, BEACON, schema.org."""

from __future__ import annotations

import json
import re
import urllib.robotparser
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from pyoxigraph import NamedNode, QuerySolutions, RdfFormat, Store, Triple, Variable, parse

from fonds.vocabulary import DCAT, DCTERMS, FOAF, RDF, SPDX, VOID
from fonds.web import create_app
from tests.unit.web.conftest import Ask, asker

if TYPE_CHECKING:
    from fonds.release.folder import Release
    from fonds.store.embedded import EmbeddedStore

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def ask(release: Release, store: EmbeddedStore) -> Ask:
    return asker(create_app(release, store, release.manifest.settings))


@pytest.fixture(scope="module")
def catalogue(release: Release) -> set[Triple]:
    return {quad.triple for quad in parse(release.catalogue.read_bytes(), format=RdfFormat.TURTLE)}


@pytest.fixture(scope="module")
def engine(release: Release) -> Store:
    return Store.read_only(str(release.store))


def values(catalogue: set[Triple], subject: NamedNode, property_: NamedNode) -> list[str]:
    return [
        str(getattr(each.object, "value", ""))
        for each in catalogue
        if (each.subject, each.predicate) == (subject, property_)
    ]


def count(engine: Store, pattern: str, what: str = "*", **bound: NamedNode) -> int:
    names = " ".join(f"?{name}" for name in bound)
    group = f"GROUP BY {names}" if names else ""
    rows = engine.query(
        f"SELECT {names} (COUNT({what}) AS ?n) WHERE {{ {pattern} }} {group}",
        substitutions={Variable(name): value for name, value in bound.items()},
    )
    assert isinstance(rows, QuerySolutions)
    return sum(int(row["n"].value) for row in rows)


# ------------------------------------------------------------------------------------------------ VoID


@pytest.mark.clause("VoID 4.6")
def test_every_count_of_the_whole_is_what_the_store_counts(
    release: Release, catalogue: set[Triple], engine: Store
) -> None:
    dataset = NamedNode(f"{release.manifest.base}dataset#dataset")
    assert values(catalogue, dataset, VOID.triples) == [str(count(engine, "?s ?p ?o"))]
    assert values(catalogue, dataset, VOID.distinctSubjects) == [
        str(count(engine, "?s ?p ?o", "DISTINCT ?s"))
    ]
    assert values(catalogue, dataset, VOID.properties) == [str(count(engine, "?s ?p ?o", "DISTINCT ?p"))]
    assert values(catalogue, dataset, VOID.classes) == [str(count(engine, "?s a ?o", "DISTINCT ?o"))]
    partitions = 0
    for partition in map(NamedNode, values(catalogue, dataset, VOID.propertyPartition)):
        (property_,) = map(NamedNode, values(catalogue, partition, VOID.property))
        assert values(catalogue, partition, VOID.triples) == [str(count(engine, "?s ?p ?o", p=property_))], (
            property_
        )
        for stated, what in ((VOID.distinctSubjects, "DISTINCT ?s"), (VOID.distinctObjects, "DISTINCT ?o")):
            for number in values(catalogue, partition, stated):
                assert int(number) == count(engine, "?s ?p ?o", what, p=property_), property_
        partitions += 1
    for partition in map(NamedNode, values(catalogue, dataset, VOID.classPartition)):
        (class_,) = map(NamedNode, values(catalogue, partition, VOID["class"]))
        assert values(catalogue, partition, VOID.entities) == [
            str(count(engine, "?s a ?o", "DISTINCT ?s", o=class_))
        ], class_
        partitions += 1
    assert partitions > 100


@pytest.mark.thorough
@pytest.mark.clause("VoID 4.6")
def test_every_pair_of_a_class_and_a_property_is_counted_as_the_store_does(
    release: Release, catalogue: set[Triple], engine: Store
) -> None:
    rows = engine.query(
        "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> "
        "SELECT ?class ?property (COUNT(*) AS ?n) WHERE { ?s ?property ?o . ?s a ?class FILTER(?property != rdf:type) } "
        "GROUP BY ?class ?property"
    )
    assert isinstance(rows, QuerySolutions)
    expected = {(row["class"].value, row["property"].value): row["n"].value for row in rows}
    stated: dict[tuple[str, str], str] = {}
    dataset = NamedNode(f"{release.manifest.base}dataset#dataset")
    for of_class in map(NamedNode, values(catalogue, dataset, VOID.classPartition)):
        (class_,) = values(catalogue, of_class, VOID["class"])
        for partition in map(NamedNode, values(catalogue, of_class, VOID.propertyPartition)):
            (property_,) = values(catalogue, partition, VOID.property)
            (stated[class_, property_],) = values(catalogue, partition, VOID.triples)
    assert stated == expected
    # The description of the dataset counts itself.
    assert int(stated[VOID.Dataset.value, VOID.classPartition.value]) > 10


@pytest.mark.clause("VoID 2.1, 4.6")
def test_every_count_of_a_part_is_that_of_its_graphs(
    release: Release, catalogue: set[Triple], engine: Store
) -> None:
    graphs: dict[str, list[str]] = {}
    for row in (release.dumps / "graphs.tsv").read_text().splitlines()[1:]:
        name, kind, *_ = row.split("\t")
        graphs.setdefault(kind, []).append(name)
    for kind, names in graphs.items():
        part = NamedNode(f"{release.manifest.base}dataset#{kind}")
        inside = [
            quad for name in names for quad in engine.quads_for_pattern(None, None, None, NamedNode(name))
        ]
        assert values(catalogue, part, VOID.triples) == [str(len(inside))], kind
        for partition in map(NamedNode, values(catalogue, part, VOID.propertyPartition)):
            (property_,) = values(catalogue, partition, VOID.property)
            assert values(catalogue, partition, VOID.triples) == [
                str(sum(q.predicate.value == property_ for q in inside))
            ]


@pytest.mark.clause("VoID 5")
def test_a_linkset_counts_the_links_that_there_are(catalogue: set[Triple], engine: Store) -> None:
    linksets = [
        each.subject for each in catalogue if each.object == VOID.Linkset and each.predicate == RDF.type
    ]
    assert linksets
    for linkset in linksets:
        assert isinstance(linkset, NamedNode)
        (property_,) = map(NamedNode, values(catalogue, linkset, VOID.linkPredicate))
        (target,) = map(NamedNode, values(catalogue, linkset, VOID.objectsTarget))
        (space,) = values(catalogue, target, VOID.uriSpace)
        found = {
            quad.triple
            for quad in engine.quads_for_pattern(None, property_, None)
            if isinstance(quad.object, NamedNode)
            and quad.object.value.startswith(space)
            and "/graph/said/" not in str(quad.graph_name)
        }
        assert values(catalogue, linkset, VOID.triples) == [str(len(found))], (property_, space)


@pytest.mark.clause("VoID 7.2")
def test_the_well_known_address_describes_the_dataset(ask: Ask) -> None:
    reply = ask("/.well-known/void", "text/turtle")
    assert reply.status == 200
    assert any(quad.object == VOID.Dataset for quad in parse(reply.body, format=RdfFormat.TURTLE))
    assert (
        ask("/.well-known/void", "text/html").status,
        ask("/.well-known/void", "text/html").headers["location"],
    ) == (303, "../dataset")


# ------------------------------------------------------------------------------------------------ DCAT


MANDATORY = {
    DCAT.Catalog: (DCTERMS.title, DCTERMS.description, DCAT.dataset),
    DCAT.Dataset: (DCTERMS.title, DCTERMS.description),
    DCAT.Distribution: (DCAT.accessURL,),
    DCAT.DataService: (DCTERMS.title, DCAT.endpointURL),
    SPDX.Checksum: (SPDX.algorithm, SPDX.checksumValue),
    FOAF.Agent: (FOAF.name,),
    DCTERMS.PeriodOfTime: (DCAT.startDate, DCAT.endDate),
}
"""What DCAT-AP 3.0 makes mandatory of each class (its publisher of a catalogue aside: not every publication names one)."""


@pytest.mark.clause("DCAT-AP 3.0, mandatory properties")
@pytest.mark.parametrize("class_", MANDATORY, ids=lambda it: it.value.rpartition("#")[2].rpartition("/")[2])
def test_nothing_mandatory_is_missing(catalogue: set[Triple], class_: NamedNode) -> None:
    things = {each.subject for each in catalogue if each.predicate == RDF.type and each.object == class_}
    assert things or class_ == FOAF.Agent
    for it in things:
        assert isinstance(it, NamedNode)
        missing = [property_.value for property_ in MANDATORY[class_] if not values(catalogue, it, property_)]
        assert missing == [], it


def test_a_distribution_is_the_file_that_is_there(ask: Ask, release: Release, catalogue: set[Triple]) -> None:
    distributions = [
        each.subject for each in catalogue if each.predicate == RDF.type and each.object == DCAT.Distribution
    ]
    assert len(distributions) >= 10
    for it in distributions:
        assert isinstance(it, NamedNode)
        (address,) = values(catalogue, it, DCAT.downloadURL)
        reply = ask("/" + address.removeprefix(release.manifest.base))
        (checksum,) = map(NamedNode, values(catalogue, it, SPDX.checksum))
        assert reply.headers["etag"].strip('"') == values(catalogue, checksum, SPDX.checksumValue)[0]
        assert [str(len(reply.raw))] == values(catalogue, it, DCAT.byteSize)
        assert reply.headers["content-disposition"].startswith("attachment")


@pytest.mark.clause("schema.org Dataset")
def test_the_page_of_the_dataset_has_its_schema_org_data(ask: Ask) -> None:
    text = ask("/dataset", "text/html").text
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    assert found
    data = json.loads(found[1])
    assert data["@type"] == "Dataset"
    assert len(data["description"]) >= 50
    assert data["temporalCoverage"] == "1964-10-27/1964-10-27"
    assert {each["encodingFormat"] for each in data["distribution"]} >= {"text/turtle", "application/n-quads"}


# ------------------------------------------------------------------------------------------------ sitemaps, robots


@pytest.mark.clause("sitemaps.org 0.9")
def test_sitemaps_list_every_record_and_authority_and_each_address_answers(
    ask: Ask, release: Release
) -> None:
    base = release.manifest.base
    index = ET.fromstring(ask("/sitemap.xml").body)
    assert index.tag == f"{SITEMAP}sitemapindex"
    listed: list[str] = []
    for entry in index.iter(f"{SITEMAP}sitemap"):
        address = entry.findtext(f"{SITEMAP}loc") or ""
        reply = ask("/" + address.removeprefix(base))
        assert reply.headers["content-type"].startswith("application/xml")
        assert len(reply.body) <= 50_000_000
        urls = list(ET.fromstring(reply.body).iter(f"{SITEMAP}url"))
        assert 0 < len(urls) <= 50_000
        for url in urls:
            listed.append(url.findtext(f"{SITEMAP}loc") or "")
            datetime.fromisoformat(url.findtext(f"{SITEMAP}lastmod") or "")
    assert len(listed) == len(set(listed))
    assert all(urlsplit(each)[:2] == urlsplit(base)[:2] for each in listed)
    kinds = {row.split("\t")[1] for row in (release.dumps / "graphs.tsv").read_text().splitlines()}
    assert {"record", "authority"} <= kinds
    assert f"{base}doc/record/darusenkov-1964-375" in listed
    assert f"{base}doc/person/guevara" in listed
    assert all(ask("/" + each.removeprefix(base), "text/html").status == 200 for each in listed)


def rules(text: str) -> Iterator[tuple[bool, str]]:
    for line in text.splitlines():
        name, _, value = line.partition(": ")
        if name in ("Allow", "Disallow"):
            yield name == "Allow", value


@pytest.mark.clause("RFC 9309 2.2.2")
@pytest.mark.parametrize(
    ("target", "allowed"),
    [
        ("/", True),
        ("/doc/person/guevara", True),
        ("/doc/person/guevara.ttl", True),
        ("/doc/place/cuba?page=2", True),
        ("/dumps/dataset.nq.gz", True),
        ("/dataset", True),
        ("/sparql", True),
        ("/sparql?query=ASK%7B%7D", False),
        ("/browse/record", True),
        ("/browse/record?after=x", False),
        ("/browse?class=x", False),
        ("/search?q=x", False),
    ],
)
def test_robots_may_read_documents_and_no_endless_answers(
    ask: Ask, release: Release, target: str, allowed: bool
) -> None:
    text = ask("/robots.txt").text
    # The longest rule that matches decides.
    matching = [
        (len(pattern), allow)
        for allow, pattern in rules(text)
        if re.match(re.escape(pattern).replace(r"\*", ".*"), target)
    ]
    assert max(matching)[1] is allowed
    parser = urllib.robotparser.RobotFileParser()
    parser.parse(text.splitlines())
    assert parser.site_maps() == [f"{release.manifest.base}sitemap.xml"]
    # A reader that takes the first rule that matches may keep from more, never from less; what it reads first stays open.
    assert allowed or "/browse/" in target or not parser.can_fetch("*", f"http://a.example{target}")
    assert not allowed or target == "/sparql" or parser.can_fetch("*", f"http://a.example{target}")


@pytest.mark.clause("BEACON 3")
def test_a_beacon_file_has_the_exact_matches_with_one_authority_file(ask: Ask, release: Release) -> None:
    reply = ask("/beacon/wikidata.txt")
    assert reply.headers["content-type"] == "text/plain;charset=utf-8"
    head, _, body = reply.text.partition("\n\n")
    assert head.startswith("#FORMAT: BEACON\n#PREFIX: http://www.wikidata.org/entity/\n")
    assert f"Q5809||{release.manifest.base}id/person/guevara" in body.splitlines()
    assert ask("/beacon/never.txt").status == 404
    # A collection without letters has no correspondence index.
    assert ask("/cmif.xml").status == 404
    assert ask("/beacon/..%2fmanifest.txt").status == 404
