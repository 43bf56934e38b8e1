"""Conditional requests: 304 and 412 in place of an answer (RFC 9110 13)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from fonds.web.answers import Answer

_OF_304 = frozenset(
    # RFC 9110 15.4.5, and what a cache needs of the rest.
    {b"cache-control", b"content-location", b"date", b"etag", b"expires", b"vary", b"last-modified", b"link"}
)
_TAG = re.compile(r'(W/)?"([^"]*)"')


def conditional(answer: Answer, headers: Sequence[tuple[bytes, bytes]]) -> Answer:
    """Return the answer to a GET or HEAD, or 304 or 412 in its place, in the order of RFC 9110 13.2.2.

    Args:
        answer: What would be sent; only a 200 depends on conditions.
        headers: Of the request, names in lower case.
    """
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name.startswith(b"if-"):
            # RFC 9110 5.3: several of one name are a list.
            found[name] = found[name] + b", " + value if name in found else value
    return _judged(answer, found) if found and answer.status == 200 else answer


def _judged(answer: Answer, conditions: dict[bytes, bytes]) -> Answer:
    tag = answer.header(b"etag")
    modified = _date(answer.header(b"last-modified"))
    if (wanted := conditions.get(b"if-match")) is not None:
        failed = not _lists(wanted, tag, weak=False)
    else:
        since = _date(conditions.get(b"if-unmodified-since"))
        failed = since is not None and modified is not None and modified > since
    if failed:
        return _failed(answer)
    if (known := conditions.get(b"if-none-match")) is not None:
        return _unchanged(answer) if _lists(known, tag, weak=True) else answer
    since = _date(conditions.get(b"if-modified-since"))
    if since is not None and modified is not None and modified <= since:
        return _unchanged(answer)
    return answer


def _failed(answer: Answer) -> Answer:
    return Answer(412, tuple(each for each in answer.headers if each[0] == b"vary"))


def _unchanged(answer: Answer) -> Answer:
    kept = tuple(each for each in answer.headers if each[0] in _OF_304)
    return replace(answer, status=304, headers=kept, body=b"")


def _lists(header: bytes, tag: bytes | None, *, weak: bool) -> bool:
    """Tell whether a list of entity tags holds one, by weak or strong comparison (RFC 9110 8.8.3.2).

    >>> _lists(b'"a,b", W/"c"', b'"c"', weak=True), _lists(b'"a,b", W/"c"', b'"c"', weak=False)
    (True, False)
    >>> _lists(b'"c"', b'W/"c"', weak=True), _lists(b'"c"', b'W/"c"', weak=False)
    (True, False)
    """
    text = header.decode("latin-1").strip()
    if text == "*":
        return True
    own = _TAG.fullmatch(tag.decode("latin-1")) if tag else None
    if own is None or (own[1] and not weak):
        return False
    return any(opaque == own[2] and (weak or not weakness) for weakness, opaque in _TAG.findall(text))


def _date(value: bytes | None) -> datetime | None:
    """Return an HTTP-date in any of its three forms (RFC 9110 5.6.7), None for what is none."""
    if value is None:
        return None
    try:
        date = parsedate_to_datetime(value.decode("latin-1"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date
