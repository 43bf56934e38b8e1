"""How much of a record's words leaves the house: full text, an excerpt, or a link only."""

from __future__ import annotations

from collections.abc import Mapping

from fonds.model import BlockKind, Record

EXCERPT_LENGTH = 400
"""Most code points of an excerpt."""


def quotable(record: Record) -> Mapping[str, int]:
    """Return for each block of a record how many code points of it, from its beginning, may be published.

    ``full`` gives every block whole; ``excerpt`` the first numbered paragraphs up to :data:`EXCERPT_LENGTH`, cut
    between words; ``link`` nothing.
    """
    if record.fulltext == "full":
        return {block.name: len(block.text) for block in record.text.blocks}
    lengths = {block.name: 0 for block in record.text.blocks}
    if record.fulltext == "excerpt":
        left = EXCERPT_LENGTH
        for block in record.text.blocks:
            if block.kind is not BlockKind.PARAGRAPH or not block.text:
                continue
            lengths[block.name] = _between_words(block.text, left)
            left -= len(block.text)
            if left <= 0:
                break
    return lengths


def quoted(record: Record, text: str | None) -> str | None:
    """Return words of a record that stand outside its numbered text if they may be published, else None.

    Args:
        record: Whose ``fulltext`` decides.
        text: A note's words, a stamp's, a quotation's: published with ``full`` only.
    """
    return text if record.fulltext == "full" else None


def summarised(record: Record, text: str | None) -> str | None:
    """Return a summary or a citation if it may be published, else None: with ``link`` not even these leave the house."""
    return text if record.fulltext != "link" else None


def _between_words(text: str, limit: int) -> int:
    if len(text) <= limit:
        return len(text)
    cut = text.rfind(" ", 0, limit + 1)
    return max(cut, 0)
