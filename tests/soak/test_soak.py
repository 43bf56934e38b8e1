"""A minute under mixed traffic, with three new releases: nothing fails, nothing grows, nothing stays. ``make soak`` goes on for longer."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.soak.course import SHORT, Asked, Course, run
from tests.soak.verdicts import table, verdicts

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc (Linux)")
def test_a_minute_of_mixed_traffic_leaves_nothing_behind(tmp_path: Path) -> None:
    course = run(tmp_path, SHORT)
    # How long answers take is told by the longer forms: beside other tests it says nothing.
    failed = [each for each in verdicts(course) if not each.holds and not each.what.startswith("latency")]
    assert not failed, table(course)


def test_an_ending_that_nobody_expects_is_found() -> None:
    course = Course(SHORT)
    course.asked = [
        Asked(1.0, "document", "200", 5.0, 100),
        Asked(2.0, "document", "500", 5.0, 100),
        Asked(3.0, "small query", "503 busy", 5.0, 100),
        Asked(4.0, "search", "429 without Retry-After", 5.0, 100),
    ]
    assert dict(course.wrong()) == {"document: 500": 1, "search: 429 without Retry-After": 1}


def test_what_becomes_slower_is_found() -> None:
    course = Course(SHORT)
    course.asked = [
        Asked(moment, "document", "200", 10.0 if moment < SHORT.seconds / 2 else 100.0, 1)
        for moment in (SHORT.seconds * number / 200 for number in range(200))
    ]
    first, _, last = course.thirds("document")
    assert (max(first), min(last)) == (10.0, 100.0)
