"""What is stated of each thing, prepared at build: documents are read from here, and no query is run for them."""

from fonds.descriptions.chronology import Chronology
from fonds.descriptions.gazetteer import Gazetteer
from fonds.descriptions.lists import Lists
from fonds.descriptions.occurrences import Occurrences
from fonds.descriptions.reading import Description, Descriptions, NoSuchPage

__all__ = ["Chronology", "Description", "Descriptions", "Gazetteer", "Lists", "NoSuchPage", "Occurrences"]
