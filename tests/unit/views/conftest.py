"""The first record, cut down to what the views show, and a real release of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Triple, parse

from fonds.identifiers import IriSpace
from fonds.views.jsonld import Context, read_context
from fonds.vocabulary import program_ontology

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def iris() -> IriSpace:
    return IriSpace("https://fonds.example/")


@pytest.fixture
def triples() -> list[Triple]:
    return [quad.triple for quad in parse((HERE / "record.ttl").read_bytes(), format=RdfFormat.TURTLE)]


@pytest.fixture(scope="session")
def context() -> Context:
    return read_context(program_ontology() / "context.jsonld")
