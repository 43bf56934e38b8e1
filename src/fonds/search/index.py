"""The full-text index of a release: its fields, how words are cut and folded, and writing it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
import tantivy

from fonds.identifiers import Kind
from fonds.model import Authority, Reference
from fonds.search.entries import Entry, Period, names_of, period_of
from fonds.search.facets import FACETS, FOUND, KIND, Facet, values_of_authority, values_of_record
from fonds.search.folding import prepared, sounds
from fonds.search.shelfmarks import order_of, shelfmark_terms
from fonds.search.values import Values

LANGUAGES: Mapping[str, str] = {
    "en": "english",
    "ru": "russian",
    "de": "german",
    "es": "spanish",
    "fr": "french",
    "it": "italian",
}
"""Languages whose words are found in all their forms, by their primary subtags, with the names of their stemmers."""

KINDS: Mapping[str, str] = {Kind.PERSON: "people", Kind.GROUP: "groups", Kind.PLACE: "places"}
"""Kinds of thing with the fields in which their names stand; those of all others stand in :data:`OTHERS`."""
OTHERS = "others"
NAMES = ("creators", *KINDS.values(), OTHERS)
"""The fields of names."""

FAR = 2**62
"""Stands for a day that is not bounded."""

BLOCK, BIT, BLOCK_BITS = "block", "bit", 48
"""Documents have numbers in the order in which they were written: the block of so many, and its bit there.

The sum of the bits of some documents of a block, which a double holds exactly, says which these are.
"""
MOST_BLOCKS = 60_000
"""Of more, the engine gives no sums; there are no facets then."""
_HEAP_BYTES = 64_000_000
_LONGEST_WORD = 120
_MOST_SHOWN = 400
_MOST_LEVELS = 20
_MOST_SOUNDS = 2_000
_WORD = re.compile(r"\w{3,40}")


class Shown(msgspec.Struct, frozen=True, array_like=True):
    """What a list shows of a thing that was found; its name and its words stand elsewhere in the release."""

    mark: str = ""
    """The archive's reference."""
    written: str = ""
    """When it was written, EDTF."""
    happened: str = ""
    """When what it documents was, EDTF."""
    language: str = ""
    """BCP 47 tag of its words."""


def stems(language: str) -> str:
    """Return the field in which the words of a language stand without their endings."""
    return f"stems_{language}"


def analyzer(stemmer: str = "") -> tantivy.TextAnalyzer:
    """Return what cuts a prepared text into words, in lower case and without accents.

    Args:
        stemmer: Takes off their endings; empty: nothing does.
    """
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.regex(r"[\p{L}\p{N}\p{M}]+"))
    builder = builder.filter(tantivy.Filter.remove_long(_LONGEST_WORD)).filter(tantivy.Filter.lowercase())
    if stemmer:
        builder = builder.filter(tantivy.Filter.stemmer(stemmer))
    return builder.filter(tantivy.Filter.ascii_fold()).build()


def schema() -> tantivy.Schema:
    """Return the fields of the index."""
    fields = tantivy.SchemaBuilder()
    for name in ("key", "shown"):
        fields.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    for facet in FACETS.values():
        fields.add_text_field(facet.field, tokenizer_name="raw", index_option="basic")
    for name in (BLOCK, BIT):
        fields.add_unsigned_field(name, fast=True)
    fields.add_text_field("order", fast=True, tokenizer_name="raw", index_option="basic")
    fields.add_text_field("days", tokenizer_name="raw", index_option="basic")
    for name in ("marks", "sounds"):
        fields.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
    for name in ("title", *NAMES, "references", "words"):
        fields.add_text_field(name, tokenizer_name="folded", index_option="position")
    for language in LANGUAGES:
        fields.add_text_field(stems(language), tokenizer_name=language, index_option="freq")
    for name in ("written_from", "written_to", "happened_from", "happened_to", "oldest", "newest"):
        fields.add_integer_field(name, indexed=False, fast=True)
    return fields.build()


def register_analyzers(index: tantivy.Index) -> None:
    """Tell an index how its fields are cut; it is not kept with it."""
    index.register_tokenizer("folded", analyzer())
    for language, stemmer in LANGUAGES.items():
        index.register_tokenizer(language, analyzer(stemmer))


def write_index(
    folder: Path, records: Iterable[tuple[Entry, str | None]], authorities: Mapping[Reference, Authority]
) -> None:
    """Write the index of a release.

    Args:
        folder: Where; it is made.
        records: What records are found by, each with as many of its words as are published.
        authorities: What records name, terms of vocabularies among them.
    """
    folder.mkdir()
    index = tantivy.Index(schema(), path=str(folder))
    register_analyzers(index)
    writer = index.writer(_HEAP_BYTES, 1)
    listed, values = _Listed(authorities), Values()
    for entry, words in records:
        writer.add_document(_document_of_record(entry, words, listed, values))
    for authority in authorities.values():
        if authority.reference.kind in FOUND:
            writer.add_document(_document_of_authority(authority, listed, values))
    writer.commit()
    writer.wait_merging_threads()
    values.write(folder)
    for lock in folder.glob(".tantivy-*.lock"):
        lock.unlink()
    # The engine lets only the owner read some of them; who serves a release need not be who built it.
    for path in folder.iterdir():
        path.chmod(0o644)


class _Listed:
    """The names and places of what is listed, worked out when they are needed first."""

    def __init__(self, authorities: Mapping[Reference, Authority]) -> None:
        self._authorities = authorities
        self._names: dict[Reference, tuple[str, str]] = {}
        self._marks: dict[Reference, str] = {}

    def names(self, reference: Reference) -> tuple[str, str]:
        """Return the names of a thing, ready to be cut, and how they sound; nothing for one that is not listed."""
        found = self._names.get(reference)
        if found is None:
            authority = self._authorities.get(reference)
            names = names_of(authority) if authority else ()
            found = self._names[reference] = (prepared(" \n ".join(names)), " ".join(sounds_of(names)))
        return found

    def mark(self, reference: Reference) -> str:
        """Return the reference of a unit of an archive: the codes of those above it and its own."""
        found = self._marks.get(reference)
        if found is None:
            units = (self._authorities[each] for each in reversed(self.path(reference)))
            found = self._marks[reference] = ", ".join(each.code for each in units if each.code)
        return found

    def path(self, reference: Reference | None) -> tuple[Reference, ...]:
        """Return a unit of an archive and those above it, from below; nothing for none, or one that is not listed."""
        found: list[Reference] = []
        while reference and reference not in found and len(found) < _MOST_LEVELS:
            unit = self._authorities.get(reference)
            if unit is None:
                break
            found.append(reference)
            reference = unit.broader
        return tuple(found)


def sounds_of(names: Iterable[str]) -> list[str]:
    """Return how the words of names sound, each key once."""
    words = dict.fromkeys(word for name in names for word in _WORD.findall(name[:_MOST_SOUNDS]))
    return list(dict.fromkeys(key for word in words for key in sounds(word)))


def _document_of_record(entry: Entry, words: str | None, listed: _Listed, values: Values) -> tantivy.Document:
    document = tantivy.Document()
    document.add_text("key", f"{Kind.RECORD}/{entry.key}")
    _add_values(document, Kind.RECORD, values_of_record(entry, listed.path(entry.holding)), values)
    marks = [*entry.marks, *([listed.mark(entry.holding)] if entry.holding else [])]
    shown = next((each for each in marks if each), "")
    _add_facts(document, shown, entry.written, entry.happened, entry.language)
    _add_marks(document, marks)
    heard = sounds_of([entry.title.text])
    document.add_text("title", prepared(entry.title.text))
    creators = frozenset(entry.creators)
    for reference in entry.mentioned:
        names, keys = listed.names(reference)
        if names:
            document.add_text(KINDS.get(reference.kind, OTHERS), names)
            heard.append(keys)
        if names and reference in creators:
            document.add_text("creators", names)
    for kind, name in entry.unlisted:
        document.add_text(KINDS.get(kind, OTHERS), prepared(name))
        heard += sounds_of([name])
    document.add_text("sounds", " ".join(heard))
    for text in (words, *entry.more):
        if text:
            _add_words(document, prepared(text), entry.language)
    if entry.title.language:
        _add_stems(document, prepared(entry.title.text), entry.title.language.split("-")[0].lower())
    return document


def _document_of_authority(authority: Authority, listed: _Listed, values: Values) -> tantivy.Document:
    document = tantivy.Document()
    kind = authority.reference.kind
    document.add_text("key", str(authority.reference))
    names, heard = listed.names(authority.reference)
    document.add_text("title", names)
    document.add_text(KINDS.get(kind, OTHERS), names)
    document.add_text("sounds", heard)
    for each in authority.creators:
        document.add_text("creators", listed.names(each)[0])
    mark = listed.mark(authority.reference) if kind == Kind.HOLDING else ""
    when = period_of(authority.created.date) if authority.created else None
    above = listed.path(authority.broader) if kind == Kind.HOLDING else ()
    _add_values(document, kind, values_of_authority(authority, when, above), values)
    _add_facts(document, mark, when)
    _add_marks(document, [mark] if mark else [])
    elements = (each.words.text for each in authority.elements)
    for text in filter(None, (authority.definition, authority.words, *elements)):
        _add_words(document, prepared(text), authority.language.split("-")[0].lower())
    return document


def _add_values(
    document: tantivy.Document, kind: str, found: Iterable[tuple[Facet, str]], values: Values
) -> None:
    block, bit = divmod(values.documents, BLOCK_BITS)
    document.add_unsigned(BLOCK, block)
    document.add_unsigned(BIT, 1 << bit)
    every = [(FACETS[KIND], kind), *found]
    for facet, value in every:
        document.add_text(facet.field, value)
    values.add(every)


def _add_facts(
    document: tantivy.Document,
    mark: str,
    written: Period | None,
    happened: Period | None = None,
    language: str = "",
) -> None:
    """Add what a list shows of a thing, and by what it is sorted; what has no reference comes behind all that have one."""
    days = (written.edtf if written else "", happened.edtf if happened else "")
    shown = Shown(mark[:_MOST_SHOWN], *days, language)
    document.add_text("shown", msgspec.json.encode(shown).decode())
    document.add_text("order", order_of(mark) if mark else "\U0010ffff")
    _add_days(document, written, happened)


def _add_days(document: tantivy.Document, written: Period | None, happened: Period | None) -> None:
    for name, period in (("written", written), ("happened", happened)):
        if period:
            document.add_integer(f"{name}_from", -FAR if period.earliest is None else period.earliest)
            document.add_integer(f"{name}_to", FAR if period.latest is None else period.latest)
            document.add_text("days", day_term(name, period.edtf))
    # Records are sorted by the last day that they can have been written; those without a date come last either way.
    last = written.latest if written else None
    document.add_integer("oldest", FAR if last is None else last)
    document.add_integer("newest", -FAR if last is None else last)


def day_term(what: str, edtf: str) -> str:
    """Return the term under which a thing is found that was written, or tells of what happened, on just that day."""
    return f"{what} {edtf.rstrip('?~%')}"


def _add_marks(document: tantivy.Document, marks: Sequence[str]) -> None:
    if marks:
        document.add_text("marks", " ".join(shelfmark_terms(marks)))
        for each in marks:
            document.add_text("references", prepared(each))


def _add_words(document: tantivy.Document, text: str, language: str) -> None:
    document.add_text("words", text)
    _add_stems(document, text, language)


def _add_stems(document: tantivy.Document, text: str, language: str) -> None:
    if language in LANGUAGES:
        document.add_text(stems(language), text)
