"""Several servers of one release, each with a folder of its own, behind one web server: nobody notices which answers, nor a change."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner

from fonds.cli import main
from fonds.release.folder import Release
from fonds.release.publication import build_publication
from tests.behind import FRONTS, Front, asker_of
from tests.conformance.test_identity_over_time import copied
from tests.conftest import Site, serving
from tests.deployment.conftest import BASE, PROXIES
from tests.processes import until

pytestmark = pytest.mark.thorough

LETTER = "/doc/record/brenner-1901-03"


@pytest.fixture(scope="module")
def two_releases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Release, Release]:
    """A release and the next one, as the machine that builds has them."""
    folder = copied(tmp_path_factory.mktemp("built") / "publication")
    toml = folder / "fonds.toml"
    toml.write_text(PROXIES + toml.read_text(encoding="utf-8"), encoding="utf-8")
    into = tmp_path_factory.mktemp("built-releases")
    first = build_publication(folder, into=into, base=BASE)
    toml.write_text(
        toml.read_text(encoding="utf-8").replace("Letters of the house", "More letters of the house")
    )
    return first, build_publication(folder, into=into, base=BASE)


def bring(release: Release, releases: Path) -> None:
    """Copy a release to another machine's folder as the documents say, and take it."""
    if shutil.which("rsync") is None:
        pytest.skip("rsync is not installed (Debian: rsync)")
    releases.mkdir(exist_ok=True)
    arriving = releases / ".arriving"
    before = ["--link-dest", str(releases / "current/")] if (releases / "current").exists() else []
    subprocess.run(
        ["rsync", "-rp", "--checksum", "--delete", *before, f"{release.folder}/", str(arriving)], check=True
    )
    done = CliRunner().invoke(main, ["receive", str(arriving)])
    assert done.exit_code == 0, done.output


class Readers:
    """Clients that ask one web server until they are told to stop."""

    def __init__(self, front: Front, count: int = 3) -> None:
        self.failures: list[str] = []
        self.asked = 0
        self._stop = threading.Event()
        self._front = front
        self._threads = [threading.Thread(target=self._read, args=(number,)) for number in range(count)]

    def _read(self, number: int) -> None:
        ask, turn = asker_of(self._front.port, tls=self._front.tls), 0
        while not self._stop.is_set():
            turn += 1
            # Each address is new to every cache.
            query = urlencode({"query": f"ASK {{ ?s ?p ?o }} # {number} {turn}"})
            path, accept = [
                (f"/sparql?{query}", "text/csv"), (LETTER, "text/html"), (f"/search?q={number}x{turn}", "text/html"),
            ][turn % 3]  # fmt: skip
            try:
                reply = ask(path, accept)
            except OSError as error:
                self.failures.append(f"{path}: {error!r}")
                continue
            self.asked += 1
            if reply.status != 200:
                self.failures.append(f"{path}: {reply.status} {reply.text[:100]}")

    def __enter__(self) -> Readers:
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for each in self._threads:
            each.join(60)


def release_at(site: Site) -> str:
    told = json.loads(site.get("/readyz").body)["release"]
    assert isinstance(told, str)
    return told


@pytest.fixture(params=list(FRONTS))
def scaled(
    request: pytest.FixtureRequest, two_releases: tuple[Release, Release], tmp_path: Path
) -> Iterator[tuple[Front, list[Site], list[Path]]]:
    first, _ = two_releases
    folders = [tmp_path / "one" / "releases", tmp_path / "two" / "releases"]
    with ExitStack() as stack:
        sites = []
        for folder in folders:
            folder.parent.mkdir()
            bring(first, folder)
            sites.append(stack.enter_context(serving(folder, base=BASE)))
        ports = [site.port for site in sites]
        front = stack.enter_context(FRONTS[request.param](ports, tmp_path / "front"))
        yield front, sites, folders


def test_a_release_that_arrives_is_taken_by_one_server_after_the_other_and_no_reader_notices(
    scaled: tuple[Front, list[Site], list[Path]], two_releases: tuple[Release, Release]
) -> None:
    front, sites, folders = scaled
    first, second = two_releases
    assert {release_at(site) for site in sites} == {first.manifest.name}
    with Readers(front) as readers:
        until(lambda: readers.asked > 30, 60)
        for site, folder in zip(sites, folders, strict=True):
            bring(second, folder)
            until(lambda site=site: release_at(site) == second.manifest.name, 60)
        # What did not change is there once on each machine.
        links = [
            path.stat().st_nlink for path in (folders[0] / second.manifest.name).rglob("*") if path.is_file()
        ]
        assert max(links) == 2
        asked = readers.asked
        until(lambda: readers.asked > asked + 30, 60)
    assert readers.failures == []
    # Whichever answers, it is the same answer with the same tag.
    tags = {site.get(LETTER, "text/turtle").headers["etag"] for site in sites}
    assert tags == {front.ask(LETTER, "text/turtle").headers["etag"]}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_while_one_server_is_gone_the_other_answers(
    scaled: tuple[Front, list[Site], list[Path]], how: signal.Signals
) -> None:
    front, sites, _ = scaled
    with Readers(front) as readers:
        until(lambda: readers.asked > 30, 60)
        sites[0].process.send_signal(how)
        sites[0].process.wait(60)
        asked = readers.asked
        until(lambda: readers.asked > asked + 30, 60)
    # An answer that is on its way from a server that is killed is lost; nobody takes it for whole.
    assert len(readers.failures) <= (3 if how == signal.SIGKILL else 0), readers.failures[:5]
