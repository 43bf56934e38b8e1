"""Work on all cores: every task is done once, in whatever way processes start, and one that kills its process loses itself only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fonds.parallel import Died, Work, done

STARTS = ["fork", "forkserver", "spawn"]


def base(number: int) -> int:
    return number


def add(state: int, task: int) -> tuple[int, int]:
    return state + task, os.getpid()


def die_of_13(state: int, task: int) -> int:
    if task == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def fail_at_13(state: int, task: int) -> int:
    if task == 13:
        raise ValueError(f"{task} brings bad luck")
    return task


@pytest.mark.parametrize("jobs", [1, 3])
def test_every_task_is_done_once(jobs: int) -> None:
    work = Work(begin=base, arguments=(100,), do=add)
    results = dict(done(work, range(50), jobs=jobs))
    assert {task: result[0] for task, result in results.items()} == {task: 100 + task for task in range(50)}
    assert (os.getpid() in {result[1] for result in results.values()}) == (jobs == 1)


@pytest.mark.parametrize("start", STARTS)
def test_processes_start_in_each_way(start: str) -> None:
    work = Work(begin=base, arguments=(1,), do=add)
    results = done(work, range(5), jobs=2, start=start)
    assert sorted(result[0] for _, result in results if not isinstance(result, Died)) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("start", STARTS)
def test_a_task_that_kills_its_process_loses_no_other(start: str) -> None:
    work = Work(begin=base, arguments=(0,), do=die_of_13)
    results = dict(done(work, range(20), jobs=2, start=start))
    assert results.pop(13) == Died()
    assert results == {task: task for task in range(20) if task != 13}


def test_an_error_of_a_task_is_raised_here() -> None:
    work = Work(begin=base, arguments=(0,), do=fail_at_13)
    with pytest.raises(ValueError, match="13 brings bad luck"):
        list(done(work, range(20), jobs=2))


def test_no_more_tasks_are_read_than_are_worked_at() -> None:
    read = []

    def tasks():
        for number in range(100):
            read.append(number)
            yield number

    results = done(Work(begin=base, arguments=(0,), do=add), tasks(), jobs=2)
    next(results)
    assert len(read) <= 5
    results.close()


LONG = """
import os, sys, time
sys.path.insert(0, {folder!r})
from fonds.parallel import Work, done
from sleeping import begin, sleep
if __name__ == "__main__":
    for _ in done(Work(begin=begin, arguments=(), do=sleep), range(100), jobs=2): pass
"""
SLEEPING = """
import os, time
def begin(): return None
def sleep(state, task):
    os.write(1, f"{os.getpid()}\\n".encode())
    time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_processes_end_with_the_one_that_started_them(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "sleeping.py").write_text(SLEEPING)
    script = tmp_path / "long.py"
    script.write_text(LONG.format(folder=str(tmp_path)))
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as running:
        assert running.stdout is not None
        workers = [int(running.stdout.readline()) for _ in range(2)]
        running.send_signal(number)
        deadline = time.monotonic() + 20
        while any(Path(f"/proc/{each}").exists() for each in workers) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not [each for each in workers if Path(f"/proc/{each}").exists()]
