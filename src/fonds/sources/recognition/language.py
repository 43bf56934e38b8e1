"""The language of a text, told by its commonest words; nothing where they do not tell it."""

from __future__ import annotations

import re
from collections import Counter

from fonds.sources.recognition.words import LANGUAGES, table

_WORD = re.compile(r"[^\W\d_]+")
_FEWEST = 4
_CLEARLY = 1.5
_READ = 20_000


def language_of_words(text: str) -> str | None:
    """Return the language of a text as a tag, None where its commonest words leave it open.

    >>> language_of_words("We have to tell you that this is what he had said to us in the letter.")
    'en'
    """
    counts: Counter[str] = Counter()
    known: dict[str, list[str]] = {}
    for _, language, word in table()["stopword"]:
        known.setdefault(word, []).append(language)
    for word in _WORD.findall(text[:_READ].lower()):
        counts.update(known.get(word, ()))
    ranked = [(counts[language], language) for language in LANGUAGES]
    ranked.sort(reverse=True)
    (most, best), (second, _) = ranked[0], ranked[1]
    return best if most >= _FEWEST and most >= _CLEARLY * second else None
