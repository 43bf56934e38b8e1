"""What is known of a reported statement, read from descriptions: who said it, by whose report, about what, in which words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from fonds.identifiers import NS
from fonds.naming import preferred
from fonds.ordering import natural
from fonds.views.graph import Node
from fonds.vocabulary import CRM, FV, OA, SKOS
from fonds.web.cards import Card, Entry, entry_of
from fonds.web.facts import Facts, facts_about, facts_of, literals, things
from fonds.web.site import Site

_NAMED = (
    ("speaker", CRM.P14_carried_out_by),
    ("nested", FV.nested_speaker),
    ("reporter", FV.reported_by),
    ("target", CRM.P140_assigned_attribute_to),
    ("loss", FV.cut_by),
    ("block", FV.in_paragraph),
)
CODES: Mapping[Node, str] = {NamedNode(f"{NS}stances"): "stance", NamedNode(f"{NS}kinds"): "kind"}
"""The fields of codes, by scheme; the codes of any other say in which mode something was said."""


@dataclass(frozen=True, slots=True)
class Statements:
    """Reads statements; what many of them share is read once.

    Attributes:
        site: Where they are stated.
    """

    site: Site
    _shared: dict[str, Facts] = field(default_factory=dict)

    def card(self, iri: str) -> Card:
        """Return all that is known of a statement, by field."""
        lines, links = self.site.descriptions.lines_of(iri)
        own = facts_of(lines)
        contents = [facts_about(self.site, each.value) for each in things(own, CRM.P141_assigned)]
        card = Card(
            {
                "content": self._words(
                    each for content in contents for each in literals(content, CRM.P3_has_note)
                ),
                "holder": self._named(
                    each for content in contents for each in things(content, FV.stance_holder)
                ),
                "caution": self._words(literals(own, CRM.P3_has_note)),
                "certainty": self._words(literals(own, FV.certainty)),
                "record": self._named([NamedNode(iri.rpartition("/")[0])]),
            }
        )
        for name, property_ in _NAMED:
            card[name] = self._named(things(own, property_))
        for each in things(own, CRM.P2_has_type):
            schemes = things(self._common(each.value), SKOS.inScheme)
            name = next((CODES[scheme] for scheme in schemes if scheme in CODES), "mode")
            card.setdefault(name, []).extend(self._named([each]))
        for target in self._targets(links):
            self._add_words(card, target)
        return Card({name: entries for name, entries in card.items() if entries})

    def _common(self, iri: str) -> Facts:
        """Return what is stated of something to which many statements point."""
        if iri not in self._shared:
            self._shared[iri] = facts_about(self.site, iri)
        return self._shared[iri]

    def _named(self, found: Iterable[NamedNode]) -> list[Entry]:
        """Return things that have a name, in the order of the alphabet."""
        entries = (entry_of(self.site, each.value) for each in found)
        return sorted((each for each in entries if each), key=lambda entry: natural(entry.text))

    def _words(self, found: Iterable[Literal]) -> list[Entry]:
        """Return words in the language that is preferred, with those in all languages as details."""
        words = list(found)
        chosen = preferred(words, self.site.settings.languages)
        if chosen is None:
            return []
        return [Entry(chosen.value, None, chosen.language, tuple(sorted(each.value for each in words)))]

    def _targets(self, links: Iterable[bytes]) -> list[Facts]:
        """Return the places in texts with which annotations join a statement."""
        body = f" {OA.hasBody} ".encode()
        annotations = (line.partition(b" ")[0][1:-1].decode() for line in links if body in line)
        return [
            facts_about(self.site, target.value)
            for each in annotations
            for target in things(facts_about(self.site, each), OA.hasTarget)
        ]

    def _add_words(self, card: Card, target: Facts) -> None:
        """Add where the words stand, what they are, and by whom they were translated."""
        for selector in things(target, OA.hasSelector):
            stated = facts_about(self.site, selector.value)
            card.setdefault("start", []).extend(self._words(literals(stated, OA.start)))
            card.setdefault("words", []).extend(self._words(literals(stated, OA.exact)))
        for wording in things(target, OA.hasScope):
            stated = self._common(wording.value)
            if CRM.P73i_is_translation_of.value in stated:
                makings = things(stated, CRM.P94i_was_created_by)
                makers = [
                    each
                    for making in makings
                    for each in things(self._common(making.value), CRM.P14_carried_out_by)
                ]
                known = {entry.iri for entry in card.get("translator", ())}
                added = [entry for entry in self._named(makers) if entry.iri not in known]
                card.setdefault("translator", []).extend(added)
