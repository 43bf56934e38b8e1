"""What classes and properties are called: the tables of terms that a release carries."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from fonds.vocabulary import PREFIXES

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\s]+|(?<=[A-Za-z])-(?=[A-Za-z])")
_MOST_KNOWN = 16_384
_CODE = re.compile(r"^(?:[A-Z]{1,4}\d+(?:\.\d+)?i?)_(?=.)")


@dataclass(frozen=True, slots=True)
class Term:
    """A class or a property.

    Attributes:
        iri: Its IRI.
        label: What people call it.
        definition: What it means; empty where the table does not say.
        kind: ``class``, ``property``, or whatever the table says.
        inverse: IRI of the inverse property; empty where there is none.
    """

    iri: str
    label: str
    definition: str = ""
    kind: str = ""
    inverse: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of all tables, by IRI."""

    by_iri: Mapping[str, Term] = field(default_factory=dict)

    def label(self, iri: str) -> str:
        """Return what a class or property is called; for one that no table knows its local name, made readable."""
        term = self.by_iri.get(iri)
        return term.label if term else readable(iri)

    def inverse_label(self, iri: str) -> str | None:
        """Return what a property is called when it is read from its value, None if no table says it."""
        term = self.by_iri.get(iri)
        inverse = self.by_iri.get(term.inverse) if term and term.inverse else None
        return inverse.label if inverse else None

    def definition(self, iri: str) -> str:
        """Return what a term means, or nothing."""
        term = self.by_iri.get(iri)
        return term.definition if term else ""


def read_terms(folder: Path) -> Terms:
    """Read every ``*.csv`` of a folder that has columns ``iri`` and ``label``; a folder that is not there has no terms."""
    terms: dict[str, Term] = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            if {"iri", "label"} <= set(rows.fieldnames or ()):
                terms.update(_read_rows(rows))
    return Terms(terms)


def _read_rows(rows: Iterable[Mapping[str, str]]) -> Iterable[tuple[str, Term]]:
    for row in rows:
        definition = row.get("definition") or row.get("comment") or ""
        label = row["label"] or readable(row["iri"])
        yield row["iri"], Term(row["iri"], label, definition, row.get("kind") or "", row.get("inverse") or "")


def read_languages(folder: Path) -> dict[str, str]:
    """Return the names of languages by tag, as ``languages.csv`` has them; nothing where there is no such table."""
    path = folder / "languages.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["tag"]: row["label_en"] for row in csv.DictReader(file)}


@lru_cache(maxsize=_MOST_KNOWN)
def readable(iri: str) -> str:
    """Return the local name of an IRI as words, or the IRI where it has none.

    >>> readable("http://xmlns.com/foaf/0.1/familyName"), readable("https://a.example/P7_took_place_at")
    ('family name', 'took place at')
    """
    local = re.split(r"[/#]", iri.rstrip("/#"))[-1]
    words = [word for word in _WORDS.split(_CODE.sub("", local)) if word]
    if len(words) > 1:
        words = [word if word.isupper() else word.lower() for word in words]
    return " ".join(words) or iri


_BY_LENGTH = sorted(PREFIXES.items(), key=lambda each: -len(each[1]))


@lru_cache(maxsize=_MOST_KNOWN)
def short_name(iri: str) -> str:
    """Return an IRI as a prefixed name where a prefix is known, else the IRI itself."""
    for prefix, namespace in _BY_LENGTH:
        if iri.startswith(namespace) and len(iri) > len(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri
