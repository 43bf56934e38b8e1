"""Whether a publication's files have changed since a release was made from them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

_PARTS = ("fonds.toml", "data", "ontology", "queries")


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
