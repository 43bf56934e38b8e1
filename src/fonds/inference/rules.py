"""The rules of inference made ready for a stream: for each property in use, what is written for one of its triples."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

from fonds.identifiers import IriSpace
from fonds.inference.terms import Directed, Terms, read_terms
from fonds.settings import INFERENCE
from fonds.vocabulary import CRM, FV, RDF

_KEPT = "shortcuts.csv"

TYPE: Final = str(RDF.type).encode()

TRANSITIVE: Final = tuple(
    CRM.iri + name
    for name in (
        "P5_consists_of",
        "P9_consists_of",
        "P10_falls_within",
        "P46_is_composed_of",
        "P86_falls_within",
        "P89_falls_within",
        "P106_is_composed_of",
        "P127_has_broader_term",
        "P148_has_component",
        "P165_incorporates",
        "P175_starts_before_or_with_the_start_of",
        "P176_starts_before_the_start_of",
        "P182_ends_before_or_with_the_start_of",
        "P183_ends_before_the_start_of",
        "P185_ends_before_the_end_of",
        "P198_holds_or_supports",
    )
)
"""CIDOC CRM 7.1.3 says so in scope notes only; P165 between information objects (E73). P73, P107 and P130 are not."""

INCORPORATES: Final = CRM.iri + "P165_incorporates"
INFORMATION_OBJECT: Final = CRM.iri + "E73_Information_Object"

_STANDS_FOR: Final = {
    "made_by": ("P92i_was_brought_into_existence_by", "P31i_was_modified_by", "P16i_was_used_for"),
    "created_by": ("P94i_was_created_by",),
    "event_part": ("P9i_forms_part_of",),
    "actor": ("P14_carried_out_by",),
    "participant": ("P11_had_participant",),
    "present": ("P12i_was_present_at",),
    "place": ("P7_took_place_at",),
    "within": ("P89_falls_within",),
    "time": ("P4_has_time-span",),
    "refers": ("P67_refers_to",),
    "text_part": ("P106i_forms_part_of",),
    "carrier": ("P128i_is_carried_by",),
    "whole": ("P46i_forms_part_of", "P106i_forms_part_of", "P148i_is_component_of"),
    "language": ("P72_has_language",),
    "translates": ("P73i_is_translation_of",),
    "assigned_to": ("P140_assigned_attribute_to",),
    "assigned": ("P141_assigned",),
    "type": ("P2_has_type",),
}
"""What the joins need: the relations by our name, each with the properties of CIDOC CRM (or narrower ones) it is made of."""

_JOINED: Final = tuple(
    each.value
    for name, each in FV.terms.items()
    if name.startswith("fr_") or name in {"earliest", "latest", "year"}
)

_REFERS_BUT_IS_NO_TOPIC: Final = frozenset({FV.iri + "mentions", FV.iri + "stance_holder"})
"""A mention is no text about something, and whose stance a statement gives is not what it is about."""


class Role(NamedTuple):
    """That a triple belongs to a relation of the joins, and which of its ends comes first there."""

    relation: str
    forward: bool


class Plan(NamedTuple):
    """What is done with a triple of one property.

    Attributes:
        forward: Between its subject and its object are put ``b" <p> "``, one line each.
        backward: The same with the two ends changed.
        roles: In which relations of the joins it stands.
        held: Whether it is looked at again with the rest of its subject.
        contested: Whether the same triple may follow from another.
    """

    forward: tuple[bytes, ...]
    backward: tuple[bytes, ...]
    roles: tuple[Role, ...]
    held: bool
    contested: bool


@dataclass(frozen=True)
class Rules:
    """The rules of one level for one publication.

    Attributes:
        terms: The tables.
        level: How much is written: nothing, what ``ontology/shortcuts.csv`` names and the ``fv:fr_*``, or all.
        kept: The classes and properties that ``shortcuts.csv`` names; None: all.
        conversation: The type by which a conversation is known.
    """

    terms: Terms
    level: INFERENCE
    kept: frozenset[str] | None
    conversation: bytes

    def plans(self, in_use: Iterable[bytes]) -> dict[bytes, Plan]:
        """Return what is done with triples, by property as in N-Triples, for those in use that anything is done with."""
        used = [iri_of(term) for term in in_use]
        properties = [each for each in used if each in self.terms.properties]
        plain = self.by_property_class.values()
        derivable = set(_JOINED).union(*(self._derivable(each) for each in (*properties, *plain)), plain)
        plans = {node(each): self._plan(each, derivable) for each in (*properties, *plain)}
        return {term: plan for term, plan in plans.items() if any(plan)}

    def _derivable(self, iri: str) -> Iterator[str]:
        """Yield the properties of what may follow from triples of this one, alone or together."""
        implied = self.terms.implied(iri)
        joined = self.level == "full" and any(step.property in TRANSITIVE for step in implied)
        for step in implied:
            if (joined or step != Directed(iri, True)) and self.keeps(step.property):
                yield step.property

    def _plan(self, iri: str, derivable: set[str]) -> Plan:
        implied = self.terms.implied(iri)
        written = sorted(step for step in implied - {Directed(iri, True)} if self.keeps(step.property))
        return Plan(
            tuple(between(step.property) for step in written if step.forward),
            tuple(between(step.property) for step in written if not step.forward),
            tuple(self._roles(iri, implied)),
            iri in _HELD,
            iri in derivable,
        )

    def _roles(self, iri: str, implied: frozenset[Directed]) -> Iterator[Role]:
        for relation, properties in _STANDS_FOR.items():
            for forward in (True, False):
                stands = any(Directed(CRM.iri + each, forward) in implied for each in properties)
                if stands and (relation != "refers" or iri not in _REFERS_BUT_IS_NO_TOPIC):
                    yield Role(relation, forward)
        if self.level == "full":
            for each in TRANSITIVE:
                for forward in (True, False):
                    if Directed(each, forward) in implied:
                        yield Role(each, forward)

    def keeps(self, iri: str) -> bool:
        """Tell whether the level writes triples with this class or property."""
        return self.kept is None or iri in self.kept

    def contested_classes(self, in_use: Iterable[bytes]) -> frozenset[bytes]:
        """Return the classes in use that another class in use is narrower than."""
        used = [each for each in map(iri_of, in_use) if each in self.terms.classes]
        implied = {
            above for each in used for above in self.terms.superclasses(each) - {each} if self.keeps(above)
        }
        return frozenset(node(each) for each in used if each in implied)

    def types(self, classes: Iterable[bytes]) -> tuple[bytes, ...]:
        """Return the ends of the lines by which something of these classes is of broader ones too."""
        given = [iri_of(each) for each in classes]
        implied = set[str]().union(*(self.terms.superclasses(each) for each in given)) - set(given)
        return tuple(
            between(RDF.type.value) + node(each) + b" .\n" for each in sorted(implied) if self.keeps(each)
        )

    def is_a(self, classes: Iterable[bytes], broader: str) -> bool:
        """Tell whether something of these classes is of a broader one."""
        return any(broader in self.terms.superclasses(iri_of(each)) for each in classes)

    @cached_property
    def by_property_class(self) -> Mapping[bytes, str]:
        """Return for each class that stands for a property (``PC14_carried_out_by``) that property."""
        found = {}
        for each in self.terms.classes:
            local = each.removeprefix(CRM.iri)
            if local.startswith("PC") and (plain := CRM.iri + local[:1] + local[2:]) in self.terms.properties:
                found[node(each)] = plain
        return found

    def ends(self, property: str) -> tuple[Sequence[bytes], Sequence[bytes]]:
        """Return what is written between two ends, and between them in reverse, for a triple that was inferred."""
        steps = sorted(step for step in self.terms.implied(property) if self.keeps(step.property))
        return (
            [between(step.property) for step in steps if step.forward],
            [between(step.property) for step in steps if not step.forward],
        )


P01: Final = str(CRM.P01_has_domain).encode()
P02: Final = str(CRM.P02_has_range).encode()
P81A: Final = str(CRM.P81a_end_of_the_begin).encode()
P81B: Final = str(CRM.P81b_begin_of_the_end).encode()
P82A: Final = str(CRM.P82a_begin_of_the_begin).encode()
P82B: Final = str(CRM.P82b_end_of_the_end).encode()
_HELD: Final = frozenset(each[1:-1].decode() for each in (P01, P02, P81A, P81B, P82A, P82B))


def node(iri: str) -> bytes:
    """Return an IRI as in N-Triples."""
    return f"<{iri}>".encode()


def iri_of(term: bytes) -> str:
    """Return the IRI of a term in N-Triples."""
    return term[1:-1].decode()


def between(iri: str) -> bytes:
    """Return a property as it stands between subject and object."""
    return f" <{iri}> ".encode()


def read_rules(folders: Sequence[Path], level: INFERENCE, base: str) -> Rules:
    """Read the rules from the tables of terms.

    Args:
        folders: Of tables, the program's first; of two files with one name the later folder's counts.
        level: How much is to be written.
        base: Under which the publication's own types stand.
    """
    kept = frozenset(_kept(folders)) if level == "shortcuts" else None
    conversation = IriSpace(base).term("type", "conversation")
    return Rules(read_terms(folders), level, kept, str(conversation).encode())


def _kept(folders: Sequence[Path]) -> Iterator[str]:
    path = next((found for each in reversed(folders) if (found := each / _KEPT).is_file()), None)
    if path is None:
        return
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["iri"]
