"""Which records stand before and after one: as its collection states it, else as they lie in their unit of the archive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyoxigraph import NamedNode

from fonds.descriptions import Description
from fonds.ordering import natural
from fonds.views.around import Around
from fonds.views.graph import Known
from fonds.vocabulary import CRM, RICO
from fonds.web.cards import Card, CardWriter, Entry, cards
from fonds.web.site import Site

_MOST = 1000
"""Records of a unit that are put in order, and one less than ``unit.rq`` finds."""

_MOST_UNITS = 32
"""Units whose order is kept."""


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


@dataclass(frozen=True, slots=True)
class InOrder:
    """Records in an order.

    Attributes:
        order: ``code``, ``date``.
        records: One after the other.
    """

    order: str = ""
    records: tuple[Entry, ...] = ()

    def beside(self, iri: str) -> Beside:
        """Return what stands beside one of them; nothing for another."""
        place = next((place for place, each in enumerate(self.records) if each.iri == iri), None)
        if place is None:
            return Beside()
        return Beside(
            self.records[max(0, place - 1) : place], self.records[place + 1 : place + 2], self.order
        )


def beside(site: Site, it: NamedNode, facts: Around, description: Description) -> Beside:
    """Return what stands before and after a record.

    Args:
        site: Where it is published.
        it: The record.
        facts: What is stated of it and around it.
        description: The first page of its description.
    """
    stated = _stated(site, it, facts.public, description)
    if stated:
        return Beside(tuple(stated.get("before", ())), tuple(stated.get("after", ())))
    papers = facts.public.at(it, CRM.P128i_is_carried_by)
    units = tuple(
        each.value for paper in papers for each in facts.stated.things(paper, CRM.P46i_forms_part_of)
    )
    return _in_units(site, units).beside(it.value) if units else Beside()


def _in_units(site: Site, units: tuple[str, ...]) -> InOrder:
    """Return the records that lie in some units, kept for a while: who reads a record reads the next one too."""
    known = site.units.get(units)
    if known is None:
        records: dict[str, Card] = {}
        for each in units:
            found = cards(site, site.store.select("unit", unit=NamedNode(each)), "record")
            records |= {iri: card for iri, card in found.items() if "label" in card}
        if len(site.units) >= _MOST_UNITS:
            site.units.clear()
        known = site.units[units] = in_order(records)
    return known


def _stated(site: Site, it: NamedNode, known: Known, description: Description) -> Card:
    """Return which records are stated to stand directly before and after a record."""
    write = CardWriter(site, known, Card())
    for field, ahead, back in (
        ("before", RICO.directlyFollowsInSequence, RICO.directlyPrecedesInSequence),
        ("after", RICO.directlyPrecedesInSequence, RICO.directlyFollowsInSequence),
    ):
        others = (*known.things(it, ahead), *known.subjects(back, it))
        write.named(field, others)
    # What is said elsewhere can stand on a further page of what links to it.
    if not write.card and description.pages > 1:
        return cards(site, site.store.select("record-beside", record=it), "record").get(it.value, Card())
    return write.done()


def in_order(unit: Mapping[str, Card]) -> InOrder:
    """Return the records of a unit in order, if all of them have a code, or all a date; else in none.

    Args:
        unit: ``label``, ``code`` and ``created`` of each record, by IRI.
    """
    if len(unit) <= _MOST:
        for field, order in (("code", "code"), ("created", "date")):
            if all(card.get(field) for card in unit.values()):
                ordered = sorted(unit, key=lambda each: (natural(unit[each][field][0].text), each))
                return InOrder(order, tuple(unit[each]["label"][0] for each in ordered))
    return InOrder()
