"""Writes the lines of the log, beside what answers: a reader that is slow, gone or full never stops it."""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from collections.abc import Callable

_MOST_LINES = 20_000
"""So many lines wait to be written; those that come while there are more are left out, and counted."""
_GATHER_SECONDS = 0.05
"""What comes within so long is written at once."""
_WAIT_SECONDS = 1.0
"""So long a pipe that does not block and is full is waited for."""


class Writer:
    """Writes lines to a file descriptor from a thread of its own.

    Args:
        descriptor: An open file, pipe, socket or terminal; a copy of it is used, which no other file can come to be.
        left_out: Makes the line that says how many were left out.
    """

    def __init__(self, descriptor: int, left_out: Callable[[int], bytes]) -> None:
        self._descriptor = os.dup(descriptor)
        self._left_out = left_out
        self._lines: list[bytes] = []
        self._woken = threading.Event()
        self._idle = True
        self._closing = False
        self._torn = False
        """Whether the last line was written in part only."""
        self.dropped = 0
        """Lines that were left out so far, since they could not be written."""
        self._told = 0
        # It may wait for ever in a write to a pipe that nobody reads: it ends with the process.
        self._thread = threading.Thread(target=self._run, name="fonds-log", daemon=True)
        self._thread.start()

    def write(self, line: bytes) -> None:
        """Have a line written soon; any thread may call it, and none ever waits."""
        lines = self._lines
        if len(lines) >= _MOST_LINES:
            self.dropped += 1
            return
        lines.append(line)
        if self._idle:
            self._idle = False
            self._woken.set()

    def close(self, seconds: float = 2.0) -> None:
        """Write what waits, for so many seconds at most."""
        self._closing = True
        self._woken.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while True:
            self._woken.wait()
            if not self._closing:
                time.sleep(_GATHER_SECONDS)
            self._woken.clear()
            self._idle = True
            self._write_all()
            if self._closing and not self._lines:
                return

    def _write_all(self) -> None:
        # Each of these is one step of the interpreter: what others add meanwhile stays.
        count = len(self._lines)
        lines = self._lines[:count]
        if self.dropped > self._told:
            lines.insert(0, self._left_out(self.dropped - self._told))
        if not lines:
            return
        if self._torn:
            lines.insert(0, b"\n")
        data = memoryview(b"".join(lines))
        told, done = self.dropped, 0
        try:
            while done < len(data):
                done += self._write_some(data[done : done + 65_536])
        except OSError:
            # A full disk, a closed pipe: they may pass.
            self._torn = bytes(data[done - 1 : done]) != b"\n" if done else self._torn
            self.dropped += max(0, count - bytes(data[:done]).count(b"\n"))
        else:
            self._torn, self._told = False, told
        # Only now: while a pipe is full, what waits is counted.
        del self._lines[:count]

    def _write_some(self, data: memoryview) -> int:
        try:
            return os.write(self._descriptor, data)
        except BlockingIOError:
            with contextlib.suppress(ValueError):
                if select.select([], [self._descriptor], [], _WAIT_SECONDS)[1]:
                    return 0
            raise
