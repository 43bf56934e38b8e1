"""The page of a record: its place in the archive, its text with losses and notes, whom it names, and how it came to us."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import msgspec
from markupsafe import Markup
from pyoxigraph import Literal, NamedNode

from fonds.descriptions import Description
from fonds.texts import Reading
from fonds.views.around import Around, around
from fonds.views.graph import Known, Node
from fonds.views.schema_org import as_script, schema_org
from fonds.vocabulary import CRM, DCTERMS, FV, RDFS, RICO, SKOS
from fonds.web.absent import Loss, Version, losses, versions
from fonds.web.beside import Beside, beside
from fonds.web.cards import Card, CardWriter, Entry, entry_of
from fonds.web.custody import Custody, custody
from fonds.web.named import Names, names, with_cards
from fonds.web.reported import Told, encoders, said_in_record
from fonds.web.site import Site

_MOST_UNITS = 1_000
"""Of an archive, around a paper."""
_MOST_WORKS = 12
"""Around a record, one within the other."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One block of the text.

    Attributes:
        name: Its fragment.
        kind: ``paragraph``, ``opener``, ``closer``, ``note``, ``heading``, ``table`` or ``withheld``.
        ordinal: A paragraph's number.
        language: BCP 47 tag.
        html: Its words, safe.
        notes: Its footnotes: fragment, number and words of each.
        mark: What is known of a mark on the paper, by field: its type, its place, whose hand it is.
    """

    name: str
    kind: str
    ordinal: int | None
    language: str
    html: Markup
    notes: tuple[tuple[str, int, Markup], ...] = ()
    mark: Card = field(default_factory=Card)


@dataclass(frozen=True, slots=True)
class GraphState:
    """A named graph of a record.

    Attributes:
        label: What stands in it, with its page.
        changed: When it changed last; None where that is not known.
    """

    label: Entry
    changed: datetime.datetime | None


@dataclass(frozen=True, slots=True)
class RecordPage:
    """What the page of a record shows.

    Attributes:
        card: Entries by field.
        holdings: From the archive down to the lowest unit in which its paper lies.
        wholes: From a volume down to the chapter that prints it.
        language: Of the words; None where there are none.
        fulltext: How much of the words is here: ``full``, ``excerpt``, ``link``.
        passages: The text.
        names: Everything the text names.
        formats: Forms of the text that can be had.
        told: What is reported in it to have been said.
        encoders: Who coded that.
        custody: How it came to us, and offices.
        losses: Words that are not there.
        versions: Versions and files of its text, by sort.
        beside: What stands before and after it.
        graphs: Where it is stated.
        schema: What search engines read of it, ready for a script element; empty where there is nothing to tell.
    """

    card: Card
    holdings: tuple[Entry, ...] = ()
    wholes: tuple[Entry, ...] = ()
    language: str | None = None
    fulltext: str = "link"
    passages: tuple[Passage, ...] = ()
    names: Names = field(default_factory=lambda: Names({}))
    formats: tuple[str, ...] = ()
    told: tuple[Told, ...] = ()
    encoders: tuple[Entry, ...] = ()
    custody: Custody = field(default_factory=Custody)
    losses: tuple[Loss, ...] = ()
    versions: Mapping[str, tuple[Version, ...]] = field(default_factory=dict)
    beside: Beside = field(default_factory=Beside)
    graphs: tuple[GraphState, ...] = ()
    schema: Markup = field(default_factory=Markup)

    @property
    def reported_number(self) -> int:
        """How many statements are reported."""
        return sum(len(each.statements) for each in self.told)

    def first(self, name: str) -> Entry | None:
        """Return the first entry of a field, None if it is empty."""
        entries = self.card.get(name)
        return entries[0] if entries else None


def record_key(site: Site, it: NamedNode) -> str | None:
    """Return the key of a record, None if the IRI is not one of our records."""
    match (site.addresses.iris.path(it.value) or "").split("/"):
        case ["id", "record", key] if site.is_publication:
            return key
    return None


def facts_of(site: Site, it: NamedNode, key: str, description: Description | None = None) -> Around:
    """Return a record with all that is stated around it.

    Args:
        site: Where it is stated.
        it: The record; it is known.
        key: Its key.
        description: The first page of its description, if that was read already.
    """
    found = description or site.descriptions.of(it.value, named=False)
    assert found is not None
    return around(
        site.descriptions, site.things, found, key, site.addresses.iris, site.follows, site.settings.languages
    )


def record_page(site: Site, it: NamedNode, key: str, facts: Around, description: Description) -> RecordPage:
    """Return what the page of a record shows.

    Args:
        site: Where it is published.
        it: The record.
        key: Its key.
        facts: What is stated of it and around it.
        description: The first page of its description.
    """
    known = facts.public
    card = _card(site, it, facts)
    holdings = _chain(card.pop("holding", []), card.pop("holding-code", []))
    reading = _reading(site, key) or Reading("", "link", [])
    told, way = said_in_record(site, known), custody(site, it, known)
    named = names(site, known, way.offices)
    return RecordPage(
        card,
        holdings,
        _chain(card.pop("whole", [])),
        reading.language or None,
        reading.fulltext,
        _passages(site, known, reading, named),
        named,
        tuple(form for form in ("tei", "txt") if site.texts and site.texts.has(key, form)),
        told,
        encoders(told),
        way,
        losses(site, known),
        versions(site, it, known),
        beside(site, it, facts, description),
        _graphs(site, it),
        _schema(site, it, facts),
    )


def _card(site: Site, it: NamedNode, facts: Around) -> Card:
    """Return what a record is, who wrote it and when, what it documents, where it is kept, and from what it was taken."""
    known = facts.public
    write = CardWriter(site, known, Card())
    write.words("title", known.literals(it, DCTERMS.title))
    write.types("type", known.things(it, CRM.P2_has_type))
    write.named("creator", known.things(it, DCTERMS.creator))
    write.named("created", known.at(it, CRM.P94i_was_created_by, CRM.P4_has_time_span), details=write.edtf)
    sendings = list(known.subjects(CRM.P16_used_specific_object, it))
    for name, property_ in (("sender", FV.sender), ("recipient", FV.recipient)):
        write.named(name, (each for sending in sendings for each in known.things(sending, property_)))
    _write_events(write, it)
    _write_translations(write, it)
    _write_numbers(write, it)
    _write_archive(write, it)
    _write_edition(write, it)
    write.words(
        "rights", facts.stated.literals(site.addresses.iris.graph("record", _key(it), "text"), DCTERMS.rights)
    )
    return write.done()


def _key(it: NamedNode) -> str:
    return it.value.rpartition("/")[2]


def _write_events(write: CardWriter, it: NamedNode) -> None:
    known = write.facts
    events = known.at(it, CRM.P70_documents)
    write.named("event", events)
    write.named("event-date", known.at(it, CRM.P70_documents, CRM.P4_has_time_span), details=write.edtf)
    write.named("event-place", known.at(it, CRM.P70_documents, CRM.P7_took_place_at))
    roles: dict[Node, list[str]] = {}
    for event in events:
        for actor in known.things(event, CRM.P14_carried_out_by):
            roles.setdefault(actor, [])
        for part in known.subjects(CRM.P01_has_domain, event):
            for actor in known.things(part, CRM.P02_has_range):
                roles.setdefault(actor, []).extend(
                    write.all_called(known.things(part, CRM["P14.1_in_the_role_of"]))
                )
    actors = known.at(it, CRM.P70_documents, CRM.P14_carried_out_by)
    write.named("participant", actors, details=lambda actor: roles[actor])


def _write_translations(write: CardWriter, it: NamedNode) -> None:
    known = write.facts
    write.types("language", known.things(it, CRM.P72_has_language))
    for text in known.things(it, CRM.P73_has_translation):
        write.words_of(
            "translation",
            text,
            [
                each
                for language in known.things(text, CRM.P72_has_language)
                for each in known.literals(language, SKOS.prefLabel)
            ],
        )
    making = (CRM.P73_has_translation, CRM.P94i_was_created_by)
    write.named("translator", known.at(it, *making, CRM.P14_carried_out_by))
    write.named("commissioner", known.at(it, *making, FV.on_behalf_of))


def _write_numbers(write: CardWriter, it: NamedNode) -> None:
    known = write.facts

    def kinds(number: Node) -> list[str]:
        return write.all_called(known.things(number, CRM.P2_has_type))

    for name, path in (("identifier", ()), ("identifier-of-object", (CRM.P128i_is_carried_by,))):
        numbers = known.at(it, *path, CRM.P1_is_identified_by)
        own = (each for each in numbers if known.is_a(each, CRM.E42_Identifier))
        write.named(name, own, CRM.P190_has_symbolic_content, details=kinds)
    for text in known.things(it, CRM.P67i_is_referred_to_by):
        if known.is_a(text, CRM.E33_Linguistic_Object) and (named := kinds(text)):
            write.named("described", [text], CRM.P190_has_symbolic_content, details=lambda _: named)


def _write_archive(write: CardWriter, it: NamedNode) -> None:
    known, objects = write.facts, write.facts.at(it, CRM.P128i_is_carried_by)
    write.named("keeper", known.at(it, CRM.P128i_is_carried_by, CRM.P49_has_former_or_current_keeper))
    units = _units_above(known, objects)

    def above(unit: Node) -> list[str]:
        return [each.value for each in known.things(unit, CRM.P46i_forms_part_of)]

    write.named("holding", units, details=above)
    write.named("holding-code", units, RICO.identifier)
    _write_readings(write, it)
    write.named("listed-in", known.things(it, DCTERMS.isReferencedBy))
    wholes = known.at(it, CRM.P106i_forms_part_of)
    write.named("part-of", wholes)
    way = max((_way_up(known, whole) for whole in wholes), key=len, default=[])
    above_it = dict(pairwise(way))
    write.named("whole", way, details=lambda whole: [above_it[whole].value] if whole in above_it else [])
    notes = [
        each
        for paper in objects
        for note in known.values(paper, DCTERMS.accessRights)
        if not isinstance(note, Literal)
        for each in known.literals(note, RDFS.label)
    ]
    write.words("access", notes)
    write.words("rights-of-original", _rights_of_original(known, it, objects, units))


def _rights_of_original(
    known: Known, it: NamedNode, objects: Iterable[Node], units: Iterable[Node]
) -> list[Literal]:
    """Return what is stated of the rights in the paper; else the conditions of reproduction, those of the nearest unit where it
    has none of its own (ISAD(G) 2.4: what a unit says is not repeated below it).
    """
    stated = [each for paper in objects for each in known.literals(paper, DCTERMS.rights)]
    conditions = (list(known.literals(each, RICO.conditionsOfUse)) for each in (it, *units))
    return stated or next(filter(None, conditions), [])


def _way_up(known: Known, work: Node) -> list[Node]:
    """Return a work with those around it, the outermost last; where it is a part of several, one way up."""
    way = [work]
    while len(way) < _MOST_WORKS:
        around = [each for each in known.things(way[-1], CRM.P106i_forms_part_of) if each not in way]
        if not around:
            break
        way.append(around[0])
    return way


def _units_above(known: Known, objects: Iterable[Node]) -> list[Node]:
    """Return the units in which papers lie and those around these, each once, however they are said to contain each other."""
    found: dict[Node, None] = {}
    todo = list(objects)
    while todo and len(found) < _MOST_UNITS:
        for unit in known.things(todo.pop(0), CRM.P46i_forms_part_of):
            if unit not in found:
                found[unit] = None
                todo.append(unit)
    return list(found)


def _write_readings(write: CardWriter, it: NamedNode) -> None:
    """Write how we read what is written on the paper: its leaf, its reel."""
    known = write.facts
    ours = write.site.addresses.iris.term("type", "curator-inference")
    for paper in known.subjects(RICO.isOrWasInstantiationOf, it):
        leaves = (
            *known.subjects(CRM.P46i_forms_part_of, paper),
            *known.subjects(CRM.P130_shows_features_of, paper),
        )
        for leaf in dict.fromkeys(leaves):
            kinds = [each for each in known.things(leaf, CRM.P2_has_type) if each != ours]
            if named := write.all_called(kinds):
                write.named("reading", [leaf], RICO.identifier, details=lambda _: named)


def _write_edition(write: CardWriter, it: NamedNode) -> None:
    known = write.facts
    bearers = (it, *known.things(it, CRM.P73_has_translation))
    write.words("abstract", [each for bearer in bearers for each in known.literals(bearer, DCTERMS.abstract)])
    write.words(
        "citation",
        [each for bearer in bearers for each in known.literals(bearer, DCTERMS.bibliographicCitation)],
    )
    wholes = [each for bearer in bearers for each in known.subjects(CRM.P106_is_composed_of, bearer)]
    makings = [
        each for whole in dict.fromkeys(wholes) for each in known.things(whole, CRM.P94i_was_created_by)
    ]
    write.named(
        "publisher", (each for making in makings for each in known.things(making, CRM.P14_carried_out_by))
    )
    helpers = (each for making in makings for each in known.things(making, CRM.P15_was_influenced_by))
    write.named("supporter", (each for each in helpers if known.is_a(each, CRM.E74_Group)))


def _passages(site: Site, known: Known, reading: Reading, named: Names) -> tuple[Passage, ...]:
    marks = {it.value.rpartition("/")[2]: it for it in known.of_type(CRM.E34_Inscription)}
    return tuple(
        Passage(
            each.name,
            each.kind,
            each.ordinal,
            each.language,
            with_cards(each.html, named),
            tuple((note.name, note.number, with_cards(note.html, named)) for note in each.notes),
            _mark(site, known, marks[each.name]) if each.name in marks else Card(),
        )
        for each in reading.blocks
    )


def _mark(site: Site, known: Known, it: Node) -> Card:
    """Return what is known of a stamp, a note or a signature: what it is, where on the paper, by whose hand, of which day."""
    write = CardWriter(site, known, Card())
    write.types("type", known.things(it, CRM.P2_has_type))
    write.words("place", known.literals(it, CRM.P3_has_note))
    write.named("hand", known.at(it, CRM.P94i_was_created_by, CRM.P14_carried_out_by))
    spans = known.at(it, CRM.P94i_was_created_by, CRM.P4_has_time_span)
    write.named("when", spans, details=write.edtf)
    write.words("of-date", [each for span in spans for each in known.literals(span, CRM.P3_has_note)])
    return write.done()


def _graphs(site: Site, it: NamedNode) -> tuple[GraphState, ...]:
    """Return the named graphs of a record that there are."""
    found = []
    for graph in site.addresses.iris.graphs_of(it.value):
        if (entry := entry_of(site, graph.value)) is not None:
            found.append(GraphState(entry, site.changed.of(graph.value)))
    return tuple(found)


def _schema(site: Site, it: NamedNode, facts: Around) -> Markup:
    data = schema_of(site, it, facts)
    # as_script leaves nothing in it that could end the element.
    return Markup(as_script(data)) if data is not None else Markup()  # noqa: S704


def schema_of(site: Site, it: NamedNode, facts: Around) -> dict[str, Any] | None:
    """Return a record in schema.org's terms, None where nothing is known by which it could be called."""
    return schema_org(facts.stated, it, site.addresses.iris, data_license=site.settings.rights.data)


def _reading(site: Site, key: str) -> Reading | None:
    packed = site.texts.get(key, "reading") if site.texts else None
    return msgspec.json.decode(packed, type=Reading) if packed is not None else None


def _chain(units: Sequence[Entry], codes: Sequence[Entry] = ()) -> tuple[Entry, ...]:
    """Return the units of an archive, or the wholes of a publication, from the highest down, called by code where there is one.

    The detail of a unit is the one above it; the highest has none of its own.
    """
    code = {each.iri: each.text for each in codes}
    above = {each.iri: next(iter(each.details), None) for each in units}
    known = {each.iri: each for each in units}
    lowest = next((iri for iri in known if iri not in above.values()), None)
    chain: list[Entry] = []
    while lowest in known and len(chain) < len(known):
        entry = known[lowest]
        chain.append(Entry(code.get(lowest, entry.text), entry.href, entry.language, (entry.text,), lowest))
        lowest = above[lowest] or ""
    return tuple(reversed(chain))
