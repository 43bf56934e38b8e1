"""One form of an edition becomes the other: a file of marked text TEI, a file of TEI marked text."""

from __future__ import annotations

from pathlib import Path

from fonds.errors import BuildError, FondsError
from fonds.sources.files import decode
from fonds.sources.marked import ENDING
from fonds.sources.marked.text import edition_of, marked_of, tei_of
from fonds.sources.xml import read_document


def converted(file: Path) -> bytes:
    """Return the other form of a file: of a marked text TEI, of TEI a marked text; both in UTF-8.

    Raises:
        BuildError: Something is wrong in it, or cannot be said in the other form; it carries all of that, with lines.
        SourceError: It is no text, or no XML.
        FondsError: It is neither form, or cannot be read.
    """
    shown = str(file)
    marked = file.name.lower().endswith(ENDING)
    if not marked and file.suffix.lower() != ".xml":
        raise FondsError(f"{shown}: expected a marked text ({ENDING}) or TEI (.xml)")
    try:
        source = file.read_bytes()
    except OSError as error:
        raise FondsError(f"{shown}: cannot be read ({error.strerror})") from error
    if marked:
        root, faults = tei_of(decode(source, shown), shown)
        content = edition_of(root)
    else:
        document = read_document(source, shown)
        text, refused = marked_of(document)
        faults = [*document.faults, *refused]
        content = text.encode()
    if faults:
        raise BuildError(faults)
    return content
