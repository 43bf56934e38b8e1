"""Reading files of RDF: their quads as lines, and what is wrong with them as faults that say where."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast
from xml.parsers import expat

from pyoxigraph import Quad, RdfFormat, parse

from fonds.errors import Fault
from fonds.formats import READABLE_ENDINGS
from fonds.vocabulary import RDF

_BATCH = 10_000
_CONTEXT = re.compile(rb"""["']https?://[^"']*["']""")
_RDF_NAMESPACE = RDF.iri.encode()


def format_of(path: Path) -> RdfFormat | None:
    """Return the format that a file's ending says, None if it says none of RDF."""
    return READABLE_ENDINGS.get(path.name.removesuffix(".gz").rpartition(".")[2].lower())


def is_rdf(path: Path) -> bool:
    """Tell whether a file found in a folder is RDF: ``.xml`` may be anything."""
    if not path.name.removesuffix(".gz").endswith(".xml"):
        return True
    try:
        with _opened(path) as file:
            return _RDF_NAMESPACE in file.read(4096)
    except (OSError, EOFError, zlib.error):
        return True


def _opened(path: Path) -> BinaryIO:
    return cast("BinaryIO", gzip.open(path)) if path.name.endswith(".gz") else path.open("rb")


WITH_GRAPHS = frozenset({RdfFormat.N_QUADS, RdfFormat.TRIG, RdfFormat.JSON_LD, RdfFormat.N3})
"""Formats that can name graphs."""


class Unreadable(Exception):
    """A file that is not what its ending says."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(str(fault))


def quads_of(path: Path, base: str) -> Iterator[list[Quad]]:
    """Yield the quads of a file in lists."""
    try:
        with _opened(path) as file:
            quads = iter(parse(file, format=format_of(path), base_iri=base))
            while batch := list(islice(quads, _BATCH)):
                yield batch
    except SyntaxError as error:
        raise Unreadable(_syntax_fault(path, error)) from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Unreadable(Fault(str(path), 0, 0, f"is no whole gzip file: {error}")) from error


def _syntax_fault(path: Path, error: SyntaxError) -> Fault:
    line, column = error.lineno or 0, error.offset or 0
    if "remote context" in error.msg:
        message = (
            "refers to a @context elsewhere, which is not fetched; write the context itself into the file"
        )
        return Fault(str(path), _line_of_context(path), 0, message)
    # The place stands in the fault already: `Parser error at line 2 between columns 5 and 9: …`.
    _, found, rest = error.msg.partition(": ")
    message = rest if found and error.msg.startswith("Parser error at") else error.msg
    if not line and format_of(path) == RdfFormat.RDF_XML:
        line, column, message = _xml_place(path) or (0, 0, message)
    format = format_of(path)
    return Fault(str(path), line, column, f"is no {format.name if format else 'RDF'}: {message}")


def _line_of_context(path: Path) -> int:
    """Return the line of the first address of a context, 0 if it cannot be told."""
    with _opened(path) as file:
        for number, line in enumerate(file, start=1):
            if _CONTEXT.search(line):
                return number
    return 0


def _xml_place(path: Path) -> tuple[int, int, str] | None:
    """Return line, column and cause where a file is not well-formed XML: the RDF parser does not say where."""
    with _opened(path) as file:
        try:
            expat.ParserCreate().ParseFile(file)
        except expat.ExpatError as error:
            return error.lineno, error.offset + 1, str(error).partition(":")[0]
    return None
