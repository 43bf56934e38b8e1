"""Two small stores: a publication with an inferred triple, a saying and a country of many links; and any RDF."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pyoxigraph as ox
import pytest

from fonds.formats import RESULTS_JSON, Format
from fonds.settings import Limits
from fonds.store.embedded import EmbeddedStore

T = TypeVar("T")
BASE = "https://archive.example/"
LIMITS = Limits(query_seconds=20.0, worker_memory_bytes=256 * 1024 * 1024, workers=2, queued_queries=2)

PUBLICATION = f"""
@base <{BASE}> .
@prefix crm: <http://www.cidoc-crm.org/cidoc-crm/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<graph/record/letter-1> {{
  <id/record/letter-1> a crm:E31_Document ; rdfs:label "A letter" ; crm:P67_refers_to <id/place/cuba> ;
    crm:P72_has_language <vocab/language/en> ; crm:P106_is_composed_of <id/record/letter-1/p1> .
  <id/record/letter-1/p1> crm:P3_has_note "Part of the whole" .
}}
<graph/record/letter-1/text> {{ <id/record/letter-1/p1> crm:P190_has_symbolic_content "Dear\\rfriend" . }}
<graph/authority/place/cuba> {{ <id/place/cuba> a crm:E53_Place ; rdfs:label "Cuba"@en . }}
<graph/vocabulary/language> {{ <vocab/language/en> a crm:E56_Language ; skos:prefLabel "English"@en . }}
<graph/said/letter-1/s1> {{ <id/place/cuba> crm:P3_has_note "said, not asserted" .
  <id/event/rice> crm:P7_took_place_at <id/place/cuba> . }}
"""
INFERRED = f"""
<{BASE}id/place/cuba> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.cidoc-crm.org/cidoc-crm/E1_CRM_Entity> .
<{BASE}id/record/letter-1> <http://www.cidoc-crm.org/cidoc-crm/P1_inferred> <{BASE}id/place/cuba> .
<{BASE}id/place/inferred-only> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.cidoc-crm.org/cidoc-crm/E53_Place> .
"""
DATASET = """
@prefix ex: <https://elsewhere.example/> . @prefix dcterms: <http://purl.org/dc/terms/> .
ex:a dcterms:title "A" ; ex:knows ex:b . ex:b dcterms:title "B" .
ex:g { ex:a ex:knows ex:c . ex:c <https://elsewhere.example/1> "no XML name" ; ex:bell "\\u0007" . }
"""
MANY = 300


@pytest.fixture(scope="session")
def publication_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The engine's folder of a small publication whose default graph is its public view."""
    folder = tmp_path_factory.mktemp("publication")
    store = ox.Store(str(folder))
    store.load(PUBLICATION, format=ox.RdfFormat.TRIG)
    place, points = ox.NamedNode(f"{BASE}id/place/cuba"), ox.NamedNode(f"{BASE}vocab/points")
    graph = ox.NamedNode(f"{BASE}graph/record/many")
    store.extend(
        ox.Quad(ox.NamedNode(f"{BASE}id/record/many/{n}"), points, place, graph) for n in range(MANY)
    )
    said = f"{BASE}graph/said/"
    store.extend(ox.Quad(*quad.triple) for quad in list(store) if not quad.graph_name.value.startswith(said))
    store.load(INFERRED, format=ox.RdfFormat.N_TRIPLES)
    store.extend(
        ox.Quad(ox.NamedNode(f"{BASE}filler/{n}"), ox.NamedNode(f"{BASE}p{n % 7}"), ox.Literal(f"{n} " * 20))
        for n in range(20_000)
    )
    store.flush()
    return folder


@pytest.fixture(scope="session")
def dataset_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The engine's folder of RDF as it came."""
    folder = tmp_path_factory.mktemp("dataset")
    store = ox.Store(str(folder))
    store.load(DATASET, format=ox.RdfFormat.TRIG)
    store.flush()
    return folder


Open = Callable[..., EmbeddedStore]


@pytest.fixture
def open_store(publication_folder: Path) -> Iterator[Open]:
    """Opens stores on the publication, with limits of their own, and closes them."""
    opened = []

    def open_it(**limits: Any) -> EmbeddedStore:
        values = {name: getattr(LIMITS, name) for name in LIMITS.__struct_fields__} | limits
        store = EmbeddedStore(
            publication_folder, base=BASE, kind="publication", prefixes={}, limits=Limits(**values)
        )
        opened.append(store)
        return store

    yield open_it
    for each in opened:
        each.close()


@pytest.fixture
def publication(open_store: Open) -> EmbeddedStore:
    """A store on the publication."""
    return open_store()


@pytest.fixture
def dataset(dataset_folder: Path) -> Iterator[EmbeddedStore]:
    """A store on the dataset."""
    store = EmbeddedStore(dataset_folder, base=BASE, kind="dataset", prefixes={}, limits=LIMITS)
    yield store
    store.close()


async def whole(store: EmbeddedStore, sparql: str, format: Format = RESULTS_JSON, **options: Any) -> bytes:
    """Return the whole answer to a query."""
    answer = await store.query(sparql, format, **options)
    return b"".join([chunk async for chunk in answer])


def run(work: Awaitable[T]) -> T:
    """Run one test's work in a loop of its own; nothing in it takes half a minute."""

    async def limited() -> T:
        async with asyncio.timeout(60):
            return await work

    return asyncio.run(limited())


async def until(condition: Callable[[], bool]) -> None:
    """Let others work until something is so; the test's time limit ends what never comes."""
    while not condition():
        await asyncio.sleep(0.001)
