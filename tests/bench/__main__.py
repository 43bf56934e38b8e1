"""Measure fonds beside the Oxigraph server, and Virtuoso, and write the tables that ``docs/benchmarks.md`` shows."""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from fonds.release.folder import Release, graphs_of, open_release
from tests.bench import building, comparing, remote, searching, targets, virtuoso
from tests.bench.comparing import HTML, JSONLD, NOT_INSTALLED, TURTLE, Plan, tell
from tests.bench.data import BASE, write_data
from tests.bench.inference import costs
from tests.bench.inference import table as inference_table
from tests.bench.servers import (
    FONDS,
    Server,
    load_oxigraph,
    needs_of_the_bench,
    on_core,
    remove,
    size_of,
    timed,
)
from tests.bench.table import HEAD, Row, conditions, mib, once, spread_of

REPOSITORY = Path(__file__).parents[2]
_GENERATOR = REPOSITORY.parent / "shared" / "bench" / "generate.py"
_INFERENCE_TRIPLES = 1_000_000
_MOST_FOR_VIRTUOSO = 10_000


class Size(NamedTuple):
    """How much is measured.

    Attributes:
        triples: Of the made-up data.
        documents: Of the made-up series that is built beside them.
        builds: How often each is built.
        plan: How often each server is asked.
    """

    triples: int
    documents: int
    builds: int
    plan: Plan


SIZES = {
    # To try whether all of it works: its numbers say nothing.
    "10k": Size(
        10_000, 40, 2, Plan(rounds=2, seconds=0.2, starts=2, streams=2, cold=100, warm=10, joins=20, groups=4)
    ),
    "100k": Size(100_000, 1_000, 3, Plan()),
    "2M": Size(2_000_000, 5_000, 2, Plan(streams=2)),
}


def main() -> None:
    """Build the stores, ask the servers, write the tables."""
    arguments = argparse.ArgumentParser(prog="make bench", description=__doc__)
    arguments.add_argument("--size", choices=SIZES, default="100k")
    arguments.add_argument("--series", type=int, help="measure only a made-up series of so many documents")
    arguments.add_argument("--into", type=Path, default=REPOSITORY / "docs" / "benchmarks")
    chosen = arguments.parse_args()
    load, began = os.getloadavg()[0], time.monotonic()
    inference = ""
    with tempfile.TemporaryDirectory(prefix="fonds-bench-") as temporary:
        folder = Path(temporary)
        if chosen.series:
            name, documents = f"series-{chosen.series}", chosen.series
            builds = 1 if chosen.series > _MOST_FOR_VIRTUOSO else 2
            rows = list(_series(folder, chosen.series, builds, SIZES["100k"].plan, serve=True))
            triples = open_release(folder / "series-short" / "releases").manifest.counts.public
        else:
            name, size = chosen.size, SIZES[chosen.size]
            triples, documents = size.triples, size.documents
            rows = [*_first_record(folder, size.plan), *_made_up(folder, size)]
            rows += _series(folder, size.documents, size.builds, size.plan, serve=False)
            tell("inference: what each level costs")
            measured = costs(open_release(folder / "first"), min(_INFERENCE_TRIPLES, 10 * triples))
            inference = inference_table(measured)
            tell("a store elsewhere: what it costs")
            elsewhere = remote.table(open_release(folder / "releases"))
            chosen.into.mkdir(parents=True, exist_ok=True)
            (chosen.into / "remote.md").write_text(elsewhere, encoding="utf-8")
    command = f"make bench-series DOCUMENTS={chosen.series}" if chosen.series else f"make bench SIZE={name}"
    said = conditions(command, load, virtuoso.version(), seconds=time.monotonic() - began)
    table = "\n".join(
        (targets.table(rows, triples, documents), *HEAD, *map(str, rows), "", said, "", inference)
    )
    target = chosen.into / f"{name}.md"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(table, encoding="utf-8")
    print(f"\n{table}\n{target}")


def _first_record(folder: Path, plan: Plan) -> Iterator[Row]:
    """Measure this repository's own publication."""
    tell("first record: build")
    releases, store = folder / "first", folder / "first-oxigraph"
    seconds = timed([*FONDS, "build", REPOSITORY, "--into", releases, "--base", "http://127.0.0.1:8000/"])
    release = open_release(releases)
    counts = release.manifest.counts
    yield Row(
        f"first record ({counts.public:,} public triples): build from TEI and tables", f"{seconds:.1f} s"
    )
    files = [release.dumps / "public.nt.gz"]
    load_oxigraph(store, files)
    beside, _ = _in_virtuoso(folder / "first-virtuoso", files)
    name = next(iter((REPOSITORY / "data" / "documents").glob("*.xml"))).stem
    iri = f"{release.manifest.base}id/record/{name}"
    with comparing.started(release.folder, store, beside, plan.starts) as servers:
        yield comparing.memory_after_start("first record: memory after start", servers)
        for format_, label in ((TURTLE, "Turtle"), (JSONLD, "JSON-LD"), (HTML, "HTML")):

            def written(to: Server, format_: str = format_) -> list[bytes]:
                return [comparing.described(to, iri, format_, f"/doc/record/{name}")]

            yield comparing.again_and_again(
                f"first record: the record as {label}, warm", servers, plan, written
            )


def _made_up(folder: Path, size: Size) -> Iterator[Row]:
    """Measure made-up data of a size."""
    tell(f"made-up data: {size.triples:,} triples")
    source, releases, store = folder / "data.nt", folder / "releases", folder / "oxigraph"
    iris = _write_data(source, size.triples)
    random.Random(size.triples).shuffle(iris)
    ours, theirs = list[float](), list[float]()
    for number in range(size.builds):
        tell(f"made-up data: build and load, {number + 1} of {size.builds}")
        remove(releases, store)
        ours.append(timed([*FONDS, "build", source, "--into", releases, "--base", BASE]))
        theirs.append(load_oxigraph(store, [source]))
    beside, loaded = _in_virtuoso(folder / "virtuoso", [source])
    own, other = spread_of(ours), spread_of(theirs)
    yield Row(
        "build a release (dumps, digest, catalogue, store) · load",
        own.shown(" s", 1),
        other.shown(" s", 1),
        own.over(other),
        beside if isinstance(beside, str) else f"{loaded:.1f} s",
        None if isinstance(beside, str) else once(own.median / loaded),
    )
    in_all, stored = size_of(open_release(releases).folder), size_of(store)
    third = None if isinstance(beside, str) else size_of(beside)
    yield Row(
        "on disk (release · store)",
        mib(in_all),
        mib(stored),
        once(in_all / stored),
        str(beside) if third is None else mib(third),
        None if third is None else once(in_all / third),
    )
    people = [iri for iri in iris if "/id/person/" in iri]
    joins = [comparing.join_of(iri) for iri in people]
    with comparing.started(open_release(releases).folder, store, beside, size.plan.starts) as servers:
        yield from comparing.served(servers, size.plan, iris, joins)


def _series(folder: Path, documents: int, builds: int, plan: Plan, *, serve: bool) -> Iterator[Row]:
    """Measure how a series is built: short documents, and such as the real ones are."""
    for size in ("short", "real"):
        # Real documents have four times the triples of short ones.
        number = documents if size == "short" else documents // 4
        tell(f"a series of {number:,} {size} documents")
        yield from building.rows(folder / f"series-{size}", number, size, builds)
        if size == "real":
            tell(f"search: {documents:,} records")
            (folder / "searched").mkdir()
            yield from searching.rows(searching.measure(folder / "searched", documents))
        if serve and size == "short":
            yield from _series_served(folder, documents, plan)


def _series_served(folder: Path, documents: int, plan: Plan) -> Iterator[Row]:
    release, store = open_release(folder / "series-short" / "releases"), folder / "series-oxigraph"
    files = [release.dumps / f"{name}.nt.gz" for name in ("public", "inferred")]
    tell("load the same into the others")
    load_oxigraph(store, files)
    beside: Path | str = f"not loaded: more than {_MOST_FOR_VIRTUOSO:,} documents"
    if documents <= _MOST_FOR_VIRTUOSO:
        beside, _ = _in_virtuoso(folder / "series-virtuoso", files)
    records, people = (_iris_of(release, kind) for kind in ("record", "person"))
    with comparing.started(release.folder, store, beside, plan.starts) as servers:
        joins = [comparing.join_of_series(each) for each in people]
        yield from comparing.served(servers, plan, records, joins)


def _iris_of(release: Release, kind: str) -> list[str]:
    """Return the things of a kind that have graphs of their own, in some fixed order."""
    home = BASE + ("graph/record/" if kind == "record" else f"graph/authority/{kind}/")
    keys = [each.name.removeprefix(home) for each in graphs_of(release) if each.name.startswith(home)]
    iris = [f"{BASE}id/{kind}/{key}" for key in keys if "/" not in key]
    random.Random(len(iris)).shuffle(iris)
    return iris


def _write_data(target: Path, triples: int) -> list[str]:
    """Write made-up data with the generator of the reference papers, or, where these are absent, with our own of the same shape."""
    if not _GENERATOR.exists():
        return write_data(target, triples)
    timed([sys.executable, _GENERATOR, "--triples", str(triples), "--base", BASE, "--out", target])
    return target.with_name(target.name + ".uris.txt").read_text(encoding="utf-8").split()


def _in_virtuoso(folder: Path, files: Sequence[Path]) -> tuple[Path | str, float]:
    """Load files into Virtuoso, where it is installed; return its folder, or that it is not here, and how many seconds that took."""
    if virtuoso.programs() is None:
        return NOT_INSTALLED, 0.0
    tell("load the same into Virtuoso")
    return folder, virtuoso.load(folder, files)


if __name__ == "__main__":
    if lacking := needs_of_the_bench():
        sys.exit(lacking)
    on_core(None)
    main()
