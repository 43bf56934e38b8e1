"""Listening: one process, one event loop, uvicorn inside it."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import errno
import gc
import logging
import os
import resource
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast
from urllib.parse import urlsplit

import msgspec
import uvicorn

from fonds.addresses import address_at, dataset_iri
from fonds.errors import FondsError
from fonds.release.folder import Release, content_of, open_release, require_whole
from fonds.store.embedded import EmbeddedStore
from fonds.store.federation import federation_of
from fonds.store.remote_place import Access, Place, login_of, state_graph
from fonds.vocabulary import PREFIXES
from fonds.web import create_app
from fonds.web.edge import ASGIApplication, BrokenStream, Edge
from fonds.web.operations.journal import Journal
from fonds.web.operations.logs import LogOptions, journal_of
from fonds.web.operations.metrics import Together
from fonds.web.protocol import KEEP_ALIVE_SECONDS, Protocol
from fonds.web.served import Served, Succession
from fonds.web.wording import grouped

if TYPE_CHECKING:
    from fonds.store.remote import RemoteStore
    from fonds.web.preview.watching import Rebuilding

_UVICORN_CUTS = "Cancel %s running task(s), timeout graceful shutdown exceeded"
"""What uvicorn says of answers that do not end in time; the server says it itself, of those without a task too."""
_SWITCH_SECONDS = 0.001
"""A thread that makes a page keeps the interpreter so long, where others want it; Python's own five milliseconds are felt."""
_LAST_SECONDS = 0.1
"""So long the system has to send what was written last."""
_BACKLOG = 2048
_SO_ATTACH_FILTER = 26
FEWEST_FILES = 256
"""Open files that a server needs at least."""
_OTHER_FILES = 128
"""Open files that are kept for what is answered from, and for workers: as many connections fewer are taken."""
_INHERITED = 3
"""The first descriptor that a system which listens beforehand hands over (systemd: sd_listen_fds(3))."""


def serve(
    path: Path,
    host: str,
    port: int,
    *,
    store_address: str = "",
    default_graph: str = "",
    rebuilding: Rebuilding | None = None,
    announce: Callable[[str], None] | None = None,
    log: LogOptions | None = None,
    metrics_folder: Path | None = None,
    verify: bool = False,
) -> None:
    """Serve a release until SIGINT or SIGTERM; running requests are answered first, unless a second signal comes.

    When another release becomes the current one, it is served from then on: it is looked for every second, and at SIGHUP. Where
    the system has listened beforehand and hands its socket over, that one is taken, and not the address.

    Args:
        path: A release, a folder of releases or a publication.
        host: Address to listen on.
        port: Port; 0 picks a free one.
        store_address: A SPARQL endpoint that answers instead of the release's own store; empty: as its settings say.
        default_graph: The named graph that stands for the default graph there; empty: as its settings say.
        rebuilding: How the publication is rebuilt whenever its sources have changed, for a live preview; None: there is none.
        announce: Gets one line when connections are taken; None: it is printed at once.
        log: Where and how requests are logged; None: they are not.
        verify: Whether every file of a release is hashed before it is served, of those that follow too.
        metrics_folder: Where processes that serve the same write their numbers down for each other; None: each tells its own.

    Raises:
        ReleaseError: There is no release, or it is not as it was built.
        FondsError: Nothing can listen there, such as when the port is in use; or the environment's login for the store is none.
    """
    _spare_the_collector()
    release = open_release(path)
    if verify:
        require_whole(release)
    say = announce or _said
    application = partial(application_of, address=store_address, default_graph=default_graph)
    with listening_socket(host, port) as listener, journal_of(log) as journal:
        most = _allow_many_connections()
        host, port = (
            (host, listener.getsockname()[1]) if not _is_handed_over() else listener.getsockname()[:2]
        )
        edge, ready = application(release), partial(say, announcement(release, host, port))
        if rebuilding is None:
            server = Server(edge, ready, journal)
        else:
            # What a preview needs, no other server loads.
            from fonds.web.preview.serving import PreviewServer

            names = (host, urlsplit(release.manifest.base).hostname or "")
            server = PreviewServer(edge, ready, rebuilding, say, names, journal)
        # What is replaced by another release has to be let go of: this would keep its files open as long as the server runs.
        del edge
        server.served.most_connections = most - _OTHER_FILES
        if metrics_folder is not None:
            server.served.together = _together(metrics_folder, f"{host}-{port}")
        succession = Succession(server.served, path, release, application, say, verify=verify)
        _take_short_turns()
        with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
            runner.run(_serve(server, succession, listener))
        if server.force_exit:
            raise SystemExit(1)


def _together(folder: Path, name: str) -> Together:
    """Return the numbers of all processes that write into a folder.

    Raises:
        FondsError: Nothing can be written there.
    """
    try:
        together = Together(folder, name)
        together.save([])
    except OSError as error:
        raise FondsError(f"{folder}: nothing can be written here ({error.strerror})") from error
    return together


def application_of(release: Release, *, address: str = "", default_graph: str = "") -> Edge:
    """Return what answers from a release.

    Args:
        release: Whose settings say where a store elsewhere is, unless something else is given.
        address: As :func:`place_of` takes it.
        default_graph: The same.

    Raises:
        StoreError: The environment's login for the store is none.
    """
    settings = release.manifest.settings
    place = place_of(release, os.environ, address=address, default_graph=default_graph)
    if place is None:
        return create_app(release, open_store(release), settings)
    # Whom a store elsewhere asks is out of sight.
    settings = msgspec.structs.replace(settings, federation=())
    return create_app(release, open_remote_store(release, place), settings)


def open_store(release: Release) -> EmbeddedStore:
    """Return a store on a release, with the prefixes that its queries need not declare."""
    manifest = release.manifest
    return EmbeddedStore(
        release.store,
        base=manifest.base,
        kind=manifest.kind,
        prefixes=PREFIXES,
        limits=manifest.settings.limits,
        federation=federation_of(manifest.settings, manifest.base),
    )


def place_of(
    release: Release, environment: Mapping[str, str], *, address: str = "", default_graph: str = ""
) -> Place | None:
    """Return where a store elsewhere is asked for a release, None where its own answers.

    Args:
        release: Whose settings say it, unless something else is given.
        environment: Has the login, if one is needed.
        address: Of the endpoint.
        default_graph: The named graph that stands for the default graph there.

    Raises:
        StoreError: The login is none.
    """
    manifest, settings = release.manifest, release.manifest.settings
    address = address or settings.store
    if not address:
        return None
    access = Access(
        address,
        settings.remote.seconds,
        settings.limits.result_bytes,
        default_graph or settings.remote.default_graph,
        **login_of(environment),
    )
    return Place(access, dataset_iri(manifest.base).value, state_graph(manifest.base), content_of(release))


def open_remote_store(release: Release, place: Place) -> RemoteStore:
    """Return a store elsewhere for a release, with the prefixes that its queries need not declare."""
    # SPARQLWrapper comes with rdflib, which serving needs for nothing else.
    from fonds.store.remote import RemoteStore

    manifest = release.manifest
    return RemoteStore(
        place,
        release.store,
        base=manifest.base,
        kind=manifest.kind,
        prefixes=PREFIXES,
        limits=manifest.settings.limits,
    )


def announcement(release: Release, host: str, port: int) -> str:
    """Return the line that says what is served and where."""
    counts = release.manifest.counts
    amount = f"{grouped(counts.public or counts.quads)} triples"
    if release.manifest.kind == "publication":
        amount += f", {grouped(counts.records)} record{'' if counts.records == 1 else 's'}"
    elif counts.public == 0:
        amount += " in named graphs, none in the default graph"
    return f"fonds: {release.manifest.settings.title} at {address_at(host, port)} ({amount}) – Ctrl-C stops"


def free_port(host: str, port: int) -> int:
    """Return the port if nothing listens there yet, or a free one for 0.

    Raises:
        FondsError: The address cannot be used.
    """
    with listening_socket(host, port) as probe:
        found: int = probe.getsockname()[1]
        return found


def listening_socket(host: str, port: int) -> socket.socket:
    """Return a socket that is bound to an address, closing which frees the address; or the one that the system hands over.

    Raises:
        FondsError: The address cannot be used, or what is handed over is no such socket.
    """
    if _is_handed_over():
        return _handed_over()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        why = (
            "something else listens there; choose another --port"
            if error.errno == errno.EADDRINUSE
            else error.strerror
        )
        raise FondsError(f"cannot listen on {host}, port {port}: {why}") from error
    return listener


def _is_handed_over() -> bool:
    """Tell whether the system has listened beforehand, and means this process (systemd: sd_listen_fds(3))."""
    return os.environ.get("LISTEN_PID") == str(os.getpid()) and os.environ.get("LISTEN_FDS", "0") != "0"


def _handed_over() -> socket.socket:
    try:
        # The one that was handed over stays open, and those who wait for it are not sent away when this one is closed.
        found = socket.socket(fileno=os.dup(_INHERITED))
        is_one = os.environ["LISTEN_FDS"] == "1" and found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise FondsError(f"the socket that is handed over cannot be used: {error.strerror}") from error
    if (
        not is_one
        or found.type != socket.SOCK_STREAM
        or found.family not in (socket.AF_INET, socket.AF_INET6)
    ):
        raise FondsError(
            "what is handed over is not one socket of TCP that listens; a .socket unit has one line "
            "ListenStream=ADDRESS:PORT, and Accept=no"
        )
    return found


def _said(line: str) -> None:
    """Print a line; where it cannot be written, as on a disk that is full, answering is more important."""
    with contextlib.suppress(OSError):
        print(line, flush=True)


def _allow_many_connections() -> int:
    """Let this process have as many open files as the system allows it, each connection being one; return how many.

    Raises:
        FondsError: They are too few to serve anything.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    now, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if now < FEWEST_FILES:
        raise FondsError(
            f"a server needs at least {FEWEST_FILES} open files, and may have {now} here; "
            "raise the limit (`ulimit -n`, or LimitNOFILE= of systemd)"
        )
    return now


def _take_short_turns() -> None:
    """Have threads hand the interpreter to each other soon: the loop waits for each of them that makes a page."""
    sys.setswitchinterval(_SWITCH_SECONDS)


def _spare_the_collector() -> None:
    """Have Python's collector of cycles never look at the program itself, which stays as long as the server: its pauses are felt.

    Releases come and go, and are looked at. A page leaves some thousands of objects in cycles: so many are let go of at once that
    it takes a few milliseconds.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 50, 50)


async def _serve(server: Server, succession: Succession, listener: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    following: list[asyncio.Task[None]] = []
    try:
        await server.served.edge.start()
        following += [asyncio.create_task(each) for each in server.beside(succession)]
        loop.add_signal_handler(signal.SIGHUP, succession.look)
        await server.serve([listener])
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
        for each in following:
            each.cancel()
        # A build that runs is stopped before the loop is gone.
        await asyncio.gather(*following, return_exceptions=True)
        # While the loop still runs: the sockets to the workers belong to it.
        succession.close()


def _let_nobody_in(listener: socket.socket) -> None:
    """Have the system pass over what would begin a connection, and nothing else: who has begun one comes in (Linux: socket(7)).

    To shorten the queue of a socket would not do: who has been told already that it is connected would then be sent away.
    """
    if sys.platform != "linux":
        return
    # Load the flags of the segment; where SYN is among them, none of it is taken, else all.
    program = struct.pack(
        "HBBI" * 4, 0x30, 0, 0, 13, 0x45, 0, 1, 0x02, 0x06, 0, 0, 0, 0x06, 0, 0, 0xFFFF_FFFF
    )
    code = ctypes.create_string_buffer(program)
    with contextlib.suppress(OSError):
        listener.setsockopt(
            socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HP", 4, ctypes.addressof(code))
        )


def _is_no_cut(record: logging.LogRecord) -> bool:
    if record.msg == _UVICORN_CUTS:
        return False
    return not (record.exc_info and isinstance(record.exc_info[1], BrokenStream | asyncio.CancelledError))


class Server(uvicorn.Server):
    """uvicorn's server for an edge: it says when it listens, and stops at a signal without raising it again.

    Args:
        application: Answers requests.
        ready: Called when connections are taken.
        journal: Takes note of requests; None: numbers only.
    """

    def __init__(self, application: Edge, ready: Callable[[], None], journal: Journal | None = None) -> None:
        # What a client did wrong is its own affair; what breaks here is logged with its trace, and never sent. That an answer
        # was cut short is told to the client: by the cut.
        logging.getLogger("uvicorn").setLevel(logging.ERROR)
        logging.getLogger("uvicorn.error").addFilter(_is_no_cut)
        self.served = Served(application, journal)
        """What answers: its edge may be replaced at any moment."""
        self._notice_seconds = 0.0
        config = self._config()
        super().__init__(config)
        self.served.connections = lambda: len(self.server_state.connections)
        self._ready = ready

    def _config(self) -> uvicorn.Config:
        return configuration(self.served, Protocol)

    def beside(self, succession: Succession) -> list[Coroutine[Any, Any, None]]:
        """Return what goes on beside answering, until it is cancelled."""
        return [succession.follow(), self.served.save_numbers()]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at SIGINT and SIGTERM while the block runs."""
        if threading.current_thread() is threading.main_thread():
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self.stop, number)
        yield

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Begin to stop; the second time, stop at once.

        Args:
            number: The signal. After SIGTERM, proxies are given the time that the settings say to notice.
        """
        if self.should_exit:
            self.force_exit = True
            return
        if number == signal.SIGTERM:
            self._notice_seconds = self.served.edge.serving.notice_seconds
        self.should_exit = self.served.condition.draining = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what is on its way, take nothing new, and cut what does not come to its end in time.

        First ``/readyz`` says no, and no connection stays behind its answer. Then nobody can connect any more; who has connected
        already is answered.
        """
        served = self.served
        served.condition.draining = True
        served.journal.tell("info", "stopping: what is on its way is answered")
        await self._waited(self._notice_seconds)
        if not _is_handed_over():  # Else they wait for the next process.
            await self._let_in_the_last(sockets or [])
        self.config.timeout_graceful_shutdown = served.edge.serving.drain_seconds  # type: ignore[assignment]
        await super().shutdown(sockets)
        left = [each for each in self.server_state.connections if isinstance(each, Protocol) and each.cut()]
        if left:
            served.journal.tell("warning", f"stopped before {len(left)} answers had come to their end")
        await asyncio.sleep(_LAST_SECONDS if left else 0)

    async def _let_in_the_last(self, sockets: list[socket.socket]) -> None:
        """Have the system let nobody in any more, and take from it whom it has let in before."""
        for each in sockets:
            _let_nobody_in(each)
        # Several, since a loop that is late looks at its timers before it looks at its sockets.
        for _ in range(5):
            await asyncio.sleep(0.02)
        last: list[socket.socket] = []
        for each in sockets:
            each.setblocking(False)
            with contextlib.suppress(OSError):
                while True:
                    last.append(each.accept()[0])
        for server in self.servers:
            server.close()
        for connection in last:
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> asyncio.Protocol:
        made = cast("Callable[..., asyncio.Protocol]", self.config.http_protocol_class)
        return made(config=self.config, server_state=self.server_state, app_state={})

    async def _waited(self, seconds: float) -> None:
        """Wait, unless a second signal comes."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while loop.time() < end and not self.force_exit:
            await asyncio.sleep(0.05)


def configuration(
    application: ASGIApplication, protocol: type[Protocol] | Literal["httptools"]
) -> uvicorn.Config:
    """Return how uvicorn serves an application: without anything that the program does itself."""
    return uvicorn.Config(
        application,
        http=protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
