"""The stored queries give the same answers in rdflib's engine over the dumps as at the endpoint."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rdflib
from rdflib import Dataset

from fonds.identifiers import IriSpace
from fonds.vocabulary import PREFIXES

QUERIES = sorted((Path(__file__).parents[2] / "queries").glob("*.rq"))
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def dataset(site: Any) -> Iterator[Dataset]:
    """The dumps as a dataset: the public view and what follows from it as default graph, named graphs as they are."""
    with pytest.MonkeyPatch.context() as patch:
        # rdflib would write 00:00:00Z as 00:00:00+00:00.
        patch.setattr(rdflib, "NORMALIZE_LITERALS", False)
        yield _loaded(site)


def _loaded(site: Any) -> Dataset:
    loaded = Dataset(default_union=False)
    # First: rdflib's reader of N-Quads gives the dataset a new default graph.
    loaded.parse(data=gzip.decompress(site.get("dumps/dataset.nq.gz").body).decode(), format="nquads")
    for name in ("public.nt.gz", "inferred.nt.gz"):
        words = gzip.decompress(site.get(f"dumps/{name}").body).decode()
        loaded.default_graph.parse(data=words, format="nt")
    return loaded


def terms(row: Any) -> tuple[tuple[str, str, str], ...]:
    """Return a row of rdflib's as value, language and datatype of each term."""
    return tuple(
        ("-", "", "") if term is None else (str(term), getattr(term, "language", None) or "", _datatype(term))
        for term in row
    )


def _datatype(term: Any) -> str:
    datatype = str(getattr(term, "datatype", None) or "")
    return "" if datatype.endswith("#string") else datatype


@pytest.mark.parametrize("query", QUERIES, ids=lambda path: path.stem)
@pytest.mark.thorough
def test_both_engines_agree(site: Any, dataset: Dataset, query: Path) -> None:
    headers = {"Content-Type": "application/sparql-query"}
    reply = site.get(
        "sparql", "application/sparql-results+json", method="POST", headers=headers, body=query.read_bytes()
    )
    answer = json.loads(reply.body)
    ours = Counter(
        tuple(
            (row[name]["value"], row[name].get("xml:lang", ""), row[name].get("datatype", ""))
            if name in row
            else ("-", "", "")
            for name in answer["head"]["vars"]
        )
        for row in answer["results"]["bindings"]
    )
    prefixes = {**PREFIXES, **IriSpace(site.base).prefixes}
    theirs = dataset.query(query.read_text("utf-8"), initNs=prefixes)
    assert [str(name) for name in theirs.vars or ()] == answer["head"]["vars"]
    assert Counter(terms(row) for row in theirs) == ours
