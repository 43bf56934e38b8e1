"""Where the source of each thing stands: the file and the line that made a node."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from fonds.mapping.common import Context
from fonds.mapping.statements import anchor_name
from fonds.model import Authority, Dated, Origin, Record

_UNKNOWN = Origin("")


def origins_of_record(record: Record, context: Context) -> dict[str, Origin]:
    """Return where the parts of a record stand, by IRI; parts of parts are found by :func:`origin_of`."""
    found = {context.iris.record(record.key, name).value: origin for name, origin in _parts(record)}
    found[context.iris.record(record.key).value] = record.origin
    for path in (("record", record.key), ("curation", record.key), ("said", record.key)):
        found[context.iris.graph(*path).value] = record.origin
    for statement in record.text.statements:
        found[context.iris.graph("said", record.key, statement.name).value] = statement.origin
    for documented in record.documents:
        found[context.thing(documented.event).value] = documented.origin
    if record.capture:
        found[context.iris.capture(record.capture.sha256).value] = Origin(record.capture.path)
        if source := record.capture.taken_from:
            found[context.iris.capture(source.sha256).value] = Origin(source.path)
    return found


def origins_of_authorities(authorities: Iterable[Authority], context: Context) -> dict[str, Origin]:
    """Return where the rows of authorities and terms stand, by IRI of the thing and of its graph."""
    found: dict[str, Origin] = {}
    for each in authorities:
        found[context.thing(each.reference).value] = each.origin
        found[context.iris.graph("authority", *each.reference).value] = each.origin
        for merged in each.merged:
            found[context.iris.graph("merged", *merged.reference).value] = merged.origin
    return found


def origin_of(iri: str, origins: Mapping[str, Origin]) -> Origin:
    """Return where the source of a thing stands; of a part without one of its own, where that of its whole stands.

    >>> origin_of("https://a.example/id/record/k/s17-content", {"https://a.example/id/record/k/s17": Origin("k.xml", 9)})
    Origin(path='k.xml', line=9, sheet='')

    Returns:
        An origin with an empty path where nothing is known.
    """
    while iri and iri not in origins:
        iri = iri[: max(iri.rfind("/"), iri.rfind("-"), 0)]
    return origins.get(iri, _UNKNOWN)


def _parts(record: Record) -> Iterator[tuple[str, Origin]]:
    text = record.text
    yield from ((block.name, block.origin) for block in text.blocks)
    yield from ((mention.name, mention.origin) for mention in text.mentions)
    yield from ((gap.name, gap.origin) for gap in text.gaps)
    yield from ((note.name, note.origin) for note in text.notes)
    for statement in text.statements:
        yield statement.name, statement.origin
        yield anchor_name(statement), statement.origin
    for documented in record.documents:
        yield from _time_span(documented.when, documented.origin)
        yield from ((f"pc-part-{part.actor.key}", documented.origin) for part in documented.participants)
    for note in text.notes:
        yield from _time_span(note.when, note.origin)


def _time_span(dated: Dated | None, origin: Origin) -> Iterator[tuple[str, Origin]]:
    if dated:
        yield dated.name, origin
