"""Whatever befalls a build, a switch, a purge, a rollback or letting go: the last good release answers, and then all is undisturbed.

``make test`` strikes a build at two moments, ``make test-thorough`` three changes at a few while they are served, and ``make faults``
all of them at 200 moments and more. Moments are drawn by chance; the seed stands in the summary, and ``make faults SEED=…`` draws
the same again.
"""

from __future__ import annotations

import os
import random
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fonds.release.folder import open_release
from tests.faults import lives
from tests.faults.conftest import LONG, SEED, Summary
from tests.faults.lives import CHANGES, Change, Course, build, copied, course, moments_of, spread, state_of
from tests.faults.striking import Ended, Striker, striker

KILLS = 200 if LONG else 6
"""Moments of all changes together."""
REFUSALS = 40 if LONG else 3
"""Moments from which on a full disk, or permissions that are gone, refuse what is asked."""
SAID = {"full": "No space left on device", "denied": "Permission denied"}


def drawn(change: Change) -> random.Random:
    """Return the chance of a change: the same for the same seed, whichever tests run."""
    return random.Random(f"{SEED} {change}")


# ------------------------------------------------------------------------------------------- at a few moments


@pytest.mark.parametrize("part", [0.5, pytest.param(0.97, marks=pytest.mark.thorough)])
def test_a_killed_build_leaves_what_was_and_the_next_one_ends_as_if_nothing_had_been(
    two_releases: Path, corrected: tuple[dict[str, str], Ended], strike: Striker, tmp_path: Path, part: float
) -> None:
    publication = copied(two_releases, tmp_path / "publication")
    lives.write_letter(publication, lives.CHANGED, "Other words", "More")
    wanted, undisturbed = corrected
    digest = open_release(publication).manifest.digest
    moment = int(part * len(undisturbed.moments))
    killed = strike.run(*build(publication, "--jobs", "1"), clock=lives.THIRD, moment=moment)
    assert killed.is_killed, killed
    assert open_release(publication).manifest.digest == digest
    assert part < 0.9 or list((publication / "releases").glob(".building-*"))
    strike.succeed(*build(publication, "--jobs", "1"), clock=lives.THIRD)
    assert state_of(publication) == wanted


# ----------------------------------------------------------------------- at many, while it is served


STRUCK = CHANGES if LONG else [each for each in CHANGES if each.is_short]


@pytest.fixture(scope="module", params=STRUCK, ids=str)
def struck(
    request: pytest.FixtureRequest,
    two_releases: Path,
    strike: Striker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Course]:
    """Each change, served and asked all the time."""
    with course(request.param, two_releases, tmp_path_factory.mktemp("course"), strike) as prepared:
        yield prepared


@pytest.mark.thorough
def test_a_change_that_is_killed_at_any_moment_harms_nobody_and_is_gone_on_with(
    struck: Course, summary: Summary
) -> None:
    moments = moments_of(struck.change, struck.undisturbed, share(KILLS, struck.change), drawn(struck.change))
    survived = strike_at(struck, moments, summary, "killed")
    assert survived < len(moments), "the moments at which it is killed all come after its end"


@pytest.mark.thorough
@pytest.mark.parametrize("fault", ["full", "denied"])
def test_a_change_that_the_disk_refuses_says_so_and_harms_nobody(
    struck: Course, summary: Summary, fault: str
) -> None:
    number, calls = share(REFUSALS, struck.change), len(struck.undisturbed.moments)
    moments: list[dict[str, object]] = [
        {"moment": it, "fault": fault} for it in spread(number, 1, calls, drawn(struck.change))
    ]
    strike_at(struck, moments, summary, SAID[fault])


def share(number: int, change: Change) -> int:
    """Return how many moments of all a change gets."""
    return max(1, round(number * change.weight / sum(each.weight for each in STRUCK)))


def strike_at(struck: Course, moments: list[dict[str, object]], summary: Summary, what: str) -> int:
    """Strike a change at moments, each time from the same beginning; return how many it survived. All that goes wrong is told together."""
    faults, survived, began = [], 0, time.monotonic()
    for moment in moments:
        ended = struck.strike(**moment)
        survived += ended.status == 0
        try:
            assert_told(ended, str(moment.get("fault", "kill")))
            struck.assert_nothing_half_made()
            assert struck.settle()[-1].status == 0
            struck.assert_as_undisturbed()
        except Exception as error:
            faults.append(f"seed {SEED}, {struck.change} {what} at {moment}: {error}")
            struck.asking.wrong.clear()
        struck.reset()
    summary.tell(
        f"{struck.change}, {what}: {len(moments)} moments, {survived} of them survived; "
        f"{struck.asking.asked} answers while they were; {time.monotonic() - began:.0f} s"
    )
    assert not faults, "\n".join([f"{len(faults)} of {len(moments)}:", *faults])
    return survived


def assert_told(ended: Ended, fault: str) -> None:
    """Hold what was said against what happened."""
    if fault == "kill":
        assert ended.is_killed or ended.status == 0, ended
        return
    assert "Traceback" not in ended.err, ended.err
    assert ended.status in (0, 1), ended
    if ended.status:
        (line,) = [each for each in ended.err.splitlines() if SAID[fault] in each]
        assert line.startswith(("/", "fonds: /")), f"it does not say where: {line}"
        what = ("the current release stays", "run the command again", "run `fonds build` again")
        assert any(each in line for each in what), f"it does not say what holds, or what to do: {line}"


# ---------------------------------------------------------------------------------------- RDF files


@pytest.mark.thorough
@pytest.mark.parametrize("fault", ["kill", "full", "denied"])
def test_a_build_of_rdf_files_that_is_struck_at_any_moment_leaves_what_was_and_the_next_one_ends(
    strike: Striker, summary: Summary, tmp_path: Path, fault: str
) -> None:
    """They have another way into a release than documents have."""

    def write(word: str) -> Path:
        quads = (
            f'<{lives.BASE}id/{each}> <http://purl.org/dc/terms/title> "{word} {each}" <{lives.BASE}graph/{each % 7}> .\n'
            for each in range(300)
        )
        (tmp_path / "data.nq").write_text("".join(quads))
        return tmp_path / "data.nq"

    def command(place: Path) -> list[str]:
        return ["build", str(tmp_path / "data.nq"), "--into", str(place / "releases"), "--base", lives.BASE]

    write("First")
    strike.succeed(*command(tmp_path / "begun"))
    before = open_release(tmp_path / "begun/releases").manifest.digest
    write("Second")
    undisturbed = strike.succeed(*command(copied(tmp_path / "begun", tmp_path / "wanted")), trace=True)
    wanted = open_release(tmp_path / "wanted/releases").manifest.digest
    assert wanted != before
    number, calls, chance = 20 if LONG else 3, len(undisturbed.moments), random.Random(f"{SEED} rdf {fault}")
    survived = 0
    for moment in spread(number, 1, calls, chance):
        place = tmp_path / f"struck-{moment}"
        ended = strike.run(*command(copied(tmp_path / "begun", place)), moment=moment, fault=fault)
        told = f"seed {SEED}, {fault} at {moment} of {calls}"
        assert_told(ended, fault)
        survived += ended.status == 0
        for release in lives.releases_seen(place):
            lives.assert_whole(open_release(release))
        assert open_release(place / "releases").manifest.digest in {before, wanted}, told
        strike.succeed(*command(place))
        assert open_release(place / "releases").manifest.digest == wanted, told
        assert not list(place.glob("releases/.building-*")), told
    summary.tell(f"RDF files, {fault}: {number} moments, {survived} of them survived")


# -------------------------------------------------------------------------------------- a disk that is full


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 MiB in memory."""
    place = tmp_path / "disk"
    place.mkdir()
    try:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(place)], capture_output=True, check=False
        )
    except FileNotFoundError:
        pytest.skip("a full disk: `mount` is not installed")
    if done.returncode:
        pytest.skip("a full disk: mounting a small tmpfs needs the superuser")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def resized(disk: Path, size: int) -> None:
    """Give a file system in memory so many bytes."""
    subprocess.run(["mount", "-o", f"remount,size={size // 1024}k", str(disk)], check=True)


@pytest.mark.thorough
def test_a_disk_that_is_full_at_any_byte_stops_a_build_with_a_message(
    two_releases: Path,
    corrected: tuple[dict[str, str], Ended],
    strike: Striker,
    small_disk: Path,
    summary: Summary,
) -> None:
    wanted, _ = corrected
    chance, number, stopped = random.Random(SEED), 40 if LONG else 3, 0
    began = time.monotonic()
    begun = copied(two_releases, small_disk.parent / "begun")
    lives.write_letter(begun, lives.CHANGED, "Other words", "More")
    for at in range(number):
        place = small_disk / f"publication-{at}"
        subprocess.run(["cp", "-a", str(begun), str(place)], check=True)
        used, room = os.statvfs(small_disk), int(_NEEDED * (at + chance.random()) / number)
        resized(small_disk, (used.f_blocks - used.f_bfree) * used.f_frsize + room)
        ended = strike.run(*build(place, "--jobs", "1"), clock=lives.THIRD)
        told = f"seed {SEED}, {room} bytes: {ended.err}"
        assert ended.status in (0, 1), told
        assert "Traceback" not in ended.err, told
        if ended.status:
            stopped += 1
            assert "No space left on device" in ended.err, told
            assert "the current release stays as it was" in ended.err, told
        lives.assert_whole(open_release(place))
        resized(small_disk, 64 * 1024 * 1024)
        strike.succeed(*build(place, "--jobs", "1"), clock=lives.THIRD)
        assert state_of(place) == wanted, told
        subprocess.run(["rm", "-rf", str(place)], check=True)
    summary.tell(
        f"a build on a disk that is full: {number} sizes, {stopped} of them too small; {time.monotonic() - began:.0f} s"
    )
    assert stopped


_NEEDED = 6 * 1024 * 1024
"""Bytes that a build of the letters takes at most while it works."""


@pytest.mark.parametrize("most_bytes", [300, 60_000])
@pytest.mark.thorough
def test_a_file_that_may_not_grow_stops_a_build_with_a_message(
    two_releases: Path, strike: Striker, tmp_path: Path, most_bytes: int
) -> None:
    publication = copied(two_releases, tmp_path / "publication")
    digest = open_release(publication).manifest.digest
    lives.write_letter(publication, lives.CHANGED, "Other words", "More")
    failed = strike.run(*build(publication, "--jobs", "1"), most_bytes=most_bytes)
    assert failed.status == 1, failed
    assert "the current release stays as it was" in failed.err
    assert "Traceback" not in failed.err
    assert open_release(publication).manifest.digest == digest
    assert not list((publication / "releases").glob(".building-*"))


# ------------------------------------------------------------------------------------------- no permission

_FORBIDDEN: dict[str, tuple[str, int, str]] = {
    "the folder of releases may not be written to": (
        "releases",
        0o555,
        "the build stopped: Permission denied",
    ),
    "what earlier builds worked out may not be read": ("releases/.workshop", 0o000, "Permission denied"),
    "a document may not be read": ("data/documents/letter-4.xml", 0o000, "letter-4.xml: "),
    "the settings may not be read": ("fonds.toml", 0o000, "fonds.toml"),
}


@pytest.mark.thorough
@pytest.mark.parametrize(("path", "mode", "said"), _FORBIDDEN.values(), ids=list(_FORBIDDEN))
def test_where_something_is_forbidden_a_build_says_what(
    two_releases: Path, strike: Striker, tmp_path: Path, path: str, mode: int, said: str
) -> None:
    publication = tmp_path / "publication"
    subprocess.run(["cp", "-a", str(two_releases), str(publication)], check=True)
    lives.write_letter(publication, lives.CHANGED, "Other words", "More")
    digest = open_release(publication).manifest.digest
    (publication / path).chmod(mode)
    failed = strike.run(*build(publication, "--jobs", "1"), powerless=True)
    assert failed.status == 1, failed
    assert said in failed.err
    assert "Permission denied" in failed.err
    assert "Traceback" not in failed.err
    (publication / path).chmod(0o755)
    assert open_release(publication).manifest.digest == digest
    strike.succeed(*build(publication, "--jobs", "1"), powerless=True)


@pytest.mark.thorough
def test_a_register_that_may_not_be_written_to_is_told_and_all_else_is_published(
    two_releases: Path, strike: Striker, tmp_path: Path
) -> None:
    publication = tmp_path / "publication"
    subprocess.run(["cp", "-a", str(two_releases), str(publication)], check=True)
    lives.write_letter(publication, "letter-99", "New words", "More")
    (publication / "data").chmod(0o555)
    built = strike.succeed(*build(publication, "--jobs", "1"), powerless=True)
    assert "Identifiers, not written to the register (Permission denied): 1" in built.err
    (publication / "data").chmod(0o755)
    again = strike.succeed(*build(publication, "--jobs", "1"), powerless=True)
    assert "New identifiers, written to the register: 1" in again.err


# ------------------------------------------------------------------------------------------ two at once


@pytest.mark.thorough
def test_of_two_builds_at_once_one_is_made_and_the_other_says_so(
    two_releases: Path,
    corrected: tuple[dict[str, str], Ended],
    strike: Striker,
    tmp_path: Path,
    summary: Summary,
) -> None:
    wanted, undisturbed = corrected
    chance, number = random.Random(SEED), 20 if LONG else 2
    begun = copied(two_releases, tmp_path / "begun")
    lives.write_letter(begun, lives.CHANGED, "Other words", "More")
    refused, began = 0, time.monotonic()
    with striker() as other:
        for at in range(number):
            place = copied(begun, tmp_path / f"publication-{at}")
            command = build(place, "--jobs", "1", *(["--fresh"] if at % 2 else []))
            first: list[Ended] = []
            builder = threading.Thread(
                target=lambda c=command, f=first: f.append(other.run(*c, clock=lives.THIRD))
            )
            builder.start()
            time.sleep((at + chance.random()) * undisturbed.seconds / number)
            second = strike.run(*command, clock=lives.THIRD)
            builder.join()
            ended = [*first, second]
            told = f"seed {SEED}, {at} of {number}: {ended}"
            assert any(each.status == 0 for each in ended), told
            for each in ended:
                if each.status:
                    refused += 1
                    assert each.status == 1, told
                    assert "another build is at work here" in each.err, told
                assert "Traceback" not in each.err, told
            strike.succeed(*build(place, "--jobs", "1"), clock=lives.THIRD)
            assert state_of(place) == wanted, told
    summary.tell(
        f"two builds at once: {number} moments, {refused} builds refused; {time.monotonic() - began:.0f} s"
    )
    assert refused or not LONG
