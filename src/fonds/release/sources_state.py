"""Whether a publication's files have changed since a release was made from them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec

_PARTS = ("fonds.toml", "data", "ontology", "queries", "pages", "site", "templates")
_NOTE = "sources.json"


def note_sources(releases: Path, release: str, state: str) -> None:
    """Note beside the releases from which state of the sources one of them was made.

    It stands beside them, not in them: touching a file without changing it makes no new release.
    """
    note = releases / f".{_NOTE}"
    note.write_bytes(msgspec.json.encode({"release": release, "sources": state}))
    note.replace(releases / _NOTE)


def noted_sources(releases: Path, release: str) -> str | None:
    """Return the state of the sources from which a release was made, None if it was not noted."""
    try:
        note = msgspec.json.decode((releases / _NOTE).read_bytes(), type=dict[str, str])
    except (FileNotFoundError, msgspec.MsgspecError):
        return None
    return note.get("sources") if note.get("release") == release else None


def sources_state(folder: Path) -> str:
    """Return a hash over the names, sizes and times of change of a publication's files.

    It says nothing of their content: it tells only, quickly, that nobody has touched them.
    """
    state = hashlib.sha256()
    for part in _PARTS:
        path = folder / part
        if path.is_file():
            _add(state, folder, path)
        for place, folders, files in os.walk(path):
            folders.sort()
            for name in sorted(files):
                _add(state, folder, Path(place) / name)
    return state.hexdigest()


def _add(state: hashlib._Hash, folder: Path, path: Path) -> None:
    status = path.stat()
    state.update(f"{path.relative_to(folder)}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
