"""What is not there: lost words, versions that are not held, and what a source does not state of itself."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import NamedNode

from fonds.ordering import natural
from fonds.web.cards import Card, Entry, OfCard, cards
from fonds.web.site import Site
from fonds.web.statements import block_name


@dataclass(frozen=True, slots=True)
class Loss(OfCard):
    """Words of a record that are lost.

    Attributes:
        name: Its fragment in the text.
        block: In which paragraph or note; empty where nothing says it.
        card: All that is known of it, by field.
    """

    name: str
    block: str
    card: Card

    @property
    def extent(self) -> str:
        """How much is lost: ``2–3 lines``; with the unit only where no number is stated, empty where nothing is."""
        unit = self.text("unit")
        bounds = [each for each in (self.text("at-least"), self.text("at-most")) if each]
        number = self.text("number") or "–".join(dict.fromkeys(bounds))
        if not number:
            return f"some {unit}s" if unit else ""
        return f"{number} {unit}{'' if number == '1' else 's'}".strip()


def losses(site: Site, key: str) -> tuple[Loss, ...]:
    """Return the losses of a record in the order of its text."""
    iris = site.addresses.iris
    rows = site.store.select(
        "record-lost", graph=iris.graph("record", key), curation=iris.graph("curation", key)
    )
    found = [
        Loss(
            iri.rpartition("/")[2],
            next((block_name(entry.iri) for entry in card.get("block", ()) if entry.iri), ""),
            card,
        )
        for iri, card in cards(site, rows, "loss").items()
    ]
    return tuple(sorted(found, key=lambda each: (_number(each.text("start")), natural(each.name))))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


@dataclass(frozen=True, slots=True)
class Version(OfCard):
    """A version of a text, a file of it, or the file from which it was taken.

    Attributes:
        sort: ``translation``, ``file`` or ``capture``.
        label: What it is called, with its page.
        held: Whether it is held here.
        card: All that is known of it, by field.
    """

    sort: str
    label: Entry
    held: bool
    card: Card


_SORTS = ("translation", "file", "capture")
_NOT_HELD = ("version-not-held", "pdf-not-held")


def versions(site: Site, it: NamedNode) -> dict[str, tuple[Version, ...]]:
    """Return the versions and files of a record, by sort; a sort of which there is nothing is left out."""
    absent = {site.addresses.iris.term("type", each).value for each in _NOT_HELD}
    found: dict[str, list[Version]] = {}
    for iri, card in cards(site, site.store.select("record-versions", record=it), "version").items():
        sort = next((each for each in _SORTS if each in card), None)
        if sort:
            label = Entry(card[sort][0].text, site.addresses.of_iri(iri), card[sort][0].language, iri=iri)
            held = not any(entry.iri in absent for entry in card.get("type", ()))
            found.setdefault(sort, []).append(Version(sort, label, held, card))
    return {
        sort: tuple(sorted(found[sort], key=lambda each: (not each.held, natural(each.label.text))))
        for sort in _SORTS
        if sort in found
    }
