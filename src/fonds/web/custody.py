"""How a record came to us, and which offices it attests, as its page shows them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import NamedNode

from fonds.ordering import natural
from fonds.views.graph import Known, Node
from fonds.vocabulary import CRM, FV, RDFS
from fonds.web.cards import Card, CardWriter, OfCard
from fonds.web.site import Site

_UNDATED = "\uffff"
"""Behind every date."""
_MOST = 200
"""Events that a page shows."""


@dataclass(frozen=True, slots=True)
class Event(OfCard):
    """Something that happened to the paper, or the holding of an office.

    Attributes:
        label: What it is called.
        language: Of that.
        href: Its page.
        card: All that is known of it, by field.
        iri: What it is.
    """

    label: str
    language: str | None
    href: str
    card: Card
    iri: str

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


def custody(site: Site, it: NamedNode, known: Known) -> Custody:
    """Return how a record came to us, and the offices that it attests.

    Args:
        site: Where it is published.
        it: The record.
        known: What is stated of it and around it.
    """
    happened = _happened(known, it)
    held = known.subjects(CRM.P2_has_type, site.addresses.iris.term("type", "tenure"))
    found = {
        event.value: card
        for event in list(dict.fromkeys((*happened, *held)))[:_MOST]
        if (card := _card(site, known, event, event in happened, event in held))
    }
    dated = {iri: card for iri, card in found.items() if _day(card) != _UNDATED}
    undated = {iri: card for iri, card in found.items() if iri not in dated}
    return Custody(
        _events(site, dated, "happened"), _events(site, undated, "happened"), _events(site, found, "office")
    )


def _happened(known: Known, it: NamedNode) -> list[Node]:
    """Return what a record documents, and what happened to it and to the paper that carries it until it was published."""
    objects, texts = known.at(it, CRM.P128i_is_carried_by), known.at(it, CRM.P73_has_translation)
    pages = (page for text in (it, *texts) for page in known.subjects(CRM.P106_is_composed_of, text))
    marks = (
        mark
        for each in objects
        for mark in known.things(each, CRM.P128_carries)
        if known.is_a(mark, CRM.E34_Inscription)
    )
    used = known.subjects(CRM.P16_used_specific_object, it)
    return list(
        dict.fromkeys(
            (
                *(each for each in used if not any(known.things(each, CRM.P94_has_created))),
                *known.things(it, CRM.P70_documents),
                *known.at(it, CRM.P128i_is_carried_by, CRM.P108i_was_produced_by),
                *(
                    made
                    for text in (*texts, *pages, *marks)
                    for made in known.things(text, CRM.P94i_was_created_by)
                ),
                *(each for paper in objects for each in known.subjects(CRM.P41_classified, paper)),
            )
        )
    )


def _card(site: Site, known: Known, it: Node, happened: bool, office: bool) -> Card:
    """Return what is known of an event: who, in which role, for whom, where and when, and from what that is known."""
    write = CardWriter(site, known, Card())
    names = known.literals(it, RDFS.label)
    for sort, is_one in (("happened", happened), ("office", office)):
        if is_one:
            write.words(sort, names)
    write.types("assigned", known.things(it, CRM.P42_assigned))
    actors = known.at(it, CRM.P14_carried_out_by)
    write.named("actor", actors)
    write.named(
        "participant", (each for each in known.things(it, CRM.P11_had_participant) if each not in actors)
    )
    write.named("for", known.things(it, FV.on_behalf_of))
    write.named("at", known.things(it, CRM.P7_took_place_at))
    parts = known.subjects(CRM.P01_has_domain, it)
    write.types("role", (role for part in parts for role in known.things(part, CRM["P14.1_in_the_role_of"])))
    _write_days(write, it)
    _write_notes(write, it)
    write.words("certainty", known.literals(it, FV.certainty))
    write.words("ground", known.literals(it, FV.ground))
    return write.done()


def _write_days(write: CardWriter, it: Node) -> None:
    known = write.facts
    spans = known.at(it, CRM.P4_has_time_span)
    write.named("when", spans, details=write.edtf)
    write.words("of-date", [each for span in spans for each in known.literals(span, CRM.P3_has_note)])
    bounds = known.at(it, CRM.P184_ends_before_or_with_the_end_of, CRM.P4_has_time_span)
    write.named("not-after", bounds, details=write.edtf)
    write.named("after", known.things(it, CRM.P183i_starts_after_the_end_of))


def _write_notes(write: CardWriter, it: Node) -> None:
    """Write the notes on the paper that tell of an event, or whose writing it is."""
    known = write.facts

    def notes(property_: NamedNode) -> Iterator[Node]:
        return (each for each in known.subjects(property_, it) if known.is_a(each, CRM.E34_Inscription))

    def day(note: Node) -> list[str]:
        spans = known.at(note, CRM.P94i_was_created_by, CRM.P4_has_time_span)
        return [each for span in spans for each in write.edtf(span)]

    write.named("known-from", notes(CRM.P67_refers_to), details=day)
    written = notes(CRM.P94i_was_created_by)
    write.named("written", written, details=lambda note: known.words(note, CRM.P3_has_note))


def _events(site: Site, found: dict[str, Card], sort: str) -> tuple[Event, ...]:
    events = [
        (
            _day(card),
            natural(card[sort][0].text),
            iri,
            Event(card[sort][0].text, card[sort][0].language, site.addresses.of_iri(iri), card, iri),
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
