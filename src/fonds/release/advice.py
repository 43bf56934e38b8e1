"""What to do about each thing that is wrong: what was found, what is allowed there, an example, and where it is explained."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

LONGEST_FOUND = 200
"""A value may be of any length; of one that was found no more than so many characters is repeated."""


class Advice(NamedTuple):
    """What a person needs to mend something.

    Attributes:
        found: The value that was found; empty where something is missing, or all of a file is meant.
        allowed: What may stand there.
        example: What could.
        docs: Where it is explained, as a path from the folder of the program's documents, with a heading.
    """

    found: str
    allowed: str
    example: str
    docs: str


class _Rule(NamedTuple):
    message: re.Pattern[str]
    allowed: str
    example: str
    docs: str


_ROW, _COLUMNS, _FILES = "tables.md#a-row", "tables.md#the-columns", "tables.md#csv-and-workbooks"
_NAMES, _STATEMENT = "encoding.md#a-person-a-place-an-event", "encoding.md#a-reported-statement"
_MATCHES = "encoding.md#a-person-a-place-an-event"
_REGISTER, _DECISIONS = "encoding.md#a-record", "reconciliation.md#decisions"
_CHANGES = "releases.md#history"
_DATE = "a date in EDTF, or one that can mean one thing only"
_DATES = "1901-03-05, 1901-03, 1901~, 1901/1904, 5 March 1901"
_DAY = "a day: year, month, day"
_KEY = "a-z and 0-9 with single hyphens between; it stays for ever"


def _rule(message: str, allowed: str, example: str, docs: str) -> _Rule:
    return _Rule(re.compile(message), allowed, example, docs)


_RULES = (
    # What a row of a table says.
    _rule(r"^fulltext: found", "full, excerpt or link", "excerpt", _ROW),
    _rule(r"^key: (?:found|no document)", _KEY, "letter-7", _ROW),
    _rule(r"has neither key nor reference code", f"a key: {_KEY}", "letter-7", _ROW),
    _rule(
        r"^the key .* is there already|its key .* (?:is also|would be)",
        f"a key of its own: {_KEY}",
        "letter-8",
        _ROW,
    ),
    _rule(r"^level: found", "a level of description, or nothing for a record", "item", _COLUMNS),
    _rule(
        r"^title is empty|has no title|column 'title' is missing",
        "a title in words",
        "Letter to the mayor",
        _COLUMNS,
    ),
    _rule(
        r"is no row above this one|is another unit than|cannot be part of one",
        "the key of a row above, or of holdings.csv",
        "f-12-op-1",
        _ROW,
    ),
    _rule(r"has not (?:a text|events|works|types) of its own", "nothing, in a row of this level", "", _ROW),
    _rule(r"^date: .* cannot be read", _DATE, _DATES, _ROW),
    _rule(
        r"^language(?:-of-description)?: .* is no code",
        "a code of ISO 639, or the name of a language, in itself or in English",
        "de, German, Deutsch",
        _ROW,
    ),
    _rule(
        r"^text: ",
        "a text file in this publication, its path from here or from beside the table",
        "data/texts/letter-7.txt",
        _ROW,
    ),
    _rule(
        r" is not in data/authorities/persons\.csv",
        "a key of persons.csv; for one without a row, a table has the name in words, a text {words | person}",
        "person/brenner-jakob",
        _NAMES,
    ),
    _rule(
        r" is not in data/authorities/groups\.csv",
        "a key of groups.csv; for one without a row, a table has the name in words, a text {words | group}",
        "group/town-archive",
        _NAMES,
    ),
    _rule(
        r" is not in data/authorities/places\.csv",
        "a key of places.csv; for one without a row, a table has the name in words, a text {words | place}",
        "place/lyon",
        _NAMES,
    ),
    _rule(
        r" is not in data/authorities/(?:\w+)\.csv",
        "a key of that table",
        "type/letter, topic/milling",
        _NAMES,
    ),
    _rule(r" could be .*; write the kind before it", "the kind, a stroke, the key", "person/weiss", _ROW),
    _rule(
        r" is what .* is called; write ",
        "the key, if that is meant; else leave the words",
        "person/weiss",
        _ROW,
    ),
    _rule(r": is not published: ", "any words; they stay in the table", "", _COLUMNS),
    # The form of a table.
    _rule(
        r"unknown column|has no name$",
        "a column of the list in the documents",
        "title, date, creator",
        _COLUMNS,
    ),
    _rule(r"^the column .* is missing", "this column, in the first row", "key,label", _COLUMNS),
    _rule(r"is there twice|mean the same", "one column for each thing", "title, title_de", _COLUMNS),
    _rule(
        r"^the row has \d+ cells",
        "as many cells as the first row has; words with commas stand in quotation marks",
        '"Brenner, Jakob"',
        _FILES,
    ),
    _rule(
        r"^is empty; expected a first row|has one column; its cells|is not CSV|UTF-16|is not UTF-8|not text",
        "CSV in UTF-8, as a spreadsheet saves it, or .xlsx",
        "File › Save as › CSV UTF-8",
        _FILES,
    ),
    _rule(
        r"is a table of a kind that is not read|no table has this name",
        "persons.csv, places.csv … or .xlsx",
        "data/authorities/persons.csv",
        _FILES,
    ),
    _rule(
        r"leads out of the publication",
        "a file that stands in this folder",
        "data/texts/letter-7.txt",
        "tables.md",
    ),
    _rule(
        r"a publication is a folder with a fonds.toml",
        "a folder that is a publication",
        "cd my-archive",
        "begin.md#see-the-example",
    ),
    _rule(
        r"^has no empty line",
        "paragraphs with an empty line between them",
        "Dear Sirs, ⏎ ⏎ I have heard …",
        _ROW,
    ),
    # Tables of authorities.
    _rule(
        r" has no label|no column for labels",
        "a name as it is (label), or words of a language (label_en …)",
        "label: Jakob Brenner",
        _NAMES,
    ),
    _rule(r"^(?:latitude|longitude): found", "degrees with a point, WGS 84", "23.1", _COLUMNS),
    _rule(r"^identified: found", "yes or no", "no", _NAMES),
    _rule(
        r"^(?:broader|keeper|creators|thing|form|types): ",
        "a kind and a key of a table",
        "group/town-archive",
        _NAMES,
    ),
    _rule(
        r"^(?:iri|ground|source|checked)(?::| is empty)",
        "an address, why it should be the same, where and when it was looked up",
        "http://www.wikidata.org/entity/Q5809",
        _MATCHES,
    ),
    # The register and what was decided.
    _rule(
        r"^(?:status|replaced_by|minted|changed): found|leads back to|still has it|is lost|is there already, in line",
        "what the program itself wrote, or fonds register",
        "fonds register withdraw record/letter-7 --reason …",
        _REGISTER,
    ),
    _rule(
        r"^(?:decision|who|day|score|other): |^(?:decision|who|day|ground) is empty|are of two kinds|neither in the data nor",
        "two things, same, different or undecided, who, why and when",
        "fonds reconcile accept person/weiss person/weisz --who … --ground …",
        _DECISIONS,
    ),
    # Marked texts.
    _rule(
        r"is no kind and no stance|a statement needs",
        "a name, a kind and a stance of the list in the documents",
        "{the mill stands still | said #s01 person/weiss claim neutral}",
        "marked-text.md#kinds-and-stances-of-statements",
    ),
    _rule(
        r"is no cause of a gap|is no unit in which|a gap has a cause",
        "a cause, and how many of which unit where that can be said",
        "{[two words torn off] | gap torn 2 words}",
        "marked-text.md#gaps",
    ),
    _rule(
        r"a brace is|braces stand|says nothing of words|behind the stroke|{words \|",
        r"{words | what they are}; a brace that is one of the words is \{ or \}",
        "{F. Castro | person/castro-f}",
        "marked-text.md#the-words",
    ),
    _rule(
        r"is no kind of block|words of the block stand",
        "a line that says what the block is, and its words below",
        "@heading",
        "marked-text.md#blocks",
    ),
    _rule(
        r"is nothing that a head says|expected a name, a colon|before the colon|behind the stroke means nothing",
        "a name of the list, a colon, and words",
        "abstract: Brenner offers the mill for sale.",
        "marked-text.md#the-head",
    ),
    # Editions.
    _rule(
        r"without an xml:id|by which it can be cited|names no stretch",
        "an identifier, a-z, 0-9 and single hyphens",
        'xml:id="s01"',
        _STATEMENT,
    ),
    _rule(
        r"has no stance|is none of the stances",
        "one of the stances listed at /ns",
        'ana="fv:stance-neutral"',
        _STATEMENT,
    ),
    _rule(r"is none of the kinds", "one of the kinds listed at /ns", 'subtype="opinion"', _STATEMENT),
    _rule(
        r"is no statement of this document|is no gap of this document|no element of this file has",
        "an identifier that stands in this file",
        "#s01",
        _STATEMENT,
    ),
    _rule(
        r"is no property of CIDOC CRM|expected a subject, a property and an object",
        "a subject, a property of CIDOC CRM, an object",
        "event:talks crm:P11_had_participant person:weiss",
        "encoding.md#offices-markings-custody-relations",
    ),
    _rule(r'^cert="', "high, medium, low or unknown", 'cert="medium"', _NAMES),
    _rule(r"is no whole number", "a number in digits", 'quantity="2"', "encoding.md#a-gap"),
    _rule(
        r"is no date|is no day|calendar",
        "a date in EDTF",
        'when-iso="1901~"',
        "encoding.md#title-author-date",
    ),
    _rule(
        r"the capture|data/captures",
        "a capture that stands in data/captures/register.csv",
        "fonds import capture page.html",
        "encoding.md#the-capture",
    ),
    # Settings and pages.
    _rule(
        r"^unknown key", "a key of the list in the documents", 'title = "My archive"', "settings.md#settings"
    ),
    _rule(
        r"^is not TOML",
        "one key, an equals sign and a value on a line; words in quotation marks",
        'title = "My archive"',
        "settings.md#settings",
    ),
    _rule(
        r"^base: found",
        "an http or https address that ends with a slash",
        'base = "https://archive.example.org/"',
        "settings.md#settings",
    ),
)

_OF_FILES: Mapping[str, tuple[str, str, str]] = {
    "fonds.toml": ("a value as the documents say", 'languages = ["en", "de"]', "settings.md#settings"),
    "data/register.csv": ("what fonds register writes", "fonds register rename OLD NEW --reason …", "how-withdrawing.md"),
    "data/reconciliation.csv": ("what fonds reconcile writes", "fonds reconcile accept …", _DECISIONS),
    "data/changes.csv": ("what was changed, when and why", "record/letter-1,2026-11-23,erratum,A slip,", _CHANGES),
    "data/captures/": ("a file and a line of the register for it", "fonds import capture page.html", "encoding.md#the-capture"),
    "data/documents/": ("TEI P5 as the documents show it", '<persName ref="person:weiss">', "encoding.md"),
    "data/graphs/": ("RDF: .ttl, .nt, .nq, .trig, .rdf, .jsonld", "data/graphs/weather.ttl", "tables.md#rdf"),
    "pages/": ("Markdown, one file for each page and language", "pages/about.md", "site.md#pages"),
    "templates/": ("a template of Jinja", "templates/record.html", "site.md#templates"),
    "site/": ("pictures: SVG or PNG", "site/logo.svg", "site.md#name-pictures-colours"),
    "data/texts/": ("words, and braces as the documents show them", "{F. Castro | person/castro-f}", "marked-text.md"),
    "data/authorities/": ("what the documents say of the column", "key,label", _COLUMNS),
    "data/": ("what the documents say of the column", "key,title,date", _COLUMNS),
}  # fmt: skip
"""Where no rule fits, by the beginning of the path, the narrowest first."""
_FOUND = re.compile(
    r"^([a-z]+/\S+) is not in|found '((?:[^'\\]|\\.)*)'|'((?:[^'\\]|\\.)*)'|\"([^\"]+)\"|^unknown key (\S+);"
)
_NO_DATE = re.compile(r"is no date|is no day|calendar")
_SHAPE = re.compile(r"\(shape \w+\)$")
_LONGEST_END = 1000
"""A message may quote a value of any length; what it is known by stands in so many characters at either end."""


def advice_on(message: str, path: str) -> Advice:
    """Return what to do about a fault or a warning.

    >>> advice_on("fulltext: found 'ful', expected one of full, excerpt, link", "data/records.csv")
    Advice(found='ful', allowed='full, excerpt or link', example='excerpt', docs='tables.md#a-row')

    Args:
        message: What is told of it.
        path: The file in which it stands, within the publication.
    """
    if len(message) > 2 * _LONGEST_END:
        message = f"{message[:_LONGEST_END]}{message[-_LONGEST_END:]}"
    if path.endswith(".marked.txt") and _NO_DATE.search(message):
        return Advice(
            _value(message), "a date in EDTF", "{5 March 1901 | date 1901-03-05}", "marked-text.md#the-words"
        )
    if _SHAPE.search(message):
        return Advice("", "what the shape asks for", "", "shapes.md#shapes")
    value = _value(message)
    for rule in _RULES:
        if rule.message.search(message):
            return Advice(value, rule.allowed, rule.example, _page_for(path, rule.docs))
    for beginning, general in _OF_FILES.items():
        if path.startswith(beginning) or path.endswith(f"/{beginning}"):
            return Advice(value, *general)
    return Advice(value, "", "", "")


def _page_for(path: str, docs: str) -> str:
    """Return where it is explained to who writes such a file: names are explained to those who write TEI, rows or marked texts."""
    if docs != _NAMES or path.startswith("data/authorities/"):
        return docs
    if path.endswith(".marked.txt"):
        return "marked-text.md#the-words"
    return docs if path.endswith(".xml") else _ROW


def _value(message: str) -> str:
    """Return what was found, by what a message quotes."""
    found = _FOUND.search(message)
    return next(filter(None, found.groups()), "")[:LONGEST_FOUND] if found else ""
