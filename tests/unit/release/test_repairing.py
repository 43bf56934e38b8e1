"""Store and full-text index of a release, made again from its dumps without its sources; releases of other versions explain themselves."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result
from pyoxigraph import Store

from fonds.cli import main
from fonds.errors import ReleaseError
from fonds.release.dataset import build_dataset
from fonds.release.folder import Release, open_release
from fonds.release.keeping import kept
from fonds.release.verify import verify
from fonds.settings import Settings
from fonds.web.server import application_of
from tests.unit.web.conftest import asker

ASKED = ("/search?q=Darusenkov", "/search?q=revolution", "/search?q=%22f.+5%22&kind=record")


def fonds(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture(scope="module")
def releases(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of this repository's own publication, in a folder without sources, and another made again from it."""
    folder = tmp_path_factory.mktemp("repaired") / "releases"
    shutil.copytree(release.folder, folder / release.folder.name)
    (folder / "current").symlink_to(release.folder.name)
    # The engines' files cannot be read any more.
    for path in (folder / release.folder.name / "store").glob("*.sst"):
        path.write_bytes(bytes(path.stat().st_size))
    shutil.rmtree(folder / release.folder.name / "search")
    told = fonds("repair", "--publication", folder)
    assert told.exit_code == 0, told.output
    assert told.output.splitlines()[-1] == f"{release.folder.name}-2 has store and index anew."
    return folder


def test_the_store_holds_what_it_held_and_words_are_found_as_before(releases: Path, release: Release) -> None:
    again = open_release(releases)
    assert set(Store.read_only(str(again.store))) == set(Store.read_only(str(release.store)))
    found = []
    for each in (release, again):
        edge = application_of(each)
        pages = [
            asker(edge)(address).text.replace(f"{release.manifest.name}-2", release.manifest.name)
            for address in ASKED
        ]
        found.append(pages)
        edge.close()
    assert found[0] == found[1]
    assert all("darusenkov-1964-375" in page for page in found[0])


def test_it_is_a_release_beside_the_other_one_with_the_same_content(releases: Path, release: Release) -> None:
    again = open_release(releases)
    assert (again.manifest.digest, again.manifest.issued) == (
        release.manifest.digest,
        release.manifest.issued,
    )
    assert again.manifest.previous == release.manifest.name
    # The other one is as it was, and is told to be damaged.
    (other,) = (each for each in kept(releases) if each.release is None)
    assert other.name == release.folder.name
    assert "fonds repair" in other.problem
    others = {name for name in again.manifest.files if not name.startswith(("store/", "search/"))}
    assert {name: again.manifest.files[name] for name in others} == {
        name: release.manifest.files[name] for name in others
    }
    assert verify(again) == []


def test_what_cannot_be_made_again_is_named_and_nothing_is_made(release: Release, tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    shutil.copytree(release.folder, folder / release.folder.name)
    dump = folder / release.folder.name / "dumps/dataset.nq.gz"
    dump.write_bytes(bytes(dump.stat().st_size))
    told = fonds("repair", release.folder.name[:13], "--publication", folder)
    assert told.exit_code == 1
    assert f"{dump}: not as it was written, and cannot be made again" in told.output
    assert [each.name for each in folder.iterdir() if not each.name.startswith(".")] == [release.folder.name]
    told = fonds("repair", "1999", "--publication", folder)
    assert (told.exit_code, "1999: is none of them" in told.output) == (1, True)


def test_a_release_that_is_not_current_stays_so_and_a_dataset_needs_no_index(tmp_path: Path) -> None:
    source = tmp_path / "data.nq"
    source.write_text('<http://s/> <http://p/> "a" .\n<http://s/> <http://p/> "b" <http://g/> .\n')
    first = build_dataset([source], tmp_path / "releases", settings=Settings(), base="https://a.example/")
    source.write_text('<http://s/> <http://p/> "c" .\n')
    second = build_dataset(
        [source], tmp_path / "releases", settings=Settings(), base="https://a.example/", union=True
    )
    told = fonds("repair", first.folder.name, "--publication", tmp_path)
    assert told.exit_code == 0, told.output
    assert open_release(tmp_path).folder == second.folder
    again = open_release(tmp_path / "releases" / f"{first.folder.name}-2")
    assert set(Store.read_only(str(again.store))) == set(Store.read_only(str(first.store)))
    assert fonds("repair", "--publication", tmp_path).exit_code == 0
    assert set(Store.read_only(str(open_release(tmp_path).store))) == set(Store.read_only(str(second.store)))


def test_a_manifest_that_a_later_version_wrote_is_refused_with_what_it_is(
    release: Release, tmp_path: Path
) -> None:
    folder = shutil.copytree(release.folder, tmp_path / release.folder.name)
    manifest = msgspec.json.decode((folder / "manifest.json").read_bytes())
    manifest["tools"]["fonds"] = "9.0"
    del manifest["counts"]
    written = msgspec.json.encode(manifest)
    (folder / "manifest.json").write_bytes(written)
    (folder / "manifest.sha256").write_text(hashlib.sha256(written).hexdigest())
    with pytest.raises(
        ReleaseError,
        match=r"written by fonds 9\.0, and this is fonds .*: use that one, or build the release again",
    ):
        open_release(folder)


def test_a_release_of_before_there_were_entries_says_what_to_do(release: Release, tmp_path: Path) -> None:
    folder = tmp_path / "releases" / release.folder.name
    shutil.copytree(release.folder, folder)
    (folder / "entries.jsonl.gz").unlink()
    manifest = msgspec.json.decode((folder / "manifest.json").read_bytes())
    del manifest["files"]["entries.jsonl.gz"]
    written = msgspec.json.encode(manifest)
    (folder / "manifest.json").write_bytes(written)
    (folder / "manifest.sha256").write_text(hashlib.sha256(written).hexdigest())
    told = fonds("repair", folder.name, "--publication", folder.parent)
    assert told.exit_code == 1
    assert (
        "kept nothing of which the full-text index could be made again; build it from its sources"
        in told.output
    )
