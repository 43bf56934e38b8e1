"""What happens to a server when something is taken from it: each line of docs/faults.md about servers has its test here."""

from __future__ import annotations

import http.client
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from fonds.release.staging import make_current
from tests.conftest import Site, serving
from tests.faults import lives
from tests.faults.conftest import LONG
from tests.faults.lives import QUESTIONS, Visitor, answers, build, copied
from tests.faults.striking import Striker
from tests.processes import free_port, open_files_of, until

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc (Linux)"),
]

_QUERY = next(each for each in QUESTIONS if each.path.startswith("/sparql"))
_SLOW = "/sparql?query=" + quote(
    "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . FILTER(?a != ?i) }"
)


@pytest.fixture
def releases(two_releases: Path, tmp_path: Path) -> Path:
    """A folder of two releases of its own."""
    return copied(two_releases, tmp_path / "publication") / "releases"


@pytest.fixture
def site(releases: Path) -> Iterator[Site]:
    """That folder, served."""
    with serving(releases) as running:
        yield running


@contextmanager
def served(releases: Path, port: int, **how: object) -> Iterator[subprocess.Popen[str]]:
    """Serve releases at a port until the block ends."""
    command = [sys.executable, "-m", "fonds", "serve", str(releases), "--port", str(port)]
    given = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, **how}
    with subprocess.Popen(command, text=True, **given) as process:  # type: ignore[call-overload]
        try:
            until(lambda: process.poll() is not None or listens(port), 60)
            yield process
        finally:
            process.kill()


def listens(port: int) -> bool:
    """Tell whether anybody takes connections."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def children_of(process: int) -> dict[int, str]:
    """Return the processes that one has started, and their states."""
    found = {}
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = each.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == process:
            found[int(each.parent.name)] = state
    return found


def is_there(process: int) -> bool:
    """Tell whether there is a process."""
    return Path(f"/proc/{process}").exists()


# ------------------------------------------------------------------------------------------------- processes


def test_workers_that_are_killed_are_replaced_and_only_their_query_is_refused(site: Site) -> None:
    before = answers(site.url)
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    connection.request("GET", _SLOW)
    time.sleep(0.3)
    for each in children_of(site.process.pid):
        os.kill(each, signal.SIGKILL)
    refused = connection.getresponse()
    told = refused.read().decode()
    connection.close()
    assert refused.status == 503, told
    assert "Traceback" not in told
    assert answers(site.url) == before
    until(lambda: "Z" not in children_of(site.process.pid).values(), 60)


def test_a_server_that_is_killed_leaves_no_process_and_the_next_one_starts_at_its_port(
    releases: Path,
) -> None:
    port = free_port()
    with served(releases, port) as first:
        before = answers(f"http://127.0.0.1:{port}/")
        workers = children_of(first.pid)
        assert workers
        first.kill()
        first.wait()
        until(lambda: not any(map(is_there, workers)), 60)
    with served(releases, port):
        assert answers(f"http://127.0.0.1:{port}/") == before


# ------------------------------------------------------------------------------------------------------ disk


def test_a_server_whose_log_cannot_be_written_answers_all_the_same(releases: Path) -> None:
    port = free_port()
    with (
        Path("/dev/full").open("w") as full,
        served(releases, port, stdout=full, stderr=full) as process,
    ):
        answers(f"http://127.0.0.1:{port}/")
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_a_server_needs_no_room_for_temporary_files(releases: Path, tmp_path: Path) -> None:
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(place)]
    try:
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("a full disk: mounting a small tmpfs needs the superuser")
    except FileNotFoundError:
        pytest.skip("a full disk: `mount` is not installed")
    try:
        (place / "full").write_bytes(b"x" * 4096)
        port = free_port()
        with served(releases, port, env={**os.environ, "TMPDIR": str(place)}) as process:
            answers(f"http://127.0.0.1:{port}/")
            assert process.poll() is None
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


# ----------------------------------------------------------------------------------------------- the release


def test_where_a_release_is_removed_underneath_what_is_open_is_answered_the_rest_is_refused_and_the_next_is_taken(
    site: Site, releases: Path
) -> None:
    before = answers(site.url)
    current = (releases / "current").resolve()
    shutil.rmtree(current)
    # Workers that have its files in mind are gone, too.
    for each in children_of(site.process.pid):
        os.kill(each, signal.SIGKILL)
    visitor, found = Visitor(site.url), {}
    for question in QUESTIONS:
        status, body = found[question] = visitor.ask(question)
        assert (status, body) == before[question] or status == 503, (question, status, body)
        assert str(releases) not in body, body
        assert "Traceback" not in body
    visitor.close()
    assert {status for status, _ in found.values()} == {200, 503}
    assert site.get("/healthz").status == 200
    assert site.get("/readyz").status == 503
    (other,) = (each for each in releases.iterdir() if each.is_dir() and not each.is_symlink())
    make_current(releases, other.name)
    site.process.send_signal(signal.SIGHUP)
    # A worker that has the files open answers queries from the one that was removed until then.
    until(lambda: site.get("/readyz").status == 200, 60)
    assert answers(site.url)[_QUERY] != before[_QUERY]


def test_where_another_release_takes_the_place_of_one_that_is_served_no_answer_is_of_both(
    site: Site, releases: Path, two_releases: Path, strike: Striker, tmp_path: Path
) -> None:
    before = answers(site.url)
    rebuilt = copied(two_releases, tmp_path / "rebuilt")
    lives.write_letter(rebuilt, lives.CHANGED, "Other words", "More")
    strike.succeed(*build(rebuilt, "--jobs", "1"), clock=lives.THIRD)
    with serving(rebuilt / "releases") as other:
        wanted = answers(other.url)
    current = (releases / "current").resolve()
    current.rename(releases / ".aside")
    shutil.copytree((rebuilt / "releases/current").resolve(), current)
    for each in children_of(site.process.pid):
        os.kill(each, signal.SIGKILL)
    visitor = Visitor(site.url)
    for question in QUESTIONS:
        status, body = visitor.ask(question)
        # Each answer comes from files of one of the two: which of them are open already, nobody can know.
        assert status == 503 or (status, body) in (before[question], wanted[question]), (question, status)
    visitor.close()
    with serving(releases) as again:
        assert answers(again.url) == wanted


@pytest.mark.parametrize("left", [0.0, 0.5])
def test_a_release_that_is_cut_in_place_under_a_server_is_never_answered_from_as_if_it_were_whole(
    site: Site, releases: Path, left: float
) -> None:
    before = answers(site.url)
    current = (releases / "current").resolve()
    for path in [each for each in current.rglob("*") if each.is_file()]:
        # Its other names, in the release before, keep what they have.
        data = path.read_bytes()
        path.unlink()
        path.write_bytes(data)
    with serving(releases) as cut:
        for path in [each for each in current.rglob("*") if each.is_file()]:
            os.truncate(path, int(path.stat().st_size * left))
        visitor = Visitor(cut.url)
        for question in QUESTIONS:
            try:
                found = visitor.ask(question)
            except (OSError, http.client.HTTPException):
                # Cut short, or nobody is there any more: a file that is mapped into memory and shrinks ends its process.
                continue
            assert found == before[question] or found[0] >= 500, (question, found)
            assert str(releases) not in found[1]
        visitor.close()
        cut.process.kill()
    refused = subprocess.run(
        [sys.executable, "-m", "fonds", "serve", str(releases), "--port", "0"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert refused.returncode == 1
    assert str(current) in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_damaged_release_is_not_taken_by_a_server_that_runs_which_names_the_file(
    site: Site, releases: Path
) -> None:
    lines = _lines_of(site)
    good = (releases / "current").resolve()
    bad = next(
        each for each in releases.iterdir() if each.is_dir() and each not in (good, releases / "current")
    )
    names = [each.relative_to(bad).as_posix() for each in sorted(bad.rglob("*")) if each.is_file()]
    before = answers(site.url)
    for name in names if LONG else ["manifest.json", "dumps/dataset.nq.gz", "store/CURRENT"]:
        data = (bad / name).read_bytes()
        if not data or name == "manifest.sha256":
            # Of that one the end of the line may be missing.
            continue
        for damaged in (data[:-1], b"", data[: len(data) // 2]) if LONG else (data[:-1],):
            _put(bad / name, damaged)
            make_current(releases, bad.name)
            site.process.send_signal(signal.SIGHUP)
            told = next(lines)
            assert "is served still" in told, told
            assert name in told, told
            visitor = Visitor(site.url)
            question = QUESTIONS[len(data) % len(QUESTIONS)]
            assert visitor.ask(question) == before[question]
            visitor.close()
            make_current(releases, good.name)
        _put(bad / name, data)
    make_current(releases, bad.name)
    site.process.send_signal(signal.SIGHUP)
    assert next(lines).endswith("is served now\n")


def _put(path: Path, data: bytes) -> None:
    """Write a file whose other names keep what they have."""
    path.unlink()
    path.write_bytes(data)


def _lines_of(site: Site) -> Iterator[str]:
    assert site.process.stdout is not None
    return iter(site.process.stdout.readline, "")


# --------------------------------------------------------------------------------------------- open files


def test_too_few_open_files_are_told_at_the_start(releases: Path) -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "fonds", "serve", str(releases), "--port", "0"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100)),
    )
    assert refused.returncode == 1
    assert "needs at least 256 open files, and may have 100 here" in refused.stderr
    assert "ulimit -n" in refused.stderr


def test_of_a_thousand_connections_so_many_are_taken_that_those_are_answered(releases: Path) -> None:
    port, most = free_port(), 300
    with served(
        releases, port, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    ) as process:
        url = f"http://127.0.0.1:{port}/"
        before = answers(url)
        # Somebody is there before the others come.
        visitor = Visitor(url)
        visitor.ask(_QUERY)
        others = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(1000)]
        until(lambda: open_files_of(process.pid) > 150, 60)
        assert {each: visitor.ask(each) for each in QUESTIONS} == before
        late = socket.create_connection(("127.0.0.1", port), 10)
        late.sendall(b"GET /healthz HTTP/1.1\r\nHost: a.example\r\n\r\n")
        assert late.recv(1000).startswith(b"HTTP/1.1 503 ")
        late.close()
        assert open_files_of(process.pid) < most
        for each in others:
            each.close()
        until(lambda: open_files_of(process.pid) < 150, 60)
        visitor.close()
        assert answers(url) == before


# ---------------------------------------------------------------------------------------------------- clock

_SHIFTED = """
import datetime, pathlib, sys, time
place, true_time, true = pathlib.Path(sys.argv.pop(1)), time.time, datetime.datetime
def shift():
    return float(place.read_text())
class Shifted(true):
    @classmethod
    def now(cls, tz=None):
        return true.now(tz) + datetime.timedelta(seconds=shift())
time.time = lambda: true_time() + shift()
datetime.datetime = Shifted
from fonds.cli import main
main()
"""


@pytest.mark.parametrize("seconds", [-400 * 86_400.0, 400 * 86_400.0], ids=["back", "forward"])
def test_a_clock_that_jumps_changes_no_answer_and_outdates_no_token(
    releases: Path, tmp_path: Path, seconds: float
) -> None:
    place, port = tmp_path / "shift", free_port()
    place.write_text("0")
    command = [sys.executable, "-c", _SHIFTED, str(place), "serve", str(releases), "--port", str(port)]
    url = f"http://127.0.0.1:{port}/"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            until(lambda: listens(port), 60)
            site = Site(url, lives.BASE, process)
            before = answers(url)
            tag = site.get(QUESTIONS[1].path).headers["etag"]
            harvested = site.get("/oai?verb=ListRecords&metadataPrefix=oai_dc").text
            place.write_text(str(seconds))
            assert answers(url) == before
            assert site.get(QUESTIONS[1].path, headers={"If-None-Match": tag}).status == 304
            again = site.get("/oai?verb=ListRecords&metadataPrefix=oai_dc").text
            assert _without_moment(again) == _without_moment(harvested)
            # Times of waiting go by another clock: nobody is thrown out, and nobody waits for a year.
            visitor = Visitor(url)
            began = time.monotonic()
            for question in QUESTIONS:
                assert visitor.ask(question) == before[question]
            visitor.close()
            assert time.monotonic() - began < 30
            # The date of an answer follows the clock.
            this = time.strftime("%Y", time.gmtime())
            until(lambda: site.get("/healthz").headers["date"].split()[3] != this, 60)
        finally:
            process.kill()


def _without_moment(harvested: str) -> str:
    head, _, rest = harvested.partition("<responseDate>")
    return head + rest.partition("</responseDate>")[2]


def test_releases_follow_one_another_though_the_clock_was_set_back(
    two_releases: Path, strike: Striker, tmp_path: Path
) -> None:
    publication = copied(two_releases, tmp_path / "publication")
    lives.write_letter(publication, lives.CHANGED, "Other words", "More")
    strike.succeed(*build(publication, "--jobs", "1"), clock="2026-02-01T10:00:00+00:00")
    with serving(publication / "releases") as site:
        harvested = site.get("/oai?verb=ListIdentifiers&metadataPrefix=oai_dc&from=2026-03-02").text
        assert lives.CHANGED in harvested
        assert "letter-1<" not in harvested
