"""What the program itself is: a hash by which results of another version of it are known."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import platform
from collections.abc import Iterable
from pathlib import Path

from fonds.vocabulary import program_ontology

_LIBRARIES = ("lxml", "msgspec", "openpyxl", "pyoxigraph", "shacl")


def digest(*parts: bytes | str) -> bytes:
    """Return a hash of parts in their order; where one ends and the next begins matters.

    >>> digest("ab", "c") == digest("a", "bc")
    False
    """
    state = hashlib.blake2b(digest_size=20)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        state.update(len(data).to_bytes(8, "big"))
        state.update(data)
    return state.digest()


def digest_of_folders(folders: Iterable[Path]) -> bytes:
    """Return a hash of the names and contents of all files of some folders, hidden ones left out."""
    return digest(*(part for folder in folders for part in _parts(folder)))


def _parts(folder: Path) -> Iterable[bytes | str]:
    for path in sorted(folder.rglob("*")):
        within = path.relative_to(folder)
        hidden = any(each.startswith((".", "__pycache__")) for each in within.parts)
        if path.is_file() and not hidden:
            yield within.as_posix()
            yield path.read_bytes()


@functools.cache
def program() -> bytes:
    """Return a hash of the program: its version, its files, its tables of terms, and the libraries that do its work."""
    libraries = (f"{each} {importlib.metadata.version(each)}" for each in _LIBRARIES)
    folders = digest_of_folders([Path(__file__).parent, program_ontology()])
    return digest(importlib.metadata.version("fonds"), platform.python_version(), folders, *libraries)
