"""When something was, as pages say it: what is stated, within which days that lies, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

from fonds.dates import parse_edtf
from fonds.descriptions.chronology import bounds_of
from fonds.drawing.periods import MONTH, Unit
from fonds.translations import gettext
from fonds.vocabulary import CRM, FV, RDFS
from fonds.web.facts import Facts, Reader, things
from fonds.web.wording import spelled_date


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was, as it is stated.

    Attributes:
        text: For people; empty where no date is stated.
        words: Of the source, where they say it otherwise.
        bounds: The first and the last day that it can mean, where that is more than one.
        remarks: Why it is not certain, and how sure it is.
        sources: Marks of the graphs that say so.
        on_timeline: The query of the timeline around it; empty where its days cannot be told.
    """

    text: str = ""
    words: str = ""
    bounds: str = ""
    remarks: tuple[str, ...] = ()
    sources: tuple[int, ...] = ()
    on_timeline: str = ""


def moment(reader: Reader, facts: Facts) -> Moment:
    """Return when something was, according to its first time-span that says it."""
    spans = [(each, reader.facts(each.value)) for each in things(facts, CRM.P4_has_time_span)]
    for span, stated in spans:
        edtf, words = reader.words(stated, FV.edtf), reader.words(stated, RDFS.label)
        text = spelled_date(edtf) if edtf else words
        if not text:
            continue
        certainty = reader.words(stated, FV.certainty)
        remarks = (
            reader.words(stated, CRM.P3_has_note),
            gettext("Certainty: {certainty}.").format(certainty=certainty) if certainty else "",
        )
        graphs = {
            reader.marks[graph.value]
            for value, graph in facts[CRM.P4_has_time_span.value]
            if value == span and graph is not None and graph.value in reader.marks
        }
        return Moment(
            text,
            words if words not in (edtf, text) else "",
            _bounds(edtf),
            tuple(filter(None, remarks)),
            tuple(sorted(graphs)),
            _around(edtf),
        )
    return Moment()


def _around(edtf: str) -> str:
    """Return the query of the timeline of the month, or the years, of a date.

    >>> _around("1964-10-16"), _around("1964/1965"), _around("words")
    ('from=1964-10&to=1964-10', 'from=1964&to=1965', '')
    """
    first, last = bounds_of(edtf) or (None, None)
    if first is None or last is None:
        return ""
    unit = MONTH if MONTH.part(first) == MONTH.part(last) else Unit("year")
    return f"from={unit.part(first).begin}&to={unit.part(last).end}"


def _bounds(edtf: str) -> str:
    """Return within which days a date lies, where it is more than one and can be told.

    >>> _bounds("1964-10"), _bounds("1964-10-16"), _bounds("words")
    ('not before 1 October 1964, not after 31 October 1964', '', '')
    """
    try:
        date = parse_edtf(edtf)
    except ValueError:
        return ""
    if date.earliest == date.latest:
        return ""
    first, last = (spelled_date(day.isoformat()) if day else "" for day in (date.earliest, date.latest))
    bounds = (
        gettext("not before {date}").format(date=first) if first else "",
        gettext("not after {date}").format(date=last) if last else "",
    )
    return ", ".join(filter(None, bounds))
