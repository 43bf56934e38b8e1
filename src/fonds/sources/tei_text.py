"""The text of a TEI edition: its blocks with their marks, what it names, what is missing, and its notes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from lxml import etree

from fonds.identifiers import Kind
from fonds.model import (
    Block,
    BlockKind,
    Certainty,
    Dated,
    Gap,
    Inline,
    Mark,
    Mention,
    Note,
    Origin,
    Page,
    Reference,
    Span,
    Text,
    plain,
)
from fonds.settings import Collection
from fonds.sources.brackets import bracketed, loss_in_brackets
from fonds.sources.pointers import Pointers, slug_of
from fonds.sources.sheets import meant
from fonds.sources.tei_dates import dated
from fonds.sources.xml import BLANKS, XML_ID, XML_LANG, Document, is_blank, line_of, spaced, words_of
from fonds.vocabulary import LACUNA_UNITS

Content = tuple[str | Inline, ...]

_MENTIONS = frozenset(
    {"persName", "orgName", "placeName", "geogName", "country", "settlement", "region", "district", "bloc"}
)
_POINTING_MENTIONS = frozenset({"title", "term", "ref", "ptr"})
"""What is a mention where it points to something, and else is just words."""
_MARKS: Mapping[str, Mark] = {
    "date": Mark.DATE,
    "gap": Mark.GAP,
    "note": Mark.NOTE,
    "said": Mark.SPEECH,
    "q": Mark.QUOTATION,
    "quote": Mark.QUOTATION,
    "hi": Mark.EMPHASIS,
    "emph": Mark.EMPHASIS,
    "label": Mark.LABEL,
    "supplied": Mark.EDITORIAL,
    "foreign": Mark.FOREIGN,
    "del": Mark.DELETION,
    "lb": Mark.BREAK,
    "pb": Mark.BREAK,
    "cb": Mark.BREAK,
    "milestone": Mark.BREAK,
}
_SEGMENTS: Mapping[str | None, Mark] = {
    "statement": Mark.STATEMENT,
    "editorial": Mark.EDITORIAL,
    "label": Mark.LABEL,
}
_UNDERSTOOD = frozenset(
    {
        "seg",
        "choice",
        "anchor",
        "signed",
        "stamp",
        "roleName",
        "name",
        "rs",
        "title",
        "term",
        "ref",
        "ptr",
        "gloss",
        "orig",
    }
    | {
        "sic",
        "abbr",
        "time",
        "surname",
        "forename",
        "address",
        "addrLine",
        "street",
        "postCode",
        "desc",
        "idno",
        "num",
    }
)
"""Inline elements whose words are all that they say, or which are read elsewhere."""
# What stands apart from its neighbours although there may be no blank between the tags.
_APART = frozenset(
    {"p", "ab", "item", "cell", "row", "l", "lg", "head", "list", "table", "lb", "pb", "cb", "space"}
)
# Of two readings the one that stands on the paper is transcribed; the editor's is kept as an attribute.
_NOT_ON_PAPER = frozenset({"corr", "reg", "expan"})

_CONTAINERS = frozenset(
    {
        "text",
        "front",
        "body",
        "back",
        "group",
        "list",
        "figure",
        "postscript",
        "floatingText",
        "sp",
        "cit",
        "epigraph",
        "argument",
    }
    | {"titlePage", "docTitle", "div", *(f"div{n}" for n in range(8))}
)
_PARAGRAPHS = frozenset({"p", "ab", "item", "lg", "l", "quote", "said", "speaker", "stage", "figDesc"})
_ABOVE = frozenset(
    {
        "opener",
        "salute",
        "dateline",
        "byline",
        "docAuthor",
        "docDate",
        "titlePart",
        "docImprint",
        "docEdition",
    }
)
_BELOW = frozenset({"closer", "signed", "trailer"})
_LINES = _ABOVE | _BELOW
_LISTS_OF_THINGS = frozenset(
    {
        "listPerson",
        "listOrg",
        "listPlace",
        "listEvent",
        "listBibl",
        "listRelation",
        "listNym",
        "spanGrp",
        "linkGrp",
        "certainty",
    }
)
_AROUND_PARTS = (_PARAGRAPHS | _LISTS_OF_THINGS | {"note", "table"}) - {"quote", "said"}
"""A paragraph within one of these is a part of it, and no block of its own."""
_KNOWN = frozenset(
    {
        *_MARKS,
        *_UNDERSTOOD,
        *_APART,
        *_CONTAINERS,
        *_PARAGRAPHS,
        *_LINES,
        *_MENTIONS,
        *_LISTS_OF_THINGS,
        "choice",
    }
)
"""Elements of which nothing is lost that is not counted."""
_FALLBACK_NAMES = {"signed": "signature", "head": "heading", "speaker": "speaker", "trailer": "trailer"}

# Part names that the mapping gives to other parts of a record; a block with such an xml:id gets another name.
_RESERVED = re.compile(
    r"[a-z]{2,3}|object|number|description|title|edition|writing|making|shelfmark|leaf|reel|written|custody-note|access-note|publishing|web-page"
    r"|translating.*|sending|receiving|addressing|correspondence-.*|actor-.*|pc-.*|place-of-.*|ts-.*|tenure-.*|match-.*|.*-writing|[sa]\d+.*|reg-no|copy-no|id-\d+"
    r"|.*-(content|coding|anchor|target|extent|segment|condition)"
)
_STATEMENT = re.compile(r"s\d+[a-z]?")


@dataclass(slots=True)
class _Frame:
    """An element whose words are being collected."""

    mark: Mark | None
    id: str | None = None
    target: Reference | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    content: list[str | Inline] = field(default_factory=list)


@dataclass(slots=True)
class TextReader:
    """Reads the text of one document.

    Attributes:
        document: The document; what is wrong becomes a fault of it.
        pointers: Resolves its pointers.
        grounds: Why the editor thinks so, by ``xml:id`` of what it is about.
        note_types: Keys of the types that a note can have.
        verbatim: Whether the words must be those of a capture, to the blank; else notes are parted from the words before.
        profile: How its collection is read.
    """

    document: Document
    pointers: Pointers
    grounds: Mapping[str, str]
    note_types: frozenset[str]
    verbatim: bool = False
    profile: Collection = field(default_factory=Collection)
    blocks: list[Block] = field(default_factory=list)
    extra_targets: dict[str, list[Reference]] = field(default_factory=dict)
    elements: dict[str, etree._Element] = field(default_factory=dict)
    _losses: dict[str, tuple[str, str]] = field(default_factory=dict)
    _waiting: list[etree._Element] = field(default_factory=list)  # pages that begin before the next block
    _pages: list[Page] = field(default_factory=list)
    _slugs: Counter[str] = field(default_factory=Counter)
    _taken: set[str] = field(default_factory=set)
    _numbers: dict[etree._Element, int] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)
    _frames: list[_Frame] = field(default_factory=list)
    _blank: bool = False  # blanks came and no words after them yet
    _glued: bool = False  # a word goes on over a line end
    _begun: bool = False  # the block has words already

    def read(self, text: etree._Element | None, language: str) -> Text:
        """Return the words of a ``text`` element; positions count within each block."""
        if text is None:
            return Text(language=language)
        self._read_blocks(text)
        return self._collected(language)

    def words(self, text: etree._Element) -> tuple[str, int]:
        """Return the words of a ``text`` element without marks, and how many mentions there are in them."""
        self._read_blocks(text)
        mentions = sum(self._mark(each, str(each.tag)) is Mark.MENTION for each in self.elements.values())
        return "\n\n".join(filter(None, (block.text for block in self.blocks))), mentions

    def _read_blocks(self, text: etree._Element) -> None:
        self._slugs = Counter(map(slug_of, self.document.by_id))
        self._taken = set(self._slugs)
        self._number(text)
        self._container(text, BlockKind.PARAGRAPH)
        if self.blocks:
            self._begin_pages(self.blocks[-1].name, len(self.blocks[-1].text))

    # -- blocks -------------------------------------------------------------------------------------------------------

    def _number(self, text: etree._Element) -> None:
        """Number the paragraphs: as the edition does with ``n``, if it gives each a number of its own, else as they come."""
        paragraphs = [each for each in text.iter("p", "ab", "item", "lg") if self._is_block(each)]
        given = [each.get("n", "") for each in paragraphs]
        numbered = all(re.fullmatch("[1-9][0-9]{0,8}", n) for n in given) and len(set(given)) == len(given)
        for ordinal, (paragraph, n) in enumerate(zip(paragraphs, given, strict=True), start=1):
            self._numbers[paragraph] = int(n) if numbered else ordinal

    @staticmethod
    def _is_block(element: etree._Element) -> bool:
        """Tell whether a paragraph is a block of its own: not one inside another, inside a note, or in a list of things."""
        return next(element.iterancestors(*_AROUND_PARTS), None) is None

    def _container(self, element: etree._Element, kind: BlockKind) -> None:
        if not is_blank(element.text) or any(not is_blank(child.tail) for child in element):
            self._block(
                element, kind if kind is not BlockKind.PARAGRAPH else _kind(element), element.get(XML_ID)
            )
            return
        for child in element:
            self._child(child, kind)

    def _child(self, child: etree._Element, kind: BlockKind) -> None:
        tag = str(child.tag)
        if tag in _LISTS_OF_THINGS:
            return
        own = self._kind_within(child, kind)
        if tag not in _KNOWN and etree.QName(tag).localname != "attachment":
            self.document.met[f"<{etree.QName(tag).localname}>"] += 1
        if (
            tag in _CONTAINERS
            or (tag in _LINES and self._holds_only_lines(child))
            or self._holds_paragraphs(child)
        ):
            self._container(child, own if tag in _LINES else kind)
        elif tag == "pb":
            self._waiting.append(child)
        elif tag in ("lb", "cb", "milestone", "anchor") and len(child) == 0 and is_blank(child.text):
            return
        else:
            self._block(child, own, child.get(XML_ID))

    @staticmethod
    def _kind_within(child: etree._Element, kind: BlockKind) -> BlockKind:
        if child.tag in _LINES and kind is not BlockKind.PARAGRAPH:
            return kind  # a dateline in a closer belongs to the closer
        return _kind(child) if child.tag in _LINES or child.tag in ("head", "note", "table") else kind

    @staticmethod
    def _holds_only_lines(element: etree._Element) -> bool:
        lines = [child.tag in _LINES for child in element]
        return (
            bool(lines)
            and all(lines)
            and is_blank(element.text)
            and all(is_blank(child.tail) for child in element)
        )

    @staticmethod
    def _holds_paragraphs(element: etree._Element) -> bool:
        """Tell whether a quotation, or an element that we do not know, is a frame around paragraphs."""
        known = element.tag in _PARAGRAPHS - {"quote", "said"} or element.tag in ("note", "table", *_LINES)
        return not known and any(child.tag in ("p", "ab", "head", "lg", "list", "div") for child in element)

    def _block(self, element: etree._Element, kind: BlockKind, name: str | None) -> None:
        content = self._content(element)
        if not content:
            self._waiting.extend(element.iter("pb"))
            return
        content = self._with_losses(content)
        ordinal = self._numbers.get(element) if kind is BlockKind.PARAGRAPH else None
        block = Block(
            name=self._block_name(element, kind, name, ordinal),
            kind=kind,
            content=content,
            ordinal=ordinal,
            span=Span(0, len(plain(content))),
            origin=Origin(self.document.path, line_of(element)),
        )
        self.elements[block.name] = element
        self._begin_pages(block.name, 0)
        self.blocks.append(block)

    def _begin_pages(self, block: str, at: int) -> None:
        """Let the pages begin that were met before a block, or after the last one."""
        for element in self._waiting:
            name = element.get(XML_ID)
            given = self._given(name) if name else None
            self._pages.append(self._page(element, given or self._counted("pg-"), block, Span(at, at)))
        self._waiting.clear()

    def _page(self, element: etree._Element, name: str, block: str, span: Span) -> Page:
        number, picture = element.get("n") or "", element.get("facs") or ""
        origin = Origin(self.document.path, line_of(element))
        return Page(name=name, number=number, facsimile=picture, block=block, span=span, origin=origin)

    def _with_losses(self, content: Content) -> Content:
        """Return a content in which words in brackets that tell of a loss are marked as gaps."""
        if self.verbatim or not self.profile.brackets:
            return content

        def marked(words: Content, cause: str) -> Inline:
            name = self._counted("g")
            self._losses[name] = (cause, "".join(map(_plain, words)))
            return Inline(mark=Mark.GAP, content=words, id=name, attributes={"reason": cause})

        return bracketed(content, self.profile.brackets, marked)

    def _block_name(
        self, element: etree._Element, kind: BlockKind, name: str | None, ordinal: int | None
    ) -> str:
        if name and (given := self._given(name)):
            return given
        if ordinal:
            return self._free(f"p{ordinal}")
        if kind is BlockKind.NOTE:
            return self._counted("note-")
        return self._free(_FALLBACK_NAMES.get(str(element.tag), slug_of(str(element.tag)) or "block"))

    # -- names of parts -----------------------------------------------------------------------------------------------

    def _given(self, name: str) -> str | None:
        """Return an ``xml:id`` as a part name, None where it cannot be one."""
        slug = slug_of(name)
        if not slug or _RESERVED.fullmatch(slug):
            return None
        return slug if self._slugs[slug] == 1 else None

    def _free(self, name: str) -> str:
        """Return a name that no other part has: itself, or with a number behind it."""
        number, free = 1, name
        while free in self._taken or _RESERVED.fullmatch(free):
            number += 1
            free = f"{name}-{number}"
        self._taken.add(free)
        return free

    def _counted(self, prefix: str) -> str:
        """Return the next free name of a series: ``m1``, ``m2``, ``m3``."""
        while True:
            self._counts[prefix] = self._counts.get(prefix, 0) + 1
            name = f"{prefix}{self._counts[prefix]}"
            if name not in self._taken:
                self._taken.add(name)
                return name

    # -- words and marks ----------------------------------------------------------------------------------------------

    def _content(self, element: etree._Element) -> Content:
        """Return an element's words and marks, blanks as single spaces, none at the ends."""
        self._blank, self._glued, self._begun = False, False, False
        self._frames = [_Frame(None)]
        if element.tag == "gap":
            self._inline(element)
        else:
            self._inside(element)
        return tuple(self._frames[0].content)

    def _inside(self, element: etree._Element) -> None:
        self._words(element.text)
        for child in element:
            self._inline(child)
            self._words(child.tail)

    def _words(self, text: str | None) -> None:
        """Add words; a run of blanks becomes one space, outside of marks that begin or end there."""
        if not text:
            return
        words = spaced(text)
        if text[0] in BLANKS:
            self._blank = not self._glued
        if not words:
            return
        if self._blank and self._begun:
            self._space()
        self._blank, self._glued, self._begun = text[-1] in BLANKS, False, True
        _add_words(self._frames[-1].content, words)

    def _space(self) -> None:
        depth = len(self._frames) - 1
        while depth > 0 and not self._frames[depth].content:
            depth -= 1
        _add_words(self._frames[depth].content, " ")

    def _inline(self, element: etree._Element) -> None:
        tag = str(element.tag)
        if tag in _LISTS_OF_THINGS:
            return
        if tag == "choice":
            self._choice(element)
            return
        apart = tag in _APART or (tag == "note" and not self.verbatim)
        if apart:
            self._part(element)
        frame = self._frame(element, tag)
        self._frames.append(frame)
        if tag == "gap":
            for child in element.iterchildren("desc"):
                self._inside(child)
        else:
            self._inside(element)
        self._frames.pop()
        self._frames[-1].content.append(
            Inline(
                mark=frame.mark or Mark.OTHER,
                content=tuple(frame.content),
                id=frame.id,
                target=frame.target,
                attributes=frame.attributes,
            )
        )
        if apart:
            self._part(element)

    def _part(self, element: etree._Element) -> None:
        """Part the words before an element from those after it, unless it says that a word goes on (``break="no"``)."""
        self._blank = element.get("break") != "no"
        self._glued = not self._blank

    def _choice(self, element: etree._Element) -> None:
        """Transcribe what stands on the paper; keep the editor's reading as an attribute of it."""
        others = {str(child.tag): words_of(child) for child in element if child.tag in _NOT_ON_PAPER}
        shown = [child for child in element if child.tag not in _NOT_ON_PAPER] or list(element)[:1]
        frame = _Frame(Mark.OTHER, attributes={"tag": "choice", **others})
        self._frames.append(frame)
        for child in shown:
            self._inside(child)
        self._frames.pop()
        self._frames[-1].content.append(
            Inline(mark=Mark.OTHER, content=tuple(frame.content), attributes=frame.attributes)
        )

    def _frame(self, element: etree._Element, tag: str) -> _Frame:
        mark = self._mark(element, tag)
        frame = _Frame(mark, attributes=_attributes(element, tag, mark))
        name = element.get(XML_ID)
        given = self._given(name) if name else None
        if mark is Mark.MENTION:
            frame.id = given or self._counted("m")
            targets = self._targets(element, tag)
            frame.target = targets[0] if targets else None
            if not targets and (pointer := self.pointers.unresolved(element)):
                frame.attributes["pointer"] = pointer
            if targets[1:]:
                self.extra_targets[frame.id] = targets[1:]
        elif mark in (Mark.GAP, Mark.NOTE):
            frame.id = given or self._counted("g" if mark is Mark.GAP else "note-")
        elif tag == "pb":
            frame.id = given or self._counted("pg-")
        elif mark is Mark.STATEMENT:
            slug = slug_of(name) if name else ""
            frame.id = given or (
                slug if self._slugs[slug] == 1 and _STATEMENT.fullmatch(slug) else self._counted("s")
            )
        elif tag == "signed":
            frame.id = given or self._free("signature")
        elif tag == "stamp":
            frame.id = given or (None if _within_note(element) else self._free("stamp"))
        else:
            frame.id = given
            frame.target = self._target(element, mark, tag)
        if mark is Mark.DATE:
            dated(self.document, element, "ts-text")  # a date that is no date is a fault wherever it stands
        if frame.id:
            self.elements[frame.id] = element
        if mark is Mark.OTHER and tag not in _KNOWN:
            self.document.met[f"<{etree.QName(tag).localname}>"] += 1
        return frame

    def _targets(self, element: etree._Element, tag: str) -> list[Reference]:
        """Return what a name names, or to which other record a reference leads."""
        if tag not in ("ref", "ptr"):
            return list(self.pointers.of(element))
        found = []
        for pointer in (element.get("target") or "").split():
            record = self.pointers.record(pointer)
            if record is not None and record != self.pointers.key:
                found.append(Reference(Kind.RECORD, record))
            elif self.pointers.lists(pointer):
                found += filter(None, [self.pointers.resolve(element, "target", pointer)])
            elif pointer.startswith("#") and self._leads_nowhere(pointer[1:]):
                self.pointers.resolve(element, "target", pointer)
        return found

    def _leads_nowhere(self, name: str) -> bool:
        return name not in self.pointers.ids or name in self.document.repeated

    def _target(self, element: etree._Element, mark: Mark | None, tag: str) -> Reference | None:
        if tag == "roleName":
            return self.pointers.one(element, "ref")
        if mark is Mark.SPEECH:
            return self.pointers.one(element, "who")
        return None

    @staticmethod
    def _mark(element: etree._Element, tag: str) -> Mark:
        if (
            tag in _MENTIONS
            or tag in ("rs", "name")
            or (tag in _POINTING_MENTIONS and _points_to_a_thing(element))
            or (tag == "gloss" and any(map(element.get, ("ref", "key", "target", "type"))))
        ):
            return Mark.MENTION
        if tag == "seg":
            return _SEGMENTS.get(element.get("type"), Mark.OTHER)
        if tag == "q" and element.get("who"):
            return Mark.SPEECH
        return _MARKS.get(tag, Mark.OTHER)

    # -- what the marks say -------------------------------------------------------------------------------------------

    def _collected(self, language: str) -> Text:
        mentions: list[Mention] = []
        gaps: list[Gap] = []
        notes: list[Note] = []
        for block in self.blocks:
            note = self._note_of_block(block)
            if note:
                notes.append(note)
            for inline, span in stretches(block.content):
                if inline.mark is Mark.MENTION:
                    mentions.extend(self._mentions(inline, span, block))
                elif inline.mark is Mark.GAP:
                    gaps.append(self._gap(inline, span, block))
                elif inline.attributes.get("tag") == "pb" and inline.id:
                    element = self.elements[inline.id]
                    self._pages.append(
                        self._page(element, inline.id, block.name, Span(span.start, span.start))
                    )
                elif inline.id and _is_note(inline) and (not note or inline.mark is Mark.NOTE):
                    notes.append(self._note(inline.id, inline.content, span.start))
        order = {block.name: at for at, block in enumerate(self.blocks)}
        return Text(
            language=language,
            blocks=tuple(self.blocks),
            mentions=tuple(mentions),
            gaps=tuple(gaps),
            notes=tuple(notes),
            pages=tuple(
                sorted(self._pages, key=lambda each: (order[each.block], each.span.start if each.span else 0))
            ),
        )

    def _mentions(self, inline: Inline, span: Span, block: Block) -> Iterator[Mention]:
        assert inline.id
        certainty, ground = self._doubt(inline.id)
        mention = Mention(
            name=inline.id,
            target=inline.target,
            form=inline.text,
            block=block.name,
            span=span,
            named=inline.attributes.get("tag") not in ("rs", "ref", "ptr"),
            marked=inline.attributes.get("tag", ""),
            pointer=inline.attributes.get("pointer", ""),
            certainty=certainty,
            ground=ground,
            origin=self._origin(inline.id),
        )
        yield mention
        for target in self.extra_targets.get(inline.id, ()):
            yield replace(mention, name=self._free(inline.id), target=target)

    def _gap(self, inline: Inline, span: Span, block: Block) -> Gap:
        assert inline.id
        if inline.id in self._losses:
            return self._loss(inline.id, span, block)
        element = self.elements[inline.id]
        certainty, ground = self._doubt(inline.id)
        least, most = self._extent(element)
        return Gap(
            name=inline.id,
            cause=(element.get("reason") or "").split(maxsplit=1)[0].lower() if element.get("reason") else "",
            unit=self._unit(element),
            words=inline.text,
            block=block.name,
            span=span,
            at_least=least,
            at_most=most,
            responsible=self.pointers.one(element, "resp") if _is_pointer(element.get("resp")) else None,
            certainty=certainty,
            ground=ground,
            origin=self._origin(inline.id),
        )

    def _unit(self, element: etree._Element) -> str | None:
        """Return the key of the unit in which a loss is counted; where what is wrong stops nothing, only one that is known."""
        given = element.get("unit") or ""
        unit = given.lower().removesuffix("s")
        unit = "character" if unit in ("char", "letter", "sign") else unit
        if unit in self.note_types or (self.profile.strict and unit in LACUNA_UNITS):
            return unit
        if unit and self.profile.strict:
            hint = meant(unit, LACUNA_UNITS, all_of_them="known are")
            self.document.fault(
                element,
                f'unit="{given}" is no unit in which losses are counted; {hint}',
                near=f'unit="{given}"',
            )
        elif unit:
            self.document.met[f'gap/@unit="{given}"'] += 1
        return None

    def _loss(self, name: str, span: Span, block: Block) -> Gap:
        """Return a loss that words in brackets tell of."""
        cause, words = self._losses[name]
        unit, number = loss_in_brackets(words)
        return Gap(
            name=name,
            cause=cause,
            unit=unit,
            words=words,
            block=block.name,
            span=span,
            at_least=number,
            at_most=number,
            origin=block.origin,
        )

    def _extent(self, element: etree._Element) -> tuple[int | None, int | None]:
        """Return the least and the greatest number of units that are missing, None where no number is stated."""
        quantity = self._count(element, "quantity")
        least, most = self._count(element, "atLeast"), self._count(element, "atMost")
        return (quantity if least is None else least, quantity if most is None else most)

    def _count(self, element: etree._Element, attribute: str) -> int | None:
        value = element.get(attribute)
        if value is None:
            return None
        if not re.fullmatch("[0-9]{1,6}", value):
            near = f'{attribute}="{value}"'
            self.document.fault(element, f"{near} is no whole number", near=near)
            return None
        return int(value)

    def _note_of_block(self, block: Block) -> Note | None:
        element = self.elements[block.name]
        if element.tag in ("note", "signed"):
            return self._note(block.name, block.content, 0)
        return None

    def _note(self, name: str, content: Content, start: int) -> Note:
        element = self.elements[name]
        type_ = self._note_type(element)
        words, span = _own_words(content, start)
        place = next((words_of(each) for each in element.iter("seg") if each.get("type") == "place"), "")
        return Note(
            name=name,
            type=type_,
            words=words,
            place=place or (element.get("place") or ""),
            hand=self._hand(element),
            when=self._when(element, name),
            span=span,
            origin=self._origin(name),
        )

    def _note_type(self, element: etree._Element) -> str:
        """Return the key of a note's type: as the edition says, if the tables know it, else what its place makes likely."""
        if element.tag in ("signed", "stamp"):
            return "signature-block" if element.tag == "signed" else "stamp"
        given = (element.get("type") or "").lower()
        if given == "source" or (not given and self._tells_source(element)):
            return "source-note"
        if given in self.note_types:
            return given
        if given:
            self.document.met[f'note/@type="{given}"'] += 1
        return (
            "footnote"
            if element.get("n") or element.get("place") in ("bottom", "foot", "end")
            else "editorial-note"
        )

    def _tells_source(self, element: etree._Element) -> bool:
        """Tell whether an untyped note above the text begins by saying where the document was found."""
        above = element.getparent()
        if above is None or not (above.tag == "head" or str(above.tag).startswith("div")):
            return False
        words = words_of(element)
        return any(
            words.startswith(each) or re.match(rf"Summary:.*\b{re.escape(each)}", words, re.DOTALL)
            for each in self.profile.source_notes
        )

    def _hand(self, element: etree._Element) -> Reference | None:
        pointer = element.get("hand")
        hand = self.document.by_id.get(pointer[1:]) if pointer and pointer.startswith("#") else None
        if hand is not None and hand.tag == "handNote":
            return self.pointers.one(hand, "scribeRef")
        return self.pointers.one(element, "hand") if pointer else None

    def _when(self, element: etree._Element, name: str) -> Dated | None:
        """Return the date of a note: one that it says was written with it, never just any that it mentions."""
        date = next((each for each in element.iter("date") if each.get("type") == "written"), None)
        if date is None:
            return None
        when = dated(self.document, date, f"ts-{name}")
        certainty, ground = self.doubt_of(date)
        return replace(when, certainty=certainty, ground=ground) if when else None

    def _doubt(self, name: str) -> tuple[Certainty, str]:
        return self.doubt_of(self.elements[name])

    def doubt_of(self, element: etree._Element) -> tuple[Certainty, str]:
        """Return how sure the editor is of what an element says, and why not more."""
        ground = self.grounds.get(element.get(XML_ID, "")) or element.get("evidence") or ""
        return certainty_of(self.document, element), ground

    def _origin(self, name: str) -> Origin:
        return Origin(self.document.path, line_of(self.elements[name]))


def certainty_of(document: Document, element: etree._Element) -> Certainty:
    """Return an element's ``cert``; HIGH where nothing is said, a fault where it is no degree."""
    value = element.get("cert")
    if value in (None, "high", "medium", "low"):
        return Certainty(value or "high")
    if value != "unknown":
        document.fault(
            element, f'cert="{value}": expected high, medium, low or unknown', near=f'cert="{value}"'
        )
    return Certainty.LOW


def stretches(content: Content, start: int = 0) -> Iterator[tuple[Inline, Span]]:
    """Yield every mark of a content with its place in the words, an outer one before those within it.

    >>> [(mark.id, span.start, span.end) for mark, span in stretches(("a ", Inline(mark=Mark.MENTION, content=("b",), id="m1")))]
    [('m1', 2, 3)]
    """
    found: list[tuple[Inline, Span]] = []
    _stretch(content, start, found)
    return iter(found)


_NOWHERE = Span(0, 0)


def _stretch(content: Content, start: int, found: list[tuple[Inline, Span]]) -> int:
    """Add the marks of a content, and return where it ends."""
    for each in content:
        if isinstance(each, str):
            start += len(each)
            continue
        at = len(found)
        found.append((each, _NOWHERE))  # until it is known where it ends
        end = _stretch(each.content, start, found)
        found[at] = (each, Span(start, end))
        start = end
    return start


def _own_words(content: Content, start: int) -> tuple[str, Span]:
    """Return what a note, stamp or signature says, without the editor's label and quotation marks, and where it stands."""
    marks = list(stretches(content, start))
    for inline, span in marks:
        if inline.attributes.get("tag") in ("quote", "stamp", "signed"):
            return inline.text, span
    labels = [span for inline, span in marks if inline.mark is Mark.LABEL]
    text = "".join(each if isinstance(each, str) else each.text for each in content)
    begin = labels[0].end - start if labels and labels[0].start == start else 0
    words = text[begin:]
    lead = len(words) - len(words.lstrip(" "))
    return words.strip(" "), Span(start + begin + lead, start + begin + lead + len(words.strip(" ")))


def _plain(each: str | Inline) -> str:
    return each if isinstance(each, str) else each.text


def _kind(element: etree._Element) -> BlockKind:
    tag = str(element.tag)
    if tag in _ABOVE:
        return BlockKind.OPENER
    if tag in _BELOW:
        return BlockKind.CLOSER
    named = {"head": BlockKind.HEADING, "note": BlockKind.NOTE, "table": BlockKind.TABLE}
    return named.get(tag, BlockKind.PARAGRAPH)


def _attributes(element: etree._Element, tag: str, mark: Mark) -> dict[str, str]:
    """Return what else the edition says of an element: its attributes, and its name where the mark does not tell it."""
    said = {str(name): str(value) for name, value in element.attrib.items() if not str(name).startswith("{")}
    if element.get(XML_LANG):
        said["lang"] = str(element.get(XML_LANG))
    if mark in (Mark.OTHER, Mark.QUOTATION, Mark.BREAK, Mark.MENTION):
        said["tag"] = tag
    return said


def _add_words(content: list[str | Inline], words: str) -> None:
    if content and isinstance(content[-1], str):
        content[-1] += words
    else:
        content.append(words)


def _points_to_a_thing(element: etree._Element) -> bool:
    """Tell whether an element points to something that is no term of a vocabulary."""
    pointers = filter(None, map(element.get, ("ref", "key", "target")))
    return any(not each.startswith(("type:", "role:")) for each in pointers)


def _is_note(inline: Inline) -> bool:
    return inline.mark is Mark.NOTE or inline.attributes.get("tag") in ("signed", "stamp")


def _within_note(element: etree._Element) -> bool:
    return any(above.tag == "note" for above in element.iterancestors())


def _is_pointer(value: str | None) -> bool:
    return bool(value) and not str(value).startswith("http")


def anchored(text: Text, places: Mapping[str, Sequence[int]], marked: Marked) -> Text:
    """Return a text whose positions count in the anchor text, not within its blocks.

    Args:
        text: As :meth:`TextReader.read` returns it.
        marked: Its marked stretches.
        places: For each block by name, the position of each of its characters; a block that is not there loses its span.
    """

    def moved(span: Span | None, block: str) -> Span | None:
        there = places.get(block)
        if there is None or span is None or span.end > len(there):
            return None
        if span.start == span.end:
            place = there[span.start] if span.start < len(there) else there[-1] + 1 if there else 0
            return Span(place, place)
        return Span(there[span.start], there[span.end - 1] + 1)

    def note_moved(note: Note) -> Note:
        block = marked[note.name][0] if note.name in marked else note.name
        return replace(note, span=moved(note.span, block))

    return replace(
        text,
        blocks=tuple(replace(block, span=moved(block.span, block.name)) for block in text.blocks),
        mentions=tuple(
            replace(mention, span=moved(mention.span, mention.block) or Span(0, 0))
            for mention in text.mentions
        ),
        gaps=tuple(replace(gap, span=moved(gap.span, gap.block)) for gap in text.gaps),
        statements=tuple(
            replace(each, span=moved(each.span, each.block) or Span(0, 0)) for each in text.statements
        ),
        pages=tuple(replace(each, span=moved(each.span, each.block)) for each in text.pages),
        notes=tuple(map(note_moved, text.notes)),
    )


Marked: TypeAlias = Mapping[str, tuple[str, Inline | None, Span]]
"""Of every marked stretch by its id: its block, the mark, and where it stands within the block."""


def marked_places(text: Text) -> Marked:
    """Return the marked stretches of a text."""
    return {
        inline.id: (block.name, inline, span)
        for block in text.blocks
        for inline, span in stretches(block.content)
        if inline.id
    }


def plain_places(text: Text) -> Mapping[str, Sequence[int]]:
    """Return where each block's characters stand in :attr:`Text.plain`: blocks one after the other, two line feeds between.

    Args:
        text: As :meth:`TextReader.read` returns it.
    """
    places: dict[str, Sequence[int]] = {}
    start = 0
    for block in text.blocks:
        length = block.span.end if block.span else 0
        if length:
            places[block.name] = range(start, start + length)
            start += length + 2
    return places
