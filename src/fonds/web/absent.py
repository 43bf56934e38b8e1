"""What is not there: lost words, versions that are not held, and what a source does not state of itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from fonds.ordering import natural
from fonds.translations import ENGLISH, spoken
from fonds.views.graph import Known, Node
from fonds.vocabulary import CRM, DCTERMS, FV, OA, PROV, RDFS, SKOS
from fonds.web.cards import Card, CardWriter, Entry, OfCard
from fonds.web.site import Site
from fonds.web.statements import block_name

_MOST = 500
"""Losses of a record, and editions of it, that a page shows."""


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
        if spoken() is not ENGLISH:
            # The plural of a term of the data is not known.
            return f"{unit}: {number}" if number and unit else number or unit
        if not number:
            return f"some {unit}s" if unit else ""
        return f"{number} {unit}{'' if number == '1' else 's'}".strip()


def losses(site: Site, known: Known) -> tuple[Loss, ...]:
    """Return the losses of a record in the order of its text.

    Args:
        site: Where it is published.
        known: What is stated of it and around it.
    """
    found = [_loss(site, known, it) for it in known.having(FV.lacuna_cause)[:_MOST]]
    return tuple(sorted(found, key=lambda each: (_number(each.text("start")), natural(each.name))))


def _loss(site: Site, known: Known, it: Node) -> Loss:
    """Return why words are lost, how many, who says so, and how sure it is."""
    write = CardWriter(site, known, Card())
    causes, blocks = known.at(it, FV.lacuna_cause), known.at(it, FV.in_paragraph)
    write.types("cause", causes)
    write.words("meaning", [each for cause in causes for each in known.literals(cause, SKOS.definition)])
    write.types("unit", known.things(it, FV.lacuna_unit))
    sizes = known.at(it, CRM.P43_has_dimension)
    for field, property_ in _BOUNDS:
        write.words(field, [each for size in sizes for each in known.literals(size, property_)])
    write.named("block", blocks)
    write.words("start", known.literals(it, OA.start))
    write.named("stated-by", known.things(it, FV.lacuna_stated_by))
    write.named("note", known.things(it, CRM.P67i_is_referred_to_by))
    write.words("certainty", known.literals(it, FV.certainty))
    write.words("ground", known.literals(it, FV.ground))
    card = write.done()
    block = next((block_name(entry.iri) for entry in card.get("block", ()) if entry.iri), "")
    return Loss(it.value.rpartition("/")[2], block, card)


_BOUNDS = (
    ("number", CRM.P90_has_value),
    ("at-least", CRM.P90a_has_lower_value_limit),
    ("at-most", CRM.P90b_has_upper_value_limit),
)


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


def versions(site: Site, it: NamedNode, known: Known) -> dict[str, tuple[Version, ...]]:
    """Return the versions and files of a record, by sort; a sort of which there is nothing is left out.

    Args:
        site: Where it is published.
        it: The record.
        known: What is stated of it and around it.
    """
    absent = {site.addresses.iris.term("type", each) for each in _NOT_HELD}
    texts = known.at(it, CRM.P73_has_translation)
    files = [each for text in (it, *texts) for each in known.things(text, DCTERMS.hasFormat)]
    sources = [
        each
        for edition in known.subjects(CRM.P67_refers_to, it)[:_MOST]
        for each in known.things(edition, PROV.wasDerivedFrom)
    ]
    captures = (each for each in sources if known.literals(each, DCTERMS.extent))
    found: dict[str, list[Version]] = {}
    seen: set[Node] = set()
    for sort, versions_ in (("translation", texts), ("file", files), ("capture", captures)):
        for version in versions_:
            if version not in seen and (names := known.literals(version, RDFS.label)):
                seen.add(version)
                found.setdefault(sort, []).append(_version(site, known, version, sort, names, absent))
    return {
        sort: tuple(sorted(found[sort], key=lambda each: (not each.held, natural(each.label.text))))
        for sort in _SORTS
        if sort in found
    }


def _version(
    site: Site, known: Known, it: Node, sort: str, names: Sequence[Literal], absent: Collection[Node]
) -> Version:
    """Return a version: in which language, by whom, when, in which format, and from what it is known."""
    write = CardWriter(site, known, Card())
    types = known.at(it, CRM.P2_has_type)
    write.words_of(sort, it, names)
    write.types("language", known.things(it, CRM.P72_has_language))
    write.types("type", types)
    write.named("by", known.at(it, CRM.P94i_was_created_by, CRM.P14_carried_out_by))
    write.named("for", known.at(it, CRM.P94i_was_created_by, FV.on_behalf_of))
    write.named("when", known.at(it, CRM.P94i_was_created_by, CRM.P4_has_time_span), details=write.edtf)
    write.named("known-from", known.things(it, CRM.P67i_is_referred_to_by))
    for field, property_ in (
        ("format", DCTERMS.format),
        ("size", DCTERMS.extent),
        ("address", DCTERMS.source),
    ):
        write.words(field, known.literals(it, property_))
    numbers = known.at(it, CRM.P1_is_identified_by)
    kinds = {each: write.all_called(known.things(each, CRM.P2_has_type)) for each in numbers}
    written = [each for each in numbers if kinds[each]]
    write.words(
        "identifier",
        [each for number in written for each in known.literals(number, CRM.P190_has_symbolic_content)],
        [kind for number in written for kind in kinds[number]],
    )
    card = write.done()
    label = card[sort][0]
    return Version(sort, label, not any(each in absent for each in types), card)
