"""Which documents are other ones than in the release before: not only those of things that changed, but those that show it.

The document of a thing shows what is stated of it and in its own graphs, what is stated elsewhere and has it as a value, how that
which it names is called, and where it occurs. So it is found from what changed, and takes as long as there are changes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from fonds.descriptions import Descriptions
from fonds.identifiers import IriSpace, Kind
from fonds.lines import DEFAULT, split_quad
from fonds.mapping.description import GraphKind
from fonds.pack import Pack
from fonds.release.activities import changed_among, thing_of_graph
from fonds.release.comparing import lines_at, place_of, statements
from fonds.release.described import PART_OF, descriptions_of
from fonds.release.folder import Graph, Release
from fonds.release.fragments import Fragment, Fragments, GraphReader
from fonds.release.history import Reason, reasons_in
from fonds.release.presentation.files import FOLDER as SITE
from fonds.release.presentation.files import read_index

_MOST_STATEMENTS = 500_000
"""Where more statements differ than this, every document counts as another one."""
_MOST_COMPARED = 2_000
"""So many documents are compared where it cannot be told otherwise whether they are other ones; more count as such."""
_DAY = re.compile(rb'"\^\^<[^<>]*(?:#(?:date|gYear)|edtf)')
_OF_RECORDS = frozenset({GraphKind.RECORD, GraphKind.CURATION, GraphKind.STATEMENTS, GraphKind.TEXT})


def shown_otherwise(
    folder: Path, before: Release, fragments: Fragments, described: Descriptions
) -> set[str] | None:
    """Return the IRIs of things whose documents are other ones than in the release before, without those that are gone.

    Memory holds what changed.

    Args:
        folder: Where the release is made.
        before: The release that was issued before, under the same base.
        fragments: The graphs of the release.
        described: What is stated of each thing now.

    Returns:
        Things that have graphs of their own, and others; None where so much changed that every document is another one.

    Raises:
        ReleaseError: The release before is damaged.
    """
    iris = IriSpace(before.manifest.base)
    differing = _differing(before, fragments, iris)
    if differing is None:
        return None
    with closing(descriptions_of(before)) as earlier:
        found = _shown(differing, earlier, described, iris)
    found.update(f"{iris.base}id/{each.thing}" for each in _reasons_that_differ(before, folder))
    return found


@dataclass(frozen=True, slots=True)
class _Differing:
    """What differs from the release before.

    Attributes:
        things: What something else is stated of, or in the graphs of, or what is a value of it.
        subjects: What something else is stated of, as N-Triples write it.
        dated: Those of which a day is among it.
        wholes: What something is a part of now, or was.
        moved: What is a part of something else.
        occurring: What occurs in records of which something else is stated.
    """

    things: set[str] = field(default_factory=set)
    subjects: set[bytes] = field(default_factory=set)
    dated: set[bytes] = field(default_factory=set)
    wholes: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)
    occurring: set[str] = field(default_factory=set)

    def note(self, line: bytes, kind: str) -> None:
        """Note a statement that is new, or gone."""
        subject, predicate, rest = line.split(b" ", 2)
        # What the register says of what was given up stands in no document but that of what took its place.
        if kind != GraphKind.REGISTER:
            self.things.add(subject[1:-1].decode())
            self.subjects.add(subject)
        if value := _value(rest):
            self.things.add(value)
            if predicate in PART_OF:
                self.wholes.add(value)
                self.moved.add(subject[1:-1].decode())
        elif _DAY.search(rest):
            self.dated.add(subject)


def _differing(before: Release, fragments: Fragments, iris: IriSpace) -> _Differing | None:
    """Return what differs from the release before; None if it is too much."""
    found, left = _Differing(), _MOST_STATEMENTS
    with closing(Pack(before.places)) as places, GraphReader(before.dumps) as then:
        for was, is_ in changed_among(before, fragments, _is_shown):
            graph = is_ or was
            assert graph is not None
            old: Iterable[bytes] = lines_at(then, place_of(places, was.name) if was else None)
            new: Iterable[bytes] = fragments.lines(is_) if is_ else ()
            if graph.kind in _OF_RECORDS:
                old, new = list(old), list(new)
                found.occurring.update(filter(None, map(_values, chain(old, new))))
            whole, _ = thing_of_graph(graph.name, iris)
            for statement in statements(iter(old), iter(new)):
                left -= 1
                if left < 0:
                    return None
                found.things.add(iris.base + whole)
                found.note(statement.line, graph.kind)
    return found


def _shown(differing: _Differing, earlier: Descriptions, described: Descriptions, iris: IriSpace) -> set[str]:
    """Return what shows something that differs."""
    found, moved = differing.things, differing.moved
    said_again: set[str] = set()
    for name in differing.subjects:
        iri = name[1:-1].decode()
        then, now = earlier.names(iri), described.names(iri)
        is_renamed = {split_quad(each)[1] for each in then} != {split_quad(each)[1] for each in now}
        if is_renamed:
            found.update(_showing(iri, described, iris))
            moved.add(iri)
        elif then != now:
            # Another graph says the same: that stands in a document, unless its own graphs say it already.
            said_again.update(_showing(iri, described, iris))
        if is_renamed or name in differing.dated:
            # What it names tells of it by its name; units and works also by its day.
            page = described.of(iri, named=False)
            values = set(map(_values, page.own if page else ()))
            found.update(values if is_renamed else (each for each in values if _is_whole(each, iris)))
    for each in (earlier, described):
        # A unit says how much there is in it and below, and a record in which units it lies.
        found.update(_around(differing.wholes, each, iris))
        found.update(_within(moved, each, iris))
    left = _MOST_COMPARED
    for iri in said_again - found:
        left -= 1
        if left < 0 or _quads(iri, described) != _quads(iri, earlier):
            found.add(iri)
    for iri in differing.occurring - found:
        if described.occurrences(iri) != earlier.occurrences(iri):
            found.add(iri)
    return found


def pages_otherwise(folder: Path, before: Release | None) -> set[str]:
    """Return the addresses of a publication's own pages that say something else than in the release before, relative to the root.

    Args:
        folder: Where the release is made.
        before: The release that was issued before; None: all of them do.
    """
    then = {each.address: each for each in read_index(before.site).pages} if before else {}
    return {each.address for each in read_index(folder / SITE).pages if then.get(each.address) != each}


def _is_shown(graph: Graph | Fragment) -> bool:
    """Tell whether what a graph states stands in documents: all but what somebody is said to have said."""
    return graph.kind != GraphKind.SAID


def _around(units: Collection[str], described: Descriptions, iris: IriSpace) -> set[str]:
    """Return the units around some units of the archive, at any height."""
    found: set[str] = set()
    waiting = [each for each in units if _is_whole(each, iris)]
    while waiting:
        page = described.of(waiting.pop(), named=False)
        lines = (line.split(b" ", 2) for line in (page.own if page else ()))
        above = {_value(rest) for _, predicate, rest in lines if predicate in PART_OF}
        waiting += above - found
        found |= above
    found.discard("")
    return found


def _within(units: Collection[str], described: Descriptions, iris: IriSpace) -> set[str]:
    """Return the records in some units of the archive, at any depth."""
    found: set[str] = set()
    seen = {each for each in units if _is_whole(each, iris)}
    waiting = list(seen)
    while waiting:
        for line in described.links_to(waiting.pop()):
            name, predicate, _ = line.split(b" ", 2)
            if predicate not in PART_OF:
                continue
            subject = name[1:-1].decode()
            match (iris.path(subject) or "").split("/"):
                case ["id", Kind.RECORD, key, *_]:
                    found.add(iris.record(key).value)
                case ["id", Kind.HOLDING, _] if subject not in seen:
                    seen.add(subject)
                    waiting.append(subject)
                case _:
                    pass
    return found


def _quads(iri: str, described: Descriptions) -> list[bytes]:
    page = described.of(iri)
    return page.quads if page else []


def _is_whole(iri: str, iris: IriSpace) -> bool:
    match (iris.path(iri) or "").split("/"):
        case ["id", kind, _]:
            return kind in (Kind.HOLDING, Kind.WORK)
        case _:
            return False


def _values(line: bytes) -> str:
    return _value(line.split(b" ", 2)[2])


def _value(rest: bytes) -> str:
    """Return the IRI that follows in a line of N-Quads; empty for a literal."""
    return rest[1 : rest.index(b"> ")].decode() if rest[:1] == b"<" and rest[:2] != b"<<" else ""


def _showing(iri: str, described: Descriptions, iris: IriSpace) -> Iterator[str]:
    """Yield the things whose documents say how another one is called: what points to it, and what that is a part of."""
    for line in described.links_to(iri):
        yield line.split(b" ", 1)[0][1:-1].decode()
        graph, _ = split_quad(line)
        if graph != DEFAULT:
            yield iris.base + thing_of_graph(graph, iris)[0]


def _reasons_that_differ(before: Release, folder: Path) -> Collection[Reason]:
    then, now = (set(reasons_in(each)) for each in (before.folder, folder))
    return then ^ now
