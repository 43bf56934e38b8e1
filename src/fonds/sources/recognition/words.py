"""The words by which things are recognised, in five languages: the table ``words.csv`` beside this module."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

LANGUAGES = ("en", "ru", "es", "de", "fr")

_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "‘": "'", "\xa0": " "})


@cache
def table() -> Mapping[str, tuple[tuple[str, str, str], ...]]:
    """Return for each kind of word its rows: what it stands for, the language, the word in lower case."""
    source = files("fonds.sources.recognition").joinpath("words.csv").read_text(encoding="utf-8")
    rows: dict[str, list[tuple[str, str, str]]] = {}
    for row in csv.DictReader(source.splitlines()):
        for language in LANGUAGES:
            words = (word.strip() for word in row[language].split("|"))
            rows.setdefault(row["kind"], []).extend(
                (row["value"], language, plain(word)) for word in words if word
            )
    return MappingProxyType({kind: tuple(found) for kind, found in rows.items()})


@cache
def values(kind: str) -> Mapping[str, str]:
    """Return what each word of a kind stands for; where two languages differ, the first that the table has counts.

    >>> values("month")["октября"]
    '10'
    """
    found: dict[str, str] = {}
    for value, _, word in table()[kind]:
        found.setdefault(word, value)
    return MappingProxyType(found)


@cache
def alternatives(kind: str) -> str:
    """Return a pattern that fits any word of a kind, the longest first; blanks fit any run of blanks, ' any apostrophe."""
    words = sorted(values(kind), key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace(r"\ ", r"\s+").replace("'", "['’ʼ‘]") for word in words)


@cache
def whole(kind: str) -> re.Pattern[str]:
    """Return a pattern that finds a word of a kind, in either case, not within a longer word."""
    return re.compile(rf"(?<!\w)(?:{alternatives(kind)})(?!\w)", re.IGNORECASE)


def plain(text: str) -> str:
    """Return words as they are looked up: lower case, straight apostrophes, single blanks."""
    return re.sub(r"\s+", " ", text.translate(_APOSTROPHES).lower()).strip()
