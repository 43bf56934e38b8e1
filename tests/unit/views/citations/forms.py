"""What each form of a citation says, read back by programs of others, field by field under one set of names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import bibtexparser
import rispy
from bibtexparser.middlewares import SeparateCoAuthors, SplitNameParts
from bibtexparser.middlewares.names import NameParts

from fonds.views.citations.facts import Cited
from fonds.views.citations.tags import zotero

Fields = dict[str, Any]

# What BibTeX writes by commands; a reader of LaTeX shows the character.
_COMMANDS = {
    r"\textbraceleft{}": "{", r"\textbraceright{}": "}", r"\textasciitilde{}": "~", r"\textasciicircum{}": "^",
    r"\#": "#", r"\$": "$", r"\%": "%", r"\&": "&", r"\_": "_", r"\textbackslash{}": "\\",
}  # fmt: skip


def of_ris(text: str) -> Fields:
    (entry,) = rispy.loads(text)
    names = {
        "title": "title", "short_title": "short_title", "secondary_title": "container", "note": "number",
        "type_of_work": "kind", "name_of_database": "archive", "accession_number": "location",
        "database_provider": "publisher", "language": "language", "abstract": "abstract",
    }  # fmt: skip
    found: Fields = {ours: entry[theirs] for theirs, ours in names.items() if entry.get(theirs)}
    found["form"] = {"CHAP": "chapter", "PCOMM": "letter", "MANSCPT": "manuscript"}[
        entry["type_of_reference"]
    ]
    found["url"] = entry["urls"][0]
    # Only a date in figures has slashes.
    found["date"] = entry.get("date", "").replace("/", "-")
    notes = entry.get("notes", [])
    to = [each.removeprefix("To: ") for each in notes if each.startswith("To: ")]
    found["authors"] = entry.get("authors", [])
    found["recipients"] = [*entry.get("secondary_authors", []), *to]
    found["translators"] = entry.get("subsidiary_authors", [])
    found["notes"] = " ".join(each for each in notes if not each.startswith("To: "))
    return {name: value for name, value in found.items() if value}


def of_bibtex(text: str) -> Fields:
    people = ("author", "recipient", "translator")
    library = bibtexparser.parse_string(
        text,
        append_middleware=[
            SeparateCoAuthors(name_fields=people),
            SplitNameParts(name_fields=people),
        ],
    )
    assert library.failed_blocks == [], text
    (entry,) = library.entries
    fields = {name: field.value for name, field in entry.fields_dict.items()}
    names = {
        "title": "title", "shorttitle": "short_title", "booktitle": "container", "number": "number", "type": "kind",
        "library": "archive", "note": "location", "howpublished": "publisher", "language": "language",
        "abstract": "abstract", "annotation": "notes",
    }  # fmt: skip
    found: Fields = {ours: unescaped(fields[theirs]) for theirs, ours in names.items() if theirs in fields}
    found["url"] = fields["url"]
    found["date"] = unescaped(fields.get("date") or fields.get("year") or "")
    for theirs, ours in zip(people, ("authors", "recipients", "translators"), strict=True):
        found[ours] = [_person(each) for each in fields.get(theirs, [])]
    return {name: value for name, value in found.items() if value}


def _person(parts: NameParts) -> str:
    family = " ".join([*parts.von, *parts.last])
    return ", ".join(unescaped(each) for each in (family, " ".join(parts.first), " ".join(parts.jr)) if each)


def unescaped(text: str) -> str:
    """Return a text of BibTeX as LaTeX shows it."""
    shown, rest = "", text
    while rest:
        command = next((each for each in _COMMANDS if rest.startswith(each)), None)
        if command:
            shown, rest = shown + _COMMANDS[command], rest[len(command) :]
        else:
            shown, rest = shown + ("" if rest[0] in "{}" else rest[0]), rest[1:]
    return shown


def of_csl(text: str) -> Fields:
    (item,) = json.loads(text)
    names = {
        "title": "title", "title-short": "short_title", "container-title": "container", "number": "number",
        "genre": "kind", "archive": "archive", "archive_location": "location", "source": "publisher",
        "language": "language", "abstract": "abstract", "note": "notes", "URL": "url",
    }  # fmt: skip
    found: Fields = {ours: item[theirs] for theirs, ours in names.items() if theirs in item}
    forms = {"chapter": "chapter", "personal_communication": "letter", "manuscript": "manuscript"}
    found["form"] = forms[item["type"]]
    found["date"] = _date(item["issued"]) if "issued" in item else ""
    for theirs, ours in (("author", "authors"), ("recipient", "recipients"), ("translator", "translators")):
        found[ours] = [_name(each) for each in item.get(theirs, [])]
    return {name: value for name, value in found.items() if value}


def _date(date: Mapping[str, Any]) -> str:
    if "literal" in date:
        return str(date["literal"])
    (parts,) = date["date-parts"]
    return "-".join(f"{part:0{width}d}" for part, width in zip(parts, (4, 2, 2), strict=False))


def _name(name: Mapping[str, str]) -> str:
    return name.get("literal") or ", ".join(
        name[part] for part in ("family", "given", "suffix") if part in name
    )


def of_tags(cited: Cited) -> Fields:
    """Return what Zotero takes from the head of a page."""
    names = {
        "dc:title": "title", "dc:date": "date", "dc:language": "language", "z:archive": "archive",
        "z:archiveLocation": "location", "z:bookTitle": "container", "z:manuscriptType": "kind", "z:letterType": "kind",
        "dcterms:abstract": "abstract",
    }  # fmt: skip
    found: Fields = {names[each.name]: each.content for each in zotero(cited) if each.name in names}
    found["authors"] = [each.content for each in zotero(cited) if each.name == "dc:creator"]
    return {name: value for name, value in found.items() if value}
