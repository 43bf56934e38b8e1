"""The text of a draft: each block of the document as TEI, with its gaps, dates, notes, stamps and signature."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from fonds.sources.drafting.markup import decide, element, shown, words
from fonds.sources.recognition.brackets import Bracket, BracketKind, find_brackets, standing_label
from fonds.sources.recognition.dates import FoundDate, find_dates
from fonds.sources.recognition.document_blocks import editors_label, parts_of_notes
from fonds.sources.recognition.lines import is_marking_line, numbered, signature_in
from fonds.sources.recognition.roles import OF_PAGE, Laid, Role
from fonds.sources.recognition.words import whole

_OPEN, _CLOSE = '“"«„', '”"»“'

Stretch = tuple[int, int, str]
"""A stretch of words, and the markup that stands for it."""


@dataclass(slots=True)
class TextDraft:
    """What is written of a document, and what the header needs to know of it.

    Attributes:
        century: The century of years written with two figures.
        blocks: The blocks as TEI, in their order.
        markings: Words that say how secret it is.
        numbers: Its numbers, by what they number (``copy``, ``register``), as written.
        stamps: Stamps that lift its secrecy: ``xml:id`` and words.
        grounds: Why something is not certain, by ``xml:id``.
        line_dates: Dates that stand on a line of their own, each with whether the heading stood before it.
        author: The name on the line after “from the diary of”; empty where there is none.
        head: The words of its heading.
        signature: The words of its first signature, of one without doubt if there is one.
        sure: Whether there is no doubt about that.
        losses: Ids of its gaps.
        notes: Words of translators' and editors' notes, by ``xml:id``.
    """

    century: int | None
    blocks: list[str] = field(default_factory=list)
    markings: list[str] = field(default_factory=list)
    numbers: list[tuple[str, str]] = field(default_factory=list)
    stamps: list[tuple[str, str]] = field(default_factory=list)
    grounds: dict[str, str] = field(default_factory=dict)
    line_dates: list[tuple[FoundDate, str, bool]] = field(default_factory=list)
    author: str = ""
    head: str = ""
    signature: str = ""
    sure: bool = False
    losses: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def name(self, prefix: str, *, first_bare: bool = False) -> str:
        """Return the next ``xml:id`` of a series: ``g1``, ``g2``; ``stamp``, ``stamp-2`` where the first has no number."""
        number = self._counts[prefix] = self._counts.get(prefix, 0) + 1
        if first_bare:
            return prefix if number == 1 else f"{prefix}-{number}"
        return f"{prefix}{number}"


def draft_text(laid: Sequence[Laid], century: int | None) -> TextDraft:
    """Return the text of a document as TEI.

    Args:
        laid: The blocks of the page; those that are of the page itself are passed over.
        century: The century of years written with two figures.
    """
    draft = TextDraft(century)
    for each in laid:
        if each.role not in OF_PAGE:
            _WRITERS[each.role](draft, each)
            if each.doubt:
                draft.blocks.append(decide(f"{shown(each.block.words)} {each.doubt}"))
    return draft


# -- blocks -----------------------------------------------------------------------------------------------------------


def _paragraph(draft: TextDraft, each: Laid) -> None:
    number = draft.name("p")
    draft.blocks.append(element("p", inline(draft, each.block.words), xml__id=number, n=number[1:]))


def _opener(draft: TextDraft, each: Laid) -> None:
    text = each.block.words
    stretches = list(_dates(draft, text))
    if is_marking_line(text):
        _note_dates(draft, text)
        for match in whole("marking").finditer(text):
            draft.markings.append(match[0])
            stretches.append((*match.span(), element("term", words(match[0]), type="classification")))
    _note_numbers(draft, text)
    draft.blocks.append(element("opener", _written(text, [*_brackets(draft, text), *stretches])))
    if is_marking_line(text) and whole("received").search(text):
        draft.blocks.append(decide(f'{shown(text)} may be a stamp; if so: note type="stamp"'))


def _note_numbers(draft: TextDraft, text: str) -> None:
    """Note the numbers of copies and registers that a line of the head of a document gives."""
    copies = list(numbered("copy").finditer(text))
    draft.numbers += [("copy", match[0]) for match in copies]
    taken = [match.span() for match in copies]
    if not is_marking_line(text):
        return
    for match in numbered("register").finditer(text):
        if not any(start <= match.start() < end for start, end in taken):
            draft.numbers.append(("register", match[0]))


def _author(draft: TextDraft, each: Laid) -> None:
    draft.author = each.block.words
    draft.blocks.append(element("opener", words(each.block.words)))


def _head(draft: TextDraft, each: Laid) -> None:
    text = each.block.words
    draft.head = draft.head or text
    content = inline(draft, text)
    if text[:1].islower():
        content = (
            decide(
                "the heading begins with a small letter; if words before it were lost when the page was saved, write "
                '<gap reason="capture" cert="medium"/> here'
            )
            + content
        )
    draft.blocks.append(element("head", content))


def _dateline(draft: TextDraft, each: Laid) -> None:
    text = each.block.words
    _note_dates(draft, text)
    draft.blocks.append(element("dateline", inline(draft, text)))


def _note_dates(draft: TextDraft, text: str) -> None:
    for found in find_dates(text, draft.century):
        draft.line_dates.append((found, text[found.start : found.end], bool(draft.head)))


def _salute(draft: TextDraft, each: Laid) -> None:
    draft.blocks.append(element("salute", inline(draft, each.block.words)))


def _closer(draft: TextDraft, each: Laid) -> None:
    draft.blocks.append(element("closer", inline(draft, each.block.words)))


def _signed(draft: TextDraft, each: Laid) -> None:
    name = draft.name("signature", first_bare=True)
    text = each.block.words
    if not each.doubt or not draft.signature:
        draft.signature = text if not draft.sure else draft.signature
        draft.sure = draft.sure or not each.doubt
    begin = signature_in(text) or 0
    signed = element("signed", inline(draft, text[begin:]), xml__id=name)
    draft.blocks.append(element("closer", inline(draft, text[:begin]) + signed))


def _footnote(draft: TextDraft, each: Laid) -> None:
    number = each.block.words[1 : each.block.words.index("]")]
    draft.blocks.append(
        element("note", inline(draft, each.block.words), xml__id=draft.name("fn"), type="footnote", n=number)
    )


def _editorial(draft: TextDraft, each: Laid) -> None:
    text = each.block.words
    label = editors_label(text)
    if label is None:
        (bracket,) = find_brackets(text)
        draft.blocks.append(_note_of_editor(draft, text, bracket))
        return
    name = draft.name("editorial-note-")
    draft.notes[name] = text
    content = element("label", words(text[: label.end()])) + inline(draft, text[label.end() :])
    draft.blocks.append(element("note", content, xml__id=name, type="editorial-note"))


def _stamp(draft: TextDraft, each: Laid) -> None:
    for start, end in parts_of_notes(each.block.words):
        _labelled_note(draft, each.block.words[start:end].strip(" "))


def _labelled_note(draft: TextDraft, text: str) -> None:
    """Write one stamp or handwritten note: its label, and what it says."""
    bracket = next((each for each in find_brackets(text) if each.start == 0), None)
    if bracket is None or bracket.kind not in (BracketKind.STAMP, BracketKind.HANDWRITTEN):
        standing = standing_label(text)
        if standing is None:
            draft.blocks.append(element("opener", inline(draft, text)))
            return
        bracket = Bracket(standing[0], 0, len(text), label=standing[1], open=True)
    kind, begin = bracket.kind, bracket.label
    end = len(text) if bracket.open else bracket.end - 1
    label = element("label", _label(text[:begin], bracket.place))
    rest = inline(draft, text[end:])
    if kind is BracketKind.STAMP:
        draft.blocks.append(_stamp_note(draft, label, text[begin:end], rest))
    else:
        draft.blocks.append(_handwritten_note(draft, label, text[begin:end], rest))


def _label(label: str, place: tuple[int, int] | None) -> str:
    if place is None:
        return words(label)
    start, end = place
    return words(label[:start]) + element("seg", words(label[start:end]), type="place") + words(label[end:])


def _stamp_note(draft: TextDraft, label: str, said: str, rest: str) -> str:
    name = draft.name("stamp", first_bare=True)
    lifted = whole("declassified").search(said) is not None
    if lifted:
        draft.stamps.append((name, said))
    draft.numbers += [("register", match[0]) for match in numbered("register").finditer(said)]
    stamp = element("stamp", inline(draft, said), type="declassification" if lifted else None)
    return element("note", label + stamp + rest, xml__id=name, type="stamp")


def _handwritten_note(draft: TextDraft, label: str, said: str, rest: str) -> str:
    name = draft.name("note-")
    begin, end = 0, len(said)
    if end > 1 and said[0] in _OPEN and said[-1] in _CLOSE:
        begin, end = 1, end - 1
    quoted = said[begin:end]
    dates = find_dates(quoted, draft.century)
    # A date that ends a note on the paper is that of the note.
    last = dates[-1] if dates and not re.search(r"\w", quoted[dates[-1].end :].replace("г.", "")) else None
    content = element("quote", inline(draft, quoted, written=last.start if last else None))
    return element(
        "note",
        label + words(said[:begin]) + content + words(said[end:]) + rest,
        xml__id=name,
        type="handwritten-note",
    )


_WRITERS: dict[Role, Callable[[TextDraft, Laid], None]] = {
    Role.PARAGRAPH: _paragraph,
    Role.OPENER: _opener,
    Role.AUTHOR: _author,
    Role.HEAD: _head,
    Role.DATELINE: _dateline,
    Role.SALUTE: _salute,
    Role.CLOSER: _closer,
    Role.SIGNED: _signed,
    Role.FOOTNOTE: _footnote,
    Role.EDITORIAL: _editorial,
    Role.STAMP: _stamp,
    Role.HANDWRITTEN: _stamp,
}


# -- within blocks ----------------------------------------------------------------------------------------------------


def inline(draft: TextDraft, text: str, *, written: int | None = None) -> str:
    """Return words with their gaps, editorial words and dates marked.

    Args:
        draft: Gets what is found.
        text: The words.
        written: Where the date begins with which a note was dated by its hand; None for none.
    """
    return _written(text, [*_brackets(draft, text), *_dates(draft, text, written)])


def _written(text: str, stretches: list[Stretch]) -> str:
    """Return words with the stretches in place of their words; one that overlaps an earlier one is left out."""
    parts: list[str] = []
    at = 0
    for start, end, markup in sorted(stretches, key=lambda each: (each[0], -each[1])):
        if start >= at:
            parts += (words(text[at:start]), markup)
            at = end
    return "".join((*parts, words(text[at:])))


def _brackets(draft: TextDraft, text: str) -> list[Stretch]:
    stretches: list[Stretch] = []
    before: Bracket | None = None
    for bracket in find_brackets(text):
        start, end = bracket.start, bracket.end
        if bracket.kind is BracketKind.GAP:
            markup = _gap(draft, text, bracket)
        elif bracket.kind is BracketKind.NOTE:
            markup = _note_of_editor(draft, text, bracket, beside=before)
        else:
            markup = element("seg", words(text[start:end]), type="editorial")
        stretches.append((start, end, markup))
        before = bracket
    return stretches


def _gap(draft: TextDraft, text: str, bracket: Bracket, desc: str | None = None) -> str:
    assert bracket.loss is not None
    name = draft.name("g")
    draft.losses.append(name)
    content = element("desc", words(text[bracket.start : bracket.end]) if desc is None else desc)
    gap = element("gap", content, xml__id=name, **bracket.loss.attributes)
    return gap + (decide(f"{name}: {bracket.loss.doubt}") if bracket.loss.doubt else "")


def _note_of_editor(draft: TextDraft, text: str, bracket: Bracket, beside: Bracket | None = None) -> str:
    """Write a note in brackets; where it reports a loss, that is a gap, and beside another one perhaps the same."""
    prefix = "translator-note" if bracket.translator else "editorial-note"
    name = draft.name(prefix, first_bare=True)
    draft.notes[name] = text[bracket.start : bracket.end]
    label = words(text[bracket.start + 1 : bracket.label])
    said = text[bracket.label : bracket.end - 1]
    open_, close = words(text[bracket.start]), words(text[bracket.end - 1])
    if bracket.loss is None:
        content = f"{open_}{element('label', label)}{element('quote', inline(draft, said))}{close}"
        return element("note", content, xml__id=name, type="editorial-note")
    before = (
        draft.losses[-1] if draft.losses and beside is not None and beside.kind is BracketKind.GAP else ""
    )
    near = bool(before) and beside is not None and not text[beside.end : bracket.start].count(".")
    content = _gap(
        draft, text, bracket, f"{open_}{element('label', label)}{element('quote', words(said))}{close}"
    )
    note = element("note", content, xml__id=name, type="editorial-note")
    if near:
        note += decide(f"{draft.losses[-1]}, which the note reports, may be the same loss as {before}")
    return note


def _dates(draft: TextDraft, text: str, written: int | None = None) -> list[Stretch]:
    return [
        (found.start, found.end, _date(draft, text, found, of_note=found.start == written))
        for found in find_dates(text, draft.century)
    ]


def _date(draft: TextDraft, text: str, found: FoundDate, *, of_note: bool) -> str:
    attributes: dict[str, str | None] = {**when(found)}
    if of_note:
        attributes = {"type": "written", **attributes}
    said = words(text[found.start : found.end])
    if not found.attributes:
        return element("date", said, **attributes) + decide(
            f"{shown(text[found.start : found.end])}: {found.doubt}"
        )
    if not found.doubt:
        return element("date", said, **attributes)
    name = draft.name("d")
    draft.grounds[name] = found.doubt
    return element("date", said, xml__id=name, **attributes, cert="medium")


def when(found: FoundDate) -> dict[str, str]:
    """Return the attributes of a date as :func:`element` takes them; ``from`` is a word of Python."""
    return {
        f"{name.replace('-', '_')}{'_' if name == 'from' else ''}": value
        for name, value in found.attributes.items()
    }
