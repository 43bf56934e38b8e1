"""Every identifier of the data answers at its own address with triples about itself (Linked Data; Cool URIs for the Semantic Web 4)."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from fonds.identifiers import NS
from fonds.web import create_app
from tests.unit.web.conftest import Ask, Reply, asker

if TYPE_CHECKING:
    from fonds.release.folder import Release
    from fonds.store.embedded import EmbeddedStore

NTRIPLES = "application/n-triples"
SERVICES = ("dumps/", "sparql")
"""What stands under the base and is no thing with a description: files, the endpoint."""


@pytest.fixture
def ask(release: Release, store: EmbeddedStore) -> Ask:
    return asker(create_app(release, store, release.manifest.settings))


def iris(release: Release) -> Iterator[str]:
    """Yield every IRI of the named graphs, their names included."""
    with gzip.open(release.dumps / "dataset.nq.gz") as source:
        for quad in parse(source.read(), format=RdfFormat.N_QUADS):
            for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
                if isinstance(term, NamedNode):
                    yield term.value


def dereferenced(ask: Ask, base: str, iri: str) -> tuple[str, Reply]:
    """Follow redirects as a client does; return the last address and its answer."""
    address = iri.partition("#")[0]
    for _ in range(3):
        place = urlsplit(address)
        path = "/" + address.removeprefix(base) if address.startswith(base) else place.path
        reply = ask(path, NTRIPLES)
        if reply.status != 303:
            break
        address = urljoin(address, reply.headers["location"])
    return address, reply


@pytest.mark.thorough
@pytest.mark.clause("RFC 9110 15.4.4")
def test_every_iri_of_ours_answers_with_triples_about_itself(ask: Ask, release: Release) -> None:
    base = release.manifest.base
    ours = {iri for iri in iris(release) if iri.startswith(base)}
    ours = {iri for iri in ours if iri != base and not iri.removeprefix(base).startswith(SERVICES)}
    assert len(ours) > 300
    silent = []
    for iri in sorted(ours):
        address, reply = dereferenced(ask, base, iri)
        if reply.status != 200 or not speaks_of(reply, iri):
            silent.append((iri, address, reply.status))
    assert silent == []


def speaks_of(reply: Reply, iri: str) -> bool:
    """Tell whether an answer has triples with the IRI as subject, or is the graph of that name."""
    it = NamedNode(iri)
    return "/graph/" in iri or any(
        each.subject == it for each in parse(reply.body, format=RdfFormat.N_TRIPLES)
    )


def test_a_graph_answers_with_exactly_its_triples(ask: Ask, release: Release) -> None:
    base = release.manifest.base
    graphs: dict[str, set[Any]] = {}
    with gzip.open(release.dumps / "dataset.nq.gz") as source:
        for quad in parse(source.read(), format=RdfFormat.N_QUADS):
            graphs.setdefault(quad.graph_name.value, set()).add(quad.triple)
    assert len(graphs) > 10
    for name, triples in graphs.items():
        reply = ask("/" + name.removeprefix(base), NTRIPLES)
        assert {each.triple for each in parse(reply.body, format=RdfFormat.N_TRIPLES)} == triples


def test_the_program_s_own_terms_answer_at_ns(ask: Ask, release: Release) -> None:
    used = {iri for iri in iris(release) if iri.startswith(NS) and iri != NS}
    assert used
    said = {each.subject.value for each in parse(ask("/ns", NTRIPLES).body, format=RdfFormat.N_TRIPLES)}
    assert used - said == set()


def test_every_service_under_the_base_answers(ask: Ask, release: Release) -> None:
    base = release.manifest.base
    with_services = (release.catalogue).read_bytes()
    services = {
        term.value
        for quad in parse(with_services, format=RdfFormat.TURTLE)
        for term in (quad.object,)
        if isinstance(term, NamedNode) and term.value.removeprefix(base).startswith(SERVICES)
    }
    assert services
    assert {iri: ask("/" + iri.removeprefix(base), "*/*").status for iri in services} == dict.fromkeys(
        services, 200
    )


def test_every_iri_in_the_catalogue_that_is_ours_is_a_fragment_of_it_or_answers(
    ask: Ask, release: Release
) -> None:
    base = release.manifest.base
    statements = list(parse(release.catalogue.read_bytes(), format=RdfFormat.TURTLE))
    described = {each.subject.value for each in statements if isinstance(each.subject, NamedNode)}
    named = {each.object.value for each in statements if isinstance(each.object, NamedNode)}
    fragments = {iri for iri in described | named if iri.startswith(f"{base}dataset#")}
    assert fragments
    assert fragments - described == set()
    others = {iri for iri in described | named if iri.startswith(base)} - fragments
    assert {iri: dereferenced(ask, base, iri)[1].status for iri in others - {base}} == dict.fromkeys(
        others - {base}, 200
    )
