"""A build that dies at any moment leaves the release that was there, and nothing half made to be seen."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from fonds.release.folder import open_release
from fonds.release.verify import verify


def visible(releases: Path) -> list[Path]:
    return sorted(path for path in releases.iterdir() if not path.name.startswith("."))


def assert_everything_visible_is_whole(releases: Path) -> None:
    for path in visible(releases):
        assert verify(open_release(path), second_reader=False) == []


@pytest.mark.parametrize(
    "part",
    [
        0.0,
        0.5,
        0.9,
        *(pytest.param(part, marks=pytest.mark.thorough) for part in (0.1, 0.25, 0.4, 0.6, 0.7, 0.8)),
    ],
)
def test_a_build_killed_anywhere_leaves_the_old_release_current(build, old, changes, tmp_path, part):
    digest = old(tmp_path / "r")
    killed = build(tmp_path / "r", "new", 3, "--stop-at", str(max(1, int(part * len(changes)))))
    assert killed.returncode == -signal.SIGKILL
    assert open_release(tmp_path / "r").manifest.digest == digest
    assert_everything_visible_is_whole(tmp_path / "r")


@pytest.mark.thorough
@pytest.mark.parametrize("from_the_end", [0, 1, 2, 3])
def test_a_build_killed_in_its_last_steps_leaves_the_old_or_the_new_release_whole(
    build, old, changes, tmp_path, from_the_end
):
    digest = old(tmp_path / "r")
    killed = build(
        tmp_path / "r", "new", 3, "--stop-at", str(_places(changes, "os.rename")[-1] - from_the_end)
    )
    assert killed.returncode == -signal.SIGKILL
    assert open_release(tmp_path / "r").manifest.digest == digest
    assert_everything_visible_is_whole(tmp_path / "r")


@pytest.mark.thorough
def test_a_build_killed_after_its_last_step_leaves_the_new_release_current(build, old, changes, tmp_path):
    digest = old(tmp_path / "r")
    killed = build(tmp_path / "r", "new", 3, "--stop-at", str(_places(changes, "os.rename")[-1] + 1))
    assert killed.returncode == -signal.SIGKILL
    assert open_release(tmp_path / "r").manifest.digest != digest
    assert_everything_visible_is_whole(tmp_path / "r")


def _places(changes: list[str], event: str) -> list[int]:
    return [index for index, each in enumerate(changes, start=1) if each == event]


def test_the_next_build_removes_what_a_dead_one_left_and_finishes(build, old, changes, tmp_path):
    releases = tmp_path / "r"
    old(releases)
    build(releases, "new", 3, "--stop-at", str(len(changes) // 2))
    assert list(releases.glob(".building-*")), "the killed build must have left its working folder"
    finished = build(releases, "new")
    assert finished.returncode == 0
    assert not list(releases.glob(".building-*"))
    assert open_release(releases).manifest.digest == finished.stdout.strip()
    assert len(visible(releases)) == 3  # two releases and the link `current`


@pytest.mark.thorough
def test_a_release_that_was_finished_but_not_made_current_is_taken_up_by_the_next_build(
    build, old, changes, tmp_path
):
    releases = tmp_path / "r"
    old(releases)
    last = str(_places(changes, "os.rename")[-1])
    assert build(releases, "new", 3, "--stop-at", last).returncode == -signal.SIGKILL
    folders = [path for path in visible(releases) if not path.is_symlink()]
    assert len(folders) == 2
    new = build(releases, "new").stdout.strip()
    assert open_release(releases).manifest.digest == new
    assert [path for path in visible(releases) if not path.is_symlink()] == folders


@pytest.mark.parametrize("most_bytes", [300, 900, 6_000, 60_000])
def test_a_file_system_that_takes_no_more_stops_the_build_with_a_message(build, old, tmp_path, most_bytes):
    releases = tmp_path / "r"
    digest = old(releases)
    failed = build(releases, "new " * 50, 300, "--most-bytes", str(most_bytes))
    assert failed.returncode == 1
    assert "BuildError" in failed.stderr
    assert "the current release stays" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert open_release(releases).manifest.digest == digest
    assert_everything_visible_is_whole(releases)
    assert not list(releases.glob(".building-*"))


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("a full disk: `mount` is not installed")
    if mounted.returncode:
        pytest.skip("a full disk: mounting a small tmpfs needs root")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.thorough
def test_a_full_disk_leaves_the_old_release_current(build, small_disk):
    old = build(small_disk / "r", "old")
    assert old.returncode == 0, old.stderr
    failed = build(small_disk / "r", "new " * 50, 3000)
    assert failed.returncode == 1
    assert "No space left on device" in failed.stderr
    assert open_release(small_disk / "r").manifest.digest == old.stdout.strip()
    assert_everything_visible_is_whole(small_disk / "r")


def test_of_two_builds_at_once_the_second_says_so_and_stops(build, start, tmp_path):
    first = start(tmp_path / "r", "old", 3, "--wait")
    assert first.stdout.readline() == "building\n"
    second = build(tmp_path / "r", "new")
    assert second.returncode == 1
    assert f"another build is at work here (process {first.pid})" in second.stderr
    out, _ = first.communicate("go on\n", timeout=60)
    assert first.returncode == 0
    assert open_release(tmp_path / "r").manifest.digest == out.strip()
