"""Listening: one process, one event loop, granian's ASGI server inside it."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path

from granian.constants import Interfaces
from granian.server.embed import Server

from fonds.errors import FondsError
from fonds.release.folder import Release, open_release
from fonds.store import Store
from fonds.store.embedded import EmbeddedStore
from fonds.vocabulary import PREFIXES
from fonds.web import create_app
from fonds.web.edge import ASGIApplication
from fonds.web.wording import grouped


def serve(path: Path, host: str, port: int, *, announce: Callable[[str], None] | None = None) -> None:
    """Serve a release until SIGINT or SIGTERM; running requests are answered first.

    Args:
        path: A release, a folder of releases or a publication.
        host: Address to listen on.
        port: Port; 0 picks a free one.
        announce: Gets one line when connections are taken; None: it is printed at once.

    Raises:
        ReleaseError: There is no release, or it is not as it was built.
        FondsError: Nothing can listen there, such as when the port is in use.
    """
    release = open_release(path)
    say = announce or partial(print, flush=True)
    settings = release.manifest.settings
    port = free_port(host, port)
    store = open_store(release)
    application = create_app(release, store, settings)
    asyncio.run(_serve(application, store, host, port, lambda: say(announcement(release, host, port))))


def open_store(release: Release) -> EmbeddedStore:
    """Return a store on a release, with the prefixes that its queries need not declare."""
    manifest = release.manifest
    return EmbeddedStore(
        release.store,
        base=manifest.base,
        kind=manifest.kind,
        prefixes=PREFIXES,
        limits=manifest.settings.limits,
    )


def announcement(release: Release, host: str, port: int) -> str:
    """Return the line that says what is served and where."""
    counts = release.manifest.counts
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    amount = f"{grouped(counts.public or counts.quads)} triples"
    if release.manifest.kind == "publication":
        amount += f", {grouped(counts.records)} record{'' if counts.records == 1 else 's'}"
    elif counts.public == 0:
        amount += " in named graphs, none in the default graph"
    return f"fonds: {release.manifest.settings.title} at http://{shown}:{port}/ ({amount}) – Ctrl-C stops"


def free_port(host: str, port: int) -> int:
    """Return the port if nothing listens there yet, or a free one for 0.

    granian shares ports (SO_REUSEPORT): two servers on one port would each get half of the requests.

    Raises:
        FondsError: The address cannot be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            why = (
                "something else listens there; choose another --port"
                if error.errno == errno.EADDRINUSE
                else error.strerror
            )
            raise FondsError(f"cannot listen on {host}, port {port}: {why}") from error
        found: int = probe.getsockname()[1]
        return found


async def _serve(
    application: ASGIApplication, store: Store, host: str, port: int, ready: Callable[[], None]
) -> None:
    try:
        await store.start()
        await _listen(application, host, port, ready)
    finally:
        # While the loop still runs: the sockets to the workers belong to it.
        store.close()


async def _listen(application: ASGIApplication, host: str, port: int, ready: Callable[[], None]) -> None:
    server = Server(
        application,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        log_enabled=False,
        websockets=False,
        backlog=1024,
    )
    loop = asyncio.get_running_loop()
    for stop in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(stop, server.stop)
    listening = loop.create_task(_announce(host, port, ready))
    try:
        await server.serve()
    finally:
        listening.cancel()


async def _announce(host: str, port: int, ready: Callable[[], None]) -> None:
    """Say so when connections are taken, not before."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    while True:
        try:
            _, writer = await asyncio.open_connection(reached, port)
        except OSError:
            await asyncio.sleep(0.005)
            continue
        writer.close()
        await writer.wait_closed()
        ready()
        return
