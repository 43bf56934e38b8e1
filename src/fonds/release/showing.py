"""Which documents are other ones than in the release before: not only those of things that changed, but those that show it.

The document of a thing shows what is stated of it and in its own graphs, what is stated elsewhere and has it as a value, how that
which it names is called, and where it occurs. So it is found from what changed, and takes as long as there are changes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from pathlib import Path

from fonds.descriptions import Descriptions
from fonds.identifiers import IriSpace, Kind
from fonds.lines import split_quad
from fonds.mapping.description import GraphKind
from fonds.pack import Pack
from fonds.release.activities import thing_of_graph
from fonds.release.comparing import Statement, lines_at, place_of, statements
from fonds.release.folder import Graph, Release, graphs_of, side_by_side
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
    found: set[str] = set()
    subjects: set[bytes] = set()
    dated: set[bytes] = set()
    occurring: set[str] = set()
    left = _MOST_STATEMENTS
    with closing(Pack(before.places)) as places, GraphReader(before.dumps) as then:
        for was, is_ in _changed(before, fragments):
            graph = is_ or was
            assert graph is not None
            old = lines_at(then, place_of(places, was.name) if was else None)
            new: Iterable[bytes] = fragments.lines(is_) if is_ else ()
            if graph.kind in _OF_RECORDS:
                lines = [list(old), list(new)]
                occurring.update(_values(each) for some in lines for each in some)
                old, new = iter(lines[0]), lines[1]
            whole, _ = thing_of_graph(graph.name, iris)
            for statement in statements(old, iter(new)):
                left -= 1
                if left < 0:
                    return None
                found.add(iris.base + whole)
                _note(statement, graph.kind, found, subjects, dated)
    said_again: set[str] = set()
    left = min(left, _MOST_COMPARED)
    with closing(_described(before)) as earlier:
        for name in subjects:
            iri = name[1:-1].decode()
            names, before_it = described.names(iri), earlier.names(iri)
            is_renamed = {split_quad(each)[1] for each in names} != {
                split_quad(each)[1] for each in before_it
            }
            if is_renamed:
                found.update(_showing(iri, described, iris))
            elif names != before_it:
                # Another graph says the same: that stands in a document, unless its own graphs say it already.
                said_again.update(_showing(iri, described, iris))
            if is_renamed or name in dated:
                # Units and works list what belongs to them, by name and day.
                page = described.of(iri, named=False)
                found.update(each for each in map(_values, page.own if page else ()) if _lists(each, iris))
        for iri in said_again - found:
            left -= 1
            if left < 0 or _quads(iri, described) != _quads(iri, earlier):
                found.add(iri)
        occurring.discard("")
        for iri in occurring - found:
            if described.occurrences(iri) != earlier.occurrences(iri):
                found.add(iri)
    found.update(f"{iris.base}id/{each.thing}" for each in _reasons_that_differ(before, folder))
    return found


def pages_otherwise(folder: Path, before: Release | None) -> set[str]:
    """Return the addresses of a publication's own pages that say something else than in the release before, relative to the root.

    Args:
        folder: Where the release is made.
        before: The release that was issued before; None: all of them do.
    """
    then = {each.address: each for each in read_index(before.site).pages} if before else {}
    return {each.address for each in read_index(folder / SITE).pages if then.get(each.address) != each}


def _changed(before: Release, fragments: Fragments) -> Iterator[tuple[Graph | None, Fragment | None]]:
    """Yield the graphs that are other ones and stand in documents: all but what somebody is said to have said."""
    for was, is_ in side_by_side(graphs_of(before), fragments):
        graph = is_ or was
        assert graph is not None
        if graph.kind != GraphKind.SAID and not (was and is_ and was.sha256 == is_.sha256):
            yield was, is_


def _note(statement: Statement, kind: str, found: set[str], subjects: set[bytes], dated: set[bytes]) -> None:
    subject, _, rest = statement.line.split(b" ", 2)
    # What the register says of what was given up stands in no document but that of what took its place.
    if kind != GraphKind.REGISTER:
        found.add(subject[1:-1].decode())
        subjects.add(subject)
    if value := _value(rest):
        found.add(value)
    elif _DAY.search(rest):
        dated.add(subject)


def _quads(iri: str, described: Descriptions) -> list[bytes]:
    page = described.of(iri)
    return page.quads if page else []


def _lists(iri: str, iris: IriSpace) -> bool:
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
    number, pages = 1, 1
    while number <= pages:
        page = described.of(iri, number, named=False)
        if page is None:
            return
        pages = page.pages
        for line in page.links:
            yield line.split(b" ", 1)[0][1:-1].decode()
            if graph := _graph(line):
                yield iris.base + thing_of_graph(graph, iris)[0]
        number += 1


def _graph(line: bytes) -> str:
    at = line.rfind(b" <")
    return line[at + 2 : -4].decode() if line.endswith(b"> .\n") and at > 0 else ""


def _described(release: Release) -> Descriptions:
    manifest = release.manifest
    packs = (release.descriptions, release.names, release.dataset)
    return Descriptions(*packs, IriSpace(manifest.base), graphs=manifest.counts.graphs)


def _reasons_that_differ(before: Release, folder: Path) -> Collection[Reason]:
    then, now = (set(reasons_in(each)) for each in (before.folder, folder))
    return then ^ now
