"""Measures how a publication of many documents is built, again after a change, and how it is served: a made-up series of volumes."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import RdfFormat, Store

from fonds.release.folder import Release, open_release
from fonds.release.publication import build_publication
from tests.bench.data import BASE
from tests.bench.series import write_series
from tests.bench.servers import peak_of, size_of

_WATCH_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Built:
    """One build.

    Attributes:
        seconds: All of it, from starting the command.
        stages: Seconds of each stage, in their order.
        peak_bytes: Most memory of the tree of processes: proportional set size.
        release: What came of it.
    """

    seconds: float
    stages: dict[str, float]
    peak_bytes: int
    release: Release


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of a series.

    Attributes:
        documents: How many it has.
        first: The first build.
        again: A build when nothing has changed.
        changed: A build after one word of one document has changed.
        bulk_load_seconds: What the engine's own loader takes for the same quads.
        release_bytes: On disk.
        kept_bytes: On disk, of what is kept beside the releases for the next build.
        quads_bytes: Of the N-Quads, compressed.
    """

    documents: int
    first: Built
    again: Built
    changed: Built
    bulk_load_seconds: float
    release_bytes: int
    kept_bytes: int
    quads_bytes: int


def measure(folder: Path, documents: int, size: str) -> Measured:
    """Write a series into an empty folder, build it three times, and load it with the engine alone."""
    write_series(folder, documents, size=size)
    releases = folder / "releases"
    first = _build(folder)
    release = first.release
    release_bytes, quads = size_of(release.folder), release.dumps / "dataset.nq.gz"
    load = _bulk_load([quads, release.dumps / "public.nt.gz", release.dumps / "inferred.nt.gz"])
    quads_bytes = quads.stat().st_size
    again = _build(folder)
    if again.release.manifest.name != release.manifest.name:
        raise RuntimeError("a build of what has not changed made another release")
    change_a_word(folder)
    changed = _build(folder)
    if changed.release.manifest.digest == release.manifest.digest:
        raise RuntimeError("a build of what has changed made the same release")
    kept = sum(each.stat().st_size for each in releases.glob(".*") if each.is_file())
    return Measured(documents, first, again, changed, load, release_bytes, kept, quads_bytes)


def change_a_word(folder: Path) -> None:
    """Write another word into the first paragraph of the first document of a series."""
    volume = sorted((folder / "data" / "documents").glob("*.xml"))[0]
    text = volume.read_text(encoding="utf-8")
    # What stands before the documents, the header of the volume, would change all of them.
    start = text.index("<p>", text.index('type="document"')) + len("<p>")
    volume.write_text(f"{text[:start]}anew {text[start:]}", encoding="utf-8")


def _bulk_load(files: Sequence[Path]) -> float:
    """Return the seconds in which the engine loads files into an empty store."""
    with tempfile.TemporaryDirectory(prefix="fonds-bench-") as folder:
        store = Store(folder)
        began = time.perf_counter()
        for path in files:
            format_ = RdfFormat.N_QUADS if ".nq" in path.name else RdfFormat.N_TRIPLES
            with subprocess.Popen(["gzip", "-dc", path], stdout=subprocess.PIPE) as unpacked:
                assert unpacked.stdout is not None
                store.bulk_load(unpacked.stdout, format_)
        store.flush()
        return time.perf_counter() - began


def _build(folder: Path) -> Built:
    """Build a publication in a process of its own, on all cores."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "tests.bench.building", str(folder)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process,
        peak_of(process.pid, every_seconds=_WATCH_SECONDS) as peak,
    ):
        told, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with status {process.returncode}")
    seconds = time.perf_counter() - began
    return Built(seconds, json.loads(told), max(peak), open_release(folder / "releases"))


def main(folder: Path) -> None:
    """Build a publication and write how many seconds each stage took."""
    last, stages = time.perf_counter(), dict[str, float]()
    current = "starting"

    def note(stage: str, _done: int, _total: int | None) -> None:
        nonlocal last, current
        now = time.perf_counter()
        stages[current] = stages.get(current, 0.0) + now - last
        last, current = now, stage

    build_publication(folder, base=BASE, progress=note)
    note("", 0, None)
    json.dump(stages, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
