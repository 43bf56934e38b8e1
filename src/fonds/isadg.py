"""The columns of a table of records: the elements of ISAD(G) by all their spellings, and the levels of description."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from fonds.vocabulary import program_ontology

_NUMBERED = re.compile(r"3\.\d\.\d+\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A column that a table of records may have.

    Attributes:
        key: Ours; for an element of ISAD(G) also the key of its type in the vocabulary ``type``.
        number: In ISAD(G), 2nd edition; empty for what is not of it.
        name: In ISAD(G).
        becomes: What is made of it: ``element`` for words that describe, ``unused``, else a part of the record of its own.
        dcterms: Local name of the Dublin Core term that says the same; empty where there is none.
        rico: Local name of the RiC-O property that says the same; empty where there is none.
        spellings: Names by which tables call it.
        meaning: What to write, where the name does not say it.
    """

    key: str
    number: str
    name: str
    becomes: str
    dcterms: str
    rico: str
    spellings: tuple[str, ...]
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A level of description (ISAD(G) 3.1.4).

    Attributes:
        key: Ours; ``level-{key}`` is a type of the vocabulary where RiC-O has none.
        form: What is described: ``record``, ``file``, or ``holding``.
        record_set_type: Local name of RiC-O's type of record sets; empty where it has none.
        spellings: Names by which tables call it.
    """

    key: str
    form: str
    record_set_type: str
    spellings: tuple[str, ...]


@cache
def elements() -> Mapping[str, Element]:
    """Return every column by its key, in the order of ISAD(G)."""
    with (program_ontology() / "isadg.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["key"]: Element(
                key=row["key"],
                number=row["number"],
                name=row["name"],
                becomes=row["becomes"],
                dcterms=row["dcterms"],
                rico=row["rico"],
                spellings=_several(row["spellings"]),
                meaning=row["meaning"],
            )
            for row in csv.DictReader(file)
        }


@cache
def levels() -> Mapping[str, Level]:
    """Return every level by its key, the highest first."""
    with (program_ontology() / "levels.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["key"]: Level(
                key=row["key"],
                form=row["is"],
                record_set_type=row["record_set_type"],
                spellings=_several(row["spellings"]),
            )
            for row in csv.DictReader(file)
        }


def _several(cell: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in cell.split("|"))


def element_named(name: str) -> Element | None:
    """Return the column that a heading means, None if it means none.

    Capitals, blanks, hyphens and brackets do not count, and a number of ISAD(G) may stand before the name, or alone.

    >>> [element_named(each).key for each in ("scopeAndContent", "3.3.1 Scope and content", "3.3.1", "Reference code(s)")]
    ['scope-and-content', 'scope-and-content', 'scope-and-content', 'reference-code']
    """
    known = _by_spelling()
    return known.get(_plain(name)) or known.get(_plain(_NUMBERED.sub("", name.strip())))


@cache
def _by_spelling() -> Mapping[str, Element]:
    found: dict[str, Element] = {}
    for element in elements().values():
        for spelling in (element.key, element.name, *element.spellings, element.number):
            if spelling:
                found.setdefault(_plain(spelling), element)
    return found


@cache
def level_named(name: str) -> Level | None:
    """Return the level that a word means, None if it means none; an empty one is an item.

    >>> level_named("Sub-series").key, level_named("").key
    ('subseries', 'item')
    """
    return _levels_by_spelling().get(_plain(name)) if name else levels()["item"]


@cache
def _levels_by_spelling() -> Mapping[str, Level]:
    return {
        _plain(spelling): level for level in levels().values() for spelling in (level.key, *level.spellings)
    }


def _plain(name: str) -> str:
    """Return a name without what does not count: capitals, accents, and all but letters and digits."""
    return "".join(each for each in unicodedata.normalize("NFKD", name.casefold()) if each.isalnum())
