"""A release that is not as it was built is not opened, not served and not built upon, and what is wrong is named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fonds.errors import ReleaseError
from fonds.release.folder import open_release
from fonds.release.verify import verify
from tests.faults import lives
from tests.faults.conftest import LONG, Summary
from tests.faults.lives import build, copied, state_of
from tests.faults.striking import Ended, Striker

Damage = Callable[[bytes], bytes]
_CUT: dict[str, Damage] = {
    "to nothing": lambda _: b"",
    "to its half": lambda data: data[: len(data) // 2],
    "by a byte": lambda data: data[:-1],
}


def flipped(data: bytes) -> bytes:
    """Return the same with one bit another."""
    place = len(data) // 2
    return data[:place] + bytes([data[place] ^ 0x20]) + data[place + 1 :]


@pytest.fixture
def release(two_releases: Path, tmp_path: Path) -> Path:
    """The folder of a release, whose files nothing else shares."""
    return Path(shutil.copytree((two_releases / "releases/current").resolve(), tmp_path / "copy"))


def names(folder: Path) -> list[str]:
    """Return the files of a release that hold anything."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_size)
    return [path.relative_to(folder).as_posix() for path in found]


def test_a_copy_of_a_release_is_whole(release: Path) -> None:
    assert verify(open_release(release)) == []


@pytest.mark.parametrize(
    "how",
    [
        "by a byte",
        *(pytest.param(each, marks=pytest.mark.thorough) for each in ("to nothing", "to its half")),
    ],
)
def test_every_file_that_was_cut_is_found_on_opening(release: Path, how: str) -> None:
    for name in names(release):
        if name == "manifest.sha256" and how == "by a byte":
            continue  # Its last byte is the end of the line.
        path = release / name
        before = path.read_bytes()
        path.write_bytes(_CUT[how](before))
        named = "manifest.json" if name == "manifest.sha256" else name
        with pytest.raises(ReleaseError, match=named.replace(".", r"\.")):
            open_release(release)
        path.write_bytes(before)
    open_release(release)


def test_every_missing_file_is_found_on_opening(release: Path) -> None:
    for name in names(release):
        (release / name).rename(release.parent / "away")
        with pytest.raises(ReleaseError):
            open_release(release)
        (release.parent / "away").rename(release / name)
    open_release(release)


def test_a_flipped_byte_in_a_small_file_is_found_on_opening(release: Path) -> None:
    (release / "queries").mkdir(exist_ok=True)
    path = release / "changed"
    path.write_bytes(flipped(path.read_bytes()))
    with pytest.raises(ReleaseError, match="changed: changed since the build"):
        open_release(release)


def test_a_flipped_byte_in_the_manifest_is_found_on_opening(release: Path) -> None:
    path = release / "manifest.json"
    path.write_bytes(flipped(path.read_bytes()))
    with pytest.raises(ReleaseError, match=r"manifest\.json: changed since the build"):
        open_release(release)


def test_a_flipped_byte_in_any_file_is_named_by_verify(release: Path) -> None:
    opened = open_release(release)
    for name in list(opened.manifest.files)[:: 1 if LONG else 12]:
        path = release / name
        before = path.read_bytes()
        if not before:
            continue
        path.write_bytes(flipped(before))
        assert f"{name}: changed since the build (SHA-256 differs)" in verify(opened, second_reader=False)
        path.write_bytes(before)
    assert verify(opened, second_reader=False) == []


def test_a_file_that_does_not_belong_is_named_by_verify(release: Path) -> None:
    opened = open_release(release)
    (release / "dumps" / "more.nq").write_text("")
    assert verify(opened) == ["dumps/more.nq: not part of this release (manifest.json does not list it)"]


def test_a_folder_without_a_release_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="run `fonds build` first"):
        open_release(tmp_path)
    with pytest.raises(ReleaseError, match="not found"):
        open_release(tmp_path / "nowhere")


# ------------------------------------------------------------------------------------- what is built upon it

_TELLS = frozenset(
    {
        "activities",
        "collections",
        "history",
        "harvest",
        "harvest.json",
        "changed",
        "manifest.json",
        "manifest.sha256",
        "places",
        "texts",
    }
)
"""Files that say what happened up to a release: where they are lost, so is that."""
_DATES = frozenset({"changed", "sitemap", "manifest.json"})
"""Files that say since when each document is as it is."""
_FOLLOWS = _TELLS | _DATES | {"streams"}


@pytest.mark.thorough
@pytest.mark.parametrize("how", ["cut", "flipped"])
def test_the_next_build_names_what_is_damaged_and_takes_nothing_wrong_from_it(
    two_releases: Path,
    corrected: tuple[dict[str, str], Ended],
    strike: Striker,
    tmp_path: Path,
    summary: Summary,
    how: str,
) -> None:
    wanted, _ = corrected
    begun = copied(two_releases, tmp_path / "begun")
    lives.write_letter(begun, lives.CHANGED, "Other words", "More")
    current = (begun / "releases/current").resolve()
    files = (
        names(current) if LONG else ["store/CURRENT", "changed", "activities/000000.jsonl", "descriptions"]
    )
    differing: list[str] = []
    for number, name in enumerate(files):
        place = copied(begun, tmp_path / str(number))
        path = place / "releases" / current.name / name
        data = path.read_bytes()
        path.unlink()
        path.write_bytes(data[: len(data) // 2] if how == "cut" else flipped(data))
        # As if every file were too large to be hashed whenever a release is opened.
        glance = 0 if how == "flipped" else None
        built = strike.succeed(*build(place, "--jobs", "1"), clock=lives.THIRD, renewed=True, glance=glance)
        tells = name.partition("/")[0] in _TELLS or name in ("dumps/graphs.tsv", "dumps/dataset.nq.gz")
        if how == "cut" or tells:
            assert f"{current.name}/{name.replace('.sha256', '.json')}" in built.err, (name, built.err)
        found, (new,) = state_of(place), {each.name for each in (place / "releases").glob("2026-03-03-*")}
        differs = {
            each.partition(f"{new}/")[2]
            for each in {*found, *wanted}
            if found.get(each) != wanted.get(each) and f"/{current.name}/" not in each
        }
        # Where it cannot be told which documents are other ones, all of them are as new as the release.
        allowed = _FOLLOWS if tells else _DATES
        if not {each.partition("/")[0] for each in differs} <= allowed:
            differing.append(f"{name}: {differs}")
        shutil.rmtree(place)
    summary.tell(f"the build after a release of which a file was {how}: {len(files)} files")
    assert not differing, differing
