"""Measures how a publication of many documents is built, and again after a change: a made-up series of volumes.

Run alone: ``python -m tests.bench.building DOCUMENTS [--size real]``; what is measured is told as it comes.
"""

from __future__ import annotations

import argparse
import json
import shutil
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
from tests.bench.table import Row, mib, mib_of, once, spread_of

_WATCH_SECONDS = 0.25
_READING = ("reading files", "mapping")
"""The stages in which documents are read, mapped and validated, and in which pieces of N-Quads are made of them."""
_WHOLE = 100_000
"""Documents of a series of which time and memory of the whole are to be reached."""


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


def rows(folder: Path, documents: int, size: str, builds: int) -> Iterator[Row]:
    """Write a series into an empty folder, build it, and load the same with the engine alone: a line for each measure.

    Args:
        folder: Where the publication is to be.
        documents: How many.
        size: Of a document (:data:`tests.bench.series.SIZES`).
        builds: How often it is built from scratch, and loaded.
    """
    of = f"series of {documents:,} {size} documents"
    write_series(folder, documents, size=size)
    made, engine = list[Built](), list[float]()
    for _ in range(builds):
        shutil.rmtree(folder / "releases", ignore_errors=True)
        made.append(built(folder))
        dumps = made[-1].release.dumps
        engine.append(
            _bulk_load([dumps / name for name in ("dataset.nq.gz", "public.nt.gz", "inferred.nt.gz")])
        )
    release = made[-1].release
    counts = release.manifest.counts
    seconds = spread_of(each.seconds for each in made)

    def named(measure: str, *, whole: bool = False) -> str:
        """Return the name of a measure: numbers are to be reached with short documents, some with 100,000 of them."""
        return measure if size == "short" and (documents >= _WHOLE or not whole) else ""

    yield Row(
        f"{of}, {counts.quads:,} asserted triples: built from TEI",
        f"{_taken(made)}, {documents / seconds.median:,.0f} documents/s",
        measure=named("build-minutes", whole=True),
        value=spread_of(each / 60 for each in seconds.values),
    )
    read = spread_of(documents / sum(each.stages.get(stage, 0.0) for stage in _READING) for each in made)
    yield Row(
        f"{of}: read, mapped and validated ({', '.join(_READING)})",
        read.shown(" documents/s"),
        measure=named("build-documents"),
        value=read,
    )
    for stage in made[0].stages:
        took = spread_of(each.stages.get(stage, 0.0) for each in made)
        if took.median >= seconds.median / 100:
            yield Row(f"{of}: {stage}", took.shown(" s", 1))
    peak = [float(each.peak_bytes) for each in made]
    yield Row(
        f"{of}: most memory", mib_of(peak), measure=named("build-peak", whole=True), value=spread_of(peak)
    )
    quads = (release.dumps / "dataset.nq.gz").stat().st_size
    in_all, kept = size_of(release.folder), _kept_bytes(folder / "releases")
    yield Row(
        f"{of}: on disk, beside the compressed N-Quads",
        f"{mib(in_all)}, of these the store {mib(size_of(release.folder / 'store'))}, kept for the next build {mib(kept)}",
        mib(quads),
        once(in_all / quads),
        measure=named("build-disk"),
    )
    own = spread_of(counts.quads / each.stages["loading"] for each in made)
    alone = spread_of(counts.quads / each for each in engine)
    yield Row(
        f"{of}: loading, beside the engine's own loader",
        own.shown(" triples/s"),
        alone.shown(" triples/s"),
        own.over(alone),
        measure=named("build-loading"),
        value=own,
    )
    again = built(folder)
    if again.release.manifest.name != release.manifest.name:
        raise RuntimeError("a build of what has not changed made another release")
    yield Row(f"{of}: built again, nothing changed", _taken([again]))
    change_a_word(folder)
    changed = built(folder)
    if changed.release.manifest.digest == release.manifest.digest:
        raise RuntimeError("a build of what has changed made the same release")
    yield Row(f"{of}: built again, one word changed", _taken([changed]))


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
        took = time.perf_counter() - began
        # Until it is closed, it goes on writing into the folder.
        del store
        return took


def built(folder: Path) -> Built:
    """Build a publication in a process of its own, on all cores."""
    command = [sys.executable, "-m", "tests.bench.building", "--only", folder]
    run = watched(command, every_seconds=_WATCH_SECONDS)
    release = open_release(folder / "releases")
    return Built(run.seconds, run.processor_seconds, run.told, run.peak_bytes, release)


def _taken(made: Sequence[Built]) -> str:
    seconds = spread_of(each.seconds for each in made)
    processor = spread_of(each.processor_seconds for each in made)
    return f"{seconds.shown(' s', 1)}, {processor.median:.1f} s of the processor"


def main() -> None:
    """Measure a series of so many documents, or only build a publication."""
    arguments = argparse.ArgumentParser(prog="python -m tests.bench.building", description=__doc__)
    arguments.add_argument("documents", type=int, nargs="?", default=1_000)
    arguments.add_argument("--size", choices=SIZES, default="short")
    arguments.add_argument("--builds", type=int, default=1, help="how often it is built from scratch")
    arguments.add_argument("--only", type=Path, metavar="FOLDER", help="only build the publication there")
    chosen = arguments.parse_args()
    if chosen.only:
        json.dump(_stages(chosen.only), sys.stdout)
        return
    with tempfile.TemporaryDirectory(prefix="fonds-bench-") as folder:
        for row in rows(Path(folder) / "series", chosen.documents, chosen.size, chosen.builds):
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
