"""Persons, places, groups and events as a reconciliation service gives them: their types, their properties, and how well they
fit what somebody asks for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from pyoxigraph import NamedNode

from fonds.dates import DateSpan, parse_edtf
from fonds.identifiers import Kind
from fonds.naming import preferred
from fonds.points import point_as_written
from fonds.reconciliation.comparing import distance_kilometres
from fonds.reconciliation.likeness import likeness
from fonds.reconciliation.names import words_in
from fonds.search.asking import read_date
from fonds.vocabulary import CRM, DCTERMS, FV, RDFS, SKOS
from fonds.web.authorities import WHOLES
from fonds.web.facts import Facts, facts_about, literals, things
from fonds.web.lookup import entered_elsewhere, meant
from fonds.web.naming import title_of
from fonds.web.site import Site
from fonds.web.tombstones import given_up, successor
from fonds.web.wording import shortened, singular

TYPES: Mapping[str, tuple[str, ...]] = {
    Kind.PERSON: (CRM.E21_Person.value,),
    Kind.GROUP: (CRM.E74_Group.value,),
    Kind.PLACE: (CRM.E53_Place.value,),
    Kind.EVENT: (CRM.E5_Event.value, CRM.E7_Activity.value),
}
"""The kinds that can be asked for, each with the classes that mean the same."""

CLEAR = 90.0
"""A candidate with a lower score is never said to be a match."""
LEAD = 10.0
"""By so much it must be ahead of the next one."""
_WEIGHT_OF_PROPERTY = 0.4
_AGREES = 0.9
_CONTRADICTS = 0.5
_MOST_STEPS = 8
_MOST_COMPARED = 40
_LONGEST_DESCRIPTION = 200
_NEAR_KILOMETRES, _FAR_KILOMETRES = 5.0, 50.0
_COORDINATES = re.compile(r"\s*(-?\d{1,2}(?:\.\d+)?)\s*[,;]\s*(-?\d{1,3}(?:\.\d+)?)\s*")


class Entity(NamedTuple):
    """A thing as a value: its identifier in the service, and its name."""

    id: str
    name: str


Given = str | int | float | bool | Entity
"""A value that somebody has."""
Held = str | int | Entity
"""A value that a thing has."""


@dataclass(frozen=True, slots=True)
class Property:
    """What can be asked for of things, and held against them.

    Attributes:
        id: By which it is asked for.
        name: What people call it.
        words: What its values are, for people.
        kinds: Of which kinds of thing.
        values: Gives the values of a thing.
        fits: Tells from 0 to 1 how well a value that somebody has fits those of a thing; None: nothing can be held against it.
        type: The kind of its values, where they are things.
    """

    id: str
    name: str
    words: str
    kinds: tuple[str, ...]
    values: Callable[[Site, str, Facts], list[Held]]
    fits: Callable[[Site, Given, Sequence[Held]], float] | None
    type: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A thing that may be what somebody asks for.

    Attributes:
        entity: It.
        kind: Which kind of thing it is.
        description: Gives who or what it is, in a line.
        score: From 0 to 100.
        features: What the score is made of: how like the names are, and how well each property fits.
        match: Whether it is clearly the one.
        sure: Whether it could be.
    """

    entity: Entity
    kind: str
    description: Callable[[], str]
    score: float
    features: Mapping[str, float]
    match: bool = False
    sure: bool = False


# ---------------------------------------------------------------------------------------------------------- things


def entity_of(site: Site, iri: str) -> Entity:
    """Return a thing of ours as a value: what follows ``id/`` is its identifier."""
    return Entity(iri.removeprefix(f"{site.base}id/"), title_of(site, iri)[0])


def kind_of(site: Site, iri: str) -> str:
    """Return the kind of a thing that can be asked for; empty for any other."""
    path = (site.addresses.iris.path(iri) or "").split("/")
    return path[1] if len(path) == 3 and path[0] == "id" and path[1] in TYPES else ""


def found_by_identifier(site: Site, value: str) -> str | None:
    """Return what an identifier stands for: one of ours, whole or without what all begin with, also one that was given up for it.

    None where it is none, and where it is that of another kind of thing.
    """
    nodes = list(meant(site, value))
    known = next(
        (each for each in nodes if kind_of(site, each.value) and site.descriptions.knows(each.value)), None
    )
    if known is not None:
        return known.value
    if "/" in value and (gone := given_up(site, nodes)) is not None and gone.moved:
        return successor(site, gone).value
    return None


def names_of(facts: Facts) -> list[str]:
    """Return all names of a thing, each once."""
    found = (
        each
        for property_ in (RDFS.label, SKOS.prefLabel, SKOS.altLabel)
        for each in literals(facts, property_)
    )
    return list(dict.fromkeys(each.value for each in found))


def description_of(site: Site, iri: str, kind: str, facts: Facts) -> str:
    """Return who or what a thing is, in a line: its description, its days, and what it is a part of; empty where nothing is said."""
    said = preferred(literals(facts, DCTERMS.description), site.settings.languages)
    days = "–".join(
        next((str(each) for each in _life(property_, site, iri, facts)), "")
        for property_ in (CRM.P98i_was_born, CRM.P100i_died_in)
    )
    if kind == Kind.EVENT:
        days = ", ".join(map(str, _dates(site, iri, facts)))
    within = next((entity_of(site, each).name for each in _above(site, iri, facts)), "")
    pieces = [shortened(said.value, _LONGEST_DESCRIPTION) if said else "", days.strip("–") and days, within]
    return " · ".join(filter(None, pieces))


# ---------------------------------------------------------------------------------------------------------- values


def _dates(site: Site, iri: str, facts: Facts) -> list[Held]:  # noqa: ARG001  every reader is called alike
    found = (
        each.value
        for span in things(facts, CRM.P4_has_time_span)
        for each in literals(facts_about(site, span.value), FV.edtf)
    )
    return list(dict.fromkeys(found))


def _life(property_: NamedNode, site: Site, iri: str, facts: Facts) -> list[Held]:  # noqa: ARG001
    return [
        date
        for event in things(facts, property_)
        for date in _dates(site, event.value, facts_about(site, event.value))
    ]


def _types(site: Site, iri: str, facts: Facts) -> list[Held]:  # noqa: ARG001
    return [title_of(site, each.value)[0] for each in things(facts, CRM.P2_has_type)]


def _above(site: Site, iri: str, facts: Facts) -> Iterator[str]:
    """Yield what a thing is a part of, and what that is a part of, the nearest first."""
    seen = {iri}
    above = [facts]
    for _ in range(_MOST_STEPS):
        higher = dict.fromkeys(
            each.value
            for stated in above
            for property_ in WHOLES
            for each in things(stated, property_)
            if each.value not in seen
        )
        yield from higher
        seen.update(higher)
        above = [facts_about(site, each) for each in higher]


def _wholes(site: Site, iri: str, facts: Facts) -> list[Held]:
    return [entity_of(site, each) for each in _above(site, iri, facts)]


def _places(site: Site, iri: str, facts: Facts) -> list[Held]:  # noqa: ARG001
    """Return where an event took place, and what that is a part of."""
    found: dict[Held, None] = {}
    for each in things(facts, CRM.P7_took_place_at):
        found[entity_of(site, each.value)] = None
        found.update(dict.fromkeys(_wholes(site, each.value, facts_about(site, each.value))))
    return list(found)


def _others(site: Site, iri: str, facts: Facts) -> list[Held]:
    called = title_of(site, iri)[0]
    return [each for each in names_of(facts) if each != called]


def _descriptions(site: Site, iri: str, facts: Facts) -> list[Held]:  # noqa: ARG001
    found = preferred(literals(facts, DCTERMS.description), site.settings.languages)
    return [found.value] if found else []


def _coordinates(site: Site, iri: str, facts: Facts) -> list[Held]:  # noqa: ARG001
    points = (point_as_written(each.value) for each in literals(facts, CRM.P168_place_is_defined_by))
    return [f"{latitude}, {longitude}" for each in points if each for longitude, latitude in [each]]


def _elsewhere(site: Site, iri: str, facts: Facts) -> list[Held]:  # noqa: ARG001
    return [each.value for each in things(facts, SKOS.exactMatch)]


def _documents(site: Site, iri: str, facts: Facts) -> list[Held]:  # noqa: ARG001
    return [site.descriptions.occurrences(iri).documents]


# ---------------------------------------------------------------------------------------------------------- fitting


def _fits_date(site: Site, given: Given, held: Sequence[Held]) -> float:  # noqa: ARG001
    wanted = _span(given.name if isinstance(given, Entity) else str(given))
    if wanted is None:
        return 1.0 if str(given) in map(str, held) else 0.0
    return max(_days_fit(wanted, _span(str(each))) for each in held)


def _span(text: str) -> DateSpan | None:
    """Return a date as people or EDTF write it; what a table has behind a day, such as its hour, is left out."""
    text = text.strip()
    text = re.sub(r"^(\d{4}-\d\d-\d\d)T.*", r"\1", text)
    try:
        return read_date(text) or parse_edtf(text)
    except ValueError:
        return None


def _days_fit(wanted: DateSpan, held: DateSpan | None) -> float:
    """Return 1 where two dates can be one, 0.5 where they are no more than a year apart, else 0."""
    if held is None:
        return 0.0
    for first, second in ((wanted, held), (held, wanted)):
        end, begin = first.latest, second.earliest
        if end is not None and begin is not None and end < begin:
            return 0.5 if begin.year - end.year <= 1 else 0.0
    return 1.0


def _fits_things(kind: str, site: Site, given: Given, held: Sequence[Held]) -> float:
    """Return how well somebody's thing, or its name, fits the things that something has."""
    entities = [each for each in held if isinstance(each, Entity)]
    if isinstance(given, Entity):
        return 1.0 if any(given.id in (each.id, f"{site.base}id/{each.id}") for each in entities) else 0.0
    value = str(given)
    if any(value in (each.id, f"{site.base}id/{each.id}") for each in entities):
        return 1.0
    best = 0.0
    for each in entities:
        names = names_of(facts_about(site, f"{site.base}id/{each.id}")) or [each.name]
        best = max(best, likeness(kind, value, names).score / 100)
    return best


def _fits_words(site: Site, given: Given, held: Sequence[Held]) -> float:  # noqa: ARG001
    wanted = words_in(given.name or given.id if isinstance(given, Entity) else str(given))
    return 1.0 if any(words_in(str(each)) == wanted for each in held) else 0.0


def _fits_name(site: Site, given: Given, held: Sequence[Held]) -> float:  # noqa: ARG001
    wanted = given.name if isinstance(given, Entity) else str(given)
    return likeness(Kind.GROUP, wanted, map(str, held)).score / 100


def _fits_coordinates(site: Site, given: Given, held: Sequence[Held]) -> float:  # noqa: ARG001
    wanted = _COORDINATES.fullmatch(str(given))
    if wanted is None:
        return 0.0
    best = 0.0
    for each in held:
        point = _COORDINATES.fullmatch(str(each))
        if point is None:
            continue
        here, there = ((float(it[1]), float(it[2])) for it in (wanted, point))
        kilometres = distance_kilometres(here, there)
        best = max(
            best, 1.0 if kilometres <= _NEAR_KILOMETRES else 0.5 if kilometres <= _FAR_KILOMETRES else 0.0
        )
    return best


def _fits_identifier(site: Site, given: Given, held: Sequence[Held]) -> float:  # noqa: ARG001
    """Return 1 for an identifier elsewhere that is one of those of a thing: whole, by http or https, or its last part alone."""
    wanted = re.sub("^https?://", "", given.id if isinstance(given, Entity) else str(given)).rstrip("/")
    known = [re.sub("^https?://", "", str(each)).rstrip("/") for each in held]
    return 1.0 if any(wanted in (each, each.rpartition("/")[2]) for each in known) else 0.0


_EVERY = tuple(TYPES)
PROPERTIES: Mapping[str, Property] = {
    each.id: each
    for each in (
        Property(
            "born",
            "Born",
            "A date (EDTF): 1928, 1928-06-14",
            (Kind.PERSON,),
            partial(_life, CRM.P98i_was_born),
            _fits_date,
        ),
        Property(
            "died", "Died", "A date (EDTF)", (Kind.PERSON,), partial(_life, CRM.P100i_died_in), _fits_date
        ),
        Property("date", "Date", "When it was (EDTF)", (Kind.EVENT,), _dates, _fits_date),
        Property(
            "place",
            "Place",
            "Where it was, and what that is a part of: a place or its name",
            (Kind.EVENT,),
            _places,
            partial(_fits_things, Kind.PLACE),
            Kind.PLACE,
        ),
        Property(
            "within",
            "Part of",
            "What it is a part of, such as a country: a thing or its name",
            (Kind.PLACE, Kind.GROUP, Kind.EVENT),
            _wholes,
            partial(_fits_things, Kind.GROUP),
        ),
        Property("type", "Type", "A type by its name", _EVERY, _types, _fits_words),
        Property("name", "Other name", "What else it is called", _EVERY, _others, _fits_name),
        Property(
            "coordinates",
            "Coordinates",
            "Latitude, longitude in degrees: 23.13, -82.38",
            (Kind.PLACE,),
            _coordinates,
            _fits_coordinates,
        ),
        Property(
            "elsewhere",
            "Identifier elsewhere",
            "An accepted identifier: http://www.wikidata.org/entity/Q5809, or Q5809",
            _EVERY,
            _elsewhere,
            _fits_identifier,
        ),
        Property("description", "Description", "Who or what it is, in words", _EVERY, _descriptions, None),
        Property("documents", "Documents", "How many documents name it", _EVERY, _documents, None),
    )
}
"""What can be asked for of things, by identifier."""


# ---------------------------------------------------------------------------------------------------------- candidates


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for.

    Attributes:
        name: Its name, or an identifier of it; empty: only its properties are known.
        kinds: Which kinds of thing it can be.
        properties: What else is known of it, each with the values of which one must fit.
    """

    name: str
    kinds: tuple[str, ...]
    properties: tuple[tuple[Property, tuple[Given, ...]], ...] = ()


def candidates(site: Site, wanted: Wanted, most: int) -> list[Candidate]:
    """Return what may be meant, the likeliest first; at most one of them is said to be a match."""
    found = [
        candidate
        for iri, certain in _found(site, wanted).items()
        if (candidate := _judged(site, iri, wanted, certain=certain)) is not None
    ]
    found.sort(key=lambda each: (-each.score, each.entity.name, each.entity.id))
    if found and found[0].sure and found[0].score >= CLEAR:
        next_score = found[1].score if len(found) > 1 else 0.0
        if found[0].score - next_score >= LEAD:
            found[0] = replace(found[0], match=True)
    return found[:most]


def _found(site: Site, wanted: Wanted) -> dict[str, bool]:
    """Return things that may be meant, and whether an identifier says so."""
    found: dict[str, bool] = {}
    if wanted.name and (iri := found_by_identifier(site, wanted.name)) is not None:
        found[iri] = True
    identifiers = [
        given.id if isinstance(given, Entity) else str(given)
        for property_, values in wanted.properties
        if property_.id == "elsewhere"
        for given in values
    ]
    for value in (wanted.name, *identifiers):
        if value:
            found.update((iri, True) for iri in entered_elsewhere(site, value) if kind_of(site, iri))
    if wanted.name and site.search is not None:
        iris = site.addresses.iris
        named = site.search.named(wanted.name, wanted.kinds, _MOST_COMPARED)
        for path in named:
            found.setdefault(iris.thing(*path.split("/", 1)).value, False)
    return found


def _judged(site: Site, iri: str, wanted: Wanted, *, certain: bool) -> Candidate | None:
    kind = kind_of(site, iri)
    if kind not in wanted.kinds:
        return None
    facts = facts_about(site, iri)
    alike = likeness(kind, wanted.name, names_of(facts))
    name = 100.0 if certain else alike.score
    if not name:
        return None
    fits = dict(_fitting(site, iri, facts, wanted))
    total = (name + 100 * _WEIGHT_OF_PROPERTY * sum(fits.values())) / (1 + _WEIGHT_OF_PROPERTY * len(fits))
    contradicted = any(each < _CONTRADICTS for each in fits.values())
    # Of persons a single word, as a family name, is never enough.
    enough = certain or alike.telling or kind != Kind.PERSON or any(each >= _AGREES for each in fits.values())
    return Candidate(
        entity_of(site, iri),
        kind,
        partial(description_of, site, iri, kind, facts),
        round(total, 1),
        {"name": round(name, 1), **{key: round(each, 2) for key, each in fits.items()}},
        sure=enough and not contradicted,
    )


def _fitting(site: Site, iri: str, facts: Facts, wanted: Wanted) -> Iterator[tuple[str, float]]:
    """Yield how well each property fits of which something is stated."""
    for property_, given in wanted.properties:
        held = property_.values(site, iri, facts)
        if held and property_.fits is not None:
            yield property_.id, max(property_.fits(site, each, held) for each in given)


def of_kinds(kinds: Iterable[str]) -> list[Property]:
    """Return the properties that things of some kinds can have."""
    wanted = frozenset(kinds)
    return [each for each in PROPERTIES.values() if not wanted.isdisjoint(each.kinds)]


def type_name(kind: str) -> str:
    """Return what a kind is called: ``Person``.

    >>> type_name("group")
    'Organisation'
    """
    return singular(kind).capitalize()
