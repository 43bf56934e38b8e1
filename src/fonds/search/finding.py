"""Finding what fits a question: the question as a query of the engine, the hits, and the names nearest to what was typed."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import tantivy
from tantivy import Occur, Query

from fonds.dates import DateSpan
from fonds.errors import ReleaseError
from fonds.identifiers import Kind
from fonds.search.asking import MOST_CHARACTERS, MOST_CLAUSES, Clause, Question
from fonds.search.entries import number_of
from fonds.search.facets import FACETS, KIND, YEAR, Facet
from fonds.search.folding import cyrillic_spelling, is_cyrillic, latin_spellings, prepared, sounds
from fonds.search.index import (
    BIT,
    BLOCK,
    BLOCK_BITS,
    FAR,
    LANGUAGES,
    MOST_BLOCKS,
    NAMES,
    Shown,
    analyzer,
    day_term,
    register_analyzers,
    stems,
)
from fonds.search.shelfmarks import Shelfmark, exact_terms, part_terms
from fonds.search.values import Hits, ValueSets

SORTS = {
    "relevance": None,
    "newest": ("newest", True),
    "oldest": ("oldest", False),
    "shelfmark": ("order", False),
}
"""The orders of hits, with the field and whether its greatest values come first."""

_BOOSTS = {
    "title": 4.0,
    "creators": 5.0,
    "people": 2.5,
    "groups": 2.0,
    "places": 2.0,
    "others": 1.5,
    "references": 2.0,
}
_EVERYWHERE = ("title", *NAMES, "references", "words")
_SHORTEST_FUZZY = 4
_SHORTEST_BEGINNING = 2
_LONG = 7
_MOST_VALUES = 1_000
_BLOCK_BYTES = BLOCK_BITS // 8


@dataclass(frozen=True, slots=True)
class Asked:
    """A search.

    Attributes:
        question: What is looked for.
        kinds: Of things; none: any that is no record.
        chosen: Values of facets, by the names of these, that things must have; beside the kind.
        period: Days to which records must belong; None: any.
        sort: One of :data:`SORTS`.
        start: How many hits are passed over.
        length: Most hits that are wanted.
    """

    question: Question
    kinds: tuple[str, ...] = (Kind.RECORD,)
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    period: DateSpan | None = None
    sort: str = "relevance"
    start: int = 0
    length: int = 20


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that was found.

    Attributes:
        path: Its kind and key, ``record/letter-7``.
        shown: What a list shows of it.
    """

    path: str
    shown: Shown


@dataclass(frozen=True, slots=True)
class Found:
    """What was found.

    Attributes:
        hits: Those that were wanted.
        total: How many there are.
    """

    hits: tuple[Hit, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Count:
    """How many things have a value.

    Attributes:
        value: Of a facet.
        number: Of those that fit the question, and what else is chosen.
        chosen: Whether it is chosen.
    """

    value: str
    number: int
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """The values of a facet among what was found.

    Attributes:
        facet: Which.
        counts: Those with most things first, but years in their order; what is chosen is always among them.
        more: Whether there are others.
    """

    facet: Facet
    counts: tuple[Count, ...]
    more: bool


class SearchIndex:
    """The full-text index of a release, open for reading from any thread.

    Raises:
        ReleaseError: There is none, or it is damaged.
    """

    def __init__(self, folder: Path) -> None:
        try:
            index = _opened(folder)
        except (OSError, ValueError) as error:
            raise ReleaseError(
                f"{folder}: no full-text index ({error}); `fonds repair` makes it again, `fonds build` from the sources"
            ) from error
        self._values = ValueSets(folder)
        self._searcher = index.searcher()
        self._schema = index.schema
        self._cut = analyzer()
        self._stemmers = {language: analyzer(stemmer) for language, stemmer in LANGUAGES.items()}

    def find(self, asked: Asked) -> Found:
        """Return what fits."""
        query = self._query(asked)
        if query is None:
            return Found((), 0)
        order = SORTS[asked.sort]
        result = self._searcher.search(
            query,
            limit=asked.length,
            offset=asked.start,
            order_by_field=order[0] if order else None,
            order=tantivy.Order.Desc if order is None or order[1] else tantivy.Order.Asc,
        )
        return Found(
            tuple(self._hit(address) for _, address in result.hits), int(getattr(result, "count", None) or 0)
        )

    def facets(self, asked: Asked, *, most: int = 12, whole: str = "") -> tuple[Counted, ...]:
        """Return how many of what fits have which values.

        A facet of which one of several values is enough is counted as if none of it were chosen: its numbers tell what another
        value would add. All others are counted among what was found.

        Args:
            asked: The search; its order, start and length do not matter.
            most: How many values of each facet are wanted; what is chosen comes in addition.
            whole: The name of a facet of which 1,000 are wanted.
        """
        words = self._asked_for(asked)
        if self._values.documents > MOST_BLOCKS * BLOCK_BITS or _is_nothing(asked, words):
            return ()
        sets = dict(self._filter_sets(asked))
        fitting = self._fitting(words)
        every: dict[int, Hits] = {}
        found = []
        for facet in FACETS.values():
            bits = fitting
            for name, things in sets.items():
                if name != facet.name or not facet.any_fits:
                    bits &= things
            hits = every.setdefault(bits, Hits(bits))
            number = _MOST_VALUES if facet.name == whole else most
            counts, more = self._values.counted(facet, hits, number, self._chosen_of(asked, facet))
            if counts:
                found.append(Counted(facet, _in_order(facet, counts, self._chosen_of(asked, facet)), more))
        return tuple(found)

    def _chosen_of(self, asked: Asked, facet: Facet) -> tuple[str, ...]:
        return asked.kinds if facet.name == KIND else asked.chosen.get(facet.name, ())

    def _filter_sets(self, asked: Asked) -> Iterator[tuple[str, int]]:
        """Yield facets of which something is chosen, with the sets of what has that."""
        if not asked.kinds:
            yield KIND, self._values.without_records(FACETS[KIND], Kind.RECORD)
        for facet in FACETS.values():
            if values := self._chosen_of(asked, facet):
                yield facet.name, self._values.having(facet, values)

    def _fitting(self, words: Query | None) -> int:
        """Return the set of what has the words and the days of a search, whatever is chosen; where there are none, of all."""
        documents = self._values.documents
        if words is None:
            return (1 << documents) - 1
        blocks = documents // BLOCK_BITS + 1
        terms = {"field": BLOCK, "size": blocks, "segment_size": blocks}
        wanted = {"blocks": {"terms": terms, "aggs": {"bits": {"sum": {"field": BIT}}}}}
        found: dict[str, Any] = self._searcher.aggregate(words, wanted)
        data = bytearray(_BLOCK_BYTES * blocks)
        for each in found["blocks"]["buckets"]:
            start = _BLOCK_BYTES * int(each["key"])
            data[start : start + _BLOCK_BYTES] = int(each["bits"]["value"]).to_bytes(_BLOCK_BYTES, "little")
        return int.from_bytes(data, "little")

    def things(self, question: Question, most: int) -> tuple[str, ...] | None:
        """Return kind and key of everything that fits a question, of any kind, in their order; None if that is more than so many."""
        query = self._asked_for(Asked(question))
        if query is None:
            return ()
        found = self._searcher.terms_with_prefix("key", "", query, most + 1)
        return tuple(key for key, _ in found) if len(found) <= most else None

    def nearest(self, question: Question, most: int = 5) -> tuple[Hit, ...]:
        """Return the listed things whose names are most like the words of a question."""
        near = [
            query
            for each in question.clauses
            if not each.excluded
            for word in self._words(each.text)
            if len(word) >= _SHORTEST_FUZZY
            for query in (*self._near("title", word, 2), *self._heard(word))
        ]
        if not near:
            return ()
        query = Query.boolean_query(
            [
                (Occur.Must, Query.disjunction_max_query(near, 0.3)),
                (Occur.MustNot, self._term(KIND, Kind.RECORD)),
            ]
        )
        return tuple(self._hit(address) for _, address in self._searcher.search(query, limit=most).hits)

    def named(
        self, text: str, kinds: Sequence[str], most: int, *, beginning: bool = False
    ) -> tuple[str, ...]:
        """Return kind and key of the things whose names have words of a text, those with most of them first.

        A word may be spelled otherwise, in Latin or Cyrillic letters, by ear, or with one letter that is wrong (two from seven
        letters on).

        Args:
            text: A name; nothing in it has a meaning of its own.
            kinds: Of things, at least one.
            most: How many are wanted.
            beginning: Whether names must have all the words, of which the last may be the beginning of one: for who is
                still typing.
        """
        words = self._words(text[:MOST_CHARACTERS])[:MOST_CLAUSES]
        if not words:
            return ()
        wanted = []
        for place, word in enumerate(words):
            begins = beginning and place == len(words) - 1
            either = Query.disjunction_max_query([*self._in_names(word, begins=begins)], 0.1)
            wanted.append((Occur.Must if beginning else Occur.Should, either))
        kind = Query.term_set_query(self._schema, FACETS[KIND].field, list(kinds))
        parts = [
            (Occur.Must, Query.boolean_query(wanted)),
            (Occur.Must, Query.const_score_query(kind, 0.0)),
        ]
        hits = self._searcher.search(Query.boolean_query(parts), limit=most).hits
        return tuple(str(self._searcher.doc(address).get_first("key")) for _, address in hits)

    def _in_names(self, word: str, *, begins: bool) -> Iterator[Query]:
        """Yield what finds a word in the names of things that are listed."""
        yield Query.boost_query(self._term("title", word), 3.0)
        for other in _other_spellings(word):
            yield Query.boost_query(self._term("title", other), 2.5)
        yield from (Query.boost_query(each, 1.5) for each in self._heard(word))
        if begins:
            yield Query.regex_query(self._schema, "title", f"{re.escape(word)}.*")
        elif len(word) >= _SHORTEST_FUZZY:
            yield from self._near("title", word, 2 if len(word) >= _LONG else 1)

    def marked(self, question: Question) -> tuple[frozenset[str], frozenset[str]]:
        """Return the words that are marked where they stand in a text, and the stems of others that are."""
        wanted = [each for each in question.clauses if not each.excluded and each.text]
        words = {word for each in wanted for word in self._words(each.text)}
        words |= {
            other for each in wanted for word in self._words(each.text) for other in _other_spellings(word)
        }
        loose = " ".join(each.text for each in wanted if not each.phrase)
        stemmed = {stem for each in self._stemmers.values() for stem in each.analyze(prepared(loose))}
        return frozenset(words), frozenset(each for each in stemmed if len(each) > 2)

    def stems(self, word: str) -> list[str]:
        """Return what a word is without its endings, in any of the languages."""
        return [stem for each in self._stemmers.values() for stem in each.analyze(word)]

    def _hit(self, address: tantivy.DocAddress) -> Hit:
        document = self._searcher.doc(address)
        shown = msgspec.json.decode(str(document.get_first("shown")), type=Shown)
        return Hit(str(document.get_first("key")), shown)

    # -- the question as a query ---------------------------------------------------------------------------------------

    def _query(self, asked: Asked) -> Query | None:
        """Return what fits a search; None where nothing is asked, or no word of it can be looked for."""
        words = self._asked_for(asked)
        if _is_nothing(asked, words):
            return None
        parts = [(Occur.Must, words or Query.all_query()), *self._filters(asked)]
        return Query.boolean_query(parts)

    def _asked_for(self, asked: Asked) -> Query | None:
        """Return what has the words and days of a search; None where there are none."""
        parts: list[tuple[Occur, Query]] = []
        words = self._clauses(asked.question.clauses)
        mark = self._mark(asked.question.shelfmark)
        # A reference comes first; the same numbers may stand in a text as well.
        either = [each for each in (words, mark) if each is not None]
        if either:
            parts.append((Occur.Must, either[0] if len(either) == 1 else Query.disjunction_max_query(either)))
        elif asked.question.text:
            return None
        if asked.period:
            parts.append((Occur.Must, self._within(asked.period)))
        return Query.boolean_query(parts) if parts else None

    def _filters(self, asked: Asked) -> Iterator[tuple[Occur, Query]]:
        if not asked.kinds:
            yield Occur.MustNot, self._term(KIND, Kind.RECORD)
        for facet in FACETS.values():
            values = self._chosen_of(asked, facet)
            if values and facet.any_fits:
                any_of = Query.term_set_query(self._schema, facet.field, list(values))
                yield Occur.Must, Query.const_score_query(any_of, 0.0)
            elif values:
                for each in values:
                    yield Occur.Must, Query.const_score_query(self._term(facet.field, each), 0.0)

    def _clauses(self, clauses: Sequence[Clause]) -> Query | None:
        parts: list[tuple[Occur, Query]] = []
        for each in clauses:
            query = self._clause(each)
            if query is not None:
                parts.append((Occur.MustNot if each.excluded else Occur.Must, query))
        if not parts:
            return None
        if all(occur is Occur.MustNot for occur, _ in parts):
            parts.append((Occur.Must, Query.all_query()))
        return Query.boolean_query(parts)

    def _clause(self, clause: Clause) -> Query | None:
        found: list[Query] = []
        if clause.date:
            # First what tells of that day, then what was written on it, then what may be of it.
            for what, score in (("happened", 4.0), ("written", 3.0)):
                exact = self._term("days", day_term(what, clause.date.edtf))
                found.append(Query.const_score_query(exact, score))
            found.append(Query.const_score_query(self._within(clause.date), 1.0))
        words = self._words(clause.text)
        if len(words) == 1 and not clause.phrase:
            found += self._word(words[0], clause)
        elif words:
            found += self._side_by_side(words, clause)
        return Query.disjunction_max_query(found, 0.1) if found else None

    def _word(self, word: str, clause: Clause) -> Iterator[Query]:
        fields = clause.fields or _EVERYWHERE
        for name in fields:
            yield self._boosted(name, self._term(name, word))
            for other in _other_spellings(word):
                yield Query.boost_query(self._boosted(name, self._term(name, other)), 0.8)
        if not clause.fields or "words" in clause.fields:
            for language, stemmer in self._stemmers.items():
                for stem in stemmer.analyze(word):
                    yield Query.boost_query(self._term(stems(language), stem), 0.6)
        if not clause.fields:
            yield from (Query.boost_query(each, 0.5) for each in self._heard(word))
        if clause.fuzzy and len(word) >= _SHORTEST_FUZZY:
            for name in fields:
                yield from self._near(name, word, 2 if len(word) >= _LONG else 1)
        if clause.beginning and len(word) >= _SHORTEST_BEGINNING:
            for name in fields:
                yield self._boosted(name, Query.regex_query(self._schema, name, f"{re.escape(word)}.*"))

    def _side_by_side(self, words: Sequence[str], clause: Clause) -> Iterator[Query]:
        for name in clause.fields or _EVERYWHERE:
            query = (
                self._term(name, words[0])
                if len(words) == 1
                else Query.phrase_query(self._schema, name, list(words))
            )
            yield self._boosted(name, query)

    def _mark(self, mark: Shelfmark | None) -> Query | None:
        if mark is None:
            return None
        found = [Query.boost_query(self._term("marks", each), 20.0) for each in exact_terms(mark)]
        if parts := part_terms(mark):
            every = [(Occur.Must, self._term("marks", each)) for each in parts]
            found.append(Query.boost_query(Query.boolean_query(every), 10.0))
        if not found:
            return None
        numbers = Query.disjunction_max_query(found)
        rest = [self._within_reference(word) for word in self._words(mark.rest)]
        return Query.boolean_query([(Occur.Must, numbers), *((Occur.Must, each) for each in rest)])

    def _within_reference(self, word: str) -> Query:
        spellings = (word, *_other_spellings(word))
        terms = [
            self._term(field, each)
            for field in ("references", "groups", "title", "others")
            for each in spellings
        ]
        return Query.disjunction_max_query([*terms, *self._heard(word)])

    def _within(self, period: DateSpan) -> Query:
        """Return the query for what was written, or tells of what happened, on a day that both periods may have."""
        first = number_of(period.earliest) if period.earliest is not None else -FAR
        last = number_of(period.latest) if period.latest is not None else FAR
        integer = tantivy.FieldType.Integer
        overlaps = [
            Query.boolean_query(
                [
                    (Occur.Must, Query.range_query(self._schema, f"{name}_from", integer, upper_bound=last)),
                    (Occur.Must, Query.range_query(self._schema, f"{name}_to", integer, lower_bound=first)),
                ]
            )
            for name in ("written", "happened")
        ]
        return Query.disjunction_max_query(overlaps)

    def _words(self, text: str) -> list[str]:
        return self._cut.analyze(prepared(text)) if text else []

    def _term(self, field: str, text: str) -> Query:
        return Query.term_query(
            self._schema,
            field,
            text,
            "freq" if field.startswith("stems_") else "position" if field in _EVERYWHERE else "basic",
        )

    def _boosted(self, field: str, query: Query) -> Query:
        boost = _BOOSTS.get(field)
        return Query.boost_query(query, boost) if boost else query

    def _near(self, field: str, word: str, distance: int) -> Iterator[Query]:
        for each in (word, *_other_spellings(word)):
            yield Query.fuzzy_term_query(self._schema, field, each, distance)

    def _heard(self, word: str) -> Iterator[Query]:
        if len(word) >= _SHORTEST_FUZZY:
            yield from (self._term("sounds", each) for each in sounds(word))


def _is_nothing(asked: Asked, words: Query | None) -> bool:
    """Tell whether nothing is asked, or no word of it can be looked for."""
    return words is None and bool(asked.question.text or not asked.chosen)


def _in_order(facet: Facet, values: Mapping[str, int], chosen: Sequence[str]) -> tuple[Count, ...]:
    counts = [Count(value, number, value in chosen) for value, number in values.items()]
    if facet.name == YEAR:
        return tuple(sorted(counts, key=lambda each: int(each.value)))
    return tuple(sorted(counts, key=lambda each: (-each.number, each.value)))


def _opened(folder: Path) -> tantivy.Index:
    """Return an index with all its files mapped into memory.

    The engine makes lock files beside those that it opens, and a release never changes: so it is given links to them, which
    are not needed once it has them open.
    """
    links = Path(tempfile.mkdtemp(prefix="fonds-search-"))
    try:
        for path in folder.resolve(strict=True).iterdir():
            (links / path.name).symlink_to(path)
        index = tantivy.Index.open(str(links))
        register_analyzers(index)
        index.config_reader("manual")
        index.reload()
    finally:
        _removed(links)
    return index


def _removed(links: Path) -> None:
    """Remove a folder of links, in which a thread of the engine may still be making and removing a lock."""
    for pause in (0.0, 0.01, 0.1, 1.0):
        time.sleep(pause)
        shutil.rmtree(links, ignore_errors=True)
        if not links.exists():
            return


def _other_spellings(word: str) -> Iterable[str]:
    if word.isdigit() or len(word) < 3:
        return ()
    return (
        latin_spellings(word) if is_cyrillic(word) else (cyrillic_spelling(word),) if word.isascii() else ()
    )
