"""An archive's reference as a page gives it, and the citation in which it stands: its parts, and no more than is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from fonds.sources.recognition.dates import FoundDate, find_dates
from fonds.sources.recognition.words import alternatives, plain, values, whole

WEAK_READING = frozenset({"leaf", "reel"})
"""Parts whose abbreviation is one letter that a source hardly ever explains: read with less than certainty."""

_QUOTED = re.compile(r"[“\"«„](?P<title>[^“”\"«»„]{3,400}?)[,.]?[”\"»“],?")
_UNIT_BEGINS = re.compile(r"[ ,;:./()–—-]*")
_REMARK = re.compile(r"(?:[^\W\d_]+\s?){0,3}")
_MOST_WORDS = 120


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a reference: ``op. 49``.

    Attributes:
        unit: What it is of: ``fond``, ``opis``, ``delo``, ``leaf``, ``reel``, ``box``, ``folder`` …
        words: As it is written.
        start: Its first code point.
        end: The code point after its last.
        spelled: Whether the unit is written in full, not as a letter or two.
    """

    unit: str
    words: str
    start: int
    end: int
    spelled: bool


@dataclass(frozen=True, slots=True)
class Shelfmark:
    """An archive's reference.

    Attributes:
        start: Its first code point, the archive's name included where one stands directly before it.
        end: The code point after its last.
        repository: The archive's name, as written; empty where none is.
        parts: Its parts, in the order in which they are written.
    """

    start: int
    end: int
    repository: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Citation:
    """How a page says that a document should be cited.

    Attributes:
        title: The quoted title, without its last comma; empty where none is quoted.
        in_title: A date within the title.
        dated: The date after the title.
        dated_words: Its words.
        publisher: The name between that date and the archive's; empty where there is none.
        shelfmark: The archive's reference.
    """

    title: str = ""
    in_title: FoundDate | None = None
    dated: FoundDate | None = None
    dated_words: str = ""
    publisher: str = ""
    shelfmark: Shelfmark | None = None


@cache
def _unit() -> re.Pattern[str]:
    number = r"(?P<number>\d[\w/–-]*(?:\s?[-–]\s?\d+)?(?:\s?(?:об|ob|v|r)\b\.?)?|(?-i:[IVXLC]+\b|[A-Z]{1,3}[ -]?\d[\w/–-]*|[A-Z]\b))"
    mark = r"\s*(?:№|No\.?|Nr\.?|nº|#)?\s*"
    return re.compile(
        rf"(?<!\w)(?:(?P<strong>{alternatives('shelf')})|(?P<weak>{alternatives('shelf-weak')}))"
        rf"(?!\w)[.:]?{mark}{number}(?![\w])",
        re.IGNORECASE,
    )


def find_shelfmark(text: str, *, certain: bool = False) -> Shelfmark | None:
    """Return the archive's reference in a text: two parts or more that follow each other.

    >>> found = find_shelfmark("РГАНИ, ф. 5, оп. 30, д. 12, лл. 3–5.")
    >>> [found.repository, *(f"{part.unit}={part.words}" for part in found.parts)]
    ['РГАНИ', 'fond=ф. 5', 'opis=оп. 30', 'delo=д. 12', 'leaf=лл. 3–5']

    Args:
        text: Any words.
        certain: The text is known to be a reference: one part written in full is enough.
    """
    run: list[Part] = []
    best: list[Part] = []
    for match in _unit().finditer(text):
        part = _part(match)
        if run and not _UNIT_BEGINS.fullmatch(text, run[-1].end, part.start):
            run = []
        run = [*run, part]
        if len(run) > len(best):
            best = run
    enough = len(best) >= 2 and len({part.unit for part in best}) >= 2
    if not enough and not (certain and best and best[0].spelled):
        return None
    best = _corrected(best)
    start, repository = _repository(text, best[0].start)
    named = _named_unit().match(repository)
    if named:
        # “Fondo Exteriores”: a unit with a name instead of a number; the archive stands before it.
        unit = values("shelf")[plain(named[1])]
        best = [Part(unit, repository, start, start + len(repository), spelled=True), *best]
        start, repository = _repository(text, start)
    return Shelfmark(start, best[-1].end, repository, tuple(best))


@cache
def _named_unit() -> re.Pattern[str]:
    return re.compile(rf"({alternatives('shelf')})\s+(?=[^\W\d_])", re.IGNORECASE)


def _part(match: re.Match[str]) -> Part:
    strong, weak = match["strong"], match["weak"]
    unit = values("shelf")[plain(strong)] if strong else values("shelf-weak")[plain(weak)]
    return Part(unit, match[0], match.start(), match.end(), bool(strong))


def _corrected(parts: Sequence[Part]) -> list[Part]:
    """Read ``f.`` and ``d.`` as what they are where no ``op.`` stands with them: a folio after other parts, a file."""
    if any(part.unit == "opis" for part in parts):
        return list(parts)
    return [
        Part("leaf", part.words, part.start, part.end, part.spelled)
        if part.unit == "fond" and not part.spelled and number > 0
        else part
        for number, part in enumerate(parts)
    ]


def _repository(text: str, start: int) -> tuple[int, str]:
    """Return where the archive's name before a reference begins, and the name; the same place and nothing if there is none."""
    before = text[:start].rstrip(" ,;:.")
    marks = (",", ";", ":", "”", '"', "»") + (() if before.endswith(")") else ("(",))
    cut = max(before.rfind(mark) for mark in marks)
    name = re.sub(r"^[\s.]+", "", before[cut + 1 :])
    sentence = re.search(r"(?<=[a-zа-я]{3}\.)\s+(?=\w)", name)
    if sentence:
        name = name[sentence.end() :]
    if not name or len(name.split()) > 10 or not name[0].isupper() or any(map(str.isdigit, name)):
        return start, ""
    return len(before) - len(name), name


def read_citation(text: str, century: int | None = None) -> Citation:
    """Return the parts of a citation; those that are not there are empty.

    >>> read_citation("“A Talk, 3 May 1961,” May 9, 1961, Some Digital Archive, GARF, f. 5, op. 2.").publisher
    'Some Digital Archive'
    """
    quoted = _QUOTED.match(text) or _QUOTED.search(text[:600])
    title = quoted["title"].rstrip(" ,.") if quoted else ""
    begin = quoted.end() if quoted else 0
    in_title = find_dates(title, century)
    shelfmark = find_shelfmark(text, certain=True)
    if shelfmark and shelfmark.start < begin:
        shelfmark = None
    stop = shelfmark.start if shelfmark else len(text)
    dated = next(
        (
            each
            for each in find_dates(text, century)
            if begin <= each.start < stop and not _accessed().search(text, begin, each.start)
        ),
        None,
    )
    middle = text[(dated.end if dated else begin) : stop].strip(" ,.;") if title else ""
    return Citation(
        title=title,
        in_title=in_title[-1] if in_title else None,
        dated=dated if title else None,
        dated_words=text[dated.start : dated.end] if dated and title else "",
        publisher=middle if _is_publisher(middle) else "",
        shelfmark=shelfmark,
    )


@cache
def _accessed() -> re.Pattern[str]:
    """Return a pattern that fits the words before a day on which somebody looked at the page."""
    return re.compile(rf"(?<!\w)(?:{alternatives('accessed')})\W{{0,4}}(?:on|am|el|le)?\W*$", re.IGNORECASE)


def _is_publisher(words: str) -> bool:
    return bool(words) and len(words.split()) <= 14 and whole("publisher").search(words) is not None


def is_citation(text: str, century: int | None = None) -> bool:
    """Tell whether a block is a citation by its form: it begins with a quoted title, and a date or a reference follows it."""
    if len(text.split()) > _MOST_WORDS or not _QUOTED.match(text):
        return False
    citation = read_citation(text, century)
    return bool(citation.title) and bool(citation.publisher or citation.shelfmark)


def is_reference(text: str) -> bool:
    """Tell whether a block is an archive's reference and nothing else."""
    shelfmark = find_shelfmark(text)
    return (
        shelfmark is not None
        and not text[: shelfmark.start].strip(" ([.,;:")
        and _REMARK.fullmatch(text[shelfmark.end :].strip(" )].,;")) is not None
    )


@dataclass(frozen=True, slots=True)
class Translating:
    """Who translated, as a page says it: places in the text.

    Attributes:
        start: Where the sentence begins.
        end: Where it ends.
        translator: The name; empty where none is given.
        commissioner: For whom; empty where nobody is named.
        language: The language from which, as a tag; empty where it is not said.
    """

    start: int
    end: int
    translator: str = ""
    commissioner: str = ""
    language: str = ""


@cache
def _translated() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{alternatives('translated')})(?!\w)", re.IGNORECASE)


def find_translating(text: str) -> Translating | None:
    """Return who translated, where a sentence says so.

    >>> find_translating("Translated for CWIHP by Gary Goldberg.").translator
    'Gary Goldberg'
    """
    match = _translated().search(text)
    if match is None:
        return None
    end = re.search(r"(?<![A-ZА-Я])\.(?=\s|$)|[;\]]|$", text[match.start() :])
    sentence = text[match.start() : match.start() + (end.start() if end else 0)]
    names = {
        role: found["name"].strip(" ,")
        for role, found in (
            ("by", re.search(rf"\b(?:by|por|von|par)\s+(?P<name>{_NAME})", sentence)),
            ("for", re.search(rf"\b(?:for|para|für|pour)\s+(?:the\s+)?(?P<name>{_NAME})", sentence)),
        )
        if found
    }
    language = whole("language").search(sentence)
    if not names and not language:
        return None
    return Translating(
        match.start(),
        match.start() + len(sentence),
        names.get("by", ""),
        names.get("for", ""),
        values("language")[plain(language[0])] if language else "",
    )


_NAME = r"[A-ZÀ-ÞА-Я][\w.'’-]*(?:\s+(?:(?:de|del|la|von|van|der|di|of|the|and|y|for)\s+)*[A-ZÀ-ÞА-Я][\w.'’-]*){0,7}"
