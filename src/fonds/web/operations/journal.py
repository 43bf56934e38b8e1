"""What becomes of each request: a line of the log, and a place in the numbers.

An answer that comes from memory takes about ten microseconds; so what is noted of it is put together once and stays with the answer.
"""

from __future__ import annotations

import hashlib
import logging
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from time import perf_counter
from typing import Literal

import msgspec

from fonds.tally import Histogram
from fonds.web.answers import Answer
from fonds.web.clients import network_of
from fonds.web.operations.entries import HIT, MADE, Entry
from fonds.web.operations.writing import Writer

LEVELS: Mapping[str, int] = {"debug": 10, "info": 20, "warning": 30, "error": 40, "off": 100}
"""From what on a line is written: probes too; every request; what met a limit, broke off or failed elsewhere; what broke here; none."""

_LONGEST_TARGET = 1000
_LONGEST_QUERY = 4000
_LONGEST_TRACE = 16_000
_PROBES = frozenset({"healthz", "readyz", "metrics"})
_UNREMARKABLE = frozenset({"", "query_bytes"})

ROUTES = frozenset(
    {
        *("id", "vocab", "doc", "graph", "ns", "sparql", "rdf-graph-store", "queries", "lookup", "reconcile"),
        *("openapi.json", "browse", "search", "search.xml", "timeline", "map", "network", "dataset", "dumps"),
        *("assets", "healthz", "readyz", "metrics", "robots.txt", "sitemap", "oai", "changes", "history"),
        *("errata", "release", "beacon", "about", "pages", "help", "report", "citation.cff", ".well-known"),
        *("sparql-terms.js", "home", "none", "other"),
    }
)
"""All kinds of addresses that are told apart; ``none``: what was no request that could be read."""


def route_of(path: str) -> str:
    """Return which kind of address a path is, of a fixed list.

    >>> route_of("/doc/person/guevara.ttl"), route_of("/"), route_of("/dataset.ttl"), route_of("/sitemap-2.xml"), route_of("/x/y")
    ('doc', 'home', 'dataset', 'sitemap', 'other')
    """
    first = path[1:].partition("/")[0]
    if first in ROUTES:
        return first
    if not first:
        return "home"
    name = "sitemap" if first.startswith("sitemap") else first.partition(".")[0]
    return name if name in ROUTES else "other"


class Series:
    """The numbers of one kind of address and one class of status.

    Attributes:
        durations: Seconds until the answer was handed over to the system, or the client had left.
        size_bytes: Of all bodies.
    """

    __slots__ = ("durations", "size_bytes")

    def __init__(self) -> None:
        self.durations = Histogram()
        self.size_bytes = 0


@dataclass(slots=True)
class _Trail:
    """What is the same each time an answer is sent.

    Attributes:
        target: For which.
        journal: Whose series it is.
        series: Of numbers.
        level: Of its line.
        line: What a line tells of the answer, each member with a comma before it.
        path: As it stands in a line, in JSON.
    """

    target: bytes
    journal: Journal
    series: Series
    level: int
    line: bytes
    path: bytes


class Journal:
    """Takes note of requests.

    Args:
        writer: Writes the lines; None: there is no log, only numbers.
        format_: Of the lines.
        level: A name of :data:`LEVELS`.
        clients: How much of the address of who asks stands in them: ``none``, its ``network``, or all of the ``address``.
        queries: Whether the words of queries stand in them, and what stands behind the ``?`` of addresses.

    Attributes:
        series: The numbers, by kind of address and class of status.
        limits: How many requests were stopped or refused by each limit.
        hits: Answers that came from memory.
        misses: Answers to GET that might have been there and were not.
        cut: Answers that broke off.
        left: Requests whose client left before the end.
        running: Requests that are being answered, but for those that are answered at once.
    """

    def __init__(
        self,
        writer: Writer | None = None,
        format_: Literal["json", "text"] = "json",
        level: str = "info",
        clients: str = "none",
        *,
        queries: bool = False,
    ) -> None:
        self._writer = writer
        self._json = format_ == "json"
        self._level = LEVELS[level] if writer is not None else LEVELS["off"]
        self._clients = clients if writer is not None else "none"
        self.wants_clients = self._clients != "none"
        """Whether anybody wants to know who asks."""
        self._queries = queries
        self._second = 0
        self._time = b""
        self.series: dict[tuple[str, str], Series] = {}
        self.limits: dict[str, int] = {}
        self.hits = 0
        self.misses = 0
        self.cut = 0
        self.left = 0
        self.running = 0

    @property
    def lines_left_out(self) -> int:
        """Lines that could not be written."""
        return self._writer.dropped if self._writer is not None else 0

    # ---------------------------------------------------------------------------------------- at once

    def prompted(
        self,
        id_: bytes,
        method: bytes,
        target: bytes,
        answer: Answer,
        began: float,
        hit: bool,
        route: str,
        release: str,
        client: str,
    ) -> None:
        """Take note of a request that was answered at once.

        Args:
            id_: Of the request.
            method: ``GET`` or ``HEAD``.
            target: Path and query, as they were sent.
            answer: That was sent.
            began: When the head of the request was here, by :func:`time.perf_counter`.
            hit: Whether it came from memory.
            route: Of the address, where it is known already; empty: it stands with the answer.
            release: The name of the release that answers.
            client: Who asks; empty where nobody wants to know.
        """
        trail: _Trail | None = answer.__dict__.get("trail")
        if trail is None or trail.target != target or trail.journal is not self:
            trail = answer.__dict__["trail"] = self._trail(target, answer, route, release)
        seconds = perf_counter() - began
        series = trail.series
        series.durations.observe(seconds)
        if hit:
            self.hits += 1
        else:
            self.misses += 1
        size = len(answer.body) if method == b"GET" else 0
        series.size_bytes += size
        if trail.level < self._level:
            return
        cache = HIT if hit else MADE
        if self._is_plain(client):
            self._write_plain("info", id_, b'"%b"' % method, trail.path, size, seconds, cache, trail.line)
        else:
            self._write_more("info", id_, method, target, client, size, seconds, cache, trail.line)

    def _trail(self, target: bytes, answer: Answer, route: str, release: str) -> _Trail:
        told = Entry(b"", b"GET", target)
        told.takes(answer.status, answer.headers)
        line = _about_answer(told.status, told.media_type, told.coding, release)
        if answer.query_hash:
            line += _members({"query": answer.query_hash})
        return _Trail(
            target,
            self,
            self._series(route, answer.status),
            LEVELS["debug"] if route in _PROBES else LEVELS["info"],
            line,
            _path_of(target),
        )

    # ---------------------------------------------------------------------------------------- with a task

    def begin(self, method: bytes, target: bytes, id_: bytes, *, release: str = "") -> Entry:
        """Take note that a request is being answered; it is followed by :meth:`end`.

        Args:
            method: As it was sent.
            target: Path and query, as they were sent.
            id_: Of the request.
            release: The name of the release that answers.
        """
        entry = Entry(id_, method, target)
        entry.release = release
        self.running += 1
        return entry

    def end(self, entry: Entry) -> None:
        """Take note of how a request ended; what comes after the first time is none."""
        if entry.ended:
            return
        entry.ended = True
        self.running -= 1
        seconds = perf_counter() - entry.began
        series = self._series(entry.route or "other", entry.status)
        series.durations.observe(seconds)
        series.size_bytes += entry.size_bytes
        if entry.cache == HIT:
            self.hits += 1
        elif entry.method in (b"GET", b"HEAD") and entry.route not in _PROBES:
            self.misses += 1
        if entry.limit:
            self.limits[entry.limit] = self.limits.get(entry.limit, 0) + 1
        ending = ""
        if not entry.whole:
            ending = "cut" if entry.cut else "left"
            self.cut += ending == "cut"
            self.left += ending == "left"
        level = _level_of(entry)
        if LEVELS[level] < self._level:
            return
        line = _about_answer(entry.status, entry.media_type, entry.coding, entry.release)
        if more := self._about_request(entry, ending):
            line += _members(more)
        if self._is_plain(entry.client):
            method, path = msgspec.json.encode(_shown(entry.method)[:20]), _path_of(entry.target)
            self._write_plain(level, entry.id, method, path, entry.size_bytes, seconds, entry.cache, line)
        else:
            self._write_more(
                *(level, entry.id, entry.method, entry.target, entry.client),
                *(entry.size_bytes, seconds, entry.cache, line),
            )

    def _about_request(self, entry: Entry, ending: str) -> dict[str, str]:
        """Return what a line tells beyond the answer: how it ended before its end, which limit it met, which query it was."""
        more: dict[str, str] = {}
        if ending:
            more["ending"] = ending
        if entry.limit:
            more["limit"] = entry.limit
        if entry.query:
            more["query"] = query_hash(entry.query)
            if self._queries:
                more["query_text"] = _tame(entry.query[:_LONGEST_QUERY], keep="\n\t" if self._json else "")
        return more

    def forget(self, entry: Entry) -> None:
        """Take back what was begun: the request is one of another kind, and is begun anew."""
        entry.ended = True
        self.running -= 1

    def refused(self, id_: bytes, status: int) -> None:
        """Take note of what was no request that could be read, or one that came too slowly."""
        self._series("none", status).durations.observe(0.0)
        if self._level <= LEVELS["info"]:
            self._write("info", id_, b"", b"", "", {"status": status})

    # ---------------------------------------------------------------------------------------- lines

    def tell(self, level: str, message: str, members: Mapping[str, object] | None = None) -> None:
        """Write a line that is about no single request; any thread may call it."""
        if self._writer is not None and LEVELS[level] >= self._level:
            if self._json:
                said = {
                    "time": f"{_stamp(time.time())}Z",
                    "level": level,
                    "message": message,
                    **(members or {}),
                }
                self._writer.write(msgspec.json.encode(said) + b"\n")
            else:
                more = "".join(
                    f" {name}={value}" for name, value in (members or {}).items() if name != "trace"
                )
                trace = str((members or {}).get("trace", ""))
                lines = [f"{_stamp(time.time())}Z {level} {_tame(message)}{_tame(more)}"]
                lines += [f"    {_tame(each)}" for each in trace.splitlines()]
                self._writer.write(("\n".join(lines) + "\n").encode("utf-8", "backslashreplace"))

    def _is_plain(self, client: str) -> bool:
        """Tell whether a line has nothing but what each line has."""
        return self._json and not client and not self._queries

    def _write_plain(
        self,
        level: str,
        id_: bytes,
        method: bytes,
        path: bytes,
        size_bytes: int,
        seconds: float,
        cache: str,
        line: bytes,
    ) -> None:
        """Write a line of parts that are in JSON already, but for the id, which is well-formed."""
        writer = self._writer
        assert writer is not None
        writer.write(
            b'{"time":"%bZ","level":"%b","id":"%b","method":%b,"path":%b,"bytes":%d,"ms":%.3f,"cache":"%b"%b}\n'
            % (
                self._now(),
                level.encode(),
                id_,
                method,
                path,
                size_bytes,
                seconds * 1000,
                cache.encode(),
                line,
            )
        )

    def _write_more(
        self,
        level: str,
        id_: bytes,
        method: bytes,
        target: bytes,
        client: str,
        size_bytes: int,
        seconds: float,
        cache: str,
        line: bytes,
    ) -> None:
        """Write a line as text, or one that tells more."""
        members = {"bytes": size_bytes, "ms": round(seconds * 1000, 3), "cache": cache}
        self._write(level, id_, method, target, client, members | msgspec.json.decode(b"{%b}" % line[1:]))

    def _write(
        self, level: str, id_: bytes, method: bytes, target: bytes, client: str, members: Mapping[str, object]
    ) -> None:
        writer = self._writer
        if writer is None:
            return
        path, _, query = target.partition(b"?")
        head: dict[str, object] = {
            "time": f"{self._now().decode()}Z",
            "level": level,
            "id": id_.decode("latin-1"),
            "method": _shown(method)[:20],
            "path": _shown(path),
        }
        if self._queries and query:
            head["query_string"] = _shown(query, _LONGEST_QUERY)
        if client:
            head["client"] = network_of(client) if self._clients == "network" else _tame(client)
        line = head | dict(members)
        if self._json:
            writer.write(msgspec.json.encode(line) + b"\n")
        else:
            writer.write(_as_text(line))

    def _now(self) -> bytes:
        """Return the time, UTC, to the millisecond; the seconds of it are written once for all lines of a second."""
        now = time.time()
        second = int(now)
        if second != self._second:
            self._second, self._time = second, _stamp(second)[:19].encode()
        return b"%b.%03d" % (self._time, (now - second) * 1000)

    def _series(self, route: str, status: int) -> Series:
        """Return where numbers are counted; there are a few hundred at most."""
        key = (route if route in ROUTES else "other", f"{status // 100}xx" if 100 <= status < 600 else "none")
        found = self.series.get(key)
        if found is None:
            found = self.series[key] = Series()
        return found


class LogHandler(logging.Handler):
    """Writes what the program and its libraries have to say into the same log.

    Args:
        journal: Writes it.
    """

    def __init__(self, journal: Journal) -> None:
        super().__init__(logging.WARNING)
        self._journal = journal

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, with the trace of an error and the id of the request in which it came."""
        try:
            members: dict[str, object] = {"logger": record.name}
            if id_ := getattr(record, "request_id", ""):
                members["id"] = id_
            if record.exc_info and record.exc_info[1] is not None:
                trace = "".join(traceback.format_exception(record.exc_info[1]))
                # Its end says what went wrong.
                members["trace"] = _tame(trace[-_LONGEST_TRACE:], keep="\n")
            level = "error" if record.levelno >= logging.ERROR else "warning"
            self._journal.tell(level, _tame(record.getMessage()[:_LONGEST_QUERY]), members)
        except Exception:
            self.handleError(record)


@lru_cache(maxsize=512)
def _about_answer(status: int, media_type: bytes, coding: bytes, release: str) -> bytes:
    """Return what a line tells of an answer, as :func:`_members` does: few answers differ in it."""
    members: dict[str, object] = {"status": status}
    if media_type:
        members["type"] = media_type.decode("latin-1")[:100]
    if coding:
        members["coding"] = coding.decode("latin-1")[:20]
    if release:
        members["release"] = release
    return _members(members)


def _members(members: Mapping[str, object]) -> bytes:
    """Return members of an object of JSON, with a comma before each."""
    return b"," + msgspec.json.encode(members)[1:-1]


def _path_of(target: bytes) -> bytes:
    """Return the path of what was asked for, in JSON."""
    return msgspec.json.encode(_shown(target.partition(b"?")[0]))


def query_hash(query: str) -> str:
    """Return the first sixteen hexadecimal digits of the SHA-256 of a query in UTF-8."""
    return hashlib.sha256(query.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _level_of(entry: Entry) -> str:
    if entry.route in _PROBES:
        return "debug"
    if entry.status == 500:
        return "error"
    if entry.status > 500 or entry.status == 429 or entry.cut or entry.limit not in _UNREMARKABLE:
        return "warning"
    return "info"


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")


def _shown(raw: bytes, most: int = _LONGEST_TARGET) -> str:
    """Return bytes that a client sent as printable ASCII without spaces; all else is percent-encoded."""
    cut = raw[:most]
    if not (cut.isascii() and cut.decode("ascii").isprintable() and b" " not in cut):
        cut = b"".join(b"%c" % each if 0x21 <= each <= 0x7E else b"%%%02X" % each for each in cut)
    return cut.decode("ascii") + ("…" if len(raw) > most else "")


def _tame(text: str, keep: str = "") -> str:
    """Return a text in which nothing moves the cursor, changes the direction of writing or ends a line, but for what is kept."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        each
        if each in keep or each.isprintable()
        else each.encode("unicode_escape", "surrogatepass").decode()
        for each in text
    )


def _as_text(line: Mapping[str, object]) -> bytes:
    shown = [str(line[each]) for each in _FIRST_IN_TEXT if each in line]
    shown += [f"{name}={value}" for name, value in line.items() if name not in _FIRST_IN_TEXT]
    return (" ".join(shown) + "\n").encode("utf-8", "backslashreplace")


_FIRST_IN_TEXT = ("time", "level", "method", "path", "status", "bytes")
