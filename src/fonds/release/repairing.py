"""Makes the engine's files and the full-text index of a release again from what it is: its dumps, its words, its entries.

The sources are not needed. That helps where files of an engine are damaged, or where another version of an engine cannot read them. A
release never changes: what is made is one beside it, of the same day and digest, which shares all other files with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
from pyoxigraph import RdfFormat, Store

from fonds.errors import ReleaseError
from fonds.lines import DEFAULT
from fonds.progress import Progress, silent
from fonds.release import loading
from fonds.release.build import engines, entry_of_file, faults_of_the_disk, write_manifest
from fonds.release.dumps import INFERRED, PUBLIC
from fonds.release.folder import (
    DERIVED,
    SEARCH,
    FileEntry,
    Manifest,
    Release,
    files_of,
    graphs_of,
    is_whole,
    read_manifest,
)
from fonds.release.staging import current_name, free_name, publish, share, staging
from fonds.search.entries import Entry
from fonds.search.index import write_index
from fonds.search.kept import ENTRIES, read_kept
from fonds.texts import Texts
from fonds.texts.reading import WITHHELD


def repair(releases: Path, name: str, progress: Progress = silent) -> Release:
    """Make a release with the content of another one, whose store and full-text index are new; return it.

    It is the current one where that was.

    Args:
        releases: The folder of releases.
        name: Of the folder of the other one; of its store and its index nothing is read.
        progress: Told how far it is.

    Raises:
        ReleaseError: A file from which something is made is not as it was written; the text names it.
        BuildError: A build is at work; the disk is full or broken; the new store does not hold what it should.
    """
    with faults_of_the_disk(releases), staging(releases) as work:
        before = Release(releases / name, read_manifest(releases / name))
        _refuse_damaged(before)
        folder = work / "release"
        folder.mkdir()
        kept = [each for each in before.manifest.files if not each.startswith(DERIVED)]
        for each in kept:
            target = folder / each
            target.parent.mkdir(parents=True, exist_ok=True)
            share(before.folder / each, target)
        progress("loading", 0, None)
        _fill(folder / "store", before)
        if ENTRIES in before.manifest.files:
            progress("indexing", 0, None)
            _write_index(folder, before)
        files = {each: before.manifest.files[each] for each in kept}
        files |= {each: entry_of_file(folder / each) for each in files_of(folder) if each not in files}
        manifest = _manifest(before.manifest, free_name(releases, name), files)
        write_manifest(folder, manifest)
        place = publish(folder, releases, manifest.name, current=current_name(releases) == name)
        return Release(place.resolve(), manifest)


def _refuse_damaged(release: Release) -> None:
    """Refuse a release of which anything is damaged that cannot be made again.

    Raises:
        ReleaseError: It is.
    """
    for name in release.manifest.files:
        if not name.startswith(DERIVED) and not is_whole(release, name):
            raise ReleaseError(
                f"{release.folder / name}: not as it was written, and cannot be made again; fetch the release again, or "
                "build it from its sources"
            )
    has_index = any(name.startswith(f"{SEARCH}/") for name in release.manifest.files)
    if has_index and ENTRIES not in release.manifest.files:
        raise ReleaseError(
            f"{release.folder}: made by fonds {release.manifest.tools.get('fonds', '?')}, which kept nothing of which the "
            "full-text index could be made again; build it from its sources"
        )


def _fill(path: Path, release: Release) -> None:
    store = Store(str(path))
    loading.load(store, release.dataset, RdfFormat.N_QUADS)
    counts = release.manifest.counts
    graphs = list(graphs_of(release))
    own = sum(each.triples for each in graphs if each.name == DEFAULT)
    is_view = any(each.public for each in graphs if each.name != DEFAULT)
    if is_view:
        for name in (PUBLIC, INFERRED):
            if (release.dumps / name).exists():
                loading.load(store, release.dumps / name, RdfFormat.N_TRIPLES)
    loading.close(store, path)
    del store
    default = counts.public + counts.inferred if is_view else own
    loading.check(path, loading.Loaded(default, counts.quads - own, counts.graphs))


def _write_index(folder: Path, release: Release) -> None:
    listed, entries = read_kept(release.folder / ENTRIES)
    with closing(Texts(release.texts)) as texts:
        write_index(folder / SEARCH, _with_words(entries, texts), listed)


def _with_words(entries: Iterator[Entry], texts: Texts) -> Iterator[tuple[Entry, str | None]]:
    for each in entries:
        text = texts.get(each.key, "txt")
        yield each, text.decode().removesuffix(f"{WITHHELD}\n") if text else None


def _manifest(before: Manifest, name: str, files: dict[str, FileEntry]) -> Manifest:
    return msgspec.structs.replace(
        before,
        name=name,
        previous=before.name,
        tools=before.tools | engines(),
        files=dict(sorted(files.items())),
    )
