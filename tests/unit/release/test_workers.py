"""Processes that help with a build: they do what they are asked, and end with it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time

import pytest

from fonds.errors import BuildError
from fonds.release.workers import Workers, workers


def _process(number: int) -> tuple[int, int]:
    return number, os.getpid()


def _fail(words: str) -> None:
    raise OSError(28, words, "/a/file")


def _end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _interrupted(helpers: Workers) -> None:
    helpers.call(time.sleep, 60)
    raise KeyboardInterrupt


def test_without_helpers_a_function_was_called_when_the_call_returns() -> None:
    with workers(0) as helpers:
        call = helpers.call(_process, 1)
        assert call.done()
        assert call.result() == (1, os.getpid())


def test_helpers_are_processes_of_their_own() -> None:
    with workers(2) as helpers:
        calls = [helpers.call(_process, number) for number in range(5)]
        found = [call.result() for call in calls]
    assert [number for number, _ in found] == list(range(5))
    assert os.getpid() not in {process for _, process in found}


@pytest.mark.parametrize("count", [0, 1])
def test_what_goes_wrong_elsewhere_goes_wrong_here(count: int) -> None:
    with pytest.raises(OSError, match="no room") as raised, workers(count) as helpers:
        helpers.call(_fail, "no room").result()
    assert raised.value.filename == "/a/file"


def test_a_helper_that_the_system_ends_is_a_fault_of_the_build() -> None:
    with pytest.raises(BuildError, match="want of memory"), workers(1) as helpers:
        helpers.call(_end).result()


def test_helpers_end_at_once_when_the_build_does() -> None:
    before = set(multiprocessing.active_children())
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt), workers(1) as helpers:
        _interrupted(helpers)
    while set(multiprocessing.active_children()) - before and time.monotonic() < begun + 30:
        time.sleep(0.01)
    assert set(multiprocessing.active_children()) <= before
    assert time.monotonic() < begun + 30
