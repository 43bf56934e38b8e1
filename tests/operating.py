"""A new operator, who does what a guide to running fonds says, on machines that are folders of this one.

Blocks of `sh` are run, by bash, on the first machine, or on the one that their caption names (``on web-1``); a block with the name
of a file as its caption is written there (``, that line now``; ``, at its end``); ``it says`` is held against what the block before it
printed, line by line, ``…`` being anything. Blocks of `console` are what only a real machine can do: they are not run, and
the guides say so.

Paths of the system (/srv/fonds …) stand below a folder for each machine, ports are free ones. Some commands are played: ``ssh``
(runs the rest on the other machine), ``systemctl`` (starts what the unit's ExecStart says), ``python3 -m venv`` and ``pip install``
(put the program of this checkout there; that the wheel can be installed is tested in tests/packaging).
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.processes import free_port

REPOSITORY = Path(__file__).parents[1]
_BLOCK = re.compile(
    r"^```(?:\{code-block\} (?P<language>\w+)\n:caption: (?P<caption>[^\n]+)|sh)\n(?P<body>.*?)^```$",
    re.M | re.S,
)
_SYSTEM = re.compile(r"(?<![\w.])/(?=(?:srv|opt|etc|var/backups|var/www)/)")
_PORT = re.compile(r"(127\.0\.0\.1:|--port )(8\d\d\d)\b")

_FONDS = '#!/bin/sh\nexec {python} -m fonds "$@"\n'
_SSH = """#!/bin/sh
host=$1; shift
exec env HOST=$host bash -c "$(printf '%s ' "$@" | sed "s#{folder}/$HOST/#{folder}/$host/#g")"
"""
_SUDO = '#!/bin/sh\n[ "$1" = -u ] && shift 2\nexec "$@"\n'
_VENV = """#!/bin/sh
[ "$1 $2" = "-m venv" ] || exec {python} "$@"
for each; do :; done
mkdir -p "$each/bin" && cp {shims}/pip "$each/bin/pip"
"""
_PIP = """#!/bin/sh
for each; do :; done
test -e "$each" || exit 1
case "$each" in *.whl) cp {shims}/fonds "$(dirname "$0")/fonds";; esac
"""


@dataclass
class Operator:
    """Somebody who follows a guide.

    Attributes:
        folder: Below which the machines are.
        machines: Their names; the first is the one at which the operator sits.
        addresses: What stands in the guide, and is another address here.
        ports: Of each machine, the real port of one that the guide names.
        ran: Each block that was run.
    """

    folder: Path
    machines: Sequence[str] = ("here",)
    addresses: Mapping[str, str] = field(default_factory=dict)
    ports: dict[str, dict[str, int]] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)
    _said: str = ""

    def __post_init__(self) -> None:
        shims = self.folder / "bin"
        shims.mkdir(parents=True)
        for name, text in {
            "fonds": _FONDS.format(python=sys.executable),
            "ssh": _SSH.format(folder=self.folder),
            "sudo": _SUDO,
            "pip": _PIP.format(shims=shims),
            "python3": _VENV.format(shims=shims, python=sys.executable),
            "systemctl": f'#!/bin/sh\nexec {sys.executable} {__file__} {self.folder} $HOST "$@"\n',
        }.items():
            (shims / name).write_text(text)
            (shims / name).chmod(0o755)
        (shims / ".curlrc").write_text("fail\nsilent\nshow-error\nnoproxy = *\n")
        for each in self.machines:
            for place in (
                "srv/fonds",
                "opt",
                "etc/fonds",
                "etc/systemd/system",
                "var/backups",
                "checkout/dist",
            ):
                (self.folder / each / place).mkdir(parents=True)
            for part in ("docs", "requirements.lock"):
                (self.folder / each / "checkout" / part).symlink_to(REPOSITORY / part)
            (self.folder / each / "checkout/dist/fonds-1-py3-none-any.whl").touch()

    def follow(self, guide: str) -> None:
        """Do all that a guide says."""
        for block in _BLOCK.finditer(guide):
            language, caption, body = block["language"] or "sh", block["caption"] or "", block["body"]
            if caption == "it says":
                self._compare(body)
            elif language == "sh":
                self._run(caption.removeprefix("on ") or self.machines[0], body)
            else:
                on, _, name = caption.rpartition(": ")
                self._write(on.removeprefix("on ") or self.machines[0], *name.partition(", ")[::2], body)

    def _run(self, machine: str, body: str) -> None:
        script = self._here(machine, body)
        path = os.pathsep.join((str(self.folder / "bin"), os.environ["PATH"]))
        environment = {
            **os.environ,
            "PATH": path,
            "PYTHONPATH": os.pathsep.join((str(REPOSITORY / "src"), str(REPOSITORY))),
            "CURL_HOME": str(self.folder / "bin"),
            "HOST": machine,
        }
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder / machine / "checkout", env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{machine}:\n{body}\n{done.stdout}\n{done.stderr}"
        self.ran.append(body)
        self._said = done.stdout

    def _write(self, machine: str, name: str, how: str, body: str) -> None:
        path = Path(self._here(machine, name))
        body = self._here(machine, body)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if how == "at its end":
            body = f"{text.rstrip()}\n\n{body}"
        elif how == "that line now":
            pattern = rf"(?m)^(?:# )?{re.escape(body.partition(' = ')[0])} = .*\n"
            body, found = re.subn(pattern, lambda _: body, text)
            assert found == 1, (name, pattern)
        else:
            assert how == "", how
        path.write_text(body, encoding="utf-8")

    def _compare(self, body: str) -> None:
        said = [line.strip() for line in self._said.splitlines()]
        for line in (each.strip() for each in body.splitlines()):
            wanted = re.compile(".*".join(map(re.escape, line.split("…"))))
            assert any(wanted.fullmatch(each) for each in said), (line, self._said)

    def _here(self, machine: str, text: str) -> str:
        for name, address in self.addresses.items():
            text = text.replace(name, address)
        text = _PORT.sub(lambda found: f"{found[1]}{self.port(machine, found[2])}", text)
        return _SYSTEM.sub(f"{self.folder}/{machine}/", text)

    def port(self, machine: str, named: str) -> int:
        """Return the real port of one that the guide names."""
        if named in (each.rpartition(":")[2] for each in self.addresses.values()):
            return int(named)
        ports = self.ports.setdefault(machine, {})
        if named not in ports:
            ports[named] = free_port()
            (self.folder / "ports.json").write_text(json.dumps(self.ports))
        return ports[named]

    def leave(self) -> None:
        """Stop whatever was started."""
        for each in self.folder.glob("*/run/*.pid"):
            _stop(each)


# ------------------------------------------------------------------------------------------ systemctl, played


def _systemctl(folder: Path, machine: str, words: Sequence[str]) -> None:
    verb, *units = [each for each in words if not each.startswith("--")]
    for unit in units:
        name, _, kind = unit.rpartition(".")
        if kind == "socket":
            assert (folder / machine / "etc/systemd/system" / "fonds@.socket").exists()
            continue
        name = name if kind == "service" else unit
        if kind == "timer":
            assert (folder / machine / "etc/systemd/system" / unit).exists()
            continue
        template, _, instance = name.partition("@")
        path = folder / machine / "etc/systemd/system" / f"{template}{'@' if instance else ''}.service"
        if verb in ("enable", "start", "restart"):
            _start(folder, machine, path, instance, again=verb == "restart")
        elif verb == "stop":
            _stop(folder / machine / "run" / f"{name}.pid")
        else:
            assert verb in ("daemon-reload", "disable"), verb


def _start(folder: Path, machine: str, path: Path, instance: str, *, again: bool) -> None:
    known = json.loads((folder / "ports.json").read_text()).get(machine, {}) if instance else {}
    unit = _SYSTEM.sub(f"{folder}/{machine}/", path.read_text())
    unit = unit.replace("%i", str(known.get(instance, instance)))
    environment = dict(os.environ)
    for each in re.findall(r"(?m)^EnvironmentFile=-?(.*)$", unit):
        with suppress(OSError):
            environment |= dict(
                line.split("=", 1) for line in Path(each).read_text().splitlines() if "=" in line
            )
    lines = re.findall(r"(?m)^ExecStart(?:Post)?=(.*)$", unit)
    if "Type=oneshot" in unit:
        for line in lines:
            subprocess.run(line.split(), check=True, env=environment)
        return
    run = folder / machine / "run"
    run.mkdir(exist_ok=True)
    pid = run / f"{path.stem}{instance}.pid"
    if again:
        _stop(pid)
    log = (run / f"{path.stem}{instance}.log").open("w+")
    process = subprocess.Popen(
        lines[0].split(), env=environment, stdout=log, stderr=log, start_new_session=True
    )
    pid.write_text(str(process.pid))
    # As with a socket that the system holds: who asks now is answered when it is there.
    until = time.monotonic() + 60
    while "fonds: " not in Path(log.name).read_text():
        assert process.poll() is None, Path(log.name).read_text()
        assert time.monotonic() < until, "the server does not start"
        time.sleep(0.05)


def _stop(pid: Path) -> None:
    with suppress(OSError):
        number = int(pid.read_text())
        os.kill(number, signal.SIGTERM)
        until = time.monotonic() + 60
        while time.monotonic() < until and Path(f"/proc/{number}/stat").read_text().split(") ")[1][0] != "Z":
            time.sleep(0.05)
    pid.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.path.insert(0, str(REPOSITORY))
    _systemctl(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
