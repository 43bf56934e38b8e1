"""The closure as a stream: sorted lines of the public graphs in, sorted lines of what follows from them out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final, Protocol

from fonds.inference.joins import Joins
from fonds.inference.rules import P01, P02, P81A, P81B, P82A, P82B, TYPE, Plan, Rules, between, node
from fonds.vocabulary import FV, XSD

_BATCH_LINES: Final = 50_000
_ASSERTED: Final = b"\0\n"
"""Ends a line that is asserted: it sorts right before the same line without the mark, which ends in a line feed only."""

_DAY: Final = re.compile(rb'"(-?\d{4,}-\d\d-\d\d)')
_EARLIEST, _LATEST, _YEAR = between(FV.earliest.value), between(FV.latest.value), between(FV.year.value)
_DATE, _GYEAR = node(XSD.date.value), node(XSD.gYear.value)
_OPENS: Final = ord("<")
_NO_PLAN: Final = Plan((), (), (), False, False)


class Sorter(Protocol):
    """Sorts more lines than memory holds."""

    def extend(self, lines: Sequence[bytes]) -> None:
        """Take lines, each with its line feed at the end."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield the different lines in the order of their bytes."""
        ...

    def clear(self) -> None:
        """Let go of what it holds."""


def infer(
    blocks: Iterable[Sequence[bytes]], rules: Rules, in_use: Collection[bytes], sorter: Sorter
) -> Iterator[bytes]:
    """Yield what follows from triples and is not among them, as sorted lines of N-Triples without repeats.

    Memory holds one block, and of the dataset only the relations that rules 4 and 7 join (see ``joins``).

    Args:
        blocks: The triples as lines of canonical N-Triples, those of one subject in one graph side by side; a block may
            end anywhere between two lines. Only what is public: nothing else is ever looked at.
        rules: Of the publication and the level wanted.
        in_use: Every property and class of the triples, as N-Triples.
        sorter: An empty one; it is cleared at the end.
    """
    if rules.level == "none":
        return
    joins = Joins(rules)
    stream = _Stream(rules, in_use, joins, sorter)
    for block in blocks:
        stream.read(block)
    stream.end()
    for batch in _batches(joins.lines()):
        sorter.extend(batch)
    yield from _new(sorter)
    sorter.clear()


def _batches(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for line in lines:
        batch.append(line)
        if len(batch) == _BATCH_LINES:
            yield batch
            batch = []
    yield batch


def _new(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Leave out what is asserted."""
    asserted = b""
    for line in lines:
        if line.endswith(_ASSERTED):
            asserted = line[:-2] + b"\n"
        elif line != asserted:
            yield line


class _Stream:
    """The rules that look at one triple, or at one subject of one graph: 1, 2, 3, 5 and 6."""

    def __init__(self, rules: Rules, in_use: Collection[bytes], joins: Joins, sorter: Sorter) -> None:
        self._rules = rules
        self._plans = rules.plans(in_use)
        self._contested = rules.contested_classes(in_use)
        self._types: dict[tuple[bytes, ...], tuple[bytes, ...]] = {}
        self._joins = joins
        self._sorter = sorter
        self._subject = b""
        self._classes: list[bytes] = []
        self._held: list[tuple[bytes, bytes]] = []
        self._out: list[bytes] = []

    def read(self, block: Sequence[bytes]) -> None:
        """Take lines; what depends on a whole subject is kept until the next one begins."""
        plans, classes, out = self._plans, self._classes, self._out
        subject = self._subject
        for line in block:
            s, p, rest = line.split(b" ", 2)
            if s != subject:
                if classes or self._held:
                    self._end_subject()
                self._subject = subject = s
            if p == TYPE:
                class_ = rest[:-3]
                classes.append(class_)
                if class_ in self._contested:
                    out.append(line[:-1] + _ASSERTED)
            elif plan := plans.get(p):
                for way in plan.forward:
                    out.append(s + way + rest)
                if plan.contested:
                    out.append(line[:-1] + _ASSERTED)
                if plan.held:
                    self._held.append((p, rest[:-3]))
                # A literal is no subject, nor is a triple term of RDF 1.2, `<<( … )>>`.
                if rest[0] == _OPENS and rest[1] != _OPENS:
                    self._link(plan, s, rest[:-3])
        if len(out) >= _BATCH_LINES:
            self._hand_over()

    def _link(self, plan: Plan, subject: bytes, object: bytes) -> None:
        """Follow a triple between two resources."""
        for way in plan.backward:
            self._out.append(object + way + subject + b" .\n")
        if plan.roles:
            self._joins.add(plan.roles, subject, object)

    def end(self) -> None:
        """Finish the last subject and hand over what is left."""
        self._end_subject()
        self._hand_over()

    def _hand_over(self) -> None:
        self._sorter.extend(self._out)
        self._out.clear()

    def _end_subject(self) -> None:
        subject, classes = self._subject, self._classes
        if classes:
            key = tuple(classes)
            ends = self._types.get(key)
            if ends is None:
                ends = self._types[key] = self._rules.types(key)
            self._out += [subject + end for end in ends]
            self._joins.add_types(key, subject)
        if self._held:
            self._add_property(classes)
            self._add_bounds(subject)
            self._held.clear()
        classes.clear()

    def _add_property(self, classes: Sequence[bytes]) -> None:
        """Rule 5: a node that stands for a property, with its two ends, has that property hold between them."""
        for class_ in classes:
            plain = self._rules.by_property_class.get(class_)
            if plain is None:
                continue
            forward, backward = self._rules.ends(plain)
            roles = self._plans.get(node(plain), _NO_PLAN).roles
            for domain in self._values(P01):
                for range_ in self._values(P02):
                    self._out += [domain + way + range_ + b" .\n" for way in forward]
                    self._out += [range_ + way + domain + b" .\n" for way in backward]
                    self._joins.add(roles, domain, range_)

    def _values(self, *properties: bytes) -> list[bytes]:
        return [value for each, value in self._held if each in properties]

    def _add_bounds(self, subject: bytes) -> None:
        """Rule 6: the first and the last day, and the year where they lie in the same."""
        begin = _days(self._values(P82A) or self._values(P81A))
        end = _days(self._values(P82B) or self._values(P81B))
        ends = [_EARLIEST + _typed(day, _DATE) for day in begin] + [
            _LATEST + _typed(day, _DATE) for day in end
        ]
        years = {day[:-6] for day in (*begin, *end)}
        if begin and end and len(years) == 1:
            ends += [_YEAR + _typed(year, _GYEAR) for year in years]
        if ends:
            self._out += [subject + each for each in ends]
            self._joins.add_bounds(subject, tuple(ends))


def _days(values: Iterable[bytes]) -> list[bytes]:
    """Return the days of ``xsd:dateTime`` and ``xsd:date`` literals, as they are written: a zone is not converted."""
    return [found[1] for value in values if (found := _DAY.match(value))]


def _typed(value: bytes, datatype: bytes) -> bytes:
    return b'"' + value + b'"^^' + datatype + b" .\n"
