"""TEI P5: an edition becomes a record, with its positions in the capture or in its own words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from pathlib import Path

from lxml import etree

from fonds.errors import SourceError
from fonds.identifiers import is_slug
from fonds.model import Capture, Origin, Phrase, Record, Reference, Text, plain
from fonds.sources import Reading
from fonds.sources.capture import Captured, Piece, align
from fonds.sources.files import shown_path
from fonds.sources.pointers import Pointers, slug_of
from fonds.sources.tei_header import Header
from fonds.sources.tei_statements import StatementReader, read_relations, with_context
from fonds.sources.tei_text import TextReader, anchored, marked_places, plain_places
from fonds.sources.xml import XML_ID, Document, language_of, line_of, read_document, words_of


@dataclass(frozen=True, slots=True, kw_only=True)
class TeiSource:
    """Reads TEI editions of one publication.

    Attributes:
        folder: The publication.
        known: What its tables list, and the program's own terms.
        by_iri: Things by their accepted identifiers elsewhere.
        captures: Its captures by SHA-256.
        fulltext: For a record's key, how much of its words leaves the house.
        default_fulltext: The same for records that are not there.
        base: The publication's base, if it is fixed.
    """

    folder: Path
    known: Set[Reference] = frozenset()
    by_iri: Mapping[str, Reference] = field(default_factory=dict)
    captures: Mapping[str, Captured] = field(default_factory=dict)
    fulltext: Mapping[str, str] = field(default_factory=dict)
    default_fulltext: str = "full"
    base: str | None = None

    def accepts(self, path: Path) -> bool:
        """Tell whether a file is XML by its name; that it is TEI shows when it is read."""
        return path.suffix.lower() == ".xml"

    def read(self, path: Path) -> Iterator[Reading]:
        """Yield what came of the one document of a file."""
        yield read_tei(path.read_bytes(), shown_path(path, self.folder), self)


def read_tei(source: bytes, path: str, context: TeiSource) -> Reading:
    """Read a TEI document.

    Args:
        source: The bytes of the file.
        path: Its name in messages.
        context: What the publication knows besides.

    Returns:
        The record, what the document itself lists, and all faults; no record where the file is no TEI.
    """
    try:
        document = read_document(source, path)
    except SourceError as error:
        return Reading(faults=(error.fault,))
    root = document.root
    header = root.find("teiHeader")
    key = slug_of(root.get(XML_ID) or Path(path).name.removesuffix(".xml").removesuffix(".tei"))
    given = root.get(XML_ID)
    if given and is_slug(given):
        key = given
    if root.tag != "TEI":
        document.fault(root, f"is no TEI document: its outermost element is <{root.tag}>, expected <TEI>")
    elif header is None:
        document.fault(root, "has no teiHeader; a record needs at least a title")
    elif not key:
        document.fault(root, "has no xml:id, and its name has no letter to make a key from")
    else:
        return _read(document, header, key, context)
    return Reading(faults=tuple(document.faults))


def _read(document: Document, header_element: etree._Element, key: str, context: TeiSource) -> Reading:
    pointers = Pointers(document, key, context.known, context.by_iri, context.base)
    header = Header(document, pointers, header_element)
    text_element = document.root.find("text")
    language, versions = header.languages(text_element)
    note_types = frozenset(each.key for each in context.known if each.kind == "type")
    text = TextReader(document, pointers, header.grounds(), note_types, header.capture() is not None).read(
        text_element, language
    )
    text = replace(text, statements=StatementReader(document, pointers).read(marked_places(text)))
    capture, text = _anchor(document, header, text, context)
    title, title_source = header.title() or _title_of_text(document, text, key)
    record = Record(
        key=key,
        title=title,
        title_source=title_source,
        label=header.label() or title,
        text=text,
        fulltext=context.fulltext.get(key, context.default_fulltext),
        types=header.types(),
        creators=header.creators(),
        created=header.created(text_element),
        identifiers=header.identifiers(),
        shelfmark=header.shelfmark(),
        holding=header.holding(),
        keeper=header.keeper(),
        part_of=header.part_of(),
        versions=versions,
        documents=header.documents(),
        abstract=header.abstract(),
        citation=header.citation(),
        publication=header.publication(),
        capture=capture,
        subjects=header.subjects(),
        classifications=header.classifications(),
        custody=header.custody(),
        tenures=header.tenures(),
        relations=read_relations(document, pointers),
        edition=document.source,
        editorial_language=language_of(header_element) or "en",
        origin=Origin(document.path, line_of(document.root)),
    )
    faults = tuple(dict.fromkeys(document.faults))
    return Reading(record=record, authorities=tuple(pointers.own.values()), faults=faults)


def _title_of_text(document: Document, text: Text, key: str) -> tuple[Phrase, str]:
    """Return the first heading as the title; a fault, and the key, where there is none either."""
    head = next(document.root.iter("head"), None)
    if words_of(head):
        return Phrase(words_of(head), text.language), "title-on-document"
    document.fault(document.root, "has no title; write one into teiHeader/fileDesc/titleStmt/title")
    return Phrase(key), "title-supplied"


def _anchor(
    document: Document, header: Header, text: Text, context: TeiSource
) -> tuple[Capture | None, Text]:
    """Return the capture, if the edition names one, and the text with positions in it, else in its own words."""
    captured = _captured(document, header, context)
    if captured is None:
        return None, with_context(anchored(text, plain_places(text)), text.plain)
    furniture = tuple(header.furniture())
    capture = replace(captured.capture, furniture=tuple(piece.words for piece in furniture))
    if captured.text is None:
        return capture, with_context(anchored(text, plain_places(text)), text.plain)
    blocks = [Piece(block.name, plain(block.content), block.origin.line) for block in text.blocks]
    places, faults = align(document.path, captured, blocks, header.transcribed(), furniture)
    document.faults.extend(faults)
    return capture, with_context(anchored(text, places), captured.text)


def _captured(document: Document, header: Header, context: TeiSource) -> Captured | None:
    description = header.capture()
    if description is None:
        return None
    number = description.find("idno[@type='sha256']")
    sha256 = words_of(number).lower()
    captured = context.captures.get(sha256)
    if captured is None:
        what = f"the capture {sha256[:16]}… is not" if sha256 else "no idno of type sha256 names a capture"
        message = f"{what} in data/captures/register.csv, or its file is faulty" if sha256 else what
        document.fault(description if number is None else number, message)
    return captured
