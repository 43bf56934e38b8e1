"""Every property and class of the first record stands in the tables of ``ontology/``, and is used as they say."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from fonds.vocabulary import CRM, FV, RDF, RDFS, RICO, RST, XSD, program_ontology
from tests.conftest import BASE

EXCEPTIONS = {
    (
        "range",
        CRM.P141_assigned,
        "http://www.wikidata.org/entity/",
    ): "what a match assigns is described elsewhere, not here",
    (
        "range",
        CRM.P141_assigned,
        "http://vocab.getty.edu/aat/",
    ): "what a match assigns is described elsewhere, not here",
    (
        "range",
        RICO.hasRecordSetType,
        RST.iri,
    ): "the types of record sets are ICA's individuals, typed in its own vocabulary",
}
"""Where a domain or range does not hold: which of the two, of which property, for terms that begin how; and why."""


class Term(NamedTuple):
    """A row of the tables."""

    kind: str
    broader: tuple[str, ...]
    domain: str
    range: str


class Finding(NamedTuple):
    """A triple that is not as the tables say, and what is wrong: ``property``, ``class``, ``domain`` or ``range``."""

    wrong: str
    triple: Triple


@pytest.fixture(scope="module")
def tables() -> dict[str, Term]:
    found = {}
    for path in program_ontology().glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if "kind" in row:
                    found[row["iri"]] = Term(
                        row["kind"], tuple(row["broader"].split()), row["domain"], row["range"]
                    )
    return found


@pytest.fixture(scope="module")
def asserted(release) -> list[Triple]:
    """What the graphs of the first record assert, the content of what was said included."""
    with gzip.open(release.dumps / "dataset.nq.gz") as file:
        return [quad.triple for quad in parse(file, format=RdfFormat.N_QUADS)]


def classes_above(iri: str, tables: dict[str, Term]) -> set[str]:
    found, todo = set(), [iri]
    while todo:
        each = todo.pop()
        if each not in found:
            found.add(each)
            todo += tables[each].broader if each in tables else ()
    return found


def findings(triples: Iterable[Triple], tables: dict[str, Term]) -> Iterator[Finding]:
    triples = list(triples)
    types = defaultdict(set)
    for each in triples:
        if each.predicate == RDF.type:
            types[each.subject] |= classes_above(each.object.value, tables)
    for each in triples:
        term = tables.get(each.predicate.value)
        if term is None or term.kind != "property":
            yield Finding("property", each)
            continue
        if each.predicate == RDF.type and (
            each.object.value not in tables or tables[each.object.value].kind != "class"
        ):
            yield Finding("class", each)
        if term.domain and term.domain not in types[each.subject]:
            yield Finding("domain", each)
        if term.range and not fits(each.object, term.range, types[each.object]):
            yield Finding("range", each)


def fits(term, range_: str, types: set[str]) -> bool:
    if isinstance(term, Literal):
        return range_ in {RDFS.iri + "Literal", term.datatype.value}
    return range_ in types


def exception(finding: Finding) -> tuple | None:
    term = finding.triple.subject if finding.wrong == "domain" else finding.triple.object
    for wrong, predicate, start in EXCEPTIONS:
        if (finding.wrong, finding.triple.predicate) == (wrong, predicate) and term.value.startswith(start):
            return wrong, predicate, start
    return None


def test_every_term_is_known_and_used_within_its_domain_and_range(asserted, tables):
    assert [each for each in findings(asserted, tables) if exception(each) is None] == []


def test_no_exception_is_listed_that_is_not_needed(asserted, tables):
    assert {exception(each) for each in findings(asserted, tables)} == set(EXCEPTIONS)


PERSON, EVENT, THING = (NamedNode(f"{BASE}id/{each}/x") for each in ("person", "event", "work"))
TYPED = [Triple(PERSON, RDF.type, CRM.E21_Person), Triple(EVENT, RDF.type, CRM.E12_Production)]


@pytest.mark.parametrize(
    ("wrong", "triple"),
    [
        ("property", Triple(EVENT, NamedNode(CRM.iri + "P131_is_identified_by"), PERSON)),
        ("property", Triple(EVENT, CRM.E21_Person, PERSON)),
        ("class", Triple(THING, RDF.type, NamedNode(CRM.iri + "E40_Legal_Body"))),
        ("domain", Triple(PERSON, CRM.P14_carried_out_by, PERSON)),
        ("range", Triple(EVENT, CRM.P14_carried_out_by, EVENT)),
        ("domain", Triple(THING, FV.nested_speaker, PERSON)),
        ("range", Triple(THING, FV.checked, Literal("today"))),
        ("range", Triple(EVENT, CRM.P3_has_note, PERSON)),
        ("range", Triple(THING, FV.checked, Literal("2026-11-23T00:00:00Z", datatype=XSD.dateTime))),
    ],
)
def test_a_wrong_use_is_found(tables, wrong, triple):
    assert [each.wrong for each in findings([*TYPED, triple], tables)] == [wrong]


def test_a_right_use_is_not_found(tables):
    used = Triple(EVENT, CRM.P14_carried_out_by, PERSON)
    assert list(findings([*TYPED, used], tables)) == []
