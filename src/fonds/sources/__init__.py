"""From files to records: each format has its reader, and one faulty document never loses the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from fonds.model import Record


class Source(Protocol):
    """A reader of one format."""

    def accepts(self, path: Path) -> bool:
        """Tell from the name and the first 4 KiB whether this reader reads the file."""
        ...

    def read(self, path: Path) -> Iterator[Record]:
        """Yield the records of a file.

        Raises:
            SourceError: One fault, with its line; further documents of the file are yielded before it is raised.
        """
        ...
