"""What is known of one thing, field by field, in entries that a page can show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from pyoxigraph import Literal, NamedNode

from fonds import dates
from fonds.naming import preferred
from fonds.ordering import natural
from fonds.store import Solution
from fonds.translations import ENGLISH, spoken
from fonds.views.graph import Known, Node
from fonds.vocabulary import FV, RDFS, SKOS
from fonds.web.site import Site
from fonds.web.wording import spelled_date


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a card names.

    Attributes:
        text: What it is called.
        href: Its page, relative to the root; None where it has none.
        language: Of the text.
        details: What it is named as, or what else is known of it: a role, the type of an identifier, a date in EDTF.
        iri: What it is.
    """

    text: str
    href: str | None = None
    language: str | None = None
    details: tuple[str, ...] = ()
    iri: str = ""


class Card(dict[str, list[Entry]]):
    """Entries by field, in the order of their texts; a field of which nothing is known has none."""

    def __missing__(self, field: str) -> list[Entry]:
        """Return no entries."""
        return []


class OfCard:
    """Reads the fields of the card that something has."""

    __slots__ = ()

    card: Card

    def entries(self, field: str) -> Sequence[Entry]:
        """Return the entries of a field, none if it is empty."""
        return self.card.get(field, ())

    def text(self, field: str) -> str:
        """Return the text of a field, nothing if it is empty."""
        return next((entry.text for entry in self.entries(field)), "")


def entry_of(site: Site, iri: str) -> Entry | None:
    """Return a thing by its label, None if it has none."""
    label = site.labels.of(iri)
    return Entry(label.value, site.addresses.of_iri(iri), label.language, iri=iri) if label else None


Details = Callable[[Node], Iterable[str]]
"""What else an entry says of a thing."""


@dataclass(frozen=True, slots=True)
class CardWriter:
    """Writes a card, field by field.

    Attributes:
        site: Whose addresses and languages are used.
        facts: What is known.
        card: What is written.
    """

    site: Site
    facts: Known
    card: Card

    def words(self, field: str, values: Sequence[Literal], details: Iterable[str] = ()) -> None:
        """Write the one text of several that is preferred, if there is any."""
        self._write(field, "", values, details)

    def named(
        self,
        field: str,
        things: Iterable[Node],
        *called: NamedNode,
        details: Details | None = None,
    ) -> None:
        """Write things that are called something, each once.

        Args:
            field: Where.
            things: Which.
            called: The properties whose values are their names; ``rdfs:label`` if none are given.
            details: What else is said of each.
        """
        for it in dict.fromkeys(things):
            names = self.facts.literals(it, *(called or (RDFS.label,)))
            if names:
                self._write(field, it.value, names, details(it) if details else ())

    def words_of(self, field: str, it: Node, values: Sequence[Literal], details: Iterable[str] = ()) -> None:
        """Write a thing by the text of several that is preferred, if there is any."""
        self._write(field, it.value, values, details)

    def types(self, field: str, things: Iterable[Node]) -> None:
        """Write concepts, by their preferred names."""
        self.named(field, things, SKOS.prefLabel)

    def _write(self, field: str, iri: str, names: Sequence[Literal], details: Iterable[str]) -> None:
        label = preferred(names, self.site.settings.languages)
        if label is not None:
            href = self.site.addresses.of_iri(iri) if iri else None
            stated = tuple(sorted(set(details)))
            entry = Entry(label.value, href, label.language, stated, iri)
            if spoken() is not ENGLISH and len(stated) == 1 and label.value == dates.spelled_date(stated[0]):
                # The date as it is spelled in English: it says no more than the date.
                entry = replace(entry, text=spelled_date(stated[0]), language=None)
            self.card.setdefault(field, []).append(entry)

    def done(self) -> Card:
        """Return the card, each field in the order of its texts."""
        for entries in self.card.values():
            if len(entries) > 1:
                entries.sort(key=lambda entry: natural(entry.text))
        return self.card

    def all_called(self, concepts: Iterable[Node]) -> list[str]:
        """Return the preferred names of concepts, of those that have one."""
        names = (self.facts.literals(it, SKOS.prefLabel) for it in concepts)
        found = (preferred(each, self.site.settings.languages) for each in names)
        return [each.value for each in found if each is not None]

    def edtf(self, span: Node) -> Iterable[str]:
        """Return what a time-span is in EDTF, as the details of an entry."""
        return self.facts.words(span, FV.edtf)


# ------------------------------------------------------------------------------------------------ from queries


def cards(site: Site, rows: Iterable[Solution], subject: str) -> dict[str, Card]:
    """Return a card for each subject.

    Args:
        site: Whose languages are preferred.
        rows: ``field`` and ``value``, for what is not a mere text ``node``.
        subject: The variable whose values have a card each.

    Returns:
        By IRI, in the order in which they were found. A node has one entry in a field, in the language that is preferred.
    """
    labels: dict[tuple[str, str, str], list[Literal]] = {}
    for row in rows:
        about, field, node, value = row[subject], row["field"], row.get("node"), row["value"]
        if not (isinstance(value, Literal) and isinstance(field, Literal) and isinstance(about, NamedNode)):
            continue
        key = about.value, field.value, node.value if isinstance(node, NamedNode) else ""
        labels.setdefault(key, []).append(value)
    found: dict[str, Card] = {}
    for (about_iri, name, iri), texts in labels.items():
        label = preferred(texts, site.settings.languages)
        if label is not None:
            href = site.addresses.of_iri(iri) if iri else None
            entry = Entry(label.value, href, label.language, iri=iri)
            found.setdefault(about_iri, Card()).setdefault(name, []).append(entry)
    for card in found.values():
        for entries in card.values():
            entries.sort(key=lambda entry: natural(entry.text))
    return found
