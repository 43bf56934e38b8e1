"""The words of records as they leave the house: reading view, plain text and TEI, packed in one file of a release."""

from fonds.texts.pack import Texts, write_texts
from fonds.texts.published import PublishedText, published
from fonds.texts.reading import Reading, ReadingBlock, ReadingNote

__all__ = ["PublishedText", "Reading", "ReadingBlock", "ReadingNote", "Texts", "published", "write_texts"]
