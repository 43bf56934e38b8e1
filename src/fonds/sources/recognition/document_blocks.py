"""What the blocks of a document are: above its first paragraph, below its last, and between."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from functools import cache

from fonds.sources.recognition.brackets import BracketKind, find_brackets, standing_label
from fonds.sources.recognition.dates import only_dates
from fonds.sources.recognition.lines import (
    CAPITALISED,
    HEAD_OF_BLOCK,
    INITIAL,
    MOST_WORDS_OF_LINE,
    begins,
    is_marking_line,
    is_name,
    is_prose,
    signature_in,
)
from fonds.sources.recognition.roles import OF_PAGE, Laid, Role
from fonds.sources.recognition.words import alternatives


def within(laid: Sequence[Laid], century: int | None) -> list[Laid]:
    """Return the document's blocks with what each is: above its first paragraph, below its last, and between.

    Args:
        laid: The blocks; those that are of the page stay what they are.
        century: The century of years written with two figures.
    """
    laid = _with_notes(laid)
    prose = [
        number
        for number, each in enumerate(laid)
        if each.role is Role.PARAGRAPH and is_prose(each.block, century)
    ]
    first, last = (prose[0], prose[-1]) if prose else _text_without_sentences(laid, century)
    known: list[Laid] = []
    for number, each in enumerate(laid):
        if each.role is not Role.PARAGRAPH:
            known.append(each)
        elif number < first:
            known.append(_above(each, known, century))
        else:
            known.append(_below(each) if number > last else _between(each))
    return _with_heading(known, first)


def _with_notes(laid: Sequence[Laid]) -> list[Laid]:
    """Return the blocks with those that are notes marked; what is not of the page and no note is a paragraph as yet."""
    called: set[str] = set()
    noted: list[Laid] = []
    for each in laid:
        note = None if each.role in OF_PAGE else _as_note(each) or _as_footnote(each, called)
        called.update(re.findall(r"\[(\d{1,3}|\*+)\]", each.block.words))
        noted.append(note or each)
    return noted


def _text_without_sentences(laid: Sequence[Laid], century: int | None) -> tuple[int, int]:
    """Return which blocks are the text where no sentence ends: all that have no other form."""
    others = [
        number
        for number, each in enumerate(laid)
        if each.role is Role.PARAGRAPH
        and _above(each, [], century).role is Role.OPENER
        and not is_marking_line(each.block.words)
        and not each.block.hint.level
        and not is_name(each.block.words)
    ]
    # The first of several lines is the heading, as in a text with sentences.
    text = others[1:] or others
    return (text[0], text[-1]) if text else (len(laid), len(laid) - 1)


def _as_note(each: Laid) -> Laid | None:
    """Return a block that is a stamp, a handwritten note or an editor's note as a whole; None for any other."""
    words = each.block.words
    first = next(iter(find_brackets(words[:HEAD_OF_BLOCK])), None)
    if first is not None and first.start == 0 and first.kind in _NOTES:
        return replace(each, role=_NOTES[first.kind])
    if (
        first is not None
        and first.start == 0
        and first.kind is BracketKind.NOTE
        and not words[first.end :].strip()
    ):
        return replace(each, role=Role.EDITORIAL)
    standing = standing_label(words)
    if standing:
        return replace(
            each, role=_NOTES[standing[0]], doubt="is read as a note on the paper by its first words only"
        )
    return replace(each, role=Role.EDITORIAL) if editors_label(words) else None


_NOTES = {BracketKind.STAMP: Role.STAMP, BracketKind.HANDWRITTEN: Role.HANDWRITTEN}


def _as_footnote(each: Laid, called: Set[str]) -> Laid | None:
    """Return a block that begins with a number in brackets as a footnote, if the words before it have that number."""
    number = re.match(r"\[(\d{1,3}|\*+)\]\s+\S", each.block.words)
    return replace(each, role=Role.FOOTNOTE) if number and number[1] in called else None


def editors_label(words: str) -> re.Match[str] | None:
    """Return the label of a block that is a note of a translator by its first words; None for any other."""
    return re.match(rf"(?:{alternatives('translator')})\s*[:–—]\s*(?=\S)", words, re.IGNORECASE)


def _above(each: Laid, before: Sequence[Laid], century: int | None) -> Laid:
    words = each.block.words
    previous = next((other for other in reversed(before) if other.role not in OF_PAGE), None)
    if (
        previous
        and previous.role is Role.OPENER
        and begins("diary").match(previous.block.words)
        and is_name(words)
    ):
        return replace(each, role=Role.AUTHOR)
    if is_marking_line(words) or begins("diary").match(words):
        return replace(each, role=Role.OPENER)
    if any(only_dates(words, century)):
        return replace(each, role=Role.DATELINE)
    if (
        begins("salutation").match(words)
        and each.block.length <= MOST_WORDS_OF_LINE
        and re.search(r"[,!:]$", words)
    ):
        return replace(each, role=Role.SALUTE)
    return replace(each, role=Role.OPENER)


def _between(each: Laid) -> Laid:
    """Return a block between the first and the last paragraph: a paragraph; a line that may be a signature is a doubt."""
    words = each.block.words
    if signature_in(words) == 0:
        return replace(each, role=Role.PARAGRAPH, doubt="may be a signature; more text follows it")
    if each.block.hint.level:
        return replace(
            each, role=Role.PARAGRAPH, doubt="is a heading on the page; begin a div here if it is one"
        )
    return replace(each, role=Role.PARAGRAPH)


def _below(each: Laid) -> Laid:
    words = re.sub(r"\s*\[(?:\d{1,3}|\*+)\]$", "", each.block.words)  # without the number of a footnote
    if signature_in(words) is not None:
        return replace(each, role=Role.SIGNED)
    if is_name(words):
        sure = re.search(INITIAL, words) is not None
        return replace(
            each,
            role=Role.SIGNED,
            doubt="" if sure else "is read as a signature by its place and capitals only",
        )
    if re.search(r"\w{3}[.!?]$", words) and each.block.length >= 3:
        return replace(each, role=Role.CLOSER, doubt="may be a paragraph and no line of the signature")
    if re.fullmatch(CAPITALISED, words):
        return replace(each, role=Role.CLOSER, doubt="may be a signature")
    return replace(each, role=Role.CLOSER)


def _with_heading(laid: list[Laid], first: int) -> list[Laid]:
    """Return the blocks with one made the heading: what the page marks as one, else the last line above the text without another form."""
    plain_lines = [
        number
        for number, each in enumerate(laid[:first])
        if each.role is Role.OPENER
        and not is_marking_line(each.block.words)
        and not begins("diary").match(each.block.words)
        and not _address().match(each.block.words)
    ]
    marked = [number for number in plain_lines if laid[number].block.hint.level]
    named = [number for number in plain_lines if begins("form").match(laid[number].block.words)]
    chosen = marked or named or plain_lines[-1:]
    for number in chosen:
        laid[number] = replace(laid[number], role=Role.HEAD)
    return laid


@cache
def _address() -> re.Pattern[str]:
    return re.compile(rf"(?:{alternatives('address')})\.?\s*:", re.IGNORECASE)


def parts_of_notes(words: str) -> Iterator[tuple[int, int]]:
    """Yield where the notes that one block holds begin and end: each label with what follows it begins another.

    >>> list(parts_of_notes("[Stamp]: Seen [Note to the left]: No"))
    [(0, 14), (14, 36)]
    """
    labels = [
        each.start
        for each in find_brackets(words)
        if each.kind in (BracketKind.STAMP, BracketKind.HANDWRITTEN)
    ]
    starts = [0, *(start for start in labels if start > 0)]
    yield from zip(starts, [*starts[1:], len(words)], strict=True)
