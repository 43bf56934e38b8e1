"""What ``/openapi.json`` promises is so, whatever is sent: Schemathesis makes up requests, right ones and wrong ones."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis.errors import Unsatisfiable

from tests.conftest import Site

requests = pytest.importorskip("requests", reason="Schemathesis is not installed")
schemathesis = pytest.importorskip("schemathesis", reason="Schemathesis is not installed")

_EXAMPLES = 6
_FREE_TEXT = frozenset({"/sparql", "/rdf-graph-store", "/lookup/shelfmark"})
"""Where a schema cannot say which text is right: what SPARQL is, which graphs there are, what a reference is."""
_LENIENT = "/reconcile"
"""Clients of this send what older versions had, which is passed over; and what a query may name stands in the data."""
_OF_SCHEMAS = ("positive_data_acceptance", "negative_data_rejection")


def _checked(operation: Any, mode: Any) -> None:
    left_out = []
    if operation.path in _FREE_TEXT or operation.path.startswith(_LENIENT):
        left_out = schemathesis.checks.CHECKS.get_by_names(_OF_SCHEMAS)

    @given(operation.as_strategy(generation_mode=mode))
    @settings(max_examples=_EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def ask(case: Any) -> None:
        # A form sends fields that nobody has filled in: an empty one is as good as none.
        sent = requests.Request(**case.as_transport_kwargs()).prepare()
        assume(all(value for _, value in parse_qsl(urlsplit(sent.url).query, keep_blank_values=True)))
        case.call_and_validate(excluded_checks=left_out)

    ask()


@pytest.mark.thorough
@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_every_operation_answers_as_it_is_described(own_site: Site, mode: str) -> None:
    api = schemathesis.openapi.from_url(f"{own_site.url}openapi.json")
    asked, failed = 0, []
    for found in api.get_all_operations():
        operation = found.ok()
        try:
            _checked(operation, schemathesis.GenerationMode(mode))
            asked += 1
        except Unsatisfiable:  # An operation that takes nothing cannot be sent anything wrong.
            assert mode == "negative"
        except (AssertionError, schemathesis.errors.SchemathesisError, BaseExceptionGroup) as error:
            failed.append(f"{operation.method.upper()} {operation.path}: {error}")
    assert asked > (40 if mode == "positive" else 20)
    assert failed == []


def test_the_description_is_openapi(own_site: Site) -> None:
    document = json.loads(own_site.get("/openapi.json").body)
    assert document["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(document).validate()
