"""How a record came to us, and which offices it attests, as its page shows them."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import NamedNode

from fonds.ordering import natural
from fonds.web.cards import Card, OfCard, cards
from fonds.web.site import Site

_UNDATED = "\uffff"
"""Behind every date."""


@dataclass(frozen=True, slots=True)
class Event(OfCard):
    """Something that happened to the paper, or the holding of an office.

    Attributes:
        label: What it is called.
        href: Its page.
        card: All that is known of it, by field.
    """

    label: str
    href: str
    card: Card

    @property
    def dating(self) -> str:
        """How its date is known: ``stated``, ``bounded`` by that of something else, or ``unknown``."""
        if self.entries("when"):
            return "stated"
        return "bounded" if self.entries("not-after") else "unknown"

    @property
    def is_ours(self) -> bool:
        """Whether it is a conclusion of the editors, and not what the source says."""
        return bool(self.entries("certainty"))


@dataclass(frozen=True, slots=True)
class Custody:
    """What a record's page shows of its way and of offices.

    Attributes:
        happened: In the order of the dates, those of the notes that tell of it included.
        undated: What happened on a day of which nothing is stated, in no order that is stated.
        offices: By day and holder.
    """

    happened: tuple[Event, ...] = ()
    undated: tuple[Event, ...] = ()
    offices: tuple[Event, ...] = ()


def custody(site: Site, it: NamedNode, key: str) -> Custody:
    """Return how a record came to us, and the offices that it attests."""
    iris = site.addresses.iris
    rows = site.store.select(
        "record-custody",
        record=it,
        graph=iris.graph("record", key),
        curation=iris.graph("curation", key),
        tenure=iris.term("type", "tenure"),
    )
    found = cards(site, rows, "event")
    dated = {iri: card for iri, card in found.items() if _day(card) != _UNDATED}
    undated = {iri: card for iri, card in found.items() if iri not in dated}
    return Custody(
        _events(site, dated, "happened"), _events(site, undated, "happened"), _events(site, found, "office")
    )


def _events(site: Site, found: dict[str, Card], sort: str) -> tuple[Event, ...]:
    events = [
        (
            _day(card),
            natural(card[sort][0].text),
            iri,
            Event(card[sort][0].text, site.addresses.of_iri(iri), card),
        )
        for iri, card in found.items()
        if sort in card
    ]
    return tuple(event for *_, event in sorted(events, key=lambda each: each[:3]))


def _day(card: Card) -> str:
    """Return the EDTF date by which an event is listed: its own, the latest it can have, or that of the note that tells of it."""
    for field in ("when", "not-after", "known-from"):
        days = [detail for entry in card.get(field, ()) for detail in entry.details]
        if days:
            return min(days)
    return _UNDATED
