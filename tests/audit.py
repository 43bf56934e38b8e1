"""What the program is made of besides itself: known vulnerabilities, and licences. ``python -m tests.audit``, or ``make audit``."""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUNNING = ROOT / "requirements.lock"
NPM_LOCKS = (ROOT / "src/fonds/web/package-lock.json", ROOT / "src/fonds/drawing/outline/package-lock.json")
_ENVIRONMENT = ROOT / "build" / "audit"
_LOCKED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)", re.MULTILINE)


@dataclass(frozen=True, order=True)
class Part:
    """Something that is pinned.

    Attributes:
        name: How it is called.
        version: Which one.
        licence: As it says itself; empty where it is not installed here.
    """

    name: str
    version: str
    licence: str = ""


def locked(lock: Path) -> Iterator[Part]:
    """Yield what a lock pins."""
    for name, version in _LOCKED.findall(lock.read_text(encoding="utf-8")):
        yield Part(name, version, _licence(name))


def from_npm() -> Iterator[Part]:
    """Yield what npm's locks pin."""
    for lock in NPM_LOCKS:
        for path, entry in json.loads(lock.read_bytes())["packages"].items():
            if path:
                yield Part(path.rpartition("node_modules/")[2], entry["version"], entry.get("license", ""))


def _licence(name: str) -> str:
    try:
        told = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
    classes = [
        each.rpartition("::")[2].strip()
        for each in told.get_all("Classifier") or ()
        if each.startswith("License")
    ]
    stated = told.get("License-Expression") or "; ".join(classes) or told.get("License") or "unknown"
    return stated.strip().splitlines()[0][:80]


def audited(lock: Path) -> tuple[list[str], list[str]]:
    """Look up the known vulnerabilities of what a lock pins.

    Returns:
        What was found, and of what nothing could be learnt.
    """
    command = [
        str(_pip_audit()),
        "--requirement",
        str(lock),
        "--require-hashes",
        "--disable-pip",
        "--format",
        "json",
        "--progress-spinner",
        "off",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        told = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        why = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        return [], [f"everything in {lock.name}: {why[:200]}"]
    found = [f"{it['name']} {it['version']}: {each['id']}" for it in told for each in it.get("vulns", ())]
    return found, [it["name"] for it in told if "skip_reason" in it]


def _pip_audit() -> Path:
    """Return the program that looks them up, from an environment of its own."""
    program = _ENVIRONMENT / "bin" / "pip-audit"
    if not program.exists():
        venv.create(_ENVIRONMENT, with_pip=True)
        install = [
            str(_ENVIRONMENT / "bin" / "python"),
            "-m",
            "pip",
            "--quiet",
            "--disable-pip-version-check",
            "install",
        ]
        subprocess.run(
            [*install, "--require-hashes", "-r", str(ROOT / "requirements-audit.lock")], check=True
        )
    return program


def main() -> int:
    """Print licences and what is known; 1 where something is found, 2 where the data of some could not be had."""
    for part in sorted({*locked(RUNNING), *from_npm()}):
        print(f"{part.name:40} {part.version:14} {part.licence or 'not installed here'}")
    found: list[str] = []
    unknown: list[str] = []
    for lock in sorted(ROOT.glob("requirements*.lock")):
        some, others = audited(lock)
        found += [f"{lock.name}: {each}" for each in some]
        unknown += others
    print("\nKnown vulnerabilities:", *(found or ["none found"]), sep="\n  ")
    if unknown:
        print(
            "\nOf these nothing could be learnt here, since the data could not be had:",
            *sorted(set(unknown)),
            sep="\n  ",
        )
    return 1 if found else 2 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
