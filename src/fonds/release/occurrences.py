"""Counts where things occur: from the graphs of each record what it has of each thing, then for each thing what all have."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

import msgspec

from fonds.descriptions.occurrences import Beside, Form, InRecord, Occurrences, Office, Participant, Spot
from fonds.mapping.description import GraphKind
from fonds.vocabulary import CRM, DCTERMS, FV, RDF, RDFS

OF_RECORDS = frozenset({GraphKind.RECORD, GraphKind.CURATION, GraphKind.STATEMENTS})
"""Graphs that are read for this; each as a whole, a record's own one with the words that follow it in a graph of theirs."""

MOST_STATEMENTS = 40
MOST_RECORDS = 60
MOST_FORMS = 50
MOST_BESIDE = 50
MOST_OFFICES = 50
MOST_PARTICIPANTS = 50
_MOST_SPOTS_OF_FORM = 6
_MOST_SPOTS_OF_RECORD = 12
_MOST_IN_PARAGRAPH = 100
"""A paragraph that names more things is a list: that two stand in it says nothing of them."""


def _written(term: object) -> bytes:
    return str(term).encode()


_MENTIONS, _FORM, _CERTAINTY, _GROUND = map(_written, (FV.mentions, FV.form, FV.certainty, FV.ground))
_IN, _EDTF, _LABEL, _CREATED = map(_written, (FV.in_paragraph, FV.edtf, RDFS.label, DCTERMS.created))
_CREATOR, _SENDER, _RECIPIENT = map(_written, (DCTERMS.creator, FV.sender, FV.recipient))
_BY, _WITH, _TYPE, _SPAN = map(
    _written, (CRM.P14_carried_out_by, CRM.P11_had_participant, CRM.P2_has_type, CRM.P4_has_time_span)
)
_DOMAIN, _RANGE, _ROLE = map(_written, (CRM.P01_has_domain, CRM.P02_has_range, CRM.P14_1_in_the_role_of))
_ABOUT, _ASSIGNED, _OCCASION = map(
    _written, (CRM.P140_assigned_attribute_to, CRM.P141_assigned, CRM.P9i_forms_part_of)
)
_HOLDER, _NESTED, _REPORTER = map(_written, (FV.stance_holder, FV.nested_speaker, FV.reported_by))
_A, _STATEMENT = map(_written, (RDF.type, FV.ReportedStatement))
_TENURE = b"/vocab/type/tenure>"
_RECORD = b"/id/record/"
_WANTED = {
    GraphKind.STATEMENTS: frozenset(
        {_A, _ABOUT, _BY, _ASSIGNED, _OCCASION, _HOLDER, _NESTED, _REPORTER},
    )
}
_WANTED_OF_RECORDS = frozenset(
    {
        *(_MENTIONS, _FORM, _CERTAINTY, _GROUND, _IN, _EDTF, _LABEL, _CREATED, _CREATOR, _SENDER, _RECIPIENT),
        *(_BY, _WITH, _TYPE, _SPAN, _DOMAIN, _RANGE, _ROLE),
    }
)

_SAYS_FORM = b"> %b " % _FORM

Facts = dict[bytes, dict[bytes, list[bytes]]]
"""Values by property and subject, as they are written."""


class Row(msgspec.Struct, array_like=True, omit_defaults=True):
    """What one record has of one thing."""

    record: str
    created: str = ""
    places: int = 0
    doubtful: int = 0
    roles: list[str] = []
    first: list[Spot] = []
    forms: list[tuple[str, str, int, list[Spot]]] = []
    beside: list[tuple[str, int]] = []
    lists: int = 0
    offices: list[Office] = []
    participants: list[Participant] = []
    said: dict[str, list[str]] = {}


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Row).decode


@dataclass(slots=True)
class RecordGraphs:
    """Gathers the lines of each graph of a record, as they come in blocks, and hands them on as a whole.

    Attributes:
        take: Called with each graph of :data:`OF_RECORDS`.
    """

    take: Callable[[GraphKind, list[bytes]], None]
    _kind: GraphKind | None = None
    _reading: GraphKind | None = None
    _lines: list[bytes] = field(default_factory=list)

    def begin(self, kind: GraphKind | None) -> None:
        """Note that a graph of a kind begins, None at the end; the words of a record follow its own graph."""
        self._reading = kind
        if kind is GraphKind.TEXT and self._kind is GraphKind.RECORD:
            return
        if self._kind is not None and self._lines:
            self.take(self._kind, self._lines)
        self._kind = kind if kind in OF_RECORDS else None
        self._lines = []

    def add(self, lines: list[bytes]) -> None:
        """Take lines of the graph that began."""
        if self._kind is None:
            return
        if self._reading is GraphKind.TEXT:
            lines = [line for line in lines if _SAYS_FORM in line]
        self._lines += lines


def rows_of(kind: GraphKind, lines: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the things that occur in a graph of a record, as they are written, each with one line of what the graph has of it.

    Args:
        kind: Of the graph: one of :data:`OF_RECORDS`.
        lines: All lines of the graph, N-Quads; of a record's own graph with the words of its mentions behind them.
    """
    facts, graph = _facts(lines, _WANTED.get(kind, _WANTED_OF_RECORDS))
    rows = _Rows(facts)
    if kind is GraphKind.STATEMENTS:
        _note_statements(facts, rows)
    else:
        _note_mentions(facts, rows)
        _note_parts(facts, rows, graph)
    for thing, row in rows.found.items():
        yield thing, _encode(row)


def _facts(lines: Iterable[bytes], wanted: frozenset[bytes]) -> tuple[Facts, str]:
    facts: Facts = {each: {} for each in wanted}
    graph = ""
    for line in lines:
        graph = graph or line[line.rindex(b" <") + 2 : -4].decode()
        subject, predicate, rest = line.split(b" ", 2)
        if predicate in facts:
            facts[predicate].setdefault(subject, []).append(rest[: rest.rindex(b" <")])
    return facts, graph


@dataclass(slots=True)
class _Rows:
    """The rows of one record, by thing."""

    facts: Facts
    found: dict[bytes, Row] = field(default_factory=dict)
    _created: dict[bytes, str] = field(default_factory=dict)

    def of(self, thing: bytes, within: bytes) -> Row | None:
        """Return the row of a thing; None where what speaks of it is no part of a record.

        Args:
            thing: As it is written.
            within: A part of the record.
        """
        row = self.found.get(thing)
        if row is None and _RECORD in within:
            record = _whole(within)
            if record not in self._created:
                created = self.facts.get(_CREATED, {}).get(record, [b""])
                self._created[record] = created[0].decode()
            row = self.found[thing] = Row(record[1:-1].decode(), self._created[record])
        return row


def _whole(part: bytes) -> bytes:
    """Return the record of which something is a part, or which it is.

    >>> _whole(b"<https://a.example/id/record/x/p1>"), _whole(b"<https://a.example/id/record/x>")
    (b'<https://a.example/id/record/x>', b'<https://a.example/id/record/x>')
    """
    place = part.index(_RECORD) + len(_RECORD)
    end = part.find(b"/", place)
    return part if end < 0 else part[:end] + b">"


def _iri(term: bytes) -> str:
    return term[1:-1].decode()


def _value(term: bytes) -> str:
    return term[1 : term.rindex(b'"')].decode()


# ------------------------------------------------------------------------------------------------ mentions


def _note_mentions(facts: Facts, rows: _Rows) -> None:
    blocks: dict[bytes, set[bytes]] = defaultdict(set)
    named: dict[bytes, dict[tuple[str, str], list[Spot]]] = {}
    for mention, things in facts[_MENTIONS].items():
        certainty = _value(facts[_CERTAINTY].get(mention, [b'""'])[0])
        form = facts[_FORM].get(mention, [b""])[0].decode()
        block = facts[_IN].get(mention, [b""])[0]
        spot = Spot(_last(mention), _last(block))
        for thing in things:
            row = rows.of(thing, mention)
            if row is None:
                continue
            row.places += 1
            row.doubtful += bool(certainty)
            named.setdefault(thing, {}).setdefault((form, certainty), []).append(spot)
            if block:
                blocks[block].add(thing)
    for thing, forms in named.items():
        row = rows.found[thing]
        row.forms = [(*form, len(spots), _first(spots, _MOST_SPOTS_OF_FORM)) for form, spots in forms.items()]
        row.first = _first((each for spots in forms.values() for each in spots), _MOST_SPOTS_OF_RECORD)
    _note_beside(blocks.values(), rows)


def _last(part: bytes) -> str:
    return part[part.rfind(b"/") + 1 : -1].decode()


def _first(spots: Iterable[Spot], most: int) -> list[Spot]:
    """Return the first of some places in the order of the text: mentions are numbered, so a shorter name comes first."""
    return heapq.nsmallest(most, spots, key=lambda each: _numbered(each.mention))


def _note_beside(blocks: Iterable[set[bytes]], rows: _Rows) -> None:
    pairs: dict[bytes, Counter[bytes]] = defaultdict(Counter)
    for things in blocks:
        if len(things) > _MOST_IN_PARAGRAPH:
            for thing in things:
                rows.found[thing].lists += 1
        elif len(things) > 1:
            for thing in things:
                pairs[thing].update(things)
    for thing, others in pairs.items():
        del others[thing]
        rows.found[thing].beside = [(_iri(other), number) for other, number in others.items()]


# ------------------------------------------------------------------------------------------------ parts, offices


def _note_parts(facts: Facts, rows: _Rows, graph: str) -> None:
    """Note who has a part in the record or in what it tells of, and which offices it attests."""
    tenures = {it for it, types in facts[_TYPE].items() if any(each.endswith(_TENURE) for each in types)}
    roles: dict[bytes, dict[bytes, list[bytes]]] = defaultdict(dict)
    """By event and actor."""
    for part, events in facts[_DOMAIN].items():
        in_roles = facts[_ROLE].get(part, ())
        for actor in facts[_RANGE].get(part, ()):
            for event in events:
                roles[event].setdefault(actor, []).extend(in_roles)
                if event not in tenures:
                    _note_roles(rows, actor, part, in_roles)
                    _note_participant(rows, event, part, actor, in_roles, graph)
    for property_ in (_CREATOR, _SENDER, _RECIPIENT):
        for subject, actors in facts[property_].items():
            for actor in actors:
                _note_roles(rows, actor, subject, [property_])
    for property_ in (_BY, _WITH):
        for event, actors in facts[property_].items():
            for actor in actors:
                row = rows.of(actor, event)
                if event not in tenures and row is not None and not row.roles:
                    row.roles.append(_iri(property_))
    for event in tenures:
        _note_office(facts, rows, event, roles[event], graph)


def _note_roles(rows: _Rows, actor: bytes, part: bytes, roles: Iterable[bytes]) -> None:
    if (row := rows.of(actor, part)) is not None:
        row.roles.extend(role for each in roles if (role := _iri(each)) not in row.roles)


def _note_participant(
    rows: _Rows, event: bytes, part: bytes, actor: bytes, roles: Iterable[bytes], graph: str
) -> None:
    # What is a part of the record (its writing, its translation) has no page of that kind.
    if _RECORD not in event and (row := rows.of(event, part)) is not None:
        row.participants.append(Participant(_iri(actor), tuple(map(_iri, roles)), graph))


def _note_office(
    facts: Facts, rows: _Rows, event: bytes, roles: dict[bytes, list[bytes]], graph: str
) -> None:
    span = next(iter(facts[_SPAN].get(event, ())), b"")
    when = next(iter(facts[_EDTF].get(span) or facts[_LABEL].get(span) or ()), b"")
    holders, groups = facts[_BY].get(event, []), facts[_WITH].get(event, [])
    for holder in holders:
        office = Office(
            _iri(event),
            graph,
            _iri(holder),
            tuple(map(_iri, roles.get(holder, ()))),
            tuple(map(_iri, groups)),
            when.decode(),
            _value(facts[_CERTAINTY].get(event, [b'""'])[0]),
            facts[_GROUND].get(event, [b""])[0].decode(),
        )
        for thing in (holder, *groups):
            if (row := rows.of(thing, event)) is not None:
                row.offices.append(office)


# ------------------------------------------------------------------------------------------------ statements


def _note_statements(facts: Facts, rows: _Rows) -> None:
    """Note how many reported statements are in which connection with a thing; see :class:`Occurrences`."""
    statements = {it for it, types in facts[_A].items() if _STATEMENT in types}
    for property_, role in (
        (_ABOUT, "about"),
        (_BY, "by"),
        (_NESTED, "nested"),
        (_OCCASION, "there"),
        (_REPORTER, "reports"),
    ):
        for statement in statements:
            for thing in facts[property_].get(statement, ()):
                # Whoever speaks in a letter of their own reports nobody else.
                if role != "reports" or thing not in facts[_BY].get(statement, ()):
                    _note_said(rows, thing, statement, role)
    for statement in statements:
        speakers = facts[_BY].get(statement, ())
        holders = {
            holder
            for content in facts[_ASSIGNED].get(statement, ())
            for holder in facts[_HOLDER].get(content, ())
        }
        for holder in holders.difference(speakers):
            _note_said(rows, holder, statement, "for")


def _note_said(rows: _Rows, thing: bytes, statement: bytes, role: str) -> None:
    if (row := rows.of(thing, statement)) is not None:
        row.said.setdefault(role, []).append(_iri(statement))


# ------------------------------------------------------------------------------------------------ all records


def counted(lines: Iterable[bytes]) -> bytes:
    """Return what all records have of one thing, encoded (:class:`~fonds.descriptions.occurrences.Occurrences`).

    Args:
        lines: Rows, sorted: those of one record follow each other.
    """
    sums: Counter[str] = Counter()
    said: Counter[str] = Counter()
    statements: dict[str, list[str]] = {}
    forms: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], list[tuple[str, Spot]]] = {}
    beside: Counter[str] = Counter()
    offices: list[Office] = []
    participants: list[Participant] = []

    def in_records() -> Iterator[InRecord]:
        for record, rows in groupby(map(_decode, lines), key=lambda row: row.record):
            created, places = "", 0
            spots: list[Spot] = []
            roles: dict[str, None] = {}
            for row in rows:
                created = created or row.created
                places += row.places
                roles.update(dict.fromkeys(row.roles))
                sums.update(doubtful=row.doubtful, lists=row.lists)
                for role, told in row.said.items():
                    said[role] += len(told)
                    listed = statements.setdefault(role, [])
                    listed += sorted(told, key=_numbered)[: MOST_STATEMENTS - len(listed)]
                spots += row.first
                for term, certainty, number, here in row.forms:
                    forms[term, certainty] += number
                    shown = first.setdefault((term, certainty), [])
                    shown += [(record, each) for each in here[: _MOST_SPOTS_OF_FORM - len(shown)]]
                beside.update(dict(row.beside))
                offices.extend(row.offices)
                participants.extend(row.participants)
            sums.update(places=places, documents=bool(places or roles))
            if places or roles:
                yield InRecord(record, created, places, tuple(roles), tuple(spots))

    most = heapq.nlargest(
        MOST_RECORDS, in_records(), key=lambda each: (bool(each.roles), each.places, each.record)
    )
    offices.sort(key=lambda each: (each.when, each.event))
    return _encode_counted(
        Occurrences(
            sums["places"],
            sums["documents"],
            sums["doubtful"],
            tuple(most),
            len(forms),
            tuple(
                Form(*form, number, tuple(first[form]))
                for form, number in heapq.nsmallest(MOST_FORMS, forms.items(), key=_most_first)
            ),
            len(beside),
            tuple(Beside(*each) for each in heapq.nsmallest(MOST_BESIDE, beside.items(), key=_most_first)),
            sums["lists"],
            len(offices),
            tuple(offices[:MOST_OFFICES]),
            len(participants),
            tuple(participants[:MOST_PARTICIPANTS]),
            dict(said),
            {role: tuple(each) for role, each in statements.items()},
        )
    )


def _numbered(name: str) -> tuple[int, str]:
    return len(name), name


_encode_counted = msgspec.msgpack.Encoder().encode


def _most_first(counted_: tuple[object, int]) -> tuple[int, object]:
    return -counted_[1], counted_[0]
