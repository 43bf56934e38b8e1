"""The process in which strangers' queries run: it can be killed, has little memory, and no network.

It knows the engine, the standard library and how Turtle is written, so that it starts quickly and stays small; the serving
process starts it as a script (:mod:`fonds.store.pool`) and talks to it over a socket pair. Requests come one after another.
All frames have a head of five bytes: a letter and the length of what follows.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import mmap
import os
import platform
import re
import resource
import signal
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import IO, TYPE_CHECKING, Any, NoReturn, cast

if TYPE_CHECKING:
    from fonds.turtle import TurtleWriter

READY = b"R"  # JSON: {"network": "none" | "open", "federation": whether queries can ask other endpoints}
HEAD = b"H"  # "s" rows, "a" truth, "g" graph, and the content coding of the chunks: the status is settled
CHUNK = b"C"  # bytes of the answer
END = b"E"  # how large this worker has grown: SLIM, GROWN or HUGE
WHOLE = b"W"  # all three in one, for a short answer: SLIM, GROWN or HUGE, the form, the bytes
SKIPPED = b"K"  # nothing: the query was taken back before it was begun
ERROR = b"X"  # JSON: {"error", "message"}
SETTINGS = b"S"  # JSON: see `_serve`
REQUEST = b"Q"  # the length of the options, the options as JSON (see `_Options`), the query; where it looks for texts, the length
# of the query before it, and behind it, as JSON, what each text finds
# On a socket of their own, where queries may ask other endpoints:
CALL = b"F"  # `ASKED`, and what the endpoint of a SERVICE pattern is asked
REPLY = b"A"  # the length of what follows as JSON (the fields of `relay.Reply` but its body), that, its body

SLIM, GROWN, HUGE = b"0", b"1", b"2"

FRAME = struct.Struct(">cI")
LENGTH = struct.Struct(">I")
ASKED = struct.Struct(">QI")
"""The number of a query that asks others, and that of its pattern."""
NUMBER = struct.Struct("<Q")
"""The number of the last query that was taken back, in memory that the serving process writes and a worker reads."""

_FIRST_BYTES = 4 * 1024
"""The engine writes 8 KiB at a time, so that a first piece of less than this is also the last one."""
_CHUNK_BYTES = 64 * 1024
_TURTLE_FIRST_BYTES = 96 * 1024
"""So much is held back for the prefixes that do not occur to be left out."""
_RDFXML_FIRST_BYTES = 4 * 1024 * 1024
"""So much is held back for a fault to be found while there is still a status to be sent."""
_STACK_BYTES = 120 * 1024 * 1024
"""The kernel leaves 128 MiB of addresses below the stack, whatever its limit was at the start."""
_GROWN_BYTES = 64 * 1024 * 1024
"""Most of it is what the engine remembers of the store's files: one worker that remembers is enough."""
_HUGE_BYTES = 256 * 1024 * 1024
_NOTICED_BYTES = 16 * 1024 * 1024
"""Growth of the most memory that was ever in use after which it is looked at more closely, which takes a system call."""
_HELD_SECONDS = 0.005
_THREAD_STACK_BYTES = 256 * 1024
_FILES = 1024
_OPTIONS_KNOWN = 256
_WRITERS_KNOWN, _NAMES_KNOWN = 16, 2_000


# ------------------------------------------------------------------------------------------------ the process


def main(arguments: list[str]) -> NoReturn:
    """Serve queries until the other end closes.

    Args:
        arguments: The folder of the engine's package, and the numbers of the inherited socket and of the file with the number
            of the last query that was taken back; where queries may ask other endpoints, of the socket over which they do.
    """
    sys.path += arguments[0].split(os.pathsep)
    pipe = socket.socket(fileno=int(arguments[1]))
    taken_back = mmap.mmap(int(arguments[2]), NUMBER.size, prot=mmap.PROT_READ)
    inbox = _Inbox(pipe)
    settings = inbox.next()
    if settings is None:
        sys.exit(0)
    said: dict[str, Any] = json.loads(settings)
    _die_with(said["parent"])
    link = socket.socket(fileno=int(arguments[3])) if len(arguments) > 3 else None
    _close_all_but(pipe.fileno(), *([link.fileno()] if link else []))
    relay = _open_relay(link) if link else None
    remote = said.get("remote")
    network = bool(remote) or (relay is None and _leave_network())
    _limit()
    outbox = _Outbox(pipe, inbox.has_next)
    kind = _RemoteWorker if remote else _Worker
    worker = _AskingWorker(outbox, said, relay) if link else kind(outbox, said)
    _serve(inbox, worker, taken_back, network)
    sys.exit(0)


def _serve(inbox: _Inbox, worker: _Worker, taken_back: mmap.mmap, network: bool) -> None:
    # What is only reserved by now, such as the stacks of the engine's threads, is no memory of any query.
    reserved, most = _reserved_bytes(), worker.memory_bytes
    _limit_memory(reserved + most, reserved + most)
    # What is here now stays: the collector need not look at it.
    gc.collect()
    gc.freeze()
    ready = {"network": "open" if network else "none", "federation": worker.can_ask_others}
    worker.send(READY, json.dumps(ready).encode())
    current, number = most, 0
    while (request := inbox.next()) is not None:
        number += 1
        if number <= NUMBER.unpack_from(taken_back)[0]:
            worker.send_whole(SKIPPED)
            continue
        options, query = worker.read(request)
        if (wanted := min(options.memory_bytes, most)) != current:
            _limit_memory(reserved + wanted, reserved + most)
            current = wanted
        worker.answer(options, query)


class _Inbox:
    """The frames that come from the serving process."""

    def __init__(self, pipe: socket.socket) -> None:
        self._pipe = pipe
        self._buffer = b""

    def next(self) -> bytes | None:
        """Return what stands in the next frame, None at the end."""
        if (head := self._take(FRAME.size)) is None:
            return None
        return self._take(FRAME.unpack(head)[1])

    def has_next(self) -> bool:
        """Tell whether the next frame is here already."""
        if not self._buffer:
            with contextlib.suppress(BlockingIOError):
                self._buffer = self._pipe.recv(_CHUNK_BYTES, socket.MSG_DONTWAIT)
        size = FRAME.size
        return len(self._buffer) >= size and len(self._buffer) - size >= FRAME.unpack_from(self._buffer)[1]

    def _take(self, size: int) -> bytes | None:
        while len(self._buffer) < size:
            data = self._pipe.recv(max(_CHUNK_BYTES, size - len(self._buffer)))
            if not data:
                return None
            self._buffer += data
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken


class _Outbox:
    """The way back to the serving process: a short answer waits for those that follow, but not for long.

    Each wakes the serving process, which, where they share a core, takes it away from the query that comes next.

    Args:
        pipe: The socket.
        more_comes: Tells whether another query is here already.
    """

    def __init__(self, pipe: socket.socket, more_comes: Callable[[], bool]) -> None:
        self._pipe = pipe
        self._more_comes = more_comes
        self._lock = threading.Lock()
        self._held: list[bytes] = []
        self._any = threading.Event()
        threading.stack_size(_THREAD_STACK_BYTES)
        threading.Thread(target=self._send_in_time, daemon=True).start()

    def sendall(self, data: bytes) -> None:
        """Send data, and what was held before it."""
        with self._lock:
            if self._held:
                data = b"".join([*self._held, data])
                self._held.clear()
            if data:
                self._pipe.sendall(data)

    def send_whole(self, data: bytes) -> None:
        """Send all that there is to say of a query; if another one comes, with what that one comes to, or in a moment."""
        if self._more_comes():
            self.hold(data)
        else:
            self.sendall(data)

    def hold(self, data: bytes) -> None:
        """Send data with what comes next, or in a moment."""
        with self._lock:
            self._held.append(data)
        if not self._any.is_set():
            self._any.set()

    def _send_in_time(self) -> None:
        while self._any.wait():
            time.sleep(_HELD_SECONDS)
            self._any.clear()
            self.sendall(b"")


# ------------------------------------------------------------------------------------------------ limits and walls


def _limit_memory(soft_bytes: int, hard_bytes: int) -> None:
    """Limit what this process may allocate: RLIMIT_DATA, since RLIMIT_AS counts the files that are mapped as well."""
    with contextlib.suppress(ValueError, OSError):  # A system with limits of its own keeps those.
        resource.setrlimit(resource.RLIMIT_DATA, (soft_bytes, hard_bytes))


def _limit() -> None:
    """Take away what a query needs not: core files, files of its own, open files, a share of the processor."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    _, hard = resource.getrlimit(resource.RLIMIT_STACK)
    stack = _STACK_BYTES if hard == resource.RLIM_INFINITY else min(_STACK_BYTES, hard)
    # The engine's parser recurses: where this fails, it gives up earlier.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_STACK, (stack, hard))
    with contextlib.suppress(OSError):
        os.nice(5)
    if sys.platform == "linux":
        # A query that is given to a worker on the serving process's own core waits until that one has nothing to do.
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def _die_with(parent: int) -> None:
    """Have the kernel end this process when the serving one ends (to the kernel: the thread in which its loop runs)."""
    if sys.platform == "linux":
        _prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        sys.exit(0)


def _close_all_but(*descriptors: int) -> None:
    after = 3
    for each in sorted(descriptors):
        os.closerange(after, each)
        after = each + 1
    os.closerange(after, 4096)


def _leave_network() -> bool:
    """Make it impossible to reach another host, or this one; return whether the network is still open.

    The tokenizer refuses SERVICE; this is the second wall. An empty network namespace needs root or user namespaces, which
    containers often forbid; a filter that refuses to make sockets needs neither.
    """
    if sys.platform != "linux":
        return True
    namespace = _unshare_network()
    return not (_refuse_sockets() or namespace)


def _unshare_network() -> bool:
    new_user, new_network = 0x10000000, 0x40000000
    libc = ctypes.CDLL(None, use_errno=True)
    flags = new_network if os.geteuid() == 0 else new_user | new_network
    return bool(libc.unshare(flags) == 0)


_AUDIT_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_REFUSED_CALLS = {  # socket, execve, execveat, io_uring_setup, ptrace
    "x86_64": (41, 59, 322, 425, 101),
    "aarch64": (198, 221, 281, 425, 117),
}
_WAYS_OUT = {"x86_64": (308, 438), "aarch64": (268, 438)}  # setns, pidfd_getfd: into another network


def _refuse_sockets(*, but_ipv4: bool = False) -> bool:
    """Install a filter under which no socket can be made and no program started; return whether that worked.

    Args:
        but_ipv4: Let sockets of IPv4 be made, in an empty network; then no call leads to another network either.
    """
    machine = platform.machine()
    if machine not in _AUDIT_ARCHITECTURES:
        return False
    refused: tuple[int, ...] = _REFUSED_CALLS[machine]
    allowed = None
    if but_ipv4:
        allowed, refused = refused[0], refused[1:] + _WAYS_OUT[machine]
    program = b"".join(_filter(_AUDIT_ARCHITECTURES[machine], refused, allowed))
    held = ctypes.create_string_buffer(program, len(program))

    class SockFprog(ctypes.Structure):
        _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    prog = SockFprog(len(program) // 8, ctypes.cast(held, ctypes.c_void_p))
    set_no_new_privs, set_seccomp, mode_filter = 38, 22, 2
    if _prctl(set_no_new_privs, 1) != 0:
        return False
    return _prctl(set_seccomp, mode_filter, ctypes.addressof(prog)) == 0


def _filter(architecture: int, refused: Iterable[int], ipv4_only: int | None = None) -> Iterator[bytes]:
    """Yield the instructions of the filter (Linux, Documentation/userspace-api/seccomp_filter.rst).

    Args:
        architecture: Whose numbers the calls have.
        refused: Calls.
        ipv4_only: A call whose first argument must be AF_INET.
    """
    instruction = partial(struct.pack, "=HBBI")
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    refuse, allow = 0x00050000 | 1, 0x7FFF0000  # EPERM
    yield instruction(load, 0, 0, 4)  # the architecture
    yield instruction(equal, 1, 0, architecture)
    yield instruction(answer, 0, 0, refuse)
    yield instruction(load, 0, 0, 0)  # the number of the call
    yield instruction(at_least, 0, 1, 0x40000000)  # x32: the same calls under other numbers
    yield instruction(answer, 0, 0, refuse)
    if ipv4_only is not None:
        yield instruction(equal, 0, 4, ipv4_only)
        yield instruction(load, 0, 0, 16)  # the first argument, its lower half (both have that first)
        yield instruction(equal, 0, 1, socket.AF_INET)
        yield instruction(answer, 0, 0, allow)
        yield instruction(answer, 0, 0, refuse)
    for number in refused:
        yield instruction(equal, 0, 1, number)
        yield instruction(answer, 0, 0, refuse)
    yield instruction(answer, 0, 0, allow)


def _prctl(option: int, *values: int) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    padded = (*values, 0, 0, 0, 0)[:4]
    return int(libc.prctl(option, *(ctypes.c_ulong(value) for value in padded)))


def _reserved_bytes() -> int:
    """Return how much of what counts as this process's data is not in memory; 0 where the system does not tell."""
    pages = _pages()
    return max(0, (pages[5] - (pages[1] - pages[2])) * resource.getpagesize()) if pages else 0


class _Growth:
    """Tells how much memory stays in use, since a new worker can be the better one."""

    def __init__(self) -> None:
        self._seen_bytes = 0
        self._size = SLIM

    def size(self) -> bytes:
        """Look at the memory, if its peak has moved since it was looked at."""
        peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        if peak_bytes >= self._seen_bytes + _NOTICED_BYTES:
            self._seen_bytes = peak_bytes
            if pages := _pages():
                used_bytes = (pages[1] - pages[2]) * resource.getpagesize()
                self._size = (
                    HUGE if used_bytes > _HUGE_BYTES else GROWN if used_bytes > _GROWN_BYTES else SLIM
                )
        return self._size


def _pages() -> list[int]:
    """Return the sizes of this process in pages: all, resident, shared, text, library, data; nothing where not told."""
    try:
        with open("/proc/self/statm", "rb", buffering=0) as file:  # noqa: PTH123  pathlib would be loaded for this alone
            return [int(each) for each in file.read().split()]
    except OSError:
        return []


# ------------------------------------------------------------------------------------------------ one query


class Unfit(ValueError):
    """The format cannot carry the answer."""


class LimitPassed(Exception):
    """The answer is longer than it may be.

    Attributes:
        limit: The setting's name.
        value: Its value.
    """

    def __init__(self, limit: str, value: int) -> None:
        self.limit = limit
        self.value = value
        super().__init__(limit)


class _Options:
    """What a request says beside its query, read once for all requests that say the same.

    Attributes:
        graph: Whether the format is for graphs.
        syntax: The engine's name of the format.
        dataset: Arguments of the engine that name the dataset.
        memory_bytes: What this query may have.
        coding: The content coding of an answer that does not come at once, empty for none.
        result_bytes: The longest answer.
        result_rows: The most rows or triples of an answer.
        calls: The SERVICE patterns: where what names an endpoint begins and ends, and its address.
        number: Of a query that has some.
        matching: Whether the query looks for texts.
    """

    def __init__(self, said: dict[str, Any]) -> None:
        from pyoxigraph import NamedNode, QueryResultsFormat, RdfFormat

        self.graph: bool = said["graph"]
        formats: Any = RdfFormat if self.graph else QueryResultsFormat
        self.syntax = formats.from_media_type(said["format"])
        # A request that names a dataset gets that one, whatever FROM says (SPARQL 1.1 Protocol 2.1.4).
        self.dataset: dict[str, Any] = {}
        if said["default_graphs"] is not None:
            self.dataset["default_graph"] = [NamedNode(iri) for iri in said["default_graphs"]]
        if said["named_graphs"] is not None:
            self.dataset["named_graphs"] = [NamedNode(iri) for iri in said["named_graphs"]]
        self.memory_bytes: int = said["memory_bytes"]
        self.coding: str = said["coding"]
        self.result_bytes: int = said["result_bytes"]
        self.result_rows: int = said["result_rows"]
        self.calls: list[tuple[int, int, str]] = said.get("calls", [])
        self.number: int = said.get("number", 0)
        self.matching: bool = said.get("matching", False)


class _Worker:
    """The store, and the socket to which its answers go."""

    can_ask_others = False

    def __init__(self, pipe: _Outbox, settings: dict[str, Any]) -> None:
        import pyoxigraph

        import fonds.turtle

        self.memory_bytes: int = settings["memory_bytes"]
        self._pipe = pipe
        self._engine = pyoxigraph
        self._writing_with = partial(fonds.turtle.TurtleWriter, most_known=_NAMES_KNOWN)
        self._store = (
            pyoxigraph.Store.read_only(settings["store"]) if settings["store"] else pyoxigraph.Store()
        )
        self._base: str = settings["base"]
        self._prefixes: dict[str, str] = settings["prefixes"]
        self._by_ending: dict[str, list[str]] = {}
        for prefix in self._prefixes:
            self._by_ending.setdefault(_WORDS.findall(f"{prefix}:")[-1], []).append(prefix)
        self._known: dict[bytes, _Options] = {}
        self._writers: dict[tuple[tuple[str, str], ...], TurtleWriter] = {}
        self._growth = _Growth()
        self._matching = _Matching(pyoxigraph, f"{self._base}id/")

    def send(self, kind: bytes, payload: bytes = b"") -> None:
        """Send a frame."""
        self._pipe.sendall(FRAME.pack(kind, len(payload)) + payload)

    def send_whole(self, kind: bytes, payload: bytes = b"") -> None:
        """Send a frame behind which nothing comes of the same query."""
        self._pipe.send_whole(FRAME.pack(kind, len(payload)) + payload)

    def read(self, request: bytes) -> tuple[_Options, str]:
        """Return the options and the query of a request."""
        start = LENGTH.size
        end = start + LENGTH.unpack_from(request)[0]
        said = request[start:end]
        options = self._known.get(said)
        if options is None:
            if len(self._known) >= _OPTIONS_KNOWN:
                self._known.clear()
            options = self._known[said] = _Options(json.loads(said))
        if not options.matching:
            return options, request[end:].decode()
        start, end = end + LENGTH.size, end + LENGTH.size + LENGTH.unpack_from(request, end)[0]
        self._matching.begin(json.loads(request[end:]))
        return options, request[start:end].decode()

    def answer(self, options: _Options, query: str) -> None:
        """Answer one query: head, chunks and end; or an error, at any time before the end."""
        try:
            self._write(self._results(options, query), options, query)
        except SyntaxError as error:
            self._send_error("syntax", str(error))
        except Unfit as error:
            self._send_error("unfit", str(error))
        except LimitPassed as error:
            self._send_error("limit", error.limit, error.value)
        except MemoryError:
            self._send_error("memory", "")
        except (RuntimeError, ValueError) as error:
            self._send_error("evaluation", str(error))
        except OSError as error:
            self._send_error("store", str(error))
        finally:
            self._matching.end()

    def _results(self, options: _Options, query: str) -> Any:
        """Return what the engine finds, as far as it has found it."""
        return self._store.query(
            query,
            base_iri=self._base,
            prefixes=self._occurring(query),
            custom_functions=self._matching.functions if options.matching else None,
            **options.dataset,
        )

    def _end(self, frames: _Frames) -> None:
        """Send the rest of an answer, and that it is complete."""
        self._matching.check()
        frames.end(self._growth.size())

    def _send_error(self, error: str, message: str, value: int = 0) -> None:
        body = {"error": error, "message": message[:2000], "value": value}
        self.send_whole(ERROR, json.dumps(body).encode())

    def _occurring(self, query: str) -> dict[str, str]:
        """Return those of the known prefixes that may stand in a query: the engine reads each of them anew."""
        prefixes, by_ending = self._prefixes, self._by_ending
        return {
            prefix: prefixes[prefix]
            for word in set(_WORDS.findall(query))
            for prefix in by_ending.get(word, ())
        }

    def _write(self, results: Any, options: _Options, query: str) -> None:
        if isinstance(results, self._engine.QueryTriples | _Triples):
            if not options.graph:
                raise Unfit("The query gives a graph; this format is for rows.")
            self._write_graph(results, options, query)
            return
        if options.graph:
            raise Unfit("The query gives rows, or a yes or no; this format is for graphs.")
        kind = b"a" if isinstance(results, self._engine.QueryBoolean) else b"s"
        writer = _XmlFrames if options.syntax == self._engine.QueryResultsFormat.XML else _Frames
        frames = writer(self._pipe, kind, options, _FIRST_BYTES, options.syntax.file_extension)
        results.serialize(cast("IO[bytes]", frames), format=options.syntax)
        self._end(frames)

    def _write_graph(self, triples: Any, options: _Options, query: str) -> None:
        formats, syntax = self._engine.RdfFormat, options.syntax
        if syntax in (formats.N_TRIPLES, formats.N_QUADS):
            frames = _Frames(self._pipe, b"g", options, _FIRST_BYTES, "nt")
            triples.serialize(frames, format=syntax)
        elif syntax in (formats.TURTLE, formats.TRIG):
            frames = _TurtleFrames(self._pipe, options, self._turtle_writer(query))
            triples.serialize(frames, format=formats.N_TRIPLES)
        else:
            triples = counted(triples, options.result_rows)
            if syntax == formats.RDF_XML:
                frames = _XmlFrames(self._pipe, b"g", options, _RDFXML_FIRST_BYTES)
                triples = fit_for_xml(triples)
            else:
                frames = _Frames(self._pipe, b"g", options, _FIRST_BYTES)
            self._engine.serialize(triples, cast("IO[bytes]", frames), format=syntax)
        self._end(frames)

    def _turtle_writer(self, query: str) -> TurtleWriter:
        """Return what writes with the prefixes of a query and, for other namespaces, our own."""
        declared = tuple(DECLARATION.findall(query))
        writer = self._writers.get(declared)
        if writer is None:
            if len(self._writers) >= _WRITERS_KNOWN:
                self._writers.clear()
            prefixes = declared_prefixes(declared)
            namespaces = set(prefixes.values())
            ours = {prefix: iri for prefix, iri in self._prefixes.items() if iri not in namespaces}
            writer = self._writers[declared] = self._writing_with(ours | prefixes)
        return writer


class _Matching:
    """The function ``fv:matches`` (:mod:`fonds.store.matching`): whether a thing is among those that a text finds.

    Args:
        engine: Its package.
        things: What the IRIs of things begin with.
    """

    def __init__(self, engine: Any, things: str) -> None:
        self.functions: dict[Any, Callable[..., Any]] = {engine.NamedNode(MATCHES): self._matches}
        self._things = things
        self._true, self._false = engine.Literal(True), engine.Literal(False)
        self._iri = engine.NamedNode
        self._found: dict[str, frozenset[str]] = {}
        self._unknown = False

    def begin(self, found: dict[str, list[str]]) -> None:
        """Keep what the texts of a query find."""
        things = self._things
        self._found = {words: frozenset([things + each for each in paths]) for words, paths in found.items()}

    def end(self) -> None:
        """Forget it."""
        if self._found:
            self._found, self._unknown = {}, False

    def check(self) -> None:
        """Refuse to call an answer complete for which a text was looked for that nobody searched.

        Raises:
            ValueError: There was one; in the engine an error of a function is only no value.
        """
        if self._unknown:
            raise ValueError("what fv:matches looks for must stand in the query, without escapes in its name")

    def _matches(self, thing: Any, words: Any) -> Any:
        # What is no IRI matches nothing, as CONTAINS has no value for what is no text (SPARQL 1.1 Query 17.2).
        if type(thing) is not self._iri:
            return None
        things = self._found.get(words.value)
        if things is None:
            self._unknown = True
            return None
        return self._true if thing.value in things else self._false


MATCHES = "https://w3id.org/fonds/ns#matches"
"""The IRI of the function; :data:`fonds.store.matching.FUNCTION`."""
_WORDS = re.compile(r"(?<!\w)(\w*+):")
"""What stands before a colon: from the beginning of a word, so that a long one is looked at once."""


# ------------------------------------------------------------------------------------------------ other endpoints


def _open_relay(link: socket.socket) -> Any:
    """Go into an empty network and return the relay that stands there for other endpoints; None where there can be none.

    Args:
        link: Over which it asks the serving process.
    """
    if sys.platform != "linux" or not _unshare_network():
        return None
    relay = _beside("relay")
    try:
        listener = relay.listen()
    except OSError:
        return None
    _refuse_sockets(but_ipv4=True)
    inbox = _Inbox(link)

    def ask(number: int, pattern: int, query: bytes) -> Any:
        link.sendall(FRAME.pack(CALL, ASKED.size + len(query)) + ASKED.pack(number, pattern) + query)
        reply = inbox.next()
        if reply is None:  # The serving process is gone, and the engine would wait for ever.
            os._exit(0)
        end = LENGTH.size + LENGTH.unpack_from(reply)[0]
        return relay.Reply(**json.loads(reply[LENGTH.size : end]), body=reply[end:])

    return relay.Relay(listener, ask)


def _beside(name: str) -> Any:
    """Load a module that stands beside this script, which knows nothing of its package."""
    import importlib.util

    spec = importlib.util.spec_from_file_location(f"fonds_{name}", f"{os.path.dirname(__file__)}/{name}.py")  # noqa: PTH120
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class _AskingWorker(_Worker):
    """A worker whose queries may ask other endpoints.

    Args:
        pipe: Where answers go.
        settings: As the serving process says them.
        relay: What stands for the endpoints; None where this machine allows no network apart, so that nobody is asked.
    """

    def __init__(self, pipe: _Outbox, settings: dict[str, Any], relay: Any) -> None:
        super().__init__(pipe, settings)
        self.can_ask_others = relay is not None
        self._relay = relay
        self._query = ""
        self._spans: list[tuple[int, int]] = []
        if relay is not None:
            self._rewriting = sys.modules[type(relay).__module__]
            relay.start()

    def answer(self, options: _Options, query: str) -> None:
        """Answer one query, with the relay in place of the endpoints that it names."""
        if not options.calls:
            super().answer(options, query)
        elif self._relay is None:
            self._send_error("alone", "")
        else:
            self._query, self._spans = query, [(start, end) for start, end, _ in options.calls]
            self._relay.begin(options.number, [target for *_, target in options.calls])
            super().answer(options, self._rewriting.rewritten(query, self._spans, self._relay.address))
            self._relay.begin(0, [])
            self._spans = []

    def _send_error(self, error: str, message: str, value: int = 0) -> None:
        if self._spans and (failure := self._relay.failure(message)):
            error, message, value = "late" if failure.late else "failed", failure.message, failure.number
        elif self._spans and error == "syntax":
            message = self._rewriting.placed(message, self._query, self._spans, self._relay.address)
        super()._send_error(error, message, value)


# ------------------------------------------------------------------------------------------------ a store elsewhere


class _Triples:
    """A graph that comes from elsewhere; read once.

    Args:
        triples: Its triples.
        serialize: The engine's function.
    """

    def __init__(self, triples: Iterator[Any], serialize: Callable[..., object]) -> None:
        self._triples = triples
        self._serialize = serialize

    def __iter__(self) -> Iterator[Any]:
        return self._triples

    def serialize(self, output: Any, *, format: Any) -> None:
        """Write the graph, as the engine's own graphs are written."""
        self._serialize(self._triples, output, format=format)


class _RemoteWorker(_Worker):
    """A worker that asks a store elsewhere; an empty store of its own only reads the queries.

    What the other one answers is read and written anew here: so it is the same syntax for all stores, an answer that is no
    result is known as such, and one that is cut in the middle is never taken for a whole one. Whatever comes, it comes into a
    process of little memory that can be stopped.

    Args:
        pipe: Where answers go.
        settings: As the serving process says them.
    """

    def __init__(self, pipe: _Outbox, settings: dict[str, Any]) -> None:
        from concurrent.futures import ThreadPoolExecutor

        from fonds.store.asking_remote import RemoteQuestions

        super().__init__(pipe, settings)
        self._remote = RemoteQuestions.of(settings["remote"], self._prefixes, self._base)
        self._reply: Any = None
        self._query_seconds: float = settings["query_seconds"]
        # The engine of the thread that reads queries could ask others by SERVICE, if a query with it ever came so far.
        stack = threading.stack_size(_STACK_BYTES)
        self._reader = ThreadPoolExecutor(1, initializer=_refuse_sockets)
        self._reader.submit(int).result()
        threading.stack_size(stack)

    def answer(self, options: _Options, query: str) -> None:
        """Answer one query."""
        from fonds.errors import QuerySyntaxError, RemoteFailed, StoreBusy, StoreError

        try:
            super().answer(options, query)
        except StoreBusy as error:
            self._send_error("remote-busy", str(error), error.retry_after_seconds)
        except RemoteFailed as error:
            self._send_error("remote-late" if error.late else "remote-failed", str(error))
        except QuerySyntaxError as error:
            self._send_error("remote-refused", str(error))
        except StoreError as error:
            self._send_error("remote-gone", str(error))
        finally:
            reply, self._reply = self._reply, None
            if reply is not None:
                reply.close()

    def _results(self, options: _Options, query: str) -> Any:
        own = self._reader.submit(super()._results, options, query).result()
        if isinstance(own, self._engine.QueryTriples) != options.graph:
            return own  # It is refused as by every other worker.
        default_graphs, named_graphs = (
            [each.value for each in options.dataset[name]] if name in options.dataset else None
            for name in ("default_graph", "named_graphs")
        )
        self._reply = self._remote.ask(
            query,
            graph=options.graph,
            default_graphs=default_graphs,
            named_graphs=named_graphs,
            seconds=self._query_seconds,
        )
        if options.graph:
            return _Triples(self._reply.triples(), self._engine.serialize)
        return self._reply.rows()

    def _write(self, results: Any, options: _Options, query: str) -> None:
        from fonds.store.asking_remote import unreadable

        try:
            super()._write(results, options, query)
        except Unfit:
            raise
        except (SyntaxError, ValueError) as error:
            raise unreadable(error) from error

    def _end(self, frames: _Frames) -> None:
        reply, self._reply = self._reply, None
        if reply is not None:
            reply.finish()
        super()._end(frames)


class _Frames:
    """A file to which the engine writes; it sends frames.

    Args:
        pipe: Where they go.
        kind: What the head says of the form.
        options: The limits and the coding.
        first_bytes: So much is held back at the beginning.
        ending: Of the format in which rows are counted here, empty for none.
    """

    def __init__(
        self,
        pipe: _Outbox,
        kind: bytes,
        options: _Options,
        first_bytes: int,
        ending: str = "",
    ) -> None:
        self._pipe = pipe
        self._kind = kind
        self._options = options
        self._threshold = first_bytes
        self._ending = ending
        self._rows: Callable[[bytes], int] | None = None
        self._parts: list[bytes] = []
        self._size = 0
        self._sent_bytes = 0
        self._begun = False
        self._code: Callable[[bytes, bool], bytes] | None = None

    def write(self, data: bytes) -> int:
        """Take a piece from the engine."""
        self._parts.append(bytes(data))
        self._size += len(data)
        if self._size >= self._threshold:
            # The rest of a short answer is there before anybody has to be woken for its beginning.
            send = self._pipe.sendall if self._begun else self._pipe.hold
            send(self._take())
        return len(data)

    def flush(self) -> None:
        """Do nothing: what is sent when is decided here."""

    def end(self, size: bytes) -> None:
        """Send the rest, that it is complete, and how large the worker has grown."""
        if self._begun or self._size > _CHUNK_BYTES:
            self._pipe.send_whole(self._take(complete=True) + FRAME.pack(END, 1) + size)
            return
        data = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._measure(data, complete=True)
        self._pipe.send_whole(FRAME.pack(WHOLE, 2 + len(data)) + size + self._kind + data)

    def _take(self, *, complete: bool = False) -> bytes:
        """Return the frames for what was written since."""
        data, head = b"".join(self._parts), b""
        self._measure(data, complete=complete)
        if not self._begun:
            # What comes all at once is coded by the serving process, if it is worth it.
            coding = "" if complete else self._options.coding
            self._code = _coder(coding) if coding else None
            said = self._kind + coding.encode()
            head = FRAME.pack(HEAD, len(said)) + said
        if self._code is not None:
            data = self._code(data, complete)
        self._begun, self._parts, self._size, self._threshold = True, [], 0, _CHUNK_BYTES
        return head + FRAME.pack(CHUNK, len(data)) + data if data else head

    def _measure(self, data: bytes, *, complete: bool) -> None:
        """Hold an answer to its limits.

        Raises:
            LimitPassed: It is longer.
        """
        options = self._options
        self._sent_bytes += len(data)
        if self._sent_bytes > options.result_bytes:
            raise LimitPassed("result_bytes", options.result_bytes)
        # No row takes less than a byte: most answers need not be counted.
        if not self._ending or (complete and not self._begun and len(data) <= options.result_rows):
            return
        if self._rows is None:
            self._rows = rows_counter(self._ending)
        if self._rows(data) > options.result_rows:
            raise LimitPassed("result_rows", options.result_rows)


class _TurtleFrames(_Frames):
    """The same for Turtle and TriG: the engine writes N-Triples, of which we make Turtle, with the prefixes that occur.

    That is quicker than to hand each triple back to the engine, which writes prefixes in another order each time.

    Args:
        pipe: Where they go.
        options: The limits and the coding.
        writer: With the prefixes that may be used.
    """

    def __init__(self, pipe: _Outbox, options: _Options, writer: TurtleWriter) -> None:
        super().__init__(pipe, b"g", options, first_bytes=1)
        self._writer = writer
        self._used: set[bytes] = set()
        self._headed = False
        self._pieces: list[bytes] = []
        self._held_bytes = 0
        self._enough_bytes = _TURTLE_FIRST_BYTES
        self._rows_left = options.result_rows

    def write(self, data: bytes) -> int:
        """Take a piece of N-Triples from the engine."""
        self._pieces.append(bytes(data))
        self._held_bytes += len(data)
        if self._held_bytes >= self._enough_bytes:
            self._enough_bytes = _CHUNK_BYTES
            super().write(self._turtle(complete=False))
        return len(data)

    def end(self, size: bytes) -> None:
        """Send the rest."""
        turtle = self._turtle(complete=True)
        self._parts.append(turtle)
        self._size += len(turtle)
        super().end(size)

    def _turtle(self, *, complete: bool) -> bytes:
        """Return what has come, but for a line that is not complete, as Turtle; the prefixes stand before the first of it.

        Raises:
            LimitPassed: There are too many triples.
        """
        text = b"".join(self._pieces)
        end = text.rfind(b"\n") + 1
        self._pieces, self._held_bytes = [text[end:]], len(text) - end
        lines = text[:end].splitlines(keepends=True)
        self._rows_left -= len(lines)
        if self._rows_left < 0:
            raise LimitPassed("result_rows", self._options.result_rows)
        body = self._writer.body(lines, self._used)
        if self._headed:
            return body
        self._headed = True
        # What occurs is known if the whole is here.
        head = self._writer.head(self._used if complete else None)
        return head + b"\n" + body if head and body else head + body


class _XmlFrames(_Frames):
    """The same for XML, of which the engine writes every character as it is."""

    _last = b""

    def write(self, data: bytes) -> int:
        super().write(for_xml(bytes(data), self._last))
        self._last = bytes(data[-2:])
        return len(data)


def _coder(coding: str) -> Callable[[bytes, bool], bytes]:
    """Return what codes an answer piece by piece, so that each can be decoded when it arrives; the last is told as such.

    Args:
        coding: ``zstd`` (RFC 8878), ``br`` (RFC 7932) or ``gzip`` (RFC 1952).
    """
    if coding == "zstd":
        import zstandard

        zstd = zstandard.ZstdCompressor(level=3).compressobj()
        return lambda data, last: (
            zstd.compress(data)
            + zstd.flush(zstandard.COMPRESSOBJ_FLUSH_FINISH if last else zstandard.COMPRESSOBJ_FLUSH_BLOCK)
        )
    if coding == "br":
        import brotli

        # Quality 1 to 3 cannot keep up with the engine's rows by much; 1 is the fastest.
        br = brotli.Compressor(quality=1)
        return lambda data, last: br.process(data) + (br.finish() if last else br.flush())
    import zlib

    gzip = zlib.compressobj(1, zlib.DEFLATED, 31)
    return lambda data, last: gzip.compress(data) + gzip.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH)


# ------------------------------------------------------------------------------------------------ rows


def counted(triples: Iterable[Any], most: int) -> Iterator[Any]:
    """Yield triples.

    Raises:
        LimitPassed: There are more than that.
    """
    left = most
    for triple in triples:
        left -= 1
        if left < 0:
            raise LimitPassed("result_rows", most)
        yield triple


# What stands once for each row, or between two of them, and what only looks like it. In JSON, a string that ends with
# `},{` is no row; one that contains `,{}` counts as one, which nobody notices but at the limit.
_ROW_MARKS = {
    "srj": ((b'},{"', 1), (b'},{"}', -1), (b'},{",', -1), (b",{}", 1)),
    "srx": ((b"<result>", 1),),
    "tsv": ((b"\n", 1),),
    "nt": ((b"\n", 1),),
}
_ROWS_BEFORE = {"srj": 1, "srx": 0, "tsv": -1, "nt": 0}


def rows_counter(ending: str) -> Callable[[bytes], int]:
    """Return a function that takes an answer piece by piece and tells how many rows were in it so far.

    Args:
        ending: Of the format: ``srj``, ``srx``, ``csv``, ``tsv``, or ``nt`` for a line each triple.
    """
    return _csv_rows() if ending == "csv" else _marked_rows(_ROW_MARKS[ending], _ROWS_BEFORE[ending])


def _marked_rows(marks: tuple[tuple[bytes, int], ...], rows: int) -> Callable[[bytes], int]:
    tails = [b""] * len(marks)

    def count(data: bytes) -> int:
        nonlocal rows
        for number, (mark, weight) in enumerate(marks):
            # The tail is one byte too short to hold a mark, so that none counts twice.
            rows += weight * (tails[number] + data).count(mark)
            keep = len(mark) - 1
            tails[number] = (tails[number] + data)[-keep:] if keep else b""
        return rows

    return count


def _csv_rows() -> Callable[[bytes], int]:
    rows, quoted = -1, False

    def count(data: bytes) -> int:
        nonlocal rows, quoted
        # Line feeds inside quotes are part of a value; a quote inside quotes is written twice, which changes nothing.
        pieces = data.split(b'"')
        rows += sum(piece.count(b"\n") for piece in pieces[quoted::2])
        quoted ^= len(pieces) % 2 == 0
        return rows

    return count


# ------------------------------------------------------------------------------------------------ syntaxes

DECLARATION = re.compile(
    r"\bPREFIX\s+([A-Za-z][\w-]*)?:\s*<([A-Za-z][A-Za-z0-9+.-]*:[^<>\"{}|^`\\\s]*)>", re.IGNORECASE
)


def declared_prefixes(declarations: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return prefixes that a query declares, as far as Turtle can take them over.

    Args:
        declarations: As :data:`DECLARATION` finds them.
    """
    from pyoxigraph import NamedNode

    found = {}
    for prefix, iri in declarations:
        with contextlib.suppress(ValueError):
            found[prefix] = NamedNode(iri).value
    return found


_NOT_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")


def for_xml(data: bytes, before: bytes = b"") -> bytes:
    """Return a piece of XML with its carriage returns kept from becoming line feeds (XML 1.0, 2.11).

    Args:
        data: The piece, as the engine wrote it.
        before: The last two bytes of the piece before it.

    Raises:
        Unfit: There is a character in it that XML does not have (XML 1.0, 2.2).
    """
    if found := _NOT_XML.search(before + data):
        character = ord(found[0].decode())
        raise Unfit(
            f"The answer has the character U+{character:04X}, which XML cannot carry; ask for another format."
        )
    return data.replace(b"\r", b"&#xD;")


_NAME_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_LOCAL_NAME = re.compile(rf"[{_NAME_START}][{_NAME_START}0-9.\u00b7\u0300-\u036f\u203f-\u2040-]*\Z")
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XMLNS = "http://www.w3.org/2000/xmlns/"
_NO_PROPERTIES = frozenset(  # RDF 1.1 XML Syntax 5.1 and 7.2.2 to 7.2.4
    {
        _RDF + name
        for name in ("RDF", "ID", "about", "bagID", "parseType", "resource", "nodeID", "datatype", "li")
    }
    | {_RDF + name for name in ("Description", "aboutEach", "aboutEachPrefix")}
)


def fit_for_xml(triples: Iterable[Any]) -> Iterator[Any]:
    """Yield triples, each of which has a property that RDF/XML can write.

    Raises:
        Unfit: A property has no local name that XML allows, or one that means something else in RDF/XML.
    """
    good: set[str] = set()
    for triple in triples:
        for predicate in _predicates(triple):
            if predicate in good:
                continue
            if (
                predicate in _NO_PROPERTIES
                or predicate.startswith(_XMLNS)
                or not _LOCAL_NAME.search(predicate)
            ):
                raise Unfit(
                    f"RDF/XML cannot write the property <{predicate[:200]}>: it has no name that XML allows; "
                    "ask for another format."
                )
            good.add(predicate)
        yield triple


def _predicates(triple: Any) -> Iterator[str]:
    from pyoxigraph import Triple

    yield triple.predicate.value
    if isinstance(triple.object, Triple):
        yield from _predicates(triple.object)


if __name__ == "__main__":
    main(sys.argv[1:])
