"""Our own questions: stored queries with values bound as terms."""

from __future__ import annotations

import threading

import pytest
from pyoxigraph import Literal, NamedNode

from fonds.errors import StoreError, StoreUnavailable
from fonds.settings import Limits
from fonds.store.embedded import EmbeddedStore
from tests.unit.store.conftest import BASE

CRM = "http://www.cidoc-crm.org/cidoc-crm/"


def test_values_are_bound_as_terms(publication: EmbeddedStore) -> None:
    hostile = Literal('" } INSERT DATA { <a:> <a:> <a:> } #')
    places = publication.select("members", **{"class": NamedNode(f"{CRM}E53_Place")})
    assert publication.select("members", **{"class": hostile}) == []
    assert publication.select("members", **{"class": NamedNode(f"{CRM}E53_Place")}) == places != []


def test_many_threads_may_ask_at_once(publication: EmbeddedStore) -> None:
    expected = publication.select("classes")
    found: list[object] = []

    def ask() -> None:
        for _ in range(5):
            found.append(publication.select("classes"))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert found == [expected] * 30


def test_a_query_of_ours_that_is_not_there_is_a_store_error(publication: EmbeddedStore) -> None:
    with pytest.raises(StoreError, match="no-such"):
        publication.select("no-such")


def test_a_store_that_is_not_there_says_what_to_do(tmp_path) -> None:
    with pytest.raises(StoreUnavailable, match="build the release again"):
        EmbeddedStore(tmp_path / "none", base=BASE, kind="publication", prefixes={}, limits=Limits())
