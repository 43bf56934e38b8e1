"""Tables that a person edits in a spreadsheet: persons, groups, places, events, works, holdings, topics, types, roles, languages."""

from __future__ import annotations

import csv
import datetime
import difflib
import io
import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fonds.errors import Fault, SourceError
from fonds.identifiers import is_slug
from fonds.model import Authority, Match, Origin, Phrase, Reference
from fonds.sources.files import decode, shown_path
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
_FORMS = {"group": ("corporate body",), "event": ("activity",), "work": ("text", "serial")}
_LEVELS = ("fonds", "series", "file")
_IN_A_LANGUAGE = re.compile(r"(label|other_names)_([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)")
_IRI = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x20]+")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table.

    Attributes:
        path: The table.
        line: The 1-based line on which the row begins.
        cells: What stands under each column, without blanks at the ends.
    """

    path: str
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """Return the cell under a column, empty where the table has no such column."""
        return self.cells.get(column, "")

    def fault(self, message: str) -> Fault:
        """Return a fault of this row."""
        return Fault(self.path, self.line, 0, message)

    @property
    def origin(self) -> Origin:
        """Where the row stands."""
        return Origin(self.path, self.line)


def read_rows(
    path: Path, shown: str, columns: Sequence[str], required: Sequence[str], faults: list[Fault]
) -> list[Row]:
    """Read a table; add what is wrong with its form to the faults.

    Args:
        path: A CSV file in UTF-8, with or without a byte order mark.
        shown: Its name in messages.
        columns: The columns that are known; ``label`` and ``other_names`` stand for those in a language (``label_en``) too.
        required: The columns that must be there.
        faults: Where faults are added.

    Returns:
        The rows that have the right number of cells; none where the header is wrong.
    """
    try:
        text = decode(path.read_bytes(), shown)
    except SourceError as error:
        faults.append(error.fault)
        return []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines = _numbered(reader, shown, faults)
    header = [name.strip() for name in next(lines, (0, []))[1]]
    wrong = list(_faults_of_header(header, shown, columns, required))
    faults.extend(wrong)
    if wrong:
        return []
    rows = []
    for line, cells in lines:
        if len(cells) < len(header) or any(cell.strip() for cell in cells[len(header) :]):
            faults.append(
                Fault(
                    shown,
                    line,
                    0,
                    f"the row has {len(cells)} cells, expected {len(header)} ({', '.join(header)})",
                )
            )
        else:
            rows.append(
                Row(shown, line, {name: cell.strip() for name, cell in zip(header, cells, strict=False)})
            )
    return rows


def _numbered(
    reader: Iterator[list[str]], shown: str, faults: list[Fault]
) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, each with the line on which it begins."""
    before = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            faults.append(
                Fault(shown, before + 1, 0, f"is not CSV: {error}; the rows from here on are not read")
            )
            return
        if any(cell.strip() for cell in cells):
            yield before + 1, cells
        before = reader.line_num  # type: ignore[attr-defined]


def _faults_of_header(
    header: Sequence[str], shown: str, columns: Sequence[str], required: Sequence[str]
) -> Iterator[Fault]:
    if not header:
        yield Fault(shown, 1, 0, f"is empty; expected a first row with the columns {', '.join(required)}")
        return
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        yield Fault(
            shown,
            1,
            0,
            "has one column; its cells seem to be parted by semicolons or tabs, save it with commas",
        )
        return
    for name in header:
        in_a_language = _IN_A_LANGUAGE.fullmatch(name)
        if name not in columns and not (in_a_language and in_a_language[1] in columns):
            yield Fault(shown, 1, header.index(name) + 1, f"unknown column {name!r}; {_meant(name, columns)}")
    for name in required:
        if name not in header:
            yield Fault(shown, 1, 0, f"the column {name!r} is missing")
    for name in sorted({name for name in header if header.count(name) > 1}):
        yield Fault(shown, 1, 0, f"the column {name!r} is there twice")


def _meant(name: str, known: Iterable[str]) -> str:
    """Return a hint: the nearest known name, or all of them."""
    known = list(known)
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"known here: {', '.join(sorted(known))}"


def read_authorities(folder: Path, faults: list[Fault]) -> dict[Reference, Authority]:
    """Read every table of ``data/authorities`` of a publication.

    Args:
        folder: The publication.
        faults: Where all faults of all tables are added.

    Returns:
        The authorities by reference, in the order of the tables and their rows; matches are with them.
    """
    read: dict[Reference, tuple[Authority, Row]] = {}
    for kind, name in KINDS.items():
        path = folder / TABLES / name
        if path.exists():
            _read_table(kind, path, shown_path(path, folder), read, faults)
    _look_for_strangers(folder, faults)
    _check_references(read, faults)
    matches = _read_matches(
        folder, {reference: authority for reference, (authority, _) in read.items()}, faults
    )
    return {
        reference: replace(authority, matches=tuple(matches[reference]))
        for reference, (authority, _) in read.items()
    }


def _look_for_strangers(folder: Path, faults: list[Fault]) -> None:
    """Report files beside the tables that nothing reads."""
    known = {*KINDS.values(), "matches.csv"}
    for path in sorted((folder / TABLES).glob("*.csv")):
        if path.name not in known:
            faults.append(
                Fault(shown_path(path, folder), 0, 0, f"no table has this name; {_meant(path.name, known)}")
            )


def _read_table(
    kind: str, path: Path, shown: str, read: dict[Reference, tuple[Authority, Row]], faults: list[Fault]
) -> None:
    rows = read_rows(path, shown, _COLUMNS[kind], ("key",), faults)
    if rows and not any(column == "label" or column.startswith("label_") for column in rows[0].cells):
        faults.append(Fault(shown, 1, 0, "has no column for labels: label, or label_en, label_ru …"))
        return
    for row in rows:
        authority = _authority(kind, row, faults)
        if authority is None:
            continue
        earlier = read.get(authority.reference)
        if earlier:
            faults.append(row.fault(f"the key {row['key']!r} is there already, in line {earlier[1].line}"))
        else:
            read[authority.reference] = (authority, row)


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
        types=_several(row["types"]),
        definition=row["definition"],
        unreviewed=_several(row["unreviewed"]),
        identified=_yes(row, "identified", faults),
        broader=Reference(kind, row["broader"]) if row["broader"] else None,
        code=row["code"],
        level=_one_of(row, "level", _LEVELS, faults),
        keeper=_reference(row, "keeper", row["keeper"], faults) if row["keeper"] else None,
        creators=tuple(
            reference
            for each in _several(row["creators"])
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
    if column == "label":
        return (row[name],) if row[name] else ()
    return _several(row[name])


def _several(cell: str) -> tuple[str, ...]:
    return tuple(part for each in cell.split("|") if (part := each.strip()))


def _yes(row: Row, column: str, faults: list[Fault]) -> bool:
    if row[column] not in ("", "yes", "no"):
        faults.append(row.fault(f"{column}: found {row[column]!r}, expected yes or no"))
    return row[column] != "no"


def _one_of(row: Row, column: str, known: Sequence[str], faults: list[Fault]) -> str:
    value = row[column]
    if value and value not in known:
        faults.append(row.fault(f"{column}: found {value!r}; {_meant(value, known)}"))
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
                faults.append(row.fault(f"types: {key!r} is not in {TABLES}/types.csv; {_meant(key, types)}"))
        pointers = [("broader", authority.broader), ("keeper", authority.keeper)]
        for column, pointer in [*pointers, *(("creators", each) for each in authority.creators)]:
            if pointer and pointer not in read:
                table = f"{TABLES}/{KINDS[pointer.kind]}"
                faults.append(
                    row.fault(
                        f"{column}: {pointer.key!r} is not in {table}; {_meant(pointer.key, keys[pointer.kind])}"
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


def _read_matches(
    folder: Path, authorities: Mapping[Reference, Authority], faults: list[Fault]
) -> Mapping[Reference, list[Match]]:
    """Read ``matches.csv``: identifiers elsewhere, accepted ones and candidates."""
    path = folder / TABLES / "matches.csv"
    matches: dict[Reference, list[Match]] = defaultdict(list)
    if not path.exists():
        return matches
    columns = ("thing", "iri", "ground", "source", "checked", "accepted_by")
    for row in read_rows(path, shown_path(path, folder), columns, columns, faults):
        thing = _reference(row, "thing", row["thing"], faults)
        if thing is None:
            continue
        wrong = list(_faults_of_match(row, thing, authorities, {match.iri for match in matches[thing]}))
        faults.extend(wrong)
        if not wrong:
            matches[thing].append(Match(**{name: row[name] for name in columns[1:]}))
    return matches


def _faults_of_match(
    row: Row, thing: Reference, authorities: Mapping[Reference, Authority], others: Container[str]
) -> Iterator[Fault]:
    if thing not in authorities:
        known = [str(reference) for reference in authorities if reference.kind == thing.kind]
        yield row.fault(f"thing: {thing} is not in {TABLES}/{KINDS[thing.kind]}; {_meant(str(thing), known)}")
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


def _is_day(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
