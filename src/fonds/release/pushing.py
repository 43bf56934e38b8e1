"""Writes a release into a store elsewhere, so that nobody ever sees half of it.

Named graphs keep their names, so that queries find the same as in the release's own store; two generations cannot stand side by
side under one name, and graphs of a generation that is still being loaded would be seen by every ``GRAPH ?g``. So the store is
written in place, behind a gate: a graph of its own says which release the store holds, and servers ask nothing of a store that
does not hold theirs (:mod:`fonds.store.asking_remote`). It is taken back before the first byte is written, and set again when
all was counted and samples were compared. Only what differs from the release that is there is written, so that the gate is
closed for a short time. Whoever can wait for no moment has two stores and moves the server from one to the other.

All that is written may be written twice: a push that was stopped is simply run again. Of two pushes at once one is refused
(:mod:`fonds.release.claiming`).
"""

from __future__ import annotations

import gzip
import random
import re
import struct
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import pyoxigraph
from pyoxigraph import RdfFormat

from fonds.errors import FondsError, ReleaseError
from fonds.lines import DEFAULT, split_quad
from fonds.release.claiming import Claim
from fonds.release.dumps import INFERRED, PUBLIC
from fonds.release.folder import DATASET, MANIFEST, Release, content_of, graphs_of, open_release
from fonds.store.asking_remote import (
    CONTENT,
    GATE_SECONDS,
    HOLDS,
    LOADING,
    Answered,
    claims_under,
    read_state,
)
from fonds.store.remote_client import RemoteClient
from fonds.store.remote_place import Place

Progress = Callable[[str, int, int | None], None]

_PIECE_BYTES = 4 * 1024 * 1024
"""Of N-Triples that are sent at once."""
_UPDATE_LINES = 1_000
"""Triples of one ``INSERT DATA``: Virtuoso compiles an update, and takes no more than ten thousand lines."""
_SECONDS = 600.0
"""That one request to write may take."""
_COUNTED = 100
"""Graphs that are counted by one query."""
_SAMPLES = 12
"""Graphs that are read back and compared."""
_SAMPLE_TRIPLES = 5_000
_LARGE_SAMPLE_TRIPLES = 100_000
"""Of one graph more, by which a store is found that cuts its answers without a word."""


_GEOMETRIES = frozenset(
    {
        "http://www.opengis.net/ont/geosparql#wktLiteral",
        "http://www.openlinksw.com/schemas/virtrdf#Geometry",
    }
)
"""Virtuoso keeps the former as the latter, and numbers of few digits in it as floats of four bytes: 4.84 as 4.8400001525879."""
_NUMBER = re.compile(r"-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")


class PushError(FondsError):
    """A release was not written, or not as it is; the store holds no release until a push succeeds."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push has done.

    Attributes:
        written: Named graphs that were written.
        removed: Named graphs that were removed.
        kept: Named graphs that were there already.
        default: Whether the default graph was written.
        triples: In the store: of the default graph and the named ones.
        sampled: Graphs that were compared triple by triple.
    """

    written: int
    removed: int
    kept: int
    default: bool
    triples: int
    sampled: int


class Writer(Protocol):
    """A way to write graphs; an empty name stands for the default graph."""

    def replace(self, graph: str, pieces: Iterable[bytes]) -> None:
        """Put triples into a graph, in place of all that it holds.

        Args:
            graph: Its IRI.
            pieces: Lines of N-Triples, whole ones.

        Raises:
            StoreError: That failed; the graph may hold a part.
        """
        ...

    def remove(self, graph: str) -> None:
        """Remove a graph, if it is there.

        Raises:
            StoreError: That failed.
        """
        ...


class GraphStore:
    """Writes by the SPARQL 1.1 Graph Store HTTP Protocol.

    Args:
        client: Asks the store.
        address: Of its graph store.
    """

    def __init__(self, client: RemoteClient, address: str) -> None:
        self._client = client
        self._address = address

    def replace(self, graph: str, pieces: Iterable[bytes]) -> None:
        """Put triples into a graph; see :meth:`Writer.replace`."""
        method = "PUT"
        for piece in pieces:
            # N-Triples are Turtle, which every graph store reads.
            self._send(method, graph, piece)
            method = "POST"
        if method == "PUT":
            self.remove(graph)

    def remove(self, graph: str) -> None:
        """Remove a graph; see :meth:`Writer.remove`."""
        self._send("DELETE", graph, None, 404)

    def _send(self, method: str, graph: str, body: bytes | None, *allowed: int) -> None:
        which = f"graph={quote(graph, safe='')}" if graph else "default"
        address = f"{self._address}{'&' if '?' in self._address else '?'}{which}"
        reply = self._client.send(method, address, body, "text/turtle;charset=utf-8", seconds=_SECONDS)
        self._client.require_done(reply, *allowed)


class Updates:
    """Writes by SPARQL 1.1 Update.

    Args:
        client: Asks the store.
        address: Of its update service.
    """

    def __init__(self, client: RemoteClient, address: str) -> None:
        self._client = client
        self._address = address

    def replace(self, graph: str, pieces: Iterable[bytes]) -> None:
        """Put triples into a graph; see :meth:`Writer.replace`."""
        self.remove(graph)
        for piece in pieces:
            # As bytes: a text would also be cut within a literal that has another separator of lines, such as U+2028.
            lines = iter(piece.splitlines(keepends=True))
            while some := b"".join(islice(lines, _UPDATE_LINES)).decode():
                data = f"GRAPH <{graph}> {{\n{some}}}" if graph else some
                self._client.update(self._address, f"INSERT DATA {{\n{data}}}", seconds=_SECONDS)

    def remove(self, graph: str) -> None:
        """Remove a graph; see :meth:`Writer.remove`."""
        which = f"GRAPH <{graph}>" if graph else "DEFAULT"
        self._client.update(self._address, f"CLEAR SILENT {which}", seconds=_SECONDS)


def writer_of(client: RemoteClient, *, graphs: str, update: str) -> Writer:
    """Return what writes into a store.

    Args:
        client: Asks it.
        graphs: Address of its graph store; empty: it has none.
        update: Address of its update service; empty: it has none.

    Raises:
        PushError: It has neither.
    """
    if graphs:
        return GraphStore(client, graphs)
    if update:
        return Updates(client, update)
    raise PushError(
        "Nobody said where the store is written to: --graphs with the address of its Graph Store Protocol, or --update with "
        "that of its SPARQL Update (or [remote] in fonds.toml)"
    )


# ------------------------------------------------------------------------------------------------ pushing


def push(
    release: Release,
    place: Place,
    writer: Writer,
    *,
    fresh: bool,
    progress: Progress,
    take_over: bool = False,
) -> Pushed:
    """Write a release into a store, unless it is there already, and see to it that it is there as it is.

    Args:
        release: What is written.
        place: Where to; its digest is that of the release.
        writer: How.
        fresh: Write all of it, whatever the store says that it holds.
        progress: Told how far it is.
        take_over: Whether a push that seems to be at work was killed.

    Raises:
        ClaimError: Another push writes into the store; nothing was written.
        PushError: What is there afterwards is not the release.
        StoreError: The store does not answer, or takes no writing.
    """
    return _Push(release, place, writer, progress, take_over=take_over).run(fresh=fresh)


@dataclass(frozen=True, slots=True)
class _Work:
    """What has to be done that a store holds a release.

    Attributes:
        changed: Named graphs to write.
        surplus: Named graphs to remove.
        default: Whether the default graph is to be written.
        wait: Whether servers may still believe that the store holds a release.
        differs: Whether anything is to be done at all.
    """

    changed: set[str]
    surplus: Sequence[str]
    default: bool
    wait: bool
    differs: bool


class _Push:
    def __init__(
        self,
        release: Release,
        place: Place,
        writer: Writer,
        progress: Progress,
        *,
        take_over: bool = False,
    ) -> None:
        self._release = release
        self._place = place
        self._writer = writer
        self._progress = progress
        self._questions = _Counting(place)
        self._take_over = take_over
        self._graphs = {each.name: each for each in graphs_of(release) if each.name != DEFAULT}

    def run(self, *, fresh: bool) -> Pushed:
        """Do it; see :func:`push`."""
        if self._place.state in self._graphs:
            raise PushError(
                f"<{self._place.state}>: a graph of this name is in the release, and is what says which release a store holds"
            )
        work = self._work(fresh=fresh)
        if work.differs:
            work, sampled = self._put_right(fresh=fresh)
        else:
            sampled = self._see_that_it_is_right(work)
        counts = self._release.manifest.counts
        triples = counts.public + counts.inferred + sum(each.triples for each in self._graphs.values())
        kept = len(self._graphs) - len(work.changed)
        return Pushed(len(work.changed), len(work.surplus), kept, work.default, triples, sampled)

    def _work(self, *, fresh: bool) -> _Work:
        held, loading = read_state(self._questions.client, self._place, seconds=_SECONDS)
        before = None if loading or fresh else _release_with(self._release, held)
        known = {each.name: each.sha256 for each in graphs_of(before)} if before else {}
        changed = {each.name for each in self._graphs.values() if known.get(each.name) != each.sha256}
        surplus = [each for each in self._there(known) if each not in self._graphs]
        default = before is None or _default_of(before) != _default_of(self._release)
        differs = bool(changed or surplus or default or held != self._place.content)
        return _Work(changed, surplus, default, bool(held or loading), differs)

    def _put_right(self, *, fresh: bool) -> tuple[_Work, int]:
        """Write what differs; return what that was, and how many graphs were compared."""
        with self._claimed() as claim:
            # Another push may have ended since it was last asked.
            work = self._work(fresh=fresh)
            self._close_gate(wait=work.wait)
            for each in self._counted("removing graphs", work.surplus):
                claim.renew()
                self._writer.remove(each)
            self._write_named(work.changed, claim)
            if work.default:
                self._write_default(claim)
            sampled = self._verify(work.changed, claim.renew)
            claim.require()
            self._write_state(HOLDS)
            return work, sampled

    def _see_that_it_is_right(self, work: _Work) -> int:
        """Compare what is said to be there; return how many graphs were compared."""
        try:
            return self._verify(work.changed)
        except PushError:
            with self._claimed():
                self._write_state(LOADING)
            raise

    def _claimed(self) -> Claim:
        return Claim(self._questions.client, self._place, self._writer, take_over=self._take_over)

    def _there(self, known: Mapping[str, str]) -> list[str]:
        """Return the named graphs in the store that are of a release for this base, or of the one that was there."""
        not_ours = {self._place.state, self._place.access.default_graph}
        found = self._questions.named_graphs(self._release.manifest.base)
        claims = {each for each in found if each.startswith(claims_under(self._place.state))}
        return sorted({*found, *known} - not_ours - claims - {DEFAULT})

    def _close_gate(self, *, wait: bool) -> None:
        """Take back that the store holds a release, and wait until every server knows."""
        self._write_state(LOADING)
        if wait:
            self._progress("closing the store to queries", 0, None)
            time.sleep(GATE_SECONDS + 0.1)

    def _write_state(self, property_: str) -> None:
        line = f"<{self._place.dataset}> <{property_}> <{CONTENT}{self._place.content}> .\n"
        self._writer.replace(self._place.state, [line.encode()])

    def _counted(self, stage: str, what: Sequence[str]) -> Iterator[str]:
        for number, each in enumerate(what, start=1):
            yield each
            self._progress(stage, number, len(what))

    def _write_named(self, wanted: set[str], claim: Claim) -> None:
        done = 0
        with gzip.open(self._release.dumps / DATASET) as file:
            for name, quads in groupby(map(split_quad, file), key=lambda quad: quad[0]):
                if name in wanted:
                    self._writer.replace(name, claim.renewing(_pieces(line for _, line in quads)))
                    done += 1
                    self._progress("writing graphs", done, len(wanted))
        if done != len(wanted):
            raise PushError(
                f"{self._release.dumps / DATASET}: {done} of {len(wanted)} graphs; fonds verify tells what is damaged"
            )

    def _write_default(self, claim: Claim) -> None:
        total = self._release.manifest.counts.public + self._release.manifest.counts.inferred
        sent = 0

        def told(pieces: Iterator[bytes]) -> Iterator[bytes]:
            nonlocal sent
            for piece in pieces:
                yield piece
                sent += piece.count(b"\n")
                self._progress("writing the default graph", min(sent, total), total)

        lines = (line for name in (PUBLIC, INFERRED) for line in _lines(self._release.dumps / name))
        self._writer.replace(self._place.access.default_graph, claim.renewing(told(_pieces(lines))))

    # ---------------------------------------------------------------------------------------- verifying

    def _verify(self, written: set[str], between: Callable[[], None] = lambda: None) -> int:
        """Count every graph and compare some of them; return how many.

        Args:
            written: Graphs that were written just now.
            between: Called again and again meanwhile.

        Raises:
            PushError: Something is missing, or too much.
        """
        names = sorted(self._graphs)
        for start in range(0, len(names), _COUNTED):
            some = names[start : start + _COUNTED]
            between()
            found = self._questions.triples_in(some)
            for name in some:
                if found.get(name, 0) != self._graphs[name].triples:
                    raise _differs(f"<{name}>", found.get(name, 0), self._graphs[name].triples)
            self._progress("counting graphs", min(start + _COUNTED, len(names)), len(names))
        counts = self._release.manifest.counts
        expected, in_default = counts.public + counts.inferred, self._questions.triples_in_default()
        if in_default != expected:
            raise _differs("the default graph", in_default, expected)
        samples = self._samples(written)
        self._compare(samples, between)
        return len(samples)

    def _samples(self, written: set[str]) -> set[str]:
        """Return the graphs that are read back: of those that were written, of all, and the largest that is not too large."""
        chance = random.Random(self._place.content)  # noqa: S311  nothing secret
        small = [each.name for each in self._graphs.values() if 0 < each.triples <= _SAMPLE_TRIPLES]
        fresh = [each for each in small if each in written]
        large = [each for each in self._graphs.values() if each.triples <= _LARGE_SAMPLE_TRIPLES]
        largest = {max(large, key=lambda each: (each.triples, each.name)).name} if large else set()
        return largest | {
            each for some in (fresh, small) for each in chance.sample(some, min(_SAMPLES, len(some)))
        }

    def _compare(self, samples: set[str], between: Callable[[], None]) -> None:
        with gzip.open(self._release.dumps / DATASET) as file:
            done = 0
            for name, quads in groupby(map(split_quad, file), key=lambda quad: quad[0]):
                if name not in samples:
                    continue
                expected = set(
                    pyoxigraph.parse(b"".join(line for _, line in quads), format=RdfFormat.N_TRIPLES)
                )
                between()
                found = self._questions.graph(name)
                if len(found) < len(expected):
                    raise PushError(
                        f"<{name}>: the store counts all of its {len(expected):,} triples and gives {len(found):,}; it cuts its "
                        "answers (Virtuoso: raise ResultSetMaxRows)"
                    )
                known = set(map(_as_compared, found))
                missing = {each.triple for each in expected if _as_compared(each.triple) not in known}
                if missing:
                    first = min(map(str, missing))
                    raise PushError(
                        f"<{name}>: {len(missing)} of {len(expected)} triples are not in the store as they are here, such as "
                        f"{first[:500]}"
                    )
                done += 1
                self._progress("comparing graphs", done, len(samples))


def _differs(what: str, found: int, expected: int) -> PushError:
    return PushError(
        f"{what}: the store has {found:,} triples, the release {expected:,}; push again with --fresh, and if it stays so, the "
        "store changes what it is given"
    )


class _Counting:
    """Questions on what a store holds, whether or not it holds the release."""

    def __init__(self, place: Place) -> None:
        self._default_graph = place.access.default_graph
        self.client = RemoteClient(place.access, patient=True)

    def named_graphs(self, base: str) -> set[str]:
        """Return the names of graphs that stand under a base.

        Raises:
            StoreError: The store does not say.
        """
        found: set[str] = set()
        while True:
            after = max(found, default="")
            beyond = f" FILTER(STR(?g) > {_quoted(after)})" if after else ""
            rows = self._rows(
                f"SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), {_quoted(base)})){beyond} }} "
                "ORDER BY STR(?g) LIMIT 5000"
            )
            some = {row["g"] for row in rows}
            found |= some
            if len(some) < 5000:
                return found

    def triples_in(self, names: Sequence[str]) -> dict[str, int]:
        """Return how many triples named graphs have; those that are not there are left out.

        Raises:
            StoreError: The store does not say.
        """
        blocks = " UNION ".join(
            f"{{ SELECT ({_quoted(name)} AS ?g) (COUNT(*) AS ?n) WHERE {{ GRAPH <{name}> {{ ?s ?p ?o }} }} }}"
            for name in names
        )
        return {row["g"]: int(row["n"]) for row in self._rows(f"SELECT ?g ?n WHERE {{ {blocks} }}")}

    def triples_in_default(self) -> int:
        """Return how many triples the default graph has.

        Raises:
            StoreError: The store does not say.
        """
        pattern = "{ ?s ?p ?o }"
        if self._default_graph:
            pattern = f"{{ GRAPH <{self._default_graph}> {pattern} }}"
        (row,) = self._rows(f"SELECT (COUNT(*) AS ?n) WHERE {pattern}")
        return int(row["n"])

    def graph(self, name: str) -> set[pyoxigraph.Triple]:
        """Return the triples of a named graph.

        Raises:
            StoreError: The store does not give them.
        """
        text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{name}> {{ ?s ?p ?o }} }}"
        answer = Answered(self.client.ask(text, graph=True, seconds=_SECONDS))
        try:
            found = set(answer.triples())
            answer.finish()
        finally:
            answer.close()
        return found

    def _rows(self, query: str) -> list[dict[str, str]]:
        rows = Answered(self.client.ask(query, graph=False, seconds=_SECONDS)).solutions()
        return [{name: term.value for name, term in row.items()} for row in rows]


def _quoted(text: str) -> str:
    return str(pyoxigraph.Literal(text))


def _release_with(release: Release, content: str) -> Release | None:
    """Return the release, of those beside another one, that has some content; None where there is none that can be read."""
    if content == content_of(release):
        return release
    for manifest in sorted(release.folder.parent.glob(f"*/{MANIFEST}")) if content else ():
        try:
            found = open_release(manifest.parent)
        except ReleaseError:
            continue
        if content_of(found) == content and found.manifest.base == release.manifest.base:
            return found
    return None


def _default_of(release: Release) -> list[str]:
    """Return what tells default graphs apart: the hashes of the dumps of which they are made."""
    files = release.manifest.files
    return [files[name].sha256 for each in (PUBLIC, INFERRED) if (name := f"dumps/{each}") in files]


def _lines(path: Path) -> Iterator[bytes]:
    if path.exists():
        with gzip.open(path) as file:
            yield from file


def _pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    held: list[bytes] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= _PIECE_BYTES:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def _as_compared(triple: pyoxigraph.Triple) -> object:
    """Return what a triple is compared by: one whose object is a geometry by the numbers in it, each as a float of four bytes."""
    it = triple.object
    if not isinstance(it, pyoxigraph.Literal) or it.datatype.value not in _GEOMETRIES:
        return triple
    shape = _NUMBER.sub(lambda found: _as_float(found[0]), it.value)
    return triple.subject, triple.predicate, " ".join(shape.split()).casefold()


def _as_float(number: str) -> str:
    try:
        return struct.pack("<f", float(number)).hex()
    except OverflowError:
        return number
