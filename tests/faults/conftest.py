"""Builds that are stopped, starved or doubled, each in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

BUILDING = Path(__file__).with_name("building.py")

Build = Callable[..., "subprocess.CompletedProcess[str]"]


def _build(releases: Path, words: str = "old", count: int = 3, *options: str, hash_seed: str = "0"):
    command = [sys.executable, str(BUILDING), str(releases), words, str(count), *options]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)


@pytest.fixture(scope="session")
def build() -> Build:
    return _build


@pytest.fixture(scope="session")
def old(tmp_path_factory) -> Callable[[Path], str]:
    """Puts a release, built once, where it is wanted; returns its digest."""
    built = tmp_path_factory.mktemp("old")
    digest = _build(built, "old").stdout.strip()

    def put(releases: Path) -> str:
        shutil.copytree(built, releases, symlinks=True)
        return digest

    return put


@pytest.fixture(scope="session")
def changes(tmp_path_factory, old) -> list[str]:
    """What a build that replaces an older one does to the file system, in its order."""
    releases = tmp_path_factory.mktemp("trace") / "r"
    old(releases)
    return _build(releases, "new", 3, "--trace").stdout.split()[:-1]


@pytest.fixture
def start() -> Callable[..., subprocess.Popen[str]]:
    def run(releases: Path, words: str, count: int, *options: str):
        command = [sys.executable, str(BUILDING), str(releases), words, str(count), *options]
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    return run
