"""A process that answers strangers' queries from a store that it can only read, and that can be stopped at any moment.

It imports nothing but pyoxigraph and the standard library. It reads requests from a Unix socket and writes frames: a
byte for the kind, four bytes for the length, the content. A request is one frame of JSON; an answer is a head, any number of pieces, and an end; or an
error, at whatever point it occurs. An answer without its end is broken.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import resource
import signal
import socket
import struct
import sys
from collections.abc import Iterable
from typing import Any

import pyoxigraph as ox

FRAME = struct.Struct("!cI")
REQUEST, READY, HEAD, DATA, END, ERROR = (bytes([code]) for code in b"QRHDEX")

_PIECE_BYTES = 64 * 1024
_STACK_BYTES = 100 * 1024 * 1024
_OPEN_FILES = 1024
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38

_RDF = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/trig": ox.RdfFormat.TRIG,
    "application/n-quads": ox.RdfFormat.N_QUADS,
}
_RESULTS = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "text/csv": ox.QueryResultsFormat.CSV,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_XML_LOCAL_NAME = re.compile(r"[^\W\d][\w.\-]*$")


class Writer:
    """Sends what the engine writes in frames; the first one at once, so that the client sees that something comes."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._pieces: list[bytes] = []
        self._size = 0
        self._limit = 1

    def write(self, data: bytes) -> int:
        """Take what the engine writes."""
        self._pieces.append(bytes(data))
        self._size += len(data)
        if self._size >= self._limit:
            self.flush()
            self._limit = _PIECE_BYTES
        return len(data)

    def flush(self, end: bytes = b"") -> None:
        """Send what is kept, and a closing frame behind it in the same packet."""
        kept = b"".join(self._pieces)
        frame = FRAME.pack(DATA, len(kept)) + kept if kept else b""
        if frame or end:
            self._connection.sendall(frame + end)
        self._pieces.clear()
        self._size = 0


class Refused(Exception):
    """The answer cannot be written in the format that was asked for."""


def answer(store: ox.Store, request: dict[str, Any], prefixes: dict[str, str], connection: socket.socket) -> None:
    """Answer one request, whatever happens: with a whole answer or with an error frame."""
    try:
        _answer(store, request, prefixes, connection)
    except SyntaxError as error:
        _error(connection, "syntax", error.msg, line=error.lineno or 0, column=error.offset or 0)
    except Refused as error:
        _error(connection, "format", str(error))
    except (ValueError, RuntimeError, OSError) as error:
        if isinstance(error, BrokenPipeError | ConnectionResetError):
            raise
        _error(connection, "evaluation", str(error))


def _answer(store: ox.Store, request: dict[str, Any], prefixes: dict[str, str], connection: socket.socket) -> None:
    default, named = request.get("default"), request.get("named")
    if default is not None or named is not None:
        # SPARQL 1.1 Protocol 2.1.4: a dataset that is named is the whole dataset.
        options: dict[str, Any] = {
            "default_graph": [ox.NamedNode(each) for each in default or ()],
            "named_graphs": [ox.NamedNode(each) for each in named or ()],
        }
    else:
        options = {}
    result = store.query(request["query"], prefixes=prefixes, **options)
    writer = Writer(connection)
    media_type = request["format"]
    if isinstance(result, ox.QueryTriples):
        form = _RDF.get(media_type)
        if form is None:
            raise Refused(f"{media_type} is no RDF format")
        triples: Iterable[ox.Triple] = result
        if form == ox.RdfFormat.RDF_XML:
            triples = _fit_for_xml(result)
        _head(connection)
        ox.serialize(triples, writer, format=form, prefixes=prefixes if form in (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG) else None)
    else:
        results_format = _RESULTS.get(media_type)
        if results_format is None:
            raise Refused(f"{media_type} is no format of query results")
        _head(connection)
        result.serialize(writer, format=results_format)
    writer.flush(FRAME.pack(END, 0))


def _fit_for_xml(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """Return triples that RDF/XML can carry, or say which it cannot: some characters, predicates without a local name."""
    kept = list(triples)
    for each in kept:
        if not _XML_LOCAL_NAME.search(each.predicate.value):
            raise Refused(f"RDF/XML cannot carry the property {each.predicate.value}: it ends in no XML name")
        if isinstance(each.object, ox.Literal) and _NOT_IN_XML.search(each.object.value):
            raise Refused("RDF/XML cannot carry a control character that one of the values has")
    return kept


def _head(connection: socket.socket) -> None:
    connection.sendall(FRAME.pack(HEAD, 0))


def _error(connection: socket.socket, kind: str, message: str, *, line: int = 0, column: int = 0) -> None:
    content = json.dumps({"kind": kind, "message": message, "line": line, "column": column}).encode()
    connection.sendall(FRAME.pack(ERROR, len(content)) + content)


def leave_network(libc: ctypes.CDLL) -> bool:
    """Enter an empty network namespace, in a user namespace of its own if that takes one; tell whether it worked."""
    if libc.unshare(_CLONE_NEWNET) == 0:
        return True
    return bool(libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0)


def confine(memory_bytes: int) -> bool:
    """Apply every limit to this process; tell whether it has left the network."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    alone = leave_network(libc)
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_DATA, memory_bytes),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_STACK, _STACK_BYTES),
        (resource.RLIMIT_FSIZE, 0),
    ):
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))
    with contextlib.suppress(OSError):
        os.nice(5)
    return alone


def main() -> None:
    """Serve requests until the other end is closed."""
    configuration = json.loads(sys.argv[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection = socket.socket(fileno=configuration["socket"])
    store = ox.Store.read_only(configuration["store"])
    alone = confine(configuration["memory_bytes"])
    connection.sendall(FRAME.pack(READY, 1) + (b"1" if alone else b"0"))
    incoming = connection.makefile("rb")
    while len(head := incoming.read(FRAME.size)) == FRAME.size:
        _, length = FRAME.unpack(head)
        request = json.loads(incoming.read(length))
        try:
            answer(store, request, configuration["prefixes"], connection)
        except (BrokenPipeError, ConnectionResetError):
            return


if __name__ == "__main__":
    main()
