"""A row of a table and its marked text become one record: what the head of the text says counts before the row."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields, replace

from lxml import etree

from fonds.errors import Fault
from fonds.identifiers import is_slug
from fonds.model import Record
from fonds.sources import Reading
from fonds.sources.marked.text import document_of, edition_of
from fonds.sources.tables import KINDS
from fonds.sources.tei import read_edition
from fonds.sources.tei_context import Context
from fonds.sources.xml import XML_ID, XML_LANG

_OF_THE_ROW = frozenset({"key", "origin", "fulltext", "identifiers", "elements", "named"})
_ATTRIBUTE = re.compile(r'(?<![\w-])([a-zA-Z-]+(?::id)?)="([^"]*)"')
_POINTER = re.compile(rf"\b({'|'.join(KINDS)}):([a-z0-9-]+)")
_TWICE = re.compile(r"^('[^']*'): (?=\1)")
_OF_THE_TEXT = frozenset({"text", "edition", "editorial_language", "authors"})


def read_marked(words: str, path: str, record: Record, context: Context, *, said: bool) -> Reading:
    """Return a record with what its marked text says of it, and all that is wrong with the text.

    Args:
        words: The marked text.
        path: Its name in messages.
        record: What the row says.
        context: What the publication knows besides.
        said: Whether the row says how much of the words is published.
    """
    document = document_of(words, path)
    root = document.root
    titled = root.find("teiHeader/fileDesc/titleStmt/title") is not None
    given = root.get(XML_ID)
    if given and given != record.key:
        hint = "" if is_slug(given) else ", which is no key"
        document.fault(root, f"key: found {given!r}{hint}, but the row has {record.key!r}; leave it out here")
    root.set(XML_ID, record.key)
    document.by_id[record.key] = root
    _complete(root, record)
    reading = read_edition(document, record.key, context, edition_of(root))
    lines = words.splitlines()
    reading = replace(reading, faults=tuple(_in_its_words(each, lines) for each in reading.faults))
    read = reading.record
    if read is None:
        return reading
    merged = _merged(record, read, titled=titled)
    if not said:
        merged = replace(merged, fulltext=context.fulltext_of(record.key))
    return replace(reading, record=merged, met={}, addresses={})


def _in_its_words(fault: Fault, lines: list[str]) -> Fault:
    """Return a fault of an edition as one of the marked text: pointers and names as they are written there, and the column."""
    message = _ATTRIBUTE.sub(_as_written, fault.message)
    message = _TWICE.sub("", _POINTER.sub(r"\1/\2", message))
    line = lines[fault.line - 1] if 0 < fault.line <= len(lines) else ""
    written = message.split(" ", 1)[0].strip("'")
    column = fault.column or (line.find(written) + 1 if message != fault.message else 0)
    return replace(fault, message=message, column=column)


def _as_written(attribute: re.Match[str]) -> str:
    name, value = attribute.groups()
    if name == "xml:id":
        return f"#{value}"
    return value if _POINTER.fullmatch(value) else f"{value!r}"


def _complete(root: etree._Element, record: Record) -> None:
    """Say in a document what the row says and its head does not: title and languages."""
    statement = root.find("teiHeader/fileDesc/titleStmt")
    assert statement is not None
    if statement.find("title") is None:
        title = etree.Element("title")
        title.text = record.title.text
        if record.title.language and record.title.language != root.get(XML_LANG):
            title.set(XML_LANG, record.title.language)
        statement.insert(0, title)
    if root.get(XML_LANG) is None:
        root.set(XML_LANG, record.editorial_language)
    text = root.find("text")
    assert text is not None
    said = root.find("teiHeader/profileDesc/langUsage") is not None
    if text.get(XML_LANG) is None and record.text.language and not said:
        text.set(XML_LANG, record.text.language)


def _merged(row: Record, read: Record, *, titled: bool) -> Record:
    """Return a record that says what its text says, and what the row says where the text says nothing."""
    taken = {}
    for each in fields(Record):
        ours, its = getattr(row, each.name), getattr(read, each.name)
        default = each.default if each.default is not MISSING else None
        if each.name in _OF_THE_TEXT:
            taken[each.name] = its
        elif each.name in ("title", "title_source", "label"):
            taken[each.name] = its if titled else ours
        elif each.name == "identifiers":
            names = {one.name for one in its}
            taken[each.name] = (*its, *(one for one in ours if one.name not in names))
        elif each.name in _OF_THE_ROW:
            taken[each.name] = ours
        else:
            taken[each.name] = ours if its in ((), None, "", default) else its
    return replace(row, **taken)
