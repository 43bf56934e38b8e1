"""Measures a release of which a thousandth is another one: how it is made, compared and told of, and how it is switched to under load.

``make bench-switch`` (``python -m tests.bench.switching``) writes the table that ``docs/benchmarks.md`` shows.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

from fonds.release.comparing import Comparison, compare
from fonds.release.folder import Release, graphs_of, open_release
from fonds.release.keeping import releases_of
from fonds.release.staging import make_current
from tests.bench.building import Built, built
from tests.bench.client import percentile
from tests.bench.data import BASE
from tests.bench.series import write_series
from tests.bench.servers import Server, fonds, needs_of_the_bench, timed
from tests.bench.table import Row, made, mib, once

REPOSITORY = Path(__file__).parents[2]
TRIPLES = 1_000_000
_TRIPLES_OF_A_DOCUMENT = 117.7
CHANGED_SHARE = 0.001
_CHANGED_BY_A_WORD = 2.5
"""Statements that are new when a word of a short document is another one: fewer than there are, so that enough is changed."""
_SWITCHES = 6
_QUIET_SECONDS = 6.0
"""Before each switch, and from the moment when a release is served behind it."""
_CLIENTS = 16
_LOAD = 0.25
"""Of as many requests as the server answers when it is asked for more: what it has to do meanwhile."""
_MOST_SECONDS = 60


def main() -> None:
    """Build twice, compare, follow the feed, switch; write the table."""
    arguments = argparse.ArgumentParser(prog="make bench-switch", description=__doc__)
    arguments.add_argument("--triples", type=int, default=TRIPLES)
    arguments.add_argument("--into", type=Path, default=REPOSITORY / "docs" / "benchmarks")
    arguments.add_argument(
        "--publication", type=Path, help="a folder for the publication; if it is there, only switch"
    )
    chosen = arguments.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="fonds-bench-") as folder:
        rows = []
        for row in measured(chosen.publication or Path(folder) / "series", chosen.triples):
            print(row, flush=True)
            rows.append(row)
    size = "" if chosen.triples == TRIPLES else f" TRIPLES={chosen.triples}"
    table = made(rows, f"make bench-switch{size}", load, ("measured", "beside it"))
    chosen.into.mkdir(parents=True, exist_ok=True)
    (chosen.into / "switch.md").write_text(table, encoding="utf-8")
    print(f"\n{table}\n{chosen.into / 'switch.md'}")


def measured(folder: Path, triples: int) -> Iterator[Row]:
    """Yield each measure of a publication of so many triples, of which a thousandth is changed.

    Args:
        folder: Of the publication. One that is there and has two releases is switched between, and not built.
        triples: How many it has, about.

    Raises:
        RuntimeError: Less than a thousandth was changed, an answer was lost or wrong, or a client of the feed ended elsewhere
            than at the release.
    """
    if not (folder / "releases").exists():
        yield from _made(folder, triples)
    else:
        yield from _compared(folder)
    yield from _switched(folder)


# ------------------------------------------------------------------------------------------------ builds


def _made(folder: Path, triples: int) -> Iterator[Row]:
    documents = round(triples / _TRIPLES_OF_A_DOCUMENT)
    write_series(folder, documents, size="short")
    first = built(folder)
    asserted = first.release.manifest.counts.quads
    yield Row(f"{documents:,} documents, {asserted:,} asserted triples: built", _seconds(first))
    yield from _stages(first)
    again = built(folder)
    if again.release.manifest.name != first.release.manifest.name:
        raise RuntimeError("a build of what has not changed made another release")
    yield Row("built again, nothing changed", _seconds(again))
    words = change_words(folder, round(asserted * CHANGED_SHARE / _CHANGED_BY_A_WORD))
    second = built(folder)
    if second.release.manifest.previous != first.release.manifest.name:
        raise RuntimeError("a build of what has changed made no release")
    yield Row(f"built again, a word of {words:,} documents changed: the new release", _seconds(second))
    yield from _stages(second)
    beyond = second.seconds - again.seconds
    yield Row("of this, beyond what a build of nothing takes", f"{beyond:.1f} s")
    yield from _compared(folder, beyond=beyond)


def change_words(folder: Path, documents: int) -> int:
    """Write another word into the first paragraph of so many documents of a series, spread over all volumes; return how many there were."""
    volumes = sorted((folder / "data" / "documents").glob("*.xml"))
    left = documents
    for number, volume in enumerate(volumes):
        here = -(-left // (len(volumes) - number))
        pieces = volume.read_text(encoding="utf-8").split('type="document"')
        there = len(pieces) - 1
        chosen = {1 + round(at * there / here) for at in range(min(here, there))} if here else set()
        for at in sorted(chosen):
            head, paragraph, rest = pieces[at].partition("<p>")
            if paragraph:
                pieces[at] = f"{head}<p>anew {rest}"
                left -= 1
        volume.write_text('type="document"'.join(pieces), encoding="utf-8")
    return documents - left


def _stages(build: Built) -> Iterator[Row]:
    for stage, seconds in build.stages.items():
        if seconds >= build.seconds / 50:
            yield Row(f"– {stage}", f"{seconds:.1f} s")


def _seconds(build: Built) -> str:
    return f"{build.seconds:.1f} s, {build.processor_seconds:.1f} s of the processor, {mib(build.peak_bytes)}"


# ------------------------------------------------------------------------------------------------ differences


_FONDS = (sys.executable, "-m", "fonds")


def _compared(folder: Path, beyond: float = 0.0) -> Iterator[Row]:
    """Measure what tells of the difference between two releases, as people and programs ask for it."""
    earlier, later = _two(folder)
    found = compare(earlier, later)
    total = earlier.manifest.counts.quads
    if found.added < CHANGED_SHARE * total:
        raise RuntimeError(f"{found.added:,} new statements are less than a thousandth of {total:,}")
    seconds = 0.0
    for format_ in ("text", "json", "patch"):
        took = timed([*_FONDS, "diff", "--publication", folder, "--format", format_])
        seconds = max(seconds, took)
        yield Row(f"`fonds diff --format {format_}`: {_share(found, total)}", f"{took:.1f} s")
    with fonds(later.folder) as server:
        took = _follow(server, found)
    yield Row(
        "the feed: read from its beginning, and the graphs of what the release changed fetched", took[0]
    )
    if beyond:
        in_all = beyond + seconds + took[1]
        yield Row(
            "new release, difference and feed beyond a build of nothing",
            f"{in_all:.1f} s",
            "60 s",
            once(in_all / 60),
        )


def _share(found: Comparison, total: int) -> str:
    return f"{found.added:,} statements added, {found.removed:,} removed, {(found.added + found.removed) / 2 / total:.2%}"


def _two(folder: Path) -> tuple[Release, Release]:
    """Return the two releases that were built last, the older one first."""
    later = max(
        (open_release(each.parent) for each in releases_of(folder).glob("[0-9]*/manifest.json")),
        key=lambda each: each.manifest.issued,
    )
    if later.manifest.previous is None:
        raise RuntimeError(f"{folder}: expected two releases")
    return open_release(later.folder.parent / later.manifest.previous), later


def _follow(server: Server, found: Comparison) -> tuple[str, float]:
    """Read the feed as a client does that was there when the release before was: what is behind its end, and the graphs of that."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)

    def read(address: str) -> bytes:
        connection.request(
            "GET",
            address.removeprefix(BASE.removesuffix("/")),
            headers={"Accept": "application/n-quads, */*"},
        )
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{address}: {answer.status}")
        return gzip.decompress(body) if answer.getheader("Content-Encoding") == "gzip" else body

    activities, address = list[Any](), f"{BASE}changes/1"
    while address:
        page = msgspec.json.decode(read(address))
        activities += page["orderedItems"]
        address = page.get("next", {}).get("id", "")
    changed = {it["object"]["id"] for it in activities if it["endTime"] == activities[-1]["endTime"]}
    for it in sorted(changed):
        read(it.replace("/id/", "/doc/", 1) + ".nq")
    seconds = time.perf_counter() - began
    connection.close()
    if not {each.iri for each in found.things} & changed:
        raise RuntimeError("the feed does not tell what the comparison does")
    return f"{seconds:.1f} s, {len(activities):,} activities, {len(changed):,} documents", seconds


# ------------------------------------------------------------------------------------------------ the switch


class Answer(NamedTuple):
    """How a request went.

    Attributes:
        due: When it was to be sent, seconds of the clock.
        milliseconds: From then until its answer was whole.
        right: Whether it was answered, and with 200.
    """

    due: float
    milliseconds: float
    right: bool


@dataclass(frozen=True, slots=True)
class Load:
    """Requests that come at their times, whether or not others were answered: what a busy server is asked."""

    port: int
    requests: Sequence[tuple[str, str]]
    """Targets, and what is accepted."""
    rate: float
    """Requests a second; 0: each as soon as the one before is answered."""

    @contextmanager
    def running(self) -> Iterator[list[Answer]]:
        """Ask until the block ends; every request that was to be sent until then is answered, or is an answer that is not right."""
        answers: list[Answer] = []
        ended, began, lock = threading.Event(), time.perf_counter(), threading.Lock()
        number = iter(range(sys.maxsize))

        def client() -> None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_MOST_SECONDS)
            while not ended.is_set():
                with lock:
                    mine = next(number)
                due = began + mine / self.rate if self.rate else time.perf_counter()
                if ended.wait(max(0.0, due - time.perf_counter())):
                    break
                answers.append(self._ask(connection, mine, due))
            connection.close()

        clients = [threading.Thread(target=client) for _ in range(_CLIENTS)]
        for each in clients:
            each.start()
        try:
            yield answers
        finally:
            ended.set()
            for each in clients:
                each.join()

    def _ask(self, connection: http.client.HTTPConnection, number: int, due: float) -> Answer:
        target, accept = self.requests[number % len(self.requests)]
        try:
            connection.request("GET", target, headers={"Accept": accept})
            answer = connection.getresponse()
            answer.read()
            return Answer(due, 1000 * (time.perf_counter() - due), answer.status == 200)
        except (OSError, http.client.HTTPException):
            connection.close()
            return Answer(due, 1000 * (time.perf_counter() - due), right=False)


def _switched(folder: Path) -> Iterator[Row]:
    """Measure what a running load feels of a switch, there and back several times."""
    earlier, later = _two(folder)
    releases = later.folder.parent
    make_current(releases, earlier.folder.name)
    requests = asked(earlier)
    calm: list[float] = []
    switched: list[float] = []
    seconds: list[float] = []
    with fonds(releases) as server:
        # What is read for the first pages only is no part of what is measured.
        for _ in range(2):
            with Load(server.port, requests, 0).running() as answers:
                time.sleep(_QUIET_SECONDS)
        rate = _LOAD * len(answers) / _QUIET_SECONDS
        before = server.pss_bytes()
        with Load(server.port, requests, rate).running() as answers:
            time.sleep(1)
            for each in [later, earlier] * (_SWITCHES // 2):
                quiet = time.perf_counter()
                time.sleep(_QUIET_SECONDS)
                flipped = time.perf_counter()
                make_current(releases, each.folder.name)
                _await(server, each)
                served = time.perf_counter()
                time.sleep(_QUIET_SECONDS)
                seconds.append(served - flipped)
                calm += [it.milliseconds for it in answers if quiet <= it.due < flipped]
                switched += [it.milliseconds for it in answers if flipped <= it.due < served + _QUIET_SECONDS]
        after = server.pss_bytes()
        lost = sum(not each.right for each in answers)
        make_current(releases, later.folder.name)
    if lost:
        raise RuntimeError(f"{lost} of {len(answers)} requests were lost or answered otherwise than with 200")
    ratio = percentile(switched, 0.99) / percentile(calm, 0.99)
    load = f"{rate:.0f} requests/s, {_LOAD:.0%} of what is possible"
    yield Row(f"{_SWITCHES} switches under {load}: requests lost", f"0 of {len(answers):,}")
    yield Row(
        "from the link to the first answer of the other release",
        f"half in {sorted(seconds)[len(seconds) // 2]:.2f} s, all in {max(seconds):.2f} s",
    )
    for share in (0.5, 0.99, 0.999):
        yield Row(
            f"{share * 100:g} % of the requests from the link until {_QUIET_SECONDS:g} s behind it · before it, answered in",
            f"{percentile(switched, share):.1f} ms",
            f"{percentile(calm, share):.1f} ms",
            once(percentile(switched, share) / percentile(calm, share)),
        )
    yield Row("99 % meanwhile beside what is allowed", f"{ratio:.2f} ×", "5 ×", once(ratio / 5))
    yield Row("memory after all of them · before", mib(after), mib(before), once(after / before))


def asked(release: Release) -> list[tuple[str, str]]:
    """Return what a load asks: documents of all kinds as pages and as data, small queries and searches, in a fixed mixture."""
    rng = random.Random(1964)
    home = f"{BASE}graph/"
    paths = [
        each.name.removeprefix(home).removeprefix("authority/")
        for each in graphs_of(release)
        if each.kind in ("record", "authority")
    ]
    rng.shuffle(paths)
    found = []
    for number, path in enumerate(paths):
        match number % 10:
            case 0:
                query = f"SELECT ?p ?o WHERE {{ <{BASE}id/{path}> ?p ?o }}"
                found.append((f"/sparql?query={quote(query)}", "application/sparql-results+json"))
            case 1:
                found.append((f"/search?q={quote(path.partition('/')[2])}", "text/html"))
            case 2 | 3 | 4:
                found.append((f"/doc/{path}", "text/turtle"))
            case _:
                found.append((f"/doc/{path}", "text/html"))
    return found


def _await(server: Server, release: Release) -> None:
    """Wait until a release is served."""
    deadline = time.monotonic() + _MOST_SECONDS
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=_MOST_SECONDS)
    while time.monotonic() < deadline:
        connection.request("GET", "/readyz")
        if msgspec.json.decode(connection.getresponse().read())["release"] == release.manifest.name:
            connection.close()
            return
        time.sleep(0.01)
    raise RuntimeError(f"{release.manifest.name} was not served within {_MOST_SECONDS} s")


if __name__ == "__main__":
    if lacking := needs_of_the_bench():
        sys.exit(lacking)
    main()
