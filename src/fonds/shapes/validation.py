"""Validation: a description, with the things that it names, held against the shapes; an empty list means that it conforms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

import shacl
from pyoxigraph import NamedNode

from fonds.mapping.description import Description, GraphKind
from fonds.mapping.origins import origin_of
from fonds.model import Origin, Record
from fonds.shapes.catalogue import NAMESPACE, Shapes
from fonds.shapes.findings import Finding, Severity
from fonds.shapes.neighbours import Neighbours
from fonds.shapes.rules import RULES, Case, Facts, Found, index


def validate(
    description: Description,
    shapes: Shapes,
    *,
    base: str,
    neighbours: Neighbours | None = None,
    origins: Mapping[str, Origin] | None = None,
    record: Record | None = None,
    words: str | None = None,
    folder: Path | None = None,
) -> list[Finding]:
    """Return what does not hold of a description, sorted by source, thing and shape; empty means that it conforms.

    Args:
        description: One record, authority, vocabulary.
        shapes: What holds.
        base: Under which the publication's identifiers stand; ends with a slash.
        neighbours: What is known of the things that it names.
        origins: Where the sources of its parts stand, by IRI.
        record: The record that it describes, if it is one.
        words: The text in which the record's positions count; None: they are not checked.
        folder: The publication; None: the files of captures are not checked.
    """
    around = neighbours or Neighbours()
    facts = index(fact for graph in description.graphs if graph.public for fact in graph.facts)
    case = Case(
        description=description,
        facts=facts,
        named=_named(facts),
        hidden=index(fact for graph in description.graphs if not graph.public for fact in graph.facts),
        neighbours=around,
        base=base,
        terms=shapes.terms,
        record=record,
        words=words,
        folder=folder,
    )
    known = origins or {}
    found = [*_by_engine(case, shapes, known), *_by_rules(case, shapes, known)]
    return sorted(
        set(found), key=lambda each: (each.origin, each.focus, each.shape, each.message, each.value or "")
    )


def _by_engine(case: Case, shapes: Shapes, origins: Mapping[str, Origin]) -> Iterator[Finding]:
    own = (line for graph in case.description.graphs if graph.public for line in graph.lines)
    data = b"".join(chain(own, case.neighbours.around(case.named)))
    yield from _findings(shapes.description, data, case, shapes, origins)
    if shapes.source:
        for graph in case.description.graphs:
            if graph.kind is GraphKind.RECORD:
                yield from _findings(shapes.source, b"".join(graph.lines), case, shapes, origins)


def _findings(
    compiled: shacl.Shapes, data: bytes, case: Case, shapes: Shapes, origins: Mapping[str, Origin]
) -> Iterator[Finding]:
    report = compiled.validate_text(data.decode(), format="ntriples")
    for result in report.results:
        focus = result.focus_node[1:-1] if result.focus_node.startswith("<") else result.focus_node
        # Of a neighbour only a little is here; it is judged with its own description.
        if focus not in case.facts:
            continue
        shape = shapes.catalogue[_name(result.root_shape or "")]
        yield Finding(
            shape=shape.name,
            severity=Severity(result.severity),
            focus=focus,
            message=result.message or shape.description,
            path=result.path,
            value=result.value,
            mending=shape.mending,
            origin=origin_of(focus, origins),
        )


def _name(iri: str) -> str:
    """Return the name of the shape to which a part belongs: ``Shelfmark`` for ``…/shape/Shelfmark/Untied``."""
    return iri.strip("<>").removeprefix(NAMESPACE).partition("/")[0]


def _by_rules(case: Case, shapes: Shapes, origins: Mapping[str, Origin]) -> Iterator[Finding]:
    for name, rules in RULES.items():
        shape = shapes.catalogue[name]
        found: Iterable[Found] = (each for rule in rules for each in rule(case))
        for each in found:
            yield Finding(
                shape=name,
                severity=shape.severity,
                focus=each.focus,
                message=each.message,
                path=str(each.path) if each.path else None,
                value=each.value,
                mending=shape.mending,
                origin=each.origin or origin_of(each.focus, origins),
            )


def _named(facts: Facts) -> set[str]:
    """Return the IRIs of everything that facts are about or point to."""
    objects = (each for stated in facts.values() for many in stated.values() for each in many)
    return {each.value for each in objects if isinstance(each, NamedNode)} | facts.keys()
