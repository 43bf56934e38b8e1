"""The way of a record on a timeline: its dated steps, and those of which no day is stated as bars without ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from fonds.addresses import named_node
from fonds.descriptions.chronology import Bounds, bounds_of
from fonds.drawing.timeline import MOST_ENTRIES, Entry, draw_entries
from fonds.translations import gettext, said
from fonds.vocabulary import CRM
from fonds.web.answers import Answer, Exchange
from fonds.web.cards import Card, CardWriter
from fonds.web.custody import Event, custody
from fonds.web.drawn import Named, on_page, root_of
from fonds.web.listings import page_answer
from fonds.web.naming import title_of
from fonds.web.problems import Choice, Problem
from fonds.web.records import facts_of
from fonds.web.site import Site
from fonds.web.times import around, between, is_certain, written
from fonds.web.values import direction_of
from fonds.web.wording import spelled_date

_NEVER: Bounds = (None, None)


@dataclass(frozen=True, slots=True)
class Step(Named):
    """A step on the way of a record, as the table beside the drawing has it.

    Attributes:
        iri: What it is.
        sort: ``written`` for the writing of the record itself, else ``step``.
        kind: The same in the language of the page.
        edtf: Its date; empty where none is stated.
        when: The same for people.
        days: The first and the last day on which it can have been; None for no such day.
        bounds: These in words, where they say more.
        certain: Whether the days say when it was, not only within which time.
    """

    iri: str = ""
    sort: str = "step"
    kind: str = ""
    edtf: str = ""
    when: str = ""
    days: Bounds = _NEVER
    bounds: str = ""
    certain: bool = False


def way_page(site: Site, exchange: Exchange, key: str) -> Answer:
    """Return the page that shows how a record came to us, drawn and as a table.

    Raises:
        Problem: 404, there is no such record, or nothing of it is dated.
    """
    record, steps = _steps(site, key)
    query = f"record={quote(key, safe='')}"
    return page_answer(
        site,
        exchange,
        "timeline-way.html",
        record=record,
        steps=steps,
        drawing=on_page(_drawn(record, steps, root_of(exchange))),
        csv=f"timeline.csv?{query}",
        svg=f"timeline.svg?{query}",
        canonical=f"timeline?{query}",
    )


def way_drawing(site: Site, key: str) -> str:
    """Return the drawing alone; see :func:`way_page`."""
    return _drawn(*_steps(site, key), site.base)


def way_rows(site: Site, key: str) -> Iterator[tuple[str, ...]]:
    """Return the steps as rows of a table: identifier, title, kind, date, first and last day; see :func:`way_page`."""
    _, steps = _steps(site, key)
    return ((each.iri, each.title, each.sort, each.edtf, *map(written, each.days)) for each in steps)


def _steps(site: Site, key: str) -> tuple[Named, list[Step]]:
    """Return a record, and the steps on its way: those with a day in its order, then those of which none is stated."""
    it = named_node(f"{site.base}id/record/{key}")
    if it is None or "/" in key or not site.descriptions.knows(it.value):
        raise Problem(
            404,
            said("There is no record “{key}”.", key=key[:60]),
            (Choice("timeline", said("The timeline")),),
        )
    known = facts_of(site, it, key).public
    title, language = title_of(site, it.value)
    record = Named(title, site.addresses.of_iri(it.value), language, direction_of(title))
    write = CardWriter(site, known, Card())
    write.named("created", known.at(it, CRM.P94i_was_created_by, CRM.P4_has_time_span), details=write.edtf)
    way = custody(site, it, known)
    created = [edtf for each in write.done()["created"] for edtf in each.details[:1]]
    steps = [
        *(_writing(it.value, record, edtf) for edtf in created[:1]),
        *map(_step, (*way.happened, *way.undated)),
    ]
    if all(each.days == _NEVER for each in steps):
        choices = (Choice(record.href, title), Choice("timeline", said("The timeline")))
        raise Problem(404, said("Of no step on the way of this record is a day stated."), choices)
    return record, sorted(steps, key=_place)


def _place(it: Step) -> tuple[bool, float]:
    days = [day for day in it.days if day is not None]
    return not days, max(days, default=0)


def _writing(iri: str, record: Named, edtf: str) -> Step:
    edtf, days, certain, when = _dated(edtf)
    return Step(
        gettext("Written"),
        record.href,
        iri=iri,
        sort="written",
        kind=gettext("writing"),
        edtf=edtf,
        when=when,
        days=days,
        bounds=_in_words(days, when),
        certain=certain,
    )


def _step(it: Event) -> Step:
    edtf, days, certain, when = _when(it)
    language = next((each.language for each in it.entries("happened")), None)
    return Step(
        it.label,
        it.href,
        language,
        direction_of(it.label),
        it.iri,
        kind=gettext("step"),
        edtf=edtf,
        when=when,
        days=days,
        bounds=_in_words(days, when),
        certain=certain,
    )


def _when(it: Event) -> tuple[str, Bounds, bool, str]:
    """Return the date of a step, the days within which it was, whether that is when it was, and the same in words."""
    if edtf := _day(it, "when"):
        return _dated(edtf)
    if bound := _day(it, "not-after"):
        return (
            "",
            (None, (bounds_of(bound) or _NEVER)[1]),
            False,
            gettext("not after {date}").format(date=spelled_date(bound)),
        )
    return "", _NEVER, False, gettext("date not stated")


def _dated(edtf: str) -> tuple[str, Bounds, bool, str]:
    """Return the same of a date that is stated."""
    days = bounds_of(edtf) or _NEVER
    return edtf, days, days != _NEVER and is_certain(edtf, days), spelled_date(edtf)


def _day(it: Event, field: str) -> str:
    return min((detail for entry in it.entries(field) for detail in entry.details), default="")


def _in_words(days: Bounds, when: str) -> str:
    words = between(*days) if None not in days else ""
    return words if words != when else ""


def _drawn(record: Named, steps: list[Step], root: str) -> str:
    shown = steps[:MOST_ENTRIES]
    period = around([day for each in shown for day in each.days if day is not None])
    entries = [
        Entry(
            *each.days,
            each.title,
            f"{each.title}: {each.when}",
            root + each.href,
            "record" if each.sort == "written" else "event",
            each.certain,
            each.language,
        )
        for each in shown
    ]
    described = gettext("How {title} came to us, step by step").format(title=record.title)
    return draw_entries(period, entries, described)
