"""The releases that are kept beside each other: which there are, going back to one, and letting old ones go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fonds.errors import ReleaseError
from fonds.progress import Progress, silent
from fonds.release.changed import CHANGED
from fonds.release.folder import (
    DATASET,
    GRAPHS,
    MANIFEST,
    RELEASES,
    Release,
    is_whole,
    open_release,
    read_manifest,
    wrong_with,
)
from fonds.release.happened import ACTIVITIES, COLLECTIONS
from fonds.release.harvest import HARVEST, MOMENTS
from fonds.release.history import HISTORY
from fonds.release.staging import GOING, await_readers, current_name, make_current, only_build, remove_folder


@dataclass(frozen=True, slots=True)
class Kept:
    """A release that is kept.

    Attributes:
        name: Of its folder.
        is_current: Whether it is the one that is served.
        release: It, open; None: it cannot be opened.
        problem: Why it cannot; empty where it can.
    """

    name: str
    is_current: bool
    release: Release | None
    problem: str = ""


def releases_of(path: Path) -> Path:
    """Return the folder of releases: of a publication its own, else the folder itself.

    Raises:
        ReleaseError: There is none.
    """
    for place in (path / RELEASES, path):
        if current_name(place) or any(place.glob(f"*/{MANIFEST}")):
            return place
    if not path.exists():
        raise ReleaseError(f"{path}: not found; expected a publication or a folder of releases")
    raise ReleaseError(f"{path}: no releases here; run `fonds build` first")


def kept(releases: Path) -> list[Kept]:
    """Return the releases of a folder, the latest first; those that cannot be opened stand at the end."""
    current = current_name(releases)
    found = []
    for path in sorted(_folders(releases), key=_issued, reverse=True):
        try:
            found.append(Kept(path.name, path.name == current, open_release(path)))
        except ReleaseError as error:
            found.append(Kept(path.name, path.name == current, None, str(error)))
    return sorted(found, key=lambda each: each.release is None)


def _folders(releases: Path) -> list[Path]:
    """Return the folders of releases, whether or not they can be opened."""
    return [
        path
        for path in releases.iterdir()
        if not path.is_symlink() and not path.name.startswith(".") and (path / MANIFEST).is_file()
    ]


def _issued(path: Path) -> tuple[str, int]:
    """Return when a release was issued; of those of one second, when it was written."""
    try:
        return read_manifest(path).issued, (path / MANIFEST).stat().st_mtime_ns
    except ReleaseError:
        return "", 0


_CARRIED = frozenset(
    {
        ACTIVITIES,
        COLLECTIONS,
        HISTORY,
        HARVEST,
        MOMENTS,
        CHANGED,
        "dumps/" + GRAPHS,
        "dumps/" + DATASET,
        "places",
        "texts",
    }
)
"""Files and folders of a release from which the next one goes on: what happened, and what it is compared with."""


def latest(releases: Path, progress: Progress = silent) -> Release | None:
    """Return the release that was issued last, whether or not it is the current one, to go on from what happened up to it.

    What of it tells what happened is whole; other files of it may be damaged, so that no history is lost with an index, say.

    Args:
        releases: The folder of releases.
        progress: Told which releases it is not, and why.

    Returns:
        It; None where there is none.
    """
    for path in sorted(_folders(releases), key=_issued, reverse=True):
        try:
            release = Release(path, read_manifest(path))
            _check_what_is_carried(release)
        except ReleaseError as error:
            told = f"{error}. What happened up to {path.name} cannot be told any more: the history goes on from the release before"
            progress(told, 0, 0)
        else:
            return release
    return None


def _check_what_is_carried(release: Release) -> None:
    """Hold what the next release goes on from against what was written.

    Raises:
        ReleaseError: It is not the same.
    """
    for name, entry in release.manifest.files.items():
        path = release.folder / name
        is_carried = name in _CARRIED or name.partition("/")[0] in _CARRIED
        if is_carried and (wrong := wrong_with(path, entry)):
            raise ReleaseError(f"{path}: {wrong}; fetch it again")


def one_of(releases: Path, name: str) -> Release:
    """Return a release by the name of its folder, or by as much of its beginning or its digest as only it has.

    Raises:
        ReleaseError: None has it, or several have.
    """
    there = kept(releases)
    found = [each for each in there if each.name == name] or [
        each
        for each in there
        if name
        and (
            each.name.startswith(name)
            or (each.release and each.release.manifest.digest.startswith(name.lower()))
        )
    ]
    if len(found) != 1:
        names = ", ".join(each.name for each in found or there)
        which = "is several" if found else "is none of them"
        raise ReleaseError(f"{name}: {which}; the releases in {releases}: {names or 'none'}")
    (only,) = found
    if only.release is None:
        raise ReleaseError(only.problem)
    return only.release


def named(releases: Path, name: str | None) -> str:
    """Return the name of the folder of a release that need not be whole: by as much of its beginning as only it has; None: the current one.

    Raises:
        ReleaseError: None has it, or several have.
    """
    there = sorted(each.name for each in _folders(releases))
    wanted = current_name(releases) if name is None else name
    found = [each for each in there if each == wanted] or [
        each for each in there if name and each.startswith(name)
    ]
    if len(found) != 1:
        which = "is several" if found else "is none of them"
        raise ReleaseError(
            f"{wanted}: {which}; the releases in {releases}: {', '.join(found or there) or 'none'}"
        )
    return found[0]


def before(releases: Path, release: Release) -> Release:
    """Return the release that was current before another.

    Raises:
        ReleaseError: There was none, or it is not kept.
    """
    name = release.manifest.previous
    if name is None:
        raise ReleaseError(f"{release.manifest.name}: the first release; there is none before it")
    if not (releases / name / MANIFEST).is_file():
        raise ReleaseError(f"{name}: the release before {release.manifest.name} is not kept in {releases}")
    return open_release(releases / name)


def roll_back(releases: Path, name: str | None = None) -> Release:
    """Make an older release the current one again, after every file of it was hashed.

    Args:
        releases: The folder of releases.
        name: Which; None: the one before the current one.

    Returns:
        The release that is current now.

    Raises:
        ReleaseError: There is no such release, or it is not as it was built.
        BuildError: A build is at work.
    """
    with only_build(releases):
        release = one_of(releases, name) if name else before(releases, open_release(releases))
        damaged = [each for each in release.manifest.files if not is_whole(release, each)]
        if damaged:
            raise ReleaseError(
                f"{release.folder}: not as it was built ({', '.join(damaged[:3])}{' …' if len(damaged) > 3 else ''}); "
                "the current release stays"
            )
        make_current(releases, release.folder.name)
    return release


def prune(releases: Path, keep: int) -> list[str]:
    """Remove old releases; return their names.

    Kept are the current one and so many of the latest that there are as many as wanted; what cannot be opened goes, too.

    Args:
        releases: The folder of releases.
        keep: How many stay, the current one among them; at least 1.

    Raises:
        BuildError: A build is at work.
    """
    with only_build(releases):
        there = kept(releases)
        staying = [each for each in there if each.is_current][:1]
        staying += [each for each in there if each.release and not each.is_current][: keep - len(staying)]
        going = [each.name for each in there if each not in staying]
        remove(releases, going)
    return going


def remove(releases: Path, names: Sequence[str]) -> None:
    """Remove releases, as soon as no server here answers from them; whoever calls this has the folder for itself.

    Args:
        releases: The folder of releases.
        names: Of their folders.
    """
    await_readers(releases / name for name in names)
    for name in names:
        # Renamed first: nobody finds half a release, and what a crash leaves is swept away by the next build.
        aside = releases / f"{GOING}{name}"
        (releases / name).rename(aside)
        remove_folder(aside)
