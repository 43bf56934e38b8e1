"""What it changes that two things are one: whatever named the one names the other, and each source's names stay its own."""

from __future__ import annotations

import dataclasses
import functools
from collections import defaultdict
from collections.abc import Mapping
from typing import TypeVar

from fonds.model import Authority, DocumentedEvent, Participation, Record, Reference

T = TypeVar("T")


def with_merged(record: Record, becomes: Mapping[Reference, Reference]) -> Record:
    """Return a record that names what stays; the words by which it names it are as they were.

    Args:
        record: The record.
        becomes: For each thing that was found to be another that other one.
    """
    return (
        record if not becomes or becomes.keys().isdisjoint(record.references()) else renamed(record, becomes)
    )


def merge_authorities(
    authorities: Mapping[Reference, Authority], becomes: Mapping[Reference, Reference]
) -> dict[Reference, Authority]:
    """Return the things that stay, each with those that became it as their own sources list them."""
    named = {
        reference: dataclasses.replace(renamed(each, becomes), reference=reference)
        for reference, each in authorities.items()
    }
    merged: dict[Reference, list[Authority]] = defaultdict(list)
    for reference in sorted(becomes):
        if reference in named and becomes[reference] in named:
            merged[becomes[reference]].append(named[reference])
    return {
        reference: dataclasses.replace(each, merged=tuple(merged[reference])) if reference in merged else each
        for reference, each in named.items()
        if becomes.get(reference) not in named
    }


def renamed(value: T, becomes: Mapping[Reference, Reference]) -> T:
    """Return a value of the model in which every reference to a thing is to what it became, none twice in one list.

    >>> a, b = Reference("person", "a"), Reference("person", "b")
    >>> renamed((a, b), {b: a})
    (Reference(kind='person', key='a'),)
    """
    return _renamed(value, becomes)  # type: ignore[return-value]


def _renamed(value: object, becomes: Mapping[Reference, Reference]) -> object:
    if isinstance(value, Reference):
        return becomes.get(value, value)
    if type(value) is tuple:
        parts = tuple(_renamed(each, becomes) for each in value)
        if all(one is other for one, other in zip(value, parts, strict=True)):
            return value
        return tuple(dict.fromkeys(parts)) if all(isinstance(each, Reference) for each in parts) else parts
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    changed = {
        name: new
        for name in _names_of_fields(type(value))
        if (new := _renamed(old := getattr(value, name), becomes)) is not old
    }
    if not changed:
        return value
    new = dataclasses.replace(value, **changed)
    return _with_parts_joined(new) if isinstance(new, DocumentedEvent) else new


@functools.cache
def _names_of_fields(type_: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(type_) if field.init)


def _with_parts_joined(event: DocumentedEvent) -> DocumentedEvent:
    """Return an event in which nobody takes part twice: whoever did, did so in all roles."""
    roles: dict[Reference, dict[str, None]] = {}
    for part in event.participants:
        roles.setdefault(part.actor, {}).update(dict.fromkeys(part.roles))
    parts = tuple(Participation(actor=actor, roles=tuple(found)) for actor, found in roles.items())
    return dataclasses.replace(event, participants=parts)
