"""What the tests share: this repository's own publication, a release of it, a store on that, and the site that serves it."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import hypothesis
import pytest

from tests.processes import stopped_after

if TYPE_CHECKING:
    from fonds.release.folder import Release
    from fonds.settings import Limits
    from fonds.store.embedded import EmbeddedStore
    from fonds.views.around import Around

BASE = "http://127.0.0.1:8000/"
_STOP_SECONDS = 60

# In the background of a shell interrupts are ignored, and so they would be by every process that a test starts and interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says more of what else the machine does than of the example.
hypothesis.settings.register_profile("fonds", deadline=None)
hypothesis.settings.load_profile("fonds")


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer, not followed and not decoded."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


@dataclass(frozen=True, slots=True)
class Site:
    """A release that is being served.

    Attributes:
        url: Where, with the slash at its end.
        base: Under which the identifiers of its data stand.
        process: The serving process.
    """

    url: str
    base: str
    process: subprocess.Popen[str] = field(repr=False)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port, as sockets want them."""
        place = urlsplit(self.url)
        assert place.hostname is not None
        assert place.port is not None
        return place.hostname, place.port

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.address[1]

    def get(
        self,
        path: str,
        accept: str | None = None,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Reply:
        """Send one request with the path exactly as given (or the IRI of the data); header names come back in lower case."""
        connection = http.client.HTTPConnection(*self.address, timeout=60)
        sent = {**({"Accept": accept} if accept is not None else {}), **(headers or {})}
        try:
            connection.request(method, "/" + path.removeprefix(self.base).removeprefix("/"), body, sent)
            answer = connection.getresponse()
            received = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, received, answer.read())
        finally:
            connection.close()


@contextmanager
def serving(
    *arguments: str | Path, base: str | None = None, complaints: Path | None = None
) -> Iterator[Site]:
    """Run ``fonds serve`` with these arguments on a free port until the block ends.

    Args:
        arguments: What stands behind ``fonds serve``.
        base: Under which the identifiers of the data stand; None: the address it listens on.
        complaints: A file for what it writes on its error output; None: that goes where the tests' own does.
    """
    command = [sys.executable, "-m", "fonds", "serve", *map(str, arguments), "--port", "0"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with (
        nullcontext() if complaints is None else complaints.open("w") as errors,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
        ) as process,
        stopped_after(process, _STOP_SECONDS),
    ):
        url = _announced(process, complaints)
        yield Site(url, base or url, process)


def _announced(process: subprocess.Popen[str], complaints: Path | None) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        words = line.split()
        if line.startswith("fonds: "):
            return next(word for word in words if word.startswith("http://"))
    status, said = process.wait(), complaints.read_text(errors="replace") if complaints else ""
    pytest.fail(f"fonds serve ended with status {status} and never said where it listens\n{said}")


@contextmanager
def opened(
    release: Release, *, prefixes: Mapping[str, str], limits: Limits | None = None
) -> Iterator[EmbeddedStore]:
    """Open a store on a release until the block ends.

    Args:
        release: What it answers from.
        prefixes: Those that queries need not declare; none finds those that a page of ours forgets.
        limits: In place of the release's own.
    """
    from fonds.store.embedded import EmbeddedStore

    manifest = release.manifest
    store = EmbeddedStore(
        release.store,
        base=manifest.base,
        kind=manifest.kind,
        prefixes=prefixes,
        limits=limits or manifest.settings.limits,
    )
    try:
        yield store
    finally:
        store.close()


@pytest.fixture(scope="session")
def publication() -> Path:
    """The folder of this repository's own publication."""
    return Path(__file__).parents[1]


@pytest.fixture(scope="session")
def release(publication: Path, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release of it, for the base http://127.0.0.1:8000/."""
    # Imported here, so that tests of the lower floors do not wait for the upper ones.
    from fonds.release.publication import build_publication

    return build_publication(publication, into=tmp_path_factory.mktemp("releases"), base=BASE)


@pytest.fixture(scope="session")
def site(release: Release) -> Iterator[Site]:
    """That release, served."""
    with serving(release.folder, base=BASE) as running:
        yield running


@pytest.fixture(scope="session")
def own_site(publication: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The publication as ``make serve`` serves it: built first, its identifiers under the address it listens on."""
    with serving(publication, "--into", tmp_path_factory.mktemp("own")) as running:
        yield running


@pytest.fixture
def first_record(release: Release) -> Iterator[Around]:
    """The first record with what is stated around it."""
    from fonds.descriptions import Descriptions
    from fonds.identifiers import IriSpace
    from fonds.inference import read_rules
    from fonds.views.around import Things, around, what_follows

    manifest, iris = release.manifest, IriSpace(release.manifest.base)
    key = next((Path(__file__).parents[1] / "data" / "documents").glob("*.xml")).stem
    descriptions = Descriptions(
        release.descriptions, release.names, release.dataset, iris, graphs=manifest.counts.graphs
    )
    described = descriptions.of(iris.record(key).value)
    assert described is not None
    follows = what_follows(read_rules([release.ontology], manifest.settings.inference, manifest.base))
    yield around(
        descriptions, Things(descriptions), described, key, iris, follows, manifest.settings.languages
    )
    descriptions.close()


@pytest.fixture
def store(release: Release) -> Iterator[EmbeddedStore]:
    """A store on that release."""
    with opened(release, prefixes={}) as store:
        yield store


_LONG = ("browser", "conformance", "faults", "presentation", "bench", "help")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long, wherever chance has put them: else the last one of them is waited for alone."""
    here = Path(__file__).parent
    items.sort(
        key=lambda it: not (it.path.is_relative_to(here) and it.path.relative_to(here).parts[0] in _LONG)
    )
