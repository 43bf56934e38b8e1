"""BibTeX, with the fields of biblatex where BibTeX has none; what a style does not know it leaves out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from fonds.views.citations.facts import Cited, plain
from fonds.views.citations.names import Name

# A brace is written by a command whose own braces are balanced: BibTeX counts braces, whatever stands before them.
_COMMANDS = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", "#": r"\#", "$": r"\$", "%": r"\%", "&": r"\&", "_": r"\_",
}  # fmt: skip
_ESCAPES = str.maketrans(_COMMANDS)
_PLAIN_NAME = re.compile(r"(?!.*\band\b)[^\W_](?:[^\W_]|[ .'’-])*", re.IGNORECASE)


def bibtex(cited: Cited) -> str:
    """Return a record as one entry of BibTeX.

    What is a title stands in braces of its own, so that no style changes its capitals.
    """
    return entry("incollection" if cited.container else "misc", _key(cited), _fields(cited))


def entry(type_: str, key: str, fields: Iterable[tuple[str, str]]) -> str:
    """Return an entry with those of its fields that have a value; the values are written as they are."""
    lines = [f"  {name} = {{{value}}},\n" for name, value in fields if value]
    return f"@{type_}{{{key},\n{''.join(lines)}}}\n"


def escaped(text: str) -> str:
    """Return a text on one line in which no character means anything to BibTeX or LaTeX.

    >>> escaped("A & B {100 %}")
    'A \\\\& B \\\\textbraceleft{}100 \\\\%\\\\textbraceright{}'
    """
    return plain(text).translate(_ESCAPES)


def _fields(cited: Cited) -> Iterator[tuple[str, str]]:
    yield "author", _people(cited.authors)
    yield "title", in_braces(cited.title)
    yield "shorttitle", in_braces(cited.short_title)
    if cited.date:
        yield "date", cited.date.exact or ""
        yield "year", escaped((cited.date.exact or "")[:4] or cited.date.text)
    yield "booktitle", in_braces(cited.container)
    yield "recipient", _people(cited.recipients)
    yield "translator", _people(cited.translators)
    yield "type", escaped(cited.kind)
    yield "number", escaped(cited.number)
    yield "howpublished", escaped(cited.publisher)
    yield "library", escaped(cited.archive)
    yield "note", escaped(cited.location)
    yield "language", escaped(cited.language)
    yield "origlanguage", escaped(cited.original_language)
    yield "abstract", escaped(cited.abstract)
    yield "annotation", escaped(" ".join(cited.source_notes))
    # Verbatim to biblatex; the ASCII form of an IRI has no brace and no backslash.
    yield "url", cited.permalink


def in_braces(name: str) -> str:
    """Return a name that no style takes apart and of which none changes the capitals, nothing where it is empty."""
    return f"{{{escaped(name)}}}" if name else ""


def _people(names: tuple[Name, ...]) -> str:
    return " and ".join(map(_person, names))


def _person(name: Name) -> str:
    """Return a name in parts; one of unknown parts in braces, so that it is not taken apart."""
    if not name.family:
        return f"{{{escaped(name.text)}}}"
    parts = (name.family, name.suffix, name.given) if name.suffix else (name.family, name.given)
    return ", ".join(part if _PLAIN_NAME.fullmatch(part) else f"{{{escaped(part)}}}" for part in parts)


def _key(cited: Cited) -> str:
    """Return the key of the record, as far as BibTeX takes its characters."""
    return re.sub(r"[^A-Za-z0-9:._+/-]", "-", cited.key) or "record"
