"""A TEI edition with its header, its divisions and its numbers, and no more words than may be published.

What stays is copied byte for byte; the XML parser tells only where things begin and end.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from fonds.errors import SourceError
from fonds.model import Record
from fonds.quotation import quotable

_GAP = b'<gap reason="not-published"/>'

_DIVISIONS = frozenset(
    {"text", "front", "body", "back", "group", "div", "div1", "div2", "div3", "div4", "div5", "div6", "div7"}
)
_HOLDS_A_GAP = frozenset(
    {"p", "ab", "head", "note", "opener", "closer", "dateline", "salute", "signed", "byline", "trailer"}
)
"""Elements whose words can be replaced by a gap; others are replaced as a whole (TEI P5: a list needs items, a table rows)."""

_QUOTES: Mapping[str, bytes] = {
    "editorialDecl": b"<p>" + _GAP + b"</p>",
    **dict.fromkeys(
        ("additions", "note", "quote", "q", "said", "seg", "incipit", "explicit", "rubric", "colophon"), _GAP
    ),
}
"""Elements of a header that may quote the text, and what is left of their content."""

_LISTS_OF_NAMES = frozenset({"listPerson", "listOrg", "listPlace", "listEvent", "listRelation"})

_PARAGRAPHS = frozenset({"p", "ab"})
_WORDLESS_ATTRIBUTES = frozenset({"xml:id", "xml:lang", "n", "type"})


def shortened_edition(record: Record) -> bytes | None:
    """Return a record's edition with no more words than may be published, None if it has no edition.

    Header, divisions, numbers and lists of names stay; other words, those that the header quotes too, give way to
    ``<gap reason="not-published"/>``. Comments go: whoever encoded the text may have quoted it there.

    Raises:
        SourceError: It is not XML, not TEI, not UTF-8, or declares entities of its own.
    """
    if not record.edition:
        return None
    allowed = quotable(record)
    # Space in the edition is laid out for people; only what is not space counts the same in the block and in the file.
    letters = {block.name: _letters(block.text[: allowed[block.name]]) for block in record.text.blocks}
    whole = frozenset(
        block.name for block in record.text.blocks if 0 < len(block.text) == allowed[block.name]
    )
    try:
        edition = _parse(_without_comments(record.edition))
        return b"".join(_shorten(edition, _Allowance(letters, whole, _names_by_line(record))))
    except expat.ExpatError as error:
        raise SourceError(
            record.origin.path, f"no excerpt can be made: {error}", line=error.lineno, column=error.offset + 1
        ) from error
    except _Unshortenable as error:
        raise SourceError(record.origin.path, f"no excerpt can be made: {error}") from error


def _letters(words: str) -> int:
    return len("".join(words.split()))


def _names_by_line(record: Record) -> Mapping[int, str]:
    """Return the block that begins on each line of the edition, where there is one only."""
    lines = Counter(block.origin.line for block in record.text.blocks)
    return {block.origin.line: block.name for block in record.text.blocks if lines[block.origin.line] == 1}


def _without_comments(source: bytes) -> bytes:
    """Return an edition with nothing but their line ends in place of its comments."""
    parser = expat.ParserCreate()
    starts: list[int] = []
    parser.StartDoctypeDeclHandler = _refuse_entities
    parser.CommentHandler = lambda _words: starts.append(parser.CurrentByteIndex)
    parser.Parse(source, True)
    pieces, begin = [], 0
    for start in starts:
        end = source.index(b"-->", start) + len(b"-->")
        pieces += [source[begin:start], b"\n" * source.count(b"\n", start, end)]
        begin = end
    return b"".join([*pieces, source[begin:]])


def _refuse_entities(_name: str, _system: str | None, _public: str | None, internal: int) -> None:
    if internal:
        raise _Unshortenable("it declares entities of its own; write their text instead")


class _Unshortenable(Exception):
    """The edition is of a form from which nothing can be left out safely."""


@dataclass(slots=True)
class _Element:
    """An element of an edition, by the bytes at which its parts begin and end in the source."""

    source: bytes
    name: str
    attributes: dict[str, str]
    start: int
    content: int = 0
    closing: int = 0
    end: int = 0
    children: list[_Element | bytes] = field(default_factory=list)

    @property
    def local(self) -> str:
        return self.name.rpartition(":")[2]

    @property
    def raw(self) -> bytes:
        return self.source[self.start : self.end]

    @property
    def opening_tag(self) -> bytes:
        return self.source[self.start : self.content]

    @property
    def closing_tag(self) -> bytes:
        return self.source[self.closing : self.end]

    @property
    def elements(self) -> list[_Element]:
        return [child for child in self.children if isinstance(child, _Element)]


class _Allowance(NamedTuple):
    """How many characters that are no space may stay of each block, which stay whole, and which paragraph a line holds."""

    letters: Mapping[str, int]
    whole: frozenset[str]
    by_line: Mapping[int, str]

    def name_of(self, element: _Element) -> str:
        """Return which block an element is: by its ``xml:id``, for a paragraph without one by its line; empty if unknown."""
        name = element.attributes.get("xml:id", "")
        if name or element.local not in _PARAGRAPHS:
            return name
        return self.by_line.get(element.source.count(b"\n", 0, element.content) + 1, "")


def _nothing(_place: int) -> None:
    """End nothing: between the prologue and the first element, and after comments."""


class _TreeBuilder:
    """Takes the events of the XML parser, each with its place in the source."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._open = [_Element(source, "", {}, 0)]
        self._after: Callable[[int], None] = _nothing
        self._parser = parser = expat.ParserCreate()
        parser.XmlDeclHandler = self._declare
        parser.StartDoctypeDeclHandler = _refuse_entities
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.DefaultHandler = self._other

    def build(self) -> _Element:
        self._parser.Parse(self._source, True)
        self._settle(len(self._source))
        return self._open[0].elements[0]

    def _settle(self, place: int) -> None:
        """End what came before: only the next event tells where it ended."""
        after, self._after = self._after, _nothing
        after(place)

    def _declare(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if (encoding or "utf-8").lower() not in ("utf-8", "us-ascii", "ascii"):
            raise _Unshortenable(f"its encoding is {encoding}; save it as UTF-8")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        here = self._parser.CurrentByteIndex
        self._settle(here)
        element = _Element(self._source, name, attributes, here)
        self._open[-1].children.append(element)
        self._open.append(element)
        self._after = lambda place: setattr(element, "content", place)

    def _end(self, _name: str) -> None:
        here = self._parser.CurrentByteIndex
        self._settle(here)
        element = self._open.pop()
        element.closing = here
        self._after = lambda place: setattr(element, "end", place)

    def _characters(self, _data: str) -> None:
        here = self._parser.CurrentByteIndex
        self._settle(here)
        children, source = self._open[-1].children, self._source
        self._after = lambda place: children.append(source[here:place])

    def _other(self, _data: str) -> None:
        # Comments, instructions and the marks of CDATA sections end what came before and are no words.
        self._settle(self._parser.CurrentByteIndex)


def _shorten(root: _Element, allowance: _Allowance) -> Iterator[bytes]:
    if root.local != "TEI":
        raise _Unshortenable(f"its root is <{root.name}>, expected <TEI>")
    yield root.source[: root.content]
    for part in root.elements:
        match part.local:
            case "teiHeader":
                yield from _without_quotations(part)
            case "standOff":
                # Lists of names stay, so that pointers into them hold; notes and quoted spans go.
                lists = [each.raw for each in part.elements if each.local in _LISTS_OF_NAMES]
                yield b"".join([_bare_tag(part), *lists, _end_tag(part)]) if lists else b""
            case "text":
                yield from _divide(part, allowance)
    yield root.source[root.closing :]


def _without_quotations(header: _Element) -> Iterator[bytes]:
    """Yield the header with gaps in place of what may quote the text: editorial remarks, notes, descriptions of additions."""
    begin = header.start
    waiting = [header]
    while waiting:
        element = waiting.pop()
        gap = _QUOTES.get(element.local) if element.children else None
        if gap is None:
            waiting += reversed(element.elements)
        else:
            yield header.source[begin : element.content] + gap
            begin = element.closing
    yield header.source[begin : header.end]


def _divide(division: _Element, allowance: _Allowance) -> Iterator[bytes]:
    yield _bare_tag(division)
    for each in division.elements:
        if each.local in _DIVISIONS:
            yield from _divide(each, allowance)
        elif each.local in _HOLDS_A_GAP:
            yield from _excerpt(each, allowance)
        elif each.children:
            yield _GAP
    yield _end_tag(division)


def _excerpt(block: _Element, allowance: _Allowance) -> Iterator[bytes]:
    name = allowance.name_of(block)
    whole = name in allowance.whole
    quoted, _ = _quote(block.children, sys.maxsize if whole else allowance.letters.get(name, 0))
    yield _bare_tag(block) + quoted + (b"" if whole else _GAP) + _end_tag(block)


def _quote(content: Iterable[_Element | bytes], left: int) -> tuple[bytes, int]:
    """Return the beginning of a content that has so many characters which are no space, and how many are left over."""
    out: list[bytes] = []
    for each in content:
        if left == 0:
            break
        if isinstance(each, bytes):
            piece, left = _quote_words(each, left)
            out.append(piece)
        else:
            piece, left = _quote(each.children, left)
            out += [each.opening_tag, piece, each.closing_tag]
    return b"".join(out), left


def _quote_words(raw: bytes, left: int) -> tuple[bytes, int]:
    if raw.startswith(b"&"):
        return raw, left - 1
    words = raw.decode()
    for index, character in enumerate(words):
        if not character.isspace():
            if left == 0:
                return words[:index].encode(), 0
            left -= 1
    return raw, left


def _bare_tag(element: _Element) -> bytes:
    """Return the opening tag with those attributes only that hold no words of the record."""
    kept = [
        f" {name}={quoteattr(value)}"
        for name, value in element.attributes.items()
        if name in _WORDLESS_ATTRIBUTES or name == "xmlns" or name.startswith("xmlns:")
    ]
    return f"<{element.name}{''.join(kept)}>".encode()


def _end_tag(element: _Element) -> bytes:
    return f"</{element.name}>".encode()


def _parse(source: bytes) -> _Element:
    return _TreeBuilder(source).build()
