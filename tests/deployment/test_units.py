"""The units of systemd and the container file: as far as they can be tried where neither runs."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from fonds.beginning import begin_publication
from fonds.release.folder import Release
from tests.behind import DEPLOY, asker_of, replaced
from tests.processes import answers, free_port, until

UNITS = DEPLOY / "systemd"
CONTAINER = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
ROOT = DEPLOY.parents[1]
FONDS = f"{sys.executable} -m fonds"
EXPOSURE = {"fonds@8000.service": 2.0, "fonds-build.service": 1.0}
"""What `systemd-analyze security` may say at most: 0 is a service that can do nothing, 10 one that can do everything."""

pytestmark = pytest.mark.thorough


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units, with a program that is there in place of /opt/fonds."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed (Debian: systemd)")
    folder = tmp_path / "units"
    folder.mkdir()
    for path in UNITS.iterdir():
        text = path.read_text(encoding="utf-8").replace("/opt/fonds/bin/fonds", shutil.which("true") or "")
        (folder / path.name.replace("@.", "@8000.")).write_text(text, encoding="utf-8")
    return folder


def test_systemd_understands_every_line(units: Path) -> None:
    names = sorted(str(path) for path in units.iterdir())
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("name", list(EXPOSURE))
def test_the_services_are_shut_in(units: Path, name: str) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(units / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"Overall exposure level for .*: ([\d.]+)", done.stdout)
    assert found, done.stderr
    assert float(found[1]) <= EXPOSURE[name]


# ------------------------------------------------------------------------------------------ what they allow is enough


def allowed_calls(unit: str) -> set[str]:
    """Return the system calls that a unit's filters allow."""
    allowed: set[str] = set()
    for line in re.findall(r"(?m)^SystemCallFilter=(.*)$", (UNITS / unit).read_text()):
        for each in line.removeprefix("~").split():
            allowed = allowed - calls_of(each) if line.startswith("~") else allowed | calls_of(each)
    return allowed


def calls_of(name: str) -> set[str]:
    if not name.startswith("@"):
        return {name}
    said = subprocess.run(
        ["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True
    ).stdout
    lines = (line.strip() for line in said.splitlines()[1:])
    return {call for line in lines if line and not line.startswith("#") for call in calls_of(line)}


@contextmanager
def serving_with(
    before: Sequence[str], arguments: Sequence[str], port: int, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server behind other commands until the block ends; it has to end well when it is asked to."""
    with subprocess.Popen(
        [*before, *arguments], env={**os.environ, **environment}, start_new_session=True
    ) as server:
        try:
            until(lambda: server.poll() is not None or answers(port, "/healthz"), 60)
            assert server.poll() is None, "the server ended"
            yield server
            for each in serving_processes(server.pid):
                os.kill(each, signal.SIGTERM)
            assert server.wait(60) == 0
        finally:
            if server.poll() is None:
                os.killpg(server.pid, signal.SIGKILL)


def serving_processes(above: int) -> list[int]:
    """Return the processes of ``fonds serve`` at and below one."""
    found, waiting = [], [above]
    while waiting:
        each = waiting.pop()
        words = Path(f"/proc/{each}/cmdline").read_bytes().split(b"\0")
        if b"serve" in words and b"fonds" in b" ".join(words[:3]) and b"strace" not in words[0]:
            found.append(each)
            continue
        waiting += map(int, Path(f"/proc/{each}/task/{each}/children").read_text().split())
    return found


def use(port: int) -> None:
    """Ask for something of each sort; a query is stopped at its end, too."""
    ask = asker_of(port)
    for path, accept in (
        ("/", "text/html"), ("/search?q=Brenner", "text/html"), ("/map.svg", None), ("/dumps/dataset.nq.gz", None),
        ("/doc/record/brenner-1901-03", "text/html"), ("/doc/record/brenner-1901-03.card.png", None),
        ("/sparql?query=SELECT%20*%7B%3Fs%20%3Fp%20%3Fo%7D", "text/csv"),
    ):  # fmt: skip
        assert ask(path, accept, headers=[("Accept-Encoding", "br")]).status == 200, path
    endless = "/sparql?query=SELECT%20(COUNT(*)%20AS%20%3Fn)%7B%3Fa%20%3Fb%20%3Fc.%3Fd%20%3Fe%20%3Ff.%3Fg%20%3Fh%20%3Fi%7D"
    assert ask(endless, "text/csv").status == 503
    # It is said of a worker that runs; the one of that query was ended.
    deadline = time.monotonic() + 30
    while (ready := json.loads(ask("/readyz").body))["query_workers_can_reach_the_network"] is None:
        assert time.monotonic() < deadline
        assert ask(f"/sparql?query=ASK%7B%3Fs%20%3Fp%20{time.monotonic_ns()}%7D", "text/csv").status == 200
    assert (ready["ready"], ready["query_workers_can_reach_the_network"]) == (True, False)


def traced(command: Sequence[str], log: Path) -> list[str]:
    if shutil.which("strace") is None or shutil.which("systemd-analyze") is None:
        pytest.skip("strace or systemd is not installed (Debian: strace, systemd)")
    return ["strace", "-f", "-qq", "-o", str(log), *command]


def made_calls(log: Path) -> tuple[set[str], str]:
    text = log.read_text(errors="replace")
    return set(re.findall(r"^\d+\s+(?:<\.\.\. )?([a-z0-9_]+)(?:\(| resumed)", text, re.M)), text


def test_a_server_needs_no_system_call_that_its_unit_refuses(deployed: Release, tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "calls"
    command = traced([*FONDS.split(), "serve", str(deployed.folder.parent), "--port", str(port)], log)
    with serving_with(command, [], port, PYTHONDONTWRITEBYTECODE="1"):
        use(port)
    made, text = made_calls(log)
    assert len(made) > 50
    assert made - allowed_calls("fonds@.service") == set()
    # MemoryDenyWriteExecute, RestrictAddressFamilies, RestrictNamespaces, ProtectSystem and ProcSubset.
    assert "PROT_WRITE|PROT_EXEC" not in text
    assert set(re.findall(r"socket\((AF_\w+)", text)) <= {"AF_INET", "AF_INET6", "AF_UNIX"}
    assert set(re.findall(r"unshare\(([A-Z_|]+)", text)) <= {"CLONE_NEWNET", "CLONE_NEWUSER|CLONE_NEWNET"}
    written = set(re.findall(r'openat\(AT_FDCWD, "([^"]*)", [^)]*O_(?:WRONLY|RDWR)', text))
    assert {each for each in written if not each.startswith(("/tmp/", "/dev/null", "/proc/self/"))} == set()
    needed = {
        each
        for each, error in re.findall(r'openat\(AT_FDCWD, "(/proc/[^"]*)"[^=]*= (-?\d+)', text)
        if int(error) >= 0
    }
    assert {each for each in needed if not re.match(r"/proc/(?:self|\d+|sys)/", each)} == set()


def test_a_build_needs_no_system_call_that_its_unit_refuses(tmp_path: Path) -> None:
    begin_publication(tmp_path / "publication")
    log = tmp_path / "calls"
    command = [*FONDS.split(), "build", str(tmp_path / "publication"), "--into", str(tmp_path / "releases")]
    subprocess.run(traced(command, log), check=True, capture_output=True)
    made, text = made_calls(log)
    # SQLite asks for it only as root, and goes on without.
    assert made - allowed_calls("fonds-build.service") <= {"fchown"}
    assert "PROT_WRITE|PROT_EXEC" not in text
    assert set(re.findall(r"socket\((AF_\w+)", text)) <= {"AF_UNIX"}
    assert "unshare(" not in text


READ_ONLY = """
set -eu
mount --make-rprivate /
mount -t tmpfs tmpfs "$TMPDIR"
for each in $(awk '$2 !~ "^/(proc|sys|dev)" && $2 != ENVIRON["TMPDIR"] {print $2}' /proc/self/mounts | sort -u); do
  mount -o remount,bind,ro "$each" 2>/dev/null || true
done
! touch "$1/touched" 2>/dev/null
shift
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
"""
"""What a container with --read-only, --tmpfs /tmp, --cap-drop all and no-new-privileges gives, and most of what the unit does."""


@contextmanager
def shut_in(arguments: Sequence[str], port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    missing = [each for each in ("unshare", "setpriv", "awk", "mount") if shutil.which(each) is None]
    if os.getuid() != 0 or missing:
        pytest.skip("only root can make the whole system read only (Debian: util-linux, mount, mawk)")
    scratch = folder / "scratch"
    scratch.mkdir()
    before = ["unshare", "--mount", "sh", "-c", READ_ONLY, "sh", str(folder)]
    with serving_with(before, arguments, port, TMPDIR=str(scratch)) as server:
        yield server


def test_a_server_runs_where_it_may_write_nothing_and_has_no_capability(
    deployed: Release, tmp_path: Path
) -> None:
    port = free_port()
    arguments = [*FONDS.split(), "serve", str(deployed.folder.parent), "--port", str(port)]
    with shut_in(arguments, port, tmp_path) as server:
        use(port)
        (process,) = serving_processes(server.pid)
        status = Path(f"/proc/{process}/status").read_text()
        assert re.search(r"CapEff:\s+0+\n", status)
        assert re.search(r"NoNewPrivs:\s+1\n", status)


def test_systemd_s_own_socket_is_taken(deployed: Release) -> None:
    activate = shutil.which("systemd-socket-activate")
    if activate is None:
        pytest.skip("systemd is not installed (Debian: systemd)")
    port = free_port()
    # It starts the program when somebody asks.
    command = [activate, "-l", f"127.0.0.1:{port}"]
    for name in ("PATH", "PYTHONPATH", "HOME"):
        command += ["-E", name] if name in os.environ else []
    arguments = [*FONDS.split(), "serve", str(deployed.folder.parent), "--port", "1"]
    with serving_with(command, arguments, port):
        assert asker_of(port)("/readyz").status == 200


# ------------------------------------------------------------------------------------------ the container


def lines_of(instruction: str) -> list[str]:
    joined = CONTAINER.replace("\\\n", " ")
    return re.findall(rf"(?m)^{instruction}\s+(.*)$", joined)


def command_of(line: str) -> list[str]:
    words = json.loads(line[line.index("[") :])
    assert isinstance(words, list)
    return [str(each) for each in words]


def test_the_container_file_is_made_of_what_there_is() -> None:
    stages = {line.partition(" AS ")[2] for line in lines_of("FROM")}
    for line in lines_of("COPY"):
        *sources, _ = (word for word in line.split() if not word.startswith("--"))
        if "--from=" in line:
            assert line.partition("--from=")[2].split()[0] in stages
            continue
        assert all((ROOT / each).exists() for each in sources), line
    # The last stage: nobody in particular, asked how it is, and stopped as fonds is.
    last = CONTAINER[CONTAINER.rindex("\nFROM ") :]
    assert re.search(r"(?m)^USER 10001:10001$", last)
    assert re.search(r"(?m)^STOPSIGNAL SIGTERM$", last)
    assert "/readyz" in lines_of("HEALTHCHECK")[0]


def test_what_the_container_builds_can_be_built_in_its_order(tmp_path: Path) -> None:
    """Its second stage, but for the dependencies (test_wheel.py installs these) and what comes from npm."""
    source = tmp_path / "src"
    for line in lines_of("COPY"):
        if "--from=" in line or "package-lock" in line:
            continue
        *sources, target = line.split()
        for each in sources:
            place = source / (target if (ROOT / each).is_dir() else f"{target}/{Path(each).name}")
            place.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / each).is_dir():
                shutil.copytree(
                    ROOT / each, place, ignore=shutil.ignore_patterns("node_modules", "__pycache__")
                )
            else:
                shutil.copy(ROOT / each, place)
    (build,) = [each for line in lines_of("RUN") for each in line.split("&&") if "hatchling build" in each]
    words = build.split()
    subprocess.run([sys.executable, *words[1:]], cwd=source, check=True, capture_output=True)
    assert list((source / "dist").glob("fonds-*.whl"))


def test_the_container_s_own_command_runs_read_only_and_is_found_healthy(
    deployed: Release, tmp_path: Path
) -> None:
    port = free_port()
    words = [*command_of(lines_of("ENTRYPOINT")[0]), *command_of(lines_of("CMD")[0])]
    assert words[0] == "fonds"
    told = (
        " ".join(words[1:])
        .replace("/srv/fonds/releases", str(deployed.folder.parent))
        .replace("8000", str(port))
    )
    healthy = command_of(lines_of("HEALTHCHECK")[0].partition("CMD")[2])
    check = [sys.executable, *healthy[1:-1], replaced("8000", str(port), healthy[-1])]
    with shut_in([*FONDS.split(), *told.split()], port, tmp_path):
        assert subprocess.run(check, check=False).returncode == 0
    assert subprocess.run(check, check=False, capture_output=True).returncode != 0
