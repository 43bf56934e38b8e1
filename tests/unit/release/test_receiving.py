"""A release that was copied from another machine is taken whole, or not at all."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from fonds.cli import main
from fonds.errors import ReleaseError
from fonds.release.dataset import build_dataset
from fonds.release.folder import Release, open_release
from fonds.release.receiving import receive
from fonds.settings import Settings


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "x.nt").write_text('<https://a.example/id/x> <http://purl.org/dc/terms/title> "x" .\n')
    return build_dataset(
        [folder / "x.nt"], folder / "releases", settings=Settings(), base="https://a.example/"
    )


@pytest.fixture
def arrived(dataset: Release, tmp_path: Path) -> Path:
    """A copy of a release beside where others would be."""
    folder = tmp_path / "releases" / ".arriving"
    shutil.copytree(dataset.folder, folder)
    return folder


def test_a_whole_release_becomes_the_current_one(arrived: Path, dataset: Release) -> None:
    release = receive(arrived, arrived.parent)
    name = dataset.manifest.name
    assert release.folder == (arrived.parent / name).resolve()
    assert open_release(arrived.parent).manifest == dataset.manifest
    assert not arrived.exists()


def test_one_that_is_there_already_becomes_the_current_one_again(arrived: Path, dataset: Release) -> None:
    first = receive(arrived, arrived.parent)
    shutil.copytree(dataset.folder, arrived)
    assert receive(arrived, arrived.parent).folder == first.folder
    assert arrived.exists()


def same_size(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def elsewhere(path: Path) -> None:
    aside = path.parent.parent.parent.parent / "aside"
    path.rename(aside)
    path.symlink_to(aside)


@pytest.mark.parametrize("name", ["dumps/dataset.nq.gz", "descriptions", "manifest.json"])
@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(Path.unlink, id="missing"),
        pytest.param(same_size, id="changed"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:-1]), id="shorter"),
        pytest.param(elsewhere, id="a link"),
        pytest.param(lambda path: path.with_name(f".{path.name}.Xa3fQ1").touch(), id="left by rsync"),
    ],
)
def test_what_is_not_whole_is_refused_and_the_current_one_stays(
    arrived: Path, dataset: Release, name: str, harm: object
) -> None:
    before = receive(shutil.copytree(dataset.folder, arrived.with_name(".first")), arrived.parent)
    assert callable(harm)
    harm(arrived / name)
    done = CliRunner().invoke(main, ["receive", str(arrived)])
    assert done.exit_code == 1
    assert Path(name).name.partition(".")[0] in done.output
    assert open_release(arrived.parent).folder == before.folder
    shown = {each.name for each in arrived.parent.iterdir() if not each.name.startswith(".")}
    assert shown == {before.folder.name, "current"}


def test_nothing_appears_from_another_file_system_by_halves(
    arrived: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(ReleaseError, match=r"on another file system .* copy it to .*\.arriving"):
        receive(arrived, arrived.parent)
    assert not (arrived.parent / "current").exists()


def test_the_command_says_what_is_current_now(arrived: Path, dataset: Release, tmp_path: Path) -> None:
    into = tmp_path / "others"
    done = CliRunner().invoke(main, ["receive", str(arrived), "--into", str(into)])
    assert (done.exit_code, done.output) == (0, f"{dataset.manifest.name} is the current release now.\n")
    assert CliRunner().invoke(main, ["receive", str(tmp_path)]).exit_code == 1
