"""One spelling for many: marks and case folded, Cyrillic and Latin spellings of a name brought together."""

from __future__ import annotations

import functools
import re
import unicodedata

_CYRILLIC = re.compile("[\u0400-\u052f]")
_SEPARATE = re.compile("([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")
"""Letters of scripts that put no blanks between words: each counts as a word, and several of them as a phrase."""
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_POINTS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670]")
"""Accents, and the points of Hebrew and Arabic; in other scripts marks are vowels."""


def prepared(text: str) -> str:
    """Return a text as it is cut into words, for an index or a question: composed, without what only some write.

    >>> prepared("Хрущёв"), prepared("北京")
    ('Хрущев', ' 北  京 ')
    """
    if text.isascii():
        return text
    text = unicodedata.normalize("NFC", text).replace("ё", "е").replace("Ё", "Е")
    return _SEPARATE.sub(r" \1 ", _POINTS.sub("", _INVISIBLE.sub("", text)))


class _Folds(dict[int, str]):
    """One folded letter for each letter, worked out when it is met first."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        base = unicodedata.normalize("NFD", letter)[0] if letter not in "йЙ" else letter
        lower = ("е" if base in "ёЁ" else base).lower()
        self[code] = lower if len(lower) == 1 else letter
        return self[code]


_FOLDS = _Folds()


def fold(text: str) -> str:
    """Return a text in lower case without accents, letter for letter, so that places in it are places in the text.

    >>> fold("Señor Хрущёв")
    'senor хрущев'
    """
    return text.lower() if text.isascii() else text.translate(_FOLDS)


# -- Cyrillic and Latin ------------------------------------------------------------------------------------------------

_LETTERS = (
    "а=a б=b в=v г=g ґ=g д=d е=e ё=e є=ie ж=zh з=z и=i і=i ї=i й=y к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ў=u ф=f х=kh "
    "ц=ts ч=ch ш=sh щ=shch ъ= ы=y ь= э=e ю=yu я=ya ђ=dj ј=j љ=lj њ=nj ћ=c џ=dz ѓ=g ќ=k ѕ=dz ѣ=e"
)
_ENGLISH = {ord(each[0]): each[2:] for each in _LETTERS.split()}
_OTHERS = (
    "й=i ю=iu я=ia",  # ALA-LC
    "х=ch ж=sch з=s ц=z ч=tsch ш=sch щ=schtsch в=w й=j ю=ju я=ja",  # German
    "у=ou х=kh ж=j ч=tch ш=ch щ=chtch й=i ю=iou я=ia ц=ts",  # French
    "х=j ж=zh ч=ch ш=sh щ=sch й=i ю=iu я=ia",  # Spanish
    "х=h ж=z ц=c ч=c ш=s щ=sc й=j ю=ju я=ja",  # ISO 9, as it is without its marks
)
_TABLES = (
    _ENGLISH,
    *(_ENGLISH | {ord(each[0]): each[2:] for each in changes.split()} for changes in _OTHERS),
)
_ENDING = re.compile("[yij]{2}$")


def is_cyrillic(word: str) -> bool:
    """Tell whether a word has a Cyrillic letter."""
    return _CYRILLIC.search(word) is not None


def latin_spellings(word: str) -> tuple[str, ...]:
    """Return how a Cyrillic word is spelled in Latin letters, in the usual ways, each once.

    >>> latin_spellings("Хрущёв")[:3]
    ('khrushchev', 'chruschtschew', 'khrouchtchev')
    """
    lower = prepared(word).lower()
    found = [lower.translate(table) for table in _TABLES]
    found += [_ENDING.sub(short, each) for each in found[:2] for short in "yi"]
    return tuple(dict.fromkeys(each for each in found if each))


_TO_CYRILLIC = {
    **{"shch": "щ", "sch": "щ", "zh": "ж", "kh": "х", "ts": "ц", "tz": "ц", "ch": "ч", "sh": "ш"},
    **{"yu": "ю", "iu": "ю", "ju": "ю", "ya": "я", "ia": "я", "ja": "я", "yo": "е", "ye": "е", "je": "е"},
    **{"ph": "ф", "ck": "к", "qu": "кв", "gue": "ге", "gui": "ги"},
    **dict(zip("abcdefghijklmnopqrstuvwxyz", "абкдефгхийклмнопкрстувв ыз", strict=True)),
    "x": "кс",
}
_LATIN = re.compile("|".join(sorted(_TO_CYRILLIC, key=len, reverse=True)))
_SHORT_I = re.compile("(?<=[aeiou])y(?![aeiou])")
_SKY = re.compile("sk(?:iy|ij|ii|y|i)$")


def cyrillic_spelling(word: str) -> str:
    """Return how a name in Latin letters is most likely spelled in Cyrillic ones.

    >>> cyrillic_spelling("Darusenkov"), cyrillic_spelling("Dostoevsky")
    ('дарусенков', 'достоевский')
    """
    lower, ending = fold(word), ""
    if found := _SKY.search(lower):
        lower, ending = lower[: found.start()], "ский"
    return _LATIN.sub(lambda each: _TO_CYRILLIC[each.group()], _SHORT_I.sub("й", lower)) + ending


# -- how names sound ---------------------------------------------------------------------------------------------------

_CARONS = str.maketrans(
    {"š": "sh", "ž": "zh", "č": "ch", "ć": "ch", "ß": "ss", "ç": "s", "ł": "l", "æ": "e", "œ": "e"}
)
_SIBILANTS = re.compile("schtsch|shchtch|chtch|shtch|shch|szcz|dzh|dsch|tsch|tch|tsh|cz|sch|sh|sz|zh")
_BREATHED = re.compile("^ch(?=[^aeiouy])|kh")
_AMBIGUOUS = (("ch", ("S", "H")), ("j", ("j", "S", "H")))
"""Letters that languages pronounce differently, with the groups of sounds that they may stand for."""
_PLAIN = tuple(
    (re.compile(pattern), becomes)
    for pattern, becomes in (
        ("ph", "f"),
        ("gh|gu(?=[ei])", "g"),
        ("th", "t"),
        ("h", "H"),
        ("c(?=[eiy]|$)|ts|tz|z", "s"),
        ("qu|ck|c|q", "k"),
        ("x", "ks"),
        ("ff$", "v"),
        ("w", "v"),
        ("[iyj]?ou|oo", "u"),
        ("(?<=.)[iyj]+$", "i"),
        ("(?<=in)e$", ""),
        ("[iyj]+(?=[aeou])", ""),
        ("[yj]", "i"),
        ("(?<=S)o", "e"),
        (r"(.)\1+", r"\1"),
    )
)


@functools.lru_cache(maxsize=65_536)
def sounds(word: str) -> tuple[str, ...]:
    """Return keys that the spellings of one name share, whatever their language and script; several where one is ambiguous.

    >>> sounds("Хрущёв"), sounds("Khrouchtchev"), sounds("Chruschtschow")
    (('HruSev',), ('HruSev',), ('HruSev',))
    >>> "HruSev" in sounds("Jruschov")
    True
    """
    word = prepared(word).lower()
    word = word.translate(_ENGLISH) if is_cyrillic(word) else word.translate(_CARONS)
    word = "".join(each for each in fold(word) if each.isalnum())
    keys = [_BREATHED.sub("H", _SIBILANTS.sub("S", word))]
    for letters, choices in _AMBIGUOUS:
        keys = [key.replace(letters, choice) for key in keys for choice in choices]
    # Most words have no such letters, so that all their keys are one.
    return tuple(dict.fromkeys(map(_plainly, dict.fromkeys(keys))))


def _plainly(word: str) -> str:
    for pattern, becomes in _PLAIN:
        word = pattern.sub(becomes, word)
    return word
