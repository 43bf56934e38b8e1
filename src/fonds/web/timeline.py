"""The timeline: what was when, drawn and as a table; years, then months, then days, until there is little enough to tell it all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from fonds.dates import spelled_date
from fonds.days import numbered, ordinal
from fonds.descriptions.chronology import (
    DATED,
    PAGE_LENGTH,
    Bounds,
    Chronology,
    Dated,
    Span,
    Year,
    bounds_of,
    year_of,
)
from fonds.drawing.periods import DAY, MONTH, Part, Unit, iso, unit_for
from fonds.drawing.timeline import MOST_BARS, MOST_ENTRIES, Column, Entry, Period, draw_columns, draw_entries
from fonds.web.answers import Answer, Exchange
from fonds.web.drawn import Named, as_csv, as_drawing, on_page, root_of
from fonds.web.listings import page_answer, page_number
from fonds.web.paging import pages
from fonds.web.problems import Choice, Problem
from fonds.web.requests import one_of_each
from fonds.web.site import Site
from fonds.web.values import direction_of
from fonds.web.wording import counted, grouped

_PARAMETERS = ("from", "to", "kind", "span", "page")
_COLUMNS = ("identifier", "title", "kind", "date", "earliest", "latest")
_MOST_ROWS = 10_000
_MOST_WIDER = 100
"""Bounds that are listed, those of most things first, of what belongs to no one part."""
_A_YEAR = 400
_YEAR = Unit("year")
_OPEN = ".."


@dataclass(frozen=True, slots=True)
class Line(Named):
    """One thing as the table has it.

    Attributes:
        kind: What things of its kind are called.
        when: When it was, for people.
        bounds: Within which days that lies, where that says more.
    """

    kind: str = ""
    when: str = ""
    bounds: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """How much was in a part of time, or has certain bounds.

    Attributes:
        label: The part, or the bounds, in words.
        records: How many records.
        events: How many events.
        href: Where these are shown, relative to the root.
    """

    label: str
    records: int
    events: int
    href: str


@dataclass(slots=True)
class _Shown:
    """What lies in a period."""

    period: Period
    unit: Unit
    within: dict[int, list[int]] = field(default_factory=dict)
    """Numbers of records and events by the first day of the part in which they certainly lie."""
    wider: list[Span] = field(default_factory=list)
    """What belongs to no one part."""

    def add(self, span: Span) -> None:
        """Count what has certain bounds, if they touch the period."""
        first, last = _open(span.first, span.last)
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


def _open(first: int | None, last: int | None) -> tuple[float, float]:
    return (float("-inf") if first is None else first), (float("inf") if last is None else last)


# ------------------------------------------------------------------------------------------------ views


def timeline(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/timeline?from=…&to=…&kind=…``, and ``/timeline?span=…&page=…``: the things of the same bounds.

    Raises:
        Problem: A parameter is not understood; nothing has such bounds.
    """
    chronology, given = _asked(site, exchange)
    if "span" in given:
        return _of_span(site, exchange, chronology, given)
    shown = _shown(chronology, given)
    if shown is None:
        return page_answer(site, exchange, "timeline.html", shown=None, canonical="timeline")
    drawn, values = _drawn(site, chronology, shown, given, root_of(exchange))
    begin, end = _limits(shown.period)
    return page_answer(
        site,
        exchange,
        "timeline.html",
        shown=shown,
        total=shown.number,
        drawing=on_page(drawn),
        given=dict.fromkeys(_PARAMETERS, "") | given,
        begin=given.get("from") or begin,
        end=given.get("to") or end,
        heading=_within(shown.period.first, shown.period.last),
        trail=_trail(shown.period, given),
        beside=_beside(shown.period, given),
        undated=_undated(chronology, given),
        csv=f"timeline.csv{_query(given)}" if shown.number <= _MOST_ROWS else "",
        svg=f"timeline.svg{_query(given)}",
        canonical=_address(given),
        **values,
    )


def timeline_csv(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/timeline.csv?…``: all things of a period with their bounds.

    Raises:
        Problem: There are more than so many; they are not cut.
    """
    chronology, given = _asked(site, exchange)
    shown = _shown(chronology, given)
    if shown and shown.number > _MOST_ROWS:
        choices = (Choice(_address(given), "The timeline"), Choice("dataset#dumps", "All data as files"))
        raise Problem(
            400,
            f"There is more than can be had at once: a table has up to {grouped(_MOST_ROWS)} rows. "
            "Ask for less time (from, to), or take all of the data.",
            choices,
        )
    things = _things(chronology, shown, given) if shown else ()
    rows = ((each.iri, each.title, each.kind, each.edtf, *map(_day, bounds)) for each, bounds in things)
    return as_csv(exchange, "timeline", _COLUMNS, rows)


def timeline_svg(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/timeline.svg?…``: the drawing alone.

    Raises:
        Problem: 404, nothing has a date.
    """
    chronology, given = _asked(site, exchange)
    shown = _shown(chronology, given)
    if shown is None:
        raise Problem(404, "Nothing here has a date, so there is no timeline.", (Choice("", "Home"),))
    return as_drawing(exchange, _drawn(site, chronology, shown, given, site.base)[0])


def _asked(site: Site, exchange: Exchange) -> tuple[Chronology, dict[str, str]]:
    if site.chronology is None:
        what = (
            "This release was made before there was a timeline; build it again."
            if site.is_publication
            else "There is no timeline of this dataset: only publications of an archive have one."
        )
        raise Problem(404, what, (Choice("browse", "Lists"), Choice("sparql", "SPARQL")))
    given = {
        name: value.strip()
        for name, value in one_of_each(exchange.query, _PARAMETERS).items()
        if value.strip()
    }
    if given.get("kind", DATED[0]) not in DATED:
        raise Problem(400, f"kind: found “{given['kind'][:20]}”, expected {DATED[0]} or {DATED[1]}.")
    return site.chronology, given


# ------------------------------------------------------------------------------------------------ what lies in a period


def _shown(chronology: Chronology, given: Mapping[str, str]) -> _Shown | None:
    """Return what lies in the period that is asked for, None where nothing has a date.

    Raises:
        Problem: 400, its ends are no dates, or end before they begin.
    """
    extent = _extent(chronology)
    first, last = (_end(given, "from", extent), _end(given, "to", extent))
    if first is None or last is None:
        return None
    if first > last:
        raise Problem(
            400,
            f"That is no time: it would begin on {_spelled(first)} and end before that, on {_spelled(last)}.",
        )
    unit = unit_for(first, last)
    shown = _Shown(Period(unit.part(first).first, unit.part(last).last), unit)
    _count(chronology, shown, given)
    if shown.number <= MOST_ENTRIES and not {"from", "to"} & given.keys():
        return _closer(chronology, shown, given)
    return shown


def _extent(chronology: Chronology) -> tuple[int, int] | None:
    """Return the first and the last day of anything; of all years in which something is, if there is any."""
    whole = chronology.whole
    if whole.years:
        return ordinal((whole.years[0].year, 1, 1)), ordinal((whole.years[-1].year, 12, 31))
    days = [day for span in whole.wider for day in (span.first, span.last) if day is not None]
    return (min(days), max(days)) if days else None


def _end(given: Mapping[str, str], name: str, extent: tuple[int, int] | None) -> int | None:
    if name not in given:
        return extent[name == "to"] if extent else None
    bounds = bounds_of(given[name]) or (None, None)
    if (day := bounds[name == "to"]) is None:
        raise Problem(400, f"{name}: “{given[name][:40]}” is not a date; write 1964, 1964-10 or 1964-10-27.")
    return day


def _count(chronology: Chronology, shown: _Shown, given: Mapping[str, str]) -> None:
    for each in _years(chronology, shown.period):
        if shown.unit.name == "year":
            records, events = _of_kind(given, each.records, each.events)
            if records + events:
                shown.count(shown.unit.part(ordinal((each.year, 1, 1))), records, events)
        else:
            for span in chronology.spans(each.year):
                shown.add(_filtered(span, given))
    for span in chronology.whole.wider:
        shown.add(_filtered(span, given))


def _years(chronology: Chronology, period: Period) -> Iterator[Year]:
    first, last = numbered(period.first)[0], numbered(period.last)[0]
    return (each for each in chronology.whole.years if first <= each.year <= last)


def _closer(chronology: Chronology, shown: _Shown, given: Mapping[str, str]) -> _Shown:
    """Return the same in no longer a period than it needs."""
    days = [
        day
        for _, bounds in _things(chronology, shown, given)
        for day in bounds
        if day is not None and shown.period.first <= day <= shown.period.last
    ]
    if not days:
        return shown
    rounded = MONTH if max(days) - min(days) < _A_YEAR else _YEAR
    first, last = rounded.part(min(days)).first, rounded.part(max(days)).last
    closer = _Shown(Period(first, last), unit_for(first, last))
    _count(chronology, closer, given)
    return closer


def _of_kind(given: Mapping[str, str], records: int, events: int) -> tuple[int, int]:
    kind = given.get("kind")
    return (0 if kind == DATED[1] else records), (0 if kind == DATED[0] else events)


def _filtered(span: Span, given: Mapping[str, str]) -> Span:
    """Return a span without things of kinds that are not asked for; ``start`` is where the others stand."""
    records, events = _of_kind(given, span.records, span.events)
    start = span.start + (span.records if records == 0 else 0)
    return Span(span.first, span.last, records, events, start)


def _things(
    chronology: Chronology, shown: _Shown, given: Mapping[str, str]
) -> Iterator[tuple[Dated, Bounds]]:
    """Yield the things of a period with their bounds."""
    period = shown.period
    for year in _years(chronology, period):
        for span in chronology.spans(year.year):
            yield from _things_of(chronology, year.year, _filtered(span, given), period)
    for span in chronology.whole.wider:
        yield from _things_of(chronology, None, _filtered(span, given), period)


def _things_of(
    chronology: Chronology, year: int | None, span: Span, period: Period
) -> Iterator[tuple[Dated, Bounds]]:
    first, last = _open(span.first, span.last)
    if not span.number or last < period.first or first > period.last:
        return
    for each in chronology.things(year, span.start, span.start + span.number):
        yield each, bounds_of(each.edtf) or (None, None)


# ------------------------------------------------------------------------------------------------ drawing, table


def _drawn(
    site: Site, chronology: Chronology, shown: _Shown, given: Mapping[str, str], root: str
) -> tuple[str, dict[str, Any]]:
    """Return a drawing, and what tables beside it have."""
    what = f"{_sum(shown)} {_within(shown.period.first, shown.period.last)}"
    if shown.number <= MOST_ENTRIES:
        things = sorted(_things(chronology, shown, given), key=lambda each: (_open(*each[1]), each[0].title))
        entries = [_entry(site, each, bounds, root) for each, bounds in things]
        lines = [_line(site, each, bounds) for each, bounds in things]
        return draw_entries(shown.period, entries, f"{what}, each by itself"), {"lines": lines}
    rows = list(_rows(shown, given))
    wider = sorted(shown.wider, key=lambda each: (-each.number, _open(each.first, each.last)))
    rows_of_wider = [_row_of_span(span, given) for span in wider[:_MOST_WIDER]]
    columns = [
        Column(
            part,
            row.records,
            row.events,
            f"{row.label}: {_summed(row.records, row.events)}",
            root + row.href,
            grouped(row.records + row.events),
        )
        for part, row in rows
    ]
    bars = [
        Entry(
            span.first,
            span.last,
            f"{row.label}: {_counted(span.records, span.events)}",
            f"{row.label}: {_counted(span.records, span.events)}",
            root + row.href,
            "several",
            certain=False,
        )
        for span, row in zip(wider[:MOST_BARS], rows_of_wider, strict=False)
    ]
    bars.sort(key=lambda each: _open(each.first, each.last))
    rest = wider[_MOST_WIDER:]
    return draw_columns(shown.period, columns, bars, f"{what}, by {shown.unit.label}"), {
        "rows": [row for _, row in rows if row.records or row.events],
        "wider": rows_of_wider,
        "more": (len(rest), sum(span.number for span in rest)),
        "bars_left_out": max(0, len(wider) - MOST_BARS),
        "unit": shown.unit,
    }


def _rows(shown: _Shown, given: Mapping[str, str]) -> Iterator[tuple[Part, Row]]:
    for part in shown.unit.parts(shown.period.first, shown.period.last):
        records, events = shown.within.get(part.first, (0, 0))
        if part.first == shown.period.first and part.last == shown.period.last:
            # There is nothing smaller to go to than the list.
            href = _address({"span": _span(part.first, part.last), "kind": given.get("kind", "")})
        else:
            href = _address({**given, "from": part.begin, "to": part.end})
        yield part, Row(part.label, records, events, href)


def _row_of_span(span: Span, given: Mapping[str, str]) -> Row:
    href = _address({"span": _span(span.first, span.last), "kind": given.get("kind", "")})
    return Row(_between(span.first, span.last), span.records, span.events, href)


def _entry(site: Site, it: Dated, bounds: Bounds, root: str) -> Entry:
    name = f"{it.title}: {counted(it.kind, 1)}, {spelled_date(it.edtf)}"
    return Entry(
        *bounds,
        it.title,
        name,
        root + site.addresses.of_iri(it.iri),
        it.kind,
        _is_certain(it.edtf, bounds),
        it.language,
    )


def _is_certain(edtf: str, bounds: Bounds) -> bool:
    """Tell whether a date says when something was: a day, or from one day to another, without doubt.

    >>> _is_certain("1964-10-16", (1, 1)), _is_certain("1964-10", (1, 31)), _is_certain("1964-10-16~", (1, 1))
    (True, False, False)
    """
    if any(mark in edtf for mark in "?~%[{X"):
        return False
    return bounds[0] == bounds[1] or all(len(each) >= 10 for each in edtf.split("/"))


def _line(site: Site, it: Dated, bounds: Bounds) -> Line:
    when = spelled_date(it.edtf)
    between = _between(*bounds)
    return Line(
        it.title,
        site.addresses.of_iri(it.iri),
        it.language,
        direction_of(it.title),
        counted(it.kind, 1),
        when,
        between if between != when else "",
    )


# ------------------------------------------------------------------------------------------------ the things of one span


def _of_span(site: Site, exchange: Exchange, chronology: Chronology, given: dict[str, str]) -> Answer:
    page = page_number(given)
    bounds = _bounds(given["span"])
    year, span = _find(chronology, bounds, given)
    begin = span.start + (page - 1) * PAGE_LENGTH
    things = list(chronology.things(year, begin, min(begin + PAGE_LENGTH, span.start + span.number)))
    if not things:
        raise Problem(
            404, "There is nothing here that can mean just these days.", (Choice("timeline", "The timeline"),)
        )
    kept = {name: given[name] for name in ("span", "kind") if name in given}
    return page_answer(
        site,
        exchange,
        "timeline-list.html",
        heading=_between(*bounds),
        lines=[_line(site, each, bounds_of(each.edtf) or (None, None)) for each in things],
        pages=pages("timeline", page, span.number, PAGE_LENGTH, **kept),
        around=_around(bounds),
        canonical=_address(given),
    )


def _bounds(text: str) -> Bounds:
    first, _, last = text.partition("/")
    try:
        return _exact(first), _exact(last)
    except ValueError:
        raise Problem(
            400,
            f"span: found “{text[:40]}”, expected two days such as 1964-10-01/1964-10-31; .. is an open end.",
        ) from None


def _exact(day: str) -> int | None:
    if day == _OPEN:
        return None
    bounds = bounds_of(day)
    if bounds is None or bounds[0] is None or bounds[0] != bounds[1]:
        raise ValueError(day)
    return bounds[0]


def _find(chronology: Chronology, bounds: Bounds, given: Mapping[str, str]) -> tuple[int | None, Span]:
    """Return what has certain bounds, and in which year it is stored."""
    year = year_of(bounds)
    spans = chronology.whole.wider if year is None else chronology.spans(year)
    found = next((each for each in spans if (each.first, each.last) == bounds), Span(*bounds, 0, 0, 0))
    return year, _filtered(found, given)


def _around(bounds: Bounds) -> str:
    """Return the address of the timeline around some bounds."""
    days = [each for each in bounds if each is not None]
    begin, end = (_YEAR.part(pick(days)) for pick in (min, max))
    return _address({"from": begin.begin, "to": end.end})


# ------------------------------------------------------------------------------------------------ words, addresses


def _address(given: Mapping[str, str]) -> str:
    return f"timeline{_query(given)}"


def _query(given: Mapping[str, str]) -> str:
    kept = {name: given[name] for name in _PARAMETERS if given.get(name)}
    return f"?{urlencode(kept, safe='/')}" if kept else ""


def _span(first: int | None, last: int | None) -> str:
    return "/".join(_OPEN if each is None else iso(numbered(each)) for each in (first, last))


def _day(day: int | None) -> str:
    return "" if day is None else iso(numbered(day))


def _spelled(day: int) -> str:
    return DAY.part(day).label


def _named(first: int, last: int) -> str | None:
    """Return the part of time that begins and ends with these days, in words; None where they are none."""
    for unit in (DAY, MONTH, _YEAR, Unit("year", 10), Unit("year", 100)):
        part = unit.part(first)
        if (part.first, part.last) == (first, last):
            return part.label
    begin, end = _YEAR.part(first), _YEAR.part(last)
    return f"{begin.label}–{end.label}" if (begin.first, end.last) == (first, last) else None


def _between(first: int | None, last: int | None) -> str:
    """Return bounds in words."""
    if first is None or last is None:
        return _open_end(first, last)
    return _named(first, last) or f"{_spelled(first)} to {_spelled(last)}"


def _open_end(first: int | None, last: int | None) -> str:
    """Return bounds of which one is open, in words.

    >>> _open_end(ordinal((1939, 1, 1)), None), _open_end(None, ordinal((1939, 5, 31)))
    ('1939 or later', 'May 1939 or earlier')
    """
    for unit in (_YEAR, MONTH, DAY):
        if first is not None and (part := unit.part(first)).first == first:
            return f"{part.label} or later"
        if last is not None and (part := unit.part(last)).last == last:
            return f"{part.label} or earlier"
    return ""


def _within(first: int, last: int) -> str:
    return f"in {named}" if (named := _named(first, last)) else f"from {_spelled(first)} to {_spelled(last)}"


def _counted(records: int, events: int) -> str:
    parts = ((records, DATED[0]), (events, DATED[1]))
    return ", ".join(f"{grouped(number)} {counted(kind, number)}" for number, kind in parts if number)


def _summed(records: int, events: int) -> str:
    """Return how many there are of each kind, and of both where there are both.

    >>> _summed(123, 2), _summed(1, 0)
    ('125: 123 records, 2 events', '1 record')
    """
    both = f"{grouped(records + events)}: " if records and events else ""
    return f"{both}{_counted(records, events)}"


def _sum(shown: _Shown) -> str:
    numbers = [*shown.within.values(), *((span.records, span.events) for span in shown.wider)]
    return _counted(sum(each[0] for each in numbers), sum(each[1] for each in numbers)) or "Nothing"


def _limits(period: Period) -> tuple[str, str]:
    """Return how the ends of a period are written in a form."""
    unit = unit_for(period.first, period.last, 1)
    whole = unit.part(period.first)
    if unit.years == 1 and (whole.first, whole.last) == (period.first, period.last):
        return whole.begin, whole.end
    begin, end = _YEAR.part(period.first), _YEAR.part(period.last)
    if (begin.first, end.last) == (period.first, period.last):
        return begin.begin, end.end
    return _day(period.first), _day(period.last)


def _trail(period: Period, given: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what a period lies in, the longest first: address and name."""
    kind = {"kind": given.get("kind", "")}
    found = [(_address(kind), "All time")]
    for unit in (Unit("year", 100), Unit("year", 10), _YEAR, MONTH):
        part = unit.part(period.first)
        if period.last <= part.last and period.days < part.last - part.first + 1:
            found.append((_address({**kind, "from": part.begin, "to": part.end}), part.label))
    return found


def _beside(period: Period, given: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return the parts before and after a period that is one part: address and name."""
    for unit in (DAY, MONTH, *(Unit("year", years) for years in (1, 5, 10, 50, 100))):
        part = unit.part(period.first)
        if (part.first, part.last) == (period.first, period.last):
            others = {"prev": unit.part(part.first - 1), "next": unit.part(part.last + 1)}
            return {
                name: (_address({**given, "from": each.begin, "to": each.end}), each.label)
                for name, each in others.items()
            }
    return {}


def _undated(chronology: Chronology, given: Mapping[str, str]) -> str:
    return _counted(*_of_kind(given, *chronology.whole.undated))
