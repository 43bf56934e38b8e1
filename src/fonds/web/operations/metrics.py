"""``/metrics``: numbers for Prometheus, in its text format 0.0.4 or as OpenMetrics 1.0.

Own code, since a counter of a general library takes longer than the answer from memory that it counts, and its way for several
processes writes to files at every request.
"""

from __future__ import annotations

import os
import platform
import resource
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec
import pyoxigraph

from fonds import __version__
from fonds.settings import Limits
from fonds.store import Load
from fonds.store.pool import FIGURES
from fonds.tally import Histogram
from fonds.web.clients import Clients, Networks
from fonds.web.operations.journal import Journal

TEXT = b"text/plain; version=0.0.4; charset=utf-8"
OPEN_METRICS = b"application/openmetrics-text; version=1.0.0; charset=utf-8"

Labels = tuple[tuple[str, str], ...]

_PAGE_BYTES = resource.getpagesize()
_OPEN_METRICS_NAMES = frozenset({"1.0.0", "0.0.1"})


@dataclass(slots=True)
class Family:
    """The samples of one metric.

    Attributes:
        name: Without ``_total``.
        kind: ``counter``, ``gauge`` or ``histogram``.
        help: What it counts.
        samples: By what stands behind the name, and labels.
        together: Whether several processes add theirs up (``sum``), or the greatest counts (``max``).
    """

    name: str
    kind: str
    help: str
    samples: dict[tuple[str, Labels], float] = field(default_factory=dict)
    together: str = "sum"

    def add(self, value: float, suffix: str = "", **labels: str) -> Family:
        """Set a sample."""
        self.samples[suffix, tuple(labels.items())] = value
        return self

    def add_histogram(self, seen: Histogram, **labels: str) -> Family:
        """Set the samples of a histogram."""
        total = 0
        for end, count in zip(seen.ends, seen.counts, strict=False):
            total += count
            self.add(total, "_bucket", **labels, le=f"{end:g}")
        total += seen.counts[-1]
        self.add(total, "_bucket", **labels, le="+Inf")
        self.add(seen.sum, "_sum", **labels)
        return self.add(total, "_count", **labels)


class Watched(msgspec.Struct, frozen=True):
    """What is seen of a server at a moment.

    Attributes:
        release: The name of what it serves.
        issued: When that was built, UTC, ISO 8601.
        loaded_at: When it was opened, in seconds since 1970.
        refused: How many releases became current and could not be served.
        draining: Whether it is about to stop.
        connections: How many are open.
        cache_bytes: What the answers take that are in memory.
        pages_running: Pages that are made.
        pages_waiting: Pages that wait.
        page_waits: How long they waited.
        load: What query workers do.
        limits: Of the release.
        lines_left_out: Lines of the log that could not be written.
    """

    release: str
    issued: str
    loaded_at: float
    refused: int
    draining: bool
    connections: int
    cache_bytes: int
    pages_running: int
    pages_waiting: int
    page_waits: Histogram
    load: Load
    limits: Limits
    lines_left_out: int


def families(journal: Journal, watched: Watched) -> list[Family]:
    """Return all numbers of this process."""
    return [*_of_requests(journal), *_of_work(watched), *_of_release(watched), *_of_process(watched)]


def _of_requests(journal: Journal) -> Iterator[Family]:
    requests = Family("fonds_http_requests", "counter", "Requests, by kind of address and class of status.")
    durations = Family(
        "fonds_http_request_duration_seconds",
        "histogram",
        "Seconds from the head of a request to the end of its answer, by kind of address.",
    )
    sent = Family(
        "fonds_http_response_bytes", "counter", "Bytes of bodies that were sent, by kind of address."
    )
    by_route: dict[str, Histogram] = {}
    size_by_route: dict[str, int] = {}
    for (route, status), series in sorted(journal.series.items()):
        requests.add(sum(series.durations.counts), "_total", route=route, code=status)
        size_by_route[route] = size_by_route.get(route, 0) + series.size_bytes
        both = by_route.setdefault(route, Histogram(series.durations.ends))
        both.counts = [mine + more for mine, more in zip(both.counts, series.durations.counts, strict=True)]
        both.sum += series.durations.sum
    for route, seen in by_route.items():
        durations.add_histogram(seen, route=route)
        sent.add(size_by_route[route], "_total", route=route)
    yield from (requests, durations, sent)
    yield Family("fonds_http_requests_in_progress", "gauge", "Requests that are being answered.").add(
        journal.running
    )
    yield (
        Family("fonds_cache_requests", "counter", "Answers that came from memory, and those that did not.")
        .add(journal.hits, "_total", result="hit")
        .add(journal.misses, "_total", result="miss")
    )
    limited = Family("fonds_limit_reached", "counter", "Requests that were stopped or refused, by the limit.")
    for limit in sorted({*journal.limits} & {*Limits.__struct_fields__}):
        limited.add(journal.limits[limit], "_total", limit=limit)
    yield limited
    yield Family(
        "fonds_http_rate_limited",
        "counter",
        "Requests that were refused since their client asked for too much.",
    ).add(sum(journal.limits.get(each, 0) for each in _OF_CLIENTS), "_total")
    yield (
        Family(
            "fonds_http_responses_incomplete",
            "counter",
            "Answers that did not come to their end, by who ended them.",
        )
        .add(journal.cut, "_total", by="server")
        .add(journal.left, "_total", by="client")
    )


_OF_CLIENTS = ("client_queries", "client_pages", "client_pages_per_minute")


def _of_work(watched: Watched) -> Iterator[Family]:
    workers = Family("fonds_query_workers", "gauge", "Query workers, by what they do.")
    for state, count in watched.load.workers.items():
        workers.add(count, state=state)
    yield workers
    yield Family("fonds_query_workers_max", "gauge", "Queries that may run at the same time.").add(
        watched.limits.workers
    )
    ended = Family("fonds_query_workers_ended", "counter", "Query workers that were ended, by the reason.")
    for reason, count in FIGURES.ended.items():
        ended.add(count, "_total", reason=reason)
    yield ended
    yield Family("fonds_queries_waiting", "gauge", "Queries that wait for a worker.").add(
        watched.load.waiting
    )
    yield Family(
        "fonds_query_wait_seconds", "histogram", "Seconds that a query waited for a worker."
    ).add_histogram(FIGURES.waits)
    yield Family("fonds_pages_running", "gauge", "Pages that are made.").add(watched.pages_running)
    yield Family("fonds_pages_waiting", "gauge", "Pages that wait to be made.").add(watched.pages_waiting)
    yield Family(
        "fonds_page_wait_seconds", "histogram", "Seconds that a page waited to be made."
    ).add_histogram(watched.page_waits)
    yield Family("fonds_cache_bytes", "gauge", "Memory of answers that are kept.").add(watched.cache_bytes)
    yield Family("fonds_cache_max_bytes", "gauge", "Most memory of answers that are kept.").add(
        watched.limits.cache_bytes
    )
    yield Family("fonds_http_connections", "gauge", "Connections that are open.").add(watched.connections)


def _of_release(watched: Watched) -> Iterator[Family]:
    yield Family("fonds_release_info", "gauge", "1 for each process that serves the release.").add(
        1, release=watched.release
    )
    issued = datetime.fromisoformat(watched.issued).timestamp()
    yield Family(
        "fonds_release_issued_timestamp_seconds", "gauge", "When the release was built.", together="max"
    ).add(issued, release=watched.release)
    yield Family(
        "fonds_release_loaded_timestamp_seconds", "gauge", "When the release was opened.", together="max"
    ).add(watched.loaded_at, release=watched.release)
    yield Family(
        "fonds_releases_refused", "counter", "Releases that became current and could not be served."
    ).add(watched.refused, "_total")
    yield Family("fonds_draining", "gauge", "1 for each process that is about to stop.").add(watched.draining)
    yield Family("fonds_log_lines_left_out", "counter", "Lines of the log that could not be written.").add(
        watched.lines_left_out, "_total"
    )
    yield Family("fonds_build_info", "gauge", "1 for each process of these versions.").add(
        1, version=__version__, python=platform.python_version(), pyoxigraph=str(pyoxigraph.__version__)
    )


_STARTED_AT = time.time()


def _of_process(watched: Watched) -> Iterator[Family]:
    memory = Family(
        "fonds_resident_memory_bytes",
        "gauge",
        "Memory in use: of serving processes, and of their query workers.",
    )
    own = _resident_bytes("self")
    memory.add(own, processes="server")
    memory.add(sum(map(_resident_bytes, map(str, watched.load.pids))), processes="workers")
    yield memory
    usage = resource.getrusage(resource.RUSAGE_SELF)
    yield Family("process_cpu_seconds", "counter", "Processor time of the serving process.").add(
        usage.ru_utime + usage.ru_stime, "_total"
    )
    yield Family("process_resident_memory_bytes", "gauge", "Memory of the serving process.").add(own)
    yield Family("process_open_fds", "gauge", "File descriptors that are open.").add(_open_files())
    yield Family("process_max_fds", "gauge", "File descriptors that may be open.").add(
        resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    )
    yield Family(
        "process_start_time_seconds", "gauge", "When the serving process started.", together="max"
    ).add(_STARTED_AT)


def _resident_bytes(process: str) -> int:
    """Return how much memory a process has, 0 where that cannot be known."""
    try:
        return int(Path(f"/proc/{process}/statm").read_bytes().split()[1]) * _PAGE_BYTES
    except (OSError, IndexError, ValueError):
        if process != "self":
            return 0
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


def _open_files() -> int:
    for folder in ("/proc/self/fd", "/dev/fd"):
        try:
            # One is the folder itself, while it is read.
            return len(os.listdir(folder)) - 1  # noqa: PTH208  a thousand times as fast where there are thousands
        except OSError:
            continue
    return 0


# ------------------------------------------------------------------------------------------------ as text


def exposition(found: Iterable[Family], *, open_metrics: bool) -> bytes:
    """Return numbers as text."""
    lines: list[str] = []
    for each in found:
        if not each.samples:
            continue
        total = "_total" if each.kind == "counter" and not open_metrics else ""
        lines.append(f"# HELP {each.name}{total} {_escaped(each.help)}")
        lines.append(f"# TYPE {each.name}{total} {each.kind}")
        for (suffix, labels), value in each.samples.items():
            shown = ",".join(f'{name}="{_escaped(text, quote=True)}"' for name, text in labels)
            number = repr(float(value)) if isinstance(value, float) else str(int(value))
            lines.append(
                f"{each.name}{suffix}{{{shown}}} {number}" if shown else f"{each.name}{suffix} {number}"
            )
    if open_metrics:
        lines.append("# EOF")
    return ("\n".join(lines) + "\n").encode()


def _escaped(text: str, *, quote: bool = False) -> str:
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace('"', '\\"') if quote else text


def wants_open_metrics(accept: str | None) -> bool:
    """Tell whether a client prefers OpenMetrics to the older text format.

    >>> wants_open_metrics("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;q=0.5")
    True
    >>> wants_open_metrics("text/html,*/*"), wants_open_metrics(None)
    (False, False)
    """
    best = {"application/openmetrics-text": 0.0, "text/plain": 0.0}
    for part in (accept or "").split(","):
        type_, *parameters = (each.strip().lower() for each in part.split(";"))
        given = {name: value for name, _, value in (each.partition("=") for each in parameters)}
        if type_ not in best or (
            type_ != "text/plain" and given.get("version", "1.0.0") not in _OPEN_METRICS_NAMES
        ):
            continue
        try:
            best[type_] = max(best[type_], float(given.get("q", "1")))
        except ValueError:
            continue
    return best["application/openmetrics-text"] > best["text/plain"]


# ------------------------------------------------------------------------------------------------ who may see them


class Allowed:
    """Tells who may see the numbers.

    Args:
        networks: Addresses or networks.
        clients: Tells who asks.
    """

    def __init__(self, networks: Sequence[str], clients: Clients) -> None:
        self._networks = Networks(networks)
        self._clients = clients

    def __call__(self, peer: str, headers: Sequence[tuple[bytes, bytes]]) -> bool:
        """Tell whether a request comes from somebody who may.

        A request that a proxy hands on, and of which nobody has said that this is our proxy, comes from nobody knows whom.

        Args:
            peer: The address at the other end of the connection.
            headers: Names in lower case, and values.
        """
        handed_on = any(name in _HANDED_ON for name, _ in headers)
        return (self._clients.behind(peer, headers) if handed_on else peer) in self._networks


_HANDED_ON = frozenset({b"x-forwarded-for", b"forwarded", b"x-real-ip", b"via"})


# ------------------------------------------------------------------------------------------------ several processes


class _Saved(msgspec.Struct, frozen=True):
    """The numbers of a process, as others read them."""

    pid: int
    at: float
    families: list[tuple[str, str, str, str, list[tuple[str, list[tuple[str, str]], float]]]]


SAVE_SECONDS = 2.0
"""So often a process writes its numbers down for others."""
_STALE_SECONDS = 15.0
"""A process that has not written for so long is gone: its counters stay, and nothing else of it."""


class Together:
    """The numbers of several processes that serve the same on one machine, by files in one folder.

    Each process has a file of its own, which is named by the address it listens on and by which it goes on counting when it is
    started again: so the sum of counters never goes down.

    Args:
        folder: That all of them write into.
        name: Of this one: its address and port.
    """

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        safe = "".join(each if each.isalnum() or each in ".-" else "_" for each in name)
        self._folder = folder
        self._own = folder / f"{safe}.json"
        before = self._read(self._own)
        self._before = _counters(_loaded(before)) if before is not None else []

    def save(self, own: Sequence[Family]) -> None:
        """Write the numbers of this process down."""
        saved = _Saved(os.getpid(), time.time(), _dumped(merged([list(own), self._before])))
        new = self._own.with_suffix(".new")
        new.write_bytes(msgspec.json.encode(saved))
        new.replace(self._own)

    def all(self, own: Sequence[Family]) -> list[Family]:
        """Return the numbers of this process and all others."""
        found = [list(own), self._before]
        for path in sorted(self._folder.glob("*.json")):
            if path != self._own and (saved := self._read(path)) is not None:
                theirs = _loaded(saved)
                lives = time.time() - saved.at < _STALE_SECONDS
                found.append(theirs if lives else _counters(theirs))
        return merged(found)

    def _read(self, path: Path) -> _Saved | None:
        try:
            return msgspec.json.decode(path.read_bytes(), type=_Saved)
        except (OSError, msgspec.DecodeError):
            return None


def _counters(found: Iterable[Family]) -> list[Family]:
    return [each for each in found if each.kind in ("counter", "histogram")]


def _dumped(
    found: Iterable[Family],
) -> list[tuple[str, str, str, str, list[tuple[str, list[tuple[str, str]], float]]]]:
    return [
        (
            each.name,
            each.kind,
            each.help,
            each.together,
            [(suffix, list(labels), value) for (suffix, labels), value in each.samples.items()],
        )
        for each in found
    ]


def _loaded(saved: _Saved) -> list[Family]:
    return [
        Family(
            name, kind, help_, {(suffix, tuple(labels)): value for suffix, labels, value in samples}, together
        )
        for name, kind, help_, together, samples in saved.families
    ]


def merged(several: Iterable[Iterable[Family]]) -> list[Family]:
    """Return the numbers of several processes as one."""
    by_name: dict[str, Family] = {}
    for found in several:
        for each in found:
            mine = by_name.setdefault(each.name, Family(each.name, each.kind, each.help, {}, each.together))
            for key, value in each.samples.items():
                if each.together == "max":
                    mine.samples[key] = max(mine.samples.get(key, value), value)
                else:
                    mine.samples[key] = mine.samples.get(key, 0) + value
    return list(by_name.values())
