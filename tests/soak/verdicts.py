"""What has to hold after a soak, and the table that tells of it."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version

from tests.bench.client import percentile
from tests.soak.course import Course
from tests.soak.traffic import KINDS

_GROWN_BYTES = 16 * 1024 * 1024
"""By so much the memory of the serving process may differ between the first third and the last: answers that are kept, and pages
that the allocator keeps."""
_GROWN_TREE_BYTES = 48 * 1024 * 1024
"""By so much that of all processes: workers come and go, and the engine fills its cache of blocks."""
_GROWN_FILES = 4
_SLOWER, _SLOWER_MS = 2.0, 20.0
_ENOUGH = 30
"""Fewer answers than these say nothing of how long most of them take."""
_SHARES = ((0.99, 1_000), (0.9, 300), (0.5, 0))
"""How many of the answers are judged, by how many there are at least in a third of the time: of fewer, whether those that are left out
came while both workers had a query without end, which takes two seconds, is chance."""
_LIMITED_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether something held.

    Attributes:
        what: What has to hold.
        told: What was seen.
        holds: Whether it did.
    """

    what: str
    told: str
    holds: bool


def verdicts(course: Course) -> Iterator[Verdict]:
    """Say of each thing that has to hold whether it did."""
    wrong = course.wrong()
    told = ", ".join(f"{name} × {number}" for name, number in wrong.most_common(8))
    yield Verdict(
        "every request ended as it should, or by a limit",
        told or "all",
        not wrong,
    )
    readers = [each for each in course.asked if not KINDS[each.kind].hostile]
    limited = sum(each.limited for each in readers)
    yield Verdict(
        "limits met those who mean no good, not the others",
        f"{limited} of {len(readers):,} others met one",
        limited <= _LIMITED_SHARE * len(readers),
    )
    late = [each for each in course.switches if each.seconds is None]
    slowest = max((each.seconds or 0 for each in course.switches), default=0.0)
    yield Verdict(
        "every new release was picked up",
        f"{len(course.switches) - len(late)} of {len(course.switches)}, after {slowest:.1f} s at most",
        bool(course.switches) and not late,
    )
    yield Verdict(
        "the server is the one that was started", "alive" if course.alive else "it ended", course.alive
    )
    yield Verdict(
        "nothing was told to the operator but what concerns them",
        course.log[:200] or "nothing",
        "Traceback" not in course.log,
    )
    yield from _what_is_used(course)
    for kind in KINDS:
        first, _, last = course.thirds(kind)
        if min(len(first), len(last)) >= _ENOUGH:
            yield _steady(kind, first, last)


def _what_is_used(course: Course) -> Iterator[Verdict]:
    assert course.before is not None
    assert course.after is not None
    for what, name, grown in (
        ("server_bytes", "the serving process", _GROWN_BYTES),
        ("tree_bytes", "all processes", _GROWN_TREE_BYTES),
    ):
        first, second, third = course.used(what)
        yield Verdict(
            f"memory of {name} is flat",
            f"{first / 2**20:.0f}, {second / 2**20:.0f}, {third / 2**20:.0f} MiB (median of each third)",
            third <= max(first, second) + grown,
        )
    files, threads = course.after.files, course.after.threads
    yield Verdict(
        "nothing stays open",
        f"{course.before.files} files before, {files} after",
        files <= course.before.files + _GROWN_FILES,
    )
    yield Verdict(
        "threads end",
        f"{course.before.threads} before, {threads} after",
        threads <= course.before.threads + _GROWN_FILES,
    )
    most = max((state.processes for _, state in course.states), default=0)
    yield Verdict(
        "processes end and are waited for",
        f"{course.after.processes} after ({most} at most), {course.after.zombies} zombies",
        course.after.zombies == 0 and course.after.processes <= course.before.processes + 1,
    )


def _steady(kind: str, first: list[float], last: list[float]) -> Verdict:
    halves = [percentile(each, 0.5) for each in (first, last)]
    number = min(len(first), len(last))
    share = next(share for share, least in _SHARES if number >= least)
    worst = [percentile(each, share) for each in (first, last)]
    return Verdict(
        f"latency of *{kind}* is steady",
        f"p50 {halves[0]:.1f} → {halves[1]:.1f} ms, p{100 * share:.0f} {worst[0]:.1f} → {worst[1]:.1f} ms (first third → last)",
        halves[1] <= _SLOWER * halves[0] + _SLOWER_MS and worst[1] <= _SLOWER * worst[0] + 10 * _SLOWER_MS,
    )


def table(course: Course) -> str:
    """Return what was seen as Markdown."""
    size = course.size
    builds = [each.build_seconds for each in course.switches]
    lines = [
        f"{size.seconds / 60:.0f} minutes, {size.rate:.0f} requests a second ({len(course.asked):,} in all), "
        f"{len(course.switches)} new releases, each built beside the server in {min(builds):.0f} to {max(builds):.0f} s. "
        f"Python {platform.python_version()}, Oxigraph {version('pyoxigraph')}, {platform.system()} {platform.machine()}.",
        "",
        "| what has to hold | what was seen | |",
        "|---|---|---|",
        *(
            f"| {each.what} | {each.told} | {'holds' if each.holds else '**does not hold**'} |"
            for each in verdicts(course)
        ),
        "",
        "| asked for | how often | how it ended | p50 ms | p99 ms | most ms |",
        "|---|--:|---|--:|--:|--:|",
    ]
    for kind in KINDS:
        of_kind = [each for each in course.asked if each.kind == kind]
        if not of_kind:
            continue
        ways = Counter(each.how for each in of_kind)
        times = [each.milliseconds for each in of_kind]
        ended = ", ".join(f"{how} × {number}" if len(ways) > 1 else how for how, number in ways.most_common())
        lines.append(
            f"| {kind} | {len(of_kind):,} | {ended} | {percentile(times, 0.5):.1f} | {percentile(times, 0.99):.1f} "
            f"| {max(times):.0f} |"
        )
    return "\n".join((*lines, ""))
