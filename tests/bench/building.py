"""Measures how a publication of many documents is built, and again after a change: a made-up series of volumes.

Run alone: ``python -m tests.bench.building DOCUMENTS [--size real]``; what is measured is told as it comes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import RdfFormat, Store

from fonds.release.folder import Release, open_release
from fonds.release.publication import build_publication
from tests.bench.data import BASE
from tests.bench.series import SIZES, write_series
from tests.bench.servers import size_of, watched
from tests.bench.table import Row, mib

_WATCH_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Built:
    """One build.

    Attributes:
        seconds: All of it, from starting the command.
        processor_seconds: Of processor time, of all processes.
        stages: Seconds of each stage, in their order.
        peak_bytes: Most memory of the tree of processes: proportional set size.
        release: What came of it.
    """

    seconds: float
    processor_seconds: float
    stages: dict[str, float]
    peak_bytes: int
    release: Release


def rows(folder: Path, documents: int, size: str) -> Iterator[Row]:
    """Write a series into an empty folder, build it three times, and load it with the engine alone: a line for each measure."""
    of = f"series of {documents:,} {size} documents"
    write_series(folder, documents, size=size)
    first = built(folder)
    release, counts = first.release, first.release.manifest.counts
    yield Row(
        f"{of}, {counts.quads:,} asserted triples: built from TEI",
        f"{_taken(first)}, {documents / first.seconds:,.0f} documents/s",
    )
    for stage, seconds in first.stages.items():
        if seconds >= first.seconds / 100:
            yield Row(f"{of}: {stage}", f"{seconds:.1f} s")
    yield Row(f"{of}: most memory", mib(first.peak_bytes))
    quads = release.dumps / "dataset.nq.gz"
    in_all, kept = size_of(release.folder), _kept_bytes(folder / "releases")
    yield Row(
        f"{of}: on disk, beside the compressed N-Quads",
        f"{mib(in_all)}, of these the store {mib(size_of(release.folder / 'store'))}, kept for the next build {mib(kept)}",
        mib(quads.stat().st_size),
        in_all / quads.stat().st_size,
    )
    engine = _bulk_load([quads, release.dumps / "public.nt.gz", release.dumps / "inferred.nt.gz"])
    loading = first.stages.get("loading", 0.0)
    yield Row(
        f"{of}: loading, beside the engine's own loader",
        f"{counts.quads / loading:,.0f} triples/s" if loading else "–",
        f"{counts.quads / engine:,.0f} triples/s",
        engine / loading if loading else None,
    )
    again = built(folder)
    if again.release.manifest.name != release.manifest.name:
        raise RuntimeError("a build of what has not changed made another release")
    yield Row(f"{of}: built again, nothing changed", _taken(again))
    change_a_word(folder)
    changed = built(folder)
    if changed.release.manifest.digest == release.manifest.digest:
        raise RuntimeError("a build of what has changed made the same release")
    yield Row(f"{of}: built again, one word changed", _taken(changed))


def _kept_bytes(releases: Path) -> int:
    """Return the bytes of what is kept beside the releases for the next build."""
    return sum(each.stat().st_size for each in releases.glob(".*") if each.is_file())


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


def built(folder: Path) -> Built:
    """Build a publication in a process of its own, on all cores."""
    command = [sys.executable, "-m", "tests.bench.building", "--only", folder]
    run = watched(command, every_seconds=_WATCH_SECONDS)
    release = open_release(folder / "releases")
    return Built(run.seconds, run.processor_seconds, run.told, run.peak_bytes, release)


def _taken(built: Built) -> str:
    return f"{built.seconds:.1f} s, {built.processor_seconds:.1f} s of the processor"


def main() -> None:
    """Measure a series of so many documents, or only build a publication."""
    arguments = argparse.ArgumentParser(prog="python -m tests.bench.building", description=__doc__)
    arguments.add_argument("documents", type=int, nargs="?", default=1_000)
    arguments.add_argument("--size", choices=SIZES, default="short")
    arguments.add_argument("--only", type=Path, metavar="FOLDER", help="only build the publication there")
    chosen = arguments.parse_args()
    if chosen.only:
        json.dump(_stages(chosen.only), sys.stdout)
        return
    with tempfile.TemporaryDirectory(prefix="fonds-bench-") as folder:
        for row in rows(Path(folder) / "series", chosen.documents, chosen.size):
            print(row, flush=True)


def _stages(folder: Path) -> dict[str, float]:
    """Build a publication and return how many seconds each stage took."""
    last, stages = time.perf_counter(), dict[str, float]()
    current = "starting"

    def note(stage: str, _done: int, _total: int | None) -> None:
        nonlocal last, current
        now = time.perf_counter()
        stages[current] = stages.get(current, 0.0) + now - last
        last, current = now, stage

    build_publication(folder, base=BASE, progress=note)
    note("", 0, None)
    return stages


if __name__ == "__main__":
    main()
