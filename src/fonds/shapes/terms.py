"""The tables of terms: which classes and properties there are, and what stands on either side of a property."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fonds.vocabulary import CRM, CRMDIG, CRMINF, CRMTEX, FV, LRMOO, RDF, RDFS, SKOS

CHECKED = tuple(each.iri for each in (CRM, CRMINF, CRMTEX, CRMDIG, LRMOO, FV))
"""Namespaces whose domains and ranges are checked: CIDOC CRM, its extensions, and the program's own ontology."""

_EVERYTHING = frozenset({CRM.iri + "E1_CRM_Entity", RDFS.iri + "Resource"})
_LITERALS = frozenset(CRM.iri + each for each in ("E59_Primitive_Value", "E60_Number", "E62_String"))


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a table, with the classes of which its subjects and objects are; empty where none are stated."""

    iri: str
    domains: tuple[str, ...]
    ranges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """What the tables list.

    Attributes:
        classes: Each class with its direct superclasses.
        properties: Each property by its IRI.
    """

    classes: Mapping[str, tuple[str, ...]]
    properties: Mapping[str, Property]


def read_terms(folders: Iterable[Path]) -> Terms:
    """Read the tables of terms of some folders; a later one adds to an earlier one."""
    classes: dict[str, tuple[str, ...]] = {}
    properties: dict[str, Property] = {}
    for row in _rows(folders):
        if row["kind"] == "class":
            classes[row["iri"]] = tuple(row["broader"].split())
        elif row["kind"] == "property":
            domains, ranges = tuple(row["domain"].split()), tuple(row["range"].split())
            properties[row["iri"]] = Property(row["iri"], domains, ranges)
    return Terms(classes, properties)


def _rows(folders: Iterable[Path]) -> Iterator[dict[str, str]]:
    for folder in folders:
        for table in sorted(folder.glob("*.csv")):
            with table.open(encoding="utf-8", newline="") as file:
                reader = csv.DictReader(file)
                if {"iri", "kind", "broader", "domain", "range"} <= set(reader.fieldnames or ()):
                    yield from reader


def shapes_of_terms(terms: Terms) -> str:
    """Return the shapes ``DomainRange/…`` as Turtle: two for each property whose domain and range are checked.

    A property's classes are listed with all their subclasses, so that the data need not hold the hierarchy.
    """
    below = _subclasses(terms.classes)
    lines = [f"@prefix sh: <{_SH}> .\n"]
    for each in terms.properties.values():
        if each.iri.startswith(CHECKED):
            lines.extend(_shapes_of(each, below))
    return "".join(lines)


_SH = "http://www.w3.org/ns/shacl#"
_SHAPE = "https://w3id.org/fonds/ns/shape/DomainRange/"


def _shapes_of(each: Property, below: Mapping[str, frozenset[str]]) -> Iterator[str]:
    name = each.iri.removeprefix(next(space for space in CHECKED if each.iri.startswith(space)))
    head = "a sh:NodeShape ; sh:severity sh:Violation ; sh:targetSubjectsOf"
    if each.domains and not _EVERYTHING.intersection(each.domains):
        message = f"has the property {name}, and is no {_local(each.domains)}"
        constraint = _is_a(each.domains, below)
        yield f'<{_SHAPE}{name}/domain> {head} <{each.iri}> ; {constraint} ; sh:message "{message}" .\n'
    constraint = _range(each.ranges, below)
    if constraint:
        message = f"has a value of the property {name} that is no {_local(each.ranges)}"
        property_ = f'[ sh:path <{each.iri}> ; {constraint} ; sh:message "{message}" ]'
        yield f"<{_SHAPE}{name}/range> {head} <{each.iri}> ; sh:property {property_} .\n"


def _range(ranges: tuple[str, ...], below: Mapping[str, frozenset[str]]) -> str:
    if not ranges or _EVERYTHING.intersection(ranges):
        return ""
    if ranges == (RDFS.iri + "Literal",) or _LITERALS.intersection(ranges):
        return "sh:nodeKind sh:Literal"
    if len(ranges) == 1 and ranges[0] not in below:
        return f"sh:datatype <{ranges[0]}>" if not ranges[0].startswith(SKOS.iri) else ""
    return f"sh:node [ {_is_a(ranges, below)} ]"


def _is_a(classes: tuple[str, ...], below: Mapping[str, frozenset[str]]) -> str:
    """Return the constraint that one of a thing's types is one of these classes or a subclass of one."""
    listed = " ".join(
        f"<{each}>" for each in sorted(set().union(*(below.get(each, {each}) for each in classes)))
    )
    types = f"sh:path <{RDF.type.value}> ; sh:qualifiedValueShape [ sh:in ( {listed} ) ] ; sh:qualifiedMinCount 1"
    return f"sh:property [ {types} ]"


def _subclasses(classes: Mapping[str, tuple[str, ...]]) -> Mapping[str, frozenset[str]]:
    """Return for each class itself and all its subclasses."""
    below: dict[str, set[str]] = {each: {each} for each in classes}
    for each in classes:
        to_see, seen = list(classes[each]), {each}
        while to_see:
            above = to_see.pop()
            if above not in seen:
                seen.add(above)
                below.setdefault(above, {above}).add(each)
                to_see.extend(classes.get(above, ()))
    return {name: frozenset(found) for name, found in below.items()}


def _local(iris: tuple[str, ...]) -> str:
    return " or ".join(each.rpartition("#")[2].rpartition("/")[2] for each in iris)


