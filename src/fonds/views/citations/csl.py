"""CSL-JSON: what citation processors read, by the variables of the Citation Style Language 1.0.2."""

from __future__ import annotations

from typing import Any

from fonds.views.citations.facts import Cited, When, plain
from fonds.views.citations.names import Name

Json = dict[str, Any]

_TYPES = {"chapter": "chapter", "letter": "personal_communication", "manuscript": "manuscript"}


def csl(cited: Cited) -> list[Json]:
    """Return a record as the only item of a list: the format is one of lists."""
    members: Json = {
        "id": cited.permalink,
        "type": _TYPES[cited.form],
        "title": cited.title,
        "title-short": cited.short_title,
        "author": [_name(each) for each in cited.authors],
        "recipient": [_name(each) for each in cited.recipients],
        "translator": [_name(each) for each in cited.translators],
        "issued": _date(cited.date) if cited.date else None,
        "event-date": _date(cited.event_date) if cited.event_date else None,
        "container-title": cited.container,
        "genre": cited.kind,
        "number": cited.number,
        "archive": cited.archive,
        "archive_collection": cited.collection,
        "archive_location": cited.location,
        "source": cited.publisher,
        "language": cited.language,
        "abstract": plain(cited.abstract),
        "note": " ".join(cited.source_notes),
        "URL": cited.permalink,
    }
    return [{name: value for name, value in members.items() if value}]


def _name(name: Name) -> Json:
    if not name.family:
        return {"literal": name.text}
    parts = {"family": name.family, "given": name.given, "suffix": name.suffix}
    return {part: value for part, value in parts.items() if value}


def _date(date: When) -> Json:
    """Return a date in numbers; one with doubts in words, since no number says how sure it is."""
    if date.exact:
        return {"date-parts": [[int(each) for each in date.exact.split("-")]]}
    return {"literal": date.text}
