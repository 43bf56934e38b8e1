"""From files to records: each format has its reader, and one faulty document never loses the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from fonds.errors import Fault
from fonds.model import Authority, Record, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of reading one document.

    Attributes:
        record: The record; None where the document is too faulty to say anything of it.
        authorities: Things that the document itself lists (its persons, places …) and no table has.
        faults: All faults of the document: a build needs none.
        warnings: What a person should look at and what stops nothing: it is published without what cannot be understood.
        met: What was met and not understood, with how often: names of elements, values of attributes.
        addresses: What pointers from other files can lead to, each with the key of its record: ``volume-7#d12``.
        listed: What a register lists, by ``xml:id``.
        is_register: Whether the file is a register: it lists things and is no document.
    """

    record: Record | None = None
    authorities: tuple[Authority, ...] = ()
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    met: Mapping[str, int] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
    listed: Mapping[str, Reference] = field(default_factory=dict)
    is_register: bool = False


class Source(Protocol):
    """A reader of one format."""

    def accepts(self, path: Path) -> bool:
        """Tell from the name and the first 4 KiB whether this reader reads the file."""
        ...

    def read(self, path: Path) -> Iterator[Reading]:
        """Yield what came of each document of a file; faults are values, so that one never hides another."""
        ...
