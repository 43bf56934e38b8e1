"""The servers that are compared, each on the first core; those that are not asked cost nothing."""

from __future__ import annotations

import http.client
import json
import os
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from tests.processes import free_port, stopped_after, tree_pss_bytes

SERVER_CORE, CLIENT_CORE = 0, 1
FONDS = (sys.executable, "-m", "fonds")
"""The command line of ours."""
_START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Server:
    """A server that listens.

    Attributes:
        name: Whose it is.
        port: On the loopback address.
        start_seconds: From starting the command to the first answer.
        query_path: Where SPARQL is asked.
        process: The first process of its tree.
        parameters: What stands before the query in its address, with an ampersand at the end.
    """

    name: str
    port: int
    start_seconds: float
    query_path: str
    process: subprocess.Popen[bytes] = field(repr=False)
    parameters: str = ""

    def query(self, sparql: str) -> str:
        """Return the address that asks a query."""
        return f"{self.query_path}?{self.parameters}query={quote(sparql, safe='')}"

    def pss_bytes(self) -> int:
        """Return the memory of the process and all its children: proportional set size (a shared page counts once)."""
        return tree_pss_bytes(self.process.pid)


@contextmanager
def fonds(release: Path, *options: str) -> Iterator[Server]:
    """Serve a release with fonds."""
    port = free_port()
    command = [*FONDS, "serve", str(release), "--port", str(port), *options]
    with running("fonds", command, port, "/sparql") as server:
        yield server


@contextmanager
def oxigraph(store: Path) -> Iterator[Server]:
    """Serve a store with the Oxigraph server."""
    port = free_port()
    command = [oxigraph_binary(), "serve-read-only", "--location", str(store), "--bind", f"127.0.0.1:{port}"]
    with running("Oxigraph", command, port, "/query") as server:
        yield server


@contextmanager
def oxigraph_to_write(store: Path) -> Iterator[Server]:
    """Serve a store with the Oxigraph server, and let everybody write into it."""
    port = free_port()
    command = [oxigraph_binary(), "serve", "--location", str(store), "--bind", f"127.0.0.1:{port}"]
    with running("Oxigraph", command, port, "/query") as server:
        yield server


def oxigraph_binary() -> str:
    """Return the path of the Oxigraph server.

    Raises:
        FileNotFoundError: It is not installed beside this Python, nor on the path.
    """
    beside = Path(sys.executable).with_name("oxigraph")
    found = str(beside) if beside.exists() else shutil.which("oxigraph")
    if found is None:
        raise FileNotFoundError("no `oxigraph` here; `make bench` installs it (requirements-dev.lock)")
    return found


def load_oxigraph(store: Path, files: Sequence[Path]) -> float:
    """Load files into an empty store of the Oxigraph server, on all cores; return how many seconds that took."""
    options = [each for file in files for each in ("--file", file)]
    return timed([oxigraph_binary(), "load", "--location", store, *options])


def remove(*folders: Path) -> None:
    """Remove folders that may be there."""
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def needs_of_the_bench() -> str:
    """Return what this machine lacks to measure servers, as a sentence; nothing if all is there."""
    if (os.cpu_count() or 1) < 2:
        return "The bench needs two cores: one for the server, one for the client."
    if not Path("/proc/self/smaps_rollup").exists():
        return "The bench reads memory from /proc and runs on Linux only."
    return ""


def on_core(core: int | None) -> None:
    """Keep this process, and what it starts from now on, on one core; None: on all there are."""
    every = range(os.cpu_count() or 1)
    os.sched_setaffinity(0, every if core is None or core not in every else {core})


def timed(command: Sequence[str | Path]) -> float:
    """Run a command on all cores and return how many seconds it took.

    Raises:
        RuntimeError: It failed; the text holds what it said.
    """
    began = time.perf_counter()
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stderr}")
    return time.perf_counter() - began


@contextmanager
def running(
    name: str,
    command: Sequence[str],
    port: int,
    query_path: str,
    parameters: str = "",
    *,
    folder: Path | None = None,
    core: int | None = SERVER_CORE,
) -> Iterator[Server]:
    """Run a server until the block ends, which begins when it answers a query; meanwhile this process keeps to its own core.

    Args:
        name: Whose it is.
        command: Starts it.
        port: Where it listens, on this machine.
        query_path: Where SPARQL is asked.
        parameters: What stands before the query in its address.
        folder: In which it runs.
        core: To which it keeps; None: it has all.
    """
    on_core(core)
    began = time.perf_counter()
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        on_core(CLIENT_CORE)
        try:
            with stopped_after(process):
                _await_answer(process, port, f"{query_path}?{parameters}query={quote('ASK { ?s ?p ?o }')}")
                yield Server(name, port, time.perf_counter() - began, query_path, process, parameters)
        finally:
            on_core(None)


def _await_answer(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with status {process.returncode}")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_START_SECONDS)
        try:
            connection.request("GET", path, headers={"Accept": "application/sparql-results+json"})
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.005)
        finally:
            connection.close()
    raise TimeoutError(f"{process.args!r} gave no answer within {_START_SECONDS} s")


@contextmanager
def peak_of(pid: int, *, every_seconds: float) -> Iterator[list[int]]:
    """Note the memory of a process and all its children from time to time while the block runs."""
    noted, ended = [tree_pss_bytes(pid)], threading.Event()

    def note() -> None:
        while not ended.wait(every_seconds):
            noted.append(tree_pss_bytes(pid))

    watcher = threading.Thread(target=note)
    watcher.start()
    try:
        yield noted
    finally:
        ended.set()
        watcher.join()


class Watched(NamedTuple):
    """What a command came to.

    Attributes:
        told: What it wrote.
        seconds: How long it ran.
        processor_seconds: Of processor time, of it and all its children.
        peak_bytes: Most memory of it and all its children: proportional set size.
    """

    told: Any
    seconds: float
    processor_seconds: float
    peak_bytes: int


def watched(command: Sequence[str | Path], *, every_seconds: float) -> Watched:
    """Run a command that writes JSON, alone.

    Raises:
        RuntimeError: It failed.
    """
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process,
        peak_of(process.pid, every_seconds=every_seconds) as peak,
    ):
        told, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with status {process.returncode}")
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Watched(json.loads(told), seconds, processor, max(peak))


def size_of(folder: Path) -> int:
    """Return the bytes of all files in a folder; a file that has several names there counts once."""
    stats = (path.lstat() for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum({(each.st_dev, each.st_ino): each.st_size for each in stats}.values())
