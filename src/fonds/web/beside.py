"""Which records stand before and after one: as its collection states it, else as they lie in their unit of the archive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyoxigraph import NamedNode

from fonds.ordering import natural
from fonds.web.cards import Card, Entry, cards
from fonds.web.site import Site

_MOST = 1000
"""Records of a unit that are put in order, and one less than ``record-siblings.rq`` finds."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a record.

    Attributes:
        before: Usually one; a letter may have one before it in a correspondence and another in the collection.
        after: The same on the other side.
        order: In which order they stand: ``code``, ``date``; empty where it is stated record by record.
    """

    before: tuple[Entry, ...] = ()
    after: tuple[Entry, ...] = ()
    order: str = ""

    def __bool__(self) -> bool:
        """Tell whether anything stands beside it."""
        return bool(self.before or self.after)


def beside(site: Site, it: NamedNode, key: str) -> Beside:
    """Return what stands before and after a record."""
    stated = cards(site, site.store.select("record-beside", record=it), "record").get(it.value, {})
    if stated:
        return Beside(tuple(stated.get("before", ())), tuple(stated.get("after", ())))
    rows = site.store.select("record-siblings", record=it, graph=site.addresses.iris.graph("record", key))
    return in_order(it.value, cards(site, rows, "other"))


def in_order(iri: str, unit: Mapping[str, Card]) -> Beside:
    """Return what stands beside a record in a unit whose records all have a code, or all a date; else nothing.

    Args:
        iri: The record.
        unit: ``label``, ``code`` and ``created`` of each record of its unit, by IRI.
    """
    if iri not in unit or len(unit) > _MOST:
        return Beside()
    for field, order in (("code", "code"), ("created", "date")):
        if all(card.get(field) for card in unit.values()):
            ordered = sorted(unit, key=lambda each: (natural(unit[each][field][0].text), each))
            place = ordered.index(iri)
            return Beside(
                tuple(unit[each]["label"][0] for each in ordered[max(0, place - 1) : place]),
                tuple(unit[each]["label"][0] for each in ordered[place + 1 : place + 2]),
                order,
            )
    return Beside()
