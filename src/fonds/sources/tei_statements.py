"""Reported statements in a TEI edition: who is reported to have said what, in which words, and where they stand.

A statement is a ``seg`` of type ``statement`` (or, where marks overlap, a ``span`` with ``from`` and ``to``): its
``subtype`` is its kind, ``ana`` its stance, ``corresp`` what it is about. Who speaks is the ``who`` of the ``said``
around it, or the hand of the note. What else belongs to it stands outside the text: a ``note`` of type ``content`` or
``caution`` in the header, and a ``link`` in a ``linkGrp`` of type ``holder``, ``nested-speaker``, ``loss`` or
``formalised``.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from lxml import etree

from fonds.identifiers import NS, Kind, is_slug
from fonds.model import Inline, Origin, Reference, Relation, Span, Statement, Text
from fonds.sources.pointers import Pointers, slug_of
from fonds.sources.sheets import meant
from fonds.sources.xml import XML_ID, Document, line_of, words_of
from fonds.vocabulary import CRM, concepts

CONTEXT_LENGTH = 32
"""Code points of text before and after a quotation by which it is found again (Web Annotation 4.2.4)."""
FRAGMENT = "fragment"
_STANCE = "stance-"
_BLANKS = " \t\r\n"
_NAMELESS = (
    "is a statement without an xml:id; give it one, such as s01: it is the end of its identifier for ever"
)
_NO_NAME = "names no stretch of the text that a statement can be cited by; write a-z, 0-9 and single hyphens, such as s01"
_NO_END = "is no marked place of the text; give an element there an xml:id of four letters or more, such as from-here"


@dataclass(frozen=True, slots=True)
class StatementReader:
    """Reads the statements of one document.

    Attributes:
        document: The document; what is wrong becomes a fault of it.
        pointers: Resolves its pointers.
    """

    document: Document
    pointers: Pointers

    def read(self, places: Mapping[str, tuple[str, Inline | None, Span]]) -> tuple[Statement, ...]:
        """Return the statements, in the order of their place.

        Args:
            places: For every marked element of the text by its id: the block in which it stands, its mark, its span there.
        """
        inside = [
            statement
            for each in self._segments()
            if self._is_named(each) and self._is_placed(each, places)
            if (statement := self._statement(each, *places[each.get(XML_ID, "")]))
        ]
        across = [each for span in self._spans() if (each := self._across(span, places))]
        self._check_pointed_to({each.get(XML_ID, "") for each in (*self._segments(), *self._spans())})
        return tuple(sorted((*inside, *across), key=lambda each: (each.origin.line, each.span.start)))

    def _segments(self) -> Iterator[etree._Element]:
        yield from (each for each in self.document.root.iter("seg") if each.get("type") == "statement")

    def _spans(self) -> Iterator[etree._Element]:
        yield from (each for each in self.document.root.iter("span") if each.get("type") == "statement")

    def _is_named(self, element: etree._Element) -> bool:
        """Tell whether a statement has an ``xml:id`` that can be the end of its identifier; a fault if not."""
        name = element.get(XML_ID)
        if name and is_slug(name):
            return True
        message = _NAMELESS if name is None else f'xml:id="{name}" {_NO_NAME}'
        self.document.fault(element, message, near='type="statement"')
        return False

    def _is_placed(
        self, element: etree._Element, places: Mapping[str, tuple[str, Inline | None, Span]]
    ) -> bool:
        """Tell whether a marked stretch of the text has the name of a statement; a fault if not."""
        name = element.get(XML_ID, "")
        if name in places:
            return True
        self.document.fault(element, f'xml:id="{name}" {_NO_NAME}', near=f'xml:id="{name}"')
        return False

    def _statement(
        self, element: etree._Element, block: str, inline: Inline | None, span: Span
    ) -> Statement | None:
        """Return a statement; None, and a fault, where its kind is none that there is."""
        name = element.get(XML_ID, "")
        speaker, mode, within = self._speech(self._text_element(element))
        kind = self._concept(element, "kinds", element.get("subtype", ""), "subtype")
        if kind is None:
            return None
        return Statement(
            name=name,
            kind=kind,
            mode=mode,
            stance=self._stance(element, kind),
            speaker=None if kind == FRAGMENT else speaker,
            targets=tuple(self._targets(element)),
            content=self._note(name, "content") or "",
            quote=inline.text if inline else "",
            prefix="",
            suffix="",
            span=span,
            block=block,
            holder=None if kind == FRAGMENT else self._linked(name, "holder"),
            nested_speaker=self._linked(name, "nested-speaker") or within,
            caution=self._note(name, "caution") or "",
            losses=tuple(self._losses(name)),
            formalised=tuple(self._formalised(name)),
            origin=Origin(self.document.path, line_of(element)),
        )

    def _targets(self, element: etree._Element) -> Iterator[Reference]:
        """Yield what a statement is about; a pointer to the TEI element itself means the record."""
        for pointer in element.get("corresp", "").split():
            if self.document.by_id.get(pointer.removeprefix("#")) is self.document.root:
                yield Reference(Kind.RECORD, self.pointers.key)
            elif target := self.pointers.resolve(element, "corresp", pointer):
                yield target

    def _text_element(self, element: etree._Element) -> etree._Element:
        """Return the element by whose surroundings it is told who speaks."""
        start = self.document.by_id.get(element.get("from", "").removeprefix("#"))
        return element if element.tag == "seg" or start is None else start

    def _across(
        self, element: etree._Element, places: Mapping[str, tuple[str, Inline | None, Span]]
    ) -> Statement | None:
        """Return a statement that is marked by its two ends, since other marks overlap it."""
        if not self._is_named(element):
            return None
        ends = [slug_of(element.get(name, "")) for name in ("from", "to")]
        for name, end in zip(("from", "to"), ends, strict=True):
            if end not in places:
                given = f'{name}="{element.get(name, "")}"'
                self.document.fault(element, f"{given} {_NO_END}", near=given)
                return None
        (block, _, first), (other, _, last) = (places[end] for end in ends)
        if block != other:
            self.document.fault(
                element, f"begins in {block} and ends in {other}; a statement stands within one block"
            )
            return None
        return self._statement(element, block, None, Span(first.start, last.end))

    def _speech(self, element: etree._Element) -> tuple[Reference | None, str, Reference | None]:
        """Return who speaks, how it is reported, and whose words the speaker in turn reports.

        Of speech within speech the outermost is the speaker's: whoever is quoted within it did not speak here.
        """
        speeches = []
        for above in (element, *element.iterancestors()):
            if above.tag in ("said", "q") and above.get("who"):
                speeches.append(above)
            elif above.tag == "note" and above.get("hand") and not speeches:
                return self.pointers.one(above, "hand"), "handwritten", None
        if not speeches:
            return None, "direct-speech", None
        mode = "indirect-speech" if speeches[-1].get("direct") == "false" else "direct-speech"
        speaker, innermost = (self.pointers.one(speech, "who") for speech in (speeches[-1], speeches[0]))
        return speaker, mode, None if innermost == speaker else innermost

    def _stance(self, element: etree._Element, kind: str) -> str:
        for pointer in element.get("ana", "").split():
            local = pointer.removeprefix("fv:").removeprefix(NS)
            if local.startswith(_STANCE):
                return (self._concept(element, "stances", local, "ana") or "undetermined").removeprefix(
                    _STANCE
                )
        if kind != FRAGMENT:
            self.document.fault(element, 'has no stance; write one into ana, such as ana="fv:stance-neutral"')
        return "undetermined"

    def _concept(self, element: etree._Element, scheme: str, key: str, attribute: str) -> str | None:
        known = concepts(scheme)
        if key in known:
            return key
        hint = meant(key, known, all_of_them="expected one of")
        found = f'{attribute}="{key}" is none of the {scheme}' if key else f"has no {attribute}"
        self.document.fault(
            element, f"{found}; {hint}", near=f'{attribute}="{key}"' if key else 'type="statement"'
        )
        return None

    def _note(self, name: str, type_: str) -> str | None:
        for note in self.document.root.iterfind(".//notesStmt/note"):
            if note.get("type") == type_ and f"#{name}" in note.get("target", "").split():
                return words_of(note)
        return None

    def _links(self, name: str, type_: str) -> Iterator[tuple[etree._Element, list[str]]]:
        """Yield the links of a type that begin at a statement, with the pointers behind it."""
        for group in self.document.root.iter("linkGrp"):
            if group.get("type") == type_:
                for link in group.iterfind("link"):
                    first, *rest = link.get("target", "").split() or [""]
                    if first == f"#{name}":
                        yield link, rest

    def _linked(self, name: str, type_: str) -> Reference | None:
        for link, pointers in self._links(name, type_):
            for pointer in pointers:
                return self.pointers.resolve(link, "target", pointer)
        return None

    def _losses(self, name: str) -> Iterator[str]:
        for link, pointers in self._links(name, "loss"):
            for pointer in pointers:
                gap = self.document.by_id.get(pointer.removeprefix("#"))
                if gap is None or gap.tag != "gap":
                    self.document.fault(link, f"{pointer} is no gap of this document", near=pointer)
                else:
                    yield pointer.removeprefix("#")

    def _formalised(self, name: str) -> Iterator[tuple[Reference, str, Reference]]:
        for link, pointers in self._links(name, "formalised"):
            triple = _triple(self.document, self.pointers, link, pointers)
            if triple:
                yield triple

    def _check_pointed_to(self, known: set[str]) -> None:
        """Report notes and links of a statement that is not there."""
        for note in self.document.root.iterfind(".//notesStmt/note"):
            if note.get("type") in ("content", "caution"):
                self._check(note, note.get("target", "").split(), known)
        for group in self.document.root.iter("linkGrp"):
            if group.get("type") in ("holder", "nested-speaker", "loss", "formalised"):
                for link in group.iterfind("link"):
                    self._check(link, link.get("target", "").split()[:1], known)

    def _check(self, element: etree._Element, pointers: list[str], known: set[str]) -> None:
        for pointer in pointers:
            if pointer.removeprefix("#") not in known:
                self.document.fault(element, f"{pointer} is no statement of this document", near=pointer)


def read_relations(document: Document, pointers: Pointers) -> tuple[Relation, ...]:
    """Return what an edition relates by ``linkGrp`` of type ``stated`` or ``inferred``: links of subject, property, object."""
    found = []
    for group in document.root.iter("linkGrp"):
        if group.get("type") in ("stated", "inferred"):
            for link in group.iterfind("link"):
                triple = _triple(document, pointers, link, link.get("target", "").split())
                if triple:
                    found.append(
                        Relation(
                            subject=triple[0],
                            property=triple[1],
                            object=triple[2],
                            inferred=group.get("type") == "inferred",
                            origin=Origin(document.path, line_of(link)),
                        )
                    )
    return tuple(found)


def _triple(
    document: Document, pointers: Pointers, link: etree._Element, parts: list[str]
) -> tuple[Reference, str, Reference] | None:
    """Return a subject, a property of CIDOC CRM and an object; None, and a fault, where it is not all three."""
    if len(parts) != 3:
        document.fault(link, "expected a subject, a property and an object in target")
        return None
    local = parts[1].removeprefix("crm:")
    known = [term.value.removeprefix(CRM.iri) for term in CRM.terms.values()]
    if local not in known:
        near = difflib.get_close_matches(local, known, n=1)
        hint = f"; did you mean crm:{near[0]}?" if near else ""
        document.fault(link, f"{parts[1]} is no property of CIDOC CRM that fonds writes{hint}", near=parts[1])
        return None
    subject, object_ = (pointers.resolve(link, "target", parts[at]) for at in (0, 2))
    return (subject, local, object_) if subject and object_ else None


def with_context(text: Text, anchor: str) -> Text:
    """Return a text whose statements carry their words and what stands before and after them in the anchor text.

    The context grows until the quotation occurs once with it, so that it can be found again.
    """
    return replace(text, statements=tuple(_with_context(each, anchor) for each in text.statements))


def _with_context(statement: Statement, anchor: str) -> Statement:
    start, end = _without_blanks(statement.span, anchor)
    length = CONTEXT_LENGTH
    while True:
        before, after = anchor[max(0, start - length) : start], anchor[end : end + length]
        if anchor.count(before + anchor[start:end] + after) <= 1 or length > len(anchor):
            span = Span(start, end)
            return replace(statement, span=span, quote=anchor[start:end], prefix=before, suffix=after)
        length *= 2


def _without_blanks(span: Span, anchor: str) -> tuple[int, int]:
    """Return a stretch without the blanks at its ends, between which and the words an empty mark may stand."""
    words = anchor[span.start : span.end]
    start = span.start + len(words) - len(words.lstrip(_BLANKS))
    return start, max(start, span.start + len(words.rstrip(_BLANKS)))
