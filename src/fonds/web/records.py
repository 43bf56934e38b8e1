"""The page of a record: its place in the archive, its text with losses and notes, whom it names, and how it came to us."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from markupsafe import Markup
from pyoxigraph import NamedNode

from fonds.texts import Reading
from fonds.views.graph import record_triples
from fonds.views.schema_org import as_script, schema_org
from fonds.web.absent import Loss, Version, losses, versions
from fonds.web.beside import Beside, beside
from fonds.web.cards import Card, Entry, cards
from fonds.web.custody import Custody, custody
from fonds.web.named import Names, names, with_cards
from fonds.web.reported import Told, encoders, said_in_record
from fonds.web.site import Site


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
    mark: Card = field(default_factory=dict)


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
        card: Entries by field, as ``store/rq/record.rq`` names the fields.
        holdings: From the archive down to the lowest unit.
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


def record_page(site: Site, it: NamedNode, key: str) -> RecordPage:
    """Return what the page of a record shows."""
    rows = site.store.select("record", record=it, text=site.addresses.iris.graph("record", key, "text"))
    card = cards(site, rows, "record").get(it.value, {})
    holdings = _chain(card.pop("holding", []), card.pop("holding-code", []))
    reading = _reading(site, key) or Reading("", "link", [])
    told, way = said_in_record(site, key), custody(site, it, key)
    named = names(site, key, way.offices)
    return RecordPage(
        card,
        holdings or _chain(card.get("part-of", [])),
        reading.language or None,
        reading.fulltext,
        _passages(site, key, reading, named),
        named,
        tuple(form for form in ("tei", "txt") if site.texts and site.texts.get(key, form) is not None),
        told,
        encoders(told),
        way,
        losses(site, key),
        versions(site, it),
        beside(site, it, key),
        _graphs(site, it),
        _schema(site, it, key),
    )


def _passages(site: Site, key: str, reading: Reading, named: Names) -> tuple[Passage, ...]:
    rows = site.store.select("record-marks", graph=site.addresses.iris.graph("record", key))
    marks = {iri.rpartition("/")[2]: card for iri, card in cards(site, rows, "mark").items()}
    return tuple(
        Passage(
            each.name,
            each.kind,
            each.ordinal,
            each.language,
            with_cards(each.html, named),
            tuple((note.name, note.number, with_cards(note.html, named)) for note in each.notes),
            marks.get(each.name, {}),
        )
        for each in reading.blocks
    )


def _graphs(site: Site, it: NamedNode) -> tuple[GraphState, ...]:
    """Return the named graphs of a record that there are."""
    found = []
    for graph in site.addresses.iris.graphs_of(it.value):
        if (label := site.labels.of(graph.value)) is not None:
            entry = Entry(label.value, site.addresses.of_iri(graph.value), label.language, iri=graph.value)
            found.append(GraphState(entry, site.changed.of(graph.value)))
    return tuple(found)


def _schema(site: Site, it: NamedNode, key: str) -> Markup:
    data = schema_of(site, it, key)
    # as_script leaves nothing in it that could end the element.
    return Markup(as_script(data)) if data is not None else Markup()  # noqa: S704


def schema_of(site: Site, it: NamedNode, key: str) -> dict[str, Any] | None:
    """Return a record in schema.org's terms, None where nothing is known by which it could be called."""
    iris, settings = site.addresses.iris, site.settings
    triples = record_triples(site.store, key, iris)
    return schema_org(triples, it, iris, data_license=settings.rights.data, languages=settings.languages)


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
