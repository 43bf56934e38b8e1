"""Watches a server and its workers: memory, files, threads, processes."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.processes import open_files_of, pss_bytes_of, tree_of, tree_pss_bytes

_SAMPLE_SECONDS = 0.1
_STILL_SECONDS = 0.5
_SETTLE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class State:
    """What a server and its workers use at a moment.

    Attributes:
        server_bytes: Memory of the serving process: proportional set size, in which a shared page counts once.
        tree_bytes: The same of all processes.
        files: Open in the serving process.
        threads: Of the serving process.
        processes: How many there are, the serving one counted.
        zombies: Processes that ended and that nobody waited for.
    """

    server_bytes: int
    tree_bytes: int
    files: int
    threads: int
    processes: int
    zombies: int

    def __str__(self) -> str:
        return (
            f"{self.server_bytes / 2**20:.0f} of {self.tree_bytes / 2**20:.0f} MiB, {self.files} files, "
            f"{self.threads} threads, {self.processes} processes, {self.zombies} zombies"
        )


def state_of(pid: int) -> State:
    """Return what a process and those that it started use."""
    tree = list(tree_of(pid))
    each_bytes = {each: pss_bytes_of(each) for each in tree}
    return State(
        server_bytes=each_bytes[pid],
        tree_bytes=sum(each_bytes.values()),
        files=open_files_of(pid),
        threads=sum(1 for _ in Path(f"/proc/{pid}/task").iterdir()),
        processes=len(tree),
        zombies=sum(map(_is_zombie, tree)),
    )


def settled(pid: int) -> State:
    """Return the state when nothing changes any more: connections that end have ended, workers that start have started."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    state, since = state_of(pid), time.monotonic()
    while (now := time.monotonic()) < deadline and now - since < _STILL_SECONDS:
        threading.Event().wait(_SAMPLE_SECONDS)
        found = state_of(pid)
        if (found.files, found.processes, found.zombies) != (state.files, state.processes, state.zombies):
            since = time.monotonic()
        state = found
    return state


class Watch(threading.Thread):
    """Looks at a process and those that it started, ten times a second, until :meth:`stop`.

    Attributes:
        most_bytes: The most memory that all of them had at a moment.
    """

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.most_bytes = 0
        self._pid = pid
        self._stopped = threading.Event()

    def run(self) -> None:
        """Look until it is told to stop, or the process has ended."""
        with suppress(OSError):
            while not self._stopped.wait(_SAMPLE_SECONDS):
                self.most_bytes = max(self.most_bytes, tree_pss_bytes(self._pid))

    def stop(self) -> int:
        """Look no more; return the most memory that there was, in bytes."""
        self._stopped.set()
        self.join()
        return self.most_bytes


def _is_zombie(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith("Z")
    return False
