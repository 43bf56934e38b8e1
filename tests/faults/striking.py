"""Commands of fonds that are struck while they run: see :mod:`tests.faults.struck`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

STRUCK = Path(__file__).with_name("struck.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command of fonds, and what befalls it.

    Attributes:
        arguments: Behind ``fonds``.
        clock: What a build takes for now, ISO 8601; empty: the time.
        moment: At which of its calls to the file system it is struck, from 1; None: at none.
        fault: How: ``kill``, ``full`` (from then on nothing can be written), ``denied`` (nor removed).
        seconds: After how many it is killed with all that it started; None: it is not.
        trace: Whether the calls to the file system are told.
        processes: Whether documents are read and mapped by processes of their own, however few there are.
        renewed: Whether a store is made out of the one before, however small it is.
        glance: Up to how many bytes files of a release are hashed when it is opened; None: as always.
        most_bytes: Of a file that it writes; 0: no limit.
        powerless: Whether permissions bind it, also where it is the superuser's.
        start: How its processes start; empty: as always.
        deadly: A word that kills who reads it; empty: there is none.
        deadly_to: Whom: ``reader`` or ``mapper``.
        mapped: It is killed when so many records are mapped; None: it is not.
    """

    arguments: Sequence[str]
    clock: str = ""
    moment: int | None = None
    fault: str = "kill"
    seconds: float | None = None
    trace: bool = False
    processes: bool = False
    renewed: bool = False
    glance: int | None = None
    most_bytes: int = 0
    powerless: bool = False
    start: str = ""
    deadly: str = ""
    deadly_to: str = "reader"
    mapped: int | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended.

    Attributes:
        status: Its exit status, or the number of the signal that ended it, below zero.
        seconds: How long it took.
        out: What it printed.
        err: What it said.
        moments: Its calls to the file system, if they were to be told.
        counts: How many files it ``read`` and how many things it ``mapped``, and did not take from before.
    """

    status: int
    seconds: float
    out: str
    err: str
    moments: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def is_killed(self) -> bool:
        """Whether it was."""
        return self.status == -signal.SIGKILL


class Striker:
    """Runs commands, one after the other."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, *arguments: str | Path, **how: Any) -> Ended:
        """Run a command of fonds, struck as :class:`Command` says; return how it ended."""
        command = Command(arguments=[str(each) for each in arguments], **how)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(command)) + "\n")
        self._process.stdin.flush()
        return Ended(**json.loads(self._process.stdout.readline()))

    def succeed(self, *arguments: str | Path, **how: Any) -> Ended:
        """Run a command that has to succeed."""
        ended = self.run(*arguments, **how)
        assert ended.status == 0, f"{arguments}: {ended.status}\n{ended.out}\n{ended.err}"
        return ended


@contextmanager
def striker() -> Iterator[Striker]:
    """Give what runs commands until the block ends."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        [sys.executable, str(STRUCK)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        try:
            yield Striker(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(30)
