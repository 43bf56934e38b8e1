"""RIS, as Zotero, EndNote and Mendeley read it: a line for each value, a tag of two characters before it."""

from __future__ import annotations

from collections.abc import Iterator

from fonds.views.citations.facts import Cited, When, plain

_TYPES = {"chapter": "CHAP", "letter": "PCOMM", "manuscript": "MANSCPT"}


def ris(cited: Cited) -> str:
    """Return a record as RIS, its lines ended as the format asks; no value has a line break in it."""
    lines = [(tag, value) for tag, each in _fields(cited) if (value := plain(each))]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in (*lines, ("ER", "")))


def _fields(cited: Cited) -> Iterator[tuple[str, str]]:
    yield "TY", _TYPES[cited.form]
    yield "TI", cited.title
    yield "ST", cited.short_title
    yield from (("AU", each.inverted) for each in cited.authors)
    # Of a chapter A2 are the editors of its volume; a reader shall not take a recipient for one.
    yield from (
        ("A2" if cited.form == "letter" else "N1", _recipient(cited, each.inverted))
        for each in cited.recipients
    )
    yield from (("A4", each.inverted) for each in cited.translators)
    if cited.date:
        yield "PY", (cited.date.exact or "")[:4]
        yield "DA", ris_date(cited.date)
    yield "T2", cited.container
    yield "M1", cited.number
    yield "M3", cited.kind
    yield "DB", cited.archive
    yield "AN", cited.location
    yield "DP", cited.publisher
    yield "LA", cited.language
    yield "AB", cited.abstract
    yield from (("N1", each) for each in cited.source_notes)
    yield "UR", cited.permalink


def _recipient(cited: Cited, name: str) -> str:
    return name if cited.form == "letter" else f"To: {name}"


def ris_date(date: When) -> str:
    """Return a date with slashes; one that is no day, month or year in words, without any: “1901/02” would be February.

    >>> ris_date(When("1964-10-27")), ris_date(When("", "Winter 1901/02"))
    ('1964/10/27', 'Winter 1901–02')
    """
    return date.exact.replace("-", "/") if date.exact else date.text.replace("/", "–")
