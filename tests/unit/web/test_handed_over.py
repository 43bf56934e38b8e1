"""Where the system has listened beforehand, its socket is taken: nobody is sent away while the program is started again."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fonds.release.folder import Release
from tests.behind import asker_of

# What a system does before it starts the program: the socket becomes the descriptor 3, and the process is told.
HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.executable, [sys.executable, "-m", "fonds", "serve", *sys.argv[2:]])
"""


@contextmanager
def started(handed: socket.socket, *arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HAND_OVER, str(handed.fileno()), *map(str, arguments)]
    with subprocess.Popen(
        command, pass_fds=[handed.fileno()], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        try:
            yield server
        finally:
            server.terminate()
            server.wait(60)


@pytest.mark.thorough
def test_a_socket_that_is_handed_over_is_taken_and_outlives_the_program(release: Release) -> None:
    with socket.create_server(("127.0.0.1", 0)) as handed:
        port = handed.getsockname()[1]
        for _ in range(2):
            # Asked before there is a program: it answers when it is there.
            with socket.create_connection(("127.0.0.1", port), timeout=60) as early:
                early.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                with started(handed, release.folder) as server:
                    assert early.recv(100).startswith(b"HTTP/1.1 200 ")
                    assert server.stdout is not None
                    assert f"http://127.0.0.1:{port}/" in server.stdout.readline()
                    assert asker_of(port)("/healthz").status == 200


@pytest.mark.parametrize(
    "kind", ["udp", *(pytest.param(each, marks=pytest.mark.thorough) for each in ("unix", "no listener"))]
)
def test_what_is_no_listening_socket_is_refused_by_name(release: Release, tmp_path: Path, kind: str) -> None:
    family = socket.AF_UNIX if kind == "unix" else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM) as handed:
        if kind == "unix":
            handed.bind(str(tmp_path / "socket"))
            handed.listen()
        with started(handed, release.folder) as server:
            said, _ = server.communicate(timeout=60)
    assert "handed over" in said
    assert server.returncode == 1


def test_a_socket_for_another_process_is_left_alone(release: Release) -> None:
    from fonds.web.server import listening_socket

    before = {each: os.environ.get(each) for each in ("LISTEN_PID", "LISTEN_FDS")}
    os.environ.update(LISTEN_PID="1", LISTEN_FDS="1")
    try:
        with listening_socket("127.0.0.1", 0) as own:
            assert own.getsockname()[1] > 0
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
