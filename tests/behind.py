"""Debian's nginx and Caddy, before servers of fonds with the configurations of docs/deploy/, and on sites of plain files with theirs."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from fonds.static import servers as configurations
from fonds.static.links import STATE
from tests.engines import running
from tests.processes import free_port
from tests.unit.web.conftest import Ask, Reply

DEPLOY = Path(__file__).parents[1] / "docs" / "deploy"
NAME = "archive.example.org"
"""The name of the site that the configurations are written for."""
CADDY = os.environ.get("CADDY") or shutil.which("caddy")
NGINX = os.environ.get("NGINX") or shutil.which("nginx")


@dataclass
class Front:
    """A web server before servers of fonds.

    Attributes:
        name: Which.
        port: Where it listens.
        tls: Whether by TLS.
        plain: Where it listens without TLS, to lead to the other; 0: nowhere.
        log: Of requests, where it writes one.
    """

    name: str
    port: int
    tls: bool
    plain: int = 0
    log: Path | None = None

    def connection(self) -> http.client.HTTPConnection:
        return connection_to(self.port, tls=self.tls)

    @cached_property
    def ask(self) -> Ask:
        return asker_of(self.port, tls=self.tls)


def connection_to(port: int, *, tls: bool = False) -> http.client.HTTPConnection:
    if not tls:
        return http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=context)


def asker_of(port: int, *, tls: bool = False) -> Ask:
    """Return a function that asks a server on this machine, over one connection as long as that stays open."""
    kept: list[http.client.HTTPConnection] = []

    def ask(
        target: str,
        accept: str | None = None,
        *,
        method: str = "GET",
        headers: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
    ) -> Reply:
        sent = {**({"Accept": accept} if accept else {}), **dict(headers)}
        connection = kept.pop() if kept else connection_to(port, tls=tls)
        try:
            connection.request(method, target, body, sent)
            answer = connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            # The server may have closed it meanwhile.
            connection = connection_to(port, tls=tls)
            connection.request(method, target, body, sent)
            answer = connection.getresponse()
        own = ("date", "x-request-id")
        received = {name.lower(): value for name, value in answer.getheaders() if name.lower() not in own}
        content = answer.read()
        kept.append(connection)
        return Reply(answer.status, received, content, content, 1, True)

    return ask


@contextmanager
def behind_caddy(servers: Sequence[int], home: Path) -> Iterator[Front]:
    """Run Caddy before servers at these ports until the block ends."""
    text = (DEPLOY / "caddy/Caddyfile").read_text()
    config = replaced(r"(?m)^\{\n", f"{{\n{_ALONE}", text)
    there = " ".join(f"127.0.0.1:{each}" for each in servers)
    with _caddy(config, home, FONDS_SERVERS=there) as port:
        yield Front("caddy", port, False)


@contextmanager
def behind_nginx(servers: Sequence[int], home: Path) -> Iterator[Front]:
    """Run nginx before servers at these ports, by TLS, until the block ends."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed (Debian: openssl)")
    home.mkdir(exist_ok=True)
    port, plain = free_port(), free_port()
    certificate(home)
    text = (DEPLOY / "nginx/fonds.conf").read_text()
    text = replaced(r"(?m)^ *listen \[::\].*\n", "", text)
    text = replaced(r"listen 80;", f"listen 127.0.0.1:{plain};", text)
    text = replaced(r"listen 443 ", f"listen 127.0.0.1:{port} ", text)
    text = replaced(rf"/etc/letsencrypt/live/{re.escape(NAME)}", str(home), text)
    text = replaced(r"/var/cache/nginx", str(home / "cache"), text)
    text = replaced(r"/var/log/nginx", str(home), text)
    lines = "\n".join(f"    server 127.0.0.1:{each} max_fails=1 fail_timeout=5s;" for each in servers)
    text = replaced(r"(?m)^ *server 127\.0\.0\.1:8000 .*$", lines, text)
    (home / "cache").mkdir(exist_ok=True)
    with _nginx(text, home, plain):
        yield Front("nginx", port, True, plain, home / "fonds.log")


FRONTS: dict[str, Callable[[Sequence[int], Path], AbstractContextManager[Front]]] = {
    "caddy": behind_caddy,
    "nginx": behind_nginx,
}


@contextmanager
def files_by_caddy(site: Path, home: Path) -> Iterator[int]:
    """Serve a site of plain files with Caddy, as its own configuration says, until the block ends; yield the port."""
    with _caddy(f"{{\n{_ALONE}}}\nimport {site / STATE / configurations.CADDY}\n", home) as port:
        yield port


@contextmanager
def files_by_nginx(site: Path, home: Path) -> Iterator[int]:
    """Serve a site of plain files with nginx, as its own configuration says, until the block ends; yield the port."""
    port = free_port()
    text = (site / STATE / configurations.NGINX).read_text()
    with _nginx(replaced(r"listen \d+", f"listen 127.0.0.1:{port}", text), home, port):
        yield port


_ALONE = "\tadmin off\n\tauto_https off\n"
"""The test's own: nothing is fetched, and no other Caddy of this machine is spoken to."""


@contextmanager
def _caddy(config: str, home: Path, **environment: str) -> Iterator[int]:
    """Run Caddy with a configuration, and its files in a folder, until the block ends; yield the port."""
    if CADDY is None:
        pytest.skip("Caddy is not installed (Debian: caddy)")
    home.mkdir(exist_ok=True)
    port = free_port()
    (home / "Caddyfile").write_text(config)
    given = {
        **os.environ,
        "FONDS_ADDRESS": f"http://127.0.0.1:{port}",
        "HOME": str(home),
        "XDG_DATA_HOME": str(home),
        **environment,
    }
    command = [CADDY, "run", "--config", str(home / "Caddyfile"), "--adapter", "caddyfile"]
    with running(command, port, home, given):
        yield port


@contextmanager
def _nginx(config: str, home: Path, port: int) -> Iterator[None]:
    """Run nginx with what stands within ``http``, and its files in a folder, until the block ends; it answers at the port."""
    if NGINX is None:
        pytest.skip("nginx is not installed (Debian: nginx)")
    home.mkdir(exist_ok=True)
    (home / "fonds.conf").write_text(config)
    places = "".join(
        f"{each}_temp_path {home}/{each};\n" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (home / "nginx.conf").write_text(
        f"daemon off;\npid {home}/pid;\nerror_log {home}/log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{places}include {home}/fonds.conf;\n}}\n"
    )
    # As root its workers would be somebody who may not read a folder of this test.
    user = ["-g", "user root;"] if os.getuid() == 0 else []
    with running([NGINX, "-p", str(home), "-c", str(home / "nginx.conf"), *user], port, home):
        yield


def caddy_version() -> tuple[int, ...]:
    assert CADDY is not None
    said = subprocess.run([CADDY, "version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(each) for each in re.findall(r"\d+", said)[:3])


def replaced(pattern: str, new: str, text: str) -> str:
    """Return the text with what matches replaced; there has to be something."""
    changed, found = re.subn(pattern, lambda _: new, text)
    assert found, pattern
    return changed


def certificate(folder: Path) -> None:
    """Write a key and a certificate that nobody vouches for."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}",
         "-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
