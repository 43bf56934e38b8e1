"""TEI P5: an edition becomes a record, with its positions in the capture or in its own words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
from lxml import etree

from fonds.errors import SourceError
from fonds.model import Capture, Origin, Phrase, Record, Text, plain
from fonds.sources import Reading
from fonds.sources.capture import Captured, Piece, align
from fonds.sources.files import shown_path, too_large
from fonds.sources.pointers import slug_of
from fonds.sources.tei_context import Context, key_of_file, pointers_of
from fonds.sources.tei_header import Header
from fonds.sources.tei_statements import StatementReader, read_relations, with_context
from fonds.sources.tei_text import Marked, TextReader, anchored, marked_places, plain_places
from fonds.sources.volumes import is_register, is_volume, read_volume, words_of_date
from fonds.sources.xml import XML_ID, Document, language_of, line_of, read_document, words_of

_OUTERMOST = frozenset({"teiHeader", "text", "standOff"})
"""What is read of a TEI document; what else one holds is counted, such as a transcription in ``sourceDoc``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeiSource:
    """Reads the TEI files of one collection, or those of a publication that are in none.

    Attributes:
        folder: The publication.
        context: What is known of it, and how the collection is read.
    """

    folder: Path
    context: Context

    def accepts(self, path: Path) -> bool:
        """Tell whether a file is XML by its name; that it is TEI shows when it is read."""
        return path.suffix.lower() == ".xml"

    def read(self, path: Path) -> Iterator[Reading]:
        """Yield what came of each document of a file, and of what the file itself lists."""
        shown = shown_path(path, self.folder)
        size, most = path.stat().st_size, self.context.profile.file_bytes
        if size > most:
            yield self.context.told(Reading(faults=(too_large(shown, size, most),)))
        else:
            yield from self.parse(path.read_bytes(), shown)

    def parse(self, source: bytes, shown: str) -> Iterator[Reading]:
        """Yield what came of the bytes of a file, whose name in messages is given."""
        return read_tei(source, shown, self.context)


def read_tei(source: bytes, path: str, context: Context) -> Iterator[Reading]:
    """Read a TEI file: one document, a volume of them, or a register.

    A function of its arguments alone, so that it can run in another process.

    Args:
        source: The bytes of the file.
        path: Its name in messages.
        context: What the publication knows besides.

    Yields:
        Each record, what the file itself lists, and all faults; one without a record where the file is no TEI.
    """
    try:
        document = read_document(source, path)
    except SourceError as error:
        yield context.told(Reading(faults=(error.fault,)))
        return
    root = document.root
    header = root.find("teiHeader")
    key = key_of_file(root, path)
    if root.tag == "teiCorpus":
        yield from _corpus(document, key, context)
        return
    if root.tag != "TEI":
        document.fault(root, f"is no TEI document: its outermost element is <{root.tag}>, expected <TEI>")
    elif header is None:
        document.fault(root, "has no teiHeader; a record needs at least a title")
    elif not key:
        document.fault(root, "has no xml:id, and its name has no letter to make a key from")
    elif is_register(root, context.profile):
        yield context.told(_register(document, context))
        return
    elif is_volume(root, context.profile):
        for reading in read_volume(document, header, key, context):
            yield context.told(reading)
        return
    else:
        yield context.told(_read(document, header, key, context))
        return
    yield context.told(Reading(faults=tuple(document.faults)))


def read_edition(document: Document, key: str, context: Context, edition: bytes) -> Reading:
    """Read a document that has a ``teiHeader`` and was not read from XML.

    Args:
        document: It.
        key: The key of its record.
        context: What the publication knows besides.
        edition: The same as a file of TEI P5.
    """
    header = document.root.find("teiHeader")
    assert header is not None
    return context.told(_read(document, header, key, context, edition))


def _corpus(document: Document, key: str, context: Context) -> Iterator[Reading]:
    """Read a file that holds several TEI documents, each with a header of its own."""
    for at, each in enumerate(document.root.iterfind("TEI"), start=1):
        part, header = document.part(each), each.find("teiHeader")
        own = slug_of(each.get(XML_ID) or "") or f"{key}-{at}"
        if not each.get(XML_ID):
            part.fault(each, f"has no xml:id; its identifier ends in {own!r} until it gets one")
        if header is None:
            part.fault(each, "has no teiHeader; a record needs at least a title")
            yield context.told(Reading(faults=tuple(part.faults)))
        elif is_volume(each, context.profile):
            for reading in read_volume(part, header, own, context):
                yield context.told(reading)
        else:
            # Elements lost their namespace when they were read; those above still declare it.
            edition = etree.tostring(each, encoding="utf-8", with_tail=False)
            yield context.told(_read(part, header, own, context, edition))
    yield context.told(Reading(faults=tuple(document.faults)))


def _register(document: Document, context: Context) -> Reading:
    """Return what a register lists; its key is that of the collection."""
    shared = replace(context, profile=msgspec.structs.replace(context.profile, ids="collection"), listed={})
    pointers = pointers_of(document, context.profile.name, shared)
    edition = slug_of(document.path)
    authorities = tuple(replace(each, edition=edition) for each in pointers.own.values())
    return Reading(
        authorities=authorities,
        listed={name: found for name, found in pointers.entries.items() if found},
        is_register=True,
        met=document.met,
        faults=tuple(dict.fromkeys(document.faults)),
    )


def _read(
    document: Document, header_element: etree._Element, key: str, context: Context, edition: bytes = b""
) -> Reading:
    profile = context.profile
    for each in document.root:
        if each.tag not in _OUTERMOST:
            document.met[f"<{etree.QName(each).localname}>"] += 1
    pointers = pointers_of(document, key, context)
    header = Header(document, pointers, header_element, profile.language)
    text_element = document.root.find("text")
    language, versions = header.languages(text_element)
    text = TextReader(
        document, pointers, header.grounds(), context.note_types, header.capture() is not None, profile
    ).read(text_element, language)
    marked = marked_places(text)
    text = replace(text, statements=StatementReader(document, pointers).read(marked))
    capture, text = _anchor(document, header, text, marked, context)
    header.note_unread()
    title, title_source = header.title() or _title_of_text(document, text, key)
    created = header.created(text_element)
    record = Record(
        key=key,
        title=title,
        title_source=title_source,
        label=header.label() or title,
        text=text,
        fulltext=context.fulltext_of(key),
        types=header.types(),
        creators=header.creators(),
        created=created,
        dated_in_words="" if created or text_element is None else words_of_date(text_element),
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
        edition=edition or document.source,
        editorial_language=language_of(header_element) or profile.language or "en",
        authors=() if profile.strict else header.authors(),
        correspondence=header.correspondence(),
        related=header.related(),
        elements=header.related_units(),
        written_at=header.written_at(),
        keywords=header.keywords(),
        remarks=header.remarks(),
        sources=header.sources(),
        described_with=() if profile.strict else header.described_with(),
        rights=profile.rights or header.rights(),
        origin=Origin(document.path, line_of(document.root)),
    )
    return Reading(
        record=record,
        authorities=tuple(replace(each, edition=key) for each in pointers.own.values()),
        faults=tuple(dict.fromkeys(document.faults)),
        met=document.met,
        addresses=dict.fromkeys(_addresses(document), key),
    )


def _addresses(document: Document) -> Iterator[str]:
    """Yield the names by which other files can point to a document: its ``xml:id``, and its file's name."""
    if document.root.getparent() is None:
        yield Path(document.path).name.removesuffix(".xml").removesuffix(".tei")
    name = document.root.get(XML_ID)
    if name:
        yield name.removesuffix(".xml")


def _title_of_text(document: Document, text: Text, key: str) -> tuple[Phrase, str]:
    """Return the first heading as the title; a fault, and the key, where there is none either."""
    head = next(document.root.iter("head"), None)
    if words_of(head):
        return Phrase(words_of(head), text.language), "title-on-document"
    document.fault(document.root, "has no title; write one into teiHeader/fileDesc/titleStmt/title")
    return Phrase(key), "title-supplied"


def _anchor(
    document: Document, header: Header, text: Text, marked: Marked, context: Context
) -> tuple[Capture | None, Text]:
    """Return the capture, if the edition names one, and the text with positions in it, else in its own words."""
    captured = _captured(document, header, context)
    if captured is None:
        return None, with_context(anchored(text, plain_places(text), marked), text.plain)
    furniture = tuple(header.furniture())
    capture = replace(captured.capture, furniture=tuple(piece.words for piece in furniture))
    if captured.text is None:
        return capture, with_context(anchored(text, plain_places(text), marked), text.plain)
    blocks = [Piece(block.name, plain(block.content), block.origin.line) for block in text.blocks]
    places, faults = align(document.path, captured, blocks, header.transcribed(), furniture)
    document.faults.extend(faults)
    return capture, with_context(anchored(text, places, marked), captured.text)


def _captured(document: Document, header: Header, context: Context) -> Captured | None:
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
