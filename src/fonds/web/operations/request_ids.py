"""The id of a request, by which its line in the log, its error page and the proxy's own log are brought together."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from itertools import count

HEADER = b"x-request-id"
"""In requests and in every answer."""
TRACE = b"traceparent"
"""W3C Trace Context 3.2; where there is no :data:`HEADER`, its trace-id is the request's."""

_WELL_FORMED = re.compile(rb"[A-Za-z0-9._-]{1,64}")
# Version ff is forbidden, and so is a trace-id of zeros (Trace Context 3.2.2).
# One of a later version may go on behind its flags (4).
_TRACE_PARENT = re.compile(
    rb"(?:00(?=.{53}\Z)|(?!00|ff)[0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.{0,400})?"
)

# Ids of this process: no two alike, and nobody can tell from one how many there were on another day.
_OF_PROCESS = secrets.token_hex(6).encode()
_NUMBERS = count(secrets.randbelow(2**20))


def made() -> bytes:
    """Return an id that no other request has."""
    return b"%b-%x" % (_OF_PROCESS, next(_NUMBERS))


def taken(given: bytes) -> bytes:
    """Return the id that a client or a proxy gives by :data:`HEADER`, empty where it is not well-formed.

    >>> taken(b"3f2a-9c"), taken(b'"}\\n{"'), taken(b"x" * 65)
    (b'3f2a-9c', b'', b'')
    """
    return given if _WELL_FORMED.fullmatch(given) else b""


def traced(given: bytes) -> bytes:
    """Return the trace-id of a ``traceparent``, empty where that is not well-formed.

    >>> traced(b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    b'0af7651916cd43dd8448eb211c80319c'
    >>> traced(b"00-00000000000000000000000000000000-b7ad6b7169203331-01")
    b''
    """
    found = _TRACE_PARENT.fullmatch(given)
    return found[1] if found else b""


def of(headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Return the id of a request: the one it comes with, else a new one.

    Args:
        headers: Names in lower case, and values.
    """
    given = trace = b""
    for name, value in headers:
        if name == HEADER:
            given = taken(value)
        elif name == TRACE:
            trace = traced(value)
    return given or trace or made()
