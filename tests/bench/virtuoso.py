"""Virtuoso 7, where it is installed (Debian: virtuoso-opensource): its settings, and a store that holds some files."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from tests.bench.servers import Server, running
from tests.processes import free_port

GRAPH = "http://bench.example/graph"
"""Virtuoso has no triples outside of named graphs: all are in this one, and each query is asked of it."""
BUFFERS = 100_000
"""Pages of 8 KiB that it keeps in memory: enough for two million triples."""
_LOGIN = "dba"
"""Name and password of the account that a new store has."""
_SETTINGS, _SQL = "virtuoso.ini", "sql.port"
_INI = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
FileExtend = 200
[TempDatabase]
DatabaseFile = temporary.db
TransactionFile = temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DirsAllowed = {folders}
NumberOfBuffers = {buffers}
MaxDirtyBuffers = {dirty}
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = .
ServerThreads = {threads}
[SPARQL]
ResultSetMaxRows = {rows}
"""


def programs() -> tuple[str, str] | None:
    """Return the paths of Virtuoso and of its client for SQL; None: they are not installed."""
    server, client = shutil.which("virtuoso-t"), shutil.which("isql-vt") or shutil.which("isql-v")
    return (server, client) if server and client else None


def version() -> str:
    """Return its name and version, or that it is not installed."""
    found = programs()
    if found is None:
        return "Virtuoso not installed"
    said = subprocess.run([found[0], "+version"], capture_output=True, text=True, check=False)
    words = (said.stdout + said.stderr).split()
    return f"Virtuoso {words[words.index('Version') + 1]}" if "Version" in words else "Virtuoso"


def write_settings(
    folder: Path,
    *,
    sql: int,
    http: int,
    rows: int,
    folders: Sequence[Path] = (),
    buffers: int = 10_000,
    threads: int = 10,
) -> list[str]:
    """Write the settings of a store into its folder; return the options of ``virtuoso-t`` that name them.

    Args:
        folder: In which the store is, and in which Virtuoso is to be started.
        sql: The port for SQL.
        http: The port for HTTP.
        rows: After so many rows it cuts an answer.
        folders: From which it may load files, beside its own.
        buffers: Pages of 8 KiB that it keeps in memory.
        threads: That answer HTTP.
    """
    allowed = ", ".join((".", *map(str, folders)))
    text = _INI.format(
        sql=sql,
        http=http,
        rows=rows,
        folders=allowed,
        buffers=buffers,
        dirty=buffers * 6 // 10,
        threads=threads,
    )
    (folder / _SETTINGS).write_text(text, encoding="utf-8")
    return ["+configfile", _SETTINGS]


def load(folder: Path, files: Sequence[Path]) -> float:
    """Make a store in an empty folder, and load N-Triples into it; return how many seconds loading took, on all cores.

    Raises:
        FileNotFoundError: Virtuoso is not installed.
        RuntimeError: It could not load a file; the text holds what it said.
    """
    found = programs()
    if found is None:
        raise FileNotFoundError("Virtuoso is not installed")
    with _started(folder, [file.parent.resolve() for file in files], core=None):
        listed = (f"ld_dir ('{file.parent.resolve()}', '{file.name}', '{GRAPH}');" for file in files)
        began = time.perf_counter()
        said = _sql(folder, found[1], f"{' '.join(listed)} rdf_loader_run (); checkpoint;")
        seconds = time.perf_counter() - began
        said += _sql(
            folder,
            found[1],
            "select ll_error from DB.DBA.load_list where ll_state <> 2 or ll_error is not null;",
        )
        if "0 Rows." not in said or "*** Error" in said:
            raise RuntimeError(f"Virtuoso did not load {', '.join(map(str, files))}:\n{said}")
        _sql(folder, found[1], "shutdown;")
    return seconds


@contextmanager
def virtuoso(folder: Path) -> Iterator[Server]:
    """Serve a store that :func:`load` made, on the core of the servers."""
    with _started(folder, (), core=0) as server:
        yield server


@contextmanager
def _started(folder: Path, folders: Sequence[Path], *, core: int | None) -> Iterator[Server]:
    found = programs()
    if found is None:
        raise FileNotFoundError("Virtuoso is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    sql, http = free_port(), free_port()
    options = write_settings(
        folder, sql=sql, http=http, rows=10**9, folders=folders, buffers=BUFFERS, threads=80
    )
    (folder / _SQL).write_text(str(sql), encoding="utf-8")
    command = [found[0], "+foreground", *options]
    asked = f"default-graph-uri={quote(GRAPH, safe='')}&"
    with running("Virtuoso", command, http, "/sparql", asked, folder=folder, core=core) as server:
        yield server


def _sql(folder: Path, client: str, statements: str) -> str:
    port = (folder / _SQL).read_text(encoding="utf-8")
    done = subprocess.run(
        [client, f"127.0.0.1:{port}", _LOGIN, _LOGIN, f"exec={statements}"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr
