"""The tables of terms: which classes and properties there are, and what stands on either side of a property."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from fonds.vocabulary import CRM, CRMDIG, CRMINF, CRMTEX, EDTF, FV, LRMOO, RDF, RDFS, XSD

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

    Each class is a shape that lists all its subclasses, so that the data need not hold the hierarchy.
    """
    below = _subclasses(terms.classes)
    checked = [each for each in terms.properties.values() if each.iri.startswith(CHECKED)]
    named = {
        classes
        for each in checked
        for classes in (each.domains, each.ranges)
        if _is_of_classes(classes, below)
    }
    lines = [f"@prefix sh: <{_SH}> .\n"]
    lines.extend(_shape_of_class(classes, below) for classes in sorted(named))
    for each in checked:
        lines.extend(_shapes_of(each, named))
    return "".join(lines)


_SH = "http://www.w3.org/ns/shacl#"
_SHAPE = "https://w3id.org/fonds/ns/shape/DomainRange/"


def _is_of_classes(classes: tuple[str, ...], below: Mapping[str, frozenset[str]]) -> bool:
    return bool(classes) and not _EVERYTHING.intersection(classes) and all(each in below for each in classes)


def _shape_of_class(classes: tuple[str, ...], below: Mapping[str, frozenset[str]]) -> str:
    """Return the shape of what is of one of some classes, or of a subclass of one."""
    listed = " ".join(f"<{each}>" for each in sorted(set().union(*(below[each] for each in classes))))
    types = (
        f"sh:path <{RDF.type.value}> ; sh:qualifiedValueShape [ sh:in ( {listed} ) ] ; sh:qualifiedMinCount 1"
    )
    return f"{_class(classes)} a sh:NodeShape ; sh:property [ {types} ] .\n"


def _class(classes: tuple[str, ...]) -> str:
    return f"<{_SHAPE}{'-'.join(_local(each) for each in classes)}>"


def _shapes_of(each: Property, named: Set[tuple[str, ...]]) -> Iterator[str]:
    name = each.iri.removeprefix(next(space for space in CHECKED if each.iri.startswith(space)))
    head = f"a sh:NodeShape ; sh:severity sh:Violation ; sh:targetSubjectsOf <{each.iri}>"
    if each.domains in named:
        message = f"has the property {name}, and is no {' or '.join(map(_local, each.domains))}"
        yield f'<{_SHAPE}{name}/domain> {head} ; sh:node {_class(each.domains)} ; sh:message "{message}" .\n'
    constraint = _range(each.ranges, named)
    if constraint:
        message = f"has a value of the property {name} that is no {' or '.join(map(_local, each.ranges))}"
        property_ = f'[ sh:path <{each.iri}> ; {constraint} ; sh:message "{message}" ]'
        yield f"<{_SHAPE}{name}/range> {head} ; sh:property {property_} .\n"


def _range(ranges: tuple[str, ...], named: Set[tuple[str, ...]]) -> str:
    if ranges in named:
        return f"sh:node {_class(ranges)}"
    if ranges == (f"{RDFS.iri}Literal",) or _LITERALS.intersection(ranges):
        return "sh:nodeKind sh:Literal"
    if len(ranges) == 1 and ranges[0].startswith((XSD.iri, EDTF.iri)):
        return f"sh:datatype <{ranges[0]}>"
    return ""


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


def _local(iri: str) -> str:
    return iri.rpartition("#")[2].rpartition("/")[2]
