"""Authorities in tables that a person edits in a spreadsheet: persons, groups, places, events, works, holdings, terms."""

from __future__ import annotations

import csv
import datetime
import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from fonds.errors import Fault
from fonds.identifiers import is_slug
from fonds.model import Authority, Match, Origin, Phrase, Reference
from fonds.sources.files import shown_path, stands_within
from fonds.sources.sheets import ENDINGS, WORKBOOKS, Row, Sheet, csv_lines, meant, opened_tables, rows_of
from fonds.vocabulary import program_ontology

KINDS: Mapping[str, str] = {
    "person": "persons.csv",
    "group": "groups.csv",
    "place": "places.csv",
    "event": "events.csv",
    "work": "works.csv",
    "holding": "holdings.csv",
    "topic": "topics.csv",
    "type": "types.csv",
    "role": "roles.csv",
    "language": "languages.csv",
}
"""Each kind of authority and the table that lists it."""

TABLES = "data/authorities"

_COMMON = ("key", "label", "other_names", "types", "definition", "identified", "unreviewed")
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "person": _COMMON,
    "group": (*_COMMON, "broader", "form"),
    "place": (*_COMMON, "broader", "latitude", "longitude"),
    "event": (*_COMMON, "broader", "form"),
    "work": (*_COMMON, "broader", "creators", "form"),
    "holding": (*_COMMON, "broader", "code", "level", "keeper"),
    "topic": (*_COMMON, "broader"),
    "type": (*_COMMON, "broader", "code"),
    "role": (*_COMMON, "broader", "code"),
    "language": (*_COMMON, "code"),
}
_MATCHES = "matches.csv"
_MATCH_COLUMNS = ("thing", "iri", "ground", "source", "checked", "accepted_by")
REJECTED_BY = "rejected_by"
"""A column that the table may have: who found that the two are not the same."""
MATCH_COLUMNS = (*_MATCH_COLUMNS, REJECTED_BY)
"""All columns of the table of identifiers elsewhere."""
_FORMS = {"group": ("corporate body",), "event": ("activity",), "work": ("text", "serial")}
_LEVELS = ("fonds", "series", "file")
_IN_A_LANGUAGE = re.compile(r"(label|other_names|definition)_([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)")
_IRI = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x20]+")


def read_rows(
    path: Path, shown: str, columns: Sequence[str], required: Sequence[str], faults: list[Fault]
) -> list[Row]:
    """Read a CSV table that the program writes too; add what is wrong with its form to the faults.

    Args:
        path: A CSV file.
        shown: Its name in messages.
        columns: The columns that are known.
        required: The columns that must be there.
        faults: Where faults are added.

    Returns:
        The rows that have the right number of cells; none where the header is wrong.
    """
    sheet = Sheet(path=shown, lines=lambda found: csv_lines(path, shown, found, commas=True))
    return list(rows_of(sheet, columns.__contains__, columns, required, faults))


SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "key": ("id", "slug"),
    "label": ("name", "preferred name", "preferred label", "prefLabel", "authorized form of name", "heading"),
    "other_names": (
        "alternative names",
        "other forms of name",
        "parallel names",
        "variants",
        "altLabel",
        "aliases",
    ),
    "types": ("type",),
    "definition": ("description", "note", "history", "scope note"),
    "broader": ("parent", "part of", "broader term"),
    "latitude": ("lat",),
    "longitude": ("lon", "long", "lng"),
    "keeper": ("repository", "holder"),
    "level": ("level of description",),
    "code": ("reference code", "notation"),
    "creators": ("creator", "author", "authors"),
}
"""Other names by which tables of authorities call a column."""
_NAMES = {
    re.sub(r"[\W_]+", "", each.casefold()): ours
    for ours, names in SPELLINGS.items()
    for each in (ours, *names)
}


def column_named(written: str) -> str:
    """Return our name for a column; ``name_de`` is ``label_de``.

    >>> [column_named(each) for each in ("Name", "name_de", "Authorized form of name", "shoe size")]
    ['label', 'label_de', 'label', 'shoe size']
    """
    if ours := _NAMES.get(re.sub(r"[\W_]+", "", written.casefold())):
        return ours
    base, _, tag = written.rpartition("_")
    ours = _NAMES.get(re.sub(r"[\W_]+", "", base.casefold()))
    return f"{ours}_{tag}" if ours and _IN_A_LANGUAGE.fullmatch(f"{ours}_{tag}") else written


def _is_column(name: str, columns: Sequence[str]) -> bool:
    in_a_language = _IN_A_LANGUAGE.fullmatch(name)
    return name in columns or (in_a_language is not None and in_a_language[1] in columns)


def read_authorities(
    folder: Path, faults: list[Fault], warnings: list[Fault], *, language: str = "en"
) -> dict[Reference, Authority]:
    """Read every table of ``data/authorities`` of a publication: CSV files, and sheets of workbooks.

    Args:
        folder: The publication.
        faults: Where all faults of all tables are added.
        warnings: Where is added what a person should look at and what stops nothing.
        language: In which language the publication describes: that of definitions and of grounds.

    Returns:
        The authorities by reference, in the order of the tables and their rows; matches are with them.
    """
    read: dict[Reference, tuple[Authority, Row]] = {}
    matches: list[Row] = []
    for path in _tables(folder, faults):
        with opened_tables(path, shown_path(path, folder), faults, warnings) as sheets:
            for sheet in sheets:
                _read_sheet(sheet, path, alone=len(sheets) == 1, read=read, matches=matches, faults=faults)
    for path in workbooks_of_records(folder):
        # What is wrong with the file as a whole is told when its records are read.
        with opened_tables(path, shown_path(path, folder), [], []) as sheets:
            for sheet in filter(is_table_of_authorities, sheets):
                _read_sheet(sheet, path, alone=False, read=read, matches=matches, faults=faults)
    _check_references(read, faults)
    by_thing = _matches({reference: authority for reference, (authority, _) in read.items()}, matches, faults)
    return {
        reference: replace(authority, matches=tuple(by_thing[reference]), language=language)
        for reference, (authority, _) in read.items()
    }


def _tables(folder: Path, faults: list[Fault]) -> list[Path]:
    """Return the files of the tables, CSV files in the order of their kinds before workbooks; report what nothing reads."""
    files = sorted(path for path in (folder / TABLES).glob("*") if path.suffix.lower() in ENDINGS)
    files = [path for path in files if not path.name.startswith((".", "~$"))]
    names = [*KINDS.values(), _MATCHES]
    known = []
    for path in files:
        if not stands_within(path, folder):
            message = "leads out of the publication; put the file itself here"
            faults.append(Fault(shown_path(path, folder), 0, 0, message))
        elif path.suffix.lower() == ".csv" and path.name not in names:
            message = f"no table has this name; {meant(path.name, names)}"
            faults.append(Fault(shown_path(path, folder), 0, 0, message))
        else:
            known.append(path)
    return sorted(known, key=lambda path: names.index(path.name) if path.name in names else len(names))


def _read_sheet(
    sheet: Sheet,
    path: Path,
    *,
    alone: bool,
    read: dict[Reference, tuple[Authority, Row]],
    matches: list[Row],
    faults: list[Fault],
) -> None:
    """Read one table of authorities; a sheet is called by its own name, the only one of a workbook also by the file's."""
    kinds = _kinds_by_name()
    names = [sheet.name.strip().lower(), path.stem.lower()] if sheet.name else [path.stem]
    name = next((each for each in names[: 2 if alone else 1] if each in kinds), None)
    if name is None:
        if not sheet.is_empty():
            faults.append(sheet.fault(0, 0, f"no table has this name; {meant(names[0], kinds)}"))
    elif kind := kinds[name]:
        _read_table(kind, sheet, read, faults)
    else:
        matches.extend(rows_of(sheet, MATCH_COLUMNS.__contains__, MATCH_COLUMNS, _MATCH_COLUMNS, faults))


def _kinds_by_name() -> dict[str, str]:
    """Return the kind of authority that a table of each name lists, in the plural or the singular; of matches none."""
    kinds = {name.removesuffix(".csv"): kind for kind, name in KINDS.items()} | {kind: kind for kind in KINDS}
    return kinds | {_MATCHES.removesuffix(".csv"): ""}


def is_table_of_authorities(sheet: Sheet) -> bool:
    """Tell whether the name of a sheet is that of a table of authorities."""
    return sheet.name.strip().lower() in _kinds_by_name()


def workbooks_of_records(folder: Path) -> list[Path]:
    """Return the workbooks that hold tables of records, and perhaps authorities in sheets beside them."""
    found = [*(folder / "data").glob("records.*"), *(folder / "data/records").glob("*")]
    return sorted(
        each
        for each in found
        if each.suffix.lower() in WORKBOOKS
        and not each.name.startswith((".", "~$"))
        and stands_within(each, folder)
    )


def _read_table(
    kind: str, sheet: Sheet, read: dict[Reference, tuple[Authority, Row]], faults: list[Fault]
) -> None:
    columns = _COLUMNS[kind]
    rows = rows_of(
        sheet, lambda name: _is_column(name, columns), columns, ("key",), faults, named=column_named
    )
    for number, row in enumerate(rows):
        if not number and not any(each == "label" or each.startswith("label_") for each in row.cells):
            faults.append(sheet.fault(1, 0, "has no column for labels: label, or label_en, label_ru …"))
            return
        authority = _authority(kind, row, faults)
        if authority is None:
            continue
        earlier = read.get(authority.reference)
        if earlier:
            faults.append(
                row.fault(
                    f"the key {row['key']!r} is there already, {place_of(earlier[1].origin, row.origin)}"
                )
            )
        else:
            read[authority.reference] = (authority, row)


def place_of(earlier: Origin, here: Origin) -> str:
    """Return where something stands, seen from another place: ``in line 2``, or ``in persons.csv:2``."""
    if (earlier.path, earlier.sheet) == (here.path, here.sheet):
        return f"in {'row' if here.sheet else 'line'} {earlier.line}"
    return f"in {earlier}"


def _authority(kind: str, row: Row, faults: list[Fault]) -> Authority | None:
    key = row["key"]
    if not is_slug(key):
        faults.append(
            row.fault(
                f"key: found {key!r}, expected a-z and 0-9 with single hyphens between, such as 'castro-f'"
            )
        )
        return None
    labels = _phrases(row, "label")
    if not labels:
        faults.append(
            row.fault(
                f"{key} has no label; fill in label (a name as it is) or label_en, label_ru … (words of a language)"
            )
        )
        return None
    return Authority(
        reference=Reference(kind, key),
        labels=labels,
        other_names=_phrases(row, "other_names"),
        types=several(row["types"]),
        definition=row["definition"],
        translations=tuple(each for each in _phrases(row, "definition") if each.language),
        unreviewed=several(row["unreviewed"]),
        identified=_yes(row, "identified", faults),
        broader=Reference(kind, row["broader"]) if row["broader"] else None,
        code=row["code"],
        level=_one_of(row, "level", _LEVELS, faults),
        keeper=_reference(row, "keeper", row["keeper"], faults) if row["keeper"] else None,
        creators=tuple(
            reference
            for each in several(row["creators"])
            if (reference := _reference(row, "creators", each, faults))
        ),
        form=_one_of(row, "form", _FORMS.get(kind, ()), faults),
        coordinates=_coordinates(row, faults),
        origin=row.origin,
    )


def _phrases(row: Row, column: str) -> tuple[Phrase, ...]:
    """Return a row's names: without a language first, then those in a language, in the order of the columns."""
    found = [Phrase(words) for words in _words(row, column, column)]
    for name in row.cells:
        in_a_language = _IN_A_LANGUAGE.fullmatch(name)
        if in_a_language and in_a_language[1] == column:
            found.extend(Phrase(words, in_a_language[2]) for words in _words(row, name, column))
    return tuple(found)


def _words(row: Row, name: str, column: str) -> tuple[str, ...]:
    if column in ("label", "definition"):
        return (row[name],) if row[name] else ()
    return several(row[name])


def several(cell: str) -> tuple[str, ...]:
    """Return the values of a cell that holds several, parted by ``|``."""
    if "|" not in cell:
        return (cell.strip(),) if cell and not cell.isspace() else ()
    return tuple(part for each in cell.split("|") if (part := each.strip()))


def _yes(row: Row, column: str, faults: list[Fault]) -> bool:
    if row[column] not in ("", "yes", "no"):
        faults.append(row.fault(f"{column}: found {row[column]!r}, expected yes or no"))
    return row[column] != "no"


def _one_of(row: Row, column: str, known: Sequence[str], faults: list[Fault]) -> str:
    value = row[column]
    if value and value not in known:
        faults.append(row.fault(f"{column}: found {value!r}; {meant(value, known)}"))
    return value


def _reference(row: Row, column: str, text: str, faults: list[Fault]) -> Reference | None:
    kind, slash, key = text.partition("/")
    if not slash or kind not in KINDS:
        faults.append(row.fault(f"{column}: found {text!r}, expected a kind and a key, such as 'group/cpsu'"))
        return None
    return Reference(kind, key)


def _coordinates(row: Row, faults: list[Fault]) -> tuple[float, float] | None:
    if not row["latitude"] and not row["longitude"]:
        return None
    latitude = _degrees(row, "latitude", 90, faults)
    longitude = _degrees(row, "longitude", 180, faults)
    return None if latitude is None or longitude is None else (latitude, longitude)


def _degrees(row: Row, column: str, most: int, faults: list[Fault]) -> float | None:
    text = row[column]
    if re.fullmatch(r"[+-]?\d{1,3}(\.\d+)?", text) and abs(float(text)) <= most:
        return float(text)
    faults.append(
        row.fault(f"{column}: found {text!r}, expected degrees from -{most} to {most}, such as 23.1")
    )
    return None


def program_terms(scheme: str) -> frozenset[str]:
    """Return the keys of the terms of a scheme that the program itself defines."""
    with (program_ontology() / "terms.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(row["key"] for row in csv.DictReader(file) if row["scheme"] == scheme)


def _check_references(read: Mapping[Reference, tuple[Authority, Row]], faults: list[Fault]) -> None:
    keys: dict[str, set[str]] = defaultdict(set)
    for reference in read:
        keys[reference.kind].add(reference.key)
    types = keys["type"] | program_terms("type")
    for authority, row in read.values():
        for key in authority.types:
            if key not in types:
                faults.append(row.fault(f"types: {key!r} is not in {TABLES}/types.csv; {meant(key, types)}"))
        pointers = [("broader", authority.broader), ("keeper", authority.keeper)]
        for column, pointer in [*pointers, *(("creators", each) for each in authority.creators)]:
            if pointer and pointer not in read:
                table = f"{TABLES}/{KINDS[pointer.kind]}"
                faults.append(
                    row.fault(
                        f"{column}: {pointer.key!r} is not in {table}; {meant(pointer.key, keys[pointer.kind])}"
                    )
                )
        if _contains_itself(authority, read):
            faults.append(row.fault(f"broader: {authority.reference.key} would be a part of itself"))


def _contains_itself(authority: Authority, read: Mapping[Reference, tuple[Authority, Row]]) -> bool:
    seen = set()
    above = authority.broader
    while above and above in read and above not in seen:
        if above == authority.reference:
            return True
        seen.add(above)
        above = read[above][0].broader
    return False


def _matches(
    authorities: Mapping[Reference, Authority], rows: Iterable[Row], faults: list[Fault]
) -> Mapping[Reference, list[Match]]:
    """Read ``matches.csv``: identifiers elsewhere, accepted ones and candidates; those that were rejected are left out."""
    matches: dict[Reference, list[Match]] = defaultdict(list)
    seen: dict[Reference, set[str]] = defaultdict(set)
    for row in rows:
        thing = _reference(row, "thing", row["thing"], faults)
        if thing is None:
            continue
        wrong = list(faults_of_match(row, thing, authorities, seen[thing]))
        faults.extend(wrong)
        seen[thing].add(row["iri"])
        if not wrong and not row[REJECTED_BY]:
            matches[thing].append(Match(**{name: row[name] for name in _MATCH_COLUMNS[1:]}))
    return matches


def faults_of_match(
    row: Row, thing: Reference, authorities: Mapping[Reference, Authority], others: Container[str]
) -> Iterator[Fault]:
    """Yield what is wrong with a row of the table of identifiers elsewhere.

    Args:
        row: It.
        thing: Of which it is.
        authorities: What is listed.
        others: The identifiers elsewhere that rows before it give the same thing.
    """
    if thing not in authorities:
        known = [str(reference) for reference in authorities if reference.kind == thing.kind]
        yield row.fault(f"thing: {thing} is not in {TABLES}/{KINDS[thing.kind]}; {meant(str(thing), known)}")
    elif not authorities[thing].identified:
        yield row.fault(
            f"thing: {thing} is not identified (identified = no), so nothing elsewhere can be the same"
        )
    if not _IRI.fullmatch(row["iri"]):
        yield row.fault(f"iri: found {row['iri']!r}, expected an http or https address")
    elif row["iri"] in others:
        yield row.fault(f"iri: {row['iri']} is there already for {thing}")
    if not row["ground"]:
        yield row.fault("ground is empty; say why it should be the same thing")
    if row["accepted_by"] and not row["source"]:
        yield row.fault("source is empty; say where it was looked up, or leave accepted_by empty")
    if row["checked"] and not _is_day(row["checked"]):
        yield row.fault(f"checked: found {row['checked']!r}, expected a day such as 2026-11-23")
    elif row["accepted_by"] and not row["checked"]:
        yield row.fault("checked is empty; give the day of the check, or leave accepted_by empty")
    elif row[REJECTED_BY] and not row["checked"]:
        yield row.fault("checked is empty; give the day of the check, or leave rejected_by empty")
    if row["accepted_by"] and row[REJECTED_BY]:
        yield row.fault("the two are the same by accepted_by, and not by rejected_by; empty one of them")


def _is_day(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
