"""What lies in a period of time, counted and thing by thing, out of the chronology of a release."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from fonds.days import numbered, ordinal
from fonds.descriptions.chronology import DATED, Bounds, Chronology, Dated, Span, Year, bounds_of, year_of
from fonds.drawing.periods import Part, Unit, unit_for
from fonds.drawing.timeline import Period
from fonds.web.times import around


@dataclass(slots=True)
class Shown:
    """What lies in a period."""

    period: Period
    unit: Unit
    within: dict[int, list[int]] = field(default_factory=dict)
    """Numbers of records and events by the first day of the part in which they certainly lie."""
    wider: list[Span] = field(default_factory=list)
    """What belongs to no one part."""

    def add(self, span: Span) -> None:
        """Count what has certain bounds, if they touch the period."""
        first, last = in_order(span.first, span.last)
        if last < self.period.first or first > self.period.last or not span.number:
            return
        if span.first is not None and span.last is not None:
            part = self.unit.part(span.first)
            if span.last <= part.last:
                self.count(part, span.records, span.events)
                return
        self.wider.append(span)

    def count(self, part: Part, records: int, events: int) -> None:
        """Count what certainly lies in a part."""
        numbers = self.within.setdefault(part.first, [0, 0])
        numbers[0] += records
        numbers[1] += events

    @property
    def number(self) -> int:
        """How many things."""
        return sum(map(sum, self.within.values())) + sum(span.number for span in self.wider)


def in_order(first: int | None, last: int | None) -> tuple[float, float]:
    """Return bounds as numbers that sort: an open end lies before, or behind, every day."""
    return (float("-inf") if first is None else first), (float("inf") if last is None else last)


def extent_of(chronology: Chronology) -> tuple[int, int] | None:
    """Return the first and the last day of anything; of all years in which something is, if there is any."""
    whole = chronology.whole
    if whole.years:
        return ordinal((whole.years[0].year, 1, 1)), ordinal((whole.years[-1].year, 12, 31))
    days = [day for span in whole.wider for day in (span.first, span.last) if day is not None]
    return (min(days), max(days)) if days else None


def lying_in(chronology: Chronology, first: int, last: int, kind: str) -> Shown:
    """Count what lies in a period.

    Args:
        chronology: Of the release.
        first: A day of the first part of the period.
        last: A day of the last one.
        kind: ``record`` or ``event``; empty for both.
    """
    unit = unit_for(first, last)
    shown = Shown(Period(unit.part(first).first, unit.part(last).last), unit)
    for each in _years(chronology, shown.period):
        if unit.name == "year":
            records, events = of_kind(kind, each.records, each.events)
            if records + events:
                shown.count(unit.part(ordinal((each.year, 1, 1))), records, events)
        else:
            for span in chronology.spans(each.year):
                shown.add(_filtered(span, kind))
    for span in chronology.whole.wider:
        shown.add(_filtered(span, kind))
    return shown


def _years(chronology: Chronology, period: Period) -> Iterator[Year]:
    first, last = numbered(period.first)[0], numbered(period.last)[0]
    return (each for each in chronology.whole.years if first <= each.year <= last)


def closer(chronology: Chronology, shown: Shown, kind: str) -> Shown:
    """Return the same in no longer a period than it needs."""
    days = [
        day
        for _, bounds in things_in(chronology, shown.period, kind)
        for day in bounds
        if day is not None and shown.period.first <= day <= shown.period.last
    ]
    if not days:
        return shown
    period = around(days)
    return lying_in(chronology, period.first, period.last, kind)


def of_kind(kind: str, records: int, events: int) -> tuple[int, int]:
    """Return numbers of records and events, 0 for the kind that is not asked for."""
    return (0 if kind == DATED[1] else records), (0 if kind == DATED[0] else events)


def _filtered(span: Span, kind: str) -> Span:
    """Return a span without things of kinds that are not asked for; ``start`` is where the others stand."""
    records, events = of_kind(kind, span.records, span.events)
    start = span.start + (span.records if records == 0 else 0)
    return Span(span.first, span.last, records, events, start)


def things_in(chronology: Chronology, period: Period, kind: str) -> Iterator[tuple[Dated, Bounds]]:
    """Yield the things of a period with their bounds."""
    for year in _years(chronology, period):
        for span in chronology.spans(year.year):
            yield from _things_of(chronology, year.year, _filtered(span, kind), period)
    for span in chronology.whole.wider:
        yield from _things_of(chronology, None, _filtered(span, kind), period)


def _things_of(
    chronology: Chronology, year: int | None, span: Span, period: Period
) -> Iterator[tuple[Dated, Bounds]]:
    first, last = in_order(span.first, span.last)
    if not span.number or last < period.first or first > period.last:
        return
    for each in chronology.things(year, span.start, span.start + span.number):
        yield each, bounds_of(each.edtf) or (None, None)


def having(chronology: Chronology, bounds: Bounds, kind: str) -> tuple[int | None, Span]:
    """Return what has certain bounds, and in which year it is stored."""
    year = year_of(bounds)
    spans = chronology.whole.wider if year is None else chronology.spans(year)
    found = next((each for each in spans if (each.first, each.last) == bounds), Span(*bounds, 0, 0, 0))
    return year, _filtered(found, kind)
