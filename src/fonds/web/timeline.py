"""The timeline: what was when, drawn and as a table; years, then months, then days, until there is little enough to tell it all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fonds.descriptions.chronology import (
    DATED,
    PAGE_LENGTH,
    Bounds,
    Chronology,
    Dated,
    Span,
    bounds_of,
)
from fonds.drawing.periods import DAY, MONTH, Part, Unit
from fonds.drawing.timeline import MOST_BARS, MOST_ENTRIES, Column, Entry, Period, draw_columns, draw_entries
from fonds.translations import gettext, marked, ngettext, said
from fonds.web.answers import Answer, Exchange
from fonds.web.dated import Shown, closer, extent_of, having, in_order, lying_in, of_kind, things_in
from fonds.web.drawn import Named, as_csv, as_drawing, on_page, root_of
from fonds.web.listings import page_answer, page_number
from fonds.web.naming import in_language_of_page
from fonds.web.paging import pages
from fonds.web.problems import Choice, Problem
from fonds.web.requests import one_of_each
from fonds.web.site import Site
from fonds.web.times import (
    YEAR,
    between,
    is_certain,
    limits,
    read_bounds,
    spelled,
    within,
    written,
    written_bounds,
)
from fonds.web.values import direction_of
from fonds.web.ways import way_drawing, way_page, way_rows
from fonds.web.wording import counted, grouped, spelled_date

_PARAMETERS = ("from", "to", "kind", "span", "page", "record")
_COLUMNS = ("identifier", "title", "kind", "date", "earliest", "latest")
_MOST_ROWS = 10_000
_MOST_WIDER = 100
"""Bounds that are listed, those of most things first, of what belongs to no one part."""


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


# ------------------------------------------------------------------------------------------------ views


def timeline(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/timeline?from=…&to=…&kind=…``; ``/timeline?span=…&page=…``: the things of the same bounds; ``/timeline?record={key}``:
    how a record came to us.

    Raises:
        Problem: A parameter is not understood; nothing has such bounds.
    """
    chronology, given = _asked(site, exchange)
    if "record" in given:
        return way_page(site, exchange, given["record"])
    if "span" in given:
        return _of_span(site, exchange, chronology, given)
    shown = _shown(chronology, given)
    if shown is None:
        return page_answer(site, exchange, "timeline.html", shown=None, canonical="timeline")
    drawn, values = _drawn(site, chronology, shown, given, root_of(exchange))
    begin, end = limits(shown.period)
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
        heading=within(shown.period.first, shown.period.last),
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
    if "record" in given:
        return as_csv(exchange, "timeline", _COLUMNS, way_rows(site, given["record"]))
    shown = _shown(chronology, given)
    if shown and shown.number > _MOST_ROWS:
        choices = (
            Choice(_address(given), said("The timeline")),
            Choice("dataset#dumps", said("All data as files")),
        )
        raise Problem(
            400,
            said(
                "There is more than can be had at once: a table has up to {most_rows} rows. "
                "Ask for less time (from, to), or take all of the data.",
                most_rows=grouped(_MOST_ROWS),
            ),
            choices,
        )
    things = things_in(chronology, shown.period, given.get("kind", "")) if shown else ()
    rows = ((each.iri, each.title, each.kind, each.edtf, *map(written, bounds)) for each, bounds in things)
    return as_csv(exchange, "timeline", _COLUMNS, rows)


def timeline_svg(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/timeline.svg?…``: the drawing alone.

    Raises:
        Problem: 404, nothing has a date.
    """
    chronology, given = _asked(site, exchange)
    if "record" in given:
        return as_drawing(exchange, way_drawing(site, given["record"]))
    shown = _shown(chronology, given)
    if shown is None:
        raise Problem(
            404, said("Nothing here has a date, so there is no timeline."), (Choice("", said("Home")),)
        )
    return as_drawing(exchange, _drawn(site, chronology, shown, given, site.base)[0])


def _asked(site: Site, exchange: Exchange) -> tuple[Chronology, dict[str, str]]:
    if site.chronology is None:
        what = (
            said("This release was made before there was a timeline; build it again.")
            if site.is_publication
            else said("There is no timeline of this dataset: only publications of an archive have one.")
        )
        raise Problem(404, what, (Choice("browse", said("Lists")), Choice("sparql", "SPARQL")))
    given = {
        name: value.strip()
        for name, value in one_of_each(exchange.query, _PARAMETERS).items()
        if value.strip()
    }
    if given.get("kind", DATED[0]) not in DATED:
        raise Problem(
            400,
            said(
                "kind: found “{given}”, expected {dated} or {dated_}.",
                given=given["kind"][:20],
                dated=DATED[0],
                dated_=DATED[1],
            ),
        )
    return site.chronology, given


# ------------------------------------------------------------------------------------------------ what lies in a period


def _shown(chronology: Chronology, given: Mapping[str, str]) -> Shown | None:
    """Return what lies in the period that is asked for, None where nothing has a date.

    Raises:
        Problem: 400, its ends are no dates, or end before they begin.
    """
    extent = extent_of(chronology)
    first, last = (_end(given, "from", extent), _end(given, "to", extent))
    if first is None or last is None:
        return None
    if first > last:
        raise Problem(
            400,
            said(
                "That is no time: it would begin on {spelled} and end before that, on {spelled_}.",
                spelled=spelled(first),
                spelled_=spelled(last),
            ),
        )
    kind = given.get("kind", "")
    shown = lying_in(chronology, first, last, kind)
    if shown.number <= MOST_ENTRIES and not {"from", "to"} & given.keys():
        return closer(chronology, shown, kind)
    return shown


def _end(given: Mapping[str, str], name: str, extent: tuple[int, int] | None) -> int | None:
    if name not in given:
        return extent[name == "to"] if extent else None
    bounds = bounds_of(given[name]) or (None, None)
    if (day := bounds[name == "to"]) is None:
        raise Problem(
            400,
            said(
                "{name}: “{given}” is not a date; write 1964, 1964-10 or 1964-10-27.",
                name=name,
                given=given[name][:40],
            ),
        )
    return day


# ------------------------------------------------------------------------------------------------ drawing, table


def _drawn(
    site: Site, chronology: Chronology, shown: Shown, given: Mapping[str, str], root: str
) -> tuple[str, dict[str, Any]]:
    """Return a drawing, and what tables beside it have."""
    what = f"{_sum(shown)} {within(shown.period.first, shown.period.last)}"
    if shown.number <= MOST_ENTRIES:
        found = things_in(chronology, shown.period, given.get("kind", ""))
        things = sorted(found, key=lambda each: (in_order(*each[1]), each[0].title))
        entries = [_entry(site, each, bounds, root) for each, bounds in things]
        lines = [_line(site, each, bounds) for each, bounds in things]
        return draw_entries(shown.period, entries, gettext("{what}, each by itself").format(what=what)), {
            "lines": lines
        }
    rows = list(_rows(shown, given))
    wider = sorted(shown.wider, key=lambda each: (-each.number, in_order(each.first, each.last)))
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
    bars.sort(key=lambda each: in_order(each.first, each.last))
    rest = wider[_MOST_WIDER:]
    return draw_columns(shown.period, columns, bars, f"{what}, {_by(shown.unit)}"), {
        "rows": [row for _, row in rows if row.records or row.events],
        "wider": rows_of_wider,
        "more": (len(rest), sum(span.number for span in rest)),
        "bars_left_out": max(0, len(wider) - MOST_BARS),
        "by": _by(shown.unit),
    }


def _by(unit: Unit) -> str:
    """Return in which parts of time is counted."""
    if unit.years > 1:
        return ngettext("by {number} year", "by {number} years", unit.years).format(number=unit.years)
    return gettext(
        {"day": marked("by day"), "month": marked("by month"), "year": marked("by year")}[unit.name]
    )


def _rows(shown: Shown, given: Mapping[str, str]) -> Iterator[tuple[Part, Row]]:
    for part in shown.unit.parts(shown.period.first, shown.period.last):
        records, events = shown.within.get(part.first, (0, 0))
        if part.first == shown.period.first and part.last == shown.period.last:
            # There is nothing smaller to go to than the list.
            href = _address({"span": written_bounds(part.first, part.last), "kind": given.get("kind", "")})
        else:
            href = _address({**given, "from": part.begin, "to": part.end})
        yield part, Row(part.label, records, events, href)


def _row_of_span(span: Span, given: Mapping[str, str]) -> Row:
    href = _address({"span": written_bounds(span.first, span.last), "kind": given.get("kind", "")})
    return Row(between(span.first, span.last), span.records, span.events, href)


def _entry(site: Site, it: Dated, bounds: Bounds, root: str) -> Entry:
    title, language = in_language_of_page(site, it.iri, it.title, it.language)
    name = f"{title}: {counted(it.kind, 1)}, {spelled_date(it.edtf)}"
    return Entry(
        *bounds,
        title,
        name,
        root + site.addresses.of_iri(it.iri),
        it.kind,
        is_certain(it.edtf, bounds),
        language,
    )


def _line(site: Site, it: Dated, bounds: Bounds) -> Line:
    when = spelled_date(it.edtf)
    bounds_in_words = between(*bounds)
    title, language = in_language_of_page(site, it.iri, it.title, it.language)
    return Line(
        title,
        site.addresses.of_iri(it.iri),
        language,
        direction_of(title),
        counted(it.kind, 1),
        when,
        bounds_in_words if bounds_in_words != when else "",
    )


# ------------------------------------------------------------------------------------------------ the things of one span


def _of_span(site: Site, exchange: Exchange, chronology: Chronology, given: dict[str, str]) -> Answer:
    page = page_number(given)
    bounds = _bounds(given["span"])
    year, span = having(chronology, bounds, given.get("kind", ""))
    begin = span.start + (page - 1) * PAGE_LENGTH
    things = list(chronology.things(year, begin, min(begin + PAGE_LENGTH, span.start + span.number)))
    if not things:
        raise Problem(
            404,
            said("There is nothing here that can mean just these days."),
            (Choice("timeline", said("The timeline")),),
        )
    kept = {name: given[name] for name in ("span", "kind") if name in given}
    return page_answer(
        site,
        exchange,
        "timeline-list.html",
        heading=between(*bounds),
        lines=[_line(site, each, bounds_of(each.edtf) or (None, None)) for each in things],
        pages=pages("timeline", page, span.number, PAGE_LENGTH, **kept),
        around=_around(bounds),
        canonical=_address(given),
    )


def _bounds(text: str) -> Bounds:
    try:
        return read_bounds(text)
    except ValueError:
        raise Problem(
            400,
            said(
                "span: found “{value}”, expected two days such as 1964-10-01/1964-10-31; .. is an open end.",
                value=text[:40],
            ),
        ) from None


def _around(bounds: Bounds) -> str:
    """Return the address of the timeline around some bounds."""
    days = [each for each in bounds if each is not None]
    begin, end = (YEAR.part(pick(days)) for pick in (min, max))
    return _address({"from": begin.begin, "to": end.end})


# ------------------------------------------------------------------------------------------------ words, addresses


def _address(given: Mapping[str, str]) -> str:
    return f"timeline{_query(given)}"


def _query(given: Mapping[str, str]) -> str:
    kept = {name: given[name] for name in _PARAMETERS if given.get(name)}
    return f"?{urlencode(kept, safe='/')}" if kept else ""


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


def _sum(shown: Shown) -> str:
    numbers = [*shown.within.values(), *((span.records, span.events) for span in shown.wider)]
    return _counted(sum(each[0] for each in numbers), sum(each[1] for each in numbers)) or gettext("Nothing")


def _trail(period: Period, given: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what a period lies in, the longest first: address and name."""
    kind = {"kind": given.get("kind", "")}
    found = [(_address(kind), gettext("All time"))]
    for unit in (Unit("year", 100), Unit("year", 10), YEAR, MONTH):
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
    return _counted(*of_kind(given.get("kind", ""), *chronology.whole.undated))
