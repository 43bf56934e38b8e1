"""A release that is not as it was built is not opened, and `verify` names what is wrong."""

from __future__ import annotations

import os
import shutil

import pytest

from fonds.errors import ReleaseError
from fonds.release.folder import open_release
from fonds.release.verify import verify


@pytest.fixture(scope="session")
def whole(build, tmp_path_factory):
    releases = tmp_path_factory.mktemp("whole")
    assert build(releases, "words", 400).returncode == 0
    return open_release(releases).folder


@pytest.fixture
def release(whole, tmp_path):
    shutil.copytree(whole, tmp_path / "copy")
    return tmp_path / "copy"


def names(folder):
    return [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]


def flip(path, place):
    data = bytearray(path.read_bytes())
    data[place] ^= 0x20
    path.write_bytes(data)


def test_a_copy_of_a_release_is_whole(release):
    assert verify(open_release(release)) == []


def test_every_truncated_file_is_found_on_opening(release):
    for name in names(release):
        path = release / name
        size = path.stat().st_size
        if not size or name == "manifest.sha256":
            continue
        before = path.read_bytes()
        os.truncate(path, size - 1)
        with pytest.raises(ReleaseError, match=name.replace(".", r"\.")):
            open_release(release)
        path.write_bytes(before)
    open_release(release)


def test_every_missing_file_is_found_on_opening(release):
    for name in names(release):
        (release / name).rename(release.parent / "away")
        with pytest.raises(ReleaseError):
            open_release(release)
        (release.parent / "away").rename(release / name)
    open_release(release)


def test_a_flipped_byte_in_a_small_file_is_found_on_opening(release):
    flip(release / "catalogue.ttl", 100)
    with pytest.raises(ReleaseError, match=r"catalogue\.ttl: changed since the build"):
        open_release(release)


def test_a_flipped_byte_in_the_manifest_is_found_on_opening(release):
    flip(release / "manifest.json", 20)
    with pytest.raises(ReleaseError, match=r"manifest\.json: changed since the build"):
        open_release(release)


def test_a_flipped_byte_in_any_file_is_named_by_verify(release):
    opened = open_release(release)
    for name in opened.manifest.files:
        path = release / name
        before = path.read_bytes()
        if not before:
            continue
        flip(path, len(before) // 2)
        assert f"{name}: changed since the build (SHA-256 differs)" in verify(opened, second_reader=False)
        path.write_bytes(before)
    assert verify(opened, second_reader=False) == []


def test_a_file_that_does_not_belong_is_named_by_verify(release):
    opened = open_release(release)
    (release / "dumps" / "more.nq").write_text("")
    assert verify(opened) == ["dumps/more.nq: not part of this release (manifest.json does not list it)"]


def test_a_folder_without_a_release_says_what_to_do(tmp_path):
    with pytest.raises(ReleaseError, match="run `fonds build` first"):
        open_release(tmp_path)
    with pytest.raises(ReleaseError, match="not found"):
        open_release(tmp_path / "nowhere")
