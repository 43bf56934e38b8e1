"""Reads the graphs of a build once more, in parts side by side: for what is stated of each thing, and for what is counted."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from fonds.lines import DEFAULT
from fonds.mapping.description import GraphKind
from fonds.release.census import INFERRED, Survey
from fonds.release.describing import Buckets
from fonds.release.fragments import Fragment, Fragments, GraphReader, Slice
from fonds.release.occurrences import RecordGraphs
from fonds.release.workers import Workers

_BLOCK_BYTES = 4 * 1024 * 1024


class _Graph(NamedTuple):
    """A graph to be read: where it stands, its kind, whether it is public, and whether it is the default graph."""

    quads: Slice
    kind: GraphKind
    public: bool
    default: bool


class _Found(NamedTuple):
    """What was found in a part of the graphs."""

    buckets: Buckets
    survey: Survey


@dataclass(frozen=True, slots=True)
class Rereading:
    """Graphs that are being read once more, in other processes where there are any.

    Attributes:
        calls: The parts of them.
        scratch: Where working files are.
        base: Under which the publication's own things stand.
    """

    calls: Sequence[Future[_Found]]
    scratch: Path
    base: str

    def survey(self) -> Survey:
        """Return what was counted in all parts; ask once."""
        whole, *others = (call.result().survey for call in self.calls)
        for each in others:
            whole.take(each)
        return whole

    def buckets(self, fragments: Fragments, late: Sequence[Fragment]) -> list[Buckets]:
        """Return the statements of all parts, and of graphs that were written later; all is closed now."""
        more = Buckets(self.scratch, len(self.calls))
        for graph in late:
            more.take(graph.kind, list(fragments.lines(graph)))
        return [*(call.result().buckets for call in self.calls), more]


def reread(
    fragments: Fragments,
    inferred: Path | None,
    base: str,
    workers: Workers,
    *,
    describing: bool = True,
    counting: bool = True,
    without: str = "",
) -> Rereading:
    """Begin to read all graphs that were written so far, and what follows from them.

    Args:
        fragments: The graphs.
        inferred: What follows from them (gzip, N-Triples); None: nothing does.
        base: Under which the publication's own things stand.
        workers: Who do it.
        describing: Whether what is stated of each thing is wanted.
        counting: Whether it is wanted what is counted.
        without: A graph that is passed over; empty: none is.
    """
    fragments.flush()
    scratch = fragments.folder
    # Not in the order of names but as they stand in the working file: it is read from its beginning to its end.
    graphs = [
        _Graph(each.quads, each.kind, each.public, each.name == DEFAULT)
        for each in fragments.by_name.values()
        if each.name != without
    ]
    parts = list(_parts(graphs, max(1, workers.count)))
    calls = [
        workers.call(
            _read,
            scratch,
            part,
            number,
            base,
            inferred if number == 0 else None,
            describing=describing,
            counting=counting,
            apart=workers.count > 0,
        )
        for number, part in enumerate(parts)
    ]
    return Rereading(calls, scratch, base)


def _parts(graphs: Sequence[_Graph], number: int) -> Iterator[Sequence[_Graph]]:
    """Yield graphs in parts of about one size; at least one part, which may be empty."""
    share = sum(each.quads.size for each in graphs) / number
    start = size = 0
    for end, graph in enumerate(graphs, start=1):
        size += graph.quads.size
        # The words of a record go with it.
        whole = end == len(graphs) or graphs[end].kind is not GraphKind.TEXT
        if size >= share and number > 1 and whole:
            yield graphs[start:end]
            start, size, number = end, 0, number - 1
    yield graphs[start:]


def _read(
    scratch: Path,
    graphs: Sequence[_Graph],
    part: int,
    base: str,
    inferred: Path | None,
    *,
    describing: bool,
    counting: bool,
    apart: bool,
) -> _Found:
    found = _Found(Buckets(scratch, part), Survey(scratch, base, part))
    records = RecordGraphs(found.buckets.take_record)
    with GraphReader(scratch) as reader:
        for graph in graphs:
            kind = None if graph.default else str(graph.kind)
            records.begin(graph.kind)
            for lines in reader.blocks(graph.quads):
                if describing:
                    found.buckets.take(graph.kind, lines)
                if counting:
                    found.survey.note(kind, lines, public=graph.public)
                records.add(lines)
        records.begin(None)
    if inferred:
        with gzip.open(inferred) as file:
            while block := file.read(_BLOCK_BYTES):
                lines = (block + file.readline()).splitlines(keepends=True)
                found.survey.note(INFERRED, lines, public=True)
    if apart:
        found.buckets.write_out()
        found.survey.write_out()
    return found
