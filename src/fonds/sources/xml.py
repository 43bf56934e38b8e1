"""XML as safely as it can be read: no entities, no network, and every fault with its line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from fonds.errors import Fault, SourceError
from fonds.sources.files import decode

TEI = "http://www.tei-c.org/ns/1.0"
XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

MOST_DEPTH = 200
"""Deepest nesting of elements that is read; real editions stay under 40."""

BLANKS = " \t\r\n"
"""What XML takes for blanks (XML 1.0, 2.3)."""
_DECLARATION = re.compile(rb"""\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
# What has no end takes the rest: it is looked through once.
_IN_DOCTYPE = re.compile(rb"""\"[^\"]*\"|'[^']*'|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|[\[\]>]""", re.DOTALL)
_LONGEST_DOCTYPE = 65_536
# Only supersets of ASCII: in others a declaration of an entity could hide from us.
_ENCODINGS = re.compile(r"utf-?8|us-ascii|iso-8859-\d+|windows-125\d", re.IGNORECASE)


@dataclass(slots=True)
class Document:
    """An XML file while it is read.

    Attributes:
        path: Its name in messages.
        source: Its bytes.
        root: Its outermost element; TEI elements have their names without the namespace.
        by_id: Its elements by ``xml:id``; of several with one, the first.
        repeated: What stands twice as an ``xml:id``: a pointer to it leads nowhere in particular.
        faults: What is wrong with it, so far.
        lines: Its lines, once somebody has asked for a place.
        met: What was met in it and not understood, with how often.
    """

    path: str
    source: bytes
    root: etree._Element
    by_id: dict[str, etree._Element] = field(default_factory=dict)
    repeated: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list, repr=False)
    met: Counter[str] = field(default_factory=Counter)

    def part(self, root: etree._Element) -> Document:
        """Return a part of the file as a document of its own: its faults and its ids are those below one element."""
        found = ((each.get(XML_ID), each) for each in root.iter())
        by_id: dict[str, etree._Element] = {}
        for name, element in found:
            if name is not None:
                by_id.setdefault(name, element)
        return Document(self.path, self.source, root, by_id, self.repeated, [], self.lines)

    def fault(self, element: etree._Element, message: str, *, near: str = "") -> None:
        """Add a fault that stands at an element.

        Args:
            element: Where it is.
            message: What is wrong and what is expected.
            near: A piece of the start tag, such as ``ref="x"``, by which the column is found.
        """
        line, column = self.place(element, near)
        self.faults.append(Fault(self.path, line, column, message))

    def place(self, element: etree._Element, near: str = "") -> tuple[int, int]:
        """Return the 1-based line and column of an element's start tag, or of a piece of it; column 0 if it cannot be told."""
        end = line_of(element)
        if not self.lines:
            self.lines.extend(self.source.split(b"\n"))
        tag = b"<" + str(element.tag).encode()
        # A parser counts the line on which a start tag ends; the piece stands there or above.
        last = min(end, len(self.lines))
        for line in range(last, max(last - 40, 0), -1):
            found = self.lines[line - 1].find(near.encode() or tag)
            if found >= 0:
                return line, len(self.lines[line - 1][:found].decode("utf-8", "replace")) + 1
            if tag in self.lines[line - 1]:
                break
        return end, 0


def line_of(element: etree._Element) -> int:
    """Return the line of an element's start tag."""
    line: object = element.sourceline  # the stubs give it no usable type
    return line if isinstance(line, int) else 0


def read_document(source: bytes, path: str) -> Document:
    """Parse a file; elements with one ``xml:id`` are faults of the document, not errors.

    Raises:
        SourceError: It is not well-formed, not in an encoding we read, declares entities, or is nested too deeply.
    """
    _check_encoding(source, path)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        collect_ids=False,  # libxml2 refuses a file with one id twice; we name both lines instead
        remove_comments=True,
        remove_pis=True,
    )
    try:
        # Without ids to collect, libxml2 reads an external DTD although it is told not to; hence no DOCTYPE at all.
        root = etree.fromstring(_without_doctype(source, path), parser)
    except etree.XMLSyntaxError as error:
        raise _malformed(error, path) from error
    document = Document(path, source, root)
    _look_through(document)
    return document


def _check_encoding(source: bytes, path: str) -> None:
    if source[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in source[:4]:
        raise SourceError(path, "is not UTF-8 but UTF-16 or UTF-32; save it as UTF-8", line=1)
    declared = _DECLARATION.match(source.removeprefix(b"\xef\xbb\xbf"))
    encoding = declared[1].decode() if declared else "UTF-8"
    if not _ENCODINGS.fullmatch(encoding):
        raise SourceError(path, f"declares the encoding {encoding}; save it as UTF-8", line=1)
    if encoding.upper() in ("UTF-8", "UTF8"):
        decode(source, path)


def _without_doctype(source: bytes, path: str) -> bytes:
    """Return a file with its DOCTYPE blanked, every other byte in its place.

    Raises:
        SourceError: The DOCTYPE declares an entity.
    """
    start = _doctype(source)
    if start is None:
        return source
    end = _end_of_doctype(source, start, path)
    entity = source.find(b"<!ENTITY", start, end)
    if entity >= 0:
        line = source.count(b"\n", 0, entity) + 1
        raise SourceError(
            path, "declares an entity; entities are not read, write the characters themselves", line=line
        )
    return source[:start] + re.sub(rb"[^\n]", b" ", source[start:end]) + source[end:]


def _doctype(source: bytes) -> int | None:
    """Return where the DOCTYPE begins; only blanks, comments and instructions can stand before it."""
    at = len(source) - len(source.removeprefix(b"\xef\xbb\xbf"))
    while True:
        while source[at : at + 1] in (b" ", b"\t", b"\r", b"\n"):
            at += 1
        for opening, closing in ((b"<?", b"?>"), (b"<!--", b"-->")):
            if source.startswith(opening, at):
                end = source.find(closing, at)
                if end < 0:
                    return None
                at = end + len(closing)
                break
        else:
            return at if source.startswith(b"<!DOCTYPE", at) else None


def _end_of_doctype(source: bytes, start: int, path: str) -> int:
    depth = 0
    for token in _IN_DOCTYPE.finditer(source, start + 9, start + _LONGEST_DOCTYPE):
        depth += {b"[": 1, b"]": -1}.get(token[0], 0)
        if depth == 0 and token[0] == b">":
            return token.end()
    line = source.count(b"\n", 0, start) + 1
    raise SourceError(
        path, f"its DOCTYPE does not end within {_LONGEST_DOCTYPE} bytes; leave it out", line=line
    )


def _malformed(error: etree.XMLSyntaxError, path: str) -> SourceError:
    line, column = error.position
    message = re.sub(r", line \d+, column \d+.*$", "", error.msg or "it cannot be parsed")
    return SourceError(
        path, f"is not well-formed XML: {message}", line=max(line or 0, 0), column=max(column or 0, 0)
    )


def _look_through(document: Document) -> None:
    """Take TEI's namespace off the names, list the ids, and refuse what would not be read whole."""
    prefix = f"{{{TEI}}}"
    depth = 0
    above: list[etree._Element] = []
    for element in document.root.iter():
        if not isinstance(element.tag, str):
            line = line_of(element)
            raise SourceError(
                document.path, f"refers to the entity {element.text}; write the character itself", line=line
            )
        parent = element.getparent()
        while above and above[-1] is not parent:
            above.pop()
        above.append(element)
        depth = len(above)
        if depth > MOST_DEPTH:
            message = f"elements are nested more than {MOST_DEPTH} deep; this is no edition"
            raise SourceError(document.path, message, line=line_of(element))
        if element.tag.startswith(prefix):
            element.tag = element.tag[len(prefix) :]
        name = element.get(XML_ID)
        if name is not None:
            _note_id(document, element, name)


def _note_id(document: Document, element: etree._Element, name: str) -> None:
    earlier = document.by_id.get(name)
    if earlier is None:
        document.by_id[name] = element
        return
    document.repeated.add(name)
    line = document.place(earlier, f'xml:id="{name}"')[0]
    document.fault(
        element,
        f'xml:id="{name}" is there already, in line {line}; give one of them another',
        near=f'xml:id="{name}"',
    )


def words_of(element: etree._Element | None) -> str:
    """Return all the words in an element, blanks as single spaces, none at the ends; empty for None."""
    return spaced("".join(map(str, element.itertext()))) if element is not None else ""


def spaced(text: str) -> str:
    """Return a text with every run of blanks as one space, and none at the ends.

    Blanks are XML's four, and what ASCII has besides, which cannot stand in XML: form feed and vertical tab.

    >>> spaced(" Nr.\\u00a01,\\n  \\tpage 2 ")
    'Nr.\\xa01, page 2'
    """
    # Bytes are split at just these, eight times as fast as a pattern does it.
    return b" ".join(text.encode("utf-8", "surrogatepass").split()).decode("utf-8", "surrogatepass")


def is_blank(text: str | None) -> bool:
    """Tell whether a text has no words."""
    return text is None or not text.strip(BLANKS)


def language_of(element: etree._Element) -> str | None:
    """Return the language of an element's words: its own ``xml:lang`` or the nearest one above."""
    here: etree._Element | None = element
    while here is not None:
        language = here.get(XML_LANG)
        if language:
            return language
        here = here.getparent()
    return None


def first(elements: Iterator[etree._Element]) -> etree._Element | None:
    """Return the first of elements, None if there is none."""
    return next(elements, None)
