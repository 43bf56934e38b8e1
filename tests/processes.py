"""Processes that tests and benches start: where they may listen, how they are waited for and stopped, and what they use."""

from __future__ import annotations

import http.client
import secrets
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

_PORTS = range(20_000, 32_768)
"""Below those that the system gives to whoever connects somewhere, which would be taken again before a server has them."""


def free_port() -> int:
    """Return a port of this machine at which nobody listens, by chance: tests that run side by side do not get the same."""
    while True:
        port = _PORTS[secrets.randbelow(len(_PORTS))]
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("", port))
            return port


def answers(port: int, path: str = "/") -> bool:
    """Tell whether a server answers at a port of this machine within five seconds, whatever it says."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def until(holds: Callable[[], object], seconds: float = 10, *, pause_seconds: float = 0.01) -> None:
    """Wait until something holds, which it has to within so many seconds; look again after each pause."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"it did not come to that within {seconds} s"
        time.sleep(pause_seconds)


@contextmanager
def stopped_after(process: subprocess.Popen[Any], seconds: float = 20) -> Iterator[None]:
    """Ask a process to end when the block does; kill it when it does not within so many seconds."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()


# ----------------------------------------------------------------------------------------- what they use (Linux)


def tree_of(pid: int) -> Iterator[int]:
    """Iterate over a process and all its children, in all generations."""
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from tree_of(int(child))


def pss_bytes_of(pid: int) -> int:
    """Return the memory of a process: proportional set size (a shared page counts once); nothing of one that has ended meanwhile."""
    rollup = ""
    with suppress(OSError):
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next((int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:")), 0)


def tree_pss_bytes(pid: int) -> int:
    """Return the memory of a process and all its children: proportional set size (a shared page counts once)."""
    return sum(map(pss_bytes_of, tree_of(pid)))


def open_files_of(pid: int) -> int:
    """Return how many files a process has open."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
