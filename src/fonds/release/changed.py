"""When each graph of a release changed last, and each document: carried forward from release to release as long as they stay the same.

A file of fixed lengths, big-endian: ``FONDSCHG``, a version (4 bytes), the instant of the last change of all (4), the number of
graphs and documents (4), then the hashes of their IRIs (BLAKE2b, 8 bytes each, sorted), then an instant for each hash (4). The IRI
of a document is that of the thing that it describes, or its address. Instants are
seconds since 1970 without sign, which ends in 2106.
"""

from __future__ import annotations

import datetime
import hashlib
import struct
from bisect import bisect_left
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import NamedTuple

from fonds.errors import ReleaseError
from fonds.release.folder import Hashed, Release, graphs_of, side_by_side

CHANGED = "changed"
"""Its name in the folder of a release."""

_HEAD = struct.Struct(">8sIII")
_MAGIC, _VERSION = b"FONDSCHG", 1
_HASH, _INSTANT = 8, 4


class Changed:
    """The instants, read.

    Args:
        latest: When anything changed last, seconds since 1970.
        hashes: Of the graphs' IRIs, 8 bytes each, sorted.
        instants: Of each of them, 4 bytes each, seconds since 1970, big-endian.
    """

    def __init__(self, latest: int, hashes: bytes, instants: bytes) -> None:
        self._latest = latest
        self._hashes = hashes
        self._instants = instants

    @classmethod
    def open(cls, path: Path) -> Changed:
        """Read the file.

        Raises:
            ReleaseError: It is missing, or not as it was written.
        """
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ReleaseError(f"{path}: {error.strerror}; build the release again") from error
        if len(content) < _HEAD.size:
            raise ReleaseError(f"{path}: ends early; build the release again")
        magic, version, latest, number = _HEAD.unpack_from(content)
        if (magic, version) != (_MAGIC, _VERSION) or len(content) != _HEAD.size + number * (_HASH + _INSTANT):
            raise ReleaseError(
                f"{path}: written by another version of fonds, or damaged; build the release again"
            )
        cut = _HEAD.size + number * _HASH
        return cls(latest, content[_HEAD.size : cut], content[cut:])

    def __len__(self) -> int:
        return len(self._instants) // _INSTANT

    def of(self, graph: str) -> datetime.datetime | None:
        """Return when a graph or a document changed last, UTC to the second; None if the release has none of that IRI.

        Args:
            graph: Its IRI, or ``DEFAULT`` for the default graph of a dataset; of a document that of the thing that it describes,
                or its address.
        """
        seconds = self.seconds_of(graph)
        return None if seconds is None else _moment(seconds)

    def seconds_of(self, graph: str) -> int | None:
        """Return the same as seconds since 1970."""
        key = _key(graph)
        at = bisect_left(range(len(self)), key, key=self._hash)
        if at == len(self) or self._hash(at) != key:
            return None
        return int.from_bytes(self._instants[at * _INSTANT : (at + 1) * _INSTANT], "big")

    def _hash(self, number: int) -> bytes:
        return self._hashes[number * _HASH : (number + 1) * _HASH]

    def latest(self) -> datetime.datetime:
        """Return when anything changed last: a graph, or that one is no longer there."""
        return _moment(self._latest)


def _moment(seconds: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def _key(graph: str) -> bytes:
    return hashlib.blake2b(graph.encode(), digest_size=_HASH).digest()


class Documents(NamedTuple):
    """Documents of a release.

    Attributes:
        all: The IRIs of what they describe, or their addresses.
        otherwise: Those that are other ones than in the release before; None: all of them.
    """

    all: Iterable[str]
    otherwise: Collection[str] | None


def write_changed(
    folder: Path,
    graphs: Iterable[Hashed],
    documents: Documents,
    issued: datetime.datetime,
    before: Release | None,
) -> Changed:
    """Write ``changed`` into the folder of a release, and return it.

    Args:
        folder: Of the release.
        graphs: All its graphs, in the order of their IRIs.
        documents: Those of which it is noted beside the graphs.
        issued: The moment of issue, UTC: when what is new or different changed.
        before: The release that was issued before; None for the first.
    """
    now = int(issued.timestamp())
    known, then = _known(before)
    instants: dict[bytes, int] = {}
    all_are_here = before is not None
    for was, is_ in side_by_side(graphs_of(before) if before else (), graphs):
        if is_ is None:
            all_are_here = False
            continue
        same = was is not None and was.sha256 == is_.sha256
        since = (known.seconds_of(is_.name) if known else None) if same else now
        instants[_key(is_.name)] = then if since is None else since
    for it in documents.all:
        is_other = documents.otherwise is None or it in documents.otherwise
        since = None if is_other or known is None else known.seconds_of(it)
        instants[_key(it)] = now if since is None else since
    latest = max((known._latest if known else then, *instants.values())) if all_are_here else now
    hashes = b"".join(sorted(instants))
    seconds = b"".join(instants[key].to_bytes(_INSTANT, "big") for key in sorted(instants))
    (folder / CHANGED).write_bytes(_HEAD.pack(_MAGIC, _VERSION, latest, len(instants)) + hashes + seconds)
    return Changed(latest, hashes, seconds)


def _known(before: Release | None) -> tuple[Changed | None, int]:
    """Return when the graphs of a release changed, as far as it says so, and when it was issued, seconds since 1970."""
    if before is None:
        return None, 0
    path = before.folder / CHANGED
    # Releases of earlier versions have no such file: what they hold is as old as they are at least.
    issued = datetime.datetime.fromisoformat(before.manifest.issued).timestamp()
    return Changed.open(path) if path.exists() else None, int(issued)
