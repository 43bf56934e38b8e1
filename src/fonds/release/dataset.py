"""Any RDF as a dataset: files as they are, with identifiers for their blank nodes and nothing else changed."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

import msgspec
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, serialize

from fonds.errors import BuildError, Fault
from fonds.formats import READABLE_ENDINGS
from fonds.lines import DEFAULT, split_quad
from fonds.mapping.description import GraphKind
from fonds.progress import Progress, silent
from fonds.release import loading
from fonds.release.beacon import BEACON, write_beacons
from fonds.release.build import (
    Plan,
    complete,
    faults_of_the_disk,
    fill,
    find_same,
    finish,
    helpers_for,
    write_described,
)
from fonds.release.census import Census, take_census
from fonds.release.folder import Counts, Release
from fonds.release.fragments import Fragments, GraphSorter
from fonds.release.rdf_files import WITH_GRAPHS, Unreadable, format_of, is_rdf, quads_of
from fonds.release.rereading import Rereading, reread
from fonds.release.skolem import BlankStatements, labels_in
from fonds.release.staging import staging
from fonds.release.void import Contents, void_of_dataset
from fonds.release.workers import workers
from fonds.settings import Settings
from fonds.vocabulary import DCAT, DCTERMS, OWL, RDF, RDFS, VOID

_SUBJECTS = "subjects"
_EXAMPLES = 3
"""Things of a dataset from which a crawler can begin; of its own, where it has any, else of others."""


def build_dataset(
    paths: Sequence[Path],
    into: Path,
    *,
    settings: Settings,
    base: str,
    union: bool = False,
    day: datetime.datetime | None = None,
    force: bool = False,
    progress: Progress = silent,
) -> Release:
    """Build a release of RDF files and make it the current one; if nothing has changed, return the one that is current.

    The default graph is the files' default graph, their named graphs are named graphs. Blank nodes become
    ``{base}.well-known/genid/…``, the same for the same content whatever their labels; those of two files are different.
    Relative IRIs are resolved against the base.

    Args:
        paths: Files, or folders that are searched for files with the endings of RDF.
        into: The folder of releases.
        settings: Title and limits; a title that is not set is taken from the data, else from the files' name.
        base: Under which new identifiers stand; ends with a slash.
        union: Whether all named graphs stand in the default graph as well.
        day: The moment of issue; None: now.
        force: Make a new release although nothing has changed.
        progress: Told how far the build is.

    Raises:
        BuildError: Files that cannot be read as RDF, all of them; another build at work; a disk that is full or broken.
    """
    files = _files(paths)
    moment = (day or datetime.datetime.now(datetime.UTC)).astimezone(datetime.UTC)
    with faults_of_the_disk(into), staging(into) as work:
        folder, scratch = work / "release", work / "scratch"
        for each in (folder, scratch, folder / "dumps"):
            each.mkdir()
        fragments = _sorted_fragments(files, scratch, base, union=union, progress=progress)
        with workers(helpers_for(fragments)) as helpers:
            again = reread(fragments, None, base, helpers)
            counts, title, census, examples = _fill_store(
                folder / "store",
                fragments,
                again,
                settings,
                name=_name_of(paths),
                day=f"{moment:%Y-%m-%d}",
                progress=progress,
            )
            plan = Plan(
                kind="dataset",
                settings=_titled(settings, title or _name_of(paths)),
                base=base,
                issued=moment,
                union=union,
            )
            if not force and (same := find_same(into, plan, fragments, folder)):
                return same
            # Not before: they carry the day, by which a build that changes nothing would not be known for one.
            if (scratch / BEACON).exists():
                (scratch / BEACON).rename(folder / BEACON)
            fragments.close()
            parts = again.buckets(fragments, [])
            describe = partial(write_described, folder, fragments, parts, plan, helpers, progress)
            complete(folder, fragments, counts, describe, progress, by_kind=False)
        meta = void_of_dataset(plan.settings, base, census, Contents(0, examples), union=union)
        with (scratch / _SUBJECTS).open(encoding="utf-8", newline="\n") as subjects:
            things = (line.removesuffix("\n") for line in subjects)
            return finish(folder, into, plan, fragments, counts, meta.triples, things, progress)


def _files(paths: Sequence[Path]) -> list[Path]:
    faults = [fault for path in paths if (fault := _fault_of_path(path))]
    if faults:
        raise BuildError(faults)
    return [file for path in paths for file in (_files_within(path) if path.is_dir() else [path])]


def _fault_of_path(path: Path) -> Fault | None:
    endings = " ".join(f".{each}" for each in READABLE_ENDINGS)
    if not path.exists():
        return Fault(str(path), 0, 0, "no such file or folder")
    if path.is_dir():
        if not _files_within(path):
            return Fault(
                str(path), 0, 0, f"no RDF in this folder; expected files that end with {endings}, also .gz"
            )
    elif format_of(path) is None:
        return Fault(
            str(path), 0, 0, f"the ending is none of RDF; expected {endings}, also with .gz behind it"
        )
    return None


def _files_within(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and format_of(path) and is_rdf(path)]


def _sorted_fragments(
    files: Sequence[Path], scratch: Path, base: str, *, union: bool, progress: Progress
) -> Fragments:
    """Read every file and write each graph once, sorted.

    Raises:
        BuildError: The first fault of each faulty file.
    """
    sorter, blank = GraphSorter(scratch), BlankStatements()
    faults: list[Fault] = []
    number = 0
    for scope, path in enumerate(files):
        try:
            for batch in quads_of(path, base):
                number += len(batch)
                _take(batch, scope, sorter, blank, named=format_of(path) in WITH_GRAPHS)
                progress("reading", number, None)
        except Unreadable as error:
            faults.append(error.fault)
    if faults:
        raise BuildError(faults)
    _add_lines(sorter, blank.skolemised(f"{base}.well-known/genid/"), named=True)
    progress("sorting", number, number)
    fragments = Fragments(scratch)
    for name, lines in sorter.graphs():
        fragments.add(name, GraphKind.DATA, lines, public=union or name == DEFAULT, digested=True)
    sorter.clear()
    return fragments


def _take(batch: list[Quad], scope: int, sorter: GraphSorter, blank: BlankStatements, *, named: bool) -> None:
    text = serialize(batch, format=RdfFormat.N_QUADS) or b""
    lines = text.splitlines(keepends=True)
    if b"_:" in text:
        clean = []
        for line in lines:
            if b"_:" in line and labels_in(line):
                blank.add(scope, line)
            else:
                clean.append(line)
        lines = clean
    _add_lines(sorter, lines, named=named)


def _add_lines(sorter: GraphSorter, lines: Iterable[bytes], *, named: bool) -> None:
    if not named:
        sorter.add(DEFAULT, lines)
        return
    graphs: dict[str, list[bytes]] = {}
    for line in lines:
        graph, triple = split_quad(line)
        graphs.setdefault(graph, []).append(triple)
    for graph, triples in graphs.items():
        sorter.add(graph, triples)


def _fill_store(
    path: Path,
    fragments: Fragments,
    again: Rereading,
    settings: Settings,
    *,
    name: str,
    day: str,
    progress: Progress,
) -> tuple[Counts, str | None, Census, list[str]]:
    """Load the store and count it; return the counts, the title that the data give themselves, the census and some examples."""
    store = Store(str(path))
    public = fill(store, fragments, progress)
    title = _title_within(store, settings.languages)
    progress("counting", 0, None)
    survey = again.survey()
    census = take_census(store, survey)
    write_beacons(fragments.folder, survey.matches(), _titled(settings, title or name), again.base, day)
    examples: list[str] = []
    with (fragments.folder / _SUBJECTS).open("wb") as file:
        for subject in survey.subjects(public=False):
            file.write(subject[1:-1] + b"\n")
            if len(examples) < _EXAMPLES and subject.startswith(f"<{again.base}".encode()):
                examples.append(subject[1:-1].decode())
    survey.clear()
    loading.close(store, path)
    del store
    named = [each for each in fragments if each.name != DEFAULT]
    quads = sum(each.triples for each in named)
    default = fragments.by_name[DEFAULT].triples if DEFAULT in fragments.by_name else 0
    return (
        Counts(public, 0, quads + default, len(named), 0),
        title,
        census,
        examples or _first_things(fragments),
    )


def _first_things(fragments: Fragments) -> list[str]:
    """Return the first subjects of a dataset, whosever they are."""
    with (fragments.folder / _SUBJECTS).open(encoding="utf-8", newline="\n") as subjects:
        return [line.removesuffix("\n") for line in islice(subjects, _EXAMPLES)]


def _title_within(store: Store, languages: Sequence[str]) -> str | None:
    """Return the title of the dataset or ontology that the data describe."""
    for kind in (VOID.Dataset, DCAT.Dataset, OWL.Ontology):
        subjects = (quad.subject for quad in store.quads_for_pattern(None, RDF.type, kind))
        for subject in sorted({each for each in islice(subjects, 1000) if isinstance(each, NamedNode)}):
            for predicate in (DCTERMS.title, RDFS.label):
                titles = [quad.object for quad in store.quads_for_pattern(subject, predicate, None)]
                words = [each for each in titles if isinstance(each, Literal)]
                if words:
                    return min(words, key=lambda each: _preference(each, languages)).value
    return None


def _preference(words: Literal, languages: Sequence[str]) -> tuple[int, str]:
    order = [*languages, None]
    return (order.index(words.language) if words.language in order else len(order), words.value)


def _name_of(paths: Sequence[Path]) -> str:
    """Return a title for files that give themselves none: their name without endings."""
    path = paths[0].resolve()
    name = path.name if path.is_dir() else path.name.removesuffix(".gz").rpartition(".")[0]
    return name if len(paths) == 1 else f"{name} and {len(paths) - 1} more"


def _titled(settings: Settings, title: str) -> Settings:
    return settings if settings.title != Settings().title else msgspec.structs.replace(settings, title=title)
