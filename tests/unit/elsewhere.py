"""Another endpoint, on the loopback: a small store that answers, and paths at which it misbehaves."""

from __future__ import annotations

import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pyoxigraph as ox
import pytest

from fonds.store import worker

JSON = "application/sparql-results+json"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SAME = "http://www.w3.org/2002/07/owl#sameAs"
_PROBE = """
import importlib.util, sys, types
sys.modules["pyoxigraph"] = types.ModuleType("pyoxigraph")
for name in ("worker", "relay"):
    spec = importlib.util.spec_from_file_location(name, f"{sys.argv[1]}/{name}.py")
    sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[name])
sys.exit(0 if sys.modules["worker"]._unshare_network() and sys.modules["relay"].listen() else 1)
"""


@cache
def networks_can_be_made() -> bool:
    """Tell whether this machine gives a process an empty network of its own."""
    if sys.platform != "linux":
        return False
    folder = Path(worker.__file__).parent
    probe = [sys.executable, "-I", "-S", "-c", _PROBE, str(folder)]
    return subprocess.run(probe, check=False, capture_output=True).returncode == 0


needs_a_network_of_its_own = pytest.mark.skipif(
    not networks_can_be_made(), reason="no network namespace can be made here: SERVICE is refused"
)


class Elsewhere:
    """A SPARQL endpoint of somebody else.

    Attributes:
        place: Its address, to which a path is added.
        asked: The paths that were asked, with the query and the headers.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.leave = threading.Event()
        self.left = threading.Event()
        self.store = ox.Store()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.place = f"http://127.0.0.1:{self._server.server_address[1]}/"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def paths(self) -> list[str]:
        """What was asked, in order."""
        return [path for path, *_ in self.asked]

    def rows(self, query: str, format_: ox.QueryResultsFormat = ox.QueryResultsFormat.JSON) -> bytes:
        """Return what its store answers."""
        found: Any = self.store.query(query)
        return bytes(found.serialize(format=format_))

    def close(self) -> None:
        self.leave.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    """Open such an endpoint; the place of Cuba has a name and a number of people there."""
    found = Elsewhere()
    place = ox.NamedNode("https://elsewhere.example/Q241")
    found.store.add(ox.Quad(place, ox.NamedNode(SAME), ox.NamedNode("https://archive.example/id/place/cuba")))
    found.store.add(
        ox.Quad(place, ox.NamedNode(f"{RDFS}label"), ox.Literal("República de Cuba", language="es"))
    )
    try:
        yield found
    finally:
        found.close()


def _handler(server: Elsewhere) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            (query,) = parse_qs(body)["query"]
            server.asked.append((self.path, query, {k.lower(): v for k, v in self.headers.items()}))
            with suppress(BrokenPipeError, ConnectionResetError):
                getattr(self, f"at_{self.path.strip('/').replace('-', '_')}")(query)

        def at_sparql(self, query: str) -> None:
            self.send(server.rows(query))

        def at_xml(self, query: str) -> None:
            rows = server.rows(query, ox.QueryResultsFormat.XML)
            self.send(rows, "application/sparql-results+xml; charset=utf-8")

        def at_slow(self, query: str) -> None:
            server.leave.wait(30)

        def at_left(self, query: str) -> None:
            """Wait until the other side hangs up."""
            self.connection.settimeout(30)
            if self.connection.recv(1) == b"":
                server.left.set()

        def at_drip(self, query: str) -> None:
            self.head({"Content-Type": JSON, "Content-Length": "1000000"})
            while not server.leave.wait(0.02):
                self.wfile.write(b" ")

        def at_redirect(self, query: str) -> None:
            self.send(b"", JSON, status=302, more={"Location": "http://127.0.0.1:1/inside"})

        def at_huge(self, query: str) -> None:
            self.head({"Content-Type": JSON})
            with suppress(OSError):
                while True:
                    self.wfile.write(b" " * 65536)

        def at_broken(self, query: str) -> None:
            self.send(b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"1"}},{')

        def at_cut(self, query: str) -> None:
            self.head({"Content-Type": JSON, "Content-Length": "1000"})
            self.wfile.write(b'{"head":{"vars":[]},"results":{"bindings":[]}}')

        def at_lies(self, query: str) -> None:
            self.send(b"<html><p>Welcome</p></html>")

        def at_truth(self, query: str) -> None:
            self.send(b'{"head":{},"boolean":true}')

        def at_page(self, query: str) -> None:
            self.send(b"<html><p>Welcome</p></html>", "text/html")

        def at_coded(self, query: str) -> None:
            self.send(b"\x1f\x8b", more={"Content-Encoding": "gzip"})

        def at_down(self, query: str) -> None:
            self.send(b"", "text/plain", status=503)

        def at_noise(self, query: str) -> None:
            self.wfile.write(b"\x00\xff" * 1000 + b"\r\n\r\n")

        def send(
            self, body: Any, media_type: str = JSON, *, status: int = 200, more: dict[str, str] | None = None
        ) -> None:
            length = {"Content-Type": media_type, "Content-Length": str(len(body))}
            self.head(length | (more or {}), status)
            self.wfile.write(body)

        def head(self, headers: dict[str, str], status: int = 200) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
