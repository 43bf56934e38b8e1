"""Tables of records: each row is a record, or a unit that holds records, described in the elements of ISAD(G)."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path

from fonds.errors import Fault, SourceError
from fonds.identifiers import is_slug
from fonds.isadg import Element as Column
from fonds.isadg import Level, element_named, elements, level_named, levels
from fonds.model import (
    Authority,
    Correspondence,
    Dated,
    DocumentedEvent,
    Element,
    Identifier,
    Named,
    Naming,
    Origin,
    Phrase,
    Record,
    Reference,
    Text,
    Version,
)
from fonds.sources import Reading
from fonds.sources.files import decode, shown_path, stands_within
from fonds.sources.languages import language_tag
from fonds.sources.marked import ENDING
from fonds.sources.marked.reading import read_marked
from fonds.sources.plain_text import file_of_text, paragraphs, run_together
from fonds.sources.pointers import slug_of
from fonds.sources.sheets import ENDINGS, Row, Sheet, meant, opened_tables, rows_of
from fonds.sources.tables import KINDS, TABLES, is_table_of_authorities, place_of, several
from fonds.sources.tei_context import Context
from fonds.sources.written_dates import dated_in

RECORDS = "data/records"
FULLTEXT = ("full", "excerpt", "link")

_NOTHING = "NULL"
"""What AtoM writes where one of several values is missing."""
_CREATION = frozenset({"", "creation", "creación", "création", "entstehung", "создание"})
_IN_LANGUAGES = frozenset({"element", "title", "subjects"})
"""What words in a language say."""
_REPEATED = frozenset({"element", "identifier", "unused", "subjects", "parent", "described-in"})
"""What several columns of one table may say: each says it of the record."""
_MOST_HINTS = 50
"""How often a mistyped key is looked for among all others: among many it takes long."""
_OF_RECORDS = {"text": "a text", "documents": "events", "works": "works", "types": "types",
    "recipient": "a recipient", "sent-from": "a place of sending", "sent-to": "a place of destination",
}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class TableSource:
    """Reads the tables of records of one publication, in the order in which it is asked.

    Attributes:
        folder: The publication.
        known: What its tables of authorities list, and the program's own terms.
        labels: Who is called what, so that a name that could be a key is told.
        keepers: Who keeps the units that its tables of authorities list.
        default_fulltext: How much of a record's words leaves the house where its row does not say.
        context: With what marked texts are read, which are read like editions.
        language: In which language the publication describes what does not say it itself.
    """

    folder: Path
    known: Set[Reference] = frozenset()
    labels: Mapping[str, Reference] = field(default_factory=dict)
    keepers: Mapping[Reference, Reference | None] = field(default_factory=dict)
    default_fulltext: str = "full"
    context: Context = field(default_factory=Context)
    language: str = "en"
    _above: dict[str, Reference] = field(default_factory=dict)
    _units: dict[Reference, Reference | None] = field(default_factory=dict)
    _seen: dict[str, Origin] = field(default_factory=dict)
    _keys: dict[str, list[str]] = field(default_factory=dict)
    _hints: int = 0

    def __post_init__(self) -> None:
        """Note the keys of each kind, by which a mistyped one is found."""
        keys: dict[str, list[str]] = defaultdict(list)
        for reference in self.known:
            keys[reference.kind].append(reference.key)
        self._keys = dict(keys)
        self._units.update(self.keepers)

    def accepts(self, path: Path) -> bool:
        """Tell from its name whether a file holds tables."""
        return path.suffix.lower() in ENDINGS

    def read(self, path: Path) -> Iterator[Reading]:
        """Yield what came of each row of a file; of a whole table that cannot be read, its faults."""
        shown = shown_path(path, self.folder)
        faults: list[Fault] = []
        warnings: list[Fault] = []
        if not stands_within(path, self.folder):
            fault = Fault(shown, 0, 0, "leads out of the publication; put the file itself here")
            yield Reading(faults=(fault,))
            return
        with opened_tables(path, shown, faults, warnings) as sheets:
            if faults:
                yield Reading(faults=tuple(faults))
            for sheet in sheets:
                if not is_table_of_authorities(sheet):
                    yield from self._read_sheet(sheet)
        if warnings:
            yield Reading(warnings=tuple(warnings))

    def _read_sheet(self, sheet: Sheet) -> Iterator[Reading]:
        if sheet.name and sheet.is_empty():
            return
        faults: list[Fault] = []
        columns: _Columns | None = None
        for row in rows_of(sheet, is_column, _offered(), ("title",), faults, named=names_of()):
            if faults:
                yield Reading(faults=tuple(faults))
                faults.clear()
            columns = columns or _columns_of(row.cells)
            if not is_choice(row):
                yield _RowReader(row, columns, self).read()
        if faults:
            yield Reading(faults=tuple(faults))

    def place(self, key: str, row: Row, reference: Reference, keeper: Reference | None) -> Fault | None:
        """Note a row, so that others can name it as their parent; return a fault where its key is taken."""
        here = row.origin
        earlier = self._seen.setdefault(key, here)
        if earlier != here:
            return row.fault(f"the key {key!r} is there already, {place_of(earlier, here)}")
        self._above[key] = reference
        self._units[reference] = keeper
        if row["own-number"]:
            self._above.setdefault(f"{row.path}\0{row['own-number']}", reference)
        return None

    def parent(self, row: Row, written: str) -> Reference | None:
        """Return the unit that a row names as the one of which it is a part."""
        kind, slash, key = written.partition("/")
        if slash and Reference(kind, key) in self.known:
            return Reference(kind, key)
        found = self._above.get(f"{row.path}\0{written}") or self._above.get(key if slash else written)
        holding = Reference("holding", written)
        return found or (holding if holding in self.known else None)

    def keeper_of(self, unit: Reference | None) -> Reference | None:
        """Return who keeps a unit of a table."""
        return self._units.get(unit) if unit else None

    def nearest(self, kinds: Iterable[str], key: str) -> str:
        """Return a hint at a key that may be meant, empty where there is none."""
        self._hints += 1
        if self._hints > _MOST_HINTS:
            return ""
        near = difflib.get_close_matches(
            key, [each for kind in kinds for each in self._keys.get(kind, ())], n=1
        )
        return f"; did you mean {near[0]}?" if near else ""


def is_column(name: str) -> bool:
    """Tell whether a column's name, as :func:`names_of` gives it, is one that is read."""
    return name.partition("#")[0].partition("@")[0] in elements()


def is_choice(row: Row) -> bool:
    """Tell whether a row of ``data/records.csv`` says only how much of a document's words is published."""
    filled = {column for column, words in row.cells.items() if words}
    return row.path == f"{RECORDS}.csv" and filled == {"key", "fulltext"}


def names_of() -> Callable[[str], str]:
    """Return what names a column: the key of its element, ``@de`` for words in a language, ``#2`` where it comes again."""
    seen: dict[str, str] = {}
    numbers: dict[str, int] = defaultdict(int)

    def named(written: str) -> str:
        if written in seen:
            return seen[written]
        element, language = element_named(written), ""
        base, _, suffix = written.rpartition("_")
        if element is None and base and (tag := language_tag(suffix)):
            element, language = element_named(base), f"@{tag}"
            element = element if element and element.becomes in _IN_LANGUAGES else None
        if element is None:
            return written
        name = element.key + language
        numbers[name] += 1
        if element.becomes == "unused":
            name = f"{name}#{written}"
        elif numbers[name] > 1 and element.becomes in _REPEATED:
            name = f"{name}#{numbers[name]}"
        seen[written] = name
        return name

    return named


def _offered() -> list[str]:
    return [spelling for element in elements().values() for spelling in (element.key, *element.spellings)]


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns of a table.

    Attributes:
        of: For the key of an element its columns, each with the language of its words.
        describing: Those that are kept as words, or not published.
    """

    of: Mapping[str, tuple[tuple[str, str | None], ...]]
    describing: tuple[tuple[str, Column, str | None], ...]


def _columns_of(names: Iterable[str]) -> _Columns:
    of: dict[str, list[tuple[str, str | None]]] = defaultdict(list)
    describing: list[tuple[str, Column, str | None]] = []
    for name in names:
        key, _, tag = name.partition("#")[0].partition("@")
        of[key].append((name, tag or None))
        if (element := elements()[key]).becomes in ("element", "unused"):
            describing.append((name, element, tag or None))
    return _Columns({key: tuple(found) for key, found in of.items()}, tuple(describing))


@dataclass(slots=True)
class _RowReader:
    """Reads one row."""

    row: Row
    columns: _Columns
    source: TableSource
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    named: list[Named] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)
    authorities: tuple[Authority, ...] = ()
    language: str | None = None

    def read(self) -> Reading:
        """Return the record, or the unit, that the row describes."""
        row = self.row
        self.language = self._described_in()
        key, level, title = self._key(), self._level(), self._title()
        if key is None or level is None or title is None:
            # Nothing comes of it; what else is wrong with it is told all the same.
            self._parent()
            self._keeper()
            self._record(key or "none", title or Phrase(""), None, None)
            return Reading(faults=tuple(self.faults), warnings=tuple(self.warnings))
        above = self._parent()
        keeper = self._keeper() or self.source.keeper_of(above)
        is_record = level.form == "record"
        reference = Reference("record" if is_record else "holding", key)
        taken = self.source.place(key, row, reference, keeper)
        if taken:
            return Reading(faults=(*self.faults, taken), warnings=tuple(self.warnings))
        if not is_record:
            unit = self._unit(reference, title, level, above, keeper)
            return Reading(authorities=(unit,), faults=tuple(self.faults), warnings=tuple(self.warnings))
        record = self._record(key, title, above, keeper)
        return Reading(
            record=record,
            authorities=self.authorities,
            faults=tuple(self.faults),
            warnings=tuple(self.warnings),
        )

    def _key(self) -> str | None:
        written = self.row["key"]
        if not written:
            key = slug_of(self.row["reference-code"])
            if not key:
                self.faults.append(
                    self.row.fault(
                        "has neither key nor reference code; a record needs one of them to be called by"
                    )
                )
            return key or None
        if not is_slug(written):
            message = f"key: found {written!r}, expected a-z and 0-9 with single hyphens between, such as 'letter-7'"
            self.faults.append(self.row.fault(message))
            return None
        return written

    def _level(self) -> Level | None:
        written = self.row["level"]
        level = level_named(written)
        if level is None:
            known = [each for one in levels().values() for each in (one.key, *one.spellings)]
            self.faults.append(self.row.fault(f"level: found {written!r}; {meant(written.lower(), known)}"))
        return level

    def _described_in(self) -> str | None:
        written = next((words for _, words in self._in_languages("language-of-description")), "")
        tag = language_tag(written) if written else None
        if written and not tag:
            message = f"language-of-description: {written!r} is no code of ISO 639 and no name of a language"
            self.warnings.append(self.row.fault(message))
        return tag

    def _title(self) -> Phrase | None:
        """Return the first title; titles in other languages are kept beside it."""
        first: Phrase | None = None
        for language, words in self._in_languages("title"):
            if first is None:
                first = Phrase(words, language)
            else:
                self.elements.append(Element("title", Phrase(words, language)))
        if first is None:
            self.faults.append(self.row.fault("title is empty; every record and every unit needs one"))
        return first

    def _in_languages(self, key: str) -> Iterator[tuple[str | None, str]]:
        """Yield the words under the columns of an element, each with its language."""
        for column, tag in self.columns.of.get(key, ()):
            if words := self.row.cells[column]:
                yield tag or self.language, words

    def _parent(self) -> Reference | None:
        named = [(key, words) for key in ("parent", "holding") for _, words in self._in_languages(key)]
        if not named:
            return None
        column, written = named[0]
        for other, words in named[1:]:
            if words != written:
                message = (
                    f"{other}: {words!r} is another unit than {written!r}, of which it is said to be part too"
                )
                self.faults.append(self.row.fault(message))
        above = self.source.parent(self.row, written)
        if above is None:
            near = self.source.nearest(("holding",), written)
            message = (
                f"{column}: {written!r} is no row above this one, and not in {TABLES}/holdings.csv{near}"
            )
            self.faults.append(self.row.fault(message))
        return above

    def _keeper(self) -> Reference | None:
        """Return the first keeper that a table lists; what else is named there is kept as words."""
        keeper: Reference | None = None
        for written in several(self.row["repository"]):
            found = self._pointed("repository", written, ("group", "person"))
            if found and keeper is None:
                keeper = found
            elif found or self._is_words(written):
                self.elements.append(Element("repository", Phrase(written, self.language)))
        return keeper

    def _pointed(self, column: str, written: str, kinds: tuple[str, ...]) -> Reference | None:
        """Return what a value points to: ``kind/key``, or a key of one of the kinds; None where it is words."""
        kind, slash, key = written.partition("/")
        if slash and kind in KINDS and is_slug(key):
            reference = Reference(kind, key)
            if reference in self.source.known:
                return reference
            near = self.source.nearest((kind,), key)
            self.faults.append(self.row.fault(f"{column}: {key!r} is not in {TABLES}/{KINDS[kind]}{near}"))
            return None
        found = [each for one in kinds if (each := Reference(one, written)) in self.source.known]
        if len(found) > 1:
            message = (
                f"{column}: {written!r} could be {' or '.join(map(str, found))}; write the kind before it"
            )
            self.faults.append(self.row.fault(message))
        candidate = self.source.labels.get(written) if not found else None
        if candidate and candidate.kind in kinds:
            message = (
                f"{column}: {written!r} is what {candidate} is called; write {candidate} if that is meant"
            )
            self.warnings.append(self.row.fault(message))
        return found[0] if len(found) == 1 else None

    def _is_words(self, written: str) -> bool:
        kind, slash, key = written.partition("/")
        return not (slash and kind in KINDS and is_slug(key))

    def _creators(self, base: tuple[str, str]) -> tuple[Reference, ...]:
        found = []
        for written in self._creating():
            reference = self._pointed("name-of-creator", written, ("person", "group"))
            if reference is None and self._is_words(written):
                name = f"creator-{len(self.named) + 1}"
                self.named.append(Named(name=name, kind="actor", label=Phrase(written)))
                reference = Reference(base[0], f"{base[1]}/{name}")
            if reference:
                found.append(reference)
        return tuple(dict.fromkeys(found))

    def _sending(
        self, creators: Sequence[Reference], places: tuple[Naming, ...]
    ) -> tuple[Correspondence, ...]:
        """Return by whom and to whom a letter was sent, from where to where; nothing where no recipient and no destination is named.

        Who wrote it sent it.
        """
        recipients = tuple(self._namings("recipient", ("person", "group")))
        destinations = tuple(self._namings("sent-to", ("place",)))
        if not recipients and not destinations:
            return ()
        senders = tuple(Naming(form="", target=each) for each in creators)
        steps = [
            Correspondence(
                name="sending", action="sent", actors=senders, places=places, origin=self.row.origin
            ),
            Correspondence(name="addressing", action="addressed", actors=recipients, origin=self.row.origin),
        ]
        if destinations:
            steps.append(
                Correspondence(
                    name="receiving", action="received", places=destinations, origin=self.row.origin
                )
            )
        return tuple(steps)

    def _namings(self, column: str, kinds: tuple[str, ...]) -> Iterator[Naming]:
        for written in several(self.row[column]):
            target = self._pointed(column, written, kinds)
            if target or self._is_words(written):
                yield Naming(form=written, kind=kinds[0] if len(kinds) == 1 else "", target=target)

    def _creating(self) -> Iterator[str]:
        """Yield who made it; whoever had a part in another event, as the column of types says, is kept in a note."""
        pieces = self.row["name-of-creator"].split("|")
        types = self.row["date-type"].split("|")
        for at, piece in enumerate(pieces):
            written, what = piece.strip(), types[at].strip() if at < len(types) else ""
            if written in ("", _NOTHING):
                continue
            if what.casefold() in _CREATION:
                yield written
            else:
                self.elements.append(Element("note", Phrase(f"{what}: {written}")))

    def _subjects(self) -> tuple[Reference, ...]:
        found = []
        for key, kinds in _SUBJECTS.items():
            if key not in self.columns.of:
                continue
            for language, words in self._in_languages(key):
                for written in several(words):
                    reference = self._pointed(key, written, kinds)
                    if reference:
                        found.append(reference)
                    elif self._is_words(written):
                        self.elements.append(Element(key, Phrase(written, language)))
        return tuple(dict.fromkeys(found))

    def _known(self, column: str, kind: str) -> tuple[Reference, ...]:
        """Return the keys of one kind under a column; any other is a fault."""
        if not self.row[column]:
            return ()
        found = []
        for written in several(self.row[column]):
            reference = Reference(kind, written.removeprefix(f"{kind}/"))
            if reference in self.source.known:
                found.append(reference)
            else:
                near = self.source.nearest((kind,), reference.key)
                message = f"{column}: {reference.key!r} is not in {TABLES}/{KINDS[kind]}{near}"
                self.faults.append(self.row.fault(message))
        return tuple(found)

    def _languages(self) -> tuple[str, ...]:
        found = []
        for written in several(self.row["language"]):
            own = Reference("language", written) in self.source.known
            tag = written if own else language_tag(written)
            if tag:
                found.append(tag)
            else:
                message = (
                    f"language: {written!r} is no code of ISO 639 and no name of a language; kept as words"
                )
                self.warnings.append(self.row.fault(message))
                self.elements.append(Element("language", Phrase(written, self.language)))
        return tuple(dict.fromkeys(found))

    def _created(self) -> Dated | None:
        """Return the date of creation: of several dates the one that says so, else the first; the others stay words."""
        cells = [self.row[column] for column in _DATES]
        if not any(cells):
            return None
        pieces = [cell.split("|") for cell in cells]
        number = max(map(len, pieces))
        created = None
        for at in range(number):
            what, words, start, end = (
                each[at].strip().replace(_NOTHING, "") if at < len(each) else "" for each in pieces
            )
            dated = dated_in(words, start, end)
            shown = words or "–".join(each for each in dict.fromkeys((start, end)) if each)
            if created is None and dated and what.casefold() in _CREATION:
                created = dated
            elif shown:
                self._keep_date(what, shown, understood=dated is not None)
        return created

    def _keep_date(self, what: str, shown: str, *, understood: bool) -> None:
        words = f"{what}: {shown}" if what else shown
        self.elements.append(Element("date", Phrase(words)))
        if not understood:
            message = f"date: {shown!r} cannot be read as a date and is kept as words; write EDTF, such as 1901-03-05 or 1901~"
            self.warnings.append(self.row.fault(message))

    def _identifiers(self) -> tuple[Identifier, ...]:
        code = self.row["reference-code"]
        found = [("reference-code", code)] if code else []
        for key in _IDENTIFIERS.intersection(self.columns.of):
            found += [(key, each) for _, words in self._in_languages(key) for each in several(words)]
        if len(found) < 2:
            return tuple(Identifier(name=key, type=key, value=value, bearer="text") for key, value in found)
        numbers: dict[str, int] = defaultdict(int)
        identifiers = []
        for key, value in sorted(dict.fromkeys(found)):
            numbers[key] += 1
            name = key if numbers[key] == 1 else f"{key}-{numbers[key]}"
            identifiers.append(Identifier(name=name, type=key, value=value, bearer="text"))
        return tuple(identifiers)

    def _describing(self) -> None:
        """Collect the words of the elements that describe; report what is not published."""
        for column, element, tag in self.columns.describing:
            words = self.row.cells[column]
            if not words:
                continue
            if element.becomes == "unused":
                written = column.partition("#")[2]
                self.warnings.append(self.row.fault(f"{written}: is not published: {words:.60}"))
            else:
                language = tag or self.language
                self.elements += [Element(element.key, Phrase(each, language)) for each in several(words)]

    def _record(self, key: str, title: Phrase, above: Reference | None, keeper: Reference | None) -> Record:
        row = self.row
        languages = self._languages()
        words = self._text(languages)
        self._describing()
        creators = self._creators(("record", key))
        places = tuple(self._namings("sent-from", ("place",)))
        held = bool(words.blocks)
        record = Record(
            key=key,
            title=title,
            label=title,
            text=words,
            fulltext=self._fulltext(),
            types=tuple(each.key for each in self._known("type-of-document", "type")),
            creators=creators,
            correspondence=self._sending(creators, places),
            written_at=next(iter(places), None),
            created=self._created(),
            identifiers=self._identifiers(),
            holding=above if above and above.kind == "holding" else None,
            keeper=keeper,
            part_of=(
                *((above,) if above and above.kind != "holding" else ()),
                *self._known("part-of-work", "work"),
            ),
            versions=tuple(Version(language=tag, role="original", held=held) for tag in languages),
            documents=tuple(
                DocumentedEvent(event=each, origin=row.origin) for each in self._known("documents", "event")
            ),
            subjects=self._subjects(),
            elements=tuple(self.elements),
            named=tuple(self.named),
            editorial_language=self.language or self.source.language,
            origin=row.origin,
        )
        return self._with_marked_text(record) if row["text"].endswith(ENDING) else record

    def _with_marked_text(self, record: Record) -> Record:
        """Return a record with what its marked text says of it; a text that cannot be read is a fault."""
        words = self._words_of_text()
        if words is None:
            return record
        marked = read_marked(*words, record, self.source.context, said=bool(self.row["fulltext"]))
        self.faults.extend(marked.faults)
        self.warnings.extend(marked.warnings)
        self.authorities = marked.authorities
        return marked.record or record

    def _unit(
        self,
        reference: Reference,
        title: Phrase,
        level: Level,
        above: Reference | None,
        keeper: Reference | None,
    ) -> Authority:
        row = self.row
        for key, what in _OF_RECORDS.items():
            column = next(each.key for each in elements().values() if each.becomes == key)
            if row[column]:
                self.faults.append(
                    row.fault(
                        f"{column}: a {level.key} has not {what} of its own; give it to a record within it"
                    )
                )
        if above and above.kind != "holding":
            self.faults.append(
                row.fault(f"parent: {above} is a record, and a {level.key} cannot be part of one")
            )
        self._describing()
        codes = self._identifiers()
        self.elements += [
            Element(each.type, Phrase(each.value)) for each in codes if each.name != "reference-code"
        ]
        return Authority(
            reference=reference,
            labels=(title,),
            broader=above if above and above.kind == "holding" else None,
            code=row["reference-code"] or reference.key,
            level=level.key,
            keeper=keeper,
            creators=self._creators(("holding", reference.key)),
            created=self._created(),
            subjects=self._subjects(),
            languages=self._languages(),
            elements=tuple(self.elements),
            named=tuple(self.named),
            origin=row.origin,
        )

    def _fulltext(self) -> str:
        written = self.row["fulltext"]
        if written and written not in FULLTEXT:
            self.faults.append(
                self.row.fault(f"fulltext: found {written!r}, expected one of {', '.join(FULLTEXT)}")
            )
        return written or self.source.default_fulltext

    def _text(self, languages: tuple[str, ...]) -> Text:
        written = self.row["text"]
        language = languages[0] if languages else ""
        # A marked text says more than words: it is read once the rest of the row is.
        if not written or written.endswith(ENDING) or (found := self._words_of_text()) is None:
            return Text(language=language)
        words, shown = found
        if line := run_together(words):
            message = (
                "has no empty line, so that all of it is one paragraph; put an empty line between paragraphs (a word processor "
                "that saves plain text leaves them out)"
            )
            self.warnings.append(Fault(shown, line, 0, message))
        return Text(language=language or "und", blocks=paragraphs(words, self.row.origin))

    def _words_of_text(self) -> tuple[str, str] | None:
        """Return what the file of the row's text holds, and its name; None, and a fault, where it cannot be read."""
        folder = self.source.folder
        try:
            path = file_of_text(self.row["text"], folder, self.row.path)
            shown = shown_path(path, folder)
            return decode(path.read_bytes(), shown), shown
        except SourceError as error:
            # What is wrong with the path stands in the row, what is wrong with the words in their file.
            found = error.fault
            self.faults.append(self.row.fault(found.message) if found.path == self.row.path else found)
            return None


_SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "subject": ("topic",),
    "place-access-point": ("place",),
    "name-access-point": ("person", "group"),
}
_DATES = ("date-type", "date", "date-start", "date-end")
_IDENTIFIERS = frozenset({"accession-number", "alternative-identifier"})
