"""Getting out: a publication as one of CSV and plain texts, or of TEI; a release as one file of RDF."""

from __future__ import annotations

import csv
import gzip
import re
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal, TypeAlias, cast

import msgspec
from pyoxigraph import RdfFormat, parse, serialize

from fonds.errors import BuildError, Fault, FondsError, SourceError
from fonds.identifiers import Kind
from fonds.model import Reference
from fonds.release.cmif import CMIF, has_letters, lacks
from fonds.release.dumps import PUBLIC_TURTLE
from fonds.release.folder import Release, open_release
from fonds.settings import read_settings
from fonds.sources.collections import DOCUMENTS
from fonds.sources.files import new_file, shown_path, stands_within
from fonds.sources.filing import Filed
from fonds.sources.marked import ENDING
from fonds.sources.marked.text import marked_of
from fonds.sources.plain_text import file_of_text
from fonds.sources.publication import Publication, read_publication
from fonds.sources.records import RECORDS, names_of
from fonds.sources.sheets import ENDINGS, Sheet, opened_tables
from fonds.sources.tables import (
    KINDS,
    TABLES,
    column_named,
    is_table_of_authorities,
    workbooks_of_records,
)
from fonds.sources.xml import read_document
from fonds.vocabulary import PREFIXES
from fonds.workshop import Workshop

Form: TypeAlias = Literal["csv", "tei", "ttl", "trig", "jsonld", "cmif"]
"""What a publication, or a release of it, can be exported as."""
OF_SOURCES: tuple[Form, ...] = ("csv", "tei")
_AS_THEY_ARE = ("fonds.toml", "pages", "queries", "ontology", "site", "templates", "README.md")
_IN_DATA = ("register.csv", "reconciliation.csv", "captures", "graphs")
_COLUMNS = ("key", "title", "text", "fulltext")
_TABLE_NAMES = frozenset({*KINDS.values(), "matches.csv"})

Tell = Callable[[str], None]
"""Told what stays in another form than was asked for, and why."""


def export_release(path: Path, form: Form, target: Path) -> None:
    """Write what a release publishes as one new file: Turtle of the public view, all graphs as TriG or JSON-LD, or its letters.

    Args:
        path: A publication, a folder of releases, or a release.
        form: ``ttl``, ``trig``, ``jsonld``, or ``cmif``: its correspondence index.
        target: The file; one that ends in ``.gz`` is packed.

    Raises:
        ReleaseError: There is no release.
        FondsError: The file is there already, or cannot be written; or there is no index of letters.
    """
    release = open_release(path)
    if form == "cmif":
        _refuse_without_letters(release)
    with new_file(target) as file:
        if target.name.endswith(".gz"):
            with gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as packed:
                _write_rdf(release, form, packed)
        else:
            _write_rdf(release, form, file)


def _refuse_without_letters(release: Release) -> None:
    """Raise an error that says what is missing where a release has no correspondence index."""
    if CMIF in release.manifest.files:
        return
    missing = lacks(release.manifest.settings)
    if missing and has_letters(release.store, release.manifest.base):
        raise FondsError(
            f"fonds.toml: a correspondence index (CMIF) needs more: {'; '.join(missing)}. Then build again"
        )
    raise FondsError(
        f"{release.folder}: has no letters, that is, no record that says to whom it was sent; fill in the column recipient "
        "of data/records.csv, or correspDesc in an edition, and build again (docs/how-elsewhere.md#correspsearch)"
    )


def _write_rdf(release: Release, form: Form, file: Any) -> None:
    if form == "cmif":
        with (release.folder / CMIF).open("rb") as index:
            shutil.copyfileobj(index, file)
        return
    if form == "ttl":
        with gzip.open(release.dumps / PUBLIC_TURTLE) as dump:
            shutil.copyfileobj(dump, file)
        return
    written = {"trig": RdfFormat.TRIG, "jsonld": RdfFormat.JSON_LD}[form]
    with gzip.open(release.dumps / "dataset.nq.gz") as dump:
        quads = parse(input=cast("IO[bytes]", dump), format=RdfFormat.N_QUADS)
        serialize(quads, output=file, format=written, prefixes=PREFIXES)


def export_sources(folder: Path, form: Form, target: Path, tell: Tell) -> None:
    """Write a publication as a new one, whose tables are CSV and whose records are rows with texts, or TEI.

    What the form has no words for stays as it is, and is told. The new publication is read before it is there: it holds the same
    records and the same authorities, or the export fails.

    Args:
        folder: The publication.
        form: ``csv`` or ``tei``.
        target: The folder of the new one, which is not there yet.
        tell: Told what stays in another form.

    Raises:
        BuildError: The publication has faults.
        FondsError: The folder is there, cannot be written, or would hold other data.
    """
    if target.exists() or target.is_symlink():
        raise FondsError(f"{target}: is there already; name a folder that is not there yet")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".export-", dir=target.parent) as scratch:
            made = Path(scratch) / "publication"
            with closing(Workshop()) as workshop:
                publication = read_publication(folder, read_settings(folder), workshop=workshop)
                if publication.faults:
                    raise BuildError(publication.faults)
                _Export(publication, made, tell).write(form)
                _compare(publication, made)
            made.rename(target)
    except OSError as error:
        raise FondsError(f"{error.filename or target}: cannot be written ({error.strerror})") from error


@dataclass(slots=True)
class _Export:
    publication: Publication
    made: Path
    tell: Tell
    rows: list[dict[str, str]] = field(default_factory=list)
    made_rows: dict[str, dict[str, str]] = field(default_factory=dict)

    def write(self, form: Form) -> None:
        """Write everything."""
        folder = self.publication.folder
        (self.made / "data").mkdir(parents=True)
        for name in (*_AS_THEY_ARE, *(f"data/{each}" for each in _IN_DATA)):
            _copy(folder / name, self.made / name, folder)
        self._tables_of_authorities()
        as_tei = set(self._written_as_tei()) if form == "tei" else set()
        self._tables_of_records(as_tei)
        alone = self._alone() if form == "csv" else {}
        for path in sorted((folder / DOCUMENTS).rglob("*")):
            if path.is_file() and stands_within(path, folder):
                self._document(path, form, alone)
        # The row of a document takes the place of the one that said how much of its words is published.
        left = [row for row in self.rows if row.get("key") not in self.made_rows]
        _write_table(self.made / "data/records.csv", [*left, *self.made_rows.values()])

    def _tables_of_authorities(self) -> None:
        """Write one CSV file for each kind, whatever files its rows stand in."""
        tables: dict[str, list[dict[str, str]]] = {}
        folder = self.publication.folder
        for path in sorted((folder / TABLES).glob("*")):
            if path.suffix.lower() not in ENDINGS or path.name.startswith((".", "~$")):
                continue
            with opened_tables(path, path.name, [], []) as sheets:
                for sheet in sheets:
                    name = _table_of(sheet, path, alone=len(sheets) == 1)
                    tables.setdefault(name, []).extend(map(_in_our_names, _rows(sheet)))
        for path in workbooks_of_records(folder):
            with opened_tables(path, path.name, [], []) as sheets:
                for sheet in filter(is_table_of_authorities, sheets):
                    name = _table_of(sheet, path, alone=False)
                    tables.setdefault(name, []).extend(map(_in_our_names, _rows(sheet)))
        for name, rows in tables.items():
            _write_table(self.made / TABLES / name, rows)

    def _tables_of_records(self, as_tei: set[str]) -> None:
        """Write each table of records as CSV, in their order; ``data/records.csv`` waits for rows of documents."""
        folder = self.publication.folder
        number = 0
        for path in self._records_files():
            tables: list[list[dict[str, str]]] = []
            with opened_tables(path, path.name, [], []) as sheets:
                tables.extend(_rows(each) for each in sheets if not is_table_of_authorities(each))
            for rows in tables:
                left = [self._with_text(row, path) for row in rows if row.get("key", "") not in as_tei]
                if path == folder / f"{RECORDS}.csv":
                    self.rows.extend(left)
                elif left:
                    number += 1
                    stem = re.sub(r"^\d+-", "", path.stem)
                    _write_table(self.made / RECORDS / f"{number:03}-{stem}.csv", left)

    def _with_text(self, row: dict[str, str], table: Path) -> dict[str, str]:
        """Copy the text that a row names, and return the row with its path from the publication: its table may move."""
        folder = self.publication.folder
        named = names_of()
        found = {}
        for column, cell in row.items():
            if named(column) == "text" and (written := cell.strip()):
                text = file_of_text(written, folder, shown_path(table, folder))
                found[column] = text.resolve().relative_to(folder.resolve()).as_posix()
                _copy(text, self.made / found[column], folder)
        return row | found

    def _records_files(self) -> list[Path]:
        folder = self.publication.folder
        found = [*(folder / "data").glob("records.*"), *(folder / RECORDS).rglob("*")]
        return sorted(
            path
            for path in found
            if path.is_file() and path.suffix.lower() in ENDINGS and not path.name.startswith((".", "~$"))
        )

    def _document(self, path: Path, form: Form, alone: Mapping[str, Filed]) -> None:
        """Write a document as a row with a marked text, if that is asked for and says all of it; else as it is."""
        folder = self.publication.folder
        inside = path.relative_to(folder)
        filed = alone.get(inside.as_posix()) if path.suffix.lower() == ".xml" else None
        if filed is None:
            if form == "csv" and path.suffix.lower() == ".xml":
                self.tell(f"{inside}: stays TEI: it is not one record of its own")
            _copy(path, self.made / inside, folder)
            return
        try:
            text, refused = marked_of(read_document(path.read_bytes(), str(inside)))
        except SourceError as error:
            text, refused = "", [error.fault]
        if refused:
            for each in refused[:3]:
                self.tell(f"{each}")
            self.tell(f"{inside}: stays TEI ({len(refused)} such places)")
            _copy(path, self.made / inside, folder)
            return
        record = self.publication.records.fetch(filed)
        name = f"data/texts/{record.key}{ENDING}"
        (self.made / name).parent.mkdir(parents=True, exist_ok=True)
        (self.made / name).write_text(text, encoding="utf-8")
        self.made_rows[record.key] = dict(
            zip(_COLUMNS, (record.key, record.title.text, name, record.fulltext), strict=True)
        )

    def _alone(self) -> Mapping[str, Filed]:
        """Return the files that are one record each and list nothing of their own, by their paths."""
        by_path: dict[str, list[Filed]] = defaultdict(list)
        for each in self.publication.records.filed:
            by_path[each.origin.path].append(each)
        listing = {each.origin.path for each in self.publication.authorities.values()}
        return {path: found[0] for path, found in by_path.items() if len(found) == 1 and path not in listing}

    def _written_as_tei(self) -> Iterator[str]:
        """Write the records of rows that are no more than their marked text as TEI, and yield their keys."""
        records = self.publication.records
        of_rows = [each for each in records.filed if not each.origin.path.startswith(DOCUMENTS)]
        with tempfile.TemporaryDirectory() as scratch:
            alone = Path(scratch)
            for name in ("fonds.toml", TABLES, "data/captures"):
                _copy(self.publication.folder / name, alone / name, self.publication.folder)
            for filed in of_rows:
                record = records.fetch(filed)
                if record.edition and not record.elements and not record.named:
                    path = alone / DOCUMENTS / f"{record.key}.xml"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(record.edition)
            with closing(Workshop()) as workshop:
                read = read_publication(alone, self.publication.settings, workshop=workshop)
                editions = {each.key: each for each in read.records.filed}
                for filed in of_rows:
                    record = records.fetch(filed)
                    edition = editions.get(record.key)
                    if edition and _value(read.records.fetch(edition)) == _value(record):
                        name = f"{DOCUMENTS}/{record.key}.xml"
                        _copy(alone / name, self.made / name, alone)
                        yield record.key
                    else:
                        why = "its row says more than its text" if record.edition else "it has no marked text"
                        self.tell(f"{record.origin}: {record.key} stays in its table: {why}")


def _copy(source: Path, target: Path, folder: Path) -> None:
    """Copy a file, or a folder with what stands in it; what leads out of the publication is left out."""
    if not stands_within(source, folder):
        return
    if source.is_dir():
        shutil.copytree(
            source,
            target,
            dirs_exist_ok=True,
            ignore=lambda above, names: [
                each for each in names if not stands_within(Path(above) / each, folder)
            ],
        )
    elif source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def _table_of(sheet: Sheet, path: Path, *, alone: bool) -> str:
    """Return the name of the CSV file that holds a table of authorities; of any other table the name that it has."""
    kinds = {name: name for name in _TABLE_NAMES}
    kinds |= {name.removesuffix(".csv"): name for name in _TABLE_NAMES} | dict(KINDS)
    for each in (sheet.name.strip().lower(), path.stem.lower() if alone or not sheet.name else ""):
        if each in kinds:
            return kinds[each]
    return f"{path.stem}.csv"


def _rows(sheet: Sheet) -> list[dict[str, str]]:
    """Return the rows of a table by its own names of columns."""
    lines = sheet.lines([])
    _, header = next(lines, (0, []))
    header = [each.strip() for each in header]
    while header and not header[-1]:
        header.pop()
    return [
        dict(zip(header, [*cells, *[""] * len(header)], strict=False))
        for _, cells in lines
        if any(map(str.strip, cells))
    ]


def _in_our_names(row: Mapping[str, str]) -> dict[str, str]:
    """Return a row of a table of authorities under our names of its columns, so that it stands beside rows of other tables."""
    return {column_named(name): cell for name, cell in row.items()}


def _write_table(path: Path, rows: list[dict[str, str]]) -> None:
    """Write rows as CSV in UTF-8 with commas; columns that only some have are empty in the others."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    if not columns:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _compare(publication: Publication, made: Path) -> None:
    """Read the new publication, and hold it against the old one.

    Raises:
        FondsError: It says something else.
    """
    with closing(Workshop()) as workshop:
        read = read_publication(made, read_settings(made), workshop=workshop)
        differing: list[Fault] = [*read.faults]
        ours = {each.key: _value(each) for each in publication.records}
        its = {each.key: _value(each) for each in read.records}
        for key in sorted(ours.keys() | its.keys()):
            if ours.get(key) != its.get(key):
                differing.append(Fault(str(Reference(Kind.RECORD, key)), 0, 0, "would not be the same"))
        for reference in sorted(publication.authorities.keys() | read.authorities.keys()):
            mine, other = publication.authorities.get(reference), read.authorities.get(reference)
            if (mine and _value(mine)) != (other and _value(other)):
                differing.append(Fault(str(reference), 0, 0, "would not be the same"))
    if differing:
        shown = "; ".join(map(str, differing[:5]))
        raise FondsError(
            f"the export would hold other data than the publication, and was not written: {shown}"
        )


def _value(thing: Any) -> Any:
    """Return a record or an authority without where it stands and how it is written."""
    return _without_places(msgspec.to_builtins(thing))


def _without_places(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _without_places(each) for name, each in value.items() if name not in ("origin", "edition")
        }
    return [_without_places(each) for each in value] if isinstance(value, list | tuple) else value
