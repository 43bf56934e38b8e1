"""Dumps and documents, read by parsers of other people: raptor's rapper, and Jena's riot where it can be run.

Each reads what we write, in every syntax, as the triples that pyoxigraph reads.
"""

from __future__ import annotations

import gzip
import shutil
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

DOCUMENTS = (
    "doc/record/darusenkov-1964-375",
    "doc/person/guevara",
    "graph/meta",
    "dataset",
    "doc/vocab/type",
)
RAPPER = {
    RdfFormat.TURTLE: "turtle",
    RdfFormat.N_TRIPLES: "ntriples",
    RdfFormat.RDF_XML: "rdfxml",
    RdfFormat.N_QUADS: "nquads",
    RdfFormat.TRIG: "trig",
}
RIOT = {
    RdfFormat.TURTLE: "TURTLE",
    RdfFormat.N_TRIPLES: "NTRIPLES",
    RdfFormat.RDF_XML: "RDFXML",
    RdfFormat.N_QUADS: "NQUADS",
    RdfFormat.TRIG: "TRIG",
    RdfFormat.JSON_LD: "JSONLD",
}
DUMPS = {
    "public.nt.gz": RdfFormat.N_TRIPLES,
    "public.ttl.gz": RdfFormat.TURTLE,
    "inferred.nt.gz": RdfFormat.N_TRIPLES,
    "dataset.nq.gz": RdfFormat.N_QUADS,
    "record.nq.gz": RdfFormat.N_QUADS,
    "authority.nq.gz": RdfFormat.N_QUADS,
}


def fetched(site: Any, path: str) -> bytes:
    with urllib.request.urlopen(f"{site.url}{path}") as answer:
        body: bytes = answer.read()
    return gzip.decompress(body) if path.endswith(".gz") else body


def triples(data: bytes, format_: RdfFormat) -> set[tuple[str, ...]]:
    return {_plain(quad.triple) for quad in parse(data, format=format_)}


def _plain(triple: Triple) -> tuple[str, ...]:
    value = triple.object
    if isinstance(value, Literal) and value.language:
        # RDF 1.1 Concepts 3.3: tags are compared without regard to case; raptor writes them in lower case.
        return str(triple.subject), str(triple.predicate), f"{value.value}@{value.language.lower()}"
    assert isinstance(value, NamedNode | Literal)
    return str(triple.subject), str(triple.predicate), str(value)


def rapper(data: bytes, format_: RdfFormat, tmp_path: Path) -> set[tuple[str, ...]]:
    if shutil.which("rapper") is None:
        pytest.skip("no rapper here; on Debian: apt-get install raptor2-utils")
    path = tmp_path / "data"
    path.write_bytes(data)
    command = ["rapper", "-q", "-i", RAPPER[format_], "-o", "ntriples", str(path), "http://unused.example/"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[:500]
    return triples(done.stdout, RdfFormat.N_TRIPLES)


def riot(data: bytes, format_: RdfFormat, tmp_path: Path) -> set[tuple[str, ...]]:
    # Debian's libapache-jena-java (4.5.0-2) breaks in its own Xerces before it reads anything.
    if shutil.which("riot") is None:
        pytest.skip("no riot here; install Apache Jena")
    path = tmp_path / "data"
    path.write_bytes(data)
    done = subprocess.run(
        ["riot", f"--syntax={RIOT[format_]}", "--output=NQUADS", str(path)],
        capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()[:500]
    return triples(done.stdout, RdfFormat.N_QUADS)


@pytest.mark.parametrize("reader", [rapper, riot])
@pytest.mark.parametrize("name", DUMPS)
def test_a_dump_is_the_same_to_every_parser(site: Any, tmp_path: Path, name: str, reader: Any) -> None:
    data = fetched(site, f"dumps/{name}")
    known = triples(data, DUMPS[name])
    assert known
    assert reader(data, DUMPS[name], tmp_path) == known


ENDINGS = ("ttl", "nt", "rdf", "nq", "trig", "jsonld")
# raptor reads no JSON-LD.
READ = [(rapper, ending) for ending in ENDINGS if ending != "jsonld"] + [(riot, ending) for ending in ENDINGS]


@pytest.mark.parametrize(("reader", "ending"), READ)
@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_is_the_same_to_every_parser(
    site: Any, tmp_path: Path, document: str, ending: str, reader: Any
) -> None:
    format_ = RdfFormat.from_extension(ending)
    assert format_ is not None
    data = fetched(site, f"{document}.{ending}")
    known = triples(fetched(site, f"{document}.nt"), RdfFormat.N_TRIPLES)
    assert triples(data, format_) == known
    assert reader(data, format_, tmp_path) == known
