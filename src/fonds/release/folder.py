"""What stands in the folder of a release, and opening one."""

from __future__ import annotations

import hashlib
import importlib.metadata
import math
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

import msgspec

from fonds.errors import ReleaseError
from fonds.release.made import MADE
from fonds.release.presentation.files import FOLDER as SITE
from fonds.settings import Settings

MANIFEST = "manifest.json"
MANIFEST_HASH = "manifest.sha256"
CURRENT = "current"
RELEASES = "releases"
REPORT = "report.json"
"""What a build found, in a release and beside the releases, for programs."""
SEARCH = "search"
"""The folder of the full-text index."""
DERIVED = ("store/", f"{SEARCH}/")
"""How the names of files begin that can be made again from the others."""
DATASET = "dataset.nq.gz"
"""The dump of everything."""
GRAPHS = "graphs.tsv"
"""The table of graphs, beside the dumps."""

_SMALL_BYTES = 64 * 1024


class FileEntry(msgspec.Struct, frozen=True):
    """A file of a release: its size in bytes and the SHA-256 of its content."""

    size: int
    sha256: str


class Counts(msgspec.Struct, frozen=True):
    """How much there is."""

    public: int
    """Triples of the public view: asserted, each once, without inferred ones."""
    inferred: int
    """Triples that stand in the default graph only because they follow from others."""
    quads: int
    """Quads of the named graphs, derived graphs included (for an RDF dataset: of the default graph too)."""
    graphs: int
    """Named graphs."""
    records: int
    """Records (0 for an RDF dataset)."""
    kinds: dict[str, int] = {}
    """Things with graphs of their own, by kind: ``record``, ``person`` …; empty for an RDF dataset."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a release is; ``manifest.json``."""

    name: str
    """``2026-11-23-3f2a9c01b7de``: the day of issue and the first twelve digits of the digest."""
    kind: str
    """``publication``: the default graph is the public view of the named graphs. ``dataset``: RDF as it came."""
    digest: str
    """SHA-256 over the lines ``<graph IRI> <SHA-256 of that graph>``, sorted by IRI; 64 hexadecimal digits."""
    issued: str
    """When it was built, UTC, ISO 8601 to the second."""
    base: str
    """Under which its own identifiers stand."""
    previous: str | None
    """The release that was current before."""
    union: bool = False
    """For a dataset: whether all named graphs were put into the default graph."""
    settings: Settings
    """The publication's settings as they were at the build."""
    counts: Counts
    tools: dict[str, str]
    """Versions: fonds, pyoxigraph, tantivy, Python; and a hash of the program as it was (``program``)."""
    files: dict[str, FileEntry]
    """Every other file, by its path within the folder."""


@dataclass(frozen=True, slots=True)
class Release:
    """An open release.

    Attributes:
        folder: Where it is.
        manifest: What it is.
    """

    folder: Path
    manifest: Manifest

    @property
    def store(self) -> Path:
        """The engine's own files."""
        return self.folder / "store"

    @property
    def texts(self) -> Path:
        """The packed texts (absent in a dataset)."""
        return self.folder / "texts"

    @property
    def search(self) -> Path:
        """The full-text index (absent in a dataset)."""
        return self.folder / SEARCH

    @property
    def descriptions(self) -> Path:
        """What is stated of each thing, packed."""
        return self.folder / "descriptions"

    @property
    def names(self) -> Path:
        """Types and labels of each thing, packed."""
        return self.folder / "names"

    @property
    def places(self) -> Path:
        """Where each named graph stands in the dump of everything, packed."""
        return self.folder / "places"

    @property
    def lists(self) -> Path:
        """The things of each kind by name, packed (absent in a dataset)."""
        return self.folder / "lists"

    @property
    def chronology(self) -> Path:
        """When records and events were, packed (absent in a dataset)."""
        return self.folder / "chronology"

    @property
    def gazetteer(self) -> Path:
        """Where places are, packed (absent in a dataset)."""
        return self.folder / "gazetteer"

    @property
    def dumps(self) -> Path:
        """The dumps."""
        return self.folder / "dumps"

    @property
    def dataset(self) -> Path:
        """The dump of everything, N-Quads in gzip members; each graph has members of its own."""
        return self.dumps / DATASET

    @property
    def catalogue(self) -> Path:
        """DCAT: what can be had, with sizes, checksums and dates."""
        return self.folder / "catalogue.ttl"

    @property
    def report(self) -> Path:
        """What was found when it was checked against the shapes (absent in a dataset)."""
        return self.folder / "report.ttl"

    @property
    def queries(self) -> Path:
        """The stored queries."""
        return self.folder / "queries"

    @property
    def site(self) -> Path:
        """How the publication shows itself: pages, pictures, templates (absent where it has nothing of its own)."""
        return self.folder / SITE

    @property
    def made(self) -> Path:
        """In numbers, what was found when it was made (absent in a dataset)."""
        return self.folder / MADE

    @property
    def ontology(self) -> Path:
        """The tables of terms."""
        return self.folder / "ontology"


class Graph(NamedTuple):
    """A row of the table of graphs.

    Attributes:
        name: The IRI; ``DEFAULT`` for the default graph of a dataset.
        kind: Whose words it holds.
        public: Whether it stands in the default graph.
        triples: How many it has.
        sha256: Of its sorted N-Triples, 64 hexadecimal digits.
    """

    name: str
    kind: str
    public: bool
    triples: int
    sha256: str


class Hashed(Protocol):
    """A graph, by its name and its content."""

    @property
    def name(self) -> str:
        """The IRI; ``DEFAULT`` for the default graph of a dataset."""
        ...

    @property
    def sha256(self) -> str:
        """Of its sorted N-Triples, 64 hexadecimal digits."""
        ...


_Was = TypeVar("_Was", bound=Hashed)
_Is = TypeVar("_Is", bound=Hashed)


def side_by_side(before: Iterable[_Was], now: Iterable[_Is]) -> Iterator[tuple[_Was | None, _Is | None]]:
    """Yield the graphs of two releases in pairs of one name, None where one of them has none; both are in the order of names."""
    left, right = iter(before), iter(now)
    was, is_ = next(left, None), next(right, None)
    while was is not None or is_ is not None:
        if is_ is None or (was is not None and was.name < is_.name):
            yield was, None
            was = next(left, None)
        elif was is None or is_.name < was.name:
            yield None, is_
            is_ = next(right, None)
        else:
            yield was, is_
            was, is_ = next(left, None), next(right, None)


def graphs_of(release: Release) -> Iterator[Graph]:
    """Yield the graphs of a release in the order of their IRIs; the columns of the table are found by their titles."""
    with (release.dumps / GRAPHS).open(encoding="utf-8") as table:
        titles = next(table).rstrip("\n").split("\t")
        columns = [titles.index(each) for each in ("graph", "kind", "public", "triples", "sha256")]
        for line in table:
            row = line.rstrip("\n").split("\t")
            name, kind, public, triples, sha256 = (row[column] for column in columns)
            yield Graph(name, kind, public == "yes", int(triples), sha256)


def open_release(path: Path) -> Release:
    """Open a release and check it: the manifest's own hash, every file's presence and size, the small files' hashes.

    Args:
        path: The folder of a release, a folder of releases (its current one), or a publication (its releases' current one).

    Raises:
        ReleaseError: There is none, or it is not as it was built; the text names the file.
    """
    folder = _find(path)
    release = Release(folder, read_manifest(folder))
    _require(release, hashed_below=_SMALL_BYTES)
    return release


def _require(release: Release, *, hashed_below: float = math.inf) -> None:
    for name, entry in release.manifest.files.items():
        path = release.folder / name
        if wrong := wrong_with(path, entry, hashed_below=hashed_below):
            again = ", or make this again from its dumps: `fonds repair`" if name.startswith(DERIVED) else ""
            raise ReleaseError(f"{path}: {wrong}; build the release again, or fetch it again{again}")


def _find(path: Path) -> Path:
    for place in (path, path / CURRENT, path / RELEASES / CURRENT):
        if (place / MANIFEST).is_file():
            # A release that is open stays the same one when `current` moves on.
            return place.resolve()
    if not path.exists():
        raise ReleaseError(f"{path}: not found; expected a release, a folder of releases or a publication")
    raise ReleaseError(f"{path}: no release here (no {MANIFEST}); run `fonds build` first")


def link_of(path: Path) -> Path | None:
    """Return the link that says which release is current, by which :func:`open_release` finds one; None for a release itself."""
    if (path / MANIFEST).is_file():
        return None
    return next((link for link in (path / CURRENT, path / RELEASES / CURRENT) if link.is_symlink()), None)


def read_manifest(folder: Path) -> Manifest:
    """Return what a release says of itself, held against the manifest's own hash; no other file is looked at.

    Raises:
        ReleaseError: It is not as it was built.
    """
    source = _read(folder / MANIFEST)
    stated = _read(folder / MANIFEST_HASH).split(b" ", 1)[0].decode("ascii", "replace")
    if hashlib.sha256(source).hexdigest() != stated:
        raise ReleaseError(
            f"{folder / MANIFEST}: changed since the build (its SHA-256 is not the one in {MANIFEST_HASH})"
        )
    try:
        return msgspec.json.decode(source, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ReleaseError(f"{folder / MANIFEST}: {_made_elsewhere(source)} ({error})") from error


class _Made(msgspec.Struct):
    """As much of a manifest as every version has."""

    tools: dict[str, str]


def _made_elsewhere(manifest: bytes) -> str:
    """Return who wrote a manifest that cannot be read here, and what to do about it."""
    ours = theirs = importlib.metadata.version("fonds")
    with suppress(msgspec.MsgspecError, UnicodeDecodeError, KeyError):
        theirs = msgspec.json.decode(manifest, type=_Made).tools["fonds"]
    if theirs == ours:
        return "written by another version of fonds; build the release again"
    return f"written by fonds {theirs}, and this is fonds {ours}: use that one, or build the release again with this one"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReleaseError(f"{path}: {error.strerror}; build the release again") from error


def wrong_with(path: Path, entry: FileEntry, *, hashed_below: float = math.inf) -> str | None:
    """Return what is wrong with a file of a release; None where it is as it was written.

    Args:
        path: Where it is.
        entry: What it was when it was written.
        hashed_below: A file of so many bytes or more is not read, only its size is looked at.
    """
    try:
        size = path.stat().st_size
        if size != entry.size:
            return f"{size} bytes, expected {entry.size}"
        if size < hashed_below and hash_file(path) != entry.sha256:
            return "changed since the build (SHA-256 differs)"
    except FileNotFoundError:
        return "missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return None


def check_size(path: Path, entry: FileEntry) -> None:
    """Hold the size of a file against what it was when it was written: what was cut since must not be sent as if it were whole.

    Raises:
        ReleaseError: It is another one, or the file is gone.
    """
    if wrong := wrong_with(path, entry, hashed_below=0):
        raise ReleaseError(f"{path}: {wrong}; build the release again, or fetch it again")


def content_of(release: Release) -> str:
    """Return what tells apart what the stores of two releases hold, 64 hexadecimal digits.

    The digest does not: of what follows from graphs, and of what describes the release, there is nothing in it.
    """
    files = release.manifest.files
    names = (f"dumps/{GRAPHS}", "dumps/inferred.nt.gz")
    return hashlib.sha256("".join(files[each].sha256 for each in names if each in files).encode()).hexdigest()


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_whole(release: Release, name: str) -> bool:
    """Tell whether a file of a release, given by its path within the folder, is as it was written."""
    return wrong_with(release.folder / name, release.manifest.files[name]) is None


def require_whole(release: Release) -> None:
    """Hash every file of a release: what :func:`open_release` does at a glance, to the last byte.

    Raises:
        ReleaseError: One is not as it was built.
    """
    _require(release)


def files_of(folder: Path) -> Iterator[str]:
    """Yield every file of a release but the manifest and its hash, by its path within the folder, sorted."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_dir() and name not in (MANIFEST, MANIFEST_HASH):
            yield name
