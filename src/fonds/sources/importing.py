"""From a saved page to a capture in the register and a draft edition among the documents."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fonds.errors import BuildError, Fault, SourceError
from fonds.identifiers import is_slug
from fonds.model import Capture, Reference
from fonds.sources.capture import REGISTER, Captured, read_captures
from fonds.sources.collections import DOCUMENTS
from fonds.sources.drafting import Draft, Source, draft_edition
from fonds.sources.files import decode, stands_within
from fonds.sources.page import MOST_BYTES, Page, read_page
from fonds.sources.pointers import slug_of
from fonds.sources.register import read_register
from fonds.sources.tables import program_terms
from fonds.sources.tei import read_tei
from fonds.sources.tei_context import Context

CAPTURES = "data/captures"
_COLUMNS = ("file", "sha256", "media_type", "size_bytes", "note", "taken_from")
_TEXT = "text/plain;charset=utf-8"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file for ``data/captures`` and its row of the register.

    Attributes:
        name: Its name.
        content: Its bytes.
        media_type: What they are.
        note: What the register says of it.
        taken_from: The hash of the file of which it is the text; empty where it is no text of another.
    """

    name: str
    content: bytes
    media_type: str
    note: str
    taken_from: str = ""

    @property
    def sha256(self) -> str:
        """The hash of its bytes."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a saved page.

    Attributes:
        draft: The draft of its edition.
        captures: The files that are captures: the page, and its text where the page itself is no plain text.
    """

    draft: Draft
    captures: tuple[Kept, ...]


def import_capture(
    path: Path, *, key: str | None, today: str, record: int | None = None, charset: str = ""
) -> Imported:
    """Return the captures and the draft edition that come of a saved page; nothing is written.

    Args:
        path: The file: plain text, HTML, MHTML or WARC.
        key: The record's key; None: one is made.
        today: The day, ISO 8601.
        record: Which page of a WARC, from 1; None: the only one.
        charset: The character set, where the file does not name it.

    Raises:
        SourceError: The file is none of these, or the key is none.
    """
    shown = path.as_posix()
    if key is not None and not _may_be_key(key):
        message = "expected a-z and 0-9 with single hyphens between, a letter first, and no name of a part such as p1"
        raise SourceError(shown, f"--key: found {key!r}, {message}")
    source = _content(path, shown)
    page = read_page(source, shown, record=record, charset=charset)
    captures = _kept(source, page)
    draft = draft_edition(_source(page, captures), key, today, _fallback(path, captures[0]))
    _read_back(draft, captures[-1], page)
    return Imported(draft, captures)


def _content(path: Path, shown: str) -> bytes:
    if not path.is_file():
        raise SourceError(shown, "no such file" if not path.exists() else "is no file")
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise SourceError(shown, f"has {size:,} bytes; at most {MOST_BYTES:,} are read")
    return path.read_bytes()


def _kept(source: bytes, page: Page) -> tuple[Kept, ...]:
    """Return the page byte for byte, and after it its text where that is not the same."""
    ending = page.ending + (".gz" if source.startswith(b"\x1f\x8b") else "")
    stem = hashlib.sha256(source).hexdigest()[:16]
    said = ["Saved page as it was supplied"]
    if page.address:
        said.append(f"saved from {page.address}")
    if page.saved:
        said.append(f"on {page.saved}")
    if not page.address:
        said.append("its address is not known")
    if not page.saved:
        said.append("the day of the capture is not known")
    file = Kept(
        f"{stem}.{ending}", source, _TEXT if page.verbatim else page.media_type, ", ".join(said) + "."
    )
    if page.verbatim:
        return (file,)
    content = page.text.encode()
    which = f", record {page.record}" if page.record else ""
    note = f"Text of {file.name}{which}, taken from it by fonds import capture."
    name = f"{hashlib.sha256(content).hexdigest()[:16]}.txt"
    return file, Kept(name, content, _TEXT, note, taken_from=file.sha256)


def _source(page: Page, captures: Sequence[Kept]) -> Source:
    return Source(
        text=page.text,
        sha256=captures[-1].sha256,
        hints=page.hints,
        address=page.address,
        saved=page.saved,
        title=page.title,
        file=None if page.verbatim else (captures[0].name, captures[0].sha256),
        record=page.record,
        doubts=page.doubts,
    )


def _fallback(path: Path, capture: Kept) -> str:
    """Return a key from the name of the file; from the hash where the name has no letter that a key can have."""
    slug = slug_of(path.name.partition(".")[0])
    if _may_be_key(slug):
        return slug
    return f"record-{slug}" if re.search("[a-z]", slug) else f"record-{capture.sha256[:8]}"


_NAMES_OF_PARTS = re.compile(
    r"capture|leaf|reel|(stamp|signature|translator-note|editorial-note)(-\d+)?|note-\d+|(fn|[gdp])\d+"
)


def _may_be_key(key: str) -> bool:
    """Tell whether a key can be the xml:id of a draft: one that XML allows, and that no part of a draft has."""
    return is_slug(key) and key[0].isalpha() and not _NAMES_OF_PARTS.fullmatch(key)


def _read_back(draft: Draft, text: Kept, page: Page) -> None:
    """Read the draft as a build will, and hold it against its capture, character by character.

    Raises:
        BuildError: It does not hold; that would be a fault of ours, and nothing is written.
    """
    captured = Captured(
        Capture(sha256=text.sha256, size_bytes=len(text.content), media_type=text.media_type, path=text.name),
        page.text,
    )
    types = frozenset(Reference("type", key) for key in program_terms("type"))
    context = Context(known=types, captures={text.sha256: captured})
    readings = read_tei(draft.xml.encode(), f"{draft.key}.xml", context)
    if faults := [fault for reading in readings for fault in reading.faults]:
        message = "the draft that was made of this page cannot be read back; that is a fault of fonds, please report it"
        raise BuildError([Fault(text.name, 0, 0, message), *faults])


def keep(imported: Imported, folder: Path) -> Path:
    """Write captures, register and draft into a publication, and return where the draft is.

    Nothing that is there is changed: a key, or a capture that has an edition, is refused.

    Args:
        imported: What came of a saved page.
        folder: The publication.

    Raises:
        SourceError: There is no publication, or it has this key or an edition of this capture already.
        BuildError: The register of captures has faults.
    """
    if not (folder / "fonds.toml").is_file():
        raise SourceError(folder.as_posix(), "is no publication (it has no fonds.toml); name one with --into")
    faults: list[Fault] = []
    known = read_captures(folder, faults)
    document = f"{DOCUMENTS}/{imported.draft.key}.xml"
    faults += _conflicts(imported, folder, document)
    if faults:
        raise BuildError(faults)
    new = [each for each in imported.captures if each.sha256 not in known]
    for each in new:
        _write(folder / CAPTURES / each.name, each.content, folder)
    if new:
        _register(folder / REGISTER, new, folder)
    _write(folder / document, imported.draft.xml.encode(), folder)
    return folder / document


def _conflicts(imported: Imported, folder: Path, document: str) -> Iterator[Fault]:
    """Yield what of a publication stands in the way of a draft: its key, or another edition of its capture."""
    key, sha256 = imported.draft.key, imported.captures[-1].sha256
    faults: list[Fault] = []
    minted = {(str(each.kind), each.key) for each in read_register(folder, faults)}
    holders = [document] if (folder / document).exists() or ("record", key) in minted else []
    root = re.compile(rb"<TEI\b[^>]*?\sxml:id\s*=\s*[\"']" + key.encode() + rb"[\"']")
    for path in sorted((folder / DOCUMENTS).rglob("*.xml")):
        content, shown = path.read_bytes(), path.relative_to(folder).as_posix()
        if sha256.encode() in content:
            message = "is an edition of this capture already; with --stdout a draft is only shown"
            yield Fault(shown, 0, 0, message)
        if shown != document and root.search(content):
            holders.append(shown)
    for each in holders:
        message = (
            f"the key {key!r} is there already, and an edition is never overwritten; give another with --key"
        )
        yield Fault(each, 0, 0, message)


def _write(path: Path, content: bytes, folder: Path) -> None:
    """Write a file so that it is there whole or not at all; one with these bytes may be there already."""
    if not stands_within(path, folder / "data"):
        raise SourceError(path.as_posix(), "leads out of the publication's data folder")
    if path.exists() and path.read_bytes() != content and path.name != "register.csv":
        raise SourceError(path.as_posix(), "is there already, with other content; move it away")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    part.replace(path)


def _register(path: Path, new: Sequence[Kept], folder: Path) -> None:
    """Add rows to the register of captures, under the columns that it has."""
    old = path.read_bytes() if path.exists() else (",".join(_COLUMNS) + "\n").encode()
    before = decode(old, REGISTER)
    line_end = "\r\n" if "\r\n" in before else "\n"
    columns = [name.strip() for name in next(csv.reader(io.StringIO(before)))]
    if "taken_from" not in columns and any(each.taken_from for each in new):
        columns.append("taken_from")
        old = _with_column(before, columns[-1], line_end).encode()
    added = io.StringIO()
    writer = csv.writer(added, lineterminator=line_end)
    for each in new:
        row = _row(each)
        writer.writerow([row.get(name, "") for name in columns])
    end = "" if old.endswith(b"\n") else line_end
    _write(path, old + (end + added.getvalue()).encode(), folder)


def _with_column(table: str, name: str, line_end: str) -> str:
    """Return a table with one more column, empty in every row that has cells."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator=line_end)
    for number, cells in enumerate(csv.reader(io.StringIO(table, newline=""))):
        writer.writerow([*cells, "" if number else name] if cells else [])
    return written.getvalue()


def _row(each: Kept) -> Mapping[str, str]:
    return {
        "file": each.name,
        "sha256": each.sha256,
        "media_type": each.media_type,
        "size_bytes": str(len(each.content)),
        "note": each.note,
        "taken_from": each.taken_from,
    }
