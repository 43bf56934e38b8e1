"""The few rules that need the whole store: what one description cannot know of the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from pyoxigraph import NamedNode, QuerySolutions, Store

from fonds.mapping.origins import origin_of
from fonds.model import Origin
from fonds.shapes.catalogue import Shapes, StoreRule
from fonds.shapes.findings import Finding

MOST_FINDINGS = 100
"""Findings of one rule after which no more are looked for."""


def check_store(store: Store, shapes: Shapes, origins: Mapping[str, Origin] | None = None) -> list[Finding]:
    """Return what does not hold of a finished store.

    Args:
        store: With the default graph as the public view, named graphs as they were described.
        shapes: What holds.
        origins: Where the sources of things stand.
    """
    return [finding for rule in shapes.store for finding in _findings(store, rule, shapes, origins or {})]


def _findings(
    store: Store, rule: StoreRule, shapes: Shapes, origins: Mapping[str, Origin]
) -> Iterator[Finding]:
    shape = shapes.catalogue[rule.shape]
    solutions = cast(QuerySolutions, store.query(f"{rule.query}\nLIMIT {MOST_FINDINGS}"))
    for solution in solutions:
        focus, value = solution["focus"], _value(solution)
        iri = focus.value if isinstance(focus, NamedNode) else str(focus)
        yield Finding(
            shape=shape.name,
            severity=shape.severity,
            focus=iri,
            message=rule.message.replace("{?value}", value or ""),
            value=value,
            mending=shape.mending,
            origin=origin_of(iri, origins),
        )


def _value(solution: object) -> str | None:
    try:
        value = solution["value"]  # type: ignore[index]
    except KeyError:
        return None
    return None if value is None else str(value)
