"""Engines that are not ours, started for tests: the Oxigraph server and Virtuoso 7."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bench.servers import oxigraph_binary
from tests.bench.virtuoso import write_settings
from tests.processes import answers, free_port, stopped_after

_START_SECONDS = 120
_PASSWORD = "not-secret"


@dataclass(frozen=True)
class Engine:
    """An engine that listens.

    Attributes:
        name: Whose it is.
        query: Address of its query service.
        update: Address of its update service.
        graphs: Address of its graph store.
        default_graph: The named graph that stands for the default graph, where it has none of its own.
        environment: The login that it wants from those who write.
    """

    name: str
    query: str
    update: str
    graphs: str
    default_graph: str
    environment: dict[str, str]


@contextmanager
def oxigraph(folder: Path, *, port: int = 0) -> Iterator[Engine]:
    """Run the Oxigraph server on an empty store, or on what it left in the folder."""
    port = port or free_port()
    command = [
        oxigraph_binary(),
        "serve",
        "--location",
        str(folder / "oxigraph"),
        "--bind",
        f"127.0.0.1:{port}",
    ]
    with running(command, port, folder):
        base = f"http://127.0.0.1:{port}"
        yield Engine("oxigraph", f"{base}/query", f"{base}/update", f"{base}/store", "", {})


@contextmanager
def virtuoso(folder: Path, *, most_rows: int = 100_000) -> Iterator[Engine]:
    """Run Virtuoso on a new store; the test is skipped where it is not installed.

    Args:
        folder: For its files.
        most_rows: After so many rows it cuts an answer.
    """
    program = shutil.which("virtuoso-t")
    if program is None:
        pytest.skip("Virtuoso 7 is not installed (Debian: virtuoso-opensource)")
    sql, port = free_port(), free_port()
    settings = write_settings(folder, sql=sql, http=port, rows=most_rows)
    # The first start makes the store, sets the password, and ends.
    subprocess.run(
        [program, "+wait", *settings, "+pwdold", "dba", "+pwddba", _PASSWORD, "+pwddav", _PASSWORD],
        cwd=folder, check=False, timeout=_START_SECONDS, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with running([program, "+foreground", *settings], port, folder):
        base = f"http://127.0.0.1:{port}"
        login = {"FONDS_STORE_USER": "dba", "FONDS_STORE_PASSWORD": _PASSWORD}
        yield Engine(
            "virtuoso",
            f"{base}/sparql",
            f"{base}/sparql-auth",
            f"{base}/sparql-graph-crud-auth",
            "urn:fonds:default",
            login,
        )


@contextmanager
def running(
    command: Sequence[str], port: int, folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Run a server until the block ends, which begins when it answers.

    Args:
        command: Starts it.
        port: Where it listens, on this machine.
        folder: In which it runs, and which has a file of what it says afterwards.
        environment: Of the command; None: that of the tests.
    """
    log = folder / f"server-{port}.log"
    with (
        log.open("ab") as said,
        subprocess.Popen(
            command, cwd=folder, env=environment, stdout=said, stderr=subprocess.STDOUT
        ) as process,
        stopped_after(process),
    ):
        deadline = time.monotonic() + _START_SECONDS
        while not answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{command[0]} does not start:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)
        yield
