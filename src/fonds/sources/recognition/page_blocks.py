"""Which blocks are of the page: by their form wherever they stand, or since they stand outside of the document."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence, Set
from functools import cache

from fonds.sources.recognition.blocks import Block
from fonds.sources.recognition.dates import only_dates
from fonds.sources.recognition.fields import field_of, is_furniture_word, is_value_of
from fonds.sources.recognition.lines import LONG, begins, is_prose
from fonds.sources.recognition.references import find_translating, is_citation, is_reference, read_citation
from fonds.sources.recognition.roles import Laid, Role
from fonds.sources.recognition.words import alternatives, plain, whole

_SHORT = 25


def of_page(blocks: Sequence[Block], century: int | None) -> dict[int, Laid]:
    """Return what is of the page by its form, by its place among the blocks; and the summary that stands before a citation.

    Args:
        blocks: The blocks of the page.
        century: The century of years written with two figures.
    """
    found = {
        number: laid for number, block in enumerate(blocks) if (laid := _by_form(block, century)) is not None
    }
    citation = next((number for number, each in found.items() if each.role is Role.CITATION), None)
    if citation:
        prose = [
            number for number, block in enumerate(blocks) if number not in found and is_prose(block, century)
        ]
        before = [number for number in prose if number < citation]
        length_after = sum(blocks[number].length for number in prose if number > citation)
        if before == [citation - 1] and length_after > blocks[citation - 1].length:
            found[citation - 1] = Laid(blocks[citation - 1], Role.ABSTRACT)
    return found


def _by_form(block: Block, century: int | None) -> Laid | None:
    if _is_citation(block.words, century):
        return Laid(block, Role.CITATION)
    if block.length <= LONG:
        for tells, role, field in _SHORT_FORMS:
            if tells(block):
                return Laid(block, role, field)
    return Laid(block, Role.FURNITURE) if block.hint.furniture else None


def _is_citation(words: str, century: int | None) -> bool:
    labelled = field_of(words)
    cited = labelled is not None and labelled[0] == "citation"
    return is_citation(words, century) or (
        cited and labelled is not None and bool(read_citation(words[labelled[1] :], century).title)
    )


def _is_funder(block: Block) -> bool:
    return _thanks().search(block.words) is not None


@cache
def _thanks() -> re.Pattern[str]:
    return re.compile(rf"^(?:[^.!?]{{0,60}}\s)?(?:{alternatives('funder')})(?!\w)", re.IGNORECASE)


def _is_rights(block: Block) -> bool:
    """Tell whether a block states rights. A sentence of the document may speak of a licence: then there is no sign, no year."""
    words = block.words
    if not whole("rights").search(words):
        return False
    said = re.search(r"©|reserv|vorbehalten|commons|domain|общественное|защищены", words, re.IGNORECASE)
    return words.startswith("©") or (block.length <= _SHORT and said is not None)


def _is_notice(block: Block) -> bool:
    return whole("furniture-phrase").search(block.words) is not None


def _is_translating(block: Block) -> bool:
    found = find_translating(block.words)
    return (
        found is not None
        and not block.words[: found.start].strip(" ([")
        and not block.words[found.end :].strip(" .)]")
    )


_SHORT_FORMS: tuple[tuple[Callable[[Block], bool], Role, str], ...] = (
    (_is_funder, Role.FUNDER, ""),
    (_is_rights, Role.RIGHTS, ""),
    (_is_notice, Role.FURNITURE, ""),
    (_is_translating, Role.FIELD, "translator"),
)


def outside(
    blocks: Sequence[Block], number: int, known: Mapping[int, Laid], titles: Set[str], century: int | None
) -> Laid:
    """Return what a block outside of the document is: about it by its form, else furniture.

    Args:
        blocks: The blocks of the page.
        number: Which of them.
        known: What :func:`of_page` found.
        titles: What :func:`cited_titles` found.
        century: The century of years written with two figures.
    """
    if number in known:
        return known[number]
    block = blocks[number]
    if field := field_at(blocks, number, known):
        return Laid(block, _ROLES_OF_FIELDS.get(field, Role.FIELD), field)
    if is_furniture_word(block.words) or announces(blocks, number, known):
        return Laid(block, Role.FURNITURE)
    if any(only_dates(block.words, century)):
        return Laid(block, Role.SHOWN_DATE)
    return _title(block, titles) or Laid(block, Role.FURNITURE, doubt=_BY_PLACE)


_BY_PLACE = "is listed as furniture only since it stands outside of the document"


def _title(block: Block, titles: Set[str]) -> Laid | None:
    if plain(block.words).rstrip(" .") in titles or block.hint.level in (1, 2):
        return Laid(block, Role.TITLE)
    if block.length <= LONG and begins("form").match(re.sub(r"^\d+\s*[.)]\s*", "", block.words)):
        return Laid(block, Role.TITLE, doubt="is read as the title by its first word only")
    return None


_ROLES_OF_FIELDS = {"abstract": Role.ABSTRACT, "rights": Role.RIGHTS, "citation": Role.CITATION}


def field_at(blocks: Sequence[Block], number: int, known: Mapping[int, Laid]) -> str:
    """Return what a block states of the document, by its label or by one on the line before; empty where it states nothing."""
    words = blocks[number].words
    labelled = field_of(words)
    if labelled:
        return labelled[0]
    label = is_value_of(blocks[number - 1].words, words) if number else None
    if label == "abstract" and not _follows_page(blocks, number - 1, known):
        label = None  # a document may have a part that is headed “Summary”
    return label or ("source" if is_reference(words) else "")


def _follows_page(blocks: Sequence[Block], number: int, known: Mapping[int, Laid]) -> bool:
    """Tell whether nothing stands before a block, or something that is of the page by its form."""
    if number == 0 or number - 1 in known:
        return True
    before = blocks[number - 1].words
    return (
        is_furniture_word(before)
        or field_of(before) is not None
        or (number > 1 and is_value_of(blocks[number - 2].words, before) is not None)
    )


def announces(blocks: Sequence[Block], number: int, known: Mapping[int, Laid]) -> bool:
    """Tell whether a block is the label of the one after it."""
    return (
        number + 1 < len(blocks)
        and is_value_of(blocks[number].words, blocks[number + 1].words) is not None
        and bool(field_at(blocks, number + 1, known))
    )


def cited_titles(known: Mapping[int, Laid], century: int | None) -> frozenset[str]:
    """Return the titles that citations quote, as they are compared."""
    cited = (each.block.words for each in known.values() if each.role is Role.CITATION)
    return frozenset({plain(read_citation(words, century).title) for words in cited} - {""})
