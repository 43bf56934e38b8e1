"""The page of a record: its card, its place in the archive, its text with losses and notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from markupsafe import Markup
from pyoxigraph import NamedNode

from fonds.texts import Reading
from fonds.views.graph import record_triples
from fonds.views.schema_org import as_script, schema_org
from fonds.web.cards import Card, Entry, cards
from fonds.web.custody import Custody, custody
from fonds.web.reported import Told, said_in_record
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
    """

    name: str
    kind: str
    ordinal: int | None
    language: str
    html: Markup


@dataclass(frozen=True, slots=True)
class RecordPage:
    """What the page of a record shows.

    Attributes:
        card: Entries by field, as ``store/rq/record.rq`` names the fields.
        holdings: From the archive down to the lowest unit.
        language: Of the words; None where there are none.
        fulltext: How much of the words is here: ``full``, ``excerpt``, ``link``.
        passages: The text.
        mentioned: Everything the text names, by kind.
        formats: Forms of the text that can be had.
        told: What is reported in it to have been said.
        custody: What happened to the paper, and offices.
        schema: What search engines read of it, ready for a script element; empty where there is nothing to tell.
    """

    card: Card
    holdings: tuple[Entry, ...] = ()
    language: str | None = None
    fulltext: str = "link"
    passages: tuple[Passage, ...] = ()
    mentioned: dict[str, list[Entry]] = field(default_factory=dict)
    formats: tuple[str, ...] = ()
    told: tuple[Told, ...] = ()
    custody: Custody = field(default_factory=Custody)
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
    holdings = _holdings(card.pop("holding", []), card.pop("holding-code", []))
    mentioned = _by_kind(site, card.pop("mentioned", []))
    reading = _reading(site, key) or Reading("", "link", [])
    passages = tuple(
        # The fragments were made and escaped when the release was built; nothing of them comes from a request.
        Passage(each.name, each.kind, each.ordinal, each.language, Markup(each.html))  # noqa: S704
        for each in reading.blocks
    )
    return RecordPage(
        card,
        holdings,
        reading.language or None,
        reading.fulltext,
        passages,
        mentioned,
        tuple(form for form in ("tei", "txt") if site.texts and site.texts.get(key, form) is not None),
        said_in_record(site, key),
        custody(site, it, key),
        _schema(site, it, key),
    )


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


def _holdings(holdings: Sequence[Entry], codes: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return the units of the archive from the highest down, each called by its code where it has one.

    The detail of a holding is the unit above it; the highest has none of its own.
    """
    code = {each.iri: each.text for each in codes}
    above = {each.iri: next(iter(each.details), None) for each in holdings}
    known = {each.iri: each for each in holdings}
    lowest = next((iri for iri in known if iri not in above.values()), None)
    chain: list[Entry] = []
    while lowest in known and len(chain) < len(known):
        entry = known[lowest]
        chain.append(Entry(code.get(lowest, entry.text), entry.href, None, (entry.text,), lowest))
        lowest = above[lowest] or ""
    return tuple(reversed(chain))


def _by_kind(site: Site, mentioned: Sequence[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in mentioned:
        path = site.addresses.iris.path(entry.iri) or ""
        kind = path.split("/")[1] if path.startswith("id/") else "other"
        found.setdefault(kind, []).append(entry)
    return found
