"""The terms that fonds writes: a closed list, each spelled as its ontology spells it."""

from __future__ import annotations

import copy
import csv

import pytest

from fonds.errors import FondsError
from fonds.vocabulary import CRM, NAMESPACES, PREFIXES, Namespace, program_ontology, text, typed


def test_a_hyphen_or_a_dot_of_a_term_is_an_underscore_in_its_name() -> None:
    assert CRM.P4_has_time_span.value == "http://www.cidoc-crm.org/cidoc-crm/P4_has_time-span"
    assert CRM.P14_1_in_the_role_of.value == "http://www.cidoc-crm.org/cidoc-crm/P14.1_in_the_role_of"
    assert CRM["E22_Human-Made_Object"] == CRM.E22_Human_Made_Object


def test_a_term_that_is_not_listed_is_an_error_and_not_a_new_term() -> None:
    with pytest.raises(FondsError, match="crm:P4_has_timespan is not among the terms"):
        CRM.P4_has_timespan  # noqa: B018


def test_python_may_look_at_a_namespace_without_asking_for_terms() -> None:
    assert not hasattr(CRM, "__wrapped__")
    assert copy.deepcopy(CRM).P4_has_time_span == CRM.P4_has_time_span


@pytest.mark.parametrize("namespace", NAMESPACES, ids=lambda each: each.prefix)
def test_no_two_terms_of_a_namespace_share_a_name(namespace: Namespace) -> None:
    assert len(set(namespace.terms.values())) == len(namespace.terms)


def test_prefixes_are_unambiguous_in_both_directions() -> None:
    assert len(set(PREFIXES.values())) == len(PREFIXES)


def test_every_term_of_an_ontology_that_we_hold_a_table_of_stands_in_it() -> None:
    listed: set[str] = set()
    for table in program_ontology().glob("*.csv"):
        with table.open(encoding="utf-8", newline="") as file:
            listed |= {row["iri"] for row in csv.DictReader(file) if row.get("iri")}
    tabled = [each for each in NAMESPACES if any(iri.startswith(each.iri) for iri in listed)]
    assert len(tabled) > 8
    missing = [term.value for each in tabled for term in each.terms.values() if term.value not in listed]
    assert missing == []


def test_literals_carry_a_language_or_a_type_or_neither() -> None:
    assert str(text("Brief", "de")) == '"Brief"@de'
    assert str(text("Brief")) == '"Brief"'
    assert str(typed("1964", CRM.E55_Type)) == '"1964"^^<http://www.cidoc-crm.org/cidoc-crm/E55_Type>'
