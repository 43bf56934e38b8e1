"""What a server refuses to serve, and how it says so."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fonds.cli import main
from fonds.release.folder import Release, open_release


def serve(folder: Path, *more: str) -> Result:
    return CliRunner().invoke(main, ["serve", str(folder), "--port", "0", "--no-watch", *more])


def largest(folder: Path) -> Path:
    return max((each for each in folder.rglob("*") if each.is_file()), key=lambda each: each.stat().st_size)


def cut(folder: Path) -> str:
    file = largest(folder)
    file.write_bytes(file.read_bytes()[:-1])
    return file.name


def lost(folder: Path) -> str:
    file = largest(folder)
    file.unlink()
    return file.name


def changed(folder: Path) -> str:
    small = (each for each in folder.rglob("*.*") if each.is_file() and 100 < each.stat().st_size < 60_000)
    file = next(each for each in small if not each.name.startswith("manifest"))
    data = file.read_bytes()
    file.write_bytes(data[:50] + bytes([data[50] ^ 1]) + data[51:])
    return file.name


def forged(folder: Path) -> str:
    file = folder / "manifest.json"
    file.write_bytes(file.read_bytes().replace(b"Darusenkov", b"Nobody....", 1))
    return file.name


def newer(folder: Path) -> str:
    import hashlib

    file = folder / "manifest.json"
    file.write_bytes(file.read_bytes().replace(b'"settings": {', b'"settings": {"from_the_future": 1,', 1))
    (folder / "manifest.sha256").write_text(
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  manifest.json\n"
    )
    return "another version of fonds"


def nothing(folder: Path) -> str:
    shutil.rmtree(folder)
    folder.mkdir()
    return "neither a publication"


@pytest.mark.parametrize("damage", [cut, lost, changed, forged, newer, nothing])
def test_a_bad_release_is_refused_with_the_reason(
    release: Release, tmp_path: Path, damage: Callable[[Path], str], capfd: pytest.CaptureFixture[str]
) -> None:
    folder = shutil.copytree(release.folder, tmp_path / "copy")
    named = damage(folder)
    result = serve(folder)
    assert result.exit_code in (1, 2)
    told = result.output + capfd.readouterr().err
    assert named in told
    assert "Traceback" not in told
    assert isinstance(result.exception, SystemExit)


def test_a_byte_of_a_large_file_is_seen_where_all_is_hashed(release: Release, tmp_path: Path) -> None:
    folder = shutil.copytree(release.folder, tmp_path / "copy")
    file = largest(folder)
    data = bytearray(file.read_bytes())
    assert len(data) > 64 * 1024
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    open_release(folder)
    result = serve(folder, "--verify")
    assert result.exit_code == 1
    assert file.name in result.output
    assert "SHA-256" in result.output
