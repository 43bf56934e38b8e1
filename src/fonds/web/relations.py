"""With what a thing is joined: the same elsewhere, identifiers that sources state, what comes before and after, its parts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from fonds.ordering import natural
from fonds.translations import gettext, marked
from fonds.vocabulary import CRM, DCTERMS, FV, RDFS, SKOS
from fonds.web.facts import Facts, Reader, things
from fonds.web.values import Value, show

MOST_AROUND = 50
_MOST_IDENTIFIERS = 50
_MOST_GRAPHS = 3
_TEMPORAL = re.compile(r"/P(?:17[3-6]|18[2-5])i?_")
_AROUND = {
    CRM.P89_falls_within.value: marked("Places within it"),
    CRM.P107i_is_current_or_former_member_of.value: marked("Members and parts"),
    CRM.P9i_forms_part_of.value: marked("Parts"),
    CRM.P7_took_place_at.value: marked("What happened there"),
}


@dataclass(frozen=True, slots=True)
class Match:
    """The same thing in somebody else's list, as it was accepted here.

    Attributes:
        other: The entry there.
        ground: Why it is thought to be the same; empty where nobody says it.
        source: By what that was found.
        checked: When.
        by: Who vouches for it.
        href: The page of the identification; None where none is stated.
        language: Of the ground.
        language_of_source: Of what the source is called.
    """

    other: Value
    ground: str = ""
    source: str = ""
    checked: Value | None = None
    by: tuple[Value, ...] = ()
    href: str | None = None
    language: str | None = None
    language_of_source: str | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """Things that are in one relation to this one.

    Attributes:
        label: Which relation.
        things: In the order of the alphabet.
        more: Whether there are more than these.
        property: Its IRI.
        sources: The first graphs that say so, where it is not this thing of which it is stated.
        language: Of the label; None where it is that of the page.
    """

    label: str
    things: tuple[Value, ...]
    more: bool
    property: str
    sources: tuple[Value, ...] = ()
    language: str | None = None


# ------------------------------------------------------------------------------------------------ elsewhere


def matches(reader: Reader, it: NamedNode, own: Facts) -> tuple[Match, ...]:
    """Return the entries elsewhere that are taken for the same thing, each with what is stated of that."""
    return tuple(
        _match(reader, it, iri, other)
        for iri, other in reader.shown(own, SKOS.exactMatch)
        if isinstance(iri, NamedNode)
    )


def _match(reader: Reader, it: NamedNode, iri: NamedNode, other: Value) -> Match:
    """Return a match with what is stated of it: among what points to the entry elsewhere stands the identification."""
    _, links = reader.site.descriptions.lines_of(iri.value)
    assigned = f" {CRM.P141_assigned} {iri} ".encode()
    for line in links:
        subject, _, _ = line.partition(b" ")
        if assigned not in line:
            continue
        node = subject[1:-1].decode()
        facts = reader.facts(node)
        if it not in things(facts, CRM.P140_assigned_attribute_to):
            continue
        return Match(
            other,
            reader.words(facts, FV.ground),
            reader.words(facts, DCTERMS.source),
            next(iter(reader.values(facts, FV.checked)), None),
            reader.values(facts, CRM.P14_carried_out_by),
            reader.site.addresses.of_iri(node),
            reader.language(facts, FV.ground),
            reader.language(facts, DCTERMS.source),
        )
    return Match(other)


def identifiers(reader: Reader, own: Facts) -> tuple[Value, ...]:
    """Return the identifiers elsewhere that sources state, each with whose it is."""
    found = []
    for value, graph in own.get(CRM.P1_is_identified_by.value, ()):
        # Names by which records call the thing are listed with their places.
        if not isinstance(value, NamedNode) or "/elsewhere-" not in value.value:
            continue
        facts = reader.facts(value.value)
        schemes = reader.values(facts, CRM.P2_has_type)
        where = reader.values(facts, RDFS.seeAlso)
        mark = reader.marks.get(graph.value) if graph else None
        found.append(
            Value(
                reader.words(facts, CRM.P190_has_symbolic_content) or value.value,
                where[0].href if where else None,
                external=bool(where) and where[0].external,
                note=", ".join(each.text for each in schemes),
                graphs=(mark,) if mark else (),
            )
        )
    return tuple(found[:_MOST_IDENTIFIERS])


# ------------------------------------------------------------------------------------------------ around


def around(reader: Reader, it: NamedNode, own: Facts) -> tuple[tuple[Around, ...], tuple[Around, ...]]:
    """Return what comes before and after a thing, and what else points to it."""
    site = reader.site
    pointing: dict[str, dict[NamedNode, None]] = {}
    graphs: dict[str, dict[str, None]] = {}
    for row in site.store.select("around", iri=it, within=Literal("/statements")):
        property_, other = row["property"], row["other"]
        if isinstance(property_, NamedNode) and isinstance(other, NamedNode):
            pointing.setdefault(property_.value, {})[other] = None
            if isinstance(graph := row.get("graph"), NamedNode):
                graphs.setdefault(property_.value, {})[graph.value] = None
    order = [
        Around(
            site.terms.label(each),
            reader.values(own, NamedNode(each)),
            False,
            each,
            (),
            site.language_of_terms,
        )
        for each in own
        if _TEMPORAL.search(each)
    ]
    others = []
    for iri, found in pointing.items():
        if iri == CRM.P106i_forms_part_of.value:
            # The parts of a work stand in its contents, in their order.
            continue
        shown = tuple(sorted((show(site, each) for each in found), key=lambda each: natural(each.text)))
        more = len(shown) > MOST_AROUND
        stated = tuple(
            Value(each.removeprefix(site.base), site.addresses.of_iri(each))
            for each in list(graphs.get(iri, ()))[:_MOST_GRAPHS]
        )
        if _TEMPORAL.search(iri):
            label = site.terms.inverse_label(iri) or f"through “{site.terms.label(iri)}”"
            order.append(Around(label, shown[:MOST_AROUND], more, iri, stated, site.language_of_terms))
        else:
            others.append(Around(gettext(_AROUND[iri]), shown[:MOST_AROUND], more, iri, stated))
    return tuple(order), tuple(others)
