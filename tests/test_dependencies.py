"""What the program is made of besides itself: pinned by hashes, from no place in particular, under licences without surprises."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests import audit
from tests.audit import NPM_LOCKS, ROOT, RUNNING, Part, from_npm, locked

LOCKS = sorted(ROOT.glob("requirements*.lock"))
COPYLEFT = re.compile(
    r"GPL|GNU|MPL|Mozilla|EPL|CDDL|SSPL|EUPL|CC-BY-(?:SA|NC)|CPAL|OSL|unknown", re.IGNORECASE
)
KNOWN = {"pathspec", "dompurify"}
"""The first belongs to the program that builds the wheel (hatchling), under the MPL, which asks something of its own files only; it is
not served with. The second may be had under the Apache licence instead, and is not in what we take of the editor."""


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_requirement_is_pinned_by_hashes_and_comes_from_no_named_place(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    assert entries
    for entry in filter(str.strip, entries):
        assert re.match(r"[a-z0-9][a-z0-9._-]*==[0-9][^ ;\\]*( ; [^\\]+)? \\\n", entry), entry[:80]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry[:80]
    # Neither an index nor an address: whoever installs says where from, and the hashes decide what.
    assert not re.search(r"://|--(?:extra-)?index-url|--find-links|--trusted-host|git\+|@ file", text)


@pytest.mark.parametrize("lock", NPM_LOCKS, ids=lambda lock: lock.parent.name)
def test_every_package_of_npm_is_pinned_by_its_hash_and_comes_from_no_named_place(lock: Path) -> None:
    packages = json.loads(lock.read_bytes())["packages"]
    for name, entry in packages.items():
        if name:
            assert entry["integrity"].startswith("sha512-"), name
            assert "resolved" not in entry, name
    wanted = packages[""]["dependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values()), wanted


def test_no_package_of_npm_runs_anything_where_it_is_installed() -> None:
    (command,) = re.findall(r"npm ci [^;\n]*", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert "--ignore-scripts" in command


def test_nothing_that_is_served_with_has_a_licence_that_asks_for_ours() -> None:
    surprising = {
        each
        for each in (*locked(RUNNING), *from_npm())
        if COPYLEFT.search(each.licence) and each.name not in KNOWN
    }
    assert surprising == set()


def test_licences_are_found_where_there_are_some() -> None:
    told = {each.name: each for each in locked(RUNNING)}
    assert told["flask"] == Part("flask", told["flask"].version, "BSD-3-Clause")
    assert sum(not each.licence for each in told.values()) <= 3
    assert {each.name for each in from_npm()} >= {"world-atlas", "@triply/yasgui"}


def test_an_audit_that_learns_nothing_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the data cannot be had, the program that looks them up ends well and says it of each part only."""
    told = {
        "dependencies": [
            {"name": "a", "skip_reason": "not found"},
            {"name": "b", "version": "1", "vulns": [{"id": "PYSEC-1"}]},
        ]
    }
    program = tmp_path / "pip-audit"
    monkeypatch.setattr(audit, "_pip_audit", lambda: program)
    for said, found, unknown in (
        (json.dumps(told), ["b 1: PYSEC-1"], ["a"]),
        ("", [], ["everything in requirements.lock: no network"]),
    ):
        program.write_text(f"#!/bin/sh\ncat <<'END'\n{said}\nEND\necho 'no network' >&2\n")
        program.chmod(0o755)
        assert audit.audited(RUNNING) == (found, unknown)
