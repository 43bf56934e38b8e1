"""The rules that join triples of different subjects: transitivity, and the fundamental relations ``fv:fr_*``.

Held in memory are the pairs of the relations that are joined, and nothing else: see ``docs/inference.md`` for how much
that is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from fonds.inference.rules import (
    INCORPORATES,
    INFORMATION_OBJECT,
    TRANSITIVE,
    Role,
    Rules,
    between,
    node,
)
from fonds.vocabulary import CRM, FV

Relation = Mapping[bytes, Sequence[bytes]]
"""For each term those it is related to; as N-Triples, in the order they came."""

_STATEMENT: Final = node(FV.ReportedStatement.value)
_EVENT: Final = CRM.iri + "E5_Event"
_ASSIGNMENT: Final = CRM.iri + "E13_Attribute_Assignment"
_ACTOR: Final = CRM.iri + "E39_Actor"


class Joins:
    """The relations of a dataset, and what follows from them together."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._relations: defaultdict[str, dict[bytes, list[bytes]]] = defaultdict(dict)
        self._terms: dict[bytes, bytes] = {}
        self._bounds: dict[bytes, tuple[bytes, ...]] = {}
        self._same_bounds: dict[tuple[bytes, ...], tuple[bytes, ...]] = {}
        self._kinds: dict[tuple[bytes, ...], tuple[set[bytes], ...]] = {}
        self._events: set[bytes] = set()
        self._actors: set[bytes] = set()
        self._statements: set[bytes] = set()
        self._assignments: set[bytes] = set()
        self._information: set[bytes] = set()

    def add(self, roles: Iterable[Role], subject: bytes, object: bytes) -> None:
        """Take a triple that stands in these relations."""
        one = self._terms.setdefault
        subject, object = one(subject, subject), one(object, object)
        for relation, forward in roles:
            first, second = (subject, object) if forward else (object, subject)
            if relation == "type" and second != self._rules.conversation:
                continue
            pairs = self._relations[relation]
            known = pairs.get(first)
            if known is None:
                pairs[first] = [second]
            else:
                known.append(second)

    def add_types(self, classes: tuple[bytes, ...], subject: bytes) -> None:
        """Take the classes that one graph gives a subject."""
        sets = self._kinds.get(classes)
        if sets is None:
            sets = self._kinds[classes] = tuple(self._sets_of(classes))
        for each in sets:
            each.add(self._terms.setdefault(subject, subject))

    def _sets_of(self, classes: Sequence[bytes]) -> Iterator[set[bytes]]:
        if self._rules.is_a(classes, _ACTOR):
            yield self._actors
        if _STATEMENT in classes:
            yield self._statements
        if self._rules.is_a(classes, _ASSIGNMENT):
            yield self._assignments
        elif self._rules.is_a(classes, _EVENT):
            yield self._events
        if self._rules.level == "full" and self._rules.is_a(classes, INFORMATION_OBJECT):
            yield self._information

    def add_bounds(self, span: bytes, ends: tuple[bytes, ...]) -> None:
        """Take the bounds of a time-span, as ends of lines."""
        known = (*self._bounds.get(span, ()), *ends)
        self._bounds[self._terms.setdefault(span, span)] = self._same_bounds.setdefault(known, known)

    def lines(self) -> Iterator[bytes]:
        """Yield what follows as lines of N-Triples, in no order, with repeats."""
        if self._rules.level == "full":
            for each in TRANSITIVE:
                yield from self._transitive(each)
        for name, pairs in FUNDAMENTAL.items():
            way = between(FV[name].value)
            for first, second in pairs(self):
                yield first + way + second + b" .\n"
        for event, spans in self.of("time").items():
            for span in spans:
                for end in self._bounds.get(span, ()):
                    yield event + end

    def _transitive(self, property: str) -> Iterator[bytes]:
        forward, backward = self._rules.ends(property)
        pairs: Relation = self.of(property)
        if property == INCORPORATES:
            pairs = _within(pairs, self._information)
        for first in pairs:
            # What is reached in one step is asserted, or written for the triple that implies it.
            for second in reached(pairs, first, steps=2):
                for way in forward:
                    yield first + way + second + b" .\n"
                for way in backward:
                    yield second + way + first + b" .\n"

    def of(self, relation: str) -> Relation:
        """Return a relation of this name."""
        return self._relations.get(relation, {})

    def star(self, relation: str, start: bytes) -> list[bytes]:
        """Return a term and everything that steps of a relation lead to from it."""
        return [start, *(each for each in reached(self.of(relation), start) if each != start)]

    def is_event(self, term: bytes) -> bool:
        """Tell whether a term is an event and not somebody's statement about something (E13)."""
        return term in self._events and term not in self._assignments

    def is_actor(self, term: bytes) -> bool:
        """Tell whether a term is a person or a group."""
        return term in self._actors

    def is_statement(self, term: bytes) -> bool:
        """Tell whether a term is a reported statement."""
        return term in self._statements


def reached(pairs: Relation, start: bytes, steps: int = 1) -> list[bytes]:
    """Return what so many steps or more lead to, each once: the start too, if a circle leads back to it."""
    found: dict[bytes, None] = {}
    todo = list(pairs.get(start, ()))
    for _ in range(steps - 1):
        todo = [after for each in dict.fromkeys(todo) for after in pairs.get(each, ())]
    while todo:
        each = todo.pop()
        if each not in found:
            found[each] = None
            todo += pairs.get(each, ())
    return list(found)


def _within(pairs: Relation, terms: set[bytes]) -> Relation:
    return {
        first: [each for each in seconds if each in terms]
        for first, seconds in pairs.items()
        if first in terms
    }


Pairs = Iterator[tuple[bytes, bytes]]


def _actor_thing_by(joins: Joins) -> Pairs:
    for thing, events in joins.of("made_by").items():
        for event in _each(events):
            for whole in joins.star("event_part", event):
                for actor in joins.of("actor").get(whole, ()):
                    yield thing, actor


def _thing_from_event(joins: Joins) -> Pairs:
    for thing, events in joins.of("present").items():
        if not joins.is_actor(thing):
            yield from ((thing, event) for event in events if joins.is_event(event))
    for thing, topics in joins.of("refers").items():
        yield from ((thing, topic) for topic in topics if joins.is_event(topic))


def _event_actor(joins: Joins) -> Pairs:
    for part, actors in joins.of("participant").items():
        for event in joins.star("event_part", part):
            yield from ((event, actor) for actor in actors)


def _event_place(joins: Joins) -> Pairs:
    for event in _events_with_wholes(joins, "place"):
        for whole in joins.star("event_part", event):
            for place in joins.of("place").get(whole, ()):
                yield from ((event, around) for around in joins.star("within", place))


def _event_time(joins: Joins) -> Pairs:
    for event in _events_with_wholes(joins, "time"):
        for whole in joins.star("event_part", event):
            yield from ((event, span) for span in joins.of("time").get(whole, ()))


def _events_with_wholes(joins: Joins, relation: str) -> Iterable[bytes]:
    return dict.fromkeys((*joins.of(relation), *joins.of("event_part")))


def _thing_about(joins: Joins) -> Pairs:
    for text, topics in joins.of("refers").items():
        carriers = joins.of("carrier").get(text, ())
        things = (whole for each in (text, *carriers) for whole in joins.star("text_part", each))
        for thing in dict.fromkeys(things):
            yield from ((thing, topic) for topic in topics)


def _actor_actor_met(joins: Joins) -> Pairs:
    for event in joins.of("type"):
        actors = _each(joins.of("participant").get(event, ()))
        yield from ((one, other) for one in actors for other in actors if one != other)


def _actor_said_about(joins: Joins) -> Pairs:
    for statement, actors in joins.of("actor").items():
        if not joins.is_statement(statement):
            continue
        contents = joins.of("assigned").get(statement, ())
        topics = [*joins.of("assigned_to").get(statement, ())]
        topics += [topic for content in contents for topic in joins.of("refers").get(content, ())]
        yield from ((actor, topic) for actor in actors for topic in topics)


def _reported_by(joins: Joins) -> Pairs:
    for text, topics in joins.of("refers").items():
        if text in joins.of("translates"):
            continue
        actors = [
            actor
            for event in joins.of("created_by").get(text, ())
            for actor in joins.of("actor").get(event, ())
        ]
        yield from ((topic, actor) for topic in topics if joins.is_statement(topic) for actor in actors)


def _thing_part_of(joins: Joins) -> Pairs:
    wholes = joins.of("whole")
    for part in wholes:
        yield from ((part, whole) for whole in reached(wholes, part))


def _same(relation: str) -> Callable[[Joins], Pairs]:
    def pairs(joins: Joins) -> Pairs:
        for first, seconds in joins.of(relation).items():
            yield from ((first, second) for second in seconds)

    return pairs


def _each(terms: Iterable[bytes]) -> list[bytes]:
    return list(dict.fromkeys(terms))


FUNDAMENTAL: Final[Mapping[str, Callable[[Joins], Pairs]]] = {
    "fr_actor_thing_by": _actor_thing_by,
    "fr_thing_from_event": _thing_from_event,
    "fr_event_actor": _event_actor,
    "fr_event_place": _event_place,
    "fr_event_time": _event_time,
    "fr_thing_about": _thing_about,
    "fr_actor_actor_met": _actor_actor_met,
    "fr_actor_said_about": _actor_said_about,
    "fr_reported_by": _reported_by,
    "fr_thing_part_of": _thing_part_of,
    "fr_thing_language": _same("language"),
    "fr_translation_of": _same("translates"),
}
"""The fundamental relations, by name, each with its pairs; their paths stand in ``ontology/fonds.csv``."""
