"""Languages as tables call them: by codes of ISO 639, or by their names in the language itself and in some others."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache, lru_cache

from fonds.vocabulary import program_ontology

_TERMINOLOGY = {
    "ces": "cs", "cym": "cy", "deu": "de", "ell": "el", "eus": "eu", "fas": "fa", "fra": "fr", "hye": "hy", "isl": "is",
    "kat": "ka", "mkd": "mk", "nld": "nl", "ron": "ro", "slk": "sk", "sqi": "sq", "zho": "zh",
}  # fmt: skip
"""The codes of ISO 639-2/T that are not those of 639-2/B, which libraries use."""
_TAG = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


@lru_cache(maxsize=4096)
def language_tag(written: str) -> str | None:
    """Return the BCP 47 tag of a language, None where nothing says which is meant.

    >>> [language_tag(each) for each in ("ger", "German", "Deutsch", "castellano", "sr-Latn", "Klingonese")]
    ['de', 'de', 'de', 'es', 'sr-Latn', None]
    """
    known = _known()
    tag = known.get(_TERMINOLOGY.get(written.casefold(), written.casefold()))
    if tag is None and _TAG.fullmatch(written) and known.get(written.partition("-")[0]):
        return written
    return tag


@cache
def _known() -> Mapping[str, str]:
    found: dict[str, str] = {}
    with (program_ontology() / "languages.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            labels = (row["label_en"], row["label_ru"], row["label_es"], *row["names"].split(" | "))
            for name in (row["tag"], row["code"], *labels):
                found.setdefault(name.casefold(), row["tag"])
    return found
