"""The process in which strangers' queries run: it can be killed, has little memory, and no network.

It knows the engine and the standard library only, so that it starts quickly and stays small; the serving process starts it
as a script (:mod:`fonds.store.pool`) and talks to it over a socket pair. Requests come one after another. All frames have
a head of five bytes: a letter and the length of what follows.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import platform
import re
import resource
import signal
import socket
import struct
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from typing import IO, Any, NoReturn, cast

READY = b"R"  # JSON: {"network": "none" | "open"}
HEAD = b"H"  # "s" rows, "a" truth, "g" graph: the status is settled
CHUNK = b"C"  # bytes of the answer
END = b"E"  # "1": this worker has grown, replace it; "0": it goes on
ERROR = b"X"  # JSON: {"error", "message"}
REQUEST = b"Q"  # JSON: see `_answer`

FRAME = struct.Struct(">cI")

_FIRST_BYTES = 4 * 1024
"""The engine writes 8 KiB at a time, so that a first piece of less than this is also the last one."""
_CHUNK_BYTES = 64 * 1024
_TURTLE_FIRST_BYTES = 96 * 1024
"""So much is held back for the prefixes that do not occur to be left out."""
_RDFXML_FIRST_BYTES = 4 * 1024 * 1024
"""So much is held back for a fault to be found while there is still a status to be sent."""
_STACK_BYTES = 120 * 1024 * 1024
"""The kernel leaves 128 MiB of addresses below the stack, whatever its limit was at the start."""
_GROWN_BYTES = 256 * 1024 * 1024
_FILES = 1024


# ------------------------------------------------------------------------------------------------ the process


def main(arguments: list[str]) -> NoReturn:
    """Serve queries until the other end closes.

    Args:
        arguments: The folder of the engine's package, and the number of the inherited socket.
    """
    sys.path.append(arguments[0])
    pipe = socket.socket(fileno=int(arguments[1]))
    settings = _receive(pipe)
    if settings is None:
        sys.exit(0)
    _die_with(settings["parent"])
    _close_all_but(pipe.fileno())
    network = _leave_network()
    _limit()
    _serve(pipe, settings, network)
    sys.exit(0)


def _serve(pipe: socket.socket, settings: dict[str, Any], network: bool) -> None:
    import pyoxigraph

    store = pyoxigraph.Store.read_only(settings["store"])
    # What is only reserved by now, such as the stacks of the engine's threads, is no memory of any query.
    reserved, most = _reserved_bytes(), settings["memory_bytes"]
    _limit_memory(reserved + most, reserved + most)
    _send(pipe, READY, json.dumps({"network": "open" if network else "none"}).encode())
    current = most
    while (request := _receive(pipe)) is not None:
        if (wanted := min(request["memory_bytes"], most)) != current:
            _limit_memory(reserved + wanted, reserved + most)
            current = wanted
        _answer(pipe, store, settings, request)


def _receive(pipe: socket.socket) -> dict[str, Any] | None:
    """Return the next request, None at the end."""
    head = pipe.recv(FRAME.size, socket.MSG_WAITALL)
    if len(head) < FRAME.size:
        return None
    _, size = FRAME.unpack(head)
    body = pipe.recv(size, socket.MSG_WAITALL)
    request: dict[str, Any] = json.loads(body)
    return request


def _send(pipe: socket.socket, kind: bytes, payload: bytes = b"") -> None:
    pipe.sendall(FRAME.pack(kind, len(payload)) + payload)


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


def _die_with(parent: int) -> None:
    """Have the kernel end this process when the serving one ends (to the kernel: the thread in which its loop runs)."""
    if sys.platform == "linux":
        _prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        sys.exit(0)


def _close_all_but(descriptor: int) -> None:
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, 4096)


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


def _refuse_sockets() -> bool:
    """Install a filter under which no socket can be made and no program started; return whether that worked."""
    machine = platform.machine()
    if machine not in _AUDIT_ARCHITECTURES:
        return False
    program = b"".join(_filter(_AUDIT_ARCHITECTURES[machine], _REFUSED_CALLS[machine]))
    held = ctypes.create_string_buffer(program, len(program))

    class SockFprog(ctypes.Structure):
        _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    prog = SockFprog(len(program) // 8, ctypes.cast(held, ctypes.c_void_p))
    set_no_new_privs, set_seccomp, mode_filter = 38, 22, 2
    if _prctl(set_no_new_privs, 1) != 0:
        return False
    return _prctl(set_seccomp, mode_filter, ctypes.addressof(prog)) == 0


def _filter(architecture: int, refused: Iterable[int]) -> Iterator[bytes]:
    """Yield the instructions of the filter (Linux, Documentation/userspace-api/seccomp_filter.rst)."""
    instruction = partial(struct.pack, "=HBBI")
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    refuse, allow = 0x00050000 | 1, 0x7FFF0000  # EPERM
    yield instruction(load, 0, 0, 4)  # the architecture
    yield instruction(equal, 1, 0, architecture)
    yield instruction(answer, 0, 0, refuse)
    yield instruction(load, 0, 0, 0)  # the number of the call
    yield instruction(at_least, 0, 1, 0x40000000)  # x32: the same calls under other numbers
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


def _has_grown() -> bool:
    """Tell whether so much memory stayed that a new worker is the better one."""
    pages = _pages()
    return bool(pages) and (pages[1] - pages[2]) * resource.getpagesize() > _GROWN_BYTES


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


class _Frames:
    """A file to which the engine writes; it sends frames."""

    def __init__(self, pipe: socket.socket, kind: bytes, first_bytes: int) -> None:
        self.sent = False
        self._pipe = pipe
        self._kind = kind
        self._parts: list[bytes] = []
        self._size = 0
        self._threshold = first_bytes

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        self._size += len(data)
        if self._size >= self._threshold:
            self._pipe.sendall(self._take())
        return len(data)

    def flush(self) -> None:
        """Do nothing: what is sent when is decided here."""

    def end(self) -> None:
        """Send the rest, and that it is complete."""
        grown = b"1" if _has_grown() else b"0"
        self._pipe.sendall(self._take(complete=True) + FRAME.pack(END, 1) + grown)

    def _take(self, *, complete: bool = False) -> bytes:
        """Return the frames for what was written since."""
        data, head = b"".join(self._parts), b""
        if not self.sent:
            data, head = self._begin(data, complete=complete), FRAME.pack(HEAD, 1) + self._kind
        self.sent, self._parts, self._size, self._threshold = True, [], 0, _CHUNK_BYTES
        return head + FRAME.pack(CHUNK, len(data)) + data if data else head

    def _begin(self, data: bytes, *, complete: bool) -> bytes:  # noqa: ARG002  others need it
        """Return the beginning of the answer as it is sent."""
        return data


class _TurtleFrames(_Frames):
    """The same for Turtle and TriG: prefixes come in a fixed order, and only those that occur if the whole is at hand."""

    def _begin(self, data: bytes, *, complete: bool) -> bytes:
        return with_tidy_prefixes(data, complete=complete)


class _XmlFrames(_Frames):
    """The same for XML, of which the engine writes every character as it is."""

    _last = b""

    def write(self, data: bytes) -> int:
        super().write(for_xml(bytes(data), self._last))
        self._last = bytes(data[-2:])
        return len(data)


def _answer(pipe: socket.socket, store: Any, settings: dict[str, Any], request: dict[str, Any]) -> None:
    """Answer one query: head, chunks and end; or an error, at any time before the end.

    A request has ``query``, ``format`` (a media type), ``graph`` (whether the format is for graphs), ``default_graphs``
    and ``named_graphs`` (lists of IRIs, or null), ``memory_bytes``.
    """
    try:
        results = _evaluate(store, settings, request)
        _write(pipe, results, settings, request)
    except SyntaxError as error:
        _send_error(pipe, "syntax", str(error))
    except Unfit as error:
        _send_error(pipe, "unfit", str(error))
    except MemoryError:
        _send_error(pipe, "memory", "")
    except (RuntimeError, ValueError) as error:
        _send_error(pipe, "evaluation", str(error))
    except OSError as error:
        _send_error(pipe, "store", str(error))


def _send_error(pipe: socket.socket, error: str, message: str) -> None:
    _send(pipe, ERROR, json.dumps({"error": error, "message": message[:2000]}).encode())


def _evaluate(store: Any, settings: dict[str, Any], request: dict[str, Any]) -> Any:
    from pyoxigraph import NamedNode

    text = request["query"]
    options: dict[str, Any] = {}
    # A request that names a dataset gets that one, whatever FROM says (SPARQL 1.1 Protocol 2.1.4).
    if request["default_graphs"] is not None:
        options["default_graph"] = [NamedNode(iri) for iri in request["default_graphs"]]
    if request["named_graphs"] is not None:
        options["named_graphs"] = [NamedNode(iri) for iri in request["named_graphs"]]
    return store.query(
        text, base_iri=settings["base"], prefixes=_occurring(settings["prefixes"], text), **options
    )


def _occurring(prefixes: dict[str, str], text: str) -> dict[str, str]:
    return {prefix: iri for prefix, iri in prefixes.items() if f"{prefix}:" in text}


def _write(pipe: socket.socket, results: Any, settings: dict[str, Any], request: dict[str, Any]) -> None:
    from pyoxigraph import QueryBoolean, QueryResultsFormat, QueryTriples, RdfFormat

    if isinstance(results, QueryTriples):
        if not request["graph"]:
            raise Unfit("The query gives a graph; this format is for rows.")
        _write_graph(pipe, results, RdfFormat.from_media_type(request["format"]), settings, request["query"])
        return
    if request["graph"]:
        raise Unfit("The query gives rows, or a yes or no; this format is for graphs.")
    kind = b"a" if isinstance(results, QueryBoolean) else b"s"
    syntax = QueryResultsFormat.from_media_type(request["format"])
    frames = (_XmlFrames if syntax == QueryResultsFormat.XML else _Frames)(pipe, kind, _FIRST_BYTES)
    results.serialize(cast("IO[bytes]", frames), format=syntax)
    frames.end()


def _write_graph(pipe: socket.socket, triples: Any, syntax: Any, settings: dict[str, Any], text: str) -> None:
    from pyoxigraph import RdfFormat, serialize

    if syntax == RdfFormat.RDF_XML:
        frames: _Frames = _XmlFrames(pipe, b"g", _RDFXML_FIRST_BYTES)
        serialize(fit_for_xml(triples), cast("IO[bytes]", frames), format=syntax)
    elif syntax in (RdfFormat.TURTLE, RdfFormat.TRIG):
        frames = _TurtleFrames(pipe, b"g", _TURTLE_FIRST_BYTES)
        declared = declared_prefixes(text)
        prefixes = {
            prefix: iri for prefix, iri in settings["prefixes"].items() if iri not in declared.values()
        }
        serialize(triples, cast("IO[bytes]", frames), format=syntax, prefixes=prefixes | declared)
    else:
        frames = _Frames(pipe, b"g", _FIRST_BYTES)
        triples.serialize(frames, format=syntax)
    frames.end()


# ------------------------------------------------------------------------------------------------ syntaxes

_DECLARATION = re.compile(
    r"\bPREFIX\s+([A-Za-z][\w-]*)?:\s*<([A-Za-z][A-Za-z0-9+.-]*:[^<>\"{}|^`\\\s]*)>", re.IGNORECASE
)


def declared_prefixes(text: str) -> dict[str, str]:
    """Return the prefixes that a query declares, as far as Turtle can take them over."""
    from pyoxigraph import NamedNode

    found = {}
    for prefix, iri in _DECLARATION.findall(text):
        with contextlib.suppress(ValueError):
            found[prefix] = NamedNode(iri).value
    return found


def with_tidy_prefixes(turtle: bytes, *, complete: bool = True) -> bytes:
    """Sort the declarations at the top of a Turtle or TriG text, and leave out those whose prefixes do not occur.

    The engine writes them in another order each time, and the same triples should be the same bytes.

    Args:
        turtle: As the engine wrote it.
        complete: Whether that is the whole text, so that it is known what occurs.
    """
    lines = []
    end = 0
    while turtle.startswith(b"@prefix ", end):
        start, end = end, turtle.index(b"\n", end) + 1
        lines.append(turtle[start:end])
    kept = (line for line in sorted(lines) if not complete or turtle.find(line.split(b" ", 2)[1], end) >= 0)
    return b"".join(kept) + turtle[end:]


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
