"""Where on a saved page the document is, and what each block is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from fonds.sources.recognition.blocks import Block
from fonds.sources.recognition.document_blocks import within
from fonds.sources.recognition.fields import is_furniture_word
from fonds.sources.recognition.lines import is_labelled, is_prose
from fonds.sources.recognition.page_blocks import announces, cited_titles, field_at, of_page, outside
from fonds.sources.recognition.roles import Laid, Role


def lay_out(blocks: Sequence[Block], century: int | None = None) -> list[Laid]:
    """Return what each block is, in their order.

    The document is the stretch from the first to the last block that only a document has (a paragraph, a stamp, a
    handwritten note), with the lines that stand directly before and after it. What stands outside is about the document
    if its form says so, else furniture; where nothing but the place tells it, it is marked as a doubt.

    Args:
        blocks: The blocks of the page.
        century: The century of years written with two figures.
    """
    known = of_page(blocks, century)
    titles = cited_titles(known, century)
    first, last = _extent(blocks, known, century)
    inner = [_inside(known.get(number), blocks[number]) for number in range(first, last + 1)]
    before = [outside(blocks, number, known, titles, century) for number in range(first)]
    after = [outside(blocks, number, known, titles, century) for number in range(last + 1, len(blocks))]
    return [*_with_doubts(before), *within(inner, century), *after]


def _inside(of_page: Laid | None, block: Block) -> Laid:
    """Return a block between the first and the last of the document; one that is of the page by its form is a doubt here."""
    if of_page is None:
        return Laid(block, Role.PARAGRAPH)
    doubt = f"is read as {of_page.role.value}, but stands within the document; is it a part of it?"
    return replace(of_page, doubt=doubt)


def _with_doubts(before: list[Laid]) -> list[Laid]:
    """Return what stands above the document; statements directly above it in capitals may be lines of a typescript."""
    number = len(before)
    while number and before[number - 1].role is Role.FIELD:
        number -= 1
        label = before[number].block.words.partition(":")[0]
        if label.isupper():
            doubt = "stands directly above the document, with its label in capitals; is it a line of the document?"
            before[number] = replace(before[number], doubt=doubt)
    return before


def _extent(blocks: Sequence[Block], known: Mapping[int, Laid], century: int | None) -> tuple[int, int]:
    """Return the first and the last block of the document; nothing of it (0, -1) only where the page has no words."""
    core = [
        number
        for number, block in enumerate(blocks)
        if number not in known
        and (is_labelled(block.words) or (is_prose(block, century) and not field_at(blocks, number, known)))
    ]
    if not core:
        return _longest_run(blocks, known)
    first, last = core[0], core[-1]
    while first > 0 and not _ends_document(blocks, first - 1, known):
        first -= 1
    while last + 1 < len(blocks) and not _ends_document(blocks, last + 1, known):
        last += 1
    return first, last


def _ends_document(blocks: Sequence[Block], number: int, known: Mapping[int, Laid]) -> bool:
    return (
        number in known
        or is_furniture_word(blocks[number].words)
        or bool(field_at(blocks, number, known))
        or announces(blocks, number, known)
    )


def _longest_run(blocks: Sequence[Block], known: Mapping[int, Laid]) -> tuple[int, int]:
    best, begin = (0, -1), 0
    for number in range(len(blocks) + 1):
        if number == len(blocks) or _ends_document(blocks, number, known):
            if _length(blocks, begin, number - 1) > _length(blocks, *best):
                best = (begin, number - 1)
            begin = number + 1
    return best


def _length(blocks: Sequence[Block], first: int, last: int) -> int:
    return sum(block.length for block in blocks[first : last + 1])
