"""fonds doctor: what it says of a machine, a release and an address, and the exit status."""

from __future__ import annotations

import json
import os
import resource
import shutil
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fonds.cli import main
from fonds.doctor import Finding, machine, service
from fonds.release.folder import Release
from fonds.settings import Limits, Settings


def doctor(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["doctor", *map(str, arguments)])


def told(result: Result) -> dict[str, dict[str, str]]:
    found = {}
    for each in json.loads(result.output):
        found.setdefault(each["name"], each)
    return found


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
        return number


def test_a_release_that_can_be_served(release: Release, port: int) -> None:
    result = doctor(release.folder.parent, "--port", port, "--format", "json", "--no-network")
    found = told(result)
    assert result.exit_code == 0, result.output
    assert {each["level"] for each in found.values()} <= {"ok", "warning"}
    for name in (
        "Python",
        "libraries",
        "compiled libraries",
        "open files",
        "release",
        "store",
        "port",
        "clock",
        "locale",
    ):
        assert found[name]["level"] == "ok", found[name]
    assert release.manifest.name in found["release"]["found"]
    # 127.0.0.1 is an address for nobody else.
    assert found["base"]["level"] == "warning"
    assert all(each.get("advice") for each in found.values() if each["level"] != "ok")


def test_a_problem_says_what_to_do_and_is_the_exit_status(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = doctor(tmp_path, "--port", taken.getsockname()[1], "--no-network")
    assert result.exit_code == 1
    assert "PROBLEM release: " in result.output
    assert "fonds build" in result.output
    assert "PROBLEM port: " in result.output
    assert "another --port" in result.output


def test_a_release_that_was_damaged(release: Release, tmp_path: Path, port: int) -> None:
    copy = shutil.copytree(release.folder, tmp_path / "copy")
    (copy / "catalogue.ttl").write_text("")
    result = doctor(copy, "--port", port, "--no-network", "--format", "json")
    assert result.exit_code == 1
    assert "catalogue.ttl" in told(result)["release"]["found"]


def test_a_store_that_does_not_answer(release: Release, tmp_path: Path) -> None:
    copy = Release(tmp_path, release.manifest)
    (finding,) = service._store(copy)
    assert finding.level == "problem"


def test_one_release_has_no_succession(release: Release, port: int) -> None:
    found = told(doctor(release.folder, "--port", port, "--no-network", "--format", "json"))
    assert found["succession"]["level"] == "warning"


@pytest.mark.parametrize(
    ("base", "level"),
    [
        ("https://archive.example.com/", "ok"),
        ("https://archive.example.com:8443/", "warning"),
        ("http://archive.example.com/", "warning"),
        ("http://127.0.0.1:8000/", "warning"),
        ("http://localhost/", "warning"),
        ("https://10.0.0.1/", "warning"),
        ("https://archive.example.com", "problem"),
        ("ftp://archive.example.com/", "problem"),
        ("https://archive.example.com/?page=/", "problem"),
        ("https://archive.example.com:80000/", "problem"),
        ("https://[archive/", "problem"),
        ("https://:443/", "problem"),
    ],
)
def test_a_base_address(base: str, level: str) -> None:
    assert service._plausible(base).level == level


class _Answers(BaseHTTPRequestHandler):
    body = b""
    date = ""

    def do_GET(self) -> None:
        self.send_response_only(200)
        self.send_header("Date", self.date or self.date_time_string())
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(
    ("body", "date", "levels"),
    [
        (b'{"release": "NAME", "ready": true}', "", ["ok"]),
        (b'{"release": "another"}', "", ["warning"]),
        (b"<html>parked</html>", "", ["warning"]),
        (b'{"release": "NAME"}', "Tue, 01 Jan 2030 00:00:00 GMT", ["ok", "warning"]),
    ],
)
def test_who_answers_at_the_base_address(release: Release, body: bytes, date: str, levels: list[str]) -> None:
    answers = type(
        "Answers", (_Answers,), {"body": body.replace(b"NAME", release.manifest.name.encode()), "date": date}
    )
    server = HTTPServer(("127.0.0.1", 0), answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        found = list(service._reached(f"http://127.0.0.1:{server.server_port}/", release))
    finally:
        server.shutdown()
        server.server_close()
    assert [each.level for each in found] == levels


def test_nobody_answers_or_there_is_no_such_name(release: Release, port: int) -> None:
    (silent,) = service._reached(f"http://127.0.0.1:{port}/", release)
    assert silent.level == "warning"
    (unknown,) = service._reached("http://no-such-name.invalid/", release)
    assert unknown.level == "problem"


@pytest.mark.parametrize(
    ("hard", "level"), [(100, "problem"), (512, "warning"), (65_536, "ok"), (resource.RLIM_INFINITY, "ok")]
)
def test_open_files(monkeypatch: pytest.MonkeyPatch, hard: int, level: str) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, hard))
    assert machine._open_files().level == level


@pytest.mark.parametrize(("mib", "level"), [(300, "problem"), (1024, "warning"), (8192, "ok")])
def test_memory(monkeypatch: pytest.MonkeyPatch, mib: int, level: str) -> None:
    monkeypatch.setattr(machine, "_memory_allowed", lambda: (mib * 2**20, "of a test"))
    finding = machine._memory(Settings(limits=Limits(workers=3)))
    assert finding.level == level
    assert f"{mib:,} MiB of a test" in finding.found


def test_a_container_has_less_memory_than_its_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "memory.max").write_text("536870912\n")
    monkeypatch.setattr(machine, "_cgroups", lambda: iter([tmp_path]))
    allowed, whose = machine._memory_allowed()
    assert allowed == 536_870_912
    assert "memory.max" in whose


def test_disk_and_rights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert machine._disk(tmp_path).level == "ok"
    assert machine._disk(tmp_path / "nowhere").level == "warning"
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10_000))
    assert machine._disk(tmp_path).level == "problem"
    tmp_path.chmod(0o777)
    assert machine._permissions(tmp_path).level == "warning"
    if os.geteuid() != 0:
        (tmp_path / "shut").write_text("x")
        (tmp_path / "shut").chmod(0)
        assert machine._permissions(tmp_path).level == "problem"


def test_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = ["msgspec>=999", "no-such-library>=1", "click>=8", 'other>=1; extra == "x"']
    found = list(machine._wrong_libraries(wanted))
    assert [each.split()[0] for each in found] == ["msgspec", "no-such-library"]
    monkeypatch.setattr(machine, "import_module", _refuse)
    assert machine._native().level == "problem"


def _refuse(name: str) -> Any:
    raise ImportError(f"{name}: invalid ELF header")


def test_proxies_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    assert machine._proxies(Settings()) is None
    finding = machine._proxies(Settings(store="https://store.example.org/sparql"))
    assert isinstance(finding, Finding)
    assert finding.level == "warning"
