"""Reported statements as pages show them: that somebody is reported to have said something, never that it is so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from pyoxigraph import NamedNode

from fonds.descriptions import Occurrences
from fonds.ordering import natural
from fonds.views.graph import Known, Node
from fonds.vocabulary import CRM, FV, OA, SKOS
from fonds.web.cards import Card, CardWriter, Entry, OfCard
from fonds.web.site import Site
from fonds.web.statement_cards import CODES, Statements
from fonds.web.statements import block_name

_MOST_IN_RECORD = 2_000
"""Statements of a record that its page shows."""


@dataclass(frozen=True, slots=True)
class Said(OfCard):
    """One reported statement.

    Attributes:
        name: Its part of the identifier: ``s17``.
        href: Its page.
        place: Where its words stand in the text.
        block: Which paragraph or note that is; empty where it is not known.
        record: In which record; without a title where none was asked for.
        card: All that is known of it, by field.
    """

    name: str
    href: str
    place: str
    block: str
    record: Entry
    card: Card

    @property
    def content(self) -> Entry | None:
        """What was said, in our words."""
        return next(iter(self.entries("content")), None)

    @property
    def words(self) -> str:
        """What was said, in the words of the text; empty where they are not published."""
        return self.text("words")

    @property
    def holders(self) -> Sequence[Entry]:
        """Whose stance it gives, if that is not the speaker."""
        speakers = {entry.iri for entry in self.entries("speaker")}
        return [entry for entry in self.entries("holder") if entry.iri not in speakers]

    @property
    def certainty(self) -> str:
        """How sure the coding is; empty where that is not stated."""
        return self.text("certainty")

    @property
    def cautions(self) -> Sequence[str]:
        """Of what a reader must beware."""
        return [text for entry in self.entries("caution") for text in entry.details]

    @property
    def losses(self) -> Sequence[Entry]:
        """What is lost of it, with the places in the text."""
        text = self.place.partition("#")[0]
        return [
            Entry(entry.text, f"{text}#{entry.iri.rpartition('/')[2]}", entry.language)
            for entry in self.entries("loss")
        ]

    @property
    def is_fragment(self) -> bool:
        """Whether so much is lost that nobody can be said to have said it."""
        return any(entry.iri == FV.fragment.value for entry in self.entries("kind"))

    @property
    def is_handwritten(self) -> bool:
        """Whether it was written by hand on the paper, not spoken."""
        return any(entry.iri == FV.handwritten.value for entry in self.entries("mode"))

    @property
    def hands(self) -> tuple[object, ...]:
        """What tells the hands through which it came: statements that came through the same ones have the same."""
        people = (
            tuple(entry.iri for entry in self.entries(field))
            for field in ("speaker", "reporter", "translator")
        )
        return (self.record.iri, *people, self.is_fragment, self.is_handwritten)


@dataclass(frozen=True, slots=True)
class Told:
    """Statements one after another that came through the same hands.

    Attributes:
        statements: In the order of the text; at least one.
    """

    statements: tuple[Said, ...]

    @property
    def first(self) -> Said:
        """The one whose hands are those of all."""
        return self.statements[0]


@dataclass(frozen=True, slots=True)
class Passed:
    """What is reported in one connection with a thing: about it, by it, for it.

    Attributes:
        role: Which, as :class:`~fonds.descriptions.Occurrences` names it; ``itself`` for a statement on its own page.
        told: By record, in the order of the text.
        number: How many statements there are.
    """

    role: str
    told: tuple[Told, ...]
    number: int

    @property
    def path(self) -> str:
        """The property path from a statement to the thing, for a query that finds them all."""
        return _PATHS.get(self.role, "")

    @property
    def shown(self) -> int:
        """How many statements are shown."""
        return sum(len(each.statements) for each in self.told)


_PATHS = {
    "about": "crm:P140_assigned_attribute_to",
    "by": "crm:P14_carried_out_by",
    "for": "crm:P141_assigned/fv:stance_holder",
    "nested": "fv:nested_speaker",
    "there": "crm:P9i_forms_part_of",
    "reports": "fv:reported_by",
}
ROLES = ("itself", "about", "by", "for", "nested", "there", "reports")
"""In which connections a statement can be with a thing, in the order of a page."""


def encoders(told: Iterable[Told]) -> tuple[Entry, ...]:
    """Return who coded these statements, each once."""
    found = {
        each.iri: each for group in told for said in group.statements for each in said.entries("encoder")
    }
    return tuple(found.values())


def said_in_record(site: Site, known: Known) -> tuple[Told, ...]:
    """Return what is reported in a record, in the order of its text.

    Args:
        site: Where it is published.
        known: What is stated of it and around it.
    """
    statements = known.of_type(FV.ReportedStatement)[:_MOST_IN_RECORD]
    return _in_order(_said(site, each.value, _card(site, known, each)) for each in statements)


def _card(site: Site, known: Known, it: Node) -> Card:
    """Return what was said, by whom, by whose report, about what, where in the text, and who coded it."""
    write = CardWriter(site, known, Card())
    contents = known.at(it, CRM.P141_assigned)
    write.words(
        "content", [each for content in contents for each in known.literals(content, CRM.P3_has_note)]
    )
    write.named("speaker", known.things(it, CRM.P14_carried_out_by))
    write.named("nested", known.things(it, FV.nested_speaker))
    write.named("reporter", known.things(it, FV.reported_by))
    write.named("holder", known.at(it, CRM.P141_assigned, FV.stance_holder))
    write.named("target", known.things(it, CRM.P140_assigned_attribute_to))
    for code in known.things(it, CRM.P2_has_type):
        for scheme in known.things(code, SKOS.inScheme):
            write.types(CODES.get(scheme, "mode"), [code])
    cautions = known.literals(it, CRM.P3_has_note)
    write.words("caution", cautions, (each.value for each in cautions))
    write.named("loss", known.things(it, FV.cut_by))
    codings = known.subjects(CRM.P140_assigned_attribute_to, it)
    write.named(
        "encoder", (each for coding in codings for each in known.things(coding, CRM.P14_carried_out_by))
    )
    write.words(
        "certainty", [each for about in (it, *codings) for each in known.literals(about, FV.certainty)]
    )
    write.named("block", known.things(it, FV.in_paragraph))
    _write_place(write, it)
    return write.done()


def _write_place(write: CardWriter, it: Node) -> None:
    """Write where its words stand, and who translated these."""
    known = write.facts
    targets = [each for note in known.subjects(OA.hasBody, it) for each in known.things(note, OA.hasTarget)]
    wordings = (each for target in targets for each in known.things(target, OA.hasScope))
    translated = (each for each in wordings if any(known.things(each, CRM.P73i_is_translation_of)))
    makings = (each for text in translated for each in known.things(text, CRM.P94i_was_created_by))
    write.named(
        "translator", (each for made in makings for each in known.things(made, CRM.P14_carried_out_by))
    )
    selectors = (each for target in targets for each in known.things(target, OA.hasSelector))
    write.words("start", [each for selector in selectors for each in known.literals(selector, OA.start)])


def said_of(site: Site, it: NamedNode, counts: Occurrences) -> tuple[Passed, ...]:
    """Return what is reported to have been said about a thing, by it, for it, on that occasion; a statement's own hands.

    Args:
        site: Where it is stated.
        it: The thing.
        counts: What was counted of it.
    """
    read = Statements(site)
    found = {role: (counts.said[role], each) for role, each in counts.statements.items()}
    statement = f" <{FV.ReportedStatement.value}> ".encode()
    if site.is_publication and any(statement in line for line in site.descriptions.names(it.value)):
        found["itself"] = 1, (it.value,)
    return tuple(
        Passed(role, _in_order(_said(site, iri, read.card(iri)) for iri in iris), number)
        for role in ROLES
        if role in found
        for number, iris in [found[role]]
    )


def _in_order(said: Iterable[Said]) -> tuple[Told, ...]:
    """Return statements in the order of the texts, those that came through the same hands together."""
    found = sorted(
        said, key=lambda each: (natural(each.record.text), each.record.iri, _start(each), natural(each.name))
    )
    return tuple(Told(tuple(each)) for _, each in groupby(found, key=lambda each: each.hands))


def _said(site: Site, iri: str, card: Card) -> Said:
    record, _, name = iri.rpartition("/")
    title = next(iter(card.get("record", ())), None)
    block = next((entry.iri for entry in card.get("block", ())), "")
    document = site.addresses.of_iri(record)
    return Said(
        name,
        site.addresses.of_iri(iri),
        f"{document}#{name}",
        block_name(block) if block else "",
        title or Entry("", document, iri=record),
        card,
    )


def _start(said: Said) -> int:
    return min((int(entry.text) for entry in said.entries("start") if entry.text.isdecimal()), default=0)
