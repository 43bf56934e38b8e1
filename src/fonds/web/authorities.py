"""People, groups, places, events, works and topics as pages show them: who they are, and where and as what they occur."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pyoxigraph import Literal, NamedNode, Triple

from fonds.descriptions import Description, Occurrences
from fonds.identifiers import Kind
from fonds.naming import preferred
from fonds.points import point
from fonds.store import Term
from fonds.translations import gettext, marked
from fonds.vocabulary import CRM, DCTERMS, RDFS, SKOS
from fonds.web.facts import Facts, Reader, literals, things
from fonds.web.literals import WKT, spelled
from fonds.web.moments import Moment, moment
from fonds.web.occurring import Found, Neighbour, Tenure, forms, neighbours, tenures
from fonds.web.relations import Around, Match, around, identifiers, matches
from fonds.web.site import Site
from fonds.web.statements import About
from fonds.web.values import Value, show

KINDS_OF_AUTHORITY = frozenset({Kind.PERSON, Kind.GROUP, Kind.PLACE, Kind.EVENT, Kind.WORK, Kind.TOPIC})
_MOST_STEPS = 12
WHOLES = (
    CRM.P89_falls_within,
    CRM.P107i_is_current_or_former_member_of,
    CRM.P106i_forms_part_of,
    CRM.P9i_forms_part_of,
    SKOS.broader,
)
"""Properties that lead from a thing to what it is a part of."""
_LIFE = ((CRM.P98i_was_born, marked("Born")), (CRM.P100i_died_in, marked("Died")))


@dataclass(frozen=True, slots=True)
class Life:
    """A birth or a death.

    Attributes:
        name: Which.
        href: Its page.
        when: Its date.
        places: Where.
    """

    name: str
    href: str
    when: Moment
    places: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Taking:
    """Somebody who took part in an event, and in which roles."""

    who: Value
    roles: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Authority:
    """What the page of a person, a group, a place, an event, a work or a topic shows.

    Attributes:
        kind: Which of them.
        description: Who or what it is, in the words of the lists of the publication; None where they do not say it.
        types: Its types.
        names: What else it is called.
        life: Birth and death.
        when: The time of an event.
        coordinates: Of a place: latitude and longitude, with marks of their graphs.
        points: The same as numbers: longitude and latitude in degrees.
        wholes: What it is a part of, each with what that is a part of.
        where: Where it took place.
        participants: Who took part.
        makers: Who made a work.
        documented: The records that say so of an event.
        order: What came before and after it.
        matches: The same elsewhere.
        identifiers: What sources state as identifiers elsewhere, which is no identity that anybody here vouches for.
        earlier: Identifiers that it took the place of.
        offices: Which it held, or were held in it.
        forms: As what it is named.
        neighbours: What is named in the same paragraphs.
        around: What else is in a relation to it.
        counts: How many there are of all these.
    """

    kind: str
    description: Value | None
    types: tuple[Value, ...]
    names: tuple[Value, ...]
    life: tuple[Life, ...]
    when: Moment
    coordinates: tuple[Value, ...]
    points: tuple[tuple[float, float], ...]
    wholes: tuple[tuple[Value, ...], ...]
    where: tuple[Value, ...]
    participants: tuple[Taking, ...]
    makers: tuple[Value, ...]
    documented: tuple[Value, ...]
    order: tuple[Around, ...]
    matches: tuple[Match, ...]
    identifiers: tuple[Value, ...]
    earlier: tuple[Value, ...]
    offices: tuple[Tenure, ...]
    forms: tuple[Found, ...]
    neighbours: tuple[Neighbour, ...]
    around: tuple[Around, ...]
    counts: Occurrences

    @property
    def is_event(self) -> bool:
        """Whether it has a time, if only one that nobody states."""
        return self.kind == Kind.EVENT


def kind_of(site: Site, iri: str) -> str | None:
    """Return the kind of a thing that has a page of its own here, None for any other."""
    match (site.addresses.iris.path(iri) or "").split("/"):
        case ["id", kind, _] if site.is_publication and kind in KINDS_OF_AUTHORITY:
            return kind
    return None


def without_names_of_records(description: Description) -> Description:
    """Return a description without the names by which records call the thing: they are listed with their places."""
    name = f"<{description.iri}> {CRM.P1_is_identified_by} <{description.iri}/n-".encode()
    return replace(description, own=tuple(line for line in description.own if not line.startswith(name)))


def authority(site: Site, it: NamedNode, kind: str, about: About, counts: Occurrences) -> Authority:
    """Return what the page of a thing shows."""
    reader = Reader(site, about)
    own = reader.facts(it.value)
    before_and_after, others = around(reader, it, own)
    return Authority(
        kind,
        _description(reader, own),
        reader.values(own, CRM.P2_has_type),
        _other_names(reader, own, about),
        tuple(each for property_, name in _LIFE for each in _life(reader, own, property_, name)),
        moment(reader, own),
        _coordinates(reader, own),
        _points(own),
        tuple(_chain(reader, *each) for property_ in WHOLES for each in reader.shown(own, property_)),
        reader.values(own, CRM.P7_took_place_at),
        _participants(reader, own, counts),
        reader.values(own, DCTERMS.creator),
        reader.values(own, CRM.P70i_is_documented_in),
        before_and_after,
        matches(reader, it, own),
        identifiers(reader, own),
        reader.values(own, DCTERMS.replaces),
        tenures(site, counts, it.value),
        forms(site, counts),
        neighbours(site, counts),
        others,
        counts,
    )


# ------------------------------------------------------------------------------------------------ who or what it is


def _description(reader: Reader, own: Facts) -> Value | None:
    shown = reader.shown(own, DCTERMS.description)
    chosen = preferred(
        (term for term, _ in shown if isinstance(term, Literal)), reader.site.settings.languages
    )
    return next((value for term, value in shown if term == chosen), None)


def _other_names(reader: Reader, own: Facts, about: About) -> tuple[Value, ...]:
    names = (
        each
        for property_ in (RDFS.label, SKOS.prefLabel, SKOS.altLabel)
        for each in reader.values(own, property_)
        if (each.text, each.language) != (about.title, about.language)
    )
    return tuple({(each.text, each.language): each for each in names}.values())


def _life(reader: Reader, own: Facts, property_: NamedNode, name: str) -> Iterable[Life]:
    for event in things(own, property_):
        facts = reader.facts(event.value)
        href = reader.site.addresses.of_iri(event.value)
        yield Life(gettext(name), href, moment(reader, facts), reader.values(facts, CRM.P7_took_place_at))


def _coordinates(reader: Reader, own: Facts) -> tuple[Value, ...]:
    return tuple(
        replace(each, text=_degrees(each.text), note="", href=None)
        for each in reader.values(own, CRM.P168_place_is_defined_by)
    )


def _points(own: Facts) -> tuple[tuple[float, float], ...]:
    stated = (point(each.value) for each in literals(own, CRM.P168_place_is_defined_by))
    return tuple(dict.fromkeys(each for each in stated if each is not None))


def _degrees(wkt: str) -> str:
    """Return a point as people write it, whether its datatype is stated or not; any other geometry as it is.

    >>> _degrees("POINT(-82.38 23.13)"), _degrees("POINT(1 x)")
    ('23.13° N, 82.38° W', 'POINT(1 x)')
    """
    return spelled(wkt, WKT) or wkt


def _chain(reader: Reader, whole: Term | Triple, first: Value) -> tuple[Value, ...]:
    """Return a whole with what it is a part of in turn, the nearest first; where a whole is part of several, one way up."""
    chain, seen = [first], {whole}
    while isinstance(whole, NamedNode) and len(chain) < _MOST_STEPS:
        facts = reader.facts(whole.value)
        above = [each for property_ in WHOLES for each in things(facts, property_)]
        if not above or above[0] in seen:
            break
        whole = above[0]
        seen.add(whole)
        chain.append(show(reader.site, whole))
    return tuple(chain)


def _participants(reader: Reader, own: Facts, counts: Occurrences) -> tuple[Taking, ...]:
    roles: dict[str, dict[str, None]] = {}
    for each in counts.participants:
        roles.setdefault(each.iri, {}).update(dict.fromkeys(each.roles))
    known = {
        who.value: shown
        for property_ in (CRM.P14_carried_out_by, CRM.P11_had_participant)
        for who, shown in reader.shown(own, property_)
        if isinstance(who, NamedNode)
    }
    for iri in roles:
        known.setdefault(iri, show(reader.site, NamedNode(iri)))
    return tuple(
        Taking(who, tuple(show(reader.site, NamedNode(role)) for role in roles.get(iri, ())))
        for iri, who in known.items()
    )
