"""What a block of a saved page can be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fonds.sources.recognition.blocks import Block


class Role(StrEnum):
    """What a block is."""

    # of the page
    FURNITURE = "furniture"
    TITLE = "title"
    CITATION = "citation"
    ABSTRACT = "abstract"
    FUNDER = "funder"
    SHOWN_DATE = "date shown by the page"
    RIGHTS = "statement of rights"
    FIELD = "statement about the document"
    # of the document
    STAMP = "stamp"
    HANDWRITTEN = "handwritten note"
    EDITORIAL = "editorial note"
    FOOTNOTE = "footnote"
    OPENER = "opener"
    AUTHOR = "author"
    HEAD = "heading"
    DATELINE = "dateline"
    SALUTE = "salutation"
    PARAGRAPH = "paragraph"
    CLOSER = "closer"
    SIGNED = "signature"


OF_PAGE = frozenset(
    {
        Role.FURNITURE,
        Role.TITLE,
        Role.CITATION,
        Role.ABSTRACT,
        Role.FUNDER,
        Role.SHOWN_DATE,
        Role.RIGHTS,
        Role.FIELD,
    }
)


@dataclass(frozen=True, slots=True)
class Laid:
    """A block and what it is.

    Attributes:
        block: The block.
        role: What it is.
        field: Of a statement about the document, what of (``date``, ``creator``, ``source`` …).
        doubt: What a person has to decide; empty for nothing.
    """

    block: Block
    role: Role
    field: str = ""
    doubt: str = ""
