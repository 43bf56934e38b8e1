"""References of archives, however they are written: ``f. 5 op. 49 d. 758`` and ``ф. 5, оп. 49, д. 758`` are one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fonds.search.folding import fold

LEVELS: dict[str, str] = {
    "group": "rg record-group группа",
    "fonds": "f fond fonds fondo bestand ф фонд",
    "series": "op opis opis' inventory inv series serie serija оп опись серия",
    "box": "box bx b carton karton kart k caja boîte boite busta кор коробка",
    "file": "d delo file dossier akte expediente fasc fascicolo ed.khr ed.hr д дело ед.хр",
    "folder": "folder fold fol papka mappe carpeta chemise cartella п папка",
    "entry": "entry e",
    "volume": "vol volume v tom t bd band tomo т том",
    "leaf": "l ll list listy leaf leaves folio ff л лл лист листы",
    "reel": "r reel roll rolik rollo р ролик",
    "page": "p pp page pages s seite с стр",
    "item": "item doc document nr no № n° num number",
}
"""Levels at which archives count, with the words and abbreviations that name them, without the dots at their ends."""

_LEVEL_OF = {word.replace("-", " "): level for level, words in LEVELS.items() for word in words.split()}
_WORDS = "|".join(
    re.escape(word).replace(r"\ ", r"\s+").replace(r"\.", r"\.?\s*")
    for word in sorted(_LEVEL_OF, key=len, reverse=True)
)
_VALUE = r"[0-9]{1,12}(?:[a-zа-я](?![a-zа-я]))?"
_PAIR = re.compile(
    rf"(?<![^\W_])(?P<level>{_WORDS})(?:\.\s*|\s+|(?=[0-9]))"
    rf"(?P<value>{_VALUE})(?P<more>(?:\s?[/\\]\s?{_VALUE})*)(?:\s?[-–—]\s?(?P<last>[0-9]{{1,12}}))?(?!\w)"
)
_CHAIN = re.compile(rf"(?<![\w./\\-]){_VALUE}(?:[/\\]{_VALUE}){{1,5}}(?![\w/\\])")
_MOST_IN_RANGE = 50
_MOST_PARTS = 12
_DIGITS = re.compile("[0-9]+")


@dataclass(frozen=True, slots=True)
class Shelfmark:
    """What a reference says in numbers.

    Attributes:
        parts: Level and number, in their order; the level is empty where only a stroke parts the numbers.
        last: The last number of the last part, where that is a range; else empty.
        rest: What else stands there: the name of the archive, words.
    """

    parts: tuple[tuple[str, str], ...]
    last: str
    rest: str

    @property
    def chain(self) -> str:
        """Its numbers alone.

        >>> read_shelfmark("F. 5/49/758").chain
        '5/49/758'
        """
        return "/".join(value for _, value in self.parts)


def read_shelfmark(text: str) -> Shelfmark:
    """Read a reference; what has no numbers that stand for levels has no parts.

    >>> read_shelfmark("ЦХСД, ф. 5, оп. 49, д. 758").parts
    (('fonds', '5'), ('series', '49'), ('file', '758'))
    >>> read_shelfmark("RG 59, Box 012").parts
    (('group', '59'), ('box', '12'))
    """
    folded = fold(text[:1000])
    parts: list[tuple[str, str]] = []
    rest, end, last = [], 0, ""
    for found in _PAIR.finditer(folded):
        level = _LEVEL_OF.get(re.sub(r"\s+", " ", found["level"])) or _LEVEL_OF[_undotted(found["level"])]
        rest.append(text[end : found.start()])
        numbers = [found["value"], *re.findall(_VALUE, found["more"])]
        parts += [(level, _plain(numbers[0])), *(("", _plain(each)) for each in numbers[1:])]
        last, end = found["last"] or "", found.end()
    rest.append(text[end:])
    if not parts and (chain := _CHAIN.search(folded)):
        parts = [("", _plain(each)) for each in re.split(r"[/\\]", chain.group())]
        rest = [text[: chain.start()], text[chain.end() :]]
    return Shelfmark(tuple(parts[:_MOST_PARTS]), last, " ".join(each for each in map(_bare, rest) if each))


def _undotted(word: str) -> str:
    return next(each for each in _LEVEL_OF if re.sub(r"[.\s]", "", each) == re.sub(r"[.\s]", "", word))


def _bare(text: str) -> str:
    return text.strip(" \t\r\n,;:.")


def _plain(number: str) -> str:
    return number.lstrip("0") or "0"


def shelfmark_terms(marks: Iterable[str]) -> list[str]:
    """Return the terms under which references are found: each part, and each beginning, with its levels and without them.

    >>> shelfmark_terms(["f. 5, op. 49"])
    ['fonds:5', 'series:49', 'fonds:5/series:49', '5/49']
    """
    return list(dict.fromkeys(term for mark in marks for term in _terms(read_shelfmark(mark))))


def _terms(mark: Shelfmark) -> Iterator[str]:
    for number, (level, value) in enumerate(mark.parts, start=1):
        yield f"{level}:{value}"
        if number > 1:
            begun = mark.parts[:number]
            chain = "/".join(value for _, value in begun)
            yield _beginning(begun)
            yield chain
            # Where strokes alone part the numbers they may be of any levels.
            if any(not level for level, _ in begun):
                yield f"?{chain}"
    if mark.last and mark.parts:
        level, first = mark.parts[-1]
        if first.isdigit():
            yield from (f"{level}:{each}" for each in _range(int(first), int(mark.last)))


def _range(first: int, last: int) -> range:
    return range(first + 1, last + 1) if last - first <= _MOST_IN_RANGE else range(0)


def _beginning(parts: Iterable[tuple[str, str]]) -> str:
    return "/".join(f"{level}:{value}" for level, value in parts)


def exact_terms(mark: Shelfmark) -> tuple[str, ...]:
    """Return the terms of references that begin as this one does: with its levels; by its numbers where a level is open."""
    if len(mark.parts) == 1:
        return (_beginning(mark.parts),) if mark.parts[0][0] else ()
    is_open = any(not level for level, _ in mark.parts)
    return (_beginning(mark.parts), mark.chain if is_open else f"?{mark.chain}")


def part_terms(mark: Shelfmark) -> tuple[str, ...]:
    """Return the terms of its parts, wherever they stand in a reference; none if one has no level."""
    if any(not level for level, _ in mark.parts):
        return ()
    return tuple(f"{level}:{value}" for level, value in mark.parts)


def order_of(mark: str) -> str:
    """Return by what references are sorted: numbers by their value.

    >>> order_of("f. 5, op. 9") < order_of("F. 5 op. 10")
    True
    """
    words = " ".join(re.findall(r"\w+", fold(mark[:400])))
    return _DIGITS.sub(lambda each: each.group()[:12].zfill(12), words)[:300]
