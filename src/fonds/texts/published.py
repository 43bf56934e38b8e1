"""What leaves the house of a record's words: everything, an excerpt, or nothing."""

from __future__ import annotations

from dataclasses import dataclass

from fonds.model import Record
from fonds.quotation import quotable
from fonds.texts.reading import WITHHELD, Reading, reading_of
from fonds.texts.shortening import shortened_edition


@dataclass(frozen=True, slots=True)
class PublishedText:
    """What leaves the house of one record's words.

    Attributes:
        reading: For people.
        tei: The edition, or as much of it as may be published; None where nothing may.
        text: The words without marks; None where nothing may be published.
    """

    reading: Reading
    tei: bytes | None
    text: str | None

    @property
    def words(self) -> str | None:
        """The words alone, without what stands for those that are withheld."""
        return self.text.removesuffix(f"{WITHHELD}\n") if self.text else None


def published(record: Record) -> PublishedText:
    """Return what leaves the house of a record's words, as its ``fulltext`` says.

    Raises:
        SourceError: The edition cannot be shortened, since it is not XML or declares entities of its own.
    """
    reading = reading_of(record)
    match record.fulltext:
        case "full":
            text = record.text.plain
            return PublishedText(reading, record.edition or None, text + "\n" if text else None)
        case "excerpt":
            allowed = quotable(record)
            if not record.text.blocks:
                return PublishedText(reading, None, None)
            words = [block.text[: allowed[block.name]] for block in record.text.blocks if allowed[block.name]]
            edition = shortened_edition(record) if record.edition else None
            return PublishedText(reading, edition, "\n\n".join([*words, WITHHELD]) + "\n")
    return PublishedText(reading, None, None)
