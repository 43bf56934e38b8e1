"""A release whose settings believe the web server before it, and what serves it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fonds.release.folder import Release
from fonds.release.publication import build_publication
from tests.behind import FRONTS, NAME, Front
from tests.conformance.test_identity_over_time import copied
from tests.conftest import Site, serving

PROXIES = 'proxies = ["127.0.0.1", "10.1.0.0/16"]\n'
TABLES = """
[site]
languages = ["en", "ru"]
[limits]
query_seconds = 6.0
result_bytes = 3_000_000
client_queries = 2
"""
BASE = f"https://{NAME}/"


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release for the name of the configurations; the folder above it is one of releases."""
    folder = copied(tmp_path_factory.mktemp("deployed") / "publication")
    toml = folder / "fonds.toml"
    toml.write_text(PROXIES + toml.read_text(encoding="utf-8") + TABLES, encoding="utf-8")
    return build_publication(folder, into=tmp_path_factory.mktemp("deployed-releases"), base=BASE)


@pytest.fixture(scope="session")
def served(deployed: Release) -> Iterator[Site]:
    with serving(deployed.folder.parent, base=BASE) as site:
        yield site


@pytest.fixture(scope="session", params=list(FRONTS))
def front(
    request: pytest.FixtureRequest, served: Site, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    with FRONTS[request.param]([served.port], tmp_path_factory.mktemp(request.param)) as front:
        yield front


def folder_of(release: Release) -> Path:
    """Return the folder of releases in which one stands."""
    return release.folder.parent
