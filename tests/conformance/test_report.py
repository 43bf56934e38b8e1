"""What was found when a release was checked is served beside it."""

from __future__ import annotations

from typing import Any

import pytest
from rdflib import RDF, Graph, Namespace, URIRef

SH = Namespace("http://www.w3.org/ns/shacl#")


@pytest.mark.clause("SHACL 3.6.1")
@pytest.mark.parametrize(
    ("ending", "format_"), [("ttl", "turtle"), ("nt", "nt"), ("rdf", "xml"), ("jsonld", "json-ld")]
)
def test_the_report_is_a_validation_report_in_every_syntax(site: Any, ending: str, format_: str) -> None:
    graph = Graph().parse(data=site.get(f"report.{ending}").body, format=format_)
    report = URIRef(f"{site.base}report")
    assert graph.value(report, RDF.type) == SH.ValidationReport
    assert bool(graph.value(report, SH.conforms)) is True


def test_a_browser_gets_its_section_on_the_page_of_the_dataset(site: Any) -> None:
    reply = site.get("report", "text/html")
    assert (reply.status, reply.headers["location"]) == (303, "dataset#checked")
    page = site.get("dataset", "text/html").text
    assert 'id="checked"' in page
    assert "Nothing was found." in page


def test_a_program_gets_the_report_at_its_own_address(site: Any) -> None:
    reply = site.get("report", "text/turtle")
    assert reply.status == 200
    assert "ValidationReport" in reply.text
