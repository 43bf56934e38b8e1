"""From descriptions to a release: one build, all or nothing, the same digest for the same input on any machine."""

from __future__ import annotations

import datetime
import importlib.metadata
import platform
import shutil
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import cast

import msgspec
import pyoxigraph
from pyoxigraph import DefaultGraph, Literal, NamedNode, QuerySolutions, RdfFormat, Store, Triple

from fonds.descriptions import Descriptions, Lists
from fonds.descriptions.reading import OCCURRENCES
from fonds.errors import BuildError, Fault, ReleaseError
from fonds.fingerprint import program
from fonds.identifiers import IriSpace
from fonds.lines import DEFAULT
from fonds.mapping.description import Description, GraphKind, NamedGraph
from fonds.parallel import cores
from fonds.progress import Progress, silent
from fonds.release import loading
from fonds.release.activities import goes_on, write_activities
from fonds.release.beacon import write_beacons
from fonds.release.catalogue import write_catalogue
from fonds.release.census import Census, Survey, settle, take_census
from fonds.release.changed import Documents, write_changed
from fonds.release.chronology import write_chronology
from fonds.release.cmif import write_cmif
from fonds.release.describing import Buckets, clear, write_descriptions, write_occurrences, write_places
from fonds.release.differences import changes_since
from fonds.release.dumps import INFERRED, graph_row, write_dumps, write_lines
from fonds.release.examples import examples
from fonds.release.folder import (
    DATASET,
    GRAPHS,
    MANIFEST,
    MANIFEST_HASH,
    SEARCH,
    Counts,
    FileEntry,
    Manifest,
    Release,
    files_of,
    hash_file,
    open_release,
)
from fonds.release.fragments import Fragments, GraphSorter, digest_of, sorted_lines
from fonds.release.gazetteer import write_gazetteer
from fonds.release.harvest import MOMENTS
from fonds.release.harvesting import served_from, write_harvest, write_moments
from fonds.release.history import CORRECTIONS
from fonds.release.inferring import carry_inferred
from fonds.release.keeping import latest
from fonds.release.listing import write_lists
from fonds.release.packed import Mapped, pack_description
from fonds.release.presentation.reading import Presented
from fonds.release.purging import PURGED, note_purged
from fonds.release.redescribing import redescribe
from fonds.release.remembering import write_history
from fonds.release.renewing import Renewed, most_changed, renew
from fonds.release.rereading import Rereading, reread
from fonds.release.showing import pages_otherwise, shown_otherwise
from fonds.release.sitemaps import kind_of, subjects_of, write_sitemaps
from fonds.release.staging import current_name, free_name, make_current, publish, staging
from fonds.release.streams import write_streams
from fonds.release.void import Contents, meta_graph
from fonds.release.workers import Workers, workers
from fonds.settings import Settings
from fonds.store.stored import read_stored
from fonds.texts import PublishedText, Texts, write_texts
from fonds.vocabulary import PREFIXES

Infer = Callable[[Fragments], Iterable[bytes]]
"""Gives what follows from the public graphs and stands in none: sorted lines of N-Triples without repeats."""

Heeded = Callable[[Collection[bytes]], Collection[bytes]]
"""Gives those properties in use, as N-Triples, on whose triples it depends what follows."""

_ONTOLOGY_ENDINGS = frozenset({".csv", ".ttl", ".jsonld", ".nt", ".rdf", ".owl", ".rq"})
_WRITTEN_FIRST = frozenset({"texts", "queries", "ontology", "site", "report.ttl", CORRECTIONS, PURGED})
"""Files that stand in a release before its store is loaded: by them an unchanged publication is known."""
_QUERY_ENDINGS = frozenset({".rq"})


def nothing_wrong(_: Store) -> None:
    """Find nothing."""


def nothing_told(_: Path) -> None:
    """Write nothing."""


def nothing_follows(_: Fragments) -> Iterable[bytes]:
    """Infer nothing."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a build is of, and when.

    Attributes:
        kind: ``publication`` or ``dataset``.
        settings: The publication's.
        base: Under which its identifiers stand; ends with a slash.
        issued: The moment of issue, UTC.
        union: For a dataset: whether named graphs stand in the default graph too.
        dated: Whether the moment was given, and is not the one when the build began.
    """

    kind: str
    settings: Settings
    base: str
    issued: datetime.datetime
    union: bool = False
    dated: bool = False


@dataclass(slots=True)
class _Gathered:
    """What the descriptions of a publication came to."""

    records: int = 0
    examples: dict[str, str] = field(default_factory=dict)
    meta: set[bytes] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)


def build_release(
    descriptions: Iterable[Description | Mapped],
    into: Path,
    *,
    settings: Settings,
    base: str,
    texts: Iterable[tuple[str, PublishedText]] = (),
    queries: Path | None = None,
    ontology: Sequence[Path] = (),
    presented: Presented | None = None,
    corrections: bytes = b"",
    purged: Collection[str] = (),
    apart: bool = False,
    report: Callable[[], bytes] = bytes,
    check: Callable[[Store], None] = nothing_wrong,
    infer: Infer = nothing_follows,
    heeded: Heeded | None = None,
    index: Callable[[Path], None] = nothing_told,
    tell: Callable[[Path], None] = nothing_told,
    kind: str = "publication",
    day: datetime.datetime | None = None,
    force: bool = False,
    progress: Progress = silent,
) -> Release:
    """Build a release and make it the current one; if nothing has changed, return the one that is current.

    A crash or a full disk at any moment leaves the release that was current before, and no half-made one to be seen.

    Args:
        descriptions: In any order, those that were packed already among them; read once. Graphs that are derived may come in
            parts, others may not.
        into: The folder of releases.
        settings: The publication's.
        base: Under which its identifiers stand; ends with a slash.
        texts: Record keys with their texts, in any order; read after the descriptions.
        queries: A folder of stored queries.
        ontology: Folders of tables of terms; a later one's file replaces an earlier one's of the same name.
        presented: How the publication shows itself; None: it has nothing of its own.
        purged: Things, as kind and key, of which no release may hold anything any more.
        apart: Take nothing from the release before, which may hold some of it, but what happened.
        corrections: Why things were changed, as :mod:`fonds.release.history` writes it; empty: nobody said so.
        report: Gives the validation report as Turtle; asked after the descriptions are read.
        check: Called with the finished store; raises BuildError if it may not be published.
        infer: What follows from the graphs: for the default graph only. Asked after the descriptions are read; the dataset's
            own description (the graph ``meta``) is made later and nothing follows from it.
        heeded: On which properties it depends what follows; None: on all.
        index: Writes the full-text index into a folder, which it makes; what it holds follows from the sources, as the graphs do.
        tell: Writes the report of the build into a folder; called when everything is checked. An unchanged publication is known
            without it: what it says follows from the sources, and the store's check.
        kind: What the release is.
        day: The moment of issue; None: now.
        force: Make a new release although nothing has changed.
        progress: Told how far the build is.

    Raises:
        BuildError: Graphs that cannot be published, all of them; another build at work; a disk that is full or broken.
    """
    plan = Plan(kind=kind, settings=settings, base=base, issued=_moment(day), dated=day is not None)
    with faults_of_the_disk(into), staging(into) as work:
        folder, scratch = work / "release", work / "scratch"
        for each in (folder, scratch, folder / "dumps"):
            each.mkdir()
        iris = IriSpace(base)
        fragments = Fragments(scratch, PREFIXES | iris.prefixes)
        gathered = _gather(descriptions, fragments, scratch, progress)
        if gathered.faults:
            raise BuildError(gathered.faults)
        write_texts(folder / "texts", texts)
        _copy_papers(folder, queries, ontology, report())
        presented = presented or Presented()
        presented.write(folder)
        if corrections:
            (folder / CORRECTIONS).write_bytes(corrections)
        note_purged(folder, purged)
        progress("inferring", 0, None)
        inferred, meta_name = folder / "dumps" / INFERRED, iris.graph("meta").value
        fragments.flush()
        before = None if apart else _alike(_before(into, progress), plan)
        since = changes_since(before, fragments, meta_name, most_changed(before)) if before else None
        if not (since and carry_inferred(since, folder, fragments, settings, meta_name, heeded)):
            write_lines(inferred, infer(fragments))
        if not force and (same := find_same(into, plan, fragments, folder)):
            return same
        index(folder / SEARCH)
        with workers(helpers_for(fragments)) as helpers:
            progress("loading", 0, None)
            store, renewed = renew(folder / "store", since, fragments, inferred) or (None, None)
            again = reread(fragments, inferred, base, helpers, describing=renewed is None)
            store, asserted, following = _filled(store, renewed, folder, fragments, plan, progress)
            counts, meta = _complete_store(
                store, (asserted, following), folder, fragments, again, gathered, plan, progress, check
            )
            del store
            fragments.close()
            describe = partial(
                _described, folder, renewed, fragments, again, meta_name, plan, helpers, progress
            )
            complete(folder, fragments, counts, describe, progress, by_kind=True)
        progress("listing", 0, None)
        with closing(_descriptions(folder, base, counts)) as described:
            things = subjects_of(fragments, base)
            write_lists(folder / "lists", things, described, base, settings.languages, scratch)
            with closing(Lists(folder / "lists")) as lists:
                write_chronology(folder / "chronology", lists, scratch)
                write_gazetteer(folder / "gazetteer", lists, described)
            _keep_promises(presented, folder, described, iris)
        tell(folder)
        things = subjects_of(fragments, base)
        return finish(folder, into, plan, fragments, counts, meta.triples, things, progress, purged)


_MANY_TRIPLES = 200_000
"""From so many on it is worth having other processes help."""


def helpers_for(fragments: Fragments) -> int:
    """Return how many processes help with a build."""
    triples = sum(each.triples for each in fragments.by_name.values())
    return cores() if triples >= _MANY_TRIPLES and cores() > 1 else 0


def _moment(day: datetime.datetime | None) -> datetime.datetime:
    return (day or datetime.datetime.now(datetime.UTC)).astimezone(datetime.UTC)


@contextmanager
def faults_of_the_disk(releases: Path) -> Iterator[None]:
    """Turn what the operating system or the engine's files refuse into a fault that says where."""
    try:
        yield
    except OSError as error:
        where = str(error.filename2 or error.filename or releases)
        what = error.strerror or str(error)
        message = f"the build stopped: {what}; the current release stays as it was"
        raise BuildError([Fault(where, 0, 0, message)]) from error


def _gather(
    descriptions: Iterable[Description | Mapped], fragments: Fragments, scratch: Path, progress: Progress
) -> _Gathered:
    """Write every graph of the descriptions; graphs that come in parts are put together at the end."""
    gathered = _Gathered()
    parts, kinds = GraphSorter(scratch), dict[str, GraphKind]()
    for number, each in enumerate(descriptions, start=1):
        if isinstance(each, Mapped):
            mapped = each
        else:
            mapped = pack_description(each, fragments.writer)
            progress("gathering", number, None)
        _note_subject(mapped, gathered)
        _take(mapped, fragments, gathered, parts, kinds)
    for name, merged in parts.graphs():
        fragments.add(name, kinds[name], merged, public=True, digested=False)
    parts.clear()
    return gathered


def _take(
    mapped: Mapped, fragments: Fragments, gathered: _Gathered, parts: GraphSorter, kinds: dict[str, GraphKind]
) -> None:
    """Take what is packed; a part of a graph that comes in parts is kept until all are there."""
    gathered.faults.extend(mapped.faults)
    for graph in mapped.graphs:
        if graph.name in fragments.by_name or graph.name in kinds:
            gathered.faults.append(_written_twice(graph.name))
        else:
            fragments.take(graph)
    for part in mapped.parts:
        lines = part.lines.splitlines(keepends=True)
        if part.name in fragments.by_name:
            gathered.faults.append(_written_twice(part.name))
        elif part.kind is GraphKind.META:
            gathered.meta.update(lines)
        else:
            kinds[part.name] = part.kind
            parts.add(part.name, lines)


def _note_subject(mapped: Mapped, gathered: _Gathered) -> None:
    """Count records; remember one thing of each kind, the first in the order of their IRIs."""
    gathered.records += GraphKind.RECORD in mapped.kinds
    if mapped.kinds & {GraphKind.RECORD, GraphKind.AUTHORITY}:
        kind = mapped.subject.rpartition("/")[0]
        gathered.examples[kind] = min(gathered.examples.get(kind, mapped.subject), mapped.subject)


def _written_twice(name: str) -> Fault:
    message = "two descriptions write this graph; give each its own, or put their triples into one"
    return Fault(name, 0, 0, message)


def _copy_papers(folder: Path, queries: Path | None, ontology: Sequence[Path], report: bytes) -> None:
    """Copy what explains the data: the stored queries, the tables of terms, the validation report."""
    if queries:
        _copy_files(queries, folder / "queries", _QUERY_ENDINGS)
    for each in ontology:
        _copy_files(each, folder / "ontology", _ONTOLOGY_ENDINGS)
    if report:
        (folder / "report.ttl").write_bytes(report)


def _keep_promises(presented: Presented, folder: Path, described: Descriptions, iris: IriSpace) -> None:
    """Hold what pages link to and what the home page quotes against what is published.

    Raises:
        BuildError: Something is not there.
    """
    faults = presented.dead_links(described.knows, iris.base)
    if quote := presented.quote:
        texts = Texts(folder / "texts")
        is_known = described.knows(iris.record(quote.key).value)
        faults += quote.faults(texts.get(quote.key, "txt"), is_known=is_known)
        texts.close()
    if faults:
        raise BuildError(faults)


def _copy_files(source: Path, target: Path, endings: frozenset[str]) -> None:
    for path in sorted(source.rglob("*")):
        within = path.relative_to(source)
        hidden = any(part.startswith(".") for part in within.parts)
        if path.suffix in endings and path.is_file() and not hidden:
            (target / within).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target / within)


def find_same(into: Path, plan: Plan, fragments: Fragments, folder: Path) -> Release | None:
    """Return a release with the same graphs, texts and settings, made current; None if there is none.

    Looked at are the current release and one of the same name, which a build that died between its last two steps left whole.
    """
    digest = digest_of(fragments)
    for name in (current_name(into), _name(plan, digest)):
        if not name:
            continue
        try:
            release = open_release(into / name)
        except ReleaseError:
            continue
        if _is_same(release, plan, digest, fragments, folder):
            if name != current_name(into):
                make_current(into, name)
            return release
    return None


def _is_same(release: Release, plan: Plan, digest: str, fragments: Fragments, folder: Path) -> bool:
    manifest = release.manifest
    stated = (manifest.digest, manifest.kind, manifest.base, manifest.union, manifest.settings)
    if stated != (digest, plan.kind, plan.base, plan.union, plan.settings):
        return False
    if manifest.tools != tools():
        return False
    ours = {name for name in files_of(folder) if not name.startswith("store/")}
    made = {name for name in manifest.files if name.split("/")[0] in _WRITTEN_FIRST or name in ours}
    if made != ours or any(hash_file(folder / name) != manifest.files[name].sha256 for name in ours):
        return False
    return _same_graphs(release, plan, fragments)


def _same_graphs(release: Release, plan: Plan, fragments: Fragments) -> bool:
    """Compare graph by graph, the derived ones too; the graph ``meta`` is made later and follows from the others."""
    meta = f"{plan.base}graph/meta\t"
    with (release.dumps / GRAPHS).open(encoding="utf-8") as table:
        next(table)
        before = (row for row in table if not row.startswith(meta))
        return all(
            row == graph_row(graph) if row and graph else False
            for row, graph in zip_longest(before, fragments)
        )


def _filled(
    store: Store | None,
    renewed: Renewed | None,
    folder: Path,
    fragments: Fragments,
    plan: Plan,
    progress: Progress,
) -> tuple[Store, int, int]:
    """Return the store of a release without the dataset's description, how many triples it asserts, and how many follow.

    Args:
        store: It, if it could be made out of the one before.
        renewed: What is known of it then.
        folder: Where the release is made.
        fragments: Its graphs.
        plan: What it is of.
        progress: Told how far it is.
    """
    inferred = folder / "dumps" / INFERRED
    if store is not None and renewed:
        asserted = renewed.asserted
    else:
        store = Store(str(folder / "store"))
        asserted = fill(store, fragments, progress)
        loading.load(store, inferred, RdfFormat.N_TRIPLES)
    following = loading.count_lines(inferred)
    if following and loading.count_default(store) - asserted != following:
        message = "some inferred triples are asserted already; only what no graph asserts belongs there"
        raise BuildError([Fault(f"{plan.base}graph/inferred", 0, 0, message)])
    return store, asserted, following


def _described(
    folder: Path,
    renewed: Renewed | None,
    fragments: Fragments,
    again: Rereading,
    meta: str,
    plan: Plan,
    helpers: Workers,
    progress: Progress,
) -> None:
    """Write what is stated of each thing, out of the release before where that is possible."""
    links = plan.settings.limits.inverse_links
    is_done = renewed is not None and redescribe(folder, renewed.since, fragments, meta, links=links)
    if renewed and not is_done:
        # What was read so far is only where things occur.
        clear(again.buckets(fragments, []))
        again = reread(fragments, None, plan.base, helpers, counting=False, without=meta)
    parts = again.buckets(fragments, [] if is_done else [fragments.by_name[meta]])
    write_occurrences(folder / OCCURRENCES, fragments, parts, workers=helpers)
    if not is_done:
        write_described(folder, fragments, parts, plan, helpers, progress, meta=meta)


def write_described(
    folder: Path,
    fragments: Fragments,
    parts: Sequence[Buckets],
    plan: Plan,
    helpers: Workers,
    progress: Progress,
    *,
    meta: str = "",
) -> None:
    """Write what is stated of each thing: the packs of descriptions and names of a release."""
    write_descriptions(
        folder / "descriptions",
        folder / "names",
        fragments,
        parts,
        links=plan.settings.limits.inverse_links,
        meta=meta,
        workers=helpers,
        progress=lambda done, total: progress("describing", done, total),
    )


def _alike(release: Release | None, plan: Plan) -> Release | None:
    """Return a release if the same program made it of the same kind under the same base."""
    if release is None:
        return None
    manifest = release.manifest
    same = (manifest.kind, manifest.base, manifest.tools) == (plan.kind, plan.base, tools())
    return release if same else None


def _complete_store(
    store: Store,
    extent: tuple[int, int],
    folder: Path,
    fragments: Fragments,
    again: Rereading,
    gathered: _Gathered,
    plan: Plan,
    progress: Progress,
    check: Callable[[Store], None],
) -> tuple[Counts, NamedGraph]:
    """Count a store, and add the dataset's own description, which holds the counts."""
    asserted, following = extent
    progress("counting", 0, None)
    meta, new = _meta(store, again.survey(), gathered, folder, plan)
    lines = sorted_lines(meta.triples)
    fragments.add(meta.name.value, meta.kind, lines, public=True, digested=False)
    store.bulk_load(b"".join(lines), format=RdfFormat.N_TRIPLES, to_graph=meta.name)
    store.bulk_load(b"".join(lines), format=RdfFormat.N_TRIPLES, to_graph=DefaultGraph())
    check(store)
    loading.close(store, folder / "store")
    quads = sum(each.triples for each in fragments.by_name.values())
    kinds = Counter(kind_of(each, plan.base) for each in subjects_of(fragments, plan.base))
    extent_of = (asserted + new, following, quads, len(fragments.by_name), gathered.records)
    return Counts(*extent_of, dict(sorted(kinds.items()))), meta


def fill(store: Store, fragments: Fragments, progress: Progress) -> int:
    """Load the graphs of a build; return how many different triples the default graph has."""
    fragments.flush()
    for path, format in ((fragments.quads, RdfFormat.N_QUADS), (fragments.triples, RdfFormat.N_TRIPLES)):
        loading.load(store, path, format, lambda done: progress("loading", done, None))
    return loading.count_default(store)


def _meta(
    store: Store, survey: Survey, gathered: _Gathered, folder: Path, plan: Plan
) -> tuple[NamedGraph, int]:
    """Return the graph ``meta``, with counts that include its own triples, and how many of those no other graph asserts."""
    census = take_census(store, survey)
    contents = _contents(store, gathered, plan.base)
    lines = b"".join(sorted(gathered.meta))
    stated = {quad.triple for quad in pyoxigraph.parse(lines, format=RdfFormat.N_TRIPLES)}
    prefixes = PREFIXES | IriSpace(plan.base).prefixes
    stated.update(examples(read_stored(folder / "queries"), plan.base, prefixes))

    def state(census: Census) -> frozenset[Triple]:
        return frozenset(stated.union(meta_graph(plan.settings, plan.base, census, contents).triples))

    write_beacons(folder, survey.matches(), plan.settings, plan.base, f"{plan.issued:%Y-%m-%d}")
    write_cmif(folder, store, plan.settings, plan.base, f"{plan.issued:%Y-%m-%d}")
    _, triples, new = settle(census, store, GraphKind.META, plan.base, state)
    survey.clear()
    return NamedGraph(IriSpace(plan.base).graph("meta"), GraphKind.META, tuple(triples)), new


_MOST_PLACES = 50
_DAYS = """PREFIX dcterms: <http://purl.org/dc/terms/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
SELECT (MIN(?day) AS ?first) (MAX(?day) AS ?last) WHERE {
  ?record dcterms:created ?day FILTER(DATATYPE(?day) = xsd:date && STRSTARTS(STR(?record), "%sid/record/"))
}"""
_PLACES = """PREFIX dcterms: <http://purl.org/dc/terms/>
SELECT DISTINCT ?place WHERE { ?record dcterms:spatial ?place FILTER(ISIRI(?place)) } ORDER BY ?place LIMIT %d"""


def _contents(store: Store, gathered: _Gathered, base: str) -> Contents:
    """Return what is in a release beside triples."""
    days = next(cast("QuerySolutions", store.query(_DAYS % base)))
    places = cast("QuerySolutions", store.query(_PLACES % _MOST_PLACES))
    first, last = days["first"], days["last"]
    return Contents(
        gathered.records,
        sorted(gathered.examples.values()),
        (first.value, last.value) if isinstance(first, Literal) and isinstance(last, Literal) else None,
        [row["place"].value for row in places if isinstance(row["place"], NamedNode)],
    )


def complete(
    folder: Path,
    fragments: Fragments,
    counts: Counts,
    describe: Callable[[], None],
    progress: Progress,
    *,
    by_kind: bool,
) -> None:
    """Write the dumps and what is stated of each thing; meanwhile check the finished store.

    Args:
        folder: Where the release is made.
        fragments: Its graphs, closed.
        counts: How much there is.
        describe: Writes what is stated of each thing.
        progress: Told how far it is.
        by_kind: Whether there is also a dump for each kind of graph.

    Raises:
        BuildError: The store does not hold what it should.
    """
    progress("describing", 0, None)
    with ThreadPoolExecutor(1) as aside:
        checked = aside.submit(loading.check, folder / "store", _expected(fragments, counts))
        dumped = aside.submit(write_dumps, fragments, folder / "dumps", by_kind=by_kind)
        describe()
        write_places(folder / "places", fragments)
        progress("checking", 0, None)
        checked.result()
        progress("dumps", 0, None)
        dumped.result()


def _descriptions(folder: Path, base: str, counts: Counts) -> Descriptions:
    """Return what was written of each thing, open."""
    packs, dataset = (folder / "descriptions", folder / "names"), folder / "dumps" / DATASET
    return Descriptions(*packs, dataset, IriSpace(base), graphs=counts.graphs)


def _expected(fragments: Fragments, counts: Counts) -> loading.Loaded:
    """Return what the store must hold: in the default graph what is public, its own triples if nothing else is."""
    own = fragments.by_name[DEFAULT].triples if DEFAULT in fragments.by_name else 0
    others = any(each.public for name, each in fragments.by_name.items() if name != DEFAULT)
    default = counts.public + counts.inferred if others else own
    return loading.Loaded(default, counts.quads - own, counts.graphs)


def engines() -> dict[str, str]:
    """Return the versions of the engines whose files stand in a release."""
    return {"pyoxigraph": pyoxigraph.__version__, "tantivy": importlib.metadata.version("tantivy")}


def tools() -> dict[str, str]:
    """Return the versions of what makes a release, and a hash of the program."""
    return {
        "fonds": importlib.metadata.version("fonds"),
        **engines(),
        "Python": platform.python_version(),
        "program": program().hex()[:16],
    }


def finish(
    folder: Path,
    into: Path,
    plan: Plan,
    fragments: Fragments,
    counts: Counts,
    meta: Iterable[Triple],
    subjects: Iterable[str],
    progress: Progress,
    purged: Collection[str] = (),
) -> Release:
    """Write what remains of a release whose other files are there, and move it to its place.

    Args:
        folder: Where it is made.
        into: The folder of releases.
        plan: What it is of, and when.
        fragments: Its graphs.
        counts: How much there is.
        meta: The description of the dataset (VoID).
        subjects: IRIs of the things whose documents its sitemaps list.
        progress: Told how far it is.
        purged: Things, as kind and key, of which nothing may be kept.
    """
    digest = digest_of(fragments)
    name = free_name(into, _name(plan, digest))
    before = latest(into, progress)
    documents = _documents(folder, before, fragments, counts, plan)
    changed = write_changed(folder, fragments, documents, plan.issued, before)
    write_sitemaps(folder, subjects, changed, plan.base)
    moments = (
        _write_what_happened(folder, before, plan, fragments, counts, name, purged)
        if plan.kind == "publication"
        else None
    )
    manifest = Manifest(
        name=name,
        kind=plan.kind,
        digest=digest,
        issued=plan.issued.strftime("%Y-%m-%dT%H:%M:%SZ"),
        base=plan.base,
        previous=current_name(into),
        union=plan.union,
        settings=plan.settings,
        counts=counts,
        tools=tools(),
        files=_entries(folder, progress),
    )
    write_catalogue(folder, manifest, meta)
    files = manifest.files | {"catalogue.ttl": entry_of_file(folder / "catalogue.ttl")}
    if moments is not None:
        write_moments(folder, moments, plan.issued, dated=plan.dated)
        files[MOMENTS] = entry_of_file(folder / MOMENTS)
    manifest = msgspec.structs.replace(manifest, files=dict(sorted(files.items())))
    write_manifest(folder, manifest)
    return Release(publish(folder, into, name).resolve(), manifest)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write what a release is into its folder, as the last of its files."""
    written = msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"
    (folder / MANIFEST).write_bytes(written)
    (folder / MANIFEST_HASH).write_text(f"{hash_file(folder / MANIFEST)}  {MANIFEST}\n", encoding="ascii")


def _documents(
    folder: Path, before: Release | None, fragments: Fragments, counts: Counts, plan: Plan
) -> Documents:
    """Return the documents of a release, and which of them are other ones than before; of a dataset none."""
    if plan.kind != "publication":
        return Documents((), None)
    base = plan.base
    own = {f"{base}{each}" for each in pages_otherwise(folder, None)}
    everything = (*subjects_of(fragments, base), *own)
    if before is None or before.manifest.base != base or before.manifest.kind != plan.kind:
        return Documents(everything, None)
    try:
        with closing(_descriptions(folder, base, counts)) as described:
            otherwise = shown_otherwise(folder, before, fragments, described)
        pages = {f"{base}{each}" for each in pages_otherwise(folder, before)}
    except (ReleaseError, OSError, zlib.error, msgspec.MsgspecError):
        # A release that is damaged is no reason not to build the next one.
        return Documents(everything, None)
    return Documents(everything, None if otherwise is None else otherwise | pages)


def _write_what_happened(
    folder: Path,
    before: Release | None,
    plan: Plan,
    fragments: Fragments,
    counts: Counts,
    name: str,
    purged: Collection[str],
) -> tuple[str, ...]:
    """Write what became of things up to a release, and what is harvested from it; return the moments of those before it."""
    base = plan.base
    moment = plan.issued if plan.dated or before is None else served_from(folder)
    new = write_activities(folder, fragments, before, moment, base)
    earlier = goes_on(before, base)
    write_history(folder, fragments, earlier, new, name, base, purged=purged)
    things = [each.it for each in new]
    with closing(_descriptions(folder, base, counts)) as described:
        subjects = subjects_of(fragments, base)
        harvested = write_harvest(folder, subjects, things, before, fragments, described, plan.settings, base)
    end = new[0].end if new else f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    write_streams(folder, earlier, new, harvested, end)
    return harvested.moments


def _before(into: Path, progress: Progress) -> Release | None:
    """Return the release that is current, None where there is none that can be read; if it is damaged, that is told."""
    name = current_name(into)
    try:
        return open_release(into / name) if name else None
    except ReleaseError as error:
        progress(
            f"The current release is damaged, and this build makes all of the next one afresh: {error}", 0, 0
        )
        return None


def _name(plan: Plan, digest: str) -> str:
    return f"{plan.issued:%Y-%m-%d}-{digest[:12]}"


def _entries(folder: Path, progress: Progress) -> dict[str, FileEntry]:
    names = list(files_of(folder))
    entries = {}
    with ThreadPoolExecutor(cores()) as threads:
        for number, entry in enumerate(
            threads.map(entry_of_file, (folder / name for name in names)), start=1
        ):
            entries[names[number - 1]] = entry
            progress("hashing", number, len(names))
    return entries


def entry_of_file(path: Path) -> FileEntry:
    """Return size and hash of a file."""
    return FileEntry(path.stat().st_size, hash_file(path))
