"""What stands in the folder of a release, and opening one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from fonds.settings import Settings

MANIFEST = "manifest.json"
CURRENT = "current"


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
    """Versions: fonds, pyoxigraph, Python."""
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
    def dumps(self) -> Path:
        """The dumps."""
        return self.folder / "dumps"

    @property
    def catalogue(self) -> Path:
        """DCAT: what can be had, with sizes, checksums and dates."""
        return self.folder / "catalogue.ttl"

    @property
    def queries(self) -> Path:
        """The stored queries."""
        return self.folder / "queries"

    @property
    def ontology(self) -> Path:
        """The tables of terms."""
        return self.folder / "ontology"
