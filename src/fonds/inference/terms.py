"""The classes and properties of the tables in ``ontology/``, and what each is narrower than, or the inverse of."""

from __future__ import annotations

import csv
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

from fonds.vocabulary import CRM

_SYMMETRIC = frozenset(
    CRM.iri + name
    for name in (
        "P69_has_association_with",
        "P69i_is_associated_with",
        "P121_overlaps_with",
        "P122_borders_with",
        "P132_spatiotemporally_overlaps_with",
        "P133_is_spatiotemporally_separated_from",
    )
)
"""CIDOC CRM 7.1.3 says so in scope notes only; no statement of its RDF schema does."""

_HEAD = frozenset({"iri", "kind", "broader"})


class Directed(NamedTuple):
    """A property read from subject to object, or from object to subject."""

    property: str
    forward: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of the tables.

    Attributes:
        classes: Direct superclasses, by IRI.
        properties: Direct superproperties, by IRI.
        inverses: The inverse of a property, by IRI, in both directions.
    """

    classes: Mapping[str, tuple[str, ...]]
    properties: Mapping[str, tuple[str, ...]]
    inverses: Mapping[str, str]

    def superclasses(self, iri: str) -> frozenset[str]:
        """Return a class and all that it is narrower than."""
        return frozenset(_closed(iri, lambda each: self.classes.get(each, ())))

    def implied(self, iri: str) -> frozenset[Directed]:
        """Return what a triple with this property implies of its two ends, itself included.

        ``Directed(p, False)`` stands for the triple turned round: its object is the subject of ``p``.
        """
        return frozenset(_closed(Directed(iri, True), self._follows))

    def _follows(self, step: Directed) -> Iterator[Directed]:
        for each in self.properties.get(step.property, ()):
            yield Directed(each, step.forward)
        if step.property in self.inverses:
            yield Directed(self.inverses[step.property], not step.forward)
        if step.property in _SYMMETRIC:
            yield Directed(step.property, not step.forward)


_T = TypeVar("_T", bound=Hashable)


def _closed(first: _T, follows: Callable[[_T], Iterable[_T]]) -> set[_T]:
    found, todo = {first}, [first]
    while todo:
        for each in follows(todo.pop()):
            if each not in found:
                found.add(each)
                todo.append(each)
    return found


def read_terms(folders: Iterable[Path]) -> Terms:
    """Read every table of terms in these folders; of two files with one name the later folder's counts."""
    files = {path.name: path for folder in folders for path in sorted(folder.glob("*.csv"))}
    classes: dict[str, tuple[str, ...]] = {}
    properties: dict[str, tuple[str, ...]] = {}
    inverses: dict[str, str] = {}
    for row in _rows(files.values()):
        broader = tuple(row["broader"].split())
        if row["kind"] == "class":
            classes[row["iri"]] = classes.get(row["iri"], ()) + broader
        elif row["kind"] == "property":
            properties[row["iri"]] = properties.get(row["iri"], ()) + broader
            if inverse := row.get("inverse"):
                inverses[row["iri"]] = inverse
                inverses.setdefault(inverse, row["iri"])
    return Terms(classes, properties, inverses)


def _rows(files: Iterable[Path]) -> Iterator[dict[str, str]]:
    for path in files:
        with path.open(encoding="utf-8", newline="") as file:
            table = csv.DictReader(file)
            if set(table.fieldnames or ()) >= _HEAD:
                yield from table
