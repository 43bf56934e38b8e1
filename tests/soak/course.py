"""The course of a soak: a publication is served, asked by all kinds of clients, built anew every few minutes, and looked at meanwhile."""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

from fonds.release.folder import open_release
from tests.bench.series import write_series
from tests.conftest import serving
from tests.faults.attack.watch import State, settled, state_of
from tests.soak.traffic import KINDS, LIMITED

REPOSITORY = Path(__file__).parents[2]
_FIRST_ROUND_SECONDS = 20.0
_SWITCH_SECONDS = 30.0
"""Within so long after a build the server has to answer from it."""
_VOLUME = "series-v0001.xml"
_HEAD = re.compile(r"(<head>1\. )[^<]*")
"""The heading of the first document of the volume, which is another one in each release."""
_SETTINGS = """
[[collections]]
name = "series"
language = "en"

[limits]
query_seconds = 2.0
worker_memory_bytes = 268_435_456
workers = 2
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How long, and how much.

    Attributes:
        seconds: Of traffic, after a first round.
        rate: Requests a second.
        switch_seconds: From one release to the next.
        documents: In the made-up volume that is published beside the first record.
        look_seconds: From one look at the processes to the next.
    """

    seconds: float
    rate: float
    switch_seconds: float
    documents: int
    look_seconds: float


SHORT = Size(seconds=60, rate=25, switch_seconds=20, documents=40, look_seconds=1)
TEN_MINUTES = Size(seconds=600, rate=25, switch_seconds=300 / 4, documents=230, look_seconds=5)
HOUR = Size(seconds=3600, rate=25, switch_seconds=300, documents=230, look_seconds=15)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request and its end.

    Attributes:
        moment: When it was due, in seconds from the beginning.
        kind: A key of :data:`~tests.soak.traffic.KINDS`.
        how: How it ended.
        milliseconds: From when it was due to the last byte.
        size: Bytes of the body, as sent.
    """

    moment: float
    kind: str
    how: str
    milliseconds: float
    size: int

    @property
    def limited(self) -> bool:
        """Whether a limit ended it."""
        return self.how in LIMITED

    @property
    def right(self) -> bool:
        """Whether it ended as such a request should."""
        return self.limited or self.how in KINDS[self.kind].allowed


@dataclass(frozen=True, slots=True)
class Switch:
    """One new release.

    Attributes:
        moment: When it stood in the folder, in seconds from the beginning.
        seconds: From then until the server answered from it; None: it did not within its time.
        build_seconds: How long the build took.
    """

    moment: float
    seconds: float | None
    build_seconds: float


@dataclass(slots=True)
class Course:
    """What was seen.

    Attributes:
        size: How much was asked.
        asked: Every request.
        switches: Every new release.
        states: What the server and its workers used, and when, in seconds from the beginning.
        before: The state when the first round was over and nothing happened.
        after: The state when the traffic was over and nothing happened any more.
        alive: Whether the process that was started still ran in the end.
        log: What the server wrote on its error output.
    """

    size: Size
    asked: list[Asked] = field(default_factory=list)
    switches: list[Switch] = field(default_factory=list)
    states: list[tuple[float, State]] = field(default_factory=list)
    before: State | None = None
    after: State | None = None
    alive: bool = False
    log: str = ""

    def wrong(self) -> Counter[str]:
        """Count the requests that did not end as they should, by kind and ending."""
        return Counter(f"{each.kind}: {each.how}" for each in self.asked if not each.right)

    def thirds(self, kind: str) -> tuple[list[float], list[float], list[float]]:
        """Return the milliseconds of what was answered of a kind, in each third of the time."""
        parts: tuple[list[float], list[float], list[float]] = ([], [], [])
        for each in self.asked:
            if each.kind == kind and not each.limited:
                parts[min(2, int(3 * each.moment / self.size.seconds))].append(each.milliseconds)
        return parts

    def used(self, what: str) -> tuple[int, int, int]:
        """Return the median of an attribute of the states in each third of the time."""
        parts: defaultdict[int, list[int]] = defaultdict(list)
        for moment, state in self.states:
            parts[min(2, int(3 * moment / self.size.seconds))].append(getattr(state, what))
        first, second, third = (sorted(parts[number])[len(parts[number]) // 2] for number in range(3))
        return first, second, third


def percentile(milliseconds: Sequence[float], share: float) -> float:
    """Return the milliseconds within which this share came."""
    ordered = sorted(milliseconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def run(folder: Path, size: Size) -> Course:
    """Write and build a publication, serve it, ask, publish anew, and return what was seen."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    publication = folder / "publication"
    _write(publication, size.documents)
    _build(publication)
    course = Course(size)
    log = folder / "log"
    with serving(publication / "releases", "--log-level", "error", complaints=log) as site:
        process, (host, port) = site.process, site.address
        addresses = _addresses(site.url)
        # The first of everything: threads that stay, modules that are loaded late, caches that fill.
        with _traffic(host, port, addresses, _FIRST_ROUND_SECONDS, size.rate, folder / "first"):
            pass
        _publish(publication, site.url, 0, time.monotonic())
        course.before = settled(process.pid)
        began = time.monotonic()
        ended = threading.Event()
        threads = (
            threading.Thread(target=_look, args=(process.pid, course, began, ended)),
            threading.Thread(target=_switch, args=(publication, site.url, course, began, ended)),
        )
        for thread in threads:
            thread.start()
        with _traffic(host, port, addresses, size.seconds, size.rate, folder / "asked"):
            pass
        ended.set()
        for thread in threads:
            thread.join()
        course.asked = list(_read(folder / "asked", began))
        course.after = settled(process.pid)
        course.alive = process.poll() is None
    course.log = log.read_text(errors="replace")
    return course


def _write(folder: Path, documents: int) -> None:
    """Write this repository's own publication with a made-up volume beside its record."""
    for name in ("data", "ontology", "pages", "queries"):
        shutil.copytree(REPOSITORY / name, folder / name)
    write_series(folder, documents, size="short", documents_per_volume=documents)
    settings = (REPOSITORY / "fonds.toml").read_text(encoding="utf-8")
    (folder / "fonds.toml").write_text(settings + _SETTINGS, encoding="utf-8")


def _build(publication: Path) -> float:
    began = time.perf_counter()
    command = [sys.executable, "-m", "fonds", "build", str(publication), "--base", "http://127.0.0.1:8000/"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stderr}")
    return time.perf_counter() - began


def _addresses(site: str) -> list[str]:
    """Return the paths of all documents that the sitemap lists, the records first."""
    with urlopen(f"{site}sitemap-1.xml") as answer:
        sitemap: str = answer.read().decode()
    found = [urlsplit(piece.partition("</loc>")[0]).path for piece in sitemap.split("<loc>")[1:]]
    found = [path for path in found if path.startswith("/doc/")]
    return sorted(found, key=lambda path: "/record/" not in path)


@contextmanager
def _traffic(
    host: str, port: int, addresses: Sequence[str], seconds: float, rate: float, target: Path
) -> Iterator[None]:
    """Let a process of its own ask until its time is over; it is waited for at the end of the block."""
    command = [sys.executable, "-m", "tests.soak.traffic", host, str(port), str(seconds), str(rate)]
    with (
        target.open("w") as answers,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=answers, text=True, cwd=REPOSITORY
        ) as process,
    ):
        assert process.stdin is not None
        process.stdin.write("\n".join(addresses))
        process.stdin.close()
        try:
            yield
            if status := process.wait():
                raise RuntimeError(f"{' '.join(command)} ended with status {status}")
        finally:
            process.kill()


def _read(path: Path, began: float) -> Iterator[Asked]:
    for line in path.read_text(encoding="utf-8").splitlines():
        moment, kind, how, milliseconds, size = line.split("\t")
        yield Asked(max(0.0, float(moment) - began), kind, how, float(milliseconds), int(size))


def _look(pid: int, course: Course, began: float, ended: threading.Event) -> None:
    """Note from time to time what the server and its workers use."""
    while not ended.wait(course.size.look_seconds):
        try:
            course.states.append((time.monotonic() - began, state_of(pid)))
        except OSError:  # a worker ended while it was looked at, or the server did
            continue


def _switch(publication: Path, site: str, course: Course, began: float, ended: threading.Event) -> None:
    """Publish anew from time to time."""
    number = 1
    while not ended.wait(max(0.0, began + number * course.size.switch_seconds - time.monotonic())):
        course.switches.append(_publish(publication, site, number, began))
        number += 1


def _publish(publication: Path, site: str, number: int, began: float) -> Switch:
    """Change the title of a document, build, and wait until the server tells of it."""
    volume = publication / "data" / "documents" / _VOLUME
    text = _HEAD.sub(rf"\g<1>Made-up News {number}", volume.read_text(encoding="utf-8"), count=1)
    volume.write_text(text, encoding="utf-8")
    seconds = _build(publication)
    stood = time.monotonic()
    name = open_release(publication / "releases").folder.name
    while time.monotonic() - stood < _SWITCH_SECONDS:
        with urlopen(f"{site}release/") as answer:
            if name in answer.read().decode():
                return Switch(stood - began, time.monotonic() - stood, seconds)
        time.sleep(0.1)
    return Switch(stood - began, None, seconds)
